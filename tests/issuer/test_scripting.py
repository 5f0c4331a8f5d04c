"""Offers as programs make them: any configuration, any student or claims of their own, with or without a code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from credkit.keys import SoftwareSigner
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import CredentialOffer
from demo.export import STUDENT_NUMBER
from demo.servers import RECORDS
from issuer.cli import Ports, main
from issuer.services.metadata import NAMES
from tests.issuer.conftest import ORIGIN, School

CLAIMS = {
    "identifier": [
        {"type": "IdentityObject", "hashed": False, "identityHash": "Ada Lopez", "identityType": "name"},
        {"type": "IdentityObject", "hashed": False, "identityHash": "7001", "identityType": "sourcedId"}],
    "narrative": "Took part all year.",
    "achievement": {"name": "Robotics Club", "description": "Builds robots.", "criteria": {"narrative": "Came often."}},
}


@pytest.fixture
def office(school: School) -> School:
    """The school, whose first student has a record of every kind."""
    run(school, "award", "--student", STUDENT_NUMBER, "--badge", "Fractions Coach", "--description", "Explains.",
        "--criteria", "Ten sessions.")
    for template, answers in RECORDS:
        told = [argument for answer in answers for argument in ("--set", answer)]
        run(school, "award", "--student", STUDENT_NUMBER, "--template", template, *told)
    work = run(school, "students", "--student", STUDENT_NUMBER)["records"][0]["id"]
    run(school, "endorse", "--student", STUDENT_NUMBER, "--work", work, "--teacher", "Rosa Rivera", "--comment", "Good")
    run(school, "guardian", "--student", STUDENT_NUMBER, "--name", "Elena", "--basis", "parent", "--paper", "Seen.",
        "--from", "2026-06-01")
    party = SoftwareSigner.generate("Ed25519").verification_method.partition("#")[0]
    run(school, "court-limit", "--student", STUDENT_NUMBER, "--name", "X", "--party", party, "--paper", "Order 1",
        "--from", "2026-06-01")
    return school


def typed(school: School, *arguments: str) -> Any:
    return CliRunner().invoke(main, [*arguments, "--data", str(school.config.data), "--json"],
                              obj=Ports(school.world.clock, school.world.web))


def run(school: School, *arguments: str) -> Any:
    ended = typed(school, *arguments)
    assert ended.exit_code == 0, (arguments, ended.output)
    return json.loads(ended.stdout)


def read(school: School, made: Any) -> CredentialOffer:
    assert made["offer"].startswith("openid-credential-offer://?credential_offer_uri=")
    return v1_0.parse_offer(school.family.client.get(made["credential_offer_uri"].removeprefix(ORIGIN)).data)


def collected(school: School, made: Any, tx_code: str | None = None) -> Any:
    """The answer to a request for the one configuration of an offer, by its name."""
    offer, family = read(school, made), school.family
    assert offer.pre_authorized is not None
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
            "pre-authorized_code": offer.pre_authorized.pre_authorized_code} | ({"tx_code": tx_code} if tx_code else {})
    token = family.client.post("/token", data=form)
    assert token.status_code == 200, token.text
    return family.ask(token.json["access_token"], {
        "credential_configuration_id": offer.credential_configuration_ids[0],
        "proofs": {"jwt": [family.proof(SoftwareSigner.generate("P-256"))]}})


def test_every_configuration_is_offered_to_the_first_student_and_can_be_collected(office: School) -> None:
    for name in sorted(NAMES):
        made = run(office, "offer", "--credential", name)
        offer = read(office, made)
        assert offer.credential_configuration_ids == (name,)
        assert "tx_code" not in made and offer.pre_authorized is not None and offer.pre_authorized.tx_code is None
        answer = collected(office, made)
        assert answer.status_code == 200, (name, answer.text)
        assert len(answer.json["credentials"]) == 1


@pytest.mark.spec("OID4VCI-1.0", "#credential-offer-by-value")
def test_the_offer_is_told_by_value_too(office: School) -> None:
    made = run(office, "offer", "--credential", "badge")
    assert v1_0.parse_offer_uri(made["offer_by_value"]) == read(office, made)


def test_a_code_is_asked_for_where_that_is_said(office: School) -> None:
    made = run(office, "offer", "--credential", "badge", "--tx-code", "--student", STUDENT_NUMBER)
    offer = read(office, made)
    assert offer.pre_authorized is not None and offer.pre_authorized.tx_code is not None
    assert len(made["tx_code"]) == offer.pre_authorized.tx_code.length
    assert collected(office, made, made["tx_code"]).status_code == 200


def test_offers_made_one_after_the_other_stand_side_by_side(office: School) -> None:
    made = [run(office, "offer", "--credential", "badge-eddsa") for _ in range(3)]
    assert [collected(office, each).status_code for each in reversed(made)] == [200, 200, 200]


def test_by_way_of_authorization_the_offer_holds_no_code(office: School) -> None:
    offer = read(office, run(office, "offer", "--credential", "badge", "--grant", "code"))
    assert offer.pre_authorized is None
    assert offer.authorization_code is not None and offer.authorization_code.issuer_state


def test_a_record_is_made_of_the_claims_in_a_file(school: School, tmp_path: Path) -> None:
    path = tmp_path / "claims.json"
    path.write_text(json.dumps(CLAIMS), encoding="utf-8")
    made = run(school, "offer", "--credential", "badge", "--subject", str(path))
    assert [record["title"] for record in made["records"]] == ["Robotics Club"]
    answer = collected(school, made)
    subject = answer.json["credentials"][0]["credential"]["credentialSubject"]
    assert subject["narrative"] == CLAIMS["narrative"] and subject["identifier"] == CLAIMS["identifier"]
    assert subject["achievement"]["achievementType"] == "Badge"
    assert school.services.students.find("7001").name == "Ada Lopez"
    again = run(school, "offer", "--credential", "badge-sd-jwt", "--subject", str(path))
    assert again["records"][0]["id"] == made["records"][0]["id"]


def test_the_parts_of_an_achievement_may_stand_alone(school: School, tmp_path: Path) -> None:
    path = tmp_path / "claims.json"
    path.write_text(json.dumps(CLAIMS["achievement"]), encoding="utf-8")
    answer = collected(school, run(school, "offer", "--credential", "badge-jwt", "--subject", str(path)))
    assert answer.status_code == 200


@pytest.mark.parametrize(("claims", "place"), [
    ({**CLAIMS, "id": "did:example:1"}, "/id"),
    ({"narrative": "Nothing was achieved."}, "/achievement/name"),
    ({**CLAIMS, "achievement": {"name": "Club", "description": "It is."}}, "/credentialSubject/achievement/criteria"),
    ({**CLAIMS, "shoe": 42}, "/credentialSubject/shoe"),
    ({**CLAIMS, "result": "A"}, "/credentialSubject/result"),
])
def test_claims_that_the_profile_does_not_take_are_refused_with_their_place(
        school: School, tmp_path: Path, claims: Any, place: str) -> None:
    path = tmp_path / "claims.json"
    path.write_text(json.dumps(claims), encoding="utf-8")
    ended = typed(school, "offer", "--credential", "badge", "--subject", str(path))
    assert ended.exit_code == 1 and place in ended.stderr, ended.stderr
    assert school.services.students.all()[0].progress.total and not any(
        line.person.number.startswith("claims-") for line in school.services.students.all())


@pytest.mark.parametrize("arguments", [
    (), ("--subject", "x.json"), ("--credential", "diploma"), ("--credential", "badge", "--grant", "implicit"),
    ("--credential", "badge", "--student", "20391", "--subject", "x.json"),
    ("--credential", "badge", "--subject", "no-such-file.json"),
])
def test_what_cannot_be_meant_is_wrong_usage(school: School, arguments: tuple[str, ...]) -> None:
    assert typed(school, "offer", *arguments).exit_code == 2


def test_what_is_not_there_is_said(school: School, tmp_path: Path) -> None:
    assert typed(school, "offer", "--credential", "badge").exit_code == 1
    assert typed(school, "offer", "--credential", "badge", "--student", STUDENT_NUMBER).exit_code == 1
    path = tmp_path / "claims.json"
    path.write_text("{", encoding="utf-8")
    assert typed(school, "offer", "--credential", "badge", "--subject", str(path)).exit_code == 1
    path.write_text("{}", encoding="utf-8")
    assert typed(school, "offer", "--credential", "transcript", "--subject", str(path)).exit_code == 1
