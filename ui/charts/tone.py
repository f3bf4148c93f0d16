"""The two grounds a figure is drawn on, and the colours that must differ between them."""

from dataclasses import dataclass
from typing import Final

from ui.charts import palette


@dataclass(frozen=True)
class Tone:
    """Colours of a figure on one ground. Figures are transparent: ``ground`` only outlines marks that overlap."""

    name: str
    ground: str
    ink: str
    soft: str
    rule: str
    faint: str
    band: str
    group_a: str
    group_b: str
    unclear: str

    def behind(self, side: str | None) -> str:
        """Colour of a gap by the group that is behind: "a", "b", else (none, or not known) the unclear grey."""
        return {"a": self.group_a, "b": self.group_b}.get(side or "", self.unclear)


LIGHT: Final = Tone(
    name="light",
    ground=palette.PAPER,
    ink=palette.INK,
    soft=palette.INK_SOFT,
    rule="rgba(31,41,51,0.45)",
    faint="rgba(31,41,51,0.09)",
    band="rgba(31,41,51,0.055)",
    group_a=palette.GAP_A,
    group_b=palette.GAP_B,
    unclear="#A9ADB0",
)
DARK: Final = Tone(
    name="dark",
    ground=palette.PAPER_DARK,
    ink=palette.INK_DARK,
    soft=palette.INK_SOFT_DARK,
    rule="rgba(232,230,225,0.5)",
    faint="rgba(232,230,225,0.11)",
    band="rgba(232,230,225,0.06)",
    group_a=palette.GAP_A_ON_DARK,
    group_b=palette.GAP_B_ON_DARK,
    unclear="#7F8890",
)


def tone_named(name: str | None) -> Tone:
    """The tone of a theme ("light" or "dark", as ``st.context.theme.type`` says); light when it is not known yet."""
    return DARK if name == "dark" else LIGHT
