"""Work on files in processes of its own: looking at one, checking, loading, withdrawing a batch.

Nothing a file holds can take the app down: a job has its own process, bounded in memory and time, and a load is one
transaction, so that a process that is ended leaves nothing behind. At most two jobs run at once, one of them writing;
the others wait in the order they came. Everything about a job stands in its private folder (`job_folders`), so the
page may be reloaded and the app restarted. `job_watch` starts and ends the processes, `job_process` is what they run.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from data_access import job_watch
from data_access.errors import UserError
from data_access.ingestion.answers import Answers
from data_access.job_folders import UnknownJob, folder_of, folders, new_folder, read_json, write_json

Kind = Literal["look", "check", "load", "withdraw", "look_boundaries", "bring_boundaries", "draw_boundaries"]
State = Literal["queued", "running", "done", "refused", "failed", "cancelled"]
ENDED: Final = ("done", "refused", "failed", "cancelled")
_WAIT_SECONDS: Final = 3.0  # a job this young gives no remaining time yet
_LEAST_SHARE: Final = 0.03


@dataclass(frozen=True)
class Order:
    """What a job is to do.

    Attributes
    ----------
    kind
        "look" recognises a file, "check" loads it and undoes everything, "load" loads it, "withdraw" a batch;
        "look_boundaries" recognises a delivery of boundaries, "bring_boundaries" puts its layer on record, waiting;
        "draw_boundaries" does so with a schematic layer drawn from the register.
    by, origin
        Who asked and from where; kept in the batch and the audit.
    path, file_name
        Where the file lies and what its owner calls it ("" for a withdrawal).
    source
        The source; None lets the job recognise it.
    upload
        Id of the upload the file came with, "" when it lies elsewhere.
    after
        For the load of an upload: the job that checked it. Source, answers and day must be the same.
    received_on
        The day the file reached the district; None for the day of the load.
    batch_id, because
        For a withdrawal: which batch, and why.
    choices
        For a delivery of boundaries: what was decided, as :meth:`DeliveryChoices.to_json` writes it; "" for nothing
        yet. For a schematic layer: the number of the layer whose townships are kept, "" for none.
    """

    kind: Kind
    by: str
    origin: str = ""
    path: str = ""
    file_name: str = ""
    source: str | None = None
    upload: str = ""
    after: str = ""
    answers: str = ""
    received_on: str | None = None
    demonstration: bool = False
    batch_id: int | None = None
    because: str = ""
    choices: str = ""


@dataclass(frozen=True)
class JobState:
    """How far a job has come.

    Attributes
    ----------
    stage, share, rows
        Stage of the load ("" before it begins), share 0..1 of the file (None when unknown), rows read so far.
    ahead
        While queued: how many jobs are before it.
    elapsed_seconds, remaining_seconds
        Since the process started; the rest as it looks from the share (None when that says nothing).
    stopping
        Whether it was told to stop and has not yet ended.
    zh, en
        Why it was refused, failed or cancelled; "" otherwise.
    result
        What it found or did, once done; see `job_results`.
    """

    id: str
    order: Order
    state: State
    stage: str = ""
    share: float | None = None
    rows: int = 0
    ahead: int = 0
    elapsed_seconds: float = 0.0
    remaining_seconds: float | None = None
    stopping: bool = False
    zh: str = ""
    en: str = ""
    result: dict[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ENDED

    @property
    def answers(self) -> Answers:
        """The confirmed meanings it was given."""
        return Answers.from_json(self.order.answers) if self.order.answers else Answers()

    def in_language(self, lang: str) -> str:
        """Why it was refused, failed or cancelled."""
        return self.en if lang == "en" else self.zh


def start_job(
    kind: Kind,
    *,
    by: str,
    path: Path | None = None,
    file_name: str = "",
    source: str | None = None,
    upload: str = "",
    after: str = "",
    answers: Answers | None = None,
    received_on: dt.date | None = None,
    demonstration: bool = False,
    batch_id: int | None = None,
    because: str = "",
    origin: str = "",
    choices: str = "",
) -> str:
    """Put a job in the queue and see that it is started; its id. Arguments: see `Order`.

    Raises
    ------
    UserError
        When an upload is to be loaded that was not checked before, by this person, in the same way.
    """
    order = Order(
        kind=kind, by=by, origin=origin, path=str(path or ""), file_name=file_name or (path.name if path else ""),
        source=source, upload=upload, after=after, answers=(answers or Answers()).to_json(),
        received_on=received_on.isoformat() if received_on else None, demonstration=demonstration,
        batch_id=batch_id, because=because, choices=choices,
    )  # fmt: skip
    if kind == "load" and upload:
        _require_check(order)
    number, folder = new_folder("jobs")
    write_json(folder / "order.json", asdict(order) | {"at": time.time_ns()})
    job_watch.wake()
    return number


def start_load(check: str, *, by: str, origin: str = "", steward: bool = False) -> str:
    """Load what the job `check` has checked, with the same source, answers and day; the id of the new job."""
    checked = job_state(check, by=by, steward=steward)
    order = checked.order
    day = dt.date.fromisoformat(order.received_on) if order.received_on else None
    return start_job("load", by=by, origin=origin, path=Path(order.path), file_name=order.file_name,
                     source=order.source, upload=order.upload, after=check, answers=checked.answers,
                     received_on=day)  # fmt: skip


def _require_check(order: Order) -> None:
    refused = UserError(
        zh="这个文件还没有检查过；请先检查，再正式载入。",
        en="This file has not been checked yet; check it before loading.",
    )
    if not order.after:
        raise refused
    checked = _state(order.after)
    same = ("upload", "path", "source", "answers", "received_on")
    if checked.order.kind != "check" or checked.state != "done":
        raise refused
    if any(getattr(checked.order, name) != getattr(order, name) for name in same):
        raise refused


def job_state(number: str, *, by: str, steward: bool = False) -> JobState:
    """How far a job has come. Raises UnknownJob when it is gone, or somebody else's and the asker no steward."""
    state = _state(number)
    if not (steward or state.order.by == by):
        raise UnknownJob
    return state


def jobs_of(by: str, *, upload: str | None = None) -> list[JobState]:
    """This person's jobs (on one upload), newest first."""
    found = []
    for folder in folders("jobs"):
        given = read_json(folder / "order.json")
        if given and given["by"] == by and (upload is None or given["upload"] == upload):
            found.append((given["at"], folder.name))
    return [_state(number) for _, number in sorted(found, reverse=True)]


def cancel_job(number: str, *, by: str, steward: bool = False) -> JobState:
    """Stop a job: a queued one never starts; a running one is asked to end and, after three seconds, made to.

    What is already being saved is not stopped; the state then says that it is done. Nothing happens to an ended job.
    """
    state = job_state(number, by=by, steward=steward)
    if not state.ended:
        job_watch.ask_to_stop(folder_of("jobs", number))
        job_watch.wake()
    return job_state(number, by=by, steward=steward)


def wait_for(number: str, *, by: str, seconds: float = 86_400.0, every: float = 0.1) -> JobState:
    """The state at the end of the job; what it is after `seconds` otherwise."""
    deadline = time.monotonic() + seconds
    while not (state := job_state(number, by=by)).ended and time.monotonic() < deadline:
        time.sleep(every)
    return state


def job_file(number: str, name: str, *, by: str, steward: bool = False) -> Path | None:
    """A file that the job wrote for people ("rejected-zh.xlsx"); None when it wrote none."""
    state = job_state(number, by=by, steward=steward)
    if name not in (state.result or {}).get("files", ()):
        return None
    path = folder_of("jobs", number) / name
    return path if path.is_file() else None


def _state(number: str) -> JobState:
    folder = folder_of("jobs", number)
    given = read_json(folder / "order.json")
    if given is None:
        raise UnknownJob
    order = Order(**{name: value for name, value in given.items() if name != "at"})
    running = read_json(folder / "process.json")
    ended = job_watch.outcome(folder)
    if ended is not None:
        return JobState(
            number, order, ended["state"], rows=ended.get("rows", 0), elapsed_seconds=ended.get("seconds", 0.0),
            zh=ended.get("zh", ""), en=ended.get("en", ""), result=ended.get("result"),
        )  # fmt: skip
    stopping = job_watch.is_stopping(folder)
    if running is None:
        job_watch.wake()
        return JobState(number, order, "queued", ahead=job_watch.jobs_before(given["at"]), stopping=stopping)
    progress = read_json(folder / "progress.json") or {}
    elapsed = max(0.0, time.time() - running["at"])
    share = progress.get("share")
    remaining = None
    if share is not None and share >= _LEAST_SHARE and elapsed >= _WAIT_SECONDS and progress.get("stage") == "rows":
        since = max(0.0, time.time() - progress.get("began", running["at"]))
        remaining = since * (1 - share) / share
    return JobState(
        number, order, "running", stage=progress.get("stage", ""), share=share, rows=progress.get("rows", 0),
        elapsed_seconds=elapsed, remaining_seconds=remaining, stopping=stopping,
    )  # fmt: skip
