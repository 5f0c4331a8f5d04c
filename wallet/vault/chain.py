"""Who belongs to an owner's record: a chain of signed links, each over the one before (security.md G01).

Nobody is believed for standing in the database: the first link is signed by the key that founded the record, which each
party keeps sealed in its own space, and every later one by a member who may admit and remove.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from credkit.encoding import base64url_decode, base64url_encode, parse_json_object, sha256
from credkit.errors import CredkitError, SealBroken
from credkit.keys import SoftwareSigner, public_key_from_multibase
from credkit.ports import JSONObject
from credkit.shape import member
from wallet.store import MemberRow

Kind = Literal["learner", "guardian", "delegate"]
_KINDS: tuple[Kind, ...] = ("learner", "guardian", "delegate")


@dataclass(frozen=True)
class Member:
    """A party that belongs to a record.

    Attributes:
        steward: It may admit and remove others.
        opening_key: X25519 public key, the ``x`` of its JWK.
        signing_key: Ed25519 Multikey.
        since: When it was admitted, RFC 3339; ``by``: who admitted it.
    """

    party_id: str
    kind: Kind
    steward: bool
    opening_key: str
    signing_key: str
    since: str
    by: str

    @property
    def did(self) -> str:
        """The did:key under which it signs."""
        return f"did:key:{self.signing_key}"


@dataclass(frozen=True)
class Chain:
    """A checked chain: the present members, and the last link. ``seq`` is -1 while there is none."""

    owner_id: str
    members: Mapping[str, Member]
    seq: int
    head: str


def read_chain(owner_id: str, rows: Sequence[MemberRow], root: Member) -> Chain:
    """Check every link and tell who belongs now.

    Args:
        root: The founder as the reader knows it from its own sealed space; it is the whole chain while nobody else was
            ever admitted.

    Raises:
        SealBroken: a link is missing, out of order, not signed by a steward of its time, or founded by another key.
    """
    members: dict[str, Member] = {root.party_id: root} if not rows else {}
    head = ""
    for seq, row in enumerate(rows):
        try:
            body = parse_json_object(row.body)
            acting = _acting(body, members, root if seq == 0 else None)
            public_key_from_multibase(acting.signing_key).verify(base64url_decode(row.signature), row.body.encode())
            expected = [owner_id, seq, head, row.seq]
            if [body["owner"], body["seq"], body["previous"], body["seq"]] != expected:
                raise SealBroken("the list of people in this backpack was changed by somebody who may not")
            _apply(body, members)
        except SealBroken:
            raise
        except (CredkitError, KeyError) as error:
            raise SealBroken("the list of people in this backpack was changed by somebody who may not") from error
        head = _digest(row.body)
    return Chain(owner_id, members, len(rows) - 1, head)


def _acting(body: JSONObject, members: Mapping[str, Member], root: Member | None) -> Member:
    by = member(body, "by", str)
    if root is not None:
        founded = body["action"] == "admit" and body["party"] == by and body["signing_key"] == root.signing_key
        if founded and body["steward"] is True:
            return root
    elif by in members and members[by].steward and [body["action"], body["party"]] != ["remove", by]:
        return members[by]
    raise SealBroken("the list of people in this backpack was changed by somebody who may not")


def _apply(body: JSONObject, members: dict[str, Member]) -> None:
    party_id, action = member(body, "party", str), member(body, "action", str)
    if action == "remove" and party_id in members:
        del members[party_id]
        return
    kind: Any = body["kind"] if action == "admit" else None
    if kind not in _KINDS:
        raise SealBroken("the list of people in this backpack was changed by somebody who may not")
    members[party_id] = Member(party_id, kind, member(body, "steward", bool), member(body, "opening_key", str),
                               member(body, "signing_key", str), member(body, "at", str), member(body, "by", str))


def admit_link(chain: Chain, new: Member, signer: SoftwareSigner) -> tuple[MemberRow, Chain]:
    """The link that admits ``new`` (or changes what it is), signed by ``new.by``, and the chain with it."""
    return _link(chain, {
        "action": "admit", "party": new.party_id, "kind": new.kind, "steward": new.steward,
        "opening_key": new.opening_key, "signing_key": new.signing_key, "at": new.since, "by": new.by}, signer)


def remove_link(chain: Chain, party_id: str, *, by: str, at: str, signer: SoftwareSigner) -> tuple[MemberRow, Chain]:
    """The link that removes a member, and the chain with it."""
    return _link(chain, {"action": "remove", "party": party_id, "at": at, "by": by}, signer)


def _link(chain: Chain, content: JSONObject, signer: SoftwareSigner) -> tuple[MemberRow, Chain]:
    seq = chain.seq + 1
    body = json.dumps({"owner": chain.owner_id, "seq": seq, "previous": chain.head, **content},
                      separators=(",", ":"), sort_keys=True)
    members = dict(chain.members)
    _apply(content, members)
    row = MemberRow(chain.owner_id, seq, body, base64url_encode(signer.sign(body.encode())))
    return row, Chain(chain.owner_id, members, seq, _digest(body))


def link_digest(row: MemberRow) -> str:
    """What a chain's ``head`` is while ``row`` is its last link."""
    return _digest(row.body)


def _digest(body: str) -> str:
    return base64url_encode(sha256(body.encode()))
