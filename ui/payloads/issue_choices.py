"""What can be chosen on the issues page itself: the grouping of the curves, the rates of tables and charts."""

from __future__ import annotations

from typing import Final

from data_access.issue_durations import DIMENSIONS
from ui import cached_reads
from ui.payloads.issue_matrix import MEASURES
from ui.payloads.issue_months import RATES
from ui.payloads.issue_repeats import BY
from ui.texts import text

OFFERED: Final = {"by": DIMENSIONS, "rate": MEASURES, "back": BY, "month": RATES}


def choices(name: str, lang: str) -> dict[str, str]:
    """Code to words of one of ``OFFERED``, the default first."""
    catalogue = cached_reads.catalogue()
    if name == "by":
        return {code: catalogue.dimensions[code].name[lang] for code in OFFERED[name]}
    if name == "back":
        return {code: text(f"issues.choice.back_{code}", lang) for code in OFFERED[name]}
    return {code: catalogue[code].name[lang] for code in OFFERED[name]}
