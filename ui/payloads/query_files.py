"""The frame behind an answer as a CSV file: what was asked, what every figure means, then the figures in full."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from indicators.catalogue import Indicator, Pairing
from ui.measures import View
from ui.texts import date_text, text

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
_DIGITS: Final = ".10g"


def frame_file(
    view: View,
    *,
    question: str,
    months: str,
    indicators: Sequence[Indicator],
    pairing: Pairing | None,
    heads: Mapping[str, str],
    rows: Iterable[Mapping[str, Any]],
    notes: Sequence[str],
    mark: str,
    as_of: Any,
) -> bytes:
    """A CSV file (UTF-8 with its mark, so that a spreadsheet reads the Chinese).

    Above: the demonstration's mark, the question, months, version and as-of day, and of every indicator its code, name,
    numerator, denominator, meaning, limits and owner; of two groups the dimension values they are made of. Then one
    line that names the columns (``heads``: code to words; the codes stand in the line below) and one line a row.
    Missing figures are empty, figures are not rounded to what is printed. ``notes`` close the file.
    """
    lang = view.lang
    lines = io.StringIO()
    writer = csv.writer(lines)
    say = _sayer(lang)
    if mark:
        writer.writerow([mark])
    writer.writerow([say("question"), harmless(question)])
    writer.writerow([say("months"), months])
    writer.writerow([say("version"), view.version, say("as_of"), date_text(as_of, lang) if as_of else ""])
    for one in indicators:
        writer.writerow([say("indicator"), one.code, one.name[lang]])
        for part, words in (
            ("numerator", one.numerator_text), ("denominator", one.denominator_text), ("meaning", one.description),
            ("limits", one.caveats), ("owner", one.owner),
        ):  # fmt: skip
            writer.writerow([say(part), harmless(words[lang])])
    if pairing is not None:
        for side, group in (("a", pairing.a), ("b", pairing.b)):
            writer.writerow([say(f"group_{side}"), group.name[lang], pairing.dimension, " ".join(group.values)])
    writer.writerow([])
    writer.writerow([harmless(words) for words in heads.values()])
    writer.writerow(list(heads))
    for row in rows:
        writer.writerow([printed(row.get(name)) for name in heads])
    writer.writerow([])
    for sentence in notes:
        writer.writerow([harmless(sentence)])
    return b"\xef\xbb\xbf" + lines.getvalue().encode("utf-8")


def heads_of(names: Sequence[str], lang: str) -> dict[str, str]:
    """Columns by code with their words."""
    return {name: text(f"query.file.{name}", lang) for name in names}


def harmless(cell: str) -> str:
    """A text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def printed(cell: Any) -> str:
    """A figure in full, a text made harmless, nothing for what is missing."""
    if cell is None or (isinstance(cell, float) and pd.isna(cell)):
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    return format(cell, _DIGITS) if isinstance(cell, float) else harmless(str(cell))


def _sayer(lang: str) -> Any:
    return lambda key: text(f"query.file.head_{key}", lang)
