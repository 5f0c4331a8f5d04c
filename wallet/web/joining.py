"""The invited person's page: what this is, a key of their own, then eight words to read aloud (security.md G01)."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import RangeValueError, StateError
from ui.web import rate_limit
from wallet.services.people.people import Letter
from wallet.services.people.people_words import ROLES, said_grant
from wallet.vault import OpenVault
from wallet.web.context import choose_learner, open_party, services, set_unlock_cookie, speak_to_learner

blueprint = Blueprint("joining", __name__)

_SHORTEST_LOGIN: Final = 2
_LONGEST_NAME: Final = 100


@blueprint.get("/join/<token>")
@rate_limit("60 per minute")
def join(token: str) -> ResponseReturnValue:
    """The invitation; once answered, the words; once confirmed, the record itself."""
    try:
        letter = services().people.peek(token)
    except StateError:
        return _dead()
    _speak(letter)
    own = open_party()
    if letter.state == "open":
        return _page(letter, {})
    if own is None:
        return redirect(url_for("unlocking.unlock", next=request.path), code=303)
    if letter.state == "admitted":
        return _enter(own)
    words = services().people.words_of(own, token)
    if not words:
        return _dead()
    return render_template("wallet/people/words.html", letter=letter, words=words)


@blueprint.post("/join/<token>")
@rate_limit("10 per minute")
def answer(token: str) -> ResponseReturnValue:
    """Say yes, with a key of one's own: the one that is open here, or a new one."""
    people = services().people
    try:
        letter = people.peek(token)
    except StateError:
        return _dead()
    if letter.state != "open":
        return _dead()
    _speak(letter)
    own, name = open_party(), request.form.get("name", "").strip()
    errors = _errors(own)
    if errors:
        return _page(letter, errors), 422
    response = make_response(redirect(url_for("joining.join", token=token), code=303))
    if own is None:
        try:
            unlocked = services().vault.register(request.form.get("login", ""), request.form.get("passphrase", ""))
        except RangeValueError:
            return _page(letter, {"passphrase": _("This is guessed too quickly. Take at least 12 characters, such as "
                                                  "four words.")}), 422
        except StateError:
            return _page(letter, {"login": _("This name is taken. Choose another.")}), 422
        own = unlocked.vault
        session.clear()
        set_unlock_cookie(response, services().vault.begin_session(unlocked))
    people.answer(own, token, name)
    return response


def _enter(own: OpenVault) -> ResponseReturnValue:
    joined = services().people.join(own)
    if joined:
        choose_learner(joined[0])
        flash(_("You are in. This is what is shared with you."), "success")
    return redirect(url_for("home.index"), code=303)


def _speak(letter: Letter) -> None:
    if letter.draft.role == "learner":
        speak_to_learner()


def _errors(own: OpenVault | None) -> dict[str, str]:
    form, errors = request.form, {}
    if not 1 <= len(form.get("name", "").strip()) <= _LONGEST_NAME:
        errors["name"] = _("Write a name of up to 100 letters.")
    if own is None:
        if not _SHORTEST_LOGIN <= len(" ".join(form.get("login", "").split())) <= _LONGEST_NAME:
            errors["login"] = _("Choose a name of 2 to 100 letters.")
        if form.get("passphrase", "") != form.get("again", ""):
            errors["again"] = _("The two passphrases are not the same.")
    return errors


def _page(letter: Letter, errors: dict[str, str]) -> str:
    own = open_party()
    draft = letter.draft
    return render_template(
        "wallet/people/join.html", letter=letter, errors=errors, is_learner=draft.role == "learner",
        role=_(ROLES[draft.role]), rights=said_grant(draft.rights, _), signed_in=own is not None,
        my_name=services().people.my_name(own) if own is not None else "")


def _dead() -> ResponseReturnValue:
    return render_template("wallet/people/dead_invitation.html"), 410
