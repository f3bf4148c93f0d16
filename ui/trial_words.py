"""The answer of the box "try it": a trial in sentences, as a small picture, and as the figures a researcher asks for.

The sentences are those of the pages (``indicators.sentences``). Knows no Streamlit: a trial in, HTML out, all escaped.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from html import escape
from typing import Final

from indicators.exact_tests import exact_tails, two_sided
from indicators.intervals import clopper_pearson, jeffreys, mid_p, newcombe, wilson
from indicators.score_intervals import miettinen_nurminen, score_test
from indicators.sentences import needed_sentence, rate_sentence, rest_sentence
from indicators.trial import Better, Trial
from ui.charts import palette
from ui.method_register import figures
from ui.texts import number, percent, percent_interval, points_interval, text
from ui.trial_picture import picture_html

_RANGE: Final = re.compile(r"[\d.,%]+–[\d.,%]+")


@dataclass(frozen=True)
class Named:
    """What the counts are called: the rest, one case, which way is good, and the fewest cases that are judged."""

    rest: str
    unit: str
    better: Better = "higher"
    minimum: int = 10


def answer_html(trial: Trial, named: Named, lang: str) -> str:
    """Rate, verdict, picture and the sentences about ``trial``, announced to screen readers when it changes."""
    verdict = str(trial.verdict)
    words = escape(text(f"components.verdicts.{verdict}", lang))
    colour, mark = palette.VERDICT_COLOURS[trial.verdict], escape(palette.MARKS[trial.verdict])
    kind = "hatched" if verdict == "too_few" else "outlined" if verdict in ("no_data", "not_applicable") else "filled"
    counts = text("methods.box.counts", lang, x=number(trial.x), n=number(trial.n), unit=named.unit)
    told = "".join(f"<p>{_whole(escape(sentence))}</p>" for sentence in sentences(trial, named, lang))
    return (
        f'<div class="gb-trial" role="status"><div class="head"><strong>{escape(percent(trial.x, trial.n))}</strong>'
        f"<span>{escape(counts)}</span>"
        f'<span class="verdict"><i class="gb-swatch {kind}" style="background-color:{colour}"></i>'
        f"<b>{mark}</b>{words}</span></div>"
        f'{picture_html(trial, rest=named.rest, lang=lang)}<div class="told">{told}</div></div>'
    )


def mistake_html(sentence: str) -> str:
    """What is wrong with the counts that were typed."""
    return f'<div class="gb-trial" role="status"><p class="mistake">{escape(sentence)}</p></div>'


def sentences(trial: Trial, named: Named, lang: str) -> list[str]:
    """What may be said, most important first; the last one says what the target would take, if there is one."""
    if trial.n < named.minimum:
        told = [rate_sentence(trial.x, trial.n, lang, unit=named.unit, better=named.better, minimum=named.minimum)]
    elif trial.flawless and trial.judged:
        told = _of_a_flawless_record(trial, named, lang)
    else:
        told = [rate_sentence(trial.x, trial.n, lang, unit=named.unit, better=named.better, minimum=named.minimum)]
        if trial.judged:
            told.append(_beside_the_rest(trial, named, lang))
    if trial.target is not None:
        needed = needed_sentence(
            trial.x, trial.n, target=trial.target, better=named.better, unit=named.unit, lang=lang
        )  # fmt: skip
        told.append(text("methods.box.for_target", lang, needed=needed))
    return told


def _whole(sentence: str) -> str:
    """The sentence with no line broken inside a range (83.8%–100.0%)."""
    return _RANGE.sub(r'<span class="gb-range">\g<0></span>', sentence)


def _of_a_flawless_record(trial: Trial, named: Named, lang: str) -> list[str]:
    """Whether it may be called better than the rest. By the test of the verdict, in which the rest has chance, too."""
    facts: dict[str, object] = {
        "n": number(trial.n), "x": number(trial.x), "unit": named.unit, "whole": named.rest,
        "interval": percent_interval(trial.low, trial.high, n=trial.n),
    }  # fmt: skip
    needed = trial.flawless_needed
    if needed is None:
        plain = rate_sentence(trial.x, trial.n, lang, unit=named.unit, better=named.better, minimum=named.minimum)
        return [plain, text("methods.box.never_apart", lang, whole=named.rest)]
    state = "open" if trial.n < needed else "clear"
    key = f"methods.box.none_{state}" if named.better == "lower" else f"sentences.perfect_{state}"
    return [text(key, lang, **facts, needed=number(needed))]


def _beside_the_rest(trial: Trial, named: Named, lang: str) -> str:
    row = {
        "p_low": trial.p_low, "p_high": trial.p_high, "difference": trial.difference, "n": trial.n,
        "difference_low": trial.difference_low, "difference_high": trial.difference_high,
        "immaterial": trial.immaterial,
    }  # fmt: skip
    return rest_sentence(row, lang, rest=named.rest)


# For researchers


def details_html(trial: Trial, lang: str) -> str:
    """Every interval and test for these counts."""
    x, n, rest_x, rest_n = trial.x, trial.n, trial.rest_x, trial.rest_n
    rate = {
        name: percent_interval(float(low), float(high), n=n)
        for name, (low, high) in {
            "wilson": wilson(x, n), "clopper_pearson": clopper_pearson(x, n), "mid_p": mid_p(x, n),
            "jeffreys": jeffreys(x, n),
        }.items()
    }  # fmt: skip
    groups = {"rate": rate}
    if rest_n:
        score = miettinen_nurminen(x, n, rest_x, rest_n)
        tails = exact_tails(x, n, rest_x, rest_n)
        middle = two_sided(exact_tails(x, n, rest_x, rest_n, mid=True))
        groups["difference"] = {
            name: points_interval(float(found.low), float(found.high), lang, n=n)
            for name, found in (("newcombe", newcombe(x, n, rest_x, rest_n)), ("miettinen_nurminen", score))
        }
        groups["tests"] = {
            "p_low": p_text(float(tails.low)), "p_high": p_text(float(tails.high)), "mid_p_two": p_text(float(middle)),
            "score": p_text(float(score_test(x, n, rest_x, rest_n).p)),
        }  # fmt: skip
    body = ""
    for group, rows in groups.items():
        body += f'<tr class="group"><th colspan="2">{escape(text(f"methods.details.{group}", lang))}</th></tr>'
        for name, shown in rows.items():
            body += (
                f'<tr><th scope="row">{escape(text(f"methods.details.{name}", lang))}</th><td>{escape(shown)}</td></tr>'
            )
    rule = escape(text("methods.details.rule", lang, **figures(lang)))
    return f'<div class="gb-trial-details"><table><tbody>{body}</tbody></table><p>{rule}</p></div>'


def p_text(p: float) -> str:
    """A probability with four decimals; <0.0001 below, — where there is none."""
    if not math.isfinite(p):
        return "—"
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"
