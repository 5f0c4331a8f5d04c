"""Matching: which records in the backpack answer a question. Nobody outside learns what was found (security.md E11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from credkit.environment import Environment
from credkit.errors import CredkitError
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.protocols.oid4vp.messages import AuthorizationRequest
from wallet.services.record import rules
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import Card, copies
from wallet.vault import OpenVault

_HOLDER_ALGORITHMS: Final[Mapping[str, frozenset[str]]] = {
    "did:key:z6Mk": frozenset({"EdDSA", "Ed25519"}), "did:key:zDn": frozenset({"ES256"})}
"""How what a holder key signs with is called, by how the name of the key begins."""


@dataclass(frozen=True)
class Candidate:
    """A record that answers one credential query.

    Attributes:
        match: The places that are asked for, in the record as it lies here.
        whole: Whether it can only be shown as a whole (a transcript, a record with an ordinary proof).
    """

    card: Card
    match: dcql.Match
    whole: bool


@dataclass(frozen=True)
class Asked:
    """One credential query of the request and the records that answer it, newest first."""

    query: dcql.CredentialQuery
    candidates: tuple[Candidate, ...]
    required: bool

    def candidate(self, item_id: str) -> Candidate | None:
        """The candidate with this item id, or None."""
        return next((each for each in self.candidates if each.card.item_id == item_id), None)


@dataclass(frozen=True)
class Matching:
    """What could be answered. ``possible`` is False if something required is not in the backpack."""

    asked: tuple[Asked, ...]
    possible: bool

    def only_choice(self) -> dict[str, tuple[str, ...]] | None:
        """The choice, where there is nothing to choose: one record for each required query and nothing optional."""
        if not self.possible or any(len(each.candidates) != 1 or not each.required for each in self.asked):
            return None
        return {each.query.id: (each.candidates[0].card.item_id,) for each in self.asked}


def match_request(vault: OpenVault, request: AuthorizationRequest, environment: Environment) -> Matching:
    """Find what answers ``request``; of a record that came twice one copy answers: one that can be shown in part, else
    the newest.

    Records that are never to leave are not looked at: whoever asks cannot tell them from records that are not there.

    Spec: OID4VP-1.0 #dcql_query_lang_processing_rules
    """
    expand_types = dcql.type_expander(environment.jsonld)
    found: dict[str, list[Candidate]] = {query.id: [] for query in request.query.credentials}
    known = {entry.id: entry.summary for entry in vault.entries(CREDENTIAL)}
    for card in rules.visible(vault, copies(vault)):
        line = known[card.item_id]
        if not _is_taken(request, card, line):
            continue
        document: JSONObject = line.get("claims") or line["shown"] or vault.read(
            card.item_id, CREDENTIAL).body["credential"]
        for query in request.query.credentials:
            if query.require_cryptographic_holder_binding and not card.has_key:
                continue
            match = _match(query, document, expand_types, card.form or dcql.FORMAT)
            if match is not None:
                found[query.id].append(Candidate(card, match, not line["in_part"]))
    found = {name: _one_copy_each(candidates) for name, candidates in found.items()}
    selection = dcql.choose(request.query, [name for name, candidates in found.items() if candidates])
    if selection is None:
        return Matching(tuple(Asked(query, tuple(found[query.id]), True) for query in request.query.credentials), False)
    return Matching(tuple(
        Asked(query, tuple(found[query.id]), query.id in selection.required) for query in request.query.credentials
        if query.id in (*selection.required, *selection.optional)), True)


def _one_copy_each(candidates: list[Candidate]) -> list[Candidate]:
    """The candidates without further copies of one record."""
    best: dict[str, Candidate] = {}
    for each in candidates:
        name = each.card.credential_id or each.card.item_id
        other = best.get(name)
        if other is None or (other.whole, each.card.received_at) > (each.whole, other.card.received_at):
            best[name] = each
    return [each for each in candidates if best[each.card.credential_id or each.card.item_id] is each]


def _is_taken(request: AuthorizationRequest, card: Card, line: JSONObject) -> bool:
    """Whether the asker takes what the record, or its holder's key, is signed with; who does not say takes all."""
    if card.form is None:
        return not request.cryptosuites or line["suite"] in request.cryptosuites
    taken = request.key_binding_algorithms if card.form == dcql.SD_JWT else request.jwt_algorithms
    method = line["key_method"] or ""
    own = next((names for start, names in _HOLDER_ALGORITHMS.items() if method.startswith(start)), frozenset())
    return not taken or not card.has_key or not own.isdisjoint(taken)


def _match(query: dcql.CredentialQuery, document: JSONObject, expand_types: dcql.ExpandTypes,
           form: str) -> dcql.Match | None:
    try:
        return dcql.match(query, document, expand_types, credential_format=form)
    except CredkitError:
        return None  # a record that cannot be read does not answer anything
