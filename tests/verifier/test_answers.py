"""Asking and being answered: what is taken, what is refused, and that a request is used once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credkit.environment import SystemRandomness
from credkit.jose import peek_payload
from credkit.proofs import derive
from credkit.storage import open_engine, reading
from tests.support.world import Holder, School
from tests.verifier.conftest import CLIENT_ID, ORIGIN, SHOWN, College, form_of, outcomes, parsed, path_of

FORM = "application/x-www-form-urlencoded"


def test_two_courses_are_asked_for_shown_and_hold(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)

    answer = college.answer(
        request,
        {
            "courses": [
                college.presented(request, 7, name="Algebra I", grade="A"),
                college.presented(request, 8, name="Biology", grade="B+"),
            ]
        },
    )

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert parsed(answer)["redirect_uri"].startswith(f"{ORIGIN}/answered/{asked.id}?response_code=")
    report = college.report(asked)
    assert report["verified"] is True
    assert outcomes(report) == {"credentials": "passed", "query": "passed", "same-person": "passed"}
    story = college.services.results.find(college.services.requests.find(asked.id).result_id or "").story
    shown = [(sheet["record"]["title"], sheet["record"]["student"]) for sheet in story["sheets"]]
    assert shown == [("Algebra I", "María José Hernández Núñez"), ("Biology", "María José Hernández Núñez")]
    assert [sheet["report"]["trusted_name"] for sheet in story["sheets"]] == ["Lincoln High School"] * 2


def test_the_request_says_who_asks_why_and_for_what(college: College) -> None:
    asked = college.ask("courses", "badge")
    request = college.opened(asked)

    assert request["client_id"] == CLIENT_ID
    assert request["aud"] == "https://self-issued.me/v2"
    assert request["response_mode"] == "direct_post"
    assert request["response_uri"] == f"{ORIGIN}/responses/{asked.id}"
    assert request["purpose"] == "Admission for fall 2027"
    assert request["dcql_query"] == asked.query
    assert len(bytes.fromhex(request["nonce"])) >= 16
    assert request["client_metadata"]["client_name"] == "State College"
    assert set(request["client_metadata"]) == {"vp_formats_supported", "client_name"}
    assert datetime.fromtimestamp(request["purpose_until"], UTC).date() == asked.question.until


def test_every_request_has_a_nonce_state_and_address_of_its_own(college: College) -> None:
    requests = [college.opened(college.ask()) for _ in range(20)]

    for member in ("nonce", "state", "response_uri"):
        assert len({request[member] for request in requests}) == 20


def test_a_request_fetched_by_post_repeats_the_wallets_nonce(college: College) -> None:
    asked = college.ask()
    answer = college.client().post(
        path_of(asked.request_uri), data=form_of(wallet_nonce="w-1", wallet_metadata="{}"), content_type=FORM
    )

    assert answer.status_code == 200
    assert peek_payload(answer.text)["wallet_nonce"] == "w-1"


def test_a_second_wallet_that_scans_the_same_code_is_refused(college: College) -> None:
    asked = college.ask()

    def fetch(nonce: str) -> int:
        form = form_of(wallet_nonce=nonce)
        return int(college.client().post(path_of(asked.request_uri), data=form, content_type=FORM).status_code)

    assert [fetch("mine"), fetch("mine"), fetch("another"), fetch("mine")] == [200, 200, 404, 200]
    assert college.client().get(path_of(asked.request_uri)).status_code == 404


def test_what_is_kept_holds_no_proof(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    college.answer(request, {"courses": [college.presented(request)]})

    story = college.services.results.find(college.services.requests.find(asked.id).result_id or "").story
    assert "proofValue" not in str(story)
    assert request["nonce"] not in str(story)


def test_an_answer_is_taken_once(college: College) -> None:
    request = college.opened(college.ask())
    presentation = college.presented(request)

    assert college.answer(request, {"courses": [presentation]}).status_code == 200
    replay = college.answer(request, {"courses": [presentation]})
    assert replay.status_code == 400
    assert parsed(replay)["error"] == "invalid_request"
    assert len(college.services.results.page(1)[0]) == 1


def test_an_answer_to_one_request_answers_no_other(college: College) -> None:
    first, second = college.opened(college.ask()), college.opened(college.ask())
    presentation = college.presented(first)

    assert college.answer({**second}, {"courses": [presentation]}).status_code == 400
    assert college.answer({**second, "state": first["state"]}, {"courses": [presentation]}).status_code == 400
    assert college.answer(first, {"courses": [presentation]}).status_code == 200


def test_of_two_answers_at_once_exactly_one_is_taken(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    presentations = [college.presented(request, index) for index in range(7, 13)]
    gate = threading.Barrier(len(presentations))
    codes: list[int] = []

    def post(presentation: Any) -> None:
        gate.wait()
        codes.append(college.answer(request, {"courses": [presentation]}).status_code)

    threads = [threading.Thread(target=post, args=(presentation,)) for presentation in presentations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [200] + [400] * (len(presentations) - 1)
    assert len(college.services.results.page(1)[0]) == 1
    assert college.report(asked)["verified"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"challenge": "another"},
        {"challenge": None},
        {"domain": "did:web:college.example"},
        {"domain": None},
        {"domain": ["decentralized_identifier:did:web:college.example"]},
        {"domain": "decentralized_identifier:did:web:evil.example"},
    ],
)
def test_a_presentation_made_for_somebody_else_is_refused_and_uses_nothing_up(college: College, changes: Any) -> None:
    asked = college.ask()
    request = college.opened(asked)
    holder = Holder(college.world)
    bound = {"challenge": request["nonce"], "domain": request["client_id"], **changes}
    presentation = holder.present(college.course(holder), **bound)

    refused = college.answer(request, {"courses": [presentation]})

    assert refused.status_code == 400
    assert parsed(refused)["error"] == "invalid_request"
    assert college.services.requests.find(asked.id).result_id is None
    assert college.answer(request, {"courses": [college.presented(request)]}).status_code == 200


def test_a_record_of_another_holder_is_refused(college: College) -> None:
    request = college.opened(college.ask())
    owner, thief = Holder(college.world), Holder(college.world)
    presentation = thief.present(college.course(owner), challenge=request["nonce"], domain=request["client_id"])

    assert college.answer(request, {"courses": [presentation]}).status_code == 400


def test_a_presentation_without_proof_is_refused(college: College) -> None:
    request = college.opened(college.ask())
    presentation = college.presented(request)
    for proof in (None, [], {}, "", [presentation["proof"], {}]):
        assert college.answer(request, {"courses": [{**presentation, "proof": proof}]}).status_code == 400
    del presentation["proof"]
    assert college.answer(request, {"courses": [presentation]}).status_code == 400


def test_one_bad_presentation_refuses_all(college: College) -> None:
    asked = college.ask()
    request, other = college.opened(asked), college.opened(college.ask())

    refused = college.answer(request, {"courses": [college.presented(request, 7), college.presented(other, 8)]})

    assert refused.status_code == 400
    assert college.services.requests.find(asked.id).result_id is None


def test_a_base_proof_is_not_accepted(college: College) -> None:
    asked = college.ask()
    request, holder = college.opened(asked), Holder(college.world)
    whole = college.school.sign_base(college.school.course(subject_id=holder.did))
    presentation = holder.present(whole, challenge=request["nonce"], domain=request["client_id"])

    college.answer(request, {"courses": [presentation]})

    assert college.services.requests.find(asked.id).result_id is None or not college.report(asked)["verified"]


def test_a_record_that_was_taken_back_does_not_hold(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    college.school.revoked.add(7)
    college.school.publish_list()

    assert college.answer(request, {"courses": [college.presented(request, 7)]}).status_code == 200

    report = college.report(asked)
    assert report["verified"] is False
    assert report["outcome"] == "failed"
    assert outcomes(report)["credentials"] == "failed"
    assert report["checks"][0]["problem"]["code"] == "revoked"


def test_an_unreachable_status_list_is_could_not_check_and_never_green(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    presentation = college.presented(request, 7)
    college.services.checks.check(b"{}", keep=False)
    college.world.web.serve_json(college.school.list_url, {}, status=503)

    assert college.answer(request, {"courses": [presentation]}).status_code == 200

    report = college.report(asked)
    assert report["verified"] is False
    assert report["outcome"] == "indeterminate"
    assert report["checks"][0]["problem"]["code"] == "status_retrieval"


def test_an_answer_that_shows_too_little_does_not_satisfy_the_question(college: College) -> None:
    asked = college.ask()
    request, holder = college.opened(asked), Holder(college.world)
    whole = college.school.sign_base(college.school.course(subject_id=holder.did))
    part = derive(whole, SHOWN[:1], college.world.processor, SystemRandomness())

    college.answer(
        request, {"courses": [holder.present(part, challenge=request["nonce"], domain=request["client_id"])]}
    )

    report = college.report(asked)
    assert outcomes(report)["query"] == "failed"
    assert report["verified"] is False


def test_something_nobody_asked_for_is_refused(college: College) -> None:
    request = college.opened(college.ask("courses"))
    presentation = college.presented(request)

    assert college.answer(request, {"courses": [presentation], "medical": [presentation]}).status_code == 400
    assert college.answer(request, {"medical": [presentation]}).status_code == 400


def test_records_of_two_people_are_not_taken_for_one(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)

    college.answer(
        request,
        {
            "courses": [
                college.presented(request, 7, student="Ana Ruiz"),
                college.presented(request, 8, student="Luis Ruiz"),
            ]
        },
    )

    report = college.report(asked)
    assert outcomes(report)["same-person"] == "indeterminate"
    assert report["verified"] is False
    assert report["checks"][2]["problem"]["code"] == "different_people"


def test_records_that_name_nobody_may_belong_to_different_people(college: College) -> None:
    asked = college.ask("courses", with_name=False)
    request = college.opened(asked)
    holders = Holder(college.world), Holder(college.world)
    presentations = []
    for index, holder in enumerate(holders):
        whole = college.school.sign_base(college.school.course(index=index, subject_id=holder.did))
        part = derive(whole, SHOWN[:2], college.world.processor, SystemRandomness())
        presentations.append(holder.present(part, challenge=request["nonce"], domain=request["client_id"]))

    college.answer(request, {"courses": presentations})

    assert outcomes(college.report(asked)) == {
        "credentials": "passed",
        "query": "passed",
        "same-person": "indeterminate",
    }


def test_one_record_needs_no_name(college: College) -> None:
    asked = college.ask("courses", with_name=False)
    request, holder = college.opened(asked), Holder(college.world)
    part = derive(
        college.school.sign_base(college.school.course(subject_id=holder.did)), SHOWN[:2], college.world.processor,
        SystemRandomness()
    )

    college.answer(
        request, {"courses": [holder.present(part, challenge=request["nonce"], domain=request["client_id"])]}
    )

    assert college.report(asked)["verified"] is True


def test_a_signer_who_is_not_on_the_list_does_not_hold(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    mill = School(college.world, "https://mill.example", "Lincoln High School")
    holder = Holder(college.world)
    course = mill.sign_base(mill.course(subject_id=holder.did))
    part = derive(course, SHOWN, college.world.processor, SystemRandomness())

    college.answer(
        request, {"courses": [holder.present(part, challenge=request["nonce"], domain=request["client_id"])]}
    )

    report = college.report(asked)
    assert report["verified"] is False
    assert outcomes(report["members"][0]["members"][0])["trust"] == "failed"


def test_a_transcript_travels_whole_and_its_members_are_judged_each(college: College) -> None:
    asked = college.ask("transcript")
    request, holder = college.opened(asked), Holder(college.world)
    members = [college.school.sign(college.school.course(index=index, subject_id=holder.did)) for index in (7, 8)]
    transcript = college.school.sign(college.school.transcript(members, subject_id=holder.did))

    college.answer(
        request, {"transcript": [holder.present(transcript, challenge=request["nonce"], domain=request["client_id"])]}
    )
    assert college.report(asked)["verified"] is True

    college.school.revoked.add(8)
    college.school.publish_list()
    again = college.ask("transcript")
    request = college.opened(again)
    college.answer(
        request, {"transcript": [holder.present(transcript, challenge=request["nonce"], domain=request["client_id"])]}
    )
    assert college.report(again)["outcome"] == "failed"


def test_a_family_may_say_no(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)

    answer = college.post_form(request, form_of(error="access_denied", state=request["state"]))

    assert answer.status_code == 200
    found = college.services.requests.find(asked.id)
    assert (str(found.progress), found.refusal, found.result_id) == ("refused", "access_denied", None)
    assert college.answer(request, {"courses": [college.presented(request)]}).status_code == 400


def test_a_no_with_another_state_is_nobodys_no(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)

    for state in ("", "x", request["state"][:-1], request["state"] + "0"):
        assert college.post_form(request, form_of(error="access_denied", state=state)).status_code == 400
    assert str(college.services.requests.find(asked.id).progress) == "opened"


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"vp_token=",
        b"vp_token=%7B%7D",
        b"vp_token=[]",
        b"vp_token=null",
        b"vp_token=%7B",
        b"vp_token=%ff",
        b"\xff\xfe",
        b"a" * 9000,
        b"vp_token=" + b"[" * 100_000,
        b"vp_token=%7B%22courses%22%3A%5B%5D%7D",
        b"vp_token=%7B%22courses%22%3A%22a.b.c%22%7D",
        b"vp_token=%7B%22courses%22%3A%5B1%5D%7D",
        b"vp_token=%7B%22courses%22%3A%5B%7B%7D%5D%7D",
        b"response=a.b.c.d.e",
        b"vp_token=%7B%22courses%22%3A%5B%7B%22verifiableCredential%22%3A%5B1%5D%7D%5D%7D",
        b"error=%00",
        b"&" * 5000,
        b"vp_token=%7B%22courses%22%3A%5B%7B%22type%22%3A%5B%5B%5D%5D%2C%22verifiableCredential%22%3A%7B%7D%2C%22proof%22%3A1%7D%5D%7D",
    ],
)
def test_a_malformed_answer_gets_a_code_a_sentence_and_changes_nothing(college: College, form: bytes) -> None:
    asked = college.ask()
    request = college.opened(asked)

    for body in (form, form + b"&state=" + request["state"].encode()):
        answer = college.post_form(request, body)
        assert answer.status_code == 400
        assert parsed(answer)["error"] == "invalid_request"
        assert len(parsed(answer)["error_description"]) > 10
    assert str(college.services.requests.find(asked.id).progress) == "opened"


def test_an_answer_of_ten_megabytes_is_refused(college: College) -> None:
    request = college.opened(college.ask())

    assert college.post_form(request, b"vp_token=" + b"a" * 10_485_760).status_code == 413


def test_an_answer_that_is_no_form_is_refused(college: College) -> None:
    request = college.opened(college.ask())

    answer = college.client().post(path_of(request["response_uri"]), json={"vp_token": {}})

    assert answer.status_code == 415
    assert parsed(answer)["error"] == "invalid_request"


def test_nobody_can_answer_a_request_that_does_not_exist(college: College) -> None:
    request = college.opened(college.ask())
    elsewhere = {**request, "response_uri": f"{ORIGIN}/responses/{'0' * 32}"}

    assert college.answer(elsewhere, {"courses": [college.presented(request)]}).status_code == 400
    assert college.client().get(f"/requests/{'0' * 32}/object").status_code == 404


def test_a_request_lives_two_minutes_until_it_is_opened(college: College) -> None:
    asked = college.ask()
    assert asked.expires_at - asked.created_at == timedelta(seconds=120)

    college.world.clock.advance(seconds=121)

    assert college.client().get(path_of(asked.request_uri)).status_code == 404
    assert str(college.services.requests.find(asked.id).progress) == "too-old"


def test_then_there_are_twenty_minutes_to_answer(college: College) -> None:
    asked = college.ask()
    college.world.clock.advance(seconds=100)
    request = college.opened(asked)
    presentation = college.presented(request)

    college.world.clock.advance(seconds=20 * 60 + 1)

    assert college.answer(request, {"courses": [presentation]}).status_code == 400
    assert str(college.services.requests.find(asked.id).progress) == "too-old"


def test_more_time_gives_twenty_minutes_more_but_not_for_ever(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    for _ in range(5):
        college.world.clock.advance(minutes=19)
        college.services.requests.more_time(asked.id)
    assert college.answer(request, {"courses": [college.presented(request)]}).status_code == 200

    other = college.ask()
    college.opened(other)
    for _ in range(40):
        college.services.requests.more_time(other.id)
    longest = college.services.requests.find(other.id).expires_at - other.created_at
    assert longest == timedelta(seconds=college.services.config.lifetimes.longest_s)


def test_results_are_removed_after_a_day_without_anybody_asking(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    college.answer(request, {"courses": [college.presented(request)]})

    college.world.clock.advance(hours=25)
    college.client().get("/.well-known/did.json")

    with reading(open_engine(college.services.config.database_url)) as connection:
        for table in ("results", "requests"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
