"""What the address of a view says, read into plain values.

A view is named by its address alone: language, months, township set, indicator, township, village and pairing. What
stands there may be mistyped, cut off or written by somebody who means ill, so every part is compared with what is
known; a part that does not fit falls back to its default and is reported, never raised. Knows no Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ui.texts import LANGUAGES, month_span

PARAMETERS: Final = ("lang", "from", "to", "set", "with", "ind", "tn", "vl", "pair", "colours")
MAP_COLOURS: Final = ("verdict", "groups", "shades")
"""What the colours of a map may show; the first is the default."""
FIXED_SETS: Final = ("all", "district_run", "towns", "subdistricts")
RELATED_SETS: Final = ("same_kind", "same_manager", "similar", "picked")
"""Sets that depend on one township (the last but one choice: those like it) or on the reader's own picking."""
TOWNSHIP_SETS: Final = (*FIXED_SETS, *RELATED_SETS)
FEWEST_PICKED: Final = 2
DEFAULT_MONTHS: Final = 12


@dataclass(frozen=True)
class Filters:
    """What the reader has chosen, as plain values: hashable, safe as a cache key.

    ``first`` and ``last`` are months (YYYYMM, both included). ``indicator``, ``township`` and ``village`` are None
    where the page offers none and the address names none. ``picked`` are the townships of a hand-picked set,
    ``members`` those of a set that depends on one township or on picking.
    """

    lang: str
    first: int
    last: int
    township_set: str = "all"
    indicator: str | None = None
    township: str | None = None
    village: str | None = None
    pairing: str | None = None
    colours: str = MAP_COLOURS[0]
    picked: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """What can be chosen on one page: the known codes, first of each the default where a page needs one.

    ``indicators`` and ``pairings`` are those the catalogue knows; ``page_indicators`` those this page offers.
    ``township_required`` makes the viewer's own township, or the first, the default; ``village_required`` the first
    village. ``villages`` gives the village codes of a township. ``village_townships`` are the townships whose villages
    the viewer may read (None: all); ``villages_only`` says that the page shows nothing of the others.
    """

    first_month: int
    last_month: int
    townships: Sequence[str] = ()
    villages: Callable[[str], Sequence[str]] = lambda _township: ()
    indicators: Sequence[str] = ()
    page_indicators: Sequence[str] = ()
    pairings: Sequence[str] = ()
    own_township: str | None = None
    township_required: bool = False
    village_required: bool = False
    village_townships: tuple[str, ...] | None = None
    villages_only: bool = False


@dataclass(frozen=True)
class Problem:
    """One part of the address that could not be used: the text key that says so, and what it needs."""

    parameter: str
    key: str
    facts: Mapping[str, str | int]

    @property
    def dropped(self) -> tuple[str, ...]:
        """The parameters that go: half a period is no period."""
        return ("from", "to") if self.parameter in ("from", "to") else (self.parameter,)


def read_language(raw: Mapping[str, str]) -> str:
    """The language of the address, or Chinese."""
    given = raw.get("lang", "")
    return given if given in LANGUAGES else LANGUAGES[0]


def read_address(raw: Mapping[str, str], *, offer: Offer) -> tuple[Filters, tuple[Problem, ...]]:
    """The filters that ``raw`` (parameter to text; empty means default) asks for, and what could not be followed."""
    problems: list[Problem] = []
    lang = read_language(raw)
    if raw.get("lang") and raw["lang"] != lang:
        problems.append(_problem("lang", raw["lang"]))
    first, last = _months(raw, offer, lang, problems)
    township, village = _places(raw, offer, problems)
    filters = Filters(
        lang=lang,
        first=first,
        last=last,
        township_set=_township_set(raw, offer, township, problems),
        picked=_picked(raw, offer, problems),
        indicator=_indicator(raw, offer, problems),
        township=township,
        village=village,
        pairing=_known(raw, "pair", offer.pairings, problems) or next(iter(offer.pairings), None),
        colours=_known(raw, "colours", MAP_COLOURS, problems) or MAP_COLOURS[0],
    )
    return filters, tuple(problems)


def default_months(first_month: int, last_month: int) -> tuple[int, int]:
    """The last twelve months that are known, fewer where there are fewer."""
    return max(first_month, add_months(last_month, 1 - DEFAULT_MONTHS)), last_month


def add_months(month: int, count: int) -> int:
    """202001 and −1 give 201912."""
    index = (month // 100) * 12 + month % 100 - 1 + count
    return (index // 12) * 100 + index % 12 + 1


def months_between(first: int, last: int) -> list[int]:
    """Every month from ``first`` to ``last``, both included."""
    months = [first]
    while months[-1] < last:
        months.append(add_months(months[-1], 1))
    return months if first <= last else []


def periods(first_month: int, last_month: int) -> dict[str, tuple[int, int]]:
    """The ready-made periods by code, in menu order: last12, epidemic (January–April 2020), each year, everything.

    Clipped to the known months; a period that lies outside them is left out.
    """
    offered = {"last12": default_months(first_month, last_month)}
    wanted = {"epidemic": (202001, 202004)}
    wanted |= {f"year_{year}": (year * 100 + 1, year * 100 + 12) for year in range(last_month // 100, 0, -1)
               if year >= first_month // 100}  # fmt: skip
    wanted["everything"] = (first_month, last_month)
    for code, (first, last) in wanted.items():
        clipped = (max(first, first_month), min(last, last_month))
        if clipped[0] <= clipped[1] and (code != "epidemic" or clipped == (first, last)):
            offered[code] = clipped
    return offered


def written(filters_value: str | int | None, *, default: str | int | None) -> str:
    """A value as it stands in the address: empty where it is the default."""
    return "" if filters_value is None or filters_value == default else str(filters_value)


def _problem(parameter: str, given: str) -> Problem:
    return Problem(parameter, f"filters.problems.{parameter}", {"given": shorten(given)})


def shorten(given: str) -> str:
    """A stranger's text as it may be repeated: printable, at most 24 characters, no Markdown."""
    plain = "".join(sign if sign.isalnum() or sign in " -_.," else "·" for sign in given)
    return plain if len(plain) <= 24 else plain[:23] + "…"


def _known(raw: Mapping[str, str], name: str, known: Sequence[str], problems: list[Problem]) -> str | None:
    given = raw.get(name, "")
    if not given or given in known:
        return given or None
    problems.append(_problem(name, given))
    return None


def reference_township(chosen: str | None, own: str | None) -> str | None:
    """The township whose peers are meant: the chosen one, else the viewer's own."""
    return chosen or own


def _township_set(raw: Mapping[str, str], offer: Offer, township: str | None, problems: list[Problem]) -> str:
    given = _known(raw, "set", TOWNSHIP_SETS, problems) or TOWNSHIP_SETS[0]
    if given in RELATED_SETS and given != "picked" and reference_township(township, offer.own_township) is None:
        problems.append(Problem("set", "filters.problems.set_needs_township", {}))
        return TOWNSHIP_SETS[0]
    return given


def _picked(raw: Mapping[str, str], offer: Offer, problems: list[Problem]) -> tuple[str, ...]:
    given = [code for code in raw.get("with", "").split(",") if code]
    known = tuple(code for code in offer.townships if code in given)
    if len(known) < len(set(given)):
        stranger = next(code for code in given if code not in known)
        problems.append(_problem("with", stranger))
        return ()
    return known


def _months(raw: Mapping[str, str], offer: Offer, lang: str, problems: list[Problem]) -> tuple[int, int]:
    default = default_months(offer.first_month, offer.last_month)
    if not raw.get("from") and not raw.get("to"):
        return default
    known = months_between(offer.first_month, offer.last_month)
    ends: list[int] = []
    for name, fallback in (("from", offer.first_month), ("to", offer.last_month)):
        given = raw.get(name, "")
        if given and not (len(given) == 6 and given.isascii() and given.isdigit() and int(given) in known):
            span = month_span(offer.first_month, offer.last_month, lang)
            problems.append(Problem(name, f"filters.problems.{name}", {"given": shorten(given), "span": span}))
            return default
        ends.append(int(given) if given else fallback)
    if ends[0] > ends[1]:
        problems.append(Problem("from", "filters.problems.order", {}))
        return default
    return ends[0], ends[1]


def _indicator(raw: Mapping[str, str], offer: Offer, problems: list[Problem]) -> str | None:
    given = _known(raw, "ind", offer.indicators, problems)
    if not offer.page_indicators:
        return given
    return given if given in offer.page_indicators else offer.page_indicators[0]


def _places(raw: Mapping[str, str], offer: Offer, problems: list[Problem]) -> tuple[str | None, str | None]:
    village = raw.get("vl", "")
    township = _known(raw, "tn", offer.townships, problems)
    if village and not raw.get("tn") and village[:9] in offer.townships:
        township = village[:9]
    if township is None and offer.township_required:
        township = offer.own_township or next(iter(offer.townships), None)
    allowed = offer.village_townships
    if (offer.village_required or offer.villages_only) and allowed is not None and township not in allowed:
        if township is not None and (raw.get("tn") or village):
            problems.append(Problem("tn", "filters.problems.not_permitted", {}))
        return next(iter(allowed), None), _first_village(offer, next(iter(allowed), None))
    if not village:
        return township, _first_village(offer, township)
    if allowed is not None and township not in allowed:
        return township, None  # another township's village: kept out without saying whether it exists
    if township is None or village not in _villages(offer, township):
        problems.append(_problem("vl", village))
        return township, _first_village(offer, township)
    return township, village


def _villages(offer: Offer, township: str | None) -> Sequence[str]:
    return offer.villages(township) if township else ()


def _first_village(offer: Offer, township: str | None) -> str | None:
    return next(iter(_villages(offer, township)), None) if offer.village_required else None
