"""A shell in which ``backpack-wallet`` runs against the test's own world, and who sits at it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from tests.support.world import World
from tests.wallet.support import PASSPHRASE
from wallet.cli import main
from wallet.cli.group import Ports

TUTOR = "six blue boats over the sea"
AS_TUTOR = {"BACKPACK_LOGIN": "okafor"}
INVITE = ("people", "invite", "--name", "Mr. Okafor", "--role", "tutor", "--read", "services", "--contribute",
          "services", "--until", "2027-02-01", "--paper", "Letter of 3 May")


class Terminal:
    """A shell in which the passphrase lies in the environment."""

    def __init__(self, folder: Path, world: World) -> None:
        self.data, self.world = folder / "wallet", world

    def run(self, *arguments: str, passphrase: str | None = PASSPHRASE, **more: Any) -> Result:
        environment = {"BACKPACK_DATA": str(self.data), "LANG": "en_US.UTF-8", "BACKPACK_PASSPHRASE": passphrase}
        return CliRunner().invoke(main, list(arguments), env={**environment, **more.pop("env", {})},
                                  obj=Ports(self.world.clock, self.world.web), **more)

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)


def let_in(mother: Terminal) -> None:
    """Mr. Okafor, a tutor, joins."""
    link = mother.json(*INVITE)["link"]
    answered = mother.run("people", "join", link, "--login", "okafor", passphrase=TUTOR)
    assert answered.exit_code == 0, answered.stderr
    (waiting,) = mother.json("people", "--as", "me")["invitations"]
    confirmed = mother.run("people", "confirm", waiting["id"][:8], "--as", "me")
    assert "Mr. Okafor is in now." in confirmed.stdout, confirmed.stderr
