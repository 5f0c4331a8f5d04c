"""The log of everything done with a record: sealed, hash-chained, append-only; the child will see it (security.md G06).

An entry is written before anything is sent and never changed: how it ended is an entry of its own, which lists show in
one line with the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from credkit.errors import StateError
from credkit.ports import Clock, JSONObject
from wallet.services.record.items import ACTIVITY
from wallet.vault import OpenVault

Kind = Literal[
    "received", "shared", "refused", "not_sent", "comment", "contribution", "rule", "category", "about_me", "deleted",
    "exported", "shared_link", "ended_link", "invited", "admitted", "removed", "limited", "proposed", "approved",
    "rights", "learner", "handed_over", "recovery", "backup", "portfolio", "unverified", "tracked", "transferred",
    "reissue", "tampered", "left", "ended",
]
_OUTCOME = "outcome"


@dataclass(frozen=True)
class Line:
    """One entry of the log as lists show it.

    Attributes:
        actor: The party that did it.
        host: The other side's address; ``name`` is what it calls itself, or a person's name.
        titles: Records concerned.
        count, total: For what was received.
        state: For what was shared: ``sending`` if we do not know whether it arrived, else ``sent``.
        category: For what concerns a whole category.
        did, to, sent_at, words, language: For a school's notice: its DID, that of the school it sent the record to,
            when, and its own words with their language (``sharing.transfers``).
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
    category: str
    did: str = ""
    to: str = ""
    sent_at: str = ""
    words: str = ""
    language: str = ""


def log(vault: OpenVault, clock: Clock, kind: Kind, entry: JSONObject) -> str:
    """Append an entry by the unlocked party; returns its id.

    Args:
        entry: What the line says beside ``kind``: ``host``, ``name``, ``purpose``, ``titles``, ``records``, ``state`` …
    """
    return vault.append_log(entry_of(vault, clock, kind, entry))


def entry_of(vault: OpenVault, clock: Clock, kind: Kind, entry: JSONObject) -> JSONObject:
    """What ``log`` appends, for what is noted in one step with what it is about."""
    return {"actor": vault.party_id, **entry, "kind": kind, "at": _moment(clock)}


def log_received(vault: OpenVault, clock: Clock, *, host: str, count: int, total: int) -> str:
    """Note that records came; returns the entry's id."""
    return log(vault, clock, "received", {"host": host, "count": count, "total": total})


def log_answer(vault: OpenVault, clock: Clock, kind: Kind, entry: JSONObject) -> str:
    """Note an answer to a request; ``entry`` holds who asked, why, and each record with its values."""
    return log(vault, clock, kind, entry)


def _moment(clock: Clock) -> str:
    """Now, fine enough to tell entries of one second apart."""
    return clock.now().isoformat(timespec="microseconds")


def mark(vault: OpenVault, clock: Clock, entry_id: str, *, kind: Kind, state: str) -> None:
    """Note how what an entry began has ended."""
    vault.append_log({"actor": vault.party_id, "kind": _OUTCOME, "of": entry_id, "becomes": kind, "state": state,
                      "at": _moment(clock)})


def lines(vault: OpenVault) -> tuple[Line, ...]:
    """The whole log as this party may see it, newest first."""
    entries = sorted(vault.entries(ACTIVITY), key=lambda entry: int(entry.summary["number"]))
    endings = {entry.summary["of"]: entry.summary for entry in entries if entry.summary["kind"] == _OUTCOME}
    return tuple(_line(entry.id, entry.summary, endings.get(entry.id)) for entry in reversed(entries)
                 if entry.summary["kind"] != _OUTCOME)


def show(vault: OpenVault, entry_id: str) -> tuple[Line, tuple[JSONObject, ...]]:
    """One entry and its records ``{"title", "issuer_name", "values": [{"kind", "value"}], "always": […]}``; after them
    the grants that went along, ``{"title": "", "grant": role, "values", "always"}``.

    Raises:
        StateError: no such entry.
    """
    body = vault.read(entry_id, ACTIVITY).body
    ending = next((entry.summary for entry in vault.entries(ACTIVITY) if entry.summary.get("of") == entry_id), None)
    return _line(entry_id, body, ending), (*body.get("records", ()), *body.get("grants", ()))


def check_chain(vault: OpenVault) -> int:
    """Check that no entry is missing, changed or out of order; returns how many there are.

    Somebody who sees only their own entries checks those.

    Raises:
        StateError: the log does not hold together; it names the first number that does not fit.
    """
    digests = vault.log_digests()
    count, head = vault.log_head()
    for number in sorted(digests):
        body = vault.read(f"log.{vault.owner_id}.{number}", ACTIVITY).body
        before = digests.get(number - 1, "" if number == 1 else None)
        if body["number"] != number or (before is not None and body["previous"] != before):
            raise StateError("The record of what was done does not hold together. Somebody may have changed it.")
    if count in digests and digests[count] != head:
        raise StateError("The record of what was done does not hold together. Somebody may have changed it.")
    return count


def _line(entry_id: str, body: JSONObject, ending: JSONObject | None) -> Line:
    titles = body.get("titles") or [record["title"] for record in body.get("records", ())]
    return Line(
        id=entry_id, kind=ending["becomes"] if ending else body["kind"], at=body["at"], actor=body.get("actor", ""),
        host=body.get("host", ""), name=body.get("name") or "", purpose=body.get("purpose") or "", titles=tuple(titles),
        count=body.get("count", 0), total=body.get("total", 0),
        state=ending["state"] if ending else body.get("state", ""), category=body.get("category") or "",
        **{name: body.get(name) or "" for name in ("did", "to", "sent_at", "words", "language")})
