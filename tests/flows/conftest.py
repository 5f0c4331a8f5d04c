"""All three roles as they ship, meeting on a web without sockets: a school, a tutor, a family, a college."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

import issuer.bootstrap
import issuer.config
import issuer.web
import verifier.bootstrap
import verifier.config
import verifier.web
import wallet.bootstrap
from credkit.ports import JSONObject
from demo.export import STUDENT_NUMBER, build_export
from demo.export.small import Course, Pupil, build_small_export
from tests.support.world import World
from ui.passwords import hash_password
from verifier.services.questions import build_question
from wallet.config import Config as WalletConfig
from wallet.config import GuessCost
from wallet.services.people.people import About
from wallet.services.record.library import shelf
from wallet.vault import OpenVault

OLD, NEW = "https://school.example", "https://next.example"
DID = "did:web:school.example"
LEFT = date(2026, 6, 1)
HASHED = hash_password("correct horse battery", b"sixteen bytes ok")
SCHOOL, TUTOR, COLLEGE = "https://school.example", "https://tutor.example", "https://college.example"
WALLET = "https://wallet.example"
PURPOSE = "To decide about your place in the fall of 2027."
TITLES = ("Algebra I", "English 9")
PUPIL = Pupil(STUDENT_NUMBER, "Lucía", "Hernández Núñez")
COURSES = (Course("Algebra I", "A", 95), Course("English 9", "B+", 88), Course("Biology", "A-", 91))
TERM = (date(2026, 1, 5), date(2026, 5, 29))


@dataclass
class Town:
    """The four parties over one world."""

    world: World
    school: issuer.bootstrap.Services
    tutor: issuer.bootstrap.Services
    wallet: wallet.bootstrap.Services
    college: verifier.bootstrap.Services
    vault: OpenVault

    def receive_set(self) -> tuple[str, ...]:
        """Import the demo's export and collect the student's whole set; ids of the items kept."""
        made = self.offer()
        resolved = self.wallet.receiving.resolve_offer(made.offer_url_link)
        return self.wallet.receiving.accept_offer(self.vault, resolved, tx_code=made.tx_code).stored

    def offer(self) -> Offer:
        """Everything that waits for the student."""
        person = self.school.students.find(STUDENT_NUMBER)
        made = self.school.offers.offer_student(person.id, "operator")
        return Offer(link_of(made.offer_url), made.tx_code, len(made.claim.items))

    def items(self, kind: str) -> dict[str, str]:
        """Title → item id of what the wallet holds."""
        return {card.title: card.item_id for card in getattr(shelf(self.vault), kind)}

    def share(self, *titles: str, asks: tuple[str, ...] = ("courses",)) -> JSONObject:
        """The college asks, the family shares the courses with these titles; the college's report."""
        today = self.college.clock.now().date()
        asked = self.college.requests.ask(build_question(asks, PURPOSE, today=today, with_name=True))
        resolved = self.wallet.presenting.resolve_request(asked.links.deep)
        matching = self.wallet.presenting.match(self.vault, resolved)
        courses = self.items("courses")
        choice = {entry.query.id: tuple(courses[title] for title in titles) for entry in matching.asked}
        sheet = self.wallet.presenting.sheet(self.vault, resolved, choice)
        decision = self.wallet.presenting.agree(self.vault, resolved, sheet, seen_digest=sheet.digest)
        self.wallet.presenting.share(self.vault, resolved, decision)
        result_id = self.college.requests.find(asked.id).result_id
        assert result_id is not None
        report: JSONObject = self.college.results.find(result_id).story["report"]
        return report


@dataclass(frozen=True)
class Offer:
    """What the family is handed: a link and, apart, a code."""

    offer_url_link: str
    tx_code: str | None
    records: int


def link_of(offer_url: str) -> str:
    return f"openid-credential-offer://?credential_offer_uri={quote(offer_url, safe='')}"


Database = Callable[[], str]
"""Gives the URL of a new, empty database."""


def build_wallet(data: Path, world: World, database: Database | None = None) -> wallet.bootstrap.Services:
    """A wallet in its own folder, at the lowest cost of guessing allowed."""
    cost = GuessCost(19456, 2, 1)
    url = database() if database else f"sqlite:///{data}/wallet.sqlite3"
    config = WalletConfig(data, url, origin=WALLET, guess_cost=cost)
    return wallet.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return build_town(tmp_path)


def settings(database: Database | None) -> dict[str, str]:
    return {"BACKPACK_DATABASE": database()} if database else {}


def begin_office(data: Path, origin: str, name: str, world: World, database: Database | None = None
                 ) -> issuer.bootstrap.Services:
    """A new issuer at ``origin``."""
    config = issuer.config.from_environ(settings(database), data=data)
    issuer.bootstrap.initialise_issuer(
        config, origin=origin, password_hash=HASHED, name=name, wallets=(WALLET,), clock=world.clock)
    return serve_office(config, origin, world)


def open_office(data: Path, origin: str, world: World) -> issuer.bootstrap.Services:
    """The issuer whose folder lies there already."""
    return serve_office(issuer.config.from_environ({}, data=data), origin, world)


def serve_office(config: issuer.config.Config, origin: str, world: World) -> issuer.bootstrap.Services:
    services = issuer.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    world.web.serve(origin, issuer.web.create_app(services))
    return services


def build_school(folder: Path, world: World, database: Database | None = None) -> issuer.bootstrap.Services:
    """The school, with what the demo's export says."""
    school = begin_office(folder / "school", SCHOOL, "Lincoln High School", world, database)
    export = build_export(folder / "export.zip")
    reading = school.imports.receive(export.read_bytes(), export.name, "operator")
    school.imports.confirm(reading.id, "operator")
    return school


@cache
def informed_school() -> Path:
    """A folder with such a school's, made once for all tests, which copy it: reading the export takes half a second."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    build_school(folder, World())
    return folder


def build_town(tmp_path: Path, database: Database | None = None) -> Town:
    """The four parties in their own folders; the school has imported the demo's export.

    Args:
        database: Where they keep what they know; a file of each folder if None.
    """
    world = World()
    if database is None:
        shutil.copytree(informed_school() / "school", tmp_path / "school")
        school = open_office(tmp_path / "school", SCHOOL, world)
    else:
        school = build_school(tmp_path, world, database)
    tutor = begin_office(tmp_path / "tutor", TUTOR, "Riverside Tutoring", world, database)
    verifier_config = verifier.config.from_environ(settings(database), data=tmp_path / "college")
    verifier.bootstrap.initialise_verifier(verifier_config, origin=COLLEGE, wallets=(WALLET,), password_hash=HASHED)
    college = verifier.bootstrap.build_services(verifier_config, clock=world.clock, fetcher=world.web)
    world.web.serve(COLLEGE, verifier.web.create_app(college))
    college.trust.add("did:web:school.example", "Lincoln High School")
    family = build_wallet(tmp_path / "wallet", world, database)
    return Town(world, school, tutor, family, college, family.vault.create("seven green kites over Utah").vault)


# Two schools and a family ------------------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def old(world: World, tmp_path: Path) -> issuer.bootstrap.Services:
    config = issuer.config.from_environ({}, data=tmp_path / "old")
    issuer.bootstrap.initialise_issuer(
        config, origin=OLD, password_hash=HASHED, name="Lincoln High School", wallets=(), clock=world.clock
    )
    services = issuer.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    world.web.serve(OLD, issuer.web.create_app(services))
    export = build_small_export(tmp_path / "export.zip", "Lincoln High School", PUPIL, COURSES, TERM)
    reading = services.imports.receive(export.read_bytes(), export.name, "registrar")
    services.imports.confirm(reading.id, "registrar")
    services.students.leave(services.students.find(STUDENT_NUMBER).id, LEFT, "registrar")
    return services


@pytest.fixture
def new(world: World, tmp_path: Path) -> verifier.bootstrap.Services:
    config = verifier.config.from_environ({}, data=tmp_path / "new")
    verifier.bootstrap.initialise_verifier(
        config, origin=NEW, name="Roosevelt Middle School", wallets=(), password_hash=HASHED
    )
    services = verifier.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    world.web.serve(NEW, verifier.web.create_app(services))
    services.trust.add(DID, "Lincoln High School")
    return services


@pytest.fixture
def family(world: World, tmp_path: Path) -> tuple[wallet.bootstrap.Services, OpenVault]:
    services = build_wallet(tmp_path / "wallet", world)
    mother = services.vault.create("seven green kites over Utah").vault
    return services, services.people.add_learner(mother, About("Lucía", "2009-03-09", "America/Denver", "es"),
                                                 basis="parent")
