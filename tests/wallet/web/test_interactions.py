"""The pages of an exchange: nothing is sent before a yes, what comes is kept, what leaves was shown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from credkit.ports import JSONObject
from credkit.protocols import exchanges
from credkit.protocols.exchanges import Authentication, ExampleQuery, ExchangeMessage, PresentationRequest, Protocols
from credkit.verification import Policy, verify_presentation
from tests.support.world import School, World
from tests.wallet.web.browser import Browser, heading, words

ORIGIN = "https://partner.example"
EXAMPLE = {"@context": ["https://www.w3.org/ns/credentials/v2",
                        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
           "type": ["VerifiableCredential", "OpenBadgeCredential"]}


@dataclass
class Partner:
    """A server of exchanges: gives one record to whoever proves a key, or asks for one like ``example``."""

    world: World
    school: School
    example: JSONObject | None = None
    came: list[JSONObject] = field(default_factory=list)
    answer: ExchangeMessage | None = None
    protocols: JSONObject = field(default_factory=lambda: {"vcapi": f"{ORIGIN}/x"})

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.method == "GET":
            return self._json({"protocols": self.protocols})(environ, start_response)
        said = exchanges.read_message(request.get_data())
        if said.presentation is None:
            examples = () if self.example is None else (ExampleQuery(self.example, "To admit you"),)
            return self._say(ExchangeMessage(request=PresentationRequest(
                "c-1", ORIGIN, Authentication(("key",), ("eddsa-rdfc-2022",)), examples)))(environ, start_response)
        self.came.append(said.presentation)
        record = self.school.sign(self.school.course(subject_id=said.presentation["holder"]))
        given = ExchangeMessage(presentation=exchanges.unsigned_presentation([record]))
        return self._say(self.answer or given)(environ, start_response)

    def _say(self, message: ExchangeMessage) -> Response:
        return self._json(exchanges.build_message(message))

    def _json(self, document: JSONObject) -> Response:
        return Response(json.dumps(document), content_type="application/json")


@pytest.fixture
def partner(world: World) -> Partner:
    made = Partner(world, School(world, "https://library.example", "Moab library"))
    world.web.serve(ORIGIN, made)
    return made


def opened(inside: Browser, link: str) -> Any:
    return inside.submit(inside.get("/add"), link=link)


LINKS = (f"{ORIGIN}/i/1?iuv=1", f"interaction:{ORIGIN}/i/1?iuv=1",
         exchanges.lcw_link(Protocols(vcapi=f"{ORIGIN}/x"), ORIGIN))


@pytest.mark.parametrize("link", LINKS)
def test_a_record_comes_after_a_yes_and_not_before(inside: Browser, partner: Partner, link: str) -> None:
    page = opened(inside, link)
    assert "partner.example" in heading(page) and partner.came == []
    page = inside.submit(page, decision="take")
    assert heading(page) == "1 record came" and len(partner.came) == 1
    assert "Algebra I" in words(inside.get("/"))
    said = verify_presentation(partner.came[0], Policy(), partner.world.environment(), challenge="c-1", domain=ORIGIN)
    assert said.check("binding").outcome == "passed"  # type: ignore[union-attr]


def test_a_no_sends_nothing(inside: Browser, partner: Partner) -> None:
    page = inside.submit(opened(inside, LINKS[0]), decision="refuse")
    assert "Nothing waits for you" in words(page)
    assert partner.came == [] and "Algebra I" not in words(inside.get("/"))


@pytest.mark.parametrize("link", LINKS)
def test_it_waits_in_the_inbox_once_and_can_be_taken_later(inside: Browser, partner: Partner, link: str) -> None:
    for _ in range(2):
        opened(inside, link)
    inbox = inside.get("/inbox")
    assert words(inbox).count("partner.example offers you records") == 1 and partner.came == []
    (where,) = re.findall(r'href="(/inbox/exchanges/[^"]+)"', inbox.text)
    page = inside.submit(inside.get(where), decision="take")
    assert heading(page) == "1 record came" and len(partner.came) == 1
    assert "Nothing waits for you" in words(inside.get("/inbox"))
    assert inside.get(where).status_code == 409, "it is taken"


def test_it_stays_in_the_inbox_while_nobody_answers(inside: Browser, partner: Partner) -> None:
    page = opened(inside, LINKS[0])
    partner.world.web.unreachable(ORIGIN)
    page = inside.submit(page, decision="take")
    assert page.status_code == 502 and "could not reach" in words(page)
    partner.world.web.reachable(ORIGIN)
    assert heading(inside.submit(page, decision="take")) == "1 record came"


def test_where_the_other_side_would_go_on_is_shown_and_not_followed(inside: Browser, partner: Partner) -> None:
    inside.submit(opened(inside, LINKS[0]), decision="take")
    partner.example, partner.answer = EXAMPLE, ExchangeMessage(redirect_url=f"{ORIGIN}/thanks")
    page = opened(inside, LINKS[0])
    assert "To admit you" in words(page) and "whole records only" in words(page)
    assert len(partner.came) == 1
    page = inside.submit(page, decision="share")
    assert heading(page) == "Shared with partner.example" and f"{ORIGIN}/thanks" in page.text
    (record,) = partner.came[1]["verifiableCredential"]
    assert record["credentialSubject"]["achievement"]["name"] == "Algebra I"


def test_refusing_an_exchange_tells_nobody(inside: Browser, partner: Partner) -> None:
    inside.submit(opened(inside, LINKS[0]), decision="take")
    partner.example = EXAMPLE
    page = inside.submit(opened(inside, LINKS[0]), decision="refuse")
    assert "is not told that you said no" in words(page) and len(partner.came) == 1


@pytest.mark.parametrize("change", [
    {"type": ["VerifiableCredential", "ClrCredential"]},
    {**EXAMPLE, "credentialSubject": {"achievement": {"name": "Another course"}}},
    {**EXAMPLE, "issuer": {"id": "did:web:other.example"}},
    {"@context": ["https://unknown.example/v1"], "type": ["VerifiableCredential"]}])
def test_what_is_not_like_the_example_does_not_leave(inside: Browser, partner: Partner, change: JSONObject) -> None:
    inside.submit(opened(inside, LINKS[0]), decision="take")
    partner.example = change
    page = opened(inside, LINKS[0])
    assert "Algebra I" not in words(page) and len(partner.came) == 1


def test_a_link_of_the_older_kind_is_not_taken(inside: Browser) -> None:
    page = opened(inside, "dccrequest://request?issuer=a&vc_request_url=https://a.example/&auth_type=bearer&challenge=1")
    assert page.status_code in (422, 501), page.status_code
