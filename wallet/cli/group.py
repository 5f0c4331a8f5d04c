"""The top of the command line, and what its commands share: opening the backpack, naming a record."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from credkit.errors import ConfigError
from credkit.ports import Clock, Fetcher
from ui.cli import N_, Console, backpack_group, read_secret
from wallet.bootstrap import Services, build_services, is_initialised
from wallet.config import Config, from_environ
from wallet.services.library import Card, Shelf
from wallet.vault import OpenVault

SHORT_ID = 8
_LEAST = 4

main = backpack_group(
    "backpack-wallet", role="wallet",
    help=N_("Keep the records that schools and others have signed, and share what you choose."),
    folders=(Path(__file__).parent.parent / "web" / "translations",),
)


@dataclass(frozen=True)
class Ports:
    """What a caller of ``main`` may bring instead of the machine's own, as click's ``obj``; tests bring both."""

    clock: Clock | None = None
    fetcher: Fetcher | None = None


def services_of(config: Config) -> Services:
    """The wallet of ``config`` over the machine's clock and network, or over the caller's ``Ports``."""
    given = click.get_current_context().find_root().obj
    ports = given if isinstance(given, Ports) else Ports()
    return build_services(config, clock=ports.clock, fetcher=ports.fetcher)


def config_of(console: Console, *, origin: str | None = None) -> Config:
    """The settings of this data folder."""
    return from_environ(os.environ, data=console.data, origin=origin)


def open_backpack(console: Console, passphrase_file: Path | None) -> tuple[Services, OpenVault]:
    """The services and the vault, unlocked with the passphrase that is asked for.

    Raises:
        ConfigError: there is no backpack in this folder.
        WrongSecret, VaultLocked, SealBroken: it does not open.
    """
    config = config_of(console)
    services = services_of(config) if is_initialised(config) else None
    if services is None or not services.vault.is_set_up():
        raise ConfigError("There is no backpack in this folder yet. Run backpack-wallet init first.")
    passphrase = read_secret(console, console.gettext(N_("Passphrase")), file=passphrase_file,
                             variable="BACKPACK_PASSPHRASE")
    return services, services.vault.unlock(passphrase, client="command line").vault


def find_card(console: Console, shelf: Shelf, name: str) -> Card:
    """The record that ``name`` means: its id, the first letters of it, or the signer's own id of the record.

    Raises:
        click.UsageError: none, or several.
    """
    cards = shelf.all()
    found = [card for card in cards if name in (card.item_id, card.credential_id)]
    if not found and len(name) >= _LEAST:
        found = [card for card in cards if card.item_id.startswith(name)]
    if len(found) != 1:
        raise click.UsageError(console.gettext(
            N_("No record is called %(name)s. The command list shows what each is called.")) % {"name": name})
    return found[0]
