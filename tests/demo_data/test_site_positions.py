"""The invented positions of the demonstration: inside their villages, and no other figure moves for them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import shapely

from data_access.demo_data import SEED, build
from data_access.demo_data.places import GEOGRAPHY, build_district
from data_access.demo_data.registers import build_registers
from data_access.demo_data.site_positions import with_positions
from geo.coordinates import gcj02_to_wgs84
from tests.demo_data.conftest import Written


@pytest.fixture(scope="module")
def areas() -> dict[str, shapely.Geometry]:
    read = json.loads((GEOGRAPHY / "villages_schematic.geojson").read_text(encoding="utf-8"))
    return {one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in read["features"]}


def test_every_position_lies_in_the_village_of_its_site(written: Written, areas: dict[str, shapely.Geometry]) -> None:
    shifted = blank = 0
    rows = [*written.estates.values(), *written.firms.values()]
    for row in rows:
        if row["经度"] == "":
            assert row["纬度"] == "" and row["坐标系"] == ""
            blank += 1
            continue
        point = [[float(row["经度"]), float(row["纬度"])]]
        if row["坐标系"]:
            assert row["坐标系"] == "高德"
            point = gcj02_to_wgs84(np.array(point)).round(6).tolist()
            shifted += 1
        village = written.places[row["村社代码"]].get("继任代码") or row["村社代码"]  # a closed village has no polygon
        assert areas[village].buffer(2e-6).contains(shapely.Point(point[0])), row
    assert blank / len(rows) == pytest.approx(0.03, abs=0.008)
    assert 1 <= shifted <= 20


def test_a_case_has_the_position_of_its_estate_or_firm_and_of_nothing_else(written: Written) -> None:
    registers = {**written.estates, **written.firms}
    seen = 0
    for row in written.issues:
        site = registers.get(row["小区编号"] or row["企业编号"])
        if site is None or site["经度"] == "":
            assert (row["经度"], row["纬度"]) == ("", "")
        elif not site["坐标系"]:
            assert (float(row["经度"]), float(row["纬度"])) == (float(site["经度"]), float(site["纬度"]))
            seen += 1
        else:  # the case has the true one
            away = abs(float(row["经度"]) - float(site["经度"])) + abs(float(row["纬度"]) - float(site["纬度"]))
            assert 0.003 < away < 0.012
    assert seen > 50_000


def test_a_position_depends_on_the_seed_and_on_its_own_site_alone() -> None:
    district, registers, _ = build()
    plain = build_registers(np.random.default_rng([SEED, 2]), build_district(np.random.default_rng([SEED, 1])))
    first = registers.firms.head(200)
    few = with_positions(SEED, district, type(registers)(estates=plain.estates.head(5), firms=plain.firms.head(200)))
    pd.testing.assert_frame_equal(few.firms, first)
    pd.testing.assert_frame_equal(registers.firms[list(plain.firms)], plain.firms)
    other = with_positions(SEED + 1, district, few)
    assert (other.firms["true_lon"] != first["true_lon"]).mean() > 0.9
