"""What every view needs: the services, the record this browser has unlocked and looks at, and a safe way back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, request, session
from itsdangerous import BadSignature, URLSafeSerializer

from credkit.errors import CredkitError, SealBroken, StateError, VaultLocked
from wallet.bootstrap import Services
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OlderCopy, OpenVault

EXTENSION = "backpack-wallet"
MAX_NEXT_CHARACTERS = 8_000
WHOSE = "whose"
_SEEN_SECONDS = 400 * 24 * 3600
_MOST_SEEN = 32


class ChooseLearner(Exception):
    """There are several records here, and this browser has not said which it means."""


def services() -> Services:
    """The services of the application that answers this request."""
    return cast(Services, current_app.extensions[EXTENSION])


def cookie_name() -> str:
    """The cookie that holds this browser's unlock secret; cookies know no ports, so an explicit port is in the name."""
    return "__Host-backpack-vault" + _port()


def _port() -> str:
    port = urlsplit(services().config.origin).port
    return f"-{port}" if port else ""


class CookieCounters:
    """The last manifest counters this browser saw, in a signed cookie of its own (``wallet.vault.Counters``)."""

    def __init__(self) -> None:
        self._seen = self._read()
        self._changed = False

    def last_seen(self, owner_id: str) -> tuple[int, str] | None:
        """The counter and the beginning of the digest of that manifest."""
        found = self._seen.get(owner_id)
        return None if found is None else (int(str(found[0])), str(found[1]))

    def see(self, owner_id: str, counter: int, digest: str) -> None:
        """Keep a counter; written with the answer."""
        kept = [counter, digest]
        if self._seen.get(owner_id) != kept:
            self._seen = {**{name: each for name, each in self._seen.items() if name != owner_id}, owner_id: kept}
            self._changed = True

    def forget(self) -> None:
        """Take what is stored now for the newest: a person said so."""
        self._seen, self._changed = {}, True

    def save(self, response: Response) -> None:
        """Give the browser what was seen."""
        if self._changed:
            newest = dict(list(self._seen.items())[-_MOST_SEEN:])
            response.set_cookie(_seen_name(), _serializer().dumps(newest), path="/", secure=True, httponly=True,
                                samesite="Lax", max_age=_SEEN_SECONDS)

    @staticmethod
    def _read() -> dict[str, list[object]]:
        try:
            found = _serializer().loads(request.cookies.get(_seen_name(), ""))
        except (BadSignature, json.JSONDecodeError):
            return {}
        return found if isinstance(found, dict) else {}


def _seen_name() -> str:
    return "__Host-backpack-seen" + _port()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(services().session_key, salt="backpack-seen")


def counters() -> CookieCounters:
    """The counters of this browser; one object for a request."""
    if "counters" not in g:
        g.counters = CookieCounters()
    found: CookieCounters = g.counters
    return found


def save_counters(response: Response) -> Response:
    """After every request: keep what was seen."""
    if "counters" in g:
        g.counters.save(response)
    return response


def open_party() -> OpenVault | None:
    """The own space of the party that this browser has unlocked, or None; opened once a request."""
    if "party" not in g:
        g.party = _resume()
    party: OpenVault | None = g.party
    return party


def party() -> OpenVault:
    """The own space of the unlocked party.

    Raises:
        VaultLocked: nothing is unlocked; the handler asks for the passphrase and comes back here.
    """
    opened = open_party()
    if opened is None:
        raise VaultLocked("the backpack is locked")
    return opened


def vault() -> OpenVault:
    """The record this browser looks at: the chosen learner's, or the only one there is.

    Raises:
        VaultLocked: nothing is unlocked.
        ChooseLearner: there are several, and none was chosen.
    """
    if "vault" not in g:
        g.vault = _held(_chosen(party()))
    found: OpenVault = g.vault
    return found


def open_vault() -> OpenVault | None:
    """The record this browser looks at, or None while it is locked or has to choose."""
    try:
        return vault()
    except (VaultLocked, ChooseLearner, OlderCopy):
        return None


def is_learner() -> bool:
    """Whether the learner looks at their own record, with a sign-in of their own."""
    opened = vault()
    return opened.owner_id != opened.party_id and opened.members()[opened.party_id].kind == "learner"


def speaks_to_learner() -> bool:
    """Whether this page speaks to a learner, whom Spanish calls *tú*; opens nothing by itself, remembers the answer."""
    if g.get("for_learner", False) or g.get("party") is None:
        return bool(g.get("for_learner", False))
    if "speaks_to" not in g or g.speaks_to[0] is not g.get("vault"):
        g.speaks_to = (g.get("vault"), False)
        with suppress(CredkitError):  # just deleted, or told to be broken: the sentence about that has to be said
            g.speaks_to = (open_vault(), open_vault() is not None and is_learner())
    return bool(g.speaks_to[1])


def speak_to_learner() -> None:
    """This page is for a learner, though nothing is unlocked yet: they answer an invitation."""
    g.for_learner = True


def _held(opened: OpenVault) -> OpenVault:
    """A page that only shows looks at the database once; what is sent is checked against what is stored then."""
    if request.method in ("GET", "HEAD"):
        opened.hold()
    return opened


def _chosen(own: OpenVault) -> OpenVault:
    wanted = session.get("learner")
    if isinstance(wanted, str):
        try:
            return own.for_learner(wanted)
        except StateError:
            session.pop("learner", None)
    learners = own.learners()
    if not learners:
        return own
    if len(learners) == 1 and not own.known(CREDENTIAL):
        return own.for_learner(learners[0].owner_id)
    raise ChooseLearner


def choose_learner(owner_id: str) -> None:
    """Look at this record from now on.

    Raises:
        StateError: the party does not belong to it.
    """
    g.vault = party().for_learner(owner_id)
    session["learner"] = owner_id


def form_marks() -> Iterable[tuple[str, str]]:
    """Every form says whose record it was shown for, so that two tabs never mix two children (security.md G09)."""
    opened = open_vault() if open_party() is not None else None
    return ((WHOSE, opened.owner_id),) if opened is not None else ()


def check_whose() -> None:
    """Refuse a form that was shown for another child's record than the one this browser looks at now.

    Raises:
        StateError: it was; nothing was changed.
    """
    shown_for = request.form.get(WHOSE) if request.method == "POST" else None
    if shown_for is None:
        return
    opened = open_vault()
    if opened is not None and opened.owner_id != shown_for:
        raise StateError("This form was for another child's record. Nothing was changed.")


def require_unlocked(blueprint: Blueprint) -> None:
    """Show the pages of ``blueprint`` in an unlocked session only, for the record they were asked for."""
    blueprint.before_request(_check_unlocked)


def _check_unlocked() -> None:
    vault()
    check_whose()


def require_party(blueprint: Blueprint) -> None:
    """Show the pages of ``blueprint`` in an unlocked session only; which record is looked at does not matter."""
    blueprint.before_request(_check_party)


def _check_party() -> None:
    party()


def _resume() -> OpenVault | None:
    cookie = request.cookies.get(cookie_name())
    if cookie is None:
        return None
    try:
        return _held(services().vault.resume_session(cookie, keep_open=request.endpoint != "unlocking.left",
                                                     counters=counters()))
    except OlderCopy:
        raise
    except (VaultLocked, SealBroken):
        return None


def set_unlock_cookie(response: Response, secret: str) -> None:
    """Give the browser its unlock secret; it ends with the browser, and the session behind it when idle."""
    response.set_cookie(cookie_name(), secret, path="/", secure=True, httponly=True, samesite="Lax")


def clear_unlock_cookie(response: Response) -> None:
    """Take the unlock secret away."""
    response.delete_cookie(cookie_name(), path="/", secure=True, httponly=True, samesite="Lax")


def local_path(path: str | None) -> str:
    """``path`` if it is one of our own pages, else the start page: nobody is sent elsewhere by a link (F07)."""
    if not path or len(path) > MAX_NEXT_CHARACTERS or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    if any(ord(character) < 0x21 or ord(character) > 0x7E for character in path):
        return "/"
    return path
