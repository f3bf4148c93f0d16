"""A layer that waits: what was found in it, how it looks beside the present one, and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any, Final

import pandas as pd
import streamlit as st

import data_access.boundaries
from data_access.boundaries import BoundaryLayer
from data_access.boundary_delivery.acceptance import Change, accept
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.boundary_delivery.matching import LEFT_OUT
from data_access.errors import UserError
from ui import cached_reads, choropleth, messages
from ui.boundary_desk.desk import Desk, bring
from ui.boundary_desk.schematic_offer import draw_offer, drawing
from ui.choropleth import LegendEntry
from ui.component_base import packed
from ui.measures import View
from ui.payloads.map_ground import NO_SHAPES, map_ground
from ui.payloads.map_payload import map_labels
from ui.section_head import section_head
from ui.texts import number, text
from ui.upload.step_frame import step

MAP_HEIGHT: Final = 420
_SAID: Final = "boundary_said"


def draw_decision(
    desk: Desk, brought: BoundaryLayer | None, *, view: View, by: str, origin: str, lang: str
) -> None:  # fmt: skip
    """Step 3: what was found in the layer that was ``brought``, both maps, and the two buttons."""
    accepted = brought is not None and brought.accepted
    waiting = None if accepted else brought
    with step(3, "boundaries.decide.title", standing="done" if accepted else "now" if waiting else "later", lang=lang):
        if brought is not None and accepted:
            accepted_words = text("boundaries.decide.is_accepted", lang, name=brought.origin.name)
            st.html(f'<p class="gb-said">{escape(accepted_words)}</p>')
        if waiting is None:
            return
        report = dict(waiting.origin.report or {})
        sizes = {"townships": number(waiting.townships), "villages": number(waiting.villages)}
        st.html(f'<p class="gb-said">{escape(text("boundaries.decide.holds", lang, **sizes))}</p>')
        st.html(sentences_html(report, lang))
        _draw_unmatched(desk, report, origin=origin, lang=lang)
        _draw_both(waiting, view, lang)
        if waiting.townships and not waiting.villages:
            st.html(f'<p class="gb-said">{escape(text("boundaries.decide.townships_only", lang))}</p>')
            if drawing(by) is None:  # else its line stands below, among the layers
                draw_offer("within", within=waiting.id, by=by, origin=origin, lang=lang)
        with st.container(horizontal=True, key="boundary_buttons"):
            wanted = st.button(text("boundaries.decide.accept", lang), key="boundary_accept", type="primary")
            left = st.button(text("boundaries.decide.leave", lang), key="boundary_leave")
        if wanted or left:
            _decide(waiting, wanted=wanted, by=by, origin=origin)


def _decide(waiting: BoundaryLayer, *, wanted: bool, by: str, origin: str) -> None:
    engine = cached_reads.engine()
    try:
        if wanted:
            say_change(accept(engine, waiting.id, by=by, at=origin), "boundaries.list.accept_done")
        else:
            data_access.boundaries.drop_layer(engine, waiting.id, by=by, at=origin)
            zh, en = (text("boundaries.decide.left", one, name=waiting.origin.name) for one in ("zh", "en"))
            say(True, (zh, en))
    except UserError as problem:
        say(False, (problem.zh, problem.en))
    st.rerun()


def say_change(change: Change, key: str) -> None:
    """Keep for the next run that a layer counts or counts no longer, and what followed; the figures are read anew."""
    more = change.sentences()
    zh, en = (text(key, lang, name=layer_name(change.layer, lang)) for lang in ("zh", "en"))
    if change.layer.accepted and change.present is not None and change.present.id == change.layer.id:
        zh, en = (said + text("boundaries.decide.in_use", lang) for said, lang in ((zh, "zh"), (en, "en")))
    if change.relocation is not None and change.relocation.version is not None:
        cached_reads.forget_data_version()
    say(True, (zh + more[0], f"{en} {more[1]}".strip()))


def say(done: bool, sentences: tuple[str, str]) -> None:
    """Keep what a deed came to for the next run."""
    cached_reads.forget_boundary_layers()
    st.session_state[_SAID] = (done, sentences)


def layer_name(layer: BoundaryLayer, lang: str) -> str:
    """What a layer is called; the demonstration's own by words."""
    return text("boundaries.schematic_name", lang) if layer.origin.name == "schematic" else layer.origin.name


def draw_outcome(lang: str) -> None:
    """What the last deed of this session came to, once."""
    said = st.session_state.pop(_SAID, None)
    if said is None:
        return
    done, (zh, en) = said
    sentence = en if lang == "en" else zh
    if done:
        st.success(sentence, icon=":material/check:")
    else:
        messages.problem(sentence)


def sentences_html(report: Mapping[str, Any], lang: str) -> str:
    """The findings as a list; what a person should look at stands first and is marked."""
    lines = sorted(report.get("sentences", ()), key=lambda one: one["kind"] != "look")
    items = []
    for one in lines:
        level = text(f"boundaries.levels.{one['level']}", lang) if one.get("level") else ""
        head = f"<b>{escape(level)}</b> " if level else ""
        mark = "!" if one["kind"] == "look" else "✓"
        items.append(f'<li class="{one["kind"]}"><span aria-hidden="true">{mark}</span>'
                     f"<p>{head}{escape(one[lang])}</p></li>")  # fmt: skip
    return f'<ul class="gb-findings-list">{"".join(items)}</ul>'


def _draw_unmatched(desk: Desk, report: Mapping[str, Any], *, origin: str, lang: str) -> None:
    """Shapes nobody could tell, each with a field for its place; brought again with the answers."""
    levels = {level: rows for level, rows in report.get("unmatched", {}).items() if rows}
    if not levels:
        return
    if desk.upload is None:
        st.caption(text("boundaries.unmatched.gone", lang))
        return
    answers: dict[str, dict[int, str]] = {}
    for level, rows in levels.items():
        section_head(text(f"boundaries.unmatched.{level}", lang, count=number(len(rows))),
                     note=text("boundaries.unmatched.note", lang))  # fmt: skip
        answers[level] = _draw_rows(level, rows, report, lang)
    if st.button(text("boundaries.unmatched.again", lang), key="boundary_again",
                 disabled=not any(answers.values())):  # fmt: skip
        choices = DeliveryChoices.from_json(report["choices"])
        merged = {
            level: choices.answers.get(level, {}) | answers.get(level, {}) for level in {*choices.answers, *answers}
        }
        try:
            bring(desk, replace(choices, answers=merged), origin=origin)
        except UserError as problem:
            messages.user_error(problem, lang=lang)
            return
        st.rerun()


def _draw_rows(level: str, rows: list[dict[str, Any]], report: Mapping[str, Any], lang: str) -> dict[int, str]:
    none, undecided = text("boundaries.unmatched.leave_out", lang), text("boundaries.unmatched.choose", lang)
    likely = [(code, name) for row in rows for code, name in row["candidates"]]
    offered = dict.fromkeys([*likely, *((code, name) for code, name in report.get("missing", {}).get(level, ()))])
    words = {f"{name}（{code}）" if lang == "zh" else f"{name} ({code})": code for code, name in offered}
    table = pd.DataFrame({
        "row": [row["row"] + 1 for row in rows],
        "code": [row["code"] for row in rows],
        "name": [" ".join(part for part in (row["township"], row["name"]) if part) for row in rows],
        "why": [row[lang] for row in rows],
        "place": [text("boundaries.unmatched.choose", lang)] * len(rows),
    })  # fmt: skip
    labels = {name: text(f"boundaries.unmatched.column_{name}", lang) for name in table.columns}
    columns: dict[str, Any] = {name: st.column_config.TextColumn(labels[name], disabled=True) for name in table.columns}
    columns["row"] = st.column_config.NumberColumn(labels["row"], disabled=True, width="small")
    columns["place"] = st.column_config.SelectboxColumn(
        labels["place"], options=[undecided, none, *words], width="large", required=True
    )
    edited = st.data_editor(table, hide_index=True, column_config=columns, key=f"boundary_unmatched_{level}")
    chosen = zip(rows, edited["place"], strict=True)
    return {
        int(row["row"]): LEFT_OUT if place == none else words[place]
        for row, place in chosen
        if place == none or place in words
    }


def _draw_both(waiting: BoundaryLayer, view: View, lang: str) -> None:
    """The present layer and the one that waits, side by side, at the level that both have."""
    present = cached_reads.present_layer()
    levels = [level for level in ("township", "village") if getattr(waiting, f"{level}s")]
    level = levels[0]
    if len(levels) > 1:
        level = st.segmented_control(
            text("boundaries.decide.level", lang), levels, default=levels[0], required=True, key="boundary_level",
            format_func=lambda one: text(f"boundaries.levels.{one}", lang), label_visibility="collapsed",
        ) or levels[0]  # fmt: skip
    left, right = st.columns(2, gap="medium")
    for place, layer, key in ((left, present, "present"), (right, waiting, "waiting")):
        with place:
            if layer is None:
                section_head(text("boundaries.decide.no_present", lang))
                continue
            section_head(text(f"boundaries.decide.{key}", lang), note=layer_name(layer, lang))
            draw_preview(layer, level, view=view, key=f"boundary_map_{key}", lang=lang)


def draw_preview(layer: BoundaryLayer, level: str, *, view: View, key: str, lang: str) -> None:
    """The shapes of one layer as they would stand on every page, without figures."""
    seen = replace(view, layer=layer.id, lang=lang)
    shapes = cached_reads.boundary_layer(layer=layer.id, level=level, version=view.version)
    codes = list(shapes["code"])
    ground = map_ground(seen, level=level)
    if ground["geometry_url"] == NO_SHAPES:
        messages.empty(text("boundaries.decide.not_drawn", lang, level=text(f"boundaries.levels.{level}", lang)))
        return
    word = text(
        "boundaries.decide.drawn", lang, count=number(len(codes)), level=text(f"boundaries.levels.{level}", lang)
    )
    names = dict(zip(shapes["code"], shapes["name"], strict=True))
    data = choropleth.map_data(
        **ground, within=None, classes=dict.fromkeys(codes, "similar"),
        hover={code: [names[code], code] for code in codes}, palette="verdict",
        legend=[LegendEntry("similar", "", word)], alt=word, selected=None, height=MAP_HEIGHT,
        labels=map_labels(seen, names), legend_title="",
    )  # fmt: skip
    choropleth.mount(packed(data), key=key)
