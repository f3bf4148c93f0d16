"""The counts of single villages from inspections and measurements: one INSERT … SELECT a dimension, over the affected
cells. Issues are counted in `issue_counts`.

A row of `affected_cell` says that what was filed under `source_code` in that month counts for `place_code`: the place
itself, and every closed place whose history it carries.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.sql import ColumnElement

from data_access.tables import (
    INSPECTION_COUNTERS,
    estate,
    firm,
    inspection_monthly,
    inspection_result,
    measurement,
    measurement_monthly,
    place,
    site,
)
from data_access.words import UNKNOWN

affected_cell = sa.Table(
    "affected_cell",
    sa.MetaData(),
    sa.Column("place_code", sa.String(32), primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True),
    sa.Column("source_code", sa.String(32), primary_key=True),
    prefixes=["TEMPORARY"],
)


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after `day`."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time())


def village_statements(source: str, indicators: list[str] | None = None) -> list[sa.Insert]:
    """The statements that fill the counts of inspections or measurements for the places in `affected_cell`."""
    if source == "inspections":
        return _inspection_statements()
    return _measurement_statements(indicators)


def _tally(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _groups() -> dict[str, ColumnElement[str]]:
    """The value of each dimension that a register decides; "unknown" where the register is silent."""
    unknown = literal(UNKNOWN)
    return {
        "area_type": func.coalesce(place.c.area_type, unknown),
        "settlement_age": func.coalesce(place.c.settlement_age, unknown),
        "management": func.coalesce(estate.c.management, unknown),
        "firm_size": func.coalesce(firm.c.size, unknown),
    }


def _homes_only(origin: sa.FromClause, code: ColumnElement[str]) -> sa.FromClause:
    """Without office buildings: they stand on the register of estates but have no management group."""
    return origin.join(site, and_(site.c.code == code, site.c.kind == "estate"))


def _inspection_statements() -> list[sa.Insert]:
    r = inspection_result.c
    first_look = r.recheck.is_(False)

    def visits(by_item: bool) -> sa.Subquery:
        item = [r.item] if by_item else []
        return (
            select(
                affected_cell.c.place_code,
                r.month,
                r.site_code,
                *item,
                _tally(first_look).label("items_checked"),
                _tally(and_(first_look, r.passed)).label("items_passed"),
                _tally(r.recheck).label("rechecked"),
                _tally(and_(r.recheck, r.passed)).label("rectified"),
            )
            .select_from(
                affected_cell.join(
                    inspection_result,
                    and_(r.place_code == affected_cell.c.source_code, r.month == affected_cell.c.month),
                )
            )
            .where(r.superseded_by.is_(None))
            .group_by(affected_cell.c.place_code, r.month, r.site_code, *item)
            .subquery("visits_by_item" if by_item else "visits")
        )

    visit = visits(False)
    registered = and_(
        func.coalesce(site.c.registered_from, 0) <= affected_cell.c.month,
        func.coalesce(site.c.registered_to, 999999) >= affected_cell.c.month,
    )
    s = (
        select(
            affected_cell.c.month,
            affected_cell.c.place_code,
            site.c.code.label("site_code"),
            *(func.coalesce(visit.c[name], 0).label(name) for name in INSPECTION_COUNTERS[:4]),
        )
        .select_from(
            affected_cell.join(site, site.c.place_code == affected_cell.c.source_code).outerjoin(
                visit, and_(visit.c.site_code == site.c.code, visit.c.month == affected_cell.c.month)
            )
        )
        .where(sa.or_(registered, visit.c.items_checked.is_not(None)))
        .subquery("sites")
    )
    inspected = s.c.items_checked > 0
    counters = [
        *(func.sum(s.c[name]) for name in INSPECTION_COUNTERS[:4]),
        _tally(inspected),
        _tally(and_(inspected, s.c.items_passed == s.c.items_checked)),
        func.count(),
    ]
    values: dict[str, ColumnElement[str]] = {"all": literal("all")}
    values |= _groups()
    joined = {"management": (estate, s.c.site_code), "firm_size": (firm, s.c.site_code),
              "area_type": (place, s.c.place_code), "settlement_age": (place, s.c.place_code)}  # fmt: skip
    names = ["level", "dimension", "month", "place_code", "value", *INSPECTION_COUNTERS]
    statements = []
    for dimension, value in values.items():
        origin: sa.FromClause = s
        if dimension in joined:
            other, key = joined[dimension]
            origin = s.join(other, other.c.code == key)
        if dimension == "management":
            origin = _homes_only(origin, s.c.site_code)
        rows = (
            select(literal("village"), literal(dimension), s.c.month, s.c.place_code, value, *counters)
            .select_from(origin)
            .group_by(s.c.month, s.c.place_code, *([] if dimension == "all" else [value]))
        )
        statements.append(inspection_monthly.insert().from_select(names, rows))
    v = visits(True)
    looked = v.c.items_checked > 0
    rows = select(
        literal("village"), literal("item"), v.c.month, v.c.place_code, v.c.item,
        *(func.sum(v.c[name]) for name in INSPECTION_COUNTERS[:4]),
        _tally(looked), _tally(and_(looked, v.c.items_passed == v.c.items_checked)), func.count(),
    ).group_by(v.c.month, v.c.place_code, v.c.item)  # fmt: skip
    statements.append(inspection_monthly.insert().from_select(names, rows))
    return statements


def _measurement_statements(indicators: list[str] | None) -> list[sa.Insert]:
    m = measurement.c
    current = m.superseded_by.is_(None)
    if indicators is not None:
        current = and_(current, m.indicator.in_(indicators))
    origin = affected_cell.join(
        measurement, and_(m.place_code == affected_cell.c.source_code, m.month == affected_cell.c.month)
    ).join(place, place.c.code == affected_cell.c.place_code)
    names = ["level", "indicator", "dimension", "month", "place_code", "value", "numerator", "denominator",
             "verified_on", "places_counted"]  # fmt: skip
    pair = (func.sum(m.numerator), func.sum(m.denominator), func.min(m.verified_on), literal(1))
    parts = (
        select(place.c.level, m.indicator, m.dimension, m.month, place.c.code, m.value, *pair)
        .select_from(origin)
        .where(current, m.dimension != "all")
        .group_by(place.c.level, m.indicator, m.dimension, m.month, place.c.code, m.value)
    )
    statements = [measurement_monthly.insert().from_select(names, parts)]
    statements.append(measurement_monthly.insert().from_select(names, _totals(origin, current)))
    for dimension in ("area_type", "settlement_age"):
        value = func.coalesce(place.c[dimension], literal(UNKNOWN))
        rows = (
            select(place.c.level, m.indicator, literal(dimension), m.month, place.c.code, value, *pair)
            .select_from(origin)
            .where(current, m.dimension == "all", place.c.level == "village")
            .group_by(place.c.level, m.indicator, m.month, place.c.code, place.c[dimension])
        )
        statements.append(measurement_monthly.insert().from_select(names, rows))
    return statements


def _totals(origin: sa.FromClause, current: ColumnElement[bool]) -> sa.Select:
    """The totals: as reported, and, of an indicator reported by parts only (bodies, uses of the fund), from the parts;
    each for the place it was filed under, then summed for the place that counts it."""
    m = measurement.c
    place_and_month = (place.c.level, m.indicator, m.month, place.c.code.label("place_code"))
    whole = select(*place_and_month, m.numerator, m.denominator, m.verified_on).select_from(origin).where(
        current, m.dimension == "all"
    )  # fmt: skip
    summed = (
        select(*place_and_month, func.sum(m.numerator), func.sum(m.denominator), func.min(m.verified_on))
        .select_from(origin)
        .where(current, m.dimension != "all", ~_has_total(m))
        .group_by(place.c.level, m.indicator, m.month, place.c.code, m.place_code)
    )
    t = sa.union_all(whole, summed).subquery("totals").c
    return select(
        t.level, t.indicator, literal("all"), t.month, t.place_code, literal("all"), func.sum(t.numerator),
        func.sum(t.denominator), func.min(t.verified_on), literal(1),
    ).group_by(t.level, t.indicator, t.month, t.place_code)  # fmt: skip


def _has_total(m: sa.ColumnCollection) -> ColumnElement[bool]:
    other = measurement.alias("total")
    return sa.exists().where(
        other.c.superseded_by.is_(None), other.c.indicator == m.indicator, other.c.place_code == m.place_code,
        other.c.month == m.month, other.c.dimension == "all",
    )  # fmt: skip
