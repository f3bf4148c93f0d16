"""Who is looking, and whether a page was reached through the front door.

With sign-in configured (``[auth]`` in the secrets) the viewer is whoever the identity platform vouches for and the
register of people knows. Without it everybody at this machine is a local viewer who chooses a role, and the screen says
so. A viewer never enters a cache: cached reads take the plain parts of :meth:`Viewer.scope`.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import streamlit as st
from streamlit.errors import StreamlitAPIException

import data_access.people
from data_access.permissions import Scope
from data_access.released_months import local_now, seen_until
from data_access.releases import DataVersion
from data_access.settings import read_settings
from ui import cached_reads, messages
from ui.address import Filters
from ui.navigation import ROLES, page_entry
from ui.texts import text

FRONT_DOOR: Final = "app.py"
ROLE_KEY: Final = "viewer_role"
TOWNSHIP_KEY: Final = "viewer_township"


@dataclass(frozen=True)
class Viewer:
    """The person at the screen. ``township`` is set for township heads; ``local`` where sign-in is not configured.

    ``until`` is the last month this person may read now (None: every month, 0: none); :func:`find_viewer` sets it.
    """

    name: str
    role: str
    township: str | None
    local: bool
    until: int | None = None

    def scope(self) -> Scope:
        """What this viewer may read: months up to ``until``; a head the villages of the own township only."""
        root = read_settings().root_place
        if self.role != "head":
            return Scope(root=root, until=self.until)
        return Scope(root=root, villages_of=(self.township,) if self.township else (), until=self.until)


def within_releases(viewer: Viewer) -> Viewer:
    """The viewer with the last month that the role may read at this moment."""
    return replace(viewer, until=cached_reads.releases().limit(viewer.role, now=local_now()))


def seen_version(viewer: Viewer, version: DataVersion) -> DataVersion:
    """The data version as this viewer sees it: without the months that are not public for the role, and with the
    newest public month to mark the others by. Without any month left, ``last_month`` is None."""
    public = cached_reads.releases().public_until(local_now())
    return replace(seen_until(version, viewer.until), released_until=public)


class KnownPerson(Protocol):
    """What the register of people says about somebody."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def township(self) -> str | None: ...


FindPerson = Callable[[str], KnownPerson | None]


@dataclass(frozen=True)
class Refusal:
    """Why somebody who may have signed in is not let in: a text key of ``frame.messages`` and what it needs."""

    key: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Visit:
    """One run through the front door: who looks at which page with which choices of which data."""

    viewer: Viewer
    page: str
    filters: Filters
    version: DataVersion


_VISIT: ContextVar[Visit | None] = ContextVar("visit", default=None)


# Who is looking


def sign_in_configured() -> bool:
    """Whether the secrets hold an ``[auth]`` section."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def recognise(claims: Mapping[str, Any], *, find_person: FindPerson, now: float) -> Viewer | Refusal | None:
    """The viewer behind the claims of an identity token.

    None when nobody has signed in. A Refusal when the token has expired (``exp``, seconds; a token without it counts
    as expired), the address is not verified, or the register of people does not know it.
    """
    if not claims.get("is_logged_in"):
        return None
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or now >= expires:
        return Refusal("login_expired", {})
    if claims.get("email_verified") is False:
        return Refusal("login_unverified", {})
    email = str(claims.get("email") or "")
    person = find_person(email) if email else None
    if person is None or person.role not in ROLES or (person.role == "head" and not person.township):
        return Refusal("login_unknown", {"email": email or "—"})
    return Viewer(name=person.name or str(claims.get("name") or email), role=person.role,
                  township=person.township if person.role == "head" else None, local=False)  # fmt: skip


def find_viewer(*, lang: str, townships: tuple[str, ...], find_person: FindPerson | None = None) -> Viewer:
    """The viewer of this session, who reads no month that is not public where the role sees released months only.

    Draws the sign-in page and stops the run where there is no viewer.
    """
    if not sign_in_configured():
        return within_releases(local_viewer(st.session_state, lang=lang, townships=townships))
    found = recognise(st.user.to_dict(), find_person=find_person or _find_person, now=time.time())
    if isinstance(found, Viewer):
        return within_releases(found)
    _draw_sign_in(found, lang=lang)
    st.stop()


def local_viewer(state: Any, *, lang: str, townships: tuple[str, ...]) -> Viewer:
    """The local viewer that the session's choices make; leader where nothing sensible was chosen."""
    role = state.get(ROLE_KEY) if state.get(ROLE_KEY) in ROLES else ROLES[0]
    township = None
    if role == "head":
        chosen = state.get(TOWNSHIP_KEY)
        township = chosen if chosen in townships else next(iter(townships), None)
    return Viewer(name=text("frame.viewer.local", lang), role=role, township=township, local=True)


def _find_person(email: str) -> KnownPerson | None:
    return data_access.people.find_person(cached_reads.engine(), email=email)


def _draw_sign_in(refusal: Refusal | None, *, lang: str) -> None:
    with st.container(key="sign_in"):
        st.subheader(text("frame.messages.login_title", lang), anchor=False)
        st.markdown(text("frame.messages.login_note", lang))
        if refusal:
            messages.problem(text(f"frame.messages.{refusal.key}", lang, **refusal.facts))
        st.button(text("frame.viewer.log_in", lang), key="log_in", type="primary", on_click=st.login)
        if refusal:
            st.button(text("frame.viewer.log_out", lang), key="log_out", on_click=st.logout)


# The front door


@contextmanager
def front_door(visit: Visit) -> Iterator[None]:
    """Opens the door for one run of one page; whatever ends the run closes it."""
    token = _VISIT.set(visit)
    try:
        yield
    finally:
        _VISIT.reset(token)


def open_page(key: str) -> Viewer:
    """First statement of every page: the viewer, if this run came through the front door and the role may look.

    Otherwise nothing of the page is shown: the reader is sent to the front door, or told why not, and the run ends.
    """
    visit = _VISIT.get()
    if visit is None or visit.page != key:
        _send_to_front_door()
        st.stop()
    if visit.viewer.role not in page_entry(key).roles:
        role = text(f"frame.roles.{visit.viewer.role}", visit.filters.lang)
        messages.problem(text("frame.messages.not_your_page", visit.filters.lang, role=role))
        st.stop()
    return visit.viewer


def current_visit() -> Visit:
    """The visit of this run. Raises LookupError outside a page (also in a rerun of a fragment: pass values in)."""
    visit = _VISIT.get()
    if visit is None:
        raise LookupError("There is no visit outside a page; take filters and version at its top and pass them on.")
    return visit


def current_filters() -> Filters:
    """What the reader has chosen for this page."""
    return current_visit().filters


def current_version() -> DataVersion:
    """The data version every read of this page names."""
    return current_visit().version


def origin() -> str:
    """Where this session's deeds come from, for the audit: the reader's address, as far as the server knows it."""
    address = st.context.ip_address
    return f"page {address}" if address else "page"


def _send_to_front_door() -> None:
    try:
        st.switch_page(FRONT_DOOR)
    except StreamlitAPIException:
        for lang in ("zh", "en"):
            messages.problem(text("frame.messages.front_door", lang), hint=text("frame.messages.front_door_hint", lang))


def before_any_data(version: DataVersion | None) -> DataVersion:
    """A version to stand in while there is nothing: this month alone, and no as-of day."""
    now = dt.datetime.now()
    month = now.year * 100 + now.month
    return DataVersion(
        number=version.number if version else 0, created_at=now, as_of=None, first_month=month, last_month=month,
        provisional_from=None, demonstration=False,
    )  # fmt: skip
