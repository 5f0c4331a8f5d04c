"""The command that checks a record: from a file, from standard input, or behind a link."""

from __future__ import annotations

from datetime import datetime

import click

from credkit.encoding import parse_json_object
from credkit.errors import ProblemError
from credkit.shape import parse_date_time
from credkit.trust.allow_list import AllowList, parse_allow_list
from credkit.verification import Policy
from ui.cli import N_, BackpackCommand, Console, common_options, read_input
from verifier.bootstrap import ForgetfulMemory, build_environment, is_initialised, open_store
from verifier.cli.group import config_of, ports, services_of
from verifier.cli.telling import print_story
from verifier.services.checks import judge
from verifier.services.enclosed import without_papers
from verifier.services.offline import Copies
from verifier.services.packets import notes, officials
from verifier.services.shared import badge_in, is_link, is_picture
from verifier.services.stories import tell

MAX_FILE_BYTES = 64 * 1024 * 1024


@click.command(
    "verify",
    cls=BackpackCommand,
    help=N_(
        "Check a record in a file, or - for standard input, or behind a link that a family shared. A picture that "
        "carries a badge, or a photo of a code with such a link, will do. Needs no init, and for did:key no network."
    ),
    example="backpack-verifier verify badge.json --trust trusted.json --json",
)
@click.argument("source", metavar="FILE|LINK")
@click.option("--trust", "trust_file", help=N_("A list of signers you trust, as trust list --json prints it."))
@click.option("--offline", is_flag=True, help=N_("Ask nobody; of a link only the wallet that keeps it."))
@click.option("--now", "now_text", help=N_("Judge as of this moment, such as 2026-11-26T12:00:00Z."))
@click.option("--challenge", help=N_("What a presentation must have been made for."))
@click.option("--domain", help=N_("Whom a presentation must have been made for."))
@common_options
def verify(
    console: Console,
    source: str,
    trust_file: str | None,
    offline: bool,
    now_text: str | None,
    challenge: str | None,
    domain: str | None,
) -> int:
    config, moment, given = config_of(console), _moment(console, now_text), ports()
    memory: Copies = open_store(config) if is_initialised(config) else ForgetfulMemory()
    trust = _trust(console, trust_file) if trust_file is not None else _own_trust(memory)
    report, where = judge(
        _read(source),
        Policy(trust=trust, now=moment),
        build_environment(config, memory, clock=given.clock, fetcher=given.fetcher),
        memory if offline else None,
        allow_loopback=config.loopback_http,
        challenge=challenge,
        domain=domain,
    )
    story = tell(report, where)
    replaced_by = officials(story, services_of(config).results) if is_initialised(config) else ()
    if console.json:
        papers = [{name: paper[name] for name in ("title", "media_type", "size")} for paper in story.get("papers", ())]
        more = {"source": where.to_json(), "notes": notes(story, replaced_by), "papers": papers}
        return console.report({**without_papers(report.to_json()), **more})
    return print_story(console, story, replaced_by)


def _read(source: str) -> bytes:
    """What is to be checked: the link itself, the content of a file, the badge in a picture, or the text of the code in
    a photo."""
    if is_link(source.encode("utf-8", "replace")) and "://" in source:
        return source.encode("utf-8", "replace")
    raw = read_input(source, max_bytes=MAX_FILE_BYTES)
    badge = badge_in(raw)
    if badge is not None:
        return badge
    if not is_picture(raw):
        return raw
    from ui.qr import read_codes  # slow to import; only pictures need it

    codes = read_codes(raw)
    if not codes:
        raise click.UsageError(N_("There is neither a badge nor a code in this picture that we could read."))
    return codes[0].encode("utf-8")


def _moment(console: Console, text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_date_time(text)
    except ProblemError as error:
        raise click.UsageError(console.gettext(N_("--now must look like 2026-11-26T12:00:00Z."))) from error


def _own_trust(memory: Copies) -> AllowList | None:
    """The list of this verifier; none while it is empty, when every signer is unknown rather than untrusted."""
    listed = memory.allow_list()
    return listed if listed.issuers else None


def _trust(console: Console, trust_file: str) -> AllowList:
    try:
        return parse_allow_list(parse_json_object(read_input(trust_file)))
    except ProblemError as error:
        raise click.UsageError(console.gettext(N_("The list of trusted signers cannot be read."))) from error
