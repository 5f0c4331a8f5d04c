"""Deleting one thing: what goes with it, what nobody can call back, and two buttons."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from ui.languages import N_
from ui.web import rate_limit
from wallet.services.record import deleting
from wallet.services.record.deleting import Going, What
from wallet.services.record.items import CREDENTIAL
from wallet.web.context import require_unlocked, services, vault

blueprint = Blueprint("deleting", __name__, url_prefix="/delete")
require_unlocked(blueprint)

_DONE: Final[dict[str, str]] = {
    "record": N_("The record is deleted."), "work": N_("The file is deleted."),
    "comment": N_("The comment is deleted."), "paper": N_("The paper is deleted."),
    "share": N_("It is deleted. If it was a link, it leads nowhere now."),
}


@blueprint.route("/record/<item_id>", methods=["GET", "POST"])
@rate_limit("120 per hour")
def record(item_id: str) -> ResponseReturnValue:
    """A record, with what the family said of it."""
    return _page("record", item_id)


@blueprint.route("/piece/<item_id>/<file_id>", methods=["GET", "POST"])
@rate_limit("120 per hour")
def work(item_id: str, file_id: str) -> ResponseReturnValue:
    """A file of a piece in the portfolio."""
    return _page("work", item_id, file_id)


@blueprint.route("/comment/<comment_id>", methods=["GET", "POST"])
@rate_limit("120 per hour")
def comment(comment_id: str) -> ResponseReturnValue:
    """A comment."""
    return _page("comment", comment_id)


@blueprint.route("/paper/<paper_id>", methods=["GET", "POST"])
@rate_limit("120 per hour")
def paper(paper_id: str) -> ResponseReturnValue:
    """An old paper, with its file."""
    return _page("paper", paper_id)


@blueprint.route("/share/<share_id>", methods=["GET", "POST"])
@rate_limit("120 per hour")
def share(share_id: str) -> ResponseReturnValue:
    """Something handed out."""
    return _page("share", share_id)


def _page(what: What, item_id: str, part: str = "") -> ResponseReturnValue:
    environment = services().receiving.environment
    try:
        going = deleting.look(vault(), environment, what, item_id, part)
    except StateError as error:
        raise NotFound from error
    if request.method == "GET":
        return _ask(going, item_id, part, {})
    if going.signed_elsewhere and request.form.get("sure") != "yes":
        return _ask(going, item_id, part, {"sure": _("Say whether you have a copy, or need none.")}), 422
    deleting.delete(vault(), environment, what, item_id, part)
    flash(_(_DONE[what]), "success")
    return redirect(_after(what, item_id), code=303)


def _ask(going: Going, item_id: str, part: str, errors: dict[str, str]) -> str:
    return render_template("wallet/delete.html", going=going, errors=errors, back=_before(going.what, item_id),
                           item_id=item_id, part=part)


def _before(what: What, item_id: str) -> str:
    """The page that led here."""
    if what in ("record", "work"):
        return url_for("records.show", item_id=item_id)
    if what == "paper":
        return url_for("papers.show", paper_id=item_id)
    return url_for("shares.show", share_id=item_id) if what == "share" else _commented()


def _after(what: What, item_id: str) -> str:
    if what == "work":
        return url_for("records.show", item_id=item_id)
    if what == "comment":
        return _commented()
    return url_for({"paper": "papers.index", "share": "shares.index"}.get(what, "home.index"))


def _commented() -> str:
    """The record a comment stands on, as the link here named it."""
    item_id, inside = request.values.get("record", ""), request.values.get("inside", type=int)
    if not any(entry.id == item_id for entry in vault().entries(CREDENTIAL)):
        return url_for("home.index")
    return url_for("comments.index", item_id=item_id, inside=inside)
