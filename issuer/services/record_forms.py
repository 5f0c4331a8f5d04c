"""A course or badge in another form than the usual: the same approved record, secured in another way.

It stays one record: taking it back takes every form of it back, for all name one place in the office's lists. Only the
form ``unlinkable`` names none, as a place in a list would give its holder away.

Spec: OID4VCI-1.0 #appendix-A; docs/decisions/0022
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from credkit.errors import UnsupportedError
from credkit.formats import jwt_vc, ldp_vc, sd_jwt_vc
from credkit.ports import JSONObject
from credkit.profiles import openbadges_3, unlinkable
from credkit.proofs import BbsSigner, add_base_proof, add_proof
from credkit.protocols.key_proof import KeyProof
from credkit.shape import format_date_time, parse_date_time, pointer
from issuer.services import sd_jwt
from issuer.services.drafting import holder_document
from issuer.services.office import Office
from issuer.store import Credential

WHOLE_SUITE: Final = "eddsa-rdfc-2022"
BBS_SUITE: Final = unlinkable.SUITE
_LEGACY_CONTEXTS: Final = ("https://www.w3.org/2018/credentials/v1", openbadges_3.OPEN_BADGES_V3,
                           "https://www.w3.org/ns/credentials/status/v1")
_SHARED_IDS: Final = (("issuer",), ("credentialSubject", "achievement"))
_TELLING: Final = frozenset({"credentialStatus", "refreshService", "evidence", "image", "endorsement",
                             "relatedResource", "identifier"})
_DATES: Final = frozenset({"validFrom", "validUntil", "awardedDate", "activityStartDate", "activityEndDate"})


@dataclass(frozen=True)
class RecordForm:
    """One other form of one kind of record.

    Attributes:
        record: Kind of the record it is made of.
        way: ``eddsa``, ``bbs``, ``unlinkable``, ``sd-jwt`` or ``jwt``.
        format: Format identifier of OpenID4VCI.
        algorithm: Cryptosuite or ``alg`` with which it is signed.
    """

    record: str
    way: str
    format: str
    algorithm: str

    @property
    def is_bound(self) -> bool:
        """Whether it is bound to a key of its holder."""
        return self.way != "unlinkable"

    @property
    def needs_bbs(self) -> bool:
        """Whether the office needs a key for bbs-2023."""
        return self.algorithm == BBS_SUITE


def _forms(record: str) -> dict[str, RecordForm]:
    return {f"{record}-{way}": RecordForm(record, way, format_, algorithm) for way, format_, algorithm in (
        ("eddsa", ldp_vc.NAME, WHOLE_SUITE), ("bbs", ldp_vc.NAME, BBS_SUITE),
        ("sd-jwt", sd_jwt_vc.NAME, sd_jwt.ALGORITHM), ("jwt", jwt_vc.NAME, sd_jwt.ALGORITHM))}


FORMS: Final[Mapping[str, RecordForm]] = {
    **_forms("course"), **_forms("badge"),
    "badge-unlinkable": RecordForm("badge", "unlinkable", ldp_vc.NAME, BBS_SUITE),
}
"""By the id of the credential configuration."""


def issue(office: Office, configuration: str, credential: Credential, holder: KeyProof | None,
          now: datetime) -> JSONObject | str:
    """The record in this form, with nothing added but its holder.

    Args:
        configuration: A key of ``FORMS``.
        holder: Who proved a key; None if and only if the form is bound to none.

    Raises:
        UnsupportedError: bbs-2023 at an office without the extra ``bbs``.
        ProblemError: the record cannot be written in this form.
    """
    form = FORMS[configuration]
    if holder is None:
        return issue_unlinkable(office, credential.document, now)
    if form.way == "sd-jwt":
        return sd_jwt.issue(office, credential, sd_jwt.KINDS[configuration], holder, now)
    bound = holder_document(credential.document, holder.did)
    if form.way == "jwt":
        return jwt_vc.sign_jwt_vc_json(legacy_document(bound), office.keys.selective)
    if form.way == "bbs":
        return add_base_proof(bound, signer=_bbs_key(office), processor=office.processor, created=now,
                              randomness=office.randomness, suite=BBS_SUITE,
                              mandatory_pointers=openbadges_3.mandatory_pointers(bound))
    return add_proof(bound, suite=WHOLE_SUITE, signer=office.keys.whole, processor=office.processor, created=now)


def legacy_document(document: JSONObject) -> JSONObject:
    """An Open Badge in the words of VCDM 1.1, which is what ``jwt_vc_json`` holds (OID4VCI-1.0 #appendix-A.1.1).

    Fractions of a second are left out, as the token's dates have none.
    """
    renamed = {"validFrom": "issuanceDate", "validUntil": "expirationDate"}
    legacy = {renamed.get(name, name): value for name, value in document.items()}
    for name in renamed.values():
        if name in legacy:
            legacy[name] = format_date_time(parse_date_time(legacy[name], at=f"/{name}").replace(microsecond=0))
    return {**legacy, "@context": list(_LEGACY_CONTEXTS)}


def issue_unlinkable(office: Office, document: JSONObject, now: datetime) -> JSONObject:
    """A badge that says what was earned, and by its form nothing of who earned it (``credkit.profiles.unlinkable``)."""
    plain: JSONObject = _without_traces(document, ())
    return unlinkable.issue_unlinkable(plain, _bbs_key(office), office.processor, office.randomness, now=now)


def _without_traces(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_without_traces(each, path) for each in value]
    if isinstance(value, dict):
        return {name: _without_traces(each, (*path, name)) for name, each in value.items()
                if name not in _TELLING and (name != "id" or path in _SHARED_IDS)}
    if path and path[-1] in _DATES:
        return format_date_time(unlinkable.first_of_month(parse_date_time(value, at=pointer(*path))))
    return value


def _bbs_key(office: Office) -> BbsSigner:
    if office.keys.bbs is None:
        raise UnsupportedError("proofs of this kind need the extra “bbs”, which is not installed here")
    return office.keys.bbs
