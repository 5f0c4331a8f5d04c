"""Pages about apps: the one where a learner lets one in, and the office's, in both languages; and the command."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from credkit.encoding import dump_json
from demo.export import STUDENT_NUMBER
from tests.issuer.badge_apps import BadgeApp, make_pass, registered
from tests.issuer.conftest import School
from tests.issuer.test_cli import Terminal, office, terminal  # noqa: F401
from tests.issuer.test_cli import export_file as export_file  # noqa: PLC0414
from tests.support import world


@pytest.fixture
def app(school: School) -> BadgeApp:
    return registered(school, client_name="Badge <b>Reader</b>")


def ticked(answer: Any) -> list[str]:
    """Which boxes are ticked."""
    return re.findall(r'name="allow"[^>]* value="(\w+)" checked', answer.text)


def student_path(school: School) -> str:
    return f"/students/{school.services.students.find(STUDENT_NUMBER).id}"


@pytest.mark.parametrize(("language", "sentence", "box"), [
    ("en", "You decide what it may do.", "Hand in badges from elsewhere"),
    ("es", "Usted decide qué puede hacer.", "Entregar insignias de otros lugares"),
])
def test_the_page_says_who_asks_and_what_for(school: School, app: BadgeApp, language: str, sentence: str,
                                             box: str) -> None:
    answer = school.client().get(f"{app.page()}?lang={language}")

    assert answer.status_code == 200 and f'<html lang="{language}">' in answer.text and sentence in answer.text
    assert box in answer.text and "app.example" in answer.text and "https://app.example/terms" in answer.text
    assert "Badge &lt;b&gt;Reader&lt;/b&gt;" in answer.text and "logo.png" not in answer.text
    assert 'href="https://app.example' not in answer.text and answer.text.count("<h1") == 1
    assert "https://app.example" in re.findall(r"form-action ([^;]+)", answer.headers["Content-Security-Policy"])[0]
    assert len(ticked(answer)) == 5


def test_what_was_ticked_stays_when_something_was_wrong(school: School, app: BadgeApp) -> None:
    page = app.page()
    answer = school.post(school.client(), page, {"login": "abc", "code": "secret-code", "allow": ["profile"]})

    assert answer.status_code == 422 and ticked(answer) == ["profile"] and 'value="abc"' in answer.text
    empty = school.post(school.client(), page, {})
    assert empty.status_code == 422 and 'href="#field-login"' in empty.text and 'href="#field-allow"' in empty.text


@pytest.mark.parametrize(("language", "button", "sentence"), [
    ("en", "Let an app read these badges", "The code is shown this one time."),
    ("es", "Permitir que una aplicación lea estas insignias", "El código se muestra solo esta vez."),
])
def test_the_office_makes_a_pass_and_sees_its_code_once(school: School, language: str, button: str,
                                                        sentence: str) -> None:
    client, path = school.signed_in(), student_path(school)
    client.get(f"/?lang={language}")
    assert button in client.get(path).text
    made = school.post(client, path + "/pass", {}, page=path)
    codes = re.findall(r"<strong>([0-9a-z-]+)</strong>", made.text)

    assert made.status_code == 200 and sentence in made.text and len(codes) == 2
    assert made.headers["Cache-Control"] == "no-store"
    assert codes[1] not in client.get(path).text and codes[1] not in client.get("/log").text


def test_the_office_sees_who_was_let_in_and_ends_it(school: School, app: BadgeApp) -> None:
    client, path = school.signed_in(), student_path(school)
    caller = app.let_in(make_pass(school))
    page = client.get(path).text
    assert "Badge &lt;b&gt;Reader&lt;/b&gt;" in page and "good until" in page
    answer = school.post(client, path + "/pass/end", {}, page=path)

    assert answer.status_code == 303 and caller.get("/profile").status_code == 401
    assert "Badge &lt;b&gt;" not in client.get(path).text
    assert school.post(client, path + "/pass/end", {}, page=path).status_code == 303


@pytest.mark.parametrize(("language", "passed", "unchecked"), [
    ("en", "The signature holds.", "could not be checked in full"),
    ("es", "La firma es válida.", "No se pudo comprobar por completo"),
])
def test_the_office_sees_what_was_handed_in_and_deletes_it(school: School, app: BadgeApp, language: str, passed: str,
                                                           unchecked: str) -> None:
    club = world.School(school.world, "https://club.example", "Chess <i>Club</i>")
    person = school.services.students.find(STUDENT_NUMBER)
    for index in (7, 8):
        document = club.course(student=person.name, name=f"Openings {index}", index=index)
        caller = app.let_in(make_pass(school))
        assert caller.hand_in(dump_json(club.sign(document))).status_code == 201
        school.world.web.unreachable("https://club.example")
        school.world.clock.advance(hours=2)  # what was fetched before is too old by then
    client, path = school.signed_in(), student_path(school)
    client.get(f"/?lang={language}")
    page = client.get(path).text

    assert passed in page and unchecked in page and "Openings 8" in page and "Chess &lt;i&gt;Club&lt;/i&gt;" in page
    assert "did:web:club.example" in page and "app.example" in page
    (first, _second) = school.services.handing_in.list(person.id)
    gone = school.post(client, f"{path}/handed-in/{first.id}/delete", {}, page=path)
    assert gone.status_code == 303 and len(school.services.handing_in.list(person.id)) == 1
    assert school.post(client, f"{path}/handed-in/{first.id}/delete", {}, page=path).status_code == 404


def test_the_office_sees_what_the_learner_says(school: School, app: BadgeApp) -> None:
    caller = app.let_in(make_pass(school))
    caller.put({**caller.get("/profile").json, "phone": "801 555 0100", "description": "<script>"})
    page = school.signed_in().get(student_path(school)).text

    assert "801 555 0100" in page and "&lt;script&gt;" in page


def test_a_pass_by_command(office: Terminal, export_file: str) -> None:  # noqa: F811
    office.json("import", export_file)
    made = office.json("pass", "--student", STUDENT_NUMBER, "--days", "7")
    assert made.keys() == {"student", "address", "login", "code", "expires_at"}
    assert made["address"] == "https://school.example" and len(made["code"].replace("-", "")) == 20

    shown = office.run("pass", "--student", STUDENT_NUMBER)
    assert shown.exit_code == 0 and "Login name: " in shown.stdout and "not shown again" in shown.stdout
    assert made["code"] not in shown.stdout
    assert office.json("pass", "--student", STUDENT_NUMBER, "--end") == {"student": STUDENT_NUMBER, "ended": True}
    again = office.run("pass", "--student", STUDENT_NUMBER, "--end")
    assert again.exit_code != 0 and "no pass" in again.stderr


@pytest.mark.parametrize("arguments", [("--student", "nobody"), (), ("--student", STUDENT_NUMBER, "--days", "0"),
                                       ("--student", STUDENT_NUMBER, "--days", "400")])
def test_a_command_that_cannot_be_meant_makes_no_pass(office: Terminal, export_file: str,  # noqa: F811
                                                      arguments: Any) -> None:
    office.json("import", export_file)
    assert office.run("pass", *arguments).exit_code != 0
    assert "pass_made" not in json.dumps(office.json("log"))
