"""What stewards have said about names of places, remembered as further names of the place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.errors import UserError
from data_access.ingestion.place_names import LONGEST_NAME, PlaceFinder, plain_name
from data_access.tables import name_alias, place


def keep_place_answers(connection: Connection, answers: Mapping[tuple[str, str], str], by: str) -> None:
    """Remember which place a name means; a new answer replaces an older one. Do so before making a `PlaceFinder`.

    `answers` is (township, village) as they stand in the file → code of the village; (township, "") → code of the
    township, kept under its district.

    Raises
    ------
    UserError
        When the answer is no village (no township), or the township's name is not known itself.
    """
    for only_townships in (True, False):
        finder = PlaceFinder(connection) if answers else None
        for (township, village), code in answers.items():
            if finder is not None and (not village) == only_townships:
                above, name = _remembered_as(finder, township, village, code)
                _keep(connection, above, name, code, by)


def _remembered_as(finder: PlaceFinder, township: str, village: str, code: str) -> tuple[str, str]:
    """The place above and the name under which an answer is kept."""
    name = plain_name(village or township)
    level = "village" if village else "township"
    if finder.levels.get(code) != level or not 0 < len(name) <= LONGEST_NAME:
        raise UserError(
            zh=f"“{name}”不能记为“{code}”：名录中没有这个{'村社' if village else '镇街'}；请重新选择。",
            en=f"'{name}' cannot stand for '{code}': there is no such {level} on the register; choose again.",
        )
    above = finder.township(township) if village else finder.parent(code)
    if above is None:
        raise UserError(
            zh=f"不认识镇街“{township}”；请先确认它是哪个镇街，再确认其中的“{village}”。",
            en=f"The township '{township}' is not known; say which it is before '{village}' in it.",
        )
    return above, name


def _keep(connection: Connection, above: str, name: str, code: str, by: str) -> None:
    same = sa.and_(name_alias.c.township == above, name_alias.c.name == name)
    connection.execute(name_alias.delete().where(same))
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    values = {"township": above, "name": name, "place_code": code, "confirmed_by": by, "confirmed_at": now}
    connection.execute(name_alias.insert().values(**values))


def read_place_answers(connection: Connection) -> list[tuple[str, str, str, str | None]]:
    """(name of the place above, name, name of the place it means, who said so) of everything remembered."""
    above, meant = place.alias(), place.alias()
    statement = (
        sa.select(above.c.name, name_alias.c.name, meant.c.name, name_alias.c.confirmed_by)
        .join_from(name_alias, above, above.c.code == name_alias.c.township)
        .join(meant, meant.c.code == name_alias.c.place_code)
        .order_by(above.c.code, name_alias.c.name)
    )
    return [tuple(row) for row in connection.execute(statement)]
