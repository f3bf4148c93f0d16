"""The workbooks of the departments: counts for places and months, with late months and stale checks as in life."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from data_access.demo_data.measurement_plan import DEPARTMENTS, MEASURES, WRITTEN_MONTHS, Measure
from data_access.demo_data.merged_village import MERGED_CODE, MERGED_ON, PREDECESSORS, halves
from data_access.demo_data.places import District
from data_access.demo_data.rates import MONTHS
from data_access.demo_data.registers import Registers
from data_access.demo_data.report_days import report_days
from data_access.demo_data.workbook import Sheet, write_workbook

MEASUREMENT_COLUMNS = (
    "指标代码", "指标名称", "单位代码", "单位名称", "月份", "分类", "分子", "分母", "核查日期",
    "报送日期",
)  # fmt: skip
LATE = 8  # (department, township) pairs with one or two months never sent
STALE_TOWNSHIPS = 4  # townships whose readiness was last checked more than a year ago
_FUND_UNIT = 10_000  # yuan: the fund is reported in yuan, its denominators are drawn in ten thousands

Row = list[str | int | float | None]


def write_measurements(seed: int, district: District, registers: Registers, folder: Path) -> list[Path]:
    """Write one workbook a department (one sheet a year) and return the paths; not affected by the scale."""
    missing = _never_sent(np.random.default_rng([seed, 60]), len(district.townships))
    sent = report_days(np.random.default_rng([seed, 62]), len(district.townships))
    paths = []
    for d, department in enumerate(DEPARTMENTS):
        by_year: dict[int, list[Row]] = {2020: [], 2021: [], 2022: []}
        measures = [(m, measure) for m, measure in enumerate(MEASURES) if measure.department == department]
        for m, measure in measures:
            rng = np.random.default_rng([seed, 61, m])
            for month, township, row in _rows(rng, measure, district, registers):
                if (d, township, month) not in missing:
                    by_year[2020 + month // 12].append([*row, str(sent[d, township, month])])
        if department == "经信局":
            by_year[2021].extend(_refused(by_year[2021][0]))
        sheets = [
            Sheet(f"{year}年", f"「演示数据」{department}监测数据（{year}年，虚构）", MEASUREMENT_COLUMNS, rows)
            for year, rows in by_year.items()
        ]
        paths.append(write_workbook(folder / f"演示数据_监测_{department}.xlsx", sheets))
    return paths


def _never_sent(rng: np.random.Generator, townships: int) -> set[tuple[int, int, int]]:
    """(department, township, month number) that are missing: one or two reports in a row of some townships."""
    missing = set()
    for _ in range(LATE):
        department, township = int(rng.integers(len(DEPARTMENTS))), int(rng.integers(townships))
        last = int(rng.integers(3, 13)) * 3 - 1
        for month in range(last, last - int(rng.choice([1, 2, 4])), -1):
            missing.add((department, township, month))
    return missing


def _rows(
    rng: np.random.Generator, measure: Measure, district: District, registers: Registers
) -> Iterator[tuple[int, int, Row]]:
    """(month number, township row, the row) of one indicator, by month and place."""
    towns, villages = district.townships, district.villages
    if measure.level == "village":
        codes, names = villages["code"].tolist(), villages["short_name"].tolist()
        township = villages["township"].to_numpy()
        settled = villages["settled"].to_numpy().astype("datetime64[M]")
        rural = (villages["urban"] == 0).to_numpy()
    else:
        codes, names = towns["code"].tolist(), towns["name"].tolist()
        township = np.arange(len(towns))
        settled = np.full(len(towns), np.datetime64("2000-01"))
        rural = np.zeros(len(towns), dtype=bool)
    sizes = _sizes(measure, district, registers)
    stale = np.isin(township, rng.permutation(len(towns))[:STALE_TOWNSHIPS])
    lasting = rng.normal(0, measure.township_sd, len(towns))[township] + rng.normal(0, measure.village_sd, len(codes))
    lasting += measure.rural_shift * rural
    # A lasting fraction per place decides how its counts are rounded, so that they do not flicker between reports.
    rounding = rng.random(len(codes))
    for number in range(measure.every - 1, MONTHS, measure.every):
        month = np.datetime64("2020-01") + number
        text = str(month)
        if measure.department in WRITTEN_MONTHS:
            text = f"{text[:4]}年{int(text[5:])}月"
        checked = _check_days(rng, month=month, stale=stale)
        for part, shift in (measure.parts or {"": 0.0}).items():
            rate = measure.level_now + measure.drift * number / (MONTHS - 1) + shift + lasting
            rate = rate + rng.normal(0, 1, len(codes)) * measure.noise
            whole = np.round(sizes * (rng.uniform(0.85, 1.15, len(codes)) if measure.every == 1 else 1.0))
            whole = np.maximum(whole, 1).astype(int)
            rate = np.clip(rate, 0.0, 1.0) if measure.proportion else np.maximum(rate, 0.0)
            counted = np.floor(rate * whole + rounding).astype(int)
            if measure.code == "caseload_per_grid_worker":
                counted = rng.poisson(rate * whole)
            if measure.proportion:
                counted = np.minimum(counted, whole)
            if measure.code == "fund_paid":
                counted, whole = counted * _FUND_UNIT, whole * _FUND_UNIT
            for i, code in enumerate(codes):
                if settled[i] > month:
                    continue
                who = [(code, names[i], int(counted[i]), int(whole[i]))]
                if code == MERGED_CODE and month < np.datetime64(MERGED_ON, "M"):
                    pairs = halves(int(counted[i]), int(whole[i]))
                    who = [(PREDECESSORS[one][0], PREDECESSORS[one][2], *pair) for one, *pair in pairs]
                for place_code, name, some, base in who:
                    row: Row = [measure.code, measure.name, place_code, name, text, part, some, base,
                                checked[i] if measure.verified else None]  # fmt: skip
                    yield number, int(township[i]), row


def _check_days(rng: np.random.Generator, *, month: np.datetime64, stale: np.ndarray) -> list[str]:
    """The day each place was last checked: within the last ten weeks, or before 2019's end where it is stale."""
    end = (month + 1).astype("datetime64[D]") - 1
    days = end - rng.integers(0, 70, len(stale))
    old = np.datetime64("2019-12-15") - rng.integers(0, 150, len(stale))
    # A stale place was checked once more in spring 2021, and not since.
    again = np.datetime64("2021-04-20") + rng.integers(0, 30, len(stale))
    old = np.where(again <= end, again, old)
    return np.where(stale, np.minimum(old, end), days).astype("datetime64[D]").astype(str).tolist()


def _sizes(measure: Measure, district: District, registers: Registers) -> np.ndarray:
    """The denominator each place starts from (float, before rounding)."""
    villages = district.villages
    people = villages["residents"].to_numpy().astype(float)
    homes = villages["households"].to_numpy().astype(float)
    if measure.base == "posts":
        return 5 + people / 1100
    if measure.base == "grid_workers":
        return 1 + homes * 0.0034
    if measure.level == "village":
        bases = {"residents": people, "households": homes, "fixed": np.ones(len(people))}
        return bases[measure.base] * measure.per_base
    towns = len(district.townships)
    township = villages["township"].to_numpy()
    bases = {
        "residents": np.bincount(township, weights=people, minlength=towns),
        "households": np.bincount(township, weights=homes, minlength=towns),
        "units": np.bincount(township, minlength=towns).astype(float),
        "firms": np.bincount(registers.firms["township"], minlength=towns).astype(float),
        "fixed": np.ones(towns),
    }
    return bases[measure.base] * measure.per_base


def _refused(row: Row) -> list[Row]:
    """Three rows nobody can take: more than the whole, a word for a number, an indicator nobody knows."""
    too_many, no_number, unknown = list(row), list(row), list(row)
    # A month in which nobody else reports it, so that no true row is replaced.
    too_many[4] = no_number[4] = unknown[4] = "2021年5月"
    too_many[-1] = no_number[-1] = unknown[-1] = "2021-06-10"
    too_many[6] = int(str(too_many[7])) + 5
    no_number[6] = "待报"
    unknown[0], unknown[1] = "building_firms_seen", "楼宇企业走访率"
    return [too_many, no_number, unknown]
