"""The presentation pipeline: the holder's proof, for whom it was made, and each credential inside.

shape · vocabulary · proof · holder · binding · credentials.

Spec: VC-DATA-MODEL-2.0 #verification; OpenID4VP-1.0 #ldp-vc; security.md E04
"""

from __future__ import annotations

from typing import Any

from credkit.credential import check_presentation
from credkit.dids import VerificationMethod
from credkit.errors import (
    CredkitError,
    InvalidChallengeError,
    InvalidDomainError,
    IssuerBindingError,
    MalformedValueError,
    ProofVerificationError,
    UnsupportedError,
)
from credkit.ports import JSONObject
from credkit.shape import as_list, id_of, pointer
from credkit.verification._credential import run_credential, run_proof
from credkit.verification._run import Run, attempt
from credkit.verification.report import Check, Report, could_not_check, failed, worst


def run_presentation(presentation: JSONObject, run: Run, *, challenge: str | None, domain: str | None) -> Report:
    """Every check on one presentation and on the credentials inside it."""
    checks = [attempt("shape", lambda: check_presentation(presentation))]
    proof_checks, method = run_proof(presentation, run, "authentication")
    checks += proof_checks
    checks.append(_holder(presentation, method))
    checks.append(_binding(presentation, challenge, domain))
    inner = [entry for entry in as_list(presentation.get("verifiableCredential")) if isinstance(entry, dict)]
    reports = tuple(run_credential(entry, run) for entry in inner)
    checks.append(_credentials(reports))
    return Report(tuple(checks), presentation, members=reports)


def _holder(presentation: JSONObject, method: VerificationMethod | CredkitError) -> Check:
    if isinstance(method, (ProofVerificationError, MalformedValueError)):
        return could_not_check("holder", method)
    return attempt("holder", lambda: _check_holder(presentation, method))


def _check_holder(presentation: JSONObject, method: VerificationMethod | CredkitError) -> None:
    if isinstance(method, CredkitError):
        raise method
    if "holder" in presentation and id_of(presentation["holder"]) != method.controller:
        raise IssuerBindingError("the named holder is not who signed the presentation", pointer="/holder")
    entries = as_list(presentation.get("verifiableCredential"))
    for index, credential in enumerate(entries):
        subject = credential.get("credentialSubject") if isinstance(credential, dict) else None
        owners = {id_of(entry) for entry in as_list(subject)}
        if owners != {method.controller}:
            raise IssuerBindingError("a record was issued to somebody else's key",
                                     pointer=pointer("verifiableCredential", index, "credentialSubject"))


def _binding(presentation: JSONObject, challenge: str | None, domain: str | None) -> Check:
    if challenge is None or domain is None:
        return could_not_check("binding", UnsupportedError("we were not told for which request this was made"))
    return attempt("binding", lambda: _check_binding(presentation, challenge, domain))


def _check_binding(presentation: JSONObject, challenge: str, domain: str) -> None:
    proofs = as_list(presentation.get("proof"))
    proof: Any = proofs[0] if len(proofs) == 1 and isinstance(proofs[0], dict) else {}
    if proof.get("challenge") != challenge:
        raise InvalidChallengeError("the challenge is not the one that was sent", pointer="/proof/challenge")
    if proof.get("domain") != domain:
        raise InvalidDomainError("the presentation was made for somebody else", pointer="/proof/domain")


def _credentials(reports: tuple[Report, ...]) -> Check:
    if not reports:
        return failed("credentials", MalformedValueError("no record was presented", pointer="/verifiableCredential"))
    outcome = worst(report.outcome for report in reports)
    problem = next((check.problem for report in reports for check in report.problems()
                    if check.outcome is outcome and check.id not in report.optional), None)
    return Check("credentials", outcome, problem)
