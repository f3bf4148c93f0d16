"""One-line sentences about tested figures, in the reader's language.

Every sentence names its unit, its counts where there is room, and the range in which the true value may lie. A number
range costs little trust, a vague word costs more (van der Bles et al. 2020, PNAS 117:7672), so no sentence says "about
right". Words for leaders: 明显 and 在正常波动范围内, never 显著; nothing "proves" or "causes" anything. Rates keep the
rules of ``printed_figures``. The functions take finished figures and decide only which sentence they bear out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator
from indicators.decomposition import Decomposition
from indicators.intervals import Bounds, wilson
from indicators.language_files import text
from indicators.printed_figures import (
    number,
    percent,
    percent_at_least,
    percent_interval,
    percent_of,
    points,
    points_interval,
    rank_text,
    target_text,
)
from indicators.targets import backlog_needed, cases_over, cases_short, new_successes_needed
from indicators.verdicts import LOOK, NAME, smallest_perfect_record

FEW = 10
"""Below this number of cases nothing is judged."""


def unit_text(indicator: Indicator, lang: str, *, count: float = 2) -> str:
    """What ``count`` cases of an indicator are called: 件, 项次, 个; case or cases, checklist items, sites, units.

    Empty for a ratio, whose denominator is no number of cases.
    """
    if not indicator.counts_share:
        return ""
    what = "sites" if indicator.denominator.startswith("sites") else indicator.source
    return text(f"sentences.units.{what}_{'one' if count == 1 else 'many'}", lang)


def rate_sentence(
    x: int, n: int, lang: str, *, unit: str, better: str = "higher", whole: str = "",
    whole_rate: float | None = None, minimum: int = FEW,
) -> str:  # fmt: skip
    """A proportion with its interval and counts; too few cases, and a spotless record, are said in words of their own.

    ``unit`` names the cases; only where high is good (``better``) are they said to have met it. With ``whole`` and
    ``whole_rate`` (a share below 1) a spotless record says whether it may be called higher than the whole, and how
    many cases that takes.
    """
    facts: dict[str, object] = {"x": number(x), "n": number(n), "unit": unit}
    if n == 0:
        return text("sentences.no_data", lang)
    if n < minimum:
        key = "few_counted" if better != "higher" else "few_all" if x == n else "few_none" if x == 0 else "few"
        return text(f"sentences.{key}", lang, **facts)
    low, high = (float(one) for one in wilson(x, n))
    facts["interval"] = percent_interval(low, high, n=n)
    if x == n and better == "higher" and whole_rate is not None and 0 < whole_rate < 1:
        needed = smallest_perfect_record(whole_rate)
        key = "perfect_open" if n < needed else "perfect_clear"
        return text(f"sentences.{key}", lang, **facts, whole=whole, needed=number(needed))
    return text("sentences.rate", lang, **facts, value=percent(x, n))


def rank_sentence(rank: int, low: int, high: int, *, count: int, lang: str, tied: bool = False) -> str:
    """A rank with its plausible range among ``count`` areas; where the range is all of them, that it is no rank."""
    if low == 1 and high == count and count > 1:
        return text("sentences.rank_unstable", lang, low=low, high=high)
    return rank_text(rank, low, high, lang, tied=tied)


def rest_sentence(row: Mapping[str, Any], lang: str, *, rest: str) -> str:
    """How a row of a ``verdict_table`` of a proportion stands to the rest; empty where nothing was tested.

    ``rest`` names the rest (其余镇街). A difference is called clear from the limit on at which a place may be named.
    """
    if not np.isfinite(row["p_low"]):
        return ""
    size = points(row["difference"], lang, n=row["n"], signed=False)
    if min(row["p_low"], row["p_high"]) >= LOOK:
        return text("sentences.rest.similar", lang, rest=rest, size=size)
    if row["difference_low"] <= 0 <= row["difference_high"]:
        bounds = points_interval(row["difference_low"], row["difference_high"], lang, n=row["n"])
        return text("sentences.rest.unclear", lang, rest=rest, size=size, interval=bounds)
    way, sign = ("below", -1) if row["difference"] < 0 else ("above", 1)
    low, high = sorted(sign * float(row[name]) for name in ("difference_low", "difference_high"))
    clear = "" if min(row["p_low"], row["p_high"]) < NAME else "_watch"
    key = f"sentences.rest.{way}{'_small' if row['immaterial'] else clear}"
    return text(key, lang, rest=rest, size=size, interval=points_interval(low, high, lang, n=row["n"]))


def change_sentence(row: Mapping[str, Any], lang: str, *, than: str) -> str | None:
    """A row of a ``change_table`` of a proportion in words; None where there is no comparison.

    ``than`` names the earlier period (去年同月).
    """
    if pd.isna(row["change"]) or not np.isfinite(row["difference"]):
        return None
    if row["difference"] == 0:
        return text("sentences.change.same", lang, than=than)
    way = "up" if row["difference"] > 0 else "down"
    ending = "_none" if row["change"] == "none" else ""
    size = points(row["difference"], lang, signed=False)
    return text(f"sentences.change.{way}{ending}", lang, than=than, size=size)


def run_sentence(months: int, *, below: bool, lang: str) -> str:
    """A run of ``months`` on one side of the usual level."""
    return text(f"sentences.change.run_{'below' if below else 'above'}", lang, months=months)


def shrunk_sentence(x: int, n: int, shrunk: float, lang: str, *, group: str) -> str:
    """The observed rate beside the one that leans on its group (``shrunk``, a share); never one without the other."""
    return text(
        "sentences.shrunk", lang, observed=percent(x, n), x=number(x), n=number(n), group=group,
        shrunk=percent_of(shrunk, n=n),
    )  # fmt: skip


def spread_sentence(tau: float, raw_sd: float, lang: str, *, areas: str) -> str:
    """How far areas really differ: the standard deviations of true (``tau``) and observed rates, as shares.

    NaN where there are too few areas to say.
    """
    if not np.isfinite(tau):
        return text("sentences.spread.unknown", lang, areas=areas)
    if tau <= 0:
        return text("sentences.spread.chance", lang, areas=areas)
    key = "mostly_chance" if tau**2 < raw_sd**2 / 2 else "real"
    return text(f"sentences.spread.{key}", lang, areas=areas, tau=points(tau, lang, signed=False))


def flags_sentence(count: int, tested: int, expected: float, *, low: bool, areas: str, lang: str) -> str:
    """How many areas are flagged beside how many chance alone would flag."""
    return text(
        f"sentences.flags_{'low' if low else 'high'}", lang, tested=number(tested), areas=areas, count=number(count),
        expected=number(expected, decimals=0 if expected >= 5 else 1),
    )  # fmt: skip


def gap_sentence(found: Decomposition, lang: str, *, pairing: str) -> str:
    """A gap as composition and like-for-like difference, signed as the gap is."""
    sign = -1 if found.difference < 0 else 1
    key = "sentences.gap_offsetting" if found.offsetting else "sentences.gap"
    return text(
        key, lang, pairing=pairing, size=points(found.difference, lang, signed=False),
        composition=points(sign * found.composition.value, lang, signed=sign * found.composition.value < 0),
        level=points(sign * found.level.value, lang, signed=sign * found.level.value < 0),
    )  # fmt: skip


def needed_sentence(
    x: int, n: int, *, target: float, better: str, unit: str, lang: str, still_open: int | None = None
) -> str:
    """What it would take to reach ``target`` (a share): further cases put right, or fewer events where low is good.

    ``still_open`` says how many of the cases can still be put right; where they are not enough, or none are (a case
    that was late stays late), the sentence tells how many new cases, all of them right, would do.
    """
    shown = target_text(target)
    if n == 0:
        return text("sentences.no_data", lang)
    if better == "lower":
        over = cases_over(x, n, target=target)
        key = "over" if over else "reached"
        return text(f"sentences.needed.{key}", lang, count=number(over), unit=unit, target=shown)
    short = cases_short(x, n, target=target)
    if not short:
        return text("sentences.needed.reached", lang, target=shown)
    if backlog_needed(x, n, target=target, still_open=still_open) is not None:
        return text("sentences.needed.short", lang, count=number(short), unit=unit, target=shown)
    new = new_successes_needed(x, n, target=target)
    key = "impossible" if new is None else "new"
    facts = {"open": number(still_open or 0), "count": number(new or 0), "unit": unit, "target": shown}
    return text(f"sentences.needed.{key}", lang, **facts)


def rank_needed_sentence(count: int | None, rank: int, *, unit: str, lang: str) -> str:
    """What it would take to reach ``rank``: ``count`` cases, 0 if it is reached, None if it is out of reach."""
    if count is None:
        return text("sentences.needed.rank_impossible", lang, rank=rank)
    if count == 0:
        return text("sentences.needed.rank_reached", lang, rank=rank)
    return text("sentences.needed.rank", lang, count=number(count), unit=unit, rank=rank)


def open_cases_sentence(open_cases: int, closed: float, bounds: Bounds, *, days: int, unit: str, lang: str) -> str:
    """How many cases are open and what share closes within ``days`` (Kaplan–Meier, a share; NaN where unknown)."""
    if not np.isfinite(closed):
        return text("sentences.open_cases_unknown", lang, open=number(open_cases), unit=unit, days=days)
    low, high = (float(one) for one in bounds)
    return text(
        "sentences.open_cases", lang, open=number(open_cases), unit=unit, days=days,
        share=f"{number(closed * 100)}%", interval=f"{number(np.floor(low * 100))}%–{number(np.ceil(high * 100))}%",
    )  # fmt: skip


def survey_sentence(satisfied: int, answered: int, invited: int, *, indicator: str, lang: str) -> str:
    """A satisfaction rate with what is certain if nobody who did not answer was satisfied."""
    facts = {"indicator": indicator, "invited": number(invited)}
    if answered == 0:
        return text("sentences.survey_nobody", lang, **facts)
    facts["value"] = percent(satisfied, answered)
    if answered == invited:
        return text("sentences.survey_complete", lang, **facts)
    return text(
        "sentences.survey", lang, **facts, answered=number(answered), lowest=percent_at_least(satisfied, invited)
    )


def merged_sentence(months: int, lang: str) -> str:
    """That single months hold too few cases and ``months`` of them are shown together; empty for one month."""
    return text("sentences.merged", lang, months=months) if months > 1 else ""
