"""Reading an offer: the offer itself, what its issuer says of itself, and whether the two belong together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from credkit.encoding import base64url_encode, parse_json_object, sha256
from credkit.environment import Environment
from credkit.errors import ProblemError, ProtocolError, UnsupportedError
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.protocols.oauth_client import Server, check_can_ask, parse_server
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    CredentialConfiguration,
    CredentialOffer,
    IssuerMetadata,
    OfferReference,
    TxCode,
)
from wallet.services import wire
from wallet.services.holder import is_attested, key_plan

DPOP_ALGORITHM: Final = "ES256"
"""What the key that an access token is bound to signs with."""

@dataclass(frozen=True)
class ResolvedOffer:
    """An offer that fits its issuer and that we can accept. Everything in it is the issuer's word, checked by nobody.

    Attributes:
        offer: What is offered.
        metadata: What the issuer says of itself.
        server: Where codes are spent.
        sealing: What the issuer demands of requests and answers.
        documents: The wire forms of the three messages, from which this can be made again.
    """

    offer: CredentialOffer
    metadata: IssuerMetadata
    server: Server
    sealing: v1_0.Sealing
    documents: Mapping[str, JSONObject]

    @property
    def host(self) -> str:
        """The issuer's host (with an unusual port): what a person can recognise and nobody can make up."""
        return urlsplit(self.offer.credential_issuer).netloc

    @property
    def fingerprint(self) -> str:
        """The same for the same offer, however often it is opened; tells nothing about it."""
        code = "" if self.offer.pre_authorized is None else self.offer.pre_authorized.pre_authorized_code
        parts = f"{self.offer.credential_issuer}\0{code or json.dumps(v1_0.build_offer(self.offer), sort_keys=True)}"
        return base64url_encode(sha256(parts.encode("utf-8", "surrogatepass")))

    @property
    def needs_login(self) -> bool:
        """Whether the issuer wants to see the holder on a page of its own first."""
        return self.offer.pre_authorized is None

    @property
    def tx_code(self) -> TxCode | None:
        """What the code looks like that was sent another way, None if none is asked."""
        return None if self.offer.pre_authorized is None else self.offer.pre_authorized.tx_code

    @property
    def is_bound(self) -> bool:
        """Whether the access token can be bound to a key of ours."""
        return DPOP_ALGORITHM in self.server.dpop_algorithms

    @property
    def is_elsewhere(self) -> bool:
        """Whether the authorization server is another than the issuer; then a bearer token could be carried off."""
        return urlsplit(self.server.issuer)[:2] != urlsplit(self.offer.credential_issuer)[:2]

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
        resolved = cls(offer, metadata, parse_server(documents["server"], expected_issuer=server),
                       v1_0.parse_sealing(documents["issuer"]), documents)
        _check(resolved)
        return resolved


def shown_name(display: tuple[object, ...], language: str) -> str | None:
    """The ``name`` of the entry in ``language``, else of the first that has one."""
    names = [(str(getattr(each, "locale", None) or ""), getattr(each, "name", None)) for each in display]
    named = [(locale, name) for locale, name in names if isinstance(name, str) and name]
    return next((name for locale, name in named if locale[:2].lower() == language), named[0][1] if named else None)


def resolve_offer(link: str, environment: Environment, *, is_vouched_for: bool = False) -> ResolvedOffer:
    """Read what ``link`` offers: the offer, its issuer's and its authorization server's metadata. Sends nothing secret.

    Args:
        link: ``openid-credential-offer://?…``, or a wallet page's address with the same parameters.
        is_vouched_for: Whether somebody vouches for this wallet and its keys.

    Raises:
        ProtocolError: ``invalid_credential_offer``, ``invalid_issuer_metadata``, ``invalid_server_metadata``; ``gone``
            if the offer is no longer there.
        UnsupportedError: it is of a kind we do not keep, wants what we do not speak, or keys that somebody vouches for
            where nobody does.
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
    server_document = _document(wire.get_first(
        environment.fetcher, v1_0.server_metadata_urls(server)).body, "invalid_server_metadata")
    resolved = ResolvedOffer.from_json(
        {"offer": v1_0.build_offer(offer), "issuer": issuer_document, "server": server_document})
    if not is_vouched_for and any(map(is_attested, resolved.configurations.values())):
        raise UnsupportedError("this issuer gives records only to wallets that somebody vouches for, and nobody "
                               "vouches for this one")
    return resolved


def _document(body: bytes, error: str) -> JSONObject:
    try:
        return parse_json_object(body)
    except ProblemError as problem:
        raise ProtocolError(error, problem.detail) from problem


def _check(resolved: ResolvedOffer) -> None:
    offer, metadata = resolved.offer, resolved.metadata
    if resolved.needs_login:
        check_can_ask(resolved.server)
    if resolved.is_elsewhere and not resolved.is_bound:
        # What an honest server gives must be of no use at another's credential endpoint (security.md E09).
        raise UnsupportedError("this issuer sends people to another server to be let in, which is not supported")
    for name in offer.credential_configuration_ids:
        configuration = metadata.credential_configurations.get(name)
        if configuration is None:
            raise ProtocolError("invalid_credential_offer", "the issuer offers a record that it does not describe")
        key_plan(configuration)
        if configuration.format == dcql.SD_JWT and configuration.vct is None:
            raise UnsupportedError("this issuer does not say of what type its records are")
