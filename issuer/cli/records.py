"""Commands about records: exports in, records by form, students, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from credkit.errors import StateError
from credkit.shape import format_date_time
from issuer.bootstrap import Services
from issuer.cli.group import CLI_ACTOR, KINDS, services_of, share_of
from issuer.importing import MAX_FILE_BYTES
from issuer.importing.errors import FileProblem
from issuer.importing.model import NOTES, group_notes
from issuer.services.awarding import BadgeWords
from issuer.services.imports import Outcome, Reading
from issuer.services.students import StudentView
from issuer.services.templates import TEMPLATES, AnswersProblem
from issuer.store import Credential
from ui.cli import N_, BackpackCommand, Console, common_options, read_input
from ui.text import one_line

_SHOWN_NOTES = 20


@click.command(
    "import", cls=BackpackCommand,
    help=N_("Read a school export and draft its records: OneRoster, Ed-Fi, PESC or CASE."),
    example="backpack-issuer import export.zip",
)
@click.argument("file")
@click.option("--dry-run", is_flag=True, help=N_("Only show what was understood; keep nothing."))
@common_options
def import_file(console: Console, file: str, dry_run: bool) -> int:
    services = services_of(console)
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


@click.command(
    "award", cls=BackpackCommand, help=N_("Award a badge to a student, or make another record from a template."),
    example="backpack-issuer award --student 20391 --template attendance --set 'term=Fall 2025' --set days_absent=4",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--template", "template_name", help=N_("Which kind of record; see backpack-issuer templates."))
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
              help=N_("An answer to one of the template's questions; may be repeated."))
@click.option("--given-name", default="", help=N_("The given name, for a student who is new here."))
@click.option("--family-name", default="", help=N_("The family names, for a student who is new here."))
@click.option("--badge", "title", help=N_("What the badge is called."))
@click.option("--description", help=N_("What it stands for, in a sentence."))
@click.option("--criteria", help=N_("What one has to do for it."))
@click.option("--story", help=N_("What this student did for it."))
@common_options
def award(console: Console, number: str, template_name: str | None, settings: tuple[str, ...], given_name: str,
          family_name: str, title: str | None, description: str | None, criteria: str | None,
          story: str | None) -> None:
    services = services_of(console)
    if template_name is not None:
        if title is not None:
            raise click.UsageError(console.gettext(N_("Give either a template or a badge.")))
        credential = _award_template(console, services, number, template_name, settings)
    elif title is None or description is None or criteria is None or settings:
        raise click.UsageError(console.gettext(N_("Give --template, or --badge, --description and --criteria.")))
    else:
        credential = services.awarding.award(number, BadgeWords(title, description, criteria), CLI_ACTOR,
                                             name=(given_name, family_name), narrative=story)
    if console.json:
        console.emit({"id": credential.id, "kind": credential.kind, "title": credential.title, "student": number})
        return
    ready = console.gettext(N_("“%(title)s” is ready to be collected."))
    console.say(ready % {"title": credential.title}, bold=True)
    console.say(console.gettext(N_("Its number: %(id)s")) % {"id": credential.id})
    console.say(console.gettext(N_("Offer it: backpack-issuer offer --student %(number)s")) % {"number": number})


def _award_template(console: Console, services: Services, number: str, name: str,
                    settings: Sequence[str]) -> Credential:
    if name not in {each.name for each in TEMPLATES}:
        raise click.UsageError(console.gettext(N_("There is no such template. See backpack-issuer templates.")))
    answers = dict(setting.partition("=")[::2] for setting in settings)
    if len(answers) != len(settings) or not all("=" in setting for setting in settings):
        raise click.UsageError(console.gettext(N_("Write each answer once, as NAME=VALUE.")))
    try:
        return services.forms.issue(services.students.find(number).id, name, answers, CLI_ACTOR)
    except AnswersProblem as problem:
        for question, sentence in problem.errors.items():
            console.note(f"{question}: {console.gettext(sentence)}")
        raise StateError("Some answers cannot be taken. Nothing was changed.") from problem


@click.command(
    "templates", cls=BackpackCommand, help=N_("List the kinds of records that can be made, or one kind's questions."),
    example="backpack-issuer templates assessment",
)
@click.argument("name", required=False)
@common_options
def templates(console: Console, name: str | None) -> None:
    chosen = [each for each in TEMPLATES if name in (None, each.name)]
    if not chosen:
        raise click.UsageError(console.gettext(N_("There is no such template. See backpack-issuer templates.")))
    if console.json:
        console.emit([{"template": each.name, "achievement_type": each.achievement_type, "sensitive": each.sensitive,
                       "questions": [{"name": question.name, "kind": question.kind, "required": question.required,
                                      "choices": [value for value, _label in question.options]}
                                     for question in each.fields]} for each in chosen])
        return
    if name is None:
        console.table([console.gettext(N_("Template")), console.gettext(N_("What it is"))],
                      [[each.name, console.gettext(each.title)] for each in chosen])
        return
    console.say(console.gettext(chosen[0].title), bold=True)
    headers = [console.gettext(word) for word in (N_("Name"), N_("Question"), N_("Needed"), N_("Choices"))]
    console.table(headers, [
        [each.name, console.gettext(each.label), console.gettext(N_("yes") if each.required else N_("no")),
         ", ".join(value for value, _label in each.options)] for each in chosen[0].fields])


@click.command(
    "endorse", cls=BackpackCommand, help=N_("Make a teacher's word on a work or a record of a student."),
    example="backpack-issuer endorse --student 20391 --work urn:uuid:8f2d… --teacher 'Rosa Rivera' "
            "--comment 'Clear steps, own words'",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--work", required=True, help=N_("Number of the record or the work, as the family's wallet shows it."))
@click.option("--teacher", required=True, help=N_("The teacher's name, as it will stand there."))
@click.option("--comment", required=True, help=N_("What the teacher says."))
@common_options
def endorse(console: Console, number: str, work: str, teacher: str, comment: str) -> None:
    services = services_of(console)
    person = services.students.find(number)
    credential = services.endorsing.issue(person.id, work, teacher, comment, CLI_ACTOR)
    if console.json:
        console.emit({"id": credential.id, "kind": credential.kind, "title": credential.title, "student": number})
        return
    ready = console.gettext(N_("“%(title)s” is ready to be collected."))
    console.say(ready % {"title": credential.title}, bold=True)
    console.say(console.gettext(N_("Offer it: backpack-issuer offer --student %(number)s")) % {"number": number})


@click.command(
    "leave", cls=BackpackCommand, help=N_("Note on which day a student left, so that another school may ask."),
    example="backpack-issuer leave --student 20391 --on 2026-05-29",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--on", "on", type=click.DateTime(formats=["%Y-%m-%d"]), help=N_("The last day at this school."))
@click.option("--back", is_flag=True, help=N_("The student is here or came back."))
@common_options
def leave(console: Console, number: str, on: datetime | None, back: bool) -> None:
    if (on is None) != back:
        raise click.UsageError(console.gettext(N_("Give either --on or --back.")))
    services = services_of(console)
    day = None if on is None else on.date()
    services.students.leave(services.students.find(number).id, day, CLI_ACTOR)
    if console.json:
        console.emit({"student": number, "left_on": None if day is None else day.isoformat()})
        return
    console.say(console.gettext(N_("Noted.")))


@click.command(
    "delete", cls=BackpackCommand, help=N_("Delete a student for good. What the family collected stays theirs."),
    example="backpack-issuer delete --student 20391",
)
@click.option("--student", "number", required=True, help=N_("The student's number."))
@click.option("--yes", is_flag=True, help=N_("Delete without asking again."))
@common_options
def delete(console: Console, number: str, yes: bool) -> None:
    services = services_of(console)
    person = services.students.find(number)
    weighed = services.deleting.weigh(person.id)
    if not yes:
        if console.json:
            raise click.UsageError(console.gettext(N_("With --json say --yes.")))
        console.say(f"{person.name} ({person.number})", bold=True)
        words = console.gettext(N_("Courses: %(courses)s. Records: %(records)s. Collected by the family: %(kept)s."))
        console.say(words % {"courses": weighed.courses, "records": weighed.records, "kept": weighed.collected})
        console.say(console.gettext(N_("This cannot be undone. You can no longer take these records back.")))
        if not click.confirm(console.gettext(N_("Delete this student?")), default=False):
            console.note(console.gettext(N_("Nothing was deleted.")))
            return
    services.deleting.delete(person.id, CLI_ACTOR, number=person.number)
    if console.json:
        console.emit({"student": person.number, "courses": weighed.courses, "records": weighed.records,
                      "collected": weighed.collected})
        return
    console.say(console.gettext(N_("Deleted.")))


@click.command(
    "revoke", cls=BackpackCommand, help=N_("Take a record back. This cannot be undone."),
    example="backpack-issuer revoke urn:uuid:8f2d… --reason 'The grade was wrong'",
)
@click.argument("credential_id", metavar="ID")
@click.option("--reason", default="", help=N_("Why, in a few words; it stays at this office."))
@common_options
def revoke(console: Console, credential_id: str, reason: str) -> None:
    services = services_of(console)
    credential, person = services.students.credential(credential_id)
    why = reason or console.gettext(N_("No reason was given on the command line."))
    revocation = services.revoking.revoke(credential.id, CLI_ACTOR, why)
    if console.json:
        console.emit({"id": credential.id, "title": credential.title, "student": person.number,
                      "revoked_at": format_date_time(revocation.revoked_at)})
        return
    console.say(console.gettext(N_("“%(title)s” was taken back.")) % {"title": credential.title}, bold=True)
    console.say(console.gettext(N_("Everybody who checks it from now on sees that, also inside the transcript.")))


@click.command(
    "students", cls=BackpackCommand, help=N_("List the students, or one student's records."),
    example="backpack-issuer students --student 20391",
)
@click.option("--student", "number", help=N_("The student's number."))
@common_options
def students(console: Console, number: str | None) -> None:
    services = services_of(console)
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
        [line.person.number, line.person.name, share_of(console, line.progress.collected, line.progress.total)]
        for line in lines
    ])


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
    share = share_of(console, view.progress.collected, view.progress.total)
    console.say(share + " " + console.gettext(N_("collected")))
    headers = [console.gettext(word) for word in (N_("Record"), N_("Kind"), N_("State"), N_("Its number"))]
    console.table(headers, [[each.title, console.gettext(KINDS[each.kind]), _state(console, each), each.id]
                            for each in view.credentials])


def _show_reading(console: Console, reading: Reading) -> None:
    roster = reading.roster
    console.say(console.gettext(N_("We read %(file)s as %(format)s.")) % {
        "file": reading.file_name, "format": roster.format}, bold=True)
    for student in roster.students:
        console.say()
        console.say(f"{student.name} ({student.number})", bold=True)
        if not student.courses and not student.records:
            console.say("  " + console.gettext(N_("No courses.")))
        for record in student.records:
            shown = " · ".join(record.answers.values())
            console.say("  " + console.gettext(KINDS[record.template]) + ": " + one_line(shown, 80))
        for course in student.courses:
            grades = ", ".join(grade.value for grade in course.grades) or console.gettext(N_("no grade yet"))
            term = course.term.label if course.term is not None else ""
            console.say("  " + " · ".join(part for part in (course.title, term, grades) if part))
    if roster.standards:
        console.say(console.ngettext("%(num)s learning standard.", "%(num)s learning standards.",
                                     len(roster.standards)))
    if roster.tests:
        console.say(console.ngettext("%(num)s test described.", "%(num)s tests described.", len(roster.tests)))
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
        console.note(console.gettext(N_("Left out for student %(number)s: %(reason)s.")) % {
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
                for course in student.courses],
             "records": [{"template": record.template, "answers": dict(record.answers), "file": record.file,
                          "line": record.line} for record in student.records]}
            for student in roster.students
        ],
        "standards": len(roster.standards), "tests": [test.id for test in roster.tests],
        "notes": [{"file": note.file, "line": note.line, "code": note.code, "sentence": note.sentence}
                  for note in roster.notes],
        "drafted": None if outcome is None else {
            "students": outcome.students, "new": outcome.new, "renewed": outcome.renewed,
            "unchanged": outcome.unchanged, "refused": [list(pair) for pair in outcome.refused]},
    }
