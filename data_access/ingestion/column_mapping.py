"""Which column of a file is which field of a source."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from data_access.ingestion.source_form import SourceForm, dimension_words

SEARCHED_ROWS = 15


@dataclass(frozen=True)
class HeadingMatch:
    """Columns of one table: field → position, field → heading as written, unknown and missing headings."""

    columns: dict[str, int]
    headings: dict[str, str]
    ignored: tuple[str, ...]
    missing: tuple[str, ...]
    seen: tuple[str, ...]


def normal_heading(heading: str) -> str:
    """A heading without spaces, width variants, brackets' content and the star that marks required columns."""
    text = unicodedata.normalize("NFKC", heading)
    text = "".join(text.split()).strip("*:：")
    return text.split("(", 1)[0] or text


def _known(form: SourceForm) -> dict[str, str]:
    known = {normal_heading(heading): field for heading, field in form.headings().items()}
    if form.items:
        known |= {normal_heading(name): code for name, code in dimension_words(form.items).items()}
    return known


def headings_known(row: Sequence[str], form: SourceForm) -> int:
    """How many different fields of the form the cells of `row` name."""
    known = _known(form)
    return len({known[normal_heading(cell)] for cell in row if normal_heading(cell) in known})


def heading_row(rows: Sequence[Sequence[str]], form: SourceForm) -> int | None:
    """Position of the row among the first fifteen that knows most headings (at least two), or None."""
    best, most = None, 1
    for position, row in enumerate(rows[:SEARCHED_ROWS]):
        hits = headings_known(row, form)
        if hits > most:
            best, most = position, hits
    return best


def match_headings(row: Sequence[str], form: SourceForm) -> HeadingMatch:
    """Match one heading row to the form; the first of two columns with one meaning counts."""
    known = _known(form)
    columns: dict[str, int] = {}
    headings: dict[str, str] = {}
    ignored = []
    for position, heading in enumerate(row):
        field = known.get(normal_heading(heading))
        if field is None or field in columns:
            if heading:
                ignored.append(heading)
            continue
        columns[field], headings[field] = position, heading
    missing = [column.heading for field, column in form.columns.items() if column.required and field not in columns]
    if form.items and not set(columns) & set(dimension_words(form.items).values()):
        missing.append("检查项目（如 " + "、".join(list(dimension_words(form.items))[:2]) + "）")
    return HeadingMatch(columns, headings, tuple(ignored), tuple(missing), tuple(row))
