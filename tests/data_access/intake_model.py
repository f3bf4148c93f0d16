"""What the loader must come to, said once more in few lines of Python, and rows of three sources to try it with.

A file is a list of :class:`Row`. :func:`standing_facts` goes through the files that stand, in the order they came, and
says which facts are current: no table, no SQL, no history.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import URL
from sqlalchemy.engine import Engine

from data_access.engine import create_engine, reading
from data_access.ingestion import load_batch
from data_access.ingestion.source_form import dimension_words
from data_access.tables import inspection_monthly, inspection_result, issue, issue_monthly, measurement
from data_access.tables import measurement_monthly as measured
from tests.data_access.small_district import ISSUE_COLUMNS, VISIT_COLUMNS, issue_row, open_case, registers
from tests.databases import fresh_postgres_database, url_text

MANY = int(os.environ.get("INTAKE_EXAMPLES", "1"))
"""How many times as many examples and seeds as usual; for a long run by hand."""

UPDATED = "更新时间"
ITEMS = VISIT_COLUMNS[-3:]
_ISSUES = (
    {}, {"是否满意": "否"}, {"所属村社": "东裕社区", "村社代码": "330212005002", "小区编号": "X002"},
    {"所属镇街": "姜山镇", "所属村社": "茅山村", "村社代码": "330212110004", "企业编号": "Q002"},
    {"诉求时间": "2020-03-03 09:00", "受理时间": "2020-03-03 10:00", "首次答复时间": "",
     "办结时间": "2020-03-05 10:00"},
)  # fmt: skip
_VISITS = (
    ("Q001", "2020-02-05", "否", ("合格", "不合格", "合格")), ("Q001", "2020-02-05", "否", ("合格", "", "合格")),
    ("Q001", "2020-02-05", "否", ("", "合格", "")), ("Q002", "2020-03-06", "是", ("不合格", "不合格", "")),
    ("X001", "2020-03-07", "否", ("", "", "合格")), ("Q003", "2020-03-06", "否", ("不合格", "合格", "不合格")),
)  # fmt: skip
_MEASURED = (
    ("plans_current", "330212005", ""), ("plans_current", "330212110", ""), ("coordinators_filled", "330212110001", ""),
    ("coordinators_filled", "330212110004", ""), ("cogovernance_bodies", "330212005", "党员+志愿者"),
    ("cogovernance_bodies", "330212005", ""),
)  # fmt: skip
Fact = tuple[object, ...]


@dataclass(frozen=True)
class Row:
    """One row of a file: whose it is (1 to 6), which of five or six things it says, on which day of April 2020 it was
    last changed (None: it does not say)."""

    number: int
    said: int
    stamp: int | None = None

    @property
    def updated(self) -> str:
        """The cell 更新时间."""
        return "" if self.stamp is None else f"2020-04-{self.stamp:02d} 10:00"


@dataclass(frozen=True)
class File:
    """A file of one source; `mark` makes two files of the same rows differ in their bytes."""

    source: str
    rows: tuple[Row, ...]
    mark: int = 0

    def write(self, folder: Path) -> Path:
        """Write it as a CSV into `folder`, under a name of its own."""
        path = folder / f"{self.source}-{abs(hash(self))}.csv"
        cells = [_cells(self.source, row) for row in self.rows]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(cells[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(cells)
            file.write("\n" * self.mark)
        return path


def _cells(source: str, row: Row) -> dict[str, str]:
    if source == "issues":
        made = (open_case if row.said == 4 and row.number % 2 else issue_row)(row.number)
        changes = {name: text for name, text in _ISSUES[row.said].items() if made["办结时间"] or name != "办结时间"}
        return {name: (made | changes)[name] for name in ISSUE_COLUMNS} | {UPDATED: row.updated}
    if source == "inspections":
        site, day, recheck, results = _VISITS[row.said]
        named = (f"J{row.number:05d}", day, "企业", site, "某对象", "", "", recheck, *results)
        return dict(zip(VISIT_COLUMNS, named, strict=True)) | {UPDATED: row.updated}
    indicator, place, part = _MEASURED[row.number - 1]
    return {
        "指标代码": indicator, "单位代码": place, "月份": "2020-02", "分类": part, "分子": str(row.said + 1),
        "分母": "9", UPDATED: row.updated,
    }  # fmt: skip


def _facts(source: str, row: Row) -> dict[Fact, Fact | None]:
    """Natural key → what the row says of it; None for a result that is no longer there."""
    cells = _cells(source, row)
    if source == "issues":
        answer = {"是": True, "否": False, "": None}[cells["是否满意"]]
        return {(cells["工单编号"],): (cells["村社代码"], answer, cells["诉求时间"][:10])}
    if source == "inspections":
        words = dimension_words("item")
        key, told = cells["检查编号"], (cells["对象编号"], cells["检查日期"], cells["是否复查"] == "是")
        return {(key, words[name]): (*told, cells[name] == "合格") if cells[name] else None for name in ITEMS}
    part = cells["分类"]
    key = (cells["指标代码"], cells["单位代码"], dimension_words("body")[part] if part else "all")
    return {key: (float(cells["分子"]), 9.0)}


def standing_facts(files: Iterable[File]) -> dict[str, dict[Fact, Fact]]:
    """Source → natural key → what is current after `files`, loaded one after the other.

    In one file one row counts for each number: the one changed last, of equals or unsaid the later one. A row older
    than what is known changes nothing.
    """
    known: dict[str, dict[Fact, tuple[str, Fact | None]]] = {"issues": {}, "inspections": {}, "measurements": {}}
    for file in files:
        counting: dict[int, Row] = {}
        for row in file.rows:
            before = counting.get(row.number)
            if before is None or not _older(row.updated, before.updated):
                counting[row.number] = row
        current = known[file.source]
        for row in counting.values():
            for key, fact in _facts(file.source, row).items():
                if key in current and _older(row.updated, current[key][0]):
                    continue
                current[key] = (row.updated, fact)
    return {
        source: {key: fact for key, (_, fact) in facts.items() if fact is not None} for source, facts in known.items()
    }


def _older(one: str, other: str) -> bool:
    return bool(one and other and one < other)


def current_facts(engine: Engine) -> dict[str, dict[Fact, Fact]]:
    """What is current in the database, in the form of :func:`standing_facts`."""
    i, r, m = issue.c, inspection_result.c, measurement.c
    with reading(engine) as connection:

        def rows(*columns: sa.Column) -> list[tuple]:
            table = columns[0].table
            statement = sa.select(*columns).where(table.c.superseded_by.is_(None))
            return [tuple(row) for row in connection.execute(statement)]

        cases = rows(i.case_no, i.place_code, i.satisfied, i.reported_at)
        results = rows(r.record_no, r.item, r.site_code, r.inspected_on, r.recheck, r.passed)
        pairs = rows(m.indicator, m.place_code, m.value, m.numerator, m.denominator)
    return {
        "issues": {(key,): (place, answer, f"{at:%Y-%m-%d}") for key, place, answer, at in cases},
        "inspections": {(key, item): (site, f"{day:%Y-%m-%d}", again, passed)
                        for key, item, site, day, again, passed in results},
        "measurements": {row[:3]: row[3:] for row in pairs},
    }  # fmt: skip


def counts(engine: Engine, *, without: Sequence[str] = ()) -> dict[str, list[tuple]]:
    """The three tables of counts; `without` leaves out measured indicators."""
    found = {}
    with reading(engine) as connection:
        for table in (issue_monthly, inspection_monthly, measured):
            statement = sa.select(table)
            if table is measured:
                statement = statement.where(table.c.indicator.not_in(without))
            found[table.name] = sorted(map(tuple, connection.execute(statement)), key=repr)
    return found


@contextmanager
def pieces_of(rows: int) -> Iterator[None]:
    """Files are read in pieces of so many rows."""
    with mock.patch.multiple(load_batch, _USUAL_PIECE=rows, _PIECE={}):
        yield


class Prepared:
    """The small district's registers in a database that is copied for every example."""

    def __init__(self, kind: str, folder: Path, server: URL | None) -> None:
        self.kind, self.folder, self._server = kind, folder, server
        self._copies = 0

    def examples(self, usual: int) -> settings:
        """Bounds of a property: `usual` examples on SQLite, fewer on PostgreSQL; `INTAKE_EXAMPLES` times as many."""
        number = usual if self.kind == "sqlite" else -(-usual // 4)
        shrinking = (Phase.shrink,) if os.environ.get("INTAKE_SHRINK") else ()  # takes minutes where a load is a step
        return settings(max_examples=number * MANY, deadline=None, derandomize=True, database=None,
                        phases=(Phase.explicit, Phase.generate, *shrinking), report_multiple_bugs=False,
                        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])  # fmt: skip

    @contextmanager
    def url(self) -> Iterator[str]:
        """The address of a copy, gone afterwards."""
        if self._server is not None:
            with fresh_postgres_database(self._server.set(database="postgres"), template=self._server.database) as url:
                yield url_text(url)
            return
        self._copies += 1
        path = self.folder / f"copy{self._copies}.db"
        shutil.copy(self.folder / "prepared.db", path)
        yield f"sqlite:///{path}"
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """An engine for a copy."""
        with self.url() as url:
            engine = create_engine(url)
            try:
                yield engine
            finally:
                engine.dispose()


@contextmanager
def prepared_registers(
    kind: str, folder: Path, server: URL | None, then: Callable[[Engine], object] = lambda engine: None
) -> Iterator[Prepared]:
    """Make the registers once, and what `then` loads; `server` is a PostgreSQL server's URL, unused for SQLite."""
    if kind == "sqlite":
        engine = registers(f"sqlite:///{folder / 'prepared.db'}", folder)
        then(engine)
        engine.dispose()
        yield Prepared(kind, folder, None)
        return
    assert server is not None
    with fresh_postgres_database(server) as url:
        engine = registers(url_text(url), folder)
        then(engine)
        engine.dispose()
        yield Prepared(kind, folder, url)
