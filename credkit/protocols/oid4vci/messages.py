"""What is said when a credential is issued, free of any version's field names.

Times are aware UTC, lifetimes whole seconds. Absent optional members are None, or empty where they are plural.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from credkit.ports import JSONObject
from credkit.protocols.oauth import AuthorizationServerMetadata as AuthorizationServerMetadata

NotificationEvent = Literal["credential_accepted", "credential_failure", "credential_deleted"]


@dataclass(frozen=True)
class TxCode:
    """The second secret of an offer, sent on another way: what its input field should look like."""

    input_mode: Literal["numeric", "text"] = "numeric"
    length: int | None = None
    description: str | None = None


@dataclass(frozen=True)
class PreAuthorizedCodeGrant:
    """The holder is already known to the issuer; ``tx_code`` is None if no second secret is asked."""

    pre_authorized_code: str
    tx_code: TxCode | None = None
    authorization_server: str | None = None


@dataclass(frozen=True)
class AuthorizationCodeGrant:
    """The holder will be asked to log in at the issuer."""

    issuer_state: str | None = None
    authorization_server: str | None = None


@dataclass(frozen=True)
class CredentialOffer:
    """What an issuer offers. With neither grant the wallet looks into the metadata for a way.

    Attributes:
        transfer_notice: Our own addition, see ``credkit.protocols.transfer_notice``; unverified. Others ignore it.
    """

    credential_issuer: str
    credential_configuration_ids: tuple[str, ...]
    pre_authorized: PreAuthorizedCodeGrant | None = None
    authorization_code: AuthorizationCodeGrant | None = None
    transfer_notice: str | None = None


@dataclass(frozen=True)
class OfferReference:
    """An offer that still has to be fetched: GET ``url``, then ``parse_offer`` its body."""

    url: str


@dataclass(frozen=True)
class Display:
    """How a party wants something to be shown, in one language. Its word, not a fact. No page fetches ``logo_uri``."""

    name: str | None = None
    locale: str | None = None
    description: str | None = None
    logo_uri: str | None = None
    logo_alt_text: str | None = None
    background_color: str | None = None
    text_color: str | None = None


@dataclass(frozen=True)
class ClaimDescription:
    """A claim that a credential of this configuration may hold."""

    path: tuple[str | int | None, ...]
    mandatory: bool = False
    display: tuple[Display, ...] = ()


@dataclass(frozen=True)
class KeyAttestationsRequired:
    """That somebody must vouch for the key: how it is kept, and how its holder is asked, at one of these levels.

    Empty: at any level. The levels are names, e.g. ``iso_18045_moderate``.

    Spec: OID4VCI-1.0 #credential-issuer-parameters
    """

    key_storage: tuple[str, ...] = ()
    user_authentication: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProofType:
    """A way to prove possession of the holder's key, the ``alg`` values the issuer takes, and whether somebody must
    vouch for the key."""

    signing_algs: tuple[str, ...]
    key_attestations_required: KeyAttestationsRequired | None = None


@dataclass(frozen=True)
class CredentialConfiguration:
    """One kind of credential that an issuer issues.

    Attributes:
        types: ``type`` of the credential, for the W3C formats.
        contexts: ``@context`` of the credential, for ``ldp_vc``; URLs or objects.
        vct: Type of an SD-JWT VC. ``doctype``: type of an mdoc.
        signing_algs: Cryptosuite or algorithm names; integers for mdoc.
        binding_methods: E.g. ``did:key``; together with ``proof_types``, or neither.
        proof_types: By name, e.g. ``jwt``.
    """

    id: str
    format: str
    scope: str | None = None
    types: tuple[str, ...] = ()
    contexts: tuple[str | JSONObject, ...] = ()
    vct: str | None = None
    doctype: str | None = None
    signing_algs: tuple[str | int, ...] = ()
    binding_methods: tuple[str, ...] = ()
    proof_types: Mapping[str, ProofType] = field(default_factory=dict)
    display: tuple[Display, ...] = ()
    claims: tuple[ClaimDescription, ...] = ()


@dataclass(frozen=True)
class IssuerMetadata:
    """What a credential issuer says of itself.

    Attributes:
        authorization_servers: Empty if the issuer is its own authorization server.
        batch_size: How many keys one request may bring; 1 if batches are not offered.
        credential_configurations: By identifier, in the issuer's order.
    """

    credential_issuer: str
    credential_endpoint: str
    credential_configurations: Mapping[str, CredentialConfiguration]
    nonce_endpoint: str | None = None
    deferred_credential_endpoint: str | None = None
    notification_endpoint: str | None = None
    authorization_servers: tuple[str, ...] = ()
    batch_size: int = 1
    display: tuple[Display, ...] = ()


@dataclass(frozen=True)
class AuthorizationDetail:
    """What is asked for at the token endpoint; in the answer also the identifiers of what will be issued."""

    credential_configuration_id: str
    credential_identifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthorizationClient:
    """Who asks for an authorization code, and where the answer goes; ``state`` is given back as it is."""

    client_id: str
    redirect_uri: str
    state: str | None = None


@dataclass(frozen=True)
class AuthorizationRequest:
    """Asking for an authorization code.

    Attributes:
        code_challenge: By the method S256.
        scopes: As sent; what none of ours is called is for somebody else.
        issuer_state: Of the offer that began it, if there was one.
        dpop_jkt: Thumbprint of the key that the token must be bound to, if it must.
    """

    client: AuthorizationClient
    code_challenge: str
    scopes: tuple[str, ...] = ()
    authorization_details: tuple[AuthorizationDetail, ...] = ()
    issuer_state: str | None = None
    dpop_jkt: str | None = None


@dataclass(frozen=True)
class CodeTokenRequest:
    """Redeeming an authorization code."""

    code: str
    redirect_uri: str
    code_verifier: str
    client_id: str | None = None
    authorization_details: tuple[AuthorizationDetail, ...] = ()


@dataclass(frozen=True)
class TokenRequest:
    """Redeeming a pre-authorized code."""

    pre_authorized_code: str
    tx_code: str | None = None
    client_id: str | None = None
    authorization_details: tuple[AuthorizationDetail, ...] = ()


@dataclass(frozen=True)
class TokenResponse:
    """``token_type`` is ``bearer`` or ``DPoP`` in any case of letters; ``expires_in_s`` None if not said."""

    access_token: str
    token_type: str = "bearer"
    expires_in_s: int | None = None
    authorization_details: tuple[AuthorizationDetail, ...] = ()


@dataclass(frozen=True)
class NonceResponse:
    """A fresh nonce for key proofs."""

    c_nonce: str


@dataclass(frozen=True)
class ResponseEncryption:
    """How a wallet wants the answer sealed.

    Attributes:
        jwk: Its public P-256 key.
        enc: ``A128GCM`` or ``A256GCM``.
    """

    jwk: Mapping[str, str]
    enc: str


@dataclass(frozen=True)
class CredentialRequest:
    """Asking for a credential by exactly one of its two names.

    Attributes:
        proof_type: ``jwt`` and so on; None if no proof was sent (then ``proofs`` is empty).
        proofs: One entry per key: a compact JWT for ``jwt``.
        response_encryption: Asked for by the wallet, or None.
    """

    credential_identifier: str | None = None
    credential_configuration_id: str | None = None
    proof_type: str | None = None
    proofs: tuple[str | JSONObject, ...] = ()
    response_encryption: ResponseEncryption | None = None


@dataclass(frozen=True)
class DeferredRequest:
    """Asking again for what was not ready."""

    transaction_id: str
    response_encryption: ResponseEncryption | None = None


@dataclass(frozen=True)
class CredentialResponse:
    """Issued credentials (JSON object or text by format), or a transaction to ask for later (``interval_s``)."""

    credentials: tuple[str | JSONObject, ...] = ()
    notification_id: str | None = None
    transaction_id: str | None = None
    interval_s: int | None = None


@dataclass(frozen=True)
class NotificationRequest:
    """What became of what was issued."""

    notification_id: str
    event: NotificationEvent
    event_description: str | None = None
