"""Measurements as a table to read and as files to compare later."""

import datetime as dt
import json
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path

from bench.pages import Measure

RESULTS = Path(__file__).resolve().parent / "results"
HEADINGS = ("page", "step", "times", "CPU ms", "seconds", "KB", "rows", "elements")


def table(measures: Sequence[Measure]) -> str:
    """A Markdown table, columns lined up."""
    rows = [HEADINGS, *(tuple(_shown(cell) for cell in astuple(measure)[:-1]) for measure in measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def write(measures: Sequence[Measure], *, database: str) -> Path:
    """Write ``results/<time>.json`` (kept out of git) and ``results/summary.md`` (kept in it); the JSON's path."""
    now = dt.datetime.now().astimezone()
    machine = {"processor": platform.machine(), "python": platform.python_version(), "system": platform.system()}
    facts = {"at": now.isoformat(timespec="seconds"), "commit": _commit(), "database": database, "machine": machine}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d-%H%M%S}.json"
    path.write_text(
        json.dumps({**facts, "measures": [asdict(measure) for measure in measures]}, ensure_ascii=False, indent=1)
        + "\n",
        encoding="utf-8",
    )
    summary = (
        "# Pages measured\n\n"
        f"{now:%Y-%m-%d}, commit {facts['commit']}, {database}, Python {machine['python']} on {machine['processor']}.\n"
        "One server process; written by `make bench`. CPU and bytes compare between machines of one kind,\n"
        "seconds only on a quiet one.\n\n"
        f"{table(measures)}\n"
    )
    (RESULTS / "summary.md").write_text(summary, encoding="utf-8")
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
