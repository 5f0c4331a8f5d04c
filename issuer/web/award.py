"""Awarding a badge: five minutes of a tutor."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import MalformedValueError, StateError
from issuer.services.awarding import MAX_NAME_CHARACTERS, MAX_TEXT_CHARACTERS, BadgeWords
from issuer.web.access import is_teacher
from issuer.web.context import actor, found, services
from ui.web import rate_limit

blueprint = Blueprint("award", __name__)


@blueprint.get("/award")
def show() -> ResponseReturnValue:
    """The form; ``?student=`` fills in the number."""
    return _page({}, number=request.args.get("student", "")[:MAX_NAME_CHARACTERS])


@blueprint.post("/award")
@rate_limit("60 per minute")
def give() -> ResponseReturnValue:
    """Award the badge and go to the student, where it can be offered."""
    form = {name: request.form.get(name, "").strip() for name in
            ("number", "given_name", "family_name", "title", "description", "criteria", "story")}
    needed = {"number": _("Enter the student’s number."), "title": _("Enter a name for the badge."),
              "description": _("Say what the badge stands for."), "criteria": _("Say what one has to do for it.")}
    errors = {name: message for name, message in needed.items() if not form[name]}
    if errors:
        return _page(errors), 422
    words = BadgeWords(form["title"], form["description"], form["criteria"])
    try:
        if is_teacher():
            person = services().students.find(form["number"])
            petition = services().awarding.draft(person.id, words, actor(), narrative=form["story"] or None)
            flash(_("The draft waits for a registrar."), "success")
            return redirect(url_for("drafts.show", petition_id=petition.id), code=303)
        credential = services().awarding.award(form["number"], words, actor(), narrative=form["story"] or None,
                                               name=(form["given_name"], form["family_name"]))
    except MalformedValueError:
        return _page({"": _("One of the texts is too long.")}), 422
    except StateError as error:
        return _page({"number": _(error.detail)}), 422
    flash(_("The badge is ready. Offer it to the student now."), "success")
    return redirect(url_for("students.show", student_id=credential.student_id), code=303)


@blueprint.get("/achievements")
def achievements() -> ResponseReturnValue:
    """Everything a student can earn here."""
    awarding = services().awarding
    return render_template("issuer/achievements.html", badges=awarding.known_badges(), courses=awarding.known_courses())


public = Blueprint("achievements", __name__)


@public.get("/achievements/<slug>")
def achievement(slug: str) -> ResponseReturnValue:
    """What can be earned, for everybody who follows the address in a record."""
    return render_template("issuer/achievement.html", achievement=found(services().awarding.achievement, slug),
                           name=services().office.identity.name)


def _page(errors: dict[str, str], number: str = "") -> str:
    return render_template("issuer/award.html", errors=errors, number=number, badges=services().awarding.known_badges(),
                           longest_name=MAX_NAME_CHARACTERS, longest_text=MAX_TEXT_CHARACTERS, drafts=is_teacher())
