"""Commands that ask for records and print the answers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

import click

from credkit.errors import ProblemError, ProtocolError, StateError, UnsupportedError
from credkit.protocols.oid4vp import v1_0
from credkit.shape import format_date_time
from ui.cli import N_, BackpackCommand, Console, common_options
from ui.cli.files import read_input
from verifier.bootstrap import Services
from verifier.cli.group import config_of, services_of
from verifier.cli.telling import print_day_one, print_story
from verifier.services.naming import Manner
from verifier.services.packets import notes, officials
from verifier.services.questions import KINDS, Question, build_question, open_question, read_query
from verifier.services.requests import Asked, Progress

POLL_S = 1.0
NOTHING_SHOWN = 1
COULD_NOT_CHECK = 3
_MISSING: Mapping[str, str] = {
    "/asks": N_("A full record is asked of a school, and alone."),
    "/purpose": N_("Say in one sentence why you ask, in at most 300 characters."),
    "/until": N_("The last day of use lies within a year from today."),
    "/sender": N_("Name the school that sends its full record: --from did:web:school.example."),
}
_PROGRESS: Mapping[Progress, str] = {
    Progress.WAITING: N_("Nobody has opened it yet."),
    Progress.OPENED: N_("The family has opened it. There is no answer yet."),
    Progress.ANSWERED: N_("An answer came, and its result was removed when its time was up."),
    Progress.REFUSED: N_("The family chose not to share. Nothing was shared."),
    Progress.TOO_OLD: N_("Nobody answered in time. Nothing was shared."),
}


@click.command(
    "request",
    cls=BackpackCommand,
    help=N_("Ask for records: prints the link and the code to scan."),
    example='backpack-verifier request --ask courses --purpose "For your application"',
)
@click.option(
    "--ask",
    "asks",
    multiple=True,
    type=click.Choice([kind.id for kind in KINDS]),
    help=N_("What to ask for; may be repeated."),
)
@click.option("--query", "query_file", metavar="FILE", help=N_("A DCQL query of your own in a JSON file, or -."))
@click.option("--purpose", default="", help=N_("Why you ask, in one sentence; the family reads it."))
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help=N_("The last day on which you use what you get, such as 2026-12-31; in 30 days if you give none."),
)
@click.option("--from", "sender", default="", help=N_("The school that is asked for its full record, as a DID."))
@click.option("--without-name", is_flag=True, help=N_("Do not ask for the student's name."))
@click.option(
    "--prefix",
    type=click.Choice(v1_0.PREFIXES),
    default=None,
    help=N_("How this verifier names itself to the wallet; by its DID if you say nothing."),
)
@click.option(
    "--did",
    "did_method",
    type=click.Choice(["web", "jwk"]),
    default="web",
    help=N_("Which DID: that of this verifier's address, or its key itself."),
)
@click.option(
    "--response-mode",
    type=click.Choice(v1_0.RESPONSE_MODES),
    default=None,
    help=N_("How the answer comes: in clear, or encrypted for this request (direct_post.jwt)."),
)
@click.option("--wait", is_flag=True, help=N_("Wait for the answer and print the report."))
@common_options
def request(
    console: Console,
    asks: tuple[str, ...],
    query_file: str | None,
    purpose: str,
    until: datetime | None,
    sender: str,
    without_name: bool,
    prefix: str | None,
    did_method: Literal["web", "jwk"],
    response_mode: str | None,
    wait: bool,
) -> int:
    if bool(asks) == (query_file is not None):
        raise click.UsageError(console.gettext(N_("Say either --ask or --query.")))
    services = services_of(config_of(console))
    last = until.date() if until else None
    usual = services.requests.usual
    manner = Manner(prefix or usual.prefix, did_method, response_mode or usual.response_mode)
    if query_file is not None:
        asked = _ask_own(console, services, query_file, purpose, last, manner)
    else:
        question = _question(console, services, asks, purpose, last, sender, not without_name)
        asked = services.requests.ask(question, manner=manner)
    if not wait:
        _print_asked(console, services, asked)
        return 0
    _print_asked(console, services, asked, beside=console.json)
    return _wait_for(console, services, asked.id)


@click.command(
    "result",
    cls=BackpackCommand,
    help=N_("Print the report of a request or a check."),
    example="backpack-verifier result ID",
)
@click.argument("identifier", metavar="ID")
@click.option("--wait", "wait_s", type=click.IntRange(0), default=0, metavar="SECONDS",
              help=N_("Wait as long as this for the answer."))
@common_options
def result(console: Console, identifier: str, wait_s: int) -> int:
    services, until = services_of(config_of(console)), time.monotonic() + wait_s
    while time.monotonic() < until and _is_open(services, identifier):
        time.sleep(min(POLL_S, max(0.0, until - time.monotonic())))
    return _print_result(console, services, identifier)


@click.command(
    "day-one",
    cls=BackpackCommand,
    help=N_("Print the teacher's page for a student's first day, from a result."),
    example="backpack-verifier day-one ID",
)
@click.argument("identifier", metavar="ID")
@common_options
def day_one(console: Console, identifier: str) -> int:
    services = services_of(config_of(console))
    try:
        found = services.requests.find(identifier).result_id or identifier
    except StateError:
        found = identifier
    return print_day_one(console, services.results.find(found).story)


def _is_open(services: Services, identifier: str) -> bool:
    """Whether this is a request that may still be answered."""
    try:
        return services.requests.find(identifier).progress in (Progress.WAITING, Progress.OPENED)
    except StateError:
        return False


def _ask_own(
    console: Console, services: Services, query_file: str, purpose: str, until: date | None, manner: Manner
) -> Asked:
    """A request with a query that stands in a file."""
    try:
        query = read_query(read_input(query_file))
        question = open_question(purpose, today=services.clock.now().date(), until=until)
    except (ProblemError, ProtocolError, UnsupportedError) as error:
        known = _MISSING.get((error.pointer or "") if isinstance(error, ProblemError) else "")
        unreadable = console.gettext(N_("This query cannot be used: %(reason)s.")) % {"reason": error.detail}
        raise click.UsageError(console.gettext(known) if known else unreadable) from error
    return services.requests.ask(question, query=query, manner=manner)


def _question(
    console: Console,
    services: Services,
    asks: tuple[str, ...],
    purpose: str,
    until: date | None,
    sender: str,
    with_name: bool,
) -> Question:
    today = services.clock.now().date()
    try:
        return build_question(asks, purpose, today=today, until=until, with_name=with_name, sender=sender)
    except ProblemError as error:
        raise click.UsageError(console.gettext(_MISSING.get(error.pointer or "", error.detail))) from error


def _print_asked(console: Console, services: Services, asked: Asked, *, beside: bool = False) -> None:
    if console.json:
        document = {
            "id": asked.id,
            "secret": asked.secret,
            "client_id": asked.client_id,
            "request_uri": asked.request_uri,
            "request": asked.links.deep,
            "link": asked.links.deep,
            "wallet_links": list(asked.links.web),
            "query": asked.query,
            "until": asked.question.until.isoformat(),
            "expires_at": format_date_time(asked.expires_at),
            "interaction": services.exchanging.interaction_url(asked),
            "lcw": services.exchanging.lcw_link(asked),
        }
        if beside:
            console.note(json.dumps(document, ensure_ascii=False))
        else:
            console.emit(document)
        return
    if asked.question.sender:
        console.say(console.gettext(N_("Send this link to the school. Only that school can answer it.")), bold=True)
        console.say(asked.links.deep)
        _print_times(console, asked)
        return
    link = asked.links.web[0] if len(asked.links.web) == 1 else asked.links.deep
    console.say(console.gettext(N_("Let the family scan this code or open this link:")), bold=True)
    console.qr(link)
    for other in (*asked.links.web, asked.links.deep):
        if other != link:
            console.say(other)
    _print_times(console, asked)


def _print_times(console: Console, asked: Asked) -> None:
    console.say(
        console.gettext(N_("It can be opened until %(moment)s.")) % {"moment": console.moment(asked.expires_at)}
    )
    day = {"day": console.day(asked.question.until)}
    console.say(console.gettext(N_("What you get may be used until %(day)s.")) % day)
    console.say(console.gettext(N_("See the answer: backpack-verifier result %(id)s")) % {"id": asked.id})


def _wait_for(console: Console, services: Services, request_id: str) -> int:
    console.note(console.gettext(N_("Waiting for the answer. Stop with Ctrl-C.")))
    while _is_open(services, request_id):
        time.sleep(POLL_S)
    return _print_result(console, services, request_id)


def _print_result(console: Console, services: Services, identifier: str) -> int:
    try:
        asked = services.requests.find(identifier)
    except StateError:
        return _print_kept(console, services, services.results.find(identifier).story)
    if asked.result_id is not None:
        return _print_kept(console, services, services.results.find(asked.result_id).story)
    if console.json:
        said = {"id": asked.id, "progress": str(asked.progress), "refusal": asked.refusal}
        console.emit({**said, "verified": False})
    else:
        console.say(console.gettext(_PROGRESS[asked.progress]))
    return COULD_NOT_CHECK if asked.progress in (Progress.WAITING, Progress.OPENED) else NOTHING_SHOWN


def _print_kept(console: Console, services: Services, story: dict[str, Any]) -> int:
    replaced_by = officials(story, services.results)
    if console.json:
        return console.report({**story["report"], "notes": notes(story, replaced_by)})
    return print_story(console, story, replaced_by)
