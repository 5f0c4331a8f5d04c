"""Vanessa's circle of care (T3): those who help see each other's goals and nothing else; who may share is policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credkit.errors import StateError
from tests.support.world import World
from tests.wallet.household import child_of, environment_of, let_in, of_type, take
from tests.wallet.offices import TITLE_AND_GRADE, AskingCollege, OfferingSchool
from wallet.bootstrap import Services
from wallet.services.people import circle
from wallet.services.record import contributions, hiding
from wallet.services.sharing import bundles, exports, importing
from wallet.services.sharing.bundles import Chosen, Purpose
from wallet.vault import OpenVault


@pytest.fixture
def child(services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> OpenVault:
    """Vanessa's record: two courses and a speech goal by her school; services may go to helpers."""
    vanessa = child_of(services, vault, "Vanessa")
    take(services, vanessa, school.offer(
        school.course(1, "Biology"), of_type(school, 2, "ext:ServiceRecord", "Speech: says r and s clearly")))
    hiding.hide_category(vanessa, world.clock, "services", "ask")
    return vanessa


def titles(vault: OpenVault, world: World) -> dict[str, list[str]]:
    shared = circle.shared_with_me(vault, world.clock.now())
    return {category: [seen.card.title for seen in found] for category, found in shared.parts}


def therapist(services: Services, child: OpenVault, name: str) -> OpenVault:
    return let_in(services, child, name, "read:services", "contribute:services", role="care-circle")


def test_each_in_the_circle_sees_the_goals_of_all_and_nothing_else(
        services: Services, child: OpenVault, world: World) -> None:
    speech, physical = therapist(services, child, "Rosa"), therapist(services, child, "Paul")
    child.rewrap()
    contributions.contribute(speech, environment_of(services), contributions.Draft(
        "services", "note", "Two-word sentences", "She asks for things in two words.", "Rosa", "en"))
    (waiting,) = contributions.waiting(child)
    contributions.accept(child, environment_of(services), waiting.id)

    for helper in (speech, physical):
        seen = titles(helper, world)
        assert set(seen) == {"services"}
        assert "Speech: says r and s clearly" in seen["services"]
    goals = circle.shared_with_me(physical, world.clock.now())
    assert goals.is_helper and goals.given[0].role == "care-circle"
    assert "Biology" not in str(goals)


def test_what_the_family_hides_again_is_gone_for_the_circle(
        services: Services, child: OpenVault, world: World) -> None:
    speech = therapist(services, child, "Rosa")
    child.rewrap()
    assert titles(speech, world)

    hiding.hide_category(child, world.clock, "services", "never")

    assert titles(speech, world) == {}


def test_when_the_time_is_over_nothing_is_shared_any_more(
        services: Services, child: OpenVault, world: World) -> None:
    speech = therapist(services, child, "Rosa")
    child.rewrap()
    world.clock.advance(days=91)

    assert titles(speech, world) == {}
    assert circle.shared_with_me(speech, world.clock.now()).given == ()


def test_a_guardian_sees_everything_and_is_no_helper(child: OpenVault, world: World) -> None:
    shared = circle.shared_with_me(child, world.clock.now())

    assert not shared.is_helper and {category for category, _ in shared.parts} == {"services", "transcript"}


def test_a_helper_without_the_right_hands_out_nothing(
        services: Services, child: OpenVault, college: AskingCollege, world: World) -> None:
    speech, environment = therapist(services, child, "Rosa"), environment_of(services)
    child.rewrap()
    purpose = Purpose("Somebody", "Anything", world.clock.now() + timedelta(days=1), "en")
    key = next(choice.key for choice in bundles.choices(speech))
    resolved = services.presenting.resolve_request(college.ask(*TITLE_AND_GRADE))
    sheet = services.presenting.sheet(speech, resolved, {"records": (key,)})

    for attempt in (
            lambda: bundles.draft(speech, environment, [Chosen(key)], purpose),
            lambda: exports.export(speech, environment, hidden=False),
            lambda: exports.export(speech, environment, hidden=True),
            lambda: importing.keep(speech, environment, (), file_name="x"),
            lambda: services.presenting.agree(speech, resolved, sheet, seen_digest=sheet.digest)):
        with pytest.raises(StateError):
            attempt()
    assert services.sharing.shares(speech) == () and not college.sent


def test_a_helper_who_may_share_shares_what_it_may_see_and_no_more(
        services: Services, child: OpenVault, world: World) -> None:
    helper = let_in(services, child, "Sol", "read:services", "share", role="mentor")
    child.rewrap()
    assert [choice.title for choice in bundles.choices(helper)] == ["Speech: says r and s clearly"]
    purpose = Purpose("School nurse", "To plan the year", world.clock.now() + timedelta(days=1), "en")
    decided = bundles.draft(helper, environment_of(services), [Chosen(bundles.choices(helper)[0].key)], purpose)

    handed = services.sharing.hand_out(helper, decided, seen_digest=decided.digest, form="link")

    assert handed.bundle["issuer"]["id"] == helper.party_did
    assert [share.recipient for share in services.sharing.shares(child)] == ["School nurse"]
