"""The figures of the four grassroots pages are those of plain loops over the rows that departments delivered."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indicators.readiness import MODES
from tests.surveyed_figures import change, reading
from ui import cached_quality, cached_reads
from ui.measures import View
from ui.payloads import base_data_page, co_governance_page, readiness_page, staffing_page
from ui.payloads.measured_board import state_map
from ui.payloads.measured_figures import (
    Measured,
    all_together,
    judging_day,
    measured_all,
    measured_parts,
    most_wanting_first,
    readiness_modes,
)
from ui.payloads.measured_groups import difference_text, group_gaps
from ui.payloads.measured_words import dated_words
from ui.payloads.vacancy_funnel import vacancies

FIRST, LAST, AS_OF = 202201, 202211, dt.date(2022, 12, 31)
CODES = tuple(
    dict.fromkeys((*staffing_page.CODES, *readiness_page.CODES, *co_governance_page.CODES, *base_data_page.CODES))
)
OWN_RECORD = ("reports_on_time", "records_valid")
"""Computed from the record of loads; tests/data_access recomputes them."""
Raw = list[tuple[str, str, int, str, float, float, str | None]]


@pytest.fixture(scope="module", autouse=True)
def database(demo_sqlite: Path) -> Iterator[Path]:
    with reading(demo_sqlite):
        yield demo_sqlite


@pytest.fixture(scope="module")
def view() -> View:
    version = cached_reads.data_version()
    assert version is not None
    return View(
        root="330212", villages_of=None, first=FIRST, last=LAST, township_set="all", version=version.number,
        first_month=202001, provisional_from=202212, lang="zh",
    )  # fmt: skip


@pytest.fixture(scope="module")
def raw(demo_sqlite: Path) -> Raw:
    """Every row a department delivered in the months asked for."""
    with closing(sqlite3.connect(demo_sqlite)) as connection:
        return connection.execute(
            "SELECT indicator, place_code, month, value, numerator, denominator, verified_on FROM measurement"
            " WHERE superseded_by IS NULL AND month BETWEEN ? AND ?",
            (FIRST, LAST),
        ).fetchall()


def by_township(raw: Raw, code: str) -> dict[str, tuple[int, float, float, dt.date | None]]:
    """Township to newest month, numerator, denominator and oldest day of verification, villages added up."""
    months: dict[str, dict[int, list[tuple[float, float, str | None]]]] = {}
    for indicator, place, month, _value, x, n, day in raw:
        if indicator == code:
            months.setdefault(place[:9], {}).setdefault(month, []).append((x, n, day))
    found = {}
    for place, known in months.items():
        month = max(known)
        days = [dt.date.fromisoformat(day) for _, _, day in known[month] if day]
        found[place] = (
            month, sum(x for x, _, _ in known[month]), sum(n for _, n, _ in known[month]), min(days, default=None),
        )  # fmt: skip
    return found


def expected_state(code: str, mode: str, month: int, x: float, n: float, verified: dt.date | None) -> str:
    """The state by hand: thresholds, then the age of the answer on 30 November 2022."""
    indicator, rule = cached_reads.catalogue()[code], readiness_modes().rule(code, mode)
    if rule.ready is None:
        return "not_set"
    if max(x, n) < indicator.hide_below if indicator.kind == "ratio" else n < indicator.hide_below:
        return "too_few"
    value = x / n * indicator.per
    sign = -1 if indicator.better == "lower" else 1
    if rule.least is not None and sign * value < sign * rule.least:
        return "no"
    month_end = dt.date(month // 100 + (month % 100 == 12), month % 100 % 12 + 1, 1) - dt.timedelta(days=1)
    day = verified if indicator.valid_days else month_end
    if rule.valid_days and (day is None or (dt.date(2022, 11, 30) - day).days > rule.valid_days):
        return "stale"
    return "yes" if sign * value >= sign * rule.ready else "partly"


@pytest.mark.parametrize("mode", MODES)
def test_values_months_and_states_of_every_indicator_and_township_are_those_of_the_raw_rows(
    view: View, raw: Raw, mode: str
) -> None:
    known = measured_all(view, [code for code in CODES if code not in OWN_RECORD], mode, AS_OF)
    seen: set[str] = set()
    for code, one in known.items():
        townships = by_township(raw, code)
        assert len(one.rows) == 25
        for place, row in one.rows.items():
            if place not in townships:
                assert row["readiness"] == "no_data"
                continue
            month, x, n, verified = townships[place]
            assert (row["month"], row["x"], row["n"]) == (month, x, n), (code, place)
            assert row["value"] == pytest.approx(x / n * one.indicator.per)
            assert row["readiness"] == expected_state(code, mode, month, x, n, verified), (code, place)
            seen.add(str(row["readiness"]))
        assert one.total["x"] == sum(one[1] for one in townships.values())
        assert one.total["n"] == sum(one[2] for one in townships.values())
        assert one.month == max(one[0] for one in townships.values())
    assert {"yes", "partly", "no", "stale", "not_set"} <= seen


def test_what_runs_out_in_thirty_days_is_what_expires_in_december(view: View, raw: Raw) -> None:
    known = measured_all(view, readiness_page.CODES, "peace", AS_OF)
    today = judging_day(view, AS_OF)
    assert today == dt.date(2022, 11, 30)
    expected = set()
    for code in readiness_page.CODES:
        days = readiness_modes().rule(code, "peace").valid_days or 0
        for place, (month, x, n, verified) in by_township(raw, code).items():
            state = expected_state(code, "peace", month, x, n, verified)
            if verified and state in ("yes", "partly") and 0 <= (verified + dt.timedelta(days) - today).days <= 30:
                expected.add((place, code))
    running = readiness_page.running_out(known)
    assert {(place, code) for place, code, _ in running} == expected and expected
    left = [row["days_left"] for _, _, row in running]
    assert left == sorted(left)


def test_both_rules_stand_side_by_side_with_the_townships_ready_by_each(view: View, raw: Raw) -> None:
    table = readiness_page.rules_table(view, as_of=AS_OF, demonstration=True)
    assert [row.code for row in table["rows"]] == list(readiness_page.CODES)
    for row in table["rows"]:
        for mode in MODES:
            rule, townships = readiness_modes().rule(row.code, mode), by_township(raw, row.code)
            ready = sum(expected_state(row.code, mode, *one) == "yes" for one in townships.values())
            assert row.cells[f"{mode}_ready"].text == f"{ready}/25"
            assert row.cells[f"{mode}_asked"].sort == rule.ready
            assert row.cells[f"{mode}_days"].text == str(rule.valid_days)


def test_later_months_and_the_as_of_day_move_the_day_of_judging(view: View) -> None:
    assert judging_day(replace(view, last=202212), AS_OF) == AS_OF
    assert judging_day(replace(view, last=202202), AS_OF) == dt.date(2022, 2, 28)
    assert judging_day(replace(view, last=202212, until=202210), AS_OF) == dt.date(2022, 10, 31)
    assert judging_day(replace(view, last=202212), None) == AS_OF


def test_an_emergency_turns_answers_but_never_figures(view: View) -> None:
    calm, tense = (measured_all(view, readiness_page.CODES, mode, AS_OF) for mode in MODES)
    order = {"yes": 0, "partly": 1, "stale": 1, "no": 2}
    changed = 0
    for code, one in calm.items():
        for place, row in one.rows.items():
            other = tense[code].rows[place]
            assert (row["x"], row["n"], row["verified_on"]) == (other["x"], other["n"], other["verified_on"])
            if row["readiness"] in order:
                assert order[str(other["readiness"])] >= order[str(row["readiness"])] - (row["readiness"] == "stale")
                changed += row["readiness"] != other["readiness"]
    assert changed > 20


def test_townships_ready_in_everything_are_counted_item_by_item(view: View) -> None:
    known = measured_all(view, ("graded_response_assigned", "order_relayed_in_time"), "peace", AS_OF)
    states = all_together(known)
    ready = {place for place in states if all(one.rows[place]["readiness"] == "yes" for one in known.values())}
    assert {place for place, state in states.items() if state == "yes"} == ready and 0 < len(ready) < 25
    order = most_wanting_first(known)
    counts = [sum(one.rows[place]["readiness"] == "yes" for one in known.values()) for place in order]
    assert counts == sorted(counts) and set(order) == set(states)


@pytest.mark.parametrize("code", ["cogovernance_bodies", "fund_paid"])
def test_bodies_and_uses_of_the_fund_add_up_to_the_raw_rows(view: View, raw: Raw, code: str) -> None:
    parts = measured_parts(view, code)
    assert len(parts) == 5
    for part in parts:
        own = [row for row in raw if row[0] == code and row[3] == part.value]
        last = {place: max(row[2] for row in own if row[1] == place) for place in {row[1] for row in own}}
        newest = [row for row in own if row[2] == last[row[1]]]
        assert part.total["x"] == sum(row[4] for row in newest) and part.total["n"] == sum(row[5] for row in newest)
        for row in newest:
            assert part.rows[row[1]]["value"] == pytest.approx(row[4] / row[5])


def test_both_kinds_of_settlements_are_added_village_by_village(view: View, raw: Raw, demo_sqlite: Path) -> None:
    with closing(sqlite3.connect(demo_sqlite)) as connection:
        area = dict(connection.execute("SELECT code, area_type FROM place WHERE level = 'village'").fetchall())
    for code, row in group_gaps(view, staffing_page.CODES, "urban_rural").items():
        per = cached_reads.catalogue()[code].per
        newest: dict[str, int] = {}
        for indicator, place, month, *_ in raw:
            if indicator == code:
                newest[place[:9]] = max(month, newest.get(place[:9], 0))
        sums = {"urban": [0.0, 0.0], "rural": [0.0, 0.0]}
        for indicator, place, month, _value, x, n, _day in raw:
            if indicator == code and month == newest[place[:9]] and area.get(place) in sums:
                sums[area[place]][0] += x
                sums[area[place]][1] += n
        assert row["a_value"] == pytest.approx(sums["urban"][0] / sums["urban"][1] * per), code
        assert row["b_value"] == pytest.approx(sums["rural"][0] / sums["rural"][1] * per), code
        if row["ahead"] in ("a", "b"):
            better_a = (row["a_value"] > row["b_value"]) == (cached_reads.catalogue()[code].better == "higher")
            assert row["ahead"] == ("a" if better_a else "b")


@pytest.mark.parametrize(
    ("code", "difference", "low", "high", "shown"),
    [
        ("grid_workers_per_1000_households", -0.42, -0.86, -0.02, "−0.4 人/千户（−0.86 至 −0.02）"),
        ("grid_workers_per_1000_households", -0.52, -0.68, -0.31, "−0.5 人/千户（−0.7 至 −0.3）"),
        ("post_vacancy", 0.0281, 0.0003, 0.0625, "+2.81个百分点（+0.03 至 +6.25）"),
        ("post_vacancy", 0.0135, -0.0235, 0.0401, "+1.4个百分点（−2.4 至 +4.1）"),
    ],
)
def test_an_interval_has_the_signs_of_its_difference_and_shows_that_it_leaves_out_0(
    code: str, difference: float, low: float, high: float, shown: str
) -> None:
    row = {"ahead": "b", "difference": difference, "low": low, "high": high, "state": "value", "a_n": 900, "b_n": 800}
    assert difference_text(row, cached_reads.catalogue()[code], "zh") == shown


def test_a_strained_township_has_fewer_hands_and_more_issues_a_hand_than_the_others_together(
    view: View, raw: Raw
) -> None:
    known = measured_all(view, staffing_page.CODES, "peace", AS_OF)
    loads = {one.place: one for one in staffing_page.workloads(view, known)}
    hands, load = by_township(raw, staffing_page.HANDS), by_township(raw, staffing_page.LOAD)
    assert set(loads) == set(hands) & set(load)

    def above_rest(table: Mapping[str, tuple[int, float, float, dt.date | None]], place: str) -> bool:
        x, n = (sum(one[at] for other, one in table.items() if other != place) for at in (1, 2))
        return table[place][1] / table[place][2] > x / n

    fields = {place: one.field for place, one in loads.items()}
    assert set(fields.values()) == {"strained", "easy", ""}
    for place, field in fields.items():
        clear = {known[staffing_page.HANDS].rows[place]["verdict"], known[staffing_page.LOAD].rows[place]["verdict"]}
        corner = (above_rest(hands, place), above_rest(load, place))
        if field:
            assert corner == ((False, True) if field == "strained" else (True, False)) and clear != {"similar"}
        else:
            assert corner in ((True, True), (False, False)) or clear == {"similar"}


def test_the_funnel_holds_every_township_at_its_posts_and_vacancies(view: View, raw: Raw) -> None:
    townships = by_township(raw, "post_vacancy")
    funnel = vacancies(view)
    assert {row["place"]: (row["x"], row["n"]) for row in funnel.rows.to_dict("records")} == {
        place: (x, n) for place, (_, x, n, _) in townships.items()
    }
    assert funnel.rate == sum(one[1] for one in townships.values()) / sum(one[2] for one in townships.values())


def test_what_is_missing_is_the_whole_less_what_is_there(view: View, raw: Raw) -> None:
    table = base_data_page.base_data_table(view, "peace", "missing", as_of=AS_OF, demonstration=True).table
    rows = {row.code: row for row in table["rows"]}
    for code in ("residents_registered", "sources_connected"):
        townships = by_township(raw, code)
        for place, (_, x, n, _) in townships.items():
            assert rows[place].cells[code].sort == n - x
        assert rows["district"].cells[code].sort == sum(n - x for _, x, n, _ in townships.values())


def test_how_many_villages_reported_a_figure_is_said_where_villages_report_it(view: View, raw: Raw) -> None:
    known = measured_all(view, ("migrants_registered", "sources_connected"), "peace", AS_OF)
    for place, (month, *_) in by_township(raw, "migrants_registered").items():
        villages = {
            row[1] for row in raw if row[0] == "migrants_registered" and row[2] == month and row[1][:9] == place
        }
        row = known["migrants_registered"].rows[place]
        assert row["villages"] == len(villages)
        assert f"{len(villages)}个村社上报" in dated_words(row, known["migrants_registered"], "zh")
    assert "村社" not in dated_words(known["sources_connected"].rows["330212110"], known["sources_connected"], "zh")


def test_late_and_missing_reports_are_those_of_the_record_of_loads(view: View) -> None:
    view = replace(view, first=202001)
    table = base_data_page.base_data_table(view, "peace", "months", as_of=AS_OF, demonstration=True).table
    catalogue, reports = cached_reads.catalogue(), cached_quality.reports(view)
    expected: dict[tuple[str, str], int] = {}
    for row in reports.to_dict("records"):
        if row["source"] == "measurements" and catalogue[row["stream"]].domain == "base_data":
            expected[row["place"], row["state"]] = expected.get((row["place"], row["state"]), 0) + 1
    shown = {row.code: row.cells for row in table["rows"] if not row.total}
    for place, cells in shown.items():
        for state in ("late", "missing"):
            assert cells[state].sort == expected.get((place, state), 0)
    assert any(cells["missing"].sort for cells in shown.values()) and any(
        cells["late"].sort for cells in shown.values()
    )


def test_a_map_of_states_has_the_class_of_each_state_and_counts_them_in_its_key(view: View) -> None:
    known = measured_all(view, readiness_page.CODES, "peace", AS_OF)
    drawn = state_map(view, known, "drills_done", mode="peace")
    tally: Mapping[str, int] = known["drills_done"].tally
    classes = list(drawn["classes"].values())
    assert classes.count("much_better") == tally["yes"] and classes.count("too_few") == tally["stale"]
    assert sum(entry.count for entry in drawn["legend"]) == 25


def test_without_a_verifying_day_an_answer_is_stale_and_a_township_without_rows_has_no_data(
    demo_sqlite: Path, view: View, tmp_path: Path
) -> None:
    path = tmp_path / "bare.db"
    path.write_bytes(demo_sqlite.read_bytes())
    where = "indicator = 'drills_done' AND level = 'township'"
    change(path, lambda one: one.execute(f"UPDATE measurement_monthly SET verified_on = NULL WHERE {where}"
                                         " AND place_code = '330212110'"))  # fmt: skip
    change(path, lambda one: one.execute(f"DELETE FROM measurement_monthly WHERE {where} AND place_code = '330212001'"))
    with reading(path):
        one: Measured = measured_all(view, ("drills_done",), "peace", AS_OF)["drills_done"]
        table = readiness_page.readiness_page(view, "peace", as_of=AS_OF, tone="light", demonstration=True).table
    assert one.rows["330212110"]["readiness"] == "stale" and one.rows["330212001"]["readiness"] == "no_data"
    cells = {row.code: row.cells["drills_done"] for row in table["rows"]}
    assert "无日期" in cells["330212110"].text and cells["330212001"].text == "无数据"
