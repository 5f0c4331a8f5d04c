"""Whom we trust: the list, adding, removing."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import MalformedValueError, StateError
from ui.web.login import require_login
from verifier.web.context import services
from verifier.web.told import signer_of

blueprint = Blueprint("trust", __name__)
require_login(blueprint)


@blueprint.get("/trust")
def index() -> ResponseReturnValue:
    """The list and the form; ``?did=`` fills the form in from a result."""
    return _page({}, did=request.args.get("did", "")[:2048])


@blueprint.post("/trust")
def add() -> ResponseReturnValue:
    """Trust a signer under a name of ours."""
    try:
        issuer = services().trust.add(request.form.get("did", ""), request.form.get("name", ""))
    except MalformedValueError as error:
        words = {
            "/did": _("Enter the signer's address, such as did:web:school.example."),
            "/name": _("Enter a name of 1 to 300 characters."),
        }
        field = error.pointer if error.pointer in words else "/did"
        return _page({field.removeprefix("/"): words[field]}), 422
    flash(_("%(name)s is on your list now. The next check goes by it.", name=issuer.name), "success")
    return redirect(url_for("trust.index"), code=303)


@blueprint.post("/trust/refresh")
def refresh() -> ResponseReturnValue:
    """Copy everybody's keys for checks that ask nobody."""
    reached, listed = services().checks.copy_keys()
    text = _("Copied the keys of %(reached)s of %(listed)s signers.", reached=reached, listed=listed)
    flash(text, "success" if reached == listed else "warning")
    return redirect(url_for("trust.index"), code=303)


@blueprint.post("/trust/remove")
def remove() -> ResponseReturnValue:
    """Stop trusting a signer."""
    try:
        services().trust.remove(request.form.get("did", ""))
    except StateError:
        flash(_("This signer was not on your list. Nothing was changed."), "warning")
    else:
        flash(_("The signer was taken off your list. The next check goes by it."), "success")
    return redirect(url_for("trust.index"), code=303)


def _page(errors: dict[str, str], did: str = "") -> str:
    signers = [(issuer, signer_of(issuer.did, issuer.name)) for issuer in services().trust.listed().issuers]
    return render_template("verifier/trust.html", signers=signers, errors=errors, did=did)
