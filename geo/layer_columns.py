"""The columns of a layer while it is read: field names and texts decoded, numbers kept whole."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from geo.layer_archives import Limits
from geo.layer_text import codec, decoded, taken_for

Sentence = tuple[str, str]


LANGUAGE_BYTES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "cp950", 0x78: "cp950"}  # DBF header, byte 29


MARK = "\ufffd"


@dataclass
class Content:
    """A layer while it is read; ``shapes`` as they come, of every type."""

    columns: dict[str, pd.Series]
    shapes: Any
    declared: str | None
    encoding: str = "utf-8"
    bytes_as_latin: bool = False  # texts of a Shapefile, not yet decoded
    notes: list[Sentence] = field(default_factory=list)


def take_text(content: Content, names: list[str], arrays: list[Any], path: Path, encoding: str) -> list[str]:
    """Settle the encoding of a Shapefile's texts and give its field names decoded; ``encoding`` of a person wins."""
    raw_names = [name.encode("latin-1") for name in names]
    texts = [text for array in arrays if pa.types.is_string(array.type) for text in array.unique().to_pylist() if text]
    cpg, table = path.with_suffix(".cpg"), path.with_suffix(".dbf")
    written = cpg.read_bytes()[:40].decode("latin-1").strip() if cpg.exists() else ""
    head = table.read_bytes()[:32] if table.exists() else b""
    declared = codec(written) if written else LANGUAGE_BYTES.get(head[29] if len(head) == 32 else 0, "")
    content.encoding = encoding or taken_for([*raw_names, *(text.encode("latin-1") for text in texts)], declared)
    shown = content.encoding.upper()
    if not head:
        content.notes.append(("缺 .dbf，只有图形，没有属性。", "The .dbf is missing: shapes only, no attributes."))
    elif content.encoding != "ascii" and written and declared != content.encoding:
        content.notes.append((f".cpg 写的是 {written}，但文字实为 {shown}，已按后者读取。",
                              f"The .cpg says {written}, but the text is {shown} and was read as such."))  # fmt: skip
    elif content.encoding != "ascii" and not written and not encoding:
        content.notes.append((f"没有 .cpg，文字按 {shown} 读取。", f"There is no .cpg: the text was read as {shown}."))
    cut = [decoded(name, content.encoding) for name in raw_names if len(name) >= 10]
    if cut:
        listed = ", ".join(cut[:5])
        content.notes.append((f"字段名最多 10 个字节，以下可能被截断：{listed}。",
                              f"Field names end after 10 bytes; these may be cut: {listed}."))  # fmt: skip
    return [decoded(name, content.encoding) for name in raw_names]


def unique_names(names: list[str]) -> list[str]:
    """Column names that are not empty, not "geometry", and differ."""
    given: list[str] = []
    for number, name in enumerate(names, start=1):
        base = name.strip().strip("\0") or f"column_{number}"
        trials = [base, *(f"{base}_{count}" for count in range(1, len(names) + 2))]
        given.append(next(trial for trial in trials if trial not in given and trial != "geometry"))
    return given


def take_columns(content: Content, names: list[str], arrays: list[Any], limits: Limits) -> None:
    """Turn Arrow columns into series: text, whole numbers that may be missing, numbers; nested values as JSON text."""
    latin = content.encoding if content.bytes_as_latin else ""
    for name, array in zip(unique_names(names), arrays, strict=True):
        if isinstance(array.type, pa.BaseExtensionType):
            array = array.cast(array.type.storage_type)
        kind = array.type
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            content.notes.append(
                (f"字段“{name}”是二进制内容，已略去。", f"Field “{name}” holds binary data and was left out.")
            )
        elif pa.types.is_integer(kind) and not array.null_count:
            content.columns[name] = array.to_pandas()
        elif pa.types.is_integer(kind):
            content.columns[name] = pd.Series(array.to_pylist(), dtype="Int64")
        elif pa.types.is_floating(kind):
            content.columns[name] = _whole_if_it_is(array.to_pandas())
        elif pa.types.is_boolean(kind):
            content.columns[name] = pd.Series(array.to_pylist(), dtype="boolean")
        else:
            values = cut_texts(_texts(array, latin, content.notes, name), limits, content.notes)
            content.columns[name] = pd.Series(values, dtype="str")


def _whole_if_it_is(numbers: pd.Series) -> pd.Series:
    """Codes kept as floating numbers become whole ones: below 2**53 nothing is lost; missing stays missing."""
    values = numbers.dropna()
    whole = (
        len(values) and np.isfinite(values).all() and (values == np.floor(values)).all() and (abs(values) < 2**53).all()
    )
    return numbers.astype("Int64") if whole else numbers


def _texts(array: Any, latin: str, notes: list[Sentence], name: str) -> list[str | None]:
    """Values as text. ``latin`` is the encoding of bytes that came through as Latin-1; bad bytes become U+FFFD."""
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        rough = array.cast(pa.large_binary()).to_pylist()
        encoding = latin or "utf-8"
        known: dict[bytes | None, str | None] = {None: None}
        for value in rough:
            if value not in known:
                plain = value.decode().encode("latin-1") if latin else value
                known[value] = decoded(plain, encoding)
        bad = sum(MARK in (known[value] or "") for value in rough)
        if bad:
            notes.append((f"字段“{name}”有 {bad} 个值含无法识别的字符，显示为 {MARK}。",
                          f"Field “{name}” has {bad} values with unreadable characters, shown as {MARK}."))  # fmt: skip
        return [known[value] for value in rough]
    values = array.to_pylist()
    if pa.types.is_nested(array.type):
        return [None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in values]
    return [
        None if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values
    ]


def cut_texts(values: list[str | None], limits: Limits, notes: list[Sentence]) -> list[str | None]:
    """Texts no longer than the limit."""
    most = limits.text_characters
    long = sum(value is not None and len(value) > most for value in values)
    if long:
        notes.append(
            (f"{long} 个文字值超过 {most:,} 字，已截断。", f"{long} texts above {most:,} characters were cut.")
        )
    return [value[:most] if value else value for value in values]
