"""VC-API exchanges: links of the field, maps, messages, requests; and what is none of them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from credkit.errors import ProtocolError, UnsupportedError
from credkit.protocols import exchanges
from credkit.protocols.exchanges import Authentication, ExampleQuery, ExchangeMessage, PresentationRequest, Protocols

URL = "https://school.example/interactions/abc?iuv=1"
VCAPI = "https://school.example/workflows/claim/exchanges/abc"
MAP = {"credentialRequestOrigin": "https://school.example", "protocols": {"vcapi": VCAPI, "inviteRequest": "x"}}
REQUEST: dict[str, Any] = {
    "query": [
        {"type": "QueryByExample", "credentialQuery": {
            "reason": "To admit\nyou", "example": {"@context": ["https://www.w3.org/ns/credentials/v2"],
                                                   "type": ["VerifiableCredential", "OpenBadgeCredential"]},
            "acceptedIssuers": [{"id": "did:web:school.example"}, "did:web:other.example"],
            "acceptedCryptosuites": [{"cryptosuite": "eddsa-rdfc-2022"}, "ecdsa-rdfc-2019"], "more": 1}},
        {"type": "DIDAuthentication", "acceptedMethods": [{"method": "key"}],
         "acceptedCryptosuites": ["Ed25519Signature2020"]},
    ],
    "challenge": "c", "domain": "https://college.example", "interact": {"service": []},
}


def refused(read: Any, *arguments: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        read(*arguments)
    assert caught.value.error == "invalid_request"


@pytest.mark.spec("VCALM", "#interaction-url-format")
@pytest.mark.parametrize("link", [
    URL, f"interaction:{URL}", f"web+interaction:{URL}", f" INTERACTION:{quote(URL, '')}"])
def test_every_spelling_of_an_interaction_url_leads_to_it(link: str) -> None:
    assert exchanges.is_interaction(link)
    assert exchanges.read_link(link).url == URL


@pytest.mark.parametrize("start", ["https://lcw.app/mobile?", "https://lcw.app/request?", "dccrequest://request?",
                                   "org.dcconsortium://request?"])
def test_links_of_the_learner_credential_wallet_hold_the_map(start: str) -> None:
    link = f"{start}issuer=jff&request={quote(json.dumps(MAP))}"
    read = exchanges.read_link(link)
    assert (read.protocols, read.ignored) == (Protocols(vcapi=VCAPI), ("issuer",))


def test_the_older_kind_of_link_is_named_and_not_taken() -> None:
    with pytest.raises(UnsupportedError, match="issuer, vc_request_url, auth_type, challenge"):
        exchanges.read_link("dccrequest://request?issuer=jff&vc_request_url=https://x.example/&auth_type=bearer&"
                            "challenge=1")


def test_a_link_we_build_is_one_that_we_read() -> None:
    link = exchanges.lcw_link(Protocols(vcapi=VCAPI, oid4vci="openid-credential-offer://?x=1"), "https://school.example")
    assert exchanges.read_link(link).protocols == Protocols(VCAPI, "openid-credential-offer://?x=1")


@pytest.mark.parametrize("link", [
    "https://school.example/interactions/abc?iuv=2", "interaction:", "interaction:https://school.example/",
    "interaction:http://school.example/?iuv=1", "dccrequest://request", "dccrequest://request?request=[]",
    "dccrequest://request?request=%7B%22protocols%22%3A%7B%22vcapi%22%3A%22ftp%3A//x%22%7D%7D",
    "https://lcw.app/mobile?request=", "openid4vp://?x=1", "https://school.example/", "",
    "interaction:" + "x" * 40_000])
def test_what_is_no_such_link_is_refused(link: str) -> None:
    refused(exchanges.read_link, link)


@pytest.mark.parametrize("message", [
    {}, [], {"protocols": []}, {"protocols": {"vcapi": 1}}, {"protocols": {"vcapi": "http://x.example/"}},
    {"protocols": {"OID4VCI": {}}}, {"protocols": {"OID4VP": None}}, {"protocols": {"oid4vp-1.0": []}}])
def test_what_is_no_map_is_refused(message: Any) -> None:
    refused(exchanges.read_protocols, message)


def test_both_names_of_openid_s_protocols_are_read_and_written() -> None:
    assert exchanges.read_protocols({"protocols": {"oid4vci-1.0": "a", "OID4VP": "b"}}) == Protocols(None, "a", "b")
    built = exchanges.build_protocols(Protocols(oid4vp="b"))
    assert built == {"protocols": {"OID4VP": "b", "oid4vp-1.0": "b"}}


@pytest.mark.spec("VP-REQUEST", "#query-by-example")
def test_a_request_is_read_and_built() -> None:
    read = exchanges.read_message({"verifiablePresentationRequest": REQUEST, "referenceId": "r", "other": 1})
    example = REQUEST["query"][0]["credentialQuery"]["example"]
    asked = PresentationRequest("c", "https://college.example", Authentication(("key",), ("Ed25519Signature2020",)), (
        ExampleQuery(example, "To admit you", ("did:web:school.example", "did:web:other.example"),
                     ("eddsa-rdfc-2022", "ecdsa-rdfc-2019")),))
    assert read == ExchangeMessage(asked, reference_id="r")
    assert exchanges.read_message(exchanges.build_message(read)) == read


def test_a_message_may_give_records_or_an_address_or_nothing() -> None:
    assert exchanges.read_message(b"{}") == ExchangeMessage()
    given = exchanges.unsigned_presentation([{"id": "urn:x"}])
    read = exchanges.read_message({"verifiablePresentation": given, "redirectUrl": "https://school.example/#x"})
    assert exchanges.credentials_of(read) == ({"id": "urn:x"},) and read.redirect_url == "https://school.example/#x"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for name, each in entries if name not in ("more", "interact", "other")
                    for place in places(each, (*path, name))]


WHOLE: dict[str, Any] = {"verifiablePresentationRequest": REQUEST, "verifiablePresentation": {},
                         "redirectUrl": "https://school.example/", "referenceId": "r"}


@pytest.mark.parametrize("place", places(WHOLE), ids=lambda place: "/".join(map(str, place)))
@pytest.mark.parametrize("wrong", [None, 7, True])
def test_a_wrong_type_at_every_member_is_refused(place: tuple[Any, ...], wrong: Any) -> None:
    message = json.loads(json.dumps(WHOLE))
    holder = message
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = wrong
    refused(exchanges.read_message, message)


@pytest.mark.parametrize("query", [[], {}, [{"type": "ZcapQuery"}], [{"type": "QueryByExample"}],
                                   [{"type": "QueryByExample", "credentialQuery": {"example": {}}}]])
def test_what_asks_for_nothing_we_answer_is_refused(query: Any) -> None:
    refused(exchanges.read_message, {"verifiablePresentationRequest": {"query": query}})
