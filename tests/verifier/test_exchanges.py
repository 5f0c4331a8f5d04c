"""Answering by a VC-API exchange: what is asked, whole records in one presentation, and what is refused."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credkit.errors import ProtocolError
from credkit.ports import JSONObject
from credkit.proofs import add_proof
from credkit.protocols import exchanges
from credkit.protocols.oid4vp import v1_0
from tests.support.races import PLAYERS, ROUNDS
from tests.support.world import Holder
from tests.verifier.conftest import CLIENT_ID, ORIGIN, College, make_college, outcomes
from verifier.bootstrap import build_services
from verifier.services.naming import Manner
from verifier.services.questions import open_question
from verifier.services.requests import Asked, Progress
from verifier.web import create_app

BADGE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"


def path_of(asked: Asked) -> str:
    return f"/workflows/ask/exchanges/{asked.id}"


def say(college: College, asked: Asked, message: Any) -> Any:
    return college.client(use_cookies=False).post(path_of(asked), data=json.dumps(message),
                                                  content_type="application/json")


def begun(college: College, asked: Asked) -> JSONObject:
    answer = say(college, asked, {})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), answer.text
    request: JSONObject = answer.json["verifiablePresentationRequest"]
    return request


def whole(college: College, holder: Holder, index: int = 7, **more: Any) -> JSONObject:
    """A course as the Learner Credential Wallet would hold it."""
    return college.school.sign(college.school.course(index=index, subject_id=holder.did, **more))


def present(college: College, asked: JSONObject, *records: JSONObject, holder: Holder | None = None,
            **changes: Any) -> JSONObject:
    holder = holder or Holder(college.world)
    records = records or (whole(college, holder),)
    return holder.present(*records, **{"challenge": asked["challenge"], "domain": asked["domain"], **changes})


def refused(answer: Any, status: int = 400) -> None:
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store"), answer.text
    assert answer.json["error"] == ("not_found" if status == 404 else "invalid_request")


@pytest.mark.spec("VCALM", "#interaction-url-format")
def test_wallets_get_a_map_and_browsers_the_wallet_s_page(college: College) -> None:
    asked, client = college.ask(), college.client(use_cookies=False)
    url = college.services.exchanging.interaction_url(asked).removeprefix(ORIGIN)
    answer = client.get(url, headers={"Accept": "application/json"})
    assert exchanges.read_protocols(answer.data) == exchanges.Protocols(ORIGIN + path_of(asked), None, asked.links.deep)
    assert client.get(path_of(asked) + "/protocols").json == answer.json
    browser = client.get(url, headers={"Accept": "text/html"})
    assert (browser.status_code, browser.headers["Location"]) == (303, asked.links.web[0])


@pytest.mark.spec("VP-REQUEST", "#query-by-example")
def test_the_question_becomes_examples_and_a_signature_for_us(college: College) -> None:
    told = begun(college, college.ask("courses", "transcript"))
    read = exchanges.read_message({"verifiablePresentationRequest": told})
    assert read.request is not None and read.request.domain == ORIGIN and read.request.authentication is not None
    assert [each.example["type"][1] for each in read.request.examples] == ["OpenBadgeCredential", "ClrCredential"]
    assert {each.reason for each in read.request.examples} == {"Admission for fall 2027"}


@pytest.mark.spec("VCALM", "#participate-in-an-exchange")
def test_whole_records_are_checked_and_told_like_any_other_answer(college: College) -> None:
    asked, holder = college.ask(), Holder(college.world)
    request = begun(college, asked)
    presentation = present(college, request, whole(college, holder), whole(college, holder, 8), holder=holder)
    answer = say(college, asked, {"verifiablePresentation": presentation, "referenceId": "r"})
    assert (answer.status_code, answer.json["referenceId"]) == (200, "r"), answer.text
    assert answer.json["redirectUrl"].startswith(f"{ORIGIN}/answered/{asked.id}?response_code=")
    report = college.report(asked)
    assert report["verified"] is True and outcomes(report)["query"] == "passed"
    result_id = college.services.requests.find(asked.id).result_id
    page = college.signed_in().get(f"/results/{result_id}").text
    assert "they say more than you asked for" in page
    assert "proofValue" not in json.dumps(college.services.results.find(str(result_id)).story)


def test_what_comes_over_openid_in_part_is_not_called_more(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    assert college.answer(request, {"courses": [college.presented(request)]}).status_code == 200
    page = college.signed_in().get(f"/results/{college.services.requests.find(asked.id).result_id}").text
    assert "they say more than you asked for" not in page


@pytest.mark.parametrize(("kind", "spoil", "name"), [("enrolment", False, "query"), ("courses", True, "credentials")])
def test_a_bound_answer_that_does_not_hold_is_told_and_uses_the_request_up(
        college: College, kind: str, spoil: bool, name: str) -> None:
    asked, holder = college.ask(kind), Holder(college.world)
    record = whole(college, holder)
    presentation = present(college, begun(college, asked), replaced(record) if spoil else record, holder=holder)
    assert say(college, asked, {"verifiablePresentation": presentation}).status_code == 200
    assert outcomes(college.report(asked))[name] == "failed"
    refused(say(college, asked, {"verifiablePresentation": presentation}))


def replaced(record: JSONObject) -> JSONObject:
    """The record with another grade than was signed."""
    changed = json.loads(json.dumps(record))
    changed["credentialSubject"]["result"][0]["value"] = "A++"
    return dict(changed)


def old_presentation(college: College, asked: JSONObject) -> JSONObject:
    holder = Holder(college.world)
    return add_proof(
        {"@context": ["https://www.w3.org/ns/credentials/v2", ED25519_2020], "type": ["VerifiablePresentation"],
         "holder": holder.did, "verifiableCredential": [whole(college, holder)]},
        suite="Ed25519Signature2020", signer=holder.signer, processor=college.world.processor,
        created=college.world.clock.now(), purpose="authentication", challenge=asked["challenge"],
        domain=asked["domain"])


@pytest.mark.parametrize("strict", [False, True])
def test_the_older_signature_is_taken_and_logged_and_refused_in_strict_mode(
        college: College, caplog: pytest.LogCaptureFixture, strict: bool) -> None:
    if strict:
        college.services = build_services(replace(college.services.config, strict=True), clock=college.world.clock,
                                          fetcher=college.world.web)
        college.app = create_app(college.services)
    asked = college.ask()
    request = begun(college, asked)
    assert ("Ed25519Signature2020" in json.dumps(request)) is not strict
    answer = say(college, asked, {"verifiablePresentation": old_presentation(college, request)})
    if strict:
        refused(answer)
        assert college.services.requests.find(asked.id).progress is Progress.OPENED
    else:
        assert answer.status_code == 200 and "Ed25519Signature2020" in caplog.text
        assert college.report(asked)["verified"] is True
    assert caplog.record_tuples == [] or caplog.record_tuples[0][1] == logging.WARNING


def spoil_signature(presentation: JSONObject) -> JSONObject:
    value = presentation["proof"]["proofValue"]
    changed = value[:9] + ("2" if value[9] != "2" else "3") + value[10:]
    return {**presentation, "proof": {**presentation["proof"], "proofValue": changed}}


SPOILED: dict[str, Callable[[College, JSONObject], JSONObject]] = {
    "challenge": lambda college, asked: present(college, asked, challenge="made-up"),
    "domain": lambda college, asked: present(college, asked, domain="https://other.example"),
    "client id": lambda college, asked: present(college, asked, domain=CLIENT_ID),
    "signature": lambda college, asked: spoil_signature(present(college, asked)),
    "somebody else's": lambda college, asked: present(college, asked, whole(college, Holder(college.world))),
    "no record": lambda college, asked: present(college, asked, verifiableCredential=[]),
    "unsigned": lambda college, asked: {name: value for name, value in present(college, asked).items()
                                        if name != "proof"},
    "empty": lambda college, asked: {},
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_what_is_not_bound_to_this_request_is_refused_and_uses_nothing_up(
        college: College, spoil: Callable[[College, JSONObject], JSONObject]) -> None:
    asked = college.ask()
    request = begun(college, asked)
    refused(say(college, asked, {"verifiablePresentation": spoil(college, request)}))
    assert say(college, asked, {"verifiablePresentation": present(college, request)}).status_code == 200


def test_a_request_is_answered_by_one_protocol_or_the_other(college: College) -> None:
    asked = college.ask()
    openid, vcapi = college.opened(asked), begun(college, asked)
    assert college.answer(openid, {"courses": [college.presented(openid)]}).status_code == 200
    refused(say(college, asked, {"verifiablePresentation": present(college, vcapi)}))
    refused(say(college, asked, {}), 404)
    refused(college.client().get(f"/interactions/{asked.id}?iuv=1"), 404)


def test_an_answer_to_another_request_is_refused(college: College) -> None:
    first, second = college.ask(), college.ask()
    request = begun(college, first)
    begun(college, second)
    refused(say(college, second, {"verifiablePresentation": present(college, request)}))


def test_too_late_is_refused(college: College) -> None:
    asked = college.ask()
    presentation = present(college, begun(college, asked))
    college.world.clock.advance(hours=2)
    refused(say(college, asked, {"verifiablePresentation": presentation}))


QUERIES: dict[str, JSONObject] = {
    "format": {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://x.example/"]}},
    "type": {"id": "a", "format": "ldp_vc", "meta": {"type_values": [["https://x.example/T"]]}},
    "no type": {"id": "a", "format": "ldp_vc", "meta": {}},
    "unbound": {"id": "a", "format": "ldp_vc", "meta": {"type_values": [[BADGE]]},
                "require_cryptographic_holder_binding": False},
}


@pytest.mark.parametrize("entry", QUERIES.values(), ids=QUERIES)
def test_what_examples_cannot_say_names_openid_alone(college: College, entry: JSONObject) -> None:
    today = college.services.clock.now().date()
    asked = college.services.requests.ask(open_question("", today=today), query={"credentials": [entry]})
    told = exchanges.read_protocols(college.client().get(f"/interactions/{asked.id}").data)
    assert told.vcapi is None and told.oid4vp is not None
    refused(say(college, asked, {}), 404)


def test_a_sealed_answer_and_one_of_a_school_name_openid_alone(college: College) -> None:
    today = college.services.clock.now().date()
    query = {"credentials": [{"id": "a", "format": "ldp_vc", "meta": {"type_values": [[BADGE]]}}]}
    sealed = college.services.requests.ask(open_question("", today=today), query=query,
                                           manner=Manner(response_mode="direct_post.jwt"))
    of_school = college.ask("full-record", sender="did:web:school.example")
    for asked in (sealed, of_school):
        assert college.services.exchanging.lcw_link(asked) is None
        refused(say(college, asked, {}), 404)


def test_a_wrong_type_at_every_member_changes_nothing(college: College) -> None:
    asked = college.ask()
    made = present(college, begun(college, asked))
    wrong: tuple[Any, ...] = (None, 7, True, [], [7], "x")
    spoiled: list[JSONObject] = [{member: value} for member in ("verifiablePresentationRequest", "redirectUrl",
                                                                "verifiablePresentation") for value in wrong]
    spoiled += [{"referenceId": value} for value in wrong[:-1]]
    spoiled += [{"verifiablePresentation": {**made, member: value}} for member in made for value in wrong]
    spoiled += [{"verifiablePresentation": {**made, "proof": {**made["proof"], member: value}}}
                for member in made["proof"] for value in wrong]
    for message in spoiled:
        refused(say(college, asked, message))
    for body in (b"", b"[]", b"{", b'{"a":1,"a":2}', b"null"):
        refused(college.client().post(path_of(asked), data=body, content_type="application/json"))
    refused(college.client().post(path_of(asked), data="{}", content_type="text/plain"), 415)
    assert college.services.requests.find(asked.id).progress is Progress.OPENED
    assert say(college, asked, {"verifiablePresentation": made}).status_code == 200


def test_the_page_has_the_links(college: College) -> None:
    asked = college.ask()
    shown = college.signed_in().get(f"/asked/{asked.id}").text
    assert college.services.exchanging.interaction_url(asked) in shown
    assert "dccrequest://request?request=" in shown


def test_of_64_answers_at_once_by_both_protocols_exactly_one_is_taken(
        tmp_path: Path, new_database: Callable[[Path], str]) -> None:
    college = make_college(tmp_path, database=new_database(tmp_path))
    for _ in range(ROUNDS):
        asked = college.ask()
        assert sorted(_all_at_once(college, asked)) == [200] + [400] * (PLAYERS - 1)
        assert college.report(asked)["verified"] is True


def _all_at_once(college: College, asked: Asked) -> list[int]:
    """What each of many gets who answer one request at once, every other one by an exchange."""
    openid = college.opened(asked)
    form = v1_0.build_response({"courses": [college.presented(openid)]}, state=openid["state"]).encode()
    presentation, responses = present(college, begun(college, asked)), college.services.responses
    gate, codes = threading.Barrier(PLAYERS), list[int]()

    def answer(number: int) -> None:
        gate.wait()
        try:
            if number % 2:
                responses.receive(asked.id, form)
            else:
                responses.receive_presentation(asked.id, presentation)
        except ProtocolError as error:
            codes.append(error.http_status)
        else:
            codes.append(200)

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(PLAYERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes
