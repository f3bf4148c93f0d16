"""What was read last while the database answered, for the time when it does not.

Figures of a data version never change, so those in the caches stay good. What is read anew every few seconds (which
version is the newest, what is released, which layer is drawn) is kept here; where the database is away the last answer
stands in and :func:`away_since` says since when, so that the page can say so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from data_access.database_faults import is_away
from data_access.released_months import local_now

Answer = TypeVar("Answer")
MOST = 200
"""Answers remembered; the oldest go first."""


@st.cache_resource(show_spinner=False, max_entries=1)
def _kept() -> dict[str, Any]:
    """Answers by name and, under "at", when the database last answered. One for the process."""
    return {}


def kept(name: str, read: Callable[[], Answer]) -> Answer:
    """What ``read`` gives; its last answer where the database is away. Raises what ``read`` raises without one."""
    memory = _kept()
    try:
        answer = read()
    except Exception as problem:
        if not is_away(problem) or name not in memory:
            raise
        memory["away"] = True
        return memory[name]
    memory.pop(name, None)
    memory[name] = answer
    while len(memory) > MOST:
        del memory[next(iter(memory))]
    memory["at"] = local_now()
    memory["away"] = False
    return answer


def away_since() -> dt.datetime | None:
    """When the database last answered, where it does not answer now; None where it does."""
    memory = _kept()
    return memory.get("at") if memory.get("away") else None
