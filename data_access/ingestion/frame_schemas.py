"""The last look at a whole frame before it is written: what the row checks promise, said once more as a schema.

A frame that fails is never the steward's fault: the row checks should have set the row aside. So a failure is a
`ValueError`, the load is undone, and nothing wrong is in the database. The schemas are built from the form of the
source; a million issue rows in pieces of 50,000 cost about 0.4 s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandas.api.types import infer_dtype
from pandera.errors import SchemaError

from data_access.ingestion.source_form import ColumnForm, SourceForm, dimension_words
from data_access.tables import estate, firm, inspection_result, issue, measurement, place, site

_TABLES = {
    "issues": (issue,),
    "inspections": (inspection_result,),
    "measurements": (measurement,),
    "places": (place,),
    "estates": (site, estate),
    "firms": (site, firm),
}
_FACTS = ("issues", "inspections", "measurements")
# What the loader adds to the columns of a form before a frame is written.
_ADDED = {
    "issues": {"place_code": "text", "month": "month"},
    "inspections": {"item": "item", "passed": "yes_no", "place_code": "text", "month": "month"},
    "measurements": {"dimension": "text", "bounded": "yes_no"},
    "places": {},
    "estates": {"place_code": "text", "registered_from": "month"},
    "firms": {"place_code": "text", "registered_from": "month", "registered_to": "month"},
}
# Kinds of values by what pandas calls the content of an object column.
_CONTENTS = {
    "text": {"string"},
    "word": {"string"},
    "yes_no": {"boolean"},
    "time": {"datetime", "datetime64"},
    "date": {"date"},
    "month": {"integer"},
    "count": {"integer"},
    "amount": {"integer", "floating", "mixed-integer-float"},
    "degree": {"floating"},
}
# The same by the letter of the dtype of any other column; texts may be of pandas' own text dtype.
_DTYPES = {"text": "OU", "word": "OU", "yes_no": "b", "time": "M", "date": "", "month": "iu", "count": "iu",
           "amount": "iuf", "degree": "f"}  # fmt: skip
_ROWS_SHOWN = 5

Rule = Callable[[pd.DataFrame], np.ndarray]
"""A frame → which rows break the rule (bool array)."""


@dataclass(frozen=True)
class FrameSchema:
    """The schema of one source and, by name, the rules across columns that it holds."""

    schema: pa.DataFrameSchema
    rules: dict[str, Rule]


def validate_frame(source: str, frame: pd.DataFrame, form: SourceForm) -> None:
    """Check a frame of rows that are about to be written.

    Parameters
    ----------
    source, form
        The source and its form.
    frame
        Rows that passed the row checks: the fields of the form with values, None or NaT for empty, and what the loader
        added (place_code, month …); for inspections one row a result. Further columns are let through. Not changed.

    Raises
    ------
    ValueError
        When a column is missing or holds another kind of value, a required one has gaps, times run backwards, a part
        exceeds its whole, or a natural key stands in the frame twice. It names source, column or rule, and rows.
    """
    if frame.empty:
        return
    checked = frame_schema(source, form)
    try:
        checked.schema.validate(frame, inplace=True)  # it would copy the frame otherwise; nothing in it coerces
    except SchemaError as problem:
        raise ValueError(f"{source}: {_explain(problem, frame, checked)}") from problem


_schemas: dict[str, tuple[SourceForm, FrameSchema]] = {}


def frame_schema(source: str, form: SourceForm) -> FrameSchema:
    """The schema for rows of `source` about to be written, made once for a form."""
    known = _schemas.get(source)
    if known is None or known[0] is not form:
        known = _schemas[source] = (form, _build(source, form))
    return known[1]


def _build(source: str, form: SourceForm) -> FrameSchema:
    stored = {column.name: column for table in _TABLES[source] for column in table.c}
    forms = {name: column for name, column in form.columns.items() if name in stored or name in form.key}
    forms |= {
        name: ColumnForm(heading=name, type="word", words=dimension_words(kind)) if kind == "item" else
        ColumnForm(heading=name, type=kind)
        for name, kind in _ADDED[source].items()
    }  # fmt: skip
    columns = {}
    for name, column in forms.items():
        # What a register's file leaves empty is filled in when it is written; facts are written as they stand.
        as_it_stands = source in _FACTS or name in _ADDED[source]
        not_null = as_it_stands and name in stored and not stored[name].nullable
        wanted = column.required is True or name in form.key or not_null
        # Gaps are looked for together with the kind of the values: one pass over an object column instead of two.
        columns[name] = pa.Column(nullable=True, required=wanted, checks=_content_check(column, gaps=not wanted))
    rules = {"natural key repeated": lambda frame: frame.duplicated(list(form.key)).to_numpy(), **_rules(source)}
    checks = [pa.Check(_holds(rule), name=name, error=name) for name, rule in rules.items()]
    return FrameSchema(pa.DataFrameSchema(columns, checks=checks), rules)


def _holds(rule: Rule) -> Callable[[pd.DataFrame], bool]:
    return lambda frame: not rule(frame).any()


def _content_check(column: ColumnForm, *, gaps: bool) -> pa.Check:
    allowed = {*column.words.values(), column.when_empty}

    def fits(values: pd.Series) -> bool:
        if not _is_kind(values, column.type, gaps=gaps):
            return False
        if column.type == "word":
            return {value for value in values.unique() if not pd.isna(value)} <= allowed
        if column.type == "month":
            months = np.array([month for month in values.unique() if not pd.isna(month)], dtype=np.int64)
            return bool(((months >= 190001) & (months % 100 >= 1) & (months % 100 <= 12)).all())
        return True

    said = f"not every value is a {column.type}" + ("" if gaps else ", or some are empty")
    return pa.Check(fits, name=said, error=said, ignore_na=False)


def _is_kind(values: pd.Series, kind: str, *, gaps: bool) -> bool:
    """Whether all values of a column are of a kind of the forms, empty ones aside where there may be gaps."""
    if values.dtype == object:
        content = infer_dtype(values, skipna=gaps)  # a gap that is not skipped makes it "mixed"
        return content in _CONTENTS[kind] or (gaps and content == "empty")
    return values.dtype.kind in _DTYPES[kind] and (gaps or not values.isna().any())


def _yes(values: pd.Series) -> np.ndarray:
    return values.to_numpy(object) == True  # noqa: E712 - element by element


def _rules(source: str) -> dict[str, Rule]:
    """What must hold across the columns of one row; the sentence names what is wrong."""
    if source == "issues":
        return {
            "accepted before reported": lambda f: (f["accepted_at"] < f["reported_at"]).to_numpy(),
            "closed before reported": lambda f: (f["closed_at"] < f["reported_at"]).to_numpy(),
            "closed without having been accepted": lambda f: (
                f["closed_at"].notna() & f["accepted_at"].isna()
            ).to_numpy(),
            "called back or reopened while open": lambda f: (
                (_yes(f["called_back"]) | _yes(f["reopened"])) & f["closed_at"].isna().to_numpy()
            ),
            "reached without having been called back": lambda f: _yes(f["reached"]) & ~_yes(f["called_back"]),
            "satisfied or not without having been reached": lambda f: (
                f["satisfied"].notna().to_numpy() & ~_yes(f["reached"])
            ),
            "month is not that of the report": lambda f: (
                f["month"].to_numpy(np.int64) != f["reported_at"].dt.year.to_numpy() * 100
                + f["reported_at"].dt.month.to_numpy()
            ),
        }  # fmt: skip
    if source == "measurements":
        return {
            "numerator above denominator": lambda f: (
                _yes(f["bounded"]) & (f["numerator"].to_numpy(float) > f["denominator"].to_numpy(float))
            ),
            "negative amount": lambda f: f["numerator"].to_numpy(float).clip(max=0) + f["denominator"].to_numpy(
                float
            ).clip(max=0) < 0,
        }  # fmt: skip
    if source == "firms":
        return {"deregistered before registered": _ends_early}
    return {}


def _ends_early(frame: pd.DataFrame) -> np.ndarray:
    start, end = (frame[name].to_numpy(object) for name in ("registered_from", "registered_to"))
    both = ~(pd.isna(start) | pd.isna(end))
    early = np.zeros(len(frame), dtype=bool)
    early[both] = end[both].astype(np.int64) < start[both].astype(np.int64)
    return early


def _explain(problem: SchemaError, frame: pd.DataFrame, checked: FrameSchema) -> str:
    rule = checked.rules.get(str(getattr(problem.check, "name", "")))
    if rule is not None:
        return f"{problem.check.name}{_where(frame, rule(frame))}"
    missing = [name for name, column in checked.schema.columns.items() if column.required and name not in frame]
    if missing:
        return f"there is no column {', '.join(missing)}"
    name = str(problem.schema.name)
    return f"{name}: {problem.check.error}{_where(frame, frame[name].isna().to_numpy())}"


def _where(frame: pd.DataFrame, bad: np.ndarray) -> str:
    if not bad.any() or "_row" not in frame:
        return ""
    rows = ", ".join(str(row) for row in frame["_row"].to_numpy()[bad][:_ROWS_SHOWN])
    return f"; {int(bad.sum())} rows, such as row {rows}"
