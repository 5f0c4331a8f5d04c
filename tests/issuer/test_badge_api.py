"""The Open Badges 3.0 API with a learner's leave: badges out and in, the profile, and what is refused."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from credkit.encoding import dump_json
from credkit.formats.jwt_vc import sign_vc_jwt
from credkit.ports import JSONObject
from credkit.profiles import openbadges_3
from credkit.protocols.ob_api_v3p0 import BASE, CREDENTIAL_READ
from credkit.verification import Policy, verify_credential
from demo.export import STUDENT_NUMBER
from issuer.services import handing_in
from issuer.services.awarding import BadgeWords
from issuer.store import AppRecord
from tests.issuer.badge_apps import BadgeApp, Caller, make_pass, registered
from tests.issuer.conftest import ORIGIN, School, open_school
from tests.issuer.test_templates import ANSWERS
from tests.support import world
from tests.support.shared import official_schema, read_json, samples

OTHER = "20877"
RESPONSE = "open-badges/v3_0/ob_v3p0_getopenbadgecredentialsresponse_schema.json"
STATUS = "open-badges/v3_0/ob_v3p0_imsx_statusinfo_schema.json"
PROFILE = "open-badges/v3_0/ob_v3p0_profile_schema.json"
WRONG: tuple[Any, ...] = (None, True, 7, 1.5, "", "x", [], ["x"], [7], {}, {"x": 7})


@dataclass(frozen=True)
class Prepared:
    """A data folder in which an app is let in, made once; tests work on copies."""

    folder: Path
    app_id: str
    secret: str
    token: str


@pytest.fixture(scope="module")
def prepared(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = shutil.copytree(filled, tmp_path_factory.mktemp("let-in") / "school")
    school = open_school(folder)
    app = registered(school)
    return Prepared(folder, app.id, app.secret, app.let_in(make_pass(school)).token)


@pytest.fixture
def school(prepared: Prepared, tmp_path: Path) -> School:
    return open_school(shutil.copytree(prepared.folder, tmp_path / "school"))


@pytest.fixture
def app(school: School, prepared: Prepared) -> BadgeApp:
    return BadgeApp(school, school.client(use_cookies=False), prepared.app_id, prepared.secret)


@pytest.fixture
def caller(app: BadgeApp, prepared: Prepared) -> Caller:
    return Caller(app.client, prepared.token)


@pytest.fixture
def club(school: School) -> world.School:
    """Somebody else who signs badges."""
    return world.School(school.world, "https://club.example", "Chess Club")


def fits(path: str, document: Any) -> Any:
    errors = [error.message for error in official_schema(path).iter_errors(document)]
    assert errors == []
    return document


def refused(answer: Any, status: int, minor: str) -> str:
    """See that an error of the API is what the standard says, and what it says in words."""
    assert (answer.status_code, answer.content_type) == (status, "application/json"), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    document = fits(STATUS, answer.json)
    assert (document["imsx_codeMajor"], document["imsx_severity"]) == ("failure", "error")
    (field,) = document["imsx_codeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == minor
    return str(document["imsx_description"])


def badge(club: world.School, school: School, whose: str = STUDENT_NUMBER, **options: Any) -> JSONObject:
    """A badge of the club for a student of the school, unsigned."""
    person = school.services.students.find(whose)
    return club.course(**{"student": person.name, "number": "club-1", **options})


def signed(club: world.School, school: School, whose: str = STUDENT_NUMBER, **options: Any) -> bytes:
    return dump_json(club.sign(badge(club, school, whose, **options)))


def kept_of(school: School) -> tuple[AppRecord, ...]:
    """What was handed in for the student."""
    return school.services.handing_in.list(school.services.students.find(STUDENT_NUMBER).id)


def links(answer: Any) -> dict[str, str]:
    return {name: url for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])}


def all_of(caller: Caller, query: str = "?limit=100") -> list[Any]:
    answer = caller.get("/credentials" + query)
    assert answer.status_code == 200, answer.text
    fits(RESPONSE, answer.json)
    return [*answer.json.get("credential", []), *answer.json.get("compactJwsString", [])]


# --- reading


@pytest.mark.spec("OB-3.0", "#getcredentials")
def test_a_learners_badges_are_read_and_each_of_them_holds(school: School, caller: Caller) -> None:
    answer = caller.get("/credentials?limit=100")
    found = all_of(caller)
    person = school.services.students.find(STUDENT_NUMBER)
    living = [each for each in school.services.students.view(person.id).living
              if openbadges_3.is_mine(each.document)]

    assert answer.content_type == "application/json" and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Total-Count"] == str(len(found)) == str(len(living))
    assert {each["id"] for each in found} == {each.id for each in living}
    for each in found[:3]:
        report = verify_credential(each, Policy(), school.world.environment())
        assert report.verified and not report.remarks, report.to_json()
        assert report.check("status") is not None
        assert each["proof"]["cryptosuite"] == "eddsa-rdfc-2022" and "id" not in each["credentialSubject"]
        assert person.name in json.dumps(each, ensure_ascii=False)


def test_it_is_the_same_bytes_until_the_record_changes_and_nothing_new_in_the_log(school: School,
                                                                                 caller: Caller) -> None:
    first = caller.get("/credentials?limit=100").data
    events = len(school.services.students.log(limit=1000))
    school.world.clock.advance(minutes=5)

    assert caller.get("/credentials?limit=100").data == first
    assert len(school.services.students.log(limit=1000)) == events
    app = registered(school)
    again = app.let_in(make_pass(school))
    assert again.get("/credentials?limit=100").data == first


def test_a_record_that_changed_is_signed_anew_under_the_same_id(school: School, caller: Caller) -> None:
    student = school.services.students.find(STUDENT_NUMBER).id
    school.services.forms.issue(student, "attendance", ANSWERS["attendance"], "registrar")
    (before,) = [each for each in all_of(caller) if "Attendance" in each["credentialSubject"]["achievement"]["name"]]
    school.world.clock.advance(minutes=1)
    school.services.forms.issue(student, "attendance", {**ANSWERS["attendance"], "days_absent": "5"}, "registrar")
    (after,) = [each for each in all_of(caller) if each["id"] == before["id"]]

    assert after != before and after["validFrom"] > before["validFrom"]


def test_taking_back_reaches_what_was_read_and_it_is_listed_no_more(school: School, caller: Caller) -> None:
    before = all_of(caller)
    taken = before[0]
    school.services.revoking.revoke(taken["id"], "registrar", "The grade was wrong")

    assert len(all_of(caller)) == len(before) - 1
    report = verify_credential(taken, Policy(), school.world.environment())
    status = report.check("status")
    assert status is not None and status.problem is not None and status.problem["code"] == "revoked"


def test_sensitive_records_are_read_only_where_that_was_ticked(school: School, app: BadgeApp) -> None:
    student = school.services.students.find(STUDENT_NUMBER).id
    school.services.forms.issue(student, "iep", ANSWERS["iep"], "registrar")
    made = make_pass(school)
    usual, wide = app.let_in(made), app.let_in(made, allow=("read", "sensitive"))

    assert len(all_of(wide)) == len(all_of(usual)) + 1
    assert "Reads 90 words" in wide.get("/credentials?limit=100").text
    assert "Reads 90 words" not in usual.get("/credentials?limit=100").text


@pytest.mark.spec("OB-3.0", "#paging")
def test_pages_lead_to_each_other_and_show_each_badge_once(school: School, caller: Caller) -> None:
    whole = [each["id"] for each in all_of(caller)]
    path, seen, count = "/credentials?limit=7&offset=0", [], 0
    while True:
        answer = caller.get(path)
        seen += [each["id"] for each in answer.json["credential"]]
        found = links(answer)
        assert found["first"] == f"{ORIGIN}{BASE}/credentials?limit=7&offset=0"
        assert found["last"] == f"{ORIGIN}{BASE}/credentials?limit=7&offset={(len(whole) - 1) // 7 * 7}"
        assert ("prev" in found) == (count > 0)
        if "next" not in found:
            break
        count += 1
        path = found["next"].removeprefix(ORIGIN + BASE)

    assert seen == whole and count == (len(whole) - 1) // 7
    assert links(caller.get("/credentials?limit=7&offset=10"))["prev"].endswith("offset=3")


def test_beyond_the_end_there_is_nothing_and_a_way_back(caller: Caller) -> None:
    answer = caller.get("/credentials?limit=10&offset=1000")

    assert answer.json == {} and int(answer.headers["X-Total-Count"]) > 0 and "prev" in links(answer)


def test_since_leaves_out_what_was_issued_before(school: School, caller: Caller) -> None:
    moment = school.world.clock.now()
    school.world.clock.advance(minutes=1)
    school.services.awarding.award(STUDENT_NUMBER, BadgeWords("Chess", "Plays.", "Play."), "operator")

    assert [each["name"] for each in all_of(caller, f"?since={moment:%Y-%m-%dT%H:%M:%SZ}")] == ["Chess"]
    assert all_of(caller, f"?since={moment:%Y-%m-%dT%H:%M:%S}-00:01") == []
    answer = caller.get(f"/credentials?limit=1&since={moment:%Y-%m-%dT%H:%M:%S}%2B00:01")
    assert answer.headers["X-Total-Count"] != "1" and "since=" in links(answer)["next"]


def test_a_query_that_cannot_be_meant_is_refused(caller: Caller) -> None:
    for query in ("limit=0", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=99999999999", "limit=%FF",
                  "limit=1&limit=2", "offset=-1", "offset=x", "offset=", "offset=1&offset=1", "since=x", "since=",
                  "since=2026-06-15", "since=7", "since=2026-06-31T00:00:00Z", "since=2026-06-15T00:00:00"):
        refused(caller.get("/credentials?" + query), 400, "invalid_query_parameter")


def test_a_limit_above_the_highest_counts_as_that_and_other_parameters_do_not_count(caller: Caller) -> None:
    assert caller.get("/credentials?limit=100000&page=x").status_code == 200


def test_a_student_without_badges_has_an_empty_list(school: School, app: BadgeApp) -> None:
    with school.services.office.store.writing() as unit:
        person = school.services.students.find(STUDENT_NUMBER)
        unit.save_student(type(person)("empty", "S-0", "Nobody", "Yet", ()), school.world.clock.now())
    answer = app.let_in(make_pass(school, "S-0")).get("/credentials")

    assert answer.json == {} and answer.headers["X-Total-Count"] == "0"
    assert links(answer).keys() == {"first", "last"}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic eDp5", "DPoP x", "Bearer a b"])
def test_without_a_token_there_is_nothing(school: School, header: str | None) -> None:
    client = school.client(use_cookies=False)
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", "/credentials"), ("POST", "/credentials"), ("GET", "/profile"), ("PUT", "/profile")):
        answer = client.open(BASE + path, method=method, json={}, headers=headers)
        refused(answer, 401, "unauthorizedrequest")
        assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


def test_other_methods_are_told_so_in_the_same_words(caller: Caller) -> None:
    for method, path in (("DELETE", "/credentials"), ("POST", "/profile"), ("POST", "/discovery")):
        refused(caller.client.open(BASE + path, method=method, headers=caller.bearer), 405, "not_allowed")


# --- handing in


@pytest.mark.spec("OB-3.0", "#upsertcredential")
def test_a_badge_of_somebody_else_is_handed_in_and_comes_out_byte_for_byte(school: School, caller: Caller,
                                                                           club: world.School) -> None:
    body = signed(club, school).replace(b'"type":', b'"type" : ', 1)
    count = caller.get("/credentials?limit=1").headers["X-Total-Count"]
    answer = caller.hand_in(body)

    assert (answer.status_code, answer.data, answer.content_type) == (201, body, "application/json"), answer.text
    after = caller.get("/credentials?limit=2")
    assert body in after.data and int(after.headers["X-Total-Count"]) == int(count) + 1
    (kept,) = kept_of(school)
    assert (kept.app_name, kept.app_host, kept.issuer_name, kept.report["outcome"]) == (
        "Badge Reader", "app.example", "Chess Club", "passed")


@pytest.mark.parametrize("content_type", ["application/vc+ld+json", "application/ld+json",
                                          "application/json; charset=utf-8"])
def test_other_names_of_json_are_json(school: School, caller: Caller, club: world.School, content_type: str) -> None:
    assert caller.hand_in(signed(club, school), content_type).status_code == 201


def jws(club: world.School, school: School, **options: Any) -> str:
    return sign_vc_jwt(badge(club, school, subject_id="did:example:somebody", **options), club.p256)


def test_a_compact_jws_is_handed_in_as_text_and_comes_out_so(school: School, caller: Caller,
                                                             club: world.School) -> None:
    token = jws(club, school)
    answer = caller.hand_in(token, "text/plain")

    assert (answer.status_code, answer.text, answer.mimetype) == (201, token, "text/plain"), answer.text
    assert caller.get("/credentials?limit=2").json["compactJwsString"] == [token]
    assert token in all_of(caller, "?limit=2") and caller.hand_in(token, "text/plain").status_code == 304


def test_the_same_record_replaces_and_an_equal_one_changes_nothing(school: School, caller: Caller,
                                                                   club: world.School) -> None:
    first = signed(club, school)
    assert caller.hand_in(first).status_code == 201
    again = caller.hand_in(first)
    assert (again.status_code, again.data) == (304, b"")

    second = signed(club, school, grade="B")
    answer = caller.hand_in(second)
    assert (answer.status_code, answer.data) == (200, second)
    text = caller.get("/credentials?limit=2").data
    assert second in text and first not in text


def test_an_older_edition_does_not_replace_a_newer_one(school: School, caller: Caller, club: world.School) -> None:
    new = badge(club, school)
    old = {**new, "validFrom": "2020-01-01T00:00:00Z"}
    assert caller.hand_in(dump_json(club.sign(new))).status_code == 201

    assert caller.hand_in(dump_json(club.sign(old))).status_code == 304
    assert b"2020-01-01" not in caller.get("/credentials?limit=2").data


def test_another_signer_cannot_replace_a_record_by_taking_its_id(school: School, caller: Caller,
                                                                 club: world.School) -> None:
    other = world.School(school.world, "https://evil.example", "Evil Club")
    mine = badge(club, school)
    assert caller.hand_in(dump_json(club.sign(mine))).status_code == 201
    forged = {**badge(other, school), "id": mine["id"]}

    assert caller.hand_in(dump_json(other.sign(forged))).status_code == 201
    assert len(kept_of(school)) == 2


def test_an_id_in_another_spelling_is_the_same_record(school: School, caller: Caller, club: world.School) -> None:
    document = badge(club, school)
    assert caller.hand_in(dump_json(club.sign(document))).status_code == 201

    other = {**document, "id": document["id"].replace("credentials", "%63redentials")}
    assert caller.hand_in(dump_json(club.sign(other))).status_code == 200


def test_what_the_school_signed_itself_is_there_already(school: School, caller: Caller) -> None:
    ours = all_of(caller, "?limit=1")[0]

    assert caller.hand_in(dump_json(ours)).status_code == 304
    assert kept_of(school) == ()


SPOILED: dict[str, Callable[[JSONObject], Any]] = {
    "name": lambda document: document.update(name="Another"),
    "credits": lambda document: document["credentialSubject"].update(creditsEarned=9.0),
    "proof value": lambda document: document["proof"].update(proofValue="z" + "2" * 86),
    "issuer": lambda document: document["issuer"].update(id="did:web:school.example"),
    "no proof": lambda document: document.pop("proof"),
    "empty proof": lambda document: document.update(proof=[]),
    "unknown term": lambda document: document.update(extra="unsigned"),
    "context": lambda document: document.update({"@context": ["https://www.w3.org/ns/credentials/v2"]}),
}


def test_what_was_tampered_with_is_refused(school: School, caller: Caller, club: world.School) -> None:
    good = club.sign(badge(club, school))
    for name, change in SPOILED.items():
        document = json.loads(json.dumps(good))
        change(document)
        assert refused(caller.hand_in(dump_json(document)), 400, "invalid_data"), name
    assert kept_of(school) == ()


def test_a_spoiled_token_is_refused(school: School, caller: Caller, club: world.School) -> None:
    token = jws(club, school)
    for spoiled in (token[:-4] + "AAAA", token.replace(".", ".e", 1), token + ".x", token.rpartition(".")[0] + ".",
                    f'"{token}"', ""):
        refused(caller.hand_in(spoiled, "text/plain"), 400, "invalid_data")
    assert kept_of(school) == ()


def test_a_record_about_somebody_else_is_refused(school: School, caller: Caller, club: world.School) -> None:
    for body in (signed(club, school, OTHER), signed(club, school, student="Nobody", number=OTHER)):
        assert "does not name this student" in refused(caller.hand_in(body), 400, "invalid_data")
    assert caller.hand_in(signed(club, school, student="Nobody", number=STUDENT_NUMBER)).status_code == 201


def test_a_name_is_the_same_in_other_capitals_and_a_hash_of_it_too(school: School, caller: Caller,
                                                                   club: world.School) -> None:
    name = school.services.students.find(STUDENT_NUMBER).name
    assert caller.hand_in(signed(club, school, student=f"  {name.upper()} ")).status_code == 201
    hashed = badge(club, school, index=8)
    digest = hashlib.sha256((name + "salt").encode()).hexdigest()
    hashed["credentialSubject"]["identifier"] = [{"type": "IdentityObject", "hashed": True, "salt": "salt",
                                                  "identityHash": f"sha256${digest}", "identityType": "name"}]
    assert caller.hand_in(dump_json(club.sign(hashed))).status_code == 201


def test_what_could_not_be_checked_is_kept_and_said_so(school: School, caller: Caller, club: world.School) -> None:
    body = signed(club, school)
    school.world.web.unreachable("https://club.example")
    answer = caller.hand_in(body)

    assert answer.status_code == 201, answer.text
    (kept,) = kept_of(school)
    assert kept.report["outcome"] == "indeterminate" and body in caller.get("/credentials?limit=2").data


def test_a_record_that_was_taken_back_or_is_over_is_refused(school: School, caller: Caller,
                                                            club: world.School) -> None:
    club.revoked.add(7)
    club.publish_list()
    assert "taken back" in refused(caller.hand_in(signed(club, school)), 400, "invalid_data")
    over = {**badge(club, school, index=8), "validUntil": "2026-06-14T00:00:00Z"}
    refused(caller.hand_in(dump_json(club.sign(over))), 400, "invalid_data")


@pytest.mark.parametrize("name", ["@context", "id", "type", "name", "issuer", "validFrom", "credentialSubject",
                                  "credentialStatus", "proof"])
def test_a_member_of_a_wrong_type_is_refused_and_changes_nothing(school: School, caller: Caller, club: world.School,
                                                                 name: str) -> None:
    good = club.sign(badge(club, school))
    for value in WRONG:
        refused(caller.hand_in(json.dumps({**good, name: value})), 400, "invalid_data")
    refused(caller.hand_in(json.dumps({key: value for key, value in good.items() if key != name})), 400,
            "invalid_data")
    assert kept_of(school) == ()


def test_what_is_no_record_is_refused(caller: Caller) -> None:
    for body in (b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff", b'{"a":1,"a":2}', b"[" * 100_000,
                 b'{"type": ["AchievementCredential"]}', b'{"a": "\\ud800"}'):
        for content_type in ("application/json", "text/plain"):
            refused(caller.hand_in(body, content_type), 400, "invalid_data")


def test_what_is_too_large_or_of_another_kind_is_refused(caller: Caller) -> None:
    refused(caller.hand_in(b'{"a": "' + b"x" * 300_000 + b'"}'), 413, "invalid_data")
    for content_type in ("application/x-www-form-urlencoded", "image/png", ""):
        refused(caller.hand_in(b"{}", content_type), 415, "not_acceptable")


def test_there_is_an_end_to_how_many_are_taken(school: School, caller: Caller, club: world.School,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_in, "MOST", 1)
    assert caller.hand_in(signed(club, school)).status_code == 201

    refused(caller.hand_in(signed(club, school, index=8)), 403, "forbidden")
    assert caller.hand_in(signed(club, school, grade="B")).status_code == 200


def test_a_transcript_or_an_older_badge_is_not_taken(school: School, caller: Caller, club: world.School) -> None:
    transcript = club.sign(club.transcript([club.sign(badge(club, school))]))
    refused(caller.hand_in(dump_json(transcript)), 400, "invalid_data")
    older = {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://club.example/1"}
    refused(caller.hand_in(dump_json(older)), 400, "invalid_data")


def test_published_badges_are_refused_with_a_reason_as_they_name_nobody_here(caller: Caller) -> None:
    for path in sorted(samples("ob3").rglob("*.json"))[:40]:
        refused(caller.hand_in(json.dumps(read_json(path))), 400, "invalid_data")


def test_what_was_handed_in_for_one_student_is_not_another_ones(school: School, app: BadgeApp,
                                                                club: world.School) -> None:
    mine, other = app.let_in(make_pass(school)), app.let_in(make_pass(school, OTHER))
    assert mine.hand_in(signed(club, school)).status_code == 201

    assert b"club.example" not in other.get("/credentials?limit=2").data
    with_same_id = signed(club, school, OTHER)
    assert other.hand_in(with_same_id).status_code == 201
    assert with_same_id not in mine.get("/credentials?limit=2").data


def test_the_office_deletes_what_was_handed_in(school: School, caller: Caller, club: world.School) -> None:
    caller.hand_in(signed(club, school))
    student = school.services.students.find(STUDENT_NUMBER).id
    (kept,) = school.services.handing_in.list(student)
    school.services.handing_in.delete(student, kept.id, "operator")

    assert b"club.example" not in caller.get("/credentials?limit=2").data


# --- the profile


@pytest.mark.spec("OB-3.0", "#getprofile")
def test_the_profile_is_the_schools_word_about_the_learner(school: School, caller: Caller) -> None:
    answer = caller.get("/profile")
    person = school.services.students.find(STUDENT_NUMBER)

    document = fits(PROFILE, answer.json)
    assert (document["name"], document["type"]) == (person.name, ["Profile"]) and document["id"].startswith("urn:uuid:")
    assert document["otherIdentifier"][0]["identifier"] == STUDENT_NUMBER
    assert caller.get("/profile").json == document and person.id not in answer.text


SAID = {"url": "https://lucia.example/", "phone": "+1 801 555-0100", "email": "lucia@mail.example",
        "description": "Plays chess; lives in Provo."}


@pytest.mark.spec("OB-3.0", "#putprofile")
def test_what_the_learner_says_is_kept_and_what_is_left_out_is_said_no_more(school: School, caller: Caller) -> None:
    profile = caller.get("/profile").json
    answer = caller.put({**profile, **SAID})

    assert answer.status_code == 200 and fits(PROFILE, answer.json) == {**profile, **SAID}
    assert caller.get("/profile").json == {**profile, **SAID}
    assert caller.put({**profile, "phone": SAID["phone"]}).json == {**profile, "phone": SAID["phone"]}
    assert caller.put({"id": profile["id"], "type": "Profile", "name": profile["name"]}).json == profile
    assert school.services.handing_in.said(school.services.students.find(STUDENT_NUMBER).id) == {}


@pytest.mark.parametrize("name", ["@context", "id", "type", "name", "givenName", "familyName", "otherIdentifier",
                                  *SAID])
def test_a_profile_with_a_wrong_member_is_refused_and_changes_nothing(caller: Caller, name: str) -> None:
    profile = caller.put({**caller.get("/profile").json, **SAID}).json
    for value in WRONG:
        if name == "description" and value == "x":
            continue
        refused(caller.put({**profile, name: value}), 400, "invalid_data")
    if name in ("id", "type", "name"):
        refused(caller.put({key: value for key, value in profile.items() if key != name}), 400, "invalid_data")
    assert caller.get("/profile").json == profile


FORBIDDEN: tuple[JSONObject, ...] = (
    {"name": "Somebody Else"}, {"id": "urn:uuid:0"}, {"type": ["Profile", "Person"]}, {"familyName": "Else"},
    {"otherIdentifier": [{"type": "IdentifierEntry", "identifier": OTHER, "identifierType": "sourcedId"}]},
    {"official": "x"}, {"image": {"id": "https://lucia.example/x.png", "type": "Image"}}, {"dateOfBirth": "2010-01-01"},
    {"url": "http://lucia.example/"}, {"url": "javascript:alert(1)"}, {"url": "https://x.example/" + "x" * 600},
    {"email": "nobody"}, {"email": "a@b c"}, {"phone": "call me"}, {"phone": "1" * 60}, {"description": "x" * 2001},
    {"description": "a\u202eb"}, {"description": "a\nb"},
)


def test_a_profile_that_says_what_it_may_not_is_refused(caller: Caller) -> None:
    profile = caller.get("/profile").json
    for changes in FORBIDDEN:
        refused(caller.put({**profile, **changes}), 400, "invalid_data")
    assert caller.get("/profile").json == profile


def test_what_is_no_profile_is_refused(caller: Caller) -> None:
    for body in (b"", b"null", b"[]", b"{", b"\xff", b'{"id":"a","id":"b"}', b"[" * 30_000):
        refused(caller.put(body), 400, "invalid_data")
        refused(caller.put(body, "text/plain"), 415, "not_acceptable")


def test_reading_a_profile_is_not_changing_it(school: School, app: BadgeApp) -> None:
    caller = app.let_in(make_pass(school), allow=("profile",))

    assert caller.get("/profile").status_code == 200
    refused(caller.put(caller.get("/profile").json), 403, "forbidden")
    assert CREDENTIAL_READ in caller.get("/credentials").headers["WWW-Authenticate"]
