"""Backups, kit, passphrase and helpers from terminals, without a page."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.world import World
from tests.wallet.cli.terminal import TUTOR, Terminal, let_in
from tests.wallet.support import PASSPHRASE

NEW = "a sentence nobody has used"


def test_a_backup_is_written_once_and_restored_into_an_empty_folder(
        mother: Terminal, tmp_path: Path, world: World) -> None:
    file = tmp_path / "family.backup"
    assert mother.json("backup", str(file))["items"] > 3
    again = mother.run("backup", str(file))
    assert again.exit_code == 2 and "already" in again.stderr
    assert file.stat().st_mode & 0o777 == 0o600 and b"Daniela" not in file.read_bytes()
    assert [path.name for path in tmp_path.glob(".backup-*")] == []

    fresh = Terminal(tmp_path / "new", world)
    assert fresh.json("restore", str(file)) == {"restored": True, "learners": ["Daniela"]}
    assert fresh.run("restore", str(file)).exit_code == 2
    people = fresh.json("people")["people"]
    assert [person["name"] for person in people] == ["María"]


def test_a_damaged_backup_makes_no_backpack(mother: Terminal, tmp_path: Path, world: World) -> None:
    file = tmp_path / "family.backup"
    mother.run("backup", str(file))
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    fresh = Terminal(tmp_path / "new", world)

    result = fresh.run("restore", str(file))

    assert result.exit_code == 1 and "Nothing was changed" in result.stderr
    assert fresh.run("init").exit_code == 0


def test_copies_come_beside_what_is_there(mother: Terminal, tmp_path: Path) -> None:
    mother.run("backup", str(tmp_path / "b"))

    assert mother.json("restore", str(tmp_path / "b"), "--as-copies")["learners"] == 1
    assert sorted(each["name"] for each in mother.json("learner", "list")) == ["Daniela", "Daniela (copy)"]


def test_the_kit_opens_it_when_the_passphrase_is_lost(mother: Terminal) -> None:
    code = mother.json("kit")["code"]
    used = mother.run("recover", env={"BACKPACK_CODE": code.lower(), "BACKPACK_NEW_PASSPHRASE": NEW})
    assert used.exit_code == 0, used.stderr

    assert mother.run("list").exit_code == 1
    assert mother.run("list", passphrase=NEW).exit_code == 0
    assert mother.run("recover", env={"BACKPACK_CODE": code, "BACKPACK_NEW_PASSPHRASE": NEW}).exit_code == 1


def test_the_passphrase_is_changed(mother: Terminal) -> None:
    weak = mother.run("passphrase", env={"BACKPACK_NEW_PASSPHRASE": "short"})
    assert weak.exit_code == 2 and "guessed too quickly" in weak.stderr
    assert mother.run("passphrase", env={"BACKPACK_NEW_PASSPHRASE": NEW}).exit_code == 0

    assert mother.run("list", passphrase=NEW).exit_code == 0 and mother.run("list").exit_code == 1


def test_helpers_are_asked_from_terminals(mother: Terminal, world: World) -> None:
    let_in(mother)
    alone = mother.run("helpers", "choose", "Mr. Okafor", "--as", "me")
    assert alone.exit_code == 2 and "at least two people" in alone.stderr
    link = mother.json("people", "invite", "--name", "Ms. Reyes", "--role", "mentor", "--read", "services",
                       "--until", "2027-02-01", "--as", "me")["link"]
    mother.run("people", "join", link, "--login", "reyes", passphrase=TUTOR)
    (waiting,) = mother.json("people", "--as", "me")["invitations"]
    mother.run("people", "confirm", waiting["id"][:8], "--as", "me")
    chosen = mother.run("helpers", "choose", "Mr. Okafor", "Ms. Reyes", "--needed", "2", "--as", "me")
    assert chosen.exit_code == 0, chosen.stderr

    asked = mother.json("helpers", "ask", "--name", "me")
    world.clock.advance(hours=72)
    for login in ("okafor", "reyes"):
        found = json.loads(mother.run("helpers", "requests", "--json", "--as", login, passphrase=TUTOR).stdout)
        assert [each["words"] for each in found] == [asked["words"]] and found[0]["name"] == "María"
        assert mother.run("helpers", "agree", found[0]["id"], "--as", login, passphrase=TUTOR).exit_code != 0
        agreed = mother.run("helpers", "agree", found[0]["id"], "--yes", "--as", login, passphrase=TUTOR)
        assert agreed.exit_code == 0, agreed.stderr
    opened = mother.run("recover", "--helpers", env={"BACKPACK_CODE": asked["code"], "BACKPACK_NEW_PASSPHRASE": NEW})

    assert opened.exit_code == 0, opened.stderr
    assert mother.run("list", "--as", "me", "--learner", "Daniela", passphrase=NEW).exit_code == 0
    assert mother.run("list", "--as", "me", passphrase=PASSPHRASE).exit_code == 1


def test_a_request_is_stopped_from_a_terminal(mother: Terminal) -> None:
    assert mother.run("helpers", "stop", "x").exit_code == 1
    assert "Nobody asks now" in mother.run("helpers", "requests").stdout


def test_an_older_copy_stops_every_command_until_a_person_takes_it_for_the_newest(mother: Terminal) -> None:
    """What a restored disk looks like: the database of then, and beside it what was last seen."""
    let_in(mother)
    mother.run("list", "--as", "me", "--learner", "Daniela")
    database = mother.data / "wallet.sqlite3"
    assert mother.json("accept-older", "--as", "me") == {"older": False, "learners": []}
    older = copy_of(database)
    assert mother.run("people", "remove", "Mr. Okafor", "--as", "me").exit_code == 0
    put_back(database, older)

    for command in (("list",), ("people",), ("learner", "list"), ("hide", "iep", "--rule", "ask")):
        told = mother.run(*command, "--as", "me")
        assert told.exit_code == 1 and "older than" in told.stderr, told.stderr
    asked = mother.run("accept-older", "--as", "me")
    assert asked.exit_code != 0 and "put back an older copy" in asked.stderr
    assert mother.run("list", "--as", "me").exit_code == 1
    assert mother.json("accept-older", "--yes", "--as", "me") == {"older": True, "learners": ["Daniela"]}

    assert mother.json("people", "--as", "me", "--learner", "Daniela")["people"][1]["name"] == "Mr. Okafor"
    assert "older copy" in mother.run("activity", "--as", "me", "--learner", "Daniela").stdout
    assert mother.json("accept-older", "--as", "me") == {"older": False, "learners": []}


def copy_of(database: Path) -> Path:
    target = database.with_name("older.sqlite3")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def put_back(database: Path, older: Path) -> None:
    with closing(sqlite3.connect(older)) as source, closing(sqlite3.connect(database)) as target:
        source.backup(target)
