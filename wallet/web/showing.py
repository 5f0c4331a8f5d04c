"""From what the services say to what the components of ``ui`` are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import g, url_for
from flask_babel import gettext as _

from credkit.trust.allow_list import AllowList
from ui.web.components import Badge, Course, Fact, Signer, Status, Term, Transcript
from ui.web.components import Kind as Look
from wallet.services.record import reading
from wallet.services.record.labels import label_of
from wallet.services.record.library import Card, TranscriptView
from wallet.services.record.library import Course as CourseView
from wallet.services.record.reading import Evidence as EvidenceView
from wallet.services.record.reading import Issuer, Kind, Record
from wallet.services.record.values import Value
from wallet.vault import OpenVault
from wallet.web.context import open_vault, services


def signer_of(issuer: Issuer, known: AllowList, language: str | None = None) -> Signer:
    """Who signed: by name where the family knows them (``library.known_issuers``, or people of this backpack), else as
    a claim.
    """
    found = known.find(issuer.id)
    if found is not None:
        return Signer(issuer.id, found.name, None, issuer.host)
    person = _people().get(issuer.id) if issuer.id.startswith("did:key:") else None
    if person is not None:
        return Signer(issuer.id, person or issuer.name, issuer.name or None, None, language)
    return Signer(issuer.id, None, issuer.name or None, issuer.host, language)


def _people() -> dict[str, str]:
    """DID → name of the people who belong to this backpack, as the family calls them; read once a request."""
    if "people_by_did" not in g:
        opened = open_vault()
        names = services().people.names(opened) if opened is not None else {}
        members = opened.members() if opened is not None else {}
        g.people_by_did = {member.did: names.get(party_id, "") for party_id, member in members.items()
                           if opened is not None and (party_id in names or party_id == opened.party_id)}
    found: dict[str, str] = g.people_by_did
    return found


def status_of(status: Status, valid_from: datetime | None, valid_until: datetime | None) -> Status:
    """What to show: what the signer's list last said, unless the clock says more."""
    now = services().clock.now()
    if status == "good" and valid_until is not None and valid_until < now:
        return "expired"
    if status == "good" and valid_from is not None and valid_from > now:
        return "not-yet"
    return status


def look_of(kind: Kind, origin: str = "") -> Look | None:
    """How it looks: what the family or its helpers made is theirs; what only schools give looks like a school's; of
    others we do not know who gave it.
    """
    if origin:
        return "family" if origin == "family" else "tutor"
    return "school" if kind in ("transcript", "course") else None


def badge_of(card: Card, known: AllowList) -> Badge:
    """A card of a list."""
    grade = _("Grade: %(grade)s", grade=card.grade) if card.grade else ""
    note = " · ".join(part for part in (card.term, grade) if part)
    return Badge(
        title=card.title or _("Record without a title"), url=url_for("records.show", item_id=card.item_id),
        signer=signer_of(card.issuer, known), kind=look_of(card.kind, card.origin) or "other",  # type: ignore[arg-type]
        issued=reading.moment(card.valid_from), language=card.language, note=note,
        status=status_of(card.status, reading.moment(card.valid_from), reading.moment(card.valid_until)),
        picture=url_for("records.picture", item_id=card.item_id) if card.has_image else None)


def result_facts(record: Record) -> list[Fact]:
    """What came out, and what it counts for."""
    facts = []
    for result in record.results:
        state = _result_state(result.status)
        shown = " · ".join(part for part in (result.value, state) if part)
        facts.append(Fact(result.name or _("Grade"), shown, record.language,
                          label_language=record.language if result.name else None))
    rows = (
        (_("Credits earned"), record.credits_earned), (_("Credits it is worth"), record.credits_available),
        (_("Term"), record.term), (_("Course code"), record.code),
    )
    return [*facts, *(Fact(label, value, record.language) for label, value in rows if value)]


def _result_state(status: str) -> str:
    words: dict[str, str] = {
        "Completed": "", "Enrolled": _("not finished yet"), "InProgress": _("not finished yet"),
        "Failed": _("not passed"), "OnHold": _("on hold"), "Provisional": _("not final yet"),
        "Withdrew": _("left the course"),
    }
    return words.get(status, status)


def about_facts(record: Record) -> list[Fact]:
    """What it is and what it takes."""
    facts = [Fact(label, value, record.language, markdown=True) for label, value in (
        (_("What it is"), record.description), (_("What it takes"), record.criteria), (_("In words"), record.narrative),
    ) if value and value != record.title]
    if record.criteria_url:
        facts.append(Fact(_("Page on what it takes"), record.criteria_url, url=record.criteria_url))
    return facts


def claim_facts(claims: Sequence[Value], language: str | None) -> list[Fact]:
    """What an SD-JWT says beyond what records have places for."""
    return [Fact(label_of(value.kind, _), value.shown, language) for value in claims]


def evidence_facts(evidence: Sequence[EvidenceView]) -> list[Fact]:
    """The work behind it; links are offered, never followed."""
    facts = []
    for each in evidence:
        if each.narrative:
            facts.append(Fact(each.name or _("About the work"), each.narrative, markdown=True))
        if each.url and not each.url.startswith("urn:"):
            facts.append(Fact(each.name or _("Link to the work"), each.url, url=each.url))
    return facts


def person_facts(person: str, number: str) -> list[Fact]:
    """Whose it is, as the signer wrote it."""
    rows = ((_("Name"), person), (_("School's student number"), number))
    return [Fact(label, value) for label, value in rows if value]


def date_facts(record: Record) -> list[tuple[str, datetime]]:
    """Days that matter."""
    rows = ((_("Began"), record.starts_at), (_("Ended"), record.ends_at), (_("Signed"), record.valid_from),
            (_("Valid until"), record.valid_until))
    return [(label, moment) for label, moment in rows if moment is not None]


def transcript_of(view: TranscriptView, item_id: str, vault: OpenVault) -> Transcript:
    """By year and term, each course with a page of its own."""
    terms = tuple(Term(term.year, term.name.removesuffix(term.year).strip(),
                       tuple(_course(course, item_id) for course in term.courses))
                  for term in view.terms)
    return Transcript(terms, tuple(Fact(name, value) for name, value in view.totals))


def course_url(course: CourseView, item_id: str) -> str:
    """The page of a course: its own record's, or its place in the transcript."""
    if course.item_id is not None:
        return url_for("records.show", item_id=course.item_id)
    return url_for("records.inside", item_id=item_id, index=course.index)


def _course(course: CourseView, item_id: str) -> Course:
    record = course.record
    state = next((_result_state(result.status) for result in record.results if result.status), "")
    return Course(
        title=record.title or _("Record without a title"), credit=record.credits_earned or record.credits_available,
        grade=record.grade, note=state, url=course_url(course, item_id), language=record.language,
        status=status_of(course.status, record.valid_from, record.valid_until))
