"""Records by form: choose a template, answer its questions; a registrar's is made at once, a teacher's waits."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import ProblemError, StateError, UnsupportedError
from issuer.services.templates import TEMPLATES, AnswersProblem, Template, template
from issuer.web.access import is_teacher
from issuer.web.context import actor, services
from ui.web import rate_limit
from ui.web.components import Choice

blueprint = Blueprint("forms", __name__)
MAX_NUMBER = 200


@blueprint.get("/forms")
def index() -> ResponseReturnValue:
    """Every kind of record that can be written here."""
    number = request.args.get("student", "")[:MAX_NUMBER]
    with services().office.store.reading() as unit:
        frameworks = unit.frameworks()
    return render_template("issuer/forms.html", forms=_allowed(), number=number, frameworks=frameworks)


@blueprint.get("/forms/<name>")
def show(name: str) -> ResponseReturnValue:
    """One form; ``?student=`` fills in the number."""
    return _page(_found(name), {}, request.args.get("student", "")[:MAX_NUMBER])


@blueprint.post("/forms/<name>")
@rate_limit("60 per minute")
def write(name: str) -> ResponseReturnValue:
    """Make the record, or put it before the registrar."""
    form = _found(name)
    raw = {each.name: request.form.get(each.name, "") for each in form.fields}
    number = request.form.get("number", "").strip()
    try:
        person = services().students.find(number)
    except StateError as error:
        return _page(form, {"number": _(error.detail)}, ""), 422
    try:
        if is_teacher():
            petition = services().forms.draft(person.id, name, raw, actor())
            flash(_("The draft waits for a registrar."), "success")
            return redirect(url_for("drafts.show", petition_id=petition.id), code=303)
        services().forms.issue(person.id, name, raw, actor())
    except AnswersProblem as problem:
        return _page(form, {field: _(sentence) for field, sentence in problem.errors.items()}, ""), 422
    except (ProblemError, StateError) as error:
        return _page(form, {"": _(error.detail)}, ""), 422
    flash(_("The record is ready. Offer it to the student now."), "success")
    return redirect(url_for("students.show", student_id=person.id), code=303)


def _allowed() -> tuple[Template, ...]:
    """A teacher drafts no sensitive record: what stands in it is for the registrar's eyes."""
    return tuple(each for each in TEMPLATES if not (each.sensitive and is_teacher()))


def _found(name: str) -> Template:
    try:
        form = template(name)
    except UnsupportedError:
        abort(404)
    if form not in _allowed():
        abort(404)
    return form


def _page(form: Template, errors: dict[str, str], number: str) -> str:
    choices = {each.name: [Choice("", _("Choose")), *(Choice(value, _(label)) for value, label in each.options)]
               for each in form.fields if each.kind == "choice"}
    return render_template("issuer/form.html", form=form, errors=errors, number=number, choices=choices,
                           drafts=is_teacher())
