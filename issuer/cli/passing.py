"""The command about passes: letting a student's apps in."""

from __future__ import annotations

import click

from credkit.shape import format_date_time
from issuer.cli.group import CLI_ACTOR, services_of
from issuer.services.passes import MOST_DAYS, USUAL_DAYS
from ui.cli import N_, BackpackCommand, Console, common_options


@click.command(
    "pass", cls=BackpackCommand,
    help=N_("Make a pass by which a student lets apps read badges; it ends the pass before and all it allowed."),
    example="backpack-issuer pass --student 20391",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=USUAL_DAYS, show_default=True,
              help=N_("How many days it is good for."))
@click.option("--end", is_flag=True, help=N_("Make none; only end the one there is."))
@common_options
def pass_(console: Console, number: str, days: int, end: bool) -> None:
    services = services_of(console)
    person = services.students.find(number)
    if end:
        services.passes.end(person.id, CLI_ACTOR)
        if console.json:
            console.emit({"student": number, "ended": True})
            return
        console.say(console.gettext(N_("Ended. No app can read or change anything any more.")), bold=True)
        return
    made, address = services.passes.make(person.id, CLI_ACTOR, days=days), services.office.identity.origin
    if console.json:
        console.emit({"student": number, "address": address, "login": made.login, "code": made.code,
                      "expires_at": format_date_time(made.found.expires_at)})
        return
    console.say(f"{person.name} ({person.number})", bold=True)
    for label, value in ((N_("Address to type into the app: %(value)s"), address),
                         (N_("Login name: %(value)s"), made.login), (N_("Code: %(value)s"), made.code)):
        console.say(console.gettext(label) % {"value": value})
    console.say(console.gettext(N_("Good until %(day)s. The code is not shown again.")) % {
        "day": console.day(made.found.expires_at)})
