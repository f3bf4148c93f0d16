"""What a row says, as a short hash: two rows with one hash say the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from data_access.bulk import arrow_table


def content_hashes(frame: pd.DataFrame, table: sa.Table, columns: Sequence[str]) -> list[str]:
    """One 16-digit hash a row over the text form of `columns`; equal content gives equal hashes on any machine.

    A position belongs to what a row says only where it has one, so that rows without one have the same hash whether or
    not their file has the columns. A village that was found by the position is not what the row says.
    """
    positioned = "lon" in columns and frame["lon"].notna().any()
    if positioned and "located_by" in frame:
        found = frame["located_by"].isin(("inside", "nearest"))
        frame = frame.assign(place_code=frame["place_code"].where(~found, None)) if found.any() else frame
    rest = [name for name in columns if name not in ("lon", "lat", "located_by")]
    parts = [pc.cast(column, pa.string()) for column in arrow_table(frame, table, rest).columns]
    joined = pc.binary_join_element_wise(*parts, "\x1f", null_handling="replace", null_replacement="").to_pylist()
    if positioned:
        points = zip(frame["lon"], frame["lat"], strict=True)
        joined = [text if pd.isna(lon) else f"{text}\x1f{float(lon)!r}\x1f{float(lat)!r}"
                  for text, (lon, lat) in zip(joined, points, strict=True)]  # fmt: skip
    return [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in joined]
