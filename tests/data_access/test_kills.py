"""A loader or a withdrawal killed at any moment: nothing of it is there, no lock is left, nothing counts twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import URL
from sqlalchemy.engine import Engine

from data_access.engine import create_engine, reading
from data_access.tables import batch, data_version, issue, issue_monthly, row_sighting
from data_access.withdrawals import withdraw_batch
from tests.data_access.intake_model import MANY, counts, prepared_registers
from tests.data_access.small_district import agree, issue_row, load, open_case, write_issues

PROJECT = Path(__file__).resolve().parents[2]
SECONDS_TO_BE_FREE = (
    20  # the server looks every two seconds whether a client is still there; the rest is a busy machine
)
SEEDS = [("sqlite", seed) for seed in range(12 * MANY)] + [("postgresql", seed) for seed in range(6 * MANY)]
VILLAGES = (
    ("中河街道", "城兴社区", "330212005001"), ("中河街道", "东裕社区", "330212005002"),
    ("姜山镇", "翻石渡村", "330212110001"), ("姜山镇", "茅山村", "330212110004"),
)  # fmt: skip

# One process that has everything imported makes a child for each kill: a kill then falls into the work, not into the
# start. It says READY before each deed and the stage of a load as it goes.
NURSERY = """
import os, sys
from pathlib import Path
from data_access.engine import create_engine
from data_access.ingestion import load_batch
from data_access.ingestion.load_batch import load_file
from data_access.withdrawals import withdraw_batch
load_batch._USUAL_PIECE = 100
def say(word):  # in one piece, however the process dies
    os.write(1, f"{word}\\n".encode())
def work(deed, url, what):
    engine = create_engine(url)
    if deed == "load":
        load_file(engine, source="issues", path=Path(what), loaded_by="x",
                  progress=lambda step: say(step.stage))
    else:
        withdraw_batch(engine, int(what), by="x", because="误传")
    say("done")
for line in sys.stdin:
    deed, url, what = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if child == 0:
        say(f"READY {os.getpid()}")
        work(deed, url, what)
        os._exit(0)
    os.waitpid(child, 0)
    say("ENDED")
"""


class Nursery:
    """Starts loaders and withdrawals in processes of their own and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def begin(self, deed: str, url: str, what: object) -> int:
        """Start one; its process number."""
        self._say(f"{deed}\t{url}\t{what}\n")
        return int(self._line().removeprefix("READY "))

    def ended(self) -> list[str]:
        """Wait for the end of the one that was started; what it said."""
        said = []
        while (line := self._line()) != "ENDED":
            said.append(line)
        return said

    def killed_after(self, seconds: float, deed: str, url: str, what: object, *, stage: str = "") -> list[str]:
        """Start one and kill it so many seconds later, or so many after it said `stage`; what it said until then,
        "done" last if it was too quick."""
        timer = threading.Timer(seconds, _kill, [self.begin(deed, url, what)])
        if not stage:
            timer.start()
        said: list[str] = []
        while (line := self._line()) != "ENDED":
            if line == stage and stage not in said:
                timer.start()
            said.append(line)
        timer.cancel()
        return said

    def seconds_of(self, deed: str, url: str, what: object) -> float:
        """Let one come to its end; how long it took."""
        began = time.monotonic()
        self.begin(deed, url, what)
        assert "done" in self.ended()
        return time.monotonic() - began

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery ended"
        return line.rstrip("\n")


def _kill(child: int) -> None:
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return  # it had ended by itself


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery, ended with the block."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        cwd=PROJECT,
    ) as process:  # fmt: skip
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


class District:
    """Databases with a first file of 60 cases, one that repeats some, and a second file of 600 that changes half of
    them: before it is loaded and after."""

    def __init__(self, kind: str, folder: Path, server: URL, nursery: Nursery) -> None:
        self.kind, self.folder, self.server, self.nursery = kind, folder, server, nursery
        first = [issue_row(number) for number in range(60)]
        second = [open_case(number, 所属镇街=township, 所属村社=village, 村社代码=code)
                  for number in range(30, 630) for township, village, code in [VILLAGES[number % 4]]]  # fmt: skip
        self.first = write_issues(folder / "first.csv", first)
        self.again = write_issues(folder / "again.csv", first[20:40])
        self.second = write_issues(folder / "second.csv", second + second[:5])
        self.seconds = {"load": 0.0, "withdraw": 0.0}

    @contextmanager
    def prepared(self) -> Iterator[District]:
        """Make both databases and see how long a load and a withdrawal take."""

        def load_first(engine: Engine) -> None:
            load(engine, "issues", self.first)
            load(engine, "issues", self.again)

        def load_both(engine: Engine) -> None:
            load_first(engine)
            load(engine, "issues", self.second)

        folders = {name: self.folder / name for name in ("before", "after")}
        for one in folders.values():
            one.mkdir()
        with (
            prepared_registers(self.kind, folders["before"], self.server, load_first) as self._before,
            prepared_registers(self.kind, folders["after"], self.server, load_both) as self._after,
        ):
            with self.copy(loaded=False) as (url, engine):
                self.before = counts(engine)
                self.seconds["load"] = self.nursery.seconds_of("load", url, self.second)
                self.after = counts(engine)
                self.seconds["withdraw"] = self.nursery.seconds_of("withdraw", url, newest_batch(engine))
                assert counts(engine) == self.before != self.after
            yield self

    @contextmanager
    def copy(self, *, loaded: bool) -> Iterator[tuple[str, Engine]]:
        """A fresh database with the first files, and the second when `loaded`."""
        with (self._after if loaded else self._before).url() as url:
            engine = create_engine(url)
            try:
                yield url, engine
            finally:
                engine.dispose()


@pytest.fixture(scope="module")
def nursed() -> Iterator[Nursery]:
    with nursery() as made:
        yield made


@pytest.fixture(scope="module")
def districts(
    tmp_path_factory: pytest.TempPathFactory, nursed: Nursery, postgres_server: URL
) -> Iterator[dict[str, District]]:
    folders = {kind: tmp_path_factory.mktemp(kind) for kind in ("sqlite", "postgresql")}
    made = {kind: District(kind, folder, postgres_server, nursed) for kind, folder in folders.items()}
    with made["sqlite"].prepared(), made["postgresql"].prepared():
        yield made


def newest_batch(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.max(batch.c.id))).scalar_one()


def traces(engine: Engine, number: int) -> list[int]:
    """Rows of each table that name this batch."""
    with reading(engine) as connection:
        return [
            connection.execute(sa.select(sa.func.count()).select_from(table).where(condition)).scalar_one()
            for table, condition in (
                (batch, batch.c.id == number),
                (issue, sa.or_(issue.c.batch_id == number, issue.c.superseded_by == number)),
                (row_sighting, row_sighting.c.batch_id == number),
                (data_version, data_version.c.batch_id == number),
            )
        ]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "seed"), SEEDS)
def test_a_loader_killed_at_any_moment_leaves_nothing_and_the_next_one_begins_at_once(
    districts: dict[str, District], kind: str, seed: int
) -> None:
    district = districts[kind]
    with district.copy(loaded=False) as (url, engine):
        newest = newest_batch(engine)
        stage = ("", "rows", "count", "commit")[seed % 4]
        moment = random.Random(seed).uniform(0, 0.1 if stage else 1.1) * district.seconds["load"]
        said = district.nursery.killed_after(moment, "load", url, district.second, stage=stage)
        came_through = counts(engine) == district.after
        assert came_through or counts(engine) == district.before
        assert came_through or "done" not in said
        if not came_through:
            assert traces(engine, newest + 1) == [0, 0, 0, 0]
        assert agree(engine)
        began = time.monotonic()
        again = load(engine, "issues", district.second)
        assert time.monotonic() - began < SECONDS_TO_BE_FREE + 3 * district.seconds["load"], "no lock is left"
        assert again.already_loaded == came_through
        assert counts(engine) == district.after


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "seed"), SEEDS[::3])
def test_a_withdrawal_killed_at_any_moment_leaves_everything_and_the_next_one_begins_at_once(
    districts: dict[str, District], kind: str, seed: int
) -> None:
    district = districts[kind]
    with district.copy(loaded=True) as (url, engine):
        newest = newest_batch(engine)
        moment = random.Random(seed).uniform(0, 1.1) * district.seconds["withdraw"]
        said = district.nursery.killed_after(moment, "withdraw", url, newest)
        came_through = counts(engine) == district.before
        assert came_through or counts(engine) == district.after
        assert came_through or "done" not in said
        assert agree(engine)
        if not came_through:
            began = time.monotonic()
            withdraw_batch(engine, newest, by="tester", because="误传")
            assert time.monotonic() - began < SECONDS_TO_BE_FREE + 3 * district.seconds["withdraw"], "no lock is left"
        assert counts(engine) == district.before


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_readers_during_loads_and_withdrawals_see_the_old_or_the_new_state(
    districts: dict[str, District], kind: str
) -> None:
    district = districts[kind]
    with district.copy(loaded=False) as (url, engine):
        seen: list[tuple[int, int, int]] = []
        over = threading.Event()
        reported = sa.select(sa.func.sum(issue_monthly.c.reported)).where(
            issue_monthly.c.level == "district", issue_monthly.c.dimension == "all"
        )
        events = sa.select(sa.func.count()).where(issue.c.superseded_by.is_(None))
        newest = sa.select(sa.func.max(data_version.c.number))

        def read() -> None:
            while not over.is_set():
                with reading(engine) as connection:
                    seen.append(tuple(connection.execute(one).scalar_one() for one in (newest, reported, events)))
                time.sleep(0.005)

        reader = threading.Thread(target=read)
        reader.start()
        number = newest_batch(engine)
        for deed in ("load", "withdraw", "load"):
            what = district.second if deed == "load" else newest_batch(engine)
            district.nursery.begin(deed, url, what)
            assert "done" in district.nursery.ended()
        over.set()
        reader.join()
        versions = sorted({version for version, _, _ in seen})
        figures = {(counted, stored) for _, counted, stored in seen}
        assert figures <= {(60, 60), (630, 630)} and len(versions) >= 2, figures
        by_version = {version: {counted for v, counted, _ in seen if v == version} for version in versions}
        assert all(len(one) == 1 for one in by_version.values()), "a version has one state"
        assert newest_batch(engine) == number + 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_command_killed_while_it_waits_or_loads_lets_the_next_command_in(
    districts: dict[str, District], kind: str, tmp_path: Path
) -> None:
    district = districts[kind]
    with district.copy(loaded=False) as (url, engine):
        command = [sys.executable, "-m", "data_access", "load", "issues", str(district.second)]
        loaders = [
            subprocess.Popen(
                command, cwd=PROJECT, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) for _ in range(2)
        ]  # fmt: skip
        time.sleep(1.5)
        for loader in loaders:
            loader.kill()
            loader.wait()
        done = subprocess.run(command, cwd=PROJECT, env={**os.environ, "DATABASE_URL": url}, capture_output=True)
        assert done.returncode == 0, done.stderr
        assert counts(engine) == district.after and agree(engine)
