"""What helpers bring: a form for them, and the family's answer: take in, return with a note, refuse."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from credkit.profiles.family import CONTRIBUTE_CATEGORIES
from ui.languages import LANGUAGES
from ui.web import rate_limit
from ui.web.components import Choice
from ui.web.locale import current_language
from ui.web.views import language_tag
from wallet.services import authority
from wallet.services.record import contributions, library
from wallet.services.record.contributions import COMMENTS, KINDS, Draft, Kind
from wallet.services.record.record_words import CATEGORIES, CONTRIBUTION_STATES, CONTRIBUTIONS
from wallet.web import showing
from wallet.web.context import require_unlocked, services, vault

blueprint = Blueprint("contributions", __name__, url_prefix="/contributions")
require_unlocked(blueprint)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What waits, and for a helper what became of theirs."""
    return render_template(
        "wallet/contributions.html", lines=contributions.every(vault()), kinds=CONTRIBUTIONS, categories=CATEGORIES,
        states=CONTRIBUTION_STATES, may_write=bool(_categories()))


@blueprint.get("/new")
def write() -> ResponseReturnValue:
    """A form for a badge, a note or a score."""
    return _form({})


@blueprint.post("/new")
@rate_limit("60 per hour")
def send() -> ResponseReturnValue:
    """Sign it and put it into the quarantine."""
    form = request.form
    language = form.get("language", "")
    draft = Draft(form.get("category", ""), cast(Kind, form.get("kind", "")), form.get("title", "").strip(),
                  form.get("words", "").strip(), form.get("name", "").strip(),
                  language if language in LANGUAGES else current_language(), form.get("value", "").strip(),
                  form.get("scale", "").strip())
    try:
        contributions.contribute(vault(), services().receiving.environment, draft)
    except StateError as error:
        missing = next((name for name in ("category", "kind", "title", "words", "name") if not form.get(name)), "")
        if draft.kind == "score" and not missing:
            missing = "value" if not draft.value else "scale" if not draft.scale else ""
        return _form({missing: _(error.detail)}), 422
    flash(_("It waits until the family takes it in. Nobody else sees it."), "success")
    return redirect(url_for("contributions.index"), code=303)


@blueprint.get("/<contribution_id>")
def show(contribution_id: str) -> ResponseReturnValue:
    """One contribution, to be read before it is answered."""
    return _page(contribution_id, {})


@blueprint.post("/<contribution_id>")
def answer(contribution_id: str) -> ResponseReturnValue:
    """Take it in, return it with a note, or refuse it."""
    opened, environment = vault(), services().receiving.environment
    _find(contribution_id)
    decision = request.form.get("decision")
    if decision == "accept":
        line, _record, _words = contributions.show(opened, contribution_id)
        kept = contributions.accept(opened, environment, contribution_id)
        flash(_("It is in your backpack now."), "success")
        if line.kind in COMMENTS:
            return redirect(url_for("home.index"), code=303)
        return redirect(url_for("records.show", item_id=kept), code=303)
    if decision == "return":
        try:
            contributions.send_back(opened, environment, contribution_id, request.form.get("note", ""))
        except StateError as error:
            return _page(contribution_id, {"note": _(error.detail)}), 422
        flash(_("It went back with your note."), "success")
    elif decision == "refuse":
        contributions.refuse(opened, environment, contribution_id)
        flash(_("It was refused and deleted."), "success")
    else:
        return _page(contribution_id, {"": _("Choose what should happen with it.")}), 422
    return redirect(url_for("inbox.index"), code=303)


@blueprint.post("/<contribution_id>/take-back")
def take_back(contribution_id: str) -> ResponseReturnValue:
    """A helper takes their own away."""
    _find(contribution_id)
    contributions.take_back(vault(), contribution_id)
    flash(_("You took it back. It is deleted."), "success")
    return redirect(url_for("contributions.index"), code=303)


def _find(contribution_id: str) -> None:
    try:
        contributions.show(vault(), contribution_id)
    except StateError as error:
        raise NotFound from error


def _page(contribution_id: str, errors: dict[str, str]) -> str:
    _find(contribution_id)
    opened = vault()
    line, record, words = contributions.show(opened, contribution_id)
    may = authority.may(opened, "review", services().clock.now())
    return render_template(
        "wallet/contribution.html", line=line, record=record, words=words, errors=errors, kinds=CONTRIBUTIONS,
        categories=CATEGORIES, states=CONTRIBUTION_STATES, may_answer=may and line.state == "waiting",
        language=language_tag(record.language), about=showing.about_facts(record),
        results=showing.result_facts(record) if line.kind not in COMMENTS else [],
        signer=showing.signer_of(record.issuer, library.known_issuers(opened), record.language))


def _categories() -> list[str]:
    may = authority.circle(vault(), services().clock.now()).standing(vault().party_id).may
    return [category for category in CONTRIBUTE_CATEGORIES if may(f"contribute:{category}")]


def _form(errors: dict[str, str]) -> str:
    opened = vault()
    return render_template(
        "wallet/contribute.html", errors=errors, my_name=services().people.my_name(opened),
        categories=[Choice(name, _(CATEGORIES[name])) for name in _categories()],
        kinds=[Choice(kind, _(CONTRIBUTIONS[kind])) for kind in KINDS],
        languages_=[Choice(code, name, language=code) for code, name in LANGUAGES.items()])
