"""A PostgreSQL server of the test run's own: in a folder of its own, by a socket, for as long as the block lasts."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine

_NAME = "backpack"
_INSTALLED = "/usr/lib/postgresql/*/bin/initdb"


class Server:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"d{next(self._numbers)}"
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{_NAME}@/{name}?host={self._folder}"


@contextmanager
def running() -> Iterator[Server]:
    """Start a server; it does not run as root, which it refuses, and loses everything when it ends."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="backpack-pg-"))
    user = "postgres" if os.getuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run([programs / program, "-D", folder / "data", *arguments], check=True, cwd=folder, user=user,
                       extra_groups=[] if user else None, stdout=subprocess.DEVNULL, env={"LC_ALL": "C.UTF-8"})

    try:
        run("initdb", "-U", _NAME, "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "start", "-o",
            f"-k {folder} -c listen_addresses= -c max_connections=300 -c fsync=off")
        try:
            yield Server(folder)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(Path("/").glob(_INSTALLED[1:])) or [Path(path) for path in [shutil.which("initdb")] if path]
    assert found, "PostgreSQL is missing: apt-get install postgresql"
    return found[-1].parent
