"""Batches taken back: what stops counting, what counts again, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.batches import read_batches, read_history, read_problems
from data_access.engine import reading
from data_access.errors import UserError
from data_access.tables import batch, issue, rejected_row, site
from data_access.withdrawals import withdraw_batch
from tests.data_access.small_district import (
    FIRMS,
    agree,
    counted,
    issue_row,
    load,
    registers,
    visit,
    write_issues,
    write_visits,
)

DISTRICT = "330212"


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def withdraw(engine: Engine, number: int) -> None:
    withdraw_batch(engine, number, by="tester", because="误传", origin="test")


def reported_and_satisfied(engine: Engine) -> tuple[int, int]:
    row = counted(engine, DISTRICT).get("all", {"reported": 0, "satisfied": 0})
    return row["reported"], row["satisfied"]


def test_a_withdrawn_batch_counts_no_longer_and_comes_back_when_it_is_loaded_again(
    engine: Engine, tmp_path: Path
) -> None:
    path = write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)])
    first = load(engine, "issues", path)
    assert reported_and_satisfied(engine) == (2, 2)
    taken = withdraw_batch(engine, first.batch_id, by="tester", because="误传", origin="test")
    assert (taken.rows_withdrawn, taken.rows_revived, taken.rows_kept) == (2, 0, 0)
    change = {one.indicator: (one.before, one.after) for one in taken.headline}
    assert change["satisfaction_rate"] == ((2.0, 2.0), None)
    assert reported_and_satisfied(engine) == (0, 0) and agree(engine)
    again = load(engine, "issues", path)
    assert not again.already_loaded and again.rows_new == 2
    assert reported_and_satisfied(engine) == (2, 2) and agree(engine)
    states = read_history(engine, source="issues", key="G00001")["state"].tolist()
    assert states == ["withdrawn", "current"]


def test_what_a_withdrawn_correction_had_replaced_counts_again(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)]))
    second = load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(1, 是否满意="否")]))
    assert (second.rows_changed, reported_and_satisfied(engine)) == (1, (2, 1))
    third = load(engine, "issues", write_issues(tmp_path / "c.csv", [issue_row(1, 是否满意="")]))
    withdraw(engine, second.batch_id)
    assert reported_and_satisfied(engine) == (2, 1) and agree(engine)
    withdraw(engine, third.batch_id)
    assert reported_and_satisfied(engine) == (2, 2) and agree(engine)
    history = read_history(engine, source="issues", key="G00001")
    assert history["state"].tolist() == ["current", "withdrawn", "withdrawn"]
    assert history["row_number"].tolist() == [2, 2, 2]


def test_a_row_that_a_later_file_brought_as_well_stays_and_belongs_to_it(engine: Engine, tmp_path: Path) -> None:
    first = load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)]))
    second = load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(3), issue_row(2)]))
    assert (second.rows_new, second.rows_unchanged) == (1, 1)
    taken = withdraw_batch(engine, first.batch_id, by="tester", because="误传")
    assert (taken.rows_withdrawn, taken.rows_kept) == (1, 1)
    assert reported_and_satisfied(engine)[0] == 2 and agree(engine)
    with reading(engine) as connection:
        origin = sa.select(issue.c.batch_id, issue.c.row_number).where(issue.c.case_no == "G00002")
        assert [tuple(row) for row in connection.execute(origin)] == [(second.batch_id, 3)]
    withdraw(engine, second.batch_id)
    assert reported_and_satisfied(engine)[0] == 0 and agree(engine)


def test_an_item_that_a_withdrawn_sheet_had_emptied_is_there_again(engine: Engine, tmp_path: Path) -> None:
    load(engine, "inspections", write_visits(tmp_path / "a.xlsx", [visit(1, "Q001", "2020-03-01", ("是", "否", "是"))]))
    emptied = [visit(1, "Q001", "2020-03-01", ("是", "", "是"))]
    second = load(engine, "inspections", write_visits(tmp_path / "b.xlsx", emptied))
    assert counted(engine, DISTRICT, source="inspections")["all"]["items_checked"] == 2
    withdraw(engine, second.batch_id)
    assert counted(engine, DISTRICT, source="inspections")["all"]["items_checked"] == 3 and agree(engine)


def test_a_withdrawn_register_gives_way_to_what_was_known_before(engine: Engine, tmp_path: Path) -> None:
    case = issue_row(1, 企业编号="Q001", 村社代码="330212110001", 所属镇街="姜山镇", 所属村社="翻石渡村")
    load(engine, "issues", write_issues(tmp_path / "a.csv", [case]))
    path = tmp_path / "f.csv"
    path.write_text(
        FIRMS.replace("大型,1200", "小型,12") + "Q009,新厂,姜山镇,茅山村,330212110004,小型,9,制造,2020-01-01,\n"
    )
    second = load(engine, "firms", path)
    assert (second.rows_new, second.rows_changed, second.rows_unchanged) == (1, 1, 2)
    assert set(counted(engine, DISTRICT, dimension="firm_size")) == {"small"}
    withdraw(engine, second.batch_id)
    assert set(counted(engine, DISTRICT, dimension="firm_size")) == {"large"} and agree(engine)
    with reading(engine) as connection:
        assert connection.execute(sa.select(site.c.code).where(site.c.code == "Q009")).first() is None
    assert load(engine, "firms", path).rows_new == 1 and agree(engine)


def test_a_register_that_cases_rest_on_cannot_be_withdrawn_before_them(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(FIRMS.splitlines()[0] + "\nQ009,新厂,姜山镇,茅山村,330212110004,小型,9,制造,2020-01-01,\n")
    register = load(engine, "firms", path)
    cases = load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1, 企业编号="Q009")]))
    with pytest.raises(UserError, match="Q009"):
        withdraw(engine, register.batch_id)
    assert reported_and_satisfied(engine)[0] == 1
    withdraw(engine, cases.batch_id)
    withdraw(engine, register.batch_id)
    with reading(engine) as connection:
        gone = sa.select(batch.c.id).where(batch.c.withdrawn_at.is_not(None)).order_by(batch.c.id)
        assert connection.execute(gone).scalars().all() == [register.batch_id, cases.batch_id]
    assert agree(engine)
    assert load(engine, "firms", path).rows_changed + load(engine, "issues", tmp_path / "a.csv").rows_new == 2
    assert agree(engine)


def test_the_register_of_places_that_everything_rests_on_is_not_withdrawn(engine: Engine) -> None:
    with pytest.raises(UserError, match="请先撤回引用它们的批次"):
        withdraw(engine, 1)
    assert read_batches(engine)["withdrawn_at"].isna().all()


@pytest.mark.parametrize(("number", "because", "said"), [(99, "x", "没有批次 99"), (2, " ", "原因")])
def test_a_withdrawal_that_makes_no_sense_is_refused(engine: Engine, number: int, because: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        withdraw_batch(engine, number, by="tester", because=because)


def test_a_batch_is_withdrawn_once(engine: Engine, tmp_path: Path) -> None:
    number = load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1)])).batch_id
    withdraw(engine, number)
    with pytest.raises(UserError, match="tester"):
        withdraw(engine, number)


def test_a_set_aside_row_knows_its_cells_and_the_batch_that_brought_it_in_after_all(
    engine: Engine, tmp_path: Path
) -> None:
    bad = issue_row(2, 诉求时间="2020-13-01")
    first = load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), bad]))
    (problem,) = read_problems(engine, first.batch_id)
    assert (problem.row, problem.reason, problem.key_text, problem.place_code) == (3, "not_understood", "G00002",
                                                                                  "330212005")  # fmt: skip
    assert problem.cells["诉求时间"] == "2020-13-01" and problem.cells["工单编号"] == "G00002"
    second = load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(2)]))
    assert read_problems(engine, first.batch_id, open_only=True) == ()
    with reading(engine) as connection:
        assert connection.execute(sa.select(rejected_row.c.resolved_by)).scalars().all() == [second.batch_id]
    withdraw(engine, second.batch_id)
    assert len(read_problems(engine, first.batch_id, open_only=True)) == 1
