"""The answer to "cross …": an indicator by two dimensions at once, each cell against all the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.values import rate_table
from indicators.verdicts import LOOK, verdict_table
from ui import cached_reads
from ui.measures import View
from ui.payloads.circular_table import rate_cell
from ui.payloads.query_board import QueryBoard, file_mark, nothing, packed_table
from ui.payloads.query_choices import UNKNOWN, Query
from ui.payloads.query_files import frame_file, heads_of
from ui.payloads.query_hidden import TOTAL, Keys, hidden_keys
from ui.payloads.query_reads import crossed_counts
from ui.payloads.query_table import hidden_cell
from ui.payloads.query_words import BETTER, HIGHER, LOWER, WORSE, months_words, place_words
from ui.place_table import Cell, Column, Row
from ui.texts import number, text
from ui.wording import evidence_text, figure_text, has_figure

_FIGURES: Final = ("x", "n", "value", "low", "high", "rest_x", "rest_n", "rest_value", "difference", "difference_low",
                   "difference_high", "p_low", "p_high", "verdict", "state")  # fmt: skip


@dataclass(frozen=True)
class Crossed:
    """Cells by both dimensions (a ``verdict_table`` with the columns row and column), and the sums: by row, by column
    and of everything (``rate_table``s). ``dimensions`` are those of rows and columns: the one with more values makes
    the rows, whichever was named first. Frames are shared between everybody: never change them."""

    indicator: Indicator
    dimensions: tuple[str, str]
    cells: pd.DataFrame
    by_row: pd.DataFrame
    by_column: pd.DataFrame
    total: pd.DataFrame


@st.cache_resource(show_spinner=False, max_entries=100)
def crossed(view: View, query: Query, *, as_of: dt.date) -> Crossed:
    """The figures of a question of the form "cross"."""
    indicator = cached_reads.catalogue()[query.indicator]
    counts = crossed_counts(view, indicator, query.dimensions, as_of=as_of)
    first, second = query.dimensions
    wide = counts[second].nunique() > counts[first].nunique()
    dimensions = (second, first) if wide else (first, second)
    counts = counts.rename(columns=dict(zip(dimensions, ("row", "column"), strict=True)))
    cells = verdict_table(rate_table(counts, indicator, by=("row", "column")), indicator)
    return Crossed(
        indicator,
        dimensions,
        cells,
        rate_table(counts, indicator, by=("row",)),
        rate_table(counts, indicator, by=("column",)),
        rate_table(counts, indicator, by=()),
    )


@st.cache_resource(show_spinner=False, max_entries=100)
def cross_board(view: View, query: Query, *, as_of: dt.date | None) -> QueryBoard:
    """Title, tests and the heat table; the table is the figure."""
    lang, indicator = view.lang, cached_reads.catalogue()[query.indicator]
    months = months_words(view, indicator)
    names = _dimension_names(query.dimensions, lang)
    question = text("query.question.cross", lang, indicator=indicator.name[lang], where=place_words(view, query),
                    months=months, **names)  # fmt: skip
    found = crossed(view, query, as_of=as_of) if as_of is not None else None
    if found is None or not found.cells["n"].fillna(0).gt(0).any():
        empty = text("query.empty.no_crossed", lang, indicator=indicator.name[lang], months=months, **names)
        return nothing(question, question, empty, months=months)
    table = _table(view, found, question)
    hidden = hidden_keys(found.cells, indicator, keys=("row", "column"))
    return QueryBoard(
        title=_title(found, lang),
        question=question,
        months=months,
        note="",
        places_with_data=None,
        figure=None,
        figure_note=text("query.figure_note.cross", lang),
        empty="",
        lines=_lines(found, lang),
        table=table,
        exported=_table(view, found, question, hidden=hidden) if hidden else table,
        packed_table=packed_table(table, lang),
        table_note=text("query.figure_note.cross", lang),
        picks="",
    )


def cross_file(view: View, query: Query, *, as_of: dt.date, demonstration: bool) -> bytes:
    """The cells as a CSV file with the definitions; small counts of issues hidden."""
    found, lang = crossed(view, query, as_of=as_of), view.lang
    hidden = hidden_keys(found.cells, found.indicator, keys=("row", "column"))
    rows = []
    for row in found.cells.to_dict("records"):
        full = {**row, "row_name": _value_name(found, 0, row["row"], lang),
                "column_name": _value_name(found, 1, row["column"], lang)}  # fmt: skip
        if (row["row"], row["column"]) in hidden:
            full |= dict.fromkeys(_FIGURES) | {"state": "hidden"}
        rows.append(full)
    board = cross_board(view, query, as_of=as_of)
    notes = [text("query.file.note_cross", lang), *(
        text("query.file.line", lang, heading=heading, sentence=sentence) for heading, sentence in board.lines
    )]  # fmt: skip
    if hidden:
        notes.append(text("query.table.hidden", lang))
    return frame_file(
        view, question=board.question, months=board.months, indicators=(found.indicator,), pairing=None,
        heads=heads_of(["row", "row_name", "column", "column_name", *_FIGURES], lang), rows=rows, notes=notes,
        mark=file_mark(view, demonstration=demonstration), as_of=as_of,
    )  # fmt: skip


def _dimension_names(dimensions: tuple[str, str], lang: str) -> dict[str, str]:
    known = cached_reads.catalogue().dimensions
    return {side: known[code].name[lang] for side, code in zip(("rows", "columns"), dimensions, strict=True)}


def _value_name(found: Crossed, side: int, value: str, lang: str) -> str:
    named = cached_reads.catalogue().dimensions[found.dimensions[side]].values
    return named[value][lang] if value in named else value


def _cell_name(found: Crossed, row: Mapping[str, Any], lang: str) -> str:
    return text("query.cross.cell", lang, row=_value_name(found, 0, row["row"], lang),
                column=_value_name(found, 1, row["column"], lang))  # fmt: skip


def _sides(indicator: Indicator) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (LOWER, HIGHER) if indicator.better == "neutral" else (WORSE, BETTER)


def _title(found: Crossed, lang: str) -> str:
    """How many cells fall behind the rest with false alarms held, and which of them touches the most cases."""
    indicator, cells = found.indicator, found.cells
    tested = int(cells["p_low"].notna().sum())
    facts = {"indicator": indicator.name[lang], "tested": number(tested), **_dimension_names(found.dimensions, lang)}
    if not tested:
        return text("query.cross.title_untested", lang, **facts)
    seeming, _ = (cells[cells["verdict"].isin(words)] for words in _sides(indicator))
    firm = cells[cells["verdict"].str.startswith("much_")]
    behind, ahead = (firm[firm["verdict"].isin(words)] for words in _sides(indicator))
    facts |= {"behind": number(len(behind)), "ahead": number(len(ahead)), "seeming": number(len(seeming))}
    neutral = "_neutral" if indicator.better == "neutral" else ""
    if behind.empty:
        return text(f"query.cross.title_even{neutral}", lang, **facts)
    # Distance times cases: the cell in which catching up with the rest would change most.
    downward = indicator.better == "lower"
    touched = ((behind["difference"] if downward else -behind["difference"]) * behind["n"]).idxmax()
    row = behind.loc[touched].to_dict()
    return text(
        f"query.cross.title{neutral}", lang, **facts, cell=_cell_name(found, row, lang),
        value=figure_text(row, indicator, lang),
        rest=figure_text({**row, "value": row["rest_value"], "x": row["rest_x"], "n": row["rest_n"],
                          "state": "value"}, indicator, lang),
    )  # fmt: skip


def _lines(found: Crossed, lang: str) -> list[tuple[str, str]]:
    indicator, cells = found.indicator, found.cells
    tested = int(cells["p_low"].notna().sum())
    if not tested:
        return [(text("query.test.cells", lang), text("query.test.none_testable", lang))]
    behind, ahead = _sides(indicator)
    clear = cells[cells["verdict"].isin((*behind, *ahead))]
    firm = cells[cells["verdict"].str.startswith("much_")]
    facts = {"tested": number(tested), "clear": number(len(clear)), "stands": number(len(firm)),
             "chance": number(2 * LOOK * tested, decimals=1)}  # fmt: skip
    lines = [(text("query.test.cells", lang), text("query.test.rows_cells", lang, **facts))]
    joiner = "、" if lang == "zh" else ", "
    neutral = "_neutral" if indicator.better == "neutral" else ""
    for words, key in ((behind, "behind"), (ahead, "ahead")):
        rows = firm[firm["verdict"].isin(words)].to_dict("records")
        if rows:
            heading = text(f"query.test.rest_{key}{neutral}", lang)
            lines.append((heading, joiner.join(_cell_name(found, row, lang) for row in rows)))
    return [*lines, (text("query.test.note", lang), text("query.cross.note", lang))]


def _table(view: View, found: Crossed, question: str, *, hidden: Keys = frozenset()) -> dict[str, Any]:
    """Rows by columns with the sums at the end; in every cell the rate, its cases and its mark against the rest."""
    lang, indicator = view.lang, found.indicator
    names = _dimension_names(found.dimensions, lang)
    order = [
        [value for value in (*_known_values(found, side), UNKNOWN) if value in set(found.cells[key])]
        for side, key in enumerate(("row", "column"))
    ]
    rows_in_order, columns_in_order = (list(dict.fromkeys(values)) for values in order)
    at = {(str(one["row"]), str(one["column"])): one for one in found.cells.to_dict("records")}
    by_row, by_column = (
        {str(one[key]): one for one in table.to_dict("records")}
        for key, table in (("row", found.by_row), ("column", found.by_column))
    )
    together = text("query.cross.total", lang)
    columns = [
        Column("name", names["rows"], kind="name"),
        Column(indicator.code, together, kind="rate", hint=indicator.description[lang]),
        *(
            Column(f"v_{value}", _value_name(found, 1, value, lang), kind="rate", hint=indicator.description[lang])
            for value in columns_in_order
        ),
    ]

    def sum_cell(row: Mapping[str, Any], key: tuple[str, str]) -> Cell:
        return hidden_cell(lang) if key in hidden else _plain(row, indicator, lang)

    rows = [
        Row(
            code=f"r_{value}",
            cells={
                "name": Cell(_value_name(found, 0, value, lang), sort=float(position)),
                **{
                    f"v_{other}": hidden_cell(lang) if (value, other) in hidden else _judged(
                        at.get((value, other)), indicator, lang
                    )
                    for other in columns_in_order
                },
                indicator.code: sum_cell(by_row[value], (value, TOTAL)),
            },
        )
        for position, value in enumerate(rows_in_order)
    ]  # fmt: skip
    total = Row(
        code=TOTAL, total=True,
        cells={"name": Cell(together),
               **{f"v_{value}": sum_cell(by_column[value], (TOTAL, value)) for value in columns_in_order},
               indicator.code: _plain(found.total.iloc[0].to_dict(), indicator, lang)},
    )  # fmt: skip
    notes = [text("query.cross.note", lang), indicator.description[lang]]
    return {
        "columns": columns,
        "rows": [total, *rows],
        "caption": question,
        "comparison": text("query.cross.comparison", lang),
        "footnotes": [*([text("query.table.hidden", lang)] if hidden else []), *notes],
        "max_height": None,
    }


def _known_values(found: Crossed, side: int) -> list[str]:
    return list(cached_reads.catalogue().dimensions[found.dimensions[side]].values)


def _judged(row: Mapping[str, Any] | None, indicator: Indicator, lang: str) -> Cell:
    """A cell with rate, cases and mark; an empty one where nothing was counted."""
    if row is None:
        return Cell("", title=text("query.cross.nothing", lang))
    cell = rate_cell(row, indicator, lang)
    if not has_figure(row):
        return cell
    return Cell(cell.text, sort=cell.sort, verdict=cell.verdict, title=cell.title, note=number(row["n"]))


def _plain(row: Mapping[str, Any], indicator: Indicator, lang: str) -> Cell:
    if not has_figure(row):
        return Cell("", title=figure_text(row, indicator, lang))
    return Cell(figure_text(row, indicator, lang), sort=float(row["value"]), note=number(row["n"]),
                title=evidence_text(row, indicator, lang))  # fmt: skip
