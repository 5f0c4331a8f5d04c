"""Transactions hold or leave nothing; migrations run once and refuse the future."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from credkit.errors import ConfigError
from credkit.storage import migrate, open_engine, reading, scrub, transaction

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text, nullable=False))
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("notes", sa.Column("more", sa.Text))
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    (tmp_path / "migrations" / "versions" / "0001_first.py").write_text(FIRST)
    return tmp_path / "migrations"


@pytest.fixture
def engine(tmp_path: Path, migrations: Path, new_database: Callable[[Path], str]) -> Iterator[Engine]:
    engine = open_engine(new_database(tmp_path))
    migrate(engine, migrations)
    yield engine
    engine.dispose()


@pytest.fixture
def file(tmp_path: Path, migrations: Path) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path / 'data.db'}")
    migrate(engine, migrations)
    return engine


def notes(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [row[0] for row in connection.execute(text("SELECT text FROM notes ORDER BY id"))]


def test_a_sqlite_file_waits_for_writers_keeps_foreign_keys_and_syncs_fully(file: Engine) -> None:
    with reading(file) as connection:
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                  for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")]

    assert values == ["wal", 1, 2, 15000]


def test_a_finished_transaction_is_kept_and_a_broken_one_leaves_nothing(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(text("INSERT INTO notes (text) VALUES ('kept')"))

    with pytest.raises(RuntimeError), transaction(engine) as connection:
        connection.execute(text("INSERT INTO notes (text) VALUES ('lost')"))
        raise RuntimeError

    assert notes(engine) == ["kept"]


def test_read_then_write_in_parallel_transactions_loses_no_count(engine: Engine) -> None:
    def add_one() -> None:
        for _ in range(20):
            with transaction(engine) as connection:
                count = connection.execute(text("SELECT count(*) FROM notes")).scalar_one()
                connection.execute(text("INSERT INTO notes (text) VALUES (:text)"), {"text": str(count)})

    threads = [threading.Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert notes(engine) == [str(number) for number in range(80)]


def test_a_reader_sees_one_moment_while_a_writer_goes_on(engine: Engine) -> None:
    with reading(engine) as reader:
        before = reader.execute(text("SELECT count(*) FROM notes")).scalar_one()
        with transaction(engine) as writer:
            writer.execute(text("INSERT INTO notes (text) VALUES ('later')"))
        assert reader.execute(text("SELECT count(*) FROM notes")).scalar_one() == before

    assert notes(engine) == ["later"]


def test_migrating_again_changes_nothing_and_a_new_step_keeps_the_rows(engine: Engine, migrations: Path) -> None:
    with transaction(engine) as connection:
        connection.execute(text("INSERT INTO notes (text) VALUES ('old')"))
    migrate(engine, migrations)
    (migrations / "versions" / "0002_second.py").write_text(SECOND)

    migrate(engine, migrations)

    with reading(engine) as connection:
        assert connection.execute(text("SELECT text, more FROM notes")).one() == ("old", None)


def test_a_newer_schema_than_known_refuses_to_start(engine: Engine, migrations: Path) -> None:
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))

    with pytest.raises(ConfigError, match="newer version"):
        migrate(engine, migrations)


def test_a_migration_that_breaks_half_way_leaves_the_old_schema(engine: Engine, migrations: Path) -> None:
    (migrations / "versions" / "0002_second.py").write_text(SECOND + "    raise RuntimeError\n")

    with pytest.raises(RuntimeError):
        migrate(engine, migrations)

    with reading(engine) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0001"
        assert "more" not in [column["name"] for column in inspect(connection).get_columns("notes")]


@pytest.mark.parametrize("url", ["", "nonsense", "oracle9://x", "sqlite:////no/such/folder/x.db"])
def test_an_address_that_is_no_database_is_a_config_error(url: str, migrations: Path) -> None:
    with pytest.raises(ConfigError):
        migrate(open_engine(url), migrations)


def test_a_file_that_is_no_database_is_a_config_error(tmp_path: Path, migrations: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"certainly not SQLite" * 100)

    with pytest.raises(ConfigError):
        migrate(open_engine(f"sqlite:///{tmp_path / 'x.db'}"), migrations)


CANARY = "ZZCANARY " * 400  # more than a page of the file holds beside others


def on_disk(engine: Engine) -> bytes:
    path = Path(str(engine.url.database))
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*") if each.is_file())


@pytest.mark.parametrize(
    "statement", ["DELETE FROM notes WHERE id = 2", "UPDATE notes SET text = 'other' WHERE id = 2"])
def test_no_byte_stays_of_what_was_deleted_or_replaced(file: Engine, statement: str) -> None:
    with transaction(file) as connection:
        for number in (1, 2, 3):
            connection.execute(text("INSERT INTO notes VALUES (:number, :text)"), {"number": number, "text": (
                CANARY if number == 2 else "kept")})
    assert b"ZZCANARY" in on_disk(file)

    with transaction(file) as connection:
        connection.execute(text(statement))
    assert scrub(file)

    assert b"ZZCANARY" not in on_disk(file)
    assert "kept" in notes(file)


def test_who_reads_meanwhile_holds_it_up_and_the_next_time_does_it(tmp_path: Path, migrations: Path) -> None:
    hasty = open_engine(f"sqlite:///{tmp_path / 'data.db'}")
    migrate(hasty, migrations)
    with transaction(hasty) as connection:
        connection.execute(text("INSERT INTO notes VALUES (1, :text)"), {"text": CANARY})
    with reading(hasty) as reader:
        reader.execute(text("SELECT * FROM notes")).all()
        with transaction(hasty) as connection:
            connection.execute(text("DELETE FROM notes"))
        with hasty.connect() as impatient:
            impatient.connection.driver_connection.execute("PRAGMA busy_timeout=0")  # type: ignore[union-attr]
        assert not scrub(hasty)

    assert scrub(hasty)
    assert b"ZZCANARY" not in on_disk(hasty)
