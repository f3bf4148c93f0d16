"""The figures of the gaps page are those of the counts: rows, map, lines over time, table, level against gap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_access.counts import read_counts
from data_access.engine import create_engine
from data_access.permissions import Scope
from data_access.releases import current_data_version
from indicators.catalogue import load_catalogue
from indicators.intervals import newcombe
from ui.measures import View
from ui.payloads.pairing_charts import pairing_dumbbell
from ui.payloads.pairing_figures import ordered_rows, pairing_figures
from ui.payloads.pairings_payload import pairing_board
from ui.texts import load_language

CATALOGUE = load_catalogue()
GAPS = [
    (code, indicator)
    for code, pairing in CATALOGUE.pairings.items()
    for indicator in pairing.indicators
    if CATALOGUE[indicator].available
]


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


@pytest.mark.parametrize(
    ("pairing", "indicator", "source", "fields", "months"),
    [
        ("urban_rural", "prevention_compliance", "inspections", ("items_passed", "items_checked"), (202201, 202212)),
        ("firm_size", "prevention_compliance", "inspections", ("items_passed", "items_checked"), (202201, 202212)),
        ("urban_rural", "repeat_rate", "issues", ("repeats", "reported"), (202201, 202211)),
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
    downward = order in ("gap", "change") and bool(figures.evidence.district.iloc[0]["difference"] > 0)
    assert (known == sorted(known, reverse=downward)).all()


@pytest.mark.parametrize(("lang", "first"), [("zh", 202201), ("en", 202212)])
@pytest.mark.slow
def test_every_gap_on_offer_can_be_shown_for_a_year_and_for_a_single_month(view: View, lang: str, first: int) -> None:
    asked = replace(view, first=first, lang=lang)
    for pairing, indicator in GAPS:
        board = board_of(asked, pairing, indicator)
        assert board.title and len(board.strips) == 3
        assert all(len(lines) == 4 and all(lines) for lines in board.map["hover"].values())
        drawn = pairing_dumbbell(asked, pairing, indicator, tone="dark", order="gap")
        assert (drawn is None) is not board.drawable


def test_the_same_choices_are_computed_once_and_drawn_anew_for_the_other_tone(view: View) -> None:
    light = board_of(view, "firm_size", "prevention_compliance")
    assert board_of(view, "firm_size", "prevention_compliance") is light
    dark = board_of(view, "firm_size", "prevention_compliance", tone="dark")
    assert dark.months.to_dict()["layout"]["font"]["color"] != light.months.to_dict()["layout"]["font"]["color"]
    assert pairing_figures(view, "firm_size", "prevention_compliance") is pairing_figures(
        view, "firm_size", "prevention_compliance"
    )
