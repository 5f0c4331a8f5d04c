"""Offers, exchanges that give records, and requests that were opened and not answered yet, kept sealed: a reload or a
locked screen loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from credkit.encoding import base64url_encode, sha256
from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.shape import format_date_time, parse_date_time
from wallet.services.interactions import Lead
from wallet.services.offers import ResolvedOffer, resolve_offer
from wallet.services.record.items import EXCHANGE, OFFER, REQUEST
from wallet.services.requests import ResolvedRequest, resolve_request
from wallet.vault import OpenVault

_KEPT = timedelta(days=30)
_MOST = 100

State = Literal["open", "answered", "refused"]


@dataclass(frozen=True)
class InboxLine:
    """Something that waits. ``host`` is the other side's address, ``title`` what it calls itself."""

    id: str
    type: Literal["offer", "request", "exchange"]
    host: str
    title: str
    received_at: str
    expires_at: str | None


@dataclass(frozen=True)
class Inbox:
    """Keeping what was opened. ``is_vouched_for``: whether somebody vouches for this wallet and its keys."""

    environment: Environment
    is_vouched_for: bool = False

    def receive_offer(self, vault: OpenVault, link: str) -> str:
        """Read an offer and keep it; one that is here already is not kept twice. Returns its id.

        Raises:
            ProtocolError, UnsupportedError, FetchError: see ``offers.resolve_offer``; nothing is kept.
        """
        resolved = resolve_offer(link, self.environment, is_vouched_for=self.is_vouched_for)
        return self._keep(vault, OFFER, resolved.fingerprint, {
            "host": resolved.host, "title": resolved.issuer_name("en") or "", "document": resolved.to_json()})

    def receive_exchange(self, vault: OpenVault, lead: Lead) -> str:
        """Keep an exchange that gives records, of which nothing but its host is known. Returns its id."""
        return self._keep(vault, EXCHANGE, _fingerprint(lead.link), {
            "host": lead.host, "title": "", "address": lead.link})

    def exchange(self, vault: OpenVault, item_id: str) -> Lead:
        """An exchange that waits.

        Raises:
            StateError: it is not here (any more).
        """
        return Lead("exchange-offer", vault.read(item_id, EXCHANGE).body["address"])

    def drop_exchange(self, vault: OpenVault, item_id: str) -> None:
        """Take an exchange out of the inbox."""
        vault.delete(vault.read(item_id, EXCHANGE))

    def receive_request(self, vault: OpenVault, link: str) -> str:
        """Read a request and keep it; a link that was opened before is not fetched again while its time
        lasts.

        Raises:
            ProtocolError, UnsupportedError, FetchError, DidNotFoundError: see ``requests.resolve_request``.
        """
        fingerprint = _fingerprint(link)
        known = self._known(vault, REQUEST, fingerprint)
        if known is not None:
            resolved, state = self.request(vault, known)
            if state == "open" and self.is_over(resolved):
                self.renew_request(vault, known)
            return known
        resolved = resolve_request(link, self.environment)
        expires = resolved.request.expires_at
        return self._keep(vault, REQUEST, fingerprint, {
            "host": resolved.host, "title": resolved.calls_itself or "", "document": resolved.to_json(),
            "expires_at": None if expires is None else format_date_time(expires), "link": link})

    def renew_request(self, vault: OpenVault, item_id: str) -> None:
        """Ask for more time: the request is fetched anew, which the asker may answer with a later end (WCAG 2.2.1).

        Raises:
            StateError: it is not here, or was answered, or is another's by now.
            ProtocolError, FetchError, UnsupportedError, DidNotFoundError: it is not to be had any more.
        """
        item = vault.read(item_id, REQUEST)
        resolved = resolve_request(item.body["link"], self.environment)
        expires = resolved.request.expires_at
        if item.body["state"] != "open" or resolved.host != item.body["host"]:
            raise StateError("This request was answered already.")
        vault.replace(item, {**item.body, "document": resolved.to_json(),
                             "expires_at": None if expires is None else format_date_time(expires)})

    def offer(self, vault: OpenVault, item_id: str) -> ResolvedOffer:
        """An offer that waits.

        Raises:
            StateError: it is not here (any more).
        """
        return ResolvedOffer.from_json(vault.read(item_id, OFFER).body["document"])

    def request(self, vault: OpenVault, item_id: str) -> tuple[ResolvedRequest, State]:
        """A request, and whether it was answered.

        Raises:
            StateError: it is not here (any more).
        """
        body = vault.read(item_id, REQUEST).body
        state: State = body["state"]
        return ResolvedRequest.from_json(body["document"]), state

    def is_over(self, resolved: ResolvedRequest) -> bool:
        """Whether the time to answer is over."""
        expires = resolved.request.expires_at
        return expires is not None and expires <= self.environment.clock.now()

    def pending(self, vault: OpenVault) -> tuple[InboxLine, ...]:
        """What waits, newest first; requests whose time is over are left out."""
        now = self.environment.clock.now()
        found = [InboxLine(entry.id, kind, entry.summary["host"], entry.summary["title"] or "",
                           entry.summary["received_at"], entry.summary["expires_at"])
                 for kind, item_type in _TYPES for entry in vault.entries(item_type)
                 if entry.summary["state"] == "open"
                 and (entry.summary["expires_at"] is None or parse_date_time(entry.summary["expires_at"]) > now)]
        return tuple(sorted(found, key=lambda line: (line.received_at, line.id), reverse=True))

    def close_request(self, vault: OpenVault, item_id: str, state: State, *, go_on: str | None = None) -> None:
        """Note that a request was answered or refused, and where the asker would have the person go on."""
        item = vault.read(item_id, REQUEST)
        vault.replace(item, {**item.body, "state": state, "go_on": go_on})

    def go_on(self, vault: OpenVault, item_id: str) -> str | None:
        """Where who asked would have the person go on after a request was answered, None if nowhere."""
        address = vault.read(item_id, REQUEST).body.get("go_on")
        return None if address is None else str(address)

    def drop_offer(self, vault: OpenVault, item_id: str) -> None:
        """Take an offer out of the inbox."""
        vault.delete(vault.read(item_id, OFFER))

    def _known(self, vault: OpenVault, item_type: str, fingerprint: str) -> str | None:
        return next((entry.id for entry in vault.entries(item_type)
                     if entry.summary["fingerprint"] == fingerprint), None)

    def _keep(self, vault: OpenVault, item_type: str, fingerprint: str, body: JSONObject) -> str:
        known = self._known(vault, item_type, fingerprint)
        if known is not None:
            return known
        self._sweep(vault, item_type)
        return vault.add(item_type, {**body, "fingerprint": fingerprint, "state": "open",
                                     "received_by": vault.party_id,
                                     "received_at": format_date_time(self.environment.clock.now())})

    def _sweep(self, vault: OpenVault, item_type: str) -> None:
        """Nobody may fill the backpack with links: the oldest go when there are too many, all go after 30 days."""
        entries = sorted(vault.entries(item_type), key=lambda entry: str(entry.summary["received_at"]))
        oldest = self.environment.clock.now() - _KEPT
        for index, entry in enumerate(entries):
            if index <= len(entries) - _MOST or parse_date_time(entry.summary["received_at"]) < oldest:
                try:
                    vault.delete(vault.read(entry.id, item_type))
                except StateError:
                    continue  # another device was faster


def _fingerprint(link: str) -> str:
    return base64url_encode(sha256(link.encode("utf-8", "surrogatepass")))


_TYPES: tuple[tuple[Literal["offer", "request", "exchange"], str], ...] = (
    ("offer", OFFER), ("request", REQUEST), ("exchange", EXCHANGE))
