"""Interaction links and VC-API exchanges, as a wallet meets them: what a link leads to, collecting, being asked.

Where the other side speaks OpenID as well, that way is taken. Opening a link tells the other side that somebody reads
it, and no more; a key is made and a signature given only after somebody has said yes.

Spec: VCALM #interaction-url-format, #participate-in-an-exchange; VP-REQUEST #query-by-example
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from credkit.credential import V2_CONTEXT
from credkit.encoding import base64url_encode, sha256
from credkit.environment import Environment
from credkit.errors import CredkitError, ProtocolError, UnsupportedError, VocabularyUnknownError
from credkit.jsonld import Processor
from credkit.ports import JSONObject
from credkit.profiles import clr_2, family
from credkit.proofs import add_proof
from credkit.protocols import dcql, exchanges
from credkit.protocols.exchanges import ExampleQuery, ExchangeMessage, PresentationRequest
from credkit.protocols.oauth import JSON_CONTENT_TYPE
from credkit.protocols.oid4vci.messages import CredentialConfiguration
from credkit.protocols.oid4vp.messages import AuthorizationRequest, ClientId
from credkit.shape import as_list, format_date_time, types_of
from credkit.verification import is_envelope, token_of
from wallet.services import activity, wire
from wallet.services.checking import check_issued, for_many
from wallet.services.holder import NamedKey
from wallet.services.issuances import IssuedCredentials
from wallet.services.receiving import Receiving
from wallet.services.record import contributions, sd_jwt
from wallet.services.record.items import CONTRIBUTION, CREDENTIAL
from wallet.vault import OpenVault

EXCHANGE: Final = "vcapi"
"""Scheme of our own name for an exchange, and the prefix of who asks by one."""
SUITE: Final = "eddsa-rdfc-2022"
_SUITES: Final = (SUITE, "ecdsa-rdfc-2019")
_ANY_RECORD: Final = CredentialConfiguration(EXCHANGE, dcql.FORMAT, types=("VerifiableCredential",))
_ANY_TEXT: Final = replace(_ANY_RECORD, format=sd_jwt.JWT_FORM)
_MAX_RECORDS: Final = 200


@dataclass(frozen=True)
class Lead:
    """What a link leads to. ``link``: of an offer or request as OpenID has it, of an exchange its address."""

    kind: Literal["offer", "request", "exchange-offer", "exchange-request"]
    link: str

    @property
    def host(self) -> str:
        """The host of an exchange (with an unusual port)."""
        return urlsplit(self.link).netloc


@dataclass(frozen=True)
class Collected:
    """What an exchange brought, and where the other side would have the person go on, None if nowhere."""

    issued: IssuedCredentials
    redirect_url: str | None


@dataclass(frozen=True)
class Interactions:
    """The use cases over one environment."""

    environment: Environment
    receiving: Receiving

    def follow(self, link: str) -> Lead:
        """Ask where ``link`` leads, and an exchange what it is about.

        Raises:
            ProtocolError: ``invalid_request``, ``gone``. FetchError: no answer.
            UnsupportedError: nothing that is spoken here, or a link of an older kind.
        """
        read = exchanges.read_link(link)
        protocols = read.protocols
        if read.url is not None:
            protocols = exchanges.read_protocols(wire.get(self.environment.fetcher, read.url).body)
        if protocols is not None and protocols.oid4vci is not None:
            return Lead("offer", protocols.oid4vci)
        if protocols is not None and protocols.oid4vp is not None:
            return Lead("request", protocols.oid4vp)
        if protocols is None or protocols.vcapi is None:
            raise UnsupportedError("this link leads to nothing that is spoken here")
        asked = begin(protocols.vcapi, self.environment)
        return Lead("exchange-request" if asked.examples else "exchange-offer", protocols.vcapi)

    def collect(self, vault: OpenVault, url: str, *, for_review: bool = False) -> Collected:
        """Say yes to an exchange that gives records: a fresh key is proven, what comes is verified, then kept.

        Raises:
            StateError: who may not put records here at all.
            ProtocolError: the other side refuses, or asks for records all the same. FetchError: no answer.
            UnsupportedError, ProblemError: nothing of what came may be kept.
        """
        for_review = self.receiving.may_receive(vault, for_review=for_review)
        asked = begin(url, self.environment)
        if asked.examples:
            raise ProtocolError("invalid_request", "records are asked for where some were to be given")
        key = vault.new_holder_key("Ed25519")
        presentation = add_proof(
            {"@context": [V2_CONTEXT], "type": ["VerifiablePresentation"], "holder": key.did}, suite=SUITE, signer=key,
            processor=self.environment.jsonld, created=self.environment.clock.now(), purpose="authentication",
            challenge=asked.challenge, domain=asked.domain)
        answer = say(url, ExchangeMessage(presentation=presentation), self.environment)
        came = exchanges.credentials_of(answer)
        if answer.request is not None or not 0 < len(came) <= _MAX_RECORDS:
            raise ProtocolError("invalid_request", "no records came, or more was asked for")
        environment, memory = for_many(vault, self.environment)
        named = NamedKey(key, "did:key")
        stored: list[str] = []
        problem: CredkitError | None = None
        for credential in came:
            try:
                stored.append(self._keep(vault, url, credential, named, environment, for_review=for_review))
            except CredkitError as error:
                problem = problem or error
        if not stored and problem is not None:
            raise problem
        memory.keep()
        activity.log_received(vault, self.environment.clock, host=urlsplit(url).netloc, count=len(stored),
                              total=len(came))
        return Collected(IssuedCredentials(tuple(stored), len(came), problem, for_review=for_review),
                         answer.redirect_url)

    def _keep(self, vault: OpenVault, url: str, credential: Any, key: NamedKey, environment: Environment, *,
              for_review: bool) -> str:
        secured = token_of(credential) if is_envelope(credential) else credential
        asked_for = _ANY_RECORD if isinstance(secured, dict) else _ANY_TEXT
        record = check_issued(secured, asked_for, key, environment)
        if not family.GRANT_TYPES.isdisjoint(types_of(record.credential)):
            raise UnsupportedError("a permission is bound to a person, which an exchange cannot do here")
        now, parts = format_date_time(environment.clock.now()), urlsplit(url)
        body = {**record.to_body(), "received_at": now, "checked_at": now, "binding": key.binding,
                "received_from": f"{parts.scheme}://{parts.netloc}", "key_method": key.key.verification_method,
                "issuance_id": base64url_encode(sha256(url.encode("utf-8", "surrogatepass")))}
        if for_review:
            return vault.add(CONTRIBUTION, contributions.quarantine(vault, body, parts.netloc), keys=(key.key,))
        return vault.add(CREDENTIAL, body, keys=(key.key,))


def say(url: str, message: ExchangeMessage, environment: Environment) -> ExchangeMessage:
    """Post one message of an exchange and read the answer.

    Raises:
        ProtocolError: refused, or an answer that cannot be read. FetchError: no answer.
    """
    return exchanges.read_message(wire.post_text(environment.fetcher, url, json.dumps(exchanges.build_message(message)),
                                                 content_type=JSON_CONTENT_TYPE).body)


def begin(url: str, environment: Environment) -> PresentationRequest:
    """Begin an exchange: what the other side asks for, its domain filled in.

    Raises:
        ProtocolError: it asks for nothing, or in the name of somebody else.
        UnsupportedError: it takes no signature that is made here.
    """
    asked = say(url, ExchangeMessage(), environment).request
    if asked is None or asked.challenge is None:
        raise ProtocolError("invalid_request", "the exchange asks for no signature")
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if asked.domain not in (None, origin, parts.netloc, parts.hostname):
        raise ProtocolError("invalid_request", "the exchange asks in the name of somebody else")
    told = asked.authentication
    if told is not None and told.cryptosuites and not set(_SUITES) & set(told.cryptosuites):
        raise UnsupportedError("the other side takes no signature of a kind that is made here")
    if told is not None and told.methods and "key" not in told.methods:
        raise UnsupportedError("the other side takes no key of a kind that is used here")
    return replace(asked, domain=asked.domain or origin)


def request_of(url: str, environment: Environment) -> tuple[AuthorizationRequest, JSONObject]:
    """What an exchange asks for as a request for presentations, and the query as JSON.

    Raises:
        ProtocolError, UnsupportedError, FetchError: as ``begin``, or it asks for no record.
    """
    asked, parts = begin(url, environment), urlsplit(url)
    if not asked.examples:
        raise ProtocolError("invalid_request", "the exchange asks for no record")
    query: JSONObject = {"credentials": [_query(number, each, environment.jsonld)
                                         for number, each in enumerate(asked.examples)]}
    suites = [each.cryptosuites for each in asked.examples]
    return AuthorizationRequest(
        client_id=ClientId(str(asked.domain), EXCHANGE, url), did=None, origin=f"{parts.scheme}://{parts.netloc}",
        response_uri=url, nonce=str(asked.challenge), state=None, query=dcql.parse_query(query),
        purpose=next((each.reason for each in asked.examples if each.reason), None), vouched="nobody",
        cryptosuites=tuple(dict.fromkeys(name for names in suites for name in names)) if all(suites) else ()), query


def _query(number: int, asked: ExampleQuery, jsonld: Processor) -> JSONObject:
    """The credential query that an example comes to; nested types say nothing that the record's own does not."""
    example = asked.example
    query: JSONObject = {"id": f"example-{number}", "format": dcql.FORMAT, "meta": {}}
    if "type" in example:
        query["meta"] = {"type_values": [_types(example, jsonld)]}
    claims = list(_claims({name: value for name, value in example.items() if name != "@context"}, ()))
    if asked.issuers:
        claims.append({"path": ["issuer", "id"], "values": list(asked.issuers)})
    return query | ({"claims": claims} if claims else {})


def _types(example: JSONObject, jsonld: Processor) -> list[str]:
    """The example's types, expanded; in words that nobody here knows as they stand, and then no record is like it."""
    head = {"@context": example.get("@context", list(clr_2.CONTEXTS)), "type": example["type"]}
    try:
        return sorted(dcql.type_expander(jsonld)(head))
    except VocabularyUnknownError:
        return [str(name) for name in as_list(example["type"])]


def _claims(value: Any, path: Sequence[str | None]) -> Iterator[JSONObject]:
    if isinstance(value, dict) and value:
        for name, each in value.items():
            if name != "type":
                yield from _claims(each, (*path, name))
    elif isinstance(value, list) and value:
        for each in value:
            yield from _claims(each, (*path, None))
    elif isinstance(value, (str, int)) and value != "":
        yield {"path": list(path), "values": [value]}
    else:
        yield {"path": list(path)}
