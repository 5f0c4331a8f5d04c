"""The authorization endpoint: from a wallet's request, by the word of a person, to a code.

Whoever holds the link of an offer without a transaction code has the right to collect, exactly as with a
pre-authorized code; with a transaction code a page asks for it, and without an offer for the student's number too.
Wallets are not registered, so nobody is sent to one unless the request brings the secret of a living offer, or a person
has answered on our page, which names the host (docs/decisions/0025).
Each step has a secret of its own (address of a pushed request, page, code), good once; the database holds hashes only.

Spec: OID4VCI-1.0 #authorization-endpoint; RFC6749 #section-4.1; RFC9126
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from credkit.errors import ProtocolError, StateError
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import AuthorizationClient, AuthorizationDetail, AuthorizationRequest
from issuer.services.granting import check_kinds, chosen
from issuer.services.guessing import Guesses
from issuer.services.metadata import names
from issuer.services.offers import Offers
from issuer.services.office import Office, hash_secret
from issuer.store import Authorization, Claim, Offer, Unit

_OVER: Final = "This request was used already or is too old. Go back to your wallet and begin again."


@dataclass(frozen=True)
class Refusal:
    """What a wallet did wrong, to be shown on a page before anybody is sent anywhere.

    Attributes:
        address: Of the wallet, with the error in it: for a person who wants to go back there.
    """

    client: AuthorizationClient
    error: ProtocolError
    address: str


@dataclass(frozen=True)
class Step:
    """Where the browser goes next: back to the wallet, to our page with this secret, or to a page that says why not."""

    redirect: str | None = None
    page: str | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Question:
    """What the page of a request asks. ``by_number``: the student's number too, as no offer says whose records."""

    client: AuthorizationClient
    by_number: bool


def asked_by(authorization: Authorization) -> AuthorizationRequest:
    """The wallet's request as it was stored."""
    stored = authorization.request
    details = tuple(AuthorizationDetail(each["credential_configuration_id"])
                    for each in stored["authorization_details"])
    return AuthorizationRequest(AuthorizationClient(**stored["client"]), stored["code_challenge"],
                                tuple(stored["scopes"]), details, stored["issuer_state"], stored["dpop_jkt"])


class Authorizing:
    """Authorization requests of one office."""

    def __init__(self, office: Office, offers: Offers, guesses: Guesses) -> None:
        self._office = office
        self._offers = offers
        self._guesses = guesses

    def push(self, request: AuthorizationRequest, *, jkt: str | None = None) -> tuple[str, int]:
        """Take a pushed request: the ``request_uri`` that stands for it once, and for how many seconds.

        Args:
            jkt: Thumbprint of the key that the push proved, if it did; the code is then for that key.

        Raises:
            ProtocolError: ``invalid_scope``, ``invalid_authorization_details``, ``invalid_dpop_proof``.
        """
        self._check_kinds(request)
        if jkt is not None and request.dpop_jkt not in (None, jkt):
            raise protocol_error("invalid_dpop_proof", "the request is for another key than it was sent with")
        now, lifetime_s = self._office.clock.now(), self._office.config.lifetimes.pushed_s
        secret = self._office.new_secret()
        with self._office.store.writing() as unit:
            unit.sweep(now)
            unit.add_authorization(
                self._stored(replace(request, dpop_jkt=jkt or request.dpop_jkt), "pushed",
                             now + timedelta(seconds=lifetime_s)), hash_secret(secret))
        return v1_0.REQUEST_URI + secret, lifetime_s

    def begin_pushed(self, client_id: str | None, request_uri: str) -> Step:
        """Use a pushed request up, and take its first step.

        Raises:
            StateError: unknown, used, too old, or another client's: nobody may be sent anywhere.
        """
        secret = request_uri.removeprefix(v1_0.REQUEST_URI)
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            found = None if secret == request_uri else unit.find_authorization(hash_secret(secret), now)
            if found is None or found.state != "pushed" or asked_by(found).client.client_id != client_id:
                raise StateError(_OVER)
            return self._open(unit, found, now)

    def begin(self, request: AuthorizationRequest) -> Step:
        """The first step of a request that came by the browser.

        Raises:
            ProtocolError: what is asked for is not given out here, or has to be pushed.
        """
        now = self._office.clock.now()
        if self._office.config.attestation_required:
            raise protocol_error("invalid_request", "the request has to be pushed, by a wallet that is attested")
        self._check_kinds(request)
        with self._office.store.writing() as unit:
            unit.sweep(now)
            fresh = self._stored(request, "pushed", now + timedelta(seconds=self._office.config.lifetimes.pushed_s))
            unit.add_authorization(fresh, hash_secret(self._office.new_secret()))
            return self._open(unit, fresh, now)

    def question(self, page: str) -> Question:
        """What a page asks.

        Raises:
            StateError: there is no such page, or it is over.
        """
        with self._office.store.reading() as unit:
            found = self._asked(unit, page)
        return Question(asked_by(found).client, found.claim_id is None)

    def answer(self, page: str, number: str, tx_code: str, address: str) -> str | None:
        """A person's answer: the address that leads back to the wallet, or None if something of it is wrong.

        Args:
            number: The student's; not read where the offer says whose records it is about.
            address: Where the answer comes from, as far as it is known; kept only as a keyed hash.

        Raises:
            StateError: as ``question``.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            found = self._asked(unit, page)
            claim = self._claim_of(unit, found, number.strip(), "".join(tx_code.split()), address, now)
            return None if claim is None else self._grant(unit, found, claim, now)

    def decline(self, page: str) -> str:
        """A person says no: the address that tells the wallet.

        Raises:
            StateError: as ``question``.
        """
        with self._office.store.writing() as unit:
            found = self._asked(unit, page)
            unit.drop_authorization(found)
        return self._told(asked_by(found).client, protocol_error("access_denied", "the person said no"))

    def refuse(self, client: AuthorizationClient, error: ProtocolError, issuer_state: str | None) -> Step:
        """Why a request goes no further: told to the wallet if it brings a living offer's secret, else on a page."""
        with self._office.store.reading() as unit:
            offer = None if issuer_state is None else self._offer_of(unit, issuer_state, self._office.clock.now())[0]
        address = self._told(client, error)
        return Step(refusal=Refusal(client, error, address)) if offer is None else Step(address)

    def _told(self, client: AuthorizationClient, error: ProtocolError) -> str:
        """The address that tells a wallet why not."""
        return v1_0.build_authorization_answer(client, self._office.identity.origin,
                                               {"error": error.error, "error_description": error.description})

    def _check_kinds(self, request: AuthorizationRequest) -> None:
        check_kinds(request, names(self._office), by_scope=self._office.profile.by_scope)

    def _open(self, unit: Unit, found: Authorization, now: datetime) -> Step:
        asked = asked_by(found)
        claim, offer = None, None
        if asked.issuer_state is not None:
            offer, claim = self._offer_of(unit, asked.issuer_state, now)
            if offer is None or claim is None:
                unit.drop_authorization(found)
                error = protocol_error("invalid_request", "the offer was used already or is too old")
                return Step(refusal=Refusal(asked.client, error, self._told(asked.client, error)))
            found = replace(found, offer_id=offer.id)
            if not claim.has_tx_code:
                return Step(self._grant(unit, found, claim, now))
        secret, lifetime_s = self._office.new_secret(), self._office.config.lifetimes.page_s
        asks = replace(found, state="asked", claim_id=None if claim is None else claim.id,
                       expires_at=now + timedelta(seconds=lifetime_s))
        if not unit.advance(found, asks, hash_secret(secret)):
            raise StateError(_OVER)
        if offer is not None:
            self._prolong(unit, offer)
        return Step(page=secret)

    def _prolong(self, unit: Unit, offer: Offer) -> None:
        """Whoever began in time has the page's time to answer; however often somebody begins, it is that once."""
        lifetimes = self._office.config.lifetimes
        unit.prolong_offer(offer, offer.created_at + timedelta(
            seconds=lifetimes.offer_s + lifetimes.page_s + lifetimes.code_s))

    def _offer_of(self, unit: Unit, issuer_state: str, now: datetime) -> tuple[Offer | None, Claim | None]:
        offer = unit.offer_by_code(hash_secret(issuer_state))
        claim = None if offer is None else unit.find_claim(offer.claim_id)
        if offer is None or claim is None or claim.grant != "code":
            return None, None
        return (offer, claim) if offer.lives(now) else (None, None)

    def _claim_of(self, unit: Unit, found: Authorization, number: str, tx_code: str, address: str,
                  now: datetime) -> Claim | None:
        if found.claim_id is not None:
            claim = unit.find_claim(found.claim_id)
            if claim is None or claim.expires_at <= now:
                return None
            right = self._guesses.is_right(unit, claim, self._offers.tx_code_of(claim.id), tx_code, address, now)
            return claim if right else None
        open_claims = self._offers.open_claims(unit, number, now)
        expected = [(claim, self._offers.tx_code_of(claim.id)) for claim in open_claims if claim.has_tx_code]
        return self._guesses.find(unit, expected, tx_code, address, now)

    def _grant(self, unit: Unit, found: Authorization, claim: Claim, now: datetime) -> str:
        asked = asked_by(found)
        items = [item for item in unit.items_of(claim.id) if item.is_open]
        if not chosen(asked, items):
            unit.drop_authorization(found)
            return self._told(asked.client, protocol_error("access_denied", "no record of this kind waits here"))
        code, lifetime_s = self._office.new_secret(), self._office.config.lifetimes.code_s
        granted = replace(found, state="granted", claim_id=claim.id, expires_at=now + timedelta(seconds=lifetime_s))
        if not unit.advance(found, granted, hash_secret(code)):
            raise StateError(_OVER)
        return v1_0.build_authorization_answer(asked.client, self._office.identity.origin, {"code": code})

    def _asked(self, unit: Unit, page: str) -> Authorization:
        found = unit.find_authorization(hash_secret(page), self._office.clock.now())
        if found is None or found.state != "asked":
            raise StateError(_OVER)
        return found

    def _stored(self, request: AuthorizationRequest, state: str, expires_at: datetime) -> Authorization:
        return Authorization(self._office.new_id(), asdict(request), state, None, None, expires_at)
