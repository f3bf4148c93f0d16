"""Where sites and issues stand: reads of their positions for a map. They are located anew by `relocate`.

Positions are longitude and latitude in degrees (CGCS2000). Rows without one are not among the points; they are counted
apart, so that a page can say how many it does not show. A village that was closed gives its points to the one that
carries its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import count_rows_read, reading
from data_access.permissions import Scope
from data_access.places import is_below
from data_access.relocation import Relocation, relocate
from data_access.tables import estate, firm, inspection_result, issue, place, site

__all__ = ["Relocation", "count_issues_without_position", "count_without_position", "read_issue_points",
           "read_site_points", "relocate"]  # fmt: skip
SITE_COLUMNS: Final = ("code", "name", "kind", "place", "lon", "lat", "group", "inspected_on", "passed_items",
                       "checked_items", "located_by")  # fmt: skip
ISSUE_COLUMNS: Final = ("lon", "lat", "place", "month", "solved", "category")


def read_site_points(
    engine: Engine,
    *,
    scope: Scope,
    within: str | None = None,
    kind: str | Sequence[str] | None = None,
    month: int,
) -> pd.DataFrame:
    """The sites with a position that are on the register in `month` (YYYYMM), each with its last inspection until then.

    Parameters
    ----------
    within
        A district, township or village; default the scope's root. Points are of villages: a scope that may not read
        the villages there may not read these.
    kind
        "estate", "office_building", "firm" or several of them; None for all.
    month
        A scope that ends earlier gives the register and the inspections of its last month.

    Returns
    -------
    DataFrame
        code, name, kind, place (the village's code), lon, lat (degrees, CGCS2000), group (management of an estate or
        building, size of a firm; None where not known), inspected_on (date of the newest inspection in `month` or
        before; None when there was none), passed_items and checked_items (checklist items on that day, several visits
        added; NaN when there was none), located_by ("stated", "inside" or "nearest"). By kind and code. Sites without
        a position are absent: see :func:`count_without_position`.

    Raises
    ------
    NotPermitted
        When the scope does not reach these villages.
    """
    within = within or scope.root
    scope.check(level="village", within=within)
    month = scope.last_month(month)
    carrier = _carrier()
    group = sa.func.coalesce(estate.c.management, firm.c.size)
    statement = (
        sa.select(site.c.code, site.c.name, site.c.kind, carrier.c.place, site.c.lon, site.c.lat, group,
                  site.c.located_by)
        .join(carrier, carrier.c.code == site.c.place_code)
        .outerjoin(estate, estate.c.code == site.c.code)
        .outerjoin(firm, firm.c.code == site.c.code)
        .where(site.c.lon.is_not(None), *_sites(carrier, within=within, kind=kind, month=month))
        .order_by(site.c.kind, site.c.code)
    )  # fmt: skip
    names = ["code", "name", "kind", "place", "lon", "lat", "group", "located_by"]
    with reading(engine) as connection:
        sites = pd.DataFrame(connection.execute(statement).all(), columns=names)
        visits = pd.DataFrame(
            connection.execute(_visits(carrier, within=within, until=month)).all(),
            columns=["code", "inspected_on", "checked_items", "passed_items"],
        )
    count_rows_read(len(sites) + len(visits))
    frame = sites.merge(visits, on="code", how="left")[list(SITE_COLUMNS)]
    frame = frame.astype(dict.fromkeys(("lon", "lat", "passed_items", "checked_items"), "float64"))
    for name in ("group", "inspected_on", "located_by"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame


def count_without_position(
    engine: Engine,
    *,
    scope: Scope,
    within: str | None = None,
    kind: str | Sequence[str] | None = None,
    month: int,
) -> int:
    """How many sites of the same choice :func:`read_site_points` leaves out because nobody said where they stand.

    Without `kind` the gates of villages, which have no position of their own, are not counted.
    """
    within = within or scope.root
    scope.check(level="village", within=within)
    carrier = _carrier()
    chosen = _sites(carrier, within=within, kind=kind, month=scope.last_month(month))
    statement = (
        sa.select(sa.func.count())
        .select_from(site.join(carrier, carrier.c.code == site.c.place_code))
        .where(site.c.lon.is_(None), site.c.kind != "village_gate", *chosen)
    )
    with reading(engine) as connection:
        return int(connection.execute(statement).scalar_one())


def read_issue_points(
    engine: Engine, *, scope: Scope, within: str | None = None, first: int, last: int, category: str | None = None
) -> pd.DataFrame:
    """The issues with a position that were reported from month `first` to `last` (YYYYMM), without their numbers.

    Returns
    -------
    DataFrame
        lon, lat (degrees, CGCS2000), place (the village's code), month, solved (True, False or None while that is not
        known), category. Issues without a position are absent: see :func:`count_issues_without_position`. Months after
        the scope's `until` are left out.

    Raises
    ------
    NotPermitted
        When the scope does not reach these villages.
    """
    carrier, chosen = _issues(scope, within=within, first=first, last=last, category=category)
    columns = (issue.c.lon, issue.c.lat, carrier.c.place, issue.c.month, issue.c.solved, issue.c.category)
    statement = (
        sa.select(*columns)
        .join(carrier, carrier.c.code == issue.c.place_code)
        .where(*chosen, issue.c.lon.is_not(None))
        .order_by(issue.c.month, issue.c.id)
    )
    with reading(engine) as connection:
        frame = pd.DataFrame(connection.execute(statement).all(), columns=list(ISSUE_COLUMNS))
    count_rows_read(len(frame))
    frame["solved"] = frame["solved"].astype(object).where(frame["solved"].notna(), None)
    return frame.astype({"lon": "float64", "lat": "float64", "month": "int64"})


def count_issues_without_position(
    engine: Engine, *, scope: Scope, within: str | None = None, first: int, last: int, category: str | None = None
) -> int:
    """How many issues of the same choice :func:`read_issue_points` leaves out because nobody said where they are."""
    carrier, chosen = _issues(scope, within=within, first=first, last=last, category=category)
    statement = (
        sa.select(sa.func.count())
        .select_from(issue.join(carrier, carrier.c.code == issue.c.place_code))
        .where(*chosen, issue.c.lon.is_(None))
    )
    with reading(engine) as connection:
        return int(connection.execute(statement).scalar_one())


def _carrier() -> sa.CTE:
    """code → place: each place and the one its history is counted under, itself unless it was closed."""
    start = sa.select(place.c.code, place.c.code.label("place")).where(place.c.successor.is_(None))
    known = start.cte("carrier", recursive=True)
    return known.union_all(sa.select(place.c.code, known.c.place).join(known, place.c.successor == known.c.code))


def _sites(
    carrier: sa.CTE, *, within: str, kind: str | Sequence[str] | None, month: int
) -> list[sa.ColumnElement[bool]]:
    kinds = () if kind is None else (kind,) if isinstance(kind, str) else tuple(kind)
    return [
        is_below(carrier.c.place, level="village", within=within),
        sa.func.coalesce(site.c.registered_from, 0) <= month,
        sa.func.coalesce(site.c.registered_to, 999999) >= month,
        *([site.c.kind.in_(kinds)] if kind is not None else []),
    ]


def _visits(carrier: sa.CTE, *, within: str, until: int) -> sa.Select[Any]:
    """site_code, day, items checked and passed on the newest day of each site's inspections up to a month."""
    results = inspection_result.c
    here = sa.select(carrier.c.code).where(is_below(carrier.c.place, level="village", within=within))
    days = (
        sa.select(
            results.site_code,
            results.inspected_on,
            sa.func.count().label("checked"),
            sa.func.sum(sa.case((results.passed, 1), else_=0)).label("passed"),
        )
        .where(results.superseded_by.is_(None), results.month <= until, results.place_code.in_(here))
        .group_by(results.site_code, results.inspected_on)
        .cte("days")
    )
    newest = (
        sa.select(days.c.site_code, sa.func.max(days.c.inspected_on).label("inspected_on"))
        .group_by(days.c.site_code)
        .subquery()
    )
    return sa.select(days).join(
        newest, sa.and_(newest.c.site_code == days.c.site_code, newest.c.inspected_on == days.c.inspected_on)
    )


def _issues(
    scope: Scope, *, within: str | None, first: int, last: int, category: str | None
) -> tuple[sa.CTE, list[sa.ColumnElement[bool]]]:
    within = within or scope.root
    scope.check(level="village", within=within)
    carrier = _carrier()
    chosen = [
        issue.c.superseded_by.is_(None),
        issue.c.month.between(first, scope.last_month(last)),
        is_below(carrier.c.place, level="village", within=within),
    ]
    return carrier, [*chosen, *([issue.c.category == category] if category is not None else [])]
