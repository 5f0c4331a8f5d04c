"""School to school: paste the request, see who asks and what leaves, say yes or no."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import CredkitError, FetchError, StateError
from issuer.services.approvals import MAX_REASON_CHARACTERS
from issuer.services.transfers import Transfer
from issuer.web.context import actor, found, services
from issuer.web.petitions import state_words
from ui.web import rate_limit

MAX_LINK = 8192
blueprint = Blueprint("transfers", __name__)


@blueprint.get("/students/<student_id>/transfer")
def ask(student_id: str) -> ResponseReturnValue:
    """Where another school's request is pasted."""
    view = found(services().students.view, student_id)
    return _form(view.person.id, {})


@blueprint.post("/students/<student_id>/transfer")
@rate_limit("30 per minute")
def read(student_id: str) -> ResponseReturnValue:
    """Fetch and check the request; nothing of the record leaves."""
    found(services().students.view, student_id)
    link = request.form.get("link", "").strip()[:MAX_LINK]
    if not link:
        return _form(student_id, {"link": _("Paste the other school’s request first.")}), 422
    try:
        transfer = services().transfers.read(link, student_id, actor())
    except StateError as error:
        return _form(student_id, {"": _(error.detail)}), 422
    except FetchError:
        return _form(student_id, {"link": _("The other school could not be reached. Try again, or call it.")}), 422
    except CredkitError:
        return _form(student_id, {"link": _("This is no request for a full record, or it is too old or damaged.")}), 422
    return redirect(url_for("transfers.show", petition_id=transfer.petition.id), code=303)


@blueprint.get("/transfers/<petition_id>")
def show(petition_id: str) -> ResponseReturnValue:
    """Who asks, what leaves, until when."""
    return _sheet(found(services().transfers.find, petition_id), {})


@blueprint.post("/transfers/<petition_id>")
@rate_limit("30 per minute")
def decide(petition_id: str) -> ResponseReturnValue:
    """Send the record, or refuse."""
    transfer, form = found(services().transfers.find, petition_id), request.form
    seen = form.get("digest", "")
    if form.get("decision") not in ("send", "refuse"):
        return _sheet(transfer, {}), 422  # neither button was pressed: nothing is decided
    refuses = form.get("decision") == "refuse"
    if refuses and not form.get("reason", "").strip():
        return _sheet(transfer, {"reason": _("Say in a few words why not.")}), 422
    try:
        if refuses:
            services().transfers.refuse(petition_id, actor(), form["reason"], seen_digest=seen)
            flash(_("Refused. Nothing was sent."), "success")
        else:
            services().transfers.send(petition_id, actor(), seen_digest=seen)
            flash(_("The record was sent. Offer the family its copy now."), "success")
    except StateError as error:
        flash(_(error.detail), "warning")
    except FetchError:
        flash(_("No answer came back. Nobody knows whether the record arrived. The family is told."), "warning")
    except CredkitError:
        flash(_("The other school refused the record."), "warning")
    return redirect(url_for("transfers.show", petition_id=petition_id), code=303)


def _form(student_id: str, errors: dict[str, str]) -> str:
    view = services().students.view(student_id)
    return render_template("issuer/transfer_ask.html", person=view.person, errors=errors, longest=MAX_LINK)


def _sheet(transfer: Transfer, errors: dict[str, str]) -> str:
    view = services().approvals.find(transfer.petition.id)
    is_late = transfer.expires_at is not None and transfer.expires_at <= services().office.clock.now()
    return render_template("issuer/transfer.html", transfer=transfer, digest=view.digest, errors=errors,
                           is_late=is_late, state=state_words(transfer.petition.state), longest=MAX_REASON_CHARACTERS)
