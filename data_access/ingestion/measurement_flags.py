"""What looks odd in the measurements a batch brought: reports that stayed away, values unlike their own past, sums.

A month counts for an indicator only when somebody reports it then, so that quarterly indicators are compared quarter by
quarter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.batch_picture import HISTORY, Places, month_of, read_frame, say_month, step_of, township_of
from data_access.ingestion.measurement_history import outside_history
from data_access.ingestion.problems import Flag
from data_access.ingestion.source_form import catalogue, dimension_words, source_form
from data_access.tables import measurement

_YEARS_BACK = 4
_MANY = 10  # so many places of one indicator and month are one story
_NAMED = 3  # names a sentence lists
_MOSTLY = 0.5  # a batch covers all townships from this share on; a month shrank when more than this share stays away
_LEAST_PLACES = 10  # an indicator reported by fewer is not said to have shrunk
_SUM_SHARE, _SUM_UNITS = 0.005, 1.0  # what rounding may do to a sum
_COLUMNS = ("indicator", "place_code", "month", "dimension", "value", "numerator", "denominator", "bounded",
            "batch_id", "sheet", "row_number")  # fmt: skip


def measurement_flags(
    connection: Connection, places: Places, *, batch_id: int, first_month: int, last_month: int
) -> list[Flag]:
    """All flags of this module, the broadest first."""
    rows = _read(connection, batch_id, first_month, last_month)
    if rows.empty:
        return []
    mine = rows.loc[rows["batch_id"] == batch_id]
    flags = _stayed_away(rows, mine, places)
    flags += _parts_differ(rows, mine, places) + _villages_differ(rows, mine, places)
    return flags + _outside_history(rows, batch_id, places)


def _read(connection: Connection, batch_id: int, first_month: int, last_month: int) -> pd.DataFrame:
    """Current rows of the batch's indicators up to its last month, four years back; with `step` and `township`."""
    m = measurement.c
    touched = sa.select(m.indicator).where(m.batch_id == batch_id, m.superseded_by.is_(None)).distinct()
    indicators = list(connection.execute(touched).scalars())
    statement = sa.select(*(m[name] for name in _COLUMNS)).where(
        m.superseded_by.is_(None), m.indicator.in_(indicators),
        m.month.between(first_month - 100 * _YEARS_BACK, last_month),
    )  # fmt: skip
    frame = read_frame(connection, statement, _COLUMNS)
    return frame.assign(step=frame["month"].map(step_of), township=township_of(frame["place_code"].astype("str")))


def _name(indicator: str, language: str) -> str:
    known = catalogue().get(indicator)
    return known.name[language] if known else indicator


def _part(row: Any, language: str) -> str:
    """The part a row is about, in brackets; nothing for a total."""
    known = catalogue().dimensions.get(row.dimension)
    if known is None or row.value not in known.values:
        return ""
    name = known.values[row.value][language]
    return f"（{name}）" if language == "zh" else f" ({name})"


def _listed(names: Iterable[str], language: str) -> str:
    """Up to three names and how many more there are."""
    names = list(dict.fromkeys(names))
    shown, more = names[:_NAMED], len(names) - _NAMED
    if language == "zh":
        return "、".join(shown) + (f"等 {len(names)} 个" if more > 0 else "")
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _indicators(codes: Iterable[str], language: str) -> str:
    return _listed((_name(code, language) for code in codes), language)


def _heading(name: str) -> str:
    return source_form("measurements").columns[name].heading


def _stayed_away(rows: pd.DataFrame, mine: pd.DataFrame, places: Places) -> list[Flag]:
    """Places that reported each of six times before and not this time, told by township; or of the whole month when
    most stayed away."""
    shrunk: dict[int, list[tuple[str, int, int]]] = {}
    missing: list[tuple[int, str, str, str]] = []  # month, township, place, indicator
    usual: dict[tuple[str, int, str], int] = {}  # how many places of a township report an indicator
    for indicator, own in mine.groupby("indicator"):
        there = rows.loc[rows["indicator"] == indicator]
        seen = pd.crosstab(there["place_code"], there["step"]).gt(0)
        steps = list(seen.columns)
        for step in sorted(own["step"].unique()):
            position = steps.index(step)
            if position < HISTORY:
                continue
            regular = seen[steps[position - HISTORY : position]].all(axis=1) & places.standing(seen.index)
            here = township_of(seen.index.to_series())
            brought = set(own.loc[own["step"] == step, "township"])
            carried = here.isin(brought)
            if (regular & carried).sum() < _MOSTLY * regular.sum():
                regular &= carried
            away = regular & ~seen[step]
            if away.sum() > _MOSTLY * regular.sum() and regular.sum() >= _LEAST_PLACES:
                shrunk.setdefault(step, []).append((indicator, int((regular & seen[step]).sum()), int(regular.sum())))
                continue
            missing += [(step, here[code], code, indicator) for code in away.index[away]]
            for township, number in regular.groupby(here).sum().items():
                usual[indicator, step, township] = int(number)
    return [
        *(_say_shrunk(step, found, places) for step, found in sorted(shrunk.items())),
        *_say_missing(missing, usual, places),
    ]


def _say_shrunk(step: int, found: list[tuple[str, int, int]], places: Places) -> Flag:
    zh, en = say_month(step)
    indicator, now, before = found[0]
    names_zh, names_en = (_indicators((one for one, *_ in found), language) for language in ("zh", "en"))
    return Flag(
        "month_shrank",
        f"{zh}的{names_zh}指标，一半以上的单位没有报送"
        f"（如{_name(indicator, 'zh')}：平时 {before} 个单位，本月 {now} 个）；"
        "文件可能不完整，请向报送单位核实后补载。",
        f"More than half of the places did not report {names_en} for {en} (e.g. {_name(indicator, 'en')}: {now} places "
        f"instead of {before}); the file may be incomplete: ask the sender and load the rest.",
        found=f"{now}", place_code=places.root, month=month_of(step),
    )  # fmt: skip


def _say_missing(
    missing: list[tuple[int, str, str, str]], usual: dict[tuple[str, int, str], int], places: Places
) -> list[Flag]:
    flags = []
    frame = pd.DataFrame(missing, columns=["step", "township", "place", "indicator"])
    for (step, township), group in frame.groupby(["step", "township"]):
        zh, en = say_month(step)
        name = places.name(township)
        counts = group.groupby("indicator").size()
        whole = [one for one in counts.index if counts[one] == usual[one, step, township]]
        about = {"place_code": township, "month": month_of(step)}
        if whole:
            flags.append(Flag(
                "place_silent",
                f"{name}没有报送{zh}的{_indicators(whole, 'zh')}指标，此前六期都报了；请催报。",
                f"{name} did not report {_indicators(whole, 'en')} for {en} after reporting each of the six times "
                "before; ask for them.",
                found=f"{len(whole)}", **about,
            ))  # fmt: skip
        rest = group.loc[~group["indicator"].isin(whole)]
        if len(rest):
            villages = [places.name(code) for code in rest["place"].unique()]
            flags.append(Flag(
                "place_silent",
                f"{name}的{_listed(villages, 'zh')}没有报送{zh}的{_indicators(rest['indicator'], 'zh')}指标，"
                "此前六期都报了；请催报。",
                f"In {name}, {_listed(villages, 'en')} did not report {_indicators(rest['indicator'], 'en')} for {en} "
                "after reporting each of the six times before; ask for them.",
                found=f"{len(villages)}", **about,
            ))  # fmt: skip
    return flags


def _parts_differ(rows: pd.DataFrame, mine: pd.DataFrame, places: Places) -> list[Flag]:
    """Totals that are not the sum of the parts the same place reported; a part that is missing can only make the sum
    smaller."""
    key = ["indicator", "place_code", "step"]
    touched = mine[key].drop_duplicates()
    here = rows.merge(touched, on=key)
    totals = here.loc[here["dimension"] == "all"].set_index(key)
    parts = here.loc[here["dimension"] != "all"].groupby([*key, "dimension"], as_index=False).agg(
        numerator=("numerator", "sum"), denominator=("denominator", "sum"), parts=("value", "nunique")
    )  # fmt: skip
    both = parts.join(totals[["numerator", "denominator"]].add_suffix("_total"), on=key, how="inner")
    if both.empty:
        return []
    complete = both["parts"] >= both["dimension"].map(lambda name: len(dimension_words(name)))
    return _sums_differ(
        both, complete, "parts_differ", places,
        zh="{place}{month}的{indicator}：各分类{column}合计 {parts}，总数却报了 {total}；请核对后重报。",
        en="{place}, {indicator} for {month}: the parts add up to {parts} ({column}), the total reported is {total}; "
        "check and report again.",
    )  # fmt: skip


def _villages_differ(rows: pd.DataFrame, mine: pd.DataFrame, places: Places) -> list[Flag]:
    """Townships whose own figure is not the sum of what their villages reported."""
    whole = rows.loc[rows["dimension"] == "all"]
    is_township = whole["place_code"] == whole["township"]
    totals = whole.loc[is_township].set_index(["indicator", "township", "step"])[["numerator", "denominator"]]
    if totals.empty or is_township.all():
        return []
    key = ["indicator", "township", "step"]
    villages = whole.loc[~is_township].merge(mine[key].drop_duplicates(), on=key)
    sums = villages.groupby(key, as_index=False).agg(
        numerator=("numerator", "sum"), denominator=("denominator", "sum"), parts=("place_code", "nunique")
    )
    both = sums.join(totals.add_suffix("_total"), on=key, how="inner").rename(columns={"township": "place_code"})
    if both.empty:
        return []
    below = places.frame.loc[places.frame["valid_to"].isna() & (places.frame["level"] == "village"), "parent"]
    complete = both["parts"] >= both["place_code"].map(below.value_counts()).fillna(1)
    return _sums_differ(
        both, complete, "villages_differ", places,
        zh="{place}{month}的{indicator}：各村社{column}合计 {parts}，镇街却报了 {total}；请核对后重报。",
        en="{place}, {indicator} for {month}: its villages add up to {parts} ({column}), the township says {total}; "
        "check and report again.",
    )  # fmt: skip


def _sums_differ(
    both: pd.DataFrame, complete: pd.Series, reason: str, places: Places, *, zh: str, en: str
) -> list[Flag]:
    """Flags where `numerator` or `denominator` is not `…_total`; `complete` says where all parts are there."""
    flags: list[Flag] = []
    said: set[tuple[str, str, int]] = set()
    for column in ("numerator", "denominator"):
        parts, total = both[column], both[f"{column}_total"]
        slack = (total * _SUM_SHARE).clip(lower=_SUM_UNITS)
        differs = (parts - total > slack) | (complete & (total - parts > slack))
        for row in both.loc[differs].itertuples():
            about = (row.indicator, row.place_code, row.step)
            if about in said:
                continue
            said.add(about)
            figures = {"parts": getattr(row, column), "total": getattr(row, f"{column}_total")}
            facts = {name: f"{figure:,.10g}" for name, figure in figures.items()}
            facts |= {"place": places.name(row.place_code), "column": _heading(column)}
            month_zh, month_en = say_month(row.step)
            flags.append(Flag(
                reason,
                zh.format(**facts, month=month_zh, indicator=_name(row.indicator, "zh")),
                en.format(**facts, month=month_en, indicator=_name(row.indicator, "en")),
                column=_heading(column), found=facts["total"], place_code=row.place_code, month=month_of(row.step),
            ))  # fmt: skip
    return flags


def _outside_history(rows: pd.DataFrame, batch_id: int, places: Places) -> list[Flag]:
    """Values unlike the past of the same place; many of one indicator and month are one flag."""
    found = outside_history(rows, batch_id=batch_id)
    flags = []
    for (indicator, step, column), group in found.groupby(["indicator", "step", "column"], sort=False):
        zh, en = say_month(step)
        about = {"column": _heading(column), "month": month_of(step)}
        base_zh, base_en = ("的分母", ", denominator") if column == "denominator" else ("", "")
        what_zh, what_en = _name(indicator, "zh") + base_zh, _name(indicator, "en") + base_en
        if len(group) > _MANY:
            names_zh, names_en = (_listed(map(places.name, group["place_code"]), one) for one in ("zh", "en"))
            flags.append(Flag(
                "many_outside_history",
                f"{zh}有 {len(group)} 个单位的{what_zh}与以往相差很大（{names_zh}）；可能换了单位或口径，"
                "请向报送部门核实。",
                f"{what_en}: {len(group)} places ({names_en}) are far in {en} from what they reported before; the unit "
                "or the definition may have changed: ask the department.",
                place_code=places.root, **about,
            ))  # fmt: skip
            continue
        for row in group.itertuples():
            name = places.name(row.place_code)
            (found_zh, found_en), (usual_zh, usual_en) = (_written(row, figure) for figure in (row.found, row.usual))
            flags.append(Flag(
                "outside_history",
                f"{name}{zh}的{what_zh}{_part(row, 'zh')}为 {found_zh}，以往一般在 {usual_zh} 上下，相差过大；"
                "请核对有没有填错位数、单位或单位代码。",
                f"{name}: {what_en}{_part(row, 'en')} for {en} is {found_en} after values around {usual_en}; check "
                "digits, unit and place.",
                sheet=row.sheet or "", row=int(row.row_number), place_code=row.place_code,
                found=f"{row.numerator:,.10g} / {row.denominator:,.10g}", **about,
            ))  # fmt: skip
    return flags


def _written(row: Any, figure: float) -> tuple[str, str]:
    """A share, a ratio in its unit or a denominator, in both languages."""
    if row.column == "denominator":
        return (f"{figure:,.0f}",) * 2
    if row.bounded:
        return (f"{figure:.1%}",) * 2
    known = catalogue().get(row.indicator)
    text = f"{figure * (known.per if known else 1):,.3g}"
    return (text, text) if known is None else (f"{text} {known.unit.zh}", f"{text} {known.unit.en}")
