"""Taking an answer: found by its address and state, opened, checked whole, used once, told as one report.

Whatever is not bound to this very request (``presented``) is refused and uses nothing up. What is bound uses the
request up, whether it holds or not, and exactly one answer does so. A full record is taken from the school it was asked
of alone.

Spec: OPENID4VP #name-response-mode-direct_post, #name-vp-token-validation; security.md E04 to E06, E13
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from credkit.environment import Environment
from credkit.errors import ProtocolError, QueryNotSatisfied
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationResponse, EncryptedResponse, ErrorResponse
from credkit.shape import as_list
from credkit.verification import Check, Outcome, Policy, Report, attempt, check_same_person, worst
from verifier.services.authorities import check_authorities
from verifier.services.claims import person_of
from verifier.services.compat import Compat
from verifier.services.presented import Presented, is_permission, judge, judge_together
from verifier.services.profiles import Profile
from verifier.services.questions import CLR, Question, parse_question
from verifier.services.records import identities
from verifier.services.requests import hash_secret
from verifier.services.results import ANSWER, OFFICIAL, Results
from verifier.services.sealing import AnswerKeys
from verifier.services.setup import Identity
from verifier.services.stories import Source
from verifier.services.trust import Trust
from verifier.store import RequestRecord, Store

MAX_PRESENTATIONS: Final = 200
_WORST_FIRST: Final = (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.PASSED)
_SAME_PERSON: Final = "same-person"


class Responses:
    """Take what wallets post."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        trust: Trust,
        results: Results,
        environment: Environment,
        answer_keys: AnswerKeys,
        compat: Compat,
        profile: Profile,
    ) -> None:
        self._store = store
        self._identity = identity
        self._trust = trust
        self._results = results
        self._environment = environment
        self._answer_keys = answer_keys
        self._compat = compat
        self._profile = profile

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
        posted = v1_0.parse_direct_post(form)
        if record is None:
            raise ProtocolError("invalid_request", "this does not answer any request of ours")
        response = self._opened(record, posted)
        if not hmac.compare_digest((response.state or "").encode(), record.state.encode()):
            raise ProtocolError("invalid_request", "this does not answer any request of ours")
        self._check_open(record)
        if isinstance(response, ErrorResponse):
            return self._refused(record, response)
        self._compat.check(response)
        for entries in response.vp_token.values():
            for each in entries:
                self._profile.check_presentation(each)
        question = parse_question(record.question)
        address = self._take(record, self._check(record, response, question), question)
        return v1_0.build_direct_post_answer(address)

    def receive_presentation(self, request_id: str, presentation: JSONObject) -> str:
        """Take an answer that is one presentation of whole records (VC-API): which of them answers what is found here.

        Returns:
            Where to send the holder's browser.

        Raises:
            ProtocolError: ``invalid_request``: as ``receive``.
        """
        record = self._store.request(request_id)
        if record is None:
            raise ProtocolError("invalid_request", "this does not answer any request of ours")
        self._check_open(record)
        self._compat.check(AuthorizationResponse({"": (presentation,)}))
        self._profile.check_presentation(presentation)
        question, query = parse_question(record.question), dcql.parse_query(record.query)
        policy = Policy(trust=self._trust.for_checking())
        whole = judge_together(presentation, record, policy, self._environment, domain=self._identity.origin)
        answers = _sorted(query, whole, dcql.type_expander(self._environment.jsonld))
        report = self._report(query, answers, (whole,), question, policy)
        return self._take(record, report, question, more=_is_more(query, answers))

    def _take(self, record: RequestRecord, report: Report, question: Question, *, more: bool = False) -> str:
        """Keep what an answer came to and use its request up, once; where to send the holder's browser."""
        code = self._environment.randomness.token_bytes(16).hex()
        source = Source(sender=question.sender or None, more=more)
        kind = OFFICIAL if question.sender and report.verified else ANSWER
        result = self._results.make(kind, report, source, until=question.ends_at)
        self._results.remove_expired()
        if not self._store.answer_request(record.id, self._environment.clock.now(), result, hash_secret(code)):
            raise ProtocolError("invalid_request", "this request was answered already or has ended")
        return f"{self._identity.origin}/answered/{record.id}?{urlencode({'response_code': code})}"

    def confirms(self, request_id: str, response_code: str) -> bool:
        """Whether ``response_code`` is the one given to the wallet that answered this request."""
        record = self._store.request(request_id)
        return record is not None and hmac.compare_digest(record.response_code_hash or "", hash_secret(response_code))

    def _opened(
        self, record: RequestRecord, posted: AuthorizationResponse | ErrorResponse | EncryptedResponse
    ) -> AuthorizationResponse | ErrorResponse:
        """What a wallet says, out of its envelope; it may say no without one (OPENID4VP #name-encrypted-responses)."""
        if isinstance(posted, EncryptedResponse):
            if record.response_mode != v1_0.DIRECT_POST_JWT:
                raise ProtocolError("invalid_request", "the answer is encrypted, and nobody asked for that")
            if record.answer_key is None:
                raise ProtocolError("invalid_request", "this request was answered already or has ended")
            return v1_0.open_response(posted, self._answer_keys.open(record.answer_key))
        if isinstance(posted, AuthorizationResponse) and record.response_mode == v1_0.DIRECT_POST_JWT:
            raise ProtocolError("invalid_request", "the answer must be encrypted")
        return posted

    def _check_open(self, record: RequestRecord) -> None:
        if record.answered_at is not None or record.expires_at <= self._environment.clock.now():
            raise ProtocolError("invalid_request", "this request was answered already or has ended")

    def _refused(self, record: RequestRecord, response: ErrorResponse) -> JSONObject:
        if not self._store.refuse_request(record.id, self._environment.clock.now(), response.error[:64]):
            raise ProtocolError("invalid_request", "this request was answered already or has ended")
        return v1_0.build_direct_post_answer(f"{self._identity.origin}/answered/{record.id}")

    def _check(self, record: RequestRecord, response: AuthorizationResponse, question: Question) -> Report:
        query = dcql.parse_query(record.query)
        _check_amount(query, response)
        policy = Policy(trust=self._trust.for_checking(), issuer_may_hold=bool(question.sender))
        environment = self._environment.asking_once()
        answers = {
            entry.id: [
                judge(each, entry, record, policy, environment, sender=question.sender)
                for each in response.vp_token[entry.id]
            ]
            for entry in query.credentials
            if entry.id in response.vp_token
        }
        presented = [each for entries in answers.values() for each in entries]
        return self._report(query, answers, presented, question, policy)

    def _report(
        self,
        query: dcql.Query,
        answers: Mapping[str, Sequence[Presented]],
        presented: Sequence[Presented],
        question: Question,
        policy: Policy,
    ) -> Report:
        reports = tuple(each.report for each in presented)
        shown = [person_of(document) if each.holds_claims else document
                 for each in presented for document in each.documents]
        expand_types = dcql.type_expander(self._environment.jsonld)
        checks = [
            _credentials(reports),
            attempt("query", lambda: _check_query(query, answers, expand_types, question, policy)),
            attempt(_SAME_PERSON, lambda: check_same_person(shown)),
        ]
        acted_for = [check for report in reports if (check := report.check("authority"))]
        worst_first = sorted(acted_for, key=lambda check: _WORST_FIRST.index(check.outcome))
        # Whoever wrote the query may have asked for nothing that names a person; two names remain two.
        nameless = not question.asks and any(not _names_somebody(document) for document in shown)
        optional = frozenset({_SAME_PERSON}) if nameless else frozenset()
        return Report((*checks, *worst_first[:1]), {}, optional, members=reports)


def _names_somebody(document: JSONObject) -> bool:
    return any(list(identities(subject)) for subject in as_list(document.get("credentialSubject"))
               if isinstance(subject, dict))


def _sorted(
    query: dcql.Query, whole: Presented, expand_types: dcql.ExpandTypes
) -> dict[str, tuple[Presented, ...]]:
    """Each record under the first query that it answers and that takes one more; what answers none, under the first."""
    found: dict[str, tuple[Presented, ...]] = {}
    for report in whole.records:
        fitting = [
            entry.id
            for entry in query.credentials
            if (entry.multiple or entry.id not in found)
            and dcql.match(entry, report.peek_document, expand_types) is not None
        ]
        name = next(iter(fitting), query.credentials[0].id)
        found[name] = (*found.get(name, ()), replace(whole, picked=(report,)))
    return found


def _is_more(query: dcql.Query, answers: Mapping[str, Sequence[Presented]]) -> bool:
    """Whether whole records came where single values were asked for."""
    return any(
        entry.claims and entry.id in answers and entry.type_values != (frozenset({CLR}),) for entry in query.credentials
    )


def _check_amount(query: dcql.Query, response: AuthorizationResponse) -> None:
    """Refuse what cannot be an answer before anything in it is looked at.

    Raises:
        ProtocolError: ``invalid_request``.
    """
    if not set(response.vp_token) <= {entry.id for entry in query.credentials}:
        raise ProtocolError("invalid_request", "the answer holds something that was not asked for")
    presentations = [each for entries in response.vp_token.values() for each in entries]
    may_be_empty = dcql.choose(query, ()) is not None
    if len(presentations) > MAX_PRESENTATIONS or not presentations and not may_be_empty:
        raise ProtocolError("invalid_request", "the answer holds no presentation, or too many")
    if sum(is_permission(each) for each in presentations) > 1:
        raise ProtocolError("invalid_request", "the answer holds more than one permission to act for a student")


def _check_query(
    query: dcql.Query,
    answers: Mapping[str, Sequence[Presented]],
    expand_types: dcql.ExpandTypes,
    question: Question,
    policy: Policy,
) -> None:
    """Whether the answer is what was asked for.

    Raises:
        QueryNotSatisfied: it is not; or a school sent a part where its full record was asked for.
        VocabularyUnknownError, UnsupportedError: nobody here can tell.
    """
    credentials = {
        name: [document for each in entries for document in each.documents] for name, entries in answers.items()
    }
    dcql.check_response(query, credentials, expand_types)
    if question.sender and any(entry.get("partial") is True for sent in credentials.values() for entry in sent):
        raise QueryNotSatisfied("a part was sent where the full record was asked for")
    for entry in query.credentials:
        for each in answers.get(entry.id, ()):
            check_authorities(entry, each, policy)


def _credentials(reports: Sequence[Report]) -> Check:
    outcome = worst(report.outcome for report in reports)
    problem = next(
        (check.problem for report in reports for check in report.problems() if check.outcome is outcome), None
    )
    return Check("credentials", outcome, problem)
