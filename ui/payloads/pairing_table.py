"""The gaps of the townships as a table to sort and to take away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from indicators.catalogue import Indicator
from indicators.decomposition import Decomposition
from indicators.findings import GapEvidence
from ui.measures import View
from ui.payloads.circular_table import DISTRICT
from ui.payloads.pairing_words import (
    gap_words,
    group_names,
    one_sided,
    other,
    side_value,
    signed_interval,
    signed_points,
)
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import month_span, number, state_text, text


def pairing_table(
    view: View,
    evidence: GapEvidence,
    rows: pd.DataFrame,
    changes: Mapping[str, Any],
    parts: Decomposition | None,
    names: Mapping[str, str],
    *,
    demonstration: bool,
    than: str,
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback.

    ``rows`` are the gaps of every township, ``changes`` the rows of ``gap_change`` by place (empty without an earlier
    period), ``parts`` the district's gap taken apart by township, ``names`` the registered names by code.
    """
    lang, indicator, pairing = view.lang, evidence.indicator, evidence.pairing
    groups = group_names(pairing, lang)
    months = month_span(*view.months(indicator), lang)
    shares = {} if parts is None else parts.strata.set_index("place")["level"].to_dict()
    moved = evidence.change.iloc[0].to_dict() if evidence.change is not None else None
    district = Row(
        code=DISTRICT,
        total=True,
        cells={
            "name": Cell(text(f"overview.area_short.{view.township_set}", lang)),
            **_cells(evidence.district.iloc[0].to_dict(), indicator, groups, moved, lang),
            "share": _share_cell(parts.level.value if parts else None, indicator),
        },
    )
    listed = [
        Row(
            code=str(row["place"]),
            cells={
                "name": Cell(place_name(names[str(row["place"])], lang), sort=names[str(row["place"])]),
                **_cells(row, indicator, groups, changes.get(str(row["place"])), lang),
                "share": _share_cell(shares.get(row["place"]), indicator),
            },
        )
        for row in rows.to_dict("records")
    ]
    columns = _columns(indicator, groups, has_change=bool(changes), has_parts=parts is not None, lang=lang)
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    comparison = text("pairings.table.comparison", lang, **groups)
    behind_first = "asc" if not evidence.district.iloc[0]["difference"] > 0 else "desc"
    return {
        "columns": columns,
        "rows": [_only(row, columns) for row in (district, *listed)],
        "caption": text("pairings.table.caption", lang, months=months, indicator=indicator.name[lang], **groups),
        "comparison": comparison,
        "footnotes": [comparison, *([text("pairings.table.change_note", lang, than=than)] if changes else [])],
        "max_height": None,
        "sort": ("difference", behind_first),
        "download": Download(
            file_name=text(
                "pairings.table.file_name", lang, mark=mark + ("_" if mark else ""), pairing=pairing.code,
                indicator=indicator.code, first=view.first, last=view.last,
            ),
            mark=mark,
            notes=(comparison, text("overview.details.version_value", lang, number=view.version)),
        ),
    }  # fmt: skip


def _columns(
    indicator: Indicator, groups: Mapping[str, str], *, has_change: bool, has_parts: bool, lang: str
) -> list[Column]:
    def label(name: str, **facts: str) -> str:
        return text(f"pairings.columns.{name}", lang, **facts)

    unit = text("pairings.table.points_unit", lang) if indicator.kind == "proportion" else indicator.unit[lang]
    columns = [
        Column("index", label("index"), kind="index"),
        Column("name", label("name"), kind="name"),
        Column("a", groups["a"], hint=indicator.description[lang]),
        Column("b", groups["b"], hint=indicator.description[lang]),
        Column("difference", label("difference"), hint=label("difference_hint", unit=unit, **groups)),
        Column("interval", label("interval"), kind="text"),
        Column("behind", label("behind"), kind="text"),
    ]
    if has_change:
        columns.append(Column("change", label("change"), hint=label("change_hint"), wide_only=True))
    if has_parts:
        columns.append(Column("share", label("share"), hint=label("share_hint"), wide_only=True))
    columns += [Column(f"{side}_n", label("n", group=groups[side]), wide_only=True) for side in "ab"]
    return columns


def _only(row: Row, columns: list[Column]) -> Row:
    """The row without cells of columns that this table does not have."""
    codes = {column.code for column in columns}
    return replace(row, cells={code: cell for code, cell in row.cells.items() if code in codes})


def _cells(
    row: Mapping[str, Any], indicator: Indicator, groups: Mapping[str, str], moved: Mapping[str, Any] | None, lang: str
) -> dict[str, Cell]:
    known = row["ahead"] is not None and not pd.isna(row["difference"])
    fewest = min(row["a_n"], row["b_n"]) if known else 0
    said = gap_words(row, indicator, groups, lang)
    if known:
        behind = groups[other(row["ahead"])] if row["ahead"] in ("a", "b") else text("pairings.table.nobody", lang)
    elif one_sided(row):
        behind = text("pairings.map.only_one", lang)
    else:
        behind = state_text("too_few" if row["state"] == "value" else str(row["state"]), lang)
    return {
        "a": _side_cell(row, "a", indicator),
        "b": _side_cell(row, "b", indicator),
        "difference": Cell(signed_points(row["difference"], indicator, n=fewest), sort=float(row["difference"]),
                           title=said)
        if known else Cell("", title=said),
        "interval": Cell(signed_interval(row["low"], row["high"], indicator, lang, n=fewest)) if known else Cell(""),
        "behind": Cell(behind, sort=behind, title=said),
        "change": _change_cell(moved, indicator, lang),
        "a_n": _count_cell(row["a_n"]),
        "b_n": _count_cell(row["b_n"]),
    }  # fmt: skip


def _side_cell(row: Mapping[str, Any], side: str, indicator: Indicator) -> Cell:
    if pd.isna(row[f"{side}_value"]) or pd.isna(row[f"{side}_n"]) or not row[f"{side}_n"]:
        return Cell("")
    counts = f"{number(row[f'{side}_x'])}/{number(row[f'{side}_n'])}"
    return Cell(side_value(row, side, indicator), sort=float(row[f"{side}_value"]), title=counts)


def _change_cell(moved: Mapping[str, Any] | None, indicator: Indicator, lang: str) -> Cell:
    if moved is None or moved["change"] is None or pd.isna(moved["difference"]):
        return Cell("", title=text("pairings.change.unknown", lang))
    return Cell(
        signed_points(moved["difference"], indicator, n=0),
        sort=float(moved["difference"]),
        note=text(f"pairings.change.mark_{moved['change']}", lang),
    )


def _share_cell(share: float | None, indicator: Indicator) -> Cell:
    if share is None or pd.isna(share):
        return Cell("")
    return Cell(signed_points(share, indicator, n=0), sort=float(share))


def _count_cell(count: float | None) -> Cell:
    return Cell("") if count is None or pd.isna(count) else Cell(number(count), sort=float(count))
