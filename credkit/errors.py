"""Every error of the project, one tree.

    CredkitError
     ├─ ProblemError            the input or the other party is wrong
     │   ├─ ParsingError · MalformedValueError · RangeValueError · CryptographicSecurityError
     │   ├─ DataLossError · TooComplexError · VocabularyUnknownError
     │   ├─ ProofGenerationError · ProofTransformationError · ProofVerificationError
     │   ├─ InvalidDomainError · InvalidChallengeError
     │   ├─ StatusRetrievalError · StatusVerificationError · StatusListLengthError
     │   ├─ DidError ─ InvalidDidError · DidNotFoundError · InvalidDidDocumentError
     │   └─ PolicyError ─ NotYetValid · Expired · Revoked · Suspended · IssuerBindingError · IssuerNotTrusted
     │                    · IssuerUnknown · QueryNotSatisfied · DifferentPeople · NotPermitted
     ├─ ProtocolError(error, description, http_status)    OAuth, OID4VCI, OID4VP codes
     ├─ FetchError ─ UnsafeUrlError · TooLargeError · TimeoutExceeded
     ├─ VaultError ─ VaultLocked · WrongSecret · SealBroken
     ├─ StateError              what was asked does not fit what is stored (unknown id, used up, wrong state)
     ├─ UnsupportedError        a name that is in no registry
     └─ ConfigError             refuses to start

``detail`` is written for strangers: no claim, key, path, stack or SQL.

Spec: RFC9457 #section-3; VC-DATA-MODEL-2.0 #problem-details
"""

from __future__ import annotations

VCDM_PROBLEMS = "https://www.w3.org/TR/vc-data-model#"
DI_PROBLEMS = "https://w3id.org/security#"
STATUS_PROBLEMS = "https://www.w3.org/ns/credentials/status-list#"
DID_PROBLEMS = "https://www.w3.org/ns/did#"
OWN_PROBLEMS = "urn:backpack:problem:"


class CredkitError(Exception):
    """Root of the tree. ``code`` is stable and short; ``str(error)`` is one plain sentence."""

    code = "error"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail or type(self).__name__
        super().__init__(self.detail)


class ProblemError(CredkitError):
    """The input or the other party is wrong.

    Args:
        detail: One plain sentence for a stranger.
        pointer: JSON Pointer (RFC 6901) to the offending place, where there is one.

    Spec: RFC9457 #section-3
    """

    code = "problem"
    type_url = OWN_PROBLEMS + "problem"
    title = "The input is wrong"

    def __init__(self, detail: str = "", *, pointer: str | None = None) -> None:
        self.pointer = pointer
        super().__init__(detail)

    def to_problem(self) -> dict[str, str]:
        """The RFC 9457 object: ``type``, ``title``, ``detail``, ``code`` and, if known, ``pointer``."""
        problem = {"type": self.type_url, "title": self.title, "detail": self.detail, "code": self.code}
        if self.pointer is not None:
            problem["pointer"] = self.pointer
        return problem


class ParsingError(ProblemError):
    code = "parsing_error"
    type_url = VCDM_PROBLEMS + "PARSING_ERROR"
    title = "The input could not be read"


class MalformedValueError(ProblemError):
    code = "malformed_value"
    type_url = VCDM_PROBLEMS + "MALFORMED_VALUE_ERROR"
    title = "A value does not have the right form"


class RangeValueError(ProblemError):
    code = "out_of_range"
    type_url = VCDM_PROBLEMS + "RANGE_ERROR"
    title = "A value is out of range"


class CryptographicSecurityError(ProblemError):
    code = "cryptographic_security"
    type_url = VCDM_PROBLEMS + "CRYPTOGRAPHIC_SECURITY_ERROR"
    title = "The cryptography does not hold"


class DataLossError(ProblemError):
    """Something in the JSON is not fixed by the signature (design.md, "What a signature fixes")."""

    code = "data_loss"
    type_url = DI_PROBLEMS + "DATA_LOSS_DETECTION_ERROR"
    title = "Part of the document is not covered by its signature"


class TooComplexError(ProblemError):
    """Canonicalization or parsing would exceed its work limit."""

    code = "too_complex"
    type_url = OWN_PROBLEMS + "TOO_COMPLEX"
    title = "The document is too complex"


class VocabularyUnknownError(ProblemError):
    """Nothing is wrong, but we cannot tell what the words mean: an indeterminate outcome, never a pass."""

    code = "vocabulary_unknown"
    type_url = OWN_PROBLEMS + "VOCABULARY_UNKNOWN"
    title = "The words of the document could not be checked"


class ProofGenerationError(ProblemError):
    code = "proof_generation"
    type_url = DI_PROBLEMS + "PROOF_GENERATION_ERROR"
    title = "The proof could not be made"


class ProofTransformationError(ProblemError):
    code = "proof_transformation"
    type_url = DI_PROBLEMS + "PROOF_TRANSFORMATION_ERROR"
    title = "The document could not be prepared for its proof"


class ProofVerificationError(ProblemError):
    code = "proof_verification"
    type_url = DI_PROBLEMS + "PROOF_VERIFICATION_ERROR"
    title = "The proof does not hold"


class InvalidDomainError(ProblemError):
    code = "invalid_domain"
    type_url = DI_PROBLEMS + "INVALID_DOMAIN_ERROR"
    title = "The proof was made for somebody else"


class InvalidChallengeError(ProblemError):
    code = "invalid_challenge"
    type_url = DI_PROBLEMS + "INVALID_CHALLENGE_ERROR"
    title = "The proof was made for another request"


class StatusRetrievalError(ProblemError):
    """The status list could not be had: an indeterminate outcome."""

    code = "status_retrieval"
    type_url = STATUS_PROBLEMS + "STATUS_RETRIEVAL_ERROR"
    title = "The list of taken-back records could not be reached"


class StatusVerificationError(ProblemError):
    code = "status_verification"
    type_url = STATUS_PROBLEMS + "STATUS_VERIFICATION_ERROR"
    title = "The list of taken-back records does not hold"


class StatusListLengthError(ProblemError):
    code = "status_list_length"
    type_url = STATUS_PROBLEMS + "STATUS_LIST_LENGTH_ERROR"
    title = "The list of taken-back records is too short"


class DidError(ProblemError):
    code = "did_error"
    type_url = DID_PROBLEMS + "INTERNAL_ERROR"
    title = "The signer's identifier could not be resolved"


class InvalidDidError(DidError):
    code = "invalid_did"
    type_url = DID_PROBLEMS + "INVALID_DID"


class DidNotFoundError(DidError):
    """The document could not be had: an indeterminate outcome."""

    code = "did_not_found"
    type_url = DID_PROBLEMS + "NOT_FOUND"


class InvalidDidDocumentError(DidError):
    code = "invalid_did_document"
    type_url = DID_PROBLEMS + "INVALID_DID_DOCUMENT"


class PolicyError(ProblemError):
    code = "policy"
    type_url = OWN_PROBLEMS + "POLICY"
    title = "The record does not meet what is required"


class NotYetValid(PolicyError):
    code = "not_yet_valid"
    type_url = OWN_PROBLEMS + "NOT_YET_VALID"
    title = "The record is not valid yet"


class Expired(PolicyError):
    code = "expired"
    type_url = OWN_PROBLEMS + "EXPIRED"
    title = "The record is no longer valid"


class Revoked(PolicyError):
    code = "revoked"
    type_url = OWN_PROBLEMS + "REVOKED"
    title = "The record was taken back by who signed it"


class Suspended(PolicyError):
    code = "suspended"
    type_url = OWN_PROBLEMS + "SUSPENDED"
    title = "The record is on hold"


class IssuerBindingError(PolicyError):
    """The key that signed is not the named issuer's, or not authorised for this purpose (A06)."""

    code = "issuer_binding"
    type_url = OWN_PROBLEMS + "ISSUER_BINDING"
    title = "The key does not belong to the named signer"


class IssuerNotTrusted(PolicyError):
    code = "issuer_not_trusted"
    type_url = OWN_PROBLEMS + "ISSUER_NOT_TRUSTED"
    title = "The signer is not on the list of those you trust"


class IssuerUnknown(PolicyError):
    """Nobody has told us whom to trust, which is not the same as untrusted: an indeterminate outcome."""

    code = "issuer_unknown"
    type_url = OWN_PROBLEMS + "ISSUER_UNKNOWN"
    title = "We do not know who signed this"


class QueryNotSatisfied(PolicyError):
    code = "query_not_satisfied"
    type_url = OWN_PROBLEMS + "QUERY_NOT_SATISFIED"
    title = "What was sent is not what was asked for"


class DifferentPeople(PolicyError):
    """These records may belong to different people: an indeterminate outcome."""

    code = "different_people"
    type_url = OWN_PROBLEMS + "DIFFERENT_PEOPLE"
    title = "These records may belong to different people"


class NotPermitted(PolicyError):
    """The permission that was shown holds, and does not cover what was done by it."""

    code = "not_permitted"
    type_url = OWN_PROBLEMS + "NOT_PERMITTED"
    title = "The permission does not cover this"


class ProtocolError(CredkitError):
    """An OAuth, OpenID4VCI or OpenID4VP error as it goes over the wire.

    Args:
        error: The registered code, e.g. ``invalid_grant``.
        description: One plain sentence.
        http_status: Status of the answer that carries it.

    Spec: RFC6749 #section-5.2
    """

    def __init__(self, error: str, description: str, http_status: int = 400) -> None:
        self.error = error
        self.description = description
        self.http_status = http_status
        super().__init__(description)

    @property
    def code(self) -> str:  # type: ignore[override]
        """The registered error code."""
        return self.error


class FetchError(CredkitError):
    """Something on the network could not be had: an indeterminate outcome."""

    code = "fetch_failed"


class UnsafeUrlError(FetchError):
    code = "unsafe_url"


class TooLargeError(FetchError):
    code = "too_large"


class TimeoutExceeded(FetchError):
    code = "timeout"


class VaultError(CredkitError):
    code = "vault"


class VaultLocked(VaultError):
    code = "vault_locked"


class WrongSecret(VaultError):
    code = "wrong_secret"


class SealBroken(VaultError):
    code = "seal_broken"


class StateError(CredkitError):
    """What was asked does not fit what is stored: an unknown id, a code used up, a step out of order."""

    code = "wrong_state"


class UnsupportedError(CredkitError):
    """A name that is in no registry: could not check, never a guess."""

    code = "unsupported"


class ConfigError(CredkitError):
    """Refuses to start."""

    code = "config"
