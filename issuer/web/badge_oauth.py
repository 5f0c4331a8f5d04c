"""The authorization server of the Open Badges API, as far as programs call it: registering, tokens, revoking.

Spec: OB-3.0 #api-security; RFC7591; RFC6749; RFC7009
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, after_this_request, jsonify, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError
from credkit.protocols import oauth, registered_clients
from credkit.protocols.ob_api_v3p0 import BASE
from issuer.store import App
from issuer.web.context import services
from ui.web import protocol_blueprint, rate_limit

_LARGEST = 16_384
blueprint = protocol_blueprint("badge_oauth", __name__, cors=False, max_body_bytes=_LARGEST, url_prefix=BASE)


@blueprint.post("/register")
@rate_limit("30 per minute")
def register() -> ResponseReturnValue:
    """A program registers itself (RFC7591)."""
    if request.mimetype != oauth.JSON_CONTENT_TYPE:
        raise ProtocolError("invalid_client_metadata", "a registration comes as JSON", 400)
    return jsonify(services().apps.register(request.get_data(), request.remote_addr or "")), 201


@blueprint.post("/token")
@rate_limit("120 per minute")
def token() -> ResponseReturnValue:
    """Tokens for a code or a refresh token."""
    form, asked = registered_clients.parse_token_form(_form())
    return jsonify(services().app_access.redeem(_app(form), asked))


@blueprint.post("/revoke")
@rate_limit("120 per minute")
def revoke() -> ResponseReturnValue:
    """A program gives a token back (RFC7009); a token that is not known is given back already."""
    form, given = registered_clients.parse_revocation(_form())
    services().app_access.revoke(_app(form), given)
    return Response(status=200)


def _form() -> bytes:
    if request.mimetype != oauth.FORM_CONTENT_TYPE:
        raise oauth.protocol_error("invalid_request", "the request must be a form")
    return request.get_data()


def _app(form: Mapping[str, str]) -> App:
    """Who calls; a refusal says by which scheme to come (RFC6749 #section-5.2)."""
    @after_this_request
    def challenge(response: Response) -> Response:
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Open Badges API", charset="UTF-8"'
        return response

    return services().apps.authenticated(*registered_clients.parse_basic(request.headers.get("Authorization"), form))
