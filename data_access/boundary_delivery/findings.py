"""What was found in a delivery, as sentences in both languages and plain values that a page can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from data_access.boundary_delivery.matching import Matching
from geo.nesting import Nested

MOST_LISTED: Final = 200
_SHOWN: Final = 6
LEVELS: Final = {"township": ("镇街", "townships"), "village": ("村社", "villages")}
_REASONS: Final = {
    "unknown": ("名录中找不到", "not on the register"),
    "ambiguous": ("可能指不止一个单位", "may mean more than one place"),
    "contradiction": ("代码与名称指的不是同一个单位", "code and name mean different places"),
    "nameless": ("既无代码也无名称", "has neither code nor name"),
}


def sentence(zh: str, en: str, *, kind: str = "found") -> dict[str, str]:
    """One sentence; ``kind`` "found" for what is as it should be or was mended, "look" for what a person should see."""
    return {"zh": zh, "en": en, "kind": kind}


def of_pairs(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Sentences of the lower rooms."""
    return [sentence(zh, en) for zh, en in pairs]


def matching_sentences(matching: Matching, level: str, *, features: int) -> list[dict[str, str]]:
    """How many shapes found their place, and which did not."""
    zh, en = LEVELS[level]
    matched = int(matching.codes.notna().sum())
    said = [sentence(f"{features} 个图形中有 {matched} 个对上了{zh}名录。",
                     f"{matched} of {features} shapes were found on the register of {en}.")]  # fmt: skip
    if matching.unmatched:
        count = len(matching.unmatched)
        said.append(sentence(
            f"{count} 个图形没有对上：{_few([_called(one.name, one.code, one.row) for one in matching.unmatched])}；"
            "请在下面选定，或留空不导入。",
            f"{count} shapes were not: {_few([_called(one.name, one.code, one.row) for one in matching.unmatched])}; "
            "choose their places below, or leave them out.", kind="look",
        ))  # fmt: skip
    if matching.repeated:
        said.append(sentence(
            f"{len(matching.repeated)} 个{zh}有不止一个图形，已合并。",
            f"{len(matching.repeated)} {en} have more than one shape; these were put together.",
        ))  # fmt: skip
    if matching.missing:
        names = [name for _, name in matching.missing]
        said.append(sentence(
            f"名录中有 {len(names)} 个{zh}没有图形：{_few(names)}；地图上它们所在处会空着。",
            f"{len(names)} {en} of the register have no shape: {_few(names)}; the map stays empty there.", kind="look",
        ))  # fmt: skip
    return said


def nesting_sentences(nested: Nested, names: Mapping[str, str]) -> list[dict[str, str]]:
    """How the two levels fit."""

    def named(codes: Sequence[str]) -> str:
        return _few([names.get(code, code) for code in codes])

    said = []
    faults = nested.faults
    if faults is not None:
        for codes, zh, en in (
            (faults.disagreeing, "按代码属于一个镇街、按图形却在另一个镇街；以代码为准",
             "lie in another township than their codes say; the codes count"),
            (faults.straddling, "跨在两个镇街上", "lie across the border of two townships"),
            (faults.outside, "伸出镇街图形之外", "reach out of the shapes of townships"),
        ):  # fmt: skip
            if codes:
                said.append(sentence(f"{len(codes)} 个村社{zh}：{named(codes)}。",
                                     f"{len(codes)} villages {en}: {named(codes)}.", kind="look"))  # fmt: skip
        if not said:
            said.append(sentence("每个村社都在自己的镇街之内。", "Every village lies inside its township."))
    empty = nested.uncovered
    if len(empty):
        stays = empty[empty["stays_empty"]]
        if len(stays):
            land = float(stays["wide_m2"].sum())
            said.append(sentence(
                f"{len(stays)} 个镇街内有 {land / 1e6:,.2f} 平方公里没有村社图形，地图上空着："
                f"{named(list(stays['code']))}。",
                f"{land / 1e6:,.2f} km² in {len(stays)} townships are covered by no village and stay empty: "
                f"{named(list(stays['code']))}.", kind="look",
            ))  # fmt: skip
    for codes, zh, en in (
        (nested.unplaced, "没有村社图形，镇街图形也被其他镇街的村社占满，未能画出",
         "have no villages and no land of their own left; they are not drawn"),
        (nested.reassigned, "的代码不含镇街，按所在位置归属",
         "went to the township they lie in, as their codes name none"),
    ):  # fmt: skip
        if codes:
            said.append(sentence(f"{len(codes)} 个单位{zh}：{named(codes)}。",
                                 f"{len(codes)} places {en}: {named(codes)}.", kind="look"))  # fmt: skip
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


def _few(names: Sequence[str]) -> str:
    shown = "、".join(names[:_SHOWN])
    return f"{shown} … ({len(names)})" if len(names) > _SHOWN else shown
