"""The form of each source: its columns, their headings and types, read strictly from `sources/*.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from data_access.errors import UserError
from indicators.catalogue import Catalogue, load_catalogue

FORMS_FOLDER = Path(__file__).with_name("sources")
LOAD_ORDER = ("places", "estates", "firms", "inspections", "issues", "measurements")


class ColumnForm(BaseModel):
    """One column: its heading in the department's file, what else it may be called, its type and its words.

    `longest` is how many letters the database keeps of a text; a longer cell sets its row aside.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    heading: str
    type: Literal["text", "word", "yes_no", "time", "date", "month", "count", "amount"]
    synonyms: tuple[str, ...] = ()
    required: bool = False
    words: dict[str, str] = {}
    dimension: str | None = None
    when_empty: str | None = None
    longest: int | None = None


class SourceForm(BaseModel):
    """One source: code, name in both languages, natural key and columns by field name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str
    name: dict[Literal["zh", "en"], str]
    key: tuple[str, ...]
    formats: tuple[str, ...]
    columns: dict[str, ColumnForm]
    items: str | None = None

    def headings(self) -> dict[str, str]:
        """Every heading that is understood, mapped to its field."""
        known = {}
        for field, column in self.columns.items():
            for heading in (column.heading, *column.synonyms):
                known[heading] = field
        return known


@cache
def catalogue() -> Catalogue:
    """The indicator catalogue, read once a process."""
    return load_catalogue()


@cache
def source_form(source: str) -> SourceForm:
    """The form of `source`; words of a dimension are taken from the catalogue.

    Raises
    ------
    UserError
        When there is no such source.
    """
    path = FORMS_FOLDER / f"{source}.toml"
    if source not in LOAD_ORDER or not path.exists():
        known = "、".join(LOAD_ORDER)
        raise UserError(
            zh=f"没有名为“{source}”的数据来源；可用的是：{known}。",
            en=f"There is no source '{source}'; use one of: {', '.join(LOAD_ORDER)}.",
        )
    try:
        form = SourceForm.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as problem:
        raise ValueError(f"{path.name}: {problem}") from problem
    columns = {
        field: column.model_copy(update={"words": {**dimension_words(column.dimension), **column.words}})
        if column.dimension
        else column
        for field, column in form.columns.items()
    }
    return form.model_copy(update={"columns": columns})


def dimension_words(dimension: str) -> dict[str, str]:
    """Chinese name → value code of a dimension, from the catalogue; e.g. 「网格巡查」 → grid_patrol."""
    return {name.zh: code for code, name in catalogue().dimensions[dimension].values.items()}
