"""Two programs at once: loaders wait for each other, and readers see whole loads only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import reading, writing
from data_access.rollup_check import differences
from data_access.tables import batch, data_version, issue
from tests.data_access.small_district import issue_row, load, open_case, registers, write_issues

PROJECT = Path(__file__).resolve().parents[2]


def start_loader(url: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "data_access", "load", "issues", str(path)], cwd=PROJECT, text=True,
        env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def rows_of(engine: Engine, table: sa.Table) -> int:
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_two_loaders_at_once_leave_what_one_after_the_other_leaves(database_url: str, tmp_path: Path) -> None:
    engine = registers(database_url, tmp_path)
    versions = rows_of(engine, data_version)
    files = [
        write_issues(tmp_path / "a.csv", [issue_row(number) for number in range(800)]),
        write_issues(tmp_path / "b.csv", [open_case(number) for number in range(400, 1_200)]),
        write_issues(tmp_path / "same as b.csv", [open_case(number) for number in range(400, 1_200)]),
    ]
    loaders = [start_loader(database_url, path) for path in files]
    said = [loader.communicate(timeout=120) for loader in loaders]
    assert [loader.returncode for loader in loaders] == [0, 0, 0], said
    assert sum("已经载入过" in out for out, _ in said) == 1, said
    with reading(engine) as connection:
        assert differences(connection) == []
        current = sa.select(sa.func.count()).where(issue.c.superseded_by.is_(None))
        assert connection.execute(current).scalar_one() == 1_200
        assert connection.execute(sa.select(sa.func.count()).where(batch.c.source == "issues")).scalar_one() == 2
    assert rows_of(engine, data_version) == versions + 2
    engine.dispose()


def test_a_reader_sees_one_state_while_a_load_commits(database_url: str, tmp_path: Path) -> None:
    engine = registers(database_url, tmp_path)
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1)]))
    count = sa.select(sa.func.count()).select_from(issue)
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == 1
        load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(2)]))
        assert connection.execute(count).scalar_one() == 1
    with writing(engine) as connection:
        assert connection.execute(count).scalar_one() == 2
    engine.dispose()
