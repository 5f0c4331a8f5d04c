"""Language of a page: the person's choice, else the browser's; switched on any page without losing what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.support import NullTranslations
from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from ui.languages import LANGUAGES, LEARNER, load_translations
from ui.web.guards import check_origin
from ui.web.protocol import is_protocol_request

SWITCH = "_lang"
"""Name of the button that submits a page's form only to see the page in another language."""

_COOKIE = "__Host-backpack-language"  # the choice outlives the session; it names nobody
_YEAR_S = 31_536_000

IsLearner = Callable[[], bool]
"""Whether a learner reads the page being answered, with a sign-in of their own; asked for every sentence."""


class _Catalogues(Domain):  # type: ignore[misc]
    """Flask-Babel's lookup, over our own catalogues, which need no compiled files."""

    def __init__(self, folders: Sequence[Path], is_learner: IsLearner | None) -> None:
        super().__init__(translation_directories=[])
        self._is_learner = is_learner
        spoken_to = (None,) if is_learner is None else (None, LEARNER)
        self._loaded = {
            (language, who): load_translations(language, folders, who) for language in LANGUAGES for who in spoken_to
        }

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        who = LEARNER if self._is_learner is not None and has_request_context() and self._is_learner() else None
        return self._loaded[locale.language if locale else "en", who]


def install(app: Flask, folders: Sequence[Path], timezone: str, is_learner: IsLearner | None = None) -> None:
    """Choose the language of every request of ``app``, and whom it speaks to, and answer the language switch."""
    babel = Babel(app, default_locale="en", default_timezone=timezone, locale_selector=_select)
    babel.domain_instance = _Catalogues(folders, is_learner)
    app.jinja_env.globals.update(
        languages=LANGUAGES, current_language=current_language, url_in_language=url_in_language, language_button=SWITCH
    )
    app.before_request(_remember)
    app.after_request(_keep)


def current_language() -> str:
    """The language this page is in, a key of ``LANGUAGES``."""
    locale = get_locale()
    return locale.language if locale is not None else "en"


def url_in_language(language: str) -> str:
    """This page in another language, with its query kept; the start page if this one can only be posted to."""
    path = request.path if request.method in ("GET", "HEAD") or _page_at(request.path) else "/"
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{path}?{urlencode([*query, ('lang', language)])}"


def _select() -> str:
    for chosen in (g.get("language"), request.cookies.get(_COOKIE) if not is_protocol_request() else None):
        if chosen in LANGUAGES:
            return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def _remember() -> None:
    if is_protocol_request():
        return
    chosen = request.args.get("lang")
    if chosen in LANGUAGES and "language" not in g:
        g.language = chosen


def _keep(response: Response) -> Response:
    if "language" in g:
        response.set_cookie(_COOKIE, g.language, max_age=_YEAR_S, path="/", secure=True, httponly=True, samesite="Lax")
    return response


def show_again() -> None:
    """Turn the language button's POST into this page in that language, with the typed values and nothing else done.

    The request becomes a GET of the same path before any hook has run, so whoever may not see the page does not.
    """
    if request.method != "POST" or is_protocol_request():
        return
    page = _page_at(request.path)
    if page is None or request.form.get(SWITCH) not in LANGUAGES:
        return
    check_origin()
    g.language = request.form[SWITCH]
    g.kept_form = request.form
    request.url_rule, request.view_args = page
    request.routing_exception = None
    request.method = "GET"


def _page_at(path: str) -> tuple[Rule, dict[str, Any]] | None:
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return None
    try:
        rule, arguments = adapter.match(path, method="GET", return_rule=True)
    except (HTTPException, RequestRedirect):
        return None
    return rule, dict(arguments)
