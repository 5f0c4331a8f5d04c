"""How it is going, in a terminal: growth by subject, the map of standards, notices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import click
from babel.dates import format_date
from babel.numbers import format_decimal

from credkit.errors import MalformedValueError, ParsingError, TooComplexError
from ui.cli import N_, BackpackCommand, Console, common_options, read_input, secret_file_option
from ui.text import one_line
from wallet.cli.group import open_backpack
from wallet.services.growth import alerts as alert_service
from wallet.services.growth import alertwords, growthviews, growthwords, masterywords
from wallet.services.growth import growth as growth_service
from wallet.services.growth import mastery as mastery_service
from wallet.services.growth.growth import Grade, Overview, Series, Subject
from wallet.services.growth.mastery import MasteryMap
from wallet.services.growth.voice import Voice
from wallet.services.record import case
from wallet.services.record.signers import names_in
from wallet.vault import OpenVault

_SHOWN_ID = 8
Named = TypeVar("Named", Series, MasteryMap)


def voice_of(console: Console, vault: OpenVault) -> Voice:
    """The language of the terminal; signers are called by the names this vault's family knows."""
    return Voice(
        console.translations, day=console.day, month=lambda day: format_date(day, "MMM y", locale=console.language),
        number=lambda value: str(format_decimal(value, locale=console.language)),
        short=lambda text: one_line(text, 34), names=names_in(vault))


@click.command("growth", cls=BackpackCommand, help=N_("Say how it is going in each subject, or in one test."),
               example="backpack-wallet growth --json")
@click.argument("identifier", metavar="[ID]", required=False)
@click.option("--csv", "as_csv", is_flag=True, help=N_("Print the table as CSV."))
@click.option("--svg", "as_svg", is_flag=True, help=N_("Print the chart of one test as SVG."))
@secret_file_option("passphrase")
@common_options
def growth(console: Console, identifier: str | None, as_csv: bool, as_svg: bool, passphrase_file: Path | None) -> None:
    _services, vault = open_backpack(console, passphrase_file)
    found, voice = growth_service.overview(vault), voice_of(console, vault)
    if as_csv:
        named = found.all_series() if identifier is None else (_named(console, found.all_series(), identifier),)
        click.echo(growthviews.growth_csv(named, voice), nl=False)
        return
    if identifier is None:
        if as_svg:
            raise click.UsageError(console.gettext(N_("Name one test. Without a name, the command lists them.")))
        _overview(console, vault, found, voice)
        return
    series = _named(console, found.all_series(), identifier)
    if as_svg:
        click.echo(growthviews.series_chart(series, voice) or "")
    elif console.json:
        console.emit(growthviews.series_json(series, voice))
    else:
        _one(console, series, voice)


def _overview(console: Console, vault: OpenVault, found: Overview, voice: Voice) -> None:
    graded = growth_service.grades(vault)
    if console.json:
        console.emit({"subjects": [_subject_json(subject, voice) for subject in found.subjects],
                      "grades": {key: [_grade_json(grade) for grade in grades] for key, grades in graded.items()},
                      "taken_back": found.taken_back})
        return
    if not found.subjects and not graded:
        console.say(console.gettext(N_("There are no test results yet. A school or tutor signs them.")))
    for subject in found.subjects:
        console.say(growthwords.subject_name(subject.key, voice) or one_line(subject.key.partition(":")[2]), bold=True)
        console.say(f"  {growthwords.subject_sentence(subject, voice)}")
        console.say(f"  {growthwords.next_step_sentence(growthwords.subject_step(subject), voice)}")
        for series in subject.series:
            measure = series.newest.score.name if series.newest.score else ""
            name = " · ".join(part for part in (series.newest.sitting.title, measure) if part)
            console.say(f"  {series.id[:_SHOWN_ID]}  {one_line(name, 100)}")
        _grades(console, graded.pop(subject.key, ()))
    for key, grades in graded.items():
        console.say(growthwords.subject_name(key, voice) or key, bold=True)
        console.say(f"  {growthwords.grades_only(voice)}")
        console.say(f"  {growthwords.next_step_sentence('ask-tests', voice)}")
        _grades(console, grades)
    if found.taken_back:
        console.note(growthwords.taken_back_sentence(found.taken_back, voice))


def _grades(console: Console, grades: Sequence[Grade]) -> None:
    for grade in grades:
        state = " · " + console.gettext(N_("not finished yet")) if grade.unfinished else ""
        console.say(f"  {one_line(grade.card.title, 60)}: {one_line(grade.card.grade, 20)}{state}")


def _grade_json(grade: Grade) -> dict[str, object]:
    card = grade.card
    return {"item_id": card.item_id, "title": card.title, "grade": card.grade, "unfinished": grade.unfinished,
            "term": card.term}


def _subject_json(subject: Subject, voice: Voice) -> dict[str, object]:
    return {
        "subject": subject.key, "sentence": growthwords.subject_sentence(subject, voice),
        "series": [growthviews.series_json(series, voice) for series in subject.series],
        "standings": [growthviews.standing_json(standing, voice) for standing in subject.standings],
    }


def _one(console: Console, series: Series, voice: Voice) -> None:
    console.say(one_line(series.newest.sitting.title), bold=True)
    console.say(growthwords.sentence(series, voice))
    for standing in series.standings:
        console.say(growthwords.standing_sentence(standing, voice))
    console.say(growthwords.next_step_sentence(growthwords.next_step(series), voice))
    console.say()
    console.table(
        [console.gettext(text) for text in (
            N_("Day"), N_("Score"), N_("Change"), N_("Standing as signed"), N_("Signed by"))],
        [_cells(row, voice) for row in growthviews.rows_of(series)])
    console.say()
    console.say(console.gettext(N_("What these numbers cannot say")), bold=True)
    for sentence in growthwords.limit_sentences(series.limits, voice):
        console.say(f"  {sentence}")


def _cells(row: growthviews.Row, voice: Voice) -> list[str]:
    score, change = row.point.score, row.change
    error = f" ± {voice.number(score.error)}" if score and score.error is not None else ""
    changed = f"{voice.signed(change.difference)} ({growthviews.finding(change, voice)})" if change else ""
    return [voice.day(row.sitting.on), f"{score.text}{error}" if score else "", changed,
            "; ".join(f"{norm.text} ({voice.signed(norm.z)})" for norm in row.norms),
            voice.signer(row.sitting.issuer)]


@click.command("mastery", cls=BackpackCommand, help=N_("Say which standards are shown, by whom, and what comes next."),
               example="backpack-wallet mastery --json")
@click.argument("identifier", metavar="[ID]", required=False)
@click.option("--csv", "as_csv", is_flag=True, help=N_("Print the table as CSV."))
@click.option("--add", "file", metavar="FILE", help=N_("Keep a list of standards: a CASE file (JSON), or - for input."))
@secret_file_option("passphrase")
@common_options
def mastery(console: Console, identifier: str | None, as_csv: bool, file: str | None,
            passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    voice = voice_of(console, vault)
    if file is not None:
        try:
            mastery_service.keep_framework(vault, services.clock, read_input(file, max_bytes=case.MAX_BYTES))
        except (ParsingError, MalformedValueError, TooComplexError) as error:
            raise click.UsageError(console.gettext(
                N_("This file is not a list of standards. Ask the school for a CASE file (JSON)."))) from error
        console.note(console.gettext(N_("The list is kept. No record was changed.")))
    found = mastery_service.maps(vault)
    if as_csv:
        named = found if identifier is None else (_named(console, found, identifier),)
        click.echo(masterywords.mastery_csv(named, voice), nl=False)
    elif identifier is not None:
        _one_map(console, _named(console, found, identifier), voice)
    elif console.json:
        console.emit([masterywords.map_json(each, voice) for each in found])
    else:
        _maps(console, found, voice)


def _maps(console: Console, found: Sequence[MasteryMap], voice: Voice) -> None:
    if not found:
        console.say(console.gettext(N_("No record speaks of standards yet.")))
    for each in found:
        title = one_line(each.title, 80) or console.gettext(N_("Standards without a list"))
        console.say(f"{each.id[:_SHOWN_ID]}  {title}", bold=True)
        console.say(f"  {masterywords.map_sentence(each, voice)}")
        console.say(f"  {masterywords.next_step(each, voice)}")


def _one_map(console: Console, found: MasteryMap, voice: Voice) -> None:
    if console.json:
        console.emit(masterywords.map_json(found, voice))
        return
    _maps(console, (found,), voice)
    for group in found.groups:
        console.say()
        grade = f" · {masterywords.grade_name(group.grade, voice)}" if group.grade else ""
        console.say(f"{one_line(group.title, 100)}{grade}", bold=True)
        for standard in group.standards:
            name = " ".join(part for part in (standard.code, standard.text) if part)
            console.say(f"  {masterywords.state_name(standard, voice)}: {one_line(name, 100)}")


@click.command("alerts", cls=BackpackCommand, help=N_("Say what is worth a look: attendance and grades of this term."),
               example="backpack-wallet alerts")
@click.option("--csv", "as_csv", is_flag=True, help=N_("Print the table as CSV."))
@secret_file_option("passphrase")
@common_options
def alerts(console: Console, as_csv: bool, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    found, voice = alert_service.alerts(vault, services.clock.now()), voice_of(console, vault)
    if as_csv:
        click.echo(alertwords.alerts_csv(found, voice), nl=False)
        return
    if console.json:
        console.emit([{**alert_service.alert_json(alert), "sentence": alertwords.sentence(alert, voice),
                       "next_step": alertwords.next_step(alert, voice)} for alert in found])
        return
    if not found:
        console.say(console.gettext(N_("Nothing needs a look.")))
    for alert in found:
        console.say(alertwords.title(alert, voice) or one_line(alert.title, 100), bold=True)
        console.say(f"  {alertwords.sentence(alert, voice)}")
        console.say(f"  {alertwords.next_step(alert, voice)}")


def _named(console: Console, found: Sequence[Named], name: str) -> Named:
    """The one whose id begins with ``name``."""
    matching = [each for each in found if each.id.startswith(name)]
    if len(matching) != 1:
        raise click.UsageError(console.gettext(N_("Nothing or more than one thing is called %(name)s.")) % {
            "name": one_line(name, 40)})
    return matching[0]

