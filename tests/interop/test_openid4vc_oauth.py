"""@openid4vc/oauth2 and openid4vci 0.4.6 as a wallet at our authorization server, over HTTP.

Each grant as the library goes it, and the same with one step spoiled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bench.node_peer import NodePeer, PeerRefused
from credkit.encoding import base64url_encode
from credkit.keys import SoftwareSigner
from demo.export import STUDENT_NUMBER, build_export
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import from_environ
from issuer.services.offers import MadeOffer
from issuer.web import create_app
from tests.browser.serving import serving
from ui.passwords import hash_password

CALLBACK = "http://127.0.0.1:4711/callback"
KIND = "transcript"
ATTESTER = SoftwareSigner.generate("P-256")


@dataclass
class Server:
    """A school at a port, and the library as a wallet."""

    services: Services
    peer: NodePeer

    def offer(self, **options: Any) -> MadeOffer:
        student = self.services.students.find(STUDENT_NUMBER).id
        return self.services.offers.offer_student(student, "operator", again=True, **options)

    def collect(self, operation: str, made: MadeOffer, **members: Any) -> Any:
        key, other = SoftwareSigner.generate("P-256"), SoftwareSigner.generate("P-256")
        if made.tx_code:
            members.setdefault("txCode", made.tx_code)
        return self.peer.ask(operation, offer=made.links.deep, configuration=KIND, key=secret_jwk(key),
                             otherKey=secret_jwk(other), redirectUri=CALLBACK, **members)


def secret_jwk(signer: SoftwareSigner) -> dict[str, str]:
    return {**signer.public_key.to_jwk(), "d": base64url_encode(signer.secret)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("owf")
    attesters = folder / "attesters.json"
    attesters.write_text(json.dumps({"keys": [{**ATTESTER.public_key.to_jwk(), "kid": "attester"}]}))
    made: list[Services] = []

    def make_app(origin: str) -> Flask:
        made.append(open_office(folder / "school", origin, attesters))
        return create_app(made[0])

    with serving(make_app), NodePeer(None, "oauth_client.mjs") as peer:
        read = made[0].imports.receive(build_export(folder / "export.zip").read_bytes(), "export.zip", "operator")
        made[0].imports.confirm(read.id, "operator")
        yield Server(made[0], peer)


def open_office(folder: Path, origin: str, attesters: Path) -> Services:
    config = replace(from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder), attesters=attesters)
    initialise_issuer(config, origin=origin, name="Lincoln High School",
                      password_hash=hash_password("correct horse battery", b"sixteen bytes ok"))
    return build_services(config)


def refused(server: Server, operation: str, made: MadeOffer, **members: Any) -> str:
    with pytest.raises(PeerRefused) as caught:
        server.collect(operation, made, **members)
    return str(caught.value)


@pytest.mark.parametrize("dpop", [False, True])
@pytest.mark.parametrize("tx_code", [False, True])
def test_the_library_collects_with_a_pre_authorized_code(server: Server, tx_code: bool, dpop: bool) -> None:
    result = server.collect("preAuthorized", server.offer(tx_code=tx_code), dpop=dpop)

    assert result["token"]["token_type"] == ("DPoP" if dpop else "bearer")
    assert result["credentials"][0]["type"] == ["VerifiableCredential", "ClrCredential"]


@pytest.mark.parametrize(("members", "words"), [
    ({"txCode": "000000x"}, "invalid_grant"), ({"dpop": True, "spoil": {"resourceKey": True}}, "invalid_token"),
    ({"dpop": True, "spoil": {"bearer": True}}, "invalid_token"),
    ({"spoil": {"payload": {"pre-authorized_code": "another"}}}, "invalid_grant"),
])
def test_a_spoiled_pre_authorized_code_is_refused(server: Server, members: dict[str, Any], words: str) -> None:
    made = server.offer()

    assert words in refused(server, "preAuthorized", made, **members)


def test_a_pre_authorized_code_is_good_once(server: Server) -> None:
    made = server.offer()
    server.collect("preAuthorized", made)

    with pytest.raises(PeerRefused):
        server.collect("preAuthorized", made)


@pytest.mark.parametrize("dpop", [False, True])
@pytest.mark.parametrize("tx_code", [False, True])
def test_the_library_collects_with_an_authorization_code(server: Server, tx_code: bool, dpop: bool) -> None:
    result = server.collect("byCode", server.offer(grant="code", tx_code=tx_code), dpop=dpop)

    assert "request_uri=urn" in result["pushed"] and result["pkce"] == "S256"
    assert result["token"]["token_type"] == ("DPoP" if dpop else "bearer")
    assert result["credentials"][0]["type"] == ["VerifiableCredential", "ClrCredential"]


@pytest.mark.parametrize(("spoil", "words"), [
    ({"verifier": "v" * 43}, "invalid_grant"), ({"redirectUri": CALLBACK + "/"}, "invalid_grant"),
    ({"tokenKey": True}, "invalid_dpop_proof"), ({"noKey": True}, "invalid_dpop_proof"),
    ({"resourceKey": True}, "invalid_token"), ({"bearer": True}, "invalid_token"),
    ({"iss": "https://evil.example"}, "iss"),
])
def test_a_spoiled_authorization_code_is_refused(server: Server, spoil: dict[str, Any], words: str) -> None:
    made = server.offer(grant="code", tx_code=False)

    assert words in refused(server, "byCode", made, dpop=True, spoil=spoil)


def test_a_second_use_of_a_code_takes_the_first_token_with_it(server: Server) -> None:
    made = server.offer(grant="code", tx_code=False)

    assert server.collect("byCode", made, dpop=True, spoil={"again": True}) == {
        "second": "invalid_grant", "first": "dead"}


@pytest.mark.parametrize(("attester", "client_id", "words"), [
    (ATTESTER, "wallet", ""), (SoftwareSigner.generate("P-256"), "wallet", "invalid_client"),
    (ATTESTER, "another", "invalid_client"),
])
def test_the_attestation_of_the_library_is_taken(server: Server, attester: SoftwareSigner, client_id: str,
                                                 words: str) -> None:
    made = server.offer(grant="code", tx_code=False)
    members = {"attester": secret_jwk(attester), "instance": secret_jwk(SoftwareSigner.generate("P-256")),
               "forClient": client_id}

    if words:
        assert words in refused(server, "byCode", made, **members)
    else:
        assert server.collect("byCode", made, **members)["credentials"]
