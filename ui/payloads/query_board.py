"""What the page of free analysis mounts for an answer, whatever form the question had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui import place_table
from ui.charts.frozen import Frozen
from ui.component_base import packed
from ui.measures import View
from ui.texts import text


@dataclass(frozen=True)
class QueryBoard:
    """One answer, ready.

    title        the finding, in one sentence; ``question`` the question, title of figure, table and files
    months       the months of the figures, in words
    figure       None where there is nothing to draw, and ``empty`` says why (empty: the table is the figure)
    lines        what the tests say, as (heading, sentence)
    table        arguments of `place_table`; ``exported`` the same with small counts hidden; None without data
    picks        level of the places that a click on figure or table opens; "" where rows are no places
    """

    title: str
    question: str
    months: str
    note: str
    places_with_data: tuple[int, int] | None
    figure: Frozen | None
    figure_note: str
    empty: str
    lines: Sequence[tuple[str, str]]
    table: Mapping[str, Any] | None
    exported: Mapping[str, Any] | None
    packed_table: bytes
    table_note: str
    picks: str


def packed_table(table: Mapping[str, Any] | None, lang: str) -> bytes:
    """A table ready for the browser; nothing for none."""
    return packed(place_table.payload(**table, lang=lang)) if table else b""


def nothing(title: str, question: str, sentence: str, *, months: str) -> QueryBoard:
    """The answer where there is none, with the sentence that says why and what to do."""
    return QueryBoard(
        title=title, question=question, months=months, note="", places_with_data=None, figure=None, figure_note="",
        empty=sentence, lines=(), table=None, exported=None, packed_table=b"", table_note="", picks="",
    )  # fmt: skip


def file_mark(view: View, *, demonstration: bool) -> str:
    """The mark of made-up figures on the first line of a file."""
    return text("frame.demonstration.band", view.lang) if demonstration else ""
