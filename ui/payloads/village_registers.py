"""The registers of a village in a sentence: how many sites wait for an inspection, and which were never inspected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import pandas as pd

from indicators.last_inspections import STALE_AFTER, inspection_class, worst_first
from ui.texts import date_text, number, text

NAMED: Final = 6
"""Names in a sentence; the others are counted."""
ORDER: Final = ("never", "stale", "failed", "passed")
"""As told: those that wait come first."""


def register_sentences(
    sites: pd.DataFrame, kinds: Sequence[str], *, as_of: dt.date | None, lang: str
) -> tuple[str, ...]:
    """What the sites of these kinds among ``sites`` (as read_sites gives them) wait for; empty where there are none.

    How many were never inspected, not for half a year, had failures, or passed; who was never inspected, by name; and
    which of the inspected ones waits longest.
    """
    chosen = sites[sites["kind"].isin(kinds)].rename(columns={"checked": "checked_items", "passed": "passed_items"})
    if chosen.empty:
        return ()
    known = [day for day in chosen["inspected_on"] if day is not None]
    last = max([*known, *([as_of] if as_of else [])], default=None)
    month = last.year * 100 + last.month if last else 0
    if not month:
        return (text("village.waiting.all_never", lang, total=number(len(chosen))),)
    ordered = worst_first(chosen, classes=inspection_class(chosen, month=month))
    counts = ordered["class"].value_counts()
    parts = [
        text(f"village.waiting.{kind}", lang, count=number(counts[kind]), months=number(STALE_AFTER))
        for kind in ORDER
        if counts.get(kind)
    ]
    joined = text("village.waiting.joined", lang).join(parts)
    told = [text("village.waiting.counts", lang, total=number(len(chosen)), parts=joined)]
    never = [_name(site, lang) for site in ordered[ordered["class"] == "never"].to_dict("records")]
    if never:
        told.append(_named(never, lang))
    inspected = ordered[ordered["class"] != "never"]
    if len(inspected):
        first = min(inspected.to_dict("records"), key=lambda site: (site["inspected_on"], site["code"]))
        told.append(
            text("village.waiting.longest", lang, name=_name(first, lang), date=date_text(first["inspected_on"], lang))
        )
    return tuple(told)


def _named(names: Sequence[str], lang: str) -> str:
    shown = text("village.waiting.and", lang).join(names[:NAMED])
    key = "never_named" if len(names) <= NAMED else "never_some"
    return text(f"village.waiting.{key}", lang, names=shown, count=number(len(names)))


def _name(site: dict[str, object], lang: str) -> str:
    return text("village.register.gate", lang) if site["kind"] == "village_gate" else str(site["name"])
