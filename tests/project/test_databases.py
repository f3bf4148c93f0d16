"""The databases that other tests stand on."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text

from tests.databases import fresh_postgres_database, url_text

PROJECT = Path(__file__).resolve().parents[2]


def count_tables(url: str) -> int:
    engine = create_engine(url)
    tables = "sqlite_master" if engine.dialect.name == "sqlite" else "pg_tables WHERE schemaname = 'public'"
    with engine.connect() as connection:
        counted = connection.execute(text(f"SELECT count(*) FROM {tables}")).scalar_one()
    engine.dispose()
    return int(counted)


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_gets_an_empty_database_of_its_own(database_url: str, turn: int) -> None:
    assert count_tables(database_url) == 0
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (turn integer)"))
    engine.dispose()
    assert count_tables(database_url) == 1


def test_a_database_made_from_a_template_has_its_tables(postgres_server: URL) -> None:
    with fresh_postgres_database(postgres_server) as original:
        engine = create_engine(original)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE one (a integer)"))
        engine.dispose()
        assert original.database is not None
        with fresh_postgres_database(postgres_server, template=original.database) as copy:
            assert count_tables(url_text(copy)) == 1


def test_the_database_somebody_works_with_cannot_be_opened() -> None:
    with pytest.raises(RuntimeError, match="somebody works with"):
        sqlite3.connect(PROJECT / "data" / "yinzhou.db")
