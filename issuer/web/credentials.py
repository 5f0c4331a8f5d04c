"""The credential endpoint and what goes with it: at once, later, and what became of it.

Spec: OID4VCI-1.0 #credential-endpoint, #deferred-credential-endpoint, #notification-endpoint, #encrypted-messages
"""

from __future__ import annotations

from dataclasses import replace

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError
from credkit.ports import JSONObject
from credkit.protocols import oauth
from credkit.protocols.oid4vci import draft_13, v1_0
from credkit.protocols.oid4vci.messages import CredentialResponse, ResponseEncryption
from issuer.web.context import services
from issuer.web.oauth import presented_token
from ui.web import protocol_blueprint, rate_limit

_RATE = "1200 per minute"
_MALFORMED = "invalid_credential_request"
_NEEDS_NONCE = ("invalid_proof", "invalid_nonce")
blueprint = protocol_blueprint("credentials", __name__, cors=True)


@blueprint.post("/credential")
@rate_limit(_RATE)
def credential() -> ResponseReturnValue:
    """Issue a credential, or say when to ask again."""
    access_token = presented_token()
    message, is_sealed = _message()
    try:
        if services().compat.is_old_request(message):
            old = draft_13.parse_credential_request(message)
            answer = v1_0.build_credential_response(services().issuing.issue_old(access_token, old))
            return jsonify(draft_13.build_credential_response(answer, old.format))
        asked = v1_0.parse_credential_request(message)
        _check_encryption(asked.response_encryption, is_sealed=is_sealed)
        response = services().issuing.issue(access_token, asked)
    except ProtocolError as error:
        if error.error not in _NEEDS_NONCE or services().compat.strict:
            raise
        # Wallets that know only the older drafts read the nonce here (protocols.md §3, 1).
        refusal = jsonify(oauth.build_error(error) | v1_0.build_nonce_response(services().tokens.new_nonce()))
        refusal.status_code = error.http_status
        return refusal
    return _answer(response, asked.response_encryption)


@blueprint.post("/deferred")
@rate_limit(_RATE)
def deferred() -> ResponseReturnValue:
    """A wallet comes again for what was not ready."""
    access_token = presented_token()
    message, is_sealed = _message()
    asked = v1_0.parse_deferred_request(message)
    _check_encryption(asked.response_encryption, is_sealed=is_sealed)
    response = services().issuing.deferred(access_token, asked)
    if not services().compat.strict:  # @openid4vc 0.4 refuses a deferred record with its number (protocols.md §3, 2)
        response = replace(response, notification_id=None)
    return _answer(response, asked.response_encryption)


@blueprint.post("/notification")
@rate_limit(_RATE)
def notification() -> ResponseReturnValue:
    """What became of a credential."""
    access_token = presented_token()
    if request.mimetype != oauth.JSON_CONTENT_TYPE:
        raise ProtocolError("invalid_notification_request", "the request must be JSON", 400)
    services().issuing.notify(access_token, v1_0.parse_notification(request.get_data()))
    return Response(status=204)


def _message() -> tuple[bytes | JSONObject, bool]:
    """The request, and whether it came sealed."""
    if request.mimetype == v1_0.SEALED_CONTENT_TYPE:
        return services().sealing.open(request.get_data()), True
    if request.mimetype != oauth.JSON_CONTENT_TYPE:
        raise ProtocolError(_MALFORMED, "the request must be JSON", 400)
    return request.get_data(), False


def _check_encryption(wanted: ResponseEncryption | None, *, is_sealed: bool) -> None:
    """A sealed answer is for a key that nobody could exchange on the way (OID4VCI-1.0 #credential-request)."""
    if wanted is not None and not is_sealed and not services().compat.takes_plain_key():
        raise ProtocolError("invalid_encryption_parameters", "the request must be sealed as well", 400)


def _answer(response: CredentialResponse, wanted: ResponseEncryption | None) -> Response:
    document = v1_0.build_credential_response(response)
    answer = jsonify(document)
    if wanted is not None:
        answer = Response(v1_0.seal_response(document, wanted), content_type=v1_0.SEALED_CONTENT_TYPE)
    answer.status_code = 200 if response.transaction_id is None else 202
    return answer
