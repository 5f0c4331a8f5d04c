"""Whoever writes the database, its copies or its log reads nothing and changes nothing unseen (P8, P9, H01 to H08)."""

from __future__ import annotations

import itertools
import json
import pickle
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from credkit.errors import RangeValueError, SealBroken, StateError, TooComplexError, VaultLocked, WrongSecret
from credkit.keys import public_key_from_multibase
from tests.support.amount import FULL
from tests.wallet.support import (
    FLOOR,
    LOGIN_KEY,
    PASSPHRASE,
    SettableClock,
    SystemRandomness,
    open_store,
    open_vault,
    titles,
)
from tests.wallet.vault.disk import attack, everything_on_disk, rows
from wallet.vault import Cost, OpenVault, TooManyTries, Vault, VaultMemory


def test_what_was_sealed_is_read_again_after_unlocking(vault: Vault, opened: OpenVault) -> None:
    item_id = opened.add("credential", {"title": "Álgebra II", "n": [1, None, True, 2.5]})

    again = vault.unlock(PASSPHRASE, client="here").vault

    assert again.read(item_id, "credential").body == {"title": "Álgebra II", "n": [1, None, True, 2.5]}
    assert [entry.summary for entry in again.entries("credential")] == [{"title": "Álgebra II"}]


def test_an_object_that_is_held_answers_from_one_moment_and_never_writes_over_a_newer_one(
        vault: Vault, opened: OpenVault) -> None:
    first, second = (opened.add("credential", {"credential": {"id": name}}) for name in ("urn:1", "urn:2"))
    page, other = (vault.unlock(PASSPHRASE, client=name).vault for name in ("page", "other"))
    page.hold()
    before = {entry.id for entry in page.entries("credential")}

    third = other.add("credential", {"credential": {"id": "urn:3"}})
    changed = page.read(first, "credential")
    other.replace(other.read(first, "credential"), {"credential": {"id": "urn:1", "newer": True}})
    other.delete(other.read(second, "credential"))

    assert {entry.id for entry in page.entries("credential")} == before == {first, second}
    with pytest.raises(StateError):
        page.read(second, "credential")
    assert page.read(first, "credential").body["credential"]["newer"] is True
    copy = page.replace(changed, {"credential": {"id": "urn:1", "newer": False}})
    assert copy != first and page.read(first, "credential").body["credential"]["newer"] is True
    assert {entry.id for entry in page.entries("credential")} == {first, third, copy}


def test_a_wrong_passphrase_opens_nothing(vault: Vault, opened: OpenVault) -> None:
    for wrong in ("", PASSPHRASE + " ", PASSPHRASE.upper(), "\ud800", "x" * 100_000):
        with pytest.raises(WrongSecret):
            vault.unlock(wrong, client=f"client of {len(wrong)}")


def test_one_passphrase_is_one_whichever_way_a_keyboard_writes_its_accents(path: Path, clock: SettableClock) -> None:
    vault = open_vault(path, clock)
    vault.create("La ni\u00f1a come at\u00fan")

    vault.unlock("La nin\u0303a come atu\u0301n", client="here")


@pytest.mark.parametrize("weak", ["", "short", "elevenchars", "aaaaaaaaaaaaaaaaaaaa", "abababababababab", "x" * 2000])
def test_a_passphrase_that_is_quickly_guessed_is_refused_and_nothing_is_made(vault: Vault, weak: str) -> None:
    with pytest.raises(RangeValueError):
        vault.create(weak)

    assert not vault.is_set_up()


def test_a_second_set_up_is_refused_and_the_first_stays(vault: Vault, opened: OpenVault) -> None:
    with pytest.raises(StateError):
        vault.create("another long passphrase")

    vault.unlock(PASSPHRASE, client="here")


def test_before_a_passphrase_is_made_there_is_nothing_to_unlock(vault: Vault) -> None:
    with pytest.raises(VaultLocked):
        vault.unlock(PASSPHRASE, client="here")


def test_guessing_is_stopped_after_ten_tries_even_across_a_restart(
        path: Path, vault: Vault, opened: OpenVault, clock: SettableClock) -> None:
    for _ in range(10):
        with pytest.raises(WrongSecret):
            vault.unlock("not this one", client="10.0.0.1")

    with pytest.raises(TooManyTries):
        open_vault(path, clock).unlock(PASSPHRASE, client="10.0.0.1")

    vault.unlock(PASSPHRASE, client="10.0.0.2")
    clock.move(minutes=15, seconds=1)
    vault.unlock(PASSPHRASE, client="10.0.0.1")


def test_right_passphrases_are_not_counted_as_guesses(vault: Vault, opened: OpenVault) -> None:
    for _ in range(12):
        vault.unlock(PASSPHRASE, client="here")


# H01: the database lowers the cost of guessing

@pytest.mark.parametrize("change", [
    {"memory_kib": 1024}, {"memory_kib": 19 * 1024 - 1}, {"passes": 1}, {"lanes": 0}, {"kdf": "pbkdf2"},
    {"salt": "AAAA"}, {"memory_kib": 64 * 1024 * 1024}, {"passes": 1_000_000}, {"lanes": 4096}, {"memory_kib": True},
    {"passes": "2"},
])
def test_a_lock_made_weaker_or_endless_is_refused_before_it_is_tried(
        path: Path, vault: Vault, opened: OpenVault, change: dict[str, object]) -> None:
    parameters = {**json.loads(str(rows(path, "SELECT parameters FROM slots")[0][0])), **change}
    attack(path, "UPDATE slots SET parameters = ?", json.dumps(parameters))

    with pytest.raises(SealBroken):
        vault.unlock(PASSPHRASE, client="here")


@pytest.mark.parametrize("parameters", ["", "{}", "[]", "null", "{", "\x00", "[" * 10_000])
def test_a_lock_that_is_no_lock_is_refused(path: Path, vault: Vault, opened: OpenVault, parameters: str) -> None:
    attack(path, "UPDATE slots SET parameters = ?", parameters)

    with pytest.raises(SealBroken):
        vault.unlock(PASSPHRASE, client="here")


def test_stronger_parameters_than_were_sealed_do_not_open_either(path: Path, vault: Vault, opened: OpenVault) -> None:
    parameters = json.loads(str(rows(path, "SELECT parameters FROM slots")[0][0]))
    attack(path, "UPDATE slots SET parameters = ?", json.dumps({**parameters, "passes": 3}))

    with pytest.raises(WrongSecret):
        vault.unlock(PASSPHRASE, client="here")


def test_a_cost_below_the_floor_is_never_written(path: Path, clock: SettableClock) -> None:
    vault = Vault(open_store(path), clock, SystemRandomness(), titles, idle_s=900, cost=Cost(1024, 1, 1),
                  login_key=LOGIN_KEY)

    with pytest.raises(SealBroken):
        vault.create(PASSPHRASE)


# H02: cut and paste

def test_swapping_any_two_sealed_texts_is_noticed(path: Path, vault: Vault, opened: OpenVault) -> None:
    """Every ordered pair of 50 items (`make test`: 15), with wrap and key id: none opens under the other's name."""
    count = 50 if FULL else 15
    ids = [opened.add("credential" if n % 2 else "activity", {"title": f"item {n}"}) for n in range(count)]
    types = {item_id: "credential" if n % 2 else "activity" for n, item_id in enumerate(ids)}
    sealed = {row[0]: row[1:] for row in rows(path, """SELECT id, ciphertext, key_id, version, jwe FROM items
        JOIN wraps ON item_id = id""")}
    with closing(sqlite3.connect(path)) as connection:
        for mine, other in itertools.permutations(ids, 2):
            connection.execute("UPDATE items SET ciphertext = ?, key_id = ? WHERE id = ?", (*sealed[other][:2], mine))
            connection.execute("UPDATE wraps SET jwe = ? WHERE item_id = ?", (sealed[other][3], mine))
            connection.commit()
            with pytest.raises(SealBroken):
                opened.read(mine, types[mine])
            connection.execute("UPDATE items SET ciphertext = ?, key_id = ? WHERE id = ?", (*sealed[mine][:2], mine))
            connection.execute("UPDATE wraps SET jwe = ? WHERE item_id = ?", (sealed[mine][3], mine))
        connection.commit()

    titles = [opened.read(item_id, types[item_id]).body["title"] for item_id in ids]
    assert titles == [f"item {n}" for n in range(count)]


@pytest.mark.parametrize("statement", [
    "UPDATE items SET version = version + 1 WHERE id = ?", "UPDATE items SET key_id = 'other' WHERE id = ?",
    "UPDATE items SET owner_id = 'other' WHERE id = ?", "UPDATE items SET ciphertext = x'' WHERE id = ?",
    "UPDATE items SET ciphertext = substr(ciphertext, 1, length(ciphertext) - 1) WHERE id = ?",
    "UPDATE items SET ciphertext = zeroblob(length(ciphertext)) WHERE id = ?",
    "UPDATE wraps SET jwe = '' WHERE item_id = ?", "UPDATE wraps SET jwe = 'a.b.c.d.e' WHERE item_id = ?",
    "UPDATE wraps SET jwe = substr(jwe, 1, length(jwe) - 4) || 'AAAA' WHERE item_id = ?",
])
def test_an_item_is_bound_to_its_name_owner_version_and_key(path: Path, opened: OpenVault, statement: str) -> None:
    item_id = opened.add("credential", {"title": "Biology"})
    attack(path, statement, item_id)

    with pytest.raises(SealBroken):
        opened.read(item_id, "credential")


def test_an_item_read_under_another_type_is_not_there(path: Path, opened: OpenVault) -> None:
    item_id = opened.add("credential", {"title": "Biology"})
    with pytest.raises(StateError):
        opened.read(item_id, "activity")
    attack(path, "UPDATE items SET type = 'activity' WHERE id = ?", item_id)

    with pytest.raises(StateError):
        opened.read(item_id, "activity")
    with pytest.raises(SealBroken):
        opened.read(item_id, "credential")


def test_an_unknown_item_and_one_of_somebody_else_give_one_answer(vault: Vault, opened: OpenVault) -> None:
    item_id = opened.add("credential", {"title": "Biology"})
    other = vault.register("somebody else", "another long passphrase").vault

    answers = []
    for name in (item_id, "unknown", "", "'; DROP TABLE items; --"):
        with pytest.raises(StateError) as caught:
            other.read(name, "credential")
        answers.append(str(caught.value))

    assert len(set(answers)) == 1


@pytest.mark.parametrize("statement", [
    "UPDATE parties SET opening_key = substr(opening_key, 2) || substr(opening_key, 1, 1)",
    "UPDATE parties SET signing_key = 'z6Mkother'",
    "UPDATE parties SET sealed_keys = zeroblob(1100)", "UPDATE slots SET method = 'other'",
    "UPDATE slots SET id = 'other'",
    "UPDATE slots SET sealed_master = zeroblob(60)", "DELETE FROM slots",
])
def test_swapped_party_keys_and_slots_do_not_open(path: Path, vault: Vault, opened: OpenVault, statement: str) -> None:
    attack(path, statement)

    with pytest.raises((SealBroken, WrongSecret)):
        vault.unlock(PASSPHRASE, client="here")


def test_a_broken_index_is_made_anew_from_the_items(path: Path, opened: OpenVault) -> None:
    for title in ("a", "b"):
        opened.add("credential", {"title": title})
    opened.entries("credential")
    attack(path, "UPDATE items SET ciphertext = zeroblob(900) WHERE type = 'index'")

    assert sorted(entry.summary["title"] for entry in opened.entries("credential")) == ["a", "b"]


def test_the_index_follows_what_is_added_changed_and_deleted(opened: OpenVault) -> None:
    first, second = (opened.add("credential", {"title": title}) for title in ("a", "b"))
    opened.entries("credential")
    opened.replace(opened.read(first, "credential"), {"title": "a2"})
    opened.delete(opened.read(second, "credential"))
    opened.add("activity", {"title": "c"})

    assert [entry.summary["title"] for entry in opened.entries("credential")] == ["a2"]
    assert [entry.summary["title"] for entry in opened.entries("activity")] == ["c"]


# H07, P8: what the database shows

CANARIES = ("Zephyrine", "Quetzalcoatl", "Xylophone", "did:web:canary", "canary.example", PASSPHRASE)


def test_the_database_and_its_log_show_no_name_title_issuer_or_key(
        path: Path, opened: OpenVault, vault: Vault) -> None:
    key = opened.new_holder_key()
    body = {"title": "Xylophone", "student": "Zephyrine Quetzalcoatl", "issuer": "did:web:canary.example"}
    item_id = opened.add("credential", body, keys=(key,))
    opened.replace(opened.read(item_id, "credential"), {**body, "more": 1})
    opened.add("activity", {**body, "did": key.did})
    opened.entries("credential")
    VaultMemory(opened).remember_status_list("https://canary.example/status/1", {"issuer": "did:web:canary.example"},
                                             SettableClock().now())
    vault.begin_session(vault.unlock(PASSPHRASE, client="Zephyrine"))

    disk = everything_on_disk(path.parent)

    for canary in (*CANARIES, key.public_key_multibase, key.did):
        assert canary.encode() not in disk, canary


def test_sizes_fall_into_buckets(path: Path, opened: OpenVault) -> None:
    for length in (1, 10, 900, 1100, 5000, 70_000, 100_000, 140_000):
        opened.add("credential", {"title": "x" * length})

    sizes = Counter(int(str(row[0])) - 28 for row in rows(path, "SELECT length(ciphertext) FROM items"))

    assert sizes == {1024: 3, 2048: 1, 8192: 1, 131_072: 2, 196_608: 1}


def test_what_is_too_large_is_refused_and_nothing_is_kept(path: Path, opened: OpenVault) -> None:
    with pytest.raises(TooComplexError):
        opened.add("credential", {"title": "x" * 9_000_000})

    assert rows(path, "SELECT count(*) FROM items") == [(0,)]


def test_each_write_uses_a_key_and_a_nonce_of_its_own(path: Path, opened: OpenVault) -> None:
    item_id = opened.add("credential", {"title": "same"})
    seen = []
    for _ in range(20):
        seen += rows(path, "SELECT substr(ciphertext, 1, 12), key_id, jwe FROM items JOIN wraps ON item_id = id")
        opened.replace(opened.read(item_id, "credential"), {"title": "same"})

    assert all(len(set(column)) == 20 for column in zip(*seen, strict=True))


# H08: two devices

def test_two_devices_that_write_one_item_lose_nothing(opened: OpenVault, vault: Vault) -> None:
    item_id = opened.add("credential", {"title": "first"})
    here = opened.read(item_id, "credential")
    there = vault.unlock(PASSPHRASE, client="b").vault.read(item_id, "credential")

    assert opened.replace(here, {"title": "mine"}) == item_id
    copy = opened.replace(there, {"title": "theirs"})

    assert opened.read(item_id, "credential").body == {"title": "mine"}
    assert opened.read(copy, "credential").body == {"title": "theirs", "conflict_of": item_id}


def test_many_devices_racing_keep_every_body_and_every_key(opened: OpenVault, vault: Vault) -> None:
    key = opened.new_holder_key()
    item_id = opened.add("credential", {"title": "first"}, keys=(key,))
    devices = [vault.unlock(PASSPHRASE, client=f"device {n}").vault for n in range(8)]
    read = [device.read(item_id, "credential") for device in devices]
    barrier = threading.Barrier(len(devices))

    def write(number: int) -> None:
        barrier.wait()
        devices[number].replace(read[number], {"title": f"by {number}"})
        devices[number].add("activity", {"title": f"note {number}"})
        devices[number].entries("activity")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(devices))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(entry.summary["title"] for entry in opened.entries("credential")) == [f"by {n}" for n in range(8)]
    assert sorted(entry.summary["title"] for entry in opened.entries("activity")) == [f"note {n}" for n in range(8)]
    for entry in opened.entries("credential"):
        assert opened.read(entry.id, "credential").key_methods == (key.verification_method,)


def test_deleting_what_somebody_changed_meanwhile_deletes_nothing(opened: OpenVault) -> None:
    item_id = opened.add("credential", {"title": "first"})
    stale = opened.read(item_id, "credential")
    opened.replace(stale, {"title": "second"})

    with pytest.raises(StateError):
        opened.delete(stale)

    assert opened.read(item_id, "credential").body == {"title": "second"}


# holder keys

def test_a_holder_key_signs_after_reading_and_shows_its_secret_nowhere(opened: OpenVault) -> None:
    key = opened.new_holder_key()
    item = opened.read(opened.add("credential", {"title": "x"}, keys=(key,)), "credential")

    signer = opened.signer(item, key.verification_method)

    public_key_from_multibase(signer.public_key_multibase).verify(signer.sign(b"message"), b"message")
    assert signer.did == "did:key:" + signer.public_key_multibase
    assert "secret" not in repr(signer) + repr(item)
    assert not hasattr(signer, "secret") and not hasattr(signer, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(signer)


def test_a_key_that_the_item_does_not_hold_is_not_given(opened: OpenVault) -> None:
    item = opened.read(opened.add("credential", {"title": "x"}, keys=(opened.new_holder_key(),)), "credential")

    with pytest.raises(StateError):
        opened.signer(item, opened.new_holder_key().verification_method)


# sessions

@pytest.fixture
def cookie(vault: Vault) -> Iterator[str]:
    return vault.begin_session(vault.create(PASSPHRASE))  # type: ignore[return-value]


def test_a_session_opens_the_same_vault_until_it_is_idle_for_fifteen_minutes(
        path: Path, vault: Vault, cookie: str, clock: SettableClock) -> None:
    item_id = vault.resume_session(cookie).add("credential", {"title": "x"})
    for _ in range(5):
        clock.move(minutes=14)
        assert open_vault(path, clock).resume_session(cookie).read(item_id, "credential").body == {"title": "x"}

    clock.move(minutes=15)
    with pytest.raises(VaultLocked):
        vault.resume_session(cookie)


def test_looking_how_long_is_left_does_not_keep_a_session_open(vault: Vault, cookie: str, clock: SettableClock) -> None:
    clock.move(minutes=14)
    vault.resume_session(cookie, keep_open=False)
    clock.move(minutes=1)

    with pytest.raises(VaultLocked):
        vault.resume_session(cookie)


def test_lock_now_ends_the_session_for_good(path: Path, vault: Vault, cookie: str) -> None:
    vault.end_session(cookie)

    assert rows(path, "SELECT count(*) FROM sessions") == [(0,)]
    with pytest.raises(VaultLocked):
        vault.resume_session(cookie)


@pytest.mark.parametrize("wrong", ["", "x", "A" * 43, "ü", "A" * 100_000, "=" * 43])
def test_a_cookie_that_is_none_finds_the_backpack_locked(vault: Vault, cookie: str, wrong: str) -> None:
    with pytest.raises(VaultLocked):
        vault.resume_session(wrong)
    vault.end_session(wrong)

    vault.resume_session(cookie)


def test_the_database_without_the_cookie_opens_no_session(path: Path, vault: Vault, cookie: str) -> None:
    """Neither the stored id nor another session's blob is of use."""
    stored = rows(path, "SELECT id FROM sessions")[0][0]
    with pytest.raises(VaultLocked):
        vault.resume_session(str(stored))
    other = vault.begin_session(vault.unlock(PASSPHRASE, client="b"))
    blobs = {str(row[0]): row[1] for row in rows(path, "SELECT id, sealed_master FROM sessions")}
    mine = next(iter(set(blobs) - {stored}))
    attack(path, "UPDATE sessions SET sealed_master = ? WHERE id = ?", blobs[str(stored)], mine)

    with pytest.raises(SealBroken):
        vault.resume_session(other)


def test_the_cost_of_a_guess_is_at_least_the_floor_by_default() -> None:
    assert Cost().memory_kib >= FLOOR.memory_kib and Cost().passes >= FLOOR.passes
