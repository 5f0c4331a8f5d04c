"""Security pages for who has no session: passkeys, getting back in, restoring, and what we can promise."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import CredkitError, RangeValueError, StateError, WrongSecret
from ui.web import allow_body, rate_limit
from wallet.services import activity
from wallet.services.people.passkeys import Passkeys
from wallet.vault import TooManyTries
from wallet.vault.backup_file import BackupRefused
from wallet.vault.methods.recovery_kit import MistypedCode
from wallet.vault.ways import Ways
from wallet.web.context import counters, services
from wallet.web.unlocking import SAID_BY_PASSKEY, enter

blueprint = Blueprint("security", __name__)
MOST_UPLOADED = 64 * 1024 * 1024
"""What a page takes from whoever sends it; larger backups go in from the command line."""


def passkeys() -> Passkeys:
    """The ceremonies at this address."""
    return Passkeys(services().vault, services().config.origin)


def client() -> str:
    """Who tries."""
    return request.remote_addr or ""


def problem_of(error: CredkitError) -> str:
    """What a page says of a secret that was not taken."""
    if isinstance(error, MistypedCode):
        return str(_("Group %(number)s is not right. Compare it with the paper.", number=error.group) if error.group
                   else _("The code has eight groups of five. Compare it with the paper."))
    if isinstance(error, TooManyTries):
        return str(_("There were too many wrong tries. Wait 15 minutes, then try again."))
    if isinstance(error, RangeValueError):
        return str(_("This is guessed too quickly. Take at least 12 characters, such as four words."))
    return str(_("This code opens nothing here now."))


# Passkeys -------------------------------------------------------------------------------------------------------------

@blueprint.post("/unlock/passkey/begin")
@rate_limit("30 per minute")
def begin_signing_in() -> ResponseReturnValue:
    """What the page asks the passkey for."""
    return jsonify(passkeys().begin_signing_in())


@blueprint.post("/unlock/passkey")
@rate_limit("30 per minute")
def sign_in() -> ResponseReturnValue:
    """Open with a passkey; one that knows no PRF says who is here, and the passphrase is asked."""
    try:
        found = passkeys().sign_in(request.form.get("answer", ""), request.form.get("prf", ""), counters=counters())
    except WrongSecret:
        return render_template("wallet/security/passkey_refused.html", next=request.args.get("next", "/")), 403
    if found.unlocked is not None:
        return enter(found.unlocked)
    session[SAID_BY_PASSKEY] = found.party_id
    return redirect(url_for("unlocking.unlock", next=request.args.get("next", "/")), code=303)


# Getting back in ------------------------------------------------------------------------------------------------------

@blueprint.get("/recover")
def recover() -> ResponseReturnValue:
    """The ways back in, and that nobody else has one."""
    return render_template("wallet/security/recover.html", is_empty=not services().vault.is_set_up())


@blueprint.get("/recover/kit")
def kit() -> ResponseReturnValue:
    """The code from the paper, and a new passphrase."""
    return render_template("wallet/security/recover_code.html", errors={}, kind="kit")


@blueprint.post("/recover/kit")
@rate_limit("20 per minute")
def open_with_kit() -> ResponseReturnValue:
    """Open with the recovery kit."""
    return _open_with_code("kit")


@blueprint.get("/recover/ask")
def ask() -> ResponseReturnValue:
    """Whose backpack the helpers shall open."""
    return render_template("wallet/security/recover_ask.html", errors={},
                           asks_for_login=services().vault.asks_for_login())


@blueprint.post("/recover/ask")
@rate_limit("5 per minute")
def ask_helpers() -> ResponseReturnValue:
    """Make the request and show its code and words, once."""
    asked = services().recovery.ask(request.form.get("login", ""))
    return render_template("wallet/security/recover_asked.html", asked=asked)


@blueprint.get("/recover/open")
def with_helpers() -> ResponseReturnValue:
    """The code of the request, and a new passphrase."""
    return render_template("wallet/security/recover_code.html", errors={}, kind="helpers")


@blueprint.post("/recover/open")
@rate_limit("20 per minute")
def open_with_helpers() -> ResponseReturnValue:
    """Open with what the helpers released."""
    return _open_with_code("helpers")


def _open_with_code(kind: str) -> ResponseReturnValue:
    code, passphrase = request.form.get("code", ""), request.form.get("passphrase", "")

    def page(errors: dict[str, str], status: int) -> ResponseReturnValue:
        return render_template("wallet/security/recover_code.html", errors=errors, kind=kind), status

    if passphrase != request.form.get("again", ""):
        return page({"again": _("The two passphrases are not the same.")}, 422)
    try:
        if kind == "kit":
            unlocked = Ways(services().vault).open_with_kit(code, passphrase, client=client())
        else:
            unlocked = services().recovery.open(code, passphrase, client=client())
    except TooManyTries as error:
        return page({"code": problem_of(error)}, 429)
    except RangeValueError as error:
        return page({"passphrase": problem_of(error)}, 422)
    except WrongSecret as error:
        return page({"code": problem_of(error)}, 403)
    except StateError:
        return page({"code": _("Nothing opens with this code now. Too few people may have agreed, it may be too early, "
                               "or it was stopped.")}, 403)
    if kind == "kit":
        activity.log(unlocked.vault.personal(), services().clock, "recovery", {"state": "kit_used"})
    response = enter(unlocked, then=url_for("ways.index"))
    flash(_("Your backpack is open, and has its new passphrase."), "success")
    return response


# Restoring ------------------------------------------------------------------------------------------------------------

@blueprint.get("/restore")
def restore() -> ResponseReturnValue:
    """A backup, put into a wallet that nobody uses yet."""
    return render_template("wallet/security/restore.html", errors={}, is_empty=not services().vault.is_set_up())


@blueprint.post("/restore")
@rate_limit("3 per minute")
@allow_body(MOST_UPLOADED)
def restore_file() -> ResponseReturnValue:
    """Put it back and go in."""
    try:
        return enter(services().backups.restore(backup_file(), request.form.get("passphrase", "")))
    except BackupRefused as error:
        errors = {"passphrase" if error.reason == "changed" else "file": refusal_of(error)}
    except StateError:
        errors = {"": _("Somebody uses this wallet already. Open it, then add the backup as copies.")}
    return render_template("wallet/security/restore.html", errors=errors,
                           is_empty=not services().vault.is_set_up()), 422


def backup_file() -> BinaryIO:
    """The uploaded file.

    Raises:
        BackupRefused: there is none.
    """
    found = request.files.get("file")
    if found is None or not found.filename:
        raise BackupRefused("format")
    return cast(BinaryIO, found.stream)


def refusal_of(error: BackupRefused) -> str:
    """Why a backup was not taken."""
    said: dict[str, str] = {
        "format": _("This file is no backup of a backpack."),
        "version": _("This backup was made by a newer program. Ask who runs this one to update it."),
        "large": _("This file is too large for a backup."),
        "lock": _("The lock of this file is not one of ours."),
        "changed": _("The passphrase is not the one of this backup, or the file was damaged.")}
    return said[error.reason]


# What we can promise --------------------------------------------------------------------------------------------------

@blueprint.get("/security")
def promises() -> ResponseReturnValue:
    """What nobody can read, what stays visible, and what a page from a server cannot promise."""
    return render_template("wallet/security/promises.html")
