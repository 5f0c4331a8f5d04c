"""Taking somebody out, and what a court forbids: one step over every surface, and plain words on what it cannot undo.

Taking out a guardian, and a court's limit on one, need two people: the one who asks and another who decides here, or an
office that signed the same limit. A limit wins over every grant, and who is limited is told nothing (security.md G03,
G05).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from credkit.encoding import base64url_encode
from credkit.environment import Environment
from credkit.errors import CredkitError, StateError
from credkit.ports import JSONObject
from credkit.profiles.family import EVERYTHING, CourtLimit, build_court_limit, read_court_limit
from credkit.protocols import reissue
from credkit.shape import format_date_time, id_of
from wallet.services import activity, authority, wire
from wallet.services.people.ending import Ending
from wallet.services.people.host import Host
from wallet.services.people.people import People
from wallet.services.record.items import CREDENTIAL, EXPOSED, GRANT, INVITATION, LIMIT, PROPOSAL
from wallet.services.record.library import known_issuers
from wallet.services.signing import new_urn, sign
from wallet.vault import OpenVault

PROPOSAL_LIFETIME: Final = timedelta(days=30)
OFFICE_KNOWN_FOR: Final = timedelta(days=30)
Step = Literal["done", "waits"]
_KINDS: Final[tuple[Literal["remove", "end"], ...]] = ("remove", "end")


@dataclass(frozen=True)
class Wish:
    """Something two people have to want.

    Attributes:
        kind: ``remove``, ``limit``, or ``end`` for deleting the whole backpack, which is about nobody.
        blocked: For a limit: the rights, or ``EVERYTHING`` alone.
    """

    kind: Literal["remove", "limit", "end"]
    party_id: str
    blocked: frozenset[str] = frozenset()
    basis: str = "court-order"
    until: datetime | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A wish that waits for a second person; ``mine``: the unlocked party asked for it."""

    item_id: str
    wish: Wish
    name: str
    by: str
    at: str
    mine: bool


@dataclass(frozen=True)
class Exposed:
    """A record whose key somebody could open who is out now: until it is made anew, they could still show a copy.

    Attributes:
        name: Who could.
        state: ``open``, ``asked`` (the signer has the request), ``ready`` (a new one is there), ``refused``, ``done``.
        offer: The address of the new offer, empty until it is ready.
    """

    item_id: str
    record_id: str
    title: str
    issuer: str
    name: str
    state: str
    offer: str


@dataclass(frozen=True)
class Leaving:
    """The use cases of taking out and limiting over one environment."""

    environment: Environment
    host: Host
    people: People
    ending: Ending

    def end(self, vault: OpenVault) -> Step:
        """Delete the whole backpack, at once where one person may decide it, else once a second one agrees.

        Raises:
            StateError: the party may not.
        """
        if not self.ending.look_at_record(vault).second:
            self.ending.end(vault)
            return "done"
        if not any(proposal.wish.kind == "end" for proposal in self.proposals(vault)):
            self._propose(vault, Wish("end", ""), self.environment.clock.now(), waits=True)
        return "waits"

    def remove(self, vault: OpenVault, party_id: str) -> Step:
        """Take somebody out, at once where one person may decide it, else once a second one agrees.

        Raises:
            StateError: the party may not, or the other does not belong here, or is the party itself.
        """
        return self._wish(vault, Wish("remove", party_id))

    def limit(self, vault: OpenVault, wish: Wish) -> Step:
        """Note what a court forbids somebody; it holds at once where an office signed the same, else with a second yes.

        Raises:
            StateError: as ``remove``.
        """
        return self._wish(vault, wish)

    def _wish(self, vault: OpenVault, wish: Wish) -> Step:
        now = self.environment.clock.now()
        authority.check(vault, "people", now)
        circle = authority.circle(vault, now)
        standing = circle.standing(wish.party_id)
        if wish.party_id == vault.party_id:
            raise StateError("Somebody else who decides here has to take you out.")
        if standing.member.kind == "learner" and circle.stage != "owner":
            raise StateError("A learner is not taken out of their own record.")
        if standing.member.kind == "guardian" and circle.stage != "owner" and not self._office_says(vault, wish):
            others = [each for each in circle.standings.values() if each.may("people")
                      and each.member.party_id not in (vault.party_id, wish.party_id)]
            self._propose(vault, wish, now, waits=bool(others))
            return "waits"
        self._do(vault, wish)
        return "done"

    def _office_says(self, vault: OpenVault, wish: Wish) -> bool:
        """Whether a limit in the record says at least what is wished, signed by an office the family has long known.

        Anybody can sign a limit with a key made for it. An office counts if it signs at its own address and a record of
        its has been here for a month, in which the others could see it in the log.
        """
        did = vault.members()[wish.party_id].did
        offices = self._long_known(vault)
        for entry in vault.entries(CREDENTIAL):
            if "CourtLimitCredential" not in (entry.summary.get("types") or ()):
                continue
            document = vault.read(entry.id, CREDENTIAL).body["credential"]
            try:
                limit = read_court_limit(document)
            except CredkitError:
                continue
            covers = EVERYTHING in limit.blocked or (wish.kind == "limit" and wish.blocked <= limit.blocked)
            if covers and limit.holder == did and id_of(document.get("issuer")) in offices:
                return True
        return False

    def _long_known(self, vault: OpenVault) -> frozenset[str]:
        oldest = format_date_time(self.environment.clock.now() - OFFICE_KNOWN_FOR)
        known = {issuer.did for issuer in known_issuers(vault).issuers}
        return frozenset(str(entry.summary["issuer_id"]) for entry in vault.entries(CREDENTIAL)
                         if entry.summary["issuer_id"] in known and str(entry.summary["received_at"]) <= oldest
                         and "CourtLimitCredential" not in entry.summary["types"])

    def _propose(self, vault: OpenVault, wish: Wish, now: datetime, *, waits: bool) -> None:
        if not waits:
            raise StateError("This needs a second person. Ask the school or the court's office to confirm the order.")
        vault.add(PROPOSAL, {
            "kind": wish.kind, "party_id": wish.party_id, "blocked": sorted(wish.blocked), "basis": wish.basis,
            "until": None if wish.until is None else format_date_time(wish.until), "evidence": wish.evidence,
            "name": self._name(vault, wish.party_id), "actor": vault.party_id, "at": format_date_time(now),
            "against": wish.party_id})
        activity.log(vault, self.environment.clock, "proposed", {
            "name": self._name(vault, wish.party_id), "state": wish.kind, "against": wish.party_id})

    def proposals(self, vault: OpenVault) -> tuple[Proposal, ...]:
        """What waits for a second person, oldest first; who it is about does not see it."""
        oldest = format_date_time(self.environment.clock.now() - PROPOSAL_LIFETIME)
        found = [Proposal(entry.id, _wish_of(entry.summary), entry.summary["name"], entry.summary["actor"],
                          entry.summary["at"], entry.summary["actor"] == vault.party_id)
                 for entry in vault.entries(PROPOSAL) if entry.summary["at"] >= oldest]
        return tuple(sorted(found, key=lambda each: (each.at, each.item_id)))

    def agree(self, vault: OpenVault, item_id: str) -> None:
        """The second yes.

        Raises:
            StateError: the party may not, asked for it itself, or it is about the party.
        """
        proposal = next((each for each in self.proposals(vault) if each.item_id == item_id), None)
        self._check_may_answer(vault, proposal)
        if proposal is None:
            raise StateError("There is nothing here under this name.")
        if proposal.mine:
            raise StateError("Somebody else has to agree to this.")
        if proposal.wish.kind == "end":
            self.ending.end_agreed(vault)
            return
        if proposal.wish.party_id in vault.members():  # else it was done, and broken off before it was put away
            activity.log(vault, self.environment.clock, "approved", {
                "name": proposal.name, "state": proposal.wish.kind, "against": proposal.wish.party_id})
            self._do(vault, proposal.wish)
        vault.delete(vault.read(item_id, PROPOSAL))

    def refuse(self, vault: OpenVault, item_id: str) -> None:
        """Take a wish back, or say no to it.

        Raises:
            StateError: the party may not.
        """
        proposal = next((each for each in self.proposals(vault) if each.item_id == item_id), None)
        self._check_may_answer(vault, proposal)
        vault.delete(vault.read(item_id, PROPOSAL))

    def _check_may_answer(self, vault: OpenVault, proposal: Proposal | None) -> None:
        if proposal is None or proposal.wish.kind != "end" or not self.ending.may_agree(vault):
            authority.check(vault, "people", self.environment.clock.now())

    def _do(self, vault: OpenVault, wish: Wish) -> None:
        name = self._name(vault, wish.party_id)
        if wish.kind == "limit":
            self._add_limit(vault, wish, name)
        note = activity.entry_of(vault, self.environment.clock, "limited" if wish.kind == "limit" else "removed", {
            "name": name, "against": wish.party_id})
        if wish.kind == "remove" or EVERYTHING in wish.blocked:
            self._take_out(vault, wish.party_id, name, note)
        else:
            member = vault.members()[wish.party_id]
            if member.steward and wish.blocked:
                vault.admit(member.party_id, member.kind, opening_key=member.opening_key,
                            signing_key=member.signing_key, steward=False, now=self.environment.clock.now())
            vault.append_log(note)
        vault.rewrap()

    def _add_limit(self, vault: OpenVault, wish: Wish, name: str) -> None:
        position = self.host.take_position()
        limit = CourtLimit(new_urn(self.environment.randomness), vault.members()[wish.party_id].did, vault.learner_urn,
                           wish.blocked, wish.basis, self.environment.clock.now(), wish.until, wish.evidence)
        document = sign(build_court_limit(limit, issuer=vault.party_did, status_entry=self.host.entry(position)),
                        vault.party_signer, self.environment)
        vault.add(LIMIT, {"credential": document, "party_id": wish.party_id, "name": name, "state": "active",
                          "position": position})

    def _take_out(self, vault: OpenVault, party_id: str, name: str, note: JSONObject) -> None:
        """Everything that has to do with it comes before the step that takes them out: broken off, it is begun anew."""
        self._note_exposed(vault, party_id, name)
        for entry in vault.entries(GRANT):
            if entry.summary["holder_party"] == party_id and entry.summary["state"] == "active":
                item = vault.read(entry.id, GRANT)
                self.host.revoke(item.body["position"])
                vault.replace(item, {**item.body, "state": "ended"})
        for entry in vault.entries(INVITATION):
            if entry.summary["actor"] == party_id:
                self.people.withdraw(vault, entry.id)
        vault.remove(party_id, self.environment.clock.now(), note=note)

    @staticmethod
    def _note_exposed(vault: OpenVault, party_id: str, name: str) -> None:
        noted = {entry.summary["record_id"] for entry in vault.entries(EXPOSED)
                 if entry.summary["name"] == name and entry.summary["state"] == "open"}
        for entry in vault.entries(CREDENTIAL):
            line = entry.summary
            could_open = party_id in vault.recipients(entry.id) or line["brought_by"] == party_id
            if could_open and line["key_method"] and line["credential_id"] and entry.id not in noted:
                vault.add(EXPOSED, {"record_id": entry.id, "title": line["title"], "name": name,
                                    "issuer": line["issuer_id"], "state": "open", "offer": "", "request": ""})

    @staticmethod
    def _name(vault: OpenVault, party_id: str) -> str:
        return next((str(entry.summary["name"]) for entry in vault.entries(GRANT)
                     if entry.summary["holder_party"] == party_id), "")

    # What cannot be undone, and what can be done about it ----------------------------------------------------------

    def exposed(self, vault: OpenVault) -> tuple[Exposed, ...]:
        """The records that somebody who is out could still show, by title."""
        found = [Exposed(entry.id, *(entry.summary[name] or "" for name in (
            "record_id", "title", "issuer", "name", "state", "offer"))) for entry in vault.entries(EXPOSED)
            if entry.summary["state"] != "done"]
        return tuple(sorted(found, key=lambda each: (each.name, each.title, each.item_id)))

    def ask_anew(self, vault: OpenVault, item_id: str) -> None:
        """Ask the signer for the record anew under a new key, and to take the old one back.

        Raises:
            StateError: there is no such record, the party may not, or nobody knows where it came from.
            ProtocolError: the signer takes no such requests. FetchError: it cannot be reached. Nothing was changed.
        """
        authority.check(vault, "people", self.environment.clock.now())
        item = vault.read(item_id, EXPOSED)
        record = vault.read(item.body["record_id"], CREDENTIAL)
        origin = record.body.get("received_from")
        if not origin:
            raise StateError("The signer of this record takes no such requests. Ask its office.")
        signer = vault.signer(record, record.body["key_method"])
        jti = base64url_encode(self.environment.randomness.token_bytes(16))
        request = reissue.build_request(
            signer, audience=item.body["issuer"], credential=record.body["credential"]["id"], jti=jti,
            now=self.environment.clock.now(), reason="somebody who could open it is no longer with us")
        answer = wire.post_text(self.environment.fetcher, f"{origin}/reissue", request,
                                content_type=reissue.CONTENT_TYPE)
        name = reissue.parse_accepted(answer.body)
        vault.replace(item, {**item.body, "state": "asked", "request": name,
                             "place": f"{origin}/reissue/{name}"})
        activity.log(vault, self.environment.clock, "reissue", {"titles": [item.body["title"]], "state": "asked"})

    def look_again(self, vault: OpenVault, item_id: str) -> str:
        """Ask the signer where the request stands; returns the state.

        Raises:
            FetchError, ProtocolError: it cannot be told; nothing was changed.
        """
        item = vault.read(item_id, EXPOSED)
        if item.body["state"] not in ("asked", "ready"):  # a ready offer lives minutes, so each look gets a new one
            return str(item.body["state"])
        state = reissue.parse_state(wire.get(self.environment.fetcher, item.body["place"]).body)
        if state.state == reissue.READY:
            vault.replace(item, {**item.body, "state": "ready", "offer": state.offer or ""})
        elif state.state == reissue.REFUSED:
            vault.replace(item, {**item.body, "state": "refused"})
        return str(vault.read(item_id, EXPOSED).body["state"])

    def close(self, vault: OpenVault, item_id: str) -> None:
        """Note that a record was made anew, or that the family lives with it."""
        item = vault.read(item_id, EXPOSED)
        vault.replace(item, {**item.body, "state": "done"})


def _wish_of(summary: JSONObject) -> Wish:
    kind: Literal["remove", "limit", "end"] = next(
        (kind for kind in _KINDS if kind == summary["kind"]), "limit")
    return Wish(kind, summary["party_id"], frozenset(summary["blocked"]), summary["basis"],
                authority.moment_of(summary["until"]), summary["evidence"])

