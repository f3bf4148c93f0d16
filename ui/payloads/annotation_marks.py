"""Notes and campaigns as marks on a trend, and as lines of text below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_access.permissions import Scope
from ui.cached_annotations import annotations
from ui.charts.month_lines import Campaign
from ui.texts import date_text, month_span, month_text, text

MARK: int = 14
"""Letters of a note on the trend; the whole stands below it."""


def notes_on(scope: Scope, *, places: tuple[str, ...], indicator: str | None) -> pd.DataFrame:
    """The notes on ``places`` that concern ``indicator``: those about it, about all, and campaigns."""
    known = annotations(scope, places=places)
    about = known["indicator"].isna() | (known["indicator"] == indicator) | known["campaign"].notna()
    return known[about]


def annotation_marks(notes: pd.DataFrame, lang: str) -> tuple[Campaign, ...]:
    """The notes as upright lines of a trend, their text cut where it is long. A value: part of a cache key."""
    marks = []
    for note in notes.to_dict("records"):
        words = _headline(note, lang)
        marks.append(Campaign(int(note["month"]), words if len(words) <= MARK else f"{words[:MARK]}…"))
    return tuple(marks)


def annotation_line(note: Mapping[str, Any], lang: str) -> str:
    """One note in full: months, what happened, who signed it when."""
    first = int(note["month"])
    until = note["until"]
    months = month_text(first, lang) if pd.isna(until) else month_span(first, int(until), lang)
    return text(
        "annotations.line", lang, months=months, words=_headline(note, lang), who=note["created_by"],
        day=date_text(note["created_at"].date(), lang),
    )  # fmt: skip


def _headline(note: Mapping[str, Any], lang: str) -> str:
    campaign = note["campaign"]
    if not isinstance(campaign, str):
        return str(note["text"])
    return text("annotations.campaign", lang, name=text(f"annotations.campaigns.{campaign}", lang), words=note["text"])
