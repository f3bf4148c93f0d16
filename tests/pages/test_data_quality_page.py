"""The data quality page under AppTest: every role, every choice, and its figures counted a second time by hand."""

import datetime as dt
import sqlite3
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, words
from ui import cached_quality, open_rows
from ui.component_base import unpacked
from ui.measures import View
from ui.payloads.report_figures import report_figures
from ui.payloads.submission_payload import strips
from ui.payloads.unknown_groups import share_class, unknown_issues

pytestmark = pytest.mark.shared_caches

PAGE = "about/data_quality"
JIANGSHAN, XIAYING = "330212110", "330212001"


def view(**changes) -> View:
    plain = {"root": "330212", "villages_of": None, "first": 202201, "last": 202212, "township_set": "all",
             "version": 1, "first_month": 202001, "provisional_from": None, "lang": "zh"}  # fmt: skip
    return View(**(plain | changes))


@pytest.fixture
def demo(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> sqlite3.Connection:
    """The demonstration database, for the app's reads and for a second count by hand."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    return sqlite3.connect(demo_sqlite)


def title(app: AppTest) -> str:
    return next(one.value for one in app.html if one.value.startswith("<h1"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ["leader", "researcher", "head", "steward"])
def test_the_page_opens_for_everybody(open_app: Open, role: str, lang: str) -> None:
    app = open_app(PAGE, role=role, lang=lang)
    assert not app.exception and not app.error and not app.warning
    assert ("按时" in title(app)) == (lang == "zh")
    shown = words(app)
    for table in ("fresh", "shares", "aside", "repeats"):
        assert f'class="gb-quality {table}"' in shown
    assert "gb-coverage" in shown and "gb-remarks" in shown


def test_the_title_says_the_share_on_time_as_counted_by_hand(demo: sqlite3.Connection, open_app: Open) -> None:
    app = open_app(PAGE, role="steward", from_="202001", to="202212")
    came: dict[tuple[str, int], dict[str, str]] = {}
    lines = demo.execute(
        "SELECT stream, month, place_code, received_on FROM submission WHERE source = 'measurements'"
    ).fetchall()
    for stream, month, place, day in lines:
        towns = came.setdefault((stream, month), {})
        towns[place] = min(day, towns.get(place, day))
    townships = demo.execute("SELECT count(*) FROM place WHERE level = 'township'").fetchone()[0]
    on_time = sum(
        day <= str(dt.date(month // 100 + month % 100 // 12, month % 100 % 12 + 1, 15))
        for (_, month), towns in came.items() for day in towns.values()
    )  # fmt: skip
    assert f"{townships * len(came):,}份" in title(app)
    assert f"{on_time / (townships * len(came)):.2%}按时" in title(app)


def test_unknown_groups_are_those_of_a_count_by_hand(demo: sqlite3.Connection) -> None:
    rows = demo.execute(
        "SELECT p.parent, count(*), sum(e.management IS NULL) FROM issue i JOIN place p ON p.code = i.place_code "
        "JOIN estate e ON e.code = i.estate_code JOIN site s ON s.code = e.code AND s.kind = 'estate' "
        "WHERE i.superseded_by IS NULL AND i.month BETWEEN 202201 AND 202212 GROUP BY p.parent"
    ).fetchall()
    found = unknown_issues(view(), "management").set_index("place")
    assert {code: (total, unknown) for code, total, unknown in rows} == {
        code: (one["total"], one["unknown"]) for code, one in found.iterrows()
    }
    assert sum(unknown for _, _, unknown in rows) > 0


def test_classes_of_the_map_tell_none_from_few() -> None:
    assert [share_class(x, 1000) for x in (0, 1, 10, 11, 30, 31, 100, 101)] == [
        "group_1", "group_2", "group_2", "group_3", "group_3", "group_4", "group_4", "group_5",
    ]  # fmt: skip
    assert share_class(0, 0) == "no_data"


def test_every_choice_of_reports_and_of_group_draws(open_app: Open) -> None:
    app = open_app(PAGE)
    for field in ("choice_of_see", "choice_of_dim"):
        codes = app.selectbox(key=field).options
        assert len(codes) > 3
        for index in range(min(len(codes), 9)):
            app.selectbox(key=field).select_index(index).run()
            assert not app.exception and not app.error


def test_a_link_keeps_its_choices_and_an_unknown_one_falls_back(open_app: Open) -> None:
    app = open_app(PAGE, see="issues", dim="firm_size")
    assert app.selectbox(key="choice_of_see").value == "issues"
    assert app.selectbox(key="choice_of_dim").value == "firm_size"
    app = open_app(PAGE, see="nonsense")
    assert app.selectbox(key="choice_of_see").value == "reports" and not app.exception


def test_the_picked_township_shows_its_villages_and_can_be_closed(open_app: Open) -> None:
    app = open_app(PAGE, tn=JIANGSHAN)
    assert "姜山镇各村社" in words(app)
    app.button(key="close_township").click().run()
    assert "各村社" not in words(app) and not app.exception


def test_a_head_sees_the_villages_of_the_own_township_only(open_app: Open) -> None:
    app = open_app(PAGE, role="head")
    own = words(app)
    assert "各村社" in own and "查看范围" not in own
    assert "close_township" not in [one.key for one in app.button]
    other = words(open_app(PAGE, role="head", tn=JIANGSHAN))
    assert "姜山镇各村社" in other and "查看范围不包括姜山镇" in other


def test_only_stewards_may_take_the_rows_away(open_app: Open) -> None:
    for role, offered in (("leader", False), ("researcher", False), ("head", False), ("steward", True)):
        app = open_app(PAGE, role=role, from_="202001", to="202211")
        assert bool(app.get("download_button")) == offered, role


def test_rows_to_mend_are_those_that_nothing_brought_in_since(demo: sqlite3.Connection) -> None:
    wanted = demo.execute(
        "SELECT b.source, count(*) FROM rejected_row r JOIN batch b ON b.id = r.batch_id "
        "WHERE r.resolved_by IS NULL AND r.reason <> 'duplicate' GROUP BY b.source"
    ).fetchall()
    assert open_rows.open_sources(view(first=202001)) == dict(wanted) and wanted


def test_nothing_of_a_month_that_is_not_public_is_read(demo: sqlite3.Connection) -> None:
    seen = cached_quality.reports(view(until=202203))
    assert seen["month"].max() == 202203
    assert cached_quality.stream_freshness(view(until=202203))["newest_month"].max() == 202212  # received, no figure


def test_offices_are_not_overdue_because_their_months_are_not_public_yet(open_app: Open) -> None:
    for role in ("leader", "steward"):
        assert "另有14个部门都在应有的周期内" in words(open_app(PAGE, role=role))


def test_the_unit_furthest_behind_stands_first_and_names_what_is_late(demo: sqlite3.Connection) -> None:
    figures = report_figures(view(), "reports")
    shown = unpacked(strips(view(), "reports", JIANGSHAN).townships)
    assert [row["code"] for row in shown["rows"]] == list(figures.places["place"])
    assert shown["selected"] == JIANGSHAN and len(shown["months"]) == 12
    assert figures.places["value"].is_monotonic_increasing
    first = shown["rows"][0]
    late = [month for month in first["months"] if month[1]]
    assert late and all(slip[0] < len(shown["names"]) and slip[1] > 0 for month in late for slip in month[4][:1])
    assert sum(month[1] for month in first["months"]) == figures.places["late"].iloc[0]


def test_reports_without_a_day_speak_of_having_come(demo: sqlite3.Connection) -> None:
    shown = unpacked(strips(view(lang="en"), "inspections", None).townships)
    assert shown["timed"] is False and shown["labels"]["all_came"] == "all there"
