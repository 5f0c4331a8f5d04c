"""The credential pipeline: numbered checks, each run if it still can be.

1 shape · 2 vocabulary · 3 proof · 4 issuer-binding · 5 validity · 6 status · 7 trust · 8 members · 9 same-person (a
transcript's members) · 10 authority (a selection with a grant of who chose) · 11 endorsements, each with the check
``about``.

Spec: VC-DATA-MODEL-2.0 #verification; OB-3.0 #verification; requirements.md §2.5
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from credkit.credential import check_credential, issuer_id, subjects, validity_period
from credkit.dids import VerificationMethod
from credkit.errors import (
    CredkitError,
    IssuerBindingError,
    IssuerUnknown,
    MalformedValueError,
    ProofVerificationError,
    TooComplexError,
    UnsupportedError,
    VocabularyUnknownError,
)
from credkit.jsonld import Dataset
from credkit.ports import JSONObject
from credkit.profiles import PROFILES, Remark, clr_2, family
from credkit.proofs import JCS_SUITES, SELECTIVE_SUITES, suite_name_of, verify_proof
from credkit.shape import as_list, id_of, member, parse_date_time, pointer
from credkit.verification._authority import AUTHORITY, check_authority
from credkit.verification._comments import (
    ENDORSEMENTS,
    embedded_comments,
    judge,
    members_of,
    names_in,
    place_embedded,
)
from credkit.verification._people import check_same_person
from credkit.verification._run import CANNOT_TELL, Run, attempt, key_not_known
from credkit.verification._status import check_status
from credkit.verification.report import Check, Outcome, Report, could_not_check, failed, passed, worst_of

MAX_EMBEDDED = 2_000
_SELECTIVE = tuple(suite.name for suite in SELECTIVE_SUITES)
MAX_LEVELS = 4


def run_credential(document: JSONObject, run: Run, *, with_status: bool = True, level: int = 0,
                   inside: bool = False) -> Report:
    """Every check on one credential and on the credentials inside it.

    Args:
        level: How many credentials are around this one; at ``MAX_LEVELS`` none inside it is looked at.
        inside: It is a member or an endorsement: without a proof of its own nothing is known of it.
    """
    remarks: list[Remark] = []
    checks = [attempt("shape", lambda: remarks.extend(_check_shape(document)))]
    proof_checks, method = run_proof(document, run, "assertionMethod", inside=inside)
    checks += proof_checks
    checks.append(_issuer_binding(document, method, run))
    checks.append(attempt("validity", lambda: _check_validity(document, run)))
    if with_status and run.policy.check_status:
        checks.append(attempt("status", lambda: check_status(document, run, _verify_list)))
    trust, trusted_name = _trust(document, run)
    checks.append(trust)
    members, members_check = _inside("members", list(members_of(document)), run, level)
    checks += members_check
    if members:
        checks.append(attempt("same-person", lambda: _check_same_person(document, members)))
        if clr_2.is_selection(document):
            checks += check_authority(members, str(id_of(document.get("issuer"))), run)
    comments, too_many = _inside(ENDORSEMENTS, list(embedded_comments(document)), run, level)
    report = Report(tuple(checks), document, _optional(document, checks, run), members, remarks=tuple(remarks),
                    trusted_name=trusted_name)
    if not comments:
        return replace(report, checks=(*report.checks, *too_many))
    names = names_in(document)
    return place_embedded(report, [judge(comment, names) for comment in comments])


def _verify_list(document: JSONObject, run: Run) -> Report:
    report = run_credential(document, run, with_status=False, level=MAX_LEVELS)
    return replace(report, optional=report.optional | {"trust"})  # it must be the record's issuer's, known or not


def _check_shape(document: JSONObject) -> tuple[Remark, ...]:
    check_credential(document)
    derived = _is_derived(document)
    for is_mine, check in PROFILES:
        if is_mine(document):
            return check(document, derived=derived)
    return ()


def _is_derived(document: JSONObject) -> bool:
    return any(isinstance(proof, dict) and proof.get("cryptosuite") in _SELECTIVE
               for proof in as_list(document.get("proof")))


def run_proof(document: JSONObject, run: Run, purpose: str, *,
              inside: bool = False) -> tuple[list[Check], VerificationMethod | CredkitError]:
    """The checks ``vocabulary`` and ``proof``, and the method that made the proof (or why there is none).

    Args:
        inside: The document stands inside another; without a proof of its own nothing is known of it.
    """
    try:
        if inside and "proof" not in document:
            raise UnsupportedError("the signature around it does not fix which result belongs to which record")
        proof = read_proof(document, run, purpose)
    except CredkitError as error:
        tell = could_not_check if isinstance(error, CANNOT_TELL) else failed
        walked = _walk(document, run, covers_bytes=False)
        vocabulary = tell_vocabulary(walked)
        return [vocabulary, tell("proof", error)], error
    walked = _walk(document, run, covers_bytes=proof.get("cryptosuite") in JCS_SUITES)
    vocabulary = tell_vocabulary(walked)
    method = _method(proof, run, purpose)
    if isinstance(walked, CredkitError):
        return [vocabulary, could_not_check("proof", VocabularyUnknownError(
            "the proof was not looked at, because the words of the record could not be read"))], method
    if isinstance(method, CredkitError):
        return [vocabulary, key_not_known(method)], method
    single = {**document, "proof": proof}
    check = attempt("proof", lambda: verify_proof(single, method.public_key, run.environment.jsonld, walked))
    return [vocabulary, check], method


def read_proof(document: JSONObject, run: Run, purpose: str) -> JSONObject:
    """The one proof on a document, its members of the right form (A05, A06).

    Raises:
        ProofVerificationError: no proof, another purpose, or past its ``expires``.
        MalformedValueError: a member is missing or of the wrong form.
        UnsupportedError: more than one proof, or a suite we do not speak.
    """
    proofs = as_list(document.get("proof"))
    if not proofs or not all(isinstance(proof, dict) for proof in proofs):
        raise ProofVerificationError("the document has no proof", pointer="/proof")
    if len(proofs) > 1:
        raise UnsupportedError("the document has more than one proof")
    proof: JSONObject = proofs[0]
    name = suite_name_of(proof)
    if member(proof, "proofPurpose", str, at="/proof") != purpose:
        raise ProofVerificationError("the proof was made for another purpose", pointer="/proof/proofPurpose")
    member(proof, "verificationMethod", str, at="/proof")
    member(proof, "proofValue", str, at="/proof")
    if name == "Ed25519Signature2020" or "created" in proof:
        parse_date_time(proof.get("created"), at="/proof/created")
    if "expires" in proof and parse_date_time(proof["expires"], at="/proof/expires") < run.now:
        raise ProofVerificationError("the proof has expired", pointer="/proof/expires")
    if "previousProof" in proof:
        raise UnsupportedError("the proof builds on another one")
    return proof


def _walk(document: JSONObject, run: Run, *, covers_bytes: bool) -> Dataset | CredkitError:
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    try:
        return run.environment.jsonld.walk(unsecured, open_vocabulary=covers_bytes)
    except CredkitError as error:
        return error


def tell_vocabulary(walked: Dataset | CredkitError) -> Check:
    """The check ``vocabulary`` from what walking gave."""
    if isinstance(walked, CANNOT_TELL):
        return could_not_check("vocabulary", walked)
    if isinstance(walked, CredkitError):
        return failed("vocabulary", walked)
    if walked.unproven:
        at = pointer(*walked.unproven[0])
        return could_not_check("vocabulary", VocabularyUnknownError(
            "the signature does not fix what a record inside says, for it has no proof of its own", pointer=at))
    return passed("vocabulary")


def _method(proof: JSONObject, run: Run, purpose: str) -> VerificationMethod | CredkitError:
    try:
        return run.method(proof["verificationMethod"], purpose)
    except CredkitError as error:
        return error


def _issuer_binding(document: JSONObject, method: VerificationMethod | CredkitError, run: Run) -> Check:
    def act() -> None:
        if isinstance(method, CredkitError):
            raise method
        if run.policy.bind_issuer and method.controller != issuer_id(document):
            raise IssuerBindingError("the key that signed this is not the named signer's",
                                     pointer="/proof/verificationMethod")

    if isinstance(method, (ProofVerificationError, MalformedValueError)):
        return could_not_check("issuer-binding", method)
    return attempt("issuer-binding", act)


def _check_validity(document: JSONObject, run: Run) -> None:
    validity_period(document).check(run.now)


def _trust(document: JSONObject, run: Run) -> tuple[Check, str | None]:
    if run.policy.trust is None:
        return could_not_check("trust", IssuerUnknown("nobody has told us whom to trust")), None
    try:
        entry = run.policy.trust.check_issuer(issuer_id(document))
    except CredkitError as error:
        if _is_familys_own(document):
            return could_not_check("trust", IssuerUnknown("a family signed this, and families are on no list")), None
        return failed("trust", error), None
    return passed("trust"), entry.name


def _is_familys_own(document: JSONObject) -> bool:
    """Whether a family signs such documents itself; what a school says in one is signed by the school, inside."""
    return family.is_mine(document) or clr_2.is_selection(document)


def _optional(document: JSONObject, checks: Sequence[Check], run: Run) -> frozenset[str]:
    """What is told and not required. Who chose a family's selection claims nothing by it, so that nobody known let them
    in decides nothing about the records; a permission that does not hold does."""
    if not _is_familys_own(document):
        return run.policy.optional_checks
    unknown = {check.id for check in checks if check.id == AUTHORITY and check.outcome is Outcome.INDETERMINATE}
    return run.policy.optional_checks | {"trust"} | unknown


def _check_same_person(document: JSONObject, members: Sequence[Report]) -> None:
    """What a selection says of itself cannot make two people's records one person's."""
    inside = [report.peek_document for report in members]
    if clr_2.is_selection(document):
        check_same_person(inside)
        if not any(subject.get("identifier") for subject in subjects(document)):
            return
    check_same_person([document, *inside])


def _inside(check_id: str, found: list[JSONObject], run: Run, level: int) -> tuple[tuple[Report, ...], list[Check]]:
    if not found:
        return (), []
    if level >= MAX_LEVELS or len(found) > MAX_EMBEDDED:
        return (), [could_not_check(check_id, TooComplexError("there are too many records inside this one"))]
    reports = tuple(run_credential(inner, run, level=level + 1, inside=True) for inner in found)
    return reports, [worst_of(check_id, reports)]

