"""Registers after a withdrawn batch: what was known before it stands again, what only it had brought goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.errors import UserError
from data_access.ingestion.place_closings import CLOSING_FIELDS, standing_changes
from data_access.ingestion.place_rows import project_places, stored_places
from data_access.ingestion.register_history import version_values
from data_access.ingestion.register_rows import DETAILS, open_months, project_sites, stored_sites
from data_access.ingestion.row_positions import POSITION_FIELDS
from data_access.ingestion.written_rows import Written
from data_access.tables import (
    inspection_result,
    issue,
    measurement,
    name_alias,
    place,
    place_change_part,
    place_code,
    register_row,
    site,
)
from data_access.words import LEVELS

OFF_THE_REGISTER = 190001
_STEP = 500


def put_back_registers(connection: Connection, source: str, codes: Iterable[str], written: Written) -> None:
    """Make the registers say what the current versions of `codes` say; codes without one leave the register.

    Raises
    ------
    UserError
        When issues, inspections, measurements or other registers that still stand rest on a code that would leave.
    """
    versions: dict[str, Any] = {}
    wanted = sorted(codes)
    for start in range(0, len(wanted), _STEP):
        current = sa.select(register_row.c.code, register_row.c.content, register_row.c.batch_id).where(
            register_row.c.source == source,
            register_row.c.superseded_by.is_(None),
            register_row.c.code.in_(wanted[start : start + _STEP]),
        )
        versions |= {row.code: row for row in connection.execute(current)}
    left = [code for code in wanted if code not in versions]
    if left:
        (_remove_places if source == "places" else _remove_sites)(connection, source, left, written)
    if not versions:
        return
    frame = pd.DataFrame(
        [{**version_values(row.content), "batch_id": row.batch_id} for row in versions.values()], dtype=object
    )
    frame = frame.astype(object).where(frame.notna(), None)
    if source == "places":
        order = {level: position for position, level in enumerate(LEVELS)}
        frame = frame.assign(_order=frame["level"].map(order)).sort_values(["_order", "code"])
        frame = frame.assign(**{name: None for name in CLOSING_FIELDS if name not in frame})
        project_places(connection, _as_entered(connection, frame), stored_places(connection), written)
        _refuse_lost_successors(connection)
    else:
        frame = frame.assign(**{name: None for name in POSITION_FIELDS if name not in frame})
        project_sites(connection, source, frame, stored_sites(connection, source), written)


def _in_use(
    connection: Connection, codes: list[str], columns: Iterable[tuple[sa.Table, str]], *, alive: bool
) -> set[str]:
    """Those of the codes that a row names; `alive`: that a current row names."""
    used: set[str] = set()
    for table, name in columns:
        for start in range(0, len(codes), _STEP):
            here = table.c[name].in_(codes[start : start + _STEP])
            if alive and "superseded_by" in table.c:
                here = sa.and_(here, table.c.superseded_by.is_(None))
            used |= set(connection.execute(sa.select(table.c[name]).where(here).distinct()).scalars())
    return used


def _refuse(used: set[str]) -> UserError:
    some = "、".join(sorted(used)[:5])
    return UserError(
        zh=f"这一批次登记的 {len(used)} 个编号（如 {some}）仍被工单、检查或其他名录引用，不能撤回；"
        "请先撤回引用它们的批次。",
        en=f"{len(used)} codes that this batch registered ({some}) are still named by cases, inspections or other "
        "registers; withdraw those batches first.",
    )


def _remove_sites(connection: Connection, source: str, codes: list[str], written: Written) -> None:
    details, _ = DETAILS[source]
    named = [(inspection_result, "site_code"), (issue, "estate_code" if source == "estates" else "firm_code")]
    used = _in_use(connection, codes, named, alive=True)
    if used:
        raise _refuse(used)
    remembered = _in_use(connection, codes, named, alive=False)  # history still names them: off the register, not gone
    for start in range(0, len(codes), _STEP):
        part = codes[start : start + _STEP]
        villages = set(connection.execute(sa.select(site.c.place_code).where(site.c.code.in_(part))).scalars())
        written.touch("inspections", open_months(connection, villages))
        gone = [code for code in part if code not in remembered]
        connection.execute(details.delete().where(details.c.code.in_(gone)))
        connection.execute(site.delete().where(site.c.code.in_(gone)))
        kept = site.c.code.in_([code for code in part if code in remembered])
        off = {"registered_from": OFF_THE_REGISTER, "registered_to": OFF_THE_REGISTER}
        connection.execute(site.update().where(kept).values(**off))


def _as_entered(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """The versions with what was entered as a change of places since: it stands until that change is undone."""
    stored, standing = stored_places(connection), standing_changes(connection)
    kept = {
        **dict.fromkeys(standing["closed"], CLOSING_FIELDS),
        **dict.fromkeys(standing["named"], ("name", "short_name", "former_name")),
    }
    rows = frame.to_dict("records")
    for row in rows:
        for name in kept.get(row["code"], ()):
            row[name] = getattr(stored[row["code"]], name, row.get(name))
    return pd.DataFrame(rows, columns=list(frame.columns), dtype=object)


def _refuse_lost_successors(connection: Connection) -> None:
    """A township that gave its history away has no village that stands; a withdrawal may not bring one back."""
    above, below = place.alias("above"), place.alias("below")
    standing = sa.select(below.c.code).join_from(below, above, above.c.code == below.c.parent).where(
        above.c.successor.is_not(None), below.c.successor.is_(None)
    )  # fmt: skip
    left = list(connection.execute(standing.limit(5)).scalars())
    if left:
        some = "、".join(left)
        raise UserError(
            zh=f"撤回后，{some} 将重新存续，而其镇街已终止；请先撤回或更正终止该镇街的名录。",
            en=f"{some} would stand again in a township that was closed; withdraw or correct the register that closed "
            "the township first.",
        )


def _remove_places(connection: Connection, source: str, codes: list[str], written: Written) -> None:
    gates = {code for code in codes if len(code) == 12}
    facts = [(issue, "place_code"), (inspection_result, "place_code"), (measurement, "place_code")]
    used = _in_use(connection, codes, facts, alive=False)
    others = sa.select(site.c.place_code).where(site.c.kind != "village_gate", site.c.place_code.in_(codes))
    used |= set(connection.execute(others.distinct()).scalars())
    heirs = sa.select(place.c.successor).where(place.c.successor.in_(codes), place.c.code.not_in(codes))
    used |= set(connection.execute(heirs.distinct()).scalars())
    for column in (place_change_part.c.before_code, place_change_part.c.after_code):
        used |= set(connection.execute(sa.select(column).where(column.in_(codes)).distinct()).scalars())
    children = sa.select(place.c.parent).where(place.c.parent.in_(codes), place.c.code.not_in(codes))
    used |= set(connection.execute(children.distinct()).scalars())
    if used:
        raise _refuse(used)
    written.touch("inspections", open_months(connection, gates))
    connection.execute(site.delete().where(site.c.code.in_(sorted(gates)), site.c.kind == "village_gate"))
    for table, column in ((place_code, "place"), (name_alias, "place_code"), (name_alias, "township")):
        connection.execute(table.delete().where(table.c[column].in_(codes)))
    connection.execute(place.update().where(place.c.code.in_(codes)).values(successor=None))
    for level in reversed(LEVELS):
        connection.execute(place.delete().where(place.c.code.in_(codes), place.c.level == level))
