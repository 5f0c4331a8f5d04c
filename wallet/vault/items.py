"""The open vault: what one unlocked party may read, write and decide in one owner's record."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from credkit.encoding import sha256
from credkit.errors import StateError
from credkit.ports import Clock, JSONObject, Randomness, Signer
from credkit.shape import format_date_time
from wallet.store import Stamp, Store
from wallet.vault.additions import LOG
from wallet.vault.chain import DECIDES, Kind, Member, Scope, admit_link, remove_link
from wallet.vault.holder_keys import ED25519, HolderKey, new_holder_key
from wallet.vault.index import Index, Summarize
from wallet.vault.manifest import Counters
from wallet.vault.parties import PartyKeys
from wallet.vault.pins import Pinned, lag, pins_of
from wallet.vault.sealing import new_name
from wallet.vault.space import ABSENT, Draft, Item, Space

POINTER: Final = "pointer"


@dataclass(frozen=True)
class Entry:
    """A line of the index: what a list needs to know of an item without opening it."""

    id: str
    type: str
    summary: JSONObject


class Judge(Protocol):
    """The authority over a vault at one moment, as far as the unlocked party can tell."""

    @property
    def oversees(self) -> bool:
        """Whether the party knows what everybody is entitled to; else it takes a key from nobody."""
        ...

    def entitled(self, item_type: str, summary: JSONObject) -> frozenset[str]:
        """The parties that may open such an item now."""
        ...


Entitle = Callable[["OpenVault"], Judge]
"""Asked before anything is sealed in a vault, and before anything opened is handed out."""


@dataclass(frozen=True)
class Everybody:
    """All members may open everything: for a vault without an authority over it."""

    vault: OpenVault
    oversees: bool = True

    def entitled(self, item_type: str, summary: JSONObject) -> frozenset[str]:
        """All members."""
        return frozenset(self.vault.members())


@dataclass(frozen=True, repr=False)
class Means:
    """What every open vault of one wallet works with."""

    store: Store
    randomness: Randomness
    summarize: Summarize
    entitle: Entitle
    counters: Counters
    clock: Clock


@dataclass(frozen=True)
class Learner:
    """A record that this party belongs to; ``label`` is what the party calls the learner."""

    owner_id: str
    label: str


class OpenVault:
    """One owner's record as one unlocked party may use it. Made by ``wallet.vault.sessions`` and ``for_learner``.

    Attributes:
        label: What the party calls the learner; None in its own space.
    """

    def __init__(self, means: Means, keys: PartyKeys, owner_id: str | None = None, root: Member | None = None,
                 label: str | None = None, counters: Counters | None = None) -> None:
        self.label = label
        self._means = means
        self._keys = keys
        self._me = Member(keys.party_id, "learner", True, keys.opening_jwk["x"], keys.signer.public_key_multibase,
                          "", keys.party_id, DECIDES)
        self._space = Space(means.store, keys, means.randomness, owner_id or keys.party_id, root or self._me,
                            counters or means.counters)
        self._index = Index(means.store, self._space, means.summarize)
        self._judged: tuple[tuple[Stamp, datetime], Judge] | None = None

    @property
    def party_id(self) -> str:
        """Who unlocked it."""
        return self._keys.party_id

    @property
    def owner_id(self) -> str:
        """Whose record it is: a learner's, or the party's own."""
        return self._space.owner_id

    @property
    def learner_urn(self) -> str:
        """The learner's constant name in family credentials."""
        return f"urn:uuid:{uuid.UUID(bytes=sha256(b'backpack-learner' + self.owner_id.encode())[:16], version=4)}"

    @property
    def party_signer(self) -> Signer:
        """Signs what the party says and grants."""
        return self._keys.signer

    @property
    def party_key(self) -> HolderKey:
        """The party's signing key as a holder key, for what is issued to the party itself: a guardian's papers."""
        return HolderKey(self._keys.signer.secret)

    @property
    def party_did(self) -> str:
        """The did:key under which the party signs."""
        return f"did:key:{self._keys.signer.public_key_multibase}"

    @property
    def root_key(self) -> str:
        """The signing key that founded this record."""
        return self._space.root.signing_key

    @property
    def root_party(self) -> str:
        """The party that founded this record."""
        return self._space.root.party_id

    @property
    def me(self) -> Member:
        """This party as others would admit it: its public keys."""
        return self._me

    def members(self) -> Mapping[str, Member]:
        """Party id → member, of all who belong to this record now."""
        return self._space.state()[0].members

    @property
    def decides(self) -> bool:
        """Whether this party signs for the whole record; else it only adds to it (``wallet.vault.additions``)."""
        return self.members()[self.party_id].scope.decides

    def log_head(self) -> tuple[int, str]:
        """How many entries the owner's log has, and the digest of the last one."""
        return self._space.state()[1].log

    def log_digests(self) -> dict[int, str]:
        """Number → digest of each entry of the log that this party may open, as the manifest fixes them."""
        return self._space.log_digests()

    # Items ------------------------------------------------------------------------------------------------------------

    def new_holder_key(self, key_type: str = ED25519) -> HolderKey:
        """A fresh key for one credential (``Ed25519`` or ``P-256``); it lasts only once ``add`` or ``replace`` has
        sealed it with an item."""
        return new_holder_key(self._means.randomness, key_type)

    def add(self, item_type: str, body: JSONObject, *, keys: tuple[HolderKey, ...] = (), helper: str = "") -> str:
        """Seal a new item for every party entitled to it; returns its id.

        Args:
            helper: Who may take it away again, though it is somebody who decides that adds it.

        Raises:
            StateError: a helper adds what is not a helper's to add.
        """
        item_id = new_name(self._means.randomness)
        recipients = self._recipients(item_type, body)

        def act(draft: Draft) -> bool:
            self._space.put(draft, *self._space.seal(item_id, item_type, 1, body, keys), recipients, helper=helper)
            return True

        self._space.change(act)
        return item_id

    def append_log(self, body: JSONObject) -> str:
        """Seal the next entry of the owner's log; it holds its number and the digest of the one before.

        An entry is never written again: what follows from it is an entry of its own.
        """
        return self._space.append_log(body, self._recipients(LOG, body))

    def read(self, item_id: str, item_type: str) -> Item:
        """Open an item; see ``Space.read`` for the errors. What the authority does not allow now is not there."""
        with self._space.steady():
            item = self._space.read(item_id, item_type)
            if self.party_id not in self._judge().entitled(item_type, self._means.summarize(item_type, item.body)):
                raise StateError(ABSENT)
            return item

    def steady(self) -> AbstractContextManager[None]:
        """One look at the database for all questions inside: they are about one moment, but for this object's own
        changes. What is written is checked against what is stored, as ever."""
        return self._space.steady()

    def hold(self) -> None:
        """Be ``steady`` from now on: for an object that answers one request."""
        self._space.hold()

    def recipients(self, item_id: str) -> tuple[str, ...]:
        """The parties that hold a key to an item this party can open; none for an item that is not there."""
        line = self._space.mine().get(item_id)
        return () if line is None else line.recipients

    def signer(self, item: Item, method: str) -> HolderKey:
        """The holder key named ``method`` that was sealed with ``item``, or the party's own, which no item holds.

        Raises:
            StateError: the item holds no such key.
        """
        key = item._keys.get(method)
        if method == self.party_signer.verification_method:
            return self.party_key
        if key is None:
            raise StateError("The key of this record is not in this backpack.")
        return key

    def replace(self, item: Item, body: JSONObject, *, keys: tuple[HolderKey, ...] | None = None) -> str:
        """Write the next version of ``item``; ``keys`` None keeps those it has.

        If somebody else wrote one since it was read, theirs stays and ours is kept beside it as an item of its own
        with the member ``conflict_of`` (security.md H08).

        Returns:
            The id under which the body now lies: the item's own, or that of the copy.

        Raises:
            StateError: a helper changes what is not a helper's.
        """
        keep = tuple(item._keys.values()) if keys is None else keys
        if self._write_next(item, body, keep):
            return item.id
        return self.add(item.type, {**body, "conflict_of": item.id}, keys=keep)

    def _write_next(self, item: Item, body: JSONObject, keys: Iterable[HolderKey] = ()) -> bool:
        """Write the next version of an item as it was read; False if it is another by now."""
        recipients, oversees = self._recipients(item.type, body), self._judge().oversees

        def act(draft: Draft) -> bool:
            line = draft.lines.get(item.id)
            if line is None or line.version != item.version:
                return False
            kept = recipients if oversees else recipients | set(line.recipients)
            self._space.put(draft, *self._space.seal(item.id, item.type, item.version + 1, body, keys), kept)
            return True

        return self._space.change(act)

    def delete(self, item: Item) -> None:
        """Delete an item as it was read.

        Raises:
            StateError: it was changed or deleted meanwhile; nothing is deleted.
        """
        def act(draft: Draft) -> bool:
            line = draft.lines.get(item.id)
            if line is None or line.version != item.version:
                return False
            del draft.lines[item.id]
            draft.deleted.append(item.id)
            return True

        if not self._space.change(act):
            raise StateError("This was changed on another device meanwhile.")

    def erase(self, item: Item, others: Iterable[str] = (), *, links: Iterable[str] = ()) -> None:
        """Delete an item as it was read, with what hangs on it, and leave no byte of it: no line in anybody's index, no
        page of the database, nothing in the database's log.

        Args:
            others: Ids of items that go with it.
            links: Ids of share links that end with it.

        Raises:
            StateError: it was changed or deleted meanwhile; nothing is deleted.
        """
        gone = {item.id, *others}
        self._index.lines()

        def act(draft: Draft) -> bool:
            line = draft.lines.get(item.id)
            if line is None or line.version != item.version:
                return False
            for item_id in gone & draft.lines.keys():
                del draft.lines[item_id]
                draft.deleted.append(item_id)
            draft.ended, draft.drop_indexes = list(links), True
            return True

        if not self._space.change(act):
            raise StateError("This was changed on another device meanwhile.")
        self._index.renew()
        self.scrub()

    def scrub(self) -> None:
        """Leave no byte of what was replaced or deleted in the database's log."""
        self._means.store.scrub()

    def _recipients(self, item_type: str, body: JSONObject) -> frozenset[str]:
        """Who is entitled; where that is nobody (a grown learner without a key), who will hand over keeps it sealed."""
        with self._space.steady():
            return self._judge().entitled(item_type, self._means.summarize(item_type, body)) or frozenset(
                member.party_id for member in self.members().values() if member.steward)

    def _judge(self) -> Judge:
        """The authority for this moment and this state of the record."""
        self._space.state()
        key = self._space.stamp, self._means.clock.now()
        if self._judged is None or self._judged[0] != key:
            self._judged = key, self._means.entitle(self)
        return self._judged[1]

    # The index --------------------------------------------------------------------------------------------------------

    def entries(self, item_type: str) -> tuple[Entry, ...]:
        """The lines of the index for one type that the authority allows this party to see now.

        Raises:
            SealBroken: an item cannot be opened.
        """
        with self._space.steady():
            entitled = self._judge().entitled
            return tuple(entry for entry in self.known(item_type)
                         if self.party_id in entitled(item_type, entry.summary))

    def known(self, item_type: str) -> tuple[Entry, ...]:
        """All lines of the index for one type, for the authority itself: what it judges by is not yet judged.

        Items that are new to the index are opened and added to it first.
        """
        return tuple(Entry(item_id, item_type, line["summary"]) for item_id, line in self._index.lines().items()
                     if line["type"] == item_type)

    # People -----------------------------------------------------------------------------------------------------------

    def learners(self) -> tuple[Learner, ...]:
        """The records this party belongs to beside its own; where it was removed, nothing is told (security.md G05)."""
        found = []
        for pointer in self._pointers():
            with suppress(StateError):
                self._follow(pointer)
                found.append(Learner(pointer.body["owner_id"], pointer.body["label"]))
        return tuple(sorted(found, key=lambda learner: (learner.label.casefold(), learner.owner_id)))

    def _pointers(self) -> tuple[Item, ...]:
        personal = self.personal()
        return tuple(personal.read(entry.id, POINTER) for entry in personal.known(POINTER))

    def _follow(self, pointer: Item) -> OpenVault:
        opened = self._opened(pointer.body)
        opened.members()
        opened._pin(pointer)
        return opened

    def _opened(self, pointer: JSONObject) -> OpenVault:
        root = Member(pointer["root_party"], "guardian", True, "", pointer["root_key"], "", pointer["root_party"],
                      DECIDES)
        return OpenVault(self._means, self._keys, pointer["owner_id"], root, pointer["label"],
                         Pinned(self._means.counters, pointer["owner_id"], pointer.get("seen", {})))

    def _pin(self, pointer: Item | None = None) -> None:
        """Keep the record's state in the party's own space, where that lags behind (``wallet.vault.pins``)."""
        now = pins_of(*self._space.state())
        for each in self._pointers() if pointer is None else (pointer,):
            if each.body["owner_id"] == self.owner_id and lag(each.body.get("seen", {}), now):
                self.personal()._write_next(each, {**each.body, "seen": now})

    def take_as_newest(self) -> tuple[OpenVault, ...]:
        """Take what is stored of each record for its newest state, though a newer one was seen: a person said so.

        What the device remembers is forgotten before, by who keeps it.

        Returns:
            The records that this party still belongs to.
        """
        personal, found = self.personal(), []
        for pointer in personal._pointers():
            opened = personal._opened({**pointer.body, "seen": {}})
            seen: JSONObject = {}
            with suppress(StateError):
                seen = pins_of(*opened._space.state())
                found.append(opened)
            personal._write_next(pointer, {**pointer.body, "seen": seen})
        return tuple(found)

    def personal(self) -> OpenVault:
        """The party's own space."""
        return self if self.owner_id == self.party_id else OpenVault(self._means, self._keys)

    def for_learner(self, owner_id: str) -> OpenVault:
        """The record of a learner this party belongs to.

        Raises:
            StateError: it does not, or there is no such learner: the same answer.
        """
        if owner_id == self.party_id:
            return self.personal()
        pointer = next((each for each in self._pointers() if each.body["owner_id"] == owner_id), None)
        if pointer is None:
            raise StateError(ABSENT)
        return self._follow(pointer)

    def found_learner(self, label: str, now: datetime,
                      fill: Callable[[OpenVault], None] = lambda founded: None) -> OpenVault:
        """A new record of a learner, founded by this party as guardian.

        Args:
            fill: Puts in what is there from the first; the party sees the record when that is done, not half of it.
        """
        owner_id = new_name(self._means.randomness)
        me = replace(self._me, kind="guardian", since=format_date_time(now))
        founded = OpenVault(self._means, self._keys, owner_id, me, label)
        founded._admit(me)
        fill(founded)
        self.follow(owner_id, self.party_id, me.signing_key, label)
        return founded

    def follow(self, owner_id: str, root_party: str, root_key: str, label: str) -> None:
        """Keep in the own space that this party belongs to a record, and the key that founded it."""
        self.personal().add(POINTER, {"owner_id": owner_id, "root_party": root_party, "root_key": root_key,
                                      "label": label})

    def admit(self, party_id: str, kind: Kind, *, opening_key: str, signing_key: str, steward: bool,
              now: datetime, scope: Scope | None = None) -> None:
        """Let a party belong to this record (or change what it is); what it may open is given by ``rewrap``.

        Args:
            scope: What it may write; left out, a delegate only appends to the log, and everybody else decides.

        Raises:
            StateError: this party may not admit anybody.
        """
        self._check_steward()
        if self._space.is_unfounded():
            own = self.members()[self.party_id]
            self._admit(replace(own, since=format_date_time(now)))
        scope = scope or (Scope() if kind == "delegate" else DECIDES)
        self._admit(Member(party_id, kind, steward, opening_key, signing_key, format_date_time(now), self.party_id,
                           scope))
        self._pin()

    def _check_steward(self) -> None:
        if not self.members()[self.party_id].steward:
            raise StateError("You may not decide who belongs to this backpack.")

    def _admit(self, new: Member) -> None:
        def act(draft: Draft) -> bool:
            link, draft.chain = admit_link(draft.chain, new, self._keys.signer)
            draft.links.append(link)
            return True

        self._space.change(act)

    def remove(self, party_id: str, now: datetime, *, note: JSONObject | None = None) -> None:
        """Take a party out of this record: in one step it loses every wrap, and what it could open gets new keys.

        Items that the remover cannot open only lose the wrap; who can open them changes their key at the next
        ``rewrap``. Entries of the log are never sealed anew.

        Args:
            note: What the log says of it, in the same step.

        Raises:
            StateError: this party may not remove others, the other does not belong here, or it is the party itself.
        """
        self._check_steward()
        if party_id not in self.members():
            raise StateError(ABSENT)
        if party_id == self.party_id:
            raise StateError("Somebody else who decides here has to take you out.")
        told = self._recipients(LOG, note or {})

        def act(draft: Draft) -> bool:
            link, draft.chain = remove_link(draft.chain, party_id, by=self.party_id, at=format_date_time(now),
                                            signer=self._keys.signer)
            draft.links.append(link)
            draft.removed = party_id
            for item_id, line in list(draft.lines.items()):
                if party_id in line.recipients:
                    self._space.give(draft, item_id, frozenset(line.recipients) - {party_id})
            if note is not None:
                self._space.note(draft, note, told)
            return True

        self._space.change(act)
        self._pin()

    def rewrap(self) -> int:
        """Bring every item that this party can open in line with who is entitled now; returns how many changed.

        Whoever does not know what everybody is entitled to, or does not decide here, leaves that to somebody else.
        """
        with self._space.steady():
            if not (self.decides and self._judge().oversees):
                return 0
            entitled = self._judge().entitled
            wanted = {item_id: entitled(line["type"], line["summary"]) for item_id, line in self._index.lines().items()}
            if not any(self._differs(line.recipients, wanted[item_id], self.members())
                       for item_id, line in self._space.mine().items() if item_id in wanted):
                return 0
        changed: list[str] = []

        def act(draft: Draft) -> bool:
            for item_id, entitled_now in wanted.items():
                line = draft.lines.get(item_id)
                if line is None or self.party_id not in line.recipients or not self._differs(
                        line.recipients, entitled_now, draft.chain.members):
                    continue
                self._space.give(draft, item_id, entitled_now & draft.chain.members.keys())
                changed.append(item_id)
            return bool(changed)

        self._space.change(act)
        return len(changed)

    @staticmethod
    def _differs(recipients: tuple[str, ...], entitled: frozenset[str], members: Mapping[str, Member]) -> bool:
        keep = entitled & members.keys()
        return bool(keep) and frozenset(recipients) != keep
