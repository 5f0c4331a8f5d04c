"""The verifier's pages and protocol routes: parse, call one service, render."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext

import ui.web
from ui.web.components import NavItem
from ui.web.login import current_operator
from verifier.bootstrap import Services, family_vocabulary
from verifier.web import answered, api, ask, check, exchanges, protocol, results, signing_in, trust
from verifier.web.context import EXTENSION, kind_name, paper_picture, statement_name

TRANSLATIONS = Path(__file__).parent / "translations"
_MENU = ("check.show", "ask.show", "results.index", "trust.index")


def create_app(services: Services, *, trusted_proxies: int = 0) -> Flask:
    """The application of one verifier.

    Args:
        trusted_proxies: How many proxies in front set ``X-Forwarded-For``.

    Raises:
        ConfigError: an origin or a secret that cannot be used.
    """
    app = ui.web.create_app(
        "verifier.web",
        role="verifier",
        origin=services.identity.origin,
        secret_key=services.session_key,
        office=services.identity.name,
        translations=[TRANSLATIONS],
        trusted_proxies=trusted_proxies,
        vocabulary=family_vocabulary(),
    )
    app.extensions[EXTENSION] = services
    app.register_blueprint(signing_in.build_blueprint(services))
    for module in (check, ask, results, trust, answered, exchanges, protocol, api):
        app.register_blueprint(module.blueprint)
    app.jinja_env.globals.update(kind_name=kind_name, statement_name=statement_name, paper_picture=paper_picture)
    app.context_processor(_menu)
    ui.web.install_sweeper(app, services.results.sweep, services.clock)
    return app


def _menu() -> dict[str, object]:
    operator = current_operator()
    if operator is None:
        return {"menu": (), "operator": None}
    here = (request.endpoint or "").partition(".")[0]
    labels = (pgettext("menu", "Check"), pgettext("menu", "Ask"), pgettext("menu", "Results"), _("Whom we trust"))
    items = [
        NavItem(label, url_for(endpoint), current=endpoint.partition(".")[0] == here)
        for endpoint, label in zip(_MENU, labels, strict=True)
    ]
    return {"menu": items, "operator": operator}
