"""Places closed by the register, and any changes in any order among the loads: counts equal the events each time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.lineage import ends_of_chains, final_successors
from data_access.permissions import Scope
from data_access.place_changes import NewPlace, merge_places, rename_place, split_place, undo_change
from data_access.places import read_places
from data_access.registers import read_sites
from data_access.release_figures import revisions
from data_access.released_months import release
from data_access.releases import current_data_version
from data_access.rollups import recount_everything
from data_access.withdrawals import withdraw_batch
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
    VILLAGES,
    ZHONGHE,
    counts,
    load_everything,
    register,
)
from tests.data_access.small_district import agree, changed_places, counted, load, registers
from tests.data_access.test_place_changes import closed_by_register

ALL = Scope(root="330212")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), st.integers(0, 1)),
        st.tuples(st.just("merge"), st.sampled_from(sorted(VILLAGES)), st.sampled_from(sorted(VILLAGES))),
        st.tuples(st.just("join"), st.sampled_from(sorted(VILLAGES)), st.sampled_from((JIANGSHAN, ZHONGHE))),
        st.tuples(st.just("split"), st.sampled_from(sorted(VILLAGES)), st.booleans()),
        st.tuples(st.just("code"), st.sampled_from(sorted(VILLAGES))),
        st.tuples(st.just("undo"), st.integers(0, 3)),
    ),
    min_size=2, max_size=7,
)  # fmt: skip


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


class _Story:
    """Steps on one district: a step that cannot be is refused and leaves nothing."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder, self.entered, self.loaded = engine, folder, [], set()

    def take(self, number: int, step: tuple) -> None:
        kind, *given = step
        on, fresh = MARCH + dt.timedelta(days=number), number * 10 + 901 - number
        if kind == "load" and given[0] not in self.loaded:
            self.loaded.add(given[0])
            load_everything(self.engine, self.folder, part=given[0], parts=2)
        elif kind == "undo" and self.entered:
            change = self.entered[min(given[0], len(self.entered) - 1)]
            undo_change(self.engine, change, "tester")
            self.entered.remove(change)
        elif kind == "merge":
            self._enter(merge_places(self.engine, before=[given[0]], into=given[1], on=on, **BY))
        elif kind == "join":
            other = sorted(VILLAGES)[number % len(VILLAGES)]
            new = NewPlace(f"{given[1]}{fresh}", f"新{number}村")
            self._enter(merge_places(self.engine, before=[given[0], other], into=new, on=on, **BY))
        elif kind == "split":
            new, second = (NewPlace(f"{given[0][:9]}{fresh + one}", f"分{number}{one}村") for one in (0, 1))
            first = given[0] if given[1] else new.code
            into = [given[0] if given[1] else new, second]
            self._enter(split_place(self.engine, before=given[0], into=into, carries=first, on=on, **BY))
        elif kind == "code":
            new_code = f"{given[0][:9]}{fresh}"
            self._enter(rename_place(self.engine, given[0], name=f"换{number}村", new_code=new_code, on=on, **BY))

    def _enter(self, summary: object) -> None:
        self.entered.append(summary.id)


@settings(max_examples=7, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_any_changes_among_any_loads_leave_the_counts_equal_to_the_events(tmp_path_factory, steps: list[tuple]) -> None:
    _tell(tmp_path_factory.mktemp("story"), steps)


def _tell(folder: Path, steps: list[tuple]) -> None:
    """Take the steps one after the other, checking all counts; then load the rest, undo everything, compare."""
    engine = registers(f"sqlite:///{folder / 'a.db'}", folder)
    story = _Story(engine, folder)
    for number, step in enumerate(steps):
        figures, entered = counts(engine), len(story.entered)
        try:
            story.take(number, step)
        except UserError:
            assert counts(engine) == figures, "what is refused changes nothing"
            assert len(story.entered) == entered
        assert agree(engine)
    with reading(engine) as connection:
        closed = set(final_successors(connection))
    stored = counts(engine)
    assert not closed & {row[columns] for name, columns in _PLACE_COLUMN.items() for row in stored[name]}
    for part in {0, 1} - story.loaded:
        load_everything(engine, folder, part=part, parts=2)
    whole = counts(engine)
    with writing(engine) as connection:
        recount_everything(connection, as_of=current_data_version(engine).as_of)
    assert counts(engine) == whole
    for change in reversed(story.entered):
        undo_change(engine, change, "tester")
    plain = registers(f"sqlite:///{folder / 'plain.db'}", folder)
    for part in (0, 1):
        load_everything(plain, folder, part=part, parts=2)
    assert counts(engine) == counts(plain), "undone, everything is as if it had never been entered"
    for one in (engine, plain):
        one.dispose()


_PLACE_COLUMN = {"issue_monthly": 3, "inspection_monthly": 3, "measurement_monthly": 4}


def test_the_end_of_a_chain_is_found_and_a_circle_is_a_fault() -> None:
    assert ends_of_chains({"a": "b", "b": "c", "x": "c"}) == {"a": "c", "b": "c", "x": "c"}
    with pytest.raises(ValueError, match="lead back"):
        ends_of_chains({"a": "b", "b": "a"})


def test_a_register_that_closes_a_village_moves_its_history_and_its_withdrawal_brings_it_back(
    engine: Engine, tmp_path: Path
) -> None:
    load_everything(engine, tmp_path)
    figures, known = counts(engine), register(engine)
    closing = closed_by_register(tmp_path, c330212110001=("2020-02-29", LUJIAYAN))
    summary = load(engine, "places", closing)
    assert (summary.rows_changed, summary.problems) == (1, ())
    assert counted(engine, FANSHIDU) == {}
    assert counted(engine, LUJIAYAN)["all"]["reported"] == 8
    gates = read_sites(engine, scope=ALL, village=LUJIAYAN, month=202003)["code"]
    assert FANSHIDU not in set(gates)
    assert agree(engine)
    withdraw_batch(engine, summary.batch_id, by="tester", because="mistake")
    assert (counts(engine), register(engine)) == (figures, known)
    assert agree(engine)


def test_a_village_that_ends_without_a_successor_keeps_its_history_and_is_no_longer_listed(
    engine: Engine, tmp_path: Path
) -> None:
    load_everything(engine, tmp_path)
    township = counted(engine, JIANGSHAN)["all"]
    load(engine, "places", closed_by_register(tmp_path, c330212110001=("2020-04-30", "")))
    assert FANSHIDU not in set(read_places(engine, scope=ALL, level="village")["code"])
    assert counted(engine, FANSHIDU)["all"]["reported"] == 4
    assert counted(engine, JIANGSHAN)["all"] == township
    assert agree(engine)


def test_townships_are_merged_by_the_register_with_all_their_villages(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    release(engine, 202001, by="tester")
    whole = counted(engine, "330212")["all"]
    lone = load(engine, "places", closed_by_register(tmp_path, c330212110=("2020-02-29", ZHONGHE)))
    assert [one.reason for one in lone.problems] == ["villages_left"]
    villages = {f"c{code}": ("2020-02-29", DONGYU) for code in (FANSHIDU, LUJIAYAN, MAOSHAN, MAOSHANCUN)}
    load(engine, "places", closed_by_register(tmp_path, c330212110=("2020-02-29", ZHONGHE), **villages))
    assert counted(engine, JIANGSHAN) == {}
    merged = counted(engine, ZHONGHE)["all"]
    assert merged | {"place": "330212"} == counted(engine, "330212")["all"] == whole
    assert agree(engine)
    changed = revisions(engine, scope=ALL, month=202001)
    assert JIANGSHAN not in set(changed["place_code"]), "its frozen figures are compared under its successor"
    issues = changed.loc[changed["indicator"] == "resolution_rate"]
    assert issues.empty, "what was released of both townships together is what the merged one has"


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (("", LUJIAYAN), "empty"),
        (("2020-02-29", FANSHIDU), "unknown_successor"),
        (("2020-02-29", "330212110999"), "unknown_successor"),
        (("2020-02-29", JIANGSHAN), "unknown_successor"),
        (("1940-01-01", LUJIAYAN), "order_of_dates"),
        (("2199-01-01", LUJIAYAN), "in_the_future"),
    ],
)
def test_an_end_that_cannot_be_sets_its_row_aside(tmp_path: Path, end: tuple[str, str], reason: str) -> None:
    engine = registers(f"sqlite:///{tmp_path / 'a.db'}", tmp_path)
    summary = load(engine, "places", closed_by_register(tmp_path, c330212110001=end))
    assert [(one.reason, one.row) for one in summary.problems] == [(reason, 7)]
    engine.dispose()


def test_successors_that_lead_in_a_circle_are_set_aside(tmp_path: Path) -> None:
    engine = registers(f"sqlite:///{tmp_path / 'a.db'}", tmp_path)
    ends = {"c330212110001": ("2020-02-29", LUJIAYAN), "c330212110002": ("2020-02-29", FANSHIDU)}
    summary = load(engine, "places", closed_by_register(tmp_path, **ends))
    assert [one.reason for one in summary.problems] == ["successor_circle"] * 2
    assert agree(engine)
    engine.dispose()


def test_what_was_entered_as_a_change_stands_against_the_register_and_its_withdrawal(tmp_path: Path) -> None:
    engine = registers(f"sqlite:///{tmp_path / 'a.db'}", tmp_path)
    load_everything(engine, tmp_path)
    batch = load(engine, "places", changed_places(tmp_path / "p.csv", c330212110001={"常住人口": "1300"})).batch_id
    merge_places(engine, before=[FANSHIDU], into=CHENGXING, on=MARCH, **BY)
    figures = counts(engine)
    silent = load(engine, "places", closed_by_register(tmp_path, c330212110002=("", "")))
    assert silent.problems == (), "an empty cell leaves what was entered"
    contrary = load(engine, "places", closed_by_register(tmp_path, c330212110001=("2020-02-29", MAOSHAN)))
    assert [one.reason for one in contrary.problems] == ["entered_as_change"]
    withdraw_batch(engine, batch, by="tester", because="mistake")
    assert counts(engine) == figures
    with reading(engine) as connection:
        assert final_successors(connection) == {FANSHIDU: CHENGXING}
    assert agree(engine)
    engine.dispose()
