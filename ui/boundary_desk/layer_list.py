"""All boundary layers on record: which counts, where each comes from, and what can be done with it."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

import data_access.boundaries
from data_access.boundaries import BoundaryLayer
from data_access.boundary_delivery.acceptance import accept, set_aside
from data_access.errors import UserError
from ui import cached_reads
from ui.boundary_desk.decision import draw_preview, layer_name, say, say_change, sentences_html
from ui.boundary_desk.schematic_offer import draw_offer, draw_running
from ui.measures import View
from ui.release_months import local_time
from ui.texts import date_text, number, text
from ui.upload.batches import person

_ASKED: Final = "boundary_asked"
_SEEN: Final = "boundary_seen"


def layers_title(layers: tuple[BoundaryLayer, ...], present: BoundaryLayer | None, lang: str) -> str:
    """The page in one sentence."""
    if present is None:
        title = text("boundaries.titles.none", lang)
    else:
        kind = "surveyed" if present.surveyed else "schematic"
        title = text(f"boundaries.titles.{kind}", lang, name=layer_name(present, lang))
    waiting = sum(not layer.accepted for layer in layers)
    return title + (text("boundaries.titles.waiting", lang, count=number(waiting)) if waiting else "")


def draw_layers(
    layers: tuple[BoundaryLayer, ...], present: BoundaryLayer | None, *, view: View, by: str, origin: str, lang: str
) -> None:
    """One block a layer with its facts and its buttons; deeds ask before they are done. Where no layer counts, one may
    be drawn from the register."""
    running = draw_running(by=by, lang=lang)
    if running.said is not None:
        say(*running.said)
        st.rerun()
    if present is None and not running.job:
        draw_offer("register", within=None, by=by, origin=origin, lang=lang)
    for layer in layers:
        state = "present" if present and layer.id == present.id else "accepted" if layer.accepted else "waiting"
        with st.container(horizontal=True, vertical_alignment="center", key=f"boundary_row_{layer.id}"):
            st.html(_row_html(layer, state, lang))
            st.button(text("boundaries.list.see", lang), key=f"boundary_see_{layer.id}", type="tertiary",
                      on_click=_see, args=(layer.id,))  # fmt: skip
            if layer.accepted:
                _button("set_aside", layer, lang)
            else:
                _button("accept", layer, lang)
                _button("drop", layer, lang)
        if st.session_state.get(_ASKED, (None, 0))[1] == layer.id:
            _draw_question(st.session_state[_ASKED][0], layer, by=by, origin=origin, lang=lang)
        if st.session_state.get(_SEEN) == layer.id:
            for beside, level in zip(st.columns(2, gap="medium"), ("township", "village"), strict=True):
                with beside:
                    draw_preview(layer, level, view=view, key=f"boundary_seen_{level}", lang=lang)
        if layer.origin.report:
            with st.expander(text("boundaries.list.report", lang, name=layer_name(layer, lang))):
                st.html(sentences_html(layer.origin.report, lang))


def _see(number: int) -> None:
    """Show the maps of a layer below it, or take them away."""
    st.session_state[_SEEN] = None if st.session_state.get(_SEEN) == number else number


def _row_html(layer: BoundaryLayer, state: str, lang: str) -> str:
    origin = layer.origin
    facts = [
        text(f"boundaries.precisions.{origin.precision}", lang),
        text("boundaries.list.sizes", lang, townships=number(layer.townships), villages=number(layer.villages)),
        text("boundaries.list.since", lang, day=date_text(origin.valid_from, lang)),
        origin.source if origin.name != "schematic" else "",
        text("choropleth.review_number", lang, number=origin.review_number) if origin.review_number else "",
        "" if origin.datum == "CGCS2000" else text("boundaries.list.datum", lang, datum=origin.datum),
        text("boundaries.list.brought", lang, who=person(layer.brought_by, lang),
             at=f"{local_time(layer.brought_at):%Y-%m-%d %H:%M}"),
    ]  # fmt: skip
    said = " · ".join(fact for fact in facts if fact)
    return (
        f'<p class="gb-file"><b>{escape(layer_name(layer, lang))}</b>'
        f'<span class="gb-state {state}">{escape(text(f"boundaries.states.{state}", lang))}</span>'
        f"<span>{escape(said)}</span></p>"
    )


def _button(deed: str, layer: BoundaryLayer, lang: str) -> None:
    st.button(text(f"boundaries.list.{deed}", lang), key=f"boundary_{deed}_{layer.id}", type="tertiary",
              on_click=lambda: st.session_state.update({_ASKED: (deed, layer.id)}))  # fmt: skip


def _draw_question(deed: str, layer: BoundaryLayer, *, by: str, origin: str, lang: str) -> None:
    """Ask, then do."""
    st.html(f'<p class="gb-said">{escape(text(f"boundaries.list.{deed}_ask", lang, name=layer_name(layer, lang)))}</p>')
    with st.container(horizontal=True):
        sure = st.button(text(f"boundaries.list.{deed}", lang), key=f"boundary_{deed}_yes_{layer.id}", type="primary")
        no = st.button(text("boundaries.list.no", lang), key=f"boundary_no_{layer.id}")
    if not (sure or no):
        return
    st.session_state.pop(_ASKED, None)
    if sure:
        try:
            _do(deed, layer, by=by, origin=origin)
        except UserError as problem:
            say(False, (problem.zh, problem.en))
    st.rerun()


def _do(deed: str, layer: BoundaryLayer, *, by: str, origin: str) -> None:
    engine, done = cached_reads.engine(), f"boundaries.list.{deed}_done"
    if deed == "drop":
        data_access.boundaries.drop_layer(engine, layer.id, by=by, at=origin)
        zh, en = (text(done, lang, name=layer_name(layer, lang)) for lang in ("zh", "en"))
        say(True, (zh, en))
        return
    change = accept if deed == "accept" else set_aside
    say_change(change(engine, layer.id, by=by, at=origin), done)
