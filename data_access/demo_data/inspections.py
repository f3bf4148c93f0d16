"""Inspection visits of the demonstration district: one row a visit, one column an item, rechecks of what failed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri

from data_access.demo_data.inspection_rates import ITEM_NAMES, SiteList, failure_probability, site_list
from data_access.demo_data.merged_village import NOBODY, predecessor_of_rows, written
from data_access.demo_data.places import District
from data_access.demo_data.rates import AS_OF, Truth
from data_access.demo_data.registers import Registers
from data_access.demo_data.workbook import Sheet, write_workbook

INSPECTION_COLUMNS = (
    "检查编号", "检查日期", "对象类别", "对象编号", "对象名称", "所属镇街", "所属村社", "是否复查", *ITEM_NAMES,
)  # fmt: skip
FIRST_VISITS = 34_600  # at scale 1, over 36 months
KIND_SHARE = (0.265, 0.285, 0.425, 0.025)  # village gates, estates, firms, office buildings
KIND_NAMES = ("村社卡口", "小区", "企业", "商务楼宇")
# Visits by month, relative: spring 2020 by far the most, later the winters and spring 2022.
_LEVEL = (
    0.7, 3.4, 3.2, 2.3, 1.3, 0.9, 0.8, 0.8, 0.8, 0.9, 1.0, 1.3,
    1.6, 1.2, 0.8, 0.7, 0.7, 0.7, 0.9, 1.2, 0.8, 0.7, 0.8, 1.5,
    1.2, 0.9, 1.5, 1.7, 1.0, 0.8, 0.8, 0.9, 0.8, 0.8, 0.9, 0.8,
)  # fmt: skip
_SHARED = 0.6  # how much the items of one visit stand or fall together
_NOT_LOOKED_AT = 0.015
_RECHECKED = 0.92
_PUT_RIGHT = 0.89


def write_inspections(
    seed: int, district: District, registers: Registers, truth: Truth, folder: Path, *, scale: float
) -> list[Path]:
    """Write one workbook a quarter and return the paths in order; only one quarter is in memory at a time.

    A recheck that falls into a later quarter stands in that quarter's file; one after the as-of date in none.
    """
    sites = site_list(district, registers)
    monthly = np.array(_LEVEL) / sum(_LEVEL) * FIRST_VISITS * scale
    waiting = pd.DataFrame()
    paths = []
    for quarter in range(12):
        rng = np.random.default_rng([seed, 50, quarter])
        first = _first_visits(rng, sites, district, truth, monthly=monthly, quarter=quarter)
        rechecks = _rechecks(rng, first)
        later = pd.concat([waiting, rechecks], ignore_index=True)
        end = np.datetime64("2020-01") + 3 * (quarter + 1)
        here = later["day"].to_numpy() < end.astype("datetime64[D]")
        waiting = later[~here]
        visits = pd.concat([first, later[here]], ignore_index=True).sort_values(
            ["day", "again", "site"], kind="stable", ignore_index=True
        )
        year, number = 2020 + quarter // 4, quarter % 4 + 1
        title = f"「演示数据」鄞州区防控措施检查结果（{year}年第{number}季度，虚构）"
        rows = _rows(visits, sites, district, registers, prefix=f"JC{year}Q{number}")
        if quarter % 4 == 1:
            rows.extend(_refused(rows))
        path = folder / f"演示数据_防控检查_{year}年第{number}季度.xlsx"
        paths.append(write_workbook(path, [Sheet("检查结果", title, INSPECTION_COLUMNS, rows)]))
    return paths


def _first_visits(
    rng: np.random.Generator, sites: SiteList, district: District, truth: Truth, *, monthly: np.ndarray, quarter: int
) -> pd.DataFrame:
    """Visits of one quarter: site, day, again (False), one int8 column an item.

    An item is 1 (passed), 0 (failed) or -1 (not looked at).
    """
    chosen_sites, days = [], []
    for month in range(3 * quarter, 3 * quarter + 3):
        start = (np.datetime64("2020-01") + month).astype("datetime64[D]")
        calendar = np.arange(start, (np.datetime64("2020-01") + month + 1).astype("datetime64[D]"))
        if month == 0:
            calendar = calendar[calendar >= np.datetime64("2020-01-06")]
        day_weight = np.where((calendar.astype(int) + 3) % 7 >= 5, 0.35, 1.0)
        alive = (sites.opened <= start) & (sites.ended >= calendar[-1])
        for kind, share in enumerate(KIND_SHARE):
            pool = np.flatnonzero(alive & (sites.kind == kind))
            count = round(monthly[month] * share)
            site = _spread_over(rng, pool, sites.weight[pool], count)
            chosen_sites.append(site)
            days.append(calendar[rng.choice(len(calendar), size=len(site), p=day_weight / day_weight.sum())])
    site, day = np.concatenate(chosen_sites), np.concatenate(days)
    fails = failure_probability(sites, district, truth, site=site, day=day)
    shared = rng.normal(size=(len(site), 1))
    own = rng.normal(size=fails.shape)
    failed = np.sqrt(_SHARED) * shared + np.sqrt(1 - _SHARED) * own < ndtri(np.clip(fails, 1e-6, 1 - 1e-6))
    looked = (rng.random(fails.shape) >= _NOT_LOOKED_AT) & sites.has_item[site]
    result = np.where(looked, 1 - failed.astype(int), -1).astype(np.int8)
    return pd.DataFrame(result, columns=list(ITEM_NAMES)).assign(site=site, day=day, again=False)


def _spread_over(rng: np.random.Generator, pool: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """``count`` sites of ``pool``: every site as often as its weight says, rounded up or down by lot."""
    expected = weight / weight.sum() * count
    position = np.cumsum(expected) + rng.random()
    times = np.diff(np.floor(np.concatenate([[position[0] - expected[0]], position]))).astype(int)
    return np.repeat(pool, times)


def _rechecks(rng: np.random.Generator, first: pd.DataFrame) -> pd.DataFrame:
    """The second look at the failed items of most visits, three days to four weeks later."""
    results = first[list(ITEM_NAMES)].to_numpy()
    failed = results == 0
    seen = failed.any(axis=1) & (rng.random(len(first)) < _RECHECKED)
    failed = failed[seen]
    right = rng.random(failed.shape) < _PUT_RIGHT
    frame = pd.DataFrame(np.where(failed, right.astype(int), -1).astype(np.int8), columns=list(ITEM_NAMES))
    waited = np.minimum(3 + rng.exponential(7, len(failed)), 28).astype("timedelta64[D]")
    day = first["day"].to_numpy()[seen].astype("datetime64[D]") + waited
    frame = frame.assign(site=first["site"].to_numpy()[seen], day=day, again=True)
    return frame[day <= AS_OF]


def _rows(
    visits: pd.DataFrame, sites: SiteList, district: District, registers: Registers, *, prefix: str
) -> list[list[str]]:
    """The visits as rows of text, numbered in order of the day."""
    site = visits["site"].to_numpy()
    day = visits["day"].to_numpy().astype("datetime64[D]")
    village = sites.village[site]
    towns = district.townships["name"].to_numpy(dtype=object)
    gate = sites.kind[site] == 0
    # A gate is that of one predecessor in even months and of the other in odd ones; a site lies where its row says.
    register_rows = np.concatenate(
        [np.arange(count) for count in (len(district.villages), len(registers.estates), len(registers.firms))]
    )
    turn = np.where(gate, day.astype("datetime64[M]").astype(int), register_rows[site])
    before = predecessor_of_rows(district, village=village, days=day, turn=turn)
    village_names = written(district.short_names_on(day, village), before, 2)
    names = sites.name[site]
    names[gate] = village_names[gate] + "卡口"
    columns = [
        np.array([f"{prefix}{i:06d}" for i in range(1, len(visits) + 1)], dtype=object),
        day.astype(str).astype(object),
        np.array(KIND_NAMES, dtype=object)[sites.kind[site]],
        written(sites.code[site], np.where(gate, before, NOBODY), 0),
        names,
        towns[sites.township[site]],
        village_names,
        np.where(visits["again"].to_numpy(dtype=bool), "是", "否").astype(object),
    ]
    words = np.array(["不合格", "合格", ""], dtype=object)
    columns += [words[visits[item].to_numpy()] for item in ITEM_NAMES]
    return [list(row) for row in zip(*columns, strict=True)]


def _refused(rows: list[list[str]]) -> list[list[str]]:
    """Two rows nobody can take: no such day, and a site that is on no register."""
    if len(rows) < 2:
        return []
    no_day, no_site = list(rows[0]), list(rows[1])
    no_day[0], no_site[0] = no_day[0][:6] + "900001", no_site[0][:6] + "900002"
    no_day[1] = no_day[1][:5] + "13-01"
    no_site[2:5] = ["企业", "QY999999", "不在名录的企业"]
    return [no_day, no_site]
