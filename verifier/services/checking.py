"""Checking what somebody handed in: a credential or a presentation, as JSON or as a compact token, from a file or
pasted.

Whatever comes in, a ``Report`` comes out: what cannot be read is a failed ``shape`` check, what we do not speak yet
could not be checked.
"""

from __future__ import annotations

import re
from typing import Final

from credkit.encoding import MAX_JSON_BYTES, parse_json_object
from credkit.environment import Environment
from credkit.errors import CryptographicSecurityError, ParsingError, ProblemError, TooComplexError
from credkit.formats import jwt_vc, sd_jwt_vc, vc_sd_jwt
from credkit.jose import peek_header, peek_payload
from credkit.ports import JSONObject
from credkit.profiles import openbadges_2
from credkit.shape import as_list
from credkit.verification import (
    Policy,
    Report,
    refuse_unreadable,
    verify_credential,
    verify_presentation,
    verify_sd_jwt_presentation,
)

MAX_INPUT_BYTES: Final = MAX_JSON_BYTES
SIGNING_ALGORITHMS: Final = frozenset({"EdDSA", "Ed25519", "ES256", "ES384", "RS256"})
_TOKEN = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:~[A-Za-z0-9_.~-]*)?")
_PRESENTATION_TYPS: Final = (jwt_vc.VP_TYP, vc_sd_jwt.VP_TYP)


def check_input(
    raw: bytes, policy: Policy, environment: Environment, *, challenge: str | None = None, domain: str | None = None
) -> Report:
    """The report on whatever ``raw`` holds.

    Args:
        raw: JSON in UTF-8 or a compact token; white space around it does not matter.
        challenge: What a presentation must have been made for; None: its binding could not be checked.
        domain: Whom a presentation must have been made for.
    """
    raw = raw.strip(b" \t\r\n")
    try:
        if len(raw) > MAX_INPUT_BYTES:
            raise TooComplexError("the file is larger than 8 MB")
        if not raw:
            raise ParsingError("there is nothing in it")
        text = raw.decode("ascii", "replace")
        if openbadges_2.is_token(text):
            return verify_credential(text, policy, environment)
        if is_token(raw):
            return _token_report(text, policy, environment, challenge, domain)
        document = parse_json_object(raw)
    except ProblemError as error:
        return refuse_unreadable(error)
    return check_document(document, policy, environment, challenge=challenge, domain=domain)


def is_token(raw: bytes) -> bool:
    """Whether ``raw`` has the form of a compact token (JWS, SD-JWT) and not of JSON."""
    return _TOKEN.fullmatch(raw.strip(b" \t\r\n")) is not None


def check_document(
    document: JSONObject,
    policy: Policy,
    environment: Environment,
    *,
    challenge: str | None = None,
    domain: str | None = None,
) -> Report:
    """The report on a credential or a presentation, as its ``type`` says."""
    if "VerifiablePresentation" in as_list(document.get("type")):
        return verify_presentation(document, policy, environment, challenge=challenge, domain=domain)
    return verify_credential(document, policy, environment)


def _token_report(
    text: str, policy: Policy, environment: Environment, challenge: str | None, domain: str | None
) -> Report:
    """The report on a token; whether the holder of an SD-JWT VC made it for somebody is looked at where both are known.

    Raises:
        CryptographicSecurityError: it has no signature.
        ParsingError, TooComplexError: it cannot be taken apart.
    """
    algorithm = peek_header(text.partition("~")[0]).get("alg")
    if not isinstance(algorithm, str) or algorithm not in SIGNING_ALGORITHMS:
        raise CryptographicSecurityError("the token is not signed in a way that proves anything")
    if sd_jwt_vc.FORMAT.is_mine(text) and challenge is not None and domain is not None:
        return verify_sd_jwt_presentation(text, policy, environment, nonce=challenge, audience=domain)
    if _is_presentation(text):
        return verify_presentation(text, policy, environment, challenge=challenge, domain=domain)
    return verify_credential(text, policy, environment)


def _is_presentation(text: str) -> bool:
    jwt = text.partition("~")[0]
    return peek_header(jwt).get("typ") in _PRESENTATION_TYPS or "vp" in peek_payload(jwt)
