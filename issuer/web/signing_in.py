"""Sign-in of the office's staff (``ui.web.login`` does the work)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from issuer.bootstrap import Services
from ui.web.login import Operator, login_blueprint


@dataclass(frozen=True)
class Member(Operator):
    """Who is signed in, with what ``issuer.services.staff.ROLES`` calls the role."""

    role: str


def build_blueprint(services: Services) -> Blueprint:
    """``/login`` and ``/logout``."""

    def find(name: str) -> Operator | None:
        staff = services.staff.find(name)
        return None if staff is None else Member(staff.name, staff.password_hash, staff.role)

    return login_blueprint(find, after="today.index")
