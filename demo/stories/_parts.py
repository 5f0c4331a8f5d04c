"""What several chapters do alike: records drafted, collected, handed out; people let in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from demo.export.small import Course, Pupil, build_small_export, term_until
from demo.narrating import Narrator, expect
from demo.town import Party, Town

STANDARDS: Final = Path(__file__).parent.parent / "export" / "standards.json"


@dataclass(frozen=True)
class LaterClock:
    """A clock that stands still at a moment to come."""

    moment: datetime

    def now(self) -> datetime:
        """That moment."""
        return self.moment


class SameRandomness:
    """The same numbers for everybody who asks in the same order: what differs then differs for another reason."""

    def __init__(self) -> None:
        self._asked = 0

    def token_bytes(self, n: int) -> bytes:
        """``n`` bytes that are no secret."""
        self._asked += 1
        return hashlib.shake_256(self._asked.to_bytes(8, "big")).digest(n)


def today() -> date:
    """The day, as the tracker and the offices count it."""
    return datetime.now(UTC).date()


def enrol(office: Party, pupil: Pupil, courses: Sequence[Course], term: tuple[date, date] | None = None) -> None:
    """The office reads an export of this student."""
    export = build_small_export(office.data / "export.zip", office.name, pupil, courses, term or term_until(today()))
    reading = office.run("import", str(export))
    expect(reading["drafted"]["refused"] == [], f"{office.name} should make records of its export")


def award(office: Party, number: str, template: str, **answers: object) -> dict[str, Any]:
    """The office makes a record from a template."""
    told = [argument for name, value in answers.items() for argument in ("--set", f"{name}={value}")]
    made: dict[str, Any] = office.run("award", "--student", number, "--template", template, *told)
    return made


def collect(narrator: Narrator, office: Party, wallet: Party, number: str) -> dict[str, str]:
    """The office offers what waits, the family takes all of it; title → what the wallet calls it."""
    offer = office.run("offer", "--student", number)
    accepted = wallet.run("accept", offer["offer"], "--tx-code", offer["tx_code"])
    expect(len(accepted["stored"]) == accepted["total"], f"everything from {office.name} should arrive")
    narrator.saw(wallet.name, f"{accepted['total']} records from {office.name}, each checked before it was kept")
    return records(wallet)


def records(wallet: Party) -> dict[str, str]:
    """Title → what the wallet calls it."""
    return {record["title"]: record["item_id"] for record in wallet.run("list")}


def trust(verifier: Party, office: Party) -> None:
    """The verifier puts the office on its list of signers it knows."""
    verifier.run("trust", "add", office.did, "--name", office.name)


def hand_out(wallet: Party, names: Sequence[str], recipient: str, purpose: str, *more: str) -> dict[str, Any]:
    """The family hands out these records."""
    chosen = [argument for name in names for argument in ("--record", name)]
    made: dict[str, Any] = wallet.run("share", *chosen, "--to", recipient, "--purpose", purpose, "--yes", *more)
    return made


def outcome(report: dict[str, Any], check_id: str) -> str:
    """The worst outcome of a check anywhere in a report."""
    found = {check["outcome"] for check in report["checks"] if check["id"] == check_id}
    for member in (*report.get("members", ()), *report.get("endorsements", ())):
        found.add(outcome(member, check_id))
    return next((each for each in ("failed", "indeterminate", "passed") if each in found), "")


def let_in(town: Town, narrator: Narrator, family: Party, name: str, login: str, *invitation: str) -> Party:
    """Somebody is invited, answers with a passphrase of their own, and is let in once the words are the same."""
    invited = family.run("people", "invite", "--name", name, *invitation)
    passphrase = f"demo-{secrets.token_hex(8)}"
    guest = town.wallet.signs_in(name, None, passphrase)
    answered = guest.run("people", "join", invited["link"], "--login", login)
    waiting = next(each for each in family.run("people")["invitations"] if each["name"] == name)
    expect(waiting["words"] == answered["words"] != [], "both should read the same words aloud")
    family.run("people", "confirm", waiting["id"])
    narrator.saw(name, "reads aloud: " + " · ".join(pair["en"] for pair in answered["words"]) + "; and is in")
    narrator.introduce(name, login, passphrase)
    return town.wallet.signs_in(name, login, passphrase)
