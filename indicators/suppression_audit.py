"""Can a hidden figure be worked out from the figures shown beside it, and what else must be hidden so that it cannot?

Hiding the two complaints of a village is useless where the township's total and the other villages are shown: one
subtraction gives them back. Everything that is published hangs together by sums (villages add to a township, months to
a year, satisfied and dissatisfied to answered), and someone who knows the sums can bound every hidden cell by linear
programming. The *audit* does exactly that: it finds the smallest and largest value each hidden cell can have, given
all that is shown. A width of 0 is a leak; a width below the threshold is too close.

*Complementary suppression* hides further cells until every cell that has to be protected is wide enough. It goes from
cell to cell: where the value of one is too certain, it finds the cheapest set of cells (small counts first) that lets
it rise by the threshold without changing anything shown, again a linear programme; afterwards it shows again whatever
need not stay hidden. This is the classic sequential heuristic: safe, not always the fewest cells possible. Audit the
*whole* of what is published, earlier releases included: two tables, each safe by itself, may together give a cell away.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from indicators.counts import Floats, check_counts
from indicators.errors import MethodError

PROTECT = 5
SLACK = 1e-6

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


class Audit(NamedTuple):
    """Smallest and largest possible value of every cell (whole numbers; the value itself where it is shown).

    high is infinite where nothing shown limits a hidden cell. exposed marks hidden cells whose width high − low is
    below the threshold asked for.
    """

    low: Floats
    high: Floats
    exposed: Mask


class Suppression(NamedTuple):
    """Which cells to hide. hidden includes the primary ones; added are the others; unprotected are primary cells that
    stay exposed even with everything hidden that may be (empty sums, or cells that must be shown)."""

    hidden: Mask
    added: Mask
    unprotected: Mask


def audit(values: Any, hidden: Any, constraints: Any, *, protect: float = 1) -> Audit:
    """Bounds of every hidden cell from the shown cells, the constraints and counts being 0 or more.

    ``values`` (cells) are the true counts, ``hidden`` marks those that are not shown (also sums printed nowhere),
    ``constraints`` (sums × cells) is as in ``Margins``. Each connected group of hidden cells is solved apart, with
    HiGHS; bounds are rounded inwards to whole numbers. Cells are ``exposed`` where high − low < ``protect``.
    Raises CountError for impossible counts, MethodError for shapes that do not fit or sums that are wrong.

    Source: Hundepool et al. 2012, Statistical Disclosure Control, ch. 4; Fischetti & Salazar 2001, Management Science
    47:1008 (the "attacker problem").
    """
    v, mask, a = _checked(values, hidden, constraints)
    low, high = v.copy(), v.copy()
    for group in _groups(a, mask):
        low[group.cells], high[group.cells] = _bounds(group, v)
    return Audit(low, high, mask & (high - low < protect))


def suppress(values: Any, constraints: Any, primary: Any, *, protect: int = PROTECT, shown: Any = False) -> Suppression:
    """The cells to hide so that each ``primary`` cell has a width of at least ``protect`` in the audit.

    ``shown`` marks cells that must stay published (the district's total). Small counts are hidden before large ones
    (a cell costs the root of its count), zeros last: often everyone knows them to be zero. Equal choices fall to the
    earlier cell: sort the cells by name, as ``margins`` does, and the order of the data has no influence.
    Where ``protect`` cannot be reached, the widest range that can be is taken. Raises as :func:`audit`.

    Source: Zayatz 1992, US Bureau of the Census, SRD RR-92/02 (cell after cell, linear programmes); the last step is
    the "refinement run" of Massell 2001, SRD RR2001/01.
    """
    v, first, a = _checked(values, primary, constraints)
    may_hide = first | ~np.broadcast_to(np.asarray(shown, dtype=bool), v.shape)
    hidden, proof = first.copy(), {}
    for cell in sorted(np.flatnonzero(_narrow(a, v, hidden, first, protect)), key=lambda one: (-v[one], one)):
        for width in range(protect, 0, -1):
            moved = _room(a, v, hidden, may_hide, int(cell), width)
            if moved is not None:
                hidden[moved] = True
                proof[int(cell)] = (width, moved)
                break
    _refine(a, v, hidden, hidden & ~first, proof)
    for cell in np.flatnonzero(_narrow(a, v, hidden, first, protect)):
        # Rounding inwards to whole numbers may have taken up to 2 from a range with fractions.
        moved = _room(a, v, hidden, may_hide, int(cell), protect + 2)
        if moved is not None:
            hidden[moved] = True
    return Suppression(hidden, hidden & ~first, _narrow(a, v, hidden, first, protect))


def _solve(cost: Floats, **limits: Any) -> Any:
    return linprog(cost, method="highs", **limits)


class _Group(NamedTuple):
    """Hidden cells that hang together, and the constraints (rows) that hold them."""

    cells: Indices
    rows: Indices
    matrix: sparse.csr_array


def _checked(values: Any, mask: Any, constraints: Any) -> tuple[Floats, Mask, sparse.csr_array]:
    v, _ = check_counts(values, values, what="cells")
    marked = np.array(mask, dtype=bool)
    a = sparse.csr_array(constraints, dtype=np.float64)
    if v.ndim != 1 or marked.shape != v.shape or a.shape[1] != v.size:
        raise MethodError(
            zh=f"{v.size}个单元格、{marked.size}个标记与{a.shape[1]}列约束不相符；每个单元格各给一个。",
            en=f"{v.size} cells, {marked.size} marks, {a.shape[1]} columns of constraints; each cell needs one each.",
        )
    off = np.flatnonzero(np.abs(a @ v) > 1e-6)
    if off.size:
        raise MethodError(
            zh=f"第{off[0] + 1}个合计与其明细之和不符；请先更正数据。",
            en=f"The sum in row {off[0]} of the constraints is not that of its parts; correct the data first.",
        )
    return v.copy(), marked, a


def _groups(a: sparse.csr_array, hidden: Mask) -> list[_Group]:
    cells = np.flatnonzero(hidden)
    inner = sparse.csr_array(a[:, cells])
    held = np.flatnonzero(np.diff(inner.indptr))
    inner = sparse.csr_array(inner[held])
    size = len(cells) + len(held)
    row, column = inner.nonzero()
    links = sparse.csr_array((np.ones(row.size), (row + len(cells), column)), shape=(size, size))
    _, label = connected_components(links, directed=False)
    groups = []
    by_label = np.argsort(label, kind="stable")
    for members in np.split(by_label, np.flatnonzero(np.diff(label[by_label])) + 1) if len(label) else []:
        columns, rows = members[members < len(cells)], members[members >= len(cells)] - len(cells)
        groups.append(_Group(cells[columns], held[rows], sparse.csr_array(inner[rows][:, columns])))
    return groups


def _bounds(group: _Group, v: Floats, *, wanted: Mask | None = None, enough: float = np.inf) -> tuple[Floats, Floats]:
    """Least and largest value of the group's cells; exact for those ``wanted`` that are not ``enough`` wide before."""
    size = len(group.cells)
    truth = v[group.cells]
    right = group.matrix @ truth
    low, high = truth.copy(), truth.copy()
    wanted = np.ones(size, dtype=bool) if wanted is None else wanted
    if not len(group.rows):
        return np.zeros(size), np.full(size, np.inf)
    if size == 1:
        return truth, truth
    if len(group.rows) == 1 and (group.matrix.data > 0).all():
        return np.zeros(size), np.full(size, right[0])
    for i in np.flatnonzero(wanted):
        for sign in (1.0, -1.0):
            if (sign > 0 and low[i] <= 0) or np.floor(high[i] + SLACK) - np.ceil(low[i] - SLACK) >= enough:
                continue
            cost = np.zeros(size)
            cost[i] = sign
            found = _solve(cost, A_eq=group.matrix, b_eq=right, bounds=(0, None))
            if found.status == 3:
                high[i] = np.inf
            elif found.status == 0:
                # Any solution is a possible table: it widens what is known of the other cells too.
                low, high = np.minimum(low, found.x), np.maximum(high, found.x)
    return np.ceil(low - SLACK) + 0.0, np.floor(high + SLACK)


def _narrow(a: sparse.csr_array, v: Floats, hidden: Mask, asked: Mask, protect: float) -> Mask:
    """The ``asked`` cells whose width is below ``protect``."""
    narrow = np.zeros_like(hidden)
    for group in _groups(a, hidden):
        if asked[group.cells].any():
            low, high = _bounds(group, v, wanted=asked[group.cells], enough=protect)
            narrow[group.cells] = asked[group.cells] & (high - low < protect)
    return narrow


def _room(a: sparse.csr_array, v: Floats, hidden: Mask, may_hide: Mask, cell: int, width: float) -> Indices | None:
    """The cheapest cells that must be hidden for the cell to range over ``width``; None if there are none.

    Two tables are sought that agree with everything else shown and differ by ``width`` in the cell. Hidden cells cost
    next to nothing. Cells within two and three sums of the cell are tried before the whole table.
    """
    for steps in (2, 3, a.shape[0]):
        cells, rows = _near(a, cell, steps, may_hide)
        price = np.where(hidden[cells], 1e-3, np.where(v[cells] > 0, np.sqrt(v[cells]), 2 * np.sqrt(v.max() + 1)))
        matrix = sparse.csr_array(a[rows][:, cells])
        aim = sparse.csr_array((cells == cell).astype(np.float64)[None, :])
        most = np.tile(np.concatenate([np.full(len(cells), np.inf), v[cells]]), 2)
        found = _solve(
            np.tile(price, 4),
            A_eq=sparse.block_array([[matrix, -matrix, None, None], [None, None, matrix, -matrix]]),
            b_eq=np.zeros(2 * len(rows)),
            A_ub=sparse.hstack([-aim, aim, aim, -aim]),
            b_ub=[-width],
            bounds=np.column_stack([np.zeros(4 * len(cells)), most]),
        )
        if found.status == 0:
            up_1, down_1, up_2, down_2 = np.split(found.x, 4)
            return cells[(np.abs(up_1 - down_1) > SLACK) | (np.abs(up_2 - down_2) > SLACK)]
        if len(cells) == may_hide.sum():
            break
    return None


def _near(a: sparse.csr_array, cell: int, steps: int, may_hide: Mask) -> tuple[Indices, Indices]:
    """Cells that may be hidden within ``steps`` sums of the cell, and every sum they stand in."""
    pattern = abs(a)
    near = np.arange(a.shape[1]) == cell
    for _ in range(steps):
        wider = near | ((pattern.T @ (pattern @ near.astype(np.float64)) > 0) & may_hide)
        if (wider == near).all():
            break
        near = wider
    return np.flatnonzero(near), np.flatnonzero(pattern @ near.astype(np.float64))


def _refine(a: sparse.csr_array, v: Floats, hidden: Mask, added: Mask, proof: dict[int, tuple[int, Indices]]) -> None:
    """Show again, largest first, the added cells that no protected cell needs."""
    for cell in sorted(np.flatnonzero(added), key=lambda one: (-v[one], one)):
        hidden[cell] = False
        renewed = {}
        for primary, (width, moved) in proof.items():
            if cell in moved:
                other = _room(a, v, hidden, hidden, primary, width)
                if other is None:
                    hidden[cell] = True
                    break
                renewed[primary] = (width, other)
        if not hidden[cell]:
            proof.update(renewed)
