"""The credential pipeline: numbered checks, each run if it still can be.

1 shape · 2 vocabulary · 3 proof · 4 issuer-binding · 5 validity · 6 schema (where one is named) · 7 status · 8 trust ·
9 members · 10 same-person (a transcript's members) · 11 authority (a selection with a grant of who chose) ·
12 endorsements, each with the check ``about``.

Spec: VC-DATA-MODEL-2.0 #verification; OB-3.0 #verification; requirements.md §2.5
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from credkit.credential import (
    ENVELOPED_CREDENTIAL,
    check_credential,
    check_related_resources,
    issuer_id,
    subjects,
    validity_period,
)
from credkit.errors import (
    CredkitError,
    IssuerBindingError,
    IssuerUnknown,
    MalformedValueError,
    ProofVerificationError,
    TooComplexError,
    UnsupportedError,
)
from credkit.formats.sd_jwt_vc import check_validity as check_registered_period
from credkit.ports import JSONObject
from credkit.profiles import PROFILES, Remark, clr_2, family, unlinkable
from credkit.schemas import check_schemas, is_schema
from credkit.shape import as_list, id_of
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
from credkit.verification._proof import Secured, run_proof
from credkit.verification._run import Run, attempt, tell
from credkit.verification._status import check_status
from credkit.verification._token import is_enveloped, read_token, token_of
from credkit.verification.report import Check, Outcome, Report, could_not_check, failed, passed, worst_of

SCHEMA = "schema"
MAX_EMBEDDED = 2_000
MAX_LEVELS = 4


def run_credential(document: JSONObject, run: Run, *, with_status: bool = True, level: int = 0,
                   inside: bool = False) -> Report:
    """Every check on one credential with proofs inside it, and on the credentials inside.

    Args:
        level: How many credentials are around this one; at ``MAX_LEVELS`` none inside it is looked at.
        inside: It is a member or an endorsement: without a proof of its own nothing is known of it.
    """
    return run_secured(document, run_proof(document, run, "assertionMethod", inside=inside), run,
                       with_status=with_status, level=level)


def run_any(entry: JSONObject | str | bytes, run: Run) -> Report:
    """``run_credential``, or the same for one in a token, with or without an envelope around it."""
    try:
        if isinstance(entry, dict) and not is_enveloped(entry, ENVELOPED_CREDENTIAL):
            return run_credential(entry, run)
        token, secured = read_token(token_of(entry), run, presentation=False)
    except CredkitError as error:
        return Report((tell("shape", error),), {}, run.policy.optional_checks)
    return run_secured(token.document, secured, run, claims=token.claims)


def run_secured(document: JSONObject, secured: Secured, run: Run, *, claims: JSONObject | None = None,
                with_status: bool = True, level: int = 0) -> Report:
    """Every check on one credential, however it is secured.

    Args:
        claims: Of the token around it: ``nbf`` and ``exp`` bound the validity too.
    """
    remarks: list[Remark] = []
    checks = [attempt("shape", lambda: remarks.extend(_check_shape(document, run, derived=secured.partial))),
              *secured.checks, _issuer_binding(document, secured, run),
              attempt("validity", lambda: _check_validity(document, claims or {}, run))]
    if any(is_schema(entry) for entry in as_list(document.get("credentialSchema"))):
        checks.append(attempt(SCHEMA, lambda: _check_schemas(document, run)))
    if secured.partial and all(check.outcome is Outcome.PASSED for check in checks) and unlinkable.is_unlinkable(
            document, run.environment.jsonld):
        remarks.append(Remark("", "unlinkable"))
    if with_status and run.policy.check_status:
        checks.append(attempt("status", lambda: remarks.extend(check_status(document, run, _verify_list))))
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


def _check_schemas(document: JSONObject, run: Run) -> None:
    def open_credential(credential: JSONObject) -> JSONObject:
        """What a schema credential says, if it holds."""
        report = run_any(credential, run)
        report = replace(report, optional=report.optional | {"trust"})
        if report.outcome is Outcome.FAILED:
            raise ProofVerificationError("the credential with the schema does not hold", pointer="/credentialSchema")
        if not report.verified:
            raise UnsupportedError("the credential with the schema could not be checked")
        return report.document

    check_schemas(document, run.policy.schemas, open_credential)


def _check_shape(document: JSONObject, run: Run, *, derived: bool) -> tuple[Remark, ...]:
    check_credential(document)
    check_related_resources(document, run.environment.read_resource)
    for is_mine, check in PROFILES:
        if is_mine(document):
            return check(document, derived=derived)
    return ()


def _issuer_binding(document: JSONObject, secured: Secured, run: Run) -> Check:
    """Whether the named issuer is among those who signed; somebody else may have signed beside."""
    reason = secured.reason

    def act() -> None:
        if run.policy.bind_issuer and issuer_id(document) not in secured.known_signers:
            if reason is not None:
                raise reason
            raise IssuerBindingError("the key that signed this is not the named signer's", pointer=secured.place)
        if not secured.known_signers and reason is not None:
            raise reason

    if isinstance(reason, (ProofVerificationError, MalformedValueError)) and not secured.known_signers:
        return could_not_check("issuer-binding", reason)
    return attempt("issuer-binding", act)


def _check_validity(document: JSONObject, claims: JSONObject, run: Run) -> None:
    validity_period(document).check(run.now)
    check_registered_period(claims, run.now)


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
    in decides nothing about the records; a permission that does not hold does. A schema that did not come along says
    nothing against a record either."""
    unknown = {check.id for check in checks if check.outcome is Outcome.INDETERMINATE}
    told = run.policy.optional_checks | unknown & {SCHEMA}
    return told | {"trust"} | unknown & {AUTHORITY} if _is_familys_own(document) else told


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

