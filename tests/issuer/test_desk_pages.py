"""The desk's pages without a browser: every kind of record, drafts that are refused, imports of all formats."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from demo.export import STUDENT_NUMBER
from issuer.services.guardians import Statement
from issuer.services.staff import REGISTRAR, TEACHER
from tests.issuer.conftest import PASSWORD, School, upload
from tests.issuer.next_school import NEXT, NextSchool
from tests.issuer.test_statements import EVIDENCE, GUARDIAN
from tests.issuer.test_templates import ANSWERS, STANDARD
from tests.support.shared import samples
from ui.passwords import hash_password

PARTY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.fixture
def student(school: School) -> str:
    hashed = hash_password(PASSWORD, b"sixteen bytes ok")
    school.services.staff.add("rivera", TEACHER, hashed, "operator")
    school.services.staff.add("lee", REGISTRAR, hashed, "operator")
    with school.services.office.store.writing() as unit:
        unit.save_standards([STANDARD], school.world.clock.now())
    return school.services.students.find(STUDENT_NUMBER).id


def signed_in(school: School, name: str) -> Any:
    client = school.client()
    assert school.post(client, "/login", {"name": name, "password": PASSWORD}).status_code == 303
    return client


def test_every_kind_of_record_has_a_page(school: School, student: str) -> None:
    services, client = school.services, signed_in(school, "lee")
    for name, answers in ANSWERS.items():
        services.forms.issue(student, name, answers, "lee")
    services.endorsing.issue(student, EVIDENCE, "Rosa Rivera", "Clear steps", "lee")
    services.guardians.state(student, GUARDIAN, "lee")
    services.guardians.limit(student, Statement("Other", "court-order", "all", date(2026, 6, 1), None, "Order 12", "",
                                                PARTY), "lee")
    with services.office.store.writing() as unit:
        person = unit.find_student(student)
        assert person is not None
    view = services.students.view(student)
    for credential in (*view.living, *view.statements):
        page = client.get(f"/records/{credential.id.removeprefix('urn:uuid:')}")
        assert page.status_code == 200 and credential.title[:20] in page.text, credential.kind
    shown = client.get(f"/students/{student}").text
    assert "Attendance, Fall 2025" in shown and "Luz Dyer" not in shown


def test_a_teacher_writes_and_a_registrar_refuses(school: School, student: str) -> None:
    teacher, registrar = signed_in(school, "rivera"), signed_in(school, "lee")
    answer = school.post(teacher, "/forms/attendance", {"number": STUDENT_NUMBER, "term": "Fall", "days_absent": "x"})
    assert answer.status_code == 422 and "whole number" in answer.text and 'value="Fall"' in answer.text
    answer = school.post(teacher, "/forms/attendance", {"number": STUDENT_NUMBER, "term": "Fall", "days_absent": "3"})
    assert answer.status_code == 303
    draft = answer.headers["Location"]
    petition = draft.rpartition("/")[2]
    page = f"/approvals/{petition}"
    digest = school.services.approvals.find(petition).digest
    assert school.post(registrar, page, {"decision": "refuse", "digest": digest}).status_code == 422
    done = school.post(registrar, page, {"decision": "refuse", "digest": digest, "reason": "Wrong student"})
    assert done.status_code == 303
    assert "Wrong student" in teacher.get(draft).text
    answer = school.post(teacher, "/award", {"number": STUDENT_NUMBER, "title": "Star", "description": "Shines",
                                            "criteria": "Shine", "story": ""})
    petition = answer.headers["Location"].rpartition("/")[2]
    digest = school.services.approvals.find(petition).digest
    school.post(registrar, f"/approvals/{petition}", {"decision": "approve", "digest": digest})
    assert "Star" in [each.title for each in school.services.students.view(student).living]
    again = school.post(registrar, "/award", {"number": STUDENT_NUMBER, "title": "x" * 300, "description": "a",
                                             "criteria": "b"})
    assert again.status_code == 422


def test_a_page_that_was_overtaken_decides_nothing(school: School, student: str) -> None:
    registrar = signed_in(school, "lee")
    petition = school.services.forms.draft(student, "attendance", ANSWERS["attendance"], "rivera")
    shown = school.post(registrar, f"/approvals/{petition.id}", {"decision": "approve", "digest": "0" * 64})
    assert shown.status_code == 303
    assert "changed since you looked" in registrar.get(shown.headers["Location"]).text
    assert school.services.approvals.find(petition.id).petition.state == "waiting"


def test_a_transfer_by_the_page(school: School, student: str) -> None:
    registrar, asking = signed_in(school, "lee"), NextSchool(school.world)
    path = f"/students/{student}/transfer"
    assert school.post(registrar, path, {"link": ""}).status_code == 422
    not_left = school.post(registrar, path, {"link": asking.link})
    assert not_left.status_code == 422 and "has not left" in not_left.text
    assert school.post(registrar, f"/students/{student}/leaving", {"on": "soon"}).status_code == 422
    assert school.post(registrar, f"/students/{student}/leaving", {"on": "2026-06-01"}).status_code == 303
    assert school.post(registrar, path, {"link": "hello"}).status_code == 422
    sheet = school.post(registrar, path, {"link": asking.link}).headers["Location"]
    digest = school.services.approvals.find(sheet.rpartition("/")[2]).digest
    assert "next.example" in registrar.get(sheet).text
    assert school.post(registrar, sheet, {"decision": "refuse", "digest": digest}).status_code == 422
    school.world.web.unreachable(NEXT)
    school.post(registrar, sheet, {"decision": "send", "digest": digest})
    assert "nobody knows whether it arrived" in registrar.get(sheet).text


@pytest.mark.parametrize("name", [
    "edfi/xml/Student.xml", "edfi/xml/StudentAssessment-StateAssessment.xml", "edfi/xml/StudentProgram.xml",
    "edfi/xml/AssessmentMetadata-ACT.xml", "edfi/xml/StudentSectionAttendance-Tardy.xml",
    "case/smarter-math-mockMATHPackage.json",
])
def test_every_export_is_shown_before_and_after_it_is_kept(empty_school: School, name: str) -> None:
    client = empty_school.signed_in()
    token = client.get("/import").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post("/import", data={"csrf_token": token, "file": upload(
        samples(name).read_bytes(), Path(name).name)}, headers={"Referer": "https://school.example/import"})
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert client.get(place).status_code == 200
    assert empty_school.post(client, place, {}).status_code == 303
    assert client.get(place).status_code == 200


def test_a_guardian_form_says_what_is_missing(school: School, student: str) -> None:
    registrar = signed_in(school, "lee")
    path = f"/students/{student}/guardians/new"
    assert school.post(registrar, path, {"name": "Luz"}).status_code == 422
    wrong = school.post(registrar, path, {"name": "Luz", "basis": "parent", "extent": "full", "begins": "2026-06-01",
                                         "ends": "2026-05-01", "paper": "Seen", "sure": "yes"})
    assert wrong.status_code == 422 and "cannot end before" in wrong.text
    done = school.post(registrar, path, {"name": "Luz", "basis": "parent", "extent": "full", "begins": "2026-06-01",
                                        "paper": "Seen", "sure": "yes"})
    assert done.status_code == 303
    statement = school.services.students.view(student).statements[0]
    offer = school.post(registrar, f"/students/{student}/guardians/{statement.id.removeprefix('urn:uuid:')}/offer", {},
                        page=f"/students/{student}/guardians")
    assert offer.status_code == 303 and registrar.get(offer.headers["Location"]).status_code == 200
    limit = school.post(registrar, f"/students/{student}/guardians/limit", {
        "name": "Other", "basis": "court-order", "extent": "all", "begins": "2026-06-01", "paper": "Order 12",
        "party": "Bob", "sure": "yes"})
    assert limit.status_code == 422 and "did:key" in limit.text
