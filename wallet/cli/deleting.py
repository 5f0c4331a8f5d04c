"""Deleting in a terminal: one thing, a whole backpack, one's own account, and what is over anyway."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from ui.cli import N_, BackpackCommand, Console, common_options, secret_file_option
from wallet.cli.group import find_card, open_backpack, open_party, open_services
from wallet.cli.record import by_short_id, environment_of
from wallet.services.people.ending import AccountGoing, RecordGoing
from wallet.services.record import deleting, library
from wallet.services.record.deleting import Going, What
from wallet.vault import OpenVault

_NOT_DELETED: Final = 1
_ASKED: Final[dict[str, str]] = {
    "record": N_("Delete this record?"), "work": N_("Delete this file?"), "comment": N_("Delete this comment?"),
    "paper": N_("Delete this paper?"), "share": N_("Delete what was handed out?"),
}
_yes = click.option("--yes", is_flag=True, help=N_("Delete without asking again."))


@click.command("delete", cls=BackpackCommand, example="backpack-wallet delete 7hd2Kq9x",
               help=N_("Delete a record, a comment, an old paper or something handed out, for good."))
@click.argument("name", metavar="ID")
@click.option("--file", "file_name", metavar="NAME", help=N_("Only this file of a record in the portfolio."))
@_yes
@secret_file_option("passphrase")
@common_options
def delete(console: Console, name: str, file_name: str | None, yes: bool, passphrase_file: Path | None) -> int:
    services, vault = open_backpack(console, passphrase_file)
    environment = environment_of(services)
    what, item_id, part = _found(console, vault, name, file_name)
    going = deleting.look(vault, environment, what, item_id, part)
    if not console.json:
        _print(console, going)
    if not yes and not _agrees(console, _ASKED[what]):
        return _kept(console)
    deleting.delete(vault, environment, what, item_id, part)
    _done(console, {"deleted": item_id, "kind": what}, N_("It is deleted."))
    return 0


def _found(console: Console, vault: OpenVault, name: str, file_name: str | None) -> tuple[What, str, str]:
    """What ``name`` means: by its id or its first letters, a record also by its signer's id."""
    if file_name is not None:
        item_id = find_card(console, library.shelf(vault), name).item_id
        files = deleting.works(vault, item_id)
        if file_name not in files:
            raise click.UsageError(console.gettext(N_("Nothing is called %(name)s here.")) % {"name": file_name})
        return "work", item_id, files[file_name]
    kinds = deleting.named(vault)
    signed = next((card.item_id for card in library.shelf(vault).all() if card.credential_id == name), name)
    item_id = by_short_id(console, list(kinds), signed)
    return kinds[item_id], item_id, ""


def _print(console: Console, going: Going) -> None:
    _ = console.gettext
    if going.title:
        console.say(going.title, bold=True)
    lines = [console.ngettext("It is gone for good, for you and for %(num)s other person who has it here.",
                              "It is gone for good, for you and for %(num)s other people who have it here.",
                              going.others) if going.others else _(N_("It is gone for good."))]
    if going.comments:
        lines.append(console.ngettext("%(num)s comment on it goes too.", "%(num)s comments on it go too.",
                                      going.comments))
    lines += [_(N_("What was handed out to %(name)s goes too. A link to it leads nowhere then.")) % {"name": each}
              for each in going.shares]
    lines += [_(N_("“%(title)s” is hidden from now on, because this record in it was.")) % {"title": each}
              for each in going.hides]
    lines += [_(N_("It also stands in “%(title)s”, which stays.")) % {"title": each} for each in going.stays_in]
    lines.append(_(N_("Copies that were shared, printed or saved before stay where they are.")))
    for line in lines:
        console.say(f"  {line}")


@click.command("delete-backpack", cls=BackpackCommand, example="backpack-wallet delete-backpack --learner Daniela",
               help=N_("Delete a learner's whole backpack, at once or once a second person agrees."))
@_yes
@secret_file_option("passphrase")
@common_options
def delete_backpack(console: Console, yes: bool, passphrase_file: Path | None) -> int:
    services, vault = open_backpack(console, passphrase_file)
    if vault.owner_id == vault.party_id:
        raise click.UsageError(console.gettext(
            N_("Your own records go with your account: backpack-wallet delete-account.")))
    going = services.ending.look_at_record(vault)
    if not console.json:
        _print_backpack(console, going)
    if not yes and not _agrees(console, N_("Delete the whole backpack?")):
        return _kept(console)
    step = services.leaving.end(vault)
    _done(console, {"step": step, "learner": going.label}, N_(
        "A second person has to agree. Nothing was changed yet.") if step == "waits" else N_("It is deleted."))
    return 0


def _print_backpack(console: Console, going: RecordGoing) -> None:
    console.say(going.label or "", bold=True)
    console.say("  " + console.ngettext("%(num)s record, with comments, files, papers and letters.",
                                        "%(num)s records, with comments, files, papers and letters.", going.records))
    if going.others:
        console.say("  " + console.ngettext("%(num)s other person loses it too.", "%(num)s other people lose it too.",
                                            going.others))
    console.say("  " + console.gettext(N_(
        "Copies that were shared, printed or saved before, backups too, stay where they are.")))


@click.command("delete-account", cls=BackpackCommand, example="backpack-wallet delete-account",
               help=N_("Delete your account here, with your own records; what belongs to others stays."))
@_yes
@secret_file_option("passphrase")
@common_options
def delete_account(console: Console, yes: bool, passphrase_file: Path | None) -> int:
    services, own = open_party(console, passphrase_file)
    going = services.ending.look_at_account(own)
    if not console.json:
        _print_account(console, going)
    if not going.stuck and not yes and not _agrees(console, N_("Delete your account?")):
        return _kept(console)
    services.ending.delete_account(own)
    _done(console, {"deleted": own.party_id}, N_("Your account is deleted. What others keep was not touched."))
    return 0


def _print_account(console: Console, going: AccountGoing) -> None:
    for label in going.stuck:
        console.note(console.gettext(N_("You are the only one who decides in the backpack of %(name)s.")) % {
            "name": label})
    console.say("  " + console.ngettext("Your own backpack with %(num)s record.",
                                        "Your own backpack with %(num)s records.", going.own))
    for label in going.left:
        console.say("  " + console.gettext(N_(
            "You can no longer open the record of %(name)s. It goes on without you.")) % {"name": label})


@click.command("sweep", cls=BackpackCommand, example="backpack-wallet sweep",
               help=N_("Delete what is over: sessions, invitations, old links. A running server does it too."))
@common_options
def sweep(console: Console) -> None:
    open_services(console).sweeping.sweep()
    _done(console, {"swept": True}, N_("What was over is deleted. Nothing of a family's was touched."))


def _agrees(console: Console, question: str) -> bool:
    if console.json or not sys.stdin.isatty():
        raise click.UsageError(console.gettext(N_("Nobody can be asked here. Say --yes if you mean it.")))
    return click.confirm(console.gettext(question), default=False, err=True)


def _kept(console: Console) -> int:
    console.note(console.gettext(N_("Nothing was deleted.")))
    return _NOT_DELETED


def _done(console: Console, result: dict[str, object], sentence: str) -> None:
    if console.json:
        console.emit(result)
    else:
        console.say(console.gettext(sentence), bold=True)
