"""What looks odd about a batch as a whole, against what was there before. Nothing here rejects: the steward decides.

The kinds were tried on the demonstration district, where nothing is wrong but a few reports that never came: what is
told there are those. A kind that would cry on ordinary data has no place here, because flags that are always there are
never read.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from data_access.ingestion.batch_picture import BatchPicture, read_places
from data_access.ingestion.issue_flags import issue_flags, issue_sample
from data_access.ingestion.measurement_flags import measurement_flags
from data_access.ingestion.problems import Flag
from data_access.ingestion.volume_flags import compare, volume_flags
from data_access.tables import inspection_result

MOST_FLAGS = 200


def batch_flags(
    connection: Connection, *, source: str, batch_id: int, first_month: int | None, last_month: int | None
) -> list[Flag]:
    """What looks odd about a batch that is being loaded.

    Parameters
    ----------
    connection
        The loading transaction, with the rows of the batch written and the monthly counts not yet made anew.
    source
        Any source; registers have no flags.
    first_month, last_month
        First and last month (YYYYMM) of the batch's rows, None when it has none.

    Returns
    -------
    list[Flag]
        At most 200, the broadest first; `place_code` is the root's when it is about all places. The reasons are
        month_lost_rows, month_shrank, month_grew, place_silent, days_missing (volumes); one_time_of_day,
        columns_emptied, closed_at_once, nobody_unhappy (cases); parts_differ, villages_differ, outside_history,
        many_outside_history (measurements); and more_flags for what did not find room.
    """
    if first_month is None or last_month is None or source not in ("issues", "inspections", "measurements"):
        return []
    places = read_places(connection)
    if source == "measurements":
        flags = measurement_flags(connection, places, batch_id=batch_id, first_month=first_month, last_month=last_month)
        return _bounded(flags)
    picture = BatchPicture(connection, source, batch_id)
    if source == "issues":
        sample = issue_sample(picture)
        channels = sorted(sample["channel"].unique()) if len(sample) else None
        comparison = compare(picture, sample, day="reported_at", channels=channels)
        return _bounded([
            *volume_flags(picture, comparison, places), *issue_flags(picture, sample, comparison, places),
        ])  # fmt: skip
    sample = picture.sample({"inspected_on": inspection_result.c.inspected_on})
    comparison = compare(picture, sample, day="inspected_on", channels=None)
    return _bounded(volume_flags(picture, comparison, places))


def _bounded(flags: list[Flag]) -> list[Flag]:
    if len(flags) <= MOST_FLAGS:
        return flags
    more = len(flags) - MOST_FLAGS + 1
    return [*flags[: MOST_FLAGS - 1], Flag(
        "more_flags",
        f"另有 {more:,} 处疑点没有列出；先处理已列出的，重新载入后会再检查。",
        f"{more:,} more doubts are not listed; deal with these first, the next load checks again.",
        found=f"{more}",
    )]  # fmt: skip
