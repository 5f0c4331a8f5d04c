"""Two families in one wallet, each with something of every kind, and a browser for each person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from credkit.ports import JSONObject
from tests.support.world import World
from tests.wallet.family.conftest import Family
from tests.wallet.web.browser import Browser
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.people.people import About, Draft
from wallet.services.record import about_me, comments, contributions, rules, tracker, unverified
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault


@dataclass
class Household:
    """One family: its record as the guardian sees it, and the sign-in of each of its people."""

    family: Family
    guardian: OpenVault
    logins: dict[str, str] = field(default_factory=dict)

    def ids(self) -> dict[str, list[str]]:
        """Item type → ids of what this family has, as the guardian's key knows it."""
        found: dict[str, list[str]] = {}
        for item_id, line in self.guardian._space.mine().items():
            found.setdefault(line.type, []).append(item_id)
        found["party"] = sorted(self.guardian.members())
        found["learner-id"] = [self.guardian.owner_id]
        return found

    def browser(self, app: Flask, role: str) -> Browser:
        """A browser in which the person of ``role`` has unlocked."""
        visitor = Browser(app)
        login = self.logins[role]
        page = visitor.get("/unlock")
        visitor.submit(page, login=login, passphrase=passphrase_of(login))
        return visitor


def passphrase_of(login: str) -> str:
    """The passphrase of whoever signs in with ``login``."""
    return f"a long passphrase of {login}"


def found_household(services: Services, world: World, surname: str) -> Household:
    """A mother, a second guardian, a tutor and a child with a key; and something of every kind in the record."""
    mother = f"mother {surname}"
    own = services.vault.register(mother, passphrase_of(mother)).vault
    services.people.set_my_name(own, mother)
    record = services.people.add_learner(own, About(f"child {surname}", "2015-03-09", "America/Denver", "es"),
                                         basis="parent")
    household = Household(Family(services, world, record), record, {"mother": mother})
    fill(services, record, surname)
    for role, draft in {
        "father": household.family.draft("guardian", "full", "people", name=f"father {surname}", days=None),
        "tutor": household.family.draft("tutor", "read:supplemental-achievement",
                                        "contribute:supplemental-achievement", name=f"tutor {surname}"),
        "child": Draft(f"child {surname}", "learner", frozenset(), "", None),
    }.items():
        household.family.admit(draft)
        household.logins[role] = draft.name
    services.people.invite(record, household.family.draft("mentor", "read:services", name=f"mentor {surname}"))
    return household


def record_of(surname: str, category: str, title: str) -> JSONObject:
    """A record as the vault keeps it, with the family's name in every text that pages show."""
    origin = f"https://{surname.lower()}.example"
    subject: dict[str, Any] = {"type": ["AchievementSubject"], "achievement": {
        "id": f"{origin}/a/{title}", "type": ["Achievement"], "achievementType": "Badge", "name": f"{surname} {title}",
        "description": f"{surname} description", "criteria": {"narrative": f"{surname} criteria"}}}
    school = {"id": f"did:web:{surname.lower()}.example", "type": ["Profile"], "name": f"{surname} School"}
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], "id": f"{origin}/c/{title}", "issuer": school,
                "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": f"{surname} {title}",
                "validFrom": "2026-06-01T00:00:00Z", "credentialSubject": subject}
    return {"credential": document, "category": category, "received_at": "2026-06-01T00:00:00Z",
            "received_from": origin, "status": "good", "checked_at": "2026-06-01T00:00:00Z", "issuance_id": None,
            "key_method": None}


def fill(services: Services, record: OpenVault, surname: str) -> None:
    """Something of every kind that a family can have without anybody else's server."""
    environment = services.receiving.environment
    for category in ("transcript", "supplemental-achievement", "iep", "services"):
        record.add(CREDENTIAL, record_of(surname, category, category))
    first = record.entries(CREDENTIAL)[0]
    comments.comment(record, environment, first.id, comments.Draft(
        f"{surname} comment", f"{surname} mother", "en", travels=True))
    contributions.contribute(record, environment, contributions.Draft(
        "supplemental-achievement", "note", f"{surname} note", f"{surname} words", f"{surname} mother", "en"))
    about_me.say(record, environment, kind="strength", words=f"{surname} is kind", name=f"{surname} mother",
                 language="en")
    tracker.prepare(record, environment, kind="access", deadline="45-days", letter=tracker.Letter(
        f"{surname} Elementary", f"{surname} child", f"{surname} mother"))
    unverified.keep(record, environment, title=f"{surname} paper", note="", name=f"{surname}.csv",
                    media_type="text/csv", data=f"course,grade\n{surname},A\n".encode())
    assert rules.read_book(record) and activity.lines(record)
