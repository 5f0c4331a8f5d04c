"""``backpack-verifier``: check records, ask for records, say whom we trust."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from credkit.encoding import parse_json_object
from credkit.environment import SystemRandomness
from credkit.errors import ProblemError, StateError
from credkit.shape import format_date_time, parse_date_time
from credkit.trust.allow_list import AllowList, parse_allow_list
from credkit.verification import Policy
from ui.cli import (
    N_,
    Console,
    backpack_group,
    common_options,
    read_input,
    read_secret,
    secret_file_option,
)
from ui.passwords import hash_password
from ui.text import one_line
from verifier.bootstrap import (
    ForgetfulMemory,
    Services,
    build_environment,
    build_services,
    initialise_verifier,
    is_initialised,
)
from verifier.config import Config, from_environ
from verifier.services.checking import check_input
from verifier.services.questions import KINDS, build_question
from verifier.services.requests import Asked, Progress
from verifier.services.setup import OPERATOR
from verifier.services.stories import tell

if TYPE_CHECKING:
    from verifier.web.told import ToldRecord

MAX_FILE_BYTES = 64 * 1024 * 1024
TRANSLATIONS = Path(__file__).parent / "web" / "translations"
POLL_S = 1.0
COULD_NOT_CHECK = 3

main = backpack_group(
    "backpack-verifier",
    role="verifier",
    help=N_("Check records, ask families for records, and say whom you trust."),
    folders=(TRANSLATIONS,),
)


@main.command(
    "init",
    help=N_("Make a verifier: its key, its login, its address."),
    example="backpack-verifier init --origin https://college.example --wallet https://wallet.example",
)
@click.option("--origin", required=True, help=N_("The address of this verifier, such as https://college.example."))
@click.option(
    "--wallet", "wallets", multiple=True, help=N_("The address of a wallet your families use; may be repeated.")
)
@secret_file_option("passphrase")
@common_options
def init(console: Console, origin: str, wallets: tuple[str, ...], passphrase_file: Path | None) -> None:
    config = _config(console)
    if is_initialised(config):
        raise StateError("There is a verifier in this folder already; nothing was changed.")
    password = read_secret(
        console,
        console.gettext(N_("Password of the operator")),
        file=passphrase_file,
        variable="BACKPACK_PASSPHRASE",
        confirm=True,
    )
    hashed = hash_password(password, SystemRandomness().token_bytes(16))
    identity = initialise_verifier(config, origin=origin, wallets=wallets, password_hash=hashed)
    if console.json:
        console.emit(
            {"origin": identity.origin, "did": identity.did, "wallets": list(identity.wallets), "login": OPERATOR}
        )
        return
    console.say(console.gettext(N_("The verifier is ready.")), bold=True)
    console.say(console.gettext(N_("Its address: %(origin)s")) % {"origin": identity.origin})
    console.say(console.gettext(N_("Its identifier: %(did)s")) % {"did": identity.did})
    console.say(console.gettext(N_("Sign in as: %(name)s")) % {"name": OPERATOR})
    console.say(console.gettext(N_("Start it: backpack-verifier serve")))


@main.command("serve", help=N_("Start the pages and answer wallets."), example="backpack-verifier serve --port 8104")
@click.option("--host", help=N_("The address to listen on; by default this machine only."))
@click.option("--port", type=click.IntRange(1, 65535), help=N_("The port to listen on; by default that of the origin."))
@common_options
def serve(console: Console, host: str | None, port: int | None) -> None:
    from ui.web import serve as serve_app  # pages are slow to import; no other command needs them
    from verifier.web import create_app

    config = _config(console)
    origin = build_services(config).identity.origin
    parts = urlsplit(origin)
    ready = console.gettext(N_("The verifier answers at %(origin)s. Stop it with Ctrl-C.")) % {"origin": origin}
    serve_app(
        lambda: create_app(build_services(config)),
        host or "127.0.0.1",
        port or parts.port or 8104,
        on_ready=lambda: console.note(ready),
    )


@main.command(
    "request",
    help=N_("Ask for records: prints the link and the code to scan."),
    example='backpack-verifier request --ask courses --purpose "For your application"',
)
@click.option(
    "--ask",
    "asks",
    multiple=True,
    required=True,
    type=click.Choice([kind.id for kind in KINDS]),
    help=N_("What to ask for; may be repeated."),
)
@click.option("--purpose", required=True, help=N_("Why you ask, in one sentence; the family reads it."))
@click.option("--without-name", is_flag=True, help=N_("Do not ask for the student's name."))
@click.option("--wait", is_flag=True, help=N_("Wait for the answer and print the report."))
@common_options
def request(console: Console, asks: tuple[str, ...], purpose: str, without_name: bool, wait: bool) -> int:
    services = build_services(_config(console))
    try:
        question = build_question(asks, purpose, with_name=not without_name)
    except ProblemError as error:
        raise click.UsageError(
            console.gettext(N_("Say in one sentence why you ask, in at most 300 characters."))
        ) from error
    asked = services.requests.ask(question)
    if not wait:
        _print_asked(console, asked)
        return 0
    _print_asked(console, asked, beside=console.json)
    return _wait_for(console, services, asked.id)


@main.command("result", help=N_("Print the report of a request or a check."), example="backpack-verifier result ID")
@click.argument("identifier", metavar="ID")
@common_options
def result(console: Console, identifier: str) -> int:
    return _print_result(console, build_services(_config(console)), identifier)


@main.group("trust", help=N_("Say whom you trust: add, list, remove."))
def trust() -> None:
    pass


@trust.command(
    "add",
    help=N_("Trust a signer under a name of yours."),
    example='backpack-verifier trust add did:web:school.example --name "Lincoln High School"',
)
@click.argument("did", metavar="DID")
@click.option("--name", required=True, help=N_("What you call this signer."))
@common_options
def trust_add(console: Console, did: str, name: str) -> None:
    try:
        issuer = build_services(_config(console)).trust.add(did, name)
    except ProblemError as error:
        raise click.UsageError(console.gettext(error.detail)) from error
    if console.json:
        console.emit({"did": issuer.did, "name": issuer.name})
    else:
        console.say(console.gettext(N_("%(name)s is on your list now.")) % {"name": issuer.name})


@trust.command("list", help=N_("Print whom you trust."), example="backpack-verifier trust list")
@common_options
def trust_list(console: Console) -> None:
    listed = build_services(_config(console)).trust.listed()
    if console.json:
        console.emit(listed.to_json())
    elif listed.issuers:
        rows = [(issuer.name, issuer.did) for issuer in listed.issuers]
        console.table((console.gettext(N_("Name")), "DID"), rows, width=200)
    else:
        console.say(console.gettext(N_("Nobody is on your list yet. Every signer is unknown.")))


@trust.command(
    "remove", help=N_("Stop trusting a signer."), example="backpack-verifier trust remove did:web:school.example"
)
@click.argument("did", metavar="DID")
@common_options
def trust_remove(console: Console, did: str) -> None:
    build_services(_config(console)).trust.remove(did)
    if console.json:
        console.emit({"removed": did})
    else:
        console.say(console.gettext(N_("The signer was taken off your list.")))


@main.command(
    "verify",
    help=N_("Check a record in a file, or - for standard input. Needs no init, and for did:key no network."),
    example="backpack-verifier verify badge.json --trust trusted.json --json",
)
@click.argument("source", metavar="FILE")
@click.option("--trust", "trust_file", help=N_("A list of signers you trust, as trust list --json prints it."))
@click.option("--now", "now_text", help=N_("Judge as of this moment, such as 2026-11-26T12:00:00Z."))
@click.option("--challenge", help=N_("What a presentation must have been made for."))
@click.option("--domain", help=N_("Whom a presentation must have been made for."))
@common_options
def verify(
    console: Console,
    source: str,
    trust_file: str | None,
    now_text: str | None,
    challenge: str | None,
    domain: str | None,
) -> int:
    config = _config(console)
    moment = _moment(console, now_text)
    policy = Policy(trust=_trust(console, config, trust_file), now=moment)
    raw = read_input(source, max_bytes=MAX_FILE_BYTES)
    environment = build_environment(config, ForgetfulMemory())
    report = check_input(raw, policy, environment, challenge=challenge, domain=domain)
    if console.json:
        return console.report(report.to_json())
    return _print_story(console, tell(report))


def _config(console: Console) -> Config:
    return from_environ(os.environ, data=console.data)


def _moment(console: Console, text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_date_time(text)
    except ProblemError as error:
        raise click.UsageError(console.gettext(N_("--now must look like 2026-11-26T12:00:00Z."))) from error


def _trust(console: Console, config: Config, trust_file: str | None) -> AllowList | None:
    """The list named on the command line, else that of this verifier if it has one, else none."""
    if trust_file is None:
        return build_services(config).trust.for_checking() if is_initialised(config) else None
    try:
        return parse_allow_list(parse_json_object(read_input(trust_file)))
    except ProblemError as error:
        raise click.UsageError(console.gettext(N_("The list of trusted signers cannot be read."))) from error


def _print_asked(console: Console, asked: Asked, *, beside: bool = False) -> None:
    if console.json:
        document = {
            "id": asked.id,
            "secret": asked.secret,
            "client_id": asked.client_id,
            "request_uri": asked.request_uri,
            "link": asked.links.deep,
            "wallet_links": list(asked.links.web),
            "query": asked.query,
            "expires_at": format_date_time(asked.expires_at),
        }
        if beside:
            console.note(json.dumps(document, ensure_ascii=False))
        else:
            console.emit(document)
        return
    link = asked.links.web[0] if len(asked.links.web) == 1 else asked.links.deep
    console.say(console.gettext(N_("Let the family scan this code or open this link:")), bold=True)
    console.qr(link)
    for other in (*asked.links.web, asked.links.deep):
        if other != link:
            console.say(other)
    console.say(
        console.gettext(N_("It can be opened until %(moment)s.")) % {"moment": console.moment(asked.expires_at)}
    )
    console.say(console.gettext(N_("See the answer: backpack-verifier result %(id)s")) % {"id": asked.id})


def _wait_for(console: Console, services: Services, request_id: str) -> int:
    console.note(console.gettext(N_("Waiting for the answer. Stop with Ctrl-C.")))
    while services.requests.find(request_id).progress in (Progress.WAITING, Progress.OPENED):
        time.sleep(POLL_S)
    return _print_result(console, services, request_id)


def _print_result(console: Console, services: Services, identifier: str) -> int:
    try:
        asked = services.requests.find(identifier)
    except StateError:
        return _print_kept(console, services.results.find(identifier).story)
    if asked.result_id is not None:
        return _print_kept(console, services.results.find(asked.result_id).story)
    if console.json:
        console.emit({"id": asked.id, "progress": str(asked.progress), "refusal": asked.refusal})
    else:
        console.say(console.gettext(_PROGRESS[asked.progress]))
    return COULD_NOT_CHECK


_PROGRESS: Mapping[Progress, str] = {
    Progress.WAITING: N_("Nobody has opened it yet."),
    Progress.OPENED: N_("The family has opened it. There is no answer yet."),
    Progress.ANSWERED: N_("An answer came, and its result was removed when its time was up."),
    Progress.REFUSED: N_("The family chose not to share. Nothing was shared."),
    Progress.TOO_OLD: N_("Nobody answered in time. Nothing was shared."),
}


def _print_kept(console: Console, story: dict[str, Any]) -> int:
    if console.json:
        return console.report(story["report"])
    return _print_story(console, story)


def _print_story(console: Console, story: dict[str, Any]) -> int:
    """The report in words, then what the records say; the exit code."""
    from verifier.web.told import tell_story  # pages are slow to import; JSON does without

    told = tell_story(story, console.translations)
    report, inside = story["report"], [(record.title or None, record.signer.known_as) for record in told.records]
    if any(check["id"] == "query" for check in report["checks"]):
        # What each wallet's presentation had to pass, it has passed: the records themselves come next.
        report = {**report, "members": [_report_of(sheet) for sheet in story["sheets"]]}
    single = told.records[0] if len(told.records) == 1 else None
    if single is not None and told.overall is single.explained:
        inside = [(member.title or None, member.signer.known_as) for member in single.members]
    code = console.report(report, signer=single.signer.known_as if single else None, members=inside)
    for record in told.records:
        if record.shown:
            _print_record(console, record)
    return code


def _report_of(sheet: Mapping[str, Any]) -> dict[str, Any]:
    return {**sheet["report"], "members": [_report_of(member) for member in sheet["members"]]}


def _print_record(console: Console, record: ToldRecord) -> None:
    signer = record.signer
    who = signer.known_as or console.gettext(N_("not known to us")) + f" ({signer.domain or signer.identifier})"
    console.say()
    console.say(one_line(record.title), bold=True)
    console.say("  " + console.gettext(N_("Signed by: %(signer)s")) % {"signer": one_line(who, 300)})
    if signer.calls_itself and signer.calls_itself != signer.known_as:
        console.say("  " + console.gettext(N_("It calls itself: %(name)s")) % {"name": signer.calls_itself})
    for row in record.rows:
        console.say(f"  {row.label}: {one_line(row.value, 300)}")
    for member in record.members:
        if member.shown:
            console.say("  - " + ", ".join(part for part in (member.title, member.term, member.grade) if part))
