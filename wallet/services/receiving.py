"""Receiving: read an offer, accept it, verify each record before it is kept (OID4VCI 1.0, pre-authorized code).

States as types: a link becomes a ``ResolvedOffer`` (nothing has been promised yet), accepting makes an
``AuthorizedIssuance`` (the code is spent, one fresh key stands ready for each record), collecting gives
``IssuedCredentials``. What came is kept even if the rest does not come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from credkit.environment import Environment
from credkit.errors import CredkitError, FetchError, ProtocolError, StateError, UnsupportedError
from credkit.ports import JSONObject
from credkit.profiles import endorsement, family
from credkit.profiles.family import CONTRIBUTE_CATEGORIES
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    AuthorizationDetail,
    CredentialConfiguration,
    CredentialRequest,
    CredentialResponse,
    NotificationRequest,
    TokenRequest,
)
from credkit.shape import format_date_time, parse_date_time
from credkit.verification import Report
from wallet.services import activity, authority, wire
from wallet.services.checking import check_again, check_received, check_received_sd_jwt
from wallet.services.offers import ResolvedOffer, resolve_offer
from wallet.services.record import comments, contributions, library, sd_jwt
from wallet.services.record.items import CONTRIBUTION, CREDENTIAL, ISSUANCE
from wallet.services.sharing.grants import renew_vouchers
from wallet.services.sharing.transfers import keep_notice
from wallet.vault import Entry, HeldMemory, HolderKey, Item, OpenVault, VaultMemory

_MAX_CREDENTIAL_BYTES = 4 * 1024 * 1024
_TOKEN_LIFETIME_S = 300
_MAX_RECORDS = 1_000
_MAY_CONTRIBUTE = (*CONTRIBUTE_CATEGORIES, "portfolio")


@dataclass(frozen=True)
class Wanted:
    """One record to ask for: by the issuer's identifier, or by kind where the issuer gave none; with its own key."""

    configuration_id: str
    identifier: str | None
    key_method: str

    def to_json(self) -> JSONObject:
        """The form in which it lies in a sealed ``issuance`` item."""
        return {"configuration_id": self.configuration_id, "identifier": self.identifier, "key_method": self.key_method}


@dataclass(frozen=True)
class AuthorizedIssuance:
    """A spent code: what may be collected until ``access_token`` runs out; the keys for it are sealed in ``item``."""

    item: Item
    resolved: ResolvedOffer
    access_token: str
    wanted: tuple[Wanted, ...]
    for_review: bool


@dataclass(frozen=True)
class IssuedCredentials:
    """What was collected.

    Attributes:
        stored: Item ids of the records that came, in the issuer's order.
        total: How many there should have been.
        problem: Why the rest did not come; None if everything did.
        for_review: Whether they wait in the quarantine; then ``stored`` names contributions.
        issuance_id: Under which ``collect_rest`` goes on; None if nothing is left or nothing more can come.
    """

    stored: tuple[str, ...]
    total: int
    problem: CredkitError | None = None
    issuance_id: str | None = None
    for_review: bool = False


@dataclass(frozen=True)
class Unfinished:
    """A set of which ``done`` of ``total`` records have come; ``id`` is that of the issuance."""

    id: str
    host: str
    done: int
    total: int


@dataclass(frozen=True)
class Receiving:
    """The receiving use cases over one environment."""

    environment: Environment

    def resolve_offer(self, link: str) -> ResolvedOffer:
        """See ``wallet.services.offers.resolve_offer``; nothing secret leaves."""
        return resolve_offer(link, self.environment)

    def accept_offer(self, vault: OpenVault, resolved: ResolvedOffer, *, tx_code: str | None = None,
                     at_most: int | None = None, for_review: bool = False) -> IssuedCredentials:
        """Spend the code, collect the records of the offer, verify and keep each.

        An offer whose code was spent here already, and whose set was broken off, is gone on with.

        Args:
            at_most: Stop after so many records, to go on with ``collect_rest``.
            for_review: Put the records into the quarantine; those that a helper accepts always go there.

        Raises:
            ProtocolError: the issuer refuses (``invalid_grant``: wrong or used-up code), or its answers are malformed.
            FetchError: the issuer cannot be reached; nothing is spent.
            ProblemError, UnsupportedError: not one record passed its checks; nothing is kept.

        Spec: OID4VCI-1.0 #credential-offer, #token-endpoint, #credential-endpoint
        """
        for entry in vault.entries(ISSUANCE):
            if self._is_over(entry.summary["expires_at"]):
                vault.delete(vault.read(entry.id, ISSUANCE))
            elif entry.summary["fingerprint"] == resolved.fingerprint:
                return self.collect_rest(vault, entry.id, at_most=at_most)
        return self._collect(vault, self._authorize(vault, resolved, tx_code, for_review=for_review), at_most)

    def collect_rest(self, vault: OpenVault, issuance_id: str, *, at_most: int | None = None) -> IssuedCredentials:
        """Go on with a set that was broken off, with the same keys, while the issuer's permission lasts.

        Raises:
            StateError: nothing is left to collect here, or the permission has run out: a new offer holds the rest.
            ProblemError, ProtocolError, UnsupportedError: as ``accept_offer``.
        """
        item = vault.read(issuance_id, ISSUANCE)
        if self._is_over(item.body["expires_at"]):
            vault.delete(item)
            raise StateError("The time to collect the rest is over. A new offer holds it.")
        return self._collect(vault, _authorized(item), at_most)

    def check_again(self, vault: OpenVault, item_id: str) -> Report:
        """See ``wallet.services.checking.check_again``."""
        return check_again(vault, item_id, library.known_issuers(vault), self.environment)

    def unfinished(self, vault: OpenVault) -> tuple[Unfinished, ...]:
        """Sets that were broken off and can still be gone on with."""
        records = [entry.summary["issuance_id"] for entry in _collected(vault)]
        return tuple(Unfinished(entry.id, entry.summary["host"], records.count(entry.id), entry.summary["total"])
                     for entry in vault.entries(ISSUANCE) if not self._is_over(entry.summary["expires_at"]))

    def _is_over(self, expires_at: str) -> bool:
        return parse_date_time(expires_at) <= self.environment.clock.now()

    def _authorize(self, vault: OpenVault, resolved: ResolvedOffer, tx_code: str | None, *,
                   for_review: bool) -> AuthorizedIssuance:
        grant = resolved.grant
        if grant.tx_code is not None and not tx_code:
            raise ProtocolError("invalid_request", "this offer needs the code that was sent to you another way")
        now = self.environment.clock.now()
        if not authority.may(vault, "review", now):
            if not any(authority.may(vault, f"contribute:{category}", now) for category in _MAY_CONTRIBUTE):
                raise StateError("You may not put records into this backpack. Nothing was accepted.")
            for_review = True
        details = tuple(AuthorizationDetail(name) for name in resolved.offer.credential_configuration_ids)
        form = v1_0.build_token_request(TokenRequest(
            grant.pre_authorized_code, (tx_code or "").strip() or None if grant.tx_code else None, None, details))
        answer = wire.post_form(self.environment.fetcher, resolved.token_endpoint, form)
        token = v1_0.parse_token_response(answer.body)
        named = [(detail.credential_configuration_id, identifier) for detail in token.authorization_details
                 for identifier in detail.credential_identifiers]
        unnamed = [(name, None) for name in resolved.offer.credential_configuration_ids
                   if not any(name == configuration_id for configuration_id, _ in named)]
        pairs: list[tuple[str, str | None]] = [*named, *unnamed]
        if len(pairs) > _MAX_RECORDS or not {name for name, _ in pairs} <= set(resolved.configurations):
            raise ProtocolError("invalid_token_response", "the issuer names records that it did not offer")
        keys = [vault.party_key if _names_a_person(resolved, name) else vault.new_holder_key() for name, _ in pairs]
        wanted = tuple(Wanted(name, identifier, key.verification_method)
                       for (name, identifier), key in zip(pairs, keys, strict=True))
        lifetime = min(token.expires_in_s or _TOKEN_LIFETIME_S, 24 * 3600)
        return self._keep_issuance(vault, resolved, {
            "access_token": token.access_token, "wanted": [each.to_json() for each in wanted],
            "expires_at": format_date_time(now + timedelta(seconds=lifetime)), "for_review": for_review},
                                   _to_seal(vault, keys))

    def _keep_issuance(self, vault: OpenVault, resolved: ResolvedOffer, state: JSONObject,
                       keys: tuple[HolderKey, ...]) -> AuthorizedIssuance:
        # Sealed before the first request: an issuer gives one identifier to one key only, so a key must not get lost.
        item_id = vault.add(ISSUANCE, {
            "offer": resolved.to_json(), "fingerprint": resolved.fingerprint, "host": resolved.host,
            "received_by": vault.party_id, **state}, keys=keys)
        item = vault.read(item_id, ISSUANCE)
        return _authorized(item)

    def _collect(self, vault: OpenVault, issuance: AuthorizedIssuance, at_most: int | None) -> IssuedCredentials:
        memory = HeldMemory(VaultMemory(vault))
        environment = replace(self.environment, memory=memory)
        present = {entry.summary["key_method"]: entry.id for entry in _collected(vault)
                   if entry.summary["issuance_id"] == issuance.item.id}
        missing = [wanted for wanted in issuance.wanted if wanted.key_method not in present]
        problem: CredkitError | None = None
        may_go_on = at_most is not None and len(missing) > at_most
        for wanted in missing[:at_most]:
            try:
                present[wanted.key_method] = self._collect_one(vault, issuance, wanted, environment)
            except FetchError as error:
                problem, may_go_on = error, True
                break
            except CredkitError as error:
                problem = problem or error
                if isinstance(error, ProtocolError) and error.http_status in (401, 403):
                    may_go_on = False
                    break
        if present:
            memory.keep()
        if any(_names_a_person(issuance.resolved, wanted.configuration_id) for wanted in missing):
            renew_vouchers(vault, environment.clock.now())
        return self._finish(vault, issuance, present, problem, may_go_on=may_go_on)

    def _finish(self, vault: OpenVault, issuance: AuthorizedIssuance, present: dict[str, str],
                problem: CredkitError | None, *, may_go_on: bool) -> IssuedCredentials:
        if not may_go_on:
            vault.delete(vault.read(issuance.item.id, ISSUANCE))
        stored = tuple(present[wanted.key_method] for wanted in issuance.wanted if wanted.key_method in present)
        if not stored and problem is not None and not may_go_on:
            raise problem
        if stored and (problem is not None or not may_go_on):
            activity.log_received(vault, self.environment.clock, host=issuance.resolved.host, count=len(stored),
                                  total=len(issuance.wanted))
            keep_notice(vault, self.environment, issuance.resolved.offer.transfer_notice,
                        _documents(vault, issuance.item.id), host=issuance.resolved.host)
        return IssuedCredentials(stored, len(issuance.wanted), problem, issuance.item.id if may_go_on else None,
                                 issuance.for_review)

    def _collect_one(self, vault: OpenVault, issuance: AuthorizedIssuance, wanted: Wanted,
                     environment: Environment) -> str:
        signer = vault.signer(issuance.item, wanted.key_method)
        answer = self._request(issuance, wanted, signer)
        if answer.transaction_id is not None:
            raise UnsupportedError("the issuer has not made this record yet; ask for a new offer later")
        if len(answer.credentials) != 1:
            raise ProtocolError("invalid_credential_response", "the issuer sent more records than were asked for")
        configuration = issuance.resolved.configurations[wanted.configuration_id]
        received = _checked(answer.credentials[0], configuration, signer.did, environment)
        credential, now = received["credential"], environment.clock.now()
        if endorsement.is_mine(credential) and not issuance.for_review:
            item_id = comments.keep_signed(vault, credential, issuance.resolved.host, now)
            self._notify(issuance, answer)
            return item_id
        body = {
            **received, "received_at": format_date_time(now),
            "received_from": issuance.resolved.offer.credential_issuer,
            "checked_at": format_date_time(now),
            "issuance_id": issuance.item.id, "key_method": wanted.key_method,
        }
        if issuance.for_review:
            item_id = vault.add(CONTRIBUTION, contributions.quarantine(vault, body, issuance.resolved.host),
                                keys=_to_seal(vault, [signer]))
        else:
            item_id = vault.add(CREDENTIAL, body, keys=_to_seal(vault, [signer]))
        self._notify(issuance, answer)
        return item_id

    def _request(self, issuance: AuthorizedIssuance, wanted: Wanted, signer: HolderKey) -> CredentialResponse:
        """One credential request; a stale nonce is replaced once (OID4VCI-1.0 #credential-error-response)."""
        try:
            return self._request_once(issuance, wanted, signer)
        except ProtocolError as error:
            if error.error != "invalid_nonce":
                raise
        return self._request_once(issuance, wanted, signer)

    def _request_once(self, issuance: AuthorizedIssuance, wanted: Wanted, signer: HolderKey) -> CredentialResponse:
        resolved, fetcher = issuance.resolved, self.environment.fetcher
        nonce = v1_0.parse_nonce_response(wire.post(fetcher, resolved.nonce_endpoint).body)
        is_named_by_did = "did:key" in resolved.configurations[wanted.configuration_id].binding_methods
        proof = v1_0.build_key_proof(signer, audience=resolved.offer.credential_issuer, nonce=nonce.c_nonce,
                                     now=self.environment.clock.now(), binding="kid" if is_named_by_did else "jwk")
        request = CredentialRequest(
            credential_identifier=wanted.identifier, proof_type="jwt", proofs=(proof,),
            credential_configuration_id=None if wanted.identifier else wanted.configuration_id)
        answer = wire.post_json(fetcher, resolved.metadata.credential_endpoint, v1_0.build_credential_request(request),
                                access_token=issuance.access_token, max_bytes=_MAX_CREDENTIAL_BYTES)
        return v1_0.parse_credential_response(answer.body)

    def _notify(self, issuance: AuthorizedIssuance, answer: CredentialResponse) -> None:
        """Tell the issuer that it arrived; a courtesy, so its failure is none of ours (OID4VCI-1.0 #notification)."""
        endpoint = issuance.resolved.metadata.notification_endpoint
        if endpoint is None or answer.notification_id is None:
            return
        message = v1_0.build_notification(NotificationRequest(answer.notification_id, "credential_accepted"))
        with suppress(CredkitError):
            wire.post_json(self.environment.fetcher, endpoint, message, access_token=issuance.access_token)


def _checked(credential: JSONObject | str, configuration: CredentialConfiguration, holder_did: str,
             environment: Environment) -> JSONObject:
    """What of a record goes into the backpack, if it may be kept; raises like ``check_received``."""
    if configuration.format != sd_jwt.FORM:
        document, status = check_received(credential, configuration, holder_did, environment)
        return {"credential": document, "status": status}
    claims, status = check_received_sd_jwt(credential, configuration, holder_did, environment)
    named = next((each.name for each in configuration.display if each.name), configuration.id)
    return {"credential": sd_jwt.reading_of(claims, named), "sd_jwt": credential, "status": status}


def _names_a_person(resolved: ResolvedOffer, configuration_id: str) -> bool:
    """Whether such a record names who holds it as a person of the family, not as the holder of one record."""
    return not family.GRANT_TYPES.isdisjoint(resolved.configurations[configuration_id].types)


def _to_seal(vault: OpenVault, keys: Iterable[HolderKey]) -> tuple[HolderKey, ...]:
    """The keys that are sealed with an item; a party's own never is, for others may open the item."""
    return tuple(key for key in keys if key.did != vault.party_did)


def _authorized(item: Item) -> AuthorizedIssuance:
    body = item.body
    return AuthorizedIssuance(item, ResolvedOffer.from_json(body["offer"]), body["access_token"],
                              tuple(Wanted(**wanted) for wanted in body["wanted"]), body["for_review"])


def _documents(vault: OpenVault, issuance_id: str) -> Iterator[JSONObject]:
    """The records that one offer brought, those that wait for review too."""
    for entry in _collected(vault):
        if entry.summary["issuance_id"] == issuance_id:
            yield vault.read(entry.id, entry.type).body["credential"]


def _collected(vault: OpenVault) -> tuple[Entry, ...]:
    """What offers brought: the records that were kept and those that wait for review."""
    return (*vault.entries(CREDENTIAL), *vault.entries(CONTRIBUTION))
