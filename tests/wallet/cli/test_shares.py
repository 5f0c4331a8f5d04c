"""Handing out from a terminal: the same preview, the same outcomes, JSON and exit codes."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import pytest

from credkit.protocols import share_link
from tests.credkit.verification.test_refresh import URL, newer, record
from tests.support.world import World
from tests.wallet.cli.terminal import Terminal
from tests.wallet.offices import OfferingSchool

COURSES = ((1, "Biology", "A"), (2, "Algebra", "B+"))
SAID = ("--to", "Roosevelt School", "--purpose", "To enrol")


@pytest.fixture
def filled(tmp_path: Path, world: World, school: OfferingSchool) -> Terminal:
    terminal = Terminal(tmp_path, world)
    terminal.run("init")
    link = school.offer(school.transcript(*COURSES), *[school.course(*course) for course in COURSES])
    assert terminal.run("accept", link, "--tx-code", "4711").exit_code == 0
    return terminal


def key(terminal: Terminal, title: str) -> str:
    return next(card["item_id"][:8] for card in terminal.json("list") if card["title"] == title)


def test_a_link_is_made_listed_and_taken_back(filled: Terminal) -> None:
    made = filled.json("share", "--record", key(filled, "Biology"), *SAID, "--views", "2", "--yes")
    assert made["titles"] == ["Biology"] and share_link.is_share_link(made["link"])
    (listed,) = filled.json("shares")
    assert (listed["recipient"], listed["most_views"], listed["state"]) == ("Roosevelt School", 2, "open")
    assert "Roosevelt School" in filled.run("shares").stdout

    assert filled.run("end-share", made["id"][:8]).exit_code == 0

    assert filled.json("shares")[0]["state"] == "ended"
    assert filled.run("end-share", made["id"]).exit_code == 1
    assert "A link for Roosevelt School" in filled.run("activity").stdout


def test_the_preview_is_printed_and_nothing_leaves_without_a_yes(filled: Terminal) -> None:
    result = filled.run("share", "--record", key(filled, "Biology"), *SAID)

    assert result.exit_code == 2 and "Nothing was shared." in result.stderr
    for word in ("For: Roosevelt School", "Why: To enrol", "Grade or result: A", "What always goes along"):
        assert word in result.stdout
    assert filled.json("shares") == []


def test_a_part_that_stays_is_not_in_the_file(filled: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "bundle.json"
    result = filled.run("share", "--record", key(filled, "Biology"), *SAID, "--form", "file", "--out", str(out),
                        "--without", "credentialSubject.result", "--yes")

    assert result.exit_code == 0, result.stderr
    (member,) = json.loads(out.read_text(encoding="utf-8"))["credentialSubject"]["verifiableCredential"]
    assert "result" not in member["credentialSubject"]
    result = filled.run("share", "--record", key(filled, "Biology"), *SAID, "--without", "nothing", "--yes")
    assert result.exit_code == 1


@pytest.mark.parametrize("wrong", [
    ("--record", "zzzz"), (), ("--record", "BIOLOGY", "--until", "soon"), ("--record", "BIOLOGY", "--form", "fax"),
])
def test_a_wrong_word_is_a_usage_error(filled: Terminal, wrong: tuple[str, ...]) -> None:
    named = tuple(key(filled, "Biology") if word == "BIOLOGY" else word for word in wrong)
    assert filled.run("share", *named, *SAID, "--yes").exit_code == 2


def test_an_end_that_cannot_be_is_refused(filled: Terminal) -> None:
    result = filled.run("share", "--record", key(filled, "Biology"), *SAID, "--until", "2020-01-01", "--yes")
    assert result.exit_code == 1 and "Choose an end within the next year." in result.stderr


def test_the_packet_is_a_pdf(filled: Terminal, tmp_path: Path) -> None:
    made = filled.json("share", "--record", key(filled, "Transcript"), *SAID, "--form", "paper", "--yes")

    for more in ((), ("--day-one",)):
        out = tmp_path / "packet.pdf"
        assert filled.run("packet", made["id"], str(out), *more).exit_code == 0
        assert out.read_bytes().startswith(b"%PDF-")


def test_an_export_goes_into_another_backpack(filled: Terminal, tmp_path: Path, world: World) -> None:
    out = tmp_path / "backpack.zip"
    assert filled.run("export", str(out), "--all").exit_code == 0
    with zipfile.ZipFile(out) as archive:
        assert "site/index.html" in archive.namelist() and "activity.csv" in archive.namelist()
    other = Terminal(tmp_path / "other", world)
    other.run("init")

    imported = other.json("import", str(out))

    assert len(imported["kept"]) == 3 and imported["refused"] == []
    assert {card["title"] for card in other.json("list")} == {"Transcript", "Biology", "Algebra"}
    (tmp_path / "no.json").write_text("{}")
    assert other.run("import", str(tmp_path / "no.json")).exit_code == 1


def test_practice_says_that_it_is_practice(filled: Terminal) -> None:
    result = filled.run("practice")

    assert result.exit_code == 0 and "This is practice." in result.stdout and "Biology" in result.stdout
    assert filled.json("practice", "--greedy")["practice"] is True
    assert "practice" not in filled.run("activity").stdout


def test_the_log_is_a_table_for_spreadsheets_too(filled: Terminal) -> None:
    filled.run("share", "--record", key(filled, "Biology"), *SAID, "--yes")

    rows = list(csv.reader(filled.run("activity", "--csv").stdout.splitlines()))

    assert rows[0][:4] == ["at", "what", "state", "who"]
    assert any(row[1] == "shared_link" and row[3] == "Roosevelt School" and row[-1] == "A" for row in rows)


def test_records_are_named_as_the_pages_name_them(filled: Terminal, tmp_path: Path) -> None:
    for kind, words in (("strength", "Explains things"), ("interest", "Volcanoes")):
        assert filled.run("say", kind, words, "--name", "Rosa").exit_code == 0
    table = tmp_path / "old.csv"
    table.write_text("Course,Grade\nMath,9.1\n", encoding="utf-8")
    assert filled.run("keep", str(table), "--title", "Old grades").exit_code == 0
    out = tmp_path / "bundle.json"

    made = filled.json("share", "--record", "biology", "--record", "about", "--record", "papers", *SAID, "--form",
                       "file", "--out", str(out), "--yes")

    assert made["titles"] == ["Biology", ""] and made["papers"] == ["Old grades"] and made["grants"] == []
    bundle = json.loads(out.read_bytes())
    members = bundle["credentialSubject"]["verifiableCredential"]
    assert ["AboutMeCredential" in member["type"] for member in members] == [False, True]
    assert bundle["evidence"][0]["name"] == "Old grades"
    assert bundle["evidence"][0]["id"].startswith("data:text/csv;base64,")
    listed = filled.json("shares")[0]
    assert listed["titles"] == ["Biology", "", "Old grades"]
    assert "About me, in the family's words" in filled.run("share", "--record", "about", *SAID).stdout
    for name in ("nothing", "about.7", "papers.0", ""):
        refused = filled.run("share", "--record", name, *SAID, "--yes")
        assert refused.exit_code == 2 and "No record is called" in refused.stderr
    one_paper = next(choice for choice in filled.run("share", *SAID).stderr.splitlines() if "Old grades" in choice)
    refused = filled.run("share", "--record", one_paper.split()[0], *SAID, "--yes")
    assert refused.exit_code == 1 and "Old papers only go along" in refused.stderr


def test_a_name_that_fits_several_records_is_not_guessed(filled: Terminal, school: OfferingSchool) -> None:
    assert filled.run("accept", school.offer(school.course(9, "Biology")), "--tx-code", "4711").exit_code == 0

    refused = filled.run("share", "--record", "Biology", *SAID, "--yes")

    assert refused.exit_code == 2 and filled.json("shares") == []


@pytest.mark.parametrize("name", ["Grade or result", "grade or result", "credentialSubject.result"])
def test_a_part_that_stays_is_named_as_the_preview_names_it(filled: Terminal, tmp_path: Path, name: str) -> None:
    shown = filled.run("share", "--record", "Biology", *SAID).stderr
    assert "--without “Grade or result”" in shown
    out = tmp_path / "bundle.json"

    filled.json("share", "--record", "Biology", *SAID, "--form", "file", "--out", str(out), "--without", name, "--yes")

    (member,) = json.loads(out.read_bytes())["credentialSubject"]["verifiableCredential"]
    assert "result" not in member["credentialSubject"]


def test_a_record_is_saved_as_a_picture_and_taken_from_one(filled: Terminal, tmp_path: Path) -> None:
    for ending in ("png", "svg"):
        out = tmp_path / f"biology.{ending}"
        result = filled.run("badge", key(filled, "Biology"), str(out))
        assert result.exit_code == 0 and "sees all of the record" in result.stderr, result.stderr
        assert out.stat().st_mode & 0o777 == 0o600
        assert filled.json("import", str(out)) == {"kept": [], "known": 1, "refused": []}
    assert filled.run("badge", key(filled, "Biology"), str(tmp_path / "biology.gif")).exit_code == 2


def test_a_newer_version_is_asked_for_by_command_only(filled: Terminal, world: World, school: OfferingSchool,
                                                      tmp_path: Path) -> None:
    file = tmp_path / "badge.json"
    file.write_text(json.dumps(record(school.school)), encoding="utf-8")
    (item_id,) = filled.json("import", str(file))["kept"]
    assert filled.run("newer", item_id).exit_code == 3
    world.web.serve_json(URL, newer(school.school))
    assert filled.json("newer", item_id) == {"id": item_id, "outcome": "newer"}
    assert "There is no newer version." in filled.run("newer", item_id).stdout
    assert filled.run("newer", key(filled, "Biology")).exit_code == 1
