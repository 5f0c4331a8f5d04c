"""Taking a record back, for good, and the signed list in which everybody can see it.

Spec: VC-BITSTRING-STATUS-LIST; security.md C05, C06, C07
"""

from __future__ import annotations

from datetime import datetime, timedelta

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.openbadges_3 import CREDENTIALS_V2
from credkit.proofs import add_proof
from credkit.status import bitstring
from issuer.services import sd_jwt
from issuer.services.office import Office
from issuer.store import Revocation

_SUITE = "eddsa-rdfc-2022"
MAX_REASON_CHARACTERS = 500


class Revoking:
    """Takes records back and publishes the lists."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def revoke(self, credential_id: str, actor: str, reason: str) -> Revocation:
        """Take a record back. There is no way to undo this; a new record can be drafted in its place.

        Raises:
            StateError: no such record, it was taken back before, or the reason is empty or too long.
        """
        why = " ".join(reason.split())
        if not 0 < len(why) <= MAX_REASON_CHARACTERS:
            raise StateError("Say in a few words why the record is taken back.")
        revocation = Revocation(credential_id, self._office.clock.now(), actor, why)
        with self._office.store.writing() as unit:
            if unit.find_credential(credential_id) is None:
                raise StateError("There is no such record.")
            if not unit.revoke(revocation):
                raise StateError("This record was taken back before.")
            unit.append_log(revocation.revoked_at, "revoked", actor, credential_id)
            for petition in unit.waiting_petitions(subject=credential_id):
                unit.decide(petition.id, "refused", revocation.revoked_at, actor)
        return revocation

    def status_list(self, number: int) -> JSONObject:
        """The signed status list credential, made anew when it changed or is half through its life.

        ``validFrom`` never goes back, so that an older list cannot pass for a newer one.

        Raises:
            StateError: there is no such list.
        """
        now = self._office.clock.now()
        with self._office.store.reading() as unit:
            stored = unit.signed_list(number)
            revoked = unit.revoked_indexes(number)
        if stored is None:
            raise StateError("There is no such list.")
        credential, valid_from, valid_until, counted = stored
        lifetime = timedelta(seconds=self._office.config.lifetimes.status_list_s)
        is_young = valid_until is not None and now < valid_until - lifetime / 2
        if credential is not None and is_young and counted == len(revoked):
            return credential
        return self._publish(number, max(now, valid_from or now), lifetime)

    def token_list(self, number: int) -> str:
        """The same list as a signed token, as SD-JWT VCs name it; made anew for whoever asks.

        Raises:
            StateError: there is no such list.

        Spec: draft-ietf-oauth-status-list-12 #section-8.1
        """
        now = self._office.clock.now()
        with self._office.store.reading() as unit:
            if unit.signed_list(number) is None:
                raise StateError("There is no such list.")
            revoked = unit.revoked_indexes(number)
        lifetime = timedelta(seconds=self._office.config.lifetimes.status_list_s)
        return sd_jwt.status_list(self._office, number, revoked, now, now + lifetime)

    def _publish(self, number: int, valid_from: datetime, lifetime: timedelta) -> JSONObject:
        url = f"{self._office.identity.origin}/status/{number}"
        with self._office.store.writing() as unit:
            revoked = unit.revoked_indexes(number)
            unsigned = bitstring.build_status_list_credential(
                url=url, issuer=self._office.identity.did, context=CREDENTIALS_V2, set_indexes=revoked,
                valid_from=valid_from, valid_until=valid_from + lifetime,
            )
            signed = add_proof(unsigned, suite=_SUITE, signer=self._office.keys.whole, processor=self._office.processor,
                               created=valid_from)
            unit.publish_list(number, signed, valid_from, valid_from + lifetime, len(revoked))
        return signed
