"""The issuer's pages and protocol routes: parse, call one service, render."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Flask, request, url_for
from flask_babel import gettext as _

import ui.web
from issuer.bootstrap import Services, family_vocabulary
from issuer.web import (
    access,
    approvals,
    authorizing,
    award,
    badge_access,
    badge_api,
    badge_oauth,
    claiming,
    credentials,
    drafts,
    endorsing,
    exchanges,
    forms,
    guardians,
    importing,
    oauth,
    passes,
    protocol,
    records,
    signing_in,
    staff,
    students,
    today,
    transfers,
)
from issuer.web.access import RULES, is_teacher, role
from issuer.web.context import EXTENSION
from ui.languages import N_
from ui.web.components import NavItem
from ui.web.login import current_operator

TRANSLATIONS = Path(__file__).parent / "translations"
_OFFICE_MENU: Final = (
    ("today.index", N_("Today")), ("approvals.index", N_("To approve")), ("importing.upload", N_("Import")),
    ("students.index", N_("Students")), ("forms.index", N_("Write a record")), ("award.show", N_("Award a badge")),
    ("today.log", N_("Log")), ("today.keys", N_("Keys")), ("staff.index", N_("Logins")),
)
_TEACHERS_MENU: Final = (
    ("drafts.index", N_("My drafts")), ("forms.index", N_("Write a record")), ("award.show", N_("Award a badge")),
    ("endorsing.show", N_("Praise a work")),
)


def create_app(services: Services) -> Flask:
    """The application of one issuer.

    Raises:
        ConfigError: an origin or a secret that cannot be used.
    """
    office = services.office
    app = ui.web.create_app(
        "issuer.web", role="issuer", origin=office.identity.origin, secret_key=office.keys.derive("session", "cookies"),
        office=office.identity.name, contact=office.config.contact, translations=[TRANSLATIONS],
        trusted_proxies=office.config.proxies, vocabulary=family_vocabulary(),
    )
    app.extensions[EXTENSION] = services
    app.register_blueprint(signing_in.build_blueprint(services))
    for module in (today, importing, students, passes, records, award, forms, endorsing, drafts, approvals, transfers,
                   guardians, staff, claiming, authorizing, oauth, credentials, exchanges, protocol, badge_api,
                   badge_oauth, badge_access):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(award.public)
    access.guard(app)
    ui.web.install_sweeper(app, services.sweeping.sweep, office.clock)
    app.context_processor(_menu)
    app.context_processor(lambda: {"office_language": office.identity.language})
    return app


def _menu() -> dict[str, object]:
    operator = current_operator()
    if operator is None:
        return {"menu": (), "operator": None}
    entries = _TEACHERS_MENU if is_teacher() else _OFFICE_MENU
    shown = [(endpoint, label) for endpoint, label in entries if role() in RULES[endpoint]]
    items = [NavItem(str(_(label)), url_for(endpoint), current=_is_here(endpoint)) for endpoint, label in shown]
    return {"menu": items, "operator": operator}


def _is_here(endpoint: str) -> bool:
    here = request.endpoint or ""
    if endpoint.startswith("today."):
        return here == endpoint
    return endpoint.partition(".")[0] == here.partition(".")[0]
