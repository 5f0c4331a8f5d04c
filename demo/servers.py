"""``python -m demo.servers``: issuer, wallet and verifier on this machine, for clients that are to be tried with them.

Prints ``ready`` when all three answer, ends on SIGTERM or Ctrl-C. ``DIR/issuer``, ``DIR/wallet`` and ``DIR/verifier``
are data folders on which every command works while the servers run; started again on the same DIR, they go on.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from credkit.settings_file import FILE_NAME, write_settings
from demo.export import SCHOOL, build_export
from demo.town import HOST, Party, StoryError

OPERATOR_PASSWORD: Final = "demo-servers-operator"
WALLET_PASSPHRASE: Final = "demo-servers-passphrase"
STANDARD: Final = "https://case.example/standards/M.5.NF.1"
RECORDS: Final[Sequence[tuple[str, tuple[str, ...]]]] = (
    ("attendance", ("term=Fall 2025", "days_enrolled=88", "days_absent=3", "times_late=1")),
    ("assessment", ("test=State Mathematics Assessment", "subject=math", "taken_on=2026-04-14", "score=512",
                    "scale=vertical", "lowest=300", "highest=700", "sem=9")),
    ("growth", ("test=State Mathematics Assessment", "subject=math", "taken_on=2026-04-14", "growth=61",
                "peers=Students of the state with like scores before")),
    ("reading-level", ("kind=lexile", "value=1210L", "taken_on=2026-03-02")),
    ("mastery", (f"standard={STANDARD}", "level=Mastered", "shown_on=2026-03-20",
                 "story=Added fractions of a recipe without help.")),
    ("teacher", ("teacher=Rosa Rivera", "course=Algebra I", "qualification=Licence for mathematics, grades 6 to 12",
                 "link=https://licences.example/rivera")),
    ("iep", ("begins=2026-02-02", "goals=Plans a week of homework by herself.")),
    ("service", ("service=Speech therapy", "begins=2025-09-01", "frequency=30 minutes a week")),
    ("work-habits", ("term=Fall 2025", "teacher=Rosa Rivera", "persists=always")),
)
"""One record of every template: its name and its answers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the three, say so, and wait for the end."""
    asked = _parser().parse_args(arguments)
    if (asked.cert is None) != (asked.key is None):
        _parser().error("give --cert and --key together")
    parties = parties_of(asked)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as open_doors:
        try:
            for party in parties:
                is_new = found(party, parties)
                party.start()
                open_doors.callback(party.stop)
                if is_new:
                    furnish(party, parties)
                write_settings(party.data, party.settings)
            for party in parties:
                party.wait()
            print("ready", flush=True)
            signal.pause()
        except StoryError as error:
            print(error, file=sys.stderr, flush=True)
            return 1
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.servers", description=(__doc__ or "").splitlines()[0])
    for role in ("issuer", "wallet", "verifier"):
        parser.add_argument(f"--{role}", type=int, required=True, metavar="PORT")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    for role in ("issuer", "verifier"):
        parser.add_argument(f"--{role}-origin", metavar="URL", help="where others reach it; this machine by default")
    parser.add_argument("--cert", type=Path, metavar="FILE", help="speak https with this certificate")
    parser.add_argument("--key", type=Path, metavar="FILE", help="its private key")
    return parser


def parties_of(asked: argparse.Namespace) -> tuple[Party, ...]:
    """The three parties as the command line names them."""
    tls = None if asked.cert is None else (asked.cert.absolute(), asked.key.absolute())
    scheme = "http" if tls is None else "https"

    def party(module: str, name: str, password: str, home: str | None) -> Party:
        port: int = getattr(asked, module)
        return Party(name, module, asked.data.absolute() / module, port, password, tls=tls,
                     home=(home or f"{scheme}://{HOST}:{port}").rstrip("/"))

    return (party("issuer", SCHOOL, OPERATOR_PASSWORD, asked.issuer_origin),
            party("wallet", "the family", WALLET_PASSPHRASE, None),
            party("verifier", "State College", OPERATOR_PASSWORD, asked.verifier_origin))


def found(party: Party, parties: Sequence[Party]) -> bool:
    """Make a party where there is none yet; whether there was none.

    Raises:
        StoryError: a command of it went wrong.
    """
    if (party.data / FILE_NAME).exists():
        return False
    party.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _issuer, wallet, verifier = parties
    named: tuple[str, ...] = ()
    if party is not wallet:
        named = ("--origin", party.origin, "--wallet", wallet.origin, "--name", party.name)
    if party is verifier and party.tls is not None:
        named = (*named, "--cert", str(party.tls[0]), "--key", str(party.tls[1]))
    party.run("init", *named)
    return True


def furnish(party: Party, parties: Sequence[Party]) -> None:
    """Give a new party the demo's data, while its server comes up.

    Raises:
        StoryError: a command of it went wrong.
    """
    issuer, _wallet, verifier = parties
    if party is issuer:
        fill(party)
    if party is verifier:
        party.run("trust", "add", issuer.did, "--name", issuer.name)


def fill(issuer: Party) -> None:
    """The demo's export, and for its first student a record of every kind.

    Raises:
        StoryError: a command went wrong.
    """
    issuer.run("import", str(build_export(issuer.data / "export.zip")))
    number = issuer.run("students")[0]["number"]
    for template, answers in RECORDS:
        told = [argument for answer in answers for argument in ("--set", answer)]
        issuer.run("award", "--student", number, "--template", template, *told)
    issuer.run("award", "--student", number, "--badge", "Fractions Coach", "--description",
               "Explains fractions to younger students.", "--criteria", "Led ten help sessions.")
    work = next(each for each in issuer.run("students", "--student", number)["records"] if each["kind"] == "badge")
    issuer.run("endorse", "--student", number, "--work", work["id"], "--teacher", "Rosa Rivera", "--comment",
               "Clear steps, in words of her own.")
    issuer.run("guardian", "--student", number, "--name", "Elena Villaseñor", "--basis", "parent", "--paper",
               "Birth certificate, seen on June 1", "--from", "2026-06-01")
    issuer.run("court-limit", "--student", number, "--name", "A relative", "--party",
               "did:key:z6Mkqm7jV5kQ3ATcNmLxgFzeTQPBUF7Bt43pTwJ1rWJUXB4t", "--paper", "Order 12-345", "--from",
               "2026-06-01")


if __name__ == "__main__":
    sys.exit(main())
