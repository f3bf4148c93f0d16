"""The single steps of entering a change of places, inside its transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.place_closings import gate_until
from data_access.ingestion.place_rows import settlement_age
from data_access.ingestion.touched_cells import count_touched
from data_access.ingestion.written_rows import Written
from data_access.lineage import cells_moved, final_successors
from data_access.place_change_plans import NewPlace, Plan, Rename
from data_access.releases import DataVersion
from data_access.rollups import inspected_months
from data_access.tables import name_alias, place, place_change, place_change_part, place_code, site


def count_after(connection: Connection, heirs_before: Mapping[str, str], touched: set[str]) -> DataVersion:
    """Make the next data version and count anew what a change of successors moved; `touched` are places whose gate
    came, went or ended."""
    written = Written()
    for source, cells in cells_moved(connection, heirs_before, final_successors(connection)).items():
        written.touch(source, cells)
    months = connection.execute(inspected_months()).scalars().all()
    written.touch("inspections", {(code, month) for code in touched for month in months})
    return count_touched(connection, written, batch_id=None, demonstration=False)


def move_people(
    connection: Connection, closed: Mapping[str, str], begun: Collection[str], *, back: bool = False
) -> None:
    """Residents and households of closed places go to the place that carries on, and to its township where that is
    another; a village that has `begun` with the change holds the sum already. `back` takes them away again."""
    for code, heir in closed.items():
        one = connection.execute(sa.select(place).where(place.c.code == code)).one()
        gains = [] if heir in begun else [heir]
        losses: list[str] = []
        if heir[:9] != code[:9]:
            gains, losses = [*gains, heir[:9]], [code[:9]]
        if back:
            gains, losses = losses, gains
        for name in ("residents", "households"):
            people = getattr(one, name)
            for sign, codes in ((1, gains), (-1, losses)):
                known = sa.and_(place.c.code.in_(codes), place.c[name].is_not(None))
                if people is not None and codes:
                    changed = place.c[name] + sign * people
                    held = sa.case((changed < 0, 0), else_=changed)
                    connection.execute(place.update().where(known).values({name: held}))


def write_change(connection: Connection, plan: Plan, *, document: str, by: str, at: dt.datetime) -> int:
    """The change and its parts, and the places that begin with it on the register; the number of the change."""
    values = {"kind": plan.kind, "happened_on": plan.on, "document": document.strip()[:200], "entered_at": at,
              "entered_by": by[:120]}  # fmt: skip
    number = connection.execute(place_change.insert().values(**values)).inserted_primary_key
    assert number is not None
    # The places that begin must stand before the parts name them.
    for new, like in plan.new:
        _register(connection, new, like, plan)
    connection.execute(place_change_part.insert(), [{"change_id": number[0], **part.__dict__} for part in plan.parts])
    return int(number[0])


def _register(connection: Connection, new: NewPlace, like: Any, plan: Plan) -> None:
    """The new village on the register: of the kind of the one it takes after, with the people of those it replaces."""
    replaced = [code for code, heir in plan.closed.items() if heir == new.code and plan.kind != "split"]
    rows = connection.execute(sa.select(place).where(place.c.code.in_(replaced))).all()

    def shared(name: str) -> Any:
        values = {getattr(row, name) for row in rows} or {getattr(like, name)}
        return values.pop() if len(values) == 1 else None

    def total(name: str) -> int | None:
        values = [getattr(row, name) for row in rows]
        return sum(values) if values and None not in values else None

    first_days = [row.established for row in rows] or [like.established]
    established = None if None in first_days else min(first_days)
    connection.execute(
        place.insert().values(
            code=new.code, level="village", parent=new.code[:9], name=new.name, short_name=new.short_name,
            kind=like.kind, area_type=shared("area_type"), established=established,
            settlement_age=settlement_age(established), managed_by=shared("managed_by"), residents=total("residents"),
            households=total("households"), valid_from=plan.on,
        )
    )  # fmt: skip
    connection.execute(place_code.insert().values(system="NBS", code=new.code, place=new.code))


def open_gate(connection: Connection, new: NewPlace, like: Any, on: dt.date) -> None:
    """The gate of a village that begins, on the register from its first month."""
    gates = sa.select(site.c.batch_id).where(site.c.code == like.code)
    batch_id = connection.execute(gates).scalar_one()
    connection.execute(
        site.insert().values(
            code=new.code, kind="village_gate", name=new.name, place_code=new.code,
            registered_from=on.year * 100 + on.month, batch_id=batch_id,
        )
    )  # fmt: skip


def close_place(connection: Connection, code: str, heir: str, on: dt.date) -> None:
    """End a place on the day before `on`, and with it the gate of a village."""
    last_day = on - dt.timedelta(days=1)
    connection.execute(place.update().where(place.c.code == code).values(valid_to=last_day, successor=heir))
    gate = sa.and_(site.c.code == code, site.c.kind == "village_gate")
    connection.execute(site.update().where(gate).values(registered_to=gate_until(last_day)))


def keep_names(connection: Connection, code: str, heir: str, *, by: str, at: dt.datetime) -> None:
    """A closed village is found by its name in its own township; a successor elsewhere is found by it there too."""
    if heir[:9] == code[:9]:
        return
    one = connection.execute(sa.select(place.c.name, place.c.short_name).where(place.c.code == code)).one()
    for name in dict.fromkeys(one):
        remember(connection, heir[:9], name, heir, by=by, at=at)


def rename_in_place(connection: Connection, to: Rename, *, by: str, at: dt.datetime) -> None:
    """Another name for a place that goes on; the old names stay known."""
    one = connection.execute(sa.select(place).where(place.c.code == to.code)).one()
    values = {"name": to.name, "short_name": to.short_name}
    connection.execute(place.update().where(place.c.code == to.code).values(**values))
    gate = sa.and_(site.c.code == to.code, site.c.kind == "village_gate")
    connection.execute(site.update().where(gate).values(name=to.name))
    for name in dict.fromkeys((one.name, one.short_name)):
        remember(connection, one.parent, name, to.code, by=by, at=at)


def remember(connection: Connection, above: str, name: str, code: str, *, by: str, at: dt.datetime) -> None:
    """One more name of a place; what somebody said of that name before stays."""
    known = sa.and_(name_alias.c.township == above, name_alias.c.name == name)
    if connection.execute(sa.select(name_alias.c.name).where(known)).first() is None:
        values = {"township": above, "name": name, "place_code": code, "confirmed_by": by[:120], "confirmed_at": at}
        connection.execute(name_alias.insert().values(**values))
