"""The form of each source: its columns, their headings and types, read strictly from `sources/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data_access.errors import UserError
from data_access.words import UNKNOWN
from indicators.catalogue import Catalogue, load_catalogue

FORMS_FOLDER = Path(__file__).with_name("sources")
LOAD_ORDER = ("places", "estates", "firms", "inspections", "issues", "measurements")


class Note(BaseModel):
    """What a column holds, in both languages, and what stands in it in two rows that belong together."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    zh: str
    en: str
    examples: tuple[str, str]


class ColumnForm(BaseModel):
    """One column: its heading in the department's file, what else it may be called, its type and its words.

    The first word of a value is its proper one, further ones are understood too. `longest` is how many letters the
    database keeps of a text; a longer cell sets its row aside. A column that is required "unless_position" may be empty
    in a row with longitude and latitude, and may be missing in a file that has both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    heading: str
    type: Literal["text", "word", "yes_no", "time", "date", "month", "count", "amount", "degree"]
    synonyms: tuple[str, ...] = ()
    required: bool | Literal["unless_position"] = False
    words: dict[str, str] = {}
    dimension: str | None = None
    when_empty: str | None = None
    longest: int | None = None

    def proper_words(self) -> list[str]:
        """The proper word of each value, in order; 是 and 否 for a column of yes and no without words of its own."""
        if self.type == "yes_no" and not self.words:
            return ["是", "否"]
        proper: dict[str, str] = {}
        for word, code in self.words.items():
            proper.setdefault(code, word)
        return list(proper.values())


class Submission(BaseModel):
    """When a month's report is due: on the `due_day` of the month after it, last day included."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    due_day: int = Field(ge=1, le=28)


class SourceForm(BaseModel):
    """One source: code, name in both languages, natural key and columns by field name.

    `submission` says when a month's report is due; None where rows come whenever they happen. `notes` explain each
    column and, for a checklist, under "items" what its columns hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str
    name: dict[Literal["zh", "en"], str]
    key: tuple[str, ...]
    formats: tuple[str, ...]
    columns: dict[str, ColumnForm]
    items: str | None = None
    submission: Submission | None = None
    notes: dict[str, Note] = {}

    def fields(self) -> set[str]:
        """Every field a column may mean: those of the form and, for a checklist, the codes of its items."""
        return set(self.columns) | (set(dimension_words(self.items).values()) if self.items else set())

    def needed(self, given: Collection[str]) -> list[str]:
        """The fields that a file must have which has those `given`, in order."""
        positioned = {"lon", "lat"} <= set(given)
        return [
            field for field, column in self.columns.items()
            if column.required is True or (column.required == "unless_position" and not positioned)
        ]  # fmt: skip

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


@cache
def dimension_words(dimension: str) -> dict[str, str]:
    """Chinese name → value code of a dimension, from the catalogue; e.g. 「网格巡查」 → grid_patrol.

    "Not known" is not among them: it is what counts call a group nobody told, never something a file may say.
    """
    return {name.zh: code for code, name in catalogue().dimensions[dimension].values.items() if code != UNKNOWN}
