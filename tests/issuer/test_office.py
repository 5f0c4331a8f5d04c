"""The office over time: setting up, importing again, awarding, taking back, the list everybody reads, the log."""

from __future__ import annotations

import copy
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from credkit.environment import SystemRandomness
from credkit.errors import ConfigError, DataLossError, MalformedValueError, StateError
from credkit.profiles import clr_2
from credkit.proofs import derive
from credkit.shape import parse_date_time
from credkit.status import bitstring
from credkit.storage import open_engine
from credkit.verification import Policy, verify_credential
from issuer.bootstrap import build_services, initialise_issuer, is_initialised
from issuer.config import check_origin, from_environ
from issuer.services.awarding import BadgeWords
from issuer.services.drafting import Drafting
from issuer.services.imports import Imports
from tests.issuer.conftest import ORIGIN, School, identifiers
from tests.issuer.test_importing import export

LINE_ITEMS = "sourcedId,title,classSourcedId,resultValueMin,resultValueMax\nL-1,Final grade,C-1,0,100\n"
WORDS = BadgeWords("Reading Star", "Reads aloud with joy", "Read ten books")


def results(*rows: str) -> str:
    return "lineItemSourcedId,studentSourcedId,scoreStatus,score,textScore\n" + "".join(f"{row}\n" for row in rows)


def graded(letter: str) -> bytes:
    return export(lineItems=LINE_ITEMS, results=results(f"L-1,S-1,fully graded,91,{letter}"))


def records(school: School, number: str = "S-1") -> dict[str, Any]:
    view = school.services.students.view(school.services.students.find(number).id)
    return {each.kind: each for each in view.living}


def outcome_of(school: School, document: Any) -> dict[str, str]:
    report = verify_credential(document, Policy(), school.world.environment())
    return {check.id: str(check.outcome) for check in report.checks}


def collect(school: School, number: str = "S-1") -> dict[str, Any]:
    token, _made = school.redeemed(number)
    return {detail.credential_configuration_id:
            school.family.collect(token.access_token, identifier).json["credentials"][0]["credential"]
            for detail in token.authorization_details for identifier in detail.credential_identifiers}


# setting up


def test_private_keys_are_readable_by_their_owner_only(school: School) -> None:
    for path in school.config.keys_folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (school.config.keys_folder / "p256.key").chmod(0o644)
    with pytest.raises(ConfigError):
        build_services(school.config)


def test_a_second_init_changes_nothing(school: School) -> None:
    before = {path.name: path.read_bytes() for path in school.config.keys_folder.iterdir()}
    with pytest.raises(StateError):
        initialise_issuer(school.config, origin="https://other.example", password_hash="x")
    assert {path.name: path.read_bytes() for path in school.config.keys_folder.iterdir()} == before
    assert is_initialised(school.config)


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"type": "Ed25519", "secret": "AA"}', b"\xff", b'{"type": "P-256"}'])
def test_a_damaged_key_file_stops_the_start(school: School, damage: bytes) -> None:
    (school.config.keys_folder / "ed25519.key").write_bytes(damage)
    with pytest.raises(ConfigError):
        build_services(school.config)


def test_without_init_nothing_starts_and_nothing_is_made(tmp_path: Path) -> None:
    config = from_environ({}, data=tmp_path / "none")
    with pytest.raises(ConfigError):
        build_services(config)
    assert not (tmp_path / "none").exists() and not is_initialised(config)


@pytest.mark.parametrize(("origin", "loopback"), [
    ("http://school.example", False), ("https://school.example/path", False), ("school.example", False),
    ("https://school.example:99999", False), ("http://school.example", True), ("https://u@school.example", False),
    ("http://localhost:8101", False), ("https://school.example?x", False),
])
def test_an_origin_that_may_not_be_one_is_refused(origin: str, loopback: bool) -> None:
    with pytest.raises(ConfigError):
        check_origin(origin, loopback_http=loopback)


def test_an_origin_is_written_in_one_way() -> None:
    assert check_origin("HTTPS://School.Example:443/", loopback_http=False) == "https://school.example"
    assert check_origin("http://localhost:8101", loopback_http=True) == "http://localhost:8101"


def test_the_secret_of_the_office_never_shows(school: School) -> None:
    office = school.services.office
    assert repr(office.keys.secret) not in repr(office)


# importing again


def test_importing_the_same_file_again_changes_nothing(school: School, export: bytes) -> None:
    before = {each.id: each.version for each in school.services.students.view(
        school.services.students.find("20391").id).credentials}
    again = school.import_export(export)
    assert (again.new, again.renewed, again.unchanged) == (0, 0, 41)
    assert {each.id: each.version for each in school.services.students.view(
        school.services.students.find("20391").id).credentials} == before


def test_confirming_twice_is_confirming_once(empty_school: School) -> None:
    imports = empty_school.services.imports
    reading = imports.receive(graded("A"), "export.zip", "operator")
    assert imports.confirm(reading.id, "operator") == imports.confirm(reading.id, "operator")
    assert [entry.event for entry in empty_school.services.students.log()].count("imported") == 1


def test_a_grade_that_came_later_renews_the_record_under_its_id_and_waits_to_be_collected(empty_school: School) -> None:
    school = empty_school
    school.import_export(export())
    first = records(school)
    collect(school)
    school.world.clock.advance(days=30)
    outcome = school.import_export(graded("A"))
    second = records(school)
    assert outcome.renewed == 2  # the course and the transcript of one of two students
    for kind in ("course", "transcript"):
        assert second[kind].id == first[kind].id and second[kind].version == 2
        assert second[kind].list_index == first[kind].list_index
        assert not second[kind].is_collected
        assert parse_date_time(second[kind].document["validFrom"]) > parse_date_time(first[kind].document["validFrom"])
    fresh = collect(school)
    assert fresh["course"]["credentialSubject"]["result"][0] == {
        "type": ["Result"], "status": "Completed", "value": "A",
        "resultDescription": fresh["course"]["credentialSubject"]["achievement"]["resultDescription"][0]["id"]}


def test_an_unchanged_record_that_was_taken_back_is_not_drafted_again_but_a_corrected_one_is(
    empty_school: School,
) -> None:
    school = empty_school
    school.import_export(graded("F"))
    course = records(school)["course"]
    school.services.revoking.revoke(course.id, "operator", "wrong grade")
    school.import_export(graded("F"))
    assert "course" not in records(school)
    school.import_export(graded("A"))
    again = records(school)["course"]
    assert again.id != course.id and again.list_index != course.list_index


def test_a_record_of_one_student_never_holds_anothers_row(school: School) -> None:
    for line in school.services.students.all():
        view = school.services.students.view(line.person.id)
        for credential in view.credentials:
            named = credential.document["credentialSubject"]["identifier"]
            assert [each["identityHash"] for each in named] == [line.person.name, line.person.number]
            course = view.courses.get(credential.id)
            if course is not None:
                shown = [each.get("value") for each in credential.document["credentialSubject"]["result"]]
                assert shown == [grade.value for grade in course.grades] or shown == [None]


def test_a_student_whose_record_cannot_be_made_is_named_and_nothing_of_theirs_is_kept(empty_school: School) -> None:
    school = empty_school
    poisoned = replace(school.services.office, identity=replace(school.services.office.identity, origin="no origin"))
    drafting = Drafting(poisoned)
    imports = Imports(school.services.office, drafting, school.services.forms)
    reading = imports.receive(export(), "export.zip", "operator")
    outcome = imports.confirm(reading.id, "operator")
    assert (outcome.students, [number for number, _why in outcome.refused]) == (0, ["S-1", "S-2"])
    assert school.services.students.all() == ()


def test_a_word_that_no_signature_would_cover_is_never_promised(school: School) -> None:
    credential = school.services.students.view(school.services.students.find("20391").id).living[1]
    document = copy.deepcopy(credential.document)
    document["credentialSubject"]["achievement"]["gradeOfHonour"] = "A+"
    with pytest.raises(DataLossError):
        Drafting(school.services.office).check(document)


def test_students_are_found_by_another_number_if_it_is_theirs_alone(empty_school: School) -> None:
    users = ("sourcedId,givenName,familyName,identifier,username\nS-1,Ana,Ruiz,11,ana\nS-2,Eva,Díaz,22,ana\n")
    empty_school.import_export(export(users=users))
    find = empty_school.services.students.find
    assert find("22").name == "Eva Díaz"
    for number in ("ana", "nobody", ""):
        with pytest.raises(StateError):
            find(number)


# awarding


def test_a_badge_is_awarded_offered_and_holds(empty_school: School) -> None:
    school = empty_school
    school.services.awarding.award("7", WORDS, "operator", name=("Noor", ""), narrative="Read twelve")
    document = collect(school, "7")["badge"]
    assert document["credentialSubject"]["achievement"]["achievementType"] == "Badge"
    shown = derive(document, ["/credentialSubject/achievement/name", "/credentialSubject/narrative"],
                   school.world.processor, SystemRandomness())
    assert outcome_of(school, shown)["proof"] == "passed"


def test_a_badge_is_awarded_once_and_again_after_it_was_taken_back(empty_school: School) -> None:
    awarding = empty_school.services.awarding
    first = awarding.award("7", WORDS, "operator", name=("Noor", ""))
    with pytest.raises(StateError):
        awarding.award("7", WORDS, "operator")
    empty_school.services.revoking.revoke(first.id, "operator", "a mistake")
    assert awarding.award("7", WORDS, "operator").id != first.id
    assert [badge["name"] for badge in awarding.known_badges()] == ["Reading Star"]


@pytest.mark.parametrize("words", [
    BadgeWords("", "a", "b"), BadgeWords("a", " ", "b"), BadgeWords("a", "b", ""), BadgeWords("a" * 201, "b", "c"),
    BadgeWords("a", "b" * 5001, "c"),
])
def test_a_badge_with_a_text_too_few_or_too_long_is_not_awarded(empty_school: School, words: BadgeWords) -> None:
    with pytest.raises(MalformedValueError):
        empty_school.services.awarding.award("7", words, "operator", name=("Noor", ""))
    assert empty_school.services.students.all() == ()


def test_a_stranger_needs_a_name(empty_school: School) -> None:
    with pytest.raises(StateError):
        empty_school.services.awarding.award("7", WORDS, "operator")


# taking back


@pytest.mark.spec("VC-BITSTRING-STATUS-LIST", "#bitstringstatuslistcredential")
def test_a_course_taken_back_fails_alone_and_inside_the_transcript(school: School) -> None:
    token, _made = school.redeemed()
    family = school.family
    whole = family.collect(token.access_token, identifiers(token, "transcript")[0]).json["credentials"][0]["credential"]
    base = family.collect(token.access_token, identifiers(token, "course")[1]).json["credentials"][0]["credential"]
    shown = derive(base, ["/credentialSubject/achievement/name"], school.world.processor, SystemRandomness())
    other = family.collect(token.access_token, identifiers(token, "course")[2]).json["credentials"][0]["credential"]
    other = derive(other, ["/credentialSubject/achievement/name"], school.world.processor, SystemRandomness())
    assert outcome_of(school, shown)["status"] == outcome_of(school, other)["status"] == "passed"

    school.services.revoking.revoke(base["id"], "operator", "The grade was wrong")

    assert outcome_of(school, shown)["status"] == "failed"
    report = verify_credential(whole, Policy(), school.world.environment())
    assert not report.verified
    failing = [member for member, (_at, document) in zip(report.members, clr_2.members_of(whole), strict=True)
               if document["id"] == base["id"]]
    assert [str(check.outcome) for check in failing[0].checks if check.id == "status"] == ["failed"]

    school.world.web.unreachable(ORIGIN)
    school.world.clock.advance(hours=2)
    assert outcome_of(school, other)["status"] == "indeterminate", "never green when the list cannot be had"


def test_taking_back_is_for_good_needs_a_reason_and_happens_once(school: School) -> None:
    credential = school.services.students.view(school.services.students.find("20391").id).living[3]
    revoke = school.services.revoking.revoke
    for bad in ("", "   ", "x" * 501):
        with pytest.raises(StateError):
            revoke(credential.id, "operator", bad)
    with pytest.raises(StateError):
        revoke("urn:uuid:none", "operator", "why")
    done = revoke(credential.id, "operator", "The  grade\nwas wrong")
    assert (done.reason, done.actor) == ("The grade was wrong", "operator")
    with pytest.raises(StateError):
        revoke(credential.id, "operator", "again")
    engine = open_engine(school.config.database_url)
    for statement in ("DELETE FROM revocations", "UPDATE revocations SET reason = 'x'", "DELETE FROM log"):
        with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_what_was_taken_back_is_never_given_out(school: School) -> None:
    token, made = school.redeemed()
    item = made.claim.items[1]
    school.services.revoking.revoke(item.credential_id, "operator", "wrong")
    answer = school.family.collect(token.access_token, item.identifier)
    assert (answer.status_code, answer.json["error"]) == (400, "credential_request_denied")


@pytest.mark.spec("VC-BITSTRING-STATUS-LIST", "#validate-algorithm")
def test_the_list_is_signed_long_enough_and_only_moves_forward(school: School) -> None:
    client = school.family.client
    first = client.get("/status/1")
    assert first.headers["Content-Type"] == "application/vc+json" and "Set-Cookie" not in first.headers
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/status/1", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert outcome_of(school, first.json)["proof"] == "passed"
    assert len(bitstring.decode_list(first.json["credentialSubject"]["encodedList"])) * 8 >= 131_072

    school.world.clock.advance(minutes=10)
    assert client.get("/status/1").json == first.json
    school.world.clock.advance(minutes=25)
    second = client.get("/status/1").json
    assert parse_date_time(second["validFrom"]) > parse_date_time(first.json["validFrom"])

    school.world.clock.moment -= timedelta(days=2)  # a clock set back
    credential = school.services.students.view(school.services.students.find("20391").id).living[0]
    school.services.revoking.revoke(credential.id, "operator", "wrong")
    third = client.get("/status/1").json
    assert third != second and parse_date_time(third["validFrom"]) >= parse_date_time(second["validFrom"])
    assert client.get("/status/2").status_code == 404
    assert client.get("/status/x").status_code == 404


def test_places_in_the_list_are_random_and_never_shared(school: School) -> None:
    taken = [(each.list_number, each.list_index) for line in school.services.students.all()
             for each in school.services.students.view(line.person.id).credentials]
    assert len(set(taken)) == len(taken) == 41
    ordered = [index for _number, index in taken]
    assert ordered != sorted(ordered) and max(ordered) - min(ordered) > 10_000


def test_many_at_once_never_get_one_place_twice(empty_school: School) -> None:
    def award(number: int) -> Any:
        return empty_school.services.awarding.award(str(number), WORDS, "operator", name=("Student", str(number)))

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(award, range(40)))
    assert len({(each.list_number, each.list_index) for each in made}) == 40
    assert empty_school.services.students.first_broken_log_entry() is None


# the log


def test_a_changed_line_of_the_log_is_found(school: School) -> None:
    assert school.services.students.first_broken_log_entry() is None
    engine = open_engine(school.config.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER log_no_update")
        connection.exec_driver_sql("UPDATE log SET actor = 'nobody' WHERE seq = 7")
    assert school.services.students.first_broken_log_entry() == 7


def test_a_removed_line_of_the_log_is_found(school: School) -> None:
    engine = open_engine(school.config.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER log_no_delete")
        connection.exec_driver_sql("DELETE FROM log WHERE seq = 9")
    assert school.services.students.first_broken_log_entry() == 9


def test_the_log_holds_no_name_of_a_student(school: School) -> None:
    collect_one, _made = school.redeemed()
    school.family.collect(collect_one.access_token, identifiers(collect_one, "course")[0])
    text = " ".join(repr(entry) for entry in school.services.students.log(limit=1000))
    for word in ("Lucía", "Hernández", "20391", "Algebra"):
        assert word not in text


# what the issuer says of itself


@pytest.mark.spec("OID4VCI-1.0", "#credential-issuer-metadata")
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_metadata_says_what_wallets_need(school: School, slash: str) -> None:
    client = school.family.client
    answer = client.get("/.well-known/openid-credential-issuer" + slash)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    document = answer.json
    assert document["credential_issuer"] == document["issuer"] == ORIGIN
    assert document["nonce_endpoint"] == ORIGIN + "/nonce" and document["token_endpoint"] == ORIGIN + "/token"
    configurations = document["credential_configurations_supported"]
    assert list(configurations)[:3] == ["transcript", "course", "badge"]
    assert {"full-record", "endorsement", "guardianship", "court-limit", "attendance"} <= set(configurations)
    for name, configuration in configurations.items():
        if name != "badge-unlinkable":
            taken = configuration["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"]
            assert taken[:2] == ["EdDSA", "ES256"]
    assert configurations["transcript"]["credential_definition"]["type"] == ["VerifiableCredential", "ClrCredential"]
    assert configurations["course"]["credential_signing_alg_values_supported"] == ["ecdsa-sd-2023"]

    server = client.get("/.well-known/oauth-authorization-server" + slash).json
    assert server["issuer"] == ORIGIN and server["pre-authorized_grant_anonymous_access_supported"] is True
    assert client.get("/.well-known/openid-configuration").status_code == 404


@pytest.mark.spec("DID-WEB", "#read-resolve")
def test_the_did_document_lists_every_key_for_assertions(school: School) -> None:
    document = school.family.client.get("/.well-known/did.json").json
    assert document["id"] == "did:web:school.example"
    keys = [f"did:web:school.example#{name}" for name in ("ed25519", "p256", "bls12-381")]
    assert document["assertionMethod"] == keys and document["authentication"] == keys[:2]
    assert all(method["type"] == "Multikey" for method in document["verificationMethod"])


def test_browsers_of_other_sites_may_ask_and_get_no_cookies(school: School) -> None:
    client = school.client()
    for path in ("/token", "/nonce", "/credential"):
        answer = client.options(path, headers={"Origin": "https://wallet.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*" and "Set-Cookie" not in answer.headers
