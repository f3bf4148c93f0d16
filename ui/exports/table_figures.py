"""What a printed figure is as a number: the value behind it and the number format that shows it as it was printed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ui.place_table import Cell

MOST_DECIMALS: Final = 6
_PRINTED: Final = re.compile(
    r"^(?P<mark>[▲▼●○↑↓→] ?)?(?P<under><)?(?P<sign>[+−-])?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d+))?"
    r"(?P<unit>[^\d]{0,14})$"
)
_UNSAFE: Final = re.compile(r'["\\\[\]@;_*?]')


@dataclass(frozen=True)
class Figure:
    """A number of a workbook: ``value`` (a share for percentages) and its Excel number format."""

    value: float
    number_format: str


def figure_of(cell: Cell) -> Figure | None:
    """The number that ``cell`` prints; None where its text is no single figure (words, a rank with others, a dash).

    The value behind the text is ``cell.value`` or a numeric ``cell.sort`` where it agrees with what is printed to the
    last printed digit; else the printed number itself is taken. A percentage becomes a share. A format that would
    round a share below one up to 100 %, or one above zero down to 0 %, gets more decimals.
    """
    found = _PRINTED.match(cell.text.strip())
    if found is None:
        return None
    decimals = len(found["part"] or "")
    printed = float(f"{found['whole'].replace(',', '')}.{found['part'] or '0'}")
    if found["sign"] in ("−", "-"):
        printed = -printed
    unit = found["unit"]
    share = unit.strip() in ("%", "％")
    value = _behind(cell, printed, decimals, share=share, under=bool(found["under"]))
    if share:
        while decimals < MOST_DECIMALS and _misleads(value, decimals):
            decimals += 1
        return Figure(value, _with_sign(f"0{_decimals(decimals)}%", found["sign"]))
    shape = "#,##0" + _decimals(decimals)
    if unit.strip():
        shape += f'"{_UNSAFE.sub(" ", unit)}"'
    return Figure(value, _with_sign(shape, found["sign"]))


def _behind(cell: Cell, printed: float, decimals: int, *, share: bool, under: bool) -> float:
    """The exact value if the cell carries one that reads as printed."""
    step = 10.0**-decimals
    for known in (cell.value, cell.sort):
        if known is None or isinstance(known, str) or not math.isfinite(known):
            continue
        for scale in (100.0,) if share else (1.0, 100.0):
            agrees = 0 < known * scale <= printed if under else abs(known * scale - printed) < step * (1 + 1e-9)
            if agrees:
                return float(known) if share else float(known) * scale
    return printed / 100 if share else printed


def _misleads(value: float, decimals: int) -> bool:
    shown = float(f"{value * 100:.{decimals}f}")
    return (value < 1 and shown >= 100) or (value > 0 and shown == 0)


def _decimals(count: int) -> str:
    return f".{'0' * count}" if count else ""


def _with_sign(shape: str, sign: str | None) -> str:
    return f"+{shape};-{shape};{shape}" if sign == "+" else shape
