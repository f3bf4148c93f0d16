"""Oaxaca–Blinder: parts that add up, standard errors that the bootstrap confirms, and refusals in plain words."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import MethodError
from indicators.oaxaca import OaxacaBlinder, oaxaca

COVARIATES = ["days", "firm", "channel"]


def cases(seed: int, size: int = 300) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    town = chance.random(size) < 0.4
    days = chance.gamma(2.0, 3.0, size) + 2 * town
    firm = chance.random(size) < np.where(town, 0.3, 0.6)
    channel = chance.choice(["app", "desk", "phone"], size, p=[0.5, 0.2, 0.3])
    solved = chance.random(size) < 0.9 - 0.02 * days + 0.1 * firm - 0.1 * town * (channel == "desk")
    return pd.DataFrame({"solved": solved, "days": days, "firm": firm, "channel": channel,
                         "area": np.where(town, "town", "rest")})  # fmt: skip


def found(frame: pd.DataFrame) -> OaxacaBlinder:
    return oaxaca(frame, outcome="solved", covariates=COVARIATES, group="area", first="town", second="rest")


def slow(frame: pd.DataFrame) -> dict[str, float]:
    """All parts from least squares by numpy, without statsmodels."""
    y = frame["solved"].to_numpy(dtype=float)
    x = np.column_stack(
        [frame["days"], frame["firm"], frame["channel"] == "desk", frame["channel"] == "phone", np.ones(len(frame))]
    ).astype(float)
    town = (frame["area"] == "town").to_numpy()
    b1, b2 = (np.linalg.lstsq(x[side], y[side])[0] for side in (town, ~town))
    common = np.linalg.lstsq(np.column_stack([x, town]), y)[0][:-1]
    m1, m2 = x[town].mean(axis=0), x[~town].mean(axis=0)
    explained = float((m1 - m2) @ common)
    return {
        "gap": float(y[town].mean() - y[~town].mean()),
        "explained": explained,
        "unexplained": float(y[town].mean() - y[~town].mean() - explained),
        "endowments": float((m1 - m2) @ b2),
        "coefficients": float(m2 @ (b1 - b2)),
        "interaction": float((m1 - m2) @ (b1 - b2)),
    }


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_the_parts_are_those_of_plain_least_squares_and_add_up_to_the_gap(seed: int) -> None:
    frame = cases(seed)
    parts = found(frame)
    for name, value in slow(frame).items():
        assert getattr(parts, name).value == pytest.approx(value, abs=1e-10)
    assert parts.explained.value + parts.unexplained.value == pytest.approx(parts.gap.value, abs=1e-12)
    three = parts.endowments.value + parts.coefficients.value + parts.interaction.value
    assert three == pytest.approx(parts.gap.value, abs=1e-12)
    assert parts.by_covariate.sum() == pytest.approx(parts.explained.value, abs=1e-12)
    assert list(parts.by_covariate.index) == COVARIATES
    assert parts.first_cases + parts.second_cases == len(frame)


def steep() -> pd.DataFrame:
    """The slopes of the groups differ so much that the chance in the mean characteristics counts."""
    frame = cases(5, size=1000)
    slope = np.where(frame["area"] == "town", 3.0, 1.0)
    noise = np.random.default_rng(6).normal(0, 2, len(frame))
    return frame.assign(solved=slope * frame["days"] + noise)


def far_apart() -> pd.DataFrame:
    """The groups differ so much in their days that the chance in the coefficients counts."""
    frame = cases(7, size=1000)
    days = frame["days"] + 8 * (frame["area"] == "town")
    return frame.assign(days=days, solved=np.random.default_rng(8).normal(0.1 * days, 2))


@pytest.mark.parametrize("frame", [steep(), far_apart()], ids=["steep", "far apart"])
def test_the_standard_errors_are_those_of_the_bootstrap(frame: pd.DataFrame) -> None:
    parts = found(frame)
    draws = [slow(frame.sample(frac=1, replace=True, random_state=seed)) for seed in range(250)]
    for name in draws[0]:
        spread = np.std([one[name] for one in draws])
        assert getattr(parts, name).error == pytest.approx(spread, rel=0.15), name


def test_the_order_of_rows_and_covariates_never_changes_a_result() -> None:
    frame = cases(1)
    first = found(frame)
    turned = oaxaca(
        frame[::-1].reset_index(drop=True), outcome="solved", covariates=COVARIATES[::-1], group="area",
        first="town", second="rest",
    )  # fmt: skip
    for name in ("gap", "explained", "unexplained", "endowments", "coefficients", "interaction"):
        assert getattr(first, name) == pytest.approx(getattr(turned, name), abs=1e-10)
    assert first.by_covariate.sort_index().to_numpy() == pytest.approx(turned.by_covariate.sort_index().to_numpy())


def test_exchanging_the_groups_turns_the_sign_of_the_two_fold_parts() -> None:
    frame = cases(2)
    there = found(frame)
    back = oaxaca(frame, outcome="solved", covariates=COVARIATES, group="area", first="rest", second="town")
    assert back.explained.value == pytest.approx(-there.explained.value)
    assert back.unexplained.value == pytest.approx(-there.unexplained.value)
    assert back.explained.error == pytest.approx(there.explained.error)


def test_the_name_given_to_a_category_does_not_matter() -> None:
    frame = cases(3)
    renamed = frame.assign(channel=frame["channel"].map({"app": "z", "desk": "m", "phone": "a"}))
    assert found(renamed).by_covariate.to_numpy() == pytest.approx(found(frame).by_covariate.to_numpy())


def test_groups_that_are_all_alike_have_no_gap_to_explain() -> None:
    half = cases(4).assign(area="town")
    parts = found(pd.concat([half, half.assign(area="rest")]))
    for name in ("gap", "explained", "unexplained", "endowments", "coefficients", "interaction"):
        assert getattr(parts, name).value == pytest.approx(0, abs=1e-12)


def test_without_covariates_everything_is_unexplained() -> None:
    parts = oaxaca(cases(6), outcome="solved", covariates=[], group="area", first="town", second="rest")
    assert parts.explained.value == 0
    assert parts.unexplained.value == pytest.approx(parts.gap.value)
    assert parts.by_covariate.empty


def test_cases_of_other_groups_are_left_out() -> None:
    frame = cases(7)
    other = frame.assign(area="elsewhere", days=np.nan)
    assert found(pd.concat([frame, other])).explained == found(frame).explained


def test_what_cannot_be_regressed_is_refused_with_the_name_of_the_column() -> None:
    frame = cases(8)
    refusals = [
        (frame.drop(columns="days"), "There is no column days"),
        (frame.assign(days=frame["days"].where(frame["days"] > 3)), "days has .* missing"),
        (frame.assign(days=np.where(frame["days"] > 3, np.inf, 1.0)), "days has .* missing"),
        (frame.assign(solved="yes"), "solved is not numeric"),
        (frame.assign(days=1.0), "days .* does not vary"),
        (frame.assign(channel=np.where(frame["area"] == "town", "app", "desk")), "channel .* does not vary"),
        (frame.assign(firm=2 * frame["days"] + 1), "determine each other"),
        (frame[:30], "at least 20 are needed"),
    ]
    for wrong, words in refusals:
        with pytest.raises(MethodError, match=words):
            found(wrong)
