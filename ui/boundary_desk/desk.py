"""Which delivery lies on the desk, and how far its work has come: read from the folders of uploads and jobs."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Literal

from data_access import jobs
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.job_folders import Upload, forget_upload, keep_upload, uploads_of
from data_access.jobs import JobState

_DROPS: Final = "boundary_drops"
Stage = Literal["drop", "looking", "unreadable", "choose", "bringing", "brought", "stopped"]


@dataclass(frozen=True)
class Desk:
    """The delivery with the newest look at it and the newest bringing."""

    by: str
    upload: Upload | None = None
    look: JobState | None = None
    bring: JobState | None = None

    @property
    def stage(self) -> Stage:
        """How far the delivery has come."""
        if self.upload is None:
            return "drop"
        if self.look is None or not self.look.ended:
            return "looking"
        if self.look.state != "done":
            return "unreadable"
        if self.bring is None:
            return "choose"
        if not self.bring.ended:
            return "bringing"
        return "brought" if self.bring.state == "done" else "stopped"

    @property
    def layers(self) -> list[dict[str, Any]]:
        """What the look found, layer by layer."""
        return list((self.look.result or {}).get("layers", [])) if self.look else []

    @property
    def layer(self) -> int | None:
        """The number of the layer that was brought."""
        return (self.bring.result or {}).get("layer") if self.bring and self.bring.state == "done" else None


def open_desk(by: str) -> Desk:
    """The newest delivery this person put in; an empty desk for none."""
    kept = uploads_of(by, purpose="boundaries")
    if not kept:
        return Desk(by)
    done = jobs.jobs_of(by, upload=kept[0].id)

    def newest(kind: str) -> JobState | None:
        return next((job for job in done if job.order.kind == kind), None)

    return Desk(by, kept[0], newest("look_boundaries"), newest("bring_boundaries"))


def put_on_desk(name: str, content: BinaryIO, *, by: str, origin: str, session: MutableMapping[str, Any]) -> None:
    """Keep a delivery that was dropped, and have it looked at; an earlier one is forgotten.

    Raises UserError when the file is not taken.
    """
    session[_DROPS] = session.get(_DROPS, 0) + 1
    upload = keep_upload(name, content, by=by, purpose="boundaries")
    for earlier in uploads_of(by, purpose="boundaries"):
        if earlier.id != upload.id:
            forget_upload(earlier)
    jobs.start_job("look_boundaries", by=by, path=upload.path, file_name=upload.name, upload=upload.id, origin=origin)


def drop_key(session: MutableMapping[str, Any]) -> str:
    """The key of the field for the next file."""
    return f"boundary_drop_{session.get(_DROPS, 0)}"


def bring(desk: Desk, choices: DeliveryChoices, *, origin: str) -> None:
    """Have the delivery brought with these choices. Raises UserError for choices that cannot be followed."""
    choices.check()
    if desk.upload is None:
        raise ValueError("there is no delivery on the desk.")
    jobs.start_job("bring_boundaries", by=desk.by, path=desk.upload.path, file_name=desk.upload.name,
                   upload=desk.upload.id, origin=origin, choices=choices.to_json())  # fmt: skip


def clear_desk(desk: Desk) -> None:
    """Forget the delivery; a layer that was brought stays as it is."""
    for job in (desk.bring, desk.look):
        if job is not None and not job.ended:
            jobs.cancel_job(job.id, by=desk.by)
    if desk.upload is not None:
        forget_upload(desk.upload)
