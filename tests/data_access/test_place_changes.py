"""Mergers, splits and new names: one series under the successor, in whatever order things came, and the way back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.audit_log import read_audit
from data_access.engine import reading
from data_access.errors import UserError
from data_access.permissions import NotPermitted, Scope
from data_access.place_change_plans import PlaceChangeError
from data_access.place_changes import (
    Merge,
    NewPlace,
    Rename,
    Split,
    lineage,
    merge_places,
    predecessors,
    preview_change,
    read_changes,
    read_place_notes,
    rename_place,
    split_place,
    undo_change,
)
from data_access.places import read_places
from data_access.registers import read_sites
from data_access.releases import current_data_version
from data_access.tables import issue, measurement_monthly, place
from tests.data_access.place_change_world import (
    BY,
    CHENGXING,
    DONGYU,
    FANSHIDU,
    JIANGSHAN,
    LUJIAYAN,
    MAOSHAN,
    MAOSHANCUN,
    MARCH,
    ZHONGHE,
    case,
    counts,
    load_everything,
    register,
)
from tests.data_access.small_district import (
    agree,
    changed_places,
    counted,
    load,
    registers,
    write_issues,
    write_measurements,
)

ALL = Scope(root="330212")
NEW = NewPlace("330212110901", "新合村委会", "新合村")


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def district(tmp_path: Path):
    """The district on SQLite alone, for what does not depend on the database."""
    made = registers(f"sqlite:///{tmp_path / 'district.db'}", tmp_path)
    yield made
    made.dispose()


def test_two_merged_villages_are_one_series_under_the_successor(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    township = counted(engine, JIANGSHAN)["all"]
    before = current_data_version(engine)
    summary = merge_places(engine, before=[FANSHIDU, LUJIAYAN], into=NEW, on=MARCH, **BY)
    assert (summary.kind, summary.version.number) == ("merge", before.number + 1)
    assert counted(engine, FANSHIDU) == counted(engine, LUJIAYAN) == {}
    for month in (202001, 202002, 202003, 202004):
        assert counted(engine, NEW.code, month=month)["all"]["reported"] == 2
    assert counted(engine, JIANGSHAN)["all"] == township
    measured = sa.select(
        measurement_monthly.c.numerator, measurement_monthly.c.denominator, measurement_monthly.c.month
    )
    mine = (measurement_monthly.c.place_code == NEW.code, measurement_monthly.c.dimension == "all")
    with reading(engine) as connection:
        rows = connection.execute(measured.where(*mine, measurement_monthly.c.month == 202001)).all()
        filed = connection.execute(sa.select(issue.c.place_code).distinct()).scalars().all()
    assert rows == [(5 + 6, 1002 + 1003, 202001)]
    assert {FANSHIDU, LUJIAYAN} <= set(filed), "events keep the place they were filed under"
    assert agree(engine)


def test_the_gates_of_merged_villages_give_way_to_that_of_the_new_one(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    merge_places(engine, before=[FANSHIDU, LUJIAYAN], into=NEW, on=MARCH, **BY)
    gates = {
        month: [
            code for code in read_sites(engine, scope=ALL, village=NEW.code, month=month)["code"] if len(code) == 12
        ]
        for month in (202002, 202003)
    }
    assert gates == {202002: [FANSHIDU, LUJIAYAN], 202003: [NEW.code]}
    shown = read_sites(engine, scope=ALL, village=NEW.code, month=202002).set_index("code")
    assert shown.at["Q001", "checked"] == 2, "a firm of a closed village is the successor's, with its inspections"
    assert list(read_places(engine, scope=ALL, level="village", within=JIANGSHAN)["code"]) == [
        MAOSHAN, MAOSHANCUN, NEW.code,
    ]  # fmt: skip


def test_loading_before_or_after_the_change_gives_the_same_counts(engine: Engine, tmp_path: Path) -> None:
    other = registers(f"sqlite:///{tmp_path / 'other.db'}", tmp_path)
    load_everything(engine, tmp_path)
    for one in (engine, other):
        merge_places(one, before=[FANSHIDU, MAOSHAN], into=LUJIAYAN, on=MARCH, **BY)
    load_everything(other, tmp_path)
    assert counts(engine) == counts(other)
    assert agree(engine)
    other.dispose()


def test_undoing_a_merger_restores_every_count_and_the_register(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    figures, known = counts(engine), register(engine)
    for into in (NEW, DONGYU, NewPlace("330212005901", "新区社区居委会")):
        change = merge_places(engine, before=[FANSHIDU, LUJIAYAN], into=into, on=MARCH, **BY)
        assert counts(engine) != figures
        undo_change(engine, change.id, "tester")
        assert counts(engine) == figures
        assert register(engine) == known
    assert agree(engine)
    assert list(read_audit(engine, limit=2)["action"]) == ["undo_place_change", "change_places"]


def test_a_successor_in_another_township_takes_the_history_there(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    whole = counted(engine, "330212")["all"]
    merge_places(engine, before=[FANSHIDU], into=DONGYU, on=MARCH, **BY)
    assert counted(engine, JIANGSHAN)["all"]["reported"] == 12
    assert counted(engine, ZHONGHE)["all"]["reported"] == 12
    assert counted(engine, "330212")["all"] == whole
    assert "rural" not in counted(engine, DONGYU, dimension="area_type")
    late = {"所属镇街": "中河街道", "所属村社": "翻石渡村", "村社代码": ""}
    summary = load(engine, "issues", write_issues(tmp_path / "late.csv", [case(90, FANSHIDU, 4) | late]))
    assert summary.problems == (), "the closed village is known by its name where it went"
    assert counted(engine, DONGYU)["all"]["reported"] == 9
    assert agree(engine)


def test_a_row_dated_after_the_end_that_names_the_closed_village_counts_for_the_successor(
    engine: Engine, tmp_path: Path
) -> None:
    merge_places(engine, before=[FANSHIDU, LUJIAYAN], into=NEW, on=MARCH, **BY)
    row = case(1, FANSHIDU, 4) | {"村社代码": ""}
    assert load(engine, "issues", write_issues(tmp_path / "a.csv", [row])).problems == ()
    assert counted(engine, NEW.code, month=202004)["all"]["reported"] == 1
    assert agree(engine)


def test_chains_of_changes_are_followed_and_undone_from_their_end(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    figures = counts(engine)
    first = merge_places(engine, before=[FANSHIDU, LUJIAYAN], into=NEW, on=MARCH, **BY)
    second = merge_places(engine, before=[NEW.code], into=MAOSHANCUN, on=dt.date(2020, 4, 1), **BY)
    assert lineage(engine) == dict.fromkeys((FANSHIDU, LUJIAYAN, NEW.code), MAOSHANCUN)
    assert predecessors(engine, MAOSHANCUN) == [FANSHIDU, LUJIAYAN, NEW.code]
    assert counted(engine, MAOSHANCUN)["all"]["reported"] == 12
    assert agree(engine)
    with pytest.raises(UserError, match=f"变更 {second.id}"):
        undo_change(engine, first.id, "tester")
    undo_change(engine, second.id, "tester")
    undo_change(engine, first.id, "tester")
    assert counts(engine) == figures
    with pytest.raises(UserError, match="已由 tester 撤销"):
        undo_change(engine, first.id, "tester")
    with pytest.raises(UserError, match="没有编号为 99"):
        undo_change(engine, 99, "tester")


def test_after_a_split_one_village_carries_the_history_and_the_other_begins(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    figures, known = counts(engine), register(engine)
    other = NewPlace("330212110902", "新分村委会")
    whole = split_place(engine, before=FANSHIDU, into=[NEW, other], carries=NEW.code, on=MARCH, **BY)
    assert counted(engine, NEW.code)["all"]["reported"] == 4
    assert counted(engine, other.code) == {}
    registered = counted(engine, other.code, source="inspections", month=202003)["all"]
    assert (registered["sites_registered"], registered["sites_inspected"]) == (1, 0)
    assert agree(engine)
    undo_change(engine, whole.id, "tester")
    assert (counts(engine), register(engine)) == (figures, known)
    part = split_place(engine, before=FANSHIDU, into=[FANSHIDU, other], carries=FANSHIDU, on=MARCH, **BY)
    assert counted(engine, FANSHIDU)["all"]["reported"] == 4
    assert agree(engine)
    undo_change(engine, part.id, "tester")
    assert (counts(engine), register(engine)) == (figures, known)


def test_a_renamed_village_is_still_found_by_its_old_names(engine: Engine, tmp_path: Path) -> None:
    known = register(engine)
    change = rename_place(engine, FANSHIDU, name="翻新村委会", short_name="翻新村", on=MARCH, **BY)
    row = case(1, FANSHIDU, 2) | {"村社代码": ""}
    assert load(engine, "issues", write_issues(tmp_path / "a.csv", [row])).problems == ()
    assert counted(engine, FANSHIDU)["all"]["reported"] == 1
    undo_change(engine, change.id, "tester")
    assert register(engine) == known
    town = rename_place(engine, JIANGSHAN, name="新姜镇", on=MARCH, **BY)
    assert load(engine, "issues", write_issues(tmp_path / "b.csv", [row | {"工单编号": "G2"}])).problems == ()
    undo_change(engine, town.id, "tester")
    assert register(engine) == known


def test_a_new_code_is_a_merger_of_one(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    figures, known = counts(engine), register(engine)
    change = rename_place(
        engine, FANSHIDU, name="翻石渡村委会", short_name="翻石渡村", new_code=NEW.code, on=MARCH, **BY
    )
    row = case(90, FANSHIDU, 4) | {"村社代码": ""}
    assert load(engine, "issues", write_issues(tmp_path / "a.csv", [row])).problems == (), "the standing one bears it"
    with reading(engine) as connection:
        mine = sa.select(issue.c.place_code).where(issue.c.case_no == row["工单编号"])
        assert connection.execute(mine).scalar_one() == NEW.code
    assert counted(engine, NEW.code)["all"]["reported"] == 5
    assert agree(engine)
    with pytest.raises(UserError, match="名下已有 1 条工单"):
        undo_change(engine, change.id, "tester")
    assert figures != counts(engine)
    assert known != register(engine)


def test_a_part_reported_here_and_a_total_there_add_up(engine: Engine, tmp_path: Path) -> None:
    rows = [
        ("officials_per_1000", LUJIAYAN, "2020-01", "", "4", "900"),
        ("officials_per_1000", FANSHIDU, "2020-01", "", "6", "1200"),
    ]
    load(engine, "measurements", write_measurements(tmp_path / "m.xlsx", rows))
    merge_places(engine, before=[FANSHIDU, LUJIAYAN], into=NEW, on=MARCH, **BY)
    m = measurement_monthly.c
    with reading(engine) as connection:
        figures = connection.execute(
            sa.select(m.dimension, m.value, m.numerator, m.denominator, m.places_counted)
            .where(m.place_code == NEW.code, m.indicator == "officials_per_1000")
            .order_by(m.dimension)
        ).all()
    assert figures == [
        ("all", "all", 10, 2100, 1), ("area_type", "rural", 10, 2100, 1),
        ("settlement_age", "established", 10, 2100, 1),
    ]  # fmt: skip
    assert agree(engine)


WRONG = {
    "unknown": (Merge(("330212110999",), DONGYU), MARCH, "before"),
    "a township": (Merge((JIANGSHAN,), DONGYU), MARCH, "before"),
    "nothing": (Merge((), DONGYU), MARCH, "before"),
    "one into a new one": (Merge((FANSHIDU,), NEW), MARCH, "before"),
    "twice": (Merge((FANSHIDU, FANSHIDU), DONGYU), MARCH, "into"),
    "into itself": (Merge((FANSHIDU, DONGYU), DONGYU), MARCH, "into"),
    "future": (Merge((FANSHIDU,), DONGYU), dt.date.today() + dt.timedelta(days=1), "on"),
    "before it began": (Merge((FANSHIDU,), DONGYU), dt.date(1949, 10, 1), "on"),
    "short code": (Merge((FANSHIDU, LUJIAYAN), NewPlace("33021211090", "新村")), MARCH, "code"),
    "no township": (Merge((FANSHIDU, LUJIAYAN), NewPlace("330212999901", "新村")), MARCH, "code"),
    "taken code": (Merge((FANSHIDU, LUJIAYAN), NewPlace(MAOSHAN, "新村")), MARCH, "code"),
    "no name": (Merge((FANSHIDU, LUJIAYAN), NewPlace("330212110901", " ")), MARCH, "name"),
    "borne name": (Merge((FANSHIDU, LUJIAYAN), NewPlace("330212110901", "茅山村")), MARCH, "name"),
    "split into one": (Split(FANSHIDU, (NEW,), NEW.code), MARCH, "into"),
    "carried by a stranger": (Split(FANSHIDU, (NEW, DONGYU), MAOSHAN), MARCH, "carries"),
    "township's code": (Rename(JIANGSHAN, "新姜镇", new_code="330212111"), MARCH, "code"),
    "same name": (Rename(FANSHIDU, "翻石渡村委会", "翻石渡村"), MARCH, "name"),
}


@pytest.mark.parametrize("which", WRONG)
def test_a_change_that_cannot_be_is_refused_with_a_sentence_and_changes_nothing(district: Engine, which: str) -> None:
    change, on, field = WRONG[which]
    known = register(district)
    with pytest.raises(PlaceChangeError) as refused:
        preview_change(district, change, on=on)
    assert refused.value.field == field
    assert refused.value.zh.endswith("。")
    assert refused.value.en.endswith(".")
    assert register(district) == known


def test_a_village_that_ended_cannot_end_again(district: Engine) -> None:
    merge_places(district, before=[FANSHIDU], into=DONGYU, on=MARCH, **BY)
    with pytest.raises(PlaceChangeError, match="已于 2020-02-29 终止"):
        merge_places(district, before=[FANSHIDU], into=CHENGXING, on=MARCH, **BY)
    with pytest.raises(PlaceChangeError, match="已于 2020-02-29 终止"):
        merge_places(district, before=[DONGYU], into=FANSHIDU, on=MARCH, **BY)


def test_the_preview_says_what_would_move_and_does_not_move_it(district: Engine, tmp_path: Path) -> None:
    load_everything(district, tmp_path)
    known, figures = register(district), counts(district)
    preview = preview_change(district, Merge((FANSHIDU, LUJIAYAN), DONGYU), on=MARCH)
    first = preview.moving[0]
    assert (first.name, first.heir_name, first.issues, first.measurements) == ("翻石渡村委会", "东裕社区居委会", 4, 3)
    assert (first.inspections, first.sites, first.first_month, first.last_month) == (12, 1, 202001, 202004)
    assert preview.townships == ((ZHONGHE, "中河街道", 8), (JIANGSHAN, "姜山镇", -8))
    assert preview_change(district, Merge((FANSHIDU, LUJIAYAN), NEW), on=MARCH).townships == ()
    assert (register(district), counts(district)) == (known, figures)


def test_people_go_to_the_place_that_carries_on(district: Engine) -> None:
    def residents(code: str) -> int | None:
        with reading(district) as connection:
            return connection.execute(sa.select(place.c.residents).where(place.c.code == code)).scalar_one()

    merge_places(district, before=[FANSHIDU, LUJIAYAN], into=NEW, on=MARCH, **BY)
    assert residents(NEW.code) == 1200 + 900
    merge_places(district, before=[NEW.code], into=MAOSHANCUN, on=dt.date(2020, 4, 1), **BY)
    assert residents(MAOSHANCUN) == 1500 + 2100


def test_notes_say_what_became_of_whom_under_the_place_that_carries_the_history(district: Engine) -> None:
    merge_places(district, before=[FANSHIDU, LUJIAYAN], into=NEW, on=MARCH, **BY)
    merge_places(district, before=[NEW.code], into=MAOSHANCUN, on=dt.date(2020, 4, 1), **BY)
    rename_place(district, DONGYU, name="东新社区居委会", on=MARCH, **BY)
    split_place(district, before=CHENGXING, into=[CHENGXING, NewPlace("330212005901", "城北社区居委会")],
                carries=CHENGXING, on=MARCH, **BY)  # fmt: skip
    notes = read_place_notes(district, scope=ALL, within=MAOSHANCUN)
    assert list(notes.itertuples(index=False, name=None)) == [
        (MAOSHANCUN, MARCH, "merged", ("翻石渡村委会", "陆家堰村委会"), ("新合村委会",), BY["document"]),
        (MAOSHANCUN, dt.date(2020, 4, 1), "joined", ("新合村委会",), ("茅山村委会",), BY["document"]),
    ]
    town = read_place_notes(district, scope=ALL, within=ZHONGHE)
    assert {(row.place, row.kind, row.before, row.after) for row in town.itertuples()} == {
        (DONGYU, "renamed", ("东裕社区居委会",), ("东新社区居委会",)),
        (CHENGXING, "split", ("城兴社区居委会",), ("城北社区居委会",)),
        ("330212005901", "parted", ("城兴社区居委会",), ("城兴社区居委会",)),
    }
    with pytest.raises(NotPermitted):
        read_place_notes(district, scope=Scope(root="330212", villages_of=(JIANGSHAN,)), within=ZHONGHE)


def test_the_list_holds_entered_registered_and_undone_changes_and_says_which_can_be_undone(
    district: Engine, tmp_path: Path
) -> None:
    load(district, "places", closed_by_register(tmp_path, c330212005001=("2019-06-30", DONGYU)))
    first = merge_places(district, before=[FANSHIDU, LUJIAYAN], into=NEW, on=MARCH, **BY)
    second = rename_place(district, NEW.code, name="更新村委会", on=dt.date(2020, 4, 1), **BY)
    listed = {one.id: one for one in read_changes(district)}
    assert {number: one.undoable for number, one in listed.items()} == {None: False, first.id: False, second.id: True}
    assert (listed[None].kind, listed[None].on) == ("merge", dt.date(2019, 7, 1))
    undo_change(district, second.id, "other")
    undo_change(district, first.id, "other")
    undone = next(one for one in read_changes(district) if one.id == first.id)
    assert (undone.undone_by, undone.undoable) == ("other", False)
    assert {(part.name_before, part.name_after) for part in undone.parts} == {
        ("翻石渡村委会", "新合村委会"), ("陆家堰村委会", "新合村委会"),
    }  # fmt: skip


def closed_by_register(folder: Path, **ends: tuple[str, str]) -> Path:
    """The register of the small district with last days and successors: code → (终止日期, 继任代码)."""
    path = changed_places(folder / "closing.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    said = [",".join(ends.get(f"c{line.split(',')[0]}", ("", ""))) for line in lines[1:]]
    full = [f"{lines[0]},终止日期,继任代码", *(f"{line},{end}" for line, end in zip(lines[1:], said, strict=True))]
    path.write_text("\n".join(full) + "\n", encoding="utf-8")
    return path
