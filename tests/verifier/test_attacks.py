"""The attacks on presentations that security.md numbers, each against the verifier as it stands."""

from __future__ import annotations

import json
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credkit.errors import ProtocolError
from credkit.ports import JSONObject
from credkit.verification import Outcome
from tests.support.races import PLAYERS, ROUNDS
from tests.verifier.conftest import CLIENT_ID, ORIGIN, College, form_of, make_college, parsed, path_of
from tests.verifier.test_asking import seal
from tests.verifier.test_formats_asked import ask, jwt_vp, query, send
from tests.verifier.test_sd_jwt import QUERY, SHOWN, text_for
from verifier.services.naming import Manner
from verifier.services.questions import open_question
from verifier.services.requests import Asked

WRONG_AUDIENCES: tuple[Any, ...] = (
    "did:web:college.example", "college.example", ORIGIN, f"{ORIGIN}/", CLIENT_ID.upper(), CLIENT_ID + "/",
    CLIENT_ID + " ", "decentralized_identifier:did:web:evil.example", "x509_san_dns:college.example", "", None,
    f"redirect_uri:{ORIGIN}/responses/1", [CLIENT_ID], [CLIENT_ID, "evil"], {"id": CLIENT_ID}, 1, True)
WRONG_NONCES: tuple[Any, ...] = ("", " ", "n", None, 1, True, [], {}, ["NONCE"], {"nonce": "NONCE"}, "NONCE ", "NONC")


def wrong_nonces(nonce: str) -> Iterator[Any]:
    """Values near the nonce that are not it."""
    for value in WRONG_NONCES:
        yield json.loads(json.dumps(value).replace("NONCE", nonce).replace("NONC", nonce[:-1]))


def presented(college: College, form: str, request: JSONObject, nonce: Any, audience: Any) -> Any:
    """A presentation in ``form`` that says these two."""
    if form == "dc+sd-jwt":
        return text_for(college, {"nonce": nonce, "client_id": audience})
    if form == "jwt_vc_json":
        return jwt_vp(college, {"nonce": nonce, "client_id": audience})
    return college.presented({"nonce": nonce, "client_id": audience})


@pytest.mark.parametrize("form", ["ldp_vc", "jwt_vc_json", "dc+sd-jwt"])
def test_e04_what_was_made_for_another_nonce_or_audience_is_refused_and_uses_nothing_up(
        college: College, form: str) -> None:
    made, request = ask(college, query(form))
    _, other = ask(college, query(form))
    cases = [(nonce, request["client_id"]) for nonce in (*wrong_nonces(request["nonce"]), other["nonce"])]
    cases += [(request["nonce"], audience) for audience in WRONG_AUDIENCES]
    if form == "ldp_vc":  # whoever signs quads can sign no objects there
        cases = [case for case in cases if not any(isinstance(value, dict) for value in case)]
    for nonce, audience in cases:
        sent = send(college, request, {"a": [presented(college, form, request, nonce, audience)]})
        assert (sent.status_code, parsed(sent)["error"]) == (400, "invalid_request"), (nonce, audience)
    assert str(college.services.requests.find(made.id).progress) == "opened"
    good = presented(college, form, request, request["nonce"], request["client_id"])
    assert send(college, request, {"a": [good]}).status_code == 200


@pytest.mark.parametrize("form", ["ldp_vc", "jwt_vc_json", "dc+sd-jwt"])
def test_e04_one_bad_presentation_refuses_all(college: College, form: str) -> None:
    made, request = ask(college, query(form, multiple=True))
    good, bad = (presented(college, form, request, nonce, request["client_id"]) for nonce in (request["nonce"], "x"))
    for token in ([good, bad], [bad, good], [good, good, bad]):
        assert send(college, request, {"a": token}).status_code == 400
    assert college.services.requests.find(made.id).result_id is None


def test_e05_the_verdict_is_true_only_if_every_required_check_passed(
        college: College, monkeypatch: pytest.MonkeyPatch) -> None:
    made, request = ask(college, query("ldp_vc"))
    reports = []
    judged = college.services.responses._check

    def watch(*arguments: Any) -> Any:
        reports.append(judged(*arguments))
        return reports[-1]

    monkeypatch.setattr(college.services.responses, "_check", watch)
    assert send(college, request, {"a": [college.presented(request)]}).status_code == 200
    (whole,) = reports
    assert whole.verified
    (presentation,) = whole.members
    (record,) = presentation.members
    for report in (whole, presentation, record):
        for index, check in enumerate(report.checks):
            for outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
                checks = list(report.checks)
                checks[index] = replace(check, outcome=outcome)
                assert replace(report, checks=tuple(checks)).verified is (check.id in report.optional), check.id
        assert not replace(report, checks=()).verified


@pytest.mark.parametrize("broken", ["status", "trust", "proof", "query"])
def test_e05_whatever_fails_inside_fails_the_whole(college: College, broken: str) -> None:
    more: JSONObject = {"claims": [{"path": ["absent"]}]} if broken == "query" else {}
    made, request = ask(college, query("ldp_vc", **more))
    presentation = college.presented(request)
    if broken == "status":
        college.school.revoked.add(7)
        college.school.publish_list()
    elif broken == "trust":
        college.services.trust.remove(college.school.did)
        college.services.trust.add("did:web:other.example", "Other")
    elif broken == "proof":
        college.world.web.serve_json("https://school.example/.well-known/did.json", {
            "id": college.school.did, "verificationMethod": []})
        college.world.clock.advance(minutes=6)
    assert send(college, request, {"a": [presentation]}).status_code == 200
    assert college.report(made)["verified"] is False


def test_e06_who_relays_a_request_does_not_get_the_result_and_who_answers_it_neither(college: College) -> None:
    asker, family, stranger = college.signed_in(), college.client(), college.signed_in()
    form = {"asks": ["courses"], "purpose": "Admission", "with_name": "yes", "until": "2026-07-01"}
    location = college.post(asker, "/ask/send", form, page="/ask").headers["Location"]
    made = college.services.requests.find(location.rpartition("/")[2])
    request = college.opened(made)
    answered = college.answer(request, {"courses": [college.presented(request)]})
    link = path_of(parsed(answered)["redirect_uri"])
    bare, code = link.split("?response_code=")
    assert len(bytes.fromhex(code)) >= 16
    for client, address in ((family, link), (stranger, link), (asker, bare), (asker, f"{bare}?response_code=x"),
                            (asker, f"{bare}?response_code={'0' * 32}"), (asker, f"{bare}?response_code=")):
        page = client.get(address)
        assert page.status_code == 200 and "Algebra" not in page.text
    shown = asker.get(link)
    assert shown.status_code == 303 and shown.headers["Location"].startswith("/results/")


def test_e06_the_api_gives_the_answer_to_the_asker_s_secret_alone(college: College) -> None:
    made, request = ask(college, query("ldp_vc"))
    sent = send(college, request, {"a": [college.presented(request)]})
    code = parsed(sent)["redirect_uri"].rpartition("=")[2]
    for secret in (code, request["state"], request["nonce"], "x", ""):
        answer = college.client().get(f"/api/requests/{made.id}", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 404
    answer = college.client().get(f"/api/requests/{made.id}", headers={"Authorization": f"Bearer {made.secret}"})
    assert answer.status_code == 200 and parsed(answer)["report"]["verified"] is True


def test_e07_a_code_that_somebody_photographs_is_old_in_two_minutes_and_dead_once_it_was_scanned(
        college: College) -> None:
    made, _ = ask(college, query("ldp_vc"))
    late = college.ask()
    address = path_of(made.request_uri)
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert college.client().post(address, data=form_of(wallet_nonce="thief"), **form).status_code == 404
    college.world.clock.advance(seconds=121)
    assert college.client().get(path_of(late.request_uri)).status_code == 404


def secrets_of(college: College) -> set[str]:
    """Everything by which a request is known, of one made just now."""
    made, request = ask(college, query("ldp_vc"))
    return {request["nonce"], request["state"], made.id, made.secret}


def _ask_in_child(college: College, found: Any) -> None:
    found.put(sorted(secrets_of(college)))


def test_e12_numbers_are_long_fresh_and_never_the_same_again_not_even_in_forked_workers(college: College) -> None:
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    children = [context.Process(target=_ask_in_child, args=(college, found)) for _ in range(4)]
    for child in children:
        child.start()
    numbers = [number for _ in children for number in found.get(timeout=60)]
    for child in children:
        child.join()
    for _ in range(20):
        numbers += secrets_of(college)
    assert len(numbers) == len(set(numbers)) == 24 * 4
    assert all(len(bytes.fromhex(number)) >= 16 for number in numbers)
    bits = [bit for number in numbers for byte in bytes.fromhex(number) for bit in f"{byte:08b}"]
    assert abs(bits.count("1") / len(bits) - 0.5) < 0.02


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_e13_of_64_answers_at_once_exactly_one_is_taken(
        tmp_path: Path, new_database: Callable[[Path], str], mode: str) -> None:
    college = make_college(tmp_path, database=new_database(tmp_path))
    for _ in range(ROUNDS):
        made, forms = _many_answers(college, mode)
        codes = _all_at_once(college, made, forms)
        assert sorted(codes) == [200] + [400] * (PLAYERS - 1)
        assert college.report(made)["verified"] is True


def _many_answers(college: College, mode: str) -> tuple[Asked, list[bytes]]:
    question = open_question("", today=college.world.clock.now().date())
    made = college.services.requests.ask(question, query=QUERY, manner=Manner(response_mode=mode))
    request, forms = college.opened(made), []
    for number in range(PLAYERS):
        token = {"course": [text_for(college, request, {**SHOWN, "title": f"Algebra {number}"})]}
        if mode == "direct_post":
            forms.append(form_of(vp_token=json.dumps(token), state=request["state"]))
        else:
            forms.append(form_of(response=seal(request, {"vp_token": token, "state": request["state"]})))
    return made, forms


def _all_at_once(college: College, made: Asked, forms: list[bytes]) -> list[int]:
    gate, codes = threading.Barrier(len(forms)), list[int]()

    def post(form: bytes) -> None:
        gate.wait()
        try:
            college.services.responses.receive(made.id, form)
        except ProtocolError as error:
            codes.append(error.http_status)
        else:
            codes.append(200)

    threads = [threading.Thread(target=post, args=(form,)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes
