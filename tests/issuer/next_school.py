"""A school that asks for a student's full record, as far as the sending school sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from werkzeug.wrappers import Request, Response

from credkit.dids import build_did_document
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationResponse
from credkit.verification import Policy, Report, verify_presentation
from tests.support.world import World

NEXT = "https://next.example"
DID = "did:web:next.example"
CLIENT_ID = v1_0.build_client_id(DID)
CLR = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential"
FULL_RECORD: JSONObject = {"credentials": [{"id": "full-record", "format": "ldp_vc",
                                            "meta": {"type_values": [[CLR]]}}]}


@dataclass
class NextSchool:
    """Serves its DID document and one request; keeps what it is sent."""

    world: World
    query: JSONObject = field(default_factory=lambda: FULL_RECORD)
    changes: dict[str, Any] = field(default_factory=dict)
    answers: list[Any] = field(default_factory=list)
    status: int = 200
    key: SoftwareSigner = field(
        default_factory=lambda: SoftwareSigner.generate("Ed25519", verification_method=DID + "#key-1"))

    def __post_init__(self) -> None:
        self.world.web.serve(NEXT, self)

    @property
    def link(self) -> str:
        parameters = {"client_id": CLIENT_ID, "request_uri": NEXT + "/requests/1", "request_uri_method": "post"}
        return "openid4vp://?" + urlencode(parameters)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        return self.answer(request)(environ, start_response)

    def answer(self, request: Request) -> Response:
        if request.path == "/.well-known/did.json":
            document = build_did_document(DID, [("key-1", self.key.public_key, ("authentication",))])
            return Response(json.dumps(document), content_type="application/did+json")
        if request.path == "/requests/1":
            nonce = parse_qs(request.get_data(as_text=True)).get("wallet_nonce", [""])[0]
            return Response(self.request_object(nonce), content_type=v1_0.REQUEST_OBJECT_CONTENT_TYPE)
        self.answers.append(v1_0.parse_direct_post(request.get_data()))
        return Response("{}", status=self.status, content_type="application/json")

    def request_object(self, wallet_nonce: str) -> str:
        values: dict[str, Any] = {
            "client_id": CLIENT_ID, "response_uri": NEXT + "/responses/1", "dcql_query": self.query,
            "nonce": "n-0123456789abcdef", "state": "s-1", "now": self.world.clock.now(), "lifetime_s": 1200,
            "cryptosuites": ["eddsa-rdfc-2022"], "purpose": "Ana enrolls with us", "client_name": "Next School",
            "wallet_nonce": wallet_nonce, **self.changes,
        }
        return v1_0.build_request_object(self.key, **values)

    def received(self) -> tuple[JSONObject, Report]:
        """The presentation that came, and the report on it."""
        response = self.answers[-1]
        assert isinstance(response, AuthorizationResponse) and response.state == "s-1"
        presentation = response.vp_token["full-record"][0]
        assert isinstance(presentation, dict)
        return presentation, verify_presentation(
            presentation, Policy(issuer_may_hold=True), self.world.environment(), challenge="n-0123456789abcdef",
            domain=CLIENT_ID)
