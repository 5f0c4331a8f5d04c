"""The profile, the portfolio, old papers and letters to schools, in a terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, cast

import click

from credkit.profiles.family import STATEMENT_KINDS
from ui.cli import N_, BackpackCommand, Console, common_options, read_input, secret_file_option
from ui.images import clean_picture
from ui.languages import LANGUAGES, load_translations
from wallet.bootstrap import Services
from wallet.cli.group import SHORT_ID, main, open_backpack
from wallet.cli.record import by_short_id, environment_of
from wallet.services.record import about_me, files, letters, portfolio, tracker, unverified
from wallet.services.record import profile as profile_service
from wallet.services.record.checklist import checklist as read_checklist
from wallet.services.record.library import Card
from wallet.services.record.record_words import ASKED, ASKED_STATES, CATEGORIES, ELEMENTS, STATEMENTS
from wallet.services.record.tracker import Deadline, Kind, Letter
from wallet.vault import OpenVault

_MOST_BYTES = 20_000_000


@click.command("profile", cls=BackpackCommand, help=N_("Print the learner profile, strengths first."),
               example="backpack-wallet profile")
@secret_file_option("passphrase")
@common_options
def profile(console: Console, passphrase_file: Path | None) -> None:
    _services, vault = open_backpack(console, passphrase_file)
    shown = profile_service.profile(vault)
    parts = [(N_("Courses and tests"), shown.others), *((CATEGORIES[name], cards)
             for name, cards in shown.personal.items()), (N_("Portfolio"), shown.pieces),
             (N_("Supports"), shown.supports), (N_("Everything else"), shown.rest)]
    if console.json:
        console.emit({
            "statements": [vars(each) for _kind, several in shown.statements for each in several],
            "transcripts": [card.item_id for card in shown.transcripts],
            "records": [{"id": card.item_id, "category": card.category, "title": card.title,
                         "voice": profile_service.voice_of(card)} for _title, cards in parts for card in cards]})
        return
    for kind, several in shown.statements:
        console.say(console.gettext(STATEMENTS[kind]), bold=True)
        for each in several:
            console.say(f"  {each.text} ({each.name})")
    _print_cards(console, N_("Transcripts"), shown.transcripts)
    for title, cards in parts:
        _print_cards(console, title, cards)


def _print_cards(console: Console, title: str, cards: tuple[Card, ...]) -> None:
    if cards:
        console.say(console.gettext(title), bold=True)
    for card in cards:
        console.say(f"  {card.item_id[:SHORT_ID]}  {card.title} · {card.issuer.name}")


@click.command("say", cls=BackpackCommand, help=N_("Say something about the student, signed by you."),
               example="backpack-wallet say strength 'Patient with small children' --name 'Ana Núñez, mother'")
@click.argument("kind", type=click.Choice(list(STATEMENT_KINDS)))
@click.argument("text")
@click.option("--name", required=True, help=N_("Who says it, as readers will see it."))
@click.option("--language", type=click.Choice(list(LANGUAGES)), help=N_("Language of the text."))
@secret_file_option("passphrase")
@common_options
def say(console: Console, kind: str, text: str, name: str, language: str | None, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    about_me.say(vault, environment_of(services), kind=kind, words=text, language=language or console.language,
                 name=name)
    if console.json:
        console.emit({"kind": kind, "text": text})
    else:
        console.say(console.gettext(N_("It is kept, signed by you.")))


@click.command("checklist", cls=BackpackCommand, help=N_("Print what a Backpack holds, and what is missing in yours."),
               example="backpack-wallet checklist")
@secret_file_option("passphrase")
@common_options
def checklist(console: Console, passphrase_file: Path | None) -> None:
    _services, vault = open_backpack(console, passphrase_file)
    found = read_checklist(vault)
    if console.json:
        console.emit({"had": found.had, "total": found.total, "elements": [
            {"name": each.name, "have": each.have, "elsewhere": each.elsewhere,
             "records": [item_id for item_id, _title in each.records]} for each in found.elements]})
        return
    console.say(console.gettext(N_("%(had)s of %(total)s are here.")) % {"had": found.had, "total": found.total},
                bold=True)
    for each in found.elements:
        title, _what, who = ELEMENTS[each.name]
        state = N_("Lies elsewhere") if each.elsewhere else N_("Here") if each.have else N_("Missing")
        console.say(f"{console.gettext(state)}: {console.gettext(title)}")
        if not each.have:
            console.say("  " + console.gettext(N_("Who can give it:")) + " " + console.gettext(who))


@click.command("add-work", cls=BackpackCommand, help=N_("Put a personal best into the portfolio."),
               example="backpack-wallet add-work bridge.jpg --title 'A bridge' --text 'It held 12 kg.' --name Daniela")
@click.argument("paths", metavar="FILE...", nargs=-1)
@click.option("--title", required=True, help=N_("What it is called."))
@click.option("--text", required=True, help=N_("What you say."))
@click.option("--name", required=True, help=N_("Who says it, as readers will see it."))
@click.option("--language", type=click.Choice(list(LANGUAGES)), help=N_("Language of the text."))
@secret_file_option("passphrase")
@common_options
def add_work(console: Console, paths: tuple[str, ...], title: str, text: str, name: str, language: str | None,
             passphrase_file: Path | None) -> None:
    works = [files.prepare(Path(path).name, read_input(path, max_bytes=_MOST_BYTES), clean_picture) for path in paths]
    services, vault = open_backpack(console, passphrase_file)
    item_id = portfolio.add(vault, environment_of(services), title=title, words=text, name=name,
                            language=language or console.language, works=works)
    _added(console, item_id, N_("It is in the portfolio now."))


@click.command("keep", cls=BackpackCommand, help=N_("Keep an old paper, as never verified: a photo, a PDF or a CSV."),
               example="backpack-wallet keep boleta.pdf --title 'Report card 2024'")
@click.argument("path", metavar="FILE")
@click.option("--title", required=True, help=N_("What it is called."))
@click.option("--note", default="", help=N_("A note for yourself."))
@secret_file_option("passphrase")
@common_options
def keep(console: Console, path: str, title: str, note: str, passphrase_file: Path | None) -> None:
    file = files.prepare(Path(path).name, read_input(path, max_bytes=_MOST_BYTES), clean_picture, tables=True)
    services, vault = open_backpack(console, passphrase_file)
    paper_id = unverified.keep(vault, environment_of(services), title=title, note=note, name=file.name,
                               media_type=file.media_type, data=file.data)
    _added(console, paper_id, N_("It is kept. Nobody has verified it."))


def _added(console: Console, item_id: str, sentence: str) -> None:
    if console.json:
        console.emit({"id": item_id})
    else:
        console.say(item_id[:SHORT_ID])
        console.note(console.gettext(sentence))


@click.command("papers", cls=BackpackCommand, help=N_("Print the old papers that nobody has verified."),
               example="backpack-wallet papers")
@secret_file_option("passphrase")
@common_options
def papers(console: Console, passphrase_file: Path | None) -> None:
    _services, vault = open_backpack(console, passphrase_file)
    found = unverified.papers(vault)
    if console.json:
        console.emit([vars(paper) | {"verified": False} for paper in found])
    elif found:
        console.table([console.gettext(text) for text in (N_("Id"), N_("Title"), N_("State"))],
                      [(paper.id[:SHORT_ID], paper.title, console.gettext(N_("Not verified"))) for paper in found])
    else:
        console.say(console.gettext(N_("No old paper is kept yet")))


@click.command("letter", cls=BackpackCommand, help=N_("Write a letter to a school, in English and Spanish."),
               example="backpack-wallet letter former-school --school 'Escuela Juárez' --student Daniela --from Ana")
@click.argument("kind", type=click.Choice(list(tracker.KINDS)))
@click.option("--school", required=True, help=N_("School or office"))
@click.option("--student", required=True, help=N_("Name of the student"))
@click.option("--from", "writer", required=True, help=N_("Who signs the letter"))
@click.option("--about", default="", help=N_("Which record"))
@click.option("--text", default="", help=N_("What is wrong, and what it should say"))
@click.option("--due", type=click.Choice(list(tracker.DEADLINES)), default="45-days",
              help=N_("How the day is counted"))
@secret_file_option("passphrase")
@common_options
def letter(console: Console, kind: str, school: str, student: str, writer: str, about: str, text: str, due: str,
           passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    written = Letter(school, student, writer, about=about, words=text)
    request_id = tracker.prepare(vault, environment_of(services), kind=cast(Kind, kind), deadline=cast(Deadline, due),
                                 letter=written)
    if console.json:
        console.emit({"id": request_id})
        return
    _print_letter(console, cast(Kind, kind), written, cast(Deadline, due))
    console.note(f"{request_id[:SHORT_ID]}  " + console.gettext(N_("Not sent yet")))


def _print_letter(console: Console, kind: Kind, written: Letter, due: Deadline) -> None:
    for code in LANGUAGES:
        translate = load_translations(code, main.folders).gettext
        console.say(written.school)
        console.say(letters.subject_of(kind, written, translate), bold=True)
        for paragraph in letters.paragraphs(kind, written, due, translate):
            console.say(paragraph)
        console.say(written.writer)
        console.say()


@click.command("letters", cls=BackpackCommand, help=N_("Print the letters to schools and the days answers are due."),
               example="backpack-wallet letters 7hd2Kq9x --sent 2026-06-01")
@click.argument("name", metavar="[ID]", required=False)
@click.option("--sent", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help=N_("Note the day it was sent."))
@click.option("--answered", is_flag=True, help=N_("Note that an answer came."))
@click.option("--note", default="", help=N_("What came of it"))
@secret_file_option("passphrase")
@common_options
def list_letters(console: Console, name: str | None, sent: Any, answered: bool, note: str,
                 passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    today = services.clock.now().date()
    if name is not None:
        request_id = by_short_id(console, [line.id for line in tracker.requests(vault, today)], name)
        _change(services, vault, request_id, sent.date() if sent else None, note if answered else None)
        if not console.json and sent is None and not answered:
            asked, written, due, _note = tracker.show(vault, request_id, today)
            _print_letter(console, asked.kind, written, due)
            return
    elif sent or answered:
        raise click.UsageError(console.gettext(N_("Name the letter.")))
    lines = tracker.requests(vault, today)
    if console.json:
        console.emit([{"id": line.id, "kind": line.kind, "school": line.school, "state": line.state,
                       "due_on": line.due_on.isoformat() if line.due_on else None, "overdue": line.overdue}
                      for line in lines])
        return
    console.table(
        [console.gettext(text) for text in (N_("Id"), N_("Kind"), N_("School or office"), N_("State"), N_("Due"))],
        [(line.id[:SHORT_ID], console.gettext(ASKED[line.kind]), line.school,
          console.gettext(N_("Overdue") if line.overdue else ASKED_STATES[line.state]),
          console.day(line.due_on) if line.due_on else "") for line in lines])


def _change(services: Services, vault: OpenVault, request_id: str, sent: date | None, answer: str | None) -> None:
    if sent is not None:
        tracker.mark_sent(vault, environment_of(services), request_id, sent)
    if answer is not None:
        tracker.close(vault, environment_of(services), request_id, answered=True, note=answer)
