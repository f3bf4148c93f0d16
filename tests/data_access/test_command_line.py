"""The command line: exit codes, and a sentence instead of a traceback for everything a person can mend."""

from __future__ import annotations

import getpass
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from data_access.__main__ import main
from data_access.database_faults import as_user_error
from data_access.engine import create_engine, reading
from data_access.permissions import NotPermitted, Scope
from data_access.settings import read_settings
from data_access.tables import batch
from tests.data_access.small_district import PLACES, issue_row, registers, write_issues


def run(monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str) -> int:
    monkeypatch.setenv("DATABASE_URL", url)
    return main(list(arguments))


@pytest.fixture
def places(tmp_path: Path) -> str:
    path = tmp_path / "名录.csv"
    path.write_text(PLACES, encoding="utf-8")
    return str(path)


def test_a_load_says_what_it_did_in_either_language(
    database_url: str, tmp_path: Path, places: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert run(monkeypatch, database_url, "load", "places", places) == 0
    assert capsys.readouterr().out == "批次 1：读取 9 行，新增 9，更正 0，未变 0，退回 0。\n"
    assert run(monkeypatch, database_url, "--lang", "en", "load", "places", places) == 0
    assert capsys.readouterr().out == "'名录.csv' was loaded before (batch 1); nothing was changed.\n"
    rows = [issue_row(1), issue_row(3, 所属镇街="无名镇", 村社代码=""), issue_row(2, 诉求时间="2020-13-01")]
    path = write_issues(tmp_path / "a.csv", rows)
    assert run(monkeypatch, database_url, "--lang", "en", "load", "issues", str(path)) == 0
    assert [line[:8] for line in capsys.readouterr().out.splitlines()] == ["Batch 2:", "  row 3:", "  row 4:"]
    assert run(monkeypatch, database_url, "rollup", "--verify") == 0
    assert run(monkeypatch, database_url, "rollup") == 0


def test_recounting_a_new_database_says_that_nothing_is_there(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert run(monkeypatch, database_url, "rollup") == 1
    assert capsys.readouterr().err == "数据库中还没有事件数据。\n"
    assert run(monkeypatch, database_url, "rollup", "--verify") == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no address", "DATABASE_URL"),
        ("mongodb://localhost/x", "postgresql+psycopg://"),
        ("sqlite:////proc/nothing/here.db", "无法建立"),
        ("postgresql://nobody@127.0.0.1:1/none", "无法连接"),
    ],
)
def test_an_address_that_leads_nowhere_gives_a_sentence(
    url: str, said: str, places: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert run(monkeypatch, url, "load", "places", places) == 1
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


def test_a_file_that_is_no_database_gives_a_sentence(
    tmp_path: Path, places: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes " * 500, encoding="utf-8")
    assert run(monkeypatch, f"sqlite:///{path}", "load", "places", places) == 1
    assert "不是数据库" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8").startswith("these are notes")


@pytest.mark.parametrize(
    ("message", "said"),
    [("database is locked", "another program"), ("attempt to write a readonly database", "permissions"),
     ("database or disk is full", "disk is full"), ("database disk image is malformed", "backup")],
)  # fmt: skip
def test_faults_of_file_and_disk_say_what_to_do(message: str, said: str) -> None:
    fault = as_user_error(sa.exc.OperationalError("x", {}, sqlite3.OperationalError(message)))
    assert fault is not None
    assert said in fault.en.lower()
    assert as_user_error(sa.exc.IntegrityError("x", {}, sqlite3.IntegrityError("CHECK constraint failed"))) is None


def test_a_database_that_somebody_else_writes_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    registers(f"sqlite:///{tmp_path / 'a.db'}", tmp_path).dispose()
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("data_access.engine.SECONDS_TO_WAIT", 0.1)
    path = write_issues(tmp_path / "a.csv", [issue_row(1)])
    assert run(monkeypatch, f"sqlite:///{tmp_path / 'a.db'}", "load", "issues", str(path)) == 1
    assert "正在写入" in capsys.readouterr().err
    other.close()


def test_settings_that_are_empty_are_as_if_they_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "ROOT_PLACE", "MAX_FILE_MEGABYTES"):
        monkeypatch.setenv(name, " ")
    assert (read_settings().root_place, read_settings().max_file_megabytes) == ("330212", 1000)


def test_a_limit_that_is_no_number_gives_a_sentence(
    places: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("MAX_FILE_MEGABYTES", "many")
    assert main(["load", "places", places]) == 1
    assert "MAX_FILE_MEGABYTES" in capsys.readouterr().err


def test_a_user_without_a_name_can_load(tmp_path: Path, places: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert run(monkeypatch, f"sqlite:///{tmp_path / 'a.db'}", "load", "places", places) == 0
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with reading(engine) as connection:
        assert connection.execute(sa.select(batch.c.loaded_by)).scalar_one().startswith("uid ")
    engine.dispose()


@pytest.mark.parametrize("within", ["", "33021", "3302121", "3302121100", "330212110x01", "330212110%", "３３０２１２"])
def test_what_is_no_code_is_not_permitted(within: str) -> None:
    for scope in (Scope(root="330212"), Scope(root="330212", villages_of=("330212110",))):
        with pytest.raises(NotPermitted):
            scope.check(level="village", within=within)


def test_a_head_reads_the_villages_of_the_own_township_only() -> None:
    head = Scope(root="330212", villages_of=("330212110",))
    assert head.may_read(level="village", within="330212110")
    assert head.may_read(level="village", within="330212110001")
    assert head.may_read(level="township", within="330212005")
    assert not head.may_read(level="village", within="330212005")
    assert not head.may_read(level="village", within="330212")
    assert not Scope(root="330212", villages_of=()).may_read(level="village", within="330212110")
