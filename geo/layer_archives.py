"""A delivery laid out for reading: unpacked within limits, copied under names of our own, judged before it is opened.

Whatever an office hands over is copied into a private temporary folder before any library opens it, so that no name
chosen by somebody else is ever given to GDAL, and nothing beside the delivery can be reached from it.
"""

from __future__ import annotations

import lzma
import mmap
import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.errors import LayerError
from geo.layer_text import REFUSED_KINDS, decoded, pieces, recognised, refusal, refused_kind, taken_for

MEBIBYTE = 1024 * 1024
ARCHIVES = {".zip", ".kmz", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz"}
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SINGLE_FILES = {".gpkg", ".geojson", ".geojsonl", ".geojsons", ".json", ".kml", ".fgb", ".parquet", ".geoparquet"}
SUFFIXES = {"Shapefile": ".shp", "GeoPackage": ".gpkg", "GeoJSON": ".json", "KML": ".kml", "FlatGeobuf": ".fgb",
            "GeoParquet": ".parquet", "zip": ".zip"}  # fmt: skip
RTREE = rb"create\s+virtual\s+table\s+(\"(?:[^\"]|\"\")*\"|\w+)\s+using\s+rtree\b"
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Limits:
    """How much one delivery may hold; what is above is refused, long texts alone are cut."""

    file_bytes: int = 300 * MEBIBYTE
    members: int = 500
    unpacked_bytes: int = 1024 * MEBIBYTE
    compression: int = 200  # times, for a member above 1 MiB
    vertices: int = 5_000_000
    features: int = 60_000
    columns: int = 200
    text_characters: int = 10_000


@dataclass(frozen=True)
class Dataset:
    """One set of files that is opened together: what the office called it, its format, and where our copy lies."""

    label: str
    format: str
    path: Path


@contextmanager
def laid_out(path: str | Path, limits: Limits) -> Iterator[list[Dataset]]:
    """Copy or unpack a delivery into a private folder and give what is in it; the folder goes on every way out.

    Parameters
    ----------
    path
        A file, a loose ``.shp`` with its parts beside it, or a ``.gdb`` folder. Never a ``/vsi`` path or an address.
    limits
        What may not be exceeded.

    Raises
    ------
    LayerError
        When it is too large, refused, damaged, or holds no layer.
    """
    given = str(path)
    source = Path(given)
    if given.replace("\\", "/").lower().startswith("/vsi") or not os.path.exists(given):
        raise refusal(source.name, "这个文件找不到。请重新上传", "is not there. Upload it again")
    with tempfile.TemporaryDirectory(prefix="layer-", ignore_cleanup_errors=True) as private:
        folder = Path(private)
        if source.is_dir():
            yield [_copied_folder(source, folder, limits)]
            return
        if source.stat().st_size > limits.file_bytes:
            raise _too_large(source.name, limits.file_bytes)
        kind = recognised(source, source.name)
        if kind == "zip":
            yield _unpacked(source, folder, limits)
            return
        target = folder / f"d0{SUFFIXES[kind]}"
        shutil.copyfile(source, target)
        if kind == "Shapefile":
            _copy_parts(source, target, limits)
        yield [Dataset(source.stem, kind, target)]


def _too_large(name: str, most: int) -> LayerError:
    size = f"{most / MEBIBYTE:,.0f} MB"
    zh = f"超过 {size} 的上限。请只导出所需的图层和范围后再上传"
    return refusal(name, zh, f"is above the limit of {size}. Export only the layer and the area needed")


def _too_many(name: str, most: int) -> LayerError:
    zh = f"里的文件超过 {most} 个。请只打包所需的图层"
    return refusal(name, zh, f"holds more than {most} files. Pack only the layers needed")


def _unsafe(name: str) -> LayerError:
    zh = "中有指向包外的路径或链接，已拒绝读取。请重新打包，只放图层文件"
    return refusal(name, zh, "holds a path or a link that leads outside of it. Pack the layer files alone")


def _copy_parts(source: Path, target: Path, limits: Limits) -> None:
    """The parts beside a loose .shp: same stem in any case, nothing else of the folder."""
    for part in source.parent.iterdir():
        suffix = part.suffix.lower()
        if part.stem.lower() == source.stem.lower() and suffix in SHAPEFILE_PARTS[1:] and part.is_file():
            if part.stat().st_size > limits.file_bytes:
                raise _too_large(part.name, limits.file_bytes)
            shutil.copyfile(part, target.with_suffix(suffix))


def _copied_folder(source: Path, folder: Path, limits: Limits) -> Dataset:
    """A file geodatabase given as a folder."""
    parts = sorted(source.iterdir())
    if not any(part.name.lower().endswith(".gdbtable") for part in parts):
        zh = "是文件夹，但不是文件地理数据库（.gdb）。请选择 .gdb 文件夹或上传 .zip"
        raise refusal(source.name, zh, "is a folder but no file geodatabase (.gdb). Choose a .gdb folder or a .zip")
    if len(parts) > limits.members:
        raise _too_many(source.name, limits.members)
    if any(part.is_symlink() for part in parts):
        raise _unsafe(source.name)
    parts = [part for part in parts if part.is_file() and re.fullmatch(r"[\w.]+", part.name, re.ASCII)]
    if sum(part.stat().st_size for part in parts) > limits.unpacked_bytes:
        raise _too_large(source.name, limits.unpacked_bytes)
    target = folder / "d0.gdb"
    target.mkdir()
    for part in parts:
        shutil.copyfile(part, target / part.name)
    return Dataset(source.stem, "FileGDB", target)


def _unpacked(source: Path, folder: Path, limits: Limits) -> list[Dataset]:
    """Unpack the layer files of a zip (or KMZ), each under a name of ours, counting declared and real bytes."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = _judged(archive, source.name, limits)
            targets = _targets(members, folder, source.name)
            room = limits.unpacked_bytes
            for inside, target in targets.items():
                target.parent.mkdir(exist_ok=True)
                with archive.open(members[inside]) as packed, target.open("wb") as plain:
                    while piece := packed.read(MEBIBYTE):
                        room -= len(piece)
                        if room < 0:
                            raise _too_large(source.name, limits.unpacked_bytes)
                        plain.write(piece)
    except LayerError:
        raise
    except DAMAGED_ZIP as fault:
        zh = "这个压缩包已损坏、加密或传输不完整。请用普通 .zip 方式重新打包后上传"
        raise refusal(source.name, zh, "is a damaged, encrypted or incomplete archive. Pack a plain .zip") from fault
    return _datasets(targets, source)


def _judged(archive: zipfile.ZipFile, name: str, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Members by their decoded names, after everything the directory of the archive can be refused for."""
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise _too_many(name, limits.members)
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise _too_large(name, limits.unpacked_bytes)
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        inside = member_name(info)
        linked = stat.S_ISLNK(info.external_attr >> 16)
        if linked or re.match(r"/|[A-Za-z]:", inside) or ".." in inside.split("/") or "\0" in inside:
            raise _unsafe(name)
        if info.file_size > max(MEBIBYTE, limits.compression * info.compress_size):
            zh = f"中的“{inside}”压缩率异常（超过 {limits.compression} 倍），已拒绝。请重新打包"
            raise refusal(name, zh, f"holds “{inside}” packed more than {limits.compression} times. Pack it again")
        if PurePosixPath(inside).suffix.lower() in ARCHIVES and not inside.endswith("/"):
            zh = f"里还套着压缩包“{inside}”。请解压后把图层文件直接打成一个 .zip"
            raise refusal(name, zh, f"holds another archive, “{inside}”. Unpack it and zip the layer files directly")
        if not inside.endswith("/") and not inside.startswith("__MACOSX/"):
            members[inside] = info
    return members


def member_name(info: zipfile.ZipInfo) -> str:
    """The name of a zip member with forward slashes; without the UTF-8 flag it is UTF-8 or GBK, as its bytes say."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437")
        name = decoded(raw, taken_for([raw]))
    return name.replace("\\", "/")


def _targets(members: dict[str, zipfile.ZipInfo], folder: Path, name: str) -> dict[str, Path]:
    """Where each wanted member goes: shapefile parts share a stem, a geodatabase keeps its own plain file names."""
    shapefiles = {str(PurePosixPath(m).with_suffix("")).lower() for m in members if m.lower().endswith(".shp")}
    geodatabases = {PurePosixPath(m).parent for m in members if m.lower().endswith(".gdbtable")}
    ours: dict[object, str] = {}
    targets: dict[str, Path] = {}
    for member in members:
        inside = PurePosixPath(member)
        suffix, stem = inside.suffix.lower(), str(inside.with_suffix("")).lower()
        if inside.parent in geodatabases and (".gdb" in suffix or suffix in ("", ".atx", ".spx", ".freelist")):
            if re.fullmatch(r"[\w.]+", inside.name, re.ASCII):
                targets[member] = folder / (ours.setdefault(inside.parent, f"d{len(ours)}") + ".gdb") / inside.name
        elif suffix in SHAPEFILE_PARTS and stem in shapefiles:
            targets[member] = folder / (ours.setdefault(stem, f"d{len(ours)}") + suffix)
        elif suffix in SINGLE_FILES:
            targets[member] = folder / (ours.setdefault(inside, f"d{len(ours)}") + suffix)
    if not targets:
        for suffix in (PurePosixPath(member).suffix.lower() for member in members):
            if suffix in REFUSED_KINDS:
                raise refused_kind(name, suffix)
        some = "、".join(list(members)[:5]) or "—"
        zh = f"里没有可读的图层（有：{some}）。请放入 .shp 及同名文件、.gdb、.gpkg、.geojson 或 .kml"
        raise refusal(name, zh, f"holds no layer (it has: {some}). Put in a .shp with its parts, .gdb, .gpkg or .kml")
    return targets


def _datasets(targets: dict[str, Path], source: Path) -> list[Dataset]:
    """What was unpacked, by what its bytes say it is; a file that is no layer counts only when alone."""
    found: dict[Path, Dataset] = {}
    refused: list[LayerError] = []
    for member, target in targets.items():
        inside = PurePosixPath(member)
        if target.parent.suffix == ".gdb":
            found[target.parent] = Dataset(inside.parent.stem or source.stem, "FileGDB", target.parent)
        elif target.suffix == ".shp" or target.suffix not in SHAPEFILE_PARTS:
            try:
                kind = recognised(target, member)
            except LayerError as fault:
                refused.append(fault)
                continue
            proper = target.with_suffix(SUFFIXES[kind])
            target.rename(proper)
            label = source.stem if source.suffix.lower() == ".kmz" else inside.stem
            found[proper] = Dataset(label, kind, proper)
    datasets = [dataset for dataset in found.values() if dataset.format != "zip"]
    if not datasets:
        raise refused[0] if refused else refusal(source.name, "里只有压缩包。请解压", "holds only archives. Unpack it")
    return datasets


def judge_json(path: Path, name: str, limits: Limits) -> None:
    """Refuse a JSON layer, in UTF-8, that would cost too much or reach outside, before it is opened.

    Every position has its own bracket, so brackets bound the vertices. TopoJSON repeats arcs without repeating their
    bytes and is not read. A reference system given as an address (GeoJSON 2008, 3.3) would be fetched.
    """
    brackets, window = 0, b""
    for piece in pieces(path):
        brackets += piece.count(b"[")
        window = window[-1000:] + re.sub(rb"\\u00([4-7][0-9A-Fa-f])", lambda at: bytes([int(at[1], 16)]), piece)
        if re.search(rb'"type"\s*:\s*"Topology"', window):
            raise refusal(
                name, "是 TopoJSON，不读取。请索取 GeoJSON", "is TopoJSON, which is not read. Ask for GeoJSON"
            )
        if re.search(rb'"crs"\s*:\s*\{[^{}]{0,300}("type"\s*:\s*"(?!name|EPSG)|\{[^{}]{0,300}"href"\s*:)', window):
            zh = "的坐标系写成了网址，系统不联网查询。请以 EPSG 编号重新导出"
            raise refusal(name, zh, "names its reference system by an address. Export it again with an EPSG code")
    if brackets > 2 * limits.vertices:
        zh = f"的顶点超过 {limits.vertices:,} 个的上限。请先简化图形或只导出所需范围"
        raise refusal(name, zh, f"has more than {limits.vertices:,} vertices. Simplify it or export only a part")


def judge_sqlite(path: Path, name: str) -> None:
    """Refuse a GeoPackage whose schema holds views or foreign virtual tables, which run code of their author's.

    The schema table is walked as the file format describes it (sqlite.org/fileformat2.html, sections 1.6 and 2.1),
    without running any SQL: a view may stand where GDAL itself reads and never end.
    """
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    waiting, seen = [1], set[int]()
    while waiting:
        page = waiting.pop()
        start = (page - 1) * size
        if page in seen or start + 12 > len(data):
            continue
        seen.add(page)
        head = start + (100 if page == 1 else 0)
        inner = data[head] == 5
        cells = int.from_bytes(data[head + 3 : head + 5], "big")
        pointers = head + (12 if inner else 8)
        if inner:
            waiting.append(int.from_bytes(data[head + 8 : head + 12], "big"))
        for at in range(pointers, min(pointers + 2 * cells, len(data) - 1), 2):
            cell = start + int.from_bytes(data[at : at + 2], "big")
            if inner:
                waiting.append(int.from_bytes(data[cell : cell + 4], "big"))
            elif _runs_code(data[cell : min(cell + size, start + size)]):
                zh = "含有视图或虚拟表，已拒绝。请在 QGIS 中把图层另存为新的 GeoPackage"
                raise refusal(name, zh, "holds views or virtual tables. Save the layer as a new GeoPackage in QGIS")


def _runs_code(cell: bytes) -> bool:
    """Whether a schema row (type, name, table, root page, SQL) is a view or a virtual table other than an R-tree."""
    at, body = 0, 0
    numbers: list[int] = []
    while len(numbers) < 8:  # payload length, row id, header length, five serial types
        value, started = 0, at
        for byte in cell[at : at + 9]:
            at, value = at + 1, value << 7 | byte & 0x7F
            if byte < 0x80:
                break
        numbers.append(value)
        body = started + value if len(numbers) == 3 else body
    lengths = [(n - 12) // 2 if n > 11 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[n] for n in numbers[3:]]
    root_at = body + sum(lengths[:3])
    kind = cell[body : body + lengths[0]].lower()
    root = int.from_bytes(cell[root_at : root_at + lengths[3]], "big")
    sql = cell[root_at + lengths[3] :][: lengths[4]].lower()
    return kind == b"view" or (kind == b"table" and root == 0 and not re.match(RTREE, sql))
