"""What is known before a delivery is opened: the register, the present layer, where the district lies."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd
from sqlalchemy.engine import Engine

from data_access.boundaries import BoundaryLayer, present_layer, read_boundary_layer
from data_access.boundary_delivery import findings
from data_access.boundary_delivery.columns import Register
from data_access.engine import reading
from data_access.ingestion.place_names import PlaceFinder
from data_access.lineage import final_successors

CHINA_BOX: Final = (73.0, 17.0, 136.0, 54.0)
"""Where a district may lie as long as no boundary layer says more."""

UNPLACED: Final = "unplaced"
"""Key in the report of a layer that was drawn around an invented place: it does not say where the district lies."""


class Known:
    """Reads the register and the present layer once."""

    def __init__(self, engine: Engine) -> None:
        with reading(engine) as connection:
            self.finder = PlaceFinder(connection)
            self.register = Register(self.finder, final_successors(connection))
        self.present: BoundaryLayer | None = present_layer(engine)
        self.shapes: gpd.GeoDataFrame | None = None
        if self.present is not None and not (self.present.origin.report or {}).get(UNPLACED):
            levels = [read_boundary_layer(engine, layer=self.present.id, level=level) for level in findings.LEVELS]
            drawn = [frame for frame in levels if len(frame)]
            self.shapes = gpd.GeoDataFrame(pd.concat(drawn, ignore_index=True), crs=drawn[0].crs) if drawn else None

    @property
    def sizes(self) -> dict[str, int]:
        """How many places of each level the register has."""
        return {level: len(self.register.codes[level] - self.finder.closed) for level in findings.LEVELS}

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Where the district lies: as far as the present layer says, else somewhere in China."""
        if self.shapes is None:
            return CHINA_BOX
        west, south, east, north = self.shapes.total_bounds
        return float(west), float(south), float(east), float(north)

    @property
    def surveyed(self) -> gpd.GeoDataFrame | None:
        """Shapes whose position is known; invented ones are not."""
        return self.shapes if self.present is not None and self.present.surveyed else None
