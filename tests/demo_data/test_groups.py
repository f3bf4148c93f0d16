"""The differences put into the district are found in its files: who is ahead, where gaps close, what is only chance."""

from collections import Counter, defaultdict
from math import sqrt
from statistics import pstdev

import numpy as np
import pytest

from data_access.demo_data import build
from data_access.demo_data.calibration import TARGETS, true_prevention_gap
from data_access.demo_data.rates import CAMPAIGN_TOWNSHIPS, Truth
from tests.demo_data.conftest import Written
from tests.demo_data.reading import Row, count_issues, count_items, half_year, share

AHEAD = {"area": ("农村", "城市"), "estate": ("物业管理", "业主自治"), "firm": ("大中", "小微")}
_FIRM_GROUP = {"大型": "大中", "中型": "大中", "小型": "小微", "微型": "小微"}
BIG_GAP_ITEMS = {"estate": ("卡口封闭管理", "人员车辆登记"), "firm": ("员工底数登记", "宿舍与隔离点")}


def _group(written: Written, gap: str, *, village: str | None, estate: str, firm: str) -> str:
    if gap == "area":
        return str(written.places[village]["城乡"]) if village else ""
    if gap == "estate":
        row = written.estates.get(estate)
        return str(row["管理方式"]) if row and row["类别"] == "住宅小区" else ""
    return _FIRM_GROUP.get(written.firms[firm]["企业规模"], "") if firm in written.firms else ""


def _site_group(written: Written, gap: str, visit: Row) -> str:
    site = visit["对象编号"]
    return _group(written, gap, village=written.site_village(visit), estate=site, firm=site)


def _pass_rate(visits: list[Row], items: list[str]) -> float:
    total = count_items(visits, items)
    return total["passed"] / total["checked"]


@pytest.mark.parametrize("gap", AHEAD)
def test_the_group_the_paper_found_ahead_is_ahead_in_every_half_year(written: Written, gap: str) -> None:
    items = written.inspections[0].heading[8:]
    visits: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for visit in written.first_visits():
        visits[half_year(visit["检查日期"]), _site_group(written, gap, visit)].append(visit)
    ahead, behind = AHEAD[gap]
    halves = sorted({half for half, _ in visits})
    assert len(halves) == 6
    gaps = [_pass_rate(visits[half, ahead], items) - _pass_rate(visits[half, behind], items) for half in halves]
    assert min(gaps) > 0.01, gaps
    assert TARGETS[f"gap_{gap}"].holds(gaps[0]), gaps
    assert gaps[-1] < gaps[0], gaps


@pytest.mark.parametrize("gap", BIG_GAP_ITEMS)
def test_two_items_drive_the_gap(written: Written, gap: str) -> None:
    visits: dict[str, list[Row]] = defaultdict(list)
    for visit in written.first_visits():
        visits[_site_group(written, gap, visit)].append(visit)
    ahead, behind = AHEAD[gap]
    items = [item for item in written.inspections[0].heading[8:] if any(visit[item] for visit in visits[behind])]
    width = {item: _pass_rate(visits[ahead], [item]) - _pass_rate(visits[behind], [item]) for item in items}
    assert set(sorted(width, key=width.__getitem__)[-2:]) == set(BIG_GAP_ITEMS[gap])


def test_the_estate_gap_closes_faster_where_the_campaign_ran(written: Written) -> None:
    items = written.inspections[0].heading[8:]
    reached = {written.places[code]["名称"] for code in CAMPAIGN_TOWNSHIPS["property_governance"]}
    visits: dict[tuple[bool, str, str], list[Row]] = defaultdict(list)
    for visit in written.first_visits():
        key = (visit["所属镇街"] in reached, visit["检查日期"][:4], _site_group(written, "estate", visit))
        visits[key].append(visit)

    def gap(inside: bool, year: str) -> float:
        managed, own = (visits[inside, year, group] for group in AHEAD["estate"])
        return _pass_rate(managed, items) - _pass_rate(own, items)

    left_inside, left_outside = gap(True, "2022") / gap(True, "2020"), gap(False, "2022") / gap(False, "2020")
    assert left_inside < 0.5 < left_outside


def test_the_true_gap_narrows_only_where_and_when_the_campaign_ran() -> None:
    district, _, truth = build()

    def gap(township: str, month: str) -> float:
        return true_prevention_gap(district, truth, gap="estate", township=township, month=np.datetime64(month))

    assert gap("330212005", "2022-12") < 0.3 * gap("330212005", "2021-03")
    assert gap("330212005", "2021-03") > 0.9 * gap("330212005", "2020-01")
    assert gap("330212100", "2022-12") > 0.8 * gap("330212100", "2020-01")


@pytest.mark.parametrize(("part", "whole"), [("verified_solved", "due"), ("satisfied", "reached")])
@pytest.mark.parametrize("gap", AHEAD)
def test_the_same_groups_are_ahead_for_issues_over_the_three_years(
    written: Written, gap: str, part: str, whole: str
) -> None:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in written.issues:
        village = row["村社代码"] or None
        rows[_group(written, gap, village=village, estate=row["小区编号"], firm=row["企业编号"])].append(row)
    ahead, behind = (share(count_issues(rows[group]), part, whole) for group in AHEAD[gap])
    assert 0.001 < ahead - behind < 0.02


def _township_z(written: Written, truth: Truth) -> dict[str, float]:
    """z of each township's resolution rate against all the others."""
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in written.issues:
        by_name[row["所属镇街"]].append(row)
    counts = {name: count_issues(rows) for name, rows in by_name.items()}
    total: Counter[str] = sum(counts.values(), Counter())
    result = {}
    for code in truth.townships["code"]:
        own = counts[written.places[code]["名称"]]
        n, x = own["due"], own["verified_solved"]
        rest = (total["verified_solved"] - x) / (total["due"] - n)
        result[str(code)] = (x / n - rest) / sqrt(rest * (1 - rest) / n)
    return result


def test_only_the_townships_that_really_differ_stand_out(written: Written) -> None:
    truth = build()[2]
    z = _township_z(written, truth)
    standing = dict(zip(truth.townships["code"], truth.townships["standing"], strict=True))
    for code, value in z.items():
        if standing[code] == "below":
            assert value < -2.5, (code, value)
        elif standing[code] == "above":
            assert value > 2.5, (code, value)
        else:
            assert abs(value) < 3.09, (code, value)
    assert 2 <= sum(s == "below" for s in standing.values()) <= 4
    assert 2 <= sum(s == "above" for s in standing.values()) <= 3


def test_villages_differ_by_about_one_point_and_small_ones_look_far_wilder(written: Written) -> None:
    truth = build()[2]
    assert truth.villages["resolution"].std() == pytest.approx(1.0, abs=0.15)
    by_village: dict[str, list[Row]] = defaultdict(list)
    months: dict[str, set[str]] = defaultdict(set)
    for row in written.issues:
        by_village[row["村社代码"]].append(row)
        months[row["村社代码"]].add(row["诉求时间"][:7])
    year = [row for row in written.issues if row["诉求时间"].startswith("2021")]
    counted: dict[str, Counter[str]] = {}
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in year:
        grouped[row["村社代码"]].append(row)
    for code, rows in grouped.items():
        counted[code] = count_issues(rows)
    small = [share(c, "verified_solved", "due") for c in counted.values() if 0 < c["due"] <= 30]
    large = [share(c, "verified_solved", "due") for c in counted.values() if c["due"] >= 100]
    assert len(small) > 40 and len(large) > 100
    assert pstdev(small) > 1.6 * pstdev(large)
    assert sum(rate == 1 for rate in small) > 0.4 * len(small)
    villages = [code for code, row in written.places.items() if row["层级"] == "村社"]
    assert sum(len(months[code]) < 36 for code in villages) > 60  # some months without any issue
