"""Which place a delivered shape is: columns told by their cells, codes of two systems, names in every dress."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_access import schema
from data_access.boundary_delivery.columns import PlaceColumns, Register, find_columns, plain_code, plain_word
from data_access.boundary_delivery.matching import LEFT_OUT, Matching, code_system, match_places
from data_access.engine import create_engine, reading, writing
from data_access.errors import UserError
from data_access.ingestion.place_names import PlaceFinder
from data_access.lineage import final_successors
from data_access.tables import place
from tests.data_access.small_district import load

PLACES = """区划代码,民政代码,名称,简称,层级,上级代码,类别,城乡,\
成立日期,常住人口,户数,管理主体,格网列,格网行,曾用名,生效日期
330212,,鄞州区,鄞州,区,,区,,,,,,,,,
330212005,330212007,中河街道,中河,镇街,330212,街道,,,,,区直辖,1,2,,
330212007,330212005,潘火街道,潘火,镇街,330212,街道,,,,,区直辖,2,2,,
330212110,330212121,姜山镇,姜山镇,镇街,330212,镇,,,,,区直辖,0,4,,
330212005001,330212007001,城兴社区居委会,城兴社区,村社,330212005,社区,城市,1998-05-01,5000,1800,区直辖,,,,
330212005002,330212007002,茅山社区居委会,茅山社区,村社,330212005,社区,城市,2017-03-01,4000,1500,区直辖,,,,
330212007001,330212005001,万科社区居委会,万科社区,村社,330212007,社区,城市,2017-03-01,4000,1500,区直辖,,,,
330212007002,330212005002,东莺社区居委会,东莺社区,村社,330212007,社区,城市,2017-03-01,4000,1500,区直辖,,,,
330212110001,330212121001,翻石渡村委会,翻石渡村,村社,330212110,村,农村,1960-01-01,1200,420,区直辖,,,,
330212110002,330212121002,陆家堰村委会,陆家堰村,村社,330212110,村,农村,1960-01-01,900,300,区直辖,,,,
330212110003,330212121003,茅山社区居委会,茅山社区,村社,330212110,社区,城市,2001-01-01,2500,900,区直辖,,,,
330212110004,330212121004,茅山村委会,茅山村,村社,330212110,村,农村,1960-01-01,1500,500,区直辖,,,,
330212110005,330212121005,东光村委会,东光村,村社,330212110,村,农村,1960-01-01,1500,500,区直辖,,,,
330212110006,330212121006,井亭村委会,井亭村,村社,330212110,村,农村,1960-01-01,1500,500,区直辖,,,,
"""
ZHONGHE, PANHUO, JIANGSHAN = "330212005", "330212007", "330212110"
CHENGXING, MAOSHAN_EAST, WANKE, DONGYING = "330212005001", "330212005002", "330212007001", "330212007002"
FANSHIDU, LUJIAYAN, MAOSHAN_COMMUNITY, MAOSHAN = (f"33021211000{number}" for number in range(1, 5))
MERGED, ENDED = "330212110005", "330212110006"
OPEN = (CHENGXING, MAOSHAN_EAST, WANKE, DONGYING, FANSHIDU, LUJIAYAN, MAOSHAN_COMMUNITY, MAOSHAN)
NAMES = {CHENGXING: "城兴社区", WANKE: "万科社区", DONGYING: "东莺社区", FANSHIDU: "翻石渡村", LUJIAYAN: "陆家堰村"}


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    """Three townships whose codes collide in the two systems; 茅山 three times; two villages that are closed."""
    folder = tmp_path_factory.mktemp("places")
    engine = create_engine(f"sqlite:///{folder / 'places.db'}")
    schema.upgrade(engine)
    (folder / "places.csv").write_text(PLACES, encoding="utf-8-sig")
    assert load(engine, "places", folder / "places.csv").problems == ()
    with writing(engine) as connection:
        closed = place.update().values(valid_to=dt.date(2021, 1, 1))
        connection.execute(closed.where(place.c.code == MERGED).values(successor=FANSHIDU))
        connection.execute(closed.where(place.c.code == ENDED))
    with reading(engine) as connection:
        made = Register(PlaceFinder(connection), final_successors(connection))
    engine.dispose()
    return made


CODE_AND_NAME = PlaceColumns("village", code="c", name="n")


def matched(register: Register, rows: Sequence[tuple[object, object]], **more: object) -> Matching:
    """Villages by a column of codes and one of names."""
    frame = pd.DataFrame(rows, columns=["c", "n"], dtype=object)
    return match_places(frame, register, CODE_AND_NAME, **more)  # type: ignore[arg-type]


def reasons(found: Matching) -> dict[int, str]:
    return {one.row: one.reason for one in found.unmatched}


HEADINGS = st.lists(st.text("甲乙代码名称XYZ_1", min_size=1, max_size=6), min_size=4, max_size=4, unique=True)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(HEADINGS, st.permutations(range(4)))
def test_columns_are_told_by_their_cells_whatever_their_headings(
    register: Register, headings: list[str], order: Sequence[int]
) -> None:
    code, name, township, other = headings
    cells = {
        code: [*OPEN],
        name: ["城兴", "茅山", "万科", "东莺", "翻石渡", "陆家堰", "茅山", "茅山"],
        township: ["中河街道", "中河", "潘火", "潘火街道办事处", *["姜山镇"] * 4],
        other: [1.5, 2.5, 3.5, 4.5, 1.0, 1.0, 2.0, 7.0],
    }
    frame = pd.DataFrame({list(cells)[place]: cells[list(cells)[place]] for place in order})
    found = find_columns(frame, register)
    assert (found.level, found.code, found.name, found.township) == ("village", code, name, township)
    assert (found.code_share, found.name_share) == (1.0, 1.0)


def test_townships_are_told_from_villages(register: Register) -> None:
    frame = pd.DataFrame({"XZQDM": ["330212005000", "330212007000", "330212110000"], "XZQMC": ["中河", "潘火", "姜山"],
                          "mianji": [1, 2, 3]})  # fmt: skip
    found = find_columns(frame, register)
    assert (found.level, found.code, found.name) == ("township", "XZQDM", "XZQMC")
    assert list(match_places(frame, register, found).codes) == [ZHONGHE, PANHUO, JIANGSHAN]


def test_a_layer_of_something_else_is_of_no_level(register: Register) -> None:
    frame = pd.DataFrame({"地类": ["水田", "旱地", "林地"], "编号": [11, 12, 13], "空": [None, None, None]})
    assert find_columns(frame, register) == PlaceColumns(level=None)
    with pytest.raises(ValueError, match="level"):
        match_places(frame, register, PlaceColumns(level=None))


def test_a_column_that_names_half_of_the_places_counts_and_less_does_not(register: Register) -> None:
    half = pd.DataFrame({"n": ["翻石渡村", "陆家堰村", "甲", "乙"]})
    assert find_columns(half, register).name == "n"
    assert find_columns(pd.concat([half, half.iloc[[2]]]), register).level is None


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("330212110001", FANSHIDU),
        ("３３０２１２１１０００１", FANSHIDU),
        (" 330212 110001\n", FANSHIDU),
        ("330212110001.0", FANSHIDU),
        ("330212110001.000", FANSHIDU),
        (330212110001, FANSHIDU),
        (330212110001.0, FANSHIDU),
        (np.int64(330212110001), FANSHIDU),
        (np.float64(330212110001), FANSHIDU),
        ("330212110000", JIANGSHAN),
        ("３３０２１２１１００００.0", JIANGSHAN),
        (330212110, JIANGSHAN),
        ("330212000", "330212000"),
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        ("", ""),
    ],
)
def test_a_code_is_read_however_it_is_written(cell: object, code: str) -> None:
    assert plain_code(cell) == code


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.integers(10**11, 10**12 - 1))
def test_text_number_and_full_width_say_the_same_code(number: int) -> None:
    wide = str(number).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    written = (number, float(number), str(number), f"{number}.0", wide, f" {number} ")
    assert len({plain_code(one) for one in written}) == 1
    assert str(number).startswith(plain_code(number))


def test_a_missing_name_is_no_name() -> None:
    assert [plain_word(one) for one in (None, float("nan"), pd.NA, "  ", " 茅山 ", 7)] == ["", "", "", "", "茅山", "7"]


# ---- the two systems of codes


def test_codes_alone_that_mean_places_in_both_systems_are_asked(register: Register) -> None:
    found = matched(register, [("330212005001", None), ("330212005002", None)])
    assert found.codes.isna().all()
    assert reasons(found) == {0: "ambiguous", 1: "ambiguous"}
    assert {code for code, _ in found.unmatched[0].candidates} >= {CHENGXING, WANKE}


def test_names_tell_colliding_codes_apart(register: Register) -> None:
    bureau = matched(register, [(CHENGXING, "城兴社区"), (WANKE, "万科")])
    affairs = matched(register, [("330212005001", "万科社区居委会"), ("330212007001", "城兴")])
    assert list(bureau.codes) == [CHENGXING, WANKE]
    assert list(affairs.codes) == [WANKE, CHENGXING]


def test_one_code_of_a_system_alone_settles_the_system_of_them_all(register: Register) -> None:
    bureau = matched(register, [(CHENGXING, None), (MAOSHAN, None)])
    affairs = matched(register, [("330212005001", None), ("330212121004", None)])
    assert list(bureau.codes) == [CHENGXING, MAOSHAN]
    assert list(affairs.codes) == [WANKE, MAOSHAN]


def test_a_layer_of_both_systems_is_settled_by_neither(register: Register) -> None:
    found = matched(register, [(CHENGXING, None), (MAOSHAN, None), ("330212121001", None)])
    assert list(found.codes) == [None, MAOSHAN, FANSHIDU]


CODES = [*OPEN, *(f"33021200{township}00{number}" for township in (5, 7) for number in (1, 2)),
         *(f"33021212100{number}" for number in range(1, 5)), "330212999999"]  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(st.sampled_from(CODES), max_size=5))
def test_the_system_is_the_only_one_that_has_all_codes(register: Register, codes: list[str]) -> None:
    rows = [line.split(",")[:2] for line in PLACES.splitlines()[1:]]
    systems = {"NBS": {bureau for bureau, _ in rows}, "MCA": {affairs for _, affairs in rows}}
    having = [name for name, known in systems.items() if all(code in known for code in codes)]
    wanted = having[0] if codes and len(having) == 1 else None
    assert code_system(codes, register, "village") == wanted


def test_the_township_in_a_colliding_code_is_sought_in_both_systems(register: Register) -> None:
    """A village that is new to the register of codes, under a township whose nine digits mean two."""
    found = matched(register, [("330212005900", "万科社区"), ("330212005901", "城兴社区"), ("330212121900", "茅山村")])
    assert list(found.codes) == [WANKE, CHENGXING, MAOSHAN]


def test_code_and_name_of_different_places_are_asked(register: Register) -> None:
    found = matched(register, [(FANSHIDU, "陆家堰村")])
    assert reasons(found) == {0: "contradiction"}
    assert {code for code, _ in found.unmatched[0].candidates} == {FANSHIDU, LUJIAYAN}


# ---- names

DRESSES = (
    "{core}", "{name}", "{core}村委会", "{core}村村委会", "{core}村民委员会", " {core} ", "姜山镇{name}", "姜山{name}",
    "鄞州区姜山镇{name}", "浙江省宁波市鄞州区姜山镇{core}村民委员会",
)  # fmt: skip


@pytest.mark.parametrize("dress", DRESSES)
def test_a_name_is_known_in_every_dress(register: Register, dress: str) -> None:
    for code, core in ((FANSHIDU, "翻石渡"), (LUJIAYAN, "陆家堰")):
        assert register.called(dress.format(core=core, name=f"{core}村"), "village") == [code]


@pytest.mark.parametrize(
    ("said", "place"),
    [("茅山村", MAOSHAN), ("茅山村委会", MAOSHAN), ("姜山镇茅山村", MAOSHAN), ("姜山镇茅山社区", MAOSHAN_COMMUNITY),
     ("中河街道茅山社区居委会", MAOSHAN_EAST), ("万科居委会", WANKE)],
)  # fmt: skip
def test_township_and_kind_in_the_name_tell_namesakes_apart(register: Register, said: str, place: str) -> None:
    assert list(matched(register, [(None, said)]).codes) == [place]


def test_the_same_short_name_in_two_townships_is_asked_unless_the_township_is_known(register: Register) -> None:
    alone = matched(register, [(None, "茅山社区")])
    assert reasons(alone) == {0: "ambiguous"}
    assert {code for code, _ in alone.unmatched[0].candidates} >= {MAOSHAN_EAST, MAOSHAN_COMMUNITY}
    above = PlaceColumns("village", name="n", township="t")
    rows = pd.DataFrame({"n": ["茅山社区"] * 3, "t": ["姜山镇", "中河街道办事处", "宁波市鄞州区姜山镇人民政府"]})
    assert list(match_places(rows, register, above).codes) == [MAOSHAN_COMMUNITY, MAOSHAN_EAST, MAOSHAN_COMMUNITY]
    around = pd.Series([ZHONGHE, JIANGSHAN, None])
    assert list(match_places(rows.assign(t=None), register, above, townships=around).codes)[:2] == [
        MAOSHAN_EAST,
        MAOSHAN_COMMUNITY,
    ]


def test_the_township_that_a_row_names_comes_before_the_one_it_lies_in(register: Register) -> None:
    rows = pd.DataFrame({"n": ["茅山社区"], "t": ["姜山镇"]})
    found = match_places(
        rows, register, PlaceColumns("village", name="n", township="t"), townships=pd.Series([ZHONGHE])
    )
    assert list(found.codes) == [MAOSHAN_COMMUNITY]


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.sampled_from([*OPEN]), st.sampled_from(["", "村", "社区", "村委会", "居委会", "村民委员会"]), st.booleans())
def test_names_find_what_a_comparison_with_every_place_finds(
    register: Register, code: str, suffix: str, prefixed: bool
) -> None:
    """The twin compares with every name of the register, each written out in every form it may have."""
    rows = [line.split(",") for line in PLACES.splitlines()[1:]]
    towns = {row[0]: (row[2], row[2].removesuffix("街道").removesuffix("镇")) for row in rows if row[4] == "镇街"}
    own = next(row for row in rows if row[0] == code)
    core = own[3].removesuffix("社区").removesuffix("村")
    said = (towns[own[5]][0] if prefixed else "") + core + suffix
    forms: dict[str, set[str]] = {}
    for row in (row for row in rows if row[4] == "村社"):
        bare = row[3].removesuffix("社区").removesuffix("村")
        kinds = ("", "村", "村委会", "村民委员会") if row[6] == "村" else ("", "社区", "居委会")
        other = ("社区", "居委会") if row[6] == "村" else ("村", "村委会", "村民委员会")
        for before, end in itertools.product(("", *towns[row[5]]), kinds):
            forms.setdefault(before + bare + end, set()).add(row[0])
        for before, end in itertools.product(("", *towns[row[5]]), other):
            forms.setdefault(f"?{before}{bare}{end}", set()).add(
                row[0]
            )  # of the other kind: if nothing better bears it
    assert set(register.called(said, "village")) == (forms.get(said) or forms.get(f"?{said}", set()))


# ---- what is left over


def test_what_nobody_can_tell_is_listed_with_its_reason(register: Register) -> None:
    rows = [("330212999999", "无此村"), (None, None), (None, "茅山社区"), (FANSHIDU, "翻石渡村"), ("", "  ")]
    found = matched(register, rows)
    assert reasons(found) == {0: "unknown", 1: "nameless", 2: "ambiguous", 4: "nameless"}
    assert [(one.code, one.name) for one in found.unmatched] == [
        ("330212999999", "无此村"), ("", ""), ("", "茅山社区"), ("", ""),
    ]  # fmt: skip
    assert list(found.codes) == [None, None, None, FANSHIDU, None]


def test_an_answer_counts_before_everything_else(register: Register) -> None:
    rows = [(FANSHIDU, "翻石渡村"), (None, "茅山社区"), ("9", "水库")]
    found = matched(register, rows, answers={0: LUJIAYAN, 1: MAOSHAN_EAST, 2: LEFT_OUT})
    assert list(found.codes) == [LUJIAYAN, MAOSHAN_EAST, None]
    assert (found.unmatched, found.left_out) == ((), 1)


@pytest.mark.parametrize("answers", [{0: "330212999999"}, {0: JIANGSHAN}, {0: MERGED}, {5: FANSHIDU}, {-1: FANSHIDU}])
def test_an_answer_that_names_no_such_shape_or_place_is_refused(register: Register, answers: dict[int, str]) -> None:
    with pytest.raises(UserError) as refused:
        matched(register, [(FANSHIDU, "翻石渡村")], answers=answers)
    assert next(iter(answers.values())) in refused.value.zh or str(next(iter(answers))) in refused.value.zh


def test_repeated_and_missing_places_are_counted(register: Register) -> None:
    found = matched(register, [(FANSHIDU, None), (FANSHIDU, "翻石渡"), (LUJIAYAN, None)])
    assert found.repeated == {FANSHIDU: 2}
    assert {code for code, _ in found.missing} == set(OPEN) - {FANSHIDU, LUJIAYAN}
    assert dict(found.missing)[MAOSHAN] == "茅山村委会"


def test_a_closed_place_is_counted_as_the_one_that_took_it_over(register: Register) -> None:
    found = matched(register, [(MERGED, "东光村"), (None, "东光村"), (FANSHIDU, "翻石渡村"), (ENDED, "井亭村")])
    assert list(found.codes) == [FANSHIDU, FANSHIDU, FANSHIDU, None]
    assert found.inherited == {MERGED: FANSHIDU}
    assert found.repeated == {FANSHIDU: 3}
    assert reasons(found) == {3: "closed"}
    assert not {MERGED, ENDED} & {code for code, _ in found.missing}
