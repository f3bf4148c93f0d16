"""What it would take to close a gap: how many cases, and on how many estates, firms or villages at the least."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from data_access.permissions import Scope
from data_access.shortfalls import INSPECTED, OBJECTS, read_shortfalls
from indicators.catalogue import Indicator, Pairing
from indicators.decomposition import cases_to_match
from indicators.printed_figures import target_text
from indicators.sentences import needed_sentence, unit_text
from indicators.shortfalls import fewest_objects
from indicators.targets import cases_over, cases_short
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.circular_table import DISTRICT
from ui.payloads.pairing_figures import pairing_figures
from ui.payloads.pairing_words import group_names, other
from ui.place_names import place_name
from ui.place_table import Cell, Column, Row
from ui.texts import month_span, number, percent, percent_interval, text

MOST_NAMED: Final = 3


@dataclass(frozen=True)
class Closing:
    """What the group ``behind`` needs, as computed.

    total    its x and n in the whole area, ``needed`` and ``objects`` (None where shortfalls lie on no objects)
    rows     by township: place, x, n, value, low, high, needed, objects, holding (objects with any shortfall); those
             that need most first; townships without cases of the group are left out
    """

    behind: str
    clear: bool
    total: Mapping[str, Any]
    rows: pd.DataFrame


@dataclass(frozen=True)
class ClosingBoard:
    """What the section mounts: the answer, remarks, and the table (None: ``answer`` says why)."""

    answer: str
    remarks: tuple[str, ...]
    table: Mapping[str, Any] | None
    period: str


def goal_choices(view: View, pairing_code: str, indicator_code: str) -> dict[str, str]:
    """What may be reached, by code, in words: "level" with the other group, and the indicator's "target"."""
    indicator, lang = cached_reads.catalogue()[indicator_code], view.lang
    choices = {"level": text("pairings.closing.goal.level", lang)}
    if indicator.target is not None:
        choices["target"] = text("pairings.closing.goal.target", lang, target=target_text(indicator.target))
    return choices


@st.cache_resource(show_spinner=False, max_entries=300)
def closing_figures(
    view: View, pairing_code: str, indicator_code: str, goal: str, *, as_of: dt.date | None
) -> Closing | None:
    """What the group behind needs to reach the ``goal``; None where no group can be said to be behind."""
    catalogue = cached_reads.catalogue()
    pairing, indicator = catalogue.pairings[pairing_code], catalogue[indicator_code]
    figures = pairing_figures(view, pairing_code, indicator_code)
    row = figures.evidence.district.iloc[0]
    if not indicator.counts_share or indicator.better == "neutral" or row["ahead"] is None or row["difference"] == 0:
        return None
    lower = indicator.better == "lower"
    behind = "a" if (row["difference"] < 0) != lower else "b"
    ahead = other(behind)
    bar = (int(row[f"{ahead}_x"]), int(row[f"{ahead}_n"]))
    side = dict(zip("ab", measures.sides(view, pairing, indicator), strict=True))[behind]
    held = _held(view, pairing, indicator, behind, as_of=as_of)
    rows = side[side["n"].fillna(0) > 0][["place", "x", "n", "value", "low", "high"]].reset_index(drop=True)

    def needed(x: float, n: float) -> int:
        if goal == "target" and indicator.target is not None:
            count = cases_over if lower else cases_short
            return count(int(x), int(n), target=indicator.target)
        return cases_to_match(int(x), int(n), other_x=bar[0], other_n=bar[1], better=indicator.better)

    rows = rows.assign(needed=[needed(one.x, one.n) for one in rows.itertuples()])
    doors = [_doors(held, str(one.place), int(one.needed)) for one in rows.itertuples()]
    rows = rows.assign(objects=[one[0] for one in doors], holding=[one[1] for one in doors])
    whole = needed(row[f"{behind}_x"], row[f"{behind}_n"])
    doors_of_all = _doors(held, None, whole)
    return Closing(
        behind=behind,
        clear=row["ahead"] != "none",
        total={"x": int(row[f"{behind}_x"]), "n": int(row[f"{behind}_n"]), "needed": whole,
               "objects": doors_of_all[0], "holding": doors_of_all[1]},
        rows=rows.sort_values(["needed", "place"], ascending=[False, True], kind="stable").reset_index(drop=True),
    )  # fmt: skip


def _held(
    view: View, pairing: Pairing, indicator: Indicator, behind: str, *, as_of: dt.date | None
) -> pd.DataFrame | None:
    pair = (indicator.numerator, indicator.denominator)
    lies = indicator.source == "issues" or (indicator.source == "inspections" and pair in INSPECTED)
    if not lies or pairing.dimension not in OBJECTS or as_of is None:
        return None
    group = pairing.a if behind == "a" else pairing.b
    chosen = tuple(measures.townships(view)["code"]) if view.township_set != "all" else None
    return _shortfalls(
        view.root, view.villages_of, view.until, indicator.source, pairing.dimension, tuple(group.values), *pair,
        indicator.better == "lower", chosen, *view.months(indicator), as_of, view.version,
    )  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=100)
def _shortfalls(
    root: str,
    villages_of: tuple[str, ...] | None,
    until: int | None,
    source: str,
    dimension: str,
    values: tuple[str, ...],
    numerator: str,
    denominator: str,
    events: bool,
    townships: tuple[str, ...] | None,
    first: int,
    last: int,
    as_of: dt.date,
    version: int,
) -> pd.DataFrame:
    return read_shortfalls(
        cached_reads.engine(),
        scope=Scope(root=root, villages_of=villages_of, until=until),
        source=source,
        dimension=dimension,
        values=values,
        numerator=numerator,
        denominator=denominator,
        events=events,
        townships=townships,
        first=first,
        last=last,
        as_of=as_of,
    )


def _doors(held: pd.DataFrame | None, township: str | None, needed: int) -> tuple[int | None, int | None]:
    """At least how many objects, and how many hold any shortfall; of one township or (None) of all."""
    if held is None:
        return None, None
    own = held if township is None else held[held["township"] == township]
    pairs = list(zip(own["missed"], own["objects"], strict=True))
    return fewest_objects(pairs, needed), int(own["objects"].sum())


@st.cache_resource(show_spinner=False, max_entries=300)
def closing_board(
    view: View, pairing_code: str, indicator_code: str, goal: str, *, as_of: dt.date | None
) -> ClosingBoard:
    """The section for one goal ("level" or "target")."""
    catalogue = cached_reads.catalogue()
    pairing, indicator, lang = catalogue.pairings[pairing_code], catalogue[indicator_code], view.lang
    months = month_span(*view.months(indicator), lang)
    found = closing_figures(view, pairing_code, indicator_code, goal, as_of=as_of)
    if found is None:
        return ClosingBoard(text("pairings.closing.nobody_behind", lang), (), None, months)
    groups = group_names(pairing, lang)
    behind, ahead = groups[found.behind], groups[other(found.behind)]
    if goal == "level" and not found.clear:
        return ClosingBoard(text("pairings.closing.not_clear", lang, **groups), (), None, months)
    names = pairing_figures(view, pairing_code, indicator_code).names
    return ClosingBoard(
        answer=_answer(found, indicator, pairing, goal, behind=behind, ahead=ahead, lang=lang),
        remarks=_remarks(found, indicator, names, behind=behind, lang=lang),
        table=_table(found, indicator, pairing, names, goal=goal, behind=behind, ahead=ahead, months=months, lang=lang),
        period=months,
    )


def _object(pairing: Pairing, lang: str) -> str:
    return text(f"pairings.closing.objects.{OBJECTS.get(pairing.dimension, 'village')}", lang)


def _answer(
    found: Closing, indicator: Indicator, pairing: Pairing, goal: str, *, behind: str, ahead: str, lang: str
) -> str:
    total = found.total
    unit = unit_text(indicator, lang, count=total["needed"])
    if goal == "target" and indicator.target is not None:
        said = needed_sentence(
            total["x"], total["n"], target=indicator.target, better=indicator.better, unit=unit, lang=lang
        )
        sentence = text("pairings.closing.to_target", lang, behind=behind, sentence=said)
    else:
        key = "to_level_lower" if indicator.better == "lower" else "to_level"
        sentence = text(f"pairings.closing.{key}", lang, behind=behind, ahead=ahead, k=number(total["needed"]),
                        unit=unit)  # fmt: skip
    if total["objects"] and total["needed"]:
        sentence += text("pairings.closing.on_objects", lang, objects=number(total["objects"]),
                         holding=number(total["holding"]), object=_object(pairing, lang))  # fmt: skip
    else:
        sentence += text("pairings.closing.end", lang)
    return sentence


def _remarks(
    found: Closing, indicator: Indicator, names: Mapping[str, str], *, behind: str, lang: str
) -> tuple[str, ...]:
    rows = found.rows[found.rows["needed"] > 0]
    said = []
    if rows.empty:
        said.append(text("pairings.closing.all_reached", lang, behind=behind))
    else:
        named = [
            text("pairings.closing.named", lang, place=place_name(names[row["place"]], lang),
                 k=number(row["needed"]), unit=unit_text(indicator, lang, count=row["needed"]))
            for row in rows.head(MOST_NAMED).to_dict("records")
        ]  # fmt: skip
        said.append(text("pairings.closing.where", lang, count=len(rows), all=len(found.rows),
                         named=("、" if lang == "zh" else ", ").join(named)))  # fmt: skip
    return (*said, text("pairings.closing.caveat", lang))


def _table(
    found: Closing,
    indicator: Indicator,
    pairing: Pairing,
    names: Mapping[str, str],
    *,
    goal: str,
    behind: str,
    ahead: str,
    months: str,
    lang: str,
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback: one row a township, most needed first."""
    has_objects = found.total["objects"] is not None
    unit = unit_text(indicator, lang)
    thing = _object(pairing, lang)
    whole = Row(DISTRICT, {
        "name": Cell(text("pairings.closing.whole", lang)),
        "value": Cell(percent(found.total["x"], found.total["n"]), title=_counts(found.total)),
        **_counted(found.total, has_objects=has_objects),
    }, total=True)  # fmt: skip
    rows = [
        Row(
            str(row["place"]),
            {
                "name": Cell(place_name(names[row["place"]], lang), sort=names[row["place"]]),
                "value": Cell(percent(row["x"], row["n"]), sort=float(row["value"]), title=_evidence(row)),
                **_counted(row, has_objects=has_objects),
            },
        )
        for row in found.rows.to_dict("records")
    ]
    columns = [
        Column("index", text("pairings.columns.index", lang), kind="index"),
        Column("name", text("pairings.columns.name", lang), kind="name"),
        Column("value", behind, hint=indicator.description[lang]),
        Column("needed", text("pairings.closing.columns.needed", lang, unit=unit),
               hint=text(f"pairings.closing.columns.needed_hint_{goal}", lang, ahead=ahead, behind=behind)),
    ]  # fmt: skip
    if has_objects:
        columns += [
            Column("objects", text("pairings.closing.columns.objects", lang, object=thing),
                   hint=text("pairings.closing.columns.objects_hint", lang, object=thing)),
            Column("holding", text("pairings.closing.columns.holding", lang, object=thing),
                   hint=text("pairings.closing.columns.holding_hint", lang, object=thing)),
        ]  # fmt: skip
    return {
        "columns": columns,
        "rows": [whole, *rows],
        "caption": text("pairings.closing.caption", lang, months=months, indicator=indicator.name[lang], behind=behind),
        "comparison": text(f"pairings.closing.comparison_{goal}", lang, ahead=ahead,
                           target=target_text(indicator.target) if indicator.target is not None else ""),
        "footnotes": [text("pairings.closing.sum_note", lang)],
        "max_height": 480,
        "sort": ("needed", "desc"),
    }  # fmt: skip


def _counts(row: Mapping[str, Any]) -> str:
    return f"{number(row['x'])}/{number(row['n'])}"


def _evidence(row: Mapping[str, Any]) -> str:
    if pd.isna(row["low"]):
        return _counts(row)
    return f"{percent_interval(row['low'], row['high'], n=row['n'])} · {_counts(row)}"


def _counted(row: Mapping[str, Any], *, has_objects: bool) -> dict[str, Cell]:
    cells = {"needed": Cell(number(row["needed"]), sort=float(row["needed"]), title=_counts(row))}
    if not has_objects:
        return cells
    for name in ("objects", "holding"):
        known = row[name] is not None and not pd.isna(row[name])
        cells[name] = Cell(number(row[name]), sort=float(row[name])) if known else Cell("")
    return cells
