"""Suppression: bounds against every possible table, and no hidden cell that can be worked out."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import CountError, MethodError
from indicators.suppression_audit import audit, suppress
from indicators.table_margins import Margins, margins

OUTCOMES = {"satisfied": "answered", "dissatisfied": "answered"}


def crossed(rows: list[list[int]]) -> Margins:
    """A two-way table with its sums."""
    cells = [(f"r{i}", f"c{j}", value) for i, row in enumerate(rows) for j, value in enumerate(row)]
    return margins(pd.DataFrame(cells, columns=["r", "c", "n"]), value="n", keys={"r": None, "c": None})


def made_of(made: Margins, *names: str) -> np.ndarray:
    return made.cells["p"].isin(names).to_numpy()


def naive_bounds(made: Margins, hidden: np.ndarray) -> tuple[list[float], list[float]]:
    """Least and largest value of every hidden cell over all tables of whole leaves that agree with what is shown."""
    leaf = made.cells["leaf"].to_numpy()
    leaves = np.flatnonzero(leaf)
    names = made.cells[["r", "c"]].to_numpy()
    spans = [range(int(made.values[i]), int(made.values[i]) + 1) if not hidden[i] else range(0, 9) for i in leaves]
    low, high = [np.inf] * len(leaf), [-np.inf] * len(leaf)
    for values in itertools.product(*spans):
        full = np.zeros(len(leaf))
        for cell, (r, c) in enumerate(names):
            full[cell] = sum(
                value for value, i in zip(values, leaves, strict=True)
                if r in (names[i][0], "total") and c in (names[i][1], "total")
            )  # fmt: skip
        if (full[~hidden] == made.values[~hidden]).all():
            low, high = np.minimum(low, full), np.maximum(high, full)
    return list(low), list(high)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 4), min_size=4, max_size=4), st.lists(st.booleans(), min_size=4, max_size=4))
def test_the_bounds_are_those_over_every_possible_table(values: list[int], leaves: list[bool]) -> None:
    made = crossed([values[:2], values[2:]])
    hidden = np.zeros(9, dtype=bool)
    hidden[np.flatnonzero(made.cells["leaf"])] = leaves
    found = audit(made.values, hidden, made.constraints)
    low, high = naive_bounds(made, hidden)
    assert found.low.tolist() == low and found.high.tolist() == high
    assert found.exposed.tolist() == (hidden & (found.low == found.high)).tolist()


@settings(max_examples=15)
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=3, max_size=3))
def test_between_shown_margins_the_bounds_are_those_of_filling_the_table_in_every_way(rows: list[list[int]]) -> None:
    made = crossed(rows)
    leaf = made.cells["leaf"].to_numpy()
    found = audit(made.values, leaf, made.constraints)
    table, filled = np.array(rows), []
    across, down = table.sum(axis=1), table.sum(axis=0)
    for corner in itertools.product(*(range(min(across[i], down[j]) + 1) for i in (0, 1) for j in (0, 1))):
        full = np.zeros((3, 3))
        full[:2, :2] = np.reshape(corner, (2, 2))
        full[:2, 2] = across[:2] - full[:2, :2].sum(axis=1)
        full[2] = down - full[:2].sum(axis=0)
        if (full >= 0).all():
            filled.append(full.ravel())
    assert found.low[leaf].tolist() == np.min(filled, axis=0).tolist()
    assert found.high[leaf].tolist() == np.max(filled, axis=0).tolist()


@st.composite
def tables(draw: st.DrawFn) -> Margins:
    across = draw(st.integers(2, 5))
    return crossed(
        draw(st.lists(st.lists(st.integers(0, 40), min_size=across, max_size=across), min_size=2, max_size=5))
    )


@settings(max_examples=15)
@given(tables())
def test_after_suppression_no_primary_cell_is_narrower_than_the_threshold(made: Margins) -> None:
    primary = (made.values > 0) & (made.values < 5)
    found = suppress(made.values, made.constraints, primary)
    checked = audit(made.values, found.hidden, made.constraints, protect=5)
    assert not found.unprotected.any()
    assert not checked.exposed[primary].any()
    assert (found.hidden == (primary | found.added)).all() and not (primary & found.added).any()
    assert (checked.low <= made.values).all() and (checked.high >= made.values).all()
    # No hidden cell at all is bounded to a single value.
    assert not audit(made.values, found.hidden, made.constraints).exposed.any()
    # And none is hidden without need.
    for one in np.flatnonzero(found.added):
        fewer = found.hidden.copy()
        fewer[one] = False
        assert audit(made.values, fewer, made.constraints, protect=5).exposed[primary].any()


@settings(max_examples=10)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_and_of_the_sums_changes_nothing(made: Margins, shuffle: object) -> None:
    leaves = made.cells[made.cells["leaf"]].assign(n=made.values[made.cells["leaf"].to_numpy()])
    order = list(range(len(leaves)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    again = margins(leaves.iloc[order], value="n", keys={"c": None, "r": None})
    primary = (made.values > 0) & (made.values < 5)
    second = suppress(again.values, again.constraints, (again.values > 0) & (again.values < 5))
    assert (
        not audit(again.values, second.hidden, again.constraints, protect=5)
        .exposed[second.hidden & ~second.added]
        .any()
    )
    same = margins(leaves.iloc[order], value="n", keys={"r": None, "c": None})
    np.testing.assert_array_equal(
        suppress(same.values, same.constraints, primary).hidden, suppress(made.values, made.constraints, primary).hidden
    )


def test_margins_hold_every_level_every_month_and_every_outcome() -> None:
    frame = pd.DataFrame(
        [(v, m, w, 1 + i) for i, (v, m, w) in enumerate(itertools.product(["v1", "v2", "v3"], ["m1", "m2"], OUTCOMES))],
        columns=["place", "month", "outcome", "n"],
    )
    parents = {"v1": "t1", "v2": "t1", "v3": "t2", "t1": "d", "t2": "d"}
    made = margins(frame, value="n", keys={"place": parents, "month": None, "outcome": OUTCOMES})
    assert len(made.cells) == 6 * 3 * 3 and made.cells["leaf"].sum() == 12
    assert not (made.constraints @ made.values).any()
    cells = made.cells.assign(n=made.values).set_index(["place", "month", "outcome"])["n"]
    assert cells["d", "total", "answered"] == frame["n"].sum()
    assert (
        cells["t1", "m2", "satisfied"]
        == frame.query("place in ('v1', 'v2') and month == 'm2' and outcome == 'satisfied'")["n"].sum()
    )
    # Sums of the three keys: 3 of the places over 3 × 3, 1 of the months over 6 × 3, 1 of the outcomes over 6 × 3.
    assert made.constraints.shape == (27 + 18 + 18, 54)


def test_a_rate_gives_away_the_remainder_and_the_audit_sees_it() -> None:
    frame = pd.DataFrame({"outcome": list(OUTCOMES), "n": [39, 1]})
    made = margins(frame, value="n", keys={"outcome": OUTCOMES})
    hidden = made.cells["outcome"].eq("dissatisfied").to_numpy()
    assert audit(made.values, hidden, made.constraints).exposed.sum() == 1
    both = suppress(made.values, made.constraints, hidden, shown=made.cells["outcome"].eq("answered"))
    assert made.cells["outcome"][both.added].tolist() == ["satisfied"]


def test_the_smallest_helpful_cell_is_hidden_and_the_zero_is_left() -> None:
    made = margins(pd.DataFrame({"p": list("abcd"), "n": [3, 0, 9, 80]}), value="n", keys={"p": None})
    found = suppress(made.values, made.constraints, made.cells["p"].eq("a"))
    assert made.cells["p"][found.added].tolist() == ["c"]


def test_cells_that_must_be_shown_are_never_hidden_and_what_cannot_be_protected_is_said() -> None:
    made = margins(pd.DataFrame({"p": ["a", "b"], "n": [2, 1]}), value="n", keys={"p": None})
    total = made.cells["p"].eq("total").to_numpy()
    found = suppress(made.values, made.constraints, made.cells["p"].eq("a"), shown=total)
    assert not found.hidden[total].any()
    assert made.cells["p"][found.unprotected].tolist() == ["a"]
    assert made.cells["p"][found.added].tolist() == ["b"]
    alone = margins(pd.DataFrame({"p": ["a"], "n": [2]}), value="n", keys={"p": None})
    stuck = suppress(alone.values, alone.constraints, [True, False], shown=[False, True])
    assert stuck.unprotected.tolist() == [True, False]


def test_a_cell_that_no_sum_holds_is_unbounded_and_nothing_hidden_gives_the_values() -> None:
    nothing = audit([3, 4], [True, False], np.zeros((0, 2)))
    assert nothing.high.tolist() == [np.inf, 4] and nothing.low.tolist() == [0, 4] and not nothing.exposed.any()
    sums = margins(pd.DataFrame({"p": ["a", "b"], "n": [2, 7]}), value="n", keys={"p": None})
    open_ended = audit(sums.values, made_of(sums, "a", "total"), sums.constraints)
    assert open_ended.low.tolist() == [0, 7, 7] and open_ended.high.tolist() == [np.inf, 7, np.inf]
    made = crossed([[1, 2], [3, 4]])
    shown = audit(made.values, np.zeros(9, dtype=bool), made.constraints)
    assert (shown.low == made.values).all() and (shown.high == made.values).all()
    empty = margins(pd.DataFrame({"p": [], "n": []}), value="n", keys={"p": None})
    assert not suppress(empty.values, empty.constraints, []).hidden.any()


def test_a_district_of_407_villages_is_audited_and_protected() -> None:
    random = np.random.default_rng(1)
    villages = [f"v{i:03d}" for i in range(407)]
    parents = {v: f"t{i % 25:02d}" for i, v in enumerate(villages)} | {f"t{i:02d}": "d" for i in range(25)}
    frame = pd.DataFrame({"place": villages, "n": random.negative_binomial(1, 1 / 40, 407)})
    made = margins(frame, value="n", keys={"place": parents})
    primary = (made.values > 0) & (made.values < 5)
    assert primary.sum() > 20 and audit(made.values, primary, made.constraints, protect=5).exposed.any()
    found = suppress(made.values, made.constraints, primary, shown=~made.cells["leaf"])
    assert not found.unprotected.any() and 0 < found.added.sum() < primary.sum()
    assert not audit(made.values, found.hidden, made.constraints, protect=5).exposed[primary].any()


def test_what_does_not_fit_is_refused_in_both_languages() -> None:
    made = crossed([[1, 2], [3, 4]])
    hidden = np.zeros(9, dtype=bool)
    for values in (-made.values, made.values + 0.5, made.values * np.nan):
        with pytest.raises(CountError):
            audit(values, hidden, made.constraints)
    wrong = made.values.copy()
    wrong[0] += 1
    for arguments in ((wrong, hidden, made.constraints), (made.values, hidden[:3], made.constraints)):
        with pytest.raises(MethodError) as error:
            audit(*arguments)
        assert error.value.zh and error.value.en
    frame = pd.DataFrame({"p": ["a", "t"], "n": [1, 2]})
    for parents in ({"a": "t"}, {"a": "b", "b": "a"}):
        with pytest.raises(MethodError):
            margins(frame, value="n", keys={"p": parents})
    with pytest.raises(CountError):
        margins(frame.assign(n=[1, -2]), value="n", keys={"p": None})
