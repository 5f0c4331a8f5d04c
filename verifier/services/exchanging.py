"""Answering our requests by a VC-API exchange, for wallets that do not speak OpenID4VP.

The same request, used once by whichever answer comes first. An example can only name kinds of records, so whole records
come, which may say more than was asked for; where that cannot be said, or the answer must be sealed, there is no
exchange.

Spec: VCALM #participate-in-an-exchange, #verifiable-presentation-request; VP-REQUEST #query-by-example
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_3
from credkit.protocols import dcql, exchanges
from credkit.protocols.exchanges import Authentication, ExampleQuery, ExchangeMessage, PresentationRequest, Protocols
from credkit.protocols.oid4vp import v1_0
from verifier.services.compat import Compat
from verifier.services.questions import CLR, OPEN_BADGE, parse_question
from verifier.services.requests import CRYPTOSUITES, Asked, Requests
from verifier.services.responses import Responses
from verifier.services.setup import Identity
from verifier.store import RequestRecord

_HOLDER_SUITES: Final = ("eddsa-rdfc-2022", "ecdsa-rdfc-2019")
_EXAMPLES: Final[Mapping[str, JSONObject]] = {
    OPEN_BADGE: {"@context": list(openbadges_3.CONTEXTS), "type": ["VerifiableCredential", "OpenBadgeCredential"]},
    CLR: {"@context": list(clr_2.CONTEXTS), "type": ["VerifiableCredential", "ClrCredential"]},
}
"""By the expanded type."""


class Exchanging:
    """The verifier's exchanges, each of them one request, named by its id."""

    def __init__(self, identity: Identity, requests: Requests, responses: Responses, compat: Compat) -> None:
        self._identity = identity
        self._requests = requests
        self._responses = responses
        self._compat = compat

    def links(self, asked: Asked) -> Protocols:
        """By which protocols a request can be answered."""
        possible = bool(_examples(self._requests.record(asked.id)))
        return Protocols(vcapi=self._address(asked.id) if possible else None, oid4vp=asked.links.deep)

    def interaction_url(self, asked: Asked) -> str:
        """The address that leads wallets to the map of protocols."""
        return f"{self._identity.origin}/interactions/{asked.id}?iuv=1"

    def lcw_link(self, asked: Asked) -> str | None:
        """A link for the Learner Credential Wallet; None where it could not answer by it."""
        protocols = self.links(asked)
        return None if protocols.vcapi is None else exchanges.lcw_link(protocols, self._identity.origin)

    def answer(self, request_id: str, message: ExchangeMessage) -> ExchangeMessage:
        """Say what is asked for; or, given a presentation, take it and say where to go on.

        Raises:
            StateError: no such exchange, or it was answered or has ended.
            ProtocolError: ``invalid_request``: the presentation is not bound to this request.
        """
        if not _examples(self._requests.record(request_id)):
            raise StateError("There is no such request, or it was removed.")
        if message.presentation is None:
            return ExchangeMessage(request=self._ask(request_id), reference_id=message.reference_id)
        address = self._responses.receive_presentation(request_id, message.presentation)
        return ExchangeMessage(redirect_url=address, reference_id=message.reference_id)

    def _ask(self, request_id: str) -> PresentationRequest:
        record = self._requests.open_plainly(request_id)
        return PresentationRequest(record.nonce, self._identity.origin,
                                   Authentication(("key",), (*_HOLDER_SUITES, *self._compat.proof_types)),
                                   _examples(record))

    def _address(self, request_id: str) -> str:
        return f"{self._identity.origin}/workflows/ask/exchanges/{request_id}"


def _examples(record: RequestRecord) -> tuple[ExampleQuery, ...]:
    """What is asked for, by example; nothing where examples cannot say it, or the answer may not come this way."""
    query, question = dcql.parse_query(record.query), parse_question(record.question)
    if question.sender or query.credential_sets or record.response_mode != v1_0.DIRECT_POST:
        return ()
    reason, found = question.purpose or None, list[ExampleQuery]()
    for entry in query.credentials:
        types = [name for names in entry.type_values if len(names) == 1 for name in names if name in _EXAMPLES]
        if entry.format != dcql.FORMAT or not entry.require_cryptographic_holder_binding or not types:
            return ()
        found.append(ExampleQuery(_EXAMPLES[types[0]], reason, cryptosuites=CRYPTOSUITES))
    return tuple(found)
