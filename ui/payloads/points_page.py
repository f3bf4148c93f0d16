"""What every kind of points page mounts, and which kind draws what."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import pandas as pd

from geo.deck_specs import DeckSpec
from ui import cached_reads
from ui.measures import View
from ui.place_names import place_name
from ui.texts import text

SHOWN: Final = ("estates", "firms", "columns", "heat")
"""Codes of what can be shown, the first by default."""
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
MOST_ROWS: Final = 2_000
"""Rows of the table on the page; the file has all."""


@dataclass(frozen=True)
class PointsPage:
    """One choice, ready. ``spec`` is None where there is nothing to draw.

    ``legend`` is HTML; ``table`` has words and numbers as they are read, worst first, the first :data:`MOST_ROWS` of
    them with ``villages`` in the same order; ``more`` says that the file holds further rows; ``left_out`` how many have
    no position ("" for none); ``dates`` which columns hold days.
    """

    title: str
    note: str
    alt: str
    hint: str
    spec: DeckSpec | None
    legend: str
    table: pd.DataFrame
    whole: pd.DataFrame
    villages: tuple[str, ...]
    left_out: str
    more: str
    file_name: str
    mark: str
    dates: tuple[str, ...] = ()

    def csv(self) -> bytes:
        """The whole table as a CSV file with a mark of order for spreadsheets; the mark of made-up data comes first.

        A text that a spreadsheet would run as a formula gets a leading apostrophe.
        """
        lines = io.StringIO()
        writer = csv.writer(lines)
        if self.mark:
            writer.writerow([self.mark])
        writer.writerow(list(self.whole.columns))
        writer.writerows([_harmless(cell) for cell in row] for row in self.whole.itertuples(index=False))
        return b"\xef\xbb\xbf" + lines.getvalue().encode("utf-8")


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
    return "" if pd.isna(cell) else cell


def area_name(view: View, within: str) -> str:
    """The district's or township's name in the reader's language."""
    level = "district" if within == view.root else "township"
    register = cached_reads.places(view.scope, level=level, version=view.version)
    return place_name(dict(zip(register["code"], register["name"], strict=True))[within], view.lang)


def place_words(view: View, within: str) -> Mapping[str, str]:
    """Code to name of the villages within, and of all townships."""
    villages = cached_reads.places(view.scope, level="village", within=within, version=view.version)
    townships = cached_reads.places(view.scope, level="township", version=view.version)
    short = villages["short_name"].fillna(villages["name"])
    codes, names = [*villages["code"], *townships["code"]], [*short, *townships["name"]]
    return {str(code): place_name(str(name), view.lang) for code, name in zip(codes, names, strict=True)}


def mark_text(demonstration: bool, lang: str) -> str:
    """「演示数据」 where figures are made up."""
    return text("frame.demonstration.band", lang) if demonstration else ""


def file_stem(mark: str) -> str:
    """The beginning of a file's name: the mark, where there is one."""
    return f"{mark}_" if mark else ""


def legend_html(title: str, entries: list[tuple[str, str, str]]) -> str:
    """The legend: each entry is a sign (HTML made here, never from data), its words and its count or range."""
    lines = [f'<li class="title">{escape(title)}</li>'] if title else []
    lines += [
        f"<li>{sign}<span>{escape(word)}</span>" + (f"<strong>{escape(count)}</strong>" if count else "") + "</li>"
        for sign, word, count in entries
    ]
    return f'<ul class="gb-points">{"".join(lines)}</ul>'
