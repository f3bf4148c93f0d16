"""What the steward confirms about a file: its source, the meaning of new headings, the day it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import streamlit as st

from data_access.ingestion.answers import Answers
from data_access.ingestion.file_look import field_heading
from data_access.ingestion.source_form import LOAD_ORDER, source_form
from data_access.jobs import JobState
from ui.texts import text
from ui.upload.desk import Desk
from ui.upload.words import source_name

LEAVE_OUT: Final = "-"
_MOST_EXAMPLES: Final = 3
_MOST_ASKED: Final = 60


@dataclass(frozen=True)
class Choices:
    """What a check needs. `unanswered` counts the new headings that look like a field and were not confirmed."""

    source: str
    headings: Mapping[str, str | None]
    received_on: dt.date
    unanswered: int
    missing: tuple[str, ...]

    def answers(self, places: Mapping[tuple[str, str], str]) -> Answers:
        """With the answers about places, as a job takes them."""
        return Answers(headings=dict(self.headings), places=dict(places))

    def same_as(self, check: JobState, places: Mapping[tuple[str, str], str]) -> bool:
        """Whether a check was made with just these choices."""
        order = check.order
        return (
            order.source == self.source
            and order.received_on == self.received_on.isoformat()
            and check.answers == self.answers(places)
        )


def draw_source(desk: Desk, lang: str) -> str | None:
    """The pick-list of sources, on the recognised one; None while nothing is chosen."""
    recognitions = _look(desk)["recognitions"]
    first = desk.check.order.source if desk.check else recognitions[0]["source"] if recognitions else None
    return st.selectbox(
        text("upload.look.source", lang),
        LOAD_ORDER,
        index=LOAD_ORDER.index(first) if first else None,
        key=_key(desk, "source"),
        format_func=lambda code: source_name(code, lang),
        placeholder=text("upload.look.choose", lang),
        width=320,
    )


def draw_received_on(desk: Desk, lang: str) -> dt.date:
    """The day the file arrived; today unless the last check said otherwise."""
    written = desk.check.order.received_on if desk.check else None
    today = dt.date.today()
    chosen = st.date_input(
        text("upload.look.received_on", lang),
        value=min(dt.date.fromisoformat(written), today) if written else today,
        max_value=today,
        key=_key(desk, "received"),
        format="YYYY-MM-DD",
        help=text("upload.look.received_help", lang),
        width=200,
    )
    return chosen or today


def tables_of(desk: Desk, source: str) -> list[dict[str, Any]]:
    """How each sheet of the file would be read as `source`; empty when none can be."""
    tables: list[dict[str, Any]] = _look(desk)["sources"].get(source, [])
    return tables


def with_answers(table: dict[str, Any], answers: Mapping[str, str | None]) -> dict[str, Any]:
    """The table as it would be read with these answers about its headings."""
    meant = {position: field for position, heading in table["unknown"].items() if (field := answers.get(heading))}
    return table | {
        "columns": table["columns"] | {field: int(position) for position, field in meant.items()},
        "headings": table["headings"] | {field: table["unknown"][position] for position, field in meant.items()},
        "unknown": {position: name for position, name in table["unknown"].items() if position not in meant},
    }


def draw_headings(desk: Desk, source: str, tables: list[dict[str, Any]], lang: str) -> tuple[dict[str, Any], int]:
    """Pick-lists for headings nobody has explained yet; what was answered, and how many likely ones were not."""
    asked = _asked(tables)
    before = desk.check.answers.headings if desk.check and desk.check.order.source == source else {}
    likely = {heading: one for heading, one in asked.items() if one["suggestion"]}
    others = {heading: one for heading, one in asked.items() if not one["suggestion"]}
    taken = {field for table in tables for field in table["columns"]}
    free = [field for field in _fields(source) if field not in taken]
    answers: dict[str, str | None] = {}
    if likely:
        with st.container(key="upload_ask_headings"):
            st.html(_ask_html("upload.look.ask", "upload.look.ask_note", lang))
            for heading, one in likely.items():
                _draw_heading(desk, source, heading, one, free, before, answers, lang)
    unanswered = len(set(likely) - set(answers))
    if others and free:
        with st.expander(f"{text('upload.look.others', lang)} · {len(others)}"):
            st.caption(text("upload.look.others_note", lang))
            for heading, one in others.items():
                _draw_heading(desk, source, heading, one, free, before, answers, lang)
    return answers, unanswered


def _draw_heading(
    desk: Desk, source: str, heading: str, one: dict[str, Any], free: list[str],
    before: Mapping[str, str | None], answers: dict[str, str | None], lang: str,
) -> None:  # fmt: skip
    form, likely = source_form(source), one["suggestion"]
    options = [*([likely] if likely else []), *(field for field in free if field != likely), LEAVE_OUT]
    earlier = (before[heading] or LEAVE_OUT) if heading in before else None

    def name(option: str) -> str:
        if option == LEAVE_OUT:
            return text("upload.look.leave_out", lang)
        return text("upload.look.yes", lang, field=form_name(option)) if option == likely else form_name(option)

    def form_name(field: str) -> str:
        return field_heading(form, field)

    with st.container(horizontal=True, vertical_alignment="center", key=_key(desk, f"row_{source}_{heading}")):
        examples = "、".join(one["examples"]) if lang == "zh" else ", ".join(one["examples"])
        note = text("upload.look.examples", lang, examples=examples) if examples else ""
        st.html(f'<div class="gb-heading"><b>{escape(heading)}</b><small>{escape(note)}</small></div>')
        chosen = st.selectbox(
            text("upload.look.heading", lang, heading=heading),
            options,
            index=options.index(earlier) if earlier in options else None,
            key=_key(desk, f"heading_{source}_{heading}"),
            format_func=name,
            placeholder=text("upload.look.is_it", lang, field=form_name(likely))
            if likely
            else text("upload.look.leave_out", lang),
            label_visibility="collapsed",
            width=360,
        )
    if chosen is not None:
        answers[heading] = None if chosen == LEAVE_OUT else chosen


def _asked(tables: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Unexplained headings in the order of the file, each with the field it is like and what stands below it."""
    found: dict[str, dict[str, Any]] = {}
    for table in tables:
        likely = {one["heading"]: one["field"] for one in table["suggestions"]}
        places = {heading: int(position) for position, heading in table["unknown"].items()}
        for heading in table["unanswered"]:
            cells = [row[places[heading]] for row in table["preview"] if places[heading] < len(row)]
            examples = list(dict.fromkeys(cell[:24] for cell in cells if cell))[:_MOST_EXAMPLES]
            found.setdefault(heading, {"suggestion": likely.get(heading), "examples": examples})
    return dict(list(found.items())[:_MOST_ASKED])


def _fields(source: str) -> list[str]:
    form = source_form(source)
    return [*form.columns, *sorted(form.fields() - set(form.columns))]


def draw_places(desk: Desk, asks: list[dict[str, Any]], lang: str) -> dict[tuple[str, str], str]:
    """Pick-lists for names of places that nobody could tell; every answer given so far, earlier ones included."""
    answers = dict(desk.check.answers.places) if desk.check else {}
    if not asks:
        return answers
    with st.container(key="upload_ask_places"):
        st.html(_ask_html("upload.asks.title", "upload.asks.note", lang, count=len(asks)))
        for ask in asks:
            names = {code: name for code, name in ask["candidates"]}
            key = "village" if ask["village"] else "township"
            said = text(f"upload.asks.{key}", lang, township=ask["township"], village=ask["village"])
            rows = text("upload.asks.rows", lang, rows=ask["rows"])
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(f'<div class="gb-heading"><b>{escape(said)}</b><small>{escape(rows)}</small></div>')
                chosen = st.selectbox(
                    said,
                    list(names),
                    index=None,
                    key=_key(desk, f"place_{ask['township']}_{ask['village']}"),
                    format_func=names.__getitem__,
                    placeholder=text("upload.asks.choose", lang),
                    label_visibility="collapsed",
                    width=360,
                )
            if chosen:
                answers[(ask["township"], ask["village"])] = chosen
    return answers


def _ask_html(title: str, note: str, lang: str, **facts: object) -> str:
    return f"<h3>{escape(text(title, lang, **facts))}</h3><p>{escape(text(note, lang))}</p>"


def _look(desk: Desk) -> dict[str, Any]:
    found = desk.look.result if desk.look else None
    return found or {"recognitions": [], "sources": {}, "sheets": []}


def _key(desk: Desk, name: str) -> str:
    return f"upload_{desk.upload.id[:12] if desk.upload else ''}_{name}"
