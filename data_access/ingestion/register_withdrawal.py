"""Registers after a withdrawn batch: what was known before it stands again, what only it had brought goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.errors import UserError
from data_access.ingestion.place_rows import project_places, stored_places
from data_access.ingestion.register_history import version_values
from data_access.ingestion.register_rows import DETAILS, open_months, project_sites, stored_sites
from data_access.ingestion.written_rows import Written
from data_access.tables import (
    inspection_result,
    issue,
    measurement,
    name_alias,
    place,
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
        project_places(connection, frame, stored_places(connection), written)
    else:
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


def _remove_places(connection: Connection, source: str, codes: list[str], written: Written) -> None:
    gates = {code for code in codes if len(code) == 12}
    facts = [(issue, "place_code"), (inspection_result, "place_code"), (measurement, "place_code")]
    used = _in_use(connection, codes, facts, alive=False)
    others = sa.select(site.c.place_code).where(site.c.kind != "village_gate", site.c.place_code.in_(codes))
    used |= set(connection.execute(others.distinct()).scalars())
    children = sa.select(place.c.parent).where(place.c.parent.in_(codes), place.c.code.not_in(codes))
    used |= set(connection.execute(children.distinct()).scalars())
    if used:
        raise _refuse(used)
    written.touch("inspections", open_months(connection, gates))
    connection.execute(site.delete().where(site.c.code.in_(sorted(gates)), site.c.kind == "village_gate"))
    for table, column in ((place_code, "place"), (name_alias, "place_code"), (name_alias, "township")):
        connection.execute(table.delete().where(table.c[column].in_(codes)))
    for level in reversed(LEVELS):
        connection.execute(place.delete().where(place.c.code.in_(codes), place.c.level == level))
