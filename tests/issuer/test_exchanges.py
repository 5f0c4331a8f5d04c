"""Collecting by a VC-API exchange: the map, the challenge, every record at once, and what gets nothing."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.proofs import add_proof
from credkit.protocols import exchanges
from credkit.verification import Policy, verify_credential
from demo.export import STUDENT_NUMBER
from issuer.services.offers import MadeOffer
from tests.issuer.conftest import ORIGIN, School
from tests.issuer.test_record_forms import office
from tests.issuer.test_scripting import run

__all__ = ["office"]
SUITES = {"Ed25519": "eddsa-rdfc-2022", "ES256": "ecdsa-rdfc-2019"}
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"


def made_for(school: School, configuration: str | None = None, **options: Any) -> MadeOffer:
    student = school.services.students.find(STUDENT_NUMBER).id
    if configuration is None:
        return school.services.offers.offer_student(student, "operator", **{"tx_code": False, **options})
    return school.services.offers.offer_form(student, configuration, "operator", **{"tx_code": False, **options})


def path_of(made: MadeOffer) -> str:
    return "/workflows/claim/exchanges/" + made.offer_url.rpartition("/")[2]


def say(school: School, made: MadeOffer, message: Any) -> Any:
    return school.family.client.post(path_of(made), data=json.dumps(message), content_type="application/json")


def begun(school: School, made: MadeOffer) -> JSONObject:
    answer = say(school, made, {})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), answer.text
    request: JSONObject = answer.json["verifiablePresentationRequest"]
    return request


def present(school: School, asked: JSONObject, signer: SoftwareSigner, suite: str | None = None,
            **changes: Any) -> JSONObject:
    """What a wallet signs for ``asked``."""
    suite = suite or SUITES[signer.algorithm]
    contexts = ["https://www.w3.org/2018/credentials/v1", ED25519_2020] if suite == "Ed25519Signature2020" else [
        "https://www.w3.org/ns/credentials/v2"]
    options = {"purpose": "authentication", "challenge": asked["challenge"], "domain": asked["domain"], **changes}
    return add_proof({"@context": contexts, "type": ["VerifiablePresentation"],
                      "holder": signer.verification_method.partition("#")[0]},
                     suite=suite, signer=signer, processor=school.services.office.processor,
                     created=school.world.clock.now(), **options)


def refused(answer: Any, status: int = 400) -> None:
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store"), answer.text
    assert answer.json["error"] == ("not_found" if status == 404 else "invalid_request")


def collected(school: School, made: MadeOffer) -> int:
    return school.services.offers.show(made.offer.id).claim.progress.collected


@pytest.mark.spec("VCALM", "#interaction-url-format")
def test_wallets_get_a_map_and_browsers_the_claim_page(school: School) -> None:
    made, client = made_for(school), school.family.client
    url = school.services.exchanging.interaction_url(made)
    answer = client.get(url.removeprefix(ORIGIN), headers={"Accept": "application/json"})
    protocols = exchanges.read_protocols(answer.data)
    assert (protocols.vcapi, protocols.oid4vci) == (ORIGIN + path_of(made), made.links.deep)
    assert answer.headers["Vary"].startswith("Accept") and answer.headers["Content-Type"] == "application/json"
    assert client.get(path_of(made) + "/protocols").json == answer.json
    browser = client.get(url.removeprefix(ORIGIN), headers={"Accept": "text/html,*/*;q=0.8"})
    assert (browser.status_code, browser.headers["Location"]) == (303, made.page_url)


@pytest.mark.spec("VCALM", "#participate-in-an-exchange")
@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_one_signature_brings_every_record_whole(office: School, kind: str) -> None:
    made, signer = made_for(office), SoftwareSigner.generate(kind)
    asked = begun(office, made)
    assert asked["domain"] == ORIGIN and asked["query"][0]["type"] == "DIDAuthentication"
    answer = say(office, made, {"verifiablePresentation": present(office, asked, signer), "referenceId": "r"})
    assert (answer.status_code, answer.json["referenceId"]) == (200, "r"), answer.text
    records = answer.json["verifiablePresentation"]["verifiableCredential"]
    assert len(records) == made.claim.progress.total > 2
    for record in records:
        assert record["credentialSubject"]["id"] == signer.verification_method.partition("#")[0]
        assert record["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
        assert verify_credential(record, Policy(), office.world.environment()).verified
    assert office.services.offers.show(made.offer.id).claim.state == "collected"
    with office.services.office.store.reading() as unit:
        events = [entry.event for entry in unit.log_entries(limit=50)]
    assert events.count("issued") == len(records) and events.count("redeemed") == 1


@pytest.mark.parametrize("configuration", ["badge", "badge-bbs", "badge-sd-jwt", "course", "transcript"])
def test_no_base_proof_ever_leaves_by_an_exchange(office: School, configuration: str) -> None:
    made = made_for(office, configuration)
    answer = say(office, made, {"verifiablePresentation": present(
        office, begun(office, made), SoftwareSigner.generate("Ed25519"))})
    suites = {each["proof"]["cryptosuite"] for each in answer.json["verifiablePresentation"]["verifiableCredential"]}
    assert suites == {"eddsa-rdfc-2022"}


def test_the_older_signature_is_taken_and_logged(school: School, caplog: pytest.LogCaptureFixture) -> None:
    made, signer = made_for(school), SoftwareSigner.generate("Ed25519")
    with caplog.at_level(logging.WARNING, "backpack.issuer.compat"):
        answer = say(school, made, {"verifiablePresentation": present(
            school, begun(school, made), signer, "Ed25519Signature2020")})
    assert answer.status_code == 200, answer.text
    assert "Ed25519Signature2020" in caplog.text


def test_the_older_signature_is_refused_in_strict_mode(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(school.services.compat, "strict", True)
    made, signer = made_for(school), SoftwareSigner.generate("Ed25519")
    asked = begun(school, made)
    assert {"cryptosuite": "Ed25519Signature2020"} not in asked["query"][0]["acceptedCryptosuites"]
    refused(say(school, made, {"verifiablePresentation": present(school, asked, signer, "Ed25519Signature2020")}))
    assert collected(school, made) == 0


def spoil_signature(presentation: JSONObject) -> JSONObject:
    value = presentation["proof"]["proofValue"]
    changed = value[:9] + ("2" if value[9] != "2" else "3") + value[10:]
    return {**presentation, "proof": {**presentation["proof"], "proofValue": changed}}


SPOILED: dict[str, Callable[[School, JSONObject, SoftwareSigner], JSONObject]] = {
    "challenge": lambda school, asked, key: present(school, asked, key, challenge="made-up"),
    "domain": lambda school, asked, key: present(school, asked, key, domain="https://other.example"),
    "purpose": lambda school, asked, key: present(school, asked, key, purpose="assertionMethod"),
    "signature": lambda school, asked, key: spoil_signature(present(school, asked, key)),
    "holder": lambda school, asked, key: {**present(school, asked, key), "holder": "did:key:z6Mkother"},
    "no proof": lambda school, asked, key: {"@context": ["https://www.w3.org/ns/credentials/v2"],
                                            "type": ["VerifiablePresentation"]},
    "suite": lambda school, asked, key: present(school, asked, key, "eddsa-jcs-2022"),
    "empty": lambda school, asked, key: {},
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_spoiled_in_one_thing_gets_nothing_and_the_offer_lives(
        school: School, spoil: Callable[[School, JSONObject, SoftwareSigner], JSONObject]) -> None:
    made, signer = made_for(school), SoftwareSigner.generate("Ed25519")
    asked = begun(school, made)
    refused(say(school, made, {"verifiablePresentation": spoil(school, asked, signer)}))
    assert collected(school, made) == 0
    assert say(school, made, {"verifiablePresentation": present(school, asked, signer)}).status_code == 200


def test_a_challenge_is_good_for_its_own_exchange_once_and_in_time(office: School) -> None:
    badge, course = made_for(office, "badge"), made_for(office, "course")
    signer, asked = SoftwareSigner.generate("Ed25519"), begun(office, badge)
    answer = {"verifiablePresentation": present(office, asked, signer)}
    refused(say(office, course, answer))
    office.world.clock.advance(seconds=office.config.lifetimes.nonce_s + 1)
    refused(say(office, badge, answer))
    answer = {"verifiablePresentation": present(office, begun(office, badge), signer)}
    assert say(office, badge, answer).status_code == 200
    refused(say(office, badge, answer), 404)
    assert (collected(office, badge), collected(office, course)) == (1, 0)


def test_an_offer_is_collected_by_one_protocol_or_the_other(school: School) -> None:
    made, signer = made_for(school), SoftwareSigner.generate("Ed25519")
    asked = begun(school, made)
    assert school.family.token(school.read(made), None).status_code == 200  # type: ignore[arg-type]
    refused(say(school, made, {"verifiablePresentation": present(school, asked, signer)}), 404)
    assert collected(school, made) == 0


@pytest.mark.parametrize("options", [{"tx_code": True}, {"grant": "code"}])
def test_an_offer_with_a_code_or_a_login_names_openid_alone(school: School, options: Any) -> None:
    made = made_for(school, **options)
    url = school.services.exchanging.interaction_url(made).removeprefix(ORIGIN)
    answer = school.family.client.get(url)
    assert answer.status_code == 200 and "vcapi" not in answer.json["protocols"]
    assert answer.json["protocols"]["OID4VCI"] == made.links.deep
    refused(say(school, made, {}), 404)
    assert school.services.exchanging.lcw_link(made) is None


def test_a_record_that_is_bound_to_nobody_is_not_given_to_a_key(office: School) -> None:
    refused(say(office, made_for(office, "badge-unlinkable"), {}), 404)


def test_what_was_taken_back_or_waits_is_not_given(office: School) -> None:
    office.services.forms.draft(office.services.students.find(STUDENT_NUMBER).id, "attendance", {
        "term": "Fall 2025", "days_enrolled": "80", "days_absent": "2"}, "rivera")
    made, signer = made_for(office, "attendance"), SoftwareSigner.generate("Ed25519")
    refused(say(office, made, {"verifiablePresentation": present(office, begun(office, made), signer)}))
    assert office.services.offers.show(made.offer.id).offer.redeemed_at is None


@pytest.mark.parametrize("path", ["/interactions/x?iuv=1", "/workflows/claim/exchanges/x/protocols"])
def test_an_unknown_link_leads_nowhere(school: School, path: str) -> None:
    refused(school.family.client.get(path), 404)


def test_a_wrong_type_at_every_member_changes_nothing(school: School) -> None:
    made, signer = made_for(school), SoftwareSigner.generate("Ed25519")
    whole = present(school, begun(school, made), signer)
    wrong: dict[str, tuple[Any, ...]] = {
        "message": (None, 7, True, [], {"id": 7}), "presentation": (None, 7, [], [7], {"id": 7}, "x"),
        "proof": (None, 7, [], {}, ["x", "y"])}
    spoiled = [{member: value} for member in ("verifiablePresentationRequest", "verifiablePresentation", "redirectUrl",
                                              "referenceId") for value in wrong["message"] if value != {"id": 7}
               or member in ("redirectUrl", "referenceId")]
    spoiled += [{"verifiablePresentation": {**whole, member: value}}
                for member in ("@context", "type", "holder", "proof") for value in wrong["presentation"]]
    spoiled += [{"verifiablePresentation": {**whole, "proof": {**whole["proof"], member: value}}}
                for member in whole["proof"] for value in wrong["proof"]]
    for message in spoiled:
        refused(say(school, made, message))
    assert collected(school, made) == 0
    assert say(school, made, {"verifiablePresentation": whole}).status_code == 200


def test_what_is_no_message_is_refused(school: School) -> None:
    made = made_for(school)
    for body in (b"", b"[]", b"{", b'{"a":1,"a":2}', b"null", b'"x"'):
        refused(school.family.client.post(path_of(made), data=body, content_type="application/json"))


def test_another_content_type_is_refused(school: School) -> None:
    refused(school.family.client.post(path_of(made_for(school)), data="{}", content_type="text/plain"), 415)


def test_the_office_s_page_has_the_links(school: School) -> None:
    made = made_for(school)
    shown = school.signed_in().get(f"/students/{made.claim.person.id}/offers/{made.offer.id}").text
    assert school.services.exchanging.interaction_url(made) in shown
    link = re.search(r'href="(dccrequest://request\?[^"]+)"', shown)
    assert link is not None
    read = exchanges.read_link(link[1].replace("&amp;", "&")).protocols
    assert read is not None and read.vcapi == ORIGIN + path_of(made)


def test_the_command_prints_the_links_and_the_wallet_s_only_where_it_can_collect(office: School) -> None:
    open_to_all = run(office, "offer", "--credential", "badge")
    with_code = run(office, "offer", "--credential", "badge", "--tx-code")
    assert open_to_all["interaction"].startswith(f"{ORIGIN}/interactions/")
    assert exchanges.read_link(open_to_all["lcw"]).protocols is not None
    assert "lcw" not in with_code and with_code["interaction"].startswith(f"{ORIGIN}/interactions/")


def test_a_person_who_opens_the_link_finds_the_wallet_s_link_on_the_claim_page(school: School) -> None:
    shown = school.family.client.get(made_for(school).page_url.removeprefix(ORIGIN)).text
    assert "dccrequest://request?request=" in shown
    with_code = made_for(school, tx_code=True)
    assert "dccrequest:" not in school.family.client.get(with_code.page_url.removeprefix(ORIGIN)).text
