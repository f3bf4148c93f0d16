"""Posts vacant in a funnel: which townships have more or fewer than chance allows for their number of posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from indicators.funnels import Funnel, funnel_table
from ui import cached_reads, measures
from ui.charts.frozen import Frozen
from ui.charts.funnels import funnel_plot
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.measured_words import township_names
from ui.texts import load_language, number, percent, text
from ui.wording import evidence_text

CODE: Final = "post_vacancy"
FLAGS: Final[Mapping[str, str]] = {
    "very_low": "much_better", "low": "better", "inside": "similar", "high": "worse", "very_high": "much_worse",
}  # fmt: skip
"""Few vacancies are better: the verdict of each flag."""
WORDS: Final = (
    "cases_axis", "limit_998", "limit_95", "limit_exact", "funnel_much_better", "funnel_better", "funnel_similar",
    "funnel_worse", "funnel_much_worse", "funnel_too_few",
)  # fmt: skip


@dataclass(frozen=True)
class VacancyFunnel:
    """The figure and its finding; ``figure`` None where there is no funnel, and then ``finding`` says why."""

    figure: Frozen | None
    finding: str


def vacancies(view: View) -> Funnel:
    """The funnel of the chosen townships around the rate of all of them together; never change it."""
    return _vacancies(replace(view, lang=""))


@st.cache_resource(show_spinner=False, max_entries=100)
def _vacancies(view: View) -> Funnel:
    indicator = cached_reads.catalogue()[CODE]
    return funnel_table(measures.rates(view, indicator, places=tuple(measures.townships(view)["code"])))


@st.cache_resource(show_spinner=False, max_entries=200)
def vacancy_funnel(view: View, *, target: float | None, tone: str) -> VacancyFunnel:
    """The funnel in the reader's language, with the threshold of the present mode as a dashed rule."""
    lang, indicator, funnel = view.lang, cached_reads.catalogue()[CODE], vacancies(view)
    if funnel.reason is not None or funnel.overdispersion is None:
        return VacancyFunnel(None, text(f"staffing.funnel.{funnel.reason}", lang))
    adjusted = funnel.overdispersion.adjusted
    flags = funnel.rows["adjusted_flag"].map(FLAGS).astype(object)
    rows = funnel.rows.assign(verdict=flags.where(flags.notna(), "too_few"))
    names = township_names(view)
    hovers = {
        str(row["place"]): "<br>".join(
            (
                f"<b>{names[row['place']]}</b>",
                evidence_text(row, indicator, lang),
                text(f"staffing.funnel.funnel_{row['verdict']}", lang),
            )
        )
        for row in rows.to_dict("records")
    }
    area = text(f"overview.area_short.{view.township_set}", lang)
    own = {name: text(f"staffing.funnel.{name}", lang) for name in WORDS}
    known = {key.removeprefix("charts."): one for key, one in load_language(lang).items() if key.startswith("charts.")}
    words = known | own | {"value_axis": indicator.name[lang], "all_together": f"{area} {{value}}"}
    figure = funnel_plot(
        rows,
        funnel.limits,
        names=township_names(view, short=True),
        hovers=hovers,
        words=words,
        tone=tone_named(tone),
        rate=funnel.rate,
        target=target,
        adjusted=adjusted,
    )
    return VacancyFunnel(Frozen(figure), _finding(funnel, lang))


def _finding(funnel: Funnel, lang: str) -> str:
    flags = funnel.rows["adjusted_flag"]
    spread = funnel.overdispersion
    said = text(
        "staffing.funnel.finding",
        lang,
        tested=int(flags.notna().sum()),
        high=int(flags.isin(["high", "very_high"]).sum()),
        low=int(flags.isin(["low", "very_low"]).sum()),
        rate=percent(float(funnel.rows["x"].sum()), float(funnel.rows["n"].sum())),
        chance=number(funnel.expected_high, decimals=1),
    )
    wide = text("staffing.funnel.adjusted", lang) if spread is not None and spread.adjusted else ""
    return said + wide
