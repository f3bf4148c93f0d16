"""Which parts make the distance: what every village adds to its township's distance from a target.

The rate of a whole is the case-weighted mean of its parts, so its distance from a target D is a plain sum over the
parts: c_i = n_i (p_i − D)/N. The same thing in cases, x_i − n_i·D, is what people understand: "six cases fewer closed
than the target asks for". A part counts by how far off it is and by how many cases it has, so the list leads to
where most can be gained. It is a list of where the cases are and not of who is bad: a large part with a rate just
below the target may head it, and a small contribution within chance says nothing about the part.

The change of a pooled rate between two periods is taken apart in the same way (shift-share): how the part's own rate
moved, and how its share of the cases moved. The volume effect is measured against the mean pooled rate, so it is
positive if a part with an above-average rate grew or one with a below-average rate shrank; without that centring only
the sum of the volume effects would mean anything.

Source: Kitagawa 1955, JASA 50:1168; Dunn 1960, Papers in Regional Science 6:97 (shift-share).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from indicators.counts import Floats, check_counts
from indicators.errors import MethodError
from indicators.targets import exact_share


class Contributions(NamedTuple):
    """What each part adds to the distance of the whole from a target, arrays of the shape of the counts.

    rate   in units of the rate (a share); the sum is P − D
    cases  x_i − n_i·D; the sum is X − N·D; negative: cases short of the target
    """

    rate: Floats
    cases: Floats


class ChangeContributions(NamedTuple):
    """What each part adds to the change of the pooled rate from the first to the second period (shares).

    total   rate + volume; the sum is P₂ − P₁
    rate    (s₁ + s₂)/2 · (p₂ − p₁), s the part's share of the cases
    volume  (s₂ − s₁) · ((p₁ + p₂)/2 − (P₁ + P₂)/2)
    """

    total: Floats
    rate: Floats
    volume: Floats


def contributions(x: Any, n: Any, target: float | Fraction) -> Contributions:
    """What every part (last axis) adds to the distance of the pooled rate from ``target`` (a share from 0 to 1).

    The target is taken as the decimal it is written as, or as the Fraction given (the exact rate of the district).
    Every contribution is worked out in whole numbers and rounded at the end: a part on the target gives exactly 0, the
    sum differs from P − D by rounding only; `contribution_fractions` gives them without any rounding.
    A part without cases adds 0. NaN (for ``rate``) if there are no cases at all.
    Raises CountError for impossible counts, MethodError for a target outside 0..1.
    """
    x, n = check_counts(x, n)
    share = exact_share(target)
    excess = _excess(x, n, share)
    total = n.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(total > 0, excess / (total * float(share.denominator)), np.nan)
    return Contributions(rate, excess / float(share.denominator))


def contribution_fractions(x: Any, n: Any, target: float | Fraction) -> list[Fraction]:
    """`contributions` (``rate``) of one row of parts as exact fractions; their sum is P − D without rounding.

    Empty if there are no cases. Raises as `contributions`.
    """
    xs, ns = check_counts(x, n)
    share = exact_share(target)
    total = int(ns.sum())
    return [(int(a) - int(b) * share) / total for a, b in zip(xs.ravel(), ns.ravel(), strict=True)] if total else []


def contribution_table(table: pd.DataFrame, target: float | Fraction, *, by: str = "place") -> pd.DataFrame | None:
    """`contributions` of a frame with the label column ``by``, x and n, the parts that make the distance first.

    Returns ``by``, x, n, contribution, cases and share_of_distance (the contribution divided by the whole distance;
    they add up to 1, and a part that works against the distance has a negative one; NaN if there is no distance),
    sorted by share_of_distance (if there is no distance by the size of the contribution), then by label.
    Rows without data (NaN in n) are left out. None if no row has cases or, where the frame has a column state (a
    ``rate_table``), if a count is hidden: the sum would not be the distance. Raises as `contributions`, and
    MethodError for a label that occurs twice.
    """
    rows = _parts(table, by)
    if rows is None:
        return None
    found = contributions(rows["x"], rows["n"], target)
    share = exact_share(target)
    x, n = (int(rows[name].sum()) for name in ("x", "n"))
    distance = float(Fraction(x, n) - share)
    rows["contribution"], rows["cases"] = found
    rows["share_of_distance"] = found.rate / distance if distance else np.nan
    return _sorted(rows, by, rows["share_of_distance"] if distance else rows["contribution"].abs())


def change_contributions(x1: Any, n1: Any, x2: Any, n2: Any) -> ChangeContributions:
    """What every part (last axis) adds to the change of the pooled rate, from its rate and from its share of cases.

    A part with cases in only one period is given the same rate in the other, so it changes by volume alone; one with
    none adds 0. NaN if a period has no cases at all. The sums are exact to rounding. Raises CountError for
    impossible counts.
    """
    x1, n1 = check_counts(x1, n1, what="first side")
    x2, n2 = check_counts(x2, n2, what="second side")
    with np.errstate(invalid="ignore", divide="ignore"):
        share1, share2 = n1 / n1.sum(axis=-1, keepdims=True), n2 / n2.sum(axis=-1, keepdims=True)
        pooled = (x1.sum(axis=-1, keepdims=True) / n1.sum(axis=-1, keepdims=True)
                  + x2.sum(axis=-1, keepdims=True) / n2.sum(axis=-1, keepdims=True)) / 2  # fmt: skip
        own1, own2 = x1 / n1, x2 / n2
    rate1 = np.where(n1 > 0, own1, np.where(n2 > 0, own2, 0.0))
    rate2 = np.where(n2 > 0, own2, np.where(n1 > 0, own1, 0.0))
    rate = (share1 + share2) / 2 * (rate2 - rate1)
    volume = (share2 - share1) * ((rate1 + rate2) / 2 - pooled)
    return ChangeContributions(rate + volume, rate, volume)


def change_contribution_table(before: pd.DataFrame, now: pd.DataFrame, *, by: str = "place") -> pd.DataFrame | None:
    """`change_contributions` of two frames with the label column ``by``, x and n, what makes the change first.

    Returns ``by``, before_x, before_n, now_x, now_n (0 where a part is absent), total, rate, volume and
    share_of_distance (total divided by the change of the pooled rate; NaN if there is none), sorted by it, then by
    label. None, and errors, as `contribution_table`.
    """
    first, second = _parts(before, by), _parts(now, by)
    if first is None or second is None:
        return None
    rows = (
        first.set_index(by).add_prefix("before_").join(second.set_index(by).add_prefix("now_"), how="outer")
    ).fillna(0.0).rename_axis(by).reset_index()  # fmt: skip
    x1, n1, x2, n2 = (rows[name].to_numpy() for name in ("before_x", "before_n", "now_x", "now_n"))
    found = change_contributions(x1, n1, x2, n2)
    rows["total"], rows["rate"], rows["volume"] = found
    change = float(Fraction(int(x2.sum()), int(n2.sum())) - Fraction(int(x1.sum()), int(n1.sum())))
    rows["share_of_distance"] = found.total / change if change else np.nan
    return _sorted(rows, by, rows["share_of_distance"] if change else rows["total"].abs())


def _excess(x: Floats, n: Floats, share: Fraction) -> Floats:
    """x·q − n·p for the target p/q, worked out in whole numbers, then a float."""
    p, q = share.numerator, share.denominator
    if q <= 2**31:
        whole = x.astype(np.int64) * q - n.astype(np.int64) * p
        return np.asarray(whole, dtype=np.float64)
    pairs = zip(x.ravel(), n.ravel(), strict=True)
    return np.array([float(int(a) * q - int(b) * p) for a, b in pairs], dtype=np.float64).reshape(x.shape)


def _parts(table: pd.DataFrame, by: str) -> pd.DataFrame | None:
    if "state" in table.columns and (table["state"] == "hidden").any():
        return None
    rows = table.loc[table["n"].notna(), [by, "x", "n"]].reset_index(drop=True)
    if rows[by].duplicated().any():
        raise MethodError(
            zh=f"列“{by}”中有重复的名称；每个部分只能有一行。",
            en=f"Column {by} names a part twice; give one row a part.",
        )
    check_counts(rows["x"], rows["n"])
    return rows if rows["n"].sum() > 0 else None


def _sorted(rows: pd.DataFrame, by: str, size: pd.Series) -> pd.DataFrame:
    order = rows.assign(_size=size.round(15)).sort_values(["_size", by], ascending=[False, True], kind="stable").index
    return rows.loc[order].reset_index(drop=True)
