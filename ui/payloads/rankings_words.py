"""The sentences of the rankings page: who is clearly ahead, whose move is real, how many flags chance would raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from indicators.printed_figures import target_text
from indicators.rank_neighbours import Above
from indicators.verdicts import LOOK
from ui.charts import palette
from ui.measures import View
from ui.payloads.rankings_figures import Moved, RankingFigures
from ui.place_names import place_name
from ui.texts import load_language, month_span, month_text, number, percent, rank_text, state_text, text
from ui.wording import evidence_text, target_words, verdict_text

NAMED: Final = 3
"""Places named in a sentence; of more only the number is given beside them."""
REAL: Final = ("real_better", "real_worse")
YEAR: Final = 12


def chart_words(lang: str) -> dict[str, str]:
    """The phrases inside the figures of this page, those that name the indicator still with their blanks."""
    words: dict[str, str] = {}
    for prefix in ("charts.", "rankings.chart."):
        words |= {
            key.removeprefix(prefix): phrase for key, phrase in load_language(lang).items() if key.startswith(prefix)
        }
    return words


def joined(names: Sequence[str], lang: str, *, most: int = NAMED) -> str:
    """横溪镇、下应街道等5个: up to ``most`` names, and how many there are where that is more."""
    shown = text("rankings.places_joined", lang).join(names[:most])
    if len(names) <= most:
        return shown
    return text("rankings.title.many", lang, places=shown, count=number(len(names)))


def short_names(figures: RankingFigures, lang: str) -> dict[str, str]:
    """Code to the name as charts and sentences print it."""
    register = figures.register
    return {
        code: place_name(name, lang, short=True) for code, name in zip(register["code"], register["name"], strict=True)
    }


def area_word(view: View) -> str:
    """The chosen townships together: 全区, 各镇合计."""
    return text(f"rankings.area.{view.township_set}", view.lang)


def title_text(view: View, figures: RankingFigures) -> str:
    """Who is clearly ahead or behind, and how many cannot be told apart."""
    lang, ranked, indicator = view.lang, figures.ranked, figures.indicator
    name = indicator.name[lang]
    if len(ranked) < 2:
        return text(f"rankings.title.{'none' if ranked.empty else 'one'}", lang, indicator=name)
    where = text(f"rankings.where.{view.township_set}", lang, count=number(len(figures.places)))
    if len(ranked) < len(figures.places):
        where = text("rankings.title.part", lang, where=where, count=number(len(ranked)))
    if not figures.ranged:
        return text("rankings.title.plain", lang, indicator=name, where=where)
    if ranked["alike"].eq(len(ranked) - 1).all():
        return text("rankings.title.nobody", lang, indicator=name, where=where)
    names, neutral = short_names(figures, lang), "neutral_" if indicator.better == "neutral" else ""
    by_rank = ranked.sort_values(["rank", "place"])
    groups = {
        side: [names[code] for code in by_rank.loc[by_rank["standing"] == side, "place"]] for side in ("front", "rear")
    }
    groups["rear"].reverse()  # the last one is the one to be named
    clauses = [
        text(
            f"rankings.title.{neutral}{side}_{'one' if len(places) == 1 else 'many'}", lang, places=joined(places, lang)
        )
        for side, places in groups.items()
        if places
    ]
    rest = len(ranked) - sum(len(places) for places in groups.values())
    if rest:
        key = "rest" if clauses else "rest_all"
        clauses.append(text(f"rankings.title.{neutral}{key}", lang, count=number(rest)))
    said = text("rankings.clauses_joined", lang).join(clauses)
    return text("rankings.title.ranked", lang, indicator=name, where=where, clauses=said)


def rates_sentence(figures: RankingFigures, lang: str) -> str:
    """How many places certainly meet the target and miss it; without a target, how many differ from the rest."""
    indicator = figures.indicator
    if indicator.target is None:
        verdicts = figures.ranked["verdict"]
        neutral = indicator.better == "neutral"
        high, low = (
            int(verdicts.isin([word, f"much_{word}"]).sum())
            for word in (("higher", "lower") if neutral else ("better", "worse"))
        )
        return text(f"rankings.rates.{'neutral' if neutral else 'better'}", lang, high=number(high), low=number(low))
    states = [target_words(row, indicator, lang)[1] for row in figures.ranked.to_dict("records")]
    met, missed = states.count("met"), states.count("missed")
    return text(
        "rankings.rates.target", lang, met=number(met), missed=number(missed),
        open=number(len(states) - met - missed), target=target_text(indicator.target),
    )  # fmt: skip


def pairs_sentence(figures: RankingFigures, lang: str) -> str:
    """Of all pairs, and of the neighbouring ranks, how many can be told apart; empty without ranges."""
    if not figures.ranged:
        return ""
    ranked = figures.ranked
    facts = {"pairs": number(len(ranked) * (len(ranked) - 1) // 2)}
    clear = sum(len(behind) for behind in ranked["behind"])
    if not clear:
        return text("rankings.head.pairs_none", lang, **facts)
    facts |= {"clear": number(clear), "steps": number(int(ranked["above"].isin([Above.CLEAR, Above.UNCLEAR]).sum()))}
    apart = int(ranked["above"].eq(Above.CLEAR).sum())
    if not apart:
        return text("rankings.head.pairs_no_step", lang, **facts)
    return text("rankings.head.pairs", lang, **facts, clear_steps=number(apart))


def head_note(view: View, figures: RankingFigures) -> str:
    """That rates leave out the months that are not wholly due, or that the ranks are provisional for their sake."""
    first, last = view.months(figures.indicator)
    if (first, last) != (view.first, view.last):
        return text("rankings.settled", view.lang, month=month_text(last, view.lang))
    if figures.indicator.source == "issues" and view.is_provisional(last):
        return text("rankings.provisional", view.lang)
    return ""


def empty_sentence(figures: RankingFigures, lang: str) -> str:
    """Why there is no ranking, where there is none; empty otherwise."""
    ranked = len(figures.ranked)
    if ranked >= 2:
        return ""
    key = "one_only" if ranked else "all_few" if figures.places["state"].eq("too_few").any() else "empty"
    return text(f"rankings.{key}", lang, indicator=figures.indicator.name[lang])


def rank_words(row: Mapping[str, Any], lang: str) -> str:
    """第4名（可能区间2–13）; empty where there is no rank."""
    if pd.isna(row["rank"]):
        return ""
    rank = int(row["rank"])
    low, high = (rank, rank) if pd.isna(row["rank_low"]) else (int(row["rank_low"]), int(row["rank_high"]))
    return rank_text(rank, low, high, lang, tied=bool(row["tied"]))


def neighbour_lines(row: Mapping[str, Any], figures: RankingFigures, names: Mapping[str, str], lang: str) -> list[str]:
    """From how many a place cannot be told apart, and who is clearly better and worse."""
    if pd.isna(row["alike"]):
        return []
    alike, others = int(row["alike"]), len(figures.ranked) - 1
    lines = [text(f"rankings.hover.{'alike_all' if alike == others else 'alike'}", lang, count=number(alike))]
    neutral = "neutral_" if figures.indicator.better == "neutral" else ""
    for side in ("ahead", "behind"):
        if row[side]:
            places = joined([names[code] for code in row[side]], lang)
            lines.append(text(f"rankings.hover.{neutral}{side}", lang, count=number(len(row[side])), places=places))
    return lines


def hover_words(figures: RankingFigures, lang: str) -> dict[str, str]:
    """What hovering over a place of the caterpillar says, by code."""
    names = short_names(figures, lang)
    hovers = {}
    for row in figures.places.to_dict("records"):
        code = str(row["place"])
        said = rank_words(row, lang) or text("rankings.hover.state", lang, state=state_text(str(row["state"]), lang))
        evidence = [evidence_text(row, figures.indicator, lang)] if not pd.isna(row["rank"]) else []
        hovers[code] = "<br>".join(
            [f"<b>{names[code]}</b>", said, *neighbour_lines(row, figures, names, lang), *evidence]
        )
    return hovers


def ratio_hovers(figures: RankingFigures, lang: str) -> dict[str, str]:
    """What hovering over a place's value says, by code."""
    names = short_names(figures, lang)
    return {
        str(row["place"]): "<br>".join(
            [
                f"<b>{names[str(row['place'])]}</b>",
                evidence_text(row, figures.indicator, lang),
                f"{palette.MARKS[str(row['verdict'])]} {verdict_text(row, figures.indicator, lang)}".strip(),
            ]
        )
        for row in figures.places.to_dict("records")
    }


def funnel_hovers(figures: RankingFigures, flags: Mapping[str, str], lang: str) -> dict[str, str]:
    """What hovering over a place of the funnel says; ``flags``: place to its verdict of the funnel."""
    names = short_names(figures, lang)
    hovers = {}
    for row in figures.places.to_dict("records"):
        code, flag = str(row["place"]), flags[str(row["place"])]
        key = {"similar": "inside", "too_few": "few"}.get(flag, "out")
        limit = "99.8%" if flag.startswith("much_") else "95%"
        where = text(f"rankings.hover.flag_{key}", lang, **({"limit": limit} if key == "out" else {}))
        lines = [
            f"<b>{names[code]}</b>",
            evidence_text(row, figures.indicator, lang),
            f"{palette.MARKS[flag]} {where}".strip(),
            verdict_text(row, figures.indicator, lang),
        ]
        hovers[code] = "<br>".join(lines)
    return hovers


def funnel_sentence(figures: RankingFigures, view: View) -> str:
    """How many places lie outside the limits, beside how many would by chance alone; or why there is no funnel."""
    lang, indicator, funnel = view.lang, figures.indicator, figures.funnel
    name = {"indicator": indicator.name[lang]}
    if funnel is None:
        return text("rankings.funnel.ratio", lang, **name)
    if funnel.reason is not None:
        return text(f"rankings.funnel.{funnel.reason}", lang, **name)
    rows = funnel.rows
    lower = indicator.better == "lower"
    side = {"low_word": text(f"rankings.funnel.{'better' if lower else 'worse'}", lang),
            "high_word": text(f"rankings.funnel.{'worse' if lower else 'better'}", lang)}  # fmt: skip
    said = text(
        "rankings.funnel.flags", lang, tested=number(int(rows["p_low"].notna().sum())), **side,
        low=number(int(rows["p_low"].lt(LOOK).sum())), high=number(int(rows["p_high"].lt(LOOK).sum())),
        expected_low=number(funnel.expected_low, decimals=1), expected_high=number(funnel.expected_high, decimals=1),
    )  # fmt: skip
    if funnel.overdispersion is not None and funnel.overdispersion.adjusted:
        low, high = (int(rows["adjusted_flag"].isin([one, f"very_{one}"]).sum()) for one in ("low", "high"))
        said += text("rankings.funnel.adjusted", lang, **side, low=number(low), high=number(high))
    return said


def funnel_note(figures: RankingFigures, view: View) -> str:
    """Around which rate the limits are drawn."""
    total = figures.total.iloc[0]
    return text("rankings.funnel.note", view.lang, area=area_word(view), value=percent(total["x"], total["n"]))


def span_words(moved: Moved, lang: str) -> tuple[str, str]:
    """The two stretches of months in words."""
    return month_span(*moved.now, lang), month_span(*moved.before, lang)


def span_options(figures: RankingFigures, lang: str) -> dict[str, str]:
    """What moves can be measured over: code to words, the chosen months first."""
    options = {}
    for span, moved in figures.moved.items():
        now, before = span_words(moved, lang)
        than = text(f"rankings.than.{than_kind(moved)}", lang)
        options[span] = text(f"rankings.span.{span}", lang, **({"than": than} if span == "period" else
                                                              {"now": now, "before": before}))  # fmt: skip
    return options


def than_kind(moved: Moved) -> str:
    """Whether the earlier months are those of an earlier year ("year") or the stretch right before ("stretch")."""
    months = (moved.now[0] // 100 - moved.before[0] // 100) * YEAR + moved.now[0] % 100 - moved.before[0] % 100
    return "year" if months % YEAR == 0 else "stretch"


def moves_sentence(figures: RankingFigures, span: str | None, lang: str) -> str:
    """Whose rank has really moved."""
    if span is None:
        return text("rankings.moves.none", lang)
    moved = figures.moved[span]
    now, before = span_words(moved, lang)
    facts = {"now": now, "before": before}
    compared = [row for row in moved.rows.values() if row["real"] != "not_comparable"]
    if not compared:
        return text("rankings.moves.incomparable", lang, **facts)
    names, real = short_names(figures, lang), [row for row in compared if row["real"] in REAL]
    if not real:
        return text("rankings.moves.all_chance", lang, **facts, count=number(len(compared)))
    marked = [f"{names[str(row['place'])]}{move_text(row, lang)}" for row in real]
    return text("rankings.moves.some", lang, **facts, count=number(len(compared)), real=number(len(real)),
                places=text("rankings.places_joined", lang).join(marked))  # fmt: skip


def move_text(row: Mapping[str, Any], lang: str) -> str:
    """↑8, ↓3 or 不变; empty where the two stretches cannot be compared."""
    if pd.isna(row["move"]):
        return ""
    move = int(row["move"])
    if not move:
        return text("rankings.table.same", lang)
    return f"↑{move}" if move > 0 else f"↓{-move}"
