"""What a class looks like, and what the legend says about it."""

import tomllib
from pathlib import Path

import pytest

from ui.charts import palette as colours
from ui.choropleth import PALETTES, legend_entries
from ui.choropleth.legend import text_key
from ui.choropleth.palettes import contrast, ink_on, luminance

LANGUAGES = Path(__file__).resolve().parents[2] / "ui" / "languages"


def words(language: str) -> dict:
    return tomllib.loads((LANGUAGES / language / "choropleth.toml").read_text(encoding="utf-8"))


def look_up(language: str, key: str) -> str:
    found = {"choropleth": words(language)}
    for part in key.split("."):
        found = found[part]
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_class_of_every_palette_has_words(language: str) -> None:
    for name, styles in PALETTES.items():
        for key in styles:
            assert look_up(language, text_key(name, key))


def test_the_verdict_palette_has_exactly_the_verdicts_of_the_charts() -> None:
    neutral = {"much_higher", "higher", "lower", "much_lower"}
    assert set(PALETTES["verdict"]) == set(colours.VERDICT_COLOURS) - neutral
    assert set(PALETTES["neutral"]) - set(PALETTES["verdict"]) == neutral


@pytest.mark.parametrize("name", ["verdict", "neutral", "gap", "clusters", "clusters_neutral"])
def test_colour_never_speaks_alone(name: str) -> None:
    """Two classes of different colour family differ in mark; only strong and weak forms of one meaning share it."""
    for key, style in PALETTES[name].items():
        partner = key.removeprefix("much_")
        same = {other.removeprefix("much_") for other, look in PALETTES[name].items() if look.mark == style.mark}
        assert same == {partner}, key
        assert style.mark or key == "no_data"


def test_names_can_be_read_on_every_fill() -> None:
    for styles in PALETTES.values():
        for key, style in styles.items():
            if style.fill and style.ink:
                assert contrast(style.fill, style.ink) >= 3.5, key


def test_ink_turns_white_on_dark_fills_only() -> None:
    assert ink_on("#1F4E79") == "#FFFFFF"
    assert ink_on("#C6DCEF") == colours.INK
    assert (luminance("#000000"), luminance("#FFFFFF")) == (0, pytest.approx(1))
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)


def test_the_sequence_grows_darker_step_by_step() -> None:
    steps = [PALETTES["sequential"][f"group_{number}"].fill for number in range(1, 6)]
    lightness = [luminance(step) for step in steps if step]
    assert lightness == sorted(lightness, reverse=True)
    assert len(set(lightness)) == 5


def test_the_legend_lists_what_occurs_in_order_with_counts() -> None:
    entries = legend_entries("verdict", {"too_few": 2, "better": 3, "much_worse": 1, "worse": 0}, lambda key: key)
    assert [(entry.key, entry.count) for entry in entries] == [
        ("much_worse", 1), ("similar", 0), ("better", 3), ("too_few", 2),
    ]  # fmt: skip
    assert entries[0].word == "choropleth.legend.verdict.much_worse"
    assert entries[-1].word == "choropleth.legend.silent.too_few"
    assert [entry.mark for entry in entries] == ["▼", "●", "▲", "○"]


def test_a_class_the_palette_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="no class a_behind"):
        legend_entries("verdict", {"a_behind": 1}, lambda key: key)
    with pytest.raises(ValueError, match="write one of verdict, neutral, gap, sequential"):
        legend_entries("rainbow", {}, lambda key: key)
    with pytest.raises(ValueError, match="negative"):
        legend_entries("gap", {"none": -1}, lambda key: key)
