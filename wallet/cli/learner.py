"""Whose records are kept here: begin one for a child, list them, hand one over."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from credkit.errors import RangeValueError
from credkit.shape import format_date_time
from ui.cli import N_, BackpackGroup, Console, common_options, secret_file_option
from wallet.cli.group import SHORT_ID, open_backpack, open_party
from wallet.services.people.people import About
from wallet.services.people.people_words import BASES, bases_of


@click.group("learner", cls=BackpackGroup, help=N_("Say whose records are kept here: add, list, hand over."))
def learner() -> None:
    pass


@learner.command("add", help=N_("Begin a child's record, with you as guardian."),
                 example="backpack-wallet learner add --name 'Daniela Reyes' --born 2017-04-30 --zone America/Denver")
@click.option("--name", required=True, help=N_("What the learner is called."))
@click.option("--born", default="", help=N_("The day of birth, such as 2017-04-30. At 18 the record is handed over."))
@click.option("--zone", default="UTC", help=N_("The time zone, such as America/Denver."))
@click.option("--basis", type=click.Choice(bases_of("guardian")), default="parent", help=N_("Why you are guardian."))
@click.option("--paper", help=N_("The paper that says so."))
@click.option("--my-name", help=N_("What you are called; others see it."))
@secret_file_option("passphrase")
@common_options
def add(console: Console, name: str, born: str, zone: str, basis: str, paper: str | None, my_name: str | None,
        passphrase_file: Path | None) -> None:
    _check_day(console, born)
    _check_zone(console, zone)
    services, own = open_party(console, passphrase_file)
    try:
        if my_name:
            services.people.set_my_name(own, my_name)
        record = services.people.add_learner(own, About(name, born, zone, console.language), basis=basis,
                                             evidence=paper)
    except RangeValueError as error:
        raise click.UsageError(console.gettext(N_("A name has 1 to 100 letters."))) from error
    if console.json:
        console.emit({"id": record.owner_id, "name": name, "urn": record.learner_urn, "basis": basis})
    else:
        console.say(console.gettext(N_("The record of %(name)s has begun.")) % {"name": name}, bold=True)
        console.say(console.gettext(BASES[basis]) + f" · {record.owner_id[:SHORT_ID]}")


def _check_day(console: Console, text: str) -> None:
    try:
        if text:
            date.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(console.gettext(N_("Write the day as year, month, day: 2017-04-30."))) from error


def _check_zone(console: Console, name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.UsageError(console.gettext(N_("There is no time zone %(name)s.")) % {"name": name}) from error


@learner.command("list", help=N_("Print whose records are kept here."), example="backpack-wallet learner list")
@secret_file_option("passphrase")
@common_options
def list_learners(console: Console, passphrase_file: Path | None) -> None:
    _services, own = open_party(console, passphrase_file)
    learners = own.learners()
    if console.json:
        console.emit([{"id": each.owner_id, "name": each.label} for each in learners])
    elif learners:
        console.table([console.gettext(N_("Id")), console.gettext(N_("Name"))],
                      [(each.owner_id[:SHORT_ID], each.label) for each in learners])
    else:
        console.say(console.gettext(N_("There is your own record only.")))


@learner.command("hand-over", help=N_("Say when the record becomes the learner's own; the learner takes it over."),
                 example="backpack-wallet learner hand-over --take --as lucia")
@click.option("--take", is_flag=True, help=N_("Take it over: for the learner alone, from the day on."))
@secret_file_option("passphrase")
@common_options
def hand_over(console: Console, take: bool, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    if take:
        services.handover.take_over(vault)
    coming = services.handover.coming(vault)
    if console.json:
        console.emit({"notice": coming.notice, "at": None if coming.at is None else format_date_time(coming.at),
                      "has_key": coming.has_key})
        return
    words = {"none": N_("It is not near."), "soon": N_("It comes within 90 days."),
             "due": N_("The record is the learner's own now. The learner can take it over."),
             "done": N_("The learner has taken the record over.")}
    console.say(console.gettext(words[coming.notice]), bold=True)
    if coming.at is not None:
        console.say(console.gettext(N_("The day: %(day)s")) % {"day": console.day(coming.at)})
    if not coming.has_key:
        console.say(console.gettext(N_("The learner has no login yet: people invite --role learner.")))
