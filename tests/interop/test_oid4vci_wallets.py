"""Wallets of others at our credential endpoint, over TLS: @openid4vc/openid4vci 0.4.6 and Digital Bazaar's oid4-client.

Every format and both grants as far as each speaks them, and the same with one thing spoiled. What arrives is checked by
the kernel over the same network.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import contexts
from bench.node_peer import NodePeer, PeerRefused
from credkit.dids import Resolver
from credkit.encoding import base64url_encode
from credkit.environment import Environment, SystemClock, SystemRandomness
from credkit.formats.sd_jwt_vc import parse_sd_jwt, peek_sd_jwt_vc
from credkit.http import SafeFetcher
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner
from credkit.proofs import derive, is_base_proof
from credkit.verification import Policy, verify_credential
from demo.conformance.tls import make_tls
from demo.export import STUDENT_NUMBER, build_export
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import from_environ
from issuer.services.awarding import BadgeWords
from issuer.web import create_app
from tests.browser.serving import serving
from tests.support.world import World
from ui.passwords import hash_password

CALLBACK = "https://wallet.example/callback"
FORMS = ("badge", "badge-eddsa", "badge-bbs", "badge-jwt", "badge-sd-jwt")


@dataclass
class Place:
    """A school at an https port and the two wallets."""

    services: Services
    openid4vc: NodePeer
    oid4client: NodePeer
    environment: Environment

    def offer(self, configuration: str, **options: Any) -> Any:
        student = self.services.students.find(STUDENT_NUMBER).id
        return self.services.offers.offer_form(student, configuration, "operator", **{"tx_code": False, **options})

    def collect(self, configuration: str, *keys: dict[str, Any], made: Any = None, operation: str = "collect",
                **members: Any) -> Any:
        made = made or self.offer(configuration, grant=members.get("grant", "pre-authorized"))
        return self.openid4vc.ask(operation, offer=made.links.deep, configuration=configuration,
                                  keys=list(keys or (key(),)), otherKey=key()["jwk"], redirectUri=CALLBACK, **members)

    def bazaar(self, made: Any, kind: str = "Ed25519", **members: Any) -> Any:
        holder = key(kind, named=True)
        return self.oid4client.ask("collect", offer=made.links.deep, key=holder,
                                   did=holder["didUrl"].partition("#")[0], **members)

    def holds(self, secured: Any) -> bool:
        """Whether the kernel finds that a record holds, of a base proof what can be shown of it."""
        if isinstance(secured, dict) and is_base_proof(secured["proof"]):
            secured = derive(secured, ("/credentialSubject",), self.environment.jsonld, SystemRandomness())
        return verify_credential(secured, Policy(), self.environment).verified


def key(kind: str = "P-256", *, named: bool = False) -> dict[str, Any]:
    """A holder's key as the peers take it, named by its DID or as a JWK."""
    signer = SoftwareSigner.generate(kind)
    jwk = {**signer.public_key.to_jwk(), "d": base64url_encode(signer.secret)}
    return {"jwk": jwk, "didUrl": signer.verification_method} if named else {"jwk": jwk}


def subject_of(secured: Any) -> str:
    from credkit.formats.jwt_vc import peek_token

    document = peek_token(secured).document if isinstance(secured, str) else secured
    return str(document["credentialSubject"]["id"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("oid4vci")
    made: list[Services] = []
    tls, authority = make_tls(folder)

    def make_app(origin: str) -> Flask:
        made.append(found(folder / "school", origin))
        return create_app(made[0])

    fetcher, clock = SafeFetcher(allow_loopback_http=True, ca_file=authority), SystemClock()
    environment = replace(World().environment(), clock=clock, fetcher=fetcher, jsonld=Processor(contexts.load),
                          resolver=Resolver(fetcher, clock, allow_loopback=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "NODE_EXTRA_CA_CERTS", authority)
        with (serving(make_app, tls), NodePeer(None, "oid4vci_wallet.mjs") as openid4vc,
              NodePeer(None, "oid4client_wallet.mjs") as oid4client):
            yield Place(made[0], openid4vc, oid4client, environment)


def found(folder: Path, origin: str) -> Services:
    config = from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder)
    initialise_issuer(config, origin=origin, name="Lincoln High School",
                      password_hash=hash_password("correct horse battery", b"sixteen bytes ok"))
    services = build_services(config)
    read = services.imports.receive(build_export(folder / "export.zip").read_bytes(), "export.zip", "operator")
    services.imports.confirm(read.id, "operator")
    services.awarding.award(STUDENT_NUMBER, BadgeWords("Fractions Coach", "Explains.", "Ten sessions."), "operator")
    return services


def refused(ask: Any, *arguments: Any, **members: Any) -> str:
    with pytest.raises(PeerRefused) as caught:
        ask(*arguments, **members)
    return str(caught.value)


def test_the_library_reads_all_of_our_metadata_as_final_version(place: Place) -> None:
    told = place.openid4vc.ask("metadata", issuer=place.services.office.identity.origin)
    assert set(FORMS) <= told["credential_configurations_supported"].keys()
    assert told["batch_credential_issuance"]["batch_size"] > 1


@pytest.mark.parametrize("grant", ["pre-authorized", "code"])
@pytest.mark.parametrize("form", [*FORMS, "transcript"])
def test_openid4vc_collects_every_form_by_both_grants(place: Place, form: str, grant: str) -> None:
    members = {"clientId": "wallet"} if grant == "code" else {}
    answer = place.collect(form, grant=grant, **members)
    assert len(answer["credentials"]) == 1 and place.holds(answer["credentials"][0])


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
@pytest.mark.parametrize("named", [True, False])
def test_openid4vc_s_keys_are_bound_as_they_were_named(place: Place, kind: str, named: bool) -> None:
    holder = key(kind, named=named)
    (record,) = place.collect("badge-jwt", holder)["credentials"]
    assert not named or subject_of(record) == holder["didUrl"].partition("#")[0]
    (token,) = place.collect("badge-sd-jwt", holder)["credentials"]
    public = {name: value for name, value in holder["jwk"].items() if name != "d"}
    assert peek_sd_jwt_vc(parse_sd_jwt(token))["cnf"] == ({"kid": holder["didUrl"]} if named else {"jwk": public})


def test_openid4vc_collects_a_batch(place: Place) -> None:
    holders = [key(kind, named=True) for kind in ("P-256", "Ed25519", "P-256")]
    records = place.collect("badge-eddsa", *holders)["credentials"]
    assert [subject_of(record) for record in records] == [each["didUrl"].partition("#")[0] for each in holders]
    assert all(place.holds(record) for record in records)


def test_openid4vc_comes_again_for_what_was_not_ready(place: Place) -> None:
    student = place.services.students.find(STUDENT_NUMBER).id
    petition = place.services.forms.draft(student, "attendance", {
        "term": "Fall 2025", "days_enrolled": "80", "days_absent": "2"}, "rivera")
    made = place.offer("attendance")
    first = place.collect("attendance", made=made)
    members = {"offer": place.offer("badge").links.deep, "accessToken": first["accessToken"],
               "transactionId": first["transaction_id"]}
    assert place.openid4vc.ask("later", **members)["transaction_id"] == first["transaction_id"]
    digest = place.services.approvals.find(petition.id).digest
    place.services.approvals.approve(petition.id, "registrar", seen_digest=digest)
    (record,) = place.openid4vc.ask("later", **members)["credentials"]
    assert place.holds(record)
    assert "invalid_transaction_id" in refused(place.openid4vc.ask, "later", **members)


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
def test_jose_seals_the_request_and_opens_the_answer(place: Place, enc: str) -> None:
    answer = place.collect("badge-sd-jwt", operation="sealed", enc=enc)
    assert (answer["header"]["enc"], answer["header"]["kid"]) == (enc, "w")
    assert place.holds(answer["credentials"][0])
    spoiled = refused(place.collect, "badge-sd-jwt", operation="sealed", enc=enc, spoil={"recipient": True})
    assert "invalid_encryption_parameters" in spoiled


@pytest.mark.parametrize(("spoil", "error"), [
    ({"nonce": "made-up"}, "invalid_nonce"), ({"audience": "https://other.example"}, "invalid_proof"),
    ({"signature": True}, "invalid_proof"), ({"key": True}, "invalid_proof")])
@pytest.mark.parametrize("form", ["badge", "badge-sd-jwt", "badge-jwt"])
def test_openid4vc_spoiled_in_one_thing_gets_nothing(
        place: Place, form: str, spoil: dict[str, Any], error: str) -> None:
    assert error in refused(place.collect, form, spoil=spoil)


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
@pytest.mark.parametrize("version", ["detect", "draft13"])
@pytest.mark.parametrize("form", ["badge", "badge-eddsa", "badge-bbs", "badge-jwt"])
def test_oid4client_collects_what_it_speaks(place: Place, form: str, version: str, kind: str) -> None:
    format_ = "jwt_vc_json" if form == "badge-jwt" else "ldp_vc"
    answer = place.bazaar(place.offer(form), kind, version=version, format=format_)
    assert len(answer["credentials"]) == 1 and place.holds(answer["credential"])


@pytest.mark.parametrize("spoil", [{"nonce": "made-up"}, {"signature": True}, {"did": "did:example:other"}])
@pytest.mark.parametrize("version", ["detect", "draft13"])
def test_oid4client_spoiled_in_one_thing_gets_nothing(place: Place, version: str, spoil: dict[str, Any]) -> None:
    made = place.offer("badge")
    refused(place.bazaar, made, version=version, spoil=spoil)
    assert place.services.offers.show(made.offer.id).claim.progress.collected == 0
