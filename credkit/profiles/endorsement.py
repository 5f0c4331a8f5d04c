"""Open Badges 3.0 endorsements: what somebody says about a record that stands as it was signed ("comment, never edit").

Spec: OB-3.0 #endorsementcredential, #endorsementsubject; requirements.md §1.3 (P1); 34 CFR 99.21(b)(2)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from credkit.credential import CREDENTIAL_TYPE
from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles._checking import ClassCheck, first_object, first_value, text_of
from credkit.profiles._envelope import OPEN_BADGES_CONTEXT, check_envelope, only_subject
from credkit.profiles._remarks import Remark
from credkit.profiles.openbadges_3 import CONTEXTS, Profile
from credkit.shape import as_list, format_date_time, id_of, is_url, types_of

TYPE_NAME: Final = "EndorsementCredential"
_REQUIRED: Final = ("id", "name", "issuer", "validFrom")


def build_endorsement(id: str, name: str, subject_id: str, comment: str, issuer: Profile, valid_from: datetime,
                      language: str | None = None) -> JSONObject:
    """The endorsement as JSON, without proof.

    Args:
        id: Credential id, absolute URL.
        name: Its headline.
        subject_id: The id of the record that the comment is about.
        comment: Markdown, in one language.
        issuer: Who says so, and signs.
        language: BCP 47 tag of the comment, or None.

    Raises:
        MalformedValueError: what came out breaks a rule of ``lint_endorsement``.

    Spec: OB-3.0 #endorsementcredential
    """
    subject: JSONObject = {"id": subject_id, "type": ["EndorsementSubject"], "endorsementComment": comment}
    if language is not None:
        subject["inLanguage"] = language
    document: JSONObject = {
        "@context": list(CONTEXTS), "id": id, "type": [CREDENTIAL_TYPE, TYPE_NAME], "name": name,
        "issuer": issuer.to_json(), "validFrom": format_date_time(valid_from), "credentialSubject": subject,
    }
    lint_endorsement(document)
    return document


def is_mine(document: Any) -> bool:
    """Whether the document's type names it an EndorsementCredential."""
    return isinstance(document, dict) and TYPE_NAME in as_list(document.get("type"))


def check_endorsement(document: Any, *, derived: bool) -> tuple[Remark, ...]:
    """Check an endorsement for reading.

    Args:
        derived: True if it was derived by selective disclosure.

    Returns:
        What the standard requires and the document lacks.

    Raises:
        MalformedValueError: not an EndorsementCredential, no subject with an id, or a member whose kind the standard
            does not allow.

    Spec: OB-3.0 #endorsementcredential
    """
    if TYPE_NAME not in types_of(document):
        raise MalformedValueError("this is not a comment on a record (EndorsementCredential)", pointer="/type")
    checking = ClassCheck(derived=derived)
    check_envelope(document, checking, required=_REQUIRED, contexts=(OPEN_BADGES_CONTEXT,), derived=derived)
    checking.check_node(only_subject(document), "EndorsementSubject", "/credentialSubject")
    return tuple(checking.remarks)


def lint_endorsement(document: JSONObject) -> None:
    """The strict rules of writing.

    Raises:
        MalformedValueError: names the first rule broken and its place.

    Spec: OB-3.0 #endorsementcredential
    """
    if document.get("@context") != list(CONTEXTS):
        raise MalformedValueError("the contexts are not the ones we write", pointer="/@context")
    remarks = check_endorsement(document, derived=False)
    if remarks:
        raise MalformedValueError(remarks[0].detail, pointer=remarks[0].pointer)
    if not is_url(document["id"]) or not isinstance(document["issuer"], dict):
        raise MalformedValueError("id must be a URL and issuer an object", pointer="/id")
    if not text_of(document["name"]):
        raise MalformedValueError("a comment needs a headline", pointer="/name")
    if not text_of(document["credentialSubject"].get("endorsementComment")):
        raise MalformedValueError("a comment needs words", pointer="/credentialSubject/endorsementComment")


def subject_id_of(document: Any) -> str | None:
    """The id of what an endorsement is about, read without judging; None if it has not exactly one."""
    subjects = as_list(document.get("credentialSubject")) if isinstance(document, dict) else []
    return id_of(subjects[0]) if len(subjects) == 1 else None


@dataclass(frozen=True)
class Comment:
    """What is shown of an endorsement; None or empty where absent.

    Attributes:
        subject_id: The id of the record it is about.
        text: Markdown.
        language: BCP 47 tag of ``text``.
        issuer_name: What the signer calls itself, which nobody vouches for.
    """

    subject_id: str | None
    text: str
    language: str | None
    issuer_id: str | None
    issuer_name: str


def peek_comment(document: Any) -> Comment:
    """Read a comment before (or after) trust; never raises on hostile input."""
    document = document if isinstance(document, dict) else {}
    subject, issuer = first_object(document.get("credentialSubject")), first_object(document.get("issuer"))
    return Comment(
        subject_id=subject_id_of(document), text=text_of(first_value(subject.get("endorsementComment"))),
        language=text_of(first_value(subject.get("inLanguage"))) or None,
        issuer_id=id_of(first_value(document.get("issuer"))), issuer_name=text_of(first_value(issuer.get("name"))),
    )
