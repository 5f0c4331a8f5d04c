"""The presentation pipeline: the holder's proof, for whom it was made, and each credential inside.

shape · vocabulary · proof · holder · binding · credentials · authority (where the signer shows a grant).

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
from credkit.profiles.endorsement import subject_id_of
from credkit.shape import as_list, id_of, pointer
from credkit.verification._authority import check_authority, vouchers
from credkit.verification._comments import judge, place, travelling
from credkit.verification._credential import run_credential, run_proof
from credkit.verification._run import Run, attempt
from credkit.verification.report import Check, Report, could_not_check, failed, worst_of


def run_presentation(presentation: JSONObject, run: Run, *, challenge: str | None, domain: str | None) -> Report:
    """Every check on one presentation and on the credentials inside it.

    Comments on the records that are presented stand in those records' ``endorsements``, not among the ``members``.
    """
    checks = [attempt("shape", lambda: check_presentation(presentation))]
    proof_checks, method = run_proof(presentation, run, "authentication")
    checks += proof_checks
    checks.append(_holder(presentation, method, run))
    checks.append(_binding(presentation, challenge, domain))
    reports = _run_entries(_entries(presentation), run)
    checks.append(_credentials(reports))
    if not isinstance(method, CredkitError):
        checks += check_authority(reports, method.controller, run)
    return Report(tuple(checks), presentation, members=reports)


def _run_entries(entries: list[JSONObject], run: Run) -> tuple[Report, ...]:
    comments = travelling(entries)
    said = [judge(report, frozenset({str(subject_id_of(report.peek_document))}))
            for report in (run_credential(entries[index], run) for index in sorted(comments))]
    return tuple(place(run_credential(entry, run), said) for index, entry in enumerate(entries)
                 if index not in comments)


def _entries(presentation: JSONObject) -> list[JSONObject]:
    return [entry for entry in as_list(presentation.get("verifiableCredential")) if isinstance(entry, dict)]


def _holder(presentation: JSONObject, method: VerificationMethod | CredkitError, run: Run) -> Check:
    if isinstance(method, (ProofVerificationError, MalformedValueError)):
        return could_not_check("holder", method)
    return attempt("holder", lambda: _check_holder(presentation, method, run))


def _check_holder(presentation: JSONObject, method: VerificationMethod | CredkitError, run: Run) -> None:
    if isinstance(method, CredkitError):
        raise method
    if "holder" in presentation and id_of(presentation["holder"]) != method.controller:
        raise IssuerBindingError("the named holder is not who signed the presentation", pointer="/holder")
    entries = _entries(presentation)
    companions = travelling(entries) | vouchers(entries, method.controller)
    for index, credential in enumerate(entries):
        if index not in companions and not _is_held(credential, method.controller, run):
            raise IssuerBindingError("a record was issued to somebody else's key",
                                     pointer=pointer("verifiableCredential", index, "credentialSubject"))


def _is_held(credential: JSONObject, controller: str, run: Run) -> bool:
    if run.policy.issuer_may_hold and id_of(credential.get("issuer")) == controller:
        return True
    return {id_of(entry) for entry in as_list(credential.get("credentialSubject"))} == {controller}


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
    return worst_of("credentials", reports)
