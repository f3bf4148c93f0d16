"""Oaxaca–Blinder: how much of the gap between two groups of cases goes with differences in what the cases are like.

Kitagawa and Das Gupta compare cells; with several or continuous characteristics of single cases (days open, channel,
size of the firm) the cells run empty, and a linear regression in each group takes their place. Two-fold: the gap of
the mean outcomes is an explained part, what the groups' different average characteristics are worth at common
coefficients, and an unexplained rest. Three-fold: characteristics at the second group's coefficients (endowments),
coefficients at the second group's characteristics, and the interaction of both. Both add up to the gap exactly.

Unexplained does not mean unfair, and explained does not mean justified: the unexplained part holds every
characteristic that was not measured, and a measured one may itself be the product of unequal treatment. Nothing here
is causal. It must not be used for handfuls of cases, or where hardly any case of one group resembles one of the
other (the regression then extrapolates). For a yes/no outcome it is the linear probability model: fine for a gap in
the middle, poor close to 0 or 100 %, where the cells of Das Gupta are the better choice.

The estimates come from statsmodels. The common coefficients are those of the pooled regression with an indicator of
the group (Jann 2008: without it the gap itself leaks into the explained part). The standard errors are ours: those of
statsmodels are a bootstrap that drops the outermost results before taking their spread, which makes them too small
and random. Here every case's influence on the estimate is written down and squared (the delta method with
heteroskedasticity-robust variances; characteristics count as sampled, like the outcome).

Source: Oaxaca 1973, International Economic Review 14:693; Blinder 1973, Journal of Human Resources 8:436;
Jann 2008, Stata Journal 8:453.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from indicators.counts import Floats, check_enough
from indicators.errors import MethodError

FEWEST_CASES = 20
"""In each group; more if there are many covariates (two cases for each coefficient)."""


class Effect(NamedTuple):
    """An estimate and its standard error, in the units of the outcome."""

    value: float
    error: float


@dataclass(frozen=True)
class OaxacaBlinder:
    """The gap (mean outcome of the first group minus the second) taken apart in two ways.

    explained + unexplained = gap;  endowments + coefficients + interaction = gap
    by_covariate  the explained part by covariate (adds up to it); there is no such list for the unexplained part,
                  because it would depend on where each covariate has its zero (Jones 1983)
    first_cases, second_cases  the number of cases compared
    """

    gap: Effect
    explained: Effect
    unexplained: Effect
    endowments: Effect
    coefficients: Effect
    interaction: Effect
    by_covariate: pd.Series
    first_cases: int
    second_cases: int


def oaxaca(
    cases: pd.DataFrame, *, outcome: str, covariates: Sequence[str], group: str, first: Any, second: Any
) -> OaxacaBlinder:
    """Oaxaca–Blinder decomposition of a frame with one row a case.

    ``outcome`` is a numeric (or boolean) column; ``covariates`` are numeric, boolean, or categories (text), which
    become one indicator for every value but the first; ``group`` is a column in which ``first`` and ``second`` are
    the two values to be compared (other rows are left out). The order of the rows has no effect.
    Raises MethodError, with a sentence naming the column, for an unknown column, a missing value, a covariate that
    does not vary within one of the groups, covariates that determine each other, or too few cases (20 in each group,
    and two for each coefficient).
    """
    columns = [outcome, *covariates]
    _check_columns(cases, [*columns, group])
    chosen = cases[cases[group].isin([first, second])]
    _check_present(chosen, columns)
    in_second = (chosen[group] == second).to_numpy(dtype=bool)
    x, owners = _design(chosen, covariates)
    least = max(FEWEST_CASES, 2 * (x.shape[1] + 1))
    for label, members in ((first, ~in_second), (second, in_second)):
        check_enough(int(members.sum()), least, what=f"cases in the group {label}", zh=f"“{label}”组的案例")
        _check_varies(x[members], owners, label)
    y = chosen[outcome].to_numpy(dtype=np.float64)
    return _decomposed(y, np.column_stack([x, np.ones(len(x))]), in_second, owners)


def _decomposed(y: Floats, x: Floats, in_second: Any, owners: list[str]) -> OaxacaBlinder:
    """``x`` ends with the constant."""
    from statsmodels.stats.oaxaca import OaxacaBlinder as Model

    with_group = np.column_stack([x, in_second.astype(np.float64)])
    model = Model(y, with_group, x.shape[1], hasconst=True, swap=False)
    unexplained, explained, gap = model.two_fold(two_fold_type="pooled").params
    endowments, coefficients, interaction, _ = model.three_fold().params
    common, beta1, beta2 = model.t_params, model._f_model.params, model._s_model.params

    sides = (~in_second, in_second)
    mean1, mean2 = (x[side].mean(axis=0) for side in sides)
    sway_mean1, sway_mean2 = (np.where(side[:, None], x - x[side].mean(axis=0), 0.0) / side.sum() for side in sides)
    sway_gap = sum(
        sign * np.where(side, y - y[side].mean(), 0.0) / side.sum() for sign, side in zip((1, -1), sides, strict=True)
    )
    sway1, sway2 = (_coefficient_sway(y, x, side, beta) for side, beta in zip(sides, (beta1, beta2), strict=True))
    full = np.append(common, model._t_model.params[-1])
    sway_common = _coefficient_sway(y, with_group, np.ones(len(y), dtype=bool), full)[:, :-1]
    apart, sway_apart = mean1 - mean2, sway_mean1 - sway_mean2
    sway_explained = sway_apart @ common + sway_common @ apart
    sway_endowments = sway_apart @ beta2 + sway2 @ apart
    sway_coefficients = sway_mean2 @ (beta1 - beta2) + (sway1 - sway2) @ mean2
    parts = pd.Series(apart[:-1] * common[:-1], index=pd.Index(owners, name="covariate"))
    return OaxacaBlinder(
        gap=_effect(gap, sway_gap),
        explained=_effect(explained, sway_explained),
        unexplained=_effect(unexplained, sway_gap - sway_explained),
        endowments=_effect(endowments, sway_endowments),
        coefficients=_effect(coefficients, sway_coefficients),
        interaction=_effect(interaction, sway_gap - sway_endowments - sway_coefficients),
        by_covariate=parts.groupby(level=0, sort=False).sum(),
        first_cases=int(sides[0].sum()),
        second_cases=int(sides[1].sum()),
    )


def _coefficient_sway(y: Floats, x: Floats, members: Any, beta: Floats) -> Floats:
    """The influence of every case on the regression coefficients: (X'X)⁻¹ x_i e_i, 0 for cases outside."""
    inside = x[members]
    inverse = np.linalg.inv(inside.T @ inside)
    return np.where(members[:, None], (x * (y - x @ beta)[:, None]) @ inverse, 0.0)


def _effect(value: float, sway: Floats) -> Effect:
    return Effect(float(value), float(np.sqrt(np.square(sway).sum())))


def _check_columns(cases: pd.DataFrame, columns: list[str]) -> None:
    absent = [name for name in columns if name not in cases.columns]
    if absent:
        raise MethodError(
            zh=f"表中没有列{'、'.join(absent)}；请检查列名。",
            en=f"There is no column {', '.join(absent)}; check the names.",
        )


def _check_present(chosen: pd.DataFrame, columns: list[str]) -> None:
    for name in columns:
        column = chosen[name]
        missing = int(column.isna().sum())
        if pd.api.types.is_float_dtype(column):
            missing += int(np.isinf(column.to_numpy(dtype=np.float64)).sum())
        if missing:
            raise MethodError(
                zh=f"列“{name}”有{missing}个缺失值；请先去掉这些案例，或把“未知”列为一类。",
                en=f"Column {name} has {missing} missing values; leave those cases out or make unknown a category.",
            )
    outcome = chosen[columns[0]]
    if not (pd.api.types.is_numeric_dtype(outcome) or pd.api.types.is_bool_dtype(outcome)):
        raise MethodError(
            zh=f"结果列“{columns[0]}”不是数字；请用0和1或数值表示。",
            en=f"The outcome {columns[0]} is not numeric; give 0 and 1, or a measurement.",
        )


def _design(chosen: pd.DataFrame, covariates: Sequence[str]) -> tuple[Floats, list[str]]:
    """The covariates as columns of numbers, and the covariate that each column comes from."""
    columns: list[Floats] = []
    owners: list[str] = []
    for name in covariates:
        column = chosen[name]
        if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
            columns.append(column.to_numpy(dtype=np.float64))
            owners.append(name)
            continue
        text = column.astype(str).to_numpy(dtype=object)
        for value in sorted(set(text))[1:]:
            columns.append((text == value).astype(np.float64))
            owners.append(name)
    return np.column_stack(columns) if columns else np.zeros((len(chosen), 0)), owners


def _check_varies(x: Floats, owners: list[str], label: Any) -> None:
    for at, name in enumerate(owners):
        if np.ptp(x[:, at]) == 0:
            raise MethodError(
                zh=f"在“{label}”组中，列“{name}”（或它的某一类）没有变化；请去掉它或合并类别。",
                en=f"In the group {label}, column {name} (or one of its categories) does not vary; leave it out or"
                " merge categories.",
            )
    centred = (x - x.mean(axis=0)) / x.std(axis=0)
    if x.shape[1] and np.linalg.matrix_rank(centred) < x.shape[1]:
        raise MethodError(
            zh=f"在“{label}”组中，各协变量相互决定（如同一信息列了两次）；请去掉其中一列。",
            en=f"In the group {label} the covariates determine each other (the same thing given twice); leave one out.",
        )
