"""The Open Badges 3.0 API: what it is, a learner's badges in and out, the learner's profile.

Its errors are ``imsx_StatusInfo``.

Spec: OB-3.0 #api
"""

from __future__ import annotations

from flask import Response, after_this_request, jsonify, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError
from credkit.protocols import oauth
from credkit.protocols import ob_api_v3p0 as api
from issuer.services.handing_in import MAX_BYTES
from issuer.store import AppToken
from issuer.web.context import services
from ui.web import protocol_blueprint, rate_limit

_RATE = "600 per minute"
_CACHED = "public, max-age=300"
_JSON = "application/json"
_LARGEST_PROFILE = 32_768
blueprint = protocol_blueprint("badge_api", __name__, cors=False, max_body_bytes=MAX_BYTES,
                               error_body=api.build_status_info, url_prefix=api.BASE)


@blueprint.get("/discovery")
@rate_limit("120 per minute")
def discovery() -> ResponseReturnValue:
    """The service description document; open to everybody."""
    identity = services().office.identity
    answer = jsonify(api.build_discovery(api.Service(
        origin=identity.origin, name=identity.name, privacy_policy="/privacy", terms_of_service="/privacy",
        registration=f"{api.BASE}/register", authorization=f"{api.BASE}/authorize", token=f"{api.BASE}/token",
        revocation=f"{api.BASE}/revoke")))
    answer.headers["Cache-Control"] = _CACHED
    return answer


@blueprint.get("/credentials")
@rate_limit(_RATE)
def credentials() -> ResponseReturnValue:
    """One page of the learner's badges."""
    token, page = _token(api.CREDENTIAL_READ), api.parse_page(request.query_string)
    found = services().app_reading.credentials(token, page)
    answer = Response(api.build_credentials(list(found.credentials), list(found.tokens)), content_type=_JSON)
    answer.headers["X-Total-Count"] = str(found.total)
    answer.headers["Link"] = api.build_links(services().office.identity.origin, page, found.total)
    return answer


@blueprint.post("/credentials")
@rate_limit("120 per minute")
def upsert() -> ResponseReturnValue:
    """Take a badge for the learner; the answer is the badge itself."""
    token = _token(api.CREDENTIAL_UPSERT)
    is_jws = request.mimetype == api.JWS_TYPE
    if not is_jws and request.mimetype not in api.JSON_TYPES:
        raise ProtocolError("unsupported_media_type", "a badge comes as JSON, or as a compact JWS in text/plain", 415)
    body = request.get_data()
    state = services().handing_in.take(token, body, is_jws=is_jws)
    if state == "unchanged":
        return Response(status=304)
    return Response(body, 201 if state == "created" else 200, content_type=api.JWS_TYPE if is_jws else _JSON)


@blueprint.get("/profile")
@rate_limit(_RATE)
def profile() -> ResponseReturnValue:
    """The learner's profile."""
    return jsonify(services().app_reading.profile(_token(api.PROFILE_READ)))


@blueprint.put("/profile")
@rate_limit("120 per minute")
def put_profile() -> ResponseReturnValue:
    """Keep what the learner says in the profile."""
    token = _token(api.PROFILE_UPDATE)
    if request.mimetype not in api.JSON_TYPES:
        raise ProtocolError("unsupported_media_type", "a profile comes as JSON", 415)
    body = request.get_data()
    if len(body) > _LARGEST_PROFILE:
        raise ProtocolError(api.INVALID_DATA, "the profile is too large", 413)
    return jsonify(services().app_reading.update_profile(token, body))


def _token(scope: str) -> AppToken:
    """What the access token of the request allows, if that is enough (RFC6750 #section-3)."""
    scheme, access_token = oauth.parse_authorization(request.headers.get("Authorization"))
    if scheme != "Bearer":
        raise oauth.protocol_error("invalid_token", "a bearer token is needed")
    try:
        return services().app_access.allowed_by(access_token, scope)
    except ProtocolError as error:
        if error.http_status == 403:
            _tell_scope(scope)
        raise


def _tell_scope(scope: str) -> None:
    @after_this_request
    def tell(response: Response) -> Response:
        response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
        return response
