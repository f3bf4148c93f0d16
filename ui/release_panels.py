"""What a data steward does on the page of releases: release months, take the newest back. Each asks before it acts.

Nothing happens in a callback: the deed is done in a run that came through the front door, after the page has asked who
is looking.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

import data_access.released_months
from data_access.errors import UserError
from data_access.released_months import Releases, local_now
from data_access.releases import DataVersion
from ui import cached_reads, messages
from ui.release_months import MonthState, local_time, moment_text, months_text, releasable, together
from ui.session import Viewer, origin
from ui.texts import month_text, text

_ASKED: Final = "release_asked"
_SAID: Final = "release_said"
_EMPTY: Final = {"release_reason": "", "release_note": "", "release_embargo": False, "take_back_reason": ""}


def draw_outcome(lang: str) -> None:
    """What the last deed of this session came to, once; the fields are empty again. Before the fields are drawn."""
    said = st.session_state.pop(_SAID, None)
    if said is None:
        return
    st.session_state.pop("release_month", None)
    st.session_state.update(_EMPTY)
    done, sentences = said
    if done:
        st.success(sentences[lang], icon=":material/check:")
    else:
        messages.problem(sentences[lang])


def draw_release(states: Sequence[MonthState], *, viewer: Viewer, version: DataVersion, lang: str) -> None:
    """Choose a month, an hour and a remark; ask; release."""
    open_months = {one.month: one for one in releasable(states)}
    if not open_months:
        messages.empty(text("releases.form.nothing", lang))
        return
    due = [month for month, one in open_months.items() if one.state == "due"]
    if st.session_state.get("release_month") not in open_months:
        st.session_state["release_month"] = due[-1] if due else next(iter(open_months))
    month = st.selectbox(
        text("releases.form.month", lang),
        list(open_months),
        format_func=lambda one: _offered(open_months[one], lang),
        key="release_month",
        width=260,
    )
    months = together(states, month)
    many = "together" if len(months) > 1 else "one"
    st.caption(text(f"releases.form.{many}", lang, months=months_text(months, lang), count=len(months)))
    reason = ""
    if open_months[month].state == "provisional":
        reason = st.text_input(text("releases.form.reason", lang), key="release_reason", max_chars=100, live=True,
                               help=text("releases.form.reason_help", lang))  # fmt: skip
    embargo = _embargo(lang)
    note = st.text_input(text("releases.form.note", lang), key="release_note", max_chars=60)
    st.button(
        text("releases.form.ask", lang), key="release_ask", type="primary", on_click=_ask,
        args=("release", months[-1]), disabled=open_months[month].state == "provisional" and not reason.strip(),
    )  # fmt: skip
    if st.session_state.get(_ASKED) != ("release", months[-1]):
        return
    hour = moment_text(embargo, lang) if embargo else ""
    kind = "confirm_waiting" if embargo else "confirm_public"
    question = text("releases.form.confirm", lang, months=months_text(months, lang))
    if _confirmed(question, text(f"releases.form.{kind}", lang, version=version.number, hour=hour),
                  yes=text("releases.form.yes", lang), lang=lang):  # fmt: skip
        _do(
            lambda: data_access.released_months.release(
                cached_reads.engine(), months[-1], by=viewer.name, origin=origin(), embargo_until=embargo,
                note=note.strip(), force_because=reason.strip(),
            ),
            said=lambda one: text(
                "releases.form.done_waiting" if embargo else "releases.form.done", one,
                months=months_text(months, one), hour=moment_text(embargo, one) if embargo else "",
            ),
        )  # fmt: skip


def draw_take_back(releases: Releases, *, viewer: Viewer, lang: str) -> None:
    """The newest release and the way back."""
    if not releases.months:
        messages.empty(text("releases.back.nothing", lang))
        return
    newest = releases.months[-1]
    month = month_text(newest.month, lang)
    facts = {"month": month, "at": moment_text(local_time(newest.released_at), lang), "by": newest.released_by,
             "version": newest.data_version}  # fmt: skip
    told = text("releases.back.newest", lang, **facts)
    if newest.embargo_until is not None:
        told += text("releases.back.waiting", lang, hour=moment_text(newest.embargo_until, lang))
    st.text(told)
    st.caption(text("releases.back.effect", lang))
    because = st.text_input(text("releases.back.reason", lang), key="take_back_reason", max_chars=100, live=True)
    st.button(text("releases.back.ask", lang, month=month), key="take_back_ask", on_click=_ask,
              args=("take_back", newest.month), disabled=not because.strip())  # fmt: skip
    if st.session_state.get(_ASKED) == ("take_back", newest.month) and _confirmed(
        text("releases.back.confirm", lang, month=month), "", yes=text("releases.back.yes", lang), lang=lang
    ):
        _do(
            lambda: data_access.released_months.unrelease(
                cached_reads.engine(), newest.month, by=viewer.name, origin=origin(), because=because.strip()
            ),
            said=lambda one: text("releases.back.done", one, month=month_text(newest.month, one)),
        )


def _offered(one: MonthState, lang: str) -> str:
    month = month_text(one.month, lang)
    return text("releases.form.provisional_mark", lang, month=month) if one.state == "provisional" else month


def _embargo(lang: str) -> dt.datetime | None:
    """The hour from which the months are public, or None for at once."""
    now = local_now()
    wanted = st.toggle(text("releases.form.embargo", lang), key="release_embargo",
                       help=text("releases.form.embargo_help", lang))  # fmt: skip
    if not wanted:
        return None
    with st.container(horizontal=True, gap="small"):
        day = st.date_input(text("releases.form.day", lang), value=now.date() + dt.timedelta(days=1),
                            min_value=now.date(), format="YYYY-MM-DD", key="release_day", width=170)  # fmt: skip
        hour = st.time_input(text("releases.form.hour", lang), value=dt.time(9, 0), key="release_hour", width=140)
    st.caption(text("releases.form.clock", lang, now=moment_text(now, lang)))
    return dt.datetime.combine(day, hour)


def _ask(deed: str, month: int) -> None:
    st.session_state[_ASKED] = (deed, month)


def _forget_question() -> None:
    st.session_state.pop(_ASKED, None)


def _confirmed(question: str, effect: str, *, yes: str, lang: str) -> bool:
    """Draw the question; whether it was answered with yes in this run."""
    with st.container(border=True, key="release_question"):
        st.markdown(f"**{question}**")
        if effect:
            st.caption(effect)
        with st.container(horizontal=True, gap="small"):
            answered = st.button(yes, key="release_yes", type="primary")
            st.button(text("releases.form.no", lang), key="release_no", on_click=_forget_question)
    return answered


def _do(deed: Callable[[], Any], *, said: Callable[[str], str]) -> None:
    """Do it, keep what there is to say, and show the page anew."""
    try:
        deed()
        outcome = (True, {lang: said(lang) for lang in ("zh", "en")})
    except UserError as error:
        outcome = (False, {lang: error.in_language(lang) for lang in ("zh", "en")})
    st.session_state[_SAID] = outcome
    _forget_question()
    cached_reads.forget_releases()
    st.rerun()
