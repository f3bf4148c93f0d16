"""Boundary layers on record: what waits changes nothing, which one counts on a day, and what is refused."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from data_access.boundaries import (
    BoundaryLayer,
    LayerOrigin,
    accept_layer,
    add_layer,
    drop_layer,
    present_layer,
    present_of,
    read_boundary_layer,
    read_layer_record,
    read_layers,
    set_aside_layer,
)
from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.tables import audit_event, boundary_layer, boundary_shape, place
from tests.data_access.small_district import registers
from tests.data_access.surveyed_district import VILLAGES, squares, survey

TOWNSHIPS = ("330212005", "330212110")
SURVEYED = LayerOrigin(
    name="2024 村社界", source="区自然资源和规划局", review_number="浙S(2024)12号", attribution="测绘院",
    licence="内部使用", reference_system="CGCS2000 3 度带", datum="GCJ-02", file_name="村界.zip", file_hash="ab" * 32,
    report={"sentences": [{"zh": "好", "en": "fine", "kind": "found"}], "figures": [1.5, None]},
)  # fmt: skip
SCHEMATIC = LayerOrigin(name="示意", source="按名录生成", precision="schematic")


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """The registers of the small district, without boundaries."""
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def layers_by_name(engine: Engine) -> dict[str, BoundaryLayer]:
    return {layer.origin.name: layer for layer in read_layers(engine)}


def deeds(engine: Engine) -> list[tuple[str, str, str]]:
    """Who did what to which layer, in the order it was done."""
    columns = (audit_event.c.who, audit_event.c.action, audit_event.c.subject)
    statement = sa.select(*columns).where(audit_event.c.action.like("%bound%")).order_by(audit_event.c.id)
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(statement)]


def test_a_layer_keeps_all_that_is_known_of_it(engine: Engine) -> None:
    number = add_layer(engine, squares(), SURVEYED, by="li", at="10.0.0.8")
    layer = read_layer_record(engine, number)
    assert layer.origin == SURVEYED
    assert (layer.brought_by, layer.accepted_at, layer.accepted_by) == ("li", None, None)
    assert (layer.townships, layer.villages, layer.accepted, layer.surveyed) == (0, 6, False, True)
    assert abs(dt.datetime.now(dt.UTC).replace(tzinfo=None) - layer.brought_at) < dt.timedelta(minutes=5)


def test_shapes_come_back_as_they_went_in(engine: Engine) -> None:
    given_shapes = squares().assign(label_lon=[121.51, None, 121.55, 121.57, 121.59, 121.61], label_lat=29.81)
    number = add_layer(engine, given_shapes, SURVEYED, by="li")
    frame = read_boundary_layer(engine, layer=number, level="village")
    assert list(frame["code"]) == sorted(VILLAGES)
    assert frame.crs == "EPSG:4490"
    assert set(frame["precision"]) == {"surveyed"}
    wanted = given_shapes.set_index("code").loc[frame["code"]]
    assert shapely.equals_identical(frame.geometry.to_numpy(), wanted.geometry.to_numpy()).all()
    assert frame["label_lon"].isna().tolist() == wanted["label_lon"].isna().tolist()
    assert frame.loc[frame["code"] == "330212110001", ["name", "parent"]].values.tolist() == [["翻石渡村", "330212110"]]
    assert read_boundary_layer(engine, layer=number, level="township").empty


def test_nothing_counts_before_it_is_accepted(engine: Engine) -> None:
    assert present_layer(engine) is None
    first = survey(engine, precision="schematic")
    waiting = add_layer(engine, squares(VILLAGES[::-1]), SURVEYED, by="li")
    present = present_layer(engine)
    assert present is not None and present.id == first
    accept_layer(engine, waiting, by="wang")
    present = present_layer(engine)
    assert present is not None and (present.id, present.accepted_by) == (waiting, "wang")


def test_setting_the_present_layer_aside_brings_the_one_before_it_back(engine: Engine) -> None:
    first, second = survey(engine), survey(engine, VILLAGES[::-1], since="2021-01-01")
    layer = set_aside_layer(engine, second, by="li")
    assert not layer.accepted and layer.accepted_by is None
    present = present_layer(engine)
    assert present is not None and present.id == first
    assert not read_boundary_layer(engine, layer=second, level="village").empty


def test_a_waiting_layer_is_dropped_with_its_shapes_and_an_accepted_one_is_not(engine: Engine) -> None:
    used = survey(engine)
    waiting = add_layer(engine, squares(), SURVEYED, by="li")
    drop_layer(engine, waiting, by="li")
    with pytest.raises(UserError, match="in use; set it aside"):
        drop_layer(engine, used, by="li")
    with reading(engine) as connection:
        assert connection.execute(sa.select(boundary_layer.c.id)).scalars().all() == [used]
        assert set(connection.execute(sa.select(boundary_shape.c.layer_id)).scalars()) == {used}


@pytest.mark.parametrize("deed", [accept_layer, set_aside_layer, drop_layer])
def test_what_is_gone_cannot_be_decided_upon(engine: Engine, deed: object) -> None:
    with pytest.raises(UserError) as refused:
        deed(engine, 77, by="li")  # type: ignore[operator]
    assert "请刷新页面" in refused.value.zh
    with pytest.raises(UserError):
        read_layer_record(engine, 77)


def test_every_deed_is_on_the_record(engine: Engine) -> None:
    number = add_layer(engine, squares(), SURVEYED, by="li", at="10.0.0.8")
    accept_layer(engine, number, by="wang")
    set_aside_layer(engine, number, by="zhao")
    drop_layer(engine, number, by="qian")
    assert deeds(engine) == [
        (who, f"{action}_boundaries", f"{number} 2024 村社界")
        for who, action in (("li", "bring"), ("wang", "accept"), ("zhao", "set_aside"), ("qian", "drop"))
    ]


def test_a_code_that_is_not_on_the_register_is_refused_and_nothing_is_kept(engine: Engine) -> None:
    strange = squares()
    strange.loc[2, "code"] = "330212999001"
    with pytest.raises(UserError, match="330212999001 is not on the register"):
        add_layer(engine, strange, SURVEYED, by="li")
    assert read_layers(engine) == []
    assert deeds(engine) == []


def test_a_place_drawn_twice_is_refused(engine: Engine) -> None:
    twice = pd.concat([squares(), squares().iloc[[3]]], ignore_index=True)
    with pytest.raises(UserError, match="Two shapes of the layer bear the code 330212110002"):
        add_layer(engine, gpd.GeoDataFrame(twice, crs="EPSG:4490"), SURVEYED, by="li")
    assert read_layers(engine) == []


def test_a_layer_without_a_shape_is_refused(engine: Engine) -> None:
    with pytest.raises(UserError, match="no shape"):
        add_layer(engine, squares().iloc[:0], SURVEYED, by="li")
    assert read_layers(engine) == []


def test_closed_places_are_left_out(engine: Engine) -> None:
    number = survey(engine)
    with writing(engine) as connection:
        closed = place.update().where(place.c.code == VILLAGES[4]).values(valid_to=dt.date(2021, 6, 30))
        connection.execute(closed.values(successor=VILLAGES[5]))
    frame = read_boundary_layer(engine, layer=number, level="village")
    assert list(frame["code"]) == sorted(set(VILLAGES) - {VILLAGES[4]})


def test_accepting_can_say_from_which_day_on(engine: Engine) -> None:
    old = survey(engine)
    new = add_layer(engine, squares(), SURVEYED, by="li")
    layer = accept_layer(engine, new, by="li", since=dt.date(2022, 5, 1))
    assert layer.origin.valid_from == dt.date(2022, 5, 1)
    counting = {day: present_layer(engine, on=day) for day in (dt.date(2022, 4, 30), dt.date(2022, 5, 1))}
    assert [one.id for one in counting.values() if one] == [old, new]


def plain(number: int, precision: str, since: dt.date, until: dt.date | None, accepted: bool) -> BoundaryLayer:
    now = dt.datetime(2024, 1, 1)
    origin = replace(SURVEYED, precision=precision, valid_from=since, valid_to=until)
    return BoundaryLayer(number, origin, now, "li", now if accepted else None, None, 2, 6)


DAYS = [dt.date(2020, 1, day) for day in range(1, 8)]
LAYERS = st.lists(
    st.tuples(
        st.sampled_from(["surveyed", "schematic"]), st.sampled_from(DAYS), st.sampled_from([None, *DAYS]), st.booleans()
    ),
    max_size=5,
)


@settings(deadline=None, derandomize=True, max_examples=120)
@given(LAYERS, st.sampled_from(DAYS))
def test_the_layer_of_a_day_is_surveyed_then_begins_latest_then_is_newest(rows: list, day: dt.date) -> None:
    layers = [plain(number, *row) for number, row in enumerate(rows, 1)]
    best = None
    for one in layers:  # the slow twin: every layer against the best so far, by the words of the rule
        began = one.origin.valid_from
        ended = one.origin.valid_to is not None and one.origin.valid_to < day
        if not one.accepted or day < began or ended:
            continue
        if (
            best is None
            or one.surveyed > best.surveyed
            or (one.surveyed == best.surveyed and began >= best.origin.valid_from)
        ):
            best = one
    for order in itertools.islice(itertools.permutations(layers), 6):
        assert present_of(order, on=day) is best


def test_layers_with_dates_stand_side_by_side(engine: Engine) -> None:
    survey(engine, since="2019-01-01", precision="schematic")
    early = add_layer(engine, squares(), replace(SURVEYED, valid_to=dt.date(2021, 12, 31)), by="li")
    late = add_layer(engine, squares(), replace(SURVEYED, name="2022 村社界", valid_from=dt.date(2022, 1, 1)), by="li")
    for number in (early, late):
        accept_layer(engine, number, by="li")
    on = {day: present_layer(engine, on=dt.date.fromisoformat(day)) for day in
          ("2018-12-31", "2019-06-01", "2020-06-01", "2021-12-31", "2022-01-01")}  # fmt: skip
    names = [one.origin.name if one else None for one in on.values()]
    assert names == [None, "测绘 2019-01-01", "2024 村社界", "2024 村社界", "2022 村社界"]
    assert set(layers_by_name(engine)) == {"测绘 2019-01-01", "2024 村社界", "2022 村社界"}
