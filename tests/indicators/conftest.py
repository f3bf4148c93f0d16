"""The shipped catalogue, and counts made from a seed."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from indicators.catalogue import Catalogue, Indicator, load_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def resolution(catalogue: Catalogue) -> Indicator:
    return catalogue["resolution_rate"]


@pytest.fixture(scope="session")
def counts_of() -> Callable[..., pd.DataFrame]:
    """Make a counts frame: places 1..k with the given numerators and denominators of ``resolution_rate``."""

    def made(x: list[int], n: list[int], *, field: tuple[str, str] = ("verified_solved", "due")) -> pd.DataFrame:
        places = [f"3302121{row:02d}" for row in range(len(x))]
        columns = {"place": places, "value": "all", field[0]: np.array(x), field[1]: np.array(n)}
        return pd.DataFrame(columns)

    return made
