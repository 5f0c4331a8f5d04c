"""Plain questions and the DCQL queries they become.

A kind of question is one entry of ``KINDS``. What is asked by default is the least that answers the question: nothing
here asks for a whole course record, and only a transcript, which cannot be split, is asked for whole.

Spec: OPENID4VP #name-digital-credentials-query-l
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from credkit.dids import web_document_url
from credkit.encoding import parse_json_object
from credkit.errors import CredkitError, MalformedValueError, StateError, UnsupportedError
from credkit.http import parse_origin
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.shape import member

MAX_PURPOSE_CHARACTERS = 300
DEFAULT_DAYS: Final = 30
MAX_DAYS: Final = 366
FULL_RECORD: Final = "full-record"
OPEN_BADGE: Final = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
CLR: Final = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential"
_SUBJECT: Final = "credentialSubject"
_NAME: Final = ((_SUBJECT, "identifier", 0, "identityHash"), (_SUBJECT, "identifier", 0, "identityType"))
"""The name, and that it is one: without it two signers' records of one person cannot be told to belong together."""
_TITLE: Final = (_SUBJECT, "achievement", "name")
_GRADE: Final = (_SUBJECT, "result", 0, "value")
_STATE: Final = (_SUBJECT, "result", 0, "status")
_TERM: Final = (_SUBJECT, "term")
_SIGNER: Final = ("issuer", "id")
_GOING_ON: Final = ("Enrolled", "InProgress")
_FLAT_NAME: Final = ("student_name",)

ClaimsPath = tuple[str | int | None, ...]
Claim = tuple[ClaimsPath, tuple[str, ...]]
"""A path and the values that will do; any if there are none."""


@dataclass(frozen=True)
class Kind:
    """One thing that can be asked for.

    Attributes:
        id: Our name of it, and the id of its query on the wire.
        type_iri: The credential type, fully expanded.
        multiple: Whether several records may answer.
        claims: What must be shown; the student's name comes on top.
        record, flat: The same of an SD-JWT: the last word of its type, "" if there is no such form, and its claims.
    """

    id: str
    type_iri: str
    multiple: bool
    claims: tuple[Claim, ...]
    record: str = ""
    flat: tuple[Claim, ...] = ()


KINDS: Final[tuple[Kind, ...]] = (
    Kind("courses", OPEN_BADGE, True, ((_TITLE, ()), (_GRADE, ())), "course", ((("title",), ()), (("grade",), ()))),
    Kind("transcript", CLR, False, ()),
    Kind("badge", OPEN_BADGE, False, ((_TITLE, ()),), "badge", ((("title",), ()),)),
    Kind("enrolment", OPEN_BADGE, False, ((_STATE, _GOING_ON), (_TERM, ())), "course",
         ((("state",), _GOING_ON), (("term",), ()))),
    Kind(FULL_RECORD, CLR, False, ()),
)
"""``full-record`` is asked of the school that signed it, everything else of the family."""


@dataclass(frozen=True)
class Question:
    """What somebody wants to see, and why.

    Attributes:
        asks: Ids of ``KINDS``, each once; none where somebody wrote the query.
        purpose: Why, one sentence; shown to the family as it stands. Empty only with such a query.
        until: The last day on which we use what we get.
        with_name: Whether each record must name its student.
        sender: did:web of the school that is asked for its full record; "" where a family is asked.
    """

    asks: tuple[str, ...]
    purpose: str
    until: date
    with_name: bool = True
    sender: str = ""

    @property
    def ends_at(self) -> datetime:
        """The last second of the last day of use, UTC."""
        return datetime.combine(self.until, time(23, 59, 59), UTC)

    def to_json(self) -> JSONObject:
        """The form that is stored."""
        stored: JSONObject = {"asks": list(self.asks), "purpose": self.purpose, "with_name": self.with_name}
        return {**stored, "until": self.until.isoformat(), "sender": self.sender}


def kind(name: str) -> Kind:
    """The kind of this name.

    Raises:
        UnsupportedError: no such kind.
    """
    found = next((candidate for candidate in KINDS if candidate.id == name), None)
    if found is None:
        raise UnsupportedError("we can ask for courses, transcript, badge, enrolment or a full record")
    return found


def build_question(
    asks: Iterable[str],
    purpose: str,
    *,
    today: date,
    until: date | None = None,
    with_name: bool = True,
    sender: str = "",
) -> Question:
    """A checked question.

    Args:
        until: The last day of use; 30 days from ``today`` if None.
        sender: The school that a full record is asked of.

    Raises:
        UnsupportedError: an unknown kind.
        MalformedValueError: nothing is asked for (``/asks``), no purpose of 1 to 300 characters is given
            (``/purpose``), the last day lies before today or more than a year ahead (``/until``), or a full record is
            asked for together with something else or not of a did:web (``/sender``).
    """
    wanted = {kind(name).id for name in asks}
    if not wanted:
        raise MalformedValueError("say what you want to see", pointer="/asks")
    last = until or today + timedelta(days=DEFAULT_DAYS)
    if not today <= last <= today + timedelta(days=MAX_DAYS):
        raise MalformedValueError("the last day of use lies within a year from today", pointer="/until")
    _check_sender(wanted, sender.strip())
    return Question(
        tuple(entry.id for entry in KINDS if entry.id in wanted), _purpose(purpose), last, with_name, sender.strip()
    )


def open_question(purpose: str, *, today: date, until: date | None = None) -> Question:
    """A question whose query somebody wrote: it names no ``KINDS``. The purpose may be empty.

    Raises:
        MalformedValueError: as ``build_question``.
    """
    last = until or today + timedelta(days=DEFAULT_DAYS)
    if not today <= last <= today + timedelta(days=MAX_DAYS):
        raise MalformedValueError("the last day of use lies within a year from today", pointer="/until")
    return Question((), _purpose(purpose) if purpose else "", last, with_name=False)


def read_query(raw: bytes) -> JSONObject:
    """A DCQL query that somebody wrote, as it stands; every format in it is one that can be checked here.

    Raises:
        ParsingError, TooComplexError: no JSON object.
        ProtocolError: ``invalid_request``: no DCQL query.
        MalformedValueError: a claim is asked for twice.
        UnsupportedError: a format that cannot be checked here.
    """
    document = parse_json_object(raw)
    for entry in dcql.parse_query(document).credentials:
        if entry.format not in dcql.FORMATS:
            raise UnsupportedError(f"the format {entry.format} cannot be checked here")
        paths = [claim.path for claim in entry.claims]
        if len({repr(path) for path in paths}) != len(paths):
            raise MalformedValueError("one claim is asked for twice", pointer="/credentials")
    return document


def _purpose(text: str) -> str:
    shown = " ".join("".join(mark for mark in text if mark.isprintable() or mark.isspace()).split())
    if not shown or len(shown) > MAX_PURPOSE_CHARACTERS:
        raise MalformedValueError("say in 1 to 300 characters why you ask", pointer="/purpose")
    return shown


def _check_sender(wanted: set[str], sender: str) -> None:
    if FULL_RECORD not in wanted:
        if sender:
            raise MalformedValueError("only a full record is asked of a school", pointer="/sender")
        return
    if wanted != {FULL_RECORD}:
        raise MalformedValueError("a full record is asked for alone, for it is asked of a school", pointer="/asks")
    try:
        web_document_url(sender, allow_loopback=True)
    except CredkitError as error:
        raise MalformedValueError(
            "name the school that sends it, such as did:web:school.example", pointer="/sender"
        ) from error


def parse_question(stored: Any) -> Question:
    """The question from its stored form (``Question.to_json``); it was checked when it was asked."""
    return Question(
        tuple(member(stored, "asks", list)),
        member(stored, "purpose", str),
        date.fromisoformat(member(stored, "until", str)),
        member(stored, "with_name", bool),
        member(stored, "sender", str),
    )


def build_query(question: Question) -> JSONObject:
    """The DCQL query: one credential query per kind, all of them required."""
    return {"credentials": [_credential_query(kind(name), question) for name in question.asks]}


def _credential_query(wanted: Kind, question: Question) -> JSONObject:
    claims: tuple[Claim, ...] = wanted.claims
    if wanted.id == FULL_RECORD:
        claims += ((_SIGNER, (question.sender,)),)
    if question.with_name:
        claims += tuple((path, ()) for path in _NAME)
    return _query(wanted, dcql.FORMAT, {"type_values": [[wanted.type_iri]]}, claims)


def build_sd_jwt_query(question: Question, signers: Iterable[str]) -> JSONObject:
    """The same question for SD-JWT VCs, which are asked for by the types that each school gives them.

    Args:
        signers: Identifiers of the schools that may have signed: did:web, or https.

    Raises:
        StateError: nobody is named whose types could be asked for, or there is no such form of what is asked for.
    """
    kinds = [kind(name) for name in question.asks]
    if not all(each.record for each in kinds):
        raise StateError("The profile of this verifier forbids to ask for records in this format.")
    origins = [origin for origin in map(_origin_of, signers) if origin is not None]
    if not origins:
        raise StateError("Put the schools whose records you ask for on your list first.")
    name: tuple[Claim, ...] = ((_FLAT_NAME, ()),) if question.with_name else ()
    return {"credentials": [
        _query(each, dcql.SD_JWT, {"vct_values": [f"{origin}/vct/{each.record}" for origin in origins]},
               (*each.flat, *name)) for each in kinds]}


def _origin_of(signer: str) -> str | None:
    """The address of a school without a path; None if it has another kind of identifier."""
    try:
        url = web_document_url(signer, allow_loopback=True) if signer.startswith("did:") else signer
        return parse_origin("://".join(urlsplit(url)[:2]), allow_loopback=url.startswith("http:"))
    except (CredkitError, ValueError):
        return None


def _query(wanted: Kind, credential_format: str, meta: JSONObject, claims: tuple[Claim, ...]) -> JSONObject:
    query: JSONObject = {"id": wanted.id, "format": credential_format, "meta": meta}
    if wanted.multiple:
        query["multiple"] = True
    if claims:
        query["claims"] = [
            {"path": list(path)} | ({"values": list(values)} if values else {}) for path, values in claims
        ]
    return query
