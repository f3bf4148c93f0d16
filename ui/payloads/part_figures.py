"""The contributions of villages and of kinds of case to a township's distance, as two short lists of bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.sentences import unit_text
from ui.charts.frozen import Frozen
from ui.charts.parts import part_bars
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.place_tiles import rest_name
from ui.payloads.township_circle import Compared, compared
from ui.payloads.township_parts import Parts, township_parts
from ui.payloads.township_standing import cases_text
from ui.texts import MINUS, month_span, number, percent, text

MOST_DOWN: Final = 7
MOST_UP: Final = 3
OTHERS, TOTAL = "others", "total"


@dataclass(frozen=True)
class PartLists:
    """What the page draws; a figure is None where the viewer may not read the parts or there are none.

    ``title`` says the whole distance in cases; ``empty`` why there is nothing at all.
    """

    title: str
    note: str
    period: str
    villages: Frozen | None
    villages_alt: str
    villages_empty: str
    groups: Frozen | None
    groups_title: str
    groups_alt: str
    empty: str


@st.cache_resource(show_spinner=False, max_entries=300)
def part_lists(view: View, code: str, indicator_code: str, *, name: str, tone: str) -> PartLists:
    """The lists of the township ``code`` (``name`` in the reader's language) for one indicator.

    Villages beyond those listed are added up in one row, so that the rows add up to the whole distance, which stands
    below them. The same object for everybody: never change it.
    """
    lang, found = view.lang, compared(view, code, indicator_code)
    parts, one = township_parts(view, code, indicator_code), found.indicator
    rest = rest_name(found.row, one, found.circle, lang)
    period = month_span(*view.months(one), lang)
    facts: dict[str, Any] = {"place": name, "indicator": one.name[lang], "rest": rest, "months": period}
    if parts is None:
        key = "neutral" if one.better == "neutral" or not one.counts_share else "few"
        return PartLists("", "", period, None, "", "", None, "", "", text(f"parts.empty.{key}", lang, **facts))
    permitted = view.scope.may_read(level="village", within=code)
    villages, village_alt = _figure(parts, parts.villages, found, tone=tone, short=True)
    groups, group_alt = _figure(parts, parts.groups, found, tone=tone, short=False)
    return PartLists(
        title=_title(parts, one, lang, facts),
        note=text("parts.note", lang, **facts),
        period=period,
        villages=villages,
        villages_alt=village_alt,
        villages_empty="" if villages else text(f"parts.empty.{'hidden' if permitted else 'not_permitted'}", lang),
        groups=groups,
        groups_title=text(f"parts.{parts.dimension or 'category'}", lang),
        groups_alt=group_alt,
        empty="",
    )


def _title(parts: Parts, one: Indicator, lang: str, facts: Mapping[str, Any]) -> str:
    """The whole distance in cases, as a sentence."""
    unit = unit_text(one, lang)
    way = "same" if not parts.cases else "fewer" if parts.cases < 0 else "more"
    return text(f"parts.title.{way}", lang, **facts, count=cases_text(parts.cases), unit=unit, x=number(parts.x),
                n=number(parts.n))  # fmt: skip


def _figure(
    parts: Parts, table: pd.DataFrame | None, found: Compared, *, tone: str, short: bool
) -> tuple[Frozen | None, str]:
    """The bars of one list with the sentence of what pulls down most."""
    lang, one = found.view.lang, found.indicator
    if table is None or table.empty:
        return None, ""
    listed = _listed(parts, table) if short else table
    rows = [_row(row, parts, found) for row in listed.to_dict("records")]
    left = table[~table["code"].isin(listed["code"])]
    if len(left):
        summed = {"code": OTHERS, "name": text("parts.others", lang, count=number(len(left))),
                  **left[["x", "n", "cases"]].sum().to_dict()}  # fmt: skip
        rows.append(_row(summed, parts, found))
    whole = {"code": TOTAL, "name": text("parts.total", lang), "x": parts.x, "n": parts.n, "cases": parts.cases}
    rows.append(_row(whole, parts, found) | {"total": True})
    words = {name: text(f"parts.chart.{name}", lang, unit=unit_text(one, lang))
             for name in ("axis", "column_cases", "column_counts")}  # fmt: skip
    down = parts.pulling_down(table).head(3)
    unit = unit_text(one, lang)
    named = [f"{row['name']} {_signed(row['cases'])}" for row in down.to_dict("records")]
    said = text("parts.joined", lang).join(named)
    alt = text("parts.alt", lang, parts=said, unit=unit) if len(down) else text("parts.alt_none", lang)
    return Frozen(part_bars(pd.DataFrame(rows), words=words, tone=tone_named(tone))), alt


def _listed(parts: Parts, table: pd.DataFrame) -> pd.DataFrame:
    """Those that pull down most and those that lift most."""
    if len(table) <= MOST_DOWN + MOST_UP + 1:
        return table
    down = parts.pulling_down(table).head(MOST_DOWN)
    up = table[~table["code"].isin(parts.pulling_down(table)["code"])].tail(MOST_UP)
    return pd.concat([down, up])


def _row(row: Mapping[str, Any], parts: Parts, found: Compared) -> dict[str, Any]:
    lang, cases = found.view.lang, float(row["cases"])
    x, n = int(row["x"]), int(row["n"])
    expected = number(float(n * parts.reference), decimals=1)
    hover = text("parts.hover", lang, name=row["name"], value=percent(x, n), x=number(x), n=number(n),
                 expected=expected, cases=_signed(cases), unit=unit_text(found.indicator, lang))  # fmt: skip
    return {
        "code": row["code"], "name": row["name"], "cases": cases, "total": False,
        "down": cases > 0 if parts.lower else cases < 0,
        "cases_text": _signed(cases), "counts_text": f"{number(x)}/{number(n)}", "hover": hover,
    }  # fmt: skip


def _signed(cases: float) -> str:
    """A number of cases with its sign, one decimal: +2.4, −3.6; 0.0 has none."""
    shown = cases_text(cases)
    return shown if shown == "0.0" else f"{'+' if cases > 0 else MINUS}{shown}"
