"""Who may do what, from terminals: several people and several learners in one backpack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.wallet.cli.terminal import AS_TUTOR, INVITE, TUTOR, Terminal, let_in
from wallet.cli.counters import FileCounters


def test_a_tutor_joins_from_a_terminal_and_both_read_the_same_words(mother: Terminal) -> None:
    made = mother.json(*INVITE)
    assert made["link"].endswith("/join/" + made["token"]) and made["state"] == "open"

    joined = mother.run("people", "join", made["link"], "--login", "okafor", "--json", passphrase=TUTOR)
    answer = json.loads(joined.stdout)
    (waiting,) = mother.json("people", "--as", "me")["invitations"]
    assert answer["words"] == waiting["words"] and len(answer["words"]) == 8 and answer["inviter"] == "María"
    assert mother.run("people", "confirm", waiting["id"], "--as", "me").exit_code == 0

    seen = mother.run("people", "--json", passphrase=TUTOR, env=AS_TUTOR)
    (me,) = json.loads(seen.stdout)["people"]
    assert me["me"] and me["role"] == "tutor" and me["rights"] == ["contribute:services", "read:services"]
    assert me["until"].startswith("2027-02-01") and me["paper"] == "Letter of 3 May"


def test_words_are_printed_in_the_readers_language_first(mother: Terminal) -> None:
    link = mother.json(*INVITE)["link"]

    spoken = mother.run("people", "join", link, "--login", "okafor", "--lang", "es", passphrase=TUTOR)
    again = mother.run("people", "join", link, "--as", "okafor", "--json", passphrase=TUTOR)

    first = json.loads(again.stdout)["words"][0]
    assert f"1. {first['es']}  ({first['en']})" in spoken.stdout


def test_with_several_people_a_command_asks_who_signs_in(mother: Terminal) -> None:
    let_in(mother)

    nobody = mother.run("list")
    assert nobody.exit_code == 2 and "--as" in nobody.stderr
    assert mother.run("list", "--as", "me").exit_code == 0
    assert mother.run("list", passphrase=TUTOR, env=AS_TUTOR).exit_code == 0
    assert mother.run("list", "--as", "okafor").exit_code == 1


def test_with_several_learners_a_command_lists_them(mother: Terminal) -> None:
    mother.run("learner", "add", "--name", "Emilio", "--zone", "UTC")

    which = mother.run("list")
    assert which.exit_code == 2 and "Daniela" in which.stderr and "Emilio" in which.stderr
    ids = {each["name"]: each["id"] for each in mother.json("learner", "list")}
    for name in ("daniela", ids["Emilio"], ids["Emilio"][:8], "own"):
        assert mother.run("list", "--learner", name).exit_code == 0
    assert mother.run("list", "--learner", "Vanessa").exit_code == 2


def test_full_access_needs_the_name_once_more(mother: Terminal) -> None:
    command = ("people", "invite", "--name", "Ana Díaz", "--role", "full-access")
    assert mother.run(*command).exit_code == 2
    assert mother.run(*command, "--confirm-name", "Ana").exit_code == 2
    assert mother.json(*command, "--confirm-name", "ana díaz")["role"] == "full-access"


@pytest.mark.parametrize("wrong", [
    ("--role", "boss"), ("--role", "tutor", "--read", "secrets"), ("--role", "tutor", "--until", "tomorrow"),
    ("--role", "tutor", "--contribute", "transcript"), ("--role", "tutor", "--may", "people"),
    ("--role", "court-guide", "--basis", "family-consent"),
])
def test_what_cannot_be_granted_is_a_usage_error(mother: Terminal, wrong: tuple[str, ...]) -> None:
    result = mother.run("people", "invite", "--name", "X", *wrong)

    assert result.exit_code == 2, result.stdout
    assert mother.json("people")["invitations"] == []


def test_taking_out_is_at_once_for_a_helper(mother: Terminal) -> None:
    let_in(mother)

    assert mother.json("people", "remove", "mr. okafor", "--as", "me") == {"step": "done", "copies": []}

    seen = mother.run("learner", "list", "--json", passphrase=TUTOR, env=AS_TUTOR)
    assert json.loads(seen.stdout) == []
    assert mother.run("people", "remove", "Mr. Okafor", "--as", "me").exit_code == 2


def test_one_guardian_alone_cannot_limit_the_other(mother: Terminal) -> None:
    link = mother.json("people", "invite", "--name", "Pedro", "--role", "guardian", "--confirm-name", "Pedro")["link"]
    mother.run("people", "join", link, "--login", "pedro", passphrase=TUTOR)
    (waiting,) = mother.json("people", "--as", "me")["invitations"]
    mother.run("people", "confirm", waiting["id"], "--as", "me")

    result = mother.run("people", "limit", "Pedro", "--everything", "--paper", "Order 22-JV-104", "--as", "me")

    assert result.exit_code == 1 and "second person" in result.stderr


def test_the_hand_over_is_the_learners_alone(mother: Terminal) -> None:
    told = mother.json("learner", "hand-over")
    assert told == {"notice": "none", "at": "2035-04-30T06:00:00Z", "has_key": False}
    assert mother.run("learner", "hand-over", "--take").exit_code == 1


def test_an_older_copy_of_the_database_is_noticed_on_the_next_command(mother: Terminal) -> None:
    database = mother.data / "wallet.sqlite3"
    old = {path: path.read_bytes() for path in mother.data.glob("wallet.sqlite3*")}
    mother.json(*INVITE)

    for path in mother.data.glob("wallet.sqlite3*"):
        path.unlink()
    for path, content in old.items():
        path.write_bytes(content)
    assert database.exists()
    result = mother.run("people")

    assert result.exit_code == 1
    assert (mother.data / "seen.json").stat().st_mode & 0o777 == 0o600


def test_counters_only_rise_and_two_commands_lose_none(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    first, second = FileCounters(path), FileCounters(path)
    first.see("a", 5, "five")
    second.see("b", 2, "two")
    second.see("a", 3, "three")

    seen = FileCounters(path)
    assert seen.last_seen("a") == (5, "five") and seen.last_seen("b") == (2, "two")
    path.write_text("[1, 2")
    assert FileCounters(path).last_seen("a") is None
