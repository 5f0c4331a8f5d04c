"""Ways to open the backpack: listed, added, changed, taken away; choosing helpers, and helping others."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import CredkitError, RangeValueError, StateError, WrongSecret
from ui.web import rate_limit
from wallet.services import activity
from wallet.services.people.recovery import Helper
from wallet.vault import TooManyTries
from wallet.vault.ways import Way, Ways
from wallet.web.context import cookie_name, party, require_party, services
from wallet.web.security import client, passkeys

blueprint = Blueprint("ways", __name__, url_prefix="/settings/security")
require_party(blueprint)


def _ways() -> Ways:
    return Ways(services().vault)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Every way in, what each can do, and what could be added."""
    own = party()
    names = {helper.member.party_id: helper.name for helper in _helpers()}
    ways = [(way, None if way.added_at is None else datetime.fromtimestamp(way.added_at, UTC),
             [names.get(party_id) for party_id in way.circle.shares] if way.circle else [])
            for way in _ways().all(own)]
    return render_template(
        "wallet/security/ways.html", ways=ways, has={way.method for way, _at, _names in ways},
        notices=services().recovery.notices(own), helping=services().recovery.holds_for(own))


# Passphrase -----------------------------------------------------------------------------------------------------------

@blueprint.route("/passphrase", methods=["GET", "POST"])
@rate_limit("20 per minute")
def passphrase() -> ResponseReturnValue:
    """Change the passphrase."""
    if request.method == "GET":
        return render_template("wallet/security/passphrase.html", errors={})
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _refused("passphrase", {"again": _("The two passphrases are not the same.")})
    try:
        _ways().change_passphrase(party(), request.form.get("present", ""), new, client=client(),
                                  cookie=request.cookies.get(cookie_name()))
    except RangeValueError:
        said = _("This is guessed too quickly. Take at least 12 characters, such as four words.")
        return _refused("passphrase", {"new": said})
    except (WrongSecret, TooManyTries) as error:
        return _wrong("passphrase", error)
    _log("changed")
    return _done(_("The passphrase is changed. Other devices have to open the backpack anew."))


# Passkeys -------------------------------------------------------------------------------------------------------------

@blueprint.post("/passkey/begin")
@rate_limit("20 per minute")
def begin_adding() -> ResponseReturnValue:
    """What the page asks the authenticator for."""
    own = party()
    return jsonify(passkeys().begin_adding(own, services().people.my_name(own)))


@blueprint.route("/passkey", methods=["GET", "POST"])
@rate_limit("20 per minute")
def passkey() -> ResponseReturnValue:
    """Add a passkey."""
    if request.method == "GET":
        return render_template("wallet/security/passkey.html", errors={})
    try:
        opens = passkeys().add(party(), request.form.get("answer", ""), request.form.get("prf", ""),
                               request.form.get("present", ""), client=client())
    except StateError:
        return _refused("passkey", {"": _("This passkey is here already.")})
    except (WrongSecret, TooManyTries) as error:
        return _wrong("passkey", error)
    _log("passkey")
    return _done(_("The passkey is added. It opens your backpack.") if opens else
                 _("The passkey is added. It says who you are; the passphrase is still asked."))


# Recovery kit ---------------------------------------------------------------------------------------------------------

@blueprint.route("/kit", methods=["GET", "POST"])
@rate_limit("20 per minute")
def kit() -> ResponseReturnValue:
    """Make a recovery kit and show its code, once."""
    if request.method == "GET":
        return render_template("wallet/security/kit_new.html", errors={})
    try:
        code = _ways().add_kit(party(), request.form.get("present", ""), client=client())
    except (WrongSecret, TooManyTries) as error:
        return _wrong("kit_new", error)
    _log("kit_made")
    return render_template("wallet/security/kit.html", code=code, made=services().clock.now())


# Taking away ----------------------------------------------------------------------------------------------------------

@blueprint.route("/remove/<way_id>", methods=["GET", "POST"])
@rate_limit("20 per minute")
def remove(way_id: str) -> ResponseReturnValue:
    """Take a way in away."""
    found = _way(way_id)
    if request.method == "GET":
        return render_template("wallet/security/remove.html", errors={}, way=found)
    try:
        _ways().remove(party(), found.id, request.form.get("present", ""), client=client())
    except (WrongSecret, TooManyTries) as error:
        return _wrong("remove", error, way=found)
    _log("removed")
    return _done(_("It no longer opens your backpack."))


def _way(way_id: str) -> Way:
    found = next((way for way in _ways().all(party()) if way.id == way_id and way.method != "passphrase"), None)
    if found is None:
        raise NotFound
    return found


# Helpers --------------------------------------------------------------------------------------------------------------

@blueprint.route("/helpers", methods=["GET", "POST"])
@rate_limit("20 per minute")
def helpers() -> ResponseReturnValue:
    """Choose who can together open the backpack."""
    own, known = party(), _helpers()
    my_name = services().people.my_name(own)
    if request.method == "GET":
        return render_template("wallet/security/helpers.html", errors={}, known=known, my_name=my_name)
    wanted = set(request.form.getlist("helper"))
    chosen = tuple(helper for helper in known if helper.member.party_id in wanted)
    needed = request.form.get("needed", type=int) or 0
    name = request.form.get("name", "").strip() or my_name
    if not name:
        return _refused("helpers", {"name": _("Say what they call you.")}, known=known, my_name="")
    try:
        services().recovery.choose(own, chosen, needed, request.form.get("present", ""), name=name[:100],
                                   client=client())
    except RangeValueError:
        return _refused("helpers", {"helper": _("Choose at least two people, and say how many of them are needed: two "
                                                "or more.")}, known=known, my_name=name)
    except (WrongSecret, TooManyTries) as error:
        return _wrong("helpers", error, known=known, my_name=name)
    return _done(_("Chosen. Tell them, so that they know when somebody asks."))


def _helpers() -> tuple[Helper, ...]:
    return services().recovery.candidates(party(), services().people.names)


@blueprint.get("/helping")
def helping() -> ResponseReturnValue:
    """Requests of people whom one helps, with the words to compare."""
    own = party()
    return render_template("wallet/security/helping.html", requests=services().recovery.requests(own),
                           now=services().clock.now())


@blueprint.post("/helping/<recovery_id>")
@rate_limit("20 per minute")
def agree(recovery_id: str) -> ResponseReturnValue:
    """Release one's share: the words were the same."""
    try:
        services().recovery.agree(party(), recovery_id, request.form.get("mark", ""))
    except StateError as error:
        if "early" in str(error):
            raise
        raise NotFound from error
    flash(_("Your part is released. Only who asked can read it."), "success")
    return redirect(url_for("ways.helping"), code=303)


@blueprint.post("/stop/<recovery_id>")
@rate_limit("20 per minute")
def stop(recovery_id: str) -> ResponseReturnValue:
    """Refuse a request to open one's own backpack."""
    try:
        services().recovery.stop(party(), recovery_id)
    except StateError as error:
        raise NotFound from error
    return _done(_("Stopped. If you do not know who asked, change your passphrase and talk to your helpers."))


# All ------------------------------------------------------------------------------------------------------------------

def _log(what: str) -> None:
    activity.log(party(), services().clock, "recovery", {"state": what})


def _done(message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for("ways.index"), code=303)


def _refused(page: str, errors: dict[str, str], status: int = 422, **more: object) -> ResponseReturnValue:
    return render_template(f"wallet/security/{page}.html", errors=errors, **more), status


def _wrong(page: str, error: CredkitError, **more: object) -> ResponseReturnValue:
    if isinstance(error, TooManyTries):
        said = _("There were too many wrong tries. Wait 15 minutes, then try again.")
        return _refused(page, {"present": said}, 429, **more)
    if page == "passkey" and "passkey" in str(error):
        said = _("The passkey did not work. Nothing was changed. Try again.")
        return _refused(page, {"": said}, 403, **more)
    return _refused(page, {"present": _("This is not your passphrase. Check the spelling.")}, 403, **more)
