"""The issuer's pages and protocol routes: parse, call one service, render."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, request, url_for
from flask_babel import gettext as _

import ui.web
from issuer.bootstrap import Services
from issuer.web import award, claiming, importing, protocol, records, signing_in, students, today
from issuer.web.context import EXTENSION
from ui.web.components import NavItem
from ui.web.login import current_operator

TRANSLATIONS = Path(__file__).parent / "translations"
_MENU = ("today.index", "importing.upload", "students.index", "award.show", "today.log", "today.keys")


def create_app(services: Services) -> Flask:
    """The application of one issuer.

    Raises:
        ConfigError: an origin or a secret that cannot be used.
    """
    office = services.office
    app = ui.web.create_app(
        "issuer.web", role="issuer", origin=office.identity.origin, secret_key=office.keys.derive("session", "cookies"),
        office=office.identity.name, contact=office.config.contact, translations=[TRANSLATIONS],
        trusted_proxies=office.config.proxies,
    )
    app.extensions[EXTENSION] = services
    app.register_blueprint(signing_in.build_blueprint(services))
    for module in (today, importing, students, records, award, claiming, protocol):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(award.public)
    app.context_processor(_menu)
    app.context_processor(lambda: {"office_language": office.identity.language})
    return app


def _menu() -> dict[str, object]:
    operator = current_operator()
    if operator is None:
        return {"menu": (), "operator": None}
    labels = (_("Today"), _("Import"), _("Students"), _("Award a badge"), _("Log"), _("Keys"))
    items = [NavItem(label, url_for(endpoint), current=_is_here(endpoint))
             for endpoint, label in zip(_MENU, labels, strict=True)]
    return {"menu": items, "operator": operator}


def _is_here(endpoint: str) -> bool:
    here = request.endpoint or ""
    if endpoint.startswith("today."):
        return here == endpoint
    return endpoint.partition(".")[0] == here.partition(".")[0]
