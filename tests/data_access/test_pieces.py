"""A file read in pieces: what stands twice, what is older than what is known, and a check that changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.batches import read_history
from data_access.engine import reading
from data_access.errors import UserError
from data_access.ingestion import load_batch
from data_access.ingestion.answers import Answers
from data_access.ingestion.load_batch import load_file
from data_access.tables import batch, heading_answer, issue, metadata, name_alias
from tests.data_access.small_district import ISSUE_COLUMNS, agree, counted, issue_row, load, registers, write_issues

DISTRICT = "330212"


@pytest.fixture
def engine(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    monkeypatch.setattr(load_batch, "_USUAL_PIECE", 2)
    yield made
    made.dispose()


def dated(path: Path, rows: list[dict[str, str]]) -> Path:
    """A case export with a column 更新时间; rows bear it under that key."""
    heading = [*ISSUE_COLUMNS, "更新时间"]
    lines = [",".join(heading), *(",".join(row.get(name, "") for name in heading) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def stored(engine: Engine) -> dict[str, list]:
    with reading(engine) as connection:
        return {
            name: sorted(map(repr, connection.execute(sa.select(table)))) for name, table in metadata.tables.items()
        }


def test_of_rows_that_stand_twice_far_apart_the_last_one_counts(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(7, 是否满意="否")]))
    rows = [issue_row(1), issue_row(2), issue_row(7), issue_row(3), issue_row(1, 是否满意="否"), issue_row(4),
            issue_row(7, 是否满意="否")]  # fmt: skip
    done = load(engine, "issues", write_issues(tmp_path / "b.csv", rows))
    assert (done.rows_new, done.rows_changed, done.rows_unchanged) == (4, 0, 1)
    assert [(one.row, one.reason) for one in done.problems] == [(2, "duplicate"), (4, "duplicate")]
    assert counted(engine, DISTRICT)["all"]["reported"] == 5
    assert counted(engine, DISTRICT)["all"]["satisfied"] == 3 and agree(engine)


def test_an_older_state_that_arrives_later_goes_into_history(engine: Engine, tmp_path: Path) -> None:
    newer = issue_row(1, 更新时间="2020-02-08 10:00")
    older = issue_row(1, 更新时间="2020-02-07 10:00", 是否满意="否")
    load(engine, "issues", dated(tmp_path / "a.csv", [newer]))
    late = load(engine, "issues", dated(tmp_path / "b.csv", [older]))
    assert (late.rows_late, late.rows_changed, late.rows_unchanged) == (1, 0, 1)
    assert counted(engine, DISTRICT)["all"]["satisfied"] == 1 and agree(engine)
    assert read_history(engine, source="issues", key="G00001")["state"].tolist() == ["current", "replaced"]
    again = load(engine, "issues", dated(tmp_path / "c.csv", [older, issue_row(2)]))
    assert (again.rows_late, again.rows_new, again.rows_unchanged) == (0, 1, 1)


def test_a_check_says_what_a_load_would_do_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)]))
    before = stored(engine)
    path = write_issues(tmp_path / "b.csv", [issue_row(1, 是否满意="否"), issue_row(3), issue_row(4, 渠道来源="鸽子")])
    checked = load_file(engine, source="issues", path=path, loaded_by="tester", dry_run=True)
    assert stored(engine) == before
    assert (checked.dry_run, checked.rows_new, checked.rows_changed, len(checked.problems)) == (True, 1, 1, 1)
    change = {one.indicator: (one.before, one.after) for one in checked.headline}
    assert change["satisfaction_rate"] == ((2.0, 2.0), (2.0, 3.0))
    done = load(engine, "issues", path)
    assert (done.rows_new, done.rows_changed, len(done.problems)) == (1, 1, 1) and done.headline == checked.headline


def test_a_confirmed_heading_and_a_confirmed_name_are_remembered_for_the_next_file(
    engine: Engine, tmp_path: Path
) -> None:
    path = write_issues(tmp_path / "a.csv", [issue_row(1, 村社代码="", 所属村社="大榕树下")], encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("诉求时间", "群众来电的时刻"), encoding="utf-8")
    with pytest.raises(UserError, match="诉求时间"):
        load(engine, "issues", path)
    answers = Answers(headings={"群众来电的时刻": "reported_at"}, places={("中河街道", "大榕树下"): "330212005001"})
    checked = load_file(engine, source="issues", path=path, loaded_by="tester", answers=answers, dry_run=True)
    assert checked.rows_new == 1
    with reading(engine) as connection:  # a check keeps no answers
        assert connection.execute(sa.select(heading_answer)).first() is None
    load_file(engine, source="issues", path=path, loaded_by="tester", answers=answers)
    text = path.read_text(encoding="utf-8").replace("G00001", "G00002")
    path.write_text(text, encoding="utf-8")
    assert load(engine, "issues", path).rows_new == 1
    with reading(engine) as connection:
        kept = connection.execute(sa.select(name_alias.c.place_code, name_alias.c.confirmed_by)).all()
        assert ("330212005001", "tester") in [tuple(row) for row in kept]


def test_every_row_traces_to_its_file_sheet_and_row(engine: Engine, tmp_path: Path) -> None:
    done = load(engine, "issues", write_issues(tmp_path / "案件.csv", [issue_row(n) for n in range(1, 6)]))
    history = read_history(engine, source="issues", key="G00004").iloc[0]
    assert (history["file_name"], history["row_number"], history["batch_id"]) == ("案件.csv", 5, done.batch_id)
    with reading(engine) as connection:
        digest = connection.execute(sa.select(batch.c.file_hash).where(batch.c.id == done.batch_id)).scalar_one()
        assert history["file_hash"] == digest and len(digest) == 64
        assert connection.execute(sa.select(sa.func.count()).select_from(issue)).scalar_one() == 5


def test_a_file_whose_rows_are_nearly_all_wrong_is_refused_as_a_whole(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_access.ingestion.row_checks.MAX_PROBLEMS", 3)
    before = stored(engine)
    rows = [issue_row(n, 渠道来源="鸽子") for n in range(1, 9)]
    with pytest.raises(UserError, match="请先核对数据来源"):
        load(engine, "issues", write_issues(tmp_path / "a.csv", rows))
    assert stored(engine) == before
