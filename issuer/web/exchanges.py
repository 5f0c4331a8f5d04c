"""The exchange by which an offer without a code is collected, and the interaction link that leads to it."""

from __future__ import annotations

from typing import Final

from issuer.web.context import services
from ui.web.exchanges import Exchanges, exchanges_blueprint

MAX_MESSAGE_BYTES: Final = 262_144
blueprint = exchanges_blueprint(
    __name__, "claim",
    Exchanges(protocols=lambda secret: services().exchanging.links(services().exchanging.find(secret)),
              page=lambda secret: services().exchanging.find(secret).page_url,
              answer=lambda secret, message: services().exchanging.answer(secret, message)),
    rate="120 per minute", max_message_bytes=MAX_MESSAGE_BYTES)
