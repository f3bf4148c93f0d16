"""Everything the page of gap findings mounts: what was looked at, what stands, and where each gap can be opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from indicators.sentences import unit_text
from ui import cached_reads, measures
from ui.charts.frozen import Frozen
from ui.charts.gap_dots import GapDot, gap_dots
from ui.charts.tone import tone_named
from ui.filters import go_to
from ui.measures import View
from ui.payloads.finder_figures import WHERE, FinderFigures, finder_figures, pairs_examined
from ui.payloads.pairing_charts import chart_words
from ui.payloads.pairing_words import group_names, interval_words, other, side_value, signed_points, size_text
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.selections import picked
from ui.texts import month_span, month_text, number, text

EVERY: Final = "all"


@dataclass(frozen=True)
class FinderBoard:
    """What the page mounts. Without a table ``empty`` says why; ``figure`` is None where nothing was tested."""

    title: str
    note: str
    places_with_data: tuple[int, int]
    facts: tuple[tuple[str, str], ...]
    figure: Frozen | None
    figure_alt: str
    table: Mapping[str, Any] | None
    table_title: str
    empty: str
    period: str


def where_choices(lang: str) -> dict[str, str]:
    """Where gaps are looked for, by code, in words."""
    return {where: text(f"finder.where.{where}", lang) for where in WHERE}


def pairing_choices(lang: str) -> dict[str, str]:
    """Every pairing, and first all of them."""
    pairings = cached_reads.catalogue().pairings
    return {EVERY: text("finder.every_pairing", lang), **{code: one.name[lang] for code, one in pairings.items()}}


def domain_choices(lang: str) -> dict[str, str]:
    """The domains that any examined indicator belongs to, and first all of them."""
    catalogue = cached_reads.catalogue()
    used = {indicator.domain for _, indicator in pairs_examined()}
    named = {code: name[lang] for code, name in catalogue.domain_names.items() if code in used}
    return {EVERY: text("finder.every_domain", lang), **named}


def open_gap(key: str, *, figure: bool = False) -> None:
    """Callback for the table (or figure) `key`: the pairing view of the gap that was picked."""
    if figure:
        points = st.session_state[key].selection.points
        code = points[0].get("customdata") if points else None
        code = code[0] if isinstance(code, list) else code
    else:
        code = picked(key)
    parts = str(code or "").split("|")
    if len(parts) == 3:
        pairing, indicator, place = parts
        go_to("gaps/pairings", pairing=pairing, indicator=indicator, township=place or None, village=None)


@st.cache_resource(show_spinner=False, max_entries=200)
def finder_board(view: View, where: str, pairing: str, domain: str, *, tone: str, demonstration: bool) -> FinderBoard:
    """The page for one place to look and one choice of pairing and domain (EVERY: all)."""
    catalogue, lang = cached_reads.catalogue(), view.lang
    found = finder_figures(view, where)
    register = measures.townships(view)
    names = {code: place_name(name, lang) for code, name in zip(register["code"], register["name"], strict=True)}
    names[view.root] = text(f"overview.area_short.{view.township_set}", lang)
    chosen = found.rows
    if pairing != EVERY:
        chosen = chosen[chosen["pairing"] == pairing]
    if domain != EVERY:
        chosen = chosen[chosen["domain"] == domain]
    standing = chosen[chosen["stands"]]
    months = month_span(view.first, view.last, lang)
    has_data = found.rows["place"].nunique() if where == "township" else len(names) - 1
    facts_of = found_facts(found, len(standing), lang, narrowed=(pairing, domain) != (EVERY, EVERY))
    title = title_words(found, catalogue, names, lang)
    return FinderBoard(
        title=title,
        note=_settled_note(view),
        places_with_data=(has_data, len(names) - 1),
        facts=facts_of,
        figure=_figure(chosen, catalogue, names, pairing=pairing, view=view, tone=tone),
        figure_alt=title,
        table=None if standing.empty else _table(
            standing, catalogue, names, view=view, months=months, demonstration=demonstration
        ),
        table_title=text("finder.table.title", lang, count=number(len(standing))),
        empty=_empty(found, chosen, lang),
        period=months,
    )  # fmt: skip


def title_words(found: FinderFigures, catalogue: Catalogue, names: Mapping[str, str], lang: str) -> str:
    """How many were tested, how many stand, and which touches most."""
    facts: dict[str, Any] = {"tested": number(found.tested), "standing": number(len(found.standing))}
    if not found.tested:
        return text("finder.title.untested", lang)
    if found.standing.empty:
        return text("finder.title.nothing", lang, **facts)
    row = found.standing.iloc[0].to_dict()
    return text("finder.title.found", lang, **facts, widest=_gap_words(row, catalogue, names, lang))


def _gap_words(row: Mapping[str, Any], catalogue: Catalogue, names: Mapping[str, str], lang: str) -> str:
    indicator, pairing = catalogue[row["indicator"]], catalogue.pairings[row["pairing"]]
    groups = group_names(pairing, lang)
    ending = "_lower" if indicator.better == "lower" else ""
    return text(
        f"finder.gap{ending}", lang, place=names[row["place"]], behind=groups[row["behind"]],
        ahead=groups[other(row["behind"])], indicator=indicator.name[lang],
        size=size_text(row["difference"], indicator, lang),
    )  # fmt: skip


def found_facts(found: FinderFigures, shown: int, lang: str, *, narrowed: bool) -> tuple[tuple[str, str], ...]:
    """The steps from what was looked at to what stands: (figure, what it is)."""
    facts = [
        (number(found.tested), text("finder.facts.tested", lang, untested=number(found.untested))),
        (number(found.flagged), text("finder.facts.flagged", lang, chance=number(found.by_chance, decimals=0))),
        (number(len(found.standing)), text("finder.facts.standing", lang,
                                           chance=number(found.false_at_most, decimals=1))),
    ]  # fmt: skip
    if narrowed:
        facts.append((number(shown), text("finder.facts.shown", lang)))
    return tuple(facts)


def _empty(found: FinderFigures, chosen: pd.DataFrame, lang: str) -> str:
    if not found.tested:
        return text("finder.empty.untested", lang)
    if chosen.empty:
        return text("finder.empty.no_gap", lang)
    if found.standing.empty:
        return text("finder.empty.nothing", lang, tested=number(found.tested))
    return text("finder.empty.not_here", lang, tested=number(len(chosen)))


def _settled_note(view: View) -> str:
    first, last = view.months("issues")
    if (first, last) == (view.first, view.last):
        return ""
    return text("overview.settled_note", view.lang, month=month_text(last, view.lang))


def _code(row: Mapping[str, Any], root: str) -> str:
    return f"{row['pairing']}|{row['indicator']}|{'' if row['place'] == root else row['place']}"


def _figure(
    chosen: pd.DataFrame, catalogue: Catalogue, names: Mapping[str, str], *, pairing: str, view: View, tone: str
) -> Frozen | None:
    """The gaps of shares as dots; other indicators have no percentage points and stand in the table only."""
    lang = view.lang
    shares = chosen[chosen["indicator"].map(lambda code: catalogue[code].kind == "proportion").astype(bool)]
    if shares.empty:
        return None
    rows = {
        code: (one.name[lang], one.a.name[lang], one.b.name[lang])
        for code, one in catalogue.pairings.items()
        if pairing in (EVERY, code)
    }
    dots = [
        GapDot(
            row=row["pairing"],
            lead=float(row["lead"]),
            stands=bool(row["stands"]),
            touches=float(row["touches"]),
            code=_code(row, view.root),
            hover=_hover(row, catalogue, names, lang),
        )
        for row in shares.to_dict("records")
    ]
    return Frozen(gap_dots(dots, rows=rows, words=chart_words(lang), tone=tone_named(tone)))


def _hover(row: Mapping[str, Any], catalogue: Catalogue, names: Mapping[str, str], lang: str) -> str:
    indicator = catalogue[row["indicator"]]
    stands = text(f"finder.hover.{'stands' if row['stands'] else 'falls'}", lang)
    if row["behind"] is None:
        return f"<b>{names[row['place']]}</b><br>{indicator.name[lang]}<br>{stands}"
    interval = interval_words(row["low"], row["high"], indicator, lang)
    return "<br>".join([f"<b>{_gap_words(row, catalogue, names, lang)}</b>",
                        text("finder.hover.interval", lang, interval=interval), stands])  # fmt: skip


def _table(
    standing: pd.DataFrame,
    catalogue: Catalogue,
    names: Mapping[str, str],
    *,
    view: View,
    months: str,
    demonstration: bool,
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback: one row a gap that stands."""
    lang = view.lang
    mark = text("frame.demonstration.band", lang) if demonstration else ""

    def label(name: str) -> str:
        return text(f"finder.columns.{name}", lang)

    return {
        "columns": [
            Column("index", label("index"), kind="index"),
            Column("name", label("name"), kind="name"),
            Column("pairing", label("pairing"), kind="text"),
            Column("indicator", label("indicator"), kind="text"),
            Column("behind", label("behind"), kind="text"),
            Column("behind_value", label("behind_value"), hint=label("behind_value_hint")),
            Column("ahead_value", label("ahead_value"), hint=label("ahead_value_hint")),
            Column("difference", label("difference"), hint=label("difference_hint")),
            Column("touches", label("touches"), hint=label("touches_hint")),
        ],
        "rows": [_row(row, catalogue, names, view) for row in standing.to_dict("records")],
        "caption": text("finder.table.caption", lang, months=months),
        "comparison": text("finder.table.comparison", lang),
        "footnotes": [text("finder.table.touches_note", lang)],
        "max_height": 640,
        "sort": ("touches", "desc"),
        "download": Download(
            file_name=text("finder.table.file_name", lang, mark=f"{mark}_" if mark else "", first=view.first,
                           last=view.last),
            mark=mark,
            notes=(text("finder.table.comparison", lang),
                   text("overview.details.version_value", lang, number=view.version)),
        ),
    }  # fmt: skip


def _row(row: Mapping[str, Any], catalogue: Catalogue, names: Mapping[str, str], view: View) -> Row:
    lang = view.lang
    indicator, pairing = catalogue[row["indicator"]], catalogue.pairings[row["pairing"]]
    groups, behind = group_names(pairing, lang), str(row["behind"])
    ahead = other(behind)
    n = min(row["a_n"], row["b_n"])
    interval = interval_words(row["low"], row["high"], indicator, lang, n=n)
    unit = unit_text(indicator, lang, count=row["touches"]) or indicator.numerator_text[lang]
    return Row(
        code=_code(row, view.root),
        cells={
            "name": Cell(names[row["place"]], sort=names[row["place"]]),
            "pairing": Cell(pairing.name[lang], sort=pairing.name[lang]),
            "indicator": Cell(indicator.name[lang], sort=indicator.name[lang], title=indicator.description[lang]),
            "behind": Cell(groups[behind], sort=groups[behind]),
            "behind_value": _value(row, behind, indicator),
            "ahead_value": _value(row, ahead, indicator),
            "difference": Cell(
                _difference(row, indicator, n=n), sort=abs(float(row["difference"])),
                title=text("finder.hover.interval", lang, interval=interval),
            ),
            "touches": Cell(
                number(row["touches"]), sort=float(row["touches"]), note=unit,
                title=_gap_words(row, catalogue, names, lang),
            ),
        },
    )  # fmt: skip


def _difference(row: Mapping[str, Any], indicator: Indicator, *, n: float) -> str:
    """The group behind minus the group ahead, in the unit of the indicator."""
    size = row["difference"] if row["behind"] == "a" else -row["difference"]
    return signed_points(size, indicator, n=n)


def _value(row: Mapping[str, Any], side: str, indicator: Indicator) -> Cell:
    counts = f"{number(row[f'{side}_x'])}/{number(row[f'{side}_n'])}"
    return Cell(side_value(row, side, indicator), sort=float(row[f"{side}_value"]), title=counts)
