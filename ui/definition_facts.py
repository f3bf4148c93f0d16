"""Every field of a definition in words, in reading order: for the page, the workbook and the definitions' own file."""

from __future__ import annotations

from typing import Final

from indicators.catalogue import Catalogue
from indicators.definition import Group, Indicator, Pairing
from indicators.printed_figures import target_text as printed_target
from ui.texts import text

FACTS: Final = (
    "name", "code", "domain", "description", "numerator", "denominator", "formula", "unit", "better", "target",
    "minimum", "interval", "source", "reported_at", "valid_days", "dimensions", "caveats", "owner", "available",
)  # fmt: skip
"""The fields of :func:`definition_facts`; what each is called stands in ``definitions.fields``."""


def definition_facts(indicator: Indicator, catalogue: Catalogue, lang: str) -> dict[str, str]:
    """Field → words, every field of ``FACTS``; a field that says nothing for this indicator says so."""

    def say(key: str, **facts: object) -> str:
        return text(f"definitions.{key}", lang, **facts)

    dimensions = joined([catalogue.dimensions[code].name[lang] for code in indicator.dimensions], lang)
    reason = indicator.unavailable_reason
    times = f" × {indicator.per:,}" if indicator.per > 1 else ""
    days = indicator.valid_days
    return {
        "name": indicator.name[lang],
        "code": indicator.code,
        "domain": catalogue.domain_names[indicator.domain][lang],
        "description": indicator.description[lang],
        "numerator": indicator.numerator_text[lang],
        "denominator": indicator.denominator_text[lang],
        "formula": f"{indicator.numerator} / {indicator.denominator}{times}",
        "unit": indicator.unit[lang],
        "better": say(f"better.{indicator.better}"),
        "target": target_words(indicator, lang),
        "minimum": say("entry.minimum_cases", count=indicator.hide_below)
        if indicator.hide_below > 1 else say("entry.minimum_none"),
        "interval": say(f"interval.{'none' if indicator.interval == 'none' else indicator.kind}"),
        "source": say(f"sources.{indicator.source}"),
        "reported_at": say(f"entry.reported_{indicator.reported_at or 'events'}"),
        "valid_days": say("entry.valid_days", days=days) if days else say("entry.no_validity"),
        "dimensions": dimensions or say("entry.no_dimensions"),
        "caveats": indicator.caveats[lang],
        "owner": indicator.owner[lang],
        "available": say("entry.computed") if reason is None else say("entry.unavailable", reason=reason[lang]),
    }  # fmt: skip


def target_words(indicator: Indicator, lang: str) -> str:
    """目标 ≥ 98%, or that there is none."""
    if indicator.target is None:
        return text("definitions.entry.no_target", lang)
    side = "lower" if indicator.better == "lower" else "higher"
    return text(f"definitions.entry.target_{side}", lang, target=printed_target(indicator.target))


def paper_words(pairing: Pairing, lang: str) -> str:
    """What the policy paper found of a pairing."""
    if pairing.paper_ahead is None:
        return text("definitions.pairings.paper_silent", lang)
    ahead = pairing.a if pairing.paper_ahead == "a" else pairing.b
    return text("definitions.pairings.paper", lang, group=ahead.name[lang])


def group_words(pairing: Pairing, group: Group, catalogue: Catalogue, lang: str) -> str:
    """The group's name, with the values it joins where it joins several."""
    if len(group.values) == 1:
        return group.name[lang]
    values = catalogue.dimensions[pairing.dimension].values
    names = joined([values[value][lang] for value in group.values], lang)
    return text("definitions.file.group", lang, name=group.name[lang], values=names)


def joined(names: list[str], lang: str) -> str:
    """Names in a row, as the language joins them."""
    return ("、" if lang == "zh" else ", ").join(names)
