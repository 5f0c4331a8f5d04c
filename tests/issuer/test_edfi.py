"""Ed-Fi interchanges and CASE packages: what real ones fill, what is left out on purpose, and hostile ones."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from credkit.errors import CredkitError
from demo.export import STUDENT_NUMBER
from issuer.importing import read_export
from issuer.importing.errors import FileProblem, IncompleteFile, TooLargeFile, UnreadableFile
from issuer.importing.model import FormRecord, Roster
from issuer.services.rosters import roster_from_json, roster_to_json
from tests.issuer.conftest import School, identifiers
from tests.support.shared import samples

XML = "edfi/xml/"


def sample(*names: str) -> Roster:
    """One sample file, or several as one zip."""
    files = [samples(XML + name) for name in names]
    if len(files) == 1:
        return read_export(files[0].read_bytes())
    return read_export(zipped({each.name: each.read_bytes() for each in files}))


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def records(roster: Roster, template: str) -> list[FormRecord]:
    return [record for student in roster.students for record in student.records if record.template == template]


def codes(roster: Roster) -> set[str]:
    return {note.code for note in roster.notes}


def interchange(kind: str, body: str) -> bytes:
    return f'<Interchange{kind} xmlns="http://ed-fi.org/5.2.0">{body}</Interchange{kind}>'.encode()


# what real files fill


def test_students_are_read_with_their_legal_names() -> None:
    roster = sample("Student.xml")
    assert len(roster.students) == 960 and roster.format == "Ed-Fi"
    first = roster.students[0]
    assert (first.number, first.given_name, first.family_name) == ("604821", "Tyrone", "Dyer")
    unused = {note.values["name"] for note in roster.notes if note.code == "element_not_used"}
    assert {"BirthData", "PreferredFirstName"} <= unused


def test_a_state_test_brings_its_vertical_score_its_points_and_its_lexile_measure() -> None:
    found = records(sample("StudentAssessment-StateAssessment.xml"), "assessment")
    assert len(found) == 34
    reading = next(each for each in found if each.answers.get("lexile") == "1065")
    assert reading.answers == {
        "test": "SA-2011-Reading-Eighth grade", "subject": "reading", "taken_on": "2021-04-01", "grade": "8",
        "tested_in": "en", "scale": "vertical", "score": "737", "points": "39", "lexile": "1065",
        "level": "Met Standard",
    }


def test_an_entrance_exam_keeps_one_percentile_with_its_group_and_names_what_it_left_out() -> None:
    roster = sample("StudentAssessment-SAT.xml")
    answers = records(roster, "assessment")[0].answers
    assert answers["norm_group"] == "National, college-bound" and answers["percentile"]
    assert any("state college-bound percentile" in note.sentence for note in roster.notes)


def test_a_spanish_reading_benchmark_is_known_by_its_language() -> None:
    roster = sample("AssessmentMetadata-Benchmarks-3rdGradeReadingSpanish.xml")
    test = roster.tests[0]
    assert test.answers["tested_in"] == "es" and test.answers["subject"] == "reading"
    assert test.answers["grade"] == "3" and test.answers["purpose"] == "interim"


def test_lateness_is_counted_and_no_rate_is_made_up() -> None:
    roster = sample("StudentSectionAttendance-Tardy.xml", "EducationOrgCalendar.xml")
    found = records(roster, "attendance")
    assert len(found) == 35 and sum(int(each.answers["times_late"]) for each in found) == 66
    assert found[0].answers["begins"] == "2022-01-04" and "days_enrolled" not in found[0].answers


def test_special_education_is_read_without_the_disability() -> None:
    roster = sample("StudentProgram.xml")
    found = records(roster, "iep")
    assert found and {"disability_left_out", "program_incomplete"} <= codes(roster)
    assert "Autism" not in json.dumps(roster_to_json(roster))
    assert found[0].answers["begins"] == "2021-09-01" and float(found[0].answers["hours"]) > 0


def test_contacts_become_proposals_and_their_restrictions_stay_behind() -> None:
    roster = read_export(zipped({
        "contacts.xml": interchange("Contact", """
          <Contact><ContactUniqueId>9</ContactUniqueId><Name><FirstName>Luz</FirstName>
            <LastSurname>Dyer</LastSurname></Name></Contact>
          <StudentContactAssociation>
            <StudentReference><StudentIdentity><StudentUniqueId>604821</StudentUniqueId></StudentIdentity>
            </StudentReference>
            <ContactReference><ContactIdentity><ContactUniqueId>9</ContactUniqueId></ContactIdentity>
            </ContactReference>
            <Relation>uri://ed-fi.org/RelationDescriptor#Mother</Relation><LegalGuardian>true</LegalGuardian>
            <ContactRestrictions>May not pick up: secret order</ContactRestrictions>
          </StudentContactAssociation>"""),
        "students.xml": samples(XML + "Student.xml").read_bytes()}))
    student = next(each for each in roster.students if each.number == "604821")
    contact = student.contacts[0]
    assert (contact.name, contact.relation, contact.legal, contact.restricted) == ("Luz Dyer", "Mother", True, True)
    assert "restriction_left_out" in codes(roster) and "secret order" not in json.dumps(roster_to_json(roster))


def test_a_roster_survives_the_database() -> None:
    roster = sample("StudentAssessment-StateAssessment.xml", "AssessmentMetadata-StateAssessment.xml", "Student.xml")
    assert roster_from_json(json.loads(json.dumps(roster_to_json(roster)))) == roster


# from a file to a record


def test_tests_named_by_their_metadata_become_records_that_wallets_collect(empty_school: School) -> None:
    school = empty_school
    for name in ("Student.xml", "AssessmentMetadata-StateAssessment.xml", "StudentAssessment-StateAssessment.xml"):
        outcome = school.import_export(samples(XML + name).read_bytes(), name)
        assert {number for number, _reason in outcome.refused} <= {"604861"}  # two tests without any result
    assert outcome.new == 32
    token, _made = school.redeemed("604898")
    documents = [school.family.collect(token.access_token, each).json["credentials"][0]["credential"]
                 for each in identifiers(token, "assessment")]
    subject = next(each["credentialSubject"] for each in documents if "lexile" in str(each))
    described = {each["id"]: each for each in subject["achievement"]["resultDescription"]}
    values = {described[each["resultDescription"]]["resultType"]: each["value"] for each in subject["result"]}
    assert values == {"ScaledScore": "737", "RawScore": "39", "ext:LexileMeasure": "1065",
                      "PerformanceLevel": "Met Standard"}
    assert {"summative", "reading", "grade:8", "scale:vertical"} <= set(subject["achievement"]["tag"])
    assert subject["achievement"]["name"] == "State Assessment"
    again = school.import_export(samples(XML + "StudentAssessment-StateAssessment.xml").read_bytes(), "again")
    assert (again.new, again.renewed, again.unchanged) == (0, 0, 32)


def test_a_spanish_benchmark_keeps_its_title_its_bounds_and_its_language(school: School) -> None:
    name = "AssessmentMetadata-Benchmarks-3rdGradeReadingSpanish.xml"
    school.import_export(samples(XML + name).read_bytes(), name)
    outcome = school.import_export(interchange("StudentAssessment", quiz(
        STUDENT_NUMBER, "1a6a5d20-4758-4f45-848d-59f3f03ae425")), "results.xml")
    assert (outcome.new, outcome.refused) == (1, ())
    student = school.services.students.view(school.services.students.find(STUDENT_NUMBER).id)
    document = next(each.document for each in student.living if each.kind == "assessment")
    achievement = document["credentialSubject"]["achievement"]
    assert achievement["name"] == "3rd Grade Reading 2nd Six Weeks 2021-2022 Spanish"
    assert achievement["tag"] == ["interim", "reading", "grade:3", "language:es"] and achievement["version"] == "2021"
    described = achievement["resultDescription"][0]
    assert (described["resultType"], described["valueMin"], described["valueMax"]) == ("RawScore", "0", "10")


def quiz(number: str, test: str) -> str:
    return f"""<StudentAssessment><AdministrationDate>2026-04-01</AdministrationDate>
      <ScoreResult><Result>7</Result><AssessmentReportingMethod>Raw score</AssessmentReportingMethod></ScoreResult>
      <StudentReference><StudentIdentity><StudentUniqueId>{number}</StudentUniqueId></StudentIdentity></StudentReference>
      <AssessmentReference><AssessmentIdentity><AssessmentIdentifier>{test}</AssessmentIdentifier></AssessmentIdentity>
      </AssessmentReference></StudentAssessment>"""


def test_results_of_students_who_are_not_known_are_named(empty_school: School) -> None:
    outcome = empty_school.import_export(samples(XML + "StudentAssessment-SAT.xml").read_bytes(), "sat.xml")
    assert outcome.students == 0 and len(outcome.refused) == 13
    assert "Import the students first" in outcome.refused[0][1]


def test_an_import_of_tests_keeps_a_students_courses(school: School) -> None:
    before = school.services.students.view(school.services.students.find(STUDENT_NUMBER).id)
    outcome = school.import_export(interchange("StudentAssessment", quiz(STUDENT_NUMBER, "Quiz")), "quiz.xml")
    after = school.services.students.view(before.person.id)
    assert outcome.new == 1 and after.person == before.person and len(after.living) == len(before.living) + 1


# CASE


@pytest.mark.parametrize(("name", "count"), [
    ("smarter-math-mockMATHPackage.json", 48), ("smarter-ela-package-mockPack.json", 646),
    ("opensalt-samples/opensalt-framework-20c5134f-423d-4097-a971-3dd5152bf507.json", 16),
    ("opensalt-testdata/Utf8TestFramework.json", 1),
])
def test_case_packages_are_read_leniently(name: str, count: int) -> None:
    roster = read_export(samples("case/" + name).read_bytes())
    assert len(roster.standards) == count and roster.format == "CASE"
    assert all(each.statement and each.uri for each in roster.standards)


def test_a_standard_of_a_package_can_be_shown_by_its_code(school: School) -> None:
    data = samples("case/smarter-math-mockMATHPackage.json").read_bytes()
    standard = next(each for each in read_export(data).standards if each.code)
    assert school.import_export(data, "math.json").standards == 48
    student = school.services.students.all()[0].person.id
    made = school.services.forms.issue(student, "mastery", {
        "standard": standard.uri, "level": "Mastered", "shown_on": "2026-05-01"}, "registrar")
    alignment = made.document["credentialSubject"]["achievement"]["alignment"][0]
    assert alignment["targetUrl"] == standard.uri and alignment["targetName"] == standard.statement
    assert alignment["targetFramework"] == "Grade 3 Mathematics Item Specification C1 TH"


# hostile


@pytest.mark.parametrize("data", [
    b"<InterchangeStudent/>", b"<InterchangeStudent><Student/></InterchangeStudent>", b"<InterchangeStudent>",
    b"<InterchangeStudent><Student><StudentUniqueId>1</StudentUniqueId></Student></InterchangeStudent>",
    b'<!DOCTYPE x [<!ENTITY a "b">]><InterchangeStudent>&a;</InterchangeStudent>',
    b"<InterchangeStudent>" + b"<a>" * 100 + b"</a>" * 100 + b"</InterchangeStudent>",
    b"<InterchangeDescriptors><X/></InterchangeDescriptors>",
    b'{"CFItems": 7}', b'{"CFItems": [7, {}, {"fullStatement": ""}]}', b'{"CFItems": [', b'[{"CFDocument": null}]',
    b'{"CFItems": [{"fullStatement": "x", "identifier": "\\u0000 y"}]}', b'{"CFDocument": {}, "CFDocument": {}}',
    b'{"CFItems": ' + b"[" * 100_000, b"PK\x03\x04", b"PK\x03\x04" + b"\x00" * 200,
])
def test_a_file_that_gives_nothing_gets_one_sentence(data: bytes) -> None:
    with pytest.raises((FileProblem, CredkitError)) as caught:
        read_export(data)
    assert caught.value.detail.endswith((".", "y", "t"))


def test_too_many_elements_are_not_read() -> None:
    with pytest.raises(TooLargeFile):
        read_export(b"<InterchangeStudent>" + b"<a/>" * 200_001 + b"</InterchangeStudent>")


def test_a_zip_that_grows_too_much_is_not_read() -> None:
    with pytest.raises(TooLargeFile):
        read_export(zipped({"big.xml": b"<InterchangeStudent>" + b" " * 80_000_000}))


@pytest.mark.parametrize("name", ["../x.xml", "/x.xml", "a/../../x.xml"])
def test_a_zip_name_that_points_out_is_refused(name: str) -> None:
    with pytest.raises((IncompleteFile, UnreadableFile)):
        read_export(zipped({name: b"<InterchangeStudent/>"}))


def test_no_text_of_a_file_gets_through_unbounded(empty_school: School) -> None:
    long = "x" * 100_000
    body = f"<Student><StudentUniqueId>1</StudentUniqueId><Name><FirstName>{long}</FirstName></Name></Student>"
    with pytest.raises(IncompleteFile):
        read_export(interchange("Student", body))


def test_a_zip_of_other_files_is_left_to_the_other_readers(tmp_path: Path) -> None:
    files: dict[str, Any] = {"users.csv": b"", "a.xml": b"<InterchangeStudent/>"}
    with pytest.raises(FileProblem):
        read_export(zipped(files))
