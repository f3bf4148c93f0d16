"""The people who may sign in, and what each may see."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import reading
from data_access.tables import person


@dataclass(frozen=True)
class Person:
    """One person: role is "leader", "researcher", "head" or "steward"; `township` is set for heads."""

    email: str
    name: str
    role: str
    township: str | None


def find_person(engine: Engine, *, email: str) -> Person | None:
    """The active person with this address (letter case does not matter), or None."""
    statement = sa.select(person).where(sa.func.lower(person.c.email) == email.strip().lower(), person.c.active)
    with reading(engine) as connection:
        row = connection.execute(statement).first()
    return Person(row.email, row.name, row.role, row.township) if row else None
