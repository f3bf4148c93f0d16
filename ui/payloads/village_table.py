"""The villages of one township, worst evidence first: table and map arguments. Villages are never ranked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from indicators.catalogue import Catalogue, Indicator
from indicators.verdicts import expected_flags
from ui import measures
from ui.measures import View
from ui.payloads.circular_table import interval_cell, rate_cell
from ui.payloads.place_tiles import Circle, judged_places
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import month_span, number, text
from ui.wording import has_figure, verdict_text

BESIDE: Final = ("satisfaction_rate", "prevention_compliance")


def by_evidence(judged: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The rows of a verdict table with a column ``evidence``, ordered by it.

    ``evidence`` is the exact tail probability on the bad side (smallest first: least likely to be chance); for a
    neutral indicator the smaller of both tails. Rows that were not tested come last, those with more cases first.
    """
    low, high = judged["p_low"].to_numpy(dtype=float), judged["p_high"].to_numpy(dtype=float)
    evidence = {"higher": low, "lower": high, "neutral": np.fmin(low, high)}[indicator.better]
    table = judged.assign(evidence=evidence)
    return table.sort_values(["evidence", "n", "place"], ascending=[True, False, True], na_position="last")


def chance_sentence(judged: pd.DataFrame, indicator: Indicator, lang: str) -> str:
    """How many villages look bad beside how many would by chance alone."""
    flags = expected_flags(judged, indicator)
    if not flags.tested:
        return text("township.villages.none_tested", lang)
    low, high = (flags.observed_low, flags.expected_low), (flags.observed_high, flags.expected_high)
    observed, expected = {
        "higher": low, "lower": high, "neutral": (low[0] + high[0], low[1] + high[1]),
    }[indicator.better]  # fmt: skip
    kind = "different" if indicator.better == "neutral" else "worse"
    return text(
        f"township.villages.{kind}", lang,
        tested=number(flags.tested), observed=number(observed), expected=number(expected, decimals=1),
    )  # fmt: skip


def village_table(
    view: View,
    catalogue: Catalogue,
    shown: Indicator,
    judged: pd.DataFrame,
    register: pd.DataFrame,
    circle: Circle,
    *,
    township: str,
    demonstration: bool,
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback.

    ``judged`` is the verdict table of ``shown`` by village, ``register`` the villages as the register lists them,
    ``township`` the township's name in the reader's language.
    """
    lang = view.lang
    beside = [catalogue[code] for code in BESIDE if code != shown.code]
    others = {indicator.code: _by_place(judged_places(view, indicator, circle)) for indicator in beside}
    reported = measures.read_counts(
        view, catalogue["acceptance_rate"], level="village", within=circle.within, months=(view.first, view.last)
    )
    counted = reported.groupby("place")["reported"].sum()
    villages = register.set_index("code").to_dict("index")
    columns = _columns(shown, beside, judged, lang)
    drawn = {column.code for column in columns}
    rows = []
    for row in by_evidence(judged, shown).to_dict("records"):
        cells = {
            **_shown_cells(row, shown, lang),
            **_register_cells(villages[row["place"]], lang),
            **{one.code: rate_cell(others[one.code][row["place"]], one, lang) for one in beside},
            "reported": _count(counted.get(row["place"])),
        }
        rows.append(Row(code=row["place"], cells={code: cell for code, cell in cells.items() if code in drawn}))
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    months = month_span(view.first, view.last, lang)
    return {
        "columns": columns,
        "rows": rows,
        "caption": text("township.villages.caption", lang, township=township, months=months),
        "comparison": text("township.villages.comparison", lang),
        "footnotes": (text("township.villages.order_note", lang), text("township.villages.few_note", lang)),
        "sort": ("verdict", "asc"),
        "download": Download(
            file_name=text(
                "township.villages.file_name", lang,
                mark=mark + ("_" if mark else ""), township=township, first=view.first, last=view.last,
            ),
            mark=mark,
            notes=(
                text("township.villages.comparison", lang),
                text("township.villages.order_note", lang),
                text("overview.details.version_value", lang, number=view.version),
            ),
        ),
    }  # fmt: skip


def _by_place(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {str(row["place"]): row for row in table.to_dict("records")}


def _columns(shown: Indicator, beside: list[Indicator], judged: pd.DataFrame, lang: str) -> list[Column]:
    def label(name: str) -> str:
        return text(f"township.columns.{name}", lang)

    axis = _axis(judged, shown)
    drawn = []
    if axis is not None:
        low, high = axis
        target = shown.target if shown.target is not None and low <= shown.target <= high else None
        drawn = [Column("interval", label("interval"), kind="interval", axis_low=low, axis_high=high, target=target)]
    counts = []
    if shown.kind == "proportion":
        counts = [
            Column("cases", label(f"cases_{shown.source}"), hint=shown.denominator_text[lang]),
            Column("misses", text(f"township.misses.{shown.code}", lang)),
        ]
    return [
        Column("name", label("name"), kind="name"),
        Column("verdict", label("verdict"), kind="text", hint=text("township.columns.verdict_hint", lang)),
        Column(shown.code, shown.name[lang], kind="rate", hint=shown.description[lang]),
        *drawn,
        *counts,
        *(
            Column(one.code, text(f"township.columns.{one.code}", lang), kind="rate", hint=one.description[lang])
            for one in beside
        ),
        Column("reported", label("reported")),
        Column("residents", label("residents")),
        Column("kind", label("kind"), kind="text", wide_only=True),
        Column("area_type", label("area_type"), kind="text"),
    ]  # fmt: skip


def _axis(judged: pd.DataFrame, shown: Indicator) -> tuple[float, float] | None:
    """Both ends of the interval column: every judged dot and nine in ten interval ends; None where it says nothing."""
    known = judged[judged["state"] == "value"]
    if shown.kind != "proportion" or known.empty:
        return None
    low = min(float(known["low"].quantile(0.1)), float(known["value"].min()))
    high = max(float(known["high"].quantile(0.9)), float(known["value"].max()))
    pad = max((high - low) * 0.04, 1e-4)
    return max(0.0, low - pad), min(1.0, high + pad)


def _shown_cells(row: Mapping[str, Any], shown: Indicator, lang: str) -> dict[str, Cell]:
    """Name-free cells of the chosen indicator: verdict in words, rate, interval, cases, and what was missed."""
    verdict = str(row["verdict"])
    cells = {
        "verdict": Cell(
            text(f"components.verdicts.{verdict}", lang),
            sort=None if pd.isna(row["evidence"]) else float(row["evidence"]),
            title=verdict_text(row, shown, lang),
        ),
        shown.code: rate_cell(row, shown, lang),
    }
    if shown.kind == "proportion":
        known = has_figure(row)
        cells["cases"] = _count(row["n"] if known else None)
        cells["misses"] = _count((row["n"] - row["x"] if shown.better != "lower" else row["x"]) if known else None)
        cells["interval"] = interval_cell(row, shown, lang)
    return cells


def _register_cells(village: Mapping[str, Any], lang: str) -> dict[str, Cell]:
    kind = text(f"township.kinds.{village['kind']}", lang)
    area = village["area_type"] if isinstance(village["area_type"], str) else "unknown"
    return {
        "name": Cell(
            village_name(village, lang, short=True), sort=str(village["name"]), title=village_name(village, lang)
        ),
        "residents": _count(village["residents"]),
        "kind": Cell(kind, sort=kind),
        "area_type": Cell(text(f"township.area_types.{area}", lang), sort=area),
    }


def village_name(village: Mapping[str, Any], lang: str, *, short: bool = False) -> str:
    """翻石渡村, or Fanshidu Village in English, or with ``short`` Fanshidu."""
    registered = village["short_name"] if isinstance(village["short_name"], str) else None
    return place_name(str(registered or village["name"]), lang, short=short)


def _count(value: float | None) -> Cell:
    """A count; missing prints as missing, zero as 0."""
    return Cell("") if value is None or pd.isna(value) else Cell(number(float(value)), sort=float(value))
