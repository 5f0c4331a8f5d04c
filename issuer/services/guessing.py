"""Counting wrong transaction codes: for the claim, for the address, and for the office in an hour and in a day.

The counts survive a restart. After a claim's last try it is dead. Two doors lead to a claim: a link, which nobody
guesses, and a student's number, which many know. What comes through the second has budgets of its own, and never uses
up a claim's last tries; so whoever has no link can close that door, but not the office, nor a family's offer.

Spec: security.md E02; OID4VCI-1.0 #pre-authorized-code-flow
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from issuer.services.office import Office, hash_secret
from issuer.store import Claim, Pass, Unit

_HOUR_S, _DAY_S = 60 * 60, 24 * 60 * 60
_LINK: Final = "wrong codes"
_NUMBER: Final = "wrong codes by number"
_PASS: Final = "wrong codes of passes"
KEPT_FOR_LINKS: Final = 2
"""Of a claim's tries, so many are never used up by whoever knows no more than a number."""


@dataclass(frozen=True)
class _Budget:
    """How many wrong transaction codes there may be in a window of time."""

    name: str
    window_s: int
    limit: int

    def is_spent(self, unit: Unit, now: datetime) -> bool:
        return unit.counted_against(self.name, now, self.window_s) >= self.limit


class Guesses:
    """The one place where a transaction code, or the code of a pass, is compared."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def is_right(self, unit: Unit, claim: Claim, expected: str, given: str, address: str, now: datetime) -> bool:
        """Whether ``given`` is the claim's code; the caller commits, so that a wrong try stays counted.

        Args:
            address: Where it comes from, as far as that is known; kept only as a keyed hash.
        """
        current = unit.find_claim(claim.id)
        if current is None or current.tries_left <= 0:
            return False
        budgets = self._budgets(_LINK, address)
        is_equal = _is_equal(given, expected)
        if any(each.is_spent(unit, now) for each in budgets):
            return False
        if not is_equal:
            unit.count_wrong_code(claim.id)
            _count(unit, budgets, now)
        return is_equal

    def find(self, unit: Unit, claims: Sequence[tuple[Claim, str]], given: str, address: str,
             now: datetime) -> Claim | None:
        """The claim of a student, each with the code expected, that ``given`` opens; a wrong try counts for each."""
        budgets = self._budgets(_NUMBER, address)
        current = [(unit.find_claim(claim.id), expected) for claim, expected in claims]
        living = [(claim, expected) for claim, expected in current
                  if claim is not None and claim.tries_left > KEPT_FOR_LINKS]
        right = [claim for claim, expected in living if _is_equal(given, expected)]
        if any(each.is_spent(unit, now) for each in budgets):
            return None
        if not right:
            for claim, _ in living:
                unit.count_wrong_code(claim.id)
            _count(unit, budgets, now)
            return None
        return right[0]

    def opens(self, unit: Unit, found: Pass | None, given: str, address: str, now: datetime) -> bool:
        """Whether ``given`` is the code of a pass, which then has all its tries again; the caller commits.

        Args:
            found: By the login name that was typed; None if there is no such pass, which counts as a wrong try too.
            address: As in ``is_right``.
        """
        budgets = self._budgets(_PASS, address)
        is_equal = _is_equal(hash_secret(given), "" if found is None else found.code_hash)
        if any(each.is_spent(unit, now) for each in budgets):
            return False
        if found is None or not is_equal or found.tries_left <= 0:
            if found is not None:
                unit.set_pass_tries(found.id, max(0, found.tries_left - 1))
            _count(unit, budgets, now)
            return False
        unit.set_pass_tries(found.id, self._office.config.lifetimes.pass_tries)
        return True

    def closed(self) -> bool:
        """Whether so many codes were wrong lately, for all claims together, that no code is taken for a while."""
        now = self._office.clock.now()
        with self._office.store.reading() as unit:
            return any(each.is_spent(unit, now) for each in self._office_budgets(_LINK))

    def _budgets(self, door: str, address: str) -> tuple[_Budget, ...]:
        hashed = self._office.keys.derive("address", address).hex()[:32]
        of_address = _Budget(f"{door}, {hashed}", _HOUR_S, self._office.config.lifetimes.wrong_codes_address)
        return (*self._office_budgets(door), of_address)

    def _office_budgets(self, door: str) -> tuple[_Budget, ...]:
        lifetimes = self._office.config.lifetimes
        return (_Budget(f"{door}, hour", _HOUR_S, lifetimes.wrong_codes_hour),
                _Budget(f"{door}, day", _DAY_S, lifetimes.wrong_codes_day))


def _count(unit: Unit, budgets: Sequence[_Budget], now: datetime) -> None:
    for each in budgets:
        unit.count_against(each.name, now, each.window_s)


def _is_equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
