"""One file in, as one transaction: events, counts, rejected rows, batch, data version and audit record together.

The file is read in pieces, so that memory does not grow with its length. A check ("dry run") does everything a load
does and then undoes the transaction: what it says is what a load would do.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pandas as pd
from sqlalchemy.engine import Connection, Engine

from data_access.audit_log import record
from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.headline import HeadlineChange, changes_of, figures_of
from data_access.ingestion.answers import Answers
from data_access.ingestion.batch_checks import batch_flags
from data_access.ingestion.batch_record import close_batch, known_batch, mark_resolved, open_batch, rows_set_aside
from data_access.ingestion.column_mapping import normal_heading
from data_access.ingestion.file_plan import FilePlan, plan_file
from data_access.ingestion.file_reader import TableFile, file_hash, open_table_file
from data_access.ingestion.heading_answers import confirmed_headings, keep_headings
from data_access.ingestion.inspection_rows import InspectionWriter
from data_access.ingestion.issue_rows import IssueWriter
from data_access.ingestion.load_summary import LoadSummary, Progress
from data_access.ingestion.measurement_rows import MeasurementWriter
from data_access.ingestion.place_answers import keep_place_answers
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.place_rows import PlaceWriter
from data_access.ingestion.problems import Flag, Problem
from data_access.ingestion.register_rows import SiteWriter
from data_access.ingestion.row_checks import CheckedRows, check_columns
from data_access.ingestion.row_identity import identify_with
from data_access.ingestion.source_form import SourceForm, source_form
from data_access.ingestion.touched_cells import count_touched
from data_access.ingestion.written_rows import Written
from data_access.releases import Added, DataVersion
from data_access.settings import read_settings
from data_access.submissions import record_submissions

REGISTERS = ("places", "estates", "firms")
MAX_REGISTER_ROWS = 500_000
_PIECE = {"inspections": 10_000}
_USUAL_PIECE = 50_000


class SourceWriter(Protocol):
    """Checks and writes the rows of one source inside the loading transaction, piece after piece."""

    written: Written

    def take(self, checked: CheckedRows) -> None: ...
    def finish(self) -> None: ...


class _Undo(Exception):
    """Ends the transaction without keeping anything; carries what is to be said."""

    def __init__(self, summary: LoadSummary) -> None:
        super().__init__()
        self.summary = summary


def load_file(
    engine: Engine,
    *,
    source: str,
    path: Path,
    loaded_by: str,
    origin: str = "",
    demonstration: bool = False,
    received_on: dt.date | None = None,
    answers: Answers | None = None,
    dry_run: bool = False,
    file_name: str = "",
    progress: Callable[[Progress], None] = lambda step: None,
) -> LoadSummary:
    """Load one file of `source`, or check it (`dry_run`).

    Everything happens in one transaction: killed anywhere, nothing of it is there. Rows that cannot be taken are kept
    with their number, their cells and the reason. A file whose bytes were loaded before changes nothing of what was
    loaded; only rows that were set aside then and can be taken now are added.

    Parameters
    ----------
    received_on
        The day on which the file reached the district; today unless said.
    answers
        What the steward confirmed about headings and names; kept for the next file of the source.
    file_name
        What its owner calls the file, where `path` is a copy under another name.

    Raises
    ------
    UserError
        When the file as a whole cannot be taken; the database is unchanged.
    """
    form = source_form(source)
    answers = answers or Answers()
    name = file_name or os.fsencode(path.name).decode("utf-8", "replace")
    progress(Progress("read", None, 0))
    with open_table_file(path, max_megabytes=read_settings().max_file_megabytes) as file:
        digest = file_hash(path)
        with reading(engine) as connection:
            remembered = confirmed_headings(connection, source)
        given = {normal_heading(heading): field for heading, field in answers.headings.items()}
        plan = plan_file(file, form, {**remembered, **given})
        try:
            with writing(engine) as connection:
                keep_headings(connection, source, answers.headings, loaded_by)
                keep_place_answers(connection, answers.places, loaded_by)
                known = known_batch(connection, source=source, digest=digest)
                batch_id = open_batch(
                    connection, source=source, name=name, digest=digest, by=loaded_by, demonstration=demonstration,
                    received_on=received_on or dt.date.today(),
                )  # fmt: skip
                load = _Load(connection, form, file, plan, name=name, digest=digest, batch_id=batch_id, known=known)
                summary = load.run(demonstration=demonstration, dry_run=dry_run, progress=progress)
                record(
                    connection, who=loaded_by, action="load", subject=f"{source} {name} batch {batch_id}", origin=origin
                )
                if dry_run:
                    raise _Undo(summary)
                progress(Progress("commit", 1.0, summary.rows_read))
        except _Undo as undone:
            summary = undone.summary
    return _dry(summary) if dry_run else summary


def _dry(summary: LoadSummary) -> LoadSummary:
    return LoadSummary(**{**summary.__dict__, "dry_run": True, "version": None})


class _Load:
    """One load inside its transaction."""

    def __init__(
        self, connection: Connection, form: SourceForm, file: TableFile, plan: FilePlan, *, name: str, digest: str,
        batch_id: int, known: int | None,
    ) -> None:  # fmt: skip
        self.connection, self.form, self.file, self.plan = connection, form, file, plan
        self.name, self.digest, self.batch_id = name, digest, batch_id
        self.finder = PlaceFinder(connection)
        self.writer = _writer_of(form.code, connection, self.finder, batch_id)
        self.problems: list[Problem] = []
        self.known = known
        self.again: set[tuple[str, int]] | None = None

    def run(self, *, demonstration: bool, dry_run: bool, progress: Callable[[Progress], None]) -> LoadSummary:
        """Read, check, write, count; the summary. Raises UserError, or _Undo for a file that has nothing to add."""
        source, connection, written = self.form.code, self.connection, self.writer.written
        if self.known is not None:
            self.again = rows_set_aside(connection, source=source, digest=self.digest)
        self._take_rows(progress)
        rows = written.new + written.changed + written.unchanged + written.late
        if self.known is not None and (rows == 0 or written.new == 0 or written.changed):
            raise _Undo(self._summary(already_loaded=True))
        if rows == 0 and dry_run:  # a check lists every row, also when none can be taken
            raise _Undo(self._summary(problems=self._problem_rows()))
        if rows == 0:
            raise self._nothing_usable()
        progress(Progress("checks", 1.0, rows))
        flags = batch_flags(
            connection, source=source, batch_id=self.batch_id, first_month=written.first_month,
            last_month=written.last_month,
        )  # fmt: skip
        flags += getattr(self.writer, "position_flags", list)()
        record_submissions(
            connection, source=source, batch_id=self.batch_id, received=+written.received,
            reported_on=getattr(self.writer, "reported_on", None),
        )  # fmt: skip
        problems = self._problem_rows()
        close_batch(connection, self.batch_id, written, problems, flags)
        mark_resolved(connection, source=source, batch_id=self.batch_id, digest=self.digest, again=self.again or set())
        progress(Progress("count", 1.0, rows))
        months = {month for cells in written.cells.values() for _, month in cells}
        before = figures_of(connection, months)
        version = count_touched(
            connection, written, batch_id=self.batch_id, demonstration=demonstration, added=self._added()
        )
        headline = changes_of(before, figures_of(connection, months))
        return self._summary(written=written, problems=problems, flags=flags, headline=headline, version=version)

    def _take_rows(self, progress: Callable[[Progress], None]) -> None:
        identify = identify_with(self.finder, self.form)
        rows = 0
        for chunk, headings, cell_headings in self._chunks():
            rows += len(chunk)
            if self.again is not None:
                mask = [
                    (sheet[:120], row) in self.again for sheet, row in zip(chunk["_sheet"], chunk["_row"], strict=True)
                ]
                chunk = chunk.loc[mask].reset_index(drop=True)
                if chunk.empty:
                    continue
            checked = check_columns(
                chunk, self.form, headings, cell_headings=cell_headings, identify=identify, problems=self.problems
            )
            self.writer.take(checked)
            progress(Progress("rows", self.file.position(), rows))
        if rows == 0:
            raise UserError(
                zh=f"“{self.name}”只有表头，没有数据行；请确认导出时选中了记录。",
                en=f"'{self.name}' has a heading but no rows; check that records were selected for the export.",
            )
        self.writer.finish()

    def _added(self) -> Added | None:
        """What may be known of days and months without reading all events again: nothing if rows were replaced."""
        w = self.writer.written
        repeated = any(one.reason == "duplicate" for one in self.problems)  # an earlier piece may have been undone
        if w.changed or w.late or repeated or self.form.code in REGISTERS:
            return None
        return Added(w.latest_day, w.first_month, w.last_month)

    def _chunks(self) -> Iterator[tuple[pd.DataFrame, dict[str, str], dict[str, str]]]:
        """Pieces of the file with their headings; a register comes whole, because its rows rest on each other."""
        size = _PIECE.get(self.form.code, _USUAL_PIECE)
        if self.form.code not in REGISTERS:
            for match in self.plan.matches:
                for chunk in self.file.chunks(match.sheet, match=match, rows=size):
                    yield chunk, match.headings, match.cell_headings()
            return
        pieces, rows = [], 0
        headings: dict[str, str] = {}
        for match in self.plan.matches:
            headings |= match.cell_headings()
            for chunk in self.file.chunks(match.sheet, match=match, rows=size):
                rows += len(chunk)
                if rows > MAX_REGISTER_ROWS:
                    raise UserError(
                        zh=f"“{self.name}”超过 {MAX_REGISTER_ROWS:,} 行；名录请按镇街拆分后再载入。",
                        en=f"'{self.name}' has more than {MAX_REGISTER_ROWS:,} rows; split the register by township.",
                    )
                pieces.append(chunk)
        if pieces:
            whole = pd.concat(pieces, ignore_index=True)
            texts = [name for name in whole.columns if whole[name].dtype == "str"]
            yield whole.fillna(dict.fromkeys(texts, "")), self.plan.headings, headings

    def _summary(
        self,
        *,
        already_loaded: bool = False,
        written: Written | None = None,
        problems: list[Problem] | None = None,
        flags: list[Flag] | None = None,
        headline: tuple[HeadlineChange, ...] = (),
        version: DataVersion | None = None,
    ) -> LoadSummary:
        w = written or Written()
        aside = tuple(problems or ())
        return LoadSummary(
            source=self.form.code,
            file_name=self.name,
            already_loaded=already_loaded,
            batch_id=self.known if already_loaded and self.known is not None else self.batch_id,
            rows_read=w.new + w.changed + w.unchanged + w.late + len(aside),
            rows_new=w.new,
            rows_changed=w.changed,
            rows_unchanged=w.unchanged + w.late,
            rows_late=w.late,
            totals_skipped=self.file.totals_skipped,
            problems=aside,
            flags=tuple(flags or ()),
            ignored_columns=self.plan.ignored,
            unused_sheets=self.plan.unused_sheets,
            suggestions=self.plan.suggestions,
            asks=self.finder.asks(),
            headings=self.plan.headings,
            first_month=w.first_month,
            last_month=w.last_month,
            headline=headline,
            version=version,
        )

    def _problem_rows(self) -> list[Problem]:
        """The problems in the order of the file, the first of each row."""
        return sorted({(one.sheet, one.row): one for one in reversed(self.problems)}.values(), key=_where)

    def _nothing_usable(self) -> UserError:
        first = min(self.problems, key=_where)
        where_zh = f"工作表“{first.sheet}”第 {first.row} 行" if first.sheet else f"第 {first.row} 行"
        where_en = f"sheet '{first.sheet}', row {first.row}" if first.sheet else f"row {first.row}"
        count = len({_where(one) for one in self.problems})
        return UserError(
            zh=f"“{self.name}”的 {count} 行都不能载入，未作任何改动。例如{where_zh}：{first.zh}",
            en=f"None of the {count} rows of '{self.name}' can be taken; nothing was changed. For example "
            f"{where_en}: {first.en}",
        )


def _where(problem: Problem) -> tuple[str, int]:
    return problem.sheet, problem.row


def _writer_of(source: str, connection: Connection, finder: PlaceFinder, batch_id: int) -> SourceWriter:
    if source == "places":
        return PlaceWriter(connection, batch_id=batch_id)
    if source in REGISTERS:
        return SiteWriter(connection, finder, source=source, batch_id=batch_id)
    makers = {"issues": IssueWriter, "inspections": InspectionWriter, "measurements": MeasurementWriter}
    return makers[source](connection, finder, batch_id=batch_id)
