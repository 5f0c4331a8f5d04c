"""The pipeline that decides: numbered checks in a fixed order, one report, three outcomes.

``verify_credential`` and ``verify_presentation`` never raise on hostile input; they run every check that can still be
run. What could not be checked has not passed.

Spec: VC-DATA-MODEL-2.0 #verification; security.md SG1
"""

from __future__ import annotations

from typing import Any

from credkit.credential import ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION
from credkit.environment import Environment
from credkit.errors import CredkitError, MalformedValueError
from credkit.formats import sd_jwt_vc
from credkit.profiles import openbadges_2
from credkit.verification._credential import run_any
from credkit.verification._open_badges_2 import run_open_badges_2
from credkit.verification._people import check_same_person
from credkit.verification._presentation import run_presentation, run_presentation_token
from credkit.verification._run import Run, attempt, tell
from credkit.verification._sd_jwt import Request, run_sd_jwt
from credkit.verification._token import is_enveloped, open_envelope, token_of
from credkit.verification.policy import Policy
from credkit.verification.report import Check, Outcome, Report, failed, worst

__all__ = ["Check", "Outcome", "Policy", "Report", "attempt", "check_same_person", "is_envelope", "refuse_unreadable",
           "token_of", "verify_credential", "verify_presentation", "verify_sd_jwt_presentation", "worst"]


def verify_credential(document: Any, policy: Policy, environment: Environment) -> Report:
    """Verify one credential, and each credential inside a transcript on its own.

    Args:
        document: The parsed JSON, which may be an enveloped credential; or the text of an SD-JWT VC or another
            token, or the bytes of a COSE one. Anything else is a failed ``shape``. An assertion of Open Badges 2.0, as
            JSON or as a compact JWS, is an older badge (``_open_badges_2``).

    Returns:
        A report with the checks ``shape``, ``vocabulary``, ``proof``, ``issuer-binding``, ``validity``, ``status`` and
        ``trust``; ``schema`` where a JSON Schema is named; where there is something inside ``members``, ``same-person``
        and ``endorsements``; and ``authority`` where whoever chose a family's selection shows a grant in it. A
        comment's own report is in ``endorsements`` of the record it is about, with the check ``about``.
    """
    run = _run(policy, environment)
    if openbadges_2.is_mine(document) or openbadges_2.is_token(document):
        return run_open_badges_2(document, run)
    if sd_jwt_vc.FORMAT.is_mine(document):
        return run_sd_jwt(document, run)
    if not isinstance(document, (dict, str, bytes)):
        return refuse_unreadable(MalformedValueError("a record must be a JSON object", pointer=""))
    return run_any(document, run)


def verify_presentation(presentation: Any, policy: Policy, environment: Environment, *, challenge: str | None,
                        domain: str | None) -> Report:
    """Verify a presentation: who made it, for which request, and each credential inside.

    Args:
        presentation: The parsed JSON, which may be an enveloped presentation; or a token, as text or bytes.
        challenge: The nonce that was sent; None means unknown, and ``binding`` cannot be checked.
        domain: The identifier the presentation must be made for; None likewise.

    Returns:
        A report with the checks ``shape``, ``vocabulary``, ``proof``, ``holder``, ``binding``, ``credentials``, and
        ``authority`` where the signer shows a grant of its own; its ``members`` are the reports of the credentials. A
        comment on one of them is in that one's ``endorsements`` instead.
    """
    run = _run(policy, environment)
    try:
        if is_enveloped(presentation, ENVELOPED_PRESENTATION):
            presentation = open_envelope(presentation, ENVELOPED_PRESENTATION)
    except CredkitError as error:
        return Report((tell("shape", error),), {})
    if isinstance(presentation, (str, bytes)):
        return run_presentation_token(presentation, run, challenge=challenge, domain=domain)
    if not isinstance(presentation, dict):
        return refuse_unreadable(MalformedValueError("a presentation must be a JSON object", pointer=""))
    return run_presentation(presentation, run, challenge=challenge, domain=domain)


def verify_sd_jwt_presentation(text: Any, policy: Policy, environment: Environment, *, nonce: str,
                               audience: str) -> Report:
    """Verify an SD-JWT VC that a holder presents for one request.

    Args:
        text: The SD-JWT with its key binding; without one the check ``binding`` fails.
        nonce, audience: What the holder must have signed.

    Returns:
        A report with the checks ``shape``, ``proof``, ``issuer-binding``, ``validity``, ``status``, ``trust`` and
        ``binding``; its document is the claims that are shown.
    """
    return run_sd_jwt(text, _run(policy, environment), Request(nonce, audience))


def is_envelope(document: Any) -> bool:
    """Whether this is a credential in an envelope: a document that says nothing but which token it holds.

    ``token_of`` opens it, without asking whether the token holds.

    Spec: VC-DATA-MODEL-2.0 #enveloped-verifiable-credentials
    """
    return is_enveloped(document, ENVELOPED_CREDENTIAL)


def refuse_unreadable(error: CredkitError) -> Report:
    """The report on input that could not even be read: ``shape`` failed, nothing else was looked at."""
    return Report((failed("shape", error),), {})


def _run(policy: Policy, environment: Environment) -> Run:
    return Run(policy, environment, policy.now if policy.now is not None else environment.clock.now())
