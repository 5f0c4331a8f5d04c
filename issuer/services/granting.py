"""Which records of a claim a wallet's request is about."""

from __future__ import annotations

from collections.abc import Sequence, Set

from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci.messages import AuthorizationDetail, AuthorizationRequest
from issuer.services.metadata import NAMES
from issuer.store import Item


def answer(asked: Sequence[AuthorizationDetail], items: Sequence[Item]) -> tuple[AuthorizationDetail, ...]:
    """The details with the identifiers of what will be issued; ``ProtocolError`` for what is not offered."""
    answered = []
    for detail in dict.fromkeys(asked):
        name = detail.credential_configuration_id
        found = tuple(item.identifier for item in items if item.kind == name)
        if not found:
            raise protocol_error("invalid_authorization_details", "this kind of record is not part of the offer")
        answered.append(AuthorizationDetail(name, found))
    return tuple(answered)


def check_kinds(request: AuthorizationRequest, names: Set[str], *, by_scope: bool) -> None:
    """Whether a request asks for something that is given out here.

    Args:
        names: What is given out here.
        by_scope: Whether it may say so by scope only.

    Raises:
        ProtocolError: ``invalid_scope`` (nothing of it, and no details), ``invalid_authorization_details``.
    """
    if by_scope and request.authorization_details:
        raise protocol_error("invalid_authorization_details", "what is asked for must be said by scope here")
    if any(detail.credential_configuration_id not in names for detail in request.authorization_details):
        raise protocol_error("invalid_authorization_details", "this kind of record is not known here")
    if request.authorization_details or not names.isdisjoint(request.scopes):
        return
    if request.scopes or request.issuer_state is None:
        raise protocol_error("invalid_scope", "the request names no kind of record that is given out here")


def chosen(request: AuthorizationRequest, items: Sequence[Item]) -> list[Item]:
    """The records that a request is about; all, if it came with an offer and names none."""
    names = {detail.credential_configuration_id for detail in request.authorization_details}
    names |= NAMES.intersection(request.scopes)
    return [item for item in items if not names or item.kind in names]
