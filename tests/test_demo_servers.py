"""``python -m demo.servers``: real processes, commands beside them, a clean end, a second start on the same folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from demo.servers import OPERATOR_PASSWORD, WALLET_PASSPHRASE, main
from tests.browser.serving import free_port
from tests.support.amount import FULL
from tests.support.shared import ROOT

PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("BACKPACK_")}


def start(folder: Path, ports: list[int]) -> subprocess.Popen[str]:
    roles = ("--issuer", "--wallet", "--verifier")
    named = [text for role, port in zip(roles, ports, strict=True) for text in (role, str(port))]
    process = subprocess.Popen([sys.executable, "-m", "demo.servers", *named, "--data", str(folder)], cwd=ROOT,
                               env=PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    if process.stdout.readline() != "ready\n":
        pytest.fail(process.stderr.read())
    return process


def command(role: str, folder: Path, *arguments: str) -> Any:
    """A command as somebody types it who was told the folder and the login, and nothing else."""
    done = subprocess.run([sys.executable, "-m", role, *arguments, "--data", str(folder / role), "--json"], cwd=ROOT,
                          env={**PLAIN, "BACKPACK_PASSPHRASE": WALLET_PASSPHRASE}, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not FULL, reason="half a minute; BACKPACK_FULL=1 runs it")
def test_clients_find_everything_ready_and_find_it_again(tmp_path: Path) -> None:
    ports = [free_port() for _ in range(3)]
    for number in (signal.SIGTERM, signal.SIGINT):
        servers = start(tmp_path / "trial", ports)
        try:
            with urlopen(f"http://localhost:{ports[0]}/.well-known/openid-credential-issuer") as answer:
                assert "badge-sd-jwt" in json.load(answer)["credential_configurations_supported"]
            made = command("issuer", tmp_path / "trial", "offer", "--credential", "badge")
            taken = command("wallet", tmp_path / "trial", "accept", made["offer"])
            assert len(taken["stored"]) == 1
            command("verifier", tmp_path / "trial", "trust", "list")
        finally:
            servers.send_signal(number)
        assert servers.wait(30) == 0


@pytest.mark.parametrize("arguments", [
    [], ["--issuer", "1", "--wallet", "2", "--verifier", "x", "--data", "d"],
    ["--issuer", "1", "--wallet", "2", "--verifier", "3", "--data", "d", "--cert", "c.pem"]])
def test_what_cannot_be_started_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2 and "usage" in capsys.readouterr().err


def test_the_logins_are_those_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert OPERATOR_PASSWORD in readme and WALLET_PASSPHRASE in readme
