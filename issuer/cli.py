"""``backpack-issuer``: school exports in, signed records out."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from credkit.environment import SystemRandomness
from credkit.errors import StateError
from credkit.shape import format_date_time
from issuer.bootstrap import (
    Services,
    build_services,
    initialise_issuer,
    is_initialised,
)
from issuer.config import Config, from_environ
from issuer.importing import MAX_FILE_BYTES
from issuer.importing.errors import FileProblem
from issuer.importing.model import NOTES, group_notes
from issuer.services.awarding import BadgeWords
from issuer.services.imports import Outcome, Reading
from issuer.services.offers import MadeOffer
from issuer.services.setup import LANGUAGES, OPERATOR
from issuer.services.students import StudentView
from issuer.store import Credential
from ui.cli import N_, Console, backpack_group, common_options, read_input, read_secret, secret_file_option
from ui.handover import build_handover
from ui.passwords import hash_password
from ui.text import one_line

TRANSLATIONS = Path(__file__).parent / "web" / "translations"
CLI_ACTOR = "command line"
_PASSPHRASE = "BACKPACK_PASSPHRASE"
_SHOWN_NOTES = 20
_KINDS = {"course": N_("Course"), "transcript": N_("Transcript"), "badge": N_("Badge")}

main = backpack_group(
    "backpack-issuer", role="issuer", help=N_("Turn school records into signed records that families keep."),
    folders=(TRANSLATIONS,),
)


@main.command(
    "init", help=N_("Make an issuer: its keys, its login, its address."),
    example="backpack-issuer init --origin https://school.example --name 'Lincoln High' --wallet https://wallet.example",
)
@click.option("--origin", required=True, help=N_("The address of this issuer, such as https://school.example."))
@click.option("--name", help=N_("The name of the school or tutor, as it stands on the records."))
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
              help=N_("The language in which records are written."))
@click.option("--wallet", "wallets", multiple=True,
              help=N_("The address of a wallet your families use; may be repeated."))
@secret_file_option("passphrase")
@common_options
def init(console: Console, origin: str, name: str | None, language: str, wallets: tuple[str, ...],
         passphrase_file: Path | None) -> None:
    config = _config(console)
    if is_initialised(config):
        raise StateError("There is an issuer in this folder already. Nothing was changed.")
    made = _make_password() if _nobody_to_ask(passphrase_file) else None
    password = made or read_secret(console, console.gettext(N_("Password of the operator")), file=passphrase_file,
                                   variable=_PASSPHRASE, confirm=True)
    hashed = hash_password(password, SystemRandomness().token_bytes(16))
    identity = initialise_issuer(config, origin=origin, password_hash=hashed, name=name, wallets=wallets,
                                 language=language)
    if console.json:
        console.emit({"origin": identity.origin, "did": identity.did, "name": identity.name,
                      "wallets": list(identity.wallets), "login": OPERATOR} | ({"password": made} if made else {}))
        return
    console.say(console.gettext(N_("The issuer is ready.")), bold=True)
    console.say(console.gettext(N_("Its name on records: %(name)s")) % {"name": identity.name})
    console.say(console.gettext(N_("Its address: %(origin)s")) % {"origin": identity.origin})
    console.say(console.gettext(N_("Its identifier: %(did)s")) % {"did": identity.did})
    console.say(console.gettext(N_("Sign in as: %(name)s")) % {"name": OPERATOR})
    if made:
        console.say(console.gettext(N_("With this password, shown only now: %(password)s")) % {"password": made})
    console.say(console.gettext(N_("Start it: backpack-issuer serve")))


@main.command("serve", help=N_("Start the pages and answer wallets."), example="backpack-issuer serve --port 8101")
@click.option("--host", help=N_("The address to listen on; by default this machine only."))
@click.option("--port", type=click.IntRange(1, 65535), help=N_("The port to listen on; by default that of the origin."))
@common_options
def serve(console: Console, host: str | None, port: int | None) -> None:
    from issuer.web import create_app  # pages load slowly; the other commands do without them
    from ui.web import serve as serve_app

    config = _config(console)
    origin = build_services(config).office.identity.origin
    ready = console.gettext(N_("The issuer answers at %(origin)s. Stop it with Ctrl-C.")) % {"origin": origin}
    serve_app(lambda: create_app(build_services(config)), host or "127.0.0.1", port or urlsplit(origin).port or 8101,
              on_ready=lambda: console.note(ready))


@main.command(
    "import", help=N_("Read a school export and draft its records: OneRoster 1.2 zip or PESC transcript."),
    example="backpack-issuer import export.zip",
)
@click.argument("file")
@click.option("--dry-run", is_flag=True, help=N_("Only show what was understood; keep nothing."))
@common_options
def import_file(console: Console, file: str, dry_run: bool) -> int:
    services = _services(console)
    data = read_input(file, max_bytes=MAX_FILE_BYTES)
    name = Path(file).name
    try:
        reading = services.imports.look(data, name) if dry_run else services.imports.receive(data, name, CLI_ACTOR)
    except FileProblem as problem:
        raise type(problem)(console.gettext(problem.message), **problem.values) from problem
    outcome = None if dry_run else services.imports.confirm(reading.id, CLI_ACTOR)
    if console.json:
        console.emit(_reading_to_json(reading, outcome))
    else:
        _show_reading(console, reading)
        if outcome is not None:
            _show_outcome(console, outcome)
    return 1 if outcome is not None and outcome.refused else 0


@main.command(
    "offer", help=N_("Offer a student all records that wait: the link, the code to scan, and the code to give apart."),
    example="backpack-issuer offer --student 20391",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--again", is_flag=True, help=N_("Also what was collected before, for a family that lost its wallet."))
@common_options
def offer(console: Console, number: str, again: bool) -> None:
    services = _services(console)
    person = services.students.find(number)
    made = services.offers.offer_student(person.id, CLI_ACTOR, again=again)
    handover = build_handover("offer", {"credential_offer_uri": made.offer_url}, services.office.identity.wallets)
    if console.json:
        console.emit(_offer_to_json(made, [link.url for link in handover.wallets], handover.scheme_link))
        return
    console.say(f"{person.name} ({person.number})", bold=True)
    waiting = made.claim.progress.total - made.claim.progress.collected
    console.say(console.ngettext("%(num)s record to collect", "%(num)s records to collect", waiting))
    for link in handover.wallets:
        console.say(console.gettext(N_("Open in %(wallet)s: %(url)s")) % {"wallet": link.host, "url": link.url})
    console.say(console.gettext(N_("Any wallet on the phone: %(url)s")) % {"url": handover.scheme_link})
    console.qr(handover.code_text)
    console.say(console.gettext(N_("For a printed sheet, good until %(day)s: %(url)s")) % {
        "day": console.day(made.claim.claim.expires_at), "url": made.page_url})
    console.say()
    console.say(console.gettext(N_("Code to give apart, by voice or on another sheet: %(code)s")) % {
        "code": made.tx_code}, bold=True)


@main.command(
    "award", help=N_("Award a badge to a student."),
    example="backpack-issuer award --student 7 --given-name Ana --family-name Ruiz --badge 'Fractions' "
            "--description 'Works with fractions' --criteria 'Solve the ten tasks'",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--given-name", default="", help=N_("The given name, for a student who is new here."))
@click.option("--family-name", default="", help=N_("The family names, for a student who is new here."))
@click.option("--badge", "title", required=True, help=N_("What the badge is called."))
@click.option("--description", required=True, help=N_("What it stands for, in a sentence."))
@click.option("--criteria", required=True, help=N_("What one has to do for it."))
@click.option("--story", help=N_("What this student did for it."))
@common_options
def award(console: Console, number: str, given_name: str, family_name: str, title: str, description: str, criteria: str,
          story: str | None) -> None:
    services = _services(console)
    credential = services.awarding.award(number, BadgeWords(title, description, criteria), CLI_ACTOR,
                                         name=(given_name, family_name), narrative=story)
    if console.json:
        console.emit({"id": credential.id, "title": credential.title, "student": number})
        return
    ready = console.gettext(N_("The badge “%(title)s” is ready to be collected."))
    console.say(ready % {"title": credential.title}, bold=True)
    console.say(console.gettext(N_("Its number: %(id)s")) % {"id": credential.id})
    console.say(console.gettext(N_("Offer it: backpack-issuer offer --student %(number)s")) % {"number": number})


@main.command(
    "revoke", help=N_("Take a record back. This cannot be undone."),
    example="backpack-issuer revoke urn:uuid:8f2d… --reason 'The grade was wrong'",
)
@click.argument("credential_id", metavar="ID")
@click.option("--reason", default="", help=N_("Why, in a few words; it stays at this office."))
@common_options
def revoke(console: Console, credential_id: str, reason: str) -> None:
    services = _services(console)
    credential, person = services.students.credential(credential_id)
    why = reason or console.gettext(N_("No reason was given on the command line."))
    revocation = services.revoking.revoke(credential.id, CLI_ACTOR, why)
    if console.json:
        console.emit({"id": credential.id, "title": credential.title, "student": person.number,
                      "revoked_at": format_date_time(revocation.revoked_at)})
        return
    console.say(console.gettext(N_("“%(title)s” was taken back.")) % {"title": credential.title}, bold=True)
    console.say(console.gettext(N_("Everybody who checks it from now on sees that, also inside the transcript.")))


@main.command(
    "students", help=N_("List the students, or one student's records."),
    example="backpack-issuer students --student 20391",
)
@click.option("--student", "number", help=N_("The student's number."))
@common_options
def students(console: Console, number: str | None) -> None:
    services = _services(console)
    if number is not None:
        _show_student(console, services.students.view(services.students.find(number).id))
        return
    lines = services.students.all()
    if console.json:
        console.emit([{"number": line.person.number, "name": line.person.name, "collected": line.progress.collected,
                       "records": line.progress.total} for line in lines])
        return
    if not lines:
        console.say(console.gettext(N_("There are no students yet. Import a school export first.")))
        return
    headers = [console.gettext(word) for word in (N_("Number"), N_("Name"), N_("Collected"))]
    console.table(headers, [
        [line.person.number, line.person.name, _of(console, line.progress.collected, line.progress.total)]
        for line in lines
    ])


@main.command("log", help=N_("Show what was done here, the newest first, and whether the log is whole."),
              example="backpack-issuer log --limit 20")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help=N_("How many lines."))
@common_options
def log(console: Console, limit: int) -> int:
    services = _services(console)
    entries, broken = services.students.log(limit=limit), services.students.first_broken_log_entry()
    if console.json:
        console.emit({"whole": broken is None, "entries": [
            {"number": entry.seq, "at": format_date_time(entry.at), "event": entry.event, "actor": entry.actor,
             "about": entry.subject, "detail": entry.detail} for entry in entries]})
        return 0 if broken is None else 1
    headers = [console.gettext(word) for word in (N_("No."), N_("When"), N_("What"), N_("Who"), N_("About"))]
    console.table(headers, [[str(entry.seq), console.moment(entry.at), entry.event, entry.actor, entry.subject]
                            for entry in entries])
    if broken is None:
        console.note(console.gettext(N_("The log is whole: no line was changed or removed.")))
        return 0
    console.note(console.gettext(N_("The log was changed at line %(number)s.")) % {"number": broken})
    return 1


def _nobody_to_ask(passphrase_file: Path | None) -> bool:
    """Whether no password was given and nobody sits at a terminal to type one."""
    return passphrase_file is None and _PASSPHRASE not in os.environ and not sys.stdin.isatty()


def _make_password() -> str:
    """A password of 100 bits that can be read aloud."""
    text = base64.b32encode(SystemRandomness().token_bytes(13)).decode().lower()[:20]
    return "-".join(text[start:start + 5] for start in range(0, 20, 5))


def _config(console: Console) -> Config:
    return from_environ(os.environ, data=console.data)


def _services(console: Console) -> Services:
    return build_services(_config(console))


def _of(console: Console, done: int, total: int) -> str:
    return console.gettext(N_("%(done)s of %(total)s")) % {"done": done, "total": total}


def _state(console: Console, credential: Credential) -> str:
    if credential.revoked_at is not None:
        return console.gettext(N_("taken back"))
    return console.gettext(N_("collected") if credential.is_collected else N_("waiting"))


def _show_student(console: Console, view: StudentView) -> None:
    if console.json:
        console.emit({"number": view.person.number, "name": view.person.name, "records": [
            {"id": each.id, "kind": each.kind, "title": each.title, "collected": each.is_collected,
             "revoked_at": None if each.revoked_at is None else format_date_time(each.revoked_at)}
            for each in view.credentials]})
        return
    console.say(f"{view.person.name} ({view.person.number})", bold=True)
    console.say(_of(console, view.progress.collected, view.progress.total) + " " + console.gettext(N_("collected")))
    headers = [console.gettext(word) for word in (N_("Record"), N_("Kind"), N_("State"), N_("Its number"))]
    console.table(headers, [[each.title, console.gettext(_KINDS[each.kind]), _state(console, each), each.id]
                            for each in view.credentials])


def _show_reading(console: Console, reading: Reading) -> None:
    roster = reading.roster
    console.say(console.gettext(N_("We read %(file)s as %(format)s.")) % {
        "file": reading.file_name, "format": roster.format}, bold=True)
    for student in roster.students:
        console.say()
        console.say(f"{student.name} ({student.number})", bold=True)
        if not student.courses:
            console.say("  " + console.gettext(N_("No courses.")))
        for course in student.courses:
            grades = ", ".join(grade.value for grade in course.grades) or console.gettext(N_("no grade yet"))
            term = course.term.label if course.term is not None else ""
            console.say("  " + " · ".join(part for part in (course.title, term, grades) if part))
    if roster.notes:
        console.say()
        console.say(console.gettext(N_("What we did not use, or want you to look at:")), bold=True)
    grouped = group_notes(roster.notes)
    for note, lines in grouped[:_SHOWN_NOTES]:
        place = note.file + "".join(f"{mark}{line}" for mark, line in zip(":" + "," * len(lines), lines, strict=False))
        console.say(f"  {one_line(place, 60)}  " + console.gettext(NOTES[note.code]) % dict(note.values))
    if len(grouped) > _SHOWN_NOTES:
        more = console.gettext(N_("… and more: %(count)s. See them with --json."))
        console.say("  " + more % {"count": len(grouped) - _SHOWN_NOTES})


def _show_outcome(console: Console, outcome: Outcome) -> None:
    console.say()
    console.say(console.ngettext("%(num)s student kept.", "%(num)s students kept.", outcome.students), bold=True)
    console.say(console.ngettext("%(num)s new record drafted.", "%(num)s new records drafted.", outcome.new))
    if outcome.renewed:
        console.say(console.ngettext("%(num)s record changed.", "%(num)s records changed.", outcome.renewed))
    if outcome.unchanged:
        console.say(console.ngettext("%(num)s record as before.", "%(num)s records as before.", outcome.unchanged))
    for number, reason in outcome.refused:
        console.note(console.gettext(N_("No records for student %(number)s: %(reason)s.")) % {
            "number": number, "reason": reason})


def _reading_to_json(reading: Reading, outcome: Outcome | None) -> dict[str, object]:
    roster = reading.roster
    return {
        "file": reading.file_name, "format": roster.format,
        "students": [
            {"number": student.number, "name": student.name, "courses": [
                {"title": course.title, "code": course.code, "term": course.term.label if course.term else None,
                 "status": course.status, "credits": course.credits_available,
                 "grades": [grade.value for grade in course.grades], "file": course.file, "line": course.line}
                for course in student.courses]}
            for student in roster.students
        ],
        "notes": [{"file": note.file, "line": note.line, "code": note.code, "sentence": note.sentence}
                  for note in roster.notes],
        "drafted": None if outcome is None else {
            "students": outcome.students, "new": outcome.new, "renewed": outcome.renewed,
            "unchanged": outcome.unchanged, "refused": [list(pair) for pair in outcome.refused]},
    }


def _offer_to_json(made: MadeOffer, wallet_links: list[str], scheme_link: str) -> dict[str, object]:
    return {
        "offer": scheme_link, "credential_offer_uri": made.offer_url, "wallets": wallet_links, "tx_code": made.tx_code,
        "page": made.page_url, "expires_at": format_date_time(made.offer.expires_at),
        "records": [{"id": item.credential_id, "kind": item.kind, "title": item.title} for item in made.claim.items],
    }
