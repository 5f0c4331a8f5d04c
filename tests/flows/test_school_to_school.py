"""School to school as the roles ship (P7): the new school asks, the old one's registrar says yes, the page says so; and
the family finds it in its log, as the school's own words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.support import NullTranslations

import issuer.bootstrap
import verifier.bootstrap
import wallet.bootstrap
import wallet.config
import wallet.web
from credkit.encoding import base64url_encode
from credkit.jose import peek_payload
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols.transfer_notice import TransferNotice, build_notice, verify_notice
from demo.export import STUDENT_NUMBER
from tests.flows.conftest import DID, WALLET, link_of
from tests.support.world import World
from tests.wallet.cli.terminal import Terminal
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import Browser, heading, words
from verifier.services.questions import FULL_RECORD, build_question
from verifier.web.told import tell_story
from wallet.services import activity
from wallet.services.log_words import sentence
from wallet.services.record.library import shelf
from wallet.vault import OpenVault

WORDS = ("Lincoln High School sent a copy of the full record to Roosevelt Middle School (next.example) on June 15, "
         "2026. This is your own copy.")
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


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


# What the family learns of it -----------------------------------------------------------------------------------------


def sent_to_the_new_school(world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services) -> str:
    """The full record goes; the offer of the family's copy, as an address."""
    today = world.clock.now().date()
    asked = new.requests.ask(build_question([FULL_RECORD], "Enrollment", today=today, sender=DID))
    student = old.students.find(STUDENT_NUMBER).id
    seen = old.transfers.read(asked.links.deep, student, "registrar")
    old.transfers.send(seen.petition.id, "registrar", seen_digest=old.approvals.find(seen.petition.id).digest)
    return old.offers.fresh(old.offers.claims_of(student)[0].claim.id).offer_url


def collected(old: issuer.bootstrap.Services, family: tuple[wallet.bootstrap.Services, OpenVault], offer: str) -> None:
    """The family takes the offer in."""
    services, vault = family
    claim = old.offers.claims_of(old.students.find(STUDENT_NUMBER).id)[0].claim
    resolved = services.receiving.resolve_offer(link_of(offer))
    services.receiving.accept_offer(vault, resolved, tx_code=old.offers.tx_code_of(claim.id))


def transferred(vault: OpenVault) -> list[activity.Line]:
    return [line for line in activity.lines(vault) if line.kind == "transferred"]


def test_the_family_finds_it_in_its_log_as_the_schools_words(
    world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services,
    family: tuple[wallet.bootstrap.Services, OpenVault]
) -> None:
    offer, sent_at = sent_to_the_new_school(world, old, new), world.clock.now()
    world.clock.moment += timedelta(minutes=5)

    collected(old, family, offer)

    (line,) = transferred(family[1])
    assert (line.host, line.did) == ("school.example", DID)
    assert (line.name, line.to) == ("Roosevelt Middle School", "did:web:next.example")
    assert datetime.fromisoformat(line.sent_at) == sent_at
    assert line.words == WORDS
    assert line.titles == ("Full school record, Lincoln High School",)
    assert sentence(line, str) == "school.example says that it sent the full record to “Roosevelt Middle School”"
    assert activity.check_chain(family[1]) > 1
    assert any(card.title.startswith("Full school record") for card in shelf(family[1]).all())


def test_the_page_and_the_command_tell_it_in_both_languages(
    world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services, tmp_path: Path
) -> None:
    offer = sent_to_the_new_school(world, old, new)
    code = old.offers.tx_code_of(old.offers.claims_of(old.students.find(STUDENT_NUMBER).id)[0].claim.id)
    terminal = Terminal(tmp_path, world)
    terminal.run("init")
    assert terminal.run("accept", link_of(offer), "--tx-code", str(code)).exit_code == 0

    english, spanish = terminal.run("activity").stdout, terminal.run("activity", "--lang", "es").stdout
    assert f"school.example says: “{WORDS}”" in english
    assert "Sent to: Roosevelt Middle School (did:web:next.example), Jun 15, 2026" in english
    assert "What you have set to “never” does not bind it." in english
    assert f"school.example dice: “{WORDS}”" in spanish and "does not bind" not in spanish
    (line,) = [each for each in terminal.json("activity") if each["kind"] == "transferred"]
    assert (line["words"], line["to"], line["sent_at"]) == (WORDS, "did:web:next.example", "2026-06-15T12:00:00Z")
    config = replace(wallet.config.from_environ({}, data=terminal.data), origin=WALLET)
    app = wallet.web.create_app(wallet.bootstrap.build_services(config, clock=world.clock, fetcher=world.web))
    for language, said in (("en", "In the school's own words"), ("es", "Con las palabras de la escuela")):
        visitor = Browser(app, language)
        visitor.submit(visitor.get("/unlock"), passphrase=PASSPHRASE, login="me")
        page = visitor.get(f"/activity/{line['id']}")
        assert said in words(page) and WORDS in words(page)
        assert re.search(f'<q><[^>]*lang="en"[^>]*>{re.escape(WORDS)}', page.text) or language == "en"
        assert "Roosevelt Middle School" in heading(page)


def test_what_is_collected_twice_is_told_once(
    world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services,
    family: tuple[wallet.bootstrap.Services, OpenVault]
) -> None:
    offer = sent_to_the_new_school(world, old, new)
    notice = json.loads(world.web.get(offer).body)["transfer_notice"]
    collected(old, family, offer)
    world.clock.advance(minutes=1)  # so that the newest claim is told from the one before
    again = old.offers.offer_student(old.students.find(STUDENT_NUMBER).id, "registrar", again=True)

    collected(old, family, altered(world, again.offer_url, lambda document: {**document, "transfer_notice": notice}))

    assert len(transferred(family[1])) == 1


def test_an_offer_without_a_transfer_tells_nothing(
    old: issuer.bootstrap.Services, family: tuple[wallet.bootstrap.Services, OpenVault]
) -> None:
    made = old.offers.offer_student(old.students.find(STUDENT_NUMBER).id, "registrar")

    collected(old, family, made.offer_url)

    assert transferred(family[1]) == []


def _changed_words(notice: str) -> str:
    head, body, signature = notice.split(".")
    claims = {**peek_payload(notice), "words": "Call +1 555 0100 about your child's record."}
    del body
    return ".".join((head, base64url_encode(json.dumps(claims).encode()), signature))


def _by_somebody_else(notice: str) -> str:
    claims = peek_payload(notice)
    stranger = SoftwareSigner.generate("Ed25519", verification_method=DID + "#ed25519")
    return build_notice(TransferNotice(DID, claims["sub"], "did:web:evil.example", "Evil", NOON, "Gone."), stranger)


@pytest.mark.parametrize("forge", [
    _changed_words, _by_somebody_else, lambda notice: notice[:-4] + "AAAA", lambda notice: "a.b.c",
    lambda notice: "x" * 9000, lambda notice: notice.split(".")[1]])
def test_a_notice_that_somebody_changed_on_the_way_is_none(
    world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services,
    family: tuple[wallet.bootstrap.Services, OpenVault], forge: Callable[[str], str]
) -> None:
    offer = altered(world, sent_to_the_new_school(world, old, new), lambda document: {
        **document, "transfer_notice": forge(document["transfer_notice"])})

    collected(old, family, offer)

    assert transferred(family[1]) == []
    assert [line.kind for line in activity.lines(family[1])][:1] == ["received"]


def test_another_students_notice_says_nothing_here(
    world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services,
    family: tuple[wallet.bootstrap.Services, OpenVault]
) -> None:
    offer = sent_to_the_new_school(world, old, new)
    other = build_notice(TransferNotice(
        DID, "urn:uuid:11111111-2222-4333-8444-555555555555", "did:web:next.example", "Roosevelt", world.clock.now(),
        "Sent."), old.transfers._office.keys.whole)

    collected(old, family, altered(world, offer, lambda document: {**document, "transfer_notice": other}))

    assert transferred(family[1]) == []


def test_the_notice_holds_for_a_stranger_who_checks_it(
    world: World, old: issuer.bootstrap.Services, new: verifier.bootstrap.Services
) -> None:
    offer = sent_to_the_new_school(world, old, new)
    notice = json.loads(world.web.get(offer).body)["transfer_notice"]

    said = verify_notice(notice, sender=DID, record=peek_payload(notice)["sub"], now=world.clock.now(),
                         resolver=world.environment().resolver)

    assert (said.recipient, said.language) == ("did:web:next.example", "en")


def altered(world: World, offer: str, change: Callable[[JSONObject], JSONObject]) -> str:
    """The address at which a stranger serves an offer as it was changed."""
    address = "https://between.example/offer"
    world.web.serve_json(address, change(json.loads(world.web.get(offer).body)))
    return address
