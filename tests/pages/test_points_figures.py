"""Figures of the page of points: title, legend, map, table and file say the same, and a click means a village."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from data_access.engine import create_engine
from data_access.permissions import NotPermitted, Scope
from data_access.positions import count_without_position, read_issue_points, read_site_points
from data_access.releases import current_data_version
from data_access.settings import read_settings
from indicators.last_inspections import CLASSES, inspection_class
from tests.placed_points import layer_of, placed_copy, reading
from ui import selections
from ui.charts import palette
from ui.measures import View, present_layer_number
from ui.payloads.issue_points import by_village, issue_points_page
from ui.payloads.points_ground import points_ground, usable_base_map
from ui.payloads.points_page import MOST_ROWS
from ui.payloads.site_points import KINDS, VERDICTS, site_marks, site_points_page
from ui.texts import number, text

JIANGSHAN, BAIZHANG, DISTRICT = "330212110", "330212008", "330212"
TILES = "http://tiles.example/{z}/{x}/{y}.png?tk=KEY"


@pytest.fixture(scope="module")
def placed(demo_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return placed_copy(demo_sqlite, tmp_path_factory.mktemp("placed"))


@pytest.fixture(scope="module", autouse=True)
def database(placed: Path) -> Iterator[None]:
    """The placed district for all tests of this file, with caches that know nothing of another."""
    with reading(placed):
        yield


@pytest.fixture
def view() -> View:
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(
        root=DISTRICT, villages_of=None, first=202201, last=202212, township_set="all", version=version.number,
        first_month=version.first_month, provisional_from=None, lang="zh", layer=present_layer_number(),
    )  # fmt: skip


@pytest.mark.parametrize("shown", list(KINDS))
@pytest.mark.parametrize("within", [DISTRICT, JIANGSHAN])
def test_title_legend_map_and_table_hold_the_register_with_its_classes(view: View, shown: str, within: str) -> None:
    page = site_points_page(view, within, shown, True)
    found = read_site_points(
        create_engine(), scope=Scope(root=DISTRICT), within=within, kind=KINDS[shown], month=202212
    )
    counts = inspection_class(found, month=202212).value_counts()
    assert len(found) > 20 and counts.get("failed", 0) + counts.get("passed", 0) > 0
    assert number(len(found)) in page.title
    assert number(int(counts.get("failed", 0))) in page.title and number(int(counts.get("never", 0))) in page.title
    assert page.spec is not None
    points = layer_of(json.loads(page.spec.to_json()), "sites")["data"]
    assert isinstance(points, list)
    drawn = pd.Series([point["mark"] for point in points]).value_counts()
    assert drawn.to_dict() == counts.to_dict()
    for name in CLASSES:
        assert f"<strong>{number(int(counts.get(name, 0)))}</strong>" in page.legend
    assert len(page.whole) == len(found) and len(page.table) == len(page.villages) == min(len(found), MOST_ROWS)
    assert {point["c"] for point in points} == set(found["place"])


def test_the_table_begins_with_what_failed_and_the_map_ends_with_it(view: View) -> None:
    page = site_points_page(view, DISTRICT, "estates", True)
    state = page.whole[text("points.columns.state", "zh")]
    marks = [next(name for name in CLASSES if one.startswith(palette.MARKS[VERDICTS[name]])) for one in state]
    assert marks == sorted(marks, key=CLASSES.index) and marks[0] == "failed"
    assert page.spec is not None
    points = layer_of(json.loads(page.spec.to_json()), "sites")["data"]
    assert isinstance(points, list)
    assert points[-1]["mark"] == "failed" and points[0]["mark"] != "failed"


def test_what_has_no_position_is_counted_and_said(view: View) -> None:
    missing = count_without_position(
        create_engine(), scope=Scope(root=DISTRICT), within=DISTRICT, kind=KINDS["firms"], month=202212
    )
    assert missing > 0
    page = site_points_page(view, DISTRICT, "firms", True)
    assert page.left_out == f"另有{number(missing)}处没有坐标，不在图上，也不在下表中。"
    assert page.more == text("points.more", "zh", shown=number(MOST_ROWS), count=number(len(page.whole)))


def test_classes_are_told_by_shape_and_by_colour() -> None:
    marks = site_marks()
    assert len({mark.shape for mark in marks.values()}) == len(marks)
    assert len({mark.fill for mark in marks.values()}) == len(marks)
    assert marks["failed"].fill == palette.WORSE and marks["passed"].fill == palette.BETTER


@pytest.mark.parametrize("shown", ["columns", "heat"])
def test_columns_and_heat_hold_every_issue_with_a_position(view: View, shown: str) -> None:
    issues = read_issue_points(create_engine(), scope=Scope(root=DISTRICT), within=DISTRICT, first=202201, last=202212)
    page = issue_points_page(view, DISTRICT, shown, True)
    assert page.spec is not None
    cells = layer_of(json.loads(page.spec.to_json()), "issues")["data"]
    assert isinstance(cells, list)
    assert sum(cell["count"] for cell in cells) == len(issues)
    assert number(len(issues)) in page.title
    columns = {name: text(f"points.columns.{name}", "zh") for name in ("count", "unsolved", "open", "solved")}
    assert page.whole[columns["count"]].sum() == len(issues)
    parts = page.whole[[columns["unsolved"], columns["open"], columns["solved"]]].sum(axis=1)
    assert parts.tolist() == page.whole[columns["count"]].tolist()
    assert page.whole[columns["unsolved"]].is_monotonic_decreasing


def test_an_issue_nobody_has_answered_is_neither_solved_nor_unsolved() -> None:
    issues = pd.DataFrame({
        "place": ["a", "a", "a", "b"], "solved": pd.Series([None, True, False, None], dtype=object),
    })  # fmt: skip
    rows = by_village(issues).set_index("place")
    assert rows.loc["a"].to_dict() == {"count": 3, "unsolved": 1, "open": 1, "solved": 1}
    assert rows.loc["b"].to_dict() == {"count": 1, "unsolved": 0, "open": 1, "solved": 0}


def test_the_file_is_whole_marked_and_runs_nothing_in_a_spreadsheet(view: View) -> None:
    page = site_points_page(view, JIANGSHAN, "firms", True)
    lines = page.csv().decode("utf-8-sig").splitlines()
    assert lines[0] == text("frame.demonstration.band", "zh") and page.file_name.startswith(lines[0])
    assert lines[1].split(",") == list(page.whole.columns)
    assert len(lines) == len(page.whole) + 2
    danger = page.whole.head(1).assign(**{str(page.whole.columns[2]): "=1+1"})
    changed = type(page)(**{**page.__dict__, "whole": danger})
    assert ",'=1+1," in changed.csv().decode("utf-8-sig")


def test_a_reader_who_may_not_see_the_villages_gets_none_of_their_points(view: View) -> None:
    head = View(**{**view.__dict__, "villages_of": (JIANGSHAN,)})
    assert site_points_page(head, JIANGSHAN, "estates", True).spec is not None
    for within in (DISTRICT, BAIZHANG):
        for make, shown in ((site_points_page, "firms"), (issue_points_page, "heat")):
            with pytest.raises(NotPermitted):
                make(head, within, shown, True)


# The base map


def test_there_is_no_base_map_under_schematic_shapes(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_MAP", TILES)
    monkeypatch.setenv("BASE_MAP_ATTRIBUTION", "试验底图")
    assert read_settings().base_map is not None
    assert usable_base_map(view.layer) is None
    assert points_ground(view, within=DISTRICT).under is None
    site_points_page.clear()
    page = site_points_page(view, DISTRICT, "estates", True)
    assert page.spec is not None and "tiles.example" not in page.spec.to_json()


# What a click means


@pytest.mark.parametrize(
    ("objects", "opened"),
    [
        ({"sites": [{"c": "330212110214", "n": "某小区"}]}, ("330212110", "330212110214")),
        ({}, None),
        ({"sites": []}, None),
        ({"sites": [{"n": "某小区"}]}, None),
        ({"sites": [{"c": "330212110"}]}, None),
        ({"sites": [{"c": "33021211021x"}]}, None),
        ({"sites": [{"c": None}]}, None),
    ],
)
def test_a_click_opens_the_village_of_the_point_and_nothing_else(
    objects: dict[str, object], opened: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[tuple[str, str]] = []
    state = {"points_map": SimpleNamespace(selection=SimpleNamespace(objects=objects))}
    monkeypatch.setattr(selections, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(selections, "go_to", lambda page, township, village: gone.append((township, village)))
    selections.open_village_of_point("points_map")()
    assert gone == ([opened] if opened else [])


@pytest.mark.parametrize(("rows", "opened"), [([1], "330212008001"), ([], None), ([7], None)])
def test_a_row_opens_its_village_and_a_row_that_is_gone_nothing(
    rows: list[int], opened: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    state = {"points_table": SimpleNamespace(selection=SimpleNamespace(rows=rows))}
    monkeypatch.setattr(selections, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(selections, "go_to", lambda page, township, village: gone.append(village))
    selections.open_village_of_row("points_table", villages=("330212110214", "330212008001"))()
    assert gone == ([opened] if opened else [])
