"""What a batch brought and what stood before it, read once for all checks of the batch as a whole.

Counts of rows are exact. What needs the rows themselves (times, empty columns, answers) is read from at most 30,000
rows of the batch, every k-th of a larger one; what is said about exact figures is then counted exactly.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from data_access.lineage import final_successors
from data_access.settings import read_settings
from data_access.tables import batch, batch_flag, inspection_monthly, inspection_result, issue, issue_monthly, place
from data_access.words import CODE_LENGTHS

SAMPLE_ROWS = 30_000
HISTORY = 6  # months a month is compared with
_TOWNSHIP = CODE_LENGTHS["township"]
_FACTS = {"issues": issue, "inspections": inspection_result}
_COUNTS = {"issues": issue_monthly, "inspections": inspection_monthly}
_BY_MONTH = ("township", "month", "rows")
_ROWS_OF = {"issues": ("reported",), "inspections": ("items_checked", "rechecked")}


def step_of(month: int) -> int:
    """Months YYYYMM as consecutive numbers."""
    return month // 100 * 12 + month % 100 - 1


def month_of(step: int) -> int:
    """The month YYYYMM of a consecutive number."""
    return int(step) // 12 * 100 + int(step) % 12 + 1


def days_in(step: int) -> int:
    """Number of days of a month."""
    return calendar.monthrange(step // 12, step % 12 + 1)[1]


def say_month(step: int) -> tuple[str, str]:
    """A month in both languages."""
    return f"{step // 12}年{step % 12 + 1}月", f"{step // 12}-{step % 12 + 1:02d}"


def township_of(places: pd.Series) -> pd.Series:
    """The townships of places of a township or below, by their codes."""
    return places.str.slice(0, _TOWNSHIP)


@dataclass(frozen=True)
class Places:
    """Name, level, parent and valid_to of all places, by code, and the root of the installation."""

    frame: pd.DataFrame
    root: str

    def name(self, code: str) -> str:
        """The name of a place for a sentence, of a village the short one; its code when it is not on the register."""
        return str(self.frame["name"].get(code, code))

    def standing(self, codes: pd.Index) -> pd.Series:
        """Which of these places still exist, by code."""
        gone = self.frame["valid_to"].reindex(codes).notna()
        return ~gone


def read_frame(connection: Connection, statement: sa.Select, columns: Sequence[str]) -> pd.DataFrame:
    """The rows of a statement as a frame. As tuples: of its own accord pandas would ask every Row what it is."""
    rows = [tuple(row) for row in connection.execute(statement)]
    return pd.DataFrame(rows, columns=list(columns))


def read_places(connection: Connection) -> Places:
    """All places of the register."""
    names = ("code", "level", "parent", "name", "short_name", "valid_to")
    frame = read_frame(connection, sa.select(*(place.c[name] for name in names)), names).set_index("code")
    village = frame["level"] == "village"
    frame["name"] = frame["short_name"].where(village, frame["name"])
    return Places(frame, read_settings().root_place)


class BatchPicture:
    """Rows by township and month as they stand with the batch and as they stood before it, and a look into the batch.

    Parameters
    ----------
    connection
        The loading transaction: the facts hold the batch, the monthly counts do not yet.
    source
        "issues" or "inspections".

    Attributes
    ----------
    now, before
        Rows by township (index: code) and month (columns: consecutive numbers without a gap), 0 where there are none.
    rows
        How many rows the batch wrote, late ones included.
    """

    def __init__(self, connection: Connection, source: str, batch_id: int) -> None:
        self.connection, self.source, self.batch_id = connection, source, batch_id
        self.facts, self.counts = _FACTS[source], _COUNTS[source]
        f = self.facts.c
        self.rows = connection.execute(
            sa.select(sa.func.count()).select_from(self.facts).where(f.batch_id == batch_id)
        ).scalar_one()
        standing = sa.select(f.place_code, f.month, sa.func.count()).where(f.superseded_by.is_(None))
        now = read_frame(connection, standing.group_by(f.place_code, f.month), _BY_MONTH)
        self.heirs = final_successors(connection)  # the counts are those of the places that carry the history
        now = _by_month(now.assign(township=township_of(now["township"].replace(self.heirs))))
        self.now, self.before = _aligned(now, _by_month(self._counted([])))

    @property
    def brought(self) -> pd.DataFrame:
        """How many rows the batch added to each township and month; below 0 where it took rows away."""
        return self.now - self.before

    def standing_before(self, channels: Sequence[str] | None) -> pd.DataFrame:
        """`before` for the issues of some channels only."""
        if channels is None:
            return self.before
        c = self.counts.c
        rows = _by_month(self._counted([c.value.in_(channels)], "channel"))
        return rows.reindex(index=self.before.index, columns=self.before.columns, fill_value=0)

    def counted(self, names: Sequence[str], first: int, last: int, *, dimension: str = "all",
                values: Sequence[str] | None = None) -> pd.DataFrame:  # fmt: skip
        """Counters `names` of every township (index) over the months first..last (consecutive numbers), as they stood
        before the batch."""
        c = self.counts.c
        statement = (
            sa.select(c.place_code, *(sa.func.sum(c[name]) for name in names))
            .where(c.level == "township", c.dimension == dimension, c.month.between(month_of(first), month_of(last)))
            .group_by(c.place_code)
        )
        if values is not None:
            statement = statement.where(c.value.in_(values))
        frame = read_frame(self.connection, statement, ["township", *names])
        return frame.set_index("township").astype(dict.fromkeys(names, "int64"))

    def _counted(self, conditions: list[ColumnElement[bool]], dimension: str = "all") -> pd.DataFrame:
        c = self.counts.c
        rows = sum((sa.func.sum(c[name]) for name in _ROWS_OF[self.source]), start=sa.literal(0))
        of = [c.level == "township", c.dimension == dimension, *conditions]
        statement = sa.select(c.place_code, c.month, rows).where(*of).group_by(c.place_code, c.month)
        return read_frame(self.connection, statement, _BY_MONTH)

    @cached_property
    def every(self) -> int:
        """The sample holds every `every`-th row of the batch."""
        return max(1, -(-self.rows // SAMPLE_ROWS))

    @property
    def own(self) -> list[ColumnElement[bool]]:
        """Condition: current rows of the batch."""
        return [self.facts.c.batch_id == self.batch_id, self.facts.c.superseded_by.is_(None)]

    def sample(self, columns: Mapping[str, ColumnElement]) -> pd.DataFrame:
        """Current rows of the batch, every `every`-th of them, with `township` and these columns."""
        conditions = self.own if self.every == 1 else [*self.own, self.facts.c.id % self.every == 0]
        chosen = {"township": self.facts.c.place_code, "month": self.facts.c.month, **columns}
        frame = read_frame(self.connection, sa.select(*chosen.values()).where(*conditions), list(chosen))
        townships = township_of(frame["township"].replace(self.heirs).astype("str"))
        return frame.assign(township=townships, step=frame["month"].map(step_of))

    def said_before(self) -> set[tuple[str, str | None, int | None]]:
        """(reason, place, month) of what earlier batches of the source that still count were flagged for."""
        statement = (
            sa.select(batch_flag.c.reason, batch_flag.c.place_code, batch_flag.c.month)
            .join(batch, batch.c.id == batch_flag.c.batch_id)
            .where(batch.c.source == self.source, batch.c.withdrawn_at.is_(None), batch.c.id != self.batch_id)
        )
        return {tuple(row) for row in self.connection.execute(statement)}


def _by_month(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.astype({"township": "str", "month": "int64", "rows": "int64"})
    wide = rows.assign(month=rows["month"].map(step_of).astype("int64")).pivot_table(
        index="township", columns="month", values="rows", aggfunc="sum", fill_value=0
    )
    return wide.astype("int64")


def _aligned(*frames: pd.DataFrame) -> list[pd.DataFrame]:
    """The frames over the same townships and over all months from the first to the last."""
    townships = sorted(set().union(*(frame.index for frame in frames)))
    steps = set().union(*(frame.columns for frame in frames))
    every = range(min(steps), max(steps) + 1) if steps else range(0)
    return [frame.reindex(index=townships, columns=list(every), fill_value=0) for frame in frames]
