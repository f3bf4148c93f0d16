"""Notes on trends: what happened when, signed and dated; campaigns with their months among them.

A note lies on a place (the root, a township or a village), on one month or a stretch of months, and may be about one
indicator (None: all) or a campaign. It changes no figure, so it makes no data version. Withdrawing takes it off the
trends; the audit keeps who wrote and who withdrew it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.audit_log import record
from data_access.engine import count_rows_read, reading, writing
from data_access.errors import UserError
from data_access.permissions import Scope
from data_access.tables import annotation, place
from data_access.words import CAMPAIGNS
from geo.place_codes import level_of

LONGEST: Final = 120
"""Letters of a note: it has to stand on a trend."""
WRITERS: Final = ("leader", "steward", "head")
_COLUMNS: Final = ("id", "place_code", "indicator", "campaign", "month", "until_month", "text", "created_at",
                   "created_by")  # fmt: skip


class AnnotationError(UserError):
    """A note cannot be taken as it stands."""


@dataclass(frozen=True)
class Author:
    """Who writes: name as signed, role, and a head's township."""

    name: str
    role: str
    township: str | None = None

    def may_write(self, place_code: str) -> bool:
        """Leaders and stewards write on any place, heads on their own township and its villages, others nowhere."""
        if self.role not in WRITERS:
            return False
        return self.role != "head" or bool(self.township and place_code.startswith(self.township))


def read_annotations(engine: Engine, *, scope: Scope, places: tuple[str, ...] | None = None) -> pd.DataFrame:
    """The notes a viewer may read, by month and number.

    Parameters
    ----------
    places
        Codes of the places whose notes are wanted; None for all below the root.

    Returns
    -------
    DataFrame
        id, place, indicator (None: any), campaign (None: a plain note), month, until (NaN: one month), text, created_at
        (UTC, without zone), created_by. Notes on villages outside the scope and on months after the scope's last are
        left out.
    """
    statement = sa.select(*(annotation.c[name] for name in _COLUMNS)).order_by(annotation.c.month, annotation.c.id)
    if places is not None:
        statement = statement.where(annotation.c.place_code.in_(list(places)))
    if scope.until is not None:
        statement = statement.where(annotation.c.month <= scope.until)
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    count_rows_read(len(rows))
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).rename(columns={"place_code": "place", "until_month": "until"})
    readable = [scope.may_read(level=level_of(code) or "village", within=code) for code in frame["place"]]
    return frame.loc[readable].reset_index(drop=True)


def add_annotation(
    engine: Engine,
    *,
    author: Author,
    place_code: str,
    month: int,
    text: str,
    until: int | None = None,
    indicator: str | None = None,
    campaign: str | None = None,
    origin: str = "",
) -> int:
    """Write a note and give its number. Raises AnnotationError for what cannot stand: nothing is written then."""
    said = " ".join(text.split())
    if not author.may_write(place_code):
        raise AnnotationError(
            zh="您不能在这个地方写批注；镇街负责人只能写本镇街。",
            en="You may not write notes on this place; heads write on their own township only.",
        )  # fmt: skip
    if not said:
        raise AnnotationError(zh="请写明发生了什么。", en="Write what happened.")
    if len(said) > LONGEST:
        raise AnnotationError(
            zh=f"批注最多{LONGEST}字，现有{len(said)}字，请写短一些。",
            en=f"A note has at most {LONGEST} letters; this one has {len(said)}. Make it shorter.",
        )
    if until is not None and until < month:
        raise AnnotationError(
            zh="截止月份早于起始月份，请对调。",
            en="The last month lies before the first; put them in order.",
        )
    if campaign is not None and campaign not in CAMPAIGNS:
        raise AnnotationError(zh=f"没有“{campaign}”这个专项。", en=f"There is no campaign {campaign!r}.")
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with writing(engine) as connection:
        if connection.execute(sa.select(place.c.code).where(place.c.code == place_code)).first() is None:
            raise AnnotationError(zh="名录里没有这个地方。", en="This place is not on the register.")
        added = connection.execute(
            annotation.insert().values(
                place_code=place_code, indicator=indicator, campaign=campaign, month=month,
                until_month=None if until == month else until, text=said, created_at=now,
                created_by=author.name[:120],
            )
        )  # fmt: skip
        number = int(added.inserted_primary_key[0])
        record(connection, who=author.name, action="annotate", subject=f"{place_code} {month} #{number}", origin=origin)
    return number


def withdraw_annotation(engine: Engine, *, author: Author, number: int, origin: str = "") -> None:
    """Take a note off the trends. Raises AnnotationError where there is none or its place is not the author's."""
    with writing(engine) as connection:
        row = connection.execute(sa.select(annotation).where(annotation.c.id == number)).first()
        if row is None:
            raise AnnotationError(zh="这条批注已经撤下。", en="This note has been withdrawn already.")
        if not author.may_write(row.place_code):
            raise AnnotationError(zh="您不能撤下这条批注。", en="You may not withdraw this note.")
        connection.execute(annotation.delete().where(annotation.c.id == number))
        subject = f"{row.place_code} {row.month} #{number} {row.created_by}: {row.text}"
        record(connection, who=author.name, action="withdraw_annotation", subject=subject, origin=origin)
