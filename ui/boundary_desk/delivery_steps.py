"""The way of a delivery onto the record: put in, recognised, decided upon, brought."""

from __future__ import annotations

import datetime as dt
import json
from html import escape
from pathlib import Path
from typing import Any, Final

import streamlit as st

from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.errors import UserError
from data_access.settings import read_settings
from geo.coordinates import DATUMS
from ui import messages
from ui.boundary_desk.desk import Desk, bring, clear_desk, drop_key, put_on_desk
from ui.texts import number, text
from ui.upload.progress_line import progress_line
from ui.upload.step_frame import step
from ui.upload.words import clock_text, size_text

LEVELS: Final = ("village", "township")
_REFUSED: Final = "boundary_refused"
_OTHER: Final = "other"


def draw_drop(desk: Desk, *, origin: str, lang: str) -> None:
    """Step 1: the field for a file, or the file that lies there."""
    with step(1, "boundaries.drop.title", standing="done" if desk.upload else "now", lang=lang):
        if desk.upload is None:
            _draw_field(desk, origin, lang)
            return
        with st.container(horizontal=True, vertical_alignment="center", key="upload_file"):
            at = text("upload.drop.at", lang, time=clock_text(desk.upload.at))
            st.html(f'<p class="gb-file"><b>{escape(desk.upload.name)}</b>'
                    f"<span>{escape(size_text(desk.upload.size, lang))} · {escape(at)}</span></p>")  # fmt: skip
            if st.button(text("upload.drop.another", lang), key="boundary_another", type="tertiary"):
                clear_desk(desk)
                st.rerun()


def _draw_field(desk: Desk, origin: str, lang: str) -> None:
    most = min(read_settings().max_file_megabytes, int(st.get_option("server.maxUploadSize")), 300)
    words = {"browse": text("upload.drop.browse", lang), "limit": text("upload.drop.limit", lang, megabytes=most)}
    spoken = "".join(f"--gb-{name}:{json.dumps(said, ensure_ascii=False)};" for name, said in words.items())
    st.html(f"<style>.st-key-upload_steps{{{spoken}}}</style>")
    file = st.file_uploader(text("upload.drop.label", lang), key=drop_key(st.session_state), max_upload_size=most)
    if file is not None:
        try:
            put_on_desk(file.name, file, by=desk.by, origin=origin, session=st.session_state)
        except UserError as problem:
            st.session_state[_REFUSED] = (problem.zh, problem.en)
        st.rerun()
    refused = st.session_state.pop(_REFUSED, None)
    if refused:
        messages.problem(text("upload.drop.refused", lang), hint=refused[1] if lang == "en" else refused[0])
    st.html(f'<p class="gb-quiet">{escape(text("boundaries.drop.hint", lang))}</p>')


def draw_choices(desk: Desk, *, origin: str, lang: str) -> None:
    """Step 2: what the file holds, and how it is to be read."""
    stage = desk.stage
    standing = {"drop": "later", "looking": "now", "unreadable": "stopped", "choose": "now", "stopped": "stopped"}
    with step(2, "boundaries.look.title", standing=standing.get(stage, "done"), lang=lang):  # type: ignore[arg-type]
        if stage == "looking" and desk.look is not None:
            progress_line(desk.look.id, by=desk.by, lang=lang)
        elif stage == "unreadable" and desk.look is not None:
            messages.problem(desk.look.in_language(lang))
        elif stage == "bringing" and desk.bring is not None:
            progress_line(desk.bring.id, by=desk.by, lang=lang)
        elif stage == "stopped" and desk.bring is not None:
            messages.problem(desk.bring.in_language(lang))
            _draw_form(desk, origin, lang)
        elif stage == "choose":
            _draw_form(desk, origin, lang)
        elif stage == "brought":
            with st.expander(text("boundaries.look.again", lang)):
                _draw_form(desk, origin, lang)


def _draw_form(desk: Desk, origin: str, lang: str) -> None:
    usable = {one["name"]: one for one in desk.layers if one.get("guess")}
    for one in desk.layers:
        if not one.get("guess") and one["why_not"]:
            st.caption(one["why_not"][1 if lang == "en" else 0])
    if not usable:
        messages.problem(text("boundaries.look.none", lang))
        return
    chosen, columns = _draw_layers(usable, lang)
    system, swapped, datum = _draw_system([usable[name] for name in chosen.values() if name], lang)
    origin_words = _draw_origin(desk, lang)
    if not st.button(text("boundaries.look.bring", lang), key="boundary_bring", type="primary"):
        return
    try:
        choices = DeliveryChoices(villages=chosen["village"], townships=chosen["township"], system=system,
                                  swapped=swapped, datum=datum, columns=columns, **origin_words)  # fmt: skip
        bring(desk, choices, origin=origin)
    except UserError as problem:
        messages.user_error(problem, lang=lang)
        return
    st.rerun()


def _draw_layers(
    usable: dict[str, dict[str, Any]], lang: str
) -> tuple[dict[str, str | None], dict[str, dict[str, str | None]]]:
    """Which layer holds which level, and the columns that name its places."""
    chosen: dict[str, str | None] = {}
    columns: dict[str, dict[str, str | None]] = {}
    for level, beside in zip(LEVELS, st.columns(2, gap="large"), strict=True):
        with beside:
            guessed = next((name for name, one in usable.items() if one["guess"]["level"] == level), None)
            options = [None, *usable]
            name = st.selectbox(
                text(f"boundaries.look.{level}", lang), options, index=options.index(guessed),
                format_func=lambda one: text("boundaries.look.no_layer", lang) if one is None
                else text("boundaries.look.layer", lang, name=one, features=number(usable[one]["features"])),
                key=f"boundary_layer_{level}",
            )  # fmt: skip
            chosen[level] = name
            if name is None:
                continue
            guess = usable[name]["guess"]
            said = text("boundaries.look.matched", lang, matched=number(guess["matched"]),
                        features=number(usable[name]["features"]))  # fmt: skip
            st.caption(said if guess["level"] == level else text("boundaries.look.not_recognised", lang))
            columns[level] = _draw_columns(level, usable[name], guess, lang)
    return chosen, columns


def _draw_columns(level: str, layer: dict[str, Any], guess: dict[str, Any], lang: str) -> dict[str, str | None]:
    options = [None, *layer["columns"]]
    found: dict[str, str | None] = {}
    wanted = ("code", "name", "township") if level == "village" else ("code", "name")
    with st.expander(text("boundaries.look.columns", lang), expanded=guess["level"] != level):
        for name in wanted:
            given = guess["columns"][name] if guess["level"] == level else None
            found[name] = st.selectbox(
                text(f"boundaries.look.column_{name}", lang), options, index=options.index(given),
                format_func=lambda one: text("boundaries.look.no_column", lang) if one is None
                else f"{one}（{'、'.join(layer['columns'][one])}）" if lang == "zh"
                else f"{one} ({', '.join(layer['columns'][one])})",
                key=f"boundary_column_{level}_{name}_{layer['name']}",
            )  # fmt: skip
    return found


def _draw_system(layers: list[dict[str, Any]], lang: str) -> tuple[str | None, bool, str]:
    """The coordinate system and the datum; the recognised one is offered first."""
    if not layers:
        return None, False, DATUMS[0]
    guess = layers[0]["guess"]
    systems = {f"{one['crs']}{' swapped' if one['swapped'] else ''}": one for one in guess["systems"]}
    left, right = st.columns(2, gap="large")
    with left:
        options = [*systems, _OTHER]
        picked = st.selectbox(
            text("boundaries.look.system", lang), options, index=0 if guess["system"] else None,
            format_func=lambda one: text("boundaries.look.system_other", lang) if one == _OTHER
            else _system_name(systems[one], lang),
            placeholder=text("boundaries.look.system_ask", lang), key=f"boundary_system_{layers[0]['name']}",
        )  # fmt: skip
        st.caption(guess["system_sentence"][1 if lang == "en" else 0])
        if picked == _OTHER:
            typed = st.text_input(text("boundaries.look.system_code", lang), key="boundary_system_code")
            system, swapped = typed.strip() or None, False
        else:
            system = systems[picked]["crs"] if picked else None
            swapped = bool(systems[picked]["swapped"]) if picked else False
    with right:
        datum = st.segmented_control(
            text("boundaries.look.datum", lang), DATUMS, default=DATUMS[0], required=True, key="boundary_datum",
            format_func=lambda one: text(f"boundaries.datums.{one.replace('-', '').lower()}", lang),
        )  # fmt: skip
        st.caption(text("boundaries.look.datum_note", lang))
    return system, swapped, datum or DATUMS[0]


def _system_name(system: dict[str, Any], lang: str) -> str:
    """A coordinate system with its short code in front, which stays readable where the rest is cut off."""
    code, name = str(system["crs"]), str(system["en" if lang == "en" else "zh"])
    if not code.startswith("EPSG:"):
        return name
    return f"{code} · {name.replace(f' ({code})', '').replace(f'（{code}）', '')}"


def _draw_origin(desk: Desk, lang: str) -> dict[str, Any]:
    """What is kept with the layer."""
    stem = Path(desk.upload.name).stem[:120] if desk.upload else ""
    first = st.columns([0.4, 0.4, 0.2], gap="large")
    name = first[0].text_input(text("boundaries.origin.name", lang), value=stem, max_chars=120, key="boundary_name")
    source = first[1].text_input(text("boundaries.origin.source", lang), max_chars=200, key="boundary_source",
                                 placeholder=text("boundaries.origin.source_example", lang))  # fmt: skip
    since = first[2].date_input(text("boundaries.origin.valid_from", lang), value=dt.date(2020, 1, 1),
                                min_value=dt.date(1990, 1, 1), max_value=dt.date.today(), format="YYYY-MM-DD",
                                key="boundary_valid_from")  # fmt: skip
    second = st.columns([0.4, 0.4, 0.2], gap="large")
    review = second[0].text_input(text("boundaries.origin.review_number", lang), max_chars=120,
                                  key="boundary_review", placeholder="浙S(2026)000号")  # fmt: skip
    credit = second[1].text_input(text("boundaries.origin.attribution", lang), max_chars=200, key="boundary_credit")
    return {"name": name.strip(), "source": source.strip(), "valid_from": since, "review_number": review.strip(),
            "attribution": credit.strip()}  # fmt: skip
