"""What was wrong with a layer of places, what cleaning did and how levels nest, as sentences in both languages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import pandas as pd

from geo.coverage_report import CleaningReport, CoverageFaults
from geo.layer_checks import name_some
from geo.nesting import Nested

REASON_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "self_intersection": ("自相交", "Polygons that cross themselves"),
    "spike": ("带有尖刺", "Polygons with a spike"),
    "duplicate_ring": ("重复画了同一个环", "Polygons with the same ring twice"),
    "hole_outside": ("孔洞画在外环之外", "Polygons with a hole outside their shell"),
    "nested": ("环互相套叠", "Polygons with rings nested in each other"),
    "disconnected": ("内部被孔洞隔断", "Polygons cut apart by a hole"),
    "collapsed": ("有环塌缩成线或点", "Polygons with a ring collapsed to a line or a point"),
    "bad_coordinate": ("含有无效坐标", "Polygons with a coordinate that is no number"),
    "other": ("不合规则", "Polygons that are invalid otherwise"),
}


class Sentence(NamedTuple):
    """One sentence in Chinese and in English."""

    zh: str
    en: str


def describe_faults(faults: CoverageFaults, names: Mapping[str, str] | None = None) -> list[Sentence]:
    """What is wrong with a layer as it is; one sentence says so where nothing is. ``names``: code -> name, put beside
    the codes."""
    said = [*_shape_faults(faults, names or {}, "", ""), *_border_faults(faults, names or {})]
    return said or [Sentence("没有发现问题。", "Nothing is wrong.")]


def describe_cleaning(report: CleaningReport, names: Mapping[str, str] | None = None) -> list[Sentence]:
    """What cleaning found and what it did, with the largest change of an area; ``names``: code -> name."""
    names, before, after, gap = names or {}, report.before, report.after, report.gap
    said = [
        Sentence(
            f"原有 {before.features} 行、{before.vertices:,} 个顶点，"
            f"整理后为 {after.places} 个地方、{after.vertices:,} 个顶点。",
            f"Rows: {before.features} with {before.vertices:,} vertices; places after cleaning: {after.places} with "
            f"{after.vertices:,} vertices.",
        ),
        *_shape_faults(before, names, "，已修复", ", mended"),
    ]
    if len(before.overlaps):
        said.append(_overlaps(before, names, "，已归入较小的一方", "; given to the smaller place"))
    bits = (
        (
            (int(before.gaps["narrow"].sum()), before.gap_area(narrow=True)),
            (f"处窄于 {gap:g} 米的缝隙", "已并入相邻的地方"),
            (f"Gaps narrower than {gap:g} m", "given to the places beside them"),
        ),
        (
            report.strips,
            (f"处通向外侧、窄于 {gap:g} 米的缝隙", "已合上"),
            (f"Gaps narrower than {gap:g} m that are open to the outside", "closed"),
        ),
        (
            report.narrowed,
            (f"处因简化或取整变得窄于 {gap:g} 米的缝隙", "已并入相邻的地方"),
            (f"Gaps that simplifying or rounding made narrower than {gap:g} m", "given to the places beside them"),
        ),
        (report.crumbs, ("块零碎", "已归入所在的地方"), ("Loose bits", "given to the places around them")),
    )
    said += [
        Sentence(
            f"{count} {zh[0]}（合计 {square_metres:,.0f} 平方米），{zh[1]}。",
            f"{en[0]}: {count} ({square_metres:,.0f} m²), {en[1]}.",
        )
        for (count, square_metres), zh, en in bits
        if count
    ]
    if report.renoded or report.decimals > 5:
        said.append(
            Sentence(
                f"取整时边界交叉，已按 {report.decimals} 位小数的格网重新切分。",
                f"Rounding made borders cross; they were cut anew on the grid of {report.decimals} decimals.",
            )
        )
    said += _border_faults(after, names, "，保留为空白", "; left empty")
    return [*said, *_largest_change(report.changes, names)]


def describe_register(differences: pd.DataFrame, names: Mapping[str, str] | None = None) -> list[Sentence]:
    """One sentence for each place of :func:`geo.coverage_report.area_against_register`; ``names``: code -> name."""
    said = []
    for row in differences.to_dict("records"):
        label, drawn, listed = _label(row["code"], names or {}), row["drawn_km2"], row["register_km2"]
        percent = f"{row['difference_percent']:+.1f}"
        said.append(
            Sentence(
                f"{label} 图上 {drawn:.2f} 平方公里，登记 {listed:.2f} 平方公里，相差 {percent}%。",
                f"{label}: {drawn:.2f} km² as drawn, {listed:.2f} km² in the register ({percent} %).",
            )
        )
    return said


def describe_nesting(nested: Nested, names: Mapping[str, str] | None = None) -> list[Sentence]:
    """Where the two layers of :func:`geo.nesting.nest` disagree and what was done; ``names``: code -> name. Nothing
    where they agree or where only one was delivered."""
    names, faults, left = names or {}, nested.faults, nested.uncovered
    wide = left[left["wide_m2"] >= 1]
    counted = [
        (faults.outside if faults else (), "个村社区有一部分在所有镇街之外", "Villages partly outside all townships"),
        (faults.straddling if faults else (), "个村社区跨两个镇街", "Villages that straddle two townships"),
        (
            faults.disagreeing if faults else (),
            "个村社区的编码与所在镇街不一致，以编码为准",
            "Villages that lie in another township than their code says; the code counts",
        ),
        (
            nested.reassigned,
            "个村社区的编码不含镇街，按位置归入",
            "Villages whose code names no township, placed by where they lie",
        ),
        (nested.undelivered, "个镇街只见于村社区的编码，未单独提供", "Townships that only the codes of villages name"),
        (nested.unplaced, "个镇街既无村社区也无自己的土地，无法画出", "Townships without villages and land, not drawn"),
    ]
    said = [_listed(codes, names, zh, en, "") for codes, zh, en in counted if codes]
    for empty, zh, en in (
        (True, "有土地不属于任何村社区，保留为空白", "with land that no village covers, left empty"),
        (False, "没有村社区，保留自己的边界", "without villages, which keep their own borders"),
    ):
        rows = wide[wide["stays_empty"] == empty]
        if len(rows):
            labels, square_metres = [_label(code, names) for code in rows["code"]], rows["wide_m2"].sum()
            said.append(
                Sentence(
                    f"{len(rows)} 个镇街{zh}（合计 {square_metres:,.0f} 平方米）：{name_some(labels, '、', ' 等')}。",
                    f"Townships {en}: {len(rows)}, {square_metres:,.0f} m² ({name_some(labels, ', ', ' and more')}).",
                )
            )
    return said


def _shape_faults(faults: CoverageFaults, names: Mapping[str, str], zh_done: str, en_done: str) -> list[Sentence]:
    counted = [
        (codes, f"个面{REASON_NAMES[reason][0]}{zh_done}", f"{REASON_NAMES[reason][1]}", en_done)
        for reason, codes in faults.invalid.items()
    ]
    counted += [
        (
            faults.not_polygons,
            f"个地方混有点或线{zh_done}",
            "Places with points or lines among their polygons",
            en_done,
        ),
        (
            faults.repeated,
            f"个编码画在多行{zh_done and '，已合并'}",
            "Codes drawn in several rows",
            en_done and ", joined",
        ),
        (
            faults.differing,
            "个编码的各行名称等信息不一致，取第一行",
            "Codes whose rows differ, in the name for one",
            "",
        ),
    ]
    return [_listed(codes, names, zh, en, done) for codes, zh, en, done in counted if codes]


def _border_faults(
    faults: CoverageFaults, names: Mapping[str, str], zh_kept: str = "", en_kept: str = ""
) -> list[Sentence]:
    said = []
    if faults.without_area:
        said.append(_listed(faults.without_area, names, "个地方没有面", "Places without a polygon", ""))
    if len(faults.overlaps):
        said.append(_overlaps(faults, names, "", ""))
    for narrow, zh, en in ((True, "窄于", "narrower than"), (False, "宽于", "wider than")):
        count, square_metres = int((faults.gaps["narrow"] == narrow).sum()), faults.gap_area(narrow=narrow)
        if count:
            said.append(
                Sentence(
                    f"{count} 处{zh} {faults.gap_width:g} 米的空隙（合计 {square_metres:,.0f} 平方米）{zh_kept}。",
                    f"Gaps {en} {faults.gap_width:g} m: {count} ({square_metres:,.0f} m²){en_kept}.",
                )
            )
    if faults.unmatched:
        zh, en = "个地方的边界与邻近地方不完全重合", "Places whose border is not exactly that of their neighbours"
        said.append(_listed(faults.unmatched, names, zh, en, ""))
    if faults.in_parts:
        said.append(_listed(faults.in_parts, names, "个地方由几块组成", "Places in several parts", ""))
    return said


def _overlaps(faults: CoverageFaults, names: Mapping[str, str], zh_done: str, en_done: str) -> Sentence:
    largest = faults.overlaps.iloc[0]
    one, other = _label(largest["code"], names), _label(largest["other"], names)
    count, all_of_them, most = len(faults.overlaps), faults.overlap_area, largest["area_m2"]
    return Sentence(
        f"{count} 对地方互相重叠（合计 {all_of_them:,.0f} 平方米），"
        f"最大的是 {one} 与 {other}（{most:,.0f} 平方米）{zh_done}。",
        f"Pairs of places that overlap: {count} ({all_of_them:,.0f} m²), most of all {one} and {other} "
        f"({most:,.0f} m²){en_done}.",
    )


def _largest_change(changes: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    known = changes.dropna(subset="change_percent")
    if known.empty:
        return []
    label, percent = _label(known["code"].iloc[0], names), f"{known['change_percent'].iloc[0]:+.2f}"
    return [
        Sentence(f"面积变化最大的是 {label}：{percent}%。", f"The largest change of an area: {label}, {percent} %.")
    ]


def _listed(codes: Collection[str], names: Mapping[str, str], zh: str, en: str, done: str) -> Sentence:
    labels = [_label(code, names) for code in dict.fromkeys(codes)]
    return Sentence(
        f"{len(codes)} {zh}：{name_some(labels, '、', ' 等')}。",
        f"{en}: {len(codes)}{done} ({name_some(labels, ', ', ' and more')}).",
    )


def _label(code: str, names: Mapping[str, str]) -> str:
    return f"{code} {names.get(code, '')}".strip()
