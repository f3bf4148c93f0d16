"""The figures behind the page of clusters: those of plain loops, in every indicator, with all that cannot be tested."""

from __future__ import annotations

import csv
import io
import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from tests.surveyed_figures import (
    DUE,
    MIDDLE,
    change,
    planted_figures,
    reading,
    shapes_of,
    surveyed_copy,
    touching,
    view_now,
)
from ui.navigation import HEADLINE
from ui.payloads.cluster_figures import clusters_of
from ui.payloads.clusters_page import clusters_page, results_file
from ui.texts import text


@pytest.fixture(scope="module")
def around(demo_sqlite: Path) -> dict[str, set[str]]:
    return touching({code: shape for code, shape in shapes_of(demo_sqlite).items() if len(code) == 12})


@pytest.fixture(scope="module")
def planted(demo_sqlite: Path, around: dict[str, set[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return surveyed_copy(demo_sqlite, tmp_path_factory.mktemp("planted"), failures=planted_figures(around))


def test_figures_on_the_page_are_those_of_plain_loops_over_the_database(
    planted: Path, around: dict[str, set[str]]
) -> None:
    planted_failures = planted_figures(around)
    with reading(planted):
        whole = clusters_page(view_now(), "resolution_rate", "village", True)
        rows = list(
            csv.reader(io.StringIO(results_file(view_now(), "resolution_rate", "village", True).decode("utf-8-sig")))
        )
    bad, due = (sum(pair[at] for pair in planted_failures.values()) for at in (0, 1))
    rate = bad / due
    spread = sum(n * (x / n - rate) ** 2 for x, n in planted_failures.values()) / due
    between = max(0.0, spread - rate / (due / len(planted_failures)))
    z = {code: (x / n - rate) / (between + rate / n) ** 0.5 for code, (x, n) in planted_failures.items()}
    mean = sum(z.values()) / len(z)
    centred = {code: one - mean for code, one in z.items()}
    lag = {code: sum(centred[one] for one in others) / len(others) for code, others in around.items()}
    square = sum(one**2 for one in centred.values())
    moran = sum(centred[code] * lag[code] for code in z) / square
    assert f"I = {moran:.3f}" in whole.figures and f"平均−{1 / (len(z) - 1):.3f}" in whole.figures
    links = sum(map(len, around.values())) // 2
    assert any(f"{links:,}对" in line for line in whole.how)
    assert rows[0] == [text("frame.demonstration.band", "zh")]
    found = {row[0]: dict(zip(rows[1], row, strict=True)) for row in rows[2:] if len(row) == len(rows[1])}
    assert set(found) == set(z)
    for code, row in found.items():
        near = [planted_failures[one] for one in around[code]]
        expected = (sum(x for x, _ in near), sum(n for _, n in near))
        assert (int(row["邻近分子"]), int(row["邻近分母"])) == expected
        assert (int(row["分子"]), int(row["分母"])) == planted_failures[code]
        assert float(row["局部I"]) == pytest.approx((len(z) - 1) * centred[code] * lag[code] / square, rel=1e-6)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_indicator_is_tested_in_both_languages_and_neutral_ones_without_good_or_bad(
    demo_sqlite: Path, tmp_path: Path, lang: str
) -> None:
    with reading(surveyed_copy(demo_sqlite, tmp_path)):
        codes = HEADLINE if lang == "en" else ("resolution_rate", "issues_per_1000")
        for code, level in [*((code, "village") for code in codes), ("satisfaction_rate", "township")]:
            page = clusters_page(view_now(lang=lang), code, level, True)
            assert page.map is not None and len(page.map["classes"]) == (407 if level == "village" else 25), code
            neutral = code == "issues_per_1000"
            if level == "village":
                assert page.map["palette"] == ("clusters_neutral" if neutral else "clusters")
            said = [page.title, page.note, page.whole, page.figures, *page.how, page.map["alt"], page.map_title]
            said += [line for lines in page.map["hover"].values() for line in lines]
            said += [entry.word for entry in page.map["legend"]]
            if lang == "en":
                assert not re.findall(r"[\u4e00-\u9fff]", " ".join(said)), code
            if neutral:
                assert not re.search("较差|较好|[Ww]orse|Better", " ".join(said))


@pytest.mark.parametrize(("failed", "strained"), [(10, False), (30, True)])
def test_a_common_failure_is_said_to_strain_the_method(
    planted: Path, around: dict[str, set[str]], tmp_path: Path, failed: int, strained: bool
) -> None:
    copy = Path(shutil.copy(planted, tmp_path / "common.db"))
    deal_all = "UPDATE issue_monthly SET verified_solved = due - ? WHERE level = 'village' AND place_code <> ?"
    change(copy, lambda one: one.execute(deal_all, (failed, MIDDLE)))
    with reading(copy):
        found = clusters_of(view_now(), "resolution_rate", "village")
        how = clusters_page(view_now(), "resolution_rate", "village", True).how
    assert found.rate == pytest.approx((failed * (len(around) - 1) + 20) / (DUE * len(around)))
    assert any("已不算少见" in line for line in how) == strained


def test_what_cannot_be_tested_is_named_with_its_reason(
    planted: Path, around: dict[str, set[str]], tmp_path: Path
) -> None:
    copy = Path(shutil.copy(planted, tmp_path / "odd.db"))
    away, gone, few = [code for code in sorted(around) if code not in around[MIDDLE] and code != MIDDLE][100:103]
    shape = shapes_of(copy)

    def alter(connection: sqlite3.Connection) -> None:
        moved = shapely.to_wkb(shapely.transform(shape[away], lambda points: np.add(points, (0.6, -0.6))))
        connection.execute("UPDATE boundary_shape SET geometry = ? WHERE place_code = ?", (moved, away))
        connection.execute("DELETE FROM boundary_shape WHERE place_code = ?", (gone,))
        connection.execute("UPDATE issue_monthly SET due = 12, verified_solved = 11 WHERE place_code = ?", (few,))

    change(copy, alter)
    with reading(copy):
        page = clusters_page(view_now(), "resolution_rate", "village", True)
        found = clusters_of(view_now(), "resolution_rate", "village").found
    assert found is not None and found.filled == (away,)
    reasons = found.table.set_index("place")["reason"]
    assert (reasons[gone], reasons[few]) == ("not_drawn", "too_few_cases")
    assert found.table.set_index("place").loc[away, "neighbours"] == 4
    told = " ".join(page.how)
    assert "与谁都不相接，以最近的4个为邻近" in told and "没有图形，未参加检验" in told and "1个村社不足20件" in told
    assert page.map is not None and page.map["classes"][few] == "too_few"
    assert page.map["classes"][gone] == "not_applicable"


def test_views_that_differ_in_layer_or_months_are_kept_apart(planted: Path) -> None:
    with reading(planted):
        view = view_now()
        assert clusters_of(view, "resolution_rate", "village") is clusters_of(
            replace(view, lang="en"), "resolution_rate", "village"
        )
        with pytest.raises(ValueError, match="surveyed"):
            clusters_of(replace(view, layer=view.layer + 1), "resolution_rate", "village")
        other = clusters_of(replace(view, first=202001, last=202004), "resolution_rate", "village")
        assert other.months != clusters_of(view, "resolution_rate", "village").months
        assert clusters_of(replace(view, township_set="towns"), "resolution_rate", "township").found is not None
