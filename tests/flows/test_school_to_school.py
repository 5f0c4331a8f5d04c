"""School to school as both roles ship (P7): the new school asks, the old one's registrar says yes, the page says so."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.support import NullTranslations

import issuer.bootstrap
import issuer.config
import issuer.web
import verifier.bootstrap
import verifier.config
import verifier.web
from demo.export import STUDENT_NUMBER, build_export
from tests.support.world import World
from ui.passwords import hash_password
from verifier.services.questions import FULL_RECORD, build_question
from verifier.web.told import tell_story

OLD, NEW = "https://school.example", "https://next.example"
DID = "did:web:school.example"
LEFT = date(2026, 6, 1)
HASHED = hash_password("correct horse battery", b"sixteen bytes ok")


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
    export = build_export(tmp_path / "export.zip")
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


def test_the_full_record_goes_from_school_to_school(
    world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services
) -> None:
    question = build_question([FULL_RECORD], "Enrollment", today=world.clock.now().date(), sender=DID)
    asked = new.requests.ask(question)
    student = old.students.find(STUDENT_NUMBER).id

    seen = old.transfers.read(asked.links.deep, student, "registrar")
    world.clock.moment += timedelta(days=3)
    old.transfers.read(asked.links.deep, student, "registrar")
    digest = old.approvals.find(seen.petition.id).digest
    sent = old.transfers.send(seen.petition.id, "registrar", seen_digest=digest)

    assert (seen.asks["name"], seen.asks["purpose"]) == ("Roosevelt Middle School", "Enrollment")
    assert sent.petition.state == "sent"
    story = new.results.find(new.requests.find(asked.id).result_id or "").story
    assert story["report"]["verified"] is True, story["report"]["checks"]
    told = tell_story(story, NullTranslations())
    assert told.overall.verdict.look == "holds"
    assert told.notes[0] == "Sent by the school itself, as its full record. The school tells the family."
    assert len(told.records[0].members) == len(seen.records)


def test_a_no_reaches_the_school_that_asked(
    world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services
) -> None:
    question = build_question([FULL_RECORD], "Enrollment", today=world.clock.now().date(), sender=DID)
    asked = new.requests.ask(question)
    seen = old.transfers.read(asked.links.deep, old.students.find(STUDENT_NUMBER).id, "registrar")

    digest = old.approvals.find(seen.petition.id).digest
    old.transfers.refuse(seen.petition.id, "registrar", "No such student with you", seen_digest=digest)

    assert str(new.requests.find(asked.id).progress) == "refused"
