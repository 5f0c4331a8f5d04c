"""Killed half-way, nothing is lost: everybody opens and reads what is theirs, and it can be done again (H09)."""

from __future__ import annotations

from pathlib import Path

import pytest

from credkit.errors import StateError, WrongSecret
from tests.wallet.family.killed import PASSPHRASE, Town, build_town, invite, killed_copies
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.people.people import About
from wallet.services.record import contributions, hiding
from wallet.services.record.items import CREDENTIAL, EXPOSED, GRANT, INVITATION
from wallet.vault import OpenVault
from wallet.vault.ways import Ways

TUTOR = ("tutor", "tutor", ("read:supplemental-achievement", "contribute:supplemental-achievement"))
FATHER = ("father", "guardian", ("full", "people", "recovery"))
EVERYTHING = ["Diaz iep", "Diaz supplemental-achievement", "Diaz transcript"]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build_town(tmp_path_factory.mktemp("town"), FATHER, TUTOR, ("other", *TUTOR[1:]))


def titles(vault: OpenVault) -> list[str]:
    return sorted(vault.read(entry.id, CREDENTIAL).body["credential"]["name"] for entry in vault.entries(CREDENTIAL))


def assert_in_order(town: Town, services: Services, *names: str) -> None:
    """Each of them opens everything that a key of theirs opens, and the log holds together."""
    for name in names:
        vault = town.record(services, name)
        for item_id, line in vault._space.mine().items():
            vault._space.read(item_id, line.type)
        activity.check_chain(vault)
        services.people.people(vault)


def said(vault: OpenVault, kind: str) -> int:
    return sum(line.kind == kind for line in activity.lines(vault))


def test_taking_a_helper_out(town: Town, tmp_path: Path) -> None:
    gone = town.own(town.services(), "tutor").party_id

    def act(services: Services) -> None:
        services.leaving.remove(town.record(services, "mother"), gone)

    for services in killed_copies(town, tmp_path / "copy", act):
        assert_in_order(town, services, "mother", "father", "other")
        record = town.record(services, "mother")
        if gone in record.members():
            assert titles(town.record(services, "tutor")) in ([], ["Diaz supplemental-achievement"])
            act(services)
        record = town.record(services, "mother")

        assert gone not in record.members() and said(record, "removed") == 1
        assert all(gone not in record.recipients(item_id) for item_id in record._space.mine())
        with pytest.raises(StateError):
            town.record(services, "tutor")
        grants = [entry.summary for entry in record.entries(GRANT) if entry.summary["holder_party"] == gone]
        assert [grant["state"] for grant in grants] == ["ended"]
        assert {grant["position"] for grant in grants} <= services.host.store.revoked_positions()
        assert [entry.summary["title"] for entry in record.entries(EXPOSED)] == ["Diaz supplemental-achievement"]
        assert sorted(line.title for line in contributions.waiting(record)) == ["by other", "by tutor"]
        assert titles(record) == titles(town.record(services, "father")) == EVERYTHING
        assert titles(town.record(services, "other")) == ["Diaz supplemental-achievement"]


def test_sealing_anew_after_a_change_of_rules(town: Town, tmp_path: Path) -> None:
    def act(services: Services) -> None:
        hiding.hide_category(town.record(services, "mother"), services.clock, "supplemental-achievement", "never")

    for services in killed_copies(town, tmp_path / "copy", act):
        assert_in_order(town, services, "mother", "father", "tutor", "other")
        act(services)

        assert titles(town.record(services, "tutor")) == titles(town.record(services, "other")) == []
        assert titles(town.record(services, "mother")) == titles(town.record(services, "father")) == EVERYTHING


def test_what_the_rules_changed_takes_effect_when_somebody_comes_who_decides(town: Town, tmp_path: Path) -> None:
    """Killed between the choice and the sealing anew, and nobody does it again."""
    def act(services: Services) -> None:
        hiding.hide_category(town.record(services, "mother"), services.clock, "supplemental-achievement", "never")

    for services in killed_copies(town, tmp_path / "copy", act):
        chosen = said(town.record(services, "mother"), "rule") or town.record(services, "mother").entries("rules")
        services.people.arrive(town.own(services, "father"))

        assert titles(town.record(services, "tutor")) == ([] if chosen else ["Diaz supplemental-achievement"])


def test_changing_the_passphrase(town: Town, tmp_path: Path) -> None:
    old, new = f"{PASSPHRASE} mother", "a sentence that nobody has used"

    def act(services: Services) -> None:
        Ways(services.vault).change_passphrase(town.own(services, "mother"), old, new, client="x")

    for services in killed_copies(town, tmp_path / "copy", act):
        opens = [each for each in (old, new) if is_the_passphrase(services, each)]
        assert len(opens) == 1
        if opens == [old]:
            act(services)
        vault = services.vault.unlock(new, login="mother", client="y").vault
        assert titles(vault.for_learner(town.owner_id)) == EVERYTHING


def is_the_passphrase(services: Services, passphrase: str) -> bool:
    try:
        services.vault.unlock(passphrase, login="mother", client=passphrase)
    except WrongSecret:
        return False
    return True


@pytest.fixture(scope="module", params=[("Lucía", "learner", ()), ("aunt", "guardian", ("full", "people"))],
                ids=["the learner", "a guardian"])
def waiting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, str]:
    """Somebody has answered an invitation, and is to be let in."""
    name, role, rights = request.param
    town = build_town(tmp_path_factory.mktemp("town"), TUTOR)
    services = town.services()
    invite(services, town.record(services, "mother"), name, role, *rights)
    cookie = services.vault.begin_session(services.vault.unlock(f"{PASSPHRASE} {name}", login=name, client="x"))
    return Town(town.world, town.folder, town.owner_id, {**town.cookies, name: cookie}), name


def test_letting_somebody_in_and_a_login_for_the_learner(waiting: tuple[Town, str], tmp_path: Path) -> None:
    town, name = waiting

    def act(services: Services) -> None:
        record = town.record(services, "mother")
        services.people.confirm(record, record.entries(INVITATION)[0].id)

    for services in killed_copies(town, tmp_path / "copy", act):
        assert_in_order(town, services, "mother", "tutor")
        if town.record(services, "mother").entries(INVITATION):
            act(services)
        newcomer, record = town.own(services, name), town.record(services, "mother")

        assert services.people.join(newcomer) == (town.owner_id,)
        assert titles(newcomer.for_learner(town.owner_id)) == EVERYTHING
        assert record.entries(INVITATION) == () and services.people.invitations(record) == ()
        held = [entry for entry in record.entries(GRANT) if entry.summary["holder_party"] == newcomer.party_id]
        assert len(held) == (0 if name == "Lucía" else 1)
        assert sum('"admit"' in link.body and newcomer.party_id in link.body
                   for link in services.people.store.stored(town.owner_id).links) == 1


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build_town(tmp_path_factory.mktemp("town"), FATHER, TUTOR, ("Lucía", "learner", ()),
                      ("conservator", "guardian", ("full",)), years=13)


def test_taking_a_record_over(grown: Town, tmp_path: Path) -> None:
    def act(services: Services) -> None:
        services.handover.take_over(grown.record(services, "Lucía"))

    for services in killed_copies(grown, tmp_path / "copy", act):
        assert_in_order(grown, services, "Lucía", "conservator")
        if services.handover.coming(grown.record(services, "Lucía")).notice == "due":
            act(services)
        record = grown.record(services, "Lucía")

        assert {member.kind for member in record.members().values()} == {"learner", "guardian"}
        assert titles(record) == titles(grown.record(services, "conservator")) == EVERYTHING
        active = [entry.summary for entry in record.entries(GRANT) if entry.summary["state"] == "active"]
        assert [(grant["basis"], grant["issuer"]) for grant in active] == [("court-order", record.party_did)]
        for name in ("mother", "father", "tutor"):
            with pytest.raises(StateError):
                grown.record(services, name)


def test_beginning_a_childs_record(town: Town, tmp_path: Path) -> None:
    def act(services: Services) -> None:
        services.people.add_learner(town.own(services, "mother"), About("Ana", "2018-01-01", "America/Denver", "es"),
                                    basis="parent")

    for services in killed_copies(town, tmp_path / "copy", act):
        own = town.own(services, "mother")
        begun = [own.for_learner(learner.owner_id) for learner in own.learners() if learner.label == "Ana"]
        assert len(begun) <= 1
        if not begun:
            act(services)
            own = town.own(services, "mother")
            begun = [own.for_learner(learner.owner_id) for learner in own.learners() if learner.label == "Ana"]
        about = services.people.describe(begun[0])
        assert len(begun) == 1 and about is not None and about.name == "Ana"
        assert [person.role for person in services.people.people(begun[0])] == ["guardian"]
