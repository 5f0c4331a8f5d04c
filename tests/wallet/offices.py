"""A school that offers records and a college that asks for them, as strangers' servers on the FakeWeb.

They speak the protocols through the kernel's message builders and can be told to misbehave: ``answers[path]`` replaces
the body of an answer, ``change`` replaces a credential before it goes out, ``before`` is called with each path.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from credkit.dids import build_did_document, did_web_of
from credkit.errors import ProtocolError
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols import dcql, oauth
from credkit.protocols.oid4vci import messages, v1_0
from credkit.protocols.oid4vp import v1_0 as vp
from credkit.protocols.oid4vp.messages import AuthorizationResponse, ErrorResponse
from credkit.verification import Policy, Report, verify_presentation
from tests.support.world import School, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

OPEN_BADGE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
CLR = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential"
TITLE_AND_GRADE: tuple[Sequence[str | int | None], ...] = (
    ["credentialSubject", "achievement", "name"], ["credentialSubject", "result", 0, "value"],
    ["credentialSubject", "identifier", 0, "identityHash"])
JWT_PROOF = {"jwt": messages.ProofType(("EdDSA", "ES256"))}
Make = Callable[[str], JSONObject]


def configuration(name: str, types: tuple[str, ...], suite: str) -> messages.CredentialConfiguration:
    return messages.CredentialConfiguration(
        name, "ldp_vc", types=("VerifiableCredential", *types), contexts=("https://www.w3.org/ns/credentials/v2",),
        signing_algs=(suite,), binding_methods=("did:key",), proof_types=JWT_PROOF,
        display=(messages.Display(name.title(), "en"), messages.Display(f"{name} (es)", "es")))


class Office:
    """A WSGI application of methods by path, each answer replaceable."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.before: Callable[[str], None] = lambda path: None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        self.before(request.path)
        if request.path in self.answers:
            status, body = self.answers[request.path]
            return Response(body, status, content_type="application/json")(environ, start_response)
        try:
            response = self.answer(request)
        except ProtocolError as error:
            response = as_json(oauth.build_error(error), error.http_status)
        return response(environ, start_response)

    def answer(self, request: Request) -> Response:
        raise NotImplementedError


def as_json(document: JSONObject, status: int = 200) -> Response:
    return Response(json.dumps(document), status, content_type="application/json")


@dataclass
class Offered:
    """What waits behind one pre-authorized code: configuration id and how each record is made for a holder's DID."""

    code: str
    tx_code: str | None
    records: list[tuple[str, Make]]
    redeemed: bool = False


class OfferingSchool(Office):
    """An OID4VCI issuer over a ``School``'s keys and records."""

    def __init__(self, world: World, origin: str = "https://school.example", name: str = "Lincoln High School") -> None:
        super().__init__(origin)
        self.world, self.school = world, School(world, origin, name)
        self.site = world.web._apps[origin]
        world.web.serve(origin, self)
        self.offers: list[Offered] = []
        self.named: dict[str, tuple[str, Make]] = {}
        self.issued: dict[str, tuple[str, JSONObject]] = {}
        self.nonces: set[str] = set()
        self.change: Callable[[JSONObject], Any] = lambda credential: credential
        self.configurations = {
            "transcript": configuration("transcript", ("ClrCredential",), "eddsa-rdfc-2022"),
            "course": configuration("course", ("OpenBadgeCredential",), "ecdsa-sd-2023"),
        }

    def revoke(self, index: int) -> None:
        """Take a record back: the list says so from now on."""
        self.school.revoked.add(index)
        self.world.web.serve(self.origin, self.site)
        self.school.publish_list()
        self.world.web.serve(self.origin, self)

    def course(self, index: int, name: str, grade: str | None = "A", **more: Any) -> tuple[str, Make]:
        return "course", lambda did: self.school.sign_base(
            self.school.course(index=index, name=name, grade=grade, subject_id=did, **more))

    def transcript(self, *courses: tuple[int, str, str]) -> tuple[str, Make]:
        def make(did: str) -> JSONObject:
            members = [self.school.sign(self.school.course(index=index, name=name, grade=grade, subject_id=did))
                       for index, name, grade in courses]
            return self.school.sign(self.school.transcript(members, subject_id=did))

        return "transcript", make

    def offer(self, *records: tuple[str, Make], tx_code: str | None = "4711") -> str:
        """Put records on offer; returns the link."""
        self.offers.append(Offered(secrets.token_urlsafe(16), tx_code, list(records)))
        address = quote(f"{self.origin}/offers/{len(self.offers) - 1}", safe="")
        return f"openid-credential-offer://?credential_offer_uri={address}"

    def answer(self, request: Request) -> Response:
        path = request.path
        if path.startswith("/offers/"):
            return self.show_offer(self.offers[int(path.rpartition("/")[2])])
        handlers: Mapping[str, Callable[[Request], Response]] = {
            "/.well-known/openid-credential-issuer": self.metadata, "/token": self.token, "/nonce": self.nonce,
            "/.well-known/oauth-authorization-server": self.server_metadata, "/credential": self.credential,
        }
        if path in handlers:
            return handlers[path](request)
        page = getattr(self.site, "pages", {}).get(path)
        return as_json({}, 404) if page is None else as_json(page[2], page[0])

    def show_offer(self, offered: Offered) -> Response:
        tx_code = messages.TxCode(length=len(offered.tx_code)) if offered.tx_code else None
        names = tuple(dict.fromkeys(name for name, _ in offered.records))
        return as_json(v1_0.build_offer(messages.CredentialOffer(
            self.origin, names, messages.PreAuthorizedCodeGrant(offered.code, tx_code))))

    def metadata(self, request: Request) -> Response:
        return as_json(v1_0.build_issuer_metadata(messages.IssuerMetadata(
            self.origin, self.origin + "/credential", self.configurations, self.origin + "/nonce",
            display=(messages.Display(self.school.name, "en"),))))

    def server_metadata(self, request: Request) -> Response:
        return as_json(oauth.build_server_metadata(oauth.AuthorizationServerMetadata(
            self.origin, self.origin + "/token", pre_authorized_grant_anonymous_access_supported=True)))

    def token(self, request: Request) -> Response:
        asked = v1_0.parse_token_request(request.get_data())
        assert isinstance(asked, messages.TokenRequest)
        offered = next((each for each in self.offers if each.code == asked.pre_authorized_code), None)
        if offered is None or offered.redeemed or asked.tx_code != offered.tx_code:
            raise ProtocolError("invalid_grant", "the code is not valid")
        offered.redeemed = True
        details = []
        for name in dict.fromkeys(name for name, _ in offered.records):
            identifiers = []
            for record in [each for each in offered.records if each[0] == name]:
                identifiers.append(secrets.token_urlsafe(12))
                self.named[identifiers[-1]] = record
            details.append(messages.AuthorizationDetail(name, tuple(identifiers)))
        return as_json(v1_0.build_token_response(messages.TokenResponse("token-1", "bearer", 300, tuple(details))))

    def nonce(self, request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        self.nonces.add(nonce)
        return as_json(v1_0.build_nonce_response(messages.NonceResponse(nonce)))

    def use_nonce(self, nonce: str) -> bool:
        live = nonce in self.nonces
        self.nonces.discard(nonce)
        return live

    def credential(self, request: Request) -> Response:
        if request.headers.get("Authorization") != "Bearer token-1":
            raise ProtocolError("invalid_token", "no token", 401)
        asked = v1_0.parse_credential_request(request.get_data())
        proofs = v1_0.verify_key_proofs(
            asked.proofs, audience=self.origin, now=self.world.clock.now(), use_nonce=self.use_nonce,
            resolver=self.world.environment().resolver)
        identifier, did = asked.credential_identifier or "", proofs[0].did
        if identifier not in self.named:
            raise ProtocolError("unknown_credential_identifier", "no such record")
        if identifier not in self.issued:
            self.issued[identifier] = (did, self.named[identifier][1](did))
        if self.issued[identifier][0] != did:
            raise ProtocolError("credential_request_denied", "this record was given to another key")
        return as_json({"credentials": [{"credential": self.change(self.issued[identifier][1])}]})


@dataclass
class AskingCollege(Office):
    """An OID4VP verifier that asks one question at a time and keeps what it was sent."""

    world: World
    query: JSONObject = field(default_factory=dict)
    purpose: str | None = "To decide about your application."
    name: str | None = "Springfield College"
    origin: str = "https://college.example"

    def __post_init__(self) -> None:
        super().__init__(self.origin)
        self.did = did_web_of(self.origin)
        self.signer = SoftwareSigner.generate("Ed25519", verification_method=self.did + "#ed25519")
        self.client_id = vp.build_client_id(self.did)
        self.world.web.serve(self.origin, self)
        self.sent: list[AuthorizationResponse | ErrorResponse] = []
        self.overrides: dict[str, Any] = {}
        self.nonce = "n-0123456789abcdef"
        self.asked = 0

    def ask(self, *claims: Sequence[str | int | None], kind: str = OPEN_BADGE, multiple: bool = True) -> str:
        """Ask for records; returns the link."""
        entry: JSONObject = {"id": "records", "format": "ldp_vc", "multiple": multiple,
                             "meta": {"type_values": [[kind]]}}
        asked = {"claims": [{"path": list(path)} for path in claims]} if claims else {}
        self.query = {"credentials": [entry | asked]}
        self.asked += 1
        return vp.request_links(self.client_id, f"{self.origin}/request/{self.asked}").deep

    def answer(self, request: Request) -> Response:
        if request.path == "/.well-known/did.json":
            return as_json(build_did_document(self.did, [("ed25519", self.signer.public_key, ("authentication",))]))
        if request.path.startswith("/request/"):
            return Response(self.request_object(vp.parse_request_uri_form(request.get_data())),
                            content_type="application/oauth-authz-req+jwt")
        if request.path == "/response":
            self.sent.append(vp.parse_direct_post(request.get_data()))
            return as_json(vp.build_direct_post_answer(self.origin + "/done#response_code=abc"))
        return as_json({}, 404)

    def request_object(self, wallet_nonce: str | None) -> str:
        arguments: dict[str, Any] = {
            "client_id": self.client_id, "response_uri": self.origin + "/response", "dcql_query": self.query,
            "nonce": self.nonce, "state": "state-1", "now": self.world.clock.now(), "lifetime_s": 1200,
            "cryptosuites": ["ecdsa-sd-2023", "eddsa-rdfc-2022"], "purpose": self.purpose, "client_name": self.name,
            "wallet_nonce": wallet_nonce, **self.overrides,
        }
        return vp.build_request_object(self.signer, **arguments)

    def presentations(self) -> list[JSONObject]:
        """The presentations of the last answer."""
        answer = self.sent[-1]
        assert isinstance(answer, AuthorizationResponse)
        return [entry for entries in answer.vp_token.values() for entry in entries if isinstance(entry, dict)]

    def reports(self) -> list[Report]:
        """What the kernel's verification says to the last answer, the query included."""
        environment = self.world.environment()
        answer = self.sent[-1]
        assert isinstance(answer, AuthorizationResponse)
        dcql.check_response(dcql.parse_query(self.query), {
            name: [entry["verifiableCredential"][0] for entry in entries if isinstance(entry, dict)]
            for name, entries in answer.vp_token.items()}, dcql.type_expander(environment.jsonld))
        return [verify_presentation(entry, Policy(), environment, challenge=self.nonce, domain=self.client_id)
                for entry in self.presentations()]
