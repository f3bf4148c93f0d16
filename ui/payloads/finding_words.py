"""Findings as the findings list shows them: the sentence of ``indicators.finding_words``, a mark and a way on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from indicators.catalogue import Catalogue
from indicators.claims import Finding
from indicators.finding_words import finding_words
from ui.findings_list import FindingText
from ui.measures import View
from ui.place_names import place_name

_TONES: Final = {
    "target_missed": "worse", "target_met": "better", "places_worse": "worse", "place_much_worse": "worse",
    "places_alike": "similar", "change_for_worse": "worse", "change_for_better": "better", "gap_growing": "worse",
    "gap_shrinking": "better", "place_worse": "worse", "place_better": "better", "place_target_missed": "worse",
    "place_target_met": "better", "place_target_open": "plain", "place_change_for_worse": "worse",
    "place_change_for_better": "better", "place_run_for_worse": "worse", "place_run_for_better": "better",
    "villages_worse": "worse", "villages_alike": "similar", "survey_unsure": "plain",
}  # fmt: skip


def finding_text(finding: Finding, catalogue: Catalogue, names: Mapping[str, str], view: View) -> FindingText:
    """One finding as a finished sentence; its code is "page|indicator|pairing" for the way to its evidence.

    ``names`` are the registered (Chinese) names of places by code.
    """
    named = {code: place_name(names[code], view.lang) for code in finding.facts.get("named", ()) if code in names}
    words = finding_words(finding, catalogue, named, view.lang)
    return FindingText(
        code="|".join((finding.link, finding.indicator or "", str(finding.facts.get("pairing") or ""))),
        text=words.sentence,
        tone=_TONES.get(finding.rule) or f"gap_{finding.facts['behind']}",
        note=words.note,
    )
