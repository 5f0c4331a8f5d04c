"""What is made once in a run, not once in each of the thousand applications and databases that tests make.

Each keeps what the real code made of the very same input; nothing is made in another way, but that salts take turns.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Rule

import contexts
import credkit.jsonld
import credkit.storage
import issuer.bootstrap
import verifier.bootstrap
import wallet.bootstrap
from credkit.jsonld._terms import Compiler
from credkit.ports import LoadContext, Randomness
from ui.web.app import BackpackFlask
from wallet.vault.methods import passphrase


class Templates(BytecodeCache):
    """Templates, compiled."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled from this very source."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        assert bucket.code is not None
        self._kept[bucket.key, bucket.checksum] = bucket.code


class Address(Rule):
    """An address, taken apart and put together."""

    _kept: ClassVar[dict[Any, dict[str, Any]]] = {}

    def compile(self) -> None:
        """As another application with this very address did."""
        assert self.map is not None
        key = (self.rule, repr(self.defaults), self.subdomain, self.host, self.merge_slashes, self.map.host_matching)
        if key not in self._kept:
            super().compile()
            self._kept[key] = {name: getattr(self, name) for name in ("_parts", "_trace", "_converters", "arguments")}
            self._kept[key] |= {name: getattr(self, name).__func__ for name in ("_build", "_build_unknown")}
        kept = self._kept[key]
        self._parts, self._trace = kept["_parts"], kept["_trace"]
        self._converters, self.arguments = kept["_converters"], kept["arguments"]
        self._build, self._build_unknown = (kept[name].__get__(self) for name in ("_build", "_build_unknown"))


@cache
def pinned_words(open_vocabulary: bool) -> Compiler:
    """The words of the pinned contexts, compiled."""
    return Compiler(contexts.load, open_vocabulary=open_vocabulary)


def words(load: LoadContext, *, open_vocabulary: bool) -> Compiler:
    """Those of the pinned contexts are shared; whatever a test loads in its own way is compiled for it."""
    return pinned_words(open_vocabulary) if load is contexts.load else Compiler(load, open_vocabulary=open_vocabulary)


class Grown:
    """Databases of SQLite, brought up from nothing to the newest schema."""

    def __init__(self, migrate: Callable[[Engine, Path], None]) -> None:
        self._migrate = migrate
        self._kept: dict[Path, sqlite3.Connection] = {}

    def __call__(self, engine: Engine, migrations: Path) -> None:
        """Copy what was grown before into an empty database; whatever else goes the whole way."""
        if engine.dialect.name != "sqlite" or not self._is_empty(engine):
            return self._migrate(engine, migrations)
        with engine.connect() as connection:
            file: Any = connection.connection.driver_connection
            if migrations in self._kept:
                self._kept[migrations].backup(file)
                return None
        self._migrate(engine, migrations)
        kept = self._kept[migrations] = sqlite3.connect(":memory:", check_same_thread=False)
        with engine.connect() as connection:
            file = connection.connection.driver_connection
            file.backup(kept)
        return None

    def _is_empty(self, engine: Engine) -> bool:
        try:
            with engine.connect() as connection:
                return not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        except Exception:  # noqa: BLE001 - what cannot be opened is for the real code to say
            return False


migrated = Grown(credkit.storage.migrate)


class Salts:
    """A few salts that take turns, so that the one passphrase of most tests is stretched a few times in all."""

    def __init__(self, new: Callable[[passphrase.Cost, Randomness], str]) -> None:
        self._new = new
        self._kept: dict[passphrase.Cost, deque[str]] = {}

    def __call__(self, cost: passphrase.Cost, randomness: Randomness) -> str:
        """Parameters of a slot that no other of the last few has."""
        kept = self._kept.setdefault(cost, deque())
        kept.append(self._new(cost, randomness) if len(kept) < 8 else kept.popleft())
        return kept[-1]


def keep() -> None:
    """From now on, in this process."""
    BackpackFlask.jinja_options["bytecode_cache"] = Templates()
    BackpackFlask.url_rule_class = Address
    credkit.jsonld.Compiler = words  # type: ignore
    # What one passphrase with one salt comes to.
    passphrase.derive_key = cache(passphrase.derive_key)
    passphrase.new_parameters = Salts(passphrase.new_parameters)
    # Statements: compiled for one database of SQLite they serve every other.
    SQLiteDialect_pysqlite.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    SQLiteDialect_pysqlite.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    credkit.storage.create_engine = partial(create_engine, execution_options={"compiled_cache": {}})  # type: ignore
    for role in (issuer, wallet, verifier):
        role.bootstrap.migrate = migrated
