"""Months are released in order, once, on purpose; what is not public is not read; what was corrected since is named."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.__main__ import main
from data_access.audit_log import read_audit, record
from data_access.counts import read_counts, read_measurements
from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.permissions import Scope
from data_access.registers import read_sites
from data_access.release_figures import revisions
from data_access.released_months import (
    Releases,
    local_now,
    months_with_data,
    read_releases,
    release,
    seen_until,
    unrelease,
)
from data_access.releases import DataVersion, current_data_version
from data_access.settings import read_settings
from data_access.tables import release_figure
from indicators.catalogue import load_catalogue
from tests.data_access.small_district import (
    issue_row,
    load,
    registers,
    visit,
    write_issues,
    write_measurements,
    write_visits,
)

ROOT, ZHONGHE, FANSHIDU = "330212", "330212005", "330212110001"
NOON = dt.datetime(2026, 12, 1, 12, 0)
EVENING = dt.datetime(2026, 12, 1, 18, 0)


def case(number: int, month: int, **changes: str) -> dict[str, str]:
    """A case like `issue_row`'s, of another month of 2020, solved in time."""
    row = issue_row(number)
    moved = {name: text.replace("2020-02", f"2020-{month:02d}") for name, text in row.items()}
    return moved | changes


@pytest.fixture
def engine(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Cases from January to April 2020, of which April's second is not due; one measurement a month; visits."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = registers(database_url, tmp_path)
    rows = [case(number, month) for number, month in ((1, 1), (2, 2), (3, 2), (4, 3), (5, 4))]
    late = case(6, 4) | dict.fromkeys(("办结时间", "办理结果", "是否回访", "是否接通", "是否满意", "是否退回重办"), "")
    rows.append(late | {"办理时限": "2020-04-20 18:00"})
    load(made, "issues", write_issues(tmp_path / "issues.csv", rows))
    visits = [visit(1, "Q001", "2020-02-10", ("√", "√", "×")), visit(2, "Q001", "2020-04-03", ("√", "√", "√"))]
    load(made, "inspections", write_visits(tmp_path / "visits.xlsx", visits))
    yield made
    made.dispose()


def figure(engine: Engine, month: int, indicator: str, place: str = ROOT) -> tuple[float, float]:
    """What was frozen."""
    kept = release_figure.c
    with reading(engine) as connection:
        row = connection.execute(
            sa.select(kept.numerator, kept.denominator).where(
                kept.month == month, kept.indicator == indicator, kept.place_code == place
            )
        ).one()
    return float(row.numerator), float(row.denominator)


def told(frame: pd.DataFrame) -> set[tuple]:
    """Month, indicator, place, old pair and new pair of each revision; -1 for nothing."""
    return set(frame.fillna(-1).itertuples(index=False, name=None))


def refused(engine: Engine, month: int, **more: object) -> str:
    with pytest.raises(UserError) as problem:
        release(engine, month, by="李", **more)
    return problem.value.en


# Releasing and taking back


def test_a_month_is_released_with_the_earlier_ones_that_wait(engine: Engine) -> None:
    assert read_releases(engine) == Releases(ever=False, months=())
    assert months_with_data(engine) == (202001, 202002, 202003, 202004)
    assert release(engine, 202002, by="李", origin="page 10.0.0.5", note="例会") == (202001, 202002)
    assert release(engine, 202003, by="王") == (202003,)
    released = read_releases(engine)
    assert [one.month for one in released.months] == [202001, 202002, 202003]
    version, catalogue = current_data_version(engine), load_catalogue()
    assert {(one.data_version, one.catalogue_hash) for one in released.months} == {(version.number, catalogue.hash)}
    assert [one.released_by for one in released.months] == ["李", "李", "王"]


def test_a_release_freezes_numerator_and_denominator_of_every_place_and_indicator(engine: Engine) -> None:
    release(engine, 202003, by="李")
    assert figure(engine, 202002, "resolution_rate") == (2, 2)
    assert figure(engine, 202002, "resolution_rate", ZHONGHE) == (2, 2)
    assert figure(engine, 202002, "prevention_compliance") == (2, 3)
    with reading(engine) as connection:
        places = set(connection.execute(sa.select(release_figure.c.place_code)).scalars())
    assert places == {ROOT, ZHONGHE, "330212110"}


def test_a_month_without_data_or_released_already_is_refused_with_a_sentence(engine: Engine) -> None:
    assert "no data for 2021-01" in refused(engine, 202101)
    release(engine, 202002, by="李")
    assert "released already" in refused(engine, 202001)
    assert "2020-02" in refused(engine, 202002)


def test_a_provisional_month_needs_a_reason(engine: Engine) -> None:
    assert "provisional" in refused(engine, 202004)
    assert "provisional" in refused(engine, 202004, force_because="  ")
    assert release(engine, 202004, by="李", force_because="会议需要")[-1] == 202004
    assert "forced=会议需要" in read_audit(engine)["subject"][0]


def test_only_the_newest_release_can_be_taken_back_and_goes_with_its_figures(engine: Engine) -> None:
    release(engine, 202002, by="李")
    with pytest.raises(UserError, match="2020-02"):
        unrelease(engine, 202001, by="李")
    unrelease(engine, 202002, by="王", origin="command line here", because="数字有误")
    assert read_releases(engine).newest == 202001
    with reading(engine) as connection:
        assert set(connection.execute(sa.select(release_figure.c.month)).scalars()) == {202001}
    deeds = read_audit(engine, actions=("release", "take back"))
    assert deeds[["who", "action", "subject", "origin"]].to_numpy(dtype=object).tolist() == [
        ["王", "take back", "202002; note=数字有误", "command line here"],
        ["李", "release", f"202001–202002; version={current_data_version(engine).number}", None],
    ]


def test_with_nothing_released_there_is_nothing_to_take_back(engine: Engine) -> None:
    with pytest.raises(UserError, match="No month"):
        unrelease(engine, 202001, by="李")


def test_two_stewards_releasing_the_same_month_at_once_release_it_once(engine: Engine) -> None:
    outcomes: list[object] = []

    def try_it() -> None:
        try:
            outcomes.append(release(engine, 202003, by="李"))
        except UserError as problem:
            outcomes.append(problem)

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(isinstance(one, UserError) for one in outcomes) == [False, True]
    assert (read_audit(engine)["action"] == "release").sum() == 1


def test_a_release_that_fails_leaves_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("data_access.released_months.record", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        release(engine, 202002, by="李")
    assert read_releases(engine) == Releases(ever=False, months=())


# Embargo and what a role may read


def test_an_embargo_opens_by_itself_when_its_hour_comes(engine: Engine) -> None:
    release(engine, 202001, by="李")
    release(engine, 202003, by="李", embargo_until=EVENING, now=NOON)
    released = read_releases(engine)
    assert released.limit("leader", now=EVENING - dt.timedelta(seconds=1)) == 202001
    assert released.limit("leader", now=EVENING) == 202003


def test_an_embargo_in_the_past_or_before_that_of_an_earlier_month_is_refused(engine: Engine) -> None:
    assert "has passed" in refused(engine, 202001, embargo_until=NOON, now=EVENING)
    release(engine, 202001, by="李", embargo_until=EVENING, now=NOON)
    assert "2020-01 becomes public at 2026-12-01 18:00" in refused(engine, 202002, now=NOON)
    assert "that hour or a later one" in refused(engine, 202002, embargo_until=dt.datetime(2026, 12, 1, 15), now=NOON)
    assert release(engine, 202002, by="李", embargo_until=EVENING, now=NOON) == (202002,)
    assert release(engine, 202003, by="李", now=EVENING) == (202003,)


def test_until_the_first_release_everybody_sees_everything_and_never_again(engine: Engine) -> None:
    assert read_releases(engine).limit("leader", now=NOON) is None
    release(engine, 202001, by="李", embargo_until=EVENING, now=NOON)
    assert read_releases(engine).limit("leader", now=NOON) == 0
    unrelease(engine, 202001, by="李")
    assert read_releases(engine) == Releases(ever=True, months=())
    assert read_releases(engine).limit("leader", now=EVENING) == 0
    assert read_releases(engine).limit("steward", now=EVENING) is None


def test_the_setting_says_which_roles_see_released_months_only(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    release(engine, 202001, by="李")
    released = read_releases(engine)
    limits = {role: released.limit(role, now=NOON) for role in ("leader", "head", "researcher", "steward")}
    assert limits == {"leader": 202001, "head": 202001, "researcher": None, "steward": None}
    monkeypatch.setenv("RELEASED_ONLY", "researcher，head")
    assert released.limit("leader", now=NOON) is None
    assert released.limit("researcher", now=NOON) == released.limit("head", now=NOON) == 202001
    monkeypatch.setenv("RELEASED_ONLY", "nobody")
    assert released.limit("leader", now=NOON) is None


@pytest.mark.parametrize("given", ["leaders", "steward", "leader,everyone"])
def test_a_setting_that_names_no_such_role_is_refused_and_opens_nothing(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEASED_ONLY", given)
    with pytest.raises(UserError, match="RELEASED_ONLY"):
        read_settings()


def test_an_empty_setting_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEASED_ONLY", " ")
    assert read_settings().released_only == ("leader", "head")


def test_a_scope_that_ends_reads_no_later_month_whatever_is_asked_for(engine: Engine, tmp_path: Path) -> None:
    code = village_measurement()
    rows = [(code, FANSHIDU, month, "", "3", "4") for month in ("2020-02", "2020-04")]
    load(engine, "measurements", write_measurements(tmp_path / "m.xlsx", rows))
    asked = {"level": "district", "first": 190001, "last": 299912}
    for until, seen in ((None, [202001, 202002, 202003, 202004]), (202002, [202001, 202002]), (0, [])):
        scope = Scope(root=ROOT, until=until)
        counts = read_counts(engine, scope=scope, source="issues", by_month=True, **asked)
        assert counts["month"].tolist() == seen
        summed = read_counts(engine, scope=scope, source="issues", **asked)
        assert summed["reported"].sum() == {4: 6, 2: 3, 0: 0}[len(seen)]
        visited = read_counts(engine, scope=scope, source="inspections", by_month=True, **asked)
        assert set(visited["month"]) <= set(seen)
        newest = read_measurements(engine, scope=scope, indicators=[code], **asked)
        assert newest["month"].tolist() == [month for month in seen if month in (202002, 202004)][-1:]


def village_measurement() -> str:
    """An indicator that villages report."""
    known = load_catalogue().of_source("measurements")
    return next(one.code for one in known if one.reported_at == "village" and one.available)


def test_the_register_of_a_village_shows_no_inspection_of_a_later_month(engine: Engine) -> None:
    for until, day in ((None, "2020-04-03"), (202003, "2020-02-10"), (202001, None), (0, None)):
        sites = read_sites(engine, scope=Scope(root=ROOT, until=until), village=FANSHIDU, month=202004)
        seen = {str(one) for one in sites["inspected_on"] if one is not None}
        assert seen == ({day} if day else set())


def version_of(first: int | None, last: int | None) -> DataVersion:
    return DataVersion(7, NOON, NOON.date(), first, last, 202004, False)


@pytest.mark.parametrize(
    ("until", "seen"),
    [(None, (202001, 202004)), (202012, (202001, 202004)), (202002, (202001, 202002)), (202001, (202001, 202001)),
     (201912, (None, None)), (0, (None, None))],
)  # fmt: skip
def test_a_version_is_seen_without_the_months_that_are_not_public(until: int | None, seen: tuple) -> None:
    version = seen_until(version_of(202001, 202004), until)
    assert (version.first_month, version.last_month) == seen
    assert version.number == 7


def test_an_empty_version_stays_empty() -> None:
    assert seen_until(version_of(None, None), 202001) == version_of(None, None)


# Revisions


def test_nothing_is_revised_right_after_a_release_or_by_a_load_of_later_months(engine: Engine, tmp_path: Path) -> None:
    release(engine, 202003, by="李")
    assert revisions(engine, scope=Scope(root=ROOT)).empty
    load(engine, "issues", write_issues(tmp_path / "may.csv", [case(20, 5)]))
    assert revisions(engine, scope=Scope(root=ROOT)).empty


def test_a_correction_after_the_release_shows_with_old_and_new_figure(engine: Engine, tmp_path: Path) -> None:
    release(engine, 202003, by="李")
    load(engine, "issues", write_issues(tmp_path / "b.csv", [case(2, 2, 是否满意="否"), case(9, 3)]))
    found = told(revisions(engine, scope=Scope(root=ROOT)))
    for place in (ROOT, ZHONGHE):
        assert (202002, "satisfaction_rate", place, 2, 2, 1, 2) in found
        assert (202003, "resolution_rate", place, 1, 1, 2, 2) in found
    assert not any(one[:2] == (202002, "resolution_rate") for one in found)
    assert not any(one[0] == 202001 for one in found)
    february = told(revisions(engine, scope=Scope(root=ROOT), month=202002))
    assert february == {one for one in found if one[0] == 202002}


def test_a_figure_that_came_after_the_release_or_went_is_a_revision_too(engine: Engine, tmp_path: Path) -> None:
    release(engine, 202003, by="李")
    load(engine, "inspections", write_visits(tmp_path / "late.xlsx", [visit(3, "Q001", "2020-03-09", ("√", "", ""))]))
    moved = [case(1, 3)]
    load(engine, "issues", write_issues(tmp_path / "moved.csv", moved))
    found = told(revisions(engine, scope=Scope(root=ROOT)))
    assert (202003, "prevention_compliance", ROOT, -1, -1, 1, 1) in found
    assert (202001, "resolution_rate", ROOT, 1, 1, -1, -1) in found


def test_who_may_not_see_a_month_does_not_see_its_revisions(engine: Engine, tmp_path: Path) -> None:
    release(engine, 202001, by="李")
    release(engine, 202003, by="李", embargo_until=EVENING, now=NOON)
    load(engine, "issues", write_issues(tmp_path / "b.csv", [case(1, 1, 是否满意="否"), case(9, 3)]))
    assert set(revisions(engine, scope=Scope(root=ROOT))["month"]) == {202001, 202003}
    assert set(revisions(engine, scope=Scope(root=ROOT, until=202001))["month"]) == {202001}
    assert revisions(engine, scope=Scope(root=ROOT, until=0)).empty
    assert set(revisions(engine, scope=Scope(root=ZHONGHE))["place_code"]) == {ZHONGHE}


def test_an_indicator_that_the_catalogue_gained_or_lost_is_no_revision(engine: Engine) -> None:
    release(engine, 202002, by="李")
    with writing(engine) as connection:
        connection.execute(release_figure.delete().where(release_figure.c.indicator == "resolution_rate"))
        connection.execute(sa.text("UPDATE release SET catalogue_hash = 'of another day'"))
        connection.execute(
            release_figure.insert().values(month=202002, indicator="gone", place_code=ROOT, numerator=1, denominator=2)
        )
    assert revisions(engine, scope=Scope(root=ROOT)).empty


# The audit and the command line


def test_the_audit_keeps_from_where_and_cuts_what_is_too_long(engine: Engine) -> None:
    with writing(engine) as connection:
        record(connection, who="李" * 200, action="test", subject="x" * 500, origin="y" * 500)
    newest = read_audit(engine, limit=1).iloc[0]
    assert (len(newest["who"]), len(newest["subject"]), len(newest["origin"])) == (120, 255, 120)


def test_the_command_line_releases_lists_and_takes_back(engine: Engine, capsys: pytest.CaptureFixture) -> None:
    assert main(["release", "2020-02", "--note", "例会"]) == 0
    assert capsys.readouterr().out == "已发布：2020-01 – 2020-02。\n"
    assert main(["--lang", "en", "release", "202003", "--embargo", "2999-01-01 09:00"]) == 0
    assert capsys.readouterr().out == "Released: 2020-03; public from 2999-01-01 09:00 on.\n"
    assert main(["release", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["2020-01", "2020-02", "2020-03", "2020-04"]
    assert ["已发布（" in lines[0], "起公开" in lines[2], "暂定数" in lines[3]] == [True] * 3
    assert main(["release", "--take-back", "202003"]) == 0
    assert read_releases(engine).newest == 202002
    origins = read_audit(engine, actions=("release", "take back"))["origin"]
    assert all(one.startswith("command line ") for one in origins)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["release"], "one of the three"),
        (["release", "202002", "--list"], "one of the three"),
        (["release", "202013"], "no month"),
        (["release", "March"], "no month"),
        (["release", "202002", "--embargo", "soon"], "no hour"),
        (["release", "202002", "--embargo", "2999-01-01T09:00+08:00"], "no hour"),
        (["release", "2020-04"], "provisional"),
        (["release", "--take-back", "202002"], "No month has been released"),
    ],
)
def test_a_command_that_makes_no_sense_gives_a_sentence(
    engine: Engine, arguments: list[str], said: str, capsys: pytest.CaptureFixture
) -> None:
    assert main(["--lang", "en", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert not read_releases(engine).months


def test_the_clock_is_the_servers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert local_now().tzinfo is None
    assert abs(local_now() - dt.datetime.now()) < dt.timedelta(seconds=5)
