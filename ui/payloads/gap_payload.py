"""The gaps as strips: who is ahead, by how much, and whether it shrinks."""

from __future__ import annotations

from typing import Final

import pandas as pd

from indicators.catalogue import Catalogue, Indicator, Pairing
from indicators.findings import GapEvidence
from indicators.gaps import gap_change, gap_table
from ui import measures
from ui.address import add_months
from ui.component_base import Point
from ui.gap_strips import Side, Strip
from ui.measures import View
from ui.texts import month_text, number, points_interval, text
from ui.wording import percent_plain, share_text

PAPER_PAIRINGS: Final = ("urban_rural", "estate_management", "firm_size")
TREND_MONTHS: Final = 24


def gap_evidence(view: View, indicator: Indicator, pairing: Pairing, *, within: str | None = None) -> GapEvidence:
    """The district's gap, the earlier one, the change between them and the gaps of the townships.

    ``within`` names a township: then ``district`` is the gap inside it and ``places`` holds it alone.
    """
    months = view.months(indicator)
    before = view.before(indicator)
    district = measures.gaps(view, pairing, indicator, within=within, by=(), months=months)
    earlier = measures.gaps(view, pairing, indicator, within=within, by=(), months=before) if before else None
    return GapEvidence(
        indicator,
        pairing,
        district=district,
        before=earlier,
        change=gap_change(district, earlier, by=()) if earlier is not None else None,
        places=measures.gaps(view, pairing, indicator, within=within, months=months),
    )


def gap_strip(view: View, evidence: GapEvidence, *, within: str | None = None) -> Strip:
    """One strip in the reader's language; ``within`` as it was given to :func:`gap_evidence`."""
    lang, pairing, indicator = view.lang, evidence.pairing, evidence.indicator
    row = evidence.district.iloc[0]
    first, second = measures.sides(view, pairing, indicator, within=within, by=())
    sides = [
        _side(table.iloc[0], group.name[lang], indicator, lang)
        for table, group in ((first, pairing.a), (second, pairing.b))
    ]
    sentence = gap_sentence(evidence, lang)
    known = row["ahead"] is not None
    behind = {"a": "b", "b": "a", "none": "none"}[row["ahead"]] if known else None
    return Strip(
        code=pairing.code,
        name=pairing.name[lang],
        measure=indicator.name[lang],
        sentence=sentence,
        a=sides[0],
        b=sides[1],
        behind=behind,
        alt=f"{pairing.name[lang]}：{sentence}" if lang == "zh" else f"{pairing.name[lang]}: {sentence}",
        figure_text=number(abs(row["difference"]) * 100, decimals=1) if known else "",
        figure_unit=text("overview.points_unit", lang) if known else "",
        points=gap_months(view, pairing, indicator, within=within),
        above=text("overview.group_ahead", lang, group=pairing.a.name[lang]),
        below=text("overview.group_ahead", lang, group=pairing.b.name[lang]),
    )


def _side(row: pd.Series, name: str, indicator: Indicator, lang: str) -> Side:
    if row["state"] != "value":
        return Side(name=name, value=None, n_text=text(f"frame.states.{row['state']}", lang))
    return Side(
        name=name,
        value=row["value"],
        low=row["low"],
        high=row["high"],
        value_text=share_text({"a_x": row["x"], "a_n": row["n"]}, "a"),
        n_text=f"n={number(row['n'])}",
    )


def gap_sentence(evidence: GapEvidence, lang: str) -> str:
    """农村领先城市社区3.2个百分点（可能区间2.8至3.6），差距在缩小."""
    row, pairing = evidence.district.iloc[0], evidence.pairing
    if row["ahead"] is None:
        return text("overview.gap.unknown", lang)
    if row["ahead"] == "none":
        return text("overview.gap.none", lang, interval=points_interval(row["low"], row["high"], lang))
    groups = {"a": pairing.a.name[lang], "b": pairing.b.name[lang]}
    behind = "b" if row["ahead"] == "a" else "a"
    low, high = sorted((abs(row["low"]), abs(row["high"])))
    facts = {
        "ahead": groups[row["ahead"]],
        "behind": groups[behind],
        "size": percent_plain(abs(row["difference"])).rstrip("%"),
        "interval": points_interval(low, high, lang),
    }
    return text("overview.gap.ahead", lang, **facts) + trend_words(evidence, lang)


def trend_words(evidence: GapEvidence, lang: str) -> str:
    """Whether the gap grows or shrinks against the earlier period, as the end of a sentence."""
    if evidence.change is None or evidence.change.iloc[0]["change"] is None:
        return text("overview.gap.trend.unknown", lang)
    return text(f"overview.gap.trend.{evidence.change.iloc[0]['change']}", lang)


def gap_months(view: View, pairing: Pairing, indicator: Indicator, *, within: str | None = None) -> list[Point]:
    """The gap of the district or township month by month, over the two years up to the last month chosen."""
    first = max(view.first_month, min(view.first, add_months(view.last, 1 - TREND_MONTHS)))
    a, b = measures.sides(view, pairing, indicator, within=within, by=("month",), months=(first, view.last))
    table = gap_table(a, b, by=("month",), indicator=indicator).sort_values("month")
    return [
        Point(
            month=month_text(int(row.month), view.lang),
            value=row.difference,
            low=row.low,
            high=row.high,
            provisional=indicator.source == "issues" and view.is_provisional(int(row.month)),
        )
        for row in table.itertuples()
    ]


def paper_gaps(view: View, catalogue: Catalogue, *, indicator: str, within: str | None = None) -> list[GapEvidence]:
    """The three gaps of the policy paper for one indicator, in the district or inside the township ``within``."""
    return [
        gap_evidence(view, catalogue[indicator], catalogue.pairings[code], within=within) for code in PAPER_PAIRINGS
    ]
