"""The slow twin of `submissions`: the two indicators of the load history from the raw rows, by other means."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.submissions import due_day
from data_access.tables import batch, inspection_result, issue, measurement, place, rejected_row, submission


def recount_load_indicators(connection: Connection) -> pd.DataFrame:
    """reports_on_time and records_valid as `measurement_monthly` must hold them: one row a place and month."""
    places = _read(connection, sa.select(place)).set_index("code")
    pairs = pd.concat(
        [_reports(connection, places).assign(indicator="reports_on_time"),
         _records(connection, places).assign(indicator="records_valid")], ignore_index=True,
    )  # fmt: skip
    pairs["township"] = [_end(places, code) for code in pairs["township"]]
    pairs = pairs.groupby(["indicator", "township", "month"], as_index=False)[["numerator", "denominator"]].sum()
    rows = []
    for one in pairs.to_dict("records"):
        code = one["township"]
        while isinstance(code, str):
            rows.append({**one, "level": places.at[code, "level"], "place_code": code, "places_counted": 1})
            code = places.at[code, "parent"]
    keys = ["indicator", "level", "month", "place_code"]
    figures = ["numerator", "denominator", "places_counted"]
    frame = pd.DataFrame(rows, columns=[*keys, *figures]).groupby(keys, as_index=False)[figures].sum()
    return frame.assign(dimension="all", value="all", verified_on=0.0)


def _end(places: pd.DataFrame, code: str) -> str:
    """The place that carries the history of `code`: itself, unless it was closed and has a successor."""
    while code in places.index and isinstance(places.at[code, "successor"], str):
        code = places.at[code, "successor"]
    return code


def _read(connection: Connection, statement: sa.Select) -> pd.DataFrame:
    result = connection.execute(statement)
    return pd.DataFrame([tuple(row) for row in result], columns=list(result.keys()), dtype=object)


def _reports(connection: Connection, places: pd.DataFrame) -> pd.DataFrame:
    lines = _read(connection, sa.select(submission))
    gone = _read(connection, sa.select(batch.c.id).where(batch.c.withdrawn_at.is_not(None)))["id"]
    lines = lines.loc[~lines["batch_id"].isin(gone)]
    newest = lines["received_on"].max() if len(lines) else None
    townships = places.loc[places["level"] == "township"]
    rows = []
    for (source, _stream, month), sent in lines.groupby(["source", "stream", "month"]):
        day = due_day(source)
        if day is None:
            continue
        next_month = dt.date(month // 100, month % 100, 28) + dt.timedelta(days=4)
        due = next_month.replace(day=day)
        last = next_month.replace(day=1) - dt.timedelta(days=1)
        for code in set(townships.index) | set(sent["place_code"]):
            days = [one for place_code, one in zip(sent["place_code"], sent["received_on"], strict=True)
                    if place_code == code]  # fmt: skip
            there = code in townships.index and townships.at[code, "valid_from"] <= last
            there = there and (pd.isna(townships.at[code, "valid_to"]) or townships.at[code, "valid_to"] >= last)
            if days or (there and newest > due):
                rows.append((code, month, int(any(one <= due for one in days)), 1))
    frame = pd.DataFrame(rows, columns=["township", "month", "numerator", "denominator"])
    return frame.groupby(["township", "month"], as_index=False).sum()


def _records(connection: Connection, places: pd.DataFrame) -> pd.DataFrame:
    def home(code: str) -> str | None:
        if code not in places.index:
            return None
        code = _end(places, code)
        level = places.at[code, "level"]
        return code if level == "township" else places.at[code, "parent"] if level == "village" else None

    rows = []
    for table in (issue, inspection_result, measurement):
        current = sa.select(table.c.place_code, table.c.month).where(table.c.superseded_by.is_(None))
        rows += [(home(code), month, 1, 1) for code, month in connection.execute(current)]
    aside = _read(connection, sa.select(rejected_row, batch.c.source, batch.c.withdrawn_at).join(batch))
    aside = aside.loc[aside["withdrawn_at"].isna() & aside["place_code"].notna() & aside["month"].notna()]
    seen = set()
    for one in aside.to_dict("records"):
        township = home(one["place_code"])
        record = (one["source"], township, one["month"], one["key_text"] if one["key_text"] is not None else one["id"])
        if record not in seen:
            rows.append((township, one["month"], 0, 1))
        seen.add(record)
    frame = pd.DataFrame(rows, columns=["township", "month", "numerator", "denominator"])
    return frame.dropna().groupby(["township", "month"], as_index=False).sum()
