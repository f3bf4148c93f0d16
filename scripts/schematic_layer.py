"""Draws the boundary layer of the demonstration anew.

``python -m scripts.schematic_layer`` reads the two registers and ``outline.geojson`` in
data_access/demo_data/geography/ and writes townships_schematic.geojson and villages_schematic.geojson beside them.
The same input gives the same files, byte for byte. Every line is invented: see the README in that folder.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.schematic import schematic_coverage
from scripts.running_app import PROJECT

GEOGRAPHY = PROJECT / "data_access" / "demo_data" / "geography"
DISTRICT = "330212"
FILES = ("villages_schematic.geojson", "townships_schematic.geojson")

AREA_OF_KIND = {"community": 0.6, "village": 1.0, "community_like": 1.0}
"""Our own guess, as proportions within a township: a community of blocks needs less land than a village of fields."""


def demonstration_layer(folder: Path = GEOGRAPHY) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Villages and townships drawn from the registers, the hand-drawn outline and the rough seats in ``folder``."""
    features = json.loads((folder / "outline.geojson").read_text(encoding="utf-8"))["features"]
    shapes = {feature["properties"]["code"]: shapely.geometry.shape(feature["geometry"]) for feature in features}
    outline = shapes.pop(DISTRICT)
    seats = pd.DataFrame([(code, seat.x, seat.y) for code, seat in shapes.items()], columns=["code", "lon", "lat"])
    townships = pd.read_csv(folder / "townships.csv", dtype={"code": str})
    townships = townships.rename(columns={"approx_area_km2": "area_km2"}).merge(seats, on="code", how="left")
    villages = pd.read_csv(folder / "villages.csv", dtype=str)
    villages = villages.drop(columns="name").rename(columns={"short_name": "name", "township_code": "parent"})
    villages["area_km2"] = villages["kind"].map(AREA_OF_KIND)
    wanted = ["code", "name", "parent", "lon", "lat", "area_km2", "grid_column", "grid_row"]
    places = pd.concat([townships.assign(parent=DISTRICT), villages], ignore_index=True)
    return schematic_coverage(places[wanted], outline=outline)


def layer_bytes(layer: gpd.GeoDataFrame) -> bytes:
    """``layer`` as compact GeoJSON with the properties code, name, label_lon, label_lat and precision."""
    features: list[dict[str, Any]] = []
    for row in layer.itertuples():
        about = {name: getattr(row, name) for name in ("code", "name", "label_lon", "label_lat", "precision")}
        shape = shapely.geometry.mapping(row.geometry)
        features.append({"type": "Feature", "id": row.code, "properties": about, "geometry": shape})
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the files would change")
    check = parser.parse_args().check
    for name, layer in zip(FILES, demonstration_layer(), strict=True):
        content, path = layer_bytes(layer), GEOGRAPHY / name
        if check and (not path.is_file() or path.read_bytes() != content):
            raise SystemExit(f"{path.name} is not what scripts.schematic_layer draws; run it without --check.")
        if not check:
            path.write_bytes(content)
        error = (layer["area_km2"] / layer["wanted_km2"] - 1).abs().max()
        print(f"{name}: {len(layer)} places, {len(content) // 1000} kB, areas within {error:.2%}")


if __name__ == "__main__":
    main()
