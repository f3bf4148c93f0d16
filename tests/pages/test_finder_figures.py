"""Every gap that the finder tests is that of the counts, and what stands is what Benjamini and Hochberg let stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from data_access.counts import read_counts
from data_access.engine import create_engine
from data_access.permissions import Scope
from data_access.releases import current_data_version
from indicators.catalogue import load_catalogue
from ui.measures import View
from ui.payloads import finder_page
from ui.payloads.finder_figures import FinderFigures, finder_figures, pairs_examined
from ui.payloads.finder_page import EVERY, finder_board, found_facts, open_gap, title_words

CATALOGUE = load_catalogue()


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """All townships over 2022."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(root="330212", villages_of=None, first=202201, last=202212, township_set="all", version=version.number,
                first_month=version.first_month, provisional_from=version.provisional_from, lang="zh")  # fmt: skip


def test_every_pairing_indicator_and_township_is_tested_once_or_said_to_be_untested(view: View) -> None:
    found = finder_figures(view, "township")
    assert found.tested + found.untested == 25 * len(pairs_examined())
    assert not found.rows.duplicated(["pairing", "indicator", "place"]).any()
    assert found.flagged == int(found.rows["ahead"].isin(["a", "b"]).sum()) > len(found.standing) > 0
    assert found.by_chance == pytest.approx(0.05 * found.tested)
    area = finder_figures(view, "area")
    assert set(area.rows["place"]) == {"330212"}
    assert area.tested + area.untested == len(pairs_examined())


def test_what_stands_is_the_largest_set_whose_p_values_keep_the_false_discovery_rate(view: View) -> None:
    rows = finder_figures(view, "township").rows
    p = sorted(rows["p"])
    limit = max((one for k, one in enumerate(p, 1) if one <= 0.05 * k / len(p)), default=-1.0)
    assert list(rows["stands"]) == list((rows["p"] <= limit) & rows["ahead"].isin(["a", "b"]))
    assert list(rows["touches"]) == sorted(rows["touches"], reverse=True)


def test_a_gap_is_that_of_the_raw_counts_with_an_exact_test_and_its_cases(view: View, demo_sqlite: Path) -> None:
    rows = finder_figures(view, "township").rows
    shares = rows[(rows["pairing"] == "firm_size") & (rows["indicator"] == "prevention_compliance")]
    assert len(shares) > 10
    counts = read_counts(create_engine(f"sqlite:///{demo_sqlite}"), scope=Scope(root="330212"), source="inspections",
                         level="township", first=202201, last=202212, dimension="firm_size")  # fmt: skip
    pairing = CATALOGUE.pairings["firm_size"]
    for row in shares.to_dict("records"):
        own = counts[counts["place"] == row["place"]]
        (x1, n1), (x2, n2) = (
            own[own["value"].isin(group.values)][["items_passed", "items_checked"]].sum()
            for group in (pairing.a, pairing.b)
        )
        assert row["difference"] == pytest.approx(x1 / n1 - x2 / n2)
        behind, cases = ("a", n1) if row["difference"] < 0 else ("b", n2)
        assert row["behind"] == (behind if row["difference"] else None)
        assert row["touches"] == pytest.approx(abs(row["difference"]) * cases)
        chance = stats.hypergeom(n1 + n2, x1 + x2, n1)
        half = chance.pmf(x1) / 2
        one_sided = min(chance.cdf(x1) - half, chance.sf(x1 - 1) - half)
        assert row["p"] == pytest.approx(min(1.0, 2 * one_sided))


def test_low_is_good_turns_the_lead_round(view: View) -> None:
    rows = finder_figures(view, "township").rows
    lower = rows[rows["indicator"] == "repeat_rate"]
    assert len(lower) and (lower["lead"] == -lower["difference"]).all()
    assert ((lower["behind"] == "a") == (lower["difference"] > 0)).all()


def test_the_table_and_figure_hold_what_the_choice_lets_through(view: View) -> None:
    board = finder_board(view, "township", "firm_size", "prevention", tone="light", demonstration=True)
    rows = finder_figures(view, "township").standing
    chosen = rows[(rows["pairing"] == "firm_size") & (rows["domain"] == "prevention")]
    assert board.table is not None and board.figure is not None and len(chosen) > 0
    assert [row.code for row in board.table["rows"]] == [
        f"{row.pairing}|{row.indicator}|{row.place}" for row in chosen.itertuples()
    ]
    assert [row.cells["touches"].sort for row in board.table["rows"]] == list(chosen["touches"])
    assert board.facts[-1][0] == str(len(chosen))
    every = finder_board(view, "township", EVERY, EVERY, tone="light", demonstration=True)
    assert len(every.facts) == 3 and every.facts[0][0] == f"{finder_figures(view, 'township').tested:,}"
    nothing = finder_board(view, "township", "firm_size", "strength", tone="light", demonstration=True)
    assert nothing.table is None and nothing.figure is None and "没有可以检验的落差" in nothing.empty


def test_without_data_and_with_nothing_that_stands_the_page_says_so(view: View) -> None:
    nobody = finder_board(
        replace(view, first=190001, last=190001, township_set="all"), "township", EVERY, EVERY, tone="light",
        demonstration=False,
    )  # fmt: skip
    assert nobody.table is None and nobody.title == "所选时段没有可以检验的落差"
    assert "请选更长的时段" in nobody.empty
    rows = finder_figures(view, "township").rows.assign(stands=False)
    fallen = FinderFigures(rows, untested=0, flagged=3, by_chance=5.0)
    assert title_words(fallen, CATALOGUE, {}, "zh").endswith("没有一个经得起检验")
    assert [figure for figure, _ in found_facts(fallen, 0, "zh", narrowed=False)][1:] == ["3", "0"]


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("firm_size|resolution_rate|330212110",
         [("gaps/pairings", {"pairing": "firm_size", "indicator": "resolution_rate", "township": "330212110",
                             "village": None})]),
        ("firm_size|resolution_rate|",
         [("gaps/pairings", {"pairing": "firm_size", "indicator": "resolution_rate", "township": None,
                             "village": None})]),
        ("nonsense", []),
        (None, []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("figure", [False, True])
def test_a_picked_gap_opens_its_pairing_indicator_and_township(
    monkeypatch: pytest.MonkeyPatch, code: str | None, asked: list[Any], figure: bool
) -> None:
    got: list[Any] = []
    points = [] if code is None else [{"customdata": [code]}]
    state = {"one": SimpleNamespace(selection=SimpleNamespace(points=points))}
    monkeypatch.setattr(finder_page, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(finder_page, "picked", lambda _key: code)
    monkeypatch.setattr(finder_page, "go_to", lambda page, **changes: got.append((page, changes)))
    open_gap("one", figure=figure)
    assert got == asked


def test_the_sentences_name_the_group_behind(view: View) -> None:
    found = finder_figures(view, "area")
    row = found.standing[found.standing["indicator"] == "prevention_compliance"].iloc[[0]]
    said = title_words(FinderFigures(pd.DataFrame(row), 0, 1, 0.05), CATALOGUE, {"330212": "全区"}, "zh")
    pairing = CATALOGUE.pairings[row.iloc[0]["pairing"]]
    behind = {"a": pairing.a, "b": pairing.b}[row.iloc[0]["behind"]].name["zh"]
    assert f"全区{behind}的防控措施落实率比" in said
