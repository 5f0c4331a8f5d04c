"""The town of a story: offices and a wallet, each a server of its own, reached by real HTTP on this machine."""

from __future__ import annotations

import importlib
import io
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

from credkit.dids import did_web_of
from credkit.ports import Clock, Randomness

HOST = "localhost"
START_S = 120.0
STOP_S = 10.0
MOST_SAID = 1_000


class StoryError(Exception):
    """Something did not come out as told."""


@dataclass(frozen=True)
class Place:
    """Somebody a story needs.

    Attributes:
        key: What the story calls it: ``school``, ``tutor``, ``wallet``, ``college`` …
        module: ``issuer``, ``wallet`` or ``verifier``.
        port: Taken where it is free.
        language: Of an issuer's records.
    """

    key: str
    name: str
    module: str
    port: int
    language: str = "en"


USUAL: Final = (
    Place("school", "Lincoln High School", "issuer", 8101), Place("tutor", "Riverside Tutoring", "issuer", 8102),
    Place("wallet", "the family", "wallet", 8103), Place("college", "State College", "verifier", 8104))
"""Who is in the usual story."""


@dataclass
class Party:
    """One of them: its command line, its data folder and, once started, its server.

    Attributes:
        module: ``issuer``, ``wallet`` or ``verifier``.
        data: Folder shared by the commands and the server.
        password: Of the operator, or the passphrase of whoever signs in to the wallet.
        login: Who signs in to the wallet, where several people do.
        home: The address of its pages, where that is not plain http on its port.
        tls: PEM files of a certificate and its key, with which its server speaks https.
        ports: What its commands take in place of the machine's own: ``clock``, and in a wallet ``randomness``.
    """

    name: str
    module: str
    data: Path
    port: int
    password: str
    language: str = "en"
    login: str | None = None
    home: str | None = None
    tls: tuple[Path, Path] | None = None
    ports: Mapping[str, Clock | Randomness] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """The address of its pages."""
        return self.home or f"http://{HOST}:{self.port}"

    @property
    def did(self) -> str:
        """The did:web of its origin."""
        return did_web_of(self.origin)

    @property
    def settings(self) -> dict[str, str]:
        """What its commands and its server have to be told besides the folder."""
        told = {"BACKPACK_ORIGIN": self.origin} if self.module == "wallet" else {}
        if self.module == "wallet" or urlsplit(self.origin).hostname == HOST:
            told["BACKPACK_LOOPBACK_HTTP"] = "1"
        if self.tls is not None:
            told |= dict.fromkeys(("BACKPACK_CA_FILE", "BACKPACK_TRUST_ANCHORS"), str(self.tls[0]))
        return told

    def signs_in(self, name: str, login: str | None, passphrase: str) -> Party:
        """Somebody else at the same wallet. Without a login: somebody who is new there."""
        return replace(self, name=name, login=login, password=passphrase, server=None)

    def beside(self, name: str, data: Path) -> Party:
        """The same with another data folder, which lies at hand and is not served."""
        return replace(self, name=name, data=data, server=None)

    def at(self, **ports: Clock | Randomness) -> Party:
        """The same, whose commands believe another clock."""
        return replace(self, ports=ports, server=None)

    def run(self, *arguments: str, code: int = 0) -> Any:
        """A command of this party with ``--json``, as typed by hand, but without a new process; what it printed.

        Raises:
            StoryError: another exit code than ``code``, or no JSON.
        """
        printed = self.type(*arguments, "--json", code=code)
        try:
            return json.loads(printed)
        except ValueError as error:
            raise StoryError(f"{self.name} printed no JSON") from error

    def type(self, *arguments: str, code: int = 0) -> str:
        """A command of this party; the words it printed for people.

        Raises:
            StoryError: another exit code than ``code``.
        """
        output, problems, ended = io.StringIO(), io.StringIO(), 0
        who = ("--as", self.login) if self.login is not None else ()
        typed = [*arguments, *who, "--data", str(self.data)]
        line, group = (importlib.import_module(f"{self.module}.{name}") for name in ("cli", "cli.group"))
        with _environment(self._environ()), redirect_stdout(output), redirect_stderr(problems):
            try:
                line.main(typed, prog_name=f"backpack-{self.module}", obj=group.Ports(**self.ports))
            except SystemExit as end:
                ended = end.code if isinstance(end.code, int) else 1
        if ended != code:
            words = " ".join((f"backpack-{self.module}", *arguments))
            said = (problems.getvalue() or output.getvalue())[:MOST_SAID]
            raise StoryError(f"{words}\nended with {ended}, not {code}:\n{said}")
        return output.getvalue()

    def start(self) -> None:
        """Start the server; ``wait`` until it answers before anybody asks it."""
        secured = () if self.tls is None else ("--cert", str(self.tls[0]), "--key", str(self.tls[1]))
        with (self.data / "server.log").open("ab") as output:
            self.server = subprocess.Popen(
                [sys.executable, "-m", self.module, "serve", "--port", str(self.port), "--data", str(self.data),
                 *secured],
                env=self._environ(), stdout=output, stderr=output, stdin=subprocess.DEVNULL)

    def wait(self) -> None:
        """Return when the server answers.

        Raises:
            StoryError: it ended, or does not answer in time.
        """
        deadline = time.monotonic() + START_S
        while not _answers(self.port):
            if self.server is None or self.server.poll() is not None or time.monotonic() > deadline:
                log = (self.data / "server.log").read_text(errors="replace")
                raise StoryError(f"the server of {self.name} did not start:\n{log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server; stopping twice does nothing."""
        server, self.server = self.server, None
        if server is None:
            return
        server.terminate()
        try:
            server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    def _environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BACKPACK_")}
        return {**kept, **self.settings, "BACKPACK_PASSPHRASE": self.password, "LANG": "C.UTF-8"}


class Town:
    """The places of one story; a context manager that stops them all.

    Args:
        folder: Where their data goes.
        places: Who is needed. One wallet at most.
        at_usual_ports: Take each place's own port where it is free. Several towns at once must not.
    """

    def __init__(self, folder: Path, places: Sequence[Place] = USUAL, *, at_usual_ports: bool = True) -> None:
        ports = _free_ports(places, at_usual_ports)
        self._parties = {place.key: Party(
            place.name, place.module, folder / place.key, port, f"demo-{secrets.token_hex(4)}-{place.module}",
            place.language) for place, port in zip(places, ports, strict=True)}

    def __getitem__(self, key: str) -> Party:
        return self._parties[key]

    @property
    def school(self) -> Party:
        """The school."""
        return self["school"]

    @property
    def tutor(self) -> Party:
        """The tutor."""
        return self["tutor"]

    @property
    def wallet(self) -> Party:
        """The family."""
        return self["wallet"]

    @property
    def college(self) -> Party:
        """The college."""
        return self["college"]

    @property
    def parties(self) -> Sequence[Party]:
        """All of them."""
        return tuple(self._parties.values())

    def open(self) -> None:
        """Found every office and start every server."""
        for party in self.parties:
            self._found(party)
        for party in self.parties:
            party.wait()

    def _found(self, party: Party) -> None:
        party.data.mkdir(parents=True)
        arguments = ["init"]
        if party.module != "wallet":
            arguments += ["--origin", party.origin, "--wallet", self.wallet.origin, "--name", party.name]
        if party.module == "issuer":
            arguments += ["--language", party.language]
        party.run(*arguments)
        party.start()

    def __enter__(self) -> Town:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for party in self.parties:
            party.stop()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """These environment variables and no others, for a while."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def _free_ports(places: Sequence[Place], at_usual_ports: bool) -> list[int]:
    """A free port for each place, each held until all are found."""
    held, ports = [], []
    for place in places:
        for wanted in (place.port, 0) if at_usual_ports else (0,):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, wanted))
            except OSError:
                listener.close()
                continue
            held.append(listener)
            ports.append(listener.getsockname()[1])
            break
    for listener in held:
        listener.close()
    return ports
