"""Newer versions: the same record, newer, holding by itself; on any failure the original stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from credkit.ports import JSONObject
from credkit.shape import format_date_time
from credkit.verification import Policy, verify_credential
from credkit.verification.refresh import Refreshed, refresh_address, refresh_credential
from tests.credkit.profiles.test_family import JUNK
from tests.support.world import NOW, School, World

URL = "https://newer.example/7"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
SERVICE = {"id": URL, "type": "1EdTechCredentialRefresh"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> School:
    return School(world)


def record(school: School, signer: Any = None, **changes: Any) -> JSONObject:
    document = school.course(status=False, subject_id=changes.pop("subject_id", "did:key:z6MkhaXgBZDvotDkL5257faiztiGi"
                                                              "C2QtKLGpbnnEGta2doK"))
    document["@context"] = [*document["@context"], EXTENSIONS]
    return school.sign({**document, "refreshService": SERVICE, **changes}, **({"signer": signer} if signer else {}))


def newer(school: School, **changes: Any) -> JSONObject:
    moment = format_date_time(NOW - timedelta(days=1))
    return record(school, **{"validFrom": moment, "name": "Algebra I, corrected", **changes})


def refreshed(world: World, document: JSONObject) -> Refreshed:
    environment = world.environment()
    return refresh_credential(verify_credential(document, Policy(), environment), Policy(), environment)


@pytest.mark.spec("OB-3.0", "#refresh")
def test_a_newer_version_of_the_same_record_takes_its_place(world: World, school: School) -> None:
    later = newer(school)
    world.web.serve_json(URL, later)
    found = refreshed(world, record(school))
    assert found.is_newer and found.problem is None and found.report.document == later


def test_the_same_version_or_an_older_one_changes_nothing(world: World, school: School) -> None:
    original = record(school)
    for other in (original, newer(school, validFrom=format_date_time(NOW - timedelta(days=99)))):
        world.web.serve_json(URL, other)
        found = refreshed(world, original)
        assert (found.is_newer, found.problem, found.report.document) == (False, None, original)


def test_whatever_goes_wrong_the_original_stays(world: World, school: School) -> None:
    other, original = School(world, "https://other.example"), record(school)
    changed = {**newer(school), "name": "Calculus"}
    for answer in (
        changed, newer(other), newer(school, id="https://school.example/credentials/8"), {"error": "gone"},
        newer(school, subject_id="did:key:z6Mkother"), newer(school, issuer=school.did, signer=other.ed25519),
        newer(school, validFrom=format_date_time(NOW + timedelta(days=1))), *JUNK,
    ):
        world.web.serve_json(URL, answer)
        found = refreshed(world, original)
        assert not found.is_newer and found.problem is not None and found.report.document == original
    world.web.serve_json(URL, newer(school), status=404)
    assert refreshed(world, original).problem is not None
    world.web.unreachable("https://newer.example")
    assert not refreshed(world, original).is_newer


def test_nobody_is_asked_before_the_proof_has_passed(world: World, school: School) -> None:
    world.web.serve_json(URL, newer(school))
    original = record(school)
    original["name"] = "Calculus"
    asked = [request for request in world.web.requests if URL in str(request)]
    found = refreshed(world, original)
    assert not found.is_newer and found.problem is not None
    assert [request for request in world.web.requests if URL in str(request)] == asked == []


@pytest.mark.parametrize("service", [None, [], {}, {"type": "1EdTechCredentialRefresh"}, {"id": URL, "type": "Other"},
                                     {"id": 7, "type": "1EdTechCredentialRefresh"}, "x", [7]])
def test_a_service_that_we_do_not_speak_is_none(world: World, school: School, service: Any) -> None:
    assert refresh_address({"refreshService": service}) is None
    assert refresh_address({"refreshService": [service, SERVICE]}) == URL
    original = school.sign(school.course(status=False))
    assert refreshed(world, original).problem is not None
