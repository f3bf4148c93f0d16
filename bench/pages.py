"""Every page: opened for the first time, opened again, choices changed to something new and to something seen before.

Counted on the server: CPU milliseconds (the process's own clock, so a busy machine does not matter much), bytes on the
websocket, rows read from the database. Seconds are printed too, and mean something only on a quiet machine.
"""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from bench.choices import Choices
from bench.stream import Reader, Run
from scripts.running_app import RunningApp, running_app
from ui.navigation import PAGES, ROLES, PageEntry


@dataclass(frozen=True)
class Measure:
    """One kind of step on one page; medians over the steps, CPU as the mean of a block (its clock ticks in 10 ms)."""

    page: str
    step: str
    times: int
    cpu_ms: float
    seconds: float
    kilobytes: float
    rows: float
    elements: int
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """What is measured of one run."""

    run: Run
    rows: int


class Server:
    """The server under measurement: its CPU clock and the file it counts rows in."""

    def __init__(self, app: RunningApp, *, rows_file: Path) -> None:
        self.url = app.url
        self._process = psutil.Process(app.pid)
        self._rows_file = rows_file

    def cpu_ms(self) -> float:
        """CPU milliseconds the server has used so far."""
        spent = self._process.cpu_times()
        return float(spent.user + spent.system) * 1000

    def rows(self) -> int:
        """Rows it has read from the database so far."""
        if not self._rows_file.exists():
            return 0
        return sum(int(line) for line in self._rows_file.read_text().split())

    def measured(self, action: Callable[[], Run]) -> Step:
        """Do one thing and say what it sent and how many rows it read."""
        before = self.rows()
        run = action()
        return Step(run, self.rows() - before)


def measure_pages(
    *, database_url: str, changes: int, opens: int, only: str | None = None, say: Callable[[str], None] = print
) -> list[Measure]:
    """Measure every page of the menu on a server of its own; ``only`` keeps the page with that key."""
    choices = Choices(database_url)
    pages = [page for page in PAGES if only in (None, page.key) and ROLES[0] in page.roles]
    if not pages:
        raise LookupError(f"No page {only!r}; there are {', '.join(page.key for page in PAGES)}.")
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows_file = Path(folder) / "rows"
        environment = {"BENCH_ROWS_FILE": str(rows_file)}
        with running_app(database_url=database_url, environment=environment) as app:
            server = Server(app, rows_file=rows_file)
            for page in pages:
                say(f"measuring {page.key} ...")
                measures += _measure_page(server, page, choices=choices, changes=changes, opens=opens)
    return measures


def _measure_page(server: Server, page: PageEntry, *, choices: Choices, changes: int, opens: int) -> list[Measure]:
    address = page.url_path

    def opened() -> Run:
        with Reader(server.url) as reader:
            return reader.visit(address)

    measures = [
        _block(server, page=page, step="open, first", actions=[opened]),
        _block(server, page=page, step="open, again", actions=[opened] * opens),
    ]
    queries = choices.query_strings(page, at_most=changes)
    if queries == [""]:
        return measures
    with Reader(server.url) as reader:
        reader.visit(address)
        actions = [partial(reader.visit, address, query) for query in queries]
        measures.append(_block(server, page=page, step="change, new", actions=actions))
        measures.append(_block(server, page=page, step="change, seen", actions=actions))
    return measures


def _block(server: Server, *, page: PageEntry, step: str, actions: Sequence[Callable[[], Run]]) -> Measure:
    before = server.cpu_ms()
    steps = [server.measured(action) for action in actions]
    spent = server.cpu_ms() - before
    return Measure(
        page=page.key,
        step=step,
        times=len(steps),
        cpu_ms=round(spent / len(steps), 1),
        seconds=round(statistics.median(step.run.seconds for step in steps), 3),
        kilobytes=round(statistics.median(step.run.received for step in steps) / 1000, 1),
        rows=statistics.median(step.rows for step in steps),
        elements=steps[-1].run.elements,
        errors=tuple(sorted({error for step in steps for error in step.run.errors})),
    )
