"""To approve: what teachers drafted and wallets asked for, one word each."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import ProblemError, StateError
from issuer.services.approvals import MAX_REASON_CHARACTERS, PetitionView
from issuer.services.transfers import KIND as TRANSFER
from issuer.web.context import actor, found, services
from issuer.web.petitions import facts_of, petition_words, state_words
from ui.web import rate_limit

blueprint = Blueprint("approvals", __name__)


@blueprint.get("/approvals")
def index() -> ResponseReturnValue:
    """What waits, the oldest first."""
    views = services().approvals.waiting()
    return render_template("issuer/approvals.html", lines=[(view, petition_words(view)) for view in views])


@blueprint.get("/approvals/<petition_id>")
def show(petition_id: str) -> ResponseReturnValue:
    """One thing to decide, with all that is known of it."""
    view = found(services().approvals.find, petition_id)
    if view.petition.kind == TRANSFER:
        return redirect(url_for("transfers.show", petition_id=petition_id), code=303)
    return _page(view, {})


@blueprint.post("/approvals/<petition_id>")
@rate_limit("60 per minute")
def decide(petition_id: str) -> ResponseReturnValue:
    """Yes or no."""
    view, form = found(services().approvals.find, petition_id), request.form
    approvals, seen = services().approvals, form.get("digest", "")
    if form.get("decision") not in ("approve", "refuse"):
        return _page(view, {}), 422  # neither button was pressed: nothing is decided
    if form.get("decision") == "refuse" and not form.get("reason", "").strip():
        return _page(view, {"reason": _("Say in a few words why not.")}), 422
    try:
        if form.get("decision") == "refuse":
            approvals.refuse(petition_id, actor(), form["reason"], seen_digest=seen)
            flash(_("Refused. Nothing was changed."), "success")
        else:
            approvals.approve(petition_id, actor(), seen_digest=seen)
            flash(_("Approved. The family can collect it now."), "success")
    except (StateError, ProblemError) as error:
        flash(_(error.detail), "warning")
        return redirect(url_for("approvals.show", petition_id=petition_id), code=303)
    return redirect(url_for("students.show", student_id=view.person.id), code=303)


def _page(view: PetitionView, errors: dict[str, str]) -> str:
    reasons = {each.content["reason"] for each in view.group if each.content.get("reason")}
    keys = {each.content["holder"] for each in view.group if each.content.get("holder")}
    return render_template("issuer/approval.html", view=view, words=petition_words(view), facts=facts_of(view),
                           errors=errors, state=state_words(view.petition.state), longest=MAX_REASON_CHARACTERS,
                           reasons=sorted(reasons), keys=sorted(keys))
