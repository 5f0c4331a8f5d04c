"""A course as SD-JWT VC through the three roles: offered, kept, shown in part with key binding, taken back, red."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from credkit.encoding import base64url_encode
from credkit.errors import FetchError, ProblemError, ProtocolError
from credkit.formats.sd_jwt_vc import SdJwt, bind_key, choose, parse_sd_jwt
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from tests.flows.conftest import COLLEGE, PURPOSE, SCHOOL, Town, build_town, link_of
from verifier.services.questions import open_question
from verifier.services.requests import Asked
from wallet.services.record.items import CREDENTIAL

VCT = f"{SCHOOL}/vct/course"
TITLE_AND_GRADE = [{"path": ["title"]}, {"path": ["grade"]}]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """One town for the whole file, whose family has the student's courses in this form."""
    made = build_town(tmp_path_factory.mktemp("town"))
    assert len(receive(made)) == 24 == len(made.items("courses"))
    return made


def receive(town: Town) -> tuple[str, ...]:
    """The student's courses in this form; ids of the items kept."""
    person = town.school.students.find("20391")
    made = town.school.offers.offer_form(person.id, "course-sd-jwt", "operator")
    resolved = town.wallet.receiving.resolve_offer(link_of(made.offer_url))
    taken = town.wallet.receiving.accept_offer(town.vault, resolved, tx_code=made.tx_code)
    assert taken.problem is None
    return taken.stored


def asked(town: Town, claims: list[JSONObject] | None = None, **more: Any) -> Asked:
    query: JSONObject = {"id": "course", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, **more}
    if claims is not None:
        query["claims"] = claims
    question = open_question(PURPOSE, today=town.college.clock.now().date())
    return town.college.requests.ask(question, query={"credentials": [query]})


def decided(town: Town, request: Asked, title: str = "Algebra I") -> tuple[Any, Any]:
    """The request as the wallet read it, and the family's yes."""
    resolved = town.wallet.presenting.resolve_request(request.links.deep)
    item_id = town.items("courses")[title]
    sheet = town.wallet.presenting.sheet(town.vault, resolved, {"course": (item_id,)})
    return resolved, town.wallet.presenting.agree(town.vault, resolved, sheet, seen_digest=sheet.digest)


def report_of(town: Town, request: Asked) -> JSONObject:
    result_id = town.college.requests.find(request.id).result_id
    assert result_id is not None
    story: JSONObject = town.college.results.find(result_id).story
    return story


def share(town: Town, request: Asked, title: str = "Algebra I") -> JSONObject:
    resolved, decision = decided(town, request, title)
    town.wallet.presenting.share(town.vault, resolved, decision)
    return report_of(town, request)


def outcomes(report: JSONObject) -> dict[str, str]:
    return {check["id"]: check["outcome"] for check in report["checks"]}


@pytest.mark.spec("OpenID4VP-1.0", "#appendix-B.3")
def test_title_and_grade_are_shown_and_nothing_else_and_taken_back_is_red(town: Town) -> None:
    request = asked(town, TITLE_AND_GRADE)
    resolved, decision = decided(town, request, "English 9")
    (record,) = decision.sheet.records
    assert {value.kind for value in record.leaves} == {"claim.title", "claim.grade"}
    assert {value.kind.split(".")[1] for value in record.always} == {"iss", "iat", "vct", "cnf", "status"}
    assert {"claim.student_name", "claim.term", "claim.school"} <= set(record.stays)
    town.wallet.presenting.share(town.vault, resolved, decision)
    story = report_of(town, request)
    assert story["report"]["verified"], outcomes(story["report"])
    text = json.dumps(story, ensure_ascii=False)
    assert "English 9" in text and "Hernández" not in text and "Fall" not in text and "20391" not in text
    (sheet,) = story["sheets"]
    assert sheet["record"]["title"] == "English 9" and sheet["voice"] == "known"
    assert [line["label"] for line in sheet["record"]["lines"]] == ["grade"]

    person = town.school.students.find("20391")
    course = next(each for each in town.school.students.view(person.id).credentials if each.title == "English 9")
    town.school.revoking.revoke(course.id, "operator", "wrong grade")
    again = share(town, asked(town, TITLE_AND_GRADE), "English 9")
    assert not again["report"]["verified"]
    assert outcomes(again["report"]["members"][0])["status"] == "failed"


def test_claim_sets_take_the_first_that_fits_and_no_claims_mean_none(town: Town) -> None:
    sets = [{"id": "a", "path": ["diploma"]}, {"id": "b", "path": ["term"]}, {"id": "c", "path": ["title"]}]
    _resolved, decision = decided(town, asked(town, sets, claim_sets=[["a"], ["b", "c"], ["c"]]))
    assert {value.kind for value in decision.sheet.records[0].leaves} == {"claim.term", "claim.title"}
    _resolved, decision = decided(town, asked(town))
    assert decision.sheet.records[0].leaves == ()
    for wanted in (asked(town, [{"path": ["diploma"]}]), asked(town, [{"path": ["title", 0]}]),
                   asked(town, [{"path": ["grade"], "values": ["Z"]}]),
                   asked(town, meta={"vct_values": [f"{SCHOOL}/vct/badge"]})):
        resolved = town.wallet.presenting.resolve_request(wanted.links.deep)
        assert not town.wallet.presenting.match(town.vault, resolved).possible


def test_the_usual_form_and_this_one_answer_their_own_questions_only(town: Town) -> None:
    resolved = town.wallet.presenting.resolve_request(asked(town, TITLE_AND_GRADE).links.deep)
    (here,) = town.wallet.presenting.match(town.vault, resolved).asked
    graded = len(here.candidates)
    assert 0 < graded < 24 and not any(candidate.whole for candidate in here.candidates)
    before = set(town.items("courses").values())
    town.receive_set()
    (still,) = town.wallet.presenting.match(town.vault, resolved).asked
    assert {each.card.item_id for each in still.candidates} == {each.card.item_id for each in here.candidates}
    for entry in town.vault.entries(CREDENTIAL):
        if entry.id not in before:
            town.vault.delete(town.vault.read(entry.id, CREDENTIAL))


def test_a_record_that_is_never_to_be_shared_answers_nothing(town: Town) -> None:
    from wallet.services.record import hiding

    resolved = town.wallet.presenting.resolve_request(asked(town, TITLE_AND_GRADE).links.deep)

    def answering() -> set[str]:
        return {each.card.title for each in town.wallet.presenting.match(town.vault, resolved).asked[0].candidates}

    before, hidden = answering(), town.items("courses")["Biology"]
    hiding.hide_record(town.vault, town.world.clock, hidden, "never")
    assert before - answering() == {"Biology"}
    hiding.hide_record(town.vault, town.world.clock, hidden, "ask")


def honest(town: Town, request: Asked) -> tuple[Any, str, str]:
    """The resolved request, its state, and what the wallet would send."""
    resolved, decision = decided(town, request)
    form = parse_qs(town.wallet.presenting.answer(town.vault, resolved, decision))
    (text,) = json.loads(form["vp_token"][0])["course"]
    return resolved, form["state"][0], text


def send(town: Town, request: Asked, state: str, entry: Any) -> Any:
    body = urlencode({"vp_token": json.dumps({"course": [entry]}), "state": state})
    return town.college.responses.receive(request.id, body.encode())


def forged(town: Town, asks: Any, text: str) -> dict[str, Any]:
    """Each way to bend an honest answer, by name."""
    sent, now = parse_sd_jwt(text), town.world.clock.now()
    item = town.vault.read(town.items("courses")["Algebra I"], CREDENTIAL)
    signer = town.vault.signer(item, item.body["key_method"])
    whole = parse_sd_jwt(item.body["sd_jwt"])
    nonce, audience = asks.nonce, asks.client_id.text
    bare = SdJwt(sent.jwt, sent.disclosures)
    more = next(each for each in whole.disclosures if each not in sent.disclosures)
    invented = base64url_encode(b'["c2FsdHNhbHRzYWx0c2FsdA","honors",true]')
    stranger = SoftwareSigner.generate("Ed25519")
    return {
        "another nonce": str(bind_key(bare, signer, nonce="A" * 22, audience=audience, now=now)),
        "for somebody else": str(bind_key(bare, signer, nonce=nonce, audience=COLLEGE, now=now)),
        "no binding": str(bare),
        "another holder's key": str(bind_key(bare, stranger, nonce=nonce, audience=audience, now=now)),
        "a disclosure added after binding": str(SdJwt(sent.jwt, (*sent.disclosures, more), sent.key_binding)),
        "a disclosure taken away": str(SdJwt(sent.jwt, sent.disclosures[:-1], sent.key_binding)),
        "an invented disclosure": str(bind_key(SdJwt(sent.jwt, (*sent.disclosures, invented)), signer, nonce=nonce,
                                               audience=audience, now=now)),
        "a document instead": {"type": ["VerifiablePresentation"], "verifiableCredential": [item.body["credential"]]},
    }


@pytest.mark.spec("RFC9901", "#section-7.3")
def test_what_was_not_made_for_this_request_by_its_holder_is_refused_and_uses_nothing_up(town: Town) -> None:
    request = asked(town, TITLE_AND_GRADE)
    resolved, state, text = honest(town, request)
    for name, entry in forged(town, resolved.request, text).items():
        with pytest.raises(ProtocolError) as caught:
            send(town, request, state, entry)
        assert caught.value.error == "invalid_request", name
    send(town, request, state, text)
    assert report_of(town, request)["report"]["verified"]


def test_less_than_was_asked_for_and_a_claim_changed_in_the_signed_part_are_told(town: Town) -> None:
    item = town.vault.read(town.items("courses")["Algebra I"], CREDENTIAL)
    signer = town.vault.signer(item, item.body["key_method"])

    def answer(bend: Any) -> JSONObject:
        request = asked(town, TITLE_AND_GRADE)
        resolved, state, text = honest(town, request)
        bent = bend(parse_sd_jwt(text))
        bound = bind_key(bent, signer, nonce=resolved.request.nonce, audience=resolved.request.client_id.text,
                         now=town.world.clock.now())
        send(town, request, state, str(bound))
        return report_of(town, request)

    less = answer(lambda sent: choose(SdJwt(sent.jwt, sent.disclosures), [("title",)]))
    assert outcomes(less["report"])["query"] == "failed" and not less["report"]["verified"]
    resigned = answer(lambda sent: SdJwt(sent.jwt[:-8] + "AAAAAAAA", sent.disclosures))
    assert outcomes(resigned["report"]["members"][0])["proof"] == "failed"
    assert resigned["sheets"][0]["record"] is None


def test_a_list_that_cannot_be_reached_is_could_not_check(town: Town) -> None:
    real = town.world.web.get

    def get(url: str, **options: Any) -> Any:
        if "/token-status/" in url:
            raise FetchError("the other host could not be reached")
        return real(url, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(town.world.web, "get", get)
        story = share(town, asked(town, TITLE_AND_GRADE))
    assert not story["report"]["verified"]
    assert outcomes(story["report"]["members"][0])["status"] == "indeterminate"


@pytest.mark.parametrize("bend", ["vct", "key", "signature", "presented"])
def test_a_record_that_is_not_what_was_offered_is_not_kept(town: Town, bend: str) -> None:
    from issuer.services import sd_jwt

    real = sd_jwt.issue

    def issue(office: Any, credential: Any, kind: Any, holder: Any, now: Any) -> str:
        stranger = SoftwareSigner.generate("Ed25519")
        if bend == "vct":
            kind = sd_jwt.KINDS["badge-sd-jwt"]
        if bend == "key":
            holder = replace(holder, public_key=stranger.public_key)
        text = real(office, credential, kind, holder, now)
        if bend == "signature":
            jwt, *rest = text.split("~")
            text = "~".join((jwt[:-8] + "AAAAAAAA", *rest))
        if bend == "presented":
            text = str(bind_key(parse_sd_jwt(text), stranger, nonce="n", audience="a", now=now))
        return text

    before = [entry.id for entry in town.vault.entries(CREDENTIAL)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sd_jwt, "issue", issue)
        with pytest.raises(ProblemError):
            receive(town)
    assert [entry.id for entry in town.vault.entries(CREDENTIAL)] == before


def test_the_request_lists_only_the_formats_that_are_queried(town: Town) -> None:
    from credkit.jose import peek_payload

    token = town.college.requests.serve(asked(town).id)
    formats = peek_payload(token)["client_metadata"]["vp_formats_supported"]
    assert formats.keys() == {"dc+sd-jwt"}
    assert formats["dc+sd-jwt"].keys() == {"sd-jwt_alg_values", "kb-jwt_alg_values"}
    assert "EdDSA" in formats["dc+sd-jwt"]["kb-jwt_alg_values"]
