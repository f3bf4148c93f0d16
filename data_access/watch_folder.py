"""A folder that departments drop their files into: what is finished is loaded and put away, nightly or all the time.

A loaded file goes to `已载入`, one that cannot be loaded to `退回`, each with a `.txt` of sentences beside it and, when
rows were set aside, a workbook of those rows with the reason of each. Every file is loaded by a process of its own
(`jobs`), so that no file can end the watch.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from data_access.errors import UserError
from data_access.ingestion.file_look import unrecognised
from data_access.ingestion.source_form import LOAD_ORDER
from data_access.job_folders import only_one, safe_name
from data_access.jobs import JobState, job_file, start_job, wait_for
from data_access.load_lines import result_lines

LOADED: Final = "已载入"
REFUSED: Final = "退回"
UNFINISHED: Final = (".tmp", ".part", ".crdownload", ".filepart", ".swp")
_LOCK: Final = ".watching"
_SETTLE_SECONDS: Final = 1.0
Stamp = tuple[int, int]


def watch_folder(
    folder: Path,
    *,
    every: float,
    once: bool,
    loaded_by: str,
    say: Callable[[str], None],
    lang: str = "zh",
    origin: str = "",
    demonstration: bool = False,
    stop: threading.Event | None = None,
) -> int:
    """Look at `folder` every `every` seconds (or once) and load what is finished; 1 when a file was refused.

    A file is finished when size and time of change are the same as at the look before. Registers are loaded first.
    Sub-folders, links, hidden and half-copied files are left alone. What could not be put away is not taken again
    until it changes.

    Raises
    ------
    UserError
        When the folder is missing or cannot be written, or another process watches it.
    """
    _require(folder)
    stop = stop or threading.Event()
    with only_one(folder / _LOCK, wait=False) as alone:
        if not alone:
            raise UserError(
                zh=f"已有另一个程序在看守文件夹“{folder}”；请先停止它。",
                en=f"Another process already watches the folder '{folder}'; stop it first.",
            )
        say(f"看守 {folder}" if lang == "zh" else f"Watching {folder}")
        seen: dict[str, Stamp] = {}
        done: dict[str, Stamp] = {}
        refused = False
        with suppress(KeyboardInterrupt):
            while not stop.is_set():
                now = _stamps(folder)
                ready = [name for name, stamp in now.items() if seen.get(name) == stamp and done.get(name) != stamp]
                seen = now
                for name, look in _in_order(folder, ready, loaded_by):
                    done[name] = now[name]
                    taken = _take(folder / name, look, loaded_by=loaded_by, origin=origin, lang=lang,
                                  demonstration=demonstration, say=say)  # fmt: skip
                    refused = refused or not taken
                if once and (not set(now) - set(done) or ready):
                    break
                stop.wait(min(every, _SETTLE_SECONDS) if once or set(now) - set(done) else every)
    return 1 if refused and once else 0


def _require(folder: Path) -> None:
    try:
        if not folder.is_dir():
            raise UserError(
                zh=f"没有文件夹“{folder}”；请先建立它。", en=f"There is no folder '{folder}'; make it first."
            )
        for name in (LOADED, REFUSED):
            (folder / name).mkdir(exist_ok=True)
    except OSError as problem:
        raise UserError(
            zh=f"文件夹“{folder}”不可写；请检查权限。",
            en=f"The folder '{folder}' cannot be written; check its permissions.",
        ) from problem


def _stamps(folder: Path) -> dict[str, Stamp]:
    """Name → size and time of change of every file that may be taken."""
    found = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "~$")) or entry.name.lower().endswith(UNFINISHED):
                continue
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False):
                    about = entry.stat(follow_symlinks=False)
                    found[entry.name] = (about.st_size, about.st_mtime_ns)
    return found


def _in_order(folder: Path, names: list[str], loaded_by: str) -> list[tuple[str, JobState]]:
    """Files with the first look at each, registers first, what is recognised as nothing last."""
    looks = []
    for name in sorted(names):
        job = start_job("look", by=loaded_by, path=folder / name)
        looks.append((name, wait_for(job, by=loaded_by)))
    places = {source: place for place, source in enumerate(LOAD_ORDER)}
    return sorted(looks, key=lambda look: places.get(_source(look[1]) or "", len(places)))


def _source(look: JobState) -> str | None:
    recognitions = (look.result or {}).get("recognitions", [])
    return recognitions[0]["source"] if recognitions else None


def _take(
    path: Path,
    look: JobState,
    *,
    loaded_by: str,
    origin: str,
    lang: str,
    demonstration: bool,
    say: Callable[[str], None],
) -> bool:
    """Load one file and put it away; whether it was loaded."""
    source, name = _source(look), safe_name(path.name)
    if look.state == "done" and source is None:
        sentences, taken, job = [unrecognised(name).in_language(lang)], False, look.id
    elif look.state != "done" or source is None:
        sentences, taken, job = [look.in_language(lang)], False, look.id
    else:
        job = start_job("load", by=loaded_by, origin=origin, path=path, source=source, demonstration=demonstration)
        end = wait_for(job, by=loaded_by)
        taken = end.state == "done"
        sentences = result_lines(end.result, file_name=name, lang=lang) if end.result else [end.in_language(lang)]
    for sentence in (f"{name}: {sentences[0]}", *sentences[1:]):
        say(sentence)
    workbook = job_file(job, f"rejected-{lang}.xlsx", by=loaded_by)
    try:
        _put_away(path, LOADED if taken else REFUSED, sentences, workbook, lang)
    except OSError:
        say(f"{name}: " + ("无法移走，请检查权限。" if lang == "zh" else "cannot be moved; check permissions."))
    return taken


def _put_away(path: Path, folder: str, sentences: list[str], workbook: Path | None, lang: str) -> None:
    target = _free(path.parent / folder / path.name)
    try:
        path.rename(target)
    except FileNotFoundError:
        return  # its owner took it back
    _free(target.with_name(f"{target.name}.txt")).write_text("\n".join(sentences) + "\n", encoding="utf-8-sig")
    if workbook is not None:
        aside = "退回行" if lang == "zh" else "rejected rows"
        shutil.copyfile(workbook, _free(target.with_name(f"{target.stem}_{aside}.xlsx")))


def _free(path: Path) -> Path:
    """The path itself, or with the moment before its suffix where the name is taken."""
    if not path.exists():
        return path
    return path.with_name(f"{path.stem}_{dt.datetime.now():%Y%m%d-%H%M%S-%f}{path.suffix}")
