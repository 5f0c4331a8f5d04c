"""VC-API exchanges: interaction links, the messages of an exchange, and requests for presentations.

A link leads to a map of protocols; under ``vcapi`` it names the address of an exchange, to which both sides post
messages until one of them has nothing more to say. Members that nobody here knows are ignored everywhere.

Spec: VCALM #interaction-url-format, #participate-in-an-exchange, #verifiable-presentation-request;
VP-REQUEST #query-by-example, #did-authentication
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from credkit.credential import V2_CONTEXT
from credkit.dids import Resolver
from credkit.errors import MalformedValueError, ParsingError, ProtocolError, UnsupportedError
from credkit.jsonld import Processor
from credkit.ports import JSONObject
from credkit.proofs import proofs_of, suite_name_of
from credkit.protocols._presentation_proof import verify_presentation_proof
from credkit.protocols._reading import (
    Message,
    form_parameters,
    json_object,
    objects,
    optional_text,
    plain_text,
    reading,
    split_url,
    strings,
    text,
)
from credkit.protocols.key_proof import KeyProof
from credkit.protocols.links import MAX_LINK_CHARACTERS
from credkit.shape import as_list, id_of, optional_member, pointer

INTERACTION_SCHEMES: Final = ("interaction", "web+interaction")
AUTHENTICATION: Final = "DIDAuthentication"
EXAMPLE: Final = "QueryByExample"
MAX_QUERIES: Final = 50
_LCW_SCHEMES: Final = ("dccrequest", "org.dcconsortium")
_LCW_PAGES: Final = ("https://lcw.app/mobile", "https://lcw.app/request")
_LEGACY: Final = ("issuer", "vc_request_url", "auth_type", "challenge")
_OID4VCI: Final = ("OID4VCI", "oid4vci-1.0")
_OID4VP: Final = ("OID4VP", "oid4vp-1.0")
_MAX_REASON: Final = 300
_REFUSED: Final = "invalid_request"


@dataclass(frozen=True)
class Protocols:
    """By which protocols an interaction can go on; None where it cannot by that one.

    Attributes:
        vcapi: Address of the exchange.
        oid4vci, oid4vp: Links, as OpenID4VCI and OpenID4VP have them.
    """

    vcapi: str | None = None
    oid4vci: str | None = None
    oid4vp: str | None = None


@dataclass(frozen=True)
class InteractionLink:
    """What a link says: where the map of protocols lies, or the map itself; one of the two.

    Attributes:
        url: Where to ask for the map.
        ignored: Members of an older kind of link that stood beside it and were not taken.
    """

    url: str | None = None
    protocols: Protocols | None = None
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Authentication:
    """``DIDAuthentication``: the presentation must be signed by a DID; empty: the asker takes any."""

    methods: tuple[str, ...] = ()
    cryptosuites: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExampleQuery:
    """``QueryByExample``: a record like ``example``; empty: the asker takes any issuer, any cryptosuite.

    Attributes:
        reason: Why, in the asker's words, fit to be shown; None if not said.
    """

    example: JSONObject
    reason: str | None = None
    issuers: tuple[str, ...] = ()
    cryptosuites: tuple[str, ...] = ()


@dataclass(frozen=True)
class PresentationRequest:
    """A verifiable presentation request. ``authentication`` is None where no DID is asked for."""

    challenge: str | None = None
    domain: str | None = None
    authentication: Authentication | None = None
    examples: tuple[ExampleQuery, ...] = ()


@dataclass(frozen=True)
class ExchangeMessage:
    """One message of an exchange, either way; all None: the beginning, or nothing more to say."""

    request: PresentationRequest | None = None
    presentation: JSONObject | None = None
    redirect_url: str | None = None
    reference_id: str | None = None


def read_protocols(message: Message) -> Protocols:
    """The map that an interaction URL answers with: ``{"protocols": {NAME: address, …}}``.

    Raises:
        ProtocolError: ``invalid_request``: no map, or an address in it that is none.

    Spec: VCALM #interaction-url-format
    """
    with reading(_REFUSED):
        listed = optional_member(json_object(message), "protocols", dict)
        if listed is None:
            raise ParsingError("the member protocols is missing", pointer="/protocols")
        vcapi = optional_text(listed, "vcapi", at="/protocols")
        if vcapi is not None:
            split_url(vcapi)
        return Protocols(vcapi, _first(listed, _OID4VCI), _first(listed, _OID4VP))


def _first(listed: JSONObject, names: Sequence[str]) -> str | None:
    found = [optional_text(listed, name, at="/protocols") for name in names]
    return next((each for each in found if each is not None), None)


def build_protocols(protocols: Protocols) -> JSONObject:
    """The reverse of ``read_protocols``; OpenID's links stand under both names that are in use."""
    named = {"vcapi": protocols.vcapi, **dict.fromkeys(_OID4VCI, protocols.oid4vci),
             **dict.fromkeys(_OID4VP, protocols.oid4vp)}
    return {"protocols": {name: value for name, value in named.items() if value is not None}}


def is_interaction(link: str) -> bool:
    """Whether ``link`` is one of those that ``read_link`` reads, well made or not."""
    head, _, query = link.strip().partition("?")
    scheme = head.partition(":")[0].lower()
    if scheme in (*INTERACTION_SCHEMES, *_LCW_SCHEMES) or head in _LCW_PAGES:
        return True
    return scheme in ("https", "http") and any(name == "iuv" for name, _value in parse_qsl(query.partition("#")[0]))


def read_link(link: str) -> InteractionLink:
    """What an interaction link or a link of the Learner Credential Wallet says; nothing is fetched.

    Raises:
        ProtocolError: ``invalid_request``: malformed.
        UnsupportedError: it is of the wallet's older kind alone, which needs an account at the issuer.

    Spec: VCALM #interaction-url-format; https://github.com/openwallet-foundation-labs/learner-credential-wallet
    """
    link = link.strip()
    if len(link) > MAX_LINK_CHARACTERS or not is_interaction(link):
        raise ProtocolError(_REFUSED, "this is no interaction link")
    head, _, query = link.partition("?")
    scheme, _, rest = link.partition(":")
    with reading(_REFUSED):
        if scheme.lower() in INTERACTION_SCHEMES:
            return InteractionLink(_interaction_url(rest))
        if scheme.lower() not in _LCW_SCHEMES and head not in _LCW_PAGES:
            return InteractionLink(_interaction_url(link))
        parameters = form_parameters(query.partition("#")[0])
        ignored = tuple(name for name in _LEGACY if name in parameters)
        if "request" in parameters:
            return InteractionLink(protocols=read_protocols(parameters["request"]), ignored=ignored)
    if ignored:
        raise UnsupportedError(f"links with {', '.join(ignored)} are of an older kind, which is not taken here")
    raise ProtocolError(_REFUSED, "the link holds no request")


def _interaction_url(told: str) -> str:
    url = told if "://" in told else unquote(told)
    if dict(parse_qsl(urlsplit(url).query)).get("iuv") != "1":
        raise ParsingError("an interaction address has iuv=1")
    split_url(url)
    return url


def lcw_link(protocols: Protocols, origin: str) -> str:
    """A link that opens the Learner Credential Wallet on this interaction.

    By its scheme: its https address would tell the wallet's site what only the wallet is to know.
    """
    request = {"credentialRequestOrigin": origin, **build_protocols(protocols)}
    return f"{_LCW_SCHEMES[0]}://request?{urlencode({'request': json.dumps(request, separators=(',', ':'))})}"


def read_message(message: Message) -> ExchangeMessage:
    """One message of an exchange.

    Raises:
        ProtocolError: ``invalid_request``: a member of a wrong type, or more than one thing asked of the reader.

    Spec: VCALM #participate-in-an-exchange
    """
    with reading(_REFUSED):
        document = json_object(message)
        asked = optional_member(document, "verifiablePresentationRequest", dict)
        redirect = optional_text(document, "redirectUrl")
        if redirect is not None:
            split_url(redirect.partition("#")[0])
        return ExchangeMessage(
            None if asked is None else _read_request(asked, "/verifiablePresentationRequest"),
            optional_member(document, "verifiablePresentation", dict), redirect, optional_text(document, "referenceId"))


def build_message(message: ExchangeMessage) -> JSONObject:
    """The reverse of ``read_message``."""
    told = {
        "verifiablePresentationRequest": None if message.request is None else _build_request(message.request),
        "verifiablePresentation": message.presentation, "redirectUrl": message.redirect_url,
        "referenceId": message.reference_id,
    }
    return {name: value for name, value in told.items() if value is not None}


def credentials_of(message: ExchangeMessage) -> tuple[Any, ...]:
    """What is in the presentation of a message that gives records."""
    return () if message.presentation is None else tuple(as_list(message.presentation.get("verifiableCredential")))


def unsigned_presentation(credentials: Sequence[JSONObject]) -> JSONObject:
    """Records on their way to their holder, in one presentation that nobody signs."""
    return {"@context": [V2_CONTEXT], "type": ["VerifiablePresentation"], "verifiableCredential": list(credentials)}


def verify_authentication(presentation: JSONObject, *, domain: str, resolver: Resolver, processor: Processor,
                          cryptosuites: Collection[str]) -> KeyProof:
    """Verify who answers ``DIDAuthentication``: a did:key, for ``domain``.

    Whether its ``nonce``, the challenge, is live is still to be asked.

    Args:
        cryptosuites: What we said we take; a legacy suite by its type.

    Raises:
        ProtocolError: ``invalid_request``: it does not hold.

    Spec: VP-REQUEST #did-authentication
    """
    with reading(_REFUSED):
        if not all(suite_name_of(proof) in cryptosuites for proof in proofs_of(presentation)):
            raise ParsingError("the presentation is signed in a way that is not taken here")
        try:
            proof = verify_presentation_proof(presentation, audience=domain, resolver=resolver, processor=processor)
        except UnsupportedError as error:
            raise ProtocolError(_REFUSED, error.detail) from error
        if not proof.did.startswith("did:key:"):
            raise ParsingError("the presentation must be signed by a did:key")
        return proof


def is_signed_by(presentation: JSONObject, suite: str) -> bool:
    """Whether any proof of the presentation is of this suite."""
    return any(suite_name_of(proof) == suite for proof in proofs_of(presentation))


def _read_request(asked: JSONObject, at: str) -> PresentationRequest:
    listed = _one_or_more(asked, "query", at)
    authentication: Authentication | None = None
    examples: list[ExampleQuery] = []
    for number, query in enumerate(listed):
        place = f"{at}/query/{number}"
        kind = text(query, "type", at=place)
        if kind == AUTHENTICATION:
            methods = [text(each, "method", at=f"{place}/acceptedMethods")
                       for each in objects(query, "acceptedMethods", at=place)]
            authentication = Authentication(tuple(methods), _suites(query, place))
        elif kind == EXAMPLE:
            examples += _read_examples(query, place)
        else:
            raise ParsingError(f"queries of the type {plain_text(kind, 60)} are not answered here", pointer=place)
    return PresentationRequest(optional_text(asked, "challenge", at=at), optional_text(asked, "domain", at=at),
                               authentication, tuple(examples))


def _one_or_more(document: JSONObject, name: str, at: str) -> tuple[JSONObject, ...]:
    """The member ``name``, an object or an array of them; at least one."""
    bare = document.get(name)
    listed = (bare,) if isinstance(bare, dict) else objects(document, name, at=at)
    if not 0 < len(listed) <= MAX_QUERIES:
        raise MalformedValueError(f"the member {name} asks for nothing, or for too much", pointer=at + pointer(name))
    return listed


def _read_examples(query: JSONObject, at: str) -> list[ExampleQuery]:
    listed, place = _one_or_more(query, "credentialQuery", at), f"{at}/credentialQuery"
    return [ExampleQuery(_example(each, place), plain_text(optional_text(each, "reason", at=place), _MAX_REASON),
                         _issuers(each, place), _suites(each, place)) for each in listed]


def _example(query: JSONObject, at: str) -> JSONObject:
    example: JSONObject | None = optional_member(query, "example", dict, at=at)
    if not example:
        raise ParsingError("the member example is missing", pointer=f"{at}/example")
    for name in ("@context", "type"):
        named = as_list(example.get(name, name))
        if not named or not all(isinstance(each, str) for each in named):
            raise ParsingError(f"the member {name} of an example must be texts", pointer=f"{at}/example{pointer(name)}")
    return example


def _issuers(query: JSONObject, at: str) -> tuple[str, ...]:
    found = [id_of(each) for each in optional_member(query, "acceptedIssuers", list, at=at) or []]
    if not all(isinstance(each, str) and each for each in found):
        raise ParsingError("an accepted issuer has an id", pointer=f"{at}/acceptedIssuers")
    return tuple(str(each) for each in found)


def _suites(query: JSONObject, at: str) -> tuple[str, ...]:
    """Cryptosuites stand as texts or as ``{"cryptosuite": text}``."""
    raw = optional_member(query, "acceptedCryptosuites", list, at=at) or []
    named = [text(each, "cryptosuite", at=f"{at}/acceptedCryptosuites") if isinstance(each, dict) else each
             for each in raw]
    return strings({"acceptedCryptosuites": named}, "acceptedCryptosuites", at=at) if named else ()


def _build_request(request: PresentationRequest) -> JSONObject:
    query: list[JSONObject] = [{"type": EXAMPLE, "credentialQuery": [_build_example(each)]}
                               for each in request.examples]
    if request.authentication is not None:
        told = request.authentication
        query.append({"type": AUTHENTICATION,
                      **({"acceptedMethods": [{"method": each} for each in told.methods]} if told.methods else {}),
                      **_build_suites(told.cryptosuites)})
    asked: JSONObject = {"query": query}
    return asked | {name: value for name, value in (("challenge", request.challenge), ("domain", request.domain))
                    if value is not None}


def _build_example(query: ExampleQuery) -> JSONObject:
    told: JSONObject = {} if query.reason is None else {"reason": query.reason}
    told["example"] = query.example
    if query.issuers:
        told["acceptedIssuers"] = [{"id": each} for each in query.issuers]
    return told | _build_suites(query.cryptosuites)


def _build_suites(names: Sequence[str]) -> JSONObject:
    return {"acceptedCryptosuites": [{"cryptosuite": each} for each in names]} if names else {}
