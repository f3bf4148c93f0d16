"""A gap like for like, in words: is it still there within the same township, or the same kind of place?"""

from __future__ import annotations

from typing import Any, Final

from data_access.crossed_counts import CROSSED
from indicators.catalogue import Indicator, Pairing
from indicators.strata import AdjustedGap, GapRefusal, HomogeneityRefusal
from ui import cached_reads
from ui.payloads.pairing_strata import ESTATE_AGE, TOWNSHIP, condition_name, offered_strata, strata_names
from ui.payloads.pairing_words import signed_interval, size_text
from ui.payloads.query_choices import NO_GROUPS
from ui.payloads.query_words import chance_text
from ui.texts import number, text

ADJUSTMENTS: Final = ("area_type", "settlement_age", "management", "firm_size", "category", "channel", "item")


def adjustment_options(indicator: Indicator, pairing: Pairing, lang: str) -> dict[str, str]:
    """Codes to words of what can be held alike between two groups: the township, nothing, the age of estates, another
    dimension of the indicator."""
    catalogue, crossed = cached_reads.catalogue(), set(CROSSED.get(indicator.source, ()))
    codes = [TOWNSHIP, *([ESTATE_AGE] if ESTATE_AGE in offered_strata(pairing, indicator) else [])]
    codes += [
        code
        for code in ADJUSTMENTS
        if code != pairing.dimension and {code, pairing.dimension} <= crossed and code in indicator.dimensions
    ]
    offered = {code: condition_name(code, catalogue=catalogue, lang=lang) for code in codes}
    return {TOWNSHIP: offered.pop(TOWNSHIP), NO_GROUPS: text("query.adjust.none", lang)} | offered


def adjusted_lines(gap: AdjustedGap, *, adjust: str, indicator: Indicator, lang: str) -> list[tuple[str, str]]:
    """Whether the gap is still there like for like, and whether it is the same everywhere."""
    what = condition_name(adjust, catalogue=cached_reads.catalogue(), lang=lang)
    head = text("query.test.alike", lang, what=what)
    if gap.reason is not None:
        return [(head, text(f"query.test.refused_{GapRefusal(gap.reason).value}", lang, what=what))]
    pooled = gap.adjusted
    difference, low, high = (float(one) for one in (pooled.difference, pooled.low, pooled.high))
    fewest = float(min(gap.strata["a_n"].sum(), gap.strata["b_n"].sum()))
    facts = {
        "what": what, "used": number(int(pooled.strata_used)), "dropped": number(int(pooled.strata_dropped)),
        "size": size_text(difference, indicator, lang, n=fewest, signed=True), "p": chance_text(gap.p),
        "crude": size_text(float(gap.crude.difference), indicator, lang, n=fewest, signed=True),
    }  # fmt: skip
    if low != low:
        return [(head, text("query.test.alike_silent", lang, **facts))]
    facts["interval"] = signed_interval(low, high, indicator, lang, n=fewest)
    told = text(f"query.test.alike_{_outcome(gap)}", lang, **facts)
    left_out = text("query.test.alike_dropped", lang, **facts) if int(pooled.strata_dropped) else ""
    lines = [(head, told + left_out)]
    same = {True: "same", False: "differs"}.get(gap.same_everywhere) if gap.same_everywhere is not None else None
    if same:
        words = text(f"query.test.homogeneity_{same}", lang, what=what, p=chance_text(gap.homogeneity_p))
    else:
        reason = HomogeneityRefusal(gap.homogeneity_reason).value if gap.homogeneity_reason else "sparse"
        words = text(f"query.test.homogeneity_{reason}", lang, what=what)
    lines.append((text("query.test.homogeneity", lang), words))
    return [*lines, *_strata_line(gap, adjust=adjust, indicator=indicator, lang=lang)]


def _outcome(gap: AdjustedGap) -> str:
    """What became of the gap: still there, gone, turned round, only there like for like, or nowhere."""
    before, after = _side(gap.crude.low, gap.crude.high), _side(gap.adjusted.low, gap.adjusted.high)
    if not after:
        return "gone" if before else "nowhere"
    if not before:
        return "appears"
    return "still" if before == after else "turned"


def _side(low: Any, high: Any) -> int:
    """1 where an interval lies above 0, -1 below, 0 where it holds 0."""
    return 1 if float(low) > 0 else -1 if float(high) < 0 else 0


def _strata_line(gap: AdjustedGap, *, adjust: str, indicator: Indicator, lang: str) -> list[tuple[str, str]]:
    """The gap in each value of a dimension; townships stand in the figure already."""
    if adjust == TOWNSHIP:
        return []
    named = strata_names(adjust, catalogue=cached_reads.catalogue(), places={}, lang=lang)
    parts = [
        text("query.test.stratum", lang, name=named.get(row["group"], row["group"]),
             size=size_text(row["difference"], indicator, lang, n=min(row["a_n"], row["b_n"]), signed=True),
             interval=signed_interval(row["low"], row["high"], indicator, lang, n=min(row["a_n"], row["b_n"])))
        for row in gap.strata[gap.strata["used"]].to_dict("records")
    ]  # fmt: skip
    joiner = "；" if lang == "zh" else "; "
    return [(text("query.test.strata", lang), joiner.join(parts))] if parts else []
