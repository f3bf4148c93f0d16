"""How each month stands: public, waiting for its hour, due, provisional or without data; as data and as a strip.

Knows no Streamlit: what is released goes in, HTML comes out, every word escaped.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from data_access.released_months import ReleasedMonth, Releases
from data_access.releases import DataVersion
from ui.address import months_between
from ui.texts import date_text, month_span, month_text, text

STATES: Final = ("public", "waiting", "due", "provisional", "empty")


@dataclass(frozen=True)
class MonthState:
    """One month: its state (of STATES), its release if there is one, and how many of its figures were revised."""

    month: int
    state: str
    release: ReleasedMonth | None = None
    revised: int = 0


def month_states(
    known: Sequence[int], *, version: DataVersion, releases: Releases, revised: Mapping[int, int], now: dt.datetime
) -> list[MonthState]:
    """Every month from January of the first year with data to the last month with data, in order.

    ``known`` are the months with data; ``revised`` counts revised figures by month; ``now`` is local time.
    """
    released = {one.month: one for one in releases.months}
    public, newest, provisional = releases.public_until(now), releases.newest or 0, version.provisional_from
    states: list[MonthState] = []
    every = sorted({*known, *released})
    for month in months_between(every[0] // 100 * 100 + 1, every[-1]) if every else []:
        if month in released:
            state = "public" if month <= public else "waiting"
        elif month not in known:
            state = "empty"
        elif month <= newest:  # its data came after later months were released
            state = "public" if month <= public else "waiting"
        else:
            state = "due" if provisional is None or month < provisional else "provisional"
        states.append(MonthState(month, state, released.get(month), revised.get(month, 0)))
    return states


def releasable(states: Sequence[MonthState]) -> list[MonthState]:
    """The months that can be released now, in order; provisional ones only with a reason."""
    return [one for one in states if one.state in ("due", "provisional")]


def together(states: Sequence[MonthState], month: int) -> list[int]:
    """The months that are released when ``month`` is."""
    return [one.month for one in releasable(states) if one.month <= month]


def months_text(months: Sequence[int], lang: str) -> str:
    """The months as a span; they need not follow each other without a gap."""
    return month_span(months[0], months[-1], lang)


def title(states: Sequence[MonthState], releases: Releases, *, limited: bool, lang: str) -> str:
    """The page's sentence: up to which month the house is open, and to whom."""
    if not releases.ever:
        return text("releases.title_never", lang)
    public = [one.month for one in states if one.state == "public"]
    waiting = sum(one.state == "waiting" for one in states)
    if not public:
        return text("releases.title_none_public", lang)
    newest = month_text(public[-1], lang)
    if not limited:
        return text("releases.title_unlimited", lang, month=newest)
    if waiting:
        return text("releases.title_waiting", lang, month=newest, count=waiting)
    due = sum(one.state == "due" for one in states)
    if due:
        return text("releases.title_due", lang, month=newest, count=due)
    return text("releases.title_public", lang, month=newest)


def strip_html(states: Sequence[MonthState], lang: str) -> str:
    """One row a year, one mark a month, with the words of each on hover and for who listens, and a legend."""
    rows = []
    for year in sorted({one.month // 100 for one in states}):
        cells = "".join(_cell(one, lang) for one in states if one.month // 100 == year)
        rows.append(f'<tr><th scope="row">{year}</th>{cells}</tr>')
    legend = "".join(
        f'<span><i class="{state}" aria-hidden="true">1</i>{escape(text(f"releases.state.{state}", lang))}</span>'
        for state in STATES
        if any(one.state == state for one in states)
    )
    if any(one.revised for one in states):
        words = escape(text("releases.state.revised", lang))
        legend += f'<span><i class="public revised" aria-hidden="true">1</i>{words}</span>'
    return f'<div class="gb-months"><table>{"".join(rows)}</table><p>{legend}</p></div>'


def moment_text(moment: dt.datetime, lang: str) -> str:
    """A local time as 2026年12月1日 09:00 or 1 Dec 2026 09:00."""
    return f"{date_text(moment.date(), lang)} {moment:%H:%M}"


def local_time(moment: dt.datetime) -> dt.datetime:
    """A UTC time without zone, as the database keeps it, by the server's clock, again without zone."""
    return dt.datetime.fromtimestamp(moment.replace(tzinfo=dt.UTC).timestamp())


def _cell(one: MonthState, lang: str) -> str:
    words = month_words(one, lang)
    marks = f"{one.state} revised" if one.revised else one.state
    return f'<td><i class="{marks}" title="{escape(words)}" aria-label="{escape(words)}">{one.month % 100}</i></td>'


def month_words(one: MonthState, lang: str) -> str:
    """What there is to say about one month."""
    facts = {"month": month_text(one.month, lang)}
    kind = one.state
    if one.release is not None:
        facts["at"] = moment_text(local_time(one.release.released_at), lang)
        facts["by"], facts["version"] = one.release.released_by, str(one.release.data_version)
        facts["hour"] = moment_text(one.release.embargo_until, lang) if one.release.embargo_until else "—"
    elif kind in ("public", "waiting"):
        return f"{facts['month']} · {text(f'releases.state.{kind}', lang)}"
    words = text(f"releases.month.{kind}", lang, **facts)
    return words + text("releases.month.revised", lang, count=one.revised) if one.revised else words
