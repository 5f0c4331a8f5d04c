"""The wallet's pages: parse, call one service, render. The browser shows pages; this process opens the vault."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, request, url_for
from flask_babel import gettext as _

import ui.web
from credkit.errors import VaultLocked
from ui.web.components import NavItem
from wallet.bootstrap import Services
from wallet.web import activity, adding, home, inbox, offers, records, requests, unlocking
from wallet.web.context import EXTENSION, open_vault, services
from wallet.web.unlocking import ask_to_unlock

TRANSLATIONS = Path(__file__).parent / "translations"


def create_app(services: Services) -> Flask:
    """The application of one wallet.

    Raises:
        ConfigError: an origin or a secret that cannot be used.
    """
    config = services.config
    app = ui.web.create_app(
        "wallet.web", role="wallet", origin=config.origin, secret_key=services.session_key,
        translations=[TRANSLATIONS], session_idle_s=config.lifetimes.session_idle_s * 4,
        trusted_proxies=config.trusted_proxies)
    app.extensions[EXTENSION] = services
    for module in (unlocking, home, records, offers, requests, inbox, adding, activity):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(VaultLocked, ask_to_unlock)
    app.context_processor(_page)
    return app


def _page() -> dict[str, object]:
    vault = open_vault()
    lifetimes = services().config.lifetimes
    lock = {"lock_after_s": lifetimes.session_idle_s, "lock_warning_s": lifetimes.session_warning_s}
    if vault is None:
        return {"unlocked": False, "menu": (), **lock}
    here = (request.endpoint or "").partition(".")[0]
    items = (("home", _("My records")), ("inbox", _("Inbox")), ("adding", _("Add")), ("activity", _("Activity")))
    menu = [NavItem(label, url_for(f"{name}.index"), current=name == here) for name, label in items]
    settings = NavItem(_("Settings"), url_for("home.settings"), current=request.endpoint == "home.settings")
    if settings.current:
        menu[0] = NavItem(menu[0].label, menu[0].url)
    return {"unlocked": True, "menu": [*menu, settings], **lock}
