"""Deleting from terminals: the same words as on pages, a question first, exit codes, and the timers for cron."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.support.world import World
from tests.wallet.cli.terminal import AS_TUTOR, TUTOR, Terminal, let_in
from tests.wallet.offices import OfferingSchool

BIOLOGY = "https://school.example/credentials/1"


@pytest.fixture
def filled(tmp_path: Path, world: World, school: OfferingSchool) -> Terminal:
    terminal = Terminal(tmp_path, world)
    terminal.run("init")
    link = school.offer(school.transcript((1, "Biology", "A"), (2, "Algebra", "B+")), school.course(1, "Biology"))
    assert terminal.run("accept", link, "--tx-code", "4711").exit_code == 0
    return terminal


def test_nothing_is_deleted_without_a_word(filled: Terminal) -> None:
    for arguments in (("delete", BIOLOGY), ("delete", BIOLOGY, "--json"), ("delete-account",)):
        result = filled.run(*arguments)
        assert result.exit_code == 2 and "--yes" in result.stderr
    assert len(filled.json("list")) == 2


def test_a_record_is_deleted_after_its_consequences_were_said(filled: Terminal) -> None:
    filled.json("comment", BIOLOGY, "--text", "We moved twice.", "--name", "Ana", "--travels")
    result = filled.run("delete", BIOLOGY, "--yes")

    assert result.exit_code == 0
    for sentence in ("Biology", "It is gone for good.", "It also stands in", "It is deleted."):
        assert sentence in result.stdout, sentence
    assert [record["kind"] for record in filled.json("list")] == ["transcript"]
    assert filled.run("delete", BIOLOGY, "--yes").exit_code == 2
    log = filled.run("activity").stdout
    assert "A record was deleted here" in log


def test_a_comment_a_paper_a_share_and_a_file_are_named_by_their_ids(filled: Terminal, tmp_path: Path) -> None:
    comment = filled.json("comment", BIOLOGY, "--text", "x", "--name", "Ana")["id"]
    (tmp_path / "card.csv").write_text("course;grade\nArt;A\n")
    paper = filled.json("keep", str(tmp_path / "card.csv"), "--title", "Card")["id"]
    share = filled.json("share", "--record", BIOLOGY, "--to", "Roosevelt", "--purpose", "To enroll", "--yes")["id"]
    Image.new("RGB", (40, 40)).save(tmp_path / "bridge.png")
    piece = filled.json("add-work", str(tmp_path / "bridge.png"), "--title", "A bridge", "--text", "x", "--name", "D")
    name = "bridge.png"

    assert filled.run("delete", piece["id"], "--file", "no.png", "--yes").exit_code == 2
    assert filled.json("delete", piece["id"], "--file", name, "--yes")["kind"] == "work"
    for item_id, kind in ((comment, "comment"), (paper, "paper"), (share, "share"), (piece["id"], "record")):
        assert filled.json("delete", item_id[:8], "--yes") == {"deleted": item_id, "kind": kind}
    assert filled.json("comments", BIOLOGY) == [] == filled.json("papers") == filled.json("shares")


def test_a_backpack_is_deleted_by_its_learners_name(mother: Terminal) -> None:
    assert mother.run("delete-backpack", "--learner", "own", "--yes").exit_code == 2
    result = mother.run("delete-backpack", "--learner", "Daniela", "--yes")
    assert result.exit_code == 0 and "It is deleted." in result.stdout
    assert mother.run("delete-backpack", "--learner", "Daniela", "--yes").exit_code == 2


def test_who_comes_next_reads_it_once(mother: Terminal) -> None:
    let_in(mother)
    assert mother.run("delete-backpack", "--learner", "Daniela", "--as", "me", "--yes").exit_code == 0
    told = mother.run("learner", "list", passphrase=TUTOR, env=AS_TUTOR)
    assert "The backpack of Daniela was deleted." in told.stderr
    assert "was deleted" not in mother.run("learner", "list", passphrase=TUTOR, env=AS_TUTOR).stderr


def test_a_tutor_deletes_the_account_and_the_only_guardian_does_not(mother: Terminal) -> None:
    let_in(mother)
    refused = mother.run("delete-account", "--as", "me", "--yes")
    assert refused.exit_code == 1 and "the backpack of Daniela" in refused.stderr
    assert "Nothing was deleted." in refused.stderr

    gone = mother.run("delete-account", "--yes", passphrase=TUTOR, env=AS_TUTOR)
    assert gone.exit_code == 0 and "Your account is deleted." in gone.stdout
    assert [person["name"] for person in mother.json("people")["people"]] == ["María"]
    assert mother.run("people", passphrase=TUTOR, env=AS_TUTOR).exit_code != 0


def test_the_timers_run_for_cron_without_a_passphrase(filled: Terminal, world: World) -> None:
    world.clock.advance(days=3650)
    assert filled.run("sweep", passphrase=None).exit_code == 0
    assert json.loads(filled.run("sweep", "--json", passphrase=None).stdout) == {"swept": True}
    assert len(filled.json("list")) == 2
