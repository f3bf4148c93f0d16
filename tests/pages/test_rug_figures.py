"""The table of all indicators says what the counts say: values, verdicts, trends, counts of ▼, and its workbook."""

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from data_access.counts import read_counts, read_measurements
from data_access.engine import create_engine
from data_access.permissions import Scope
from data_access.places import read_places
from data_access.releases import current_data_version
from indicators.catalogue import Indicator, load_catalogue
from indicators.exact_tests import fdr
from indicators.trends import mann_kendall, seasonal_mann_kendall
from indicators.values import rate_table
from indicators.verdicts import verdict_table
from ui import cached_reads
from ui.component_base import unpacked
from ui.exports.workbook import workbook
from ui.measures import View
from ui.payloads.rug_figures import rug_figures, rug_trends
from ui.payloads.rug_payload import rug
from ui.texts import text

CATALOGUE = load_catalogue()
SOME = ("prevention_compliance", "resolution_rate", "overdue_open_rate", "issues_per_1000", "satisfaction_rate",
        "post_vacancy", "fund_paid", "order_relayed_in_time")  # fmt: skip


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """All townships over 2022, as the page would ask for it; December is provisional."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(root="330212", villages_of=None, first=202201, last=202212, township_set="all",
                version=version.number, first_month=version.first_month,
                provisional_from=version.provisional_from, lang="zh")  # fmt: skip


def counts_of(demo: Path, indicator: Indicator, months: tuple[int, int], *, by_month: bool = False) -> Any:
    """The counts of one indicator straight from the database, residents beside them."""
    engine, scope = create_engine(f"sqlite:///{demo}"), Scope(root="330212")
    common: dict[str, Any] = {"level": "township", "first": months[0], "last": months[1], "by_month": by_month}
    if indicator.source == "measurements":
        return read_measurements(engine, scope=scope, indicators=(indicator.code,), **common)
    counts = read_counts(engine, scope=scope, source=indicator.source, **common)
    residents = read_places(engine, scope=scope, level="township").set_index("code")["residents"]
    return counts.assign(residents=counts["place"].map(residents))


def sent(view: View, mode: str = "values", order: str = "worse") -> dict[str, Any]:
    found = rug(view, mode, order, None, True)
    assert found is not None
    return unpacked(found.packed)


@pytest.mark.parametrize("code", SOME)
def test_each_cell_is_the_verdict_of_its_indicator_alone(view: View, demo_sqlite: Path, code: str):
    indicator = CATALOGUE[code]
    counts = counts_of(demo_sqlite, indicator, view.months(indicator))
    slow = verdict_table(rate_table(counts, indicator), indicator).set_index("place")
    data = sent(view)
    line = next(one for one in data["lines"] if one["code"] == code)
    for (place, *_), (printed, verdict, value, _) in zip(data["places"], line["cells"], strict=True):
        row = slow.loc[place]
        assert verdict == row["verdict"], place
        assert f"{int(row['x']):,}/{int(row['n']):,}" in value
        assert float(printed.replace(",", "").lstrip("<")) == pytest.approx(
            row["value"] * (100 if indicator.kind == "proportion" else 1), abs=0.1
        )
    total = rate_table(counts, indicator, by=()).iloc[0]
    assert f"{int(total['x']):,}/{int(total['n']):,}" in line["total_words"]


def test_the_numbers_of_worse_and_better_are_those_of_the_cells(view: View):
    data = sent(view)
    worse, better = Counter(), Counter()
    for line in data["lines"]:
        for (place, *_), (_, verdict, *_) in zip(data["places"], line["cells"], strict=True):
            worse[place] += verdict in ("worse", "much_worse")
            better[place] += verdict in ("better", "much_better")
    assert {place[0]: place[4] for place in data["places"]} == dict(worse)
    assert {place[0]: place[5] for place in data["places"]} == dict(better)
    title = rug(view, "values", "worse", None, True)
    assert title is not None and str(max(worse.values())) in title.title
    clear = sum(cell[1] == "much_worse" for line in data["lines"] for cell in line["cells"])
    assert f"{clear}处明显较差" in title.title


def test_every_computed_indicator_has_a_line_under_its_domain(view: View):
    lines = sent(view)["lines"]
    assert [line["code"] for line in lines] == [code for code, one in CATALOGUE.items() if one.available]
    assert [line["domain"] for line in lines] == [
        CATALOGUE.domain_names[CATALOGUE[line["code"]].domain]["zh"] for line in lines
    ]


def test_townships_are_ordered_by_marks_by_kind_and_by_name(view: View, demo_sqlite: Path):
    marks = [place[4] for place in sent(view)["places"]]
    assert marks == sorted(marks, reverse=True)
    register = read_places(create_engine(f"sqlite:///{demo_sqlite}"), scope=Scope(root="330212"), level="township")
    kinds = dict(zip(register["code"], register["kind"], strict=True))
    grouped = [(place[3], kinds[place[0]]) for place in sent(view, order="kind")["places"]]
    assert grouped == sorted(grouped, key=lambda one: one[1] != "subdistrict")
    assert {one for one in grouped} <= {("街道", "subdistrict"), ("镇", "town")}
    english = [place[1] for place in sent(replace(view, lang="en"), order="name")["places"]]
    assert english == sorted(english)


@pytest.mark.parametrize("code", ["prevention_compliance", "resolution_rate", "post_vacancy"])
def test_a_trend_is_stated_only_where_it_stands_among_all_townships(view: View, demo_sqlite: Path, code: str):
    indicator = CATALOGUE[code]
    months = (view.first_month, 202211 if indicator.source == "issues" else 202212)
    table = rate_table(counts_of(demo_sqlite, indicator, months, by_month=True), indicator, by=("place", "month"))
    table["value"] = table["value"].where(table["state"] == "value")
    calendar = [year * 100 + month for year in (2020, 2021, 2022) for month in range(1, 13)]
    slow, p_values = {}, {}
    for place, rows in table.groupby("place"):
        series = rows.set_index("month")["value"].reindex(calendar).to_numpy(dtype=float)[None]
        seasonal = seasonal_mann_kendall(series)
        test = seasonal if seasonal.reason[0] is None else mann_kendall(series)
        p_values[place], slow[place] = float(test.p[0]), float(test.s[0])
    stands = dict(zip(p_values, fdr(np.array(list(p_values.values()))), strict=True))
    found = rug_trends(view)
    found = found[found["indicator"] == code].set_index("place")
    assert set(found.index) == set(slow)
    for place, row in found.iterrows():
        if np.isnan(p_values[place]):
            assert row["trend"] is None
        elif p_values[place] < 0.05 and stands[place]:
            assert row["trend"] == ("up" if slow[place] > 0 else "down")
            assert row["good"] == ((slow[place] > 0) == (indicator.better == "higher"))
        else:
            assert row["trend"] == "none" and row["good"] is None


def test_trends_stand_in_words_beside_the_verdict(view: View):
    data = sent(view, "both")
    cells = [cell for line in data["lines"] for cell in line["cells"]]
    assert all(len(cell) == 8 and cell[7] for cell in cells)
    assert {cell[4] for cell in cells} >= {"up", "none"}
    for cell in cells:
        if cell[5] is not None:
            assert ("向好" if cell[5] else "变差") in cell[7]
    assert all(len(cell) == 4 for line in sent(view)["lines"] for cell in line["cells"])


def test_a_set_of_townships_is_judged_within_itself(view: View):
    towns = rug_figures(replace(view, township_set="towns"))
    everybody = rug_figures(view)
    assert towns is not None and everybody is not None
    assert 0 < len(towns.places) < len(everybody.places)
    assert set(towns.card["place"]) == set(towns.places)
    shared = everybody.card[everybody.card["place"].isin(towns.places)]
    assert list(shared["value"].fillna(-1)) == list(towns.card["value"].fillna(-1))
    assert list(shared["rest_n"].fillna(-1)) != list(towns.card["rest_n"].fillna(-1))


def test_months_without_data_make_no_rug(view: View):
    assert rug(replace(view, first=201901, last=201903, first_month=201901), "values", "worse", None, True) is None


def test_the_workbook_holds_the_same_figures(view: View):
    board = rug(view, "both", "name", None, True)
    assert board is not None
    content = workbook(board.table, title=board.title, period=board.period, source="来源",
                       catalogue=cached_reads.catalogue(), lang="zh")  # fmt: skip
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    lines = book.get_sheet_by_index(0).to_python()
    at = next(place for place, line in enumerate(lines) if line[0] == text("components.tartan_rug.indicator", "zh"))
    row = next(line for line in lines[at:] if line[0] == CATALOGUE["resolution_rate"].name["zh"])
    found = rug_figures(view)
    assert found is not None
    card = found.card[found.card["indicator"] == "resolution_rate"].set_index("place")["value"]
    names = {place[2]: place[0] for place in sent(view)["places"]}
    checked = 0
    for heading, value in zip(lines[at], row, strict=True):
        if heading in names:
            assert value == pytest.approx(card[names[heading]])
            checked += 1
    assert checked == len(card)
    meaning = "\n".join(str(cell) for line in book.get_sheet_by_index(1).to_python() for cell in line)
    assert CATALOGUE["resolution_rate"].caveats["zh"] in meaning and board.chance in meaning
