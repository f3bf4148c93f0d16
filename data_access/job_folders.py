"""Where uploaded files and their jobs lie: private folders, files that appear whole, nothing kept for long.

    UPLOAD_FOLDER/files/<id>/   about.json, content.<suffix>
    UPLOAD_FOLDER/jobs/<id>/    order.json, process.json, progress.json, result.json, …

The names of files and folders are made here. What a file was called outside is kept as text and never used as a path.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import secrets
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from data_access.errors import UserError
from data_access.settings import read_settings

KEPT_HOURS: Final = 24
MOST_FILES_AT_LIMIT: Final = 4  # all uploads together may be as large as this many files of the largest size
_PRIVATE: Final = 0o700
_ID: Final = re.compile(r"[0-9a-f]{32}")
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")
_PIECE: Final = 2**20
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
Kind = Literal["files", "jobs"]
Purpose = Literal["data", "boundaries"]


class UnknownJob(UserError):
    """No such job, or not one that this person may see: the same sentence for both."""

    def __init__(self) -> None:
        super().__init__(
            zh=f"找不到这项任务；上传的文件保留 {KEPT_HOURS} 小时，请重新放入文件。",
            en=f"There is no such job; uploads are kept for {KEPT_HOURS} hours, drop the file again.",
        )


@dataclass(frozen=True)
class Upload:
    """A file that was handed in: `name` is what its owner calls it, `path` where its bytes lie, `size` in bytes;
    `purpose` says on which page: "data" or "boundaries"."""

    id: str
    name: str
    path: Path
    size: int
    by: str
    at: float
    purpose: Purpose = "data"


def safe_name(name: str) -> str:
    """What a file from outside is called, fit for a screen and a database: the last part of a path, no control or
    formatting characters, at most 120 letters."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    return kept.strip()[-120:] or "—"


def keep_upload(name: str, content: BinaryIO, *, by: str, purpose: Purpose = "data") -> Upload:
    """Keep the bytes of `content` in a private folder, in pieces.

    Raises
    ------
    UserError
        When the file is empty, larger than MAX_FILE_MEGABYTES, or there is no room for it; nothing is kept then.
    """
    clean_up()
    most = read_settings().max_file_megabytes
    room = most * MOST_FILES_AT_LIMIT * 2**20 - _bytes_kept()
    number, folder = new_folder("files")
    suffix = Path(safe_name(name)).suffix.lower()
    target = folder / f"content{suffix if _SUFFIX.fullmatch(suffix) else ''}"
    size = 0
    try:
        with os.fdopen(os.open(target, _NEW, 0o600), "wb") as file:
            while piece := content.read(_PIECE):
                size += len(piece)
                _refuse_size(safe_name(name), size, most * 2**20, room)
                file.write(piece)
        if size == 0:
            raise UserError(
                zh=f"“{safe_name(name)}”是空文件；请重新导出。",
                en=f"'{safe_name(name)}' is empty; export it again.",
            )
        about = {"name": safe_name(name), "path": target.name, "size": size, "by": by, "at": time.time(),
                 "purpose": purpose}  # fmt: skip
        write_json(folder / "about.json", about)
    except OSError as problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise _no_place() from problem
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Upload(number, about["name"], target, size, by, about["at"], purpose)


def _refuse_size(name: str, size: int, most: int, room: int) -> None:
    if size > most:
        raise UserError(
            zh=f"“{name}”超过 {most // 2**20} MB；请按月份拆成几个文件。",
            en=f"'{name}' is larger than {most // 2**20} MB; split it by month.",
        )
    if size > room:
        raise UserError(
            zh="待处理的上传文件已占满预留空间；请先处理完已上传的文件，或稍后再试。",
            en="Uploads that wait have filled the space set aside; finish those first, or try again later.",
        )


def read_upload(number: str, *, by: str, steward: bool = False) -> Upload:
    """The upload with this id. Raises UnknownJob when it is gone, or somebody else's and the asker no steward."""
    folder = folder_of("files", number)
    about = read_json(folder / "about.json")
    if about is None or not (steward or about["by"] == by):
        raise UnknownJob
    return Upload(number, about["name"], folder / about["path"], about["size"], about["by"], about["at"],
                  about.get("purpose", "data"))  # fmt: skip


def uploads_of(by: str, *, purpose: Purpose = "data") -> list[Upload]:
    """Everything this person handed in on one page that is still kept, newest first."""
    found = []
    for folder in folders("files"):
        about = read_json(folder / "about.json")
        if about is not None and about["by"] == by and about.get("purpose", "data") == purpose:
            found.append(read_upload(folder.name, by=by))
    return sorted(found, key=lambda upload: -upload.at)


def forget_upload(upload: Upload) -> None:
    """Remove the file now."""
    shutil.rmtree(upload.path.parent, ignore_errors=True)


def root() -> Path:
    """The folder of uploads, private to the account the app runs under. Raises UserError when it cannot be made."""
    folder = read_settings().upload_folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    except OSError as problem:
        raise _no_place() from problem
    with suppress(OSError):
        folder.chmod(_PRIVATE)
    return folder


def _no_place() -> UserError:
    return UserError(
        zh="服务器上没有地方存放上传的文件；请告诉系统管理员检查 UPLOAD_FOLDER 所指文件夹的空间与权限。",
        en="The server has no place for uploaded files; ask the administrator to check space and permissions of the "
        "folder named by UPLOAD_FOLDER.",
    )


def new_folder(kind: Kind) -> tuple[str, Path]:
    """A new private folder and its id, which cannot be guessed."""
    number = secrets.token_hex(16)
    parent = root() / kind
    parent.mkdir(exist_ok=True, mode=_PRIVATE)
    folder = parent / number
    folder.mkdir(mode=_PRIVATE)
    return number, folder


def folder_of(kind: Kind, number: str) -> Path:
    """The folder with this id. Raises UnknownJob for anything that is not the id of one."""
    folder = root() / kind / number if _ID.fullmatch(number) else None
    if folder is None or not folder.is_dir():
        raise UnknownJob
    return folder


def folders(kind: Kind) -> list[Path]:
    """All folders of one kind."""
    parent = root() / kind
    return [one for one in parent.iterdir() if _ID.fullmatch(one.name)] if parent.is_dir() else []


def write_json(path: Path, value: Any) -> None:
    """Write a file that appears whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, _NEW, 0o600), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, default=_plain)
    os.replace(draft, path)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{value!r} cannot be written as JSON.")


def read_json(path: Path) -> Any:
    """What `write_json` wrote; None when there is nothing."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def clean_up() -> None:
    """Remove uploads and jobs older than a day. A job that still runs is left alone: its own time ends it."""
    oldest = time.time() - KEPT_HOURS * 3600
    for kind in ("files", "jobs"):
        for folder in folders(kind):
            with suppress(FileNotFoundError):
                if folder.stat().st_mtime < oldest:
                    shutil.rmtree(folder, ignore_errors=True)


def _bytes_kept() -> int:
    total = 0
    for folder in folders("files"):
        with suppress(FileNotFoundError):
            total += sum(one.stat().st_size for one in folder.glob("content*"))
    return total


@contextmanager
def only_one(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock file `path`, whichever process asks; False without waiting when `wait` is off and it is taken.

    The lock belongs to the process and ends with it.
    """
    with path.open("a+b") as file:
        if not _lock(file.fileno(), wait=wait):
            yield False
            return
        try:
            yield True
        finally:
            _unlock(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int, *, wait: bool) -> bool:
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    return False
                time.sleep(0.05)
            else:
                return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(handle: int, *, wait: bool) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
