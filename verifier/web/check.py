"""Check something: a file, a pasted text, a link or a photo of its code in, the result out. Open to everybody; kept for
operators only.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import CredkitError, FetchError, ParsingError, StateError
from credkit.protocols.share_link import is_share_link
from ui.languages import N_
from ui.qr import read_codes
from ui.web import allow_body, rate_limit
from ui.web.login import current_operator
from verifier.services.checking import MAX_INPUT_BYTES
from verifier.services.shared import badge_in, is_picture
from verifier.web.context import services, told

MAX_UPLOAD_BYTES = 20_000_000
"""A photo may be as large as phones make them; a record of more than 8 MB is refused when it is read."""
blueprint = Blueprint("check", __name__)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """The form."""
    return render_template("verifier/check.html", errors={})


@blueprint.post("/")
@rate_limit("60 per minute")
@allow_body(MAX_UPLOAD_BYTES + MAX_INPUT_BYTES + 65_536)
def check() -> ResponseReturnValue:
    """Check what was handed in; an operator's result is kept, anybody else's is shown once."""
    upload = request.files.get("file")
    raw = upload.read(MAX_UPLOAD_BYTES) if upload and upload.filename else b""
    field = "file" if raw else "text"
    raw = raw or request.form.get("text", "").encode("utf-8", "surrogatepass")
    try:
        raw = _text_in(raw)
        checked = services().checks.check(
            raw, keep=current_operator() is not None, offline=request.form.get("offline") == "yes"
        )
    except (ParsingError, StateError, FetchError) as error:
        return render_template("verifier/check.html", errors={field: _why(error)}), 422
    if checked.kept:
        return redirect(url_for("results.show", result_id=checked.result.id), code=303)
    return render_template("verifier/result.html", told=told(checked.result.story), result=None, replaced=())


def _text_in(raw: bytes) -> bytes:
    """``raw``, the badge that a picture carries, or the text of the code in a photo.

    Raises:
        StateError: nothing was handed in, or a picture holds neither; the sentence is for the page.
    """
    if not raw.strip():
        raise StateError("Choose a file or paste a record or a link.")
    badge = badge_in(raw)
    if badge is not None:
        return badge
    if not is_picture(raw):
        return raw
    try:
        codes = read_codes(raw)
    except CredkitError:
        codes = ()
    if not codes:
        raise StateError("We found neither a badge nor a code in this picture. Take it again, closer and straight.")
    return next(filter(is_share_link, codes), codes[0]).encode("utf-8", "replace")


def _why(error: CredkitError) -> str:
    words = error.detail
    if isinstance(error, ParsingError):
        words = N_("This is not a whole link to shared records. Copy all of it, with what stands after #.")
    elif isinstance(error, FetchError):
        words = N_("We could not reach the wallet behind this link. Try again later.")
    return str(_(words))
