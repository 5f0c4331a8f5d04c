"""At 18 the record is the learner's, at local midnight, whoever was born when and wherever (G07, P23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from credkit.errors import StateError
from tests.support.amount import amount
from tests.wallet.family.conftest import LUCIA, Family
from tests.wallet.family.test_people import record, titles
from wallet.services import authority
from wallet.services.people.ages import begins, birthday, hand_over_at, stage_of
from wallet.services.people.people import Draft
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault

ZONES = ("UTC", "America/Denver", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu",
         "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "Atlantic/Azores")


@pytest.mark.parametrize("born, day", [
    (date(2008, 2, 29), date(2026, 3, 1)), (date(2010, 2, 28), date(2028, 2, 28)),
    (date(2008, 12, 31), date(2026, 12, 31)), (date(2004, 2, 29), date(2022, 3, 1)),
    (date(2002, 1, 1), date(2020, 1, 1)),
])
def test_the_eighteenth_birthday(born: date, day: date) -> None:
    assert birthday(born, 18) == day


def test_the_record_is_the_learners_from_local_midnight_on_for_every_birthday_and_zone() -> None:
    """400 birthdays over a leap cycle, each in every zone (`make test`: every tenth)."""
    first = date(2006, 1, 1)
    for step in range(0, 400, 400 // amount(400)):
        born = first + timedelta(days=step * 4)
        for zone in ZONES:
            about = {"birth_date": born.isoformat(), "time_zone": zone}
            at = hand_over_at(about)
            assert at is not None
            assert at.astimezone(ZoneInfo(zone)).date() == birthday(born, 18)
            assert (at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() < birthday(born, 18)
            assert [stage_of(about, at + timedelta(seconds=s)) for s in (-1, 0)] == ["co-manager", "owner"]
            sixteen = begins(birthday(born, 16), zone)
            assert [stage_of(about, sixteen + timedelta(seconds=s)) for s in (-1, 0)] == ["child", "co-manager"]


@pytest.mark.parametrize("about", [
    {}, {"birth_date": ""}, {"birth_date": "2000-13-45"}, {"birth_date": 5}, {"birth_date": "31/12/2000"},
])
def test_without_a_birth_date_nobody_is_let_in_by_the_gap(about: dict[str, object]) -> None:
    assert hand_over_at(about) is None
    assert stage_of(about, datetime(2060, 1, 1, tzinfo=UTC)) == "child"


def test_entering_college_hands_over_before_eighteen() -> None:
    about = {"birth_date": "2010-05-05", "time_zone": "America/Denver", "college_from": "2027-08-20"}

    assert stage_of(about, datetime(2027, 8, 20, 6, 0, tzinfo=UTC)) == "owner"
    assert stage_of(about, datetime(2027, 8, 20, 5, 59, tzinfo=UTC)) == "co-manager"


def learner_key(family: Family) -> OpenVault:
    return family.admit(Draft("Lucía", "learner", frozenset(), "", None))


def turn(family: Family, age: int) -> None:
    """Make it the learner's birthday."""
    family.world.clock.moment = begins(birthday(date.fromisoformat(LUCIA.birth_date), age), LUCIA.time_zone)


def test_a_child_sees_its_record_and_discloses_nothing_alone(family: Family) -> None:
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    family.mother.add(CREDENTIAL, record("iep", "Speech"))
    child = learner_key(family)

    assert titles(child) == ["Algebra", "Speech"]
    now = family.world.clock.now()
    assert not any(authority.may(child, right, now) for right in ("share", "privacy-settings", "people", "full"))
    turn(family, 16)
    now = family.world.clock.now()
    assert all(authority.may(child, right, now) for right in ("share", "privacy-settings", "review"))
    assert not authority.may(child, "people", now)
    assert authority.may(family.mother, "share", now)


def test_at_eighteen_guardians_are_out_and_the_learner_takes_over(family: Family, tutor: OpenVault) -> None:
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    student = learner_key(family)
    hand_over = family.services.handover
    with pytest.raises(StateError):
        hand_over.take_over(student)
    turn(family, 18)
    assert hand_over.coming(student).notice == "due"
    assert titles(family.mother) == [] and not authority.may(family.mother, "share", family.world.clock.now())

    hand_over.take_over(student)

    assert titles(student) == ["Algebra"]
    assert hand_over.coming(student).notice == "done"
    assert {member.kind for member in student.members().values()} == {"learner"}
    assert family.mother.personal().learners() == ()
    for gone in (family.mother, tutor):
        with pytest.raises(StateError):
            gone.entries(CREDENTIAL)
    grandson = family.admit(Draft("María", "tutor", frozenset({"read:transcript"}), "family-consent",
                                  family.world.clock.now() + timedelta(days=30)), into=student)
    assert titles(grandson) == ["Algebra"]


def test_unclaimed_nothing_is_lost_and_a_guardian_can_still_bring_the_key(family: Family) -> None:
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    turn(family, 18)
    family.world.clock.advance(days=400)
    assert titles(family.mother) == []

    student = learner_key(family)

    assert titles(student) == ["Algebra"] and titles(family.mother) == []
    family.services.handover.take_over(student)
    assert titles(student) == ["Algebra"]


def test_ninety_days_before_there_is_a_notice(family: Family) -> None:
    hand_over = family.services.handover
    turn(family, 18)
    at = family.world.clock.now()
    for days, notice in ((91, "none"), (89, "soon"), (1, "soon"), (0, "due")):
        family.world.clock.moment = at - timedelta(days=days)
        assert hand_over.coming(family.mother).notice == notice


def test_a_court_order_reaches_beyond_eighteen(family: Family) -> None:
    court = family.admit(replace(family.draft("guardian", "full", name="Conservator", basis="court-order", days=9000)))
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    student = learner_key(family)
    turn(family, 18)
    family.services.handover.take_over(student)

    assert titles(court) == ["Algebra"]
