"""What helpers add: signed by each over the list of those who decide, until one of those signs the next (0017).

A helper's signature changes nothing of the list. It puts items of its own beside it, changes or takes away those it
put there before, and appends entries to the log; everything else makes the record not fit together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from credkit.encoding import base64url_decode, base64url_encode, parse_json_object, sha256
from credkit.errors import CredkitError, SealBroken
from credkit.keys import SoftwareSigner, public_key_from_multibase
from credkit.ports import JSONObject
from credkit.shape import member
from wallet.store import AdditionRow
from wallet.vault.chain import Chain, Scope
from wallet.vault.listing import CHANGED, Line, Listing

LOG: Final = "activity"
"""The type of the entries of an owner's log, which are written once."""
MISSING: Final = "a part of this backpack is missing, or an older one was put in its place"
_SAYS_WHO: Final = ("author", "actor", "received_by")


@dataclass(frozen=True)
class Addition:
    """What one helper added to a list.

    Attributes:
        counter: Counts that helper's additions to the record, from list to list.
        digest: Of the signed words.
        lines: Item id → line of what it added or changed.
        gone: Items of the list that it took away.
    """

    party_id: str
    counter: int
    digest: str = ""
    lines: Mapping[str, Line] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


def read_addition(row: AdditionRow, listing: Listing, chain: Chain) -> Addition:
    """A helper's addition to ``listing``.

    Raises:
        SealBroken: it was changed, belongs to another list, or is more than that helper may add.
    """
    try:
        helper = chain.helper(row.party_id, listing.at)
        key = public_key_from_multibase(helper.signing_key)
        key.verify(base64url_decode(row.signature), row.body.encode())
        body = parse_json_object(row.body)
        expected = [row.owner_id, row.party_id, row.counter, [listing.counter, listing.digest]]
        if [body["owner"], body["by"], body["counter"], body["over"]] != expected:
            raise SealBroken(CHANGED)
        gone = member(body, "gone", list)
        lines = {item_id: _line(line) for item_id, line in member(body, "items", dict).items()}
        addition = Addition(row.party_id, row.counter, addition_digest(row), lines, frozenset(gone))
    except (CredkitError, LookupError, TypeError, ValueError) as error:
        raise SealBroken(CHANGED) from error
    check_addition(addition, listing, helper.scope)
    return addition


def _line(values: object) -> Line:
    if not isinstance(values, list) or not isinstance(values[4], list):
        raise SealBroken(CHANGED)
    kind, version, key_id, digest, recipients, helper = values
    texts = (kind, key_id, digest, helper, *recipients)
    if type(version) is not int or not all(isinstance(text, str) for text in texts):
        raise SealBroken(CHANGED)
    return Line(kind, version, key_id, digest, tuple(recipients), helper)


def sign_addition(addition: Addition, listing: Listing, signer: SoftwareSigner) -> AdditionRow:
    """The row of ``addition``; its ``digest`` follows from that."""
    body = json.dumps({
        "owner": listing.owner_id, "by": addition.party_id, "counter": addition.counter,
        "over": [listing.counter, listing.digest], "items": addition.lines, "gone": sorted(addition.gone),
    }, separators=(",", ":"))
    return AdditionRow(listing.owner_id, addition.party_id, addition.counter, body,
                       base64url_encode(signer.sign(body.encode())))


def addition_digest(row: AdditionRow) -> str:
    """The digest of an addition's signed words."""
    return base64url_encode(sha256(row.body.encode()))


def log_name(owner_id: str, number: int) -> str:
    """The id of the entry of this number in an owner's log."""
    return f"log.{owner_id}.{number}"


def check_addition(addition: Addition, listing: Listing, scope: Scope) -> None:
    """Silence means that a helper of this scope may make this addition.

    Raises:
        SealBroken: it may not.
    """
    for item_id, line in addition.lines.items():
        before = listing.lines.get(item_id)
        if not (_may_add(item_id, line, addition.party_id, listing, scope) if before is None else
                _may_change(before, line, addition.party_id, scope)):
            raise SealBroken(CHANGED)
    for item_id in addition.gone:
        before = listing.lines.get(item_id)
        if before is None or before.helper != addition.party_id or item_id in addition.lines or (
                before.type == LOG or before.type in scope.changes):
            raise SealBroken(CHANGED)


def _may_add(item_id: str, line: Line, party_id: str, listing: Listing, scope: Scope) -> bool:
    if line.type == LOG:
        return line.helper == party_id and _number(item_id, listing.owner_id) > listing.log[0]
    own = line.helper == party_id and line.type in scope.adds
    return (own or line.type in scope.changes) and not item_id.startswith("log.")


def _may_change(before: Line, after: Line, party_id: str, scope: Scope) -> bool:
    own = before.helper == party_id and before.type in scope.adds
    return (own or before.type in scope.changes) and before.type != LOG and after.version > before.version and (
        after.type, after.helper) == (before.type, before.helper)


def _number(item_id: str, owner_id: str) -> int:
    """The number in the id of an entry of the log, 0 if it is none."""
    number = item_id.rpartition(".")[2]
    return int(number) if number.isascii() and number.isdigit() and item_id == log_name(owner_id, int(number)) else 0


def overlay(listing: Listing, additions: Iterable[Addition]) -> tuple[dict[str, Line], tuple[int, str]]:
    """All lines, and the head of the log: the list with what helpers added.

    Raises:
        SealBroken: two of them added the same, or an entry of the log is missing between others.
    """
    lines = dict(listing.lines)
    count, head = listing.log
    for addition in additions:
        for item_id in addition.gone:
            del lines[item_id]
        for item_id, line in addition.lines.items():
            present = lines.get(item_id)
            if present is not None and (present.version == line.version or (present.type, present.helper) != (
                    line.type, line.helper)):
                raise SealBroken(CHANGED)
            if present is None or present.version < line.version:
                lines[item_id] = line
    written = sum(line.type == LOG for addition in additions for line in addition.lines.values())
    for number in range(count + 1, count + written + 1):
        entry = lines.get(log_name(listing.owner_id, number))
        if entry is None:
            raise SealBroken(MISSING)
        count, head = number, entry.digest
    return lines, (count, head)


def extended(addition: Addition, listing: Listing, before: Mapping[str, Line], after: Mapping[str, Line]) -> Addition:
    """A helper's next addition: the present one with what ``after`` changes in all lines as they were ``before``."""
    lines, gone = dict(addition.lines), set(addition.gone)
    for item_id in before.keys() | after.keys():
        line = after.get(item_id)
        if line == before.get(item_id):
            continue
        if line is not None:
            lines[item_id] = line
            continue
        lines.pop(item_id, None)
        if item_id in listing.lines:
            gone.add(item_id)
    return Addition(addition.party_id, addition.counter + 1, "", lines, frozenset(gone))


def check_speaker(line: Line, body: JSONObject) -> None:
    """What a helper added says nothing in somebody else's name.

    Raises:
        SealBroken: it does.
    """
    if line.helper and any(body.get(name) not in (None, line.helper) for name in _SAYS_WHO):
        raise SealBroken(CHANGED)
