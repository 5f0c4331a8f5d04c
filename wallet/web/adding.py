"""A pasted link or a photo of a code: told what it is here, on the server, and led to its page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import MalformedValueError, TooComplexError
from credkit.protocols.exchanges import is_interaction
from ui.qr import read_codes
from ui.web import allow_body, rate_limit
from wallet.services.sharing.links import read_link
from wallet.web.context import require_unlocked, services

blueprint = Blueprint("adding", __name__)
require_unlocked(blueprint)

_MAX_PHOTO_BYTES = 12 * 1024 * 1024


@blueprint.get("/add")
def index() -> ResponseReturnValue:
    """A field for a link, and one for a photo."""
    return render_template("wallet/add.html", errors={})


@blueprint.post("/add")
@allow_body(_MAX_PHOTO_BYTES)
@rate_limit("30 per minute")
def read() -> ResponseReturnValue:
    """Find the link and go to its page."""
    photo = request.files.get("photo")
    try:
        texts = read_codes(photo.read()) if photo is not None and photo.filename else ()
    except (MalformedValueError, TooComplexError):
        return _again("photo", _("This picture cannot be read. Take another photo, or paste the link."))
    if photo is not None and photo.filename and not texts:
        return _again("photo", _("There is no code in this picture. Take it again, closer and without shadows."))
    typed = request.form.get("link", "")
    if not texts and not typed.strip():
        return _again("link", _("Paste a link here, or choose a photo of the code."))
    for text in (*texts, typed):
        if is_interaction(text):
            return redirect(url_for("interactions.receive", link=text.strip()), code=303)
        try:
            kind, parameters = read_link(text, haip=services().config.haip_links)
        except MalformedValueError:
            continue
        page = "offers.receive" if kind == "offer" else "requests.receive"
        return redirect(url_for(page, **parameters), code=303)  # type: ignore[arg-type]
    return _again("photo" if texts else "link", _("This leads to no offer and no request. Ask who sent it."))


def _again(name: str, message: str) -> ResponseReturnValue:
    return render_template("wallet/add.html", errors={name: message}), 422
