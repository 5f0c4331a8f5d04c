"""Who does not decide adds, and changes nothing else: what helpers may write, and how it stays (0017, H08)."""

from __future__ import annotations

import cProfile
import pstats
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from credkit.errors import SealBroken, StateError
from tests.wallet.support import PASSPHRASE, SettableClock
from tests.wallet.vault.disk import attack, rows
from wallet.vault import DECIDES, OpenVault, Scope, Vault
from wallet.vault.additions import Addition, check_addition, overlay
from wallet.vault.chain import Kind
from wallet.vault.ending import leave
from wallet.vault.listing import Line, Listing

HELPS = Scope(adds=frozenset({"note"}))
CHOOSES = Scope(adds=frozenset({"rules"}), changes=frozenset({"rules"}))


@pytest.fixture
def child(opened: OpenVault, clock: SettableClock) -> OpenVault:
    return opened.found_learner("Lucía", clock.now())


def join(vault: Vault, child: OpenVault, name: str, scope: Scope = HELPS, kind: Kind = "delegate") -> OpenVault:
    """Somebody new, as they see the child's record."""
    own = vault.register(name, f"a long sentence of {name}").vault
    admit(child, own, scope, kind)
    own.follow(child.owner_id, child.root_party, child.root_key, "Lucía")
    return own.for_learner(child.owner_id)


def admit(child: OpenVault, own: OpenVault, scope: Scope, kind: Kind = "delegate") -> None:
    child.admit(own.party_id, kind, opening_key=own.me.opening_key, signing_key=own.me.signing_key,
                steward=kind != "delegate", now=child._means.clock.now(), scope=scope)


@pytest.fixture
def tutor(vault: Vault, child: OpenVault) -> OpenVault:
    return join(vault, child, "tutor")


def titles(vault: OpenVault, item_type: str = "note") -> list[str]:
    return sorted(vault.read(entry.id, item_type).body["title"] for entry in vault.entries(item_type))


def pending(path: Path) -> int:
    return len(rows(path, "SELECT * FROM additions"))


def test_what_a_helper_adds_is_everybodys_to_read_and_its_own_to_change(
        path: Path, child: OpenVault, tutor: OpenVault) -> None:
    first, second = (tutor.add("note", {"title": title, "author": tutor.party_id}) for title in ("a", "b"))
    tutor.append_log({"actor": tutor.party_id, "kind": "x"})
    assert titles(child) == titles(tutor) == ["a", "b"] and pending(path) == 1

    tutor.replace(tutor.read(first, "note"), {"title": "a2", "author": tutor.party_id})
    tutor.delete(tutor.read(second, "note"))
    assert titles(child) == titles(tutor) == ["a2"]
    child.add("credential", {"title": "from the family"})
    assert pending(path) == 0 and titles(child) == ["a2"]
    tutor.replace(tutor.read(first, "note"), {"title": "a3", "author": tutor.party_id})
    assert titles(child) == ["a3"] and child.log_head()[0] == 1
    tutor.delete(tutor.read(first, "note"))

    assert titles(child) == [] and rows(path, "SELECT id FROM items WHERE type = 'note'") == []
    child.add("credential", {"title": "more"})
    assert titles(child) == [] and titles(child, "credential") == ["from the family", "more"]


def test_what_the_family_returned_is_still_the_helpers_to_take_back(child: OpenVault, tutor: OpenVault) -> None:
    item_id = tutor.add("note", {"title": "a", "author": tutor.party_id})
    stale = tutor.read(item_id, "note")
    child.replace(child.read(item_id, "note"), {"title": "returned", "author": tutor.party_id})

    copy = tutor.replace(stale, {"title": "a2", "author": tutor.party_id})
    assert copy != item_id and titles(child) == ["a2", "returned"]
    tutor.delete(tutor.read(item_id, "note"))
    assert titles(child) == ["a2"]


@pytest.mark.parametrize("act", [
    lambda tutor, item: tutor.add("credential", {"title": "x"}),
    lambda tutor, item: tutor.replace(item, {"title": "x"}),
    lambda tutor, item: tutor.delete(item),
    lambda tutor, item: tutor.erase(item),
    lambda tutor, item: tutor.admit("x", "delegate", opening_key="", signing_key="", steward=False,
                                    now=tutor._means.clock.now()),
    lambda tutor, item: tutor.remove(tutor.root_party, tutor._means.clock.now()),
], ids=["another type", "change", "delete", "erase", "admit", "remove"])
def test_what_is_not_a_helpers_is_refused_and_nothing_is_changed(
        path: Path, child: OpenVault, tutor: OpenVault, act: Callable[[OpenVault, object], object]) -> None:
    item = tutor.read(child.add("note", {"title": "the family's"}), "note")
    what_counts = ("SELECT * FROM items WHERE type != 'index'", "SELECT * FROM manifests", "SELECT * FROM additions",
                   "SELECT * FROM members")
    before = [rows(path, statement) for statement in what_counts]

    with pytest.raises(StateError):
        act(tutor, item)
    assert [rows(path, statement) for statement in what_counts] == before
    assert titles(child) == ["the family's"] and child.rewrap() == 0 == tutor.rewrap()


def test_who_chooses_rules_changes_what_others_chose_too_and_takes_away_none(
        vault: Vault, child: OpenVault) -> None:
    aunt, uncle = (join(vault, child, name, CHOOSES) for name in ("aunt", "uncle"))
    old = child.add("rules", {"title": "the mother's"})
    aunt.replace(aunt.read(old, "rules"), {"title": "the aunt's"})
    uncle.replace(uncle.read(old, "rules"), {"title": "the uncle's"})
    new = aunt.add("rules", {"title": "another"})
    uncle.replace(uncle.read(new, "rules"), {"title": "another, by the uncle"})

    assert titles(child, "rules") == titles(aunt, "rules") == ["another, by the uncle", "the uncle's"]
    with pytest.raises(StateError):
        uncle.delete(uncle.read(old, "rules"))
    child.replace(child.read(new, "rules"), {"title": "the mother again"})
    assert titles(uncle, "rules") == ["the mother again", "the uncle's"]


def test_a_wider_scope_is_a_link_of_the_chain_and_one_with_everything_decides(
        path: Path, child: OpenVault, tutor: OpenVault) -> None:
    admit(child, tutor, Scope(adds=frozenset({"note", "share"})))
    tutor.add("share", {"title": "x"})
    assert (tutor.decides, pending(path)) == (False, 1)
    admit(child, tutor, DECIDES)

    tutor.add("credential", {"title": "y"})
    assert (tutor.decides, pending(path), titles(child, "credential")) == (True, 0, ["y"])


def test_helpers_and_guardians_writing_at_once_lose_nothing(vault: Vault, child: OpenVault) -> None:
    helpers = [join(vault, child, f"helper {number}") for number in range(3)]
    shared = child.add("credential", {"title": "shared"})
    guardians = [vault.unlock(PASSPHRASE, client=str(number), login="me").vault.for_learner(child.owner_id)
                 for number in range(2)]
    read = [guardian.read(shared, "credential") for guardian in guardians]
    barrier = threading.Barrier(len(helpers) + len(guardians))
    failed: list[BaseException] = []

    def run(write: Callable[[], None]) -> None:
        barrier.wait()
        try:
            write()
        except Exception as error:  # noqa: BLE001  told by the test's own thread
            failed.append(error)

    def help_out(helper: OpenVault) -> None:
        for number in range(4):
            helper.add("note", {"title": f"{helper.party_id} {number}", "author": helper.party_id})
            helper.append_log({"actor": helper.party_id, "kind": "x"})

    def decide(number: int) -> None:
        guardians[number].replace(read[number], {"title": f"by guardian {number}"})
        for _ in range(3):
            guardians[number].append_log({"kind": "y"})

    threads = [threading.Thread(target=run, args=(lambda helper=helper: help_out(helper),)) for helper in helpers]
    threads += [threading.Thread(target=run, args=(lambda number=number: decide(number),)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert titles(child) == sorted(f"{helper.party_id} {number}" for helper in helpers for number in range(4))
    assert titles(child, "credential") == ["by guardian 0", "by guardian 1"]
    count, _head = child.log_head()
    bodies = [child.read(f"log.{child.owner_id}.{number}", "activity").body for number in range(1, count + 1)]
    digests = child.log_digests()
    assert count == 3 * 4 + 2 * 3
    assert [body["previous"] for body in bodies] == ["", *(digests[number] for number in range(1, count))]


def test_what_somebody_added_stays_when_they_are_taken_out_or_leave(
        path: Path, vault: Vault, child: OpenVault, tutor: OpenVault, clock: SettableClock) -> None:
    mentor = join(vault, child, "mentor")
    for helper in (tutor, mentor):
        helper.add("note", {"title": f"by {helper.party_id}", "author": helper.party_id})
    everything = sorted(f"by {helper.party_id}" for helper in (tutor, mentor))
    leave(mentor, clock.now())
    assert titles(child) == titles(tutor) == everything and pending(path) == 2
    with pytest.raises(StateError):
        mentor.entries("note")
    attack(path, "UPDATE additions SET body = replace(body, '\"note\"', '\"cote\"') WHERE party_id = ?",
           mentor.party_id)
    with pytest.raises(SealBroken):
        vault.unlock(PASSPHRASE, client="x", login="me").vault.for_learner(child.owner_id)
    attack(path, "UPDATE additions SET body = replace(body, '\"cote\"', '\"note\"')")

    child.remove(tutor.party_id, clock.now())
    assert titles(child) == everything and pending(path) == 0
    assert {name for item_id in child._space.mine() for name in child.recipients(item_id)} == {child.party_id}
    child.add("note", {"title": "more"})
    assert titles(child) == sorted([*everything, "more"])


def signature_checks(look: Callable[[], object]) -> int:
    profile = cProfile.Profile()
    profile.runcall(look)
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    return sum(calls for (_file, _line, name), (calls, *_rest) in stats.items()
               if "verify" in name and "Ed25519PublicKey" in name)


def test_a_look_at_sixty_records_costs_three_signature_checks(
        vault: Vault, child: OpenVault, tutor: OpenVault) -> None:
    """The own list, that of the record, and what somebody added since; the people's links were checked before."""
    for number in range(8):
        join(vault, child, f"helper {number}")
    for number in range(60):
        child.add("credential", {"title": f"{number:02}"})
    tutor.add("note", {"title": "a", "author": tutor.party_id})
    child.entries("credential")
    own = vault.unlock(PASSPHRASE, client="x", login="me").vault
    own.for_learner(child.owner_id)

    def look() -> None:
        again = vault.unlock(PASSPHRASE, client="x", login="me").vault.for_learner(child.owner_id)
        assert len(titles(again, "credential")) == 60 and titles(again) == ["a"]

    assert signature_checks(look) == 3


# The rule itself, clause by clause

LISTING = Listing("o", 3, "digest", 2, {
    "family": Line("note", 4, "k", "d", ("m",), ""), "own": Line("note", 4, "k", "d", ("m",), "tutor"),
    "anas": Line("note", 4, "k", "d", ("m",), "ana"), "rules": Line("rules", 1, "k", "d", ("m",), ""),
    "kept": Line("comment", 1, "k", "d", ("m",), "tutor"), "log.o.1": Line("activity", 1, "k", "d", ("m",), "tutor"),
}, (1, "d"))
NEW = Line("note", 1, "k2", "d2", ("m",), "tutor")


@pytest.mark.parametrize(("item_id", "line"), [
    ("new", NEW), ("own", NEW._replace(version=5)), ("log.o.2", NEW._replace(type="activity"))])
def test_a_helper_may(item_id: str, line: Line) -> None:
    check_addition(Addition("tutor", 1, "", {item_id: line}), LISTING, HELPS)
    check_addition(Addition("tutor", 1, "", {}, frozenset({"own", "kept"})), LISTING, HELPS)
    check_addition(Addition("tutor", 1, "", {"rules": Line("rules", 2, "k", "d", (), "")}), LISTING, CHOOSES)


@pytest.mark.parametrize(("item_id", "line"), [
    ("new", NEW._replace(type="credential")), ("new", NEW._replace(helper="ana")), ("new", NEW._replace(helper="")),
    ("log.o.9x", NEW), ("log.o.2", NEW), ("own", NEW._replace(version=4)), ("own", NEW._replace(version=3)),
    ("own", NEW._replace(version=5, helper="")), ("own", NEW._replace(version=5, type="activity")),
    ("family", NEW._replace(version=5)), ("family", NEW._replace(version=5, helper="")),
    ("anas", NEW._replace(version=5, helper="ana")), ("kept", NEW._replace(version=5, type="comment")),
    ("log.o.1", NEW._replace(version=5, type="activity")), ("log.o.0", NEW._replace(type="activity")),
    ("log.p.2", NEW._replace(type="activity")), ("log.o.-2", NEW._replace(type="activity")),
    ("log.o.02", NEW._replace(type="activity")), ("log.o.2", NEW._replace(type="activity", helper="ana")),
    ("log.o.٢", NEW._replace(type="activity")), ("rules", Line("rules", 2, "k", "d", (), ""))])
def test_a_helper_may_not(item_id: str, line: Line) -> None:
    with pytest.raises(SealBroken):
        check_addition(Addition("tutor", 1, "", {item_id: line}), LISTING, HELPS)


@pytest.mark.parametrize("gone", ["family", "anas", "log.o.1", "unknown", "rules"])
def test_a_helper_may_not_take_away(gone: str) -> None:
    for scope in (HELPS, CHOOSES):
        with pytest.raises(SealBroken):
            check_addition(Addition("tutor", 1, "", {}, frozenset({gone})), LISTING, scope)


def test_additions_that_do_not_go_together_are_told() -> None:
    entry = NEW._replace(type="activity")
    one, other = (Addition(name, 1, "", {"new": NEW._replace(helper=name)}) for name in ("tutor", "ana"))
    another_type = Addition("ana", 1, "", {"new": NEW._replace(version=2, type="rules")})
    gap = Addition("tutor", 1, "", {"log.o.3": entry})
    twice = [Addition(name, 1, "", {"log.o.2": entry._replace(helper=name)}) for name in ("tutor", "ana")]
    for together in ([one, other], [one, another_type], [gap], twice):
        with pytest.raises(SealBroken):
            overlay(LISTING, together)
    lines, log = overlay(LISTING, [one, Addition("ana", 1, "", {"log.o.2": entry._replace(helper="ana")})])
    assert lines["new"] == NEW and log == (2, "d2")
