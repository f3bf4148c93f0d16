"""Everything the page of the campaigns mounts: the five side by side, one of them closer, and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.values import rate_table
from ui import cached_reads, measures, place_table
from ui.address import months_between
from ui.charts.frozen import Frozen
from ui.charts.month_counts import counts_over_time
from ui.charts.month_lines import Campaign
from ui.charts.over_time import TimeLine, rate_over_time
from ui.charts.tone import tone_named
from ui.component_base import packed
from ui.measures import View
from ui.payloads.campaign_figures import NAMED, BeforeAfter, CampaignReach, before_after, campaign_reach, outcome_lines
from ui.payloads.pairing_charts import chart_words
from ui.payloads.pairing_words import signed_interval, signed_points
from ui.place_names import place_name
from ui.place_table import Cell, Column, Download, Row
from ui.texts import month_span, month_text, number, text
from ui.wording import evidence_text, figure_text

OUTCOMES: Final = ("prevention_compliance", "resolution_rate", "satisfaction_rate", "on_time_rate", "repeat_rate")
COLUMNS: Final = ("resolution_rate", "satisfaction_rate", "overdue_open_rate")


@dataclass(frozen=True)
class CampaignsPage:
    """The five campaigns: title, names by code (those on record), the table's arguments and its packed data."""

    title: str
    names: dict[str, str]
    table: dict[str, Any]
    ready: bytes


@dataclass(frozen=True)
class CampaignCloser:
    """One campaign: its reach in words, its issues by month, and the outcome inside and outside with its finding."""

    reach: str
    counts: Frozen
    counts_alt: str
    lines: Frozen
    finding: str
    caveat: str
    table: dict[str, Any] | None
    ready: bytes | None
    period: str


def whole_view(view: View, last_month: int) -> View:
    """The view over all months and townships: a campaign has dates of its own."""
    return replace(view, first=view.first_month, last=view.scope.last_month(last_month), township_set="all", members=())


def campaign_names(lang: str) -> dict[str, str]:
    """The campaigns by code in the reader's language."""
    return {code: text(f"annotations.campaigns.{code}", lang) for code in NAMED}


@st.cache_resource(show_spinner=False, max_entries=40)
def campaigns_page(view: View, demonstration: bool) -> CampaignsPage:
    """The page above the chosen campaign. ``view`` as :func:`whole_view` gives it."""
    lang, catalogue = view.lang, cached_reads.catalogue()
    reach, names = campaign_reach(view), campaign_names(lang)
    shown = [catalogue[code] for code in COLUMNS]
    counts = measures.read_counts(view, shown[0], level="district", dimension="campaign")
    rates = {one.code: rate_table(counts, one, by=("value",)).set_index("group") for one in shown}
    rows = [_row(code, names[code], reach.get(code), counts, rates, shown, lang) for code in NAMED]
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    table = {
        "columns": _columns(shown, lang),
        "rows": rows,
        "caption": text("campaigns.table.caption", lang),
        "footnotes": (text("campaigns.table.settled", lang, month=month_text(view.months(shown[0])[1], lang)),),
        "download": Download(
            file_name=text("campaigns.table.file", lang, mark=f"{mark}_" if mark else ""), mark=mark,
            notes=(text("campaigns.table.caption", lang),),
        ),
    }  # fmt: skip
    total = sum(sum(one.months.values()) for one in reach.values())
    largest = max(reach.values(), key=lambda one: sum(one.months.values()), default=None)
    title = text("campaigns.title.none", lang)
    if largest is not None:
        title = text(
            "campaigns.title.some", lang, count=len(reach), total=number(total), name=names[largest.code],
            share=number(100 * sum(largest.months.values()) / total),
        )  # fmt: skip
    known = {code: names[code] for code in reach}
    return CampaignsPage(title, known, table, packed(place_table.payload(**table, lang=lang)))


@st.cache_resource(show_spinner=False, max_entries=120)
def campaign_closer(
    view: View, code: str, outcome: str, marks: tuple[Campaign, ...], *, tone: str, demonstration: bool
) -> CampaignCloser:
    """One campaign with issues on record, in one outcome; ``marks`` are the notes to draw on its trends."""
    lang, indicator = view.lang, cached_reads.catalogue()[outcome]
    reach = campaign_reach(view)[code]
    name = text(f"annotations.campaigns.{code}", lang)
    register = measures.townships(view).set_index("code")["name"]
    places = [place_name(register[one], lang) for one in reach.townships if one in register.index]
    words, colours = chart_words(lang), tone_named(tone)
    labels = {month: month_text(month, lang) for month in months_between(view.first, view.last)}
    start = Campaign(reach.first_month, text("campaigns.start", lang))
    drawn = counts_over_time(reach.months, months=labels, words=words, tone=colours, marks=(start, *marks))
    inside, outside = outcome_lines(view, indicator, reach.townships)
    late = view.provisional_from if measures.needs_deadline(indicator) else None
    lines = rate_over_time(
        [TimeLine(text("campaigns.inside", lang), inside, "place"),
         TimeLine(text("campaigns.outside", lang), outside, "rest")],
        months=labels, words=words, tone=tone_named(tone), target=indicator.target, provisional_from=late,
        campaigns=(start, *marks),
    )  # fmt: skip
    compared = before_after(view, indicator, reach)
    table = _outcome_table(compared, indicator, lang) if compared else None
    return CampaignCloser(
        reach=text(
            "campaigns.reach", lang, name=name, month=month_text(reach.first_month, lang), count=len(places),
            places=("、" if lang == "zh" else ", ").join(places), total=number(sum(reach.months.values())),
        ),
        counts=Frozen(drawn),
        counts_alt=text("campaigns.counts_alt", lang, name=name, total=number(sum(reach.months.values())),
                        month=month_text(reach.first_month, lang)),
        lines=Frozen(lines),
        finding=_finding(compared, indicator, name, lang),
        caveat=text("campaigns.caveat", lang) if compared else "",
        table=table,
        ready=packed(place_table.payload(**table, lang=lang)) if table else None,
        period=month_span(view.first, view.last, lang),
    )  # fmt: skip


def _row(
    code: str, name: str, reach: CampaignReach | None, counts: pd.DataFrame, rates: dict[str, pd.DataFrame],
    shown: Sequence[Indicator], lang: str,
) -> Row:  # fmt: skip
    cells = {"name": Cell(name)}
    if reach is None:
        nothing = text("campaigns.table.nothing", lang)
        return Row(code=code, cells=cells | {"since": Cell(nothing, title=nothing)})
    own = counts[counts["value"] == code]
    overdue = float(own["overdue_open"].sum())
    found = sum(reach.months.values())
    cells |= {
        "since": Cell(month_text(reach.first_month, lang), sort=reach.first_month),
        "townships": Cell(number(len(reach.townships)), sort=len(reach.townships)),
        "found": Cell(number(found), sort=found),
        "overdue": Cell(number(overdue), sort=overdue),
    }
    for one in shown:
        row = rates[one.code].loc[code].to_dict()
        cells[one.code] = Cell(
            figure_text(row, one, lang), sort=None if pd.isna(row["value"]) else float(row["value"]),
            title=evidence_text(row, one, lang),
        )  # fmt: skip
    return Row(code=code, cells=cells)


def _columns(shown: Sequence[Indicator], lang: str) -> list[Column]:
    def label(name: str) -> str:
        return text(f"campaigns.table.{name}", lang)

    return [
        Column("name", label("name"), kind="name"),
        Column("since", label("since"), kind="text", hint=label("since_hint")),
        Column("townships", label("townships"), hint=label("townships_hint")),
        Column("found", label("found")),
        Column("overdue", label("overdue"), hint=label("overdue_hint")),
        *(Column(one.code, one.name[lang], kind="rate", hint=one.description[lang]) for one in shown),
    ]


def _finding(compared: BeforeAfter | None, indicator: Indicator, name: str, lang: str) -> str:
    """Whether the townships of the campaign changed more than the others, in plain words."""
    if compared is None:
        return text("campaigns.finding.unknown", lang)
    effect = compared.effect
    if pd.isna(effect["low"]):
        return text("campaigns.finding.too_few", lang, indicator=indicator.name[lang])
    n = float(compared.rates["n"].min())
    clear = effect["low"] > 0 or effect["high"] < 0
    better = (effect["difference"] > 0) == (indicator.better != "lower")
    kind = "unclear" if not clear else "better" if better else "worse"
    return text(
        f"campaigns.finding.{kind}", lang, name=name, indicator=indicator.name[lang],
        inside=signed_size(compared.inside, indicator, lang, n=n),
        outside=signed_size(compared.outside, indicator, lang, n=n),
        effect=signed_size(effect, indicator, lang, n=n),
        interval=signed_interval(effect["low"], effect["high"], indicator, lang, n=n),
    )  # fmt: skip


def signed_size(moved: pd.Series, indicator: Indicator, lang: str, *, n: float) -> str:
    """A change with its sign and unit, as fine as ``n`` cases allow; a dash where it is not known."""
    if pd.isna(moved["difference"]):
        return "—"
    return text("campaigns.points", lang, size=signed_points(moved["difference"], indicator, n=n))


def _outcome_table(compared: BeforeAfter, indicator: Indicator, lang: str) -> dict[str, Any]:
    rows, n = [], float(compared.rates["n"].min())
    for side, moved in (("inside", compared.inside), ("outside", compared.outside)):
        before, after = (compared.rates.loc[f"{side}_{when}"].to_dict() for when in ("before", "after"))
        interval = "" if pd.isna(moved["low"]) else signed_interval(moved["low"], moved["high"], indicator, lang, n=n)
        rows.append(
            Row(code=side, cells={
                "name": Cell(text(f"campaigns.{side}", lang)),
                "before": _rate(before, indicator, lang),
                "after": _rate(after, indicator, lang),
                "change": Cell(signed_size(moved, indicator, lang, n=n),
                               sort=float(moved["difference"]), title=interval, note=interval),
            })
        )  # fmt: skip
    spans = {"before": month_span(*compared.before, lang), "after": month_span(*compared.after, lang)}
    return {
        "columns": [
            Column("name", text("campaigns.outcome.name", lang), kind="name"),
            *(Column(when, text(f"campaigns.outcome.{when}", lang, months=spans[when]), kind="rate",
                     hint=indicator.description[lang]) for when in ("before", "after")),
            Column("change", text("campaigns.outcome.change", lang), kind="rank"),
        ],
        "rows": rows,
        "caption": text("campaigns.outcome.caption", lang, indicator=indicator.name[lang]),
    }  # fmt: skip


def _rate(row: dict[str, Any], indicator: Indicator, lang: str) -> Cell:
    value = None if pd.isna(row["value"]) else float(row["value"])
    return Cell(figure_text(row, indicator, lang), sort=value, title=evidence_text(row, indicator, lang))
