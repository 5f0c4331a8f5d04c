"""Being let in by an issuer: spending the code of an offer, or asking on a page of the issuer's own (OAuth 2.0).

Spec: OID4VCI-1.0 #token-endpoint, #authorization-endpoint; RFC7636; RFC9126; RFC9207; RFC9449
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from credkit.errors import ProtocolError
from credkit.jose import thumbprint
from credkit.keys import public_key_from_multibase
from credkit.ports import JSONObject, Signer
from credkit.protocols import oauth_client
from credkit.protocols.oauth import FORM_CONTENT_TYPE
from credkit.protocols.oauth_client import CodeRequest
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import AuthorizationDetail, TokenRequest, TokenResponse
from wallet.services.offers import ResolvedOffer
from wallet.services.wire import Caller
from wallet.vault import HolderKey

_DETAIL_TYPE = "openid_credential"
_MAX_RECORDS = 1_000


def spend_code(resolved: ResolvedOffer, tx_code: str | None, caller: Caller) -> TokenResponse:
    """Redeem the offer's pre-authorized code.

    Raises:
        ProtocolError: the issuer refuses, or gives a token of another kind than was agreed. FetchError: no answer.
    """
    grant = resolved.offer.pre_authorized
    if grant is None or (grant.tx_code is not None and not tx_code):
        raise ProtocolError("invalid_request", "this offer needs the code that was sent to you another way")
    details = tuple(map(AuthorizationDetail, resolved.offer.credential_configuration_ids))
    form = v1_0.build_token_request(TokenRequest(
        grant.pre_authorized_code, (tx_code or "").strip() or None if grant.tx_code else None, None, details))
    return _redeem(resolved, form, caller)


def ask_for_code(resolved: ResolvedOffer, redirect_uri: str, caller: Caller) -> tuple[CodeRequest, str]:
    """Prepare to be let in on the issuer's page: what was asked, and the address to send the browser to.

    Args:
        redirect_uri: The page of this wallet to which the browser comes back; its origin is our ``client_id``.
        caller: With the key that the token will be bound to, if it will.

    Raises:
        ProtocolError: the issuer refuses. FetchError: no answer.

    Spec: OID4VCI-1.0 #authorization-request; RFC9126 #section-2
    """
    parts, grant = urlsplit(redirect_uri), resolved.offer.authorization_code
    key, randomness = caller.key, caller.environment.randomness
    names = resolved.offer.credential_configuration_ids
    scopes = [resolved.configurations[name].scope for name in names]
    by_scope = _DETAIL_TYPE not in resolved.server.details_types and None not in scopes
    details: Sequence[JSONObject] = () if by_scope else [
        {"type": _DETAIL_TYPE, "credential_configuration_id": name} for name in names]
    request = CodeRequest(
        client_id=f"{parts.scheme}://{parts.netloc}", redirect_uri=redirect_uri,
        state=oauth_client.new_secret(randomness), verifier=oauth_client.new_secret(randomness),
        details=details, scope=" ".join(filter(None, scopes)) if by_scope else None,
        issuer_state=None if grant is None else grant.issuer_state,
        dpop_jkt=None if key is None else thumbprint(public_key_from_multibase(key.public_key_multibase).to_jwk()))
    parameters: Mapping[str, str] = oauth_client.code_parameters(request)
    if resolved.server.pushed_endpoint is not None:
        answer = caller.post(
            resolved.server.pushed_endpoint, oauth_client.build_pushed_form(request).encode("utf-8"),
            content_type=FORM_CONTENT_TYPE)
        parameters = {"client_id": request.client_id, "request_uri": oauth_client.parse_pushed_answer(answer.body)}
    return request, oauth_client.authorization_url(resolved.server, parameters)


def redeem_code(resolved: ResolvedOffer, request: CodeRequest, parameters: Mapping[str, str],
                caller: Caller) -> TokenResponse:
    """Redeem the authorization code that the browser brought back.

    Raises:
        ProtocolError: the answer is not to this request or from somebody else (nothing is sent then), or the issuer
            refuses. FetchError: no answer.
    """
    code = oauth_client.parse_code_answer(parameters, server=resolved.server, state=request.state)
    return _redeem(resolved, oauth_client.build_code_form(request, code), caller)


def _redeem(resolved: ResolvedOffer, form: str, caller: Caller) -> TokenResponse:
    answer = caller.post(resolved.server.token_endpoint, form.encode("utf-8"), content_type=FORM_CONTENT_TYPE)
    token = v1_0.parse_token_response(answer.body)
    is_bound = token.token_type.lower() == "dpop"
    if is_bound and caller.key is None or not is_bound and resolved.is_elsewhere:
        raise ProtocolError("invalid_token_response", "the access token is of another kind than was agreed")
    return token


def named_records(resolved: ResolvedOffer, token: TokenResponse) -> tuple[tuple[str, str | None], ...]:
    """What may be asked for: kinds of record and, where the issuer gave them, identifiers.

    Raises:
        ProtocolError: ``invalid_token_response``: the issuer names what it did not offer, or too much.
    """
    named = [(detail.credential_configuration_id, identifier) for detail in token.authorization_details
             for identifier in detail.credential_identifiers]
    unnamed = [(name, None) for name in resolved.offer.credential_configuration_ids
               if not any(name == configuration_id for configuration_id, _ in named)]
    pairs: tuple[tuple[str, str | None], ...] = (*named, *unnamed)
    if len(pairs) > _MAX_RECORDS or not {name for name, _ in pairs} <= set(resolved.configurations):
        raise ProtocolError("invalid_token_response", "the issuer names records that it did not offer")
    return pairs


def signer_or_none(key: HolderKey | None, token: TokenResponse) -> Signer | None:
    """The key that the token is bound to, None if it is a bearer token all the same."""
    return key if token.token_type.lower() == "dpop" else None
