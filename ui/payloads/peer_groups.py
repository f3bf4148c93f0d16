"""Townships like each other in what they cannot choose: size, households, how urban, firms and estates; and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from data_access.permissions import Scope
from indicators.peers import nearest_peers
from ui import cached_reads
from ui.place_names import place_name
from ui.texts import text

PEERS: Final = 5
_SIZES: Final = {"firms_per_1000": "firm_size", "estates_per_1000": "management"}


@st.cache_resource(show_spinner=False, max_entries=8)
def similar_townships(root: str, until: int | None, last_month: int, version: int) -> pd.DataFrame:
    """The nearest peers of every township as :func:`indicators.peers.nearest_peers` gives them.

    Context only, never an outcome: residents, people a household, share of residents in urban communities, firms and
    estates on the register per 1,000 residents in the month ``last_month``, as far as ``until`` lets months be read
    (None: all of them). Public registers.
    """
    scope = Scope(root=root, until=until)
    townships = cached_reads.places(scope, level="township", version=version).set_index("code")
    villages = cached_reads.places(scope, level="village", version=version)
    urban = villages[villages["area_type"] == "urban"].groupby("parent")["residents"].sum()
    every = villages.groupby("parent")["residents"].sum()
    traits = pd.DataFrame(
        {
            "residents": townships["residents"],
            "household_size": townships["residents"] / townships["households"],
            "urban_share": (urban.reindex(every.index, fill_value=0) / every).reindex(townships.index),
        },
        index=townships.index,
    )
    for name, dimension in _SIZES.items():
        counts = cached_reads.counts(
            scope, source="inspections", level="township", first=last_month, last=last_month, dimension=dimension,
            version=version,
        )  # fmt: skip
        known = counts[counts["value"] != "unknown"].groupby("place")["sites_registered"].sum()
        traits[name] = known.reindex(townships.index) / townships["residents"] * 1000
    traits = traits.astype(float).replace([np.inf, -np.inf], np.nan)
    traits["residents"] = traits["residents"].where(traits["residents"] > 0)
    return nearest_peers(traits, k=PEERS, log=("residents",))


def peers_sentence(
    members: Sequence[str], township_set: str, *, reference: str, peers: pd.DataFrame, places: pd.DataFrame, lang: str
) -> str:
    """Who is compared and why, in one sentence; empty for a set that needs no word."""
    names = {
        row.code: place_name(str(row.name_), lang) for row in places.rename(columns={"name": "name_"}).itertuples()
    }
    joiner = "、" if lang == "zh" else ", "
    own = names.get(reference, reference)
    if township_set == "picked":
        return text("filters.peers.picked", lang, places=joiner.join(names[code] for code in members))
    if township_set != "similar":
        return text(f"filters.peers.{township_set}", lang, place=own, count=len(members))
    parts = []
    for row in peers[peers["place"] == reference].to_dict("records"):
        why = joiner.join(text(f"filters.context.{name}", lang) for name in row["why"])
        name = names.get(str(row["peer"]), str(row["peer"]))
        parts.append(text("filters.peers.one", lang, place=name, why=why) if why else name)
    return text("filters.peers.similar", lang, place=own, peers=("；" if lang == "zh" else "; ").join(parts))
