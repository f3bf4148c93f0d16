"""Commands of the intake: load, check, and watch a folder."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import Engine
from tqdm import tqdm

from data_access import schema
from data_access.commands.caller import machine, user_name
from data_access.commands.sentences import say
from data_access.errors import UserError
from data_access.ingestion.answers import Answers
from data_access.ingestion.file_look import look_at, recognised_source
from data_access.ingestion.load_batch import load_file
from data_access.ingestion.load_summary import LoadSummary, Progress
from data_access.ingestion.source_form import LOAD_ORDER, source_form
from data_access.job_results import load_result
from data_access.load_lines import result_lines
from data_access.watch_folder import watch_folder

_STAGES = {
    "zh": {"count": "重新计数", "commit": "保存"},
    "en": {"count": "counting", "commit": "saving"},
}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put the commands of this room on the parser."""
    load = commands.add_parser(
        "load",
        help="load files of departments",
        usage="%(prog)s [SOURCE] FILE… [OPTIONS] | --watch DIR [OPTIONS]",
        description=f"SOURCE is one of {', '.join(LOAD_ORDER)}; left out, each file is recognised by its headings.",
    )
    load.add_argument("files", nargs="*", metavar="[SOURCE] FILE")
    load.add_argument("--check", action="store_true", help="only say what would happen; nothing is changed")
    load.add_argument("--demonstration", action="store_true", help="mark the figures as made up")
    load.add_argument("--watch", type=Path, metavar="DIR", help="load whatever is put into DIR, until stopped")
    load.add_argument("--every", type=_seconds, default=30.0, metavar="SECONDS", help="how often to look (default 30)")
    load.add_argument("--once", action="store_true", help="with --watch: look once, then end")
    load.set_defaults(run=_load)
    check = commands.add_parser(
        "check",
        help="say what loading would do; exit status 0 when every row can be taken, 1 otherwise",
        usage="%(prog)s [SOURCE] FILE… [OPTIONS]",
    )
    check.add_argument("files", nargs="+", metavar="[SOURCE] FILE")
    check.set_defaults(run=_load, check=True, demonstration=False, watch=None)
    for one in (load, check):
        one.add_argument("--received", type=_day, metavar="DATE", help="day the file arrived (2020-03-05)")
        one.add_argument(
            "--yes-to-suggestions",
            action="store_true",
            help="take unknown headings for the field they are most like, and remember it",
        )


def _load(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    if given.watch is not None:
        return watch_folder(
            given.watch, every=given.every, once=given.once, loaded_by=user_name(), origin=machine(),
            lang=given.lang, say=_logged, demonstration=given.demonstration,
        )  # fmt: skip
    files, failed = _ordered(engine, given)
    for source, path in files:
        try:
            summary = _load_one(engine, source, path, given)
        except UserError as problem:
            if len(given.files) <= 2 and len(files) == 1:
                raise
            print(problem.in_language(given.lang), file=sys.stderr)
            failed = True
            continue
        if len(files) > 1:
            print(path.name)
        print("\n".join(result_lines(load_result(summary), file_name=summary.file_name, lang=given.lang)))
        failed = failed or (given.check and bool(summary.problems))
    return 1 if failed else 0


def _ordered(engine: Engine, given: argparse.Namespace) -> tuple[list[tuple[str, Path]], bool]:
    """Source and file, registers first where the sources are recognised; and whether one was not recognised."""
    named, files = _split(given)
    if named:
        return [(named, path) for path in files], False
    found, failed = [], False
    for path in files:
        try:
            found.append((recognised_source(look_at(engine, path), path.name), path))
        except UserError as problem:
            if len(files) == 1:
                raise
            print(problem.in_language(given.lang), file=sys.stderr)
            failed = True
    return sorted(found, key=lambda one: LOAD_ORDER.index(one[0])), failed


def _split(given: argparse.Namespace) -> tuple[str | None, list[Path]]:
    first, *rest = given.files or [""]
    if first in LOAD_ORDER and rest:
        return first, [Path(name) for name in rest]
    if not first or (first in LOAD_ORDER and not Path(first).exists()):
        raise UserError(
            zh="请写明要载入的文件，例如：load issues 问题工单_3月.csv。",
            en="Name the file to load, for example: load issues cases_march.csv.",
        )
    if len(rest) == 1 and not Path(first).exists() and Path(rest[0]).exists() and not Path(first).suffix:
        known = "、".join(LOAD_ORDER)
        raise UserError(
            zh=f"没有名为“{first}”的数据来源；可用的是：{known}。",
            en=f"There is no source '{first}'; use one of: {', '.join(LOAD_ORDER)}.",
        )
    return None, [Path(first), *(Path(name) for name in rest)]


def _load_one(engine: Engine, source: str, path: Path, given: argparse.Namespace) -> LoadSummary:
    answers = Answers()
    if given.yes_to_suggestions:
        suggested = look_at(engine, path).suggested_headings(source)
        answers = Answers(headings=suggested)
        columns = source_form(source).columns
        for heading, field in suggested.items():
            meant = columns[field].heading if field in columns else field
            say(given, f"把“{heading}”当作“{meant}”。", f"Taking '{heading}' for '{meant}'.")
    with tqdm(total=1000, desc=path.name, disable=None, leave=False, bar_format=_BAR) as bar:
        return load_file(
            engine,
            source=source,
            path=path,
            loaded_by=user_name(),
            origin=machine(),
            demonstration=given.demonstration,
            received_on=given.received,
            answers=answers,
            dry_run=given.check,
            progress=_shown_on(bar, given.lang),
        )


_BAR = "{desc} {percentage:3.0f}% |{bar}| {postfix} {elapsed}<{remaining}"


def _shown_on(bar: tqdm, lang: str) -> Callable[[Progress], None]:
    rows_word = "行" if lang == "zh" else "rows"

    def show(step: Progress) -> None:
        stage = _STAGES[lang].get(step.stage, "")
        bar.set_postfix_str(f"{step.rows:,} {rows_word} {stage}".rstrip(), refresh=False)
        if step.share is not None:
            bar.n = round(step.share * 1000)
        bar.refresh()

    return show


def _logged(line: str) -> None:
    print(f"{dt.datetime.now():%Y-%m-%d %H:%M:%S} {line}", flush=True)


def _day(written: str) -> dt.date:
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{written!r} is no date; write it as 2020-03-05") from None


def _seconds(written: str) -> float:
    try:
        seconds = float(written)
    except ValueError:
        seconds = -1.0
    if not 0.1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{written!r} is no number of seconds from 0.1 to 86400")
    return seconds
