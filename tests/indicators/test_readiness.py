"""A yes that has grown old is no yes: thresholds, validity and the rules of peacetime and emergency."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from indicators.catalogue import Catalogue, CatalogueError
from indicators.readiness import (
    MODES,
    MODES_FILE,
    Readiness,
    ReadinessModes,
    Rule,
    load_readiness_modes,
    reaches,
    readiness_table,
    runs_out_soon,
    together,
)
from indicators.values import rate_table

DAY = dt.date(2022, 11, 30)
RULE = Rule(ready=0.9, least=0.7, valid_days=30)


@pytest.fixture(scope="module")
def modes(catalogue: Catalogue) -> ReadinessModes:
    return load_readiness_modes(catalogue)


def judged(
    catalogue: Catalogue, pairs: dict[str, tuple[float, float]], dates: dict[str, Any], *, rule: Rule = RULE,
    code: str = "drills_done",
) -> pd.DataFrame:  # fmt: skip
    """The table of places with these counts, by place."""
    counts = pd.DataFrame(
        {
            "place": list(pairs),
            "value": "all",
            "numerator": [x for x, _ in pairs.values()],
            "denominator": [n for _, n in pairs.values()],
        }
    )
    places = [*pairs, *(place for place in dates if place not in pairs)]
    rates = rate_table(counts, catalogue[code], places=places)
    return readiness_table(rates, dates, catalogue[code], rule, day=DAY).set_index("place")


def test_an_answer_is_good_through_its_last_day_and_stale_the_day_after(catalogue: Catalogue) -> None:
    last_good, too_old = DAY - dt.timedelta(days=30), DAY - dt.timedelta(days=31)
    found = judged(catalogue, {"a": (10, 10), "b": (10, 10)}, {"a": last_good, "b": too_old})
    assert found["readiness"].to_dict() == {"a": "yes", "b": "stale"}
    assert found.at["a", "expires_on"] == DAY
    assert found["days_left"].to_dict() == {"a": 0.0, "b": -1.0}


def test_thresholds_are_reached_exactly_on_them_and_not_a_hair_below(catalogue: Catalogue) -> None:
    pairs = {"ready": (9, 10), "partly": (899, 1000), "least": (7, 10), "no": (699, 1000), "none": (0, 10)}
    found = judged(catalogue, pairs, dict.fromkeys(pairs, DAY))
    assert found["readiness"].to_dict() == {
        "ready": "yes", "partly": "partly", "least": "partly", "no": "no", "none": "no",
    }  # fmt: skip


def test_an_old_partly_is_stale_but_an_old_no_stays_a_no(catalogue: Catalogue) -> None:
    old = DAY - dt.timedelta(days=400)
    found = judged(catalogue, {"partly": (8, 10), "no": (5, 10)}, {"partly": old, "no": old})
    assert found["readiness"].to_dict() == {"partly": "stale", "no": "no"}


def test_an_answer_without_a_day_counts_as_stale_and_a_place_without_an_answer_as_no_data(catalogue: Catalogue) -> None:
    found = judged(catalogue, {"undated": (10, 10), "odd": (10, 10)}, {"undated": None, "odd": pd.NaT, "silent": DAY})
    assert found["readiness"].to_dict() == {"undated": "stale", "odd": "stale", "silent": "no_data"}
    assert found.at["undated", "expires_on"] is None and np.isnan(found.at["undated", "days_left"])


def test_without_a_validity_an_answer_stays_good_for_ever_and_without_a_threshold_nothing_is_said(
    catalogue: Catalogue,
) -> None:
    pairs, dates = {"a": (10, 10)}, {"a": dt.date(1999, 1, 1)}
    assert judged(catalogue, pairs, dates, rule=Rule(ready=0.9)).at["a", "readiness"] == "yes"
    assert judged(catalogue, pairs, dates, rule=Rule(valid_days=1)).at["a", "readiness"] == "not_set"


def test_where_lower_is_better_a_value_above_the_limit_falls_short(catalogue: Catalogue) -> None:
    pairs = {"few": (5, 100), "some": (9, 100), "many": (11, 100), "zero": (0, 100)}
    rule = Rule(ready=0.08, least=0.1, valid_days=30)
    found = judged(catalogue, pairs, dict.fromkeys(pairs, DAY), rule=rule, code="post_vacancy")
    assert found["readiness"].to_dict() == {"few": "yes", "some": "partly", "many": "no", "zero": "yes"}


def test_too_few_cases_and_hidden_figures_are_not_judged(catalogue: Catalogue) -> None:
    few = judged(catalogue, {"a": (5, 5)}, {"a": DAY}, code="post_vacancy", rule=Rule(ready=0.08))
    assert few.at["a", "readiness"] == "too_few"
    counts = pd.DataFrame({"place": ["a"], "value": "all", "numerator": [9], "denominator": [10], "hidden": [True]})
    rates = rate_table(counts, catalogue["drills_done"])
    assert list(readiness_table(rates, {"a": DAY}, catalogue["drills_done"], RULE, day=DAY)["readiness"]) == ["hidden"]


def test_only_answers_that_are_good_now_run_out_soon(catalogue: Catalogue) -> None:
    ages = {"today": 30, "soon": 1, "gone": 31}
    dates = {place: DAY - dt.timedelta(days=age) for place, age in ages.items()}
    found = judged(catalogue, dict.fromkeys(ages, (10, 10)) | {"no": (1, 10)}, dates | {"no": dates["soon"]})
    assert runs_out_soon(found).to_dict() == {"today": True, "soon": True, "gone": False, "no": False}
    assert runs_out_soon(found, within=5).to_dict() == {"today": True, "soon": False, "gone": False, "no": False}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["yes", "yes"], "yes"),
        (["yes", "stale"], "stale"),
        (["stale", "partly"], "partly"),
        (["partly", "no", "stale"], "no"),
        (["yes", "no_data"], "no_data"),
        (["no_data", "stale"], "stale"),
        (["yes", "not_set", "not_applicable"], "yes"),
        (["not_set"], "not_set"),
    ],
)
def test_together_the_worst_decides(states: list[str], expected: str) -> None:
    assert together(states) == expected
    assert together(states[::-1]) == expected


def test_every_state_has_a_place_in_the_order_or_decides_nothing() -> None:
    assert {together([state.value]) for state in Readiness} == {
        *(state.value for state in Readiness if state not in (Readiness.NOT_APPLICABLE, Readiness.NOT_SET)), "not_set",
    }  # fmt: skip


# The file


def test_peacetime_is_what_the_definitions_say_and_an_emergency_never_asks_less(
    catalogue: Catalogue, modes: ReadinessModes
) -> None:
    named = {code for code, _ in modes.rules}
    assert {one.code for one in catalogue.of_domain("readiness")} <= named
    for code in named:
        indicator, peace, emergency = catalogue[code], modes.rule(code, "peace"), modes.rule(code, "emergency")
        assert indicator.target in (None, peace.ready)
        assert indicator.valid_days in (None, peace.valid_days)
        sign = -1 if indicator.better == "lower" else 1
        assert sign * (emergency.ready or 0) >= sign * (peace.ready or 0)
        assert (emergency.valid_days or 0) <= (peace.valid_days or 0)
    assert modes.rule("plans_current", "peace") != modes.rule("plans_current", "emergency")


def test_an_indicator_that_is_not_named_has_no_threshold_and_an_unknown_mode_is_refused(modes: ReadinessModes) -> None:
    assert modes.rule("caseload_per_grid_worker", MODES[0]) == Rule()
    with pytest.raises(KeyError):
        modes.rule("plans_current", "war")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[rules.plans_current]", "[rules.plans_curent]", "rules.plans_curent is no indicator"),
        ("peace = { ready = 0.95, least = 0.8 }", "peace = { ready = 1.5, least = 0.8 }", "share between 0 and 1"),
        ("peace = { ready = 0.95, least = 0.8 }", "peace = { ready = 0.95, least = 0.96 }", "must not ask more"),
        ("peace = { ready = 0.95, least = 0.8 }", "peace = { reddy = 0.95 }", "reddy"),
        ("[rules.plans_current]\npeace = { ", "[rules.plans_current]\npeace = { ready = 0.9, ", "definition says 1.0"),
        ("[rules.plans_current]\npeace = { ", "[rules.plans_current]\npeace = { valid_days = 9, ", "definition says"),
        ("emergency = { ready = 21.0, least = 14.0, valid_days = 7 }", "emergency = { ready = 9.0 }", "not ask less"),
        ("least = 0.9, valid_days = 90 }", "least = 0.9, valid_days = 400 }", "more days than peacetime"),
        ("[rules.plans_current]", "[rules.caseload_per_grid_worker]", "neither direction is better"),
        ("basis = {", "basis = [", "not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence_that_names_it(
    catalogue: Catalogue, tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    content = MODES_FILE.read_text(encoding="utf-8")
    assert old in content
    if "caseload" in new:
        content = content.replace("[rules.plans_current]\npeace = { least", f"{new}\npeace = {{ ready = 3.0, least", 1)
    else:
        content = content.replace(old, new, 1)
    path = tmp_path / "readiness_modes.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=complaint) as caught:
        load_readiness_modes(catalogue, path)
    assert str(caught.value).startswith("readiness_modes.toml") and "\n" not in str(caught.value)


def test_whether_a_value_reaches_a_rule_is_open_where_either_is_missing(catalogue: Catalogue) -> None:
    drills = catalogue["drills_done"]
    assert reaches(0.9, RULE, drills) is True and reaches(0.89, RULE, drills) is False
    assert reaches(float("nan"), RULE, drills) is None and reaches(0.9, Rule(), drills) is None
