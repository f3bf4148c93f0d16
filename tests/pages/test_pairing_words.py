"""The gaps page in words: its title, the lines of the map, and what a gap is made of."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from indicators.catalogue import load_catalogue
from indicators.decomposition import kitagawa
from indicators.findings import GapEvidence
from indicators.gaps import gap_change, gap_table
from indicators.values import rate_table
from ui.payloads.pairing_figures import gap_class
from ui.payloads.pairing_words import gap_words, makeup_words, sides_words, size_text, title_text
from ui.texts import has_text, load_language

CATALOGUE = load_catalogue()


def evidence(a: tuple[int, int], b: tuple[int, int], *, before: tuple[tuple[int, int], tuple[int, int]] | None = None,
             indicator: str = "resolution_rate") -> GapEvidence:  # fmt: skip
    """A district with the given (x, n) of urban and rural."""
    one = CATALOGUE[indicator]

    def gap(first: tuple[int, int], second: tuple[int, int]) -> pd.DataFrame:
        tables = [
            rate_table(pd.DataFrame({one.numerator: [x], one.denominator: [n]}), one, by=()) for x, n in (first, second)
        ]
        return gap_table(*tables, by=(), indicator=one)

    now = gap(a, b)
    then = gap(*before) if before else None
    return GapEvidence(one, CATALOGUE.pairings["urban_rural"], district=now, before=then,
                       change=gap_change(now, then, by=()) if then is not None else None)  # fmt: skip


def places(*ahead: str | None) -> pd.DataFrame:
    return pd.DataFrame({"ahead": pd.Series(list(ahead), dtype=object)})


BEHIND = ((900, 1000), (980, 1000))


@pytest.mark.parametrize(
    ("given", "rows", "said"),
    [
        (evidence(*BEHIND), ["b", "b", None], "农村领先城市社区8.0个百分点；可比的2个镇街各自也都是如此"),
        (evidence(*BEHIND), ["b", "none"], "农村领先城市社区8.0个百分点；可比的2个镇街中有1个各自也是如此"),
        (evidence(*BEHIND), ["b", "a", "none"],
         "农村领先城市社区8.0个百分点；可比的3个镇街中有1个各自也是如此，1个相反"),
        (evidence(*BEHIND), ["none", "none"], "农村领先城市社区8.0个百分点；但可比的2个镇街单独看都不能断定"),
        (evidence(*BEHIND), [None], "农村领先城市社区8.0个百分点；没有镇街可以单独比较"),
        (evidence(*BEHIND, before=((700, 1000), (980, 1000))), ["b"],
         "农村领先城市社区8.0个百分点，差距在缩小；唯一可比的镇街也是如此"),
        (evidence((500, 1000), (500, 1000)), ["none", "b"],
         "城市社区与农村没有明显差别；可比的2个镇街中农村领先的有1个"),
        (evidence((500, 1000), (0, 0)), [None], "城市社区与农村暂不能比较，所选时段只有一类对象有数据"),
        (evidence((500, 1000), (3, 4)), [None], "城市社区与农村暂不能比较，样本太少"),
        (evidence((90, 1000), (10, 1000), indicator="repeat_rate"), ["b"],
         "农村比城市社区低8.0个百分点（低为好）；唯一可比的镇街也是如此"),
    ],
)  # fmt: skip
def test_the_title_says_who_is_ahead_by_how_much_and_in_how_many_townships(
    given: GapEvidence, rows: list[str | None], said: str
) -> None:
    assert title_text(given, places(*rows), "zh") == f"{given.indicator.name['zh']}：{said}"


def test_a_group_at_zero_is_a_figure_and_not_missing() -> None:
    row = {"a_x": 0, "a_n": 40, "a_value": 0.0, "b_x": 0, "b_n": 0, "b_value": float("nan"), "state": "no_data"}
    said = sides_words(row, CATALOGUE["reopen_rate"], {"a": "城市社区", "b": "农村"}, "zh")
    assert said == "城市社区 0.0%（n=40）　农村 无数据"


def test_a_gap_within_chance_is_said_to_be_so_and_a_hidden_one_is_not_printed() -> None:
    names = {"a": "城市社区", "b": "农村"}
    row = evidence((500, 1000), (505, 1000)).district.iloc[0].to_dict()
    said = gap_words(row, CATALOGUE["resolution_rate"], names, "zh")
    assert said.startswith("相差0.5个百分点") and said.endswith("在正常波动范围内")
    hidden = row | {"ahead": None, "difference": float("nan"), "state": "hidden"}
    assert gap_words(hidden, CATALOGUE["resolution_rate"], names, "zh") == "已隐去（人数过少）"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"ahead": "a"}, "b_behind"),
        ({"ahead": "b"}, "a_behind"),
        ({"ahead": "none"}, "none"),
        ({"state": "no_data", "b_n": 0}, "not_applicable"),
        ({"state": "no_data", "a_n": float("nan"), "b_n": float("nan")}, "no_data"),
        ({"state": "too_few"}, "too_few"),
        ({"state": "hidden"}, "hidden"),
    ],
)
def test_the_map_tells_apart_why_there_is_no_gap(row: dict[str, Any], expected: str) -> None:
    assert gap_class({"ahead": None, "state": "value", "a_n": 50, "b_n": 50} | row) == expected


def test_sizes_of_ratios_carry_their_unit_and_never_percentage_points() -> None:
    assert size_text(-2.56, CATALOGUE["officials_per_1000"], "zh").startswith("2.6 ")
    assert "百分点" not in size_text(-2.56, CATALOGUE["officials_per_1000"], "zh")


def test_the_makeup_adds_up_is_told_from_the_side_ahead_and_says_what_it_takes() -> None:
    indicator = CATALOGUE["resolution_rate"]
    counts = {"a": [("p1", 90, 100), ("p2", 180, 200)], "b": [("p1", 290, 300), ("p2", 95, 100)]}
    tables = [
        rate_table(pd.DataFrame(rows, columns=["place", indicator.numerator, indicator.denominator]), indicator)
        for rows in counts.values()
    ]
    given = evidence((270, 300), (385, 400))
    told = makeup_words(given, kitagawa(*tables), {"p1": "姜山镇", "p2": "云龙镇"}, area="全区", lang="zh")
    assert told.opening == "全区相差6.3个百分点，拆成两部分："
    figures = [float(re.sub(r"[^0-9.]", "", figure)) for figure, _ in told.parts]
    assert sum(figures) == pytest.approx(6.25, abs=0.1)
    assert "城市社区要追平农村，“经核实已解决的问题数”还需增加19（现为270/300）。" in told.remarks
    assert not any("检查项目" in remark for remark in told.remarks)


def test_every_phrase_of_the_page_stands_in_both_languages() -> None:
    keys = [key for key in load_language("zh") if key.startswith("pairings.")]
    assert len(keys) > 80
    assert all(has_text(key) for key in keys)
