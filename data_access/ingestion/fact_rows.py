"""Facts in: issues and measurements; what one row says about itself is checked here."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.event_rows import Written, drop_repeated, write_events
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.register_rows import reject_unknown_villages
from data_access.ingestion.row_checks import CheckedRows, reject_future
from data_access.ingestion.source_form import catalogue, dimension_words
from data_access.tables import estate, firm, issue, measurement

OWN_LOAD_HISTORY = ("reports_on_time", "records_valid")
YEARS_TO_DEADLINE = 10
_DECIDED_BY_REGISTER = ("area_type", "settlement_age")
_TIMES = {"reported_at": "诉求时间", "accepted_at": "受理时间", "assigned_at": "交办时间",
          "first_answered_at": "首次答复时间", "closed_at": "办结时间"}  # fmt: skip
_AFTER_REPORTED = {"accepted_at": "受理时间", "first_answered_at": "首次答复时间", "closed_at": "办结时间"}


def write_issues(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Cases: times in order, answers that fit together, village, estate and firm that exist."""
    reject_unknown_villages(checked, PlaceFinder(connection))
    reject_future(checked, _TIMES)
    for name, heading in _AFTER_REPORTED.items():
        _reject_before_reported(checked, name, heading)
    _reject_far_deadlines(checked)
    frame = checked.frame
    said = {
        name: pd.Series([value is True for value in frame[name]], frame.index, dtype=bool)
        for name in ("called_back", "reached", "reopened")
    }
    checked.frame = frame.assign(**{name: answer.astype(object) for name, answer in said.items()})
    _reject_contradictions(checked)
    _reject_unregistered(connection, checked, "estate_code", estate, "小区编号")
    _reject_unregistered(connection, checked, "firm_code", firm, "企业编号")
    drop_repeated(checked, ["case_no"], heading="工单编号")
    frame = checked.frame
    frame = frame.assign(
        month=pd.Series(
            [moment.year * 100 + moment.month for moment in frame["reported_at"]], frame.index, dtype=object
        )
    )
    return write_events(connection, issue, frame, key=["case_no"], batch_id=batch_id)


def _reject_before_reported(checked: CheckedRows, name: str, heading: str) -> None:
    frame = checked.frame
    early = pd.Series(
        [value is not None and value < start for value, start in zip(frame[name], frame["reported_at"], strict=True)],
        frame.index, dtype=bool,
    )  # fmt: skip
    checked.reject(
        early, column=heading, found=frame[name], reason="order_of_dates",
        zh="{column}“{found}”早于诉求时间；请更正。",
        en="'{found}' ({column}) lies before the case was reported; correct it.",
    )  # fmt: skip


def _reject_far_deadlines(checked: CheckedRows) -> None:
    """A deadline such as 9999-12-31 means that there is none; taken at its word, its month would never be complete."""
    frame = checked.frame
    far = pd.Series(
        [due is not None and due.year > start.year + YEARS_TO_DEADLINE
         for due, start in zip(frame["due_at"], frame["reported_at"], strict=True)], frame.index, dtype=bool,
    )  # fmt: skip
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


def _reject_unregistered(
    connection: Connection, checked: CheckedRows, name: str, register: sa.Table, heading: str
) -> None:
    known = set(connection.execute(sa.select(register.c.code)).scalars())
    values = checked.frame[name]
    strange = pd.Series([value is not None and value not in known for value in values], values.index, dtype=bool)
    checked.reject(
        strange, column=heading, found=values, reason="not_on_register",
        zh="“{found}”不在名录中；请先载入名录或更正编号。",
        en="'{found}' is not on the register; load the register first or correct the number.",
    )  # fmt: skip


def write_measurements(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Pairs of counts: the indicator, the place at its level, the part of its dimension, and sense in the numbers."""
    finder = PlaceFinder(connection)
    indicators = catalogue()
    reject_future(checked, {"month": "月份", "verified_on": "核查日期"})
    frame = checked.frame
    checked.reject(
        ~frame["indicator"].map(lambda code: code in indicators and indicators[code].source == "measurements"),
        column="指标代码", found=frame["indicator"], reason="unknown_indicator",
        zh="没有代码为“{found}”的监测指标；请对照指标目录。",
        en="There is no measured indicator '{found}'; see the data dictionary.",
    )  # fmt: skip
    frame = checked.frame
    checked.reject(
        frame["indicator"].isin(OWN_LOAD_HISTORY), column="指标代码", found=frame["indicator"], reason="computed_here",
        zh="“{found}”由本系统按载入记录计算，不需报送。",
        en="'{found}' is computed by this system and is not reported.",
    )  # fmt: skip
    frame = checked.frame
    codes = [finder.by_code_and_name(code, name or "")
             for code, name in zip(frame["place_code"], frame["place_name"], strict=True)]  # fmt: skip
    found = pd.Series(codes, frame.index, dtype=object)
    checked.frame = frame.assign(_given=frame["place_code"], place_code=found)
    checked.reject(
        found.isna(), column="单位代码", found=frame["place_code"], reason="unknown_place",
        zh="单位代码“{found}”不存在，或与单位名称不符；请核对。",
        en="The place code '{found}' does not exist or does not fit the name beside it.",
    )  # fmt: skip
    frame = checked.frame
    wrong_level = pd.Series(
        [indicators[code].reported_at != finder.levels[place]
         for code, place in zip(frame["indicator"], frame["place_code"], strict=True)], frame.index, dtype=bool,
    )  # fmt: skip
    checked.reject(
        wrong_level, column="单位代码", found=frame["_given"], reason="wrong_level",
        zh="“{found}”的层级不对；该指标应按目录所定的层级（镇街或村社）报送。",
        en="'{found}' is of the wrong level; report this indicator at the level the data dictionary gives.",
    )  # fmt: skip
    _name_parts(checked)
    frame = checked.frame
    shares = frame["indicator"].map(lambda code: indicators[code].counts_share).astype(bool)
    above = shares & (frame["numerator"].astype(float) > frame["denominator"].astype(float))
    checked.reject(
        above, column="分子", found=frame["numerator"], reason="part_above_whole",
        zh="分子“{found}”大于分母；请核对。", en="The numerator '{found}' exceeds the denominator; check both.",
    )  # fmt: skip
    frame = checked.frame.assign(bounded=shares.loc[checked.frame.index].astype(object))
    checked.frame = frame
    key = ["indicator", "place_code", "month", "dimension", "value"]
    drop_repeated(checked, key, heading="指标代码")
    written = write_events(connection, measurement, checked.frame, key=key, batch_id=batch_id)
    written.indicators = set(checked.frame["indicator"])
    return written


def _name_parts(checked: CheckedRows) -> None:
    """The optional part (which body, which use of the fund) as dimension and value; none means the total."""
    indicators = catalogue()
    frame = checked.frame
    dimensions, values = [], []
    for code, part in zip(frame["indicator"], frame["value"], strict=True):
        if part is None:
            dimensions.append("all")
            values.append("all")
            continue
        for dimension in set(indicators[code].dimensions) - set(_DECIDED_BY_REGISTER):
            words = dimension_words(dimension)
            value = words.get(part, part if part in words.values() else None)
            if value:
                dimensions.append(dimension)
                values.append(value)
                break
        else:
            dimensions.append(None)
            values.append(None)
    given = frame["value"]
    checked.frame = frame.assign(
        dimension=pd.Series(dimensions, frame.index, dtype=object), value=pd.Series(values, frame.index, dtype=object)
    )
    checked.reject(
        checked.frame["dimension"].isna(), column="分类", found=given, reason="unknown_part",
        zh="该指标没有“{found}”这一分类；请对照指标目录。",
        en="This indicator has no part '{found}'; see the data dictionary.",
    )  # fmt: skip
