"""The shape of one definition: what an indicator, a pairing and a vocabulary entry consist of.

The models are strict: a value of another type, an unknown field or a missing one is refused. The sentences people read
about a mistake are made in ``catalogue``; here a rule only names the field, the value and the remedy.
"""

from __future__ import annotations

from typing import Annotated, Literal, NoReturn, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from indicators.counts import COUNTERS, PLACE_ATTRIBUTES

Source = Literal["issues", "inspections", "measurements"]
Kind = Literal["proportion", "ratio", "duration"]
Better = Literal["higher", "lower", "neutral"]
Side = Literal["a", "b"]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def fault(field: str, value: object, remedy: str) -> NoReturn:
    """Refuse a definition: ``field`` holds ``value``; ``remedy`` says what to write instead."""
    raise PydanticCustomError("definition", "{remedy}", {"field": field, "value": value, "remedy": remedy})


class Strict(BaseModel):
    """Frozen, no unknown fields, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Text(Strict):
    """One text in both languages; read it as ``text["zh"]`` or ``text.zh``."""

    zh: Sentence
    en: Sentence

    def __getitem__(self, language: str) -> str:
        """The text in ``language`` ("zh" or "en"); KeyError for any other."""
        if language == "zh":
            return self.zh
        if language == "en":
            return self.en
        raise KeyError(language)


class Indicator(Strict):
    """One indicator: a ratio of two counts, how it is judged, and everything a reader may ask about it.

    ``per`` multiplies a ratio (1000 for "per 1,000"). ``target`` is a share between 0 and 1. ``hide_below`` is the
    number of cases under which no judgement is made. ``reported_at`` is the lowest level a measurement is reported
    for. ``valid_days`` is how long a verified answer stays good. ``interval`` "none" marks a stock over a flow, to
    which chance does not apply: it has neither interval nor verdict. ``available`` is False while nothing computes
    the indicator, and ``unavailable_reason`` says why.
    """

    code: Code
    order: Annotated[int, Field(ge=0)]
    name: Text
    domain: Code
    source: Source
    kind: Kind
    numerator: str
    denominator: str
    per: Annotated[int, Field(ge=1)] = 1
    unit: Text
    better: Better
    target: float | None = None
    hide_below: Annotated[int, Field(ge=0)]
    interval: Literal["chance", "none"] = "chance"
    dimensions: tuple[Code, ...] = ()
    reported_at: Literal["village", "township"] | None = None
    valid_days: Annotated[int, Field(ge=1)] | None = None
    numerator_text: Text
    denominator_text: Text
    description: Text
    caveats: Text
    owner: Text
    available: bool = True
    unavailable_reason: Text | None = None

    @property
    def counts_share(self) -> bool:
        """True where no numerator may exceed its denominator."""
        return self.kind == "proportion"

    @model_validator(mode="after")
    def _hang_together(self) -> Self:
        known = COUNTERS[self.source]
        below = known if self.source == "measurements" else known + PLACE_ATTRIBUTES
        if self.numerator not in known:
            fault("numerator", self.numerator, f"write one of the counters of {self.source}: {', '.join(known)}")
        if self.denominator not in below:
            fault("denominator", self.denominator, f"write one of {', '.join(below)}")
        if self.numerator == self.denominator:
            fault("denominator", self.denominator, "write another field than the numerator")
        if self.denominator in PLACE_ATTRIBUTES and self.kind != "ratio":
            fault("kind", self.kind, f"write 'ratio', because {self.denominator} are not cases")
        if self.kind == "proportion" and self.per != 1:
            fault("per", self.per, "write 1 for a proportion, or make kind 'ratio'")
        if self.target is not None and not (self.kind == "proportion" and 0 <= self.target <= 1):
            fault("target", self.target, "write a share between 0 and 1, for a proportion only")
        if self.target is not None and self.better == "neutral":
            fault("target", self.target, "leave it out where neither direction is better")
        if (self.source == "measurements") != (self.reported_at is not None):
            remedy = "write 'village' or 'township' for measurements and leave it out for counted events"
            fault("reported_at", self.reported_at, remedy)
        if len(set(self.dimensions)) != len(self.dimensions):
            fault("dimensions", list(self.dimensions), "name each dimension once")
        if self.available == (self.unavailable_reason is not None):
            fault("available", self.available, "write false together with unavailable_reason, or true without it")
        return self


class Group(Strict):
    """One side of a pairing: the dimension values it is made of."""

    values: Annotated[tuple[Code, ...], Field(min_length=1)]
    name: Text


class Pairing(Strict):
    """Two groups that are compared, the side the policy paper found ahead, and the indicators it is offered for."""

    code: Code
    name: Text
    dimension: Code
    a: Group
    b: Group
    paper_ahead: Side | None = None
    indicators: Annotated[tuple[Code, ...], Field(min_length=1)]
    description: Text

    @model_validator(mode="after")
    def _sides_differ(self) -> Self:
        shared = sorted(set(self.a.values) & set(self.b.values))
        if shared:
            fault("b.values", list(self.b.values), f"take {', '.join(shared)} out of one of the two groups")
        return self


class Domain(Strict):
    """A group of indicators under one heading."""

    code: Code
    name: Text


class Dimension(Strict):
    """A way to split counts: the sources that carry it and the names of its values, in reading order."""

    code: Code
    name: Text
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    values: dict[Code, Text]


class Vocabulary(Strict):
    """The domains in reading order and the dimensions with their values."""

    domains: tuple[Domain, ...]
    dimensions: tuple[Dimension, ...]
