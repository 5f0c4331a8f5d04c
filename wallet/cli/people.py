"""Who may do what, in a terminal: list, invite, join, confirm, take out, limit, agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import click

from credkit.errors import MalformedValueError, RangeValueError
from credkit.ports import JSONObject
from credkit.profiles.family import CATEGORIES, CONTRIBUTE_CATEGORIES, EVERYTHING, RIGHTS
from credkit.shape import format_date_time
from ui.cli import N_, BackpackGroup, Console, common_options, read_secret, secret_file_option
from wallet.bootstrap import Services
from wallet.cli.group import SHORT_ID, login_told, open_backpack, open_party, open_services, spelled
from wallet.cli.record import by_short_id
from wallet.services.people.leaving import Wish
from wallet.services.people.people import Draft, Invitation, Person
from wallet.services.people.people_words import (
    BASES,
    LEARNER,
    OF_GUARDIANS,
    OF_HELPERS,
    PRESETS,
    ROLES,
    bases_of,
    said_rights,
)
from wallet.services.people.spelling import Words
from wallet.vault import OpenVault

USUAL_DAYS: Final = 90


@click.group("people", cls=BackpackGroup, invoke_without_command=True,
             help=N_("Say who may do what: print everybody and what waits, or invite, confirm, remove."),
             example="backpack-wallet people --json")
@secret_file_option("passphrase")
@common_options
def people(console: Console, passphrase_file: Path | None) -> None:
    if click.get_current_context().invoked_subcommand is None:
        _list(console, *open_backpack(console, passphrase_file))


def _list(console: Console, services: Services, vault: OpenVault) -> None:
    found, invitations = services.people.people(vault), services.people.invitations(vault)
    proposals, copies = services.leaving.proposals(vault), services.leaving.exposed(vault)
    if console.json:
        console.emit({
            "people": [_person(person) for person in found],
            "invitations": [_invitation(each) for each in invitations],
            "proposals": [{"id": each.item_id, "kind": each.wish.kind, "name": each.name, "mine": each.mine,
                           "blocked": sorted(each.wish.blocked)} for each in proposals],
            "copies": [{"id": each.item_id, "title": each.title, "name": each.name, "state": each.state,
                        "offer": each.offer} for each in copies]})
        return
    _ = console.gettext
    console.table([_(N_("Id")), _(N_("Name")), _(N_("As")), _(N_("May do")), _(N_("Until"))], [
        (person.party_id[:SHORT_ID], person.name, _(ROLES.get(person.role, person.role)),
         " · ".join(said_rights(person.rights, _)), console.day(person.until) if person.until else "")
        for person in found])
    for invitation in invitations:
        console.say(f"{invitation.item_id[:SHORT_ID]}  " + _(N_("Invited: %(name)s")) % {
            "name": invitation.draft.name})
        if invitation.words:
            console.say(_(N_("%(name)s has answered. Compare these words, then people confirm:")) % {
                "name": invitation.answered_by}, bold=True)
            console.say(spelled(console, invitation.words))
    for proposal in proposals:
        text = _PROPOSED[proposal.wish.kind]
        console.say(f"{proposal.item_id[:SHORT_ID]}  " + _(text) % {"name": proposal.name})
    for each in copies:
        console.say(f"{each.item_id[:SHORT_ID]}  " + _(N_("%(name)s could still show a copy: %(title)s")) % {
            "name": each.name, "title": each.title})


def _person(person: Person) -> JSONObject:
    return {"id": person.party_id, "name": person.name, "role": person.role, "rights": sorted(person.rights),
            "basis": person.basis, "until": None if person.until is None else format_date_time(person.until),
            "paper": person.evidence, "since": person.since, "me": person.is_me, "limited": person.limited}


def _invitation(invitation: Invitation) -> JSONObject:
    return {"id": invitation.item_id, "name": invitation.draft.name, "role": invitation.draft.role,
            "state": invitation.state, "expires_at": format_date_time(invitation.expires_at),
            "words": _plain(invitation.words)}


def _plain(words: Words) -> list[JSONObject]:
    return [{"en": english, "es": spanish} for english, spanish in words]


def _done(console: Console, result: JSONObject, text: str, **values: Any) -> None:
    if console.json:
        console.emit(result)
    else:
        console.say(console.gettext(text) % values, bold=True)


# Inviting -------------------------------------------------------------------------------------------------------------


@people.command("invite", help=N_("Invite somebody: prints the link to give them."),
                example="backpack-wallet people invite --name 'Mr. Okafor' --role tutor --read services "
                        "--contribute services --until 2026-12-31")
@click.option("--name", required=True, help=N_("What you call the person."))
@click.option("--role", required=True, type=click.Choice(list(ROLES)), help=N_("As what."))
@click.option("--read", "reads", multiple=True, type=click.Choice(CATEGORIES),
              help=N_("A kind of record they may see; may be repeated."))
@click.option("--contribute", "adds", multiple=True, type=click.Choice(CONTRIBUTE_CATEGORIES),
              help=N_("A kind of record they may add to; may be repeated."))
@click.option("--may", "more", multiple=True, type=click.Choice((*OF_HELPERS, *OF_GUARDIANS)),
              help=N_("What else they may do; may be repeated. Without any of the three, what is usual for the role."))
@click.option("--until", help=N_("The last day, such as 2026-12-31. Else 90 days; for guardians no end."))
@click.option("--basis", type=click.Choice(list(BASES)), help=N_("Why; else what is usual for the role."))
@click.option("--paper", help=N_("The paper that says so."))
@click.option("--confirm-name", help=N_("The person's name once more: needed to let them do everything."))
@secret_file_option("passphrase")
@common_options
def invite(console: Console, name: str, role: str, reads: tuple[str, ...], adds: tuple[str, ...],
           more: tuple[str, ...], until: str | None, basis: str | None, paper: str | None, confirm_name: str | None,
           passphrase_file: Path | None) -> None:
    rights = {*(f"read:{each}" for each in reads), *(f"contribute:{each}" for each in adds), *more}
    chosen = frozenset(rights) or PRESETS.get(role, frozenset())
    if "full" in chosen and (confirm_name or "").casefold().split() != name.casefold().split():
        raise click.UsageError(console.gettext(
            N_("This lets the person do everything. Say the name once more with --confirm-name.")))
    services, vault = open_backpack(console, passphrase_file)
    draft = Draft(name.strip(), role, chosen, basis or bases_of(role)[0], _end(console, services, role, until),
                  paper or None)
    try:
        token = services.people.invite(vault, draft)
    except (RangeValueError, MalformedValueError) as error:
        raise click.UsageError(console.gettext(
            N_("This does not fit together. See backpack-wallet people invite --help."))) from error
    made = next(each for each in services.people.invitations(vault) if each.token == token)
    link = f"{services.config.origin}/join/{token}"
    if console.json:
        console.emit({**_invitation(made), "token": token, "link": link})
        return
    console.say(console.gettext(N_("Give this to %(name)s alone. It works once, until %(moment)s.")) % {
        "name": name, "moment": console.moment(made.expires_at)}, bold=True)
    console.qr(link)
    console.say(console.gettext(N_("Then compare the eight words: backpack-wallet people")))


def _end(console: Console, services: Services, role: str, text: str | None) -> datetime | None:
    if text:
        return _day(console, text)
    return None if role in ("guardian", LEARNER) else services.clock.now() + timedelta(days=USUAL_DAYS)


def _day(console: Console, text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59), tzinfo=UTC)
    except ValueError as error:
        raise click.UsageError(console.gettext(N_("Write the day as year, month, day: 2026-12-31."))) from error


@people.command("join", help=N_("Answer an invitation with a passphrase of your own: prints words to read aloud."),
                example="backpack-wallet people join https://wallet.example/join/… --login okafor --name 'Mr. Okafor'")
@click.argument("link", metavar="LINK")
@click.option("--login", help=N_("A new name to sign in with. With --as you answer as somebody who is here already."))
@click.option("--name", help=N_("What you are called; else as the invitation says."))
@secret_file_option("passphrase")
@common_options
def join(console: Console, link: str, login: str | None, name: str | None, passphrase_file: Path | None) -> None:
    token = link.rstrip("/").rpartition("/")[2]
    if (login is None) == (login_told() is None):
        raise click.UsageError(console.gettext(N_("Say either --login, to be new here, or --as.")))
    services = open_services(console)
    letter = services.people.peek(token)
    if login is None:
        services, own = open_party(console, passphrase_file)
    else:
        own = _register(console, services, login, passphrase_file)
    if letter.state == "open":
        words = services.people.answer(own, token, (name or letter.draft.name).strip())
    else:
        words = services.people.words_of(own, token)
    if not words:
        _done(console, {"joined": [each.label for each in own.learners()]}, N_("You are in."))
        return
    if console.json:
        console.emit({"inviter": letter.inviter, "learner": letter.learner, "words": _plain(words)})
        return
    console.say(console.gettext(N_("Call %(name)s and read these words aloud:")) % {"name": letter.inviter}, bold=True)
    console.say(spelled(console, words))


def _register(console: Console, services: Services, login: str, passphrase_file: Path | None) -> OpenVault:
    passphrase = read_secret(
        console, console.gettext(N_("Make a passphrase (12 characters or more)")), file=passphrase_file,
        variable="BACKPACK_PASSPHRASE", confirm=True)
    try:
        return services.vault.register(login, passphrase).vault
    except RangeValueError as error:
        raise click.UsageError(console.gettext(
            N_("A name has 2 to 100 letters, a passphrase at least 12, such as four words."))) from error


@people.command("confirm", help=N_("The words were the same: let the person in."),
                example="backpack-wallet people confirm 7hd2Kq9x")
@click.argument("identifier", metavar="ID")
@secret_file_option("passphrase")
@common_options
def confirm(console: Console, identifier: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    ids = {each.item_id: each.answered_by for each in services.people.invitations(vault)}
    item_id = by_short_id(console, list(ids), identifier)
    services.people.confirm(vault, item_id)
    _done(console, {"confirmed": item_id, "name": ids[item_id]}, N_("%(name)s is in now."), name=ids[item_id])


@people.command("withdraw", help=N_("The words differed, or it is not wanted: take an invitation back."),
                example="backpack-wallet people withdraw 7hd2Kq9x")
@click.argument("identifier", metavar="ID")
@secret_file_option("passphrase")
@common_options
def withdraw(console: Console, identifier: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    item_id = by_short_id(console, [each.item_id for each in services.people.invitations(vault)], identifier)
    services.people.withdraw(vault, item_id)
    _done(console, {"withdrawn": item_id}, N_("The invitation was taken back. Nobody was let in."))


_PROPOSED: Final = {
    "remove": N_("A second person has to agree to take %(name)s out."),
    "limit": N_("A second person has to agree to a court's limit for %(name)s."),
    "end": N_("A second person has to agree to delete the whole backpack."),
}


# Leaving --------------------------------------------------------------------------------------------------------------


@people.command("remove", help=N_("Take somebody out, at once or once a second person agrees."),
                example="backpack-wallet people remove 'Mr. Okafor'")
@click.argument("who", metavar="NAME|ID")
@secret_file_option("passphrase")
@common_options
def remove(console: Console, who: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    person = _find(console, services, vault, who)
    step = services.leaving.remove(vault, person.party_id)
    copies = [each for each in services.leaving.exposed(vault) if each.name == person.name]
    if console.json:
        console.emit({"step": step, "copies": [{"id": each.item_id, "title": each.title} for each in copies]})
    elif step == "waits":
        console.say(console.gettext(N_("A second person has to agree. Nothing was changed yet.")), bold=True)
    else:
        console.say(console.gettext(N_("%(name)s is out now.")) % {"name": person.name}, bold=True)
        for each in copies:
            console.say(f"  {each.item_id[:SHORT_ID]}  " + console.gettext(
                N_("%(name)s could still show a copy: %(title)s")) % {"name": each.name, "title": each.title})


@people.command("limit", help=N_("Note what a court forbids somebody; it holds once a second person agrees."),
                example="backpack-wallet people limit Pedro --everything --paper 'Order 22-JV-104'")
@click.argument("who", metavar="NAME|ID")
@click.option("--everything", is_flag=True, help=N_("All is forbidden."))
@click.option("--forbid", multiple=True, type=click.Choice([right for right in RIGHTS if right != "full"]),
              help=N_("One thing that is forbidden; may be repeated."))
@click.option("--paper", required=True, help=N_("The court's order."))
@click.option("--until", help=N_("The last day; else until it is lifted."))
@secret_file_option("passphrase")
@common_options
def limit(console: Console, who: str, everything: bool, forbid: tuple[str, ...], paper: str, until: str | None,
          passphrase_file: Path | None) -> None:
    if everything == bool(forbid):
        raise click.UsageError(console.gettext(N_("Say either --everything or --forbid.")))
    services, vault = open_backpack(console, passphrase_file)
    person = _find(console, services, vault, who)
    blocked = frozenset({EVERYTHING}) if everything else frozenset(forbid)
    step = services.leaving.limit(vault, Wish(
        "limit", person.party_id, blocked, "court-order", _day(console, until) if until else None, paper))
    _done(console, {"step": step}, N_("A second person has to agree. Nothing was changed yet.") if step == "waits"
          else N_("The limit holds from now on."))


@people.command("agree", help=N_("Be the second person who agrees."), example="backpack-wallet people agree 7hd2Kq9x")
@click.argument("identifier", metavar="ID")
@secret_file_option("passphrase")
@common_options
def agree(console: Console, identifier: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    item_id = by_short_id(console, [each.item_id for each in services.leaving.proposals(vault)], identifier)
    services.leaving.agree(vault, item_id)
    _done(console, {"agreed": item_id}, N_("You agreed. It is done."))


@people.command("refuse", help=N_("Say no to what somebody proposed, or take your own proposal back."),
                example="backpack-wallet people refuse 7hd2Kq9x")
@click.argument("identifier", metavar="ID")
@secret_file_option("passphrase")
@common_options
def refuse(console: Console, identifier: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    item_id = by_short_id(console, [each.item_id for each in services.leaving.proposals(vault)], identifier)
    services.leaving.refuse(vault, item_id)
    _done(console, {"refused": item_id}, N_("It does not happen. Nothing was changed."))


@people.command("copy", help=N_("Deal with a record that somebody who is out could still show."),
                example="backpack-wallet people copy 7hd2Kq9x --ask")
@click.argument("identifier", metavar="ID")
@click.option("--ask", is_flag=True, help=N_("Ask the signer for a new one."))
@click.option("--close", is_flag=True, help=N_("Take it off the list."))
@secret_file_option("passphrase")
@common_options
def copy(console: Console, identifier: str, ask: bool, close: bool, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    leaving = services.leaving
    item_id = by_short_id(console, [each.item_id for each in leaving.exposed(vault)], identifier)
    if ask:
        leaving.ask_anew(vault, item_id)
    if close:
        leaving.close(vault, item_id)
    state = "done" if close else leaving.look_again(vault, item_id)
    offer = next((each.offer for each in leaving.exposed(vault) if each.item_id == item_id), "")
    words = {"open": N_("Nothing was done yet."), "refused": N_("The signer said no."),
             "done": N_("It is off the list."),
             "asked": N_("The signer has your request. Somebody there has to agree."),
             "ready": N_("The new record is ready. Take it with backpack-wallet accept %(offer)s")}
    _done(console, {"id": item_id, "state": state, "offer": offer}, words[state], offer=offer)


def _find(console: Console, services: Services, vault: OpenVault, who: str) -> Person:
    found = services.people.people(vault)
    named = [person for person in found if person.name.casefold() == who.casefold()]
    if len(named) == 1:
        return named[0]
    party_id = by_short_id(console, [person.party_id for person in found], who)
    return next(person for person in found if person.party_id == party_id)
