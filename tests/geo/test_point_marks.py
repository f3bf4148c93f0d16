"""Marks of points: a picture any reader of PNG opens, with the shapes where they should be."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from geo.point_marks import CELL, SHAPES, Mark, mark_atlas, mark_picture, mark_pixels, rgb


def test_the_picture_holds_the_marks_side_by_side() -> None:
    marks = {"bad": Mark("down", "#D55E00", "#F7F5F0"), "good": Mark("up", "#0072B2", "#F7F5F0")}
    address, places = mark_atlas(marks)
    head, _, content = address.partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as opened:
        picture = np.asarray(opened.convert("RGBA"))
    assert picture.shape == (CELL, 2 * CELL, 4)
    for key, mark in marks.items():
        left = places[key]["x"]
        assert np.array_equal(picture[:, left : left + CELL], mark_pixels(mark))
        assert tuple(picture[CELL // 2, left + CELL // 2]) == (*rgb(mark.fill), 255)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mark_is_symmetric_fills_its_middle_and_leaves_its_corners_free(shape: str) -> None:
    pixels = mark_pixels(Mark(shape, "#112233", "#FFFFFF"))
    assert np.array_equal(pixels, pixels[:, ::-1])
    assert tuple(pixels[CELL // 2, CELL // 2]) == (0x11, 0x22, 0x33, 255)
    assert pixels[0, 0, 3] == pixels[-1, -1, 3] == 0
    edge = np.concatenate([pixels[0, :, 3], pixels[-1, :, 3], pixels[:, 0, 3], pixels[:, -1, 3]])
    assert not edge.any()


def test_one_triangle_is_the_other_upside_down() -> None:
    up, down = mark_pixels(Mark("up", "#112233", "#FFFFFF")), mark_pixels(Mark("down", "#112233", "#FFFFFF"))
    assert np.array_equal(up, down[::-1])
    wide = [int((pixels[..., 3] > 127).sum(axis=1)[CELL // 4]) for pixels in (up, down)]
    assert wide[0] < wide[1]


def test_a_legend_picture_is_the_mark_alone() -> None:
    mark = Mark("disc", "#BDBDBD", "#5B6770")
    assert mark_picture(mark) == mark_atlas({"x": mark})[0]


def test_what_is_no_shape_or_no_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        Mark("square", "#112233", "#FFFFFF")
    with pytest.raises(ValueError, match="red"):
        Mark("disc", "red", "#FFFFFF")
    with pytest.raises(ValueError, match="no marks"):
        mark_atlas({})
