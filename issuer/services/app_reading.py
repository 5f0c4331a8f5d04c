"""What a program reads with a learner's leave: badges, signed for reading, and the learner's profile.

A record is signed once and kept, so that it is the same bytes until it changes, however often it is read. It names the
student as the school does, no key of a holder, and its place in the list of taken-back records.

Spec: OB-3.0 #getcredentials, #getprofile, #putprofile
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credkit.encoding import dump_json
from credkit.ports import JSONObject
from credkit.profiles import openbadges_3
from credkit.protocols import ob_api_v3p0 as api
from issuer.services.apps import metadata_of
from issuer.services.drafting import PreparedCredential
from issuer.services.issuance import Issuing
from issuer.services.office import Office, existing_student
from issuer.services.templates import TEMPLATES
from issuer.store import AppRecord, AppToken, Credential, Reading, Unit

SENSITIVE: Final = frozenset(each.name for each in TEMPLATES if each.sensitive)


@dataclass(frozen=True)
class Listed:
    """One page of a learner's badges.

    Attributes:
        credentials: JSON texts. ``tokens``: compact JWS.
        total: How many there are on all pages.
    """

    credentials: tuple[str, ...]
    tokens: tuple[str, ...]
    total: int


class AppReading:
    """Badges and profiles of one office, for programs that a learner let in."""

    def __init__(self, office: Office, issuing: Issuing) -> None:
        self._office = office
        self._issuing = issuing

    def credentials(self, token: AppToken, page: api.Page) -> Listed:
        """One page of what the school issued and of what was handed in, the oldest first."""
        with self._office.store.reading() as unit:
            found = [each for each in _all(unit, token) if page.since is None or _issued(each) > page.since]
            kept = unit.readings_of(token.student_id)
        shown = sorted(found, key=lambda each: (_issued(each), each.id))[page.offset:page.offset + page.limit]
        mine = [each for each in shown if isinstance(each, Credential)]
        missing = [each for each in mine if each.id not in kept or kept[each.id].version != each.version]
        texts = {each.credential_id: each.text for each in kept.values()} | self._sign(missing)
        tokens = tuple(each.text for each in shown if isinstance(each, AppRecord) and each.is_jws)
        credentials = tuple(each.text if isinstance(each, AppRecord) else texts[each.id] for each in shown
                            if isinstance(each, Credential) or not each.is_jws)
        return Listed(credentials, tokens, len(found))

    def profile(self, token: AppToken) -> JSONObject:
        """The learner's profile."""
        with self._office.store.reading() as unit:
            return api.build_profile(self._profile(unit, token))

    def update_profile(self, token: AppToken, message: bytes) -> JSONObject:
        """Keep what the learner says; what the school says stays.

        Raises:
            ProtocolError: ``invalid_data``; nothing is changed.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            before = self._profile(unit, token)
            said = api.parse_profile(message, before)
            if said != before.said:
                app = unit.find_app(token.app_id, now)
                unit.save_app_profile(token.student_id, said, "" if app is None else metadata_of(app).client_name, now)
                unit.append_log(now, "profile_said", "app", token.student_id, {"members": sorted(said)})
            return api.build_profile(self._profile(unit, token))

    def _profile(self, unit: Unit, token: AppToken) -> api.LearnerProfile:
        person = existing_student(unit, token.student_id)
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{self._office.identity.origin}/students/{person.id}")
        return api.LearnerProfile(f"urn:uuid:{name}", person.name, person.given_name, person.family_name, person.number,
                                  unit.app_profile(person.id))

    def _sign(self, missing: Sequence[Credential]) -> dict[str, str]:
        """Sign what was not signed in this version yet, and log that before anything leaves; the first one counts.

        Args:
            missing: Records of one student.
        """
        now, texts = self._office.clock.now(), {}
        for credential in missing:
            approved = PreparedCredential(credential).take()
            signed = self._issuing.sign_for_reading(approved.document, now)
            texts[approved.id] = dump_json(signed).decode("utf-8")
        if not texts:
            return texts
        with self._office.store.writing() as unit:
            kept = unit.readings_of(missing[0].student_id)
            for credential in missing:
                earlier = kept.get(credential.id)
                if earlier is not None and earlier.version == credential.version:
                    texts[credential.id] = earlier.text
                    continue
                unit.save_reading(credential.student_id, Reading(credential.id, credential.version,
                                                                 texts[credential.id], now))
                unit.append_log(now, "signed_for_reading", "app", credential.id, {"version": credential.version})
        return texts


def _all(unit: Unit, token: AppToken) -> list[Credential | AppRecord]:
    """The student's living badges, sensitive ones only if that was allowed, and what was handed in."""
    mine = [each for each in unit.credentials_of(token.student_id)
            if each.revoked_at is None and openbadges_3.is_mine(each.document)
            and (token.sensitive or each.kind not in SENSITIVE)]
    return [*mine, *unit.app_records_of(token.student_id)]


def _issued(each: Credential | AppRecord) -> datetime:
    return each.issued_at if isinstance(each, AppRecord) else each.updated_at.replace(microsecond=0)
