"""Ways to unlock: each opens its own party, none opens another's, and every change asks for the passphrase."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from shamir_mnemonic import combine_mnemonics

from credkit.errors import RangeValueError, SealBroken, StateError, VaultLocked, WrongSecret
from tests.wallet.support import PASSPHRASE, SettableClock, SystemRandomness
from tests.wallet.vault.disk import attack, everything_on_disk, rows
from wallet.vault import OpenVault, TooManyTries, Vault, quorum
from wallet.vault.methods import METHODS, passkey, recovery_kit
from wallet.vault.methods.passkey import Passkey, prf_value
from wallet.vault.methods.recovery_kit import MistypedCode, new_code, secret_of
from wallet.vault.ways import Ways

NEW = "a quite different sentence"
KEY = Passkey(b"credential-1", b"cose key", b"i" * 32)
PRF = bytes(range(32))


@pytest.fixture
def ways(vault: Vault) -> Ways:
    return Ways(vault)


def methods(ways: Ways, vault: OpenVault) -> list[str]:
    return [way.method for way in ways.all(vault)]


def test_every_method_is_named_once_and_says_its_name() -> None:
    assert [method.NAME for method in METHODS] == ["passphrase", "passkey", "recovery_kit", "guardians"]


# Passphrase

def test_a_changed_passphrase_opens_and_the_old_one_does_not(vault: Vault, opened: OpenVault, ways: Ways) -> None:
    item_id = opened.add("credential", {"title": "Biology"})
    ways.change_passphrase(opened, PASSPHRASE, NEW, client="here")

    assert vault.unlock(NEW, client="here").vault.read(item_id, "credential").body == {"title": "Biology"}
    with pytest.raises(WrongSecret):
        vault.unlock(PASSPHRASE, client="here")


def test_changing_the_passphrase_ends_every_other_session(vault: Vault, opened: OpenVault, ways: Ways) -> None:
    here, there = (vault.begin_session(vault.unlock(PASSPHRASE, client="x")) for _ in range(2))
    ways.change_passphrase(opened, PASSPHRASE, NEW, client="here", cookie=here)

    vault.resume_session(here)
    with pytest.raises(VaultLocked):
        vault.resume_session(there)


@pytest.mark.parametrize(("present", "new", "error"), [
    ("not it at all", NEW, WrongSecret), (PASSPHRASE, "short", RangeValueError), ("", NEW, WrongSecret)])
def test_a_refused_change_changes_nothing(
        vault: Vault, opened: OpenVault, ways: Ways, present: str, new: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        ways.change_passphrase(opened, present, new, client="here")

    vault.unlock(PASSPHRASE, client="there")


def test_guesses_at_an_unattended_screen_are_counted(opened: OpenVault, ways: Ways) -> None:
    for _ in range(10):
        with pytest.raises(WrongSecret):
            ways.add_kit(opened, "a guess at it", client="here")

    with pytest.raises(TooManyTries):
        ways.add_kit(opened, PASSPHRASE, client="here")


# Passkey

def test_a_passkeys_prf_value_opens_its_own_slot(opened: OpenVault, ways: Ways) -> None:
    item_id = opened.add("credential", {"title": "Biology"})
    ways.add_passkey(opened, PASSPHRASE, KEY, PRF, client="here")
    slot, known = ways.passkey(opened.party_id, b"credential-1")

    assert known == KEY
    assert ways.open_with_passkey(slot, PRF).vault.read(item_id, "credential").body == {"title": "Biology"}
    for wrong in (bytes(32), PRF[::-1], PRF[:31], PRF + b"x"):
        with pytest.raises(WrongSecret):
            ways.open_with_passkey(slot, wrong)


def test_a_passkey_without_prf_names_the_party_and_opens_nothing(opened: OpenVault, ways: Ways) -> None:
    ways.add_passkey(opened, PASSPHRASE, KEY, None, client="here")
    slot, known = ways.passkey(opened.party_id, b"credential-1")

    assert known.prf_input is None and slot.sealed_master == b""
    assert [(way.method, way.opens) for way in ways.all(opened)] == [("passphrase", True), ("passkey", False)]
    with pytest.raises(SealBroken):
        ways.open_with_passkey(slot, PRF)


def test_a_passkey_belongs_to_one_party(vault: Vault, opened: OpenVault, ways: Ways) -> None:
    other = vault.register("somebody", "another long passphrase").vault
    ways.add_passkey(opened, PASSPHRASE, KEY, PRF, client="here")

    with pytest.raises(WrongSecret):
        ways.passkey(other.party_id, b"credential-1")
    with pytest.raises(StateError):
        ways.add_passkey(opened, PASSPHRASE, KEY, PRF, client="here")


@pytest.mark.parametrize("text", ["", "x", "A" * 43, "_" * 43, "AAEC", "ü" * 43, "A" * 10_000])
def test_what_is_no_prf_value_is_refused(text: str) -> None:
    with pytest.raises(WrongSecret):
        prf_value(text)


@pytest.mark.parametrize("statement", [
    "UPDATE slots SET parameters = replace(parameters, 'credential_id', 'x') WHERE method = 'passkey'",
    "UPDATE slots SET parameters = '[]' WHERE method = 'passkey'",
    "UPDATE slots SET parameters = '{}' WHERE method = 'passkey'",
])
def test_a_passkeys_slot_that_was_changed_is_noticed(
        path: Path, opened: OpenVault, ways: Ways, statement: str) -> None:
    ways.add_passkey(opened, PASSPHRASE, KEY, PRF, client="here")
    attack(path, statement)

    with pytest.raises(SealBroken):
        ways.passkey(opened.party_id, b"credential-1")


def test_another_public_key_in_the_slot_opens_nothing(path: Path, opened: OpenVault, ways: Ways) -> None:
    """A hostile server answers for the passkey itself: it passes the ceremony, and the PRF value still fails."""
    ways.add_passkey(opened, PASSPHRASE, KEY, PRF, client="here")
    parameters = str(rows(path, "SELECT parameters FROM slots WHERE method = 'passkey'")[0][0])
    assert "Y29zZSBrZXk" in parameters
    attack(path, "UPDATE slots SET parameters = ? WHERE method = 'passkey'",
           parameters.replace("Y29zZSBrZXk", "ZXZpbA"))
    slot, _known = ways.passkey(opened.party_id, b"credential-1")

    with pytest.raises(WrongSecret):
        ways.open_with_passkey(slot, PRF)


def test_no_passkey_name_or_prf_value_lies_on_the_disk(path: Path, opened: OpenVault, ways: Ways) -> None:
    ways.add_passkey(opened, PASSPHRASE, KEY, PRF, client="here")

    disk = everything_on_disk(path.parent)

    assert PRF not in disk and PASSPHRASE.encode() not in disk


# Recovery kit

def test_the_kits_code_sets_a_new_passphrase_and_is_used_up(vault: Vault, opened: OpenVault, ways: Ways) -> None:
    item_id = opened.add("credential", {"title": "Biology"})
    cookie = vault.begin_session(vault.unlock(PASSPHRASE, client="x"))
    code = ways.add_kit(opened, PASSPHRASE, client="here")

    unlocked = ways.open_with_kit(code, NEW, client="there")

    assert unlocked.vault.read(item_id, "credential").body == {"title": "Biology"}
    assert methods(ways, unlocked.vault) == ["passphrase"]
    vault.unlock(NEW, client="y")
    for act in (lambda: vault.unlock(PASSPHRASE, client="y"), lambda: ways.open_with_kit(code, NEW, client="y")):
        with pytest.raises(WrongSecret):
            act()
    with pytest.raises(VaultLocked):
        vault.resume_session(cookie)


def test_a_new_recovery_kit_takes_the_place_of_the_old(opened: OpenVault, ways: Ways) -> None:
    old = ways.add_kit(opened, PASSPHRASE, client="here")
    new = ways.add_kit(opened, PASSPHRASE, client="here")

    with pytest.raises(WrongSecret):
        ways.open_with_kit(old, NEW, client="here")
    ways.open_with_kit(new, NEW, client="here")


def test_a_weak_new_passphrase_leaves_kit_and_passphrase_as_they_were(
        vault: Vault, opened: OpenVault, ways: Ways) -> None:
    code = ways.add_kit(opened, PASSPHRASE, client="here")
    with pytest.raises(RangeValueError):
        ways.open_with_kit(code, "short", client="here")

    vault.unlock(PASSPHRASE, client="here")
    ways.open_with_kit(code, NEW, client="here")


def test_the_code_is_eight_groups_that_can_be_typed_or_pasted_as_people_do() -> None:
    code = new_code(SystemRandomness())
    assert [len(group) for group in code.split("-")] == [5] * 8
    typed = code.replace("0", "o").replace("1", "l").lower()

    for way in (code, typed, code.replace("-", " "), code.replace("-", ""), f"  {code}\n", code.replace("-", "\n"),
                code.replace("-", " – ")):
        assert secret_of(way) == secret_of(code)


def test_any_one_wrong_character_is_told_with_its_group() -> None:
    code = new_code(SystemRandomness())
    letters = code.replace("-", "")
    for place, letter in enumerate(letters):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZU!":
            if other != letter:
                with pytest.raises(MistypedCode) as caught:
                    secret_of(letters[:place] + other + letters[place + 1:])
                assert caught.value.group == place // 5 + 1


def test_any_two_exchanged_characters_or_groups_are_told() -> None:
    code = new_code(SystemRandomness())
    groups = code.split("-")
    for first, second in itertools.combinations(range(8), 2):
        swapped = list(groups)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        with pytest.raises(MistypedCode):
            secret_of("-".join(swapped))
    for first, second in itertools.combinations(range(5), 2):
        letters = list(groups[0])
        letters[first], letters[second] = letters[second], letters[first]
        if letters != list(groups[0]):
            with pytest.raises(MistypedCode):
                secret_of("-".join(["".join(letters), *groups[1:]]))


@pytest.mark.parametrize("text", ["", "-", "0" * 40, "x" * 100_000, "ünïcode", "\x00" * 40])
def test_what_is_no_code_is_told_before_any_work(ways: Ways, text: str) -> None:
    with pytest.raises(MistypedCode):
        ways.open_with_kit(text, NEW, client="here")


def test_codes_that_fit_but_open_nothing_are_counted(opened: OpenVault, ways: Ways) -> None:
    for _ in range(10):
        with pytest.raises(WrongSecret):
            ways.open_with_kit(new_code(SystemRandomness()), NEW, client="here")

    with pytest.raises(TooManyTries):
        ways.open_with_kit(new_code(SystemRandomness()), NEW, client="here")


def test_no_code_lies_on_the_disk(path: Path, opened: OpenVault, ways: Ways) -> None:
    code = ways.add_kit(opened, PASSPHRASE, client="here")
    disk = everything_on_disk(path.parent)

    for part in (code, code.replace("-", ""), code[:11]):
        assert part.encode() not in disk
    assert secret_of(code) not in disk


# Taking away

def test_ways_are_taken_away_but_never_the_passphrase(opened: OpenVault, ways: Ways) -> None:
    ways.add_passkey(opened, PASSPHRASE, KEY, PRF, client="here")
    ways.add_kit(opened, PASSPHRASE, client="here")
    by_method = {way.method: way.id for way in ways.all(opened)}

    with pytest.raises(WrongSecret):
        ways.remove(opened, by_method["passkey"], "not the passphrase", client="here")
    assert ways.remove(opened, by_method["passkey"], PASSPHRASE, client="here") == passkey.NAME
    with pytest.raises(StateError):
        ways.remove(opened, by_method["passphrase"], PASSPHRASE, client="here")
    assert methods(ways, opened) == ["passphrase", recovery_kit.NAME]


def test_nobody_takes_away_anothers_way(vault: Vault, opened: OpenVault, ways: Ways) -> None:
    ways.add_kit(opened, PASSPHRASE, client="here")
    other = vault.register("somebody", "another long passphrase").vault

    for slot_id in (ways.all(opened)[1].id, "unknown", ""):
        with pytest.raises(StateError, match="nothing here"):
            ways.remove(other, slot_id, "another long passphrase", client="there")
    assert methods(ways, opened) == ["passphrase", recovery_kit.NAME]


# Challenges

def test_a_challenge_is_good_once_and_for_five_minutes(ways: Ways, clock: SettableClock) -> None:
    first, second = ways.new_challenge(300), ways.new_challenge(300)

    assert ways.use_challenge(first) and not ways.use_challenge(first)
    clock.move(seconds=300)
    assert not ways.use_challenge(second)
    assert not ways.use_challenge(b"") and not ways.use_challenge(os.urandom(4000))


# Shares (SLIP-0039)

PUBLISHED = (
    "humidity disease academic always aluminum jewelry energy woman receiver strategy amuse duckling lying evidence "
    "network walnut tactics forget hairy rebound impulse brother survive clothes stadium mailman rival ocean reward "
    "venture always armed unwrap",
    "humidity disease academic agency actress jacket gross physics cylinder solution fake mortgage benefit public busy "
    "prepare sharp friar change work slow purchase ruler again tricycle involve viral wireless mixture anatomy desert "
    "cargo upgrade")
"""SLIP-0039 vectors.json, "23. Basic sharing 2-of-3 (256 bits)", sealed with the passphrase TREZOR."""


@pytest.mark.spec("SLIP-0039", "#test-vectors")
def test_a_published_sharing_is_put_together() -> None:
    assert combine_mnemonics(PUBLISHED, b"TREZOR").hex() == (
        "c938b319067687e990e05e0da0ecce1278f75ff58d9853f19dcaeed5de104aae")


def test_a_secret_is_shared_out_and_put_together_by_any_two_of_three() -> None:
    shares = quorum.split(bytes(range(32)), threshold=2, shares=3)
    assert all(len(share.split()) == 33 for share in shares)

    for pair in itertools.permutations(shares, 2):
        assert quorum.combine(pair) == bytes(range(32))
    assert quorum.combine(shares) == bytes(range(32))


@pytest.mark.parametrize(("threshold", "count"), [(2, 2), (2, 5), (3, 5), (5, 5), (16, 16)])
def test_any_quorum_suffices_and_one_less_does_not(threshold: int, count: int) -> None:
    secret = os.urandom(32)
    shares = quorum.split(secret, threshold=threshold, shares=count)

    assert quorum.combine(shares[-threshold:]) == secret
    with pytest.raises(WrongSecret):
        quorum.combine(shares[:threshold - 1])


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (3, 2), (0, 2), (2, 17), (17, 17)])
def test_a_quorum_of_one_or_of_more_than_there_are_is_refused(threshold: int, count: int) -> None:
    with pytest.raises(RangeValueError):
        quorum.split(bytes(range(32)), threshold=threshold, shares=count)


def test_shares_of_another_splitting_and_nonsense_are_left_aside() -> None:
    secret = os.urandom(32)
    mine, other = quorum.split(secret, threshold=2, shares=3), quorum.split(bytes(32), threshold=2, shares=3)

    assert quorum.combine([other[0], "nonsense", "", mine[0], mine[0], mine[2]]) == secret
    with pytest.raises(WrongSecret):
        quorum.combine([mine[0], other[1], mine[0]])
