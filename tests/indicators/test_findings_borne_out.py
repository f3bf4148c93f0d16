"""A finding that its own chart would not bear out is a fault: thousands of random districts, read off their charts.

The charts draw the frames that the findings are given. Each finding is read off those frames again here, by the marks
a reader sees: colours of a map, ends of an interval, the side of a line.
"""

from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from indicators.catalogue import Catalogue, Indicator, Pairing
from indicators.changes import change_table
from indicators.claims import Finding
from indicators.finding_words import finding_words
from indicators.findings import FACTS, GapEvidence, IndicatorEvidence, overview_findings
from indicators.gaps import gap_change, gap_table
from indicators.place_findings import PLACE_FACTS, PlaceEvidence, place_findings
from indicators.values import rate_table
from indicators.verdicts import verdict_table

DISTRICTS = 1_000
EACH = 32
"""Sets of figures made per indicator; a district is put together from them by lot."""
CODES = ("resolution_rate", "satisfaction_rate", "reopen_rate", "acceptance_rate", "volunteers_per_1000")
WORSE = ("worse", "much_worse")
NAMES = {f"3302121{row:02d}": "某地" for row in range(14)}


class District:
    """Counts of places, months and groups, with differences that are sometimes none, sometimes slight or wide."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.size = int(rng.integers(1, 14))
        self.places = [f"3302121{row:02d}" for row in range(self.size)]

    def rates(self, indicator: Indicator, *, months: int = 0) -> pd.DataFrame:
        """A rate table by place, or of one place by month."""
        rows = months or self.size
        level = {"reopen_rate": 0.04, "volunteers_per_1000": 0.02}.get(
            indicator.code, float(self.rng.choice([0.93, 0.97, 0.99, 0.999]))
        )
        spread = self.rng.choice([0.0, 0.005, 0.05])
        rate = np.clip(level + self.rng.normal(0, spread, rows), 0, 1)
        if self.rng.random() < 0.4:  # a few places far behind
            rate[: self.size // 4] = 0.3 if indicator.better == "lower" else 0.6
        if months:
            rate = rate.clip(0, 0.96)
            rate[-int(self.rng.integers(8, 12)) :] = np.clip(level + self.rng.choice([0.0, 0.04, -0.1]), 0, 1)
        n = np.exp(self.rng.uniform(4 if months else 0, 8, rows)).astype(int) * (
            self.rng.random(rows) > (0.0 if months else 0.2)
        )
        counts = pd.DataFrame({indicator.numerator: self.rng.binomial(n, rate), indicator.denominator: n})
        if months:
            month = [201900 + 100 * (row // 12) + row % 12 + 1 for row in range(months)]
            return rate_table(counts.assign(month=month), indicator, by=("month",)).assign(
                provisional=[row >= months - 2 for row in range(months)]
            )
        return rate_table(counts.assign(place=self.places), indicator)

    def total(self, indicator: Indicator, table: pd.DataFrame) -> pd.DataFrame:
        """The one row of all places together."""
        known = table.dropna(subset=["x", "n"])
        counts = known[["x", "n"]].set_axis([indicator.numerator, indicator.denominator], axis=1)
        return rate_table(counts, indicator, by=())

    def gap(self, indicator: Indicator, pairing: Pairing) -> GapEvidence:
        """Two groups now and before."""
        now, before = ([self.rates(indicator) for _ in range(2)] for _ in range(2))
        district, earlier = (
            gap_table(*(self.total(indicator, side) for side in sides), by=(), indicator=indicator)
            for sides in (now, before)
        )
        return GapEvidence(
            indicator, pairing, district=district, before=earlier, change=gap_change(district, earlier, by=()),
            places=gap_table(*now, indicator=indicator),
        )  # fmt: skip


class Figures(NamedTuple):
    """One indicator's figures in one made-up district: for the whole, and for its first township."""

    whole: IndicatorEvidence
    place: PlaceEvidence


def made_figures(catalogue: Catalogue, rng: np.random.Generator) -> dict[str, list[Figures]]:
    """``EACH`` sets of figures of every indicator."""
    made: dict[str, list[Figures]] = {code: [] for code in CODES}
    for code in np.repeat(CODES, EACH):
        district, indicator = District(rng), catalogue[str(code)]
        now, before = district.rates(indicator), district.rates(indicator)
        total, earlier = district.total(indicator, now), district.total(indicator, before)
        judged = verdict_table(now, indicator)
        # In half of the made districts the places are the villages of one township beside a large rest.
        row, villages = judged.to_dict("records")[0], judged
        if rng.random() < 0.5 and total["state"].iloc[0] == "value":
            row = beside_a_rest(total, indicator, float(rng.choice([0.94, 0.98, 0.995])))
        people = code == "satisfaction_rate" and row["n"] > 0
        made[str(code)].append(
            Figures(
                IndicatorEvidence(
                    indicator, district=total, places=judged, change=change_table(total, earlier, indicator, by=())
                ),
                PlaceEvidence(
                    indicator, row, change=change_table(now, before, indicator).to_dict("records")[0],
                    months=district.rates(indicator, months=24), villages=villages,
                    called_back=int(row["n"]) + int(rng.integers(0, 300)) if people else None,
                ),
            )
        )  # fmt: skip
    return made


def beside_a_rest(total: pd.DataFrame, indicator: Indicator, rate: float) -> dict[str, Any]:
    """The verdict row of the whole district as one township beside 20,000 cases of others."""
    x, n = float(total["x"].iloc[0]), float(total["n"].iloc[0])
    rest = 20_000 * (rate if indicator.better == "higher" else 1 - rate)
    counts = pd.DataFrame(
        {"place": ["own", "rest"], indicator.numerator: [x, rest], indicator.denominator: [n, 20_000.0]}
    ).round()
    return verdict_table(rate_table(counts, indicator), indicator).to_dict("records")[0]


def made_gaps(catalogue: Catalogue, rng: np.random.Generator) -> list[GapEvidence]:
    """``EACH`` gaps of random indicators and pairings."""
    return [
        District(rng).gap(
            catalogue[str(rng.choice(["resolution_rate", "reopen_rate"]))],
            catalogue.pairings[str(rng.choice(["urban_rural", "firm_size"]))],
        )
        for _ in range(EACH)
    ]


@pytest.fixture(scope="module")
def made(catalogue: Catalogue) -> dict[str, list[Figures]]:
    return made_figures(catalogue, np.random.default_rng(2020))


@pytest.fixture(scope="module")
def all_gaps(catalogue: Catalogue) -> list[GapEvidence]:
    return made_gaps(catalogue, np.random.default_rng(2021))


def worse_side(indicator: Indicator) -> str:
    return "below" if indicator.better == "higher" else "above"


def check_target(finding: Finding, row: Any, indicator: Indicator) -> None:
    """The tile's interval lies wholly on one side of the mark for the target."""
    missed = finding.rule.endswith("missed")
    below = row["high"] < indicator.target
    above = row["low"] > indicator.target
    assert below or above
    assert (below == missed) if indicator.better == "higher" else (above == missed)
    if missed:
        short = finding.facts["short"]
        assert short > 0 and finding.touches == short
        reached = row["x"] + (short if indicator.better == "higher" else -short)
        assert reached / row["n"] >= indicator.target - 1e-12 or indicator.better == "lower"


def check_change(finding: Finding, row: Any) -> None:
    """The scoreboard's arrow points that way and its range excludes no change."""
    assert row["low"] > 0 or row["high"] < 0
    assert finding.facts["change"] == ("up" if row["difference"] > 0 else "down")
    assert finding.rule.endswith("better") == bool(row["good"])


def check_gap(finding: Finding, gap: GapEvidence) -> None:
    """The strip's interval excludes zero, on the side of the group that is said to be ahead."""
    row = gap.district.iloc[0]
    assert row["low"] > 0 or row["high"] < 0
    first_is_higher = row["a_value"] > row["b_value"]
    ahead = "a" if first_is_higher == (gap.indicator.better == "higher") else "b"
    assert finding.facts["ahead"] == ahead
    assert finding.facts["size"] == pytest.approx(abs(row["a_value"] - row["b_value"]))
    if gap.places is not None and "places_same" in finding.facts:
        assert finding.facts["places_same"] == (gap.places["ahead"] == ahead).sum()


def check_overview(finding: Finding, evidence: dict[str, IndicatorEvidence], gaps: list[GapEvidence]) -> None:
    gap = next((one for one in gaps if one.pairing.code == finding.facts.get("pairing")), None)
    if finding.rule == "gap":
        assert gap is not None
        check_gap(finding, gap)
        return
    if finding.rule.startswith("gap_"):
        assert gap is not None
        grows = finding.facts["size_now"] > finding.facts["size_before"]
        assert grows == (finding.rule == "gap_growing")
        return
    one = evidence[str(finding.indicator)]
    assert one.places is not None
    if "target" in finding.rule:
        check_target(finding, one.district.iloc[0], one.indicator)
    elif "change" in finding.rule:
        assert one.change is not None
        check_change(finding, one.change.iloc[0])
    else:
        marks = one.places.set_index("place")["verdict"]
        if finding.rule == "places_alike":
            assert not marks.str.startswith("much_").any()
        else:
            assert finding.facts["count"] == marks.isin(WORSE).sum()
            assert all(marks[code] == "much_worse" for code in finding.facts["named"])
            assert finding.facts["count"] > finding.facts["expected"] or finding.rule == "place_much_worse"


def check_place(finding: Finding, one: PlaceEvidence, gap: GapEvidence) -> None:
    if finding.rule == "place_gap":
        check_gap(finding, gap)
    elif finding.rule in ("place_worse", "place_better"):
        marked = one.judged["verdict"] in WORSE
        assert marked == (finding.rule == "place_worse") and one.judged["verdict"] != "similar"
        below = finding.facts["value"] < finding.facts["rest_value"]
        assert below == ((worse_side(one.indicator) == "below") == marked)
    elif finding.rule == "place_target_open":
        assert finding.facts["low"] <= finding.facts["target"] <= finding.facts["high"]
    elif "target" in finding.rule:
        check_target(finding, one.judged, one.indicator)
    elif "run" in finding.rule:
        assert one.months is not None
        drawn = one.months[~one.months["provisional"] & one.months["state"].eq("value")].sort_values("month")
        last = drawn["value"].to_numpy()[-finding.facts["months"] :]
        above = bool((last > finding.facts["centre"]).all())
        assert above or bool((last < finding.facts["centre"]).all())
        assert (above == (one.indicator.better == "higher")) == finding.rule.endswith("better")
    elif finding.rule in ("villages_worse", "villages_main"):
        assert one.villages is not None
        villages = one.villages.set_index("place")
        named = villages.loc[list(finding.facts["named"])]
        assert finding.facts["count"] == villages["verdict"].isin(WORSE).sum() > finding.facts["expected"]
        assert (named["verdict"] == "much_worse").all()
        if finding.rule == "villages_main":
            assert one.judged["verdict"] in WORSE
            rest = one.judged["rest_x"] / one.judged["rest_n"]
            behind = abs((rest * named["n"] - named["x"]).sum())
            assert behind >= 0.5 * abs(rest * one.judged["n"] - one.judged["x"]) and finding.touches == int(behind)
    elif finding.rule == "survey_unsure":
        assert finding.facts["lowest"] < finding.facts["value"] or finding.facts["value"] == 0


def check_words(finding: Finding, catalogue: Catalogue, names: dict[str, str]) -> None:
    """A finished sentence in both languages, each with its note, and no figure that reads as nothing."""
    for lang in ("zh", "en"):
        words = finding_words(finding, catalogue, names, lang)
        assert words.sentence and words.note and "{" not in words.sentence + words.note
        assert "nan" not in words.sentence.lower() and not words.sentence.startswith(("的", " "))
    english = finding_words(finding, catalogue, {code: "Place" for code in names}, "en")
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in english.sentence + english.note)


def test_every_finding_of_a_thousand_districts_can_be_read_off_its_chart(
    catalogue: Catalogue, made: dict[str, list[Figures]], all_gaps: list[GapEvidence]
) -> None:
    rng = np.random.default_rng(2022)
    told: Counter[str] = Counter()
    for _ in range(DISTRICTS):
        codes = [str(code) for code in rng.choice(CODES, rng.integers(1, 4), replace=False)]
        evidence = {code: made[code][rng.integers(EACH)].whole for code in codes}
        gaps = [all_gaps[rng.integers(EACH)]]
        limit = int(rng.integers(0, 7))
        findings = overview_findings(list(evidence.values()), gaps, limit=limit)
        assert len(findings) <= limit
        for finding in findings:
            check_overview(finding, evidence, gaps)
            check_words(finding, catalogue, NAMES)
        told.update(one.rule for one in findings)
    print(f"{DISTRICTS} districts: {sum(told.values())} findings, {dict(told)}")
    assert min(told[rule] for rule in FACTS) >= 4


def test_every_finding_about_a_thousand_townships_can_be_read_off_its_chart(
    catalogue: Catalogue, made: dict[str, list[Figures]], all_gaps: list[GapEvidence]
) -> None:
    rng = np.random.default_rng(2023)
    told: Counter[str] = Counter()
    for _ in range(DISTRICTS):
        codes = [str(code) for code in rng.choice(CODES, rng.integers(1, 4), replace=False)]
        evidence = {code: made[code][rng.integers(EACH)].place for code in codes}
        gap = all_gaps[rng.integers(EACH)]
        limit = int(rng.integers(0, 9))
        found = place_findings(list(evidence.values()), [gap], limit=limit)
        assert len(found.findings) <= limit
        assert found.indicators_examined == len({*evidence, gap.indicator.code})
        for finding in found.findings:
            check_place(finding, evidence.get(str(finding.indicator), next(iter(evidence.values()))), gap)
            check_words(finding, catalogue, NAMES)
        told.update(one.rule for one in found.findings)
    print(f"{DISTRICTS} townships: {sum(told.values())} findings, {dict(told)}")
    assert min(told[rule] for rule in PLACE_FACTS) >= 4
