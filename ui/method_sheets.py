"""A method on one screen: what it answers, how, for whom, what it must not be read as, and where it comes from.

Every sheet has the same slots in the same order. Knows no Streamlit: text in, HTML out, and every word escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from data_access.releases import DataVersion
from ui.address import add_months
from ui.method_register import Method, figures
from ui.navigation import page_entry
from ui.texts import date_text, has_text, month_text, text

SLOTS: Final = ("question", "how", "example", "who", "limits", "where", "formula", "references")
"""The slots every sheet has; a method that draws at random has "seed" as well."""


_INDEX: Final = re.compile(r"_([A-Za-z]+)")


def method_name(code: str, lang: str) -> str:
    """The name of a method in the index."""
    return text(f"methods.{code}.name", lang)


def sheet_html(method: Method, lang: str) -> str:
    """The sheet of one method."""
    say = _said(method, lang)
    example_mark = escape(text("methods.example_mark", lang))
    formula = "".join(
        f"<div>{_lowered(escape(line))}</div>" for line in _told(method, "formula", lang).strip().splitlines()
    )
    references = "".join(f"<li>{escape(one)}</li>" for one in method.references)
    seed = _row("seed", say["seed"], lang) if method.seeded else ""
    return (
        f'<article class="gb-method" id="{escape(method.code)}"><h2>{escape(method_name(method.code, lang))}</h2>'
        f'<p class="question"><span class="gb-unseen">{_slot("question", lang)}: </span>{say["question"]}</p>'
        f'<p class="how"><span class="gb-unseen">{_slot("how", lang)}: </span>{say["how"]}</p>'
        f"<figure><figcaption>{_slot('example', lang)}<span>{example_mark}</span></figcaption>"
        f"<blockquote>{say['example']}</blockquote></figure>"
        f"<dl>{_row('who', say['who'], lang)}{_row('limits', say['limits'], lang)}"
        f"{_row('where', escape(where_text(method, lang)), lang)}{seed}</dl>"
        f'<section class="formula"><h3>{_slot("formula", lang)}</h3><div class="lines">{formula}</div></section>'
        f'<section class="references"><h3>{_slot("references", lang)}</h3><ul>{references}</ul></section></article>'
    )


def where_text(method: Method, lang: str) -> str:
    """The pages that show a method today; that it is for researchers only where none does."""
    joiner = "、" if lang == "zh" else ", "
    pages = joiner.join(page_entry(key).title(lang) for key in method.pages)
    if has_text(f"methods.{method.code}.where"):
        return text(f"methods.{method.code}.where", lang, **{**figures(lang), "pages": pages})
    return text("methods.seen_on", lang, pages=pages) if pages else text("methods.library_only", lang)


def foot_html(version: DataVersion, *, lang: str, catalogue_hash: str, until: int | None) -> str:
    """What the page rests on today: data, definitions, and the months and figures that are kept back.

    ``until`` is the last month this viewer may read (None: every month).
    """

    def say(key: str, **facts: object) -> str:
        return text(f"methods.foot.{key}", lang, **facts)

    loaded = version.created_at
    facts: Mapping[str, str] = {
        "version": say("version_value", number=version.number, date=date_text(loaded.date(), lang)),
        "as_of": date_text(version.as_of, lang) if version.as_of else say("unknown"),
        "refresh": say("refresh_value", date=date_text(loaded.date(), lang), time=f"{loaded:%H:%M}"),
        "catalogue": catalogue_hash[:12],
        "provisional": (
            say("provisional_value", month=month_text(version.provisional_from, lang))
            if version.provisional_from is not None
            else say("provisional_none")
        ),
        "unreleased": _unreleased(version, until, lang),
        "suppressed": say("suppressed_value", **figures(lang)),
    }
    rows = "".join(f"<div><dt>{escape(say(name))}</dt><dd>{escape(words)}</dd></div>" for name, words in facts.items())
    return f'<section class="gb-method-foot"><h2>{escape(say("title"))}</h2><dl>{rows}</dl></section>'


def _unreleased(version: DataVersion, until: int | None, lang: str) -> str:
    public, last = version.released_until, version.last_month
    if until is not None:
        return text("methods.foot.unreleased_hidden", lang, month=month_text(last or until, lang))
    if public == 0:
        return text("methods.foot.unreleased_all", lang)
    if public is None or last is None or last <= public:
        return text("methods.foot.unreleased_none", lang)
    return text("methods.foot.unreleased_value", lang, month=month_text(add_months(public, 1), lang))


def _lowered(line: str) -> str:
    """n_i with its i lowered."""
    return _INDEX.sub(r"<sub>\1</sub>", line)


def _slot(name: str, lang: str) -> str:
    return escape(text(f"methods.slots.{name}", lang))


def _told(method: Method, slot: str, lang: str) -> str:
    return text(f"methods.{method.code}.{slot}", lang, **figures(lang))


def _said(method: Method, lang: str) -> dict[str, str]:
    """The plain slots, escaped."""
    slots = ["question", "how", "example", "who", "limits", *(["seed"] if method.seeded else [])]
    return {slot: escape(_told(method, slot, lang)) for slot in slots}


def _row(slot: str, words: str, lang: str) -> str:
    return f'<div class="{slot}"><dt>{_slot(slot, lang)}</dt><dd>{words}</dd></div>'
