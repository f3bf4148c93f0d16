"""What can be found by the search: every page of a role, every indicator, every place, with the ways to name them."""

from __future__ import annotations

import json

import streamlit as st
from pypinyin import Style, lazy_pinyin

from data_access.permissions import Scope
from ui import cached_reads
from ui.navigation import pages_for
from ui.place_names import place_name
from ui.static_files import publish
from ui.texts import text

LEVELS = ("township", "village")


def search_entries(lang: str, role: str, root: str, version: int) -> list[list[str]]:
    """One list an entry: kind, code, name in the reader's language, where it lies, and the words that find it.

    The words are in lower case: the names in both languages, full pinyin without spaces, the initials, the code.
    Names of places are public; rights are asked where a page is opened.
    """
    found = [_entry("page", one.key, {code: one.title(code) for code in ("zh", "en")}, "", lang)
             for one in pages_for(role) if one.in_menu]  # fmt: skip
    for one in cached_reads.catalogue().values():
        found.append(_entry("indicator", one.code, one.name, "", lang))
    scope = Scope(root=root)
    parents: dict[str, str] = {}
    for level in LEVELS:
        register = cached_reads.places(scope, level=level, version=version)
        for place in register.to_dict("records"):
            names = {code: place_name(str(place["name"]), code) for code in ("zh", "en")}
            where = parents.get(str(place["parent"]), "")
            found.append(_entry(level, str(place["code"]), names, where, lang))
            parents[str(place["code"])] = names[lang]
    return found


@st.cache_resource(show_spinner=False, max_entries=24)
def entries_address(lang: str, role: str, root: str, version: int) -> str:
    """The address of the file with :func:`search_entries`, which a browser fetches when its reader first searches."""
    content = json.dumps(search_entries(lang, role, root, version), ensure_ascii=False, separators=(",", ":"))
    return publish(content.encode("utf-8"), folder="search", suffix=".json")


def _entry(kind: str, code: str, names: dict[str, str], where: str, lang: str) -> list[str]:
    spelled = lazy_pinyin(names["zh"])
    initials = "".join(lazy_pinyin(names["zh"], style=Style.FIRST_LETTER))
    words = (names["zh"], names["en"], "".join(spelled), initials, code.rpartition("/")[2])
    return [kind, code, names[lang], where or text(f"components.search_box.{kind}", lang), "|".join(words).lower()]
