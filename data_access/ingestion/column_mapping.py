"""Which column of a table is which field of a source.

A heading may stand below title rows, may be spread over two or three rows (merged cells), and may be written with
other widths, spaces, stars, numbers and remarks in brackets. What a steward has confirmed counts before what the form
says, and the form's own heading before its synonyms. Headings that nobody knows are compared with the fields that are
still without a column; a likeness is offered as a suggestion and never applied before it is confirmed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from data_access.ingestion.heading_likeness import Suggestion, likely_fields, suggest_fields
from data_access.ingestion.source_form import SourceForm, dimension_words

SEARCHED_ROWS = 30
SEARCHED_COLUMNS = 1_000  # a heading that begins to the right of these is not looked for
HEADING_ROWS = 3
COMPARED_HEADINGS = 100  # unknown headings of a row that are compared with the fields of the form
LONGEST_HEADING = 120  # letters of a heading that are compared and remembered
_LEAST_OF_MERGED = 4  # fields that a heading of several rows must name: rows of prose hold two or three by chance
REASON_COLUMNS = {
    "zh": ("退回原因", "原行号", "原工作表"),
    "en": ("Reason", "Original row", "Original sheet"),
}  # what `rejected_workbook` writes before the steward's own columns
_MARKS = "*★☆※:："
_NUMBERED = re.compile(r"^(?:\(\d{1,2}\)|\d{1,2}[.、)](?!\d)|[一二三四五六七八九十]{1,3}、)(?=.)")
_ASIDE = re.compile(r"[(\[【「{].*$")
_REQUIRED = re.compile(r"\((?:必填|必填项|必须|选填|可选|required|optional)\)")


@dataclass(frozen=True)
class TableMatch:
    """How one table is to be read.

    Attributes
    ----------
    sheet
        The sheet's name, "" for a text file.
    data_from
        Position (from 0) of the first row below the heading.
    columns
        Field → position of its column; checklist items stand under their code.
    unknown
        Position → heading of every other column that has one: nobody knows it, it repeats a field, or a steward said
        to leave it out. The columns of `rejected_workbook` are not among them.
    headings
        Field → heading as it stands in the file.
    ignored
        The headings of `unknown`, each once, in the order of the file.
    unanswered
        Those of them of which no steward has said yet what they mean or that they are to be left out.
    missing
        Headings of the form that are required and have no column.
    seen
        The cells of the heading.
    width
        How many cells the heading has; what stands to the right of it has no heading.
    suggestions
        For unanswered headings: which field each may be, most alike first.
    """

    sheet: str
    data_from: int
    columns: dict[str, int]
    unknown: dict[int, str]
    headings: dict[str, str]
    ignored: tuple[str, ...]
    unanswered: tuple[str, ...]
    missing: tuple[str, ...]
    seen: tuple[str, ...]
    width: int
    suggestions: tuple[Suggestion, ...]

    def cell_headings(self) -> dict[str, str]:
        """Column of a chunk (field, or "?<position>") → the heading it stands under in the file, in the file's order.

        Headings are unique: a second 备注 is called 备注 (2).
        """
        at = {position: (field, self.headings[field]) for field, position in self.columns.items()}
        at |= {position: (f"?{position}", heading) for position, heading in self.unknown.items()}
        named: dict[str, str] = {}
        taken: set[str] = set()
        for _, (column, heading) in sorted(at.items()):
            name, number = heading, 2
            while name in taken:
                name, number = f"{heading} ({number})", number + 1
            named[column] = name
            taken.add(name)
        return named


@lru_cache(maxsize=10_000)
def normal_heading(heading: str) -> str:
    """A heading without spaces, width variants, capitals, leading numbers and the marks of required columns."""
    text = "".join(unicodedata.normalize("NFKC", heading[: 4 * LONGEST_HEADING]).split()).lower()
    text = _REQUIRED.sub("", text).strip(_MARKS)
    return _NUMBERED.sub("", text).strip(_MARKS)[:LONGEST_HEADING]


def match_table(
    head: Sequence[Sequence[str]],
    form: SourceForm,
    *,
    sheet: str = "",
    confirmed: Mapping[str, str | None] | None = None,
) -> TableMatch | None:
    """Find the heading in the first rows of a table and match it to the form.

    Parameters
    ----------
    head
        The first rows, stripped text; cells of a merged region are empty but the first.
    confirmed
        Heading (as written or normal) → field, None for a column to leave out.

    Returns
    -------
    TableMatch | None
        None when no row looks like a heading of this form. A match with `missing` columns cannot be loaded.
    """
    answers = {
        normal_heading(heading): field
        for heading, field in (confirmed or {}).items()
        if field is None or field in form.fields()
    }
    known = _known(form)
    best: tuple[int, int, list[tuple[str, ...]]] | None = None
    most = 1
    for start, depth, cells in _headings(head, {*known, *answers}):
        meanings = (_meaning(names, known, answers) for names in cells[:SEARCHED_COLUMNS])
        hits = len({meant.field for meant in meanings if meant and meant.field})
        if hits > most and (depth == 1 or hits >= _LEAST_OF_MERGED):
            best, most = (start, depth, cells), hits
    if best is None:
        best = _by_likeness(head, form)
    return None if best is None else _matched(head, best, form, sheet, known, answers)


def _known(form: SourceForm) -> dict[str, tuple[str, int]]:
    """Normal heading → its field and how sure that is: 0 the form's own heading or an item, 1 a synonym."""
    known: dict[str, tuple[str, int]] = {}
    for field, column in form.columns.items():
        for synonym in column.synonyms:
            known.setdefault(normal_heading(synonym), (field, 1))
    if form.items:
        known |= {normal_heading(name): (code, 0) for name, code in dimension_words(form.items).items()}
    return known | {normal_heading(column.heading): (field, 0) for field, column in form.columns.items()}


def _headings(
    head: Sequence[Sequence[str]], known: Collection[str]
) -> Iterator[tuple[int, int, list[tuple[str, ...]]]]:
    """Every stretch of rows that may be the heading: position, number of rows, and for each column its names, the
    most telling first; plain headings before those of two rows and those before three. At least one cell is known."""
    rows = [list(row) for row in head[:SEARCHED_ROWS]]
    holds = [
        any(normal_heading(cell) in known or _bare(normal_heading(cell)) in known for cell in row[:SEARCHED_COLUMNS])
        for row in rows
    ]
    for depth in range(1, HEADING_ROWS + 1):
        for start in range(len(rows) - depth + 1):
            if any(holds[start : start + depth]):
                yield start, depth, _names(rows[start : start + depth])


def _bare(normal: str) -> str:
    return _ASIDE.sub("", normal)


def _names(rows: list[list[str]]) -> list[tuple[str, ...]]:
    """The names of each column of a heading of several rows, the most telling first.

    A merged cell speaks for the columns to its right as long as something stands below each of them.
    """
    width = max(len(row) for row in rows)
    grid = [row + [""] * (width - len(row)) for row in rows]
    spread = []
    for depth, row in enumerate(grid):
        filled, last = [], ""
        below = [any(grid[lower][column] for lower in range(depth + 1, len(grid))) for column in range(width)]
        for column, cell in enumerate(row):
            last = cell if cell else last if below[column] else ""
            filled.append(last)
            last = last if below[column] else ""
        spread.append(filled)
    names = []
    for column in range(width):
        parts = [filled[column] for filled in spread if filled[column]]
        joined = ["".join(parts[first:]) for first in range(len(parts))]
        names.append(tuple(dict.fromkeys(joined)))
    return names


@dataclass(frozen=True)
class _Meaning:
    """What a heading means: the field ("" to leave it out), how sure that is (-1 confirmed), and by which name."""

    field: str
    sure: int
    name: str


def _meaning(
    names: tuple[str, ...], known: Mapping[str, tuple[str, int]], answers: Mapping[str, str | None]
) -> _Meaning | None:
    """The meaning of the first of a column's names that has one, confirmed ones first."""
    for name in names:
        if normal_heading(name) in answers:
            return _Meaning(answers[normal_heading(name)] or "", -1, name)
    for name in names:
        normal = normal_heading(name)
        meant = known.get(normal) or known.get(_bare(normal))
        if meant:
            return _Meaning(*meant, name)
    return None


def _by_likeness(head: Sequence[Sequence[str]], form: SourceForm) -> tuple[int, int, list[tuple[str, ...]]] | None:
    """The row of which at least three cells are like headings of the form, for tables that call everything else."""
    best, most = None, 2
    for start, row in enumerate(head[:SEARCHED_ROWS]):
        cells = [normal_heading(cell) for cell in row[:COMPARED_HEADINGS] if 1 < len(cell) <= LONGEST_HEADING]
        hits = likely_fields(cells, form)
        if hits > most:
            best, most = (start, 1, _names([list(row)])), hits
    return best


def _matched(
    head: Sequence[Sequence[str]],
    found: tuple[int, int, list[tuple[str, ...]]],
    form: SourceForm,
    sheet: str,
    known: Mapping[str, tuple[str, int]],
    answers: Mapping[str, str | None],
) -> TableMatch:
    start, depth, cells = found
    meanings = [_meaning(names, known, answers) for names in cells]
    columns: dict[str, int] = {}
    for sure in (-1, 0, 1):
        for position, meaning in enumerate(meanings):
            if meaning and meaning.field and meaning.sure == sure:
                columns.setdefault(meaning.field, position)
    columns = dict(sorted(columns.items(), key=lambda item: item[1]))
    written = [
        meaning.name if meaning else names[0] if names else "" for names, meaning in zip(cells, meanings, strict=True)
    ]
    ours = {normal_heading(name) for names in REASON_COLUMNS.values() for name in names}
    taken = set(columns.values())
    unknown = {
        position: heading
        for position, heading in enumerate(written)
        if heading and position not in taken and normal_heading(heading) not in ours
    }
    open_columns = {position: heading for position, heading in unknown.items() if meanings[position] is None}
    compared = dict(list(open_columns.items())[:COMPARED_HEADINGS])
    body = head[start + depth :]
    samples = {position: [row[position] for row in body if position < len(row)] for position in compared}
    missing = [form.columns[field].heading for field in form.needed(columns) if field not in columns]
    if form.items:
        items = dimension_words(form.items)
        if not set(columns) & set(items.values()):
            missing.append("检查项目（如 " + "、".join(list(items)[:2]) + "）")
    return TableMatch(
        sheet=sheet,
        data_from=start + depth,
        columns=columns,
        unknown=unknown,
        headings={field: written[position] for field, position in columns.items()},
        ignored=tuple(dict.fromkeys(unknown.values())),
        unanswered=tuple(dict.fromkeys(open_columns.values())),
        missing=tuple(missing),
        seen=tuple(written),
        width=len(cells),
        suggestions=suggest_fields(
            {position: normal_heading(heading) for position, heading in compared.items()},
            written=compared,
            samples=samples,
            form=form,
            found=set(columns),
        ),
    )
