"""Deleting a student at the office: nothing that names one is left, and what the family holds is checked as before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from credkit.environment import SystemRandomness
from credkit.errors import StateError
from credkit.proofs import derive
from credkit.protocols.ob_api_v3p0 import CREDENTIAL_READ, Page
from credkit.verification import Policy, verify_credential
from demo.export import STUDENT_NUMBER
from demo.export.small import Course, Pupil, build_small_export, term_until
from issuer.bootstrap import build_services, initialise_issuer
from issuer.cli import Ports, main
from issuer.config import from_environ
from issuer.store import AppToken
from issuer.store.schema import META, revocations
from tests.issuer.conftest import ORIGIN, PASSWORD, School, identifiers
from tests.issuer.test_statements import GUARDIAN
from tests.support.world import NOW, World
from ui.passwords import hash_password

BROTHER = "20877"
HASHED = hash_password(PASSWORD, b"sixteen bytes ok")
SAID = "Left because of the move to Ogden"


def rows(school: School) -> dict[str, list[dict[str, Any]]]:
    """Everything that the office keeps, table by table."""
    with school.services.office.store.reading() as unit:
        connection = unit._connection
        return {table.name: [dict(row._mapping) for row in connection.execute(sa.select(table))]
                for table in META.sorted_tables}


def dumped(school: School) -> str:
    return json.dumps(rows(school), ensure_ascii=False, sort_keys=True, default=str)


@pytest.fixture
def lived(school: School) -> tuple[str, list[Any], str]:
    """A student with a past: two courses collected, one taken back, an adult, an app that reads, an import unconfirmed.

    Returns:
        The student's id, the two records as the family holds them, and the id of the one that was taken back.
    """
    services = school.services
    student = services.students.find(STUDENT_NUMBER).id
    token, _made = school.redeemed()
    held = [json.loads(school.family.collect(token.access_token, name).data)["credentials"][0]["credential"]
            for name in identifiers(token, "course")[:2]]
    services.revoking.revoke(held[0]["id"], "operator", SAID)
    services.guardians.state(student, GUARDIAN, "operator")
    services.passes.make(student, "operator")
    reader = AppToken("access", "grant", "app", student, (CREDENTIAL_READ,), False, NOW + timedelta(hours=1))
    assert services.app_reading.credentials(reader, Page()).total
    services.app_reading.update_profile(reader, json.dumps(
        {**services.app_reading.profile(reader), "description": SAID}).encode())
    services.imports.receive(Path(school.config.data / "again.zip").read_bytes(), "again.zip", "operator")
    return student, held, held[0]["id"]


@pytest.fixture(autouse=True)
def again(school: School, export: bytes) -> None:
    (school.config.data / "again.zip").write_bytes(export)


def test_nothing_that_names_the_student_is_left_in_any_table_or_byte(
        school: School, lived: tuple[str, list[Any], str]) -> None:
    student, _held, _taken = lived
    person = school.services.students.view(student).person
    words = (person.given_name, SAID, f'"{person.number}"')
    assert all(word in dumped(school) for word in words)

    school.services.deleting.delete(student, "operator", number=STUDENT_NUMBER)

    left = rows(school)
    (told,) = [row for row in left.pop("log") if row["event"] == "deleted"]
    assert (told["actor"], told["subject"], set(told["detail"])) == ("operator", student, {"courses", "records"})
    assert school.services.students.first_broken_log_entry() is None
    assert not any(word in json.dumps(left, ensure_ascii=False, default=str) for word in (*words, student))
    (school.config.data / "again.zip").unlink()
    for file in school.config.data.glob("*sqlite3*"):
        kept = file.read_bytes()
        assert person.given_name.encode() not in kept and SAID.encode() not in kept
        assert json.dumps(person.given_name).strip('"').encode() not in kept


def test_what_the_family_holds_is_checked_as_before_and_no_place_is_given_out_again(
        school: School, lived: tuple[str, list[Any], str]) -> None:
    student, held, taken = lived
    places = {(row["list_number"], row["list_index"]) for row in rows(school)["credentials"]}
    revoked = school.services.revoking.status_list(1)["credentialSubject"]["encodedList"]

    school.services.deleting.delete(student, "operator", number=STUDENT_NUMBER)

    after = {row["id"]: row for row in rows(school)["credentials"]}
    assert {(row["list_number"], row["list_index"]) for row in after.values()} == places
    assert school.services.revoking.status_list(1)["credentialSubject"]["encodedList"] == revoked
    for each in held:
        shown = derive(each, ["/name"], school.services.office.processor, SystemRandomness())
        outcomes = {check.id: str(check.outcome)
                    for check in verify_credential(shown, Policy(), school.world.environment()).checks}
        assert outcomes["proof"] == "passed"
        assert outcomes["status"] == ("failed" if each["id"] == taken else "passed")
    with pytest.raises(StateError, match="no such record"):
        school.services.students.credential(taken)


def test_everybody_else_stays_as_they_were(school: School, lived: tuple[str, list[Any], str]) -> None:
    student, _held, _taken = lived
    brother = school.services.students.find(BROTHER).id
    before = school.services.students.view(brother)
    numbers = {line.person.number for line in school.services.students.all()}
    overview = school.services.students.overview()

    school.services.deleting.delete(student, "operator", number=STUDENT_NUMBER)

    assert school.services.students.view(brother) == before
    assert {line.person.number for line in school.services.students.all()} == numbers - {STUDENT_NUMBER}
    (waiting,) = overview.unconfirmed
    roster = school.services.imports.find(waiting).roster
    assert {each.number for each in roster.students} == numbers - {STUDENT_NUMBER}
    left = school.services.students.overview()
    assert left.students == overview.students - 1 and 0 < left.records < overview.records


def test_another_number_or_a_record_on_its_way_deletes_nothing(
        school: School, lived: tuple[str, list[Any], str]) -> None:
    student, _held, _taken = lived
    before = dumped(school)
    for number in ("", BROTHER, STUDENT_NUMBER + "0"):
        with pytest.raises(StateError, match="not the number"):
            school.services.deleting.delete(student, "operator", number=number)
    with pytest.raises(StateError, match="no such student"):
        school.services.deleting.delete("nobody", "operator", number=STUDENT_NUMBER)
    assert dumped(school) == before

    with school.services.office.store.writing() as unit:
        petition = school.services.approvals.ask(unit, "transfer", student, {"name": "Roosevelt"}, "operator")
        unit.decide(petition.id, "sending", school.world.clock.now(), "operator")
    before = dumped(school)
    with pytest.raises(StateError, match="on its way"):
        school.services.deleting.delete(student, "operator", number=STUDENT_NUMBER)
    assert dumped(school) == before


def test_on_both_databases_a_revocation_only_ever_loses_its_reason(
        new_database: Callable[[Path], str], tmp_path: Path) -> None:
    world = World()
    config = replace(from_environ({}, data=tmp_path / "school"), database_url=new_database(tmp_path))
    initialise_issuer(config, origin=ORIGIN, password_hash=HASHED, clock=world.clock)
    services = build_services(config, clock=world.clock, fetcher=world.web)
    file = build_small_export(tmp_path / "small.zip", "Lincoln", Pupil("7", "Ana", "Paz"), [Course("Biology", "A", 95)],
                              term_until(world.clock.now().date()))
    services.imports.confirm(services.imports.receive(file.read_bytes(), file.name, "operator").id, "operator")
    student = services.students.find("7").id
    record = services.students.view(student).living[0].id
    services.revoking.revoke(record, "operator", SAID)

    for change in ({"reason": "another"}, {"reason": "", "actor": "nobody"}, {"reason": "", "revoked_at": 1}):
        with pytest.raises(sa.exc.DBAPIError), services.office.store.writing() as unit:
            unit._connection.execute(sa.update(revocations).values(**change))
    with pytest.raises(sa.exc.DBAPIError), services.office.store.writing() as unit:
        unit._connection.execute(sa.delete(revocations))
    services.deleting.delete(student, "operator", number="7")

    with services.office.store.reading() as unit:
        kept = unit.find_revocation(record)
        assert kept is not None and (kept.reason, kept.actor) == ("", "operator")
        assert unit.students() == () and len(unit.revoked_indexes(1)) == 1


def test_a_student_who_comes_back_is_a_new_one(school: School, export: bytes) -> None:
    old = school.services.students.find(STUDENT_NUMBER).id
    school.services.deleting.delete(old, "operator", number=STUDENT_NUMBER)

    school.import_export(export)

    new = school.services.students.find(STUDENT_NUMBER).id
    assert new != old and len(school.services.students.view(new).living) == 25


def test_the_page_says_what_goes_and_what_stays_in_both_languages(
        school: School, lived: tuple[str, list[Any], str]) -> None:
    student, _held, _taken = lived
    client, path = school.signed_in(), f"/students/{student}/delete"
    assert path in client.get(f"/students/{student}").text
    english, spanish = client.get(path).text, client.get(path + "?lang=es").text
    client.get(path + "?lang=en")
    assert "What goes" in english and "The family keeps the 1 record it collected." in english
    assert all(words in spanish for words in ("Qué se borra", "Qué queda después", "La familia conserva"))

    refused = school.post(client, path, {"number": BROTHER})
    assert refused.status_code == 422 and "This is not the number of this student." in refused.text
    assert school.services.students.find(STUDENT_NUMBER).id == student

    answer = school.post(client, path, {"number": f" {STUDENT_NUMBER} "})
    assert answer.status_code == 303
    assert client.get(path).status_code == client.get(f"/students/{student}").status_code == 404
    assert "Student deleted" in re.sub(r"<[^>]+>", "", client.get("/log").text)


def test_the_command_asks_first_and_says_it_to_programs(school: School) -> None:
    def run(*arguments: str, **options: Any) -> Any:
        return CliRunner().invoke(main, ["delete", "--student", STUDENT_NUMBER, *arguments, "--data",
                                         str(school.config.data)],
                                  obj=Ports(school.world.clock, school.world.web),
                                  env={"LC_ALL": "en_US.UTF-8", "BACKPACK_PASSPHRASE": PASSWORD}, **options)

    asked = run(input="n\n")
    assert "Courses: 24. Records: 25. Collected by the family: 0." in asked.output
    assert "Nothing was deleted." in asked.output
    assert run("--json").exit_code == 2
    assert school.services.students.find(STUDENT_NUMBER)

    done = run("--yes", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"student": STUDENT_NUMBER, "courses": 24, "records": 25, "collected": 0}
    with pytest.raises(StateError):
        school.services.students.find(STUDENT_NUMBER)
