"""Sheets as PNG and PDF: the right size, the right colours, vector and searchable, and nothing fetched from outside."""

import io
import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from indicators.errors import UserError
from tests.exports.sheets import SQUARES, WORDS, data_for, demonstration, sheet
from ui.choropleth import PALETTES
from ui.exports import pdf, png
from ui.exports import typeface as face_module
from ui.exports.tones import TONES
from ui.exports.typeface import Typeface, typeface

SMALL = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">{}</svg>'


@pytest.fixture(scope="module")
def squares() -> str:
    return sheet(SQUARES, data_for(SQUARES, classes={"330212001": "much_worse", "330212002": "better"}))


def streams(document: bytes) -> list[bytes]:
    """What the streams of a PDF hold, unpacked where they are packed."""
    found = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, flags=re.DOTALL):
        try:
            found.append(zlib.decompress(packed))
        except zlib.error:
            found.append(packed)
    return found


@pytest.mark.parametrize(("scale", "size"), [(1, (1600, 1000)), (0.5, (800, 500)), (2, (3200, 2000))])
def test_a_png_has_scale_times_the_pixels_of_the_sheet(squares: str, scale: float, size: tuple[int, int]) -> None:
    picture = png(squares, scale=scale)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == size


@pytest.mark.parametrize("tone", ["light", "dark"])
def test_the_pixels_have_the_colours_of_the_classes_and_of_the_paper(tone: str) -> None:
    classes = {"330212001": "much_worse", "330212002": "better"}
    picture = Image.open(io.BytesIO(png(sheet(SQUARES, data_for(SQUARES, classes=classes), tone=tone), scale=1)))
    colours = dict((colour, count) for count, colour in picture.convert("RGB").getcolors(1 << 20))

    def share(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return colours.get((red, green, blue), 0) / (1600 * 1000)

    assert share(PALETTES["verdict"]["much_worse"].fill or "") > 0.1
    assert share(PALETTES["verdict"]["better"].fill or "") > 0.1
    assert share(TONES[tone].paper) > 0.3
    assert share(PALETTES["verdict"]["worse"].fill or "") == 0


def test_the_words_are_drawn_in_a_font_that_has_them(squares: str) -> None:
    with_title = Image.open(io.BytesIO(png(squares, scale=0.5))).convert("L").crop((0, 0, 800, 40))
    without = Image.open(io.BytesIO(png(squares.replace(WORDS["title"], "　"), scale=0.5))).convert("L")
    assert with_title.getextrema()[0] < 80
    assert without.crop((0, 0, 800, 30)).getextrema()[0] > 200


def test_the_same_sheet_gives_the_same_bytes(squares: str) -> None:
    assert png(squares, scale=0.5) == png(squares, scale=0.5)
    assert pdf(squares) == pdf(squares)


def test_a_pdf_is_one_page_of_paths_without_a_raster_image() -> None:
    drawing = demonstration()
    document = pdf(sheet(drawing, data_for(drawing)))
    assert document.startswith(b"%PDF")
    whole = document + b"".join(streams(document))
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", whole)) == 1
    assert not re.search(rb"/Subtype\s*/Image\b", whole) and not re.search(rb"\bBI\s", b"".join(streams(document)))
    assert re.search(rb"/MediaBox\s*\[\s*0 0 1200 750\s*\]", whole)
    lines = sum(len(re.findall(rb"[\d.]+ [\d.]+ l\b", content)) for content in streams(document))
    assert lines > 1000
    assert re.search(rb"/PatternType\s*1", whole), "the hatch is a pattern, not a picture"


@pytest.mark.parametrize(("title", "language"), [("姜山镇较差", b"zh"), ("Jiangshan is worse", b"en")])
def test_a_pdf_says_its_title_and_its_language(title: str, language: bytes) -> None:
    document = pdf(sheet(SQUARES, data_for(SQUARES), title=title))
    whole = document + b"".join(streams(document))
    assert re.search(rb"/Lang\s*\(" + language + rb"\)", whole)
    assert title.encode() in whole  # as the metadata have it


def test_the_words_of_a_pdf_can_be_searched(squares: str) -> None:
    document = pdf(squares)
    mapped = b"".join(content for content in streams(document) if b"begincmap" in content)
    targets = {bytes(code).decode() for code in re.findall(rb"<([0-9A-Fa-f]{4})>", mapped)}
    assert {f"{ord(letter):04X}" for letter in "姜山镇满意率明显低甲乙"} <= {code.upper() for code in targets}


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ('<image href="file:///etc/passwd"/>', "<image>"),
        ('<use href="https://example.org/a.svg#b"/>', "points outside"),
        ('<rect fill="url(https://example.org/a.svg#b)"/>', "points outside"),
        ("<rect style=\"fill:url( 'a.svg#b')\"/>", "points outside"),
        ("<style>@import 'a.css'</style>", "<style>"),
        ("<script>1</script>", "<script>"),
        ("<g>", "no SVG"),
    ],
)
def test_an_svg_that_does_not_stand_by_itself_is_refused(inside: str, reason: str) -> None:
    for draw in (png, pdf):
        with pytest.raises(ValueError, match=reason):
            draw(SMALL.format(inside))


def test_an_svg_with_entities_or_without_a_size_is_refused() -> None:
    with pytest.raises(ValueError, match="document type"):
        png('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SMALL.format("<text>&a;</text>"))
    with pytest.raises(ValueError, match="how large"):
        pdf('<svg xmlns="http://www.w3.org/2000/svg"/>')


@pytest.mark.parametrize("scale", [0, -1, 8.1, float("nan")])
def test_a_scale_that_makes_no_picture_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale is"):
        png(SMALL.format(""), scale=scale)


def test_names_that_no_font_has_are_drawn_all_the_same() -> None:
    rows = [[row[0], '𰻞🏘<b>&"', *row[2:7]] for row in SQUARES["townships"]]
    text = sheet({**SQUARES, "townships": rows}, data_for(SQUARES))
    assert png(text, scale=0.25).startswith(b"\x89PNG") and pdf(text).startswith(b"%PDF")


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose only folder for fonts is the one returned, empty as yet."""
    monkeypatch.setattr(face_module, "_font_folders", lambda: (tmp_path,))
    monkeypatch.delenv("EXPORT_FONT", raising=False)
    return tmp_path


def test_a_machine_without_a_chinese_font_says_what_to_install(no_fonts: Path) -> None:
    with pytest.raises(UserError, match="EXPORT_FONT") as refused:
        sheet(SQUARES, data_for(SQUARES))
    assert "思源黑体" in refused.value.zh and "Noto Sans CJK" in refused.value.en


def test_a_known_font_is_found_wherever_it_lies_and_a_false_one_is_passed_over(no_fonts: Path) -> None:
    real = typeface_of_this_machine()
    (no_fonts / "deep").mkdir()
    (no_fonts / "NotoSansCJK-Regular.ttc").write_bytes(b"not a font")
    (no_fonts / "deep" / "SimHei.TTF").symlink_to(real.regular)
    found = typeface()
    assert (found.regular.name, found.bold) == ("SimHei.TTF", None)
    assert found.width("鄞州", 10) == pytest.approx(20)


def test_the_setting_names_the_font(no_fonts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = typeface_of_this_machine()
    own = no_fonts / "office.ttc"
    own.symlink_to(real.regular)
    monkeypatch.setenv("EXPORT_FONT", str(own))
    assert typeface().regular == own
    assert real.family in sheet(SQUARES, data_for(SQUARES))


def test_a_setting_that_names_no_chinese_font_is_refused(no_fonts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latin = no_fonts / "latin.ttf"
    built_in = ImageFont.load_default(20)
    assert isinstance(built_in, ImageFont.FreeTypeFont)
    latin.write_bytes(built_in.font_bytes)
    text = no_fonts / "notes.txt"
    text.write_text("no font")
    for wrong in (latin, text, no_fonts / "missing.ttf", no_fonts):
        monkeypatch.setenv("EXPORT_FONT", str(wrong))
        with pytest.raises(UserError, match="EXPORT_FONT") as refused:
            typeface()
        assert str(wrong) in refused.value.zh and str(wrong) in refused.value.en


def typeface_of_this_machine() -> Typeface:
    """The font that pictures use here, whatever a test has set."""
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/System/Library/Fonts"))
    return face_module._typeface("", (*folders, Path("C:/Windows/Fonts")))
