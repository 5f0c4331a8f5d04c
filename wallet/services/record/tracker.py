"""The request tracker (requirements.md Q6): what the family asked a school for, by when an answer is due, what came.

Three days count: 45 days to see a record (34 CFR 99.10(b)), 3 business days as Georgia's act has it, and 10 days for
the official records of a military family (Interstate Compact, Article IV). No law sets a day for a correction or a
destruction; there the day is our reminder, and pages say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.shape import format_date_time
from wallet.services import activity, authority
from wallet.services.record.items import TRACKED
from wallet.vault import Entry, OpenVault

Kind = Literal["access", "former-school", "correction", "destruction"]
Deadline = Literal["45-days", "3-business-days", "10-days"]
State = Literal["draft", "sent", "answered", "closed"]

KINDS: Final[tuple[Kind, ...]] = ("access", "former-school", "correction", "destruction")
DEADLINES: Final[tuple[Deadline, ...]] = ("45-days", "3-business-days", "10-days")
ONLY_A_REMINDER: Final = frozenset({"correction", "destruction"})
"""Kinds for which no law sets a day."""
_DAYS: Final[Mapping[str, int]] = MappingProxyType({"45-days": 45, "10-days": 10})
_BUSINESS_DAYS: Final = 3
_SATURDAY: Final = 5
_MOST_SHORT: Final = 160
_MOST_LONG: Final = 2_000


@dataclass(frozen=True)
class Letter:
    """What goes into a letter.

    Attributes:
        school: To whom; ``address`` its address, or empty.
        learner: Whose record; ``born`` as the family writes it, or empty.
        writer: Who signs the letter.
        about: The record that is meant, for a correction or a destruction.
        words: What is wrong and what it should say, or anything else to add.
    """

    school: str
    learner: str
    writer: str
    address: str = ""
    born: str = ""
    about: str = ""
    words: str = ""


@dataclass(frozen=True)
class Asked:
    """A request as lists show it.

    Attributes:
        due_on: None until it is sent.
        overdue: Due, and no answer yet.
        left_days: Days until it is due; negative when over, None when nothing is due.
    """

    id: str
    kind: Kind
    school: str
    about: str
    state: State
    sent_on: date | None
    due_on: date | None
    left_days: int | None

    @property
    def overdue(self) -> bool:
        """Whether the day has passed without an answer."""
        return self.left_days is not None and self.left_days < 0


def due_on(sent_on: date, deadline: Deadline) -> date:
    """The day by which an answer is due. Business days are Monday to Friday; holidays are not known here."""
    if deadline in _DAYS:
        return sent_on + timedelta(days=_DAYS[deadline])
    day, left = sent_on, _BUSINESS_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day


def prepare(vault: OpenVault, environment: Environment, *, kind: Kind, deadline: Deadline, letter: Letter,
            record_id: str | None = None) -> str:
    """Write a request down; nothing is sent by itself. Returns its id.

    Args:
        record_id: The item id of the record that is meant, where it lies here.

    Raises:
        StateError: something is missing or too long, or one who may not.
    """
    authority.check(vault, "review", environment.clock.now())
    _check(kind, deadline, letter)
    return vault.add(TRACKED, {
        "kind": kind, "deadline": deadline, "school": letter.school.strip(), "about": letter.about.strip(),
        "letter": {name: value.strip() for name, value in vars(letter).items()}, "record_id": record_id,
        "state": "draft", "sent_on": None, "due_on": None, "note": "",
        "at": format_date_time(environment.clock.now())})


def mark_sent(vault: OpenVault, environment: Environment, request_id: str, sent_on: date) -> None:
    """Note that the letter was sent, from which its day counts.

    Raises:
        StateError: no such request, closed already, a day in the future, or one who may not.
    """
    authority.check(vault, "review", environment.clock.now())
    item = vault.read(request_id, TRACKED)
    if sent_on > environment.clock.now().date() + timedelta(days=1):  # a day ahead of UTC is still today somewhere
        raise StateError("Choose the day it was sent, not a day to come.")
    if item.body["state"] == "closed":
        raise StateError("This request is closed.")
    day = due_on(sent_on, item.body["deadline"])
    vault.replace(item, {**item.body, "state": "sent", "sent_on": sent_on.isoformat(), "due_on": day.isoformat()})
    activity.log(vault, environment.clock, "tracked", {"name": item.body["school"], "titles": [], "state": "sent"})


def close(vault: OpenVault, environment: Environment, request_id: str, *, answered: bool, note: str) -> None:
    """Note the answer, or that none is awaited any more.

    Raises:
        StateError: no such request, too long a note, or one who may not.
    """
    authority.check(vault, "review", environment.clock.now())
    if len(note) > _MOST_LONG:
        raise StateError("This note is too long. There is room for 2,000 characters.")
    item = vault.read(request_id, TRACKED)
    state: State = "answered" if answered else "closed"
    vault.replace(item, {**item.body, "state": state, "note": note.strip()})
    activity.log(vault, environment.clock, "tracked", {"name": item.body["school"], "titles": [], "state": state})


def requests(vault: OpenVault, today: date) -> tuple[Asked, ...]:
    """Every request: what is due first, then drafts, then what is done."""
    lines = [_asked(entry, today) for entry in vault.entries(TRACKED)]
    order = {"sent": 0, "draft": 1, "answered": 2, "closed": 3}
    lines.sort(key=lambda line: (order[line.state], line.due_on or date.max, line.id))
    return tuple(lines)


def show(vault: OpenVault, request_id: str, today: date) -> tuple[Asked, Letter, Deadline, str]:
    """One request, its letter, how its day is counted, and the note of its answer.

    Raises:
        StateError: no such request.
    """
    item = vault.read(request_id, TRACKED)
    asked = _asked(Entry(item.id, item.type, item.body), today)
    return asked, Letter(**item.body["letter"]), item.body["deadline"], item.body["note"]


def _asked(entry: Entry, today: date) -> Asked:
    summary = entry.summary
    sent, due = (None if summary[name] is None else date.fromisoformat(summary[name]) for name in ("sent_on", "due_on"))
    left = (due - today).days if due is not None and summary["state"] == "sent" else None
    return Asked(entry.id, summary["kind"], summary["school"], summary["about"], summary["state"], sent, due, left)


def _check(kind: Kind, deadline: Deadline, letter: Letter) -> None:
    if kind not in KINDS or deadline not in DEADLINES:
        raise StateError("There is nothing here under this name.")
    if not (letter.school.strip() and letter.learner.strip() and letter.writer.strip()):
        raise StateError("Write the school, whose record it is, and who signs the letter.")
    if kind == "correction" and not (letter.about.strip() and letter.words.strip()):
        raise StateError("Write which record is wrong, and what it should say.")
    if len(letter.words) > _MOST_LONG or any(
            len(value) > _MOST_SHORT for name, value in vars(letter).items() if name != "words"):
        raise StateError("This is too long. The text has room for 2,000 characters, each other field for 160.")
