"""The same as on the pages, from a terminal: words, JSON, exit codes 0, 1, 2, 3."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.world import World
from tests.wallet.cli.terminal import Terminal
from tests.wallet.offices import CLR, TITLE_AND_GRADE, AskingCollege, OfferingSchool
from tests.wallet.support import PASSPHRASE
from wallet.cli import main

COURSES = ((1, "Biology", "A"), (2, "Algebra", "B+"))


@pytest.fixture
def filled(terminal: Terminal, school: OfferingSchool) -> Terminal:
    terminal.run("init")
    link = school.offer(school.transcript(*COURSES), *[school.course(*course) for course in COURSES])
    result = terminal.run("accept", link, "--tx-code", "4711")
    assert result.exit_code == 0, result.stderr
    return terminal


def test_init_makes_a_backpack_once(terminal: Terminal) -> None:
    first, again = terminal.run("init"), terminal.run("init")

    assert first.exit_code == 0 and "The backpack is ready" in first.stdout
    assert again.exit_code == 1 and "has a passphrase already" in again.stderr
    assert terminal.data.stat().st_mode & 0o777 == 0o700
    assert (terminal.data / "session.key").stat().st_mode & 0o777 == 0o600


def test_a_passphrase_comes_from_a_file_and_never_from_the_command_line(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PASSPHRASE + "\nmore\n")

    assert terminal.run("init", "--passphrase-file", str(tmp_path / "secret"), passphrase=None).exit_code == 0
    assert terminal.run("list", "--passphrase-file", str(tmp_path / "secret"), passphrase=None).exit_code == 0
    assert terminal.run("list", "--passphrase", PASSPHRASE, passphrase=None).exit_code == 2


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaaaaaa"])
def test_a_weak_passphrase_is_a_usage_error_and_makes_nothing(terminal: Terminal, weak: str) -> None:
    assert terminal.run("init", passphrase=weak).exit_code == 2
    assert terminal.run("init").exit_code == 0


@pytest.mark.parametrize("command", [["list"], ["show", "abcd"], ["activity"],
                                     ["accept", "openid-credential-offer://?credential_offer_uri=https://a.example/"],
                                     ["present", "openid4vp://?client_id=x&request_uri=https://a.example/"]])
def test_without_a_backpack_every_command_says_so_and_makes_none(terminal: Terminal, command: list[str]) -> None:
    result = terminal.run(*command)

    assert result.exit_code == 2 and "backpack-wallet init" in result.stderr
    assert not terminal.data.exists()


def test_a_wrong_passphrase_opens_nothing(filled: Terminal) -> None:
    result = filled.run("list", passphrase="not the right one")

    assert result.exit_code == 1 and result.stdout == "" and "Biology" not in result.stderr


def test_records_are_listed_and_shown_by_the_first_letters_of_their_id(filled: Terminal) -> None:
    cards = filled.json("list")
    assert sorted((card["kind"], card["title"], card["grade"]) for card in cards) == [
        ("course", "Algebra", "B+"), ("course", "Biology", "A"), ("transcript", "Transcript", "")]
    biology = next(card for card in cards if card["title"] == "Biology")
    assert biology["item_id"][:8] in filled.run("list").stdout

    for name in (biology["item_id"], biology["item_id"][:8], biology["credential_id"]):
        shown = filled.run("show", name)
        assert shown.exit_code == 0 and "Final grade: A" in shown.stdout and "did:web:school.example" in shown.stdout
    transcript = next(card for card in cards if card["kind"] == "transcript")
    assert "Spring 2026" in filled.run("show", transcript["item_id"]).stdout


def test_no_output_ever_holds_a_base_proof(filled: Terminal) -> None:
    outputs = [filled.run("show", card["item_id"], *extra).output for card in filled.json("list")
               for extra in ([], ["--json"])]

    assert len(outputs) == 6 and not any("u2V0A" in output for output in outputs)


@pytest.mark.parametrize("name", ["", "x", "zzzz", "zzzzzzzzzzzzzzzzzzzzzz", "../x"])
def test_a_record_that_is_not_there_is_a_usage_error(filled: Terminal, name: str) -> None:
    assert filled.run("show", name).exit_code == 2


def test_a_wrong_code_is_refused_and_the_right_one_still_works(terminal: Terminal, school: OfferingSchool) -> None:
    terminal.run("init")
    link = school.offer(school.course(1, "Biology"))

    assert terminal.run("accept", link).exit_code == 2
    wrong = terminal.run("accept", link, "--tx-code", "0000")
    assert wrong.exit_code == 1 and "Nothing was changed" in wrong.stderr
    right = terminal.run("accept", link, "--tx-code", "4711", "--json")

    assert right.exit_code == 0
    assert json.loads(right.stdout)["total"] == 1


def test_an_unreachable_school_is_could_not_check(terminal: Terminal, school: OfferingSchool, world: World) -> None:
    terminal.run("init")
    link = school.offer(school.course(1, "Biology"))
    world.web.unreachable(school.origin)

    result = terminal.run("accept", link, "--tx-code", "4711")

    assert result.exit_code == 3 and terminal.json("list") == []


def test_a_bad_record_among_good_ones_is_exit_code_1_and_the_good_ones_are_kept(
        terminal: Terminal, school: OfferingSchool) -> None:
    terminal.run("init")
    school.change = lambda credential: (
        {**credential, "validFrom": "2020-01-01T00:00:00Z"} if credential["name"] == "Biology" else credential)

    result = terminal.run("accept", school.offer(school.course(1, "Biology"), school.course(2, "Algebra")),
                          "--tx-code", "4711")

    assert result.exit_code == 1 and "1 of 2 records" in result.stdout
    assert [card["title"] for card in terminal.json("list")] == ["Algebra"]


def test_two_courses_are_shared_and_the_college_verifies_them(filled: Terminal, college: AskingCollege) -> None:
    link = college.ask(*TITLE_AND_GRADE)
    several = filled.run("present", link, "--yes")
    assert several.exit_code == 2 and "Biology" in several.stderr and college.sent == []
    named = [item for card in filled.json("list") if card["kind"] == "course"
             for item in ("--credential", card["item_id"][:8])]

    answer = filled.json("present", link, "--yes", *named)

    assert answer["shared"] and answer["host"] == "college.example"
    assert {value["value"] for record in answer["records"] for value in record["leaves"]} == {
        "Biology", "A", "Algebra", "B+", "María José Hernández Núñez"}
    assert all(report.verified for report in college.reports())
    log = filled.json("activity")
    assert (log[0]["kind"], log[0]["host"]) in (("shared", "college.example"), ("received", "school.example"))
    assert {entry["kind"] for entry in log} == {"shared", "received"}


def test_without_yes_the_sheet_is_printed_and_nothing_leaves(filled: Terminal, college: AskingCollege) -> None:
    result = filled.run("present", college.ask(kind=CLR, multiple=False))

    assert result.exit_code == 2 and college.sent == []
    assert "Who asks: college.example" in result.stdout and "What leaves:" in result.stdout


def test_refusing_says_not_now_to_the_asker(filled: Terminal, college: AskingCollege) -> None:
    result = filled.run("present", college.ask(*TITLE_AND_GRADE), "--refuse")

    assert result.exit_code == 1 and len(college.sent) == 1
    assert filled.json("activity")[0]["kind"] in ("refused", "received")
    assert filled.run("present", college.ask(*TITLE_AND_GRADE), "--refuse", "--yes").exit_code == 2


def test_what_nothing_answers_is_not_shared(filled: Terminal, college: AskingCollege) -> None:
    result = filled.run("present", college.ask(["credentialSubject", "licenseNumber"]), "--yes")

    assert result.exit_code == 1 and college.sent == []


@pytest.mark.parametrize("link", ["", "hello", "https://x.example/", "[" * 100_000, "openid4vp://?client_id=x\x00"])
@pytest.mark.parametrize("command", ["accept", "present"])
def test_a_link_that_is_none_never_ends_in_a_traceback(filled: Terminal, command: str, link: str) -> None:
    result = filled.run(command, link)

    assert result.exit_code in (1, 2, 3) and "Traceback" not in result.output


def test_spanish_is_spoken(filled: Terminal) -> None:
    result = filled.run("list", env={"LANG": "es_MX.UTF-8"})

    assert "Título" in result.stdout and "Calificación" in result.stdout
    assert "Guardar los documentos" in filled.run("--help", env={"LANG": "es_MX.UTF-8"}).stdout


def test_every_command_explains_itself_with_an_example() -> None:
    for name in ("init", "serve", "accept", "list", "show", "present", "activity"):
        result = CliRunner().invoke(main, [name, "--help"], env={"LANG": "en"})
        assert result.exit_code == 0 and f"backpack-wallet {name}" in result.stdout
