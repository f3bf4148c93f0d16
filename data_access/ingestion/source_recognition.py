"""Which source a file belongs to, by its headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_access.ingestion.column_mapping import TableMatch, match_table
from data_access.ingestion.source_form import LOAD_ORDER, source_form

_LEAST_SHARE = 0.5  # of the required headings


@dataclass(frozen=True)
class Recognition:
    """How well a file fits a source.

    Attributes
    ----------
    source
        Code of the source.
    share
        Share of the required headings that were found in the best sheet, suggestions not counted.
    fields
        The fields found there.
    likely
        Fields that an unknown heading may be, once somebody confirms it.
    known
        Share of the sheet's headings that the source knows.
    """

    source: str
    share: float
    fields: tuple[str, ...]
    likely: tuple[str, ...]
    known: float

    @property
    def sure(self) -> bool:
        """Whether the file can be loaded as this source without asking anybody."""
        return self.share == 1.0


def recognise_source(
    heads: Sequence[Sequence[Sequence[str]]],
    *,
    confirmed: Mapping[str, Mapping[str, str | None]] | None = None,
) -> list[Recognition]:
    """The sources a file may belong to, best first; empty when none fits.

    Parameters
    ----------
    heads
        The first rows of each sheet.
    confirmed
        Source → what stewards confirmed about its headings.
    """
    found = []
    for source in LOAD_ORDER:
        answers = (confirmed or {}).get(source)
        matches = [match_table(head, source_form(source), confirmed=answers) for head in heads]
        rated = [_rated(source, match) for match in matches if match is not None]
        found.extend(sorted(rated, key=_worth)[-1:])
    fitting = [one for one in found if one.share >= _LEAST_SHARE or _with_likely(one) >= _LEAST_SHARE]
    return sorted(fitting, key=_worth, reverse=True)


def _rated(source: str, match: TableMatch) -> Recognition:
    form = source_form(source)
    required = len(form.needed(())) + (form.items is not None)
    headings = sum(bool(heading) for heading in match.seen)
    return Recognition(
        source=source,
        share=1 - len(match.missing) / required,
        fields=tuple(match.columns),
        likely=tuple(one.field for one in match.suggestions),
        known=len(match.columns) / max(headings, 1),
    )


def _with_likely(one: Recognition) -> float:
    """Share of the required fields that are found or likely."""
    found = {*one.fields, *one.likely}
    required = set(source_form(one.source).needed(found))
    return len(required & found) / len(required)


def _worth(one: Recognition) -> tuple[bool, float, float, int]:
    return one.sure, max(one.share, _with_likely(one) - 0.1), one.known, len(one.fields)
