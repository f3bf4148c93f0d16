"""Names of places: what is found, what is asked, and what an answer changes."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access import demo_data, schema
from data_access.engine import create_engine, reading, writing
from data_access.errors import UserError
from data_access.ingestion.place_answers import keep_place_answers, read_place_answers
from data_access.ingestion.place_names import PlaceAsk, PlaceFinder, name_core, township_core
from data_access.tables import name_alias, place, place_code
from tests.data_access.small_district import PLACES

LEVELS = {"区": "district", "镇街": "township", "村社": "village"}
KINDS = {"区": "district", "街道": "subdistrict", "镇": "town", "社区": "community", "村": "village"}


@pytest.fixture
def engine(database_url: str):
    made = create_engine(database_url)
    schema.upgrade(made)
    with writing(made) as connection:
        for row in csv.DictReader(io.StringIO(PLACES)):
            values = {"code": row["区划代码"], "name": row["名称"], "short_name": row["简称"],
                      "level": LEVELS[row["层级"]], "parent": row["上级代码"] or None, "kind": KINDS[row["类别"]],
                      "valid_from": dt.date(2000, 1, 1)}  # fmt: skip
            connection.execute(place.insert().values(**values))
        for code, meant in (("330212007", "330212005"), ("330212121", "330212110"), ("330212007008", "330212005001"),
                            ("330212110001", "330212110004")):  # fmt: skip
            connection.execute(place_code.insert().values(system="MCA", code=code, place=meant))
    yield made
    made.dispose()


def rows(*given: tuple[str | None, str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(given, columns=["village_code", "township", "village"], dtype=object)


def found(connection: Connection, *given: tuple[str | None, str | None, str | None]) -> list[tuple[str | None, str]]:
    codes, reasons = PlaceFinder(connection).villages(rows(*given))
    return list(zip(codes, reasons, strict=True))


@pytest.mark.parametrize(
    ("code", "township", "village", "expected"),
    [
        ("330212005001", None, None, "330212005001"),
        ("330212007008", "中河街道", "城兴", "330212005001"),
        ("３３０２１２００５００１ ", "中河街道", "随便", "330212005001"),
        ("330212110001", "姜山镇", "翻石渡村", "330212110001"),
        ("330212110001", "姜山镇", "茅山村", "330212110004"),
        ("999", "中河街道", "城兴社区", "330212005001"),
        (None, "宁波市鄞州区中河街道办事处", "城兴社区", "330212005001"),
        (None, "姜山", "姜山镇翻石渡村", "330212110001"),
        ("330212005001", "不存在的街道", "城兴社区", "330212005001"),
    ],
)
def test_a_village_is_found_by_code_of_either_system_or_by_name(
    engine: Engine, code: str | None, township: str | None, village: str | None, expected: str
) -> None:
    with reading(engine) as connection:
        assert found(connection, (code, township, village)) == [(expected, "")]


@pytest.mark.parametrize(
    ("code", "township", "village", "reason"),
    [
        ("330212110001", "姜山镇", "", "ambiguous_village"),
        ("330212110001", None, None, "ambiguous_village"),
        ("330212005001", "姜山镇", "茅山村", "ambiguous_village"),
        (None, "姜山镇", "茅山", "ambiguous_village"),
        (None, "姜山镇", "毫无关系", "unknown_village"),
        (None, "无名镇", "城兴社区", "unknown_township"),
        (None, None, None, "unknown_township"),
    ],
)
def test_what_may_mean_two_places_is_never_guessed(
    engine: Engine, code: str | None, township: str | None, village: str | None, reason: str
) -> None:
    with reading(engine) as connection:
        assert found(connection, (code, township, village)) == [(None, reason)]


def test_names_nobody_can_tell_are_asked_once_with_their_rows_and_candidates(engine: Engine) -> None:
    with reading(engine) as connection:
        finder = PlaceFinder(connection)
        finder.villages(rows((None, "姜山镇", "茅山"), (None, "姜山镇", "翻石渡村"), (None, "姜山镇", "茅山")))
        finder.villages(
            rows((None, "姜山镇", "茅山"), (None, "无名镇", "甲"), (None, "无名镇", "乙"), (None, "姜山镇", "城兴社区"))
        )
        finder.villages(rows((None, None, None), (None, "姜山镇", None), (None, "姜山镇", "长" * 500)))
        asks = finder.asks()
    assert asks[0] == PlaceAsk(
        "姜山镇", "茅山", 3, (("330212110004", "茅山村委会"), ("330212110003", "茅山社区居委会"))
    )
    assert (asks[1].township, asks[1].village, asks[1].rows) == ("无名镇", "", 2)
    assert set(asks[1].candidates) == {("330212005", "中河街道"), ("330212110", "姜山镇")}
    assert asks[2].candidates[0] == ("330212005001", "中河街道 城兴社区居委会"), "a namesake in another township"
    assert len(asks) == 3


def test_a_code_that_contradicts_its_township_is_asked_with_both_places(engine: Engine) -> None:
    with reading(engine) as connection:
        finder = PlaceFinder(connection)
        finder.villages(rows(("330212005001", "姜山镇", "翻石渡村")))
        (ask,) = finder.asks()
    assert [code for code, _ in ask.candidates[:2]] == ["330212005001", "330212110001"]


def test_answers_are_kept_and_used_and_a_new_answer_replaces_the_old(engine: Engine) -> None:
    row, shifted = (None, "姜山镇", "茅 山"), ("330212005001", "姜山镇", "翻石渡村")
    with writing(engine) as connection:
        keep_place_answers(connection, {("姜山镇", "茅山"): "330212110003"}, "a")
        keep_place_answers(
            connection, {("姜山镇", "茅山"): "330212110004", ("姜山镇", "翻石渡村"): "330212110001"}, "b"
        )
        assert found(connection, row, shifted) == [("330212110004", ""), ("330212110001", "")]
        kept = connection.execute(sa.select(name_alias.c.name, name_alias.c.confirmed_by)).all()
        assert sorted(map(tuple, kept)) == [("翻石渡村", "b"), ("茅山", "b")]
        assert ("姜山镇", "茅山", "茅山村委会", "b") in read_place_answers(connection)


def test_a_township_of_another_name_is_answered_before_the_villages_in_it(engine: Engine) -> None:
    with writing(engine) as connection:
        keep_place_answers(
            connection, {("南城街道", "老村"): "330212005002", ("南城街道", ""): "330212005"}, "a"
        )  # fmt: skip
        assert found(connection, (None, "南城街道", "城兴社区"), (None, "南城街道", "老村")) == [
            ("330212005001", ""), ("330212005002", ""),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "answers",
    [{("姜山镇", "茅山"): "330212110"}, {("姜山镇", "茅山"): "没有"}, {("姜山镇", ""): "330212110001"},
     {("无名镇", "茅山"): "330212110001"}, {("姜山镇", "长" * 121): "330212110001"}],
)  # fmt: skip
def test_an_answer_that_names_no_such_place_is_refused(engine: Engine, answers: dict[tuple[str, str], str]) -> None:
    with pytest.raises(UserError), writing(engine) as connection:
        keep_place_answers(connection, answers, "a")


def test_codes_of_measured_places_are_taken_in_the_system_in_which_code_and_name_agree(engine: Engine) -> None:
    with reading(engine) as connection:
        finder = PlaceFinder(connection)
    said = finder.by_code_and_name
    assert said("330212110", "") == said("330212121", "姜山镇") == "330212110"
    assert said("330212121", "") is None, "the code of the other system alone is not believed"
    assert said("330212110", "中河街道") is None
    assert said("330212007008", "") == said("330212007008", "随便") == "330212005001"
    assert said("330212110001", "") is None, "it means a different village in each system"
    assert (said("330212110001", "翻石渡村"), said("330212110001", "茅山村")) == ("330212110001", "330212110004")


@pytest.mark.parametrize(
    ("name", "core"),
    [("浙江省宁波市鄞州区下应街道办事处", "下应"), ("姜山镇人民政府", "姜山"), ("姜山", "姜山"), ("东镇", "东镇")],
)
def test_the_core_of_a_township(name: str, core: str) -> None:
    assert township_core(name) == core


@pytest.mark.parametrize(
    ("name", "core"),
    [("韩岭村村委会", ("韩岭", "village")), ("韩岭村", ("韩岭", "village")), ("韩岭居委会", ("韩岭", "community")),
     ("童村村委会", ("童", "village")), ("童村", ("童", "village")), ("童村委会", ("童", "village")),
     ("塘溪镇童村", ("童", "village")), ("东兴社区居民委员会", ("东兴", "community")), ("东兴", ("东兴", None))],
)  # fmt: skip
def test_all_ways_of_writing_a_village_have_one_core(name: str, core: tuple[str, str | None]) -> None:
    assert name_core(name, "塘溪镇") == core


def register(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_village_of_the_real_district_is_found_by_its_full_and_its_short_name(tmp_path: Path) -> None:
    made = create_engine(f"sqlite:///{tmp_path / 'real.db'}")
    schema.upgrade(made)
    folder = Path(demo_data.__file__).parent / "geography"
    townships = {row["code"]: row["name"] for row in register(folder / "townships.csv")}
    villages = register(folder / "villages.csv")
    since = {"valid_from": dt.date(2000, 1, 1)}
    with writing(made) as connection:
        for code, name in townships.items():
            one = {"code": code, "level": "township", "name": name, "short_name": name, "kind": "town"}
            connection.execute(place.insert().values(**one, **since))
        for row in villages:
            one = {"code": row["code"], "level": "village", "parent": row["township_code"], "name": row["name"],
                   "short_name": row["short_name"], "kind": row["kind"]}  # fmt: skip
            connection.execute(place.insert().values(**one, **since))
        finder = PlaceFinder(connection)
    made.dispose()
    wrong = [
        (row["township_code"], row[name])
        for row in villages
        for name in ("name", "short_name")
        if finder.village("", townships[row["township_code"]], row[name]) != (row["code"], "")
    ]
    assert wrong == []
