"""Sentences in the reader's language, from TOML files: ``<folder>/<language>/<section>.toml``.

The key of a sentence is ``<section>.<path inside the file>``. The sentences about figures and findings live in this
package (``indicators/languages``), so that a notebook or a report job says the same as a page; the pages keep theirs
in ``ui/languages``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

LANGUAGES: Final = ("zh", "en")
FOLDER: Final = Path(__file__).resolve().parent / "languages"


class MissingText(KeyError):
    """A key that no language file holds, or a placeholder that was given no value."""


@cache
def read_folder(folder: Path, lang: str) -> Mapping[str, str]:
    """All texts of one language below ``folder``, by key. Read once a process.

    Raises MissingText for a language without a folder and for anything in a file that is not a text.
    """
    if lang not in LANGUAGES or not (folder / lang).is_dir():
        raise MissingText(f"No texts for the language {lang!r}; there are {', '.join(LANGUAGES)}.")
    found: dict[str, str] = {}
    for path in sorted((folder / lang).glob("*.toml")):
        _flatten(tomllib.loads(path.read_text(encoding="utf-8")), path.stem, found)
    return found


def filled(patterns: Mapping[str, str], key: str, lang: str, facts: Mapping[str, object]) -> str:
    """The text ``key`` with ``{name}`` filled from ``facts``. Raises MissingText for an unknown key or fact."""
    try:
        pattern = patterns[key]
    except KeyError:
        raise MissingText(f"The language files of {lang} hold no text {key!r}.") from None
    try:
        return pattern.format(**facts)
    except (KeyError, IndexError) as error:
        raise MissingText(f"{key} ({lang}) needs the value {error}.") from None


def text(key: str, lang: str, **facts: object) -> str:
    """The text ``key`` of this package in ``lang``. Raises MissingText for an unknown key or a missing fact."""
    return filled(read_folder(FOLDER, lang), key, lang, facts)


def _flatten(table: Mapping[str, Any], prefix: str, found: dict[str, str]) -> None:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping):
            _flatten(value, key, found)
        elif isinstance(value, str):
            found[key] = value
        else:
            raise MissingText(f"{key} is {value!r}; write a text in quotation marks.")
