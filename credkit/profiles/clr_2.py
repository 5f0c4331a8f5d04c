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
from credkit.profiles import endorsement
from credkit.profiles._checking import ClassCheck
from credkit.profiles._envelope import CLR_CONTEXT, OPEN_BADGES_CONTEXT, check_envelope, is_older, only_subject
from credkit.profiles._references import check_associations
from credkit.profiles._remarks import Remark
from credkit.profiles.openbadges_3 import (
    CREDENTIALS_V2,
    OPEN_BADGES_V3,
    Identity,
    Profile,
    lint_open_badge,
)
from credkit.proofs import is_base_proof
from credkit.shape import as_list, format_date_time, id_of, is_url, pointer, types_of

CLR_V2: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
CONTEXTS: Final = (CREDENTIALS_V2, CLR_V2, OPEN_BADGES_V3)
TYPE_IRI: Final = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential"
_OPEN_BADGES_CONTEXTS: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-"
_SELECTION_MEMBERS: Final = frozenset({
    "@context", "id", "type", "name", "description", "issuer", "partial", "validFrom", "validUntil",
    "credentialSubject", "endorsement", "evidence", "proof",
})
_SELECTION_SUBJECT_MEMBERS: Final = frozenset({"id", "type", "identifier", "verifiableCredential"})
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


@dataclass(frozen=True)
class Selection:
    """Whole records that somebody other than their issuers puts together: always ``partial``, never bound to a holder.

    Attributes:
        issuer_id: DID of who made the selection and signs it.
        names: The learner's names as the members write them.
        valid_until: Until when it may be used; None for a family's own export.
        subject_id: A fresh URN; no key stands behind it.
        members: Credentials with proofs of their own, taken as they are.
        endorsements: Signed comments on members, which go along with them.
        evidence: Evidence nodes: what whoever chose adds, in files; nobody else vouches for it.
    """

    id: str
    name: str
    description: str
    issuer_id: str
    names: tuple[str, ...]
    subject_id: str
    valid_from: datetime
    valid_until: datetime | None
    members: Sequence[JSONObject]
    endorsements: Sequence[JSONObject] = ()
    evidence: Sequence[JSONObject] = ()


def build_selection(selection: Selection) -> JSONObject:
    """The selection as JSON, without its own proof. The members are others' words and not held to our rules of writing.

    Raises:
        MalformedValueError: no member; a member or comment that is no credential, has no proof of its own or a base
            proof; a comment on something else; or records whose versions of Open Badges cannot stand in one document.

    Spec: CLR-2.0 #clrcredential (``partial``); design.md, "What can be shown in part"
    """
    subject: JSONObject = {"id": selection.subject_id, "type": ["ClrSubject"]}
    if selection.names:
        subject["identifier"] = [Identity("name", name).to_json() for name in selection.names]
    subject["verifiableCredential"] = list(selection.members)
    document: JSONObject = {
        "@context": [CREDENTIALS_V2, CLR_V2, _open_badges_of([*selection.members, *selection.endorsements])],
        "id": selection.id, "type": ["VerifiableCredential", "ClrCredential"],
        "name": selection.name, "description": selection.description,
        "issuer": {"id": selection.issuer_id, "type": ["Profile"]}, "partial": True,
        "validFrom": format_date_time(selection.valid_from),
    }
    if selection.valid_until is not None:
        document["validUntil"] = format_date_time(selection.valid_until)
    document["credentialSubject"] = subject
    if selection.endorsements:
        document["endorsement"] = list(selection.endorsements)
    if selection.evidence:
        document["evidence"] = list(selection.evidence)
    remarks = check_clr(document)
    if not selection.members or remarks:
        raise MalformedValueError("a selection needs at least one record", pointer="/credentialSubject")
    _lint_selected(document)
    return document


def _open_badges_of(documents: Sequence[JSONObject]) -> str:
    """The Open Badges context that all of them share: two versions define protected words in two ways."""
    named = {url for document in documents for url in as_list(document.get("@context"))
             if isinstance(url, str) and url.startswith(_OPEN_BADGES_CONTEXTS)}
    if len(named) > 1:
        raise MalformedValueError("records in different versions of Open Badges cannot stand in one selection",
                                  pointer="/credentialSubject/verifiableCredential")
    return named.pop() if named else OPEN_BADGES_V3


def _lint_selected(document: JSONObject) -> None:
    members = members_of(document)
    comments = [(pointer("endorsement", index), each) for index, each in enumerate(document.get("endorsement", ()))]
    for at, each in (*members, *comments):
        if not each.get("proof") or is_base_proof(each["proof"]):
            raise MalformedValueError("a record in a selection needs a proof that may be shown", pointer=at + "/proof")
    known = {id_of(each) for _at, member in members for each in (member, *_inner(member))} - {None}
    for at, comment in comments:
        endorsement.check_endorsement(comment, derived=False)
        if endorsement.subject_id_of(comment) not in known:
            raise MalformedValueError("the comment is about another record", pointer=at + "/credentialSubject/id")


def _inner(member: JSONObject) -> list[JSONObject]:
    return [inner for _at, inner in members_of(member)] if is_mine(member) else []


def is_selection(document: Any) -> bool:
    """Whether this is a family's selection and says nothing of its own but who it is about, and what it adds in
    ``evidence`` under its own name: see ``build_selection``."""
    subjects = as_list(document.get("credentialSubject")) if is_mine(document) else []
    return (
        len(subjects) == 1 and isinstance(subjects[0], dict) and subjects[0].keys() <= _SELECTION_SUBJECT_MEMBERS
        and document.get("partial") is True and document.keys() <= _SELECTION_MEMBERS
        and str(id_of(document.get("issuer"))).startswith("did:key:")
    )


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
    check_envelope(document, checking, required=("id", "name", "issuer", "validFrom"),
                   contexts=(CLR_CONTEXT, OPEN_BADGES_CONTEXT), derived=derived)
    if "partial" in document and not isinstance(document["partial"], bool):
        raise MalformedValueError("partial must be true or false", pointer="/partial")
    subject = only_subject(document)
    checking.check_node(subject, "ClrSubject", "/credentialSubject")
    for at, member in members_of(document):
        _check_member(member, at, derived=derived)
    return (*checking.remarks, *(() if derived else check_associations(subject, "/credentialSubject")))


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
    for each in _MEMBER_MUST:
        name = "issuanceDate" if each == "validFrom" and is_older(member) else each
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
