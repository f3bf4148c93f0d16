"""What can be asked on the page of free analysis: every pick-list of the sentence, from the catalogue.

Codes stand in the address: a group is ``dimension.value`` or ``dimension.value.value`` for values that are joined, the
other group of the same dimension its values alone; ``rest`` means all other known values. Knows no Streamlit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from data_access.crossed_counts import CROSSED
from indicators.catalogue import Catalogue, Dimension, Group, Indicator, Pairing, Text
from ui.address import months_between
from ui.navigation import HEADLINE
from ui.texts import LANGUAGES, month_span, split_month, text

FORMS: Final = ("compare", "cross", "scatter")
NO_GROUPS: Final = "none"
REST: Final = "rest"
UNKNOWN: Final = "unknown"
FIRST_PAIRING: Final = "estate_management"
"""Its groups are asked about first, wherever the indicator has its dimension."""
FIRST_CROSSED: Final = (
    "category", "management", "item", "channel", "area_type", "firm_size", "settlement_age", "campaign",
)  # fmt: skip
"""The order in which dimensions are offered for crossing; the first two that the indicator has are the default."""
BY: Final = ("township", "village", "district", "month")


@dataclass(frozen=True)
class Query:
    """One question, as plain values: a cache key. ``a`` and ``b`` are group codes as they stand in the address (``a``
    is NO_GROUPS where places are compared with the rest); ``township`` is set where villages are listed."""

    form: str
    indicator: str
    a: str = NO_GROUPS
    b: str = ""
    by: str = "township"
    township: str | None = None
    dimensions: tuple[str, str] = ("", "")
    other: str = ""


def indicator_options(catalogue: Catalogue, lang: str, *, crossed: bool = False, besides: str = "") -> dict[str, str]:
    """Codes to names of all indicators that are computed, the headline ones first; ``crossed``: that can be crossed."""
    codes = [*(code for code in HEADLINE if code in catalogue), *(code for code in catalogue if code not in HEADLINE)]
    return {
        code: catalogue[code].name[lang]
        for code in codes
        if code != besides and catalogue[code].available and catalogue[code].kind != "duration"
        and (not crossed or len(crossing_options(catalogue, catalogue[code], lang)) > 1)
    }  # fmt: skip


def scattered_options(catalogue: Catalogue, first: Indicator, lang: str) -> dict[str, str]:
    """The second indicator of a scatter: satisfaction first, then as :func:`indicator_options`."""
    options = indicator_options(catalogue, lang, besides=first.code)
    leading = ("satisfaction_rate", "prevention_compliance")
    return {code: options[code] for code in (*leading, *options) if code in options}


def group_options(catalogue: Catalogue, indicator: Indicator, lang: str) -> dict[str, str]:
    """Codes to words of everything that can be the first group: the first pairing's group, no groups, all others."""
    offered = {}
    for dimension in _dimensions(catalogue, indicator):
        for code, name in _values(catalogue, dimension, lang).items():
            offered[f"{dimension.code}.{code}"] = text(
                "query.sentence.group", lang, dimension=dimension.name[lang], value=name
            )
    none = {NO_GROUPS: text("query.sentence.no_groups", lang)}
    pairing = catalogue.pairings.get(FIRST_PAIRING)
    first = group_code(pairing) if pairing else ""
    leading = first if first in offered else next(iter(offered), None)
    return ({leading: offered[leading]} if leading else {}) | none | offered


def group_code(pairing: Pairing) -> str:
    """How the first group of a pairing stands in the address."""
    return ".".join((pairing.dimension, *pairing.a.values))


def other_options(catalogue: Catalogue, first: str, lang: str) -> dict[str, str]:
    """Codes to words of what the group ``first`` can be compared with, the other side of a known pairing first."""
    dimension, *own = first.split(".")
    known = catalogue.dimensions[dimension]
    offered = {
        code: name for code, name in _values(catalogue, known, lang).items() if not set(code.split(".")) & set(own)
    }
    if len([value for value in known.values if value != UNKNOWN and value not in own]) > 1:
        offered[REST] = text("query.sentence.rest", lang)
    partners = [
        ".".join(other.values)
        for pairing in catalogue.pairings.values()
        if pairing.dimension == dimension
        for one, other in ((pairing.a, pairing.b), (pairing.b, pairing.a))
        if list(one.values) == own
    ]
    leading = [*partners, REST]
    return {code: offered[code] for code in (*leading, *offered) if code in offered}


def pairing_of(catalogue: Catalogue, indicator: Indicator, first: str, second: str) -> Pairing:
    """Both groups as a pairing, as the statistics take it."""
    dimension, *own = first.split(".")
    known = catalogue.dimensions[dimension]
    others = second.split(".") if second != REST else [
        value for value in known.values if value not in own and value != UNKNOWN
    ]  # fmt: skip
    a, b = (
        _known_group(catalogue, dimension, values)
        or Group(values=tuple(values), name=Text(**{lang: name(lang) for lang in LANGUAGES}))
        for values, name in (
            (own, lambda lang: _values(catalogue, known, lang)[".".join(own)]),
            (others, lambda lang: other_options(catalogue, first, lang)[second]),
        )
    )
    return Pairing(
        code="query", name=known.name, dimension=dimension, a=a, b=b, indicators=(indicator.code,),
        description=indicator.description,
    )  # fmt: skip


def _known_group(catalogue: Catalogue, dimension: str, values: list[str]) -> Group | None:
    """The group of a known pairing that is made of these values: its name is the one people know."""
    groups = (side for pairing in catalogue.pairings.values() if pairing.dimension == dimension
              for side in (pairing.a, pairing.b))  # fmt: skip
    return next((group for group in groups if list(group.values) == values), None)


def crossing_options(catalogue: Catalogue, indicator: Indicator, lang: str, *, besides: str = "") -> dict[str, str]:
    """Codes to names of the dimensions of the indicator that can be crossed with each other."""
    crossed = CROSSED.get(indicator.source, ())
    return {
        code: catalogue.dimensions[code].name[lang]
        for code in FIRST_CROSSED
        if code in indicator.dimensions and code in crossed and code != besides
    }


def quarter_options(first_month: int, last_month: int, lang: str) -> dict[tuple[int, int], str]:
    """Whole quarters and years within the known months, the newest first, by first and last month."""
    known = set(months_between(first_month, last_month))
    offered: dict[tuple[int, int], str] = {}
    for year in range(last_month // 100, first_month // 100 - 1, -1):
        for quarter in (4, 3, 2, 1):
            span = (year * 100 + quarter * 3 - 2, year * 100 + quarter * 3)
            if set(months_between(*span)) <= known:
                offered[span] = text("query.sentence.quarter", lang, year=year, quarter=quarter)
        span = (year * 100 + 1, year * 100 + 12)
        if set(months_between(*span)) <= known:
            offered[span] = month_span(*span, lang)
    return offered


def span_words(first: int, last: int, lang: str) -> str:
    """The months as the sentence says them: a quarter by its number."""
    year, month = split_month(first)
    if last == first + 2 and month % 3 == 1:
        return text("query.sentence.quarter", lang, year=year, quarter=(month + 2) // 3)
    return month_span(first, last, lang)


def _dimensions(catalogue: Catalogue, indicator: Indicator) -> list[Dimension]:
    return [one for code, one in catalogue.dimensions.items() if code in indicator.dimensions]


def _values(catalogue: Catalogue, dimension: Dimension, lang: str) -> dict[str, str]:
    """Codes to names of the groups of a dimension: joined ones of the pairings, then single values, unknown last."""
    joined = {
        ".".join(group.values): group.name[lang]
        for pairing in catalogue.pairings.values()
        if pairing.dimension == dimension.code
        for group in (pairing.a, pairing.b)
        if len(group.values) > 1
    }
    return joined | {code: name[lang] for code, name in dimension.values.items()}
