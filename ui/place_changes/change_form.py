"""The form of a change: what kind, which places, from which day. What is wrong is said right at its field."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import streamlit as st

from data_access.permissions import Scope
from data_access.place_changes import Merge, NewPlace, Rename, Split
from ui import cached_reads, messages
from ui.place_names import place_name
from ui.texts import text

PREFIX: Final = "place_change_form_"
_TURN: Final = "place_change_turn"
_FIRST_DAY: Final = dt.date(1990, 1, 1)


@dataclass(frozen=True)
class Filled:
    """What the form says: the change (None while a place is missing), its day, its document."""

    change: Merge | Split | Rename | None
    on: dt.date | None
    document: str


@dataclass(frozen=True)
class Wrong:
    """What the last preview found wrong: the field, and the sentence in both languages."""

    field: str
    sentences: dict[str, str]


def clear_form() -> None:
    """Let the next run begin with an empty form: fields of other keys, since a browser keeps what it shows."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


class Form:
    """The form for one run. ``wrong`` is drawn at its field."""

    def __init__(self, *, scope: Scope, version: int, wrong: Wrong | None, lang: str) -> None:
        self._scope, self._version, self._wrong, self._lang = scope, version, wrong, lang
        self._said = False

    def draw(self) -> Filled:
        """Draw the fields; what they say now."""
        kind = st.segmented_control(
            self._label("kind"), ["merge", "split", "rename"], key=self._key("kind"), default="merge", required=True,
            format_func=lambda one: text(f"place_changes.kinds.{one}", self._lang),
        )  # fmt: skip
        change = {"merge": self._merge, "split": self._split, "rename": self._rename}[kind or "merge"]()
        with st.container(horizontal=True, gap="small"):
            on = st.date_input(self._label("on"), value=None, min_value=_FIRST_DAY, max_value="today",
                               format="YYYY-MM-DD", key=self._key("on"), width=260)  # fmt: skip
            document = st.text_input(self._label("document"), key=self._key("document"), max_chars=200, width=320,
                                     help=self._label("document_help"))  # fmt: skip
        self._problem("on")
        return Filled(change, on, document)

    def draw_rest(self) -> None:
        """A sentence whose field is not on the form just now."""
        if self._wrong is not None and not self._said:
            messages.problem(self._wrong.sentences[self._lang])

    def _key(self, name: str) -> str:
        turn = st.session_state.get(_TURN, 0)
        return f"{PREFIX}{name}_{turn}" if turn else f"{PREFIX}{name}"

    def _label(self, name: str) -> str:
        return text(f"place_changes.form.{name}", self._lang)

    def _problem(self, *fields: str) -> None:
        if self._wrong is not None and self._wrong.field in fields and not self._said:
            self._said = True
            messages.problem(self._wrong.sentences[self._lang])

    def _merge(self) -> Merge | None:
        town = self._township("township", "from_town")
        names = self._villages(town)
        before = st.multiselect(
            self._label("merge_from"), list(names), format_func=names.get, key=self._key(f"before_{town}"),
            placeholder=self._label("choose"), help=self._label("merge_from_help"),
        )  # fmt: skip
        self._problem("before")
        how = st.radio(
            self._label("merge_into"), ["existing", "new"], key=self._key("how"), horizontal=True,
            format_func=lambda one: self._label(f"merge_{one}"),
        )  # fmt: skip
        if how == "new":
            into: str | NewPlace | None = self._new("new", town)
            self._problem("into")
        else:
            with st.container(horizontal=True, gap="small"):
                target = self._township("into_township", f"into_town_{town}", start=town)
                into = self._village("into", "into", target)
            self._problem("into")
        return Merge(tuple(before), into) if before and into else None

    def _split(self) -> Split | None:
        with st.container(horizontal=True, gap="small"):
            town = self._township("township", "from_town")
            before = self._village("split_from", "split", town)
        self._problem("before")
        how = st.radio(
            self._label("split_keeps"), ["stays", "ends"], key=self._key("keeps"), horizontal=True,
            format_func=lambda one: self._label(f"split_{one}"),
        )  # fmt: skip
        st.caption(self._label("first_new"))
        first = self._new("first", town)
        into: list[str | NewPlace] = [first]
        carries = before or ""
        if how == "stays":
            into.append(before or "")
        else:
            st.caption(self._label("second_new"))
            second = self._new("second", town, problems=False)
            into.append(second)
            names = {one.code: one.name or one.code for one in (first, second)}
            carries = st.radio(self._label("carries"), list(names), format_func=names.get, horizontal=True,
                               key=self._key("carries")) or first.code  # fmt: skip
        self._problem("into", "carries")
        return Split(before, tuple(into), carries) if before else None

    def _rename(self) -> Rename | None:
        level = st.radio(
            self._label("level"), ["village", "township"], key=self._key("level"), horizontal=True,
            format_func=lambda one: self._label(f"level_{one}"),
        )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            code: str | None = self._township("township", "from_town")
            if level == "village":
                code = self._village("rename_place", "renamed", code or "")
        self._problem("before")
        with st.container(horizontal=True, gap="small"):
            name = st.text_input(self._label("name"), key=self._key("name"), max_chars=120, width=260)
            short = st.text_input(self._label("short_name"), key=self._key("short"), max_chars=120, width=200)
            new_code = ""
            if level == "village":
                new_code = st.text_input(self._label("new_code"), key=self._key("new_code"), max_chars=12, width=240)
        self._problem("name", "code")
        return Rename(code, name, short.strip(), new_code.strip()) if code else None

    def _new(self, which: str, town: str, *, problems: bool = True) -> NewPlace:
        with st.container(horizontal=True, gap="small"):
            code = st.text_input(self._label("code"), key=self._key(f"code_{which}"), max_chars=20, width=320,
                                 placeholder=f"{town}9…")  # fmt: skip
            name = st.text_input(self._label("name"), key=self._key(f"name_{which}"), max_chars=120, width=220)
            short = st.text_input(self._label("short_name"), key=self._key(f"short_{which}"), max_chars=120, width=180)
        if problems:
            self._problem("code", "name")
        return NewPlace(code.strip(), name.strip(), short.strip())

    def _township(self, label: str, key: str, *, start: str = "") -> str:
        names = self._names("township", self._scope.root)
        options = list(names)
        return st.selectbox(
            self._label(label), options, format_func=names.get, key=self._key(key), width=320,
            index=options.index(start) if start in names else 0,
        )  # fmt: skip

    def _village(self, label: str, key: str, town: str) -> str | None:
        names = self._villages(town)
        return st.selectbox(
            self._label(label), list(names), format_func=names.get, key=self._key(f"{key}_{town}"), index=None,
            placeholder=self._label("choose"), width=320,
        )  # fmt: skip

    def _villages(self, town: str) -> dict[str, str]:
        return self._names("village", town)

    def _names(self, level: str, within: str) -> dict[str, str]:
        register = cached_reads.places(self._scope, level=level, within=within, version=self._version)
        rows = register.to_dict("records")
        return {row["code"]: place_name(str(row["short_name"] or row["name"]), self._lang) if level == "village"
                else place_name(str(row["name"]), self._lang) for row in rows}  # fmt: skip
