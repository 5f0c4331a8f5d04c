"""``/authorize``: where a wallet sends a person, who says yes or no and is sent back.

Wallets are not registered: nobody is sent to one without the secret of a living offer or an answer on our page, which
names the host; until then an error is a page (docs/decisions/0025).

Spec: RFC6749 #section-4.1.1; RFC9700 #section-4.11.2; OID4VCI-1.0 #authorization-endpoint
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import ProtocolError
from credkit.protocols.oid4vci import v1_0
from issuer.services.authorizing import Question, Step
from issuer.services.offers import TX_CODE_DIGITS
from issuer.web.context import services
from ui.web import allow_form_scheme, allow_form_target, rate_limit

_MOST_TYPED = 100
blueprint = Blueprint("authorizing", __name__)


@blueprint.get("/authorize")
@rate_limit("120 per minute")
def begin() -> ResponseReturnValue:
    """Take a wallet's request; it leads back at once, or to the page that asks."""
    if request.method == "HEAD":  # whoever only looks whether the link is good must not use it up
        return "", 200
    parameters = v1_0.parse_authorization_form(request.query_string)
    request_uri = parameters.get("request_uri")
    if request_uri is not None:
        return _go(services().authorizing.begin_pushed(parameters.get("client_id"), request_uri))
    client = v1_0.parse_authorization_client(parameters)
    try:
        step = services().authorizing.begin(v1_0.parse_authorization_request(parameters))
    except ProtocolError as error:
        step = services().authorizing.refuse(client, error, parameters.get("issuer_state"))
    return _go(step)


@blueprint.get("/authorize/<page>")
def show(page: str) -> ResponseReturnValue:
    """Who asks, and what is needed to say yes."""
    return _page(page, services().authorizing.question(page), {}), 200


@blueprint.post("/authorize/<page>")
@rate_limit("30 per minute")
def answer(page: str) -> ResponseReturnValue:
    """Yes, with the code that the school gave."""
    question = services().authorizing.question(page)
    number, tx_code = (request.form.get(name, "").strip()[:_MOST_TYPED] for name in ("number", "code"))
    errors = {}
    if question.by_number and not number:
        errors["number"] = _("Type the student’s number.")
    if not tx_code:
        errors["code"] = _("Type the code that the school gave you.")
    if not errors:
        back = services().authorizing.answer(page, number, tx_code, request.remote_addr or "")
        if back is not None:
            return redirect(back, code=303)
        errors[""] = _("What you typed does not fit, or it was wrong too often. Ask the school for help.")
    return _page(page, question, errors), 422


@blueprint.post("/authorize/<page>/no")
@rate_limit("30 per minute")
def decline(page: str) -> ResponseReturnValue:
    """No: the wallet is told, and nothing is given out."""
    return redirect(services().authorizing.decline(page), code=303)


def _go(step: Step) -> ResponseReturnValue:
    if step.refusal is not None:
        return render_template("issuer/authorize_refused.html", refusal=step.refusal,
                               place=_place(step.refusal.client.redirect_uri)), 400
    return redirect(step.redirect if step.redirect is not None else url_for("authorizing.show", page=step.page))


def _page(page: str, question: Question, errors: dict[str, str]) -> str:
    target = urlsplit(question.client.redirect_uri)
    if target.scheme in ("https", "http"):
        allow_form_target(question.client.redirect_uri)
    else:
        allow_form_scheme(target.scheme)
    return render_template("issuer/authorize.html", page=page, question=question, errors=errors, digits=TX_CODE_DIGITS,
                           school=services().office.identity.name, place=_place(question.client.redirect_uri),
                           longest=_MOST_TYPED)


def _place(redirect_uri: str) -> str:
    """The host to which a wallet's address leads, or the scheme of the program that has it."""
    parts = urlsplit(redirect_uri)
    return parts.netloc or f"{parts.scheme}:"
