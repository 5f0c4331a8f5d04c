"""The start page: what waits to be done, and the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.store import LogEntry
from issuer.web.access import is_teacher
from issuer.web.context import services
from issuer.web.words import event_words

LOG_LINES = 200
_TOGETHER = timedelta(minutes=5)
blueprint = Blueprint("today", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What to look at today; a teacher looks at the drafts."""
    if is_teacher():
        return redirect(url_for("drafts.index"), code=303)
    return render_template("issuer/today.html", overview=services().students.overview(),
                           imports=services().imports.recent(5), waiting=len(services().approvals.waiting()),
                           is_closed=services().tokens.closed())


@blueprint.get("/log")
def log() -> ResponseReturnValue:
    """What was done here, the newest first; ``?before=`` goes on below a line."""
    before = request.args.get("before", type=int)
    entries = services().students.log(limit=LOG_LINES, before=before)
    groups = [(group, event_words(group[0].event)) for group in grouped(entries)]
    return render_template("issuer/log.html", groups=groups, about=services().students.about(entries),
                           broken=services().students.first_broken_log_entry(),
                           more=entries[-1].seq if len(entries) == LOG_LINES and entries[-1].seq > 1 else None)


def grouped(entries: Sequence[LogEntry]) -> list[list[LogEntry]]:
    """Lines that follow each other and say that the same was done by the same within five minutes, together."""
    groups: list[list[LogEntry]] = []
    for entry in entries:
        first = groups[-1][0] if groups else None
        if (first is not None and (first.event, first.actor) == (entry.event, entry.actor)
                and first.at - entry.at <= _TOGETHER):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


@blueprint.get("/keys")
def keys() -> ResponseReturnValue:
    """Who this issuer is to the world, its public keys, and the profile it keeps to."""
    office = services().office
    return render_template("issuer/keys.html", document=office.did_document(), profile=office.profile)
