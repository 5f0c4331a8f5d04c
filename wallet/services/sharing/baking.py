"""A held badge as a picture that carries it, to keep or to hand on.

The credential goes in as it may leave (``bundles.outgoing``): never with a base proof, and never what is not to be
shared. Whoever has the picture has the whole record.

Spec: OB-3.0 #baking; requirements.md §2.6
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from credkit.baking import bake
from credkit.environment import Environment
from credkit.errors import MalformedValueError, StateError, TooComplexError
from credkit.ports import JSONObject
from credkit.profiles import openbadges_3
from wallet.services import activity, authority
from wallet.services.record import rules
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import Card, shelf
from wallet.services.record.reading import image_of
from wallet.services.sharing import bundles
from wallet.services.sharing.exports import plain_name
from wallet.vault import OpenVault

Draw = Callable[[str, bytes | None], bytes]
"""Draws a badge: its title, its own picture (re-encoded) or None for a plain one → a PNG or an SVG."""


@dataclass(frozen=True)
class BadgePicture:
    """A picture that carries a badge, and a name for its file without an ending."""

    data: bytes
    name: str


def may_bake(vault: OpenVault, item_id: str, now: datetime) -> bool:
    """Whether ``badge_picture`` would make one for whoever is in the backpack."""
    document = vault.read(item_id, CREDENTIAL).body["credential"]
    card = _card(vault, item_id)
    return (openbadges_3.is_mine(document) and card is not None and card.form is None
            and bool(rules.visible(vault, (card,))) and authority.may(vault, "share", now))


def _card(vault: OpenVault, item_id: str) -> Card | None:
    return next((card for card in shelf(vault).all() if card.item_id == item_id), None)


def badge_picture(vault: OpenVault, environment: Environment, item_id: str, draw: Draw) -> BadgePicture:
    """The record in a picture: its own if that came inside it and can be read, else a plain one; noted in the log.

    Raises:
        StateError: no such record, it is no single badge, it is never to be shared, or somebody who may not share.
    """
    authority.check(vault, "share", environment.clock.now())
    card = _card(vault, item_id)
    if card is None:
        raise StateError("There is nothing here under this name.")
    if not rules.visible(vault, (card,)):
        raise StateError("This record is set to never be shared.")
    document: JSONObject = vault.read(item_id, CREDENTIAL).body["credential"]
    if card.form is not None or not openbadges_3.is_mine(document):
        raise StateError("Only a single record can be put into a picture.")
    leaving = bundles.outgoing(document, bundles.transcript_lines(vault), frozenset(), environment)
    text = json.dumps(leaving, ensure_ascii=False, separators=(",", ":"))
    picture = bake(_drawn(card.title, document, draw), text)
    activity.log(vault, environment.clock, "exported", {"titles": [card.title], "count": 1, "state": "picture"})
    return BadgePicture(picture, plain_name(card.title))


def _drawn(title: str, document: JSONObject, draw: Draw) -> bytes:
    address = image_of(document)
    if address is not None:
        try:
            return draw(title, base64.b64decode(address.partition(",")[2], validate=True))
        except (binascii.Error, MalformedValueError, TooComplexError):
            pass  # a picture that cannot be read is no picture
    return draw(title, None)
