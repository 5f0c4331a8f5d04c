"""The library: one record for one credential, by year and term, and nothing that must not leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from credkit.errors import StateError
from credkit.ports import JSONObject
from tests.support.shared import read_json, samples
from tests.wallet.offices import OfferingSchool
from wallet.bootstrap import Services
from wallet.services.record import library
from wallet.services.record.library import TranscriptView
from wallet.services.record.reading import Record, read_record
from wallet.vault import OpenVault


def take(services: Services, vault: OpenVault, link: str) -> tuple[str, ...]:
    return services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code="4711").stored


def test_a_course_that_lies_alone_and_in_the_transcript_is_one_record(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    transcript, biology = take(services, vault, school.offer(
        school.transcript((1, "Biology", "A"), (2, "Algebra", "B")), school.course(1, "Biology")))

    view = library.show(vault, transcript).view

    assert isinstance(view, TranscriptView)
    lines = {line.record.title: line for term in view.terms for line in term.courses}
    assert lines["Biology"].item_id == biology and lines["Algebra"].item_id is None
    assert library.show_member(vault, transcript, lines["Algebra"].index).title == "Algebra"
    assert library.transcript_with(vault, "https://school.example/credentials/1") == transcript
    assert library.shelf(vault).inside == {f"https://school.example/credentials/{index}" for index in (1, 2)}


def test_what_came_twice_stands_once(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    for grade in ("B", "A"):
        take(services, vault, school.offer(school.course(1, "Biology", grade)))

    assert len(library.shelf(vault).courses) == 1


def test_terms_come_in_order_and_totals_only_as_signed(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    def member(did: str, index: int, name: str, term: str, begins: str, **result: str) -> JSONObject:
        course = school.school.course(index=index, name=name, subject_id=did)
        course["credentialSubject"] |= {"term": term, "activityStartDate": begins}
        if result:
            description = course["credentialSubject"]["achievement"]["resultDescription"][0]
            description |= {"resultType": "GradePointAverage", "name": "GPA"}
            course["credentialSubject"]["result"][0]["value"] = result["value"]
            course["credentialSubject"]["achievement"]["achievementType"] = "Achievement"
        return school.school.sign(course)

    def make(did: str) -> JSONObject:
        members = [member(did, 1, "Physics", "Spring 2026", "2026-01-10T00:00:00Z"),
                   member(did, 2, "Art", "Fall 2025", "2025-08-20T00:00:00Z"),
                   member(did, 3, "Music", "Fall 2025", "2025-08-21T00:00:00Z"),
                   member(did, 4, "Grade point average", "Spring 2026", "2026-01-10T00:00:00Z", value="3.7")]
        return school.school.sign(school.school.transcript(members, subject_id=did))

    (item_id,) = take(services, vault, school.offer(("transcript", make)))
    view = library.show(vault, item_id).view

    assert isinstance(view, TranscriptView)
    assert [(term.year, term.name, [line.record.title for line in term.courses]) for term in view.terms] == [
        ("2025", "Fall 2025", ["Art", "Music"]), ("2026", "Spring 2026", ["Physics"])]
    assert view.totals == (("GPA", "3.7"),) and view.others == ()
    assert (view.person, view.person_number) == ("María José Hernández Núñez", "S-1001")


def test_an_export_never_holds_a_base_proof(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    stored = take(services, vault, school.offer(school.transcript((1, "Biology", "A")), school.course(1, "Biology")))

    exported = [library.exportable(vault, item_id) for item_id in stored]

    assert "proof" in exported[0] and "proof" not in exported[1]
    assert "u2V0A" not in json.dumps(exported)


@pytest.mark.parametrize("name", ["", "unknown", "../../etc/passwd", "index", "'"])
def test_what_is_not_there_is_not_there(services: Services, vault: OpenVault, name: str) -> None:
    for act in (library.show, library.exportable):
        with pytest.raises(StateError):
            act(vault, name)


def test_signers_are_known_by_the_address_their_records_came_from(
        services: Services, vault: OpenVault, school: OfferingSchool, world: Any) -> None:
    other = OfferingSchool(world, "https://tutor.example", "Lincoln High School")
    take(services, vault, school.offer(school.course(1, "Biology")))
    school.school = other.school  # the school hands out a record that somebody else signed
    take(services, vault, school.offer(school.course(2, "Algebra")))

    assert [(issuer.did, issuer.name) for issuer in library.known_issuers(vault).issuers] == [
        ("did:web:school.example", "Lincoln High School · school.example")]


# Reading what others issue

@pytest.mark.parametrize("junk", [{}, {"credentialSubject": 7}, {"credentialSubject": [None]}, {"issuer": []},
                                  {"credentialSubject": {"achievement": [], "result": {"value": {}}, "identifier": 3}},
                                  {"type": 7, "credentialSubject": {"achievement": {"image": {"id": 7}}}},
                                  {"evidence": ["x", {}], "validFrom": [], "issuer": {"id": 3, "name": {}}}])
def test_reading_never_fails(junk: JSONObject) -> None:
    assert isinstance(read_record(junk), Record)


def test_every_sample_badge_can_be_read() -> None:
    found = [path for folder in ("ob3", "dcc", "vectors") for path in sorted(samples(folder).rglob("*.json"))]
    read = [read_record(document) for document in map(read_json, found)
            if isinstance(document, dict) and "credentialSubject" in document]

    assert len(read) > 5
    assert sum(bool(record.title) for record in read) > len(read) / 2


def test_pictures_from_elsewhere_and_drawings_are_left_out() -> None:
    def with_image(image: object) -> JSONObject:
        return {"type": ["OpenBadgeCredential"], "credentialSubject": {"achievement": {"image": image}}}

    png = "data:image/png;base64,AAAA"
    assert read_record(with_image({"id": png, "type": "Image"})).image == png
    assert read_record(with_image(png)).image == png
    for other in ("https://tracker.example/x.png", "data:image/svg+xml;base64,AAAA", "data:text/html,x", {"id": None}):
        assert read_record(with_image(other)).image is None


def test_the_wallet_keeps_no_file_beside_its_database_and_keys(services: Services, vault: OpenVault) -> None:
    names = {path.name for path in Path(services.config.data).iterdir()}

    assert names <= {"host.key", "session.key", "wallet.sqlite3", "wallet.sqlite3-wal", "wallet.sqlite3-shm"}
