"""What a steward answers while loading: applied to this file, remembered for the next."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from data_access.engine import reading
from data_access.errors import UserError
from data_access.ingestion.answers import Answers
from data_access.ingestion.file_look import look_at
from data_access.ingestion.heading_answers import confirmed_headings
from data_access.ingestion.load_batch import load_file
from data_access.ingestion.load_summary import LoadSummary
from data_access.ingestion.place_answers import read_place_answers
from tests.data_access.small_district import issue_row, registers, write_issues, write_sheet

NAMES = {"工单编号": "工单编码", "诉求时间": "诉求日期", "渠道来源": "来电渠道", "问题类型": "诉求性质",
         "所属镇街": "街镇", "所属村社": "村居", "村社代码": "备注"}  # fmt: skip
HEADINGS = {"工单编码": "case_no", "诉求日期": "reported_at", "来电渠道": "channel", "诉求性质": "category",
            "街镇": "township", "村居": "village", "备注": None}  # fmt: skip


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def own_words(path: Path, *numbers: int, **changes: str) -> Path:
    """A workbook of a department that calls everything by names of its own."""
    rows = [[issue_row(number, **changes)[name] for name in NAMES] for number in numbers]
    return write_sheet(path, [list(NAMES.values()), *rows], title="三月")


def loaded(engine: Engine, path: Path, answers: Answers | None = None, *, dry_run: bool = False) -> LoadSummary:
    return load_file(engine, source="issues", path=path, loaded_by="甲", answers=answers, dry_run=dry_run)


def test_answers_survive_being_written_as_text() -> None:
    answers = Answers({"街镇": "township", "备注": None}, {("姜山镇", "茅山"): "330212110003"})
    assert Answers.from_json(answers.to_json()) == answers


def test_unknown_headings_are_refused_with_suggestions_then_answered_and_remembered(
    engine: Engine, tmp_path: Path
) -> None:
    first = own_words(tmp_path / "a.xlsx", 1, 2)
    look = look_at(engine, first)
    assert look.source == "issues"
    suggested = {one.heading: one.field for match in look.matches["issues"] for one in match.suggestions}
    assert suggested == {heading: field for heading, field in HEADINGS.items() if field}
    with pytest.raises(UserError, match="缺少必需的列"):
        loaded(engine, first)
    assert loaded(engine, first, Answers(HEADINGS), dry_run=True).rows_new == 2
    with reading(engine) as connection:
        assert confirmed_headings(connection, "issues") == {}, "a check remembers nothing"
    summary = loaded(engine, first, Answers(HEADINGS))
    assert (summary.rows_new, summary.headings["township"], summary.problems) == (2, "街镇", ())
    again = loaded(engine, own_words(tmp_path / "b.xlsx", 3))
    assert (again.rows_new, again.suggestions) == (1, ())
    assert look_at(engine, tmp_path / "b.xlsx").recognitions[0].sure


def test_an_ambiguous_name_is_asked_answered_and_remembered(engine: Engine, tmp_path: Path) -> None:
    odd = {"所属镇街": "姜山镇", "所属村社": "茅山", "村社代码": ""}
    mixed = write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2, **odd), issue_row(3, **odd)])
    (ask,) = loaded(engine, mixed, dry_run=True).asks
    assert (ask.township, ask.village, ask.rows) == ("姜山镇", "茅山", 2)
    assert ("330212110004", "茅山村委会") in ask.candidates
    answer = Answers(places={(ask.township, ask.village): "330212110004"})
    assert loaded(engine, mixed, answer, dry_run=True).rows_new == 3
    assert len(loaded(engine, mixed).asks) == 1, "a check remembers nothing"
    summary = loaded(engine, write_issues(tmp_path / "b.csv", [issue_row(4, **odd)]), answer)
    assert (summary.rows_new, summary.asks) == (1, ())
    assert loaded(engine, mixed).rows_new == 2, "the rows set aside come in, now that the name is known"
    with reading(engine) as connection:
        assert ("姜山镇", "茅山", "茅山村委会", "甲") in read_place_answers(connection)
