"""The head of the issues page: its title, what is compared, and which part of the district it is about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import streamlit as st

from ui import cached_durations, cached_reads, measures
from ui.measures import View
from ui.payloads.issue_chain import chain_part
from ui.payloads.township_payload import settled_note
from ui.place_names import place_name
from ui.texts import number, percent, text


@dataclass(frozen=True)
class IssuesHead:
    """Title and facts of the head; ``name`` is that of the chosen township, "" for the district."""

    title: str
    note: str
    district: str
    name: str
    places_with_data: tuple[int, int] | None


def issue_view(view: View) -> View:
    """The view with all townships: the page offers no township set, and one left over from elsewhere must not count."""
    return replace(view, township_set="all", members=())


@st.cache_resource(show_spinner=False, max_entries=200)
def issues_head(view: View, township: str | None, *, as_of: dt.date, tone: str) -> IssuesHead:
    """The head for the district or one township. Raises KeyError for a township that is not on the register."""
    lang = view.lang
    register = measures.townships(view)
    names = dict(zip(register["code"], register["name"], strict=True))
    name = place_name(names[township], lang) if township else ""
    district = cached_reads.places(view.scope, level="district", version=view.version)["name"].iloc[0]
    counts = chain_part(view, township or view.root, as_of=as_of, tone=tone).counts
    found, satisfied, worst = counts.passed["found"], counts.passed["satisfied"], counts.worst
    facts = {
        "place": name or place_name(district, lang),
        "found": number(found),
        "satisfied": number(satisfied),
    }
    if not found:
        title = text("issues.title.none", lang, **facts)
    elif worst is None:
        title = text("issues.title.whole", lang, **facts)
    else:
        facts |= {"share": percent(satisfied, found), "step": text(f"issues.loses.{worst}", lang)}
        facts["lost"] = number(sum(counts.lost[worst].values()))
        title = text("issues.title.lost", lang, **facts)
    return IssuesHead(
        title=title,
        note=settled_note(view),
        district=place_name(district, lang),
        name=name,
        places_with_data=None if township else (_with_data(view, as_of), len(register)),
    )


def _with_data(view: View, as_of: dt.date) -> int:
    first, last = view.months("issues")
    paths = cached_durations.paths(view, within=view.root, first=first, last=last, as_of=as_of)
    return int(paths.loc[paths["place"].isin(measures.townships(view)["code"]), "place"].nunique())
