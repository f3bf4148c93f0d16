"""The definitions as a reader sees them: an entry for each indicator with the district's figure, rules and marks.

Everything is drawn from the catalogue and the palette, so that the page cannot say something else than the figures do.
Knows no Streamlit: text in, HTML out, and every word escaped. Pairings, dimensions and levels: ``glossary_vocabulary``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from indicators.catalogue import Catalogue
from indicators.definition import Indicator
from ui.charts import palette
from ui.definition_facts import definition_facts
from ui.texts import LANGUAGES, text

RULES: Final = ("one", "two", "three", "four")
WIDE: Final = ("formula", "dimensions", "pairings")
"""Facts of a definition that take a line of their own."""


@dataclass(frozen=True)
class Today:
    """One indicator for the whole district, as printed.

    value     the figure, or the words for its state; ``counts`` its numerator and denominator (None without a figure)
    interval  the 95 % interval as a phrase, empty where there is none; ``target`` the target and whether it is met
    months    the months of the figure, in words
    """

    value: str
    counts: tuple[str, str] | None
    interval: str
    target: str
    months: str


def search_catalogue(catalogue: Catalogue, *, words: str = "", domain: str | None = None) -> list[Indicator]:
    """The indicators, in reading order, whose name, code, office or description in either language holds every word."""
    wanted = words.casefold().split()
    found = []
    for indicator in catalogue.values():
        if domain and indicator.domain != domain:
            continue
        parts = [indicator.code]
        for told in (indicator.name, indicator.description, indicator.owner, indicator.numerator_text,
                     indicator.denominator_text):  # fmt: skip
            parts += [told.zh, told.en]
        haystack = " ".join(parts).casefold()
        if all(word in haystack for word in wanted):
            found.append(indicator)
    return found


def entry_html(
    indicator: Indicator,
    *,
    catalogue: Catalogue,
    lang: str,
    level: int = 3,
    today: Today | None = None,
    shown_on: Sequence[tuple[str, str]] = (),
    anchor: bool = True,
) -> str:
    """One definition as an article, with the code as its anchor unless the page has it elsewhere.

    today     the district's figure; ``shown_on`` where the indicator is shown, (name, address)
    """
    facts = definition_facts(indicator, catalogue, lang)

    def say(key: str, **values: object) -> str:
        return escape(text(f"definitions.{key}", lang, **values))

    cut = ", ".join(
        f'<a href="#dimension-{code}">{escape(catalogue.dimensions[code].name[lang])}</a>'
        for code in indicator.dimensions
    )
    pairings = ", ".join(
        f'<a href="#pairing-{one.code}">{escape(one.name[lang])}</a>' for one in catalogue.pairings_of(indicator.code)
    )
    rows = {name: escape(facts[name]) for name in ("source", "reported_at", "owner", "unit", "interval", "minimum")}
    if indicator.valid_days:
        rows["valid_days"] = escape(facts["valid_days"])
    rows["formula"] = f"<code>{escape(facts['formula'])}</code>"
    rows["dimensions"] = _listed(cut, lang) or escape(facts["dimensions"])
    if pairings:
        rows["pairings"] = _listed(pairings, lang)
    rows["caveats"] = escape(facts["caveats"])
    listed = "".join(
        f"<div class='{'wide' if name in WIDE else 'narrow'}'><dt>{say(f'fields.{name}')}</dt><dd>{words}</dd></div>"
        for name, words in rows.items()
    )
    unit = f'<span class="gb-per">× {indicator.per:,} {escape(facts["unit"])}</span>' if indicator.per > 1 else ""
    reason = "" if indicator.available else f'<p class="gb-unavailable">{escape(facts["available"])}</p>'
    own = f' id="{escape(indicator.code)}"' if anchor else ""
    return (
        f'<article class="gb-definition"{own}>'
        f"<header><h{level}>{escape(facts['name'])}</h{level}>"
        f'<a class="gb-code" href="{_own_address(indicator.code, lang)}" title="{say("own_link")}">'
        f"<code>{escape(indicator.code)}</code></a>"
        f'<span class="gb-target">{escape(facts["target"])}</span>'
        f"<span>{escape(facts['better'])}</span></header>"
        f"<p>{escape(facts['description'])}</p>{reason}"
        f'<div class="gb-ratio"><div class="gb-fraction"><span>{escape(facts["numerator"])}</span>'
        f"<span>{escape(facts['denominator'])}</span></div>{unit}{_today_html(today, lang)}</div>"
        f"{_links_html(shown_on, lang)}<dl>{listed}</dl></article>"
    )


def _listed(links: str, lang: str) -> str:
    return links.replace(", ", "、") if lang == "zh" else links


def _own_address(code: str, lang: str) -> str:
    """The address of this page with one definition first."""
    asked = {"ind": code} if lang == LANGUAGES[0] else {"lang": lang, "ind": code}
    return escape(f"?{urlencode(asked)}")


def _today_html(today: Today | None, lang: str) -> str:
    """The same fraction in numbers, what it comes to, its interval and whether the target is met."""
    if today is None:
        return ""
    where = escape(text("definitions.today.where", lang, months=today.months))
    if today.counts is None:
        return f'<p class="gb-today"><span>{where}</span><span>{escape(today.value)}</span></p>'
    above, below = map(escape, today.counts)
    told = "".join(f"<span>{escape(words)}</span>" for words in (today.interval, today.target) if words)
    return (
        '<span class="gb-equals">=</span>'
        f'<div class="gb-fraction gb-counts"><span>{above}</span><span>{below}</span></div>'
        f'<span class="gb-equals">=</span><strong class="gb-now">{escape(today.value)}</strong>'
        f'<p class="gb-today"><span>{where}</span>{told}</p>'
    )


def _links_html(shown_on: Sequence[tuple[str, str]], lang: str) -> str:
    if not shown_on:
        return ""
    links = "".join(f'<a href="{escape(address)}" target="_self">{escape(name)}</a>' for name, address in shown_on)
    return f'<p class="gb-shown"><span>{escape(text("definitions.shown_on", lang))}</span>{links}</p>'


def list_html(
    indicators: list[Indicator],
    *,
    catalogue: Catalogue,
    lang: str,
    today: Mapping[str, Today] = MappingProxyType({}),
    shown_on: Mapping[str, Sequence[tuple[str, str]]] = MappingProxyType({}),
    without: str | None = None,
) -> str:
    """The definitions under the headings of their domains; the one named ``without`` stands elsewhere already."""
    parts = []
    for domain in catalogue.domains:
        members = [one for one in indicators if one.domain == domain]
        if members:
            parts.append(f'<section><h2 id="domain-{domain}">{escape(catalogue.domain_names[domain][lang])}</h2>')
            parts += [
                entry_html(
                    one, catalogue=catalogue, lang=lang, today=today.get(one.code), shown_on=shown_on.get(one.code, ()),
                    anchor=one.code != without,
                )
                for one in members
            ]  # fmt: skip
            parts.append("</section>")
    return f'<div class="gb-definitions">{"".join(parts)}</div>'


def index_html(indicators: list[Indicator], *, catalogue: Catalogue, lang: str) -> str:
    """The names under their domains, each a link to its definition further down."""
    parts = []
    for domain in catalogue.domains:
        members = [one for one in indicators if one.domain == domain]
        if members:
            links = "".join(f'<li><a href="#{one.code}">{escape(one.name[lang])}</a></li>' for one in members)
            parts.append(f"<h4>{escape(catalogue.domain_names[domain][lang])}</h4><ul>{links}</ul>")
    label = escape(text("definitions.index", lang))
    return f'<nav class="gb-index" aria-label="{label}">{"".join(parts)}</nav>'


def rules_html(lang: str) -> str:
    """The four rules for reading a number."""
    items = "".join(f"<li>{escape(text(f'definitions.rules.{rule}', lang))}</li>" for rule in RULES)
    return (
        f'<section class="gb-rules"><h2>{escape(text("definitions.rules.title", lang))}</h2><ol>{items}</ol></section>'
    )


def marks_html(lang: str) -> str:
    """Every mark with its colour, its name and its meaning."""
    items = []
    for verdict, mark in palette.MARKS.items():
        colour = palette.VERDICT_COLOURS[verdict]
        kind = (
            "hatched" if verdict == "too_few" else "outlined" if verdict in ("no_data", "not_applicable") else "filled"
        )
        name, meaning = (escape(text(f"definitions.marks.{verdict}.{part}", lang)) for part in ("name", "meaning"))
        items.append(
            f'<div><dt><span class="gb-swatch {kind}" style="background-color:{colour}"></span>'
            f'<span class="gb-mark">{escape(mark)}</span>{name}</dt><dd>{meaning}</dd></div>'
        )
    title, lead = (escape(text(f"definitions.marks.{part}", lang)) for part in ("title", "lead"))
    return f'<section class="gb-marks"><h2>{title}</h2><p>{lead}</p><dl>{"".join(items)}</dl></section>'
