"""The start page: what waits to be done, and the log."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from issuer.web.context import services
from issuer.web.words import event_words
from ui.web.login import require_login

LOG_LINES = 50
blueprint = Blueprint("today", __name__)
require_login(blueprint)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What to look at today."""
    return render_template("issuer/today.html", overview=services().students.overview(),
                           imports=services().imports.recent(5))


@blueprint.get("/log")
def log() -> ResponseReturnValue:
    """What was done here, the newest first; ``?before=`` goes on below a line."""
    before = request.args.get("before", type=int)
    entries = services().students.log(limit=LOG_LINES, before=before)
    return render_template("issuer/log.html", entries=[(entry, event_words(entry.event)) for entry in entries],
                           about=services().students.about(entries),
                           broken=services().students.first_broken_log_entry(),
                           more=entries[-1].seq if len(entries) == LOG_LINES and entries[-1].seq > 1 else None)


@blueprint.get("/keys")
def keys() -> ResponseReturnValue:
    """Who this issuer is to the world, and its public keys."""
    return render_template("issuer/keys.html", document=services().office.did_document())
