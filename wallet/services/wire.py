"""Requests to issuers and verifiers: any answer but a good one becomes a typed error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from credkit.environment import Environment
from credkit.errors import ProtocolError
from credkit.ports import Fetcher, Response, Signer
from credkit.protocols import client_attestation_client, dpop_client
from credkit.protocols.oauth import FORM_CONTENT_TYPE, JSON_CONTENT_TYPE, parse_error
from credkit.x509 import OwnCertificate

_MAX_BYTES = 1_048_576
_GONE = (404, 410)
_USE_NONCE: Final = "use_dpop_nonce"
_MAX_NONCE_CHARACTERS: Final = 4096


def get(fetcher: Fetcher, url: str, *, accept: str = JSON_CONTENT_TYPE) -> Response:
    """The answer to GET, status 200.

    Raises:
        FetchError: no answer.
        ProtocolError: another status; ``gone`` for 404 and 410.
    """
    return _good(fetcher.get(url, accept=accept, max_bytes=_MAX_BYTES))


def get_first(fetcher: Fetcher, urls: tuple[str, ...]) -> Response:
    """The first of ``urls`` that is there; the error of the last one if none is."""
    for url in urls[:-1]:
        try:
            return get(fetcher, url)
        except ProtocolError:
            continue
    return get(fetcher, urls[-1])


def post(fetcher: Fetcher, url: str) -> Response:
    """The good answer to an empty POST."""
    return _good(fetcher.post(url, body=b"", content_type=FORM_CONTENT_TYPE, max_bytes=_MAX_BYTES))


def post_form(fetcher: Fetcher, url: str, form: str, *, accept: str = JSON_CONTENT_TYPE) -> Response:
    """The good answer to a form."""
    return _good(fetcher.post(url, body=form.encode("utf-8"), content_type=FORM_CONTENT_TYPE, accept=accept,
                              max_bytes=_MAX_BYTES))


@dataclass(frozen=True)
class Attester:
    """Who vouches for this wallet, and as whom: the same for every backpack in it."""

    provider: OwnCertificate
    client_id: str


@dataclass
class Caller:
    """Requests of one conversation with an issuer: under its access token, bound to a key of ours where it can be.

    Attributes:
        key: Signs a DPoP proof for each request; None: a bearer token, or none yet.
        nonces: The last that each host gave for that.
        attester: With each request goes an attestation for the key; None: without.
        audience: ``issuer`` of the authorization server that is to read it. ``challenge``: the last it gave for that.
    """

    environment: Environment
    key: Signer | None = None
    access_token: str | None = None
    nonces: dict[str, str] = field(default_factory=dict)
    attester: Attester | None = None
    audience: str = ""
    challenge: str | None = None

    def post(self, url: str, body: bytes, *, content_type: str = JSON_CONTENT_TYPE, accept: str = JSON_CONTENT_TYPE,
             max_bytes: int = _MAX_BYTES) -> Response:
        """The good answer to a POST; proofs that lacked the host's newest nonce or challenge are made anew, once each.

        Raises:
            FetchError: no answer. ProtocolError: a bad one.

        Spec: RFC9449 #section-8, #section-9
        """
        answer = self._post_once(url, body, content_type, accept, max_bytes)
        for wants in (_wants_challenge, _wants_nonce) if self.key is not None else ():
            if answer.status in (400, 401) and wants(answer):
                answer = self._post_once(url, body, content_type, accept, max_bytes)
        return _good(answer)

    def _post_once(self, url: str, body: bytes, content_type: str, accept: str, max_bytes: int) -> Response:
        host, headers = urlsplit(url).netloc, {}
        if self.access_token is not None:
            headers["Authorization"] = f"{'Bearer' if self.key is None else 'DPoP'} {self.access_token}"
        if self.key is not None:
            headers[dpop_client.HEADER] = dpop_client.build_proof(
                self.key, method="POST", url=url, now=self.environment.clock.now(),
                randomness=self.environment.randomness, access_token=self.access_token, nonce=self.nonces.get(host))
        if self.key is not None and self.attester is not None:
            headers |= client_attestation_client.build_headers(
                self.attester.provider, self.key, client_id=self.attester.client_id, audience=self.audience,
                now=self.environment.clock.now(), randomness=self.environment.randomness, challenge=self.challenge)
        answer = self.environment.fetcher.post(url, body=body, content_type=content_type, accept=accept,
                                               max_bytes=max_bytes, headers=headers)
        nonce = _given(answer, dpop_client.NONCE_HEADER)
        if nonce is not None:
            self.nonces[host] = nonce
        self.challenge = _given(answer, client_attestation_client.CHALLENGE_HEADER) or self.challenge
        return answer


def _given(answer: Response, header: str) -> str | None:
    """What a server gave for our next proof, if it is of bounded length."""
    value = answer.headers.get(header)
    return value if value is not None and 0 < len(value) <= _MAX_NONCE_CHARACTERS else None


def _wants_challenge(answer: Response) -> bool:
    return (client_attestation_client.CHALLENGE_HEADER in answer.headers
            and parse_error(answer.body, answer.status).error == client_attestation_client.USE_CHALLENGE)


def _wants_nonce(answer: Response) -> bool:
    return (dpop_client.NONCE_HEADER in answer.headers
            and (parse_error(answer.body, answer.status).error == _USE_NONCE
                 or _USE_NONCE in answer.headers.get("www-authenticate", "")))


def post_text(fetcher: Fetcher, url: str, message: str, *, content_type: str) -> Response:
    """The good answer to a text message."""
    return _good(fetcher.post(url, body=message.encode("utf-8"), content_type=content_type, max_bytes=_MAX_BYTES))


def _good(response: Response) -> Response:
    if 200 <= response.status < 300:
        return response
    error = parse_error(response.body, response.status)
    if response.status in _GONE and error.error == "server_error":
        raise ProtocolError("gone", "what the link leads to is used up, too old, or was never there", response.status)
    raise error
