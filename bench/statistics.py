"""How long the statistics of a page take on one core, and how that grows with the number of places.

Counts are drawn from a seed with the sizes of the district: issues of a place spread over two orders of magnitude,
rates near 98 % that truly differ by about a percentage point. Nothing is cached between runs.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator, load_catalogue
from indicators.funnels import funnel_table
from indicators.posterior_ranks import band_table
from indicators.rankings import rank_sets, rank_table
from indicators.scorecard import scorecard
from indicators.shrunk_table import shrunk_table
from indicators.values import rate_table
from indicators.verdicts import verdict_table

HEADINGS = ("figures", "places", "indicators", "CPU ms", "least", "most", "runs")
TOWNSHIPS, INDICATORS = 25, 40
GROWTH = (25, 100, 407, 2_000, 10_000, 30_000)
RANKED = (25, 100, 407, 1_300)
"""Rank sets test every pair, so they stop at the townships of a large province."""


@dataclass(frozen=True)
class Timing:
    """One measurement: median, least and most CPU milliseconds of a computation over ``runs`` runs."""

    figures: str
    places: int
    indicators: int
    cpu_ms: float
    least: float
    most: float
    runs: int


def measure_statistics(*, runs: int, say: Callable[[str], None], growth: Sequence[int] = GROWTH) -> list[Timing]:
    """Time the figures of a page of townships, of a table of villages, and their growth to ``growth`` places."""
    with _one_core():
        return _timings(runs=runs, say=say, growth=growth)


def _timings(*, runs: int, say: Callable[[str], None], growth: Sequence[int]) -> list[Timing]:
    catalogue = load_catalogue()
    shares = [one for one in catalogue.values() if one.counts_share and one.available]
    chosen = (shares * (1 + INDICATORS // len(shares)))[:INDICATORS]
    found: list[Timing] = []

    def timed(figures: str, places: int, indicators: int, run: Callable[[], object]) -> None:
        say(f"{figures}, {places:,} places")
        found.append(_timed(figures, places, indicators, run, runs=runs if places <= 2_000 else min(runs, 3)))

    x, n = _counts(INDICATORS, TOWNSHIPS)
    codes = _codes(TOWNSHIPS)
    timed(
        "page of townships in one sweep: intervals, verdicts, rank sets", TOWNSHIPS, INDICATORS,
        lambda: scorecard(x, n, chosen, codes),
    )  # fmt: skip
    timed(
        "the same, one indicator after the other", TOWNSHIPS, INDICATORS,
        lambda: [_three_tables(x[row], n[row], one, codes) for row, one in enumerate(chosen)],
    )  # fmt: skip
    resolution = catalogue["resolution_rate"]
    for places in growth:
        timed("table of villages: rates, verdicts, bands", places, 1, _village_table(places, resolution))
    for places in growth:
        timed("rates and verdicts of 40 indicators", places, INDICATORS, _verdicts(places, chosen))
    for places in growth:
        timed("shrunken rates with intervals", places, 1, _shrunk(places, resolution))
    for places in growth:
        timed("funnel with overdispersion", places, 1, _funnel(places, resolution))
    for places in (one for one in RANKED if one <= max(growth)):
        timed("rank sets", places, 1, _rank_sets(places))
    return found


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process on one core meanwhile, where the system lets it be chosen."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _counts(indicators: int, places: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(407)
    n = np.exp(rng.normal(np.log(250), 0.9, (indicators, places))).astype(np.int64) + 3
    rate = np.clip(rng.normal(0.98, 0.01, (indicators, places)), 0, 1)
    return rng.binomial(n, rate).astype(np.float64), n.astype(np.float64)


def _codes(places: int) -> list[str]:
    return [f"{330212000 + place // 1000:09d}{place % 1000:03d}" for place in range(places)]


def _rates(x: np.ndarray, n: np.ndarray, indicator: Indicator, codes: list[str]) -> pd.DataFrame:
    return rate_table(pd.DataFrame({"place": codes, indicator.numerator: x, indicator.denominator: n}), indicator)


def _three_tables(x: np.ndarray, n: np.ndarray, indicator: Indicator, codes: list[str]) -> pd.DataFrame:
    return rank_table(verdict_table(_rates(x, n, indicator, codes), indicator), indicator)


def _village_table(places: int, indicator: Indicator) -> Callable[[], object]:
    (x,), (n,) = _counts(1, places)
    codes = _codes(places)
    return lambda: band_table(verdict_table(_rates(x, n, indicator, codes), indicator), indicator)


def _verdicts(places: int, indicators: list[Indicator]) -> Callable[[], object]:
    x, n = _counts(len(indicators), places)
    codes = _codes(places)
    return lambda: scorecard(x, n, indicators, codes, ranks=False)


def _shrunk(places: int, indicator: Indicator) -> Callable[[], object]:
    (x,), (n,) = _counts(1, places)
    table = _rates(x, n, indicator, _codes(places))
    return lambda: shrunk_table(table)


def _funnel(places: int, indicator: Indicator) -> Callable[[], object]:
    (x,), (n,) = _counts(1, places)
    table = _rates(x, n, indicator, _codes(places))
    return lambda: funnel_table(table)


def _rank_sets(places: int) -> Callable[[], object]:
    x, n = _counts(1, places)
    return lambda: rank_sets(x, n)


def _timed(figures: str, places: int, indicators: int, run: Callable[[], object], *, runs: int) -> Timing:
    run()
    spent = []
    for _ in range(runs):
        start = time.process_time()
        run()
        spent.append((time.process_time() - start) * 1000)
    return Timing(
        figures, places, indicators, *(round(one, 1) for one in (statistics.median(spent), min(spent), max(spent))),
        runs,
    )  # fmt: skip
