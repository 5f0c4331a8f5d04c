"""Who may open what: the one place where a route's role is checked. What does not stand here is open to nobody.

A page that somebody may not open answers like one that does not exist (security.md F05).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue

from issuer.services.staff import OPERATOR, REGISTRAR, ROLES, TEACHER
from issuer.web.signing_in import Member
from ui.web.login import ask_to_sign_in, current_operator

EVERYBODY: Final = frozenset({"everybody"})
STAFF: Final = frozenset(ROLES)
OFFICE: Final = frozenset({OPERATOR, REGISTRAR})
OPERATORS: Final = frozenset({OPERATOR})
TEACHERS: Final = frozenset({TEACHER})

_PUBLIC: Final = (
    "static", "bootstrap.static", "ui.static", "vocabulary.family_v1", "promises.privacy",
    "promises.accessibility", "promises.privacy_for_machines", "promises.data_inventory", "outside.show", "login.show",
    "login.sign_in", "login.sign_out", "claiming.show", "achievements.achievement", "protocol.did_document",
    "protocol.issuer_metadata", "protocol.openid_configuration", "protocol.offer",
    "oauth.server_metadata", "oauth.par", "oauth.token", "oauth.nonce", "oauth.challenge", "authorizing.begin",
    "authorizing.show", "authorizing.answer", "authorizing.decline", "credentials.credential", "credentials.deferred",
    "credentials.notification", "protocol.ask_reissue", "protocol.reissue_state", "protocol.status_list",
    "protocol.token_status", "protocol.jwt_vc_issuer", "protocol.type_metadata", "exchanges.interaction",
    "exchanges.protocols", "exchanges.exchange", "badge_api.discovery", "badge_api.credentials", "badge_api.upsert",
    "badge_api.profile", "badge_api.put_profile", "badge_oauth.register", "badge_oauth.token", "badge_oauth.revoke",
    "badge_access.begin", "badge_access.show", "badge_access.answer", "badge_access.decline",
)
_FOR_STAFF: Final = (
    "today.index", "award.show", "award.give", "award.achievements", "forms.index", "forms.show", "forms.write",
    "endorsing.show", "endorsing.write",
)
_FOR_TEACHERS: Final = ("drafts.index", "drafts.show")
_FOR_OFFICE: Final = (
    "today.log", "today.keys", "importing.upload", "importing.receive", "importing.show", "importing.confirm",
    "students.index", "students.show", "students.choose", "students.offer", "students.offered", "students.renew",
    "students.code", "students.sheet", "students.leaving", "students.leave", "students.deletion", "students.delete",
    "records.show", "records.ask", "records.take_back",
    "approvals.index", "approvals.show", "approvals.decide", "transfers.ask", "transfers.read", "transfers.show",
    "transfers.decide", "guardians.index", "guardians.ask_guardian", "guardians.state_guardian",
    "guardians.ask_limit", "guardians.state_limit", "guardians.offer", "passes.make", "passes.end", "passes.delete",
)
_FOR_OPERATORS: Final = ("staff.index", "staff.add", "staff.remove")

RULES: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    **dict.fromkeys(_PUBLIC, EVERYBODY), **dict.fromkeys(_FOR_STAFF, STAFF), **dict.fromkeys(_FOR_OFFICE, OFFICE),
    **dict.fromkeys(_FOR_TEACHERS, TEACHERS), **dict.fromkeys(_FOR_OPERATORS, OPERATORS),
})
"""Endpoint → roles. ``tests/issuer/test_access.py`` compares it with the routes there are."""


def guard(app: Flask) -> None:
    """Check every request to ``app``; call it after the sign-in blueprint is registered, which says who asks."""

    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        allowed = RULES.get(request.endpoint, frozenset())
        if allowed is EVERYBODY:
            return None
        if current_operator() is None:
            return ask_to_sign_in()
        if role() not in allowed:
            abort(404)
        return None

    app.before_request(check)


def role() -> str:
    """The role of who is signed in, empty if nobody is."""
    operator = current_operator()
    return operator.role if isinstance(operator, Member) else ""


def is_teacher() -> bool:
    """Whether who is signed in only drafts."""
    return role() == TEACHER
