"""Tables of the upload page as HTML: what was read, what is wrong, what would change. Every text is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from data_access.ingestion.file_look import field_heading
from data_access.ingestion.source_form import source_form
from indicators.catalogue import Catalogue
from ui.texts import MINUS, month_span, number, points, text, value_text
from ui.upload.words import reason_text

MOST_COLUMNS: Final = 40
FEW_ROWS: Final = 12
"""Up to this many rows stand in one table in the order of the file; more are grouped by what is wrong."""
_OPEN_GROUPS: Final = 3


def preview_html(table: dict[str, Any], *, source: str, lang: str) -> str:
    """The first rows of one table below two headings: the column of this system, and the file's own."""
    form = source_form(source)
    fields = {position: field for field, position in table["columns"].items()}
    unknown = {int(position): heading for position, heading in table["unknown"].items()}
    positions = sorted([*fields, *unknown])[:MOST_COLUMNS]
    head = []
    for position in positions:
        field = fields.get(position)
        ours = field_heading(form, field) if field else text("upload.look.unused", lang)
        theirs = table["headings"].get(field, "") if field else unknown[position]
        kind = "" if field else ' class="unused"'
        head.append(f"<th scope=col{kind}><b>{escape(ours)}</b><small>{escape(theirs)}</small></th>")
    rows = []
    for row in table["preview"]:
        cells = [row[position] if position < len(row) else "" for position in positions]
        marked = ["" if position in fields else ' class="unused"' for position in positions]
        shown = (f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(marked, cells, strict=True))
        rows.append(f"<tr>{''.join(shown)}</tr>")
    return (
        f'<div class="gb-preview" tabindex="0"><table><thead><tr>{"".join(head)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def counts_html(result: dict[str, Any], lang: str) -> str:
    """What a check or a load counted, as one row of large figures."""
    names = ["read", "new", "changed", "unchanged"]
    names += ["late"] if result["rows_late"] else []
    names += ["rejected"] if result["rows_rejected"] else []
    parts = []
    for name in names:
        figure = number(result[f"rows_{name}"])
        kind = " wrong" if name == "rejected" else ""
        parts.append(f'<div class="{name}{kind}"><dt>{escape(text(f"upload.check.{name}", lang))}</dt>'
                     f"<dd>{figure}</dd></div>")  # fmt: skip
    note = ""
    if result["totals_skipped"]:
        note = f"<p>{escape(text('upload.check.totals', lang, count=number(result['totals_skipped'])))}</p>"
    return f'<dl class="gb-counts">{"".join(parts)}</dl>{note}'


def problems_html(groups: Sequence[dict[str, Any]], lang: str) -> str:
    """Rows that cannot be taken, by reason: where each stands, what it says, what would be right."""
    sheets = len({row["sheet"] for group in groups for row in group["rows"]}) > 1
    if sum(group["count"] for group in groups) <= FEW_ROWS:
        rows = [{**row, "column": group["column"]} for group in groups for row in group["rows"]]
        rows.sort(key=lambda row: (row["sheet"], row["row"]))
        return f'<div class="gb-problems">{_rows_html(rows, lang, sheets=sheets, columns=True)}</div>'
    parts = []
    for place, group in enumerate(groups):
        opened = " open" if place < _OPEN_GROUPS else ""
        count = text("upload.check.times", lang, count=number(group["count"]))
        parts.append(
            f"<details{opened}><summary><b>{escape(reason_text(group, lang))}</b><span>{count}</span></summary>"
            f"<div class=rows>{_rows_html(group['rows'], lang, sheets=sheets)}</div>{_more_html(group, lang)}</details>"
        )
    return f'<div class="gb-problems">{"".join(parts)}</div>'


def _rows_html(found_rows: Sequence[dict[str, Any]], lang: str, *, sheets: bool, columns: bool = False) -> str:
    names = ["row", *(["sheet"] if sheets else []), *(["column"] if columns else []), "found", "why"]
    head = "".join(f"<th scope=col class={name}>{escape(text(f'upload.check.{name}', lang))}</th>" for name in names)
    rows = []
    for row in found_rows:
        found = escape(row["found"]) or f"<i>{escape(text('upload.check.empty_cell', lang))}</i>"
        sheet = f"<td>{escape(row['sheet'])}</td>" if sheets else ""
        column = f"<td>{escape(row['column'])}</td>" if columns else ""
        why = escape(row["en" if lang == "en" else "zh"])
        place = f"<td class=row>{row['row']}</td>{sheet}{column}"
        rows.append(f"<tr>{place}<td class=found>{found}</td><td>{why}</td></tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _more_html(group: dict[str, Any], lang: str) -> str:
    rest = group["count"] - len(group["rows"])
    return f"<p>{escape(text('upload.check.more', lang, count=number(rest)))}</p>" if rest > 0 else ""


def flags_html(flags: Sequence[dict[str, Any]], *, count: int, lang: str) -> str:
    """What looks odd but is taken."""
    items = []
    for flag in flags:
        row = f"<b>{escape(text('upload.flags.row', lang, row=flag['row']))}</b> " if flag["row"] else ""
        items.append(f"<li>{row}{escape(flag['en' if lang == 'en' else 'zh'])}</li>")
    rest = count - len(flags)
    more = f"<p>{escape(text('upload.flags.more', lang, count=number(rest)))}</p>" if rest > 0 else ""
    return f'<ul class="gb-flags">{"".join(items)}</ul>{more}'


def headline_html(result: dict[str, Any], *, catalogue: Catalogue, lang: str) -> str:
    """The district's main figures before and after; a sentence when none changes."""
    changes = [one for one in result["headline"] if one["before"] != one["after"]]
    if not changes:
        return f'<p class="gb-quiet">{escape(text("upload.headline.none", lang))}</p>'
    head = "".join(
        f"<th scope=col>{escape(text(f'upload.headline.{name}', lang))}</th>"
        for name in ("indicator", "before", "after", "change")
    )
    rows = []
    for one in changes:
        indicator = catalogue[one["indicator"]]
        name = escape(indicator.name["en" if lang == "en" else "zh"])
        cells = (_pair(one["before"], indicator, lang), _pair(one["after"], indicator, lang),
                 f"<b>{escape(_difference(one, indicator, lang))}</b>")  # fmt: skip
        rows.append(f"<tr><th scope=row>{name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f'<table class="gb-headline"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def headline_note(result: dict[str, Any], lang: str) -> str:
    """Which place and months the main figures are of."""
    if not result["first_month"]:
        return ""
    return text("upload.headline.note", lang, months=month_span(result["first_month"], result["last_month"], lang))


def _pair(pair: Sequence[float] | None, indicator: Any, lang: str) -> str:
    if pair is None or not pair[1]:
        return escape(text("upload.headline.missing", lang))
    value = value_text(kind=indicator.kind, x=pair[0], n=pair[1], value=_value(pair, indicator),
                       unit=indicator.unit["en" if lang == "en" else "zh"])  # fmt: skip
    return f"{escape(value)}<small>{number(pair[0])} / {number(pair[1])}</small>"


def _value(pair: Sequence[float], indicator: Any) -> float:
    return pair[0] / pair[1] * (indicator.per or 1)


def _difference(one: dict[str, Any], indicator: Any, lang: str) -> str:
    before, after = one["before"], one["after"]
    if not before or not before[1]:
        return text("upload.headline.appears", lang)
    if not after or not after[1]:
        return text("upload.headline.missing", lang)
    difference = _value(after, indicator) - _value(before, indicator)
    if indicator.kind == "proportion":
        return points(difference, lang, n=min(before[1], after[1]))
    sign = "+" if difference > 0 else MINUS if difference < 0 else ""
    return f"{sign}{number(abs(difference), decimals=1)}"
