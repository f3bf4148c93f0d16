"""The answer to "compare …": figure, tests, table and file."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pandas as pd
import streamlit as st

from ui import cached_reads, measures
from ui.address import months_between
from ui.charts.dumbbells import dumbbell
from ui.charts.frozen import Frozen
from ui.charts.interval_rows import interval_bars
from ui.charts.over_time import TimeLine, gap_over_time, rate_over_time
from ui.charts.tone import Tone, tone_named
from ui.measures import View
from ui.payloads.pairing_charts import chart_words
from ui.payloads.pairing_words import group_names
from ui.payloads.query_alike import adjusted_lines
from ui.payloads.query_board import QueryBoard, file_mark, nothing, packed_table
from ui.payloads.query_choices import Query
from ui.payloads.query_figures import Compared, adjusted, compared, group_rates
from ui.payloads.query_files import frame_file, heads_of
from ui.payloads.query_hidden import Keys, hidden_keys
from ui.payloads.query_table import answer_table
from ui.payloads.query_words import (
    evidence_lines,
    finding_words,
    months_words,
    place_words,
    question_words,
)
from ui.place_names import place_name
from ui.texts import load_language, month_text, text

MOST_ROWS: Final = 60
VERDICTS: Final = "components.verdicts."
_GAP: Final = ("a_x", "a_n", "a_value", "b_x", "b_n", "b_value", "difference", "low", "high", "p", "ahead", "stands",
               "state")  # fmt: skip
_RATE: Final = ("x", "n", "value", "low", "high", "rest_x", "rest_n", "rest_value", "difference", "difference_low",
                "difference_high", "p_low", "p_high", "verdict", "state")  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=200)
def compare_board(view: View, query: Query, *, tone: str) -> QueryBoard:
    """Everything but the adjusted gap, which has its own choice. Raises NotPermitted for villages out of reach."""
    found, lang = compared(view, query), view.lang
    question, months = question_words(view, query, found), months_words(view, found.indicator)
    title = finding_words(view, query, found)
    if query.by == "village" and found.indicator.reported_at == "township":
        return nothing(question, question, text("query.empty.township_only", lang,
                                                indicator=found.indicator.name[lang]), months=months)  # fmt: skip
    if not found.has_data:
        empty = text("query.empty.no_data", lang, indicator=found.indicator.name[lang], months=months)
        return nothing(title, question, empty, months=months)
    table = answer_table(view, query, found)
    hidden = _hidden(query, found)
    places = query.by in ("township", "village")
    columns = ["a_n", "b_n"] if found.pairing else ["n"]
    have = int(found.rows[columns].fillna(0).gt(0).any(axis=1).sum())
    empty = "" if found.drawable else text("query.empty.ratio", lang)
    figure = _figure(view, query, found, tone_named(tone)) if found.drawable else None
    if found.drawable and figure is None:
        empty = text("query.empty.nothing_drawn", lang)
    first, last = view.months(found.indicator)
    settled = (first, last) != (view.first, view.last)
    return QueryBoard(
        title=title,
        question=question,
        months=months,
        note=text("overview.settled_note", lang, month=month_text(last, lang)) if settled else "",
        places_with_data=(have, len(found.rows)) if places else None,
        figure=figure,
        figure_note=text(f"query.figure_note.{query.by if places else 'plain'}", lang),
        empty=empty,
        lines=evidence_lines(view, query, found),
        table=table,
        exported=answer_table(view, query, found, hidden=hidden) if any(hidden.values()) else table,
        packed_table=packed_table(table, lang),
        table_note=text("query.table.note_places", lang) if places else "",
        picks=query.by if places else "",
    )


def alike_lines(view: View, query: Query, adjust: str, *, as_of: dt.date | None) -> list[tuple[str, str]]:
    """What is left of the gap like for like, in words; nothing where nothing is held alike."""
    gap = adjusted(view, query, adjust, as_of=as_of)
    if gap is None:
        return []
    return adjusted_lines(gap, adjust=adjust, indicator=compared(view, query).indicator, lang=view.lang)


def compare_file(view: View, query: Query, adjust: str, *, as_of: dt.date | None, demonstration: bool) -> bytes:
    """The frame behind the answer, with its definitions; small counts of issues hidden."""
    found, lang = compared(view, query), view.lang
    hidden = _hidden(query, found)
    key = "month" if query.by == "month" else "place"
    rows = [_file_row(row, key, found, hidden, lang) for row in found.rows.to_dict("records")]
    figures = [name for name in (_GAP if found.pairing else _RATE) if name in found.rows]
    notes = [text("query.file.note_methods" if found.pairing else "query.file.note_rest", lang)]
    notes += [text("query.file.line", lang, heading=heading, sentence=sentence)
              for heading, sentence in (*evidence_lines(view, query, found),
                                        *alike_lines(view, query, adjust, as_of=as_of))]  # fmt: skip
    if any(hidden.values()):
        notes.append(text("query.table.hidden", lang))
    return frame_file(
        view, question=question_words(view, query, found), months=months_words(view, found.indicator),
        indicators=(found.indicator,), pairing=found.pairing,
        heads=heads_of([key, *(["name"] if key == "place" else []), *figures], lang), rows=rows, notes=notes,
        mark=file_mark(view, demonstration=demonstration), as_of=as_of,
    )  # fmt: skip


def _file_row(row: dict[str, Any], key: str, found: Compared, hidden: dict[str, Keys], lang: str) -> dict[str, Any]:
    code = str(row[key])
    full = {**row, "name": place_name(found.names[code], lang) if code in found.names else ""}
    kept = [side for side, keys in hidden.items() if (code,) in keys]
    if not kept:
        return full
    gone = {"difference", "low", "high", "difference_low", "difference_high", "p", "p_low", "p_high", "ahead",
            "stands", "verdict", "rest_x", "rest_n", "rest_value"}  # fmt: skip
    for side in kept:
        gone |= {f"{side}_{name}" if side else name for name in ("x", "n", "value")}
    return {name: None if name in gone else cell for name, cell in full.items()} | {"state": "hidden"}


def _hidden(query: Query, found: Compared) -> dict[str, Keys]:
    key = "month" if query.by == "month" else "place"
    if query.by == "district":
        return {}
    if found.pairing is None:
        return {"": hidden_keys(found.rows, found.indicator, keys=(key,))}
    return {side: hidden_keys(found.rows, found.indicator, keys=(key,), x=f"{side}_x", n=f"{side}_n") for side in "ab"}


# Figures


def _figure(view: View, query: Query, found: Compared, tone: Tone) -> Frozen | None:
    if query.by == "month":
        return _months_figure(view, found, tone)
    if found.pairing is None:
        return _rates_figure(view, query, found, tone)
    if query.by == "district":
        return _groups_figure(view, found, tone)
    names = group_names(found.pairing, view.lang)
    total = found.total.assign(place=view.root)
    labels = {code: place_name(name, view.lang, short=True) for code, name in found.names.items()}
    listed = found.rows[found.rows[["a_n", "b_n"]].fillna(0).gt(0).any(axis=1)].head(MOST_ROWS)
    return Frozen(
        dumbbell(
            pd.concat([total, listed], ignore_index=True),
            names={**labels, view.root: place_words(view, query)},
            groups=(names["a"], names["b"]),
            words=chart_words(view.lang),
            tone=tone,
            district=view.root,
        )
    )


def _rates_figure(view: View, query: Query, found: Compared, tone: Tone) -> Frozen:
    labels = {code: place_name(name, view.lang, short=True) for code, name in found.names.items()}
    indicator, total = found.indicator, found.total.iloc[0]
    listed = found.rows[found.rows["n"].fillna(0) > 0].head(MOST_ROWS)
    verdicts = {
        key.removeprefix(VERDICTS): words for key, words in load_language(view.lang).items() if key.startswith(VERDICTS)
    }
    alone = query.by == "district"
    words = chart_words(view.lang)
    words["district"] = f"{place_words(view, query)} {{value}}"
    return Frozen(
        interval_bars(
            listed,
            names={**labels, view.root: place_words(view, query)},
            words=words,
            tone=tone,
            district=None if alone or pd.isna(total["value"]) else float(total["value"]),
            target=indicator.target,
            verdict_names=verdicts,
        )
    )


def _groups_figure(view: View, found: Compared, tone: Tone) -> Frozen:
    """Every value of the dimension, for two groups alone would hide what they are taken from."""
    assert found.pairing is not None
    rates = group_rates(view, found.indicator.code, found.pairing.dimension)
    names, lang = group_names(found.pairing, view.lang), view.lang
    sides = zip("ab", measures.sides(view, found.pairing, found.indicator, by=()), strict=True)
    own = [table[table["n"] > 0].assign(group=f"side_{side}") for side, table in sides]
    single = [group.values[0] for group in (found.pairing.a, found.pairing.b) if len(group.values) == 1]
    dimension = cached_reads.catalogue().dimensions[found.pairing.dimension]
    labels = {code: name[lang] for code, name in dimension.values.items()}
    others = rates[~rates["group"].isin(single)]
    return Frozen(
        interval_bars(
            pd.concat([*own, others], ignore_index=True),
            names={**labels, "side_a": f"<b>{names['a']}</b>", "side_b": f"<b>{names['b']}</b>"},
            words=chart_words(lang),
            tone=tone,
            key="group",
            target=found.indicator.target,
        )
    )


def _months_figure(view: View, found: Compared, tone: Tone) -> Frozen | None:
    months = {month: month_text(month, view.lang) for month in months_between(view.first, view.last)}
    late = view.provisional_from if found.indicator.source == "issues" else None
    words = chart_words(view.lang)
    if found.pairing is None:
        line = TimeLine(text(f"overview.area_short.{view.township_set}", view.lang), found.rows)
        return Frozen(
            rate_over_time([line], months=months, words=words, tone=tone, target=found.indicator.target,
                           provisional_from=late)
        )  # fmt: skip
    if not found.rows["difference"].notna().any():
        return None
    names = group_names(found.pairing, view.lang)
    return Frozen(
        gap_over_time(found.rows, months=months, groups=(names["a"], names["b"]), words=words, tone=tone,
                      provisional_from=late)
    )  # fmt: skip
