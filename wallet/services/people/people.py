"""People of a learner's record: who is invited, confirmed by words read aloud, admitted with a signed grant.

An invitation is a letter sealed under a token that travels as a link or code. Who opens it makes or unlocks a key of
their own and answers; both then compare eight words that stand for both keys, and only then is anything shared with the
newcomer (security.md G01). What they may do is a signed credential, on the wallet host's list of taken-back ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from credkit.encoding import sha256
from credkit.environment import Environment
from credkit.errors import RangeValueError, SealBroken, StateError
from credkit.ports import JSONObject
from credkit.profiles.family import BASES, RIGHTS, ROLES, Grant, build_grant
from credkit.shape import format_date_time, parse_date_time
from wallet.services import activity, authority
from wallet.services.people.host import Host
from wallet.services.people.spelling import spell
from wallet.services.record.items import ADMISSION, GRANT, INVITATION, LEARNER
from wallet.services.sharing.grants import vouchers
from wallet.services.signing import new_urn, sign
from wallet.store import InvitationRow, Store
from wallet.vault import DECIDES, Member, OpenVault, Scope
from wallet.vault.letters import new_token, open_letter, seal_letter, token_id

GUARDIAN_RIGHTS: Final = frozenset({"full", "people", "recovery"})
INVITATION_LIFETIME: Final = timedelta(hours=72)
_COMING_BACK: Final = timedelta(days=90)
"""For so long somebody admitted may stay away before their first visit."""
_WORDS: Final = 8
_LONGEST_NAME: Final = 100
State = Literal["open", "answered", "admitted", "over"]


@dataclass(frozen=True)
class Draft:
    """What somebody is invited to.

    Attributes:
        name: What the inviter calls them.
        role: One of ``ROLES``, or ``learner`` for the learner's own key.
        until: End of the rights; required of everybody but guardians and the learner.
        evidence: A plain sentence naming the paper, or None.
    """

    name: str
    role: str
    rights: frozenset[str]
    basis: str
    until: datetime | None
    evidence: str | None = None


@dataclass(frozen=True)
class Invitation:
    """An invitation as the inviter sees it; ``words`` are there once it is answered: (English, Spanish) each."""

    item_id: str
    token: str
    draft: Draft
    state: State
    expires_at: datetime
    answered_by: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Letter:
    """An invitation as the invited person sees it."""

    learner: str
    inviter: str
    draft: Draft
    state: State
    expires_at: datetime


@dataclass(frozen=True)
class Person:
    """Somebody who belongs to the record now.

    Attributes:
        role: A grant's role, or ``learner``.
        rights: What they may do now, court limits counted.
        until: The end of the latest grant, None if it is open.
        limited: Whether a court forbids them something; who is limited is not told so (security.md G05), although the
            limit lies in reach of their key, for it binds their session too.
    """

    party_id: str
    name: str
    role: str
    rights: frozenset[str]
    basis: str
    until: datetime | None
    evidence: str | None
    since: str
    is_me: bool
    limited: bool


@dataclass(frozen=True)
class About:
    """Who the learner is, as the family says; ``birth_date`` ``YYYY-MM-DD`` or empty."""

    name: str
    birth_date: str
    time_zone: str
    language: str
    college_from: str = ""


@dataclass(frozen=True)
class People:
    """The use cases about people over one environment."""

    environment: Environment
    store: Store
    host: Host

    # The learner ------------------------------------------------------------------------------------------------------

    def add_learner(self, vault: OpenVault, about: About, *, basis: str, evidence: str | None = None) -> OpenVault:
        """Begin a child's record, with the unlocked party as guardian by its own word.

        Raises:
            RangeValueError: no name, or a basis that makes no guardian.
        """
        _check_name(about.name)
        now = self.environment.clock.now()

        def fill(founded: OpenVault) -> None:
            grant = Grant(new_urn(self.environment.randomness), "guardian", founded.party_did, founded.learner_urn,
                          GUARDIAN_RIGHTS, basis, now, None, evidence)
            self._add_grant(founded, founded.party_id, self._my_name(vault), grant)
            founded.add(LEARNER, vars(about) | {"by": founded.party_id})
            activity.log(founded, self.environment.clock, "learner", {"name": about.name})

        return vault.found_learner(about.name, now, fill)

    def describe(self, vault: OpenVault) -> About | None:
        """Who the learner is; None in a record of one's own that nobody has named."""
        entry = next(iter(vault.entries(LEARNER)), None)
        if entry is None:
            return None
        body = vault.read(entry.id, LEARNER).body
        return About(**{name: body.get(name) or "" for name in About.__dataclass_fields__})

    def change_learner(self, vault: OpenVault, about: About) -> None:
        """Change what the family says of the learner.

        Raises:
            StateError: the party may not. RangeValueError: no name.
        """
        _check_name(about.name)
        authority.check(vault, "people", self.environment.clock.now())
        entry = next(iter(vault.entries(LEARNER)), None)
        if entry is None:
            vault.add(LEARNER, vars(about) | {"by": vault.party_id})
        else:
            vault.replace(vault.read(entry.id, LEARNER), vars(about) | {"by": vault.party_id})
        activity.log(vault, self.environment.clock, "learner", {"name": about.name})

    def my_name(self, vault: OpenVault) -> str:
        """What the unlocked party calls itself, empty if it never said."""
        return self._my_name(vault)

    def set_my_name(self, vault: OpenVault, name: str) -> None:
        """Keep what the party calls itself, in its own space."""
        _check_name(name)
        personal = vault.personal()
        entry = next((entry for entry in personal.entries(ADMISSION) if entry.summary["state"] == "me"), None)
        body = {"state": "me", "name": name}
        if entry is None:
            personal.add(ADMISSION, body)
        else:
            personal.replace(personal.read(entry.id, ADMISSION), body)

    @staticmethod
    def _my_name(vault: OpenVault) -> str:
        return next((entry.summary["name"] for entry in vault.personal().entries(ADMISSION)
                     if entry.summary["state"] == "me"), "")

    # Inviting ---------------------------------------------------------------------------------------------------------

    def invite(self, vault: OpenVault, draft: Draft) -> str:
        """Write the letter; returns its token, which the link carries.

        Raises:
            StateError: the party may not invite, or gives more than it has.
            RangeValueError: no name, an unknown role, right or basis, or rights without an end.
        """
        now = self.environment.clock.now()
        self._check_may_invite(vault, draft, now)
        self._check_draft(vault, draft, now)
        token, expires = new_token(self.environment.randomness), now + INVITATION_LIFETIME
        about = self.describe(vault)
        letter = {
            "owner_id": vault.owner_id, "root_key": vault.root_key, "root_party": vault.root_party,
            "learner": about.name if about else "", "inviter": self._my_name(vault), "draft": _plain(draft)}
        self.store.add_invitation(InvitationRow(
            token_id(token), "open", None, seal_letter(token, letter, self.environment.randomness),
            int(expires.timestamp())), now=int(now.timestamp()))
        vault.add(INVITATION, {"token": token, "draft": _plain(draft), "name": draft.name, "role": draft.role,
                               "expires_at": format_date_time(expires), "actor": vault.party_id})
        activity.log(vault, self.environment.clock, "invited", {"name": draft.name, "state": draft.role})
        return token

    @staticmethod
    def _check_may_invite(vault: OpenVault, draft: Draft, now: datetime) -> None:
        """Who decides about people; and any guardian the grown learner, whose key nobody else could bring (G07)."""
        circle = authority.circle(vault, now)
        without_key = all(member.kind != "learner" for member in circle.members.values())
        if not (draft.role == "learner" and circle.stage == "owner" and without_key
                and circle.members[vault.party_id].steward):
            authority.check(vault, "people", now)

    def _check_draft(self, vault: OpenVault, draft: Draft, now: datetime) -> None:
        _check_name(draft.name)
        if draft.role == "learner":
            return
        grant = Grant("urn:uuid:00000000-0000-4000-8000-000000000000", draft.role, vault.party_did, vault.learner_urn,
                      draft.rights, draft.basis, now, draft.until, draft.evidence)
        if draft.role not in ROLES or draft.basis not in BASES or not draft.rights <= frozenset(RIGHTS):
            raise RangeValueError("choose a role, what they may do, and why")
        build_grant(grant, issuer=vault.party_did, status_entry=None)
        mine = authority.circle(vault, now).standing(vault.party_id)
        if not all(mine.may(right) for right in draft.rights):
            raise StateError("You cannot give more than you may do yourself.")

    def invitations(self, vault: OpenVault) -> tuple[Invitation, ...]:
        """The invitations to this record that wait, oldest first."""
        found = []
        for entry in vault.entries(INVITATION):
            invitation = self._read(vault, entry.id)
            if invitation is not None:
                found.append(invitation)
        return tuple(sorted(found, key=lambda each: (each.expires_at, each.item_id)))

    def _read(self, vault: OpenVault, item_id: str) -> Invitation | None:
        body = vault.read(item_id, INVITATION).body
        row = self._row(body["token"])
        if row is None:
            return None
        letter = open_letter(body["token"], row.sealed)
        answer = letter.get("answer")
        words = self._words(vault.owner_id, vault.root_key, answer) if answer else ()
        return Invitation(item_id, body["token"], _draft(body["draft"]), _state(row), _moment(row.expires_at),
                          answer["name"] if answer else "", words)

    def withdraw(self, vault: OpenVault, item_id: str) -> None:
        """Take an invitation back.

        Raises:
            StateError: there is none, or the party may not.
        """
        item = vault.read(item_id, INVITATION)
        self._check_may_invite(vault, _draft(item.body["draft"]), self.environment.clock.now())
        row = self._row(item.body["token"])
        if row is not None and row.state != "admitted":
            self.store.move_invitation(replace(row, state="over"), was=row.state)
        vault.delete(item)

    # Joining ----------------------------------------------------------------------------------------------------------

    def peek(self, token: str) -> Letter:
        """The letter behind a link, before anybody has answered; it names who invites, by the inviter's word.

        Raises:
            StateError: it is used up, withdrawn or too old.
        """
        row = self._row(token)
        if row is None or row.state == "over":
            raise StateError("This invitation is used up or too old. Ask who invited you for a new one.")
        letter = open_letter(token, row.sealed)
        return Letter(letter["learner"], letter["inviter"], _draft(letter["draft"]), _state(row),
                      _moment(row.expires_at))

    def answer(self, vault: OpenVault, token: str, name: str) -> tuple[tuple[str, str], ...]:
        """Say yes to an invitation; returns the words to compare with the inviter.

        Args:
            vault: The newcomer's own space.
            name: What the newcomer calls themself.

        Raises:
            StateError: it is used up, too old, or answered by somebody else.
        """
        _check_name(name)
        row = self._row(token)
        if row is None or row.state != "open":
            raise StateError("This invitation is used up or too old. Ask who invited you for a new one.")
        letter = open_letter(token, row.sealed)
        if self._decides(vault, letter["owner_id"]):
            raise StateError("You decide in this backpack already. The invitation is for somebody else.")
        me = vault.personal().me
        letter["answer"] = {"party_id": vault.party_id, "opening_key": me.opening_key, "signing_key": me.signing_key,
                            "name": name}
        sealed = seal_letter(token, letter, self.environment.randomness)
        if not self._my_name(vault):
            self.set_my_name(vault, name)
        if all(body["token"] != token for body, _words in self._answered(vault)):
            vault.personal().add(ADMISSION, {
                "state": "answered", "token": token, "owner_id": letter["owner_id"], "root_key": letter["root_key"],
                "root_party": letter["root_party"], "name": letter["learner"]})
        if not self.store.move_invitation(replace(row, state="answered", party_id=vault.party_id, sealed=sealed),
                                          was="open"):
            raise StateError("This invitation is used up or too old. Ask who invited you for a new one.")
        return self._words(letter["owner_id"], letter["root_key"], letter["answer"])

    @staticmethod
    def _decides(vault: OpenVault, owner_id: str) -> bool:
        """Whether the party is one of those who decide in a record: it shall not answer its own invitation there."""
        try:
            members = vault.for_learner(owner_id).members()
        except StateError:
            return False
        return vault.party_id in members and members[vault.party_id].steward

    def words_of(self, vault: OpenVault, token: str) -> tuple[tuple[str, str], ...]:
        """The words to read aloud for one invitation that this party answered and that waits; none if it did not."""
        return next((words for body, words in self._answered(vault) if body["token"] == token), ())

    def my_words(self, vault: OpenVault) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """For each invitation this party answered and that waits: the learner's name and the words to read aloud."""
        return tuple((str(body["name"]), words) for body, words in self._answered(vault))

    def _answered(self, vault: OpenVault) -> Iterator[tuple[JSONObject, tuple[tuple[str, str], ...]]]:
        me, personal = vault.personal().me, vault.personal()
        answer = {"party_id": vault.party_id, "opening_key": me.opening_key, "signing_key": me.signing_key}
        for entry in personal.entries(ADMISSION):
            if entry.summary["state"] == "answered":
                body = personal.read(entry.id, ADMISSION).body
                yield body, self._words(body["owner_id"], body["root_key"], answer)

    def join(self, vault: OpenVault) -> tuple[str, ...]:
        """Follow the records to which this party was admitted since; returns their owner ids.

        The key that founded the record is the one in the letter whose words were compared, never the database's.
        """
        personal, joined = vault.personal(), []
        for entry in personal.entries(ADMISSION):
            if entry.summary["state"] != "answered":
                continue
            item = personal.read(entry.id, ADMISSION)
            row = self._row(item.body["token"])
            if row is not None and row.state == "admitted":
                if item.body["owner_id"] not in (learner.owner_id for learner in personal.learners()):
                    personal.follow(item.body["owner_id"], item.body["root_party"], item.body["root_key"],
                                    item.body["name"])
                joined.append(str(item.body["owner_id"]))
            if row is None or row.state in ("admitted", "over"):
                personal.delete(item)
        return tuple(joined)

    def arrive(self, vault: OpenVault) -> None:
        """What is due when somebody has unlocked: ``join``, and what others changed takes effect.

        A helper's choice of what may be shared, or a grant that has ended, takes keys from others as soon as somebody
        comes who decides here. A record that is not in order is left as it is: whoever looks at it is told.

        Raises:
            SealBroken, OlderCopy: the party's own space is not in order.
        """
        self.join(vault)
        with suppress(SealBroken):
            for learner in vault.learners():
                with suppress(SealBroken, StateError):
                    vault.for_learner(learner.owner_id).rewrap()

    # Admitting --------------------------------------------------------------------------------------------------------

    def confirm(self, vault: OpenVault, item_id: str) -> None:
        """Admit who answered: the words were the same. Signs the grant and shares what it entitles to.

        Broken off at any point, it can be done again: what is done by then is not done twice.

        Raises:
            StateError: nobody has answered, the party may not, or somebody confirmed already.
        """
        now = self.environment.clock.now()
        item = vault.read(item_id, INVITATION)
        row, draft = self._row(item.body["token"]), _draft(item.body["draft"])
        self._check_may_invite(vault, draft, now)
        if row is not None and row.state == "admitted":
            vault.delete(item)
            return
        if row is None or row.state != "answered":
            raise StateError("Nobody has answered this invitation yet.")
        answer = open_letter(item.body["token"], row.sealed)["answer"]
        self._check_draft(vault, draft, now)
        self._admit(vault, answer, draft, now)
        vault.rewrap()
        activity.log(vault, self.environment.clock, "admitted", {"name": answer["name"], "state": draft.role})
        known_until = int((now + _COMING_BACK).timestamp())
        self.store.move_invitation(replace(row, state="admitted", expires_at=known_until), was="answered")
        vault.delete(vault.read(item_id, INVITATION))

    def _admit(self, vault: OpenVault, answer: JSONObject, draft: Draft, now: datetime) -> None:
        kind: Literal["learner", "guardian", "delegate"] = (
            "learner" if draft.role == "learner" else "guardian" if draft.role == "guardian" else "delegate")
        steward = kind == "learner" or (kind == "guardian" and "people" in draft.rights)
        scope = self._scope(vault, answer["party_id"], kind, draft.rights, now)
        present = vault.members().get(answer["party_id"])
        if present is None or (present.kind, present.steward, present.scope) != (kind, steward, scope):
            if present is not None and present.steward:
                raise StateError("You decide in this backpack already. The invitation is for somebody else.")
            vault.admit(answer["party_id"], kind, opening_key=answer["opening_key"],
                        signing_key=answer["signing_key"], steward=steward, now=now, scope=scope)
        if kind == "learner":
            return
        grant = Grant(new_urn(self.environment.randomness), draft.role, f"did:key:{answer['signing_key']}",
                      vault.learner_urn, draft.rights, draft.basis, now, draft.until, draft.evidence)
        held = authority.circle(vault, now).standing(answer["party_id"]).grants
        if not any(authority.says_the_same(each, grant) for each in held):
            self._add_grant(vault, answer["party_id"], answer["name"], grant)

    @staticmethod
    def _scope(vault: OpenVault, party_id: str, kind: str, rights: frozenset[str], now: datetime) -> Scope:
        """What somebody admitted with ``rights`` may write, with what was granted before."""
        if kind != "delegate":
            return DECIDES
        circle = authority.circle(vault, now)
        before = circle.standing(party_id).grants if party_id in circle.members else ()
        return authority.scope_of(rights.union(*(grant.rights for grant in before)))

    def _add_grant(self, vault: OpenVault, party_id: str, name: str, grant: Grant) -> None:
        position = self.host.take_position()
        document = sign(build_grant(grant, issuer=vault.party_did, status_entry=self.host.entry(position)),
                        vault.party_signer, self.environment)
        vault.add(GRANT, {"credential": document, "party_id": party_id, "name": name, "state": "active",
                          "position": position, "vouchers": vouchers(vault, grant, self.environment.clock.now())})

    def people(self, vault: OpenVault) -> tuple[Person, ...]:
        """Everybody who belongs to the record now, the learner first, then guardians, then others.

        A delegate sees itself and nobody else.
        """
        now = self.environment.clock.now()
        circle = authority.circle(vault, now)
        inside = circle.standing(vault.party_id).is_inside
        lines = {entry.summary["holder_party"]: entry.summary for entry in vault.entries(GRANT)
                 if entry.summary["holds"] and entry.summary["state"] == "active"}
        found = [self._person(vault, member, circle.standings[party_id], lines.get(party_id))
                 for party_id, member in circle.members.items() if inside or party_id == vault.party_id]
        order = {"learner": 0, "guardian": 1}
        return tuple(sorted(found, key=lambda person: (order.get(person.role, 2), person.since, person.party_id)))

    def names(self, vault: OpenVault) -> dict[str, str]:
        """Party id → name, of everybody this party may know of, those who are out by now included."""
        found = {str(entry.summary["holder_party"]): str(entry.summary["name"] or "")
                 for entry in vault.entries(GRANT)}
        return found | {person.party_id: person.name for person in self.people(vault) if person.name}

    def _person(self, vault: OpenVault, member: Member, standing: authority.Standing,
                line: JSONObject | None) -> Person:
        grant = authority.grant_of(line) if line else None
        about = self.describe(vault) if member.kind == "learner" else None
        name = about.name if about else str(line["name"]) if line else ""
        if member.party_id == vault.party_id:
            name = self._my_name(vault) or name
        return Person(
            member.party_id, name, grant.role if grant else member.kind,
            frozenset(right for right in RIGHTS if standing.may(right)), grant.basis if grant else "",
            grant.valid_until if grant else None, grant.evidence if grant else None, member.since,
            member.party_id == vault.party_id, bool(standing.limits) and member.party_id != vault.party_id)

    # Words ------------------------------------------------------------------------------------------------------------

    @staticmethod
    def _words(owner_id: str, root_key: str, answer: JSONObject) -> tuple[tuple[str, str], ...]:
        parts = ("backpack-words-v1", owner_id, root_key, answer["party_id"], answer["opening_key"],
                 answer["signing_key"])
        return spell(sha256("\n".join(parts).encode())[:_WORDS])

    def _row(self, token: str) -> InvitationRow | None:
        try:
            return self.store.invitation(token_id(token), now=int(self.environment.clock.now().timestamp()))
        except SealBroken:
            return None


def _check_name(name: str) -> None:
    if not 1 <= len(name.strip()) <= _LONGEST_NAME:
        raise RangeValueError("a name has 1 to 100 characters")


def _plain(draft: Draft) -> JSONObject:
    return {"name": draft.name, "role": draft.role, "rights": sorted(draft.rights), "basis": draft.basis,
            "until": None if draft.until is None else format_date_time(draft.until), "evidence": draft.evidence}


def _draft(plain: JSONObject) -> Draft:
    until = plain["until"]
    return Draft(plain["name"], plain["role"], frozenset(plain["rights"]), plain["basis"],
                 None if until is None else parse_date_time(until), plain["evidence"])


def _state(row: InvitationRow) -> State:
    return next(state for state in ("open", "answered", "admitted", "over") if state == row.state)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
