"""The steward's desk: which file lies on it and how far its work has come.

Everything is read from the folders of uploads and jobs, so a reload of the page, another tab or a restart of the app
shows the same. The session remembers only which of several files was chosen.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final, Literal

from data_access import jobs
from data_access.job_folders import Upload, forget_upload, keep_upload, uploads_of
from data_access.jobs import JobState
from ui.session import Viewer

_CHOSEN: Final = "upload_chosen"
_DROPS: Final = "upload_drops"
Stage = Literal[
    "drop", "looking", "unreadable", "confirm", "checking", "check_stopped", "checked", "loading", "load_stopped",
    "loaded",
]  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """One file with the newest look, check and load of it, and the person's other files that are not yet loaded."""

    by: str
    upload: Upload | None = None
    look: JobState | None = None
    check: JobState | None = None
    load: JobState | None = None
    waiting: tuple[Desk, ...] = ()

    @property
    def recognised(self) -> bool:
        """Whether the file is known to be of some source."""
        return bool(self.look and (self.look.result or {}).get("recognitions"))

    @property
    def stage(self) -> Stage:
        """How far the file on the desk has come."""
        if self.upload is None:
            return "drop"
        if self.look is None or not self.look.ended:
            return "looking"
        if self.look.state != "done":
            return "unreadable"
        if self.load is not None:
            return "loaded" if self.load.state == "done" else "load_stopped" if self.load.ended else "loading"
        if self.check is not None:
            return "checked" if self.check.state == "done" else "check_stopped" if self.check.ended else "checking"
        return "confirm"

    @property
    def running(self) -> JobState | None:
        """The job that is queued or running."""
        return next((job for job in (self.load, self.check, self.look) if job is not None and not job.ended), None)

    @property
    def result(self) -> dict[str, Any]:
        """What the load, or else the check, found; empty before."""
        job = self.load if self.load is not None and self.load.state == "done" else self.check
        return (job.result or {}) if job is not None else {}


def who(viewer: Viewer) -> str:
    """The name under which a viewer's files, jobs and batches are kept; the same in every language."""
    return "local" if viewer.local else viewer.name


def open_desk(by: str, session: MutableMapping[str, Any]) -> Desk:
    """The file that was chosen in this session, else the newest that this person handed in; an empty desk for none."""
    kept = uploads_of(by)
    chosen = session.get(_CHOSEN)
    upload = next((one for one in kept if one.id == chosen), None)
    if upload is None and chosen != "":
        upload = kept[0] if kept else None
    others = (_desk_of(one, by) for one in kept if upload is None or one.id != upload.id)
    waiting = tuple(other for other in others if other.stage != "loaded")
    return replace(_desk_of(upload, by), waiting=waiting) if upload else Desk(by, waiting=waiting)


def _desk_of(upload: Upload, by: str) -> Desk:
    done = jobs.jobs_of(by, upload=upload.id)

    def newest(kind: str) -> JobState | None:
        return next((job for job in done if job.order.kind == kind), None)

    check, load = newest("check"), newest("load")
    if load is not None and (check is None or load.order.after != check.id):
        load = None  # it was checked again since
    return Desk(by, upload, newest("look"), check, load)


def put_on_desk(desk: Desk, name: str, content: BinaryIO, *, session: MutableMapping[str, Any]) -> None:
    """Keep a file that was dropped, and have it looked at; a loaded one makes room for it, an unloaded one waits.

    Raises UserError when the file is not taken.
    """
    session[_DROPS] = session.get(_DROPS, 0) + 1  # a new field for the next file: the old one lets go of its bytes
    upload = keep_upload(name, content, by=desk.by)
    if desk.upload is not None and desk.stage in ("loaded", "unreadable"):
        forget_upload(desk.upload)
    jobs.start_job("look", by=desk.by, path=upload.path, file_name=upload.name, upload=upload.id)
    session[_CHOSEN] = upload.id


def drop_key(session: MutableMapping[str, Any], name: str) -> str:
    """The key of the field for the next file."""
    return f"upload_{name}_{session.get(_DROPS, 0)}"


def choose_upload(number: str, *, session: MutableMapping[str, Any]) -> None:
    """Put another of the files on the desk; "" for none."""
    session[_CHOSEN] = number


def take_off_desk(desk: Desk, *, session: MutableMapping[str, Any]) -> None:
    """Remove the file on the desk; what was loaded of it stays loaded."""
    if desk.running is not None:
        jobs.cancel_job(desk.running.id, by=desk.by)
    if desk.upload is not None:
        forget_upload(desk.upload)
    session[_CHOSEN] = ""
