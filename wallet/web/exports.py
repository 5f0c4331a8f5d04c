"""Take everything along, and bring it in: one zip that can be read without us; the log as a table; receipts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from credkit.errors import ParsingError, StateError, TooComplexError, UnsupportedError
from ui.web import allow_body, rate_limit
from wallet.services import authority
from wallet.services.sharing import exports, importing
from wallet.web.context import require_unlocked, services, vault
from wallet.web.shares import download
from wallet.web.site import site_files

blueprint = Blueprint("exports", __name__)
require_unlocked(blueprint)


@blueprint.get("/export")
def index() -> ResponseReturnValue:
    """What comes out."""
    opened, now = vault(), services().clock.now()
    authority.check(opened, "share", now)
    return render_template("wallet/export.html", everything=authority.may(opened, "full", now))


@blueprint.post("/export")
@rate_limit("10 per minute")
def take() -> ResponseReturnValue:
    """Everything as a zip file."""
    hidden = request.form.get("hidden") == "yes"
    opened, environment = vault(), services().sharing.environment
    authority.check(opened, "full" if hidden else "share", services().clock.now())
    found = exports.records(opened, environment, hidden=hidden)
    data = exports.export(opened, environment, hidden=hidden, more=site_files(opened, found))
    return download(data, "application/zip", "backpack.zip")


@blueprint.get("/export/activity.csv")
def log_table() -> ResponseReturnValue:
    """Who has seen what, as a table."""
    return download(exports.log_csv(exports.log_entries(vault())), "text/csv; charset=utf-8", "activity.csv")


@blueprint.get("/export/activity.json")
def log_file() -> ResponseReturnValue:
    """Who has seen what, for programs."""
    return download(exports.as_json(exports.log_entries(vault())), "application/json", "activity.json")


@blueprint.get("/export/receipts/<item_id>")
def receipt(item_id: str) -> ResponseReturnValue:
    """A consent receipt, as it was signed."""
    try:
        data = exports.receipt_json(vault(), item_id)
    except StateError as error:
        raise NotFound from error
    return download(data, "application/json", "receipt.json")


@blueprint.get("/import")
def bring() -> ResponseReturnValue:
    """A field for a file."""
    return render_template("wallet/import.html", errors={}, refused=())


@blueprint.post("/import")
@allow_body(importing.MOST_BYTES + 65_536)
@rate_limit("10 per minute")
def read() -> ResponseReturnValue:
    """Check each record in the file and keep those that hold."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return render_template("wallet/import.html", errors={"file": _("Choose a file.")}, refused=()), 422
    try:
        documents = importing.read_file(upload.read())
    except ParsingError:
        errors = {"file": _("There is no record in this file that can be read.")}
        return render_template("wallet/import.html", errors=errors, refused=()), 422
    except importing.OlderBadge:
        words = _("This is an older badge (Open Badges 2.0). It can be checked, but not kept here. "
                  "Keep the file itself, and ask who gave it for a new badge.")
        return render_template("wallet/import.html", errors={"file": words}, refused=()), 422
    except UnsupportedError:
        words = _("The badge in this picture has a form that cannot be kept here. Ask who signed it for a new one.")
        errors = {"file": words}
        return render_template("wallet/import.html", errors=errors, refused=()), 422
    except TooComplexError:
        errors = {"file": _("This file is too large.")}
        return render_template("wallet/import.html", errors=errors, refused=()), 422
    imported = importing.keep(vault(), services().sharing.environment, documents, file_name=_("a file"))
    if imported.refused:
        return render_template("wallet/import.html", errors={}, refused=imported.refused, kept=len(imported.kept)), 422
    flash(ngettext("%(num)s record from the file was checked and kept.",
                   "%(num)s records from the file were checked and kept.", len(imported.kept)), "success")
    return redirect(url_for("home.index"), code=303)
