"""The authorization code grant with PKCE, as an authorization server reads and answers it, whoever its clients are.

Spec: RFC6749 #section-4.1; RFC7636
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from credkit.encoding import base64url_encode, sha256
from credkit.errors import ParsingError
from credkit.protocols._reading import reading
from credkit.protocols.oauth import protocol_error

CHALLENGE_METHOD: Final = "S256"
SCOPE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


def parse_code_challenge(parameters: Mapping[str, str]) -> str:
    """The ``code_challenge`` of an authorization request that a code in the query of an address can answer.

    Raises:
        ProtocolError: ``unsupported_response_type``; ``invalid_request``: no response type, another response mode, or
            no challenge by S256, which is a must.

    Spec: RFC6749 #section-4.1.1; RFC7636 #section-4.3, #section-4.4.1
    """
    if "response_type" not in parameters:
        raise protocol_error("invalid_request", "the response_type is missing")
    if parameters["response_type"] != "code":
        raise protocol_error("unsupported_response_type", "only the response type code is answered here")
    with reading("invalid_request"):
        if parameters.get("response_mode", "query") != "query":
            raise ParsingError("only the response mode query is answered here")
        challenge = parameters.get("code_challenge", "")
        if parameters.get("code_challenge_method") != CHALLENGE_METHOD or not _CHALLENGE.fullmatch(challenge):
            raise ParsingError("a code_challenge by the method S256 is needed")
    return challenge


def is_challenge_met(code_verifier: str, code_challenge: str) -> bool:
    """Whether a verifier is the one that the challenge was made from by S256 (RFC7636 #section-4.6)."""
    if not _VERIFIER.fullmatch(code_verifier):
        return False
    return hmac.compare_digest(base64url_encode(sha256(code_verifier.encode("ascii"))), code_challenge)


def answer_address(redirect_uri: str, answer: Mapping[str, str | None]) -> str:
    """The address that leads back to a client with ``answer``, of which what is None is left out.

    Spec: RFC6749 #section-4.1.2
    """
    parts = urlsplit(redirect_uri)
    added = urlencode({name: value for name, value in answer.items() if value is not None})
    if not parts.netloc:  # urlunsplit would drop the empty authority of myapp:///done
        return f"{redirect_uri}{'&' if parts.query else '?'}{added}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
