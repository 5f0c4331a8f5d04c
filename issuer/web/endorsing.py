"""A teacher's word on a student's work."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import MalformedValueError, StateError
from issuer.services.endorsing import MAX_COMMENT, MAX_NAME
from issuer.web.access import is_teacher
from issuer.web.context import actor, services
from ui.web import rate_limit

blueprint = Blueprint("endorsing", __name__)


@blueprint.get("/endorse")
def show() -> ResponseReturnValue:
    """The form; ``?student=`` and ``?work=`` fill in numbers."""
    return _page({}, request.args.get("student", "")[:MAX_NAME], request.args.get("work", "")[:MAX_NAME])


@blueprint.post("/endorse")
@rate_limit("60 per minute")
def write() -> ResponseReturnValue:
    """Put it before the registrar, or, as the registrar, make it."""
    form = {name: request.form.get(name, "").strip() for name in ("number", "work", "teacher", "comment")}
    needed = {"number": _("Enter the student’s number."), "work": _("Enter the number of the work."),
              "teacher": _("Enter the teacher’s name."), "comment": _("Say why this work stands for the student.")}
    errors = {name: message for name, message in needed.items() if not form[name]}
    if errors:
        return _page(errors), 422
    words = (form["work"], form["teacher"], form["comment"], actor())
    try:
        person = services().students.find(form["number"])
    except StateError as error:
        return _page({"number": _(error.detail)}), 422
    try:
        if is_teacher():
            petition = services().endorsing.draft(person.id, *words)
            flash(_("The draft waits for a registrar."), "success")
            return redirect(url_for("drafts.show", petition_id=petition.id), code=303)
        services().endorsing.issue(person.id, *words)
    except MalformedValueError:
        return _page({"": _("One of the texts is too long.")}), 422
    except StateError as error:
        return _page({"work": _(error.detail)}), 422
    flash(_("It is ready. Offer it to the family now."), "success")
    return redirect(url_for("students.show", student_id=person.id), code=303)


def _page(errors: dict[str, str], number: str = "", work: str = "") -> str:
    return render_template("issuer/endorse.html", errors=errors, number=number, work=work, longest_name=MAX_NAME,
                           longest_text=MAX_COMMENT, drafts=is_teacher())
