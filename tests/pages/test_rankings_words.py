"""The sentences of the rankings page, from counts made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from indicators.catalogue import load_catalogue
from indicators.funnels import funnel_table
from indicators.rank_neighbours import neighbour_table
from indicators.values import rate_table
from indicators.verdicts import verdict_table
from ui.measures import View
from ui.payloads.rankings_figures import Moved, RankingFigures, in_order
from ui.payloads.rankings_words import (
    empty_sentence,
    funnel_sentence,
    moves_sentence,
    pairs_sentence,
    rates_sentence,
    title_text,
)

CATALOGUE = load_catalogue()


def made(counts: list[tuple[int, int]], indicator: str = "resolution_rate") -> RankingFigures:
    """Figures of places with these counts, all of them towns run by the district."""
    found = CATALOGUE[indicator]
    codes = [f"3302121{position:02d}" for position in range(len(counts))]
    frame = pd.DataFrame({"place": codes, found.numerator: [x for x, _ in counts],
                          found.denominator: [n for _, n in counts]})  # fmt: skip
    rates = rate_table(frame, found)
    register = pd.DataFrame({"code": codes, "name": [f"{sign}镇" for sign in "甲乙丙丁戊己庚辛壬癸"[: len(counts)]]})
    return RankingFigures(
        indicator=found, register=register.assign(kind="town", managed_by="district"),
        places=neighbour_table(verdict_table(rates, found), found), total=rate_table(frame, found, by=()),
        moved={}, peers={}, funnel=funnel_table(rates),
    )  # fmt: skip


def words_of(view: View, counts: list[tuple[int, int]], indicator: str = "resolution_rate") -> str:
    return title_text(view, made(counts, indicator))


BARE = View("330212", None, 202201, 202212, "all", 1, 202001, None, "zh")


def test_the_title_names_who_is_clearly_ahead_and_behind() -> None:
    assert words_of(BARE, [(2490, 2500), (2000, 2500), (1500, 2500)]) == (
        "问题解决率：全区3个镇街中，甲镇肯定在前一半，丙镇肯定在后一半，其余1个分不出前后"
    )
    assert "Jia is certainly in the better half" in words_of(
        replace(BARE, lang="en"), [(2490, 2500), (2000, 2500), (1500, 2500)]
    )


def test_the_title_says_when_nobody_can_be_told_apart_or_ranked() -> None:
    assert words_of(BARE, [(98, 100), (97, 100), (99, 100)]).endswith("分不出先后，高低都在正常波动范围内")
    assert words_of(BARE, [(98, 100), (3, 4)]).endswith("没有可比的对象")
    assert words_of(BARE, [(3, 4), (0, 0)]).endswith("没有可以排名的镇街")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([(98, 100), (97, 100)], ""),
        ([(98, 100), (3, 4)], "只有1个镇街有足够"),
        ([(3, 4), (0, 0)], "样本都少，不排名"),
        ([(0, 0), (0, 0)], "没有可计算问题解决率的数据"),
    ],
)
def test_why_there_is_no_ranking_is_said(counts: list[tuple[int, int]], said: str) -> None:
    found = empty_sentence(made(counts), "zh")
    assert said in found and bool(found) is bool(said)


def test_the_title_says_how_many_of_the_townships_could_be_ranked() -> None:
    said = words_of(BARE, [(2490, 2500), (1500, 2500), (3, 4)])
    assert said.startswith("问题解决率：全区3个镇街里数据够的2个中，甲镇肯定在前一半")


def test_the_title_names_three_at_most_and_says_how_many_there_are() -> None:
    said = words_of(BARE, [(2499, 2500)] * 5 + [(1500, 2500)] * 5)
    assert "甲镇、乙镇、丙镇等5个肯定在前一半" in said
    assert "癸镇、壬镇、辛镇等5个肯定在后一半" in said


def test_pairs_and_neighbouring_ranks_are_counted() -> None:
    said = pairs_sentence(made([(2490, 2500), (2489, 2500), (1500, 2500)]), "zh")
    assert said == "两两相比共3对，分得出先后的2对；紧挨着的两名，2对中1对有真差别"


def test_no_pair_and_no_neighbours_told_apart_are_said_without_counting_nothing() -> None:
    assert pairs_sentence(made([(98, 100), (97, 100)]), "zh") == "两两相比共1对，没有一对分得出先后"
    said = pairs_sentence(made([(995, 1000), (985, 1000), (970, 1000)]), "zh")
    assert said == "两两相比共3对，分得出先后的1对；紧挨着的两名，2对全都分不出先后"


def test_a_target_is_met_or_missed_only_for_certain() -> None:
    said = rates_sentence(made([(2500, 2500), (2000, 2500), (98, 100)]), "zh")
    assert said == "1个肯定达到98%目标，1个肯定未达到，其余1个尚不能断定"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([(100, 100)] * 6, "都一样"),
        ([(90, 100), (80, 100), (85, 100)], "不足5个"),
    ],
)
def test_where_there_is_no_funnel_the_reason_is_said(counts: list[tuple[int, int]], said: str) -> None:
    assert said in funnel_sentence(made(counts), BARE)


def test_a_place_without_enough_cases_comes_last_in_the_order_of_ranks() -> None:
    figures = made([(3, 4), (2000, 2500), (2490, 2500), (0, 0)])
    assert list(in_order(figures, "rank")["place"].str[-1]) == ["2", "1", "0", "3"]
    assert list(in_order(figures, "register")["place"]) == list(figures.places["place"])


def test_a_rank_that_has_moved_for_real_is_named_with_its_direction() -> None:
    figures = made([(2490, 2500), (2000, 2500)])
    rows: dict[str, Any] = {
        code: {"place": code, "real": real, "move": move}
        for code, real, move in zip(figures.places["place"], ("real_better", "within_chance"), (1, -1), strict=True)
    }
    moved = replace(figures, moved={"period": Moved((202201, 202212), (202101, 202112), rows, {})})
    assert moves_sentence(moved, "period", "zh") == ("2022年比2021年：2个镇街中，名次变动超出正常波动的有1个（甲镇↑1）")
    assert moves_sentence(moved, None, "zh") == "没有可比的时段，不看名次变动。"
