"""The database stops answering: the last good figures stay, with their time; what was never read says so."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
import sqlalchemy as sa

import serve
from data_access.database_faults import is_away
from tests.pages.conftest import Open, words
from tests.pages.test_pairings_page import page_title
from ui import cached_reads
from ui.last_good import away_since


def refuse(*_given, **_named):
    raise sa.exc.OperationalError("SELECT 1", {}, ConnectionError("connection refused"))


@pytest.fixture
def pull_the_plug(monkeypatch: pytest.MonkeyPatch):
    def pull() -> None:
        monkeypatch.setattr(sa.engine.Engine, "connect", refuse)
        for kept_two_seconds in (cached_reads._data_version, cached_reads._releases, cached_reads._boundary_layers):
            kept_two_seconds.clear()

    return pull


def test_figures_read_before_stay_on_the_page_with_their_time(open_app: Open, pull_the_plug) -> None:
    app = open_app("places/township", tn="330212110")
    before = page_title(app)
    assert away_since() is None
    pull_the_plug()
    app.run()
    assert not app.exception
    assert page_title(app) == before
    assert "数据库暂时连不上" in words(app)
    assert away_since() is not None
    assert away_since().strftime("%H:%M") in words(app)


def test_figures_never_read_are_refused_with_a_sentence_and_no_number(open_app: Open, pull_the_plug) -> None:
    app = open_app("places/township", tn="330212110")
    pull_the_plug()
    app.selectbox(key="filter_township").set_value("330212001").run()
    assert len(app.exception) == 1  # the server shows a sentence in its place, see below


def test_the_server_tells_an_absent_database_from_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("ui.messages.problem", lambda sentence, **_: said.append(sentence))
    monkeypatch.setattr("ui.messages.fault", said.append)
    assert serve.tell_of_error(sa.exc.OperationalError("SELECT 1", {}, ConnectionError("refused")))
    assert serve.tell_of_error(ValueError("ours"))
    assert "没有读过" in said[0]
    assert len(said[1]) == 8


@pytest.mark.parametrize(
    ("cause", "away"),
    [
        (sqlite3.OperationalError("unable to open database file"), True),
        (sqlite3.OperationalError("database is locked"), True),
        (sqlite3.OperationalError("no such column: place.nme"), False),
        (psycopg.OperationalError("connection refused"), True),
        (psycopg.errors.AdminShutdown("terminating connection"), True),
        (psycopg.errors.QueryCanceled("canceling statement due to statement timeout"), False),
    ],
)
def test_a_statement_that_was_answered_with_an_error_is_no_absence(cause: Exception, away: bool) -> None:
    assert is_away(sa.exc.OperationalError("SELECT 1", {}, cause)) is away


def test_other_errors_are_no_absence() -> None:
    assert not is_away(sa.exc.ProgrammingError("SELECT 1", {}, ValueError("syntax")))
    assert not is_away(ValueError("ours"))
