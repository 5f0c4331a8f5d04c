"""A story (``services.stories``) as the pages and the terminal show it: in the reader's language, with the signed
words as signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from babel.support import NullTranslations

from credkit.ports import JSONObject
from ui.languages import N_
from ui.text import one_line
from ui.web.components import Course, Fact, Signer, Status, Term, Transcript
from ui.words import Explained, explain

_KINDS: Mapping[str, str] = {
    "transcript": N_("Transcript"),
    "course": N_("Course"),
    "badge": N_("Badge"),
    "endorsement": N_("Comment on a record"),
}
_LABELS: Mapping[str, str] = {
    "grade": N_("Grade"),
    "level": N_("Level reached"),
    "state": N_("State"),
    "term": N_("Term"),
    "creditsEarned": N_("Credits earned"),
    "creditsAvailable": N_("Credits possible"),
    "role": N_("Role"),
    "narrative": N_("In the signer's words"),
    "activityStartDate": N_("Began on"),
    "activityEndDate": N_("Ended on"),
    "description": N_("What it is"),
    "humanCode": N_("Code"),
    "fieldOfStudy": N_("Field"),
    "specialization": N_("Specialization"),
    "criteria-narrative": N_("How it is earned"),
    "skill": N_("Skill"),
    "tag": N_("Keyword"),
    "record-description": N_("About this record"),
    "evidence-name": N_("Piece of work"),
    "evidence-narrative": N_("About the work"),
    "evidence-description": N_("About the work"),
    "partial": N_("Part of a larger transcript"),
}
_STATES: Mapping[str, str] = {
    "Completed": N_("Completed"),
    "Enrolled": N_("Enrolled"),
    "Failed": N_("Not passed"),
    "InProgress": N_("Still going on"),
    "OnHold": N_("On hold"),
    "Provisional": N_("Not final yet"),
    "Withdrew": N_("Left the course"),
}
_MARKDOWN = frozenset({"narrative", "description", "criteria-narrative", "record-description", "evidence-narrative"})
_DATES = frozenset({"activityStartDate", "activityEndDate"})
_STATUS_OF_CODE: Mapping[str, Status] = {
    "revoked": "revoked",
    "suspended": "suspended",
    "expired": "expired",
    "not_yet_valid": "not-yet",
}

ShowDate = Callable[[str], str]


@dataclass(frozen=True)
class ToldRecord:
    """One record on the page.

    Attributes:
        explained: Its checks in words.
        title: As signed; "" where the signature does not hold, and then nothing of the record is shown.
        shown: Whether the words are the signed ones.
        verified: Whether every check that is required passed.
        members: The records inside a transcript.
    """

    explained: Explained
    kind: str
    title: str
    student: str
    signer: Signer
    language: str | None
    rows: tuple[Fact, ...]
    status: Status
    shown: bool
    verified: bool
    members: tuple[ToldRecord, ...] = ()
    endorsements: tuple[ToldRecord, ...] = ()
    term: str = ""
    grade: str = ""
    credit: str = ""
    state: str = ""

    @property
    def table(self) -> Transcript | None:
        """The courses inside by term, or None if there are none."""
        return course_table(self.members)


@dataclass(frozen=True)
class Told:
    """A whole story: the one verdict, and the records."""

    overall: Explained
    records: tuple[ToldRecord, ...]

    @property
    def table(self) -> Transcript | None:
        """The courses that were shown, or None if there are none."""
        return course_table(self.records)

    @property
    def signer(self) -> Signer | None:
        """Who signed all of several records, or None."""
        signers = {record.signer for record in self.records}
        return signers.pop() if len(self.records) > 1 and len(signers) == 1 else None

    @property
    def students(self) -> tuple[str, ...]:
        """Whom several records name, each name once."""
        return tuple(dict.fromkeys(record.student for record in self.records if record.student))

    @property
    def concerned(self) -> tuple[tuple[str, str], ...]:
        """Of several records, title and reason of those for which not every check passed."""
        return tuple(
            (record.title, record.explained.verdict.sentence)
            for record in self.records
            if len(self.records) > 1 and record.title and not record.verified
        )

    @property
    def is_answer(self) -> bool:
        """Whether the records came in an answer, which has checks of its own."""
        return not self.records or self.overall is not self.records[0].explained

    @property
    def titles(self) -> tuple[str, ...]:
        """What the records are called, as far as their signatures hold."""
        return tuple(record.title for record in self.records if record.title)


def tell_story(story: JSONObject, translations: NullTranslations, show_date: ShowDate = str) -> Told:
    """The story in the language of ``translations``; ``show_date`` puts a signed date into words."""
    records = tuple(_record(sheet, translations, show_date) for sheet in story["sheets"])
    known = {record.signer.known_as for record in records}
    signer = known.pop() if len(known) == 1 else None
    alone = records[0].explained if len(records) == 1 and not _is_answer(story["report"]) else None
    return Told(alone or explain(story["report"], translations, signer=signer), records)


def course_table(records: Sequence[ToldRecord]) -> Transcript | None:
    """Courses as a table grouped by term, in the order given; None if there is no course among the records."""
    terms: dict[str, list[Course]] = {}
    for record in records:
        if record.kind == "course" and record.shown:
            terms.setdefault(record.term, []).append(
                Course(record.title, record.credit, record.grade, record.status, record.state, None, record.language)
            )
    return Transcript(tuple(Term("", term, tuple(courses)) for term, courses in terms.items())) if terms else None


def signer_of(identifier: str, known_as: str | None, calls_itself: str = "", language: str | None = None) -> Signer:
    """Who signed, for ``ui.who_signed``; the domain is read off a did:web or https identifier."""
    return Signer(identifier, known_as, one_line(calls_itself) or None, _domain(identifier), language)


def _record(sheet: JSONObject, translations: NullTranslations, show_date: ShowDate) -> ToldRecord:
    report, record = sheet["report"], sheet["record"] or {}
    title = one_line(record.get("title", ""), 300)
    known_as, language = report.get("trusted_name"), record.get("language") or None
    kind = record.get("kind", "")
    lines = record.get("lines", ())
    return ToldRecord(
        explained=explain(report, translations, signer=known_as, title=title or None),
        kind=kind,
        title=title or (translations.gettext(_KINDS[kind]) if kind in _KINDS else ""),
        student=one_line(record.get("student", "")),
        signer=signer_of(record.get("signer", ""), known_as, record.get("calls_itself", ""), language),
        language=language,
        rows=_rows(record, language, translations.gettext, show_date),
        status=_status(report),
        shown=sheet["record"] is not None,
        verified=report["verified"],
        members=tuple(_record(member, translations, show_date) for member in sheet["members"]),
        endorsements=tuple(_record(member, translations, show_date) for member in sheet["endorsements"]),
        term=_first(lines, "term"),
        grade=_first(lines, "grade") or _first(lines, "level"),
        credit=_first(lines, "creditsEarned"),
        state=_state(_first(lines, "state"), translations.gettext),
    )


def _rows(
    record: Mapping[str, Any], language: str | None, gettext: Callable[[str], str], show_date: ShowDate
) -> tuple[Fact, ...]:
    heads = (
        (N_("Student"), one_line(record.get("student", "")), language),
        (N_("Signed on"), show_date(record["signed_on"]) if record.get("signed_on") else "", None),
        (N_("Valid until"), show_date(record["valid_until"]) if record.get("valid_until") else "", None),
    )
    lines = (_fact(line, language, gettext, show_date) for line in record.get("lines", ()))
    return (*(Fact(gettext(label), value, spoken) for label, value, spoken in heads if value), *lines)


def _fact(line: Mapping[str, str], language: str | None, gettext: Callable[[str], str], show_date: ShowDate) -> Fact:
    kind = line["label"]
    label = one_line(line["called"], 120) or gettext(_LABELS[kind])
    called_in = language if line["called"] else None
    if kind == "partial":
        return Fact(label, gettext(N_("Yes: it does not hold everything there is.")))
    if kind in _DATES:
        return Fact(label, show_date(line["value"]), label_language=called_in)
    if kind == "state" and (state := _STATES.get(line["value"])):
        return Fact(label, gettext(state), label_language=called_in)
    return Fact(label, line["value"], language, markdown=kind in _MARKDOWN, label_language=called_in)


def _first(lines: Sequence[Mapping[str, str]], label: str) -> str:
    return next((one_line(line["value"]) for line in lines if line["label"] == label), "")


def _state(value: str, gettext: Callable[[str], str]) -> str:
    """How far a course has come, in words; nothing for a finished one, where the grade says it all."""
    if value == "Completed":
        return ""
    return gettext(_STATES[value]) if value in _STATES else value


def _status(report: Mapping[str, Any]) -> Status:
    outcomes = {check["id"]: check for check in report["checks"]}
    for check_id in ("status", "validity"):
        code = (outcomes.get(check_id, {}).get("problem") or {}).get("code", "")
        if code in _STATUS_OF_CODE:
            return _STATUS_OF_CODE[code]
    return "good" if report["verified"] else "unknown"


def _is_answer(report: Mapping[str, Any]) -> bool:
    return any(check["id"] in ("query", "credentials") for check in report["checks"])


def _domain(identifier: str) -> str | None:
    if identifier.startswith("did:web:"):
        return one_line(unquote(identifier.split(":")[2]), 253)
    host = identifier.removeprefix("https://").partition("/")[0] if identifier.startswith("https://") else ""
    return one_line(host, 253) or None
