"""School to school: the full record goes to a school that asks for it, within three years after the student left.

The receiving school sends an OpenID4VP request. The registrar sees who asks and what leaves, and approves; the office
answers as holder, with a presentation by its own did:web. Families' hide rules do not reach here; the family is told
and gets its own copy as an offer.

Source: requirements.md P7; 34 CFR 99.31(a)(2), 99.34
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from credkit.credential import V2_CONTEXT
from credkit.encoding import base64url_encode
from credkit.errors import CredkitError, FetchError, StateError
from credkit.ports import JSONObject
from credkit.proofs import add_proof
from credkit.protocols import dcql
from credkit.protocols.oauth import FORM_CONTENT_TYPE, parse_error, protocol_error
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationRequest
from credkit.shape import format_date_time, parse_date_time
from issuer.services.approvals import Approvals
from issuer.services.drafting import FULL_RECORD, Drafting
from issuer.services.issuance import Issuing
from issuer.services.metadata import names
from issuer.services.notices import TRANSFER
from issuer.services.offers import Offers
from issuer.services.office import Office, digest_of, existing_student
from issuer.services.wording import day_words, phrase
from issuer.store import Person, Petition, Unit

KIND: Final = TRANSFER
YEARS: Final = 3
_SUITE: Final = "eddsa-rdfc-2022"
_NONCE_BYTES: Final = 16
_MAX_ANSWER_BYTES: Final = 65_536


@dataclass(frozen=True)
class Transfer:
    """A school's request with what the registrar has to see.

    Attributes:
        asks: ``did``, ``host``, ``name`` (what it calls itself), ``purpose``; texts, or None.
        records: Titles of all records that leave.
        last_day: The last day on which the record may go to another school.
        expires_at: Until when the asking school waits, or None.
    """

    petition: Petition
    person: Person
    asks: Mapping[str, str | None]
    records: tuple[str, ...]
    last_day: date
    expires_at: datetime | None


class Transfers:
    """Reads schools' requests and answers them."""

    def __init__(self, office: Office, drafting: Drafting, offers: Offers, issuing: Issuing,
                 approvals: Approvals) -> None:
        self._office = office
        self._drafting = drafting
        self._offers = offers
        self._issuing = issuing
        self._approvals = approvals

    def read(self, link: str, student_id: str, actor: str) -> Transfer:
        """Fetch and verify a school's request, and put it before the registrar. Nothing of the record leaves.

        Args:
            link: ``openid4vp://?…``, or an https address with the same parameters.

        Raises:
            StateError: no such student, no records, not left, left more than three years ago, or forbidden by the
                profile.
            ProtocolError, UnsupportedError: a request that does not hold, or asks for something else than the record.
            FetchError, DidNotFoundError: the asking school or its keys cannot be reached.
        """
        if FULL_RECORD not in names(self._office):
            raise StateError("The profile of this issuer forbids to send a full record.")
        with self._office.store.reading() as unit:
            self._last_day(existing_student(unit, student_id))
        request, query = self._resolve(link)
        with self._office.store.writing() as unit:
            record = self._drafting.prepare_full_record(unit, existing_student(unit, student_id))
            content = _to_json(request, query, self._query_id(request, record.document))
            content["record_digest"] = record.document_digest
            petition = self._approvals.ask(unit, KIND, student_id, content, actor)
        return self.find(petition.id)

    def find(self, petition_id: str) -> Transfer:
        """A school's request.

        Raises:
            StateError: there is none.
        """
        with self._office.store.reading() as unit:
            petition = unit.find_petition(petition_id)
            if petition is None or petition.kind != KIND:
                raise StateError("There is no such request.")
            person = existing_student(unit, petition.student_id)
            record = unit.credential_in_slot(person.id, FULL_RECORD)
        members = [] if record is None else record.document["credentialSubject"]["verifiableCredential"]
        content = petition.content
        expires = content["expires_at"]
        return Transfer(petition, person, {name: content[name] for name in ("did", "host", "name", "purpose")},
                        tuple(member["name"] for member in members), last_day_for(person.left_on or date.min),
                        None if expires is None else parse_date_time(expires))

    def send(self, petition_id: str, actor: str, *, seen_digest: str) -> Transfer:
        """The registrar's yes: send the full record to whoever asked, tell the family, and offer it its own copy.

        The decision is in the log before anything leaves. If no answer comes back, nobody knows whether it arrived:
        the family is told all the same.

        Raises:
            StateError: decided before, changed since, too old, or the three years are over.
            ProtocolError: the asking school refused the answer. FetchError: it could not be reached, or did not answer.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            petition = self._waiting(unit, petition_id, seen_digest)
            person = existing_student(unit, petition.student_id)
            self._last_day(person)
            expires = petition.content["expires_at"]
            if expires is not None and parse_date_time(expires) <= now:
                raise StateError("The time to answer this request is over. Nothing was sent.")
            record = self._drafting.prepare_full_record(unit, person)
            if record.document_digest != petition.content["record_digest"]:
                raise StateError("The record changed since you looked. Read the request again.")
            unit.decide(petition.id, "sending", now, actor)
            for other in unit.waiting_petitions(kind=KIND, student_id=person.id):
                if other.content["response_uri"] == petition.content["response_uri"]:  # the same request, read twice
                    unit.decide(other.id, "refused", now, actor)
            unit.append_log(now, "transfer_approved", actor, person.id,
                            {"request": petition.id, "to": petition.content["did"], "digest": petition.digest})
        state = "unknown"
        try:
            self._post(petition, record.document, now)
            state = "sent"
        except FetchError:
            raise
        except CredkitError:
            state = "failed"
            raise
        finally:
            self._finish(petition, person, state, actor)
        return self.find(petition_id)

    def refuse(self, petition_id: str, actor: str, reason: str, *, seen_digest: str) -> Transfer:
        """The registrar's no; the asking school learns that nothing comes, if it can be told."""
        view = self._approvals.refuse(petition_id, actor, reason, seen_digest=seen_digest)
        content = view.petition.content
        form = v1_0.build_error_response(protocol_error("access_denied", "the school did not send the record"),
                                         state=content["state"])
        try:
            self._send_form(content["response_uri"], form)
        except CredkitError:
            return self.find(petition_id)  # the no stands whether it could be told or not
        return self.find(petition_id)

    def _resolve(self, link: str) -> tuple[AuthorizationRequest, JSONObject]:
        outer = v1_0.parse_outer_request(link)
        nonce = None
        if outer.request is not None:
            jws = outer.request
        elif outer.request_uri is None:
            raise protocol_error("invalid_request", "the link holds no request")
        elif outer.request_uri_method == "get":
            jws = v1_0.parse_request_object_answer(
                self._office.fetcher.get(outer.request_uri, accept=v1_0.REQUEST_OBJECT_CONTENT_TYPE))
        else:
            nonce = base64url_encode(self._office.randomness.token_bytes(_NONCE_BYTES))
            form = v1_0.build_request_uri_form(nonce, v1_0.build_wallet_metadata([_SUITE]))
            jws = v1_0.parse_request_object_answer(self._office.fetcher.post(
                outer.request_uri, body=form.encode(), content_type=FORM_CONTENT_TYPE,
                accept=v1_0.REQUEST_OBJECT_CONTENT_TYPE))
        request = v1_0.verify_request_object(jws, client_id=outer.client_id, resolver=self._office.resolver,
                                             now=self._office.clock.now(), wallet_nonce=nonce)
        return request, v1_0.peek_request_object(jws)["dcql_query"]

    def _query_id(self, request: AuthorizationRequest, document: JSONObject) -> str:
        """The one question that the full record answers; its issuer answers, so no key of a family is asked for."""
        expand = dcql.type_expander(self._office.processor)
        answered = [query.id for query in request.query.credentials
                    if dcql.match(replace(query, require_cryptographic_holder_binding=False), document, expand)]
        chosen = dcql.choose(request.query, answered[:1])
        if chosen is None or not chosen.required:
            raise protocol_error("invalid_request", "the request does not ask for a student's full record")
        return chosen.required[0]

    def _post(self, petition: Petition, document: JSONObject, now: datetime) -> None:
        content = petition.content
        presentation: JSONObject = {
            "@context": [V2_CONTEXT], "type": ["VerifiablePresentation"], "holder": self._office.identity.did,
            "verifiableCredential": [self._issuing.sign_transcript(document, now)],
        }
        signed = add_proof(presentation, suite=_SUITE, signer=self._office.keys.whole, created=now,
                           processor=self._office.processor, purpose="authentication", challenge=content["nonce"],
                           domain=content["client_id"])
        self._send_form(content["response_uri"],
                        v1_0.build_response({content["query_id"]: [signed]}, state=content["state"]))

    def _send_form(self, address: str, form: str) -> None:
        answer = self._office.fetcher.post(address, body=form.encode(), content_type=FORM_CONTENT_TYPE,
                                           max_bytes=_MAX_ANSWER_BYTES)
        if not 200 <= answer.status < 300:
            raise parse_error(answer.body, answer.status)

    def _finish(self, petition: Petition, person: Person, state: str, actor: str) -> None:
        """Note what became of it; unless it was refused there, the family is told and gets its copy."""
        now, identity = self._office.clock.now(), self._office.identity
        content = petition.content
        with self._office.store.writing() as unit:
            unit.decide(petition.id, state, now, actor, before="sending")
            unit.append_log(now, f"transfer_{state}", actor, person.id,
                            {"request": petition.id, "to": content["did"]})
            if state == "failed":
                return
            notice = phrase(identity.language, "sent_to_school", school=identity.name, host=content["host"],
                            name=content["name"] or content["host"], day=day_words(identity.language, now.date()))
            self._offers.promise(unit, person.id, actor, notice=notice, always=FULL_RECORD)

    def _waiting(self, unit: Unit, petition_id: str, seen_digest: str) -> Petition:
        petition = unit.find_petition(petition_id)
        if petition is None or petition.kind != KIND:
            raise StateError("There is no such request.")
        if petition.state != "waiting":
            raise StateError("This was decided before. Nothing was changed.")
        if digest_of([petition.digest]) != seen_digest:
            raise StateError("Something changed since you looked. Look again before you decide.")
        return petition

    def _last_day(self, person: Person) -> date:
        today = self._office.clock.now().date()
        if person.left_on is None or person.left_on > today:
            raise StateError("This student has not left. Say first on which day the student left the school.")
        if today > last_day_for(person.left_on):
            raise StateError("The student left more than three years ago. Only the family can share this record now.")
        return last_day_for(person.left_on)


def last_day_for(left_on: date) -> date:
    """The same day three years later; after a 29 February the first of March."""
    try:
        return left_on.replace(year=left_on.year + YEARS)
    except ValueError:
        return date(left_on.year + YEARS, 3, 1)


def _to_json(request: AuthorizationRequest, query: JSONObject, query_id: str) -> JSONObject:
    return {
        "client_id": request.client_id.text, "did": request.did, "host": urlsplit(request.origin).netloc,
        "response_uri": request.response_uri, "nonce": request.nonce, "state": request.state, "query": query,
        "query_id": query_id, "name": request.client_name, "purpose": request.purpose,
        "expires_at": None if request.expires_at is None else format_date_time(request.expires_at),
    }
