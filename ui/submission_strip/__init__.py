"""The submission strip: one row a township (or office), one mark a month: all came, some late, some never.

A filled dot says that everything came by its day, a ring that something came late, a cross that something never came;
the number beside ring or cross is how many. Under the pointer the late and missing reports are named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streamlit.components.v2.bidi_component import ComponentResult

from ui import component_base as base
from ui.texts import text

__all__ = ["Month", "Row", "Slip", "mount", "payload"]

LABELS: Final = (
    "some_late", "not_due", "tip_due", "tip_late", "tip_missing", "tip_not_due", "tip_days",
    "tip_more", "tip_never", "no_rows",
)  # fmt: skip
_LEFT_OPEN: Final = {"count": "{count}", "days": "{days}"}  # the browser fills these in
SHOWN_SLIPS: Final = 8
"""How many late or missing reports the pointer names."""

_mount = base.register("submission_strip", folder=Path(__file__).parent)


@dataclass(frozen=True)
class Slip:
    """One report that was late (``days`` after its day) or missing (``days`` None): ``name`` as the reader sees it."""

    name: str
    days: int | None


@dataclass(frozen=True)
class Month:
    """One month of one row: how many reports were expected, late, missing and not due yet, and which went wrong."""

    expected: int
    late: int = 0
    missing: int = 0
    not_due: int = 0
    slips: Sequence[Slip] = ()

    def __post_init__(self) -> None:
        parts = (self.late, self.missing, self.not_due)
        if min(parts) < 0 or sum(parts) > self.expected:
            raise ValueError(f"{parts} of {self.expected} reports: more went wrong than was expected.")


@dataclass(frozen=True)
class Row:
    """One unit. ``months`` stand in the order of the payload's months; None where nothing was expected.

    ``figure`` is printed at the end of the row (the share on time), ``verdict`` its mark against the other rows,
    ``note`` small beside it, ``title`` shown on hover of the figure; ``group`` prints a heading above the first row
    that bears it.
    """

    code: str
    name: str
    months: Sequence[Month | None]
    figure: str = ""
    note: str = ""
    title: str = ""
    verdict: str | None = None
    pickable: bool = True

    def __post_init__(self) -> None:
        base.require_text(code=self.code, name=self.name)
        base.require_choice("verdict", value=self.verdict, allowed=(None, *base.VERDICTS))


def payload(
    *,
    rows: Sequence[Row],
    months: Sequence[tuple[str, str, str]],
    heading: str,
    figure_heading: str,
    caption: str,
    lang: str,
    timed: bool = True,
    selected: str | None = None,
) -> dict[str, Any]:
    """What the browser gets.

    months          (long name, short name, year) of each column, in order
    heading         what the rows are ("镇街", "部门")
    figure_heading  what stands at the end of the rows
    caption         the strip in one sentence, for screen readers
    timed           whether reports have a day; False speaks of having come or not only
    selected        code of the row that is lit
    Raises ValueError for doubled codes or rows with another number of months.
    """
    base.require_unique([row.code for row in rows], what="Rows")
    wrong = [row.code for row in rows if len(row.months) != len(months)]
    if wrong:
        raise ValueError(f"Rows with another number of months than {len(months)}: {', '.join(wrong)}.")
    names: dict[str, int] = {}
    shown = {row.verdict for row in rows if row.verdict}
    labels = {name: text(f"data_quality.strip.{name}", lang, **_LEFT_OPEN) for name in LABELS}
    kind = "timed" if timed else "came"
    labels |= {name: text(f"data_quality.strip.{kind}.{name}", lang) for name in ("all_came", "some_missing")}
    return {
        "rows": [_row(row, names) for row in rows],
        "months": [list(month) for month in months],
        "names": list(names),
        "heading": heading,
        "figure_heading": figure_heading,
        "caption": caption,
        "selected": selected,
        "labels": labels,
        "timed": timed,
        "verdicts": base.labels("verdicts", names=[key for key in base.VERDICTS if key in shown], lang=lang),
        "colours": base.colours(),
        "lang": lang,
    }


def mount(data: bytes, *, key: str, on_pick: Callable[[], None] | None = None) -> ComponentResult:
    """Show a strip whose ``payload`` was packed; a pick puts the row's code in ``st.session_state[key].pick``."""
    return _mount(key=key, data=data, height="content", **base.triggers(pick=on_pick))


def _row(row: Row, names: dict[str, int]) -> dict[str, Any]:
    """A row as plain JSON values; reports are named by their place in ``names``, which grows."""
    return {
        "code": row.code,
        "name": row.name,
        "figure": row.figure,
        "note": row.note,
        "title": row.title,
        "verdict": row.verdict,
        "pickable": row.pickable,
        "months": [None if month is None else _month(month, names) for month in row.months],
    }


def _month(month: Month, names: dict[str, int]) -> list[Any]:
    slips = [[names.setdefault(slip.name, len(names)), slip.days] for slip in month.slips[:SHOWN_SLIPS]]
    return [month.expected, month.late, month.missing, month.not_due, slips]
