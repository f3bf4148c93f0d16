"""The files a large load is measured with, and the table of what was measured."""

import csv
from pathlib import Path

import pytest

from bench import report
from bench.intake import Load, write_issue_files


@pytest.mark.slow
def test_the_files_hold_as_many_cases_as_asked_for_and_those_of_the_second_are_others(tmp_path: Path) -> None:
    paths = write_issue_files(tmp_path, rows=700)
    numbers = {}
    for name, path in paths.items():
        with path.open(encoding="utf-8-sig", newline="") as file:
            numbers[name] = [row["工单编号"] for row in csv.DictReader(file)]
    assert [len(set(found)) for found in numbers.values()] == [700] * 4
    assert numbers["first"] == numbers["first again"] == numbers["first renamed"]
    assert not set(numbers["first"]) & set(numbers["second"])
    assert paths["first"].read_bytes() == paths["first renamed"].read_bytes() != paths["first again"].read_bytes()


def test_loads_are_written_as_json_and_as_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    load = Load("sqlite", "into registers alone", 1_000_000, 50_000, 20.0, 19.5, 12.0, 1.5, 6.0, 0.5, 380, 480, 3)
    path = report.write_intake([load])
    assert path.name.endswith("-intake.json") and '"rows_a_second": 50000' in path.read_text()
    last = (tmp_path / "intake.md").read_text().splitlines()[-1]
    assert [cell.strip() for cell in last.strip("|").split("|")] == [
        *(
            "sqlite",
            "into registers alone",
            "1,000,000",
            "50,000",
            "20.0",
            "19.5",
            "12.0",
            "1.5",
            "6.0",
            "0.5",
            "380",
            "480",
            "3",
        )
    ]
