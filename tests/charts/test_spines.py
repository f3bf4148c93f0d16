"""The spine: where the marks of an indicator stand on its own scale, and what the figure draws."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ui.charts import palette
from ui.charts.spines import BAR, EDGE, spine_chart, spine_of
from ui.charts.tone import DARK, LIGHT

NAN = math.nan
WORDS = {name: name for name in ("column_value", "column_rest", "column_peer", "column_n", "key_range", "key_half",
                                 "key_peer", "key_centre", "worse_side", "better_side")}  # fmt: skip


def row(**changes: object) -> dict[str, object]:
    """An indicator whose others reach 90 %, from 80 % to 95 %, with this place at 85 %."""
    return {
        "indicator": "resolution_rate", "domain": "Issues", "name": "Resolution rate", "verdict": "worse",
        "state": "value", "lower": False, "value": 0.85, "rest_value": 0.90, "worst": 0.80, "best": 0.95,
        "quartile_low": 0.88, "quartile_high": 0.92, "peer_value": 0.91, "value_text": "85.0%", "rest_text": "90.0%",
        "peer_text": "91.0%", "n_text": "200", "hover": "h",
    } | changes  # fmt: skip


def test_the_farther_end_is_one_step_from_the_middle_and_right_is_better():
    spine = spine_of(row())
    assert spine.worst == pytest.approx(-1) and spine.best == pytest.approx(0.5)
    assert (spine.value, spine.peer) == (pytest.approx(-0.5), pytest.approx(0.1))
    assert (spine.quartile_low, spine.quartile_high) == (pytest.approx(-0.2), pytest.approx(0.2))


def test_where_low_is_good_the_scale_is_turned_round():
    spine = spine_of(row(lower=True, worst=0.95, best=0.80))
    assert (spine.worst, spine.best) == (pytest.approx(-0.5), pytest.approx(1))
    assert (spine.value, spine.peer) == (pytest.approx(0.5), pytest.approx(-0.1))
    assert spine.quartile_low == pytest.approx(-0.2) and spine.quartile_high == pytest.approx(0.2)


def test_changes_below_zero_keep_their_sign():
    spine = spine_of(row(value=-0.03, rest_value=-0.01, worst=-0.05, best=0.01, quartile_low=-0.02,
                         quartile_high=0.0, peer_value=0.0))  # fmt: skip
    assert (spine.worst, spine.best) == (pytest.approx(-1), pytest.approx(0.5))
    assert (spine.value, spine.peer) == (pytest.approx(-0.5), pytest.approx(0.25))


def test_a_figure_left_out_of_the_range_stands_at_the_edge():
    assert spine_of(row(value=0.10)).value == -EDGE
    assert spine_of(row(value=0.10, lower=True, worst=0.95, best=0.80)).value == EDGE


@pytest.mark.parametrize("changes", [{"rest_value": NAN}, {"worst": NAN, "best": NAN}, {"best": None}])
def test_without_others_or_without_a_range_there_is_no_place_on_the_scale(changes: dict[str, object]):
    assert all(math.isnan(position) for position in spine_of(row(**changes)))


def test_where_all_are_equal_everything_stands_in_the_middle():
    equal = {name: 1.0 for name in ("value", "rest_value", "worst", "best", "quartile_low", "quartile_high")}
    spine = spine_of(row(**equal, peer_value=NAN))
    assert spine[:5] == (0, 0, 0, 0, 0) and math.isnan(spine.peer)


def drawn(tone=LIGHT):
    """Three indicators of two domains: worse, without a figure, and too few."""
    rows = pd.DataFrame([
        row(),
        row(indicator="reopen_rate", name="Reopened", verdict="no_data", state="no_data", value=NAN, n_text="—"),
        row(indicator="plans_current", domain="Readiness", name="Plans", verdict="too_few", state="too_few"),
    ])  # fmt: skip
    names = {"worse": "worse (watch)", "better": "better (watch)", "too_few": "too few"}
    return spine_chart(rows, words=WORDS, verdict_names=names, tone=tone)


def test_every_indicator_has_its_row_under_the_heading_of_its_domain():
    figure = drawn()
    ticks = dict(zip(figure.layout.yaxis.ticktext, figure.layout.yaxis.tickvals, strict=True))
    order = sorted(ticks, key=ticks.__getitem__)
    assert [name.replace("&nbsp;", "") for name in order] == [
        "<b>Issues</b>", "Resolution rate", "Reopened", "<b>Readiness</b>", "Plans",
    ]  # fmt: skip


def test_dots_take_the_mark_and_colour_of_their_verdict_and_missing_figures_have_none():
    dots = drawn().data[4]
    assert list(dots.customdata) == ["resolution_rate", "plans_current"]
    assert list(dots.marker.symbol) == ["triangle-down", "circle"]
    assert list(dots.marker.color) == [palette.VERDICT_COLOURS["worse"], LIGHT.ground]
    assert list(dots.y) == [1.0, 4.0]


def test_peers_are_hollow_diamonds_and_bars_run_from_worst_to_best():
    figure = drawn()
    assert figure.data[3].marker.symbol == "diamond-open" and len(figure.data[3].x) == 3
    assert list(figure.data[0].x[:3]) == [pytest.approx(-1), pytest.approx(0.5), None]
    assert [figure.data[at].line.color for at in (0, 1)] == list(BAR["light"])
    assert drawn(DARK).data[0].line.color == BAR["dark"][0]


def test_the_key_names_the_verdicts_that_occur_and_no_others():
    said = " ".join(note.text for note in drawn().layout.annotations)
    assert "worse (watch)" in said and "too few" in said and "better (watch)" not in said
    assert all(name in said for name in WORDS)
