"""What an office signs about people: a guardian's paper is for the guardian's own key, a court's limit counts (G05)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.family import (
    COURT_LIMIT,
    EVERYTHING,
    GUARDIANSHIP,
    CourtLimit,
    Grant,
    build_court_limit,
    build_grant,
)
from tests.wallet.family.conftest import Family
from tests.wallet.household import take
from tests.wallet.offices import OfferingSchool, configuration
from wallet.services.people.leaving import Wish
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault


@pytest.fixture
def office(family: Family) -> OfferingSchool:
    office = OfferingSchool(family.world)
    office.configurations |= {
        "guardianship": configuration("guardianship", (GUARDIANSHIP,), "eddsa-rdfc-2022"),
        "court-limit": configuration("court-limit", (COURT_LIMIT,), "eddsa-rdfc-2022"),
    }
    return office


@pytest.fixture
def father(family: Family) -> OpenVault:
    return family.admit(family.draft("guardian", "full", "people", name="Father", days=None))


def limit_on(family: Family, office: OfferingSchool, holder: str) -> str:
    """An offer of a limit that says everything is forbidden to ``holder``."""
    limit = CourtLimit("urn:uuid:11111111-1111-4111-8111-111111111111", holder, family.mother.learner_urn,
                       frozenset({EVERYTHING}), "court-order", family.world.clock.now(), None, "Order 12-345")
    document = office.school.sign(build_court_limit(limit, issuer=office.school.did, status_entry=None))
    return office.offer(("court-limit", lambda did: document))


def test_a_guardians_paper_is_issued_to_the_guardians_own_key_which_no_item_holds(
        family: Family, office: OfferingSchool) -> None:
    def make(did: str) -> JSONObject:
        grant = Grant("urn:uuid:22222222-2222-4222-8222-222222222222", "guardian", did, family.mother.learner_urn,
                      frozenset({"full", "people"}), "legal-guardian", family.world.clock.now(), None, None)
        return office.school.sign(build_grant(grant, issuer=office.school.did, status_entry=None))

    (item_id,) = take(family.services, family.mother, office.offer(("guardianship", make)))

    item = family.mother.read(item_id, CREDENTIAL)
    assert item.body["credential"]["credentialSubject"]["id"] == family.mother.party_did
    assert item.key_methods == ()
    assert family.mother.signer(item, item.body["key_method"]).did == family.mother.party_did


def test_a_courts_limit_by_a_long_known_office_needs_no_second_person(
        family: Family, office: OfferingSchool, father: OpenVault) -> None:
    take(family.services, family.mother, office.offer(office.course(7, "Algebra I")))
    family.world.clock.advance(days=31)
    take(family.services, family.mother, limit_on(family, office, father.party_did))

    wish = Wish("limit", father.party_id, frozenset({EVERYTHING}), evidence="Order 12-345")
    assert family.services.leaving.limit(family.mother, wish) == "done"

    with pytest.raises(StateError):
        father.members()


@pytest.mark.parametrize("days", [0, 29])
def test_an_office_that_was_unknown_yesterday_counts_for_nothing(
        family: Family, office: OfferingSchool, father: OpenVault, days: int) -> None:
    take(family.services, family.mother, office.offer(office.course(7, "Algebra I")))
    family.world.clock.moment += timedelta(days=days)
    take(family.services, family.mother, limit_on(family, office, father.party_did))

    with pytest.raises(StateError, match="second person"):
        family.services.leaving.limit(family.mother, Wish("limit", father.party_id, frozenset({EVERYTHING})))

    assert father.members()
