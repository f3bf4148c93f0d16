"""Releasing on the page, and what leaders and township heads see of it: nothing after the newest public month."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import data_access.counts
import data_access.positions
import data_access.registers
from tests.pages.conftest import Open, words
from ui import cached_reads, release_months, session, warm_up
from ui.audit_table import action_text, origin_text, subject_text
from ui.navigation import PAGES
from ui.texts import text

OPEN_TO_LEADERS = [(entry.key, role) for entry in PAGES for role in ("leader", "head") if role in entry.roles]
WITHOUT_FIGURES = ("about/definitions", "about/methods", "research/clusters")  # refused on invented boundaries
NOVEMBER, DECEMBER = 202211, 202212


@pytest.fixture
def database(demo_sqlite: Path, tmp_path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """A copy of the demonstration, which `open_app` now opens and a test may change: released up to November 2022."""
    path = tmp_path / "copy.db"
    shutil.copy(demo_sqlite, path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    cached_reads.engine().dispose()
    connection.close()


def page_title(app: AppTest) -> str:
    return next(one.value for one in app.html if "gb-title" in one.value)


def facts(app: AppTest) -> str:
    return next(one.value for one in app.html if "gb-facts" in one.value)


def audit(database: sqlite3.Connection) -> list[tuple]:
    asked = "SELECT who, action, subject, origin FROM audit_event WHERE action IN ('release', 'take back') ORDER BY id"
    return database.execute(asked).fetchall()


def read_limits(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Collects the last month that each read of counts, measurements and registers was allowed."""
    limits: list[int | None] = []
    for module, name in (
        (data_access.counts, "read_counts"), (data_access.counts, "read_measurements"),
        (data_access.registers, "read_sites"), (data_access.positions, "read_site_points"),
    ):  # fmt: skip
        real = getattr(module, name)

        def noted(engine, *, scope, real=real, **asked):
            limits.append(scope.until)
            return real(engine, scope=scope, **asked)

        monkeypatch.setattr(module, name, noted)
    return limits


# What leaders and heads see


@pytest.mark.parametrize(("page", "role"), OPEN_TO_LEADERS)
def test_every_read_behind_a_leaders_page_ends_with_the_newest_public_month(
    open_app: Open, database: sqlite3.Connection, page: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = read_limits(monkeypatch)
    app = open_app(page, role=role, from_="202201", to=str(DECEMBER), tn="330212001")
    assert not app.exception
    assert set(limits) == {NOVEMBER} or (not limits and page in WITHOUT_FIGURES)
    assert app.session_state["to"] != str(DECEMBER) or "gb-notice" in words(app)


def test_a_month_that_is_not_public_cannot_be_reached_by_the_address(open_app: Open, database) -> None:
    app = open_app(from_=str(DECEMBER), to=str(DECEMBER))
    assert "gb-notice" in words(app)
    assert "2021年12月–2022年11月" in facts(app)
    app.selectbox(key="filter_period").set_value("custom").run()
    assert app.selectbox(key="filter_last").options[-1] == "2022年11月"


def test_researchers_and_stewards_see_the_months_that_are_not_public_marked(open_app: Open, database) -> None:
    for role in ("researcher", "steward"):
        app = open_app(role=role)
        assert "2022年12月起未发布" in facts(app)
        app = open_app(role=role, from_=str(DECEMBER), to=str(DECEMBER))
        assert "所选时段未发布" in facts(app)


def test_a_figure_kept_for_a_researcher_is_not_handed_to_a_leader(open_app: Open, database) -> None:
    asked = {"from_": "202201", "to": str(NOVEMBER)}
    researcher, leader = open_app(role="researcher", **asked), open_app(role="leader", **asked)
    assert page_title(researcher) == page_title(leader)
    database.execute("UPDATE issue_monthly SET verified_solved = 0 WHERE month <= 202211")
    session.cached_reads._counts.clear()
    assert page_title(open_app(role="leader", **asked)) == page_title(leader)  # its own entry, still there


def test_an_embargo_opens_by_itself_without_any_cache_being_cleared(
    open_app: Open, database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = dt.datetime(2030, 1, 1, 9, 0)
    database.execute("UPDATE release SET embargo_until = '2030-01-01 09:00:00.000000' WHERE month >= 202210")
    monkeypatch.setattr(session, "local_now", lambda: hour - dt.timedelta(seconds=1))
    assert "2021年10月–2022年9月" in facts(open_app())
    monkeypatch.setattr(session, "local_now", lambda: hour)
    assert "2021年12月–2022年11月" in facts(open_app())


@pytest.mark.parametrize("role", ["leader", "head"])
def test_when_every_release_is_taken_back_nothing_is_seen(open_app: Open, database, role: str) -> None:
    database.execute("DELETE FROM release_figure")
    database.execute("DELETE FROM release")
    app = open_app(role=role)
    assert not app.exception
    assert [one.value for one in app.warning] == [text("frame.messages.nothing_released", "zh")]
    assert "gb-title" not in words(app)
    assert app.radio(key="viewer_role").value == role  # who may look as somebody else still can
    assert "gb-title" in words(open_app(role="steward"))


def test_before_the_first_release_everybody_sees_everything_marked_as_not_released(open_app: Open, database) -> None:
    for table in ("release_figure", "release", "audit_event"):
        database.execute(f"DELETE FROM {table}")
    app = open_app()
    assert "2022年12月起为暂定数" in facts(app)
    assert "所选时段未发布" in facts(app)


def test_the_setting_can_free_leaders_and_bind_researchers(
    open_app: Open, database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEASED_ONLY", "researcher")
    assert "2022年12月起未发布" in facts(open_app(role="leader"))
    assert "2021年12月–2022年11月" in facts(open_app(role="researcher"))


def test_what_the_server_prepares_is_what_leaders_may_see(
    open_app: Open, database, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = cached_reads.data_version()
    listed = [view for view, _ in warm_up.views(version)]
    assert {view.until for view in listed} == {NOVEMBER}
    assert max(view.last for view in listed) == NOVEMBER
    database.execute("DELETE FROM release_figure")
    database.execute("DELETE FROM release")
    cached_reads.forget_releases()
    assert list(warm_up.views(version)) == []


# Revisions


@pytest.fixture
def corrected(database: sqlite3.Connection) -> sqlite3.Connection:
    """Two cases of February 2022 in Jiangshan turned out not to be solved, after the release; one of 2020 as well."""
    database.execute(
        "UPDATE issue_monthly SET verified_solved = verified_solved - 1 WHERE dimension = 'all' AND place_code IN "
        "('330212', '330212110') AND month IN (202202, 202002)"
    )
    return database


def test_a_corrected_figure_stands_in_the_head_with_old_and_new_value(open_app: Open, corrected) -> None:
    shown = words(open_app())
    listed = next(part for part in shown.split("<div") if "gb-revised" in part)
    assert listed.count("<tr>") == 3  # heading, the district, Jiangshan; February 2020 lies outside the chosen months
    assert listed.index("鄞州区") < listed.index("姜山镇")
    assert "问题解决率" in listed and "发布时" in listed
    assert "gb-revised" not in words(open_app(from_="202203", to="202205"))
    assert words(open_app("places/township", tn="330212110")).count("<td>2022年2月</td>") == 2
    assert words(open_app("places/township", tn="330212001")).count("<td>2022年2月</td>") == 1
    assert "gb-revised" not in words(open_app("places/village", tn="330212110"))


def test_the_steward_sees_every_revision_in_a_table_in_either_language(open_app: Open, corrected) -> None:
    for lang, heading in (("zh", "2022年2月"), ("en", "Feb 2022")):
        app = open_app("manage/releases", role="steward", lang=lang)
        table = next(one.value for one in app.dataframe if "before" in one.value)
        assert len(table) == 4
        assert table["month"].iloc[0] == heading
        assert (table["before"] != table["after"]).all()
        strip = next(one.value for one in app.html if "gb-months" in one.value)
        assert strip.count('class="public revised"') == 3  # two months and the legend


# Releasing and taking back


def releases_page(open_app: Open) -> AppTest:
    app = open_app("manage/releases", role="steward")
    assert not app.exception
    return app


def test_the_page_says_how_every_month_stands(open_app: Open, database) -> None:
    app = releases_page(open_app)
    assert "2022年11月及以前的数据已发布" in page_title(app)
    strip = next(one.value for one in app.html if "gb-months" in one.value).split("</table>")[0]
    assert (strip.count('"public"'), strip.count('"provisional"')) == (35, 1)
    assert "由demonstration发布" in strip


def test_a_provisional_month_is_released_with_a_reason_after_a_question(open_app: Open, database) -> None:
    app = releases_page(open_app)
    assert app.button(key="release_ask").disabled
    app.text_input(key="release_reason").set_value("会议需要").run()
    app.button(key="release_ask").click().run()
    assert database.execute("SELECT max(month) FROM release").fetchone() == (NOVEMBER,)  # asked, not done
    app.button(key="release_yes").click().run()
    assert not app.exception
    assert app.success[0].value == text("releases.form.done", "zh", months="2022年12月")
    assert database.execute("SELECT max(month) FROM release").fetchone() == (DECEMBER,)
    who, action, subject, origin = audit(database)[-1]
    assert (action, subject.split("; ")[0], subject.split("; ")[-1]) == ("release", "202212", "forced=会议需要")
    assert who and origin.startswith("page")
    assert text("releases.form.nothing", "zh") in words(app)
    assert len(app.run().success) == 0  # said once
    assert "2022年1月–12月" in facts(open_app()) or "时段 2022年" in facts(open_app())


def test_a_question_that_is_answered_with_no_does_nothing(open_app: Open, database) -> None:
    app = releases_page(open_app)
    app.text_input(key="take_back_reason").set_value("试").run()
    app.button(key="take_back_ask").click().run()
    app.button(key="release_no").click().run()
    assert all(one.key != "release_yes" for one in app.button)
    assert len(audit(database)) == 1


def test_a_release_can_be_taken_back_and_made_again_with_an_embargo(open_app: Open, database) -> None:
    app = releases_page(open_app)
    app.text_input(key="take_back_reason").set_value("数字有误").run()
    app.button(key="take_back_ask").click().run()
    app.button(key="release_yes").click().run()
    assert audit(database)[-1][1:3] == ("take back", "202211; note=数字有误")
    assert "2021年11月–2022年10月" in facts(open_app())
    app.toggle(key="release_embargo").set_value(True).run()
    app.date_input(key="release_day").set_value(dt.date(2030, 1, 1)).run()
    assert app.selectbox(key="release_month").value == NOVEMBER
    app.button(key="release_ask").click().run()
    app.button(key="release_yes").click().run()
    assert not app.exception
    assert "2030年1月1日 09:00" in app.success[0].value
    assert "另有1个月已发布，尚未到公开时间" in page_title(app)
    assert "2021年11月–2022年10月" in facts(open_app())


def test_what_another_steward_did_meanwhile_is_said_and_not_done_twice(open_app: Open, database) -> None:
    app = releases_page(open_app)
    app.text_input(key="take_back_reason").set_value("数字有误").run()
    app.button(key="take_back_ask").click().run()
    database.execute("DELETE FROM release_figure WHERE month = 202211")
    database.execute("DELETE FROM release WHERE month = 202211")
    app.button(key="release_yes").click().run()
    assert not app.exception
    assert database.execute("SELECT max(month) FROM release").fetchone() == (202210,)


@pytest.mark.parametrize("role", ["leader", "head", "researcher"])
def test_nobody_but_a_steward_finds_the_page(open_app: Open, database, role: str) -> None:
    with pytest.raises(ValueError, match="releases"):
        open_app("manage/releases", role=role)


# Words


def test_the_strip_escapes_what_people_wrote(open_app: Open, database) -> None:
    database.execute("UPDATE release SET released_by = '<script>x</script>'")
    strip = next(one.value for one in releases_page(open_app).html if "gb-months" in one.value)
    assert "<script>" not in strip


def test_the_audit_reads_as_sentences() -> None:
    assert action_text("take back", "zh") == "撤回发布"
    assert action_text("something new", "zh") == "something new"
    kept = "202201–202203; version=12; embargo=2026-12-01 09:00; note=例会"
    assert subject_text(kept, "zh") == "202201–202203；数据版本 12；2026-12-01 09:00 起公开；备注：例会"
    assert subject_text("issues a=b.csv batch 3", "en") == "Issue cases, a=b.csv, batch 3"
    assert subject_text("a=b; somebody's words", "en") == "a=b; somebody's words"


def test_months_without_data_before_the_first_are_shown_as_such(open_app: Open, database) -> None:
    version = cached_reads.data_version()
    states = release_months.month_states(
        (202003, 202005), version=version, releases=cached_reads.releases(), revised={202003: 2}, now=dt.datetime.now()
    )
    found = {one.month: one.state for one in states}
    assert (found[202001], found[202003], found[202005]) == ("public", "public", "public")
    nothing = release_months.Releases(ever=False, months=())
    states = release_months.month_states(
        (202003, 202005), version=version, releases=nothing, revised={}, now=dt.datetime.now()
    )
    assert [one.state for one in states] == ["empty", "empty", "due", "empty", "due"]
    assert release_months.together(states, 202005) == [202003, 202005]
    assert release_months.month_states((), version=version, releases=nothing, revised={}, now=dt.datetime.now()) == []


@pytest.mark.parametrize(
    ("lang", "subject", "origin"),
    [("zh", "问题工单 三月.csv，批次 7：误传", "数据载入页 10.0.0.8"),
     ("en", "Issue cases, 三月.csv, batch 7: 误传", "Load data page 10.0.0.8")],
)  # fmt: skip
def test_the_audit_names_batches_and_pages_in_the_readers_language(lang: str, subject: str, origin: str) -> None:
    assert subject_text("issues 三月.csv batch 7: 误传", lang) == subject
    assert origin_text("upload page 10.0.0.8", lang) == origin
    assert origin_text("gateway", lang) == "gateway"
