"""The presentation pipeline: the holder's proof, for whom it was made, and each credential inside.

shape · vocabulary · proof · holder · binding · credentials · authority (where the signer shows a grant).

Spec: VC-DATA-MODEL-2.0 #verification; OpenID4VP-1.0 #ldp-vc; security.md E04
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from credkit.credential import check_presentation
from credkit.errors import (
    CredkitError,
    InvalidChallengeError,
    InvalidDomainError,
    IssuerBindingError,
    MalformedValueError,
    ProofVerificationError,
    UnsupportedError,
)
from credkit.formats.sd_jwt_vc import check_validity
from credkit.ports import JSONObject
from credkit.profiles.endorsement import subject_id_of
from credkit.shape import as_list, id_of, pointer
from credkit.verification._authority import check_authority, vouchers
from credkit.verification._comments import judge, place, travelling
from credkit.verification._credential import run_any
from credkit.verification._proof import Secured, run_proof
from credkit.verification._run import Run, attempt, tell
from credkit.verification._token import peek_inside, read_token
from credkit.verification.report import Check, Report, could_not_check, failed, passed, worst_of

_CLOCK_SKEW = timedelta(seconds=60)


def run_presentation(presentation: JSONObject, run: Run, *, challenge: str | None, domain: str | None) -> Report:
    """Every check on one presentation and on the credentials inside it.

    Comments on the records that are presented stand in those records' ``endorsements``, not among the ``members``.
    """
    proofs = as_list(presentation.get("proof"))
    said: JSONObject = proofs[0] if len(proofs) == 1 and isinstance(proofs[0], dict) else {}
    bound = Bound(challenge, domain, said.get("challenge"), said.get("domain"), "/proof")
    return _run_secured(presentation, run_proof(presentation, run, "authentication"), bound, run)


def run_presentation_token(form: str | bytes, run: Run, *, challenge: str | None, domain: str | None) -> Report:
    """The same for a presentation in a token, whose ``nonce`` and ``aud`` are for which request it was made."""
    try:
        token, secured = read_token(form, run, presentation=True)
    except CredkitError as error:
        return Report((tell("shape", error),), {})
    bound = Bound(challenge, domain, token.claims.get("nonce"), token.claims.get("aud"), "", token.claims)
    return _run_secured(token.document, secured, bound, run)


@dataclass(frozen=True)
class Bound:
    """For which request a presentation must be made, and for which it says it was.

    Attributes:
        place: JSON Pointer of where it says so.
        claims: Of the token, whose ``nbf`` and ``exp`` say when it counts.
    """

    challenge: str | None
    domain: str | None
    said_challenge: Any
    said_domain: Any
    place: str
    claims: JSONObject = field(default_factory=dict)


def _run_secured(presentation: JSONObject, secured: Secured, bound: Bound, run: Run) -> Report:
    entries = [_Entry(entry, peek_inside(entry)) for entry in as_list(presentation.get("verifiableCredential"))
               if isinstance(entry, (dict, str))]
    checks = [attempt("shape", lambda: check_presentation(presentation)), *secured.checks]
    signer = next(iter(secured.known_signers)) if len(secured.signers) == len(secured.known_signers) == 1 else None
    checks.append(_holder(presentation, entries, secured, signer, run))
    checks.append(_binding(bound, run))
    reports = _run_entries(entries, run)
    checks.append(_credentials(presentation, reports, run))
    if signer is not None:
        checks += check_authority(reports, signer, run)
    return Report(tuple(checks), presentation, members=reports)


class _Entry(NamedTuple):
    """One presented credential as it came, and what it says before trust."""

    secured: JSONObject | str
    peeked: JSONObject


def _run_entries(entries: list[_Entry], run: Run) -> tuple[Report, ...]:
    comments = travelling([entry.peeked for entry in entries])
    said = [judge(report, frozenset({str(subject_id_of(report.peek_document))}))
            for report in (run_any(entries[index].secured, run) for index in sorted(comments))]
    return tuple(place(run_any(entry.secured, run), said) for index, entry in enumerate(entries)
                 if index not in comments)


def _holder(presentation: JSONObject, entries: list[_Entry], secured: Secured, signer: str | None,
            run: Run) -> Check:
    reason = secured.reason
    if isinstance(reason, (ProofVerificationError, MalformedValueError)):
        return could_not_check("holder", reason)

    def act() -> None:
        if signer is None:
            raise reason or UnsupportedError("more than one signed the presentation")
        _check_holder(presentation, [entry.peeked for entry in entries], signer, run)

    return attempt("holder", act)


def _check_holder(presentation: JSONObject, entries: list[JSONObject], signer: str, run: Run) -> None:
    if "holder" in presentation and id_of(presentation["holder"]) != signer:
        raise IssuerBindingError("the named holder is not who signed the presentation", pointer="/holder")
    if not run.policy.asked:
        return
    companions = travelling(entries) | vouchers(entries, signer)
    for index, credential in enumerate(entries):
        if index not in companions and not _is_held(credential, signer, run):
            raise IssuerBindingError("a record was issued to somebody else's key",
                                     pointer=pointer("verifiableCredential", index, "credentialSubject"))


def _is_held(credential: JSONObject, controller: str, run: Run) -> bool:
    if run.policy.issuer_may_hold and id_of(credential.get("issuer")) == controller:
        return True
    return {id_of(entry) for entry in as_list(credential.get("credentialSubject"))} == {controller}


def _binding(bound: Bound, run: Run) -> Check:
    if run.policy.asked and (bound.challenge is None or bound.domain is None):
        return could_not_check("binding", UnsupportedError("we were not told for which request this was made"))
    return attempt("binding", lambda: _check_binding(bound, run.now))


def _check_binding(bound: Bound, now: datetime) -> None:
    check_validity({"nbf": bound.claims["nbf"]} if "nbf" in bound.claims else {}, now + _CLOCK_SKEW)
    check_validity({"exp": bound.claims["exp"]} if "exp" in bound.claims else {}, now - _CLOCK_SKEW)
    if bound.challenge is not None and bound.said_challenge != bound.challenge:
        raise InvalidChallengeError("the challenge is not the one that was sent", pointer=bound.place + "/challenge")
    if bound.domain is not None and bound.said_domain != bound.domain:
        raise InvalidDomainError("the presentation was made for somebody else", pointer=bound.place + "/domain")


def _credentials(presentation: JSONObject, reports: tuple[Report, ...], run: Run) -> Check:
    if reports:
        return worst_of("credentials", reports)
    # Who serves others' requests may be shown a presentation alone; absent and empty say the same.
    if run.policy.asked or presentation.get("verifiableCredential", []) != []:
        return failed("credentials", MalformedValueError("no record was presented", pointer="/verifiableCredential"))
    return passed("credentials")
