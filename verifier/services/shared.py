"""What a link leads to: a wallet keeps records sealed, whoever has the link fetches and opens them here.

The wallet learns that somebody fetched, not what became of it. The link's secret is neither kept nor logged.

Spec: credkit.protocols.share_link; security.md F06
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from credkit.baking import OPEN_BADGES_2, unbake
from credkit.errors import FetchError, ParsingError, ProblemError, StateError
from credkit.ports import Fetcher, JSONObject
from credkit.profiles.openbadges_2 import assertion_at
from credkit.protocols.oauth import FORM_CONTENT_TYPE
from credkit.protocols.share_link import (
    MAX_SEALED_BYTES,
    SEALED_CONTENT_TYPE,
    build_access_form,
    open_sealed,
    parse_share_link,
)

_PICTURES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8")
_ADDRESS: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:[^\s{}\"]*")


@dataclass(frozen=True)
class Fetched:
    """What a link led to, and the host of the wallet that kept it."""

    document: JSONObject
    host: str


def is_link(raw: bytes) -> bool:
    """Whether ``raw`` is one address, be it a share link or not; records and tokens are none."""
    return _ADDRESS.fullmatch(raw.strip()) is not None


def badge_in(raw: bytes) -> bytes | None:
    """The text of the badge that a PNG or an SVG carries, None where there is none or it cannot be read: a photo of a
    code may be a picture that only its camera's software finds in order. Of an older badge there may be its address
    only."""
    try:
        badge = unbake(raw)
    except ProblemError:
        return None
    if badge is None:
        return None
    raw = badge.text.encode("utf-8")
    if badge.standard == OPEN_BADGES_2 and is_link(raw):
        return json.dumps(assertion_at(badge.text)).encode("ascii")
    return None if is_link(raw) else raw


def is_picture(raw: bytes) -> bool:
    """Whether ``raw`` is a picture, such as a photo of a code with a link."""
    return raw.startswith(_PICTURES) or (raw.startswith(b"RIFF") and raw[8:12] == b"WEBP")


def fetch_shared(raw: bytes, fetcher: Fetcher) -> Fetched:
    """Fetch and open what a share link leads to. Each time counts as one view.

    Raises:
        ParsingError: not a share link, or not a whole one.
        StateError: used up, too old, taken back, or never there; the wallet does not tell which.
        FetchError: the wallet could not be reached or gave something else.
        ProofVerificationError: what it gave was changed, or belongs to another link.
    """
    try:
        link = parse_share_link(raw.strip().decode("ascii"))
    except UnicodeDecodeError as error:
        raise ParsingError("this is not a whole share link") from error
    answer = fetcher.post(
        link.address,
        body=build_access_form(link),
        content_type=FORM_CONTENT_TYPE,
        accept=SEALED_CONTENT_TYPE,
        max_bytes=MAX_SEALED_BYTES,
    )
    if answer.status in (404, 410):
        raise StateError("This link is used up, too old, or was taken back. Whoever gave it to you can make a new one.")
    if answer.status != 200:
        raise FetchError("the wallet did not give what the link leads to")
    return Fetched(open_sealed(answer.body, link), urlsplit(link.origin).netloc)
