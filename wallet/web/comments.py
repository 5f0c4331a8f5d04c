"""Comment, never edit: what people say about a record, and how far it goes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from ui.languages import LANGUAGES
from ui.web import rate_limit
from ui.web.components import Choice
from ui.web.locale import current_language
from wallet.services.record import comments, library
from wallet.services.record.comments import Draft
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import TranscriptView
from wallet.web.context import require_unlocked, services, vault

blueprint = Blueprint("comments", __name__)
require_unlocked(blueprint)


@blueprint.get("/records/<item_id>/comments")
def index(item_id: str) -> ResponseReturnValue:
    """What was said, and a form to say more."""
    return _page(item_id, {})


@blueprint.post("/records/<item_id>/comments")
@rate_limit("60 per hour")
def write(item_id: str) -> ResponseReturnValue:
    """Sign and keep a comment."""
    opened = vault()
    _title, credential_id, _language = _record(item_id)
    form = request.form
    language = form.get("language", "")
    language = language if language in LANGUAGES else current_language()
    draft = Draft(form.get("words", ""), form.get("name", ""), language, travels=form.get("travels") == "yes",
                  kind="representative" if form.get("representative") == "yes" else "comment")
    try:
        comments.comment(opened, services().receiving.environment, item_id, draft,
                         credential_id=credential_id if _inside() is not None else None)
    except StateError as error:
        empty = "words" if not draft.words.strip() else "name" if not draft.name.strip() else ""
        return _page(item_id, {empty: _(error.detail)}), 422
    if _is_helper():
        flash(_("Your comment waits until the family takes it in."), "success")
    else:
        flash(_("Your comment is kept. The signed words are as they were."), "success")
    return redirect(url_for("comments.index", item_id=item_id, inside=_inside()), code=303)


@blueprint.post("/comments/<comment_id>/travels")
def travels(comment_id: str) -> ResponseReturnValue:
    """Let a comment go along, or stay."""
    goes = request.form.get("travels") == "yes"
    comments.set_travels(vault(), services().receiving.environment, comment_id, travels=goes)
    flash(_("From now on it goes along.") if goes else _("From now on it stays here."), "success")
    return _back()


@blueprint.post("/comments/<comment_id>/withdraw")
def withdraw(comment_id: str) -> ResponseReturnValue:
    """Stop a comment for good."""
    comments.withdraw(vault(), services().receiving.environment, comment_id)
    flash(_("Your comment is withdrawn. Copies that were shared before stay where they are."), "success")
    return _back()


def _back() -> ResponseReturnValue:
    item_id = request.form.get("record", "")
    inside = request.form.get("inside", type=int)
    if not any(entry.id == item_id for entry in vault().entries(CREDENTIAL)):
        return redirect(url_for("home.index"), code=303)
    return redirect(url_for("comments.index", item_id=item_id, inside=inside), code=303)


def _page(item_id: str, errors: dict[str, str]) -> str:
    opened = vault()
    title, credential_id, language = _record(item_id)
    entry = next(entry for entry in opened.entries(CREDENTIAL) if entry.id == item_id)
    return render_template(
        "wallet/comments.html", item_id=item_id, inside=_inside(), title=title, language=language, errors=errors,
        comments=comments.comments_on(opened, credential_id), my_name=services().people.my_name(opened),
        languages_=[Choice(code, name, language=code) for code, name in LANGUAGES.items()],
        representative=_is_helper() and entry.summary["category"] == "portfolio", helper=_is_helper())


def _is_helper() -> bool:
    opened = vault()
    return opened.members()[opened.party_id].kind == "delegate"


def _inside() -> int | None:
    return request.args.get("inside", type=int)


def _record(item_id: str) -> tuple[str, str | None, str | None]:
    """Title, id and language of what is commented on: the item, or the record at ``inside`` in it."""
    try:
        index = _inside()
        if index is not None:
            record = library.show_member(vault(), item_id, index)
            return record.title, record.credential_id, record.language
        view = library.show(vault(), item_id).view
    except StateError as error:
        raise NotFound from error
    return view.title, view.credential_id, None if isinstance(view, TranscriptView) else view.language
