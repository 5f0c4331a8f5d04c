"""The registrar's and the teacher's desk in a real Chromium, by its buttons: a phone in Spanish, wide in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from credkit.environment import SystemClock
from credkit.keys import SoftwareSigner
from credkit.protocols import reissue
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import AuthorizationDetail, CredentialRequest, TokenRequest
from demo.export import STUDENT_NUMBER, build_export
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import from_environ
from issuer.services.staff import REGISTRAR, TEACHER
from issuer.web import create_app
from tests.browser.conftest import PHONE_ES, SCREENS, WIDE_EN, Screen, build_look, watching
from tests.browser.serving import serving
from tests.issuer.next_school import NextSchool
from tests.issuer.test_statements import GUARDIAN
from tests.support.shared import samples
from tests.support.world import World
from ui.passwords import hash_password

PASSWORD = "correct horse battery"
HASHED = hash_password(PASSWORD, b"sixteen bytes ok")
See = Callable[[str], None]
LONG_NAME = "María Guadalupe Hernández de la Cruz y Fernández de Córdoba Villanueva"


@dataclass
class Desk:
    """A running office, and who works in it."""

    origin: str
    services: Services
    asking: NextSchool
    student: str


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    world = World()
    world.clock.moment = SystemClock().now()
    made: list[Services] = []

    def make_app(origin: str) -> Flask:
        config = from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder / "school")
        initialise_issuer(config, origin=origin, name="Lincoln High School", password_hash=HASHED)
        made.append(build_services(config, clock=world.clock, fetcher=world.web))
        return create_app(made[0])

    with serving(make_app) as origin:
        services = made[0]
        reading = services.imports.receive(build_export(folder / "lincoln.zip").read_bytes(), "lincoln.zip", "operator")
        services.imports.confirm(reading.id, "operator")
        services.staff.add("lee", REGISTRAR, HASHED, "operator")
        services.staff.add("rivera", TEACHER, HASHED, "operator")
        yield Desk(origin, services, NextSchool(world), services.students.find(STUDENT_NUMBER).id)


@pytest.fixture(params=[screen for screen in SCREENS if screen in (PHONE_ES, WIDE_EN)] or list(SCREENS), ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    chosen: Screen = request.param
    return chosen


def ask_for_a_fresh_key(desk: Desk) -> str:
    """A wallet that collected one record asks for it under a fresh key; the id of the request."""
    services, now = desk.services, desk.services.office.clock.now()
    made = services.offers.offer_student(desk.student, "lee")
    offer = v1_0.parse_offer(services.offers.read(made.offer_url.rpartition("/")[2]))
    assert offer.pre_authorized is not None
    details = tuple(AuthorizationDetail(name) for name in offer.credential_configuration_ids)
    token = services.tokens.redeem(TokenRequest(offer.pre_authorized.pre_authorized_code, made.tx_code, None, details))
    with services.office.store.reading() as unit:
        item = unit.items_of(made.claim.claim.id)[-1]
    key = SoftwareSigner.generate("Ed25519")
    proof = v1_0.build_key_proof(key, audience=services.office.identity.origin, now=now,
                                 nonce=services.tokens.new_nonce().c_nonce)
    services.issuing.issue(token.access_token, CredentialRequest(
        credential_identifier=item.identifier, proof_type="jwt", proofs=(proof,)))
    return services.reissuing.receive(reissue.build_request(
        key, audience=services.office.identity.did, credential=item.credential_id, now=now,
        jti=services.office.new_id(), reason="Un familiar ya no debe verlo"))


def sign_in(page: Page, desk: Desk, name: str, screen: Screen) -> None:
    page.goto(f"{desk.origin}/login?lang={screen.language}")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")


def test_the_desk_is_walked_by_its_buttons(browser: Browser, desk: Desk, screen: Screen) -> None:
    with (browser.new_context(viewport={"width": screen.width, "height": 844}, locale=screen.language,
                              reduced_motion="reduce") as context,
          watching(context, frozenset({"localhost"})) as watch):
        page, look = context.new_page(), build_look(watch, screen)

        def see(name: str) -> None:
            look(page, name, folder="issuer")

        a_teacher_drafts(page, desk, screen, see)
        context.clear_cookies()
        a_registrar_decides(page, desk, screen, see)


def a_teacher_drafts(page: Page, desk: Desk, screen: Screen, see: See) -> None:
    sign_in(page, desk, "rivera", screen)
    see("drafts-empty" if screen == PHONE_ES else "drafts")
    page.goto(f"{desk.origin}/forms?student={STUDENT_NUMBER}")
    see("forms")
    page.goto(f"{desk.origin}/forms/work-habits?student={STUDENT_NUMBER}")
    page.click("main form#page-form button[type=submit].btn-primary")
    page.fill("[name=term]", f"Otoño {screen.width}")
    page.click("main form#page-form button[type=submit].btn-primary")
    see("form-errors")
    page.fill("[name=strengths]", "Ayuda a los demás")
    page.select_option("[name=persists]", "always")
    page.click("main form#page-form button[type=submit].btn-primary")
    see("draft")
    page.goto(f"{desk.origin}/endorse?student={STUDENT_NUMBER}")
    page.fill("[name=work]", "urn:uuid:0b6f4a3e-5a52-4f3f-9d3c-3f8f6f0f1a11")
    page.fill("[name=teacher]", LONG_NAME)
    page.fill("[name=comment]", "Pasos claros, palabras propias.")
    see("endorse")
    page.click("main form#page-form button[type=submit].btn-primary")
    see("draft-endorsement")
    page.goto(f"{desk.origin}/drafts")
    see("drafts-full")


def a_registrar_decides(page: Page, desk: Desk, screen: Screen, see: See) -> None:
    student = f"{desk.origin}/students/{desk.student}"
    desk.asking.world.clock.advance(minutes=1)
    desk.services.students.leave(desk.student, None, "lee")
    sign_in(page, desk, "lee", screen)
    request_id = ask_for_a_fresh_key(desk)
    page.goto(f"{desk.origin}/")
    see("today")
    page.goto(f"{student}/offers")
    see("offer-choices")
    page.goto(f"{desk.origin}/approvals")
    see("approvals")
    page.goto(f"{desk.origin}/approvals/{request_id}")
    see("reissue")
    page.click("button[value=approve]")
    see("student")
    page.goto(f"{desk.origin}/approvals")
    page.click("main .checks a")
    see("approval")
    page.click("button[value=approve]")
    page.goto(f"{student}/transfer")
    see("transfer-not-left")
    page.goto(f"{student}/leaving")
    page.fill("[name=on]", desk.asking.world.clock.now().date().isoformat())
    see("leaving")
    page.click("main form#page-form button[type=submit].btn-primary")
    page.goto(f"{student}/transfer")
    page.fill("[name=link]", desk.asking.link)
    page.click("main form#page-form button[type=submit].btn-primary")
    see("transfer")
    desk.asking.world.clock.advance(minutes=1)
    page.click("button[value=send]")
    see("transfer-sent")
    claim = desk.services.offers.claims_of(desk.student)[0]
    page.goto(desk.services.offers.fresh(claim.claim.id).page_url)
    see("claim-with-notice")
    guardians(page, desk, see)
    page.goto(f"{student}/delete")
    page.fill("[name=number]", "not this one")
    page.click("main form#page-form button[type=submit]")
    see("deletion")
    page.goto(f"{desk.origin}/log")
    see("log")
    reading = desk.services.imports.receive(
        samples("edfi/xml/StudentAssessment-StateAssessment.xml").read_bytes(), "edfi.xml", "lee")
    page.goto(f"{desk.origin}/import/{reading.id}")
    see("import-edfi")
    page.context.clear_cookies()
    sign_in(page, desk, "operator", screen)
    page.goto(f"{desk.origin}/staff")
    page.fill("[name=name]", f"new-{screen.width}")
    page.fill("[name=password]", "short")
    page.click("main form#page-form button[type=submit].btn-primary")
    see("staff-errors")


def guardians(page: Page, desk: Desk, see: See) -> None:
    student = f"{desk.origin}/students/{desk.student}"
    with desk.services.office.store.writing() as unit:
        unit.save_contact(desk.student, "P-1", {"key": "P-1", "name": LONG_NAME, "relation": "Mother", "legal": True,
                                                "restricted": True}, desk.services.office.clock.now())
    page.goto(f"{student}/guardians")
    page.click("main .checks a >> nth=-1")
    page.fill("[name=begins]", GUARDIAN.begins.isoformat())
    page.fill("[name=paper]", GUARDIAN.paper)
    see("guardian")
    page.check("[name=sure]")
    page.click("main form#page-form button[type=submit].btn-primary")
    see("guardians")
    page.goto(f"{student}/guardians/limit")
    see("court-limit")
