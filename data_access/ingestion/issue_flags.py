"""What looks odd in the cases a batch brought: times, columns that came empty, days without a case, only happy people.

Each kind asks for more than chance could do and says how much it found.
"""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.batch_picture import (
    HISTORY,
    BatchPicture,
    Places,
    days_in,
    month_of,
    read_frame,
    step_of,
    township_of,
)  # fmt: skip
from data_access.ingestion.problems import Flag
from data_access.ingestion.source_form import catalogue, source_form
from data_access.ingestion.volume_flags import Comparison
from data_access.tables import issue, place

TIMES = ("reported_at", "first_answered_at", "closed_at")
_ONE_TIME, _LEAST_TIMES = 0.9, 50  # share of a column's times at one minute of the day; how many times it needs
_AT_ONCE, _MINUTES_LOOKED_AT = 30, 8  # cases of one township closed in the same minute
_MATURE_DAYS = 20  # only cases this old are asked for an answer and an end
_LEAST_CASES, _LEAST_FILLED, _EMPTIED, _CASES_MISSED = 100, 0.1, 0.05, 20
_LEAST_REACHED, _UNHAPPY_LIKE_BEFORE, _UNHAPPY_LIKE_REST, _YEAR = 200, 8, 20, 12
_GAP_DAYS, _GAP_CASES, _GAPS_SAID, _MOST = 3, 30, 5, 0.5
# Columns, the counter that says how often a column was filled until now, the dimension it is counted in, and whether
# it is filled only in the course of a case.
_FILLED = (
    ("accepted_at", "accepted", "channel", False), ("first_answered_at", "answered_in_time", "channel", True),
    ("answer_due_at", "answered_in_time", "channel", False), ("due_at", "due", "channel", False),
    ("closed_at", "closed", "channel", True), ("solved", "verified_solved", "channel", True),
    ("called_back", "called_back", "channel", True), ("reached", "reached", "channel", True),
    ("satisfied", "satisfied", "channel", True), ("estate_code", "reported", "management", False),
    ("firm_code", "reported", "firm_size", False),
)  # fmt: skip
_YES_NO = ("called_back", "reached")


def issue_sample(picture: BatchPicture) -> pd.DataFrame:
    """The look into the batch that the checks of this module need: township, step, channel, the times of `TIMES`,
    reached, satisfied, and for every column of `_FILLED` whether it is filled (`has_…`)."""
    i = issue.c
    columns = {"channel": i.channel, "satisfied": i.satisfied.is_(True)} | {name: i[name] for name in TIMES}
    columns |= {f"has_{name}": i[name].is_(True) if name in _YES_NO else i[name].is_not(None) for name, *_ in _FILLED}
    sample = picture.sample(columns)
    yes_no = [name for name in sample if name == "satisfied" or name.startswith("has_")]
    return sample.astype(dict.fromkeys(yes_no, bool) | dict.fromkeys(TIMES, "datetime64[us]"))


def issue_flags(picture: BatchPicture, sample: pd.DataFrame, comparison: Comparison, places: Places) -> list[Flag]:
    """All flags of this module; `sample` as `issue_sample` gives it."""
    if sample.empty:  # nothing but late rows
        return []
    channels = sorted(sample["channel"].unique())
    fixed = _one_time_of_day(sample)
    flags = _say_one_time(fixed)
    flags += _emptied(picture, sample, comparison, channels)
    flags += _days_missing(picture, sample, comparison, places)
    if "closed_at" not in fixed:
        flags += _closed_at_once(picture, sample, places)
    return flags + _nobody_unhappy(picture, sample, channels, places)


def _heading(name: str) -> str:
    return source_form("issues").columns[name].heading


def _one_time_of_day(sample: pd.DataFrame) -> dict[str, str]:
    """Columns whose times show nearly all the same minute of the day, with that minute as HH:MM."""
    fixed = {}
    for name in TIMES:
        times = sample[name].dropna()
        minutes = (times.dt.hour * 60 + times.dt.minute).value_counts()
        if len(times) >= _LEAST_TIMES and minutes.iloc[0] >= _ONE_TIME * len(times):
            fixed[name] = f"{minutes.index[0] // 60:02d}:{minutes.index[0] % 60:02d}"
    return fixed


def _say_one_time(fixed: dict[str, str]) -> list[Flag]:
    if not fixed:
        return []
    headings = [_heading(name) for name in fixed]
    clock = next(iter(fixed.values()))
    return [Flag(
        "one_time_of_day",
        f"“{'、'.join(headings)}”几乎都在 {clock} 这一分钟，像是只有日期、没有时刻；按时办结和按时答复因此可能算错，"
        "请让报送单位连同时刻一起导出。",
        f"Nearly all times in '{', '.join(headings)}' are {clock}, as if only the day had been exported; what was done "
        "in time may be counted wrongly: ask for the times of day.",
        column=headings[0] if len(headings) == 1 else "", found=clock,
    )]  # fmt: skip


def _emptied(picture: BatchPicture, sample: pd.DataFrame, comparison: Comparison, channels: list[str]) -> list[Flag]:
    """Columns that used to be filled and come (nearly) empty: left out of the export, or under another heading."""
    if not comparison.judged:
        return []
    first = comparison.judged[0]
    counters = sorted({counter for _, counter, *_ in _FILLED} | {"reported"})
    until_now = {
        dimension: picture.counted(counters, first - HISTORY, first - 1, dimension=dimension,
                                   values=channels if dimension == "channel" else None).sum()
        for dimension in ("all", "channel", "management", "firm_size")
    }  # fmt: skip
    cases = until_now["channel"]["reported"]
    if cases < _LEAST_CASES:
        return []
    # Which estates and firms the cases of one channel are about is not counted: only of all channels together.
    whole = cases >= _MOST * until_now["all"]["reported"]
    recent = sample.loc[sample["step"].isin(comparison.judged)]
    latest = max(sample[name].max() for name in TIMES if sample[name].notna().any())
    mature = recent.loc[recent["reported_at"] <= latest - dt.timedelta(days=_MATURE_DAYS)]
    emptied = []
    for name, counter, dimension, in_course in _FILLED:
        rows = mature if in_course else recent
        by_channel = dimension == "channel"
        before = until_now[dimension][counter] / until_now["channel" if by_channel else "all"]["reported"]
        if not (whole or by_channel) or before < _LEAST_FILLED or len(rows) * before < _CASES_MISSED:
            continue
        if rows[f"has_{name}"].mean() <= _EMPTIED * before:
            emptied.append((_heading(name), before))
    if not emptied:
        return []
    zh = "、".join(f"“{heading}”（此前约 {share:.0%} 有）" for heading, share in emptied)
    en = ", ".join(f"'{heading}' (about {share:.0%} until now)" for heading, share in emptied)
    return [Flag(
        "columns_emptied",
        f"本批次几乎没有填写{zh}；可能没有导出这一列，或表头改了名没有对上，请核对后重新载入。",
        f"This batch has next to nothing in {en}; the column may not have been exported, or its heading was not "
        "recognised: check and load again.",
        column=emptied[0][0] if len(emptied) == 1 else "",
    )]  # fmt: skip


def _days_missing(picture: BatchPicture, sample: pd.DataFrame, comparison: Comparison, places: Places) -> list[Flag]:
    """Runs of days without any case, where the usual number a day leaves chance no room; also between two batches."""
    past = comparison.history(comparison.judged[0]) if comparison.judged else None
    if past is None or past.to_numpy().sum() < _MOST * picture.now[list(past.columns)].to_numpy().sum():
        return []
    rate = past.to_numpy().sum() / sum(days_in(step) for step in past.columns)
    shortest = max(_GAP_DAYS, math.ceil(_GAP_CASES / rate))
    known = set(sample.loc[sample["step"].isin(comparison.judged), "reported_at"].dt.date)
    assert comparison.previous is not None  # there is history
    # The month before was looked at when it came; only a hole that reaches to its end is news.
    opening = dt.date(comparison.judged[0] // 12, comparison.judged[0] % 12 + 1, 1) - dt.timedelta(days=1)
    known |= _days_with_cases(picture.connection, {comparison.previous})
    gaps = [gap for gap in _gaps(known, comparison.previous, shortest) if gap[1] >= opening]
    if gaps:  # the sample may have missed a day, and other batches may have filled it
        steps = {step_of(day.year * 100 + day.month) for gap in gaps for day in gap}
        known |= _days_with_cases(picture.connection, set(range(min(steps), max(steps) + 1)))
        gaps = [gap for gap in _gaps(known, comparison.previous, shortest) if gap[1] >= opening]
    return [Flag(
        "days_missing",
        f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d} 没有一件工单，平时每天约 {rate:,.0f} 件；"
        "这几天的记录可能没有导出，请补载。",
        f"There is no case from {first:%Y-%m-%d} to {last:%Y-%m-%d} after a usual {rate:,.0f} a day; these days may be "
        "missing from the export: load them.",
        place_code=places.root, month=last.year * 100 + last.month, found=f"{(last - first).days + 1}",
    ) for first, last in gaps[:_GAPS_SAID]]  # fmt: skip


def _gaps(days: set[dt.date], start: int, shortest: int) -> list[tuple[dt.date, dt.date]]:
    """Runs of at least `shortest` days between the first day of month `start` and the last of `days`, first and last
    day each."""
    known = sorted({dt.date(start // 12, start % 12 + 1, 1) - dt.timedelta(days=1), *days})
    one = dt.timedelta(days=1)
    return [(before + one, after - one) for before, after in pairwise(known) if (after - before).days > shortest]


def _days_with_cases(connection: Connection, steps: set[int]) -> set[dt.date]:
    i = issue.c
    statement = sa.select(_letters(i.reported_at, 10)).distinct().where(
        i.superseded_by.is_(None), i.month.in_([month_of(step) for step in steps]),
        i.place_code.in_(sa.select(place.c.code)),  # so that the index by place and month is used
    )  # fmt: skip
    return {dt.date.fromisoformat(day) for day in connection.execute(statement).scalars()}


def _letters(value: sa.ColumnElement, count: int) -> sa.ColumnElement[str]:
    """The first letters of a text, or of a time as both databases write it: 10 for the day, 16 for the minute."""
    return sa.func.substr(sa.cast(value, sa.String), 1, sa.literal_column(str(count)))


def _closed_at_once(picture: BatchPicture, sample: pd.DataFrame, places: Places) -> list[Flag]:
    """Townships of which many cases were closed in one and the same minute, as when a backlog is cleared by hand."""
    closed = sample.loc[sample["closed_at"].notna(), ["township", "closed_at"]]
    counts = closed.groupby(["township", closed["closed_at"].dt.floor("min")]).size()
    least = _AT_ONCE if picture.every == 1 else max(3, _AT_ONCE // picture.every)
    counts = counts.loc[counts >= least].sort_values(ascending=False)
    if picture.every > 1 and len(counts):
        minutes = counts.index.get_level_values(1).unique()[:_MINUTES_LOOKED_AT]
        closed_at, one = issue.c.closed_at, dt.timedelta(minutes=1)
        within = [sa.and_(closed_at >= minute, closed_at < minute + one) for minute in minutes.to_pydatetime()]
        statement = sa.select(issue.c.place_code, closed_at, sa.func.count()).where(*picture.own, sa.or_(*within))
        rows = read_frame(
            picture.connection, statement.group_by(issue.c.place_code, closed_at), ["township", "minute", "cases"]
        )
        minute = rows["minute"].astype("datetime64[us]").dt.floor("min")
        rows = rows.assign(township=township_of(rows["township"].astype("str")), minute=minute)
        counts = rows.groupby(["township", "minute"])["cases"].sum().sort_values(ascending=False)
        counts = counts.loc[counts >= _AT_ONCE]
    flags = []
    for township, mine in counts.groupby(level=0, sort=False):
        moment, cases = mine.index[0][1], int(mine.iloc[0])
        others_zh = f"，另有 {len(mine) - 1} 个时刻也是如此" if len(mine) > 1 else ""
        others_en = f", and so at {len(mine) - 1} other moments" if len(mine) > 1 else ""
        flags.append(Flag(
            "closed_at_once",
            f"{places.name(township)}有 {cases:,} 件工单都在 {moment:%Y-%m-%d %H:%M} 这一分钟办结{others_zh}；"
            "像是成批补录，请核对办结时间。",
            f"{places.name(township)} has {cases:,} cases closed in one minute, {moment:%Y-%m-%d %H:%M}{others_en}; "
            "a backlog may have been closed by hand: check the times.",
            column=_heading("closed_at"), found=f"{moment:%Y-%m-%d %H:%M}", place_code=township,
            month=int(moment.year * 100 + moment.month),
        ))  # fmt: skip
    return flags


def _nobody_unhappy(picture: BatchPicture, sample: pd.DataFrame, channels: list[str], places: Places) -> list[Flag]:
    """Townships of which everybody reached was satisfied, although their own past or all the others say otherwise."""
    answers = _answers(sample).mul(picture.every)
    first = int(sample["step"].min())
    past = picture.counted(["reached", "satisfied"], first - _YEAR, first - 1, dimension="channel", values=channels)
    past = past.assign(unhappy=past["reached"] - past["satisfied"])[["reached", "unhappy"]]
    found = _too_happy(answers, past, places.root)
    if found and picture.every > 1:
        asked = list(answers.index if places.root in found else found)
        answers.loc[asked] = _exact_answers(picture, asked).reindex(asked, fill_value=0)
        found = _too_happy(answers, past, places.root)
    return [_happy(code, int(reached), usual, places) for code, (reached, usual) in found.items()]


def _too_happy(answers: pd.DataFrame, past: pd.DataFrame, root: str) -> dict[str, tuple[int, float]]:
    """Place → people reached, all satisfied, and the share that usually is not; the root alone when nobody in the whole
    batch is unhappy, which is a story of the file and not of its townships."""
    otherwise = 1 - (catalogue()["satisfaction_rate"].target or 1.0)
    if not answers["unhappy"].any():
        reached, usual = int(answers["reached"].sum()), _share(past.sum()) or otherwise
        return {root: (reached, usual)} if reached * usual >= _UNHAPPY_LIKE_BEFORE else {}
    everywhere = answers.add(past, fill_value=0)
    found = {}
    for code in answers.index[(answers["reached"] >= _LEAST_REACHED) & (answers["unhappy"] == 0)]:
        reached = int(answers.at[code, "reached"])
        own = (_share(past.loc[code]) if code in past.index else None) or 0.0
        rest = _share(everywhere.drop(index=code).sum()) or otherwise
        if reached * own >= _UNHAPPY_LIKE_BEFORE:
            found[code] = (reached, own)
        elif reached * rest >= _UNHAPPY_LIKE_REST:
            found[code] = (reached, rest)
    return found


def _answers(sample: pd.DataFrame) -> pd.DataFrame:
    """Reached and not satisfied among them, by township."""
    reached = sample.loc[sample["has_reached"]]
    unhappy = (~reached["satisfied"]).groupby(reached["township"])
    return unhappy.agg(reached="size", unhappy="sum").astype("int64")


def _exact_answers(picture: BatchPicture, townships: list[str]) -> pd.DataFrame:
    i = issue.c
    unhappy = sa.func.sum(sa.case((i.satisfied.is_(True), 0), else_=1))
    township = _letters(i.place_code, len(townships[0]))
    statement = sa.select(township, sa.func.count(), unhappy).where(*picture.own, i.reached, township.in_(townships))
    frame = read_frame(picture.connection, statement.group_by(township), ["township", "reached", "unhappy"])
    return frame.set_index("township").astype("int64")


def _share(answers: pd.Series) -> float | None:
    """Share of unhappy people; None where fewer than 200 were reached."""
    return answers["unhappy"] / answers["reached"] if answers["reached"] >= _LEAST_REACHED else None


def _happy(code: str, reached: int, usual: float, places: Places) -> Flag:
    where_zh, where_en = ("本批次", "This batch") if code == places.root else (places.name(code), places.name(code))
    return Flag(
        "nobody_unhappy",
        f"{where_zh}回访接通的 {reached:,} 人全部满意，按一般水平应有约 {reached * usual:,.0f} 人不满意；"
        "请抽查回访录音或记录。",
        f"{where_en} has {reached:,} people reached and every one satisfied, where about {reached * usual:,.0f} would "
        "usually not be; listen to some of the calls.",
        column=_heading("satisfied"), found=f"{reached}", place_code=code,
    )  # fmt: skip
