"""`python -m data_access …`: create, fill, load, recount. Plain lines in a log, a progress bar on a terminal."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from data_access import schema
from data_access.boundaries import load_schematic_boundaries
from data_access.database_faults import as_user_error
from data_access.demo_data import generate
from data_access.engine import create_engine, reading, writing
from data_access.errors import UserError
from data_access.ingestion.load_batch import STAGES, LoadSummary, load_file
from data_access.ingestion.source_form import LOAD_ORDER
from data_access.releases import current_version
from data_access.rollup_check import differences
from data_access.rollups import recount_everything

DEMO_SEED = 330212
GEOGRAPHY = Path(__file__).resolve().parent / "demo_data" / "geography"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 when the person has to do something, 2 for a bad call."""
    given = _parser().parse_args(arguments)
    try:
        engine = create_engine()
        try:
            return int(given.run(engine, given))
        finally:
            engine.dispose()
    except UserError as problem:
        print(problem.in_language(given.lang), file=sys.stderr)
        return 1
    except SQLAlchemyError as problem:
        sentence = as_user_error(problem)
        if sentence is None:
            raise
        print(sentence.in_language(given.lang), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_access", description=__doc__)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of messages")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    init = commands.add_parser("init", help="create or migrate the database; fill an empty one with the demonstration")
    init.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    init.set_defaults(run=_init, scale=1.0, seed=DEMO_SEED, keep=None)
    demo = commands.add_parser("demo", help="write the demonstration district's files and load them")
    demo.add_argument("--scale", type=float, default=1.0, help="multiplies issues and visits (default 1)")
    demo.add_argument("--seed", type=int, default=DEMO_SEED)
    demo.add_argument("--keep", type=Path, metavar="DIR", help="keep the written files in DIR")
    demo.set_defaults(run=_demo)
    load = commands.add_parser("load", help="load one file of a department")
    load.add_argument("source", choices=LOAD_ORDER)
    load.add_argument("file", type=Path)
    load.add_argument("--demonstration", action="store_true", help="mark the figures as made up")
    load.set_defaults(run=_load)
    rollup = commands.add_parser("rollup", help="count everything anew, or --verify the counts against the events")
    rollup.add_argument("--verify", action="store_true")
    rollup.set_defaults(run=_rollup)
    return parser


def _init(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    if not given.no_demo and not schema.holds_data(engine):
        return _demo(engine, given)
    return 0


def _demo(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        _say(given, "正在生成演示数据文件……", "Writing the demonstration files …")
        files = generate(folder, seed=given.seed, scale=given.scale)
        label, unit = ("演示数据", "文件") if given.lang == "zh" else ("demonstration", "file")
        with tqdm(files, desc=label, unit=unit, disable=None) as bar:
            for file in bar:
                bar.set_postfix_str(file.path.name)
                load_file(engine, source=file.source, path=file.path, loaded_by="demonstration", demonstration=True)
                if file.source == "places":
                    load_schematic_boundaries(
                        engine,
                        files=[GEOGRAPHY / "townships_schematic.geojson", GEOGRAPHY / "villages_schematic.geojson"],
                        source="示意图，非测绘成果",
                        licence="随本项目发布，可自由使用",
                    )
    _say(given, "演示数据已载入。", "The demonstration district is loaded.")
    return 0


def _load(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    with tqdm(total=len(STAGES), desc=given.file.name, disable=None, leave=False) as bar:

        def progress(stage: str) -> None:
            bar.set_postfix_str(stage)
            bar.update()

        summary = load_file(
            engine,
            source=given.source,
            path=given.file,
            loaded_by=_user_name(),
            demonstration=given.demonstration,
            progress=progress,
        )
    print("\n".join(summary_lines(summary, given.lang)))
    return 0


def _user_name() -> str:
    """Who is at the keyboard; in a container the user may have a number only."""
    try:
        return getpass.getuser()[:120]
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def summary_lines(summary: LoadSummary, lang: str) -> list[str]:
    """What a load did, as lines for a person; at most twenty rejected rows are spelled out."""
    zh = lang == "zh"
    if summary.already_loaded:
        return [
            f"“{summary.file_name}”已经载入过（批次 {summary.batch_id}），未作任何改动。" if zh else
            f"'{summary.file_name}' was loaded before (batch {summary.batch_id}); nothing was changed."
        ]  # fmt: skip
    counts = (summary.rows_read, summary.rows_new, summary.rows_changed, summary.rows_unchanged, len(summary.problems))
    unit = ("项结果", "results") if summary.source == "inspections" else ("行", "rows")
    form = (
        f"批次 {{}}：读取 {{:,}} {unit[0]}，新增 {{:,}}，更正 {{:,}}，未变 {{:,}}，退回 {{:,}}。"
        if zh
        else f"Batch {{}}: {{:,}} {unit[1]} read, {{:,}} new, {{:,}} corrected, {{:,}} unchanged, {{:,}} set aside."
    )
    lines = [form.format(summary.batch_id, *counts)]
    if summary.ignored_columns:
        columns = "、".join(summary.ignored_columns)
        lines.append(f"未使用的列：{columns}" if zh else f"Columns not used: {columns}")
    if summary.unused_sheets:
        sheets = "、".join(summary.unused_sheets)
        lines.append(
            f"未使用的工作表（没有所需的表头）：{sheets}" if zh else f"Sheets not used (no such heading): {sheets}"
        )
    for problem in summary.problems[:20]:
        where = f"{problem.sheet} " if problem.sheet else ""
        lines.append(
            f"  {where}第 {problem.row} 行：{problem.zh}" if zh else f"  {where}row {problem.row}: {problem.en}"
        )
    if len(summary.problems) > 20:
        rest = len(summary.problems) - 20
        lines.append(f"  ……另有 {rest} 行。" if zh else f"  … and {rest} more.")
    return lines


def _rollup(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    if given.verify:
        with reading(engine) as connection:
            found = differences(connection)
        if not found:
            _say(given, "计数与事件逐格核对一致。", "Every count agrees with the events.")
            return 0
        for line in found[:50]:
            print(line)
        _say(given, f"共 {len(found)} 处不一致。", f"{len(found)} differences.")
        return 1
    with writing(engine) as connection:
        version = current_version(connection)
        if version is None or version.as_of is None:
            raise UserError(zh="数据库中还没有事件数据。", en="There are no events in the database yet.")
        recount_everything(connection, as_of=version.as_of)
    _say(given, "已按事件重新计数。", "Everything was counted anew.")
    return 0


def _say(given: argparse.Namespace, zh: str, en: str) -> None:
    print(zh if given.lang == "zh" else en)


if __name__ == "__main__":
    sys.exit(main())
