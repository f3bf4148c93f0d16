"""`python -m bench.intake_process DATABASE_URL FILE`: one load in a process of its own; what it took, as JSON."""

import json
import sys
import threading
import time
from pathlib import Path

from data_access.engine import create_engine
from data_access.ingestion.load_batch import Progress, load_file


def peak_megabytes() -> float:
    """The most memory this process has had resident so far, shared pages of the database file included.

    Linux's own figure for this program; the usual one would include what the process that started it had.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


class OwnMemory:
    """The most memory this process has had of its own, in MB, looked at twenty times a second: without the pages of
    the mapped database file, which the system takes back when it needs them. 0 where the system does not say."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._status = Path("/proc/self/status")
        if self._status.exists():
            threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            line = next(line for line in self._status.read_text().splitlines() if line.startswith("RssAnon:"))
            self.peak = max(self.peak, int(line.split()[1]) / 1024)
            time.sleep(0.05)


def main() -> None:
    """Load the file and print rows, seconds, the process's CPU seconds, seconds by stage and peak memory."""
    own = OwnMemory()
    url, file = sys.argv[1:3]
    engine = create_engine(url)
    marks: dict[str, float] = {}

    def note(step: Progress) -> None:
        marks.setdefault(step.stage, time.perf_counter())

    began, cpu = time.perf_counter(), time.process_time()
    done = load_file(engine, source="issues", path=Path(file), loaded_by="bench", progress=note)
    ended = time.perf_counter()
    cpu = time.process_time() - cpu
    # Reading, checking and writing take turns, piece by piece: they are one stage.
    starts = [("rows", began), *((name, marks[name]) for name in ("checks", "count", "commit") if name in marks)]
    ends = [start for _, start in starts[1:]] + [ended]
    stages = {name: round(end - start, 3) for (name, start), end in zip(starts, ends, strict=True)}
    print(
        json.dumps(
            {
                "rows": done.rows_read, "new": done.rows_new, "unchanged": done.rows_unchanged,
                "set_aside": len(done.problems), "known": done.already_loaded, "seconds": ended - began,
                "cpu_seconds": cpu, "stages": stages, "peak_megabytes": peak_megabytes(), "own_megabytes": own.peak,
            }
        )
    )  # fmt: skip
    engine.dispose()


if __name__ == "__main__":
    main()
