"""The exchange by which a request is answered, and the interaction link that leads to it."""

from __future__ import annotations

from flask import url_for

from credkit.errors import StateError
from ui.web.exchanges import Exchanges, exchanges_blueprint
from verifier.services.requests import Asked, Progress
from verifier.web.context import services
from verifier.web.protocol import MAX_ANSWER_BYTES, WALLETS_PER_ADDRESS


def _open(request_id: str) -> Asked:
    asked = services().requests.find(request_id)
    if asked.progress not in (Progress.WAITING, Progress.OPENED):
        raise StateError("This request was answered already or has ended; ask for a new one.")
    return asked


def _page(request_id: str) -> str:
    """A wallet's page, or ours."""
    asked = _open(request_id)
    return next(iter(asked.links.web), url_for("ask.wait", request_id=asked.id))


blueprint = exchanges_blueprint(
    __name__,
    "ask",
    Exchanges(
        protocols=lambda request_id: services().exchanging.links(_open(request_id)),
        page=_page,
        answer=lambda request_id, message: services().exchanging.answer(request_id, message),
    ),
    rate=WALLETS_PER_ADDRESS,
    max_message_bytes=MAX_ANSWER_BYTES,
)
