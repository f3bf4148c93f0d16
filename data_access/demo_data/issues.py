"""Issue cases of the demonstration district, stretch by stretch, in the form of the 12345 export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_access.demo_data.issue_calendar import (
    Stretch,
    draw_times,
    stretches,
)
from data_access.demo_data.issue_objects import draw_campaigns, draw_objects
from data_access.demo_data.merged_village import predecessor_of_cases, written
from data_access.demo_data.places import District
from data_access.demo_data.rates import (
    AS_OF,
    RESOLUTION_GAPS,
    SATISFACTION_GAPS,
    Truth,
    choose_exactly,
    gap_points,
    month_number,
)
from data_access.demo_data.registers import Registers

ISSUE_COLUMNS = (
    "工单编号", "诉求时间", "渠道来源", "问题类型", "专项行动", "所属镇街", "所属村社", "村社代码", "小区编号",
    "企业编号", "受理时间", "交办时间", "首次答复时间", "答复时限", "办理时限", "办结时间", "办理结果", "是否回访",
    "是否接通", "是否满意", "是否退回重办", "重复工单号", "经度", "纬度",
)  # fmt: skip
CHANNELS = ("12345电话", "网络平台", "新媒体", "网格巡查", "信访代办", "走访上门")
CATEGORIES = ("政策咨询", "民生求助", "投诉", "建议", "矛盾纠纷", "风险隐患")
_CHANNEL_SHARE = np.array([0.46, 0.17, 0.10, 0.17, 0.05, 0.05])
_CHANNEL_SHARE_WINDOW = np.array([0.55, 0.17, 0.07, 0.14, 0.02, 0.05])
# Rows: issue of the village itself, of an estate, of a firm.
_CATEGORY_SHARE = np.array(
    [
        [0.17, 0.33, 0.20, 0.08, 0.08, 0.14],
        [0.09, 0.24, 0.35, 0.07, 0.13, 0.12],
        [0.24, 0.17, 0.23, 0.06, 0.11, 0.19],
    ]
)
_DAYS_ALLOWED = np.array([3, 10, 15, 20, 30, 5])
_CATEGORY_RESOLUTION = np.array([0.8, 0.1, -0.3, 0.3, -1.5, 0.1])
_CATEGORY_SATISFACTION = np.array([0.4, 0.2, -0.3, 0.0, -0.6, 0.1])
END = AS_OF.astype("datetime64[m]") + np.timedelta64(24 * 60 - 1, "m")
NOT_YET = np.datetime64("NaT", "m")


@dataclass
class _Carry:
    """What one stretch hands to the next: the window's running sums and the last cases of each village."""

    due: int = 0
    solved: int = 0
    reached: int = 0
    satisfied: int = 0
    cases: np.ndarray | None = None
    case_villages: np.ndarray | None = None
    month: np.datetime64 | None = None
    number: int = 0


def issue_stretches(
    seed: int, district: District, registers: Registers, truth: Truth, *, scale: float
) -> Iterator[tuple[Stretch, pd.DataFrame]]:
    """The true, clean cases of each stretch, in order, with the columns ``ISSUE_COLUMNS`` (all text, "" = empty)."""
    calendar = list(stretches(np.random.default_rng([seed, 30]), scale=scale))
    weight = _village_weights(np.random.default_rng([seed, 31]), district)
    carry = _Carry()
    for i, stretch in enumerate(calendar):
        yield stretch, _cases(np.random.default_rng([seed, 32, i]), stretch, district, registers, truth, weight, carry)


def _village_weights(rng: np.random.Generator, district: District) -> np.ndarray:
    villages = district.villages
    share = villages["residents"].to_numpy() * np.where(villages["urban"].to_numpy() == 0, 0.85, 1.0)
    return share * rng.lognormal(0, 0.22, len(villages))


def _pick(rng: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    """One column number a row of ``shares`` (rows sum to 1)."""
    return (rng.random(len(shares))[:, None] > np.cumsum(shares, axis=1)[:, :-1]).sum(axis=1)


def _cases(
    rng: np.random.Generator,
    stretch: Stretch,
    district: District,
    registers: Registers,
    truth: Truth,
    weight: np.ndarray,
    carry: _Carry,
) -> pd.DataFrame:
    villages = district.villages
    reported = draw_times(rng, stretch)
    count = len(reported)
    exists = villages["settled"].to_numpy().astype("datetime64[D]") <= stretch.first
    village = rng.choice(len(villages), size=count, p=weight * exists / (weight * exists).sum())
    township = villages["township"].to_numpy()[village]
    urban = villages["urban"].to_numpy()[village]
    estate, firm = draw_objects(rng, registers, village=village, reported=reported, urban=urban, count=len(villages))
    managed = np.where(estate >= 0, registers.estates["managed"].to_numpy()[estate], -2)
    size = np.where(firm >= 0, registers.firms["size"].to_numpy()[firm], -1)
    channel_share = _CHANNEL_SHARE_WINDOW if stretch.in_window else _CHANNEL_SHARE
    channel = _pick(rng, np.tile(channel_share, (count, 1)))
    category = _pick(rng, _CATEGORY_SHARE[np.where(estate >= 0, 1, np.where(firm >= 0, 2, 0))])
    campaign = draw_campaigns(
        rng, month=stretch.month, codes=district.townships["code"].to_numpy()[township], estate=estate, firm=firm,
        urban=urban, office=(estate >= 0) & registers.estates["office"].to_numpy()[estate], category=category,
    )  # fmt: skip

    groups = {
        "township": township, "month": np.full(count, month_number(np.array([stretch.first]))[0]),
        "urban": np.where(urban < 0, 0.5, urban), "self_governed": managed == 0, "small": size == 2,
        "micro": size == 3, "new": villages["is_new"].to_numpy()[village],
    }  # fmt: skip
    lost = sum(gap_points(RESOLUTION_GAPS, truth, **groups).values())
    p_solved = 98.95 - lost + _CATEGORY_RESOLUTION[category] + 0.15 * (campaign != "")
    p_solved += truth.townships["resolution"].to_numpy()[township] + truth.villages["resolution"].to_numpy()[village]

    accepted = rng.random(count) > 0.004
    accepted_at = reported + rng.exponential(70, count).astype("timedelta64[m]") + np.timedelta64(3, "m")
    solved = np.zeros(count, dtype=bool)
    wanted = _wanted(stretch.resolution, int(accepted.sum()), stretch.in_window, (carry.solved, carry.due))
    solved[accepted] = choose_exactly(rng, np.clip(p_solved[accepted], 75, 99.85) / 100, wanted)
    times = _handling(
        rng, accepted_at=accepted_at, accepted=accepted, solved=solved, category=category, channel=channel
    )
    closed = ~np.isnat(times["closed"])
    solved_now = solved & closed

    freshly_closed = closed & (np.where(closed, times["closed"], reported) > END - np.timedelta64(5, "D"))
    called = closed & (rng.random(count) < np.where(freshly_closed, 0.35, 0.856))
    reached = called & (rng.random(count) < 0.82 + 0.02 * (channel == 0) - 0.03 * (category == 4))
    lost = sum(gap_points(SATISFACTION_GAPS, truth, **groups).values())
    p_satisfied = 99.58 - lost + _CATEGORY_SATISFACTION[category] - 14 * (~solved_now)
    p_satisfied += truth.townships["satisfaction"].to_numpy()[township]
    p_satisfied += truth.villages["satisfaction"].to_numpy()[village]
    satisfied = np.zeros(count, dtype=bool)
    wanted_satisfied = _wanted(
        stretch.satisfaction, int(reached.sum()), stretch.in_window, (carry.satisfied, carry.reached)
    )
    satisfied[reached] = choose_exactly(rng, np.clip(p_satisfied[reached], 60, 99.9) / 100, wanted_satisfied)
    if stretch.in_window:
        carry.due, carry.solved = carry.due + int(accepted.sum()), carry.solved + wanted
        carry.reached, carry.satisfied = carry.reached + int(reached.sum()), carry.satisfied + wanted_satisfied
    reopened = closed & (rng.random(count) < 0.014 + 0.22 * (closed & ~solved_now) + 0.15 * (reached & ~satisfied))

    number = _case_numbers(stretch, count, carry)
    before = predecessor_of_cases(district, village=village, reported=reported, estate=estate, firm=firm)
    yes_no = np.array(["否", "是"], dtype=object)
    frame = {
        "工单编号": number,
        "诉求时间": time_texts(reported),
        "渠道来源": np.array(CHANNELS, dtype=object)[channel],
        "问题类型": np.array(CATEGORIES, dtype=object)[category],
        "专项行动": campaign,
        "所属镇街": district.townships["name"].to_numpy(dtype=object)[township],
        "所属村社": written(district.short_names_on(reported, village), before, 2),
        "村社代码": written(villages["code"].to_numpy(dtype=object)[village], before, 0),
        "小区编号": np.where(estate >= 0, registers.estates["code"].to_numpy(dtype=object)[estate], ""),
        "企业编号": np.where(firm >= 0, registers.firms["code"].to_numpy(dtype=object)[firm], ""),
        "受理时间": time_texts(times["accepted"]),
        "交办时间": time_texts(times["assigned"]),
        "首次答复时间": time_texts(times["answered"]),
        "答复时限": time_texts(times["answer_due"]),
        "办理时限": time_texts(times["due"]),
        "办结时间": time_texts(times["closed"]),
        "办理结果": np.where(closed, np.where(solved, "已解决", "未解决"), ""),
        "是否回访": yes_no[called.astype(int)],
        "是否接通": np.where(called, yes_no[reached.astype(int)], ""),
        "是否满意": np.where(reached, yes_no[satisfied.astype(int)], ""),
        "是否退回重办": yes_no[reopened.astype(int)],
        "重复工单号": _repeats(rng, number=number, village=village, carry=carry, weight=0.028 + 0.02 * (category == 4)),
        "经度": _of_site(registers, estate, firm, "true_lon"),
        "纬度": _of_site(registers, estate, firm, "true_lat"),
    }
    return pd.DataFrame(frame, columns=list(ISSUE_COLUMNS))


def _of_site(registers: Registers, estate: np.ndarray, firm: np.ndarray, column: str) -> np.ndarray:
    """The column of the estate or firm of each case (row numbers, -1 for none), "" for cases without either."""
    estates, firms = (sites[column].to_numpy(dtype=object) for sites in (registers.estates, registers.firms))
    return np.where(estate >= 0, estates[estate], np.where(firm >= 0, firms[firm], ""))


def _wanted(share: float, rows: int, in_window: bool, before: tuple[int, int]) -> int:
    """How many of ``rows`` shall be true; inside the window so many that the running total meets ``share`` exactly."""
    if not in_window:
        return round(share * rows)
    true_before, rows_before = before
    return max(0, min(rows, round(share * (rows_before + rows)) - true_before))


def _handling(
    rng: np.random.Generator,
    *,
    accepted_at: np.ndarray,
    accepted: np.ndarray,
    solved: np.ndarray,
    category: np.ndarray,
    channel: np.ndarray,
) -> dict[str, np.ndarray]:
    """Times of each step (datetime64[m], NaT = not happened by the as-of date); deadlines may lie after it."""
    count = len(accepted_at)
    due = accepted_at + _DAYS_ALLOWED[category].astype("timedelta64[D]")
    hours = np.where(np.isin(channel, (4, 5)), 48, 24)
    answer_due = accepted_at + hours.astype("timedelta64[h]")
    slow = rng.random(count) < 0.009
    waited = np.where(slow, 1 + rng.exponential(0.6, count), rng.beta(1.4, 3.0, count) * 0.99) * hours * 60
    answered = accepted_at + waited.astype("timedelta64[m]")

    used = rng.beta(1.9, 2.3, count) * 0.995
    late = rng.random(count) < np.where(solved, 0.031, 0.45)
    used = np.where(late, 1.01 + rng.exponential(0.45, count), used)
    closed = accepted_at + (used * _DAYS_ALLOWED[category] * 1440).astype("timedelta64[m]")
    closed = np.maximum(closed, answered + np.timedelta64(5, "m"))
    young = due > END - np.timedelta64(240, "D")
    never = ~solved & (rng.random(count) < np.where(young, 0.45, 0.18))
    closed = np.where(never, NOT_YET, closed)
    assigned = accepted_at + rng.exponential(45, count).astype("timedelta64[m]") + np.timedelta64(1, "m")
    assigned = np.minimum(assigned, answered)
    steps = {"accepted": accepted_at, "assigned": assigned, "answered": answered, "closed": closed}
    times = {name: np.where(accepted & (when <= END), when, NOT_YET) for name, when in steps.items()}
    taken = ~np.isnat(times["accepted"])
    times["answer_due"] = np.where(taken, answer_due, NOT_YET)
    times["due"] = np.where(taken, due, NOT_YET)
    return times


def _case_numbers(stretch: Stretch, count: int, carry: _Carry) -> np.ndarray:
    """YS (演示), month and a running number that starts anew every month."""
    if carry.month != stretch.month:
        carry.month, carry.number = stretch.month, 0
    prefix = "YS" + str(stretch.month).replace("-", "")
    numbers = [f"{prefix}{i:06d}" for i in range(carry.number + 1, carry.number + count + 1)]
    carry.number += count
    return np.array(numbers, dtype=object)


def _repeats(
    rng: np.random.Generator, *, number: np.ndarray, village: np.ndarray, carry: _Carry, weight: np.ndarray
) -> np.ndarray:
    """The earlier case of the same village that a case repeats, "" for most."""
    cases, homes = number, village
    if carry.cases is not None and carry.case_villages is not None:
        cases = np.concatenate([carry.cases, number])
        homes = np.concatenate([carry.case_villages, village])
    start = len(cases) - len(number)
    order = np.argsort(homes, kind="stable")
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    earlier = place[start:] - rng.integers(1, 7, len(number))
    source = order[np.maximum(earlier, 0)]
    fits = (earlier >= 0) & (homes[source] == village) & (rng.random(len(number)) < weight)
    carry.cases, carry.case_villages = number, village
    return np.where(fits, cases[source], "")


def time_texts(times: np.ndarray) -> np.ndarray:
    """ "2020-02-03 14:05" of each datetime64[m], "" for NaT."""
    texts = np.char.replace(np.datetime_as_string(times.astype("datetime64[m]")), "T", " ").astype(object)
    texts[np.isnat(times)] = ""
    return texts
