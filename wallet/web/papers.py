"""Old papers: kept apart, shown as never verified."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from ui.web import allow_body, rate_limit
from wallet.services import authority
from wallet.services.record import unverified
from wallet.web.context import require_unlocked, services, vault
from wallet.web.uploads import ACCEPT_TABLES, MOST_UPLOAD_BYTES, as_response, read_file

blueprint = Blueprint("papers", __name__, url_prefix="/papers")
require_unlocked(blueprint)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Every paper, newest first."""
    may = authority.may(vault(), "review", services().clock.now())
    return render_template("wallet/papers.html", papers=unverified.papers(vault()), may_add=may)


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """A form for a paper."""
    return _form({})


@blueprint.post("/new")
@allow_body(MOST_UPLOAD_BYTES)
@rate_limit("60 per hour")
def add() -> ResponseReturnValue:
    """Keep a paper."""
    upload = request.files.get("paper")
    if upload is None or not upload.filename:
        return _form({"paper": _("Choose a photo, a PDF or a table.")}), 422
    try:
        file = read_file(upload, tables=True)
    except StateError as error:
        return _form({"paper": _(error.detail)}), 422
    title = request.form.get("title", "")
    try:
        paper_id = unverified.keep(
            vault(), services().receiving.environment, title=title, note=request.form.get("note", ""), name=file.name,
            media_type=file.media_type, data=file.data)
    except StateError as error:
        return _form({"title" if not title.strip() else "": _(error.detail)}), 422
    flash(_("It is kept. Nobody has verified it."), "success")
    return redirect(url_for("papers.show", paper_id=paper_id), code=303)


@blueprint.get("/<paper_id>")
def show(paper_id: str) -> ResponseReturnValue:
    """One paper."""
    try:
        paper, note, table = unverified.show(vault(), paper_id)
    except StateError as error:
        raise NotFound from error
    may = authority.may(vault(), "review", services().clock.now())
    return render_template("wallet/paper.html", paper=paper, note=note, table=table, may_delete=may)


@blueprint.get("/<paper_id>/file")
def file(paper_id: str) -> ResponseReturnValue:
    """Its file: a picture is shown, anything else is a download."""
    try:
        return as_response(unverified.file_of(vault(), paper_id))
    except StateError as error:
        raise NotFound from error


def _form(errors: dict[str, str]) -> str:
    return render_template("wallet/paper_new.html", errors=errors, accept=ACCEPT_TABLES)
