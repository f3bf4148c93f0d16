"""Codes and names of places: what a code says about its place, and how two code systems are told apart.

The statistical bureau ("nbs") and civil affairs ("mca") give the same nine digits to different townships, so a code
from a file means nothing without its system. Inside the product only the statistical bureau's codes are used.
"""

from collections.abc import Iterable, Mapping
from typing import Final

LEVEL_OF_LENGTH: Final[Mapping[int, str]] = {6: "district", 9: "township", 12: "village"}
PARENT_LENGTH: Final[Mapping[str, int]] = {"township": 6, "village": 9}

TOWNSHIP_ENDINGS: Final = ("街道", "镇", "乡")
COMMITTEE_ENDINGS: Final = ("居民委员会", "村民委员会", "居委会", "村委会")
VILLAGE_ENDINGS: Final = ("社区", "村")


class UnknownPlaceCode(ValueError):
    """A code that its code system does not know. ``code`` and ``system`` say which."""

    def __init__(self, code: str, *, system: str) -> None:
        super().__init__(f"{code!r} is not a place code of the system {system!r}.")
        self.code = code
        self.system = system


def level_of(code: str) -> str:
    """The level of a place from the length of its code: "district" (6 digits), "township" (9) or "village" (12).

    Raises ValueError for anything else.
    """
    level = LEVEL_OF_LENGTH.get(len(code)) if code.isascii() and code.isdigit() else None
    if level is None:
        raise ValueError(f"{code!r} is not a place code: write 6, 9 or 12 digits.")
    return level


def parent_of(code: str) -> str | None:
    """The code one level up; None for a district. Raises ValueError for something that is no code."""
    length = PARENT_LENGTH.get(level_of(code))
    return None if length is None else code[:length]


def township_of(code: str) -> str | None:
    """The township a village lies in, or the township itself; None for a district."""
    return None if level_of(code) == "district" else code[:9]


def translate_codes(
    codes: Iterable[str], *, system: str, known: Mapping[tuple[str, str], str]
) -> tuple[list[str | None], list[str]]:
    """Places of ``codes`` written in ``system``, and the codes that system does not know.

    ``known`` maps (system, code) to the place's own code; spaces around a code are ignored. The first list has one
    entry for each code in its order, None where unknown; the second holds each unknown code once, in order.
    A code is never taken over from another system, even where the digits exist there.
    """
    places: list[str | None] = []
    unknown: dict[str, None] = {}
    for raw in codes:
        code = str(raw).strip()
        place = known.get((system, code))
        places.append(place)
        if place is None:
            unknown[code] = None
    return places, list(unknown)


def place_code(system: str, code: str, *, known: Mapping[tuple[str, str], str]) -> str:
    """The place that ``code`` means in ``system``. Raises UnknownPlaceCode where the system does not have it."""
    places, _ = translate_codes([code], system=system, known=known)
    if places[0] is None:
        raise UnknownPlaceCode(str(code).strip(), system=system)
    return places[0]


def label_names(name: str, *, level: str) -> tuple[str, ...]:
    """``name`` and its shorter form for a label on a map, longest first; only one where it cannot be shortened.

    下应街道 → 下应街道, 下应; 东兴社区居委会 → 东兴社区, 东兴. At least two characters always remain (韩村 stays).
    """
    name = name.strip()
    if level == "village":
        name = _without(name, COMMITTEE_ENDINGS)
    short = _without(name, VILLAGE_ENDINGS if level == "village" else TOWNSHIP_ENDINGS)
    return (name,) if short == name else (name, short)


def _without(name: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name[: -len(ending)]
    return name
