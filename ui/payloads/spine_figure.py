"""All indicators of one township as a figure and as a table, with the sentence that counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from ui import cached_reads, place_table
from ui.charts.frozen import Frozen
from ui.charts.spines import spine_chart
from ui.charts.tone import tone_named
from ui.component_base import packed
from ui.measures import View
from ui.payloads.circular_table import rate_cell
from ui.payloads.peer_groups import similar_townships
from ui.payloads.spine_rows import in_words_of, spine_rows
from ui.payloads.township_circle import township_view
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import load_language, month_span, number, percent, text
from ui.wording import evidence_text, figure_text, has_figure, verdict_text

TABLE_HEIGHT = 760
KEY = ("much_better", "better", "similar", "worse", "much_worse", "much_higher", "higher", "lower", "much_lower",
       "too_few")  # fmt: skip


@dataclass(frozen=True)
class Spines:
    """What the page draws. ``title`` counts the verdicts; ``notes`` say what is compared and left out; ``peers`` who
    the similar townships are, and why."""

    title: str
    alt: str
    period: str
    notes: tuple[str, ...]
    peers: tuple[str, ...]
    figure: Frozen
    table: Mapping[str, Any]
    packed_table: bytes


@st.cache_resource(show_spinner=False, max_entries=200)
def spines(view: View, code: str, *, tone: str, last_month: int, demonstration: bool) -> Spines | None:
    """The figure and table of the township ``code``; None where no indicator has a figure in the chosen months.

    The same object for everybody: never change it. Raises KeyError for a township that is not on the register.
    """
    rows = spine_rows(view, code, last_month)
    if rows.empty:
        return None
    lang, catalogue = view.lang, cached_reads.catalogue()
    names = _names(view)
    name = place_name(names[code], lang)
    rest = text(f"township.rest.{township_view(view, code).township_set}", lang)
    drawn = pd.DataFrame([_drawn(one, row, names, rest, lang) for one, row in in_words_of(catalogue, rows)])
    words = _words("spine.chart.", lang)
    words |= {name: words[name].format(place=_short(names[code], lang), rest=rest)
              for name in ("column_value", "column_rest", "key_centre")}  # fmt: skip
    verdict_names = {key: text(f"components.verdicts.{key}", lang) for key in KEY}
    verdict_names["not_applicable"] = text("spine.untested", lang)
    title = _title(rows, name, rest, lang)
    period = month_span(view.first, view.last, lang)
    table = _table(view, rows, names, name, rest, demonstration)
    return Spines(
        title=title,
        alt=text("spine.alt", lang, title=title, months=period),
        period=period,
        notes=_notes(view, rows, rest, lang),
        peers=_peers(view, code, last_month),
        figure=Frozen(spine_chart(drawn, words=words, verdict_names=verdict_names, tone=tone_named(tone))),
        table=table,
        packed_table=packed(place_table.payload(**table, max_height=TABLE_HEIGHT, lang=lang)),
    )


def _names(view: View) -> Mapping[str, str]:
    register = cached_reads.places(view.scope, level="township", version=view.version)
    return dict(zip(register["code"], register["name"], strict=True))


def _short(name: str, lang: str) -> str:
    return place_name(name, lang, short=True)


def _words(prefix: str, lang: str) -> dict[str, str]:
    return {key.removeprefix(prefix): said for key, said in load_language(lang).items() if key.startswith(prefix)}


def _title(rows: pd.DataFrame, name: str, rest: str, lang: str) -> str:
    """How many indicators are better, worse, alike, and not judged."""
    kinds = {
        "better": rows["verdict"].isin(["better", "much_better"]),
        "worse": rows["verdict"].isin(["worse", "much_worse"]),
        "other": rows["verdict"].isin(["much_higher", "higher", "lower", "much_lower"]),
        "similar": rows["verdict"] == "similar",
        "unjudged": rows["verdict"].isin(["too_few", "hidden", "no_data", "not_applicable"]),
    }
    counts = {key: int(found.sum()) for key, found in kinds.items()}
    parts = [text(f"spine.counts.{key}", lang, count=number(count))
             for key, count in counts.items() if count or key in ("better", "worse")]  # fmt: skip
    said = text("spine.counts.joined", lang).join(parts)
    return text("spine.title", lang, place=name, rest=rest, count=number(len(rows)), parts=said)


def _notes(view: View, rows: pd.DataFrame, rest: str, lang: str) -> tuple[str, ...]:
    notes = [text("spine.note", lang, rest=rest)]  # how to read the figure; the table goes without it
    fewer = rows[rows["left_out"] > 0]
    if len(fewer):
        notes.append(text("spine.left_out", lang, count=number(len(fewer))))
    first, last = view.months("issues")
    if (first, last) != (view.first, view.last):
        notes.append(text("spine.settled", lang, months=month_span(first, last, lang)))
    return tuple(notes)


def _peers(view: View, code: str, last_month: int) -> tuple[str, ...]:
    """Who is similar, one line each with what they share; none where there is not enough background."""
    lang, near = view.lang, similar_townships(view.root, view.until, last_month, view.version)
    near, names = near[near["place"] == code], _names(view)
    if near.empty:
        return ()
    joiner = text("spine.similar.joined", lang)
    lines = [text("spine.similar.opening", lang, place=place_name(names[code], lang))]
    for row in near.sort_values("rank").to_dict("records"):
        name = place_name(names[row["peer"]], lang)
        why = joiner.join(text(f"filters.context.{one}", lang) for one in row["why"])
        lines.append(text("spine.similar.one", lang, place=name, why=why) if why else name)
    return tuple(lines)


def _pooled(one: Indicator, row: Mapping[str, Any], side: str, lang: str) -> str:
    """The rate of the others ("rest") or of the peers ("peer") as printed; a dash where there is none."""
    x, n, value = row[f"{side}_x"], row[f"{side}_n"], row[f"{side}_value"]
    if pd.isna(value):
        return "—"
    return percent(x, n) if one.kind == "proportion" else number(value, decimals=1)


def _range_end(one: Indicator, value: float, lang: str) -> str:
    return f"{number(value * 100, decimals=1)}%" if one.kind == "proportion" else number(value, decimals=1)


def _drawn(one: Indicator, row: Mapping[str, Any], names: Mapping[str, str], rest: str, lang: str) -> dict[str, Any]:
    """A row as the figure wants it: numbers for the marks, texts for what is printed."""
    known = has_figure(row)
    return {
        **{name: row[name] for name in ("indicator", "verdict", "state", "rest_value", "worst", "best", "quartile_low",
                                        "quartile_high", "peer_value")},
        "value": float(row["value"]) if known else float("nan"),
        "domain": cached_reads.catalogue().domain_names[one.domain][lang],
        "name": one.name[lang],
        "lower": one.better == "lower",
        "value_text": figure_text(row, one, lang),
        "rest_text": _pooled(one, row, "rest", lang),
        "peer_text": _pooled(one, row, "peer", lang),
        "n_text": number(row["n"]) if known else "—",
        "hover": "<br>".join(_hover(one, row, names, rest, lang)),
    }  # fmt: skip


def _hover(one: Indicator, row: Mapping[str, Any], names: Mapping[str, str], rest: str, lang: str) -> list[str]:
    lines = [
        f"<b>{one.name[lang]}</b>",
        evidence_text(row, one, lang),
        verdict_text(row, one, lang),
        text("spine.hover.rest", lang, rest=rest, value=_pooled(one, row, "rest", lang)),
    ]
    if row["peers"]:
        value = _pooled(one, row, "peer", lang)
        lines.append(text("spine.hover.peers", lang, count=number(row["peers"]), value=value))
    if not pd.isna(row["worst"]):
        key = "range_neutral" if one.better == "neutral" else "range"
        lines.append(text(f"spine.hover.{key}", lang, **_ends(one, row, names, lang)))
    if row["left_out"]:
        lines.append(text("spine.hover.left_out", lang, count=number(row["left_out"])))
    return lines


def _ends(one: Indicator, row: Mapping[str, Any], names: Mapping[str, str], lang: str) -> dict[str, str]:
    return {
        **{end: _range_end(one, row[end], lang) for end in ("worst", "best")},
        **{f"{end}_place": _holders(row, end, names, lang) for end in ("worst", "best")},
    }


def _holders(row: Mapping[str, Any], end: str, names: Mapping[str, str], lang: str) -> str:
    """Who is worst or best: a name, or how many share it."""
    if row[f"{end}_shared"] > 1:
        return text("spine.shared", lang, count=number(row[f"{end}_shared"]))
    return _short(names[row[f"{end}_place"]], lang)


def _table(
    view: View, rows: pd.DataFrame, names: Mapping[str, str], name: str, rest: str, demonstration: bool
) -> dict[str, Any]:
    lang, catalogue = view.lang, cached_reads.catalogue()
    mark = text("frame.demonstration.band", lang) if demonstration else ""

    def column(code: str, kind: str = "number", **facts: str) -> Column:
        return Column(code, text(f"spine.columns.{code}", lang, **facts), kind=kind,
                      hint=text(f"spine.hints.{code}", lang, rest=rest))  # fmt: skip

    return {
        "columns": [
            column("name", "name"), column("value", "rate", place=name), column("rest"), column("peers"),
            column("worst", "text"), column("best", "text"), column("n"),
        ],
        "rows": [_table_row(one, row, names, lang) for one, row in in_words_of(catalogue, rows)],
        "caption": text("spine.caption", lang, place=name, months=month_span(view.first, view.last, lang)),
        "comparison": text("spine.comparison", lang, rest=rest),
        "footnotes": _notes(view, rows, rest, lang)[1:],
        "grouped": True,
        "download": Download(
            file_name=text("spine.file_name", lang, mark=mark + ("_" if mark else ""), place=name, first=view.first,
                           last=view.last),
            mark=mark,
            notes=(text("spine.comparison", lang, rest=rest),
                   text("overview.details.version_value", lang, number=view.version)),
        ),
    }  # fmt: skip


def _table_row(one: Indicator, row: Mapping[str, Any], names: Mapping[str, str], lang: str) -> Row:
    cells = {
        "name": Cell(one.name[lang], sort=one.name[lang], title=one.description[lang]),
        "value": rate_cell(row, one, lang),
        "rest": _plain(_pooled(one, row, "rest", lang), row["rest_value"], row["rest_x"], row["rest_n"]),
        "peers": _plain(_pooled(one, row, "peer", lang), row["peer_value"], row["peer_x"], row["peer_n"]),
        "n": Cell(number(row["n"]), sort=float(row["n"])) if has_figure(row) else Cell(""),
    }
    if not pd.isna(row["worst"]):
        ends = _ends(one, row, names, lang)
        for end in ("worst", "best"):
            cells[end] = Cell(f"{ends[end]} {ends[f'{end}_place']}", sort=ends[f"{end}_place"])
    return Row(code=one.code, cells=cells, group=cached_reads.catalogue().domain_names[one.domain][lang])


def _plain(shown: str, value: float, x: float, n: float) -> Cell:
    """A pooled rate with its counts in the title; missing where there is none."""
    if pd.isna(value):
        return Cell("")
    return Cell(shown, sort=float(value), title=f"{shown} ({number(x)}/{number(n)})")
