"""The page of clusters: refused on schematic boundaries; on surveyed ones a planted cluster is found, chance is not."""

from __future__ import annotations

import re
import shutil
import sqlite3
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
import shapely
from streamlit.testing.v1 import AppTest

from data_access.permissions import NotPermitted
from tests.pages.conftest import PROJECT, words
from tests.pages.test_overview_page import component, page_title
from tests.surveyed_figures import (
    JIANGSHAN,
    MIDDLE,
    MONTH,
    chance_figures,
    change,
    planted_figures,
    reading,
    shapes_of,
    surveyed_copy,
    touching,
    view_now,
)
from ui import navigation, selections
from ui.measures import present_layer_number
from ui.payloads.cluster_figures import clusters_of
from ui.payloads.clusters_page import clusters_page, refusal
from ui.texts import text

PAGE = "research/clusters"


def open_page(*, role: str = "leader", page: str = PAGE, **address: str) -> AppTest:
    """The page after its first run."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.session_state["viewer_role"] = role
    for name, value in address.items():
        app.query_params[name.rstrip("_")] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def mounted(app: AppTest) -> set[str]:
    return {element.proto.component_name for element in app.get("bidi_component")}


def plain(app: AppTest) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", words(app)))


@pytest.fixture(scope="module")
def around(demo_sqlite: Path) -> dict[str, set[str]]:
    return touching({code: shape for code, shape in shapes_of(demo_sqlite).items() if len(code) == 12})


@pytest.fixture(scope="module")
def planted(demo_sqlite: Path, around: dict[str, set[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return surveyed_copy(demo_sqlite, tmp_path_factory.mktemp("planted"), failures=planted_figures(around))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ["leader", "researcher", "steward"])
def test_on_a_schematic_layer_there_is_neither_map_nor_figure_but_the_reason_and_what_to_do(
    demo_sqlite: Path, role: str, lang: str
) -> None:
    with reading(demo_sqlite):
        app = open_page(role=role, lang=lang)
        assert refusal(present_layer_number()) == "schematic"
        with pytest.raises(ValueError, match="surveyed boundaries only"):
            clusters_of(view_now(), "resolution_rate", "village")
    assert not mounted(app) & {"choropleth", "place_table"} and not app.get("download_button")
    assert text("clusters.refused.title_schematic", lang) in plain(app)
    assert text("clusters.refused.schematic", lang) in app.warning[0].value
    assert text(f"clusters.refused.do_{'steward' if role == 'steward' else 'others'}", lang) in app.warning[0].value
    for part in ("whole", "local", "table"):
        assert text(f"clusters.refused.promise_{part}", lang) in plain(app)
    assert not re.search(r"[Ip] = |\d%", plain(app))
    assert [one.key for one in app.button if one.key == "open_boundaries"] == ["open_boundaries"] * (role == "steward")


def test_the_button_of_a_steward_leads_to_the_boundary_layers(demo_sqlite: Path) -> None:
    with reading(demo_sqlite):
        app = open_page(role="steward")
        app.button(key="open_boundaries").click().run()
        assert not app.exception
        assert text("clusters.refused.promise", "zh") not in plain(app)
        assert any(one.key and "boundar" in one.key for one in app.get("container")) or "边界" in page_title(app)


def test_without_any_layer_the_page_says_that(demo_sqlite: Path, tmp_path: Path) -> None:
    bare = surveyed_copy(demo_sqlite, tmp_path)
    change(bare, lambda one: one.execute("UPDATE boundary_layer SET accepted_at = NULL, accepted_by = NULL"))
    with reading(bare):
        app = open_page()
    assert text("clusters.refused.title_none", "zh") in plain(app) and "choropleth" not in mounted(app)


def test_a_head_neither_finds_the_page_nor_gets_past_its_door(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with reading(planted):
        app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        app.session_state["viewer_role"] = "head"
        app.run()
        with pytest.raises(ValueError, match="clusters"):
            app.switch_page(f"pages/{PAGE}.py").run()
        everybody = tuple(replace(one, roles=navigation.ROLES) if one.key == PAGE else one for one in navigation.PAGES)
        monkeypatch.setattr(navigation, "PAGES", everybody)
        monkeypatch.setattr("ui.session.page_entry", lambda _key: replace(everybody[0], roles=("leader",)))
        app = open_page(role="head")
        assert "gb-title" not in words(app) and "choropleth" not in mounted(app)
        with pytest.raises(NotPermitted):
            clusters_of(view_now(villages_of=(JIANGSHAN,)), "resolution_rate", "village")
        page = clusters_page(view_now(villages_of=(JIANGSHAN,)), "resolution_rate", "village", True)
        assert page.empty == text("clusters.not_permitted", "zh") and page.map is None


def test_a_planted_cluster_is_the_title_the_map_and_the_table_and_opens_its_villages(
    planted: Path, around: dict[str, set[str]]
) -> None:
    with reading(planted):
        app = open_page()
        drawn, table = component(app, "choropleth"), component(app, "place_table")
        assert "有1处聚集：1处较差（" in page_title(app)
        named = {code for code, name in drawn["classes"].items() if name == "high_high"}
        assert MIDDLE in named and len(named) >= 5 and named <= {MIDDLE, *around[MIDDLE]}
        assert drawn["styles"]["high_high"]["mark"] == "▼" and drawn["watermark"] == ""
        counts = {entry["key"]: entry["count"] for entry in drawn["legend"]}
        assert counts["high_high"] == len(named) and sum(counts.values()) == len(around)
        listed = {row["code"] for row in table["rows"]}
        assert listed == {code for code, name in drawn["classes"].items() if name not in ("none", "too_few")}
        cells = next(row["cells"] for row in table["rows"] if row["code"] == MIDDLE)
        assert cells["kind"]["text"] == "▼ 较差的聚集" and cells["value"]["text"] == "33.3%"
        assert cells["near"]["text"] == "33.3%" and cells["neighbours"]["text"] == str(len(around[MIDDLE]))
        assert drawn["hover"][MIDDLE][2].startswith(f"邻近{len(around[MIDDLE])}个：33.3%（")
        assert "16,279次" in plain(app) and "20200401" in plain(app) and "999次" in plain(app)


def test_chance_alone_gives_a_map_without_clusters_and_a_sentence_in_place_of_the_table(
    demo_sqlite: Path, around: dict[str, set[str]], tmp_path: Path
) -> None:
    with reading(surveyed_copy(demo_sqlite, tmp_path, failures=chance_figures(around, seed=20))):
        app = open_page()
        assert "全区村社的未解决率没有聚集" in page_title(app)
        assert set(component(app, "choropleth")["classes"].values()) == {"none"}
        assert "place_table" not in mounted(app)
        assert text("clusters.table.empty", "zh", where="村社") in plain(app)
        assert len(app.get("download_button")) >= 1
        english = clusters_page(view_now(lang="en"), "resolution_rate", "village", True)
        assert english.title == "No clusters among the district's villages: share unsolved"


def test_the_level_is_kept_in_the_address_and_townships_are_tested_as_a_whole_only(planted: Path) -> None:
    with reading(planted):
        app = open_page()
        app.button_group(key="level_choice").set_value("township").run()
        assert not app.exception and app.session_state["level"] == "township"
        drawn = component(app, "choropleth")
        assert len(drawn["classes"]) == 25 and all(name.startswith("group_") for name in drawn["classes"].values())
        assert "adjusted" not in {column["code"] for column in component(app, "place_table")["columns"]}
        assert len(component(app, "place_table")["rows"]) == 25 and "不足30个" in plain(app)
        app.button_group(key="level_choice").set_value("village").run()
        assert app.session_state["level"] == "" and len(component(app, "choropleth")["classes"]) == 407
        linked = open_page(level="township")
        assert len(component(linked, "choropleth")["classes"]) == 25
        assert len(component(open_page(level="nonsense"), "choropleth")["classes"]) == 407


def test_months_without_the_cases_have_no_data_and_the_period_can_be_changed(planted: Path) -> None:
    with reading(planted):
        app = open_page()
        app.selectbox(key="filter_period").set_value("epidemic").run()
        assert not app.exception and "太少" in page_title(app)
        assert set(component(app, "choropleth")["classes"].values()) == {"no_data"}
        app.selectbox(key="filter_period").set_value("year_2022").run()
        assert not app.exception and "处聚集" in page_title(app) and MONTH // 100 == 2022
        short = open_page(from_="202206", to="202207")
        assert "按2021年8月–2022年7月合计" in plain(short) and "处聚集" in page_title(short)


@pytest.mark.parametrize(
    ("code", "opened"),
    [
        (MIDDLE, ("places/village", {"township": JIANGSHAN, "village": MIDDLE})),
        (JIANGSHAN, ("places/township", {"township": JIANGSHAN, "village": None})),
        (None, None),
    ],
)
def test_a_row_or_place_opens_its_own_page(code: str | None, opened: object, monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[object] = []
    monkeypatch.setattr(selections, "picked", lambda _key: code)
    monkeypatch.setattr(selections, "go_to", lambda page, **changes: went.append((page, changes)))
    selections.open_place("clusters")()
    assert went == ([] if opened is None else [opened])


def test_a_layer_without_villages_or_full_of_gaps_says_so(planted: Path, tmp_path: Path) -> None:
    towns = Path(shutil.copy(planted, tmp_path / "towns.db"))
    change(towns, lambda one: one.execute("DELETE FROM boundary_shape WHERE length(place_code) = 12"))
    with reading(towns):
        app = open_page()
        assert text("clusters.no_villages_drawn", "zh") in plain(app) and "choropleth" not in mounted(app)
        assert len(component(open_page(level="township"), "choropleth")["classes"]) == 25
    shape = shapes_of(planted)

    def shrink(connection: sqlite3.Connection) -> None:
        for code in shape:
            small = shapely.to_wkb(shape[code].buffer(-0.0001))
            connection.execute("UPDATE boundary_shape SET geometry = ? WHERE place_code = ?", (small, code))

    gaps = Path(shutil.copy(planted, tmp_path / "gaps.db"))
    change(gaps, shrink)
    with reading(gaps):
        page = clusters_page(view_now(), "resolution_rate", "village", True)
    assert any("缝隙" in line for line in page.how)
