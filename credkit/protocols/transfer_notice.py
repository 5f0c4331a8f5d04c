"""A school's signed notice to a family: it has sent the full record to another school. No input or output.

It comes with the offer by which the family gets its own copy, in the offer's member ``transfer_notice``: a compact JWS
by a key with which the school signs records. It names the copy it comes with, so that nobody carries it to another
family's offer. What the other school is called is that school's word, as the sending one had it.

Source: our own, for requirements.md P7; 34 CFR 99.34(a)(1)(ii)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from credkit.dids import Resolver
from credkit.errors import IssuerBindingError, ParsingError, ProofVerificationError
from credkit.jose import peek_header, peek_payload, sign_compact, verify_compact
from credkit.ports import JSONObject, Signer
from credkit.protocols._reading import optional_text, plain_text, text
from credkit.shape import member

NOTICE_TYPE: Final = "backpack-transfer-notice+jwt"
MAX_NOTICE_CHARACTERS: Final = 8192
_CLOCK_SKEW: Final = timedelta(seconds=60)
_MOST_WORDS: Final = 400
_MOST_NAME: Final = 160
_LONGEST_LANGUAGE: Final = 35


@dataclass(frozen=True)
class TransferNotice:
    """What a school says it sent.

    Attributes:
        sender: DID of the school that sent the record.
        record: Credential id of the full record, which the family's copy has too.
        recipient: DID of the school it went to; ``recipient_name`` is what that school calls itself.
        words: The sending school's own sentence, in ``language`` (BCP 47 tag).
    """

    sender: str
    record: str
    recipient: str
    recipient_name: str
    sent_at: datetime
    words: str
    language: str | None = None


def build_notice(notice: TransferNotice, signer: Signer) -> str:
    """The notice as compact JWS.

    Args:
        signer: A key of ``notice.sender``; its ``verification_method`` stands in the school's DID document.
    """
    claims: JSONObject = {
        "iss": notice.sender, "sub": notice.record, "iat": int(notice.sent_at.timestamp()), "words": notice.words,
        "to": {"did": notice.recipient, "name": notice.recipient_name}}
    if notice.language is not None:
        claims["language"] = notice.language
    return sign_compact(claims, signer, typ=NOTICE_TYPE, header={"kid": signer.verification_method})


def peek_record(jws: str) -> str:
    """Which record a notice says it is about, before trust.

    Raises:
        ParsingError: it is no notice.
    """
    _check_length(jws)
    return text(peek_payload(jws), "sub")


def verify_notice(jws: str, *, sender: str, record: str, resolver: Resolver, now: datetime) -> TransferNotice:
    """Verify a notice and read it.

    Args:
        sender: DID of who signed the record that came with it, exactly.
        record: Id of that record, exactly.

    Raises:
        ParsingError, MalformedValueError, CryptographicSecurityError: it is no such notice.
        ProofVerificationError, IssuerBindingError: it was not signed by ``sender``, or is about another record.
        FetchError, DidError: the sender's keys cannot be had.

    Spec: security.md B01, B02
    """
    _check_length(jws)
    kid = text(peek_header(jws), "kid")
    if kid.partition("#")[0] != sender:
        raise IssuerBindingError("the notice is signed by somebody else than the school")
    key = resolver.resolve(sender).verification_method(kid, "assertionMethod").public_key
    return _read(verify_compact(jws, key, typ=NOTICE_TYPE), sender, record, now)


def _read(claims: JSONObject, sender: str, record: str, now: datetime) -> TransferNotice:
    if claims.get("iss") != sender or claims.get("sub") != record:
        raise ProofVerificationError("the notice is about another record")
    sent_at, to = _moment(member(claims, "iat", object)), member(claims, "to", dict)
    if sent_at > now + _CLOCK_SKEW:
        raise ParsingError("the notice is from the future")
    recipient, name = text(to, "did"), plain_text(text(to, "name"), _MOST_NAME)
    words, language = plain_text(text(claims, "words"), _MOST_WORDS), optional_text(claims, "language")
    if not recipient.startswith("did:") or recipient == sender or name is None or words is None:
        raise ParsingError("the notice does not say to whom the record went")
    if language is not None and len(language) > _LONGEST_LANGUAGE:
        raise ParsingError("the notice names a language that does not exist")
    return TransferNotice(sender, record, recipient, name, sent_at, words, language)


def _moment(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**33:
        raise ParsingError("the notice holds a time that does not exist")
    return datetime.fromtimestamp(value, UTC)


def _check_length(jws: Any) -> None:
    if not isinstance(jws, str) or len(jws) > MAX_NOTICE_CHARACTERS:
        raise ParsingError("the notice is not a short text")
