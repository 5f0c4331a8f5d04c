"""What a record must pass before it is kept: it is what was asked for, it is ours, and its proof holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from credkit import errors
from credkit.credential import subjects
from credkit.environment import Environment
from credkit.errors import (
    IssuerBindingError,
    MalformedValueError,
    PolicyError,
    ProblemError,
    ProofVerificationError,
    Revoked,
    Suspended,
    UnsupportedError,
)
from credkit.formats.jwt_vc import Token, peek_token
from credkit.formats.sd_jwt_vc import holder_of, parse_sd_jwt, peek_sd_jwt_vc
from credkit.jose import thumbprint
from credkit.ports import JSONObject
from credkit.profiles import clr_2, endorsement, family
from credkit.profiles.openbadges_3 import TYPE_NAMES
from credkit.proofs import derive, is_base_proof
from credkit.protocols.oid4vci.messages import CredentialConfiguration
from credkit.shape import format_date_time, pointer, types_of
from credkit.trust.allow_list import AllowList
from credkit.verification import Outcome, Policy, Report, verify_credential
from wallet.services.holder import NamedKey, dids_of
from wallet.services.record import sd_jwt
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.reading import words_of
from wallet.services.record.sd_jwt import secured_of
from wallet.vault import HeldMemory, OpenVault, VaultMemory

Status = Literal["good", "revoked", "suspended", "unknown"]

_PROBLEMS: dict[str, type[ProblemError]] = {
    kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ProblemError)}
"""A check's problem as the error it came from, by its code."""

_OF_ONE_COPY = frozenset({"iat", "nbf", "exp", "jti", "status", "cnf"})
"""Claims in which two copies of one SD-JWT differ."""

_MAY_WAIT = frozenset({"status", "trust", "endorsements"})
"""Checks that may remain open when a record is kept: the list of taken-back records can be asked later."""


@dataclass(frozen=True)
class Received:
    """A record that may be kept.

    Attributes:
        credential: The document, or what pages read in place of a text's claims.
        status: What its issuer's list of taken-back records says.
        text: Of the forms that are text: exactly what came, and the member of a kept record's body it lies in.
        says: What two copies of one record have in common.
    """

    credential: JSONObject
    status: Status
    text: tuple[str, str] | None = None
    says: object = None

    def to_body(self) -> JSONObject:
        """Its part of the body of a kept record."""
        return {"credential": self.credential, "status": self.status} | (
            {} if self.text is None else {self.text[0]: self.text[1]})


def for_many(vault: OpenVault, environment: Environment) -> tuple[Environment, HeldMemory]:
    """What records are checked with that come together, and the memory to ``keep`` when they have been.

    Each list of taken-back records is asked for once, and written once.
    """
    memory = HeldMemory(VaultMemory(vault))
    return replace(environment, memory=memory).asking_once(), memory


def check_issued(credential: Any, configuration: CredentialConfiguration, key: NamedKey,
                 environment: Environment) -> Received:
    """A record as its issuer sent it, if it may be kept.

    Args:
        key: That was made for this record, under the name the issuer was given.

    Raises:
        UnsupportedError: not in the form that was asked for, or something about it could not be checked.
        ProblemError: it is not what was asked for, not ours, or a check failed.

    Spec: protocols.md 2.2 "Verify what was received before storing"; security.md E10
    """
    if configuration.format == sd_jwt.FORM:
        return _check_sd_jwt(credential, configuration, key, environment)
    if configuration.format == sd_jwt.JWT_FORM:
        return _check_jwt(credential, configuration, key, environment)
    if not isinstance(credential, dict):
        raise UnsupportedError("the issuer sent a record in a form that is not supported")
    _check_types(credential, configuration)
    _check_subjects(credential, key.did)
    report = verify_kept(credential, environment, Policy())
    check_report(report)
    return Received(credential, status_of(report), says=_without_proof(credential))


def _check_sd_jwt(text: Any, configuration: CredentialConfiguration, key: NamedKey,
                  environment: Environment) -> Received:
    if not isinstance(text, str):
        raise UnsupportedError("the issuer sent a record in a form that is not supported")
    claims = _unpresented(text)
    if claims["vct"] != configuration.vct:
        raise MalformedValueError("the issuer sent another kind of record than was asked for", pointer="/vct")
    holder, own = holder_of(claims), key.key.public_key
    is_ours = (holder.partition("#")[0] in dids_of(own) if isinstance(holder, str)
               else holder is not None and thumbprint(holder) == thumbprint(own.to_jwk()))
    if not is_ours:
        raise IssuerBindingError("the record was issued to somebody else's key", pointer="/cnf")
    return _received_sd_jwt(text, claims, environment)


def _unpresented(text: str) -> JSONObject:
    """The claims of an SD-JWT VC that nobody has presented yet."""
    parsed = parse_sd_jwt(text)
    if parsed.key_binding is not None:
        raise MalformedValueError("this is a record that somebody else has presented already", pointer="")
    return peek_sd_jwt_vc(parsed)


def _received_sd_jwt(text: str, claims: JSONObject, environment: Environment) -> Received:
    report = verify_credential(text, Policy(), environment)
    check_report(report)
    reading = sd_jwt.reading_of(claims, words_of(claims["vct"]))
    says = {name: value for name, value in claims.items() if name not in _OF_ONE_COPY}
    return Received(reading, status_of(report), (sd_jwt.SD_JWT_MEMBER, text), says)


def _check_jwt(text: Any, configuration: CredentialConfiguration, key: NamedKey, environment: Environment) -> Received:
    if not isinstance(text, str):
        raise UnsupportedError("the issuer sent a record in a form that is not supported")
    token = _credential_in(text)
    _check_types(token.document, configuration)
    _check_subjects(token.document, key.did)
    return _received_jwt(text, token, environment)


def _credential_in(text: str) -> Token:
    token = peek_token(text)
    if token.is_presentation:
        raise MalformedValueError("this is a presentation in place of a record", pointer="")
    return token


def _received_jwt(text: str, token: Token, environment: Environment) -> Received:
    report = verify_credential(text, Policy(), environment)
    check_report(report)
    return Received(token.document, status_of(report), (sd_jwt.JWT_MEMBER, text), token.document)


def check_text(text: str, environment: Environment) -> Received:
    """A record that came as text without the key it was issued to, if it may be kept: an SD-JWT VC, or a JWS.

    Raises:
        UnsupportedError: something about it could not be checked.
        ProblemError: no record of such a form, somebody's presentation of one, or a check failed.
    """
    if "~" in text:
        return _received_sd_jwt(text, _unpresented(text), environment)
    return _received_jwt(text, _credential_in(text), environment)


def _check_types(document: JSONObject, configuration: CredentialConfiguration) -> None:
    missing = {_plain(name) for name in configuration.types} - {_plain(name) for name in types_of(document)}
    if missing:
        raise MalformedValueError("the issuer sent another kind of record than was asked for", pointer="/type")


def status_of(report: Report) -> Status:
    """``good``, ``revoked`` or ``suspended`` as the issuer's list says; ``unknown`` if it could not be asked."""
    check = report.check("status")
    if check is None or check.outcome is Outcome.INDETERMINATE:
        return "unknown"
    if check.outcome is Outcome.PASSED:
        return "good"
    code = (check.problem or {}).get("code")
    return "revoked" if code == Revoked.code else "suspended" if code == Suspended.code else "unknown"


def check_again(vault: OpenVault, item_id: str, known: AllowList, environment: Environment) -> Report:
    """Check a kept record once more, its issuer's list included, and remember what the list said, if it is the family's
    to change.

    Args:
        known: Issuers the family knows (``library.known_issuers``).

    Only ever because somebody asked for it: looking at a record tells nobody (security.md C07).

    Raises:
        StateError: no such record.
    """
    item = vault.read(item_id, CREDENTIAL)
    policy = Policy(trust=known if known.issuers else None)
    report = verify_kept(secured_of(item.body), replace(environment, memory=VaultMemory(vault)), policy)
    status = status_of(report)
    if status != "unknown" and vault.decides:
        checked_at = format_date_time(environment.clock.now())
        vault.replace(item, {**item.body, "status": status, "checked_at": checked_at})
    return report


def verify_kept(credential: JSONObject | str, environment: Environment, policy: Policy) -> Report:
    """The report on a record as the wallet keeps it.

    A base proof, which verifiers refuse, is checked by deriving everything from it: then each of its signatures has to
    hold. The report is about the derived document, which says the same.

    Raises:
        ProblemError, UnsupportedError: nothing can be derived from it.
    """
    if isinstance(credential, str) or not is_base_proof(credential.get("proof")):
        return verify_credential(credential, policy, environment)
    pointers = [pointer(name) for name in credential if name not in ("@context", "proof")]
    derived = derive(credential, pointers, environment.jsonld, environment.randomness)
    if _without_proof(derived) != _without_proof(credential):
        raise ProofVerificationError("the record says more than its signature covers")
    return verify_credential(derived, policy, environment)


def _without_proof(document: JSONObject) -> JSONObject:
    return {name: value for name, value in document.items() if name != "proof"}


def check_report(report: Report) -> None:
    """Silence means that a record with this report may be kept.

    Raises:
        ProblemError: a check failed. UnsupportedError: something that may not wait could not be checked.
    """
    for check in report.checks:
        if check.id in report.optional:
            continue  # a comment that does not hold takes nothing from the record it stands beside
        problem = check.problem or {}
        detail = problem.get("detail", "a check of the record did not pass")
        if check.outcome is Outcome.FAILED:
            raise _PROBLEMS.get(problem.get("code", ""), PolicyError)(detail, pointer=problem.get("pointer"))
        if check.outcome is Outcome.INDETERMINATE and check.id not in _MAY_WAIT and not _only_waiting(report, check.id):
            raise UnsupportedError(detail)


def _only_waiting(report: Report, check_id: str) -> bool:
    """Whether ``members`` is open for nothing but what may wait in each member."""
    if check_id != "members":
        return False
    return all(check.outcome is Outcome.PASSED or (check.outcome is Outcome.INDETERMINATE and check.id in _MAY_WAIT)
               for member in report.members for check in member.checks)


def _check_subjects(credential: JSONObject, holder_did: str) -> None:
    if endorsement.is_mine(credential) or family.COURT_LIMIT in types_of(credential):
        return  # it is about a record, a work or another person, not about who holds it
    members = clr_2.members_of(credential) if clr_2.is_mine(credential) else ()
    for at, document in (("", credential), *members):
        if [subject.get("id") for subject in subjects(document)] != [holder_did]:
            raise IssuerBindingError("the record was issued to somebody else's key",
                                     pointer=at + "/credentialSubject/id")


def _plain(name: str) -> str:
    """The two names of one type as one."""
    return "OpenBadgeCredential" if name in TYPE_NAMES else name
