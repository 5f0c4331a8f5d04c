"""A badge under the High Assurance Interoperability Profile: from an office that keeps to it, by our wallet, to a
college that keeps to it."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

import issuer.bootstrap
import issuer.config
import issuer.web
import verifier.bootstrap
import verifier.config
import verifier.web
import wallet.bootstrap
from credkit.encoding import base64url_decode, parse_json_object
from credkit.errors import ProtocolError, StateError, UnsupportedError
from credkit.jose import peek_header
from credkit.ports import JSONObject
from tests.flows.conftest import COLLEGE, HASHED, PURPOSE, SCHOOL, WALLET
from tests.support.certified import anchor, certificate_of
from tests.support.world import World
from verifier.services.questions import build_question
from wallet.config import Config, GuessCost
from wallet.services.record.library import shelf

CLAIMS: JSONObject = {
    "identifier": [{"type": "IdentityObject", "hashed": False, "identityHash": "Ada Lopez", "identityType": "name"},
                   {"type": "IdentityObject", "hashed": False, "identityHash": "7001", "identityType": "sourcedId"}],
    "achievement": {"name": "Robotics Club", "description": "Builds robots.", "criteria": {"narrative": "Came often."}},
}


def build_school(folder: Path, world: World, **demands: str) -> issuer.bootstrap.Services:
    (folder / "attesters.pem").write_bytes(anchor().pem)
    config = issuer.config.from_environ({"BACKPACK_ATTESTERS": str(folder / "attesters.pem"), **demands},
                                        data=folder / "school")
    issuer.bootstrap.initialise_issuer(config, origin=SCHOOL, password_hash=HASHED, clock=world.clock, profile="haip",
                                       certificate=certificate_of("school.example"))
    services = issuer.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    world.web.serve(SCHOOL, issuer.web.create_app(services))
    services.claims.record("badge", CLAIMS, "operator")
    return services


def build_college(folder: Path, world: World) -> verifier.bootstrap.Services:
    config = verifier.config.from_environ({"BACKPACK_TRUST_ANCHORS": str(folder / "anchors.pem")},
                                          data=folder / "college")
    verifier.bootstrap.initialise_verifier(config, origin=COLLEGE, wallets=(), password_hash=HASHED, profile="haip",
                                           certificate=certificate_of("college.example"))
    services = verifier.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    world.web.serve(COLLEGE, verifier.web.create_app(services))
    return services


def build_wallet(folder: Path, world: World, *, vouched: bool) -> wallet.bootstrap.Services:
    files = tuple(folder / name for name in ("wallet.pem", "wallet.key"))
    for path, content in zip(files, certificate_of("wallet.example"), strict=True):
        path.write_bytes(content)
    data = folder / f"wallet-{vouched}"
    config = Config(data, f"sqlite:///{data}/wallet.sqlite3", origin=WALLET, guess_cost=GuessCost(19456, 2, 1),
                    anchors_file=str(folder / "anchors.pem"), haip_links=True,
                    provider_files=(files[0], files[1]) if vouched else None)
    return wallet.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)


@pytest.mark.spec("HAIP-1.0", "#section-4, #section-5")
def test_a_badge_goes_from_office_to_college_under_the_profile(tmp_path: Path) -> None:
    world = World()
    (tmp_path / "anchors.pem").write_bytes(anchor().pem)
    school, college = build_school(tmp_path, world), build_college(tmp_path, world)
    family, stranger = (build_wallet(tmp_path, world, vouched=vouched) for vouched in (True, False))
    student = school.students.find("7001").id
    made = school.offers.offer_student(student, "operator", tx_code=False)
    link = made.links.deep.replace("haip-vci:", "openid-credential-offer:", 1)

    unvouched = stranger.vault.create("correct horse battery").vault
    with pytest.raises(ProtocolError) as caught:
        stranger.receiving.begin_login(unvouched, stranger.receiving.resolve_offer(link),
                                       redirect_uri=f"{WALLET}/offer/return")
    assert caught.value.error == "invalid_client"

    vault = family.vault.create("correct horse battery").vault
    address = family.receiving.begin_login(vault, family.receiving.resolve_offer(link),
                                           redirect_uri=f"{WALLET}/offer/return")
    assert "request_uri=" in address and "scope=" not in address
    pushed = [each for each in world.web.requests if each.url == f"{SCHOOL}/par"][-1]
    assert peek_header(pushed.headers["OAuth-Client-Attestation"])["x5c"]
    assert b"scope=badge-sd-jwt" in pushed.body and b"authorization_details" not in pushed.body
    issued = family.receiving.finish_login(vault, _visit(school, address))
    assert issued.problem is None and len(issued.stored) == 1
    (card,) = shelf(vault).all()
    assert card.title == "Robotics Club"

    today = college.clock.now().date()
    with pytest.raises(StateError):
        college.requests.ask(build_question(["badge"], PURPOSE, today=today))
    college.trust.add("did:web:school.example", "Lincoln")
    asked = college.requests.ask(build_question(["badge"], PURPOSE, today=today))
    assert asked.query["credentials"][0]["meta"] == {"vct_values": [f"{SCHOOL}/vct/badge"]}
    resolved = family.presenting.resolve_request(asked.links.deep.replace("haip-vp:", "openid4vp:", 1))
    choice = family.presenting.match(vault, resolved).only_choice()
    assert choice is not None
    sheet = family.presenting.sheet(vault, resolved, choice)
    family.presenting.share(vault, resolved, family.presenting.agree(vault, resolved, sheet, seen_digest=sheet.digest))
    result_id = college.requests.find(asked.id).result_id
    assert result_id is not None
    assert college.results.find(result_id).story["report"]["verified"] is True


@pytest.mark.spec("HAIP-1.0", "#section-4.5.1")
def test_whoever_runs_the_wallet_vouches_for_its_keys_where_that_is_demanded(tmp_path: Path) -> None:
    world = World()
    (tmp_path / "anchors.pem").write_bytes(anchor().pem)
    school = build_school(tmp_path, world, BACKPACK_KEY_ATTESTATION_REQUIRED="1")
    family, stranger = (build_wallet(tmp_path, world, vouched=vouched) for vouched in (True, False))
    made = school.offers.offer_student(school.students.find("7001").id, "operator", tx_code=False)
    link = made.links.deep.replace("haip-vci:", "openid-credential-offer:", 1)
    with pytest.raises(UnsupportedError):
        stranger.receiving.resolve_offer(link)

    vault = family.vault.create("correct horse battery").vault
    address = family.receiving.begin_login(vault, family.receiving.resolve_offer(link),
                                           redirect_uri=f"{WALLET}/offer/return")
    issued = family.receiving.finish_login(vault, _visit(school, address))

    assert issued.problem is None and len(issued.stored) == 1
    asked = [each for each in world.web.requests if each.url == f"{SCHOOL}/credential"][-1]
    (proof,) = json.loads(asked.body)["proofs"]["jwt"]
    attestation = peek_header(proof)["key_attestation"]
    claims = peek_claims(attestation)
    assert peek_header(attestation)["typ"] == "key-attestation+jwt" and "key_storage" not in claims
    assert claims["attested_keys"] == [peek_header(proof)["jwk"]] and claims["nonce"] == peek_claims(proof)["nonce"]


def peek_claims(token: str) -> JSONObject:
    return parse_json_object(base64url_decode(token.split(".")[1]))


def _visit(school: issuer.bootstrap.Services, address: str) -> dict[str, str]:
    """What a browser is sent back with."""
    shown = issuer.web.create_app(school).test_client().get(address.removeprefix(SCHOOL), base_url=SCHOOL)
    assert shown.status_code == 302, shown.text
    return dict(parse_qsl(urlsplit(shown.headers["Location"]).query))
