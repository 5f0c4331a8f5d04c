"""A course or badge in the form ``dc+sd-jwt``: flat claims out of the approved record, each can be shown alone.

It is the same record in another form: taking it back takes both back, for both have one place in the office's lists.

Spec: draft-ietf-oauth-sd-jwt-vc-18; OID4VCI-1.0 #appendix-A.3; docs/decisions/0022
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credkit.formats import sd_jwt_vc
from credkit.ports import JSONObject
from credkit.profiles import openbadges_3
from credkit.protocols.key_proof import KeyProof
from credkit.shape import as_list
from credkit.status import bitstring, token_status_list
from issuer.services.office import SELECTIVE_FRAGMENT, Identity, Office
from issuer.store import Credential

ALGORITHM: Final = "ES256"


@dataclass(frozen=True)
class Kind:
    """One type of SD-JWT VC.

    Attributes:
        record: Kind of the record it is made of.
        name: What people call it, English and Spanish.
        claims: Names of what it may say of a student, in the order in which people read them.
    """

    record: str
    name: tuple[str, str]
    claims: tuple[str, ...]

    def vct(self, identity: Identity) -> str:
        """The type's identifier, at which its description stands."""
        return f"{identity.origin}/vct/{self.record}"


_PERSON: Final = ("student_name", "student_number", "school", "language")
KINDS: Final[Mapping[str, Kind]] = {
    "course-sd-jwt": Kind("course", ("Course with grade", "Curso con calificación"), (
        "title", "grade", "state", "credits", "term", "code", "subject", "description", "criteria", "began_on",
        "ended_on", *_PERSON)),
    "badge-sd-jwt": Kind("badge", ("Badge", "Insignia"), (
        "title", "description", "criteria", "narrative", *_PERSON)),
}
"""By the id of the credential configuration."""
LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Title", "Título"), "grade": ("Grade", "Calificación"), "state": ("State", "Estado"),
    "credits": ("Credits earned", "Créditos obtenidos"), "term": ("Term", "Período"), "code": ("Code", "Código"),
    "subject": ("Subject", "Materia"), "description": ("What it is", "Qué es"),
    "criteria": ("What it takes", "Qué hay que hacer"), "narrative": ("In words", "En palabras"),
    "began_on": ("Began", "Comenzó"), "ended_on": ("Ended", "Terminó"), "student_name": ("Name", "Nombre"),
    "student_number": ("Student number", "Número de estudiante"), "school": ("School", "Escuela"),
    "language": ("Language", "Idioma"),
}
"""What a claim is called, English and Spanish."""


def issue(office: Office, credential: Credential, kind: Kind, holder: KeyProof, now: datetime) -> str:
    """The record as a compact SD-JWT with every disclosure, bound to the holder's key as the proof named it, or under a
    profile that wants it so to the bare key."""
    identity = office.identity
    own = _claims(credential.document, kind)
    claims: JSONObject = {
        "iss": identity.origin, "iat": int(now.timestamp()), "vct": kind.vct(identity),
        "cnf": _confirmation(office, holder),
        "status": token_status_list.build_reference(credential.list_index, _list_url(identity, credential.list_number)),
        **own,
    }
    return sd_jwt_vc.issue_sd_jwt_vc(claims, office.keys.tokens, selective=[(name,) for name in own],
                                     randomness=office.randomness,
                                     header=office.keys.token_header(SELECTIVE_FRAGMENT))


def _confirmation(office: Office, holder: KeyProof) -> JSONObject:
    if holder.key_id is None or office.profile.is_certified:
        return {"jwk": holder.public_key.to_jwk()}
    return {"kid": holder.key_id}


def _claims(document: JSONObject, kind: Kind) -> JSONObject:
    """What the record says, by our flat names; what it does not say is left out."""
    view, subject = openbadges_3.peek_view(document), document["credentialSubject"]
    achievement = subject["achievement"]
    result = next((each for each in as_list(subject.get("result")) if isinstance(each, dict)), {})
    found: JSONObject = {
        "title": view.achievement_name, "grade": result.get("value"), "state": result.get("status"),
        "credits": subject.get("creditsEarned"), "term": subject.get("term"), "code": achievement.get("humanCode"),
        "subject": achievement.get("fieldOfStudy"), "description": achievement.get("description"),
        "criteria": (achievement.get("criteria") or {}).get("narrative"), "narrative": subject.get("narrative"),
        "began_on": (subject.get("activityStartDate") or "")[:10],
        "ended_on": (subject.get("activityEndDate") or "")[:10],
        "student_name": view.identities.get("name"), "student_number": view.identities.get("sourcedId"),
        "school": view.issuer_name, "language": achievement.get("inLanguage"),
    }
    return {name: found[name] for name in kind.claims if found[name] not in (None, "")}


def type_metadata(identity: Identity, record: str) -> JSONObject | None:
    """What stands at the address of a type, or None if there is none (draft-ietf-oauth-sd-jwt-vc-18 #section-4)."""
    kind = next((each for each in KINDS.values() if each.record == record), None)
    if kind is None:
        return None
    return {
        "vct": kind.vct(identity), "name": kind.name[0],
        "display": [{"locale": "en", "name": kind.name[0]}, {"locale": "es", "name": kind.name[1]}],
        "claims": [{"path": [name], "sd": "always", "display": [
            {"locale": "en", "label": LABELS[name][0]}, {"locale": "es", "label": LABELS[name][1]},
        ]} for name in kind.claims],
    }


def issuer_keys(office: Office) -> JSONObject:
    """What stands at ``/.well-known/jwt-vc-issuer`` (draft-ietf-oauth-sd-jwt-vc-18 #section-3)."""
    key = {**office.keys.tokens.public_key.to_jwk(), "kid": SELECTIVE_FRAGMENT, "use": "sig", "alg": ALGORITHM}
    return {"issuer": office.identity.origin, "jwks": {"keys": [key]}}


def status_list(office: Office, number: int, revoked: tuple[int, ...], now: datetime, expires_at: datetime) -> str:
    """The signed list of taken-back records in the form that SD-JWT VCs name, with the places of the office's own."""
    listed = token_status_list.pack(dict.fromkeys(revoked, token_status_list.INVALID), 1,
                                     bitstring.MINIMUM_ENTRIES)
    return token_status_list.sign_status_list(
        listed, url=_list_url(office.identity, number), signer=office.keys.tokens, issued_at=now,
        expires_at=expires_at, header=office.keys.token_header(SELECTIVE_FRAGMENT))


def _list_url(identity: Identity, number: int) -> str:
    return f"{identity.origin}/token-status/{number}"
