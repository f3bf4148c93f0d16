"""The circular's table: one row a place, sortable, each judged figure marked, linked to the map by hover and pick."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from streamlit.components.v2.bidi_component import ComponentResult

from ui import component_base as base

__all__ = ["Cell", "Column", "Download", "Row", "place_table"]

KINDS: Final = ("index", "name", "text", "number", "rate", "interval", "rank")
ORDERS: Final = ("asc", "desc")
LABELS: Final = (
    "sort_hint", "ascending", "descending", "download", "by_group", "no_rows", "reference", "target", "missing",
    "legend", "narrow", "joined",
)  # fmt: skip

_mount = base.register("place_table", folder=Path(__file__).parent)


@dataclass(frozen=True)
class Column:
    """One column. ``kind`` decides how its cells look and sort.

    index      running number in the order shown (no cells needed)
    name       the place, frozen at the left
    text       words, sorted as words of the reader's language
    number     a count; rate: a figure with its verdict; rank: a rank with its plausible range as ``note``
    interval   a dot with its interval on the axis ``axis_low``..``axis_high`` (same unit as the cells' ``value``),
               with a solid rule at ``reference`` (the district) and a dashed one at ``target``
    axis_text  what is printed at the two ends of the axis; empty prints them as percentages
    label      may hold one line break ("按期\\n办结率"), kept in the heading and taken out of the file
    hint       what the column is, shown on hover and to screen readers
    wide_only  left out where the table is narrow (beside a map); it stays in the download
    """

    code: str
    label: str
    kind: str = "number"
    hint: str = ""
    wide_only: bool = False
    axis_low: float | None = None
    axis_high: float | None = None
    reference: float | None = None
    target: float | None = None
    axis_text: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        base.require_text(code=self.code, label=self.label)
        base.require_choice("kind", value=self.kind, allowed=KINDS)
        low, high = base.figure(self.axis_low), base.figure(self.axis_high)
        if self.kind == "interval" and (low is None or high is None or low >= high):
            raise ValueError(f"{self.code}: an interval column needs axis_low below axis_high.")

    def to_dict(self) -> dict[str, Any]:
        """The column as plain JSON values."""
        return {
            "code": self.code,
            "label": self.label,
            "kind": self.kind,
            "hint": self.hint,
            "wide_only": self.wide_only,
            "axis_low": base.figure(self.axis_low),
            "axis_high": base.figure(self.axis_high),
            "reference": base.figure(self.reference),
            "target": base.figure(self.target),
            "axis_text": list(self.axis_text) if self.axis_text else None,
        }


@dataclass(frozen=True)
class Cell:
    """One figure of one place.

    text      what is printed; empty prints as missing
    sort      what it sorts by (number, or text in a text column); None or NaN sorts last either way
    verdict   key of the verdict whose mark and colour it carries; None for figures that are not judged
    title     shown on hover and read to screen readers: n, interval, the verdict in words
    note      small text beside the figure, such as the range of a rank
    value, low, high   for interval columns
    """

    text: str
    sort: float | str | None = None
    verdict: str | None = None
    title: str = ""
    note: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        base.require_choice("verdict", value=self.verdict, allowed=(None, *base.VERDICTS))

    def to_dict(self) -> dict[str, Any]:
        """The cell as plain JSON values, without what is not set: a table has hundreds of them."""
        full = {
            "text": self.text,
            "sort": self.sort if isinstance(self.sort, str) else base.figure(self.sort),
            "verdict": self.verdict,
            "title": self.title,
            "note": self.note,
            "value": base.figure(self.value),
            "low": base.figure(self.low),
            "high": base.figure(self.high),
        }
        return {name: value for name, value in full.items() if value not in (None, "")}


@dataclass(frozen=True)
class Row:
    """One place: ``cells`` by column code, the group it is listed under on demand, ``total`` for the district row."""

    code: str
    cells: Mapping[str, Cell] = field(default_factory=dict)
    group: str = ""
    total: bool = False

    def __post_init__(self) -> None:
        base.require_text(code=self.code)

    def to_dict(self) -> dict[str, Any]:
        """The row as plain JSON values."""
        return {
            "code": self.code,
            "group": self.group,
            "total": self.total,
            "cells": {code: cell.to_dict() for code, cell in self.cells.items()},
        }


@dataclass(frozen=True)
class Download:
    """The table as a CSV file: its name, a mark for its first line (「演示数据」, or empty), closing notes.

    The file holds the rows in the order shown, with every column. A text that a spreadsheet would run as a formula
    gets a leading apostrophe; plain signed numbers stay numbers.
    """

    file_name: str
    mark: str = ""
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        base.require_text(file_name=self.file_name)
        if not self.file_name.endswith(".csv") or set(self.file_name) & set('/\\:*?"<>|'):
            raise ValueError(f"{self.file_name!r} is no name for a CSV file on every computer.")

    def to_dict(self) -> dict[str, Any]:
        """The download as plain JSON values."""
        return {"file_name": self.file_name, "mark": self.mark, "notes": list(self.notes)}


def payload(
    *,
    columns: Sequence[Column],
    rows: Sequence[Row],
    lang: str,
    caption: str = "",
    comparison: str = "",
    footnotes: Sequence[str] = (),
    selected: str | None = None,
    sort: tuple[str, str] | None = None,
    grouped: bool = False,
    download: Download | None = None,
    max_height: int | None = None,
) -> dict[str, Any]:
    """What the browser gets; arguments as in :func:`place_table`.

    Raises ValueError for doubled codes, cells of unknown columns, or an order by an unknown column.
    """
    codes = [column.code for column in columns]
    base.require_unique(codes, what="Columns")
    base.require_unique([row.code for row in rows], what="Rows")
    stray = sorted({code for row in rows for code in row.cells} - set(codes))
    if stray:
        raise ValueError(f"Cells of columns that are not in the table: {', '.join(stray)}.")
    if sort is not None:
        base.require_choice("sort column", value=sort[0], allowed=codes)
        base.require_choice("sort order", value=sort[1], allowed=ORDERS)
    shown = {cell.verdict for row in rows for cell in row.cells.values() if cell.verdict}
    return {
        "columns": [column.to_dict() for column in columns],
        "rows": [row.to_dict() for row in rows],
        "caption": caption,
        "comparison": comparison,
        "footnotes": list(footnotes),
        "selected": selected,
        "sort": list(sort) if sort else None,
        "grouped": grouped,
        "download": download.to_dict() if download else None,
        "max_height": max_height,
        "labels": base.labels("place_table", names=LABELS, lang=lang),
        "verdicts": base.labels("verdicts", names=[key for key in base.VERDICTS if key in shown], lang=lang),
        "colours": base.colours(),
        "lang": lang,
    }


def place_table(
    *,
    columns: Sequence[Column],
    rows: Sequence[Row],
    key: str,
    caption: str = "",
    comparison: str = "",
    footnotes: Sequence[str] = (),
    selected: str | None = None,
    sort: tuple[str, str] | None = None,
    grouped: bool = False,
    download: Download | None = None,
    max_height: int | None = 760,
    lang: str = "zh",
    on_pick: Callable[[], None] | None = None,
) -> ComponentResult:
    """Show ``rows`` as a table; a pick (click, Enter) puts the place code in ``st.session_state[key].pick``.

    caption     the table's name for screen readers and print
    comparison  what the marks compare with ("与全区其余镇街比较"), printed before the legend
    footnotes   lines under the table, such as the places without cases
    selected    code of the row that is lit
    sort        (column code, "asc" or "desc") to begin with; the reader's own order is kept on later runs
    grouped     whether rows begin under their group headings (the reader can switch)
    max_height  pixels after which the table scrolls in itself; None lets it grow
    """
    data = payload(
        columns=columns,
        rows=rows,
        lang=lang,
        caption=caption,
        comparison=comparison,
        footnotes=footnotes,
        selected=selected,
        sort=sort,
        grouped=grouped,
        download=download,
        max_height=max_height,
    )
    return mount(base.packed(data), key=key, on_pick=on_pick)


def mount(data: bytes, *, key: str, on_pick: Callable[[], None] | None = None) -> ComponentResult:
    """Show a table whose ``payload`` was packed before, for pages that keep it."""
    return _mount(key=key, data=data, height="content", **base.triggers(pick=on_pick))
