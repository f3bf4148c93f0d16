"""The tables of the data quality page as HTML: freshness, shares, rows set aside, coverage, flags.

Knows no Streamlit: values in, HTML out, and every word escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Cell:
    """One cell. ``kind`` is a class of the style ("figure", "late", "quiet", "wide"); ``share`` (0..1) shades it;
    ``bars`` are monthly counts drawn small, with ``title`` on hover."""

    text: str
    kind: str = ""
    title: str = ""
    share: float | None = None
    bars: Sequence[int] = ()


Row = Sequence[Cell]


def table_html(headings: Sequence[Cell], rows: Iterable[Row | str], *, label: str, kind: str = "") -> str:
    """A table; a row that is a plain text is a heading over the rows below it."""
    head = "".join(f'<th scope="col" class="{escape(one.kind)}">{escape(one.text)}</th>' for one in headings)
    body = "".join(_row_html(row, len(headings)) for row in rows)
    return (
        f'<table class="gb-quality {escape(kind)}"><caption>{escape(label)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row_html(row: Row | str, width: int) -> str:
    if isinstance(row, str):
        return f'<tr class="group"><th scope="rowgroup" colspan="{width}">{escape(row)}</th></tr>'
    return (
        "<tr>" + "".join(_cell_html(cell, tag="th" if index == 0 else "td") for index, cell in enumerate(row)) + "</tr>"
    )


def _cell_html(cell: Cell, *, tag: str) -> str:
    title = f' title="{escape(cell.title)}"' if cell.title else ""
    shade = f' style="--share:{min(cell.share, 1):.4f}"' if cell.share is not None else ""
    kind = f"{cell.kind} shaded" if cell.share is not None else cell.kind
    inside = bars_html(cell.bars, title=cell.title) if cell.bars else escape(cell.text)
    scope = ' scope="row"' if tag == "th" else ""
    return f'<{tag} class="{escape(kind.strip())}"{scope}{title}{shade}>{inside}</{tag}>'


def bars_html(counts: Sequence[int], *, title: str) -> str:
    """Monthly counts as small bars; a month without any is a hairline."""
    highest = max([*counts, 1])
    bars = "".join(
        f'<i class="some" style="height:{max(100 * count / highest, 15):.0f}%"></i>' if count else "<i></i>"
        for count in counts
    )
    return f'<span class="gb-bars" role="img" aria-label="{escape(title)}">{bars}</span>'


def folded_html(summary: str, content: str) -> str:
    """Content that opens under one line."""
    return f'<details class="gb-fold"><summary>{escape(summary)}</summary>{content}</details>'


@dataclass(frozen=True)
class Covered:
    """How many of how many places report something: ``text`` is printed ("23/25"), ``title`` on hover."""

    name: str
    have: int
    of: int
    text: str
    title: str = ""


def coverage_html(groups: Sequence[tuple[str, Sequence[Covered]]], *, label: str) -> str:
    """Bars by domain: full ones quiet, incomplete ones first and marked."""
    parts = []
    for name, members in groups:
        ordered = sorted(members, key=lambda one: (one.have / one.of if one.of else 0, one.name))
        items = "".join(_covered_html(one) for one in ordered)
        parts.append(f"<section><h3>{escape(name)}</h3><ul>{items}</ul></section>")
    return f'<div class="gb-coverage" aria-label="{escape(label)}">{"".join(parts)}</div>'


def _covered_html(one: Covered) -> str:
    share = one.have / one.of if one.of else 0.0
    kind = "full" if one.have >= one.of else "part"
    title = f' title="{escape(one.title)}"' if one.title else ""
    return (
        f'<li class="{kind}"{title}><span class="name">{escape(one.name)}</span>'
        f'<span class="bar"><i style="width:{share:.1%}"></i></span><span class="count">{escape(one.text)}</span></li>'
    )


@dataclass(frozen=True)
class Remark:
    """One sentence about a batch and where it comes from."""

    sentence: str
    origin: str


def remarks_html(remarks: Sequence[Remark], *, label: str) -> str:
    """Sentences with their origin below each."""
    items = "".join(f"<li>{escape(one.sentence)}<small>{escape(one.origin)}</small></li>" for one in remarks)
    return f'<ul class="gb-remarks" aria-label="{escape(label)}">{items}</ul>'
