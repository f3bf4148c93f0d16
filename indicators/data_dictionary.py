"""The data dictionary in both languages, written from the catalogue: ``python -m indicators.data_dictionary``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indicators.catalogue import Catalogue, Indicator, Pairing, Text, load_catalogue

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "data_dictionary.md"
WORDS = Path(__file__).with_name("data_dictionary.toml")


def data_dictionary(catalogue: Catalogue) -> str:
    """The whole document as Markdown: every indicator by domain, then the gaps, then the dimensions."""
    words = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    lines = [f"# {_both(words['title'])}", "", words["notice"]["zh"], "", words["notice"]["en"], ""]
    lines += [f"{_both(words['hash'])}: `{catalogue.hash}`", ""]
    for domain in catalogue.domains:
        lines += [f"## {_both(catalogue.domain_names[domain])}", ""]
        for indicator in catalogue.of_domain(domain):
            lines += _indicator(indicator, catalogue, words)
    lines += [f"## {_both(words['pairings'])}", ""]
    for pairing in catalogue.pairings.values():
        lines += _pairing(pairing, catalogue, words)
    lines += [f"## {_both(words['dimensions'])}", ""]
    for dimension in catalogue.dimensions.values():
        lines += [f"### {_both(dimension.name)}", "", f"`{dimension.code}`", ""]
        lines += [f"- `{value}` {_both(name)}" for value, name in dimension.values.items()]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def write_data_dictionary(path: Path = DOCUMENT) -> None:
    """Write the document of the shipped catalogue to ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data_dictionary(load_catalogue()), encoding="utf-8")


def _indicator(indicator: Indicator, catalogue: Catalogue, words: dict[str, Any]) -> list[str]:
    rows = "".join(f"| {_both(words[field])} | {content} |\n" for field, content in _facts(indicator, catalogue, words))
    heading = [f"### {_both(indicator.name)}", ""]
    return [*heading, indicator.description.zh, "", indicator.description.en, "", "| | |\n|---|---|\n" + rows]


def _facts(indicator: Indicator, catalogue: Catalogue, words: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The rows of an indicator's table: heading and content, without those that do not concern it."""
    per = f" × {indicator.per}" if indicator.per != 1 else ""
    yield "code", f"`{indicator.code}`"
    yield "source", _both(words["words"][indicator.source])
    yield "numerator", f"`{indicator.numerator}` {_both(indicator.numerator_text)}"
    yield "denominator", f"`{indicator.denominator}` {_both(indicator.denominator_text)}{per}"
    yield "unit", _both(indicator.unit)
    yield "better", _both(words["words"][indicator.better])
    if indicator.target is not None:
        yield "target", f"{indicator.target:.1%}"
    yield "hide_below", str(indicator.hide_below)
    if indicator.interval == "none":
        yield "interval", _both(words["interval_none"])
    if indicator.dimensions:
        yield "dimensions", ", ".join(_both(catalogue.dimensions[code].name) for code in indicator.dimensions)
    if indicator.reported_at is not None:
        yield "reported_at", _both(words["words"][indicator.reported_at])
    if indicator.valid_days is not None:
        yield "valid_days", str(indicator.valid_days)
    yield "caveats", _both(indicator.caveats)
    yield "owner", _both(indicator.owner)
    if indicator.unavailable_reason is not None:
        yield "unavailable", _both(indicator.unavailable_reason)


def _pairing(pairing: Pairing, catalogue: Catalogue, words: dict[str, Any]) -> list[str]:
    values = catalogue.dimensions[pairing.dimension].values
    lines = [f"### {_both(pairing.name)}", "", pairing.description.zh, "", pairing.description.en, ""]
    lines.append(f"- {_both(words['code'])}: `{pairing.code}`")
    for side, group in (("group_a", pairing.a), ("group_b", pairing.b)):
        members = ", ".join(_both(values[value]) for value in group.values)
        lines.append(f"- {_both(words[side])}: {_both(group.name)} ({_both(words['values'])}: {members})")
    ahead = {"a": pairing.a.name, "b": pairing.b.name}.get(pairing.paper_ahead or "")
    lines.append(f"- {_both(words['paper_ahead'])}: {_both(ahead or words['undecided'])}")
    offered = ", ".join(catalogue[code].name.zh + f" `{code}`" for code in pairing.indicators)
    return [*lines, f"- {_both(words['offered'])}: {offered}", ""]


def _both(text: Text | dict[str, str]) -> str:
    return f"{text['zh']} / {text['en']}"


if __name__ == "__main__":
    write_data_dictionary()
