"""Plain questions and the DCQL queries they become.

A kind of question is one entry of ``KINDS``. What is asked by default is the least that answers the question: nothing
here asks for a whole course record, and only a transcript, which cannot be split, is asked for whole.

Spec: OPENID4VP #name-digital-credentials-query-l
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from credkit.errors import MalformedValueError, UnsupportedError
from credkit.ports import JSONObject
from credkit.shape import member

MAX_PURPOSE_CHARACTERS = 300
_OPEN_BADGE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
_CLR = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential"
_SUBJECT: Final = "credentialSubject"
_NAME: Final = ((_SUBJECT, "identifier", 0, "identityHash"), (_SUBJECT, "identifier", 0, "identityType"))
"""The name, and that it is one: without it two signers' records of one person cannot be told to belong together."""
_TITLE: Final = (_SUBJECT, "achievement", "name")
_GRADE: Final = (_SUBJECT, "result", 0, "value")

ClaimsPath = tuple[str | int | None, ...]


@dataclass(frozen=True)
class Kind:
    """One thing that can be asked for.

    Attributes:
        id: Our name of it, and the id of its query on the wire.
        type_iri: The credential type, fully expanded.
        multiple: Whether several records may answer.
        claims: What must be shown, as DCQL claims paths; the student's name comes on top.
    """

    id: str
    type_iri: str
    multiple: bool
    claims: tuple[ClaimsPath, ...]


KINDS: Final[tuple[Kind, ...]] = (
    Kind("courses", _OPEN_BADGE, True, (_TITLE, _GRADE)),
    Kind("transcript", _CLR, False, ()),
    Kind("badge", _OPEN_BADGE, False, (_TITLE,)),
)


@dataclass(frozen=True)
class Question:
    """What somebody wants to see, and why.

    Attributes:
        asks: Ids of ``KINDS``, each once.
        purpose: Why, one sentence; shown to the family as it stands.
        with_name: Whether each record must name its student.
    """

    asks: tuple[str, ...]
    purpose: str
    with_name: bool = True

    def to_json(self) -> JSONObject:
        """The form that is stored."""
        return {"asks": list(self.asks), "purpose": self.purpose, "with_name": self.with_name}


def kind(name: str) -> Kind:
    """The kind of this name.

    Raises:
        UnsupportedError: no such kind.
    """
    found = next((candidate for candidate in KINDS if candidate.id == name), None)
    if found is None:
        raise UnsupportedError("we can ask for courses, transcript or badge")
    return found


def build_question(asks: Iterable[str], purpose: str, *, with_name: bool = True) -> Question:
    """A checked question.

    Raises:
        UnsupportedError: an unknown kind.
        MalformedValueError: nothing is asked for, or no purpose of 1 to 300 characters is given.
    """
    wanted = {kind(name).id for name in asks}
    if not wanted:
        raise MalformedValueError("say what you want to see", pointer="/asks")
    purpose = " ".join(
        "".join(character for character in purpose if character.isprintable() or character.isspace()).split()
    )
    if not purpose or len(purpose) > MAX_PURPOSE_CHARACTERS:
        raise MalformedValueError("say in 1 to 300 characters why you ask", pointer="/purpose")
    return Question(tuple(entry.id for entry in KINDS if entry.id in wanted), purpose, with_name)


def parse_question(stored: Any) -> Question:
    """The question from its stored form (``Question.to_json``)."""
    return build_question(
        member(stored, "asks", list), member(stored, "purpose", str), with_name=member(stored, "with_name", bool)
    )


def build_query(question: Question) -> JSONObject:
    """The DCQL query: one credential query per kind, all of them required."""
    return {"credentials": [_credential_query(kind(name), question.with_name) for name in question.asks]}


def _credential_query(wanted: Kind, with_name: bool) -> JSONObject:
    paths = wanted.claims + (_NAME if with_name else ())
    query: JSONObject = {"id": wanted.id, "format": "ldp_vc", "meta": {"type_values": [[wanted.type_iri]]}}
    if wanted.multiple:
        query["multiple"] = True
    if paths:
        query["claims"] = [{"path": list(path)} for path in paths]
    return query
