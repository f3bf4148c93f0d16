"""Starts the processes of jobs, bounds their memory and time, and says how those ended that could not say so.

A thread looks after the jobs while there are any. Several processes of the app may share one folder: who starts a job
holds the folder's lock, and a job belongs to no one: whoever looks finds the processes of an app that has died.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from data_access.errors import UserError
from data_access.job_folders import clean_up, folders, only_one, read_json, root, write_json
from data_access.settings import PROJECT_FOLDER, read_settings

AT_ONCE: Final = 2
READING_KINDS: Final = ("look", "look_boundaries")
SECONDS_TO_END: Final = 3.0  # between being asked to end and being made to
SECONDS_OF_SILENCE: Final = 60.0  # a process on another machine that says nothing for so long is dead
_EVERY: Final = 0.2
_CLEAN_EVERY: Final = 1_800.0
_HOST: Final = socket.gethostname()
_GUARD: Final = threading.Lock()
_CHILDREN: Final[dict[str, subprocess.Popen[bytes]]] = {}
_watching = False
_calls = 0  # how often somebody asked: one that asks while the last look is being taken must not be missed
log = logging.getLogger("governance_balance")


def wake() -> None:
    """See that queued jobs are started and running ones looked after, from now until none is left."""
    global _watching, _calls
    with _GUARD:
        _calls += 1
        if not _watching:
            _watching = True
            threading.Thread(target=_watch, name="jobs", daemon=True).start()


def keep_clean() -> None:
    """Server start: remove what is older than a day, now and every half hour, and adopt jobs that are still there.

    Says in the log when the folder of uploads cannot be used; the rest of the app works without it.
    """
    try:
        root()
    except UserError as problem:
        log.warning("%s", problem.en)
        return

    def clean() -> None:
        while True:
            clean_up()
            time.sleep(_CLEAN_EVERY)

    wake()
    threading.Thread(target=clean, name="uploads", daemon=True).start()


def _watch() -> None:
    global _watching
    try:
        while True:
            asked = _calls
            active = _advance()
            with _GUARD:
                if not active and asked == _calls:
                    _watching = False
                    return
            time.sleep(_EVERY)
    except BaseException:
        with _GUARD:
            _watching = False
        raise


def _advance() -> bool:
    """Look after every job once; whether any is left."""
    with only_one(root() / "lock"):
        waiting, running = [], []
        for folder in folders("jobs"):
            order = read_json(folder / "order.json")
            if order is None or outcome(folder) is not None:
                _reap(folder)
            elif (process := read_json(folder / "process.json")) is None:
                waiting.append((order["at"], folder, order))
            elif _look_after(folder, process):
                running.append(order)
        for _, folder, order in sorted(waiting, key=lambda one: one[0]):
            if is_stopping(folder):
                _end(folder, "cancelled", *_CANCELLED)
            elif len(running) < AT_ONCE and (_reads_only(order) or all(_reads_only(one) for one in running)):
                _start(folder)
                running.append(order)
            elif not _reads_only(order):
                running.append(order)  # those that came later and write wait behind it
        return bool(waiting or running)


def _reads_only(order: dict[str, Any]) -> bool:
    return order["kind"] in READING_KINDS


def _start(folder: Path) -> None:
    with os.fdopen(os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "data_access.job_process", str(folder)],
            cwd=PROJECT_FOLDER,
            # One pool of memory and few reserves of address space: the bound of a job is meant exactly.
            env={**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2",
                 "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    _CHILDREN[folder.name] = child
    created = 0.0  # ended already: whoever looks next says how
    with suppress(psutil.NoSuchProcess):
        created = psutil.Process(child.pid).create_time()
    write_json(folder / "process.json", {"pid": child.pid, "created": created, "host": _HOST, "at": time.time()})


def _look_after(folder: Path, process: dict[str, Any]) -> bool:
    """Bound one running job; whether it still runs."""
    found = _process(process)
    if process["host"] != _HOST:
        if time.time() - _last_sign(folder) < SECONDS_OF_SILENCE:
            return True
        _end(folder, "failed", *_lost(folder))
        return False
    if found is None:
        code = _reap(folder)
        if outcome(folder) is None:  # it may have written its result while we looked
            cancelled = is_stopping(folder) and not is_saving(folder)
            _end(folder, *(("cancelled", *_CANCELLED) if cancelled else ("failed", *_lost(folder, code))))
        return False
    settings = read_settings()
    with suppress(psutil.NoSuchProcess):
        if found.memory_info().rss > settings.job_megabytes * 2**20:
            _kill(found, folder, "failed", too_much_memory(settings.job_megabytes))
        elif time.time() - process["at"] > settings.job_minutes * 60:
            _kill(found, folder, "failed", too_long(settings.job_minutes))
        elif is_stopping(folder):
            if time.time() - (folder / "stop").stat().st_mtime > SECONDS_TO_END:
                _kill(found, folder, "cancelled", _CANCELLED)
            else:
                found.terminate()  # ignored by a process that is saving
    return True


def _kill(found: psutil.Process, folder: Path, state: str, said: tuple[str, str]) -> None:
    """End a process unless it is saving; it is held while we look, so that it cannot begin to save in between."""
    found.suspend()
    if is_saving(folder) or outcome(folder) is not None:
        found.resume()
        return
    found.kill()
    _end(folder, state, *said)


def _process(process: dict[str, Any]) -> psutil.Process | None:
    """The job's process, None when it has ended (also when its number belongs to another one by now)."""
    if process["host"] != _HOST:
        return None
    try:
        found = psutil.Process(process["pid"])
        alive = abs(found.create_time() - process["created"]) < 1.0 and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return found if alive else None


def _reap(folder: Path) -> int | None:
    """Take the exit code of a process of ours that has ended."""
    child = _CHILDREN.get(folder.name)
    code = child.poll() if child else None
    if code is not None:
        del _CHILDREN[folder.name]
    return code


def _last_sign(folder: Path) -> float:
    signs = [folder / name for name in ("process.json", "progress.json", "sign")]
    return max((sign.stat().st_mtime for sign in signs if sign.exists()), default=0.0)


def _end(folder: Path, state: str, zh: str, en: str) -> None:
    if outcome(folder) is None:
        write_json(folder / "ended.json", {"state": state, "zh": zh, "en": en})


def outcome(folder: Path) -> dict[str, Any] | None:
    """How the job ended: as it says itself, else as we saw; None while it has not."""
    own = read_json(folder / "result.json")
    return own if own is not None else read_json(folder / "ended.json")


def ask_to_stop(folder: Path) -> None:
    """Leave word that the job is to stop."""
    (folder / "stop").touch(mode=0o600)


def is_stopping(folder: Path) -> bool:
    """Whether it was told to stop."""
    return (folder / "stop").exists()


def is_saving(folder: Path) -> bool:
    """Whether its transaction is being kept this moment: then it is not stopped any more."""
    return (read_json(folder / "progress.json") or {}).get("stage") == "commit"


def jobs_before(at: int) -> int:
    """How many jobs that have not ended came before this moment (nanoseconds)."""
    orders = [
        read_json(folder / "order.json")
        for folder in folders("jobs")
        if not ((folder / "result.json").exists() or (folder / "ended.json").exists())
    ]
    return sum(order is not None and order["at"] < at for order in orders)


_CANCELLED: Final = ("已取消，数据库没有任何改动。", "Cancelled; nothing in the database was changed.")


def too_much_memory(megabytes: int) -> tuple[str, str]:
    """What is said when a job asked for more memory than it may have."""
    return (
        f"处理这个文件需要的内存超过上限（{megabytes:,} MB），已停止，数据库没有任何改动。"
        "请另存为 CSV，或按月份拆成几个文件。",
        f"The file needs more memory than a job may take ({megabytes:,} MB); it was stopped and nothing in the "
        "database was changed. Save it as CSV, or split it by month.",
    )


def too_long(minutes: int) -> tuple[str, str]:
    """What is said when a job took longer than it may."""
    return (
        f"处理时间超过上限（{minutes} 分钟），已停止，数据库没有任何改动。请按月份拆成几个文件。",
        f"It took longer than a job may ({minutes} minutes); it was stopped and nothing in the database was changed. "
        "Split the file by month.",
    )


def _lost(folder: Path, code: int | None = None) -> tuple[str, str]:
    """What is said of a process that ended without a word; the log gets the reference and the last lines."""
    reference = folder.name[:8].upper()
    tail = ""
    with suppress(OSError):
        tail = (folder / "log").read_text(encoding="utf-8", errors="replace")[-4_000:]
    log.error("Job %s ended with code %s.\n%s", reference, code, tail)
    if is_saving(folder):
        return (
            f"任务在保存时中断，请看下面的批次列表是否已有这个文件。编号 {reference}。",
            f"The job ended while it was saving; see in the list of batches whether the file is there. "
            f"Reference {reference}.",
        )
    return (
        f"任务意外中断，数据库没有任何改动。请再试一次；仍不行时，请把编号 {reference} 告诉系统管理员。",
        f"The job ended unexpectedly; nothing in the database was changed. Try again, and if it happens again give "
        f"the administrator the reference {reference}.",
    )
