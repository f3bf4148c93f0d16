"""Commands about what was loaded: withdraw a batch, look at batches and at the history of one row."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy.engine import Engine

from data_access import schema
from data_access.batches import read_batches, read_flags, read_history, read_problems
from data_access.commands.caller import machine, user_name
from data_access.commands.sentences import say
from data_access.errors import UserError
from data_access.ingestion.source_form import LOAD_ORDER, source_form
from data_access.withdrawals import withdraw_batch

_LISTED = 20
_SPELLED_OUT = 200
_ALL = 1_000_000


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put the commands of this room on the parser."""
    withdraw = commands.add_parser("withdraw", help="take a whole batch back; what it replaced comes into force again")
    withdraw.add_argument("batch", type=int)
    withdraw.add_argument("--because", required=True, metavar="TEXT", help="the reason, kept with the batch")
    withdraw.set_defaults(run=_withdraw)
    history = commands.add_parser("history", help="the newest batches, one batch, or every version of one row")
    history.add_argument("batch", type=int, nargs="?", help="a batch: its counts, rows set aside and notes")
    history.add_argument("--source", choices=LOAD_ORDER)
    history.add_argument("--key", metavar="KEY", help="with --source: the number or code of one row")
    history.set_defaults(run=_history)


def _withdraw(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    done = withdraw_batch(engine, given.batch, by=user_name(), because=given.because, origin=machine())
    say(
        given,
        f"批次 {done.batch_id} 已撤回：{done.rows_withdrawn:,} 行失效，{done.rows_revived:,} 行恢复原值，"
        f"{done.rows_kept:,} 行因其他批次也有而保留。",
        f"Batch {done.batch_id} is withdrawn: {done.rows_withdrawn:,} rows gone, {done.rows_revived:,} back to what "
        f"they were, {done.rows_kept:,} kept because other batches brought them too.",
    )
    return 0


def _history(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    if given.key:
        if not given.source:
            raise UserError(
                zh="请同时写明数据来源，例如：history --source issues --key G00001。",
                en="Name the source as well, for example: history --source issues --key G00001.",
            )
        versions = read_history(engine, source=given.source, key=given.key)
        if versions.empty:
            say(given, f"没有编号为“{given.key}”的行。", f"There is no row '{given.key}'.")
            return 1
        _print(versions)
        return 0
    if given.batch is not None:
        return _one_batch(engine, given)
    listed = read_batches(engine, limit=_LISTED, source=given.source)
    if listed.empty:
        say(given, "还没有载入过任何文件。", "Nothing has been loaded yet.")
        return 0
    for row in listed.itertuples(index=False):
        print(_batch_line(row, given.lang))
    return 0


def _batch_line(row: Any, lang: str) -> str:
    """One batch on one line: number, when, what, which months, how many rows of which fate, by whom, how it stands."""
    zh = lang == "zh"
    months = "" if row.first_month is None else f"  {row.first_month}–{row.last_month}"
    fates = (
        f"读取 {row.rows_read:,} 新增 {row.rows_new:,} 更正 {row.rows_changed:,} 退回 {row.rows_rejected:,}" if zh else
        f"{row.rows_read:,} read, {row.rows_new:,} new, {row.rows_changed:,} corrected, {row.rows_rejected:,} set aside"
    )  # fmt: skip
    when = row.loaded_at.replace(tzinfo=dt.UTC).astimezone()  # kept in UTC, said in the time of this machine
    line = (
        f"{row.id:>6}  {when:%Y-%m-%d %H:%M}  {source_form(row.source).name[lang]}  {row.file_name}{months}  "
        f"{fates}  {row.loaded_by}"
    )
    if row.withdrawn_at is None:
        return line
    return line + (f"  已撤回：{row.withdrawn_because}" if zh else f"  withdrawn: {row.withdrawn_because}")


def _one_batch(engine: Engine, given: argparse.Namespace) -> int:
    listed = read_batches(engine, limit=_ALL)
    found = listed.loc[listed["id"] == given.batch]
    if found.empty:
        raise UserError(zh=f"没有批次 {given.batch}。", en=f"There is no batch {given.batch}.")
    for name, value in found.iloc[0].items():
        if not pd.isna(value):
            print(f"{name}: {value}")
    zh = given.lang == "zh"
    for problem in read_problems(engine, given.batch)[:_SPELLED_OUT]:
        where = f"{problem.sheet} " if problem.sheet else ""
        print(f"  {where}第 {problem.row} 行：{problem.zh}" if zh else f"  {where}row {problem.row}: {problem.en}")
    for flag in read_flags(engine, given.batch)[:_SPELLED_OUT]:
        print(f"  提示：{flag.zh}" if zh else f"  Note: {flag.en}")
    return 0


def _print(frame: pd.DataFrame) -> None:
    """A frame as lines of `column: value`, one paragraph a row, without what is empty."""
    for row in frame.to_dict("records"):
        print("  ".join(f"{name}={value}" for name, value in row.items() if not pd.isna(value)))
