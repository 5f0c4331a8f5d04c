"""Sign-in for an office's operators. Stores nothing itself: the role looks accounts up."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import RateLimitItem, parse
from werkzeug.exceptions import TooManyRequests

from ui.passwords import LONGEST, is_password
from ui.web.guards import limiter, rate_limit

_LONGEST_SESSION_S = 12 * 3600


@dataclass(frozen=True)
class Operator:
    """An account: its name and the stored hash (``ui.passwords.hash_password``)."""

    name: str
    password_hash: str


FindOperator = Callable[[str], Operator | None]


def login_blueprint(find_operator: FindOperator, *, after: str) -> Blueprint:
    """``/login`` and ``/logout``; ``after`` is the endpoint shown next, unless a page of ours was asked for.

    Guard pages with ``require_login(blueprint)``. A changed password ends every session of that account.
    """
    blueprint = Blueprint("login", __name__)

    @blueprint.get("/login")
    def show() -> ResponseReturnValue:
        return render_template("ui/login.html", problem=None)

    @blueprint.post("/login")
    @rate_limit("30 per minute")
    def sign_in() -> ResponseReturnValue:
        name = request.form.get("name", "").strip()[:200]
        _count_try(name)
        operator = find_operator(name)
        password = request.form.get("password", "")[: LONGEST + 1]
        if not is_password(password, operator.password_hash if operator else None) or operator is None:
            return render_template("ui/login.html", problem=_("User name or password is not right.")), 403
        destination = _local(session.get("after_login")) or url_for(after)
        _begin(operator)
        return redirect(destination, code=303)

    @blueprint.post("/logout")
    def sign_out() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("login.show"), code=303)

    def recognise() -> None:
        g.operator = _current(find_operator)

    blueprint.before_app_request(recognise)
    return blueprint


def require_login(blueprint: Blueprint) -> None:
    """Show every page of ``blueprint`` to operators only; others are asked to sign in and brought back."""

    def check() -> ResponseReturnValue | None:
        return None if current_operator() is not None else ask_to_sign_in()

    blueprint.before_request(check)


def ask_to_sign_in() -> ResponseReturnValue:
    """To the sign-in page, and back to the page that was asked for."""
    if request.method == "GET":
        session["after_login"] = request.full_path.rstrip("?")
    return redirect(url_for("login.show"), code=303)


def current_operator() -> Operator | None:
    """Who is signed in, or None."""
    operator: Operator | None = g.get("operator")
    return operator


def _current(find_operator: FindOperator) -> Operator | None:
    name, mark, began = session.get("operator"), session.get("mark"), session.get("began", 0)
    if not isinstance(name, str) or not isinstance(mark, str) or time.time() - began > _LONGEST_SESSION_S:
        return None
    operator = find_operator(name)
    return operator if operator and secrets.compare_digest(_mark(operator), mark) else None


def _begin(operator: Operator) -> None:
    session.clear()
    session.update(operator=operator.name, mark=_mark(operator), began=int(time.time()), fresh=secrets.token_hex(16))
    session.permanent = True


def _mark(operator: Operator) -> str:
    return hashlib.sha256(operator.password_hash.encode()).hexdigest()[:32]


def _count_try(name: str) -> None:
    """Ten tries an account and address in five minutes (F08)."""
    per_account: RateLimitItem = parse("10 per 5 minutes")
    account = hashlib.sha256(name.casefold().encode("utf-8", "replace")).hexdigest()
    if not limiter(current_app).hit(per_account, "login", account, request.remote_addr or ""):
        raise TooManyRequests


def _local(path: object) -> str | None:
    usable = isinstance(path, str) and path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path
    return str(path) if usable else None
