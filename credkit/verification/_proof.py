"""What secures a document by proofs inside it: the checks ``vocabulary`` and ``proof``, and whose keys made them.

Every proof of a set must hold; one that could not be checked leaves the whole set unchecked.

Spec: VC-DATA-INTEGRITY #verify-proof-sets-and-chains; security.md A05 to A07
"""

from __future__ import annotations

from dataclasses import dataclass

from credkit.dids import VerificationMethod
from credkit.errors import CredkitError, ProofVerificationError, UnsupportedError, VocabularyUnknownError
from credkit.jsonld import Dataset
from credkit.ports import JSONObject
from credkit.proofs import JCS_SUITES, LEGACY_SUITE, SELECTIVE_SUITES, proofs_of, suite_name_of, verify_proof
from credkit.shape import member, parse_date_time, pointer
from credkit.verification._run import CANNOT_TELL, Run, attempt, key_not_known, tell
from credkit.verification.report import Check, could_not_check, failed, passed, worst

_SELECTIVE = tuple(suite.name for suite in SELECTIVE_SUITES)


@dataclass(frozen=True)
class Secured:
    """What is known of a document's signatures.

    Attributes:
        checks: ``vocabulary`` and ``proof``.
        signers: For each signature, who controls the key, or why that is not known.
        place: JSON Pointer of where the key is named.
        partial: Whether a holder may have left something out, so that what is not there says nothing.
    """

    checks: tuple[Check, ...]
    signers: tuple[str | CredkitError, ...]
    place: str = "/proof/verificationMethod"
    partial: bool = False

    @property
    def known_signers(self) -> frozenset[str]:
        """Controllers that are known."""
        return frozenset(signer for signer in self.signers if isinstance(signer, str))

    @property
    def reason(self) -> CredkitError | None:
        """Why a signer is not known; None if all are."""
        return next((signer for signer in self.signers if isinstance(signer, CredkitError)), None)


def run_proof(document: JSONObject, run: Run, purpose: str, *, inside: bool = False) -> Secured:
    """Judge the proofs on a document.

    Args:
        inside: The document stands inside another; without a proof of its own nothing is known of it.
    """
    try:
        if inside and "proof" not in document:
            raise UnsupportedError("the signature around it does not fix which result belongs to which record")
        proofs = proofs_of(document)
    except CredkitError as error:
        vocabulary = tell_vocabulary(walk(document, run, covers_bytes=False))
        return Secured((vocabulary, tell("proof", error)), (error,))
    walked = walk(document, run, covers_bytes=all(_covers_bytes(proof) for proof in proofs))
    judged = [_judge(document, proof, _place(document, index), walked, run, purpose)
              for index, proof in enumerate(proofs)]
    checks = [check for check, _ in judged]
    outcome = worst(check.outcome for check in checks)
    check = next(check for check in checks if check.outcome is outcome)
    return Secured((tell_vocabulary(walked), check), tuple(signer for _, signer in judged),
                   partial=any(proof.get("cryptosuite") in _SELECTIVE for proof in proofs))


def _covers_bytes(proof: JSONObject) -> bool:
    name = proof.get("cryptosuite")
    return isinstance(name, str) and name in JCS_SUITES


def _place(document: JSONObject, index: int) -> str:
    return pointer("proof", index) if isinstance(document.get("proof"), list) else "/proof"


def _judge(document: JSONObject, proof: JSONObject, at: str, walked: Dataset | CredkitError, run: Run,
           purpose: str) -> tuple[Check, str | CredkitError]:
    """The check ``proof`` for one of a document's proofs, and who made it."""
    try:
        check_options(proof, run, purpose, at=at)
    except CredkitError as error:
        return tell("proof", error), error
    method = _method(proof, run, purpose)
    signer = method if isinstance(method, CredkitError) else method.controller
    if isinstance(walked, CredkitError):
        return could_not_check("proof", VocabularyUnknownError(
            "the proof was not looked at, because the words of the record could not be read")), signer
    if isinstance(method, CredkitError):
        return key_not_known(method), signer
    return attempt("proof", lambda: verify_proof(document, method.public_key, run.environment.jsonld, walked,
                                                 proof=proof)), signer


def check_options(proof: JSONObject, run: Run, purpose: str, *, at: str) -> None:
    """Whether a proof's members are of the right form (A05, A06).

    Raises:
        ProofVerificationError: made for another purpose, or past its ``expires``.
        MalformedValueError: a member is missing or of the wrong form.
        UnsupportedError: a suite we do not speak.
    """
    name = suite_name_of(proof)
    if member(proof, "proofPurpose", str, at=at) != purpose:
        raise ProofVerificationError("the proof was made for another purpose", pointer=at + "/proofPurpose")
    member(proof, "verificationMethod", str, at=at)
    member(proof, "proofValue", str, at=at)
    if name == LEGACY_SUITE or "created" in proof:
        parse_date_time(proof.get("created"), at=at + "/created")
    if "expires" in proof and parse_date_time(proof["expires"], at=at + "/expires") < run.now:
        raise ProofVerificationError("the proof has expired", pointer=at + "/expires")


def walk(document: JSONObject, run: Run, *, covers_bytes: bool) -> Dataset | CredkitError:
    """What the words of a document mean, or why that is not known; its own proofs are left out."""
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
