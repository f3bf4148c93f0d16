"""The two kinds of parts that the issues page is made of: a figure, and a table; each with what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ui.charts.frozen import Frozen


@dataclass(frozen=True)
class TablePart:
    """A table of the page with the sentence above it. ``opens``: its rows are places, and a pick opens their page.

    Where there is nothing to show, ``empty`` says why.
    """

    title: str
    sentence: str
    period: str
    table: Mapping[str, Any]
    ready: bytes
    empty: str
    opens: bool = True


@dataclass(frozen=True)
class FigurePart:
    """A figure of the page with the sentences above it and the table beside it, if there is one.

    ``alt`` tells the finding, ``period`` the time it is of, in words. Without ``figure``, ``empty`` says why.
    """

    figure: Frozen | None
    alt: str
    title: str
    period: str
    sentences: tuple[str, ...] = ()
    table: TablePart | None = None
    empty: str = ""
