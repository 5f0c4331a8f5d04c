"""The pipeline for SD-JWT VC: shape · proof · issuer-binding · validity · status · trust, and binding where asked for.

Whether a holder must have signed is decided before anything is read (security.md B05).

Spec: draft-ietf-oauth-sd-jwt-vc-18 #section-2.5; RFC9901 #section-7.3; OpenID4VP-1.0 #appendix-B.3
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from credkit.dids import did_web_of
from credkit.errors import (
    CredkitError,
    InvalidDidError,
    IssuerBindingError,
    IssuerUnknown,
    ProofVerificationError,
)
from credkit.formats.sd_jwt_vc import (
    SdJwt,
    check_key_binding,
    check_validity,
    holder_of,
    parse_sd_jwt,
    peek_sd_jwt_vc,
    verify_sd_jwt_vc,
)
from credkit.jose import VerifyingKey, peek_header
from credkit.keys import public_key_from_jwk
from credkit.ports import JSONObject
from credkit.verification._keys import FoundKey, find_issuer_key
from credkit.verification._run import Run, attempt, key_not_known, tell
from credkit.verification._token_status import check_token_status
from credkit.verification.report import Check, Report, could_not_check, failed, passed


@dataclass(frozen=True)
class Request:
    """What a presentation must be made for."""

    nonce: str
    audience: str


def run_sd_jwt(text: Any, run: Run, request: Request | None = None) -> Report:
    """Every check on one SD-JWT VC.

    Args:
        request: Given: the holder must have made it for this request; None: no holder is asked for.

    Returns:
        A report whose document is the claims that are shown.
    """
    try:
        sd_jwt = parse_sd_jwt(text)
        claims, header = peek_sd_jwt_vc(sd_jwt), peek_header(sd_jwt.jwt)
    except CredkitError as error:
        return Report((tell("shape", error),), {}, run.policy.optional_checks)
    found = _found_key(header, claims, run)
    checks = [passed("shape"), _proof(sd_jwt, found), attempt("issuer-binding", lambda: _check_issuer(found, claims)),
              attempt("validity", lambda: check_validity(claims, run.now))]
    if run.policy.check_status:
        checks.append(attempt("status", lambda: check_token_status(claims, _issuer(claims, found), run)))
    trust, trusted_name = _trust(_issuer(claims, found), run)
    checks.append(trust)
    if request is not None:
        checks.append(attempt("binding", lambda: _check_binding(sd_jwt, claims, request, run)))
    return Report(tuple(checks), claims, run.policy.optional_checks, trusted_name=trusted_name)


def _found_key(header: JSONObject, claims: JSONObject, run: Run) -> FoundKey | CredkitError:
    try:
        return find_issuer_key(header, claims.get("iss"), run)
    except CredkitError as error:
        return error


def _proof(sd_jwt: SdJwt, found: FoundKey | CredkitError) -> Check:
    if isinstance(found, CredkitError):
        return key_not_known(found)

    def act() -> None:
        verify_sd_jwt_vc(sd_jwt, found.key)

    return attempt("proof", act)


def _issuer(claims: JSONObject, found: FoundKey | CredkitError) -> str | None:
    """The named issuer; where none is named, whoever controls the key is it."""
    named: str | None = claims.get("iss")
    return named if named is not None or isinstance(found, CredkitError) else found.controller


def _check_issuer(found: FoundKey | CredkitError, claims: JSONObject) -> None:
    if isinstance(found, CredkitError):
        raise found
    if claims.get("iss", found.controller) != found.controller:
        raise IssuerBindingError("the key that signed this is not the named signer's", pointer="/iss")


def _trust(issuer: str | None, run: Run) -> tuple[Check, str | None]:
    if run.policy.trust is None or issuer is None:
        return could_not_check("trust", IssuerUnknown("nobody has told us whom to trust")), None
    try:
        listed = run.policy.trust.find(issuer) or run.policy.trust.check_issuer(_same_party(issuer))
        return passed("trust"), listed.name
    except CredkitError as error:
        return failed("trust", error), None


def _same_party(issuer: str) -> str:
    """The did:web of an issuer that is named by its bare origin: both are whoever answers at that host; else itself."""
    try:
        return did_web_of(issuer)
    except InvalidDidError:
        return issuer


def _check_binding(sd_jwt: SdJwt, claims: JSONObject, request: Request, run: Run) -> None:
    check_key_binding(sd_jwt, _holder_key(claims, run), nonce=request.nonce, audience=request.audience, now=run.now)


def _holder_key(claims: JSONObject, run: Run) -> VerifyingKey:
    holder = holder_of(claims)
    if holder is None:
        raise ProofVerificationError("the record is bound to no holder", pointer="/cnf")
    if isinstance(holder, str):
        return run.method(holder, "authentication").public_key
    return public_key_from_jwk(holder)
