"""How a link gets from an office to a wallet: buttons, the custom scheme, a code for another phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode, urlsplit

_SCHEMES: Mapping[str, str] = {"offer": "openid-credential-offer", "request": "openid4vp"}


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


def build_handover(
    kind: Literal["offer", "request"], parameters: Mapping[str, str], wallets: Sequence[str]
) -> Handover:
    """The links for ``parameters`` (``credential_offer_uri``; or ``client_id`` and ``request_uri``).

    Args:
        wallets: Origins of the wallets the office has set, e.g. ``https://wallet.example``.
    """
    query = urlencode(parameters)
    pages = [f"{wallet.rstrip('/')}/{kind}?{query}" for wallet in wallets]
    return handover_of(kind, f"{_SCHEMES[kind]}://?{query}", pages)


def handover_of(kind: Literal["offer", "request"], scheme_link: str, pages: Sequence[str]) -> Handover:
    """The same where the links are there: one with a scheme, and one page per known wallet."""
    links = tuple(WalletLink(urlsplit(page).netloc, page) for page in pages)
    return Handover(kind, links, scheme_link, links[0].url if len(links) == 1 else scheme_link)
