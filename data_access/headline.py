"""The district's headline figures over some months, before and after a load or a withdrawal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.source_form import catalogue
from data_access.settings import read_settings
from data_access.tables import inspection_monthly, issue_monthly

HEADLINE = ("resolution_rate", "satisfaction_rate", "on_time_rate", "prevention_compliance")
_TABLES = {"issues": issue_monthly, "inspections": inspection_monthly}

Pair = tuple[float, float]


@dataclass(frozen=True)
class HeadlineChange:
    """One headline figure of the whole district as (numerator, denominator); None where there was nothing to count."""

    indicator: str
    before: Pair | None
    after: Pair | None


def figures_of(connection: Connection, months: Collection[int]) -> dict[str, Pair]:
    """Numerator and denominator of each headline indicator over `months`, from the counts as they stand."""
    found: dict[str, Pair] = {}
    for code in HEADLINE:
        indicator = catalogue()[code]
        table = _TABLES[indicator.source]
        parts = (table.c[indicator.numerator], table.c[indicator.denominator])
        statement = sa.select(*(sa.func.sum(part) for part in parts)).where(
            table.c.place_code == read_settings().root_place,
            table.c.dimension == "all",
            table.c.month.in_(sorted(months)),
        )
        numerator, denominator = connection.execute(statement).one()
        if denominator:
            found[code] = (float(numerator), float(denominator))
    return found


def changes_of(before: Mapping[str, Pair], after: Mapping[str, Pair]) -> tuple[HeadlineChange, ...]:
    """The headline figures of both states beside each other, those that exist in either, in reading order."""
    return tuple(
        HeadlineChange(code, before.get(code), after.get(code)) for code in HEADLINE if code in before or code in after
    )
