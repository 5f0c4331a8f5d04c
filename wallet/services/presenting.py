"""Presenting: what a decision allows, each record in a presentation of its own by its own key, to who asked alone; and
by what right somebody else than the learner shares, in one more by that person's key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credkit.credential import V2_CONTEXT
from credkit.environment import Environment
from credkit.errors import CredkitError, FetchError, ProofGenerationError, ProtocolError, StateError
from credkit.formats.jwt_vc import sign_vp_jwt_json
from credkit.formats.sd_jwt_vc import bind_key, parse_sd_jwt
from credkit.ports import JSONObject, Signer
from credkit.proofs import add_proof, is_base_proof
from credkit.protocols import exchanges
from credkit.protocols.dcql import FORMAT
from credkit.protocols.exchanges import ExchangeMessage
from credkit.protocols.oauth import JSON_CONTENT_TYPE
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import Presentation
from credkit.shape import format_date_time
from wallet.services import activity, authority, wire
from wallet.services.consent import Decision, Sheet, SheetRecord, agree, build_sheet
from wallet.services.holder import NamedKey
from wallet.services.matching import Matching, match_request
from wallet.services.record.items import CREDENTIAL
from wallet.services.requests import ResolvedRequest, resolve_request
from wallet.services.sharing import receipts
from wallet.services.sharing.grants import GrantShown, logged_grants, shown_grants, titled_grants
from wallet.vault import OpenVault

_SUITES: Final[Mapping[str, str]] = {"Ed25519": "eddsa-rdfc-2022", "ES256": "ecdsa-rdfc-2019"}
"""What a holder key of each kind proves a presentation with."""


@dataclass(frozen=True)
class Shared:
    """What became of an answer.

    Attributes:
        activity_id: The entry of the log.
        redirect_uri: Where the asker wants the browser to go now, or None.
    """

    activity_id: str
    redirect_uri: str | None


@dataclass(frozen=True)
class Presenting:
    """The presenting use cases over one environment."""

    environment: Environment

    def resolve_request(self, link: str) -> ResolvedRequest:
        """See ``wallet.services.requests.resolve_request``."""
        return resolve_request(link, self.environment)

    def match(self, vault: OpenVault, resolved: ResolvedRequest) -> Matching:
        """See ``wallet.services.matching.match_request``."""
        with vault.steady():
            return match_request(vault, resolved.request, self.environment)

    def sheet(self, vault: OpenVault, resolved: ResolvedRequest, choice: dict[str, tuple[str, ...]]) -> Sheet:
        """See ``wallet.services.consent.build_sheet``."""
        with vault.steady():
            return build_sheet(vault, resolved, self.match(vault, resolved), choice, self.environment)

    def agree(self, vault: OpenVault, resolved: ResolvedRequest, sheet: Sheet, *, seen_digest: str,
              until: datetime | None = None, language: str = "en") -> Decision:
        """See ``wallet.services.consent.agree``."""
        return agree(vault, resolved, sheet, seen_digest=seen_digest, until=until, language=language,
                     now=self.environment.clock.now())

    def share(self, vault: OpenVault, resolved: ResolvedRequest, decision: Decision) -> Shared:
        """Send what ``decision`` allows; the receipt is signed and the log written before anything is sent.

        Raises:
            StateError: the decision is about another request or made by somebody else, or the time to answer is over.
            ProtocolError: the asker refuses the answer. FetchError: we do not know whether it arrived; the log says so.

        Spec: OID4VP-1.0 #response_mode_post
        """
        form = self.answer(vault, resolved, decision)
        receipt_id = receipts.keep(vault, self.environment, receipts.Consented(
            recipient=resolved.request.party, recipient_name=resolved.calls_itself or resolved.name,
            purpose=resolved.request.purpose, until=decision.until, language=decision.language,
            records=(*((record.title, record.leaving) for record in decision.sheet.records),
                     *titled_grants(decision.sheet.grants, decision.language))))
        entry_id = activity.log_answer(vault, self.environment.clock, "shared", {
            **_who(resolved), "actor": decision.actor, "state": "sending", "receipt_id": receipt_id,
            "until": format_date_time(decision.until),
            "records": [_logged(record) for record in decision.sheet.records],
            "grants": logged_grants(decision.sheet.grants)})
        try:
            redirect = self._send(resolved, form)
        except FetchError:
            raise
        except CredkitError:
            activity.mark(vault, self.environment.clock, entry_id, kind="not_sent", state="refused")
            raise
        activity.mark(vault, self.environment.clock, entry_id, kind="shared", state="sent")
        return Shared(entry_id, redirect)

    def _send(self, resolved: ResolvedRequest, answer: str) -> str | None:
        """Post ``answer``; where the asker wants the browser to go now."""
        fetcher, address = self.environment.fetcher, resolved.request.response_uri
        if not resolved.is_exchange:
            return _redirect_of(wire.post_form(fetcher, address, answer).body)
        body = wire.post_text(fetcher, address, answer, content_type=JSON_CONTENT_TYPE).body
        try:
            return exchanges.read_message(body).redirect_url
        except ProtocolError:
            return None

    def answer(self, vault: OpenVault, resolved: ResolvedRequest, decision: Decision) -> str:
        """The form, or message of an exchange, that ``share`` sends: every byte that the asker gets.

        Raises:
            StateError: the decision is about another request or made by somebody else, or the time to answer is over.
        """
        self._check(vault, resolved, decision)
        if resolved.is_exchange:
            return self._exchange_answer(vault, resolved, decision.sheet)
        vp_token: dict[str, list[Presentation]] = {}
        for record in decision.sheet.records:
            vp_token.setdefault(record.query_id, []).append(self._present(vault, resolved, record))
        if decision.sheet.grants:
            asked = [each for each in resolved.request.query.credentials if each.id in vp_token
                     and each.format == FORMAT and each.require_cryptographic_holder_binding]
            place = next((each.id for each in asked if each.multiple), asked[0].id)
            vp_token[place].append(self._present_grants(vault, resolved, decision.sheet.grants))
        key, state = resolved.request.response_key, resolved.request.state
        if key is not None:
            return v1_0.build_encrypted_response(vp_token, state=state, key=key)
        return v1_0.build_response(vp_token, state=state)

    def refuse(self, vault: OpenVault, resolved: ResolvedRequest) -> Shared:
        """Say no: the asker learns that, and nothing of what is here. If it cannot be told, the no stands all the same.

        Spec: OID4VP-1.0 #error-response; security.md E11
        """
        entry_id = activity.log_answer(vault, self.environment.clock, "refused",
                                       {**_who(resolved), "actor": vault.party_id, "records": []})
        if resolved.is_exchange:  # which knows no way to say so
            return Shared(entry_id, None)
        refusal = ProtocolError("access_denied", "the holder did not share anything")
        form = v1_0.build_error_response(refusal, state=resolved.request.state)
        try:
            answer = wire.post_form(self.environment.fetcher, resolved.request.response_uri, form)
        except CredkitError:
            return Shared(entry_id, None)
        return Shared(entry_id, _redirect_of(answer.body))

    def _check(self, vault: OpenVault, resolved: ResolvedRequest, decision: Decision) -> None:
        authority.check(vault, "share", self.environment.clock.now())
        request = resolved.request
        if decision.nonce != request.nonce or decision.actor != vault.party_id:
            raise StateError("This was not decided for this request.")
        if request.expires_at is not None and request.expires_at <= self.environment.clock.now():
            raise StateError("The time to answer this request is over. Nothing was shared.")
        if shown_grants(vault, self.environment.clock.now()) != decision.sheet.grants:
            raise StateError("What you may do here has changed since you looked. Nothing was shared.")

    def _exchange_answer(self, vault: OpenVault, resolved: ResolvedRequest, sheet: Sheet) -> str:
        """The message of an exchange with one presentation of all records, by the one key they belong to.

        Spec: VP-REQUEST #query-by-example, #did-authentication
        """
        items = [vault.read(record.item_id, CREDENTIAL) for record in sheet.records]
        if len({item.body["key_method"] for item in items}) != 1:
            raise StateError("These records belong to different keys, and this asker takes one key at a time. "
                             "Share one record.")
        if sheet.grants:
            raise StateError("Only the student can share with this asker, for nobody can say there by what right "
                             "somebody else does.")
        if any(is_base_proof(record.document.get("proof")) for record in sheet.records):
            raise ProofGenerationError("a record would have shown more than was agreed to")
        signer = NamedKey(vault.signer(items[0], items[0].body["key_method"]), items[0].body["binding"] or "did:key")
        presentation = self._prove({
            "@context": [V2_CONTEXT], "type": ["VerifiablePresentation"], "holder": signer.did,
            "verifiableCredential": [each for record in sheet.records for each in (
                record.document, *(said.document for said in record.comments))]}, signer, resolved)
        return json.dumps(exchanges.build_message(ExchangeMessage(presentation=presentation)))

    def _present(self, vault: OpenVault, resolved: ResolvedRequest, record: SheetRecord) -> Presentation:
        """One presentation of one record, and of what the family says about it.

        Spec: VC-DATA-INTEGRITY #add-proof; RFC9901 #section-4.3; VC-DATA-MODEL-1.1 #json-web-token
        """
        if is_base_proof(record.document.get("proof")):
            raise ProofGenerationError("a record would have shown more than was agreed to")
        if not record.is_bound:
            return record.leaving
        item = vault.read(record.item_id, CREDENTIAL)
        signer = NamedKey(vault.signer(item, item.body["key_method"]), item.body.get("binding") or "did:key")
        request, now = resolved.request, self.environment.clock.now()
        if record.sd_jwt is not None:
            return str(bind_key(parse_sd_jwt(record.sd_jwt), signer, nonce=request.nonce,
                                audience=request.client_id.text, now=now))
        if record.jwt is not None:
            return sign_vp_jwt_json([record.jwt], signer, holder=signer.did, nonce=request.nonce,
                                    audience=request.client_id.text, now=now)
        presentation: JSONObject = {
            "@context": [V2_CONTEXT], "type": ["VerifiablePresentation"], "holder": signer.did,
            "verifiableCredential": [record.document, *(each.document for each in record.comments)],
        }
        return self._prove(presentation, signer, resolved)

    def _present_grants(self, vault: OpenVault, resolved: ResolvedRequest,
                        grants: tuple[GrantShown, ...]) -> JSONObject:
        """One presentation of the grants by which somebody shares, by that person's own key."""
        return self._prove({
            "@context": [V2_CONTEXT], "type": ["VerifiablePresentation"], "holder": vault.party_did,
            "verifiableCredential": [each.document for each in grants]}, vault.party_signer, resolved)

    def _prove(self, presentation: JSONObject, signer: Signer, resolved: ResolvedRequest) -> JSONObject:
        return add_proof(presentation, suite=_SUITES[signer.algorithm], signer=signer,
                         processor=self.environment.jsonld, created=self.environment.clock.now(),
                         purpose="authentication", challenge=resolved.request.nonce,
                         domain=resolved.request.client_id.text)


def _redirect_of(body: bytes) -> str | None:
    """Where to go next; an answer we cannot read means nowhere, for what was shared has arrived."""
    try:
        return v1_0.parse_direct_post_answer(body)
    except ProtocolError:
        return None


def _who(resolved: ResolvedRequest) -> JSONObject:
    request = resolved.request
    return {"host": resolved.host, "did": request.party, "name": resolved.calls_itself, "purpose": request.purpose}


def _logged(record: SheetRecord) -> JSONObject:
    return {
        "title": record.title, "item_id": record.item_id, "issuer_name": record.issuer.name, "whole": record.whole,
        "values": [{"kind": value.kind, "value": value.shown} for value in record.leaves],
        "always": [{"kind": value.kind, "value": value.shown} for value in record.always],
        "comments": [{"name": each.name, "words": each.words} for each in record.comments],
    }
