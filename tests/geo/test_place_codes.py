"""Codes: levels, parents, and two code systems that use the same digits for different places."""

import pytest

from geo.place_codes import (
    UnknownPlaceCode,
    label_names,
    level_of,
    parent_of,
    place_code,
    township_of,
    translate_codes,
)

KNOWN = {
    ("nbs", "330212004"): "330212004",
    ("nbs", "330212002"): "330212002",
    ("mca", "330212004"): "330212002",
    ("mca", "330212008"): "330212004",
}


def test_the_length_of_a_code_tells_its_level_and_parent() -> None:
    assert [level_of(code) for code in ("330212", "330212110", "330212110233")] == ["district", "township", "village"]
    assert [parent_of(code) for code in ("330212", "330212110", "330212110233")] == [None, "330212", "330212110"]
    assert [township_of(code) for code in ("330212", "330212110", "330212110233")] == [None, "330212110", "330212110"]


@pytest.mark.parametrize("code", ["", "33021", "3302121100", "33021211O", "３３０２１２", "330212 "])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="not a place code"):
        level_of(code)


def test_the_same_digits_mean_different_places_in_two_systems() -> None:
    assert place_code("nbs", "330212004", known=KNOWN) == "330212004"
    assert place_code("mca", "330212004", known=KNOWN) == "330212002"


def test_a_code_of_the_other_system_is_never_taken_over() -> None:
    with pytest.raises(UnknownPlaceCode) as problem:
        place_code("nbs", "330212008", known=KNOWN)
    assert (problem.value.code, problem.value.system) == ("330212008", "nbs")


def test_unknown_codes_are_listed_once_and_keep_their_place_empty() -> None:
    places, unknown = translate_codes([" 330212008 ", "330212999", "330212999"], system="mca", known=KNOWN)
    assert places == ["330212004", None, None]
    assert unknown == ["330212999"]


@pytest.mark.parametrize(
    ("name", "level", "expected"),
    [
        ("下应街道", "township", ("下应街道", "下应")),
        ("东钱湖镇", "township", ("东钱湖镇", "东钱湖")),
        ("东兴社区居委会", "village", ("东兴社区", "东兴")),
        ("翻石渡村村委会", "village", ("翻石渡村", "翻石渡")),
        ("韩村", "village", ("韩村",)),
        ("莫枝", "village", ("莫枝",)),
    ],
)
def test_names_are_shortened_only_while_two_characters_remain(name: str, level: str, expected: tuple[str, ...]) -> None:
    assert label_names(name, level=level) == expected
