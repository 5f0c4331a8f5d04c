"""Collecting one record from an issuer: the key proof, sealing where the issuer demands it, asking again later.

Spec: OID4VCI-1.0 #credential-endpoint, #deferred-credential-endpoint, #notification-endpoint, #encrypted-messages
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from credkit.encoding import dump_json, parse_json_object
from credkit.errors import CredkitError, ProtocolError, UnsupportedError
from credkit.jose import decrypt_direct, encrypt_direct, generate_encryption_key
from credkit.ports import JSONObject, Response
from credkit.protocols.oauth import JSON_CONTENT_TYPE
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    CredentialRequest,
    CredentialResponse,
    NotificationEvent,
    NotificationRequest,
)
from credkit.x509 import OwnCertificate
from wallet.services import wire
from wallet.services.holder import NamedKey, is_attested
from wallet.services.offers import ResolvedOffer
from wallet.services.wire import Caller

_JWT = "application/jwt"
_MAX_CREDENTIAL_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Conversation:
    """One access token at one issuer.

    Attributes:
        client_id: Who we said we are, None where access was anonymous.
        provider: Vouches for our keys where the issuer wants that, None if nobody does.
    """

    resolved: ResolvedOffer
    caller: Caller
    client_id: str | None = None
    provider: OwnCertificate | None = None

    def request(self, configuration_id: str, identifier: str | None, key: NamedKey) -> CredentialResponse:
        """Ask for one record; a stale nonce is replaced once (#credential-error-response).

        Raises:
            ProtocolError: the issuer refuses, or answers badly. FetchError: no answer.
        """
        try:
            return self._request_once(configuration_id, identifier, key)
        except ProtocolError as error:
            if error.error != "invalid_nonce":
                raise
        return self._request_once(configuration_id, identifier, key)

    def ask_again(self, transaction_id: str) -> CredentialResponse:
        """Ask for a record that the issuer had not made yet.

        Raises:
            UnsupportedError: the issuer says nowhere where. ProtocolError, FetchError: as ``request``.
        """
        endpoint = self.resolved.metadata.deferred_credential_endpoint
        if endpoint is None:
            raise UnsupportedError("the issuer has not made this record yet, and does not say where to ask later")
        return self._exchange(endpoint, {"transaction_id": transaction_id})

    def notify(self, answer: CredentialResponse, event: NotificationEvent) -> None:
        """Tell the issuer what became of it; a courtesy, so its failure is none of ours (#notification)."""
        endpoint = self.resolved.metadata.notification_endpoint
        if endpoint is None or answer.notification_id is None:
            return
        message = v1_0.build_notification(NotificationRequest(answer.notification_id, event))
        with suppress(CredkitError):
            self.caller.post(endpoint, dump_json(message))

    def _request_once(self, configuration_id: str, identifier: str | None, key: NamedKey) -> CredentialResponse:
        nonce, endpoint = None, self.resolved.metadata.nonce_endpoint
        if endpoint is not None:
            nonce = v1_0.parse_nonce_response(wire.post(self.caller.environment.fetcher, endpoint).body).c_nonce
        now, attestation = self.caller.environment.clock.now(), None
        if self.provider is not None and is_attested(self.resolved.configurations[configuration_id]):
            attestation = v1_0.build_key_attestation(self.provider, (key.key.public_key,), nonce=nonce, now=now)
        proof = v1_0.build_key_proof(
            key, audience=self.resolved.offer.credential_issuer, nonce=nonce, client_id=self.client_id, now=now,
            binding="jwk" if key.binding == "jwk" else "kid", key_attestation=attestation)
        return self._exchange(self.resolved.metadata.credential_endpoint, v1_0.build_credential_request(
            CredentialRequest(credential_identifier=identifier, proof_type="jwt", proofs=(proof,),
                              credential_configuration_id=None if identifier else configuration_id)))

    def _exchange(self, endpoint: str, message: JSONObject) -> CredentialResponse:
        sealing, own = self.resolved.sealing, None
        if sealing.response_enc is not None:
            own = generate_encryption_key("answer")
            public = {name: value for name, value in own.items() if name != "d"}
            # ``alg`` beside ``jwk`` is what issuers of the drafts read; those of 1.0 pass over it.
            message = {**message, "credential_response_encryption": {
                "jwk": public, "enc": sealing.response_enc, "alg": public["alg"]}}
        body, content_type = dump_json(message), JSON_CONTENT_TYPE
        if sealing.request_jwk is not None:
            sealed = encrypt_direct(body, sealing.request_jwk, enc=sealing.request_enc)
            body, content_type = sealed.encode("ascii"), _JWT
        answer = self.caller.post(endpoint, body, content_type=content_type, max_bytes=_MAX_CREDENTIAL_BYTES,
                                  accept=JSON_CONTENT_TYPE if own is None else f"{_JWT}, {JSON_CONTENT_TYPE}")
        return v1_0.parse_credential_response(
            answer.body if own is None else _opened(answer, own, sealing.response_enc))


def _opened(answer: Response, own: dict[str, str], enc: str | None) -> JSONObject:
    """What is in a sealed answer.

    Raises:
        ProtocolError: ``invalid_credential_response``: it came unsealed, or sealed for somebody else.
    """
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != _JWT:
        raise ProtocolError("invalid_credential_response", "the answer should have been sealed")
    try:
        return parse_json_object(decrypt_direct(answer.body.decode("ascii", "replace"), own, encs=(enc or "",)))
    except CredkitError as error:
        raise ProtocolError("invalid_credential_response", error.detail) from error
