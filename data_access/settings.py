"""Where the database is and what the installation has decided, read from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from data_access.errors import UserError

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = PROJECT_FOLDER / "data" / "yinzhou.db"


@dataclass(frozen=True)
class Settings:
    """What decides how the house runs.

    Attributes
    ----------
    database_url
        SQLAlchemy address; SQLite file beside the app unless `DATABASE_URL` names a PostgreSQL server.
    root_place
        Code of the place whose people use this installation (`ROOT_PLACE`, default Yinzhou 330212).
    max_file_megabytes
        Largest file the loader opens (`MAX_FILE_MEGABYTES`, default 150).
    warm_up
        Whether the server computes the usual views before they are asked for (`WARM_UP`, default yes; "0" for no).
    """

    database_url: str
    root_place: str
    max_file_megabytes: int
    warm_up: bool


def read_settings() -> Settings:
    """Settings from the environment variables `DATABASE_URL`, `ROOT_PLACE`, `MAX_FILE_MEGABYTES` and `WARM_UP`."""
    url = os.environ.get("DATABASE_URL", "").strip() or f"sqlite:///{DEFAULT_DATABASE}"
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    return Settings(
        database_url=url,
        root_place=os.environ.get("ROOT_PLACE", "").strip() or "330212",
        max_file_megabytes=_whole_number("MAX_FILE_MEGABYTES", 150),
        warm_up=os.environ.get("WARM_UP", "1") != "0",
    )


def _whole_number(name: str, otherwise: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit()):
        raise UserError(
            zh=f"环境变量 {name} 是“{text}”；请写成整数，例如 {otherwise}。",
            en=f"The environment variable {name} is '{text}'; write a whole number such as {otherwise}.",
        )
    return int(text)
