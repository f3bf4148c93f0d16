"""Measurements in: pairs of counts that departments report for a place and a month."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy.engine import Connection

from data_access.ingestion.event_rows import EventWriter
from data_access.ingestion.frame_schemas import validate_frame
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.repeated_rows import drop_repeated
from data_access.ingestion.row_checks import CheckedRows, reject_future
from data_access.ingestion.source_form import catalogue, dimension_words, source_form
from data_access.ingestion.written_rows import Written, received_rows
from data_access.tables import measurement

OWN_LOAD_HISTORY = ("reports_on_time", "records_valid")
_DECIDED_BY_REGISTER = ("area_type", "settlement_age")


class MeasurementWriter:
    """Pairs of counts: the indicator, the place at its level, the part of its dimension, and sense in the numbers.

    `reported_on` is the latest day on which a row of (indicator, township, month) was reported, where the file says so.
    """

    KEY = ("indicator", "place_code", "month", "dimension", "value")

    def __init__(self, connection: Connection, finder: PlaceFinder, *, batch_id: int) -> None:
        self.written = Written(indicators=set())
        self.reported_on: dict[tuple[str, str, int], dt.date] = {}
        self._finder = finder
        self._events = EventWriter(
            connection, measurement, key=self.KEY, source="measurements", batch_id=batch_id, heading="指标代码"
        )

    def take(self, checked: CheckedRows) -> None:
        """Check and write one piece of a file."""
        _check_measurements(checked, self._finder)
        _name_parts(checked)
        _reject_parts_above_whole(checked)
        drop_repeated(checked, list(self.KEY), heading="指标代码")
        frame = checked.frame
        validate_frame("measurements", frame, source_form("measurements"))
        assert self.written.indicators is not None
        self.written.indicators |= set(frame["indicator"])
        self.written.received.update(received_rows(frame, frame["indicator"]))
        for stream, place, month, day in zip(
            frame["indicator"], frame["place_code"], frame["month"], frame["reported_on"], strict=True
        ):
            key = (stream, place[:9], int(month))
            if day is not None:
                self.reported_on[key] = max(day, self.reported_on.get(key, day))
        self._events.write(checked, self.written)

    def finish(self) -> None:
        """Nothing waits for the end of the file."""


def _check_measurements(checked: CheckedRows, finder: PlaceFinder) -> None:
    indicators = catalogue()
    reject_future(
        checked, {"month": "月份", "verified_on": "核查日期", "reported_on": "报送日期", "updated_at": "更新时间"}
    )
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


def _reject_parts_above_whole(checked: CheckedRows) -> None:
    indicators = catalogue()
    frame = checked.frame
    shares = frame["indicator"].map(lambda code: indicators[code].counts_share).astype(bool)
    above = shares & (frame["numerator"].astype(float) > frame["denominator"].astype(float))
    checked.reject(
        above, column="分子", found=frame["numerator"], reason="part_above_whole",
        zh="分子“{found}”大于分母；请核对。", en="The numerator '{found}' exceeds the denominator; check both.",
    )  # fmt: skip
    checked.frame = checked.frame.assign(bounded=shares.loc[checked.frame.index].astype(object))


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
