"""The demonstration district written once in full, and read by the slow reader."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from data_access.demo_data import DemoFile, generate
from tests.demo_data.reading import Row, SheetText, newest_cases, read_csv, read_workbook


@dataclass
class Written:
    """All written files, and their rows by source as they stand in the files."""

    files: list[DemoFile]
    places: dict[str, Row]
    estates: dict[str, Row]
    firms: dict[str, Row]
    issue_files: list[list[Row]]
    issues: list[Row]
    inspections: list[SheetText]
    measurements: dict[str, list[SheetText]]

    def site_village(self, visit: Row) -> str | None:
        """Code of the village a visited site lies in; None for a site on no register."""
        if visit["对象类别"] == "村社卡口":
            return str(visit["对象编号"])
        site = self.estates.get(visit["对象编号"]) or self.firms.get(visit["对象编号"])
        return None if site is None else str(site["村社代码"])

    def first_visits(self) -> list[Row]:
        """Visits that are no rechecks, on days and sites that exist."""
        return [
            visit
            for sheet in self.inspections
            for visit in sheet.rows
            if visit["是否复查"] == "否" and visit["检查日期"][5:7] != "13" and self.site_village(visit) is not None
        ]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The full district (scale 1). Read only."""
    files = generate(tmp_path_factory.mktemp("district"))
    paths: dict[str, list[Path]] = defaultdict(list)
    for file in files:
        paths[file.source].append(file.path)
    issue_files = [read_csv(path, "gb18030") for path in paths["issues"]]
    return Written(
        files=files,
        places={row["区划代码"]: row for row in read_csv(paths["places"][0], "utf-8-sig")},
        estates={row["小区编号"]: row for row in read_workbook(paths["estates"][0])[0].rows},
        firms={row["企业编号"]: row for row in read_csv(paths["firms"][0], "utf-8-sig")},
        issue_files=issue_files,
        issues=newest_cases(issue_files),
        inspections=[sheet for path in paths["inspections"] for sheet in read_workbook(path)],
        measurements={path.stem: read_workbook(path) for path in paths["measurements"]},
    )
