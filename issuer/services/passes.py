"""Passes: what a learner, who has no account at an office, logs in with where another program asks for leave.

One per student. The code is shown once and kept as a hash; a new pass, or its end, ends all that was allowed under it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from credkit.errors import StateError
from issuer.services.office import Office, existing_student, hash_secret
from issuer.store import App, AppGrant, Pass, Person

USUAL_DAYS: Final = 30
MOST_DAYS: Final = 365
_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_GROUP, _LOGIN_GROUPS, _CODE_GROUPS = 5, 2, 4
_NOT_A_LETTER = re.compile(r"[^0-9a-z]")
_READ_AS = str.maketrans("oil", "011")


@dataclass(frozen=True)
class MadePass:
    """A fresh pass with the code that nobody can look up again."""

    person: Person
    found: Pass
    login: str
    code: str


@dataclass(frozen=True)
class PassView:
    """A student's pass, if there is one, and the programs that may do something by it."""

    found: Pass | None
    apps: tuple[tuple[App, AppGrant], ...]


class Passes:
    """The passes of one office."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def make(self, student_id: str, actor: str, *, days: int = USUAL_DAYS) -> MadePass:
        """Make a pass in the place of the one before.

        Raises:
            StateError: no such student, or a number of days that no pass lives.
        """
        if not 1 <= days <= MOST_DAYS:
            raise StateError("A pass lives from 1 day to 365 days. Nothing was changed.")
        now, login, code = self._office.clock.now(), self._letters(_LOGIN_GROUPS), self._letters(_CODE_GROUPS)
        made = Pass(self._office.new_id(), student_id, plain(login), hash_secret(plain(code)),
                    self._office.config.lifetimes.pass_tries, now, now + timedelta(days=days))
        with self._office.store.writing() as unit:
            person = existing_student(unit, student_id)
            unit.sweep_apps(now)
            unit.end_pass(student_id)
            unit.add_pass(made)
            unit.append_log(now, "pass_made", actor, student_id, {"days": days})
        return MadePass(person, made, login, code)

    def end(self, student_id: str, actor: str) -> None:
        """End a pass and all that was allowed under it.

        Raises:
            StateError: there is none.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            if unit.pass_of(student_id, now) is None:
                raise StateError("There is no pass for this student.")
            unit.end_pass(student_id)
            unit.append_log(now, "pass_ended", actor, student_id)

    def view(self, student_id: str) -> PassView:
        """A student's pass as the office sees it."""
        now = self._office.clock.now()
        with self._office.store.reading() as unit:
            return PassView(unit.pass_of(student_id, now), unit.apps_let_in(student_id, now))

    def _letters(self, groups: int) -> str:
        """Random letters and digits that are not mistaken for each other, five bits each, in groups."""
        drawn = "".join(_LETTERS[each & 31] for each in self._office.randomness.token_bytes(groups * _GROUP))
        return "-".join(drawn[start:start + _GROUP] for start in range(0, len(drawn), _GROUP))


def plain(typed: str) -> str:
    """What somebody typed, as it is compared: without spaces and hyphens, and letters that look alike as one."""
    return _NOT_A_LETTER.sub("", typed.casefold()).translate(_READ_AS)
