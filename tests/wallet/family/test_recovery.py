"""Chosen people open a backpack together; nobody alone, nobody early, nobody for another (security.md H04, G02)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from credkit.errors import RangeValueError, StateError, VaultLocked, WrongSecret
from tests.support.world import World
from tests.wallet.family.conftest import LUCIA, Family
from tests.wallet.family.town import passphrase_of
from tests.wallet.support import PASSPHRASE, wallet_in
from wallet.services import activity
from wallet.services.people.recovery import Asked, Helper, Recovery, Request
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault
from wallet.vault.guarding import request_id
from wallet.vault.methods.recovery_kit import MistypedCode
from wallet.vault.ways import Ways

HELPERS = ("Ana", "Berta", "Carla")
NEW = "a sentence nobody has used"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A wallet in which a mother has let in three whom she trusts, and whose record it is: made once, then copied."""
    folder, world = tmp_path_factory.mktemp("begun"), World()
    services = wallet_in(folder, world)
    mother = services.vault.create(PASSPHRASE).vault
    services.people.set_my_name(mother, "María")
    family = Family(services, world, services.people.add_learner(mother, LUCIA, basis="parent"))
    for name in HELPERS:
        family.admit(family.draft("mentor", "read:portfolio", name=name))
    return folder, family.mother.owner_id


@pytest.fixture
def family(begun: tuple[Path, str], tmp_path: Path, world: World) -> Family:
    services = wallet_in(Path(copytree(begun[0], tmp_path / "wallet")), world)
    return Family(services, world, services.vault.unlock(PASSPHRASE, client="x").vault.for_learner(begun[1]))


@pytest.fixture
def recovery(family: Family) -> Recovery:
    return family.services.recovery


@pytest.fixture
def helpers(family: Family) -> tuple[OpenVault, ...]:
    """The three, each with her view of the record."""
    unlock, owner_id = family.services.vault.unlock, family.mother.owner_id
    return tuple(unlock(passphrase_of(name), login=name, client="x").vault.for_learner(owner_id) for name in HELPERS)


@pytest.fixture
def chosen(family: Family, recovery: Recovery, helpers: tuple[OpenVault, ...]) -> tuple[OpenVault, ...]:
    """Two of three can open the mother's backpack."""
    family.services.vault.rename(family.mother, "maria")
    recovery.choose(family.mother, known(family), 2, PASSPHRASE, name="María", client="here")
    return tuple(helper.personal() for helper in helpers)


def known(family: Family) -> tuple[Helper, ...]:
    """Whom the mother could choose."""
    return family.services.recovery.candidates(family.mother, family.services.people.names)


def agree(recovery: Recovery, helper: OpenVault, asked: Asked) -> None:
    """What a helper does who was read the words."""
    request = next(each for each in recovery.requests(helper) if each.words == asked.words)
    recovery.agree(helper, request.id, request.mark)


def database(family: Family, statement: str, *values: object) -> list[Any]:
    """What a hostile server does."""
    with family.services.people.store._engine.begin() as connection:
        answer = connection.exec_driver_sql(statement, tuple(values))
        return list(answer) if answer.returns_rows else []


class FirstLikeAnOption:
    """Randomness whose first code has an id that begins with a hyphen; the system's from then on."""

    def __init__(self) -> None:
        self.first = [next(code for code in (number.to_bytes(20, "big") for number in range(10_000))
                           if request_id(code).startswith("-"))]

    def token_bytes(self, n: int) -> bytes:
        return self.first.pop() if self.first else os.urandom(n)


def test_no_command_takes_the_id_of_a_request_for_an_option(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    randomness = FirstLikeAnOption()
    asked = replace(recovery, environment=replace(recovery.environment, randomness=randomness)).ask("maria")

    (request,) = recovery.requests(chosen[0])

    assert not randomness.first and request.words == asked.words and not request.id.startswith("-")


def test_two_of_three_open_it_after_three_days_and_a_new_passphrase_is_set(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    item_id = family.mother.add(CREDENTIAL, {"credential": {"id": "urn:x"}, "category": "transcript"})
    asked = recovery.ask("María".casefold().replace("í", "i"))
    family.world.clock.advance(hours=72)
    for helper in chosen[:2]:
        agree(recovery, helper, asked)

    opened = recovery.open(asked.code, NEW, client="there").vault

    assert opened.party_id == family.mother.party_id
    assert opened.for_learner(family.mother.owner_id).read(item_id, CREDENTIAL).body["category"] == "transcript"
    family.services.vault.unlock(NEW, client="x", login="maria")
    with pytest.raises(WrongSecret):
        family.services.vault.unlock(PASSPHRASE, client="x", login="maria")
    states = [line.state for line in activity.lines(opened.personal()) if line.kind == "recovery"]
    assert states == ["opened", "chosen"]


def test_the_helper_sees_who_which_words_and_from_when(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")

    (request,) = recovery.requests(chosen[0])

    assert (request.name, request.words, request.threshold) == ("María", asked.words, 2)
    assert request.ready_at == asked.ready_at and len(request.words) == 8
    assert (request.ready_at - family.world.clock.now()).total_seconds() == pytest.approx(72 * 3600, abs=1)


def test_one_alone_and_the_same_one_twice_open_nothing(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")
    family.world.clock.advance(hours=72)
    for _ in range(2):
        agree(recovery, chosen[0], asked)

    with pytest.raises(StateError):
        recovery.open(asked.code, NEW, client="there")


def test_nobody_agrees_early(family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")
    family.world.clock.advance(hours=71)

    with pytest.raises(StateError, match="too early"):
        agree(recovery, chosen[0], asked)


def test_the_account_hears_of_it_and_stops_it(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")
    (notice,) = recovery.notices(family.mother)
    assert notice.words == asked.words and recovery.notices(chosen[0]) == ()
    family.world.clock.advance(hours=72)
    for helper in chosen[:2]:
        agree(recovery, helper, asked)

    recovery.stop(family.mother, notice.id)

    assert recovery.requests(chosen[0]) == () and recovery.notices(family.mother) == ()
    assert database(family, "SELECT * FROM releases") == []
    with pytest.raises(StateError):
        recovery.open(asked.code, NEW, client="there")
    family.services.vault.unlock(PASSPHRASE, client="x", login="maria")


def test_only_the_account_itself_stops_a_request(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    recovery.ask("maria")
    (notice,) = recovery.notices(family.mother)

    for stranger in (chosen[0], chosen[1]):
        with pytest.raises(StateError):
            recovery.stop(stranger, notice.id)
    assert len(recovery.notices(family.mother)) == 1


def test_every_session_ends_when_helpers_open_it(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    vault = family.services.vault
    cookie = vault.begin_session(vault.unlock(PASSPHRASE, client="x", login="maria"))
    asked = recovery.ask("maria")
    family.world.clock.advance(hours=72)
    for helper in chosen[1:]:
        agree(recovery, helper, asked)
    recovery.open(asked.code, NEW, client="there")

    with pytest.raises(VaultLocked):
        vault.resume_session(cookie)


def test_a_request_ends_after_two_weeks_and_is_used_once(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    first, second = recovery.ask("maria"), recovery.ask("maria")
    family.world.clock.advance(hours=72)
    for helper in chosen[:2]:
        agree(recovery, helper, first)
    recovery.open(first.code, NEW, client="there")
    with pytest.raises(StateError):
        recovery.open(first.code, NEW, client="there")

    family.world.clock.advance(days=12)
    assert recovery.requests(chosen[0]) == ()
    with pytest.raises(StateError):
        recovery.open(second.code, NEW, client="there")


@pytest.mark.parametrize("login", ["nobody", "", "x" * 5000, "'; DROP TABLE recoveries; --", "Ana"])
def test_a_name_nobody_has_gets_the_same_answer_and_keeps_nothing(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...], login: str) -> None:
    real, other = recovery.ask("maria"), recovery.ask(login)

    assert (len(other.code), len(other.words), other.ready_at) == (len(real.code), 8, real.ready_at)
    assert len(database(family, "SELECT * FROM recoveries")) == 1
    told = []
    for asked in (real, other):
        with pytest.raises(StateError) as caught:
            recovery.open(asked.code, NEW, client="there")
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_so_many_requests_at_once_and_no_more(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    for _ in range(9):
        recovery.ask("maria")

    assert len(recovery.requests(chosen[0])) == 5


def test_whoever_is_not_chosen_sees_and_can_do_nothing(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")
    family.world.clock.advance(hours=72)
    outsider = family.admit(family.draft("tutor", "read:services", name="Mr. Okafor"))
    (request,) = recovery.requests(chosen[0])

    assert recovery.requests(outsider) == () and recovery.holds_for(outsider) == ()
    with pytest.raises(StateError):
        recovery.agree(outsider, request.id, request.mark)
    with pytest.raises(StateError):
        recovery.open(asked.code, NEW, client="there")


# G02: forged requests

Forge = Callable[[Family, Request, Asked], None]


def other_key(family: Family, request: Request, evil: Asked) -> None:
    database(family, """UPDATE recoveries SET opening_key = (
        SELECT opening_key FROM recoveries WHERE id != ?) WHERE id = ?""", request.id, request.id)


def other_time(family: Family, request: Request, evil: Asked) -> None:
    database(family, "UPDATE recoveries SET asked_at = asked_at - 300000 WHERE id = ?", request.id)


@pytest.mark.parametrize("forge", [other_key, other_time])
def test_a_request_forged_in_the_database_no_longer_shows_the_words_that_were_read_aloud(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...], forge: Forge) -> None:
    asked, evil = recovery.ask("maria"), recovery.ask("maria")
    request = next(each for each in recovery.requests(chosen[0]) if each.words == asked.words)
    forge(family, request, evil)
    family.world.clock.advance(hours=72)

    assert asked.words not in [each.words for each in recovery.requests(chosen[0])]
    with pytest.raises(StateError):
        recovery.agree(chosen[0], request.id, request.mark)


def test_a_request_turned_to_another_party_gets_no_share(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    """Ana's own backpack is to be opened with what was asked for María's: the mark that was seen no longer fits."""
    asked = recovery.ask("maria")
    request = next(iter(recovery.requests(chosen[1])))
    recovery.choose(chosen[0], tuple(Helper(vault.me, "x") for vault in chosen[1:]), 2,
                    "a long passphrase of Ana", name="Ana", client="here")
    database(family, "UPDATE recoveries SET party_id = ?", chosen[0].party_id)
    family.world.clock.advance(hours=72)

    for helper in chosen[1:]:
        assert [each.words == asked.words for each in recovery.requests(helper)] == [False]
        with pytest.raises(StateError):
            recovery.agree(helper, request.id, request.mark)


def test_what_is_released_is_for_the_requesters_key_alone(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    """Releases moved under another request, or read with another code, are nothing."""
    asked, evil = recovery.ask("maria"), recovery.ask("maria")
    family.world.clock.advance(hours=72)
    for helper in chosen[:2]:
        agree(recovery, helper, asked)
    mine = next(each.id for each in recovery.requests(chosen[0]) if each.words == asked.words)
    theirs = next(each.id for each in recovery.requests(chosen[0]) if each.words == evil.words)
    database(family, "UPDATE releases SET recovery_id = ? WHERE recovery_id = ?", theirs, mine)

    for code in (evil.code, asked.code):
        with pytest.raises(StateError):
            recovery.open(code, NEW, client="there")


def test_shares_swapped_between_helpers_or_a_lower_threshold_open_nothing(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")
    family.world.clock.advance(hours=72)
    agree(recovery, chosen[0], asked)
    database(family, "UPDATE slots SET parameters = replace(parameters, '\"threshold\": 2', '\"threshold\": 1')")

    with pytest.raises(StateError):
        recovery.open(asked.code, NEW, client="there")


def test_the_database_alone_has_no_share_and_no_name(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")
    family.world.clock.advance(hours=72)
    agree(recovery, chosen[0], asked)
    text = str(database(family, "SELECT * FROM slots") + database(family, "SELECT * FROM recoveries")
               + database(family, "SELECT * FROM releases"))

    for word in ("María", "maria", "Ana", asked.code, "academic"):
        assert word not in text


# Choosing

@pytest.mark.parametrize(("count", "threshold"), [(1, 1), (3, 1), (2, 3), (0, 2), (3, 4)])
def test_fewer_than_two_are_never_enough(family: Family, recovery: Recovery, helpers: tuple[OpenVault, ...],
                                         count: int, threshold: int) -> None:
    everyone = known(family)
    with pytest.raises(RangeValueError):
        recovery.choose(family.mother, everyone[:count], threshold, PASSPHRASE, name="María", client="here")

    assert [way.method for way in Ways(family.services.vault).all(family.mother)] == ["passphrase"]


def test_choosing_asks_for_the_passphrase(family: Family, recovery: Recovery, helpers: tuple[OpenVault, ...]) -> None:
    with pytest.raises(WrongSecret):
        recovery.choose(family.mother, known(family), 2, "not this one", name="María", client="here")


def test_choosing_anew_makes_the_old_shares_worthless(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")
    family.world.clock.advance(hours=72)
    for helper in chosen[:2]:
        agree(recovery, helper, asked)
    recovery.choose(family.mother, known(family), 3, PASSPHRASE, name="María", client="here")

    with pytest.raises(StateError):
        recovery.open(asked.code, NEW, client="there")


def test_keys_of_helpers_come_from_the_signed_chain_and_not_from_the_database(
        family: Family, recovery: Recovery, helpers: tuple[OpenVault, ...]) -> None:
    database(family, "UPDATE parties SET opening_key = (SELECT opening_key FROM parties ORDER BY created_at LIMIT 1)")

    keys = {helper.member.opening_key for helper in known(family)}

    assert keys == {vault.me.opening_key for vault in helpers}


@pytest.mark.parametrize("code", ["", "x", "0" * 40, "AAAAA-" * 8])
def test_what_is_no_code_is_told(family: Family, recovery: Recovery, code: str) -> None:
    with pytest.raises(MistypedCode):
        recovery.open(code, NEW, client="there")


def test_a_weak_new_passphrase_leaves_the_request_as_it_was(
        family: Family, recovery: Recovery, chosen: tuple[OpenVault, ...]) -> None:
    asked = recovery.ask("maria")
    family.world.clock.advance(hours=72)
    for helper in chosen[:2]:
        agree(recovery, helper, asked)
    with pytest.raises(RangeValueError):
        recovery.open(asked.code, "short", client="there")

    recovery.open(asked.code, NEW, client="there")
