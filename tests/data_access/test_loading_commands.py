"""The intake from the command line: load, check, withdraw, history, and a watched folder."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from python_calamine import load_workbook

from data_access.__main__ import main
from data_access.engine import create_engine, reading
from data_access.job_folders import only_one
from data_access.tables import batch, issue
from data_access.watch_folder import LOADED, REFUSED, watch_folder
from tests.data_access.small_district import ESTATES, FIRMS, PLACES, issue_row, registers, write_issues, write_sheet

Run = Callable[..., int]
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """run("load", path): one command on the registers of the small district; its exit status."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("UPLOAD_FOLDER", str(tmp_path / "uploads"))
    registers(database_url, tmp_path).dispose()
    yield lambda *arguments: main([str(argument) for argument in arguments])


def cases(database_url: str) -> int:
    """How many cases are in force."""
    engine = create_engine(database_url)
    with reading(engine) as connection:
        count = connection.execute(
            sa.select(sa.func.count()).select_from(issue).where(issue.c.superseded_by.is_(None))
        ).scalar_one()
    engine.dispose()
    return int(count)


def files_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))


def dirty(path: Path) -> Path:
    return write_issues(path, [issue_row(1), issue_row(2, 诉求时间="2020-13-01"), issue_row(3)])


def test_the_source_of_a_file_is_recognised(run: Run, tmp_path: Path, database_url: str, capsys: Printed) -> None:
    assert run("load", write_issues(tmp_path / "工单.csv", [issue_row(1)])) == 0
    assert capsys.readouterr().out.startswith("批次 4：读取 1 行，新增 1")
    assert cases(database_url) == 1


def test_a_file_of_no_source_is_refused_with_what_would_be_right(run: Run, tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "别的.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    assert run("load", tmp_path / "别的.csv") == 1
    printed = capsys.readouterr()
    assert "问题工单" in printed.err
    assert printed.out == ""


def test_registers_are_loaded_before_what_rests_on_them(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    (tmp_path / "z.csv").write_text(PLACES, encoding="utf-8")
    (tmp_path / "y.csv").write_text(FIRMS, encoding="utf-8")
    estates = write_sheet(tmp_path / "x.xlsx", ESTATES)
    late = write_issues(tmp_path / "a.csv", [issue_row(1, 小区编号="X001")])
    assert main(["load", str(late), str(estates), str(tmp_path / "y.csv"), str(tmp_path / "z.csv")]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if line.endswith((".csv", ".xlsx"))] == ["z.csv", "x.xlsx", "y.csv", "a.csv"]
    assert cases(database_url) == 1


def test_one_refused_file_does_not_keep_the_others_out(
    run: Run, tmp_path: Path, database_url: str, capsys: Printed
) -> None:
    good = write_issues(tmp_path / "a.csv", [issue_row(1)])
    (tmp_path / "b.csv").write_text("", encoding="utf-8")
    assert run("load", "issues", tmp_path / "b.csv", good) == 1
    assert "b.csv" in capsys.readouterr().err
    assert cases(database_url) == 1


def test_the_exit_status_of_a_check_says_whether_every_row_can_be_taken(
    run: Run, tmp_path: Path, database_url: str, capsys: Printed
) -> None:
    clean = write_issues(tmp_path / "clean.csv", [issue_row(1)])
    assert run("check", clean) == 0
    assert capsys.readouterr().out.startswith("检查（未作改动）：读取 1 行，新增 1")
    assert run("--lang", "en", "check", "issues", dirty(tmp_path / "dirty.csv")) == 1
    assert "row 3:" in capsys.readouterr().out
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    assert run("check", tmp_path / "empty.csv") == 1
    assert run("load", "--check", clean) == 0
    assert cases(database_url) == 0


def test_headings_are_guessed_only_when_somebody_says_yes(run: Run, tmp_path: Path, capsys: Printed) -> None:
    rows = [issue_row(1)]
    write_issues(tmp_path / "a.csv", rows, encoding="utf-8")
    text = (tmp_path / "a.csv").read_text(encoding="utf-8").replace("诉求时间", "登记的时间")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert run("load", "issues", tmp_path / "a.csv") == 1
    assert "诉求时间" in capsys.readouterr().err
    assert run("load", "issues", tmp_path / "a.csv", "--yes-to-suggestions") == 0
    assert "登记的时间" in capsys.readouterr().out
    (tmp_path / "b.csv").write_text(text.replace("G00001", "G00002"), encoding="utf-8")
    assert run("load", tmp_path / "b.csv") == 0  # remembered


def test_the_day_a_file_arrived_is_kept(run: Run, tmp_path: Path, database_url: str) -> None:
    assert run("load", "--received", "2020-03-09", write_issues(tmp_path / "a.csv", [issue_row(1)])) == 0
    engine = create_engine(database_url)
    with reading(engine) as connection:
        days = connection.execute(sa.select(batch.c.received_on).where(batch.c.source == "issues")).scalars().all()
    engine.dispose()
    assert [str(day) for day in days] == ["2020-03-09"]


@pytest.mark.parametrize("call", [("load", "--received", "soon", "a.csv"), ("load", "--watch", ".", "--every", "0")])
def test_a_bad_call_ends_with_its_usage(call: tuple[str, ...], capsys: Printed) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(call))
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize(("call", "said"), [(("load",), "请写明"), (("load", "issues"), "请写明")])
def test_a_call_without_a_file_says_what_to_write(run: Run, call: tuple[str, ...], said: str, capsys: Printed) -> None:
    assert run(*call) == 1
    assert said in capsys.readouterr().err


def test_a_batch_is_withdrawn_with_a_reason_and_history_tells_of_it(
    run: Run, tmp_path: Path, database_url: str, capsys: Printed
) -> None:
    run("load", write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)]))
    run("load", write_issues(tmp_path / "b.csv", [issue_row(1, 问题类型="投诉")]))
    capsys.readouterr()
    assert run("history", "--source", "issues", "--key", "G00001") == 0
    states = re.findall(r"state=(\w+)", capsys.readouterr().out)
    assert states == ["replaced", "current"]
    assert run("withdraw", "5", "--because", "误载") == 0
    assert "1 行失效，1 行恢复原值" in capsys.readouterr().out
    assert run("history", "5") == 0
    assert "withdrawn_because: 误载" in capsys.readouterr().out
    assert run("history") == 0
    assert "b.csv" in capsys.readouterr().out
    assert run("withdraw", "5", "--because", "again") == 1
    assert run("withdraw", "99", "--because", "none such") == 1
    assert run("history", "99") == 1
    assert run("history", "--source", "issues", "--key", "nothing") == 1
    assert run("history", "--key", "G00001") == 1
    assert cases(database_url) == 2


def test_a_watched_folder_is_emptied_and_every_file_has_its_note(
    run: Run, tmp_path: Path, database_url: str, capsys: Printed
) -> None:
    folder = tmp_path / "投递"
    folder.mkdir()
    dirty(folder / "工单.csv")
    (folder / "别的.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    (folder / "坏的.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (folder / "复制中.csv.part").write_text("half", encoding="utf-8")
    (folder / "链接.csv").symlink_to(dirty(tmp_path / "elsewhere.csv"))
    assert run("load", "--watch", folder, "--once") == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line) for line in lines)
    assert files_in(folder / LOADED) == ["工单.csv", "工单.csv.txt", "工单_退回行.xlsx"]
    assert files_in(folder / REFUSED) == ["别的.csv", "别的.csv.txt", "坏的.xlsx", "坏的.xlsx.txt"]
    assert files_in(folder) == ["复制中.csv.part", "链接.csv"]
    assert "第 3 行" in (folder / LOADED / "工单.csv.txt").read_text(encoding="utf-8-sig")
    rows = load_workbook(folder / LOADED / "工单_退回行.xlsx").get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    assert "2020-13-01" in rows[1]
    assert cases(database_url) == 2


def test_the_same_file_is_never_loaded_twice_and_a_name_may_come_again(
    run: Run, tmp_path: Path, database_url: str, capsys: Printed
) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    for rows in ([issue_row(1)], [issue_row(1)], [issue_row(2)]):
        write_issues(folder / "a.csv", rows)
        assert run("load", "--watch", folder, "--once") == 0
    assert "已经载入过" in capsys.readouterr().out
    assert len([name for name in files_in(folder / LOADED) if name.endswith(".csv")]) == 3
    assert cases(database_url) == 2


def test_a_folder_is_watched_by_one_at_a_time_and_must_be_there(run: Run, tmp_path: Path, capsys: Printed) -> None:
    assert run("load", "--watch", tmp_path / "nowhere", "--once") == 1
    assert "nowhere" in capsys.readouterr().err
    with only_one(tmp_path / ".watching", wait=False) as held:
        assert held
        assert run("--lang", "en", "load", "--watch", tmp_path, "--once") == 1
    assert "already watches" in capsys.readouterr().err


def test_a_file_that_still_grows_is_left_until_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("UPLOAD_FOLDER", str(tmp_path / "uploads"))
    registers(url, tmp_path).dispose()
    folder = tmp_path / "drop"
    folder.mkdir()
    whole = write_issues(tmp_path / "whole.csv", [issue_row(number) for number in range(1, 30)]).read_bytes()
    growing = folder / "a.csv"
    growing.write_bytes(whole[:100])
    stop, said = Event(), list[str]()
    watch = Thread(
        target=watch_folder, args=(folder,),
        kwargs={"every": 0.6, "once": False, "loaded_by": "tester", "say": said.append, "stop": stop},
    )  # fmt: skip
    watch.start()
    for end in range(200, len(whole) + 100, 400):
        growing.write_bytes(whole[:end])
        time.sleep(0.2)
    growing.write_bytes(whole)
    deadline = time.monotonic() + 40
    while growing.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    stop.set()
    watch.join(timeout=20)
    assert cases(url) == 29
    assert len([line for line in said if "a.csv" in line]) == 1
