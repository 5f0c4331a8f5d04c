"""The hand-over: told 90 days before, taken over by the learner alone, then looked through (security.md G07)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import pgettext
from werkzeug.exceptions import NotFound

from ui.web import rate_limit
from wallet.services.people.handover import Coming
from wallet.vault import OpenVault
from wallet.web.context import require_unlocked, services, vault

blueprint = Blueprint("handover", __name__, url_prefix="/hand-over")
require_unlocked(blueprint)


@dataclass(frozen=True)
class Told:
    """What the start page tells: how it stands, and whether the reader is the learner."""

    coming: Coming
    is_learner: bool


def handover_notice(opened: OpenVault) -> Told | None:
    """What the start page tells of the hand-over (``wallet/people/handover_notice.html``), None if nothing is near.

    Helpers are told nothing: when a learner was born is not theirs to know.
    """
    kind = opened.members()[opened.party_id].kind
    coming = services().handover.coming(opened)
    return Told(coming, kind == "learner") if kind != "delegate" and coming.notice in ("soon", "due") else None


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What happens, when, and what is the reader's to do."""
    opened = vault()
    kind = opened.members()[opened.party_id].kind
    coming = services().handover.coming(opened)
    if kind == "delegate" or opened.owner_id == opened.party_id:
        raise NotFound
    return render_template(
        "wallet/people/handover.html", coming=coming, is_learner=kind == "learner", is_due=coming.notice == "due",
        to_review=services().handover.to_review(opened) if kind == "learner" else 0)


@blueprint.post("/")
@rate_limit("10 per hour")
def take_over() -> ResponseReturnValue:
    """The learner takes the record over."""
    services().handover.take_over(vault())
    flash(pgettext("learner", "The record is yours now."), "success")
    return redirect(url_for("handover.index"), code=303)
