"""The upload page, step by step: every state a file can be in, and who may see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from data_access import job_folders, job_watch, jobs
from data_access.batches import read_batches
from data_access.engine import create_engine, writing
from tests.data_access.small_district import agree, issue_row, load, registers, write_issues
from tests.pages.conftest import PROJECT, words
from ui.texts import text

Page = Callable[..., AppTest]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Iterator[Engine]:
    """The small district with one batch of cases, where the page will work."""
    url = f"sqlite:///{tmp_path / 'district.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("UPLOAD_FOLDER", str(tmp_path / "uploads"))
    registers(url, tmp_path).dispose()
    made = create_engine(url)
    load(made, "issues", write_issues(tmp_path / "before.csv", [issue_row(number) for number in range(900, 905)]))
    yield made
    for folder in job_folders.folders("jobs"):
        job_watch.ask_to_stop(folder)
    job_watch.wake()
    until_ended()
    made.dispose()


@pytest.fixture
def page(engine: Engine) -> Page:
    """page(): the upload page as a steward who has just opened it sees it."""

    def open_one(role: str = "steward", lang: str = "zh") -> AppTest:
        app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        app.session_state["viewer_role"] = role
        app.query_params["lang"] = lang
        if role != "steward":
            app.run()  # AppTest refuses pages that are not there after a first run
        return app.switch_page("pages/manage/upload.py").run()

    return open_one


def until_ended() -> None:
    deadline = time.monotonic() + 60
    while not all(job_watch.outcome(folder) for folder in job_folders.folders("jobs")):
        assert time.monotonic() < deadline, "A job did not end."
        time.sleep(0.05)


def drop(app: AppTest, path: Path, *, name: str | None = None, field: int = 0) -> AppTest:
    """Drop a file and wait until it has been looked at."""
    app.file_uploader[field].upload(name or path.name, path.read_bytes())
    app.run()
    until_ended()
    return shown(app.run())


def press(app: AppTest, key: str, *, wait: bool = True) -> AppTest:
    """Press a button and wait for the job it started."""
    app.button(key=key).click().run()
    if wait:
        until_ended()
        app.run()
    return shown(app)


def shown(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    return app


def title(app: AppTest) -> str:
    return next(one.value for one in app.html if "gb-title" in one.value)


def has(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


def dirty(path: Path) -> Path:
    """Five cases, three of them wrong."""
    rows = [issue_row(1), issue_row(2, 诉求时间="2020年13月5日"), issue_row(3, 问题类型="说不清"),
            issue_row(4, 所属村社="无名村", 村社代码=""), issue_row(5)]  # fmt: skip
    return write_issues(path, rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_begins_with_a_field_for_a_file_and_shows_the_whole_way(page: Page, lang: str) -> None:
    app = shown(page(lang=lang))
    assert text("upload.titles.drop", lang) in title(app)
    assert len(app.file_uploader) == 1
    for step in ("drop", "look", "check", "load"):
        assert text(f"upload.{step}.title", lang) in words(app)
    assert not has(app, "upload_check")
    assert len([one for one in app.get("download_button") if one.key.startswith("template_")]) == 6


@pytest.mark.parametrize("role", ["leader", "head", "researcher"])
def test_nobody_but_a_steward_finds_the_page(page: Page, role: str) -> None:
    with pytest.raises(ValueError, match="upload"):
        page(role=role)


def test_a_dirty_file_is_checked_its_wrong_rows_are_named_and_the_others_are_loaded(
    page: Page, engine: Engine, tmp_path: Path
) -> None:
    app = drop(page(), dirty(tmp_path / "工单_3月.csv"))
    assert "这是问题工单吗" in title(app)
    assert app.selectbox[0].value == "issues" or "issues" in [box.value for box in app.selectbox]
    press(app, "upload_check")
    assert text("upload.titles.dirty", "zh", rows=2, rejected=3) in title(app)
    told = words(app)
    for said in ("2020年13月5日", "说不清", "无名村", "<td class=row>3</td>", "<td class=row>4</td>"):
        assert said in told
    assert len(read_batches(engine, source="issues")) == 1  # a check changes nothing
    press(app, "upload_load")
    assert text("upload.titles.loaded_dirty", "zh", rows=2, rejected=3) in title(app)
    newest = read_batches(engine, source="issues").iloc[0]
    assert (newest["file_name"], newest["rows_new"], newest["rows_rejected"]) == ("工单_3月.csv", 2, 3)
    assert newest["loaded_by"] == "local"
    assert agree(engine)


def test_rows_that_were_mended_come_in_when_they_are_dropped_again(page: Page, engine: Engine, tmp_path: Path) -> None:
    app = drop(page(), dirty(tmp_path / "工单.csv"))
    press(app, "upload_check")
    press(app, "upload_load")
    mended = write_issues(tmp_path / "改好.csv", [issue_row(2), issue_row(3), issue_row(4)])
    drop(app, mended)
    press(app, "upload_check")
    assert text("upload.titles.clean", "zh", rows=3) in title(app)
    press(app, "upload_load")
    assert text("upload.titles.loaded", "zh", rows=3) in title(app)
    assert agree(engine)
    press(app, "upload_next", wait=False)
    assert text("upload.titles.drop", "zh") in title(app)
    assert job_folders.folders("files") == []  # nothing of a finished file is kept


def test_a_file_that_is_no_table_gets_a_sentence_and_another_field(page: Page, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4" * 20)
    app = drop(page(), tmp_path / "a.pdf", name="../../<b>纪要</b>.pdf")
    assert text("upload.titles.unreadable", "zh") in title(app)
    assert len(app.warning) == 1
    assert len(app.file_uploader) == 1
    assert "<b>纪要" not in words(app)
    assert not has(app, "upload_check")


def test_a_file_of_no_known_kind_asks_for_its_kind(page: Page, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    app = drop(page(), tmp_path / "a.csv")
    assert text("upload.titles.unrecognised", "zh") in title(app)
    assert text("upload.look.unrecognised", "zh") in app.warning[0].value
    assert not has(app, "upload_check")


def test_a_new_heading_is_asked_about_and_never_taken_unasked(page: Page, engine: Engine, tmp_path: Path) -> None:
    path = write_issues(tmp_path / "a.csv", [issue_row(1)], encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("诉求时间", "登记的时间"), encoding="utf-8")
    app = drop(page(), path)
    assert app.button(key="upload_check").disabled
    ask = next(box for box in app.selectbox if "登记的时间" in (box.key or ""))
    ask.set_value("reported_at").run()
    assert not app.button(key="upload_check").disabled
    press(app, "upload_check")
    assert text("upload.titles.clean", "zh", rows=1) in title(app)
    press(app, "upload_load")
    path.write_text(path.read_text(encoding="utf-8").replace("G00001", "G00002"), encoding="utf-8")
    press(app, "upload_next", wait=False)
    app = drop(app, path)
    assert not app.button(key="upload_check").disabled  # remembered


def test_a_required_column_that_is_missing_is_named_before_any_check(page: Page, tmp_path: Path) -> None:
    path = write_issues(tmp_path / "a.csv", [issue_row(1)], encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("所属村社", "乙"), encoding="utf-8")
    app = drop(page(), path)
    assert "所属村社" in app.warning[0].value
    assert not has(app, "upload_check")


def test_choices_that_were_changed_after_the_check_must_be_checked_again(page: Page, tmp_path: Path) -> None:
    app = drop(page(), write_issues(tmp_path / "a.csv", [issue_row(1)]))
    press(app, "upload_check")
    assert not app.button(key="upload_load").disabled
    app.date_input[0].set_value("2020-03-09").run()
    assert app.button(key="upload_load").disabled
    press(app, "upload_check")
    assert not app.button(key="upload_load").disabled


def test_a_running_check_is_shown_survives_a_reload_and_is_stopped(page: Page, engine: Engine, tmp_path: Path) -> None:
    app = drop(page(), write_issues(tmp_path / "a.csv", [issue_row(1)]))
    with writing(engine):  # the job stands still: somebody else writes
        press(app, "upload_check", wait=False)
        assert text("upload.titles.checking", "zh") in title(app)
        assert "gb-progress" in words(app)
        reloaded = shown(page())
        assert text("upload.titles.checking", "zh") in title(reloaded)
        reloaded.button(key="upload_cancel").click().run()
        until_ended()
    reloaded.run()
    assert text("upload.titles.check_stopped", "zh") in title(shown(reloaded))
    press(reloaded, "upload_check")
    assert text("upload.titles.clean", "zh", rows=1) in title(reloaded)


def test_a_known_file_says_so(page: Page, tmp_path: Path) -> None:
    app = drop(page(), tmp_path / "before.csv")
    press(app, "upload_check")
    assert text("upload.titles.known", "zh") in title(app)
    assert not has(app, "upload_load")


def test_when_every_row_is_wrong_there_is_nothing_to_load_but_everything_to_mend(page: Page, tmp_path: Path) -> None:
    app = drop(page(), write_issues(tmp_path / "a.csv", [issue_row(1, 诉求时间="?"), issue_row(2, 诉求时间="?")]))
    press(app, "upload_check")
    assert text("upload.titles.all_wrong", "zh", rejected=2) in title(app)
    assert not has(app, "upload_load")
    assert any(button.key == "upload_download" for button in app.get("download_button"))


def test_a_second_file_lets_the_first_wait(page: Page, tmp_path: Path) -> None:
    app = drop(page(), write_issues(tmp_path / "一.csv", [issue_row(1)]))
    press(app, "upload_another", wait=False)
    assert "一.csv" in words(app)
    app = drop(app, write_issues(tmp_path / "二.csv", [issue_row(2)]))
    press(app, "upload_another", wait=False)
    waiting = [button for button in app.button if (button.key or "").startswith("resume_")]
    assert len(waiting) == 2
    waiting[1].click().run()
    assert "一.csv" in next(one.value for one in app.html if "gb-file" in one.value)


def test_a_batch_is_withdrawn_only_with_a_reason_and_a_yes(page: Page, engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "mistake.csv", [issue_row(number) for number in range(1, 6)]))
    app = page()
    key = next(one.key for one in app.dataframe if (one.key or "").startswith("batch_table"))
    app.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    number = int(read_batches(engine).iloc[0]["id"])
    assert app.button(key=f"withdraw_{number}").disabled
    app.text_input(key=f"because_{number}").set_value("误载").run()
    assert app.button(key=f"withdraw_{number}").disabled
    app.checkbox(key=f"sure_{number}").set_value(True).run()
    press(app, f"withdraw_{number}")
    newest = read_batches(engine).iloc[0]
    assert (newest["withdrawn_because"], newest["withdrawn_by"]) == ("误载", "local")
    assert text("upload.batches.withdraw_done", "zh", batch=number, gone=5, revived=0, kept=0) in words(app)
    assert agree(engine)


def test_every_version_of_a_row_can_be_looked_up(page: Page, engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "later.csv", [issue_row(900, 问题类型="投诉")]))
    app = page()
    app.text_input(key="history_key").set_value("G00900").run()
    versions = app.dataframe[-1].value
    assert list(versions[text("upload.history.file", "zh")]) == ["later.csv", "before.csv"]
    assert list(versions["问题类型"]) == ["投诉", "民生求助"]
    app.text_input(key="history_key").set_value("<script>").run()
    assert "<script>" not in words(shown(app))


def test_what_another_person_dropped_is_not_shown(page: Page, engine: Engine, tmp_path: Path) -> None:
    with write_issues(tmp_path / "a.csv", [issue_row(1)]).open("rb") as content:
        upload = job_folders.keep_upload("别人的.csv", content, by="wang@example.cn")
    jobs.start_job("look", by="wang@example.cn", path=upload.path, file_name=upload.name, upload=upload.id)
    app = shown(page())
    assert text("upload.titles.drop", "zh") in title(app)
    assert "别人的" not in words(app)
