"""The definitions as a reader sees them: one entry an indicator, the pairings, the reading rules and the marks.

Everything is drawn from the catalogue and the palette, so that the page cannot say something else than the figures do.
Knows no Streamlit: text in, HTML out, and every word escaped.
"""

from __future__ import annotations

from html import escape

from indicators.catalogue import Catalogue
from indicators.definition import Indicator, Pairing
from ui.charts import palette
from ui.texts import number, text

RULES = ("one", "two", "three", "four")


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


def target_text(indicator: Indicator, lang: str) -> str:
    """目标 ≥ 98%, or that there is none."""
    if indicator.target is None:
        return text("definitions.entry.no_target", lang)
    share = number(indicator.target * 100, decimals=1).removesuffix(".0") + "%"
    side = "lower" if indicator.better == "lower" else "higher"
    return text(f"definitions.entry.target_{side}", lang, target=share)


def entry_html(indicator: Indicator, *, catalogue: Catalogue, lang: str, level: int = 3) -> str:
    """One definition as an article with the code as its anchor."""

    def say(key: str, **facts: object) -> str:
        return escape(text(f"definitions.{key}", lang, **facts))

    dimensions = [catalogue.dimensions[code].name[lang] for code in indicator.dimensions]
    joiner = "、" if lang == "zh" else ", "
    minimum = "entry.minimum_cases" if indicator.hide_below > 1 else "entry.minimum_none"
    source = [say(f"sources.{indicator.source}")]
    if indicator.reported_at:
        source.append(say(f"entry.reported_{indicator.reported_at}"))
    if indicator.valid_days:
        source.append(say("entry.valid_days", days=indicator.valid_days))
    rows = {
        "source": escape(joiner).join(source),
        "owner": escape(indicator.owner[lang]),
        "dimensions": escape(joiner.join(dimensions)) or say("entry.no_dimensions"),
        "minimum": say(minimum, count=indicator.hide_below),
        "caveats": escape(indicator.caveats[lang]),
    }
    facts = "".join(f"<div><dt>{say(f'entry.{name}')}</dt><dd>{words}</dd></div>" for name, words in rows.items())
    unit = (
        f'<span class="gb-per">× {indicator.per:,} {escape(indicator.unit[lang])}</span>' if indicator.per > 1 else ""
    )
    reason = ""
    if indicator.unavailable_reason is not None:
        reason = f'<p class="gb-unavailable">{say("entry.unavailable", reason=indicator.unavailable_reason[lang])}</p>'
    return (
        f'<article class="gb-definition" id="{escape(indicator.code)}">'
        f"<header><h{level}>{escape(indicator.name[lang])}</h{level}><code>{escape(indicator.code)}</code>"
        f'<span class="gb-target">{escape(target_text(indicator, lang))}</span>'
        f"<span>{say(f'better.{indicator.better}')}</span></header>"
        f"<p>{escape(indicator.description[lang])}</p>{reason}"
        f'<div class="gb-ratio"><div class="gb-fraction"><span>{escape(indicator.numerator_text[lang])}</span>'
        f"<span>{escape(indicator.denominator_text[lang])}</span></div>{unit}</div>"
        f"<dl>{facts}</dl></article>"
    )


def list_html(indicators: list[Indicator], *, catalogue: Catalogue, lang: str) -> str:
    """The definitions under the headings of their domains."""
    parts = []
    for domain in catalogue.domains:
        members = [one for one in indicators if one.domain == domain]
        if members:
            parts.append(f'<section><h2 id="domain-{domain}">{escape(catalogue.domain_names[domain][lang])}</h2>')
            parts += [entry_html(one, catalogue=catalogue, lang=lang) for one in members]
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


def pairings_html(catalogue: Catalogue, *, lang: str) -> str:
    """The pairings: their two groups, what they compare, and what the policy paper found."""
    items = []
    for pairing in catalogue.pairings.values():
        groups = text("definitions.pairings.groups", lang, a=pairing.a.name[lang], b=pairing.b.name[lang])
        items.append(
            f"<div><dt>{escape(pairing.name[lang])}</dt><dd><strong>{escape(groups)}</strong><br>"
            f"{escape(pairing.description[lang])}<br><span>{escape(_paper(pairing, lang))}</span></dd></div>"
        )
    title = escape(text("definitions.pairings.title", lang))
    return f'<section class="gb-pairings"><h2>{title}</h2><dl>{"".join(items)}</dl></section>'


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


def _paper(pairing: Pairing, lang: str) -> str:
    if pairing.paper_ahead is None:
        return text("definitions.pairings.paper_silent", lang)
    ahead = pairing.a if pairing.paper_ahead == "a" else pairing.b
    return text("definitions.pairings.paper", lang, group=ahead.name[lang])
