"""Who did what, when and from where: written in the transaction of the deed itself, never changed afterwards."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.engine import count_rows_read, reading
from data_access.tables import audit_event

_COLUMNS = ("at", "who", "action", "subject", "origin")


def record(connection: Connection, *, who: str, action: str, subject: str, origin: str = "") -> None:
    """Note one deed; `subject` names files, batches and months, never people's data; `origin` the machine it was done
    from, empty when unknown."""
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    values = {"at": at, "who": who[:120], "action": action, "subject": subject[:255], "origin": origin[:120] or None}
    connection.execute(audit_event.insert().values(**values))


def read_audit(engine: Engine, *, limit: int = 200, actions: tuple[str, ...] = ()) -> pd.DataFrame:
    """The newest deeds, newest first: at (UTC, without zone), who, action, subject, origin (None: unknown).

    `actions` keeps those only; empty for all. For data stewards.
    """
    statement = sa.select(*(audit_event.c[name] for name in _COLUMNS)).order_by(audit_event.c.id.desc()).limit(limit)
    if actions:
        statement = statement.where(audit_event.c.action.in_(actions))
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    count_rows_read(len(rows))
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    frame["origin"] = frame["origin"].astype(object).where(frame["origin"].notna(), None)
    return frame
