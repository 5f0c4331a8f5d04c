"""What a family says and agrees to: about me, consent receipts, and the link from an old name to a new one.

Spec: requirements.md §1.1 (D18), §4 (34 CFR 99.30, 99.5)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from credkit.credential import issuer_id, validity_period
from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles._family import (
    SUBJECT,
    build_document,
    open_document,
    read_iri,
    read_moment,
    read_nodes,
    read_text,
    remark_unknown,
)
from credkit.profiles._remarks import Remark
from credkit.shape import format_date_time, member

STATEMENT_KINDS: Final = (
    "strength", "interest", "goal", "motivation", "preference", "need", "asset", "challenge",
)
"""In the order in which they are shown: strengths first (Q8)."""
ABOUT_ME: Final = "AboutMeCredential"
CONSENT_RECEIPT: Final = "ConsentReceiptCredential"
LEARNER_LINK: Final = "LearnerLinkCredential"


@dataclass(frozen=True)
class AboutMe:
    """What the learner or a guardian says of the learner; never what a school says.

    Attributes:
        statements: (kind among ``STATEMENT_KINDS``, plain text, BCP 47 tag) each; their order is not signed.
        issuer: DID of the party that says so and signs.
        written_at: Aware.
    """

    id: str
    learner: str
    statements: tuple[tuple[str, str, str], ...]
    issuer: str
    written_at: datetime


@dataclass(frozen=True)
class ConsentReceipt:
    """Who agreed to share which records with whom, for what, until when, after reading which text.

    Attributes:
        recipient: DID or URL of who gets the records.
        recipient_name: As it was shown on the consent page.
        records: (title, digest as multibase multihash) of each record; their order is not signed.
        until: End of the share, aware.
        language: BCP 47 tag of the text that was shown.
        text_version: Which text that was.
        actor: DID of the party that agreed and signs: the credential's issuer.
    """

    id: str
    learner: str
    recipient: str
    recipient_name: str
    purpose: str
    records: tuple[tuple[str, str], ...]
    given_at: datetime
    until: datetime
    language: str
    text_version: str
    actor: str


@dataclass(frozen=True)
class LearnerLink:
    """``old`` and ``new`` name one learner: after the hand-over the family's credentials go by ``new``."""

    old: str
    new: str
    id: str
    linked_at: datetime


def build_about_me(about: AboutMe) -> JSONObject:
    """An AboutMeCredential without proof.

    Raises:
        MalformedValueError: no statement, an unknown kind, or an empty text.
    """
    statements = [{"type": ["Statement"], "kind": kind, "text": {"@value": text, "@language": language.lower()}}
                  for kind, text, language in about.statements]
    document = build_document(
        ABOUT_ME, credential_id=about.id, issuer=about.issuer, valid_from=about.written_at,
        subject={"id": about.learner, "type": ["AboutMe"], "statement": statements})
    remarks = check_about_me(document)
    if remarks:
        raise MalformedValueError(remarks[0].detail, pointer=remarks[0].pointer)
    return document


def read_about_me(document: Any) -> AboutMe:
    """What an AboutMeCredential says.

    Raises:
        MalformedValueError, RangeValueError: a member is missing or of the wrong form.
    """
    subject = open_document(document, ABOUT_ME, "AboutMe")
    statements = tuple((read_text(node, "kind", at=at), *_text_in_language(node, at))
                       for at, node in read_nodes(subject, "statement", "Statement"))
    return AboutMe(id=document["id"], learner=subject["id"], statements=statements, issuer=issuer_id(document),
                   written_at=_start(document))


def check_about_me(document: Any) -> tuple[Remark, ...]:
    """Remarks on kinds that we do not know; raises as ``read_about_me``."""
    kinds = (kind for kind, _text, _language in read_about_me(document).statements)
    return tuple(remark for kind in kinds for remark in remark_unknown(kind, STATEMENT_KINDS, "statement"))


def build_consent_receipt(receipt: ConsentReceipt) -> JSONObject:
    """A ConsentReceiptCredential without proof; a receipt has no end: it tells what was agreed to.

    Raises:
        MalformedValueError: no record, or a member that cannot be read back.
    """
    subject: JSONObject = {
        "id": receipt.learner, "type": ["ConsentReceipt"], "actor": receipt.actor,
        "recipient": {"id": receipt.recipient, "type": ["Recipient"], "name": receipt.recipient_name},
        "purpose": receipt.purpose,
        "record": [{"type": ["SharedRecord"], "title": title, "digestMultibase": digest}
                   for title, digest in receipt.records],
        "givenAt": format_date_time(receipt.given_at), "until": format_date_time(receipt.until),
        "language": receipt.language, "textVersion": receipt.text_version,
    }
    document = build_document(CONSENT_RECEIPT, credential_id=receipt.id, issuer=receipt.actor,
                              valid_from=receipt.given_at, subject=subject)
    read_consent_receipt(document)
    return document


def read_consent_receipt(document: Any) -> ConsentReceipt:
    """What a ConsentReceiptCredential says.

    Raises:
        MalformedValueError, RangeValueError: a member is missing or of the wrong form, or the issuer is not the actor.
    """
    subject = open_document(document, CONSENT_RECEIPT, "ConsentReceipt")
    recipients = read_nodes(subject, "recipient", "Recipient")
    if len(recipients) != 1:
        raise MalformedValueError("recipient must have one value", pointer=SUBJECT + "/recipient")
    at, recipient = recipients[0]
    actor = read_iri(subject, "actor")
    if actor != issuer_id(document):
        raise MalformedValueError("the one who agreed is not the one who signs", pointer=SUBJECT + "/actor")
    return ConsentReceipt(
        id=document["id"], learner=subject["id"], recipient=read_iri(recipient, "id", at=at),
        recipient_name=read_text(recipient, "name", at=at), purpose=read_text(subject, "purpose"),
        records=tuple((read_text(node, "title", at=place), read_text(node, "digestMultibase", at=place))
                      for place, node in read_nodes(subject, "record", "SharedRecord")),
        given_at=read_moment(subject, "givenAt"), until=read_moment(subject, "until"),
        language=read_text(subject, "language"), text_version=read_text(subject, "textVersion"), actor=actor)


def check_consent_receipt(document: Any) -> tuple[Remark, ...]:
    """No remarks; raises as ``read_consent_receipt``."""
    read_consent_receipt(document)
    return ()


def build_learner_link(link: LearnerLink, *, issuer: str) -> JSONObject:
    """A LearnerLinkCredential without proof.

    Args:
        issuer: DID of the party that says so and signs.

    Raises:
        MalformedValueError: a name that is no URL, or both are one.
    """
    document = build_document(LEARNER_LINK, credential_id=link.id, issuer=issuer, valid_from=link.linked_at,
                              subject={"id": link.new, "type": ["LearnerLink"], "formerId": link.old})
    read_learner_link(document)
    return document


def read_learner_link(document: Any) -> LearnerLink:
    """What a LearnerLinkCredential says.

    Raises:
        MalformedValueError, RangeValueError: a member is missing or of the wrong form, or both names are one.
    """
    subject = open_document(document, LEARNER_LINK, "LearnerLink")
    old, new = read_iri(subject, "formerId"), read_iri(subject, "id")
    if old == new:
        raise MalformedValueError("the old name and the new one are the same", pointer=SUBJECT + "/formerId")
    return LearnerLink(old=old, new=new, id=document["id"], linked_at=_start(document))


def check_learner_link(document: Any) -> tuple[Remark, ...]:
    """No remarks; raises as ``read_learner_link``."""
    read_learner_link(document)
    return ()


def _text_in_language(node: JSONObject, at: str) -> tuple[str, str]:
    value = node.get("text")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict) or value.keys() != {"@value", "@language"}:
        raise MalformedValueError("text must be text in one language", pointer=at + "/text")
    text, language = member(value, "@value", str, at=at + "/text"), member(value, "@language", str, at=at + "/text")
    if not text or not language:
        raise MalformedValueError("text must be text in one language", pointer=at + "/text")
    return text, language


def _start(document: JSONObject) -> datetime:
    start = validity_period(document).valid_from
    if start is None:
        raise MalformedValueError("the member validFrom is missing", pointer="/validFrom")
    return start
