"""Freshness, unknown shares, rows set aside, repeats, coverage and flags as tables in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from typing import Final

import pandas as pd

from data_access.rejected_rows import DUPLICATE
from indicators.catalogue import Catalogue
from ui import cached_quality, cached_reads
from ui.address import months_between
from ui.measures import View
from ui.payloads.freshness_rows import Fresh, checks, fresh_rows
from ui.payloads.unknown_groups import GROUPS, unknown_shares
from ui.quality_tables import Cell, Covered, Remark, Row, coverage_html, folded_html, remarks_html, table_html
from ui.texts import date_text, has_text, month_text, number, percent, text

STATES: Final = {"fresh": "quiet", "overdue": "late", "never": "late"}
FULL_SHADE: Final = 0.1
"""The share of unknown groups that is shaded fully."""
FIRST_REMARKS: Final = 8


def freshness_html(view: View, *, today: dt.date) -> str:
    """What is how recent: sources, registers and overdue offices; the other offices folded under one line."""
    lang, lines = view.lang, fresh_rows(view, today=today)
    folded = [one for one in lines if one.office and one.state == "fresh"]
    shown = [one for one in lines if one not in folded]
    names = ("what", "newest", "received", "age", "by", "state")
    kinds = {"age": "figure"}
    headings = [Cell(text(f"data_quality.fresh.{name}", lang), kinds.get(name, "")) for name in names]
    label = text("data_quality.section.freshness", lang)
    table = table_html(headings, [_fresh_row(one, lang) for one in shown], label=label, kind="fresh")
    joiner = "：" if lang == "zh" else ": "
    late = "".join(f'<p class="gb-why">{escape(one.name + joiner + one.why)}</p>' for one in shown if one.why)
    if not folded:
        return table + late
    rest = table_html(headings, [_fresh_row(one, lang) for one in folded], label=label, kind="fresh")
    return table + late + folded_html(text("data_quality.fresh.folded", lang, count=len(folded)), rest)


def _fresh_row(one: Fresh, lang: str) -> Row:
    days = "" if one.days is None else text("data_quality.fresh.days", lang, days=number(one.days))
    return [
        Cell(one.name),
        Cell(one.newest or "—", "" if one.newest else "quiet"),
        Cell(one.received or "—"),
        Cell(days, "figure"),
        Cell(one.loaded_by or "—", "quiet"),
        Cell(text(f"data_quality.fresh.state_{one.state}", lang), STATES[one.state], title=one.why),
    ]


def checks_html(view: View, as_of: dt.date | None) -> str:
    """Answers that hold for some time only, and how many are older than that; "" where there are none."""
    lang, catalogue, rows = view.lang, cached_reads.catalogue(), []
    for one in checks(view, as_of):
        rows.append(
            [
                Cell(catalogue[one.indicator].name[lang]),
                Cell(text("data_quality.checks.days", lang, days=one.valid_days), "figure"),
                Cell(f"{one.stale}/{one.places}", "figure late" if one.stale else "figure",
                     share=one.stale / one.places * FULL_SHADE),
                Cell(date_text(one.oldest, lang) if one.oldest else "—", "quiet"),
            ]
        )  # fmt: skip
    names = ("what", "valid", "stale", "oldest")
    kinds = {"valid": "figure", "stale": "figure"}
    headings = [Cell(text(f"data_quality.checks.{name}", lang), kinds.get(name, "")) for name in names]
    return table_html(headings, rows, label=text("data_quality.section.checks", lang), kind="checks") if rows else ""


def unknown_html(view: View) -> str:
    """The share of unknown groups, one row an indicator under its domain, one column a dimension."""
    lang, catalogue, shares = view.lang, cached_reads.catalogue(), unknown_shares(view)
    found = {(one["indicator"], one["dimension"]): one for one in shares.to_dict("records")}
    rows: list[Row | str] = []
    for domain in catalogue.domains:
        members = [one for one in catalogue.of_domain(domain) if any((one.code, name) in found for name in GROUPS)]
        if members:
            rows.append(catalogue.domain_names[domain][lang])
        for one in members:
            rows.append([Cell(one.name[lang]), *(_share_cell(found.get((one.code, name)), lang) for name in GROUPS)])
    headings = [Cell(text("data_quality.unknown.indicator", lang)),
                *(Cell(catalogue.dimensions[name].name[lang], "figure") for name in GROUPS)]  # fmt: skip
    return table_html(headings, rows, label=text("data_quality.section.unknown_table", lang), kind="shares")


def _share_cell(one: dict | None, lang: str) -> Cell:
    if one is None:
        return Cell("—", "figure quiet", title=text("data_quality.unknown.not_split", lang))
    facts = {"unknown": number(one["unknown"]), "total": number(one["total"])}
    shown = "0" if one["unknown"] == 0 else percent(one["unknown"], one["total"])
    return Cell(shown, "figure", title=text("data_quality.unknown.counts", lang, **facts), share=one["share"])


def reason_text(reason: str, lang: str) -> str:
    """Why rows were set aside, short; the code where the language files do not know it."""
    key = f"data_quality.reasons.{reason}"
    return text(key, lang) if has_text(key) else reason.replace("_", " ")


def set_aside_html(view: View) -> str:
    """Rows set aside by source and reason, with the months they are of; "" where there are none."""
    lang, found = view.lang, cached_quality.set_aside(view)
    if found.empty:
        return ""
    months = months_between(view.first, view.last)
    rows: list[Row | str] = []
    for source, own in found.groupby("source", sort=False):
        rows.append(text(f"data_quality.sources.{source}", lang))
        groups = [(str(reason), group) for reason, group in own.groupby("reason")]
        for reason, group in sorted(groups, key=lambda one: (one[0] == DUPLICATE, -one[1]["open"].sum(), one[0])):
            rows.append(_reason_row(reason, group, months, lang))
    names = ("reason", "open", "resolved", "months")
    headings = [Cell(text(f"data_quality.set_aside.{name}", lang), "figure" if name in names[1:3] else "")
                for name in names]  # fmt: skip
    return table_html(headings, rows, label=text("data_quality.section.set_aside", lang), kind="aside")


def _reason_row(reason: str, group: pd.DataFrame, months: Sequence[int], lang: str) -> Row:
    still, done = int(group["open"].sum()), int(group["resolved"].sum())
    by_month = group.assign(rows=group["open"] + group["resolved"]).groupby("month")["rows"].sum()
    counts = [int(by_month.get(month, 0)) for month in months]
    placed = ("、" if lang == "zh" else ", ").join(
        text("data_quality.set_aside.month_count", lang, month=month_text(month, lang), count=count)
        for month, count in zip(months, counts, strict=True) if count
    )  # fmt: skip
    unplaced = still + done - sum(counts)
    if unplaced:
        rest = text("data_quality.set_aside.no_month", lang, count=unplaced)
        placed = f"{placed}；{rest}" if placed and lang == "zh" else f"{placed}; {rest}" if placed else rest
    if reason == DUPLICATE:
        opened = Cell(text("data_quality.set_aside.nothing_to_do", lang, count=number(still)), "figure quiet")
    else:
        opened = Cell(number(still), "figure late" if still else "figure quiet")
    bars = Cell("", title=placed, bars=counts) if sum(counts) else Cell(placed, "quiet")
    return [Cell(reason_text(reason, lang)), opened, Cell(number(done), "figure quiet"), bars]


def repeats_html(view: View) -> str:
    """Records that came more than once, by source; "" before anything was loaded."""
    lang, found = view.lang, cached_quality.repeats(view)
    rows = [
        [
            Cell(text(f"data_quality.sources.{one['source']}", lang)),
            *(Cell(number(one[name]), "figure" if one[name] else "figure quiet")
              for name in ("read", "doubled", "again", "corrected")),
        ]
        for one in found.to_dict("records")
    ]  # fmt: skip
    names = ("source", "read", "doubled", "again", "corrected")
    headings = [Cell(text(f"data_quality.repeats.{name}", lang), "" if name == "source" else "figure")
                for name in names]  # fmt: skip
    return table_html(headings, rows, label=text("data_quality.section.repeats", lang), kind="repeats") if rows else ""


def remarks(view: View) -> list[Remark]:
    """The flags of the batches, newest batch first."""
    lang, found = view.lang, cached_quality.flags(view)
    told = []
    for one in found.to_dict("records"):
        facts = {"source": text(f"data_quality.sources.{one['source']}", lang), "batch": one["batch_id"],
                 "file": one["file_name"]}  # fmt: skip
        told.append(Remark(one[lang], text("data_quality.flags.origin", lang, **facts)))
    return told


def flags_html(told: Sequence[Remark], lang: str) -> str:
    """Flags as a list."""
    return remarks_html(told, label=text("data_quality.section.flags", lang))


def coverage(view: View) -> tuple[str, int, int]:
    """The bars, how many indicators and sources were looked at, and how many have data of every place."""
    lang, catalogue = view.lang, cached_reads.catalogue()
    found = cached_quality.coverage(view)
    known = {(one["of"], one["level"]): int(one["places"]) for one in found.to_dict("records")}
    sizes = {level: len(cached_reads.places(view.scope, level=level, version=view.version))
             for level in cached_quality.LEVELS}  # fmt: skip
    events = [
        _covered(text(f"data_quality.sources.{source}", lang), known.get((source, level), 0), sizes[level], level, lang)
        for source in ("issues", "inspections")
        for level in cached_quality.LEVELS
    ]
    groups: list[tuple[str, list[Covered]]] = [(text("data_quality.coverage.events", lang), events)]
    for domain in catalogue.domains:
        members = _measured(catalogue, domain)
        if members:
            covered = [
                _covered(one.name[lang], known.get((one.code, one.reported_at or ""), 0),
                         sizes[one.reported_at or "township"], str(one.reported_at), lang)
                for one in members
            ]  # fmt: skip
            groups.append((catalogue.domain_names[domain][lang], covered))
    every = [one for _, members in groups for one in members]
    full = sum(one.have >= one.of for one in every)
    label = text("data_quality.section.coverage", lang, count=len(every), full=full)
    return coverage_html(groups, label=label), len(every), full


def _measured(catalogue: Catalogue, domain: str) -> list:
    return [one for one in catalogue.of_domain(domain) if one.source == "measurements" and one.available]


def _covered(name: str, have: int, of: int, level: str, lang: str) -> Covered:
    words = text(f"data_quality.coverage.of_{level}", lang, have=number(have), of=number(of))
    return Covered(name=name, have=have, of=of, text=words, title=words)
