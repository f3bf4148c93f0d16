"""The figures of the rankings page against a slow recount of the event tables, one event and one pair at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from scipy import stats

from data_access.engine import create_engine
from data_access.releases import current_data_version
from indicators.catalogue import load_catalogue
from indicators.exact_tests import exact_tails
from indicators.posterior_ranks import band_table, bands
from indicators.values import rate_table
from ui import cached_reads, measures
from ui.measures import View
from ui.navigation import HEADLINE
from ui.payloads import rankings_villages
from ui.payloads.rankings_charts import funnel_chart, funnel_verdicts, rank_chart, rate_chart
from ui.payloads.rankings_figures import ranking_figures
from ui.payloads.rankings_page import ranking_board, ranking_table
from ui.payloads.rankings_villages import band_chart, band_counts, bands_of, village_bands
from ui.payloads.rankings_words import (
    funnel_sentence,
    moves_sentence,
)
from ui.place_table import Row

CATALOGUE = load_catalogue()
LAST = 202212
Counts = dict[str, tuple[int, int]]


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Iterator[View]:
    """All townships over 2022, as the page would ask for it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    yield View("330212", None, 202201, LAST, "all", version.number, version.first_month, version.provisional_from, "zh")


def events(demo: Path, indicator: str, *, first: int, last: int, digits: int) -> Counts:
    """x and n of every place with codes of ``digits``, every event looked at by itself."""
    x: Counter[str] = Counter()
    n: Counter[str] = Counter()
    engine = create_engine(f"sqlite:///{demo}")
    as_of = current_data_version(engine).as_of  # type: ignore[union-attr]
    end = f"{as_of} 23:59:59.999999"
    table = "issue" if indicator == "resolution_rate" else "inspection_result"
    with engine.connect() as connection:
        closed = connection.execute(sa.text("SELECT code, successor FROM place WHERE successor IS NOT NULL")).all()
        follows = {code: successor for code, successor in closed}
        for row in connection.execute(sa.text(f"SELECT * FROM {table} WHERE superseded_by IS NULL")).mappings():
            if not first <= row["month"] <= last:
                continue
            place = follows.get(row["place_code"], row["place_code"])[:digits]
            if table == "issue":
                if row["accepted_at"] is None or row["due_at"] is None or str(row["due_at"]) > end:
                    continue
                good = bool(row["solved"])
            else:
                if row["recheck"]:
                    continue
                good = bool(row["passed"])
            n[place] += 1
            x[place] += good
    engine.dispose()
    return {place: (x[place], n[place]) for place in n}


def slow_ranks(counts: Counts) -> dict[str, tuple[int, int, int]]:
    """Rank and the lowest and highest rank left by Holm's steps over all ordered pairs."""
    tests = [
        (float(exact_tails(*counts[one], *counts[other], mid=True).high), one, other)
        for one in counts
        for other in counts
        if one != other
    ]
    clear = set()
    for step, (p, one, other) in enumerate(sorted(tests)):
        if p > 0.05 / (len(tests) - step):
            break
        clear.add((one, other))
    return {
        place: (
            1 + sum(counts[other][0] * n > x * counts[other][1] for other in counts),
            1 + sum((other, place) in clear for other in counts),
            len(counts) - sum((place, other) in clear for other in counts),
        )
        for place, (x, n) in counts.items()
    }


@pytest.mark.parametrize("indicator", ["resolution_rate", "prevention_compliance"])
def test_ranks_ranges_and_marks_are_those_of_the_recounted_events(
    view: View, demo_sqlite: Path, indicator: str
) -> None:
    first, last = view.months(CATALOGUE[indicator])
    counts = {p: c for p, c in events(demo_sqlite, indicator, first=first, last=last, digits=9).items() if c[1] >= 10}
    slow = slow_ranks(counts)
    figures = ranking_figures(view, indicator, last_month=LAST)
    assert set(figures.ranked["place"]) == set(counts)
    for row in figures.ranked.to_dict("records"):
        assert (row["x"], row["n"]) == counts[row["place"]]
        rank, low, high = slow[row["place"]]
        assert (row["rank"], row["rank_low"], row["rank_high"]) == (rank, low, high)
        assert row["alike"] == high - low
    drawn = rank_chart(view, indicator, last_month=LAST, tone="light", order="rank")
    assert drawn is not None
    marks = next(trace for trace in drawn.to_dict()["data"] if "customdata" in trace)
    assert dict(zip(marks["customdata"], marks["x"], strict=True)) == {place: one[0] for place, one in slow.items()}
    table = ranking_table(view, indicator, last_month=LAST, span=None, peers="kind", demonstration=True)
    for row in table.table["rows"]:
        if not row.total and row.code in slow:
            rank, low, high = slow[row.code]
            assert (row.cells["rank"].sort, row.cells["rank"].note) == (rank, f"{low}–{high}")
            x, n = counts[row.code]
            assert f"{x:,}/{n:,}" in row.cells[indicator].title


def test_the_zones_are_shaded_only_where_a_bracket_clears_them(view: View) -> None:
    for indicator in ("prevention_compliance", "resolution_rate"):
        figures = ranking_figures(view, indicator, last_month=LAST)
        count, half = len(figures.ranked), len(figures.ranked) // 2
        front = bool((figures.ranked["rank_high"] <= half).any())
        rear = bool((figures.ranked["rank_low"] > count - half).any())
        drawn = rank_chart(view, indicator, last_month=LAST, tone="light", order="rank")
        assert drawn is not None
        shaded = [(one["x0"], one["x1"]) for one in drawn.to_dict()["layout"].get("shapes", [])]
        assert ((0.5, half + 0.5) in shaded) is front
        assert ((count - half + 0.5, count + 0.5) in shaded) is rear
        assert len(shaded) == front + rear


def test_the_funnel_flags_by_exact_tails_and_counts_what_chance_would_flag(view: View, demo_sqlite: Path) -> None:
    indicator = "prevention_compliance"
    counts = events(demo_sqlite, indicator, first=202201, last=LAST, digits=9)
    theta = sum(x for x, _ in counts.values()) / sum(n for _, n in counts.values())
    tested = {place: pair for place, pair in counts.items() if pair[1] >= 10}
    low = sum(stats.binom.cdf(x, n, theta) < 0.025 for x, n in tested.values())
    high = sum(stats.binom.sf(x - 1, n, theta) < 0.025 for x, n in tested.values())

    def chance(n: int, rate: float) -> float:
        """P(X ≤ the largest count whose tail is below 0.025), counted up from zero."""
        total = below = 0.0
        for k in range(n + 1):
            total += float(stats.binom.pmf(k, n, rate))
            if total >= 0.025:
                return below
            below = total
        return below

    expected = [sum(chance(n, rate) for _, n in tested.values()) for rate in (theta, 1 - theta)]
    figures = ranking_figures(view, indicator, last_month=LAST)
    said = funnel_sentence(figures, view)
    assert f"{len(tested)}个镇街中，95%界外较差的{low}个、较好的{high}个" in said
    assert figures.funnel is not None
    assert [figures.funnel.expected_low, figures.funnel.expected_high] == pytest.approx(expected, abs=1e-6)
    assert f"预计约有{expected[0]:.1f}个和{expected[1]:.1f}个" in said
    verdicts = dict(zip(figures.places["place"], funnel_verdicts(figures), strict=True))
    for place, (x, n) in tested.items():
        if verdicts[place] in ("worse", "much_worse"):
            assert stats.binom.cdf(x, n, theta) < 0.025
        if verdicts[place] in ("better", "much_better"):
            assert stats.binom.sf(x - 1, n, theta) < 0.025


def test_the_complement_of_the_funnel_is_what_was_missed_per_thousand(view: View) -> None:
    figures = ranking_figures(view, "resolution_rate", last_month=LAST)
    shapes = {}
    for form in ("rate", "misses"):
        drawn = funnel_chart(view, "resolution_rate", last_month=LAST, tone="light", form=form)
        assert drawn is not None
        shapes[form] = next(trace for trace in drawn.to_dict()["data"] if "customdata" in trace)
    rates, misses = (dict(zip(one["customdata"], one["y"], strict=True)) for one in shapes.values())
    for row in figures.ranked.to_dict("records"):
        assert rates[row["place"]] == pytest.approx(row["x"] / row["n"], abs=1e-6)
        assert misses[row["place"]] == pytest.approx((row["n"] - row["x"]) / row["n"] * 1000, abs=1e-5)
    lower = funnel_chart(view, "repeat_rate", last_month=LAST, tone="light", form="misses")
    assert lower is not None
    shown = next(trace for trace in lower.to_dict()["data"] if "customdata" in trace)
    repeat = ranking_figures(view, "repeat_rate", last_month=LAST).places.set_index("place")
    for place, y in zip(shown["customdata"], shown["y"], strict=True):
        assert y == pytest.approx(repeat.at[place, "x"] / repeat.at[place, "n"] * 1000, abs=1e-5)


def test_moves_are_ranks_of_both_periods_and_real_only_without_a_common_rank(view: View, demo_sqlite: Path) -> None:
    indicator = "prevention_compliance"
    figures = ranking_figures(view, indicator, last_month=LAST)
    assert figures.moved["period"].before == (202101, 202112)
    assert (figures.moved["month"].now, figures.moved["month"].before) == ((LAST, LAST), (202211, 202211))
    for span, (now_months, before_months) in {
        "period": ((202201, LAST), (202101, 202112)), "month": ((LAST, LAST), (202211, 202211)),
    }.items():  # fmt: skip
        now, before = (
            events(demo_sqlite, indicator, first=months[0], last=months[1], digits=9)
            for months in (now_months, before_months)
        )
        both = {place for place in now if now[place][1] >= 10 and before.get(place, (0, 0))[1] >= 10}
        ranks = [slow_ranks({place: counts[place] for place in both}) for counts in (now, before)]
        compared = 0
        for place, row in figures.moved[span].rows.items():
            if place not in both:
                assert row["real"] == "not_comparable"
                continue
            compared += 1
            assert (row["rank_now"], row["rank_before"]) == (ranks[0][place][0], ranks[1][place][0])
            assert row["move"] == ranks[1][place][0] - ranks[0][place][0]
            disjoint = row["rank_high_now"] < row["rank_low_before"] or row["rank_low_now"] > row["rank_high_before"]
            assert (row["real"] in ("real_better", "real_worse")) is disjoint
        assert compared >= 5
        assert f"{compared}个镇街" in moves_sentence(figures, span, "zh")
        cells = ranking_table(view, indicator, last_month=LAST, span=span, peers="kind", demonstration=True)
        for row in cells.table["rows"]:
            if not row.total and row.code in both:
                assert row.cells["move"].sort == ranks[1][row.code][0] - ranks[0][row.code][0]
                shared = sum(one[0] == ranks[1][row.code][0] for one in ranks[1].values()) > 1
                assert row.cells["before"].text.startswith("并列") is shared


def test_peer_ranks_are_ranks_of_the_group_alone(view: View, demo_sqlite: Path) -> None:
    counts = events(demo_sqlite, "prevention_compliance", first=202201, last=LAST, digits=9)
    figures = ranking_figures(view, "prevention_compliance", last_month=LAST)
    register = figures.register.set_index("code")
    judged = {place for place, (_, n) in counts.items() if n >= 10}
    for name, column in (("kind", "kind"), ("manager", "managed_by")):
        for _, group in register.groupby(column):
            ranks = slow_ranks({place: counts[place] for place in judged & set(group.index)})
            for place in group.index:
                row = figures.peers[name][place]
                if len(ranks) < 2 or place not in ranks:
                    assert pd.isna(row["rank"])
                else:
                    assert (row["rank"], row["rank_low"], row["rank_high"]) == ranks[place]
    assert {int(row["ranked"]) for row in figures.peers["similar"].values()} <= set(range(2, 7))


def test_villages_are_banded_over_a_year_and_counted_by_township(view: View, demo_sqlite: Path) -> None:
    short = replace(view, first=202210)
    counts = events(demo_sqlite, "prevention_compliance", first=202201, last=LAST, digits=12)
    found = bands_of(short, "prevention_compliance")
    assert found is not None
    known = found[found["n"].gt(0)]
    assert {row["place"]: (row["x"], row["n"]) for row in known.to_dict("records")} == counts
    places = sorted(counts)
    slow = bands([counts[one][0] for one in places], [counts[one][1] for one in places])
    assert dict(zip(places, slow.band, strict=True)) == {
        row["place"]: row["band"] if isinstance(row["band"], str) else None
        for row in known.sort_values("place").to_dict("records")
    }
    tally = Counter((place[:9], band) for place, band in zip(places, slow.band, strict=True) if band)
    table = band_counts(found).set_index("place")
    for (township, band), count in tally.items():
        assert table.at[township, band] == count
    assert table.sum().sum() == len(found)
    part = village_bands(short, "prevention_compliance", True)
    assert "不足12个月" in part.period
    listed = {row.code for row in part.table["rows"]}
    assert listed == {place for place, band in zip(places, slow.band, strict=True) if band in ("leading", "trailing")}
    assert f"{len(found)}个村社" in part.sentence


def test_a_head_sees_the_bands_of_the_own_villages_only_and_nobody_elses(view: View) -> None:
    own = replace(view, villages_of=("330212110",))
    found = bands_of(own, "prevention_compliance")
    assert found is not None and set(found["place"].str[:9]) == {"330212110"}
    assert "姜山镇" in village_bands(own, "prevention_compliance", True).own
    nobody = replace(view, villages_of=())
    assert bands_of(nobody, "prevention_compliance") is None
    assert "不包括村社" in village_bands(nobody, "prevention_compliance", True).refusal
    assert band_chart(nobody, "prevention_compliance", tone="light") is None


def test_a_head_finds_every_own_village_in_the_list_the_trailing_ones_first(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(view, villages_of=("330212110",))
    register = cached_reads.places(own.scope, level="village", within="330212110", version=own.version)
    codes, indicator = list(register["code"]), CATALOGUE["resolution_rate"]
    made_up = [(120, 200)] * 3 + [(199, 200)] * (len(codes) - 5) + [(3, 4), (0, 0)]
    frame = pd.DataFrame({"place": codes, indicator.numerator: [x for x, _ in made_up],
                          indicator.denominator: [n for _, n in made_up]})  # fmt: skip
    banded = band_table(rate_table(frame, indicator), indicator).assign(township="330212110")
    monkeypatch.setattr(rankings_villages, "bands_of", lambda view, code: banded)
    part = village_bands(own, "resolution_rate", True)
    assert [row.code for row in part.table["rows"][:3]] == codes[:3]
    assert {row.code for row in part.table["rows"]} == set(codes)
    assert [row.cells["band"].text for row in part.table["rows"]][-2:] == ["○ 样本少", "— 无数据"]
    assert part.list_title == "本镇街的村社" and "3个很可能在最差的四分之一" in part.sentence
    assert "township" not in {column.code for column in part.table["columns"]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_of_the_table_says_where_it_comes_from(view: View, lang: str) -> None:
    shown = ranking_table(
        replace(view, lang=lang), "resolution_rate", last_month=LAST, span="period", peers="similar",
        demonstration=True,
    )  # fmt: skip
    columns = {column.code: column for column in shown.table["columns"]}
    assert all(column.hint for code, column in columns.items() if code != "name")
    rows: list[Row] = [row for row in shown.table["rows"] if not row.total]
    untold = [(row.code, code) for row in rows for code, cell in row.cells.items() if cell.text and not cell.title]
    assert untold == []


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "township_set"), [("zh", "all"), ("en", "towns")])
def test_every_indicator_on_offer_has_a_title_and_its_figures(view: View, lang: str, township_set: str) -> None:
    asked = replace(view, lang=lang, township_set=township_set)
    for position, indicator in enumerate(HEADLINE):
        board = ranking_board(asked, indicator, last_month=LAST)
        assert board.title.startswith(CATALOGUE[indicator].name[lang])
        drawn = rate_chart(asked, indicator, last_month=LAST, tone="dark", order="kind")
        assert (board.empty == "") is (drawn is not None)
        assert board.funnel and village_bands(asked, indicator, True).period
        span = [None, *board.spans][position % (1 + len(board.spans))]
        peers = list(board.peers)[position % len(board.peers)]
        table = ranking_table(asked, indicator, last_month=LAST, span=span, peers=peers, demonstration=False)
        assert table.sentence and len(table.table["rows"]) == len(measures.townships(asked)) + 1
