"""What a merger, a split or a new name would do to the register of places, checked before anything is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.errors import UserError
from data_access.ingestion.place_names import LONGEST_NAME, plain_name
from data_access.tables import place, place_code, site
from data_access.words import CODE_LENGTHS

FIELDS: Final = ("before", "into", "carries", "code", "name", "on")


class PlaceChangeError(UserError):
    """A change that cannot be; `field` (one of `FIELDS`) says what has to be given otherwise."""

    def __init__(self, field: str, *, zh: str, en: str) -> None:
        super().__init__(zh=zh, en=en)
        self.field = field


@dataclass(frozen=True)
class NewPlace:
    """A village that begins with the change: its 12-digit statistical code and its full and short name (default: the
    full one). What kind of village it is it takes from those before it."""

    code: str
    name: str
    short_name: str = ""


@dataclass(frozen=True)
class Merge:
    """The villages `before` become one: an existing village or a new one, which carries their history."""

    before: tuple[str, ...]
    into: str | NewPlace


@dataclass(frozen=True)
class Split:
    """The village `before` becomes several, old and new; the one with the code `carries` carries its history. A village
    that is itself among `into` goes on."""

    before: str
    into: tuple[str | NewPlace, ...]
    carries: str


@dataclass(frozen=True)
class Rename:
    """A village or township gets another name; a village may get another code with it."""

    code: str
    name: str
    short_name: str = ""
    new_code: str = ""


Change = Merge | Split | Rename


@dataclass(frozen=True)
class Part:
    """One place before a change and one after it; both codes are the same where a place goes on."""

    before_code: str
    after_code: str
    name_before: str
    name_after: str
    carries_history: bool


@dataclass(frozen=True)
class Plan:
    """A change that can be: its kind, its first day, its parts, and what has to be written.

    `closed` maps each place that ends to the one that carries its history; `new` holds the places that begin with the
    register's row of the place they take their kind from; `renamed` the place that goes on under another name.
    """

    kind: str
    on: dt.date
    parts: tuple[Part, ...]
    closed: dict[str, str]
    new: tuple[tuple[NewPlace, Any], ...] = ()
    renamed: Rename | None = None


def plan_change(connection: Connection, change: Change, *, on: dt.date) -> Plan:
    """Check a change against the register.

    Raises
    ------
    PlaceChangeError
        A sentence that says what is wrong, and at which field: unknown or closed places, a place given twice, a code
        that is malformed or taken, an empty name or one that is borne already, a day in the future or before a place
        began.
    """
    if on > dt.date.today():
        raise PlaceChangeError(
            "on",
            zh=f"{on} 晚于今天；变更应在生效之后登记。",
            en=f"{on} lies in the future; enter a change once it holds.",
        )
    if isinstance(change, Merge):
        return _merge(connection, change, on)
    if isinstance(change, Split):
        return _split(connection, change, on)
    return _rename(connection, change, on)


def _merge(connection: Connection, change: Merge, on: dt.date) -> Plan:
    _refuse_repeats(connection, [*change.before, *([change.into] if isinstance(change.into, str) else [])])
    if not change.before or (len(change.before) == 1 and isinstance(change.into, NewPlace)):
        raise PlaceChangeError(
            "before", zh="请选择要合并的村社：并入新村社至少两个，并入已有村社至少一个。",
            en="Choose the villages to merge: at least two into a new one, at least one into an existing one.",
        )  # fmt: skip
    before = [_standing(connection, code, on, "before") for code in change.before]
    code, name, new = _after(connection, change.into, before, on)
    return Plan(
        "merge", on, tuple(Part(one.code, code, one.name, name, True) for one in before),
        dict.fromkeys(change.before, code), new,
    )  # fmt: skip


def _split(connection: Connection, change: Split, on: dt.date) -> Plan:
    codes = [one.code if isinstance(one, NewPlace) else one for one in change.into]
    _refuse_repeats(connection, codes)
    if len(codes) < 2:
        raise PlaceChangeError(
            "into", zh="拆分后至少应有两个村社；请补上另一个。",
            en="After a split there are at least two villages; add the other one.",
        )  # fmt: skip
    stays = change.before in codes
    if change.carries not in codes or (stays and change.carries != change.before):
        raise PlaceChangeError(
            "carries", zh="请说明拆分前的历史由哪个村社承接：只能是拆分后的村社之一；原村社保留时由它承接。",
            en="Say which village carries the history: one of those after the split, the old one where it goes on.",
        )  # fmt: skip
    before = _standing(connection, change.before, on, "before")
    parts, new = [], []
    for one, code in zip(change.into, codes, strict=True):
        name, made = (before.name, ()) if code == change.before else _after(connection, one, [before], on)[1:]
        parts.append(Part(before.code, code, before.name, name, code == change.carries))
        new += made
    return Plan("split", on, tuple(parts), {} if stays else {before.code: change.carries}, tuple(new))


def _rename(connection: Connection, change: Rename, on: dt.date) -> Plan:
    before = _standing(connection, change.code, on, "before", levels=("village", "township"))
    if change.new_code and change.new_code != change.code:
        if before.level != "village":
            raise PlaceChangeError(
                "code", zh="镇街换代码须通过区划名录文件登记，连同其下的村社。",
                en="A township gets another code through the register of places, together with its villages.",
            )  # fmt: skip
        made = NewPlace(change.new_code, change.name, change.short_name)
        code, name, new = _after(connection, made, [before], on)
        part = Part(before.code, code, before.name, name, True)
        return Plan("rename", on, (part,), {before.code: code}, new)
    name = _checked_name(connection, change.name, parent=before.parent, besides={before.code})
    if (name, change.short_name or name) == (before.name, before.short_name):
        raise PlaceChangeError(
            "name", zh=f"“{name}”就是现在的名称；请填写新名称。", en=f"'{name}' is its name already; give the new one."
        )
    part = Part(before.code, before.code, before.name, name, True)
    return Plan("rename", on, (part,), {}, renamed=Rename(before.code, name, change.short_name.strip() or name))


def _after(
    connection: Connection, into: str | NewPlace, before: Sequence[Any], on: dt.date
) -> tuple[str, str, tuple[tuple[NewPlace, Any], ...]]:
    """Code and name of a place after the change, and the place itself where it is new."""
    if isinstance(into, str):
        known = _standing(connection, into, on, "into")
        return known.code, known.name, ()
    code = into.code.strip()
    length = CODE_LENGTHS["village"]
    if not (code.isascii() and code.isdigit() and len(code) == length):
        raise PlaceChangeError(
            "code", zh=f"“{code}”不是村社的统计代码；应为 {length} 位数字，前 9 位是所属镇街的代码。",
            en=f"'{code}' is no village's code: {length} digits, the first nine those of its township.",
        )  # fmt: skip
    above = connection.execute(sa.select(place).where(place.c.code == code[: CODE_LENGTHS["township"]])).first()
    if above is None or above.level != "township" or above.valid_to is not None:
        raise PlaceChangeError(
            "code", zh=f"代码“{code}”的前 9 位不是现有镇街；请核对。",
            en=f"The first nine digits of '{code}' are no present township; check them.",
        )  # fmt: skip
    taken = sa.select(place_code.c.place).where(place_code.c.system == "NBS", place_code.c.code == code)
    if any(
        connection.execute(query).first() is not None
        for query in (taken, sa.select(place.c.code).where(place.c.code == code),
                      sa.select(site.c.code).where(site.c.code == code))
    ):  # fmt: skip
        raise PlaceChangeError(
            "code", zh=f"代码“{code}”已被使用；新村社须用新代码。", en=f"The code '{code}' is taken; give a new one."
        )
    name = _checked_name(connection, into.name, parent=above.code, besides={one.code for one in before})
    made = NewPlace(code, name, into.short_name.strip() or name)
    return code, name, ((made, before[0]),)


def _checked_name(connection: Connection, given: str, *, parent: str, besides: set[str]) -> str:
    name = given.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise PlaceChangeError(
            "name", zh=f"请填写名称（不超过 {LONGEST_NAME} 字）。", en=f"Give a name of at most {LONGEST_NAME} letters."
        )
    others = sa.select(place.c.code, place.c.name, place.c.short_name).where(
        place.c.parent == parent, place.c.valid_to.is_(None), place.c.code.not_in(besides)
    )
    for code, *names in connection.execute(others):
        if plain_name(name) in map(plain_name, names):
            raise PlaceChangeError(
                "name", zh=f"同一上级下已有“{name}”（{code}）；请核对名称。",
                en=f"'{name}' is the name of {code} beside it; check the name.",
            )  # fmt: skip
    return name


def _standing(
    connection: Connection, code: str, on: dt.date, field: str, *, levels: tuple[str, ...] = ("village",)
) -> Any:
    """The register's row of a place that exists on the day before `on` and still does."""
    row = connection.execute(sa.select(place).where(place.c.code == code)).first()
    if row is None or row.level not in levels:
        raise PlaceChangeError(
            field, zh=f"名录中没有代码为“{code}”的村社；请重新选择。",
            en=f"There is no village '{code}' on the register; choose again.",
        )  # fmt: skip
    if row.valid_to is not None:
        raise PlaceChangeError(
            field, zh=f"“{row.name}”已于 {row.valid_to} 终止，不能再变更。",
            en=f"'{row.name}' ended on {row.valid_to} and cannot be changed any more.",
        )  # fmt: skip
    if on <= row.valid_from:
        raise PlaceChangeError(
            "on", zh=f"{on} 不晚于“{row.name}”的生效日期 {row.valid_from}；请更正日期。",
            en=f"{on} is not after '{row.name}' began ({row.valid_from}); correct the day.",
        )  # fmt: skip
    return row


def _refuse_repeats(connection: Connection, codes: Sequence[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            name = connection.execute(sa.select(place.c.name).where(place.c.code == code)).scalar() or code
            raise PlaceChangeError(
                "into", zh=f"“{name}”出现了两次；变更前后的村社应各不相同。",
                en=f"'{name}' is given twice; the places of a change are all different.",
            )  # fmt: skip
