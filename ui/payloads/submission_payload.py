"""The submission strips ready to mount: townships and offices by month, the unit furthest behind first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from ui import cached_quality, cached_reads, submission_strip
from ui.component_base import packed
from ui.measures import View
from ui.payloads.report_figures import ALL_REPORTS, EVENT_SOURCES, ReportFigures, report_figures
from ui.place_names import place_name
from ui.submission_strip import Month, Row, Slip
from ui.texts import month_span, month_text, number, percent, text

_TOLD: Final = ("much_worse", "worse", "better", "much_better")


@dataclass(frozen=True)
class Strips:
    """The packed strips of townships and of offices."""

    townships: bytes
    offices: bytes


@st.cache_resource(show_spinner=False, max_entries=200)
def strips(view: View, chosen: str, selected: str | None) -> Strips:
    """The strips of the chosen reports, with the township ``selected`` lit."""
    lang = view.lang
    figures = report_figures(view, chosen)
    register = cached_reads.places(view.scope, level="township", version=view.version)
    towns = {code: place_name(name, lang) for code, name in zip(register["code"], register["name"], strict=True)}
    months = sorted(int(month) for month in figures.by_place["month"].unique())
    common = {
        "months": [month_heads(month, lang) for month in months],
        "lang": lang,
        "timed": chosen not in EVENT_SOURCES,
        "figure_heading": text(f"data_quality.strip.{_kind(chosen)}_share", lang),
    }
    span = month_span(view.first, view.last, lang)
    offices = office_names(lang)
    return Strips(
        townships=packed(
            submission_strip.payload(
                rows=_rows(view, figures, months, unit="place", names=towns, chosen=chosen),
                heading=text("data_quality.strip.townships", lang),
                caption=text("data_quality.strip.caption_townships", lang, months=span),
                selected=selected, **common,
            )
        ),
        offices=packed(
            submission_strip.payload(
                rows=_rows(view, figures, months, unit="office", names=offices, chosen=chosen),
                heading=text("data_quality.strip.offices", lang),
                caption=text("data_quality.strip.caption_offices", lang, months=span), **common,
            )
        ),
    )  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=100)
def village_strip(view: View, township: str, name: str) -> bytes | None:
    """The villages of one township that lack figures: how many indicators of villages have none, by month.

    None where no village lacks any.

    Raises NotPermitted where the viewer may not see them.
    """
    lang = view.lang
    have = cached_quality.village_reports(view, township=township)
    register = cached_reads.places(view.scope, level="village", within=township, version=view.version)
    names = dict(zip(register["code"], register["name"], strict=True))
    months = sorted(int(month) for month in have["month"].unique())
    rows = []
    for code, own in have.groupby("place"):
        known = {int(one["month"]): one for one in own.to_dict("records")}
        x, n = int(own["have"].sum()), int(own["expected"].sum())
        cells = [
            Month(expected=known[month]["expected"], missing=known[month]["expected"] - known[month]["have"])
            for month in months
        ]
        if x < n:
            rows.append((x / n, Row(code=str(code), name=place_name(names[code], lang), months=cells,
                                    figure=percent(x, n), note=_note(0, n - x, lang))))  # fmt: skip
    if not rows:
        return None
    rows.sort(key=lambda one: (one[0], one[1].code))
    return packed(
        submission_strip.payload(
            rows=[row for _, row in rows],
            months=[month_heads(month, lang) for month in months],
            heading=text("data_quality.strip.villages", lang),
            figure_heading=text("data_quality.strip.came_share", lang),
            caption=text("data_quality.strip.caption_villages", lang, township=name),
            lang=lang,
            timed=False,
        )
    )


def office_names(lang: str) -> Mapping[str, str]:
    """The offices that own an indicator: Chinese name, which is their code here, to the reader's."""
    return {one.owner.zh: one.owner[lang] for one in cached_reads.catalogue().values()}


def choice_name(chosen: str, lang: str) -> str:
    """What the strip shows, in words: all reports, a whole domain, a source or one indicator."""
    catalogue = cached_reads.catalogue()
    if chosen == ALL_REPORTS:
        return text("data_quality.strip.all_reports", lang)
    if chosen in catalogue.domain_names and chosen not in EVENT_SOURCES:
        return text("data_quality.strip.domain", lang, domain=catalogue.domain_names[chosen][lang])
    return catalogue[chosen].name[lang] if chosen in catalogue else text(f"data_quality.sources.{chosen}", lang)


def stream_name(source: str, stream: str, lang: str) -> str:
    """What a report is called: the indicator's name, or the source's."""
    catalogue = cached_reads.catalogue()
    return catalogue[stream].name[lang] if stream in catalogue else text(f"data_quality.sources.{source}", lang)


def month_heads(month: int, lang: str) -> tuple[str, str, str]:
    """A month's long name, its number and its year, for the head of a strip."""
    return month_text(month, lang), str(month % 100), text("data_quality.strip.year", lang, year=month // 100)


def _kind(chosen: str) -> str:
    return "came" if chosen in EVENT_SOURCES else "on_time"


def _rows(
    view: View, figures: ReportFigures, months: list[int], *, unit: str, names: Mapping[str, str], chosen: str
) -> list[Row]:
    counted = figures.by_place if unit == "place" else figures.by_office
    cells = {(one["unit"], int(one["month"])): one for one in counted.to_dict("records")}
    slips = _slips(figures.slips, unit, view)
    rows = []
    for one in (figures.places if unit == "place" else figures.offices).to_dict("records"):
        code = str(one["place"])
        rows.append(
            Row(
                code=code,
                name=names.get(code, code),
                months=[_month(cells.get((code, month)), slips.get((code, month), [])) for month in months],
                figure="" if pd.isna(one["value"]) else percent(one["x"], one["n"]),
                note=_note(int(one["late"]), int(one["missing"]), view.lang),
                title="" if pd.isna(one["value"]) else _counts_words(one, chosen, view.lang),
                verdict=str(one["verdict"]) if one["verdict"] in _TOLD else None,
                pickable=unit == "place",
            )
        )
    return rows


def _counts_words(one: Mapping[str, Any], chosen: str, lang: str) -> str:
    return text(f"data_quality.strip.{_kind(chosen)}_counts", lang, x=number(one["x"]), n=number(one["n"]))


def _note(late: int, missing: int, lang: str) -> str:
    parts = [text("data_quality.strip.note_late", lang, count=late)] if late else []
    parts += [text("data_quality.strip.note_missing", lang, count=missing)] if missing else []
    return " ".join(parts)


def _month(counted: Mapping[str, Any] | None, slips: list[Slip]) -> Month | None:
    if counted is None:
        return None
    return Month(
        expected=int(counted["expected"]), late=int(counted["late"]), missing=int(counted["missing"]),
        not_due=int(counted["not_due"]), slips=slips,
    )  # fmt: skip


def _slips(slips: pd.DataFrame, unit: str, view: View) -> dict[tuple[str, int], list[Slip]]:
    """By unit and month what went wrong, missing first, then the latest."""
    lang = view.lang
    register = cached_reads.places(view.scope, level="township", version=view.version)
    towns = dict(zip(register["code"], register["name"], strict=True))
    found: dict[tuple[str, int], list[Slip]] = {}
    ordered = slips.sort_values("days", ascending=False, na_position="first", kind="stable")
    for one in ordered.to_dict("records"):
        name = stream_name(one["source"], one["stream"], lang)
        if unit == "office":
            place = place_name(towns.get(one["place"], one["place"]), lang)
            name = text("data_quality.strip.slip_of_place", lang, place=place, report=name)
        days = None if pd.isna(one["days"]) else int(one["days"])
        found.setdefault((one[unit], int(one["month"])), []).append(Slip(name=name, days=days))
    return found
