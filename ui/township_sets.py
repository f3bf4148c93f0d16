"""Which townships the reader's township set takes in: a fixed group, the peers of one, or a hand-picked few."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ui.address import FIXED_SETS, RELATED_SETS


def in_township_set(places: pd.DataFrame, township_set: str, members: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of ``places`` (as read_places gives townships) in the set.

    all, district_run, towns and subdistricts say it themselves; the others (same_kind, same_manager, similar, picked)
    are the codes in ``members``. A township whose manager or kind is missing belongs to "all" only. Raises ValueError
    for another set.
    """
    if township_set == "all":
        return places
    if township_set == "district_run":
        return places[places["managed_by"] == "district"]
    if township_set == "towns":
        return places[places["kind"] == "town"]
    if township_set == "subdistricts":
        return places[places["kind"] == "subdistrict"]
    if township_set in RELATED_SETS:
        return places[places["code"].isin(list(members))]
    raise ValueError(f"{township_set!r} is no township set.")


def related_members(
    places: pd.DataFrame, township_set: str, *, reference: str | None, peers: pd.DataFrame, picked: Sequence[str]
) -> tuple[str, ...]:
    """The codes of a set that needs a reference or a choice; empty for the fixed sets.

    ``reference`` is the township whose peers are meant; ``peers`` as :func:`ui.payloads.peer_groups.similar_townships`
    gives them (read only for "similar"). The reference itself is always a member.
    """
    if township_set in FIXED_SETS:
        return ()
    if township_set == "picked":
        return tuple(code for code in places["code"] if code in set(picked))
    own = places[places["code"] == reference]
    if own.empty:
        return ()
    if township_set == "similar":
        near = set(peers.loc[peers["place"] == reference, "peer"]) | {reference}
        return tuple(code for code in places["code"] if code in near)
    column = {"same_kind": "kind", "same_manager": "managed_by"}[township_set]
    alike = places[places[column] == own.iloc[0][column]]
    return tuple(alike["code"]) or tuple(own["code"])
