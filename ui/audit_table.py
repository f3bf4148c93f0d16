"""Who did what, when and from where, as a table in the reader's language."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd
import streamlit as st

from data_access.ingestion.source_form import LOAD_ORDER, source_form
from ui.messages import empty
from ui.release_months import local_time
from ui.texts import has_text, text
from ui.upload.batches import person

_BATCH: Final = re.compile(r"(?P<source>[a-z]+) (?P<file>.+?) batch (?P<number>\d+)(?:: (?P<reason>.*))?$", re.DOTALL)
_COLUMNS: Final = ("at", "who", "action", "subject", "origin")


def audit_table(deeds: pd.DataFrame, *, key: str, lang: str) -> None:
    """Draw the deeds that :func:`data_access.audit_log.read_audit` gives."""
    if deeds.empty:
        empty(text("releases.audit.none", lang))
        return
    shown = pd.DataFrame(
        {
            "at": [f"{local_time(at):%Y-%m-%d %H:%M}" for at in deeds["at"]],
            "who": [person(who, lang) for who in deeds["who"]],
            "action": [action_text(action, lang) for action in deeds["action"]],
            "subject": [subject_text(subject, lang) for subject in deeds["subject"]],
            "origin": [origin_text(one or "", lang) for one in deeds["origin"]],
        }
    )
    columns = {name: st.column_config.TextColumn(text(f"releases.audit.{name}", lang)) for name in _COLUMNS}
    columns["subject"] = st.column_config.TextColumn(text("releases.audit.subject", lang), width="large")
    st.dataframe(shown, hide_index=True, column_config=columns, key=key, height=320)


def action_text(action: str, lang: str) -> str:
    """The deed's name; as it was written where no text has it."""
    key = f"releases.audit.actions.{action.replace(' ', '_')}"
    return text(key, lang) if has_text(key) else action


def origin_text(origin: str, lang: str) -> str:
    """From where; the page for loading by its name."""
    page, found, address = origin.partition("upload page")
    return f"{text('releases.audit.upload_page', lang)}{address}" if found and not page else origin


def subject_text(subject: str, lang: str) -> str:
    """ "202203; version=12; note=…" and "issues 三月.csv batch 7: 误传" in words; other subjects as they are."""
    batch = _BATCH.match(subject)
    if batch and batch["source"] in LOAD_ORDER:
        named = {"source": source_form(batch["source"]).name[lang], "file": batch["file"], "number": batch["number"]}
        reason = f"{'：' if lang == 'zh' else ': '}{batch['reason']}" if batch["reason"] else ""
        return text("releases.audit.batch", lang, **named) + reason
    parts = []
    for part in subject.split("; "):
        name, equals, value = part.partition("=")
        key = f"releases.audit.{name}"
        parts.append(text(key, lang, value=value) if equals and name.isalpha() and has_text(key) else part)
    return ("；" if lang == "zh" else "; ").join(parts)
