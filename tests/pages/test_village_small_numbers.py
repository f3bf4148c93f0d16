"""What the page of a village adds: merged months, adjusted rates, villages of its type, waiting sites, open cases."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_access.engine import create_engine
from data_access.permissions import NotPermitted, Scope
from data_access.places import read_places
from data_access.releases import current_data_version
from tests.pages.conftest import Open, words
from tests.pages.test_overview_page import component
from ui.component_base import unpacked
from ui.measures import View
from ui.payloads.open_case_rows import open_case_table
from ui.payloads.place_tiles import HEADLINE
from ui.payloads.village_payload import village_page
from ui.payloads.village_peers import FEWEST, peer_figures, village_peers
from ui.payloads.village_registers import NAMED, register_sentences
from ui.payloads.village_small import small_figures, small_numbers
from ui.texts import text

JIANGSHAN, FANSHIDU = "330212110", "330212110214"
COUNTERS = {
    "resolution_rate": ("issue_monthly", "verified_solved", "due"),
    "satisfaction_rate": ("issue_monthly", "satisfied", "reached"),
    "on_time_rate": ("issue_monthly", "closed_on_time", "due"),
    "prevention_compliance": ("inspection_monthly", "items_passed", "items_checked"),
}


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """2022 as the page would ask for it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(
        root="330212", villages_of=None, first=202201, last=202212, township_set="all", version=version.number,
        first_month=version.first_month, provisional_from=version.provisional_from, lang="zh",
    )  # fmt: skip


@pytest.fixture(scope="module")
def register(demo_sqlite: Path) -> pd.DataFrame:
    return read_places(
        create_engine(f"sqlite:///{demo_sqlite}"), scope=Scope(root="330212"), level="village", within=JIANGSHAN
    )


def monthly(demo: Path, indicator: str, village: str) -> dict[int, tuple[int, int]]:
    """Numerator and denominator by month, straight from the table."""
    table, x, n = COUNTERS[indicator]
    with sqlite3.connect(demo) as connection:
        rows = connection.execute(
            f"SELECT month, sum({x}), sum({n}) FROM {table} WHERE place_code = ? AND dimension = 'all' GROUP BY month",
            (village,),
        ).fetchall()
    return {month: (done, of) for month, done, of in rows}


def back(month: int, count: int) -> int:
    for _ in range(count):
        month = month - 89 if month % 100 == 1 else month - 1
    return month


def test_months_are_merged_until_ten_cases_are_together_and_no_further(
    view: View, demo_sqlite: Path, register: pd.DataFrame
) -> None:
    windows = set()
    for code in register["code"].iloc[::10]:
        for indicator, row in small_figures(view, code).items():
            months, until = monthly(demo_sqlite, indicator, code), row["last"]
            assert until == (202212 if indicator == "prevention_compliance" else view.months("issues")[1])
            sums = {}
            for length in (1, 3, 6, 12):
                inside = [months.get(back(until, age), (0, 0)) for age in range(length)]
                sums[length] = tuple(sum(part) for part in zip(*inside, strict=True))
            expected = next((length for length in (1, 3, 6, 12) if sums[length][1] >= 10), 12)
            assert row["months"] == expected
            assert row["enough"] == (sums[expected][1] >= 10)
            if sums[expected][1]:
                assert (row["recent"]["x"], row["recent"]["n"]) == sums[expected]
            windows.add((expected, row["enough"]))
    assert len(windows) > 2


def test_the_adjusted_rate_lies_between_the_villages_own_and_the_average_here(
    view: View, register: pd.DataFrame
) -> None:
    seen = 0
    for code in register["code"].iloc[::10]:
        for row in small_figures(view, code).values():
            if np.isnan(row["shrunk"]):
                continue
            own, mean = row["year"]["value"], row["year"]["prior_mean"]
            assert min(own, mean) - 1e-9 <= row["shrunk"] <= max(own, mean) + 1e-9
            assert row["shrunk"] == pytest.approx(row["weight"] * own + (1 - row["weight"]) * mean, abs=1e-6)
            assert row["shrunk_low"] <= row["shrunk"] <= row["shrunk_high"]
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_adjusted_rate_never_stands_without_the_raw_one(view: View, register: pd.DataFrame, lang: str) -> None:
    for code in register["code"].iloc[::20]:
        small = small_numbers(replace(view, lang=lang), code)
        for row in small.table["rows"]:
            assert row.cells["year"].text
            assert not row.cells["weight"].text or row.cells["year"].text in row.cells["shrunk"].title
        assert small.sentences


def test_the_strip_shows_every_village_of_the_same_type_that_has_enough_cases_and_names_none(
    view: View, demo_sqlite: Path, register: pd.DataFrame
) -> None:
    kind = dict(zip(register["code"], register["kind"], strict=True))
    assert len(set(kind.values())) > 1
    found = peer_figures(view, FANSHIDU)
    alike = [code for code in kind if kind[code] == kind[FANSHIDU] and code != FANSHIDU]
    assert found.others == len(alike)
    last = view.months("issues")[1]
    rates = []
    for code in alike:
        months = monthly(demo_sqlite, "resolution_rate", code)
        x, n = (sum(one[at] for month, one in months.items() if 202201 <= month <= last) for at in (0, 1))
        if n >= 10:
            rates.append(x / n)
    strip = found.strips["resolution_rate"]
    assert sorted(strip["others"]) == pytest.approx(sorted(rates))
    assert strip["left_out"] == len(alike) - len(rates)
    if len(rates) >= FEWEST:
        assert strip["middle"] == pytest.approx(tuple(np.percentile(rates, (25, 75))))
    drawn = village_peers(view, FANSHIDU, tone="light")
    assert drawn.figure is not None
    sent = json.dumps(drawn.figure.to_dict(), ensure_ascii=False, default=str) + drawn.alt + drawn.note
    others = [name for code, name in zip(register["code"], register["short_name"], strict=True) if code in alike]
    assert not [name for name in others if name in sent] and "330212110" not in sent
    assert "翻石渡" in sent


def test_small_numbers_and_peers_are_refused_without_the_right_to_the_village(view: View) -> None:
    head = replace(view, villages_of=("330212008",))
    for refused in (lambda: small_numbers(head, FANSHIDU), lambda: village_peers(head, FANSHIDU, tone="light")):
        with pytest.raises(NotPermitted):
            refused()


# Registers


def site(name: str, day: dt.date | None, *, passed: int = 10, kind: str = "firm") -> dict[str, Any]:
    checked = None if day is None else 10
    return {"code": name, "kind": kind, "name": name, "inspected_on": day, "checked": checked,
            "passed": None if day is None else passed}  # fmt: skip


def register_of(*sites: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(sites)
    frame["inspected_on"] = frame["inspected_on"].astype(object).where(frame["inspected_on"].notna(), None)
    return frame


AS_OF = dt.date(2022, 12, 31)


def test_those_never_inspected_are_named_and_the_longest_waiting_of_the_others_too() -> None:
    sites = register_of(
        site("甲店", None), site("乙店", dt.date(2022, 12, 1)), site("丙店", dt.date(2021, 3, 4)),
        site("丁店", dt.date(2022, 11, 1), passed=8), site("小区", None, kind="estate"),
    )  # fmt: skip
    told = register_sentences(sites, ("firm",), as_of=AS_OF, lang="zh")
    assert told[0] == "共4处：从未检查1处，超过6个月没查1处，上次检查有不合格1处，近6个月查过且合格1处。"
    assert told[1] == "从未检查的：甲店。"
    assert told[2] == "查过的里面等得最久的是丙店，上次检查2021年3月4日。"


def test_many_never_inspected_are_named_in_part_and_counted() -> None:
    told = register_sentences(
        register_of(*(site(f"店{one}", None) for one in range(9))), ("firm",), as_of=AS_OF, lang="en"
    )
    assert told[0] == "9 in all: 9 never inspected."
    assert told[1].count("店") == NAMED and "9 in all" in told[1]
    assert len(told) == 2, "nobody was inspected, so nobody waits longest since an inspection"


def test_a_register_with_nothing_of_the_kind_says_nothing() -> None:
    assert register_sentences(register_of(site("甲店", None)), ("estate",), as_of=AS_OF, lang="zh") == ()


def test_the_sentences_of_a_page_count_what_its_tables_list(view: View, register: pd.DataFrame) -> None:
    told = 0
    for code in register["code"].iloc[::25]:
        page = village_page(view, code, AS_OF, True)
        for part, table in (("sites", page.sites), ("firms", page.firms)):
            rows = table["rows"] if table else []
            assert bool(page.waiting[part]) == bool(rows)
            if rows:
                assert f"共{len(rows)}处" in page.waiting[part][0]
                never = [row for row in rows if row.cells["inspected_on"].text == text("village.register.never", "zh")]
                assert bool(never) == any("从未检查的" in one or "从未检查的有" in one for one in page.waiting[part])
                told += 1
    assert told


# The page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_a_village_shows_small_numbers_peers_open_cases_and_registers(open_app: Open, lang: str) -> None:
    app = open_app("places/village", lang=lang, tn=JIANGSHAN, vl=FANSHIDU)
    assert not app.exception and not app.error
    shown = words(app)
    for section in ("small", "peers", "open", "months", "sites", "firms", "strength"):
        assert text(f"village.section.{section}", lang) in shown.replace("&#x27;", "'")
    tables = [one.proto for one in app.get("bidi_component") if "place_table" in one.proto.component_name]
    small = next(unpacked(one.bytes) for one in tables if "village_small" in one.id)
    assert [row["code"] for row in small["rows"]] == list(HEADLINE)
    assert len(app.get("plotly_chart")) == 2
    assert len(component(app, "scoreboard")["tiles"]) == 5


def test_a_village_without_open_cases_says_that_nothing_is_open(
    view: View, open_app: Open, register: pd.DataFrame
) -> None:
    closed = next(code for code in register["code"] if open_case_table(view, code, AS_OF, True)[1] is None)
    app = open_app("places/village", role="steward", tn=JIANGSHAN, vl=closed)
    assert not app.exception and not app.error
    assert open_case_table(view, closed, AS_OF, True)[0].split("，")[0][:4] in words(app)
    assert not [one for one in app.get("bidi_component") if "village_open" in one.proto.id]
