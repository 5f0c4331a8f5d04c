"""What a hand-carried packet says, from the signed words in one bundle and nothing else (requirements.md T4, T5, Q9).

A packet is unofficial: the receiving school uses it to enroll and place the student until the official records come
(Interstate Compact on Educational Opportunity for Military Children, Article IV).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from credkit.ports import JSONObject
from credkit.profiles import clr_2
from credkit.profiles.endorsement import peek_comment
from credkit.profiles.family import STATEMENT_KINDS, read_about_me
from credkit.profiles.family import is_mine as is_family
from credkit.shape import as_list
from wallet.services.record.categories import category_of
from wallet.services.record.reading import Issuer, Record, first, moment, read_record, text

State = Literal["finished", "going-on", "left", "not-passed"]
_STATES: dict[str, State] = {
    "Enrolled": "going-on", "InProgress": "going-on", "Provisional": "going-on", "OnHold": "left", "Withdrew": "left",
    "Failed": "not-passed",
}
_SUPPORTS = ("services", "iep")


@dataclass(frozen=True)
class CourseLine:
    """A course: what was earned of what it is worth, so that part of a credit is not lost in a move."""

    record: Record
    state: State

    @property
    def earned(self) -> str:
        """Credits earned, as signed."""
        return self.record.credits_earned

    @property
    def worth(self) -> str:
        """Credits it is worth, as signed."""
        return self.record.credits_available


@dataclass(frozen=True)
class Remarked:
    """A comment of the family on a record of the packet."""

    title: str
    words: str
    name: str


@dataclass(frozen=True)
class Packet:
    """Everything a packet or a day-one page shows.

    Attributes:
        learner: The name that the records give, empty if none does.
        said: (kind, words, language) by the family, strengths first.
        courses: Going on first, then the others, newest first.
        results: Assessments. ``supports``: services and special education. ``others``: badges and the rest.
        schools: Who signed, each once, newest first.
        papers: Titles of old papers that go along, which nobody has verified.
        made_at, until: Of the bundle.
    """

    learner: str
    title: str
    purpose: str
    made_at: datetime | None
    until: datetime | None
    said: tuple[tuple[str, str, str], ...]
    courses: tuple[CourseLine, ...]
    results: tuple[Record, ...]
    supports: tuple[Record, ...]
    others: tuple[Record, ...]
    schools: tuple[Issuer, ...]
    comments: tuple[Remarked, ...]
    papers: tuple[str, ...]

    @property
    def going_on(self) -> tuple[CourseLine, ...]:
        """Courses that were not finished when their school signed."""
        return tuple(line for line in self.courses if line.state == "going-on")


def read_packet(bundle: JSONObject) -> Packet:
    """What the bundle's records say, sorted as a school reads it; a record in it twice counts once."""
    documents = {str(document.get("id")): document for document in read_documents(bundle)}
    records = {name: read_record(document) for name, document in documents.items() if not is_family(document)}
    newest = sorted(records.items(), key=lambda pair: _when(pair[1]), reverse=True)
    courses, results, supports, others = [], [], [], []
    for name, record in newest:
        if category_of(documents[name], "") in _SUPPORTS:
            supports.append(record)
        elif record.kind == "course":
            courses.append(CourseLine(record, _state_of(record)))
        elif record.kind == "assessment":
            results.append(record)
        elif record.kind != "transcript":
            others.append(record)
    courses.sort(key=lambda line: line.state != "going-on")
    people = [record.person for _name, record in newest if record.person]
    people += [text(first(name).get("identityHash")) for name in as_list(first(
        bundle.get("credentialSubject")).get("identifier"))]
    return Packet(
        learner=people[0] if people else "", title=text(bundle.get("name")), purpose=text(bundle.get("description")),
        made_at=moment(bundle.get("validFrom")), until=moment(bundle.get("validUntil")), said=_said(documents),
        courses=tuple(courses), results=tuple(results), supports=tuple(supports), others=tuple(others),
        schools=tuple({record.issuer.id: record.issuer for _name, record in newest}.values()),
        comments=tuple(_comments(bundle, documents)),
        papers=tuple(text(each.get("name")) for each in as_list(bundle.get("evidence")) if isinstance(each, dict)))


def read_documents(document: JSONObject) -> Iterator[JSONObject]:
    """Every record inside a transcript, and inside the transcripts in it; none if it is no transcript."""
    if clr_2.is_mine(document):
        for _at, member in clr_2.members_of(document):
            yield member
            yield from read_documents(member)


def _state_of(record: Record) -> State:
    return next((_STATES[line.status] for line in record.results if line.status in _STATES), "finished")


def _when(record: Record) -> str:
    when = record.ends_at or record.starts_at or record.valid_from
    return when.isoformat() if when else ""


def _said(documents: dict[str, JSONObject]) -> tuple[tuple[str, str, str], ...]:
    found = [statement for document in documents.values() if "AboutMeCredential" in as_list(document.get("type"))
             for statement in read_about_me(document).statements]
    return tuple(sorted(found, key=lambda each: STATEMENT_KINDS.index(each[0]) if each[0] in STATEMENT_KINDS else 99))


def _comments(bundle: JSONObject, documents: dict[str, JSONObject]) -> Iterator[Remarked]:
    for endorsement in as_list(bundle.get("endorsement")):
        said = peek_comment(endorsement)
        about = documents.get(str(said.subject_id))
        title = (read_record(about).title or text(about.get("name"))) if about is not None else ""
        yield Remarked(title, said.text, said.issuer_name)
