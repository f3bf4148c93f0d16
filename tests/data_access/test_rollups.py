"""Counts always equal the events: whatever the order of files, however often they come, wherever the loader dies."""

from __future__ import annotations

import random
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from data_access.engine import reading, writing
from data_access.releases import current_data_version
from data_access.rollup_check import differences
from data_access.rollups import recount_everything
from data_access.tables import inspection_monthly, issue_monthly, measurement_monthly
from tests.data_access.small_district import (
    issue_row,
    load,
    open_case,
    registers,
    write_issues,
)

PROJECT = Path(__file__).resolve().parents[2]
VILLAGES = (
    ("中河街道", "城兴社区", "330212005001"), ("中河街道", "东裕社区", "330212005002"),
    ("姜山镇", "翻石渡村", "330212110001"), ("姜山镇", "茅山村", "330212110004"),
)  # fmt: skip


def counts(engine: Engine) -> dict[str, list[tuple]]:
    with reading(engine) as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(sa.select(table)))
            for table in (issue_monthly, inspection_monthly, measurement_monthly)
        }


@st.composite
def cases(draw: st.DrawFn) -> dict[str, str]:
    """One case: a number among six (so that corrections happen), any village, month, state and group."""
    number = draw(st.integers(1, 6))
    township, village, code = draw(st.sampled_from(VILLAGES))
    day = draw(st.integers(1, 28))
    month = draw(st.sampled_from(("01", "02", "03")))
    moment = f"2020-{month}-{day:02d} 09:00"
    base = draw(st.sampled_from((issue_row, open_case)))(number)
    end = f"2020-{month}-28 18:00" if base["办结时间"] else ""
    return base | {
        "诉求时间": moment, "受理时间": moment, "首次答复时间": "", "办结时间": end, "所属镇街": township,
        "所属村社": village,
        "村社代码": code, "办理时限": draw(st.sampled_from(("2020-02-10 18:00", "2020-03-31 18:00"))),
        "小区编号": draw(st.sampled_from(("", "X001", "X002"))),
        "企业编号": draw(st.sampled_from(("", "Q001", "Q003"))),
        "渠道来源": draw(st.sampled_from(("12345电话", "网格巡查"))),
    }  # fmt: skip


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.lists(cases(), min_size=1, max_size=8), min_size=1, max_size=4))
def test_counts_equal_the_events_after_any_files(tmp_path_factory, files: list[list[dict[str, str]]]) -> None:
    folder = tmp_path_factory.mktemp("files")
    engine = registers(f"sqlite:///{folder / 'a.db'}", folder)
    for number, rows in enumerate(files):
        load(engine, "issues", write_issues(folder / f"{number}.csv", rows))
        with reading(engine) as connection:
            assert differences(connection) == []
    stored = counts(engine)
    version = current_data_version(engine)
    with writing(engine) as connection:
        recount_everything(connection, as_of=version.as_of)
    assert counts(engine) == stored
    engine.dispose()


def test_one_file_or_many_in_any_order_give_the_same_counts(database_url: str, tmp_path: Path) -> None:
    rows = [issue_row(number, 所属镇街=township, 所属村社=village, 村社代码=code)
            for number, (township, village, code) in enumerate(VILLAGES * 3)]  # fmt: skip
    engine = registers(database_url, tmp_path)
    order = list(range(len(rows)))
    random.Random(1).shuffle(order)
    for part in range(0, len(rows), 5):
        picked = [rows[index] for index in order[part : part + 5]]
        load(engine, "issues", write_issues(tmp_path / f"{part}.csv", picked))
    in_parts = counts(engine)
    engine.dispose()
    whole = registers(f"sqlite:///{tmp_path / 'whole.db'}", tmp_path)
    load(whole, "issues", write_issues(tmp_path / "whole.csv", rows))
    assert counts(whole) == in_parts
    whole.dispose()


def test_verify_names_the_cell_that_was_tampered_with(database_url: str, tmp_path: Path) -> None:
    engine = registers(database_url, tmp_path)
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2)]))
    with writing(engine) as connection:
        connection.execute(
            issue_monthly.update()
            .where(issue_monthly.c.level == "township", issue_monthly.c.dimension == "all")
            .values(repeats=1)
        )
        connection.execute(issue_monthly.delete().where(issue_monthly.c.dimension == "channel"))
    with reading(engine) as connection:
        found = differences(connection)
    assert [line for line in found if "repeats is 1, the events say 0" in line and "330212005" in line]
    assert sum("absent from the counts" in line for line in found) == 3
    engine.dispose()
