"""The page of the Open Badges API where a learner lets a program in, or does not.

Nobody is sent anywhere before the program and its address are known; until then an error is a page.

Spec: OB-3.0 #acg-auth-request, #acg-auth-response
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.protocols import ob_api_v3p0 as api
from credkit.protocols.registered_clients import OFFLINE_ACCESS
from issuer.services.app_access import Answer, AppQuestion
from issuer.web.context import services
from ui.languages import N_
from ui.web import allow_form_target, rate_limit
from ui.web.components import Choice

_MOST_TYPED: Final = 100
_SENSITIVE: Final = "sensitive"
_FIELDS: Final[Mapping[str, str]] = {
    api.CREDENTIAL_READ: "read", api.CREDENTIAL_UPSERT: "hand_in", api.PROFILE_READ: "profile",
    api.PROFILE_UPDATE: "say", OFFLINE_ACCESS: "stay",
}
SCOPE_WORDS: Final[Mapping[str, str]] = {
    api.CREDENTIAL_READ: N_("Read the badges and courses that the school has signed"),
    api.CREDENTIAL_UPSERT: N_("Hand in badges from elsewhere"),
    api.PROFILE_READ: N_("Read the name and the student’s number"),
    api.PROFILE_UPDATE: N_("Change the phone number, e-mail address, web page and description"),
    OFFLINE_ACCESS: N_("Do this again later, without asking, until the login ends"),
}
blueprint = Blueprint("badge_access", __name__, url_prefix=api.BASE)


@blueprint.get("/authorize")
@rate_limit("60 per minute")
def begin() -> ResponseReturnValue:
    """Take a program's request; it leads to the page that asks, or back with an error."""
    if request.method == "HEAD":  # whoever only looks whether the link is good begins nothing
        return "", 200
    step = services().app_access.begin(request.query_string)
    return redirect(step.redirect if step.redirect is not None else url_for("badge_access.show", page=step.page))


@blueprint.get("/authorize/<page>")
def show(page: str) -> ResponseReturnValue:
    """Who asks, for what, and what is needed to say yes."""
    return _page(page, services().app_access.question(page), {}), 200


@blueprint.post("/authorize/<page>")
@rate_limit("30 per minute")
def answer(page: str) -> ResponseReturnValue:
    """Yes, with the login and code that the school gave."""
    question = services().app_access.question(page)
    login, code = (request.form.get(name, "").strip()[:_MOST_TYPED] for name in ("login", "code"))
    ticked = request.form.getlist("allow")
    scopes = tuple(each for each in question.scopes if _FIELDS[each] in ticked)
    errors = {}
    if not set(scopes) - {OFFLINE_ACCESS}:
        errors["allow"] = _("Tick at least one thing that the app may do, or say no.")
    if not login:
        errors["login"] = _("Type the login name that the school gave you.")
    if not code:
        errors["code"] = _("Type the code that the school gave you.")
    if not errors:
        given = Answer(login, code, scopes, _SENSITIVE in ticked and api.CREDENTIAL_READ in scopes)
        back = services().app_access.answer(page, given, request.remote_addr or "")
        if back is not None:
            return redirect(back, code=303)
        errors[""] = _("The login name and code do not fit, or they were wrong too often. Ask the school for help.")
    return _page(page, question, errors), 422


@blueprint.post("/authorize/<page>/no")
@rate_limit("30 per minute")
def decline(page: str) -> ResponseReturnValue:
    """No: the program is told, and nothing is given out."""
    return redirect(services().app_access.decline(page), code=303)


def _page(page: str, question: AppQuestion, errors: dict[str, str]) -> str:
    allow_form_target(question.redirect_uri)
    boxes = [Choice(_FIELDS[each], str(_(SCOPE_WORDS[each]))) for each in question.scopes]
    if api.CREDENTIAL_READ in question.scopes:
        boxes.insert(1, Choice(_SENSITIVE, _("Read sensitive records too"),
                               help=_("For example a plan for special education. Most apps do not need them.")))
    return render_template(
        "issuer/app_authorize.html", page=page, app=question.metadata, boxes=boxes, errors=errors,
        ticked=[_FIELDS[each] for each in question.scopes], place=urlsplit(question.redirect_uri).netloc,
        school=services().office.identity.name, longest=_MOST_TYPED)
