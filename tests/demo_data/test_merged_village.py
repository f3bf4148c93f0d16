"""The one merger of the demonstration: before its day every file says the two villages, from then on the one."""

from __future__ import annotations

import re

from data_access.demo_data.merged_village import LAST_DAY, MERGED_CODE, MERGED_ON, PREDECESSORS, halves
from tests.demo_data.conftest import Written

CODES = {code: short_name for code, _, short_name in PREDECESSORS}


def test_the_register_closes_the_two_and_names_the_one(written: Written) -> None:
    merged = written.places[MERGED_CODE]
    assert (merged["生效日期"], merged["终止日期"], merged["继任代码"]) == (MERGED_ON, "", "")
    for code, short_name in CODES.items():
        row = written.places[code]
        assert (row["简称"], row["终止日期"], row["继任代码"]) == (short_name, LAST_DAY, MERGED_CODE)
        assert re.fullmatch(r"330212110 9\d\d", f"{code[:9]} {code[9:]}") and short_name[0] in "拟例"
        assert row["上级代码"] == merged["上级代码"]
    for column in ("常住人口", "户数"):
        assert sum(int(written.places[code][column]) for code in CODES) == int(merged[column])
    closed = [row for row in written.places.values() if row["终止日期"]]
    assert len(closed) == 2


def test_cases_name_the_two_before_the_day_and_the_one_after_it(written: Written) -> None:
    before = {row["村社代码"] for row in written.issues if row["村社代码"] in {MERGED_CODE, *CODES}
              and row["诉求时间"] < MERGED_ON}  # fmt: skip
    after = {row["村社代码"] for row in written.issues if row["村社代码"] in {MERGED_CODE, *CODES}
             and row["诉求时间"] >= MERGED_ON}  # fmt: skip
    assert (before, after) == (set(CODES), {MERGED_CODE})
    for row in written.issues:
        if row["村社代码"] in CODES:
            assert row["所属村社"] == CODES[row["村社代码"]]


def test_a_case_about_a_site_lies_where_the_register_says_the_site_lies(written: Written) -> None:
    sites = {**written.estates, **written.firms}
    for row in written.issues:
        if row["村社代码"] in CODES and (row["小区编号"] or row["企业编号"]):
            assert sites[row["小区编号"] or row["企业编号"]]["村社代码"] == row["村社代码"]
    assert {row["村社代码"] for row in sites.values()} >= set(CODES)


def test_gates_and_departments_change_over_on_the_day(written: Written) -> None:
    visits = [visit for sheet in written.inspections for visit in sheet.rows if visit["检查日期"][5:7] != "13"]
    gates = [visit for visit in visits if visit["对象编号"] in {MERGED_CODE, *CODES}]
    assert {(visit["对象编号"] == MERGED_CODE) == (visit["检查日期"] >= MERGED_ON) for visit in gates} == {True}
    assert {visit["对象编号"] for visit in gates} == {MERGED_CODE, *CODES}
    measured = [
        row for sheets in written.measurements.values() for sheet in sheets for row in sheet.rows
        if row["单位代码"] in {MERGED_CODE, *CODES}
    ]  # fmt: skip
    for row in measured:
        year, month = re.findall(r"\d+", str(row["月份"]))[:2]
        assert (row["单位代码"] == MERGED_CODE) == (f"{year}-{int(month):02d}-01" >= MERGED_ON)
    assert {row["单位代码"] for row in measured} == {MERGED_CODE, *CODES}


def test_a_halved_pair_adds_up_and_stays_within_its_whole() -> None:
    for whole in range(1, 9):
        for counted in range(whole + 1):
            parts = halves(counted, whole)
            assert sum(some for _, some, _ in parts) == counted
            assert sum(base for *_, base in parts) == whole
            assert all(0 <= some <= base and base > 0 for _, some, base in parts)
