"""Is a thing ready, and is the answer still good? Peacetime and emergency rules, and the day an answer runs out.

The rules are data (``readiness_modes.toml``): for each indicator and mode the value from which it counts as ready, the
value below which it counts as not ready, and how many days an answer stays good. Peacetime takes the target and the
validity of the indicator's own definition where it has them; an emergency may only ask more. A yes that is older than
its validity is *stale*: nobody knows any more, which is neither yes nor no.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError

from indicators.catalogue import Catalogue, CatalogueError, Text
from indicators.definition import Indicator, Strict
from indicators.values import State

MODES_FILE: Final = Path(__file__).with_name("readiness_modes.toml")
MODES: Final = ("peace", "emergency")
SOON: Final = 30
"""Days within which an answer that runs out is announced."""
_EQUAL: Final = 1e-9


class Readiness(StrEnum):
    """What may be said of one thing in one place; ``not_set``: the mode asks nothing of it."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    STALE = "stale"
    NO_DATA = "no_data"
    TOO_FEW = "too_few"
    HIDDEN = "hidden"
    NOT_APPLICABLE = "not_applicable"
    NOT_SET = "not_set"


WORST_FIRST: Final = (
    Readiness.NO, Readiness.PARTLY, Readiness.STALE, Readiness.NO_DATA, Readiness.HIDDEN, Readiness.TOO_FEW,
    Readiness.YES,
)  # fmt: skip
"""Which state decides for several things together; "not_applicable" and "not_set" decide nothing."""


class _Asked(Strict):
    """One line of the file: what one mode asks. What is left out is taken from the definition, or from peacetime."""

    ready: float | None = None
    least: float | None = None
    valid_days: int | None = Field(default=None, ge=1)


class _Lines(Strict):
    peace: _Asked = _Asked()
    emergency: _Asked = _Asked()


class _Mode(Strict):
    name: Text
    note: Text


class _File(Strict):
    basis: Text
    peace: _Mode
    emergency: _Mode
    rules: dict[str, _Lines]


@dataclass(frozen=True)
class Rule:
    """What one mode asks of one indicator, in units of its value (shares 0..1; ratios times ``per``).

    ready       from here on (down to here where lower is better) it is ready; None: the mode asks nothing
    least       below it (above it where lower is better) it is not ready; between the two it is partly ready
    valid_days  how long an answer stays good, counted from the day it was verified; None: for ever
    """

    ready: float | None = None
    least: float | None = None
    valid_days: int | None = None


@dataclass(frozen=True)
class ReadinessModes:
    """The rules of both modes. ``basis`` says where the thresholds come from; ``names`` and ``notes`` by mode."""

    basis: Text
    names: Mapping[str, Text]
    notes: Mapping[str, Text]
    rules: Mapping[tuple[str, str], Rule]

    def rule(self, indicator: str, mode: str) -> Rule:
        """What ``mode`` asks; nothing where the file does not name the indicator. KeyError for an unknown mode."""
        if mode not in MODES:
            raise KeyError(mode)
        return self.rules.get((indicator, mode), Rule())


def load_readiness_modes(catalogue: Catalogue, path: Path | str = MODES_FILE) -> ReadinessModes:
    """Read the rules and hold them against the catalogue.

    Raises CatalogueError, in one sentence, for the first mistake: an unknown indicator or field, a peacetime threshold
    that contradicts the definition, a ``least`` beyond ``ready``, or an emergency that asks less than peacetime.
    """
    path = Path(path)
    try:
        read = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path.name}: this is not valid TOML ({error}); correct the file there.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CatalogueError(f"{path.name}: {where} is {first['input']!r}; {first['msg']}.") from error
    rules: dict[tuple[str, str], Rule] = {}
    for code, lines in read.rules.items():
        if code not in catalogue:
            raise CatalogueError(f"{path.name}: rules.{code} is no indicator; take it out or correct its name.")
        indicator = catalogue[code]
        peace = _peace(lines.peace, indicator, path.name)
        emergency = Rule(
            ready=peace.ready if lines.emergency.ready is None else lines.emergency.ready,
            least=peace.least if lines.emergency.least is None else lines.emergency.least,
            valid_days=peace.valid_days if lines.emergency.valid_days is None else lines.emergency.valid_days,
        )
        for mode, rule in (("peace", peace), ("emergency", emergency)):
            _check_rule(rule, indicator, f"{path.name}: rules.{code}.{mode}")
            rules[code, mode] = rule
        _check_stricter(peace, emergency, indicator, f"{path.name}: rules.{code}.emergency")
    both = {"peace": read.peace, "emergency": read.emergency}
    return ReadinessModes(
        basis=read.basis,
        names={code: one.name for code, one in both.items()},
        notes={code: one.note for code, one in both.items()},
        rules=rules,
    )


def _peace(asked: _Asked, indicator: Indicator, file: str) -> Rule:
    for field, own in (("ready", indicator.target), ("valid_days", indicator.valid_days)):
        said = getattr(asked, field)
        if said is not None and own is not None and said != own:
            raise CatalogueError(
                f"{file}: rules.{indicator.code}.peace.{field} is {said}; the definition says {own}: "
                "leave it out here or change the definition."
            )
    return Rule(
        ready=indicator.target if asked.ready is None else asked.ready,
        least=asked.least,
        valid_days=indicator.valid_days if asked.valid_days is None else asked.valid_days,
    )


def _check_rule(rule: Rule, indicator: Indicator, where: str) -> None:
    if rule.ready is None:
        if rule.least is not None:
            raise CatalogueError(f"{where}.least is {rule.least}; write ready as well.")
        return
    if indicator.better == "neutral":
        raise CatalogueError(f"{where}.ready is {rule.ready}; leave it out where neither direction is better.")
    for field, value in (("ready", rule.ready), ("least", rule.least)):
        if value is not None and (value < 0 or (indicator.counts_share and value > 1)):
            raise CatalogueError(f"{where}.{field} is {value}; write a share between 0 and 1.")
    if rule.least is not None and _asks_more(rule.least, rule.ready, indicator):
        raise CatalogueError(f"{where}.least is {rule.least}; it must not ask more than ready ({rule.ready}).")


def _check_stricter(peace: Rule, emergency: Rule, indicator: Indicator, where: str) -> None:
    for field in ("ready", "least"):
        calm, tense = getattr(peace, field), getattr(emergency, field)
        if calm is not None and tense is not None and _asks_more(calm, tense, indicator):
            raise CatalogueError(f"{where}.{field} is {tense}; an emergency must not ask less than peacetime ({calm}).")
    if peace.valid_days and emergency.valid_days and emergency.valid_days > peace.valid_days:
        raise CatalogueError(
            f"{where}.valid_days is {emergency.valid_days}; an emergency must not allow more days than peacetime "
            f"({peace.valid_days})."
        )


def _asks_more(one: float, other: float, indicator: Indicator) -> bool:
    return one < other if indicator.better == "lower" else one > other


def readiness_table(
    rates: pd.DataFrame, dates: Mapping[str, dt.date | None], indicator: Indicator, rule: Rule, *, day: dt.date
) -> pd.DataFrame:
    """The ``rate_table`` of one indicator by place with what ``rule`` says of it on ``day``.

    ``dates`` is the day each place's figure was verified (or the last day of the month it is of); a place that is not
    named, or None, has no such day. Added columns: verified_on (date or None), expires_on (the last day on which the
    answer is good; None without a day or a validity), days_left (expires_on - day; NaN where unknown) and readiness.

    First hit wins: no data, hidden, not applicable or too few cases as ``state`` says; not_set where the rule asks
    nothing; no below ``least``, whatever its age, as an old no does not get better by waiting; stale where the answer
    needs a day and has none, or its day of expiry is past; yes from ``ready`` on; else partly. Without ``least`` only
    a value of zero is a no (where lower is better: none is).
    """
    table = rates.copy()
    verified = [_day(dates.get(str(place))) for place in table["place"]]
    expires = [
        one + dt.timedelta(days=rule.valid_days) if one is not None and rule.valid_days is not None else None
        for one in verified
    ]
    table["verified_on"] = pd.Series(verified, index=table.index, dtype=object)
    table["expires_on"] = pd.Series(expires, index=table.index, dtype=object)
    table["days_left"] = [np.nan if one is None else float((one - day).days) for one in expires]
    table["readiness"] = pd.array(
        [
            _readiness(row, until, indicator, rule, day)
            for row, until in zip(table[["value", "state"]].to_dict("records"), expires, strict=True)
        ],
        dtype="str",
    )
    return table


def _readiness(row: Mapping[Any, Any], expires: dt.date | None, indicator: Indicator, rule: Rule, day: dt.date) -> str:
    silent: dict[str, Readiness] = {
        State.NO_DATA: Readiness.NO_DATA, State.HIDDEN: Readiness.HIDDEN,
        State.NOT_APPLICABLE: Readiness.NOT_APPLICABLE, State.TOO_FEW: Readiness.TOO_FEW,
    }  # fmt: skip
    if row["state"] in silent:
        return silent[row["state"]].value
    if rule.ready is None:
        return Readiness.NOT_SET.value
    value = float(row["value"])
    if _is_no(value, indicator, rule):
        return Readiness.NO.value
    if rule.valid_days is not None and (expires is None or expires < day):
        return Readiness.STALE.value
    return (Readiness.YES if _reaches(value, rule.ready, indicator) else Readiness.PARTLY).value


def _is_no(value: float, indicator: Indicator, rule: Rule) -> bool:
    if rule.least is not None:
        return not _reaches(value, rule.least, indicator)
    return indicator.better != "lower" and value == 0


def _reaches(value: float, threshold: float, indicator: Indicator) -> bool:
    return value <= threshold + _EQUAL if indicator.better == "lower" else value >= threshold - _EQUAL


def reaches(value: float, rule: Rule, indicator: Indicator) -> bool | None:
    """Whether a value is at what the rule asks for; None where it asks nothing or there is no value."""
    if rule.ready is None or np.isnan(value):
        return None
    return _reaches(value, rule.ready, indicator)


def _day(value: Any) -> dt.date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()


def together(states: list[str]) -> str:
    """The state of several things as one: the worst decides; "not_set" where nothing decides.

    Ready together is what is ready in everything; what is not known in one thing is not known together, unless another
    thing is a plain no or only partly there.
    """
    for state in WORST_FIRST:
        if state.value in states:
            return state.value
    return Readiness.NOT_SET.value


def runs_out_soon(table: pd.DataFrame, *, within: int = SOON) -> pd.Series:
    """For each row of a ``readiness_table`` whether its answer is good today and runs out within ``within`` days."""
    left = table["days_left"]
    good = table["readiness"].isin([Readiness.YES.value, Readiness.PARTLY.value])
    return good & left.notna() & (left >= 0) & (left <= within)
