"""Deleting a whole backpack and an account: for everybody, to the last byte, never by one where two decide (G06)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from credkit.errors import CredkitError, SealBroken, StateError, VaultLocked, WrongSecret
from credkit.status import bitstring
from tests.wallet.family.conftest import Family
from tests.wallet.family.test_people import record, titles
from tests.wallet.services.test_deleting import Memory
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.people.people import About, Draft
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OlderCopy, OpenVault

GUARDIAN = ("full", "people", "recovery")
MOTHERS = "seven green kites over Utah"


@pytest.fixture
def father(family: Family) -> OpenVault:
    return family.admit(family.draft("guardian", *GUARDIAN, name="Father", days=None))


def on_disk(services: Services) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(services.config.data.rglob("*")) if path.is_file())


def canaries(services: Services, query: str, *values: str) -> list[bytes]:
    """The middle of every blob and text that a query finds."""
    with closing(sqlite3.connect(Path(services.config.data) / "wallet.sqlite3")) as connection:
        cells = [cell for row in connection.execute(query, values) for cell in row if cell is not None]
    texts = [cell.encode() if isinstance(cell, str) else cell for cell in cells]
    found = [text[-40:] for text in texts if len(text) >= 40]
    assert found
    return found


def count(services: Services, table: str) -> int:
    with closing(sqlite3.connect(Path(services.config.data) / "wallet.sqlite3")) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def rows_of_record(services: Services, owner_id: str) -> list[bytes]:
    return [*canaries(services, "SELECT ciphertext FROM items WHERE owner_id = ?", owner_id),
            *canaries(services, "SELECT jwe FROM wraps JOIN items ON id = item_id WHERE owner_id = ?", owner_id),
            *canaries(services, "SELECT body, signature FROM manifests WHERE owner_id = ?", owner_id)]


# A whole backpack -----------------------------------------------------------------------------------------------------

def test_one_guardian_alone_deletes_everything_to_the_last_byte(family: Family, tutor: OpenVault) -> None:
    services, mother = family.services, family.mother
    mother.add(CREDENTIAL, record("supplemental-achievement", "Fractions"))
    assert titles(tutor) == ["Fractions"]
    token = services.people.invite(mother, family.draft("mentor", "read:services"))
    grant = mother.entries("grant")[0]
    entry = bitstring.parse_entry(mother.read(grant.id, "grant").body["credential"]["credentialStatus"])
    gone = rows_of_record(services, mother.owner_id)
    indexes = canaries(services, "SELECT ciphertext FROM items WHERE id LIKE ?", f"index.%.{mother.owner_id}")
    personal = mother.personal()
    assert all(each in on_disk(services) for each in (*gone, *indexes))

    assert not services.ending.look_at_record(mother).second
    assert services.leaving.end(mother) == "done"

    disk = on_disk(services)
    assert [each for each in (*gone, *indexes) if each in disk] == []
    assert personal.learners() == () == tutor.personal().learners()
    for look in (lambda: mother.entries(CREDENTIAL), lambda: tutor.entries(CREDENTIAL), mother.members, tutor.members,
                 lambda: personal.for_learner(mother.owner_id), lambda: mother.add(CREDENTIAL, {}),
                 lambda: services.people.peek(token)):
        with pytest.raises(StateError):
            look()
    assert bitstring.read_status(entry, services.host.status_list())


def test_where_a_second_one_decides_one_alone_deletes_nothing(family: Family, father: OpenVault) -> None:
    services = family.services
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))

    assert services.ending.look_at_record(family.mother).second
    assert services.leaving.end(family.mother) == "waits" == services.leaving.end(family.mother)
    (proposal,) = services.leaving.proposals(family.mother)
    for wrong in (lambda: services.leaving.agree(family.mother, proposal.item_id),
                  lambda: services.ending.end(family.mother), lambda: services.ending.end(father)):
        with pytest.raises(StateError):
            wrong()
    assert titles(family.mother) == ["Algebra"] == titles(father)

    services.leaving.agree(father, proposal.item_id)
    assert family.mother.personal().learners() == () == father.personal().learners()


def test_the_second_one_may_say_no(family: Family, father: OpenVault) -> None:
    leaving = family.services.leaving
    leaving.end(family.mother)
    leaving.refuse(father, leaving.proposals(father)[0].item_id)

    assert leaving.proposals(family.mother) == () and titles(family.mother) == []
    assert [line.kind for line in activity.lines(father)][0] == "proposed"


@pytest.mark.parametrize(("born", "decides"), [("2015-03-09", False), ("2010-01-09", True)])
def test_a_learner_who_manages_it_too_has_a_say_and_a_small_child_has_none(
        family: Family, born: str, decides: bool) -> None:
    mother = family.services.people.add_learner(
        family.mother.personal(), About("Daniela", born, "America/Denver", "es"), basis="parent")
    learner = family.admit(Draft("Daniela", "learner", frozenset(), "", None), into=mother)
    leaving = family.services.leaving

    assert leaving.end(mother) == ("waits" if decides else "done")
    if decides:
        leaving.agree(learner, leaving.proposals(learner)[0].item_id)
    assert "Daniela" not in [each.label for each in family.mother.personal().learners()]


def test_who_does_not_decide_neither_deletes_nor_agrees(family: Family, tutor: OpenVault, father: OpenVault) -> None:
    services = family.services
    services.leaving.end(family.mother)
    (proposal,) = services.leaving.proposals(father)
    for wrong in (lambda: services.leaving.end(tutor), lambda: services.ending.end(tutor),
                  lambda: services.ending.end_agreed(tutor), lambda: services.leaving.agree(tutor, proposal.item_id),
                  lambda: services.leaving.refuse(tutor, proposal.item_id)):
        with pytest.raises(StateError):
            wrong()
    assert len(family.mother.members()) == 3


def test_the_grown_learner_deletes_alone_and_no_guardian_does_it_for_them(family: Family) -> None:
    services = family.services
    mother = services.people.add_learner(family.mother.personal(), About("Ana", "2008-07-01", "America/Denver", "es"),
                                         basis="parent")
    learner = family.admit(Draft("Ana", "learner", frozenset(), "", None), into=mother)
    family.world.clock.advance(days=30)
    with pytest.raises(StateError):
        services.leaving.end(mother)
    with pytest.raises(StateError):
        services.ending.delete_account(learner)

    services.handover.take_over(learner)
    assert not services.ending.look_at_record(learner).second
    assert services.leaving.end(learner) == "done"
    services.ending.delete_account(learner)


def test_the_device_of_another_tells_a_deletion_from_a_loss(family: Family, tutor: OpenVault) -> None:
    services, seen = family.services, Memory({})
    passphrase = "a long passphrase of Mr. Okafor"
    own = services.vault.unlock(passphrase, login="Mr. Okafor", client="x", counters=seen).vault
    own.for_learner(family.mother.owner_id).entries(CREDENTIAL)
    services.leaving.end(family.mother)

    own = services.vault.unlock(passphrase, login="Mr. Okafor", client="x", counters=seen).vault
    assert own.learners() == ()
    assert services.ending.note_ended(own) == ("Lucía Hernández Núñez",)
    assert services.ending.note_ended(own) == () and own.known("pointer") == ()
    assert [(line.kind, line.name) for line in activity.lines(own)] == [("ended", "Lucía Hernández Núñez")]


def test_a_server_cannot_play_a_deletion(family: Family, tutor: OpenVault) -> None:
    services, seen, owner_id = family.services, Memory({}), family.mother.owner_id
    passphrase = "a long passphrase of Mr. Okafor"
    services.vault.unlock(passphrase, login="Mr. Okafor", client="x", counters=seen).vault.for_learner(owner_id)
    with closing(sqlite3.connect(services.config.data / "wallet.sqlite3")) as connection:
        for table in ("items", "manifests", "members"):
            connection.execute(f"DELETE FROM {table} WHERE owner_id = ?", (owner_id,))
        connection.commit()

    own = services.vault.unlock(passphrase, login="Mr. Okafor", client="x", counters=seen).vault
    for look in (lambda: own.for_learner(owner_id), own.learners, lambda: services.ending.note_ended(own)):
        with pytest.raises(OlderCopy):
            look()


def test_the_signed_list_of_people_goes_ninety_days_later(family: Family, tutor: OpenVault) -> None:
    services = family.services
    services.leaving.end(family.mother)
    assert count(services, "members") > 0

    family.world.clock.advance(days=90, seconds=-1)
    services.sweeping.sweep()
    assert count(services, "members") > 0
    family.world.clock.advance(seconds=1)
    services.sweeping.sweep()

    assert count(services, "members") == 0


# One's own account ----------------------------------------------------------------------------------------------------

def test_an_account_goes_with_all_it_had_and_others_go_on(family: Family, father: OpenVault) -> None:
    services, me = family.services, father.party_id
    father.personal().add(CREDENTIAL, record("transcript", "Father's own"))
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    assert titles(father) == ["Algebra"]
    cookie = services.vault.begin_session(services.vault.unlock("a long passphrase of Father", login="Father",
                                                                client="x"))
    gone = [*canaries(services, "SELECT ciphertext FROM items WHERE owner_id IN (?, ?)", me, f"index.{me}"),
            *canaries(services, "SELECT jwe FROM wraps WHERE party_id = ?", me),
            *canaries(services, "SELECT sealed_keys, signing_key FROM parties WHERE id = ?", me),
            *canaries(services, "SELECT sealed_master FROM slots WHERE party_id = ?", me),
            *canaries(services, "SELECT sealed_master FROM sessions WHERE party_id = ?", me)]
    public = canaries(services, "SELECT signing_key FROM parties WHERE id = ?", me)
    assert all(each in on_disk(services) for each in gone)
    going = services.ending.look_at_account(father)
    assert (going.stuck, going.left, going.own) == ((), ("Lucía Hernández Núñez",), 1)

    services.ending.delete_account(father)

    disk = on_disk(services)
    assert [each for each in gone if each in disk and each not in public] == []  # the chain says who belonged
    with pytest.raises(WrongSecret):
        services.vault.unlock("a long passphrase of Father", login="Father", client="x")
    with pytest.raises(VaultLocked):
        services.vault.resume_session(cookie)
    again = services.vault.unlock(MOTHERS, client="x").vault.for_learner(family.mother.owner_id)
    assert titles(again) == ["Algebra"] and list(again.members()) == [again.party_id]
    assert [(line.kind, line.name) for line in activity.lines(again)][0] == ("left", "Father")
    assert activity.check_chain(again) == len(activity.lines(again))
    again.add(CREDENTIAL, record("transcript", "Geometry"))
    again.rewrap()
    assert titles(again) == ["Algebra", "Geometry"]
    assert services.vault.register("Father", "another long passphrase of his").vault.learners() == ()


def test_who_alone_decides_stays_until_that_is_settled(family: Family, tutor: OpenVault) -> None:
    services = family.services
    assert services.ending.look_at_account(family.mother).stuck == ("Lucía Hernández Núñez",)
    with pytest.raises(StateError, match="only one who decides"):
        services.ending.delete_account(family.mother)
    assert titles(family.mother) == [] and len(family.mother.members()) == 2

    family.admit(family.draft("guardian", *GUARDIAN, name="Grandmother", days=None))
    assert services.ending.look_at_account(family.mother).stuck == ()
    services.ending.delete_account(family.mother)

    with pytest.raises(WrongSecret):
        services.vault.unlock(MOTHERS, client="y", login="me")


def test_a_guardian_whom_a_court_limits_is_nobody_to_leave_a_child_with(family: Family, father: OpenVault) -> None:
    from wallet.services.people.leaving import Wish

    services = family.services
    grandmother = family.admit(family.draft("guardian", "full", "people", name="Grandmother", days=None))
    services.leaving.limit(family.mother, Wish("limit", father.party_id, frozenset({"people"}), evidence="Order 1"))
    services.leaving.agree(grandmother, services.leaving.proposals(grandmother)[0].item_id)
    services.ending.delete_account(grandmother)

    assert services.ending.look_at_account(family.mother).stuck == ("Lucía Hernández Núñez",)


def test_what_a_helper_who_left_had_brought_stays(family: Family, tutor: OpenVault) -> None:
    from wallet.services.record import contributions

    services = family.services
    kept = contributions.contribute(tutor, services.receiving.environment, contributions.Draft(
        "supplemental-achievement", "note", "Fractions", "She asks good questions.", "Mr. Okafor", "en"))
    services.ending.delete_account(tutor)

    again = services.vault.unlock(MOTHERS, client="x").vault.for_learner(family.mother.owner_id)
    assert [line.id for line in contributions.waiting(again)] == [kept]
    contributions.accept(again, services.receiving.environment, kept)
    assert [entry.summary["title"] for entry in again.entries(CREDENTIAL)] == ["Fractions"]
    assert list(again.members()) == [again.party_id]


def test_an_invitation_that_a_deleted_account_had_answered_lets_nobody_in(family: Family) -> None:
    people = family.services.people
    token = people.invite(family.mother, family.draft("tutor", "read:services"))
    newcomer = family.services.vault.register("tutor", "a long passphrase of tutor").vault
    people.answer(newcomer, token, "tutor")
    (invitation,) = people.invitations(family.mother)
    family.services.ending.delete_account(newcomer)

    with pytest.raises(StateError):
        people.confirm(family.mother, invitation.item_id)
    assert people.invitations(family.mother) == () and len(family.mother.members()) == 1


def test_the_last_account_leaves_an_empty_wallet(services: Services) -> None:
    only = services.vault.create(MOTHERS).vault
    only.add(CREDENTIAL, record("transcript", "Algebra"))
    services.ending.delete_account(only)

    assert not services.vault.is_set_up()
    for table in ("parties", "slots", "items", "wraps", "manifests", "additions", "sessions", "shares", "members"):
        assert count(services, table) == 0, table
    assert services.vault.create(MOTHERS).vault.entries(CREDENTIAL) == ()


def test_a_link_that_takes_somebody_else_out_is_still_a_stewards_alone(family: Family, tutor: OpenVault) -> None:
    """The chain lets everybody leave, and nobody but a steward put another out."""
    from wallet.vault.chain import read_chain, remove_link

    links = family.services.people.store.stored(family.mother.owner_id).links
    chain = read_chain(family.mother.owner_id, links, tutor._space.root)
    for party_id in (family.mother.party_id, "nobody"):
        try:
            row, _after = remove_link(chain, party_id, by=tutor.party_id, at="2026-11-26T00:00:00Z",
                                      signer=tutor._keys.signer)
        except CredkitError:
            continue
        with pytest.raises(SealBroken):
            read_chain(family.mother.owner_id, (*links, row), tutor._space.root)
