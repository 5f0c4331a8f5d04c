"""Sign-in of the office's operator (``ui.web.login`` does the work)."""

from __future__ import annotations

from flask import Blueprint

from issuer.bootstrap import Services
from issuer.services.setup import password_hash_of
from ui.web.login import Operator, login_blueprint


def build_blueprint(services: Services) -> Blueprint:
    """``/login`` and ``/logout``."""

    def find(name: str) -> Operator | None:
        stored = password_hash_of(services.office.store, name)
        return None if stored is None else Operator(name, stored)

    return login_blueprint(find, after="today.index")
