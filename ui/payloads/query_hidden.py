"""Which figures leave the dashboard only as hidden: counts so small that they point at a person, and what gives them
away. On the screen, behind the sign-in, they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator
from indicators.small_numbers import SMALLEST_SHOWN
from indicators.suppression_audit import suppress
from indicators.table_margins import TOTAL, margins

_OUTCOME: Final = "outcome"
Keys = frozenset[tuple[str, ...]]


def hidden_keys(rows: pd.DataFrame, indicator: Indicator, *, keys: Sequence[str], x: str = "x", n: str = "n") -> Keys:
    """The combinations of ``keys`` (as text) whose figures are hidden in a file; sums are named ``total``.

    A share gives away the remainder, so successes and failures are both looked at; whatever would let a hidden cell be
    worked out from the sums is hidden with it. Only issues point at persons: inspections and measurements hide nothing.
    ``rows`` hold one row a combination; without counts they are NaN. The sum of everything stays shown.
    """
    if indicator.source != "issues" or rows.empty:
        return frozenset()
    known = rows[rows[n].fillna(0) > 0]
    if known.empty:
        return frozenset()
    names = known[list(keys)].astype(str)
    share = indicator.counts_share
    parts = [names.assign(**{_OUTCOME: "yes", "count": known[x].to_numpy()})]
    if share:
        parts.append(names.assign(**{_OUTCOME: "no", "count": (known[n] - known[x]).to_numpy()}))
    table = margins(
        pd.concat(parts, ignore_index=True), value="count", keys={**dict.fromkeys(keys), **{_OUTCOME: None}}
    )
    cells, small = table.cells, (table.values > 0) & (table.values < SMALLEST_SHOWN)
    everything = (cells[list(keys)] == TOTAL).all(axis=1).to_numpy()
    primary = small & ~everything
    if not primary.any():
        return frozenset()
    found = suppress(table.values, table.constraints, primary, shown=everything)
    hidden = cells.loc[np.asarray(found.hidden), list(keys)].drop_duplicates()
    return frozenset(tuple(str(part) for part in row) for row in hidden.itertuples(index=False))
