"""Sign-in of the verifier's operator (``ui.web.login`` does the work)."""

from __future__ import annotations

from flask import Blueprint

from ui.web.login import Operator, login_blueprint
from verifier.bootstrap import Services


def build_blueprint(services: Services) -> Blueprint:
    """``/login`` and ``/logout``."""

    def find(name: str) -> Operator | None:
        stored = services.store.password_hash(name)
        return None if stored is None else Operator(name, stored)

    return login_blueprint(find, after="check.show")
