"""The parts of the gaps page below its first screen: their figures are those of the events, recomputed row by row."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from data_access.engine import create_engine
from data_access.releases import current_data_version
from indicators.catalogue import load_catalogue
from indicators.gaps import gap_table
from indicators.intervals import newcombe
from indicators.strata import adjusted_gap
from indicators.values import rate_table
from ui.measures import View
from ui.payloads.pairing_adjusted import adjusted_board, adjusted_figures, answer_words, within_choices
from ui.payloads.pairing_closing import closing_board, closing_figures
from ui.payloads.pairing_items import ItemFigures, item_figures, items_board, items_words

pytestmark = pytest.mark.shared_caches

CATALOGUE = load_catalogue()
GROUPS = {"a": "业主自治小区", "b": "物业管理小区"}
GATE = ("estate_management", "prevention_compliance")


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """All townships over 2022, as the page would ask for it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(root="330212", villages_of=None, first=202201, last=202212, township_set="all", version=version.number,
                first_month=version.first_month, provisional_from=version.provisional_from, lang="zh")  # fmt: skip


def as_of() -> dt.date | None:
    version = current_data_version(create_engine())
    assert version is not None
    return version.as_of


@pytest.fixture
def looks(demo_sqlite: Path) -> pd.DataFrame:
    """First looks at estates in 2022, one row an item: passed, item, township, management, settlement age, since."""
    with create_engine(f"sqlite:///{demo_sqlite}").connect() as connection:
        return pd.read_sql(
            sa.text(
                "select r.passed, r.item, r.site_code, p.parent as township, p.settlement_age, e.management, "
                "s.registered_from from inspection_result r join site s on s.code = r.site_code and s.kind = 'estate' "
                "join estate e on e.code = s.code join place q on q.code = r.place_code "
                "join place p on p.code = coalesce(q.successor, q.code) "
                "where r.superseded_by is null and r.recheck = 0 and r.month between 202201 and 202212"
            ),
            connection,
        )


def tally(looks: pd.DataFrame, by: str) -> dict[Any, dict[str, tuple[int, int]]]:
    """Value of ``by`` to side to (passed, checked)."""
    found: dict[Any, dict[str, tuple[int, int]]] = {}
    for (value, management), rows in looks.groupby([by, "management"]):
        side = {"self_governed": "a", "managed": "b"}.get(management)
        if side:
            found.setdefault(value, {})[side] = (int(rows["passed"].sum()), len(rows))
    return found


def test_the_items_are_those_of_the_raw_inspections_and_add_up_to_the_gap(view: View, looks: pd.DataFrame) -> None:
    found = item_figures(view, *GATE, as_of=as_of())
    assert found is not None and found.parts is not None
    expected = tally(looks, "item")
    assert len(found.rows) == len(expected) >= 10
    for row in found.rows.to_dict("records"):
        (x1, n1), (x2, n2) = expected[row["group"]]["a"], expected[row["group"]]["b"]
        assert (row["a_x"], row["a_n"], row["b_x"], row["b_n"]) == (x1, n1, x2, n2)
        bounds = newcombe(x1, n1, x2, n2)
        assert (row["low"], row["high"]) == pytest.approx((float(bounds.low), float(bounds.high)))
    whole = looks.groupby("management")["passed"].mean()
    gap = whole["self_governed"] - whole["managed"]
    assert found.rows["adds"].sum() + found.parts.composition.value == pytest.approx(gap)
    assert list(found.rows["adds"] * (1 if gap > 0 else -1)) == sorted(
        found.rows["adds"] * (1 if gap > 0 else -1), reverse=True
    )
    # Benjamini and Hochberg by hand: the k-th smallest p must not exceed k/m · 5 %.
    p = sorted(found.rows["p"])
    limit = max((one for k, one in enumerate(p, 1) if one <= 0.05 * k / len(p)), default=-1.0)
    assert list(found.rows["stands"]) == list((found.rows["p"] <= limit) & found.rows["ahead"].isin(["a", "b"]))
    board = items_board(view, *GATE, tone="light", as_of=as_of())
    assert board.figure is not None and board.table is not None
    assert board.table["rows"][0].cells["adds"].sort == pytest.approx(found.parts.level.value)
    assert len(board.table["rows"]) == len(found.rows) + 1


@pytest.mark.parametrize("within", ["township", "settlement_age", "estate_age", "item"])
def test_like_conditions_are_the_mantel_haenszel_average_of_the_raw_strata(
    view: View, looks: pd.DataFrame, within: str
) -> None:
    years = pd.cut(looks["registered_from"] // 100, [0, 1999, 2009, 2019, 9999]).astype(str)
    by = looks.assign(estate_age=years)
    strata = [pair for pair in tally(by, within).values() if len(pair) == 2]
    weights = [n1 * n2 / (n1 + n2) for (_, n1), (_, n2) in (pair.values() for pair in strata)]
    differences = [pair["a"][0] / pair["a"][1] - pair["b"][0] / pair["b"][1] for pair in strata]
    expected = sum(w * d for w, d in zip(weights, differences, strict=True)) / sum(weights)
    found = adjusted_figures(view, *GATE, within, as_of=as_of())
    assert found.gap.reason is None
    assert float(found.gap.adjusted.difference) == pytest.approx(expected)
    assert int(found.gap.adjusted.strata_used) == len(strata) >= 2
    assert found.parts is not None
    assert found.parts.level.value + found.parts.composition.value == pytest.approx(float(found.gap.crude.difference))
    board = adjusted_board(view, *GATE, within, tone="dark", as_of=as_of())
    assert board.figure is not None and board.table is not None and board.method
    assert len(board.table["rows"]) == len(found.strata) + 2


def test_conditions_that_make_no_sense_are_not_offered(view: View) -> None:
    assert list(within_choices(view, *GATE)) == ["township", "estate_age", "settlement_age", "area_type", "item"]
    assert list(within_choices(view, "urban_rural", "resolution_rate")) == [
        "township", "settlement_age", "category", "channel",
    ]  # fmt: skip
    assert list(within_choices(view, "urban_rural", "coordinators_filled")) == ["township"]
    assert "estate_age" not in within_choices(view, "estate_management", "inspection_coverage")
    assert "estate_age" not in within_choices(view, "firm_size", "prevention_compliance")


def answer(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> str:
    """What is said of strata with (x, n) on both sides."""
    indicator = CATALOGUE["prevention_compliance"]
    tables = [
        rate_table(
            pd.DataFrame({"group": [str(at) for at in range(len(side))], indicator.numerator: [x for x, _ in side],
                          indicator.denominator: [n for _, n in side]}),
            indicator, by=("group",),
        )
        for side in (a, b)
    ]  # fmt: skip
    return answer_words(adjusted_gap(*tables, by="group"), indicator, GROUPS, condition="镇街", lang="zh")


def test_the_answer_says_whether_the_gap_stays_goes_turns_or_appears() -> None:
    stays = answer([(900, 1000), (450, 500)], [(960, 1000), (480, 500)])
    assert stays.startswith("还差。在“镇街”相同的条件下，业主自治小区仍比物业管理小区低6.0个百分点")
    gone = answer([(800, 1000), (99, 100)], [(80, 100), (990, 1000)])
    assert gone.startswith("看不出了。") and "不作调整时低" in gone
    turned = answer([(8800, 10000), (998, 1000)], [(800, 1000), (9800, 10000)])
    assert turned.startswith("方向相反。在“镇街”相同的条件下，业主自治小区比物业管理小区高")
    appears = answer([(3600, 4000), (5760, 6000)], [(5490, 6000), (3880, 4000)])
    assert appears.startswith("显出来了。")
    assert answer([(500, 1000), (250, 500)], [(500, 1000), (250, 500)]).startswith("没有明显差别。")
    assert answer([(10, 10), (20, 20)], [(10, 10), (20, 20)]).startswith("各层里两类对象全部符合")


def test_without_an_as_of_day_and_for_measures_that_are_no_shares_the_refusal_is_a_sentence(view: View) -> None:
    for pairing, indicator, within in ((*GATE, "settlement_age"), ("urban_rural", "officials_per_1000", "township")):
        board = adjusted_board(view, pairing, indicator, within, tone="light", as_of=None)
        assert board.figure is None and board.table is None
        assert board.answer.endswith("不能按同等条件比较。")
    assert items_board(view, "estate_management", "full_compliance", tone="light", as_of=as_of()).figure is None
    assert "不能拆到单个检查项目" in items_board(
        view, "estate_management", "full_compliance", tone="light", as_of=as_of()
    ).answer  # fmt: skip


def test_what_it_takes_is_counted_from_the_raw_rows_and_one_case_fewer_does_not_do(
    view: View, looks: pd.DataFrame
) -> None:
    found = closing_figures(view, *GATE, "level", as_of=as_of())
    assert found is not None and found.behind == "a"
    own, others = looks[looks["management"] == "self_governed"], looks[looks["management"] == "managed"]
    bar = (int(others["passed"].sum()), len(others))
    missed = own.assign(missed=1 - own["passed"]).groupby(["township", "site_code"])["missed"].sum()
    for row in found.rows.to_dict("records"):
        mine = own[own["township"] == row["place"]]
        assert (row["x"], row["n"]) == (mine["passed"].sum(), len(mine))
        assert (row["x"] + row["needed"]) * bar[1] >= bar[0] * row["n"]
        assert row["needed"] == 0 or (row["x"] + row["needed"] - 1) * bar[1] < bar[0] * row["n"]
        doors = sorted(missed[row["place"]], reverse=True)
        assert row["holding"] == sum(1 for one in doors if one)
        assert sum(doors[: row["objects"]]) >= row["needed"]
        assert row["objects"] == 0 or sum(doors[: row["objects"] - 1]) < row["needed"]
    assert list(found.rows["needed"]) == sorted(found.rows["needed"], reverse=True)
    target = closing_figures(view, *GATE, "target", as_of=as_of())
    assert target is not None
    for row in target.rows.to_dict("records"):
        assert row["needed"] == max(0, math.ceil(row["n"] * 95 / 100) - row["x"])
    board = closing_board(view, *GATE, "target", as_of=as_of())
    assert board.table is not None and board.table["rows"][0].total
    assert "95%" in board.answer


def test_a_gap_that_is_not_clear_is_not_closed_and_a_ratio_cannot_be(view: View) -> None:
    one_month = replace(view, first=202206, last=202206)
    board = closing_board(one_month, "settlement_age", "satisfaction_rate", "level", as_of=as_of())
    assert board.table is None and "谈不上追平" in board.answer
    board = closing_board(view, "urban_rural", "officials_per_1000", "level", as_of=as_of())
    assert board.table is None and board.answer.startswith("没有可以补齐的一方")


def items(**pairs: tuple[int, int, int, int]) -> str:
    """What is said of items with (x, n) of A and of B."""
    indicator = CATALOGUE["prevention_compliance"]
    sides = [
        rate_table(
            pd.DataFrame({"group": list(pairs), indicator.numerator: [one[at] for one in pairs.values()],
                          indicator.denominator: [one[at + 1] for one in pairs.values()]}),
            indicator, by=("group",),
        )
        for at in (0, 2)
    ]  # fmt: skip
    rows = gap_table(*sides, by=("group",), indicator=indicator)
    rows = rows.assign(stands=rows["ahead"].isin(["a", "b"]))
    names = {code: CATALOGUE.dimensions["item"].values[code]["zh"] for code in pairs}
    return items_words(ItemFigures(rows, rows.head(1), None), indicator, GROUPS, names, part="item", lang="zh")


def test_the_items_in_words_name_the_widest_and_say_where_it_is_the_other_way_round() -> None:
    wide, wider, even, other = (900, 1000, 960, 1000), (850, 1000, 960, 1000), (90, 100, 90, 100), (99, 100, 80, 100)
    assert items(supplies=wide, notices=wider) == (
        "可比的2个检查项目上业主自治小区全都落后，差得最多的是宣传告知（11.0个百分点）、防护物资储备（6.0个百分点）。"
    )
    assert items(supplies=wide, notices=even).startswith("可比的2个检查项目中，业主自治小区在1个上落后")
    assert items(supplies=wide, notices=wider, site_plan=other).endswith("另有1个是物业管理小区落后。")
    assert "都没有经得起检验的差别" in items(notices=even)
