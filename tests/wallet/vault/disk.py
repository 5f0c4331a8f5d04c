"""What a hostile server does to a wallet's database, and what it sees there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def attack(path: Path, statement: str, *values: object) -> None:
    """Write something."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(statement, values)
        connection.commit()


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    """Read something."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute(statement))


def everything_on_disk(folder: Path) -> bytes:
    """Every byte of every file."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file())
