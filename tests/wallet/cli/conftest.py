"""A terminal, and María's, who keeps Daniela's record."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World
from tests.wallet.cli.terminal import Terminal
from wallet.vault import Cost


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guess at a passphrase costs the least that is allowed: every command here opens the vault once."""
    monkeypatch.setattr("wallet.bootstrap.Cost", lambda **_usual: Cost(19 * 1024, 2, 1))


@pytest.fixture
def terminal(tmp_path: Path, world: World) -> Terminal:
    return Terminal(tmp_path, world)


@pytest.fixture
def mother(terminal: Terminal) -> Terminal:
    """María's terminal; she keeps Daniela's record."""
    terminal.run("init")
    result = terminal.run("learner", "add", "--name", "Daniela", "--born", "2017-04-30", "--zone", "America/Denver",
                          "--my-name", "María")
    assert result.exit_code == 0, result.stderr
    return terminal
