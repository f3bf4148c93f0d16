"""Facts in: issues, inspection results, measurements; what one row says about itself is checked here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.event_rows import Written, drop_repeated, write_events
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.register_rows import reject_unknown_villages
from data_access.ingestion.row_checks import CheckedRows
from data_access.ingestion.source_form import catalogue, dimension_words
from data_access.tables import estate, firm, inspection_result, issue, measurement, site

OWN_LOAD_HISTORY = ("reports_on_time", "records_valid")
_TIMES = ("accepted_at", "assigned_at", "first_answered_at", "closed_at")


def write_issues(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Cases: times in order, answers that fit together, village, estate and firm that exist."""
    reject_unknown_villages(checked, PlaceFinder(connection))
    _reject_future(checked, ["reported_at", *_TIMES])
    for name, zh in (("accepted_at", "受理"), ("first_answered_at", "首次答复"), ("closed_at", "办结")):
        _reject_before_reported(checked, name, zh)
    frame = checked.frame
    said = {
        name: pd.Series([value is True for value in frame[name]], frame.index, dtype=bool)
        for name in ("called_back", "reached", "reopened")
    }
    said["reached"] &= said["called_back"]
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
    written = write_events(connection, issue, frame, key=["case_no"], batch_id=batch_id)
    written.latest = _latest(frame, ["reported_at", *_TIMES])
    return written


def _latest(frame: pd.DataFrame, names: list[str]) -> dt.date | None:
    moments = [value for name in names for value in frame[name] if value is not None]
    latest = max(moments, default=None)
    return latest.date() if isinstance(latest, dt.datetime) else latest


def _reject_future(checked: CheckedRows, names: list[str]) -> None:
    tomorrow = dt.datetime.now() + dt.timedelta(days=1)
    for name in names:
        values = checked.frame[name]
        limit: Any = tomorrow if name.endswith("_at") else tomorrow.date()
        late = pd.Series([value is not None and value > limit for value in values], values.index, dtype=bool)
        checked.reject(
            late, column=name, found=values, reason="in_the_future",
            zh="“{found}”晚于今天；请核对年份。", en="'{found}' lies in the future; check the year.",
        )  # fmt: skip


def _reject_before_reported(checked: CheckedRows, name: str, zh: str) -> None:
    frame = checked.frame
    early = pd.Series(
        [value is not None and value < start for value, start in zip(frame[name], frame["reported_at"], strict=True)],
        frame.index, dtype=bool,
    )  # fmt: skip
    checked.reject(
        early, column=f"{zh}时间", found=frame[name], reason="order_of_dates",
        zh=f"{zh}时间“{{found}}”早于诉求时间；请更正。",
        en=f"'{{found}}' ({name}) lies before the case was reported; correct it.",
    )  # fmt: skip


def _reject_contradictions(checked: CheckedRows) -> None:
    rules = (
        ("closed_at", lambda f: f["closed_at"].notna() & f["accepted_at"].isna(), "办结时间",
         "已办结（{found}）却没有受理时间；请补填。", "The case is closed ({found}) but was never accepted."),
        ("called_back", lambda f: f["called_back"].astype(bool) & f["closed_at"].isna(), "是否回访",
         "未办结的工单不应有回访；请核对。", "A case that is still open cannot have been called back."),
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


def write_inspections(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Visits unfolded into one result an item; the place is that of the inspected site."""
    words = dimension_words("item")
    items = [item for item in words.values() if item in checked.frame]
    _reject_future(checked, ["inspected_on"])
    frame = checked.frame
    places = {row.code: row.place_code for row in connection.execute(sa.select(site.c.code, site.c.place_code))}
    checked.reject(
        ~frame["site_code"].isin(places), column="对象编号", found=frame["site_code"], reason="not_on_register",
        zh="“{found}”不在名录中；请先载入名录或更正编号。",
        en="'{found}' is not on the register; load the register first or correct the number.",
    )  # fmt: skip
    drop_repeated(checked, ["record_no"], heading="检查编号")
    frame = checked.frame
    long = frame.melt(
        id_vars=["record_no", "inspected_on", "site_code", "recheck", "_sheet", "_row"],
        value_vars=items, var_name="item", value_name="result",
    )  # fmt: skip
    long = long.loc[long["result"] != ""].reset_index(drop=True)
    passed = long["result"].map({"合格": True, "√": True, "是": True, "不合格": False, "×": False, "否": False})
    checked_items = CheckedRows(long.assign(passed=passed.astype(object)), checked.problems)
    checked_items.reject(
        passed.isna(), column="检查项目", found=long["result"], reason="not_understood",
        zh="“{found}”无法识别；应为“合格”或“不合格”，未检查则留空。",
        en="'{found}' is not understood; write 合格 or 不合格, or leave it empty if not looked at.",
    )  # fmt: skip
    long = checked_items.frame
    long = long.assign(
        place_code=long["site_code"].map(places),
        month=[day.year * 100 + day.month for day in long["inspected_on"]],
    )
    months_before = set(connection.execute(_open_inspection_months()).scalars())
    written = write_events(connection, inspection_result, long, key=["record_no", "item"], batch_id=batch_id)
    opened = {month for _, month in written.cells["inspections"]} - months_before
    written.cells["inspections"] |= {(village, month) for village in set(places.values()) for month in opened}
    written.latest = _latest(long, ["inspected_on"])
    return written


def _open_inspection_months() -> sa.Select[tuple[int]]:
    return sa.select(inspection_result.c.month).where(inspection_result.c.superseded_by.is_(None)).distinct()


def write_measurements(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Pairs of counts: the indicator, the place at its level, the part of its dimension, and sense in the numbers."""
    finder = PlaceFinder(connection)
    indicators = catalogue()
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
        for dimension in indicators[code].dimensions:
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
