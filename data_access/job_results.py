"""What a job found, as plain values for a file: bounded, so that no result is too large for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from data_access.ingestion.load_summary import LoadSummary
from data_access.ingestion.problems import Problem
from data_access.withdrawals import WithdrawSummary

MOST_ROWS: Final = 50  # of one group of problems; the workbook of rejected rows has all
MOST_FLAGS: Final = 200
MOST_ASKS: Final = 100
MOST_NAMES: Final = 100


def load_result(summary: LoadSummary) -> dict[str, Any]:
    """A load or a check.

    `groups` are the problems by reason and column, most frequent first, with the first fifty rows each; `flags` the
    first two hundred; `asks` the first hundred names of villages somebody has to decide.
    """
    counts = ("rows_read", "rows_new", "rows_changed", "rows_unchanged", "rows_late", "totals_skipped")
    return {
        "source": summary.source,
        "already_loaded": summary.already_loaded,
        "dry_run": summary.dry_run,
        "batch_id": summary.batch_id,
        **{name: getattr(summary, name) for name in counts},
        "rows_rejected": len(summary.problems),
        "first_month": summary.first_month,
        "last_month": summary.last_month,
        "ignored_columns": list(summary.ignored_columns)[:MOST_NAMES],
        "unused_sheets": list(summary.unused_sheets)[:MOST_NAMES],
        "groups": groups(summary.problems),
        "flags": [asdict(flag) for flag in summary.flags[:MOST_FLAGS]],
        "flags_count": len(summary.flags),
        "asks": [asdict(ask) for ask in summary.asks[:MOST_ASKS]],
        "asks_count": len(summary.asks),
        "suggestions": [asdict(one) for one in summary.suggestions],
        "headline": [asdict(change) for change in summary.headline],
        "version": summary.version.number if summary.version else None,
    }


def groups(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems by reason and column, most frequent first."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.reason, problem.column), []).append(problem)
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    return [
        {
            "reason": reason,
            "column": column,
            "count": len(ones),
            "rows": [
                {"sheet": one.sheet, "row": one.row, "found": one.found, "zh": one.zh, "en": one.en}
                for one in ones[:MOST_ROWS]
            ],
        }
        for (reason, column), ones in ordered
    ]


def withdraw_result(summary: WithdrawSummary) -> dict[str, Any]:
    """A withdrawal."""
    counts = ("batch_id", "source", "file_name", "rows_withdrawn", "rows_revived", "rows_kept")
    return {name: getattr(summary, name) for name in counts} | {
        "headline": [asdict(change) for change in summary.headline]
    }
