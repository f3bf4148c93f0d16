"""What the page components send to the browser: right or refused, strict JSON, every word present in both languages."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import component_base, findings_list, gap_strips, place_table, scoreboard
from ui.findings_list import FindingText
from ui.gap_strips import Side, Strip, axis_ticks
from ui.place_table import Cell, Column, Download, Row
from ui.scoreboard import Point, Tile

ANY_NUMBER = st.one_of(st.none(), st.floats(), st.integers(-5, 5))


def strict(data: Any) -> Any:
    """``data`` through JSON as a browser reads it: NaN and infinity are refused."""
    return json.loads(json.dumps(data, allow_nan=False))


def tile(**changes: Any) -> Tile:
    return Tile(**{"code": "r", "name": "解决率", "value_text": "97.9%", "alt": "解决率 97.9%", **changes})


def strip(**changes: Any) -> Strip:
    plain = {
        "code": "urban_rural",
        "name": "城乡落差",
        "sentence": "农村领先",
        "a": Side("城市", 0.919, 0.916, 0.922, "91.9%", "n=10"),
        "b": Side("农村", 0.951, 0.948, 0.953, "95.1%", "n=12"),
        "behind": "a",
        "alt": "城乡落差",
    }
    return Strip(**{**plain, **changes})


@given(values=st.lists(ANY_NUMBER, min_size=1, max_size=6), target=ANY_NUMBER)
def test_no_number_that_json_cannot_hold_reaches_the_scoreboard(
    values: list[float | None], target: float | None
) -> None:
    points = [Point(f"{month}月", value) for month, value in enumerate(values, 1)]
    data = strict(scoreboard.payload(tiles=[tile(points=points, target=target)], lang="zh"))
    sent = [point[1] for point in data["tiles"][0]["points"]]
    assert [value is None for value in sent] == [value is None or not math.isfinite(value) for value in values]


@given(value=ANY_NUMBER, sort=ANY_NUMBER)
def test_no_number_that_json_cannot_hold_reaches_the_table(value: float | None, sort: float | None) -> None:
    columns = [Column("name", "单位", "name"), Column("iv", "区间", "interval", axis_low=0.9, axis_high=1.0)]
    rows = [Row("330212110", {"iv": Cell("x", sort, value=value, low=value, high=value)})]
    cell = strict(place_table.payload(columns=columns, rows=rows, lang="en"))["rows"][0]["cells"]["iv"]
    assert ("sort" in cell) == (sort is not None and math.isfinite(sort))


def test_zero_is_sent_as_zero_and_not_as_missing() -> None:
    point = strict(scoreboard.payload(tiles=[tile(points=[Point("1月", 0, 0, 0)])], lang="zh"))["tiles"][0]["points"][0]
    assert point[1:4] == [0, 0, 0]
    assert Cell("0", 0, value=0.0).to_dict() == {"text": "0", "sort": 0, "value": 0}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_word_that_a_component_prints_exists_in_both_languages(lang: str) -> None:
    every = {key: Cell("1", 1, key) for key in component_base.VERDICTS}
    columns = [Column(key, key) for key in every]
    payloads = [
        scoreboard.payload(tiles=[tile()], lang=lang),
        gap_strips.payload(strips=[strip()], lang=lang),
        findings_list.payload(findings=[], lang=lang),
        place_table.payload(columns=columns, rows=[Row("1", every)], lang=lang),
    ]
    words = [word for data in payloads for word in (*data["labels"].values(), *data.get("verdicts", {}).values())]
    assert len(words) > 40
    assert all(word.strip() for word in words)


def test_the_legend_names_only_verdicts_that_the_table_shows() -> None:
    rows = [Row("1", {"a": Cell("97%", 0.97, "worse")}), Row("2", {"a": Cell("98%", 0.98, "similar")})]
    data = place_table.payload(columns=[Column("a", "满意率", "rate")], rows=rows, lang="zh")
    assert list(data["verdicts"]) == ["similar", "worse"]


@pytest.mark.parametrize(
    "changes",
    [
        {"code": " "},
        {"alt": ""},
        {"state": "fine"},
        {"target_state": "met", "target_text": ""},
        {"change_state": "better"},
        {"scale": "permille"},
        {"points": [("1月", 0.9, 0.95, 0.85, False)]},
    ],
)
def test_a_tile_that_cannot_be_right_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        tile(**changes)


@pytest.mark.parametrize("behind", ["a", "b", "none"])
def test_a_strip_says_nothing_about_who_is_behind_when_a_group_is_missing(behind: str) -> None:
    with pytest.raises(ValueError, match="农村"):
        strip(b=Side("农村", float("nan")), behind=behind)
    assert strip(b=Side("农村", float("nan")), behind=None).to_dict()["b"]["value"] is None


def test_a_side_with_a_value_needs_the_text_that_prints_it() -> None:
    with pytest.raises(ValueError, match="value_text"):
        Side("农村", 0.5)


@given(levels=st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_the_axis_of_the_gaps_covers_every_level_with_few_round_ticks(levels: list[float]) -> None:
    ticks = axis_ticks(levels)
    assert ticks == sorted(set(ticks))
    assert 2 <= len(ticks) <= 8
    assert ticks[0] <= min(levels) + 1e-9
    assert ticks[-1] >= max(levels) - 1e-9
    assert ticks[0] >= 0
    assert ticks[-1] <= 1


def test_the_axis_of_gaps_without_any_value_is_the_whole_range() -> None:
    assert axis_ticks([None, float("nan")]) == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_the_axis_of_the_gaps_is_common_and_labelled_in_percent() -> None:
    assert gap_strips.payload(strips=[strip()], lang="zh")["ticks"] == [
        [0.91, "91%"],
        [0.92, "92%"],
        [0.93, "93%"],
        [0.94, "94%"],
        [0.95, "95%"],
        [0.96, "96%"],
    ]


def test_more_than_five_findings_are_refused() -> None:
    findings = [FindingText(f"place:{number}", "一句话") for number in range(6)]
    assert len(findings_list.payload(findings=findings[:5], lang="zh")["findings"]) == 5
    with pytest.raises(ValueError, match="6 findings"):
        findings_list.payload(findings=findings, lang="zh")


@pytest.mark.parametrize("name", ["通报.xlsx", "a/b.csv", "a:b.csv", " "])
def test_a_download_needs_a_file_name_that_every_computer_takes(name: str) -> None:
    with pytest.raises(ValueError):
        Download(name)


def test_a_table_refuses_what_it_could_not_show() -> None:
    columns = [Column("name", "单位", "name")]
    with pytest.raises(ValueError, match="solved"):
        place_table.payload(columns=columns, rows=[Row("1", {"solved": Cell("1")})], lang="zh")
    with pytest.raises(ValueError, match="same code"):
        place_table.payload(columns=columns, rows=[Row("1"), Row("1")], lang="zh")
    with pytest.raises(ValueError, match="sort column"):
        place_table.payload(columns=columns, rows=[], lang="zh", sort=("solved", "asc"))
    with pytest.raises(ValueError, match="axis_low"):
        Column("iv", "区间", "interval")
    with pytest.raises(ValueError, match="verdict"):
        Cell("1", 1, "good")


def test_scripts_write_no_markup_from_data_and_ask_no_other_host() -> None:
    for module in (scoreboard, gap_strips, place_table, findings_list):
        script = component_base.read_script(component_base.HERE.parent / module.__name__.rsplit(".", 1)[-1])
        assert script.count("export default") == 1
        for forbidden in ("innerHTML", "insertAdjacentHTML", "outerHTML", "fetch(", "import("):
            assert forbidden not in script
        assert "http" not in script.replace("http://www.w3.org/2000/svg", "")
