"""Rows of one natural key that stand in a file more than once: one of them counts."""

from __future__ import annotations

from typing import Final

import pandas as pd

from data_access.ingestion.row_checks import CheckedRows

REPEATED: Final = (
    "“{found}”在本文件中重复出现；以更新时间最晚的一行为准，未写更新时间的以最后一行为准。",
    "'{found}' stands in this file more than once; the row changed last counts, without 更新时间 the last one.",
)


def drop_repeated(checked: CheckedRows, key: list[str], *, heading: str) -> None:
    """Inside one piece of a file one row of a natural key counts; the others are set aside as duplicates."""
    frame = checked.frame
    repeated = frame.duplicated(key, keep="last")
    if not repeated.any():
        return
    if "updated_at" in frame and frame["updated_at"].notna().any():
        several = frame.loc[frame.duplicated(key, keep=False)]
        counting: dict[tuple[object, ...], tuple[object, object]] = {}
        days = pd.to_datetime(several["updated_at"])
        for index, one, day in zip(several.index, several[key].itertuples(index=False, name=None), days, strict=True):
            if one not in counting or not day < counting[one][1]:  # an unsaid day is neither before nor after another
                counting[one] = (index, day)
        repeated.loc[several.index] = True
        repeated.loc[[index for index, _ in counting.values()]] = False
    zh, en = REPEATED
    checked.reject(repeated, column=heading, found=frame[key[0]], reason="duplicate", zh=zh, en=en)
