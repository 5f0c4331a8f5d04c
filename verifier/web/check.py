"""Check something: a file or a pasted text in, the result out. Open to everybody; kept for operators only."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ui.web import allow_body, rate_limit
from ui.web.login import current_operator
from verifier.services.checking import MAX_INPUT_BYTES
from verifier.web.context import services, told

blueprint = Blueprint("check", __name__)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """The form."""
    return render_template("verifier/check.html", errors={})


@blueprint.post("/")
@rate_limit("60 per minute")
@allow_body(2 * MAX_INPUT_BYTES + 65_536)
def check() -> ResponseReturnValue:
    """Check what was handed in; an operator's result is kept, anybody else's is shown once."""
    upload = request.files.get("file")
    raw = upload.read(MAX_INPUT_BYTES + 1) if upload and upload.filename else b""
    raw = raw or request.form.get("text", "").encode("utf-8", "surrogatepass")
    if not raw.strip():
        problem = _("Choose a file or paste a record.")
        return render_template("verifier/check.html", errors={"file": problem}), 422
    checked = services().checks.check(raw, keep=current_operator() is not None)
    if checked.kept:
        return redirect(url_for("results.show", result_id=checked.result.id), code=303)
    return render_template("verifier/result.html", told=told(checked.result.story), result=None)
