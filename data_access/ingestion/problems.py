"""What is said about single rows: why one was set aside, and what looks odd in one that was taken."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_PROBLEMS = 20_000  # a file with more rows set aside is refused as a whole: something general is wrong with it


@dataclass(frozen=True)
class Problem:
    """Why one row cannot be taken: where it stands, what was found, and what would be right.

    Attributes
    ----------
    sheet, row
        Where the row stands: sheet ("" in a text file) and row number as the spreadsheet program shows it.
    column, found
        The heading as it stands in the file and the text of the cell, shortened; "" where the whole row is meant.
    reason
        A code such as "not_understood", the same for the same kind of problem.
    zh, en
        The sentence: what is wrong and what would be right.
    cells
        The row as it stood, heading → text.
    key_text, place_code, month
        Its natural key, township and month (YYYYMM) where they could be told.
    """

    sheet: str
    row: int
    column: str
    found: str
    reason: str
    zh: str
    en: str
    cells: dict[str, str] = field(default_factory=dict, compare=False)
    key_text: str | None = None
    place_code: str | None = None
    month: int | None = None


@dataclass(frozen=True)
class Flag:
    """What looks odd in a batch that was taken all the same; `row` is None when it is about more than one row.

    `place_code` and `month` (YYYYMM) say which place and month it is about, None for all.
    """

    reason: str
    zh: str
    en: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    found: str = ""
    place_code: str | None = None
    month: int | None = None
