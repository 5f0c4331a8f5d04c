"""Reading an offer: the offer itself, what its issuer says of itself, and whether the two belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from credkit.encoding import base64url_encode, parse_json_object, sha256
from credkit.environment import Environment
from credkit.errors import ProblemError, ProtocolError, UnsupportedError
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.protocols.oauth import parse_server_metadata
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    CredentialConfiguration,
    CredentialOffer,
    IssuerMetadata,
    OfferReference,
    PreAuthorizedCodeGrant,
)
from wallet.services import wire

_BINDINGS: Mapping[str, str] = {dcql.FORMAT: "did:key", dcql.SD_JWT: "jwk"}
"""How a record of each format that we keep must name its holder's key."""


@dataclass(frozen=True)
class ResolvedOffer:
    """An offer that fits its issuer and that we can accept. Everything in it is the issuer's word, checked by nobody.

    Attributes:
        offer: What is offered.
        metadata: What the issuer says of itself.
        token_endpoint: Where the code is spent; of the issuer's own origin.
        documents: The wire forms of the three messages, from which this can be made again.
    """

    offer: CredentialOffer
    metadata: IssuerMetadata
    token_endpoint: str
    documents: Mapping[str, JSONObject]

    @property
    def host(self) -> str:
        """The issuer's host (with an unusual port): what a person can recognise and nobody can make up."""
        return urlsplit(self.offer.credential_issuer).netloc

    @property
    def fingerprint(self) -> str:
        """The same for the same offer, however often it is opened; tells nothing about it."""
        parts = f"{self.offer.credential_issuer}\0{self.grant.pre_authorized_code}"
        return base64url_encode(sha256(parts.encode("utf-8", "surrogatepass")))

    @property
    def grant(self) -> PreAuthorizedCodeGrant:
        """The pre-authorized code and what ``tx_code`` goes with it."""
        assert self.offer.pre_authorized is not None, "_check refuses offers without one"
        return self.offer.pre_authorized

    @property
    def nonce_endpoint(self) -> str:
        """Where fresh nonces for key proofs come from."""
        assert self.metadata.nonce_endpoint is not None, "_check refuses issuers without one"
        return self.metadata.nonce_endpoint

    @property
    def configurations(self) -> dict[str, CredentialConfiguration]:
        """The kinds of record that are offered, by identifier."""
        return {name: self.metadata.credential_configurations[name]
                for name in self.offer.credential_configuration_ids}

    def issuer_name(self, language: str) -> str | None:
        """What the issuer calls itself, in ``language`` if it has it."""
        return shown_name(self.metadata.display, language)

    def kinds(self, language: str) -> tuple[str, ...]:
        """What the kinds of record on offer are called."""
        return tuple(shown_name(each.display, language) or each.id for each in self.configurations.values())

    def to_json(self) -> JSONObject:
        """A form that can be sealed away; ``from_json`` reads it."""
        return dict(self.documents)

    @classmethod
    def from_json(cls, documents: JSONObject) -> ResolvedOffer:
        """The offer that ``to_json`` described, checked again."""
        offer = v1_0.parse_offer(documents["offer"])
        metadata = v1_0.parse_issuer_metadata(documents["issuer"])
        v1_0.check_issuer_metadata(metadata, offer.credential_issuer)
        server = v1_0.authorization_server_of(metadata, offer)
        token_endpoint = parse_server_metadata(documents["server"], expected_issuer=server).token_endpoint
        _check(offer, metadata)
        return cls(offer, metadata, token_endpoint, documents)


def shown_name(display: tuple[object, ...], language: str) -> str | None:
    """The ``name`` of the entry in ``language``, else of the first that has one."""
    names = [(str(getattr(each, "locale", None) or ""), getattr(each, "name", None)) for each in display]
    named = [(locale, name) for locale, name in names if isinstance(name, str) and name]
    return next((name for locale, name in named if locale[:2].lower() == language), named[0][1] if named else None)


def resolve_offer(link: str, environment: Environment) -> ResolvedOffer:
    """Read what ``link`` offers: the offer, its issuer's and its authorization server's metadata. Sends nothing secret.

    Args:
        link: ``openid-credential-offer://?…``, or a wallet page's address with the same parameters.

    Raises:
        ProtocolError: ``invalid_credential_offer``, ``invalid_issuer_metadata``, ``invalid_server_metadata``; ``gone``
            if the offer is no longer there.
        UnsupportedError: it can only be accepted by logging in at the issuer, or is of a kind we do not keep.
        FetchError: issuer or offer cannot be reached.

    Spec: OID4VCI-1.0 #credential-offer, #credential-issuer-metadata; security.md E09, E10
    """
    offer = v1_0.parse_offer_uri(link)
    if isinstance(offer, OfferReference):
        offer = v1_0.parse_offer(wire.get(environment.fetcher, offer.url).body)
    issuer_document = _document(wire.get_first(
        environment.fetcher, v1_0.issuer_metadata_urls(offer.credential_issuer)).body, "invalid_issuer_metadata")
    metadata = v1_0.parse_issuer_metadata(issuer_document)
    v1_0.check_issuer_metadata(metadata, offer.credential_issuer)
    server = v1_0.authorization_server_of(metadata, offer)
    if urlsplit(server)[:2] != urlsplit(offer.credential_issuer)[:2]:
        # An honest server's code must never be carried to another's credential endpoint (security.md E09).
        raise UnsupportedError("this issuer sends people to another server to be let in, which is not supported")
    server_document = _document(wire.get_first(
        environment.fetcher, v1_0.server_metadata_urls(server)).body, "invalid_server_metadata")
    return ResolvedOffer.from_json(
        {"offer": v1_0.build_offer(offer), "issuer": issuer_document, "server": server_document})


def _document(body: bytes, error: str) -> JSONObject:
    try:
        return parse_json_object(body)
    except ProblemError as problem:
        raise ProtocolError(error, problem.detail) from problem


def _check(offer: CredentialOffer, metadata: IssuerMetadata) -> None:
    if offer.pre_authorized is None:
        raise UnsupportedError("this offer asks you to log in at the issuer, which is not supported yet")
    if metadata.nonce_endpoint is None:
        raise UnsupportedError("this issuer does not bind its records to a key of yours")
    for name in offer.credential_configuration_ids:
        configuration = metadata.credential_configurations.get(name)
        if configuration is None:
            raise ProtocolError("invalid_credential_offer", "the issuer offers a record that it does not describe")
        proof_type = configuration.proof_types.get("jwt")
        if configuration.format not in _BINDINGS or proof_type is None or proof_type.key_attestations_required:
            raise UnsupportedError("this offer holds a kind of record that is not supported")
        if configuration.format == dcql.SD_JWT and configuration.vct is None:
            raise UnsupportedError("this issuer does not say of what type its records are")
        takes_our_keys = bool({"EdDSA", "Ed25519"} & set(proof_type.signing_algs))
        if not takes_our_keys or _BINDINGS[configuration.format] not in configuration.binding_methods:
            raise UnsupportedError("this issuer does not take the kind of key that is used here")
