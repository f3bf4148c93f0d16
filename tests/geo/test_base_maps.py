"""The base map setting: what is taken, what is refused with which sentence, and that no key gets out."""

from __future__ import annotations

import pytest

from geo.base_maps import BaseMap, base_map
from geo.errors import LayerError

TIANDITU = (
    "https://t0.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=0123456789abcdef"
)
LABELS = TIANDITU.replace("vec", "cva")
CREDIT = "天地图 审图号：GS(2024)0568号"


def made(address: str, **more: str) -> BaseMap:
    found = base_map(address, attribution=CREDIT, **more)
    assert found is not None
    return found


def test_nothing_set_is_no_base_map() -> None:
    assert base_map("") is None
    assert base_map("  ", attribution=CREDIT) is None


def test_tiles_become_a_raster_style_with_labels_on_top() -> None:
    ground = made(TIANDITU, labels=LABELS)
    style = ground.style()
    assert isinstance(style, dict)
    assert style["version"] == 8
    assert [layer["source"] for layer in style["layers"]] == ["ground", "labels"]
    assert style["sources"]["ground"]["tiles"] == [TIANDITU]
    assert style["sources"]["labels"]["tiles"] == [LABELS]
    assert all(source["type"] == "raster" and source["tileSize"] == 256 for source in style["sources"].values())
    assert not ground.is_style


def test_the_address_of_a_style_is_handed_on_as_it_is() -> None:
    ground = made("http://maps.example:8080/styles/plain.json?key=1")
    assert ground.is_style
    assert ground.style() == "http://maps.example:8080/styles/plain.json?key=1"


def test_the_hosts_asked_are_named_once_each_without_path_or_key() -> None:
    assert made(TIANDITU, labels=LABELS).origins == ("https://t0.tianditu.gov.cn",)
    other = made("http://a.example:81/{z}/{x}/{y}", labels="http://B.example/{z}/{x}/{y}")
    assert other.origins == ("http://a.example:81", "http://b.example")


def test_a_key_is_neither_in_the_words_of_the_object_nor_in_those_of_an_error() -> None:
    assert "0123456789abcdef" not in repr(made(TIANDITU, labels=LABELS))
    broken = ("{q}" + TIANDITU, TIANDITU.replace("{x}", "3"), TIANDITU.replace("https", "ftp"), TIANDITU + " x")
    for address in broken:
        with pytest.raises(LayerError) as told:
            made(address)
        assert "0123456789abcdef" not in str(told.value)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tiles/{z}/{x}/{y}", "http://"),
        ("ftp://tiles.example/{z}/{x}/{y}", "http://"),
        ("javascript:alert(1)//{z}{x}{y}", "http://"),
        ("http://{s}.example/{z}/{x}/{y}", "{s}"),
        ("http:///{z}/{x}/{y}", "http://"),
        ("http://tiles.example:port/{z}/{x}/{y}", "http://"),
        ("http://tiles.example;img-src *.evil/{z}/{x}/{y}", "spaces"),
        ("http://tiles.example;x/{z}/{x}/{y}", "http://"),
        ("http://user:secret@tiles.example/{z}/{x}/{y}", "password"),
        ("http://tiles.example/{z}/{x}", "once each"),
        ("http://tiles.example/{z}/{x}/{y}/{y}", "once each"),
        ("http://tiles.example/{s}/{z}/{x}/{y}", "once each"),
        ("http://tiles.example/tiles", "once each"),
        ('http://tiles.example/{z}/{x}/{y}?a="b', "quotes"),
        ("http://tiles.example/{z}/{x}/{y}?" + "a" * 2000, "too long"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_both_languages(address: str, words: str) -> None:
    with pytest.raises(LayerError) as told:
        made(address)
    assert "BASE_MAP" in told.value.zh and "BASE_MAP" in told.value.en
    assert words in told.value.en
    assert told.value.zh.endswith("。") and told.value.en.endswith(".")


def test_a_base_map_without_attribution_is_refused() -> None:
    with pytest.raises(LayerError, match="BASE_MAP_ATTRIBUTION"):
        base_map(TIANDITU, attribution=" ")


def test_labels_need_tiles_under_them_and_are_checked_too() -> None:
    with pytest.raises(LayerError, match="BASE_MAP_LABELS"):
        base_map("", labels=LABELS, attribution=CREDIT)
    with pytest.raises(LayerError, match="BASE_MAP_LABELS"):
        made("http://maps.example/plain.json", labels=LABELS)
    with pytest.raises(LayerError, match="BASE_MAP_LABELS"):
        made(TIANDITU, labels="http://labels.example/{z}")
