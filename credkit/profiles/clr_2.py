"""Comprehensive Learner Record 2.0: a transcript is a wrapper around credentials that stand on their own.

The official schema does not look into the members, so each of them is checked by its own profile.

Spec: CLR-2.0 #clrcredential; https://www.imsglobal.org/spec/clr/v2p0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles._classes import ClassCheck, Remark
from credkit.profiles.openbadges_3 import (
    CREDENTIALS_V2,
    OPEN_BADGES_V3,
    Identity,
    Profile,
    check_envelope,
    lint_open_badge,
    only_subject,
)
from credkit.shape import as_list, format_date_time, is_url, pointer, types_of

CLR_V2: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
CONTEXTS: Final = (CREDENTIALS_V2, CLR_V2, OPEN_BADGES_V3)
TYPE_IRI: Final = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential"
_MEMBER_MUST: Final = ("@context", "type", "issuer", "validFrom", "credentialSubject")


@dataclass(frozen=True)
class Clr:
    """Everything that goes into one transcript before it has a holder.

    Attributes:
        id: Credential id, absolute URL.
        members: The credentials, each with a proof of its own when the transcript is signed.
        partial: True if it does not hold all the issuer knows (a selection); absent otherwise.
        status_entry: The ``credentialStatus`` object, or None.
        subject_id: DID of the holder, or None while it is not known.
    """

    id: str
    name: str
    issuer: Profile
    identities: tuple[Identity, ...]
    valid_from: datetime
    members: Sequence[JSONObject]
    partial: bool = False
    status_entry: Mapping[str, str] | None = None
    subject_id: str | None = None


def build_clr(clr: Clr) -> JSONObject:
    """The transcript as JSON, without its own proof; the members are taken as they are.

    Raises:
        MalformedValueError: what came out breaks a rule of ``lint_clr``.

    Spec: CLR-2.0 #clrcredential
    """
    subject: JSONObject = {"id": clr.subject_id} if clr.subject_id is not None else {}
    subject["type"] = ["ClrSubject"]
    if clr.identities:
        subject["identifier"] = [identity.to_json() for identity in clr.identities]
    subject["verifiableCredential"] = list(clr.members)
    document: JSONObject = {
        "@context": list(CONTEXTS), "id": clr.id, "type": ["VerifiableCredential", "ClrCredential"], "name": clr.name,
        "issuer": clr.issuer.to_json(), "validFrom": format_date_time(clr.valid_from),
    }
    if clr.partial:
        document["partial"] = True
    document["credentialSubject"] = subject
    if clr.status_entry is not None:
        document["credentialStatus"] = dict(clr.status_entry)
    lint_clr(document)
    return document


def is_mine(document: Any) -> bool:
    """Whether the document's type names it a ClrCredential."""
    return isinstance(document, dict) and "ClrCredential" in as_list(document.get("type"))


def check_clr(document: Any, *, derived: bool = False) -> tuple[Remark, ...]:
    """Check a transcript's wrapper for reading; its members are the caller's to check one by one (``members_of``).

    Returns:
        What the standard requires and the wrapper lacks.

    Raises:
        MalformedValueError: not a ClrCredential, a member that is no embedded credential, or a value whose kind the
            standard does not allow.

    Spec: CLR-2.0 #clrcredential, #clrsubject
    """
    if "ClrCredential" not in types_of(document):
        raise MalformedValueError("this is not a transcript (ClrCredential)", pointer="/type")
    checking = ClassCheck(derived=derived)
    check_envelope(document, checking, required=("id", "name", "issuer", "validFrom"), derived=derived)
    if "partial" in document and not isinstance(document["partial"], bool):
        raise MalformedValueError("partial must be true or false", pointer="/partial")
    checking.check_node(only_subject(document), "ClrSubject", "/credentialSubject")
    for at, member in members_of(document):
        _check_member(member, at, derived=derived)
    return tuple(checking.remarks)


def members_of(document: JSONObject) -> tuple[tuple[str, JSONObject], ...]:
    """The members of a transcript with the JSON Pointer of each.

    Raises:
        MalformedValueError: no single subject, or a member that is not an object.
    """
    subject = only_subject(document)
    base = "/credentialSubject/0" if isinstance(document["credentialSubject"], list) else "/credentialSubject"
    value = subject.get("verifiableCredential")
    found = []
    for index, member in enumerate(as_list(value)):
        at = base + (pointer("verifiableCredential", index) if isinstance(value, list) else "/verifiableCredential")
        if not isinstance(member, dict):
            raise MalformedValueError("a member of a transcript must be an embedded credential", pointer=at)
        found.append((at, member))
    return tuple(found)


def _check_member(member: JSONObject, at: str, *, derived: bool) -> None:
    if "VerifiableCredential" not in as_list(member.get("type")):
        raise MalformedValueError("a member of a transcript must be a credential", pointer=at + "/type")
    for name in _MEMBER_MUST:
        if not derived and member.get(name) in (None, [], {}):
            raise MalformedValueError(f"the member {name} is missing", pointer=at + pointer(name))


def lint_clr(document: JSONObject) -> None:
    """The strict rules of writing, of the wrapper and of each member that is an Open Badge.

    Raises:
        MalformedValueError: names the first rule broken and its place.

    Spec: CLR-2.0 #clrcredential
    """
    if document.get("@context", [])[: len(CONTEXTS)] != list(CONTEXTS):
        raise MalformedValueError("the contexts are not the ones we write", pointer="/@context")
    remarks = check_clr(document)
    if remarks:
        raise MalformedValueError(remarks[0].detail, pointer=remarks[0].pointer)
    if not is_url(document["id"]) or not isinstance(document["issuer"], dict):
        raise MalformedValueError("id must be a URL and issuer an object", pointer="/id")
    seen = set()
    for at, member in members_of(document):
        try:
            lint_open_badge(member)
        except MalformedValueError as error:
            raise MalformedValueError(error.detail, pointer=at + (error.pointer or "")) from error
        if member["id"] in seen:
            raise MalformedValueError("two members have one id", pointer=at + "/id")
        seen.add(member["id"])


def mandatory_pointers(document: JSONObject) -> list[str]:
    """None: a transcript travels whole, and no selective proof stands on it."""
    del document
    return []
