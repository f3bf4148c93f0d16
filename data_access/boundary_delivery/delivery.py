"""From a file to a layer that waits for a decision: read, matched, brought to CGCS2000, cleaned, nested, reported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy.engine import Engine

from data_access.boundaries import LayerOrigin, add_layer, drop_layer, read_layers
from data_access.boundary_delivery import findings
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.boundary_delivery.columns import PlaceColumns, find_columns
from data_access.boundary_delivery.known import Known
from data_access.boundary_delivery.matching import Matching, match_places
from data_access.boundary_delivery.systems import chosen_system, recognised
from data_access.errors import UserError
from geo.candidate_systems import Candidate, to_lonlat
from geo.coordinates import datum_shift, to_cgcs2000
from geo.coverage import clean_coverage
from geo.coverage_sentences import describe_cleaning
from geo.errors import LayerError
from geo.nesting import Nested, nest
from geo.tangles import refuse_tangles

if TYPE_CHECKING:
    from geo.layer_files import LayerRead

MOST_LAYERS: Final = 12
_NOT_LOOKED_AT: Final = (
    f"只查看前 {MOST_LAYERS} 个面图层；请把要导入的图层单独存成一个文件。",
    f"Only the first {MOST_LAYERS} polygon layers are looked at; save the one to be brought as a file of its own.",
)


def look_at_delivery(engine: Engine, path: Path, *, encoding: str | None = None) -> dict[str, Any]:
    """What a file holds, as plain values: format and, for each layer, whether it can be imported, the level of its
    places, the columns that name them and the coordinate system it seems to be in.

    Raises `UserError` for a file that cannot be used.
    """
    from geo.layer_files import look  # closes doors of GDAL for the whole process: not before it is needed

    with _in_our_words():
        delivery = look(path)
    known = Known(engine)
    layers = []
    for one in delivery.layers:
        about: dict[str, Any] = {
            "name": one.name, "format": one.format, "features": one.features, "encoding": one.encoding,
            "types": dict(one.geometry_types), "columns": {name: list(cells) for name, cells in one.columns.items()},
            "declared": one.declared, "bounds": list(one.bounds) if one.bounds else None, "why_not": one.why_not,
        }  # fmt: skip
        if one.importable and sum(bool(other.get("guess")) for other in layers) < MOST_LAYERS:
            with _in_our_words():
                about["guess"] = _guess(path, one.name, known, encoding)
        elif one.importable:
            about["why_not"] = _NOT_LOOKED_AT
        layers.append(about)
    return {"format": delivery.format, "layers": layers, "places": known.sizes}


def bring_delivery(
    engine: Engine, path: Path, choices: DeliveryChoices, *, by: str, file_name: str = "", at: str = ""
) -> dict[str, Any]:
    """Put the layers of a file on record as one layer that waits; its number and everything that was found.

    Nothing that counts is changed: see :func:`data_access.boundaries.accept_layer`. Raises `UserError` for a file or
    choices that cannot be used; then nothing is kept.
    """
    choices.check()
    known = Known(engine)
    with _in_our_words():
        townships = _part(path, choices.townships, "township", choices, known)
        villages = _part(path, choices.villages, "village", choices, known, around=townships)
        shapes, nested, said, figures = _cleaned(villages, townships, choices, known)
    parts = {part.level: part for part in (villages, townships) if part is not None}
    report = {
        "sentences": [*(one | {"level": part.level} for part in parts.values() for one in part.sentences), *said,
                      *findings.nesting_sentences(nested, known.finder.names)],
        "unmatched": {level: findings.unmatched_rows(part.matching) for level, part in parts.items()},
        "missing": {level: [list(one) for one in part.matching.missing[: findings.MOST_LISTED]]
                    for level, part in parts.items()},
        "columns": {level: asdict(part.columns) for level, part in parts.items()},
        "choices": choices.to_json(),
        **figures,
    }  # fmt: skip
    first = next(iter(parts.values()))
    origin = LayerOrigin(
        name=choices.name or Path(file_name or path.name).stem[:120],
        source=choices.source,
        licence=choices.licence,
        review_number=choices.review_number,
        attribution=choices.attribution,
        reference_system=first.system.zh,
        datum=choices.datum,
        file_name=file_name or path.name,
        file_hash=_hash(path),
        valid_from=choices.valid_from,
        report=report,
    )
    before = [layer for layer in read_layers(engine) if not layer.accepted and layer.brought_by == by
              and layer.origin.file_hash == origin.file_hash]  # fmt: skip
    number = add_layer(engine, shapes, origin, by=by, at=at)
    for layer in before:  # the same file brought with other choices takes the place of what waited
        drop_layer(engine, layer.id, by=by, at=at)
    return {"layer": number, **report}


@dataclass(frozen=True)
class _Part:
    """The shapes of one level, in degrees of CGCS2000, with their codes; those without a code are left out."""

    level: str
    frame: gpd.GeoDataFrame
    matching: Matching
    columns: PlaceColumns
    system: Candidate
    sentences: list[dict[str, str]]


def _read(path: Path, layer: str, encoding: str | None) -> LayerRead:
    from geo.layer_files import read_layer

    read = read_layer(path, layer, encoding=encoding)
    refuse_tangles(read.frame)
    return read


def _guess(path: Path, layer: str, known: Known, encoding: str | None) -> dict[str, Any]:
    read = _read(path, layer, encoding)
    columns = find_columns(pd.DataFrame(read.frame.drop(columns="geometry")), known.register)
    found = recognised(read.frame, columns, known)
    matched = 0
    if columns.level is not None:
        matched = int(match_places(read.frame, known.register, columns).codes.notna().sum())
    return {
        "level": columns.level,
        "columns": asdict(columns),
        "matched": matched,
        "system": found.chosen.crs if found.chosen else None,
        "swapped": found.swapped,
        "assumed": found.assumed,
        "systems": [asdict(one) for one in found.candidates],
        "system_sentence": [found.zh, found.en],
        "notes": [list(one) for one in read.notes],
    }


def _part(
    path: Path, layer: str | None, level: str, choices: DeliveryChoices, known: Known, *, around: _Part | None = None
) -> _Part | None:
    if layer is None:
        return None
    read = _read(path, layer, choices.encoding)
    said = findings.of_pairs(read.notes)
    columns = _columns(read.frame, level, choices, known)
    system, about = chosen_system(read.frame, columns, choices, known)
    said += about
    frame = to_lonlat(read.frame, system)
    frame = to_cgcs2000(frame, datum=choices.datum)
    if choices.datum != "CGCS2000":
        said.append(findings.sentence(f"坐标已由 {choices.datum} 换算为 CGCS2000。",
                                      f"Coordinates were converted from {choices.datum} to CGCS2000."))  # fmt: skip
    inside = _townships_around(frame, around) if around is not None else None
    answers = choices.answers.get(level, {})
    matching = match_places(read.frame, known.register, columns, answers=answers, townships=inside)
    frame = frame[["geometry"]].assign(code=matching.codes.to_numpy())
    frame = frame[frame["code"].notna()]
    if frame.empty:
        zh, en = findings.LEVELS[level]
        raise UserError(
            zh=f"图层“{layer}”中没有一个图形对得上{zh}名录；请检查代码列、名称列，或换一个图层。",
            en=f"No shape of the layer '{layer}' is on the register of {en}; check the columns or choose another.",
        )
    said += findings.matching_sentences(matching, level, known.finder.names, features=len(read.frame))
    if known.surveyed is not None:
        shift = datum_shift(frame, known.surveyed)
        said.append(findings.sentence(shift.zh, shift.en, kind="found" if shift.datum == "CGCS2000" else "look"))
    frame = frame.assign(
        name=[known.finder.names[code] for code in frame["code"]],
        parent=[known.finder.parent(code) for code in frame["code"]],
    )
    return _Part(level, frame.reset_index(drop=True), matching, columns, system, said)


def _columns(frame: gpd.GeoDataFrame, level: str, choices: DeliveryChoices, known: Known) -> PlaceColumns:
    guess = find_columns(pd.DataFrame(frame.drop(columns="geometry")), known.register)
    if guess.level != level:
        guess = PlaceColumns(level=None)
    named = choices.columns.get(level, {})
    for column in (name for name in named.values() if name and name not in frame.columns):
        raise UserError(
            zh=f"图层中没有“{column}”这一列；现有的列是：{'、'.join(map(str, frame.columns.drop('geometry')))}。",
            en=f"The layer has no column '{column}'; it has: {', '.join(map(str, frame.columns.drop('geometry')))}.",
        )
    chosen = {name: named.get(name, getattr(guess, name)) for name in ("code", "name", "township")}
    if not (chosen["code"] or chosen["name"]):
        zh, en = findings.LEVELS[level]
        raise UserError(
            zh=f"看不出哪一列写明了{zh}；请选定代码列或名称列。",
            en=f"No column could be recognised as naming the {en}; choose the column of codes or of names.",
        )
    return replace(guess, level=level, **chosen)


def _townships_around(frame: gpd.GeoDataFrame, around: _Part) -> pd.Series:
    """The township each shape lies in by a point inside it; None where in none."""
    points = shapely.point_on_surface(frame.geometry.to_numpy())
    tree = shapely.STRtree(around.frame.geometry.to_numpy())
    found: list[str | None] = [None] * len(frame)
    for point, township in zip(*tree.query(points, predicate="within"), strict=True):
        found[point] = str(around.frame["code"].iloc[township])
    return pd.Series(found, index=frame.index, dtype=object)


def _cleaned(
    villages: _Part | None, townships: _Part | None, choices: DeliveryChoices, known: Known
) -> tuple[gpd.GeoDataFrame, Nested, list[dict[str, str]], dict[str, Any]]:
    """Both levels clean and nested, with what cleaning found; the finest level delivered is the one that is cleaned."""
    finest = villages or townships
    if finest is None:
        raise ValueError("neither level was read.")
    metres = {"snap": choices.snap, "gap": choices.gap, "tolerance": choices.tolerance}
    cleaned = clean_coverage(finest.frame, **metres)
    said = [findings.sentence(*one) for one in describe_cleaning(cleaned.report, known.finder.names)]
    if villages is None:
        nested = nest(None, cleaned.frame)
    else:
        nested = nest(cleaned.frame, townships.frame if townships is not None else None)
    levels = [nested.townships] if nested.villages is None else [nested.townships, nested.villages]
    shapes = gpd.GeoDataFrame(
        pd.concat([frame[["code", "geometry"]] for frame in levels], ignore_index=True), crs=cleaned.frame.crs
    )
    changes = cleaned.report.changes.dropna().head(20)
    figures = {
        "townships": len(nested.townships),
        "villages": 0 if nested.villages is None else len(nested.villages),
        "vertices": {"before": cleaned.report.before.vertices, "after": cleaned.report.after.vertices},
        "gaps_m2": cleaned.report.after.gap_area(narrow=False),
        "overlaps_m2": {"before": cleaned.report.before.overlap_area, "after": cleaned.report.after.overlap_area},
        "area_changes": [
            {"code": str(row["code"]), "name": known.finder.names.get(row["code"], ""),
             "before_km2": row["area_before"] / 1e6, "after_km2": row["area_after"] / 1e6,
             "percent": row["change_percent"]}
            for row in changes.to_dict("records")
        ],
    }  # fmt: skip
    return shapes, nested, said, figures


def _hash(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of a folder's files."""
    if path.is_dir():
        parts = [f"{one.name} {_hash(one)}" for one in sorted(path.iterdir()) if one.is_file()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What the shapes' rooms say about a layer, as an error a person sees."""
    try:
        yield
    except LayerError as problem:
        raise UserError(zh=problem.zh, en=problem.en) from problem
