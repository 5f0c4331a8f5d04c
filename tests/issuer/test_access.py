"""Every route × role × own, foreign, absent id: what is not allowed looks like what is not there (security.md F05)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from demo.export import STUDENT_NUMBER
from issuer.services.staff import OPERATOR, REGISTRAR, ROLES, TEACHER
from issuer.store import AppRecord
from issuer.web.access import EVERYBODY, RULES
from tests.issuer.conftest import ORIGIN, PASSWORD, School
from tests.issuer.next_school import NextSchool
from tests.issuer.test_statements import GUARDIAN
from tests.issuer.test_templates import ANSWERS
from ui.passwords import hash_password

LOGINS = {REGISTRAR: "lee", TEACHER: "rivera"}


@dataclass
class Office:
    """The school with its staff, and one thing of each kind."""

    school: School
    ids: dict[str, str]
    foreign: dict[str, str]

    def client(self, role: str | None) -> FlaskClient:
        client = self.school.client()
        if role is not None:
            name = LOGINS.get(role, "operator")
            answer = self.school.post(client, "/login", {"name": name, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        return client


@pytest.fixture
def office(school: School) -> Office:
    services, hashed = school.services, hash_password(PASSWORD, b"sixteen bytes ok")
    for role, name in LOGINS.items():
        services.staff.add(name, role, hashed, "operator")
    services.staff.add("other", TEACHER, hashed, "operator")
    student = services.students.find(STUDENT_NUMBER).id
    services.students.leave(student, school.world.clock.now().date(), "lee")
    mine = services.forms.draft(student, "work-habits", ANSWERS["work-habits"], "rivera")
    theirs = services.forms.draft(student, "attendance", ANSWERS["attendance"], "other")
    transfer = services.transfers.read(NextSchool(school.world).link, student, "lee")
    made = school.offer()
    guardian = services.guardians.state(student, GUARDIAN, "lee").id.removeprefix("urn:uuid:")
    record = services.students.view(student).living[0].id.removeprefix("urn:uuid:")
    reading = services.imports.recent(1)[0].id
    services.passes.make(student, "lee")
    with services.office.store.writing() as unit:
        unit.save_app_record(handed_in(student, school.world.clock.now()))
    ids = {"student_id": student, "offer_id": made.offer.id, "record_id": record, "import_id": reading,
           "name": "attendance", "slug": "none", "secret": "none", "reference": "none", "request_id": "none",
           "number": "1", "filename": "backpack.css", "copy_id": "copy"}
    return Office(school, ids | {"petition_id": mine.id, "transfer": transfer.petition.id, "guardian": guardian},
                  ids | {"petition_id": theirs.id, "transfer": transfer.petition.id})


def handed_in(student: str, now: datetime) -> AppRecord:
    """Something that an app brought."""
    return AppRecord("copy", student, "app", "App", "app.example", "did:web:club.example", "urn:uuid:1", "Chess",
                     "Club", False, "{}", now, {"outcome": "passed"}, now)


def paths(office: Office, ids: dict[str, str]) -> Iterator[tuple[Rule, str, str]]:
    for rule in office.school.app.url_map.iter_rules():
        values = {name: ids.get(name, "x") for name in rule.arguments}
        if rule.endpoint.startswith("transfers.") and "petition_id" in values:
            values["petition_id"] = ids["transfer"]
        if rule.endpoint == "guardians.offer":
            values["record_id"] = ids.get("guardian", "x")
        if rule.endpoint == "staff.remove":
            values["name"] = "nobody"
        built = rule.build({**values, **(rule.defaults or {})})
        assert built is not None
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule, built[1], method


def plain(text: str) -> str:
    """A page without what every page has of its own: tokens, and the address it stands at."""
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
    return re.sub(r'(href|action|value)="[^"]*"', "", text)


def ask(office: Office, client: FlaskClient, method: str, path: str) -> Any:
    if method == "GET":
        return client.get(path)
    page = client.get("/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if token is None:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/award").text)
    assert token is not None
    return client.post(path, data={"csrf_token": token[1]}, headers={"Referer": ORIGIN + path})


def test_every_route_has_a_rule_and_every_rule_a_route(school: School) -> None:
    assert set(RULES) == {rule.endpoint for rule in school.app.url_map.iter_rules()}
    assert all(rule is EVERYBODY or rule <= set(ROLES) for rule in RULES.values())


def test_a_route_that_nobody_wrote_down_is_open_to_nobody(school: School) -> None:
    school.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for client in (school.client(), school.signed_in()):
        answer = client.get("/forgotten")
        assert "secret" not in answer.text and answer.status_code in (303, 404)


@pytest.mark.parametrize("role", [None, TEACHER, REGISTRAR, OPERATOR])
def test_each_role_opens_what_it_may_and_nothing_else(office: Office, role: str | None) -> None:
    client = office.client(role)
    absent = plain(client.get("/nothing-is-here").text)
    count = 0
    for rule, path, method in paths(office, office.ids):
        allowed = RULES[rule.endpoint]
        if allowed is EVERYBODY or rule.endpoint.startswith("login."):
            continue
        answer = ask(office, client, method, path)
        place = f"{role} {method} {path}: {answer.status_code}"
        if role is None:
            assert answer.status_code == 303 and answer.headers["Location"].endswith("/login"), place
        elif role not in allowed:
            assert answer.status_code == 404 and plain(answer.text) == absent, place
        else:
            assert answer.status_code in (200, 303, 422), place
        count += 1
    assert count > 40


@pytest.mark.parametrize("role", [TEACHER, REGISTRAR])
def test_a_foreign_id_and_an_absent_one_get_the_same_page(office: Office, role: str) -> None:
    client = office.client(role)
    absent = dict.fromkeys(office.ids, "absent-" + "0" * 8) | {"number": "1", "filename": "none.css"}
    for rule, path, method in paths(office, absent):
        if RULES[rule.endpoint] is EVERYBODY or not rule.arguments or role not in RULES[rule.endpoint]:
            continue
        if rule.endpoint == "staff.remove":
            continue
        answer = ask(office, client, method, path)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
    if role == TEACHER:
        foreign = client.get(f"/drafts/{office.foreign['petition_id']}")
        missing = client.get("/drafts/nothing")
        assert foreign.status_code == missing.status_code == 404 and plain(foreign.text) == plain(missing.text)
        assert client.get(f"/drafts/{office.ids['petition_id']}").status_code == 200
        assert client.get("/forms/iep").status_code == client.get("/forms/none").status_code == 404


def test_an_offer_of_another_student_is_not_there(office: Office) -> None:
    client = office.client(REGISTRAR)
    other = next(line.person.id for line in office.school.services.students.all()
                 if line.person.id != office.ids["student_id"])
    offer, record = office.ids["offer_id"], office.ids["record_id"]
    for path in (f"/students/{other}/offers/{offer}", f"/students/{other}/offers/{offer}/code",
                 f"/students/{other}/offers/{offer}/sheet"):
        assert client.get(path).status_code == 404
    assert ask(office, client, "POST", f"/students/{other}/guardians/{record}/offer").status_code == 404


def test_a_login_that_was_removed_is_out_at_the_next_page(office: Office) -> None:
    client = office.client(TEACHER)
    assert client.get("/drafts").status_code == 200
    office.school.services.staff.remove("rivera", "operator")
    assert client.get("/drafts").status_code == 303
