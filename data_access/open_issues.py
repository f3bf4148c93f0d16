"""Open issues one by one: what is to be chased, the most overdue first. No names of people are among what is read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import and_, case
from sqlalchemy.engine import Connection, Engine

from data_access.engine import count_rows_read, reading
from data_access.lineage import final_successors
from data_access.permissions import Scope
from data_access.places import is_below
from data_access.tables import issue, place, site
from data_access.village_counts import end_of

COLUMNS: Final = ("case_no", "place", "village", "category", "channel", "campaign", "reported_at", "due_at",
                  "days_overdue", "site")  # fmt: skip
SOON: Final = 7
"""Days ahead within which a deadline counts as near."""
_FIRST, _LAST = 0, 999912


@dataclass(frozen=True)
class OpenTotals:
    """Open issues by their deadline as of a day; the four parts add up to ``total``.

    overdue      the deadline lies on that day or before, as in the counts of issues past their deadline
    soon         it lies within the seven days after
    later        it lies further ahead
    no_deadline  there is none on record
    """

    overdue: int
    soon: int
    later: int
    no_deadline: int

    @property
    def total(self) -> int:
        """All open issues."""
        return self.overdue + self.soon + self.later + self.no_deadline


def read_open_issues(
    engine: Engine,
    *,
    scope: Scope,
    within: str,
    first: int | None = None,
    last: int | None = None,
    as_of: dt.date,
    limit: int = 200,
) -> pd.DataFrame:
    """The issues that were open at the end of the day `as_of`: accepted, and not closed until then.

    Parameters
    ----------
    within
        A village, a township or what lies above. Issues are of villages: a scope that may not read the villages there
        may not read these.
    first, last
        Months (YYYYMM) of report, both included; None for no limit. Months after the scope's `until` are left out.
    limit
        The most rows given; :func:`count_open_issues` tells how many there are.

    Returns
    -------
    DataFrame
        case_no, place (the village's code) and village (its name, short where the register has a short one); an issue
        of a closed village is under the one that carries its history. category, channel, campaign; reported_at,
        due_at (NaT where no deadline is on record); days_overdue (days from the day of the deadline to `as_of`;
        negative where it lies ahead, NaN without one); site (name of the estate, building or firm, None for none).
        The most overdue first, those without a deadline last.

    Raises
    ------
    NotPermitted
        When the scope does not reach these villages.
    ValueError
        When `limit` is below 1.
    """
    if limit < 1:
        raise ValueError(f"At most {limit} rows were asked for; ask for 1 or more.")
    scope.check(level="village", within=within)
    with reading(engine) as connection:
        heirs = final_successors(connection)
        chosen = [*_open(as_of), *_where(connection, heirs, scope=scope, within=within, first=first, last=last)]
        statement = (
            sa.select(
                issue.c.case_no,
                issue.c.place_code,
                issue.c.category,
                issue.c.channel,
                issue.c.campaign,
                issue.c.reported_at,
                issue.c.due_at,
                site.c.name,
            )
            .outerjoin(site, site.c.code == sa.func.coalesce(issue.c.estate_code, issue.c.firm_code))
            .where(*chosen)
            .order_by(case((issue.c.due_at.is_(None), 1), else_=0), issue.c.due_at, issue.c.case_no)
            .limit(limit)
        )
        rows = connection.execute(statement).all()
        places = [heirs.get(row.place_code, row.place_code) for row in rows]
        names = _names(connection, set(places))
    count_rows_read(len(rows))
    frame = pd.DataFrame(rows, columns=["case_no", "place", "category", "channel", "campaign", "reported_at", "due_at",
                                        "site"])  # fmt: skip
    frame["place"] = places
    frame["village"] = frame["place"].map(names)
    for name in ("reported_at", "due_at"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    frame["days_overdue"] = (pd.Timestamp(as_of) - frame["due_at"].dt.normalize()).dt.days.astype("float64")
    frame["site"] = frame["site"].astype(object).where(frame["site"].notna(), None)
    return frame[list(COLUMNS)]


def count_open_issues(
    engine: Engine,
    *,
    scope: Scope,
    within: str,
    first: int | None = None,
    last: int | None = None,
    as_of: dt.date,
) -> OpenTotals:
    """How many issues :func:`read_open_issues` has without its limit, by their deadline. Raises NotPermitted."""
    scope.check(level="village", within=within)
    day, soon = end_of(as_of), end_of(as_of + dt.timedelta(days=SOON))
    parts = {
        "overdue": issue.c.due_at < day,
        "soon": and_(issue.c.due_at >= day, issue.c.due_at < soon),
        "later": issue.c.due_at >= soon,
        "no_deadline": issue.c.due_at.is_(None),
    }
    counted = [
        sa.func.coalesce(sa.func.sum(case((condition, 1), else_=0)), 0).label(name) for name, condition in parts.items()
    ]
    with reading(engine) as connection:
        heirs = final_successors(connection)
        chosen = [*_open(as_of), *_where(connection, heirs, scope=scope, within=within, first=first, last=last)]
        found = connection.execute(sa.select(*counted).where(*chosen)).one()
    return OpenTotals(*(int(count) for count in found))


def _open(as_of: dt.date) -> list[sa.ColumnElement[bool]]:
    """Accepted until the end of the day, not closed until then."""
    day = end_of(as_of)
    return [
        issue.c.superseded_by.is_(None),
        issue.c.accepted_at < day,
        sa.or_(issue.c.closed_at.is_(None), issue.c.closed_at >= day),
    ]


def _where(
    connection: Connection, heirs: dict[str, str], *, scope: Scope, within: str, first: int | None, last: int | None
) -> list[sa.ColumnElement[bool]]:
    """Of the villages below `within`, and of the closed ones whose history they carry; of the months that may be
    read."""
    known = place.c.code.in_(list(heirs.values()))
    carriers = set(
        connection.scalars(sa.select(place.c.code).where(known, is_below(place.c.code, level="village", within=within)))
    )
    joined = [code for code, heir in heirs.items() if heir in carriers]
    left = [code for code, heir in heirs.items() if heir not in carriers]
    below = and_(is_below(issue.c.place_code, level="village", within=within), issue.c.place_code.not_in(left))
    months: Any = issue.c.month.between(_FIRST if first is None else first, scope.last_month(last or _LAST))
    return [sa.or_(below, issue.c.place_code.in_(joined)), months]


def _names(connection: Connection, codes: set[str]) -> dict[str, str]:
    named = sa.select(place.c.code, sa.func.coalesce(place.c.short_name, place.c.name)).where(place.c.code.in_(codes))
    return {code: name for code, name in connection.execute(named)}
