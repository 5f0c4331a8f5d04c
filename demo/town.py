"""The town of the story: offices and a wallet, each a server of its own, reached by real HTTP on this machine."""

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
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

HOST = "localhost"
USUAL_PORTS = {"school": 8101, "tutor": 8102, "wallet": 8103, "college": 8104}
START_S = 120.0
STOP_S = 10.0


class StoryError(Exception):
    """Something did not come out as told."""


@dataclass
class Party:
    """One of the four: its command line, its data folder and, once started, its server.

    Attributes:
        module: ``issuer``, ``wallet`` or ``verifier``.
        data: Folder shared by the commands and the server.
        password: Of the operator, or the passphrase of the family.
    """

    name: str
    module: str
    data: Path
    port: int
    password: str
    server: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """The address of its pages."""
        return f"http://{HOST}:{self.port}"

    @property
    def did(self) -> str:
        """The did:web of its origin."""
        return f"did:web:{HOST}%3A{self.port}"

    def run(self, *arguments: str, code: int = 0) -> Any:
        """A command of this party with ``--json``, as typed by hand, but without a new process; what it printed.

        Raises:
            StoryError: another exit code than ``code``, or no JSON.
        """
        output, problems, ended = io.StringIO(), io.StringIO(), 0
        typed = [*arguments, "--data", str(self.data), "--json"]
        command = importlib.import_module(f"{self.module}.cli").main
        with _environment(self._environ()), redirect_stdout(output), redirect_stderr(problems):
            try:
                command(typed, prog_name=f"backpack-{self.module}")
            except SystemExit as end:
                ended = end.code if isinstance(end.code, int) else 1
        if ended != code:
            words = " ".join((f"backpack-{self.module}", *arguments))
            raise StoryError(f"{words}\nended with {ended}, not {code}:\n{problems.getvalue()}")
        try:
            return json.loads(output.getvalue())
        except ValueError as error:
            raise StoryError(f"{self.name} printed no JSON") from error

    def start(self) -> None:
        """Start the server; ``wait`` until it answers before anybody asks it."""
        with (self.data / "server.log").open("ab") as output:
            self.server = subprocess.Popen(
                [sys.executable, "-m", self.module, "serve", "--port", str(self.port), "--data", str(self.data)],
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
        extra = {"BACKPACK_LOOPBACK_HTTP": "1", "BACKPACK_PASSPHRASE": self.password, "LANG": "C.UTF-8"}
        if self.module == "wallet":
            extra["BACKPACK_ORIGIN"] = self.origin
        return {**kept, **extra}


class Town:
    """Two issuers, a wallet and a verifier; a context manager that stops them all.

    Args:
        folder: Where their data goes.
        at_usual_ports: Take ``USUAL_PORTS`` where they are free. Several towns at once must not.
    """

    def __init__(self, folder: Path, *, at_usual_ports: bool = True) -> None:
        ports = _free_ports(at_usual_ports)
        self.school = self._party("Lincoln High School", "issuer", folder / "school", ports["school"])
        self.tutor = self._party("Riverside Tutoring", "issuer", folder / "tutor", ports["tutor"])
        self.wallet = self._party("the family", "wallet", folder / "wallet", ports["wallet"])
        self.college = self._party("State College", "verifier", folder / "college", ports["college"])

    @property
    def parties(self) -> Sequence[Party]:
        """All four."""
        return (self.school, self.tutor, self.wallet, self.college)

    def open(self) -> None:
        """Found every office and start every server."""
        for party in self.parties:
            self._found(party)
        for party in self.parties:
            party.wait()

    def _found(self, party: Party) -> None:
        party.data.mkdir(parents=True)
        arguments = ["init"]
        if party is not self.wallet:
            arguments += ["--origin", party.origin, "--wallet", self.wallet.origin]
        if party.module == "issuer":
            arguments += ["--name", party.name]
        party.run(*arguments)
        party.start()

    def __enter__(self) -> Town:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for party in self.parties:
            party.stop()

    @staticmethod
    def _party(name: str, module: str, data: Path, port: int) -> Party:
        return Party(name, module, data, port, f"demo-{secrets.token_hex(4)}-{module}")


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


def _free_ports(at_usual_ports: bool) -> dict[str, int]:
    """A free port for each party, each held until all are found."""
    held, ports = [], {}
    for name, usual in USUAL_PORTS.items():
        for wanted in (usual, 0) if at_usual_ports else (0,):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, wanted))
            except OSError:
                listener.close()
                continue
            held.append(listener)
            ports[name] = listener.getsockname()[1]
            break
    for listener in held:
        listener.close()
    return ports
