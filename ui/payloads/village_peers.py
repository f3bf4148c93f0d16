"""A village among the villages of its own type in the township: the leading rates, the others without names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from indicators.values import State
from indicators.verdicts import verdict_table
from ui import cached_reads, measures
from ui.charts.frozen import Frozen
from ui.charts.peer_strips import Strip, peer_strips
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.pairing_charts import chart_words
from ui.payloads.place_tiles import HEADLINE, row_of
from ui.payloads.village_table import village_name
from ui.texts import load_language, number, text

FEWEST: Final = 4
"""Others with enough cases that make a middle half."""
_WORDS: Final = "village.peers.chart."


@dataclass(frozen=True)
class VillagePeers:
    """The figure (None: nobody to stand beside), what it shows in a sentence, and who is left out."""

    figure: Frozen | None
    alt: str
    note: str


@dataclass(frozen=True)
class PeerFigures:
    """``kind`` of the village, how many ``others`` of that kind its township has, and a row for each indicator.

    ``strips`` by indicator code: the row of a verdict table against the others of its kind, and others, cases, middle
    (as in :class:`ui.charts.peer_strips.Strip`) and left_out (how many others have too few cases or none).
    """

    kind: str
    others: int
    strips: dict[str, dict[str, Any]]


@st.cache_resource(show_spinner=False, max_entries=300)
def peer_figures(view: View, code: str) -> PeerFigures:
    """The village ``code`` beside the others of its kind, over at least twelve months. Kept: never change it.

    Raises NotPermitted where the view's scope does not reach the village, KeyError where the register lacks it.
    """
    catalogue, year, township = cached_reads.catalogue(), measures.rolling_year(view), code[:9]
    view.scope.check(level="village", within=township)
    register = cached_reads.places(view.scope, level="village", within=township, version=view.version)
    kind = dict(zip(register["code"], register["kind"], strict=True))[code]
    alike = tuple(register.loc[register["kind"] == kind, "code"])
    strips = {}
    for one in HEADLINE:
        indicator = catalogue[one]
        table = measures.rates(year, indicator, level="village", within=township, places=alike)
        judged = verdict_table(table, indicator)
        others = judged[judged["place"] != code]
        enough = others[others["state"] == State.VALUE]
        strips[one] = {
            **row_of(judged, code),
            "others": tuple(float(value) for value in enough["value"]),
            "cases": tuple(float(n) for n in enough["n"]),
            "middle": _middle_half(enough["value"]),
            "left_out": len(others) - len(enough),
        }
    return PeerFigures(kind=str(kind), others=len(alike) - 1, strips=strips)


def _middle_half(values: pd.Series) -> tuple[float, float] | None:
    """Between which two rates the middle half of the others lies; None where too few others have a rate."""
    if len(values) < FEWEST:
        return None
    low, high = np.quantile(values.to_numpy(dtype=float), (0.25, 0.75))
    return float(low), float(high)


@st.cache_resource(show_spinner=False, max_entries=400)
def village_peers(view: View, code: str, *, tone: str) -> VillagePeers:
    """The strip figure of one village and the sentences about it; arguments and errors as :func:`peer_figures`."""
    lang, catalogue = view.lang, cached_reads.catalogue()
    found = peer_figures(view, code)
    kind = text(f"village.peers.kinds.{found.kind}", lang)
    if not found.others:
        return VillagePeers(None, "", text("village.peers.alone", lang, kind=kind))
    if not any(row["others"] for row in found.strips.values()):
        return VillagePeers(None, "", text("village.peers.few", lang, kind=kind, count=number(found.others)))
    register = cached_reads.places(view.scope, level="village", within=code[:9], version=view.version)
    name = village_name(register.set_index("code").to_dict("index")[code], lang)
    strips = [
        Strip(name=catalogue[one].name[lang], **{key: row[key] for key in _FIELDS}) for one, row in found.strips.items()
    ]
    own = {key.removeprefix(_WORDS): words for key, words in load_language(lang).items() if key.startswith(_WORDS)}
    figure = peer_strips(
        strips, place=name, words={**chart_words(lang), **own}, tone=tone_named(tone),
        verdict_names={one.verdict: text(f"components.verdicts.{one.verdict}", lang) for one in strips},
    )  # fmt: skip
    return VillagePeers(
        Frozen(figure),
        _alt(found, name, kind, lang),
        _note(found, kind, lang),
    )  # fmt: skip


def _note(found: PeerFigures, kind: str, lang: str) -> str:
    left_out = max(row["left_out"] for row in found.strips.values())
    key = "note" if left_out else "note_all"
    return text(f"village.peers.{key}", lang, kind=kind, count=number(found.others), left_out=number(left_out))


_FIELDS: Final = ("x", "n", "value", "low", "high", "state", "verdict", "others", "cases", "middle")


def _alt(found: PeerFigures, name: str, kind: str, lang: str) -> str:
    """How the village stands to the others of its kind, indicator by indicator."""
    catalogue = cached_reads.catalogue()
    parts = [
        text("village.peers.part", lang, indicator=catalogue[one].name[lang],
             verdict=text(f"components.verdicts.{row['verdict']}", lang))
        for one, row in found.strips.items()
    ]  # fmt: skip
    joined = text("village.period.joined", lang).join(parts)
    return text("village.peers.alt", lang, place=name, kind=kind, count=number(found.others), parts=joined)
