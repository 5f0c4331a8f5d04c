"""Taking an answer: found by its address and state, checked whole, used once, told as one report.

Whatever is not bound to this very request (nonce, audience, holder) is refused and uses nothing up. What is bound
uses the request up, whether it holds or not, and exactly one answer does so. A presentation holds one record; comments
on it and the grants of who presents it may come along, and grants may stand in one presentation of their own. A full
record is taken from the school it was asked of alone.

Spec: OPENID4VP #name-response-mode-direct_post, #name-vp-token-validation; security.md E04 to E06, E13
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from credkit.environment import Environment
from credkit.errors import ProtocolError, QueryNotSatisfied
from credkit.ports import JSONObject
from credkit.profiles import family
from credkit.protocols import dcql
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationResponse, EncryptedResponse, ErrorResponse, Presentation
from credkit.shape import as_list, id_of
from credkit.verification import (
    Check,
    Outcome,
    Policy,
    Report,
    attempt,
    check_same_person,
    verify_presentation,
    verify_sd_jwt_presentation,
    worst,
)
from verifier.services.claims import person_of
from verifier.services.questions import Question, parse_question
from verifier.services.requests import hash_secret
from verifier.services.results import ANSWER, OFFICIAL, Results
from verifier.services.setup import Identity
from verifier.services.stories import Source, is_grant, signed_reports
from verifier.services.trust import Trust
from verifier.store import RequestRecord, Store

MAX_PRESENTATIONS: Final = 200
MAX_ENTRIES: Final = 50
_MUST_PASS: Final = ("shape", "vocabulary", "proof", "holder", "binding")
_MUST_PASS_OF_TEXT: Final = ("shape", "binding")
_WORST_FIRST: Final = (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.PASSED)
_COMPANIONS: Final = frozenset({"EndorsementCredential", *family.GRANT_TYPES})


class Responses:
    """Take what wallets post."""

    def __init__(
        self, store: Store, identity: Identity, trust: Trust, results: Results, environment: Environment
    ) -> None:
        self._store = store
        self._identity = identity
        self._trust = trust
        self._results = results
        self._environment = environment

    def receive(self, request_id: str, form: bytes) -> JSONObject:
        """Take an answer to a request.

        Args:
            form: The body of the post, ``application/x-www-form-urlencoded``.

        Returns:
            What the wallet gets: where to send the holder's browser.

        Raises:
            ProtocolError: ``invalid_request``: no such request, another state, answered already, ended, or not bound
                to it.
        """
        record = self._store.request(request_id)
        response = v1_0.parse_direct_post(form)
        if record is None or not hmac.compare_digest((response.state or "").encode(), record.state.encode()):
            raise ProtocolError("invalid_request", "this does not answer any request of ours")
        self._check_open(record)
        if isinstance(response, EncryptedResponse):
            raise ProtocolError("invalid_request", "the answer is encrypted, and nobody asked for that")
        if isinstance(response, ErrorResponse):
            return self._refused(record, response)
        question = parse_question(record.question)
        report = self._check(record, response, question)
        code = self._environment.randomness.token_bytes(16).hex()
        source = Source(sender=question.sender or None)
        kind = OFFICIAL if question.sender and report.verified else ANSWER
        result = self._results.make(kind, report, source, until=question.ends_at)
        self._results.remove_expired()
        if not self._store.answer_request(record.id, self._environment.clock.now(), result, hash_secret(code)):
            raise ProtocolError("invalid_request", "this request was answered already or has ended")
        return v1_0.build_direct_post_answer(
            f"{self._identity.origin}/answered/{record.id}?{urlencode({'response_code': code})}"
        )

    def confirms(self, request_id: str, response_code: str) -> bool:
        """Whether ``response_code`` is the one given to the wallet that answered this request."""
        record = self._store.request(request_id)
        return record is not None and hmac.compare_digest(record.response_code_hash or "", hash_secret(response_code))

    def _check_open(self, record: RequestRecord) -> None:
        if record.answered_at is not None or record.expires_at <= self._environment.clock.now():
            raise ProtocolError("invalid_request", "this request was answered already or has ended")

    def _refused(self, record: RequestRecord, response: ErrorResponse) -> JSONObject:
        if not self._store.refuse_request(record.id, self._environment.clock.now(), response.error[:64]):
            raise ProtocolError("invalid_request", "this request was answered already or has ended")
        return v1_0.build_direct_post_answer(f"{self._identity.origin}/answered/{record.id}")

    def _check(self, record: RequestRecord, response: AuthorizationResponse, question: Question) -> Report:
        query = dcql.parse_query(record.query)
        if not set(response.vp_token) <= {entry.id for entry in query.credentials}:
            raise ProtocolError("invalid_request", "the answer holds something that was not asked for")
        if not 1 <= sum(len(entries) for entries in response.vp_token.values()) <= MAX_PRESENTATIONS:
            raise ProtocolError("invalid_request", "the answer holds no presentation, or too many")
        if sum(_is_permission(entry) for entries in response.vp_token.values() for entry in entries) > 1:
            raise ProtocolError("invalid_request", "the answer holds more than one permission to act for a student")
        asked_form = {entry.id: entry.format for entry in query.credentials}
        policy = Policy(trust=self._trust.for_checking(), issuer_may_hold=bool(question.sender))
        answers = {
            name: [self._check_one(entry, asked_form[name], record, question.sender, policy) for entry in entries]
            for name, entries in response.vp_token.items()
        }
        reports = tuple(report for entries in answers.values() for report in entries)
        credentials = {
            name: [record.peek_document for report in entries for record in signed_reports(report)]
            for name, entries in answers.items()
        }
        shown = [
            person_of(entry) if asked_form[name] == dcql.SD_JWT else entry
            for name, entries in credentials.items()
            for entry in entries
        ]
        expand_types = dcql.type_expander(self._environment.jsonld)
        checks = [
            _credentials(reports),
            attempt("query", lambda: _check_query(query, credentials, expand_types, question)),
            attempt("same-person", lambda: check_same_person(shown)),
        ]
        acted_for = [check for report in reports if (check := report.check("authority"))]
        worst_first = sorted(acted_for, key=lambda check: _WORST_FIRST.index(check.outcome))
        return Report((*checks, *worst_first[:1]), {}, members=reports)

    def _check_one(
        self, presentation: Presentation, form: str, record: RequestRecord, sender: str, policy: Policy
    ) -> Report:
        if form == dcql.SD_JWT and isinstance(presentation, str) and not sender:
            return self._check_text(presentation, record, policy)
        if form != dcql.FORMAT or not isinstance(presentation, dict):
            raise ProtocolError("invalid_request", "the answer holds a presentation of a kind that was not asked for")
        entries = as_list(presentation.get("verifiableCredential"))
        records = sum(not _comes_along(entry) for entry in entries)
        if len(entries) > MAX_ENTRIES or not (records == 1 or _is_permission(presentation)):
            raise ProtocolError("invalid_request", "a presentation must hold one record")
        if sender and id_of(presentation.get("holder")) != sender:
            raise ProtocolError("invalid_request", "only the school that was asked can answer this request")
        report = verify_presentation(
            presentation, policy, self._environment, challenge=record.nonce, domain=self._identity.client_id
        )
        _check_bound(report)
        return report

    def _check_text(self, presentation: str, record: RequestRecord, policy: Policy) -> Report:
        """An SD-JWT with its holder's binding; whether its issuer signed it is told like that of any record."""
        report = verify_sd_jwt_presentation(
            presentation, policy, self._environment, nonce=record.nonce, audience=self._identity.client_id
        )
        _check_bound(report, _MUST_PASS_OF_TEXT)
        return report


def _is_permission(presentation: Presentation) -> bool:
    """Whether a presentation holds nothing but grants: by what right somebody presents for a student."""
    entries = as_list(presentation.get("verifiableCredential")) if isinstance(presentation, dict) else []
    return bool(entries) and all(isinstance(entry, dict) and is_grant(entry) for entry in entries)


def _comes_along(entry: Any) -> bool:
    """Whether an entry of a presentation is no record, but a comment on one or a grant of who presents it."""
    types = as_list(entry.get("type")) if isinstance(entry, dict) else []
    return any(name in _COMPANIONS for name in types)


def _check_query(
    query: dcql.Query,
    credentials: Mapping[str, Sequence[JSONObject]],
    expand_types: dcql.ExpandTypes,
    question: Question,
) -> None:
    """Whether the answer is what was asked for.

    Raises:
        QueryNotSatisfied: it is not; or a school sent a part where its full record was asked for.
    """
    dcql.check_response(query, credentials, expand_types)
    if question.sender and any(entry.get("partial") is True for sent in credentials.values() for entry in sent):
        raise QueryNotSatisfied("a part was sent where the full record was asked for")


def _check_bound(report: Report, must_pass: Sequence[str] = _MUST_PASS) -> None:
    """Refuse a presentation that was not made for this request by the holder of what it holds.

    Raises:
        ProtocolError: ``invalid_request``.
    """
    for check_id in must_pass:
        check = report.check(check_id)
        if check is None or check.outcome is not Outcome.PASSED:
            reason = (check.problem or {}).get("detail", "") if check else ""
            raise ProtocolError("invalid_request", reason or "the presentation is not bound to this request")


def _credentials(reports: Sequence[Report]) -> Check:
    outcome = worst(report.outcome for report in reports)
    problem = next(
        (check.problem for report in reports for check in report.problems() if check.outcome is outcome), None
    )
    return Check("credentials", outcome, problem)
