"""VC-API exchanges with Digital Bazaar's libraries on the other side, over HTTP: their wallet at our issuer and
verifier, as the Learner Credential Wallet would be, and our wallet at their server; and each with one thing spoiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

import contexts
import issuer.web
import verifier.bootstrap
import verifier.config
import verifier.web
from bench.node_peer import NodePeer, PeerRefused, node_key
from credkit.errors import ProblemError, ProtocolError
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols.exchanges import Protocols, lcw_link
from demo.export import STUDENT_NUMBER
from issuer.bootstrap import Services as Issuer
from tests.browser.serving import serving
from tests.interop.test_oid4vci_wallets import found
from verifier.bootstrap import Services as Verifier
from verifier.services.questions import build_question
from verifier.services.requests import Asked
from wallet.bootstrap import Services as Wallet
from wallet.bootstrap import build_services as build_wallet
from wallet.config import Config, GuessCost
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import shelf
from wallet.services.requests import exchange_link
from wallet.vault import OpenVault

SUITES = {"Ed25519Signature2020": "Ed25519", "eddsa-rdfc-2022": "Ed25519", "ecdsa-rdfc-2019": "P-256"}
SUITE = pytest.mark.parametrize("suite", SUITES)
SPOILED: list[JSONObject] = [{"challenge": "made-up"}, {"domain": "https://other.example"}, {"signature": True}]
SPOIL = pytest.mark.parametrize("spoil", SPOILED, ids=["challenge", "domain", "signature"])
BADGE: JSONObject = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id": "urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c2548f", "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "name": "Reader", "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"type": ["AchievementSubject"], "achievement": {
        "id": "urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c25480", "type": ["Achievement"], "name": "Reader",
        "description": "Read ten books.", "criteria": {"narrative": "Ten books."}}}}


@dataclass
class Place:
    """Our three roles, and theirs."""

    school: Issuer
    college: Verifier
    wallet: Wallet
    vault: OpenVault
    peer: NodePeer

    def offer(self, configuration: str = "badge", **options: Any) -> Any:
        student = self.school.students.find(STUDENT_NUMBER).id
        return self.school.offers.offer_form(student, configuration, "operator", **{"tx_code": False, **options})

    def collect(self, link: str, key: JSONObject, suite: str, **members: Any) -> list[JSONObject]:
        came = self.peer.ask("exchange", link=link, key=key, suite=suite, **members)["came"]
        records: list[JSONObject] = came["verifiablePresentation"]["verifiableCredential"]
        return records

    def ask(self) -> Asked:
        question = build_question(["badge"], "To admit you", today=self.college.clock.now().date())
        return self.college.requests.ask(question)

    def report(self, asked: Asked) -> JSONObject | None:
        result_id = self.college.requests.find(asked.id).result_id
        return None if result_id is None else self.college.results.find(result_id).story["report"]


def key(suite: str) -> JSONObject:
    return dict(node_key(SoftwareSigner.generate(SUITES[suite])))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("vcapi")
    schools: list[Issuer] = []
    colleges: list[Verifier] = []

    def make_school(origin: str) -> Flask:
        schools.append(found(folder / "school", origin))
        return issuer.web.create_app(schools[0])

    def make_college(origin: str) -> Flask:
        config = verifier.config.from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder / "college")
        verifier.bootstrap.initialise_verifier(config, origin=origin, wallets=(), password_hash="hash")
        colleges.append(verifier.bootstrap.build_services(config))
        colleges[0].trust.add(schools[0].office.identity.did, "Lincoln High School")
        return verifier.web.create_app(colleges[0])

    (folder / "wallet").mkdir()
    config = Config(folder / "wallet", f"sqlite:///{folder}/wallet/wallet.sqlite3", origin="http://localhost:1",
                    guess_cost=GuessCost(19456, 2, 1), loopback_http=True)
    wallet = build_wallet(config)
    vault = wallet.vault.create("correct horse battery").vault
    handed = {entry.url: contexts.load(entry.url) for entry in contexts.pinned()}
    with serving(make_school), serving(make_college), NodePeer(handed, "vcapi_peer.mjs") as peer:
        peer.ask("listen")
        yield Place(schools[0], colleges[0], wallet, vault, peer)


@SUITE
@pytest.mark.parametrize("way", ["interaction", "lcw"])
def test_their_wallet_collects_from_our_issuer(place: Place, suite: str, way: str) -> None:
    made, holder = place.offer(), key(suite)
    exchanging = place.school.exchanging
    link = exchanging.interaction_url(made) if way == "interaction" else str(exchanging.lcw_link(made))
    records = place.collect(link, holder, suite)
    assert [record["credentialSubject"]["id"] for record in records] == [holder["controller"]]
    assert records[0]["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    assert place.school.offers.show(made.offer.id).claim.state == "collected"


@SUITE
@SPOIL
def test_their_wallet_spoiled_in_one_thing_gets_nothing(place: Place, suite: str, spoil: JSONObject) -> None:
    made = place.offer()
    with pytest.raises(PeerRefused, match="400 invalid_request"):
        place.collect(place.school.exchanging.interaction_url(made), key(suite), suite, spoil=spoil)
    assert place.school.offers.show(made.offer.id).claim.progress.collected == 0


def test_their_wallet_collects_once(place: Place) -> None:
    link = place.school.exchanging.interaction_url(place.offer())
    with pytest.raises(PeerRefused, match="404 not_found"):
        place.collect(link, key("eddsa-rdfc-2022"), "eddsa-rdfc-2022", twice=True)


@SUITE
def test_their_wallet_answers_our_verifier(place: Place, suite: str) -> None:
    holder = key(suite)
    records = place.collect(place.school.exchanging.interaction_url(place.offer()), holder, suite)
    asked = place.ask()
    told = place.peer.ask("exchange", link=place.college.exchanging.lcw_link(asked), key=holder, suite=suite,
                          credentials=records)
    assert told["asked"]["query"][0]["credentialQuery"][0]["reason"] == "To admit you"
    assert f"/answered/{asked.id}?response_code=" in told["came"]["redirectUrl"]
    report = place.report(asked)
    assert report is not None and report["verified"] is True, report


@SUITE
@pytest.mark.parametrize("spoil", [*SPOILED, {"holder": True}, {"twice": True}],
                         ids=["challenge", "domain", "signature", "holder", "reuse"])
def test_their_answer_spoiled_in_one_thing_is_refused(place: Place, suite: str, spoil: JSONObject) -> None:
    holder = key(suite)
    records = place.collect(place.school.exchanging.interaction_url(place.offer()), holder, suite)
    asked, twice = place.ask(), "twice" in spoil
    with pytest.raises(PeerRefused, match="400 invalid_request"):
        place.peer.ask("exchange", link=place.college.exchanging.interaction_url(asked), suite=suite, twice=twice,
                       key=key(suite) if "holder" in spoil else holder, credentials=records, spoil=spoil)
    assert (place.report(asked) is None) is not twice


def given(place: Place, name: str, **members: Any) -> str:
    signer = SoftwareSigner.generate("Ed25519")
    did = signer.verification_method.partition("#")[0]
    document = {**BADGE, "issuer": {"id": did, "type": ["Profile"], "name": "Library"}}
    return str(place.peer.ask("offer", name=name, key=node_key(signer), document=document, **members))


def asked_for(place: Place, exchange: str, **example: Any) -> str:
    return str(place.peer.ask("offer", name=exchange, reason="To lend books", example={
        "@context": BADGE["@context"], "type": BADGE["type"], **example}))


@pytest.mark.parametrize("form", ["{}", "interaction:{}", "web+interaction:{}"])
def test_our_wallet_collects_from_their_server(place: Place, form: str) -> None:
    lead = place.wallet.interactions.follow(form.format(given(place, "a")))
    assert lead.kind == "exchange-offer"
    stored = place.wallet.interactions.collect(place.vault, lead.link).issued.stored
    assert [place.vault.read(each, CREDENTIAL).body["credential"]["name"] for each in stored] == ["Reader"]


@pytest.mark.parametrize("spoil", [{"subject": "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"},
                                   {"claim": True}, {"domain": "https://other.example"}])
def test_what_their_server_spoils_is_not_kept(place: Place, spoil: JSONObject) -> None:
    before = len(shelf(place.vault).all())
    with pytest.raises((ProblemError, ProtocolError)):
        place.wallet.interactions.collect(place.vault, place.wallet.interactions.follow(
            given(place, "b", spoil=spoil)).link)
    assert len(shelf(place.vault).all()) == before


def test_our_wallet_answers_their_server(place: Place) -> None:
    place.wallet.interactions.collect(place.vault, place.wallet.interactions.follow(given(place, "c")).link)
    url = place.wallet.interactions.follow(asked_for(place, "d")).link
    assert place.wallet.interactions.follow(lcw_link(Protocols(vcapi=url), "http://localhost")).link == url
    presenting = place.wallet.presenting
    resolved = presenting.resolve_request(exchange_link(url))
    (entry,) = presenting.match(place.vault, resolved).asked
    sheet = presenting.sheet(place.vault, resolved, {entry.query.id: (entry.candidates[0].card.item_id,)})
    assert sheet.purpose == "To lend books" and place.peer.ask("presented", name="d") is None
    decision = presenting.agree(place.vault, resolved, sheet, seen_digest=sheet.digest)
    assert str(presenting.share(place.vault, resolved, decision).redirect_uri).endswith("/thanks")
    came = place.peer.ask("presented", name="d")
    assert [each["name"] for each in came["verifiableCredential"]] == ["Reader"]
    place.wallet.interactions.follow(asked_for(place, "d"))  # their server has made another challenge since
    with pytest.raises(ProtocolError):
        presenting.share(place.vault, resolved, decision)


def test_an_example_that_nothing_here_is_like_gets_nothing(place: Place) -> None:
    url = place.wallet.interactions.follow(asked_for(place, "e", name="Another badge")).link
    resolved = place.wallet.presenting.resolve_request(exchange_link(url))
    assert not place.wallet.presenting.match(place.vault, resolved).possible
    assert place.peer.ask("presented", name="e") is None
