"""Commands about releases: release a month, list the months, take the newest back."""

from __future__ import annotations

import argparse
import datetime as dt
import re

from sqlalchemy.engine import Engine

from data_access import schema
from data_access.commands.caller import machine, user_name
from data_access.commands.sentences import say
from data_access.errors import UserError
from data_access.released_months import Releases, local_now, months_with_data, read_releases, release, unrelease
from data_access.releases import current_data_version


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put the commands of this room on the parser."""
    command = commands.add_parser("release", help="release a month, list what is released, or take the newest back")
    command.add_argument("month", nargs="?", help="2020-03 or 202003; earlier months that wait are released with it")
    command.add_argument(
        "--embargo", metavar="TIME", help='public from "2026-12-01 09:00" on, by this machine\'s clock'
    )
    command.add_argument("--note", default="", help="a remark for the audit")
    command.add_argument("--force", metavar="REASON", default="", help="release although some issues are not due yet")
    command.add_argument("--list", action="store_true", help="say for each month how it stands")
    command.add_argument("--take-back", metavar="MONTH", help="take back the newest release")
    command.set_defaults(run=_release)


def _release(engine: Engine, given: argparse.Namespace) -> int:
    chosen = [bool(given.month), given.list, bool(given.take_back)]
    if sum(chosen) != 1:
        raise UserError(
            zh="请写一个月份（如 2020-03），或 --list，或 --take-back 月份，三者选一。",
            en="Give a month such as 2020-03, or --list, or --take-back MONTH: one of the three.",
        )
    schema.upgrade(engine)
    if given.list:
        return _list(engine, given)
    by, origin = user_name(), machine()
    if given.take_back:
        month = _month(given.take_back)
        unrelease(engine, month, by=by, origin=origin, because=given.note)
        say(given, f"已撤回 {_written(month)} 的发布。", f"The release of {_written(month)} was taken back.")
        return 0
    embargo = _hour(given.embargo) if given.embargo else None
    months = release(engine, _month(given.month), by=by, origin=origin, embargo_until=embargo, note=given.note,
                     force_because=given.force)  # fmt: skip
    names = _written(months[0]) if len(months) == 1 else f"{_written(months[0])} – {_written(months[-1])}"
    if embargo:
        hour = f"{embargo:%Y-%m-%d %H:%M}"
        say(given, f"已发布：{names}；{hour} 起公开。", f"Released: {names}; public from {hour} on.")
    else:
        say(given, f"已发布：{names}。", f"Released: {names}.")
    return 0


def _list(engine: Engine, given: argparse.Namespace) -> int:
    version, releases = current_data_version(engine), read_releases(engine)
    provisional = version.provisional_from if version else None
    known = months_with_data(engine)
    for month in sorted({*known, *(one.month for one in releases.months)}):
        zh, en = _state(month, releases, provisional)
        say(given, f"{_written(month)}  {zh}", f"{_written(month)}  {en}")
    if not known:
        say(given, "数据库中还没有数据。", "There are no data in the database yet.")
    return 0


def _state(month: int, releases: Releases, provisional: int | None) -> tuple[str, str]:
    one = next((one for one in releases.months if one.month == month), None)
    if one is not None and one.is_open(local_now()):
        return f"已发布（数据版本 {one.data_version}）", f"released (data version {one.data_version})"
    if one is not None:
        hour = f"{one.embargo_until:%Y-%m-%d %H:%M}"
        return f"已发布，{hour} 起公开", f"released, public from {hour} on"
    if provisional is not None and month >= provisional:
        return "暂定数，未发布", "provisional, not released"
    return "未发布", "not released"


def _month(given: str) -> int:
    found = re.fullmatch(r"(\d{4})[-./年]?(\d{1,2})月?", given.strip())
    if found and 1900 <= int(found[1]) <= 2999 and 1 <= int(found[2]) <= 12:
        return int(found[1]) * 100 + int(found[2])
    raise UserError(zh=f"“{given}”不是月份；请写成 2020-03。", en=f"'{given}' is no month; write it as 2020-03.")


def _hour(given: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(given.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise UserError(
            zh=f"“{given}”不是公开时间；请写成 2026-12-01 09:00（本机时间）。",
            en=f"'{given}' is no hour; write it as 2026-12-01 09:00, by this machine's clock.",
        )
    return found


def _written(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"
