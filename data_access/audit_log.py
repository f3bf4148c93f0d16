"""Who did what, when: written in the transaction of the deed itself."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.engine import Connection

from data_access.tables import audit_event


def record(connection: Connection, *, who: str, action: str, subject: str) -> None:
    """Note one deed; `subject` names files and batches, never people's data."""
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    connection.execute(audit_event.insert().values(at=at, who=who, action=action, subject=subject[:255]))
