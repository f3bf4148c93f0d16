"""Measurements as a table to read and as files to compare later."""

import datetime as dt
import json
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path

from bench import intake, maps, province, statistics
from bench.intake import Load
from bench.maps import MapStep
from bench.pages import Measure
from bench.province import Figure
from bench.statistics import Timing

RESULTS = Path(__file__).resolve().parent / "results"
HEADINGS = ("page", "step", "times", "CPU ms", "seconds", "KB", "rows", "elements")


def table(measures: Sequence[Measure]) -> str:
    """A Markdown table, columns lined up."""
    return _lined_up([HEADINGS, *(tuple(_shown(cell) for cell in astuple(measure)[:-1]) for measure in measures)])


def intake_table(loads: Sequence[Load]) -> str:
    """A Markdown table of loads."""
    rows = [tuple(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in astuple(load)) for load in loads]
    return _lined_up([intake.HEADINGS, *rows])


def statistics_table(timings: Sequence[Timing]) -> str:
    """A Markdown table of the statistics' timings."""
    return _lined_up([statistics.HEADINGS, *(tuple(_shown(cell) for cell in _spaced(astuple(one))) for one in timings)])


def province_table(figures: Sequence[Figure]) -> str:
    """A Markdown table of the figures of a province."""
    return _lined_up([province.HEADINGS, *(tuple(_shown(cell) for cell in _spaced(astuple(one))) for one in figures)])


def maps_table(steps: Sequence[MapStep]) -> str:
    """A Markdown table of the maps' steps."""
    return _lined_up([maps.HEADINGS, *(tuple(_shown(cell) for cell in astuple(step)) for step in steps)])


def _spaced(cells: tuple[object, ...]) -> list[object]:
    return [f"{cell:,}" if isinstance(cell, int) else cell for cell in cells]


def _lined_up(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def write(measures: Sequence[Measure], *, database: str) -> Path:
    """Write ``results/<time>.json`` (kept out of git) and ``results/summary.md`` (kept in it); the JSON's path."""
    about = (
        "One server process; written by `make bench`. CPU and bytes compare between machines of one kind,\n"
        "seconds only on a quiet one."
    )
    return _write(
        measures, title="Pages measured", about=about, shown=table(measures), database=database, kind="", name="summary"
    )


def write_intake(loads: Sequence[Load]) -> Path:
    """Write ``results/<time>-intake.json`` and ``results/intake.md``, as :func:`write` does; the JSON's path."""
    about = (
        "Every load in a process of its own, one after the other into one database, with checks, flags and counts on;\n"
        "medians of the runs, peak memory the highest. Stages in seconds; rows: reading, checking, writing by turns.\n"
        "Memory is that of the loading process: peak as the system counts it, own without programs and the mapped\n"
        "pages of the SQLite file (up to 256 MB), which the system takes back at need. CPU seconds leave those of a\n"
        "PostgreSQL server out. Written by `make bench-intake`; seconds count on a quiet machine only."
    )
    database = " and ".join(dict.fromkeys(load.database for load in loads))
    return _write(
        loads, title="Intake measured", about=about, shown=intake_table(loads), database=database, kind="-intake",
        name="intake",
    )  # fmt: skip


def write_statistics(timings: Sequence[Timing]) -> Path:
    """Write ``results/<time>-statistics.json`` and ``results/statistics.md``, as :func:`write`; the JSON's path."""
    about = (
        "CPU milliseconds of one process on one core, nothing cached: median, least and most of the runs (three runs\n"
        "above 2,000 places). Written by `make bench-statistics`."
    )
    return _write(
        timings, title="Statistics measured", about=about, shown=statistics_table(timings), database="no database",
        kind="-statistics", name="statistics",
    )  # fmt: skip


def write_province(figures: Sequence[Figure]) -> Path:
    """Write ``results/<time>-province.json`` and ``results/province.md``, as :func:`write`; the JSON's path."""
    about = (
        "Made-up polygons, drawn by WebGL without a graphics card (SwiftShader of Chromium); with one it is faster.\n"
        "Painted means that two pictures of the map's middle, one after the other, are equal and new. Written by\n"
        "`make bench-province`; seconds count on a quiet machine only."
    )
    return _write(
        figures, title="A province measured", about=about, shown=province_table(figures), database="no database",
        kind="-province", name="province",
    )  # fmt: skip


def write_maps(steps: Sequence[MapStep], *, database: str) -> Path:
    """Write ``results/<time>-maps.json`` and ``results/maps.md``, as :func:`write`; the JSON's path."""
    about = (
        "Medians. Painted: from the start of the visit, or from the click on a filter's entry, to the frame in which\n"
        "the map has its colours. Network as transferred, the websocket apart. Written by `make bench-maps`; seconds\n"
        "count on a quiet machine only."
    )
    return _write(
        steps, title="Maps measured", about=about, shown=maps_table(steps), database=database, kind="-maps",
        name="maps",
    )  # fmt: skip


def _write(
    measures: Sequence[Measure] | Sequence[Load] | Sequence[Timing] | Sequence[Figure] | Sequence[MapStep], *,
    title: str, about: str, shown: str, database: str, kind: str, name: str,
) -> Path:  # fmt: skip
    now = dt.datetime.now().astimezone()
    machine = {"processor": platform.machine(), "python": platform.python_version(), "system": platform.system()}
    facts = {"at": now.isoformat(timespec="seconds"), "commit": _commit(), "database": database, "machine": machine}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d-%H%M%S}{kind}.json"
    path.write_text(
        json.dumps({**facts, "measures": [asdict(measure) for measure in measures]}, ensure_ascii=False, indent=1)
        + "\n",
        encoding="utf-8",
    )
    summary = (
        f"# {title}\n\n"
        f"{now:%Y-%m-%d}, commit {facts['commit']}, {database}, Python {machine['python']} on {machine['processor']}.\n"
        f"{about}\n\n{shown}\n"
    )
    (RESULTS / f"{name}.md").write_text(summary, encoding="utf-8")
    return path


def _shown(cell: object) -> str:
    return f"{cell:,.10g}" if isinstance(cell, float) else str(cell)


def _commit() -> str:
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=RESULTS.parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return asked.stdout.strip()
