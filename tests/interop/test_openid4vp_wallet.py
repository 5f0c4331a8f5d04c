"""@openid4vc/openid4vp 0.4.6 as the wallet at our verifier, over HTTP: every name, response mode and format, and the
same answers spoiled. The presentations are made by @sd-jwt/sd-jwt-vc, jose and Digital Bazaar's libraries.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bench.node_peer import NodePeer, PeerRefused, node_key
from bench.sd_jwt_peers import private_jwk
from credkit.dids import did_jwk_of
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from tests.browser.serving import serving
from tests.support.certified import certificate_of
from verifier.bootstrap import Services, build_services, initialise_verifier
from verifier.config import from_environ
from verifier.services.naming import Manner
from verifier.services.questions import open_question, read_query
from verifier.web import create_app

V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
NAMES: dict[str, Manner] = {
    "did:web": Manner("decentralized_identifier", "web"), "did:jwk": Manner("decentralized_identifier", "jwk"),
    "x509_san_dns": Manner("x509_san_dns"), "x509_hash": Manner("x509_hash"), "redirect_uri": Manner("redirect_uri")}
FORMATS = ("dc+sd-jwt", "jwt_vc_json", "ldp_vc")
SPOILED = ("nonce", "audience", "signature", "claim", "holder")
ISSUER = SoftwareSigner.generate("P-256")
SIGNER = SoftwareSigner.generate("Ed25519")


@dataclass
class College:
    """Our verifier on a port of its own, and the libraries that make a wallet of theirs."""

    services: Services
    wallet: NodePeer
    maker: NodePeer
    proofs: NodePeer

    def ask(self, form: str, manner: Manner) -> tuple[str, str]:
        """A request for a record in ``form``: its id, and the link."""
        query = {"id": "card", "format": form, "meta": {}, "claims": [{"path": CLAIMS[form]}]}
        document = read_query(json.dumps({"credentials": [query]}).encode())
        question = open_question("", today=self.services.clock.now().date())
        asked = self.services.requests.ask(question, query=document, manner=manner)
        return asked.id, asked.links.deep

    def resolve(self, link: str, **options: str) -> JSONObject:
        found: JSONObject = self.wallet.ask("resolve", link=link, **options)
        return found

    def respond(self, request: JSONObject, presentation: Any, enc: str | None = None) -> JSONObject:
        answer: JSONObject = self.wallet.ask("respond", request=request, vpToken={"card": [presentation]}, enc=enc)
        return answer

    def report(self, request_id: str) -> JSONObject | None:
        result_id = self.services.requests.find(request_id).result_id
        return None if result_id is None else self.services.results.find(result_id).story["report"]


CLAIMS: dict[str, list[str]] = {"dc+sd-jwt": ["given_name"], "jwt_vc_json": ["credentialSubject", "given_name"],
                                "ldp_vc": ["credentialSubject", "achievement", "name"]}


@pytest.fixture(scope="module")
def college(tmp_path_factory: pytest.TempPathFactory, digitalbazaar: NodePeer) -> Iterator[College]:
    made: list[Services] = []

    def make_app(origin: str) -> Flask:
        folder: Path = tmp_path_factory.mktemp("college")
        config = from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder)
        initialise_verifier(config, origin=origin, wallets=(), password_hash="hash",
                            certificate=certificate_of("localhost"))
        services = build_services(config)
        for signer in (ISSUER, SIGNER):
            services.trust.add(signer.verification_method.partition("#")[0], "Moab library")
        made.append(services)
        return create_app(services)

    with serving(make_app), NodePeer(None, "openid4vp_wallet.mjs") as wallet, NodePeer(None, "jose_peer.mjs") as maker:
        yield College(made[0], wallet, maker, digitalbazaar)


def spoil_signature(token: str) -> str:
    """The token with the last letters of its first signature swapped."""
    jwt, mark, rest = token.partition("~")
    return jwt[:-8] + ("AAAAAAAA" if not jwt.endswith("AAAAAAAA") else "BBBBBBBB") + mark + rest


def sd_jwt(college: College, nonce: str, audience: str, twist: str | None) -> str:
    holder, other = (SoftwareSigner.generate("P-256") for _ in range(2))
    now = int(time.time())
    claims = {"iss": ISSUER.verification_method.partition("#")[0], "vct": "urn:moab:card", "iat": now,
              "cnf": {"jwk": holder.public_key.to_jwk()}, "given_name": "Ana", "number": "7"}
    token = college.maker.ask("sdJwtIssue", issuerKey=private_jwk(ISSUER), claims=claims,
                              frame={"_sd": ["given_name", "number"]}, header={"kid": ISSUER.verification_method})
    shown: str = college.maker.ask(
        "sdJwtPresent", holderKey=private_jwk(other if twist == "holder" else holder), token=token,
        frame={"number" if twist == "claim" else "given_name": True}, nonce=nonce, audience=audience, iat=now)
    return spoil_signature(shown) if twist == "signature" else shown


def jwt_vp(college: College, nonce: str, audience: str, twist: str | None) -> str:
    holder, other = (SoftwareSigner.generate("P-256") for _ in range(2))
    now, did = int(time.time()), did_jwk_of(holder.public_key)
    issuer = ISSUER.verification_method.partition("#")[0]
    subject = {"id": did, "number" if twist == "claim" else "given_name": "Ana"}
    document = {"@context": [V1], "type": ["VerifiableCredential", "LibraryCard"], "issuer": issuer,
                "issuanceDate": "2026-01-01T00:00:00Z", "credentialSubject": subject}
    credential = college.maker.ask("jwtSign", key=private_jwk(ISSUER), alg="ES256", payload={
        "iss": issuer, "sub": did, "nbf": 1767225600, "vc": document}, header={
        "typ": "JWT", "kid": ISSUER.verification_method})
    signer = other if twist == "holder" else holder
    name = did_jwk_of(signer.public_key)
    vp = {"@context": [V1], "type": ["VerifiablePresentation"], "verifiableCredential": [
        spoil_signature(credential) if twist == "signature" else credential]}
    token: str = college.maker.ask("jwtSign", key=private_jwk(signer), alg="ES256", header={
        "typ": "JWT", "kid": f"{name}#0"}, payload={
        "iss": name, "aud": audience, "nonce": nonce, "iat": now, "exp": now + 300, "vp": vp})
    return token


def ldp_vp(college: College, nonce: str, audience: str, twist: str | None) -> JSONObject:
    holder, other = (SoftwareSigner.generate("Ed25519") for _ in range(2))
    did = holder.verification_method.partition("#")[0]
    achievement = {"id": "urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c25480", "type": ["Achievement"],
                   "name": "Reader", "description": "Read ten books.", "criteria": {"narrative": "Ten books."}}
    document = {"@context": [V2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
                "id": "urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c2548f",
                "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": "Reader",
                "issuer": {"id": SIGNER.verification_method.partition("#")[0], "type": ["Profile"], "name": "Moab"},
                "validFrom": "2026-01-01T00:00:00Z",
                "credentialSubject": {"id": did, "type": ["AchievementSubject"], "achievement": achievement}}
    credential = college.proofs.ask("issue", suite="eddsa-rdfc-2022", key=node_key(SIGNER),
                                    document=json.dumps(document), now="2026-07-01T00:00:00Z")
    if twist == "signature":
        credential = {**credential, "proof": {**credential["proof"], "proofValue": "z" + "1" * 87}}
    if twist == "claim":
        credential = {**credential, "credentialSubject": {**credential["credentialSubject"], "achievement": {
            **achievement, "name": "Writer"}}}
    signer = other if twist == "holder" else holder
    unsigned = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": [credential],
                "holder": signer.verification_method.partition("#")[0]}
    presentation: JSONObject = college.proofs.ask(
        "present", suite="eddsa-rdfc-2022", key=node_key(signer), document=json.dumps(unsigned), challenge=nonce,
        domain=audience)
    return presentation


MAKE: dict[str, Callable[[College, str, str, str | None], Any]] = {
    "dc+sd-jwt": sd_jwt, "jwt_vc_json": jwt_vp, "ldp_vc": ldp_vp}


def present(college: College, form: str, request: JSONObject, twist: str | None = None) -> Any:
    nonce = "another" if twist == "nonce" else request["nonce"]
    audience = request["client_id"].partition(":")[2] if twist == "audience" else request["client_id"]
    return MAKE[form](college, nonce, audience, twist)


@pytest.mark.parametrize("enc", [None, "A128GCM", "A256GCM"])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_their_wallet_reads_our_request_and_we_take_its_answer(
        college: College, name: str, form: str, enc: str | None) -> None:
    mode = "direct_post" if enc is None else "direct_post.jwt"
    manner = Manner(NAMES[name].prefix, NAMES[name].did_method, mode)
    request_id, link = college.ask(form, manner)
    found = college.resolve(link)
    assert found["signed"] is (name != "redirect_uri") and found["asker"]["prefix"] == manner.prefix
    assert found["asker"]["effective"] == found["request"]["client_id"]
    assert found["query"] == found["request"]["dcql_query"]

    answer = college.respond(found["request"], present(college, form, found["request"]), enc)

    assert answer["status"] == 200 and "response_code=" in answer["body"]["redirect_uri"], answer
    report = college.report(request_id)
    assert report is not None and report["verified"] is True, json.dumps(report)


@pytest.mark.parametrize("twist", SPOILED)
@pytest.mark.parametrize("form", FORMATS)
def test_the_spoiled_twin_is_refused_or_told_as_failed(college: College, form: str, twist: str) -> None:
    request_id, link = college.ask(form, NAMES["x509_san_dns"])
    request = college.resolve(link)["request"]

    answer = college.respond(request, present(college, form, request, twist))

    report = college.report(request_id)
    if report is None:
        assert (answer["status"], answer["body"]["error"]) == (400, "invalid_request")
        assert college.respond(request, present(college, form, request))["status"] == 200
    else:
        assert twist in ("signature", "claim") and report["outcome"] == "failed"


@pytest.mark.parametrize("method", ["get", "post"])
def test_they_fetch_the_request_in_both_ways(college: College, method: str) -> None:
    _, link = college.ask("dc+sd-jwt", NAMES["did:web"])
    assert college.resolve(link, method=method)["request"]["response_type"] == "vp_token"


def test_they_refuse_a_link_that_names_somebody_else(college: College) -> None:
    _, link = college.ask("dc+sd-jwt", NAMES["x509_san_dns"])
    with pytest.raises(PeerRefused):
        college.resolve(link.replace("localhost&", "evil.example&", 1))
    _, other = college.ask("dc+sd-jwt", NAMES["redirect_uri"])
    with pytest.raises(PeerRefused):
        college.resolve(other.replace("client_id=redirect_uri%3Ahttp", "client_id=redirect_uri%3Ahttps", 1))


def test_an_answer_in_clear_where_it_must_be_sealed_and_a_second_one_are_refused(college: College) -> None:
    _, link = college.ask("dc+sd-jwt", Manner("x509_hash", response_mode="direct_post.jwt"))
    request = college.resolve(link)["request"]
    token = present(college, "dc+sd-jwt", request)
    clear = {**request, "response_mode": "direct_post"}
    assert college.respond(clear, token)["status"] == 400
    assert college.respond(request, token, "A256GCM")["status"] == 200
    assert college.respond(request, token, "A256GCM")["status"] == 400
