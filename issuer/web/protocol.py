"""What wallets, verifiers and other programs call: metadata, offers, credentials, status lists.

Spec: OID4VCI-1.0; did:web #read-resolve; VC-BITSTRING-STATUS-LIST
"""

from __future__ import annotations

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError, StateError
from credkit.ports import JSONObject
from credkit.protocols import oauth, reissue
from credkit.protocols.oid4vci import v1_0
from credkit.status import token_status_list
from issuer.services import metadata, sd_jwt
from issuer.web.context import services
from issuer.web.oauth import presented_token
from ui.web import protocol_blueprint, rate_limit

_RATE = "1200 per minute"
_CACHED = "public, max-age=300"
_NEEDS_NONCE = ("invalid_proof", "invalid_nonce")
blueprint = protocol_blueprint("protocol", __name__, cors=True)


@blueprint.get("/.well-known/did.json")
def did_document() -> ResponseReturnValue:
    """The issuer's DID document with its public keys."""
    return _document(services().office.did_document(), "application/did+json", _CACHED)


@blueprint.get("/.well-known/openid-credential-issuer")
def issuer_metadata() -> ResponseReturnValue:
    """Credential issuer metadata; inserted and appended forms are one path here, as the identifier has no path."""
    return _document(metadata.issuer_metadata(services().office.identity), "application/json", _CACHED)


@blueprint.get("/.well-known/openid-configuration")
def openid_configuration() -> ResponseReturnValue:
    """Some wallets try this one first; we are no OpenID provider."""
    raise ProtocolError("not_found", "this issuer is not an OpenID provider", 404)


@blueprint.get("/offers/<reference>")
@rate_limit("120 per minute")
def offer(reference: str) -> ResponseReturnValue:
    """A credential offer by reference."""
    try:
        return jsonify(services().offers.read(reference))
    except StateError as error:
        raise ProtocolError("invalid_request", error.detail, 404) from error


@blueprint.post("/credential")
@rate_limit(_RATE)
def credential() -> ResponseReturnValue:
    """Issue one credential (OID4VCI-1.0 #credential-endpoint)."""
    access_token = presented_token()
    _require_json("invalid_credential_request")
    try:
        response = services().issuing.issue(access_token, v1_0.parse_credential_request(request.get_data()))
    except ProtocolError as error:
        if error.error not in _NEEDS_NONCE:
            raise
        # Wallets that know only the older drafts read the nonce here (protocols.md §3, 1).
        answer = jsonify(oauth.build_error(error) | v1_0.build_nonce_response(services().tokens.new_nonce()))
        answer.status_code = error.http_status
        return answer
    return jsonify(v1_0.build_credential_response(response))


@blueprint.post("/notification")
@rate_limit(_RATE)
def notification() -> ResponseReturnValue:
    """What became of a credential (OID4VCI-1.0 #notification-endpoint)."""
    access_token = presented_token()
    _require_json("invalid_notification_request")
    services().issuing.notify(access_token, v1_0.parse_notification(request.get_data()))
    return Response(status=204)


@blueprint.post("/reissue")
@rate_limit("120 per minute")
def ask_reissue() -> ResponseReturnValue:
    """A wallet asks for a record under a fresh key (``credkit.protocols.reissue``)."""
    if request.mimetype != reissue.CONTENT_TYPE:
        raise reissue.refusal()
    accepted = services().reissuing.receive(request.get_data().decode("ascii", "replace").strip())
    return jsonify(reissue.build_accepted(accepted)), 202


@blueprint.get("/reissue/<request_id>")
@rate_limit("240 per minute")
def reissue_state(request_id: str) -> ResponseReturnValue:
    """Where a wallet's request stands."""
    try:
        return jsonify(reissue.build_state(services().reissuing.state(request_id)))
    except StateError as error:
        raise ProtocolError("not_found", error.detail, 404) from error


@blueprint.get("/status/<int:number>")
@rate_limit(_RATE)
def status_list(number: int) -> ResponseReturnValue:
    """The signed list of taken-back records. Caches may keep it, but must ask whether it is still the newest."""
    try:
        document = services().revoking.status_list(number)
    except StateError as error:
        raise ProtocolError("not_found", error.detail, 404) from error
    response = _document(document, "application/vc+json", "public, no-cache")
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/token-status/<int:number>")
@rate_limit(_RATE)
def token_status(number: int) -> ResponseReturnValue:
    """The same list for records in the form of an SD-JWT."""
    try:
        token = services().revoking.token_list(number)
    except StateError as error:
        raise ProtocolError("not_found", error.detail, 404) from error
    return Response(token, content_type=token_status_list.MEDIA_TYPE, headers={"Cache-Control": "public, no-cache"})


@blueprint.get("/.well-known/jwt-vc-issuer")
def jwt_vc_issuer() -> ResponseReturnValue:
    """The keys that sign records in the form of an SD-JWT (draft-ietf-oauth-sd-jwt-vc-18 #section-3)."""
    return _document(sd_jwt.issuer_keys(services().office), "application/json", _CACHED)


@blueprint.get("/vct/<record>")
def type_metadata(record: str) -> ResponseReturnValue:
    """What a type of such records is called and may say."""
    document = sd_jwt.type_metadata(services().office.identity, record)
    if document is None:
        raise ProtocolError("not_found", "there is no such type of record", 404)
    return _document(document, "application/json", _CACHED)


def _document(document: JSONObject, content_type: str, cache_control: str) -> Response:
    response = jsonify(document)
    response.headers["Content-Type"] = content_type
    response.headers["Cache-Control"] = cache_control
    return response


def _require_json(error: str) -> None:
    if request.mimetype != oauth.JSON_CONTENT_TYPE:
        raise ProtocolError(error, "the request must be JSON", 400)
