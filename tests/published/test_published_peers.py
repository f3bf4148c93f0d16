"""Standardised distances as printed in textbooks and method guides."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

from indicators.catalogue import load_catalogue
from indicators.peers import nearest_peers, peer_benchmark
from indicators.values import rate_table

# Johnson & Wichern, Applied Multivariate Statistical Analysis, table 12.4: 22 public utilities in the United States,
# 1975; also Shmueli et al., Data Mining for Business Analytics (R), chapter 15, where the distances are printed.
UTILITIES = """
Arizona 1.06 9.2 151 54.4 1.6 9077 0 .628
Boston .89 10.3 202 57.9 2.2 5088 25.3 1.555
Central 1.43 15.4 113 53 3.4 9212 0 1.058
Commonwealth 1.02 11.2 168 56 .3 6423 34.3 .7
NY 1.49 8.8 192 51.2 1 3300 15.6 2.044
Florida 1.32 13.5 111 60 -2.2 11127 22.5 1.241
Hawaiian 1.22 12.2 175 67.6 2.2 7642 0 1.652
Idaho 1.1 9.2 245 57 3.3 13082 0 .309
Kentucky 1.34 13 168 60.4 7.2 8406 0 .862
Madison 1.12 12.4 197 53 2.7 6455 39.2 .623
Nevada .75 7.5 173 51.5 6.5 17441 0 .768
NewEngland 1.13 10.9 178 62 3.7 6154 0 1.897
Northern 1.15 12.7 199 53.7 6.4 7179 50.2 .527
Oklahoma 1.09 12 96 49.8 1.4 9673 0 .588
Pacific .96 7.6 164 62.2 -.1 6468 .9 1.4
Puget 1.16 9.9 252 56 9.2 15991 0 .62
SanDiego .76 6.4 136 61.9 9 5714 8.3 1.92
Southern 1.05 12.6 150 56.7 2.7 10140 0 1.108
Texas 1.16 11.7 104 54 -2.1 13507 0 .636
Wisconsin 1.2 11.8 148 59.9 3.5 7287 41.1 .702
United 1.04 8.6 204 61 3.5 6650 0 2.116
Virginia 1.07 9.3 174 54.3 5.9 10093 26.6 1.306
"""
PRINTED = {
    ("Arizona", "Boston"): 3.096154, ("Arizona", "Central"): 3.679230, ("Boston", "Central"): 4.916465,
    ("Arizona", "Commonwealth"): 2.462149, ("Boston", "Commonwealth"): 2.164213,
    ("Central", "Commonwealth"): 4.107079, ("Arizona", "NY"): 4.123129, ("Boston", "NY"): 3.852850,
    ("Central", "NY"): 4.468735, ("Commonwealth", "NY"): 4.127368,
}  # fmt: skip

# R datasets, USArrests, the 15 states drawn in Kassambara, Practical Guide to Cluster Analysis in R (chapter on
# distance measures): murder, assault, urban population, rape; the first three distances of dist(scale(x)), printed to
# one digit.
ARRESTS = {
    "New Mexico": (11.4, 285, 70, 32.1), "Iowa": (2.2, 56, 57, 11.3), "Indiana": (7.2, 113, 65, 21.0),
    "Arizona": (8.1, 294, 80, 31.0), "Tennessee": (13.2, 188, 59, 26.9), "Texas": (12.7, 201, 80, 25.5),
    "Oregon": (4.9, 159, 67, 29.3), "West Virginia": (5.7, 81, 39, 9.3), "Missouri": (9.0, 178, 70, 28.2),
    "Montana": (6.0, 109, 53, 16.4), "Nebraska": (4.3, 102, 62, 16.5), "California": (9.0, 276, 91, 40.6),
    "South Carolina": (14.4, 279, 48, 22.5), "Nevada": (12.2, 252, 81, 46.0), "Florida": (15.4, 335, 80, 31.9),
}  # fmt: skip


def utilities() -> pd.DataFrame:
    rows = [line.split() for line in UTILITIES.strip().splitlines()]
    return pd.DataFrame([[float(one) for one in row[1:]] for row in rows], index=[row[0] for row in rows])


def distances(context: pd.DataFrame) -> dict[tuple[str, str], float]:
    found = nearest_peers(context, k=len(context))
    return {(row.place, row.peer): row.distance for row in found.itertuples()}


def test_the_utilities_are_as_far_apart_as_printed() -> None:
    found = distances(utilities())
    for (one, other), distance in PRINTED.items():
        assert found[one, other] == pytest.approx(distance, abs=6e-7)
        assert found[other, one] == found[one, other]


def test_the_states_are_as_far_apart_as_printed() -> None:
    found = distances(pd.DataFrame.from_dict(ARRESTS, orient="index"))
    assert round(found["New Mexico", "Iowa"], 1) == 4.1
    assert round(found["New Mexico", "Indiana"], 1) == 2.5
    assert round(found["Iowa", "Indiana"], 1) == 1.8


def test_scipys_standardised_euclidean_distance_is_the_same_with_the_sample_variance() -> None:
    context = utilities()
    whole = squareform(pdist(context.to_numpy(), "seuclidean", V=context.var(ddof=1).to_numpy()))
    found = distances(context)
    for row, place in enumerate(context.index):
        for column, peer in enumerate(context.index):
            if row != column:
                assert found[place, peer] == pytest.approx(whole[row, column], abs=1e-9)


def test_the_pooled_rate_of_peers_and_its_difference_have_newcombes_printed_bounds() -> None:
    """Newcombe 1998, Statistics in Medicine 17:873, table II, method 10: 56/70 against 48/80, 0.0524 to 0.3339.

    17:857, table I, method 3: 81/263, 0.2553 to 0.3662. The peers' counts are the printed ones cut in two.
    """
    indicator = load_catalogue()["resolution_rate"]
    pairs = pd.DataFrame({"place": ["a", "a", "b", "b"], "peer": ["p", "q", "r", "s"]})
    counts = pd.DataFrame({"place": list("abpqrs"), indicator.numerator: [56, 90, 20, 28, 40, 41],
                           indicator.denominator: [70, 100, 30, 50, 131, 132]})  # fmt: skip
    found = peer_benchmark(rate_table(counts, indicator), pairs, indicator).set_index("place")
    assert np.round([found.loc["a", "difference_low"], found.loc["a", "difference_high"]], 4).tolist() == [
        0.0524,
        0.3339,
    ]
    assert np.round([found.loc["b", "peer_low"], found.loc["b", "peer_high"]], 4).tolist() == [0.2553, 0.3662]
    assert found.loc["a", "peer_value"] == 48 / 80
