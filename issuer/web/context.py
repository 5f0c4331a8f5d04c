"""What every view needs: the services, who is signed in, and a 404 for what is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import urlsplit

from flask import abort, current_app

from credkit.errors import StateError
from issuer.bootstrap import Services
from ui.handover import Handover
from ui.web.login import current_operator

EXTENSION = "backpack-issuer"
T = TypeVar("T")


def services() -> Services:
    """The services of the application that answers this request."""
    return cast(Services, current_app.extensions[EXTENSION])


def actor() -> str:
    """The operator who does something; pages that do something are for operators only."""
    operator = current_operator()
    return operator.name if operator is not None else "unknown"


def place_of(handover: Handover) -> str:
    """Where the code to scan leads: the wallet it opens, or this office."""
    return urlsplit(handover.code_text).netloc or urlsplit(services().office.identity.origin).netloc


def found(look_up: Callable[[str], T], identifier: str) -> T:
    """What ``look_up`` finds, or the page for what is not there."""
    try:
        return look_up(identifier)
    except StateError:
        abort(404)
