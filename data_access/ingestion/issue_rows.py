"""Issues in: what one case says about itself is checked here."""

from __future__ import annotations

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.event_rows import EventWriter
from data_access.ingestion.frame_schemas import validate_frame
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.problems import Flag
from data_access.ingestion.register_rows import reject_unknown_villages
from data_access.ingestion.repeated_rows import drop_repeated
from data_access.ingestion.row_checks import CheckedRows, reject_future
from data_access.ingestion.row_positions import RowPositions
from data_access.ingestion.source_form import source_form
from data_access.ingestion.written_rows import Written, month_numbers, received_rows
from data_access.releases import TIMES
from data_access.tables import estate, firm, issue

YEARS_TO_DEADLINE = 10
_TIMES = {"reported_at": "诉求时间", "accepted_at": "受理时间", "assigned_at": "交办时间",
          "first_answered_at": "首次答复时间", "closed_at": "办结时间", "updated_at": "更新时间"}  # fmt: skip
_AFTER_REPORTED = {"accepted_at": "受理时间", "first_answered_at": "首次答复时间", "closed_at": "办结时间"}


class IssueWriter:
    """Cases: times in order, answers that fit together, village, estate and firm that exist."""

    def __init__(self, connection: Connection, finder: PlaceFinder, *, batch_id: int) -> None:
        self.written = Written()
        self._finder = finder
        self._positions = RowPositions(connection.engine, finder)
        self._estates = set(connection.execute(sa.select(estate.c.code)).scalars())
        self._firms = set(connection.execute(sa.select(firm.c.code)).scalars())
        self._events = EventWriter(
            connection, issue, key=["case_no"], source="issues", batch_id=batch_id, heading="工单编号"
        )

    def take(self, checked: CheckedRows) -> None:
        """Check and write one piece of a file."""
        self._positions.read(checked)
        reject_unknown_villages(checked, self._finder)
        self._positions.compare(checked)
        reject_future(checked, _TIMES)
        for name, heading in _AFTER_REPORTED.items():
            _reject_before_reported(checked, name, heading)
        _reject_far_deadlines(checked)
        frame = checked.frame
        said = {
            name: (frame[name].to_numpy(object) == True).astype(object)  # noqa: E712 - element by element
            for name in ("called_back", "reached", "reopened")
        }
        checked.frame = frame.assign(**said)
        _reject_contradictions(checked)
        _reject_unregistered(checked, "estate_code", self._estates, "小区编号")
        _reject_unregistered(checked, "firm_code", self._firms, "企业编号")
        drop_repeated(checked, ["case_no"], heading="工单编号")
        months = month_numbers(checked.frame["reported_at"])
        checked.frame = checked.frame.assign(month=months)
        validate_frame("issues", checked.frame, source_form("issues"))
        self.written.received.update(received_rows(checked.frame))
        self._note_latest(self._events.write(checked, self.written))

    def _note_latest(self, fresh: pd.DataFrame) -> None:
        if not fresh.empty:
            day = max(fresh[name].max() for name in TIMES if fresh[name].notna().any()).date()
            self.written.latest_day = max(day, self.written.latest_day or day)

    def position_flags(self) -> list[Flag]:
        """What looked odd about the positions."""
        return self._positions.flags.all()

    def finish(self) -> None:
        """Nothing waits for the end of the file."""


def _reject_before_reported(checked: CheckedRows, name: str, heading: str) -> None:
    frame = checked.frame
    checked.reject(
        frame[name] < frame["reported_at"], column=heading, found=frame[name], reason="order_of_dates",
        zh="{column}“{found}”早于诉求时间；请更正。",
        en="'{found}' ({column}) lies before the case was reported; correct it.",
    )  # fmt: skip


def _reject_far_deadlines(checked: CheckedRows) -> None:
    """A deadline such as 9999-12-31 means that there is none; taken at its word, its month would never be complete."""
    frame = checked.frame
    years = (frame[name].to_numpy().astype("datetime64[Y]").astype(np.int64) for name in ("due_at", "reported_at"))
    due, start = years
    far = pd.Series(frame["due_at"].notna().to_numpy() & (due > start + YEARS_TO_DEADLINE), frame.index)
    checked.reject(
        far, column="办理时限", found=frame["due_at"], reason="order_of_dates",
        zh=f"办理时限“{{found}}”晚于诉求时间 {YEARS_TO_DEADLINE} 年以上；没有时限请留空。",
        en=f"The deadline '{{found}}' lies more than {YEARS_TO_DEADLINE} years ahead; leave it empty if there is none.",
    )  # fmt: skip


def _reject_contradictions(checked: CheckedRows) -> None:
    rules = (
        ("closed_at", lambda f: f["closed_at"].notna() & f["accepted_at"].isna(), "办结时间",
         "已办结（{found}）却没有受理时间；请补填。", "The case is closed ({found}) but was never accepted."),
        ("solved", lambda f: f["solved"].eq(True) & f["closed_at"].isna(), "办理结果",
         "已解决却没有办结时间；请补填。", "The case is solved but has no closing time; fill it in."),
        ("called_back", lambda f: f["called_back"].astype(bool) & f["closed_at"].isna(), "是否回访",
         "未办结的工单不应有回访；请核对。", "A case that is still open cannot have been called back."),
        ("reached", lambda f: f["reached"].astype(bool) & ~f["called_back"].astype(bool), "是否接通",
         "接通了却没有回访；请核对。", "Somebody was reached although nobody was called back; check both."),
        ("satisfied", lambda f: f["satisfied"].notna() & ~f["reached"].astype(bool), "是否满意",
         "未接通回访却填写了满意度；请核对。", "Satisfaction is given although nobody was reached."),
        ("reopened", lambda f: f["reopened"].astype(bool) & f["closed_at"].isna(), "是否退回重办",
         "未办结的工单不应退回重办；请核对。", "A case that is still open cannot have been reopened."),
    )  # fmt: skip
    for name, rule, heading, zh, en in rules:
        bad = rule(checked.frame)
        checked.reject(bad, column=heading, found=checked.frame[name], reason="contradiction", zh=zh, en=en)


def _reject_unregistered(checked: CheckedRows, name: str, known: set[str], heading: str) -> None:
    values = checked.frame[name]
    strange = values.notna() & ~values.isin(known)
    checked.reject(
        strange, column=heading, found=values, reason="not_on_register",
        zh="“{found}”不在名录中；请先载入名录或更正编号。",
        en="'{found}' is not on the register; load the register first or correct the number.",
    )  # fmt: skip
