"""What is said when a credential is presented, free of any version's field names. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from credkit.ports import JSONObject
from credkit.protocols.dcql import Query
from credkit.protocols.links import Links as Links

Vouched = Literal["did", "certificate", "key", "nobody"]
"""How sure it is who asks: the key of a DID that has an address signed; somebody trusted vouches for the name in a
certificate; the key of a DID that is nothing but a key signed; nobody signed, only where the answer goes is known."""

Presentation = str | JSONObject
"""A JSON object (``ldp_vc``) or compact text (JWT and SD-JWT formats)."""


@dataclass(frozen=True)
class ClientId:
    """Who asks. ``text`` is the whole identifier, prefix included: audience and domain of every presentation.

    Attributes:
        prefix: How ``identifier`` is to be understood; None for a client known beforehand.
    """

    text: str
    prefix: str | None
    identifier: str


@dataclass(frozen=True)
class OuterRequest:
    """What a link says before anything is trusted: who claims to ask, and the signed request or where it lies.

    Attributes:
        request: The request object itself, or None.
        request_uri: Where to fetch it, with ``request_uri_method``, or None.
        parameters: The request itself, unsigned, where there is neither.
    """

    client_id: ClientId
    request: str | None = None
    request_uri: str | None = None
    request_uri_method: Literal["get", "post"] = "get"
    parameters: Mapping[str, str] | None = None


@dataclass(frozen=True)
class ResponseKey:
    """To whom an answer is sealed: the public JWK with its ``alg`` and ``kid``, and the content encryption."""

    jwk: JSONObject
    enc: str


@dataclass(frozen=True)
class AuthorizationRequest:
    """A verified request.

    Attributes:
        did: The verifier's DID, whose key signed; None if it is known in another way.
        origin: Where the answer goes, ``https://host[:port]``; ``response_uri`` lies there.
        response_uri: Where the answer is posted.
        nonce: Challenge of every presentation. ``client_id.text`` is its domain.
        purpose: Why it is asked, in the verifier's words, fit to be shown; None if not said.
        client_name: What the verifier calls itself, which nobody vouches for.
        purpose_until: The moment it promises to stop using what it gets; None if not said.
        cryptosuites: Data Integrity suites it takes; empty if it does not say.
        key_binding_algorithms: What the holder of an SD-JWT may sign with; empty if it does not say.
        jwt_algorithms: What JWT credentials and their presentations may be signed with; empty if it does not say.
        expires_at: No answer is taken afterwards; None if not said.
        vouched: How sure it is who asks.
        certified_names: Hosts and names that ``vouched`` makes sure of, the best first; none if nobody vouches.
        response_key: To whom the answer is sealed; None if it goes as it is.
    """

    client_id: ClientId
    did: str | None
    origin: str
    response_uri: str
    nonce: str
    state: str | None
    query: Query
    purpose: str | None = None
    client_name: str | None = None
    cryptosuites: tuple[str, ...] = ()
    key_binding_algorithms: tuple[str, ...] = ()
    expires_at: datetime | None = None
    purpose_until: datetime | None = None
    jwt_algorithms: tuple[str, ...] = ()
    vouched: Vouched = "did"
    certified_names: tuple[str, ...] = ()
    response_key: ResponseKey | None = None

    @property
    def party(self) -> str:
        """Who asks, as a DID or, without one, as the address the answer goes to."""
        return self.did or self.origin


@dataclass(frozen=True)
class AuthorizationResponse:
    """An answer with presentations by query id.

    Attributes:
        bare: A value stood alone where an array is due: read all the same, worth a line in the log.
    """

    vp_token: Mapping[str, tuple[Presentation, ...]]
    state: str | None = None
    bare: bool = False


@dataclass(frozen=True)
class EncryptedResponse:
    """An answer that only the key of its request opens: a compact JWE, and the ``state`` that stood beside it."""

    jwe: str
    state: str | None = None


@dataclass(frozen=True)
class ErrorResponse:
    """An answer that says why there are no presentations, e.g. ``access_denied``."""

    error: str
    description: str | None = None
    state: str | None = None
