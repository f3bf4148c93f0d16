"""A question and its answer in words: the sentence that heads the figure, the finding, and what the tests say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from indicators.catalogue import Indicator
from indicators.homogeneity import homogeneity_p
from indicators.verdicts import LOOK
from ui import cached_reads
from ui.measures import View
from ui.payloads.cluster_words import p_words
from ui.payloads.pairing_words import group_names, interval_words, other, signed_interval, size_text
from ui.payloads.query_choices import Query, span_words
from ui.payloads.query_figures import CLEAR, Compared
from ui.place_names import place_name
from ui.texts import number, state_text, text
from ui.wording import evidence_text, figure_text, target_words

MOST_NAMED: Final = 4
WORSE: Final = ("much_worse", "worse")
BETTER: Final = ("much_better", "better")
LOWER: Final = ("much_lower", "lower")
HIGHER: Final = ("much_higher", "higher")


def months_words(view: View, indicator: Indicator) -> str:
    """The months that the figures are of: the settled ones for rates of issues."""
    return span_words(*view.months(indicator), view.lang)


def where_words(view: View, query: Query) -> str:
    """By what the question lists: 各镇街, 姜山镇各村社, 全区合计, 逐月."""
    lang = view.lang
    if query.by == "village":
        township = place_name(township_names(view)[query.township or ""], lang)
        return text("query.by.village_of", lang, township=township)
    area = text(f"overview.area_short.{view.township_set}", lang)
    key = "township_set" if query.by == "township" and view.township_set != "all" else query.by
    return text(f"query.by_words.{key}", lang, area=area)


def question_words(view: View, query: Query, found: Compared) -> str:
    """The question in one sentence: the title of figure, table and files."""
    lang, names = view.lang, group_names(found.pairing, view.lang) if found.pairing else {}
    key = "groups" if found.pairing else "rest" if query.by in ("township", "village") else "alone"
    months = span_words(view.first, view.last, lang) if query.by == "month" else months_words(view, found.indicator)
    return text(
        f"query.question.{key}", lang, indicator=found.indicator.name[lang], where=where_words(view, query),
        months=months, **names,
    )  # fmt: skip


def finding_words(view: View, query: Query, found: Compared) -> str:
    """The answer in one sentence: the title of the page."""
    lang, indicator = view.lang, found.indicator
    row = found.total.iloc[0]
    if found.pairing is None:
        if query.by in ("township", "village"):
            return _against_rest_words(view, found)
        facts = {"indicator": indicator.name[lang], "where": place_words(view, query)}
        return text("query.title.alone", lang, **facts, value=evidence_text(row, indicator, lang))
    names = group_names(found.pairing, lang)
    facts = {"indicator": indicator.name[lang], **names}
    if row["ahead"] is None or pd.isna(row["difference"]):
        return text("query.title.unknown", lang, **facts, reason=missing_words(row, lang))
    fewest = min(row["a_n"], row["b_n"])
    facts["interval"] = interval_words(row["low"], row["high"], indicator, lang, n=fewest)
    facts["rows"] = _rows_words(query, found, lang)
    if row["ahead"] == "none":
        return text("query.title.none", lang, **facts)
    facts |= {"ahead": names[row["ahead"]], "behind": names[other(row["ahead"])]}
    facts["size"] = size_text(row["difference"], indicator, lang, n=fewest)
    return text(f"query.title.{indicator.better}", lang, **facts)


def evidence_lines(view: View, query: Query, found: Compared) -> list[tuple[str, str]]:
    """What the tests say of two groups: all together, and row by row, as (heading, sentence)."""
    lang, indicator, row = view.lang, found.indicator, found.total.iloc[0]
    if found.pairing is None:
        rows = _rest_lines(found, lang) if query.by in ("township", "village") else _months_line(view, query, found)
        return [*rows, *_target_line(view, query, found)]
    names = group_names(found.pairing, lang)
    lines = []
    if row["ahead"] is None or pd.isna(row["difference"]):
        lines.append((text("query.test.together", lang), missing_words(row, lang)))
    else:
        key = "clear" if row["ahead"] in CLEAR else "unclear"
        sides = {side: _side(row, side, indicator, lang) for side in "ab"}
        sentence = text(
            f"query.test.{key}", lang, a=names["a"], b=names["b"], a_value=sides["a"], b_value=sides["b"],
            size=size_text(row["difference"], indicator, lang, n=min(row["a_n"], row["b_n"]), signed=True),
            interval=signed_words(row, indicator, lang), p=chance_text(row["p"]),
        )  # fmt: skip
        lines.append((text("query.test.together", lang), sentence))
    if query.by != "district":
        lines.append((text(f"query.test.each_{query.by}", lang), _each_words(view, query, found)))
    return lines


def signed_words(row: Mapping[str, Any], indicator: Indicator, lang: str) -> str:
    """Both ends of the interval of a difference with their signs; a dash without one."""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return "–"
    fewest = min(row["a_n"], row["b_n"])
    return signed_interval(row["low"], row["high"], indicator, lang, n=fewest)


def chance_text(p: float) -> str:
    """A probability with its letter: p=0.012, p<0.0001; a dash where nothing was tested."""
    if pd.isna(p):
        return "p –"
    words = p_words(p)
    return f"p{words}" if words.startswith("<") else f"p={words}"


def missing_words(row: Mapping[str, Any], lang: str) -> str:
    """Why two groups cannot be compared in one row."""
    sides = [not pd.isna(row[f"{side}_n"]) and row[f"{side}_n"] > 0 for side in "ab"]
    if any(sides) and not all(sides):
        return text("query.test.one_sided", lang)
    return state_text("too_few" if row["state"] == "value" else str(row["state"]), lang)


def place_words(view: View, query: Query) -> str:
    """The places all together: 全区, 姜山镇."""
    if query.by == "village":
        return place_name(township_names(view)[query.township or ""], view.lang)
    return text(f"overview.area_short.{view.township_set}", view.lang)


def township_names(view: View) -> dict[str, str]:
    """Registered names of all townships by code."""
    register = cached_reads.places(view.scope, level="township", version=view.version)
    return dict(zip(register["code"], register["name"], strict=True))


def named(codes: list[str], names: Mapping[str, str], lang: str) -> str:
    """The first few places by name, and how many more there are."""
    joiner = "、" if lang == "zh" else ", "
    listed = joiner.join(place_name(names[code], lang) for code in codes[:MOST_NAMED])
    rest = len(codes) - MOST_NAMED
    return text("query.test.and_more", lang, names=listed, count=number(rest)) if rest > 0 else listed


def _rows_words(query: Query, found: Compared, lang: str) -> str:
    if query.by == "district":
        return ""
    tested = int(found.rows["p"].notna().sum())
    if not tested:
        return text(f"query.title.rows_none_{query.by}", lang)
    stands = int(found.rows["stands"].sum())
    key = "rows" if stands else "rows_zero"
    return text(f"query.title.{key}_{query.by}", lang, tested=number(tested), stands=number(stands))


def _each_words(view: View, query: Query, found: Compared) -> str:
    lang, rows = view.lang, found.rows
    tested = rows[rows["p"].notna()]
    if query.by == "month":
        tested = tested[~tested["month"].map(view.is_provisional)]
    if tested.empty:
        return text("query.test.none_testable", lang)
    clear, standing = tested[tested["ahead"].isin(CLEAR)], tested[tested["stands"]]
    facts = {"tested": number(len(tested)), "clear": number(len(clear)), "stands": number(len(standing)),
             "chance": number(2 * LOOK * len(tested), decimals=1)}  # fmt: skip
    sentence = text(f"query.test.rows_{query.by}", lang, **facts)
    if query.by == "month" or standing.empty:
        return sentence
    parts = [
        text("query.test.standing", lang, group=group_names(found.pairing, lang)[other(side)],  # type: ignore[arg-type]
             names=named(list(standing.loc[standing["ahead"] == side, "place"]), found.names, lang))
        for side in CLEAR if (standing["ahead"] == side).any()
    ]  # fmt: skip
    return " ".join([sentence, *parts]) if lang == "en" else "".join([sentence, *parts])


def _against_rest_words(view: View, found: Compared) -> str:
    lang, indicator, rows = view.lang, found.indicator, found.rows
    tested = int(rows["p_low"].notna().sum())
    facts = {"indicator": indicator.name[lang], "count": number(len(rows)), "tested": number(tested)}
    if not tested:
        return text("query.title.rest_untested", lang, **facts)
    neutral = indicator.better == "neutral"
    low, high = (LOWER, HIGHER) if neutral else (WORSE, BETTER)
    facts |= {side: number(int(rows["verdict"].isin(words).sum())) for side, words in (("low", low), ("high", high))}
    facts["value"] = figure_text(found.total.iloc[0], indicator, lang)
    return text("query.title.rest_neutral" if neutral else "query.title.rest", lang, **facts)


def _rest_lines(found: Compared, lang: str) -> list[tuple[str, str]]:
    rows = found.rows
    tested = int(rows["p_low"].notna().sum())
    if not tested:
        return [(text("query.test.rest", lang), text("query.test.none_testable", lang))]
    flagged = rows[rows["verdict"].isin((*WORSE, *BETTER, *LOWER, *HIGHER))]
    firm = rows[rows["verdict"].str.startswith("much_")]
    facts = {"tested": number(tested), "clear": number(len(flagged)), "stands": number(len(firm)),
             "chance": number(2 * LOOK * tested, decimals=1)}  # fmt: skip
    lines = [(text("query.test.rest", lang), text("query.test.rest_rows", lang, **facts))]
    for words, key in ((("much_worse", "much_lower"), "behind"), (("much_better", "much_higher"), "ahead")):
        codes = list(rows.loc[rows["verdict"].isin(words), "place"])
        if codes:
            neutral = "_neutral" if found.indicator.better == "neutral" else ""
            lines.append((text(f"query.test.rest_{key}{neutral}", lang), named(codes, found.names, lang)))
    return lines


def _months_line(view: View, query: Query, found: Compared) -> list[tuple[str, str]]:
    """Whether the months differ by more than chance; provisional ones left out."""
    lang, rows = view.lang, found.rows
    if query.by != "month":
        return []
    settled = rows[rows["n"].gt(0) & ~(rows["month"].map(view.is_provisional) & (found.indicator.source == "issues"))]
    if not found.indicator.counts_share or len(settled) < 2:
        return []
    p = homogeneity_p(settled["x"].to_numpy(dtype=float), settled["n"].to_numpy(dtype=float))
    sentence = text(f"query.test.months_{'differ' if p < 0.05 else 'alike'}", lang, months=number(len(settled)),
                    p=chance_text(p))  # fmt: skip
    return [(text("query.test.each_month", lang), sentence)]


def _target_line(view: View, query: Query, found: Compared) -> list[tuple[str, str]]:
    """Whether all places together reach the target for certain."""
    lang, row = view.lang, found.total.iloc[0].to_dict()
    target, met = target_words(row, found.indicator, lang)
    if met is None:
        return []
    words = text(f"query.test.target_{met}", lang, where=place_words(view, query), target=target,
                 value=evidence_text(row, found.indicator, lang))  # fmt: skip
    return [(text("query.test.target", lang), words)]


def _side(row: Mapping[str, Any], side: str, indicator: Indicator, lang: str) -> str:
    one = {"x": row[f"{side}_x"], "n": row[f"{side}_n"], "value": row[f"{side}_value"], "state": "value",
           "low": float("nan"), "high": float("nan")}  # fmt: skip
    return evidence_text(one, indicator, lang)
