"""The overview's figures against a slow recount of the event tables, on both databases."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
import streamlit as st

from data_access.engine import create_engine
from data_access.releases import DataVersion, current_data_version
from tests.databases import fresh_postgres_database, url_text
from ui.measures import View
from ui.payloads.circular_table import DISTRICT
from ui.payloads.overview_payload import overview

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demonstration(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a database with a small demonstration district; the pages' reads go there."""
    if request.param == "sqlite":
        yield from _chosen(f"sqlite:///{request.getfixturevalue('demo_sqlite')}")
        return
    with fresh_postgres_database(request.getfixturevalue("postgres_server")) as url:
        environment = {**os.environ, "DATABASE_URL": url_text(url)}
        command = [sys.executable, "-m", "data_access", "demo", "--scale", "0.03"]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True)
        yield from _chosen(url_text(url))


def _chosen(url: str) -> Iterator[str]:
    before = os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = url
    st.cache_data.clear()
    st.cache_resource.clear()
    yield url
    from ui import cached_reads

    cached_reads.engine().dispose()
    st.cache_data.clear()
    st.cache_resource.clear()
    os.environ["DATABASE_URL"] = before


@dataclass
class Recount:
    """Figures counted one event at a time: indicator → place → (x, n), group → (x, n) for the gaps."""

    places: dict[str, dict[str, tuple[int, int]]]
    groups: dict[tuple[str, str], tuple[int, int]]
    reported: Counter[str]


def recount(url: str, *, first: int, settled: int, last: int, version: DataVersion, inside: set[str]) -> Recount:
    """Read every event row and count in plain Python."""
    engine = create_engine(url)
    x: dict[str, Counter[str]] = {}
    n: dict[str, Counter[str]] = {}
    reported: Counter[str] = Counter()
    group_x: Counter[tuple[str, str]] = Counter()
    group_n: Counter[tuple[str, str]] = Counter()
    end = f"{version.as_of} 23:59:59.999999"

    def count(indicator: str, place: str, success: bool) -> None:
        n.setdefault(indicator, Counter())[place] += 1
        x.setdefault(indicator, Counter())[place] += int(success)

    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM issue WHERE superseded_by IS NULL")).mappings()
        for row in rows:
            place = row["place_code"][:9]
            if place not in inside or not first <= row["month"] <= last:
                continue
            reported[place] += 1
            if row["month"] > settled:
                continue
            due = row["accepted_at"] is not None and row["due_at"] is not None and str(row["due_at"]) <= end
            if due:
                count("resolution_rate", place, bool(row["solved"]))
                closed = row["closed_at"] is not None and str(row["closed_at"]) <= str(row["due_at"])
                count("on_time_rate", place, closed)
            if row["reached"]:
                count("satisfaction_rate", place, bool(row["satisfied"]))
            if row["called_back"]:
                count("callback_reach_rate", place, bool(row["reached"]))
            count("repeat_rate", place, row["repeat_of"] is not None)
        results = connection.execute(
            sa.text(
                "SELECT r.*, p.area_type, s.kind, e.management, f.size FROM inspection_result r"
                " JOIN place p ON p.code = r.place_code JOIN site s ON s.code = r.site_code"
                " LEFT JOIN estate e ON e.code = s.code LEFT JOIN firm f ON f.code = s.code"
                " WHERE r.superseded_by IS NULL"
            )
        ).mappings()
        for row in results:
            place = row["place_code"][:9]
            if place not in inside or not first <= row["month"] <= last or row["recheck"]:
                continue
            count("prevention_compliance", place, bool(row["passed"]))
            size = {"large": "b", "medium": "b", "small": "a", "micro": "a"}.get(row["size"] or "")
            management = {"managed": "b", "self_governed": "a"}.get(row["management"] or "")
            groups = {
                "urban_rural": {"urban": "a", "rural": "b"}.get(row["area_type"] or ""),
                "estate_management": management if row["kind"] == "estate" else None,
                "firm_size": size,
            }
            for pairing, side in groups.items():
                if side:
                    group_n[pairing, side] += 1
                    group_x[pairing, side] += int(row["passed"])
    engine.dispose()
    places = {code: {place: (x[code][place], n[code][place]) for place in n[code]} for code in n}
    return Recount(places, {key: (group_x[key], group_n[key]) for key in group_n}, reported)


def pair_in(title: str) -> tuple[int, int] | None:
    """The counts printed in a title: 「98.3%（可能区间…，985/1,000）」 → (985, 1000)."""
    match = re.search(r"([\d,]+)/([\d,]+)", title)
    return (int(match[1].replace(",", "")), int(match[2].replace(",", ""))) if match else None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "last", "township_set"), [(202201, 202212, "all"), (202001, 202004, "all"), (202101, 202106, "towns")]
)
def test_every_figure_of_the_overview_equals_a_recount_of_the_events(
    demonstration: str, first: int, last: int, township_set: str
) -> None:
    engine = create_engine(demonstration)
    version = current_data_version(engine)
    assert version is not None
    with engine.connect() as connection:
        register = connection.execute(sa.text("SELECT code, kind FROM place WHERE level = 'township'")).all()
    engine.dispose()
    inside = {code for code, kind in register if township_set == "all" or kind == "town"}
    view = View("330212", None, first, last, township_set, version.number, 202001, version.provisional_from, "zh")
    board = overview(view, "resolution_rate", True)
    settled = view.months("issues")[1]
    slow = recount(demonstration, first=first, settled=settled, last=last, version=version, inside=inside)

    tiles = {tile.code: tile for tile in board.tiles}
    assert tiles["issues_per_1000"].value_text == f"{slow.reported.total():,}"
    for code in ("resolution_rate", "satisfaction_rate", "on_time_rate", "prevention_compliance"):
        x = sum(pair[0] for pair in slow.places[code].values())
        n = sum(pair[1] for pair in slow.places[code].values())
        numerator, denominator = (value for _, value in tiles[code].details[:2])
        assert numerator.endswith(f" {x:,}"), code
        assert denominator.endswith(f" {n:,}"), code
        shown = float(tiles[code].value_text)
        assert abs(shown - 100 * x / n) <= 0.1 + 1e-9, code

    strips = {strip.code: strip for strip in board.strips}
    for (pairing, side), (x, n) in slow.groups.items():
        group = getattr(strips[pairing], side)
        assert group.value == pytest.approx(x / n), (pairing, side)
        assert group.n_text == f"n={n:,}"

    rows = {row.code: row for row in board.table["rows"]}
    assert set(rows) - {DISTRICT} == set(slow.reported)
    for code in ("on_time_rate", "resolution_rate", "satisfaction_rate", "callback_reach_rate", "repeat_rate"):
        for place, pair in slow.places[code].items():
            assert pair_in(rows[place].cells[code].title) == pair, (code, place)
    assert set(board.map["classes"]) == inside
