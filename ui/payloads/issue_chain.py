"""The chain of issues from found to satisfied, and how the three headline figures follow from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from indicators.printed_figures import target_text
from ui import cached_durations, cached_reads
from ui.charts.chains import ChainStep, step_chain
from ui.charts.frozen import Frozen
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.issue_parts import FigurePart
from ui.texts import load_language, month_span, number, percent, text

STEPS: Final = ("found", "accepted", "assigned", "on_time", "solved", "called_back", "reached", "satisfied")


@dataclass(frozen=True)
class ChainCounts:
    """What the chain is made of. ``passed`` counts, by step, the issues that came through it and all steps before.

    ``lost`` holds the parts of each loss by their word (all parts of a step add up to its loss). The rest are the
    counts behind the headline figures: ``due`` and ``solved_due`` (also late or unassigned ones), ``reached`` and
    ``satisfied`` (whatever came before).
    """

    passed: Mapping[str, int]
    lost: Mapping[str, Mapping[str, int]]
    accepted: int
    due: int
    solved_due: int
    solved_late: int
    called_back: int
    closed: int
    reached: int
    satisfied: int

    @property
    def worst(self) -> str | None:
        """The step with the largest loss; None where nothing was lost."""
        losses = {step: sum(self.lost[step].values()) for step in STEPS[1:]}
        step = max(losses, key=lambda one: losses[one])
        return step if losses[step] else None


@dataclass(frozen=True)
class Headline:
    """One headline figure: its name and value as printed, the target ("" without one), and how it follows."""

    name: str
    value: str
    target: str
    how: str


@dataclass(frozen=True)
class ChainPart:
    """The counts, the part of the page with its figure, and the headline figures (none where no issue was found)."""

    counts: ChainCounts
    part: FigurePart
    headlines: tuple[Headline, ...]


def chain_counts(paths: pd.DataFrame) -> ChainCounts:
    """The chain of the paths that :func:`data_access.issue_durations.read_paths` gives."""
    cases = paths["cases"].to_numpy(dtype=np.int64)
    flag = {name: paths[name].to_numpy(dtype=bool) for name in paths.columns if paths[name].dtype == bool}

    def count(chosen: np.ndarray) -> int:
        return int(cases[chosen].sum())

    still = np.ones(len(paths), dtype=bool)
    passed, lost = {"found": count(still)}, {}
    for step in STEPS[1:]:
        gone, still = still & ~flag[step], still & flag[step]
        passed[step] = count(still)
        parts = {step: gone}
        if step == "on_time":
            parts = {
                "late": gone & flag["due"] & flag["closed"],
                "overdue": gone & flag["due"] & ~flag["closed"],
                "not_due": gone & ~flag["due"],
            }
        lost[step] = {word: count(part) for word, part in parts.items()}
    return ChainCounts(
        passed=passed,
        lost=lost,
        accepted=count(flag["accepted"]),
        due=count(flag["due"]),
        solved_due=count(flag["due"] & flag["solved"]),
        solved_late=count(flag["due"] & flag["solved"] & ~flag["on_time"]),
        called_back=count(flag["called_back"]),
        closed=count(flag["closed"]),
        reached=count(flag["reached"]),
        satisfied=count(flag["satisfied"]),
    )


@st.cache_resource(show_spinner=False, max_entries=200)
def chain_part(view: View, within: str, *, as_of: dt.date, tone: str) -> ChainPart:
    """The chain of the issues in the months that are wholly due, of the district or township ``within``."""
    lang, months = view.lang, view.months("issues")
    counts = chain_counts(cached_durations.paths(view, within=within, first=months[0], last=months[1], as_of=as_of))
    period, title = month_span(*months, lang), text("issues.section.chain", lang)
    if not counts.passed["found"]:
        empty = text("issues.chain.empty", lang, months=period)
        return ChainPart(counts, FigurePart(None, "", title, period, empty=empty), ())
    steps = [
        ChainStep(
            name=text(f"issues.step.{step}", lang),
            count=counts.passed[step],
            lost=sum(counts.lost.get(step, {}).values()),
            why=_why(counts.lost.get(step, {}), lang),
        )
        for step in STEPS
    ]
    words = section_words("issues.chain.chart.", lang)
    worst = counts.worst
    alt = text(
        "issues.chain.alt" if worst else "issues.chain.alt_whole", lang,
        found=number(counts.passed["found"]), satisfied=number(counts.passed["satisfied"]),
        step=text(f"issues.step.{worst}", lang) if worst else "",
        lost=number(sum(counts.lost[worst].values())) if worst else "",
    )  # fmt: skip
    figure = Frozen(step_chain(steps, words=words, tone=tone_named(tone)))
    part = FigurePart(figure, alt, title, period, (_split(counts, lang),))
    return ChainPart(counts, part, _headlines(view, counts, _left_out(view, within, as_of)))


def _split(counts: ChainCounts, lang: str) -> str:
    """How much of the loss is handling, how much is hearing people, how much discontent."""
    loss = {step: sum(parts.values()) for step, parts in counts.lost.items()}
    handling = sum(loss[step] for step in STEPS[1:5])
    return text(
        "issues.chain.split", lang, handling=number(handling), unhappy=number(loss["satisfied"]),
        hearing=number(loss["called_back"] + loss["reached"]),
    )  # fmt: skip


def section_words(prefix: str, lang: str) -> dict[str, str]:
    """The texts below ``prefix`` by what follows it, for a figure."""
    return {key.removeprefix(prefix): words for key, words in load_language(lang).items() if key.startswith(prefix)}


def _why(parts: Mapping[str, int], lang: str) -> str:
    joined = text("issues.joined", lang)
    return joined.join(text(f"issues.lost.{word}", lang, count=number(count)) for word, count in parts.items() if count)


def _left_out(view: View, within: str, as_of: dt.date) -> int:
    """Issues found in chosen months that are not wholly due: counted as found, not in the chain."""
    first, last = view.months("issues")
    if (first, last) == (view.first, view.last):
        return 0
    whole = cached_durations.paths(view, within=within, first=view.first, last=view.last, as_of=as_of)
    chain = cached_durations.paths(view, within=within, first=first, last=last, as_of=as_of)
    return int(whole["cases"].sum() - chain["cases"].sum())


def _headlines(view: View, counts: ChainCounts, left_out: int) -> tuple[Headline, ...]:
    lang, catalogue, passed = view.lang, cached_reads.catalogue(), counts.passed
    found = passed["found"]
    key = "found_more" if left_out else "found"
    first = Headline(
        name=text("issues.headline.found", lang),
        value=number(found + left_out),
        target="",
        how=text(f"issues.how.{key}", lang, found=number(found), left_out=number(left_out)),
    )
    resolved = text(
        "issues.how.resolution", lang,
        chain=number(passed["solved"]), late=number(counts.solved_late), solved=number(counts.solved_due),
        other=_other(counts.solved_due - counts.solved_late - passed["solved"], "unassigned", lang),
        due=number(counts.due), undue=_other(counts.accepted - counts.due, "undue", lang),
        unaccepted=number(found - counts.accepted),
    )  # fmt: skip
    content = text(
        "issues.how.satisfaction", lang,
        chain=number(passed["satisfied"]), other=number(counts.satisfied - passed["satisfied"]),
        satisfied=number(counts.satisfied), reached=number(counts.reached),
        unheard=number(found - counts.reached),
    )  # fmt: skip
    rates = (
        ("resolution_rate", counts.solved_due, counts.due, resolved),
        ("satisfaction_rate", counts.satisfied, counts.reached, content),
    )
    return (
        first,
        *(
            Headline(
                name=catalogue[code].name[lang],
                value=percent(x, n) if n else text("frame.states.no_data", lang),
                target=_target(catalogue[code].target, lang),
                how=how if n else text(f"issues.how.{code}_none", lang),
            )
            for code, x, n, how in rates
        ),
    )


def _target(target: float | None, lang: str) -> str:
    """The target in words; empty where the definition sets none."""
    return "" if target is None else text("wording.target", lang, target=f"≥{target_text(target)}")


def _other(count: int, word: str, lang: str) -> str:
    return text(f"issues.how.{word}", lang, count=number(count)) if count else ""
