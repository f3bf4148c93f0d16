"""What the page on satisfaction says: is the target borne out, what may the silent change, who is dissatisfied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from indicators.catalogue import Indicator
from indicators.nonresponse import LARGEST_GAP, LEAST_RESPONSE, LOWER_BY
from indicators.printed_figures import target_text
from indicators.sentences import FEW, survey_sentence
from indicators.targets import cases_short
from ui.measures import View
from ui.payloads.place_tiles import standing
from ui.payloads.satisfaction_figures import Places
from ui.texts import month_span, number, percent, percent_interval, percent_of, points, text

Row = Mapping[str, Any]


def title_text(survey: Row, indicator: Indicator, *, place: str, months: str, lang: str) -> str:
    """Whether the target is borne out once those are counted who were not reached."""
    invited, answered, satisfied = (int(survey[name]) for name in ("invited", "answered", "satisfied"))
    facts: dict[str, object] = {"place": place, "months": months, "invited": number(invited)}
    if invited == 0:
        return text("satisfaction.title.none", lang, **facts)
    if answered == 0:
        return text("satisfaction.title.nobody", lang, **facts)
    if answered < FEW:
        return text("satisfaction.title.few", lang, **facts, answered=number(answered))
    facts |= {"value": percent(satisfied, answered), "sure": sure_text(survey)}
    facts["unreached"] = percent(invited - answered, invited)
    target = indicator.target
    if target is None:
        return text("satisfaction.title.no_target", lang, **facts)
    return text(f"satisfaction.title.{borne_out(survey, target)}", lang, **facts, target=target_text(target))


def borne_out(survey: Row, target: float) -> str:
    """Whether the satisfaction of everybody called reaches ``target``, for somebody was reached.

    "supported" and "refuted": whatever the silent think; "complete_met" and "complete_missed": there are no silent;
    "open_met" and "open_missed": it depends on them, and those reached are above or below the target.
    """
    invited, answered, satisfied = (int(survey[name]) for name in ("invited", "answered", "satisfied"))
    if invited == answered:
        return "complete_met" if not cases_short(satisfied, invited, target=target) else "complete_missed"
    short = cases_short(satisfied, invited, target=target)
    if not short:
        return "supported"
    if short > invited - answered:
        return "refuted"
    return "open_missed" if cases_short(satisfied, answered, target=target) else "open_met"


def sure_text(survey: Row) -> str:
    """Between which shares the satisfaction of everybody called lies."""
    return percent_interval(survey["sure_low"], survey["sure_high"], n=survey["invited"])


def per_thousand(x: float, n: float) -> str:
    """``x`` of a thousand, with one decimal."""
    return number(x / n * 1000, decimals=1)


def sentences(survey: Row, indicator: Indicator, lang: str) -> tuple[str, ...]:
    """The survey in sentences, the leading one first; fewer where nobody was called or reached."""
    invited, answered, satisfied = (int(survey[name]) for name in ("invited", "answered", "satisfied"))
    if invited == 0:
        return ()
    lead = survey_sentence(satisfied, answered, invited, indicator=indicator.name[lang], lang=lang)
    told = [lead]
    if answered:
        told += [*_silent(survey, indicator, lang), _unhappy(survey, lang)]
    return (*told, _called(survey, lang), text("satisfaction.facts.no_reasons", lang))


def _silent(survey: Row, indicator: Indicator, lang: str) -> list[str]:
    """How many of the silent would have to be satisfied, and what a lower satisfaction among them would make."""
    invited, answered, satisfied = (int(survey[name]) for name in ("invited", "answered", "satisfied"))
    silent, target = invited - answered, indicator.target
    if not silent:
        return []
    middle = text("satisfaction.facts.middle", lang, points=points(LOWER_BY, lang, signed=False),
                  middle=percent_of(survey["middle"], n=invited))  # fmt: skip
    if target is None:
        return [middle]
    short = cases_short(satisfied, invited, target=target)
    facts = {"silent": number(silent), "target": target_text(target), "short": number(short)}
    verdict = borne_out(survey, target)
    key = verdict if verdict in ("supported", "refuted") else "needed"
    share = percent(short, silent) if key == "needed" else ""
    return [text(f"satisfaction.facts.{key}", lang, **facts, share=share), middle]


def _unhappy(survey: Row, lang: str) -> str:
    answered, unhappy = int(survey["answered"]), int(survey["answered"] - survey["satisfied"])
    facts = {"unhappy": number(unhappy), "per_thousand": per_thousand(unhappy, answered)}
    if not unhappy:
        return text("satisfaction.facts.nobody_unhappy", lang, answered=number(answered))
    solved = int(survey["solved_dissatisfied"])
    return text("satisfaction.facts.unhappy", lang, **facts, solved=number(solved), share=percent(solved, unhappy))


def _called(survey: Row, lang: str) -> str:
    closed, invited = int(survey["closed"]), int(survey["invited"])
    return text("satisfaction.facts.called", lang, closed=number(closed), invited=number(invited),
                share=percent(invited, closed))  # fmt: skip


def township_standing(row: Row, lang: str) -> str:
    """How a township stands to the others, in a sentence."""
    rest = text("township.rest.all", lang)
    if row["rest_n"] > 0:
        rest = text("township.rest.with_value", lang, name=rest, value=percent(row["rest_x"], row["rest_n"]))
    if row["withheld"] is not None and not pd.isna(row["withheld"]):
        return text(f"satisfaction.withheld.{row['withheld']}", lang)
    return text("satisfaction.facts.standing", lang, standing=standing(str(row["verdict"]), rest, lang))


def comparability_note(places: Places, lang: str) -> str:
    """Whether the places may be compared with each other as they are; empty where nobody was called in any."""
    found = places.comparability
    if pd.isna(found.spread):
        return ""
    facts = {
        "spread": points(found.spread, lang, signed=False), "limit": points(LARGEST_GAP, lang, signed=False),
        "least": f"{number(LEAST_RESPONSE * 100)}%",
    }  # fmt: skip
    return text(f"satisfaction.comparability.{'together' if found.together else 'apart'}", lang, **facts)


def places_period(places: Places, view: View, lang: str) -> str:
    """The months the places' figures are of; said where they were widened."""
    first, last = places.view.months("issues")
    wider = places.view.first < view.first
    return text(f"satisfaction.period.{'wider' if wider else 'plain'}", lang, months=month_span(first, last, lang))
