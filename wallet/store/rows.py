"""What the wallet's store takes and gives: one frozen value for each kind of row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

LISTED: Final = ""
PEOPLE: Final = "people"
Stamp = tuple[tuple[str, int], ...]
"""Counters of an owner's signed list (``LISTED``), of links in its chain (``PEOPLE``) and of additions, by party id."""


def stamp(*counters: tuple[str, int]) -> Stamp:
    """The counters that are not zero, in one order."""
    return tuple(sorted(each for each in counters if each[1]))


@dataclass(frozen=True)
class PartyRow:
    """A party: its public halves, and both private keys sealed under its master key.

    Attributes:
        login: A keyed hash of the name it signs in with.
        created_at: Seconds, UTC.
    """

    id: str
    login: str
    opening_key: str
    signing_key: str
    sealed_keys: bytes
    created_at: int


@dataclass(frozen=True)
class SlotRow:
    """One way to unlock: the master key sealed under what ``method`` makes of the secret and ``parameters`` (JSON)."""

    id: str
    party_id: str
    method: str
    parameters: str
    sealed_master: bytes


@dataclass(frozen=True)
class ItemRow:
    """One sealed item in its present version."""

    id: str
    owner_id: str
    type: str
    version: int
    key_id: str
    ciphertext: bytes


@dataclass(frozen=True)
class MemberRow:
    """One link of the signed chain that says who belongs to an owner's record; ``body`` is the signed JSON text."""

    owner_id: str
    seq: int
    body: str
    signature: str


@dataclass(frozen=True)
class ManifestRow:
    """The signed list of an owner's items; ``counter`` stands in ``body`` too."""

    owner_id: str
    counter: int
    body: str
    signature: str


@dataclass(frozen=True)
class AdditionRow:
    """What a helper added to the signed list; ``counter`` stands in ``body`` too."""

    owner_id: str
    party_id: str
    counter: int
    body: str
    signature: str


@dataclass(frozen=True)
class InvitationRow:
    """An invitation, named by the hash of its token; ``sealed`` opens with the token.

    Attributes:
        state: ``open``, ``answered``, ``admitted`` or ``over``.
        party_id: Who answered it.
    """

    id: str
    state: str
    party_id: str | None
    sealed: bytes
    expires_at: int


@dataclass(frozen=True)
class Stored:
    """What is stored of an owner without opening anything; ``keys``: item id → key id of its present version."""

    manifest: ManifestRow | None
    links: tuple[MemberRow, ...]
    keys: Mapping[str, str]
    additions: tuple[AdditionRow, ...] = ()

    @property
    def stamp(self) -> Stamp:
        """What ``Store.stamp`` says while this is stored."""
        listed = self.manifest.counter if self.manifest else 0
        return stamp((LISTED, listed), (PEOPLE, len(self.links)),
                     *((row.party_id, row.counter) for row in self.additions))


@dataclass(frozen=True)
class Change:
    """One change of an owner's items, made as a whole or not at all.

    Attributes:
        items: Items to write in their new version.
        wraps: Item id → party id → JWE: all wraps of these items, in place of those there are.
        deleted: Ids of items to delete.
        members: Links to append to the chain.
        removed: A party that loses every wrap; all share links of this owner end, for it may have noted them.
        ended: Ids of share links that end.
        drop_indexes: Whether everybody's index of this owner goes, which holds words of what is deleted.
        manifest: The list that is signed over the state after the change; it takes all additions in.
        addition: What is signed in its place by a helper. Who leaves without deciding signs neither.
    """

    owner_id: str
    manifest: ManifestRow | None = None
    addition: AdditionRow | None = None
    items: Sequence[ItemRow] = ()
    wraps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    deleted: Sequence[str] = ()
    members: Sequence[MemberRow] = ()
    removed: str | None = None
    ended: Sequence[str] = ()
    drop_indexes: bool = False


@dataclass(frozen=True)
class ShareRow:
    """A share link: the file it leads to, sealed under a key that only the link holds.

    Attributes:
        id: As it stands in the link.
        party_id: Who made it.
        access_digest: SHA-256 of what has to be said to get the file.
        sealed: Empty once nobody can get it any more.
        expires_at, last_view_at: Seconds, UTC; ``last_view_at`` None while nobody has looked.
    """

    id: str
    owner_id: str
    party_id: str
    access_digest: bytes
    sealed: bytes
    expires_at: int
    views: int
    most_views: int
    last_view_at: int | None


@dataclass(frozen=True)
class SessionRow:
    """An unlocked session: the master key sealed under a key only the browser holds. ``expires_at``: seconds, UTC."""

    id: str
    party_id: str
    sealed_master: bytes
    expires_at: int


@dataclass(frozen=True)
class RecoveryRow:
    """Somebody asks the guardians of a party to open it.

    Attributes:
        id: A hash of the code that the requester holds.
        opening_key: X25519 public key, fresh, that only the code leads to.
        asked_at, expires_at: Seconds, UTC.
    """

    id: str
    party_id: str
    opening_key: str
    asked_at: int
    expires_at: int
