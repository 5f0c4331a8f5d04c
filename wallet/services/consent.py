"""Consent: a sheet that lists exactly what would leave, and a decision about that sheet which presenting requires.

The sheet is not a forecast: each record is derived first, and the sheet reads what came out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from credkit.encoding import base64url_encode, sha256
from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles import openbadges_3
from credkit.profiles.endorsement import peek_comment
from credkit.proofs import derive, is_base_proof
from credkit.shape import pointer
from wallet.services import authority
from wallet.services.matching import Asked, Candidate, Matching
from wallet.services.record import comments, rules, sd_jwt
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import Card, shelf
from wallet.services.record.reading import Issuer
from wallet.services.record.values import Value, is_frame, is_within, place_of, shown_places, values_of
from wallet.services.requests import ResolvedRequest
from wallet.services.sharing.grants import GrantShown, shown_grants
from wallet.vault import OpenVault

LONGEST_DAYS = 365
USUAL_DAYS = 30
_FRAME = ("@context", "type", "proof")
TEXT_VERSION = "consent-2026-11"
"""Which text the consent sheet shows; a receipt names it."""


@dataclass(frozen=True)
class Spoken:
    """A comment that goes along: its words, the name it was signed as, and the signed document that would leave."""

    words: str
    name: str
    document: JSONObject


@dataclass(frozen=True)
class SheetRecord:
    """One record on the sheet.

    Attributes:
        document: What would be sent, without the presentation around it. Never holds a base proof. Of an SD-JWT: the
            claims that are shown.
        leaves: Values that leave because they were asked for.
        always: Values that go along with any part of this record: who signed, when, its number on the list of
            taken-back records, the key it belongs to.
        stays: Kinds of values that stay here.
        whole: It cannot be shown in part, so all of it leaves.
        comments: What the family has said about it and wants to go wherever it goes; leaves too.
        sd_jwt, jwt: Of a record in such a form: exactly what would be sent, but for the proof that it is for this
            request.
        is_bound: Whether such a proof goes along; who does not need one gets none, and learns no more by it.
    """

    query_id: str
    item_id: str
    title: str
    issuer: Issuer
    language: str | None
    document: JSONObject
    leaves: tuple[Value, ...]
    always: tuple[Value, ...]
    stays: tuple[str, ...]
    whole: bool
    comments: tuple[Spoken, ...] = ()
    sd_jwt: str | None = None
    jwt: str | None = None
    is_bound: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The item id, and the record's own id if it has one."""
        own = self.document.get("id")
        return (self.item_id, own) if isinstance(own, str) else (self.item_id,)

    @property
    def leaving(self) -> str | JSONObject:
        """What leaves, without the proof that it is for this request."""
        return self.sd_jwt or self.jwt or self.document

    @property
    def is_text(self) -> bool:
        """Whether it goes as text, into which nothing else fits."""
        return self.sd_jwt is not None or self.jwt is not None


@dataclass(frozen=True)
class Sheet:
    """What a person decides about.

    Attributes:
        host: The address to which it would go. ``calls_itself`` is not proven by anybody.
        party: Who asks, as a DID or address. How sure that is: ``request_words.how_sure``.
        until: No answer is taken after this.
        used_until: The moment the asker promises to stop using it, None if it does not say.
        stays: The other records that may be shared; none of them leaves.
        warnings: ``entire`` (the asker takes whole records only), ``whole`` (a record cannot be shown in part),
            ``broad`` (a whole part of a record is asked for, not a value).
        grants: By what right somebody else than the learner shares; they leave too.
        digest: Of everything above: who shares has to have seen this sheet.
    """

    host: str
    party: str
    calls_itself: str | None
    purpose: str | None
    until: datetime | None
    used_until: datetime | None
    records: tuple[SheetRecord, ...]
    stays: tuple[Card, ...]
    warnings: tuple[str, ...]
    grants: tuple[GrantShown, ...]
    digest: str


@dataclass(frozen=True)
class Decision:
    """A person's yes to one sheet; ``presenting.share`` takes nothing else.

    Attributes:
        actor: The party who decided.
        sheet: What they saw.
        nonce: Of the request it answers.
        until: The end they set: until then the records may be used for the purpose.
        language: BCP 47 tag of the text they saw.
    """

    actor: str
    sheet: Sheet
    nonce: str
    until: datetime
    language: str


def build_sheet(vault: OpenVault, resolved: ResolvedRequest, matching: Matching, choice: Mapping[str, Sequence[str]],
                environment: Environment) -> Sheet:
    """The sheet for the chosen records.

    Args:
        choice: Credential query id → item ids.

    Raises:
        StateError: something required is missing from the choice, or it holds what was not asked for or does not match.
    """
    if not matching.possible:
        raise StateError("Nothing in this backpack answers what is asked for.")
    records: list[SheetRecord] = []
    for asked in matching.asked:
        records += [_record(vault, asked, candidate, environment, entire=resolved.is_exchange)
                    for candidate in _chosen(asked, choice)]
    if set(choice) - {asked.query.id for asked in matching.asked}:
        raise StateError("A record was chosen that was not asked for.")
    if not records:
        raise StateError("No record was chosen.")
    request, chosen = resolved.request, {name for record in records for name in record.names}
    stays = tuple(card for card in rules.visible(vault, shelf(vault).all())
                  if chosen.isdisjoint((card.item_id, card.credential_id)))
    warnings = ("entire",) if resolved.is_exchange else _warnings(records, matching)
    values = [[record.item_id, record.query_id, [[list(value.place), value.shown] for value in
                                                 (*record.leaves, *record.always)],
               [[each.name, each.words] for each in record.comments]] for record in records]
    grants = shown_grants(vault, environment.clock.now())
    if grants and all(record.is_text or not record.is_bound for record in records):
        raise StateError("A record in this form cannot say by what right somebody shares it for the student. Only the "
                         "student, or a parent whom no office has signed for, can share it yet.")
    seen = [request.nonce, request.client_id.text, request.purpose, values, [each.document for each in grants]]
    digest = base64url_encode(sha256(json.dumps(seen).encode("utf-8")))
    return Sheet(resolved.host, request.party, resolved.calls_itself, request.purpose, request.expires_at,
                 request.purpose_until, tuple(records), stays, warnings, grants, digest)


def agree(vault: OpenVault, resolved: ResolvedRequest, sheet: Sheet, *, seen_digest: str, until: datetime | None = None,
          language: str = "en", now: datetime) -> Decision:
    """The unlocked party says yes to ``sheet``.

    Args:
        seen_digest: ``digest`` of the sheet that was shown.
        until: Until when the records may be used, at most a year from now; None for what is usual.
        language: BCP 47 tag of the text that was shown.

    Raises:
        StateError: another sheet was shown, an end that cannot be, or somebody who may not share.
    """
    authority.check(vault, "share", now)
    if seen_digest != sheet.digest:
        raise StateError("What would leave has changed since you looked. Look again.")
    return Decision(vault.party_id, sheet, resolved.request.nonce, check_until(until or usual_until(sheet, now), now),
                    language)


def usual_until(sheet: Sheet, now: datetime) -> datetime:
    """The end that is set unless somebody chooses another: 30 days, or earlier if the asker promises that."""
    usual = now + timedelta(days=USUAL_DAYS)
    return min(usual, sheet.used_until) if sheet.used_until is not None and sheet.used_until > now else usual


def check_until(until: datetime, now: datetime) -> datetime:
    """The end of a share; nothing is shared for good (P14).

    Raises:
        StateError: in the past, or more than a year away.
    """
    if not now < until <= now + timedelta(days=LONGEST_DAYS):
        raise StateError("Choose an end within the next year.")
    return until


def spoken(vault: OpenVault, credential_ids: Sequence[str | None]) -> tuple[Spoken, ...]:
    """The family's comments that go wherever the records with these ids go."""
    names = filter(None, dict.fromkeys(credential_ids))
    found = [document for name in names for document in comments.travelling(vault, name)]
    read = [(peek_comment(document), document) for document in found]
    return tuple(Spoken(comment.text, comment.issuer_name, document) for comment, document in read)


def _chosen(asked: Asked, choice: Mapping[str, Sequence[str]]) -> list[Candidate]:
    item_ids = list(dict.fromkeys(choice.get(asked.query.id, ())))
    if not item_ids and asked.required:
        raise StateError("Choose at least one record for everything that is asked for.")
    if len(item_ids) > 1 and not asked.query.multiple:
        raise StateError("Only one record is asked for here.")
    found = [asked.candidate(item_id) for item_id in item_ids]
    if None in found:
        raise StateError("A record was chosen that does not answer what is asked for.")
    return [candidate for candidate in found if candidate is not None]


def _record(vault: OpenVault, asked: Asked, candidate: Candidate, environment: Environment, *,
            entire: bool) -> SheetRecord:
    """``entire``: everything in it is shown, though it could be shown in part."""
    body = vault.read(candidate.card.item_id, CREDENTIAL).body
    if candidate.card.form == sd_jwt.FORM:
        return _sd_jwt_record(asked, candidate, body["sd_jwt"])
    document: JSONObject = body["credential"]
    pointers = candidate.match.pointers
    if entire:
        pointers = tuple(pointer(name) for name in document if name not in _FRAME)
        candidate = replace(candidate, whole=True)
    sent = document
    if is_base_proof(document.get("proof")):
        together = openbadges_3.with_statuses(document, pointers)
        sent = derive(document, together, environment.jsonld, environment.randomness)
    all_values = {value.place: value for value in values_of(document)}
    shown = shown_places(document, sent)
    if not shown <= all_values.keys():
        raise StateError("What would leave does not fit the record. Nothing was shared.")
    wanted = [place_of(pointer) for pointer in pointers]
    leaves, always = [], []
    for place, value in all_values.items():
        if place not in shown:
            continue
        asked_for = not is_frame(value.kind) if candidate.whole else any(is_within(place, each) for each in wanted)
        says_only_what_it_is = place[-1] == "identityType" and (*place[:-1], "identityHash") in shown
        if asked_for and (candidate.whole or not says_only_what_it_is):
            leaves.append(value)
        else:
            always.append(value)
    stays = tuple(dict.fromkeys(value.kind for place, value in all_values.items() if place not in shown))
    card, is_bound = candidate.card, asked.query.require_cryptographic_holder_binding
    said = spoken(vault, (card.credential_id, *card.member_ids)) if is_bound and not body.get("jwt") else ()
    return SheetRecord(asked.query.id, card.item_id, card.title, card.issuer, card.language, sent, tuple(leaves),
                       tuple(always), stays, candidate.whole, said, jwt=body.get("jwt"), is_bound=is_bound)


def _sd_jwt_record(asked: Asked, candidate: Candidate, text: str) -> SheetRecord:
    """What an SD-JWT would show: the claims that were asked for, and those that can never be kept back."""
    card, chosen = candidate.card, sd_jwt.select(text, map(place_of, candidate.match.pointers))
    whole, sent = sd_jwt.claims_of(text), sd_jwt.claims_of(chosen)
    values = tuple(sd_jwt.values_in(sent))
    return SheetRecord(asked.query.id, card.item_id, card.title, card.issuer, card.language, sent,
                       tuple(value for value in values if not sd_jwt.is_frame(value)),
                       tuple(value for value in values if sd_jwt.is_frame(value)), sd_jwt.kept_back(whole, sent),
                       False, sd_jwt=chosen, is_bound=asked.query.require_cryptographic_holder_binding)


def _warnings(records: list[SheetRecord], matching: Matching) -> tuple[str, ...]:
    warnings = ["whole"] if any(record.whole for record in records) else []
    broad = any(isinstance(claim.value, (dict, list)) or None in claim.path
                for asked in matching.asked for candidate in asked.candidates for claim in candidate.match.claims)
    return tuple([*warnings, "broad"] if broad else warnings)
