"""The manifest: one signed list of everything an owner has, which counts up (security.md H02, P9).

Whoever writes the database can neither add, take away, swap nor roll back an item without it no longer fitting; an
older copy of everything together is told by its counter, the last one of which was kept elsewhere (``Counters``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from credkit.encoding import base64url_decode, base64url_encode, sha256
from credkit.errors import CredkitError, SealBroken
from credkit.keys import SoftwareSigner, public_key_from_multibase
from wallet.store import ManifestRow
from wallet.vault.chain import Chain


class OlderCopy(SealBroken):
    """The backpack is older than the one that was last seen here (a restored copy, or one that somebody put back)."""

    code = "older_copy"


class Line(NamedTuple):
    """What the manifest fixes of one item; ``digest`` is that of the sealed bytes, ``recipients`` are party ids."""

    type: str
    version: int
    key_id: str
    digest: str
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """A checked manifest. ``log`` is the number of entries of the owner's log and the digest of the last one."""

    owner_id: str
    counter: int = 0
    lines: Mapping[str, Line] = field(default_factory=dict)
    log: tuple[int, str] = (0, "")


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


def read_manifest(owner_id: str, row: ManifestRow | None, keys: Mapping[str, str], chain: Chain,
                  counters: Counters) -> Manifest:
    """Check a manifest against its signer, the chain, what is stored and what was last seen.

    Args:
        keys: Item id → key id of what is stored.

    Raises:
        SealBroken: it is missing, changed, signed by nobody who belongs here, or something it lists is not there.
        OlderCopy: it is older than the last one seen, or another of the same age.
    """
    last = counters.last_seen(owner_id)
    if row is None:
        if last is not None:
            raise OlderCopy("this backpack is older than the one that was here before")
        if chain.seq >= 0:
            raise SealBroken("a part of this backpack is missing")
        return Manifest(owner_id)
    digest = base64url_encode(sha256(row.body.encode()))
    if last is not None and (row.counter < last[0] or (row.counter == last[0] and digest != last[1])):
        raise OlderCopy("this backpack is older than the one that was here before")
    try:
        manifest = _verified(owner_id, row, chain)
    except (CredkitError, KeyError, TypeError, ValueError) as error:
        raise SealBroken("a part of this backpack was changed by somebody who may not") from error
    if any(keys.get(item_id) != line.key_id for item_id, line in manifest.lines.items()):
        raise SealBroken("a part of this backpack is missing, or an older one was put in its place")
    counters.see(owner_id, row.counter, digest)
    return manifest


def _verified(owner_id: str, row: ManifestRow, chain: Chain) -> Manifest:
    by, _, signature = row.signature.partition(".")
    public_key_from_multibase(chain.members[by].signing_key).verify(base64url_decode(signature), row.body.encode())
    body = json.loads(row.body)  # not before the signature holds: one of us wrote it
    if [body["owner"], body["counter"], body["chain"]] != [owner_id, row.counter, [chain.seq, chain.head]]:
        raise SealBroken("a part of this backpack was changed by somebody who may not")
    lines = {item_id: Line(kind, version, key_id, digest, tuple(recipients))
             for item_id, (kind, version, key_id, digest, recipients) in body["items"].items()}
    return Manifest(owner_id, row.counter, lines, (body["log"][0], body["log"][1]))


def sign_manifest(manifest: Manifest, chain: Chain, signer: SoftwareSigner, *, by: str) -> ManifestRow:
    """The row of ``manifest``, signed by the member ``by``."""
    body = json.dumps({
        "owner": manifest.owner_id, "counter": manifest.counter, "chain": [chain.seq, chain.head],
        "log": list(manifest.log), "items": manifest.lines}, separators=(",", ":"))
    return ManifestRow(manifest.owner_id, manifest.counter, body,
                       f"{by}.{base64url_encode(signer.sign(body.encode()))}")
