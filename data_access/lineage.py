"""Which place a closed place's history is counted under.

Events keep the place they were filed under. A place that was merged, split or given another code names its successor;
successors are followed to the end of the chain, and counts, registers and revisions are those of the last one. A place
that was closed without a successor keeps what it has under itself: it is no longer listed, and the places above it
still hold its figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.tables import inspection_result, issue, measurement, place, site

Cells = dict[str, set[tuple[str, int]]]
"""Source of counts → cells (place code, month YYYYMM)."""


def final_successors(connection: Connection) -> dict[str, str]:
    """Every closed place with a successor, mapped to the place that carries its history in the end."""
    known = sa.select(place.c.code, place.c.successor).where(place.c.successor.is_not(None))
    return ends_of_chains({code: heir for code, heir in connection.execute(known)})


def counted_under(column: Any, heirs: Mapping[str, str]) -> Any:
    """SQL: the place that carries the history of the place in `column`; `heirs` as :func:`final_successors` gives."""
    return sa.case(dict(heirs), value=column, else_=column) if heirs else column


def ends_of_chains(successors: Mapping[str, str]) -> dict[str, str]:
    """Each code mapped to the end of its chain of successors. Raises ValueError where a chain bites its own tail."""
    ends = {}
    for code in successors:
        end, seen = code, {code}
        while end in successors:
            end = successors[end]
            if end in seen:
                raise ValueError(f"The successors of place {code} lead back to {end}.")
            seen.add(end)
        ends[code] = end
    return ends


def predecessors_by_place(heirs: Mapping[str, str]) -> dict[str, list[str]]:
    """The closed places whose history each place carries, by code; `heirs` as `final_successors` gives them."""
    before: dict[str, list[str]] = defaultdict(list)
    for code in sorted(heirs):
        before[heirs[code]].append(code)
    return dict(before)


def cells_moved(connection: Connection, before: Mapping[str, str], after: Mapping[str, str]) -> Cells:
    """The cells of the counts that a change of successors touches: those that lose something and those that gain it.

    `before` and `after` are the final successors before and after the change.
    """
    moved = {
        code: {before.get(code, code), after.get(code, code)}
        for code in before.keys() | after.keys()
        if before.get(code, code) != after.get(code, code)
    }
    cells: Cells = {"issues": set(), "inspections": set(), "measurements": set()}
    if not moved:
        return cells
    for source, table in (("issues", issue), ("measurements", measurement)):
        filed = sa.select(table.c.place_code, table.c.month).where(
            table.c.superseded_by.is_(None), table.c.place_code.in_(sorted(moved))
        )
        for code, month in connection.execute(filed.distinct()):
            cells[source] |= {(place_code, month) for place_code in moved[code]}
    with_sites = sa.select(site.c.place_code).where(site.c.place_code.in_(sorted(moved))).distinct()
    ends = set().union(*(moved[code] for code in connection.execute(with_sites).scalars()))
    inspected = sa.select(inspection_result.c.month).where(inspection_result.c.superseded_by.is_(None)).distinct()
    months = connection.execute(inspected).scalars().all()
    cells["inspections"] = {(code, month) for code in ends for month in months}
    return cells
