"""``backpack-issuer`` in a terminal: the tour, machine-readable answers, exit codes, bad input."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from credkit.environment import SystemClock
from issuer.cli import Ports, main
from tests.issuer.next_school import NextSchool
from tests.issuer.test_importing import HOSTILE
from tests.support.shared import samples
from tests.support.world import FixedClock, World

PASSWORD = "correct horse battery"


@dataclass
class Terminal:
    """A person at a terminal of the office."""

    data: Path
    environ: dict[str, str]

    def run(self, *arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(main, [*arguments, "--data", str(self.data)], env=self.environ, **options)

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal before ``init``."""
    return Terminal(tmp_path / "office", {"BACKPACK_PASSPHRASE": PASSWORD, "LC_ALL": "en_US.UTF-8"})


@pytest.fixture
def office(terminal: Terminal) -> Terminal:
    """A terminal after ``init``."""
    return started(terminal)


@pytest.fixture(scope="module")
def quiet_office(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """One office for every file that must leave it as it was."""
    folder = tmp_path_factory.mktemp("quiet") / "office"
    return started(Terminal(folder, {"BACKPACK_PASSPHRASE": PASSWORD, "LC_ALL": "en_US.UTF-8"}))


def started(terminal: Terminal) -> Terminal:
    made = terminal.run("init", "--origin", "https://school.example", "--name", "Lincoln High School",
                        "--wallet", "https://wallet.example")
    assert made.exit_code == 0, made.output
    return terminal


@pytest.fixture
def export_file(export: bytes, tmp_path: Path) -> str:
    """The demo's export as a file."""
    path = tmp_path / "lincoln.zip"
    path.write_bytes(export)
    return str(path)


def test_the_tour_from_init_to_the_log(office: Terminal, export_file: str) -> None:
    read = office.run("import", export_file)
    assert read.exit_code == 0 and "Lucía Guadalupe Hernández Villaseñor" in read.stdout
    assert "41 new records drafted" in read.stdout

    offered = office.run("offer", "--student", "20391")
    assert offered.exit_code == 0
    assert "https://wallet.example/offer?credential_offer_uri=https%3A%2F%2Fschool.example%2Foff" in offered.stdout
    assert "openid-credential-offer://?credential_offer_uri=" in offered.stdout
    assert offered.stdout.rstrip().splitlines()[-1].startswith("Code to give apart")

    records = office.json("students", "--student", "20391")["records"]
    assert [record["kind"] for record in records][:2] == ["transcript", "course"] and len(records) == 25
    taken = office.run("revoke", records[1]["id"], "--reason", "The grade was wrong")
    assert taken.exit_code == 0 and "taken back" in taken.stdout
    assert office.json("students", "--student", "20391")["records"][1]["revoked_at"]

    log = office.run("log")
    assert log.exit_code == 0 and "revoked" in log.stdout
    assert office.json("log")["whole"] is True


def test_an_offer_for_machines_has_link_code_and_records(office: Terminal, export_file: str) -> None:
    office.json("import", export_file)
    offer = office.json("offer", "--student", "20391")
    assert offer["offer"].startswith("openid-credential-offer://?credential_offer_uri=")
    assert offer["wallets"][0].startswith("https://wallet.example/offer?")
    assert len(offer["tx_code"]) == 6 and offer["tx_code"].isdigit()
    assert len(offer["records"]) == 25 and offer["records"][0]["kind"] == "transcript"


def test_the_samples_are_imported_by_command(office: Terminal) -> None:
    pesc = office.json("import", str(samples("pesc/bc-highschooltranscript-v1.5.0.xml")))
    assert pesc["drafted"]["new"] == 25 and pesc["format"] == "PESC"
    roster = office.json("import", str(samples("oneroster/catalyst-moodle/v1p2_full_dataset.zip")))
    assert roster["drafted"]["students"] == 4
    assert {line["status"] for student in roster["students"] for line in student["courses"]} == {"Enrolled"}
    assert all(note["sentence"] for note in roster["notes"])


def test_looking_first_keeps_nothing(office: Terminal, export_file: str) -> None:
    assert office.json("import", export_file, "--dry-run")["drafted"] is None
    assert office.json("students") == []
    assert [entry["event"] for entry in office.json("log")["entries"]] == ["founded"]


def test_a_badge_is_awarded_and_offered(office: Terminal) -> None:
    words = ("--badge", "Reading Star", "--description", "Reads with joy", "--criteria", "Read ten books")
    stranger = office.run("award", "--student", "7", *words)
    assert stranger.exit_code == 1 and "Give the name too" in stranger.stderr
    done = office.json("award", "--student", "7", "--given-name", "Noor", *words)
    assert done["id"].startswith("urn:uuid:")
    assert office.json("offer", "--student", "7")["records"] == [
        {"id": done["id"], "kind": "badge", "title": "Reading Star"}]
    assert office.run("award", "--student", "7", *words).exit_code == 1


@pytest.mark.parametrize(("arguments", "code"), [
    (["offer", "--student", "nobody"], 1), (["revoke", "urn:uuid:none"], 1), (["students", "--student", "x"], 1),
    (["offer"], 2), (["ofer"], 2), (["import"], 2), (["import", "/nowhere/at/all.zip"], 2), (["revoke"], 2),
    (["init", "--origin", "https://other.example"], 1), (["log", "--limit", "0"], 2),
])
def test_each_refusal_has_its_exit_code_and_a_sentence(office: Terminal, arguments: Sequence[str], code: int) -> None:
    result = office.run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("✕ ") and "Traceback" not in result.output


def test_where_nobody_can_be_asked_a_password_is_made_and_shown_once(terminal: Terminal) -> None:
    del terminal.environ["BACKPACK_PASSPHRASE"]
    made = terminal.json("init", "--origin", "https://school.example")
    assert made["login"] == "operator" and len(made["password"]) == 23
    assert made["password"] not in terminal.run("log").output


@pytest.mark.parametrize("command", [["students"], ["log"], ["offer", "--student", "1"], ["serve"]])
def test_before_init_every_command_says_what_to_do(terminal: Terminal, command: Sequence[str]) -> None:
    result = terminal.run(*command)
    assert result.exit_code == 2 and "init first" in result.stderr
    assert not terminal.data.exists()


@pytest.mark.parametrize("origin", ["http://school.example", "school.example", "https://school.example/x", ""])
def test_a_bad_origin_makes_nothing(terminal: Terminal, origin: str) -> None:
    assert terminal.run("init", "--origin", origin).exit_code == 2
    assert not (terminal.data / "keys").exists()


@pytest.mark.parametrize("case", HOSTILE, ids=[case[0] for case in HOSTILE])
def test_a_file_that_cannot_be_read_leaves_everything_as_it_was(
    quiet_office: Terminal, tmp_path: Path, case: tuple[str, bytes, type]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(case[1])
    result = quiet_office.run("import", str(path))
    assert result.exit_code in (1, 2), result.output
    assert result.stderr.startswith("✕ ") and "Traceback" not in result.output
    assert [entry["event"] for entry in quiet_office.json("log")["entries"]] == ["founded"]


def test_it_speaks_spanish(office: Terminal, tmp_path: Path) -> None:
    office.environ["LC_ALL"] = "es_MX.UTF-8"
    path = tmp_path / "file.zip"
    path.write_bytes(b"PK\x03\x04")
    assert "El archivo zip está dañado" in office.run("import", str(path)).stderr
    assert "Todavía no hay estudiantes" in office.run("students").stdout


# logins, templates, approvals, other schools


def enrolled(office: Terminal) -> Terminal:
    """An office with one student who has a badge."""
    made = office.run("award", "--student", "7", "--given-name", "Ana", "--family-name", "Ruiz", "--badge", "Fractions",
                      "--description", "Works with fractions", "--criteria", "Solve the ten tasks")
    assert made.exit_code == 0, made.output
    return office


def test_logins_are_made_listed_and_ended(office: Terminal, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("a long enough password\n")
    made = office.json("staff", "add", "rivera", "--role", "teacher", "--passphrase-file", str(secret))
    assert made == {"login": "rivera", "role": "teacher"}
    assert {each["login"]: each["role"] for each in office.json("staff", "list")} == {
        "operator": "operator", "rivera": "teacher"}
    assert office.run("staff", "add", "Rivera", "--role", "registrar", "--passphrase-file", str(secret)).exit_code == 1
    assert office.run("staff", "add", "x y", "--role", "registrar", "--passphrase-file", str(secret)).exit_code == 1
    assert office.run("staff", "add", "boss", "--role", "operator").exit_code == 2
    assert office.run("staff", "remove", "operator").exit_code == 1
    assert office.json("staff", "remove", "rivera") == {"login": "rivera", "removed": True}
    secret.write_text("short")
    assert office.run("staff", "add", "lee", "--role", "teacher", "--passphrase-file", str(secret)).exit_code == 1
    assert [each["login"] for each in office.json("staff", "list")] == ["operator"]


def test_a_record_is_made_from_a_template(office: Terminal) -> None:
    enrolled(office)
    made = office.json("award", "--student", "7", "--template", "attendance", "--set", "term=Fall 2025", "--set",
                       "days_enrolled=90", "--set", "days_absent=4")
    assert (made["kind"], made["title"]) == ("attendance", "Attendance, Fall 2025")
    wrong = office.run("award", "--student", "7", "--template", "attendance", "--set", "term=Fall", "--set",
                       "days_absent=many")
    assert wrong.exit_code == 1 and "days_absent" in wrong.stderr
    for arguments in (("--template", "horoscope"), ("--template", "iep", "--badge", "X"), ("--badge", "X"),
                      ("--template", "iep", "--set", "goals"), ("--set", "a=b")):
        assert office.run("award", "--student", "7", *arguments).exit_code == 2
    assert {each["template"] for each in office.json("templates")} >= {"attendance", "iep", "work-habits"}
    assert "days_absent" in office.run("templates", "attendance").stdout
    assert office.run("templates", "horoscope").exit_code == 2


def test_a_guardian_and_a_teachers_word_are_stated(office: Terminal) -> None:
    enrolled(office)
    offer = office.json("guardian", "--student", "7", "--name", "Luz Ruiz", "--basis", "parent", "--paper",
                        "Birth certificate, seen on June 1", "--from", "2026-06-01")
    assert [each["kind"] for each in offer["records"]] == ["guardianship"] and len(offer["tx_code"]) == 6
    limit = office.json("court-limit", "--student", "7", "--name", "Other", "--party",
                        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "--paper", "Order 12", "--from",
                        "2026-06-01")
    assert [each["kind"] for each in limit["records"]] == ["court-limit"]
    assert office.run("court-limit", "--student", "7", "--name", "Other", "--party", "Bob", "--paper", "Order 12",
                      "--from", "2026-06-01").exit_code == 1
    record = office.json("students", "--student", "7")["records"][0]["id"]
    word = office.json("endorse", "--student", "7", "--work", record, "--teacher", "R. Rivera", "--comment", "Clear")
    assert word["kind"] == "endorsement"


def test_a_transfer_shows_who_asks_and_sends_only_after_a_yes(office: Terminal) -> None:
    enrolled(office)
    world = World(clock=FixedClock(SystemClock().now()))
    asking = NextSchool(world)
    ports = Ports(world.clock, world.web)
    today = world.clock.now().date().isoformat()
    assert office.run("transfer", asking.link, "--student", "7", obj=ports).exit_code == 1
    assert office.json("leave", "--student", "7", "--on", today) == {"student": "7", "left_on": today}
    said_no = office.run("transfer", asking.link, "--student", "7", input="n\n", obj=ports)
    assert said_no.exit_code == 0 and "next.example" in said_no.stdout and "Fractions" in said_no.stdout
    assert not asking.answers
    waiting = office.json("approvals")
    assert [each["kind"] for each in waiting] == ["transfer"]
    done = office.run("approve", waiting[0]["request"], "--yes", obj=ports)
    assert done.exit_code == 0 and len(asking.answers) == 1, done.output
    again = office.run("transfer", asking.link, "--student", "7", "--yes", "--json", obj=ports)
    assert json.loads(again.stdout)["state"] == "sent"
    assert office.run("transfer", asking.link, "--student", "7", "--json", obj=ports).exit_code == 2
    refused = office.run("refuse", office.json("approvals")[0]["request"], "--reason", "Twice is enough", obj=ports)
    assert refused.exit_code == 0 and office.json("approvals") == []
    assert office.run("leave", "--student", "7").exit_code == 2
    assert office.json("leave", "--student", "7", "--back")["left_on"] is None


def test_what_is_too_old_is_deleted_by_command(office: Terminal, export_file: str) -> None:
    office.json("import", export_file)
    world = World(clock=FixedClock(SystemClock().now()))
    world.clock.advance(days=29)
    assert office.run("sweep", obj=Ports(world.clock, world.web)).exit_code == 0
    assert rows_of_imports(office) == 1

    world.clock.advance(days=2)
    swept = office.run("sweep", "--json", obj=Ports(world.clock, world.web))

    assert json.loads(swept.stdout) == {"swept": True} and rows_of_imports(office) == 0
    assert office.json("students")


def rows_of_imports(office: Terminal) -> int:
    with closing(sqlite3.connect(office.data / "issuer.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM imports").fetchone()[0])
