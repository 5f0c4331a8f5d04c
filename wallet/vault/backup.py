"""Backup and restore: everything a party can open, in one file that opens with its passphrase (security.md H03).

What is in the file is read only after every byte of it was found in order, and written as a whole or not at all: into
an empty backpack, where the party is who it was, or beside what is there as new copies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import BinaryIO, Final

from credkit import jose
from credkit.encoding import base64url_decode, base64url_encode, parse_json_object
from credkit.errors import CredkitError, SealBroken, StateError
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject, Randomness
from credkit.shape import format_date_time
from wallet.store import PartyRow, Stamp, Store, Stored
from wallet.vault.additions import LOG, log_name
from wallet.vault.backup_file import BackupRefused, Header, key_of, new_header, read_chunks, read_header, write_chunks
from wallet.vault.chain import DECIDES, Kind, Member, admit_link
from wallet.vault.holder_keys import from_sealed_form, sealed_form
from wallet.vault.items import POINTER, OpenVault
from wallet.vault.manifest import NoCounters
from wallet.vault.memory import STATUS_LIST
from wallet.vault.methods.passphrase import Cost
from wallet.vault.parties import PartyKeys, passphrase_slot, seal_keys
from wallet.vault.sealing import KEY_BYTES, new_name
from wallet.vault.space import Draft, Item, Planned, Space

_LEFT_OUT: Final = frozenset({POINTER, STATUS_LIST})
"""Pointers are made anew from the spaces; status lists are fetched again."""


@dataclass(frozen=True, repr=False)
class SavedSpace:
    """One owner's items in a backup. ``owner_id`` is the party's own id for its own space."""

    owner_id: str
    label: str
    kind: Kind
    counter: int
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True, repr=False)
class Saved:
    """What a backup holds. ``made_at``: RFC 3339."""

    made_at: str
    keys: PartyKeys
    spaces: tuple[SavedSpace, ...]

    @property
    def personal(self) -> SavedSpace:
        """The party's own space."""
        return next(space for space in self.spaces if space.owner_id == self.keys.party_id)


# Writing --------------------------------------------------------------------------------------------------------------

def write_backup(vault: OpenVault, out: BinaryIO, passphrase: str, *, cost: Cost, now: datetime,
                 randomness: Randomness) -> int:
    """Write everything the unlocked party can open; returns how many items.

    Raises:
        TooComplexError: it is larger than what can be read again.
        SealBroken: an item cannot be opened; what was written is no backup then.
    """
    header = new_header(cost, randomness)
    counted = [0]
    write_chunks(out, header, key_of(header, passphrase), _lines(vault.personal(), now, counted))
    return counted[0]


def _lines(personal: OpenVault, now: datetime, counted: list[int]) -> Iterator[bytes]:
    keys = personal._keys
    yield _line({"made_at": format_date_time(now), "party": keys.party_id,
                 "opening": base64url_encode(keys.opening_secret), "signing": base64url_encode(keys.signer.secret)})
    for vault, label in ((personal, ""), *((personal.for_learner(each.owner_id), each.label)
                                           for each in personal.learners())):
        kind = vault.members()[vault.party_id].kind
        yield _line({"space": vault.owner_id, "label": label, "kind": kind,
                     "counter": vault._space.state()[1].listing.counter})
        for item in _items(vault):
            counted[0] += 1
            yield _line({"item": item.id, "type": item.type, "version": item.version, "body": item.body,
                         "keys": [sealed_form(key) for key in item._keys.values()]})
    yield _line({"end": counted[0]})


def _items(vault: OpenVault) -> Iterator[Item]:
    mine = vault._space.mine()
    for item_id in sorted(mine, key=_in_order):
        if mine[item_id].type not in _LEFT_OUT:
            try:
                yield vault.read(item_id, mine[item_id].type)
            except StateError:
                continue  # deleted since, or the authority does not allow it now


def _in_order(item_id: str) -> tuple[int, str]:
    """Entries of a log by their number, the rest by name."""
    number = item_id.rpartition(".")[2]
    return (int(number), item_id) if item_id.startswith("log.") and number.isdigit() else (0, item_id)


def _line(content: JSONObject) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


# Reading --------------------------------------------------------------------------------------------------------------

def read_backup(file: BinaryIO, passphrase: str) -> Saved:
    """What is in a backup, after the whole file was found in order.

    Raises:
        BackupRefused: no backup, a newer one, too large, or not a byte for byte what was written under ``passphrase``.
    """
    header = read_header(file)
    return read_sealed(file, header, key_of(header, passphrase))


def read_sealed(file: BinaryIO, header: Header, key: bytes) -> Saved:
    """``read_backup`` with the key of the file.

    Raises:
        BackupRefused: another key, or a byte of the file is not what it was.
    """
    for _piece in read_chunks(file, header, key):
        pass  # to the last byte, before a single line is read
    try:
        return _read_lines(_split(read_chunks(file, header, key)))
    except (CredkitError, KeyError, TypeError, ValueError, StopIteration) as error:
        raise error if isinstance(error, BackupRefused) else BackupRefused("changed") from error


def _split(pieces: Iterator[bytes]) -> Iterator[JSONObject]:
    held = bytearray()
    for piece in pieces:
        held += piece
        if b"\n" in piece:
            *lines, rest = bytes(held).split(b"\n")
            held = bytearray(rest)
            yield from (parse_json_object(line) for line in lines)


def _read_lines(lines: Iterator[JSONObject]) -> Saved:
    first = next(lines)
    keys = PartyKeys(first["party"], base64url_decode(first["opening"]),
                     SoftwareSigner.from_secret("Ed25519", base64url_decode(first["signing"])))
    spaces: list[SavedSpace] = []
    for line in lines:
        if "space" in line:
            spaces.append(SavedSpace(line["space"], line["label"], line["kind"], line["counter"]))
        elif "item" in line:
            held = {key.verification_method: key for key in map(from_sealed_form, line["keys"])}
            spaces[-1].items.append(Item(line["item"], line["type"], line["version"], line["body"], tuple(held), held))
        elif line["end"] == sum(len(space.items) for space in spaces):
            return Saved(first["made_at"], keys, tuple(spaces))
    raise SealBroken("the end of the backup is missing")


# Writing it back ------------------------------------------------------------------------------------------------------

def restore(store: Store, saved: Saved, login: str, passphrase: str, *, cost: Cost, now: datetime,
            randomness: Randomness) -> tuple[str, bytes]:
    """Put a backup into an empty backpack: the party is who it was, and founds each record it belonged to.

    Others are not in the backup: they are invited anew.

    Args:
        login: The keyed hash of the name to sign in with.

    Returns:
        The party's id and its new master key.

    Raises:
        StateError: there is somebody in this backpack already; nothing was changed.
    """
    keys, master = saved.keys, randomness.token_bytes(KEY_BYTES)
    public = jose.x25519_private_jwk(keys.opening_secret)["x"]
    party = PartyRow(keys.party_id, login, public, keys.signer.public_key_multibase,
                     seal_keys(keys, master, randomness), int(now.timestamp()))
    writer = _Writer(store, keys, randomness, now)
    planned = [writer.learner(space, space.owner_id, _same) for space in saved.spaces
               if space.owner_id != keys.party_id]
    pointers = [(space.owner_id, space.label) for space in saved.spaces if space.owner_id != keys.party_id]
    planned.append(writer.personal(saved.personal, Stored(None, (), {}), pointers, _same))
    slot = passphrase_slot(keys.party_id, master, passphrase, cost, randomness)
    if not store.write_backpack(party, (slot,), [each.change for each in planned]):
        raise StateError("There is a backpack here already. Nothing was changed.")
    return keys.party_id, master


@dataclass(frozen=True)
class Brought:
    """What came in as copies: how many records of learners, how many items."""

    learners: int
    items: int


def add_copies(vault: OpenVault, saved: Saved, label: Callable[[str], str], *, left_out: frozenset[str],
               now: datetime) -> Brought:
    """Put a backup beside what the unlocked party has: each learner's record as a new one, own items as new ones.

    Args:
        label: What a copied record is called, from what it was called.
        left_out: Item types that mean nothing in a copy, such as invitations.

    Raises:
        StateError: something was changed at the same time; nothing was copied.
    """
    personal, means = vault.personal(), vault._means
    writer = _Writer(means.store, personal._keys, means.randomness, now)
    names = {item.id: new_name(means.randomness) for space in saved.spaces
             for item in space.items}
    planned, pointers, stamps = [], [], dict[str, Stamp]()

    def copy(item: Item) -> Item | None:
        if item.type in left_out:
            return None
        return replace(item, id=names[item.id], version=1, body=_renamed(item.body, names))

    for space in saved.spaces:
        if space.owner_id != saved.keys.party_id:
            owner_id = new_name(means.randomness)
            planned.append(writer.learner(replace(space, counter=0), owner_id, copy))
            pointers.append((owner_id, label(space.label)))
            stamps[owner_id] = ()
    stored = means.store.stored(personal.owner_id)
    stamps[personal.owner_id] = stored.stamp
    own = replace(saved.personal, counter=0, items=[item for item in saved.personal.items if item.type != LOG])
    planned.append(writer.personal(own, stored, pointers, copy))
    if not means.store.write_copies([each.change for each in planned], stamps):
        raise StateError("This was changed on another device meanwhile.")
    return Brought(len(pointers), sum(len(each.change.items) for each in planned) - len(pointers))


def _same(item: Item) -> Item:
    return item


def _renamed(value: object, names: dict[str, str]) -> JSONObject:
    """A body in which items are called by their new names; signed documents stay as they are."""
    def rename(part: object) -> object:
        if isinstance(part, str):
            return names.get(part, part)
        if isinstance(part, list):
            return [rename(each) for each in part]
        if isinstance(part, dict):
            return {name: each if name == "credential" else rename(each) for name, each in part.items()}
        return part

    renamed = rename(value)
    return renamed if isinstance(renamed, dict) else {}


@dataclass(frozen=True)
class _Writer:
    """Plans what is written back, item by item, for one party alone."""

    store: Store
    keys: PartyKeys
    randomness: Randomness
    now: datetime

    def learner(self, saved: SavedSpace, owner_id: str, turn: Callable[[Item], Item | None]) -> Planned:
        """A learner's record, founded by the party."""
        kind: Kind = "learner" if saved.kind == "learner" else "guardian"
        me = replace(self._me(), kind=kind, since=format_date_time(self.now))
        space = Space(self.store, self.keys, self.randomness, owner_id, me, NoCounters())

        def act(draft: Draft) -> bool:
            link, draft.chain = admit_link(draft.chain, me, self.keys.signer)
            draft.links.append(link)
            self._put(space, draft, saved, turn)
            return True

        return self._planned(space, Stored(None, (), {}), act, saved.counter)

    def personal(self, saved: SavedSpace, stored: Stored, pointers: list[tuple[str, str]],
                 turn: Callable[[Item], Item | None]) -> Planned:
        """The party's own space, with the records it belongs to."""
        space = Space(self.store, self.keys, self.randomness, self.keys.party_id, self._me(), NoCounters())

        def act(draft: Draft) -> bool:
            self._put(space, draft, saved, turn)
            for owner_id, label in pointers:
                body = {"owner_id": owner_id, "root_party": self.keys.party_id,
                        "root_key": self.keys.signer.public_key_multibase, "label": label}
                name = new_name(self.randomness)
                space.put(draft, *space.seal(name, POINTER, 1, body, ()), frozenset({self.keys.party_id}))
            return True

        return self._planned(space, stored, act, saved.counter)

    @staticmethod
    def _planned(space: Space, stored: Stored, act: Callable[[Draft], bool], counter: int) -> Planned:
        planned = space.plan(stored, act, counter=counter)
        if planned is None:
            raise StateError("There is nothing to keep.")
        return planned

    def _put(self, space: Space, draft: Draft, saved: SavedSpace, turn: Callable[[Item], Item | None]) -> None:
        me = frozenset({self.keys.party_id})
        for old in saved.items:
            item = turn(old)
            if item is None:
                continue
            if item.type == LOG:  # the log is chained anew: its links are digests of sealed bytes
                count, previous = draft.log
                chained = {**item.body, "number": count + 1, "previous": previous}
                item = replace(item, id=log_name(space.owner_id, count + 1), body=chained)
            row, content_key = space.seal(item.id, item.type, item.version, item.body, item._keys.values())
            space.put(draft, row, content_key, me)
            if item.type == LOG:
                draft.log = draft.log[0] + 1, draft.lines[row.id].digest

    def _me(self) -> Member:
        return Member(self.keys.party_id, "learner", True, self.keys.opening_jwk["x"],
                      self.keys.signer.public_key_multibase, "", self.keys.party_id, DECIDES)
