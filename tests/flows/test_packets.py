"""A packet that a family carries by hand (T2, T4, T5): unofficial however well it holds, and replaced by the school's
own record once that has come from school to school. What the family says and its old papers stand apart.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from babel.support import NullTranslations
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from PIL import Image

import verifier.web
import wallet.bootstrap
from credkit.errors import CredkitError, StateError
from credkit.ports import JSONObject
from credkit.proofs import add_proof
from demo.export import STUDENT_NUMBER
from issuer.bootstrap import Services as Old
from tests.flows.conftest import DID, NEW, link_of
from tests.support.world import World
from verifier.bootstrap import Services as New
from verifier.cli import main
from verifier.cli.group import Ports
from verifier.services import packets
from verifier.services.questions import FULL_RECORD, build_question
from verifier.web.told import Told, tell_story
from wallet.services.record import about_me, rules, unverified
from wallet.services.record.hiding import hide_category
from wallet.services.sharing import bundles
from wallet.services.sharing.bundles import Chosen, Draft, Purpose
from wallet.services.sharing.shares import as_file
from wallet.services.signing import sign
from wallet.vault import OpenVault

UNOFFICIAL = "This is an unofficial copy that the family carries; the school's own record replaces it."
REPLACED = "Lincoln High School has sent its own record. It replaces this copy."
Family = tuple[wallet.bootstrap.Services, OpenVault]


def photo() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (60, 40), "white").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def filled(old: Old, family: Family) -> Family:
    """The family has its set, has said something, and keeps two old papers."""
    services, vault = family
    made = old.offers.offer_student(old.students.find(STUDENT_NUMBER).id, "registrar")
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link_of(made.offer_url)),
                                    tx_code=made.tx_code)
    environment = services.sharing.environment
    about_me.say(vault, environment, kind="strength", words="Explains things to others", language="en", name="Rosa")
    unverified.keep(vault, environment, title="Boleta de tercer grado", note="From her school in Sonora.",
                    name="boleta.jpg", media_type="image/jpeg", data=photo())
    unverified.keep(vault, environment, title="Old grades", note="", name="g.csv", media_type="text/csv",
                    data="Materia,Nota\nMatemáticas,9.1\n".encode())
    return family


def draft(family: Family, *keys: str) -> Draft:
    services, vault = family
    purpose = Purpose("Roosevelt Middle School", "To place her", services.clock.now() + timedelta(days=30), "en")
    return bundles.draft(vault, services.sharing.environment, [Chosen(key) for key in keys], purpose)


def packet(family: Family, *keys: str) -> JSONObject:
    decided = draft(family, *(keys or every_key(family)))
    return family[0].sharing.hand_out(family[1], decided, seen_digest=decided.digest, form="file").bundle


def every_key(family: Family) -> list[str]:
    return [choice.key for choice in bundles.choices(family[1])]


def key_of(family: Family, kind: str) -> str:
    return next(choice.key for choice in bundles.choices(family[1]) if choice.kind == kind)


def checked(new: New, document: JSONObject) -> tuple[JSONObject, Told]:
    story = new.checks.check(as_file(document), keep=False).result.story
    return story, tell_story(story, NullTranslations())


def official(world: World, old: Old, new: New) -> str:
    """The old school sends its full record; the id of the result it came to."""
    asked = new.requests.ask(build_question([FULL_RECORD], "Enrollment", today=world.clock.now().date(), sender=DID))
    seen = old.transfers.read(asked.links.deep, old.students.find(STUDENT_NUMBER).id, "registrar")
    old.transfers.send(seen.petition.id, "registrar", seen_digest=old.approvals.find(seen.petition.id).digest)
    return new.requests.find(asked.id).result_id or ""


def operator(new: New) -> FlaskClient:
    """A browser of the new school's operator."""
    client = verifier.web.create_app(new).test_client()
    page = client.get("/login", base_url=NEW).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post("/login", base_url=NEW, data={"csrf_token": token, "name": "operator",
                                                       "password": "correct horse battery"})
    assert answer.status_code == 303
    return client


def result_of(new: New, document: JSONObject) -> str:
    """The operator checks a file; the id of its result."""
    return new.checks.check(as_file(document), keep=True).result.id


# Unofficial, and replaced ---------------------------------------------------------------------------------------------


def test_a_packet_is_called_an_unofficial_copy_and_what_the_family_says_alone_is_none(
        filled: Family, new: New) -> None:
    _story, told = checked(new, packet(filled, key_of(filled, "course")))
    assert told.notes[:2] == ("The family chose these records. This is not the whole record.", UNOFFICIAL)

    _story, told = checked(new, packet(filled, key_of(filled, "about")))
    assert UNOFFICIAL not in told.notes


def test_once_the_schools_own_record_has_come_the_packets_page_links_to_it(
        world: World, old: Old, new: New, filled: Family) -> None:
    result = result_of(new, packet(filled))
    client = operator(new)
    before = client.get(f"/results/{result}", base_url=NEW).text
    assert UNOFFICIAL.replace("'", "&#39;") in before and "has sent its own record" not in before

    sent = official(world, old, new)

    for path in (f"/results/{result}", f"/results/{result}/day-one"):
        page = client.get(path, base_url=NEW).text
        assert REPLACED in page and f'href="/results/{sent}"' in page
    report = client.get(f"/results/{result}/report.json", base_url=NEW).get_json()
    assert report["notes"] == [{"id": "unofficial-copy"},
                               {"id": "replaced-by-official-record", "signer": DID, "result": sent}]
    assert client.get(f"/results/{sent}", base_url=NEW).status_code == 200
    assert client.get(f"/results/{sent}/report.json", base_url=NEW).get_json()["notes"] == []


def test_strangers_are_not_told_what_schools_have_sent(world: World, old: Old, new: New, filled: Family) -> None:
    official(world, old, new)
    app = verifier.web.create_app(new)
    client = app.test_client()
    page = client.get("/", base_url=NEW).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    answer = client.post("/", base_url=NEW, data={"csrf_token": token, "text": as_file(packet(filled)).decode()})
    notes = client.post("/api/verify", base_url=NEW, data=as_file(packet(filled))).get_json()["notes"]

    assert answer.status_code == 200 and "has sent its own record" not in answer.text
    assert notes == [{"id": "unofficial-copy"}]


def test_another_students_record_by_the_same_name_replaces_nothing(
        world: World, old: Old, new: New, filled: Family) -> None:
    """Twins, namesakes: one name is not one student (G09)."""
    official(world, old, new)
    document = packet(filled, key_of(filled, "course"))
    (course,) = document["credentialSubject"]["verifiableCredential"]
    theirs = json.loads(json.dumps({name: value for name, value in course.items() if name != "proof"}))
    theirs["id"] = "urn:uuid:99999999-9999-4999-8999-999999999999"
    for entry in theirs["credentialSubject"]["identifier"]:
        if entry["identityType"] != "name":
            entry["identityHash"] = "99999"
    document["credentialSubject"]["verifiableCredential"] = [signed_by_school(old, theirs)]
    del document["proof"]

    story, _told = checked(new, sign(document, filled[1].party_signer, filled[0].sharing.environment))

    assert story["report"]["verified"] is True
    assert packets.officials(story, new.results) == ()
    assert packets.is_packet(story)


def test_a_record_that_does_not_hold_replaces_nothing(world: World, old: Old, new: New, filled: Family) -> None:
    new.trust.remove(DID)
    new.trust.add("did:web:other.example", "Another school")
    official(world, old, new)
    result = result_of(new, packet(filled))

    assert "has sent its own record" not in operator(new).get(f"/results/{result}", base_url=NEW).text


def test_the_command_line_says_the_same_with_days_people_read(
        world: World, old: Old, new: New, filled: Family, tmp_path: Path) -> None:
    file = tmp_path / "packet.json"
    file.write_bytes(as_file(packet(filled)))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), obj=Ports(world.clock, world.web), env={
            "BACKPACK_DATA": str(tmp_path / "new"), "LANG": "en_US.UTF-8"})

    first = run("verify", str(file))
    sent = official(world, old, new)
    then = run("verify", str(file))
    report = json.loads(run("verify", str(file), "--json").stdout)

    assert UNOFFICIAL in first.stdout and "has sent its own record" not in first.stdout
    assert REPLACED in then.stdout and f"backpack-verifier result {sent}" in then.stdout
    assert "Signed on: June 15, 2026" in then.stdout and "2026-06-15T" not in then.stdout
    assert report["notes"][1] == {"id": "replaced-by-official-record", "signer": DID, "result": sent}
    assert report["members"][0]["document"]["validFrom"].startswith("2026-")
    assert sorted(paper["title"] for paper in report["papers"]) == ["Boleta de tercer grado", "Old grades"]
    spanish = run("verify", str(file), "--lang", "es").stdout
    assert "Esta es una copia no oficial que lleva la familia" in spanish and "15 de junio de 2026" in spanish


# What the family says, and its old papers -----------------------------------------------------------------------------


def test_old_papers_stand_apart_and_are_called_not_verified(filled: Family, new: New) -> None:
    result = result_of(new, packet(filled))
    client = operator(new)

    for path in (f"/results/{result}", f"/results/{result}/day-one"):
        page = client.get(path, base_url=NEW).text
        part = page.partition("Old papers from the family, not verified")[2]
        assert part.count("Not verified") == 2
        for words in ("Boleta de tercer grado", "From her school in Sonora.", "Old grades", "Matemáticas", "9.1",
                      "Said by the family"):
            assert words in part, words
        assert 'src="data:image/jpeg;base64,' in part
    day_one = client.get(f"/results/{result}/day-one", base_url=NEW).text
    said = day_one.partition("What the student is good at and likes")[2].partition("</section>")[0]
    assert "Said by the family" in said and "Explains things to others" in said
    assert "Boleta" not in day_one.partition("Old papers from the family")[0]


def test_a_paper_counts_for_nothing_in_the_verdict_and_a_changed_one_is_red(filled: Family, new: New) -> None:
    document = packet(filled)
    story, told = checked(new, document)
    assert story["report"]["verified"] is True and told.overall.verdict.look == "holds"
    assert sorted(paper.kind for paper in told.papers) == ["picture", "table"]
    assert "evidence" not in json.dumps(story["report"]["document"])

    document["evidence"][1]["id"] = "data:text/csv;base64," + base64.b64encode(b"Materia,Nota\nMate,10\n").decode()
    story, told = checked(new, document)
    assert told.overall.verdict.look == "fails" and told.papers == ()


def test_papers_go_along_only_with_something_signed_and_only_where_the_rules_allow(filled: Family) -> None:
    papers = [choice.key for choice in bundles.choices(filled[1]) if choice.kind == "paper"]
    assert len(papers) == 2
    with pytest.raises(StateError, match="Old papers only go along"):
        draft(filled, *papers)

    decided = draft(filled, key_of(filled, "about"), papers[0])
    assert [each.paper.title for each in decided.enclosures] in (["Boleta de tercer grado"], ["Old grades"])
    hide_category(filled[1], filled[0].clock, "other", "never")
    assert rules.read_book(filled[1]).categories["other"] == "never"
    assert not any(choice.kind == "paper" for choice in bundles.choices(filled[1]))
    with pytest.raises(StateError):
        draft(filled, key_of(filled, "about"), papers[0])


HOSTILE_PAPERS: tuple[object, ...] = (
    "x", 7, [None], [{"id": 7}], [{"id": "data:image/jpeg;base64,AAAA", "type": ["Evidence"], "name": {"@value": 3}}],
    [{"id": "data:text/html;base64,PHNjcmlwdD4=", "type": ["Evidence"], "name": "<script>alert(1)</script>"}],
    [{"id": "data:image/svg+xml;base64,PHN2Zz4=", "type": ["Evidence"], "name": "s"}],
    [{"id": "https://evil.example/x.png", "type": ["Evidence"], "name": "far"}],
    [{"id": "data:text/csv;base64," + base64.b64encode(b'"' * 4000).decode(), "type": ["Evidence"], "name": "q"}])


def test_hostile_papers_are_words_or_nothing(filled: Family, new: New) -> None:
    document, browser = packet(filled, key_of(filled, "about")), operator(new)
    for evidence in HOSTILE_PAPERS:
        unsigned = {name: value for name, value in document.items() if name != "proof"} | {"evidence": evidence}
        try:
            signed = sign(unsigned, filled[1].party_signer, filled[0].sharing.environment)
        except CredkitError:
            signed = {**unsigned, "proof": document["proof"]}
        page = browser.get(f"/results/{result_of(new, signed)}", base_url=NEW)

        assert page.status_code == 200
        for bad in ("<script>alert", "data:image/svg", "evil.example", "text/html"):
            assert bad not in page.text, evidence


def signed_by_school(old: Old, document: JSONObject) -> JSONObject:
    """A record with a proof by the old school's own key."""
    office = old.transfers._office
    return add_proof(document, suite="eddsa-rdfc-2022", signer=office.keys.whole, processor=office.processor,
                     created=office.clock.now())
