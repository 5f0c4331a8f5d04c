"""Who belongs to an owner's record: a chain of signed links, each over the one before (security.md G01).

Nobody is believed for standing in the database: the first link is signed by the key that founded the record, which each
party keeps sealed in its own space, and every later one by a member who may admit and remove.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from credkit.encoding import base64url_decode, base64url_encode, parse_json_object, sha256
from credkit.errors import CredkitError, SealBroken
from credkit.keys import SoftwareSigner, public_key_from_multibase
from credkit.ports import JSONObject
from credkit.shape import member
from wallet.store import MemberRow

Kind = Literal["learner", "guardian", "delegate"]
_KINDS: tuple[Kind, ...] = ("learner", "guardian", "delegate")
_BROKEN: Final = "the list of people in this backpack was changed by somebody who may not"


@dataclass(frozen=True)
class Scope:
    """What a member may write, beside entries of the log, which everybody may append.

    Attributes:
        decides: It signs the list of everything; else only what it adds to that list.
        adds: Item types that it may add; what it added it may change and take away.
        changes: Item types of which it may change what others added too.
    """

    decides: bool = False
    adds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()


DECIDES: Final = Scope(decides=True)


@dataclass(frozen=True)
class Member:
    """A party that belongs to a record.

    Attributes:
        steward: It may admit and remove others; then it decides, too.
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
    scope: Scope = Scope()

    @property
    def did(self) -> str:
        """The did:key under which it signs."""
        return f"did:key:{self.signing_key}"


@dataclass(frozen=True)
class Chain:
    """A checked chain: the present members, and the last link. ``seq`` is -1 while there is none.

    Attributes:
        heads: The digest of each link.
        left: Number of a link → who left by it, of their own accord.
        ever: Everybody who ever belonged.
    """

    owner_id: str
    members: Mapping[str, Member]
    seq: int
    head: str
    heads: tuple[str, ...] = ()
    left: Mapping[int, Member] = field(default_factory=dict)
    ever: frozenset[str] = frozenset()

    def decider(self, party_id: str) -> Member:
        """Somebody who may sign the list of items; who left of their own accord signed one with that.

        Raises:
            SealBroken: nobody of that name decides, or did to the last.
        """
        found = self._present_or_left(party_id, -1)
        if not found.scope.decides:
            raise SealBroken(_BROKEN)
        return found

    def helper(self, party_id: str, since: int) -> Member:
        """Somebody who may add to the list of items that was signed at the link ``since``, and does not decide.

        Raises:
            SealBroken: nobody of that name belongs here, or did when the list was signed.
        """
        found = self._present_or_left(party_id, since)
        if found.scope.decides:
            raise SealBroken(_BROKEN)
        return found

    def _present_or_left(self, party_id: str, since: int) -> Member:
        left = (each for seq, each in self.left.items() if seq > since and each.party_id == party_id)
        found = self.members.get(party_id) or next(left, None)
        if found is None:
            raise SealBroken(_BROKEN)
        return found

    def carries(self, seq: int, head: str, by: str) -> bool:
        """Whether the list that ``by`` signed at this link is the one in force: since then, at most helpers left."""
        known = self.heads[seq] if 0 <= seq <= self.seq else "" if seq == -1 else None
        leaving = self.left.get(seq)
        return known == head and (by in self.members or (leaving is not None and leaving.party_id == by)) and all(
            after in self.left and not self.left[after].scope.decides for after in range(seq + 1, self.seq + 1))

    @property
    def is_ended(self) -> bool:
        """Whether everybody was taken out: the record was deleted."""
        return self.seq >= 0 and not self.members


def read_chain(owner_id: str, rows: Sequence[MemberRow], root: Member, known: tuple[int, str] | None = None) -> Chain:
    """Check every link and tell who belongs now.

    Args:
        root: The founder as the reader knows it from its own sealed space; it is the whole chain while nobody else was
            ever admitted.
        known: Number and digest of a link up to which the reader has checked the signatures before. Each link fixes the
            one before it, so these are not checked again.

    Raises:
        SealBroken: a link is missing, out of order, not signed by a steward of its time (or by who leaves), or founded
            by another key.
    """
    chain = Chain(owner_id, {root.party_id: root} if not rows else {}, -1, "")
    fixed = known[0] if known and known[0] < len(rows) and link_digest(rows[known[0]]) == known[1] else -1
    for seq, row in enumerate(rows):
        try:
            body = parse_json_object(row.body)
            acting = _acting(body, chain.members, root if seq == 0 else None)
            if seq > fixed:
                public_key_from_multibase(acting.signing_key).verify(base64url_decode(row.signature), row.body.encode())
            if [body["owner"], body["seq"], body["previous"], row.seq] != [owner_id, seq, chain.head, seq]:
                raise SealBroken(_BROKEN)
            chain = _after(chain, body, _digest(row.body))
        except SealBroken:
            raise
        except (CredkitError, KeyError) as error:
            raise SealBroken(_BROKEN) from error
    return chain


def _after(chain: Chain, body: JSONObject, head: str) -> Chain:
    members, left, seq = dict(chain.members), _leaving(body, chain.members), chain.seq + 1
    _apply(body, members)
    leavings = {**chain.left, seq: left} if left else chain.left
    return Chain(chain.owner_id, members, seq, head, (*chain.heads, head), leavings, chain.ever | members.keys())


def _acting(body: JSONObject, members: Mapping[str, Member], root: Member | None) -> Member:
    by = member(body, "by", str)
    if root is not None:
        founded = body["action"] == "admit" and body["party"] == by and body["signing_key"] == root.signing_key
        if founded and body["steward"] is True:
            return root
    elif by in members and (members[by].steward or _leaving(body, members)):
        return members[by]
    raise SealBroken(_BROKEN)


def _leaving(body: JSONObject, members: Mapping[str, Member]) -> Member | None:
    """Who takes nobody out but themself; anybody may leave."""
    return members.get(body["party"]) if [body["action"], body["party"]] == ["remove", body["by"]] else None


def _apply(body: JSONObject, members: dict[str, Member]) -> None:
    party_id, action = member(body, "party", str), member(body, "action", str)
    if action == "remove" and party_id in members:
        del members[party_id]
        return
    kind: Any = body["kind"] if action == "admit" else None
    steward, scope = member(body, "steward", bool), _scope(body)
    if kind not in _KINDS or (steward and not scope.decides):
        raise SealBroken(_BROKEN)
    opening_key, signing_key = member(body, "opening_key", str), member(body, "signing_key", str)
    members[party_id] = Member(party_id, kind, steward, opening_key, signing_key, member(body, "at", str),
                               member(body, "by", str), scope)


def _scope(body: JSONObject) -> Scope:
    adds, changes = (member(body, name, list) for name in ("adds", "changes"))
    if not all(isinstance(name, str) for name in (*adds, *changes)):
        raise SealBroken(_BROKEN)
    return Scope(member(body, "decides", bool), frozenset(adds), frozenset(changes))


def admit_link(chain: Chain, new: Member, signer: SoftwareSigner) -> tuple[MemberRow, Chain]:
    """The link that admits ``new`` (or changes what it is), signed by ``new.by``, and the chain with it."""
    return _link(chain, {
        "action": "admit", "party": new.party_id, "kind": new.kind, "steward": new.steward,
        "decides": new.scope.decides, "adds": sorted(new.scope.adds), "changes": sorted(new.scope.changes),
        "opening_key": new.opening_key, "signing_key": new.signing_key, "at": new.since, "by": new.by}, signer)


def remove_link(chain: Chain, party_id: str, *, by: str, at: str, signer: SoftwareSigner) -> tuple[MemberRow, Chain]:
    """The link that removes a member, and the chain with it."""
    return _link(chain, {"action": "remove", "party": party_id, "at": at, "by": by}, signer)


def _link(chain: Chain, content: JSONObject, signer: SoftwareSigner) -> tuple[MemberRow, Chain]:
    body = json.dumps({"owner": chain.owner_id, "seq": chain.seq + 1, "previous": chain.head, **content},
                      separators=(",", ":"), sort_keys=True)
    row = MemberRow(chain.owner_id, chain.seq + 1, body, base64url_encode(signer.sign(body.encode())))
    return row, _after(chain, content, _digest(body))


def link_digest(row: MemberRow) -> str:
    """What a chain's ``head`` is while ``row`` is its last link."""
    return _digest(row.body)


def _digest(body: str) -> str:
    return base64url_encode(sha256(body.encode()))
