"""Findings: only what the tests bear out, the exact facts, variety, and silence where nothing differs."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from indicators.catalogue import Catalogue, Indicator
from indicators.changes import change_table
from indicators.findings import FACTS, Finding, GapEvidence, IndicatorEvidence, overview_findings
from indicators.gaps import gap_change, gap_table, pairing_gaps
from indicators.values import rate_table
from indicators.verdicts import verdict_table

Pairs = list[tuple[int, int]]


def counts(indicator: Indicator, pairs: Pairs) -> pd.DataFrame:
    places = [f"3302121{row:02d}" for row in range(len(pairs))]
    x, n = zip(*pairs, strict=True)
    return pd.DataFrame({"place": places, indicator.numerator: list(x), indicator.denominator: list(n)})


def evidence(indicator: Indicator, pairs: Pairs, before: Pairs | None = None) -> IndicatorEvidence:
    now = counts(indicator, pairs)
    district = rate_table(now, indicator, by=())
    change = None
    if before is not None:
        change = change_table(district, rate_table(counts(indicator, before), indicator, by=()), indicator, by=())
    return IndicatorEvidence(
        indicator, district=district, places=verdict_table(rate_table(now, indicator), indicator), change=change
    )


def gap_evidence(
    catalogue: Catalogue, pairing: str, a: Pairs, b: Pairs, *, code: str = "prevention_compliance",
    before: tuple[Pairs, Pairs] | None = None,
) -> GapEvidence:  # fmt: skip
    indicator, chosen = catalogue[code], catalogue.pairings[pairing]

    def both(first: Pairs, second: Pairs) -> pd.DataFrame:
        one = counts(indicator, first).assign(value=chosen.a.values[0])
        return pd.concat([one, counts(indicator, second).assign(value=chosen.b.values[0])], ignore_index=True)

    district = pairing_gaps(both(a, b), indicator, chosen, by=())
    earlier = None if before is None else pairing_gaps(both(*before), indicator, chosen, by=())
    return GapEvidence(
        indicator, chosen, district=district, before=earlier,
        change=None if earlier is None else gap_change(district, earlier, by=()),
        places=pairing_gaps(both(a, b), indicator, chosen),
    )  # fmt: skip


def only(findings: list[Finding], rule: str) -> Finding:
    """The one finding of a rule, which carries exactly the facts the rule promises, as plain values."""
    found = [one for one in findings if one.rule == rule]
    assert len(found) == 1, f"{rule}: {[one.rule for one in findings]}"
    assert set(found[0].facts) == set(FACTS[rule])
    assert all(isinstance(value, str | bool | int | float | tuple | None) for value in found[0].facts.values())
    assert not any(isinstance(value, np.generic) for value in found[0].facts.values())
    return found[0]


def rules(findings: list[Finding]) -> list[str]:
    return [one.rule for one in findings]


def test_a_missed_target_tells_the_cases_short_and_only_if_the_interval_excludes_it(resolution: Indicator) -> None:
    found = only(overview_findings([evidence(resolution, [(940, 1000), (945, 1000)])], limit=9), "target_missed")
    assert (found.facts["short"], found.facts["x"], found.facts["n"]) == (75, 1885, 2000)
    assert found.facts["high"] < found.facts["target"] == 0.98
    assert (found.indicator, found.link) == ("resolution_rate", "briefing/overview")
    near = overview_findings([evidence(resolution, [(97, 100), (97, 100)])], limit=9)
    assert "target_missed" not in rules(near) and "target_met" not in rules(near)


def test_a_target_is_met_only_if_the_interval_lies_above_it(resolution: Indicator) -> None:
    assert only(overview_findings([evidence(resolution, [(9_990, 10_000)])], limit=9), "target_met").facts["x"] == 9990
    assert "target_met" not in rules(overview_findings([evidence(resolution, [(50, 50)])], limit=9))


def test_places_below_the_rest_are_counted_beside_what_chance_would_flag(resolution: Indicator) -> None:
    pairs = [(900, 1000)] * 5 + [(980, 1000)] * 20
    found = only(overview_findings([evidence(resolution, pairs)], limit=9), "places_worse")
    assert (found.facts["count"], found.facts["tested"], found.facts["named_count"]) == (5, 25, 5)
    assert found.facts["expected"] < 0.7
    assert found.facts["named"] == tuple(f"3302121{row:02d}" for row in range(5))


def test_one_place_far_below_is_named_without_speaking_of_many(catalogue: Catalogue) -> None:
    indicator = catalogue["acceptance_rate"]
    pairs = [(900, 1000)] + [(980, 1000)] * 24
    findings = overview_findings([evidence(indicator, pairs)], limit=9)
    assert only(findings, "place_much_worse").facts["named"] == ("330212100",)
    assert "places_worse" not in rules(findings)


def test_where_high_is_bad_the_places_above_are_the_worse_ones(catalogue: Catalogue) -> None:
    pairs = [(200, 1000)] * 5 + [(50, 1000)] * 20
    found = only(overview_findings([evidence(catalogue["reopen_rate"], pairs)], limit=9), "places_worse")
    assert found.facts["named"] == tuple(f"3302121{row:02d}" for row in range(5))


def test_a_tiny_difference_is_not_named_however_certain(catalogue: Catalogue) -> None:
    indicator = catalogue["acceptance_rate"]
    pairs = [(9_780_000, 10_000_000)] + [(9_800_000, 10_000_000)] * 11
    assert "place_much_worse" not in rules(overview_findings([evidence(indicator, pairs)], limit=9))


def test_places_that_cannot_be_told_apart_are_said_to_be_so(catalogue: Catalogue) -> None:
    indicator = catalogue["acceptance_rate"]
    found = only(overview_findings([evidence(indicator, [(98, 100)] * 20)], limit=9), "places_alike")
    assert found.facts["tested"] == 20 and found.facts["count"] == 0
    assert overview_findings([evidence(indicator, [(98, 100)] * 5)], limit=9) == []


@pytest.mark.parametrize(
    ("code", "now", "before", "rule"),
    [
        ("acceptance_rate", 990, 950, "change_for_better"),
        ("acceptance_rate", 950, 990, "change_for_worse"),
        ("reopen_rate", 100, 20, "change_for_worse"),
        ("reopen_rate", 20, 100, "change_for_better"),
    ],
)
def test_a_real_change_is_called_by_its_worth(
    catalogue: Catalogue, code: str, now: int, before: int, rule: str
) -> None:
    one = evidence(catalogue[code], [(now, 1000)] * 2, [(before, 1000)] * 2)
    found = only(overview_findings([one], limit=9), rule)
    assert found.facts["size"] == pytest.approx(abs(now - before) / 1000)
    assert 0 < found.facts["low"] < found.facts["size"] < found.facts["high"]
    assert found.facts["change"] == ("up" if now > before else "down")


def test_a_gap_tells_who_is_ahead_how_many_places_show_it_and_whether_the_paper_said_so(catalogue: Catalogue) -> None:
    one = gap_evidence(catalogue, "urban_rural", [(800, 1000)] * 3 + [(950, 1000)], [(950, 1000)] * 4)
    found = only(overview_findings([], [one], limit=9), "gap")
    assert {name: found.facts[name] for name in ("pairing", "ahead", "behind", "as_paper")} == {
        "pairing": "urban_rural", "ahead": "b", "behind": "a", "as_paper": True,
    }  # fmt: skip
    assert found.facts["size"] == pytest.approx(0.1125)
    assert found.facts["ahead_value"] == pytest.approx(0.95)
    assert (found.facts["places_tested"], found.facts["places_same"], found.facts["places_opposite"]) == (4, 3, 0)
    assert found.facts["places_by_chance"] == pytest.approx(0.1) and found.link == "gaps/pairings"
    other = gap_evidence(catalogue, "urban_rural", [(950, 1000)], [(800, 1000)])
    assert only(overview_findings([], [other]), "gap").facts["as_paper"] is False
    unsaid = gap_evidence(catalogue, "settlement_age", [(950, 1000)], [(800, 1000)])
    assert only(overview_findings([], [unsaid]), "gap").facts["as_paper"] is None


def test_of_one_pairing_only_the_widest_real_gap_is_told(catalogue: Catalogue) -> None:
    wide = gap_evidence(catalogue, "urban_rural", [(800, 1000)], [(950, 1000)])
    narrow = gap_evidence(catalogue, "urban_rural", [(900, 1000)], [(950, 1000)], code="resolution_rate")
    small = gap_evidence(catalogue, "firm_size", [(10, 20)], [(14, 20)])
    for order in ([wide, narrow, small], [small, narrow, wide]):
        found = only(overview_findings([], order, limit=9), "gap")
        assert found.indicator == "prevention_compliance" and found.facts["gaps_examined"] == 3


def test_a_gap_that_closes_or_opens_is_told_with_both_sizes(catalogue: Catalogue) -> None:
    far, near = ([(800, 1000)], [(950, 1000)]), ([(930, 1000)], [(950, 1000)])
    closing = gap_evidence(catalogue, "urban_rural", *near, before=far)
    facts = only(overview_findings([], [closing], limit=9), "gap_shrinking").facts
    assert (facts["size_now"], facts["size_before"]) == pytest.approx((0.02, 0.15)) and facts["ahead"] == "b"
    opening = gap_evidence(catalogue, "urban_rural", *far, before=near)
    assert only(overview_findings([], [opening], limit=9), "gap_growing").facts["size_now"] == pytest.approx(0.15)
    still = gap_evidence(catalogue, "urban_rural", *far, before=far)
    assert rules(overview_findings([], [still], limit=9)) == ["gap"]


def test_neither_neutral_nor_chanceless_indicators_give_findings(catalogue: Catalogue) -> None:
    pairs = [(100, 1000)] * 5 + [(400, 1000)] * 10
    for code in ("caseload_per_grid_worker", "supply_days"):
        one = evidence(catalogue[code], pairs, [(50, 1000)] * 15)
        assert rules(overview_findings([one], limit=9)) in ([], ["places_alike"])


def test_nothing_known_gives_no_findings(resolution: Indicator, catalogue: Catalogue) -> None:
    assert overview_findings([], []) == []
    empty = evidence(resolution, [(0, 0), (3, 4)], [(0, 0), (0, 0)])
    gap = gap_evidence(catalogue, "urban_rural", [(0, 0)], [(5, 6)], before=([(0, 0)], [(5, 6)]))
    assert overview_findings([empty], [gap], limit=9) == []


def test_at_most_the_asked_number_comes_and_what_touches_most_units_comes_first(catalogue: Catalogue) -> None:
    bad = [(900, 1000)] * 12
    one = evidence(catalogue["resolution_rate"], bad, [(990, 1000)] * 12)
    two = evidence(catalogue["on_time_rate"], bad, [(990, 1000)] * 12)
    gap = gap_evidence(catalogue, "urban_rural", [(800, 1000)], [(950, 1000)])
    findings = overview_findings([one, two], [gap], limit=3)
    assert [(one.rule, one.touches) for one in findings] == [
        ("change_for_worse", 1080), ("target_missed", 960), ("gap", 150),
    ]  # fmt: skip
    everything = rules(overview_findings([two, one], [gap], limit=99))
    assert everything[:3] == rules(findings) and sorted(everything).count("target_missed") == 2
    assert overview_findings([one, two], [gap], limit=0) == []


def test_the_order_of_the_evidence_changes_nothing(catalogue: Catalogue) -> None:
    some = [evidence(catalogue[code], [(900, 1000)] * 12) for code in ("resolution_rate", "on_time_rate")]
    gaps = [gap_evidence(catalogue, code, [(800, 1000)], [(950, 1000)]) for code in ("urban_rural", "firm_size")]
    assert overview_findings(some, gaps) == overview_findings(some[::-1], gaps[::-1])


def test_without_any_true_difference_findings_are_rare(catalogue: Catalogue) -> None:
    rng = np.random.default_rng(41)
    codes = ("acceptance_rate", "rectified_on_recheck", "callback_coverage")

    def chance() -> Pairs:
        n = rng.integers(60, 1500, 25)
        return [(int(x), int(size)) for x, size in zip(rng.binomial(n, 0.97), n, strict=True)]

    spoke = 0
    for _ in range(40):
        some = [evidence(catalogue[code], chance(), chance()) for code in codes]
        gaps = [
            gap_evidence(catalogue, code, chance(), chance(), before=(chance(), chance()))
            for code in ("urban_rural", "estate_management", "firm_size")
        ]
        claims: list[Any] = [one for one in overview_findings(some, gaps, limit=9) if one.rule != "places_alike"]
        spoke += bool(claims)
    assert spoke <= 0.075 * 40


def test_a_gap_table_from_two_tables_serves_as_well_as_one_from_counts(catalogue: Catalogue) -> None:
    indicator = catalogue["prevention_compliance"]
    a, b = (rate_table(counts(indicator, pairs), indicator, by=()) for pairs in ([(800, 1000)], [(950, 1000)]))
    one = GapEvidence(indicator, catalogue.pairings["urban_rural"], district=gap_table(a, b, by=()))
    assert only(overview_findings([], [one]), "gap").facts["places_tested"] == 0
