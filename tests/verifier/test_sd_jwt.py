"""An SD-JWT VC at the verifier: asked for with a query of one's own, told in words on the page and in the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from credkit.formats.sd_jwt_vc import bind_key, issue_sd_jwt_vc, parse_sd_jwt
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from tests.support.world import OsRandomness
from tests.verifier.conftest import College
from verifier.cli import main
from verifier.cli.group import Ports
from verifier.services.questions import open_question
from verifier.services.requests import Asked

VCT = "https://school.example/vct/course"
QUERY: JSONObject = {"credentials": [{"id": "course", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]},
                                      "claims": [{"path": ["title"]}, {"path": ["grade"]}]}]}
SHOWN = {"title": "Algebra I", "grade": "A", "student_name": "Lucía <b>Hernández</b>", "student_number": "20391",
         "ended_on": "2026-05-29", "favorite_tool": {"name": "compass"}, "credits": 1}


def asked(college: College, query: JSONObject = QUERY) -> Asked:
    return college.services.requests.ask(open_question("", today=college.world.clock.now().date()), query=query)


def text_for(college: College, request: JSONObject, claims: JSONObject = SHOWN) -> str:
    """A school's record as its holder presents it."""
    holder, now = SoftwareSigner.generate("P-256"), college.world.clock.now()
    whole = issue_sd_jwt_vc({"iss": college.school.did, "iat": int(now.timestamp()), "vct": VCT,
                             "cnf": {"jwk": holder.public_key.to_jwk()}, **claims}, college.school.p256,
                            selective=[(name,) for name in claims], randomness=OsRandomness(),
                            header={"kid": college.school.p256.verification_method})
    return str(bind_key(parse_sd_jwt(whole), holder, nonce=request["nonce"], audience=request["client_id"], now=now))


def answered(college: College, claims: JSONObject = SHOWN) -> Asked:
    made = asked(college)
    request = college.opened(made)
    answer = college.answer(request, {"course": [text_for(college, request, claims)]})  # type: ignore[list-item]
    assert answer.status_code == 200, answer.text
    return made


def page_of(college: College, made: Asked, **options: Any) -> str:
    result_id = college.services.requests.find(made.id).result_id
    answer = college.signed_in().get(f"/results/{result_id}", **options)
    assert answer.status_code == 200
    return str(answer.text)


def test_the_request_holds_the_query_as_it_was_written_and_no_purpose(college: College) -> None:
    made = asked(college)
    request = college.opened(made)
    assert request["dcql_query"] == QUERY and "purpose" not in request
    assert request["client_metadata"]["vp_formats_supported"].keys() == {"dc+sd-jwt"}
    assert college.signed_in().get(f"/asked/{made.id}").status_code == 200


def test_the_page_tells_in_words_what_was_shown(college: College) -> None:
    made = answered(college)
    assert college.report(made)["verified"] is True
    page = page_of(college, made)
    for said in ("Algebra I", "Grade", "Lucía &lt;b&gt;Hernández&lt;/b&gt;", "Student number at the school", "20391",
                 "Lincoln High School", "favorite tool · name", "compass", "Credits earned", "Ended on"):
        assert said in page, said
    assert "<b>Hern" not in page and "cnf" not in page
    spanish = page_of(college, made, headers={"Accept-Language": "es"})
    assert "Número de estudiante en la escuela" in spanish and "Student number" not in spanish


def test_a_signer_we_do_not_know_and_a_record_of_another_holder_are_told(college: College) -> None:
    college.services.trust.remove(college.school.did)
    college.services.trust.add("did:web:other.example", "Other")
    made = answered(college)
    checks = {check["id"]: check["outcome"] for check in college.report(made)["members"][0]["checks"]}
    assert checks["trust"] == "failed" and checks["binding"] == checks["proof"] == "passed"


def test_two_records_of_two_people_are_not_taken_for_one(college: College) -> None:
    query = {"credentials": [QUERY["credentials"][0] | {"multiple": True}]}
    for other, outcome in (("Lucía <b>Hernández</b>", "passed"), ("Ana Núñez", "indeterminate")):
        made = asked(college, query)
        request = college.opened(made)
        texts = [text_for(college, request), text_for(college, request, {
            **SHOWN, "student_name": other, "student_number": "20391" if outcome == "passed" else "7"})]
        assert college.answer(request, {"course": texts}).status_code == 200  # type: ignore[dict-item]
        checks = {check["id"]: check["outcome"] for check in college.report(made)["checks"]}
        assert checks["same-person"] == outcome


def test_a_json_record_does_not_answer_for_it_nor_it_for_a_json_record(college: College) -> None:
    made = asked(college)
    request = college.opened(made)
    assert college.answer(request, {"course": [college.presented(request)]}).status_code == 400
    usual = college.ask("courses")
    request = college.opened(usual)
    assert college.answer(request, {"courses": [text_for(college, request)]}).status_code == 400  # type: ignore[list-item]
    assert usual.result_id is None


@pytest.mark.parametrize("claims", [
    {"type": ["VerifiablePresentation"], "title": "x", "grade": "A"},
    {"type": ["GuardianshipCredential"], "title": "x", "grade": "A", "issuer": "did:key:z6MkA"},
    {"credentialSubject": {"id": "did:key:z6MkA"}, "proof": {"type": "x"}, "title": "x", "grade": "A"},
    {"title": {"a": ["x"]}, "grade": None, "school": 7, "student_name": ["a"]},
])
def test_claims_that_play_a_document_are_nothing_but_claims(college: College, claims: JSONObject) -> None:
    made = answered(college, claims)
    story = college.services.results.find(college.services.requests.find(made.id).result_id or "").story
    (sheet,) = story["sheets"]
    assert sheet["voice"] == "known" and story["authority"] == []
    assert page_of(college, made)


def test_the_commands_ask_and_tell(college: College, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKPACK_DATA", str(college.services.config.data))
    monkeypatch.setenv("LANG", "C.UTF-8")
    file = tmp_path / "query.json"
    file.write_text(json.dumps(QUERY))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, obj=Ports(college.world.clock, college.world.web))

    made = json.loads(run("request", "--query", str(file), "--json").stdout)
    assert made["request"].startswith("openid4vp://") and made["query"] == QUERY
    request = college.opened(college.services.requests.find(made["id"]))
    college.answer(request, {"course": [text_for(college, request)]})  # type: ignore[list-item]
    told = run("result", made["id"])
    assert told.exit_code == 0, told.output
    assert "Grade: A" in told.stdout and "Student number at the school: 20391" in told.stdout
    file.write_text('{"credentials": []}')
    for wrong in (("--query", str(file)), ("--query", str(file), "--ask", "courses", "--purpose", "x"), ()):
        assert run("request", *wrong).exit_code == 2


def test_a_text_that_somebody_hands_in_is_checked_and_told(college: College, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKPACK_DATA", str(college.services.config.data))
    monkeypatch.setenv("LANG", "C.UTF-8")
    request = college.opened(asked(college))
    text = text_for(college, request)
    bare = text.rpartition("~")[0] + "~"

    def run(content: str, *options: str) -> Result:
        (tmp_path / "record.sd-jwt").write_text(content + "\n")
        return CliRunner().invoke(main, ["verify", str(tmp_path / "record.sd-jwt"), *options],
                                  obj=Ports(college.world.clock, college.world.web))

    told = run(bare)
    assert told.exit_code == 0 and "Algebra I" in told.stdout, told.output
    assert run(text, "--challenge", request["nonce"], "--domain", request["client_id"]).exit_code == 0
    assert run(text, "--challenge", "another", "--domain", request["client_id"]).exit_code == 1
    assert run(bare, "--challenge", request["nonce"], "--domain", request["client_id"]).exit_code == 1
    head, *rest = bare.split("~")
    assert run("~".join((head[:-6] + "AAAAAA", *rest))).exit_code == 1
