"""The credential endpoint: an approved intent and a proven key in, a signed credential out, once per identifier.

A repetition with the same key gets the same bytes; another key is refused. Two requests at once make one credential:
whoever stores first wins, and the other answers with what is stored (security.md R02, E03).

Spec: OID4VCI-1.0 #credential-endpoint; design.md "How a credential flows", step 5
"""

from __future__ import annotations

from datetime import datetime

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_3
from credkit.proofs import add_base_proof, add_proof
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import CredentialRequest, CredentialResponse, KeyProof, NotificationRequest
from issuer.services import sd_jwt
from issuer.services.drafting import PreparedCredential, holder_document
from issuer.services.metadata import NAMES
from issuer.services.office import Office, digest_of
from issuer.services.tokens import Tokens
from issuer.store import Issuance, Item, Token, Unit

_WHOLE_SUITE = "eddsa-rdfc-2022"
_DENIED = "credential_request_denied"


class Issuing:
    """Gives out credentials."""

    def __init__(self, office: Office, tokens: Tokens) -> None:
        self._office = office
        self._tokens = tokens

    def issue(self, access_token: str, request: CredentialRequest) -> CredentialResponse:
        """Answer one credential request.

        Raises:
            ProtocolError: ``invalid_token`` (401), ``unknown_credential_identifier``,
                ``unknown_credential_configuration``, ``invalid_proof``, ``invalid_nonce``,
                ``credential_request_denied``.
        """
        token = self._tokens.allowed_by(access_token)
        item = self._item(token, request)
        proof = self._proof(request)
        if item.kind in sd_jwt.KINDS and proof.binding != "jwk":
            raise protocol_error("invalid_proof", "for this form of a record the proof must hold the key as a JWK")
        with self._office.store.reading() as unit:
            earlier = unit.find_issuance(item.identifier)
        issuance = earlier if earlier is not None else self._issue(item, proof)
        if issuance.holder != proof.did:
            raise protocol_error(_DENIED, "this record was given to another key already")
        return CredentialResponse((issuance.document,), issuance.notification_id)

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

    def _item(self, token: Token, request: CredentialRequest) -> Item:
        """The one item of the claim that a request names."""
        with self._office.store.reading() as unit:
            items = unit.items_of(token.claim_id)
        if token.identifiers is not None:
            items = tuple(item for item in items if item.identifier in token.identifiers)
        if request.credential_identifier is not None:
            found = [item for item in items if item.identifier == request.credential_identifier]
            if not found:
                raise protocol_error("unknown_credential_identifier", "there is no such record in this offer")
        else:
            if request.credential_configuration_id not in NAMES:
                raise protocol_error("unknown_credential_configuration", "this kind of record is not known here")
            found = [item for item in items if item.kind == request.credential_configuration_id]
        if len(found) != 1:
            raise protocol_error(_DENIED, "name the record by its credential identifier: the offer does not hold one")
        if found[0].revoked:
            raise protocol_error(_DENIED, "this record was taken back")
        return found[0]

    def _proof(self, request: CredentialRequest) -> KeyProof:
        if request.proof_type is None:
            raise protocol_error("invalid_proof", "the proof of the holder's key is missing")
        if request.proof_type != "jwt":
            raise protocol_error("invalid_proof", "only proofs of the type jwt are taken here")
        proofs = v1_0.verify_key_proofs(
            request.proofs, audience=self._office.identity.origin, now=self._office.clock.now(),
            resolver=self._office.resolver, use_nonce=self._tokens.use_nonce,
        )
        return proofs[0]

    def _issue(self, item: Item, proof: KeyProof) -> Issuance:
        with self._office.store.reading() as unit:
            credential = unit.find_credential(item.credential_id)
        if credential is None:
            raise StateError("There is no such record.")
        now = self._office.clock.now()
        approved = PreparedCredential(credential).take()
        kind = sd_jwt.KINDS.get(item.kind)
        document: JSONObject | str = self._sign(approved.document, proof.did, now) if kind is None else (
            sd_jwt.issue(self._office, approved, kind, proof.public_key, now))
        issuance = Issuance(item.identifier, approved.id, approved.version, proof.did, document, now,
                            self._office.new_id())
        with self._office.store.writing() as unit:
            return self._keep(unit, issuance)

    def _keep(self, unit: Unit, issuance: Issuance) -> Issuance:
        """Store and log before anything leaves; if somebody else was quicker, theirs counts."""
        earlier = unit.find_issuance(issuance.identifier)
        if earlier is not None:
            return earlier
        if unit.find_revocation(issuance.credential_id) is not None:
            raise protocol_error(_DENIED, "this record was taken back")
        unit.add_issuance(issuance)
        unit.append_log(issuance.issued_at, "issued", "wallet", issuance.credential_id,
                        {"version": issuance.version, "digest": digest_of(issuance.document)})
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

    def _sign_whole(self, document: JSONObject, now: datetime) -> JSONObject:
        return add_proof(document, suite=_WHOLE_SUITE, signer=self._office.keys.whole,
                         processor=self._office.processor, created=now)
