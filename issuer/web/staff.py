"""The office's logins; for the operator alone."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import StateError
from issuer.services.staff import REGISTRAR, SHORTEST_PASSWORD, TEACHER
from issuer.web.context import actor, services
from issuer.web.words import role_words
from ui.passwords import hash_password
from ui.web import rate_limit
from ui.web.components import Choice

blueprint = Blueprint("staff", __name__)


@blueprint.get("/staff")
def index() -> ResponseReturnValue:
    """Who has a login, and a form for one more."""
    return _page({})


@blueprint.post("/staff")
@rate_limit("30 per minute")
def add() -> ResponseReturnValue:
    """A new login."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    errors = {}
    if not name:
        errors["name"] = _("Enter a name to sign in with.")
    if len(password) < SHORTEST_PASSWORD:
        errors["password"] = _("The password must have at least %(number)s characters.", number=SHORTEST_PASSWORD)
    if errors:
        return _page(errors), 422
    hashed = hash_password(password, services().office.randomness.token_bytes(16))
    try:
        services().staff.add(name, request.form.get("role", ""), hashed, actor())
    except StateError as error:
        return _page({"name": _(error.detail)}), 422
    flash(_("The login is made. Give the password to this person alone."), "success")
    return redirect(url_for("staff.index"), code=303)


@blueprint.post("/staff/<name>/remove")
@rate_limit("30 per minute")
def remove(name: str) -> ResponseReturnValue:
    """End a login."""
    try:
        services().staff.remove(name, actor())
    except StateError as error:
        flash(_(error.detail), "warning")
    else:
        flash(_("The login is removed."), "success")
    return redirect(url_for("staff.index"), code=303)


def _page(errors: dict[str, str]) -> str:
    roles = [Choice(TEACHER, _("Teacher: drafts what a registrar approves")),
             Choice(REGISTRAR, _("Registrar: approves, offers and takes back"))]
    return render_template("issuer/staff.html", errors=errors, roles=roles,
                           staff=[(each, role_words(each.role)) for each in services().staff.all()])
