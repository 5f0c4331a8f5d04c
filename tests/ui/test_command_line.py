"""Commands: outcomes as exit codes, results and problems on their own streams, secrets never as arguments."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from credkit.errors import (
    ConfigError,
    CredkitError,
    DidNotFoundError,
    DifferentPeople,
    FetchError,
    ProofVerificationError,
    ProtocolError,
    Revoked,
    StateError,
    StatusRetrievalError,
    TimeoutExceeded,
    UnsupportedError,
    VocabularyUnknownError,
    WrongSecret,
)
from tests.ui.test_words import GOOD, REVOKED, UNKNOWN, UNREACHABLE
from ui.cli import (
    N_,
    Console,
    backpack_group,
    common_options,
    exit_code_of,
    read_input,
    read_secret,
    secret_file_option,
)

REPORTS = {"good": GOOD, "unknown": UNKNOWN, "revoked": REVOKED, "unreachable": UNREACHABLE}
RAISED: list[BaseException] = []
main = backpack_group("backpack-test", role="verifier", help=N_("Skip to the content"))


@main.command(help=N_("Print the result as JSON."), example="backpack-test verify good")
@click.argument("which")
@common_options
def verify(console: Console, which: str) -> int:
    return console.report(REPORTS[which], signer="Lincoln")


@main.command("fail")
@common_options
def fail(console: Console) -> None:
    raise RAISED[-1]


@main.command("unlock")
@secret_file_option("passphrase")
@common_options
def unlock(console: Console, passphrase_file: Path | None) -> None:
    secret = read_secret(console, "Passphrase", file=passphrase_file, variable="BACKPACK_PASSPHRASE")
    console.say(f"{len(secret)}")


@main.command("read")
@click.argument("source")
@common_options
def read(console: Console, source: str) -> None:
    console.say(str(len(read_input(source, max_bytes=100))))


@main.command("show")
@common_options
def show(console: Console) -> None:
    console.table(["Course", "Grade"], [["Álgebra", "A"], ["x" * 200, "\u202eB"]])
    console.qr("https://wallet.example/offer")
    console.say(str(console.data))
    with console.progress("Signing", 2) as advance:
        advance(2)


def run(*arguments: str, **options):
    return CliRunner(env={"LANG": "C", "LC_ALL": "", "LC_MESSAGES": ""}).invoke(main, list(arguments), **options)


@pytest.mark.parametrize(("which", "code"), [("good", 0), ("unknown", 0), ("revoked", 1), ("unreachable", 3)])
def test_the_exit_code_says_what_came_out(which, code):
    assert run("verify", which).exit_code == code


def test_a_report_is_printed_check_by_check():
    answer = run("verify", "revoked")
    assert answer.stdout.splitlines()[0] == "✕ Does not hold: Lincoln took this record back."
    assert "  ✓ Has anybody changed it? Nobody has changed it since it was signed." in answer.stdout
    assert "  ✕ Was it taken back? Lincoln took this record back." in answer.stdout
    assert answer.stderr == ""


def test_the_terminal_speaks_spanish():
    assert "Lincoln anuló este documento." in run("verify", "revoked", "--lang", "es").stdout
    assert "Uso:" in run("verify", "--help", env={"LANG": "es_MX.UTF-8"}).stdout


def test_json_is_the_report_itself():
    answer = run("verify", "revoked", "--json")
    assert json.loads(answer.stdout) == REVOKED
    assert answer.exit_code == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProofVerificationError("x"), 1),
        (Revoked("x"), 1),
        (StateError("x"), 1),
        (WrongSecret("x"), 1),
        (ProtocolError("invalid_grant", "x"), 1),
        (CredkitError("x"), 1),
        (ConfigError("x"), 2),
        (FetchError("x"), 3),
        (TimeoutExceeded("x"), 3),
        (StatusRetrievalError("x"), 3),
        (DidNotFoundError("x"), 3),
        (UnsupportedError("x"), 3),
        (VocabularyUnknownError("x"), 3),
        (DifferentPeople("x"), 3),
    ],
)
def test_an_error_becomes_a_sentence_and_a_code(error, code):
    RAISED.append(error)
    answer = run("fail")
    assert (answer.exit_code, exit_code_of(error)) == (code, code)
    assert answer.stdout == ""
    assert answer.stderr.startswith("✕ ")
    assert "Nothing was changed." in answer.stderr
    machine = run("fail", "--json")
    assert json.loads(machine.stderr)["error"] == error.code


def test_an_unforeseen_error_prints_a_number_and_no_text():
    RAISED.append(RuntimeError("ZZCANARY"))
    answer = run("fail")
    assert answer.exit_code == 3
    assert "ZZCANARY" not in answer.output
    assert "ZZCANARY" in run("fail", env={"BACKPACK_DEBUG": "1"}).stderr


def test_being_interrupted_is_no_error():
    RAISED.append(KeyboardInterrupt())
    assert run("fail").exit_code == 130


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verfy"], "There is no command verfy. Did you mean verify?"),
        (["zzzzzz"], "There is no command zzzzzz."),
        (["verify"], "WHICH is missing."),
        (["verify", "good", "--jsn"], "There is no option --jsn. Did you mean --json?"),
        (["verify", "good", "--lang", "xx"], "'xx' is not one of 'en', 'es'"),
        (["read", "/no/such/file"], "This file cannot be read. Check its name."),
        (["read", "."], "This file cannot be read. Check its name."),
        (["read", "a\0b"], "This file cannot be read. Check its name."),
        ([], ""),
    ],
)
def test_a_wrong_command_line_is_usage(arguments, words):
    answer = run(*arguments)
    assert answer.exit_code == 2
    assert words in answer.stderr


def test_a_mistyped_name_is_answered_in_spanish():
    assert "No existe la orden verfy. ¿Quiso decir verify?" in run("verfy", env={"LANG": "es"}).stderr


def test_help_shows_an_example():
    answer = run("verify", "--help")
    assert answer.exit_code == 0
    assert "Example:\n  backpack-test verify good" in answer.stdout


def test_standard_input_and_files_are_read_within_limits(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 101)
    assert run("read", "-", input=b"12345").stdout == "5\n"
    assert "too large" in run("read", str(tmp_path / "large")).stderr
    assert "too large" in run("read", "-", input=b"x" * 101).stderr


def test_a_secret_comes_from_a_file_or_the_environment(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("päss wörd\nsecond line\n", encoding="utf-8")
    assert run("unlock", "--passphrase-file", str(tmp_path / "secret")).stdout == "9\n"
    assert run("unlock", env={"BACKPACK_PASSPHRASE": "1234567"}).stdout == "7\n"
    answer = run("unlock")
    assert answer.exit_code == 2 and "A secret is needed." in answer.stderr
    assert run("unlock", env={"BACKPACK_PASSPHRASE": ""}).exit_code == 2


def test_no_command_takes_a_secret_as_an_argument():
    names = [name for command in main.commands.values() for parameter in command.params for name in parameter.opts]
    assert not any(name.lstrip("-") in ("passphrase", "password", "secret", "key") for name in names)


def test_tables_codes_and_progress(tmp_path):
    answer = run("show", "--data", str(tmp_path))
    lines = answer.stdout.splitlines()
    assert lines[0].split() == ["Course", "Grade"]
    assert lines[2].endswith("…  B")
    assert "https://wallet.example/offer" in lines
    assert lines[-1] == str(tmp_path)
    assert answer.stderr == ""


def test_the_data_folder_comes_from_the_environment(tmp_path):
    assert run("show", env={"BACKPACK_DATA": str(tmp_path)}).stdout.splitlines()[-1] == str(tmp_path)
    home = run("show", env={"XDG_DATA_HOME": str(tmp_path)}).stdout.splitlines()[-1]
    assert Path(home) == tmp_path / "backpack" / "verifier"
