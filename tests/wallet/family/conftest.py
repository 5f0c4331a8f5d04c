"""A mother, her daughter's record, and people she lets in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.support.world import World
from wallet.bootstrap import Services
from wallet.services.people.people import About, Draft
from wallet.vault import OpenVault

LUCIA = About("Lucía Hernández Núñez", "2015-03-09", "America/Denver", "es")


@dataclass
class Family:
    """A wallet with people in it; ``mother`` is the mother's view of Lucía's record."""

    services: Services
    world: World
    mother: OpenVault

    def draft(self, role: str, *rights: str, name: str = "", days: int | None = 90, basis: str = "") -> Draft:
        until = None if days is None else self.world.clock.now() + timedelta(days=days)
        basis = basis or {"guardian": "parent", "caseworker": "uninterrupted-scholars-act",
                          "court-guide": "court-order"}.get(role, "family-consent")
        return Draft(name or role, role, frozenset(rights), basis, until)

    def admit(self, draft: Draft, *, into: OpenVault | None = None) -> OpenVault:
        """Somebody new joins by the whole way: link, words, confirmation; their view of the record."""
        people, record = self.services.people, into or self.mother
        token = people.invite(record, draft)
        newcomer = self.services.vault.register(draft.name, f"a long passphrase of {draft.name}").vault
        words = people.answer(newcomer, token, draft.name)
        waiting = next(each for each in people.invitations(record) if each.state == "answered")
        assert waiting.words == words
        people.confirm(record, waiting.item_id)
        assert people.join(newcomer) == (record.owner_id,)
        return newcomer.for_learner(record.owner_id)


@pytest.fixture
def family(services: Services, world: World) -> Family:
    me = services.vault.create("seven green kites over Utah").vault
    services.people.set_my_name(me, "María")
    return Family(services, world, services.people.add_learner(me, LUCIA, basis="parent"))


@pytest.fixture
def tutor(family: Family) -> OpenVault:
    return family.admit(family.draft("tutor", "read:supplemental-achievement", "contribute:supplemental-achievement",
                                     name="Mr. Okafor"))


Admit = Callable[[Draft], OpenVault]
