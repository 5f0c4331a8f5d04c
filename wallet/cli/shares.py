"""Handing out from the terminal: share, list, take back, print, export, import, practise."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from credkit.errors import StateError
from ui.cli import N_, BackpackCommand, Console, common_options, read_input, secret_file_option
from wallet.bootstrap import Services
from wallet.cli.group import SHORT_ID, open_backpack
from wallet.cli.sharing import day_of, grants_json, print_grants, print_sheet
from wallet.services.consent import USUAL_DAYS
from wallet.services.record.labels import TECHNICAL, always_labels, label_of
from wallet.services.sharing import bundles, exports, importing, practice
from wallet.services.sharing.bundles import Choice, Chosen, Draft, Purpose
from wallet.services.sharing.shares import USUAL_VIEWS, Form, Share, as_file
from wallet.vault import OpenVault

_LEAST = 4
_WHOLE_KINDS = {"about": "about", "papers": "paper"}
"""Names of everything that has no title of its own on the pages, or is chosen together: name → kind of choice."""
_NOT_SHARED = 1
_ANY_NAME = {"ignore_unknown_options": True}
"""A name may begin with a hyphen."""
_FORMS: tuple[Form, ...] = ("link", "paper", "file")


@click.command(
    "share", cls=BackpackCommand,
    help=N_("Hand out records: prints what would leave, asks, and makes a link or a file."),
    example="backpack-wallet share --record 'Algebra I' --record about --to 'Roosevelt School' --purpose 'To enroll'")
@click.option("--record", "names", multiple=True, help=N_(
    "A record to share: its title or what the command list calls it; about, for what the family says; papers, for old "
    "papers. May be repeated."))
@click.option("--without", multiple=True, help=N_("A part that stays, as the preview names it; may be repeated."))
@click.option("--to", "recipient", required=True, help=N_("Who it is for."))
@click.option("--purpose", required=True, help=N_("What it is for."))
@click.option("--until", help=N_("The last day on which it may be used, such as 2027-01-31. Else 30 days."))
@click.option("--form", type=click.Choice(_FORMS), default="link", help=N_("A link, a packet on paper, or a file."))
@click.option("--views", default=USUAL_VIEWS, help=N_("How often the link may be opened."))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=N_("Write the signed file here."))
@click.option("--yes", is_flag=True, help=N_("Share without asking again."))
@secret_file_option("passphrase")
@common_options
def share(console: Console, names: tuple[str, ...], without: tuple[str, ...], recipient: str, purpose: str,
          until: str | None, form: Form, views: int, out: Path | None, yes: bool,
          passphrase_file: Path | None) -> int:
    services, vault = open_backpack(console, passphrase_file)
    end = day_of(console, until) or services.clock.now() + timedelta(days=USUAL_DAYS)
    said = Purpose(recipient, purpose, end, console.language)
    keys = [choice.key for choice in _named(console, bundles.choices(vault), names)]
    decided = _draft(console, vault, services, keys, without, said)
    if not console.json:
        _print_draft(console, decided)
    if not yes and not _agrees(console):
        return _not_shared(console)
    handed = services.sharing.hand_out(vault, decided, seen_digest=decided.digest, form=form, most_views=views)
    if out is not None:
        out.write_bytes(as_file(handed.bundle))
    url = handed.link.url if handed.link else None
    if console.json:
        console.emit({"id": handed.share_id, "link": url, "file": str(out) if out else None,
                      "titles": [record.title for record in decided.records],
                      "papers": [each.paper.title for each in decided.enclosures],
                      "grants": grants_json(console, decided.grants)})
    elif url is not None:
        console.say(console.gettext(N_("Whoever has this link can read the records:")), bold=True)
        console.say(url)
        console.qr(url)
    else:
        console.say(console.gettext(N_("The file is ready. It cannot be taken back.")), bold=True)
    return 0


@click.command("shares", cls=BackpackCommand, help=N_("List what was handed out."), example="backpack-wallet shares")
@secret_file_option("passphrase")
@common_options
def shares(console: Console, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    found = services.sharing.shares(vault)
    if console.json:
        console.emit([_share_json(each) for each in found])
    elif found:
        console.table(
            [console.gettext(text) for text in (N_("Name"), N_("For"), N_("State"), N_("Opened"), N_("Until"))],
            [(each.id[:SHORT_ID], each.recipient, console.gettext(_STATES[each.state]),
              f"{each.views}/{each.most_views}" if each.most_views else "", console.day(each.until.date()))
             for each in found])
    else:
        console.say(console.gettext(N_("You have handed out nothing yet")))


@click.command("end-share", cls=BackpackCommand, context_settings=_ANY_NAME, help=N_("Take a link back."),
               example="backpack-wallet end-share 7hd2Kq9x")
@click.argument("name", metavar="SHARE")
@secret_file_option("passphrase")
@common_options
def end_share(console: Console, name: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    services.sharing.end(vault, _find_share(console, services, vault, name).id)
    if console.json:
        console.emit({"ended": True})
    else:
        console.say(console.gettext(
            N_("The link leads nowhere any more. Copies that were made before stay where they are.")))


@click.command(
    "packet", cls=BackpackCommand, context_settings=_ANY_NAME,
    help=N_("Write the transfer packet, or a teacher's first page, as a PDF file."),
    example="backpack-wallet packet 7hd2Kq9x packet.pdf")
@click.argument("name", metavar="SHARE")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--day-one", is_flag=True, help=N_("A teacher's first page instead of the transfer packet."))
@secret_file_option("passphrase")
@common_options
def packet(console: Console, name: str, out: Path, day_one: bool, passphrase_file: Path | None) -> None:
    from wallet.services.record.library import known_issuers
    from wallet.services.sharing.packet import read_packet

    services, vault = open_backpack(console, passphrase_file)
    found = _find_share(console, services, vault, name)
    link = services.sharing.find(vault, found.id)[1]
    with _pages(services, console.language):
        from wallet.web.packets import packet_pdf

        data = packet_pdf(read_packet(services.sharing.bundle(vault, found.id)), link.url if link else None,
                          "day_one" if day_one else "transfer", known_issuers(vault))
    out.write_bytes(data)
    if console.json:
        console.emit({"file": str(out)})
    else:
        console.say(console.gettext(N_("Written: %(file)s")) % {"file": out})


@click.command("export", cls=BackpackCommand, help=N_("Save everything as a zip file that can be read without us."),
               example="backpack-wallet export backpack.zip --all")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--all", "hidden", is_flag=True, help=N_("Also what is never shared, the log and all files."))
@secret_file_option("passphrase")
@common_options
def export(console: Console, out: Path, hidden: bool, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    environment = services.sharing.environment
    with _pages(services, console.language):
        from wallet.web.site import site_files

        more = site_files(vault, exports.records(vault, environment, hidden=hidden))
    data = exports.export(vault, environment, hidden=hidden, more=more)
    out.touch(mode=0o600)
    out.write_bytes(data)
    if console.json:
        console.emit({"file": str(out), "bytes": len(data)})
    else:
        console.say(console.gettext(N_("Written: %(file)s")) % {"file": out})
        console.note(console.gettext(N_("The file is not locked. Keep it where nobody else can open it.")))


@click.command("import", cls=BackpackCommand, help=N_("Take records from a file: each is checked, then kept."),
               example="backpack-wallet import backpack.zip")
@click.argument("file", metavar="FILE")
@secret_file_option("passphrase")
@common_options
def import_records(console: Console, file: str, passphrase_file: Path | None) -> int:
    services, vault = open_backpack(console, passphrase_file)
    documents = importing.read_file(read_input(file, max_bytes=importing.MOST_BYTES))
    imported = importing.keep(vault, services.sharing.environment, documents, file_name=Path(file).name)
    if console.json:
        console.emit({"kept": list(imported.kept), "known": imported.known,
                      "refused": [vars(each) for each in imported.refused]})
    else:
        console.say(console.ngettext("%(num)s record from the file was checked and kept.",
                                     "%(num)s records from the file were checked and kept.", len(imported.kept)))
        for each in imported.refused:
            console.note(console.gettext(N_("Left out: %(title)s (%(why)s)")) % {
                "title": each.title or console.gettext(N_("Record without a title")), "why": each.why})
    return 1 if imported.refused else 0


@click.command("practice", cls=BackpackCommand, help=N_("Practice sharing: a made-up request; nothing leaves."),
               example="backpack-wallet practice --greedy")
@click.option("--greedy", is_flag=True, help=N_("A request that asks for more than it needs."))
@secret_file_option("passphrase")
@common_options
def practice_sharing(console: Console, greedy: bool, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    environment, _ = services.sharing.environment, console.gettext
    name, purpose = (N_("Made-up Music Shop (practice)"), N_("To give you a student discount.")) if greedy else (
        N_("Made-up College (practice)"), N_("To decide about your application."))
    exercise = practice.exercise(vault, environment, "greedy" if greedy else "fair", name=_(name), purpose=_(purpose))
    chosen = tuple(each.card.item_id for asked in exercise.matching.asked for each in asked.candidates)[:3]
    sheet = practice.sheet(vault, environment, exercise, chosen)
    if console.json:
        console.emit({"practice": True, "host": sheet.host, "records": [record.title for record in sheet.records]})
        return
    console.say(_(N_("This is practice. Nobody asks, nothing leaves, and nothing is noted in the log.")), bold=True)
    print_sheet(console, sheet)


def _named(console: Console, choices: tuple[Choice, ...], names: tuple[str, ...]) -> list[Choice]:
    """The choices that ``names`` mean: a title, a key or its first letters, the signer's own id of the record, or all
    of one kind (``_WHOLE_KINDS``)."""
    found: dict[str, Choice] = {}
    for name in names:
        fitting = _fitting(choices, name)
        if not fitting or (len(fitting) > 1 and name not in _WHOLE_KINDS):
            raise click.UsageError(console.gettext(
                N_("No record is called %(name)s. The command list shows what each is called.")) % {"name": name})
        found |= {each.key: each for each in fitting}
    if not found:
        for each in choices:
            title = each.title or console.gettext(N_("About me, in the family's words"))
            console.note(f"  {each.key if '.' in each.key else each.key[:SHORT_ID]}  {title}")
        raise click.UsageError(console.gettext(N_("Choose with --record, once for each record.")))
    return list(found.values())


def _fitting(choices: tuple[Choice, ...], name: str) -> list[Choice]:
    if name in _WHOLE_KINDS:
        return [each for each in choices if each.kind == _WHOLE_KINDS[name]]
    fitting = [each for each in choices if name in (each.key, each.credential_id)]
    if not fitting and len(name) >= _LEAST:
        fitting = [each for each in choices if each.key.startswith(name) and "." not in each.key]
    return fitting or [each for each in choices if each.title and each.title.casefold() == name.casefold()]


def _draft(console: Console, vault: OpenVault, services: Services, keys: list[str], without: tuple[str, ...],
           said: Purpose) -> Draft:
    environment = services.sharing.environment
    whole = bundles.draft(vault, environment, [Chosen(key) for key in keys], said)
    if not without:
        return whole
    called = {name.casefold() for name in without}
    parts = {record.key: {part.id: {part.id.casefold(), label_of(part.kind, console.gettext).casefold()}
                          for part in record.parts} for record in whole.records}
    if not called <= {name for named in parts.values() for names in named.values() for name in names}:
        raise StateError("There is no such part that could be left out.")
    return bundles.draft(vault, environment, [
        Chosen(key, frozenset(part for part, names in parts.get(key, {}).items() if names & called)) for key in keys],
                         said)


def _print_draft(console: Console, decided: Draft) -> None:
    _ = console.gettext
    console.say(_(N_("For: %(who)s")) % {"who": decided.purpose.recipient}, bold=True)
    console.say(_(N_("Why: %(purpose)s")) % {"purpose": decided.purpose.purpose})
    console.say(_(N_("Until: %(day)s")) % {"day": console.day(decided.purpose.until.date())})
    console.say(_(N_("What leaves:")), bold=True)
    for record in decided.records:
        title = record.title or _(N_("About me, in the family's words"))
        signed = " · ".join(part for part in (record.issuer.name, record.issuer.host or record.issuer.id) if part)
        console.say(f"  {title} ({signed})")
        for value in record.leaves:
            if value.kind not in TECHNICAL:
                console.say(f"    {label_of(value.kind, _)}: {value.shown}")
        for said in record.comments:
            console.say("    " + _(N_("Comment by %(name)s")) % {"name": said.name} + f": {said.words}")
        for part in record.parts:
            state = N_("can stay: --without “%(part)s”") if part.leaves else N_("stays: %(part)s")
            console.note(f"    {label_of(part.kind, _)}: " + _(state) % {"part": label_of(part.kind, _)})
    for each in decided.enclosures:
        console.say(f"  {each.paper.title} ({_(N_('An old paper; nobody has verified it'))})")
    print_grants(console, decided.grants)
    console.say(_(N_("What always goes along:")), bold=True)
    for label in always_labels((value.kind for record in decided.records for value in record.always), _):
        console.say(f"  {label}")


def _agrees(console: Console) -> bool:
    if console.json or not sys.stdin.isatty():
        raise click.UsageError(console.gettext(N_("Nothing was shared. Say --yes to share it.")))
    return click.confirm(console.gettext(N_("Share this?")), default=None, err=True)


def _not_shared(console: Console) -> int:
    console.say(console.gettext(N_("Nothing was shared.")))
    return _NOT_SHARED


def _find_share(console: Console, services: Services, vault: OpenVault, name: str) -> Share:
    found = [each for each in services.sharing.shares(vault)
             if each.id == name or (len(name) >= _LEAST and each.id.startswith(name))]
    if len(found) != 1:
        raise click.UsageError(console.gettext(
            N_("Nothing is called %(name)s. The command shares shows what each is called.")) % {"name": name})
    return found[0]


def _share_json(share: Share) -> dict[str, Any]:
    moments = {"at": share.at, "until": share.until, "last_view_at": share.last_view_at}
    return {**vars(share), "titles": list(share.titles),
            **{name: moment.isoformat() if moment else None for name, moment in moments.items()}}


@contextmanager
def _pages(services: Services, language: str) -> Iterator[None]:
    """The pages' templates, in the language of the terminal."""
    from wallet.web import create_app  # pages are slow to import, and few commands need them

    with create_app(services).test_request_context(
            base_url=services.config.origin, headers={"Accept-Language": language}):
        yield


_STATES = {"open": N_("works"), "over": N_("The time is over."), "used-up": N_("The link is used up."),
           "ended": N_("The link was taken back.")}
