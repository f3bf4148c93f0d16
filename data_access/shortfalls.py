"""How shortfalls lie on objects: how many estates, firms or villages of a group hold one, two, three … of them.

Counted in the database over a whole township; no single object is named and none is read one by one. A shortfall is a
case that did not turn out as it should: a failed item, an unsolved issue; where low is good, the event itself. Rules
are those of the monthly counts: current rows, the history of a closed place under the one that carries it, deadlines
judged at the as-of date, office buildings outside the management of estates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import and_, case, func, select
from sqlalchemy.engine import Engine

from data_access.engine import count_rows_read, reading
from data_access.issue_counts import counter_conditions
from data_access.lineage import counted_under, final_successors
from data_access.permissions import Scope
from data_access.places import is_below
from data_access.tables import estate, firm, inspection_result, issue, place, site

OBJECTS: Final = {"area_type": "village", "settlement_age": "village", "management": "estate", "firm_size": "firm"}
"""Dimension of a pairing to the object that belongs to one of its groups."""
INSPECTED: Final = (
    ("items_passed", "items_checked"),
    ("rectified", "rechecked"),
    ("sites_fully_passed", "sites_inspected"),
)
"""The pairs of counters of inspections whose shortfalls lie on single sites."""


def read_shortfalls(
    engine: Engine,
    *,
    scope: Scope,
    source: str,
    dimension: str,
    values: Sequence[str],
    numerator: str,
    denominator: str,
    events: bool = False,
    townships: Sequence[str] | None = None,
    first: int,
    last: int,
    as_of: dt.date,
) -> pd.DataFrame:
    """The objects of one group by how many shortfalls they hold.

    Parameters
    ----------
    source, numerator, denominator
        "issues" with two of its counters, or "inspections" with one of the pairs INSPECTED.
    dimension, values
        A key of OBJECTS and the values that make up the group.
    events
        Whether the numerator itself counts what is to be avoided (issues only).
    townships
        Codes of the townships that are counted; None counts all of the scope.
    first, last
        Months YYYYMM, both included; months after the scope's `until` are left out.

    Returns
    -------
    DataFrame
        township, missed (shortfalls of one object, from 1), objects (how many hold so many); by township and missed.

    Raises
    ------
    NotPermitted
        When the scope's root may not be read.
    ValueError
        For counters or a dimension whose shortfalls lie on no object.
    """
    if dimension not in OBJECTS or (source == "inspections" and (events or (numerator, denominator) not in INSPECTED)):
        raise ValueError(f"{numerator} of {denominator} by {dimension}: there are no objects that hold shortfalls.")
    scope.check(level="township", within=scope.root)
    months = (first, scope.last_month(last))
    with reading(engine) as connection:
        heirs = final_successors(connection)
        if source == "issues":
            rows = _issues(heirs, months, numerator, denominator, events=events, as_of=as_of)
        else:
            rows = _inspections(heirs, months, numerator)
        held = _held(rows, dimension, list(values))
        held = held.where(place.c.level == "village", is_below(place.c.code, level="village", within=scope.root))
        if townships is not None:
            held = held.where(place.c.parent.in_(list(townships)))
        each = held.subquery("held")
        statement = (
            select(each.c.township, each.c.missed, func.count().label("objects"))
            .where(each.c.missed > 0)
            .group_by(each.c.township, each.c.missed)
            .order_by(each.c.township, each.c.missed)
        )
        found = connection.execute(statement).all()
    count_rows_read(len(found))
    frame = pd.DataFrame(found, columns=["township", "missed", "objects"])
    return frame.astype({"missed": "int64", "objects": "int64"})


def _held(rows: sa.Subquery, dimension: str, values: list[str]) -> sa.Select:
    """One row an object of the group: its township and how many shortfalls it holds."""
    origin: Any = rows.join(place, place.c.code == rows.c.place_code)
    if dimension == "management":
        origin = origin.join(site, and_(site.c.code == rows.c.estate_code, site.c.kind == "estate"))
        origin = origin.join(estate, estate.c.code == rows.c.estate_code)
        code, value = rows.c.estate_code, estate.c.management
    elif dimension == "firm_size":
        origin = origin.join(firm, firm.c.code == rows.c.firm_code)
        code, value = rows.c.firm_code, firm.c.size
    else:
        code, value = place.c.code, place.c[dimension]
    return (
        select(place.c.parent.label("township"), code.label("object"), func.sum(rows.c.missed).label("missed"))
        .select_from(origin)
        .where(value.in_(values))
        .group_by(place.c.parent, code)
    )


def _issues(
    heirs: dict[str, str], months: tuple[int, int], numerator: str, denominator: str, *, events: bool, as_of: dt.date
) -> sa.Subquery:
    i, conditions = issue.c, counter_conditions(as_of)
    counted, turned_out = conditions[denominator], conditions[numerator]
    hit = func.coalesce(case((turned_out, 1), else_=0), 0)
    missed = case((counted, hit if events else 1 - hit), else_=0)
    return (
        select(
            counted_under(i.place_code, heirs).label("place_code"), i.estate_code, i.firm_code, missed.label("missed")
        )
        .where(i.superseded_by.is_(None), i.month.between(*months))
        .subquery("issues_missed")
    )


def _inspections(heirs: dict[str, str], months: tuple[int, int], numerator: str) -> sa.Subquery:
    """One row a site and month with its shortfalls; the site's code stands for estate and firm alike."""
    r = inspection_result.c
    looked = r.recheck.is_(True) if numerator == "rectified" else r.recheck.is_(False)
    failed = func.sum(case((and_(looked, r.passed.is_(False)), 1), else_=0))
    missed = case((failed > 0, 1), else_=0) if numerator == "sites_fully_passed" else failed
    code = counted_under(r.place_code, heirs)
    return (
        select(
            code.label("place_code"),
            r.site_code.label("estate_code"),
            r.site_code.label("firm_code"),
            missed.label("missed"),
        )
        .where(r.superseded_by.is_(None), r.month.between(*months))
        .group_by(code, r.month, r.site_code)
        .subquery("inspections_missed")
    )
