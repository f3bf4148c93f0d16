"""A trial as a small picture: the rate as a dot on its interval, what it is compared with, and the target, on one axis.

Drawn with boxes placed in per cent, because the page lets no SVG through from text. The picture has a sentence for
those who cannot see it. Knows no Streamlit.
"""

from __future__ import annotations

import math
from html import escape
from typing import Final

from indicators.printed_figures import target_text
from indicators.trial import Trial
from ui.charts import palette
from ui.texts import percent, percent_interval, text

STEPS: Final = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
MOST_STEPS: Final = 6


def picture_html(trial: Trial, *, rest: str, lang: str) -> str:
    """The picture of ``trial``; ``rest`` names what it is compared with."""
    shares = [share for share in (trial.low, trial.high, trial.rest_rate, trial.target) if share is not None]
    start, end, step = axis_of([share for share in shares if math.isfinite(share)])

    def at(share: float) -> float:
        return round((share - start) / (end - start) * 100, 2)

    compared = math.isfinite(trial.rest_rate)
    parts = [_tick(start + index * step, at(start + index * step)) for index in range(round((end - start) / step) + 1)]
    uprights = []
    if compared:
        uprights.append((at(trial.rest_rate), f"{rest} {percent(trial.rest_x, trial.rest_n)}", "rest"))
    if trial.target is not None:
        label = text("methods.box.picture_target", lang, target=target_text(trial.target))
        uprights.append((at(trial.target), label, "target"))
    parts += _uprights(uprights)
    low, high = at(trial.low), at(trial.high)
    colour = palette.VERDICT_COLOURS[trial.verdict]
    parts.append(
        f'<i class="interval" style="left:{low}%;width:{round(high - low, 2)}%"></i>'
        f'<i class="dot" style="left:{at(trial.rate)}%;background-color:{colour}"></i>'
    )
    facts = {"rate": percent(trial.x, trial.n), "interval": percent_interval(trial.low, trial.high, n=trial.n)}
    if compared:
        facts |= {"rest": rest, "rest_rate": percent(trial.rest_x, trial.rest_n)}
    told = text(f"methods.box.{'picture' if compared else 'picture_plain'}", lang, **facts)
    cut = text("methods.box.axis_cut", lang, start=_share(start)) if start > 0 else ""
    return (
        f'<div class="gb-trial-picture" role="img" aria-label="{escape(told)}"><div class="plot">{"".join(parts)}</div>'
        f'<p class="cut">{escape(cut)}</p></div>'
    )


def axis_of(marks: list[float]) -> tuple[float, float, float]:
    """Start, end and step (shares) of an axis around the marks: at most six round steps, within 0 to 1."""
    low, high = min(marks), max(marks)
    for step in STEPS:
        start = max(0, math.floor(round(low / step, 6)))
        end = min(round(1 / step), math.ceil(round(high / step, 6)))
        start, end = (start - (start == end and start > 0)), end + (start == end == 0)
        if end - start <= MOST_STEPS:
            return round(start * step, 6), round(end * step, 6), step
    return 0.0, 1.0, 0.2


def _tick(share: float, place: float) -> str:
    return f'<i class="tick" style="left:{place}%"></i><span class="tick" style="left:{place}%">{_share(share)}</span>'


def _uprights(marks: list[tuple[float, str, str]]) -> list[str]:
    """Lines for one or two rates to compare with: (place in per cent, label, kind).

    A label stands beside the upper end of its line, on the side where there is room. Of two labels on the same side the
    one that would run across the other line stands in the row above it.
    """
    marks = sorted(marks)
    middle = ("before", "after") if len(marks) == 2 else ("before" if marks and marks[0][0] > 50 else "after",)
    sides = ["before" if place > 70 else "after" if place < 30 else middle[index]
             for index, (place, _label, _kind) in enumerate(marks)]  # fmt: skip
    above = len(marks) - 1 if sides and sides[0] == "before" else 0
    drawn = []
    for index, ((place, label, kind), side) in enumerate(zip(marks, sides, strict=True)):
        row = "high" if index == above and len(marks) == 2 else "low"
        drawn.append(
            f'<i class="{kind} {row}" style="left:{place}%"></i>'
            f'<span class="{row} {side}" style="left:{place}%">{escape(label)}</span>'
        )
    return drawn


def _share(share: float) -> str:
    return f"{round(share * 100, 4):g}%"
