"""A wallet, an office and a verifier in which every field that others can fill holds a hostile text."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image

import issuer.bootstrap
import issuer.config
import issuer.web
import verifier.bootstrap
import verifier.config
import verifier.web
import wallet.bootstrap
import wallet.web
from credkit.errors import CredkitError
from credkit.ports import JSONObject
from credkit.protocols.ob_api_v3p0 import BASE, SCOPES
from credkit.protocols.oid4vci.messages import AuthorizationClient, AuthorizationRequest
from demo.export import STUDENT_NUMBER, build_export
from issuer.importing import read_export
from issuer.services.awarding import BadgeWords
from issuer.services.guardians import Statement
from issuer.services.office import hash_secret
from issuer.services.rosters import roster_to_json
from issuer.services.staff import TEACHER
from issuer.store import App, AppGrant, AppRecord, AppToken, ImportRecord
from tests.issuer.next_school import NextSchool
from tests.issuer.test_templates import ANSWERS
from tests.support.hostile_text import Supply
from tests.support.world import FixedClock, School, World
from tests.verifier.family import STUDENT, Family
from tests.wallet.household import environment_of, let_in
from tests.wallet.offices import AskingCollege, OfferingSchool
from tests.wallet.results import family_year, fractions, put, record
from tests.wallet.support import PASSPHRASE
from ui.passwords import hash_password
from wallet.config import Config, GuessCost
from wallet.services.growth import mastery
from wallet.services.people.leaving import Wish
from wallet.services.people.people import About, Draft
from wallet.services.record import about_me, comments, contributions, library, portfolio, tracker, unverified
from wallet.services.record.files import NewFile
from wallet.services.record.items import EXPOSED
from wallet.services.record.tracker import Letter
from wallet.services.sharing import bundles
from wallet.services.sharing.bundles import Chosen, Purpose
from wallet.vault import OpenVault

APP_PAGE = "page-of-an-app"
TEACHERS_NAME = "rivera"
PASSWORD = "correct horse battery"
HASHED = hash_password(PASSWORD, b"sixteen bytes ok")
LANGUAGE = "en"


@dataclass
class Place:
    """A role's pages.

    Attributes:
        open: Paths for somebody without a key or login.
        begin: Paths where a visit begins, besides the start page; the first is the record's or the student's.
        helper: Who signs in as a helper.
    """

    app: Flask
    open: tuple[str, ...] = ()
    begin: tuple[str, ...] = ()
    helper: str = TEACHERS_NAME


# The wallet -----------------------------------------------------------------------------------------------------------

def wallet_place(folder: Path, origin: str, supply: Supply) -> Place:
    """A guardian's wallet: a child's backpack with helpers, and whatever others could write into it."""
    world = World()
    school = OfferingSchool(world, name=supply.text(200))
    config = Config(folder / "wallet", f"sqlite:///{folder / 'wallet' / 'wallet.sqlite3'}", origin=origin,
                    guess_cost=GuessCost(19 * 1024, 2, 1), loopback_http=True)
    services = wallet.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    own = services.vault.create(PASSPHRASE).vault
    services.people.set_my_name(own, supply.text(100))
    child = services.people.add_learner(own, About(supply.text(100), "2015-03-09", "America/Denver", "es"),
                                        basis="parent")
    badge = _records(services, child, supply)
    piece = _said(services, child, badge, supply)
    tutor = _people(services, child, supply)
    link = _shared(services, child, supply)
    college = AskingCollege(world, name=supply.text(200), purpose=supply.text(400))
    with suppress(CredkitError):
        services.inbox.receive_request(child, college.ask())
    services.inbox.receive_offer(child, school.offer(school.course(1, supply.text(200))))
    token = services.people.invite(child, Draft(supply.text(100), "tutor", frozenset({"read:services"}),
                                                "family-consent", world.clock.now() + timedelta(days=9)))
    open_to_all = (f"/join/{token}", link, "/security", "/older-copy", "/unlock", "/recover")
    return Place(wallet.web.create_app(services), open_to_all, (f"/records/{badge}", f"/records/{piece}"), tutor)


def _records(services: wallet.bootstrap.Services, child: OpenVault, supply: Supply) -> str:
    """Records of every kind, as hostile signers would word them; one with an address of every sort."""
    addresses = ("javascript:window.__pwned=1", "https://evil.example/?<script>", "https://evil.example/", "data:,x")
    links: list[JSONObject] = [{"type": ["Alignment"], "targetName": supply.text(), "targetUrl": address,
                                "targetCode": supply.text(60), "targetFramework": supply.text(120)}
                               for address in addresses]
    badge = record("Badge", "A badge", "2026-03-01", alignments=links)
    badge["evidence"] = [{"id": address, "type": ["Evidence"], "name": "n", "narrative": "w", "genre": "g"}
                         for address in ("https://evil.example/work", "javascript:window.__pwned=1")]
    documents = [*family_year(), badge, *(record(kind, "name", "2026-04-01") for kind in (
        "Course", "CoCurricular", "ext:IEPSummary", "CommunityService", "ext:WorkHabits", "ext:Unheard"))]
    kept = put(child, *(supply.poison(document) for document in documents))
    put(child, _transcript(supply))
    framework = supply.poison(fractions(), most=300)
    mastery.keep_framework(child, services.clock, json.dumps(framework).encode())
    return kept[documents.index(badge)]


def _transcript(supply: Supply) -> JSONObject:
    members = [supply.poison(record("Course", "name", "2026-01-01", [(("LetterGrade", "Grade"), "A", {})],
                                    identifier=f"urn:uuid:00000000-0000-4000-8000-00000000000{number}",
                                    term="Spring")) for number in range(3)]
    return {"@context": [], "id": "urn:uuid:00000000-0000-4000-8000-000000000099",
            "type": ["VerifiableCredential", "ClrCredential"], "name": supply.text(),
            "issuer": {"id": "did:web:school.example", "type": ["Profile"], "name": supply.text()},
            "validFrom": "2026-06-01T00:00:00Z", "partial": True, "credentialSubject": {
                "type": ["ClrSubject"], "verifiableCredential": members,
                "identifier": [{"type": "IdentityObject", "hashed": False, "identityHash": supply.text(200),
                                "identityType": "name"}]}}


def _said(services: wallet.bootstrap.Services, child: OpenVault, badge: str, supply: Supply) -> str:
    """What families and helpers say: comments, contributions, portfolio, statements, letters, papers."""
    environment = environment_of(services)
    signed: dict[str, Any] = {"name": supply.text(100).strip() or "x", "language": LANGUAGE}
    for item_id in (badge, *(card.item_id for card in library.shelf(child).all()[:3])):
        comments.comment(child, environment, item_id, comments.Draft(
            supply.text(3_000), supply.text(110), LANGUAGE, travels=True))
    contributions.contribute(child, environment, contributions.Draft(
        "work-habits", "note", supply.text(110), supply.text(3_000), **signed))
    contributions.contribute(child, environment, contributions.Draft(
        "work-habits", "score", supply.text(110), supply.text(3_000), value=supply.text(100), scale=supply.text(100),
        **signed))
    buffer = BytesIO()
    Image.new("RGB", (60, 40)).save(buffer, "JPEG")
    piece = portfolio.add(child, environment, title=supply.text(110), words=supply.text(3_000), works=[
        NewFile(supply.text(100), "image/jpeg", buffer.getvalue()),
        NewFile(supply.text(100), "application/pdf", b"%PDF-1.7 x")], **signed)
    for kind in ("strength", "goal", "need"):
        about_me.say(child, environment, kind=kind, words=supply.text(400), **signed)
    for kind in ("access", "correction"):
        letter = tracker.prepare(child, environment, kind=kind, deadline="3-business-days", letter=Letter(  # type: ignore[arg-type]
            supply.text(110), supply.text(110), supply.text(110), about=supply.text(140), words=supply.text(1_000)))
        tracker.mark_sent(child, environment, letter, date(2026, 6, 1))
    tracker.close(child, environment, letter, answered=True, note=supply.text(1_000))
    table = "\n".join(";".join(f'"{text}"' for text in (
        each.replace('"', '""').replace("\0", "") for each in supply.texts(4, 150))) for _row in range(3))
    for media_type, data in (("text/csv", table.encode()), ("image/jpeg", buffer.getvalue())):
        unverified.keep(child, environment, title=supply.text(110), note=supply.text(1_000), name=supply.text(100),
                        media_type=media_type, data=data)
    return piece


def _people(services: wallet.bootstrap.Services, child: OpenVault, supply: Supply) -> str:
    """A second guardian, a tutor whose paper and name are hostile, a proposal, a court's limit, a key that got out."""
    for _guardian in range(2):
        let_in(services, child, supply.text(90), "full", "people", role="guardian", evidence=supply.text(280))
    login = supply.line(90)
    tutor = let_in(services, child, login, "read:transcript", "comment", "contribute:services",
                   evidence=supply.text(280))
    first = library.shelf(child).all()[0]
    comments.comment(tutor, environment_of(services), first.item_id, comments.Draft(
        supply.text(3_000), supply.text(110), LANGUAGE, travels=True))
    other = next(party_id for party_id, member in child.members().items()
                 if member.kind == "guardian" and party_id != child.party_id)
    services.leaving.remove(child, other)
    services.leaving.limit(child, Wish("limit", other, frozenset({"share"}), evidence=supply.text(280)))
    services.leaving.end(child)
    child.add(EXPOSED, {"record_id": first.item_id, "title": supply.text(), "name": supply.text(100),
                        "issuer": "did:web:school.example", "state": "open", "offer": "", "request": ""})
    return login


def _shared(services: wallet.bootstrap.Services, child: OpenVault, supply: Supply) -> str:
    """Something handed out; the path of its link."""
    piece = portfolio.pieces(child)[0].item_id
    choice = next(each for each in bundles.choices(child) if each.key == piece)
    draft = bundles.draft(child, services.sharing.environment, [Chosen(choice.key, frozenset())], Purpose(
        supply.text(280), supply.text(280), services.clock.now() + timedelta(days=30), LANGUAGE))
    handed = services.sharing.hand_out(child, draft, seen_digest=draft.digest, form="link")
    assert handed.link is not None
    return "/" + handed.link.url.split("/", 3)[3]


# The office -----------------------------------------------------------------------------------------------------------

def office_place(folder: Path, origin: str, supply: Supply) -> Place:
    """A school whose every export, request and draft was worded by somebody hostile."""
    from credkit.environment import SystemClock

    world = World(clock=FixedClock(SystemClock().now()))
    config = issuer.config.from_environ({"BACKPACK_LOOPBACK_HTTP": "1", "BACKPACK_CONTACT": supply.text(80)},
                                        data=folder / "school")
    issuer.bootstrap.initialise_issuer(config, origin=origin, name=supply.text(100), password_hash=HASHED)
    services = issuer.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    _import(folder, services, supply)
    student = services.students.find(STUDENT_NUMBER).id
    for name in ("work-habits", "assessment", "iep", "service"):
        with suppress(CredkitError):
            services.forms.issue(student, name, _answers(ANSWERS[name], supply), "operator")
    services.awarding.award(STUDENT_NUMBER, BadgeWords(*supply.texts(3, 190)), "operator", narrative=supply.text(4_000))
    services.staff.add(TEACHERS_NAME, TEACHER, HASHED, "operator")
    for _draft in range(2):
        services.awarding.draft(student, BadgeWords(*supply.texts(3, 190)), TEACHERS_NAME,
                                narrative=supply.text(4_000))
        services.endorsing.draft(student, "urn:uuid:0b6f4a3e-5a52-4f3f-9d3c-3f8f6f0f1a11", supply.text(190),
                                 supply.text(1_900), TEACHERS_NAME)
    services.guardians.state(student, Statement(supply.text(190), "parent", "full", date(2026, 1, 1), None,
                                                supply.text(290)), "operator")
    request = _transfer(world, services, student, supply)
    made = services.offers.offer_student(student, "operator")
    taken = services.students.view(student).living[0]
    services.revoking.revoke(taken.id, "operator", supply.text(400))
    client = AuthorizationClient(supply.text(190), "https://wallet.example/back")
    asking = services.authorizing.begin(AuthorizationRequest(client, "A" * 43, ("transcript",))).page
    _let_app_in(services, student, supply)
    page, of = "/" + made.page_url.split("/", 3)[3], f"/students/{student}"
    offer = f"{of}/offers/{made.offer.id}"
    return Place(issuer.web.create_app(services), (page, "/login"), (
        of, f"/authorize/{asking}", f"{BASE}/authorize/{APP_PAGE}", f"{of}/guardians", f"{of}/transfer",
        f"{of}/leaving", f"/transfers/{request}", offer, f"{offer}/code", f"{offer}/sheet"))


def _let_app_in(services: issuer.bootstrap.Services, student: str, supply: Supply) -> None:
    """An app that asks, with what it handed in and what the student says by way of it."""
    office, now = services.office, services.office.clock.now()
    services.passes.make(student, "operator")
    metadata = {"client_name": supply.text(90), "scopes": [], "grant_types": [], "redirect_uris": [], "contacts": [],
                **dict.fromkeys(("software_id", "software_version"), supply.text(90)),
                **{name: f"https://app.example/{name}" for name in ("client_uri", "logo_uri", "tos_uri", "policy_uri")}}
    request = {"redirect_uri": "https://app.example/", "state": "s", "code_challenge": "c", "scopes": list(SCOPES)}
    later = now + timedelta(days=1)
    said = {name: supply.text(250) for name in ("url", "phone", "email", "description")}
    with office.store.writing() as unit:
        unit.add_app(App("app", "", metadata, now, None, later))
        unit.add_app_grant(AppGrant("1", "app", "asked", request, None, None, (), False, later), hash_secret(APP_PAGE))
        unit.add_app_token("token", AppToken("access", "1", "app", student, (), False, later))
        unit.save_app_profile(student, said, supply.text(90), now)
        for number, outcome in enumerate(("passed", "indeterminate")):
            unit.save_app_record(AppRecord(
                str(number), student, "app", supply.text(90), supply.text(90), supply.text(90), str(number),
                supply.text(190), supply.text(190), False, "{}", now, {"outcome": outcome}, now))


def _answers(answers: Any, supply: Supply) -> dict[str, str]:
    return {name: supply.text(60) if name in (
        "term", "teacher", "strengths", "next_step", "test", "goals", "provider", "what", "services") else text
        for name, text in answers.items()}


def _import(folder: Path, services: issuer.bootstrap.Services, supply: Supply) -> None:
    """The demo's export with every word of it replaced; confirmed, and once more to look at."""
    export = build_export(folder / "export.zip").read_bytes()
    kept = frozenset({"number", "key", "status", "kind", "template", "code", "format", "value"})
    for number in range(2):
        plain = roster_to_json(read_export(export))
        hostile = _words(plain, supply, kept)
        hostile["notes"] = [{**note, "values": {name: supply.text(60) for name in note["values"]}}
                            for note in plain["notes"]]
        with services.office.store.writing() as unit:
            unit.add_import(ImportRecord(f"import-{number}", supply.text(100), "digest", hostile,
                                         services.office.clock.now(), None, None))
        if number == 0:
            services.imports.confirm("import-0", "operator")
    student = services.students.find(STUDENT_NUMBER).id
    with services.office.store.writing() as unit:
        unit.save_contact(student, "P-1", {"key": "P-1", "name": supply.text(190), "relation": supply.text(100),
                                           "legal": True, "restricted": True}, services.office.clock.now())


def _words(value: Any, supply: Supply, kept: frozenset[str], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _words(each, supply, kept, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_words(each, supply, kept, name) for each in value]
    is_day = isinstance(value, str) and len(value) == 10 and value[4] == "-"
    if not isinstance(value, str) or name in kept or is_day or name in ("file", "language", "school_year"):
        return value
    return supply.text(120)


def _transfer(world: World, services: issuer.bootstrap.Services, student: str, supply: Supply) -> str:
    """Another school asks, in its own words; the id of its request."""
    services.students.leave(student, world.clock.now().date(), "operator")
    asking = NextSchool(world, changes={"purpose": supply.text(400), "client_name": supply.text(200)})
    asked = services.transfers.read(asking.link, student, "operator")
    services.students.leave(student, None, "operator")
    return asked.petition.id


# The verifier ---------------------------------------------------------------------------------------------------------

def verifier_place(folder: Path, origin: str, supply: Supply) -> Place:
    """An office to which hostile signers and families showed records, whole, changed, and as bundles."""
    world = World()
    school = School(world, name=supply.text(200))
    config = verifier.config.from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder / "college")
    verifier.bootstrap.initialise_verifier(config, origin=origin, name=supply.text(100), wallets=(),
                                           password_hash=HASHED)
    services = verifier.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    services.trust.add(school.did, supply.line(100))
    services.trust.add("did:web:other.example", supply.line(100))
    shown = []
    for document in _shown(world, school, supply):
        shown.append(services.checks.check(json.dumps(document).encode(), keep=True).result.id)
    pages = (*(f"/results/{each}" for each in shown), *(f"/results/{each}/day-one" for each in shown))
    return Place(verifier.web.create_app(services), ("/login", "/"), pages)


def _shown(world: World, school: School, supply: Supply) -> list[JSONObject]:
    family = Family(world)

    def course(index: int) -> JSONObject:
        document = supply.poison(school.course(index=index, student=STUDENT), most=300)
        return school.sign(_with_name(document))

    records = [course(index) for index in range(7, 13)]
    about = family.about_me(*((kind, supply.text(400)) for kind in ("strength", "need", "goal")))
    changed = {**records[0], "name": supply.text()}
    words = [family.comment(each, supply.text(2_000), number=number) for number, each in enumerate(records)]
    return [*records[:2], changed, family.bundle(*records, about, comments=tuple(words)),
            school.sign(school.transcript([course(index) for index in range(20, 25)]))]


def _with_name(document: JSONObject) -> JSONObject:
    """With the student's own name again, so that the records of a bundle are one person's."""
    for each in document["credentialSubject"]["identifier"]:
        if each["identityType"] == "name":
            each["identityHash"] = STUDENT
    return document


Build = Callable[[Path, str, Supply], Place]
