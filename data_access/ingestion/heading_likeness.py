"""Which field an unknown heading may be: by how it is written and by what stands below it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Indel, JaroWinkler

from data_access.ingestion.cell_values import (
    parse_amount,
    parse_count,
    parse_date,
    parse_month,
    parse_time,
    parse_yes_no,
    plain,
)
from data_access.ingestion.degree_columns import parse_degree
from data_access.ingestion.source_form import ColumnForm, SourceForm, dimension_words

LEAST_LIKENESS = 0.74
_SURE = 0.8  # a row that holds three cells as like as this may be a heading
_BY_WORDS = 0.9  # what a column is worth in which every cell is a word of the field
_FITTING_CELLS = 0.6  # share of the filled cells that must be of the field's type
# What departments call one and the same thing, brought to one word before headings are compared.
_SAME = (
    ("日期", "时间"), ("时刻", "时间"), ("时点", "时间"), ("截止时间", "时限"), ("期限", "时限"),
    ("时间", "t"), ("时限", "l"),  # one letter each: two thirds of 办理时间 and 办理时限 are not the same
    ("号码", "编号"), ("流水号", "编号"), ("编码", "编号"), ("代码", "编号"), ("单号", "单编号"),
    ("街道乡镇", "镇街"), ("镇(街道)", "镇街"), ("乡镇街道", "镇街"), ("镇街道", "镇街"), ("街镇", "镇街"),
    ("乡镇", "镇街"), ("村(社区)", "村社"), ("村居", "村社"), ("社区村", "村社"), ("村社区", "村社"),
    ("案件", "工单"), ("事件", "工单"), ("诉件", "工单"), ("评价", "满意"), ("公司", "企业"),
    ("单位类型", "类别"), ("类型", "类别"), ("种类", "类别"),
)  # fmt: skip


@dataclass(frozen=True)
class Suggestion:
    """An unknown heading that is like a field not yet found; `likeness` from 0 to 1."""

    heading: str
    field: str
    likeness: float


def suggest_fields(
    headings: Mapping[int, str],
    *,
    written: Mapping[int, str],
    samples: Mapping[int, Sequence[str]],
    form: SourceForm,
    found: set[str],
) -> tuple[Suggestion, ...]:
    """The most likely pairs of an unknown heading and a field without a column; each heading and field once.

    `headings` are normal headings by position, `written` the same as they stand in the file, `samples` the first cells
    below them. A field whose type does not fit the cells is never suggested.
    """
    pairs = []
    for field, names, column in _fields(form):
        if field in found:
            continue
        for position, heading in headings.items():
            cells = [cell for cell in samples.get(position, ()) if cell]
            likeness = max(_likeness(heading, name) for name in names)
            if column is not None and cells:
                share = fitting_share(cells, column)
                if share < _FITTING_CELLS:
                    continue
                if column.type == "word" and share == 1.0:
                    likeness = max(likeness, _BY_WORDS)
            if likeness >= LEAST_LIKENESS:
                pairs.append((likeness, -position, field))
    suggestions: list[Suggestion] = []
    used: set[str | int] = set()
    for likeness, at, field in sorted(pairs, reverse=True):
        if field not in used and at not in used:
            used |= {field, at}
            suggestions.append(Suggestion(written[-at], field, round(min(likeness, 1.0), 2)))
    return tuple(suggestions)


def likely_fields(headings: Sequence[str], form: SourceForm) -> int:
    """How many fields of the form have a heading among these (normal) ones that is surely like theirs."""
    return sum(
        any(_likeness(heading, name) >= _SURE for heading in headings for name in names)
        for _, names, _ in _fields(form)
    )


def _fields(form: SourceForm) -> Iterator[tuple[str, list[str], ColumnForm | None]]:
    for field, column in form.columns.items():
        yield field, [_folded(name) for name in (column.heading, *column.synonyms)], column
    if form.items:
        for name, code in dimension_words(form.items).items():
            yield code, [_folded(name)], None


def _likeness(heading: str, name: str) -> float:
    folded = _folded(heading)
    if folded == name:
        return 0.98
    return max(Indel.normalized_similarity(folded, name), JaroWinkler.similarity(folded, name) - 0.1)


@lru_cache(maxsize=10_000)
def _folded(heading: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", heading).split()).lower()
    for said, meant in _SAME:
        text = text.replace(said, meant)
    return text.replace("(", "").replace(")", "").replace("编编号", "编号")


def fitting_share(cells: Sequence[str], column: ColumnForm) -> float:
    """Share of these (filled) cells that are of the column's type; 1 for text."""
    parsers: dict[str, Callable[[str], object]] = {
        "text": lambda cell: cell,
        "word": lambda cell: column.words.get(plain(cell)),
        "yes_no": lambda cell: parse_yes_no(cell, column.words),
        "time": parse_time,
        "date": parse_date,
        "month": parse_month,
        "count": parse_count,
        "amount": parse_amount,
        "degree": parse_degree,
    }
    parse = parsers[column.type]
    return sum(parse(cell) is not None for cell in cells) / len(cells)
