"""One cell at a time: what is understood, and what is left for a person to say."""

from __future__ import annotations

import datetime as dt

import pytest

from data_access.ingestion.cell_values import (
    parse_amount,
    parse_count,
    parse_date,
    parse_month,
    parse_time,
    parse_yes_no,
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2020-03-05", (2020, 3, 5)),
        ("2020/3/5 9:05", (2020, 3, 5, 9, 5)),
        ("2020-03-05 14:30:05", (2020, 3, 5, 14, 30, 5)),
        ("2020-03-05 14:30:05.0", (2020, 3, 5, 14, 30, 5)),
        ("2020-03-05T14:30:05.123", (2020, 3, 5, 14, 30, 5)),
        ("2020年3月5日", (2020, 3, 5)),
        ("2020年3月5日14时30分", (2020, 3, 5, 14, 30)),
        ("2020年3月5日 14时30分05秒", (2020, 3, 5, 14, 30, 5)),
        ("２０２０－０３－０５　１４：３０", (2020, 3, 5, 14, 30)),
        ("20200305", (2020, 3, 5)),
        ("2020.3.5", (2020, 3, 5)),
        ("2020 年 3 月 5 日", (2020, 3, 5)),
        ("2020-03-05 下午 2:30", (2020, 3, 5, 14, 30)),
        ("2020/3/5 上午 12:05:00", (2020, 3, 5, 0, 5)),
        ("2020年3月5日 下午12时05分", (2020, 3, 5, 12, 5)),
        ("2020-03-05 14:30 星期四", (2020, 3, 5, 14, 30)),
        ("2020-03-05 下午 14:30", None),
        ("5/3/2020", None),
        ("05-03-2020", None),
        ("43895", (2020, 3, 5)),
        ("43895.604224537", (2020, 3, 5, 14, 30, 5)),
        ("2020-02-30", None),
        ("1899-12-31", None),
        ("2020-03-05 24:00", None),
        ("2020-03", None),
        ("14:30", None),
        ("昨天", None),
        ("0", None),
    ],
)
def test_times(cell: str, expected: tuple[int, ...] | None) -> None:
    assert parse_time(cell) == (dt.datetime(*expected) if expected else None)
    assert parse_date(cell) == (dt.date(*expected[:3]) if expected else None)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2020-03", 202003), ("2020年3月", 202003), ("202003", 202003), ("2020.3", 202003), ("2020.12", 202012),
        ("２０２０年１２月", 202012), ("2020-03-31", 202003), ("43891", 202003), ("43891.5", 202003),
        ("2020.1", None), ("20203", None), ("202013", None), ("389103", None), ("2020", None), ("3月", None),
    ],
)  # fmt: skip
def test_months(cell: str, expected: int | None) -> None:
    assert parse_month(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12", 12), ("１２", 12), ("1,200", 1200), ("1，200", 1200), ("1,200,000", 1200000),
        ("1 200", 1200), ("1,2", None), ("1,20", None), ("12,34,567", None),
        ("12.0", 12), ("1e3", 1000), ("0", 0), ("-0", 0),
        ("-1", None), ("1.5", None), ("1_000", None), ("inf", None), ("nan", None), ("3000000000", None),
        ("12人", None), ("", None), (".", None), ("0x10", None),
    ],
)  # fmt: skip
def test_counts(cell: str, expected: int | None) -> None:
    assert parse_count(cell) == expected


def test_amounts_beyond_all_measure_are_not_understood() -> None:
    assert parse_amount("1e12") == 1e12
    assert parse_amount("1e13") is None
    assert parse_amount("1e999") is None
    assert str(parse_amount("-0.0")) == "0.0"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("是", True), ("1", True), ("１", True), ("TRUE", True), ("√", True), ("✓", True), ("☑", True),
     ("对", True), ("有", True), ("否", False), ("0", False), ("×", False), ("✗", False), ("☐", False), ("错", False),
     ("无", False),
     ("基本满意", None), ("2", None), ("-", None)],
)  # fmt: skip
def test_yes_and_no(cell: str, expected: bool | None) -> None:
    assert parse_yes_no(cell) is expected
