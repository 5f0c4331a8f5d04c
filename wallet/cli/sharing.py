"""Sharing from the terminal: the same sheet, the same two answers, and the log."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import click

from credkit.errors import ProblemError, StateError
from credkit.ports import JSONObject
from credkit.protocols.exchanges import is_interaction
from credkit.shape import parse_date_time
from ui.cli import N_, BackpackCommand, Console, common_options, secret_file_option
from wallet.cli.group import SHORT_ID, config_of, find_card, open_backpack
from wallet.services import activity as log
from wallet.services.consent import Sheet
from wallet.services.log_words import SCHOOLS_LANE, sentence
from wallet.services.matching import Matching
from wallet.services.record.labels import always_labels, label_of
from wallet.services.record.library import shelf
from wallet.services.request_words import how_sure
from wallet.services.requests import ResolvedRequest, exchange_link
from wallet.services.sharing import exports
from wallet.services.sharing.grant_words import rows_of, title_of
from wallet.services.sharing.grants import GrantShown, listed
from wallet.services.sharing.links import read_link, request_link
from wallet.vault import OpenVault

NOT_SHARED = 1


@click.command(
    "present", cls=BackpackCommand,
    help=N_("Answer a request: prints what would leave, asks, and sends it."),
    example="backpack-wallet present 'openid4vp://?client_id=…&request_uri=…' --credential 7hd2Kq9x --yes")
@click.argument("request", metavar="REQUEST")
@click.option("--yes", is_flag=True, help=N_("Share without asking again."))
@click.option("--refuse", is_flag=True, help=N_("Say not now: nothing is shared."))
@click.option("--credential", "names", multiple=True, help=N_("A record to share; may be repeated."))
@click.option("--until", help=N_("The last day on which it may be used, such as 2027-01-31. Else 30 days."))
@secret_file_option("passphrase")
@common_options
def present(console: Console, request: str, yes: bool, refuse: bool, names: tuple[str, ...], until: str | None,
            passphrase_file: Path | None) -> int:
    if yes and refuse:
        raise click.UsageError(console.gettext(N_("Say either --yes or --refuse.")))
    link = "" if is_interaction(request) else _request(console, request)
    services, vault = open_backpack(console, passphrase_file)
    if not link:
        lead = services.interactions.follow(request)
        link = exchange_link(lead.link) if lead.kind == "exchange-request" else _request(console, lead.link)
    presenting = services.presenting
    resolved = presenting.resolve_request(link)
    if refuse:
        presenting.refuse(vault, resolved)
        return _refused(console, resolved)
    matching = presenting.match(vault, resolved)
    if not matching.possible:
        raise StateError("Nothing in this backpack answers what is asked for.")
    sheet = presenting.sheet(vault, resolved, _choice(console, vault, matching, names))
    if not console.json:
        print_sheet(console, sheet, how_sure(resolved, console.gettext))
    if not yes and not _agrees(console):
        presenting.refuse(vault, resolved)
        return _refused(console, resolved)
    decision = presenting.agree(vault, resolved, sheet, seen_digest=sheet.digest, until=day_of(console, until),
                                language=console.language)
    shared = presenting.share(vault, resolved, decision)
    if console.json:
        console.emit({"shared": True, "redirect_uri": shared.redirect_uri} | _sheet_json(console, sheet))
        return 0
    console.say(console.gettext(N_("Shared with %(host)s.")) % {"host": sheet.host}, bold=True)
    if shared.redirect_uri:
        console.say(console.gettext(N_("Go on here: %(link)s")) % {"link": shared.redirect_uri})
    return 0


def day_of(console: Console, text: str | None) -> datetime | None:
    """The end of the day that was typed, None if none was.

    Raises:
        click.UsageError: it is no day.
    """
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59), tzinfo=UTC)
    except ValueError as error:
        raise click.UsageError(console.gettext(N_("Write the day like 2027-01-31."))) from error


def _request(console: Console, link: str) -> str:
    try:
        kind, parameters = read_link(link, haip=config_of(console).haip_links)
    except ProblemError:
        kind, parameters = "offer", {}
    if kind != "request":
        raise click.UsageError(console.gettext(N_("This link is no request.")))
    return request_link(parameters)


def _choice(console: Console, vault: OpenVault, matching: Matching,
            names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The named records for the queries they answer; without names, where there is nothing to choose, the only ones."""
    only = matching.only_choice()
    if not names and only is not None:
        return only
    if not names:
        for asked in matching.asked:
            for candidate in asked.candidates:
                console.note(f"  {candidate.card.item_id[:SHORT_ID]}  {candidate.card.title}")
        raise click.UsageError(console.gettext(
            N_("Several records answer. Choose with --credential, once for each record.")))
    wanted = [find_card(console, shelf(vault), name).item_id for name in names]
    choice: dict[str, tuple[str, ...]] = {}
    for asked in matching.asked:
        found = tuple(item_id for item_id in wanted if asked.candidate(item_id) is not None)
        if found:
            choice[asked.query.id] = found if asked.query.multiple else found[:1]
    if {item_id for found in choice.values() for item_id in found} != set(wanted):
        raise StateError("A record was chosen that does not answer what is asked for.")
    return choice


def _agrees(console: Console) -> bool:
    if console.json or not sys.stdin.isatty():
        raise click.UsageError(console.gettext(N_("Nothing was shared. Say --yes to share it, or --refuse.")))
    return click.confirm(console.gettext(N_("Share this?")), default=None, err=True)


def _refused(console: Console, resolved: ResolvedRequest) -> int:
    if console.json:
        console.emit({"shared": False, "host": resolved.host})
    else:
        console.say(console.gettext(N_("Nothing was shared. %(host)s was told “not now”.")) % {"host": resolved.host})
    return NOT_SHARED


def print_sheet(console: Console, sheet: Sheet, sure: str | None = None) -> None:
    """What would leave, for whom and why; ``sure`` says how sure it is who asks."""
    _ = console.gettext
    console.say(_(N_("Who asks: %(host)s")) % {"host": sheet.host}, bold=True)
    if sure:
        console.say("  " + sure)
    if sheet.calls_itself:
        console.say("  " + _(N_("It calls itself: %(name)s")) % {"name": sheet.calls_itself})
    console.say(_(N_("Why: %(purpose)s")) % {"purpose": sheet.purpose or _(N_("They did not say why."))})
    console.say(_(N_("What leaves:")), bold=True)
    for record in sheet.records:
        console.say(f"  {record.title} ({record.issuer.name} · {record.issuer.host or record.issuer.id})")
        for value in record.leaves:
            console.say(f"    {label_of(value.kind, _)}: {value.shown}")
        for said in record.comments:
            console.say("    " + _(N_("Comment by %(name)s")) % {"name": said.name} + f": {said.words}")
    print_grants(console, sheet.grants)
    console.say(_(N_("What always goes along:")), bold=True)
    for label in always_labels((value.kind for record in sheet.records for value in record.always), _):
        console.say(f"  {label}")
    if sheet.stays:
        console.say(console.ngettext(
            N_("%(num)s other record stays here."), N_("%(num)s other records stay here."), len(sheet.stays)))


def print_grants(console: Console, grants: Sequence[GrantShown]) -> None:
    """By what right somebody else than the learner shares: every claim that leaves."""
    for each in grants:
        console.say(f"  {console.gettext(title_of(each))}")
        for label, words in rows_of(each, console.gettext, console.day):
            console.say(f"    {label}: {words}")


def grants_json(console: Console, grants: Sequence[GrantShown]) -> list[JSONObject]:
    """The same for programs."""
    return [{"id": each.grant.id, "role": each.grant.role, "rights": sorted(each.grant.rights),
             "basis": each.grant.basis, "until": each.document.get("validUntil"), "mine": each.mine,
             "values": listed((*each.leaves, *each.always))} for each in grants]


def _sheet_json(console: Console, sheet: Sheet) -> dict[str, Any]:
    def values(found: Any) -> list[dict[str, str]]:
        return [{"kind": each.kind, "label": label_of(each.kind, console.gettext), "value": each.shown}
                for each in found]

    return {"host": sheet.host, "did": sheet.party, "purpose": sheet.purpose, "records": [
        {"id": record.item_id, "query": record.query_id, "title": record.title, "leaves": values(record.leaves),
         "always": values(record.always), "stays": list(record.stays), "whole": record.whole}
        for record in sheet.records], "grants": grants_json(console, sheet.grants)}


@click.command("activity", cls=BackpackCommand, help=N_("Print who saw what, and what came from where."),
               example="backpack-wallet activity --json")
@click.option("--csv", "as_csv", is_flag=True, help=N_("Print a table for spreadsheets: one line for each value."))
@secret_file_option("passphrase")
@common_options
def activity(console: Console, as_csv: bool, passphrase_file: Path | None) -> None:
    _services, vault = open_backpack(console, passphrase_file)
    lines = log.lines(vault)
    if as_csv:
        console.say(exports.log_csv(exports.log_entries(vault)).decode("utf-8-sig").rstrip())
    elif console.json:
        console.emit([{**vars(line), "titles": list(line.titles), "records": list(log.show(vault, line.id)[1])}
                      for line in lines])
    elif lines:
        console.table(
            [console.gettext(text) for text in (N_("When"), N_("What"), N_("Address"), N_("Records"))],
            [(console.moment(parse_date_time(line.at)), sentence(line, console.gettext), line.host,
              ", ".join(line.titles) or (f"{line.count}/{line.total}" if line.total else "")) for line in lines])
        for line in lines:
            if line.words:
                _print_notice(console, line)
    else:
        console.say(console.gettext(N_("Nothing has come or left yet.")))


def _print_notice(console: Console, line: log.Line) -> None:
    """A school's notice that it sent the full record on: its words as its own, then what that means here."""
    _ = console.gettext
    console.say()
    console.say(_(N_("%(host)s says:")) % {"host": line.host} + f" “{line.words}”", bold=True)
    console.say("  " + _(N_("Sent to: %(name)s (%(did)s), %(moment)s")) % {
        "name": line.name, "did": line.to, "moment": console.moment(parse_date_time(line.sent_at))})
    for sentence_ in SCHOOLS_LANE:
        console.say("  " + _(sentence_))
