"""A sheet says everything the map on the screen says, and nothing on it covers anything else."""

import re
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import UserError
from tests.exports.sheets import SQUARES, SVG, WORDS, data_for, demonstration, sheet, written_on
from ui.choropleth import PALETTES
from ui.exports import map_sheet
from ui.exports.tones import TONES

CASES = {
    "townships": ({}, {}),
    "townships, dark": ({"selected": "330212103"}, {"tone": "dark"}),
    "townships in English": ({"language": "en"}, {}),
    "shades": ({"palette": "ramp"}, {}),
    "all villages": ({"level": "village", "selected": "330212110201"}, {}),
    "villages of a rural township": ({"level": "village", "within": "330212110"}, {"tone": "dark"}),
    "villages of a small township": ({"level": "village", "within": "330212008"}, {}),
    "villages in English": ({"level": "village", "within": "330212110", "language": "en"}, {}),
    "upright": ({}, {"size": (1000, 1414)}),
    "small": ({}, {"size": (640, 400)}),
}


def parsed(drawing: dict[str, Any], data: dict[str, Any], **changed: Any) -> ElementTree.Element:
    return ElementTree.fromstring(sheet(drawing, data, **changed))


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[ElementTree.Element, dict[str, Any]]:
    """Each kind of sheet once, with the data it was made from."""
    of_data, of_sheet = CASES[request.param]
    data = data_for(demonstration(), **of_data)
    return parsed(demonstration(), data, **of_sheet), data


def test_no_words_and_no_mark_cover_another(case: tuple[ElementTree.Element, dict[str, Any]]) -> None:
    written = written_on(case[0])
    assert len(written) > 15
    assert [(one.words, other.words) for one, other in combinations(written, 2) if one.overlaps(other)] == []


def test_all_words_lie_inside_the_sheet(case: tuple[ElementTree.Element, dict[str, Any]]) -> None:
    root = case[0]
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    outside = [
        one.words for one in written_on(root) if one.left < 0 or one.top < 0 or one.right > width or one.bottom > height
    ]
    assert outside == []


def test_the_legend_has_every_class_with_its_words_and_its_count(
    case: tuple[ElementTree.Element, dict[str, Any]],
) -> None:
    root, data = case
    legend = root.find(f".//{SVG}g[@class='legend']")
    assert legend is not None
    entries = {entry.get("data-class"): entry for entry in legend.iter(f"{SVG}g") if entry.get("data-class")}
    assert list(entries) == [item["key"] for item in data["legend"]]
    for item in data["legend"]:
        texts = list(entries[item["key"]].iter(f"{SVG}text"))
        assert "".join(node.text or "" for node in texts if node.get("class") == "word").replace(" ", "") == item[
            "word"
        ].replace(" ", "")
        assert [node.text for node in texts if node.get("class") == "count"] == [str(item["count"])]
    titles = "".join(one.words for one in written_on(root) if one.kind == "legend-title")
    assert titles.replace(" ", "") == data["legend_title"].replace(" ", "")


def test_the_watermark_the_source_and_the_date_are_printed(case: tuple[ElementTree.Element, dict[str, Any]]) -> None:
    root, data = case
    written = written_on(root)
    for kind, words in (("watermark", data["watermark"]), ("source", WORDS["source"]), ("as-of", WORDS["as_of"])):
        assert "".join(one.words for one in written if one.kind == kind).replace(" ", "") == words.replace(" ", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_township_of_the_demonstration_can_be_read(language: str) -> None:
    drawing = demonstration()
    root = parsed(drawing, data_for(drawing, language=language))
    named = {one.code for one in written_on(root) if one.kind == "name"}
    assert named == {row[0] for row in drawing["townships"]}


@pytest.mark.parametrize("within", ["330212110", "330212008", "330212011"])
def test_every_village_of_a_township_can_be_read(within: str) -> None:
    drawing = demonstration()
    root = parsed(drawing, data_for(drawing, level="village", within=within))
    named = {one.code for one in written_on(root) if one.kind == "name"}
    assert named == {row[0] for row in drawing["villages"] if row[2] == within}


@pytest.mark.parametrize("tone", ["light", "dark"])
@pytest.mark.parametrize("palette", list(PALETTES))
def test_every_class_has_its_look_on_the_land_and_in_the_legend(palette: str, tone: str) -> None:
    drawing = demonstration()
    root = parsed(drawing, data_for(drawing, palette=palette), tone=tone)
    land = root.find(f".//{SVG}g[@class='stage']")
    assert land is not None
    fills = {node.get("data-class"): node.get("fill") for node in land.iter() if node.get("class") == "place"}
    legend = {
        entry.get("data-class"): entry
        for entry in root.iter(f"{SVG}g")
        if entry.get("data-class") and entry.find(f"{SVG}rect") is not None
    }
    assert set(fills) == set(PALETTES[palette])
    steps = [str(style.fill) for key, style in PALETTES[palette].items() if key.startswith("step_")]
    assert [node.get("stop-color") for node in root.iter(f"{SVG}stop")] == steps
    assert set(legend) == {key for key in fills if key and not key.startswith("step_")}
    for key, style in PALETTES[palette].items():
        assert fills[key] == ("url(#hatch)" if style.hatch else style.fill or "none")
        if key not in legend:
            continue
        swatch = legend[key].find(f"{SVG}rect")
        assert swatch is not None
        assert swatch.get("fill") == ("url(#hatch-legend)" if style.hatch else style.fill or "none")
        marks = [node.get("data-mark") for node in legend[key].iter() if node.get("data-mark")]
        assert marks == ([] if style.hatch or not style.mark else [style.mark])
    assert len(set(fills.values())) == len(PALETTES[palette]) - 1  # no data and not applicable differ by their mark


def test_a_mark_stands_beside_each_name_with_a_verdict() -> None:
    drawing = demonstration()
    data = data_for(drawing)
    root = parsed(drawing, data)
    marks = {one.code: one.words for one in written_on(root) if one.kind == "mark"}
    styles = {code: PALETTES["verdict"][key] for code, key in data["classes"].items()}
    assert marks == {code: style.mark for code, style in styles.items() if style.beside}


def test_a_place_without_a_class_is_an_empty_outline() -> None:
    root = parsed(SQUARES, data_for(SQUARES, classes={"330212001": "worse"}))
    places = {node.get("data-code"): node for node in root.iter() if node.get("class") == "place"}
    empty = places["330212002"]
    assert (empty.get("data-class"), empty.get("fill")) == ("no_data", "none")
    assert empty.get("stroke") == TONES["light"].faint


def test_a_sheet_without_a_watermark_has_none_and_surveyed_borders_carry_their_review_number() -> None:
    written = written_on(parsed(SQUARES, data_for(SQUARES, watermark=""), attribution="审图号：浙S（2026）1号"))
    assert [one for one in written if one.kind == "watermark"] == []
    assert "审图号：浙S（2026）1号" in [one.words for one in written if one.kind == "source"]


def test_the_villages_of_one_township_fill_the_sheet_and_its_neighbours_are_faded() -> None:
    drawing = demonstration()
    root = parsed(drawing, data_for(drawing, level="village", within="330212110"))
    coloured = {node.get("data-code") for node in root.iter() if node.get("class") == "place"}
    assert coloured == {row[0] for row in drawing["villages"] if row[2] == "330212110"}
    assert len([node for node in root.iter() if node.get("class") == "faded"]) >= 4
    k, _, _ = moved(root)
    left, top, right, bottom = drawing["boxes"]["330212110"]
    assert (bottom - top) * k > 0.7 * 1000 or (right - left) * k > 0.6 * 1600
    assert {one.words for one in written_on(root) if one.kind == "names faded"} >= {"横溪镇", "首南街道"}


def test_the_map_of_all_villages_colours_each_and_names_every_township() -> None:
    drawing = demonstration()
    root = parsed(drawing, data_for(drawing, level="village"))
    stage = next(node for node in root.iter() if node.get("class") == "stage")
    assert len([node for node in stage.iter() if node.get("class") == "place"]) == 407
    named = {one.code for one in written_on(root) if one.kind == "name"}
    assert named == {row[0] for row in drawing["townships"]}


def test_the_chosen_place_is_outlined() -> None:
    root = parsed(SQUARES, data_for(SQUARES, selected="330212002"))
    assert [node.get("d") for node in root.iter() if node.get("class") == "chosen"] == [SQUARES["townships"][1][3]]
    assert not [node for node in parsed(SQUARES, data_for(SQUARES)).iter() if node.get("class") == "chosen"]


@pytest.mark.parametrize("worse", ["330212001", "330212002"])
def test_where_two_names_want_one_spot_the_worse_place_has_it(worse: str) -> None:
    rows = [
        ["330212001", "甲街道", "330212", "M0 0l400 0 0 100-400 0z", 200, 100, 300, "甲"],
        ["330212002", "乙街道", "330212", "M0 100l400 0 0 100-400 0z", 200, 101, 300, "乙"],
    ]
    boxes = {"330212001": [0, 0, 400, 100], "330212002": [0, 100, 400, 200]}
    drawing = {**SQUARES, "townships": rows, "boxes": boxes}
    classes = {"330212001": "similar", "330212002": "similar"} | {worse: "much_worse"}
    root = parsed(drawing, data_for(drawing, classes=classes))
    inside = [one.code for one in written_on(root) if one.kind == "name" and 400 < (one.top + one.bottom) / 2 < 600]
    assert inside[:1] == [worse]


@pytest.mark.parametrize(("pixels", "words"), [(70, "甲乙丙丁街道"), (45, "甲乙丙丁"), (22, "甲乙"), (10, None)])
def test_a_name_is_written_in_the_longest_form_that_fits(pixels: int, words: str | None) -> None:
    forms = {"330212001": ["甲乙丙丁街道", "甲乙丙丁", "甲乙"]}  # 63, 42 and 21 pixels at half the usual size
    data = data_for(SQUARES, labels=forms, classes={"330212001": "similar"})
    k, _, _ = moved(parsed(SQUARES, data, size=(800, 500)))
    rows = [[*SQUARES["townships"][0][:6], pixels / k], SQUARES["townships"][1]]
    root = parsed({**SQUARES, "townships": rows}, data, size=(800, 500))
    k, tx, ty = moved(root)
    own = [one for one in written_on(root) if one.code == "330212001"]
    inside = [one.words for one in own if tx <= one.left and one.right <= tx + 200 * k and one.bottom <= ty + 200 * k]
    assert inside == ([] if words is None else [words])


def moved(root: ElementTree.Element) -> tuple[float, float, float]:
    """How the main map is enlarged and moved."""
    land = next(node for node in root.iter() if node.get("class") == "land")
    numbers = [float(part) for part in re.findall(r"-?[\d.]+", land.get("transform", ""))]
    return numbers[0], numbers[4], numbers[5]


def test_odd_names_are_written_as_they_are() -> None:
    odd = '<b>&"村\x01</text>'
    rows = [[row[0], odd, *row[2:7]] for row in SQUARES["townships"]]
    data = data_for(SQUARES, legend_title="A & B <i>", watermark="<watermark>")
    root = parsed({**SQUARES, "townships": rows}, data, title=odd, source="<script>alert(1)</script>")
    assert root.findtext(f"{SVG}title") == odd.replace("\x01", "\ufffd")
    words = [one.words for one in written_on(root)]
    assert odd.replace("\x01", "\ufffd") in words
    assert {"A & B <i>", "<watermark>", "<script>alert(1)</script>"} <= set(words)
    assert {node.tag.removeprefix(SVG) for node in root.iter()}.isdisjoint({"b", "i", "script", "watermark"})


def test_the_same_arguments_give_the_same_text() -> None:
    drawing = demonstration()
    data = data_for(drawing, level="village")
    assert sheet(drawing, data) == sheet(drawing, data)


def test_a_dark_sheet_has_light_words_on_dark_paper() -> None:
    root = parsed(SQUARES, data_for(SQUARES), tone="dark")
    background = root.find(f"{SVG}rect")
    title = root.find(f".//{SVG}text[@class='sheet-title']")
    assert background is not None and title is not None
    assert (background.get("fill"), title.get("fill")) == (TONES["dark"].paper, TONES["dark"].ink)
    assert TONES["dark"].blank not in (TONES["light"].blank, TONES["dark"].paper)


def test_a_long_title_is_wrapped_and_loses_nothing() -> None:
    title = "姜山镇、云龙镇、横溪镇、塘溪镇和咸祥镇的群众满意率在2026年第三季度明显低于其余镇街，而下应街道明显较高" * 2
    lines = [one for one in written_on(parsed(SQUARES, data_for(SQUARES), title=title)) if one.kind == "sheet-title"]
    assert len(lines) > 1 and "".join(line.words for line in lines) == title
    assert all(line.right <= 1600 - 40 for line in lines)


def test_a_title_too_long_for_the_sheet_is_refused_in_both_languages() -> None:
    with pytest.raises(UserError) as refused:
        sheet(SQUARES, data_for(SQUARES), title="很长的标题" * 100)
    assert "500" in refused.value.zh and "500" in refused.value.en


@pytest.mark.parametrize(
    ("of_data", "of_sheet", "reason"),
    [
        ({}, {"title": " "}, "title is empty"),
        ({}, {"source": ""}, "source is empty"),
        ({}, {"as_of": ""}, "as_of is empty"),
        ({}, {"tone": "sepia"}, "tone is 'sepia'"),
        ({}, {"size": (479, 300)}, "too small"),
        ({"level": "village"}, {}, "no villages"),
        ({"level": "village", "within": "330212999"}, {}, "no township 330212999"),
    ],
)
def test_what_a_sheet_cannot_show_is_refused(of_data: dict[str, Any], of_sheet: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        map_sheet(SQUARES, data_for(SQUARES, **of_data), **{**WORDS, **of_sheet})


@settings(max_examples=12)
@given(
    words=st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=30),
    classes=st.dictionaries(st.sampled_from(["330212001", "330212002"]), st.sampled_from(sorted(PALETTES["verdict"]))),
)
def test_any_names_and_classes_make_a_sheet_that_can_be_read_back(words: str, classes: dict[str, str]) -> None:
    data = data_for(SQUARES, classes=classes, labels={"330212001": [words], "330212002": [words]})
    root = parsed(SQUARES, data, title=f"题{words}")
    assert all(one.left >= 0 and one.right <= 1600 for one in written_on(root) if one.kind == "sheet-title")
    assert len([node for node in root.iter() if node.get("class") == "place"]) == 2
