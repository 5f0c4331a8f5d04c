"""A family around one learner's record: a mother who founded it, and helpers she lets in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from credkit.environment import Environment
from credkit.ports import JSONObject
from tests.wallet.offices import OfferingSchool
from wallet.bootstrap import Services
from wallet.services.people.people import About, Draft
from wallet.vault import OpenVault


def environment_of(services: Services) -> Environment:
    """What the services sign and check with."""
    return services.receiving.environment


def child_of(services: Services, vault: OpenVault, name: str = "Daniela") -> OpenVault:
    """A child's record, founded by the party of ``vault``."""
    return services.people.add_learner(vault, About(name, "2015-03-01", "America/Denver", "es"), basis="parent")


def let_in(services: Services, child: OpenVault, login: str, *rights: str, role: str = "tutor", days: int = 90,
           **more: Any) -> OpenVault:
    """Somebody invited, confirmed and inside; the child's record as they see it."""
    until = None if role in ("guardian", "learner") else services.clock.now() + timedelta(days=days)
    basis = more.pop("basis", "parent" if role == "guardian" else "family-consent")
    token = services.people.invite(child, Draft(login, role, frozenset(rights), basis, until, **more))
    own = services.vault.register(login, f"{login} has six blue boats at sea").vault
    services.people.answer(own, token, login)
    services.people.confirm(child, next(
        each.item_id for each in services.people.invitations(child) if each.token == token))
    services.people.join(own)
    return own.for_learner(child.owner_id)


def take(services: Services, vault: OpenVault, link: str, **options: Any) -> tuple[str, ...]:
    """The ids of what an offer brought."""
    return services.receiving.accept_offer(
        vault, services.receiving.resolve_offer(link), tx_code="4711", **options).stored


def of_type(school: OfferingSchool, index: int, kind: str, name: str, *tags: str, **more: Any) -> tuple[str, Any]:
    """A record of ``achievementType`` ``kind``, to be put on offer."""
    def make(did: str) -> JSONObject:
        document = school.school.course(index=index, name=name, subject_id=did, **more)
        achievement = document["credentialSubject"]["achievement"]
        achievement["achievementType"] = kind
        if tags:
            achievement["tag"] = list(tags)
        return school.school.sign_base(document)

    return "course", make
