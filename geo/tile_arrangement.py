"""Places put on the cells of a grid: near where they lie, neighbours beside each other, all in one piece.

Cells are counted in columns (to the east) and rows (to the south). Squares touch four others, hexagons six: hexagons
stand on a corner and every odd row is shifted half a cell to the east. The first arrangement minimises the squared
displacements (linear assignment, as in Meulemans, Dykes, Slingsby, Turkay & Wood 2017, Small multiples with gaps);
exchanges of places follow as long as they keep more neighbours together than they cost in displacement.
"""

from __future__ import annotations

import math
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Shape = Literal["square", "hexagon"]
Cell = tuple[int, int]

SPACINGS: Final = (0.7, 0.85, 1.0, 1.2, 1.45, 1.8)
"""Cell widths tried, in units of the room each place has."""

COST: Final = 0.1
"""What one squared cell of displacement costs; a pair of neighbours kept beside each other is worth 1."""

LONGEST: Final = 1.5
"""Most columns for each row of a block that is made wider than it must be."""

PASSES: Final = 30
REACH: Final = 2
HEX_STEPS: Final = frozenset({(1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1)})

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def free_arrangement(points: Floats, pairs: Indices, shape: Shape) -> Indices:
    """Cells (n × 2: column, row) for places at ``points`` (n × 2: east, south; any unit, finite).

    ``pairs`` (k × 2) are the neighbours to keep together. No two places share a cell; the cells hang together. Among
    several cell widths the one with the best balance of kept neighbours and displacement is taken; where none leaves
    the cells in one piece, wider ones are tried until one does.
    """
    spread = points - points.min(axis=0)
    extent = np.ptp(spread, axis=0)
    room = math.sqrt(max(extent[0], extent.max() / len(points)) * max(extent[1], extent.max() / len(points)))
    room = room / math.sqrt(len(points)) or 1.0
    best: tuple[float, Indices] | None = None
    factor = SPACINGS[-1]
    for tried in SPACINGS:
        best = _better(best, _spaced(spread / (room * tried), pairs, shape))
    while best is None:
        factor *= 1.5
        best = _better(best, _spaced(spread / (room * factor), pairs, shape))
    return _from_zero(best[1], shape)


def block_arrangement(points: Floats, pairs: Indices, shape: Shape) -> Indices:
    """Cells of a compact block: about square, one column wider where that leaves a smaller gap in the last row.

    Arguments and result as in :func:`free_arrangement`; both directions are stretched to fill the block. Where the
    last row is not full, the gap comes to whichever end of the first or last row keeps most neighbours.
    """
    count = len(points)
    side = math.ceil(math.sqrt(count))
    wider = -count % (side + 1) < -count % side and side + 1 <= LONGEST * math.ceil(count / (side + 1))
    columns = side + 1 if wider else side
    rows = math.ceil(count / columns)
    extent = np.ptp(points, axis=0)
    scale = np.array([columns - 1, rows - 1]) / np.where(extent > 0, extent, 1.0)
    goal = (points - points.min(axis=0)) * scale
    missing = columns * rows - count
    best: tuple[float, Indices] | None = None
    for bottom in (True, False):
        for right in (True, False) if missing else (True,):
            gap_row = rows - 1 if bottom else 0
            gap = range(columns - missing, columns) if right else range(missing)
            cells = [(c, r) for r in range(rows) for c in range(columns) if not (r == gap_row and c in gap)]
            best = _better(best, _assigned(goal, np.array(cells, dtype=np.int64), pairs, shape, moving=False))
        if not missing:
            break
    assert best is not None
    return best[1]


def middles(cells: Indices, shape: Shape) -> Floats:
    """Middles of cells (n × 2) in cell widths to the east and to the south."""
    if shape == "square":
        return cells.astype(np.float64)
    return np.column_stack([cells[:, 0] + (cells[:, 1] % 2) / 2, cells[:, 1] * (math.sqrt(3) / 2)])


def side_by_side(one: Cell, other: Cell, shape: Shape) -> bool:
    """Whether two cells share an edge."""
    if shape == "square":
        return abs(one[0] - other[0]) + abs(one[1] - other[1]) == 1
    across = (one[0] - one[1] // 2) - (other[0] - other[1] // 2)
    return (across, one[1] - other[1]) in HEX_STEPS


def connected(cells: set[Cell], shape: Shape) -> bool:
    """Whether one can walk from every cell to every other across shared edges."""
    if not cells:
        return True
    seen, stack = set(), [min(cells)]
    while stack:
        cell = stack.pop()
        if cell in seen:
            continue
        seen.add(cell)
        stack += [beside for beside in _around(cell, 1) if beside in cells and side_by_side(cell, beside, shape)]
    return len(seen) == len(cells)


def _spaced(goal: Floats, pairs: Indices, shape: Shape) -> tuple[float, Indices] | None:
    """The best arrangement with cells one unit wide; None where they would not hang together."""
    row_height = 1.0 if shape == "square" else math.sqrt(3) / 2
    margin = 2 + math.isqrt(len(goal))
    low = np.floor(goal.min(axis=0) / [1.0, row_height]).astype(int) - margin
    high = np.ceil(goal.max(axis=0) / [1.0, row_height]).astype(int) + margin
    columns, rows = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
    cells = np.column_stack([columns.ravel(), rows.ravel()]).astype(np.int64)
    return _assigned(goal, cells, pairs, shape, moving=True)


def _assigned(
    goal: Floats, cells: Indices, pairs: Indices, shape: Shape, *, moving: bool
) -> tuple[float, Indices] | None:
    distance = np.sum((goal[:, None, :] - middles(cells, shape)[None, :, :]) ** 2, axis=2)
    _, chosen = linear_sum_assignment(distance)
    start: list[Cell] = [(int(column), int(row)) for column, row in cells[chosen]]
    if not connected(set(start), shape):
        return None
    placed = _improved(start, goal, pairs, shape, moving=moving)
    final = np.array(placed, dtype=np.int64)
    displaced = float(np.sum((goal - middles(final, shape)) ** 2))
    kept = sum(side_by_side(placed[one], placed[other], shape) for one, other in pairs.tolist())
    return kept - COST * displaced, final


def _improved(start: list[Cell], goal: Floats, pairs: Indices, shape: Shape, *, moving: bool) -> list[Cell]:
    """Exchanges with places nearby, and moves to empty cells nearby, as long as each is a gain."""
    placed = list(start)
    friends: list[set[int]] = [set() for _ in placed]
    for one, other in pairs.tolist():
        friends[one].add(other)
        friends[other].add(one)
    holder = {cell: number for number, cell in enumerate(placed)}
    goals = goal.tolist()

    def worth(number: int, cell: Cell, elsewhere: dict[int, Cell]) -> float:
        """Kept neighbours less displacement of one place in ``cell``, with some others put elsewhere."""
        kept = sum(side_by_side(cell, elsewhere.get(friend, placed[friend]), shape) for friend in friends[number])
        x, y = _middle(cell, shape)
        return kept - COST * ((goals[number][0] - x) ** 2 + (goals[number][1] - y) ** 2)

    for _ in range(PASSES):
        changed = False
        for number in range(len(placed)):
            for cell in _around(placed[number], REACH):
                other = holder.get(cell)
                if other is None and not moving:
                    continue
                here = placed[number]
                moved = {number: cell} if other is None else {number: cell, other: here}
                before = sum(worth(who, placed[who], {}) for who in moved)
                gain = sum(worth(who, to, moved) for who, to in moved.items()) - before
                if gain <= 1e-9 or (other is None and not connected({*holder, cell} - {here}, shape)):
                    continue
                for who, to in moved.items():
                    placed[who], holder[to] = to, who
                if other is None:
                    del holder[here]
                changed = True
        if not changed:
            break
    return placed


def _middle(cell: Cell, shape: Shape) -> tuple[float, float]:
    if shape == "square":
        return float(cell[0]), float(cell[1])
    return cell[0] + (cell[1] % 2) / 2, cell[1] * (math.sqrt(3) / 2)


def _around(cell: Cell, reach: int) -> list[Cell]:
    steps = range(-reach, reach + 1)
    return [(cell[0] + right, cell[1] + down) for down in steps for right in steps if right or down]


def _better(best: tuple[float, Indices] | None, found: tuple[float, Indices] | None) -> tuple[float, Indices] | None:
    return found if found is not None and (best is None or found[0] > best[0] + 1e-9) else best


def _from_zero(cells: Indices, shape: Shape) -> Indices:
    """Columns and rows counted from 0; with hexagons rows keep their parity, so the first may be 1."""
    low = cells.min(axis=0)
    if shape == "hexagon":
        low[1] -= low[1] % 2
    return cells - low
