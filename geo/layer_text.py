"""What the bytes of a delivery are: which format, which text encoding; and KML, which is text read here."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers import expat

import numpy as np
import shapely

from geo.errors import LayerError

PIECE = 1024 * 1024
BIG5 = {"big5", "big5hkscs", "cp950"}
REFUSED_KINDS = {
    ".mdb": ("Access 个人地理数据库（.mdb）", "an Access personal geodatabase (.mdb)"),
    ".accdb": ("Access 数据库", "an Access database"),
    ".mpk": ("ArcGIS 地图包（.mpk）", "an ArcGIS map package (.mpk)"),
    ".dwg": ("CAD 图纸（.dwg）", "a CAD drawing (.dwg)"),
    ".dxf": ("CAD 图纸（.dxf）", "a CAD drawing (.dxf)"),
    ".e00": ("ArcInfo 交换文件（.e00）", "an ArcInfo interchange file (.e00)"),
    ".tif": ("栅格影像（.tif），没有边界图形", "a raster picture (.tif) without boundaries"),
    ".tab": ("MapInfo 表（.tab）", "a MapInfo table (.tab)"),
    ".mif": ("MapInfo 交换文件（.mif）", "a MapInfo interchange file (.mif)"),
    ".rar": ("RAR 压缩包", "a RAR archive"),
    ".7z": ("7z 压缩包", "a 7z archive"),
    ".gz": ("gzip 压缩包", "a gzip archive"),
    ".pdf": ("PDF 文档", "a PDF document"),
    ".gml": ("XML 文件，但不是 KML", "an XML file but no KML"),
    ".sqlite": ("SQLite 数据库，但不是 GeoPackage", "an SQLite database but no GeoPackage"),
}
REFUSED_STARTS = [
    (rb"....Standard (Jet|ACE) DB", ".mdb"), (rb"AC10\d\d", ".dwg"), (rb"Rar!\x1a\x07", ".rar"), (rb"EXP +\d", ".e00"),
    (rb"7z\xbc\xaf\x27\x1c", ".7z"), (rb"\x1f\x8b", ".gz"), (rb"II[*+]\0|MM\0[*+]", ".tif"), (rb"%PDF", ".pdf"),
    (rb"!table", ".tab"), (rb"\s*version\s+\d+\s+charset", ".mif"), (rb"\s*0\r?\n\s*SECTION", ".dxf"),
]  # fmt: skip


def refusal(name: str, zh: str, en: str) -> LayerError:
    """A LayerError about the file or layer ``name``; each sentence goes on after the quoted name, without full stop."""
    return LayerError(zh=f"“{name}”{zh}。", en=f"“{name}” {en}.")


def refused_kind(name: str, suffix: str) -> LayerError:
    """The sentence for a format that is not read; ``suffix`` is one of ``REFUSED_KINDS``."""
    zh, en = REFUSED_KINDS[suffix]
    if suffix in (".rar", ".7z", ".gz"):
        return refusal(name, f"是{zh}，系统不读取。请解压后改用 .zip 打包再上传", f"is {en}. Unpack it and send a .zip")
    return refusal(
        name,
        f"是{zh}，系统不读取这种格式。请用 ArcGIS 或 QGIS 另存为 GeoPackage 或 Shapefile（.zip）后再上传",
        f"is {en}, which is not read. Save it as a GeoPackage or a zipped Shapefile in ArcGIS or QGIS and upload that",
    )


def recognised(path: Path, name: str) -> str:
    """Tell the format of a file from its first bytes; the suffix of ``name`` decides only where bytes cannot.

    Returns "zip", "GeoPackage", "Shapefile", "GeoJSON" (any JSON), "KML", "FlatGeobuf" or "GeoParquet".

    Raises
    ------
    LayerError
        For an empty file, and for every other content, naming what to ask for instead.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    suffix = PurePosixPath(name).suffix.lower()
    if not start:
        raise refusal(name, "是空文件。请重新导出后上传", "is empty. Export it again and upload it")
    if suffix in (".mpk", ".lpk", ".ppkx"):
        raise refused_kind(name, ".mpk")
    for pattern, kind in REFUSED_STARTS:
        if re.match(pattern, start, re.DOTALL | re.IGNORECASE):
            raise refused_kind(name, kind)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if start.startswith(b"SQLite format 3\0"):
        if suffix == ".gpkg" or start[68:72] in (b"GPKG", b"GP10", b"GP11"):
            return "GeoPackage"
        raise refused_kind(name, ".sqlite")
    if start.startswith(b"\x00\x00\x27\x0a") and suffix != ".shx":
        return "Shapefile"
    for magic, format_ in ((b"fgb\x03", "FlatGeobuf"), (b"PAR1", "GeoParquet")):
        if start.startswith(magic):
            return format_
    encoding = "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    text = decoded(start, encoding).lstrip("\x1e \t\r\n")
    if text.startswith(("{", "[")):
        return "GeoJSON"
    if re.match(r"<(\?xml|!|(\w+:)?kml)", text):
        if re.search(r"<(\w+:)?kml\b", text):
            return "KML"
        raise refused_kind(name, ".gml")
    if suffix in (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx"):
        raise refusal(
            name,
            "只是 Shapefile 的一部分。请把 .shp、.shx、.dbf、.prj、.cpg 一起打包成 .zip 上传",
            "is only one part of a Shapefile. Zip .shp, .shx, .dbf, .prj and .cpg together and upload that",
        )
    if suffix in REFUSED_KINDS:
        raise refused_kind(name, suffix)
    raise refusal(
        name,
        "的格式认不出，文件可能已损坏或不是图层。请确认文件，或索取 GeoPackage 或 Shapefile（.zip）",
        "is no layer format known here, or it is damaged. Check it, or ask for a GeoPackage or a zipped Shapefile",
    )


def codec(name: str) -> str:
    """Python's name for an encoding a person or a .cpg file wrote ("936", "ANSI 936", "GBK", "utf8"); "" if unknown.

    The GBK family is read as GB18030, which contains it.
    """
    plain = re.sub(r"(?i)ansi|oem|ldid|windows|^cp|[\s_/-]", "", name)
    for trial in (name.strip(), plain, f"cp{plain}"):
        try:
            found = codecs.lookup(trial).name
            "".encode(found)  # codecs that are not for text refuse
        except (LookupError, ValueError):
            continue
        return "gb18030" if found in ("gb2312", "gbk", "cp936", "hz", "gb18030") else found
    return ""


def decoded(raw: bytes, encoding: str) -> str:
    """Text from bytes; a half character at the end (a field cut by its width) goes, a bad byte becomes U+FFFD."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(raw, False)


def fits(raw: bytes, encoding: str) -> bool:
    """Whether the bytes are text in this encoding, a half character at the end aside."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(raw, False)
    except UnicodeDecodeError:
        return False
    return True


def taken_for(texts: Iterable[bytes], declared: str = "") -> str:
    """The encoding that texts of a Chinese office are in, judged by their bytes and not by what a file declares.

    Parameters
    ----------
    texts
        Field names and values as bytes.
    declared
        A Python encoding from a .cpg or language byte; it decides only for Big5, whose bytes GB18030 accepts too.

    Returns
    -------
    str
        "ascii", "utf-8", "gb18030" or a Big5 encoding. GBK text is hardly ever valid UTF-8, and the few words that are
        (two-byte pairs such as 山水) turn into letters of other scripts, so UTF-8 must yield Chinese to win.
    """
    telling = {text for text in texts if not text.isascii()}
    if not telling:
        return "ascii"
    utf8 = [decoded(text, "utf-8") for text in telling if fits(text, "utf-8")]
    if 2 * len(utf8) > len(telling):
        no_chinese = all(character < "\u0800" for text in utf8 for character in text)
        if not (no_chinese and all(_is_chinese(text) for text in telling)):
            return "utf-8"
    return declared if declared in BIG5 else "gb18030"


def _is_chinese(raw: bytes) -> bool:
    text = decoded(raw, "gb18030")
    return all(character.isascii() or "\u3000" <= character <= "\u9fff" for character in text)


def rewritten_as_utf8(path: Path, encoding: str = "") -> tuple[str, int]:
    """Rewrite a text file in UTF-8 without a byte order mark, in place, a piece at a time.

    Returns the encoding it was in (``encoding`` if given, else UTF-16 by its mark, UTF-8, or GB18030) and the number of
    characters that could not be read and became U+FFFD.
    """
    with path.open("rb") as file:
        marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding = encoding or ("utf-16" if marked else "utf-8" if _is_utf8(path) else "gb18030")
    plain, replaced = path.with_suffix(".utf8"), 0
    with plain.open("wb") as target:
        for piece in codecs.iterdecode(pieces(path), "utf-8-sig" if encoding == "utf-8" else encoding, "replace"):
            replaced += piece.count("\ufffd")
            target.write(piece.encode("utf-8", "replace"))
    plain.replace(path)
    return encoding, replaced


def pieces(path: Path) -> Iterator[bytes]:
    """A file one mebibyte at a time."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _is_utf8(path: Path) -> bool:
    """Whether a file is UTF-8, a damaged byte here and there aside; GBK read as UTF-8 goes wrong nearly everywhere."""
    wrong, beyond_ascii = 0, 0
    for text in codecs.iterdecode(pieces(path), "utf-8", "replace"):
        wrong += text.count("\ufffd")
        beyond_ascii += (len(text.encode()) - len(text)) // 2  # Chinese has three bytes a character
    return 10 * wrong <= beyond_ascii


class KmlPlaces:
    """The placemarks of a KML 2.2 file (OGC 07-147r2), read in one pass without entities, links or the network.

    ``rows`` has one dict of texts a placemark (``name``, ``description``, ``folder``, every ``Data`` and ``SimpleData``
    field), ``shapes`` one list of shapely geometries a placemark, lon/lat WGS 84, 2D, lines and points among them;
    ``flattened`` counts positions with a height. GDAL's driver is not used: it turns Chinese field names into "_".
    """

    def __init__(self, name: str, *, vertices: int, features: int) -> None:
        self.name, self.vertices, self.features, self.flattened = name, vertices, features, 0
        self.rows: list[dict[str, Any]] = []
        self.shapes: list[list[Any]] = []
        self._path: list[str] = []
        self._folders: list[str] = []
        self._text: list[str] = []
        self._rings: list[Any] = []
        self._field = ""

    def read(self, path: Path) -> KmlPlaces:
        """Read a file in UTF-8; LayerError for a DOCTYPE (entity bombs), a network link, damage or too much."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text.append
        try:
            for piece in pieces(path):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as fault:
            zh = f"从第 {fault.lineno} 行起不是完整的 KML。请重新导出后上传"
            raise refusal(self.name, zh, f"is no complete KML from line {fault.lineno} on. Export it again") from fault
        return self

    def _refuse_doctype(self, *_: object) -> None:
        raise refusal(self.name, "含 DOCTYPE 声明，已拒绝。请另存为普通 KML", "has a DOCTYPE. Save it as a plain KML")

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        tag = element.rpartition(":")[2]
        self._path.append(tag)
        self._text.clear()
        if tag == "NetworkLink" or len(self._path) > 100:
            zh = "含网络链接或嵌套过深。请在 Google Earth 中打开后另存图形本身"
            raise refusal(
                self.name, zh, "has a network link or is too deep. Open it in Google Earth and save the shapes"
            )
        if tag == "Placemark":
            if len(self.rows) == self.features:
                zh = f"超过 {self.features:,} 个地标。请只导出所需范围"
                raise refusal(self.name, zh, f"has more than {self.features:,} places. Export only the area needed")
            self.rows.append({"name": None, "description": None, "folder": "/".join(filter(None, self._folders))})
            self.shapes.append([])
        elif tag == "Folder":
            self._folders.append("")
        elif tag == "Polygon":
            self._rings = []
        elif tag in ("Data", "SimpleData"):
            self._field = attributes.get("name", "") or "value"

    def _end(self, element: str) -> None:
        tag, text = self._path.pop(), "".join(self._text).strip()
        inside = self._path[-1] if self._path else ""
        self._text.clear()
        if tag == "name" and inside == "Folder":
            self._folders[-1] = text
        elif tag == "Folder":
            self._folders.pop()
        elif "Placemark" not in self._path:
            return
        elif (tag in ("name", "description") and inside == "Placemark") or tag == "SimpleData":
            self.rows[-1][self._field if tag == "SimpleData" else tag] = text
        elif tag == "value" and inside == "Data":
            self.rows[-1][self._field] = text
        elif tag == "coordinates":
            self._take(text, inside)
        elif tag == "Polygon" and self._rings and self._rings[0] is not None:
            self.shapes[-1].append(shapely.Polygon(self._rings[0], self._rings[1:]))

    def _take(self, text: str, inside: str) -> None:
        """Positions of one ring, line or point: ``lon,lat[,height]``, blanks between."""
        try:
            numbers = [[float(n) for n in triple.split(",")[:3]] for triple in re.sub(r"\s*,\s*", ",", text).split()]
            points = np.array([triple[:2] for triple in numbers], dtype=float).reshape(-1, 2)
        except ValueError as fault:
            zh = f"中第 {len(self.rows)} 个地标的坐标不是数字。请重新导出"
            en = f"has no numbers for coordinates at place {len(self.rows)}. Export it again"
            raise refusal(self.name, zh, en) from fault
        self.flattened += sum(len(triple) > 2 and triple[2] != 0 for triple in numbers)
        self.vertices -= len(points)
        if self.vertices < 0:
            raise refusal(self.name, "的顶点过多。请先简化图形", "has too many vertices. Simplify it first")
        if inside == "LinearRing" and "Polygon" in self._path:
            if len(points) > 2 and np.isfinite(points).all():
                self._rings.append(points if (points[0] == points[-1]).all() else np.vstack([points, points[:1]]))
            elif not self._rings:
                self._rings.append(None)  # without its outer ring a polygon is no shape
        elif len(points):
            self.shapes[-1].append(shapely.LineString(points) if len(points) > 1 else shapely.Point(points[0]))
