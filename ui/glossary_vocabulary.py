"""The vocabulary of the definitions as HTML: pairings, dimensions with their values, and the levels of places.

Knows no Streamlit: text in, HTML out, and every word escaped.
"""

from __future__ import annotations

from html import escape

from geo.place_codes import LEVEL_OF_LENGTH
from indicators.catalogue import Catalogue
from ui.definition_facts import group_words, joined, paper_words
from ui.texts import text


def pairings_html(catalogue: Catalogue, *, lang: str) -> str:
    """The pairings: their groups with the values of each, what they compare, what the policy paper found, and where."""

    def say(key: str, **facts: object) -> str:
        return escape(text(f"definitions.{key}", lang, **facts))

    items = []
    for one in catalogue.pairings.values():
        groups = say(
            "pairings.groups", a=group_words(one, one.a, catalogue, lang), b=group_words(one, one.b, catalogue, lang)
        )
        offered = joined([catalogue[code].name[lang] for code in one.indicators], lang)
        items.append(
            f'<div id="pairing-{one.code}"><dt>{escape(one.name[lang])} <code>{one.code}</code></dt>'
            f"<dd><strong>{groups}</strong><br>{escape(one.description[lang])}<br>"
            f"<span>{escape(paper_words(one, lang))}</span>"
            f"<details><summary>{say('pairings.offered', count=len(one.indicators))}</summary>"
            f"{escape(offered)}</details></dd></div>"
        )
    return f'<section class="gb-pairings"><h2>{say("pairings.title")}</h2><dl>{"".join(items)}</dl></section>'


def dimensions_html(catalogue: Catalogue, *, lang: str) -> str:
    """The dimensions: their values with the codes that stand in the data, and which sources carry them."""
    items = []
    for one in catalogue.dimensions.values():
        values = "".join(
            f"<li>{escape(name[lang])} <code>{escape(value)}</code></li>" for value, name in one.values.items()
        )
        sources = joined([text(f"definitions.sources.{source}", lang) for source in one.sources], lang)
        items.append(
            f'<div id="dimension-{one.code}"><dt>{escape(one.name[lang])} <code>{one.code}</code></dt>'
            f"<dd><ul>{values}</ul><span>{escape(sources)}</span></dd></div>"
        )
    title, lead = (escape(text(f"definitions.vocabulary.{part}", lang)) for part in ("title", "lead"))
    return (
        f'<section class="gb-pairings gb-dimensions"><h2>{title}</h2><p>{lead}</p><dl>{"".join(items)}</dl></section>'
    )


def levels_html(lang: str) -> str:
    """The levels of places: how long their codes are and what is shown of them."""
    items = "".join(
        f"<div><dt>{escape(text(f'definitions.levels.{level}.name', lang))}</dt>"
        f"<dd>{escape(text(f'definitions.levels.{level}.meaning', lang, digits=digits))}</dd></div>"
        for digits, level in LEVEL_OF_LENGTH.items()
    )
    return (
        f'<section class="gb-marks"><h2>{escape(text("definitions.levels.title", lang))}</h2><dl>{items}</dl></section>'
    )
