"""The findings: at most five sentences, each tested before it is written, each leading to its evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streamlit.components.v2.bidi_component import ComponentResult

from ui import component_base as base

__all__ = ["FindingText", "findings_list"]

MOST: Final = 5
TONES: Final = ("better", "worse", "similar", "gap_a", "gap_b", "plain")
LABELS: Final = ("evidence", "nothing")

_mount = base.register("findings_list", folder=Path(__file__).parent)


@dataclass(frozen=True)
class FindingText:
    """One finding as a finished sentence.

    code    where it leads: handed back when the finding is picked
    tone    what its mark says: "better" ▲, "worse" ▼, "similar" ●, "gap_a"/"gap_b" (which group is behind) ◆, "plain" ■
    note    small text under the sentence: how it was tested, how many places were looked at
    """

    code: str
    text: str
    tone: str = "plain"
    note: str = ""

    def __post_init__(self) -> None:
        base.require_text(code=self.code, text=self.text)
        base.require_choice("tone", value=self.tone, allowed=TONES)

    def to_dict(self) -> dict[str, str]:
        """The finding as plain JSON values."""
        return {"code": self.code, "text": self.text, "tone": self.tone, "note": self.note}


def payload(*, findings: Sequence[FindingText], lang: str) -> dict[str, Any]:
    """What the browser gets. Raises ValueError for more than five findings: choosing is the caller's work."""
    if len(findings) > MOST:
        raise ValueError(f"{len(findings)} findings; a reader takes in {MOST}. Pass the weightiest.")
    return {
        "findings": [finding.to_dict() for finding in findings],
        "labels": base.labels("findings_list", names=LABELS, lang=lang),
        "colours": base.colours(),
        "lang": lang,
    }


def findings_list(
    *, findings: Sequence[FindingText], key: str, lang: str = "zh", on_pick: Callable[[], None] | None = None
) -> ComponentResult:
    """Show up to five findings. A pick puts the finding's code in ``st.session_state[key].pick``."""
    return mount(base.packed(payload(findings=findings, lang=lang)), key=key, on_pick=on_pick)


def mount(data: bytes, *, key: str, on_pick: Callable[[], None] | None = None) -> ComponentResult:
    """Show findings whose ``payload`` was packed before, for pages that keep it."""
    return _mount(key=key, data=data, height="content", **base.triggers(pick=on_pick))
