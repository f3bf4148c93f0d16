"""What became of places, in words: notes on charts, captions beneath them, remarks in a township's list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ui import cached_changes, cached_reads
from ui.measures import View
from ui.place_names import place_name
from ui.texts import month_text, text


def note_sentence(note: Mapping[str, Any], lang: str, *, of: str = "") -> str:
    """One note of :func:`data_access.place_changes.read_place_notes` as a sentence without full stop.

    ``of`` names the place in front where the sentence does not stand on its own page.
    """
    month = month_text(note["on"].year * 100 + note["on"].month, lang)
    facts = {
        "month": month, "before": joined(note["before"], lang), "after": joined(note["after"], lang),
        "first": called(note["after"][0], lang) if note["after"] else "",
    }  # fmt: skip
    said = text(f"place_changes.note.{note['kind']}", lang, **facts)
    return text("place_changes.note.of", lang, place=of, note=said) if of else said


def joined(names: Iterable[str], lang: str) -> str:
    """Names of places in a row."""
    return text("place_changes.and", lang).join(called(name, lang) for name in names)


def called(name: str, lang: str) -> str:
    """A registered name as people say it: 翻石渡村 for 翻石渡村委会, 东兴社区 for 东兴社区居委会."""
    for office in ("村民委员会", "村委会"):
        if name.endswith(office):
            core = name.removesuffix(office)
            return place_name(core if core.endswith("村") else f"{core}村", lang)
    for office in ("居民委员会", "居委会"):
        if name.endswith(f"社区{office}"):
            return place_name(name.removesuffix(office), lang)
    return place_name(name, lang)


def captions(notes: pd.DataFrame, lang: str, *, of: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The notes as sentences, the oldest first, each with its document; ``of``: names of places to put in front."""
    sentences = []
    for note in notes.to_dict("records"):
        said = note_sentence(note, lang, of=(of or {}).get(note["place"], ""))
        if note["document"]:
            said += text("place_changes.note.document", lang, document=note["document"])
        sentences.append(said)
    return tuple(sentences)


def township_remarks(view: View, township: str) -> str:
    """What became of a township and its villages, in one paragraph; empty where nothing did."""
    notes = cached_changes.place_notes(view.scope, within=township, version=view.version)
    if notes.empty:
        return ""
    names: dict[str, str] = {}
    for level in ("township", "village"):
        register = cached_reads.places(view.scope, level=level, within=township, version=view.version)
        names |= {
            row["code"]: place_name(str(row["short_name"] or row["name"]), view.lang)
            for row in register.to_dict("records")
        }
    told = text("place_changes.note.apart", view.lang).join(captions(notes, view.lang, of=names))
    return text("place_changes.note.remark", view.lang, notes=told)
