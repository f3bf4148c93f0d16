"""Colours can be told from their ground, and every verdict has a colour and a mark."""

import pytest

from ui.charts import palette
from ui.charts.tone import DARK, LIGHT, Tone, tone_named

VERDICTS = {
    *("much_worse", "worse", "similar", "better", "much_better"),
    *("much_lower", "lower", "higher", "much_higher"),
    *("too_few", "hidden", "no_data", "not_applicable"),
}


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tone", [LIGHT, DARK])
def test_marks_and_text_stand_out_from_the_ground(tone: Tone) -> None:
    for colour in (palette.BETTER, palette.WORSE, tone.group_a, tone.group_b):
        assert contrast(colour, tone.ground) >= 3
    for colour in (tone.ink, tone.soft):
        assert contrast(colour, tone.ground) >= 4.5


def test_every_verdict_has_a_colour_and_a_mark() -> None:
    assert set(palette.MARKS) == VERDICTS
    assert set(palette.VERDICT_COLOURS) == VERDICTS


def test_marks_tell_apart_what_colours_alone_would_leave_to_the_eye() -> None:
    assert palette.MARKS["much_better"] != palette.MARKS["much_worse"]
    assert len({palette.MARKS[verdict] for verdict in ("better", "worse", "similar", "too_few", "hidden")}) == 5


def test_an_unknown_theme_is_light() -> None:
    assert tone_named(None) is LIGHT
    assert tone_named("dark") is DARK
