"""A server that writes the database, its log and its backups as it likes reads nothing, slips nothing in, turns nothing
back unseen (security.md P9, SG2 to SG4; design.md says what "hostile server" means here).

One family, built once: María founded Lucía's record and her twin's; Mr. Okafor, a tutor, may see one category; Mallory
has a backpack of her own on the same server, and works for it: her keys are the server's. Each scenario is a change to
the database. Whatever it is, María then either is told, or sees exactly what is hers; and after she has worked on,
Mallory's keys open nothing of hers.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator

import pytest

from credkit import jose
from credkit.errors import CredkitError, SealBroken, StateError, VaultError
from tests.hostile.family_attacks import (
    IN_VAIN,
    TOLD,
    Scenario,
    a_wrap_of_the_tutor_turned_to_a_hidden_item,
    one_item_turned_back,
    somebody_who_left_put_back_by_cutting_the_chain,
    somebody_who_left_signs_for_the_record_again,
    the_manifest_alone_turned_back,
    the_record_turned_back_and_its_counter_raised,
    the_tutors_key_swapped_among_the_parties,
    the_whole_database_turned_back,
    the_whole_record_turned_back,
)
from tests.hostile.family_server import (
    BROUGHT,
    CANARY,
    EVERYTHING,
    MALLORY,
    MARIA,
    OKAFOR,
    RANDOM,
    Server,
    brought,
    build,
    record,
    titles,
)
from tests.hostile.helper_attacks import TOLD_OF_HELPERS, TOLD_ONLY_TO_WHO_WAS_THERE
from wallet.services import authority
from wallet.services.record.items import CREDENTIAL
from wallet.store import SlotRow
from wallet.vault import OlderCopy
from wallet.vault.methods import guardians, passkey
from wallet.vault.methods.passkey import Passkey
from wallet.vault.parties import new_slot_id, seal_slot
from wallet.vault.sealing import unseal
from wallet.vault.ways import Ways


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return build(tmp_path_factory.mktemp("wallet"))


@pytest.fixture
def server(built: Server) -> Iterator[Server]:
    built.restore(built.now)
    seen = built.seen.read_bytes()
    yield built
    built.seen.write_bytes(seen)


def test_there_are_more_scenarios_than_were_promised() -> None:
    assert len({*TOLD, *TOLD_OF_HELPERS, *IN_VAIN}) == len(TOLD) + len(TOLD_OF_HELPERS) + len(IN_VAIN) >= 25


def look_at_everything(server: Server, *, remembers: bool = True) -> list[str]:
    """What María's device does of its own accord: both records, the log, the people, what helpers brought."""
    own = server.maria(remembers=remembers)
    for learner in own.learners():
        vault = own.for_learner(learner.owner_id)
        server.services.people.people(vault)
        for number in vault.log_digests():
            vault.read(f"log.{vault.owner_id}.{number}", "activity")
        titles(vault)
        brought(vault)
    assert {learner.owner_id for learner in own.learners()} == {server.ids["lucia"], server.ids["twin"]}
    return titles(own.for_learner(server.ids["lucia"]))


@pytest.mark.parametrize("scenario", [*TOLD, *TOLD_OF_HELPERS], ids=lambda scenario: scenario.__name__)
def test_the_owner_is_told(server: Server, scenario: Scenario) -> None:
    scenario(server)

    with pytest.raises(VaultError):
        look_at_everything(server)
    assert_mallory_reads_nothing(server)


@pytest.mark.parametrize("scenario", [each for each in TOLD_OF_HELPERS if each not in TOLD_ONLY_TO_WHO_WAS_THERE],
                         ids=lambda each: each.__name__)
def test_what_a_helpers_key_signs_is_told_by_a_device_that_sees_the_record_for_the_first_time(
        server: Server, scenario: Scenario) -> None:
    scenario(server)

    with pytest.raises(VaultError):
        look_at_everything(server, remembers=False)


@pytest.mark.parametrize("scenario", TOLD_ONLY_TO_WHO_WAS_THERE, ids=lambda each: each.__name__)
def test_what_helpers_added_last_can_be_withheld_from_a_device_that_never_saw_it(
        server: Server, scenario: Scenario) -> None:
    """The limit that the security page names. Nothing of the family's is gone with it."""
    scenario(server)

    assert look_at_everything(server, remembers=False) == EVERYTHING


@pytest.mark.parametrize("scenario", IN_VAIN, ids=lambda scenario: scenario.__name__)
def test_it_changes_nothing_that_the_owner_sees(server: Server, scenario: Scenario) -> None:
    scenario(server)

    assert look_at_everything(server) == EVERYTHING
    lucia = server.lucia()
    standings = authority.circle(lucia, server.world.clock.now()).standings
    assert set(standings) == {server.ids["maria"], server.ids["okafor"], server.ids["ana"]}
    assert brought(lucia) == BROUGHT
    assert not standings[server.ids["okafor"]].may("full")
    lucia.add(CREDENTIAL, record("transcript", "added afterwards"))
    lucia.add(CREDENTIAL, record("supplemental-achievement", "for the tutor too"))
    lucia.rewrap()
    assert_mallory_reads_nothing(server)


def assert_mallory_reads_nothing(server: Server) -> None:
    """Every key that the server has, or is given, tried on every sealed text."""
    me = server.mallory._keys.private_jwk
    for item_id, jwe in server.run("""SELECT item_id, jwe FROM wraps JOIN items ON items.id = item_id
            WHERE owner_id NOT IN ('{mallory}', 'index.{mallory}')"""):
        try:
            content_key = jose.decrypt(jwe, me)
        except CredkitError:
            continue
        ((owner, kind, version, key_id, ciphertext),) = server.run(
            "SELECT owner_id, type, version, key_id, ciphertext FROM items WHERE id = ?", item_id)
        try:
            plain = unseal(content_key, ciphertext, (owner, item_id, kind, version, key_id))
        except SealBroken:
            continue
        assert CANARY.encode() not in plain, f"Mallory reads {kind}"
    for owner in ("lucia", "twin", "maria"):
        with pytest.raises((StateError, VaultError)):
            titles(server.mallory.for_learner(server.ids[owner]))


def test_the_tutor_sees_his_part_after_each_attack_on_his_keys(server: Server) -> None:
    a_wrap_of_the_tutor_turned_to_a_hidden_item(server)

    assert titles(server.okafor()) == ["fractions"]
    the_tutors_key_swapped_among_the_parties(server)
    with pytest.raises(SealBroken):
        server.okafor()


@pytest.mark.parametrize("scenario", [the_manifest_alone_turned_back, one_item_turned_back,
                                      the_record_turned_back_and_its_counter_raised], ids=lambda each: each.__name__)
def test_what_is_turned_back_in_part_is_told_by_a_device_that_remembers_nothing(
        server: Server, scenario: Scenario) -> None:
    scenario(server)

    with pytest.raises(SealBroken):
        titles(server.lucia(remembers=False))


@pytest.mark.parametrize("scenario", [
    somebody_who_left_signs_for_the_record_again, somebody_who_left_put_back_by_cutting_the_chain,
    the_whole_record_turned_back], ids=lambda each: each.__name__)
def test_a_record_turned_back_alone_is_told_by_a_device_that_sees_it_for_the_first_time(
        server: Server, scenario: Scenario) -> None:
    """What María keeps in her own space says how far the record was."""
    scenario(server)

    with pytest.raises(OlderCopy):
        server.lucia(remembers=False)


def test_what_was_once_true_as_a_whole_is_told_by_a_device_that_was_there_and_only_by_that(server: Server) -> None:
    """The limit that the security page names: who comes for the first time cannot know what was there before."""
    the_whole_database_turned_back(server)

    with pytest.raises(OlderCopy):
        server.lucia()
    assert titles(server.lucia(remembers=False)) == ["algebra", "fractions", "speech"]


# Invitations and recovery: the server answers in somebody's name

def test_an_invitation_answered_by_the_server_shows_other_words(server: Server) -> None:
    """The server knows the link, too (it was sent by mail): it answers first, or swaps the key of who answered."""
    people, token = server.services.people, server.ids["invitation"]
    newcomer = server.services.vault.register("newcomer", "a newcomer's sentence").vault
    heard = people.answer(server.mallory, token, "newcomer")
    lucia = server.lucia()
    (shown,) = [each for each in people.invitations(lucia) if each.state == "answered"]

    with pytest.raises(StateError):
        people.answer(newcomer, token, "newcomer")
    assert shown.words == heard and people.my_words(newcomer) == ()
    assert_mallory_reads_nothing(server)


def test_a_key_swapped_in_an_answer_shows_other_words_than_the_newcomer_reads_aloud(server: Server) -> None:
    from wallet.vault.letters import open_letter, seal_letter

    people, token = server.services.people, server.ids["invitation"]
    newcomer = server.services.vault.register("newcomer", "a newcomer's sentence").vault
    heard = people.answer(newcomer, token, "newcomer")
    ((sealed,),) = server.run("SELECT sealed FROM invitations WHERE state = 'answered'")
    letter = open_letter(token, sealed)
    letter["answer"]["opening_key"] = server.mallory.me.opening_key
    server.run("UPDATE invitations SET sealed = ? WHERE state = 'answered'", seal_letter(token, letter, RANDOM))

    (shown,) = [each for each in people.invitations(server.lucia()) if each.state == "answered"]
    assert shown.words != heard


def test_an_answer_forged_without_the_link_is_told(server: Server) -> None:
    server.run("UPDATE invitations SET state = 'answered', sealed = randomblob(1100), party_id = '{mallory}'")

    with pytest.raises(SealBroken):
        server.services.people.invitations(server.lucia())


def test_a_kit_or_a_quorum_of_the_servers_own_opens_nothing(server: Server) -> None:
    """A lock that the server puts on María's door opens with the server's secret, and holds no key of hers."""
    ways, secret = Ways(server.services.vault), secrets.token_bytes(32)
    forged: list[tuple[SlotRow, Callable[[SlotRow], object]]] = []
    parameters = passkey.new_parameters(Passkey(b"mallory", b"key", b"i" * 32), 0, RANDOM)
    forged.append((made(server, passkey.NAME, parameters, passkey.derive_key(secret, parameters)),
                   lambda slot: ways.open_with_passkey(slot, secret)))
    parameters = guardians.new_parameters(guardians.Circle(2, {server.ids["mallory"]: "x"}), 0, RANDOM)
    forged.append((made(server, guardians.NAME, parameters, guardians.derive_key(secret, parameters)),
                   lambda slot: ways.open_with_guardians(slot, secret, "a sentence of the server")))
    for slot, open_it in forged:
        server.insert("slots", *vars(slot).values())
        with pytest.raises(VaultError):
            open_it(slot)
    assert look_at_everything(server) == EVERYTHING


def made(server: Server, method: str, parameters: str, key: bytes) -> SlotRow:
    return seal_slot(new_slot_id(RANDOM), server.ids["maria"], method, parameters, key, secrets.token_bytes(32), RANDOM)


# What lies on the disk

def test_the_database_its_log_and_its_copies_show_no_word_of_anybody(server: Server) -> None:
    server.lucia().add(CREDENTIAL, record("transcript", "one more"))
    disk = b"".join(file.read_bytes() for file in server.path.parent.iterdir() if file.is_file())

    for word in (CANARY, "María", "Lucía", "algebra", "school.example", MARIA, OKAFOR, "okafor"):
        for form in (word.encode(), base64.b64encode(word.encode())[:-4], word.encode().hex().encode()):
            assert len(form) < 6 or form not in disk, word


def test_a_session_turned_to_another_party_or_outliving_its_end_opens_nothing_for_the_server(server: Server) -> None:
    vault = server.services.vault
    mine = vault.begin_session(vault.unlock(MALLORY, client="m", login="mallory"))
    vault.begin_session(vault.unlock(MARIA, client="m", login="maria"))
    server.run("UPDATE sessions SET party_id = '{maria}', expires_at = 99999999999")

    with pytest.raises(SealBroken):
        vault.resume_session(mine)

