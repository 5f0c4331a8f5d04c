"""Engine, transactions and migrations: SQLite by default, PostgreSQL by URL (SQLAlchemy Core + Alembic).

A role keeps its migrations in ``ROLE/migrations/versions/`` (plain Alembic files, no ``env.py``) and its SQL in
``ROLE/store.py``; nothing else speaks to a database.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from credkit.errors import ConfigError

BUSY_TIMEOUT_S = 15
_WRITERS = 0x6261636B7061636B
"""The number under which writers of one PostgreSQL database wait for each other."""
_TO_WRITE: Final = {"sqlite": "BEGIN IMMEDIATE", "postgresql": f"SELECT pg_advisory_xact_lock({_WRITERS})"}
_TO_READ: Final = {"sqlite": "BEGIN", "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"}
_REVISION = re.compile(r'^(down_|)revision(?:: [^=]+)? = "([^"]+)"', re.MULTILINE)


def open_engine(url: str) -> Engine:
    """An engine for ``url``, e.g. ``sqlite:////path/wallet.db`` or ``postgresql+psycopg://…``.

    SQLite files get a write-ahead log, foreign keys, full synchronous writes, 15 s of patience with other writers, and
    zeros wherever something was deleted. On PostgreSQL there is one writer at a time as well (decision 0023).

    Raises:
        ConfigError: not a database URL, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed, pool_pre_ping=True)
        if parsed.get_backend_name() != "sqlite":
            raise ConfigError("the database address is not one this program can open")
        engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    except (ArgumentError, ImportError) as error:
        raise ConfigError("the database address is not one this program can open") from error
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver shall not open transactions of its own; _begin does
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One read-write transaction: committed at the end of the block, rolled back if it raises.

    It takes the write lock at once, so that what is read inside cannot change before it is written.

    Raises:
        ConfigError: the database cannot be opened.
    """
    with _connect(engine) as connection, connection.begin():
        _begin(connection, _TO_WRITE)
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database that waits for no writer and holds none up; never write in it.

    Raises:
        ConfigError: the database cannot be opened.
    """
    with _connect(engine) as connection, connection.begin():
        _begin(connection, _TO_READ)
        yield connection


def _begin(connection: Connection, statements: Mapping[str, str]) -> None:
    """Begin; on SQLite by the driver itself, in a quarter of the time that a statement takes through SQLAlchemy."""
    statement = statements[connection.dialect.name]
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(statement)
        return
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(statement).close()
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error, dialect=connection.dialect) from error


def scrub(engine: Engine) -> bool:
    """Take what was deleted out of the write-ahead log too, which holds former pages until it begins anew (SQLite).

    Returns:
        False if somebody was reading the whole time; the next call does it. On PostgreSQL its own VACUUM does this.

    Raises:
        ConfigError: the database cannot be opened.
    """
    if engine.dialect.name != "sqlite":
        return True
    with _connect(engine) as connection:
        driver: Any = connection.connection.driver_connection
        busy, _pages, _written = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


@contextmanager
def _connect(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise ConfigError("the database cannot be opened") from error
    with connection:
        yield connection


def migrate(engine: Engine, migrations_directory: Path) -> None:
    """Bring the schema up to the newest revision in ``migrations_directory/versions``, all in one transaction.

    Two processes that start at once do it once. Doing it again changes nothing.

    Raises:
        ConfigError: the database holds a newer schema than this program knows, or is not a database.
    """
    if _is_current(engine, migrations_directory):
        return
    # Alembic takes a third of a second to import, which a command on an up-to-date database does without.
    from alembic.config import Config
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(migrations_directory).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, context: MigrationContext) -> list[Any]:
        return list(script._upgrade_revs("head", revision))

    try:
        with transaction(engine) as connection:
            context = MigrationContext.configure(connection, opts={"fn": steps, "transactional_ddl": True})
            for head in context.get_current_heads():
                script.get_revision(head)
            with Operations.context(context):
                context.run_migrations()
    except CommandError as error:
        raise ConfigError("the data was written by a newer version of this program") from error
    except DBAPIError as error:
        raise ConfigError("the database cannot be opened") from error


def _is_current(engine: Engine, migrations_directory: Path) -> bool:
    """Whether the database is at the newest revision, read from the files' ``revision`` and ``down_revision`` lines."""
    found = [dict(_REVISION.findall(path.read_text(encoding="utf-8")))
             for path in (migrations_directory / "versions").glob("*.py")]
    heads = {each.get("") for each in found} - {each.get("down_") for each in found}
    try:
        with reading(engine) as connection:
            rows = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
            return set(rows) == heads
    except SQLAlchemyError:
        return False
