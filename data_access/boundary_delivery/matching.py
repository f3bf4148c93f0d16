"""Every shape of a layer gets the code of its place, or a reason why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import pandas as pd

from data_access.boundary_delivery.columns import PlaceColumns, Register, plain_code, plain_word
from data_access.errors import UserError

LEFT_OUT: Final = ""
"""The answer for a shape that is no place."""

Reason = Literal["unknown", "ambiguous", "contradiction", "nameless", "closed"]


@dataclass(frozen=True)
class Unmatched:
    """A shape nobody can tell: its number in the layer, what stands there, why not, and what it may be."""

    row: int
    code: str
    name: str
    township: str
    reason: Reason
    candidates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Matching:
    """The codes of all shapes.

    Attributes
    ----------
    codes
        One a shape in the order of the layer; None for one that is not known or was left out.
    unmatched
        The shapes that are not known.
    left_out
        How many were left out by an answer.
    repeated
        Code → how many shapes bear it, where more than one.
    inherited
        Closed place → the place that took it over and that its shape was counted as.
    missing
        (code, name) of the places of the level that no shape was found for.
    """

    codes: pd.Series
    unmatched: tuple[Unmatched, ...]
    left_out: int
    repeated: Mapping[str, int]
    missing: tuple[tuple[str, str], ...]
    inherited: Mapping[str, str] = field(default_factory=dict)


def match_places(
    frame: pd.DataFrame,
    register: Register,
    columns: PlaceColumns,
    *,
    answers: Mapping[int, str] | None = None,
    townships: pd.Series | None = None,
) -> Matching:
    """Match the shapes of one level.

    Parameters
    ----------
    frame
        The layer's attributes.
    columns
        Which of them name the places; the level must be known.
    answers
        Number of a shape (from 0) → code of its place, or `LEFT_OUT`.
    townships
        Code of the township each shape lies in, where the delivery itself says so; used for names only.

    Raises
    ------
    UserError
        For an answer that names a shape the layer has not, or a code that is no open place of the level.
    """
    level, said = columns.level, answers or {}
    if level is None:
        raise ValueError("the level of the shapes is not known.")
    _check_answers(said, len(frame), register, level)
    found: list[str | None] = []
    unmatched: list[Unmatched] = []
    inherited: dict[str, str] = {}
    cells = _cells(frame, columns)
    matcher = _Matcher(register, level, code_system([code for code, _, _ in cells], register, level))
    for row, (code, name, above) in enumerate(cells):
        if row in said:
            found.append(said[row] or None)
            continue
        inside = townships.iloc[row] if townships is not None else None
        place, reason = matcher.place(code, name, above, inside if isinstance(inside, str) else None)
        if place in register.finder.closed:
            heir = register.heirs.get(place)
            if heir is None or heir in register.finder.closed:
                place, reason = None, "closed"
            else:
                inherited[place], place = heir, heir
        found.append(place)
        if place is None:
            unmatched.append(Unmatched(row, code, name, above, reason or "unknown"))
    taken = {code for code in found if code}
    missing = sorted(register.codes[level] - taken - register.finder.closed)
    names = register.finder.names
    free = tuple((code, names[code]) for code in missing)
    counts = Counter(code for code in found if code)
    return Matching(
        codes=pd.Series(found, index=frame.index, dtype=object),
        unmatched=tuple(replace(one, candidates=matcher.candidates(one, set(missing))) for one in unmatched),
        left_out=sum(1 for answer in said.values() if answer == LEFT_OUT),
        repeated={code: number for code, number in sorted(counts.items()) if number > 1},
        missing=free,
        inherited=dict(sorted(inherited.items())),
    )


def _check_answers(answers: Mapping[int, str], shapes: int, register: Register, level: str) -> None:
    for row, code in answers.items():
        if not 0 <= row < shapes:
            raise UserError(
                zh=f"图层里没有第 {row} 号图形（编号从 0 到 {shapes - 1}）；请按报告中的编号填写。",
                en=f"The layer has no shape {row} (they are numbered 0 to {shapes - 1}); take the report's number.",
            )
        if code != LEFT_OUT and (register.finder.levels.get(code) != level or code in register.finder.closed):
            zh, en = ("村社", "village") if level == "village" else ("镇街", "township")
            raise UserError(
                zh=f"名录中没有代码为 {code} 的现有{zh}；请填名录中的代码，或留空表示不导入。",
                en=f"The register has no open {en} with the code {code}; give one of its codes, or none to leave the "
                "shape out.",
            )


def code_system(codes: list[str], register: Register, level: str) -> Literal["NBS", "MCA"] | None:
    """The system all codes of a layer belong to; None where both would do, or neither does wholly.

    The two systems give the same digits to different places, so a code alone counts only in a system that has them all
    while the other has not.
    """
    given = [code for code in codes if code]
    levels, finder = register.finder.levels, register.finder
    bureau = all(levels.get(code) == level for code in given)
    affairs = all(levels.get(finder.mca_place(code) or "") == level for code in given)
    if not given or bureau == affairs:
        return None
    return "NBS" if bureau else "MCA"


def _cells(frame: pd.DataFrame, columns: PlaceColumns) -> list[tuple[str, str, str]]:
    blank = [None] * len(frame)
    parts = [
        [read(one) for one in (frame[column] if column is not None else blank)]
        for column, read in ((columns.code, plain_code), (columns.name, plain_word), (columns.township, plain_word))
    ]
    return list(zip(*parts, strict=True))


class _Matcher:
    """Finds one place after the other; a bare code of either system counts only where it can mean one place."""

    def __init__(self, register: Register, level: str, system: Literal["NBS", "MCA"] | None) -> None:
        self._register, self._level, self._system = register, level, system
        self._finder = register.finder

    def place(self, code: str, name: str, above: str, inside: str | None) -> tuple[str | None, Reason | None]:
        """The code of the place, or the reason why it is not known."""
        meant = [one for one in self._meant(code) if self._finder.levels.get(one) == self._level]
        named = self._named(name, above or "", code, inside)
        if meant and named:
            both = [one for one in meant if one in named]
            if len(both) == 1:
                return both[0], None
            return None, "contradiction" if not both else "ambiguous"
        for few in (named, meant):
            if len(few) == 1:
                return few[0], None
            if few:
                return None, "ambiguous"
        return None, "unknown" if code or name else "nameless"

    def _meant(self, code: str) -> list[str]:
        if not code:
            return []
        bureau = code if code in self._finder.levels and self._system != "MCA" else None
        affairs = self._finder.mca_place(code) if self._system != "NBS" else None
        return list(dict.fromkeys(one for one in (bureau, affairs) if one))

    def _named(self, name: str, above: str, code: str, inside: str | None) -> list[str]:
        """The places that bear the name; narrowed down by the township that the row, the code or the map says."""
        if not name:
            return []
        if self._level == "township":
            found = self._finder.township(name)
            return [found] if found else []
        said = self._finder.township(above) if above else None
        townships = [said] if said else self._townships_of(code) or ([inside] if inside else [])
        if len(townships) == 1:
            village, _ = self._finder.village("", self._finder.names[townships[0]], name)
            return [village] if village else []
        bearing = self._register.called(name, "village")
        return [one for one in bearing if self._finder.parent(one) in townships] if townships else bearing

    def _townships_of(self, code: str) -> list[str]:
        """The townships that the first nine digits of a village's code mean, in either system."""
        if len(code) != 12:
            return []
        return [one for one in self._meant(code[:9]) if self._finder.levels.get(one) == "township"]

    def candidates(self, one: Unmatched, free: set[str]) -> tuple[tuple[str, str], ...]:
        """What it may be: places its name or code means, the free ones first."""
        if self._level == "township":
            likely = [code for code in sorted(free)]
        else:
            likely = list(dict.fromkeys([*self._meant(one.code), *self._register.called(one.name, "village"),
                                         *self._finder.alike(one.name, one.township)]))  # fmt: skip
        ordered = sorted(likely, key=lambda code: (code not in free, likely.index(code)))
        return tuple((code, self._finder.names[code]) for code in ordered[:8])
