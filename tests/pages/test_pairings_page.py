"""The page of the gaps: it loads for everyone and every choice, and its figures are those of the counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data_access.counts import read_counts
from data_access.engine import create_engine
from data_access.permissions import Scope
from data_access.releases import current_data_version
from indicators.catalogue import load_catalogue
from indicators.decomposition import kitagawa
from indicators.findings import GapEvidence
from indicators.gaps import gap_change, gap_table
from indicators.intervals import newcombe
from indicators.values import rate_table
from tests.pages.conftest import Open, words
from ui import selections
from ui.component_base import unpacked
from ui.measures import View
from ui.navigation import ROLES
from ui.payloads.pairing_charts import pairing_dumbbell
from ui.payloads.pairing_figures import gap_class, ordered_rows, pairing_figures
from ui.payloads.pairing_words import gap_words, makeup_words, sides_words, size_text, title_text
from ui.payloads.pairings_payload import pairing_board
from ui.texts import has_text, load_language

PAGE = "gaps/pairings"
CATALOGUE = load_catalogue()
CHINESE = re.compile(r"[一-鿿]")
GAPS = [
    (code, indicator)
    for code, pairing in CATALOGUE.pairings.items()
    for indicator in pairing.indicators
    if CATALOGUE[indicator].available
]


def component(app: AppTest, name: str) -> dict[str, Any]:
    """The data that the component `name` was sent."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == name:
            return unpacked(element.proto.bytes)
    raise AssertionError(f"{name} is not on the page.")


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def row_names(app: AppTest) -> list[str]:
    """The names beside the dumbbell from the top, without markup."""
    labels = json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]["yaxis"]["ticktext"]
    return [re.sub(r"<[^>]+>", "", label).replace("&nbsp;", " ").strip() for label in labels]


def page_title(app: AppTest) -> str:
    shown = next(one.value for one in app.html if "gb-title" in one.value)
    return re.sub(r"<[^>]+>", "", shown)


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """All townships over 2022, as the page would ask for it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(
        root="330212",
        villages_of=None,
        first=202201,
        last=202212,
        township_set="all",
        version=version.number,
        first_month=version.first_month,
        provisional_from=version.provisional_from,
        lang="zh",
    )


def board_of(view: View, pairing: str, indicator: str, *, tone: str = "light") -> Any:
    return pairing_board(view, pairing, indicator, tone=tone, last_month=202212, demonstration=True)


# Opening the page


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_loads_whole_for_every_role_in_both_languages(open_app: Open, role: str, lang: str) -> None:
    app = open_app(PAGE, role=role, lang=lang)
    assert not app.exception
    assert charts(app) == 3
    assert len(component(app, "choropleth")["classes"]) == 25
    assert [strip["code"] for strip in component(app, "gap_strips")["strips"]] == [
        "prevention_compliance", "resolution_rate", "satisfaction_rate",
    ]  # fmt: skip
    assert len(component(app, "place_table")["rows"]) == 26
    assert len(row_names(app)) == 26
    assert ("演示数据" if lang == "zh" else "Demonstration data") in words(app)


def test_nothing_chinese_is_left_on_the_english_page(open_app: Open) -> None:
    app = open_app(PAGE, lang="en", pair="firm_size", sort="change")
    shown = [page_title(app), *row_names(app), *(json.dumps(json.loads(chart.proto.spec)["layout"]["annotations"],
             ensure_ascii=False) for chart in app.get("plotly_chart"))]  # fmt: skip
    mounted = component(app, "choropleth")
    shown += [line for lines in mounted["hover"].values() for line in lines] + [mounted["alt"], mounted["legend_title"]]
    shown += [cell["text"] for row in component(app, "place_table")["rows"] for cell in row["cells"].values() if "text" in cell]  # fmt: skip
    assert [line for line in shown if CHINESE.search(line)] == []


@pytest.mark.parametrize("pairing", list(CATALOGUE.pairings))
def test_each_pairing_names_its_groups_and_colours_the_map(open_app: Open, pairing: str) -> None:
    app = open_app(PAGE, pair=pairing, from_="202001", to="202004")
    assert not app.exception
    groups = CATALOGUE.pairings[pairing]
    assert groups.a.name["zh"] in page_title(app) and groups.b.name["zh"] in page_title(app)
    mounted = component(app, "choropleth")
    assert set(mounted["classes"].values()) <= set(mounted["styles"])
    legend = {entry["key"]: entry["count"] for entry in mounted["legend"]}
    assert sum(legend.values()) == 25


@pytest.mark.parametrize(("township_set", "size"), [("district_run", 21), ("towns", 10), ("subdistricts", 15)])
def test_a_township_set_cuts_map_rows_and_table_alike(open_app: Open, township_set: str, size: int) -> None:
    app = open_app(PAGE, set=township_set, pair="estate_management")
    assert not app.exception
    assert len(component(app, "choropleth")["classes"]) == size
    assert len(component(app, "place_table")["rows"]) == len(row_names(app)) == size + 1


def test_subdistricts_without_villages_are_said_not_to_be_comparable(open_app: Open) -> None:
    app = open_app(PAGE, set="subdistricts")
    assert not app.exception
    assert "不能比较" in page_title(app)
    assert set(component(app, "choropleth")["classes"].values()) == {"not_applicable"}
    assert "无从拆分" in words(app)


def test_without_an_earlier_period_there_is_no_order_by_change_and_the_map_says_so(open_app: Open) -> None:
    app = open_app(PAGE, from_="202001", to="202004", sort="change")
    assert not app.exception
    assert app.segmented_control[0].options == ["按落差", "按城市社区", "按农村"]
    assert app.segmented_control[0].value == "gap"
    assert all(lines[3] == "没有可比的时段" for lines in component(app, "choropleth")["hover"].values())
    assert "差距在" not in page_title(app)


def test_a_measure_that_is_no_share_comes_as_a_table_instead_of_charts(open_app: Open) -> None:
    app = open_app(PAGE, ind="officials_per_1000")
    assert not app.exception
    assert charts(app) == 0
    assert "此指标不是比例" in words(app)
    assert len(component(app, "place_table")["rows"]) == 26
    assert len(component(app, "gap_strips")["strips"]) == 3


def test_choosing_an_order_changes_the_rows_and_stands_in_the_address(open_app: Open) -> None:
    app = open_app(PAGE, pair="firm_size")
    by_gap = row_names(app)
    app.segmented_control[0].set_value("a").run()
    assert app.session_state["sort"] == "a"
    assert app.query_params["sort"] in ("a", ["a"])
    by_group = row_names(app)
    assert by_group != by_gap
    assert sorted(by_group) == sorted(by_gap)
    assert by_group[0] == "全区"
    app.segmented_control[0].set_value("gap").run()
    assert app.session_state["sort"] == ""
    assert row_names(app) == by_gap


def test_an_order_in_the_address_is_followed_and_a_wrong_one_is_not(open_app: Open) -> None:
    assert open_app(PAGE, sort="b").segmented_control[0].value == "b"
    assert open_app(PAGE, sort="<b>zzz").segmented_control[0].value == "gap"


def test_wrong_parts_of_the_address_fall_back_and_are_reported(open_app: Open) -> None:
    app = open_app(PAGE, pair="no_such_pairing", ind="<script>", from_="999999")
    assert not app.exception
    assert "城市社区" in page_title(app)
    assert "<script>" not in words(app)
    assert "gb-notice" in words(app)


def test_an_indicator_the_pairing_does_not_offer_gives_way_to_its_first(open_app: Open) -> None:
    app = open_app(PAGE, pair="firm_size", ind="officials_per_1000")
    assert page_title(app).startswith("防控措施落实率")


# The figures are those of the counts


def group_counts(demo: Path, pairing: str, *, months: tuple[int, int], source: str, fields: tuple[str, str]) -> Any:
    """Per township and side: x and n straight from the counts, without anything of ui."""
    found = CATALOGUE.pairings[pairing]
    counts = read_counts(create_engine(f"sqlite:///{demo}"), scope=Scope(root="330212"), source=source,
                         level="township", first=months[0], last=months[1], dimension=found.dimension)  # fmt: skip
    sides = {}
    for side, group in (("a", found.a), ("b", found.b)):
        rows = counts[counts["value"].isin(group.values)].groupby("place")[list(fields)].sum()
        sides[side] = {str(code): (int(row[fields[0]]), int(row[fields[1]])) for code, row in rows.iterrows()}
    return sides


@pytest.mark.parametrize("pairing", ["urban_rural", "firm_size"])
@pytest.mark.parametrize(
    ("indicator", "source", "fields", "months"),
    [
        ("prevention_compliance", "inspections", ("items_passed", "items_checked"), (202201, 202212)),
        ("repeat_rate", "issues", ("repeats", "accepted"), (202201, 202211)),
    ],
)
def test_rows_map_and_dumbbell_are_the_intervals_of_the_raw_counts(
    view: View, demo_sqlite: Path, pairing: str, indicator: str, source: str, fields: tuple[str, str],
    months: tuple[int, int],
) -> None:  # fmt: skip
    assert (CATALOGUE[indicator].numerator, CATALOGUE[indicator].denominator) == fields
    sides = group_counts(demo_sqlite, pairing, months=months, source=source, fields=fields)
    board = board_of(view, pairing, indicator)
    rows = pairing_figures(view, pairing, indicator).rows.set_index("place")
    assert len(rows) == 25
    lower = CATALOGUE[indicator].better == "lower"
    judged = 0
    for code, row in rows.iterrows():
        pairs = [sides[side].get(str(code), (0, 0)) for side in "ab"]
        if not all(n >= 10 for _, n in pairs):
            assert row["ahead"] is None
            assert board.map["classes"][code] in ("too_few", "not_applicable", "no_data")
            continue
        (x1, n1), (x2, n2) = pairs
        assert (row["a_x"], row["a_n"], row["b_x"], row["b_n"]) == (x1, n1, x2, n2)
        expected = newcombe(x1, n1, x2, n2)
        assert row["difference"] == pytest.approx(x1 / n1 - x2 / n2)
        assert (row["low"], row["high"]) == pytest.approx((float(expected.low), float(expected.high)))
        higher = "a" if expected.low > 0 else "b" if expected.high < 0 else None
        behind = None if higher is None else higher if lower else {"a": "b", "b": "a"}[higher]
        assert board.map["classes"][code] == (f"{behind}_behind" if behind else "none")
        judged += 1
    assert judged >= 3
    assert board.table["rows"][0].cells["a_n"].sort == sum(n for _, n in sides["a"].values())
    drawn = pairing_dumbbell(view, pairing, indicator, tone="light", order="gap")
    assert drawn is not None
    marks = {
        (code, trace["marker"]["symbol"]): x
        for trace in drawn.to_dict()["data"]
        if "customdata" in trace
        for code, x in zip(trace["customdata"], trace["x"], strict=True)
    }
    for code, row in rows.dropna(subset=["a_value"]).iterrows():
        assert marks[(code, "circle")] == pytest.approx(row["a_value"], abs=1e-6)
    a, b = ([sum(part) for part in zip(*sides[side].values(), strict=True)] for side in "ab")
    assert marks[("330212", "circle")] == pytest.approx(a[0] / a[1], abs=1e-6)
    assert marks[("330212", "square")] == pytest.approx(b[0] / b[1], abs=1e-6)


def test_the_line_over_time_is_the_gap_of_each_month_and_the_chosen_months_are_underlined(
    view: View, demo_sqlite: Path
) -> None:
    board = board_of(view, "estate_management", "prevention_compliance")
    drawn = board.months.to_dict()
    dots = next(trace for trace in drawn["data"] if "customdata" in trace)
    assert len(dots["customdata"]) >= 30
    for month, value in list(zip(dots["customdata"], dots["y"], strict=True))[::7]:
        sides = group_counts(demo_sqlite, "estate_management", months=(month, month), source="inspections",
                             fields=("items_passed", "items_checked"))  # fmt: skip
        (x1, n1), (x2, n2) = ([sum(part) for part in zip(*sides[side].values(), strict=True)] for side in "ab")
        assert value == pytest.approx((x1 / n1 - x2 / n2) * 100, abs=1e-5)
    underline = drawn["layout"]["shapes"][-1]
    assert underline["x1"] - underline["x0"] == pytest.approx(11.9)


def test_provisional_months_are_shaded_for_issues_only(view: View) -> None:
    provisional = load_language("zh")["charts.provisional"]
    for indicator, shaded in (("resolution_rate", True), ("prevention_compliance", False)):
        notes = board_of(view, "urban_rural", indicator).months.to_dict()["layout"]["annotations"]
        assert any(note["text"] == provisional for note in notes) is shaded


def test_the_table_adds_up_to_the_difference_within_townships(view: View) -> None:
    figures = pairing_figures(view, "firm_size", "prevention_compliance")
    rows = board_of(view, "firm_size", "prevention_compliance").table["rows"]
    places = [row.cells["share"].sort for row in rows if not row.total and row.cells["share"].sort is not None]
    total = next(row for row in rows if row.total).cells["share"].sort
    assert figures.parts is not None
    assert sum(places) == pytest.approx(total) == pytest.approx(figures.parts.level.value)


def test_a_low_is_better_gap_changes_the_corners_of_the_level_figure(view: View) -> None:
    def corner(indicator: str) -> str:
        drawn = board_of(view, "urban_rural", indicator).quadrant.to_dict()
        return next(note["text"] for note in drawn["layout"]["annotations"] if (note["x"], note["y"]) == (1, 1))

    assert corner("prevention_compliance") == "水平高 · 农村落后"
    assert corner("repeat_rate") == "水平高 · 城市社区落后"


@pytest.mark.parametrize("order", ["gap", "a", "b", "change"])
def test_rows_are_ordered_with_unknown_values_last(view: View, order: str) -> None:
    figures = pairing_figures(view, "urban_rural", "prevention_compliance")
    rows = ordered_rows(figures, order)
    assert sorted(rows["place"]) == sorted(figures.rows["place"])
    values = {
        "gap": rows["difference"],
        "a": rows["a_value"],
        "b": rows["b_value"],
        "change": rows["place"].map({code: row["difference"] for code, row in figures.changes.items()}),
    }[order].to_numpy(dtype=float)
    known = values[~pd.isna(values)]
    assert len(known) >= 3
    assert pd.isna(values[len(known) :]).all()
    downward = order in ("gap", "change") and figures.evidence.district.iloc[0]["difference"] > 0
    assert (known == sorted(known, reverse=downward)).all()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.slow
def test_every_gap_on_offer_can_be_shown_for_a_year_and_for_a_single_month(view: View, lang: str) -> None:
    for first in (202201, 202212):
        asked = replace(view, first=first, lang=lang)
        for pairing, indicator in GAPS:
            board = board_of(asked, pairing, indicator)
            assert board.title and len(board.strips) == 3
            assert all(len(lines) == 4 and all(lines) for lines in board.map["hover"].values())
            for order in board.orders:
                drawn = pairing_dumbbell(asked, pairing, indicator, tone="dark", order=order)
                assert (drawn is None) is not board.drawable


def test_the_same_choices_are_computed_once_and_drawn_anew_for_the_other_tone(view: View) -> None:
    light = board_of(view, "firm_size", "prevention_compliance")
    assert board_of(view, "firm_size", "prevention_compliance") is light
    dark = board_of(view, "firm_size", "prevention_compliance", tone="dark")
    assert dark.months.to_dict()["layout"]["font"]["color"] != light.months.to_dict()["layout"]["font"]["color"]
    assert pairing_figures(view, "firm_size", "prevention_compliance") is pairing_figures(
        view, "firm_size", "prevention_compliance"
    )


# Words


def evidence(a: tuple[int, int], b: tuple[int, int], *, before: tuple[tuple[int, int], tuple[int, int]] | None = None,
             indicator: str = "resolution_rate") -> GapEvidence:  # fmt: skip
    """A district with the given (x, n) of urban and rural."""
    one = CATALOGUE[indicator]

    def gap(first: tuple[int, int], second: tuple[int, int]) -> pd.DataFrame:
        tables = [
            rate_table(pd.DataFrame({one.numerator: [x], one.denominator: [n]}), one, by=()) for x, n in (first, second)
        ]
        return gap_table(*tables, by=(), indicator=one)

    now = gap(a, b)
    then = gap(*before) if before else None
    return GapEvidence(one, CATALOGUE.pairings["urban_rural"], district=now, before=then,
                       change=gap_change(now, then, by=()) if then is not None else None)  # fmt: skip


def places(*ahead: str | None) -> pd.DataFrame:
    return pd.DataFrame({"ahead": pd.Series(list(ahead), dtype=object)})


BEHIND = ((900, 1000), (980, 1000))


@pytest.mark.parametrize(
    ("given", "rows", "said"),
    [
        (evidence(*BEHIND), ["b", "b", None], "问题解决率：农村领先城市社区8.0个百分点；可比的2个镇街各自也都是如此"),
        (evidence(*BEHIND), ["b", "none"], "问题解决率：农村领先城市社区8.0个百分点；可比的2个镇街中有1个各自也是如此"),
        (evidence(*BEHIND), ["b", "a", "none"], "问题解决率：农村领先城市社区8.0个百分点；可比的3个镇街中有1个各自也是如此，1个相反"),
        (evidence(*BEHIND), ["none", "none"], "问题解决率：农村领先城市社区8.0个百分点；但可比的2个镇街单独看都不能断定"),
        (evidence(*BEHIND), [None], "问题解决率：农村领先城市社区8.0个百分点；没有镇街可以单独比较"),
        (evidence(*BEHIND, before=((700, 1000), (980, 1000))), ["b"],
         "问题解决率：农村领先城市社区8.0个百分点，差距在缩小；唯一可比的镇街也是如此"),
        (evidence((500, 1000), (500, 1000)), ["none", "b"], "问题解决率：城市社区与农村没有明显差别；可比的2个镇街中农村领先的有1个"),
        (evidence((500, 1000), (0, 0)), [None], "问题解决率：城市社区与农村暂不能比较，所选时段只有一类对象有数据"),
        (evidence((500, 1000), (3, 4)), [None], "问题解决率：城市社区与农村暂不能比较，样本太少"),
        (evidence((90, 1000), (10, 1000), indicator="repeat_rate"), ["b"],
         "重复反映率：农村比城市社区低8.0个百分点（低为好）；唯一可比的镇街也是如此"),
    ],
)  # fmt: skip
def test_the_title_says_who_is_ahead_by_how_much_and_in_how_many_townships(
    given: GapEvidence, rows: list[str | None], said: str
) -> None:
    assert title_text(given, places(*rows), "zh") == said


def test_a_group_at_zero_is_a_figure_and_not_missing() -> None:
    row = {"a_x": 0, "a_n": 40, "a_value": 0.0, "b_x": 0, "b_n": 0, "b_value": float("nan"), "state": "no_data"}
    said = sides_words(row, CATALOGUE["reopen_rate"], {"a": "城市社区", "b": "农村"}, "zh")
    assert said == "城市社区 0.0%（n=40）　农村 无数据"


def test_a_gap_within_chance_is_said_to_be_so_and_a_hidden_one_is_not_printed() -> None:
    names = {"a": "城市社区", "b": "农村"}
    row = evidence((500, 1000), (505, 1000)).district.iloc[0].to_dict()
    said = gap_words(row, CATALOGUE["resolution_rate"], names, "zh")
    assert said.startswith("相差0.5个百分点") and said.endswith("在正常波动范围内")
    hidden = row | {"ahead": None, "difference": float("nan"), "state": "hidden"}
    assert gap_words(hidden, CATALOGUE["resolution_rate"], names, "zh") == "已隐去（人数过少）"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"ahead": "a"}, "b_behind"),
        ({"ahead": "b"}, "a_behind"),
        ({"ahead": "none"}, "none"),
        ({"state": "no_data", "b_n": 0}, "not_applicable"),
        ({"state": "no_data", "a_n": float("nan"), "b_n": float("nan")}, "no_data"),
        ({"state": "too_few"}, "too_few"),
        ({"state": "hidden"}, "hidden"),
    ],
)
def test_the_map_tells_apart_why_there_is_no_gap(row: dict[str, Any], expected: str) -> None:
    assert gap_class({"ahead": None, "state": "value", "a_n": 50, "b_n": 50} | row) == expected


def test_sizes_of_ratios_carry_their_unit_and_never_percentage_points() -> None:
    assert size_text(-2.56, CATALOGUE["officials_per_1000"], "zh").startswith("2.6 ")
    assert "百分点" not in size_text(-2.56, CATALOGUE["officials_per_1000"], "zh")


def test_the_makeup_adds_up_is_told_from_the_side_ahead_and_says_what_it_takes() -> None:
    indicator = CATALOGUE["resolution_rate"]
    counts = {"a": [("p1", 90, 100), ("p2", 180, 200)], "b": [("p1", 290, 300), ("p2", 95, 100)]}
    tables = [
        rate_table(pd.DataFrame(rows, columns=["place", indicator.numerator, indicator.denominator]), indicator)
        for rows in counts.values()
    ]
    given = evidence((270, 300), (385, 400))
    told = makeup_words(given, kitagawa(*tables), {"p1": "姜山镇", "p2": "云龙镇"}, area="全区", lang="zh")
    assert told.opening == "全区相差6.3个百分点，拆成两部分："
    figures = [float(re.sub(r"[^0-9.]", "", figure)) for figure, _ in told.parts]
    assert sum(figures) == pytest.approx(6.25, abs=0.1)
    assert "城市社区要追平农村，“经核实已解决的问题数”还需增加19（现为270/300）。" in told.remarks
    assert not any("检查项目" in remark for remark in told.remarks)


def test_every_phrase_of_the_page_stands_in_both_languages() -> None:
    keys = [key for key in load_language("zh") if key.startswith("pairings.")]
    assert len(keys) > 80
    assert all(has_text(key) for key in keys)


# Picking


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[Any]]:
    """Click a mark that carries `customdata`; the pages that were asked for."""

    def click(customdata: Any) -> list[Any]:
        asked: list[Any] = []
        points = [] if customdata is None else [{"customdata": customdata}]
        state = {"figure": SimpleNamespace(selection=SimpleNamespace(points=points))}
        monkeypatch.setattr(selections, "st", SimpleNamespace(session_state=state))
        monkeypatch.setattr(selections, "go_to", lambda page, **changes: asked.append((page, changes)))
        selections.open_township_of_figure("figure")()
        return asked

    return click


def test_a_mark_opens_its_township_and_the_mark_of_the_district_opens_nothing(
    opened: Callable[[Any], list[Any]],
) -> None:
    assert opened("330212110") == [("places/township", {"township": "330212110", "village": None})]
    assert opened(["330212110"]) == opened("330212110")
    assert opened("330212") == []
    assert opened(None) == []
