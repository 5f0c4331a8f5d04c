"""The record from a terminal: rules, comments, contributions, profile, portfolio, old papers, letters."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.support.world import World
from tests.wallet.cli.terminal import Terminal
from tests.wallet.household import of_type
from tests.wallet.offices import OfferingSchool

BIOLOGY = "https://school.example/credentials/1"


@pytest.fixture
def filled(tmp_path: Path, world: World, school: OfferingSchool) -> Terminal:
    terminal = Terminal(tmp_path, world)
    terminal.run("init")
    link = school.offer(school.transcript((1, "Biology", "A"), (2, "Algebra", "B+")), school.course(1, "Biology"),
                        of_type(school, 3, "ext:IEPSummary", "IEP summary"))
    assert terminal.run("accept", link, "--tx-code", "4711").exit_code == 0
    return terminal


def test_a_category_and_a_record_are_hidden_and_shown_again(filled: Terminal) -> None:
    result = filled.run("hide", "iep", "--rule", "never")
    assert result.exit_code == 0 and "Special education (IEP, 504): Never" in result.stdout
    assert "can delay help" in result.stderr and "For three years" in result.stderr

    assert filled.json("hide", BIOLOGY, "--rule", "never") == {"name": BIOLOGY, "rule": "never"}

    rules = filled.json("rules")
    assert rules["categories"]["iep"] == "never" and sorted(rules["records"].values()) == ["never"] * 3
    assert filled.json("hide", BIOLOGY, "--rule", "category")["rule"] == "ask"
    assert sorted(filled.json("rules")["records"].values()) == ["ask", "ask", "never"]
    assert filled.run("hide", "iep", "--rule", "category").exit_code == 2
    assert filled.run("hide", "unknown", "--rule", "never").exit_code == 2
    activity = filled.run("activity")
    assert activity.exit_code == 0 and "What may be shared: Never" in activity.stdout


def test_a_record_is_sorted_anew(filled: Terminal) -> None:
    assert filled.json("sort", BIOLOGY, "services")["category"] == "services"
    assert filled.json("sort", BIOLOGY, "signed")["category"] == "transcript"


def test_a_comment_is_signed_listed_and_withdrawn(filled: Terminal) -> None:
    comment = filled.json("comment", BIOLOGY, "--text", "We moved twice.", "--name", "Ana", "--travels")
    inside = filled.json("comment", "https://school.example/credentials/2", "--text", "Explained.", "--name", "Ana")

    (said,) = filled.json("comments", BIOLOGY)
    assert (said["id"], said["text"], said["travels"]) == (comment["id"], "We moved twice.", True)
    assert filled.json("comments", "https://school.example/credentials/2")[0]["id"] == inside["id"]
    (said,) = filled.json("comments", BIOLOGY, "--withdraw", comment["id"][:8])
    assert said["withdrawn"] and not said["travels"]
    assert filled.run("comment", BIOLOGY, "--text", " ", "--name", "Ana").exit_code == 1
    assert filled.run("comments", BIOLOGY, "--withdraw", "zzzz").exit_code == 2


def test_what_is_brought_waits_and_is_answered(filled: Terminal) -> None:
    brought = [filled.json("contribute", "--category", "work-habits", "--kind", "note", "--title", title, "--text", "x",
                           "--name", "Ms. Ruiz")["id"] for title in ("One", "Two", "Three")]
    assert len(filled.json("list")) == 3 and len(filled.json("waiting")) == 3

    kept = filled.json("waiting", brought[0], "--answer", "accept")["kept"]
    filled.json("waiting", brought[1][:8], "--answer", "refuse")
    assert filled.run("waiting", brought[2], "--answer", "return").exit_code == 1
    filled.json("waiting", brought[2], "--answer", "return", "--note", "Which subject?")

    assert kept in {card["item_id"] for card in filled.json("list")}
    (left,) = filled.json("waiting")
    assert (left["title"], left["state"], left["note"]) == ("Three", "returned", "Which subject?")
    assert filled.run("waiting", "--answer", "accept").exit_code == 2


def test_the_profile_and_the_checklist(filled: Terminal) -> None:
    filled.json("say", "strength", "Patient", "--name", "Ana")

    profile = filled.json("profile")
    assert profile["statements"][0]["text"] == "Patient" and len(profile["transcripts"]) == 1
    assert {record["title"] for record in profile["records"]} == {"IEP summary"}
    found = filled.json("checklist")
    assert (found["had"], found["total"]) == (3, 10)
    assert "Patient (Ana)" in filled.run("profile").stdout
    assert "Missing: State test results" in filled.run("checklist").stdout
    assert filled.run("say", "hobby", "x", "--name", "Ana").exit_code == 2


def test_files_go_into_the_portfolio_and_papers_stay_unverified(filled: Terminal, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "red").save(tmp_path / "bridge.png")
    (tmp_path / "boleta.csv").write_text("a;b\n1;2\n")
    (tmp_path / "page.html").write_text("<html>")

    work = filled.json("add-work", str(tmp_path / "bridge.png"), "--title", "Bridge", "--text", "12 kg", "--name", "D")
    paper = filled.json("keep", str(tmp_path / "boleta.csv"), "--title", "Report card")

    assert work["id"] in {record["id"] for record in filled.json("profile")["records"]}
    (kept,) = filled.json("papers")
    assert (kept["id"], kept["verified"]) == (paper["id"], False)
    assert "Not verified" in filled.run("papers").stdout
    assert filled.run("keep", str(tmp_path / "page.html"), "--title", "x").exit_code == 1
    assert filled.run("keep", str(tmp_path / "absent.pdf"), "--title", "x").exit_code == 2


def test_a_letter_is_printed_in_both_languages_and_its_day_kept(filled: Terminal) -> None:
    result = filled.run("letter", "former-school", "--school", "Escuela Juárez", "--student", "Daniela",
                        "--from", "Ana")
    assert result.exit_code == 0
    assert "I ask for the education record of Daniela" in result.stdout
    assert result.stdout.count("Daniela") >= 2 and result.stdout.count("To whom it may concern:") == 1
    (line,) = filled.json("letters")

    (line,) = filled.json("letters", line["id"], "--sent", "2026-06-01")

    assert (line["due_on"], line["state"], line["overdue"]) == ("2026-07-16", "sent", False)
    assert filled.json("letters", line["id"][:8], "--answered", "--note", "It came.")[0]["state"] == "answered"
    assert filled.run("letters", "--answered").exit_code == 2
    assert filled.run("letter", "correction", "--school", "S", "--student", "D", "--from", "A").exit_code == 1


@pytest.mark.parametrize("command", [["rules"], ["profile"], ["checklist"], ["papers"], ["letters"], ["waiting"]])
def test_lists_are_said_in_spanish_too(filled: Terminal, command: list[str]) -> None:
    result = filled.run(*command, env={"LANG": "es_US.UTF-8"})

    assert result.exit_code == 0 and result.stdout != filled.run(*command).stdout
