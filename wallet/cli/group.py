"""The top of the command line, and what its commands share: who signs in, whose record, naming a record."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from credkit.errors import ConfigError
from credkit.ports import Clock, Fetcher, Randomness
from ui.cli import N_, Console, backpack_group, read_secret
from wallet.bootstrap import Services, build_services, is_initialised
from wallet.cli.counters import FILE_NAME, FileCounters
from wallet.config import Config, from_environ
from wallet.services.people.spelling import Words
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import Card, Shelf
from wallet.vault import OpenVault

SHORT_ID = 8
_LEAST = 4
OWN: Final = "own"
_CLIENT: Final = "command line"
_META: Final = "backpack.wallet."

main = backpack_group(
    "backpack-wallet", role="wallet",
    help=N_("Keep the records that schools and others have signed, and share what you choose."),
    folders=(Path(__file__).parent.parent / "web" / "translations",),
)


@dataclass(frozen=True)
class Ports:
    """What a caller of ``main`` may bring instead of the machine's own, as click's ``obj``; tests bring all."""

    clock: Clock | None = None
    fetcher: Fetcher | None = None
    randomness: Randomness | None = None


def _remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value:
        context.meta[f"{_META}{parameter.name}"] = value


def _told(name: str) -> str | None:
    found = click.get_current_context().meta.get(f"{_META}{name}")
    return str(found) if found else None


def register(*commands: click.Command) -> None:
    """Put commands on the command line; those that open the backpack get ``--as`` and ``--learner``."""
    for command in commands:
        _add_who(command)
        main.add_command(command)


def _add_who(command: click.Command) -> None:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _add_who(inner)
    if any(parameter.name == "passphrase_file" for parameter in command.params):
        command.params += [
            click.Option(["--as", "signs_in"], metavar="NAME", envvar="BACKPACK_LOGIN", expose_value=False,
                         callback=_remember, help=N_("Who signs in, where several people do (or BACKPACK_LOGIN).")),
            click.Option(["--learner"], metavar="NAME|ID", envvar="BACKPACK_LEARNER", expose_value=False,
                         callback=_remember,
                         help=N_("Whose record, where there are several; own for your own (or BACKPACK_LEARNER)."))]


def services_of(config: Config) -> Services:
    """The wallet of ``config`` over the machine's clock and network, or over the caller's ``Ports``."""
    given = click.get_current_context().find_root().obj
    ports = given if isinstance(given, Ports) else Ports()
    return build_services(config, clock=ports.clock, fetcher=ports.fetcher, randomness=ports.randomness)


def config_of(console: Console, *, origin: str | None = None) -> Config:
    """The settings of this data folder."""
    return from_environ(os.environ, data=console.data, origin=origin)


def open_services(console: Console) -> Services:
    """The services of the backpack in this folder, locked.

    Raises:
        ConfigError: there is none.
    """
    config = config_of(console)
    services = services_of(config) if is_initialised(config) else None
    if services is None or not services.vault.is_set_up():
        raise ConfigError("There is no backpack in this folder yet. Run backpack-wallet init first.")
    return services


def login_told() -> str | None:
    """The name after ``--as``."""
    return _told("signs_in")


def open_party(console: Console, passphrase_file: Path | None) -> tuple[Services, OpenVault]:
    """The services and the own space of who signs in, with the passphrase that is asked for.

    Raises:
        ConfigError: there is no backpack in this folder.
        click.UsageError: several people use it, and nobody was named.
        WrongSecret, VaultLocked, SealBroken: it does not open, or is an older copy than the one last seen here.
    """
    return open_party_again(console, passphrase_file)[:2]


def open_party_again(console: Console, passphrase_file: Path | None) -> tuple[Services, OpenVault, str]:
    """``open_party``, and the passphrase, for what asks for it once more.

    Raises:
        ConfigError, click.UsageError, WrongSecret, VaultLocked, SealBroken: as ``open_party``.
    """
    services, own, passphrase = unlock_party(console, passphrase_file, FileCounters(console.data / FILE_NAME))
    services.people.arrive(own)
    for name in services.ending.note_ended(own):
        console.note(console.gettext(N_("The backpack of %(name)s was deleted.")) % {"name": name})
    return services, own, passphrase


def unlock_party(console: Console, passphrase_file: Path | None,
                 counters: FileCounters) -> tuple[Services, OpenVault, str]:
    """The services, the own space of who signs in, into which nobody has looked yet, and the passphrase.

    Raises:
        ConfigError, click.UsageError, WrongSecret, VaultLocked, SealBroken: as ``open_party``.
    """
    services, login = open_services(console), login_told()
    if login is None and services.vault.asks_for_login():
        raise click.UsageError(console.gettext(
            N_("Several people use this backpack. Say who signs in with --as, such as --as me.")))
    passphrase = read_secret(console, console.gettext(N_("Passphrase")), file=passphrase_file,
                             variable="BACKPACK_PASSPHRASE")
    own = services.vault.unlock(passphrase, client=_CLIENT, login=login, counters=counters).vault
    return services, own, passphrase


def open_backpack(console: Console, passphrase_file: Path | None) -> tuple[Services, OpenVault]:
    """The services and the record that is meant: the named learner's, or the only one there is.

    Raises:
        click.UsageError: there are several and none was named, or nobody is called so.
        ConfigError, WrongSecret, VaultLocked, SealBroken: as ``open_party``.
    """
    services, own = open_party(console, passphrase_file)
    return services, _record(console, own)


def _record(console: Console, own: OpenVault) -> OpenVault:
    learners, wanted = own.learners(), _told("learner")
    if wanted is None and not learners:
        return own
    if wanted is None and len(learners) == 1 and not own.known(CREDENTIAL):
        return own.for_learner(learners[0].owner_id)
    if wanted is not None and wanted.casefold() == OWN:
        return own
    if wanted is not None:
        found = [each for each in learners if wanted == each.owner_id or wanted.casefold() == each.label.casefold()]
        found = found or [each for each in learners if len(wanted) >= _LEAST and each.owner_id.startswith(wanted)]
        if len(found) == 1:
            return own.for_learner(found[0].owner_id)
    names = ", ".join([*(f"{each.label} ({each.owner_id[:SHORT_ID]})" for each in learners), OWN])
    raise click.UsageError(console.gettext(N_("Say whose record with --learner. There are: %(names)s")) % {
        "names": names})


def spelled(console: Console, words: Words) -> str:
    """Words that two people compare, a line each, the reader's language first."""
    place = 1 if console.language == "es" else 0
    return "\n".join(f"  {number}. {pair[place]}  ({pair[1 - place]})" for number, pair in enumerate(words, start=1))


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
