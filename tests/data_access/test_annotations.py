"""Notes on trends: who may write them, who reads them, and what cannot stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.annotations import AnnotationError, Author, add_annotation, read_annotations, withdraw_annotation
from data_access.audit_log import read_audit
from data_access.engine import writing
from data_access.permissions import Scope
from tests.data_access.small_district import registers

DISTRICT, TOWN, VILLAGE, OTHER = "330212", "330212110", "330212110001", "330212005"
LEADER, HEAD = Author("王主任", "leader"), Author("李镇长", "head", TOWN)
EVERYTHING = Scope(root=DISTRICT)


@pytest.fixture
def register(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def write(engine: Engine, author: Author = LEADER, **changes) -> int:
    given = {"place_code": TOWN, "month": 202104, "text": "开展集中整治", **changes}
    return add_annotation(engine, author=author, **given)


def test_a_note_is_read_back_signed_and_dated(register: Engine) -> None:
    number = write(register, indicator="satisfaction_rate", until=202106)
    note = read_annotations(register, scope=EVERYTHING).iloc[0]
    assert (note["id"], note["place"], note["month"], note["until"]) == (number, TOWN, 202104, 202106)
    assert (note["text"], note["created_by"], note["indicator"]) == ("开展集中整治", "王主任", "satisfaction_rate")
    assert note["created_at"] is not None


def test_a_head_writes_on_the_own_township_and_nowhere_else(register: Engine) -> None:
    write(register, HEAD, place_code=VILLAGE)
    for elsewhere in (OTHER, DISTRICT):
        with pytest.raises(AnnotationError):
            write(register, HEAD, place_code=elsewhere)
    assert list(read_annotations(register, scope=EVERYTHING)["place"]) == [VILLAGE]


def test_a_researcher_reads_and_does_not_write(register: Engine) -> None:
    with pytest.raises(AnnotationError):
        write(register, Author("研究员", "researcher"))


@pytest.mark.parametrize(
    "wrong",
    [{"text": "  "}, {"text": "字" * 121}, {"until": 202103}, {"campaign": "bake_sale"}, {"place_code": "330212999"}],
)
def test_what_cannot_stand_is_refused_with_a_sentence_and_nothing_is_written(register: Engine, wrong: dict) -> None:
    with pytest.raises(AnnotationError) as refused:
        write(register, **wrong)
    assert refused.value.zh
    assert refused.value.en
    assert read_annotations(register, scope=EVERYTHING).empty


def test_notes_on_villages_and_on_later_months_stay_within_the_readers_rights(register: Engine) -> None:
    write(register, place_code=VILLAGE)
    write(register, month=202105)
    write(register, month=202101)
    other_head = Scope(root=DISTRICT, villages_of=(OTHER,), until=202104)
    assert list(read_annotations(register, scope=other_head)["month"]) == [202101]
    own_head = Scope(root=DISTRICT, villages_of=(TOWN,))
    assert len(read_annotations(register, scope=own_head)) == 3
    assert list(read_annotations(register, scope=own_head, places=(VILLAGE,))["place"]) == [VILLAGE]


def test_withdrawing_takes_the_note_off_and_the_audit_keeps_it(register: Engine) -> None:
    number = write(register, HEAD, place_code=VILLAGE)
    with pytest.raises(AnnotationError):
        withdraw_annotation(register, author=Author("张镇长", "head", OTHER), number=number)
    withdraw_annotation(register, author=LEADER, number=number)
    assert read_annotations(register, scope=EVERYTHING).empty
    deeds = read_audit(register, actions=("annotate", "withdraw_annotation"))
    assert list(deeds["who"]) == ["王主任", "李镇长"]
    assert "开展集中整治" in deeds["subject"].iloc[0]
    with pytest.raises(AnnotationError):
        withdraw_annotation(register, author=LEADER, number=number)


def test_the_database_refuses_a_campaign_that_does_not_exist(register: Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), writing(register) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO annotation (place_code, month, text, created_at, created_by, campaign) "
                "VALUES ('330212110', 202101, 'x', '2021-01-01 00:00:00', 'x', 'bake_sale')"
            )
        )
