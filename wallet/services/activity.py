"""The log of what came and what left: each entry is a sealed item, written before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from credkit.ports import Clock, JSONObject
from wallet.services.items import ACTIVITY
from wallet.vault import OpenVault

Kind = Literal["received", "shared", "refused", "not_sent"]


@dataclass(frozen=True)
class Line:
    """One entry of the log as lists show it.

    Attributes:
        host: The other side's address; ``name`` is what it calls itself.
        titles: Records concerned.
        count, total: For what was received.
        state: For what was shared: ``sending`` if we do not know whether it arrived, else ``sent``.
    """

    id: str
    kind: Kind
    at: str
    actor: str
    host: str
    name: str
    purpose: str
    titles: tuple[str, ...]
    count: int
    total: int
    state: str


def log_received(vault: OpenVault, clock: Clock, *, host: str, count: int, total: int) -> str:
    """Note that records came; returns the entry's id."""
    return vault.add(ACTIVITY, {"kind": "received", "at": _moment(clock), "actor": vault.party_id,
                                "host": host, "count": count, "total": total})


def log_answer(vault: OpenVault, clock: Clock, kind: Kind, entry: JSONObject) -> str:
    """Note an answer to a request; ``entry`` holds who asked, why, and each record with its values."""
    return vault.add(ACTIVITY, {"kind": kind, "at": _moment(clock), **entry})


def _moment(clock: Clock) -> str:
    """Now, fine enough to tell entries of one second apart."""
    return clock.now().isoformat(timespec="microseconds")


def mark(vault: OpenVault, entry_id: str, *, kind: Kind, state: str) -> None:
    """Note how sending ended."""
    item = vault.read(entry_id, ACTIVITY)
    vault.replace(item, {**item.body, "kind": kind, "state": state})


def lines(vault: OpenVault) -> tuple[Line, ...]:
    """The whole log, newest first."""
    entries = sorted(vault.entries(ACTIVITY), key=lambda entry: (str(entry.summary.get("at")), entry.id), reverse=True)
    return tuple(_line(entry.id, entry.summary) for entry in entries)


def show(vault: OpenVault, entry_id: str) -> tuple[Line, tuple[JSONObject, ...]]:
    """One entry and its records ``{"title", "issuer_name", "values": [{"label", "value"}], "always": […]}``.

    Raises:
        StateError: no such entry.
    """
    body = vault.read(entry_id, ACTIVITY).body
    return _line(entry_id, body), tuple(body.get("records", ()))


def _line(entry_id: str, body: JSONObject) -> Line:
    titles = body.get("titles") or [record["title"] for record in body.get("records", ())]
    return Line(
        id=entry_id, kind=body["kind"], at=body["at"], actor=body.get("actor", ""), host=body.get("host", ""),
        name=body.get("name") or "", purpose=body.get("purpose") or "", titles=tuple(titles),
        count=body.get("count", 0), total=body.get("total", 0), state=body.get("state", ""))
