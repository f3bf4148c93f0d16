"""The words under the map: one entry for each class that occurs, with its mark and how many places it holds."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ui.choropleth.palettes import class_styles


@dataclass(frozen=True)
class Ramp:
    """The strip of colours of a continuous map: what its two ends mean, and what is said of it for screen readers."""

    colours: tuple[str, ...]
    low: str
    high: str
    alt: str

    def to_dict(self) -> dict[str, Any]:
        """The strip as plain values for the browser."""
        return {"colours": list(self.colours), "low": self.low, "high": self.high, "alt": self.alt}


def ramp(*, low: str, high: str, alt: str) -> Ramp:
    """The strip of the palette "ramp" between two values in words."""
    steps = [style.fill for key, style in class_styles("ramp").items() if key.startswith("step_")]
    return Ramp(tuple(str(fill) for fill in steps), low, high, alt)


@dataclass(frozen=True)
class LegendEntry:
    """One class in words. ``count`` None leaves the number out."""

    key: str
    mark: str
    word: str
    count: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The entry as plain values for the browser."""
        return asdict(self)


def legend_entries(palette: str, counts: Mapping[str, int], text: Callable[[str], str]) -> list[LegendEntry]:
    """The legend of a map: the classes of ``palette`` in their order.

    counts  class key → number of places; a class of the five silent kinds is listed only where it occurs, and so are
            all others except "similar" and "none", which say what grey means
    text    gives the words of a key: ``choropleth.legend.<palette>.<class>`` or ``choropleth.legend.silent.<class>``.
            For the palette "gap" it fills in the names of the groups, {a} and {b}.
    The steps of "ramp" have no entries: a :func:`ramp` says what they mean.
    Raises ValueError for a class the palette does not have, and for a negative count.
    """
    styles = class_styles(palette)
    unknown = sorted(set(counts) - set(styles))
    if unknown:
        raise ValueError(f"palette {palette!r} has no class {', '.join(unknown)}.")
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count of places is negative.")
    entries = []
    for key, style in styles.items():
        count = int(counts.get(key, 0))
        if key.startswith("step_"):
            continue
        if count or key in ("similar", "none"):
            entries.append(LegendEntry(key, style.mark, text(text_key(palette, key)), count))
    return entries


def text_key(palette: str, key: str) -> str:
    """Where the words of one class stand in the language files."""
    silent = key in ("too_few", "hidden", "no_data", "not_applicable")
    if palette == "ramp" and not silent:
        return "choropleth.legend.ramp.step"
    return f"choropleth.legend.{'silent' if silent else palette}.{key}"
