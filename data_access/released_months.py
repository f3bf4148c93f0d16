"""Months are released on purpose and in order: which are public, releasing one, taking the newest back.

A release freezes the data version, the catalogue and the figures of the month (`release_figures`). An embargo is a day
and hour of the server's own clock; until then only those who see everything see the month. As soon as a month was ever
released, the roles of the setting `RELEASED_ONLY` read nothing after the newest public month: taking every month back
closes the house to them, it does not open it. The audit, which nobody can shorten, remembers that there was a release.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.audit_log import record
from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.release_figures import keep_figures
from data_access.releases import DataVersion, current_version
from data_access.settings import read_settings
from data_access.tables import audit_event, inspection_monthly, issue_monthly, measurement_monthly
from data_access.tables import release as release_table
from data_access.tables import release_figure as figure_table
from geo.place_codes import level_of
from indicators.catalogue import Catalogue, load_catalogue

RELEASE: Final = "release"
TAKE_BACK: Final = "take back"


@dataclass(frozen=True)
class ReleasedMonth:
    """One released month. `released_at` is UTC, `embargo_until` the server's local time; neither has a zone."""

    month: int
    released_at: dt.datetime
    embargo_until: dt.datetime | None
    data_version: int
    catalogue_hash: str
    released_by: str

    def is_open(self, now: dt.datetime) -> bool:
        """Whether the embargo has passed at `now` (local time)."""
        return self.embargo_until is None or self.embargo_until <= now


@dataclass(frozen=True)
class Releases:
    """What was released. `ever` says whether anything ever was; `months` are those that are released now, in order."""

    ever: bool
    months: tuple[ReleasedMonth, ...]

    @property
    def newest(self) -> int | None:
        """The newest released month, public or not; None when there is none."""
        return self.months[-1].month if self.months else None

    def public_until(self, now: dt.datetime) -> int:
        """The newest month that is public at `now`; 0 when none is. A month behind one that waits, waits as well."""
        newest = 0
        for one in self.months:
            if not one.is_open(now):
                break
            newest = one.month
        return newest

    def limit(self, role: str, *, now: dt.datetime) -> int | None:
        """The last month that `role` may read at `now`, as `Scope.until` wants it: None for every month, 0 for none."""
        return self.public_until(now) if self.ever and role in read_settings().released_only else None


def read_releases(engine: Engine) -> Releases:
    """What is released now."""
    with reading(engine) as connection:
        return _releases(connection)


def local_now() -> dt.datetime:
    """The server's own time, as embargoes are written."""
    return dt.datetime.now()


def seen_until(version: DataVersion, until: int | None) -> DataVersion:
    """The version as somebody sees it who may read months up to `until`: the later months are not there.

    Without any month left, `first_month` and `last_month` are None.
    """
    last = version.last_month
    if until is None or last is None or last <= until:
        return version
    shown = version.first_month if version.first_month is not None and version.first_month <= until else None
    return DataVersion(**{**vars(version), "first_month": shown, "last_month": until if shown else None})


def months_with_data(engine: Engine) -> tuple[int, ...]:
    """The months of which there are any counts, in order."""
    with reading(engine) as connection:
        return _months_with_data(connection)


def release(
    engine: Engine,
    month: int,
    *,
    by: str,
    origin: str = "",
    embargo_until: dt.datetime | None = None,
    note: str = "",
    force_because: str = "",
    now: dt.datetime | None = None,
) -> tuple[int, ...]:
    """Release `month` and every earlier month with data that is not released yet; one transaction.

    Parameters
    ----------
    by, origin
        Who releases, and from which machine.
    embargo_until
        Day and hour (the server's local time, no zone) from which the months are public; None for at once.
    note
        A remark for the audit.
    force_because
        Why a month is released though some of its issues are not due yet; empty refuses such a month.
    now
        The local time to judge the embargo by; the clock's when None.

    Returns
    -------
    tuple of int
        The months released by this call, in order.

    Raises
    ------
    UserError
        When the month has no data, is released already or is provisional, or the embargo makes no sense.
    """
    catalogue, now = load_catalogue(), now or local_now()
    with writing(engine) as connection:
        version, before = current_version(connection), _releases(connection)
        known = _months_with_data(connection)
        if version is None or month not in known:
            raise UserError(
                zh=f"{_zh(month)}没有数据，不能发布；有数据的是 {_span(known)}。",
                en=f"There are no data for {_en(month)}, so it cannot be released; there are data for {_span(known)}.",
            )
        if before.newest is not None and month <= before.newest:
            raise UserError(
                zh=f"{_zh(month)}已经发布；如需改动，请先撤回 {_zh(before.newest)}及以后的发布。",
                en=f"{_en(month)} is released already; to change that, take back the releases from the newest, "
                f"{_en(before.newest)}, on.",
            )
        _check_due(month, version, force_because)
        _check_embargo(embargo_until, before, now)
        months = tuple(one for one in known if (before.newest or 0) < one <= month)
        _write(connection, months, version, catalogue, by=by, embargo_until=embargo_until)
        keep_figures(connection, months=months, catalogue=catalogue, root=read_settings().root_place)
        hour = f"{embargo_until:%Y-%m-%d %H:%M}" if embargo_until else ""
        told = {"version": version.number, "embargo": hour, "forced": force_because, "note": note}
        record(connection, who=by, action=RELEASE, subject=_subject(months, told), origin=origin)
    return months


def unrelease(engine: Engine, month: int, *, by: str, origin: str = "", because: str = "") -> None:
    """Take back the newest release, with the figures it froze.

    Raises UserError when `month` is not the newest released month: later months would stay public without it.
    """
    with writing(engine) as connection:
        newest = _releases(connection).newest
        if newest is None:
            raise UserError(zh="还没有发布过任何月份。", en="No month has been released yet.")
        if month != newest:
            raise UserError(
                zh=f"只能从最新的一个月撤回；最新发布的是{_zh(newest)}。",
                en=f"Only the newest release can be taken back; that is {_en(newest)}.",
            )
        connection.execute(figure_table.delete().where(figure_table.c.month == month))
        connection.execute(release_table.delete().where(release_table.c.month == month))
        record(connection, who=by, action=TAKE_BACK, subject=_subject([month], {"note": because}), origin=origin)


def _releases(connection: Connection) -> Releases:
    rows = connection.execute(sa.select(release_table).order_by(release_table.c.month)).all()
    months = tuple(
        ReleasedMonth(row.month, row.released_at, row.embargo_until, row.data_version, row.catalogue_hash,
                      row.released_by)
        for row in rows
    )  # fmt: skip
    asked = sa.select(audit_event.c.id).where(audit_event.c.action == RELEASE).limit(1)
    return Releases(ever=bool(months) or connection.execute(asked).first() is not None, months=months)


def _months_with_data(connection: Connection) -> tuple[int, ...]:
    level, found = level_of(read_settings().root_place), set[int]()
    for table in (issue_monthly, inspection_monthly, measurement_monthly):
        statement = sa.select(table.c.month).where(table.c.level == level).distinct()
        found.update(connection.execute(statement).scalars())
    return tuple(sorted(found))


def _check_due(month: int, version: DataVersion, force_because: str) -> None:
    provisional = version.provisional_from
    if provisional is None or month < provisional or force_because.strip():
        return
    raise UserError(
        zh=f"{_zh(provisional)}起的问题尚未全部到期，{_zh(month)}仍是暂定数；请等到期后再发布，或写明提前发布的理由。",
        en=f"From {_en(provisional)} on some issues are not due yet, so {_en(month)} is provisional; release it when "
        "they are due, or give the reason for releasing it now.",
    )


def _check_embargo(embargo_until: dt.datetime | None, before: Releases, now: dt.datetime) -> None:
    if embargo_until is not None and embargo_until.tzinfo is not None:
        raise ValueError("An embargo is in the server's local time, without a zone.")
    if embargo_until is not None and embargo_until <= now:
        raise UserError(
            zh=f"公开时间 {embargo_until:%Y-%m-%d %H:%M} 已经过去；请填以后的时间，或不填（立即公开）。",
            en=f"The hour {embargo_until:%Y-%m-%d %H:%M} has passed; give a later one, or none to publish at once.",
        )
    waiting = [one for one in before.months if not one.is_open(now)]
    if waiting and (embargo_until is None or embargo_until < max(one.embargo_until or now for one in waiting)):
        latest = max(waiting, key=lambda one: one.embargo_until or now)
        hour = f"{latest.embargo_until:%Y-%m-%d %H:%M}"
        raise UserError(
            zh=f"{_zh(latest.month)}要到 {hour} 才公开，后面的月份不能更早；请填同样或更晚的时间。",
            en=f"{_en(latest.month)} becomes public at {hour} and later months cannot come before it; give that hour "
            "or a later one.",
        )


def _write(
    connection: Connection,
    months: Sequence[int],
    version: DataVersion,
    catalogue: Catalogue,
    *,
    by: str,
    embargo_until: dt.datetime | None,
) -> None:
    common = {
        "released_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "embargo_until": embargo_until,
        "data_version": version.number,
        "catalogue_hash": catalogue.hash,
        "released_by": by[:120],
    }
    connection.execute(release_table.insert(), [{"month": month, **common} for month in months])


def _subject(months: Sequence[int], told: Mapping[str, object]) -> str:
    """What the audit keeps: "202201–202203; version=12; note=…", which a page can put into words."""
    parts = [f"{name}={str(value).replace(';', '；')}" for name, value in told.items() if value]
    return "; ".join([_span(months), *parts])


def _span(months: Sequence[int]) -> str:
    if not months:
        return "—"
    return str(months[0]) if len(months) == 1 else f"{months[0]}–{months[-1]}"


def _zh(month: int) -> str:
    return f"{month // 100}年{month % 100}月"


def _en(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"
