"""The clusters as a table, and the results of all places as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from indicators.local_moran import LEAST_CASES
from indicators.spatial_clusters import ALPHA
from ui.choropleth.palettes import class_styles
from ui.measures import View
from ui.payloads.circular_table import interval_cell
from ui.payloads.cluster_figures import short_names
from ui.payloads.cluster_map import judged_one_by_one
from ui.payloads.cluster_words import Words, p_words
from ui.payloads.points_page import FORMULA_SIGNS
from ui.place_table import Cell, Column, Download, Row
from ui.texts import number, text
from ui.wording import evidence_text, figure_text, has_figure

MAX_HEIGHT: Final = 760
LABELS: Final = ("high_high", "high_low", "low_high", "low_low")


def named_rows(words: Words) -> pd.DataFrame:
    """The places that are listed: those named after the false discovery rate, or all where none is tested by itself."""
    table = words.found.table
    if not judged_one_by_one(words.found):
        return table.sort_values(["value", "place"], ascending=[False, True], na_position="last")
    listed = table[table["label"] != "none"]
    order = listed["label"].map(LABELS.index)
    return listed.assign(order=order).sort_values(["order", "adjusted", "place"]).drop(columns="order")


def drawn_table(view: View, words: Words, *, months: str, demonstration: bool) -> dict[str, Any] | None:
    """Arguments of `place_table` without key and callback; None where nothing is listed."""
    rows = named_rows(words)
    if rows.empty:
        return None
    judged, lang = judged_one_by_one(words.found), view.lang
    townships = short_names(view, "township")
    numbers = {place: at for at, one in enumerate(words.found.clusters, start=1) for place in one.places}
    columns = _columns(words, rows, judged=judged)
    drawn = {column.code for column in columns}
    made = []
    for row in rows.to_dict("records"):
        cells = _cells(row, words, townships, numbers)
        made.append(Row(code=str(row["place"]), cells={code: cell for code, cell in cells.items() if code in drawn}))
    notes = [words.say("table.note_layer", layer=words.tested.layer), words.say("how.cause")]
    if judged:
        notes.insert(0, words.say("table.note_rule", alpha=f"{ALPHA:.0%}", least=LEAST_CASES))
    mark = mark_of(demonstration, lang)
    first, last = words.tested.months
    version = text("overview.details.version_value", lang, number=view.version)
    return {
        "columns": columns,
        "rows": made,
        "caption": words.say("table.caption" if judged else "table.caption_beside", months=months),
        "footnotes": tuple(notes),
        "sort": ("cluster", "asc") if judged else ("value", "desc"),
        "max_height": MAX_HEIGHT,
        "download": Download(
            file_name=words.say("table.file_name", mark=f"{mark}_" if mark else "", first=first, last=last),
            mark=mark,
            notes=(*notes, version),
        ),
    }


def mark_of(demonstration: bool, lang: str) -> str:
    """「演示数据」 where figures are made up."""
    return text("frame.demonstration.band", lang) if demonstration else ""


def _columns(words: Words, rows: pd.DataFrame, *, judged: bool) -> list[Column]:
    def label(name: str) -> str:
        return words.say(f"columns.{name}")

    results = [Column("kind", label("kind"), kind="text"), Column("cluster", label("cluster"))] if judged else []
    known, intervals = rows[rows["low"].notna()], []
    if len(known):
        low, high = float(known["low"].min()), float(known["high"].max())
        share = words.tested.indicator.counts_share
        pad = max((high - low) * 0.04, 1e-6)
        low, high = max(low - pad, 0.0), min(high + pad, 1.0) if share else high + pad
        rate = words.tested.rate
        ends = None if share else (number(low, decimals=1), number(high, decimals=1))
        intervals = [Column("interval", label("interval"), kind="interval", axis_low=low, axis_high=high,
                            axis_text=ends, reference=rate if low <= rate <= high else None)]  # fmt: skip
    return [
        Column("name", label("name"), kind="name"),
        *([Column("township", label("township"), kind="text")] if words.tested.level == "village" else []),
        *results,
        Column("value", label("value")),
        *intervals,
        Column("cases", label("cases" if words.tested.indicator.counts_share else "exposure")),
        Column("near", label("near"), hint=label("near_hint")),
        Column("neighbours", label("neighbours"), wide_only=True),
        *([Column("adjusted", label("adjusted"), hint=label("adjusted_hint"))] if judged else []),
    ]


def _cells(
    row: Mapping[str, Any], words: Words, townships: Mapping[str, str], numbers: Mapping[str, int]
) -> dict[str, Cell]:
    indicator, lang, code = words.tested.indicator, words.lang, str(row["place"])
    known, name = has_figure(row), words.names[code]
    label, at = str(row["label"]), numbers.get(code)
    town = townships.get(code[:9], "")
    near = words.near_value(row)
    return {
        "name": Cell(name, sort=name),
        "township": Cell(town, sort=town),
        "kind": Cell(f"{mark_text(words, label)} {words.kind(label)}".strip(), sort=words.kind(label),
                     title=words.verdict(row)),
        "cluster": Cell(str(at), sort=float(at)) if at else Cell(""),
        "value": Cell(figure_text(row, indicator, lang), sort=float(row["value"]) if known else None,
                      title=evidence_text(row, indicator, lang)),
        "interval": interval_cell(row, indicator, lang),
        "cases": Cell(number(row["n"]), sort=float(row["n"])) if known else Cell(""),
        "near": Cell(near, sort=float(row["near_value"]), title=words.near(row)) if near else Cell(""),
        "neighbours": Cell(str(int(row["neighbours"])), sort=float(row["neighbours"])),
        "adjusted": Cell("") if pd.isna(row["adjusted"])
        else Cell(p_words(row["adjusted"]), sort=float(row["adjusted"])),
    }  # fmt: skip


def mark_text(words: Words, label: str) -> str:
    """The mark of a label, as on the map."""
    neutral = words.tested.indicator.better == "neutral"
    return class_styles("clusters_neutral" if neutral else "clusters")[label].mark


def results_name(words: Words, *, demonstration: bool) -> str:
    """The name of the file of all results."""
    mark = mark_of(demonstration, words.lang)
    first, last = words.tested.months
    return words.say("table.file_name_all", mark=f"{mark}_" if mark else "", first=first, last=last)


def results_csv(view: View, words: Words, *, months: str, demonstration: bool) -> bytes:
    """A CSV with every place and everything that was computed of it, and below it how."""
    lang, townships = view.lang, short_names(view, "township")
    numbers = {place: at for at, one in enumerate(words.found.clusters, start=1) for place in one.places}
    columns = ["code", "name", "township", "events", "base", "value", "low", "high", "neighbours", "near_events",
               "near_base", "near", "statistic", "p", "adjusted", "kind", "cluster"]  # fmt: skip
    lines = io.StringIO()
    writer = csv.writer(lines)
    mark = mark_of(demonstration, lang)
    if mark:
        writer.writerow([mark])
    writer.writerow([words.say(f"columns.{name}") for name in columns])
    for row in words.found.table.to_dict("records"):
        code = str(row["place"])
        kind = words.say(f"reasons.{row['reason']}", least=LEAST_CASES) if isinstance(row["reason"], str) else (
            words.kind(str(row["label"])) if judged_one_by_one(words.found) else words.say("hover.untested")
        )  # fmt: skip
        figures = [row[name] for name in ("x", "n", "value", "low", "high", "neighbours", "near_x", "near_n",
                                          "near_value", "statistic", "p", "adjusted")]  # fmt: skip
        texts = [_harmless(one) for one in (code, words.names[code], townships.get(code[:9], ""))]
        writer.writerow([*texts, *("" if pd.isna(one) else f"{one:.10g}" for one in figures), _harmless(kind),
                         numbers.get(code, "")])  # fmt: skip
    for note in (words.say("note.period", months=months), *words.whole(), *words.how(),
                 words.say("table.note_layer", layer=words.tested.layer),
                 text("overview.details.version_value", lang, number=view.version)):  # fmt: skip
        if note:
            writer.writerow([_harmless(note)])
    return b"\xef\xbb\xbf" + lines.getvalue().encode("utf-8")


def _harmless(cell: str) -> str:
    """A text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
