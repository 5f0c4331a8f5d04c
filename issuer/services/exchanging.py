"""Collecting by a VC-API exchange: who has the link proves a did:key and gets every record of the claim at once.

An exchange knows no transaction code, so there is one only for offers without; it spends the same offer as OpenID4VCI
does, once, by whichever comes first.

Spec: VCALM #participate-in-an-exchange, #interaction-url-format
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.proofs import LEGACY_SUITE
from credkit.protocols import exchanges
from credkit.protocols.exchanges import Authentication, ExchangeMessage, PresentationRequest, Protocols
from credkit.protocols.key_proof import KeyProof
from credkit.protocols.oauth import protocol_error
from issuer.services.compat import Compat, Departure
from issuer.services.issuance import Issuing
from issuer.services.offers import MadeOffer, Offers
from issuer.services.office import Office, hash_secret
from issuer.services.record_forms import FORMS
from issuer.store import Claim, Item, Offer, Unit

CRYPTOSUITES: Final = ("eddsa-rdfc-2022", "ecdsa-rdfc-2019")
_GONE: Final = "This offer was used already or is too old. Ask the school for a new one."


class Exchanging:
    """The office's exchanges, each of them one offer, named by the secret in the offer's own link."""

    def __init__(self, office: Office, offers: Offers, issuing: Issuing, compat: Compat) -> None:
        self._office = office
        self._offers = offers
        self._issuing = issuing
        self._compat = compat

    def links(self, made: MadeOffer) -> Protocols:
        """By which protocols an offer can be collected."""
        secret, origin = made.offer_url.rpartition("/")[2], self._office.identity.origin
        is_simple = _is_simple(made.claim.claim, made.claim.items)
        return Protocols(vcapi=f"{origin}/workflows/claim/exchanges/{secret}" if is_simple else None,
                         oid4vci=made.links.deep)

    def interaction_url(self, made: MadeOffer) -> str:
        """The address that leads wallets to the map of protocols, and browsers to the claim page."""
        return f"{self._office.identity.origin}/interactions/{made.offer_url.rpartition('/')[2]}?iuv=1"

    def lcw_link(self, made: MadeOffer) -> str | None:
        """A link for the Learner Credential Wallet; None where it could not collect by it."""
        protocols = self.links(made)
        return None if protocols.vcapi is None else exchanges.lcw_link(protocols, self._office.identity.origin)

    def find(self, secret: str) -> MadeOffer:
        """The living offer of a link.

        Raises:
            StateError: there is none, or it is used up or too old.
        """
        now = self._office.clock.now()
        with self._office.store.reading() as unit:
            offer = unit.offer_by_reference(hash_secret(secret))
        if offer is None or not offer.lives(now):
            raise StateError(_GONE)
        return self._offers.show(offer.id)

    def answer(self, secret: str, message: ExchangeMessage) -> ExchangeMessage:
        """Ask for a proof of a key; or, given one, hand out the records.

        Raises:
            StateError: no such exchange, or it is used up or too old.
            ProtocolError: ``invalid_request``: the proof does not hold, or is not for this exchange, or nothing can
                be given.
        """
        if self.links(self.find(secret)).vcapi is None:
            raise StateError(_GONE)
        if message.presentation is None:
            return ExchangeMessage(request=self._ask(secret), reference_id=message.reference_id)
        proof = exchanges.verify_authentication(
            message.presentation, domain=self._office.identity.origin, resolver=self._office.resolver,
            processor=self._office.processor, cryptosuites=self._cryptosuites())
        documents = self._give(secret, proof)
        if exchanges.is_signed_by(message.presentation, LEGACY_SUITE):
            self._compat.note(Departure.OLD_PRESENTATION)
        return ExchangeMessage(presentation=exchanges.unsigned_presentation(documents),
                               reference_id=message.reference_id)

    def _cryptosuites(self) -> tuple[str, ...]:
        return CRYPTOSUITES if self._compat.strict else (*CRYPTOSUITES, LEGACY_SUITE)

    def _ask(self, secret: str) -> PresentationRequest:
        challenge = self._office.new_secret()
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            unit.sweep(now)
            unit.add_nonce(_name(secret, challenge), now + timedelta(seconds=self._office.config.lifetimes.nonce_s))
        return PresentationRequest(challenge, self._office.identity.origin,
                                   Authentication(("key",), self._cryptosuites()))

    def _give(self, secret: str, proof: KeyProof) -> tuple[JSONObject, ...]:
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            if not unit.burn_nonce(_name(secret, proof.nonce), now):
                raise protocol_error("invalid_request", "this challenge is of another exchange, or was answered")
            offer, items = self._open(unit, secret, now)
            if not items:
                raise protocol_error("invalid_request", "nothing in this offer can be given yet")
            if not unit.redeem(offer, now):
                raise StateError(_GONE)
            unit.append_log(now, "redeemed", "wallet", offer.claim_id, {"offer": offer.id, "way": "exchange"})
            return tuple(self._issuing.issue_within(unit, item, proof, now) for item in items)

    def _open(self, unit: Unit, secret: str, now: datetime) -> tuple[Offer, tuple[Item, ...]]:
        offer = unit.offer_by_reference(hash_secret(secret))
        if offer is None or offer.expires_at <= now:
            raise StateError(_GONE)
        items = unit.items_of(offer.claim_id)
        return offer, tuple(item for item in items if item.is_open and not item.waits)


def _is_simple(claim: Claim, items: tuple[Item, ...]) -> bool:
    """Whether the link alone is the right to collect, and everything in it is bound to its holder."""
    unbound = any(item.kind in FORMS and not FORMS[item.kind].is_bound for item in items)
    return claim.grant == "pre-authorized" and not claim.has_tx_code and not unbound


def _name(secret: str, challenge: str) -> str:
    """Under which a challenge is kept: of one exchange alone."""
    return hash_secret(f"{secret} {challenge}")
