"""The hand-over: at 18, or on entering college, the record becomes the learner's own (FERPA; security.md G07).

From that midnight the guardians' rights are over, whether or not the learner has come; nothing is deleted, and what
guardians still hold the keys to waits for the learner. A court order that reaches further stays in force. Taking over
is the learner's own step: it ends every grant the guardians gave, and what the learner grants anew is the learner's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.profiles.family import LearnerLink, build_grant, build_learner_link
from credkit.shape import format_date_time
from wallet.services import activity, authority
from wallet.services.people.ages import NOTICE, hand_over_at, stage_of
from wallet.services.people.host import Host
from wallet.services.record.items import COMMENT, GRANT, HANDED_OVER, LEARNER
from wallet.services.signing import new_urn, sign
from wallet.vault import OpenVault

Notice = Literal["none", "soon", "due", "done"]


@dataclass(frozen=True)
class Coming:
    """Where the hand-over stands.

    Attributes:
        at: When it is (or was) due; None if nobody told the birth date.
        notice: ``soon`` in the 90 days before, ``due`` from the day on until the learner takes over, then ``done``.
        has_key: Whether the learner has a login of their own.
    """

    notice: Notice
    at: datetime | None
    has_key: bool


@dataclass(frozen=True)
class HandOver:
    """The use cases of the hand-over over one environment."""

    environment: Environment
    host: Host

    def coming(self, vault: OpenVault) -> Coming:
        """Where it stands, for everybody inside to see; nothing in a record of one's own."""
        entry = next(iter(vault.known(LEARNER)), None)
        if entry is None or vault.owner_id == vault.party_id:
            return Coming("none", None, has_key=True)
        at, now = hand_over_at(entry.summary), self.environment.clock.now()
        has_key = any(member.kind == "learner" for member in vault.members().values())
        if vault.entries(HANDED_OVER):
            return Coming("done", at, has_key)
        if at is None or now < at - NOTICE:
            return Coming("none", at, has_key)
        return Coming("due" if at <= now else "soon", at, has_key)

    def take_over(self, vault: OpenVault) -> None:
        """The learner takes the record over.

        Guardians without a court order go out of the record, grants end and are on the host's list, and a statement
        signed by the learner's key links the name the child had to it. Broken off at any point, it can be done again.

        Raises:
            StateError: it is not the learner, it is not time yet, or it is done.
        """
        now = self.environment.clock.now()
        circle = authority.circle(vault, now)
        if circle.members[vault.party_id].kind != "learner" or circle.stage != "owner":
            raise StateError("It is not time yet. Nothing was changed.")
        if vault.entries(HANDED_OVER):
            raise StateError("This record is yours already.")
        statement = sign(build_learner_link(
            LearnerLink(vault.learner_urn, vault.party_did, new_urn(self.environment.randomness), now),
            issuer=vault.party_did), vault.party_signer, self.environment)
        staying = {party_id for party_id, standing in circle.standings.items() if standing.member.kind == "learner"
                   or any(grant.basis == "court-order" for grant in standing.grants)}
        self._renew_grants(vault, staying)
        for party_id in circle.members.keys() - staying:
            vault.remove(party_id, now)
        vault.add(HANDED_OVER, {"at": format_date_time(now), "actor": vault.party_id, "credential": statement})
        vault.rewrap()
        activity.log(vault, self.environment.clock, "handed_over", {"state": "done"})

    def _renew_grants(self, vault: OpenVault, staying: set[str]) -> None:
        """End every grant of others; what a court ordered for who stays is signed anew before, by the learner."""
        active = [entry for entry in vault.entries(GRANT) if entry.summary["state"] == "active"]
        mine = [authority.grant_of(entry.summary) for entry in active if entry.summary["issuer"] == vault.party_did]
        for entry in active:
            if entry.summary["issuer"] == vault.party_did:
                continue
            item, old = vault.read(entry.id, GRANT), authority.grant_of(entry.summary)
            done = any(authority.says_the_same(each, old) for each in mine)
            if entry.summary["holder_party"] in staying and not done:
                grant, position = replace(old, id=new_urn(self.environment.randomness)), self.host.take_position()
                document = sign(build_grant(grant, issuer=vault.party_did, status_entry=self.host.entry(position)),
                                vault.party_signer, self.environment)
                vault.add(GRANT, {**item.body, "credential": document, "position": position, "vouchers": []})
            self.host.revoke(item.body["position"])
            vault.replace(item, {**item.body, "state": "ended"})

    def to_review(self, vault: OpenVault) -> int:
        """How many comments of others travel with the record and wait for the new owner's look."""
        return sum(1 for entry in vault.entries(COMMENT)
                   if entry.summary["travels"] and entry.summary["author"] != vault.party_id)

    def stage(self, vault: OpenVault) -> str:
        """``child``, ``co-manager`` or ``owner``."""
        entry = next(iter(vault.known(LEARNER)), None)
        return "owner" if entry is None else stage_of(entry.summary, self.environment.clock.now())
