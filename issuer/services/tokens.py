"""The token endpoint and the nonce endpoint: one code, one token; one nonce, one proof.

Spec: OID4VCI-1.0 #token-endpoint, #nonce-endpoint; security.md E01, E02, E03
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from credkit.encoding import base64url_encode
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci.messages import AuthorizationDetail, NonceResponse, TokenRequest, TokenResponse
from issuer.services.metadata import NAMES
from issuer.services.offers import Offers
from issuer.services.office import Office, hash_secret
from issuer.store import Item, Offer, Token, Unit

_SECRET_BYTES = 32
_HOUR_S, _DAY_S = 60 * 60, 24 * 60 * 60
_REFUSED = "the code is not right, was used already, or is too old"


@dataclass(frozen=True)
class _Budget:
    """How many wrong transaction codes there may be in a window of time."""

    name: str
    window_s: int
    limit: int

    def is_spent(self, unit: Unit, now: datetime) -> bool:
        return unit.counted_against(self.name, now, self.window_s) >= self.limit


class Tokens:
    """Access tokens and nonces."""

    def __init__(self, office: Office, offers: Offers) -> None:
        self._office = office
        self._offers = offers

    def redeem(self, request: TokenRequest, address: str = "") -> TokenResponse:
        """Turn a pre-authorized code with its transaction code into an access token, once.

        Wrong transaction codes are counted for the claim, for the address, and for the office in an hour and in a day;
        the counts survive a restart. After a claim's last try it is dead. Unknown, used, old, locked and wrong codes
        get one and the same answer (security.md E02).

        Args:
            address: Where the request comes from, as far as it is known; kept only as a keyed hash.

        Raises:
            ProtocolError: ``invalid_request``, ``invalid_grant``, ``invalid_authorization_details``.
        """
        if request.tx_code is None:
            raise protocol_error("invalid_request", "the code that came apart from the offer (tx_code) is missing")
        now = self._office.clock.now()
        response = None
        with self._office.store.writing() as unit:
            unit.sweep(now)
            offer = unit.offer_by_code(hash_secret(request.pre_authorized_code))
            if offer is not None and self._is_right(unit, offer, request.tx_code, address, now):
                response = self._grant(unit, offer, request.authorization_details, now)
        if response is None:  # raised after the commit, so that a wrong try stays counted
            raise protocol_error("invalid_grant", _REFUSED)
        return response

    def new_nonce(self) -> NonceResponse:
        """A nonce for one key proof."""
        nonce = base64url_encode(self._office.randomness.token_bytes(_SECRET_BYTES))
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            unit.sweep(now)
            unit.add_nonce(hash_secret(nonce), now + timedelta(seconds=self._office.config.lifetimes.nonce_s))
        return NonceResponse(nonce)

    def use_nonce(self, nonce: str) -> bool:
        """Use a nonce up; True for exactly one caller while it lives."""
        with self._office.store.writing() as unit:
            return unit.burn_nonce(hash_secret(nonce), self._office.clock.now())

    def allowed_by(self, access_token: str) -> Token:
        """What an access token allows.

        Raises:
            ProtocolError: ``invalid_token``: unknown or too old.
        """
        with self._office.store.reading() as unit:
            token = unit.find_token(hash_secret(access_token), self._office.clock.now())
        if token is None:
            raise protocol_error("invalid_token", "the access token is not known or too old")
        return token

    def _is_right(self, unit: Unit, offer: Offer, tx_code: str, address: str, now: datetime) -> bool:
        claim = unit.find_claim(offer.claim_id)
        if claim is None or offer.redeemed_at is not None or offer.expires_at <= now or claim.tries_left <= 0:
            return False
        expected = self._offers.tx_code_of(claim.id)
        is_equal = hmac.compare_digest(tx_code.encode("utf-8", "surrogatepass"), expected.encode())
        budgets = (*self._budgets(), self._budget_of(address))
        if any(each.is_spent(unit, now) for each in budgets):
            return False
        if not is_equal:
            unit.count_wrong_code(claim.id)
            for each in budgets:
                unit.count_against(each.name, now, each.window_s)
        return is_equal

    def closed(self) -> bool:
        """Whether so many codes were wrong lately, for all claims together, that no code is taken for a while."""
        now = self._office.clock.now()
        with self._office.store.reading() as unit:
            return any(each.is_spent(unit, now) for each in self._budgets())

    def _budgets(self) -> tuple[_Budget, ...]:
        lifetimes = self._office.config.lifetimes
        return (_Budget("wrong codes, hour", _HOUR_S, lifetimes.wrong_codes_hour),
                _Budget("wrong codes, day", _DAY_S, lifetimes.wrong_codes_day))

    def _budget_of(self, address: str) -> _Budget:
        name = self._office.keys.derive("address", address).hex()[:32]
        return _Budget(f"wrong codes, {name}", _HOUR_S, self._office.config.lifetimes.wrong_codes_address)

    def _grant(self, unit: Unit, offer: Offer, asked: Sequence[AuthorizationDetail],
               now: datetime) -> TokenResponse | None:
        items = [item for item in unit.items_of(offer.claim_id) if not item.issued and not item.revoked]
        details = _answer(asked, items)
        if not items or not unit.redeem(offer, now):
            return None
        identifiers = tuple(each for detail in details for each in detail.credential_identifiers) if asked else None
        token = base64url_encode(self._office.randomness.token_bytes(_SECRET_BYTES))
        lifetime_s = self._office.config.lifetimes.token_s
        unit.add_token(hash_secret(token), Token(offer.claim_id, identifiers), now + timedelta(seconds=lifetime_s))
        unit.append_log(now, "redeemed", "wallet", offer.claim_id, {"offer": offer.id})
        return TokenResponse(token, "bearer", lifetime_s, details)


def _answer(asked: Sequence[AuthorizationDetail], items: Sequence[Item]) -> tuple[AuthorizationDetail, ...]:
    """The details with the identifiers of what will be issued; ``ProtocolError`` for what is not offered."""
    answered = []
    for detail in dict.fromkeys(asked):
        name = detail.credential_configuration_id
        found = tuple(item.identifier for item in items if item.kind == name)
        if name not in NAMES or not found:
            raise protocol_error("invalid_authorization_details", "this kind of record is not part of the offer")
        answered.append(AuthorizationDetail(name, found))
    return tuple(answered)
