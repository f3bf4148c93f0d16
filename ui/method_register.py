"""The methods of the dashboard: the modules that compute each, the pages that show it, and the literature behind it.

What is said about a method stands in ``ui/languages/*/methods.toml``; the figures in those sentences (limits, draws,
seeds) are read from the modules themselves, so that a text cannot promise another rule than the one that is followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any, Final

from indicators import (
    changes,
    control_charts,
    cusum,
    durations,
    findings,
    funnels,
    local_moran,
    moran,
    nonresponse,
    oaxaca,
    overdispersion,
    peers,
    place_findings,
    posterior_ranks,
    recent_trend,
    run_rules,
    sampling,
    shrinkage,
    shrunk_table,
    slope_index,
    small_numbers,
    spread,
    standardisation,
    strata,
    suppression_audit,
    trends,
    verdicts,
)
from ui.texts import number, points


@dataclass(frozen=True)
class Method:
    """One method (or family of methods that answer one question).

    ``modules`` of the package ``indicators`` compute it. ``pages`` are the keys of the pages that show it today; none
    means that it is there for researchers only. ``seeded`` marks a method that draws at random, from a fixed seed.
    """

    code: str
    modules: tuple[str, ...]
    references: tuple[str, ...]
    pages: tuple[str, ...] = ()
    seeded: bool = False


OVERVIEW, PAIRINGS, FINDER = "briefing/overview", "gaps/pairings", "gaps/finder"
RANKINGS, RUG, TOWNSHIP, VILLAGE = "places/rankings", "places/all_indicators", "places/township", "places/village"
ISSUES, SATISFACTION, CAMPAIGNS = "service/issues", "service/satisfaction", "service/campaigns"
STAFFING, QUERY, CLUSTERS, QUALITY = "grassroots/staffing", "research/query", "research/clusters", "about/data_quality"

METHODS: Final = (
    # One figure
    Method(
        "rate_interval",
        ("intervals", "values"),
        (
            "Wilson 1927, Journal of the American Statistical Association 22:209",
            "Clopper & Pearson 1934, Biometrika 26:404",
            "Garwood 1936, Biometrika 28:437",
            "Lancaster 1961, Journal of the American Statistical Association 56:223",
            "Newcombe 1998, Statistics in Medicine 17:857",
            "Brown, Cai & DasGupta 2001, Statistical Science 16:101",
        ),
        pages=(OVERVIEW, PAIRINGS, RANKINGS, TOWNSHIP, VILLAGE, ISSUES, SATISFACTION, CAMPAIGNS, QUERY, QUALITY),
    ),
    Method(
        "needed",
        ("targets",),
        ("Goldstein & Spiegelhalter 1996, Journal of the Royal Statistical Society A 159:385",),
        pages=(OVERVIEW, PAIRINGS, TOWNSHIP, SATISFACTION),
    ),
    Method(
        "nonresponse",
        ("nonresponse", "place_findings"),
        (
            "Manski 1989, Journal of Human Resources 24:343",
            "Holt & Smith 1979, Journal of the Royal Statistical Society A 142:33",
            "Little 1993, Journal of the American Statistical Association 88:125",
            "AAPOR 2023, Standard Definitions",
        ),
        pages=(TOWNSHIP, SATISFACTION),
    ),
    Method(
        "small_numbers",
        ("small_numbers", "table_margins", "suppression_audit"),
        (
            "Hundepool et al. 2012, Statistical Disclosure Control, Wiley",
            "Fischetti & Salazar 2001, Management Science 47:1008",
            "NHS Digital 2018, Hospital Episode Statistics: disclosure control",
        ),
        pages=(VILLAGE, QUERY),
    ),
    # Comparing
    Method(
        "against_rest",
        ("verdicts", "exact_tests", "hypergeometric", "scorecard"),
        (
            "Agresti 2013, Categorical Data Analysis, Wiley",
            "Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57:289",
            "Lancaster 1961, Journal of the American Statistical Association 56:223",
        ),
        pages=(OVERVIEW, RANKINGS, RUG, TOWNSHIP, VILLAGE, ISSUES, SATISFACTION, QUALITY),
    ),
    Method(
        "difference",
        ("intervals", "score_intervals", "changes", "gaps"),
        (
            "Newcombe 1998, Statistics in Medicine 17:873",
            "Miettinen & Nurminen 1985, Statistics in Medicine 4:213",
            "Zou & Donner 2008, Statistics in Medicine 27:1693",
            "Lancaster 1961, Journal of the American Statistical Association 56:223",
        ),
        pages=(OVERVIEW, PAIRINGS, RANKINGS, TOWNSHIP, VILLAGE, CAMPAIGNS, QUERY),
    ),
    Method(
        "strata",
        ("strata", "standardisation", "sampling"),
        (
            "Mantel & Haenszel 1959, Journal of the National Cancer Institute 22:719",
            "Greenland & Robins 1985, Biometrics 41:55",
            "Sato, Greenland & Robins 1989, Biometrics 45:1323",
            "Breslow & Day 1980, Statistical Methods in Cancer Research I, IARC",
            "Tarone 1985, Biometrika 72:91",
            "Rao & Scott 1992, Biometrics 48:577",
            "Cochran 1977, Sampling Techniques, Wiley",
        ),
        pages=(PAIRINGS, QUERY),
    ),
    Method(
        "why",
        ("decomposition", "das_gupta", "oaxaca", "contributions"),
        (
            "Kitagawa 1955, Journal of the American Statistical Association 50:1168",
            "Das Gupta 1993, Current Population Reports P23-186",
            "Oaxaca 1973, International Economic Review 14:693",
            "Blinder 1973, Journal of Human Resources 8:436",
            "Jann 2008, Stata Journal 8:453",
            "Martín Andrés, Álvarez Hernández & Herranz Tejedor 2011, Statistical Methods in Medical Research 20:369",
        ),
        pages=(PAIRINGS, TOWNSHIP),
    ),
    # Many places
    Method(
        "ranks",
        ("rankings", "posterior_ranks", "quarters", "letters", "rank_history"),
        (
            "Mogstad, Romano, Shaikh & Wilhelm 2024, Review of Economic Studies 91:476",
            "Holm 1979, Scandinavian Journal of Statistics 6:65",
            "Goldstein & Spiegelhalter 1996, Journal of the Royal Statistical Society A 159:385",
            "Normand, Glickman & Gatsonis 1997, Journal of the American Statistical Association 92:803",
            "Shen & Louis 1998, Journal of the Royal Statistical Society B 60:455",
            "Lingsma et al. 2010, QJM 103:99",
            "Piepho 2004, Journal of Computational and Graphical Statistics 13:456",
        ),
        pages=(OVERVIEW, RANKINGS, TOWNSHIP),
        seeded=True,
    ),
    Method(
        "funnel",
        ("funnels", "overdispersion"),
        (
            "Spiegelhalter 2005, Statistics in Medicine 24:1185",
            "Spiegelhalter 2005, Quality and Safety in Health Care 14:347",
            "Spiegelhalter et al. 2012, Journal of the Royal Statistical Society A 175:1",
        ),
        pages=(RANKINGS, STAFFING),
    ),
    Method(
        "shrinkage",
        ("shrinkage", "shrunk_table", "beta_binomial_likelihood"),
        (
            "Martuzzi & Elliott 1996, Statistics in Medicine 15:1867",
            "Griffiths 1973, Biometrics 29:637",
            "Laird & Louis 1987, Journal of the American Statistical Association 82:739",
            "Shen & Louis 1998, Journal of the Royal Statistical Society B 60:455",
        ),
        seeded=True,
        pages=(VILLAGE,),
    ),
    Method(
        "spread",
        ("spread", "slope_index"),
        (
            "Theil 1967, Economics and Information Theory, North-Holland",
            "Shorrocks 1980, Econometrica 48:613",
            "Pamuk 1985, Population Studies 39:17",
            "Mackenbach & Kunst 1997, Social Science & Medicine 44:757",
        ),
        seeded=True,
    ),
    Method(
        "peers",
        ("peers",),
        (
            "CIPFA, Nearest Neighbours Model",
            "NHS England, Similar 10 CCGs methodology",
            "Office for National Statistics 2023, Statistical nearest neighbours",
        ),
        pages=(RANKINGS, TOWNSHIP),
    ),
    Method(
        "space",
        ("moran", "local_moran", "spatial_clusters"),
        (
            "Moran 1950, Biometrika 37:17",
            "Assunção & Reis 1999, Statistics in Medicine 18:2147",
            "Anselin 1995, Geographical Analysis 27:93",
            "Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57:289",
        ),
        pages=(CLUSTERS,),
        seeded=True,
    ),
    # Time
    Method(
        "time",
        ("control_charts", "run_rules", "cusum", "trends", "recent_trend", "place_findings"),
        (
            "Laney 2002, Quality Engineering 14:531",
            "NHS England 2019, Making Data Count",
            "Page 1954, Biometrika 41:100",
            "Steiner, Cook, Farewell & Treasure 2000, Biostatistics 1:441",
            "Mann 1945, Econometrica 13:245",
            "Sen 1968, Journal of the American Statistical Association 63:1379",
            "Hirsch, Slack & Smith 1982, Water Resources Research 18:107",
        ),
        pages=(RUG, TOWNSHIP, ISSUES),
    ),
    Method(
        "durations",
        ("durations", "duration_table", "cohort_rates"),
        (
            "Kaplan & Meier 1958, Journal of the American Statistical Association 53:457",
            "Aalen & Johansen 1978, Scandinavian Journal of Statistics 5:141",
            "Peto & Peto 1972, Journal of the Royal Statistical Society A 135:185",
        ),
        pages=(ISSUES,),
    ),
    # What is told
    Method(
        "findings",
        ("findings", "place_findings", "claims"),
        (
            "Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57:289",
            "van der Bles et al. 2020, Proceedings of the National Academy of Sciences 117:7672",
        ),
        pages=(OVERVIEW, PAIRINGS, FINDER, TOWNSHIP),
    ),
)
"""In the order of the index: one figure, comparing, many places, time, what is told. The style rules a line between."""

GROUPS: Final = (4, 4, 6, 2, 1)
"""How many methods stand in each group of the index."""
CODES: Final = tuple(one.code for one in METHODS)


def method_named(code: str) -> Method:
    """The method with this code. Raises KeyError for one that is not listed."""
    for one in METHODS:
        if one.code == code:
            return one
    raise KeyError(f"No method {code!r} in ui/method_register.py.")


@cache
def figures(lang: str) -> Mapping[str, str]:
    """The limits, draws and seeds that the texts may name, as printed, read from the code that follows them."""
    chance, minimum = verdicts.LOOK, int(default_of(verdicts.verdict_table, "minimum"))
    joiner = "、" if lang == "zh" else ", "
    shown: dict[str, str] = {
        "look": percent_text(chance),
        "name": percent_text(verdicts.NAME),
        "minimum": number(minimum),
        "material": points(default_of(verdicts.verdict_table, "materiality"), lang, signed=False),
        "change_material": points(default_of(changes.change_table, "materiality"), lang, signed=False),
        "perfect_95": number(verdicts.smallest_perfect_record(0.95)),
        "perfect_98": number(verdicts.smallest_perfect_record(0.98)),
        "perfect_985": number(verdicts.smallest_perfect_record(0.985)),
        "oaxaca_cases": number(oaxaca.FEWEST_CASES),
        "strata_expected": number(strata.LEAST_EXPECTED),
        "standard_events": number(standardisation.LEAST_EVENTS),
        "substantial": percent_text(sampling.SUBSTANTIAL),
        "funnel_areas": number(funnels.LEAST_AREAS),
        "large_areas": number(overdispersion.LEAST_LARGE_AREAS),
        "group_areas": number(default_of(shrunk_table.shrunk_table, "least_areas")),
        "prior_areas": number(shrinkage.LEAST_TO_FIT),
        "shrink_draws": number(shrinkage.DRAWS),
        "shrink_seed": str(shrinkage.SEED),
        "band": f"{default_of(posterior_ranks.bands, 'threshold'):g}",
        "rankable": f"{posterior_ranks.RANKABLE:g}",
        "rank_draws": number(default_of(posterior_ranks.posterior_ranks, "draws")),
        "rank_seed": str(posterior_ranks.SEED),
        "spread_draws": number(spread.DRAWS),
        "spread_seed": str(spread.SEED),
        "slope_values": number(slope_index.FEWEST_RANKS),
        "ratio_cases": number(default_of(spread.highest_to_lowest, "minimum")),
        "peer_count": number(default_of(peers.nearest_peers, "k")),
        "collinear": f"{peers.COLLINEAR:g}",
        "permutations": number(moran.PERMUTATIONS),
        "space_seed": str(moran.SEED),
        "space_most": number(local_moran.MOST_PERMUTATIONS),
        "space_areas": number(local_moran.LEAST_AREAS),
        "space_global": number(moran.LEAST_AREAS_GLOBAL),
        "space_cases": number(local_moran.LEAST_CASES),
        "response": percent_text(nonresponse.LEAST_RESPONSE),
        "response_gap": points(nonresponse.LARGEST_GAP, lang, signed=False),
        "silent_lower": points(nonresponse.LOWER_BY, lang, signed=False),
        "chart_points": number(control_charts.POINTS),
        "trial_points": number(control_charts.TRIAL_POINTS),
        "few_events": number(control_charts.FEW),
        "run": number(run_rules.RUN),
        "cusum_k": f"{cusum.REFERENCE:g}",
        "cusum_h": f"{cusum.DECISION:g}",
        "trend_points": number(trends.POINTS),
        "trend_years": number(trends.YEARS),
        "recent_points": number(recent_trend.RECENT_POINTS),
        "recent_limit": f"{recent_trend.RECENT_CHI_SQUARE:g}",
        "at_risk": number(durations.AT_RISK),
        "days": joiner.join(str(day) for day in durations.DAYS),
        "hide_top": number(small_numbers.SMALLEST_SHOWN - 1),
        "hide": number(small_numbers.SMALLEST_SHOWN),
        "grey": number(small_numbers.GREY_BELOW),
        "few": number(small_numbers.FEW_BELOW),
        "windows": joiner.join(str(months) for months in small_numbers.WINDOWS),
        "told": number(default_of(findings.overview_findings, "limit")),
        "told_place": number(default_of(place_findings.place_findings, "limit")),
        "reach": percent_text(place_findings.REACH),
        "protect": number(suppression_audit.PROTECT),
    }
    return shown


def default_of(function: Callable[..., Any], parameter: str) -> Any:
    """The value a parameter has when nobody gives one."""
    return signature(function).parameters[parameter].default


def percent_text(share: float) -> str:
    """A limit as it is written in rules: 0.025 as 2.5%, 0.2 as 20%."""
    return f"{share * 100:g}%"
