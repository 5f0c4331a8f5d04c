"""A backup is taken whole or not at all: no byte of it can be changed, cut, moved or added (security.md H03)."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from credkit.errors import StateError
from credkit.keys import public_key_from_multibase
from tests.support.amount import FULL
from tests.wallet.support import FLOOR, PASSPHRASE, SettableClock, SystemRandomness, open_vault
from tests.wallet.vault.disk import rows
from wallet.vault import OpenVault, Vault
from wallet.vault.backup import Brought, Saved, add_copies, read_backup, read_sealed, write_backup
from wallet.vault.backup_file import BackupRefused, key_of, new_header, read_header, write_chunks

OTHER = "another wallet's sentence"


@pytest.fixture
def fresh(tmp_path: Path, clock: SettableClock) -> Vault:
    return open_vault(tmp_path / "fresh.db", clock)


def backup_of(vault: OpenVault, clock: SettableClock) -> bytes:
    out = io.BytesIO()
    write_backup(vault, out, PASSPHRASE, cost=FLOOR, now=clock.now(), randomness=SystemRandomness())
    return out.getvalue()


def everything(vault: OpenVault) -> list[tuple[str, str, object]]:
    return [(item_id, line.type, vault.read(item_id, line.type).body)
            for item_id, line in sorted(vault._space.mine().items()) if line.type not in ("pointer", "activity")]


def family(opened: OpenVault, clock: SettableClock) -> OpenVault:
    """A record of one's own and a child's, with holder keys, a log, and an item as large as a file."""
    opened.add("credential", {"title": "Álgebra II"}, keys=(opened.new_holder_key(),))
    child = opened.found_learner("Lucía", clock.now())
    child.add("credential", {"title": "Reading", "file_id": "x"}, keys=(child.new_holder_key(),))
    for number in range(3):
        child.append_log({"kind": "received", "count": number})
    child.add("file", {"name": "a.pdf", "data": "QUJD" * 40_000})
    return child


def restored(fresh: Vault, data: bytes, passphrase: str = PASSPHRASE) -> OpenVault:
    return fresh.restore(read_backup(io.BytesIO(data), passphrase), PASSPHRASE).vault


# Round trip

def test_everything_a_party_can_open_is_there_again_in_a_fresh_wallet(
        opened: OpenVault, clock: SettableClock, fresh: Vault) -> None:
    child = family(opened, clock)
    data = backup_of(opened, clock)

    again = restored(fresh, data)

    assert (again.party_id, again.party_did) == (opened.party_id, opened.party_did)
    assert everything(again) == everything(opened)
    assert [(each.owner_id, each.label) for each in again.learners()] == [(child.owner_id, "Lucía")]
    twin = again.for_learner(child.owner_id)
    assert everything(twin) == everything(child) and twin.learner_urn == child.learner_urn
    assert fresh.unlock(PASSPHRASE, client="x").vault.for_learner(child.owner_id).members().keys() == {opened.party_id}


def test_holder_keys_sign_after_restoring_as_before(opened: OpenVault, clock: SettableClock, fresh: Vault) -> None:
    key = opened.new_holder_key()
    item_id = opened.add("credential", {"title": "Biology"}, keys=(key,))

    again = restored(fresh, backup_of(opened, clock))

    signer = again.signer(again.read(item_id, "credential"), key.verification_method)
    public_key_from_multibase(key.public_key_multibase).verify(signer.sign(b"message"), b"message")


def test_the_log_is_chained_anew_and_nothing_of_it_is_lost(
        opened: OpenVault, clock: SettableClock, fresh: Vault) -> None:
    child = family(opened, clock)
    twin = restored(fresh, backup_of(opened, clock)).for_learner(child.owner_id)

    assert twin.log_head()[0] == 3
    bodies = [twin.read(f"log.{child.owner_id}.{number}", "activity").body for number in (1, 2, 3)]
    assert [body["count"] for body in bodies] == [0, 1, 2]
    assert [body["previous"] for body in bodies] == ["", twin.log_digests()[1], twin.log_digests()[2]]
    twin.append_log({"kind": "received", "count": 9})


def test_a_restored_manifest_counts_on_from_where_it_was(
        opened: OpenVault, clock: SettableClock, fresh: Vault) -> None:
    for number in range(7):
        opened.add("credential", {"title": str(number)})

    again = restored(fresh, backup_of(opened, clock))

    assert again._space.state()[1].listing.counter > opened._space.state()[1].listing.counter


def test_restoring_where_somebody_is_changes_nothing(
        opened: OpenVault, clock: SettableClock, fresh: Vault, tmp_path: Path) -> None:
    family(opened, clock)
    data = backup_of(opened, clock)
    fresh.create(OTHER)
    before = rows(tmp_path / "fresh.db", "SELECT id FROM parties UNION SELECT id FROM items UNION SELECT id FROM slots")

    with pytest.raises(StateError):
        restored(fresh, data)

    assert rows(tmp_path / "fresh.db",
                "SELECT id FROM parties UNION SELECT id FROM items UNION SELECT id FROM slots") == before
    fresh.unlock(OTHER, client="x")


def copies(vault: OpenVault, data: bytes, clock: SettableClock) -> Brought:
    return add_copies(vault, read_backup(io.BytesIO(data), PASSPHRASE), lambda label: f"{label} (copy)",
                      left_out=frozenset({"grant"}), now=clock.now())


def test_copies_come_beside_what_is_there_under_new_names(opened: OpenVault, clock: SettableClock) -> None:
    child = family(opened, clock)
    opened.add("grant", {"title": "left out"})
    data = backup_of(opened, clock)
    before = everything(opened)

    brought = copies(opened, data, clock)

    assert brought == Brought(learners=1, items=6)
    assert [each.label for each in opened.learners()] == ["Lucía", "Lucía (copy)"]
    assert all(line in everything(opened) for line in before)
    assert len(opened.entries("credential")) == 2 and len(opened.entries("grant")) == 1
    twin = opened.for_learner(next(each.owner_id for each in opened.learners() if each.owner_id != child.owner_id))
    assert sorted(str(body) for _id, _type, body in everything(twin)) == sorted(
        str(body) for _id, _type, body in everything(child))
    assert not {item_id for item_id, _type, _body in everything(twin)} & {
        item_id for item_id, _type, _body in everything(child)}


def test_items_that_name_each_other_still_do_in_a_copy(opened: OpenVault, clock: SettableClock) -> None:
    file_id = opened.add("file", {"name": "a.pdf"})
    opened.add("unverified", {"file_id": file_id, "credential": {"id": file_id}, "all": [file_id]})
    data = backup_of(opened, clock)

    copies(opened, data, clock)

    papers = [opened.read(entry.id, "unverified").body for entry in opened.entries("unverified")]
    new = next(body for body in papers if body["file_id"] != file_id)
    assert opened.read(new["file_id"], "file").body == {"name": "a.pdf"}
    assert new["all"] == [new["file_id"]] and new["credential"] == {"id": file_id}


def test_copies_of_another_partys_backup_lie_in_ones_own_space(
        opened: OpenVault, clock: SettableClock, fresh: Vault) -> None:
    family(opened, clock)
    mine = fresh.create(OTHER).vault

    copies(mine, backup_of(opened, clock), clock)

    assert mine.party_id != opened.party_id
    assert len(mine.entries("credential")) == 1
    assert [each.label for each in mine.learners()] == ["Lucía (copy)"]


# Tampering

@pytest.fixture
def small(opened: OpenVault, clock: SettableClock) -> bytes:
    opened.add("credential", {"title": "Zephyrine"})
    return backup_of(opened, clock)


def test_every_byte_flipped_is_noticed_before_anything_is_taken(small: bytes, fresh: Vault) -> None:
    """`make full`: three masks at each byte; `make test`: every 37th byte. The key, made once, is not in doubt."""
    header = read_header(io.BytesIO(small))
    key = key_of(header, PASSPHRASE)
    assert isinstance(read_sealed(io.BytesIO(small), header, key), Saved)
    for place in range(len(header.line), len(small), 1 if FULL else 37):
        for mask in (1, 128, 255) if FULL else (1 << place % 8,):
            broken = bytearray(small)
            broken[place] ^= mask
            with pytest.raises(BackupRefused):
                read_sealed(io.BytesIO(bytes(broken)), header, key)
    assert not fresh.is_set_up()


def test_every_byte_of_the_first_line_flipped_is_noticed(small: bytes, fresh: Vault) -> None:
    line = read_header(io.BytesIO(small)).line
    for place in range(0, len(line), 1 if FULL else 23):
        broken = bytearray(small)
        broken[place] ^= 1
        with pytest.raises(BackupRefused):
            restored(fresh, bytes(broken))
    assert not fresh.is_set_up()


@pytest.mark.parametrize("cut", [0, 1, 50, -1, -16, -17, -100])
def test_a_file_cut_short_is_refused(small: bytes, fresh: Vault, cut: int) -> None:
    with pytest.raises(BackupRefused):
        restored(fresh, small[:cut])

    assert not fresh.is_set_up()


def large(opened: OpenVault, clock: SettableClock) -> tuple[bytes, int]:
    """A backup of several chunks, and the length of its first line."""
    opened.add("file", {"data": "QUJD" * 60_000})
    data = backup_of(opened, clock)
    return data, len(read_header(io.BytesIO(data)).line)


CHUNK = 65_536 + 16


@pytest.mark.parametrize("splice", ["drop", "swap", "repeat", "end early", "append", "of another file"])
def test_chunks_dropped_swapped_repeated_or_mixed_are_refused(
        opened: OpenVault, clock: SettableClock, fresh: Vault, splice: str) -> None:
    data, start = large(opened, clock)
    chunks = [data[place:place + CHUNK] for place in range(start, len(data), CHUNK)]
    other, other_start = large(opened, clock)
    assert len(chunks) >= 4
    mixed = {
        "drop": chunks[:1] + chunks[2:], "swap": [chunks[1], chunks[0], *chunks[2:]],
        "repeat": [chunks[0], chunks[0], *chunks[1:]], "end early": chunks[:-1], "append": [*chunks, b"more"],
        "of another file": [chunks[0], other[other_start + CHUNK:other_start + 2 * CHUNK], *chunks[2:]],
    }[splice]

    with pytest.raises(BackupRefused):
        restored(fresh, data[:start] + b"".join(mixed))
    assert not fresh.is_set_up()


def with_header(data: bytes, **changes: object) -> bytes:
    line, _, rest = data.partition(b"\n")
    body = json.loads(line)
    body["lock"].update({name: value for name, value in changes.items() if name in body["lock"]})
    body.update({name: value for name, value in changes.items() if name not in body["lock"]})
    return json.dumps(body).encode() + b"\n" + rest


@pytest.mark.parametrize(("changes", "reason"), [
    ({"version": 2}, "version"), ({"version": 0}, "version"), ({"version": "1"}, "format"),
    ({"version": True}, "format"), ({"format": "zip"}, "format"), ({"lock": None}, "lock"), ({"lock": []}, "lock"),
    ({"memory_kib": 19 * 1024 - 1}, "lock"), ({"memory_kib": 300 * 1024}, "lock"), ({"memory_kib": 1 << 40}, "lock"),
    ({"passes": 1}, "lock"), ({"passes": 9}, "lock"), ({"passes": 10**9}, "lock"), ({"lanes": 0}, "lock"),
    ({"lanes": 64}, "lock"), ({"kdf": "md5"}, "lock"), ({"salt": "AAAA"}, "lock"), ({"passes": 2.5}, "lock"),
    ({"more": 1}, "changed"),
])
def test_a_first_line_that_asks_for_less_more_or_other_work_is_refused_before_it_is_done(
        small: bytes, fresh: Vault, changes: dict[str, object], reason: str) -> None:
    with pytest.raises(BackupRefused) as caught:
        restored(fresh, with_header(small, **changes))

    assert caught.value.reason == reason and "Nothing was changed" in str(caught.value)
    assert not fresh.is_set_up()


@pytest.mark.parametrize("data", [
    b"", b"\n", b"PK\x03\x04", b"{}", b"{}\n", b"[" * 1000, b"x" * 100_000, b'{"format":"backpack-backup"}\n',
    b'{"format":"backpack-backup","format":"x","version":1}\n', b"\xff\xfe\n", b" " * 2000 + b"{}\n"])
def test_what_is_no_backup_is_refused(fresh: Vault, data: bytes) -> None:
    with pytest.raises(BackupRefused) as caught:
        restored(fresh, data)

    assert caught.value.reason in ("format", "lock")


def test_a_file_larger_than_any_backup_is_refused_unread(tmp_path: Path, fresh: Vault) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)

    with path.open("rb") as file, pytest.raises(BackupRefused) as caught:
        read_backup(file, PASSPHRASE)
    assert caught.value.reason == "large"


@pytest.mark.parametrize("wrong", ["", "not this one at all", PASSPHRASE + " ", "x" * 100_000, "\ud800"])
def test_another_passphrase_opens_nothing(small: bytes, fresh: Vault, wrong: str) -> None:
    with pytest.raises(BackupRefused) as caught:
        restored(fresh, small, wrong)

    assert caught.value.reason == "changed"


def test_a_backup_shows_no_name_title_or_id(small: bytes, opened: OpenVault) -> None:
    for word in (b"Zephyrine", b"credential", opened.party_id.encode(), PASSPHRASE.encode()):
        assert word not in small


def test_a_refused_file_leaves_the_wallet_it_was_offered_to_as_it_was(
        opened: OpenVault, small: bytes, clock: SettableClock, path: Path) -> None:
    before = rows(path, "SELECT id, version, ciphertext FROM items ORDER BY id"), rows(path, "SELECT * FROM manifests")

    with pytest.raises(BackupRefused):
        copies(opened, small[:-1] + bytes([small[-1] ^ 1]), clock)

    assert (rows(path, "SELECT id, version, ciphertext FROM items ORDER BY id"),
            rows(path, "SELECT * FROM manifests")) == before


@pytest.mark.parametrize("lines", [
    [], [{}], ["x"], [{"party": "p"}], [{"made_at": "", "party": "p", "opening": "AA", "signing": "AA"}, {"end": 0}],
    [{"item": "i"}], [{"end": 0}], [None],
])
def test_sealed_lines_that_are_no_backpack_are_refused_too(fresh: Vault, lines: list[object]) -> None:
    """Who knows the passphrase can seal anything."""
    header, out = new_header(FLOOR, SystemRandomness()), io.BytesIO()
    write_chunks(out, header, key_of(header, PASSPHRASE), (json.dumps(line).encode() + b"\n" for line in lines))

    with pytest.raises(BackupRefused):
        restored(fresh, out.getvalue())
    assert not fresh.is_set_up()
