"""What a load, a check or a withdrawal did (`job_results`), as lines for a person at a terminal, in a log or a note."""

from __future__ import annotations

from typing import Any

from data_access.ingestion.file_look import field_heading
from data_access.ingestion.source_form import source_form

SPELLED_OUT = 20


def result_lines(result: dict[str, Any], *, file_name: str, lang: str) -> list[str]:
    """What a load or a check did; at most twenty rejected rows and twenty notes are spelled out."""
    if result["already_loaded"]:
        batch = result["batch_id"]
        return [
            f"“{file_name}”已经载入过（批次 {batch}），未作任何改动。"
            if lang == "zh"
            else f"'{file_name}' was loaded before (batch {batch}); nothing was changed."
        ]
    lines = [_counts_line(result, lang), *_left_out_lines(result, lang)]
    rows = [row for group in result["groups"] for row in group["rows"]]
    for row in sorted(rows, key=lambda row: (row["sheet"], row["row"]))[:SPELLED_OUT]:
        where = f"{row['sheet']} " if row["sheet"] else ""
        lines.append(
            f"  {where}第 {row['row']} 行：{row['zh']}" if lang == "zh" else f"  {where}row {row['row']}: {row['en']}"
        )
    lines += _rest(result["rows_rejected"], "行", "", lang)
    for flag in result["flags"][:SPELLED_OUT]:
        lines.append(f"  提示：{flag['zh']}" if lang == "zh" else f"  Note: {flag['en']}")
    return lines + _rest(result["flags_count"], "条提示", " notes", lang)


def _counts_line(result: dict[str, Any], lang: str) -> str:
    zh = lang == "zh"
    names = ("rows_read", "rows_new", "rows_changed", "rows_unchanged", "rows_rejected")
    counts = [result[name] for name in names]
    unit = ("项结果", "results") if result["source"] == "inspections" else ("行", "rows")
    if result["dry_run"]:
        begin = "检查（未作改动）" if zh else "Checked (nothing was changed)"
    else:
        begin = f"批次 {result['batch_id']}" if zh else f"Batch {result['batch_id']}"
    late = result["rows_late"]
    if zh:
        parts = "读取 {:,} " + unit[0] + "，新增 {:,}，更正 {:,}，未变 {:,}，退回 {:,}"
        return f"{begin}：{parts.format(*counts)}{f'，晚到的旧版本 {late:,}' if late else ''}。"
    parts = "{:,} " + unit[1] + " read, {:,} new, {:,} corrected, {:,} unchanged, {:,} set aside"
    return f"{begin}: {parts.format(*counts)}{f', {late:,} older than what is known' if late else ''}."


def _left_out_lines(result: dict[str, Any], lang: str) -> list[str]:
    zh = lang == "zh"
    lines = []
    if result["ignored_columns"]:
        columns = "、".join(result["ignored_columns"])
        lines.append(f"未使用的列：{columns}" if zh else f"Columns not used: {columns}")
    form = source_form(result["source"])
    for one in result["suggestions"]:
        field = field_heading(form, one["field"])
        lines.append(
            f"  “{one['heading']}”像是“{field}”；确认无误后加 --yes-to-suggestions 再载入。"
            if zh
            else f"  '{one['heading']}' looks like '{field}'; if it is, load again with --yes-to-suggestions."
        )
    if result["unused_sheets"]:
        sheets = "、".join(result["unused_sheets"])
        lines.append(
            f"未使用的工作表（没有所需的表头）：{sheets}" if zh else f"Sheets not used (no such heading): {sheets}"
        )
    if result["totals_skipped"]:
        skipped = result["totals_skipped"]
        lines.append(
            f"跳过合计行与重复表头 {skipped} 行" if zh else f"Rows of totals and repeated headings left out: {skipped}"
        )
    return lines


def _rest(count: int, zh: str, en: str, lang: str) -> list[str]:
    if count <= SPELLED_OUT:
        return []
    return [f"  ……另有 {count - SPELLED_OUT} {zh}。" if lang == "zh" else f"  … and {count - SPELLED_OUT} more{en}."]
