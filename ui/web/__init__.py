"""Pages: the application factory, its guards, and the words and components every role's pages are made of."""

from __future__ import annotations

from ui.web.app import create_app
from ui.web.guards import allow_body, allow_form_scheme, allow_form_target, rate_limit
from ui.web.protocol import ProtocolBlueprint, protocol_blueprint
from ui.web.server import serve
from ui.web.sweeping import install as install_sweeper

__all__ = [
    "ProtocolBlueprint",
    "allow_body",
    "allow_form_scheme",
    "allow_form_target",
    "create_app",
    "install_sweeper",
    "protocol_blueprint",
    "rate_limit",
    "serve",
]
