"""Taking somebody out is one step over every surface; a court's limit wins and tells nothing (G03, G05, P10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credkit.errors import StateError
from credkit.profiles.family import EVERYTHING
from credkit.status import bitstring
from tests.wallet.family.conftest import Family
from tests.wallet.family.test_people import record, titles
from wallet.services import activity, authority
from wallet.services.people.leaving import Wish
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault


@pytest.fixture
def father(family: Family) -> OpenVault:
    return family.admit(family.draft("guardian", "full", "people", "recovery", name="Father", days=None))


@pytest.fixture
def grandmother(family: Family, father: OpenVault) -> OpenVault:
    return family.admit(family.draft("guardian", "full", "people", name="Grandmother", days=None))


def test_a_removed_helper_finds_nothing_at_once_and_the_old_key_opens_nothing_new(
        family: Family, tutor: OpenVault) -> None:
    item_id = family.mother.add(CREDENTIAL, record("supplemental-achievement", "Fractions"))
    store = family.services.people.store
    old = store.item(item_id, tutor.party_id)

    assert family.services.leaving.remove(family.mother, tutor.party_id) == "done"

    assert old is not None and store.item(item_id, tutor.party_id) is None
    assert store.item(item_id, family.mother.party_id)[0].ciphertext != old[0].ciphertext  # type: ignore[index]
    assert tutor.personal().learners() == ()
    for look in (lambda: tutor.entries(CREDENTIAL), lambda: tutor.read(item_id, CREDENTIAL), tutor.members,
                 lambda: tutor.personal().for_learner(tutor.owner_id), lambda: tutor.add(CREDENTIAL, {})):
        with pytest.raises(StateError):
            look()
    assert [person.name for person in family.services.people.people(family.mother)] == ["María"]


def test_the_grant_of_who_is_out_is_on_the_hosts_list(family: Family, tutor: OpenVault) -> None:
    grant = next(entry for entry in family.mother.entries("grant") if entry.summary["holder_party"] == tutor.party_id)
    document = family.mother.read(grant.id, "grant").body["credential"]
    entry = bitstring.parse_entry(document["credentialStatus"])
    host = family.services.host
    assert not bitstring.read_status(entry, host.status_list())

    family.services.leaving.remove(family.mother, tutor.party_id)

    assert bitstring.read_status(entry, host.status_list())
    assert document["credentialStatus"]["statusListCredential"] == host.list_url == "https://wallet.example/status/1"


def test_records_that_a_removed_party_could_show_are_listed_until_they_are_made_anew(
        family: Family, father: OpenVault, grandmother: OpenVault) -> None:
    key = family.mother.new_holder_key()
    family.mother.add(CREDENTIAL, record("transcript", "Algebra", key_method=key.verification_method), keys=(key,))
    leaving = family.services.leaving

    assert leaving.remove(family.mother, father.party_id) == "waits"
    leaving.agree(grandmother, leaving.proposals(grandmother)[0].item_id)

    exposed = leaving.exposed(family.mother)
    assert [(each.title, each.name, each.state) for each in exposed] == [("Algebra", "Father", "open")]


def test_one_parent_alone_cannot_take_out_or_limit_the_other(family: Family, father: OpenVault) -> None:
    leaving = family.services.leaving
    for wish in (Wish("remove", father.party_id), Wish("limit", father.party_id, frozenset({EVERYTHING}))):
        with pytest.raises(StateError, match="second person"):
            leaving.limit(family.mother, wish)

    assert titles(father) == titles(family.mother)


def test_who_asked_cannot_agree_and_who_it_is_about_sees_nothing(
        family: Family, father: OpenVault, grandmother: OpenVault) -> None:
    leaving = family.services.leaving
    leaving.limit(family.mother, Wish("limit", father.party_id, frozenset({EVERYTHING}), evidence="Order 12-345"))
    waiting = leaving.proposals(family.mother)

    assert leaving.proposals(father) == () and len(leaving.proposals(grandmother)) == 1
    assert all(line.kind != "proposed" for line in activity.lines(father))
    for party in (family.mother, father):
        with pytest.raises(StateError):
            leaving.agree(party, waiting[0].item_id)
    leaving.agree(grandmother, waiting[0].item_id)
    with pytest.raises(StateError):
        father.members()
    assert father.personal().learners() == ()


def test_a_partial_limit_wins_over_a_full_grant_and_is_not_told(
        family: Family, father: OpenVault, grandmother: OpenVault) -> None:
    iep = family.mother.add(CREDENTIAL, record("iep", "Speech"))
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    leaving = family.services.leaving
    blocked = frozenset({"read:iep", "share", "people"})
    leaving.limit(family.mother, Wish("limit", father.party_id, blocked, evidence="Order 12-345"))
    leaving.agree(grandmother, leaving.proposals(grandmother)[0].item_id)

    now = family.world.clock.now()
    assert titles(father) == ["Algebra"]
    assert not any(authority.may(father, right, now) for right in blocked)
    assert authority.may(father, "comment", now)
    with pytest.raises(StateError):
        father.read(iep, CREDENTIAL)
    assert father.entries("proposal") == ()
    assert not any(person.limited for person in family.services.people.people(father) if person.is_me)
    assert all(line.kind not in ("limited", "proposed", "approved") for line in activity.lines(father))


def test_a_limit_that_is_over_blocks_no_longer(family: Family, father: OpenVault, grandmother: OpenVault) -> None:
    leaving = family.services.leaving
    until = family.world.clock.now() + timedelta(days=10)
    leaving.limit(family.mother, Wish("limit", father.party_id, frozenset({"share"}), until=until))
    leaving.agree(grandmother, leaving.proposals(grandmother)[0].item_id)
    assert not authority.may(father, "share", family.world.clock.now())

    family.world.clock.advance(days=11)

    assert authority.may(father, "share", family.world.clock.now())


def test_nobody_takes_out_themself_or_a_stranger(family: Family, tutor: OpenVault) -> None:
    leaving = family.services.leaving
    for party_id in (family.mother.party_id, "nobody"):
        with pytest.raises(StateError):
            leaving.remove(family.mother, party_id)
    with pytest.raises(StateError):
        leaving.remove(tutor, family.mother.party_id)


def test_the_log_is_a_chain_that_shows_what_everybody_did(family: Family, tutor: OpenVault) -> None:
    kinds = [line.kind for line in activity.lines(family.mother)]

    assert kinds == ["admitted", "invited", "learner"]
    assert activity.check_chain(family.mother) == 3
    assert activity.lines(tutor) == ()


def test_a_log_entry_that_was_taken_out_or_changed_is_noticed(family: Family) -> None:
    store, owner = family.services.people.store, family.mother.owner_id
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM items WHERE id = ?", (f"log.{owner}.1",))

    with pytest.raises(Exception, match="changed|missing|hold"):
        activity.check_chain(family.services.vault.unlock(
            "seven green kites over Utah", client="x").vault.for_learner(owner))
