"""What an issue is about: an estate, an office building, a firm or the village itself; which campaign took it up."""

from __future__ import annotations

import numpy as np

from data_access.demo_data.rates import CAMPAIGN_STARTS, CAMPAIGN_TOWNSHIPS
from data_access.demo_data.registers import Registers

CAMPAIGN_NAMES = {
    "property_governance": "物居业综合治理",
    "community_nuisance": "城市社区顽疾治理",
    "office_building": "楼宇社区系统治理",
    "rental_housing": "出租房屋联动治理",
    "scattered_industry": "低散乱行业治理",
}


def pick_within(
    rng: np.random.Generator, village: np.ndarray, *, owners: np.ndarray, weight: np.ndarray, villages: int
) -> np.ndarray:
    """For each row of ``village`` a row number of a register whose ``owners`` (sorted) is that village, -1 if none."""
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    first = np.searchsorted(owners, np.arange(villages), side="left")
    last = np.searchsorted(owners, np.arange(villages), side="right")
    low, high = sums[first[village]], sums[last[village]]
    chosen = np.searchsorted(sums, low + rng.random(len(village)) * (high - low), side="right") - 1
    chosen = np.clip(chosen, first[village], np.maximum(last[village] - 1, 0))
    return np.where(last[village] > first[village], chosen, -1)


def draw_objects(
    rng: np.random.Generator,
    registers: Registers,
    *,
    village: np.ndarray,
    reported: np.ndarray,
    urban: np.ndarray,
    count: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the estate and the firm of each issue, -1 for none; never both, only objects that exist then."""
    estates, firms = registers.estates, registers.firms
    # Residential estates and offices are two sorted runs of the same register.
    residential = int((~estates["office"]).sum())
    home = pick_within(
        rng, village, owners=estates["village"].to_numpy()[:residential],
        weight=estates["households"].to_numpy()[:residential].astype(float), villages=count,
    )  # fmt: skip
    office = pick_within(
        rng, village, owners=estates["village"].to_numpy()[residential:],
        weight=np.ones(len(estates) - residential), villages=count,
    )  # fmt: skip
    company = pick_within(
        rng, village, owners=firms["village"].to_numpy(), villages=count,
        weight=np.array([9.0, 5.0, 2.0, 1.0, 1.5])[firms["size"].to_numpy()],
    )  # fmt: skip
    drawn = rng.random(len(village))
    share = np.where(urban == 0, 0.16, 0.58)
    day = reported.astype("datetime64[D]")
    use_office = (drawn < 0.06) & (office >= 0)
    use_home = ~use_office & (drawn < share) & (home >= 0)
    estate = np.where(use_office, office + residential, np.where(use_home, home, -1))
    estate = np.where((estate >= 0) & (estates["opened"].to_numpy().astype("datetime64[D]")[estate] > day), -1, estate)
    firm = np.where((estate < 0) & (drawn >= share) & (drawn < share + np.where(urban == 0, 0.18, 0.11)), company, -1)
    ended = firms["ended"].to_numpy().astype("datetime64[D]")[firm]
    dead = (firms["opened"].to_numpy().astype("datetime64[D]")[firm] > day) | (~np.isnat(ended) & (ended < day))
    return estate, np.where(dead, -1, firm)


def draw_campaigns(
    rng: np.random.Generator,
    *,
    month: np.datetime64,
    codes: np.ndarray,
    estate: np.ndarray,
    firm: np.ndarray,
    urban: np.ndarray,
    office: np.ndarray,
    category: np.ndarray,
) -> np.ndarray:
    """The campaign of each issue in the words of the export, "" for none."""
    trouble = np.isin(category, (2, 4, 5))
    fits = {
        "rental_housing": (estate < 0) & (firm < 0) & trouble,
        "community_nuisance": (firm < 0) & (urban == 1) & trouble,
        "property_governance": (estate >= 0) & ~office & trouble,
        "scattered_industry": (firm >= 0) & trouble,
        "office_building": office,
    }
    share = {"rental_housing": 0.3, "community_nuisance": 0.4, "property_governance": 0.5, "scattered_industry": 0.6,
             "office_building": 0.8}  # fmt: skip
    chosen = np.full(len(codes), "", dtype=object)
    for campaign, start in CAMPAIGN_STARTS.items():
        drawn = rng.random(len(codes)) < share[campaign]
        if month >= start:
            chosen[fits[campaign] & drawn & np.isin(codes, CAMPAIGN_TOWNSHIPS[campaign])] = CAMPAIGN_NAMES[campaign]
    return chosen
