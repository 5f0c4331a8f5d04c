"""A list counts for the kind of status it was checked as: what stands at one address is never taken for another kind
because somebody asked for that first (security.md C02)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from credkit.environment import SystemRandomness
from credkit.formats import sd_jwt_vc
from credkit.ports import JSONObject
from credkit.status import bitstring, token_status_list
from credkit.verification import Outcome, Policy, verify_credential
from tests.support.world import NOW, V2, School, World

EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> School:
    return School(world)


def unsigned_list(school: School) -> JSONObject:
    """What a host without the school's key can put at the list's address: both kinds in one, nothing taken back."""
    document = bitstring.build_status_list_credential(
        url=school.list_url, issuer=school.did, context=V2, set_indexes=(), valid_from=NOW,
        valid_until=NOW + timedelta(days=1))
    return {**document, "revokedCredential": []}


def decoy(school: School) -> JSONObject:
    """A record of the school whose status names the same address as a list that nobody signs."""
    document = school.course(index=8, status=False)
    document["@context"] = [*document["@context"], EXTENSIONS]
    document["credentialStatus"] = {"id": school.list_url, "type": "1EdTechRevocationList"}
    return school.sign(document)


def status_of(report: Any) -> Outcome:
    check = report.check("status")
    assert check is not None
    return Outcome(check.outcome)


def test_an_unsigned_list_read_first_does_not_stand_in_for_a_signed_one(world: World, school: School) -> None:
    course = school.sign(school.course())
    bundle = school.transcript([decoy(school), course])
    bundle = school.sign({name: value for name, value in bundle.items() if name != "credentialStatus"})
    world.web.serve_json(school.list_url, unsigned_list(school))
    members = verify_credential(bundle, Policy(), world.environment()).members
    assert status_of(members[0]) is Outcome.PASSED
    assert status_of(members[1]) is Outcome.FAILED


def test_an_unsigned_list_seen_before_does_not_stand_in_for_a_signed_one(world: World, school: School) -> None:
    world.web.serve_json(school.list_url, unsigned_list(school))
    environment = world.environment()
    assert status_of(verify_credential(decoy(school), Policy(), environment)) is Outcome.PASSED
    world.web.serve_json(school.list_url, {}, status=503)
    later = Policy(max_list_age=timedelta(days=1))
    assert status_of(verify_credential(school.sign(school.course()), later, environment)) is Outcome.INDETERMINATE
    assert status_of(verify_credential(decoy(school), later, environment)) is Outcome.PASSED


def test_a_list_of_another_kind_seen_before_is_no_error(world: World, school: School) -> None:
    environment = world.environment()
    assert verify_credential(school.sign(school.course()), Policy(), environment).verified
    world.web.serve_json(school.list_url, {}, status=503)
    claims = {"vct": "https://school.example/vct/course",
              "status": token_status_list.build_reference(7, school.list_url)}
    for key in (school.p256.verification_method, "https://nowhere.example/keys#1"):
        text = sd_jwt_vc.issue_sd_jwt_vc(claims, school.p256, selective=[], randomness=SystemRandomness(),
                                         header={"kid": key})
        assert status_of(verify_credential(text, Policy(), environment)) is Outcome.INDETERMINATE
