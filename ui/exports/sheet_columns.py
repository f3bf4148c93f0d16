"""The columns of a table as columns of a workbook: figures as numbers, intervals, verdicts and ranges beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ui.exports.table_figures import Figure, figure_of
from ui.texts import text

if TYPE_CHECKING:
    from ui.place_table import Cell, Column, Row

FIGURES: Final = ("number", "rate", "interval", "rank")
UNJUDGED: Final = ("too_few", "hidden", "no_data", "not_applicable")
_RANGE: Final = re.compile(r"^(\d+)–(\d+)$")

Written = Figure | str | None


@dataclass(frozen=True)
class SheetColumn:
    """One column of the sheet: its heading, the table's column it comes from, and what stands in the row ``place``
    (running number, 0 for a total) of it.
    """

    heading: str
    code: str
    read: Callable[[Row, int], Written]
    words: bool = False


def one_line(label: str, lang: str) -> str:
    """A heading without its line break, joined as the language joins words; a word broken with a hyphen is whole."""
    return label.replace("-\n", "").replace("\n", "" if lang == "zh" else " ")


def sheet_columns(columns: Sequence[Column], rows: Sequence[Row], lang: str) -> list[SheetColumn]:
    """Every column of the table in order, each followed by what its cells carry besides the printed text."""
    made: list[SheetColumn] = []
    grouped, repeated = any(row.group for row in rows), _repeated_verdicts(columns, rows)
    for column in columns:
        heading = one_line(column.label, lang)
        if column.kind == "index":
            made.append(SheetColumn(heading, column.code, _running))
            continue
        as_words = column.kind not in FIGURES
        made.append(SheetColumn(heading, column.code, _main(column.code, as_words, lang), words=as_words))
        if column.kind == "name" and grouped:
            made.append(SheetColumn(text("workbook.group", lang), "", lambda row, _: row.group, words=True))
            grouped = False
        cells = [row.cells[column.code] for row in rows if column.code in row.cells]
        made += _beside(column.code, heading, cells, lang, judged=column.code not in repeated)
    return made


def _repeated_verdicts(columns: Sequence[Column], rows: Sequence[Row]) -> set[str]:
    """Interval columns whose verdicts all stand in another column as well."""
    said = {
        column.code: tuple(row.cells[column.code].verdict if column.code in row.cells else None for row in rows)
        for column in columns
    }
    others = {said[column.code] for column in columns if column.kind != "interval"}
    return {column.code for column in columns if column.kind == "interval" and said[column.code] in others}


def ordered_rows(rows: Sequence[Row], sort: tuple[str, str] | None) -> list[Row]:
    """Totals first, then the rows in the order in which the table opens: what cannot be judged after the rest."""
    totals, places = [row for row in rows if row.total], [row for row in rows if not row.total]
    if sort is None:
        return [*totals, *places]
    code, order = sort
    tiers: dict[int, list[Row]] = {0: [], 1: [], 2: []}
    for row in places:
        cell = row.cells.get(code)
        missing = cell is None or cell.sort is None or cell.sort != cell.sort
        tiers[2 if missing else 1 if cell is not None and cell.verdict in UNJUDGED else 0].append(row)
    for tier in (0, 1):
        tiers[tier].sort(key=lambda row: _level(row.cells[code].sort), reverse=order == "desc")
    return [*totals, *tiers[0], *tiers[1], *tiers[2]]


def _level(value: Any) -> tuple[int, float, str]:
    return (1, 0.0, value) if isinstance(value, str) else (0, float(value), "")


def _running(row: Row, place: int) -> Written:
    return None if row.total else Figure(float(place), "0")


def _main(code: str, as_words: bool, lang: str) -> Callable[[Row, int], Written]:
    def read(row: Row, _: int) -> Written:
        cell = row.cells.get(code)
        if cell is None:
            return None
        if not cell.text:  # an interval that could not be drawn says why where the reader points at it
            return cell.title or text("workbook.empty", lang)
        return cell.text if as_words else figure_of(cell) or cell.text

    return read


def _beside(code: str, heading: str, cells: Sequence[Cell], lang: str, *, judged: bool) -> list[SheetColumn]:
    def named(part: str) -> str:
        return text(f"workbook.beside.{part}", lang, heading=heading)

    made = []
    if any(cell.low is not None for cell in cells):
        made += [SheetColumn(named(part), code, _end(code, part)) for part in ("low", "high")]
    notes = [cell.note for cell in cells if cell.note]
    if notes and all(_RANGE.match(note) for note in notes):
        made += [
            SheetColumn(named(f"range_{part}"), code, _range_end(code, at)) for at, part in ((1, "low"), (2, "high"))
        ]
    elif notes:
        made.append(SheetColumn(named("note"), code, lambda row, _: _note(row, code), words=True))
    if judged and any(cell.verdict for cell in cells):
        made.append(SheetColumn(named("verdict"), code, _verdict(code, lang), words=True))
    return made


def _end(code: str, part: str) -> Callable[[Row, int], Written]:
    def read(row: Row, _: int) -> Written:
        cell = row.cells.get(code)
        end: float | None = None if cell is None else getattr(cell, part)
        if cell is None or end is None:
            return None
        figure = figure_of(cell)
        return Figure(float(end), figure.number_format if figure else "General")

    return read


def _range_end(code: str, at: int) -> Callable[[Row, int], Written]:
    def read(row: Row, _: int) -> Written:
        found = _RANGE.match(_note(row, code) or "")
        return Figure(float(found[at]), "0") if found else None

    return read


def _note(row: Row, code: str) -> str | None:
    cells: Mapping[str, Cell] = row.cells
    return (cells[code].note or None) if code in cells else None


def _verdict(code: str, lang: str) -> Callable[[Row, int], Written]:
    def read(row: Row, _: int) -> Written:
        cell = row.cells.get(code)
        return text(f"components.verdicts.{cell.verdict}", lang) if cell is not None and cell.verdict else None

    return read
