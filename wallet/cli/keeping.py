"""Making a backpack, serving its pages, taking offers, looking at records."""

from __future__ import annotations

import dataclasses
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click

from credkit.errors import ProblemError, RangeValueError
from credkit.protocols.exchanges import is_interaction
from credkit.shape import format_date_time
from ui.cli import (
    N_,
    BackpackCommand,
    Console,
    common_options,
    exit_code_of,
    read_secret,
    secret_file_option,
    tls_options,
)
from ui.errorwords import words_for
from ui.text import one_line
from wallet.bootstrap import build_services
from wallet.cli.group import SHORT_ID, config_of, find_card, login_told, open_backpack, services_of
from wallet.services.interactions import Collected
from wallet.services.issuances import IssuedCredentials
from wallet.services.offers import ResolvedOffer
from wallet.services.record import library
from wallet.services.record.library import TranscriptView
from wallet.services.record.reading import Record
from wallet.services.sharing.links import offer_link, read_link
from wallet.vault import FIRST_LOGIN, OpenVault

NOT_YET = 3
"""The exit code for what cannot be told yet."""


@click.command(
    "init", cls=BackpackCommand, help=N_("Make a backpack, closed with a passphrase."), example="backpack-wallet init")
@secret_file_option("passphrase")
@common_options
def init(console: Console, passphrase_file: Path | None) -> None:
    passphrase = read_secret(
        console, console.gettext(N_("Make a passphrase (12 characters or more)")), file=passphrase_file,
        variable="BACKPACK_PASSPHRASE", confirm=True)
    try:
        services_of(config_of(console)).vault.create(passphrase, login=login_told() or FIRST_LOGIN)
    except RangeValueError as error:
        raise click.UsageError(console.gettext(
            N_("This is guessed too quickly. Take at least 12 characters, such as four words."))) from error
    if console.json:
        console.emit({"data": str(console.data)})
        return
    console.say(console.gettext(N_("The backpack is ready. Nobody can open it without the passphrase.")), bold=True)
    console.say(console.gettext(N_("Start its pages: backpack-wallet serve")))


@click.command(
    "serve", cls=BackpackCommand, help=N_("Start the pages."),
    example="backpack-wallet serve --origin http://localhost:8103")
@click.option("--origin", help=N_("The address of the pages, such as https://wallet.example."))
@click.option("--host", help=N_("The address to listen on; by default this machine only."))
@click.option("--port", type=click.IntRange(1, 65535), help=N_("The port to listen on; by default that of the origin."))
@tls_options
@common_options
def serve(console: Console, origin: str | None, host: str | None, port: int | None, certificate: Path | None,
          key: Path | None) -> None:
    from ui.web import serve as serve_app  # pages are slow to import, and no other command needs them
    from wallet.web import create_app

    config = config_of(console, origin=origin)
    build_services(config)
    ready = console.gettext(N_("The backpack is at %(origin)s. Stop it with Ctrl-C.")) % {"origin": config.origin}
    serve_app(lambda: create_app(build_services(config)), host or "127.0.0.1",
              port or urlsplit(config.origin).port or 8103, on_ready=lambda: console.note(ready),
              certificate=certificate, key=key)


@click.command(
    "accept", cls=BackpackCommand, help=N_("Take what an offer holds: each record is checked, then kept."),
    example="backpack-wallet accept 'openid-credential-offer://?credential_offer_uri=…' --tx-code 4711")
@click.argument("offer", metavar="OFFER")
@click.option("--tx-code", help=N_("The code that the office gave you another way."))
@click.option("--answer", help=N_("The address to which the office's page sent the browser."))
@secret_file_option("passphrase")
@common_options
def accept(console: Console, offer: str, tx_code: str | None, answer: str | None, passphrase_file: Path | None) -> int:
    link = "" if is_interaction(offer) else _offer(console, offer)
    services, vault = open_backpack(console, passphrase_file)
    if not link:
        lead = services.interactions.follow(offer)
        if lead.kind == "exchange-offer":
            return _by_exchange(console, services.interactions.collect(vault, lead.link), vault, lead.host)
        link = _offer(console, lead.link)
    resolved = services.receiving.resolve_offer(link)
    if answer is not None:
        issued = services.receiving.finish_login(vault, dict(parse_qsl(urlsplit(answer).query)))
    elif resolved.needs_login and not services.receiving.is_begun(vault, resolved):
        return _to_login(console, services.receiving.begin_login(
            vault, resolved, redirect_uri=services.config.origin + "/offer/return"))
    else:
        code = _code(console, resolved, tx_code)
        issued = services.receiving.accept_offer(vault, resolved, tx_code=code)
    return _tell(console, issued, vault, resolved.host)


def _offer(console: Console, link: str) -> str:
    try:
        kind, parameters = read_link(link, haip=config_of(console).haip_links)
    except ProblemError:
        kind, parameters = "request", {}
    if kind != "offer":
        raise click.UsageError(console.gettext(N_("This link is no offer.")))
    return offer_link(parameters)


def _by_exchange(console: Console, collected: Collected, vault: OpenVault, host: str) -> int:
    if collected.redirect_url is not None:
        console.note(console.gettext(N_("Go on here: %(link)s")) % {"link": one_line(collected.redirect_url, 2_000)})
    return _tell(console, collected.issued, vault, host)


def _tell(console: Console, issued: IssuedCredentials, vault: OpenVault, host: str) -> int:
    """What came, and how the command ends."""
    if console.json:
        problem = issued.problem
        console.emit({"host": host, "stored": list(issued.stored), "total": issued.total} | (
            {} if problem is None else {"problem": {"code": problem.code, "detail": problem.detail}}) | (
            {} if issued.again_at is None else {"again_at": format_date_time(issued.again_at)}))
    else:
        console.say(console.gettext(N_("%(done)s of %(total)s records from %(host)s are in the backpack.")) % {
            "done": len(issued.stored), "total": issued.total, "host": host}, bold=True)
        cards = {card.item_id: card for card in library.shelf(vault).all()}
        for item_id in issued.stored:
            if item_id in cards:
                console.say(f"  {item_id[:SHORT_ID]}  {cards[item_id].title}")
        if issued.again_at is not None:
            console.note(console.gettext(N_("%(host)s has not made the rest yet. Run this again after %(moment)s.")) % {
                "host": host, "moment": console.moment(issued.again_at)})
        elif issued.problem is not None:
            console.note(console.gettext(words_for(issued.problem).happened))
            console.note(console.gettext(N_("What came is kept. Run this again, or ask for a new offer for the rest.")))
    if issued.again_at is not None:
        return NOT_YET
    return 0 if issued.problem is None else exit_code_of(issued.problem)


def _to_login(console: Console, address: str) -> int:
    """Tell where to say who one is; nothing has come yet."""
    if console.json:
        console.emit({"open": address})
    else:
        console.say(console.gettext(N_("Open this address in a browser: %(link)s")) % {"link": address})
        console.say(console.gettext(N_("Then run this again with --answer and the address the browser was sent to.")))
    return 0


def _code(console: Console, resolved: ResolvedOffer, given: str | None) -> str | None:
    if resolved.tx_code is None:
        return None
    if given is None:
        if not sys.stdin.isatty() or console.json:
            raise click.UsageError(console.gettext(N_("This offer needs a code. Give it with --tx-code.")))
        console.note(console.gettext(N_("%(host)s offers you records.")) % {"host": resolved.host})
        given = click.prompt(console.gettext(N_("The code that the office gave you another way")), err=True)
    return "".join(str(given).split())


@click.command("list", cls=BackpackCommand, help=N_("Print what is in the backpack."), example="backpack-wallet list")
@secret_file_option("passphrase")
@common_options
def list_records(console: Console, passphrase_file: Path | None) -> None:
    _services, vault = open_backpack(console, passphrase_file)
    cards = library.shelf(vault).all()
    if console.json:
        console.emit([_plain(card) for card in cards])
    elif cards:
        console.table(
            [console.gettext(text) for text in (N_("Id"), N_("Kind"), N_("Title"), N_("Grade"), N_("Signer"))],
            [(card.item_id[:SHORT_ID], console.gettext(_KINDS[card.kind]), card.title, card.grade,
              " · ".join(part for part in (card.issuer.name, card.issuer.host) if part)) for card in cards])
    else:
        console.say(console.gettext(N_("Nothing is in the backpack yet. Take an offer with backpack-wallet accept.")))


@click.command("show", cls=BackpackCommand, help=N_("Print one record or transcript."),
               example="backpack-wallet show 7hd2Kq9x")
@click.argument("identifier", metavar="ID")
@secret_file_option("passphrase")
@common_options
def show(console: Console, identifier: str, passphrase_file: Path | None) -> None:
    _services, vault = open_backpack(console, passphrase_file)
    card = find_card(console, library.shelf(vault), identifier)
    shown = library.show(vault, card.item_id)
    if console.json:
        console.emit({"id": card.item_id, "kind": card.kind, "received_at": shown.received_at,
                      "received_from": shown.received_from, "status": shown.status, "checked_at": shown.checked_at,
                      "credential": library.exportable(vault, card.item_id)})
    elif isinstance(shown.view, TranscriptView):
        _show_transcript(console, shown.view)
    else:
        _show_record(console, shown.view)


def _show_record(console: Console, record: Record) -> None:
    console.say(record.title, bold=True)
    rows = [(result.name or console.gettext(N_("Grade")), result.value or result.status) for result in record.results]
    rows += [(console.gettext(label), value) for label, value in (
        (N_("Term"), record.term), (N_("Credits earned"), record.credits_earned), (N_("Course code"), record.code),
        (N_("Name"), record.person), (N_("School's student number"), record.person_number),
        (N_("Name of the signer"), record.issuer.name), (N_("Who signed it"), record.issuer.id),
        (N_("When it was signed"), console.day(record.valid_from) if record.valid_from else ""),
        (N_("What it is"), record.description), (N_("What it takes"), record.criteria),
        (N_("In words"), record.narrative),
    ) if value]
    for label, value in rows:
        console.say(f"  {label}: {value}")


def _show_transcript(console: Console, view: TranscriptView) -> None:
    console.say(view.title, bold=True)
    for value in (view.person, view.person_number, f"{view.issuer.name} ({view.issuer.id})"):
        if value:
            console.say(f"  {value}")
    for term in view.terms:
        console.say()
        console.say(" · ".join(part for part in (term.year, term.name) if part), bold=True)
        console.table(
            [console.gettext(text) for text in (N_("Course"), N_("Credit"), N_("Grade"))],
            [(course.record.title, course.record.credits_earned, course.record.grade) for course in term.courses])
    for name, value in view.totals:
        console.say(f"  {name}: {value}")


_KINDS = {"transcript": N_("Transcript"), "course": N_("Course"), "assessment": N_("Test"), "badge": N_("Badge"),
          "other": N_("Other record")}


def _plain(value: Any) -> Any:
    """A frozen value as JSON."""
    if isinstance(value, datetime):
        return format_date_time(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value
