"""Words of the upload page that depend on figures: titles, times, sizes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from data_access.ingestion.source_form import source_form
from data_access.jobs import JobState
from ui.texts import has_text, number, text
from ui.upload.desk import Desk


def title(desk: Desk, lang: str) -> str:
    """The sentence at the head of the page: how it stands with the file on the desk."""
    stage = desk.stage
    if stage == "confirm":
        return _confirm_title(desk, lang)
    if stage not in ("checked", "loaded"):
        return text(f"upload.titles.{stage}", lang)
    result = desk.result
    facts = {"rows": number(loadable(result)), "rejected": number(result["rows_rejected"])}
    if result["already_loaded"]:
        return text("upload.titles.known", lang, **facts)
    if stage == "loaded":
        return text(f"upload.titles.{'loaded_dirty' if result['rows_rejected'] else 'loaded'}", lang, **facts)
    if result["rows_rejected"]:
        return text(f"upload.titles.{'dirty' if loadable(result) else 'all_wrong'}", lang, **facts)
    fresh = result["rows_new"] + result["rows_changed"] + result["rows_late"]
    return text(f"upload.titles.{'clean' if fresh else 'nothing_new'}", lang, **facts)


def _confirm_title(desk: Desk, lang: str) -> str:
    recognitions = (desk.look.result or {})["recognitions"] if desk.look else []
    if not recognitions:
        return text("upload.titles.unrecognised", lang)
    return text("upload.titles.confirm", lang, source=source_name(recognitions[0]["source"], lang))


def loadable(result: dict[str, Any]) -> int:
    """How many rows a load takes."""
    return sum(result[name] for name in ("rows_new", "rows_changed", "rows_unchanged"))


def source_name(source: str, lang: str) -> str:
    """The name of a source: 问题工单, Issue cases."""
    return source_form(source).name["en" if lang == "en" else "zh"]


def reason_text(group: dict[str, Any], lang: str) -> str:
    """What is wrong with a group of rows, in a few words."""
    key = f"upload.reasons.{group['reason']}"
    if not has_text(key):
        key = "upload.reasons.other" if group["column"] else "upload.reasons.other_row"
    return text(key, lang, column=group["column"])


def size_text(size: int, lang: str) -> str:
    """Bytes as megabytes, one decimal, never 0.0."""
    return text("upload.drop.size", lang, megabytes=number(max(size / 2**20, 0.1), decimals=1))


def clock_text(seconds: float) -> str:
    """A moment (seconds since 1970) as 14:30, in the server's time."""
    return f"{dt.datetime.fromtimestamp(seconds):%H:%M}"


def remaining_text(state: JobState, lang: str) -> str:
    """How long it will take, rounded as one says it; empty when nobody can tell."""
    left = state.remaining_seconds
    if left is None:
        return ""
    if left < 5:
        return text("upload.progress.soon", lang)
    if left < 90:
        return text("upload.progress.seconds", lang, count=int(left / 5 + 1) * 5)
    return text("upload.progress.minutes", lang, count=round(left / 60))


def elapsed_text(seconds: float, lang: str) -> str:
    """How long it has taken so far."""
    unit, count = ("seconds", int(seconds)) if seconds < 90 else ("minutes", round(seconds / 60))
    return text("upload.progress.elapsed", lang, time=text(f"upload.progress.elapsed_{unit}", lang, count=count))
