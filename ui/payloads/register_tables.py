"""The registers of one village as tables: gates, estates, buildings and firms, each with its last inspection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from ui.place_table import Cell, Column, Download, Row
from ui.texts import date_text, number, text

PLACE_SITES: Final = ("village_gate", "estate", "office_building")
NEVER: Final = 1_000_000
"""Sorts like a number of days: sites never inspected come before the longest ago."""


def place_site_table(
    sites: pd.DataFrame, *, name: str, as_of: dt.date | None, lang: str, demonstration: bool
) -> dict[str, Any] | None:
    """The gate, estates and office buildings of ``sites`` (as read_sites gives them); None where there are none."""
    chosen = sites[sites["kind"].isin(PLACE_SITES)]
    rows = [
        _row(
            site,
            as_of,
            lang,
            name=text("village.register.gate", lang) if site["kind"] == "village_gate" else str(site["name"]),
            kind=text(f"village.kinds.{site['kind']}", lang),
            group=_word("management", site["management"], lang) if site["kind"] == "estate" else "",
            size=site["households"],
        )
        for site in _longest_ago_first(chosen)
    ]
    return _table(rows, "sites", name=name, lang=lang, demonstration=demonstration)


def firm_table(
    sites: pd.DataFrame, *, name: str, as_of: dt.date | None, lang: str, demonstration: bool
) -> dict[str, Any] | None:
    """The firms of ``sites``; None where there are none."""
    chosen = sites[sites["kind"] == "firm"]
    rows = [
        _row(
            site,
            as_of,
            lang,
            name=str(site["name"]),
            kind=None,
            group=_word("firm_size", site["size"], lang),
            size=site["employees"],
        )
        for site in _longest_ago_first(chosen)
    ]
    return _table(rows, "firms", name=name, lang=lang, demonstration=demonstration)


def _longest_ago_first(sites: pd.DataFrame) -> list[dict[str, Any]]:
    """Never inspected first, then by the day of the last inspection."""
    return sorted(sites.to_dict("records"), key=lambda site: (site["inspected_on"] or dt.date.min, str(site["code"])))


def _row(
    site: Mapping[str, Any],
    as_of: dt.date | None,
    lang: str,
    *,
    name: str,
    kind: str | None,
    group: str,
    size: float,
) -> Row:
    day = site["inspected_on"]
    cells = {
        "name": Cell(name, sort=name),
        "group": Cell(group, sort=group or None),
        "size": _size(size, "employees" if kind is None else "households", lang),
        **_inspection(site, day, as_of, lang),
    }
    if kind is not None:
        cells["kind"] = Cell(kind, sort=kind)
    return Row(code=str(site["code"]), cells=cells)


def _size(size: float, what: str, lang: str) -> Cell:
    """Households or employees as the register has them; missing prints as missing."""
    if pd.isna(size):
        return Cell("")
    return Cell(number(size), sort=float(size), title=text(f"village.register.{what}_title", lang, count=number(size)))


def _inspection(site: Mapping[str, Any], day: dt.date | None, as_of: dt.date | None, lang: str) -> dict[str, Cell]:
    if day is None:
        never = text("village.register.never", lang)
        return {
            "inspected_on": Cell(never, sort=0), "passed": Cell("", title=never),
            "days": Cell("", sort=NEVER, title=never),
        }  # fmt: skip
    checked, passed = float(site["checked"]), float(site["passed"])
    days = (as_of - day).days if as_of else None
    failed = int(checked - passed)
    hint = (
        text("village.register.failed", lang, count=number(failed))
        if failed
        else text("village.register.passed_all", lang)
    )
    return {
        "inspected_on": Cell(
            date_text(day, lang), sort=day.toordinal(),
            note=text("village.register.recheck", lang) if site["recheck"] else "",
        ),
        "passed": Cell(f"{number(passed)}/{number(checked)}", sort=passed / checked, title=hint),
        "days": Cell("") if days is None else Cell(
            number(days), sort=days,
            title=text("village.register.days_title", lang, day=date_text(day, lang), days=number(days)),
        ),
    }  # fmt: skip


def _word(dimension: str, value: object, lang: str) -> str:
    """A value of management or firm size in words; said to be unknown where the register leaves it open."""
    return text(f"village.{dimension}.{value if isinstance(value, str) else 'unknown'}", lang)


def _table(rows: list[Row], part: str, *, name: str, lang: str, demonstration: bool) -> dict[str, Any] | None:
    if not rows:
        return None

    def label(column: str) -> str:
        return text(f"village.columns.{column}", lang)

    kind = [Column("kind", label("kind"), kind="text")] if part == "sites" else []
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    return {
        "columns": [
            Column("name", label(f"{part}_name"), kind="name"),
            *kind,
            Column("group", label(f"{part}_group"), kind="text", hint=label(f"{part}_group_hint")),
            Column("size", label(f"{part}_size"), hint=label(f"{part}_size_hint")),
            Column("inspected_on", label("inspected_on"), hint=label("inspected_on_hint")),
            Column("passed", label("passed"), hint=label("passed_hint")),
            Column("days", label("days"), hint=label("days_hint")),
        ],
        "rows": rows,
        "caption": text(f"village.register.{part}_caption", lang, place=name),
        "download": Download(
            file_name=text(f"village.register.{part}_file", lang, mark=mark + ("_" if mark else ""), place=name),
            mark=mark,
        ),
    }
