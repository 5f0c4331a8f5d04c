"""Getting back in without the passphrase, with the help of people one has chosen (security.md H04, G02).

Some of the chosen have to agree, each after at least 72 hours, to a request that shows its own eight words. The account
hears of it at its next page and can stop it. Only whoever holds the request's code can read what the helpers release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from credkit.encoding import base64url_encode
from credkit.environment import Environment
from credkit.errors import StateError, WrongSecret
from wallet.services import activity
from wallet.services.people.spelling import Words, spell
from wallet.store import RecoveryRow, SlotRow, Store
from wallet.vault import Member, OpenVault, Unlocked, Vault
from wallet.vault.guarding import (
    HeldShare,
    fingerprint,
    held_share,
    put_together,
    release,
    request_id,
    requester_key,
    share_out,
)
from wallet.vault.methods import guardians, recovery_kit
from wallet.vault.parties import new_slot_id
from wallet.vault.ways import Ways

DELAY: Final = timedelta(hours=72)
LIFETIME: Final = timedelta(days=14)
_MOST_WAITING: Final = 5
_NOT_YET: Final = "There is nothing to open with this code now."


@dataclass(frozen=True)
class Asked:
    """A request that was just made; ``code`` is shown once. ``words``: (English, Spanish) each."""

    code: str
    words: Words
    ready_at: datetime


@dataclass(frozen=True)
class Request:
    """A request as the helpers and the account see it.

    Attributes:
        name: Whom it would open, as that person called themself.
        mark: Stands for the words, for the form that answers them.
        ready_at: Before this nobody can agree.
        agreed: Whether this helper has; ``count`` of ``threshold`` have.
    """

    id: str
    name: str
    words: Words
    mark: str
    asked_at: datetime
    ready_at: datetime
    agreed: bool
    count: int
    threshold: int


@dataclass(frozen=True)
class Helper:
    """Somebody who could be chosen: a member of a record that one belongs to."""

    member: Member
    name: str


@dataclass(frozen=True)
class Recovery:
    """The use cases about helpers over one environment."""

    environment: Environment
    store: Store
    vault: Vault

    # Choosing ---------------------------------------------------------------------------------------------------------

    def choose(self, vault: OpenVault, helpers: tuple[Helper, ...], threshold: int, present: str, *, name: str,
               client: str) -> None:
        """Let ``threshold`` of ``helpers`` together open the unlocked party, in place of those chosen before.

        Args:
            name: What the party calls itself; the helpers see it with a request.

        Raises:
            WrongSecret, TooManyTries: ``present`` is not the passphrase.
            RangeValueError: fewer than two are needed, or more than are chosen.
        """
        chosen = {helper.member.party_id: helper.member for helper in helpers
                  if helper.member.party_id != vault.party_id}
        slot_id = new_slot_id(self.environment.randomness)
        secret, shares = share_out(vault, slot_id, chosen, threshold, name, self.environment.randomness)
        Ways(self.vault).set_guardians(vault, present, shares, slot_id=slot_id, threshold=threshold, secret=secret,
                                       client=client)
        activity.log(vault.personal(), self.environment.clock, "recovery", {
            "state": "chosen", "name": ", ".join(helper.name for helper in helpers)})

    def candidates(self, vault: OpenVault, names_in: Callable[[OpenVault], Mapping[str, str]]) -> tuple[Helper, ...]:
        """Everybody beside oneself who belongs to a record that one belongs to, by name.

        Args:
            names_in: Record → party id → name, of those whom one may know there.
        """
        found: dict[str, Helper] = {}
        for space in (vault.personal(), *(vault.for_learner(learner.owner_id) for learner in vault.learners())):
            names = names_in(space)
            for party_id, member in space.members().items():
                if party_id != vault.party_id and not (party_id in found and found[party_id].name):
                    found[party_id] = Helper(member, names.get(party_id, ""))
        return tuple(sorted(found.values(), key=lambda helper: (helper.name.casefold(), helper.member.party_id)))

    # Asking -----------------------------------------------------------------------------------------------------------

    def ask(self, login: str) -> Asked:
        """Ask the helpers of whoever signs in with ``login``. A name that nobody has gets the same answer."""
        now = self.environment.clock.now()
        asked_at = int(now.timestamp())
        while True:
            code = recovery_kit.new_code(self.environment.randomness)
            secret = recovery_kit.secret_of(code)
            if not request_id(secret).startswith("-"):  # a command would take it for an option
                break
        party_id = self.vault.party_called(login) or new_slot_id(self.environment.randomness)
        key = requester_key(secret)
        if self._slot(party_id) is not None:
            row = RecoveryRow(request_id(secret), party_id, key, asked_at, int((now + LIFETIME).timestamp()))
            self.store.add_recovery(row, most=_MOST_WAITING)
        return Asked(code, spell(fingerprint(party_id, key, asked_at)), _moment(asked_at) + DELAY)

    def open(self, code: str, new: str, *, client: str) -> Unlocked:
        """Open with what the helpers have released, and set a new passphrase; other sessions end.

        Raises:
            MistypedCode: the code cannot be right.
            StateError: there is no such request, it was stopped, it is too early, or too few have agreed: one answer.
            RangeValueError: ``new`` is quickly guessed; nothing was changed.
            TooManyTries: too many tries.
        """
        secret = recovery_kit.secret_of(code)
        attempt = self.vault.count_try("request", client)
        row = self.store.recovery(request_id(secret), now=self._now())
        slot = self._slot(row.party_id) if row else None
        if row is None or slot is None or self._ready(row) > self.environment.clock.now():
            raise StateError(_NOT_YET)
        try:
            together = put_together(slot, row.id, self.store.releases(row.id), secret)
            unlocked = Ways(self.vault).open_with_guardians(slot, together, new)
        except WrongSecret as error:
            raise StateError(_NOT_YET) from error
        self.store.end_recovery(row.id)
        self.store.forgive(attempt)
        activity.log(unlocked.vault.personal(), self.environment.clock, "recovery", {"state": "opened"})
        return unlocked

    # Helping ----------------------------------------------------------------------------------------------------------

    def holds_for(self, vault: OpenVault) -> tuple[HeldShare, ...]:
        """For whom the unlocked party holds a share."""
        return tuple(held for _slot, held in self._held(vault))

    def _held(self, vault: OpenVault) -> list[tuple[SlotRow, HeldShare]]:
        found = [(slot, held_share(vault, slot)) for slot in self.store.slots_naming(vault.party_id, guardians.NAME)]
        return [(slot, held) for slot, held in found if held is not None]

    def requests(self, vault: OpenVault) -> tuple[Request, ...]:
        """The requests that the unlocked party could agree to, oldest first."""
        if not self.store.anybody_asks(now=self._now()):
            return ()
        held = {share.party_id: share for share in self.holds_for(vault)}
        return tuple(self._request(row, held[row.party_id], vault.party_id)
                     for row in self.store.recoveries(tuple(held), now=self._now()))

    def _request(self, row: RecoveryRow, held: HeldShare, party_id: str) -> Request:
        releases = self.store.releases(row.id)
        print_of = fingerprint(row.party_id, row.opening_key, row.asked_at)
        return Request(row.id, held.name, spell(print_of), base64url_encode(print_of), _moment(row.asked_at),
                       self._ready(row), party_id in releases, len(releases), held.threshold)

    def agree(self, vault: OpenVault, recovery_id: str, mark: str) -> None:
        """Release the unlocked party's share to a request whose words were compared.

        Args:
            mark: Of the request whose words were shown; another key under the same id gets nothing.

        Raises:
            StateError: there is no such request for this party, or it is too early.
        """
        row = self.store.recovery(recovery_id, now=self._now())
        held = next((share for share in self.holds_for(vault) if row and share.party_id == row.party_id), None)
        if row is None or held is None or self._request(row, held, vault.party_id).mark != mark:
            raise StateError("There is nothing here under this name.")
        if self._ready(row) > self.environment.clock.now():
            raise StateError("It is too early. The other person has three days to say no.")
        self.store.add_release(row.id, vault.party_id, release(held, row.id, row.opening_key))
        activity.log(vault.personal(), self.environment.clock, "recovery", {"state": "agreed", "name": held.name})

    # Hearing of it ----------------------------------------------------------------------------------------------------

    def notices(self, vault: OpenVault) -> tuple[Request, ...]:
        """The requests to open the unlocked party itself, oldest first."""
        if not self.store.anybody_asks(now=self._now()):
            return ()
        slot = self._slot(vault.party_id)
        if slot is None:
            return ()
        circle = guardians.read_circle(slot.parameters)
        mine = HeldShare(vault.party_id, slot.id, "", circle.threshold, len(circle.shares), "")
        return tuple(self._request(row, mine, vault.party_id)
                     for row in self.store.recoveries((vault.party_id,), now=self._now()))

    def stop(self, vault: OpenVault, recovery_id: str) -> None:
        """Refuse a request to open the unlocked party; what helpers released for it is deleted.

        Raises:
            StateError: there is no such request.
        """
        if recovery_id not in (request.id for request in self.notices(vault)):
            raise StateError("There is nothing here under this name.")
        self.store.end_recovery(recovery_id)
        activity.log(vault.personal(), self.environment.clock, "recovery", {"state": "stopped"})

    def _slot(self, party_id: str) -> SlotRow | None:
        return next((slot for slot in self.store.slots(party_id) if slot.method == guardians.NAME), None)

    def _ready(self, row: RecoveryRow) -> datetime:
        return _moment(row.asked_at) + DELAY

    def _now(self) -> int:
        return int(self.environment.clock.now().timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
