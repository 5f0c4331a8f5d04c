"""Ask someone: plain questions, a preview as the family will see it, the code, waiting, the result."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import MalformedValueError, StateError, UnsupportedError
from ui.handover import Handover, WalletLink
from ui.web.components import Choice
from ui.web.login import require_login
from verifier.services.questions import KINDS, MAX_PURPOSE_CHARACTERS, Question, build_question
from verifier.services.requests import Asked, Progress
from verifier.web.context import asker_secret, services
from verifier.web.told import signer_of

blueprint = Blueprint("ask", __name__)
require_login(blueprint)


@blueprint.get("/ask")
def show() -> ResponseReturnValue:
    """The questions."""
    return _form({})


@blueprint.post("/ask")
def preview() -> ResponseReturnValue:
    """What the family will see; or the form again, to change it or because something is missing."""
    if request.form.get("step") == "change":
        return _form({})
    question, errors = _question()
    if question is None:
        return _form(errors), 422
    identity = services().identity
    return render_template(
        "verifier/preview.html",
        question=question,
        signer=signer_of(identity.did, None, ""),
        leaves=[line for name in question.asks for line in _leaves(name, question.with_name)],
        hours=services().config.lifetimes.result_s // 3600,
    )


@blueprint.post("/ask/send")
def send() -> ResponseReturnValue:
    """Make the request."""
    question, errors = _question()
    if question is None:
        return _form(errors), 422
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
        else urlsplit(asked.request_uri).netloc,
        asks=[_kind_words()[name][0] for name in asked.question.asks],
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


def _asked(request_id: str) -> Asked:
    try:
        return services().requests.find(request_id)
    except StateError as error:
        raise NotFound from error


def _question() -> tuple[Question | None, dict[str, str]]:
    errors: dict[str, str] = {}
    asks, purpose = request.form.getlist("asks"), request.form.get("purpose", "")
    if not asks:
        errors["asks"] = _("Choose what you want to see.")
    try:
        return build_question(asks, purpose, with_name=request.form.get("with_name") == "yes"), errors
    except UnsupportedError:
        errors["asks"] = _("Choose what you want to see.")
    except MalformedValueError as error:
        if error.pointer == "/purpose" or not purpose.strip():
            errors["purpose"] = _("Say in one sentence why you ask, in at most 300 characters.")
    return None, errors


def _form(errors: dict[str, str]) -> str:
    words = _kind_words()
    choices = [Choice(kind.id, words[kind.id][0], help=words[kind.id][1]) for kind in KINDS]
    return render_template("verifier/ask.html", choices=choices, errors=errors, longest=MAX_PURPOSE_CHARACTERS)


def _kind_words() -> dict[str, tuple[str, str]]:
    return {
        "courses": (_("Courses and grades"), _("The family picks the courses. You see title and grade of each.")),
        "transcript": (
            _("The whole transcript"),
            _("A transcript travels whole. Ask for courses if a few are enough."),
        ),
        "badge": (_("A badge"), _("The family picks one badge. You see its title.")),
    }


def _leaves(kind: str, with_name: bool) -> list[str]:
    lines = {
        "courses": [_("Title of each course they choose"), _("Grade in each course they choose")],
        "transcript": [_("The whole transcript: every course, grade and credit in it")],
        "badge": [_("Title of the badge they choose")],
    }[kind]
    return [*lines, _("Name of the student, as it stands in each record")] if with_name else lines


def _handover(asked: Asked) -> Handover:
    wallets = tuple(WalletLink(urlsplit(link).netloc, link) for link in asked.links.web)
    return Handover("request", wallets, asked.links.deep, wallets[0].url if len(wallets) == 1 else asked.links.deep)
