"""How recent everything is: each source and office with its newest month and day of receipt, and what is overdue."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import pandas as pd

from ui import cached_quality, cached_reads
from ui.measures import View, register_day
from ui.payloads.report_figures import REPORTED, office_of
from ui.texts import date_text, month_text, text

MADE_UP: Final = "demonstration"
"""Who loads the made-up district."""
REGISTERS: Final = ("places", "estates", "firms")
OLD_REGISTER: Final = 366
"""Days after which a register counts as old."""
SLACK: Final = 1.5
"""A source is overdue when nothing came for this many of its usual gaps."""
USUAL: Final = 92.0
"""Days between two files of cases or visits where too few have come to know."""


@dataclass(frozen=True)
class Fresh:
    """One line: what it is, its newest month, when it was last received and by whom loaded, and its state.

    ``state`` is "fresh", "overdue" or "never"; ``why`` says in words what an overdue line waits for; ``office`` tells
    the offices' lines from those of whole sources.
    """

    name: str
    newest: str
    received: str
    days: int | None
    loaded_by: str
    state: str
    why: str = ""
    office: bool = False


@dataclass(frozen=True)
class Check:
    """An indicator whose answers hold for some time only: how many places were last checked longer ago than that."""

    indicator: str
    valid_days: int
    stale: int
    places: int
    oldest: dt.date | None


def today_of(view: View, *, demonstration: bool) -> dt.date:
    """The day on which freshness is judged: today, or for made-up figures the newest day of receipt."""
    newest = cached_quality.newest_receipt(view)
    return newest if demonstration and newest is not None else dt.date.today()


def fresh_rows(view: View, *, today: dt.date) -> list[Fresh]:
    """The lines in reading order: cases, visits, the offices' reports, the registers; within each what is overdue first
    where there are several."""
    sources = {str(one["source"]): one for one in cached_quality.freshness(view).to_dict("records")}
    events = [_event_row(view, sources[source], today) for source in ("issues", "inspections")]
    offices = sorted(_office_rows(view, today), key=lambda one: (one.state == "fresh", -(one.days or 0), one.name))
    return [*events, *offices, *(_register_row(view, sources[source], today) for source in REGISTERS)]


def checks(view: View, as_of: dt.date | None) -> list[Check]:
    """The indicators with a validity, the most outdated first; nothing without an as-of day."""
    day = register_day(view, as_of)
    wanted = [one for one in cached_reads.catalogue().values() if one.valid_days is not None]
    if day is None or not wanted:
        return []
    answers = cached_reads.measurements(
        view.scope, indicators=[one.code for one in wanted], level="township", first=view.first, last=view.last,
        version=view.version,
    )  # fmt: skip
    found = []
    for one in wanted:
        own = answers.loc[answers["indicator"] == one.code, "verified_on"].dropna()
        limit = day - dt.timedelta(days=one.valid_days or 0)
        stale = sum(checked < limit for checked in own)
        if len(own):
            found.append(Check(one.code, int(one.valid_days or 0), stale, len(own), min(own)))
    return sorted(found, key=lambda check: (-check.stale, check.indicator))


def _event_row(view: View, one: dict, today: dt.date) -> Fresh:
    gap = USUAL if pd.isna(one["usual_gap"]) else one["usual_gap"]
    return _line(view, one, today, longest=int(gap * SLACK), why="overdue_source", usual=int(gap))


def _register_row(view: View, one: dict, today: dt.date) -> Fresh:
    return _line(view, one, today, longest=OLD_REGISTER, why="old_register")


def _line(view: View, one: dict, today: dt.date, *, longest: int, why: str, **facts: int) -> Fresh:
    lang, received = view.lang, one["received_on"]
    name = text(f"data_quality.sources.{one['source']}", lang)
    if received is None or pd.isna(received):
        return Fresh(name, "", "", None, "", "never")
    days = (today - received).days
    newest = "" if pd.isna(one["newest_month"]) else month_text(int(one["newest_month"]), lang)
    late = days > longest
    words = text(f"data_quality.fresh.{why}", lang, days=days, **facts) if late else ""
    return Fresh(name, newest, date_text(received, lang), max(days, 0), _loader(one["loaded_by"], lang),
                 "overdue" if late else "fresh", words)  # fmt: skip


def _office_rows(view: View, today: dt.date) -> list[Fresh]:
    catalogue, lang = cached_reads.catalogue(), view.lang
    streams = cached_quality.stream_freshness(view)
    streams = streams.loc[(streams["source"] == REPORTED) & streams["stream"].isin(list(catalogue))]
    streams = streams.assign(office=[office_of(REPORTED, code, catalogue) for code in streams["stream"]])
    rows = []
    for _, own in streams.groupby("office"):
        newest = own.sort_values("received_on").iloc[-1]
        waiting = own.loc[[due is not None and due < today for due in own["next_due"]]]
        names = [catalogue[code].name[lang] for code in waiting["stream"]]
        why = ""
        if names:
            joined = ("、" if lang == "zh" else ", ").join(names[:3])
            due = date_text(min(waiting["next_due"]), lang)
            why = text("data_quality.fresh.overdue_reports", lang, names=joined, count=len(names), due=due)
        rows.append(
            Fresh(
                name=catalogue[own["stream"].iloc[0]].owner[lang],
                newest=month_text(int(own["newest_month"].max()), lang),
                received=date_text(newest["received_on"], lang),
                days=max((today - newest["received_on"]).days, 0),
                loaded_by=_loader(newest["loaded_by"], lang),
                state="overdue" if names else "fresh",
                why=why,
                office=True,
            )
        )
    return rows


def _loader(name: object, lang: str) -> str:
    return text("frame.demonstration.band", lang) if name == MADE_UP else str(name)
