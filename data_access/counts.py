"""Reads of the monthly counts. Pages read these, never the events."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.sql import ColumnElement

from data_access.engine import count_rows_read, reading
from data_access.permissions import Scope
from data_access.places import is_below
from data_access.tables import (
    INSPECTION_COUNTERS,
    ISSUE_COUNTERS,
    inspection_monthly,
    issue_monthly,
    measurement_monthly,
)

_TABLES = {"issues": (issue_monthly, ISSUE_COUNTERS), "inspections": (inspection_monthly, INSPECTION_COUNTERS)}


def read_counts(
    engine: Engine,
    *,
    scope: Scope,
    source: str,
    level: str,
    within: str | None = None,
    first: int,
    last: int,
    dimension: str = "all",
    by_month: bool = False,
) -> pd.DataFrame:
    """Counts of issues or inspections.

    Parameters
    ----------
    source
        "issues" or "inspections".
    level, within
        Places of this level below `within` (default: the scope's root); `within` itself when it is of the level.
    first, last
        Months YYYYMM, both included. Months after the scope's `until` are left out, here and in `read_measurements`.
    dimension
        "all", or a dimension whose values are told apart.
    by_month
        Whether months stay apart in a column `month`; otherwise they are summed. The register's size
        (`sites_registered`) and the sites inspected are then site-months.

    Returns
    -------
    DataFrame
        place, [month], value and the counters (integers). A place without any row is absent, which is not zero.

    Raises
    ------
    NotPermitted
        When the scope does not reach these places.
    """
    table, counters = _TABLES[source]
    within = within or scope.root
    scope.check(level=level, within=within)
    keys = [table.c.place_code.label("place"), *([table.c.month] if by_month else []), table.c.value]
    figures = [table.c[name] if by_month else sa.func.sum(table.c[name]).label(name) for name in counters]
    statement = sa.select(*keys, *figures).where(
        *_places(table, level=level, scope=scope, within=within),
        table.c.dimension == dimension,
        table.c.month.between(first, scope.last_month(last)),
    )
    if not by_month:
        statement = statement.group_by(table.c.place_code, table.c.value)
    statement = statement.order_by(*(key for key in keys))
    names = [key.name for key in keys] + list(counters)
    with reading(engine) as connection:
        frame = pd.DataFrame(connection.execute(statement).all(), columns=names)
    count_rows_read(len(frame))
    return frame.astype(dict.fromkeys(counters, "int64"))


def _places(table: sa.Table, *, level: str, scope: Scope, within: str) -> list[ColumnElement[bool]]:
    """Conditions that pick the places. The codes below `within` are of one level already; naming the level as well
    lets the key be used for the whole of the root, and would keep the index by place from being used elsewhere."""
    below = is_below(table.c.place_code, level=level, within=within)
    return [table.c.level == level, below] if within == scope.root else [below]


def read_measurements(
    engine: Engine,
    *,
    scope: Scope,
    indicators: Sequence[str],
    level: str,
    within: str | None = None,
    first: int,
    last: int,
    dimension: str = "all",
    by_month: bool = False,
) -> pd.DataFrame:
    """Measured pairs of counts.

    Returns
    -------
    DataFrame
        indicator, place, month, value, numerator, denominator, verified_on, places_counted. Without `by_month`: for
        each indicator and place the newest month inside first..last. verified_on is the oldest date among the parts,
        None when none was given; places_counted says how many places below reported.
    """
    table = measurement_monthly
    within = within or scope.root
    scope.check(level=level, within=within)
    names = ["indicator", "place_code", "month", "value", "numerator", "denominator", "verified_on", "places_counted"]
    statement = (
        sa.select(*(table.c[name] for name in names))
        .where(
            *_places(table, level=level, scope=scope, within=within),
            table.c.indicator.in_(list(indicators)),
            table.c.dimension == dimension,
            table.c.month.between(first, scope.last_month(last)),
        )
        .order_by(table.c.indicator, table.c.place_code, table.c.month, table.c.value)
    )
    with reading(engine) as connection:
        frame = pd.DataFrame(connection.execute(statement).all(), columns=names)
    count_rows_read(len(frame))
    frame = frame.rename(columns={"place_code": "place"}).astype({"numerator": float, "denominator": float})
    if by_month or frame.empty:
        return frame
    newest = frame.groupby(["indicator", "place"])["month"].transform("max")
    return frame.loc[frame["month"] == newest].reset_index(drop=True)
