"""Findings in words: the facts of a rule become one sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from indicators.catalogue import Catalogue, Indicator
from indicators.findings import Finding
from ui.findings_list import FindingText
from ui.measures import View
from ui.place_names import place_name
from ui.texts import number, percent_of, points, points_interval, text
from ui.wording import percent_plain, target_percent

MOST_NAMED: Final = 3
_TONES: Final = {
    "target_missed": "worse", "target_met": "better", "places_worse": "worse", "place_much_worse": "worse",
    "places_alike": "similar", "change_for_worse": "worse", "change_for_better": "better", "gap_growing": "worse",
    "gap_shrinking": "better",
}  # fmt: skip


def finding_text(finding: Finding, catalogue: Catalogue, names: Mapping[str, str], view: View) -> FindingText:
    """One finding as a finished sentence; its code is "page|indicator|pairing" for the way to its evidence."""
    lang = view.lang
    indicator = catalogue[finding.indicator] if finding.indicator else None
    facts = dict(finding.facts)
    pairing = catalogue.pairings.get(str(facts.get("pairing")))
    said: dict[str, Any] = {"indicator": indicator.name[lang] if indicator else ""}
    if pairing:
        groups = {"a": pairing.a.name[lang], "b": pairing.b.name[lang]}
        said |= {"pairing": pairing.name[lang], "ahead": groups.get(str(facts.get("ahead")), ""),
                 "behind": groups.get(str(facts.get("behind")), "")}  # fmt: skip
    said |= _figures(facts, indicator, lang)
    said["unit"] = text(f"overview.unit.{indicator.source if indicator else 'issues'}", lang)
    if "named" in facts:
        listed = [place_name(names[code], lang) for code in facts["named"] if code in names]
        said["named"] = ("、" if lang == "zh" else ", ").join(listed[:MOST_NAMED])
        said["more"] = text("overview.finding.more", lang, count=len(listed)) if len(listed) > MOST_NAMED else ""
    key = finding.rule
    if finding.rule == "places_worse" and not facts["named"]:
        key = "places_worse_unnamed"
    tone = _TONES.get(finding.rule) or f"gap_{facts['behind']}"
    note_key = f"overview.finding_note.{finding.rule}"
    return FindingText(
        code="|".join((finding.link, finding.indicator or "", pairing.code if pairing else "")),
        text=text(f"overview.finding.{key}", lang, **said),
        tone=tone,
        note=text(note_key, lang, **said),
    )


def _figures(facts: Mapping[str, Any], indicator: Indicator | None, lang: str) -> dict[str, Any]:
    """The plain facts as figures: shares as percentages, sizes as percentage points, counts as numbers."""
    said: dict[str, Any] = {}
    n = float(facts.get("n") or 0)
    for name in ("value", "now_value", "before_value", "ahead_value", "behind_value"):
        if name in facts:
            said[name] = percent_of(float(facts[name]), n=n)
    for name in ("size", "size_now", "size_before"):
        if name in facts:
            said[name] = points(abs(float(facts[name])), lang, signed=False)
    if "target" in facts:
        said["target"] = target_percent(float(facts["target"]))
        said["interval"] = f"{percent_plain(facts['low'])}–{percent_plain(facts['high'])}"
    elif "low" in facts:
        low, high = sorted((abs(float(facts["low"])), abs(float(facts["high"]))))
        said["interval"] = points_interval(low, high, lang)
    for name in ("short", "x", "n", "count", "tested", "named_count", "places_tested", "places_same",
                 "places_opposite", "gaps_examined"):  # fmt: skip
        if name in facts:
            said[name] = number(float(facts[name]))
    for name in ("expected", "places_by_chance"):
        if name in facts:
            said[name] = number(float(facts[name]), decimals=1)
    if "change" in facts:
        said["way"] = text(f"overview.way.{facts['change']}", lang)
    return said
