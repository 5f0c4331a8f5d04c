"""Backups, the passphrase, the recovery kit and helpers from the terminal."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

import click

from credkit.errors import ConfigError, RangeValueError, StateError
from ui.cli import N_, BackpackCommand, BackpackGroup, Console, common_options, read_secret, secret_file_option
from wallet.cli.counters import FILE_NAME, FileCounters
from wallet.cli.group import (
    config_of,
    login_told,
    open_party_again,
    open_services,
    services_of,
    spelled,
    unlock_party,
)
from wallet.services import activity
from wallet.services.people import older
from wallet.services.people.recovery import Helper
from wallet.vault import OlderCopy, OpenVault
from wallet.vault.ways import Ways

_CLIENT = "command line"


@click.command(
    "backup", cls=BackpackCommand, help=N_("Write everything you can open to one file, locked with your passphrase."),
    example="backpack-wallet backup family.backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@secret_file_option("passphrase")
@common_options
def backup(console: Console, file: Path, passphrase_file: Path | None) -> None:
    if file.exists():
        raise click.UsageError(console.gettext(N_("There is a file of this name already. Choose another name.")))
    services, own, present = open_party_again(console, passphrase_file)
    handle, name = tempfile.mkstemp(prefix=".backup-", dir=file.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as out:
            items = services.backups.make(own, cast(BinaryIO, out), present, client=_CLIENT)
            out.flush()
            os.fsync(out.fileno())
        Path(name).rename(file)
    finally:
        Path(name).unlink(missing_ok=True)
    if console.json:
        console.emit({"file": str(file), "items": items})
        return
    console.say(console.ngettext("%(num)s item is in the backup.", "%(num)s items are in the backup.", items))
    console.say(console.gettext(N_("The file opens with the passphrase you have today. Keep it somewhere else.")))


@click.command(
    "restore", cls=BackpackCommand,
    help=N_("Put a backup into an empty folder, or add it as copies to the backpack that is there."),
    example="backpack-wallet restore family.backup --data new-folder")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-copies", is_flag=True, help=N_("Add what is in it beside what is there."))
@secret_file_option("passphrase")
@secret_file_option("backup-passphrase")
@common_options
def restore(console: Console, file: Path, as_copies: bool, passphrase_file: Path | None,
            backup_passphrase_file: Path | None) -> None:
    if as_copies:
        _add_copies(console, file, passphrase_file, backup_passphrase_file)
        return
    services = services_of(config_of(console))
    if services.vault.is_set_up():
        raise ConfigError("There is a backpack in this folder already. Use --as-copies, or another folder.")
    secret = read_secret(console, console.gettext(N_("Passphrase of the backup")),
                         file=backup_passphrase_file or passphrase_file, variable="BACKPACK_PASSPHRASE")
    with file.open("rb") as handle:
        own = services.backups.restore(handle, secret).vault
    learners = [learner.label for learner in own.learners()]
    if console.json:
        console.emit({"restored": True, "learners": learners})
        return
    console.say(console.gettext(N_("The backup is put back. It opens with the passphrase of the backup.")), bold=True)
    for label in learners:
        console.say(f"  {label}")


def _add_copies(console: Console, file: Path, passphrase_file: Path | None, backup_file: Path | None) -> None:
    services, own, present = open_party_again(console, passphrase_file)
    secret = present if backup_file is None else read_secret(
        console, "", file=backup_file, variable="BACKPACK_PASSPHRASE")
    with file.open("rb") as handle:
        brought = services.backups.add_copies(
            own, handle, secret, lambda label: console.gettext(N_("%(name)s (copy)")) % {"name": label})
    if console.json:
        console.emit({"learners": brought.learners, "items": brought.items})
        return
    console.say(console.ngettext("%(num)s item was added as a copy.", "%(num)s items were added as copies.",
                                 brought.items))


def _new_passphrase(console: Console, file: Path | None) -> str:
    return read_secret(console, console.gettext(N_("Make a passphrase (12 characters or more)")), file=file,
                       variable="BACKPACK_NEW_PASSPHRASE", confirm=True)


def _weak(console: Console) -> click.UsageError:
    return click.UsageError(console.gettext(
        N_("This is guessed too quickly. Take at least 12 characters, such as four words.")))


@click.command("passphrase", cls=BackpackCommand, help=N_("Change the passphrase; other sessions end."),
               example="backpack-wallet passphrase")
@secret_file_option("passphrase")
@secret_file_option("new-passphrase")
@common_options
def passphrase(console: Console, passphrase_file: Path | None, new_passphrase_file: Path | None) -> None:
    services, own, present = open_party_again(console, passphrase_file)
    try:
        Ways(services.vault).change_passphrase(own, present, _new_passphrase(console, new_passphrase_file),
                                               client=_CLIENT)
    except RangeValueError as error:
        raise _weak(console) from error
    activity.log(own, services.clock, "recovery", {"state": "changed"})
    console.say(console.gettext(N_("The passphrase is changed. Other devices have to open the backpack anew.")))


@click.command("kit", cls=BackpackCommand,
               help=N_("Make a recovery kit and print its code, once. An older kit opens nothing then."),
               example="backpack-wallet kit")
@secret_file_option("passphrase")
@common_options
def kit(console: Console, passphrase_file: Path | None) -> None:
    services, own, present = open_party_again(console, passphrase_file)
    code = Ways(services.vault).add_kit(own, present, client=_CLIENT)
    activity.log(own, services.clock, "recovery", {"state": "kit_made"})
    if console.json:
        console.emit({"code": code})
        return
    console.say(code, bold=True)
    console.note(console.gettext(N_("Write it down. It is not shown again, and whoever has it can open the backpack.")))


@click.command("recover", cls=BackpackCommand,
               help=N_("Open the backpack with a recovery code and set a new passphrase."),
               example="backpack-wallet recover --code-file code.txt")
@click.option("--helpers", "by_helpers", is_flag=True, help=N_("The code is that of a request to helpers."))
@secret_file_option("code")
@secret_file_option("new-passphrase")
@common_options
def recover(console: Console, by_helpers: bool, code_file: Path | None, new_passphrase_file: Path | None) -> None:
    services = open_services(console)
    code = read_secret(console, console.gettext(N_("Code, eight groups of five")), file=code_file,
                       variable="BACKPACK_CODE")
    new = _new_passphrase(console, new_passphrase_file)
    try:
        if by_helpers:
            services.recovery.open(code, new, client=_CLIENT)
        else:
            unlocked = Ways(services.vault).open_with_kit(code, new, client=_CLIENT)
            activity.log(unlocked.vault.personal(), services.clock, "recovery", {"state": "kit_used"})
    except RangeValueError as error:
        raise _weak(console) from error
    console.say(console.gettext(N_("Your backpack is open, and has its new passphrase.")))


@click.command(
    "accept-older", cls=BackpackCommand,
    help=N_("Go on with an older copy of the backpack, such as after a restored disk. Each record's log will say so."),
    example="backpack-wallet accept-older --yes")
@click.option("--yes", is_flag=True, help=N_("You know where the older copy comes from; do not ask again."))
@secret_file_option("passphrase")
@common_options
def accept_older(console: Console, yes: bool, passphrase_file: Path | None) -> None:
    counters = FileCounters(console.data / FILE_NAME)
    services, own, _present = unlock_party(console, passphrase_file, counters)
    if not _is_older(own):
        if console.json:
            console.emit({"older": False, "learners": []})
        else:
            console.say(console.gettext(N_("Nothing here is older than what you last saw. Nothing was changed.")))
        return
    for text in (N_("Somebody may have put back an older copy. That happens when a backup is restored. It can also be "
                    "an attack."), N_("Records, people and rules that came since then are not in it.")):
        console.note(console.gettext(text))
    if not yes:
        click.confirm(console.gettext(N_("Go on with the older copy?")), abort=True, err=True)
    counters.forget()
    learners = older.go_on(own, services.clock)
    if console.json:
        console.emit({"older": True, "learners": learners})
    else:
        console.say(console.gettext(N_("The older copy counts as the newest from now on.")), bold=True)


def _is_older(own: OpenVault) -> bool:
    try:
        own.learners()
    except OlderCopy:
        return True
    return False


@click.group("helpers", cls=BackpackGroup, help=N_("People who can open the backpack together, and helping others."),
             example="backpack-wallet helpers requests")
def helpers() -> None:
    """Choosing helpers, asking them, helping others."""


@helpers.command("choose", help=N_("Choose who can open your backpack together."),
                 example="backpack-wallet helpers choose Ana Berta Carla --needed 2")
@click.argument("names", nargs=-1, required=True)
@click.option("--needed", type=int, default=2, help=N_("How many of them are needed, two or more."))
@secret_file_option("passphrase")
@common_options
def choose(console: Console, names: tuple[str, ...], needed: int, passphrase_file: Path | None) -> None:
    services, own, present = open_party_again(console, passphrase_file)
    known = services.recovery.candidates(own, services.people.names)
    try:
        services.recovery.choose(own, tuple(_helper(console, known, name) for name in names), needed, present,
                                 name=services.people.my_name(own) or login_told() or "", client=_CLIENT)
    except RangeValueError as error:
        raise click.UsageError(console.gettext(N_("Choose at least two people, and say how many of them are needed: "
                                                  "two or more."))) from error
    console.say(console.gettext(N_("Chosen. Tell them, so that they know when somebody asks.")))


def _helper(console: Console, known: tuple[Helper, ...], name: str) -> Helper:
    found = [helper for helper in known if name.casefold() == helper.name.casefold() or name == helper.member.party_id]
    if len(found) != 1:
        raise click.UsageError(console.gettext(N_("Nobody with you is called %(name)s.")) % {"name": name})
    return found[0]


@helpers.command("ask", help=N_("Ask the helpers of a person who lost the passphrase."),
                 example="backpack-wallet helpers ask --name maria")
@click.option("--name", "login", default="", help=N_("The name that the person signs in with."))
@common_options
def ask(console: Console, login: str) -> None:
    asked = open_services(console).recovery.ask(login)
    if console.json:
        console.emit({"code": asked.code, "words": [list(pair) for pair in asked.words],
                      "ready_at": asked.ready_at.isoformat()})
        return
    console.say(console.gettext(N_("Read these words aloud to each helper:")))
    console.say(spelled(console, asked.words), bold=True)
    console.say(console.gettext(N_("Your code, for you alone:")))
    console.say(asked.code, bold=True)
    console.say(console.gettext(N_("They can agree from %(moment)s on.")) % {"moment": console.moment(asked.ready_at)})


@helpers.command("requests", help=N_("Print who asks for your help, and who asks to open your own backpack."),
                 example="backpack-wallet helpers requests")
@secret_file_option("passphrase")
@common_options
def requests(console: Console, passphrase_file: Path | None) -> None:
    services, own, _present = open_party_again(console, passphrase_file)
    found = [(request, "help") for request in services.recovery.requests(own)]
    found += [(request, "own") for request in services.recovery.notices(own)]
    if console.json:
        console.emit([{"id": request.id, "kind": kind, "name": request.name, "mark": request.mark,
                       "words": [list(pair) for pair in request.words], "ready_at": request.ready_at.isoformat(),
                       "agreed": request.count, "needed": request.threshold} for request, kind in found])
    elif not found:
        console.say(console.gettext(N_("Nobody asks now.")))
    for request, kind in () if console.json else found:
        console.say(f"{request.id}  {request.name or console.gettext(N_('Your own backpack'))}  "
                    f"{request.count}/{request.threshold}  {console.moment(request.ready_at)}")
        console.say(spelled(console, request.words))
        if kind == "own":
            console.note(console.gettext(N_("If it was not you, stop it: helpers stop %(id)s")) % {"id": request.id})


@helpers.command("agree", help=N_("Release your part: the person read you the words, and they are the same."),
                 example="backpack-wallet helpers agree 7hd2Kq9x --yes")
@click.argument("request_id", metavar="ID")
@click.option("--yes", is_flag=True, help=N_("The words are the same; do not ask again."))
@secret_file_option("passphrase")
@common_options
def agree(console: Console, request_id: str, yes: bool, passphrase_file: Path | None) -> None:
    services, own, _present = open_party_again(console, passphrase_file)
    request = next((each for each in services.recovery.requests(own) if each.id == request_id), None)
    if request is None:
        raise StateError("There is nothing here under this name.")
    if not yes:
        console.note(spelled(console, request.words))
        click.confirm(console.gettext(N_("Did the person read you these words?")), abort=True, err=True)
    services.recovery.agree(own, request_id, request.mark)
    console.say(console.gettext(N_("Your part is released. Only who asked can read it.")))


@helpers.command("stop", help=N_("Stop a request to open your own backpack."),
                 example="backpack-wallet helpers stop 7hd2Kq9x")
@click.argument("request_id", metavar="ID")
@secret_file_option("passphrase")
@common_options
def stop(console: Console, request_id: str, passphrase_file: Path | None) -> None:
    services, own, _present = open_party_again(console, passphrase_file)
    services.recovery.stop(own, request_id)
    console.say(console.gettext(N_("Stopped.")))
