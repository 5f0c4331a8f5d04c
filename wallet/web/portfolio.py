"""The portfolio: personal bests with their files."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from ui.languages import LANGUAGES
from ui.web import allow_body, rate_limit
from ui.web.components import Choice
from ui.web.locale import current_language
from wallet.services import authority
from wallet.services.record import library, portfolio
from wallet.web.context import require_unlocked, services, vault
from wallet.web.showing import badge_of
from wallet.web.uploads import ACCEPT, MOST_UPLOAD_BYTES, as_response, read_file

blueprint = Blueprint("portfolio", __name__, url_prefix="/portfolio")
require_unlocked(blueprint)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Every piece, newest first."""
    opened = vault()
    known = library.known_issuers(opened)
    may = authority.may(opened, "contribute:portfolio", services().clock.now())
    return render_template("wallet/portfolio.html", may_add=may,
                           badges=[badge_of(card, known) for card in portfolio.pieces(opened)])


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """A form for a piece."""
    return _form({})


@blueprint.post("/new")
@allow_body(MOST_UPLOAD_BYTES)
@rate_limit("30 per hour")
def add() -> ResponseReturnValue:
    """Keep the files and sign a record of them."""
    form = request.form
    language = form.get("language", "")
    try:
        works = [read_file(upload) for upload in request.files.getlist("works") if upload.filename]
    except StateError as error:
        return _form({"works": _(error.detail)}), 422
    try:
        item_id = portfolio.add(
            vault(), services().receiving.environment, title=form.get("title", ""), words=form.get("words", ""),
            name=form.get("name", ""), language=language if language in LANGUAGES else current_language(), works=works)
    except StateError as error:
        empty = next((name for name in ("title", "words", "name") if not form.get(name, "").strip()), "")
        return _form({empty: _(error.detail)}), 422
    flash(_("It is in the portfolio now."), "success")
    return redirect(url_for("records.show", item_id=item_id), code=303)


@blueprint.get("/<item_id>/files/<file_id>")
def work(item_id: str, file_id: str) -> ResponseReturnValue:
    """A file of a piece: a picture is shown, anything else is a download."""
    try:
        return as_response(portfolio.work(vault(), item_id, file_id))
    except StateError as error:
        raise NotFound from error


def _form(errors: dict[str, str]) -> str:
    return render_template(
        "wallet/portfolio_new.html", errors=errors, accept=ACCEPT, my_name=services().people.my_name(vault()),
        languages_=[Choice(code, name, language=code) for code, name in LANGUAGES.items()])
