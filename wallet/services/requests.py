"""Reading a request: who asks, for what, why, until when; of who can sign, only what the signature covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from credkit.encoding import base64url_encode, parse_json_object
from credkit.environment import Environment
from credkit.errors import ProtocolError
from credkit.ports import JSONObject, Response
from credkit.protocols import dcql
from credkit.protocols.oauth import FORM_CONTENT_TYPE
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationRequest, ClientId, OuterRequest, ResponseKey
from credkit.shape import format_date_time, parse_date_time
from wallet.services.interactions import EXCHANGE, request_of

_NONCE_BYTES = 16
_CRYPTOSUITES = ("ecdsa-sd-2023", "eddsa-rdfc-2022", "ecdsa-rdfc-2019", "bbs-2023")


@dataclass(frozen=True)
class ResolvedRequest:
    """A request whose signature holds, or which nobody can sign. ``query`` is the question as it stood there."""

    request: AuthorizationRequest
    query: JSONObject

    @property
    def host(self) -> str:
        """The host to which the answer goes (with an unusual port)."""
        return urlsplit(self.request.origin).netloc

    @property
    def is_exchange(self) -> bool:
        """Whether it came by a VC-API exchange, and is answered there, with whole records."""
        return self.request.client_id.prefix == EXCHANGE

    @property
    def name(self) -> str:
        """Who asks, as somebody else than the asker vouches for it; where nobody does, where the answer goes."""
        return next(iter(self.request.certified_names), self.host)

    @property
    def calls_itself(self) -> str | None:
        """What the asker calls itself, if it is known who that is; a name of a stranger's own choice says nothing."""
        return self.request.client_name if self.request.certified_names else None

    def to_json(self) -> JSONObject:
        """A form that can be sealed away; ``from_json`` reads it."""
        request = self.request
        return {
            "client_id": request.client_id.text, "prefix": request.client_id.prefix, "did": request.did,
            "identifier": request.client_id.identifier, "vouched": request.vouched,
            "certified_names": list(request.certified_names),
            "response_key": None if request.response_key is None else vars(request.response_key),
            "jwt_algorithms": list(request.jwt_algorithms),
            "origin": request.origin, "response_uri": request.response_uri, "nonce": request.nonce,
            "state": request.state, "query": self.query, "purpose": request.purpose,
            "client_name": request.client_name, "cryptosuites": list(request.cryptosuites),
            "key_binding_algorithms": list(request.key_binding_algorithms),
            "expires_at": _text(request.expires_at), "purpose_until": _text(request.purpose_until),
        }

    @classmethod
    def from_json(cls, stored: JSONObject) -> ResolvedRequest:
        """The request that ``to_json`` described; it was verified when it was read."""
        key = stored.get("response_key")
        return cls(AuthorizationRequest(
            client_id=ClientId(stored["client_id"], stored["prefix"], stored.get("identifier") or stored["did"]),
            did=stored["did"], vouched=stored.get("vouched", "did"),
            certified_names=tuple(stored.get("certified_names", ())),
            response_key=None if key is None else ResponseKey(**key),
            jwt_algorithms=tuple(stored.get("jwt_algorithms", ())),
            origin=stored["origin"], response_uri=stored["response_uri"], nonce=stored["nonce"],
            state=stored["state"], query=dcql.parse_query(stored["query"]), purpose=stored["purpose"],
            client_name=stored["client_name"], cryptosuites=tuple(stored["cryptosuites"]),
            key_binding_algorithms=tuple(stored.get("key_binding_algorithms", ())),
            expires_at=_moment(stored["expires_at"]), purpose_until=_moment(stored.get("purpose_until"))),
            stored["query"])


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else format_date_time(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_date_time(text)


def exchange_link(url: str) -> str:
    """Our own link for the exchange at ``url``, as ``resolve_request`` takes it."""
    return f"{EXCHANGE}:{url}"


def resolve_request(link: str, environment: Environment) -> ResolvedRequest:
    """Fetch and verify the request that ``link`` names; tells the asker that somebody is reading it, and no more.

    Args:
        link: ``openid4vp://?…``, or a wallet page's address with the same parameters; or ``exchange_link``.

    Raises:
        ProtocolError: ``invalid_request`` and its kin: forged, expired, malformed, or not there any more.
        UnsupportedError: the asker is named, or the answer asked for, in a way that is not spoken here.
        FetchError, DidNotFoundError: the asker or its keys cannot be reached.

    Spec: OID4VP-1.0 #vp_token_request, #request_uri_method_post; security.md E07, E08
    """
    if link.startswith(f"{EXCHANGE}:"):
        return ResolvedRequest(*request_of(link.removeprefix(f"{EXCHANGE}:"), environment))
    outer = v1_0.parse_outer_request(link)
    if outer.parameters is not None:
        request = v1_0.parse_plain_request(outer.parameters, client_id=outer.client_id, now=environment.clock.now())
        return ResolvedRequest(request, parse_json_object(outer.parameters["dcql_query"]))
    jws, wallet_nonce = (outer.request, None) if outer.request else _fetch(outer, environment)
    request = v1_0.verify_request_object(jws, client_id=outer.client_id, resolver=environment.resolver,
                                         now=environment.clock.now(), wallet_nonce=wallet_nonce,
                                         anchors=environment.anchors)
    return ResolvedRequest(request, v1_0.peek_request_object(jws)["dcql_query"])


def _fetch(outer: OuterRequest, environment: Environment) -> tuple[str, str | None]:
    if outer.request_uri is None:
        raise ProtocolError("invalid_request", "the link holds no request")
    answer: Response
    if outer.request_uri_method == "get":
        answer = environment.fetcher.get(outer.request_uri, accept=v1_0.REQUEST_OBJECT_CONTENT_TYPE)
        return v1_0.parse_request_object_answer(answer), None
    nonce = base64url_encode(environment.randomness.token_bytes(_NONCE_BYTES))
    form = v1_0.build_request_uri_form(nonce, v1_0.build_wallet_metadata(_CRYPTOSUITES))
    answer = environment.fetcher.post(outer.request_uri, body=form.encode("utf-8"), content_type=FORM_CONTENT_TYPE,
                                      accept=v1_0.REQUEST_OBJECT_CONTENT_TYPE)
    return v1_0.parse_request_object_answer(answer), nonce
