"""What a pick in the table of all indicators means: the township, the indicator, or both. A callback only."""

from __future__ import annotations

from ui.filters import go_to
from ui.navigation import HEADLINE
from ui.selections import picked
from ui.tartan_rug import SEPARATOR

KEY = "rug"


def open_cell() -> None:
    """A township's page with the indicator of the cell where that page offers it; else the indicator's definition.

    The heading of a column opens the township, the heading of a row the definition. The township stays chosen.
    """
    place, _, indicator = (picked(KEY) or "").partition(SEPARATOR)
    if place and (not indicator or indicator in HEADLINE):
        chosen = {} if not indicator else {"indicator": None if indicator == HEADLINE[0] else indicator}
        go_to("places/township", township=place, village=None, **chosen)
    elif indicator:
        go_to("about/definitions", indicator=indicator, **({"township": place} if place else {}))
