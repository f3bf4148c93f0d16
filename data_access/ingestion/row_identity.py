"""Whose row it is, from the text of its fields: natural key, township and month, as far as they can be told."""

from __future__ import annotations

from collections.abc import Mapping

from data_access.ingestion.cell_values import parse_month
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.row_checks import Identify
from data_access.ingestion.source_form import SourceForm

_KEYS = ("case_no", "record_no", "code")
_MONTHS = ("month", "reported_at", "inspected_on")


def identify_with(finder: PlaceFinder, form: SourceForm) -> Identify:
    """A function from field → text to (natural key, township's code, month YYYYMM), each None where it is not said."""
    key_field = next((name for name in _KEYS if name in form.columns), None)
    month_field = next((name for name in _MONTHS if name in form.columns), None)

    def identify(fields: Mapping[str, str]) -> tuple[str | None, str | None, int | None]:
        key = fields.get(key_field, "") if key_field else ""
        month = parse_month(fields.get(month_field, "")) if month_field else None
        return key or None, _township(fields, finder), month

    return identify


def _township(fields: Mapping[str, str], finder: PlaceFinder) -> str | None:
    code = fields.get("village_code") or fields.get("place_code") or ""
    above = code[:9] if finder.levels.get(code) == "village" else code
    if finder.levels.get(above) == "township":
        return above
    name = fields.get("township") or fields.get("place_name") or ""
    return finder.township(name) if name else None
