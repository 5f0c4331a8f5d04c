"""Letters to schools and the days their answers are due."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from ui.languages import LANGUAGES
from ui.web.components import Choice
from ui.web.views import show_date
from wallet.services import authority
from wallet.services.record import letters, tracker
from wallet.services.record.record_words import ASKED, ASKED_HELP, ASKED_STATES, DEADLINES
from wallet.services.record.tracker import Asked, Deadline, Kind, Letter
from wallet.web.context import require_unlocked, services, vault

blueprint = Blueprint("tracker", __name__, url_prefix="/letters")
require_unlocked(blueprint)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Every request: what is due first."""
    return render_template("wallet/letters.html", lines=tracker.requests(vault(), _today()), kinds=ASKED,
                           states=ASKED_STATES, only_a_reminder=tracker.ONLY_A_REMINDER, may_write=_may_write())


@blueprint.get("/new")
def write() -> ResponseReturnValue:
    """A form for a letter; ``kind`` and ``about`` come from the record it is about."""
    return _form({})


@blueprint.post("/new")
def prepare() -> ResponseReturnValue:
    """Write the letter; nothing is sent by itself."""
    form = request.form
    letter = Letter(*(form.get(name, "") for name in ("school", "learner", "writer", "address", "born", "about",
                                                      "words")))
    try:
        request_id = tracker.prepare(
            vault(), services().receiving.environment, kind=cast(Kind, form.get("kind", "")),
            deadline=cast(Deadline, form.get("deadline", "")), letter=letter)
    except StateError as error:
        wanted = ("kind", "school", "learner", "writer") + (
            ("about", "words") if form.get("kind") == "correction" else ())
        empty = next((name for name in wanted if not form.get(name, "").strip()), "")
        return _form({empty: _(error.detail)}), 422
    return redirect(url_for("tracker.show", request_id=request_id), code=303)


@blueprint.get("/<request_id>")
def show(request_id: str) -> ResponseReturnValue:
    """One request: its letter, its day, what to do next."""
    return _page(request_id, {})


@blueprint.post("/<request_id>")
def change(request_id: str) -> ResponseReturnValue:
    """Note that it was sent, that an answer came, or that none is awaited."""
    opened, environment = vault(), services().receiving.environment
    _find(request_id)
    act, note = request.form.get("act"), request.form.get("note", "")
    try:
        if act == "sent":
            try:
                day = date.fromisoformat(request.form.get("sent_on", ""))
            except ValueError:
                return _page(request_id, {"sent_on": _("Choose the day it was sent.")}), 422
            tracker.mark_sent(opened, environment, request_id, day)
            flash(_("The day is noted. You find it under “Letters to schools”."), "success")
        elif act in ("answered", "closed"):
            tracker.close(opened, environment, request_id, answered=act == "answered", note=note)
            flash(_("It is noted."), "success")
        else:
            return _page(request_id, {"": _("Choose what should be noted.")}), 422
    except StateError as error:
        return _page(request_id, {"sent_on" if act == "sent" else "note": _(error.detail)}), 422
    return redirect(url_for("tracker.show", request_id=request_id), code=303)


@blueprint.get("/<request_id>/letter")
def letter(request_id: str) -> ResponseReturnValue:
    """The letter to print, in both languages."""
    asked, written, deadline, _note = _find(request_id)
    texts = []
    for code, name in LANGUAGES.items():
        with force_locale(code):
            texts.append((code, name, show_date(asked.sent_on or _today()), letters.subject_of(asked.kind, written, _),
                          letters.paragraphs(asked.kind, written, deadline, _)))
    return render_template("wallet/letter.html", request_id=request_id, letter=written, texts=texts)


def _today() -> date:
    return services().clock.now().date()


def _may_write() -> bool:
    return authority.may(vault(), "review", services().clock.now())


def _find(request_id: str) -> tuple[Asked, Letter, Deadline, str]:
    try:
        return tracker.show(vault(), request_id, _today())
    except StateError as error:
        raise NotFound from error


def _page(request_id: str, errors: dict[str, str]) -> str:
    asked, written, _deadline, note = _find(request_id)
    return render_template(
        "wallet/letter_show.html", asked=asked, letter=written, note=note, errors=errors, kinds=ASKED,
        states=ASKED_STATES, only_a_reminder=tracker.ONLY_A_REMINDER, today=_today().isoformat(),
        may_write=_may_write())


def _form(errors: dict[str, str]) -> str:
    opened = vault()
    about = services().people.describe(opened)
    kind = request.args.get("kind", "")
    return render_template(
        "wallet/letter_new.html", errors=errors, kind=kind if kind in tracker.KINDS else "access",
        about=request.args.get("about", "")[:150], my_name=services().people.my_name(opened),
        learner=about.name if about else "", born=about.birth_date if about else "",
        kinds=[Choice(name, _(ASKED[name]), _(ASKED_HELP[name])) for name in tracker.KINDS],
        deadlines=[Choice(name, _(DEADLINES[name])) for name in tracker.DEADLINES])
