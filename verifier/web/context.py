"""What every view needs: the services, and the secret by which this browser knows its own requests."""

from __future__ import annotations

import base64
import secrets
from typing import cast

from flask import current_app, session
from flask_babel import get_translations

from credkit.errors import ProblemError
from credkit.ports import JSONObject
from ui.images import clean_picture
from ui.web.login import current_operator
from ui.web.views import show_date
from verifier.bootstrap import Services
from verifier.services.packets import Official, officials
from verifier.web.labels import KINDS, LABELS
from verifier.web.told import Told, ToldPaper, tell_story

EXTENSION = "backpack-verifier"
PICTURE_PX = 1_200


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


def paper_picture(paper: ToldPaper) -> str:
    """The picture of an old paper made anew as a ``data:`` URL, so that only pixels remain; "" if there is none."""
    try:
        data = clean_picture(base64.b64decode(paper.data), side_px=PICTURE_PX) if paper.data else b""
    except ProblemError:
        data = b""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii") if data else ""


def replaced_by(story: JSONObject) -> tuple[Official, ...]:
    """The official records that replace a packet's; operators alone learn what schools have sent here."""
    return officials(story, services().results) if current_operator() is not None else ()


def told(story: JSONObject) -> Told:
    """A story in the language of this page."""
    return tell_story(story, get_translations(), show_date)
