"""Who saw what, and what came from where."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from wallet.services import activity
from wallet.services.labels import label_of
from wallet.web.context import require_unlocked, vault

blueprint = Blueprint("activity", __name__, url_prefix="/activity")
require_unlocked(blueprint)

_PAGE = 25


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The log, newest first."""
    lines = activity.lines(vault())
    pages = max(1, -(-len(lines) // _PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template("wallet/activity.html", lines=lines[(page - 1) * _PAGE:page * _PAGE], page=page, pages=pages)


@blueprint.get("/<entry_id>")
def show(entry_id: str) -> ResponseReturnValue:
    """One entry with every value that left."""
    try:
        line, records = activity.show(vault(), entry_id)
    except StateError as error:
        raise NotFound from error
    told = [{**record, "values": [(label_of(value["kind"], _), value["value"]) for value in record["values"]],
             "always": [(label_of(value["kind"], _), value["value"]) for value in record["always"]]}
            for record in records]
    return render_template("wallet/activity_entry.html", line=line, records=told)
