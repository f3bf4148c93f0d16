"""Counts by two dimensions at once, straight from the events: the monthly counts hold one dimension each.

Aggregated in the database and for many villages together; no single case and no single village is read. Every rule is
that of the monthly counts: current rows only, the history of a closed place under the one that carries it, deadlines
judged at the as-of date. An event that a dimension does not apply to (an issue without an estate, crossed by the
management of estates) is not counted, so what is added up over such a dimension is less than the whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

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
from data_access.tables import (
    INSPECTION_COUNTERS,
    ISSUE_COUNTERS,
    estate,
    firm,
    inspection_result,
    issue,
    place,
    site,
)
from data_access.words import UNKNOWN

CROSSED: Final = {
    "issues": ("area_type", "settlement_age", "management", "firm_size", "channel", "category", "campaign"),
    "inspections": ("area_type", "settlement_age", "management", "firm_size", "item"),
}
"""The dimensions of each source that can be crossed with each other."""
_OF_PLACES: Final = ("area_type", "settlement_age")
_ALWAYS: Final = 999999
"""A month after all others."""


def read_crossed_counts(
    engine: Engine,
    *,
    scope: Scope,
    source: str,
    dimensions: tuple[str, str],
    within: str | None = None,
    townships: Sequence[str] | None = None,
    first: int,
    last: int,
    as_of: dt.date,
) -> pd.DataFrame:
    """Counts of issues or inspections by two dimensions.

    Parameters
    ----------
    source
        "issues" or "inspections".
    dimensions
        Two different ones of ``CROSSED[source]``.
    within
        The district or one township (default: the scope's root).
    townships
        Codes of the townships that are counted; None counts all of them below `within`.
    first, last
        Months YYYYMM, both included; months after the scope's `until` are left out.
    as_of
        The day at whose end deadlines are judged: that of the data version.

    Returns
    -------
    DataFrame
        One row for each pair of values that anything was counted of, in the order of the values: a column named after
        each dimension and the counters of the source (integers; `sites_registered` and `sites_inspected` are
        site-months). A pair without any row is absent, which is not zero. "unknown" stands where a register is silent.

    Raises
    ------
    NotPermitted
        When the scope does not reach `within`.
    ValueError
        For dimensions that cannot be crossed.
    """
    offered = CROSSED[source]
    if len(set(dimensions)) != 2 or not set(dimensions) <= set(offered):
        raise ValueError(f"{dimensions} cannot be crossed; take two different ones of {', '.join(offered)}.")
    within = within or scope.root
    scope.check(level="township", within=within)
    months = (first, scope.last_month(last))
    counters = ISSUE_COUNTERS if source == "issues" else INSPECTION_COUNTERS
    with reading(engine) as connection:
        heirs = final_successors(connection)
        here = [place.c.level == "village", is_below(place.c.code, level="village", within=within)]
        if townships is not None:
            here.append(place.c.parent.in_(list(townships)))
        if source == "issues":
            rows = _issues(dimensions, heirs, months, here, as_of)
        else:
            rows = _inspections(dimensions, heirs, months, here)
        keys = [rows.c.first_value, rows.c.second_value]
        sums = (func.sum(rows.c[name]) for name in counters)
        found = connection.execute(select(*keys, *sums).group_by(*keys).order_by(*keys)).all()
    count_rows_read(len(found))
    frame = pd.DataFrame(found, columns=[*dimensions, *counters])
    return frame.astype(dict.fromkeys(counters, "int64"))


def _joined(
    origin: Any, dimensions: tuple[str, str], own: dict[str, Any], *, estate_code: Any, firm_code: Any
) -> tuple[Any, list[ColumnElement[str]]]:
    """`origin` with the registers that the dimensions need, and the value of each dimension.

    Office buildings stand on the register of estates without a management group and are left out of it.
    """
    values: list[ColumnElement[str]] = []
    for number, dimension in enumerate(dimensions):
        if dimension == "management":
            origin = origin.join(site_of := site.alias("home"), and_(site_of.c.code == estate_code,
                                                                      site_of.c.kind == "estate"))  # fmt: skip
            origin = origin.join(estate, estate.c.code == estate_code)
            value: Any = func.coalesce(estate.c.management, sa.literal(UNKNOWN))
        elif dimension == "firm_size":
            origin = origin.join(firm, firm.c.code == firm_code)
            value = func.coalesce(firm.c.size, sa.literal(UNKNOWN))
        elif dimension in _OF_PLACES:
            value = func.coalesce(place.c[dimension], sa.literal(UNKNOWN))
        else:
            value = own[dimension]
        values.append(value.label(("first_value", "second_value")[number]))
    return origin, values


def _issues(
    dimensions: tuple[str, str], heirs: dict[str, str], months: tuple[int, int], here: list[Any], as_of: dt.date
) -> sa.Subquery:
    """One row an issue: its two values, and 1 or 0 for each counter."""
    i = issue.c
    origin, values = _joined(
        issue.join(place, place.c.code == counted_under(i.place_code, heirs)),
        dimensions,
        {name: i[name] for name in ("channel", "category", "campaign")},
        estate_code=i.estate_code,
        firm_code=i.firm_code,
    )
    conditions = counter_conditions(as_of)
    flags = [case((conditions[name], 1), else_=0).label(name) for name in ISSUE_COUNTERS]
    chosen = select(*values, *flags).select_from(origin)
    return chosen.where(i.superseded_by.is_(None), i.month.between(*months), *here).subquery("crossed")


def _inspections(
    dimensions: tuple[str, str], heirs: dict[str, str], months: tuple[int, int], here: list[Any]
) -> sa.Subquery:
    """One row a site and month (crossed by checklist items: a site, month and item) with its counters."""
    by_item = "item" in dimensions
    visits = _visits(heirs, months, by_item=by_item)
    if by_item:
        rows: Any = visits
        base: Any = visits.join(place, place.c.code == visits.c.place_code)
    else:
        r = inspection_result.c
        inspected = select(r.month).where(r.superseded_by.is_(None), r.month.between(*months)).distinct()
        month = inspected.subquery("months")
        on_register = and_(
            func.coalesce(site.c.registered_from, 0) <= month.c.month,
            func.coalesce(site.c.registered_to, _ALWAYS) >= month.c.month,
        )
        listed = site.join(month, sa.true()).outerjoin(
            visits, and_(visits.c.site_code == site.c.code, visits.c.month == month.c.month)
        )
        names = INSPECTION_COUNTERS[:4]
        rows = (
            select(
                counted_under(site.c.place_code, heirs).label("place_code"),
                site.c.code.label("site_code"),
                *(func.coalesce(visits.c[name], 0).label(name) for name in names),
            )
            .select_from(listed)
            .where(sa.or_(on_register, visits.c.items_checked.is_not(None)))
            .subquery("sites")
        )
        base = rows.join(place, place.c.code == rows.c.place_code)
    own = {"item": visits.c.item} if by_item else {}
    origin, values = _joined(base, dimensions, own, estate_code=rows.c.site_code, firm_code=rows.c.site_code)
    looked = rows.c.items_checked > 0
    whole = and_(looked, rows.c.items_passed == rows.c.items_checked)
    figures = [
        *(rows.c[name].label(name) for name in INSPECTION_COUNTERS[:4]),
        case((looked, 1), else_=0).label("sites_inspected"),
        case((whole, 1), else_=0).label("sites_fully_passed"),
        sa.literal(1).label("sites_registered"),
    ]
    return select(*values, *figures).select_from(origin).where(*here).subquery("crossed")


def _visits(heirs: dict[str, str], months: tuple[int, int], *, by_item: bool) -> sa.Subquery:
    """What was looked at on a site in a month: first looks and rechecks apart."""
    r = inspection_result.c
    first_look = r.recheck.is_(False)
    rows = (
        select(
            counted_under(r.place_code, heirs).label("place_code"),
            r.month,
            r.site_code,
            *([r.item] if by_item else []),
            case((first_look, 1), else_=0).label("items_checked"),
            case((and_(first_look, r.passed), 1), else_=0).label("items_passed"),
            case((r.recheck, 1), else_=0).label("rechecked"),
            case((and_(r.recheck, r.passed), 1), else_=0).label("rectified"),
        )
        .where(r.superseded_by.is_(None), r.month.between(*months))
        .subquery("looks")
    )
    keys = [rows.c.place_code, rows.c.month, rows.c.site_code, *([rows.c.item] if by_item else [])]
    sums = (func.sum(rows.c[name]).label(name) for name in INSPECTION_COUNTERS[:4])
    return select(*keys, *sums).group_by(*keys).subquery("visits")
