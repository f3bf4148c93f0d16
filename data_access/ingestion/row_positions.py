"""The longitude and latitude of the rows of a file, and the village that a position means.

A position is brought to CGCS2000 in degrees. A village that the row names counts; the position is only compared with
it. A row that names none gets the village in whose polygon it lies, or the nearest one within 200 m, if the present
boundary layer was surveyed. Schematic boundaries locate nothing and nothing is compared with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy.engine import Engine

from data_access.boundaries import present_layer, read_boundary_layer
from data_access.engine import reading
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.position_flags import PositionFlags
from data_access.ingestion.row_checks import CheckedRows
from data_access.lineage import final_successors
from geo.coordinates import CHINA, bd09_to_wgs84, gcj02_to_wgs84
from geo.points import NEAREST, PlaceIndex

POSITION_FIELDS: Final = ("lon", "lat", "located_by")
LEAST_SWAPPED: Final = 10  # so many rows, all the wrong way round, are a matter of the headings and not of the rows
_COLUMNS: Final = ["lon", "lat", "coordinate_system"]
_DIGITS: Final = 7  # of a degree: one centimetre
_BACK: Final = {"GCJ-02": gcj02_to_wgs84, "BD-09": bd09_to_wgs84}
_HEADINGS: Final = "经度、纬度"


@dataclass(frozen=True)
class SurveyedPlaces:
    """The villages of the present layer; `complete` when it draws every village there is, `heirs` a closed village →
    the one that carries its history and has the polygon."""

    index: PlaceIndex
    complete: bool
    heirs: Mapping[str, str]

    @classmethod
    def present(cls, engine: Engine, villages: int) -> SurveyedPlaces | None:
        """Those of the layer that counts today, where there are so many `villages`; None unless it was surveyed."""
        layer = present_layer(engine)
        if layer is None or not layer.surveyed or not layer.villages:
            return None
        index = PlaceIndex(read_boundary_layer(engine, layer=layer.id, level="village"))
        with reading(engine) as connection:
            return cls(index, complete=len(index.codes) >= villages, heirs=final_successors(connection))


class RowPositions:
    """Reads the positions of one load, piece after piece; what was odd about them stands in `flags`."""

    def __init__(self, engine: Engine, finder: PlaceFinder) -> None:
        self.flags = PositionFlags(finder)
        self._engine, self._finder = engine, finder
        self._surveyed: SurveyedPlaces | None = None
        self._looked = False
        self._headings_swapped: bool | None = None

    def read(self, checked: CheckedRows) -> None:
        """Bring `lon` and `lat` of the frame to CGCS2000 and say in `located_by` how the village is known.

        A row without a village gets the `village_code` of its position; one that cannot is set aside. The column
        `_found` holds where each position lies, for :meth:`compare`. In a file without positions the frame has none
        of these columns afterwards.
        """
        one_missing = {"lon", "lat"} & checked.absent
        if one_missing:
            if len(one_missing) == 1:
                self.flags.one_column("lat" if one_missing == {"lon"} else "lon")
            checked.frame = checked.frame.drop(columns=_COLUMNS)
            return
        _reject_halves(checked)
        _reject_nameless(checked)
        self._turn_round(checked)
        self._convert(checked)
        self._forget_far(checked)
        self._locate(checked)

    def compare(self, checked: CheckedRows) -> None:
        """Flag the rows whose position lies more than 200 m outside the village that they name (`place_code`)."""
        if "_found" not in checked.frame:
            return
        frame = checked.frame
        checked.frame = frame.drop(columns="_found")
        if self._surveyed is None:
            return
        drawn = frame["place_code"].map(lambda code: self._surveyed.heirs.get(code, code))
        stated = frame.loc[frame["located_by"].eq("stated") & (frame["_found"] != drawn)]
        metres = self._surveyed.index.metres_from(stated["lon"], stated["lat"], drawn.loc[stated.index])
        elsewhere = metres > NEAREST  # NaN where the layer does not draw the village
        self.flags.elsewhere(stated.loc[elsewhere], metres[elsewhere])

    def _turn_round(self, checked: CheckedRows) -> None:
        """Longitude and latitude the wrong way round, which no place in China leaves in doubt."""
        frame = checked.frame
        swapped = _in_china(frame["lat"], frame["lon"]) & ~_in_china(frame["lon"], frame["lat"])
        if self._headings_swapped is None and frame["lon"].notna().any():
            self._headings_swapped = int(swapped.sum()) >= LEAST_SWAPPED and bool(swapped[frame["lon"].notna()].all())
        if not swapped.any():
            return
        if not self._headings_swapped:
            checked.reject(
                swapped, column=_HEADINGS, found=_shown(frame), reason="swapped_position",
                zh="经度和纬度（{found}）像是写反了；请对调。",
                en="Longitude and latitude ({found}) look the wrong way round; swap them.",
            )  # fmt: skip
            return
        lon, lat = frame["lon"].where(~swapped, frame["lat"]), frame["lat"].where(~swapped, frame["lon"])
        checked.frame = frame.assign(lon=lon, lat=lat)
        self.flags.swapped(int(swapped.sum()))

    def _convert(self, checked: CheckedRows) -> None:
        frame = checked.frame
        points = np.array(frame[["lon", "lat"]], dtype=np.float64)
        for datum, back in _BACK.items():
            rows = np.flatnonzero(frame["coordinate_system"].eq(datum) & frame["lon"].notna())
            if len(rows):
                points[rows] = back(points[rows])
                self.flags.converted(datum, len(rows))
        lon, lat = points.round(_DIGITS).T
        checked.frame = frame.drop(columns="coordinate_system").assign(lon=lon, lat=lat)

    def _forget_far(self, checked: CheckedRows) -> None:
        """Positions outside China: the zeros of a device without a fix, a slip of the decimal point."""
        far = checked.frame["lon"].notna() & ~_in_china(checked.frame["lon"], checked.frame["lat"])
        self._leave_out(checked, far)

    def _locate(self, checked: CheckedRows) -> None:
        given = checked.frame["lon"].notna()
        checked.frame = checked.frame.assign(
            located_by=pd.Series(np.where(given, "stated", None), given.index, dtype=object),
            _found=pd.Series(None, given.index, dtype=object),
        )
        if not given.any():
            return
        if not self._looked:
            levels, closed = self._finder.levels.items(), self._finder.closed
            villages = sum(level == "village" and code not in closed for code, level in levels)
            self._looked, self._surveyed = True, SurveyedPlaces.present(self._engine, villages)
        if self._surveyed is not None:
            where = self._surveyed.index.locate(checked.frame["lon"], checked.frame["lat"])
            checked.frame = checked.frame.assign(_found=where.codes, _how=where.how)
            if self._surveyed.complete:
                self._leave_out(checked, given & checked.frame["_how"].eq(""))
        self._place_the_unplaced(checked)
        checked.frame = checked.frame.drop(columns="_how", errors="ignore")

    def _place_the_unplaced(self, checked: CheckedRows) -> None:
        frame = checked.frame
        unplaced = _unplaced(frame)
        if not unplaced.any():
            return
        if self._surveyed is None:
            checked.reject(
                unplaced, column=_HEADINGS, found=_shown(frame), reason="position_unusable",
                zh="没有填写村社；现用边界是示意图，不能按坐标判断村社，请填写所属镇街和所属村社。",
                en="No village is given, and positions cannot be used while the boundaries are schematic; give the "
                "township and the village.",
            )  # fmt: skip
            return
        _reject_outside(checked, unplaced & frame["_found"].isna())
        frame = checked.frame
        unplaced = unplaced.loc[frame.index]
        contradicted = unplaced & pd.Series(
            [isinstance(name, str) and self._finder.township(name) != self._finder.parent(code)
             for name, code in zip(frame["township"], frame["_found"], strict=True)], frame.index, dtype=bool,
        )  # fmt: skip
        checked.reject(
            contradicted, column="所属镇街", found=frame["township"], reason="point_elsewhere",
            zh="坐标不在所填的“{found}”；请更正坐标或镇街，或填写村社。",
            en="The position does not lie in '{found}'; correct the position or the township, or give the village.",
        )  # fmt: skip
        frame = checked.frame
        unplaced = unplaced.loc[frame.index]
        self.flags.nearest(int((unplaced & frame["_how"].eq("nearest")).sum()))
        checked.frame = frame.assign(
            village_code=frame["village_code"].where(~unplaced, frame["_found"]),
            located_by=frame["located_by"].where(~unplaced, frame["_how"].astype(object)),
        )

    def _leave_out(self, checked: CheckedRows, rows: pd.Series) -> None:
        """The rows stand, their positions do not; those that name no village are set aside."""
        if not rows.any():
            return
        _reject_outside(checked, rows & _unplaced(checked.frame))
        frame = checked.frame
        rows = rows.loc[frame.index]
        self.flags.outside(frame.loc[rows])
        kept = {"lon": frame["lon"].mask(rows), "lat": frame["lat"].mask(rows)}
        if "located_by" in frame:
            kept["located_by"] = frame["located_by"].where(~rows, None)
        checked.frame = frame.assign(**kept)


def _unplaced(frame: pd.DataFrame) -> pd.Series:
    """Rows that name no village, neither by name nor by code."""
    return frame["village"].isna() & frame["village_code"].isna()


def _shown(frame: pd.DataFrame) -> pd.Series:
    return frame["lon"].astype(str) + ", " + frame["lat"].astype(str)


def _reject_halves(checked: CheckedRows) -> None:
    frame = checked.frame
    half = frame["lon"].notna() != frame["lat"].notna()
    checked.reject(
        half, column=_HEADINGS, found=frame["lon"].fillna(frame["lat"]), reason="half_position",
        zh="经度和纬度只填了一个（{found}）；请都填上，或都留空。",
        en="Only one of 经度 and 纬度 is given ({found}); give both or leave both empty.",
    )  # fmt: skip


def _reject_nameless(checked: CheckedRows) -> None:
    """A village's name means something in its township alone; and without a name there must be a position."""
    frame = checked.frame
    lacking = frame["village"].notna() & frame["township"].isna() & frame["village_code"].isna()
    checked.reject(
        lacking, column="所属镇街", found=frame["village"], reason="empty",
        zh="填了村社“{found}”，却没有填所属镇街；请补填镇街。",
        en="The village '{found}' is given without its township; fill in the township.",
    )  # fmt: skip
    frame = checked.frame
    checked.reject(
        _unplaced(frame) & frame["lon"].isna(), column="所属村社", found=frame["village"], reason="empty",
        zh="既没有填村社，也没有填经纬度；请填写其中一样。",
        en="Neither the village nor a position is given; fill in one of them.",
    )  # fmt: skip


def _reject_outside(checked: CheckedRows, rows: pd.Series) -> None:
    if rows.any():
        checked.reject(
            rows, column=_HEADINGS, found=_shown(checked.frame), reason="position_outside",
            zh=f"没有填写村社，坐标（{{found}}）又不在任何村社内或其 {NEAREST:.0f} 米以内；请填写村社或更正坐标。",
            en=f"No village is given, and the position ({{found}}) lies in none nor within {NEAREST:.0f} m of one; "
            "give the village or correct the position.",
        )  # fmt: skip


def _in_china(lon: pd.Series, lat: pd.Series) -> pd.Series:
    west, south, east, north = CHINA
    return lon.between(west, east) & lat.between(south, north)
