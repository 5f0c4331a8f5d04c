"""Bundles: what a family chooses for a file, a link or a sheet of paper. A transcript with ``partial: true``, signed by
whoever chose; it claims no holder binding, for it answers no request (design.md, "What can be shown in part").

Each record goes as the school signed it: whole where it carries a proof of its own, as its line of the school's
transcript where that one does, else in the part that was chosen. What may never leave cannot be chosen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from credkit.encoding import base64url_encode, sha256
from credkit.environment import Environment
from credkit.errors import MalformedValueError, StateError
from credkit.ports import JSONObject
from credkit.profiles import clr_2
from credkit.proofs import derive, is_base_proof, mandatory_pointers_of
from credkit.shape import as_list, id_of, pointer
from wallet.services import authority
from wallet.services.consent import Spoken, check_until, spoken
from wallet.services.record import about_me, rules
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.labels import TECHNICAL
from wallet.services.record.library import Card, shelf
from wallet.services.record.reading import Issuer, first, issuer_of, read_record, text
from wallet.services.record.values import Value, is_frame, is_within, place_of, values_of
from wallet.services.sharing import enclosures
from wallet.services.sharing.enclosures import PREFIX, Enclosure
from wallet.services.sharing.grants import GrantShown, shown_grants
from wallet.services.signing import new_urn, sign
from wallet.vault import OpenVault

MOST_RECORDS = 200
MOST_CHARACTERS = 300
_TITLE = "/credentialSubject/achievement/name"
_RESULT = "credentialSubject.result"
_SCALE = ("credentialSubject", "achievement", "resultDescription")
_HEADLINE = {"en": "Records for {recipient}", "es": "Documentos para {recipient}"}


@dataclass(frozen=True)
class Choice:
    """A record that may be put in.

    Attributes:
        key: Names it: the item id of a card; ``{item id}.{index}`` of a line of a transcript that lies in no card of
            its own; ``about.{number}`` of what the family says about the learner; ``paper.{item id}`` of an old paper.
        kind: As the library's cards have it, ``about``, or ``paper`` (nobody has verified it).
        member_ids: Credential ids of the records inside a transcript.
        document: A line or a statement as it was signed; None for a card, which is read when it is chosen.
    """

    key: str
    kind: str
    title: str
    term: str
    issuer: Issuer
    language: str | None
    credential_id: str | None
    member_ids: tuple[str, ...] = ()
    document: JSONObject | None = None


@dataclass(frozen=True)
class Chosen:
    """A record to put in. ``without``: parts of it that stay (``Part.id``), where the format allows."""

    key: str
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """Values of one record that leave or stay together: a name, the results with their scale, the evidence.

    Attributes:
        kind: What its first value is, for a label.
        leaves: Whether it is to leave.
    """

    id: str
    kind: str
    values: tuple[Value, ...]
    leaves: bool


@dataclass(frozen=True)
class Purpose:
    """For whom, what for and until when; all three are asked for, always.

    Attributes:
        until: At most a year from now.
        language: BCP 47 tag of the page on which it was decided.
    """

    recipient: str
    purpose: str
    until: datetime
    language: str


@dataclass(frozen=True)
class BundleRecord:
    """One record as it would leave.

    Attributes:
        document: Exactly that; never holds a base proof.
        leaves: Every value that leaves, but the frame. ``always``: the frame, which goes along with any part.
        parts: What may be left out, all of it, ticked or not; none where the record can only be shown whole.
        fixed: Where there are parts: what leaves with any of them, beside the frame.
    """

    key: str
    kind: str
    credential_id: str | None
    title: str
    issuer: Issuer
    language: str | None
    document: JSONObject
    leaves: tuple[Value, ...]
    always: tuple[Value, ...]
    parts: tuple[Part, ...]
    fixed: tuple[Value, ...]
    comments: tuple[Spoken, ...]


@dataclass(frozen=True)
class Draft:
    """A bundle before it is signed: what the preview shows.

    Attributes:
        enclosures: Old papers that go along, apart from the records.
        stays: The other records that could have been chosen.
        names: The learner's names as the records write them; without one, who reads it cannot tell whose it is.
        grants: By what right somebody else than the learner shares; they stand in the bundle, too.
        digest: Of all that would leave; who makes the bundle has to have seen it.
    """

    records: tuple[BundleRecord, ...]
    enclosures: tuple[Enclosure, ...]
    purpose: Purpose
    stays: tuple[Choice, ...]
    names: tuple[str, ...]
    grants: tuple[GrantShown, ...]
    digest: str


def choices(vault: OpenVault) -> tuple[Choice, ...]:
    """The records that may be put into a bundle: newest first, each transcript before its lines."""
    cards = shelf(vault).all()
    own = {card.credential_id for card in cards if card.credential_id}
    whole = {card.item_id for card in rules.visible(vault, cards)}
    lines = _permitted_lines(vault, cards)
    found: list[Choice] = []
    for card in cards:
        if card.item_id in whole and card.form is None:  # an SD-JWT is shown to who asks, bound to the request
            found.append(Choice(card.item_id, card.kind, card.title, card.term, card.issuer, card.language,
                                card.credential_id, card.member_ids))
        for index, line in lines.get(card.item_id, ()):
            if id_of(line) not in own:
                record = read_record(line)
                found.append(Choice(f"{card.item_id}.{index}", record.kind, record.title, record.term, record.issuer,
                                    record.language, record.credential_id, (), line))
    papers = (Choice(enclosures.key_of(paper), "paper", paper.title, "", Issuer("", "", None), None, None)
              for paper in enclosures.offered(vault))
    return (*found, *_statements(vault), *papers)


def _statements(vault: OpenVault) -> tuple[Choice, ...]:
    if rules.leaving_book(vault).categories["profile"] == "never":
        return ()
    return tuple(Choice(f"about.{number}", "about", "", "", issuer_of(document), None, document["id"], (), document)
                 for number, document in enumerate(about_me.documents(vault)))


def draft(vault: OpenVault, environment: Environment, chosen: Sequence[Chosen], purpose: Purpose) -> Draft:
    """What would leave.

    Raises:
        StateError: nothing or too much chosen, something that may not leave or is not there, no purpose, an end that
            cannot be, or somebody who may not share.
    """
    now = environment.clock.now()
    authority.check(vault, "share", now)
    purpose = _checked(purpose, now)
    offered = {each.key: each for each in choices(vault)}
    wanted = {each.key: each for each in chosen}
    if not wanted or not wanted.keys() <= offered.keys():
        raise StateError("Choose at least one record.")
    if len(wanted) > MOST_RECORDS:
        raise StateError("Choose at most 200 records.")
    inside = {name for key in wanted for name in offered[key].member_ids}
    lines = transcript_lines(vault)
    records = tuple(_record(vault, environment, offered[key], each, lines) for key, each in wanted.items()
                    if offered[key].kind != "paper" and offered[key].credential_id not in inside)
    if not records:
        raise StateError("Choose a record too, or what you say about the student. Old papers only go along.")
    papers = enclosures.enclose(vault, (paper for paper in enclosures.offered(vault) if PREFIX + paper.id in wanted))
    stays = tuple(each for key, each in offered.items() if key not in wanted and each.credential_id not in inside)
    names, grants = _names(records), shown_grants(vault, now)
    decided = Draft(records, papers, purpose, stays, names, grants, "")
    _unsigned(vault, environment, decided)
    seen = [[record.key, [[value.kind, value.shown] for value in (*record.leaves, *record.always)],
             [[each.name, each.words] for each in record.comments]] for record in records]
    said = [purpose.recipient, purpose.purpose, purpose.until.isoformat(), seen, [each.document for each in grants],
            [[each.paper.title, each.note, each.digest_multibase] for each in papers]]
    return replace(decided, digest=base64url_encode(sha256(json.dumps(said).encode("utf-8"))))


def build(vault: OpenVault, environment: Environment, decided: Draft, *, seen_digest: str) -> JSONObject:
    """The signed bundle of what was seen.

    Args:
        seen_digest: ``digest`` of the draft that was shown.

    Raises:
        StateError: another draft was shown, or somebody who may not share.
    """
    now = environment.clock.now()
    authority.check(vault, "share", now)
    if seen_digest != decided.digest or shown_grants(vault, now) != decided.grants:
        raise StateError("What would leave has changed since you looked. Look again.")
    document = _unsigned(vault, environment, decided)
    return sign(document, vault.party_signer, environment)


def _unsigned(vault: OpenVault, environment: Environment, decided: Draft) -> JSONObject:
    records, purpose = decided.records, decided.purpose
    headline = _HEADLINE.get(purpose.language, _HEADLINE["en"]).format(recipient=purpose.recipient)
    says_who = any(record.kind == "about" for record in records)  # then it names the learner anyway
    try:
        return clr_2.build_selection(clr_2.Selection(
            id=new_urn(environment.randomness), name=headline, description=purpose.purpose, issuer_id=vault.party_did,
            names=decided.names, valid_from=environment.clock.now(), valid_until=purpose.until,
            subject_id=vault.learner_urn if says_who else new_urn(environment.randomness),
            members=[*(record.document for record in records), *_not_chosen(decided.grants, records)],
            endorsements=[each.document for record in records for each in record.comments],
            evidence=enclosures.evidence_of(decided.enclosures)))
    except MalformedValueError as error:
        raise StateError("These records cannot be handed out together. Choose fewer, and share the others by "
                         "themselves.") from error


def _not_chosen(grants: Sequence[GrantShown], records: Sequence[BundleRecord]) -> list[JSONObject]:
    """The grants that are not among the records already: a guardian may choose an office's paper like any record."""
    chosen = {record.credential_id for record in records}
    return [each.document for each in grants if each.grant.id not in chosen]


def outgoing(document: JSONObject, lines: dict[str, JSONObject], without: frozenset[str],
             environment: Environment) -> JSONObject:
    """``document`` in the form in which it may leave, without the parts in ``without``.

    Args:
        lines: Credential id → the school's line of a transcript with a proof of its own (``transcript_lines``).

    Raises:
        StateError: something is to be left out of a record that can only be shown whole.
    """
    if not is_base_proof(document.get("proof")):
        if without:
            raise StateError("This record can only be shared whole.")
        return document
    line = lines.get(str(document.get("id")))
    if line is not None and not without:
        return line
    if not without:
        return derive(document, [pointer(name) for name in document if name not in ("@context", "proof")],
                      environment.jsonld, environment.randomness)
    pointers = [pointer(*value.place) for value in values_of(document) if _part_of(value) not in without]
    return derive(document, pointers, environment.jsonld, environment.randomness)


def transcript_lines(vault: OpenVault) -> dict[str, JSONObject]:
    """Credential id → the line of a transcript that may leave and carries an ordinary proof of its own."""
    found: dict[str, JSONObject] = {}
    for lines in _permitted_lines(vault, shelf(vault).all()).values():
        for _index, line in lines:
            found.setdefault(id_of(line) or "", line)
    return found


def _permitted_lines(vault: OpenVault, cards: Iterable[Card]) -> dict[str, list[tuple[int, JSONObject]]]:
    """Item id of a transcript → place and document of each line in it that may leave and stands on its own."""
    book = rules.leaving_book(vault)
    permitted = {entry.id: book.line_rules(entry) for entry in vault.entries(CREDENTIAL)
                 if entry.summary["member_categories"]}
    found: dict[str, list[tuple[int, JSONObject]]] = {}
    for card in cards:
        if card.item_id not in permitted:
            continue
        subject = first(vault.read(card.item_id, CREDENTIAL).body["credential"].get("credentialSubject"))
        lines = [line for line in as_list(subject.get("verifiableCredential")) if isinstance(line, dict)]
        found[card.item_id] = [
            (index, line) for index, (line, rule) in enumerate(zip(lines, permitted[card.item_id], strict=True))
            if rule != "never" and id_of(line) and line.get("proof") and not is_base_proof(line["proof"])]
    return found


def _checked(purpose: Purpose, now: datetime) -> Purpose:
    recipient, why = " ".join(purpose.recipient.split()), " ".join(purpose.purpose.split())
    if not recipient or not why:
        raise StateError("Say who it is for, and what for.")
    if len(recipient) > MOST_CHARACTERS or len(why) > MOST_CHARACTERS:
        raise StateError("Say it in at most 300 characters.")
    return Purpose(recipient, why, check_until(purpose.until, now), purpose.language)


def _record(vault: OpenVault, environment: Environment, choice: Choice, chosen: Chosen,
            lines: dict[str, JSONObject]) -> BundleRecord:
    document: JSONObject = choice.document or vault.read(choice.key, CREDENTIAL).body["credential"]
    sent = outgoing(document, lines, chosen.without, environment)
    values = tuple(values_of(sent))
    parts = _parts(document, chosen.without) if is_base_proof(document.get("proof")) else ()
    parted = {value.place for part in parts for value in part.values}
    fixed = [value for value in values_of(document) if parts and value.place not in parted and not is_frame(value.kind)]
    return BundleRecord(
        choice.key, choice.kind, choice.credential_id, choice.title, choice.issuer, choice.language, sent,
        tuple(value for value in values if not is_frame(value.kind)),
        tuple(value for value in values if is_frame(value.kind)), parts, tuple(fixed),
        spoken(vault, (choice.credential_id, *choice.member_ids)))


def _parts(document: JSONObject, without: frozenset[str]) -> tuple[Part, ...]:
    """What may be left out: everything but the title, the frame and what its signer made mandatory."""
    fixed = [place_of(each) for each in (_TITLE, *mandatory_pointers_of(document["proof"]))]
    found: dict[str, list[Value]] = {}
    for value in values_of(document):
        if not is_frame(value.kind) and not any(is_within(value.place, each) for each in fixed):
            found.setdefault(_part_of(value), []).append(value)
    return tuple(Part(name, _kind_of(name, values), tuple(values), name not in without)
                 for name, values in found.items() if any(each.kind not in TECHNICAL for each in values))


def _kind_of(name: str, values: list[Value]) -> str:
    if name == _RESULT:
        return "credentialSubject.result.value"
    return next((each.kind for each in values if each.kind not in TECHNICAL), values[0].kind)


def _part_of(value: Value) -> str:
    place = value.place
    if place[:2] == ("credentialSubject", "identifier"):
        return ".".join(map(str, place[:3] if len(place) > 3 else place[:2]))
    if place[:2] == ("credentialSubject", "result") or place[:3] == _SCALE:
        return _RESULT
    return "evidence" if place[0] == "evidence" else value.kind


def _names(records: Iterable[BundleRecord]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for record in records:
        subject = first(record.document.get("credentialSubject"))
        for each in as_list(subject.get("identifier")):
            if isinstance(each, dict) and each.get("hashed") is not True and text(each.get("identityType")) == "name":
                found[text(each.get("identityHash"))] = None
    return tuple(name for name in found if name)
