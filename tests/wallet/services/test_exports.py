"""Everything out and in again: readable without us, nothing undisclosed, nothing that was changed is taken."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from credkit.errors import CredkitError, ParsingError, TooComplexError
from credkit.ports import JSONObject
from credkit.proofs import is_base_proof
from credkit.verification import Policy, verify_credential
from tests.support.world import World
from tests.wallet.offices import TITLE_AND_GRADE, AskingCollege, OfferingSchool
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import Services, build_services
from wallet.config import Config, GuessCost
from wallet.services import activity
from wallet.services.record import comments, hiding, library
from wallet.services.sharing import exports, importing
from wallet.vault import OpenVault

COURSES = ((1, "Biology", "A"), (2, "=1+1", "B+"))


@pytest.fixture
def filled(services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> OpenVault:
    records = [school.course(*course) for course in (*COURSES, (4, "Art", "Distinction"))]
    link = school.offer(school.transcript(*COURSES), *records)
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code="4711")
    biology = next(card for card in library.shelf(vault).all() if card.title == "Biology")
    comments.comment(vault, services.sharing.environment, biology.item_id, comments.Draft(
        "She was ill in May.", "Ana", "en", travels=True))
    world.clock.advance(minutes=1)
    return vault


@pytest.fixture
def other(tmp_path: Path, world: World) -> Services:
    """Another family's wallet."""
    config = Config(tmp_path / "other", f"sqlite:///{tmp_path / 'other' / 'wallet.sqlite3'}",
                    origin="https://other.example", guess_cost=GuessCost(19 * 1024, 2, 1))
    return build_services(config, clock=world.clock, fetcher=world.web)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def everything(services: Services, vault: OpenVault, *, hidden: bool = False) -> dict[str, bytes]:
    return unpacked(exports.export(vault, services.sharing.environment, hidden=hidden))


def documents(contents: dict[str, bytes]) -> Iterator[JSONObject]:
    return (json.loads(data) for name, data in contents.items() if name.startswith("records/"))


def test_every_record_comes_out_with_a_proof_that_holds_and_no_base_proof(
        services: Services, filled: OpenVault, world: World) -> None:
    contents = everything(services, filled)

    found = list(documents(contents))
    assert len(found) == 4
    for document in (*found, json.loads(contents["transcript.json"])):
        assert not is_base_proof(document["proof"])
        report = verify_credential(document, Policy(), world.environment())
        assert not [check for check in report.problems() if check.id != "trust"]
    assert b'"comments/001.json"' not in contents["records.csv"] and "comments/001.json" in contents


def test_what_came_out_goes_into_another_wallet_and_each_record_is_verified(
        services: Services, filled: OpenVault, other: Services, world: World) -> None:
    data = exports.export(filled, services.sharing.environment, hidden=False)
    theirs = other.vault.create(PASSPHRASE).vault

    imported = importing.keep(theirs, other.sharing.environment, importing.read_file(data), file_name="export.zip")

    assert (len(imported.kept), imported.known, imported.refused) == (4, 0, ())
    assert {card.title for card in library.shelf(theirs).all()} == {"Transcript", "Biology", "=1+1", "Art"}
    assert {card.status for card in library.shelf(theirs).all()} == {"good"}
    again = importing.keep(theirs, other.sharing.environment, importing.read_file(data), file_name="export.zip")
    assert (again.kept, again.known) == ((), 4)


def test_a_record_from_a_file_can_be_handed_on_but_not_presented(
        services: Services, filled: OpenVault, other: Services, college: AskingCollege) -> None:
    data = exports.export(filled, services.sharing.environment, hidden=False)
    theirs = other.vault.create(PASSPHRASE).vault
    importing.keep(theirs, other.sharing.environment, importing.read_file(data), file_name="export.zip")

    resolved = other.presenting.resolve_request(college.ask(*TITLE_AND_GRADE))

    assert not other.presenting.match(theirs, resolved).possible
    assert len(exports.records(theirs, other.sharing.environment, hidden=False)) == 4


def test_the_transcript_of_all_can_be_imported_as_a_file_too(
        services: Services, filled: OpenVault, other: Services) -> None:
    contents = everything(services, filled)
    theirs = other.vault.create(PASSPHRASE).vault

    imported = importing.keep(
        theirs, other.sharing.environment, importing.read_file(contents["transcript.json"]), file_name="all.json")

    assert len(imported.kept) == 2 and not imported.refused  # the transcript with its courses, and Art


def test_a_changed_record_is_refused_and_the_others_are_kept(
        services: Services, filled: OpenVault, other: Services) -> None:
    found = list(documents(everything(services, filled)))
    biology = next(each for each in found if each["name"] == "Biology")
    biology["credentialSubject"]["achievement"]["name"] = "Biology with honours"
    theirs = other.vault.create(PASSPHRASE).vault

    imported = importing.keep(theirs, other.sharing.environment, found, file_name="records.json")

    assert [each.title for each in imported.refused] == ["Biology with honours"] and len(imported.kept) == 3


def test_a_record_with_its_base_proof_is_not_taken_from_a_file(
        services: Services, filled: OpenVault, school: OfferingSchool, world: World) -> None:
    document = school.school.sign_base(school.school.course(index=9, subject_id="did:key:zabc"))

    imported = importing.keep(filled, services.sharing.environment, (document,), file_name="course.json")

    assert imported.kept == () and len(imported.refused) == 1


@pytest.mark.parametrize("data", [
    b"", b"{", b"[]", b"{}", b"[1, 2]", b"PK\x03\x04", b"PK\x03\x04" + bytes(200), b"\xff\xfe", b'{"a": 1, "a": 2}',
])
def test_what_is_no_file_of_records_is_refused(data: bytes) -> None:
    with pytest.raises(CredkitError) as caught:
        importing.read_file(data)
    assert isinstance(caught.value, ParsingError | TooComplexError)


def test_a_zip_that_unpacks_to_too_much_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("records/bomb.json", b" " * (importing.MOST_BYTES + 1))
    with pytest.raises(TooComplexError):
        importing.read_file(buffer.getvalue())


def test_names_in_a_zip_lead_nowhere(services: Services, filled: OpenVault, tmp_path: Path) -> None:
    document = next(documents(everything(services, filled)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("records/../../evil.json", json.dumps(document))
        archive.writestr("../evil.json", json.dumps(document))

    assert importing.read_file(buffer.getvalue()) == (document,)


def test_no_cell_of_a_table_is_taken_for_a_formula(services: Services, filled: OpenVault) -> None:
    contents = everything(services, filled, hidden=True)

    for name in ("records.csv", "activity.csv"):
        rows = list(csv.reader(io.StringIO(contents[name].decode("utf-8-sig"))))
        assert len(rows) > 1 and not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")]
    assert b"'=1+1" in contents["records.csv"]


def test_what_is_hidden_is_in_no_file_unless_it_is_asked_for(
        services: Services, filled: OpenVault, world: World) -> None:
    art = next(card for card in library.shelf(filled).all() if card.title == "Art")
    hiding.hide_record(filled, world.clock, art.item_id, "never")

    open_files, all_files = everything(services, filled), everything(services, filled, hidden=True)

    assert not [name for name, data in open_files.items() if b"Distinction" in data or b"art" in name.encode()]
    assert [name for name, data in all_files.items() if b"Distinction" in data]
    assert "activity.json" in all_files and "activity.json" not in open_files


def test_an_export_stands_in_the_log(services: Services, filled: OpenVault) -> None:
    everything(services, filled)

    line = activity.lines(filled)[0]
    assert (line.kind, line.count, line.state) == ("exported", 4, "open")


def test_the_log_comes_out_with_what_was_seen_and_what_was_refused(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    resolved = services.presenting.resolve_request(college.ask(*TITLE_AND_GRADE))
    services.presenting.refuse(filled, resolved)

    entries = exports.log_entries(filled)

    assert entries[-1]["kind"] == "refused" and entries[-1]["host"] == "college.example"
    assert b"refused" in exports.log_csv(entries)


@pytest.mark.parametrize(("title", "name"), [
    ("Álgebra I", "algebra-i"), ("../../etc/passwd", "etc-passwd"), ("", "record"), ("数学", "record"),
    ("a" * 200, "a" * 60), ("CON", "con"), ("a\x00b", "a-b"),
])
def test_a_title_becomes_a_harmless_name(title: str, name: str) -> None:
    assert exports.plain_name(title) == name
