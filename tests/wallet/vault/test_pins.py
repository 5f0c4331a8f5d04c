"""A party's own space says to each of its devices how far the records were that it belongs to (P9, SG3 with SG4)."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from credkit.errors import StateError
from tests.wallet.support import PASSPHRASE, SettableClock
from tests.wallet.vault.disk import rows
from wallet.vault import NoCounters, OlderCopy, OpenVault, Vault
from wallet.vault.pins import Pinned


@pytest.fixture
def child(opened: OpenVault, clock: SettableClock) -> OpenVault:
    child = opened.found_learner("Lucía", clock.now())
    opened.for_learner(child.owner_id)
    return child


def first_look(vault: Vault, child: OpenVault) -> OpenVault:
    """A device of the mother's that was never here."""
    return vault.unlock(PASSPHRASE, client="x", login="me").vault.for_learner(child.owner_id)


def copy_of(path: Path) -> Path:
    target = path.with_name("older.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def turn_back(path: Path, older: Path, owner_id: str) -> None:
    """What belongs to the record becomes what it was; everybody's own space stays as it is."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ATTACH ? AS older", (str(older),))
        for table in ("members", "manifests", "additions", "items"):
            connection.execute(f"DELETE FROM {table} WHERE owner_id = ?", (owner_id,))
            connection.execute(f"INSERT INTO {table} SELECT * FROM older.{table} WHERE owner_id = ?", (owner_id,))
        connection.execute("INSERT OR REPLACE INTO wraps SELECT * FROM older.wraps WHERE item_id IN (SELECT id "
                           "FROM items WHERE owner_id = ?)", (owner_id,))
        connection.commit()


def with_a_helper(vault: Vault, child: OpenVault, clock: SettableClock, name: str = "helper") -> OpenVault:
    own = vault.register(name, f"a long sentence of {name}").vault
    child.admit(own.party_id, "delegate", opening_key=own.me.opening_key, signing_key=own.me.signing_key,
                steward=False, now=clock.now())
    own.follow(child.owner_id, child.root_party, child.root_key, "Lucía")
    return own


def test_people_put_back_are_told_by_a_device_that_was_never_here(
        path: Path, vault: Vault, child: OpenVault, clock: SettableClock) -> None:
    helper = with_a_helper(vault, child, clock)
    older = copy_of(path)
    child.remove(helper.party_id, clock.now())
    turn_back(path, older, child.owner_id)

    with pytest.raises(OlderCopy):
        first_look(vault, child)


def test_what_somebody_else_decided_is_kept_at_the_next_look(
        path: Path, vault: Vault, child: OpenVault, clock: SettableClock) -> None:
    """The helper's own space, too: it was told of nobody, and still cannot be shown the people of before."""
    helper = with_a_helper(vault, child, clock)
    older = copy_of(path)
    child.remove(with_a_helper(vault, child, clock, "another").party_id, clock.now())
    assert helper.for_learner(child.owner_id).members().keys() == {child.party_id, helper.party_id}
    turn_back(path, older, child.owner_id)

    with pytest.raises(OlderCopy):
        vault.unlock("a long sentence of helper", client="x", login="helper").vault.for_learner(child.owner_id)


@pytest.mark.parametrize(("changes", "is_told"), [(3, False), (40, True)])
def test_a_list_put_back_far_is_told_and_the_last_few_changes_are_not(
        path: Path, vault: Vault, child: OpenVault, changes: int, is_told: bool) -> None:
    older = copy_of(path)
    for number in range(changes):
        first_look(vault, child).add("credential", {"title": str(number)})
    first_look(vault, child)
    turn_back(path, older, child.owner_id)

    if is_told:
        with pytest.raises(OlderCopy):
            first_look(vault, child)
    else:
        assert first_look(vault, child).entries("credential") == ()


def test_an_older_record_taken_for_the_newest_opens_on_every_device(
        path: Path, vault: Vault, child: OpenVault, clock: SettableClock) -> None:
    child.add("credential", {"title": "a"})
    helper = with_a_helper(vault, child, clock)
    older = copy_of(path)
    child.remove(helper.party_id, clock.now())
    turn_back(path, older, child.owner_id)
    own = vault.unlock(PASSPHRASE, client="x", login="me").vault
    with pytest.raises(OlderCopy):
        own.learners()

    (taken,) = own.take_as_newest()

    assert taken.label == "Lucía" and [entry.summary["title"] for entry in taken.entries("credential")] == ["a"]
    assert helper.party_id in first_look(vault, child).members()
    first_look(vault, child).remove(helper.party_id, clock.now())
    assert first_look(vault, child).members().keys() == {child.party_id}


def test_a_record_that_is_gone_from_the_older_copy_stops_nobody_who_took_it(
        path: Path, vault: Vault, opened: OpenVault, child: OpenVault, clock: SettableClock) -> None:
    helper = with_a_helper(vault, child, clock)
    helper.for_learner(child.owner_id)
    turn_back(path, copy_of(path), "nobody")
    with closing(sqlite3.connect(path)) as connection:
        for table in ("members", "manifests", "items"):
            connection.execute(f"DELETE FROM {table} WHERE owner_id = ?", (child.owner_id,))
        connection.commit()
    own = vault.unlock("a long sentence of helper", client="x", login="helper").vault
    with pytest.raises(OlderCopy):
        own.learners()

    assert own.take_as_newest() == () == own.learners()
    with pytest.raises(StateError):
        own.for_learner(child.owner_id)


def test_many_devices_that_look_at_once_keep_one_pointer(path: Path, vault: Vault, child: OpenVault) -> None:
    for number in range(20):
        child.add("credential", {"title": str(number)})
    threads = [threading.Thread(target=first_look, args=(vault, child)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(rows(path, "SELECT id FROM items WHERE type = 'pointer'")) == 1


class Seen(NoCounters):
    def __init__(self, *seen: tuple[str, int, str]) -> None:
        self.seen = {name: (counter, digest) for name, counter, digest in seen}

    def last_seen(self, owner_id: str) -> tuple[int, str] | None:
        return self.seen.get(owner_id)


@pytest.mark.parametrize(("seen", "kept", "known"), [
    ((), {}, None), ((("o", 4, "a"),), {}, (4, "a")), ((), {"list": [5, "b"]}, (5, "b")),
    ((("o", 4, "a"),), {"list": [5, "b"]}, (5, "b")), ((("o", 6, "c"),), {"list": [5, "b"]}, (6, "c")),
    ((("o", 5, "b"),), {"list": [5, "b"]}, (5, "b")), ((("o", 5, "a"),), {"list": [5, "b"]}, (5, "")),
])
def test_the_later_counts_and_of_two_of_one_age_neither(
        seen: tuple[tuple[str, int, str], ...], kept: dict[str, list[object]], known: tuple[int, str] | None) -> None:
    assert Pinned(Seen(*seen), "o", kept).last_seen("o") == known
