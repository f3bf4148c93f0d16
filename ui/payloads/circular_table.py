"""The table of the circular that leaders know: one row a township, judged against the rest, with ranks and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from indicators.catalogue import Catalogue, Indicator
from indicators.changes import change_table
from indicators.rankings import rank_table
from ui import measures
from ui.address import add_months
from ui.measures import View
from ui.payloads.overview_figures import CIRCULAR, IndicatorFigures
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import month_span, month_text, number, points, rank_text, text
from ui.wording import evidence_text, figure_text, has_figure, verdict_text

DISTRICT: Final = "district"


def circular_table(
    view: View,
    catalogue: Catalogue,
    shown: Indicator,
    register: pd.DataFrame,
    known: Mapping[str, IndicatorFigures],
    *,
    demonstration: bool,
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback.

    ``known`` holds the figures of the circular's indicators and of ``shown``, the indicator of the map, by which
    places are ranked.
    """
    judged = {code: one.judged for code, one in known.items()}
    totals = {code: one.total for code, one in known.items()}
    lang = view.lang
    reported = measures.read_counts(
        view, catalogue["acceptance_rate"], level="township", months=(view.first, view.last)
    )
    counted = reported.groupby("place")[["reported", "accepted", "reached", "satisfied"]].sum()
    settled = measures.read_counts(view, catalogue["satisfaction_rate"], level="township").groupby("place")
    dissatisfied = settled["reached"].sum() - settled["satisfied"].sum()
    ranks = {str(row["place"]): row for row in rank_table(judged[shown.code], shown).to_dict("records")}
    verdicts = {code: {str(row["place"]): row for row in table.to_dict("records")} for code, table in judged.items()}
    moves, month = _last_move(view, shown)
    with_cases = [place for place in register.to_dict("records") if place["code"] in counted.index]
    without = [
        place_name(place["name"], lang) for place in register.to_dict("records") if place["code"] not in counted.index
    ]
    rows = [
        Row(
            code=place["code"],
            group=text(f"overview.kinds.{place['kind']}", lang),
            cells={
                "name": _name_cell(place["name"], lang),
                "accepted": _count_cell(counted.at[place["code"], "accepted"]),
                "dissatisfied": _count_cell(dissatisfied.get(place["code"])),
                **{code: rate_cell(verdicts[code][place["code"]], catalogue[code], lang) for code in CIRCULAR},
                "interval": interval_cell(verdicts[shown.code][place["code"]], shown, lang),
                "rank": _rank_cell(ranks[place["code"]], lang),
                "move": _move_cell(moves.get(place["code"]), shown, lang),
            },
        )
        for place in with_cases
    ]  # fmt: skip
    total = {code: table.iloc[0] for code, table in totals.items()}
    district = Row(
        code=DISTRICT,
        total=True,
        cells={
            "name": Cell(text(f"overview.area_short.{view.township_set}", lang)),
            "accepted": Cell(number(counted["accepted"].sum())),
            "dissatisfied": Cell(number(dissatisfied.sum())),
            **{code: Cell(figure_text(total[code], catalogue[code], lang),
                          title=evidence_text(total[code], catalogue[code], lang)) for code in CIRCULAR},
            "interval": interval_cell(total[shown.code], shown, lang),
        },
    )  # fmt: skip
    unit = "" if shown.kind == "proportion" else "_ratio"
    footnotes = [text(f"overview.table.move_note{unit}", lang, month=month_text(month, lang))] if month else []
    if without:
        footnotes.append(
            text("overview.table.without_cases", lang, places=("、" if lang == "zh" else ", ").join(without))
        )
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    months = month_span(view.first, view.last, lang)
    return {
        "columns": _columns(catalogue, shown, judged[shown.code], total[shown.code], lang),
        "rows": [district, *rows],
        "caption": text("overview.table.caption", lang, months=months),
        "comparison": text("overview.comparison", lang),
        "footnotes": footnotes,
        "sort": ("rank", "asc"),
        "download": Download(
            file_name=text(
                "overview.table.file_name", lang, mark=f"{mark}_" if mark else "", first=view.first, last=view.last
            ),
            mark=mark,
            notes=(
                text("overview.comparison", lang),
                text("overview.details.version_value", lang, number=view.version),
            ),
        ),
    }  # fmt: skip


def _columns(catalogue: Catalogue, shown: Indicator, judged: pd.DataFrame, total: pd.Series, lang: str) -> list[Column]:
    def label(name: str) -> str:
        return text(f"overview.columns.{name}", lang)

    bounds = pd.concat([judged[["low", "high", "value"]].stack(), pd.Series([total["value"]])]).dropna()
    low, high = (float(bounds.min()), float(bounds.max())) if len(bounds) else (0.0, 1.0)
    pad = max((high - low) * 0.05, 1e-6)
    share = shown.kind == "proportion"
    low, high = (max(low - pad, 0.0), min(high + pad, 1.0)) if share else (max(low - pad, 0.0), high + pad)
    return [
        Column("index", label("index"), kind="index"),
        Column("name", label("name"), kind="name"),
        Column("rank", label("rank"), kind="rank",
               hint=text("overview.columns.rank_hint", lang, indicator=shown.name[lang])),
        Column("interval", shown.name[lang], kind="interval", axis_low=low, axis_high=high,
               axis_text=None if share else (number(low, decimals=1), number(high, decimals=1)),
               reference=float(total["value"]) if has_figure(total) else None,
               target=shown.target if shown.target and low <= shown.target <= high else None),
        Column("accepted", label("accepted")),
        *(Column(code, label(code), kind="rate", hint=catalogue[code].description[lang],
                 wide_only=code in ("callback_reach_rate", "repeat_rate")) for code in CIRCULAR[:3]),
        Column("dissatisfied", label("dissatisfied"), wide_only=True),
        *(Column(code, label(code), kind="rate", hint=catalogue[code].description[lang], wide_only=True)
          for code in CIRCULAR[3:]),
        Column("move", label("move"), kind="number", wide_only=True),
    ]  # fmt: skip


def _last_move(view: View, indicator: Indicator) -> tuple[dict[str, Any], int | None]:
    """The change of each place between the last settled month and the month before, and that month."""
    _, last = view.months(indicator)
    before = add_months(last, -1)
    if before < view.first_month:
        return {}, None
    now, then = (measures.rates(view, indicator, months=(month, month)) for month in (last, before))
    moved = change_table(now, then, indicator)
    return {str(row["place"]): row for row in moved.to_dict("records")}, last


def _name_cell(name: str, lang: str) -> Cell:
    return Cell(place_name(name, lang, short=True), sort=name, title=place_name(name, lang))


def _count_cell(count: float | None) -> Cell:
    return Cell("") if count is None or pd.isna(count) else Cell(number(count), sort=float(count))


def rate_cell(row: Mapping[str, Any], indicator: Indicator, lang: str) -> Cell:
    """A rate with its verdict; the words for its state where there is none."""
    title = f"{evidence_text(row, indicator, lang)} · {verdict_text(row, indicator, lang)}"
    if not has_figure(row):
        return Cell(figure_text(row, indicator, lang), title=title)
    return Cell(figure_text(row, indicator, lang), sort=float(row["value"]), verdict=str(row["verdict"]), title=title)


def interval_cell(row: Mapping[str, Any], indicator: Indicator, lang: str) -> Cell:
    """A rate as a dot with its interval."""
    if not has_figure(row):
        return Cell("", title=figure_text(row, indicator, lang))
    return Cell(
        figure_text(row, indicator, lang),
        sort=float(row["value"]),
        verdict=str(row["verdict"]) if "verdict" in row else None,
        title=evidence_text(row, indicator, lang),
        value=float(row["value"]),
        low=None if pd.isna(row["low"]) else float(row["low"]),
        high=None if pd.isna(row["high"]) else float(row["high"]),
    )


def _rank_cell(row: Mapping[str, Any], lang: str) -> Cell:
    if pd.isna(row["rank"]):
        return Cell("", title=text("overview.table.no_rank", lang))
    rank = int(row["rank"])
    if pd.isna(row.get("rank_low", pd.NA)):
        return Cell(str(rank), sort=rank)
    low, high = int(row["rank_low"]), int(row["rank_high"])
    return Cell(
        str(rank),
        sort=rank,
        note=f"{low}–{high}",
        title=rank_text(rank, low, high, lang, tied=bool(row["tied"])),
    )


def _move_cell(row: Mapping[str, Any] | None, indicator: Indicator, lang: str) -> Cell:
    if row is None or pd.isna(row["difference"]) or row["change"] is None:
        return Cell("", title=text("wording.change_unknown", lang))
    if indicator.kind != "proportion":
        return Cell(number(row["difference"], decimals=1), sort=float(row["difference"]))
    mark = {"up": "↑", "down": "↓", "none": ""}[row["change"]]
    verdict = None if row["good"] is None else ("better" if row["good"] else "worse")
    return Cell(
        f"{mark}{points(row['difference'], lang).removesuffix('个百分点').removesuffix(' pp')}",
        sort=float(row["difference"]),
        verdict=verdict,
        title=text(f"wording.change.{row['change']}", lang, than=text("overview.than.month", lang),
                   size=points(row["difference"], lang)),
    )  # fmt: skip
