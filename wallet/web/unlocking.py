"""First visit, unlocking, locking: the only pages a locked backpack shows. What was asked for comes back afterwards."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.encoding import parse_json
from credkit.errors import CredkitError, ProtocolError, RangeValueError, StateError, WrongSecret
from ui.web import rate_limit
from wallet.services.people import older
from wallet.vault import FIRST_LOGIN, OlderCopy, TooManyTries, Unlocked
from wallet.web.context import (
    clear_unlock_cookie,
    cookie_name,
    counters,
    local_path,
    open_party,
    party,
    services,
    set_unlock_cookie,
)

blueprint = Blueprint("unlocking", __name__)
SAID_BY_PASSKEY = "passkey"
_SHORTEST_LOGIN = 2


def ask_to_unlock(error: CredkitError) -> ResponseReturnValue:
    """Send whoever asks for a locked page to the passphrase, or on the first visit to make one; then back."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else request.path
    page = "unlocking.unlock" if services().vault.is_set_up() else "unlocking.welcome"
    response = make_response(redirect(url_for(page, next=local_path(wanted)), code=303))
    clear_unlock_cookie(response)
    return response


@blueprint.get("/welcome")
def welcome() -> ResponseReturnValue:
    """What this is, and a passphrase to make; usually on the way to an offer."""
    if services().vault.is_set_up() and "new" not in request.args:
        return redirect(url_for("unlocking.unlock", next=_next()), code=303)
    return _welcome_page({})


@blueprint.post("/welcome")
@rate_limit("20 per minute")
def make_passphrase() -> ResponseReturnValue:
    """Make a backpack and unlock it: the first one here, or one for somebody new."""
    passphrase, login = request.form.get("passphrase", ""), request.form.get("login", "")
    if passphrase != request.form.get("again", ""):
        return _welcome_page({"again": _("The two passphrases are not the same.")}), 422
    if services().vault.is_set_up() and len(" ".join(login.split())) < _SHORTEST_LOGIN:
        return _welcome_page({"login": _("Choose a name of 2 to 100 letters.")}), 422
    try:
        vault = services().vault
        unlocked = vault.register(login, passphrase) if vault.is_set_up() else vault.create(
            passphrase, login=login or FIRST_LOGIN)
    except RangeValueError:
        return _welcome_page({"passphrase": _("This is guessed too quickly. Take at least 12 characters, such as four "
                                              "words.")}), 422
    except StateError:
        return _welcome_page({"login": _("This name is taken. Choose another.")}), 422
    return enter(unlocked, for_child=request.form.get("whose_record") == "child")


@blueprint.get("/unlock")
def unlock() -> ResponseReturnValue:
    """Ask for the passphrase."""
    if not services().vault.is_set_up():
        return redirect(url_for("unlocking.welcome", next=_next()), code=303)
    if open_party() is not None:
        return redirect(_next(), code=303)
    if "other" in request.args:
        session.pop(SAID_BY_PASSKEY, None)
    return _unlock_page({})


@blueprint.post("/unlock")
@rate_limit("30 per minute")
def try_passphrase() -> ResponseReturnValue:
    """Unlock with the passphrase."""
    try:
        unlocked = services().vault.unlock(
            request.form.get("passphrase", ""), login=request.form.get("login") or None, party_id=said_by_passkey(),
            client=request.remote_addr or "", counters=counters())
    except TooManyTries:
        return _unlock_page({"passphrase": _("There were too many wrong tries. Wait 15 minutes, then try again.")}), 429
    except WrongSecret:
        return _unlock_page({"passphrase": _("This passphrase does not open the backpack. Check the spelling.")}), 403
    return enter(unlocked)


@blueprint.post("/lock")
def lock() -> ResponseReturnValue:
    """Lock now: the key of this session is deleted."""
    cookie = request.cookies.get(cookie_name())
    if cookie is not None:
        services().vault.end_session(cookie)
    session.clear()
    response = make_response(redirect(url_for("unlocking.unlock"), code=303))
    clear_unlock_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/session/left")
def left() -> ResponseReturnValue:
    """For the script that warns before the backpack locks itself; asking does not keep it open."""
    return jsonify(unlocked=open_party() is not None,
                   left_s=services().vault.seconds_left(request.cookies.get(cookie_name(), "")))


@blueprint.post("/session/stay")
def stay() -> ResponseReturnValue:
    """Keep the backpack open a while longer."""
    return redirect(local_path(request.form.get("next")) if open_party() else url_for("unlocking.unlock"), code=303)


@blueprint.get("/older-copy")
def older_copy() -> ResponseReturnValue:
    """What is stored is older than what this browser saw: somebody restored a copy, or put one back."""
    return render_template("wallet/older_copy.html")


@blueprint.post("/older-copy")
@rate_limit("10 per hour")
def go_on_with_older_copy() -> ResponseReturnValue:
    """A person takes the older copy for the newest; it is noted where it concerns a record."""
    own = party()
    counters().forget()
    older.go_on(own, services().clock)
    return redirect("/", code=303)


def ask_about_older_copy(error: OlderCopy) -> ResponseReturnValue:
    """Stop until a person has decided."""
    return render_template("wallet/older_copy.html"), 409


def dead_link(error: ProtocolError, kind: str) -> ResponseReturnValue:
    """The page for a link that is used up, too old or broken: it says who can give a new one."""
    waiting = waiting_host(request.full_path)
    page = render_template("wallet/dead_link.html", kind=kind, host=waiting[1] if waiting else "", detail=error.detail)
    return page, 410 if error.error == "gone" else 422


def said_by_passkey() -> str | None:
    """Who a passkey that cannot unlock said is here, unless another name was typed."""
    said = session.get(SAID_BY_PASSKEY)
    return said if isinstance(said, str) and not request.form.get("login") else None


def enter(unlocked: Unlocked, *, for_child: bool = False, then: str | None = None) -> Response:
    """Begin a session and go on to ``then``, or to what was wanted."""
    # A session that was here before its owner unlocked it is nobody's to keep (F07).
    session.clear()
    try:
        services().people.arrive(unlocked.vault)
        for name in services().ending.note_ended(unlocked.vault):
            flash(_("The backpack of %(name)s was deleted.", name=name), "info")
    except OlderCopy:
        then = url_for("unlocking.older_copy")
    then = then or (url_for("learners.add", next=_next()) if for_child else _next())
    response = make_response(redirect(then, code=303))
    set_unlock_cookie(response, services().vault.begin_session(unlocked))
    return response


def _next() -> str:
    return local_path(request.args.get("next"))


def _welcome_page(errors: dict[str, str]) -> str:
    return render_template("wallet/welcome.html", errors=errors, waiting=waiting_host(_next()),
                           somebody_new=services().vault.is_set_up())


def _unlock_page(errors: dict[str, str]) -> str:
    return render_template("wallet/unlock.html", errors=errors, waiting=waiting_host(_next()), here=_next(),
                           said_by_passkey=said_by_passkey() is not None,
                           asks_for_login=services().vault.asks_for_login())


def waiting_host(path: str) -> tuple[str, str] | None:
    """What waits behind the passphrase: ``offer`` or ``request``, and the host its link names. Nothing is fetched."""
    parts = urlsplit(path)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path == "/offer":
        address = query.get("credential_offer_uri") or _issuer_in(query.get("credential_offer", ""))
        host = _host(address)
        return ("offer", host) if host else None
    if parts.path == "/request":
        host = _host(query.get("request_uri", ""))
        return ("request", host) if host else None
    return None


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _issuer_in(offer: str) -> str:
    try:
        document = parse_json(offer)
    except CredkitError:
        return ""
    issuer = document.get("credential_issuer") if isinstance(document, dict) else None
    return issuer if isinstance(issuer, str) else ""
