"""Reads of the register of places."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.sql import ColumnElement

from data_access.engine import count_rows_read, reading
from data_access.permissions import Scope
from data_access.tables import place
from data_access.words import LEVELS
from geo.place_codes import level_of

_COLUMNS = ("code", "name", "short_name", "kind", "level", "parent", "area_type", "settlement_age", "established",
            "managed_by", "residents", "households", "grid_column", "grid_row")  # fmt: skip


def read_places(engine: Engine, *, scope: Scope, level: str, within: str | None = None) -> pd.DataFrame:
    """Places of one level below `within` (default: the scope's root), or that place itself when it is of the level.

    Returns
    -------
    DataFrame
        Columns code, name, short_name, kind, level, parent, area_type, settlement_age, established, managed_by,
        residents, households, grid_column, grid_row; one row a place that is valid now, by code. Missing people
        are NaN, missing words None.
    """
    within = within or scope.root
    scope.check(level="township" if level == "village" else level, within=within)
    statement = (
        sa.select(*(place.c[name] for name in _COLUMNS))
        .where(place.c.level == level, place.c.valid_to.is_(None), is_below(place.c.code, level=level, within=within))
        .order_by(place.c.code)
    )
    with reading(engine) as connection:
        frame = pd.DataFrame(connection.execute(statement).all(), columns=list(_COLUMNS))
    count_rows_read(len(frame))
    for name in ("residents", "households", "grid_column", "grid_row"):
        frame[name] = pd.to_numeric(frame[name])
    return frame


def is_below(column: ColumnElement[str], *, level: str, within: str) -> ColumnElement[bool]:
    """SQL condition: the place of `level` in `column` lies below `within` or is it."""
    steps = LEVELS.index(level) - LEVELS.index(level_of(within))
    if steps < 0:
        return sa.false()
    if steps == 0:
        return column == within
    below = sa.select(place.c.code).where(place.c.parent == within)
    for _ in range(steps - 1):
        below = sa.select(place.c.code).where(place.c.parent.in_(below))
    return column.in_(below)
