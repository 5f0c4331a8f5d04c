"""Deleting a learner's whole backpack, and one's own account.

A backpack is deleted for everybody in it, so it needs two people wherever there is a second who decides (decisions
0013): another guardian, or the learner once they manage it together. Nobody leaves a record without anybody who
decides in it. What stays is the signed chain of who belonged to it, for 90 days, so that everybody's device can tell a
deletion from a loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from credkit.environment import Environment
from credkit.errors import StateError
from wallet.services import activity, authority
from wallet.services.people.host import Host
from wallet.services.people.people import People
from wallet.services.record.items import CREDENTIAL, GRANT, INVITATION, SHARE
from wallet.store import Store
from wallet.vault import OpenVault
from wallet.vault.ending import delete_party, end_record, ended_records, forget, leave
from wallet.vault.letters import token_id
from wallet.vault.methods import guardians

_MAY_NOT = "You may not do this in this backpack. Nothing was changed."


@dataclass(frozen=True)
class RecordGoing:
    """What would go with a record.

    Attributes:
        label: What the unlocked party calls the learner; None for its own record.
        records: How many records are in it; ``shares``: how many links and files were handed out from it.
        others: How many other people lose it.
        second: Whether a second person has to agree.
    """

    label: str | None
    records: int
    shares: int
    others: int
    second: bool


@dataclass(frozen=True)
class AccountGoing:
    """What would become of everything one belongs to.

    Attributes:
        stuck: The records that would have nobody to decide in them; the account stays until that is settled.
        left: The records that go on without this party.
        own: How many records of its own would be deleted.
        helps: How many other people lose a helper for a lost passphrase.
    """

    stuck: tuple[str, ...]
    left: tuple[str, ...]
    own: int
    helps: int


@dataclass(frozen=True)
class Ending:
    """The use cases of deleting whole records and accounts over one environment."""

    environment: Environment
    store: Store
    host: Host
    people: People

    # A whole record ---------------------------------------------------------------------------------------------------

    def look_at_record(self, vault: OpenVault) -> RecordGoing:
        """What would go.

        Raises:
            StateError: the party may not decide this here.
        """
        self._check_may_end(vault)
        return self.count(vault)

    def count(self, vault: OpenVault) -> RecordGoing:
        """What would go, for whoever is inside."""
        return RecordGoing(vault.label, len(vault.entries(CREDENTIAL)), len(vault.entries(SHARE)),
                           len(vault.members()) - 1, self.needs_second(vault))

    def needs_second(self, vault: OpenVault) -> bool:
        """Whether somebody else decides here too, who then has to agree."""
        return any(True for _party_id in self._seconds(vault))

    def may_agree(self, vault: OpenVault) -> bool:
        """Whether the unlocked party's word counts on this."""
        now = self.environment.clock.now()
        circle = authority.circle(vault, now)
        mine = circle.standing(vault.party_id)
        return mine.may("people") or (mine.member.kind == "learner" and circle.stage != "child")

    def end(self, vault: OpenVault) -> None:
        """Delete the record now.

        Raises:
            StateError: the party may not, or a second person has to agree first.
        """
        self._check_may_end(vault)
        if self.needs_second(vault):
            raise StateError("Somebody else has to agree to this.")
        self.end_agreed(vault)

    def end_agreed(self, vault: OpenVault) -> None:
        """Delete the record on the word of everybody who is needed."""
        if not self.may_agree(vault) or not vault.members()[vault.party_id].steward:
            raise StateError(_MAY_NOT)
        self._void(vault)
        end_record(vault, self.environment.clock.now())

    def _check_may_end(self, vault: OpenVault) -> None:
        authority.check(vault, "people", self.environment.clock.now())
        if not vault.members()[vault.party_id].steward:
            raise StateError(_MAY_NOT)

    def _seconds(self, vault: OpenVault) -> Iterator[str]:
        circle = authority.circle(vault, self.environment.clock.now())
        if circle.stage == "owner":
            return
        for party_id, standing in circle.standings.items():
            learner_decides = standing.member.kind == "learner" and circle.stage == "co-manager"
            if party_id != vault.party_id and (standing.may("people") or learner_decides):
                yield party_id

    def _void(self, vault: OpenVault) -> None:
        """What outsiders were given ends: signed permissions, invitations."""
        for entry in vault.entries(GRANT):
            if entry.summary["state"] == "active" and entry.summary["position"] is not None:
                self.host.revoke(entry.summary["position"])
        for entry in vault.entries(INVITATION):
            self.store.delete_invitation(token_id(vault.read(entry.id, INVITATION).body["token"]))

    # One's own account ------------------------------------------------------------------------------------------------

    def look_at_account(self, vault: OpenVault) -> AccountGoing:
        """What would become of everything."""
        personal = vault.personal()
        learners = personal.learners()
        stuck = tuple(each.label for each in learners if self._is_last(personal.for_learner(each.owner_id)))
        return AccountGoing(stuck, tuple(each.label for each in learners if each.label not in stuck),
                            len(personal.entries(CREDENTIAL)),
                            len(self.store.slots_naming(vault.party_id, guardians.NAME)))

    def delete_account(self, vault: OpenVault) -> None:
        """Delete the unlocked party: it leaves the records of others, its own record and its ways in are deleted.

        Pages and commands ask for the passphrase first.

        Raises:
            StateError: a record would be left without anybody who decides in it; nothing was changed.
        """
        personal = vault.personal()
        if self.look_at_account(personal).stuck:
            raise StateError("You are the only one who decides in a backpack. Delete it first, or let somebody in who "
                             "takes your place. Nothing was deleted.")
        for learner in personal.learners():
            self._leave(personal.for_learner(learner.owner_id))
        self._void(personal)
        end_record(personal, self.environment.clock.now())
        delete_party(personal)

    def _is_last(self, vault: OpenVault) -> bool:
        """Whether nobody else decides in a record, or keeps it for the grown learner who has not come yet (G07)."""
        circle = authority.circle(vault, self.environment.clock.now())
        waits = circle.stage == "owner" and circle.members[vault.party_id].kind == "guardian"
        return not any(standing.may("people") or (waits and standing.member.steward)
                       for party_id, standing in circle.standings.items() if party_id != vault.party_id)

    def _leave(self, vault: OpenVault) -> None:
        activity.log(vault, self.environment.clock, "left", {"name": self.people.my_name(vault)})
        for entry in vault.entries(GRANT):
            if entry.summary["holder_party"] == vault.party_id and entry.summary["state"] == "active":
                item = vault.read(entry.id, GRANT)
                self.host.revoke(item.body["position"])
                if vault.members()[vault.party_id].scope.decides:  # a helper changes nothing of what others signed
                    vault.replace(item, {**item.body, "state": "ended"})
        for entry in vault.entries(INVITATION):
            if entry.summary["actor"] == vault.party_id:
                self.store.delete_invitation(token_id(vault.read(entry.id, INVITATION).body["token"]))
        leave(vault, self.environment.clock.now())

    # What others find -------------------------------------------------------------------------------------------------

    def note_ended(self, vault: OpenVault) -> tuple[str, ...]:
        """Note in the party's own log that records it belonged to were deleted, once; returns their labels."""
        personal = vault.personal()
        gone = ended_records(personal)
        for learner in gone:
            activity.log(personal, self.environment.clock, "ended", {"name": learner.label})
            forget(personal, learner.owner_id)
        return tuple(learner.label for learner in gone)
