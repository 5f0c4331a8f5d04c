"""Who is let in sees what was granted and nothing else, until the end of it (G01, G03 to G05, G08, G09)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credkit.errors import MalformedValueError, RangeValueError, SealBroken, StateError
from credkit.ports import JSONObject
from tests.wallet.family.conftest import LUCIA, Family
from wallet.services import authority
from wallet.services.record.items import COMMENT, CREDENTIAL, LEARNER
from wallet.vault import OpenVault


def record(category: str, title: str, **more: object) -> JSONObject:
    """A record as the vault keeps it: the words of the document decide nothing here."""
    document = {"id": f"urn:example:{title}", "name": title, "type": ["VerifiableCredential"]}
    return {"credential": document, "category": category, "received_at": "2026-06-01T00:00:00Z",
            "received_from": "https://school.example", "status": "good", "checked_at": "2026-06-01T00:00:00Z", **more}


def titles(vault: OpenVault) -> list[str]:
    return sorted(entry.summary["credential_id"].rpartition(":")[2] for entry in vault.entries(CREDENTIAL))


def test_a_guardian_begins_a_childs_record_and_everything_in_it_is_the_childs(family: Family) -> None:
    mother = family.mother
    mother.add(CREDENTIAL, record("transcript", "Algebra"))

    assert mother.owner_id != mother.party_id
    assert titles(mother) == ["Algebra"]
    assert titles(mother.personal()) == []
    assert family.services.people.describe(mother) == LUCIA
    assert [learner.label for learner in mother.learners()] == [LUCIA.name]
    assert [(person.name, person.role) for person in family.services.people.people(mother)] == [("María", "guardian")]


def test_a_tutor_sees_what_was_granted_from_before_and_after(family: Family) -> None:
    family.mother.add(CREDENTIAL, record("supplemental-achievement", "Fractions"))
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    tutor = family.admit(family.draft("tutor", "read:supplemental-achievement", name="Mr. Okafor"))
    family.mother.add(CREDENTIAL, record("supplemental-achievement", "Decimals"))
    family.mother.add(CREDENTIAL, record("iep", "Speech"))

    assert titles(tutor) == ["Decimals", "Fractions"]
    assert titles(family.mother) == ["Algebra", "Decimals", "Fractions", "Speech"]
    assert len(tutor.entries(LEARNER)) == 1
    assert authority.may(tutor, "read:supplemental-achievement", family.world.clock.now())
    for right in ("share", "comment", "people", "full", "review", "read:iep", "contribute:services"):
        assert not authority.may(tutor, right, family.world.clock.now()), right


def test_a_tutors_key_opens_the_tutors_items_and_nothing_else(family: Family, tutor: OpenVault) -> None:
    """G04: not the pages, the keys: there is no wrap for the tutor on anything else."""
    secret = family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    shown = family.mother.add(CREDENTIAL, record("supplemental-achievement", "Fractions"))

    store = family.services.people.store
    assert set(store.wraps_of(secret)) == {family.mother.party_id}
    assert set(store.wraps_of(shown)) == {family.mother.party_id, tutor.party_id}
    with pytest.raises(StateError):
        tutor.read(secret, CREDENTIAL)


def test_what_is_hidden_is_taken_from_helpers_and_their_old_key_opens_nothing_new(
        family: Family, tutor: OpenVault) -> None:
    item_id = family.mother.add(CREDENTIAL, record("supplemental-achievement", "Fractions"))
    before = family.services.people.store.item(item_id, tutor.party_id)
    item = family.mother.read(item_id, CREDENTIAL)
    family.mother.replace(item, {**item.body, "rule": "never"})
    family.mother.rewrap()

    assert titles(tutor) == []
    assert before is not None and family.services.people.store.item(item_id, tutor.party_id) is None
    assert titles(family.mother) == ["Fractions"]


def test_a_grant_ends_at_its_hour_for_reading_and_doing(family: Family, tutor: OpenVault) -> None:
    family.mother.add(CREDENTIAL, record("supplemental-achievement", "Fractions"))
    assert titles(tutor) == ["Fractions"]

    family.world.clock.advance(days=91)

    assert titles(tutor) == []
    assert not authority.may(tutor, "read:supplemental-achievement", family.world.clock.now())


def test_what_a_tutor_adds_reaches_the_guardians_and_not_other_helpers(family: Family, tutor: OpenVault) -> None:
    other = family.admit(family.draft("mentor", "read:supplemental-achievement", name="Ms. Reyes"))
    item_id = tutor.add("contribution", {"author": tutor.party_id, "category": "supplemental-achievement",
                                         "state": "waiting", "title": "note"})

    assert [entry.id for entry in family.mother.entries("contribution")] == [item_id]
    assert [entry.id for entry in tutor.entries("contribution")] == [item_id]
    assert other.entries("contribution") == ()


def test_nobody_gives_what_they_do_not_have_and_helpers_let_nobody_in(family: Family, tutor: OpenVault) -> None:
    people = family.services.people
    with pytest.raises(StateError):
        people.invite(tutor, family.draft("mentor", "read:supplemental-achievement"))
    second = family.admit(family.draft("guardian", "read:transcript", "people", name="Aunt", days=None))

    with pytest.raises(StateError):
        people.invite(second, family.draft("tutor", "read:iep"))
    people.invite(second, family.draft("tutor", "read:transcript"))


@pytest.mark.parametrize("changes", [
    {"role": "king"}, {"rights": frozenset({"read:everything"})}, {"basis": "because"}, {"name": " "},
    {"name": "x" * 101}, {"until": None}, {"rights": frozenset({"people"})}, {"rights": frozenset({"full"})},
])
def test_an_invitation_that_says_something_impossible_is_refused(family: Family, changes: dict[str, object]) -> None:
    draft = family.draft("tutor", "read:services")
    with pytest.raises((RangeValueError, MalformedValueError)):
        family.services.people.invite(family.mother, type(draft)(**{**vars(draft), **changes}))

    assert family.services.people.invitations(family.mother) == ()


def test_an_invitation_is_answered_once_and_ends_after_three_days(family: Family) -> None:
    people = family.services.people
    token = people.invite(family.mother, family.draft("tutor", "read:services"))
    first, second = (family.services.vault.register(name, f"long passphrase {name}").vault for name in ("one", "two"))
    assert people.peek(token).learner == LUCIA.name and people.peek(token).inviter == "María"
    people.answer(first, token, "One")

    with pytest.raises(StateError):
        people.answer(second, token, "Two")
    family.world.clock.advance(hours=73)
    for act in (lambda: people.peek(token), lambda: people.answer(second, token, "Two")):
        with pytest.raises(StateError):
            act()
    assert people.join(first) == ()


def test_nothing_is_shared_before_the_words_were_compared(family: Family) -> None:
    people = family.services.people
    token = people.invite(family.mother, family.draft("tutor", "read:services"))
    newcomer = family.services.vault.register("new", "a long passphrase too").vault
    words = people.answer(newcomer, token, "New")

    assert people.join(newcomer) == () and newcomer.learners() == ()
    assert people.my_words(newcomer) == ((LUCIA.name, words),)
    assert len(words) == 8 and all(english and spanish for english, spanish in words)


def test_a_withdrawn_invitation_lets_nobody_in(family: Family) -> None:
    people = family.services.people
    token = people.invite(family.mother, family.draft("tutor", "read:services"))
    people.withdraw(family.mother, people.invitations(family.mother)[0].item_id)

    with pytest.raises(StateError):
        people.peek(token)


@pytest.mark.parametrize("token", ["", "x", "A" * 24, "A" * 10_000, "ü", "../../etc/passwd"])
def test_an_invitation_nobody_wrote_gives_one_answer(family: Family, token: str) -> None:
    with pytest.raises(StateError, match="used up or too old"):
        family.services.people.peek(token)


def test_siblings_do_not_mix_and_a_stranger_sees_no_learner(family: Family, tutor: OpenVault) -> None:
    twin = family.services.people.add_learner(family.mother, replace(LUCIA), basis="parent")
    item_id = twin.add(CREDENTIAL, record("supplemental-achievement", "Twin"))

    assert titles(family.mother) == [] and titles(twin) == ["Twin"]
    assert len({learner.owner_id for learner in twin.learners()}) == 2
    with pytest.raises(StateError):
        family.mother.read(item_id, CREDENTIAL)
    with pytest.raises(StateError):
        tutor.for_learner(twin.owner_id)


def test_an_item_made_to_look_like_a_grant_gives_nothing(family: Family, tutor: OpenVault) -> None:
    """A helper cannot even add one. Whoever decides here may add items of any type: only a steward's signature counts.
    """
    mine = next(entry for entry in tutor.known("grant"))
    body = tutor.read(mine.id, "grant").body
    forged = {**body["credential"], "credentialSubject": {**body["credential"]["credentialSubject"], "right": ["full"]}}
    grandmother = family.admit(family.draft("guardian", "full", name="Grandmother", days=None))
    with pytest.raises(StateError):
        tutor.add("grant", {**body, "credential": forged})
    grandmother.add("grant", {**body, "credential": forged})
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))

    for vault in (tutor, family.mother):
        standing = authority.circle(vault, family.world.clock.now()).standing(tutor.party_id)
        assert not standing.may("full") and not standing.may("read:transcript")


def test_a_comment_is_for_those_who_may_read_the_record_but_not_for_helpers(family: Family, tutor: OpenVault) -> None:
    item_id = family.mother.add(COMMENT, {"category": "supplemental-achievement", "author": family.mother.party_id})

    with pytest.raises(StateError):
        tutor.read(item_id, COMMENT)


@pytest.mark.parametrize("statement", [
    "UPDATE members SET body = replace(body, '\"steward\":false', '\"steward\":true')",
    "DELETE FROM members WHERE seq = 1",
    "UPDATE members SET seq = 7 WHERE seq = 1",
    "UPDATE manifests SET counter = counter - 1", "UPDATE manifests SET signature = 'AAAA'", "DELETE FROM manifests",
    "UPDATE manifests SET body = replace(body, 'credential', 'comment')", "DELETE FROM items WHERE type = 'credential'",
])
def test_a_database_that_was_changed_is_told_before_anything_is_read(
        family: Family, tutor: OpenVault, statement: str) -> None:
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    with family.services.people.store._engine.begin() as connection:
        connection.exec_driver_sql(statement)
    again = family.services.vault.unlock

    with pytest.raises((SealBroken, StateError)):
        again("seven green kites over Utah", client="x", login="me").vault.for_learner(family.mother.owner_id).entries(
            CREDENTIAL)


def test_a_link_whose_signature_is_gone_is_as_fixed_as_before_for_who_has_checked_it_and_told_to_a_newcomer(
        family: Family, tutor: OpenVault) -> None:
    """Each link holds the digest of the one before, and the last is kept in the party's own space."""
    family.mother.add(CREDENTIAL, record("transcript", "Algebra"))
    with family.services.people.store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE members SET signature = 'AAAA'")

    own = family.services.vault.unlock("seven green kites over Utah", client="x", login="me").vault
    assert titles(own.for_learner(family.mother.owner_id)) == ["Algebra"]
    with pytest.raises(SealBroken):
        family.admit(family.draft("tutor", "read:transcript", name="Newcomer"))
