"""Measurements as a whole batch: reports that stayed away, values unlike their own past, sums that do not agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import writing
from data_access.ingestion.batch_checks import batch_flags
from data_access.ingestion.load_summary import LoadSummary
from data_access.ingestion.measurement_history import outside_history
from data_access.tables import batch, measurement
from tests.data_access.small_district import PLACES, load, registers, write_measurements

ZHONGHE, JIANGSHAN = "330212005", "330212110"
VILLAGES = ("330212005001", "330212005002", "330212110001", "330212110002", "330212110003", "330212110004")
MORE_VILLAGES = tuple(f"330212110{number:03d}" for number in range(5, 13))
QUARTERS = ("2018-03", "2018-06", "2018-09", "2018-12", "2019-03", "2019-06")
MONTHS = tuple(f"2019-{month:02d}" for month in range(1, 11))
_FILES = iter(range(1, 10**6))
Row = tuple[str, ...]


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def report(engine: Engine, folder: Path, rows: list[Row]) -> LoadSummary:
    """Load rows (indicator, place, month, part, numerator, denominator) as a workbook of their own."""
    summary = load(engine, "measurements", write_measurements(folder / f"m{next(_FILES)}.xlsx", rows))
    assert summary.problems == ()
    return summary


def with_more_villages(engine: Engine, folder: Path) -> None:
    """Eight further villages in 姜山镇, fourteen in all."""
    lines = [
        f"{code},,{code[-3:]}村委会,{code[-3:]}村,村社,330212110,村,农村,1960-01-01,900,300,区直辖,,,,"
        for code in MORE_VILLAGES
    ]
    (folder / "more.csv").write_text(PLACES + "\n".join(lines) + "\n", encoding="utf-8")
    load(engine, "places", folder / "more.csv")


def test_a_township_that_reported_six_times_and_not_this_time_is_told_in_one_sentence(
    engine: Engine, tmp_path: Path
) -> None:
    townships, indicators = (ZHONGHE, JIANGSHAN), ("plans_current", "drills_done")
    past = [(one, code, month, "", "9", "10") for one in indicators for code in townships for month in QUARTERS]
    assert report(engine, tmp_path, past).flags == ()
    summary = report(engine, tmp_path, [(one, ZHONGHE, "2019-09", "", "9", "10") for one in indicators])
    assert [(flag.reason, flag.place_code, flag.month) for flag in summary.flags] == [
        ("place_silent", JIANGSHAN, 201909)
    ]
    assert summary.flags[0].zh == "姜山镇没有报送2019年9月的演练完成率、预案在有效期内指标，此前六期都报了；请催报。"
    assert summary.flags[0].en.startswith("姜山镇 did not report Drills done, Plans in date for 2019-09")
    again = report(engine, tmp_path, [(one, ZHONGHE, "2019-12", "", "9", "10") for one in indicators])
    assert again.flags == (), "the second report that stays away is no news"


def test_single_villages_that_stay_away_are_named(engine: Engine, tmp_path: Path) -> None:
    past = [("officials_per_1000", code, month, "", "6", "1200") for code in VILLAGES for month in QUARTERS]
    report(engine, tmp_path, past)
    now = [("officials_per_1000", code, "2019-09", "", "6", "1200") for code in VILLAGES if code != "330212110002"]
    summary = report(engine, tmp_path, now)
    assert [(flag.reason, flag.place_code, flag.found) for flag in summary.flags] == [("place_silent", JIANGSHAN, "1")]
    assert summary.flags[0].zh.startswith("姜山镇的陆家堰村没有报送2019年9月的每千人村社干部指标")


def test_a_file_with_less_than_half_of_the_places_is_one_story(engine: Engine, tmp_path: Path) -> None:
    with_more_villages(engine, tmp_path)
    everybody = (*VILLAGES, *MORE_VILLAGES)
    past = [("officials_per_1000", code, month, "", "6", "1200") for code in everybody for month in QUARTERS]
    report(engine, tmp_path, past)
    short = [("officials_per_1000", code, "2019-09", "", "6", "1200") for code in everybody[:3]]
    summary = report(engine, tmp_path, short)
    assert [(flag.reason, flag.place_code, flag.month) for flag in summary.flags] == [
        ("month_shrank", "330212", 201909)
    ]
    assert "平时 14 个单位，本月 3 个" in summary.flags[0].zh
    assert "3 places instead of 14" in summary.flags[0].en


def test_a_file_of_one_small_township_says_nothing_of_the_others(engine: Engine, tmp_path: Path) -> None:
    past = [("officials_per_1000", code, month, "", "6", "1200") for code in VILLAGES for month in QUARTERS]
    report(engine, tmp_path, past)
    now = [("officials_per_1000", code, "2019-09", "", "6", "1200") for code in VILLAGES[:2]]
    assert report(engine, tmp_path, now).flags == ()


def test_a_value_far_from_its_own_past_is_told_with_its_row_once(engine: Engine, tmp_path: Path) -> None:
    past = [
        ("residents_registered", code, month, "", str(1140 + number % 5), "1200")
        for code in VILLAGES
        for number, month in enumerate(MONTHS)
    ]
    assert report(engine, tmp_path, past).flags == ()
    now = [("residents_registered", code, "2019-11", "", "1139", "1200") for code in VILLAGES]
    now[3] = (*now[3][:4], "114", "1200")
    summary = report(engine, tmp_path, now)
    assert [(flag.reason, flag.row, flag.column, flag.place_code) for flag in summary.flags] == [
        ("outside_history", 6, "分子", VILLAGES[3])
    ]
    assert summary.flags[0].zh.startswith("陆家堰村2019年11月的人口登记完整率为 9.5%，以往一般在 95.1% 上下")
    assert summary.flags[0].found == "114 / 1,200"
    later = report(engine, tmp_path, [(one, code, "2019-12", "", n, d) for one, code, _, _, n, d in now])
    assert later.flags == (), "a level that stays is told once"


def test_another_unit_for_everybody_is_one_flag(engine: Engine, tmp_path: Path) -> None:
    with_more_villages(engine, tmp_path)
    everybody = (*VILLAGES, *MORE_VILLAGES)
    report(
        engine,
        tmp_path,
        [("officials_per_1000", code, month, "", "6", "1200") for code in everybody for month in MONTHS],
    )
    summary = report(
        engine, tmp_path, [("officials_per_1000", code, "2019-11", "", "60", "12000") for code in everybody]
    )
    assert [(flag.reason, flag.column, flag.place_code) for flag in summary.flags] == [
        ("many_outside_history", "分母", "330212")
    ]
    assert "2019年11月有 14 个单位的每千人村社干部的分母与以往相差很大" in summary.flags[0].zh


def test_parts_that_do_not_add_up_to_the_total_are_told(engine: Engine, tmp_path: Path) -> None:
    bodies = ("党组织+社会组织", "党员+志愿者", "企业+乡贤", "部门+协会", "楼宇+物业")

    def bodies_of(place: str, total: str, parts: tuple[str, ...]) -> list[Row]:
        rows = [
            ("cogovernance_bodies", place, "2019-03", body, part, "5")
            for body, part in zip(bodies, parts, strict=False)
        ]
        return [("cogovernance_bodies", place, "2019-03", "", total, "25"), *rows]

    summary = report(engine, tmp_path, bodies_of(ZHONGHE, "15", ("3",) * 5) + bodies_of(JIANGSHAN, "12", ("3",) * 5))
    assert [(flag.reason, flag.place_code, flag.column, flag.found) for flag in summary.flags] == [
        ("parts_differ", JIANGSHAN, "分子", "12")
    ]
    assert "姜山镇2019年3月的共治体组建率：各分类分子合计 15，总数却报了 12" in summary.flags[0].zh
    two = [(*row[:2], "2019-04", *row[3:]) for row in bodies_of(ZHONGHE, "15", ("3", "4"))]
    assert report(engine, tmp_path, two).flags == (), "parts that were not reported may explain the rest"


def test_villages_that_do_not_add_up_to_what_their_township_says_are_told(engine: Engine, tmp_path: Path) -> None:
    report(engine, tmp_path, [("officials_per_1000", code, "2019-03", "", "6", "1200") for code in VILLAGES])
    with writing(engine) as connection:  # a definition that was reported by townships once
        newest = connection.execute(sa.select(sa.func.max(batch.c.id))).scalar_one()
        row = {"indicator": "officials_per_1000", "month": 201903, "dimension": "all", "value": "all", "bounded": False,
               "content_hash": "0", "batch_id": newest, "row_number": 9}  # fmt: skip
        own = ((ZHONGHE, 12, 2400), (JIANGSHAN, 30, 4800))
        connection.execute(
            measurement.insert(), [row | {"place_code": p, "numerator": n, "denominator": d} for p, n, d in own]
        )
        flags = batch_flags(connection, source="measurements", batch_id=newest, first_month=201903, last_month=201903)
    assert [(flag.reason, flag.place_code, flag.found) for flag in flags] == [("villages_differ", JIANGSHAN, "30")]
    assert "各村社分子合计 24，镇街却报了 30" in flags[0].zh


def history(values: list[tuple[float, float]], *, bounded: bool = True) -> pd.DataFrame:
    """One key with these pairs, month after month; the last one is of batch 2."""
    frame = pd.DataFrame(values, columns=["numerator", "denominator"])
    return frame.assign(
        indicator="x", place_code="p", dimension="all", value="all", step=range(len(frame)), bounded=bounded,
        batch_id=[1] * (len(frame) - 1) + [2],
    )  # fmt: skip


@pytest.mark.parametrize("share", [0.03, 0.3, 0.9, 0.97])
@pytest.mark.parametrize("size", [12, 150, 4000])
def test_values_that_chance_or_a_slow_drift_explains_are_not_outside(share: float, size: int) -> None:
    rng = np.random.default_rng([330212, size])
    for _ in range(200):
        drift = np.clip(share + np.linspace(0, 0.05, 12), 0, 1)
        rows = history([(float(one), float(size)) for one in rng.binomial(size, drift)])
        assert outside_history(rows, batch_id=2).empty


@pytest.mark.parametrize(
    ("last", "bounded", "column"),
    [
        ((38.0, 400.0), True, "numerator"),
        ((95.0, 100.0), True, "denominator"),  # per cent instead of counts
        ((3800.0, 4000.0), True, "denominator"),
        ((0.0, 400.0), True, "numerator"),
        ((1000.0, 400.0), False, "numerator"),
    ],
)
def test_a_digit_too_many_and_per_cent_for_counts_are_outside(
    last: tuple[float, float], bounded: bool, column: str
) -> None:
    rows = history([(380.0 + one % 3, 400.0) for one in range(9)] + [last], bounded=bounded)
    assert outside_history(rows, batch_id=2)["column"].tolist() == [column]
    assert outside_history(rows, batch_id=1).empty


def test_fewer_than_eight_earlier_values_decide_nothing() -> None:
    assert outside_history(history([(380.0, 400.0)] * 7 + [(1.0, 400.0)]), batch_id=2).empty
    assert outside_history(history([(380.0, 400.0)] * 8 + [(1.0, 400.0)]), batch_id=2)["column"].tolist() == [
        "numerator"
    ]
