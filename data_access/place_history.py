"""Reads about changes of places: the list of them, notes for charts, and what a change not entered yet would do.

A place closed by the register of places is a change as well: one that no steward entered, and that only the register
takes back.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.engine import count_rows_read, reading
from data_access.lineage import final_successors, predecessors_by_place
from data_access.permissions import Scope
from data_access.place_change_plans import Change, Part, plan_change
from data_access.tables import inspection_result, issue, measurement, place, place_change, place_change_part, site

NOTE_COLUMNS: Final = ("place", "on", "kind", "before", "after", "document")
_FACTS: Final = {"issues": issue, "inspections": inspection_result, "measurements": measurement}


@dataclass(frozen=True)
class PlaceChange:
    """One change of places.

    `id` is None for places that the register of places closed. `undoable` says whether no later change of the same
    places stands. Times are UTC without zone; `entered_at` is None for the register's.
    """

    id: int | None
    kind: str
    on: dt.date
    document: str
    entered_at: dt.datetime | None
    entered_by: str
    undone_at: dt.datetime | None
    undone_by: str | None
    parts: tuple[Part, ...]
    undoable: bool


@dataclass(frozen=True)
class Moving:
    """What one place that ends hands over, with all it had taken over itself: current cases, inspection results,
    measurements, sites on the registers without the gate, and the first and last month (YYYYMM) of any of them."""

    code: str
    name: str
    heir: str
    heir_name: str
    issues: int
    inspections: int
    measurements: int
    sites: int
    first_month: int | None
    last_month: int | None


@dataclass(frozen=True)
class Preview:
    """What a change would do: its parts, what moves, the villages that begin (code, name), and by how many cases the
    total of each township would change (code, name, cases) — only townships whose total does change."""

    kind: str
    on: dt.date
    parts: tuple[Part, ...]
    moving: tuple[Moving, ...]
    begins: tuple[tuple[str, str], ...]
    townships: tuple[tuple[str, str, int], ...]


def preview_change(engine: Engine, change: Change, *, on: dt.date) -> Preview:
    """What a change would do, without doing it. Raises PlaceChangeError like entering it."""
    with reading(engine) as connection:
        plan = plan_change(connection, change, on=on)
        before = predecessors_by_place(final_successors(connection))
        names = dict(connection.execute(sa.select(place.c.code, place.c.name)).all())
        names |= {new.code: new.name for new, _ in plan.new}
        moving = tuple(
            Moving(code, names[code], heir, names[heir], **_held(connection, [code, *before.get(code, [])]))
            for code, heir in plan.closed.items()
        )
    shifts: dict[str, int] = defaultdict(int)
    for one in moving:
        if one.code[:9] != one.heir[:9]:
            shifts[one.code[:9]] -= one.issues
            shifts[one.heir[:9]] += one.issues
    townships = tuple((code, names[code], shift) for code, shift in sorted(shifts.items()) if shift)
    begins = tuple((new.code, new.name) for new, _ in plan.new)
    return Preview(plan.kind, on, plan.parts, moving, begins, townships)


def _held(connection: Connection, codes: list[str]) -> dict[str, Any]:
    held: dict[str, Any] = {}
    months: list[int] = []
    for name, table in _FACTS.items():
        mine = sa.and_(table.c.place_code.in_(codes), table.c.superseded_by.is_(None))
        counted = sa.select(sa.func.count(), sa.func.min(table.c.month), sa.func.max(table.c.month)).where(mine)
        held[name], *ends = connection.execute(counted).one()
        months += [month for month in ends if month is not None]
    sites = sa.select(sa.func.count()).where(site.c.place_code.in_(codes), site.c.kind != "village_gate")
    held["sites"] = connection.execute(sites).scalar_one()
    return held | {"first_month": min(months, default=None), "last_month": max(months, default=None)}


def read_changes(engine: Engine) -> list[PlaceChange]:
    """All changes of places, the newest day first; undone ones keep their place. For data stewards."""
    with reading(engine) as connection:
        changes = [*_entered(connection), *_registered(connection)]
    count_rows_read(sum(len(one.parts) for one in changes))
    return sorted(changes, key=lambda one: (one.on, one.id or 0), reverse=True)


def _entered(connection: Connection) -> list[PlaceChange]:
    p = place_change_part.c
    parts: dict[int, list[Part]] = defaultdict(list)
    names = ("before_code", "after_code", "name_before", "name_after", "carries_history")
    listed = sa.select(p.change_id, *(p[name] for name in names)).order_by(p.change_id, p.before_code, p.after_code)
    for number, *values in connection.execute(listed):
        parts[number].append(Part(*values))
    found: list[PlaceChange] = []
    touched: set[str] = set()  # by a later change that stands
    for row in connection.execute(sa.select(place_change).order_by(place_change.c.id.desc())):
        own = tuple(parts.get(row.id, ()))
        if not own:
            continue
        codes = {code for part in own for code in (part.before_code, part.after_code)}
        standing = row.undone_at is None
        found.append(
            PlaceChange(row.id, row.kind, row.happened_on, row.document, row.entered_at, row.entered_by,
                        row.undone_at, row.undone_by, own, standing and not codes & touched)
        )  # fmt: skip
        touched |= codes if standing else set()
    return found


def _registered(connection: Connection) -> list[PlaceChange]:
    """What only the register of places says: one change for each successor and day."""
    p = place_change_part.c
    entered = (
        sa.select(p.before_code)
        .join(place_change, place_change.c.id == p.change_id)
        .where(place_change.c.undone_at.is_(None), p.before_code != p.after_code)
    )
    after = place.alias("after")
    closed = (
        sa.select(place.c.code, place.c.name, place.c.valid_to, after.c.code.label("heir"),
                  after.c.name.label("heir_name"), after.c.valid_from.label("began"))
        .join(after, after.c.code == place.c.successor)
        .where(place.c.code.not_in(entered))
        .order_by(place.c.code)
    )  # fmt: skip
    groups: dict[tuple[str, dt.date], list[Any]] = defaultdict(list)
    for row in connection.execute(closed):
        groups[row.heir, row.valid_to + dt.timedelta(days=1)].append(row)
    changes = []
    for (_, on), rows in groups.items():
        kind = "rename" if len(rows) == 1 and rows[0].began == on else "merge"
        parts = tuple(Part(row.code, row.heir, row.name, row.heir_name, True) for row in rows)
        changes.append(PlaceChange(None, kind, on, "", None, "", None, None, parts, False))
    return changes


def read_place_notes(engine: Engine, *, scope: Scope, within: str) -> pd.DataFrame:
    """What happened to a village, or to the villages of a township and to itself, as notes for charts.

    A change of a place whose history another carries by now is a note of that one.

    Returns
    -------
    DataFrame
        place (code), on (first day, date), kind ("merged": formed of the places before, "joined": they went into it,
        "renamed", "split": it carries on what was split, "parted": it began by a split and its earlier history is
        elsewhere), before and after (tuples of names; for "split" and "parted" `after` are the other villages, for
        "parted" the one that carries the history first), document; by day and place. Undone changes are left out.

    Raises
    ------
    NotPermitted
        When the scope does not reach the villages.
    """
    scope.check(level="village", within=within)
    with reading(engine) as connection:
        changes = [one for one in (*_entered(connection), *_registered(connection)) if one.undone_at is None]
        heirs = final_successors(connection)
        began = dict(connection.execute(sa.select(place.c.code, place.c.valid_from)).all())
    rows = []
    for change in changes:
        for code in dict.fromkeys(part.after_code for part in change.parts):
            holder = heirs.get(code, code)
            if holder.startswith(within):
                rows.append((holder, change.on, *_note(change, code, began), change.document))
    rows.sort(key=lambda row: (row[1], row[0]))
    count_rows_read(len(rows))
    return pd.DataFrame(rows, columns=list(NOTE_COLUMNS)).astype(object)


def _note(change: PlaceChange, code: str, began: dict[str, dt.date]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    own = [part for part in change.parts if part.after_code == code]
    before = tuple(dict.fromkeys(part.name_before for part in own))
    if change.kind == "merge":
        return ("merged" if began[code] >= change.on else "joined"), before, (own[0].name_after,)
    if change.kind == "rename":
        return "renamed", before, (own[0].name_after,)
    others = sorted((part for part in change.parts if part.after_code != code), key=lambda one: not one.carries_history)
    names = tuple(part.name_after for part in others)
    return ("split" if own[0].carries_history else "parted"), before, names
