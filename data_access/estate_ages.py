"""Counts of estates by who manages them and since when they are in use: straight from the events, for a whole area.

The register of estates holds the month from which an estate is in use, which stands for its age. Rules are those of the
monthly counts: current rows only, the history of a closed place under the one that carries it, deadlines judged at the
as-of date, office buildings left out. No single estate is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import and_, case, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.sql import ColumnElement

from data_access.engine import count_rows_read, reading
from data_access.issue_counts import counter_conditions
from data_access.lineage import counted_under, final_successors
from data_access.permissions import Scope
from data_access.places import is_below
from data_access.tables import ISSUE_COUNTERS, estate, inspection_result, issue, place, site
from data_access.words import UNKNOWN

AGES: Final = ("before_2000", "from_2000", "from_2010", "from_2020", UNKNOWN)
"""In use before 2000, from 2000 to 2009, from 2010 to 2019, from 2020 on; not known."""
VISIT_COUNTERS: Final = (
    "items_checked", "items_passed", "rechecked", "rectified", "sites_inspected", "sites_fully_passed",
)  # fmt: skip


def read_estate_ages(
    engine: Engine,
    *,
    scope: Scope,
    source: str,
    townships: Sequence[str] | None = None,
    first: int,
    last: int,
    as_of: dt.date,
) -> pd.DataFrame:
    """Counts of issues or inspections of residential estates by management and age.

    Parameters
    ----------
    source
        "issues" or "inspections".
    townships
        Codes of the townships that are counted; None counts all of the scope.
    first, last
        Months YYYYMM, both included; months after the scope's `until` are left out.
    as_of
        The day at whose end deadlines are judged.

    Returns
    -------
    DataFrame
        management ("unknown" where the register is silent), estate_age (one of AGES) and the counters: those of issues,
        or VISIT_COUNTERS (`sites_inspected` and `sites_fully_passed` are estate-months). A pair without any row is
        absent, which is not zero.

    Raises
    ------
    NotPermitted
        When the scope's root may not be read.
    """
    scope.check(level="township", within=scope.root)
    months = (first, scope.last_month(last))
    counters = ISSUE_COUNTERS if source == "issues" else VISIT_COUNTERS
    with reading(engine) as connection:
        heirs = final_successors(connection)
        rows = _issues(heirs, months, as_of) if source == "issues" else _visits(heirs, months)
        origin = (
            rows.join(place, place.c.code == rows.c.place_code)
            .join(site, and_(site.c.code == rows.c.estate_code, site.c.kind == "estate"))
            .join(estate, estate.c.code == rows.c.estate_code)
        )
        keys = [func.coalesce(estate.c.management, UNKNOWN).label("management"), _age().label("estate_age")]
        statement = (
            select(*keys, *(func.sum(rows.c[name]) for name in counters))
            .select_from(origin)
            .where(place.c.level == "village", is_below(place.c.code, level="village", within=scope.root))
            .group_by(*keys)
            .order_by(*keys)
        )
        if townships is not None:
            statement = statement.where(place.c.parent.in_(list(townships)))
        found = connection.execute(statement).all()
    count_rows_read(len(found))
    frame = pd.DataFrame(found, columns=["management", "estate_age", *counters])
    return frame.astype(dict.fromkeys(counters, "int64"))


def _age() -> ColumnElement[str]:
    since = site.c.registered_from
    before_2000, from_2000, from_2010, from_2020, unknown = (sa.literal_column(f"'{age}'") for age in AGES)
    return case(
        (since.is_(None), unknown),
        (since < 200001, before_2000),
        (since < 201001, from_2000),
        (since < 202001, from_2010),
        else_=from_2020,
    )


def _issues(heirs: dict[str, str], months: tuple[int, int], as_of: dt.date) -> sa.Subquery:
    """One row an issue of an estate, and 1 or 0 for each counter."""
    i, conditions = issue.c, counter_conditions(as_of)
    flags = [case((conditions[name], 1), else_=0).label(name) for name in ISSUE_COUNTERS]
    return (
        select(counted_under(i.place_code, heirs).label("place_code"), i.estate_code, *flags)
        .where(i.superseded_by.is_(None), i.month.between(*months), i.estate_code.is_not(None))
        .subquery("issues_of_estates")
    )


def _visits(heirs: dict[str, str], months: tuple[int, int]) -> sa.Subquery:
    """One row a site and month with its counters."""
    r = inspection_result.c

    def tally(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    first_look, code = r.recheck.is_(False), counted_under(r.place_code, heirs)
    checked, passed = tally(first_look), tally(and_(first_look, r.passed))
    return (
        select(
            code.label("place_code"),
            r.site_code.label("estate_code"),
            checked.label("items_checked"),
            passed.label("items_passed"),
            tally(r.recheck).label("rechecked"),
            tally(and_(r.recheck, r.passed)).label("rectified"),
            case((checked > 0, 1), else_=0).label("sites_inspected"),
            case((and_(checked > 0, checked == passed), 1), else_=0).label("sites_fully_passed"),
        )
        .where(r.superseded_by.is_(None), r.month.between(*months))
        .group_by(code, r.month, r.site_code)
        .subquery("visits_of_estates")
    )
