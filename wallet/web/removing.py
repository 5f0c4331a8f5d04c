"""Taking somebody out, and what a court forbids: what happens at once, and what cannot be undone."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import MalformedValueError, RangeValueError, StateError
from credkit.profiles.family import EVERYTHING, RIGHTS
from ui.web import rate_limit
from ui.web.components import Choice
from wallet.services import authority
from wallet.services.people.leaving import Wish
from wallet.services.people.people import Person
from wallet.services.people.people_words import CONTRIBUTES, OF_HELPERS, READS, right_word
from wallet.web.context import require_unlocked, services, vault
from wallet.web.people import find_person, show
from wallet.web.requests import day_typed

blueprint = Blueprint("removing", __name__, url_prefix="/people")
require_unlocked(blueprint)

_BLOCKABLE: Final = (*READS, *CONTRIBUTES, *OF_HELPERS, "people", "recovery")


@blueprint.get("/<party_id>/remove")
def ask(party_id: str) -> ResponseReturnValue:
    """What happens, before it happens."""
    return _remove_page(find_person(party_id), {})


@blueprint.post("/<party_id>/remove")
@rate_limit("30 per hour")
def remove(party_id: str) -> ResponseReturnValue:
    """Take them out, or ask a second person."""
    person = find_person(party_id)
    try:
        step = services().leaving.remove(vault(), party_id)
    except StateError as error:
        return _remove_page(person, {"": _(error.detail)}), 409
    if step == "waits":
        flash(_("A second person has to agree. Nothing was changed yet."), "info")
        return redirect(url_for("people.index"), code=303)
    flash(_("%(name)s is out now.", name=person.name or _("This person")), "success")
    return redirect(url_for("people.copies"), code=303)


@blueprint.get("/<party_id>/limit")
def ask_limit(party_id: str) -> ResponseReturnValue:
    """What does the court forbid?"""
    return _limit_page(find_person(party_id), {})


@blueprint.post("/<party_id>/limit")
@rate_limit("30 per hour")
def limit(party_id: str) -> ResponseReturnValue:
    """Note it, or ask a second person."""
    person = find_person(party_id)
    blocked, until, errors = _blocked(), day_typed(request.form.get("until", "")), {}
    evidence = request.form.get("evidence", "").strip()[:300]
    if not blocked:
        errors["blocked"] = _("Choose at least one thing.")
    if request.form.get("until", "").strip() and (until is None or until <= services().clock.now()):
        errors["until"] = _("Choose a day to come, or leave it empty.")
    if not evidence:
        errors["evidence"] = _("Name the order.")
    if errors:
        return _limit_page(person, errors), 422
    try:
        step = services().leaving.limit(vault(), Wish("limit", party_id, blocked, "court-order", until, evidence))
    except StateError as error:
        return _limit_page(person, {"": _(error.detail)}), 409
    except (RangeValueError, MalformedValueError):
        return _limit_page(person, {"": _("This does not fit together. Look at it again.")}), 422
    flash(_("A second person has to agree. Nothing was changed yet.") if step == "waits"
          else _("The limit holds from now on."), "info" if step == "waits" else "success")
    return redirect(url_for("people.index"), code=303)


def _blocked() -> frozenset[str]:
    if request.form.get("reach") == EVERYTHING:
        return frozenset({EVERYTHING})
    return frozenset(request.form.getlist("blocked")) & (frozenset(RIGHTS) - {"full"})


def _needs_two(person: Person) -> bool:
    circle = authority.circle(vault(), services().clock.now())
    return circle.standing(person.party_id).member.kind == "guardian" and circle.stage != "owner"


def _remove_page(person: Person, errors: dict[str, str]) -> str:
    return render_template("wallet/people/remove.html", shown=show(vault(), person), errors=errors,
                           needs_two=_needs_two(person))


def _limit_page(person: Person, errors: dict[str, str]) -> str:
    reach = [Choice(EVERYTHING, _("Everything"), _("The person is out at once.")),
             Choice("parts", _("Only what is ticked below"))]
    return render_template("wallet/people/limit.html", shown=show(vault(), person), errors=errors, reach=reach,
                           needs_two=_needs_two(person),
                           parts=[Choice(right, _limit_word(right)) for right in _BLOCKABLE])


def _limit_word(right: str) -> str:
    kind, colon, _category = right.partition(":")
    what = right_word(right, _)
    if not colon:
        return what
    told: str = _("See: %(what)s", what=what) if kind == "read" else _("Add: %(what)s", what=what)
    return told
