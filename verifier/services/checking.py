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
from credkit.errors import CryptographicSecurityError, ParsingError, ProblemError, TooComplexError, UnsupportedError
from credkit.formats import sd_jwt_vc
from credkit.jose import peek_header
from credkit.ports import JSONObject
from credkit.shape import as_list
from credkit.verification import (
    Policy,
    Report,
    refuse_unreadable,
    verify_credential,
    verify_presentation,
    verify_sd_jwt_presentation,
)
from credkit.verification.report import could_not_check, passed

MAX_INPUT_BYTES: Final = MAX_JSON_BYTES
SIGNING_ALGORITHMS: Final = frozenset({"EdDSA", "Ed25519", "ES256", "ES384", "RS256"})
_TOKEN = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:~[A-Za-z0-9_.~-]*)?")
_AFTER_SHAPE: Final = ("vocabulary", "proof", "issuer-binding", "validity", "status", "trust")


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
        if is_token(raw) and sd_jwt_vc.FORMAT.is_mine(raw.decode("ascii")):
            return _sd_jwt_report(raw.decode("ascii"), policy, environment, challenge, domain)
        if is_token(raw):
            return _token_report(raw.split(b"~")[0].decode("ascii"), policy)
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


def _sd_jwt_report(
    text: str, policy: Policy, environment: Environment, challenge: str | None, domain: str | None
) -> Report:
    """The report on an SD-JWT VC; whether its holder made it for somebody is looked at where both are known."""
    if challenge is not None and domain is not None:
        return verify_sd_jwt_presentation(text, policy, environment, nonce=challenge, audience=domain)
    return verify_credential(text, policy, environment)


def _token_report(token: str, policy: Policy) -> Report:
    algorithm = peek_header(token).get("alg")
    if not isinstance(algorithm, str) or algorithm not in SIGNING_ALGORITHMS:
        raise CryptographicSecurityError("the token is not signed in a way that proves anything")
    reason = UnsupportedError("this is a record in the form of a token, which this version cannot check yet")
    checks = (passed("shape"), *(could_not_check(check_id, reason) for check_id in _AFTER_SHAPE))
    return Report(checks, {}, optional=policy.optional_checks)
