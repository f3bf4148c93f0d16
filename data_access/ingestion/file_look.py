"""A first look at a file: which source it is, where its headings stand, what its first rows say. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine

from data_access.engine import reading
from data_access.errors import UserError
from data_access.ingestion.column_mapping import TableMatch, match_table
from data_access.ingestion.file_reader import open_table_file
from data_access.ingestion.heading_answers import confirmed_headings
from data_access.ingestion.source_form import LOAD_ORDER, SourceForm, dimension_words, source_form
from data_access.ingestion.source_recognition import Recognition, recognise_source
from data_access.settings import read_settings

PREVIEW_ROWS = 20


@dataclass(frozen=True)
class Look:
    """What a first look shows.

    Attributes
    ----------
    heads
        Sheet → its first rows as they stand ("" for a text file).
    recognitions
        The sources it may be, best first; empty when it looks like none.
    matches
        Source → how each of its sheets would be read; sources that fit no sheet are left out.
    """

    heads: Mapping[str, list[list[str]]]
    recognitions: tuple[Recognition, ...]
    matches: Mapping[str, tuple[TableMatch, ...]]

    @property
    def source(self) -> str | None:
        """The most likely source."""
        return self.recognitions[0].source if self.recognitions else None

    def suggested_headings(self, source: str) -> dict[str, str]:
        """Heading → field, for the headings that are like a field of `source`."""
        return {one.heading: one.field for match in self.matches.get(source, ()) for one in match.suggestions}

    def preview(self, match: TableMatch) -> list[list[str]]:
        """The first rows below the heading of one table, at most twenty, without empty ones."""
        rows = [row for row in self.heads[match.sheet][match.data_from :] if any(row)]
        return rows[:PREVIEW_ROWS]


def look_at(engine: Engine, path: Path) -> Look:
    """Look at the first rows of every sheet of `path`. Raises UserError when it cannot be read as a table."""
    with open_table_file(path, max_megabytes=read_settings().max_file_megabytes) as table:
        heads = {sheet: table.head(sheet) for sheet in table.sheets}
    with reading(engine) as connection:
        confirmed = {source: confirmed_headings(connection, source) for source in LOAD_ORDER}
    recognitions = tuple(recognise_source(list(heads.values()), confirmed=confirmed))
    matches = {source: _matches(source, heads, confirmed[source]) for source in LOAD_ORDER}
    return Look(heads, recognitions, {source: found for source, found in matches.items() if found})


def recognised_source(look: Look, name: str) -> str:
    """The source of a file called `name`. Raises UserError, naming what was expected, when it looks like none."""
    if look.source is None:
        raise unrecognised(name)
    return look.source


def unrecognised(name: str) -> UserError:
    """What is said of a file that fits no source."""
    names = [source_form(source).name for source in LOAD_ORDER]
    chinese, english = ("、".join(one["zh"] for one in names), ", ".join(one["en"] for one in names))
    return UserError(
        zh=f"认不出“{name}”是哪一类数据：表头与{chinese}都对不上。请对照模板检查表头，或指明数据来源。",
        en=f"'{name}' is not recognised: its headings fit none of {english}. Compare the headings with a template, "
        "or name the source.",
    )


def field_heading(form: SourceForm, field: str) -> str:
    """The heading that the form itself uses for a field, or for an item of its checklist."""
    if field in form.columns:
        return form.columns[field].heading
    items = {code: name for name, code in dimension_words(form.items).items()} if form.items else {}
    return items.get(field, field)


def _matches(
    source: str, heads: Mapping[str, list[list[str]]], confirmed: Mapping[str, str | None]
) -> tuple[TableMatch, ...]:
    form = source_form(source)
    found = (match_table(head, form, sheet=sheet, confirmed=confirmed) for sheet, head in heads.items())
    return tuple(match for match in found if match is not None)
