"""How a link gets from an office to a wallet: buttons, the custom scheme, a code for another phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from credkit.protocols.links import Links


@dataclass(frozen=True)
class WalletLink:
    """A button: the wallet's host and the https (or loopback) link into it."""

    host: str
    url: str


@dataclass(frozen=True)
class Handover:
    """Everything the QR panel (page) and the terminal show.

    Attributes:
        wallets: One button per known wallet address.
        scheme_link: ``openid-credential-offer://?…`` or ``openid4vp://?…``.
        code_text: What the QR code holds: the first wallet's link if exactly one is set, else the scheme link.
    """

    kind: Literal["offer", "request"]
    wallets: tuple[WalletLink, ...]
    scheme_link: str
    code_text: str


def build_handover(kind: Literal["offer", "request"], links: Links) -> Handover:
    """What is shown of the links of an offer or request."""
    wallets = tuple(WalletLink(urlsplit(page).netloc, page) for page in links.web)
    return Handover(kind, wallets, links.deep, wallets[0].url if len(wallets) == 1 else links.deep)
