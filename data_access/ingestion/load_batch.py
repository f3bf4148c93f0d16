"""One file in, as one transaction: events, counts, rejected rows, batch, data version and audit record together."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access import rollups
from data_access.audit_log import record
from data_access.bulk import insert_rows
from data_access.engine import writing
from data_access.errors import UserError
from data_access.ingestion.event_rows import Written
from data_access.ingestion.fact_rows import write_issues, write_measurements
from data_access.ingestion.file_reader import file_hash, read_rows
from data_access.ingestion.inspection_rows import write_inspections
from data_access.ingestion.place_rows import write_places
from data_access.ingestion.register_rows import write_estates, write_firms
from data_access.ingestion.row_checks import CheckedRows, Problem, check_columns
from data_access.ingestion.source_form import source_form
from data_access.releases import DataVersion, current_version, next_version
from data_access.settings import read_settings
from data_access.tables import batch, rejected_row


class Writer(Protocol):
    """Writes the checked rows of one source inside the loading transaction."""

    def __call__(self, connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written: ...


_WRITERS: dict[str, Writer] = {
    "places": write_places,
    "estates": write_estates,
    "firms": write_firms,
    "issues": write_issues,
    "inspections": write_inspections,
    "measurements": write_measurements,
}
STAGES = ("read", "check", "write", "count", "commit")


@dataclass(frozen=True)
class LoadSummary:
    """What one load did. `already_loaded` means the same file was known and nothing was changed."""

    source: str
    file_name: str
    already_loaded: bool
    batch_id: int
    rows_read: int
    rows_new: int
    rows_changed: int
    rows_unchanged: int
    problems: tuple[Problem, ...]
    ignored_columns: tuple[str, ...]
    unused_sheets: tuple[str, ...]
    version: DataVersion | None

    def reasons(self) -> list[tuple[str, int]]:
        """How many rows were set aside for each reason, most frequent first."""
        return Counter(problem.reason for problem in self.problems).most_common()


def load_file(
    engine: Engine,
    *,
    source: str,
    path: Path,
    loaded_by: str,
    demonstration: bool = False,
    progress: Callable[[str], None] = lambda stage: None,
) -> LoadSummary:
    """Load one file of `source`.

    Everything happens in one transaction: killed anywhere, nothing of it is there. Rows that cannot be taken are kept
    with their number and reason. A file whose bytes were loaded before changes nothing of what was loaded; only rows
    that were set aside then and can be taken now are added.

    Raises
    ------
    UserError
        When the file as a whole cannot be taken; the database is unchanged.
    """
    form = source_form(source)
    name = os.fsencode(path.name).decode("utf-8", "replace")
    progress("read")
    rows = read_rows(path, form, max_megabytes=read_settings().max_file_megabytes)
    digest = file_hash(path)
    progress("check")
    checked = check_columns(rows.frame, form, rows.headings)
    try:
        with writing(engine) as connection:
            known = connection.execute(
                sa.select(sa.func.max(batch.c.id)).where(batch.c.source == source, batch.c.file_hash == digest)
            ).scalar()
            if known is not None:
                _keep_rows_set_aside(connection, checked, source=source, digest=digest)
                if checked.frame.empty:
                    raise _KnownFile(known)
            progress("write")
            batch_id = _open_batch(connection, source, name, digest, loaded_by, demonstration)
            written = _WRITERS[source](connection, checked, batch_id=batch_id)
            if written.new + written.changed + written.unchanged == 0:
                if known is not None:
                    raise _KnownFile(known)
                raise _nothing_usable(path, checked.problems)
            if known is not None and (written.new == 0 or written.changed):
                raise _KnownFile(known)
            progress("count")
            version = _count(connection, written, batch_id=batch_id, demonstration=demonstration)
            problems = sorted(checked.problems, key=lambda problem: (problem.sheet, problem.row))
            _keep_rejected(connection, problems, batch_id)
            read = written.new + written.changed + written.unchanged + len(problems)
            connection.execute(
                batch.update()
                .where(batch.c.id == batch_id)
                .values(
                    rows_read=read,
                    rows_new=written.new,
                    rows_changed=written.changed,
                    rows_unchanged=written.unchanged,
                    rows_rejected=len(problems),
                    first_month=written.first_month,
                    last_month=written.last_month,
                )
            )
            record(connection, who=loaded_by, action="load", subject=f"{source} {name} batch {batch_id}")
            progress("commit")
    except _KnownFile as known_file:
        return LoadSummary(
            source, name, True, known_file.batch_id, 0, 0, 0, 0, (), rows.ignored, rows.unused_sheets, None
        )
    return LoadSummary(
        source, name, False, batch_id, read, written.new, written.changed, written.unchanged,
        tuple(problems), rows.ignored, rows.unused_sheets, version,
    )  # fmt: skip


class _KnownFile(Exception):
    """The file was loaded before and has nothing to add: the transaction is undone."""

    def __init__(self, batch_id: int) -> None:
        super().__init__(batch_id)
        self.batch_id = batch_id


def _keep_rows_set_aside(connection: Connection, checked: CheckedRows, *, source: str, digest: str) -> None:
    """Of a known file only the rows that were set aside are looked at again: their register may have come since.

    What was loaded from it stays as it is, whatever other files have corrected; a row that its own file repeats stays
    set aside.
    """
    statement = (
        sa.select(rejected_row.c.sheet, rejected_row.c.row_number)
        .join(batch, batch.c.id == rejected_row.c.batch_id)
        .where(batch.c.source == source, batch.c.file_hash == digest, rejected_row.c.reason != "duplicate")
    )
    aside = {(sheet or "", number) for sheet, number in connection.execute(statement)}
    frame = checked.frame
    again = [(sheet[:120], row) in aside for sheet, row in zip(frame["_sheet"], frame["_row"], strict=True)]
    checked.frame = frame.loc[pd.Series(again, frame.index, dtype=bool)]


def _open_batch(
    connection: Connection, source: str, name: str, digest: str, loaded_by: str, demonstration: bool
) -> int:
    counts = dict.fromkeys(("rows_read", "rows_new", "rows_changed", "rows_unchanged", "rows_rejected"), 0)
    values = {
        "source": source,
        "file_name": name,
        "file_hash": digest,
        "loaded_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "loaded_by": loaded_by,
        "demonstration": demonstration,
    }
    inserted = connection.execute(batch.insert().values(**values, **counts))
    return int(inserted.inserted_primary_key[0])


def _count(connection: Connection, written: Written, *, batch_id: int, demonstration: bool) -> DataVersion:
    before = current_version(connection)
    version = next_version(connection, batch_id=batch_id, demonstration=demonstration)
    cells = {source: set(touched) for source, touched in written.cells.items()}
    if before and before.as_of and version.as_of and version.as_of != before.as_of:
        earlier, later = sorted((before.as_of, version.as_of))
        due = rollups.cells_falling_due(connection, after=earlier, until=later)
        cells["issues"] = cells.get("issues", set()) | due
    as_of = version.as_of or dt.date.today()
    for source, touched in cells.items():
        rollups.recount(connection, source, touched, as_of=as_of, indicators=written.indicators)
    return version


def _keep_rejected(connection: Connection, problems: Sequence[Problem], batch_id: int) -> None:
    names = ["batch_id", "sheet", "row_number", "column_name", "found", "reason", "sentence_zh", "sentence_en"]
    rows = [
        (batch_id, one.sheet[:120] or None, one.row, one.column, one.found, one.reason, one.zh[:400], one.en[:400])
        for one in problems
    ]
    if rows:
        insert_rows(connection, rejected_row, names, rows)


def _nothing_usable(path: Path, problems: Sequence[Problem]) -> UserError:
    first = problems[0]
    where_zh = f"工作表“{first.sheet}”第 {first.row} 行" if first.sheet else f"第 {first.row} 行"
    where_en = f"sheet '{first.sheet}', row {first.row}" if first.sheet else f"row {first.row}"
    return UserError(
        zh=f"“{path.name}”的 {len(problems)} 行都不能载入，未作任何改动。例如{where_zh}：{first.zh}",
        en=f"None of the {len(problems)} rows of '{path.name}' can be taken; nothing was changed. For example "
        f"{where_en}: {first.en}",
    )
