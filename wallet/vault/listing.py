"""The list of everything an owner has, signed by somebody who decides; each change by one of them is a new list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from credkit.encoding import base64url_decode, base64url_encode, sha256
from credkit.errors import CredkitError, SealBroken
from credkit.keys import SoftwareSigner, public_key_from_multibase
from wallet.store import ManifestRow
from wallet.vault.chain import Chain

CHANGED: Final = "a part of this backpack was changed by somebody who may not"


class Line(NamedTuple):
    """What is fixed of one item.

    Attributes:
        digest: Of the sealed bytes.
        recipients: Party ids.
        helper: Who added it without deciding here; empty for what somebody who decides added.
    """

    type: str
    version: int
    key_id: str
    digest: str
    recipients: tuple[str, ...]
    helper: str


@dataclass(frozen=True)
class Listing:
    """A checked list, or the empty one before anybody signed.

    Attributes:
        digest: Of the signed words; empty before anybody signed.
        at: Number of the chain's last link when it was signed.
        lines: Item id → line.
        log: How many entries the owner's log had, and the digest of the last one.
        taken: Party id → the counter up to which that helper's additions were taken into the list.
    """

    owner_id: str
    counter: int = 0
    digest: str = ""
    at: int = -1
    lines: Mapping[str, Line] = field(default_factory=dict)
    log: tuple[int, str] = (0, "")
    taken: Mapping[str, int] = field(default_factory=dict)


def read_listing(owner_id: str, row: ManifestRow, chain: Chain) -> Listing:
    """The list in ``row``.

    Raises:
        SealBroken: it was changed, signed by nobody who decides here, or over another chain of people.
    """
    try:
        by, _, signature = row.signature.partition(".")
        key = public_key_from_multibase(chain.decider(by).signing_key)
        key.verify(base64url_decode(signature), row.body.encode())
        body = json.loads(row.body)  # not before the signature holds: one of us wrote it
        at, head = body["chain"]
        if [body["owner"], body["counter"]] != [owner_id, row.counter] or not chain.carries(at, head, by):
            raise SealBroken(CHANGED)
        lines = {item_id: Line(kind, version, key_id, digest, tuple(recipients), helper)
                 for item_id, (kind, version, key_id, digest, recipients, helper) in body["items"].items()}
        return Listing(owner_id, row.counter, listing_digest(row), at, lines, (body["log"][0], body["log"][1]),
                       body["taken"])
    except (CredkitError, KeyError, TypeError, ValueError) as error:
        raise SealBroken(CHANGED) from error


def sign_listing(listing: Listing, chain: Chain, signer: SoftwareSigner, *, by: str) -> ManifestRow:
    """The row of a new list over ``chain``, signed by the member ``by``; its ``digest`` and ``at`` follow from that."""
    body = json.dumps({
        "owner": listing.owner_id, "counter": listing.counter, "chain": [chain.seq, chain.head],
        "log": list(listing.log), "taken": dict(listing.taken), "items": listing.lines}, separators=(",", ":"))
    return ManifestRow(listing.owner_id, listing.counter, body,
                       f"{by}.{base64url_encode(signer.sign(body.encode()))}")


def listing_digest(row: ManifestRow) -> str:
    """The digest of a list's signed words."""
    return base64url_encode(sha256(row.body.encode()))
