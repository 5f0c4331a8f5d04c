"""The credential endpoint: an approved intent and a proven key in, a signed credential out, once per identifier.

A repetition with the same key gets the same bytes; another key is refused. Two requests at once make one credential:
whoever stores first wins, and the other answers with what is stored (security.md R02, E03).

Spec: OID4VCI-1.0 #credential-endpoint; design.md "How a credential flows", step 5
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_3
from credkit.proofs import add_base_proof, add_proof
from credkit.protocols.key_proof import KeyProof
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.draft_13 import OldCredentialRequest
from credkit.protocols.oid4vci.messages import (
    CredentialRequest,
    CredentialResponse,
    DeferredRequest,
    NotificationRequest,
)
from issuer.services import record_forms
from issuer.services.attesters import Attesters
from issuer.services.authorizing import asked_by
from issuer.services.compat import Compat
from issuer.services.deferring import INTERVAL_S, holders_from_json, holders_to_json
from issuer.services.drafting import PreparedCredential, holder_document
from issuer.services.metadata import configurations, names
from issuer.services.office import Office, digest_of, hash_secret
from issuer.services.record_forms import FORMS, WHOLE_SUITE
from issuer.services.tokens import Tokens
from issuer.store import Deferral, Issuance, Item, Token, Unit

_DENIED = "credential_request_denied"


class Issuing:
    """Gives out credentials.

    Args:
        attesters: Who may vouch for holders' keys; None if nobody is named.
    """

    def __init__(self, office: Office, tokens: Tokens, compat: Compat, attesters: Attesters | None) -> None:
        self._office = office
        self._tokens = tokens
        self._compat = compat
        self._attesters = attesters

    def issue(self, access_token: str, request: CredentialRequest) -> CredentialResponse:
        """Answer one credential request: one copy of the record for each key that was proven.

        Raises:
            ProtocolError: ``invalid_token`` (401), ``invalid_credential_request``, ``unknown_credential_identifier``,
                ``unknown_credential_configuration``, ``invalid_proof``, ``invalid_nonce``,
                ``credential_request_denied``.
        """
        token = self._tokens.allowed_by(access_token)
        items = self._items(token, request)
        proofs = self._proofs(request, self._client_of(token)) if _is_bound(items[0].kind) else ()
        item, issuance = self._chosen(items, tuple(proof.did for proof in proofs))
        if item.revoked:
            raise protocol_error(_DENIED, "this record was taken back")
        if item.waits:
            return self._defer(access_token, token, item, proofs)
        if issuance is None:
            issuance = self._issue(item, proofs)
        if issuance.holders != tuple(proof.did for proof in proofs):
            raise protocol_error(_DENIED, "this record was given to another key already")
        return CredentialResponse(issuance.documents, issuance.notification_id)

    def issue_old(self, access_token: str, request: OldCredentialRequest) -> CredentialResponse:
        """Answer a request of draft 13, as if it had named what fits it in the offer; errors as ``issue``."""
        if not request.format:
            return self.issue(access_token, CredentialRequest(
                request.credential_identifier, request.credential_configuration_id, request.proof_type, request.proofs))
        token, known = self._tokens.allowed_by(access_token), configurations(self._office)
        with self._office.store.reading() as unit:
            items = unit.items_of(token.claim_id)
        fitting = [item for item in items if item.kind in known and request.fits(known[item.kind])
                   and (token.identifiers is None or item.identifier in token.identifiers)]
        if not fitting:
            raise protocol_error("unsupported_credential_type", "the offer holds no such record")
        return self.issue(access_token, CredentialRequest(credential_configuration_id=fitting[0].kind,
                                                          proof_type=request.proof_type, proofs=request.proofs))

    def deferred(self, access_token: str, request: DeferredRequest) -> CredentialResponse:
        """Answer a wallet that comes again: the same transaction while the record waits, then the record, once.

        Raises:
            ProtocolError: ``invalid_token`` (401), ``invalid_transaction_id``, ``credential_request_denied``.

        Spec: OID4VCI-1.0 #deferred-credential-endpoint
        """
        token, name = self._tokens.allowed_by(access_token), hash_secret(request.transaction_id)
        with self._office.store.reading() as unit:
            found = unit.find_deferral(name, self._office.clock.now())
            item = None if found is None else next(
                (each for each in unit.items_of(token.claim_id) if each.identifier == found.identifier), None)
        if found is None or item is None or item.identifier not in (token.identifiers or (item.identifier,)):
            raise protocol_error("invalid_transaction_id", "there is no such transaction")
        if item.waits and not item.revoked:
            return CredentialResponse(transaction_id=request.transaction_id, interval_s=INTERVAL_S)
        if not item.revoked:
            proofs = holders_from_json(found.holders)
            with self._office.store.reading() as unit:
                issuance = unit.find_issuance(item.identifier)
            issuance = issuance or self._issue(item, proofs)
        with self._office.store.writing() as unit:
            unit.end_deferral(name)
        if item.revoked or issuance is None or issuance.holders != tuple(proof.did for proof in proofs):
            raise protocol_error(_DENIED, "the school does not give out this record")
        return CredentialResponse(issuance.documents, issuance.notification_id)

    def notify(self, access_token: str, notification: NotificationRequest) -> None:
        """Keep what the wallet says became of a credential; saying it twice is the same as once.

        Raises:
            ProtocolError: ``invalid_token`` (401), ``invalid_notification_id``.
        """
        token = self._tokens.allowed_by(access_token)
        with self._office.store.writing() as unit:
            issuance = unit.issuance_notified(notification.notification_id)
            known = {item.identifier for item in unit.items_of(token.claim_id)}
            if issuance is None or issuance.identifier not in known:
                raise protocol_error("invalid_notification_id", "there is no such notification")
            if issuance.event != notification.event:
                unit.note_event(notification.notification_id, notification.event)
                unit.append_log(self._office.clock.now(), notification.event, "wallet", issuance.credential_id)

    def _items(self, token: Token, request: CredentialRequest) -> tuple[Item, ...]:
        """What a request may mean: one item by its identifier, or every one of a configuration, in their order.

        Which of several is meant must be said where a student's whole set is offered; an offer of one configuration
        gives one after the other.
        """
        with self._office.store.reading() as unit:
            items = unit.items_of(token.claim_id)
        if token.identifiers is not None:
            items = tuple(item for item in items if item.identifier in token.identifiers)
        if request.credential_identifier is not None:
            found = [item for item in items if item.identifier == request.credential_identifier]
            if not found:
                raise protocol_error("unknown_credential_identifier", "there is no such record in this offer")
        else:
            if request.credential_configuration_id not in names(self._office):
                raise protocol_error("unknown_credential_configuration", "this kind of record is not known here")
            found = [item for item in items if item.kind == request.credential_configuration_id]
            if len(found) > 1 and self._is_set(token):
                raise protocol_error(_DENIED, "the offer holds several such records: ask by a credential_identifier")
        if not found:
            raise protocol_error(_DENIED, "the offer holds no such record")
        return tuple(found)

    def _is_set(self, token: Token) -> bool:
        """Whether the token is for a student's whole set, not for an offer of one configuration. Where wallets ask by
        scope, a set is given out one after the other too."""
        with self._office.store.reading() as unit:
            claim = unit.find_claim(token.claim_id)
        return not self._office.profile.by_scope and (claim is None or claim.alone is None)

    def _chosen(self, items: Sequence[Item], holders: tuple[str, ...]) -> tuple[Item, Issuance | None]:
        """Of several records of one configuration: the one that these keys got before, else the next that is left."""
        with self._office.store.reading() as unit:
            earlier = {item.identifier: unit.find_issuance(item.identifier) for item in items}
        mine = [item for item in items if (found := earlier[item.identifier]) is not None and found.holders == holders]
        left = [item for item in items if earlier[item.identifier] is None and not item.revoked]
        item = (*(mine if holders else ()), *left, *items)[0]
        return item, earlier[item.identifier]

    def _client_of(self, token: Token) -> str | None:
        """Who got the token; None where access was anonymous."""
        if token.authorization_id is None:
            return None
        with self._office.store.reading() as unit:
            found = unit.authorization_numbered(token.authorization_id)
        return None if found is None else asked_by(found).client.client_id

    def _proofs(self, request: CredentialRequest, client_id: str | None) -> tuple[KeyProof, ...]:
        if request.proof_type is None:
            raise protocol_error("invalid_proof", "the proof of the holder's key is missing")
        attesters, profile = self._attesters, self._office.profile
        rules = v1_0.ProofRules(self._office.identity.origin, self._office.clock.now(), self._office.resolver,
                                algorithms=profile.algorithms, processor=self._office.processor, client_id=client_id,
                                find_attester=None if attesters is None else attesters.find,
                                needs_attestation=self._office.config.key_attestation_required,
                                check_status=None if attesters is None else attesters.check_status,
                                note_old=self._compat.old_proofs)
        return v1_0.verify_proofs(request.proof_type, request.proofs, rules, use_nonce=self._tokens.use_nonce,
                                  batch_size=profile.batch_size)

    def _defer(self, access_token: str, token: Token, item: Item, proofs: Sequence[KeyProof]) -> CredentialResponse:
        """Promise the record; a token that is bound to a key lives on for it, a bearer token ends when it ends."""
        transaction_id = self._office.new_secret()
        until = self._office.clock.now() + timedelta(seconds=self._office.config.lifetimes.claim_s)
        with self._office.store.writing() as unit:
            deferral = Deferral(token.claim_id, item.identifier, holders_to_json(proofs))
            unit.add_deferral(deferral, hash_secret(transaction_id), until)
            if token.jkt is not None:
                unit.keep_token(hash_secret(access_token), until)
        return CredentialResponse(transaction_id=transaction_id, interval_s=INTERVAL_S)

    def _issue(self, item: Item, proofs: Sequence[KeyProof]) -> Issuance:
        with self._office.store.reading() as unit:
            credential = unit.find_credential(item.credential_id)
        if credential is None:
            raise StateError("There is no such record.")
        now = self._office.clock.now()
        approved = PreparedCredential(credential).take()
        documents: list[JSONObject | str] = []
        for proof in proofs or (None,):
            if item.kind in FORMS:
                documents.append(record_forms.issue(self._office, item.kind, approved, proof, now))
            elif proof is not None:
                documents.append(self._sign(approved.document, proof.did, now))
        issuance = Issuance(item.identifier, approved.id, approved.version, tuple(proof.did for proof in proofs),
                            tuple(documents), now, self._office.new_id())
        with self._office.store.writing() as unit:
            unit.settle(item.identifier, approved.id, item.kind if item.kind in FORMS else None)
            return self._keep(unit, issuance)

    def issue_within(self, unit: Unit, item: Item, proof: KeyProof, now: datetime) -> JSONObject:
        """Inside the caller's transaction: a record that is left of a claim, signed whole and never as a base proof.

        Raises:
            ProtocolError: ``credential_request_denied``: it was taken back.
        """
        credential = unit.find_credential(item.credential_id)
        if credential is None:
            raise StateError("There is no such record.")
        approved = PreparedCredential(credential).take()
        bound = holder_document(approved.document, proof.did)
        document = self.sign_transcript(bound, now) if clr_2.is_mine(bound) else self._sign_whole(bound, now)
        unit.settle(item.identifier, approved.id, item.kind if item.kind in FORMS else None)
        issuance = Issuance(item.identifier, approved.id, approved.version, (proof.did,), (document,), now,
                            self._office.new_id())
        self._keep(unit, issuance)
        return document

    def _keep(self, unit: Unit, issuance: Issuance) -> Issuance:
        """Store and log before anything leaves; if somebody else was quicker, theirs counts."""
        earlier = unit.find_issuance(issuance.identifier)
        if earlier is not None:
            return earlier
        if unit.find_revocation(issuance.credential_id) is not None:
            raise protocol_error(_DENIED, "this record was taken back")
        unit.add_issuance(issuance)
        unit.append_log(issuance.issued_at, "issued", "wallet", issuance.credential_id,
                        {"version": issuance.version, "digest": digest_of(_kept(issuance))})
        return issuance

    def _sign(self, document: JSONObject, subject_id: str, now: datetime) -> JSONObject:
        """The holder's id added, then the proof that belongs to the kind."""
        bound = holder_document(document, subject_id)
        if clr_2.is_mine(bound):
            return self.sign_transcript(bound, now)
        if not openbadges_3.is_mine(bound):
            return self._sign_whole(bound, now)
        return add_base_proof(bound, signer=self._office.keys.selective, processor=self._office.processor, created=now,
                              randomness=self._office.randomness,
                              mandatory_pointers=openbadges_3.mandatory_pointers(bound))

    def sign_transcript(self, document: JSONObject, now: datetime) -> JSONObject:
        """Each member signed on its own, then the whole; no base proof ever stands in a transcript."""
        subject = document["credentialSubject"]
        members = [self._sign_whole(member, now) for member in subject["verifiableCredential"]]
        return self._sign_whole({**document, "credentialSubject": {**subject, "verifiableCredential": members}}, now)

    def sign_for_reading(self, document: JSONObject, now: datetime) -> JSONObject:
        """A record for whoever its student lets read it: signed whole, about the student by name, bound to no key."""
        return self._sign_whole(document, now)

    def _sign_whole(self, document: JSONObject, now: datetime) -> JSONObject:
        return add_proof(document, suite=WHOLE_SUITE, signer=self._office.keys.whole,
                         processor=self._office.processor, created=now)


def _is_bound(configuration: str) -> bool:
    return configuration not in FORMS or FORMS[configuration].is_bound


def _kept(issuance: Issuance) -> Any:
    """What the log's digest is taken of: the one document, or the list of copies."""
    return issuance.documents[0] if len(issuance.documents) == 1 else list(issuance.documents)
