"""The slow twin of the roll-ups: everything counted from the events with pandas, compared cell by cell.

What was filed under a closed place is handed to its successor before anything is counted, link after link.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.load_record_check import recount_load_indicators
from data_access.releases import current_version
from data_access.tables import (
    INSPECTION_COUNTERS,
    ISSUE_COUNTERS,
    estate,
    firm,
    inspection_monthly,
    inspection_result,
    issue,
    issue_monthly,
    measurement,
    measurement_monthly,
    place,
    site,
)
from data_access.words import INSPECTION_DIMENSIONS, ISSUE_DIMENSIONS, UNKNOWN

_KEYS = ["level", "dimension", "month", "place_code", "value"]
_MEASURED = ["numerator", "denominator", "places_counted", "verified_on"]


def differences(connection: Connection) -> list[str]:
    """Every cell of the three count tables that differs from a recount of the events, as one line each.

    Each line names table, cell, counter, stored and recounted figure; a cell on one side only shows "absent".
    """
    version = current_version(connection)
    as_of = (version.as_of if version else None) or dt.date.today()
    found: list[str] = []
    measured = pd.concat([recount_measurements(connection), recount_load_indicators(connection)], ignore_index=True)
    for table, expected, counters in (
        (issue_monthly, recount_issues(connection, as_of=as_of), list(ISSUE_COUNTERS)),
        (inspection_monthly, recount_inspections(connection), list(INSPECTION_COUNTERS)),
        (measurement_monthly, measured, _MEASURED),
    ):
        keys = ["indicator", *_KEYS] if "indicator" in table.c else _KEYS
        stored = _frame(connection, sa.select(*(table.c[name] for name in [*keys, *counters])))
        if "verified_on" in counters:
            stored["verified_on"] = _day_numbers(stored["verified_on"]).fillna(0)
        found += _compare(table.name, stored, expected, keys, counters)
    return found


def _frame(connection: Connection, statement: sa.Select) -> pd.DataFrame:
    result = connection.execute(statement)
    return pd.DataFrame([tuple(row) for row in result], columns=list(result.keys()))


def _compare(
    table: str, stored: pd.DataFrame, expected: pd.DataFrame, keys: list[str], counters: list[str]
) -> list[str]:
    both = stored.merge(expected, on=keys, how="outer", suffixes=("_stored", "_counted"), indicator=True)
    lines = []
    for _, row in both.loc[both["_merge"] != "both"].iterrows():
        side = "absent from the counts" if row["_merge"] == "right_only" else "absent from the events"
        lines.append(f"{table} {[row[key] for key in keys]}: {side}")
    matched = both.loc[both["_merge"] == "both"]
    for counter in counters:
        left, right = matched[f"{counter}_stored"], matched[f"{counter}_counted"]
        wrong = (left - right).abs() > 1e-6 * (1 + right.abs())
        for _, row in matched.loc[wrong].iterrows():
            lines.append(
                f"{table} {[row[key] for key in keys]}: {counter} is {row[f'{counter}_stored']:g}, "
                f"the events say {row[f'{counter}_counted']:g}"
            )
    return lines


def _places(connection: Connection) -> pd.DataFrame:
    names = ("code", "level", "parent", "area_type", "settlement_age", "successor")
    return _frame(connection, sa.select(*(place.c[name] for name in names))).set_index("code")


def _carried_by(codes: pd.Series, places: pd.DataFrame) -> pd.Series:
    """The places under which the codes are counted: a closed place gives way to its successor, and that to its own."""
    links = places["successor"].dropna().to_dict()
    while codes.isin(links).any():
        codes = codes.map(lambda code: links.get(code, code))
    return codes


def _chain(places: pd.DataFrame, code: str) -> list[tuple[str, str]]:
    """(level, code) of a place and all places above it."""
    chain = []
    current: str | None = code
    while current is not None and not pd.isna(current):
        chain.append((places.at[current, "level"], current))
        current = places.at[current, "parent"]
    return chain


def _lifted(events: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Each row once for its own place and once for every place above it."""
    chains = pd.DataFrame(
        [(code, level, above) for code in events["place_code"].unique() for level, above in _chain(places, code)],
        columns=["place_code", "level", "above"],
    )
    lifted = events.merge(chains, on="place_code").drop(columns="place_code")
    return lifted.rename(columns={"above": "place_code"})


def _tally(events: pd.DataFrame, dimensions: dict[str, str], counters: list[str]) -> pd.DataFrame:
    """Sum the 0/1 columns by place, month and each dimension's value; rows whose dimension is None do not belong."""
    parts = []
    for dimension, column in {"all": "", **dimensions}.items():
        rows = events.assign(value="all") if dimension == "all" else events.assign(value=events[column])
        rows = rows.loc[rows["value"].notna()].assign(dimension=dimension)
        parts.append(rows.groupby(_KEYS, as_index=False)[counters].sum())
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_KEYS, *counters])


def _of_register(codes: pd.Series, register: pd.Series) -> pd.Series:
    """The register's word for each code: None where there is no code, "unknown" where the register is silent."""
    words = register.astype(object).where(register.notna(), UNKNOWN)
    return codes.map(words.to_dict())


def _homes(connection: Connection) -> pd.Series:
    """Management of each residential estate; an office building on the same register has none."""
    statement = sa.select(estate.c.code, estate.c.management).join(site, site.c.code == estate.c.code)
    return _frame(connection, statement.where(site.c.kind == "estate")).set_index("code")["management"]


def _is_no(answer: object) -> bool:
    return answer is False or answer == 0


def recount_issues(connection: Connection, *, as_of: dt.date) -> pd.DataFrame:
    """`issue_monthly` as the events have it."""
    e = _frame(connection, sa.select(issue).where(issue.c.superseded_by.is_(None)))
    places = _places(connection)
    for name in ("accepted_at", "first_answered_at", "answer_due_at", "due_at", "closed_at"):
        e[name] = pd.to_datetime(e[name])
    answers = ("solved", "satisfied", "reached", "called_back", "reopened")
    yes = {name: e[name].map(lambda value: value is True or value == 1) for name in answers}
    accepted = e["accepted_at"].notna()
    due = accepted & (e["due_at"] < pd.Timestamp(as_of) + pd.Timedelta(days=1))
    closed = e["closed_at"].notna()
    figures = {
        "reported": accepted | True,
        "accepted": accepted,
        "answered_in_time": accepted & (e["first_answered_at"] <= e["answer_due_at"]),
        "due": due,
        "verified_solved": due & yes["solved"],
        "closed_on_time": due & (e["closed_at"] <= e["due_at"]),
        "overdue_open": due & ~closed,
        "closed": closed,
        "reopened": yes["reopened"],
        "repeats": e["repeat_of"].notna(),
        "called_back": yes["called_back"],
        "reached": yes["reached"],
        "satisfied": yes["satisfied"],
        "solved_reached": yes["reached"] & yes["solved"],
        "solved_dissatisfied": yes["reached"] & yes["solved"] & e["satisfied"].map(_is_no),
    }
    homes = _homes(connection)
    firms = _frame(connection, sa.select(firm.c.code, firm.c.size)).set_index("code")["size"]
    events = pd.DataFrame({name: flag.astype(int) for name, flag in figures.items()})
    events["place_code"] = _carried_by(e["place_code"], places)
    for name in ("month", "channel", "category", "campaign"):
        events[name] = e[name]
    events["area_type"] = _of_register(events["place_code"], places["area_type"])
    events["settlement_age"] = _of_register(events["place_code"], places["settlement_age"])
    events["management"] = _of_register(e["estate_code"], homes)
    events["firm_size"] = _of_register(e["firm_code"], firms)
    return _tally(_lifted(events, places), {name: name for name in ISSUE_DIMENSIONS}, list(ISSUE_COUNTERS))


def recount_inspections(connection: Connection) -> pd.DataFrame:
    """`inspection_monthly` as the results and the register have it."""
    places = _places(connection)
    columns = (inspection_result.c.site_code, inspection_result.c.place_code, inspection_result.c.month,
               inspection_result.c.item, inspection_result.c.passed, inspection_result.c.recheck)  # fmt: skip
    e = _frame(connection, sa.select(*columns).where(inspection_result.c.superseded_by.is_(None)))
    e["place_code"] = _carried_by(e["place_code"], places)
    passed, recheck = e["passed"].astype(bool), e["recheck"].astype(bool)
    e["items_checked"], e["items_passed"] = (~recheck).astype(int), (~recheck & passed).astype(int)
    e["rechecked"], e["rectified"] = recheck.astype(int), (recheck & passed).astype(int)
    first_four = list(INSPECTION_COUNTERS[:4])
    cell = ["place_code", "month", "site_code"]
    by_item = e.groupby([*cell, "item"], as_index=False)[first_four].sum()
    by_site = e.groupby(cell, as_index=False)[first_four].sum()
    sites = _frame(connection, sa.select(site.c.code.label("site_code"), site.c.kind, site.c.place_code,
                                         site.c.registered_from, site.c.registered_to))  # fmt: skip
    sites["place_code"] = _carried_by(sites["place_code"], places)
    months = pd.DataFrame({"month": e["month"].unique()})
    register = sites.merge(months, how="cross").merge(by_site, on=cell, how="left")
    on_register = (register["registered_from"].fillna(0) <= register["month"]) & (
        register["registered_to"].fillna(999999) >= register["month"]
    )
    register = register.loc[on_register | register["items_checked"].notna()]
    register = register.fillna(dict.fromkeys(first_four, 0))
    homes = _homes(connection)
    firms = _frame(connection, sa.select(firm.c.code, firm.c.size)).set_index("code")["size"]
    register = register.assign(
        area_type=_of_register(register["place_code"], places["area_type"]),
        settlement_age=_of_register(register["place_code"], places["settlement_age"]),
        management=_of_register(register["site_code"], homes),
        firm_size=_of_register(register["site_code"], firms),
    )
    groups = [name for name in INSPECTION_DIMENSIONS if name != "item"]
    lifted = _lifted(_with_sites(register), places)
    site_level = _tally(lifted, {name: name for name in groups}, list(INSPECTION_COUNTERS))
    item_level = _lifted(_with_sites(by_item), places).assign(dimension="item", value=lambda rows: rows["item"])
    item_level = item_level.groupby(_KEYS, as_index=False)[list(INSPECTION_COUNTERS)].sum()
    return pd.concat([site_level, item_level], ignore_index=True)


def _with_sites(rows: pd.DataFrame) -> pd.DataFrame:
    inspected = rows["items_checked"] > 0
    return rows.assign(
        sites_inspected=inspected.astype(int),
        sites_fully_passed=(inspected & (rows["items_passed"] == rows["items_checked"])).astype(int),
        sites_registered=1,
    )


def recount_measurements(connection: Connection) -> pd.DataFrame:
    """`measurement_monthly` as the reported pairs have it."""
    places = _places(connection)
    e = _frame(connection, sa.select(measurement).where(measurement.c.superseded_by.is_(None)))
    keys = ["indicator", *_KEYS]
    how = {"numerator": "sum", "denominator": "sum", "places_counted": "sum", "verified_on": "min"}
    e = e.assign(places_counted=1, verified_on=_day_numbers(e["verified_on"]))
    total_key = ["indicator", "place_code", "month"]
    e["level"] = e["place_code"].map(places["level"].to_dict())
    totals = e.loc[e["dimension"] == "all"]
    parts = e.loc[e["dimension"] != "all"]
    no_total = ~pd.MultiIndex.from_frame(parts[total_key]).isin(pd.MultiIndex.from_frame(totals[total_key]))
    summed = parts.loc[no_total].groupby([*total_key, "level", "dimension"], as_index=False).agg(how)
    own = [e[[*keys, *_MEASURED]], summed.assign(dimension="all", value="all")[[*keys, *_MEASURED]]]
    villages = totals.loc[totals["level"] == "village"]
    for name in ("area_type", "settlement_age"):
        words = _of_register(_carried_by(villages["place_code"], places), places[name])
        own.append(villages.assign(dimension=name, value=words)[[*keys, *_MEASURED]])
    rows = pd.concat(own, ignore_index=True)
    rows["place_code"] = _carried_by(rows["place_code"], places)
    rows = rows.groupby(keys, as_index=False).agg(how).assign(places_counted=1)
    heirs = e.assign(place_code=_carried_by(e["place_code"], places))
    reported = set(heirs[total_key].itertuples(index=False, name=None))
    lifted = _lifted(rows.assign(origin=rows["place_code"], origin_level=rows["level"]).drop(columns="level"), places)
    is_own = lifted["place_code"] == lifted["origin"]
    replaced = [
        (indicator, code, month) in reported
        for indicator, code, month in zip(lifted["indicator"], lifted["place_code"], lifted["month"], strict=True)
    ]
    lifted = lifted.loc[is_own | ~pd.Series(replaced, lifted.index, dtype=bool)]
    return lifted.groupby(keys, as_index=False).agg(how).fillna({"verified_on": 0})


def _day_numbers(days: pd.Series) -> pd.Series:
    """Days as numbers that can be compared; NaN where none was given."""
    return pd.Series([None if day is None else day.toordinal() for day in days], days.index, dtype=float)
