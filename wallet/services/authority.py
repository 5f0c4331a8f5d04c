"""The one policy: who may do what with a learner's record, and who may open what in it (design.md, "Authority").

It is asked at unlock, at consent and at every read. What it goes by: the signed chain of members, the grants that
stewards signed, what a court forbids, the learner's age, and the hide rules. Nothing else in the wallet decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from credkit.environment import Environment
from credkit.errors import CredkitError, StateError
from credkit.ports import Clock, JSONObject
from credkit.profiles.family import (
    RIGHTS,
    CourtLimit,
    Grant,
    read_court_limit,
    read_grant,
)
from credkit.shape import format_date_time, id_of, parse_date_time
from credkit.verification import Outcome, Policy, verify_credential
from wallet.services.people.ages import Stage, stage_of
from wallet.services.record import rules
from wallet.services.record.items import (
    ACTIVITY,
    CONTRIBUTION,
    CREDENTIAL,
    EXCHANGE,
    GRANT,
    INVITATION,
    ISSUANCE,
    LEARNER,
    LIMIT,
    OFFER,
    RECEIPT,
    REQUEST,
    RULES,
    SHARE,
)
from wallet.vault import DECIDES, Entitle, Entry, Member, OpenVault, Scope

_CHILD: Final = frozenset(
    {right for right in RIGHTS if right.startswith("read:")} | {"contribute:portfolio", "comment"})
_CO_MANAGER: Final = _CHILD | {"share", "privacy-settings", "review"}
_BEYOND: Final = frozenset({"review", "contribute:portfolio", "contribute:profile"})
"""Things to do with a record that no grant names: they come with ``full``."""
_DECIDING: Final = frozenset({"proof", "shape", "vocabulary", "issuer-binding"})
_PERSONS: Final = ("author", "actor", "by", "received_by", "holder_party")


@dataclass(frozen=True)
class Standing:
    """What one member may do now.

    Attributes:
        owner: The member is the grown learner: everything is theirs to decide.
        grants: What stewards granted and still holds; ``limits``: what a court forbids.
    """

    member: Member
    owner: bool
    own_rights: frozenset[str]
    grants: tuple[Grant, ...]
    limits: tuple[CourtLimit, ...]
    now: datetime

    def may(self, right: str) -> bool:
        """Whether ``right`` is theirs now; what a court forbids wins over everything (security.md G05)."""
        if any(limit.blocks(_named(right), self.now) for limit in self.limits):
            return False
        if self.owner or right in self.own_rights:
            return True
        return any(grant.allows(_named(right), self.now) for grant in self.grants)

    @property
    def is_inside(self) -> bool:
        """Whether they see the record as its learner and guardians do, hide rules notwithstanding."""
        return self.owner or self.member.kind == "learner" or (self.member.kind == "guardian" and self.may("full"))

    def may_read(self, category: str, *, hidden: bool) -> bool:
        """Whether they may open a record of ``category``."""
        return self.may(f"read:{category}") and (self.member.kind != "delegate" or not hidden)


def _named(right: str) -> str:
    return "full" if right in _BEYOND else right


class Circle:
    """Everybody's standing in one learner's record at one moment; read once, asked often."""

    def __init__(self, vault: OpenVault, now: datetime) -> None:
        self._vault = vault
        self.now = now
        self.members = dict(vault.members())
        self._answers: dict[tuple[str, object, frozenset[str], object, bool], frozenset[str]] = {}

    @cached_property
    def stage(self) -> Stage:
        """How far the learner has come; a record of one's own is a grown person's."""
        if self._vault.owner_id == self._vault.party_id:
            return "owner"
        about = next((entry.summary for entry in self._vault.known(LEARNER)), None)
        return stage_of(about or {}, self.now)

    @cached_property
    def oversees(self) -> bool:
        """Whether the unlocked party knows everybody's grants. Who knows only its own takes stewards for entitled.

        A guardian still knows them when the learner is grown, and so can hand the keys over.
        """
        member = self.members[self._vault.party_id]
        if member.kind != "guardian":
            return member.kind == "learner"
        if any(limit.holder == member.did and limit.blocks("full", self.now) for limit in self._limits):
            return False
        founder = member.by == member.party_id and not self._grants
        return founder or any(grant.holder == member.did and grant.allows("full", self.now) for grant in self._grants)

    @cached_property
    def _grants(self) -> tuple[Grant, ...]:
        stewards = {member.did for member in self.members.values() if member.steward}
        return tuple(grant_of(entry.summary) for entry in self._vault.known(GRANT)
                     if entry.summary["holds"] and entry.summary["state"] == "active"
                     and entry.summary["issuer"] in stewards)

    @cached_property
    def _limits(self) -> tuple[CourtLimit, ...]:
        return tuple(limit_of(entry.summary) for entry in self._vault.known(LIMIT)
                     if entry.summary["holds"] and entry.summary["state"] == "active")

    def standing(self, party_id: str) -> Standing:
        """The standing of one member.

        Raises:
            StateError: nobody of that name belongs here.
        """
        member = self.members.get(party_id)
        if member is None:
            raise StateError("There is nothing here under this name.")
        if party_id != self._vault.party_id and member.steward and not self.oversees:
            return Standing(member, True, frozenset(), (), (), self.now)
        limits = tuple(limit for limit in self._limits if limit.holder == member.did)
        grants = tuple(grant for grant in self._grants if grant.holder == member.did)
        if member.kind == "learner":
            own = _CHILD if self.stage == "child" else _CO_MANAGER
            return Standing(member, self.stage == "owner", own, grants, limits, self.now)
        if member.kind == "guardian" and self.stage == "owner":
            grants = tuple(grant for grant in grants if grant.role != "guardian" or grant.basis == "court-order")
        founder = member.by == member.party_id and not self._grants and self.stage != "owner"
        return Standing(member, founder, frozenset(), grants, limits, self.now)

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """Party id → standing, of every member."""
        return {party_id: self.standing(party_id) for party_id in self.members}

    @cached_property
    def _book(self) -> rules.Book:
        return rules.read_book(self._vault)

    def entitled(self, item_type: str, summary: JSONObject) -> frozenset[str]:
        """The parties that may open such an item now."""
        if len(self.members) == 1 and self._vault.owner_id == self._vault.party_id:
            return frozenset(self.members)
        if item_type == LEARNER:
            return frozenset(self.members)
        if item_type == INVITATION:  # even when their rights are over, guardians may hand the learner the key
            return frozenset(party_id for party_id, standing in self.standings.items() if standing.member.steward)
        named = frozenset(name for name in (summary.get(key) for key in _PERSONS) if isinstance(name, str))
        key = (item_type, summary.get("category"), named, summary.get("against"), self._is_hidden(item_type, summary))
        if key not in self._answers:
            self._answers[key] = self._judge(*key)
        return self._answers[key]

    def _is_hidden(self, item_type: str, summary: JSONObject) -> bool:
        """Whether a rule keeps a record from helpers.

        A delegate does not know the rules: what it holds a key to was judged by who wrapped it.
        """
        return (item_type == CREDENTIAL and self.oversees
                and any(member.kind == "delegate" for member in self.members.values())
                and self._book.rule_of(Entry("", item_type, summary)) == "never")

    def _judge(self, item_type: str, category: object, named: frozenset[str], against: object,
               hidden: bool) -> frozenset[str]:
        def may(standing: Standing) -> bool:
            if item_type == RULES:
                return standing.may("privacy-settings")
            if not isinstance(category, str) or item_type == ACTIVITY:
                return standing.is_inside
            if item_type == CREDENTIAL:
                return standing.may_read(category, hidden=hidden)
            return standing.member.kind != "delegate" and standing.may_read(category, hidden=False)

        return frozenset(party_id for party_id, standing in self.standings.items() if party_id != against and (
            may(standing) or (party_id in named and self._is_let_in(standing))))

    @staticmethod
    def _is_let_in(standing: Standing) -> bool:
        """Whether they still belong here at all: a grant that has not ended, or the learner."""
        return standing.member.kind == "learner" or standing.owner or any(
            grant.allows(right, standing.now) for grant in standing.grants for right in grant.rights)


def circle(vault: OpenVault, now: datetime) -> Circle:
    """The standings in the record that ``vault`` shows."""
    return Circle(vault, now)


def may(vault: OpenVault, right: str, now: datetime) -> bool:
    """Whether the unlocked party may do ``right`` here now.

    Args:
        right: One of ``credkit.profiles.family.RIGHTS``, or ``review`` (deciding about what was contributed).
    """
    return Circle(vault, now).standing(vault.party_id).may(right)


def check(vault: OpenVault, right: str, now: datetime) -> None:
    """Go on only if the unlocked party may do ``right`` here now.

    Raises:
        StateError: it may not; nothing was changed.
    """
    if not may(vault, right, now):
        raise StateError("You may not do this in this backpack. Nothing was changed.")


def entitler(clock: Clock) -> Entitle:
    """What the vault asks before it seals or opens."""
    return lambda vault: Circle(vault, clock.now())


_ALWAYS: Final = frozenset({OFFER, REQUEST, EXCHANGE})
_COMES_WITH: Final = (
    ("contribute:", frozenset({CONTRIBUTION, ISSUANCE})), ("comment", frozenset({CONTRIBUTION})),
    ("share", frozenset({SHARE, RECEIPT})), ("privacy-settings", frozenset({RULES})))


def scope_of(rights: Iterable[str]) -> Scope:
    """What a delegate with these rights may write: with full access everything, else what it brings itself."""
    held = frozenset(rights)
    if "full" in held:
        return DECIDES
    adds = {kind for right in held for begins, kinds in _COMES_WITH if right.startswith(begins) for kind in kinds}
    return Scope(adds=_ALWAYS | adds, changes=frozenset({RULES}) & adds)


def grant_of(summary: JSONObject) -> Grant:
    """The grant in an index line."""
    return Grant(
        id=summary["id"], role=summary["role"], holder=summary["holder"], learner=summary["learner"],
        rights=frozenset(summary["rights"]), basis=summary["basis"], valid_from=parse_date_time(summary["valid_from"]),
        valid_until=moment_of(summary["valid_until"]), evidence=summary["evidence"])


def limit_of(summary: JSONObject) -> CourtLimit:
    """The court's limit in an index line."""
    return CourtLimit(
        id=summary["id"], holder=summary["holder"], learner=summary["learner"], blocked=frozenset(summary["blocked"]),
        basis=summary["basis"], valid_from=parse_date_time(summary["valid_from"]),
        valid_until=moment_of(summary["valid_until"]), evidence=summary["evidence"])


def says_the_same(one: Grant, other: Grant) -> bool:
    """Whether two grants give the same to the same person until the same day, whenever they were signed."""
    return replace(one, id="", valid_from=other.valid_from) == replace(other, id="")


def moment_of(text: str | None) -> datetime | None:
    """A moment in an index line, None where it is open."""
    return None if text is None else parse_date_time(text)


def summarize(item_type: str, body: JSONObject, environment: Environment) -> JSONObject:
    """The index line of a grant or a limit; ``holds`` says whether its signature does.

    Whoever could write items of this record could write one of these: only the signed words count.
    """
    document = body["credential"]
    common = {"state": body["state"], "name": body.get("name"), "holder_party": body["party_id"],
              "position": body.get("position"), "issuer": id_of(document.get("issuer"))}
    try:
        read: Grant | CourtLimit = read_grant(document) if item_type == GRANT else read_court_limit(document)
    except CredkitError:
        return {**common, "holds": False}
    report = verify_credential(document, Policy(check_status=False), environment)
    holds = all(check.outcome is Outcome.PASSED for check in report.checks if check.id in _DECIDING)
    line = {**common, "holds": holds, "id": read.id, "holder": read.holder, "learner": read.learner,
            "basis": read.basis, "evidence": read.evidence, "valid_from": format_date_time(read.valid_from),
            "valid_until": None if read.valid_until is None else format_date_time(read.valid_until)}
    if isinstance(read, Grant):
        return {**line, "role": read.role, "rights": sorted(read.rights)}
    return {**line, "blocked": sorted(read.blocked)}
