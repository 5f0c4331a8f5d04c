"""A space: one owner's items as one party may see them, checked against the chain and the manifest at every look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credkit import jose
from credkit.encoding import base64url_decode, base64url_encode, sha256
from credkit.errors import CredkitError, ParsingError, SealBroken, StateError
from credkit.ports import JSONObject, Randomness
from credkit.shape import format_date_time
from wallet.store import (
    LISTED,
    PEOPLE,
    AdditionRow,
    Change,
    ItemRow,
    ManifestRow,
    MemberRow,
    Stamp,
    Store,
    Stored,
    stamp,
)
from wallet.vault.additions import (
    LOG,
    Addition,
    addition_digest,
    check_addition,
    check_speaker,
    extended,
    log_name,
    sign_addition,
)
from wallet.vault.chain import Chain, Member, read_chain, remove_link
from wallet.vault.holder_keys import HolderKey, from_sealed_form, sealed_form
from wallet.vault.listing import Line, Listing, listing_digest, sign_listing
from wallet.vault.manifest import Counters, Manifest, OlderCopy, manifest_of, read_manifest, see_manifest
from wallet.vault.parties import PartyKeys
from wallet.vault.sealing import KEY_BYTES, pad, seal, unpad, unseal

_BROKEN = "something in this backpack was changed by somebody who may not"
_MAY_NOT = "You may not do this in this backpack. Nothing was changed."
ABSENT = "There is nothing here under this name."


@dataclass(frozen=True)
class Item:
    """An opened item. ``key_methods`` are the verification methods of the holder keys sealed with it."""

    id: str
    type: str
    version: int
    body: JSONObject
    key_methods: tuple[str, ...] = ()
    _keys: Mapping[str, HolderKey] = field(default_factory=dict, repr=False)


@dataclass
class Draft:
    """A change while it is being made, under the write lock: what is there, and what shall be."""

    chain: Chain
    lines: dict[str, Line]
    log: tuple[int, str]
    items: list[ItemRow] = field(default_factory=list)
    wraps: dict[str, dict[str, str]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    links: list[MemberRow] = field(default_factory=list)
    removed: str | None = None
    ended: list[str] = field(default_factory=list)
    drop_indexes: bool = False


@dataclass(frozen=True)
class Planned:
    """A change that is signed but not written: what becomes of chain and manifest with it."""

    change: Change
    chain: Chain
    manifest: Manifest


class Space:
    """Reading and writing one owner's sealed items by one unlocked party. Made by ``OpenVault`` only."""

    def __init__(self, store: Store, keys: PartyKeys, randomness: Randomness, owner_id: str, root: Member,
                 counters: Counters) -> None:
        self._store = store
        self._keys = keys
        self._randomness = randomness
        self.owner_id = owner_id
        self._root = root
        self._counters = counters
        self._state: tuple[Chain, Manifest] | None = None
        self._steady = 0

    @property
    def party_id(self) -> str:
        """Who looks."""
        return self._keys.party_id

    @property
    def root(self) -> Member:
        """Who founded the record, as this party knows it from its own space."""
        return self._root

    def is_unfounded(self) -> bool:
        """Whether nobody was ever admitted: the chain has no link yet."""
        return self.state()[0].seq < 0

    def is_ended(self) -> bool:
        """Whether the record was deleted, as the chain says that was signed before.

        Raises:
            SealBroken, OlderCopy: see ``read_chain``.
        """
        return self._chain(self._store.stored(self.owner_id).links).is_ended

    def state(self) -> tuple[Chain, Manifest]:
        """The chain and the manifest as they are now.

        Raises:
            SealBroken, OlderCopy: see ``read_chain`` and ``read_manifest``.
            StateError: this party does not belong here (any more).
        """
        if self._steady and self._state is not None:
            return self._state
        if self._state is None or self.stamp != self._store.stamp(self.owner_id):
            self._state = self._read(self._store.stored(self.owner_id))
        return self._state

    @property
    def stamp(self) -> Stamp:
        """Counters of which one is another whenever something else was written than what was read last."""
        if self._state is None:
            return ()
        chain, manifest = self._state
        return stamp((LISTED, manifest.listing.counter), (PEOPLE, chain.seq + 1),
                     *((party_id, each.counter) for party_id, each in manifest.additions.items()))

    def _read(self, stored: Stored) -> tuple[Chain, Manifest]:
        if self._state is not None and stored.stamp == self.stamp:
            return self._state
        chain = self._chain(stored.links)
        if self.party_id not in chain.members:
            raise StateError(ABSENT)
        return chain, read_manifest(self.owner_id, stored, chain, self._counters)

    def _chain(self, links: Sequence[MemberRow]) -> Chain:
        """The chain, which goes on from where it was last seen: nobody who was removed since can sign for it again.

        Raises:
            OlderCopy: it is shorter than it was, or took another way.
        """
        last = self._counters.last_seen(chain_name(self.owner_id))
        chain = read_chain(self.owner_id, links, self._root, last)
        if last is not None and (chain.seq < last[0] or chain.heads[last[0]] != last[1]):
            raise OlderCopy("the list of people in this backpack is older than the one that was here before")
        self._see(chain)
        return chain

    def _see(self, chain: Chain) -> None:
        if chain.seq >= 0:
            self._counters.see(chain_name(self.owner_id), chain.seq, chain.head)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """One look at the database for everything inside: several questions about one moment get one answer."""
        self.state()
        self._steady += 1
        try:
            yield
        finally:
            self._steady -= 1

    def hold(self) -> None:
        """``steady`` from the first look on, for as long as this object lives; own changes are seen."""
        self._steady += 1

    def mine(self) -> dict[str, Line]:
        """The lines of all items that this party may open."""
        return {item_id: line for item_id, line in self.state()[1].lines.items() if self.party_id in line.recipients}

    def read(self, item_id: str, item_type: str) -> Item:
        """Open an item.

        Raises:
            StateError: no such item, or not one this party may open (the same answer, security.md F05).
            SealBroken: the stored bytes are not what the manifest lists.
        """
        for _again in range(8):
            line = self.state()[1].lines.get(item_id)
            if line is None or line.type != item_type or self.party_id not in line.recipients:
                raise StateError(ABSENT)
            found = self._store.item(item_id, self.party_id)
            if found is not None and self._fits(found[0], line):
                item = self.open(*found)
                check_speaker(line, item.body)
                return item
            if self.stamp == self._store.stamp(self.owner_id):
                break  # nobody wrote in between: what is stored is not what was signed
            self._state = None
        raise SealBroken(_BROKEN)

    def _fits(self, row: ItemRow, line: Line) -> bool:
        return (row.owner_id, row.type, row.version, row.key_id) == (self.owner_id, *line[:3]) and _digest(
            row.ciphertext) == line.digest

    def open(self, row: ItemRow, wrap: str) -> Item:
        """Open a stored row with this party's key.

        Raises:
            SealBroken: another key, another context, or changed bytes.
        """
        return self._opened(row, self.unwrap(wrap))

    def open_own(self, row: ItemRow, wrap: str) -> Item:
        """Open a row that only this party can have written, though no manifest fixes it: its own index.

        Raises:
            SealBroken: somebody else made it; everybody may know the key to which items are wrapped, not this one.
        """
        try:
            content_key = unseal(self._own_key(), base64url_decode(wrap), _context(row))
        except ParsingError as error:
            raise SealBroken(_BROKEN) from error
        return self._opened(row, content_key, own=True)

    def wrap_own(self, content_key: bytes, row: ItemRow) -> str:
        """``content_key`` under a key of this party's that has no public half."""
        return base64url_encode(seal(self._own_key(), content_key, _context(row), self._randomness))

    def _own_key(self) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"backpack-own-key").derive(
            self._keys.opening_secret)

    @staticmethod
    def _opened(row: ItemRow, content_key: bytes, *, own: bool = False) -> Item:
        content = unpad(unseal(content_key, row.ciphertext, _context(row)), own=own)
        keys = tuple(from_sealed_form(text) for text in content["keys"])
        return Item(row.id, row.type, row.version, content["body"], tuple(key.verification_method for key in keys),
                    {key.verification_method: key for key in keys})

    def unwrap(self, wrap: str) -> bytes:
        """The content key in a wrap of this party's.

        Raises:
            SealBroken: it was not made for this party.
        """
        try:
            content_key = jose.decrypt(wrap, self._keys.private_jwk)
        except CredkitError as error:
            raise SealBroken(_BROKEN) from error
        if len(content_key) != KEY_BYTES:
            raise SealBroken(_BROKEN)
        return content_key

    def seal(self, item_id: str, item_type: str, version: int, body: JSONObject, keys: Iterable[HolderKey], *,
             owner_id: str | None = None) -> tuple[ItemRow, bytes]:
        """A row sealed under a fresh content key, and that key."""
        content_key = self._randomness.token_bytes(KEY_BYTES)
        key_id = base64url_encode(self._randomness.token_bytes(16))
        row = ItemRow(item_id, owner_id or self.owner_id, item_type, version, key_id, b"")
        content = {"body": body, "keys": [sealed_form(key) for key in keys]}
        return replace(row, ciphertext=seal(content_key, pad(content), _context(row), self._randomness)), content_key

    def put(self, draft: Draft, row: ItemRow, content_key: bytes, recipients: frozenset[str], *,
            helper: str = "") -> None:
        """Write a sealed row in ``draft``, wrapped to those of ``recipients`` that belong here.

        Args:
            helper: Whose a new item is, where somebody who decides adds it for a helper; what helpers add is theirs.

        Raises:
            StateError: nobody of them does.
        """
        entitled = recipients & draft.chain.members.keys()
        if not entitled:
            raise StateError("Nobody may open this. Nothing was kept.")
        draft.items.append(row)
        draft.wraps[row.id] = {party_id: self.wrap(content_key, draft.chain.members[party_id])
                               for party_id in sorted(entitled)}
        before, me = draft.lines.get(row.id), draft.chain.members.get(self.party_id)
        mine = self.party_id if me is not None and not me.scope.decides else helper
        draft.lines[row.id] = line_of(row, entitled, helper=before.helper if before else mine)

    def append_log(self, body: JSONObject, recipients: frozenset[str]) -> str:
        """Seal the next entry of the owner's log, with its number and the digest of the one before; returns its id."""
        names: list[str] = []

        def act(draft: Draft) -> bool:
            names.append(self.note(draft, body, recipients))
            return True

        self.change(act)
        return names[-1]

    def note(self, draft: Draft, body: JSONObject, recipients: frozenset[str]) -> str:
        """Write the next entry of the log in ``draft``; returns its id."""
        count, previous = draft.log
        name = log_name(self.owner_id, count + 1)
        row, content_key = self.seal(name, LOG, 1, {**body, "number": count + 1, "previous": previous}, ())
        self.put(draft, row, content_key, recipients)
        draft.log = count + 1, draft.lines[row.id].digest
        return name

    def log_digests(self) -> dict[int, str]:
        """Number → digest of each entry of the log that this party may open, as the manifest fixes them."""
        return {int(item_id.rpartition(".")[2]): line.digest for item_id, line in self.mine().items()
                if line.type == LOG}

    def give(self, draft: Draft, item_id: str, keep: frozenset[str]) -> None:
        """Make ``keep`` the parties that can open an item; where that is nobody, it goes.

        Who loses it loses its next version, not only its wrap: it is sealed anew, where this party can open it. Entries
        of the log are never sealed anew.

        Raises:
            SealBroken: it is not what the manifest lists.
        """
        line = draft.lines[item_id]
        opens, lost = self.party_id in line.recipients, frozenset(line.recipients) - keep
        if not keep:
            del draft.lines[item_id]
            draft.deleted.append(item_id)
        elif opens and lost and line.type != LOG:
            found = self._store.item(item_id, self.party_id)
            if found is None:
                raise SealBroken("a part of this backpack is missing")
            item = self.open(*found)
            self.put(draft, *self.seal(item_id, item.type, item.version + 1, item.body, item._keys.values()), keep)
        else:
            self._share_out(draft, item_id, keep)

    def _share_out(self, draft: Draft, item_id: str, keep: frozenset[str]) -> None:
        """Keep the wraps of ``keep``, and make those that are wanting where this party can."""
        line, wraps = draft.lines[item_id], self._store.wraps_of(item_id)
        kept = {party_id: jwe for party_id, jwe in wraps.items() if party_id in keep}
        wanting = sorted(keep - kept.keys())
        if wanting and self.party_id in line.recipients:
            content_key = self.unwrap(wraps.get(self.party_id, ""))
            kept |= {party_id: self.wrap(content_key, draft.chain.members[party_id]) for party_id in wanting}
        draft.wraps[item_id] = kept
        draft.lines[item_id] = line._replace(recipients=tuple(sorted(kept)))

    @staticmethod
    def wrap(content_key: bytes, to: Member) -> str:
        """``content_key`` for one member's key alone."""
        return jose.encrypt(content_key, {"kty": "OKP", "crv": "X25519", "x": to.opening_key})

    def change(self, act: Callable[[Draft], bool]) -> bool:
        """Change this owner's items as a whole or not at all; ``act`` returns False to leave all as it was."""
        after: list[Planned] = []

        def make(stored: Stored) -> Change | None:
            planned = self.plan(stored, act)
            if planned is None:
                return None
            after.append(planned)
            return planned.change

        if not self._store.change(self.owner_id, make):
            return False
        chain, manifest = after[-1].chain, after[-1].manifest
        self._state = (chain, manifest) if self.party_id in chain.members else None
        self._see(chain)
        see_manifest(manifest, self._counters)
        return True

    def plan(self, stored: Stored, act: Callable[[Draft], bool], *, counter: int = 0) -> Planned | None:
        """What ``act`` would make of ``stored``, signed; None if it wants no change. Nothing is written.

        Args:
            counter: The list counts on from here if it is not further yet.

        Raises:
            StateError: a helper wants more than a helper may.
        """
        chain, manifest = self._read(stored)
        draft = Draft(chain, dict(manifest.lines), manifest.log)
        if not act(draft):
            return None
        if not chain.members[self.party_id].scope.decides:
            return self._leaving(draft, manifest) if draft.removed == self.party_id else self._adding(draft, manifest)
        self._drop_unreachable(draft)
        listing = Listing(self.owner_id, max(manifest.listing.counter, counter) + 1, "", draft.chain.seq, draft.lines,
                          draft.log, manifest.taken)
        row = sign_listing(listing, draft.chain, self._keys.signer, by=self.party_id)
        listing = replace(listing, digest=listing_digest(row))
        return Planned(self._change(draft, row), draft.chain, manifest_of(listing, {}))

    def _change(self, draft: Draft, manifest: ManifestRow | None, addition: AdditionRow | None = None) -> Change:
        return Change(self.owner_id, manifest, addition, draft.items, draft.wraps, draft.deleted, draft.links,
                      draft.removed, draft.ended, draft.drop_indexes)

    def _adding(self, draft: Draft, manifest: Manifest) -> Planned:
        """What a helper's change is: an addition to the list, and nothing else."""
        me, listing = draft.chain.members[self.party_id], manifest.listing
        before = manifest.additions.get(self.party_id) or Addition(self.party_id, manifest.taken.get(self.party_id, 0))
        following = extended(before, listing, manifest.lines, draft.lines)
        try:
            check_addition(following, listing, me.scope)
        except SealBroken as error:
            raise StateError(_MAY_NOT) from error
        if draft.links:
            raise StateError(_MAY_NOT)
        row = sign_addition(following, listing, self._keys.signer)
        following = replace(following, digest=addition_digest(row))
        return Planned(self._change(draft, None, row), draft.chain,
                       manifest_of(listing, {**manifest.additions, self.party_id: following}))

    def _leaving(self, draft: Draft, manifest: Manifest) -> Planned:
        """A helper that leaves takes nothing out of the list; what it added stays as it signed it."""
        return Planned(Change(self.owner_id, members=draft.links, removed=draft.removed), draft.chain, manifest)

    @staticmethod
    def _drop_unreachable(draft: Draft) -> None:
        """Who left of their own accord is no recipient any more; what nobody else can open goes."""
        for item_id, line in list(draft.lines.items()):
            present = tuple(name for name in line.recipients if name in draft.chain.members)
            if present == line.recipients:
                continue
            draft.lines[item_id] = line._replace(recipients=present)
            if not present:
                del draft.lines[item_id]
                draft.deleted.append(item_id)

    def end(self, now: datetime) -> None:
        """Delete the record. Its chain is closed by links that take out everybody, this party last."""
        def make(stored: Stored) -> list[MemberRow]:
            chain, links = self._read(stored)[0], []
            for party_id in sorted(chain.members, key=lambda name: name == self.party_id) if chain.seq >= 0 else ():
                link, chain = remove_link(chain, party_id, by=self.party_id, at=format_date_time(now),
                                          signer=self._keys.signer)
                links.append(link)
            return links

        self._store.end_record(self.owner_id, make, now=int(now.timestamp()))
        self._state = None


def chain_name(owner_id: str) -> str:
    """Under which name ``Counters`` keep the chain of an owner's people."""
    return f"{owner_id}.people"


def line_of(row: ItemRow, recipients: Iterable[str], *, helper: str = "") -> Line:
    """The line of the list for a row."""
    return Line(row.type, row.version, row.key_id, _digest(row.ciphertext), tuple(sorted(recipients)), helper)


def _context(row: ItemRow) -> tuple[str | int, ...]:
    return row.owner_id, row.id, row.type, row.version, row.key_id


def _digest(data: bytes) -> str:
    return base64url_encode(sha256(data))
