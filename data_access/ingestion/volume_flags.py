"""Months with too few or too many rows, places that fell silent: how much a batch brought against what came before.

Like is compared with like: only the channels that the batch carries, and, where it carries a part of the townships,
only those. A month that is still running is held against the part of it that has passed. What chance could do in small
numbers is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from data_access.ingestion.batch_picture import HISTORY, BatchPicture, Places, days_in, month_of, say_month
from data_access.ingestion.problems import Flag

# Of the usual month, and of the smallest and largest it is compared with but one, which may be wrong itself.
_FEWER, _BELOW_LEAST = 0.5, 0.75
_MORE, _ABOVE_MOST = 2.0, 1.5
_YEAR = 12
_MOSTLY = 0.5  # a batch fills a month, and carries all townships, from this share on
_ALL_FELL_SILENT = 0.5  # so many silent townships are one story, told of the month


@dataclass(frozen=True)
class Volume:
    """What is counted of a source: its counting word and noun in Chinese, its noun in English, and how many rows a
    month and a township must usually have before they are judged. `may_grow`: whether a month may rightly double, as
    campaigns of inspections do."""

    word: str
    noun: str
    noun_en: str
    least_month: int
    least_place: int
    may_grow: bool


VOLUMES = {
    "issues": Volume("件", "工单", "cases", 40, 10, may_grow=False),
    "inspections": Volume("条", "检查结果", "results", 400, 120, may_grow=True),  # a visit gives about ten results
}


@dataclass(frozen=True)
class Comparison:
    """The rows a batch is to be compared by, and the months that are judged.

    `rows` holds townships × months as they stand now, of the batch's channels and townships; `judged` are the months
    (consecutive numbers) the batch filled, `previous` the month before them, which may have been running when it came;
    `covered` says how much of the newest month has passed; `whole` whether all channels and townships are compared.
    """

    rows: pd.DataFrame
    whole: bool
    judged: tuple[int, ...]
    previous: int | None
    covered: dict[int, float]

    def history(self, step: int) -> pd.DataFrame | None:
        """The six months with rows right before a month that it is compared with; None when the year before it has
        fewer. A month that was lost as a whole does not stop the comparison of the later ones."""
        past = self.rows[[one for one in self.rows.columns if step - _YEAR <= one < step]]
        past = past.loc[:, past.sum() > 0].iloc[:, -HISTORY:]
        return past if past.shape[1] == HISTORY else None


def compare(picture: BatchPicture, sample: pd.DataFrame, *, day: str, channels: list[str] | None) -> Comparison:
    """What the batch is to be compared by; `day` names the column of `sample` that says when a row happened."""
    brought = picture.brought
    rows = (picture.standing_before(channels) + brought).clip(lower=0)
    filled = [
        step for step in rows.columns if brought[step].sum() > 0 and brought[step].sum() >= _MOSTLY * rows[step].sum()
    ]
    previous = None
    whole = bool((rows == picture.now).all(axis=None))
    if filled:
        own = brought.index[(brought[filled] > 0).any(axis=1)]
        past = rows[[step for step in rows.columns if filled[0] - _YEAR <= step < filled[0]]]
        if past.loc[own].to_numpy().sum() < _MOSTLY * past.to_numpy().sum():
            rows, whole = rows.loc[own], False
        previous = filled[0] - 1 if filled[0] - 1 in rows.columns else None
    covered = {}
    newest = max((step for step in rows.columns if picture.now[step].sum() > 0), default=None)
    if newest in filled:
        days = sample.loc[sample["step"] == newest, day]
        if len(days):
            covered[newest] = days.max().day / days_in(newest)
    return Comparison(rows, whole, tuple(filled), previous, covered)


def volume_flags(picture: BatchPicture, comparison: Comparison, places: Places) -> list[Flag]:
    """Months that lost rows, have too few or too many, and townships without any."""
    volume = VOLUMES[picture.source]
    flags = _lost_rows(picture, volume, places)
    said = picture.said_before() if comparison.previous is not None else set()
    steps = [step for step in (comparison.previous, *comparison.judged) if step is not None]
    for step in steps:
        past = comparison.history(step)
        if past is None:
            continue
        found = _judge_month(comparison, step, past, volume, places)
        if step == comparison.previous:
            found = [flag for flag in found if (flag.reason, flag.place_code, flag.month) not in said]
        flags += found
    return flags


def _lost_rows(picture: BatchPicture, volume: Volume, places: Places) -> list[Flag]:
    """Months of which the batch took away half: its rows replaced older ones and lie elsewhere now."""
    flags = []
    before, now = picture.before.sum(), picture.now.sum()
    for step in before.index[(before >= volume.least_month) & (now < _FEWER * before)]:
        zh, en = say_month(step)
        flags.append(Flag(
            "month_lost_rows",
            f"{zh}原有 {before[step]:,} {volume.word}{volume.noun}，本批次更正后只剩 {now[step]:,} {volume.word}；"
            "文件里的时间可能不对，请核对，必要时撤回本批次。",
            f"{en} had {before[step]:,} {volume.noun_en}; the corrections of this batch leave {now[step]:,}. The times "
            "in the file may be wrong: check them and withdraw the batch if they are.",
            found=f"{now[step]}", place_code=places.root, month=month_of(step),
        ))  # fmt: skip
    return flags


def _judge_month(comparison: Comparison, step: int, past: pd.DataFrame, volume: Volume, places: Places) -> list[Flag]:
    passed = comparison.covered.get(step, 1.0)
    now, earlier = int(comparison.rows[step].sum()), past.sum()
    usual, least, most = float(earlier.median()), earlier.nsmallest(2).iloc[-1], earlier.nlargest(2).iloc[-1]
    expected = usual * passed
    (zh, en), month = say_month(step), month_of(step)
    word, noun, noun_en = volume.word, volume.noun, volume.noun_en
    about = {"found": f"{now}", "place_code": places.root, "month": month}
    if not comparison.whole:
        zh, en = f"在本批次所涉的渠道和镇街，{zh}", f"In the channels and townships of this batch, {en}"
    so_far_zh = "" if passed > 0.95 else f"按已过的天数应有约 {expected:,.0f} {word}，"
    so_far_en = "" if passed > 0.95 else f", about {expected:,.0f} for the days so far"
    if expected >= volume.least_month and now < _FEWER * expected and now < _BELOW_LEAST * passed * least:
        return [Flag(
            "month_shrank",
            f"{zh}只有 {now:,} {word}{noun}，此前六个月每月一般有 {usual:,.0f} {word}，{so_far_zh}不到一半；"
            "文件可能不完整，请向报送单位核实后补载。",
            f"{en} has {now:,} {noun_en}, less than half of the usual {usual:,.0f} a month{so_far_en}; the file may be "
            "incomplete: ask the sender and load the rest.",
            **about,
        )]  # fmt: skip
    flags = []
    if not volume.may_grow and now > _MORE * usual and now - usual >= volume.least_month and now > _ABOVE_MOST * most:
        flags.append(Flag(
            "month_grew",
            f"{zh}有 {now:,} {word}{noun}，是此前六个月一般水平（{usual:,.0f} {word}）的 {now / usual:.1f} 倍；"
            "若无特殊情况，请核对是否换了编号重复报送。",
            f"{en} has {now:,} {noun_en}, {now / usual:.1f} times the usual {usual:,.0f}; unless something happened, "
            "check whether the same cases came again under other numbers.",
            **about,
        ))  # fmt: skip
    return flags + _silent(comparison, step, past, passed, volume, places)


def _silent(
    comparison: Comparison, step: int, past: pd.DataFrame, passed: float, volume: Volume, places: Places
) -> list[Flag]:
    """Townships with rows in each of the months before and none in this one, where chance cannot be the reason."""
    usual = past.median(axis=1)
    standing = places.standing(past.index)
    regular = (past > 0).all(axis=1) & (usual * passed >= volume.least_place) & standing
    silent = regular & (comparison.rows[step] == 0)
    if not silent.any() or silent.sum() > _ALL_FELL_SILENT * regular.sum():
        return []
    zh, en = say_month(step)
    word, noun, noun_en = volume.word, volume.noun, volume.noun_en
    return [
        Flag(
            "place_silent",
            f"{places.name(code)}{zh}没有一{word}{noun}，此前六个月每月一般有 {usual[code]:,.0f} {word}；"
            "可能漏报，请催报。",
            f"{places.name(code)} has no {noun_en} in {en} after a usual {usual[code]:,.0f} a month in the six months "
            "before; they may be missing: ask for them.",
            found="0", place_code=code, month=month_of(step),
        )
        for code in silent.index[silent]
    ]  # fmt: skip
