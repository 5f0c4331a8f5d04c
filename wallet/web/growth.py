"""How it is going: growth by subject, one test over time, notices; the same numbers as page, picture and table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from credkit.trust.allow_list import AllowList
from ui.web.components import Signer
from wallet.services.growth import alerts, alertwords, glossary, growth, growthviews, growthwords
from wallet.services.growth.alerts import Alert
from wallet.services.growth.growth import Grade, Series, Subject
from wallet.services.growth.norms import Norm
from wallet.services.growth.sittings import Said
from wallet.services.growth.standing import Standing
from wallet.services.growth.voice import Voice
from wallet.services.record.items import CREDENTIAL, FRAMEWORK
from wallet.services.record.library import known_issuers
from wallet.web.context import open_vault, require_unlocked, services, vault
from wallet.web.showing import signer_of
from wallet.web.voice import page_voice

blueprint = Blueprint("growth", __name__, url_prefix="/growth")
require_unlocked(blueprint)


@dataclass(frozen=True)
class Line:
    """One row of the table under a chart; texts as signed or in the page's language."""

    day: date
    title: str
    language: str | None
    kind: str
    url: str
    score: str
    error: str
    change: str
    change_error: str
    finding: str
    norms: tuple[tuple[Norm, str], ...]
    said: tuple[Said, ...]
    signer: Signer


@dataclass(frozen=True)
class Pace:
    """A standing as a page shows it."""

    sentence: str
    limits: list[str]


@dataclass(frozen=True)
class Test:
    """A series as lists show it."""

    id: str
    title: str
    language: str | None
    measure: str
    sentence: str


@dataclass(frozen=True)
class Topic:
    """A subject as the overview shows it: one sentence, one next step, then the tests behind it."""

    id: str
    name: str | None
    as_signed: str
    sentence: str
    pace: str
    step: str
    to_standards: bool
    tests: tuple[Test, ...]
    across: bool
    grades: tuple[Grade, ...]


@dataclass(frozen=True)
class Notice:
    """An alert as pages show it."""

    title: str
    language: str | None
    sentence: str
    step: str
    url: str
    day: date
    signer: Signer


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Every subject: one sentence and one next step each."""
    voice, opened = page_voice(vault()), vault()
    found = growth.overview(opened)
    taken_back = growthwords.taken_back_sentence(found.taken_back, voice) if found.taken_back else ""
    graded = growth.grades(opened)
    topics = [_topic(subject, voice, graded.pop(subject.key, ())) for subject in found.subjects]
    topics += [_grades_only(key, voice, grades) for key, grades in graded.items()]
    return render_template("wallet/growth.html", topics=topics, taken_back=taken_back,
                           words=_words(glossary.GROWTH, voice),
                           notices=len(alerts.alerts(opened, services().clock.now())))


@blueprint.get("/tests/<series_id>")
def test(series_id: str) -> ResponseReturnValue:
    """One test over time."""
    voice, opened = page_voice(vault()), vault()
    series = _series(series_id)
    known = known_issuers(opened)
    step = growthwords.next_step(series)
    rows = [_line(row, voice, known) for row in growthviews.rows_of(series)]
    return render_template(
        "wallet/growth_test.html", series=series, test=_test(series, voice), rows=rows,
        subject=_subject_name(series.subject, voice), same_title=len({row.title for row in rows}) == 1,
        chart=_inline(growthviews.series_chart(series, voice)),
        paces=[_pace(standing, voice) for standing in series.standings],
        step=growthwords.next_step_sentence(step, voice), to_standards=step == "standards",
        limits=growthwords.limit_sentences(series.limits, voice), words=_words(glossary.GROWTH, voice))


@blueprint.get("/tests/<series_id>/chart.svg")
def test_chart(series_id: str) -> ResponseReturnValue:
    """The chart as a file."""
    return _picture(growthviews.series_chart(_series(series_id), page_voice(vault())))


@blueprint.get("/tests/<series_id>/table.csv")
def test_table(series_id: str) -> ResponseReturnValue:
    """The table as a file."""
    return table_file(growthviews.growth_csv([_series(series_id)], page_voice(vault())), "growth.csv")


@blueprint.get("/standing/<subject_id>")
def standing(subject_id: str) -> ResponseReturnValue:
    """The standing over all tests of a subject."""
    voice, subject = page_voice(vault()), _subject(subject_id)
    known = known_issuers(vault())
    rows = [(place.sitting, place.norm, voice.signed(place.norm.z), signer_of(place.sitting.issuer, known),
             record_url(place.sitting.item_id, place.sitting.index))
            for each in subject.standings for place in each.places]
    charts = [_inline(growthviews.standing_chart(each, f"{subject.id}{number}", voice))
              for number, each in enumerate(subject.standings)]
    return render_template(
        "wallet/growth_standing.html", subject=subject, name=_subject_name(subject.key, voice), rows=rows,
        paces=list(zip([_pace(each, voice) for each in subject.standings], charts, strict=True)),
        words=_words(glossary.STANDING, voice))


@blueprint.get("/standing/<subject_id>/chart.svg")
def standing_chart(subject_id: str) -> ResponseReturnValue:
    """The first chart of it as a file."""
    subject = _subject(subject_id)
    return _picture(growthviews.standing_chart(subject.standings[0], subject.id, page_voice(vault())))


@blueprint.get("/standing/<subject_id>/table.csv")
def standing_table(subject_id: str) -> ResponseReturnValue:
    """The table of it as a file."""
    return table_file(growthviews.standing_csv(_subject(subject_id).standings, page_voice(vault())), "standing.csv")


@blueprint.get("/notices")
def notices() -> ResponseReturnValue:
    """Every notice of this term."""
    voice = page_voice(vault())
    return render_template("wallet/alerts.html", notices=_notices(voice), words=_words(glossary.ALERTS, voice))


@blueprint.app_context_processor
def _on_home() -> dict[str, object]:
    """``growth_glance()`` for the start page: how many notices there are, and whether there is growth to look at."""
    return {"growth_glance": _glance}


def _glance() -> dict[str, object]:
    opened = open_vault()
    if opened is None:
        return {"notices": 0, "growth": False}
    lines = [entry.summary for entry in opened.entries(CREDENTIAL)]
    return {"notices": len(alerts.alerts(opened, services().clock.now())),
            "growth": any(line["kind"] in ("assessment", "course", "transcript") or line.get("has_standards")
                          for line in lines) or bool(opened.entries(FRAMEWORK))}


def _notices(voice: Voice) -> list[Notice]:
    opened = vault()
    known = known_issuers(opened)
    return [_notice(alert, voice, known) for alert in alerts.alerts(opened, services().clock.now())]


def _notice(alert: Alert, voice: Voice, known: AllowList) -> Notice:
    ours = alertwords.title(alert, voice)
    return Notice(ours or alert.title, None if ours else alert.language, alertwords.sentence(alert, voice),
                  alertwords.next_step(alert, voice), record_url(alert.item_id, alert.index), alert.on,
                  signer_of(alert.issuer, known, alert.language))


def _grades_only(key: str, voice: Voice, grades: tuple[Grade, ...]) -> Topic:
    return Topic(key, growthwords.subject_name(key, voice), "", growthwords.grades_only(voice), "",
                 growthwords.next_step_sentence("ask-tests", voice), False, (), False, grades)


def _topic(subject: Subject, voice: Voice, grades: tuple[Grade, ...]) -> Topic:
    standing, step = growthwords.subject_standing(subject), growthwords.subject_step(subject)
    sentence = growthwords.subject_sentence(subject, voice)
    pace = growthwords.standing_sentence(standing, voice) if standing is not None else ""
    return Topic(
        subject.id, growthwords.subject_name(subject.key, voice), subject.key.partition(":")[2], sentence,
        pace if pace != sentence else "", growthwords.next_step_sentence(step, voice), step == "standards",
        tuple(_test(series, voice) for series in subject.series), bool(subject.standings), grades)


def _test(series: Series, voice: Voice) -> Test:
    newest = series.newest
    return Test(series.id, newest.sitting.title, newest.sitting.language, newest.score.name if newest.score else "",
                growthwords.sentence(series, voice))


def _line(row: growthviews.Row, voice: Voice, known: AllowList) -> Line:
    score, sitting, change = row.point.score, row.sitting, row.change
    return Line(
        sitting.on, sitting.title, sitting.language, growthwords.kind_of_test(sitting, voice),
        record_url(sitting.item_id, sitting.index),
        score.text if score else "", voice.number(score.error) if score and score.error is not None else "",
        voice.signed(change.difference) if change else "",
        voice.number(round(change.error, 2)) if change and change.error is not None else "",
        growthviews.finding(change, voice) if change else "",
        tuple((norm, voice.signed(norm.z)) for norm in row.norms), sitting.said,
        signer_of(sitting.issuer, known, sitting.language))


def _pace(each: Standing, voice: Voice) -> Pace:
    return Pace(growthwords.standing_sentence(each, voice), growthwords.limit_sentences(each.limits, voice))


def _subject_name(key: str, voice: Voice) -> str:
    return growthwords.subject_name(key, voice) or key.partition(":")[2]


def _words(fields: tuple[str, ...], voice: Voice) -> list[tuple[str, str]]:
    return glossary.words_of(fields, voice.gettext)


def _series(series_id: str) -> Series:
    found = next((each for each in growth.overview(vault()).all_series() if each.id == series_id), None)
    return found if found is not None else abort(404)


def _subject(subject_id: str) -> Subject:
    found = next((each for each in growth.overview(vault()).subjects if each.id == subject_id and each.standings), None)
    return found if found is not None else abort(404)


def record_url(item_id: str, index: int | None) -> str:
    """The page of a record, also of one inside a transcript."""
    if index is None:
        return url_for("records.show", item_id=item_id)
    return url_for("records.inside", item_id=item_id, index=index)


def table_file(text: str, name: str) -> Response:
    """A table to keep."""
    return Response(text, content_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _picture(svg: str | None) -> Response:
    if svg is None:
        abort(404)
    return Response('<?xml version="1.0" encoding="UTF-8"?>\n' + svg, content_type="image/svg+xml; charset=utf-8",
                    headers={"Content-Disposition": 'attachment; filename="growth.svg"'})


def _inline(svg: str | None) -> Markup | None:
    return None if svg is None else Markup(svg)  # noqa: S704  built by ElementTree, which escapes what signers wrote

