"""Whatever the order, the splitting, the repetition of files and what is withdrawn in between: the counts are those of
the rows that stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from data_access.ingestion.load_batch import LoadSummary
from data_access.submissions import LOAD_INDICATORS
from data_access.withdrawals import withdraw_batch
from tests.data_access.intake_model import (
    File,
    Prepared,
    Row,
    counts,
    current_facts,
    pieces_of,
    prepared_registers,
    standing_facts,
)
from tests.data_access.small_district import agree, load

SOURCES = ("issues", "inspections", "measurements")
WHOLE = 50_000
DAYS = st.integers(1, 3)
PIECES = st.sampled_from((2, 3, WHOLE))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    with prepared_registers(request.param, tmp_path_factory.mktemp("prepared"), server) as made:
        yield made


def bring(engine: Engine, prepared: Prepared, file: File) -> LoadSummary:
    return load(engine, file.source, file.write(prepared.folder))


def withdraw(engine: Engine, batch_id: int) -> None:
    withdraw_batch(engine, batch_id, by="tester", because="误传")


@st.composite
def rows_of_one_truth(draw: st.DrawFn, source: str) -> list[Row]:
    """Rows that may come in any order: one number says different things only with different days of change."""
    rows = []
    for number in draw(st.sets(st.integers(1, 6), min_size=1)):
        states = draw(st.lists(st.integers(0, 5 if source == "inspections" else 4), min_size=1, max_size=3))
        dated = len(states) > 1 or draw(st.booleans())
        rows += [Row(number, said, day if dated else None) for day, said in enumerate(states, 1)]
    return rows


@st.composite
def split(draw: st.DrawFn, source: str, rows: list[Row]) -> list[File]:
    """The rows in any order, some of them twice or three times, in one to four files, some of which come again."""
    again = draw(st.lists(st.sampled_from(rows), max_size=3))
    order = draw(st.permutations(rows + again))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=3)))
    ends = [0, *(cut for cut in cuts if cut < len(order)), len(order)]
    parts = [File(source, tuple(order[start:end])) for start, end in pairwise(ends)]
    repeated = draw(st.lists(st.tuples(st.sampled_from(parts), st.integers(0, 2)), max_size=2))
    return parts + [File(source, part.rows, mark) for part, mark in repeated]


@st.composite
def a_truth_split(draw: st.DrawFn) -> tuple[File, list[File]]:
    source = draw(st.sampled_from(SOURCES))
    rows = draw(rows_of_one_truth(source))
    return File(source, tuple(rows)), draw(split(source, rows))


def test_any_order_any_split_and_any_repetition_of_files_give_the_same_counts(prepared: Prepared) -> None:
    @prepared.examples(8)
    @given(files=a_truth_split(), piece=PIECES)
    def check(files: tuple[File, list[File]], piece: int) -> None:
        whole, parts = files
        with prepared.engine() as engine, pieces_of(piece):
            for part in parts:
                bring(engine, prepared, part)
            assert current_facts(engine) == standing_facts([whole]) and agree(engine)
            in_parts = counts(engine, without=LOAD_INDICATORS)
        with prepared.engine() as engine:
            bring(engine, prepared, whole)
            assert counts(engine, without=LOAD_INDICATORS) == in_parts

    check()


def test_withdrawing_a_file_and_loading_it_again_gives_the_same_counts(prepared: Prepared) -> None:
    @prepared.examples(4)
    @given(files=a_truth_split(), which=st.integers(0, 5), piece=PIECES)
    def check(files: tuple[File, list[File]], which: int, piece: int) -> None:
        whole, parts = files
        with prepared.engine() as engine, pieces_of(piece):
            done = [bring(engine, prepared, part) for part in parts]
            before = counts(engine, without=LOAD_INDICATORS)
            loaded = [(part, one) for part, one in zip(parts, done, strict=True) if not one.already_loaded]
            part, one = loaded[which % len(loaded)]
            withdraw(engine, one.batch_id)
            assert agree(engine)
            again = bring(engine, prepared, part)
            assert not again.already_loaded
            assert counts(engine, without=LOAD_INDICATORS) == before
            assert current_facts(engine) == standing_facts([whole]) and agree(engine)

    check()


@st.composite
def any_file(draw: st.DrawFn, sources: Sequence[str]) -> File:
    """Rows that contradict each other, with and without a day of change, within a file and between files."""
    row = st.builds(
        Row, st.integers(1, 3), st.integers(0, 4), draw(st.sampled_from((st.none(), DAYS, st.none() | DAYS)))
    )
    rows = draw(st.lists(row, min_size=1, max_size=6))
    return File(draw(st.sampled_from(sources)), tuple(rows), draw(st.integers(0, 1)))


Step = tuple[str, int]


@st.composite
def a_life(draw: st.DrawFn, sources: Sequence[str]) -> tuple[list[File], list[Step]]:
    """Two to four files, mostly of one source, and what is done with them: loaded, withdrawn, loaded again."""
    if draw(st.integers(0, 3)):
        sources = [draw(st.sampled_from(sources))]
    files = draw(st.lists(any_file(sources), min_size=2, max_size=4))
    first = [("load", number) for number in range(len(files))]
    step = st.tuples(st.sampled_from(("load", "withdraw", "withdraw")), st.integers(0, 3))
    return files, first + draw(st.lists(step, min_size=1, max_size=5))


def live(engine: Engine, prepared: Prepared, files: list[File], steps: list[Step]) -> list[File]:
    """Do the steps; the files that stand at the end, in the order in which they came. What is current is compared with
    the model after every step."""
    standing: list[tuple[File, int]] = []
    for deed, number in steps:
        if deed == "load":
            done = bring(engine, prepared, files[number % len(files)])
            if not done.already_loaded:
                standing.append((files[number % len(files)], done.batch_id))
        elif standing:
            withdraw(engine, standing.pop(number % len(standing))[1])
        assert current_facts(engine) == standing_facts(file for file, _ in standing)
    return [file for file, _ in standing]


def check_life(prepared: Prepared, life: tuple[list[File], list[Step]], piece: int) -> None:
    """Current rows, counts and load indicators are those of a fresh database with the standing files.

    The pieces are those of the twin too: of an outdated row that stands twice in a file, far apart, both go into
    history, and neither is set aside as a duplicate.
    """
    with prepared.engine() as engine, pieces_of(piece):
        standing = live(engine, prepared, *life)
        assert agree(engine)
        after = counts(engine)
    with prepared.engine() as engine, pieces_of(piece):
        for file in standing:
            bring(engine, prepared, file)
        assert current_facts(engine) == standing_facts(standing)
        assert counts(engine) == after


def test_after_any_loads_and_withdrawals_the_counts_are_those_of_the_files_that_stand(prepared: Prepared) -> None:
    @prepared.examples(11)
    @given(life=a_life(("issues", "measurements")), piece=PIECES)
    def check(life: tuple[list[File], list[Step]], piece: int) -> None:
        check_life(prepared, life, piece)

    check()


def test_after_any_loads_and_withdrawals_of_visits_an_emptied_item_is_gone_where_its_sheet_stands(
    prepared: Prepared,
) -> None:
    @prepared.examples(6)
    @given(life=a_life(("inspections",)), piece=PIECES)
    def check(life: tuple[list[File], list[Step]], piece: int) -> None:
        check_life(prepared, life, piece)

    check()


FULL, EMPTIED = 0, 1


def test_an_item_that_two_sheets_left_empty_stays_away_when_the_first_of_them_is_withdrawn(prepared: Prepared) -> None:
    files = [
        File("inspections", rows) for rows in ((Row(1, FULL),), (Row(1, EMPTIED),), (Row(1, EMPTIED), Row(2, FULL)))
    ]
    with prepared.engine() as engine:
        done = [bring(engine, prepared, file) for file in files]
        withdraw(engine, done[1].batch_id)
        assert current_facts(engine) == standing_facts([files[0], files[2]])


def test_an_item_that_a_newer_sheet_left_empty_is_not_brought_back_by_an_older_sheet(prepared: Prepared) -> None:
    with prepared.engine() as engine:
        bring(engine, prepared, File("inspections", (Row(1, EMPTIED, 2),)))
        bring(engine, prepared, File("inspections", (Row(1, FULL, 1),)))
        assert len(current_facts(engine)["inspections"]) == 2


@pytest.mark.parametrize(("mine", "piece"), [(2, 1), (2, WHOLE), (3, 1), (3, WHOLE)])
def test_of_rows_that_stand_twice_in_a_file_the_one_changed_last_counts(
    prepared: Prepared, mine: int, piece: int
) -> None:
    rows = (Row(1, 0, 2), Row(2, 0, 1), Row(1, 1, 1 if mine == 2 else 3), Row(3, 0))
    with prepared.engine() as engine, pieces_of(piece):
        done = bring(engine, prepared, File("issues", rows))
        assert (done.rows_new, done.rows_changed, done.rows_unchanged) == (3, 0, 0)
        assert [(one.row, one.reason) for one in done.problems] == [(4 if mine == 2 else 2, "duplicate")]
        assert current_facts(engine)["issues"]["G00001",][1] is (mine == 2) and agree(engine)


def test_an_old_state_that_came_twice_stays_in_history_as_often_as_it_came(prepared: Prepared) -> None:
    files = [File("issues", rows) for rows in ((Row(1, 1, 3),), (Row(1, 0, 1),), (Row(1, 0, 1), Row(2, 0)))]
    with prepared.engine() as engine:
        done = [bring(engine, prepared, file) for file in files]
        withdraw(engine, done[0].batch_id)
        assert current_facts(engine) == standing_facts(files[1:]) and agree(engine)
        withdraw(engine, done[1].batch_id)
        assert current_facts(engine) == standing_facts(files[2:]) and agree(engine)
