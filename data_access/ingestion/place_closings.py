"""What a register of places says about places that are no more: their last day and who carries their history.

A place closed with a successor is counted under it. One closed without a successor keeps what it has under itself; it
is no longer listed, and the places above it still hold its figures. What was entered as a change of places stands until
that change is undone: an empty cell leaves it, another date or successor sets the row aside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.row_checks import CheckedRows, reject_future
from data_access.tables import place, place_change, place_change_part

CLOSING_FIELDS = ("valid_to", "successor")
_CLOSABLE = ("township", "village")


def gate_until(valid_to: dt.date | None) -> int | None:
    """The last month (YYYYMM) in which the gate of a village closed after `valid_to` is on the register: the month
    before that of the first day without the village; None for a village that stands."""
    if valid_to is None:
        return None
    first_day = valid_to + dt.timedelta(days=1)
    last_day = first_day.replace(day=1) - dt.timedelta(days=1)
    return last_day.year * 100 + last_day.month


def standing_changes(connection: Connection) -> dict[str, set[str]]:
    """Places as entered changes that were not undone left them: "closed", "opened" (begun) or "named" by one."""
    c, p = place_change.c, place_change_part.c
    parts = (
        sa.select(c.kind, p.before_code, p.after_code, c.happened_on)
        .join(place_change, c.id == p.change_id)
        .where(c.undone_at.is_(None))
    )
    since = {code: (start, end) for code, start, end in connection.execute(
        sa.select(place.c.code, place.c.valid_from, place.c.valid_to))}  # fmt: skip
    rows = connection.execute(parts).all()
    return {
        "closed": {one.before_code for one in rows if since[one.before_code][1] is not None},
        "named": {one.after_code for one in rows if one.before_code == one.after_code and one.kind == "rename"},
        "opened": {one.after_code for one in rows if since[one.after_code][0] == one.happened_on},
    }


def keep_entered_changes(connection: Connection, checked: CheckedRows, stored: Mapping[str, Any]) -> None:
    """What was entered as a change stands: empty cells take it over, contradictions are set aside."""
    standing = standing_changes(connection)
    frame = checked.frame.copy()
    contrary = pd.Series(False, frame.index)
    for index, code in frame["code"].items():
        if code in standing["closed"]:
            for name in CLOSING_FIELDS:
                said, known = frame.at[index, name], getattr(stored[code], name)
                contrary.at[index] |= said is not None and said != known
                frame.at[index, name] = known
        if code in standing["opened"] and frame.at[index, "valid_from"] is None:
            frame.at[index, "valid_from"] = stored[code].valid_from
    checked.frame = frame
    checked.reject(
        contrary, column="终止日期", found=frame["code"], reason="entered_as_change",
        zh="“{found}”的终止已在“区划变更”中登记，名录与之不符；请先在该页撤销那次变更，或更正名录。",
        en="The end of '{found}' was entered as a change of places, and the register says otherwise; undo that change "
        "first or correct the register.",
    )  # fmt: skip


def reject_wrong_closings(checked: CheckedRows, stored: Mapping[str, Any]) -> None:
    """Set aside rows whose end or successor cannot be; parents are known to stand."""
    reject_future(checked, {"valid_to": "终止日期"})
    _reject_wrong_ends(checked)
    _reject_wrong_successors(checked, stored)
    _reject_circles(checked, stored)
    _reject_open_below_closed(checked, stored)


def _mask(frame: pd.DataFrame, bad: list[bool]) -> pd.Series:
    return pd.Series(bad, frame.index, dtype=bool)


def _reject_wrong_ends(checked: CheckedRows) -> None:
    frame = checked.frame
    lacking = frame["successor"].notna() & frame["valid_to"].isna()
    checked.reject(
        lacking, column="终止日期", found=frame["successor"], reason="empty",
        zh="有继任代码“{found}”却没有终止日期；请补填这个单位存续的最后一天。",
        en="There is a successor ('{found}') but no last day; give the last day on which the place existed.",
    )  # fmt: skip
    frame = checked.frame
    above = frame["valid_to"].notna() & ~frame["level"].isin(_CLOSABLE)
    checked.reject(
        above, column="终止日期", found=frame["valid_to"], reason="not_closable",
        zh="只有镇街和村社可以终止（填写了“{found}”）；请清空这一格。",
        en="Only townships and villages can end ('{found}' is given); empty the cell.",
    )  # fmt: skip
    frame = checked.frame
    pairs = zip(frame["valid_from"], frame["valid_to"], strict=True)
    early = [end is not None and start is not None and end < start for start, end in pairs]
    checked.reject(
        _mask(frame, early), column="终止日期", found=frame["valid_to"], reason="order_of_dates",
        zh="终止日期“{found}”早于生效日期；请更正。", en="The last day ({found}) lies before the first; correct it.",
    )  # fmt: skip


def _levels(frame: pd.DataFrame, stored: Mapping[str, Any]) -> dict[str, str]:
    return {code: row.level for code, row in stored.items()} | dict(zip(frame["code"], frame["level"], strict=True))


def _reject_wrong_successors(checked: CheckedRows, stored: Mapping[str, Any]) -> None:
    while True:  # a row set aside may have been another's successor
        frame = checked.frame
        levels = _levels(frame, stored)
        wrong = [
            heir is not None and (heir == code or levels.get(heir) != level)
            for code, level, heir in zip(frame["code"], frame["level"], frame["successor"], strict=True)
        ]
        if not any(wrong):
            return
        checked.reject(
            _mask(frame, wrong), column="继任代码", found=frame["successor"], reason="unknown_successor",
            zh="继任代码“{found}”不是名录中另一个同级单位；请核对，或把继任单位写进同一文件。",
            en="The successor '{found}' is no other place of the same level on the register; check it, or put the "
            "successor into the same file.",
        )  # fmt: skip


def _reject_circles(checked: CheckedRows, stored: Mapping[str, Any]) -> None:
    frame = checked.frame
    heirs = {code: row.successor for code, row in stored.items()}
    heirs |= dict(zip(frame["code"], frame["successor"], strict=True))
    circular = []
    for code in frame["code"]:
        seen, at = set(), heirs.get(code)
        while at is not None and at not in seen and at != code:
            seen.add(at)
            at = heirs.get(at)
        circular.append(at == code)
    checked.reject(
        _mask(frame, circular), column="继任代码", found=frame["successor"], reason="successor_circle",
        zh="继任代码“{found}”最终又指回本单位；请更正继任关系。",
        en="The successors that follow from '{found}' lead back to this place; correct them.",
    )  # fmt: skip


def _reject_open_below_closed(checked: CheckedRows, stored: Mapping[str, Any]) -> None:
    """A township that gave its history away has no villages that still stand."""
    while True:
        frame = checked.frame
        rows = {code: (row.parent, row.successor) for code, row in stored.items()}
        rows |= {
            code: (parent, heir)
            for code, parent, heir in zip(frame["code"], frame["parent"], frame["successor"], strict=True)
        }
        gone = {code for code, (_, heir) in rows.items() if heir is not None}
        standing = {parent for code, (parent, heir) in rows.items() if heir is None and parent in gone}
        before = {code for code, row in stored.items() if row.successor is not None}
        full = frame["code"].isin(standing - before)
        inside = frame["successor"].isna() & frame["parent"].isin(before & gone)
        if not (full.any() or inside.any()):
            return
        checked.reject(
            full, column="继任代码", found=frame["code"], reason="villages_left",
            zh="“{found}”下仍有未终止的村社；请在同一文件中写明它们的终止日期和继任代码。",
            en="'{found}' still has villages that stand; give their last day and successor in the same file.",
        )  # fmt: skip
        left = checked.frame
        checked.reject(
            inside.loc[left.index], column="上级代码", found=left["parent"], reason="parent_closed",
            zh="上级“{found}”已终止并由其他单位继任；请以继任单位下的新代码登记。",
            en="The parent '{found}' was closed and has a successor; register the place under its new code there.",
        )  # fmt: skip
