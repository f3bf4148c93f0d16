"""A layer that begins or ceases to count: what is located anew, and what a person is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.boundaries import LayerOrigin, add_layer, read_layers
from data_access.boundary_delivery.acceptance import accept, set_aside
from data_access.engine import reading
from data_access.errors import UserError
from data_access.tables import audit_event, site
from tests.data_access.small_district import load, registers
from tests.data_access.surveyed_district import (
    FANSHIDU,
    LUJIAYAN,
    VILLAGES,
    firm_at,
    middle,
    squares,
    survey,
    write_rows,
)

TURNED = [*VILLAGES[:2], LUJIAYAN, FANSHIDU, *VILLAGES[4:]]
"""The villages in a row, two of them changed round."""


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """The small district, surveyed, with a firm that was located by its position."""
    made = registers(database_url, tmp_path)
    survey(made)
    load(made, "firms", write_rows(tmp_path / "f.csv", [firm_at("P1", middle(FANSHIDU))]))
    yield made
    made.dispose()


def waiting(engine: Engine, *, precision: str = "surveyed", since: str = "2021-01-01") -> int:
    origin = LayerOrigin(name="新", source="x", precision=precision, valid_from=dt.date.fromisoformat(since))
    return add_layer(engine, squares(TURNED), origin, by="li")


def village_of_the_firm(engine: Engine) -> str:
    with reading(engine) as connection:
        return str(connection.execute(sa.select(site.c.place_code).where(site.c.code == "P1")).scalar_one())


def relocations(engine: Engine) -> int:
    with reading(engine) as connection:
        statement = sa.select(sa.func.count()).where(audit_event.c.action == "relocate")
        return int(connection.execute(statement).scalar_one())


def test_an_accepted_layer_moves_what_was_located_by_position_and_says_so(engine: Engine) -> None:
    change = accept(engine, waiting(engine), by="li")
    assert change.relocation is not None and change.relocation.sites_moved == 1
    assert village_of_the_firm(engine) == LUJIAYAN
    assert change.sentences() == (
        "已按新边界重新定位：1 个对象、0 件工单换了村社。",
        "Positions were located anew: 1 sites and 0 issues changed their village.",
    )


def test_setting_it_aside_moves_everything_back(engine: Engine) -> None:
    number = waiting(engine)
    accept(engine, number, by="li")
    change = set_aside(engine, number, by="li")
    assert change.relocation is not None and change.relocation.sites_moved == 1
    assert village_of_the_firm(engine) == FANSHIDU


@pytest.mark.parametrize(("precision", "since"), [("schematic", "2021-01-01"), ("surveyed", "2019-01-01")])
def test_a_layer_that_does_not_become_the_present_one_moves_nothing_and_that_is_said(
    engine: Engine, precision: str, since: str
) -> None:
    change = accept(engine, waiting(engine, precision=precision, since=since), by="li")
    assert change.relocation is None
    assert village_of_the_firm(engine) == FANSHIDU
    zh, en = change.sentences()
    assert zh.startswith("今天使用的仍是“测绘 2020-01-01”") and en.startswith("Today '测绘 2020-01-01' is still in use")


def test_a_layer_for_a_later_day_waits_for_it(engine: Engine) -> None:
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    change = accept(engine, waiting(engine, since=tomorrow.isoformat()), by="li")
    assert change.layer.accepted and change.relocation is None
    assert change.present is not None and change.present.id != change.layer.id


def test_where_nothing_surveyed_counts_any_more_positions_stay(engine: Engine) -> None:
    (layer,) = read_layers(engine)
    change = set_aside(engine, layer.id, by="li")
    assert (change.present, change.relocation, change.sentences()) == (None, None, ("", ""))
    assert village_of_the_firm(engine) == FANSHIDU


def test_accepting_again_locates_again_and_changes_nothing(engine: Engine) -> None:
    number = waiting(engine)
    accept(engine, number, by="li")
    change = accept(engine, number, by="li")
    assert change.relocation is not None and change.relocation.sites_moved == 0
    assert relocations(engine) == 2


def test_what_is_gone_cannot_be_accepted(engine: Engine) -> None:
    with pytest.raises(UserError, match="is gone"):
        accept(engine, 99, by="li")
    assert relocations(engine) == 0
