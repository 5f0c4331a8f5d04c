"""Our wallet against an issuer and a verifier built on @openid4vc 0.4.6, jose, @sd-jwt and Digital Bazaar's libraries,
over real HTTP: every grant, format, prefix and response mode they speak, and what goes wrong with each."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bench.node_peer import NodePeer
from credkit.environment import SystemClock
from credkit.errors import CredkitError, IssuerBindingError, ProblemError, ProtocolError, UnsupportedError
from credkit.x509 import Anchors, read_own_certificate
from tests.support.certificates import Issued, authority, leaf
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import Services, build_services
from wallet.config import Config, GuessCost
from wallet.services.issuances import IssuedCredentials
from wallet.services.receiving import Receiving
from wallet.services.record import library
from wallet.services.wire import Attester
from wallet.vault import OpenVault

FORMATS = ("card-sd", "card-jwt", "card-ldp")
VCT = "https://credentials.example/library_card"
QUERIES: dict[str, dict[str, Any]] = {
    "card-sd": {"id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]},
                "claims": [{"path": ["library"]}]},
    "card-jwt": {"id": "card", "format": "jwt_vc_json", "meta": {"type_values": [["LibraryCard"]]},
                 "claims": [{"path": ["credentialSubject", "library"]}]},
    "card-ldp": {"id": "card", "format": "ldp_vc", "meta": {"type_values": [
        ["https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"]]},
        "claims": [{"path": ["credentialSubject", "achievement", "name"]}]},
}


@dataclass
class ShiftedClock:
    """The machine's clock, set on by so many seconds."""

    seconds: int = 0

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self.seconds)


@pytest.fixture(scope="module")
def peer() -> Iterator[NodePeer]:
    with NodePeer(None, "openid4vc_server.mjs") as running:
        yield running


@pytest.fixture(scope="module")
def root() -> Issued:
    return authority(SystemClock().now())


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, root: Issued) -> Services:
    folder = tmp_path_factory.mktemp("wallet")
    (folder / "anchors.pem").write_bytes(root.pem)
    config = Config(folder / "data", f"sqlite:///{folder / 'data' / 'w.sqlite3'}", origin="http://localhost:8103",
                    loopback_http=True, anchors_file=str(folder / "anchors.pem"), guess_cost=GuessCost(19 * 1024, 2, 1))
    return build_services(config)


@pytest.fixture(scope="module")
def opened(services: Services) -> OpenVault:
    return services.vault.create(PASSPHRASE).vault


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def visit(url: str) -> dict[str, str]:
    """What a browser is sent back with by the issuer's page."""
    try:
        urllib.request.build_opener(NoRedirect).open(url, timeout=10)
    except urllib.error.HTTPError as answer:
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    raise AssertionError("the page did not send the browser back")


def receive(receiving: Receiving, vault: OpenVault, offer: str, tx_code: str | None = None) -> IssuedCredentials:
    resolved = receiving.resolve_offer(offer)
    if not resolved.needs_login:
        return receiving.accept_offer(vault, resolved, tx_code=tx_code)
    url = receiving.begin_login(vault, resolved, redirect_uri="http://localhost:8103/offer/return")
    return receiving.finish_login(vault, visit(url))


def kept(vault: OpenVault) -> int:
    return len(vault.entries("credential"))


# Receiving


@pytest.mark.spec("OID4VCI-1.0", "#token-endpoint")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("way", [
    {}, {"txCode": "4711"}, {"dpop": True, "dpopNonce": True}, {"grant": "code"},
    {"grant": "code", "dpop": True, "dpopNonce": True, "metadataAt": "appended"}, {"seal": True}],
    ids=["code", "tx_code", "dpop", "login", "login with dpop", "sealed"])
def test_every_format_comes_by_every_grant(
        peer: NodePeer, services: Services, opened: OpenVault, kind: str, way: dict[str, Any]) -> None:
    made = peer.ask("offer", kind=kind, **way)

    issued = receive(services.receiving, opened, made["offer"], way.get("txCode"))

    assert issued.problem is None and len(issued.stored) == 1
    assert peer.ask("state", id=made["id"])["notified"] == ["credential_accepted"]
    shown = library.show(opened, issued.stored[0])
    assert shown.form == {"card-sd": "dc+sd-jwt", "card-jwt": "jwt_vc_json", "card-ldp": None}[kind]
    said = {value.kind: value.shown for value in shown.claims}
    assert "Moab" in said.values() or kind == "card-ldp"
    assert shown.view.title == {"card-sd": "library card", "card-jwt": "Library Card", "card-ldp": "Reader"}[kind]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(("algs", "key"), [(["EdDSA"], "z6Mk"), (["ES256"], "zDn")])
@pytest.mark.parametrize("binding", ["did:key", "did:jwk"])
def test_the_key_is_of_the_kind_and_name_that_the_issuer_takes(
        peer: NodePeer, services: Services, opened: OpenVault, kind: str, algs: list[str], key: str,
        binding: str) -> None:
    issued = receive(services.receiving, opened,
                     peer.ask("offer", kind=kind, algs=algs, bindings=[binding])["offer"])

    body = opened.read(issued.stored[0], "credential").body
    assert body["key_method"].startswith("did:key:" + key) and body["binding"] == binding


@pytest.fixture(scope="module")
def vouched(services: Services, root: Issued) -> Receiving:
    """The same wallet, for which somebody vouches under that root."""
    provider = leaf(SystemClock().now(), root, ["wallets.example"])
    return replace(services.receiving, attester=Attester(
        read_own_certificate(provider.pem, provider.key_pem), services.config.origin))


@pytest.mark.spec("OID4VCI-1.0", "#keyattestation")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("grant", ["pre", "code"])
def test_a_key_is_vouched_for_where_the_issuer_wants_that(
        peer: NodePeer, opened: OpenVault, vouched: Receiving, root: Issued, kind: str, grant: str) -> None:
    made = peer.ask("offer", kind=kind, grant=grant, demand={}, attester=root.pem.decode())

    assert len(receive(vouched, opened, made["offer"]).stored) == 1
    assert peer.ask("state", id=made["id"])["notified"] == ["credential_accepted"]


def test_no_key_is_vouched_for_by_nobody_by_a_stranger_or_as_kept_in_hardware(
        peer: NodePeer, services: Services, opened: OpenVault, vouched: Receiving, root: Issued) -> None:
    with pytest.raises(UnsupportedError, match="vouches"):
        services.receiving.resolve_offer(peer.ask("offer", kind="card-sd", demand={})["offer"])
    with pytest.raises(UnsupportedError, match="vouches"):
        services.inbox.receive_offer(opened, peer.ask("offer", kind="card-sd", demand={})["offer"])
    for demand in ({"key_storage": ["iso_18045_high"]}, {"user_authentication": ["iso_18045_basic"]}):
        with pytest.raises(UnsupportedError, match="kept"):
            vouched.resolve_offer(peer.ask("offer", kind="card-sd", demand=demand)["offer"])
    before, stranger = kept(opened), authority(SystemClock().now()).pem.decode()
    with pytest.raises(ProtocolError) as caught:
        receive(vouched, opened, peer.ask("offer", kind="card-sd", demand={}, attester=stranger)["offer"])
    assert caught.value.error == "invalid_proof" and kept(opened) == before


@pytest.mark.spec("OID4VCI-1.0", "#credential-error-response")
def test_a_stale_nonce_is_replaced_once(peer: NodePeer, services: Services, opened: OpenVault) -> None:
    assert receive(services.receiving, opened, peer.ask("offer", kind="card-jwt", twist="stale")["offer"]).stored


def test_several_copies_of_one_record_are_kept_once(peer: NodePeer, services: Services, opened: OpenVault) -> None:
    before = kept(opened)

    issued = receive(services.receiving, opened, peer.ask("offer", kind="card-sd", copies=3)["offer"])

    assert len(issued.stored) == 1 and kept(opened) == before + 1


@pytest.mark.spec("OID4VCI-1.0", "#deferred-credential-endpoint")
@pytest.mark.parametrize("way", [{}, {"seal": True, "dpop": True}], ids=["plain", "sealed"])
def test_a_record_that_is_not_made_yet_is_asked_for_again_when_the_issuer_says(
        peer: NodePeer, services: Services, opened: OpenVault, way: dict[str, Any]) -> None:
    clock = ShiftedClock()
    receiving = Receiving(replace(services.receiving.environment, clock=clock))
    made = peer.ask("offer", kind="card-sd", deferred=True, **way)
    resolved = receiving.resolve_offer(made["offer"])
    first = receiving.accept_offer(opened, resolved)
    assert (first.stored, first.issuance_id is not None, first.again_at is not None) == ((), True, True)

    early = receiving.accept_offer(opened, resolved)
    assert early.again_at == first.again_at

    for _ in range(2):
        clock.seconds += 31
        last = receiving.collect_rest(opened, str(first.issuance_id))
    assert len(last.stored) == 1 and last.issuance_id is None
    assert peer.ask("state", id=made["id"])["notified"] == ["credential_accepted"]


@pytest.mark.spec("security.md", "E10")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("twist", ["signature", "claim", "holder", "kind", "expired"])
def test_a_record_that_is_not_what_it_should_be_is_not_kept(
        peer: NodePeer, services: Services, opened: OpenVault, kind: str, twist: str) -> None:
    before = kept(opened)
    made = peer.ask("offer", kind=kind, twist=twist)

    with pytest.raises((ProblemError, UnsupportedError)) as caught:
        receive(services.receiving, opened, made["offer"])

    assert kept(opened) == before
    assert peer.ask("state", id=made["id"])["notified"] == ["credential_failure"]
    assert twist != "holder" or isinstance(caught.value, IssuerBindingError)


@pytest.mark.parametrize("twist", ["unsealed", "sealed for another"])
def test_an_answer_that_is_not_sealed_for_us_is_not_taken(
        peer: NodePeer, services: Services, opened: OpenVault, twist: str) -> None:
    with pytest.raises(ProtocolError):
        receive(services.receiving, opened, peer.ask("offer", kind="card-sd", seal=True, twist=twist)["offer"])


@pytest.mark.spec("security.md", "E09")
@pytest.mark.parametrize(("twist", "error"), [
    ("iss", "invalid_response"), ("no iss", "invalid_response"), ("denied", "access_denied")])
def test_an_answer_from_somebody_else_or_a_no_ends_the_login(
        peer: NodePeer, services: Services, opened: OpenVault, twist: str, error: str) -> None:
    made = peer.ask("offer", kind="card-sd", grant="code", twist=twist)

    with pytest.raises(ProtocolError) as caught:
        receive(services.receiving, opened, made["offer"])

    assert caught.value.error == error


def test_an_answer_to_a_login_counts_once_and_only_with_its_state(
        peer: NodePeer, services: Services, opened: OpenVault) -> None:
    receiving = services.receiving
    resolved = receiving.resolve_offer(peer.ask("offer", kind="card-sd", grant="code", dpop=True)["offer"])
    answer = visit(receiving.begin_login(opened, resolved, redirect_uri="http://localhost:8103/offer/return"))

    for wrong in ({**answer, "state": "other"}, {name: value for name, value in answer.items() if name != "state"}):
        with pytest.raises(CredkitError):
            receiving.finish_login(opened, wrong)
    assert receiving.finish_login(opened, answer).stored
    with pytest.raises(CredkitError):
        receiving.finish_login(opened, answer)


def test_a_code_is_refused_with_another_verifier(
        peer: NodePeer, services: Services, opened: OpenVault) -> None:
    receiving = services.receiving
    resolved = receiving.resolve_offer(peer.ask("offer", kind="card-sd", grant="code")["offer"])
    answer = visit(receiving.begin_login(opened, resolved, redirect_uri="http://localhost:8103/offer/return"))
    (item,) = [item for item in receiving._logins(opened) if item.body["asked"]["state"] == answer["state"]]
    opened.replace(item, {**item.body, "asked": {**item.body["asked"], "verifier": "a" * 43}})

    with pytest.raises(ProtocolError) as caught:
        receiving.finish_login(opened, answer)

    assert caught.value.error == "invalid_grant"


@pytest.mark.parametrize("tx_code", ["4712", None])
def test_a_wrong_code_gives_nothing(
        peer: NodePeer, services: Services, opened: OpenVault, tx_code: str | None) -> None:
    with pytest.raises(ProtocolError):
        receive(services.receiving, opened, peer.ask("offer", kind="card-sd", txCode="4711")["offer"], tx_code)


def test_an_issuer_that_names_what_it_did_not_offer_is_refused(
        peer: NodePeer, services: Services, opened: OpenVault) -> None:
    with pytest.raises(ProtocolError) as caught:
        receive(services.receiving, opened, peer.ask("offer", kind="card-sd", twist="details")["offer"])
    assert caught.value.error == "invalid_token_response"


# Presenting


@pytest.fixture(scope="module")
def held(peer: NodePeer, services: Services, tmp_path_factory: pytest.TempPathFactory) -> tuple[Services, OpenVault]:
    """A backpack with one record of each format."""
    folder = tmp_path_factory.mktemp("holder")
    config = replace(services.config, data=folder / "data", database_url=f"sqlite:///{folder / 'data' / 'w.sqlite3'}")
    services = build_services(config)
    vault = services.vault.create(PASSPHRASE).vault
    for kind in FORMATS:
        receive(services.receiving, vault, peer.ask("offer", kind=kind)["offer"])
    return services, vault


@pytest.fixture(scope="module")
def certified(root: Issued) -> dict[str, str]:
    issued = leaf(SystemClock().now(), root, ["localhost"])
    return {"certificate": issued.x5c, "key": issued.key_pem.decode()}


def answer(held: tuple[Services, OpenVault], request: str) -> Any:
    services, vault = held
    presenting = services.presenting
    resolved = presenting.resolve_request(request)
    matching = presenting.match(vault, resolved)
    choice = matching.only_choice() or {
        each.query.id: (each.candidates[0].card.item_id,) for each in matching.asked if each.required}
    sheet = presenting.sheet(vault, resolved, choice)
    return presenting.share(vault, resolved, presenting.agree(vault, resolved, sheet, seen_digest=sheet.digest))


def question(kind: str, **more: Any) -> dict[str, Any]:
    return {"credentials": [QUERIES[kind] | more]}


@pytest.mark.spec("OID4VP-1.0", "#client_identifier_prefixes")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
@pytest.mark.parametrize(("prefix", "way"), [
    ("redirect_uri", {}), ("decentralized_identifier", {}), ("decentralized_identifier", {"by": "value"}),
    ("x509_san_dns", {"method": "post"}), ("x509_hash", {"method": "get"})])
def test_every_format_is_shown_to_every_kind_of_verifier(
        peer: NodePeer, held: tuple[Services, OpenVault], certified: dict[str, str], kind: str, mode: str, prefix: str,
        way: dict[str, str]) -> None:
    more = certified if prefix.startswith("x509") else {}
    asked = peer.ask("ask", prefix=prefix, mode=mode, query=question(kind), **way, **more)

    shared = answer(held, asked["request"])

    (result,) = peer.ask("state", id=asked["id"])["results"]
    (shown,) = result["shown"]["card"]
    assert shown["bound"] and result["sealed"] == (mode == "direct_post.jwt") and result["state"]
    claims = shown["claims"]
    assert claims.get("library") == "Moab" or claims["achievement"]["name"] == "Reader"
    assert kind != "card-sd" or "family_name" not in claims and "address" not in claims
    assert shared.redirect_uri.startswith("http://localhost:")


@pytest.mark.spec("OID4VP-1.0", "#response_encryption")
@pytest.mark.parametrize(("encs", "enc"), [(None, "A128GCM"), (["A256GCM"], "A256GCM")])
def test_an_answer_is_sealed_as_the_verifier_wants(
        peer: NodePeer, held: tuple[Services, OpenVault], encs: list[str] | None, enc: str) -> None:
    more = {} if encs is None else {"encs": encs}
    asked = peer.ask("ask", prefix="redirect_uri", mode="direct_post.jwt", query=question("card-sd"), **more)

    answer(held, asked["request"])

    (result,) = peer.ask("state", id=asked["id"])["results"]
    assert (result["enc"]["alg"], result["enc"]["enc"]) == ("ECDH-ES", enc) and result["enc"]["kid"]


@pytest.mark.spec("OID4VP-1.0", "#nkb-credentials")
@pytest.mark.parametrize("kind", FORMATS)
def test_who_needs_no_proof_of_the_holder_gets_none(
        peer: NodePeer, held: tuple[Services, OpenVault], kind: str) -> None:
    asked = peer.ask("ask", prefix="redirect_uri", query=question(kind, require_cryptographic_holder_binding=False))

    answer(held, asked["request"])

    (result,) = peer.ask("state", id=asked["id"])["results"]
    assert result["shown"]["card"][0]["bound"] is False


@pytest.mark.spec("OID4VP-1.0", "#selecting_claims")
def test_without_claims_nothing_that_can_be_kept_back_leaves(
        peer: NodePeer, held: tuple[Services, OpenVault]) -> None:
    query = {name: value for name, value in QUERIES["card-sd"].items() if name != "claims"}
    asked = peer.ask("ask", prefix="redirect_uri", query={"credentials": [query]})

    answer(held, asked["request"])

    (result,) = peer.ask("state", id=asked["id"])["results"]
    assert set(result["shown"]["card"][0]["claims"]) == {"iss", "iat", "vct", "cnf", "shelf_marks"}
    assert result["shown"]["card"][0]["claims"]["shelf_marks"] == []


@pytest.mark.spec("OID4VP-1.0", "#dcql_query_lang_processing_rules")
def test_the_first_set_that_can_be_met_is_answered(peer: NodePeer, held: tuple[Services, OpenVault]) -> None:
    claims = [{"id": "a", "path": ["nowhere"]}, {"id": "b", "path": ["address", "city"]},
              {"id": "c", "path": ["library"]}]
    wanted = QUERIES["card-sd"] | {"claims": claims, "claim_sets": [["a", "b"], ["b"], ["c"]]}
    other = {"id": "other", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://nowhere.example"]}}
    asked = peer.ask("ask", prefix="redirect_uri", query={
        "credentials": [other, wanted], "credential_sets": [{"options": [["other"], ["card"]]}]})

    answer(held, asked["request"])

    (result,) = peer.ask("state", id=asked["id"])["results"]
    assert list(result["shown"]) == ["card"]
    assert result["shown"]["card"][0]["claims"]["address"]["city"] == "Moab"
    assert "library" not in result["shown"]["card"][0]["claims"]


@pytest.mark.parametrize("change", [
    {"claims": [{"path": ["library"], "values": ["Salt Lake City"]}]}, {"claims": [{"path": ["nowhere"]}]},
    {"meta": {"vct_values": ["https://nowhere.example"]}}, {"format": "mso_mdoc", "meta": {"doctype_value": "x"}},
    {"trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}]}])
def test_what_cannot_be_met_gives_nothing_and_says_not_why(
        peer: NodePeer, held: tuple[Services, OpenVault], change: dict[str, Any]) -> None:
    """security.md E11: only a person's no leaves, the same as for a question that could be answered."""
    services, vault = held
    bodies = []
    for query in (question("card-sd", **change), question("card-sd")):
        asked = peer.ask("ask", prefix="redirect_uri", query=query)
        resolved = services.presenting.resolve_request(asked["request"])
        possible = services.presenting.match(vault, resolved).possible
        assert possible == (query == question("card-sd")) and peer.ask("state", id=asked["id"])["results"] == []
        services.presenting.refuse(vault, resolved)
        (result,) = peer.ask("state", id=asked["id"])["results"]
        bodies.append(result["error"])
    assert bodies == ["access_denied", "access_denied"]


@pytest.mark.spec("security.md", "E08")
@pytest.mark.parametrize(("prefix", "twist", "method"), [
    ("decentralized_identifier", "signature", None), ("decentralized_identifier", "audience", None),
    ("decentralized_identifier", "client", None), ("decentralized_identifier", "wallet nonce", "post"),
    ("decentralized_identifier", "transaction", None), ("redirect_uri", "transaction", None),
    ("x509_san_dns", "client", None), ("x509_hash", "client", None), ("x509_hash", "audience", None)])
def test_a_request_with_something_wrong_in_it_is_refused(
        peer: NodePeer, held: tuple[Services, OpenVault], certified: dict[str, str], prefix: str, twist: str,
        method: str | None) -> None:
    more: dict[str, Any] = dict(certified) if prefix.startswith("x509") else {}
    asked = peer.ask("ask", prefix=prefix, query=question("card-sd"), twist=twist,
                     **({} if method is None else {"method": method}), **more)

    with pytest.raises(ProtocolError):
        held[0].presenting.resolve_request(asked["request"])

    assert peer.ask("state", id=asked["id"])["results"] == []


def test_a_certificate_for_another_host_or_from_a_stranger_is_refused(
        peer: NodePeer, held: tuple[Services, OpenVault], root: Issued) -> None:
    now = SystemClock().now()
    for issued in (leaf(now, root, ["other.example"]), leaf(now, authority(now), ["localhost"])):
        asked = peer.ask("ask", prefix="x509_san_dns", query=question("card-sd"), certificate=issued.x5c,
                         key=issued.key_pem.decode())
        with pytest.raises(ProtocolError):
            held[0].presenting.resolve_request(asked["request"])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("twist", ["other nonce", "other audience"])
def test_what_was_made_for_one_request_is_refused_for_another(
        peer: NodePeer, held: tuple[Services, OpenVault], kind: str, twist: str) -> None:
    """The verifier looks for another nonce, or for its name without the prefix: both are in what we signed."""
    asked = peer.ask("ask", prefix="redirect_uri", query=question(kind), twist=twist)

    with pytest.raises(ProtocolError):
        answer(held, asked["request"])


def test_the_anchors_of_a_setting_stand_beside_those_of_the_web(services: Services, root: Issued) -> None:
    anchors = services.presenting.environment.anchors
    assert isinstance(anchors, Anchors) and len(anchors.certificates) > 1
    assert Path(str(services.config.anchors_file)).read_bytes() == root.pem
