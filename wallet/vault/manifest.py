"""The manifest: everything an owner has, as it was signed (security.md H02, P9).

Who decides signs the whole list (``wallet.vault.listing``); what helpers add lies beside it, signed by each
(``wallet.vault.additions``), until the next list takes it in. Whoever writes the database can neither add, take away,
swap nor roll back an item without it no longer fitting; an older copy of everything together is told by its counters,
the last of which were kept elsewhere (``Counters``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from credkit.errors import SealBroken
from wallet.store import Stored
from wallet.vault.additions import MISSING, Addition, log_name, overlay, read_addition
from wallet.vault.chain import Chain
from wallet.vault.listing import Line, Listing, listing_digest, read_listing

_OLDER: Final = "this backpack is older than the one that was here before"


class OlderCopy(SealBroken):
    """The backpack is older than the one that was last seen here (a restored copy, or one that somebody put back)."""

    code = "older_copy"


@dataclass(frozen=True)
class Manifest:
    """What an owner has.

    Attributes:
        listing: The list that somebody who decides signed.
        additions: Party id → what that helper added to it.
        lines: Item id → line, of everything.
        log: How many entries the owner's log has, and the digest of the last one.
    """

    listing: Listing
    additions: Mapping[str, Addition]
    lines: Mapping[str, Line]
    log: tuple[int, str]

    @property
    def taken(self) -> dict[str, int]:
        """Party id → how often that helper has signed additions, of all who ever did."""
        return {**self.listing.taken, **{each.party_id: each.counter for each in self.additions.values()}}


def manifest_of(listing: Listing, additions: Mapping[str, Addition]) -> Manifest:
    """A list with what helpers added to it.

    Raises:
        SealBroken: they do not go together.
    """
    return Manifest(listing, additions, *overlay(listing, additions.values()))


class Counters(Protocol):
    """Where the last counter seen of each owner is kept, out of reach of whoever writes the database."""

    def last_seen(self, owner_id: str) -> tuple[int, str] | None:
        """The counter and the digest of that manifest."""
        ...

    def see(self, owner_id: str, counter: int, digest: str) -> None:
        """Keep a counter that is not lower than the last one."""
        ...


class NoCounters:
    """For a reader that remembers nothing from one time to the next."""

    def last_seen(self, owner_id: str) -> tuple[int, str] | None:
        """None."""
        return None

    def see(self, owner_id: str, counter: int, digest: str) -> None:
        """Nothing is kept."""


def read_manifest(owner_id: str, stored: Stored, chain: Chain, counters: Counters) -> Manifest:
    """Check what is signed of an owner against its signers, the chain, what is stored and what was last seen.

    Raises:
        SealBroken: it is missing, changed, signed by nobody who may, or something it lists is not there.
        OlderCopy: it is older than the last one seen, or another of the same age.
    """
    last, row = counters.last_seen(owner_id), stored.manifest
    if last is not None and (row is None or row.counter < last[0] or (
            row.counter == last[0] and listing_digest(row) != last[1])):
        raise OlderCopy(_OLDER)
    if row is None and (chain.seq >= 0 or stored.additions):
        raise SealBroken("a part of this backpack is missing")
    listing = Listing(owner_id) if row is None else read_listing(owner_id, row, chain)
    manifest = manifest_of(listing, {each.party_id: read_addition(each, listing, chain) for each in stored.additions})
    _check_continues(manifest, chain, counters)
    if any(stored.keys.get(item_id) != line.key_id for item_id, line in manifest.lines.items()):
        raise SealBroken(MISSING)
    see_manifest(manifest, counters)
    return manifest


def _check_continues(manifest: Manifest, chain: Chain, counters: Counters) -> None:
    """Nothing that a helper was seen to add, and no entry of the log, has gone or become another."""
    owner_id = manifest.listing.owner_id
    taken = manifest.taken
    for party_id in chain.ever:
        last, added = counters.last_seen(f"{owner_id}.{party_id}"), manifest.additions.get(party_id)
        counter = taken.get(party_id, 0)
        if last is not None and (counter < last[0] or (added and counter == last[0] and added.digest != last[1])):
            raise OlderCopy(_OLDER)
    last = counters.last_seen(f"{owner_id}.log")
    if last is not None:
        entry = manifest.lines.get(log_name(owner_id, last[0]))
        if manifest.log[0] < last[0] or (entry is not None and entry.digest != last[1]):
            raise OlderCopy(_OLDER)


def see_manifest(manifest: Manifest, counters: Counters) -> None:
    """Keep the counters of a manifest that was checked or written."""
    owner_id = manifest.listing.owner_id
    if manifest.listing.counter:
        counters.see(owner_id, manifest.listing.counter, manifest.listing.digest)
    for party_id, added in manifest.additions.items():
        counters.see(f"{owner_id}.{party_id}", added.counter, added.digest)
    if manifest.log[0]:
        counters.see(f"{owner_id}.log", *manifest.log)
