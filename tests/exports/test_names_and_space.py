"""Lines, free space and marks: the parts of a sheet that decide where words can stand."""

import itertools
import math
from xml.etree import ElementTree

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.choropleth import PALETTES
from ui.exports.callouts import placed_callouts
from ui.exports.free_space import CELL, FreeSpace
from ui.exports.map_marks import MARK_WIDTH, mark_shape
from ui.exports.name_places import Pen
from ui.exports.places import Box, Place, View
from ui.exports.tones import mixed
from ui.exports.typeface import typeface

LETTERS = st.text("鄞州区姜山镇，。（）《》：abcXYZ 12.%,", min_size=1, max_size=60)


@settings(max_examples=60)
@given(words=LETTERS, width=st.floats(30, 400))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(words: str, width: float) -> None:
    face = typeface()
    lines = face.wrapped(words, width, 20)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    for line in lines:
        assert face.width(line, 20) <= width or len(line) <= 3  # a character with its brackets stays whole


def test_a_line_never_begins_with_a_stop_nor_ends_with_an_opening_bracket() -> None:
    words = "较差（待观察），较好（待观察）。" * 6
    for width in range(80, 400, 7):
        lines = typeface().wrapped(words, width, 20)
        assert all(line[0] not in "，。）" and line[-1] != "（" for line in lines)


def test_latin_words_stay_whole_where_a_line_can_hold_them() -> None:
    words = ["clearly", "worse", "than", "the", "other", "townships"]
    lines = typeface().wrapped(" ".join(words), 180, 20)
    assert len(lines) > 1 and list(itertools.chain.from_iterable(line.split() for line in lines)) == words


@pytest.mark.parametrize("bold", [False, True])
def test_a_chinese_character_is_one_em_wide(bold: bool) -> None:
    assert typeface().width("鄞州区", 20, bold=bold) == pytest.approx(60)
    assert 0 < typeface().width("il", 20, bold=bold) < 20


def boxes(largest: int) -> st.SearchStrategy[Box]:
    sides = st.tuples(*[st.integers(0, largest)] * 4)
    return sides.map(lambda four: Box(*map(float, (*(min(p) for p in pairs(four)), *(max(p) for p in pairs(four))))))


def pairs(four: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    return [(four[0], four[2]), (four[1], four[3])]


@settings(max_examples=40)
@given(
    blocked=st.lists(boxes(120), max_size=4),
    wide=st.integers(1, 90),
    high=st.integers(1, 90),
    to=st.tuples(st.integers(0, 120), st.integers(0, 120)),
)
def test_free_boxes_are_those_that_a_slow_search_finds(
    blocked: list[Box], wide: int, high: int, to: tuple[float, float]
) -> None:
    room = Box(0.0, 0.0, 120.0, 120.0)
    space = FreeSpace(room, land=[], view=View(1.0, 0.0, 0.0))
    cells: set[tuple[int, int]] = set()
    for box in blocked:
        space.block(box)
        if box.right > box.left and box.bottom > box.top:
            columns = range(int(box.left // CELL), int(box.right // CELL) + 1)
            cells |= set(itertools.product(columns, range(int(box.top // CELL), int(box.bottom // CELL) + 1)))
    across, down = -(-wide // CELL), -(-high // CELL)
    free = [
        (column * CELL, row * CELL)
        for row in range(120 // CELL - down + 1)
        for column in range(120 // CELL - across + 1)
        if cells.isdisjoint(itertools.product(range(column, column + across), range(row, row + down)))
    ]
    found = space.corners(wide=wide, high=high, to=to, clearance=0)
    assert sorted(map(tuple, found.tolist())) == sorted(free)
    away = [(x + wide / 2 - to[0]) ** 2 + (y + high / 2 - to[1]) ** 2 for x, y in found.tolist()]
    assert away == sorted(away) or all(later - earlier > -1e-6 for earlier, later in itertools.pairwise(away))


def square(code: str, left: int, top: int, side: int) -> Place:
    """A square place too small for its name."""
    path = f"M{left} {top}l{side} 0 0 {side}-{side} 0z"
    bounds = (float(left), float(top), float(left + side), float(top + side))
    style = PALETTES["verdict"]["worse"].to_dict()
    middle = (left + side / 2, top + side / 2)
    return Place(code, "330212", path, *middle, float(side), ("甲乙丙丁",), "worse", style, bounds)


def test_a_name_outside_its_place_stands_close_by_and_its_line_crosses_no_name() -> None:
    place, view = square("1", 290, 290, 20), View(1.0, 0.0, 0.0)
    pen = Pen(typeface(), 20.0)
    space = FreeSpace(Box(0, 0, 600, 600), land=[place], view=view)
    [alone] = placed_callouts([place], view=view, space=space, names=[], boxes=[], pen=pen)
    away = math.dist(alone.start, alone.end)
    assert alone.start == (300, 300) and 10 < away < 10 + 0.25 * 20 + 2 * CELL
    assert not alone.name.box.overlaps(Box(290, 290, 310, 310))
    wall = [Box(250, 270, 350, 280), Box(250, 320, 350, 330), Box(320, 250, 330, 350), Box(270, 250, 280, 350)]
    gap = [*wall[:3], Box(270, 300, 280, 350)]
    for boxes, found in ((wall, 0), (gap, 1)):
        space = FreeSpace(Box(0, 0, 600, 600), land=[place], view=view)
        for box in boxes:
            space.block(box)
        outside = placed_callouts([place], view=view, space=space, names=[], boxes=boxes, pen=pen)
        assert len(outside) == found
        lines = [shapely.LineString([one.start, one.end]) for one in outside]
        assert not any(line.intersects(shapely.box(*box)) for line in lines for box in boxes)


def test_a_name_farther_away_than_a_line_can_be_followed_is_left_out() -> None:
    place, view = square("1", 290, 290, 20), View(1.0, 0.0, 0.0)
    space = FreeSpace(Box(0, 0, 900, 600), land=[place], view=view)
    space.block(Box(0, 0, 300 + 12 * 20, 600))
    pen = Pen(typeface(), 20.0)
    assert placed_callouts([place], view=view, space=space, names=[], boxes=[], pen=pen) == []


@pytest.mark.parametrize("mark", sorted({style.mark for kinds in PALETTES.values() for style in kinds.values()} - {""}))
def test_every_mark_of_the_palettes_has_a_shape_that_keeps_its_width(mark: str) -> None:
    node = ElementTree.fromstring(mark_shape(mark, x=100, y=50, em=20, fill="#000000", halo="#FFFFFF"))
    half = 20 * MARK_WIDTH / 2
    if node.tag == "circle":
        assert float(node.get("r", "0")) + float(node.get("stroke-width", "0")) / 2 <= half + 1.5
        return
    numbers = [float(part) for part in node.get("d", "").translate(str.maketrans("MLz", "   ")).split()]
    assert max(abs(x - 100) for x in numbers[::2]) <= half * 1.05
    assert max(abs(y - 50) for y in numbers[1::2]) <= half * 1.05


def test_up_and_down_and_left_and_right_are_not_mixed_up() -> None:
    def tip(mark: str) -> tuple[float, float]:
        path = ElementTree.fromstring(mark_shape(mark, x=0, y=0, em=20, fill="#000000")).get("d", "")
        corners = [tuple(map(float, part.split())) for part in path.strip("Mz").split("L")]
        return min(corners, key=lambda corner: min(abs(corner[0]), abs(corner[1])))  # type: ignore[return-value]

    assert tip("▲")[1] < 0 < tip("▼")[1]
    assert tip("◀")[0] < 0 < tip("▶")[0]
    with pytest.raises(ValueError, match="no shape"):
        mark_shape("★", x=0, y=0, em=20, fill="#000000")
    assert mark_shape("", x=0, y=0, em=20, fill="#000000") == ""


def test_colours_are_mixed_channel_by_channel() -> None:
    assert mixed("#000000", 1, "#FFFFFF") == "#000000"
    assert mixed("#FF0000", 0.5, "#0000FF") == "#800080"
