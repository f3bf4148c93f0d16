"""What a load says while it runs and when it has ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from data_access.headline import HeadlineChange
from data_access.ingestion.heading_likeness import Suggestion
from data_access.ingestion.place_names import PlaceAsk
from data_access.ingestion.problems import Flag, Problem
from data_access.releases import DataVersion

STAGES = ("read", "rows", "checks", "count", "commit")


@dataclass(frozen=True)
class Progress:
    """Where a load stands: the stage (see STAGES), the share of the file's bytes read (None: unknown), rows so far."""

    stage: str
    share: float | None
    rows: int


@dataclass(frozen=True)
class LoadSummary:
    """What one load did, or what it would do (`dry_run`).

    `already_loaded` means that the same file was known and nothing was changed. `rows_late` are among `rows_unchanged`:
    older than what is known, kept in history. `headings` is field → heading as it stands in the file. `batch_id` is the
    number the batch has, in a dry run a number it might get.
    """

    source: str
    file_name: str
    already_loaded: bool
    batch_id: int
    dry_run: bool = False
    rows_read: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_unchanged: int = 0
    rows_late: int = 0
    totals_skipped: int = 0
    problems: tuple[Problem, ...] = ()
    flags: tuple[Flag, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    unused_sheets: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    asks: tuple[PlaceAsk, ...] = ()
    headings: dict[str, str] = field(default_factory=dict)
    first_month: int | None = None
    last_month: int | None = None
    headline: tuple[HeadlineChange, ...] = ()
    version: DataVersion | None = None

    def reasons(self) -> list[tuple[str, int]]:
        """How many rows were set aside for each reason, most frequent first."""
        return Counter(problem.reason for problem in self.problems).most_common()
