"""The counts after a load or a withdrawal: the next data version, and the touched cells counted anew."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.engine import Connection

from data_access import rollups
from data_access.ingestion.written_rows import Written
from data_access.releases import Added, DataVersion, current_version, next_version
from data_access.submissions import refresh_load_indicators


def count_touched(
    connection: Connection, written: Written, *, batch_id: int | None, demonstration: bool, added: Added | None = None
) -> DataVersion:
    """Make the next data version and count the touched cells anew, and those whose deadlines passed in between."""
    before = current_version(connection)
    version = next_version(connection, batch_id=batch_id, demonstration=demonstration, added=added)
    cells = {source: set(touched) for source, touched in written.cells.items()}
    if before and before.as_of and version.as_of and version.as_of != before.as_of:
        earlier, later = sorted((before.as_of, version.as_of))
        due = rollups.cells_falling_due(connection, after=earlier, until=later)
        cells["issues"] = cells.get("issues", set()) | due
    as_of = version.as_of or dt.date.today()
    for source, touched in cells.items():
        rollups.recount(connection, source, touched, as_of=as_of, indicators=written.indicators)
    months = {month for touched in written.cells.values() for _, month in touched}
    months |= {month for _, _, month in written.received}
    refresh_load_indicators(connection, months)
    return version
