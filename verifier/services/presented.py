"""One presentation of an answer: of the format that was asked for, bound to this very request, judged by the kernel.

A presentation holds one record; comments on it and the grants of who presents it may come along, and grants may stand
in one presentation of their own. Where no binding to a holder is asked for, the record itself may come, and only the
request's ``state`` binds it.

Spec: OPENID4VP #name-vp-token-validation, #name-credential-format-specific-; security.md E04, E05
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from credkit.environment import Environment
from credkit.errors import CredkitError, ProtocolError
from credkit.formats import sd_jwt_vc
from credkit.jose import peek_payload
from credkit.ports import JSONObject
from credkit.profiles import family
from credkit.protocols import dcql
from credkit.protocols.oid4vp.messages import Presentation
from credkit.shape import as_list, id_of
from credkit.verification import (
    Outcome,
    Policy,
    Report,
    verify_credential,
    verify_presentation,
    verify_sd_jwt_presentation,
)
from verifier.services.stories import holds_claims, is_grant, signed_reports
from verifier.store import RequestRecord

MAX_ENTRIES: Final = 50
_MUST_PASS: Final = ("shape", "vocabulary", "proof", "holder", "binding")
_MUST_PASS_OF_TOKEN: Final = ("shape", "proof", "holder", "binding")
_MUST_PASS_OF_SD_JWT: Final = ("shape", "binding")
_COMPANIONS: Final = frozenset({"EndorsementCredential", *family.GRANT_TYPES})


@dataclass(frozen=True)
class Presented:
    """A presentation that may be counted, and what the kernel says of it.

    Attributes:
        picked: The reports on those of its records that answer one query; None: all of them do.
    """

    presentation: Presentation
    report: Report
    picked: tuple[Report, ...] | None = None

    @property
    def records(self) -> tuple[Report, ...]:
        """The reports on the records in it, or on those of them that were picked."""
        return tuple(signed_reports(self.report)) if self.picked is None else self.picked

    @property
    def documents(self) -> tuple[JSONObject, ...]:
        """What the records in it say; of an SD-JWT its claims."""
        return tuple(report.peek_document for report in self.records)

    @property
    def holds_claims(self) -> bool:
        """Whether it is an SD-JWT."""
        return holds_claims(self.report)


def judge(
    presentation: Presentation,
    query: dcql.CredentialQuery,
    record: RequestRecord,
    policy: Policy,
    environment: Environment,
    *,
    sender: str = "",
) -> Presented:
    """Judge one presentation that answers ``query``.

    Args:
        record: The request it must be made for.
        sender: The only one who may have made it; "" where that is any holder.

    Raises:
        ProtocolError: ``invalid_request``: another format, not one record, or not bound to this request by its holder.
    """
    is_text = isinstance(presentation, str)
    if is_text is (query.format == dcql.FORMAT) or query.format not in dcql.FORMATS or (sender and is_text):
        raise _wrong_kind()
    if query.format == dcql.SD_JWT:
        report = _judge_sd_jwt(str(presentation), query, record, policy, environment)
    elif _is_presentation(presentation):
        report = _judge_w3c(presentation, record, policy, environment, sender)
    elif query.require_cryptographic_holder_binding or sender:
        raise ProtocolError("invalid_request", "the answer holds a record that no holder presents")
    else:
        report = verify_credential(presentation, policy, environment)
    return Presented(presentation, report)


def judge_together(
    presentation: JSONObject, record: RequestRecord, policy: Policy, environment: Environment, *, domain: str
) -> Presented:
    """Judge one presentation that holds every record of an answer.

    Args:
        domain: What it must be made for.

    Raises:
        ProtocolError: ``invalid_request``: no record or too many, or not bound to this request by its holder.
    """
    entries = as_list(presentation.get("verifiableCredential"))
    if len(entries) > MAX_ENTRIES or all(_comes_along(entry) for entry in entries):
        raise ProtocolError("invalid_request", "the presentation holds no record, or too many")
    report = verify_presentation(presentation, policy, environment, challenge=record.nonce, domain=domain)
    _check_bound(report, _MUST_PASS)
    return Presented(presentation, report)


def is_permission(presentation: Presentation) -> bool:
    """Whether a presentation holds nothing but grants: by what right somebody presents for a student."""
    entries = as_list(presentation.get("verifiableCredential")) if isinstance(presentation, dict) else []
    return bool(entries) and all(isinstance(entry, dict) and is_grant(entry) for entry in entries)


def _wrong_kind() -> ProtocolError:
    return ProtocolError("invalid_request", "the answer holds a presentation of a kind that was not asked for")


def _judge_sd_jwt(
    text: str, query: dcql.CredentialQuery, record: RequestRecord, policy: Policy, environment: Environment
) -> Report:
    """An SD-JWT with its holder's binding; whether its issuer signed it is told like that of any record."""
    if not sd_jwt_vc.FORMAT.is_mine(text):
        raise _wrong_kind()
    if text.endswith("~") and not query.require_cryptographic_holder_binding:
        return verify_credential(text, policy, environment)
    report = verify_sd_jwt_presentation(text, policy, environment, nonce=record.nonce, audience=record.client_id)
    _check_bound(report, _MUST_PASS_OF_SD_JWT)
    return report


def _judge_w3c(
    presentation: Presentation, record: RequestRecord, policy: Policy, environment: Environment, sender: str
) -> Report:
    said = presentation if isinstance(presentation, dict) else _peek_vp(presentation)
    entries = as_list(said.get("verifiableCredential"))
    records = sum(not _comes_along(entry) for entry in entries)
    if len(entries) > MAX_ENTRIES or not (records == 1 or is_permission(presentation)):
        raise ProtocolError("invalid_request", "a presentation must hold one record")
    if sender and id_of(said.get("holder")) != sender:
        raise ProtocolError("invalid_request", "only the school that was asked can answer this request")
    report = verify_presentation(
        presentation, policy, environment, challenge=record.nonce, domain=record.client_id
    )
    _check_bound(report, _MUST_PASS if isinstance(presentation, dict) else _MUST_PASS_OF_TOKEN)
    return report


def _is_presentation(presentation: Presentation) -> bool:
    if isinstance(presentation, dict):
        return "VerifiablePresentation" in as_list(presentation.get("type"))
    return bool(_peek_vp(presentation))


def _peek_vp(token: str) -> JSONObject:
    """The presentation in a JWT of VCDM 1.1, before trust; nothing if there is none."""
    try:
        said = peek_payload(token).get("vp")
    except CredkitError as error:
        raise ProtocolError("invalid_request", "the answer holds a token that cannot be read") from error
    return said if isinstance(said, dict) else {}


def _comes_along(entry: Any) -> bool:
    """Whether an entry of a presentation is no record, but a comment on one or a grant of who presents it."""
    types = as_list(entry.get("type")) if isinstance(entry, dict) else []
    return any(name in _COMPANIONS for name in types if isinstance(name, str))


def _check_bound(report: Report, must_pass: Sequence[str]) -> None:
    """Refuse a presentation that was not made for this request by the holder of what it holds.

    Raises:
        ProtocolError: ``invalid_request``.
    """
    for check_id in must_pass:
        check = report.check(check_id)
        if check is None or check.outcome is not Outcome.PASSED:
            reason = (check.problem or {}).get("detail", "") if check else ""
            raise ProtocolError("invalid_request", reason or "the presentation is not bound to this request")
