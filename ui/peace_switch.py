"""平战: one switch for all pages of grassroots work, kept in the address, that changes thresholds and cadence."""

from __future__ import annotations

from ui.address_choice import address_choice
from ui.payloads.measured_figures import readiness_modes
from ui.texts import text

PARAMETER = "mode"


def peace_switch(lang: str) -> str:
    """Draw the switch, say which rules apply and where they come from, and give the mode: "peace" or "emergency"."""
    modes = readiness_modes()
    stop = text("measured.mode.stop", lang)
    return address_choice(
        PARAMETER,
        {code: name[lang] for code, name in modes.names.items()},
        label=text("measured.mode.label", lang),
        notes={code: f"{note[lang]}{stop}{modes.basis[lang]}" for code, note in modes.notes.items()},
    )
