"""Jobs: real processes that load, that are cancelled, that take too much, that are killed; and whose they are."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access import job_folders, job_watch, jobs
from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.ingestion.answers import Answers
from data_access.job_folders import UnknownJob, Upload, keep_upload, read_upload, uploads_of
from data_access.jobs import JobState, job_state, start_job, start_load, wait_for
from data_access.tables import audit_event, batch, issue
from tests.data_access.small_district import agree, issue_row, registers, write_issues

ME, OTHER = "li@example.cn", "wang@example.cn"


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of uploads of one test; its jobs have ended when the test has."""
    folder = tmp_path / "uploads"
    monkeypatch.setenv("UPLOAD_FOLDER", str(folder))
    yield folder
    for one in job_folders.folders("jobs"):
        job_watch.ask_to_stop(one)
    job_watch.wake()
    until(lambda: all(job_watch.outcome(one) for one in job_folders.folders("jobs")))


@pytest.fixture
def engine(database_url: str, tmp_path: Path, uploads: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The registers of the small district, in the database that jobs will use."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It did not come to pass."
        time.sleep(0.05)


def put_in(folder: Path, name: str = "问题工单.csv", rows: int = 3, by: str = ME, **wrong: str) -> Upload:
    """An upload of some cases; the last one with the cells of `wrong`."""
    cases = [issue_row(number) for number in range(1, rows)] + [issue_row(rows, **wrong)]
    path = write_issues(folder / "to-upload.csv", cases)
    return keep_upload(name, io.BytesIO(path.read_bytes()), by=by)


def start(kind: jobs.Kind, upload: Upload, **more: object) -> str:
    return start_job(kind, by=upload.by, path=upload.path, file_name=upload.name, upload=upload.id,
                     source="issues", **more)  # type: ignore[arg-type] # fmt: skip


def done(job: str, by: str = ME) -> JobState:
    state = wait_for(job, by=by, seconds=60)
    assert state.state == "done", (state.state, state.en, (job_folders.folder_of("jobs", job) / "log").read_text())
    return state


def batches(engine: Engine, source: str = "issues") -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(sa.select(batch.c.file_name).where(batch.c.source == source)).scalars())


@contextlib.contextmanager
def somebody_writes(engine: Engine) -> Iterator[None]:
    """Hold the lock of the only writer, so that a job stands still in the middle of its work."""
    with writing(engine):
        yield


def running(job: str) -> psutil.Process:
    """The process of a job, once it has one."""
    file = job_folders.folder_of("jobs", job) / "process.json"
    until(file.exists)
    return psutil.Process(job_folders.read_json(file)["pid"])


def test_a_file_is_recognised_checked_and_loaded_and_only_the_load_changes_anything(
    engine: Engine, tmp_path: Path
) -> None:
    upload = put_in(tmp_path, 诉求时间="2020-13-01")
    look = done(start_job("look", by=ME, path=upload.path, file_name=upload.name, upload=upload.id)).result
    assert look is not None
    assert look["recognitions"][0]["source"] == "issues"
    assert look["sources"]["issues"][0]["preview"][0][0] == "G00001"
    check = start("check", upload)
    found = done(check).result
    assert found is not None
    assert (found["rows_new"], found["rows_rejected"], found["dry_run"]) == (2, 1, True)
    assert found["groups"][0]["rows"][0]["row"] == 4
    assert jobs.job_file(check, "rejected-zh.xlsx", by=ME)
    assert batches(engine) == []
    loaded = done(start_load(check, by=ME, origin="somewhere")).result
    assert loaded is not None
    assert (loaded["rows_new"], loaded["rows_rejected"], loaded["dry_run"]) == (2, 1, False)
    assert batches(engine) == ["问题工单.csv"]
    with reading(engine) as connection:
        noted = connection.execute(sa.select(audit_event.c.who, audit_event.c.origin).order_by(audit_event.c.id.desc()))
        assert tuple(noted.first() or ()) == (ME, "somewhere")
    assert agree(engine)


def test_nothing_is_loaded_that_was_not_checked_in_the_same_way(engine: Engine, tmp_path: Path) -> None:
    upload, another = put_in(tmp_path), put_in(tmp_path, rows=2)
    with pytest.raises(UserError, match="没有检查过"):
        start("load", upload)
    check = start("check", upload)
    with pytest.raises(UserError, match="没有检查过"):  # not ended yet
        start("load", upload, after=check)
    done(check)
    with pytest.raises(UserError, match="没有检查过"):
        start("load", another, after=check)
    with pytest.raises(UserError, match="没有检查过"):
        start("load", upload, after=check, answers=Answers(headings={"备注": None}))
    assert batches(engine) == []


def test_a_cancelled_job_ends_and_leaves_nothing_and_one_that_waits_never_starts(
    engine: Engine, tmp_path: Path
) -> None:
    with somebody_writes(engine):
        first, second = start("check", put_in(tmp_path)), start("check", put_in(tmp_path, rows=4))
        process = running(first)
        waiting = job_state(second, by=ME)
        assert (waiting.state, waiting.ahead) == ("queued", 1)
        jobs.cancel_job(second, by=ME)
        jobs.cancel_job(first, by=ME)
        ended = wait_for(first, by=ME, seconds=20)
        assert ended.state == wait_for(second, by=ME, seconds=20).state == "cancelled"
        assert "没有任何改动" in ended.zh
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        assert not (job_folders.folder_of("jobs", second) / "process.json").exists()
    again = start("check", put_in(tmp_path))
    done(again)  # no lock is left
    done(start_load(again, by=ME))
    assert jobs.cancel_job(again, by=ME).state == "done"


def test_a_job_killed_in_the_middle_leaves_nothing_and_says_so_without_a_trace(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    upload = put_in(tmp_path)
    check = start("check", upload)
    done(check)
    with somebody_writes(engine):
        load = start_load(check, by=ME)
        running(load).kill()
        ended = wait_for(load, by=ME, seconds=20)
    assert ended.state == "failed"
    assert load[:8].upper() in ended.zh
    assert "Traceback" not in ended.zh + ended.en
    assert batches(engine) == []
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(issue)).scalar_one() == 0
    done(start_load(check, by=ME))
    assert agree(engine)


@pytest.mark.parametrize(("setting", "value", "said"), [("JOB_MEGABYTES", "40", "内存"), ("JOB_MINUTES", "0", "时间")])
def test_a_job_that_takes_too_much_is_ended_with_a_sentence(
    tmp_path: Path, uploads: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, said: str
) -> None:
    engine = registers(f"sqlite:///{tmp_path / 'a.db'}", tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'a.db'}")
    monkeypatch.setenv(setting, value)
    with somebody_writes(engine):
        ended = wait_for(start("check", put_in(tmp_path)), by=ME, seconds=30)
    assert ended.state == "failed"
    assert said in ended.zh
    engine.dispose()


def test_memory_asked_for_at_once_is_refused_by_the_system(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux can refuse memory")
    program = (
        "from data_access.job_process import _bound_memory\n_bound_memory(100)\n"
        "try:\n    bytearray(900 * 2**20)\nexcept MemoryError:\n    print('refused')"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "refused\n"


def test_a_look_does_not_wait_for_a_load(engine: Engine, tmp_path: Path) -> None:
    with somebody_writes(engine):
        check = start("check", put_in(tmp_path))
        running(check)
        upload = put_in(tmp_path)
        done(start_job("look", by=ME, path=upload.path, file_name=upload.name, upload=upload.id))
        assert job_state(check, by=ME).state == "running"
    done(check)


def test_a_job_that_its_app_left_behind_is_started_by_the_next(tmp_path: Path, uploads: Path) -> None:
    upload = put_in(tmp_path)
    program = (
        "import os, sys; from pathlib import Path; from data_access import job_watch, jobs\n"
        "job_watch.wake = lambda: None\n"
        "print(jobs.start_job('look', by=sys.argv[1], path=Path(sys.argv[2]), file_name='a.csv'), flush=True)\n"
        "os._exit(9)"
    )
    left = subprocess.run([sys.executable, "-c", program, ME, str(upload.path)], capture_output=True, text=True)
    job = left.stdout.strip()
    assert job_state(job, by=ME).state == "queued"
    assert wait_for(job, by=ME, seconds=30).ended


def test_a_file_that_cannot_be_read_is_refused_under_its_owners_name(engine: Engine, tmp_path: Path) -> None:
    upload = keep_upload("会议纪要.pdf", io.BytesIO(b"%PDF-1.4 " * 50), by=ME)
    ended = wait_for(start_job("look", by=ME, path=upload.path, file_name=upload.name, upload=upload.id), by=ME)
    assert ended.state == "refused"
    assert "会议纪要.pdf" in ended.zh
    assert "content" not in ended.zh + ended.en


def test_what_somebody_does_is_read_by_that_person_and_stewards_only(engine: Engine, tmp_path: Path) -> None:
    upload = put_in(tmp_path)
    job = start("check", upload)
    done(job)
    for read in (lambda: job_state(job, by=OTHER), lambda: jobs.cancel_job(job, by=OTHER),
                 lambda: jobs.job_file(job, "rejected-zh.xlsx", by=OTHER), lambda: start_load(job, by=OTHER),
                 lambda: read_upload(upload.id, by=OTHER)):  # fmt: skip
        with pytest.raises(UnknownJob):
            read()
    assert jobs.jobs_of(OTHER) == []
    assert uploads_of(OTHER) == []
    assert job_state(job, by=OTHER, steward=True).state == "done"


@pytest.mark.parametrize("number", ["", "..", "../files", "0" * 31, "G" * 32, "0" * 32, "/etc/passwd"])
def test_what_is_no_job_is_never_looked_for(uploads: Path, number: str) -> None:
    with pytest.raises(UnknownJob):
        job_state(number, by=ME, steward=True)
    with pytest.raises(UnknownJob):
        read_upload(number, by=ME, steward=True)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/问题工单.csv", "问题工单.csv"),
        ("C:\\Users\\li\\表.xlsx", "表.xlsx"),
        ("a\u202ecsv.exe\x00", "acsv.exe"),
        ("\x07", "—"),
        ("长" * 300 + ".csv", "长" * 116 + ".csv"),
    ],
)
def test_a_name_from_outside_is_text_and_never_a_path(uploads: Path, given: str, kept: str) -> None:
    upload = keep_upload(given, io.BytesIO(b"a"), by=ME)
    assert upload.name == kept
    assert upload.path.parent == uploads.resolve() / "files" / upload.id
    assert upload.path.stem == "content"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_folders_are_closed_to_everybody_else(engine: Engine, tmp_path: Path, uploads: Path) -> None:
    job = start("check", put_in(tmp_path, 诉求时间="?"))
    done(job)
    inside = [one for kind in ("files", "jobs") for one in (uploads / kind).rglob("*")]
    folders = {uploads, uploads / "files", uploads / "jobs", *(one for one in inside if one.is_dir())}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert {stat.S_IMODE(one.stat().st_mode) for one in inside if one.is_file()} == {0o600}


def test_files_that_are_empty_too_large_or_too_many_are_not_kept(
    uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_FILE_MEGABYTES", "1")
    with pytest.raises(UserError, match="空文件"):
        keep_upload("a.csv", io.BytesIO(b""), by=ME)
    with pytest.raises(UserError, match="超过 1 MB"):
        keep_upload("a.csv", io.BytesIO(b"x" * (2**20 + 1)), by=ME)
    assert job_folders.folders("files") == []
    for _ in range(job_folders.MOST_FILES_AT_LIMIT):
        keep_upload("a.csv", io.BytesIO(b"x" * 2**20), by=ME)
    with pytest.raises(UserError, match="预留空间"):
        keep_upload("a.csv", io.BytesIO(b"x"), by=ME)


def test_a_server_without_a_place_for_files_says_so(
    uploads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file stands here", encoding="utf-8")
    with monkeypatch.context() as changed:
        changed.setenv("UPLOAD_FOLDER", str(tmp_path / "taken" / "uploads"))
        with pytest.raises(UserError, match="UPLOAD_FOLDER"):
            keep_upload("a.csv", io.BytesIO(b"x"), by=ME)
        job_watch.keep_clean()  # the app starts all the same


def test_what_is_older_than_a_day_is_removed(uploads: Path) -> None:
    old, new = keep_upload("a.csv", io.BytesIO(b"x"), by=ME), keep_upload("b.csv", io.BytesIO(b"x"), by=ME)
    before = time.time() - (job_folders.KEPT_HOURS * 3600 + 60)
    os.utime(old.path.parent, (before, before))
    job_folders.clean_up()
    assert [upload.id for upload in uploads_of(ME)] == [new.id]


def test_a_job_put_in_while_the_watcher_takes_its_last_look_is_not_forgotten(
    tmp_path: Path, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []

    def advance() -> bool:
        looks.append(True)
        if len(looks) == 1:
            job_watch.wake()  # somebody puts a job in just now
        return False

    monkeypatch.setattr(job_watch, "_advance", advance)
    monkeypatch.setattr(job_watch, "_EVERY", 0.001)
    job_watch.wake()
    until(lambda: len(looks) >= 2)
