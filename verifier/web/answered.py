"""Where a wallet sends the family's browser after it answered: a thank-you for them, the result for who asked.

Spec: OPENID4VP #name-session-fixation; security.md E06
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from ui.web.login import current_operator
from verifier.services.requests import Progress
from verifier.web.context import services

blueprint = Blueprint("answered", __name__)


@blueprint.get("/answered/<request_id>")
def show(request_id: str) -> ResponseReturnValue:
    """The result needs both the code the wallet was given and the session that asked; everybody else gets a
    thank-you.
    """
    try:
        asked = services().requests.find(request_id)
    except StateError as error:
        raise NotFound from error
    if asked.progress not in (Progress.ANSWERED, Progress.REFUSED):
        raise NotFound
    secret, code = session.get("asker"), request.args.get("response_code", "")
    owns = isinstance(secret, str) and services().requests.owned_by(request_id, secret)
    if asked.result_id and current_operator() and owns and services().responses.confirms(request_id, code):
        return redirect(url_for("results.show", result_id=asked.result_id), code=303)
    return render_template("verifier/answered.html", refused=asked.progress is Progress.REFUSED)
