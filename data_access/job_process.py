"""What a job's own process runs: `python -m data_access.job_process FOLDER`. See `jobs`."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

import data_access.engine
from data_access.database_faults import as_user_error
from data_access.errors import UserError
from data_access.ingestion.answers import Answers
from data_access.ingestion.file_look import Look, look_at, recognised_source
from data_access.ingestion.load_batch import load_file
from data_access.ingestion.load_summary import LoadSummary, Progress
from data_access.ingestion.rejected_workbook import write_rejected_workbook
from data_access.ingestion.source_form import LOAD_ORDER, source_form
from data_access.job_folders import read_json, write_json
from data_access.job_results import load_result, withdraw_result
from data_access.job_watch import is_saving, too_much_memory
from data_access.jobs import Order
from data_access.settings import read_settings
from data_access.withdrawals import withdraw_batch

_SIGN_EVERY: Final = 5.0
_WRITE_EVERY: Final = 0.2
_MAPPED_MEGABYTES: Final = 512  # address space beyond memory in use: the database file's map, stacks of threads


def main(folder: Path) -> int:
    """Do the job of `folder` and write `result.json`; the exit status says whether it could be written."""
    order = Order(**{name: value for name, value in read_json(folder / "order.json").items() if name != "at"})
    settings = read_settings()
    _bound_memory(settings.job_megabytes)
    _give_signs(folder, minutes=settings.job_minutes)
    data_access.engine.SECONDS_TO_WAIT = settings.job_minutes * 60.0  # for somebody who loads from the command line
    began = time.time()
    try:
        result = {"state": "done", "result": _work(order, folder)}
    except UserError as problem:
        result = {"state": "refused", "zh": problem.zh, "en": problem.en}
    except MemoryError:
        zh, en = too_much_memory(settings.job_megabytes)
        result = {"state": "failed", "zh": zh, "en": en}
    except SQLAlchemyError as fault:
        sentence = as_user_error(fault)
        if sentence is None:
            raise
        result = {"state": "refused", "zh": sentence.zh, "en": sentence.en}
    named = _named(result, order)
    write_json(folder / "result.json", {**named, "rows": named.get("result", {}).get("rows_read", 0),
                                        "seconds": time.time() - began})  # fmt: skip
    return 0


def _work(order: Order, folder: Path) -> dict[str, Any]:
    engine = data_access.engine.create_engine()
    try:
        if order.kind == "look":
            return _look_result(look_at(engine, Path(order.path)))
        if order.kind == "withdraw":
            return withdraw_result(
                withdraw_batch(
                    engine, order.batch_id or 0, by=order.by, because=order.because, origin=order.origin
                )
            )  # fmt: skip
        if order.kind in ("look_boundaries", "bring_boundaries", "draw_boundaries"):
            return _boundaries(engine, order)
        return _load(engine, order, folder)
    finally:
        engine.dispose()


def _boundaries(engine: Engine, order: Order) -> dict[str, Any]:
    from data_access.boundary_delivery.choices import DeliveryChoices
    from data_access.boundary_delivery.delivery import bring_delivery, look_at_delivery
    from data_access.boundary_delivery.schematic import bring_schematic

    if order.kind == "draw_boundaries":
        within = int(order.choices) if order.choices else None
        return bring_schematic(engine, within=within, by=order.by, at=order.origin)
    choices = DeliveryChoices.from_json(order.choices) if order.choices else DeliveryChoices()
    if order.kind == "look_boundaries":
        return look_at_delivery(engine, Path(order.path), encoding=choices.encoding)
    return bring_delivery(
        engine, Path(order.path), choices, by=order.by, file_name=order.file_name, at=order.origin
    )  # fmt: skip


def _load(engine: Engine, order: Order, folder: Path) -> dict[str, Any]:
    path = Path(order.path)
    answers = Answers.from_json(order.answers) if order.answers else Answers()
    source = order.source or recognised_source(look_at(engine, path), order.file_name)
    summary = load_file(
        engine,
        source=source,
        path=path,
        file_name=order.file_name,
        loaded_by=order.by,
        origin=order.origin,
        demonstration=order.demonstration,
        received_on=dt.date.fromisoformat(order.received_on) if order.received_on else None,
        answers=answers,
        dry_run=order.kind == "check",
        progress=_Reporter(folder, saves=order.kind == "load"),
    )
    return load_result(summary) | {"files": _write_rejected(summary, folder)}


def _write_rejected(summary: LoadSummary, folder: Path) -> list[str]:
    if not summary.problems:
        return []
    names = []
    for lang in ("zh", "en"):
        name = f"rejected-{lang}.xlsx"
        write_rejected_workbook(
            folder / name, problems=summary.problems, form=source_form(summary.source), headings=summary.headings,
            lang=lang,
        )  # fmt: skip
        (folder / name).chmod(0o600)
        names.append(name)
    return names


def _look_result(look: Look) -> dict[str, Any]:
    sources = {}
    for source in (source for source in LOAD_ORDER if source in look.matches):
        tables = [
            asdict(match) | {"unknown": {str(at): name for at, name in match.unknown.items()},
                             "preview": look.preview(match)}
            for match in look.matches[source]
        ]  # fmt: skip
        sources[source] = tables
    used = {match.sheet for matches in look.matches.values() for match in matches}
    return {
        "recognitions": [asdict(one) for one in look.recognitions],
        "sources": sources,
        "sheets": list(look.heads),
        "first_rows": {sheet: rows[:3] for sheet, rows in look.heads.items() if sheet not in used},
    }


def _named(result: dict[str, Any], order: Order) -> dict[str, Any]:
    """The result with the file called as its owner calls it wherever a sentence has the name of our copy."""
    ours = Path(order.path).name
    if not order.upload or not ours or ours == order.file_name:
        return result
    return {
        name: value.replace(ours, order.file_name) if name in ("zh", "en") else value
        for name, value in result.items()
    }  # fmt: skip


class _Reporter:
    """Writes how far the load is, five times a second at most; before the transaction is kept, always."""

    def __init__(self, folder: Path, *, saves: bool) -> None:
        self._path = folder / "progress.json"
        self._saves = saves
        self._stage = ""
        self._next = 0.0
        self._began = time.time()

    def __call__(self, step: Progress) -> None:
        stage = "count" if step.stage == "commit" and not self._saves else step.stage
        if stage == "commit":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # from here on the load is kept
        now = time.monotonic()
        if stage == self._stage and now < self._next:
            return
        self._stage, self._next = stage, now + _WRITE_EVERY
        write_json(self._path, {"stage": stage, "share": step.share, "rows": step.rows, "began": self._began})


def _bound_memory(megabytes: int) -> None:
    """Refuse memory beyond the bound, where the system can: a MemoryError then becomes a sentence.

    Windows and macOS cannot; there `job_watch` alone watches.
    """
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + (megabytes + _MAPPED_MEGABYTES) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    os.nice(5)  # readers come first


def _give_signs(folder: Path, *, minutes: int) -> None:
    """Leave a sign of life every few seconds, for an app on another machine that shares the folder; end with the time
    that a job may take, also when the app that would see to it has died."""
    last = time.monotonic() + minutes * 60 + _SIGN_EVERY

    def give() -> None:
        while time.monotonic() < last or is_saving(folder):
            with contextlib.suppress(OSError):
                (folder / "sign").touch(mode=0o600)
            time.sleep(_SIGN_EVERY)
        os._exit(75)

    threading.Thread(target=give, name="sign", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
