"""Our wallet at our issuer and verifier by VC-API exchanges: what comes is kept, and only what was agreed to leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from credkit.credential import V2_CONTEXT
from credkit.dids import did_key_of
from credkit.errors import (
    CredkitError,
    FetchError,
    IssuerBindingError,
    ParsingError,
    ProtocolError,
    StateError,
    UnsupportedError,
)
from credkit.formats.jwt_vc import sign_vc_jwt
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols import exchanges
from credkit.protocols.exchanges import ExchangeMessage, PresentationRequest, Protocols
from demo.export import STUDENT_NUMBER
from tests.flows.conftest import COLLEGE, PURPOSE, SCHOOL, Town
from tests.support.world import School
from verifier.services.questions import build_question
from verifier.services.requests import Asked
from wallet.services.interactions import Lead
from wallet.services.record import hiding
from wallet.services.record.library import shelf
from wallet.services.requests import exchange_link


def offer_address(town: Town) -> str:
    """Of an exchange that gives all records of the student."""
    student = town.school.students.find(STUDENT_NUMBER).id
    made = town.school.offers.offer_student(student, "operator", tx_code=False, again=True)
    return str(town.school.exchanging.links(made).vcapi)


def lcw(address: str) -> str:
    return exchanges.lcw_link(Protocols(vcapi=address), SCHOOL)


def ask(town: Town, *asks: str) -> Asked:
    today = town.college.clock.now().date()
    return town.college.requests.ask(build_question(asks or ("courses",), PURPOSE, today=today))


def collected(town: Town) -> tuple[str, ...]:
    return town.wallet.interactions.collect(town.vault, offer_address(town)).issued.stored


def report_on(town: Town, asked: Asked) -> JSONObject:
    result_id = town.college.requests.find(asked.id).result_id
    assert result_id is not None
    report: JSONObject = town.college.results.find(result_id).story["report"]
    return report


def test_openid_s_way_is_taken_where_the_map_has_one(town: Town) -> None:
    student = town.school.students.find(STUDENT_NUMBER).id
    made = town.school.offers.offer_student(student, "operator", tx_code=False)
    asked = ask(town)
    follow = town.wallet.interactions.follow
    assert follow(town.school.exchanging.interaction_url(made)) == Lead("offer", made.links.deep)
    assert follow("interaction:" + town.college.exchanging.interaction_url(asked)) == Lead("request", asked.links.deep)
    assert follow(str(town.college.exchanging.lcw_link(asked))) == Lead("request", asked.links.deep)


@pytest.mark.spec("VCALM", "#participate-in-an-exchange")
def test_every_record_of_an_exchange_is_checked_and_kept(town: Town) -> None:
    address = offer_address(town)
    assert town.wallet.interactions.follow(lcw(address)) == Lead("exchange-offer", address)
    assert shelf(town.vault).all() == ()
    issued = town.wallet.interactions.collect(town.vault, address).issued
    assert (len(issued.stored), issued.problem) == (issued.total, None) and issued.total > 2
    assert len(shelf(town.vault).courses) == issued.total - 1
    with pytest.raises(ProtocolError):
        town.wallet.interactions.collect(town.vault, address)


@pytest.mark.parametrize("over_openid", [False, True])
def test_a_whole_record_answers_an_example(town: Town, over_openid: bool) -> None:
    town.receive_set() if over_openid else collected(town)
    asked = ask(town)
    address = f"{COLLEGE}/workflows/ask/exchanges/{asked.id}"
    assert town.wallet.interactions.follow(lcw(address)).kind == "exchange-request"
    presenting = town.wallet.presenting
    resolved = presenting.resolve_request(exchange_link(address))
    (entry,) = presenting.match(town.vault, resolved).asked
    item_id = town.items("courses")["Algebra I"]
    sheet = presenting.sheet(town.vault, resolved, {entry.query.id: (item_id,)})
    assert (sheet.warnings, sheet.purpose, sheet.records[0].stays) == (("entire",), PURPOSE, ())
    decision = presenting.agree(town.vault, resolved, sheet, seen_digest=sheet.digest)
    shared = presenting.share(town.vault, resolved, decision)
    assert str(shared.redirect_uri).startswith(f"{COLLEGE}/answered/{asked.id}?response_code=")
    assert report_on(town, asked)["verified"] is True


def test_what_is_hidden_does_not_answer_and_nothing_leaves(town: Town) -> None:
    for item_id in collected(town):
        hiding.hide_record(town.vault, town.wallet.clock, item_id, "never")
    asked = ask(town)
    resolved = town.wallet.presenting.resolve_request(exchange_link(f"{COLLEGE}/workflows/ask/exchanges/{asked.id}"))
    matching = town.wallet.presenting.match(town.vault, resolved)
    assert not matching.possible and all(not each.candidates for each in matching.asked)
    with pytest.raises(StateError):
        town.wallet.presenting.sheet(town.vault, resolved, {"example-0": (town.items("courses")["Algebra I"],)})


def strange(town: Town, answer: Any) -> str:
    """Address of an exchange that always says this."""
    from werkzeug.wrappers import Request, Response

    @Request.application
    def app(request: Request) -> Response:
        return Response(json.dumps(answer), content_type="application/json")

    town.world.web.serve("https://strange.example", app)
    return "https://strange.example/x"


ASKED = exchanges.build_message(ExchangeMessage(request=PresentationRequest(
    "c", "https://strange.example", exchanges.Authentication())))


@pytest.mark.parametrize("change", [
    {"domain": "https://school.example"}, {"domain": "strange.example.evil"}, {"challenge": None}, {"query": []},
    {"query": [{"type": "ZcapQuery"}]},
    {"query": [{"type": "DIDAuthentication", "acceptedMethods": [{"method": "web"}]}]},
    {"query": [{"type": "DIDAuthentication", "acceptedCryptosuites": ["bbs-2023"]}]}])
def test_who_asks_in_another_s_name_or_for_what_we_do_not_speak_gets_no_signature(town: Town, change: Any) -> None:
    request = {**ASKED["verifiablePresentationRequest"], **change}
    address = strange(town, {"verifiablePresentationRequest": request})
    for act in (lambda: town.wallet.interactions.follow(lcw(address)),
                lambda: town.wallet.interactions.collect(town.vault, address)):
        with pytest.raises((ProtocolError, UnsupportedError)):
            act()
    assert shelf(town.vault).all() == ()


@pytest.mark.parametrize(("answer", "refusal"), [
    (ASKED, ProtocolError), ({}, ProtocolError), ({"verifiablePresentation": {}}, ProtocolError),
    ({"verifiablePresentation": 7}, ProtocolError),
    ({"verifiablePresentation": {"verifiableCredential": [7, {}]}}, UnsupportedError),
    ({"verifiablePresentation": {"verifiableCredential": ["x", {}]}}, ParsingError)])
def test_who_gives_nothing_good_after_the_signature_leaves_nothing_here(
        town: Town, answer: Any, refusal: type[CredkitError]) -> None:
    from werkzeug.wrappers import Request, Response

    @Request.application
    def app(request: Request) -> Response:
        said = ASKED if request.get_json() == {} else answer
        return Response(json.dumps(said), content_type="application/json")

    town.world.web.serve("https://strange.example", app)
    with pytest.raises(refusal):
        town.wallet.interactions.collect(town.vault, "https://strange.example/x")
    assert shelf(town.vault).all() == ()


@pytest.mark.spec("VC-DATA-MODEL-2.0", "#enveloped-verifiable-credentials")
@pytest.mark.parametrize("wrap", [lambda token: token, lambda token: {
    "@context": [V2_CONTEXT], "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{token}"}],
    ids=["text", "envelope"])
def test_a_signed_text_from_an_exchange_is_kept_if_it_is_for_our_key(town: Town, wrap: Callable[[str], Any]) -> None:
    from werkzeug.wrappers import Request, Response

    office, others = School(town.world, "https://office.example"), SoftwareSigner.generate("P-256")
    givers = iter((lambda holder: did_key_of(others.public_key), lambda holder: holder))

    @Request.application
    def app(request: Request) -> Response:
        if (said := request.get_json()) == {}:
            return Response(json.dumps(ASKED), content_type="application/json")
        record = office.course(subject_id=next(givers)(said["verifiablePresentation"]["holder"]))
        token = sign_vc_jwt(record, office.p256, key_id=office.p256.verification_method)
        answer = ExchangeMessage(presentation=exchanges.unsigned_presentation([wrap(token)]))
        return Response(json.dumps(exchanges.build_message(answer)), content_type="application/json")

    town.world.web.serve("https://strange.example", app)
    with pytest.raises(IssuerBindingError):
        town.wallet.interactions.collect(town.vault, "https://strange.example/x")
    assert shelf(town.vault).all() == ()

    assert town.wallet.interactions.collect(town.vault, "https://strange.example/x").issued.total == 1
    (card,) = shelf(town.vault).all()
    assert (card.title, card.form, card.status) == ("Algebra I", "vc+jwt", "good")


def test_a_link_that_leads_nowhere_is_said_to(town: Town) -> None:
    with pytest.raises((ProtocolError, FetchError)):
        town.wallet.interactions.follow(f"{SCHOOL}/interactions/none?iuv=1")
    with pytest.raises(UnsupportedError):
        town.wallet.interactions.follow("dccrequest://request?issuer=a&vc_request_url=https://a.example/")
