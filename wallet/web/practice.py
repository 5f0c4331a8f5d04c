"""Practice sharing: the real consent sheet for a made-up request. Nothing leaves, nothing is kept or logged."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from ui.web.components import Consent, Signer
from wallet.services.record.labels import always_labels
from wallet.services.sharing import practice
from wallet.services.sharing.practice import LESSONS, Exercise, Lesson
from wallet.web.context import is_learner, require_unlocked, services, vault
from wallet.web.requests import shared_records, warnings_of

blueprint = Blueprint("practice", __name__, url_prefix="/practice")
require_unlocked(blueprint)

_MOST_RECORDS = 3


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The made-up requests there are."""
    lessons = [("fair", _("A college asks for two things"), _("It asks for what it needs and says why.")),
               ("greedy", _("A shop asks for a lot"), _("It asks for more than it needs. Who would notice?"))]
    return render_template("wallet/practice.html", lessons=lessons, mine=is_learner())


@blueprint.get("/<lesson>")
def ask(lesson: str) -> ResponseReturnValue:
    """The consent sheet of a made-up request."""
    exercise = _exercise(lesson)
    chosen = tuple(each.card.item_id for asked in exercise.matching.asked for each in asked.candidates)[:_MOST_RECORDS]
    try:
        sheet = practice.sheet(vault(), services().sharing.environment, exercise, chosen)
    except StateError:
        return render_template("wallet/practice_empty.html", mine=is_learner())
    consent = Consent(
        asker=Signer(sheet.party, None, sheet.calls_itself, sheet.host), purpose=sheet.purpose or "",
        stays=tuple((card.title, card.language) for card in sheet.stays), records=shared_records(sheet),
        warnings=warnings_of(sheet))
    count = len(sheet.records)
    return render_template(
        "wallet/practice_sheet.html", consent=consent, mine=is_learner(),
        always=always_labels((value.kind for record in sheet.records for value in record.always), _),
        share_label=ngettext("Share this %(num)s record (practice)", "Share these %(num)s records (practice)", count))


@blueprint.post("/<lesson>")
def decide(lesson: str) -> ResponseReturnValue:
    """What was chosen is looked at with the person, and forgotten."""
    found = _lesson(lesson)
    answer = request.form.get("decision")
    if answer not in ("share", "refuse"):
        return redirect(url_for("practice.ask", lesson=found), code=303)
    return redirect(url_for("practice.done", lesson=found, answer=answer), code=303)


@blueprint.get("/<lesson>/<answer>")
def done(lesson: str, answer: str) -> ResponseReturnValue:
    """What that choice would have meant."""
    mine = is_learner()
    words = {
        ("fair", "share"): _("The college asked for little, and said why. Sharing was fine."),
        ("fair", "refuse"): pgettext("learner", "That is always allowed and costs nothing. You can still answer later.")
        if mine else _("That is always allowed and costs nothing. You can still answer later."),
        ("greedy", "share"): pgettext("learner", "Look again: this shop wanted your whole record. It did not need it.")
        if mine else _("Look again: this shop wanted your whole record. It did not need it."),
        ("greedy", "refuse"): pgettext("learner", "Well spotted. It wanted your whole record. It did not need it.")
        if mine else _("Well spotted. It wanted your whole record. It did not need it."),
    }
    chosen = words.get((lesson, answer))
    if chosen is None:
        raise NotFound
    return render_template("wallet/practice_done.html", shared=answer == "share", lesson_words=chosen,
                           mine=mine)


def _lesson(lesson: str) -> Lesson:
    found = next((each for each in LESSONS if each == lesson), None)
    if found is None:
        raise NotFound
    return found


def _exercise(lesson: str) -> Exercise:
    named = {"fair": (_("Made-up College (practice)"), _("To decide about your application.")),
             "greedy": (_("Made-up Music Shop (practice)"), _("To give you a student discount."))}
    found = _lesson(lesson)
    name, purpose = named[found]
    return practice.exercise(vault(), services().sharing.environment, found, name=name, purpose=purpose)
