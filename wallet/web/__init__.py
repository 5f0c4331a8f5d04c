"""The wallet's pages: parse, call one service, render. The browser shows pages; this process opens the vault."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, request, url_for
from flask_babel import gettext as _

import ui.web
from credkit.errors import VaultLocked
from ui.web.components import NavItem
from wallet.bootstrap import Services, family_vocabulary
from wallet.vault import OlderCopy
from wallet.web import (
    activity,
    adding,
    backups,
    circle,
    comments,
    contributions,
    deleting,
    ending,
    exports,
    growth,
    handover,
    home,
    inbox,
    interactions,
    inviting,
    joining,
    learners,
    mastery,
    offers,
    packets,
    papers,
    people,
    portfolio,
    practice,
    profile,
    protocol,
    records,
    removing,
    requests,
    rules,
    security,
    shared,
    shares,
    tracker,
    unlocking,
    ways,
)
from wallet.web.context import (
    EXTENSION,
    ChooseLearner,
    form_marks,
    open_party,
    open_vault,
    save_counters,
    services,
    speaks_to_learner,
)
from wallet.web.unlocking import ask_about_older_copy, ask_to_unlock

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
        trusted_proxies=config.trusted_proxies, vocabulary=family_vocabulary(), is_learner=speaks_to_learner)
    app.extensions[EXTENSION] = services
    for module in (
        unlocking, learners, home, records, offers, requests, interactions, inbox, adding, activity, growth, mastery,
        shares, packets, shared, exports, practice, circle, comments, contributions, papers, portfolio, profile,
        rules, tracker, people, inviting, removing, joining, handover, protocol, security, ways, backups, deleting,
        ending,
    ):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(shared.api)
    app.register_error_handler(VaultLocked, ask_to_unlock)
    app.register_error_handler(OlderCopy, ask_about_older_copy)
    app.register_error_handler(ChooseLearner, learners.ask_which)
    app.after_request(save_counters)
    app.jinja_env.globals["form_marks"] = form_marks
    app.context_processor(_page)
    ui.web.install_sweeper(app, services.sweeping.sweep, services.clock)
    return app


def _page() -> dict[str, object]:
    own, vault = open_party(), open_vault()
    lifetimes = services().config.lifetimes
    lock = {"lock_after_s": lifetimes.session_idle_s, "lock_warning_s": lifetimes.session_warning_s}
    if own is not None:
        lock["asked_for_me"] = len(services().recovery.notices(own))
        lock["asked_of_me"] = len(services().recovery.requests(own))
    if own is None or vault is None:
        return {"unlocked": own is not None, "menu": (), "whose": None, **lock}
    here = (request.endpoint or "").partition(".")[0]
    here = "people" if here in ("inviting", "removing", "handover") else here
    items = (("home", _("My records")), ("inbox", _("Inbox")), ("adding", _("Add")), ("shares", _("Share")),
             ("people", _("People")), ("activity", _("Activity")))
    menu = [NavItem(label, url_for(f"{name}.index"), current=name == here) for name, label in items]
    settings = NavItem(_("Settings"), url_for("home.settings"), current=request.endpoint == "home.settings")
    if settings.current:
        menu[0] = NavItem(menu[0].label, menu[0].url)
    return {"unlocked": True, "menu": [*menu, settings], "whose": vault.label, **lock}
