"""Consent: a sheet that lists exactly what would leave, and a decision about that sheet which presenting requires.

The sheet is not a forecast: each record is derived first, and the sheet reads what came out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from credkit.encoding import base64url_encode, sha256
from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.proofs import derive, is_base_proof
from wallet.services.items import CREDENTIAL
from wallet.services.library import Card, shelf
from wallet.services.matching import Asked, Candidate, Matching
from wallet.services.reading import Issuer, text
from wallet.services.requests import ResolvedRequest
from wallet.vault import OpenVault

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Value:
    """One value and where it stands.

    Attributes:
        place: Members and indexes from the root of the record as it lies here.
        kind: A short stable name for what it is, e.g. ``credentialSubject.achievement.name`` or ``identity.name``;
            pages have words for the common ones.
        shown: The value as text.
    """

    place: Place
    kind: str
    shown: str


@dataclass(frozen=True)
class SheetRecord:
    """One record on the sheet.

    Attributes:
        document: What would be sent, without the presentation around it. Never holds a base proof.
        leaves: Values that leave because they were asked for.
        always: Values that go along with any part of this record: who signed, when, its number on the list of
            taken-back records, the key it belongs to.
        stays: Kinds of values that stay here.
        whole: It cannot be shown in part, so all of it leaves.
    """

    query_id: str
    item_id: str
    title: str
    issuer: Issuer
    language: str | None
    document: JSONObject
    leaves: tuple[Value, ...]
    always: tuple[Value, ...]
    stays: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Sheet:
    """What a person decides about.

    Attributes:
        host: The asker's address, proven by its signature. ``calls_itself`` is not proven by anybody.
        until: No answer is taken after this.
        stays: The other records in the backpack; none of them leaves.
        warnings: ``whole`` (a record cannot be shown in part), ``broad`` (a whole part of a record is asked for, not a
            value).
        digest: Of everything above: who shares has to have seen this sheet.
    """

    host: str
    did: str
    calls_itself: str | None
    purpose: str | None
    until: datetime | None
    records: tuple[SheetRecord, ...]
    stays: tuple[Card, ...]
    warnings: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class Decision:
    """A person's yes to one sheet; ``presenting.share`` takes nothing else.

    Attributes:
        actor: The party who decided.
        sheet: What they saw.
        nonce: Of the request it answers.
    """

    actor: str
    sheet: Sheet
    nonce: str


def build_sheet(vault: OpenVault, resolved: ResolvedRequest, matching: Matching, choice: Mapping[str, Sequence[str]],
                environment: Environment) -> Sheet:
    """The sheet for the chosen records.

    Args:
        choice: Credential query id → item ids.

    Raises:
        StateError: something required is missing from the choice, or it holds what was not asked for or does not match.
    """
    if not matching.possible:
        raise StateError("Nothing in this backpack answers what is asked for.")
    records: list[SheetRecord] = []
    for asked in matching.asked:
        records += [_record(vault, asked, candidate, environment) for candidate in _chosen(asked, choice)]
    if set(choice) - {asked.query.id for asked in matching.asked}:
        raise StateError("A record was chosen that was not asked for.")
    if not records:
        raise StateError("No record was chosen.")
    request, chosen = resolved.request, {record.item_id for record in records}
    stays = tuple(card for card in shelf(vault).all() if card.item_id not in chosen)
    warnings = _warnings(records, matching)
    values = [[record.item_id, record.query_id, [[list(value.place), value.shown] for value in
                                                 (*record.leaves, *record.always)]] for record in records]
    seen = [request.nonce, request.client_id.text, request.purpose, values]
    return Sheet(resolved.host, request.did, request.client_name, request.purpose, request.expires_at, tuple(records),
                 stays, warnings, base64url_encode(sha256(json.dumps(seen).encode("utf-8"))))


def agree(vault: OpenVault, resolved: ResolvedRequest, sheet: Sheet, *, seen_digest: str) -> Decision:
    """The unlocked party says yes to ``sheet``.

    Args:
        seen_digest: ``digest`` of the sheet that was shown.

    Raises:
        StateError: another sheet was shown.
    """
    if seen_digest != sheet.digest:
        raise StateError("What would leave has changed since you looked. Look again.")
    return Decision(vault.party_id, sheet, resolved.request.nonce)


def _chosen(asked: Asked, choice: Mapping[str, Sequence[str]]) -> list[Candidate]:
    item_ids = list(dict.fromkeys(choice.get(asked.query.id, ())))
    if not item_ids and asked.required:
        raise StateError("Choose at least one record for everything that is asked for.")
    if len(item_ids) > 1 and not asked.query.multiple:
        raise StateError("Only one record is asked for here.")
    found = [asked.candidate(item_id) for item_id in item_ids]
    if None in found:
        raise StateError("A record was chosen that does not answer what is asked for.")
    return [candidate for candidate in found if candidate is not None]


def _record(vault: OpenVault, asked: Asked, candidate: Candidate, environment: Environment) -> SheetRecord:
    document: JSONObject = vault.read(candidate.card.item_id, CREDENTIAL).body["credential"]
    pointers = candidate.match.pointers
    sent = derive(document, pointers, environment.jsonld) if is_base_proof(document.get("proof")) else document
    all_values = {value.place: value for value in _values(document)}
    shown = _shown_places(document, sent)
    if not shown <= all_values.keys():
        raise StateError("What would leave does not fit the record. Nothing was shared.")
    wanted = [_place_of(pointer) for pointer in pointers]
    leaves, always = [], []
    for place, value in all_values.items():
        if place not in shown:
            continue
        asked_for = not _is_frame(value.kind) if candidate.whole else any(_is_within(place, each) for each in wanted)
        says_only_what_it_is = place[-1] == "identityType" and (*place[:-1], "identityHash") in shown
        if asked_for and (candidate.whole or not says_only_what_it_is):
            leaves.append(value)
        else:
            always.append(value)
    stays = tuple(dict.fromkeys(value.kind for place, value in all_values.items() if place not in shown))
    card = candidate.card
    return SheetRecord(asked.query.id, card.item_id, card.title, card.issuer, card.language, sent, tuple(leaves),
                       tuple(always), stays, candidate.whole)


def _is_frame(kind: str) -> bool:
    """Whether a value goes along with any part of a record, however little is asked for."""
    return kind in ("id", "validFrom", "validUntil", "credentialSubject.id") or kind.startswith(
        ("issuer.", "credentialStatus.", "credentialSchema."))


def _values(node: Any, place: Place = (), identity: str = "") -> Iterator[Value]:
    """Every value of a document but its contexts and proofs, with the kind of each."""
    if isinstance(node, dict):
        named = text(node.get("identityType")) if "identityHash" in node else identity
        for name, item in node.items():
            if name not in ("@context", "proof"):
                yield from _values(item, (*place, name), named)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _values(item, (*place, index), identity)
    elif not (place and place[-1] == "type" or len(place) > 1 and place[-2] == "type"):
        yield Value(place, _kind(place, identity), _text_of(node))


def _kind(place: Place, identity: str) -> str:
    if place[-1] == "identityHash" and identity and "verifiableCredential" not in place:
        return f"identity.{identity}"
    return ".".join(part for part in place if isinstance(part, str))


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shown_places(whole: JSONObject, sent: JSONObject) -> set[Place]:
    """Places in ``whole`` of the values that ``sent`` shows.

    A derived document leaves out members and array elements and moves nothing else, so both are walked side by side; an
    element of a shortened array belongs to the first later element of the whole one that holds all it shows.
    """
    return set(_align(whole, sent, ()))


def _align(whole: Any, sent: Any, place: Place) -> Iterator[Place]:
    if isinstance(sent, dict) and isinstance(whole, dict):
        for name, item in sent.items():
            if name not in ("@context", "proof"):
                yield from _align(whole.get(name), item, (*place, name))
    elif isinstance(sent, list) and isinstance(whole, list):
        start = 0
        for item in sent:
            index = next((i for i in range(start, len(whole)) if _holds(whole[i], item)), None)
            if index is None:
                raise StateError("What would leave does not fit the record. Nothing was shared.")
            yield from _align(whole[index], item, (*place, index))
            start = index + 1
    elif whole != sent or isinstance(sent, (dict, list)):
        raise StateError("What would leave does not fit the record. Nothing was shared.")
    elif not (place and place[-1] == "type" or len(place) > 1 and place[-2] == "type"):
        yield place


def _holds(whole: Any, part: Any) -> bool:
    """Whether ``part`` is ``whole`` with things left out."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            name in whole and _holds(whole[name], item) for name, item in part.items())
    if isinstance(part, list):
        remaining: Iterator[Any] = iter(whole if isinstance(whole, list) else ())
        return all(any(_holds(entry, item) for entry in remaining) for item in part)
    return bool(whole == part)


def _place_of(pointer: str) -> Place:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _is_within(place: Place, outer: Place) -> bool:
    return place[:len(outer)] == outer


def _warnings(records: list[SheetRecord], matching: Matching) -> tuple[str, ...]:
    warnings = ["whole"] if any(record.whole for record in records) else []
    broad = any(isinstance(claim.value, (dict, list)) or None in claim.path
                for asked in matching.asked for candidate in asked.candidates for claim in candidate.match.claims)
    return tuple([*warnings, "broad"] if broad else warnings)
