"""Receiving: read an offer, accept it, verify each record before it is kept (OID4VCI 1.0, both grants).

States as types (``issuances``): a link becomes a ``ResolvedOffer`` (nothing has been promised yet), accepting makes an
``AuthorizedIssuance`` (the code is spent, one fresh key stands ready for each record), collecting gives
``IssuedCredentials``. Where the issuer wants to see the holder on a page of its own, ``begin_login`` comes first and
``finish_login`` goes on. What came is kept even if the rest does not come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from credkit.environment import Environment
from credkit.errors import CredkitError, FetchError, ProtocolError, StateError
from credkit.ports import JSONObject
from credkit.profiles import endorsement, family
from credkit.profiles.family import CONTRIBUTE_CATEGORIES
from credkit.protocols.client_attestation import METHOD
from credkit.protocols.oauth_client import CodeRequest
from credkit.protocols.oid4vci.messages import TokenResponse
from credkit.shape import format_date_time, parse_date_time
from credkit.verification import Report
from wallet.services import activity, authority, granting
from wallet.services.checking import Received, check_again, check_issued, for_many
from wallet.services.collecting import Conversation
from wallet.services.holder import NamedKey, key_plan
from wallet.services.issuances import AuthorizedIssuance, IssuedCredentials, Unfinished, Wanted, authorized
from wallet.services.offers import ResolvedOffer, resolve_offer
from wallet.services.record import comments, contributions, library
from wallet.services.record.items import CONTRIBUTION, CREDENTIAL, ISSUANCE
from wallet.services.sharing.grants import renew_vouchers
from wallet.services.sharing.transfers import keep_notice
from wallet.services.wire import Attester, Caller
from wallet.vault import Entry, HolderKey, Item, OpenVault

_TOKEN_LIFETIME_S = 300
_LOGIN_LIFETIME_S = 3600
_DEFERRED_DAYS = 30
_USUAL_INTERVAL_S = 60
_MAY_CONTRIBUTE = (*CONTRIBUTE_CATEGORIES, "portfolio")


@dataclass(frozen=True)
class Receiving:
    """The receiving use cases over one environment.

    Attributes:
        attester: Vouches for this wallet, None if nobody does.
    """

    environment: Environment
    attester: Attester | None = None

    def resolve_offer(self, link: str) -> ResolvedOffer:
        """See ``wallet.services.offers.resolve_offer``; nothing secret leaves."""
        return resolve_offer(link, self.environment, is_vouched_for=self.attester is not None)

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
            elif entry.summary["fingerprint"] == resolved.fingerprint and entry.summary["total"]:
                return self.collect_rest(vault, entry.id, at_most=at_most)
        for_review = self.may_receive(vault, for_review=for_review)
        key = _binding_key(vault, resolved)
        token = granting.spend_code(resolved, tx_code, self._client(resolved, key))
        return self._collect(vault, self._authorize(vault, resolved, token, key, for_review=for_review), at_most)

    def begin_login(self, vault: OpenVault, resolved: ResolvedOffer, *, redirect_uri: str,
                    for_review: bool = False) -> str:
        """Prepare to be let in on the issuer's own page; the address to send the browser to.

        Args:
            redirect_uri: The page of this wallet that hands what comes back to ``finish_login``.

        Raises:
            ProtocolError: the issuer refuses. FetchError: it cannot be reached. StateError: who may not receive.

        Spec: OID4VCI-1.0 #authorization-endpoint
        """
        for_review = self.may_receive(vault, for_review=for_review)
        key = _binding_key(vault, resolved)
        request, url = granting.ask_for_code(resolved, redirect_uri, self._client(resolved, key))
        self._keep_issuance(vault, resolved, {
            "access_token": "", "wanted": [], "for_review": for_review, "client_id": request.client_id,
            "asked": {**vars(request), "details": list(request.details)},
            "expires_at": self._in(_LOGIN_LIFETIME_S)}, (), key)
        return url

    def finish_login(self, vault: OpenVault, parameters: Mapping[str, str], *,
                     at_most: int | None = None) -> IssuedCredentials:
        """Go on with what the browser brought back from the issuer's page; each answer counts once.

        Raises:
            StateError: nothing was begun here that this answers.
            ProtocolError: the issuer or the holder refused there, or the answer comes from somebody else.
            FetchError, ProblemError, UnsupportedError: as ``accept_offer``.

        Spec: OID4VCI-1.0 #authorization-response; RFC9207; security.md E09
        """
        state = parameters.get("state")
        item = next((found for found in self._logins(vault) if found.body["asked"]["state"] == state), None)
        if item is None:
            raise StateError("This answer belongs to nothing that was begun here.")
        resolved, request = ResolvedOffer.from_json(item.body["offer"]), CodeRequest(**item.body["asked"])
        method = item.body["dpop_method"]
        key = None if method is None else vault.signer(item, method)
        try:
            token = granting.redeem_code(resolved, request, parameters, self._client(resolved, key))
        except ProtocolError:
            vault.delete(item)
            raise
        vault.delete(item)
        issuance = self._authorize(vault, resolved, token, key, for_review=item.body["for_review"],
                                   client_id=request.client_id)
        return self._collect(vault, issuance, at_most)

    def _client(self, resolved: ResolvedOffer, key: HolderKey | None) -> Caller:
        """Requests to the authorization server, with the attestation of this wallet where there is one to be had."""
        is_wanted = METHOD in resolved.server.auth_methods
        return Caller(self.environment, key, attester=self.attester if is_wanted else None,
                      audience=resolved.server.issuer)

    def is_begun(self, vault: OpenVault, resolved: ResolvedOffer) -> bool:
        """Whether records of this offer are being collected, so that ``accept_offer`` goes on with them."""
        return any(entry.summary["fingerprint"] == resolved.fingerprint and entry.summary["total"]
                   and not self._is_over(entry.summary["expires_at"]) for entry in vault.entries(ISSUANCE))

    def host_of_login(self, vault: OpenVault, state: str | None) -> str | None:
        """The issuer's host that an answer with this ``state`` would come from, None if nothing waits for it."""
        found = (item for item in self._logins(vault) if item.body["asked"]["state"] == state)
        return next((str(item.body["host"]) for item in found), None)

    def _logins(self, vault: OpenVault) -> Iterator[Item]:
        for entry in vault.entries(ISSUANCE):
            if not entry.summary["total"] and not self._is_over(entry.summary["expires_at"]):
                yield vault.read(entry.id, ISSUANCE)

    def _in(self, seconds: int) -> str:
        return format_date_time(self.environment.clock.now() + timedelta(seconds=seconds))

    def collect_rest(self, vault: OpenVault, issuance_id: str, *, at_most: int | None = None) -> IssuedCredentials:
        """Go on with a set that was broken off, with the same keys, while the issuer's permission lasts.

        Raises:
            StateError: nothing is left to collect here, the permission has run out (a new offer holds the rest), or
                the issuer was not done and it is too early to ask again.
            ProblemError, ProtocolError, UnsupportedError: as ``accept_offer``.
        """
        item = vault.read(issuance_id, ISSUANCE)
        if self._is_over(item.body["expires_at"]):
            vault.delete(item)
            raise StateError("The time to collect the rest is over. A new offer holds it.")
        return self._collect(vault, authorized(item), at_most)

    def check_again(self, vault: OpenVault, item_id: str) -> Report:
        """See ``wallet.services.checking.check_again``."""
        return check_again(vault, item_id, library.known_issuers(vault), self.environment)

    def unfinished(self, vault: OpenVault) -> tuple[Unfinished, ...]:
        """Sets that were broken off and can still be gone on with."""
        records = [entry.summary["issuance_id"] for entry in _collected(vault)]
        return tuple(Unfinished(entry.id, entry.summary["host"], records.count(entry.id), entry.summary["total"],
                                _moment(entry.summary.get("again_at")))
                     for entry in vault.entries(ISSUANCE)
                     if entry.summary["total"] and not self._is_over(entry.summary["expires_at"]))

    def _is_over(self, expires_at: str) -> bool:
        return parse_date_time(expires_at) <= self.environment.clock.now()

    def may_receive(self, vault: OpenVault, *, for_review: bool) -> bool:
        """Whether what comes has to wait for somebody's look.

        Raises:
            StateError: who may not put records here at all.
        """
        now = self.environment.clock.now()
        if authority.may(vault, "review", now):
            return for_review
        if not any(authority.may(vault, f"contribute:{category}", now) for category in _MAY_CONTRIBUTE):
            raise StateError("You may not put records into this backpack. Nothing was accepted.")
        return True

    def _authorize(self, vault: OpenVault, resolved: ResolvedOffer, token: TokenResponse, key: HolderKey | None, *,
                   for_review: bool, client_id: str | None = None) -> AuthorizedIssuance:
        """Make a key for each record that ``token`` lets us ask for, and seal them with it."""
        wanted, keys = [], []
        for name, identifier in granting.named_records(resolved, token):
            plan = key_plan(resolved.configurations[name])
            own = vault.party_key if _names_a_person(resolved, name) else vault.new_holder_key(plan.key_type)
            keys.append(own)
            wanted.append(Wanted(name, identifier, own.verification_method, plan.binding))
        lifetime = min(token.expires_in_s or _TOKEN_LIFETIME_S, 24 * 3600)
        return authorized(self._keep_issuance(vault, resolved, {
            "access_token": token.access_token, "wanted": [each.to_json() for each in wanted],
            "expires_at": self._in(lifetime), "for_review": for_review, "client_id": client_id},
            _to_seal(vault, keys), key if granting.signer_or_none(key, token) else None))

    def _keep_issuance(self, vault: OpenVault, resolved: ResolvedOffer, state: JSONObject,
                       keys: tuple[HolderKey, ...], bound_to: HolderKey | None) -> Item:
        # Sealed before the first request: an issuer gives one identifier to one key only, so a key must not get lost.
        item_id = vault.add(ISSUANCE, {
            "offer": resolved.to_json(), "fingerprint": resolved.fingerprint, "host": resolved.host,
            "received_by": vault.party_id, "dpop_method": None if bound_to is None else bound_to.verification_method,
            **state}, keys=keys if bound_to is None else (*keys, bound_to))
        return vault.read(item_id, ISSUANCE)

    def _collect(self, vault: OpenVault, issuance: AuthorizedIssuance, at_most: int | None) -> IssuedCredentials:
        environment, memory = for_many(vault, self.environment)
        present = {entry.summary["key_method"]: entry.id for entry in _collected(vault)
                   if entry.summary["issuance_id"] == issuance.item.id}
        missing = [wanted for wanted in issuance.wanted if wanted.key_method not in present]
        conversation = self._conversation(vault, issuance)
        problem: CredkitError | None = None
        waiting: list[Wanted] = []
        may_go_on = at_most is not None and len(missing) > at_most
        for wanted in missing[:at_most]:
            try:
                stored = self._collect_one(vault, issuance, wanted, conversation, environment)
            except FetchError as error:
                problem, may_go_on = error, True
                break
            except CredkitError as error:
                problem = problem or error
                if isinstance(error, ProtocolError) and error.http_status in (401, 403):
                    may_go_on = False
                    break
                if wanted.transaction_id is not None and _is_passing(error):
                    waiting.append(wanted)
                continue
            if isinstance(stored, Wanted):
                waiting.append(stored)
            else:
                present[wanted.key_method] = stored
        if present:
            memory.keep()
        if any(_names_a_person(issuance.resolved, wanted.configuration_id) for wanted in missing):
            renew_vouchers(vault, environment.clock.now())
        if waiting:
            problem = problem or StateError("The issuer has not made this record yet. Ask again later.")
            issuance = self._wait(vault, issuance, waiting)
        return self._finish(vault, issuance, present, problem, may_go_on=may_go_on or bool(waiting), waiting=waiting)

    def _conversation(self, vault: OpenVault, issuance: AuthorizedIssuance) -> Conversation:
        method = issuance.dpop_method
        key = None if method is None else vault.signer(issuance.item, method)
        return Conversation(issuance.resolved, Caller(self.environment, key, issuance.access_token),
                            issuance.client_id, None if self.attester is None else self.attester.provider)

    def _wait(self, vault: OpenVault, issuance: AuthorizedIssuance, waiting: list[Wanted]) -> AuthorizedIssuance:
        """Note what the issuer has not made yet, and keep the rest of the issuance until it may have."""
        later = {wanted.key_method: wanted for wanted in waiting}
        wanted = [later.get(each.key_method, each) for each in issuance.wanted]
        vault.replace(issuance.item, {**issuance.item.body, "wanted": [each.to_json() for each in wanted],
                                      "expires_at": self._in(_DEFERRED_DAYS * 24 * 3600)})
        return authorized(vault.read(issuance.item.id, ISSUANCE))

    def _finish(self, vault: OpenVault, issuance: AuthorizedIssuance, present: dict[str, str],
                problem: CredkitError | None, *, may_go_on: bool, waiting: list[Wanted]) -> IssuedCredentials:
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
        again = [parse_date_time(wanted.again_at) for wanted in waiting if wanted.again_at is not None]
        return IssuedCredentials(stored, len(issuance.wanted), problem, issuance.item.id if may_go_on else None,
                                 issuance.for_review, min(again, default=None))

    def _collect_one(self, vault: OpenVault, issuance: AuthorizedIssuance, wanted: Wanted, conversation: Conversation,
                     environment: Environment) -> str | Wanted:
        """The item id of the record, or what to ask for later."""
        key = NamedKey(vault.signer(issuance.item, wanted.key_method), wanted.binding)
        now = environment.clock.now()
        if wanted.again_at is not None and parse_date_time(wanted.again_at) > now:
            return wanted
        if wanted.transaction_id is not None:
            answer = conversation.ask_again(wanted.transaction_id)
        else:
            answer = conversation.request(wanted.configuration_id, wanted.identifier, key)
        if answer.transaction_id is not None:
            return replace(wanted, transaction_id=answer.transaction_id,
                           again_at=self._in(answer.interval_s or _USUAL_INTERVAL_S))
        configuration = issuance.resolved.configurations[wanted.configuration_id]
        try:
            records = [check_issued(each, configuration, key, environment) for each in answer.credentials]
        except CredkitError:
            conversation.notify(answer, "credential_failure")
            raise
        kept = [self._keep(vault, issuance, wanted, record) for record in _distinct(records)]
        conversation.notify(answer, "credential_accepted")
        return kept[0]

    def _keep(self, vault: OpenVault, issuance: AuthorizedIssuance, wanted: Wanted, record: Received) -> str:
        """Put one record that passed its checks into the backpack, or into the quarantine."""
        now = self.environment.clock.now()
        if endorsement.is_mine(record.credential) and not issuance.for_review:
            return comments.keep_signed(vault, record.credential, issuance.resolved.host, now)
        body = {
            **record.to_body(), "received_at": format_date_time(now), "binding": wanted.binding,
            "received_from": issuance.resolved.offer.credential_issuer, "checked_at": format_date_time(now),
            "issuance_id": issuance.item.id, "key_method": wanted.key_method,
        }
        keys = _to_seal(vault, [vault.signer(issuance.item, wanted.key_method)])
        if issuance.for_review:
            return vault.add(CONTRIBUTION, contributions.quarantine(vault, body, issuance.resolved.host), keys=keys)
        return vault.add(CREDENTIAL, body, keys=keys)


def _is_passing(error: CredkitError) -> bool:
    """Whether the other side has trouble of its own, which says nothing about what was promised."""
    return isinstance(error, ProtocolError) and error.http_status >= 500


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_date_time(text)


def _distinct(records: Iterable[Received]) -> Iterator[Received]:
    """Each record once, though an issuer may send several copies of it."""
    seen: list[object] = []
    for record in records:
        if record.says not in seen:
            seen.append(record.says)
            yield record


def _binding_key(vault: OpenVault, resolved: ResolvedOffer) -> HolderKey | None:
    """A fresh key to bind the access token to, where the server can."""
    return vault.new_holder_key("P-256") if resolved.is_bound else None


def _names_a_person(resolved: ResolvedOffer, configuration_id: str) -> bool:
    """Whether such a record names who holds it as a person of the family, not as the holder of one record."""
    return not family.GRANT_TYPES.isdisjoint(resolved.configurations[configuration_id].types)


def _to_seal(vault: OpenVault, keys: Iterable[HolderKey]) -> tuple[HolderKey, ...]:
    """The keys that are sealed with an item; a party's own never is, for others may open the item."""
    return tuple(key for key in keys if key.did != vault.party_did)


def _documents(vault: OpenVault, issuance_id: str) -> Iterator[JSONObject]:
    """The records that one offer brought, those that wait for review too."""
    for entry in _collected(vault):
        if entry.summary["issuance_id"] == issuance_id:
            yield vault.read(entry.id, entry.type).body["credential"]


def _collected(vault: OpenVault) -> tuple[Entry, ...]:
    """What offers brought: the records that were kept and those that wait for review."""
    return (*vault.entries(CREDENTIAL), *vault.entries(CONTRIBUTION))
