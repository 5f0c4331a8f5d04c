"""The token endpoint and the nonce endpoint: one code, one token; one nonce, one proof.

Spec: OID4VCI-1.0 #token-endpoint, #nonce-endpoint; RFC6749 #section-4.1.3; security.md E01, E02, E03
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from credkit.protocols import dpop
from credkit.protocols.code_grant import is_challenge_met
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci.messages import (
    AuthorizationDetail,
    CodeTokenRequest,
    NonceResponse,
    TokenRequest,
    TokenResponse,
)
from issuer.services.authorizing import Authorizing, asked_by
from issuer.services.granting import answer, chosen
from issuer.services.guessing import Guesses
from issuer.services.offers import Offers
from issuer.services.office import Office, hash_secret
from issuer.store import Item, Offer, Token, Unit

_REFUSED = "the code is not right, was used already, or is too old"


class Tokens:
    """Access tokens and nonces."""

    def __init__(self, office: Office, offers: Offers, guesses: Guesses, authorizing: Authorizing) -> None:
        self._office = office
        self._offers = offers
        self._guesses = guesses
        self._authorizing = authorizing

    def redeem(self, request: TokenRequest | CodeTokenRequest, address: str = "", *,
               jkt: str | None = None) -> TokenResponse:
        """Turn a code into an access token, once.

        Unknown, used, old, locked and wrong codes get one and the same answer (security.md E02). An authorization code
        that comes again takes the tokens of the first time with it.

        Args:
            address: Where the request comes from, as far as it is known; kept only as a keyed hash.
            jkt: Thumbprint of the key that the request proved; the token is then good with that key only.

        Raises:
            ProtocolError: ``invalid_request``, ``invalid_grant``, ``invalid_authorization_details``,
                ``invalid_dpop_proof``.
        """
        if jkt is None and self._office.profile.is_bound:
            raise protocol_error("invalid_dpop_proof", "a DPoP proof is needed: every token here is bound to a key")
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            unit.sweep(now)
            if isinstance(request, CodeTokenRequest):
                if request.client_id is None:
                    raise protocol_error("invalid_request", "the parameter client_id is missing")
                response = self._by_authorization(unit, request, jkt, now)
            else:
                response = self._by_offer(unit, request, address, jkt, now)
        if response is None:  # raised after the commit, so that a wrong try stays counted
            raise protocol_error("invalid_grant", _REFUSED)
        return response

    def check_grant(self, request: TokenRequest | CodeTokenRequest) -> None:
        """Whether tokens are given here for codes of this kind.

        Raises:
            ProtocolError: ``unsupported_grant_type``.
        """
        if ("code" if isinstance(request, CodeTokenRequest) else "pre-authorized") not in self._office.profile.grants:
            raise protocol_error("unsupported_grant_type", "this way to an access token is not offered here")

    def new_nonce(self) -> NonceResponse:
        """A nonce for one key proof."""
        nonce = self._office.new_secret()
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

    def check_binding(self, token: Token, jkt: str | None) -> None:
        """Whether an access token may come in this way: with the key it is bound to, or as a bearer token if it is one.

        Args:
            jkt: Thumbprint of the key that the request proved, None if it came as a bearer token.

        Raises:
            ProtocolError: ``invalid_token``: with another key, or without the key it is bound to.

        Spec: RFC9449 #section-7.1, #section-7.2
        """
        if token.jkt != jkt:
            raise protocol_error("invalid_token", "the access token is not good in this way")

    def closed(self) -> bool:
        """See ``Guesses.closed``."""
        return self._guesses.closed()

    def _by_offer(self, unit: Unit, request: TokenRequest, address: str, jkt: str | None,
                  now: datetime) -> TokenResponse | None:
        offer = unit.offer_by_code(hash_secret(request.pre_authorized_code))
        claim = None if offer is None else unit.find_claim(offer.claim_id)
        if offer is None or claim is None or claim.grant != "pre-authorized":
            return None
        if claim.has_tx_code and request.tx_code is None:
            raise protocol_error("invalid_request", "the code that came apart from the offer (tx_code) is missing")
        if not claim.has_tx_code and request.tx_code is not None:
            raise protocol_error("invalid_request", "this offer is collected without a tx_code")
        if not offer.lives(now):
            return None
        if request.tx_code is not None and not self._guesses.is_right(
                unit, claim, self._offers.tx_code_of(claim.id), request.tx_code, address, now):
            return None
        items = _open(unit, claim.id)
        details = answer(request.authorization_details, items)
        if not items or not unit.redeem(offer, now):
            return None
        token = Token(claim.id, _named(details) if request.authorization_details else None, jkt)
        return self._hand_out(unit, token, details, now, offer)

    def _by_authorization(self, unit: Unit, request: CodeTokenRequest, jkt: str | None,
                          now: datetime) -> TokenResponse | None:
        found = unit.find_authorization(hash_secret(request.code), now)
        if found is None or found.claim_id is None or found.state not in ("granted", "redeemed"):
            return None
        if found.state == "redeemed":
            unit.revoke_tokens(found.id)
            return None
        claim = unit.find_claim(found.claim_id)
        if claim is None or claim.expires_at <= now:
            return None
        asked = asked_by(found)
        if (asked.client.client_id, asked.client.redirect_uri) != (request.client_id, request.redirect_uri):
            return None
        if not is_challenge_met(request.code_verifier, asked.code_challenge):
            return None
        if asked.dpop_jkt is not None and asked.dpop_jkt != jkt:
            raise protocol_error("invalid_dpop_proof", "the code is for whoever holds another key")
        items = chosen(asked, _open(unit, found.claim_id))
        wanted = request.authorization_details or asked.authorization_details
        if not wanted and self._office.profile.by_scope:
            wanted = tuple(AuthorizationDetail(item.kind) for item in items)
        details = answer(wanted, items)
        until = now + timedelta(seconds=self._office.config.lifetimes.token_s)
        if not items or not unit.advance(found, replace(found, state="redeemed", expires_at=until)):
            return None
        offer = None if found.offer_id is None else unit.find_offer(found.offer_id)
        if found.offer_id is not None and (offer is None or not unit.redeem(offer, now)):
            return None
        unit.end_codes(found.claim_id, now)
        named = _named(details) if details else tuple(item.identifier for item in items)
        return self._hand_out(unit, Token(found.claim_id, named, jkt, found.id), details, now, offer)

    def _hand_out(self, unit: Unit, token: Token, details: Sequence[AuthorizationDetail], now: datetime,
                  offer: Offer | None) -> TokenResponse:
        secret = self._office.new_secret()
        lifetime_s = self._office.config.lifetimes.token_s
        unit.add_token(hash_secret(secret), token, now + timedelta(seconds=lifetime_s))
        unit.append_log(now, "redeemed", "wallet", token.claim_id, {} if offer is None else {"offer": offer.id})
        return TokenResponse(secret, "bearer" if token.jkt is None else dpop.TOKEN_TYPE, lifetime_s, tuple(details))


def _open(unit: Unit, claim_id: str) -> list[Item]:
    return [item for item in unit.items_of(claim_id) if item.is_open]


def _named(details: Sequence[AuthorizationDetail]) -> tuple[str, ...]:
    return tuple(each for detail in details for each in detail.credential_identifiers)
