"""Inviting somebody: first as what, then what they may do, until when and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from credkit.errors import MalformedValueError, RangeValueError, StateError, WrongSecret
from credkit.profiles.family import RIGHTS
from ui.web import rate_limit
from ui.web.components import Choice
from wallet.services.people.people import Draft
from wallet.services.people.people_words import (
    BASES,
    CONTRIBUTES,
    LEARNER,
    OF_GUARDIANS,
    OF_HELPERS,
    PRESETS,
    READS,
    RIGHT_HELP,
    ROLE_HELP,
    ROLES,
    bases_of,
    right_word,
    said_grant,
)
from wallet.vault import TooManyTries
from wallet.web.context import require_unlocked, services, vault
from wallet.web.people import roles_on_offer
from wallet.web.requests import day_typed

blueprint = Blueprint("inviting", __name__, url_prefix="/people/invite")
require_unlocked(blueprint)

USUAL_DAYS: Final = 90
_LONGEST_DAYS: Final = 3 * 366
_LONGEST_NAME: Final = 100
_OPEN_ENDED: Final = ("guardian", LEARNER)
Fields = MultiDict[str, str]


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """As what?"""
    offers = roles_on_offer(vault())
    if not offers:
        raise NotFound
    return render_template("wallet/people/invite.html", roles=[
        (role, _(ROLES[role]), _(ROLE_HELP[role])) for role in offers])


@blueprint.get("/<role>")
def form(role: str) -> ResponseReturnValue:
    """Who, what they may do, until when, why."""
    _check_role(role)
    kept: Fields | None = g.get("kept_form")
    if kept is not None and kept.get("step") == "confirm" and not _errors(role, kept):
        return _confirm_page(role, kept, {})
    return _form_page(role, {})


@blueprint.post("/<role>")
@rate_limit("30 per hour")
def invite(role: str) -> ResponseReturnValue:
    """Make the invitation; for everything, only once the name and the passphrase were typed again."""
    _check_role(role)
    fields = request.form
    errors = _errors(role, fields)
    if errors:
        return _form_page(role, errors), 422
    draft = _draft(role, fields)
    if "full" in draft.rights:
        if fields.get("step") != "confirm":
            return _confirm_page(role, fields, {})
        errors = _confirm_errors(draft, fields)
        if errors:
            return _confirm_page(role, fields, errors), 422
    try:
        token = services().people.invite(vault(), draft)
    except (StateError, RangeValueError, MalformedValueError) as error:
        told = _(error.detail) if isinstance(error, StateError) else _("This does not fit together. Look at it again.")
        return _form_page(role, {"": told}), 422
    item_id = next(each.item_id for each in services().people.invitations(vault()) if each.token == token)
    return redirect(url_for("people.invitation", item_id=item_id), code=303)


def _check_role(role: str) -> None:
    if role not in roles_on_offer(vault()):
        raise NotFound


def _errors(role: str, fields: Fields) -> dict[str, str]:
    errors = {}
    if not 1 <= len(fields.get("name", "").strip()) <= _LONGEST_NAME:
        errors["name"] = _("Write a name of up to 100 letters.")
    if role == LEARNER:
        return errors
    if not _rights(role, fields):
        errors[_first_field(role)] = _("Choose at least one thing.")
    until, now = day_typed(fields.get("until", "")), services().clock.now()
    is_open = not fields.get("until", "").strip() and role in _OPEN_ENDED
    if not is_open and (until is None or not now < until <= now + timedelta(days=_LONGEST_DAYS)):
        errors["until"] = _("Choose a day within the next three years.")
    if fields.get("basis") not in bases_of(role):
        errors["basis"] = _("Choose one.")
    return errors


def _first_field(role: str) -> str:
    return "whole" if role == "guardian" else "read"


def _rights(role: str, fields: Fields) -> frozenset[str]:
    if role == "full-access":
        return PRESETS[role]
    chosen = frozenset(right for name in ("whole", "read", "add", "more") for right in fields.getlist(name))
    allowed = frozenset(RIGHTS) if role == "guardian" else frozenset((*READS, *CONTRIBUTES, *OF_HELPERS))
    return chosen & allowed


def _draft(role: str, fields: Fields) -> Draft:
    name = fields.get("name", "").strip()
    if role == LEARNER:
        return Draft(name, LEARNER, frozenset(), "family-consent", None)
    evidence = fields.get("evidence", "").strip()[:300] or None
    until = day_typed(fields.get("until", ""))
    return Draft(name, role, _rights(role, fields), fields.get("basis", ""), until, evidence)


def _confirm_errors(draft: Draft, fields: Fields) -> dict[str, str]:
    errors = {}
    if " ".join(fields.get("again", "").casefold().split()) != " ".join(draft.name.casefold().split()):
        errors["again"] = _("This is not the same name.")
    try:
        services().vault.check_passphrase(vault(), fields.get("passphrase", ""), request.remote_addr or "")
    except TooManyTries:
        errors["passphrase"] = _("There were too many wrong tries. Wait 15 minutes, then try again.")
    except WrongSecret:
        errors["passphrase"] = _("This passphrase does not open the backpack. Check the spelling.")
    return errors


def _form_page(role: str, errors: dict[str, str]) -> str:
    today = services().clock.now().date()
    preset = PRESETS.get(role, frozenset())
    typed: Fields | None = request.form if request.method == "POST" else g.get("kept_form")
    allowed = preset if typed is None else _rights(role, typed)
    return render_template(
        "wallet/people/invite_form.html", role=role, role_word=_(ROLES[role]), errors=errors,
        is_open_ended=role in _OPEN_ENDED, preset=sorted(preset), allowed=said_grant(allowed, _),
        whole=_choices(OF_GUARDIANS) if role == "guardian" else (), reads=_choices(READS), adds=_choices(CONTRIBUTES),
        more=_choices(OF_HELPERS), bases=[Choice(basis, _(BASES[basis])) for basis in bases_of(role)],
        until="" if role in _OPEN_ENDED else (today + timedelta(days=USUAL_DAYS)).isoformat(),
        first_day=today.isoformat(), last_day=(today + timedelta(days=_LONGEST_DAYS)).isoformat())


def _choices(rights: tuple[str, ...]) -> list[Choice]:
    return [Choice(right, right_word(right, _), _(RIGHT_HELP[right]) if right in RIGHT_HELP else "")
            for right in rights]


def _confirm_page(role: str, fields: Fields, errors: dict[str, str]) -> str:
    draft = _draft(role, fields)
    kept = [(name, value) for name in ("name", "whole", "read", "add", "more", "until", "basis", "evidence")
            for value in fields.getlist(name)]
    return render_template("wallet/people/invite_confirm.html", draft=draft, kept=kept, errors=errors,
                           role_word=_(ROLES[role]), rights=said_grant(draft.rights, _))
