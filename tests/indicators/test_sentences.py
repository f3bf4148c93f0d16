"""The one-line sentences: what each case of the method says, in both languages, and what it never says."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators import sentences as say
from indicators.catalogue import Indicator
from indicators.changes import change_table
from indicators.decomposition import Decomposition, Part
from indicators.durations import kaplan_meier, share_closed_within
from indicators.intervals import Bounds
from indicators.language_files import FOLDER, LANGUAGES, MissingText, read_folder, text
from indicators.shrinkage import beta_binomial_moments, shrunken_rates
from indicators.spread import spread
from indicators.values import rate_table
from indicators.verdicts import verdict_table


def judged(pairs: list[tuple[int, int]], indicator: Indicator) -> dict[str, object]:
    x, n = zip(*pairs, strict=True)
    counts = pd.DataFrame({"place": [str(row) for row in range(len(pairs))], indicator.numerator: x})
    counts[indicator.denominator] = n
    return dict(verdict_table(rate_table(counts, indicator), indicator).iloc[0])


@pytest.mark.parametrize(
    ("x", "n", "chinese", "english"),
    [
        (985, 1000, "98.5%（95%区间97.5%–99.1%，985/1,000件）", "98.5% (95% interval 97.5%–99.1%, 985/1,000 cases)"),
        (3, 3, "3件全部符合；样本少，不作判断", "3 of 3 cases met it; too few to judge"),
        (0, 4, "4件无一符合；样本少，不作判断", "0 of 4 cases met it; too few to judge"),
        (2, 5, "5件中有2件符合；样本少，不作判断", "2 of 5 cases met it; too few to judge"),
        (0, 0, "无数据", "no data"),
    ],
)
def test_a_rate_is_said_with_its_interval_and_counts_or_not_judged(x: int, n: int, chinese: str, english: str) -> None:
    assert say.rate_sentence(x, n, "zh", unit="件") == chinese
    assert say.rate_sentence(x, n, "en", unit="cases") == english


def test_a_spotless_record_says_how_many_cases_it_takes_to_be_called_higher() -> None:
    assert say.rate_sentence(20, 20, "zh", unit="件", whole="全区", whole_rate=0.985) == (
        "20件全部符合；真实水平可能在83.8%–100.0%，尚不能认定高于全区（需245件以上）"
    )
    assert say.rate_sentence(245, 245, "zh", unit="件", whole="全区", whole_rate=0.985).endswith("已可认定高于全区")
    assert "245" in say.rate_sentence(20, 20, "en", unit="cases", whole="the district", whole_rate=0.985)


def test_a_rank_that_may_be_anything_is_called_no_rank() -> None:
    assert say.rank_sentence(3, 2, 7, count=19, lang="zh") == "第3名（可能区间2–7）"
    assert say.rank_sentence(1, 1, 12, count=19, lang="zh", tied=True) == "并列第1名（可能区间1–12）"
    assert say.rank_sentence(5, 1, 19, count=19, lang="zh") == "排名不稳定，不宜排序（可能区间1–19）"
    assert say.rank_sentence(1, 1, 1, count=1, lang="zh") == "第1名（可能区间1–1）"


def test_a_difference_from_the_rest_is_called_clear_small_or_ordinary(resolution: Indicator) -> None:
    clear = judged([(700, 720)] + [(990, 1000)] * 9, resolution)
    assert say.rest_sentence(clear, "zh", rest="其余镇街").startswith("低于其余镇街1.8个百分点（区间")
    assert say.rest_sentence(clear, "zh", rest="其余镇街").endswith("，差异明显")
    watched = judged([(493, 506)] + [(990, 1000)] * 9, resolution)
    assert say.rest_sentence(watched, "zh", rest="其余镇街").endswith("，超出正常波动，待观察")
    same = judged([(985, 1000)] + [(981, 1000)] * 9, resolution)
    assert say.rest_sentence(same, "zh", rest="其余镇街") == "与其余镇街相差0.4个百分点，在正常波动范围内"
    tiny = judged([(980_000, 1_000_000)] + [(981_500, 1_000_000)] * 3, resolution)
    assert "幅度很小" in say.rest_sentence(tiny, "zh", rest="其余镇街")
    assert "very small" in say.rest_sentence(tiny, "en", rest="the others")
    assert say.rest_sentence(judged([(3, 4), (98, 100)], resolution), "zh", rest="其余镇街") == ""


def test_where_the_test_and_the_interval_part_nothing_is_called_clear(resolution: Indicator) -> None:
    row = judged([(119, 119), (2428, 2507)], resolution)
    assert row["p_high"] < 0.025 and row["difference_low"] < 0
    assert say.rest_sentence(row, "zh", rest="其余镇街").startswith(
        "与其余镇街相差3.2个百分点，虽值得留意，可能区间仍跨过零（−0.1至"
    )


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ((986, 1000), (983, 1000), "比去年同月上升0.3个百分点，未超出正常波动"),
        ((990, 1000), (950, 1000), "比去年同月上升4.0个百分点，超出正常波动"),
        ((950, 1000), (990, 1000), "比去年同月下降4.0个百分点，超出正常波动"),
        ((950, 1000), (950, 1000), "与去年同月持平"),
        ((950, 1000), (5, 5), None),
    ],
)
def test_a_change_is_called_real_only_beyond_ordinary_variation(
    now: tuple[int, int], before: tuple[int, int], said: str | None, resolution: Indicator
) -> None:
    tables = [
        rate_table(pd.DataFrame({"verified_solved": [x], "due": [n]}), resolution, by=()) for x, n in (now, before)
    ]
    row = dict(change_table(*tables, resolution, by=()).iloc[0])
    assert say.change_sentence(row, "zh", than="去年同月") == said


def test_a_lasting_shift_is_said_by_its_months() -> None:
    assert say.run_sentence(7, below=True, lang="zh") == "连续7个月低于常态水平，提示持续变化"
    assert "7 months running" in say.run_sentence(7, below=False, lang="en")


def test_a_shrunken_rate_never_stands_without_what_was_observed() -> None:
    x, n = [3, 96, 480, 47, 290, 88], [3, 100, 500, 50, 300, 92]
    shrunk = shrunken_rates(x, n, beta_binomial_moments(x, n))
    said = say.shrunk_sentence(3, 3, float(shrunk[0]), "zh", group="全镇")
    assert said.startswith("观测100.0%（3/3），参考全镇水平校正后约9") and said.endswith("%")


def test_spread_says_how_much_is_chance() -> None:
    assert say.spread_sentence(0.0, 0.02, "zh", areas="村社") == "各村社差异在随机波动范围内"
    assert say.spread_sentence(0.01, 0.05, "zh", areas="村社") == "各村社差异大部分属偶然；扣除偶然后约±1.0个百分点"
    assert say.spread_sentence(0.04, 0.05, "zh", areas="村社").startswith("各村社之间确有差异")
    rng = np.random.default_rng(3)
    n = np.full(400, 25)
    found = spread(rng.binomial(n, 0.98), n)
    assert "波动" in say.spread_sentence(found.tau, found.raw_sd, "zh", areas="村社") or found.tau > 0


def test_flags_stand_beside_what_chance_would_flag() -> None:
    assert say.flags_sentence(12, 450, 8.2, low=True, areas="村社", lang="zh") == (
        "450个村社中12个偏低；即使毫无差别，也预计约8个"
    )
    assert "0.6" in say.flags_sentence(2, 25, 0.6, low=False, areas="townships", lang="en")


def test_a_gap_is_said_as_composition_and_level_and_that_they_may_hide_each_other() -> None:
    def gap(composition: float, level: float) -> Decomposition:
        parts = [Part(one, one - 0.001, one + 0.001) for one in (composition, level)]
        return Decomposition(composition + level, parts[0], parts[1], pd.DataFrame(), 0)

    plain = say.gap_sentence(gap(-0.021, -0.043), "zh", pairing="城乡")
    assert plain == "城乡相差6.4个百分点，其中对象结构不同占2.1个百分点，同类对象水平差占4.3个百分点"
    hidden = say.gap_sentence(gap(0.09, -0.08), "zh", pairing="城乡")
    assert "−8.0个百分点" in hidden and hidden.endswith("两种相反作用互相抵消")


@pytest.mark.parametrize(
    ("x", "n", "still_open", "better", "said"),
    [
        (187, 200, 13, "higher", "再办好3件可达95%"),
        (187, 200, None, "higher", "再办好3件可达95%"),
        (187, 200, 0, "higher", "现有在办的全部办好也不够；再有60件新的且全部办好，可达95%"),
        (190, 200, 0, "higher", "已达95%"),
        (0, 0, None, "higher", "无数据"),
        (10, 200, None, "lower", "已达5%"),
        (15, 200, None, "lower", "再减少5件可降到5%"),
    ],
)
def test_what_it_takes_is_counted_exactly(x: int, n: int, still_open: int | None, better: str, said: str) -> None:
    target = 0.05 if better == "lower" else 0.95
    assert say.needed_sentence(x, n, target=target, better=better, unit="件", lang="zh", still_open=still_open) == said


def test_a_target_of_all_is_out_of_reach_once_a_case_is_lost() -> None:
    said = say.needed_sentence(9, 10, target=1.0, better="higher", unit="件", lang="zh", still_open=0)
    assert said == "现有0件全部办好，也达不到100%"


def test_where_low_is_good_nobody_is_said_to_have_met_anything() -> None:
    assert say.rate_sentence(5, 5, "zh", unit="件", better="lower") == "5件中有5件；样本少，不作判断"
    assert "met" not in say.rate_sentence(5, 5, "en", unit="cases", better="lower")
    assert say.rate_sentence(30, 30, "zh", unit="件", better="lower", whole="全区", whole_rate=0.9).startswith(
        "100.0%（"
    )


def test_what_cannot_be_known_is_said_to_be_unknown() -> None:
    assert say.spread_sentence(float("nan"), 0.02, "zh", areas="村社") == "村社太少，不能估计差异有多大"
    assert say.survey_sentence(0, 0, 50, indicator="满意率", lang="zh") == "回访50人，无人作答，没有满意率"
    assert say.change_sentence({"change": float("nan"), "difference": 0.01}, "zh", than="去年") is None
    assert say.merged_sentence(1, "zh") == ""


def test_what_is_certain_is_never_rounded_up() -> None:
    assert say.survey_sentence(3946, 3950, 10001, indicator="满意率", lang="zh").endswith("最低39.45%")
    assert [say.target_text(one) for one in (0.98, 0.985, 0.9975, 0.9995, 1.0)] == [
        "98%", "98.5%", "99.75%", "99.95%", "100%",
    ]  # fmt: skip


def test_a_rank_on_paper_is_said_with_its_caution_or_to_be_out_of_reach() -> None:
    assert say.rank_needed_sentence(4, 3, unit="件", lang="zh").startswith("再办好4件可达第3名（仅按计数")
    assert say.rank_needed_sentence(0, 3, unit="件", lang="zh") == "已在第3名或更前"
    assert say.rank_needed_sentence(None, 1, unit="件", lang="zh") == "超期未结的全部办好，也到不了第1名"


def test_open_cases_are_said_with_what_the_time_so_far_tells() -> None:
    days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] * 6
    closed = ([True] * 9 + [False]) * 6
    found = share_closed_within(kaplan_meier(days, closed), [7])
    said = say.open_cases_sentence(
        6, float(found.share[0]), Bounds(found.low[0], found.high[0]), days=7, unit="件", lang="zh"
    )
    assert said.startswith("仍有6件在办；按已有时间推算，7日内办结约70%（区间")
    unknown = say.open_cases_sentence(6, float("nan"), Bounds(np.nan, np.nan), days=7, unit="件", lang="zh")
    assert unknown == "仍有6件在办；时间还短，不能推算7日内的办结比例"


def test_satisfaction_is_said_with_what_is_certain_whoever_did_not_answer() -> None:
    assert say.survey_sentence(394, 400, 1000, indicator="满意率", lang="zh") == (
        "满意率98.5%（回访1,000人，400人作答）；若未答者都不满意，最低39.4%"
    )
    assert say.survey_sentence(394, 400, 400, indicator="满意率", lang="zh") == "满意率98.5%（回访400人，全部作答）"


def test_months_put_together_are_said_to_be() -> None:
    assert say.merged_sentence(12, "zh") == "单月样本少，显示近12个月合计"


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_no_rate_reads_as_full_while_a_case_is_missing(pair: tuple[int, int]) -> None:
    x, n = pair
    for lang, unit in (("zh", "件"), ("en", "cases")):
        value = say.rate_sentence(x, n, lang, unit=unit).split("（")[0].split(" (")[0]
        assert (value == "100.0%") == (x == n and n >= say.FEW)


def test_leaders_words_hold_neither_significance_nor_proof() -> None:
    every = itertools.chain.from_iterable(read_folder(FOLDER, lang).values() for lang in LANGUAGES)
    forbidden = ("显著", "证明", "导致", "significant", "prove", "caused by")
    assert [one for one in every if any(word in one for word in forbidden)] == []


def test_a_text_nobody_wrote_and_a_fact_nobody_gave_are_errors() -> None:
    with pytest.raises(MissingText, match=r"sentences\.nothing"):
        text("sentences.nothing", "zh")
    with pytest.raises(MissingText, match="interval"):
        text("sentences.rate", "en", value="1%", x=1, n=2, unit="")
    with pytest.raises(MissingText, match="'fr'"):
        read_folder(FOLDER, "fr")
