"""Where share links lead: a page that is the same for every link and holds no data; the sealed file for who knows
what the secret in the link gives access to (security.md F06)."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProblemError
from credkit.protocols import share_link
from ui.web import protocol_blueprint, rate_limit
from wallet.web.context import services

blueprint = Blueprint("shared", __name__)
api = protocol_blueprint("share_api", __name__, cors=True, max_body_bytes=1_024)

_GONE = b'{"error":"not_found","error_description":"this link leads nowhere"}'


@blueprint.get("/s/<share_id>")
def page(share_id: str) -> ResponseReturnValue:
    """What this is; nothing is looked up, so opening it tells nothing and counts nothing."""
    return render_template("wallet/shared.html", share_id=share_id)


@api.post("/s/<share_id>")
@rate_limit("60 per minute")
def fetch(share_id: str) -> ResponseReturnValue:
    """The sealed file, counted as one look; one and the same 404 for everything else."""
    try:
        access = share_link.parse_access_form(request.get_data())
    except ProblemError:
        access = ""
    sealed = services().sharing.open_link(share_id, access)
    if sealed is None:
        return Response(_GONE, 404, content_type="application/json")
    return Response(sealed, content_type=share_link.SEALED_CONTENT_TYPE)
