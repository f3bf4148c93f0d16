"""How likely each checklist item fails on each site, and the list of all sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_access.demo_data.places import District
from data_access.demo_data.rates import PREVENTION_GAPS, Truth, gap_points, month_number
from data_access.demo_data.registers import Registers

ITEM_NAMES = (
    "卡口封闭管理", "人员车辆登记", "测温验码", "来返人员排查", "居家观察管服", "公共区域消杀", "防护物资储备",
    "宣传告知", "应急预案到位", "责任人在岗", "员工底数登记", "宿舍与隔离点",
)  # fmt: skip
# Percent failing on a well-kept site, and how unevenly each gap falls on the items (mean about 1).
_BASE = np.array([2.0, 2.2, 1.6, 2.6, 2.4, 1.6, 2.0, 0.9, 1.8, 1.5, 2.4, 2.6])
_ITEM_SHARE = {
    "area": np.array([0.9, 1.0, 1.0, 1.6, 1.7, 0.9, 0.8, 0.5, 0.8, 0.8, 1.1, 1.0]),
    "estate": np.array([2.7, 2.3, 1.1, 0.8, 0.8, 0.6, 0.6, 0.3, 0.4, 0.6, 0.0, 0.0]),
    "firm": np.array([0.5, 0.8, 0.6, 0.9, 0.7, 0.6, 0.8, 0.4, 1.0, 0.7, 2.7, 2.4]),
    "new": np.ones(12),
}
_START_UP = np.array([2.4, 1.6, 1.25, 1.1])  # the very first months are worse: January … April 2020
GATE, ESTATE, FIRM, OFFICE = range(4)


@dataclass(frozen=True)
class SiteList:
    """Every site that can be inspected, as parallel arrays.

    code, name (gates: ""), kind (0 gate, 1 estate, 2 firm, 3 office building), village, township (row numbers), weight
    (how often it is visited), opened, ended (datetime64[D]), managed (1, 0, -1 unknown, -2 no estate), size (0…3, 4
    unknown, -1 no firm), has_item (sites, 12): which items apply.
    """

    code: np.ndarray
    name: np.ndarray
    kind: np.ndarray
    village: np.ndarray
    township: np.ndarray
    weight: np.ndarray
    opened: np.ndarray
    ended: np.ndarray
    managed: np.ndarray
    size: np.ndarray
    has_item: np.ndarray


def site_list(district: District, registers: Registers) -> SiteList:
    """Gates in order of the villages, then estates and office buildings, then firms."""
    villages, estates, firms = district.villages, registers.estates, registers.firms
    gates = len(villages)
    kind = np.concatenate([
        np.full(gates, GATE), np.where(estates["office"], OFFICE, ESTATE), np.full(len(firms), FIRM)
    ])  # fmt: skip
    size = np.concatenate([np.full(gates + len(estates), -1), firms["size"].to_numpy()])
    ended = np.concatenate(
        [
            np.full(gates + len(estates), np.datetime64("NaT"), dtype="datetime64[D]"),
            firms["ended"].to_numpy().astype("datetime64[D]"),
        ]
    )
    has_item = np.ones((len(kind), len(ITEM_NAMES)), dtype=bool)
    has_item[kind != FIRM, 10:] = False
    # Firms without a dormitory have no such item: every fourth small one and every other micro one.
    number = np.arange(len(kind))
    has_item[(size == 2) & (number % 4 == 0), 11] = False
    has_item[(size == 3) & (number % 2 == 0), 11] = False
    visits = np.array([3.2, 2.4, 1.1, 0.8, 0.9])
    people = np.concatenate([villages["residents"], np.maximum(estates["households"], 100), np.ones(len(firms))])
    return SiteList(
        code=np.concatenate([villages["code"], estates["code"], firms["code"]]).astype(object),
        name=np.concatenate([np.full(gates, ""), estates["name"], firms["name"]]).astype(object),
        kind=kind,
        village=np.concatenate([np.arange(gates), estates["village"], firms["village"]]).astype(int),
        township=np.concatenate([villages["township"], estates["township"], firms["township"]]).astype(int),
        weight=np.where(kind == FIRM, visits[size], people**0.25),
        opened=np.concatenate([villages["settled"], estates["opened"], firms["opened"]]).astype("datetime64[D]"),
        ended=np.where(np.isnat(ended), np.datetime64("2099-12-31"), ended),
        managed=np.concatenate([np.full(gates, -2), estates["managed"], np.full(len(firms), -2)]).astype(int),
        size=size,
        has_item=has_item,
    )


def failure_probability(
    sites: SiteList, district: District, truth: Truth, *, site: np.ndarray, day: np.ndarray
) -> np.ndarray:
    """Probability (visits, 12) that each item fails when ``site`` (row numbers of ``sites``) is visited on ``day``."""
    village, township = sites.village[site], sites.township[site]
    urban = district.villages["urban"].to_numpy()[village]
    month = month_number(day)
    groups = {
        "township": township, "month": month, "urban": np.where(urban < 0, 0.5, urban),
        "self_governed": sites.managed[site] == 0, "small": sites.size[site] == 2, "micro": sites.size[site] == 3,
        "new": district.villages["is_new"].to_numpy()[village],
    }  # fmt: skip
    lost = gap_points(PREVENTION_GAPS, truth, **groups)
    percent = np.tile(_BASE, (len(site), 1))
    for gap, points in lost.items():
        percent += points[:, None] * _ITEM_SHARE[gap]
    better = truth.townships["prevention"].to_numpy()[township] + truth.villages["prevention"].to_numpy()[village]
    percent -= 0.6 * better[:, None]
    start_up = np.where(month < len(_START_UP), _START_UP[np.minimum(month, len(_START_UP) - 1)], 1.0)
    calm = 1.0 - 0.004 * month
    factor = np.where(month < len(_START_UP), np.sqrt(start_up), calm)
    return np.clip(percent * factor[:, None], 0.2, 60) / 100
