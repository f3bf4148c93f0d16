"""Points counted in square cells of a given size on the ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.metres import metres_per_degree


def count_in_cells(frame: pd.DataFrame, *, cell_metres: float, summed: Sequence[str] = ()) -> pd.DataFrame:
    """Count points in square cells.

    Parameters
    ----------
    frame
        lon and lat in degrees, one row a point, and the columns named in ``summed`` (numbers or truths).
    cell_metres
        Side of a cell. The grid hangs on the equator and the prime meridian and is measured at the middle latitude of
        the points rounded to a tenth of a degree, so that cells stay in place when some points come or go. Over a
        district (0.3° of latitude) sides differ by less than 0.3 % from what is asked for.

    Returns
    -------
    DataFrame
        lon, lat (degrees, the cell's middle), count, and each of ``summed`` added up. Cells without points are absent.
        By count, fewest first.

    Raises
    ------
    ValueError
        For a side that is not positive, or a point without coordinates.
    """
    if not cell_metres > 0:
        raise ValueError(f"cell_metres is {cell_metres}; give the side of a cell in metres.")
    if not np.isfinite(frame[["lon", "lat"]].to_numpy(dtype=float)).all():
        raise ValueError("a point has no coordinates; leave such points out and count them apart.")
    names = ["lon", "lat", "count", *summed]
    if frame.empty:
        return pd.DataFrame({name: pd.Series(dtype="int64" if name == "count" else "float64") for name in names})
    lon, lat = frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float)
    across, along = metres_per_degree(round((lat.min() + lat.max()) / 2, 1))
    wide, high = cell_metres / across, cell_metres / along
    cells = pd.DataFrame({"column": np.floor(lon / wide), "row": np.floor(lat / high), "count": 1})
    cells = cells.assign(**{name: frame[name].to_numpy(dtype=float) for name in summed})
    counted = cells.groupby(["column", "row"], as_index=False).sum()
    counted["lon"], counted["lat"] = (counted["column"] + 0.5) * wide, (counted["row"] + 0.5) * high
    return counted.sort_values(["count", "column", "row"], ignore_index=True)[names]
