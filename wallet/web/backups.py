"""A backup of everything one can open: made, and taken in as copies."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from credkit.errors import StateError, TooComplexError, WrongSecret
from ui.web import allow_body, rate_limit
from wallet.vault import TooManyTries
from wallet.vault.backup_file import BackupRefused
from wallet.web.context import party, require_party, services
from wallet.web.security import MOST_UPLOADED, backup_file, client, refusal_of

blueprint = Blueprint("backups", __name__, url_prefix="/settings/backup")
require_party(blueprint)
_IN_MEMORY = 4 * 1024 * 1024


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What a backup is, and the way to make one."""
    return _page({})


def _page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    return render_template("wallet/security/backup.html", errors=errors), status


@blueprint.post("")
@rate_limit("10 per minute")
def make() -> ResponseReturnValue:
    """The file; what lies on this server's disk meanwhile is sealed already."""
    out = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the answer closes it
    try:
        services().backups.make(party(), out, request.form.get("present", ""), client=client())
    except TooManyTries:
        return _page({"present": _("There were too many wrong tries. Wait 15 minutes, then try again.")}, 429)
    except WrongSecret:
        return _page({"present": _("This is not your passphrase. Check the spelling.")}, 403)
    except TooComplexError:
        return _page({"": _("This backpack is too large for one backup. Remove large files first.")}, 422)
    out.seek(0)
    name = f"backpack-{services().clock.now():%Y-%m-%d}.backup"
    return send_file(out, mimetype="application/octet-stream", as_attachment=True, download_name=name)


@blueprint.route("/copies", methods=["GET", "POST"])
@rate_limit("10 per minute")
@allow_body(MOST_UPLOADED)
def copies() -> ResponseReturnValue:
    """Add what is in a backup as new copies."""
    if request.method == "GET":
        return render_template("wallet/security/copies.html", errors={})
    try:
        brought = services().backups.add_copies(
            party(), backup_file(), request.form.get("passphrase", ""),
            lambda label: _("%(name)s (copy)", name=label)[:100])
    except BackupRefused as error:
        errors = {"passphrase" if error.reason == "changed" else "file": refusal_of(error)}
        return render_template("wallet/security/copies.html", errors=errors), 422
    except StateError:
        errors = {"": _("Something was changed on another device at the same time. Try again.")}
        return render_template("wallet/security/copies.html", errors=errors), 409
    flash(ngettext("%(num)s item was added as a copy.", "%(num)s items were added as copies.", brought.items),
          "success")
    return redirect("/" if brought.learners == 0 else url_for("learners.index"), code=303)
