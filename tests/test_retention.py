"""Each field is kept as long as the inventory says: what has an end goes at its end, and nothing else ever goes."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import issuer.bootstrap
import issuer.config
import issuer.web
import verifier.bootstrap
import verifier.config
import verifier.web
import wallet.bootstrap
import wallet.web
from tests.support.world import World
from tests.test_promises import INVENTORY, PRIVACY
from ui.passwords import hash_password
from wallet.config import Config

ROLES = ("issuer", "wallet", "verifier")
UNITS = {"wallet": 1, "issuer": 1000, "verifier": 1000}
ENDINGS = ("person", "record", "replaced", "never")
TIMED = [(role, name) for role in ROLES for name, table in INVENTORY[role].items() if isinstance(table["ends"], dict)]
HASHED = hash_password("correct horse battery", b"sixteen bytes ok")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Role:
    """A role over a database in which rows can be put by hand."""

    name: str
    database: Path
    world: World
    sweep: Callable[[], None]

    @property
    def now(self) -> int:
        """The clock, as this role's tables count."""
        return round((self.world.clock.now() - EPOCH).total_seconds()) * UNITS[self.name]

    def put(self, table: str, **values: Any) -> None:
        """A row with ``values``, and something in every other column."""
        with closing(sqlite3.connect(self.database)) as connection:
            columns = list(connection.execute(f"PRAGMA table_info({table})"))
            row = {column[1]: values.get(column[1], self._something(column)) for column in columns}
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
            connection.commit()

    @staticmethod
    def _something(column: tuple[Any, ...]) -> object:
        _place, name, kind, required, _default, key = column
        if not required and not key:
            return None
        return {"TEXT": f"of {name}", "VARCHAR": f"of {name}", "JSON": "{}", "BLOB": b"x"}.get(kind, 7)

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """What is in a table."""
        with closing(sqlite3.connect(self.database)) as connection:
            return sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)


def build(name: str, folder: Path) -> Role:
    world, data = World(), folder / name
    if name == "wallet":
        family = family_services(data, world)
        return Role(name, data / "wallet.sqlite3", world, family.sweeping.sweep)
    if name == "issuer":
        return Role(name, data / "issuer.sqlite3", world, office_services(data, world).sweeping.sweep)
    return Role(name, data / "verifier.sqlite3", world, college_services(data, world).results.sweep)


def family_services(data: Path, world: World) -> wallet.bootstrap.Services:
    config = Config(data, f"sqlite:///{data / 'wallet.sqlite3'}")
    return wallet.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)


def office_services(data: Path, world: World) -> issuer.bootstrap.Services:
    config = issuer.config.from_environ({}, data=data)
    issuer.bootstrap.initialise_issuer(config, origin="https://school.example", password_hash=HASHED)
    return issuer.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)


def college_services(data: Path, world: World) -> verifier.bootstrap.Services:
    config = verifier.config.from_environ({}, data=data)
    verifier.bootstrap.initialise_verifier(config, origin="https://college.example", wallets=(), password_hash=HASHED)
    return verifier.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)


def build_app(name: str, folder: Path) -> Flask:
    """The pages of a role, as they ship."""
    world, data = World(), folder / name
    if name == "wallet":
        return wallet.web.create_app(family_services(data, world))
    if name == "issuer":
        return issuer.web.create_app(office_services(data, world))
    return verifier.web.create_app(college_services(data, world))


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Role]:
    """Each role once, with nothing in it."""
    folder = tmp_path_factory.mktemp("roles")
    return {name: build(name, folder) for name in ROLES}


@pytest.fixture
def roles(founded: dict[str, Role]) -> Iterator[dict[str, Role]]:
    """The roles, as they were before."""
    kept = {name: role.database.with_suffix(".kept") for name, role in founded.items()}
    for name, role in founded.items():
        role.sweep()  # the log is empty now, so the file is the whole database
        shutil.copyfile(role.database, kept[name])
    moments = {name: role.world.clock.now() for name, role in founded.items()}
    yield founded
    for name, role in founded.items():
        role.world.clock.moment = moments[name]
        with closing(sqlite3.connect(kept[name])) as source, closing(sqlite3.connect(role.database)) as target:
            source.backup(target)


def test_every_table_says_by_what_it_ends() -> None:
    for role in ROLES:
        for name, table in INVENTORY[role].items():
            ends = table["ends"]
            assert ends in ENDINGS or (ends["field"] in table["fields"] and ends["after_s"] >= 0), (role, name)


def test_what_says_a_time_has_a_timer() -> None:
    """A retention in minutes, hours or days is a promise of a timer, not of a person."""
    for role in ROLES:
        for name, table in INVENTORY[role].items():
            says_time = any(word in table["retention"] for word in ("minute", "hour", "day", "end date", "ends"))
            assert says_time == isinstance(table["ends"], dict), (role, name, table["retention"])


@pytest.mark.parametrize(("name", "table"), TIMED, ids=lambda value: str(value))
def test_it_is_there_before_its_end_and_gone_after(roles: dict[str, Role], name: str, table: str) -> None:
    role, ends = roles[name], INVENTORY[name][table]["ends"]
    role.put(table, **{ends["field"]: role.now})

    if ends["after_s"]:
        role.world.clock.advance(seconds=ends["after_s"] - 1)
        role.sweep()
        assert len(role.rows(table)) == 1
        role.world.clock.advance(seconds=1)
    role.sweep()

    assert role.rows(table) == []


@pytest.mark.parametrize(("name", "table"), TIMED, ids=lambda value: str(value))
def test_it_does_not_go_a_second_too_early(roles: dict[str, Role], name: str, table: str) -> None:
    role, ends = roles[name], INVENTORY[name][table]["ends"]
    role.put(table, **{ends["field"]: role.now + UNITS[name]})

    role.world.clock.advance(seconds=ends["after_s"])
    role.sweep()

    assert len(role.rows(table)) == 1


@pytest.mark.parametrize("name", ROLES)
def test_nothing_else_ever_goes_by_itself(roles: dict[str, Role], name: str) -> None:
    role = roles[name]
    kept = [table for table in INVENTORY[name] if (name, table) not in TIMED]
    for table in kept:
        if not role.rows(table):
            role.put(table)
    before = {table: role.rows(table) for table in kept}

    role.world.clock.advance(days=36_500)
    role.sweep()

    assert all(before.values())
    assert {table: role.rows(table) for table in kept} == before


def test_the_file_behind_a_link_goes_at_its_end_and_the_count_of_looks_later(roles: dict[str, Role]) -> None:
    role = roles["wallet"]
    role.put("shares", expires_at=role.now + 60, sealed=b"a bundle", views=3)

    role.sweep()
    assert [row[4] for row in role.rows("shares")] == [b"a bundle"]
    role.world.clock.advance(seconds=60)
    role.sweep()

    assert [(row[4], row[6]) for row in role.rows("shares")] == [(b"", 3)]


def test_a_set_of_which_something_was_collected_stays_as_its_record_does(roles: dict[str, Role]) -> None:
    role = roles["issuer"]
    for number in ("1", "2"):
        role.put("claims", id=number, page_hash=number, expires_at=role.now)
        role.put("claim_items", identifier=f"item {number}", claim_id=number)
        role.put("offers", id=number, claim_id=number, reference_hash=number, code_hash=number, expires_at=role.now)
    role.put("issuances", identifier="item 1")

    role.world.clock.advance(days=31)
    role.sweep()

    assert [row[0] for row in role.rows("claims")] == ["1"]
    assert [row[0] for row in role.rows("claim_items")] == ["item 1"]
    assert role.rows("offers") == []


def test_what_was_swept_is_not_in_the_file_either(roles: dict[str, Role]) -> None:
    for name, table, field in (("wallet", "sessions", "id"), ("issuer", "tokens", "token_hash"),
                               ("verifier", "results", "id")):
        role, canary = roles[name], f"ZZCANARY of {name}"
        role.put(table, **{field: canary, "expires_at": role.now + UNITS[name]})
        assert canary.encode() in on_disk(role)

        role.world.clock.advance(seconds=1)
        role.sweep()

        assert canary.encode() not in on_disk(role), name


def on_disk(role: Role) -> bytes:
    """The database with its log."""
    return b"".join(path.read_bytes() for path in sorted(role.database.parent.glob(f"{role.database.name}*")))


def test_the_figures_of_the_privacy_promise_are_those_of_the_inventory() -> None:
    kept = PRIVACY["retention"]
    day = timedelta(days=1).total_seconds()

    assert kept["wrong_passphrases_minutes"] * 60 == INVENTORY["wallet"]["failed_tries"]["ends"]["after_s"]
    assert kept["imported_file_days"] * day == INVENTORY["issuer"]["imports"]["ends"]["after_s"]
    assert kept["uncollected_offer_days"] * day == INVENTORY["issuer"]["claims"]["ends"]["after_s"]
    assert kept["chain_of_a_deleted_record_days"] * day == INVENTORY["wallet"]["members"]["ends"]["after_s"]
    assert kept["copies_of_public_lists_days"] * day == INVENTORY["verifier"]["status_lists"]["ends"]["after_s"]
