"""The catalogue of indicators, read strictly from the definition files.

Every mistake in a file stops the reading with one sentence that names the file, the field, the value and the remedy.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from indicators.definition import Dimension, Domain, Group, Indicator, Pairing, Text, Vocabulary

__all__ = [
    "DEFINITIONS", "Catalogue", "CatalogueError", "Dimension", "Domain", "Group", "Indicator", "Pairing", "Text",
    "load_catalogue",
]  # fmt: skip

DEFINITIONS = Path(__file__).with_name("definitions")
PAIRINGS_FILE = "pairings.toml"
VOCABULARY_FILE = "vocabulary.toml"

Model = TypeVar("Model", bound=BaseModel)


class CatalogueError(ValueError):
    """A definition file cannot be used; the message is one sentence for the person who edits it."""


class Catalogue(Mapping[str, Indicator]):
    """All indicators by code, in reading order (domain, then ``order``), with pairings and vocabulary.

    ``domains`` are the domain codes in reading order; ``pairings`` map code to Pairing; ``dimensions`` map code to
    Dimension (names of values in both languages); ``domain_names`` map domain code to Text; ``hash`` identifies the
    content whatever the layout of the files.
    """

    def __init__(
        self, *, indicators: Mapping[str, Indicator], pairings: Mapping[str, Pairing], vocabulary: Vocabulary
    ) -> None:
        self.domain_names: Mapping[str, Text] = MappingProxyType({d.code: d.name for d in vocabulary.domains})
        self.dimensions: Mapping[str, Dimension] = MappingProxyType({d.code: d for d in vocabulary.dimensions})
        self.domains: tuple[str, ...] = tuple(self.domain_names)
        self.pairings: Mapping[str, Pairing] = MappingProxyType(dict(pairings))
        place = {code: position for position, code in enumerate(self.domains)}
        ordered = sorted(indicators.values(), key=lambda one: (place[one.domain], one.order, one.code))
        self._indicators = {one.code: one for one in ordered}

    def __getitem__(self, code: str) -> Indicator:
        return self._indicators[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._indicators)

    def __len__(self) -> int:
        return len(self._indicators)

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) over the canonical content: the same for the same definitions, however they are written."""
        content = {
            "domains": [[code, name.model_dump()] for code, name in self.domain_names.items()],
            "dimensions": [
                {**one.model_dump(), "values": [[code, name.model_dump()] for code, name in one.values.items()]}
                for one in self.dimensions.values()
            ],
            "indicators": [one.model_dump() for one in self.values()],
            "pairings": [one.model_dump() for one in self.pairings.values()],
        }
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def of_domain(self, domain: str) -> tuple[Indicator, ...]:
        """The indicators of one domain in reading order; an empty tuple for an unknown domain."""
        return tuple(one for one in self.values() if one.domain == domain)

    def of_source(self, source: str) -> tuple[Indicator, ...]:
        """The indicators computed from "issues", "inspections" or "measurements", in reading order."""
        return tuple(one for one in self.values() if one.source == source)

    def pairings_of(self, indicator: str) -> tuple[Pairing, ...]:
        """The pairings an indicator is offered for."""
        return tuple(one for one in self.pairings.values() if indicator in one.indicators)


def load_catalogue(folder: Path | str = DEFINITIONS) -> Catalogue:
    """Read every definition below ``folder`` (one indicator a file, ``pairings.toml``, ``vocabulary.toml``).

    Takes a few tens of milliseconds; callers keep the result.

    Raises:
        CatalogueError: for the first mistake found, in one sentence.
    """
    folder = Path(folder)
    files = sorted(folder.glob("*.toml"))
    for name in (VOCABULARY_FILE, PAIRINGS_FILE):
        if folder / name not in files:
            raise CatalogueError(f"{name}: the file is missing from '{folder}'; put it beside the definitions.")
    vocabulary = _vocabulary(folder / VOCABULARY_FILE)
    indicators: dict[str, Indicator] = {}
    for path in files:
        if path.name in (PAIRINGS_FILE, VOCABULARY_FILE):
            continue
        indicator = _parsed(Indicator, _toml(path), path.name)
        if indicator.code in indicators:
            _refuse(path.name, "code", indicator.code, "give each indicator its own code, this one is already used")
        _check_indicator(path, indicator, vocabulary)
        indicators[indicator.code] = indicator
    pairings = _pairings(folder / PAIRINGS_FILE, vocabulary, indicators)
    return Catalogue(indicators=indicators, pairings=pairings, vocabulary=vocabulary)


def _refuse(file: str, field: str, value: object, remedy: str) -> None:
    raise CatalogueError(f"{file}: {field} is {_shown(value)}; {remedy}.")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path.name}: byte {error.start} is not UTF-8; save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path.name}: this is not valid TOML ({error}); correct the file there.") from error


def _parsed(model: type[Model], content: Mapping[str, Any], file: str, *, inside: str = "") -> Model:
    try:
        return model.model_validate(_tuples(content))
    except ValidationError as error:
        # An unknown field beside a missing one is a misspelling: the name that stands in the file helps more.
        details = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise CatalogueError(_sentence(details[0], file, inside)) from error


def _tuples(value: Any) -> Any:
    """TOML arrays as tuples, because the strict models take nothing else for a tuple."""
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def _sentence(detail: ErrorDetails, file: str, inside: str) -> str:
    """One sentence for the first thing pydantic refused."""
    context = detail.get("ctx", {})
    kind, given = detail["type"], detail["input"]
    path = [str(part) for part in detail["loc"] if part != "[key]"]
    field = ".".join([*([inside] if inside else []), *path, *([context["field"]] if kind == "definition" else [])])
    value = _shown(given)
    if kind == "definition":
        return f"{file}: {field} is {_shown(context['value'])}; {context['remedy']}."
    if kind == "missing":
        return f"{file}: {field} is missing; write it."
    if kind == "extra_forbidden":
        return f"{file}: {field} is not a field; take it out or correct its name."
    if kind == "literal_error":
        return f"{file}: {field} is {value}; write {context['expected']}."
    remedies = {
        "string_pattern_mismatch": "write small letters, digits and underscores, beginning with a letter",
        "string_too_short": "write a text",
        "too_short": "name at least one",
        "model_type": "write { zh = ..., en = ... } or a table with the fields of its neighbours",
    }
    return f"{file}: {field} is {value}; {remedies.get(kind, _remedy(detail['msg']))}."


def _shown(value: object) -> str:
    """A value as it stands in the file: true and false small, lists in brackets, what is left out so named."""
    if value is None:
        return "left out"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


def _remedy(message: str) -> str:
    """A library message ("Input should be a valid string") as the remedy in our sentence."""
    return message.replace("Input should be", "write").rstrip(".")


def _vocabulary(path: Path) -> Vocabulary:
    vocabulary = _parsed(Vocabulary, _toml(path), path.name)
    for field, codes in (
        ("domains", [one.code for one in vocabulary.domains]),
        ("dimensions", [one.code for one in vocabulary.dimensions]),
    ):
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            _refuse(path.name, f"{field}.code", twice[0], "name it once")
    return vocabulary


def _check_indicator(path: Path, indicator: Indicator, vocabulary: Vocabulary) -> None:
    if indicator.code != path.stem:
        _refuse(path.name, "code", indicator.code, f"write '{path.stem}' or rename the file to {indicator.code}.toml")
    domains = [one.code for one in vocabulary.domains]
    if indicator.domain not in domains:
        _refuse(path.name, "domain", indicator.domain, f"write one of {', '.join(domains)}")
    offered = [one.code for one in vocabulary.dimensions if indicator.source in one.sources]
    for dimension in indicator.dimensions:
        if dimension not in offered:
            remedy = f"write only dimensions of {indicator.source}: {', '.join(offered)}"
            _refuse(path.name, "dimensions", dimension, remedy)


def _pairings(path: Path, vocabulary: Vocabulary, indicators: Mapping[str, Indicator]) -> dict[str, Pairing]:
    dimensions = {one.code: one for one in vocabulary.dimensions}
    pairings: dict[str, Pairing] = {}
    for code, content in _toml(path).items():
        if not isinstance(content, dict):
            _refuse(path.name, code, content, f"write a table [{code}]")
        pairing = _parsed(Pairing, {"code": code, **content}, path.name, inside=code)
        if pairing.code != code:
            _refuse(path.name, f"{code}.code", pairing.code, "leave it out, the table name is the code")
        if pairing.dimension not in dimensions:
            _refuse(path.name, f"{code}.dimension", pairing.dimension, f"write one of {', '.join(dimensions)}")
        known = dimensions[pairing.dimension].values
        for side, group in (("a", pairing.a), ("b", pairing.b)):
            for value in group.values:
                if value not in known:
                    _refuse(path.name, f"{code}.{side}.values", value, f"write values among {', '.join(known)}")
        for one in pairing.indicators:
            if one not in indicators:
                _refuse(path.name, f"{code}.indicators", one, "write the code of a defined indicator")
            if pairing.dimension not in indicators[one].dimensions:
                remedy = f"add {pairing.dimension} to the dimensions of {one}.toml or take it out here"
                _refuse(path.name, f"{code}.indicators", one, remedy)
        pairings[code] = pairing
    return pairings
