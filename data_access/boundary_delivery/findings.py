"""What was found in a delivery, as sentences in both languages and plain values that a page can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from data_access.boundary_delivery.matching import Matching
from geo.coverage_sentences import describe_nesting
from geo.nesting import Nested

MOST_LISTED: Final = 200
_SHOWN: Final = 6
LEVELS: Final = {"township": ("镇街", "townships"), "village": ("村社", "villages")}
_REASONS: Final = {
    "unknown": ("名录中找不到", "not on the register"),
    "ambiguous": ("可能指不止一个单位", "may mean more than one place"),
    "contradiction": ("代码与名称指的不是同一个单位", "code and name mean different places"),
    "nameless": ("既无代码也无名称", "has neither code nor name"),
    "closed": ("已撤销，且没有唯一的承接单位", "is closed and no single place took it over"),
}


def sentence(zh: str, en: str, *, kind: str = "found") -> dict[str, str]:
    """One sentence; ``kind`` "found" for what is as it should be or was mended, "look" for what a person should see."""
    return {"zh": zh, "en": en, "kind": kind}


def of_pairs(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Sentences of the lower rooms."""
    return [sentence(zh, en) for zh, en in pairs]


def matching_sentences(
    matching: Matching, level: str, names: Mapping[str, str], *, features: int
) -> list[dict[str, str]]:
    """How many shapes found their place, which did not, and what became of the others; ``names``: code → name."""
    zh, en = LEVELS[level]
    matched = int(matching.codes.notna().sum())
    said = [sentence(f"{features} 个图形中有 {matched} 个对上了{zh}名录。",
                     f"{matched} of {features} shapes were found on the register of {en}.")]  # fmt: skip
    if matching.unmatched:
        count, called = len(matching.unmatched), [_called(one.name, one.code, one.row) for one in matching.unmatched]
        said.append(sentence(
            f"{count} 个图形没有对上：{_few(called, '、')}；请在下面选定，或留空不导入。",
            f"Not on the register: {count} ({_few(called, ', ')}); choose their places below, or leave them out.",
            kind="look",
        ))  # fmt: skip
    if matching.left_out:
        said.append(sentence(f"{matching.left_out} 个图形按选定没有导入。",
                             f"{matching.left_out} shapes were left out as chosen."))  # fmt: skip
    if matching.inherited:
        pairs = [f"{names[old]} → {names[heir]}" for old, heir in matching.inherited.items()]
        said.append(sentence(
            f"{len(pairs)} 个已撤销{zh}的图形并入承接单位：{_few(pairs, '、')}。",
            f"Shapes of {len(pairs)} closed {en} were counted as those that took them over: {_few(pairs, ', ')}.",
            kind="look",
        ))  # fmt: skip
    if matching.repeated:
        said.append(sentence(
            f"{len(matching.repeated)} 个{zh}有不止一个图形，已合并。",
            f"{len(matching.repeated)} {en} have more than one shape; these were put together.",
        ))  # fmt: skip
    if matching.missing:
        lacking = [name for _, name in matching.missing]
        said.append(sentence(
            f"名录中有 {len(lacking)} 个{zh}没有图形：{_few(lacking, '、')}；地图上它们所在处会空着。",
            f"{len(lacking)} {en} of the register have no shape: {_few(lacking, ', ')}; the map stays empty there.",
            kind="look",
        ))  # fmt: skip
    return said


def nesting_sentences(nested: Nested, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Where the two levels disagree, and what was done; one sentence says so where they agree."""
    said = [sentence(*one, kind="look") for one in describe_nesting(nested, names)]
    if nested.faults is not None and not said:
        said.append(sentence("每个村社都在自己的镇街之内。", "Every village lies inside its township."))
    return said


def unmatched_rows(matching: Matching) -> list[dict[str, Any]]:
    """The shapes that are not known, for a person to decide."""
    return [
        {
            "row": one.row,
            "code": one.code,
            "name": one.name,
            "township": one.township,
            "zh": _REASONS[one.reason][0],
            "en": _REASONS[one.reason][1],
            "candidates": [list(pair) for pair in one.candidates],
        }
        for one in matching.unmatched[:MOST_LISTED]
    ]


def _called(name: str, code: str, row: int) -> str:
    return name or code or f"#{row + 1}"


def _few(names: Sequence[str], separator: str) -> str:
    shown = separator.join(names[:_SHOWN])
    return f"{shown} … ({len(names)})" if len(names) > _SHOWN else shown
