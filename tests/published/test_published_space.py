"""Spatial clustering: printed values from the spatial-analysis literature and the documentation of its libraries.

The data ship with libpysal: sudden infant deaths in North Carolina (Cressie & Chan 1989, JASA 84:393), homicides around
St. Louis (Messner et al. 1999, J Quant Criminol 15:423), crime in Columbus, Ohio (Anselin 1988), and ten made-up areas
of de Smith, Goodchild & Longley 2015, Geospatial Analysis.
"""

from types import SimpleNamespace
from typing import Any

import esda
import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from esda.smoothing import assuncao_rate

from indicators.local_moran import local_moran
from indicators.moran import assuncao_reis, global_moran, morans_i


def links(weights: Any) -> SimpleNamespace:
    ids = [str(one) for one in weights.id_order]
    pairs = [(ids.index(str(a)), ids.index(str(b))) for a, others in weights.neighbors.items() for b in others]
    return SimpleNamespace(ids=tuple(ids), pairs=np.array(pairs))


def example(table: str, gal: str) -> tuple[pd.DataFrame, SimpleNamespace, Any]:
    path = libpysal.examples.get_path(table)
    data = gpd.read_file(path) if table.endswith("dbf") else pd.read_csv(path, skiprows=1)
    file = libpysal.io.open(libpysal.examples.get_path(gal))
    weights = file.read()
    file.close()
    return data, links(weights), weights


def test_the_eight_regions_of_the_esda_manual_have_less_than_chance_variation_which_esda_lets_stand() -> None:
    # esda, assuncao_rate: z of the first four regions. Their a = s² - b/(mean n) is below 0: with it the printed values
    # follow from the formula; with a = 0 (Marshall 1991), as here, no z is larger than chance alone makes it.
    events, population = np.array([30, 25, 25, 15, 33, 21, 30, 20]), np.array([100, 100, 110, 90, 100, 90, 110, 90])
    printed = np.array([1.03843594, -0.04099089, -0.56250375, -1.73061861])
    rate, b = events / population, events.sum() / population.sum()
    a = (population * (rate - b) ** 2).sum() / population.sum() - b / population.mean()
    assert a < 0
    np.testing.assert_allclose(((rate - b) / np.sqrt(a + b / population))[:4], printed, atol=5e-9)
    np.testing.assert_allclose(assuncao_rate(events, population)[:4], printed, atol=5e-9)
    found = assuncao_reis(events, population)
    assert found.variance == 0
    np.testing.assert_allclose(found.z[:4], printed * np.sqrt((a + b / population) / (b / population))[:4], atol=5e-9)


def test_infant_deaths_of_1979_have_the_rate_moran_of_the_esda_manual() -> None:
    # esda, class Moran_Rate: I = 0.1662, one-sided p 0.0042 by the normal law; the other digits of I in its tests. Ours
    # is a p of permutations: of that size.
    table, neighbours, weights = example("sids2.dbf", "sids2.gal")
    found = global_moran(weights.id_order, table["SID79"], table["BIR79"], neighbours, precision="surveyed")
    assert found.statistic == pytest.approx(0.16622343552567395, abs=1e-14)
    assert found.p == pytest.approx(0.004, abs=0.004)
    assert found.expected == pytest.approx(-1 / 99)


@pytest.mark.parametrize(
    ("table", "gal", "column", "printed", "digits"),
    [
        # esda, class Moran: the homicide rates 1988-93 of 78 counties, 0.244 (other digits: test_moran.py), and the
        # example "replicating OpenGeoda" on the infant deaths, 0.248.
        ("stl_hom.txt", "stl.gal", "HR8893", 0.24365582621771659, 14),
        ("sids2.dbf", "sids2.gal", "SIDR74", 0.248, 3),
        # Crime in 49 quarters, queen contiguity, row-standardised: 0.500188557 in spdep's moran.test of this data set.
        ("columbus.dbf", "columbus.gal", "CRIME", 0.500188557, 9),
    ],
)
def test_morans_i_has_its_printed_value(table: str, gal: str, column: str, printed: float, digits: int) -> None:
    data, neighbours, weights = example(table, gal)
    found = morans_i([str(one) for one in weights.id_order], data[column], neighbours)
    assert round(found, digits) == round(printed, digits)


def test_the_ten_areas_of_de_smith_fall_in_their_printed_quadrants() -> None:
    # esda, class Moran_Local: quadrants 4 4 4 2 3 3 1 4 3 3 (1 high-high, 2 low-high, 3 low-low, 4 high-low).
    table, neighbours, weights = example("desmith.txt", "desmith.gal")
    z = table["z"].to_numpy()
    centred, order = z - z.mean(), {one: row for row, one in enumerate(neighbours.ids)}
    lag = np.array([centred[[order[b] for b in weights.neighbors[a]]].mean() for a in neighbours.ids])
    quadrant = np.select(
        [(centred > 0) & (lag > 0), (centred < 0) & (lag > 0), (centred < 0) & (lag < 0)], [1, 2, 3], 4
    )
    assert quadrant.tolist() == [4, 4, 4, 2, 3, 3, 1, 4, 3, 3]


def test_local_statistics_and_p_values_are_those_of_esda_on_the_infant_deaths() -> None:
    table, neighbours, weights = example("sids2.dbf", "sids2.gal")
    events, births = table["SID74"].to_numpy(), table["BIR74"].to_numpy()
    found = local_moran(weights.id_order, events, births, neighbours, precision="surveyed", permutations=9_999)
    with pytest.warns(DeprecationWarning, match="alternative hypothesis"):
        # esda 2.9 gives one-sided p values and announces that the next release doubles them, as is done here.
        theirs = esda.Moran_Local(assuncao_rate(events, births), weights, permutations=9_999, seed=5)
    np.testing.assert_allclose(found.areas["statistic"], theirs.Is, rtol=1e-10)
    np.testing.assert_allclose(found.areas["p"], np.minimum(1, 2 * theirs.p_sim), atol=0.04)


def test_where_chance_explains_more_than_all_variation_esda_inflates_small_deviations_and_we_do_not() -> None:
    # a = s² - b/(mean n) is negative here. esda (and spdep) keep a + b/n wherever it stays positive, however close to
    # 0, and use b/n in the other areas: the area with the smaller variance gets the larger one. Marshall 1991: a = 0.
    events, population = np.array([50, 50, 50, 5, 5, 5, 2]), np.array([1000, 1000, 1000, 100, 100, 100, 50])
    ours = assuncao_reis(events, population)
    with np.errstate(invalid="ignore"):
        theirs = assuncao_rate(events, population)
    assert ours.variance == 0
    b = events.sum() / population.sum()
    np.testing.assert_allclose(ours.z, (events / population - b) / np.sqrt(b / population))
    assert abs(theirs[-1]) > 1.03 * abs(ours.z[-1])
    assert abs(theirs[3]) > 1.09 * abs(ours.z[3])
