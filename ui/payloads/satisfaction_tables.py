"""The tables of the page on satisfaction: groups, and townships or villages, the same columns for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from indicators.catalogue import Catalogue, Indicator
from ui.measures import View
from ui.payloads.circular_table import DISTRICT, interval_cell, rate_cell
from ui.payloads.satisfaction_figures import REACH, SATISFACTION, SOLVED, Places
from ui.payloads.satisfaction_words import per_thousand, sure_text
from ui.payloads.village_table import by_evidence
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import number, percent, percent_interval, percent_of, text
from ui.wording import evidence_text, has_figure, verdict_text

Record = Mapping[str, Any]
WIDE: Final = ("weighted", "invited")


def group_table(
    view: View, catalogue: Catalogue, rows: pd.DataFrame, dimension: str, *, place: str, months: str,
    demonstration: bool,
) -> dict[str, Any]:  # fmt: skip
    """Arguments of `place_table` for the rows of ``group_rows``; ``place`` names the area, ``months`` the period."""
    lang, indicator = view.lang, catalogue[SATISFACTION]
    known = catalogue.dimensions[dimension]
    label = text("satisfaction.columns.group", lang)
    columns = [one for one in _columns(catalogue, rows, lang, name=label) if one.code != "weighted"]
    shown = []
    for order, row in enumerate(rows.to_dict("records")):
        name = known.values[row["group"]][lang]
        cells = {
            **_survey_cells(row, indicator, lang, order=order),
            SOLVED: _solved_share(row["solved_x"], row["solved_n"], lang),
            "name": Cell(name, sort=order),
        }
        shown.append(Row(code=str(row["group"]), cells=_of(columns, cells)))
    return {
        "columns": columns,
        "rows": shown,
        "caption": text("satisfaction.groups.caption", lang, place=place, dimension=known.name[lang], months=months),
        "comparison": text("satisfaction.groups.comparison", lang),
        "footnotes": (text("satisfaction.groups.note", lang),),
        "download": _download("groups", view, place, known.name[lang], demonstration),
    }


def places_table(
    view: View, catalogue: Catalogue, places: Places, survey: Record, *, place: str, months: str, demonstration: bool
) -> dict[str, Any]:
    """Arguments of `place_table` for the townships, with the district on top, or for the villages of one."""
    lang, indicator, solved = view.lang, catalogue[SATISFACTION], catalogue[SOLVED]
    beside = {str(row["place"]): row for row in places.solved.to_dict("records")}
    level = places.level
    columns = _columns(catalogue, places.rows, lang, name=text(f"satisfaction.columns.{level}", lang))
    shown = []
    for row in by_evidence(places.rows, indicator).to_dict("records"):
        code = str(row["place"])
        cells = {
            **_survey_cells(row, indicator, lang, order=row["evidence"]),
            SOLVED: rate_cell(beside[code], solved, lang),
            "name": Cell(place_name(places.names[code], lang, short=True), sort=places.names[code],
                         title=place_name(places.names[code], lang)),
        }  # fmt: skip
        shown.append(Row(code=code, cells=_of(columns, cells)))
    if level == "township":
        shown.insert(0, Row(code=DISTRICT, cells=_of(columns, _total(survey, lang)), total=True))
    notes = [text(f"satisfaction.places.{key}", lang) for key in ("order_note", "weighted_note")]
    return {
        "columns": columns,
        "rows": shown,
        "caption": text(f"satisfaction.places.{level}_caption", lang, place=place, months=months),
        "comparison": text(f"satisfaction.places.{level}_comparison", lang),
        "footnotes": tuple(notes),
        "sort": ("verdict", "asc"),
        "download": _download(level, view, place, "", demonstration),
    }


def _columns(catalogue: Catalogue, rows: pd.DataFrame, lang: str, *, name: str) -> list[Column]:
    def label(column: str) -> str:
        return text(f"satisfaction.columns.{column}", lang)

    def hint(column: str) -> str:
        return text(f"satisfaction.hints.{column}", lang)

    indicator = catalogue[SATISFACTION]
    axis = _axis(rows, indicator)
    drawn = []
    if axis is not None:
        target = indicator.target if indicator.target and axis[0] <= indicator.target <= axis[1] else None
        drawn = [Column("interval", label("interval"), kind="interval", axis_low=axis[0], axis_high=axis[1],
                        hint=hint("interval"), target=target)]  # fmt: skip
    return [
        Column("name", name, kind="name"),
        Column("verdict", label("verdict"), kind="text", hint=hint("verdict")),
        Column(SATISFACTION, label(SATISFACTION), kind="rate", hint=indicator.description[lang]),
        *drawn,
        Column(REACH, label(REACH), kind="rate", hint=catalogue[REACH].description[lang]),
        Column("sure", label("sure"), hint=hint("sure")),
        Column("unhappy", label("unhappy"), hint=hint("unhappy")),
        Column("per_thousand", label("per_thousand"), hint=hint("per_thousand")),
        Column(SOLVED, label(SOLVED), kind="rate", hint=catalogue[SOLVED].description[lang]),
        *(Column(one, label(one), hint=hint(one), wide_only=True) for one in WIDE),
    ]


def _of(columns: Sequence[Column], cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The cells that have a column: there is no interval to draw where nobody has enough cases."""
    drawn = {column.code for column in columns}
    return {code: cell for code, cell in cells.items() if code in drawn}


def _axis(rows: pd.DataFrame, indicator: Indicator) -> tuple[float, float] | None:
    """Both ends of the interval column: nine in ten interval ends, every judged dot, the target; None: no interval."""
    known = rows[rows["state"] == "value"]
    if known.empty:
        return None
    low = min(float(known["low"].quantile(0.1)), float(known["value"].min()), indicator.target or 1.0)
    high = max(float(known["high"].quantile(0.9)), float(known["value"].max()))
    pad = max((high - low) * 0.05, 1e-4)
    return max(0.0, low - pad), min(1.0, high + pad)


def _survey_cells(row: Record, indicator: Indicator, lang: str, *, order: float) -> dict[str, Cell]:
    """The figures of one place or group, each with what stands behind it."""
    verdict, invited, answered = str(row["verdict"]), row["invited"], row["answered"]
    judged = verdict not in ("no_data", "not_applicable")
    known = has_figure(row)
    cells = {
        "verdict": _verdict(row, indicator, lang, order=order),
        SATISFACTION: rate_cell(row, indicator, lang) if judged else _unjudged(row, indicator, lang),
        "interval": interval_cell(row, indicator, lang) if judged else _plain_interval(row, indicator, lang),
        REACH: _reach(row, lang),
        "sure": Cell(""),
        "unhappy": Cell(""),
        "per_thousand": Cell(""),
        "weighted": _weighted(row, lang),
        "invited": Cell(number(invited), sort=float(invited)),
    }
    if invited:
        spread = text("satisfaction.cells.sure", lang, satisfied=number(row["satisfied"]),
                      silent=number(invited - answered), invited=number(invited))  # fmt: skip
        cells["sure"] = Cell(sure_text(row), sort=float(row["sure_low"]), title=spread)
    if known:
        unhappy = answered - row["satisfied"]
        counted = text("satisfaction.cells.unhappy", lang, unhappy=number(unhappy), answered=number(answered))
        cells["unhappy"] = Cell(number(unhappy), sort=float(unhappy), title=counted)
        cells["per_thousand"] = Cell(per_thousand(unhappy, answered), sort=float(unhappy / answered), title=counted)
    return cells


def _unjudged(row: Record, indicator: Indicator, lang: str) -> Cell:
    """A rate that is not compared: printed plain."""
    shown = evidence_text(row, indicator, lang)
    if not has_figure(row):
        return Cell(shown)
    return Cell(percent(row["x"], row["n"]), sort=float(row["value"]), title=shown)


def _plain_interval(row: Record, indicator: Indicator, lang: str) -> Cell:
    return interval_cell({name: value for name, value in row.items() if name != "verdict"}, indicator, lang)


def _verdict(row: Record, indicator: Indicator, lang: str, *, order: float) -> Cell:
    verdict, withheld = str(row["verdict"]), row.get("withheld")
    place = None if pd.isna(order) else float(order)
    if isinstance(withheld, str):
        return Cell(text("satisfaction.withheld.short", lang), sort=place,
                    title=text(f"satisfaction.withheld.{withheld}", lang))  # fmt: skip
    if verdict == "not_applicable":
        return Cell(text("satisfaction.withheld.none_short", lang), sort=place)
    return Cell(text(f"components.verdicts.{verdict}", lang), sort=place, title=verdict_text(row, indicator, lang))


def _reach(row: Record, lang: str) -> Cell:
    invited, answered = row["invited"], row["answered"]
    if not invited:
        return Cell("")
    counted = text("satisfaction.cells.reach", lang, answered=number(answered), invited=number(invited))
    return Cell(percent(answered, invited), sort=float(row["reach"]), title=counted)


def _weighted(row: Record, lang: str) -> Cell:
    if pd.isna(row.get("weighted")):
        return Cell("")
    n = row["answered"]
    interval = percent_interval(row["weighted_low"], row["weighted_high"], n=n)
    return Cell(percent_of(row["weighted"], n=n), sort=float(row["weighted"]),
                title=text("satisfaction.cells.weighted", lang, interval=interval))  # fmt: skip


def _solved_share(x: float, n: float, lang: str) -> Cell:
    if not n:
        return Cell("")
    counted = text("satisfaction.cells.solved", lang, solved=number(x), reached=number(n))
    return Cell(percent(x, n), sort=float(x / n), title=counted)


def _total(survey: Record, lang: str) -> dict[str, Cell]:
    """The cells of the district's row."""
    invited, answered = survey["invited"], survey["answered"]
    cells = {
        "name": Cell(text("overview.area_short.all", lang)),
        REACH: _reach(survey, lang),
        SOLVED: _solved_share(survey["solved_dissatisfied"], survey["solved_reached"], lang),
        "invited": Cell(number(invited)),
    }
    if answered:
        unhappy = answered - survey["satisfied"]
        interval = percent_interval(survey["low"], survey["high"], n=answered)
        counts = f"{number(survey['satisfied'])}/{number(answered)}"
        value = percent(survey["satisfied"], answered)
        cells |= {
            SATISFACTION: Cell(value, title=text("wording.evidence", lang, value=value, interval=interval,
                                                 counts=counts)),
            "interval": Cell(value, value=float(survey["rate"]), low=float(survey["low"]), high=float(survey["high"])),
            "sure": Cell(sure_text(survey)),
            "unhappy": Cell(number(unhappy)),
            "per_thousand": Cell(per_thousand(unhappy, answered)),
        }  # fmt: skip
    return cells


def _download(part: str, view: View, place: str, dimension: str, demonstration: bool) -> Download:
    lang = view.lang
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    name = text(f"satisfaction.files.{part}", lang, mark=f"{mark}_" if mark else "", place=place, dimension=dimension,
                first=view.first, last=view.last)  # fmt: skip
    return Download(
        file_name=name, mark=mark,
        notes=(text("satisfaction.facts.no_reasons", lang),
               text("overview.details.version_value", lang, number=view.version)),
    )  # fmt: skip
