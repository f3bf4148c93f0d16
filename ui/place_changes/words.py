"""A change of places in words: its heading, and sentences about what it would do."""

from __future__ import annotations

from collections.abc import Sequence

from data_access.place_change_plans import Part
from data_access.place_history import Moving, PlaceChange, Preview
from ui.payloads.place_notes import called, joined
from ui.texts import date_text, month_text, number, text


def heading(kind: str, parts: Sequence[Part], lang: str) -> str:
    """合并：甲村、乙村 → 丙村."""
    before = joined(dict.fromkeys(part.name_before for part in parts), lang)
    after = joined(dict.fromkeys(part.name_after for part in parts), lang)
    said = text("place_changes.list.to", lang, before=before, after=after)
    return text("place_changes.list.heading", lang, kind=text(f"place_changes.kinds.{kind}", lang), change=said)


def page_title(changes: Sequence[PlaceChange], lang: str) -> str:
    """How many changes stand, and the newest of them."""
    standing = [one for one in changes if one.undone_at is None]
    if not standing:
        return text("place_changes.title.none", lang)
    newest = f"{date_text(standing[0].on, lang)} {heading(standing[0].kind, standing[0].parts, lang)}"
    return text("place_changes.title.some", lang, count=len(standing), newest=newest)


def preview_sentences(preview: Preview, townships: dict[str, str], lang: str) -> list[str]:
    """What the change would do, one sentence each; ``townships`` are the names by code."""
    on = date_text(preview.on, lang)
    said = [_moving(one, lang) for one in preview.moving]
    facts = [
        text("place_changes.preview.begins", lang, place=called(name, lang), code=code, on=on)
        for code, name in preview.begins
    ]
    if not preview.moving and preview.kind == "split":
        stays = next(part.name_before for part in preview.parts)
        facts.append(text("place_changes.preview.stays", lang, place=called(stays, lang)))
    if not preview.moving and preview.kind == "rename":
        part = preview.parts[0]
        before, after = called(part.name_before, lang), called(part.name_after, lang)
        facts.append(text("place_changes.preview.renamed", lang, before=before, after=after, on=on))
    return [*said, *facts, *_totals(preview, townships, lang)]


def _moving(one: Moving, lang: str) -> str:
    place, heir = called(one.name, lang), called(one.heir_name, lang)
    if one.first_month is None or one.last_month is None:
        return text("place_changes.preview.moves_nothing", lang, place=place, heir=heir)
    return text(
        "place_changes.preview.moves", lang, place=place, heir=heir, issues=number(one.issues),
        inspections=number(one.inspections), measurements=number(one.measurements), sites=number(one.sites),
        first=month_text(one.first_month, lang), last=month_text(one.last_month, lang),
    )  # fmt: skip


def _totals(preview: Preview, townships: dict[str, str], lang: str) -> list[str]:
    if preview.townships:
        shifts = [
            text(f"place_changes.preview.shift_{'in' if shift > 0 else 'out'}", lang,
                 township=called(townships.get(code, name), lang), count=number(abs(shift)))
            for code, name, shift in preview.townships
        ]  # fmt: skip
        return [*shifts, text("place_changes.preview.shift_note", lang), text("place_changes.preview.district", lang)]
    codes = dict.fromkeys(one.code[:9] for one in preview.moving)
    said = [
        text("place_changes.preview.same_total", lang, township=called(townships.get(code, code), lang))
        for code in codes
    ]
    if preview.kind == "split":
        said.append(text("place_changes.preview.split_note", lang))
    return said
