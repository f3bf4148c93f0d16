"""SVG written by hand: elements with every name and word escaped, and numbers that repeat to the last digit."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold, escaped or not (XML 1.0, section 2.2)."""


def plain(words: object) -> str:
    """``words`` as text that XML can hold; a forbidden control character is shown as U+FFFD, never dropped."""
    return NOT_IN_XML.sub("\ufffd", str(words))


def number(value: float, digits: int = 1) -> str:
    """A coordinate with at most ``digits`` decimals and no needless zeros."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(tag: str, *children: str, **attributes: object) -> str:
    """One element. ``children`` are SVG already; ``attributes`` are not: they are escaped here.

    In names of attributes "_" stands for "-" and a closing "_" is left out (class_); None leaves an attribute out.
    """
    written = []
    for name, value in attributes.items():
        if value is not None:
            shown = number(value) if isinstance(value, float) else plain(value)
            written.append(f" {name.rstrip('_').replace('_', '-')}={quoteattr(shown)}")
    opening = f"<{tag}{''.join(written)}"
    return f"{opening}>{''.join(children)}</{tag}>" if children else f"{opening}/>"


def words_in(tag: str, words: object, **attributes: object) -> str:
    """One element that holds ``words`` as text, escaped."""
    return element(tag, escape(plain(words)), **attributes)
