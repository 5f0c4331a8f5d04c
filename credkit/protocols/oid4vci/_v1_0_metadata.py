"""OpenID4VCI 1.0: what issuers publish about themselves, and how to find it.

Spec: OID4VCI-1.0 #credential-issuer-metadata
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from credkit.errors import MalformedValueError, ParsingError
from credkit.ports import JSONObject
from credkit.protocols._claims_path import is_claims_path
from credkit.protocols._reading import (
    Message,
    json_object,
    objects,
    optional_text,
    origin_of,
    plain_text,
    reading,
    split_url,
    strings,
    text,
)
from credkit.protocols.oauth import appended_well_known_url, protocol_error, well_known_url
from credkit.protocols.oid4vci.messages import (
    ClaimDescription,
    CredentialConfiguration,
    CredentialOffer,
    Display,
    IssuerMetadata,
    KeyAttestationsRequired,
    ProofType,
)
from credkit.shape import member, optional_member, pointer

_ERROR = "invalid_issuer_metadata"
_MAX_CONFIGURATIONS = 500
_MAX_SHOWN = 300


def issuer_metadata_urls(credential_issuer: str) -> tuple[str, ...]:
    """Where the metadata of an issuer may lie, best first: path inserted (the specification's), appended, with a slash.

    Raises:
        ProtocolError: ``invalid_issuer_metadata``: the identifier is no https URL, or has a query or fragment.

    Spec: OID4VCI-1.0 #credential-issuer-wellknown
    """
    return _urls(credential_issuer, "openid-credential-issuer")


def server_metadata_urls(authorization_server: str) -> tuple[str, ...]:
    """Where the metadata of an authorization server may lie, best first (RFC8414 #section-3.1).

    Raises:
        ProtocolError: ``invalid_issuer_metadata``: the identifier is no https URL, or has a query or fragment.
    """
    return _urls(authorization_server, "oauth-authorization-server")


def _urls(identifier: str, name: str) -> tuple[str, ...]:
    with reading(_ERROR):
        inserted, appended = well_known_url(identifier, name), appended_well_known_url(identifier, name)
    with_slash = (inserted + "/",) if identifier.endswith("/") else ()
    return tuple(dict.fromkeys((inserted, appended, *with_slash)))


def build_issuer_metadata(metadata: IssuerMetadata, *, token_endpoint: str | None = None) -> JSONObject:
    """The issuer metadata document.

    Args:
        token_endpoint: If given, the members of the authorization server that Digital Bazaar's oid4-client reads in
            this document stand beside the issuer's own; other wallets ignore them.
    """
    document: JSONObject = {
        "credential_issuer": metadata.credential_issuer,
        "credential_endpoint": metadata.credential_endpoint,
        "nonce_endpoint": metadata.nonce_endpoint,
        "deferred_credential_endpoint": metadata.deferred_credential_endpoint,
        "notification_endpoint": metadata.notification_endpoint,
        "authorization_servers": list(metadata.authorization_servers),
        "batch_credential_issuance": {"batch_size": metadata.batch_size} if metadata.batch_size > 1 else None,
        "display": [_build_display(display) for display in metadata.display],
    }
    if token_endpoint is not None:
        document |= {"issuer": metadata.credential_issuer, "token_endpoint": token_endpoint,
                     "authorization_details_types_supported": ["openid_credential"]}
    configurations = {name: _build_configuration(value) for name, value in metadata.credential_configurations.items()}
    return _without_empty(document) | {"credential_configurations_supported": configurations}


def _build_configuration(configuration: CredentialConfiguration) -> JSONObject:
    definition = _without_empty({"@context": list(configuration.contexts), "type": list(configuration.types)})
    document = {
        "format": configuration.format,
        "scope": configuration.scope,
        "credential_definition": definition,
        "vct": configuration.vct,
        "doctype": configuration.doctype,
        "credential_signing_alg_values_supported": list(configuration.signing_algs),
        "cryptographic_binding_methods_supported": list(configuration.binding_methods),
        "proof_types_supported": {name: _build_proof_type(each) for name, each in configuration.proof_types.items()},
        "credential_metadata": _without_empty({
            "display": [_build_display(display) for display in configuration.display],
            "claims": [_build_claim(claim) for claim in configuration.claims],
        }),
    }
    return _without_empty(document)


def _build_proof_type(proof_type: ProofType) -> JSONObject:
    document: JSONObject = {"proof_signing_alg_values_supported": list(proof_type.signing_algs)}
    if proof_type.key_attestations_required is not None:
        document["key_attestations_required"] = _without_empty({
            "key_storage": list(proof_type.key_attestations_required.key_storage),
            "user_authentication": list(proof_type.key_attestations_required.user_authentication)})
    return document


def _build_claim(claim: ClaimDescription) -> JSONObject:
    shown = [_build_display(display) for display in claim.display]
    return _without_empty({"path": list(claim.path), "mandatory": True if claim.mandatory else None, "display": shown})


def _build_display(display: Display) -> JSONObject:
    logo = _without_empty({"uri": display.logo_uri, "alt_text": display.logo_alt_text})
    return _without_empty({"name": display.name, "locale": display.locale, "description": display.description,
                           "logo": logo, "background_color": display.background_color,
                           "text_color": display.text_color})


def _without_empty(document: JSONObject) -> JSONObject:
    return {name: value for name, value in document.items() if value not in (None, [], {}, "")}


def parse_issuer_metadata(message: Message) -> IssuerMetadata:
    """Read an issuer metadata document. It is not believed before ``check_issuer_metadata``.

    Raises:
        ProtocolError: ``invalid_issuer_metadata``.
    """
    with reading(_ERROR):
        document = json_object(message)
        batch = optional_member(document, "batch_credential_issuance", dict)
        size = 1 if batch is None else member(batch, "batch_size", int, at="/batch_credential_issuance")
        configurations = member(document, "credential_configurations_supported", dict)
        if size < 1 or len(configurations) > _MAX_CONFIGURATIONS:
            raise ParsingError("the issuer's document holds impossible numbers")
        return IssuerMetadata(
            credential_issuer=text(document, "credential_issuer"),
            credential_endpoint=text(document, "credential_endpoint"),
            credential_configurations={name: _parse_configuration(name, value)
                                       for name, value in configurations.items()},
            nonce_endpoint=optional_text(document, "nonce_endpoint"),
            deferred_credential_endpoint=optional_text(document, "deferred_credential_endpoint"),
            notification_endpoint=optional_text(document, "notification_endpoint"),
            authorization_servers=strings(document, "authorization_servers"),
            batch_size=size,
            display=_parse_displays(document, ""),
        )


def _parse_configuration(name: str, document: Any) -> CredentialConfiguration:
    at = pointer("credential_configurations_supported", name)
    definition = optional_member(document, "credential_definition", dict, at=at) or {}
    contexts = optional_member(definition, "@context", list, at=at) or []
    algs = optional_member(document, "credential_signing_alg_values_supported", list, at=at) or []
    shown = optional_member(document, "credential_metadata", dict, at=at) or {}
    if not all(isinstance(context, (str, dict)) for context in contexts):
        raise MalformedValueError("a context is neither an address nor an object", pointer=at)
    if not all(isinstance(alg, (str, int)) and not isinstance(alg, bool) for alg in algs):
        raise MalformedValueError("an algorithm has no name", pointer=at)
    return CredentialConfiguration(
        id=name,
        format=text(document, "format", at=at),
        scope=optional_text(document, "scope", at=at),
        types=strings(definition, "type", at=at),
        contexts=tuple(contexts),
        vct=optional_text(document, "vct", at=at),
        doctype=optional_text(document, "doctype", at=at),
        signing_algs=tuple(algs),
        binding_methods=strings(document, "cryptographic_binding_methods_supported", at=at),
        proof_types=_parse_proof_types(document, at),
        display=_parse_displays(shown, at),
        claims=tuple(_parse_claim(claim, at) for claim in objects(shown, "claims", at=at)),
    )


def _parse_proof_types(document: JSONObject, at: str) -> dict[str, ProofType]:
    proof_types = optional_member(document, "proof_types_supported", dict, at=at) or {}
    return {
        name: ProofType(strings(value, "proof_signing_alg_values_supported", at=at, required=True),
                        _parse_attestation(optional_member(value, "key_attestations_required", dict, at=at), at))
        for name, value in proof_types.items()
    }


def _parse_attestation(demand: JSONObject | None, at: str) -> KeyAttestationsRequired | None:
    if demand is None:
        return None
    return KeyAttestationsRequired(strings(demand, "key_storage", at=at), strings(demand, "user_authentication", at=at))


def _parse_claim(claim: JSONObject, at: str) -> ClaimDescription:
    path = member(claim, "path", list, at=at)
    if not is_claims_path(path):
        raise MalformedValueError("the path of a claim is malformed", pointer=at)
    mandatory = optional_member(claim, "mandatory", bool, at=at) or False
    return ClaimDescription(tuple(path), mandatory, _parse_displays(claim, at))


def _parse_displays(document: JSONObject, at: str) -> tuple[Display, ...]:
    return tuple(_parse_display(display, at) for display in objects(document, "display", at=at))


def _parse_display(display: JSONObject, at: str) -> Display:
    logo = optional_member(display, "logo", dict, at=at) or {}
    shown = {name: plain_text(optional_text(display, name, at=at), _MAX_SHOWN)
             for name in ("name", "locale", "description", "background_color", "text_color")}
    alt_text = plain_text(optional_text(logo, "alt_text", at=at), _MAX_SHOWN)
    return Display(logo_uri=optional_text(logo, "uri", at=at), logo_alt_text=alt_text, **shown)


def check_issuer_metadata(metadata: IssuerMetadata, expected_issuer: str, *,
                          other_origins: Collection[str] = ()) -> None:
    """Check that the document is the asked issuer's and that its endpoints are too.

    Args:
        expected_issuer: ``credential_issuer`` of the offer, compared code point for code point.
        other_origins: Further origins at which this issuer may have endpoints (from a registry).

    Raises:
        ProtocolError: ``invalid_issuer_metadata``: another issuer, or an endpoint at somebody else's address.

    Spec: OID4VCI-1.0 #credential-issuer-parameters; security.md E09
    """
    if metadata.credential_issuer != expected_issuer:
        raise protocol_error(_ERROR, "the issuer's document is not about the issuer that was asked")
    endpoints = (metadata.credential_endpoint, metadata.nonce_endpoint, metadata.deferred_credential_endpoint,
                 metadata.notification_endpoint)
    with reading(_ERROR):
        allowed = {origin_of(expected_issuer), *other_origins}
        for endpoint in endpoints:
            if endpoint is not None and origin_of(endpoint) not in allowed:
                raise ParsingError("the issuer's document points to somebody else's address")
        for server in metadata.authorization_servers:
            split_url(server)


def authorization_server_of(metadata: IssuerMetadata, offer: CredentialOffer) -> str:
    """The authorization server to ask: the one the offer names, else the first listed, else the issuer itself.

    Raises:
        ProtocolError: ``invalid_credential_offer``: the offer names a server that the issuer does not list.

    Spec: OID4VCI-1.0 #credential-offer-parameters
    """
    grants = [grant for grant in (offer.pre_authorized, offer.authorization_code) if grant is not None]
    named = next((grant.authorization_server for grant in grants if grant.authorization_server), None)
    if named is not None and named not in metadata.authorization_servers:
        raise protocol_error("invalid_credential_offer", "the offer names a server that the issuer does not know")
    return named or (*metadata.authorization_servers, metadata.credential_issuer)[0]
