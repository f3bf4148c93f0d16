"""Reads of the registers of sites: what stands in a village and when it was last inspected."""

from __future__ import annotations

from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.engine import count_rows_read, reading
from data_access.lineage import final_successors, predecessors_by_place
from data_access.permissions import Scope
from data_access.tables import estate, firm, inspection_result, site

COLUMNS: Final = ("code", "kind", "name", "management", "households", "size", "employees", "inspected_on", "checked",
                  "passed", "recheck")  # fmt: skip


def read_sites(engine: Engine, *, scope: Scope, village: str, month: int) -> pd.DataFrame:
    """The sites of one village that are on the register in `month` (YYYYMM), each with its last inspection.

    Sites of closed villages whose history this one carries are among them. A site without a date of entry counts as
    always there. The last inspection is the newest day on which the site was looked at in this village or those,
    whatever the month; several visits on that day are added. A scope that ends earlier than
    `month` gives the register and the inspections of its last month.

    Returns
    -------
    DataFrame
        code, kind (village_gate, estate, office_building, firm), name, management and households (estates and
        buildings), size and employees (firms), inspected_on (date; None when never inspected), checked and passed
        (checklist items on that day; NaN when never inspected), recheck (True when that day held nothing but
        rechecks of failed items). By kind and code. Missing words are None, missing numbers NaN.

    Raises
    ------
    NotPermitted
        When the scope does not reach the village.
    """
    scope.check(level="village", within=village)
    month = scope.last_month(month)
    with reading(engine) as connection:
        rows = connection.execute(_statement(scope, _held_by(connection, village), month)).all()
    count_rows_read(len(rows))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("households", "employees", "checked", "passed"):
        frame[name] = pd.to_numeric(frame[name]).astype("float64")
    for name in ("management", "size", "inspected_on"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    frame["recheck"] = frame["recheck"].eq(1)
    return frame


def _held_by(connection: Connection, village: str) -> list[str]:
    """The village and the closed ones whose history it carries."""
    return [village, *predecessors_by_place(final_successors(connection)).get(village, ())]


def _statement(scope: Scope, villages: list[str], month: int) -> sa.Select:
    """The register of `villages` in `month`, each site with its last inspection there."""
    results = inspection_result.c
    here = [results.place_code.in_(villages), results.superseded_by.is_(None)]
    if scope.until is not None:
        here.append(results.month <= scope.until)
    newest = (
        sa.select(results.site_code, sa.func.max(results.inspected_on).label("inspected_on"))
        .where(*here)
        .group_by(results.site_code)
        .subquery()
    )
    visits = (
        sa.select(
            results.site_code,
            results.inspected_on,
            sa.func.count().label("checked"),
            sa.func.sum(sa.case((results.passed, 1), else_=0)).label("passed"),
            sa.func.min(sa.case((results.recheck, 1), else_=0)).label("recheck"),
        )
        .join(newest, sa.and_(newest.c.site_code == results.site_code, newest.c.inspected_on == results.inspected_on))
        .where(*here)
        .group_by(results.site_code, results.inspected_on)
        .subquery()
    )
    return (
        sa.select(
            site.c.code,
            site.c.kind,
            site.c.name,
            estate.c.management,
            estate.c.households,
            firm.c.size,
            firm.c.employees,
            visits.c.inspected_on,
            visits.c.checked,
            visits.c.passed,
            visits.c.recheck,
        )
        .select_from(
            site.outerjoin(estate, estate.c.code == site.c.code)
            .outerjoin(firm, firm.c.code == site.c.code)
            .outerjoin(visits, visits.c.site_code == site.c.code)
        )
        .where(
            site.c.place_code.in_(villages),
            sa.func.coalesce(site.c.registered_from, 0) <= month,
            sa.func.coalesce(site.c.registered_to, 999999) >= month,
        )
        .order_by(site.c.kind, site.c.code)
    )
