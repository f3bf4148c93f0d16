"""A township among the townships most like it, in one indicator: dots with intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.peers import peer_benchmark
from ui import cached_reads, measures
from ui.charts.frozen import Frozen
from ui.charts.interval_rows import interval_bars
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.pairing_charts import chart_words
from ui.payloads.peer_groups import similar_townships
from ui.place_names import place_name
from ui.texts import month_span, percent, points, points_interval, text
from ui.wording import figure_text, has_figure


@dataclass(frozen=True)
class PeerBars:
    """What the page draws: the sentence, the figure (None where there is none) and why there is none."""

    title: str
    period: str
    figure: Frozen | None
    empty: str


@st.cache_resource(show_spinner=False, max_entries=300)
def peer_bars(view: View, code: str, indicator_code: str, *, last_month: int, tone: str) -> PeerBars:
    """The township ``code`` and its peers, best first, with what the peers reach together as the upright rule.

    The peers are those of the month ``last_month``, whatever townships the reader has chosen. The same object for
    everybody: never change it. Raises KeyError for a township that is not on the register.
    """
    lang, one = view.lang, cached_reads.catalogue()[indicator_code]
    register = cached_reads.places(view.scope, level="township", version=view.version)
    names = {str(row["code"]): place_name(str(row["name"]), lang) for row in register.to_dict("records")}
    near = similar_townships(view.root, view.until, last_month, view.version)
    near = near[near["place"] == code]
    period = month_span(*view.months(one), lang)
    name = names[code]
    if near.empty or not one.counts_share:
        key = "nobody" if near.empty else "no_share"
        return PeerBars("", period, None, text(f"peers.{key}", lang, place=name, indicator=one.name[lang]))
    rates = measures.rates(replace(view, township_set="all", members=()), one, places=(code, *near["peer"]))
    own = rates[rates["place"] == code].iloc[0]
    together = peer_benchmark(rates, near, one)
    together = together[together["place"] == code].iloc[0]
    if not has_figure(own) or pd.isna(together["peer_value"]):
        return PeerBars("", period, None, text("peers.few", lang, place=name, months=period))
    shown = rates[rates["state"].isin(["value", "too_few"])]
    shown = shown.sort_values(["value", "place"], ascending=[one.better == "lower", True], kind="stable")
    title = _title(own, together, one, name, lang)
    words = chart_words(lang)
    words["district"] = text("peers.together", lang, value="{value}")
    drawn = interval_bars(
        shown, names=names | {code: f"<b>{name}</b>"}, words=words, tone=tone_named(tone),
        district=float(together["peer_value"]), target=one.target,
    )  # fmt: skip
    return PeerBars(title, period, Frozen(drawn), "")


def _title(own: pd.Series, together: pd.Series, one: Indicator, name: str, lang: str) -> str:
    """How the township stands to its peers together, with the interval of the difference."""
    n = min(float(own["n"]), float(together["peer_n"]))
    low, high = float(together["difference_low"]), float(together["difference_high"])
    facts = {
        "place": name, "indicator": one.name[lang], "value": figure_text(own, one, lang),
        "count": int(together["peers"]), "peers": percent(together["peer_x"], together["peer_n"]),
        "size": points(together["difference"], lang, n=n),
    }  # fmt: skip
    if own["state"] != "value" or pd.isna(low):
        return text("peers.title.few", lang, **facts)
    key = "alike" if low <= 0 <= high else "above" if low > 0 else "below"
    return text(f"peers.title.{key}", lang, **facts, interval=points_interval(low, high, lang, n=n))
