"""What every view needs: the services, and the secret by which this browser knows its own requests."""

from __future__ import annotations

import secrets
from typing import cast

from flask import current_app, session
from flask_babel import get_translations

from credkit.ports import JSONObject
from ui.web.views import show_date
from verifier.bootstrap import Services
from verifier.web.labels import KINDS, LABELS
from verifier.web.told import Told, tell_story

EXTENSION = "backpack-verifier"


def services() -> Services:
    """The services of the application that answers this request."""
    return cast(Services, current_app.extensions[EXTENSION])


def asker_secret() -> str:
    """The secret of this session, made when it is first needed; whoever has it sees the answers to what it asked."""
    if not isinstance(session.get("asker"), str):
        session["asker"] = secrets.token_hex(16)
    return str(session["asker"])


def kind_name(kind: str) -> str:
    """What a kind of record is called in the language of this page."""
    return str(get_translations().gettext(KINDS[kind])) if kind in KINDS else ""


def statement_name(kind: str) -> str:
    """What a kind of statement about the student is called in the language of this page."""
    return str(get_translations().gettext(LABELS[kind]))


def told(story: JSONObject) -> Told:
    """A story in the language of this page."""
    return tell_story(story, get_translations(), show_date)
