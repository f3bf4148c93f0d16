"""What is true in the demonstration district: how good each township, village and group really is, month by month.

All effects are in percentage points of a rate near 98 % (issues) or 95 % (prevention). Events are drawn from these
probabilities, so a test may ask whether the dashboard finds what was put in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_access.demo_data.places import District

FIRST_MONTH = np.datetime64("2020-01")
MONTHS = 36
AS_OF = np.datetime64("2022-12-31")

# Campaign code, first month, townships it reached, how far the gap falls there, and which gap it narrows.
CAMPAIGN_STARTS = {
    "rental_housing": np.datetime64("2020-06"),
    "community_nuisance": np.datetime64("2020-09"),
    "property_governance": np.datetime64("2021-04"),
    "scattered_industry": np.datetime64("2021-07"),
    "office_building": np.datetime64("2021-10"),
}
CAMPAIGN_TOWNSHIPS = {
    "rental_housing": ("330212001", "330212007", "330212106", "330212110"),
    "community_nuisance": (
        "330212002", "330212004", "330212008", "330212010", "330212012", "330212013", "330212015", "330212106",
        "330212103",
    ),
    "property_governance": (
        "330212005", "330212006", "330212007", "330212009", "330212011", "330212014", "330212106", "330212110",
    ),
    "scattered_industry": ("330212001", "330212102", "330212104", "330212105", "330212108", "330212109", "330212110"),
    "office_building": ("330212005", "330212006", "330212010", "330212014", "330212016"),
}  # fmt: skip
CAMPAIGN_NARROWS = {
    "community_nuisance": "area", "property_governance": "estate", "scattered_industry": "firm",
}  # fmt: skip
_LEFT_AFTER_CAMPAIGN = 0.25
_MONTHS_TO_WORK = 9
_LEFT_WITHOUT = 0.88  # elsewhere the gap hardly closes by the end

# Gaps of the first months, in points: prevention (pass rate), resolution (solved), satisfaction.
PREVENTION_GAPS = {"area": 2.1, "estate": 5.7, "firm": 4.4, "new": 0.6}
RESOLUTION_GAPS = {"area": 0.5, "estate": 1.3, "firm": 1.6, "new": 0.4}
SATISFACTION_GAPS = {"area": 0.4, "estate": 1.0, "firm": 1.0, "new": 0.3}
VILLAGE_SD = 1.0
BELOW, ABOVE = 3, 3  # townships whose resolution really differs


@dataclass(frozen=True)
class Truth:
    """The district's true differences.

    ``townships``: index = row of ``District.townships``; code, resolution, satisfaction, prevention (points above the
    others), standing ("below", "above" or "usual", of resolution). ``villages``: code and the same three columns, mean
    0 within each township (weighted by residents). ``gap_left``: for "area", "estate", "firm" an array
    (townships, months): by how much the gap of ``*_GAPS`` is multiplied there and then.
    """

    townships: pd.DataFrame
    villages: pd.DataFrame
    gap_left: dict[str, np.ndarray]


def month_number(days: np.ndarray) -> np.ndarray:
    """Months since January 2020 of each datetime64."""
    return (days.astype("datetime64[M]") - FIRST_MONTH).astype(int)


def draw_truth(rng: np.random.Generator, district: District) -> Truth:
    """Draw who is really better, and where each gap is how wide and when it narrows."""
    towns, villages = district.townships, district.villages
    count = len(towns)
    people = villages.groupby("township")["residents"].sum().to_numpy()
    large = rng.permutation(np.flatnonzero(people > np.quantile(people, 0.3)))
    standing = np.full(count, "usual", dtype=object)
    standing[large[:BELOW]] = "below"
    standing[large[BELOW : BELOW + ABOVE]] = "above"
    resolution = np.zeros(count)
    resolution[large[:BELOW]] = rng.uniform(-2.6, -1.7, BELOW)
    resolution[large[BELOW : BELOW + ABOVE]] = rng.uniform(1.0, 1.3, ABOVE)
    township_truth = pd.DataFrame(
        {
            "code": towns["code"],
            "resolution": resolution,
            "satisfaction": 0.5 * resolution + rng.normal(0, 0.12, count),
            "prevention": rng.normal(0, 0.9, count),
            "standing": standing,
        }
    )

    shared = rng.normal(0, 1, len(villages))
    columns = {"code": villages["code"]}
    for name, tie in (("resolution", 0.8), ("satisfaction", 0.6), ("prevention", 0.3)):
        effect = tie * shared + np.sqrt(1 - tie**2) * rng.normal(0, 1, len(villages))
        effect = np.clip(VILLAGE_SD * 1.06 * effect, -3.0, 1.5)
        weight = villages["residents"]
        means = (effect * weight).groupby(villages["township"]).sum() / weight.groupby(villages["township"]).sum()
        columns[name] = effect - means.to_numpy()[villages["township"]]
    return Truth(township_truth, pd.DataFrame(columns), _gap_left(rng, district))


def _gap_left(rng: np.random.Generator, district: District) -> dict[str, np.ndarray]:
    codes = district.townships["code"].to_numpy()
    months = np.arange(MONTHS)
    left = {}
    for gap in ("area", "estate", "firm"):
        width = np.clip(rng.lognormal(-0.04, 0.3, len(codes)), 0.55, 1.7)
        path = np.tile(np.linspace(1.0, _LEFT_WITHOUT, MONTHS), (len(codes), 1))
        for campaign, narrowed in CAMPAIGN_NARROWS.items():
            if narrowed != gap:
                continue
            start = int((CAMPAIGN_STARTS[campaign] - FIRST_MONTH).astype(int))
            done = np.clip((months - start + 1) / _MONTHS_TO_WORK, 0, 1)
            path[np.isin(codes, CAMPAIGN_TOWNSHIPS[campaign])] *= 1 - (1 - _LEFT_AFTER_CAMPAIGN) * done
        left[gap] = width[:, None] * path
    return left


def gap_points(
    gaps: dict[str, float],
    truth: Truth,
    *,
    township: np.ndarray,
    month: np.ndarray,
    urban: np.ndarray,
    self_governed: np.ndarray,
    small: np.ndarray,
    micro: np.ndarray,
    new: np.ndarray,
) -> dict[str, np.ndarray]:
    """Points lost by each row to each gap, from the flags of its groups (arrays of equal length).

    ``urban`` is 1 or 0, or 0.5 where it is not known; the others are bool. Keys: area, estate, firm, new.
    """
    left = {name: path[township, month] for name, path in truth.gap_left.items()}
    return {
        "area": gaps["area"] * left["area"] * urban,
        "estate": gaps["estate"] * left["estate"] * self_governed,
        "firm": gaps["firm"] * left["firm"] * (small * 0.92 + micro * 1.06),
        "new": gaps["new"] * new,
    }


def choose_exactly(rng: np.random.Generator, probability: np.ndarray, count: int) -> np.ndarray:
    """Flags with exactly ``count`` true ones, more likely true where ``probability`` is higher.

    The log-odds of all rows are shifted by one constant so that the drawn number is ``count``: the odds ratios between
    rows stay as they were, only the level is exact.
    """
    drawn = rng.random(len(probability))
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    score = np.log(p / (1 - p)) - np.log(drawn / (1 - drawn))
    flags = np.zeros(len(p), dtype=bool)
    flags[np.argsort(-score, kind="stable")[: max(0, min(count, len(p)))]] = True
    return flags
