"""Offering a student's records by OpenID4VCI, by reference: with a code in the offer, or by way of ``/authorize``.

A claim is what a student may collect with one transaction code, told apart; it lives 30 days and counts wrong codes. If
the office asks for no such code, whoever has the link may collect. An offer is one ten-minute code for a claim. Codes
and links are derived from the office's secret; the database holds hashes only.

Spec: OID4VCI-1.0 #credential-offer; protocols.md "Lifetimes"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.protocols.links import Links
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import AuthorizationCodeGrant, CredentialOffer, PreAuthorizedCodeGrant, TxCode
from issuer.services.deferring import kind_in
from issuer.services.metadata import configuration_for, names
from issuer.services.notices import transfer_notice
from issuer.services.office import Office, existing_student, hash_secret
from issuer.services.record_forms import FORMS
from issuer.services.wording import phrase
from issuer.store import ALONE, Claim, Credential, Grant, Item, Offer, Person, Progress, Unit

TX_CODE_DIGITS = 6
_MAX_DESCRIPTION = 300
_PAGE, _REFERENCE, _TX_CODE = "claim page", "offer reference", "transaction code"
_SECRETS: Final[Mapping[Grant, str]] = {"pre-authorized": "pre-authorized code", "code": "issuer state"}


@dataclass(frozen=True)
class ClaimState:
    """A claim as its page shows it.

    Attributes:
        progress: Collected of all, without what was taken back.
        state: ``open``, ``collected``, ``expired`` or ``locked`` (too many wrong codes).
    """

    claim: Claim
    person: Person
    items: tuple[Item, ...]
    progress: Progress
    state: str


@dataclass(frozen=True)
class MadeOffer:
    """An offer with everything that has to be shown of it.

    Attributes:
        offer_url: Where the offer itself can be read; part of ``links``.
        links: Deep link and one page per known wallet.
        page_url: The claim page, for a printed sheet.
        tx_code: To be shown apart from all of the above; empty if none is asked for.
    """

    offer: Offer
    claim: ClaimState
    offer_url: str
    links: Links
    page_url: str
    tx_code: str


class Offers:
    """The office's offers."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def offer_student(self, student_id: str, actor: str, *, again: bool = False, grant: Grant | None = None,
                      tx_code: bool = True) -> MadeOffer:
        """Offer all that a student has not collected, the transcript first; earlier offers end with it.

        Args:
            again: Also what was collected before: the family lost its wallet.
            grant, tx_code: See ``Claim``; the profile's usual grant if None. Without a transaction code the link alone
                is the right to collect.

        Raises:
            StateError: no such student, nothing to offer, or the profile forbids it.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            claim = self.promise(unit, student_id, actor, again=again, grant=grant, tx_code=tx_code)
            return self._make(unit, claim, now)

    def promise(self, unit: Unit, student_id: str, actor: str, *, again: bool = False,
                notice: str | None = None, always: str | None = None, grant: Grant | None = None,
                tx_code: bool = True) -> Claim:
        """Inside the caller's transaction: a claim to all that a student has not collected, without a code yet.

        Args:
            notice: What the family must be told with it.
            always: Kind of record that is part of it even if it was collected before.

        Raises:
            StateError: as ``offer_student``.
        """
        now = self._office.clock.now()
        existing_student(unit, student_id)
        living = [each for each in unit.credentials_of(student_id)
                  if each.revoked_at is None and each.kind not in ALONE and self._form_of(each.kind) is not None]
        chosen = [each for each in living if again or each.kind == always or not each.is_collected]
        if not living:
            raise StateError("This student has no records yet.")
        if not chosen:
            raise StateError("There is nothing left to collect.")
        return self._claim(unit, student_id, chosen, actor, grant=grant, tx_code=tx_code,
                           notice=notice or self._open_notice(unit, student_id, now))

    def offer_form(self, student_id: str, configuration: str, actor: str, *, grant: Grant | None = None,
                   tx_code: bool = True, credential_id: str | None = None) -> MadeOffer:
        """Offer a student's living records of one kind, in the form that a credential configuration names.

        Whatever was collected before is offered again, what still waits for a registrar is too (and given when it is
        made), and every other offer stays as it is, for each is an errand of
        its own.

        Args:
            configuration: A credential configuration of the metadata.
            grant, tx_code: As in ``offer_student``.
            credential_id: The one record that is meant, where it is not all of the kind.

        Raises:
            StateError: no such student, no such record, or the profile forbids it.
        """
        self.check_form(configuration)
        kind, now = kind_of(configuration), self._office.clock.now()
        with self._office.store.writing() as unit:
            chosen = [each for each in unit.credentials_of(student_id)
                      if each.kind == kind and each.revoked_at is None and credential_id in (None, each.id)]
            waiting = [] if credential_id is not None else [
                each.id for each in unit.waiting_petitions(student_id=student_id) if kind_in(each) == kind]
            if not chosen and not waiting:
                raise StateError("This student has no such record.")
            claim = self._claim(unit, student_id, chosen, actor, alone=f"{configuration}:{self._office.new_id()}",
                                configuration=configuration, grant=grant, tx_code=tx_code)
            unit.add_pending(claim.id, [(self._office.new_id(), each) for each in waiting], configuration, len(chosen))
            return self._make(unit, claim, now)

    def check_form(self, configuration: str) -> None:
        """Whether records may be offered in this form.

        Raises:
            StateError: the profile forbids it.
        """
        if configuration not in names(self._office):
            raise StateError("The profile of this issuer forbids to offer records in this form.")

    def forms_for(self, student_id: str) -> tuple[str, ...]:
        """In which credential configurations records of a student can be offered, sorted."""
        return tuple(sorted(name for name in names(self._office) if self.has_any(student_id, kind_of(name))))

    def _form_of(self, kind: str) -> str | None:
        return configuration_for(self._office, kind)

    def has_any(self, student_id: str, kind: str) -> bool:
        """Whether a student has a living record of this kind, or one that waits for a registrar."""
        with self._office.store.reading() as unit:
            living = any(each.kind == kind and each.revoked_at is None for each in unit.credentials_of(student_id))
            return living or any(kind_in(each) == kind for each in unit.waiting_petitions(student_id=student_id))

    def offer_alone(self, credential_id: str, actor: str, *, grant: Grant | None = None,
                    tx_code: bool = True) -> MadeOffer:
        """Offer one statement about a guardian or a court by itself, to whoever it is for; see ``offer_student``.

        Raises:
            StateError: no such credential, or it was taken back, or it belongs to a student's set.
        """
        with self._office.store.writing() as unit:
            claim = self.promise_alone(unit, credential_id, actor, grant=grant, tx_code=tx_code)
            return self._make(unit, claim, self._office.clock.now())

    def promise_alone(self, unit: Unit, credential_id: str, actor: str, *, grant: Grant | None = None,
                      tx_code: bool = True) -> Claim:
        """``offer_alone`` inside the caller's transaction, without a code yet."""
        credential = unit.find_credential(credential_id)
        if credential is None or credential.kind not in ALONE or credential.revoked_at is not None:
            raise StateError("There is no such record.")
        self.check_form(credential.kind)
        return self._claim(unit, credential.student_id, [credential], actor, alone=credential.id, grant=grant,
                           tx_code=tx_code)

    def _claim(self, unit: Unit, student_id: str, chosen: Sequence[Credential], actor: str, *,
               notice: str | None = None, alone: str | None = None, configuration: str | None = None,
               grant: Grant | None = None, tx_code: bool = True) -> Claim:
        now, lifetimes = self._office.clock.now(), self._office.config.lifetimes
        lifetime = timedelta(seconds=lifetimes.claim_s if tx_code else lifetimes.offer_s)
        claim = Claim(self._office.new_id(), student_id, lifetimes.tx_code_tries, now, now + lifetime, notice, alone,
                      self._office.profile.grant(grant), tx_code)
        named = [(each, configuration or self._form_of(each.kind)) for each in chosen]
        items = [(self._office.new_id(), each.id, name if name in FORMS else None) for each, name in named]
        unit.close_claims(student_id, now, alone=alone)
        unit.add_claim(claim, hash_secret(self._page_secret(claim)), items)
        unit.append_log(now, "offered", actor, student_id, {"claim": claim.id, "records": len(items)})
        return claim

    def address_for(self, credential_id: str, student_id: str) -> str | None:
        """Where a credential that waits can be collected: the living code of the claim that holds it, or a new one.

        Returns:
            None if no open claim holds it that asks for a transaction code: who learns this address may be anybody.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            told_apart = [each for each in unit.claims_of(student_id) if each.has_tx_code]
            for claim in (each for each in told_apart if (each.alone or "").partition(":")[0] not in FORMS):
                open_ids = {item.credential_id for item in _open_items(unit.items_of(claim.id))}
                if credential_id in open_ids and self._state(unit, claim, now).state == "open":
                    offer = unit.living_offer(claim.id, now)
                    made = self._make(unit, claim, now) if offer is None else self._shown(unit, offer, claim, now)
                    return made.offer_url
        return None

    def _open_notice(self, unit: Unit, student_id: str, now: datetime) -> str | None:
        """A notice that the family has not had yet goes on to the claim that takes the old one's place."""
        for claim in unit.claims_of(student_id):
            if claim.notice is not None and self._state(unit, claim, now).state in ("open", "locked"):
                return claim.notice
        return None

    def fresh(self, claim_id: str) -> MadeOffer:
        """A new code for an existing claim.

        Raises:
            StateError: no such claim, or it is not open.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            claim = unit.find_claim(claim_id)
            if claim is None:
                raise StateError("There is no such offer.")
            if self._state(unit, claim, now).state != "open":
                raise StateError("This offer can no longer be collected.")
            return self._make(unit, claim, now)

    def show(self, offer_id: str) -> MadeOffer:
        """An offer that was made before, as the office sees it again.

        Raises:
            StateError: there is none.
        """
        with self._office.store.reading() as unit:
            offer = unit.find_offer(offer_id)
            claim = unit.find_claim(offer.claim_id) if offer is not None else None
            if offer is None or claim is None:
                raise StateError("There is no such offer.")
            return self._shown(unit, offer, claim, self._office.clock.now())

    def claim_on_page(self, page_secret: str) -> ClaimState:
        """The claim that a printed link names.

        Raises:
            StateError: there is none.
        """
        with self._office.store.reading() as unit:
            claim = unit.claim_of_page(hash_secret(page_secret))
            if claim is None:
                raise StateError("This link leads to nothing here.")
            return self._state(unit, claim, self._office.clock.now())

    def claims_of(self, student_id: str) -> tuple[ClaimState, ...]:
        """What was offered to a student, the newest first."""
        now = self._office.clock.now()
        with self._office.store.reading() as unit:
            return tuple(self._state(unit, claim, now) for claim in unit.claims_of(student_id))

    def read(self, reference: str) -> JSONObject:
        """The credential offer behind a link (OID4VCI-1.0 #credential-offer-parameters).

        Raises:
            StateError: no such offer, or it is used up or too old.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            offer = unit.offer_by_reference(hash_secret(reference))
            claim = None if offer is None else unit.find_claim(offer.claim_id)
            if offer is None or claim is None or not offer.lives(now):
                raise StateError("This offer was used already or is too old. Ask the school for a new one.")
            unit.mark_fetched(offer.id, now)
            items = _open_items(unit.items_of(offer.claim_id))
            notice = transfer_notice(self._office, unit, claim, items)
        secret = self._office.keys.link_secret(_SECRETS[claim.grant], offer.id)
        by_code, pre_authorized = None, None
        if claim.grant == "code":
            by_code = AuthorizationCodeGrant(secret)
        else:
            pre_authorized = PreAuthorizedCodeGrant(secret, self._described(claim) if claim.has_tx_code else None)
        return v1_0.build_offer(CredentialOffer(
            credential_issuer=self._office.identity.origin,
            credential_configuration_ids=tuple(dict.fromkeys(item.kind for item in items)),
            pre_authorized=pre_authorized, authorization_code=by_code, transfer_notice=notice,
        ))

    def by_value(self, made: MadeOffer) -> str:
        """The whole offer in one link, for programs; errors as ``read``."""
        offer = self.read(made.offer_url.rpartition("/")[2])
        return v1_0.offer_value_link(offer, scheme=self._office.profile.scheme)

    def open_claims(self, unit: Unit, number: str, now: datetime) -> tuple[Claim, ...]:
        """What the student of this number may collect at the moment; nothing for a number that nobody has."""
        person = unit.student_numbered(number) if number.isprintable() else None
        claims = () if person is None else unit.claims_of(person.id)
        return tuple(claim for claim in claims if self._state(unit, claim, now).state == "open")

    def _described(self, claim: Claim) -> TxCode:
        told = (phrase(self._office.identity.language, "tx_code"), claim.notice)
        description = " ".join(sentence for sentence in told if sentence)[:_MAX_DESCRIPTION]
        return TxCode("numeric", TX_CODE_DIGITS, description)

    def tx_code_of(self, claim_id: str) -> str:
        """Six digits that only this office knows for a claim."""
        number = int.from_bytes(self._office.keys.derive(_TX_CODE, claim_id), "big") % 10**TX_CODE_DIGITS
        return f"{number:0{TX_CODE_DIGITS}d}"

    def _make(self, unit: Unit, claim: Claim, now: datetime) -> MadeOffer:
        lifetime = timedelta(seconds=self._office.config.lifetimes.offer_s)
        offer = Offer(self._office.new_id(), claim.id, now, min(now + lifetime, claim.expires_at), None, None)
        keys = self._office.keys
        unit.add_offer(offer, hash_secret(keys.link_secret(_REFERENCE, offer.id)),
                       hash_secret(keys.link_secret(_SECRETS[claim.grant], offer.id)))
        return self._shown(unit, offer, claim, now)

    def _shown(self, unit: Unit, offer: Offer, claim: Claim, now: datetime) -> MadeOffer:
        identity = self._office.identity
        offer_url = f"{identity.origin}/offers/{self._office.keys.link_secret(_REFERENCE, offer.id)}"
        links = v1_0.offer_links(offer_url, identity.wallets, scheme=self._office.profile.scheme)
        return MadeOffer(offer, self._state(unit, claim, now), offer_url, links,
                         f"{identity.origin}/claim/{self._page_secret(claim)}",
                         self.tx_code_of(claim.id) if claim.has_tx_code else "")

    def _state(self, unit: Unit, claim: Claim, now: datetime) -> ClaimState:
        person = existing_student(unit, claim.student_id)
        items = tuple(item for item in unit.items_of(claim.id) if not item.revoked)
        collected = sum(item.issued for item in items)
        state = "open"
        if collected == len(items):
            state = "collected"
        elif claim.tries_left <= 0:
            state = "locked"
        elif claim.expires_at <= now:
            state = "expired"
        return ClaimState(claim, person, items, Progress(collected, len(items)), state)

    def _page_secret(self, claim: Claim) -> str:
        return self._office.keys.link_secret(_PAGE, claim.id)


def kind_of(configuration: str) -> str:
    """The kind of the records that a credential configuration gives."""
    return FORMS[configuration].record if configuration in FORMS else configuration


def _open_items(items: Sequence[Item]) -> tuple[Item, ...]:
    """What is left of a claim: not collected, not taken back."""
    return tuple(item for item in items if item.is_open)
