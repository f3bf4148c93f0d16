"""The made-up district of the demonstration: real place names, invented people, issues, visits and reports.

`generate` writes it as files in the forms departments send, so that everything a reader sees has come in by the same
door as real data. The same seed gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_access.demo_data.inspections import write_inspections
from data_access.demo_data.issue_files import write_issues
from data_access.demo_data.measurements import write_measurements
from data_access.demo_data.merged_village import MERGED_CODE, MERGED_ON, closed_rows
from data_access.demo_data.places import District, build_district, write_places
from data_access.demo_data.rates import Truth, draw_truth
from data_access.demo_data.registers import Registers, build_registers, write_estates, write_firms
from data_access.demo_data.report_days import file_day
from data_access.demo_data.site_positions import with_positions

SEED = 330212


@dataclass(frozen=True)
class DemoFile:
    """One written file, the source (form) it is to be loaded as, and the day on which the district received it."""

    source: str
    path: Path
    received_on: dt.date


def build(seed: int = SEED) -> tuple[District, Registers, Truth]:
    """The district, its registers and what is true in it; the same for every scale."""
    district = build_district(np.random.default_rng([seed, 1]))
    registers = build_registers(np.random.default_rng([seed, 2]), district)
    return district, with_positions(seed, district, registers), draw_truth(np.random.default_rng([seed, 3]), district)


def generate(folder: Path, *, seed: int = SEED, scale: float = 1.0) -> list[DemoFile]:
    """Write all files into ``folder`` (made if missing) and return them in the order they are to be loaded.

    Sources in order: places, estates, firms, inspections, issues, measurements. ``scale`` multiplies the number of
    issues (100,000 at 1) and of inspection visits; places, registers and measurements stay. Memory does not grow with
    the number of months, only with what one quarter holds. Raises ValueError when ``scale`` is not above 0.
    """
    if not scale > 0:
        raise ValueError(f"scale is {scale}; it must be above 0")
    folder.mkdir(parents=True, exist_ok=True)
    district, registers, truth = build(seed)
    paths = {
        "places": [
            write_places(
                district,
                folder / "演示数据_区划名录.csv",
                begun={MERGED_CODE: MERGED_ON},
                closed=closed_rows(district),
            )
        ],
        "estates": [write_estates(district, registers, folder / "演示数据_小区楼宇名录.xlsx")],
        "firms": [write_firms(district, registers, folder / "演示数据_企业名录.csv")],
        "inspections": write_inspections(seed, district, registers, truth, folder, scale=scale),
        "issues": write_issues(seed, district, registers, truth, folder, scale=scale),
        "measurements": write_measurements(seed, district, registers, folder),
    }
    return [DemoFile(source, path, file_day(path.stem)) for source, written in paths.items() for path in written]
