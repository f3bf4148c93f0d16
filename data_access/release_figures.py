"""The figures a release froze, and which of them are different now.

Kept are numerator and denominator of every indicator that is computed, of the root and its townships, month by month,
for everything together. Villages are not kept: they are read over twelve months, and one case more is not a revision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.bulk import insert_rows
from data_access.engine import count_rows_read, reading
from data_access.lineage import final_successors
from data_access.permissions import Scope
from data_access.tables import (
    INSPECTION_COUNTERS,
    ISSUE_COUNTERS,
    inspection_monthly,
    issue_monthly,
    measurement_monthly,
    place,
    release,
    release_figure,
)
from geo.place_codes import level_of
from indicators.catalogue import Catalogue, Indicator, load_catalogue
from indicators.counts import PLACE_ATTRIBUTES

KEYS: Final = ["month", "indicator", "place_code"]
PAIR: Final = ["numerator", "denominator"]
REVISION_COLUMNS: Final = (*KEYS, "released_numerator", "released_denominator", *PAIR)
_TABLES: Final = {"issues": (issue_monthly, ISSUE_COUNTERS), "inspections": (inspection_monthly, INSPECTION_COUNTERS)}
_FROZEN_PAIR: Final = ["released_numerator", "released_denominator"]


def keep_figures(connection: Connection, *, months: Sequence[int], catalogue: Catalogue, root: str) -> None:
    """Freeze the figures of `months` as they stand; the releases themselves are written already."""
    figures = current_figures(connection, months=months, catalogue=catalogue, root=root)
    columns = (figures[name].tolist() for name in (*KEYS, *PAIR))
    insert_rows(connection, release_figure, [*KEYS, *PAIR], zip(*columns, strict=True))


def current_figures(connection: Connection, *, months: Sequence[int], catalogue: Catalogue, root: str) -> pd.DataFrame:
    """The figures of `months` now: month, indicator, place_code, numerator, denominator (floats).

    Only what has a denominator; a place without one for an indicator and month is absent.
    """
    levels = sorted({level_of(root), "township"})
    parts: list[pd.DataFrame] = []
    for source, (table, counters) in _TABLES.items():
        wanted = [one for one in catalogue.of_source(source) if one.available]
        counts = _counts(connection, table, counters, months=months, levels=levels, root=root)
        parts += _of_counters(counts, wanted, _residents(connection, root=root, levels=levels))
    measured = [one.code for one in catalogue.of_source("measurements") if one.available]
    parts.append(_measured(connection, measured, months=months, levels=levels, root=root))
    whole = pd.concat([part[[*KEYS, *PAIR]] for part in parts], ignore_index=True)
    whole = whole.astype({"month": "int64", "numerator": "float64", "denominator": "float64"})
    return whole[whole["denominator"] > 0].reset_index(drop=True)


def revisions(engine: Engine, *, scope: Scope, month: int | None = None) -> pd.DataFrame:
    """Figures of released months that are different now.

    Parameters
    ----------
    scope
        Months after its `until` and places outside its root are left out.
    month
        One month (YYYYMM) only; None for all.

    Returns
    -------
    DataFrame
        month, indicator, place_code, released_numerator, released_denominator, numerator, denominator; by month
        (newest first), indicator and place. A released pair is NaN where the figure came after the release, a
        present one where nothing stands behind it any more. An indicator that the catalogue gained or lost since the
        release is no revision.
    """
    catalogue = load_catalogue()
    with reading(engine) as connection:
        asked = sa.select(release.c.month, release.c.catalogue_hash).order_by(release.c.month)
        hashes = {row.month: row.catalogue_hash for row in connection.execute(asked)}
        months = [one for one in hashes if one <= scope.last_month(one) and month in (None, one)]
        if not months:
            return pd.DataFrame(columns=list(REVISION_COLUMNS))
        frozen = _frozen(connection, months=months, root=scope.root)
        now = current_figures(connection, months=months, catalogue=catalogue, root=scope.root)
    count_rows_read(len(frozen) + len(now))
    frozen = frozen[frozen["indicator"].isin([code for code in catalogue if catalogue[code].available])]
    same_catalogue = now["month"].map(hashes) == catalogue.hash
    known = pd.MultiIndex.from_frame(frozen[["month", "indicator"]].drop_duplicates())
    was_there = pd.MultiIndex.from_frame(now[["month", "indicator"]]).isin(known)
    both = frozen.merge(now[same_catalogue.to_numpy(dtype=bool) | was_there], on=KEYS, how="outer")
    same = (both["released_numerator"] == both["numerator"]) & (both["released_denominator"] == both["denominator"])
    changed = both.loc[~same, list(REVISION_COLUMNS)]
    return changed.sort_values(KEYS, ascending=[False, True, True], ignore_index=True)


def _counts(
    connection: Connection,
    table: sa.Table,
    counters: Sequence[str],
    *,
    months: Sequence[int],
    levels: Sequence[str],
    root: str,
) -> pd.DataFrame:
    names = ["month", "place_code", *counters]
    statement = sa.select(*(table.c[name] for name in names)).where(
        *_picked(table, months=months, levels=levels, root=root), table.c.dimension == "all"
    )
    return pd.DataFrame(connection.execute(statement).all(), columns=names)


def _of_counters(counts: pd.DataFrame, wanted: Sequence[Indicator], residents: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for indicator in wanted:
        below = indicator.denominator
        column = counts["place_code"].map(residents[below]) if below in PLACE_ATTRIBUTES else counts[below]
        yield pd.DataFrame(
            {
                "month": counts["month"],
                "indicator": indicator.code,
                "place_code": counts["place_code"],
                "numerator": counts[indicator.numerator],
                "denominator": pd.to_numeric(column),
            }
        )


def _residents(connection: Connection, *, root: str, levels: Sequence[str]) -> pd.DataFrame:
    names = ["code", *PLACE_ATTRIBUTES]
    statement = sa.select(*(place.c[name] for name in names)).where(
        place.c.level.in_(levels), place.c.code.startswith(root), place.c.valid_to.is_(None)
    )
    return pd.DataFrame(connection.execute(statement).all(), columns=names).set_index("code")


def _measured(
    connection: Connection, codes: Sequence[str], *, months: Sequence[int], levels: Sequence[str], root: str
) -> pd.DataFrame:
    table, names = measurement_monthly, [*KEYS, *PAIR]
    statement = sa.select(*(table.c[name] for name in names)).where(
        *_picked(table, months=months, levels=levels, root=root),
        table.c.dimension == "all",
        table.c.indicator.in_(codes),
    )
    return pd.DataFrame(connection.execute(statement).all(), columns=names)


def _picked(
    table: sa.Table, *, months: Sequence[int], levels: Sequence[str], root: str
) -> list[sa.ColumnElement[bool]]:
    return [table.c.level.in_(levels), table.c.month.in_(list(months)), table.c.place_code.startswith(root)]


def _frozen(connection: Connection, *, months: Sequence[int], root: str) -> pd.DataFrame:
    """The released pairs; those of places closed since are added to the place that carries their history."""
    statement = sa.select(*(release_figure.c[name] for name in (*KEYS, *PAIR))).where(
        release_figure.c.month.in_(list(months)), release_figure.c.place_code.startswith(root)
    )
    frozen = pd.DataFrame(connection.execute(statement).all(), columns=[*KEYS, *_FROZEN_PAIR])
    heirs = final_successors(connection)
    closed = frozen["place_code"].isin(heirs)
    if not closed.any():
        return frozen
    carried = frozen.assign(place_code=frozen["place_code"].map(lambda code: heirs.get(code, code)))
    return carried.groupby(KEYS, as_index=False)[_FROZEN_PAIR].sum()
