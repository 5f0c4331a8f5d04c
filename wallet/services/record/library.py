"""What is in the backpack: one record per credential id, wherever it lies; base proofs never leave."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles import clr_2
from credkit.proofs import is_base_proof
from credkit.shape import as_list, id_of
from credkit.trust.allow_list import AllowList, TrustedIssuer
from wallet.services.checking import Status
from wallet.services.record import sd_jwt
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.reading import (
    Issuer,
    Kind,
    Record,
    first,
    host_of,
    issuer_of,
    kind_of,
    moment,
    netloc_of,
    read_record,
    text,
)
from wallet.services.record.values import Value
from wallet.vault import Entry, OpenVault

_TOTALS = frozenset({"GradePointAverage"})


@dataclass(frozen=True)
class Card:
    """A record as lists show it; ``item_id`` opens it. ``valid_from`` and ``received_at`` are texts as they stand.

    Attributes:
        category: One of ``credkit.profiles.family.CATEGORIES``.
        origin: Who put it here: ``family``, ``helper`` (somebody the family lets contribute), empty for who signed it.
        has_key: Whether the key it was issued to lies here, so that it can be presented.
        member_ids: Credential ids of the records inside a transcript.
        form: ``dc+sd-jwt`` if it is kept as such a text, else None.
    """

    item_id: str
    kind: Kind
    title: str
    issuer: Issuer
    credential_id: str | None
    achievement_type: str
    term: str
    grade: str
    valid_from: str
    received_at: str
    received_from: str
    status: Status
    valid_until: str
    has_image: bool
    language: str | None
    category: str
    origin: str
    has_key: bool
    member_ids: tuple[str, ...]
    form: str | None = None


@dataclass(frozen=True)
class Shelf:
    """Everything in the backpack, newest first in each part.

    Attributes:
        others: Records of kinds we have no page for.
        inside: Credential ids of the courses that stand in one of the transcripts.
    """

    badges: tuple[Card, ...]
    courses: tuple[Card, ...]
    transcripts: tuple[Card, ...]
    others: tuple[Card, ...]
    inside: frozenset[str]

    def all(self) -> tuple[Card, ...]:
        """Every card."""
        return (*self.transcripts, *self.badges, *self.courses, *self.others)


@dataclass(frozen=True)
class Course:
    """A line of a transcript.

    Attributes:
        item_id: The course's own record, where that is in the backpack too.
        status: What the list of taken-back records last said of it: of its own record, else of the transcript.
        index: Its place in the transcript.
    """

    record: Record
    item_id: str | None
    status: Status
    index: int


@dataclass(frozen=True)
class TermView:
    """The courses of one term; ``year`` and ``name`` as the school wrote them."""

    year: str
    name: str
    courses: tuple[Course, ...]


@dataclass(frozen=True)
class TranscriptView:
    """A transcript by year and term. ``totals`` are (name, value) pairs the school itself signed."""

    title: str
    issuer: Issuer
    person: str
    person_number: str
    partial: bool
    terms: tuple[TermView, ...]
    others: tuple[Course, ...]
    totals: tuple[tuple[str, str], ...]
    valid_from: Any
    credential_id: str | None


@dataclass(frozen=True)
class Shown:
    """One opened item: a record or a transcript, where it came from, and what its issuer's list last said.

    ``origin`` and ``form``: see ``Card``. ``claims``: what an SD-JWT says that ``view`` has no place for.
    """

    item_id: str
    view: Record | TranscriptView
    received_at: str
    received_from: str
    status: Status
    checked_at: str
    origin: str
    form: str | None = None
    claims: tuple[Value, ...] = ()


def shelf(vault: OpenVault) -> Shelf:
    """What is there, by kind. A record that came twice stands once, in its newest copy."""
    entries = vault.entries(CREDENTIAL)
    seen: set[str] = set()
    kept = []
    for card in _newest_first(entries):
        if card.credential_id is None or card.credential_id not in seen:
            kept.append(card)
            seen.add(card.credential_id or "")
    _arrange(kept)
    badges, courses, transcripts, others = (tuple(card for card in kept if card.kind in kinds) for kinds in (
        ("badge", "assessment"), ("course",), ("transcript",), ("other",)))
    inside = frozenset(member_id for entry in entries for member_id in entry.summary["member_ids"] if member_id)
    return Shelf(badges, courses, transcripts, others, inside)


def copies(vault: OpenVault) -> tuple[Card, ...]:
    """Every record, those too that came in several forms: the newest copy in each form and under each suite."""
    entries = vault.entries(CREDENTIAL)
    suites = {entry.id: entry.summary["suite"] for entry in entries}
    seen: set[tuple[str | None, ...]] = set()
    kept = []
    for card in _newest_first(entries):
        kind = card.credential_id, card.form, suites[card.item_id]
        if card.credential_id is None or kind not in seen:
            kept.append(card)
            seen.add(kind)
    _arrange(kept)
    return tuple(kept)


def _newest_first(entries: Iterable[Entry]) -> list[Card]:
    return sorted((_card(entry.id, entry.summary) for entry in entries),
                  key=lambda card: (card.received_at, card.item_id), reverse=True)


def _arrange(cards: list[Card]) -> None:
    """Put them as lists show them: what counts since lately first, then by title."""
    cards.sort(key=lambda card: card.title.casefold())
    cards.sort(key=lambda card: card.valid_from, reverse=True)


def _card(item_id: str, summary: JSONObject) -> Card:
    issuer_id = summary["issuer_id"] or ""
    return Card(
        item_id=item_id, kind=summary["kind"], title=summary["title"],
        issuer=Issuer(issuer_id, summary["issuer_name"], host_of(issuer_id)), credential_id=summary["credential_id"],
        achievement_type=summary["achievement_type"], term=summary["term"],
        grade=summary["grade"], valid_from=summary["valid_from"],
        received_at=summary["received_at"] or "", received_from=summary["received_from"] or "",
        status=summary["status"] or "unknown", valid_until=summary["valid_until"],
        has_image=summary["has_image"], language=summary["language"], category=summary["category"],
        origin=summary["origin"] or "", has_key=summary["key_method"] is not None,
        member_ids=tuple(filter(None, summary["member_ids"])), form=summary.get("form"))


def search(found: Shelf, words: str) -> tuple[Card, ...]:
    """The cards that hold every word of ``words``, whatever its case and accents: title, signer, term, grade, kind."""
    wanted = _folded(words).split()
    return tuple(card for card in found.all() if all(word in _words_of(card) for word in wanted))


def _words_of(card: Card) -> str:
    return _folded(" ".join((
        card.title, card.issuer.name, card.issuer.host or "", card.term, card.grade, card.category)))


def _folded(text: str) -> str:
    """Without case and accents, as people type when they look for something."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def known_issuers(vault: OpenVault) -> AllowList:
    """The issuers the family knows: those that sign at an address from which it has accepted their records.

    The name is what they call themselves, and always carries that address.
    """
    known = {card.issuer.id: card.issuer for card in shelf(vault).all() if card.issuer.name
             and card.issuer.host is not None and card.issuer.host == netloc_of(card.received_from)}
    return AllowList(tuple(TrustedIssuer(issuer.id, f"{issuer.name} · {issuer.host}") for issuer in known.values()))


def show(vault: OpenVault, item_id: str) -> Shown:
    """Open one item.

    Raises:
        StateError: no such record in this backpack.
    """
    body = vault.read(item_id, CREDENTIAL).body
    document = body["credential"]
    view = _transcript(vault, document, body["status"]) if clr_2.is_mine(document) else read_record(document)
    text_form, form = body.get("sd_jwt"), sd_jwt.form_of(body)
    return Shown(item_id, view, body["received_at"], body["received_from"], body["status"],
                 body["checked_at"], body.get("origin") or "", form,
                 sd_jwt.unread_values(sd_jwt.claims_of(text_form)) if text_form else _unread(document))


def _unread(document: JSONObject) -> tuple[Value, ...]:
    """What a record that is no badge says about its holder: nothing else on a page would tell it."""
    if kind_of(document) != "other":
        return ()
    subjects = [each for each in as_list(document.get("credentialSubject")) if isinstance(each, dict)]
    return tuple(value for subject in subjects for value in sd_jwt.values_in(
        {name: said for name, said in subject.items() if name not in ("id", "type", "achievement")}))


def show_member(vault: OpenVault, item_id: str, index: int) -> Record:
    """A course inside a transcript, by its place.

    Raises:
        StateError: no such transcript or place.
    """
    members = _members(vault.read(item_id, CREDENTIAL).body["credential"])
    if not 0 <= index < len(members):
        raise StateError("There is nothing here under this name.")
    return read_record(members[index])


def transcript_with(vault: OpenVault, credential_id: str) -> str | None:
    """The item id of a transcript that holds the record with this id, None if there is none."""
    return next((entry.id for entry in vault.entries(CREDENTIAL) if credential_id in entry.summary["member_ids"]), None)


def transcript_lines(document: JSONObject) -> tuple[Record, ...]:
    """The records inside a transcript, in its order; none if it is not a transcript."""
    return tuple(map(read_record, _members(document))) if clr_2.is_mine(document) else ()


def exportable(vault: OpenVault, item_id: str) -> JSONObject:
    """The document as it may be looked at outside: a base proof, which holds what is not disclosed, is left out.

    Of an SD-JWT its claims.
    """
    body = vault.read(item_id, CREDENTIAL).body
    if body.get("sd_jwt"):
        return sd_jwt.claims_of(body["sd_jwt"])
    document: JSONObject = body["credential"]
    if is_base_proof(document.get("proof")):
        return {name: value for name, value in document.items() if name != "proof"}
    return document


def _members(document: JSONObject) -> list[JSONObject]:
    subject = first(document.get("credentialSubject"))
    return [member for member in as_list(subject.get("verifiableCredential")) if isinstance(member, dict)]


def _transcript(vault: OpenVault, document: JSONObject, status: Status) -> TranscriptView:
    own = {card.credential_id: card for card in shelf(vault).all() if card.kind != "transcript" and card.credential_id}
    lines = []
    for index, record in enumerate(map(read_record, _members(document))):
        card = own.get(record.credential_id or "")
        lines.append(Course(record, card.item_id, card.status, index) if card else Course(record, None, status, index))
    courses = [line for line in lines if line.record.kind == "course"]
    totals = tuple((result.name or line.record.title, result.value) for line in lines for result in line.record.results
                   if result.result_type in _TOTALS and result.value)
    others = tuple(line for line in lines if line.record.kind != "course"
                   and not any(result.result_type in _TOTALS for result in line.record.results))
    names = [line.record for line in lines if line.record.person]
    return TranscriptView(
        title=text(document.get("name")), issuer=issuer_of(document),
        person=_identity(document, "name") or (names[0].person if names else ""),
        person_number=_identity(document, "sourcedId") or (names[0].person_number if names else ""),
        partial=document.get("partial") is True, terms=_terms(courses), others=others, totals=totals,
        valid_from=moment(document.get("validFrom")), credential_id=id_of(document),
    )


def _identity(document: JSONObject, kind: str) -> str:
    subject = first(document.get("credentialSubject"))
    found = (each for each in as_list(subject.get("identifier")) if isinstance(each, dict))
    return next((text(each.get("identityHash")) for each in found
                 if text(each.get("identityType")) == kind and each.get("hashed") is False), "")


def _terms(courses: list[Course]) -> tuple[TermView, ...]:
    def place(line: Course) -> tuple[str, str, str]:
        record = line.record
        when = record.starts_at or record.ends_at or record.valid_from
        return record.school_year, when.isoformat() if when else "", record.term

    ordered = sorted(courses, key=lambda line: (*place(line), line.record.title))
    begins: dict[tuple[str, str], str] = {}
    for line in ordered:
        year, when, term = place(line)
        begins.setdefault((year, term), when)
    ordered.sort(key=lambda line: (line.record.school_year, begins[line.record.school_year, line.record.term],
                                   line.record.term, line.record.title))
    return tuple(TermView(year, term, tuple(lines)) for (year, term), lines in groupby(
        ordered, key=lambda line: (line.record.school_year, line.record.term)))
