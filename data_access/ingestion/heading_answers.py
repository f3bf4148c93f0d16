"""What stewards have said about headings, remembered for each source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.errors import UserError
from data_access.ingestion.column_mapping import normal_heading
from data_access.ingestion.source_form import source_form
from data_access.tables import heading_answer


def confirmed_headings(connection: Connection, source: str) -> dict[str, str | None]:
    """Normal heading → field for every heading of `source` that was confirmed; None for a column to leave out."""
    statement = sa.select(heading_answer.c.heading, heading_answer.c.field).where(heading_answer.c.source == source)
    return {heading: field for heading, field in connection.execute(statement)}


def keep_headings(connection: Connection, source: str, answers: Mapping[str, str | None], by: str) -> None:
    """Remember what headings of `source` mean; a new answer replaces an older one.

    `answers` is heading as it stands in the file → field, None for a column to leave out.

    Raises
    ------
    UserError
        When the form has no such field.
    """
    fields = source_form(source).fields()
    rows = {normal_heading(heading): field for heading, field in answers.items() if normal_heading(heading)}
    for heading, field in rows.items():
        if field is not None and field not in fields:
            raise UserError(
                zh=f"“{heading}”不能对应到“{field}”：该来源没有这一列；请重新选择。",
                en=f"'{heading}' cannot mean '{field}': this source has no such column; choose again.",
            )
    forget_headings(connection, source, rows)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    stored = [
        {"source": source, "heading": heading, "field": field, "confirmed_by": by, "confirmed_at": now}
        for heading, field in rows.items()
    ]
    if stored:
        connection.execute(heading_answer.insert(), stored)


def forget_headings(connection: Connection, source: str, headings: Iterable[str]) -> None:
    """Take back what was confirmed about these headings (as written or normal)."""
    for heading in headings:
        same = heading_answer.c.heading == normal_heading(heading)
        connection.execute(heading_answer.delete().where(heading_answer.c.source == source, same))
