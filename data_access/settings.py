"""Where the database is and what the installation has decided, read from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from data_access.errors import UserError
from geo.base_maps import BaseMap, base_map
from geo.errors import LayerError

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = PROJECT_FOLDER / "data" / "yinzhou.db"
LIMITED_ROLES = ("leader", "head", "researcher")


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
        Largest file the loader opens (`MAX_FILE_MEGABYTES`, default 1000).
    warm_up
        Whether the server computes the usual views before they are asked for (`WARM_UP`, default yes; "0" for no).
    upload_folder
        Where files from the upload page and their jobs lie, at most a day (`UPLOAD_FOLDER`, default data/uploads).
    job_megabytes, job_minutes
        Memory and time that one job may take (`JOB_MEGABYTES`, default 1500; `JOB_MINUTES`, default 120).
    released_only
        Roles that see released months only (`RELEASED_ONLY`, default "leader,head"; "nobody" for no role). A data
        steward always sees everything.
    map_review_number, map_attribution
        What has to be printed beside surveyed maps whose layer does not say it itself (`MAP_REVIEW_NUMBER`,
        `MAP_ATTRIBUTION`).
    map_public_mode
        For screens the public can see: schematic shapes give way to equal tiles (`MAP_PUBLIC_MODE`, default no; "1").
    base_map
        Tiles or style drawn under surveyed layers (`BASE_MAP`, `BASE_MAP_LABELS`, `BASE_MAP_ATTRIBUTION`; default none,
        so that nothing is asked of another host). Never printed: the addresses may hold a key.
    """

    database_url: str
    root_place: str
    max_file_megabytes: int
    warm_up: bool
    upload_folder: Path
    job_megabytes: int
    job_minutes: int
    released_only: tuple[str, ...]
    map_review_number: str
    map_attribution: str
    map_public_mode: bool
    base_map: BaseMap | None


def read_settings() -> Settings:
    """Settings from the environment variables named at `Settings`. Raises UserError for one that makes no sense."""
    url = os.environ.get("DATABASE_URL", "").strip() or f"sqlite:///{DEFAULT_DATABASE}"
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    return Settings(
        database_url=url,
        root_place=os.environ.get("ROOT_PLACE", "").strip() or "330212",
        max_file_megabytes=_whole_number("MAX_FILE_MEGABYTES", 1000),
        warm_up=os.environ.get("WARM_UP", "1") != "0",
        upload_folder=Path(os.environ.get("UPLOAD_FOLDER", "").strip() or DEFAULT_DATABASE.parent / "uploads"),
        job_megabytes=_whole_number("JOB_MEGABYTES", 1500),
        job_minutes=_whole_number("JOB_MINUTES", 120),
        released_only=_roles("RELEASED_ONLY", ("leader", "head")),
        map_review_number=os.environ.get("MAP_REVIEW_NUMBER", "").strip(),
        map_attribution=os.environ.get("MAP_ATTRIBUTION", "").strip(),
        map_public_mode=os.environ.get("MAP_PUBLIC_MODE", "").strip() == "1",
        base_map=_base_map(),
    )


def _base_map() -> BaseMap | None:
    address, labels, attribution = (
        os.environ.get(name, "") for name in ("BASE_MAP", "BASE_MAP_LABELS", "BASE_MAP_ATTRIBUTION")
    )
    try:
        return base_map(address, labels=labels, attribution=attribution)
    except LayerError as error:
        raise UserError(zh=error.zh, en=error.en) from error


def _roles(name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    text = os.environ.get(name, "").strip()
    if not text:
        return otherwise
    given = tuple(word for word in text.replace("，", ",").replace("、", ",").replace(" ", ",").split(",") if word)
    if given == ("nobody",):
        return ()
    for word in given:
        if word not in LIMITED_ROLES:
            raise UserError(
                zh=f"环境变量 {name} 中的“{word}”不是可限制的角色；请从 {'、'.join(LIMITED_ROLES)} 中选，或写 nobody。",
                en=f"'{word}' in the environment variable {name} is no role that can be limited; choose among "
                f"{', '.join(LIMITED_ROLES)}, or write nobody.",
            )
    return given


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
