"""The month axis: months as evenly spaced numbers, labels from the caller, provisional months shaded."""

from collections.abc import Mapping, Sequence
from typing import Any

from ui.charts.canvas import Words, note, text_width, value_axis
from ui.charts.tone import Tone

# Labels are spaced for a plot this wide, in pixels; on a wider one they only stand farther apart.
ASSUMED_WIDTH, ROOM = 640, 14
STEPS = (1, 2, 3, 4, 6, 12, 24, 60)


def month_index(month: int) -> int:
    """Months counted from year 0, so that neighbours differ by one: 202012 and 202101 do."""
    return month // 100 * 12 + month % 100 - 1


def month_axis(months: Sequence[int], *, labels: Mapping[int, str], tone: Tone) -> dict[str, Any]:
    """An x axis over ``months`` (YYYYMM, ascending), with as many labels as fit; every January before other months."""
    widest = max((text_width(labels[month]) for month in months), default=0.0) + ROOM
    step = next((step for step in STEPS if len(months) / step * widest <= ASSUMED_WIDTH), STEPS[-1])
    has_january = any(month % 100 == 1 for month in months)
    anchor = 0 if has_january or not months else month_index(months[-1])
    shown = [month for month in months if (month_index(month) - anchor) % step == 0]
    first, last = (month_index(months[0]), month_index(months[-1])) if months else (0, 0)
    return value_axis(
        tone=tone,
        showgrid=False,
        showline=True,
        linecolor=tone.rule,
        linewidth=1,
        range=[first - 0.5, last + 0.5],
        tickmode="array",
        tickvals=[month_index(month) for month in shown],
        ticktext=[labels[month] for month in shown],
        ticks="outside",
        ticklen=4,
        tickcolor=tone.rule,
    )


def runs(months: Sequence[int]) -> list[list[int]]:
    """Positions of the stretches of consecutive months: a month that is not among them breaks a line."""
    stretches: list[list[int]] = []
    for position, month in enumerate(months):
        if stretches and month_index(months[stretches[-1][-1]]) == month_index(month) - 1:
            stretches[-1].append(position)
        else:
            stretches.append([position])
    return stretches


def provisional_marks(
    months: Sequence[int], *, provisional_from: int | None, words: Words, tone: Tone
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Shapes and notes of the pale band over the months whose cases are not all due yet."""
    late = [month for month in months if provisional_from is not None and month >= provisional_from]
    if not late:
        return [], []
    start, end = month_index(late[0]) - 0.5, month_index(late[-1]) + 0.5
    band = {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "x0": start,
        "x1": end,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "fillcolor": tone.band,
        "line": {"width": 0},
    }
    label = note(
        words["provisional"], tone=tone, x=(start + end) / 2, xref="x", y=1, yanchor="bottom", xanchor="center"
    )
    return [band], [label]
