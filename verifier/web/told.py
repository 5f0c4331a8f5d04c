"""A story (``services.stories``) as the pages and the terminal show it: in the reader's language, with the signed
words as signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from babel.support import NullTranslations

from credkit.ports import JSONObject
from credkit.shape import parse_date_time
from ui.languages import N_
from ui.text import one_line
from ui.web.components import Course, Fact, Signer, Status, Term, Transcript
from ui.words import Explained, explain
from verifier.services.packets import is_packet
from verifier.web.labels import BASES, DATES, KINDS, LABELS, MARKDOWN, ROLES, STATES, STATUS_OF_CODE, WORDS

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
        endorsements: What others say about it; never the signer's words.
        voice: Whose words they are: ``known``, ``family`` or ``other``; ``said_by`` is the sentence that says so.
        holds: Whether all but whom we know is in order; of a comment that does not hold no word is shown.
        comment: The words of a comment on a record, as signed. ``about``: what the record says it is for.
        said: Of what a family says about the student: kind, words and language of each statement, strengths first.
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
    voice: str = "other"
    said_by: str = ""
    holds: bool = False
    comment: str = ""
    about: str = ""
    said: tuple[tuple[str, str, str | None], ...] = ()

    @property
    def table(self) -> Transcript | None:
        """The courses inside by term, or None if there are none."""
        return course_table(self.members)


@dataclass(frozen=True)
class ToldSource:
    """How the records came: from a wallet's link (``host``), from the school itself (``sender``), checked ``offline``.

    Attributes:
        is_full: Whether what the school sent is what was asked for, its full record.
        copies_of: When the oldest copy was made that stood in for asking somebody.
        more: Whether whole records came where single values were asked for.
    """

    host: str | None
    sender: Signer | None
    is_full: bool
    offline: bool
    copies_of: datetime | None
    more: bool = False


@dataclass(frozen=True)
class ToldPaper:
    """An old paper from the family, never verified.

    Attributes:
        kind: ``picture``, ``table``, ``document`` (a PDF, which is not opened here) or ``other``.
        data: A picture's bytes in base64, as they came: to be made anew before it is shown.
        rows: The beginning of a table, its first line first.
    """

    title: str
    note: str
    kind: str
    size: int
    data: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Told:
    """A whole story: the one verdict, and the records.

    Attributes:
        notes: What has to be known beside the verdict, a sentence each: who chose, who sent, that nobody was asked.
        bundle: What holds the records together where a family chose them; its checks are in ``overall``.
        papers: Old papers that the family added, which nobody verified.
    """

    overall: Explained
    records: tuple[ToldRecord, ...]
    source: ToldSource
    notes: tuple[str, ...] = ()
    bundle: ToldRecord | None = None
    papers: tuple[ToldPaper, ...] = ()

    @property
    def tables(self) -> tuple[tuple[Signer, Transcript], ...]:
        """The courses that were shown, a table for each signer."""
        return course_tables(self.records)

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
    bundle = _record(story["bundle"], translations, show_date) if "bundle" in story else None
    known = {record.signer.known_as for record in records if record.voice != "family"}
    signer = known.pop() if len(known) == 1 else None
    alone = bundle is None and len(records) == 1 and not _is_answer(story["report"])
    overall = records[0].explained if alone else explain(_of_offices(story), translations, signer=signer)
    source = _source(story["source"], story["report"], signer)
    acts = tuple(_authority(story["authority"], translations, show_date))
    by_another = any(not _is_guardian(entry) for entry in story["authority"])
    notes = (*acts, *_notes(source, bundle, by_another, is_packet(story), translations.gettext))
    return Told(overall, records, source, notes, bundle, tuple(_paper(each) for each in story.get("papers", ())))


def _paper(stored: Mapping[str, Any]) -> ToldPaper:
    kinds = {"text/csv": "table", "application/pdf": "document"}
    kind = "picture" if "data" in stored else kinds.get(stored["media_type"], "other")
    return ToldPaper(one_line(stored["title"], 300), one_line(stored["note"], 2000), kind, stored["size"],
                     stored.get("data", ""), tuple(tuple(row) for row in stored.get("rows", ())))


def _of_offices(story: JSONObject) -> Mapping[str, Any]:
    """The report on the records that somebody else than the family signed: only their signers can be known.

    By what right somebody presents them is a check of its own, whoever signed the permission.
    """
    offices = [_report_of(sheet) for sheet in story["sheets"] if sheet["voice"] != "family"]
    if "bundle" in story and offices:
        return {**story["report"], "members": offices}
    members = story["report"].get("members", ())
    records = [each for each in members if not any(check["id"] == "authority" for check in each["checks"])]
    return {**story["report"], "members": records} if len(records) < len(members) else dict(story["report"])


def _report_of(sheet: JSONObject) -> Mapping[str, Any]:
    return {**sheet["report"], "members": [_report_of(member) for member in sheet["members"]]}


def _source(source: Mapping[str, Any], report: Mapping[str, Any], signer: str | None) -> ToldSource:
    copies_of, sender = source["copies_of"], source["sender"]
    is_answered = any(check["id"] == "query" and check["outcome"] == "passed" for check in report["checks"])
    return ToldSource(
        source["host"],
        signer_of(sender, signer) if sender else None,
        is_answered,
        source["offline"],
        None if copies_of is None else parse_date_time(copies_of),
        source.get("more", False),
    )


def _notes(
    source: ToldSource, bundle: ToldRecord | None, by_another: bool, unofficial: bool, gettext: Callable[[str], str]
) -> Iterator[str]:
    if bundle is not None:
        family = N_("The family chose these records. This is not the whole record.")
        another = N_("Somebody who acts for the student chose these records. This is not the whole record.")
        yield gettext(another if by_another else family)
    if unofficial:
        family = N_("This is an unofficial copy that the family carries; the school's own record replaces it.")
        another = N_("This is an unofficial copy carried for the family; the school's own record replaces it.")
        yield gettext(another if by_another else family)
    if bundle is not None:
        yield gettext(N_("It does not prove who is showing it: whoever has this file or link can show it."))
        yield gettext(N_("So compare the name in the records with the person in front of you."))
    if source.sender is not None and source.is_full:
        yield gettext(N_("Sent by the school itself, as its full record. The school tells the family."))
    elif source.sender is not None:
        yield gettext(N_("Sent by the school itself, but not as its full record."))
    if source.more:
        yield gettext(N_("The records came whole, so they say more than you asked for. Use only what you asked for."))
    if source.host is not None:
        yield gettext(N_("Fetched from the wallet at %(host)s.")) % {"host": one_line(source.host, 253)}
    if source.offline:
        yield gettext(N_("Checked without asking anybody."))


def _authority(grants: Sequence[JSONObject], translations: NullTranslations, show_date: ShowDate) -> Iterator[str]:
    """Who presents for the student, by what right and until when; the right only of grants that hold."""
    gettext = translations.gettext
    for entry in grants:
        said = _said_by_grant(entry)
        if entry["outcome"] == "failed" or not said:
            yield gettext(N_("Somebody shares this for the student, with a permission that does not hold."))
            continue
        role = gettext(ROLES.get(said["grant-role"], said["grant-role"]))
        basis = gettext(BASES.get(said["grant-basis"], said["grant-basis"]))
        if entry["outcome"] != "passed":
            yield gettext(N_("Somebody shares this for the student, as: %(role)s.")) % {"role": one_line(role)}
            yield gettext(N_("We could not check who let them."))
            continue
        yield gettext(N_("Shared for the student by: %(role)s. The right to do so: %(basis)s.")) % {
            "role": one_line(role),
            "basis": one_line(basis),
        }
        if said["until"]:
            yield gettext(N_("Allowed until %(day)s.")) % {"day": show_date(said["until"])}


def _said_by_grant(entry: Mapping[str, Any]) -> dict[str, str]:
    """What a grant says, by the label of each line, and ``until``; nothing where its words are not the signed ones."""
    record = entry["grant"]["record"]
    if record is None:
        return {}
    return {line["label"]: line["value"] for line in record["lines"]} | {"until": record["valid_until"]}


def _is_guardian(entry: Mapping[str, Any]) -> bool:
    """Whether who presents is known to be a guardian: that is the family itself."""
    return entry["outcome"] == "passed" and _said_by_grant(entry).get("grant-role") == "guardian"


def _said_by(voice: str, known_as: str | None, gettext: Callable[[str], str]) -> str:
    if voice == "known" and known_as:
        return gettext(N_("%(signer)s says")) % {"signer": one_line(known_as)}
    return gettext(N_("The family says") if voice == "family" else N_("Somebody we do not know says"))


def course_table(records: Sequence[ToldRecord]) -> Transcript | None:
    """Courses as a table grouped by term, in the order given; None if there is no course among the records."""
    terms: dict[str, list[Course]] = {}
    for record in records:
        if record.kind == "course" and record.shown:
            terms.setdefault(record.term, []).append(
                Course(record.title, record.credit, record.grade, record.status, record.state, None, record.language)
            )
    return Transcript(tuple(Term("", term, tuple(courses)) for term, courses in terms.items())) if terms else None


def course_tables(records: Sequence[ToldRecord]) -> tuple[tuple[Signer, Transcript], ...]:
    """A table for each signer of courses, so that a tutor's never stand among a school's."""
    signers = dict.fromkeys(record.signer for record in records if record.kind == "course" and record.shown)
    tables = ((signer, course_table([each for each in records if each.signer == signer])) for signer in signers)
    return tuple((signer, table) for signer, table in tables if table is not None)


def signer_of(identifier: str, known_as: str | None, calls_itself: str = "", language: str | None = None) -> Signer:
    """Who signed, for ``ui.who_signed``; the domain is read off a did:web or https identifier."""
    return Signer(identifier, known_as, one_line(calls_itself) or None, _domain(identifier), language)


def _record(sheet: JSONObject, translations: NullTranslations, show_date: ShowDate) -> ToldRecord:
    report, record = sheet["report"], sheet["record"] or {}
    title = one_line(record.get("title", ""), 300)
    known_as, language = report.get("trusted_name"), record.get("language") or None
    kind = record.get("kind", "")
    lines = record.get("lines", ())
    explained = explain(report, translations, signer=known_as, title=title or None)
    return ToldRecord(
        explained=explained,
        kind=kind,
        title=title or (translations.gettext(KINDS[kind]) if kind in KINDS else ""),
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
        voice=sheet["voice"],
        said_by=_said_by(sheet["voice"], known_as, translations.gettext),
        holds=sheet["record"] is not None
        and all(check.look == "holds" for check in explained.checks if check.id != "trust"),
        comment=next((line["value"] for line in lines if line["label"] == "endorsementComment"), ""),
        about=_first(lines, "record-description"),
        said=tuple(
            (line["label"], line["value"], line["language"] or language) for line in lines if kind == "about-me"
        ),
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
    label = one_line(line["called"], 120) or gettext(LABELS[kind])
    called_in = language if line["called"] else None
    if kind == "partial":
        return Fact(label, gettext(N_("Yes: it does not hold everything there is.")))
    if kind in DATES:
        return Fact(label, show_date(line["value"]), label_language=called_in)
    if kind in WORDS and (word := WORDS[kind].get(line["value"])):
        return Fact(label, gettext(word), label_language=called_in)
    return Fact(label, line["value"], line["language"] or language, markdown=kind in MARKDOWN, label_language=called_in)


def _first(lines: Sequence[Mapping[str, str]], label: str) -> str:
    return next((one_line(line["value"]) for line in lines if line["label"] == label), "")


def _state(value: str, gettext: Callable[[str], str]) -> str:
    """How far a course has come, in words; nothing for a finished one, where the grade says it all."""
    if value == "Completed":
        return ""
    return gettext(STATES[value]) if value in STATES else value


def _status(report: Mapping[str, Any]) -> Status:
    outcomes = {check["id"]: check for check in report["checks"]}
    for check_id in ("status", "validity"):
        code = (outcomes.get(check_id, {}).get("problem") or {}).get("code", "")
        if code in STATUS_OF_CODE:
            return STATUS_OF_CODE[code]
    return "good" if report["verified"] else "unknown"


def _is_answer(report: Mapping[str, Any]) -> bool:
    return any(check["id"] in ("query", "credentials") for check in report["checks"])


def _domain(identifier: str) -> str | None:
    if identifier.startswith("did:web:"):
        return one_line(unquote(identifier.split(":")[2]), 253)
    host = identifier.removeprefix("https://").partition("/")[0] if identifier.startswith("https://") else ""
    return one_line(host, 253) or None
