"""Layers that no cleaning can mend: refused in both languages, with the places named."""

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage import clean_coverage
from geo.errors import LayerError
from tests.geo.damaged_layers import CENTRE, layer

UNUSABLE = {
    "empty": (lambda frame: frame.iloc[:0], "没有任何地方"),
    "no_code": (lambda frame: frame.assign(code=[None, "2"]), "第 1 行没有编码（共 1 行）"),
    "no_polygon": (
        lambda frame: frame.set_geometry([shapely.Point(CENTRE), frame.geometry.iloc[1]]),
        "001 甲村 没有面",
    ),
    "metres": (lambda frame: frame.set_geometry(frame.geometry.scale(9999, 9999), crs="EPSG:4490"), "不是本地的经纬度"),
    "far_off": (lambda frame: frame.set_geometry([frame.geometry.iloc[0], shapely.box(0, 0, 0.1, 0.1)]), "002 乙村"),
    "no_number": (lambda frame: frame.set_geometry([frame.geometry.iloc[0], _with_nan()]), "002 乙村"),
}


def _with_nan() -> BaseGeometry:
    square = shapely.box(121.6, 29.8, 121.7, 29.9)
    with np.errstate(invalid="ignore"):
        return shapely.transform(square, lambda xy: np.where(xy == 29.9, np.nan, xy))


@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_layer_that_no_cleaning_can_mend_is_refused_in_both_languages(kind: str) -> None:
    spoil, said = UNUSABLE[kind]
    frame = spoil(layer([shapely.box(0, 0, 700, 700), shapely.box(700, 0, 1400, 700)]))
    frame = frame.set_crs("EPSG:4490", allow_override=True)
    with pytest.raises(LayerError) as caught:
        clean_coverage(frame)
    assert said in caught.value.zh and caught.value.en


def test_too_many_vertices_are_refused_and_just_enough_are_not() -> None:
    frame = layer([shapely.box(0, 0, 700, 700), shapely.box(700, 0, 1400, 700)])
    with pytest.raises(LayerError, match="10 个顶点"):
        clean_coverage(frame, most_vertices=9)
    assert len(clean_coverage(frame, most_vertices=10).frame) == 2


def test_a_programming_fault_is_no_sentence_for_the_reader() -> None:
    frame = layer([shapely.box(0, 0, 700, 700)])
    for wrong in (frame.to_crs("EPSG:4550"), frame.rename(columns={"code": "id"})):
        with pytest.raises(ValueError) as caught:
            clean_coverage(wrong)
        assert not isinstance(caught.value, LayerError)
    with pytest.raises(ValueError, match="negative"):
        clean_coverage(frame, gap=-1)
