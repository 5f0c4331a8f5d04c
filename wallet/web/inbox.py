"""What waits for an answer."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wallet.services.record import contributions
from wallet.services.record.record_words import CATEGORIES, CONTRIBUTION_STATES, CONTRIBUTIONS
from wallet.web.context import require_unlocked, services, vault

blueprint = Blueprint("inbox", __name__)
require_unlocked(blueprint)


@blueprint.get("/inbox")
def index() -> ResponseReturnValue:
    """Offers, requests, and sets of records that were broken off."""
    opened = vault()
    return render_template(
        "wallet/inbox.html", waiting=services().inbox.pending(opened),
        unfinished=services().receiving.unfinished(opened), contributed=contributions.waiting(opened),
        kinds=CONTRIBUTIONS, categories=CATEGORIES, states=CONTRIBUTION_STATES)
