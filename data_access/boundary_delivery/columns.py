"""Which columns of a layer say what a shape is: its code, its name, the township it lies in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from data_access.ingestion.place_names import PlaceFinder, name_core, plain_name, township_core

Level = Literal["township", "village"]
LEAST_SHARE: Final = 0.5
"""A column counts as codes or names when at least this share of its cells is on the register."""

_DIGITS: Final = {"township": 9, "village": 12}
_WHOLE: Final = re.compile(r"(\d+)(\.0+)?")


@dataclass(frozen=True)
class PlaceColumns:
    """The columns that name the places; None where there is none.

    ``level`` is what most shapes are. ``code_share`` and ``name_share`` are the shares of cells found on the register.
    """

    level: Level | None
    code: str | None = None
    name: str | None = None
    township: str | None = None
    code_share: float = 0.0
    name_share: float = 0.0


def plain_code(value: object) -> str:
    """A code as text: full-width digits and a trailing ".0" put right, the three zeros after a township's nine digits
    taken off; "" for a missing one."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    text = "".join(unicodedata.normalize("NFKC", str(value)).split())
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    whole = _WHOLE.fullmatch(text)
    code = whole[1] if whole else text
    return code.removesuffix("000") if len(code) == 12 and code.endswith("000") else code


def plain_word(value: object) -> str:
    """A name as text; "" for a missing one."""
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value).strip()


class Register:
    """What the register of places knows, arranged for recognising columns.

    ``heirs``: closed place → the place that carries its history, as `lineage.final_successors` gives it.
    """

    def __init__(self, finder: PlaceFinder, heirs: Mapping[str, str] | None = None) -> None:
        self.finder = finder
        self.heirs = dict(heirs or {})
        self.codes: dict[str, set[str]] = {"township": set(), "village": set()}
        self.cores: dict[str, dict[str, list[str]]] = {"township": {}, "village": {}}
        for code, level in finder.levels.items():
            if level not in self.codes:
                continue
            self.codes[level].add(code)
            self.cores[level].setdefault(self._core(code, level), []).append(code)

    def _core(self, code: str, level: str) -> str:
        name = self.finder.names[code]
        if level == "township":
            return township_core(name)
        return name_core(name, self.finder.names.get(self.finder.parent(code) or "", ""))[0]

    def knows_code(self, code: str, level: str) -> bool:
        """Whether the code is one of this level, in either system."""
        if code in self.codes[level]:
            return True
        return len(code) == _DIGITS[level] and self.finder.levels.get(self.finder.mca_place(code) or "") == level

    def called(self, name: str, level: str) -> list[str]:
        """The places of a level that bear a name exactly, in whatever township."""
        if level == "township":
            found = self.finder.township(name)
            return [found] if found else []
        core, kind = name_core(name)
        codes = self.cores["village"].get(core, [])
        if not codes:  # the township may stand before the name
            for code in sorted(self.codes["township"]):
                for above in (plain_name(self.finder.names[code]), township_core(self.finder.names[code])):
                    if core.startswith(above) and len(core) > len(above):
                        inner = core.removeprefix(above)
                        codes = codes + [one for one in self.cores["village"].get(inner, [])
                                         if self.finder.parent(one) == code and one not in codes]  # fmt: skip
        of_kind = [one for one in codes if kind is None or self.finder.kind_of(one) == kind]
        return of_kind or codes


def find_columns(frame: pd.DataFrame, register: Register) -> PlaceColumns:
    """Guess the columns from their cells alone; headings are not trusted.

    Parameters
    ----------
    frame
        The layer's attributes without the geometry.
    """
    best = PlaceColumns(level=None)
    for level in ("village", "township"):
        found = _columns_for(frame, register, level)
        if max(found.code_share, found.name_share) > max(best.code_share, best.name_share):
            best = found
    return best if max(best.code_share, best.name_share) >= LEAST_SHARE else PlaceColumns(level=None)


def _columns_for(frame: pd.DataFrame, register: Register, level: Level) -> PlaceColumns:
    texts = [name for name in frame.columns if _may_name(frame[name])]
    codes = {name: _share([register.knows_code(plain_code(one), level) for one in frame[name]]) for name in texts}
    names = {name: _share([bool(register.called(plain_word(one), level)) for one in frame[name]]) for name in texts}
    code, code_share = _best(codes, texts)
    name, name_share = _best(names, texts, spread=frame)
    township = None
    if level == "village":
        above = {
            one: _share([register.finder.township(plain_word(cell)) is not None for cell in frame[one]])
            for one in texts if one not in (code, name)
        }  # fmt: skip
        township, _ = _best(above, list(above))
    return PlaceColumns(level, code, name, township, code_share, name_share)


def _may_name(column: pd.Series) -> bool:
    return column.dtype == object or pd.api.types.is_string_dtype(column) or pd.api.types.is_numeric_dtype(column)


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def _best(
    shares: dict[str, float], order: Sequence[str], *, spread: pd.DataFrame | None = None
) -> tuple[str | None, float]:
    """The column with the greatest share, the one with more different cells among equals; none below LEAST_SHARE."""
    if not shares:
        return None, 0.0

    def weight(name: str) -> tuple[float, int, int]:
        different = spread[name].nunique() if spread is not None else 0
        return shares[name], different, -list(order).index(name)

    top = max(shares, key=weight)
    return (top, shares[top]) if shares[top] >= LEAST_SHARE else (None, shares[top])
