"""The table of ranks: one row a township, with its range, its move and its rank among peers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from indicators.catalogue import Indicator
from ui.measures import View
from ui.payloads.circular_table import DISTRICT, interval_cell
from ui.payloads.rankings_figures import Moved, RankingFigures
from ui.payloads.rankings_words import (
    REAL,
    area_word,
    neighbour_lines,
    rank_words,
    short_names,
    span_words,
    than_kind,
)
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import month_span, month_text, number, points, text
from ui.wording import change_text, evidence_text, has_figure, verdict_text


def rankings_table(
    view: View, figures: RankingFigures, *, span: str | None, peers: str, demonstration: bool
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback.

    ``span`` is one of ``figures.moved`` (None: there is nothing to compare with), ``peers`` one of ``figures.peers``.
    """
    lang, indicator = view.lang, figures.indicator
    names = short_names(figures, lang)
    registered = dict(zip(figures.register["code"], figures.register["name"], strict=True))
    kinds = dict(zip(figures.register["code"], figures.register["kind"], strict=True))
    moved = figures.moved[span] if span else None
    columns = _columns(view, figures, span=span, peers=peers)
    rows = [
        Row(
            code=DISTRICT,
            total=True,
            cells={
                "name": Cell(area_word(view)),
                indicator.code: interval_cell(figures.total.iloc[0], indicator, lang),
            },
        )
    ]
    for row in figures.places.to_dict("records"):
        code = str(row["place"])
        cells = {
            "name": Cell(names[code], sort=registered[code], title=place_name(registered[code], lang)),
            "rank": _rank_cell(row, lang, lines=neighbour_lines(row, figures, names, lang)),
            "alike": _count_cell(row["alike"], " · ".join(neighbour_lines(row, figures, names, lang))),
            "above": _above_cell(row, figures, names, lang),
            indicator.code: interval_cell(row, indicator, lang),
            "judged": _judged_cell(row, indicator, lang),
            "peer": _peer_cell(figures.peers[peers].get(code), lang),
            **(_move_cells(moved, code, indicator, lang) if moved else {}),
        }
        kind = text(f"overview.kinds.{kinds[code]}", lang) if isinstance(kinds[code], str) else ""
        rows.append(Row(code=code, group=kind, cells=cells))
    known = {column.code for column in columns}
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    months = month_span(*view.months(indicator), lang)
    notes = [text("rankings.table.peers_note", lang, peers=text(f"rankings.columns.peer_hint_{peers}", lang))]
    if moved:
        now, before = span_words(moved, lang)
        notes.append(text("rankings.table.move_note", lang, now=now, before=before))
    comparison = text("rankings.table.comparison", lang)
    return {
        "columns": columns,
        "rows": [replace(row, cells={code: cell for code, cell in row.cells.items() if code in known}) for row in rows],
        "caption": text("rankings.table.caption", lang, months=months, indicator=indicator.name[lang]),
        "comparison": comparison,
        "footnotes": notes,
        "max_height": None,
        "sort": ("rank", "asc"),
        "download": Download(
            file_name=text(
                "rankings.table.file_name", lang, mark=f"{mark}_" if mark else "", indicator=indicator.code,
                first=view.first, last=view.last,
            ),
            mark=mark,
            notes=(comparison, *notes, text("overview.details.version_value", lang, number=view.version)),
        ),
    }  # fmt: skip


def _columns(view: View, figures: RankingFigures, *, span: str | None, peers: str) -> list[Column]:
    lang, indicator = view.lang, figures.indicator

    def column(code: str, kind: str = "number", **facts: str) -> Column:
        hint = text(f"rankings.columns.{code}_hint", lang, **facts)
        return Column(code, text(f"rankings.columns.{code}", lang), kind=kind, hint=hint)

    columns = [
        Column("name", text("rankings.columns.name", lang), kind="name"),
        column("rank", "rank", indicator=indicator.name[lang]),
        _interval_column(figures, lang),
        column("judged", "text"),
        column("alike"),
        column("above", "text"),
        Column("peer", text("rankings.columns.peer", lang), kind="rank",
               hint=text(f"rankings.columns.peer_hint_{peers}", lang)),
    ]  # fmt: skip
    if span is None:
        return columns
    moved = figures.moved[span]
    _, months = span_words(moved, lang)
    hint = text("rankings.columns.before_hint", lang, months=months)
    if span == "month":
        month = month_text(moved.now[0], lang)
        label = text("rankings.columns.now", lang, month=month)
        columns.append(Column("now", label, kind="rank", hint=text("rankings.columns.now_hint", lang, month=month)))
        before = text("rankings.columns.before", lang, month=months)
    else:
        before = text(f"rankings.columns.before_{than_kind(moved)}", lang)
    columns.append(Column("before", before, kind="rank", hint=hint))
    return [*columns, column("move"), column("change")]


def _interval_column(figures: RankingFigures, lang: str) -> Column:
    """The rate as a dot on an axis that holds every judged dot and interval, and the target where it is near."""
    indicator, judged = figures.indicator, figures.places[figures.places["state"] == "value"]
    total = figures.total.iloc[0]
    ends = pd.concat([judged[["low", "high", "value"]].stack(), pd.Series([total["value"]])]).dropna()
    low, high = (float(ends.min()), float(ends.max())) if len(ends) else (0.0, 1.0)
    share = indicator.kind == "proportion"
    pad = max((high - low) * 0.05, 1e-6)
    low, high = max(low - pad, 0.0), min(high + pad, 1.0) if share else high + pad
    target = indicator.target
    return Column(
        indicator.code,
        indicator.name[lang],
        kind="interval",
        hint=indicator.description[lang],
        axis_low=low,
        axis_high=high,
        axis_text=None if share else (number(low, decimals=1), number(high, decimals=1)),
        reference=float(total["value"]) if has_figure(total) else None,
        target=target if target is not None and low <= target <= high else None,
    )


def _rank_cell(row: Mapping[str, Any], lang: str, *, lines: list[str]) -> Cell:
    if pd.isna(row["rank"]):
        return Cell("", title=text("rankings.table.no_rank", lang))
    title = " · ".join([rank_words(row, lang), *lines])
    return _ranked(row["rank"], row["rank_low"], row["rank_high"], tied=bool(row["tied"]), title=title, lang=lang)


def _ranked(rank: Any, low: Any, high: Any, *, tied: bool, title: str, lang: str) -> Cell:
    shown = f"{text('rankings.chart.tied_mark', lang) if tied else ''}{int(rank)}"
    return Cell(shown, sort=int(rank), note="" if pd.isna(low) else f"{int(low)}–{int(high)}", title=title)


def _count_cell(count: Any, title: str) -> Cell:
    return Cell("") if pd.isna(count) else Cell(number(int(count)), sort=int(count), title=title)


def _above_cell(row: Mapping[str, Any], figures: RankingFigures, names: Mapping[str, str], lang: str) -> Cell:
    word = row["above"]
    if word is None:
        return Cell("", title=text("rankings.table.no_rank", lang))
    key = "first_tied" if word == "first" and row["tied"] else str(word)
    better = figures.ranked[figures.ranked["rank"] < row["rank"]]
    above = better[better["rank"] == better["rank"].max()] if len(better) else better
    title = text("rankings.places_joined", lang).join(names[str(code)] for code in above["place"])
    shown = text(f"rankings.table.above_{key}", lang)
    return Cell(shown, sort=shown, title=title or shown)


def _judged_cell(row: Mapping[str, Any], indicator: Indicator, lang: str) -> Cell:
    """The verdict against the other townships, in words and with its mark."""
    verdict = str(row["verdict"])
    word = text(f"components.verdicts.{verdict}", lang)
    title = f"{evidence_text(row, indicator, lang)} · {verdict_text(row, indicator, lang)}"
    return Cell(word, sort=word, verdict=verdict, title=title)


def _peer_cell(row: Mapping[str, Any] | None, lang: str) -> Cell:
    if row is None or pd.isna(row["rank"]):
        return Cell("", title=text("rankings.table.alone", lang))
    said = rank_words(row, lang)
    title = text("rankings.table.peer_title", lang, ranked=number(int(row["ranked"])), rank=said)
    return _ranked(row["rank"], row["rank_low"], row["rank_high"], tied=bool(row["tied"]), title=title, lang=lang)


def _move_cells(moved: Moved, code: str, indicator: Indicator, lang: str) -> dict[str, Cell]:
    row, change = moved.rows[code], moved.changes.get(code)
    unknown = text("rankings.table.not_comparable", lang)
    if row["real"] == "not_comparable" or pd.isna(row["move"]):
        cells = {name: Cell("", title=unknown) for name in ("now", "before", "move")}
    else:
        real = row["real"] in REAL
        word = text(f"rankings.table.{'real_words' if real else 'chance_words'}", lang)
        said = text("rankings.table.moved", lang, before=int(row["rank_before"]), now=int(row["rank_now"]), word=word)
        note = text(f"rankings.table.{'real' if real else 'chance'}", lang) if row["move"] else ""
        cells = {
            **{
                name: _ranked(
                    row[f"rank_{name}"], row[f"rank_low_{name}"], row[f"rank_high_{name}"],
                    tied=_shared(moved, f"rank_{name}", row[f"rank_{name}"]), title=said, lang=lang,
                )
                for name in ("now", "before")
            },
            "move": Cell(
                _signed(int(row["move"])), sort=int(row["move"]), note=note, title=said,
                verdict=_move_verdict(str(row["real"]), indicator),
            ),
        }  # fmt: skip
    return cells | {"change": _change_cell(change, moved, indicator, lang)}


def _shared(moved: Moved, column: str, rank: int) -> bool:
    """Whether several places have this rank in one of the two periods."""
    return sum(not pd.isna(row[column]) and row[column] == rank for row in moved.rows.values()) > 1


def _signed(move: int) -> str:
    return f"+{move}" if move > 0 else number(move)


def _move_verdict(real: str, indicator: Indicator) -> str | None:
    words = ("higher", "lower") if indicator.better == "neutral" else ("better", "worse")
    return dict(zip(REAL, words, strict=True)).get(real)


def _change_cell(row: Mapping[str, Any] | None, moved: Moved, indicator: Indicator, lang: str) -> Cell:
    if row is None or row["change"] is None or pd.isna(row["difference"]):
        return Cell("", title=text("wording.change_unknown", lang))
    verdict = None if row["good"] is None else "better" if row["good"] else "worse"
    than = text("rankings.table.than", lang, months=span_words(moved, lang)[1])
    title = change_text(row, indicator, lang, than=than)
    if indicator.kind != "proportion":
        sign = "+" if row["difference"] > 0 else ""
        shown = f"{sign}{number(row['difference'], decimals=1)}"
        return Cell(shown, sort=float(row["difference"]), verdict=verdict, title=title)
    unit = text("figures.points", lang, value="")
    shown = points(row["difference"], lang).removesuffix(unit)
    return Cell(shown, sort=float(row["difference"]), verdict=verdict, title=title)
