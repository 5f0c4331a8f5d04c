"""What the wallet remembers between checks, sealed like everything else: whose lists it read is nobody's business."""

from __future__ import annotations

from datetime import datetime

from credkit.ports import JSONObject
from credkit.shape import format_date_time, parse_date_time
from wallet.vault.items import OpenVault

STATUS_LIST = "status-list"


class VaultMemory:
    """``credkit.ports.Memory`` over an unlocked vault. Helpers remember in their own space, for themselves."""

    def __init__(self, vault: OpenVault) -> None:
        self._vault = vault if vault.decides else vault.personal()

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """The last verified status list from ``url`` and when it was fetched."""
        for entry in self._vault.entries(STATUS_LIST):
            if entry.summary.get("url") == url:
                body = self._vault.read(entry.id, STATUS_LIST).body
                return body["credential"], parse_date_time(body["fetched_at"])
        return None

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """Keep one list per URL."""
        body = {"url": url, "credential": credential, "fetched_at": format_date_time(fetched_at)}
        for entry in self._vault.entries(STATUS_LIST):
            if entry.summary.get("url") == url:
                self._vault.replace(self._vault.read(entry.id, STATUS_LIST), body)
                return
        self._vault.add(STATUS_LIST, body)


class HeldMemory:
    """A ``Memory`` for a run of many checks: reads each list once, and writes what is new when ``keep`` is called."""

    def __init__(self, inner: VaultMemory) -> None:
        self._inner = inner
        self._known: dict[str, tuple[JSONObject, datetime] | None] = {}
        self._new: set[str] = set()

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """The last verified status list from ``url`` and when it was fetched."""
        if url not in self._known:
            self._known[url] = self._inner.last_status_list(url)
        return self._known[url]

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """Hold one list per URL."""
        self._known[url] = (credential, fetched_at)
        self._new.add(url)

    def keep(self) -> None:
        """Seal what is new."""
        for url in sorted(self._new):
            held = self._known[url]
            if held is not None:
                self._inner.remember_status_list(url, *held)
        self._new.clear()
