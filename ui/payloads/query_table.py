"""The answer as a table: one row a place, a month or a group, ready to sort; and the same with small counts hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from indicators.catalogue import Indicator
from ui.measures import View
from ui.payloads.circular_table import DISTRICT, interval_cell, rate_cell
from ui.payloads.cluster_words import p_words
from ui.payloads.pairing_words import group_names, other, signed_points
from ui.payloads.query_choices import Query
from ui.payloads.query_figures import CLEAR, Compared
from ui.payloads.query_hidden import Keys
from ui.payloads.query_words import missing_words, months_words, place_words, question_words, signed_words
from ui.place_names import place_name
from ui.place_table import Cell, Column, Row
from ui.texts import month_text, number, state_text, text
from ui.wording import evidence_text, figure_text, has_figure

Hidden = Mapping[str, Keys]
"""Side ("a", "b" or "") to the rows that are hidden."""
_GROWS: Final = 32


def answer_table(view: View, query: Query, found: Compared, *, hidden: Hidden | None = None) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection, download and callback; ``hidden`` for files only."""
    lang = view.lang
    listed = [] if query.by == "district" and not found.pairing else found.rows.to_dict("records")
    total = found.total.iloc[0].to_dict()
    build = _gap_cells if found.pairing else _rate_cells
    rows = [Row(code=DISTRICT, total=True, cells={"name": Cell(place_words(view, query)),
                                                  **build(total, found, lang, frozenset())})]  # fmt: skip
    if query.by != "district":
        for row in listed:
            code = str(row["month"] if query.by == "month" else row["place"])
            kept = frozenset(side for side, keys in (hidden or {}).items() if (code,) in keys)
            rows.append(Row(code=code, cells={"name": _name(code, row, found, view), **build(row, found, lang, kept)}))
    columns = _gap_columns(found, query, lang) if found.pairing else _rate_columns(found, query, lang)
    drawn = {column.code for column in columns}
    kept_rows = [
        Row(code=one.code, total=one.total, cells={code: cell for code, cell in one.cells.items() if code in drawn})
        for one in rows
    ]
    notes = [found.indicator.description[lang], found.indicator.caveats[lang]]
    if hidden and any(hidden.values()):
        notes.append(text("query.table.hidden", lang))
    comparison = _comparison(found, query, view)
    return {
        "columns": columns,
        "rows": kept_rows,
        "caption": question_words(view, query, found),
        "comparison": comparison,
        "footnotes": [*([text("query.table.stands_note", lang)] if found.pairing else []), *notes],
        "max_height": table_height(len(kept_rows)),
    }


def name_heading(query: Query, lang: str) -> str:
    """The heading of the first column: unit, village or month."""
    return text(f"query.columns.name_{query.by}", lang)


def table_height(rows: int) -> int | None:
    """Pixels after which a table scrolls in itself; a township's worth of rows is shown whole."""
    return None if rows <= _GROWS else 760


def hidden_cell(lang: str) -> Cell:
    """A figure that is not shown in files."""
    return Cell(text("query.table.hidden_mark", lang), title=state_text("hidden", lang))


def count_cell(count: Any) -> Cell:
    """A count, or a missing one."""
    return Cell("") if count is None or pd.isna(count) else Cell(number(count), sort=float(count))


def value_axis(rows: pd.DataFrame, indicator: Indicator) -> tuple[float, float]:
    """The ends of the axis of an interval column."""
    bounds = pd.concat([rows[name] for name in ("low", "high", "value")]).dropna()
    low, high = (float(bounds.min()), float(bounds.max())) if len(bounds) else (0.0, 1.0)
    pad = max((high - low) * 0.05, 1e-6)
    return max(low - pad, 0.0), min(high + pad, 1.0) if indicator.counts_share else high + pad


def _name(code: str, row: Mapping[str, Any], found: Compared, view: View) -> Cell:
    if code in found.names:
        name = found.names[code]
        return Cell(place_name(name, view.lang), sort=name)
    mark = text("query.table.provisional", view.lang) if view.is_provisional(int(code)) and (
        found.indicator.source == "issues"
    ) else ""  # fmt: skip
    return Cell(month_text(int(code), view.lang), sort=float(code), note=mark)


def _comparison(found: Compared, query: Query, view: View) -> str:
    if found.pairing:
        return text("pairings.table.comparison", view.lang, **group_names(found.pairing, view.lang))
    if query.by in ("township", "village"):
        return text(f"query.table.rest_{query.by}", view.lang, where=place_words(view, query))
    return months_words(view, found.indicator)


def _gap_columns(found: Compared, query: Query, lang: str) -> list[Column]:
    def label(name: str, **facts: str) -> str:
        return text(f"query.columns.{name}", lang, **facts)

    assert found.pairing is not None
    names, indicator = group_names(found.pairing, lang), found.indicator
    unit = text("pairings.table.points_unit", lang) if indicator.counts_share else indicator.unit[lang]
    hint = indicator.description[lang]
    return [
        Column("name", name_heading(query, lang), kind="name"),
        Column(indicator.code, names["a"], hint=label("side_hint", indicator=indicator.name[lang], text=hint)),
        Column("b", names["b"], hint=label("side_hint", indicator=indicator.name[lang], text=hint)),
        Column("difference", label("difference"), hint=label("difference_hint", unit=unit, **names)),
        Column("interval", label("interval"), kind="text", hint=label("interval_hint")),
        Column("behind", label("behind"), kind="text", hint=label("behind_hint")),
        Column("p", label("p"), hint=label("p_hint"), wide_only=True),
        Column("stands", label("stands"), kind="text", hint=label("stands_hint"), wide_only=True),
        *(Column(f"{side}_n", label("n", group=names[side]), hint=indicator.denominator_text[lang], wide_only=True)
          for side in "ab"),
    ]  # fmt: skip


def _gap_cells(row: Mapping[str, Any], found: Compared, lang: str, hidden: frozenset[str]) -> dict[str, Cell]:
    assert found.pairing is not None
    names, indicator = group_names(found.pairing, lang), found.indicator
    cells = {indicator.code: _side(row, "a", indicator, lang), "b": _side(row, "b", indicator, lang),
             "a_n": count_cell(row["a_n"]), "b_n": count_cell(row["b_n"])}  # fmt: skip
    for side in hidden:
        cells |= {indicator.code if side == "a" else "b": hidden_cell(lang), f"{side}_n": hidden_cell(lang)}
    if hidden:
        return cells | {name: hidden_cell(lang) for name in ("difference", "interval", "behind", "p", "stands")}
    if row["ahead"] is None or pd.isna(row["difference"]):
        reason = missing_words(row, lang)
        return cells | {"difference": Cell("", title=reason), "behind": Cell(reason, sort=reason)}
    fewest = min(row["a_n"], row["b_n"])
    size = signed_points(row["difference"], indicator, n=fewest)
    interval = signed_words(row, indicator, lang)
    clear = row["ahead"] in CLEAR
    behind = names[other(row["ahead"])] if clear else text("pairings.table.nobody", lang)
    cells |= {
        "difference": Cell(size, sort=float(row["difference"]), title=f"{size}（{interval}） · {behind}"
                           if lang == "zh" else f"{size} ({interval}) · {behind}"),
        "interval": Cell(interval),
        "behind": Cell(behind, sort=behind),
    }  # fmt: skip
    if not pd.isna(row["p"]):
        cells["p"] = Cell(p_words(row["p"]), sort=float(row["p"]))
        if "stands" in row:
            word = text(f"query.table.{'stands' if row['stands'] else 'falls'}", lang)
            cells["stands"] = Cell(word, sort=word)
    return cells


def _side(row: Mapping[str, Any], side: str, indicator: Indicator, lang: str) -> Cell:
    few = not pd.isna(row[f"{side}_n"]) and 0 < row[f"{side}_n"] < indicator.hide_below
    one = {
        "x": row[f"{side}_x"], "n": row[f"{side}_n"], "value": row[f"{side}_value"],
        "state": "no_data" if pd.isna(row[f"{side}_value"]) else "too_few" if few else "value",
        "low": float("nan"), "high": float("nan"),
    }  # fmt: skip
    if not has_figure(one):
        return Cell("", title=state_text(str(one["state"]), lang))
    title = evidence_text(one, indicator, lang)
    return Cell(figure_text(one, indicator, lang), sort=float(one["value"]), title=title)


def _rate_columns(found: Compared, query: Query, lang: str) -> list[Column]:
    def label(name: str) -> str:
        return text(f"query.columns.{name}", lang)

    indicator, total = found.indicator, found.total.iloc[0]
    low, high = value_axis(pd.concat([found.rows, found.total], ignore_index=True), indicator)
    printed = None if indicator.counts_share else (number(low, decimals=1), number(high, decimals=1))
    columns = [
        Column("name", name_heading(query, lang), kind="name"),
        Column(indicator.code, indicator.name[lang], kind="rate", hint=indicator.description[lang]),
        Column("interval", label("interval"), kind="interval", axis_low=low, axis_high=high, axis_text=printed,
               reference=float(total["value"]) if has_figure(total) else None,
               target=indicator.target if indicator.target and low <= indicator.target <= high else None,
               hint=label("interval_hint")),
        Column("x", label("x"), hint=indicator.numerator_text[lang], wide_only=True),
        Column("n", label("cases"), hint=indicator.denominator_text[lang]),
    ]  # fmt: skip
    if "rest_value" in found.rows:
        columns.append(Column("difference", label("from_rest"), hint=label("from_rest_hint")))
    return columns


def _rate_cells(row: Mapping[str, Any], found: Compared, lang: str, hidden: frozenset[str]) -> dict[str, Cell]:
    indicator = found.indicator
    if hidden:
        return {name: hidden_cell(lang) for name in (indicator.code, "interval", "x", "n", "difference")}
    judged = "verdict" in row
    value = rate_cell(row, indicator, lang) if judged else Cell(
        figure_text(row, indicator, lang), sort=float(row["value"]) if has_figure(row) else None,
        title=evidence_text(row, indicator, lang),
    )  # fmt: skip
    cells = {indicator.code: value, "interval": interval_cell(row, indicator, lang), "x": count_cell(row["x"]),
             "n": count_cell(row["n"])}  # fmt: skip
    if judged and not pd.isna(row["difference"]):
        size = signed_points(row["difference"], indicator, n=row["n"])
        cells["difference"] = Cell(size, sort=float(row["difference"]), title=value.title)
    return cells
