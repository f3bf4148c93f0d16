"""A worked example from a manual: the decomposition must reproduce the printed figures."""

import numpy as np
import pytest

from indicators.decomposition import kitagawa_parts

# Das Gupta 1993, Current Population Reports P23-186, example 5.3: United States, deaths per 1,000 by race (2) and age
# (11), population in thousands. Standardised rates 1970 and 1985: age 8.385 and 9.907, race 9.136 and 9.156, rate
# 10.258 and 8.030. One stratum per race and age: composition is the age and the race effect together.
SIZE_1985 = [3041, 11577, 27450, 32711, 35480, 27411, 19555, 19795, 15254, 8022, 2472,
             707, 2692, 6473, 6841, 6547, 4352, 3034, 2540, 1749, 804, 236]  # fmt: skip
SIZE_1970 = [2968, 11484, 34614, 30992, 21983, 20314, 20928, 16897, 11339, 5720, 1315,
             535, 2162, 6120, 4781, 3096, 2718, 2363, 1767, 1149, 448, 117]  # fmt: skip
RATE_1985 = [9.163, 0.462, 0.248, 0.929, 1.084, 1.810, 4.715, 12.187, 27.728, 64.068, 157.570,
             17.208, 0.738, 0.328, 1.103, 2.045, 3.724, 8.052, 17.812, 34.128, 68.276, 125.161]  # fmt: skip
RATE_1970 = [18.469, 0.751, 0.391, 1.146, 1.287, 2.672, 6.636, 15.691, 34.723, 79.763, 176.837,
             36.993, 1.352, 0.541, 2.040, 3.523, 6.746, 12.967, 24.471, 45.091, 74.902, 123.205]  # fmt: skip


def test_das_guptas_example_of_american_death_rates_comes_out_as_printed() -> None:
    sizes = [np.array(size, dtype=float) for size in (SIZE_1985, SIZE_1970)]
    deaths = [size * rate for size, rate in zip(sizes, (RATE_1985, RATE_1970), strict=True)]
    composition, level = kitagawa_parts(deaths[0], sizes[0], deaths[1], sizes[1])
    assert level.sum() == pytest.approx(8.030 - 10.258, abs=0.0015)
    assert composition.sum() == pytest.approx((9.907 - 8.385) + (9.156 - 9.136), abs=0.0025)
