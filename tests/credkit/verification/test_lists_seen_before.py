"""Where no list of taken-back records can be reached: what a verified one of earlier may tell (security.md C03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credkit.ports import JSONObject
from credkit.verification import Policy, verify_credential
from tests.support.world import School, World

DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> School:
    return School(world)


def status_of(world: World, document: JSONObject, max_list_age: timedelta = timedelta(0)) -> tuple[str, str]:
    """Outcome and problem code of the check ``status``."""
    check = verify_credential(document, Policy(max_list_age=max_list_age), world.environment()).check("status")
    assert check is not None
    return str(check.outcome), (check.problem or {}).get("code", "")


def seen_once(world: World, school: School) -> None:
    assert status_of(world, school.sign(school.course(index=1)))[0] == "passed"
    world.web.serve_json(school.list_url, {}, status=503)


def test_without_an_age_a_list_of_earlier_says_nothing_good(world: World, school: School) -> None:
    seen_once(world, school)

    assert status_of(world, school.sign(school.course(index=7))) == ("indeterminate", "status_retrieval")


@pytest.mark.parametrize(
    ("hours", "outcome"), [(0, "passed"), (23, "passed"), (24, "indeterminate"), (48, "indeterminate")]
)
def test_a_list_counts_as_long_as_the_policy_says(world: World, school: School, hours: int, outcome: str) -> None:
    seen_once(world, school)
    world.clock.advance(hours=hours)

    assert status_of(world, school.sign(school.course(index=7)), DAY)[0] == outcome


def test_what_it_took_back_stays_taken_back(world: World, school: School) -> None:
    school.revoked.add(7)
    school.publish_list()
    seen_once(world, school)
    world.clock.advance(days=30)

    for age in (timedelta(0), DAY):
        assert status_of(world, school.sign(school.course(index=7)), age) == ("failed", "revoked")


def test_a_list_from_the_future_counts_for_nothing(world: World, school: School) -> None:
    world.clock.advance(hours=2)
    school.publish_list()
    seen_once(world, school)
    world.clock.advance(hours=-1)

    assert status_of(world, school.sign(school.course(index=7)), DAY)[0] == "indeterminate"


def test_another_signers_list_counts_for_nothing(world: World, school: School) -> None:
    other = School(world, "https://other.example", "Other")
    seen_once(world, school)
    stolen = other.course(index=7)
    stolen["credentialStatus"] = school.course(index=7)["credentialStatus"]

    assert status_of(world, other.sign(stolen), DAY)[0] == "indeterminate"
