"""Ask someone: plain questions, a preview as the family will see it, the code, waiting, the result."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import MalformedValueError, StateError, UnsupportedError
from ui.handover import Handover, build_handover
from ui.web.components import Choice, Signer
from ui.web.login import require_login
from verifier.services.questions import (
    DEFAULT_DAYS,
    FULL_RECORD,
    MAX_DAYS,
    MAX_PURPOSE_CHARACTERS,
    Question,
    build_question,
)
from verifier.services.requests import Asked, Progress
from verifier.web.context import asker_secret, services
from verifier.web.told import signer_of

blueprint = Blueprint("ask", __name__)
require_login(blueprint)


@blueprint.get("/ask")
def show() -> ResponseReturnValue:
    """The questions to a family."""
    return _form({})


@blueprint.get("/ask/school")
def show_school() -> ResponseReturnValue:
    """The question to a school: for its full record."""
    _check_school()
    return _form({}, of_school=True)


@blueprint.post("/ask")
def preview() -> ResponseReturnValue:
    """What the family will see; or the form again, to change it or because something is missing."""
    return _preview(of_school=False)


@blueprint.post("/ask/school")
def preview_school() -> ResponseReturnValue:
    """What the school will see; or the form again."""
    return _preview(of_school=True)


def _preview(*, of_school: bool) -> ResponseReturnValue:
    if of_school:
        _check_school()
    if request.form.get("step") == "change":
        return _form({}, of_school=of_school)
    question, errors = _question()
    if question is None:
        return _form(errors, of_school=of_school), 422
    identity = services().identity
    return render_template(
        "verifier/preview.html",
        question=question,
        signer=signer_of(identity.did, None, identity.chosen_name or ""),
        leaves=[line for name in question.asks for line in _leaves(name, question.with_name)],
        hours=services().config.lifetimes.result_s // 3600,
        school=_school(question),
    )


@blueprint.post("/ask/send")
def send() -> ResponseReturnValue:
    """Make the request."""
    question, errors = _question()
    if question is None:
        return _form(errors, of_school=FULL_RECORD in request.form.getlist("asks")), 422
    asked = services().requests.ask(question, secret=asker_secret())
    return redirect(url_for("ask.wait", request_id=asked.id), code=303)


@blueprint.get("/asked/<request_id>")
def wait(request_id: str) -> ResponseReturnValue:
    """The code, then waiting, then on to the result."""
    asked = _asked(request_id)
    if asked.progress is Progress.ANSWERED and asked.result_id is not None:
        return redirect(url_for("results.show", result_id=asked.result_id), code=303)
    return render_template(
        "verifier/wait.html",
        asked=asked,
        progress=str(asked.progress),
        handover=_handover(asked),
        leads_to=urlsplit(asked.links.web[0]).netloc
        if len(asked.links.web) == 1
        else urlsplit(services().identity.origin).netloc,
        asks=[_kind_words()[name][0] for name in asked.question.asks],
        school=_school(asked.question),
        interaction=services().exchanging.interaction_url(asked),
        lcw=services().exchanging.lcw_link(asked),
    )


@blueprint.post("/asked/<request_id>/more-time")
def more_time(request_id: str) -> ResponseReturnValue:
    """Give the family twenty minutes more."""
    _asked(request_id)
    try:
        services().requests.more_time(request_id)
    except StateError:
        flash(_("This request has ended. Make a new one."), "warning")
    else:
        flash(_("The family has more time now."), "success")
    return redirect(url_for("ask.wait", request_id=request_id), code=303)


def _school(question: Question) -> Signer | None:
    """The school that is asked for its full record, as our list knows it; None where a family is asked."""
    return signer_of(question.sender, services().trust.name_of(question.sender)) if question.sender else None


def _asked(request_id: str) -> Asked:
    try:
        return services().requests.find(request_id)
    except StateError as error:
        raise NotFound from error


def _question() -> tuple[Question | None, dict[str, str]]:
    form, errors = request.form, dict[str, str]()
    until = _day(form.get("until", ""))
    if until is None:
        errors["until"] = _words_of("/until")
    try:
        question = build_question(
            form.getlist("asks"),
            form.get("purpose", ""),
            today=_today(),
            until=until,
            with_name=form.get("with_name") == "yes",
            sender=form.get("sender", ""),
        )
    except UnsupportedError:
        errors["asks"] = _words_of("/asks")
    except MalformedValueError as error:
        field = (error.pointer or "/asks").removeprefix("/")
        errors[field] = _words_of(error.pointer if form.getlist("asks") else "/asks")
    else:
        return (None, errors) if errors else (question, errors)
    return None, errors


def _words_of(pointer: str | None) -> str:
    words = {
        "/purpose": _("Say in one sentence why you ask, in at most 300 characters."),
        "/until": _("Choose a day from today to a year from now."),
        "/sender": _("Name the school that sends its full record, such as did:web:school.example."),
    }
    return words.get(pointer or "") or str(_("Choose what you want to see."))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _today() -> date:
    return services().clock.now().date()


def _form(errors: dict[str, str], *, of_school: bool = False) -> str:
    words = _kind_words()
    choices = [Choice(each.id, words[each.id][0], help=words[each.id][1]) for each in services().requests.kinds
               if each.id != FULL_RECORD]
    return render_template(
        "verifier/ask_school.html" if of_school else "verifier/ask.html",
        choices=choices,
        errors=errors,
        longest=MAX_PURPOSE_CHARACTERS,
        until=_today() + timedelta(days=DEFAULT_DAYS),
        today=_today(),
        latest=_today() + timedelta(days=MAX_DAYS),
        schools=services().trust.listed().issuers,
        asks_schools=_asks_schools(),
    )


def _asks_schools() -> bool:
    return any(each.id == FULL_RECORD for each in services().requests.kinds)


def _check_school() -> None:
    """Whether a school may be asked for its full record here; ``StateError`` if the profile forbids it."""
    if not _asks_schools():
        raise StateError("The profile of this verifier forbids to ask for a full record.")


def _kind_words() -> dict[str, tuple[str, str]]:
    return {
        "courses": (_("Courses and grades"), _("The family picks the courses. You see title and grade of each.")),
        "transcript": (
            _("The whole transcript"),
            _("A transcript travels whole. Ask for courses if a few are enough."),
        ),
        "badge": (_("A badge"), _("The family picks one badge. You see its title.")),
        "enrolment": (
            _("Proof of enrollment"),
            _("One class the student attends now: that it is going on, and its term. No grade."),
        ),
        FULL_RECORD: (
            _("The full record, from the former school"),
            "",
        ),
    }


def _leaves(kind: str, with_name: bool) -> list[str]:
    lines = {
        "courses": [_("Title of each course they choose"), _("Grade in each course they choose")],
        "transcript": [_("The whole transcript: every course, grade and credit in it")],
        "badge": [_("Title of the badge they choose")],
        "enrolment": [_("That one class is going on"), _("Its term")],
        FULL_RECORD: [_("The full record, as the school signed it")],
    }[kind]
    return [*lines, _("Name of the student, as it stands in each record")] if with_name else lines


def _handover(asked: Asked) -> Handover:
    return build_handover("request", asked.links)
