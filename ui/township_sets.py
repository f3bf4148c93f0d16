"""Which townships the reader's township set takes in."""

from __future__ import annotations

import pandas as pd


def in_township_set(places: pd.DataFrame, township_set: str) -> pd.DataFrame:
    """The rows of ``places`` (as read_places gives townships) in the set: all, district_run, towns or subdistricts.

    A township whose manager or kind is missing belongs to "all" only. Raises ValueError for another set.
    """
    if township_set == "all":
        return places
    if township_set == "district_run":
        return places[places["managed_by"] == "district"]
    if township_set == "towns":
        return places[places["kind"] == "town"]
    if township_set == "subdistricts":
        return places[places["kind"] == "subdistrict"]
    raise ValueError(f"{township_set!r} is no township set.")
