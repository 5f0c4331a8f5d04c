"""Which child's record: picking one, and beginning one. A page always says whose record it shows (security.md G09)."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import RangeValueError
from ui.web import rate_limit
from ui.web.components import Choice
from wallet.services.people.people import About
from wallet.services.record.items import CREDENTIAL
from wallet.web.context import ChooseLearner, choose_learner, local_path, party, require_party, services

blueprint = Blueprint("learners", __name__, url_prefix="/learners")
require_party(blueprint)

ZONES: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "America/Mexico_City", "America/Tijuana",
    "America/Guatemala", "America/Bogota", "Europe/London", "Europe/Madrid", "UTC",
)
_LONGEST_NAME: Final = 100
_FIELDS: Final = ("name", "my_name", "birth_date", "time_zone", "basis")


def ask_which(error: ChooseLearner) -> ResponseReturnValue:
    """Send whoever has several records to pick one; then back."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("learners.index", next=local_path(wanted)), code=303)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Pick whose record to look at."""
    services().people.join(party())
    own = party()
    return render_template("wallet/learners.html", learners=own.learners(), own_id=own.owner_id, next=_next(),
                           has_own=bool(own.known(CREDENTIAL)) or not own.learners(),
                           waiting=services().people.my_words(own))


@blueprint.post("/")
def choose() -> ResponseReturnValue:
    """Look at one record from now on."""
    choose_learner(request.form.get("learner", ""))
    return redirect(_next(), code=303)


@blueprint.get("/add")
def add() -> ResponseReturnValue:
    """Begin a child's record."""
    return _add_page({})


@blueprint.post("/add")
@rate_limit("20 per hour")
def begin() -> ResponseReturnValue:
    """Begin it, and look at it."""
    form = {name: request.form.get(name, "").strip() for name in _FIELDS}
    errors = _errors(form)
    if errors:
        return _add_page(errors), 422
    people = services().people
    people.set_my_name(party(), form["my_name"])
    try:
        founded = people.add_learner(party(), About(form["name"], form["birth_date"], form["time_zone"], ""),
                                     basis=form["basis"])
    except RangeValueError:
        return _add_page({"name": _("Write a name of up to 100 letters.")}), 422
    choose_learner(founded.owner_id)
    return redirect(_next(), code=303)


def _errors(form: dict[str, str]) -> dict[str, str]:
    errors = {name: _("Write a name of up to 100 letters.") for name in ("name", "my_name")
              if not 1 <= len(form[name]) <= _LONGEST_NAME}
    try:
        if form["birth_date"] and date.fromisoformat(form["birth_date"]) > services().clock.now().date():
            errors["birth_date"] = _("This day is in the future.")
    except ValueError:
        errors["birth_date"] = _("Write the date as year, month, day.")
    if form["basis"] not in ("parent", "legal-guardian", "court-order"):
        errors["basis"] = _("Choose one.")
    if form["time_zone"] not in ZONES:
        errors["time_zone"] = _("Choose one.")
    return errors


def _next() -> str:
    return local_path(request.args.get("next"))


def _add_page(errors: dict[str, str]) -> str:
    bases = [Choice("parent", _("I am the mother or father")), Choice("legal-guardian", _("I am the legal guardian")),
             Choice("court-order", _("A court decided it"))]
    zones = [Choice(zone, zone.replace("_", " ")) for zone in ZONES]
    return render_template("wallet/learner_add.html", errors=errors, bases=bases, zones=zones, zone=ZONES[2],
                           my_name=services().people.my_name(party()))
