"""A change of places taken back: the register, the names and every count are as they were before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.audit_log import record
from data_access.engine import writing
from data_access.errors import UserError
from data_access.ingestion.place_closings import gate_until
from data_access.lineage import final_successors
from data_access.place_change_steps import count_after, move_people
from data_access.releases import DataVersion
from data_access.tables import (
    boundary_shape,
    inspection_result,
    issue,
    measurement,
    name_alias,
    place,
    place_change,
    place_change_part,
    place_code,
    register_row,
    site,
)

_LONGEST = 120


def undo_change(engine: Engine, change_id: int, by: str, *, at: str = "") -> DataVersion:
    """Undo one change of places, as one transaction; the data version that follows.

    Only the newest change of a place can be undone, and only while nothing rests on the villages that began with it.
    Such a village leaves the register; the undone change keeps its name, under the code of the village before it.

    Raises
    ------
    UserError
        When there is no such change, it was undone before, a later change or the register rests on it, or cases,
        inspections, measurements, sites or boundaries name a village that began with it.
    """
    with writing(engine) as connection:
        change, parts = _standing_change(connection, change_id)
        codes = {code for part in parts for code in (part.before_code, part.after_code)}
        _refuse_later(connection, change_id, codes)
        closed = _closed_by(connection, change, parts)
        begun = _begun_by(connection, change, parts)
        _refuse_used(connection, begun)
        heirs = final_successors(connection)
        if change.kind != "split":
            move_people(connection, closed, begun, back=True)
        reopened = {"valid_to": None, "successor": None}
        connection.execute(place.update().where(place.c.code.in_(sorted(closed))).values(**reopened))
        gates = sa.and_(site.c.code.in_(sorted(closed)), site.c.kind == "village_gate")
        connection.execute(site.update().where(gates).values(registered_to=gate_until(None)))
        _names_back(connection, change, parts)
        connection.execute(site.delete().where(site.c.code.in_(sorted(begun)), site.c.kind == "village_gate"))
        version = count_after(connection, heirs, {*closed, *begun})
        _drop(connection, change_id, begun, parts)
        undone = {"undone_at": dt.datetime.now(dt.UTC).replace(tzinfo=None), "undone_by": by[:120]}
        connection.execute(place_change.update().where(place_change.c.id == change_id).values(**undone))
        record(connection, who=by, action="undo_place_change", subject=f"change {change_id}", origin=at)
        return version


def _standing_change(connection: Connection, change_id: int) -> tuple[Any, Sequence[Any]]:
    change = connection.execute(sa.select(place_change).where(place_change.c.id == change_id)).first()
    if change is None:
        raise UserError(
            zh=f"没有编号为 {change_id} 的变更；请查看变更列表。",
            en=f"There is no change {change_id}; see the list of changes.",
        )
    if change.undone_at is not None:
        raise UserError(
            zh=f"变更 {change_id} 已由 {change.undone_by} 撤销。",
            en=f"Change {change_id} was undone before, by {change.undone_by}.",
        )
    parts = sa.select(place_change_part).where(place_change_part.c.change_id == change_id)
    return change, connection.execute(parts.order_by(place_change_part.c.before_code)).all()


def _refuse_later(connection: Connection, change_id: int, codes: set[str]) -> None:
    p = place_change_part.c
    later = (
        sa.select(place_change.c.id, place_change.c.happened_on)
        .join(place_change_part, p.change_id == place_change.c.id)
        .where(
            place_change.c.id > change_id, place_change.c.undone_at.is_(None),
            sa.or_(p.before_code.in_(sorted(codes)), p.after_code.in_(sorted(codes))),
        )
        .order_by(place_change.c.id.desc())
    )  # fmt: skip
    row = connection.execute(later).first()
    if row is not None:
        raise UserError(
            zh=f"这些村社之后又登记了变更 {row.id}（{row.happened_on}）；请先撤销那一次。",
            en=f"Change {row.id} of {row.happened_on} was entered for these places since; undo that one first.",
        )


def _closed_by(connection: Connection, change: Any, parts: Sequence[Any]) -> dict[str, str]:
    """The places the change closed, with their successors; refused where the register says otherwise by now."""
    last_day = change.happened_on - dt.timedelta(days=1)
    staying = {part.before_code for part in parts if part.before_code == part.after_code}
    heirs = {part.before_code: part.after_code for part in parts if part.carries_history}
    closed = {code: heir for code, heir in heirs.items() if code not in staying}
    for code, heir in closed.items():
        row = connection.execute(sa.select(place).where(place.c.code == code)).one()
        if (row.valid_to, row.successor) != (last_day, heir):
            raise UserError(
                zh=f"“{row.name}”的终止日期或继任单位此后已改动，不能撤销；请先更正区划名录。",
                en=f"The end or the successor of '{row.name}' was changed since; correct the register of places first.",
            )
    return closed


def _begun_by(connection: Connection, change: Any, parts: Sequence[Any]) -> set[str]:
    """The villages that began with the change and so leave with it."""
    after = {part.after_code for part in parts if part.after_code not in {one.before_code for one in parts}}
    began = sa.select(place.c.code).where(place.c.code.in_(sorted(after)), place.c.valid_from == change.happened_on)
    return set(connection.execute(began).scalars())


def _refuse_used(connection: Connection, begun: set[str]) -> None:
    """A village that anything was filed under since does not leave."""
    codes = sorted(begun)
    uses = (
        ("工单", "cases", issue.c.place_code.in_(codes)),
        ("检查结果", "inspection results", inspection_result.c.place_code.in_(codes)),
        ("监测值", "measurements", measurement.c.place_code.in_(codes)),
        ("小区或企业", "estates or firms", sa.and_(site.c.place_code.in_(codes), site.c.kind != "village_gate")),
        ("边界", "boundaries", boundary_shape.c.place_code.in_(codes)),
        ("区划名录中的登记", "rows of the register of places",
         sa.and_(register_row.c.source == "places", register_row.c.superseded_by.is_(None),
                 register_row.c.code.in_(codes))),
    )  # fmt: skip
    for zh, en, names_it in uses:
        count = connection.execute(sa.select(sa.func.count()).where(names_it)).scalar_one()
        if count:
            some = "、".join(connection.execute(sa.select(place.c.name).where(place.c.code.in_(codes))).scalars())
            raise UserError(
                zh=f"新村社“{some}”名下已有 {count} 条{zh}，不能撤销这次变更；请先撤回带来它们的批次。",
                en=f"{count} {en} already name the new village '{some}', so this change cannot be undone; withdraw "
                "the batches that brought them first.",
            )


def _names_back(connection: Connection, change: Any, parts: Sequence[Any]) -> None:
    """The old name of a place that went on under another, and no longer the names that the change remembered."""
    codes = {code for part in parts for code in (part.before_code, part.after_code)}
    mine = sa.and_(name_alias.c.place_code.in_(sorted(codes)), name_alias.c.confirmed_at == change.entered_at)
    kept = list(connection.execute(sa.select(name_alias.c.name).where(mine)).scalars())
    connection.execute(name_alias.delete().where(mine))
    for part in parts:
        if change.kind == "rename" and part.before_code == part.after_code:
            short = next((name for name in kept if name != part.name_before), None)
            short = short or _registered_short_name(connection, part.before_code, part.name_before)
            names = {"name": part.name_before, "short_name": short}
            connection.execute(place.update().where(place.c.code == part.before_code).values(**names))
            gate = sa.and_(site.c.code == part.before_code, site.c.kind == "village_gate")
            connection.execute(site.update().where(gate).values(name=part.name_before))


def _registered_short_name(connection: Connection, code: str, name: str) -> str:
    """The short name that the register gives the place under that name; the name itself where it gives none."""
    r = register_row.c
    version = sa.select(r.content).where(r.source == "places", r.code == code, r.superseded_by.is_(None))
    content = connection.execute(version).scalar() or {}
    return str(content.get("short_name") or name) if content.get("name") == name else name


def _drop(connection: Connection, change_id: int, begun: set[str], parts: Sequence[Any]) -> None:
    """The villages that began leave the register; the parts that named them keep their names."""
    p = place_change_part.c
    for before in {part.before_code for part in parts if part.after_code in begun}:
        gone = [part for part in parts if part.before_code == before and part.after_code in begun]
        where = sa.and_(p.change_id == change_id, p.before_code == before)
        stays = any(part.before_code == part.after_code == before for part in parts)
        connection.execute(place_change_part.delete().where(where, p.after_code.in_([one.after_code for one in gone])))
        if not stays:
            names = "、".join(one.name_after for one in gone)[:_LONGEST]
            connection.execute(
                place_change_part.insert().values(
                    change_id=change_id, before_code=before, after_code=before, name_before=gone[0].name_before,
                    name_after=names, carries_history=any(one.carries_history for one in gone),
                )
            )  # fmt: skip
    codes = sorted(begun)
    # Changes of these villages that were undone before have nothing left to name.
    connection.execute(place_change_part.delete().where(sa.or_(p.before_code.in_(codes), p.after_code.in_(codes))))
    for table, column in ((name_alias, "place_code"), (place_code, "place"), (place, "code")):
        connection.execute(table.delete().where(table.c[column].in_(codes)))
