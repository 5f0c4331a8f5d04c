"""Making records anew for fresh keys: a wallet asks with the old key, a registrar decides, the family collects.

Whoever could open the old key could ask as well; so the registrar decides, and the code of six digits goes to the
right family by another way (security.md G03).

Source: ``credkit.protocols.reissue``
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.protocols import reissue
from credkit.protocols.reissue import ReissueRequest, ReissueState
from issuer.services.drafting import Drafting
from issuer.services.offers import Offers
from issuer.services.office import Office, digest_of, hash_secret
from issuer.services.wording import phrase
from issuer.store import ALONE, Petition, Revocation, Unit

KIND: Final = "reissue"
_WALLET = "wallet"
_REMEMBERED = timedelta(seconds=reissue.MAX_AGE_S + 2 * reissue.CLOCK_SKEW_S)


class Reissuing:
    """Takes requests from wallets, and carries them out once a registrar says so (an ``approvals.Handler``)."""

    def __init__(self, office: Office, drafting: Drafting, offers: Offers) -> None:
        self._office = office
        self._drafting = drafting
        self._offers = offers

    def receive(self, jws: str) -> str:
        """Take a request; asking again for a record that waits already answers with the same id.

        Raises:
            ProtocolError: ``reissue.refusal()``, the same for everybody who may not ask.
        """
        now = self._office.clock.now()
        request = reissue.verify_request(jws, audience=self._office.identity.did, now=now,
                                         resolver=self._office.resolver)
        with self._office.store.writing() as unit:
            unit.sweep(now)
            is_new = unit.note_request(hash_secret(f"{request.holder}|{request.jti}"), now + _REMEMBERED)
            petition_id = self._keep(unit, request) if is_new else None
        if petition_id is None:  # raised after the commit, so that the request stays known
            raise reissue.refusal()
        return petition_id

    def state(self, petition_id: str) -> ReissueState:
        """Where a request stands.

        Raises:
            StateError: there is none, or its record was collected.
        """
        with self._office.store.reading() as unit:
            petition = unit.find_petition(petition_id)
        if petition is None or petition.kind != KIND:
            raise StateError("There is no such request.")
        if petition.state != "approved" or petition.outcome is None:
            return ReissueState(reissue.WAITING if petition.state == "waiting" else reissue.REFUSED)
        return self._ready(petition.outcome["credential"], petition.student_id)

    def group(self, unit: Unit, petition: Petition) -> tuple[Petition, ...]:
        """All that waits for one student is decided together: a wallet asks once for each of its records."""
        return unit.waiting_petitions(kind=KIND, student_id=petition.student_id)

    def carry_out(self, unit: Unit, group: tuple[Petition, ...], actor: str) -> dict[str, JSONObject]:
        """Take the old records back and put new ones in their places, with one offer for them."""
        now = self._office.clock.now()
        person = unit.find_student(group[0].student_id)
        taken_back = [found for each in group if (found := unit.find_credential(each.subject or "")) is not None]
        if person is None or len(taken_back) != len(group):
            raise StateError("There is no such record.")
        why = phrase(self._office.identity.language, "reissued")
        for credential in taken_back:
            if not unit.revoke(Revocation(credential.id, now, actor, why)):
                raise StateError("This record was taken back before.")
            unit.append_log(now, "revoked", actor, credential.id)
        replaced = self._drafting.replace(unit, person, taken_back)
        for old in taken_back:
            if old.kind in ALONE:
                self._offers.promise_alone(unit, replaced[old.id], actor)
        if any(old.kind not in ALONE for old in taken_back):
            self._offers.promise(unit, person.id, actor)
        return {each.id: {"credential": replaced[each.subject]} for each in group if each.subject in replaced}

    def _keep(self, unit: Unit, request: ReissueRequest) -> str | None:
        """The id of the petition, or None if this key was never given this record, or it is taken back."""
        credential = unit.find_credential(request.credential)
        holders = {holder for each in unit.issuances_of(request.credential) for holder in each.holders}
        if credential is None or credential.revoked_at is not None or request.holder not in holders:
            return None
        waiting = unit.waiting_petitions(kind=KIND, subject=credential.id)
        if waiting:
            return waiting[0].id
        now = self._office.clock.now()
        content: JSONObject = {"credential": credential.id, "holder": request.holder, "reason": request.reason}
        petition = Petition(self._office.new_id(), KIND, credential.student_id, credential.id, content,
                            digest_of(content), now, _WALLET)
        unit.add_petition(petition)
        unit.append_log(now, "reissue_asked", _WALLET, credential.id, {"request": petition.id})
        return petition.id

    def _ready(self, credential_id: str, student_id: str) -> ReissueState:
        address = self._offers.address_for(credential_id, student_id)
        if address is not None:
            return ReissueState(reissue.READY, address)
        with self._office.store.reading() as unit:
            credential = unit.find_credential(credential_id)
        if credential is None or credential.is_collected:
            raise StateError("There is no such request.")
        # The offer is too old or locked: the office makes a new one, and then it is ready again.
        return ReissueState(reissue.REFUSED if credential.revoked_at is not None else reissue.WAITING)
