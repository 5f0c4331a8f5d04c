"""Who a child's guardians are: what exports propose, what the school states, and offering each statement by itself."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import MalformedValueError, ProblemError
from issuer.services.guardians import BASES, MAX_TEXT, Statement
from issuer.services.students import StudentView
from issuer.store import ALONE
from issuer.web.context import actor, found, services
from issuer.web.words import kind_words, relation_words
from ui.languages import N_
from ui.web import rate_limit
from ui.web.components import Choice

blueprint = Blueprint("guardians", __name__)
BASIS_WORDS = {
    "parent": N_("Mother or father"), "legal-guardian": N_("Legal guardian"), "court-order": N_("Order of a court"),
    "power-of-attorney": N_("Power of attorney"),
}
EXTENT_WORDS = {"full": N_("Everything a guardian may do"), "read": N_("Only read the records")}
BLOCKED_WORDS = {"all": N_("Everything"), "decide": N_("Everything but reading")}
_DAY = N_("Write the day as year, month, day: 2026-05-29.")
_PARTY = N_("Enter the number that the family’s wallet shows, such as did:key:z6Mk…")
_NEEDED = {"name": N_("Enter the name."), "paper": N_("Say which paper you saw."),
           "begins": _DAY, "party": _PARTY}


@blueprint.get("/students/<student_id>/guardians")
def index(student_id: str) -> ResponseReturnValue:
    """Proposals and statements."""
    view = found(services().students.view, student_id)
    statements = [(each, kind_words(each.kind), each.id.removeprefix("urn:uuid:")) for each in view.statements]
    proposals = [(each, relation_words(each.relation)) for each in services().guardians.proposals(student_id)]
    return render_template("issuer/guardians.html", view=view, proposals=proposals,
                           statements=statements)


@blueprint.get("/students/<student_id>/guardians/new")
def ask_guardian(student_id: str) -> ResponseReturnValue:
    """The form for a guardian; ``?name=`` takes over a proposal."""
    view = found(services().students.view, student_id)
    return _guardian_page(view, {}, request.args.get("name", "")[:MAX_TEXT])


@blueprint.post("/students/<student_id>/guardians/new")
@rate_limit("30 per minute")
def state_guardian(student_id: str) -> ResponseReturnValue:
    """State who the guardian is."""
    view = found(services().students.view, student_id)
    statement, errors = _read(("name", "paper", "begins"))
    if statement is not None and not errors:
        try:
            services().guardians.state(student_id, statement, actor())
        except ProblemError as error:
            errors = _problem(error)
        else:
            flash(_("Stated. Offer it to this guardian now, and to nobody else."), "success")
            return redirect(url_for("guardians.index", student_id=student_id), code=303)
    return _guardian_page(view, errors, ""), 422


@blueprint.get("/students/<student_id>/guardians/limit")
def ask_limit(student_id: str) -> ResponseReturnValue:
    """The form for what a court forbids."""
    return _limit_page(found(services().students.view, student_id), {})


@blueprint.post("/students/<student_id>/guardians/limit")
@rate_limit("30 per minute")
def state_limit(student_id: str) -> ResponseReturnValue:
    """State what a court forbids."""
    view = found(services().students.view, student_id)
    statement, errors = _read(("name", "paper", "begins", "party"))
    if statement is not None and not errors:
        try:
            services().guardians.limit(student_id, statement, actor())
        except ProblemError as error:
            errors = _problem(error)
        else:
            flash(_("Stated. Offer it to the family that looks after the child."), "success")
            return redirect(url_for("guardians.index", student_id=student_id), code=303)
    return _limit_page(view, errors), 422


@blueprint.post("/students/<student_id>/guardians/<record_id>/offer")
@rate_limit("60 per minute")
def offer(student_id: str, record_id: str) -> ResponseReturnValue:
    """Offer one statement by itself."""
    credential, person = found(services().students.credential, record_id)
    if person.id != student_id or credential.kind not in ALONE or credential.revoked_at is not None:
        abort(404)
    made = services().offers.offer_alone(credential.id, actor())
    return redirect(url_for("students.offered", student_id=student_id, offer_id=made.offer.id), code=303)


def _read(needed: tuple[str, ...]) -> tuple[Statement | None, dict[str, str]]:
    form = {name: request.form.get(name, "").strip()
            for name in ("name", "basis", "extent", "begins", "ends", "paper", "learner", "party")}
    errors = {name: str(_(_NEEDED[name])) for name in needed if not form[name]}
    days = {}
    for name in ("begins", "ends"):
        try:
            days[name] = date.fromisoformat(form[name]) if form[name] else None
        except ValueError:
            errors[name] = str(_(_DAY))
    if request.form.get("sure") != "yes":
        errors["sure"] = str(_("Tick the box to say that you saw the paper."))
    begins = days.get("begins")
    if errors or begins is None:
        return None, errors
    return Statement(form["name"], form["basis"], form["extent"], begins, days.get("ends"), form["paper"],
                     form["learner"], form["party"]), {}


def _problem(error: ProblemError) -> dict[str, str]:
    field = (error.pointer or "/").rpartition("/")[2] if isinstance(error, MalformedValueError) else ""
    sentences = {"learner": _("This is not a number that a wallet shows for a child."),
                 "ends": _("It cannot end before it begins."), "party": _(_PARTY)}
    return {field if field in sentences else "": sentences.get(field, _("Something here cannot be right. Look again."))}


def _guardian_page(view: StudentView, errors: dict[str, str], name: str) -> str:
    return render_template(
        "issuer/guardian.html", person=view.person, errors=errors, name=name, longest=MAX_TEXT,
        bases=[Choice(each, _(BASIS_WORDS[each])) for each in BASES],
        extents=[Choice(each, _(label)) for each, label in EXTENT_WORDS.items()])


def _limit_page(view: StudentView, errors: dict[str, str]) -> str:
    return render_template("issuer/court_limit.html", person=view.person, errors=errors, longest=MAX_TEXT,
                           extents=[Choice(each, _(label)) for each, label in BLOCKED_WORDS.items()])
