"""The timings of the statistics: every computation runs, and the table is written."""

from pathlib import Path

import pytest

from bench import report
from bench.statistics import Timing, measure_statistics


def test_every_computation_runs_for_few_and_for_more_places() -> None:
    said: list[str] = []
    timings = measure_statistics(runs=1, say=said.append, growth=(25, 60))
    assert len(timings) == len(said) == 2 + 4 * 2 + 1
    assert {one.places for one in timings} == {25, 60}
    assert all(one.least <= one.cpu_ms <= one.most for one in timings)


def test_timings_are_written_as_json_and_as_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    path = report.write_statistics([Timing("rank sets", 1300, 1, 12.5, 11.0, 14.0, 9)])
    assert path.name.endswith("-statistics.json") and '"cpu_ms": 12.5' in path.read_text()
    last = (tmp_path / "statistics.md").read_text().splitlines()[-1]
    assert [cell.strip() for cell in last.strip("|").split("|")] == [
        "rank sets", "1,300", "1", "12.5", "11", "14", "9",
    ]  # fmt: skip
