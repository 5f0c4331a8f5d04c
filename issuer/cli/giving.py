"""Commands about giving: offers, what waits for a registrar's word, other schools, guardians."""

from __future__ import annotations

from datetime import datetime

import click

from credkit.encoding import parse_json_object
from credkit.errors import ProblemError, StateError
from credkit.shape import format_date_time
from issuer.bootstrap import Services
from issuer.cli.group import CLI_ACTOR, services_of
from issuer.services.approvals import PetitionView
from issuer.services.drafting import FULL_RECORD
from issuer.services.guardians import BASES, BLOCKED, EXTENTS, Statement
from issuer.services.metadata import NAMES
from issuer.services.offers import MadeOffer, kind_of
from issuer.services.templates import template
from issuer.services.transfers import KIND as TRANSFER
from issuer.services.transfers import Transfer
from issuer.store import Grant
from ui.cli import N_, BackpackCommand, Console, common_options, read_input
from ui.handover import build_handover
from ui.text import one_line


@click.command(
    "offer", cls=BackpackCommand,
    help=N_("Offer a student all records that wait: the link, the code to scan, and the code to give apart."),
    example="backpack-issuer offer --student 20391",
)
@click.option("--student", "number", help=N_("The student's number; with --credential alone: the first student."))
@click.option("--credential", "configuration", type=click.Choice(sorted(NAMES)), metavar="CONFIG_ID",
              help=N_("Offer only records of this kind and form, a credential configuration of the metadata."))
@click.option("--subject", metavar="FILE",
              help=N_("Offer a new record with these claims about its subject: JSON, no id (- reads standard input)."))
@click.option("--grant", type=click.Choice(("pre-authorized", "code")),
              help=N_("How a wallet gets in: with the code in the offer (usual), or by the page for authorization."))
@click.option("--tx-code", "tx_code", is_flag=True,
              help=N_("With --credential: ask for a code that is told apart, as is always done for a whole set."))
@click.option("--again", is_flag=True, help=N_("Also what was collected before, for a family that lost its wallet."))
@common_options
def offer(console: Console, number: str | None, configuration: str | None, subject: str | None,
          grant: Grant | None, tx_code: bool, again: bool) -> None:
    if configuration is None:
        if number is None or subject is not None:
            raise click.UsageError(console.gettext(N_("Give --student, or say with --credential what to offer.")))
        services = services_of(console)
        student_id = services.students.find(number).id
        _show_offer(console, services, services.offers.offer_student(student_id, CLI_ACTOR, again=again, grant=grant))
        return
    if number is not None and subject is not None:
        raise click.UsageError(console.gettext(N_("Give either --student or --subject.")))
    services = services_of(console)
    student_id, credential_id = _meant(console, services, configuration, number, subject)
    _show_offer(console, services, services.offers.offer_form(
        student_id, configuration, CLI_ACTOR, grant=grant, tx_code=tx_code, credential_id=credential_id))


def _meant(console: Console, services: Services, configuration: str, number: str | None,
           subject: str | None) -> tuple[str, str | None]:
    """Id of the student, and of the one record if it is one."""
    services.offers.check_form(configuration)
    kind = kind_of(configuration)
    if subject is not None:
        try:
            made = services.claims.record(kind, parse_json_object(read_input(subject)), CLI_ACTOR)
        except ProblemError as problem:
            console.note(console.gettext(N_("Place in the claims: %(place)s")) % {"place": problem.pointer or "/"})
            raise
        return made.student_id, made.id
    people = [line.person.id for line in services.students.all()] if number is None else [
        services.students.find(number).id]
    if kind == FULL_RECORD and people:
        services.claims.full_record(people[0])
    for student_id in people:
        if services.offers.has_any(student_id, kind):
            return student_id, None
    raise StateError("No student has such a record.")


def _show_offer(console: Console, services: Services, made: MadeOffer) -> None:
    person = made.claim.person
    handover = build_handover("offer", made.links)
    if console.json:
        wallets = [link.url for link in handover.wallets]
        console.emit(_offer_to_json(made, wallets, handover.scheme_link, services.offers.by_value(made))
                     | _interaction_to_json(services, made))
        return
    console.say(f"{person.name} ({person.number})", bold=True)
    waiting = made.claim.progress.total - made.claim.progress.collected
    console.say(console.ngettext("%(num)s record to collect", "%(num)s records to collect", waiting))
    for link in handover.wallets:
        console.say(console.gettext(N_("Open in %(wallet)s: %(url)s")) % {"wallet": link.host, "url": link.url})
    console.say(console.gettext(N_("Any wallet on the phone: %(url)s")) % {"url": handover.scheme_link})
    lcw = services.exchanging.lcw_link(made)
    if lcw is not None:
        console.say(console.gettext(N_("Open in %(wallet)s: %(url)s")) % {
            "wallet": "Learner Credential Wallet", "url": lcw})
    console.qr(handover.code_text)
    console.say(console.gettext(N_("For a printed sheet, good until %(day)s: %(url)s")) % {
        "day": console.day(made.claim.claim.expires_at), "url": made.page_url})
    console.say()
    if made.tx_code:
        console.say(console.gettext(N_("Code to give apart, by voice or on another sheet: %(code)s")) % {
            "code": made.tx_code}, bold=True)
    else:
        console.say(console.gettext(N_("No code is asked for: whoever has the link can collect.")), bold=True)


@click.command("approvals", cls=BackpackCommand, help=N_("List what waits for a registrar's word."),
               example="backpack-issuer approvals")
@common_options
def approvals(console: Console) -> None:
    views = services_of(console).approvals.waiting()
    if console.json:
        console.emit([_petition_to_json(view) for view in views])
        return
    if not views:
        console.say(console.gettext(N_("Nothing waits.")))
        return
    words = (N_("Number"), N_("What"), N_("Student"), N_("Asked by"), N_("Records"))
    headers = [console.gettext(word) for word in words]
    console.table(headers, [[view.petition.id, console.gettext(_words(view)), view.person.name,
                             view.petition.created_by, str(len(view.group))] for view in views])


@click.command("approve", cls=BackpackCommand, help=N_("Say yes to what waits, after showing it."),
               example="backpack-issuer approve 4Jd2… --yes")
@click.argument("petition_id", metavar="NUMBER")
@click.option("--yes", is_flag=True, help=N_("Do not ask again."))
@common_options
def approve(console: Console, petition_id: str, yes: bool) -> None:
    services = services_of(console)
    view = services.approvals.find(petition_id)
    if view.petition.kind == TRANSFER:
        transfer_ = services.transfers.find(petition_id)
        _send(console, services, transfer_, yes=yes)
        return
    _show_petition(console, view)
    if not _agreed(console, yes, console.gettext(N_("Approve this?"))):
        return
    done = services.approvals.approve(petition_id, CLI_ACTOR, seen_digest=view.digest)
    if console.json:
        console.emit(_petition_to_json(done))
        return
    console.say(console.gettext(N_("Approved. The family can collect it now.")), bold=True)


@click.command("refuse", cls=BackpackCommand, help=N_("Say no to what waits; nothing is changed."),
               example="backpack-issuer refuse 4Jd2… --reason 'Not enrolled there'")
@click.argument("petition_id", metavar="NUMBER")
@click.option("--reason", required=True, help=N_("Why, in a few words; it stays at this office."))
@common_options
def refuse(console: Console, petition_id: str, reason: str) -> None:
    services = services_of(console)
    view = services.approvals.find(petition_id)
    if view.petition.kind == TRANSFER:
        services.transfers.refuse(petition_id, CLI_ACTOR, reason, seen_digest=view.digest)
    else:
        services.approvals.refuse(petition_id, CLI_ACTOR, reason, seen_digest=view.digest)
    if console.json:
        console.emit(_petition_to_json(services.approvals.find(petition_id)))
        return
    console.say(console.gettext(N_("Refused. Nothing was changed.")), bold=True)


@click.command(
    "transfer", cls=BackpackCommand,
    help=N_("Answer another school's request with a student's full record, after showing who asks and what leaves."),
    example="backpack-issuer transfer 'openid4vp://?client_id=…' --student 20391",
)
@click.argument("request")
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--yes", is_flag=True, help=N_("Send without asking again."))
@common_options
def transfer(console: Console, request: str, number: str, yes: bool) -> None:
    services = services_of(console)
    read = services.transfers.read(request, services.students.find(number).id, CLI_ACTOR)
    _send(console, services, read, yes=yes)


def _send(console: Console, services: Services, read: Transfer, *, yes: bool) -> None:
    if not console.json:
        _show_transfer(console, read)
    if not _agreed(console, yes, console.gettext(N_("Send this record?"))):
        return
    digest = services.approvals.find(read.petition.id).digest
    done = services.transfers.send(read.petition.id, CLI_ACTOR, seen_digest=digest)
    if console.json:
        console.emit({"request": done.petition.id, "student": done.person.number, "to": dict(done.asks),
                      "records": list(done.records), "state": done.petition.state})
        return
    console.say(console.gettext(N_("The record was sent. Offer the family its copy now.")), bold=True)
    console.say(console.gettext(N_("Offer it: backpack-issuer offer --student %(number)s")) % {
        "number": done.person.number})


@click.command(
    "guardian", cls=BackpackCommand, help=N_("State who a child's guardian is, after seeing the paper, and offer it."),
    example="backpack-issuer guardian --student 20391 --name 'Luz Dyer' --basis parent "
            "--paper 'Birth certificate, seen on June 1' --from 2026-06-01",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--name", required=True, help=N_("The guardian's name, for this office."))
@click.option("--basis", type=click.Choice(BASES), required=True, help=N_("Why this person is guardian."))
@click.option("--extent", type=click.Choice(tuple(EXTENTS)), default="full", show_default=True,
              help=N_("What this guardian may do."))
@click.option("--paper", required=True, help=N_("One sentence that names the paper you saw."))
@click.option("--from", "begins", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help=N_("From which day."))
@click.option("--until", "ends", type=click.DateTime(formats=["%Y-%m-%d"]), help=N_("Until which day."))
@click.option("--learner", default="", help=N_("The child's number in the wallet, urn:uuid:…"))
@common_options
def guardian(console: Console, number: str, name: str, basis: str, extent: str, paper: str, begins: datetime,
             ends: datetime | None, learner: str) -> None:
    services = services_of(console)
    statement = Statement(name, basis, extent, begins.date(), None if ends is None else ends.date(), paper, learner)
    credential = services.guardians.state(services.students.find(number).id, statement, CLI_ACTOR)
    _show_offer(console, services, services.offers.offer_alone(credential.id, CLI_ACTOR))


@click.command(
    "court-limit", cls=BackpackCommand, help=N_("State what a court forbids somebody, and offer it to the family."),
    example="backpack-issuer court-limit --student 20391 --name 'Other parent' --party did:key:z6Mk… "
            "--paper 'Order 12-345' --from 2026-06-01",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--name", required=True, help=N_("Name of the person who is limited, for this office."))
@click.option("--party", required=True, help=N_("Number of this person in the family's wallet, did:key:…"))
@click.option("--extent", type=click.Choice(tuple(BLOCKED)), default="all", show_default=True,
              help=N_("What is forbidden."))
@click.option("--paper", required=True, help=N_("One sentence that names the paper you saw."))
@click.option("--from", "begins", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help=N_("From which day."))
@click.option("--until", "ends", type=click.DateTime(formats=["%Y-%m-%d"]), help=N_("Until which day."))
@click.option("--learner", default="", help=N_("The child's number in the wallet, urn:uuid:…"))
@common_options
def court_limit(console: Console, number: str, name: str, party: str, extent: str, paper: str, begins: datetime,
                ends: datetime | None, learner: str) -> None:
    services = services_of(console)
    statement = Statement(name, "court-order", extent, begins.date(), None if ends is None else ends.date(), paper,
                          learner, party)
    credential = services.guardians.limit(services.students.find(number).id, statement, CLI_ACTOR)
    _show_offer(console, services, services.offers.offer_alone(credential.id, CLI_ACTOR))


def _agreed(console: Console, yes: bool, question: str) -> bool:
    """Whether a person at the terminal says yes; a program has to say it beforehand."""
    if yes:
        return True
    if console.json:
        raise click.UsageError(console.gettext(N_("With --json say --yes.")))
    if click.confirm(question, default=False):
        return True
    console.note(console.gettext(N_("Nothing was changed. It waits; see backpack-issuer approvals.")))
    return False


def _words(view: PetitionView) -> str:
    petition = view.petition
    return template(petition.content["template"]).title if petition.kind == "award" else _KINDS[petition.kind]


_KINDS = {
    "badge": N_("Badge drafted by a teacher"), "reissue": N_("Records under a fresh key"),
    "transfer": N_("Record for another school"), "endorsement": N_("A teacher’s word on a work"),
}


def _show_petition(console: Console, view: PetitionView) -> None:
    if console.json:
        return
    console.say(f"{console.gettext(_words(view))}: {view.person.name} ({view.person.number})", bold=True)
    for credential in view.credentials.values():
        console.say("  " + credential.title)
    for each in view.group:
        shown = each.content.get("answers") or each.content.get("badge") or {
            name: each.content[name] for name in ("reason", "work", "teacher", "comment") if each.content.get(name)}
        for name, value in shown.items():
            console.say(f"  {name}: {one_line(str(value), 200)}")


def _show_transfer(console: Console, read: Transfer) -> None:
    console.say(f"{read.person.name} ({read.person.number})", bold=True)
    console.say(console.gettext(N_("Who asks: %(host)s, calls itself %(name)s")) % {
        "host": read.asks["host"], "name": one_line(read.asks["name"] or "–", 100)})
    console.say(console.gettext(N_("Why: %(purpose)s")) % {"purpose": one_line(read.asks["purpose"] or "–", 300)})
    console.say(console.ngettext("%(num)s record, all there is", "%(num)s records, all there are", len(read.records)))
    for title in read.records:
        console.say("  " + one_line(title, 100))
    console.say(console.gettext(N_("Can be sent until: %(day)s")) % {"day": console.day(read.last_day)})
    console.say(console.gettext(N_("The family is told and gets its own copy.")))


def _petition_to_json(view: PetitionView) -> dict[str, object]:
    return {"request": view.petition.id, "kind": view.petition.kind, "student": view.person.number,
            "asked_by": view.petition.created_by, "asked_at": format_date_time(view.petition.created_at),
            "state": view.petition.state, "records": [each.subject for each in view.group if each.subject],
            "outcome": view.petition.outcome}


def _interaction_to_json(services: Services, made: MadeOffer) -> dict[str, object]:
    lcw = services.exchanging.lcw_link(made)
    return {"interaction": services.exchanging.interaction_url(made), **({} if lcw is None else {"lcw": lcw})}


def _offer_to_json(made: MadeOffer, wallet_links: list[str], scheme_link: str, by_value: str) -> dict[str, object]:
    return {
        "offer": scheme_link, "offer_by_value": by_value, "credential_offer_uri": made.offer_url,
        "wallets": wallet_links,
        **({"tx_code": made.tx_code} if made.tx_code else {}),
        "page": made.page_url, "expires_at": format_date_time(made.offer.expires_at),
        "records": [{"id": item.credential_id, "kind": item.kind, "title": item.title} for item in made.claim.items],
    }
