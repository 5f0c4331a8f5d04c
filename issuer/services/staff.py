"""Who works in the office: an operator, registrars who decide, teachers who draft.

What a role may open stands in ``issuer.web.access`` alone; a service trusts its caller for that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from credkit.errors import StateError
from issuer.store import Staff

if TYPE_CHECKING:
    from issuer.services.office import Office

OPERATOR, REGISTRAR, TEACHER = "operator", "registrar", "teacher"
ROLES: Final = (OPERATOR, REGISTRAR, TEACHER)
"""An operator may do everything; a registrar everything but logins; a teacher drafts what a registrar approves."""
SHORTEST_PASSWORD: Final = 12
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class StaffRoom:
    """The office's logins."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def all(self) -> tuple[Staff, ...]:
        """Every login, by name."""
        with self._office.store.reading() as unit:
            return unit.staff()

    def find(self, name: str) -> Staff | None:
        """A login, or None."""
        with self._office.store.reading() as unit:
            return unit.find_staff(name)

    def add(self, name: str, role: str, password_hash: str, actor: str) -> Staff:
        """A new login.

        Args:
            name: 1 to 64 letters, digits, dots, dashes and underscores.
            role: ``registrar`` or ``teacher``; the operator is made with the office.
            password_hash: As ``ui.passwords`` makes it.

        Raises:
            StateError: a name that cannot be one or is taken, or another role.
        """
        if not _NAME.fullmatch(name):
            raise StateError("A login name holds letters, digits, dots and dashes only, at most 64 of them.")
        if role not in (REGISTRAR, TEACHER):
            raise StateError("A new login is a registrar or a teacher.")
        staff = Staff(name, password_hash, role)
        with self._office.store.writing() as unit:
            if any(each.name.casefold() == name.casefold() for each in unit.staff()):
                raise StateError("There is a login of this name already. Nothing was changed.")
            unit.add_staff(staff)
            unit.append_log(self._office.clock.now(), "staff_added", actor, name, {"role": role})
        return staff

    def remove(self, name: str, actor: str) -> None:
        """End a login; whoever is signed in with it is out at the next page.

        Raises:
            StateError: there is none, or it is the operator's.
        """
        with self._office.store.writing() as unit:
            staff = unit.find_staff(name)
            if staff is None:
                raise StateError("There is no such login.")
            if staff.role == OPERATOR:
                raise StateError("The operator’s login cannot be removed.")
            unit.remove_staff(name)
            unit.append_log(self._office.clock.now(), "staff_removed", actor, name, {"role": staff.role})
