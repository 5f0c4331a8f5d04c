"""What a teacher drafted and what became of it; nobody else's."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from issuer.services.approvals import PetitionView
from issuer.web.context import actor, found, services
from issuer.web.petitions import facts_of, petition_words, state_words

blueprint = Blueprint("drafts", __name__)


@blueprint.get("/drafts")
def index() -> ResponseReturnValue:
    """One's own drafts, the newest first."""
    views = services().approvals.made_by(actor())
    return render_template("issuer/drafts.html", drafts=[_line(view) for view in views])


@blueprint.get("/drafts/<petition_id>")
def show(petition_id: str) -> ResponseReturnValue:
    """One of one's own drafts."""
    view = found(services().approvals.find, petition_id)
    if view.petition.created_by != actor():
        abort(404)
    return render_template("issuer/draft.html", view=view, words=petition_words(view), facts=facts_of(view),
                           state=state_words(view.petition.state))


def _line(view: PetitionView) -> tuple[PetitionView, str, str]:
    return view, petition_words(view), state_words(view.petition.state)
