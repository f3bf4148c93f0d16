"""What stands around every page: the header band, the demonstration band, the tools on the right, the footer."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from data_access.releases import DataVersion
from ui import messages
from ui.filters import choose
from ui.navigation import PROJECT, ROLES
from ui.place_names import place_name
from ui.session import ROLE_KEY, TOWNSHIP_KEY, Viewer
from ui.texts import LANGUAGES, date_text, text

HERE: Final = Path(__file__).resolve().parent
STATIC: Final = PROJECT / "static"


def draw_frame(lang: str) -> None:
    """Title and sign of the browser's tab, the header's logo and the style of everything. First on every run."""
    st.set_page_config(
        page_title=text("frame.product", lang),
        page_icon=str(STATIC / "favicon.svg"),
        layout="wide",
        initial_sidebar_state="collapsed",
        menu_items={"Get help": None, "Report a bug": None, "About": None},
    )
    st.html(_style())
    st.logo(str(STATIC / f"logo-{lang}.svg"), size="large")


def draw_language_switch(lang: str) -> None:
    """The switch to the other language, at the right of the header."""
    other = next(one for one in LANGUAGES if one != lang)
    with st.container(key="header_language"):
        st.button(
            text("frame.header.language", lang),
            key="other_language",
            help=text("frame.header.language_help", lang),
            type="tertiary",
            on_click=choose,
            kwargs={"lang": None if other == LANGUAGES[0] else other},
        )


def draw_viewer(viewer: Viewer, *, lang: str, townships: Mapping[str, str]) -> None:
    """Who is looking, in the header; a local viewer changes role here, a signed-in one signs out."""
    short = {code: place_name(name, lang, short=True) for code, name in townships.items()}
    townships = {code: place_name(name, lang) for code, name in townships.items()}
    role = role_text(viewer, lang=lang, townships=short)  # it stands between the search and the language
    panel = st.container(key="header_viewer").popover(role, type="tertiary")
    with panel, st.container(key="viewer_choice"):
        if not viewer.local:
            st.markdown(text("frame.viewer.signed_in", lang, name=_plain(viewer.name)))
            st.button(text("frame.viewer.log_out", lang), key="log_out", on_click=st.logout)
            return
        st.markdown(f"**{text('frame.viewer.local', lang)}**")
        st.caption(text("frame.viewer.local_note", lang))
        st.session_state[ROLE_KEY] = viewer.role
        st.radio(
            text("frame.viewer.look_as", lang),
            ROLES,
            key=ROLE_KEY,
            format_func=lambda code: text(f"frame.roles.{code}", lang),
            persist_state="session",
        )
        if viewer.role == "head" and townships:
            st.session_state[TOWNSHIP_KEY] = viewer.township
            st.selectbox(
                text("frame.viewer.township", lang),
                list(townships),
                key=TOWNSHIP_KEY,
                format_func=townships.__getitem__,
                persist_state="session",
            )


def role_text(viewer: Viewer, *, lang: str, townships: Mapping[str, str]) -> str:
    """The viewer's role in words; a head's with the township."""
    if viewer.role == "head" and viewer.township:
        return text("frame.roles.head_of", lang, township=townships.get(viewer.township, viewer.township))
    return text(f"frame.roles.{viewer.role}", lang)


def draw_band(version: DataVersion, *, lang: str, local: bool) -> None:
    """The amber band over every page while any figure is made up; it also says when sign-in is not set up."""
    if not version.demonstration and not local:
        return
    parts = []
    if version.demonstration:
        band, note = text("frame.demonstration.band", lang), text("frame.demonstration.note", lang)
        parts.append(f"<strong>{escape(band)}</strong><span>{escape(note)}</span>")
    if local:
        parts.append(f'<span class="aside">{escape(text("frame.viewer.local", lang))}</span>')
    kind = "demonstration" if version.demonstration else "plain"
    st.html(f'<div class="gb-band {kind}" role="note">{"".join(parts)}</div>')


def draw_away(version: DataVersion, *, lang: str, since: dt.datetime | None) -> None:
    """While the database does not answer: that these are the last good figures, and of when. Nothing otherwise."""
    if since is not None:
        sentence = text("frame.messages.database_away", lang, time=since.strftime("%H:%M"), number=version.number)
        messages.problem(sentence)


def draw_waiting(lang: str) -> None:
    """The outline of a page while its figures are computed; the style shows it only until the head is there."""
    rows = "".join(f'<i class="{kind}"></i>' for kind in ("title", "facts", "tiles", "block", "block"))
    words = escape(text("frame.messages.waiting", lang))
    st.html(f'<div class="gb-waiting" role="status"><span>{words}</span>{rows}</div>')


def draw_footer(version: DataVersion, *, lang: str) -> None:
    """What the reader needs to quote the page: product, data version, as-of date, program version."""
    parts = [text("frame.product", lang), text("frame.footer.version", lang, number=version.number)]
    if version.as_of:
        parts.append(text("frame.footer.as_of", lang, date=date_text(version.as_of, lang)))
    parts.append(text("frame.footer.program", lang, program=program_version()))
    if version.demonstration:
        parts.append(text("frame.footer.made_up", lang))
    st.html('<footer class="gb-footer">' + "".join(f"<span>{escape(part)}</span>" for part in parts) + "</footer>")


@cache
def program_version() -> str:
    """The version in pyproject.toml."""
    about = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(about["project"]["version"])


@cache
def _style() -> str:
    sheets = sorted((HERE / "style").glob("*.css"))
    return "<style>" + "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets) + "</style>"


def _plain(name: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_[]()<>#$~:" else sign for sign in name)
