"""One message as links a person can follow: a scheme any wallet may answer, and pages of wallets known by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credkit.errors import ParsingError
from credkit.protocols._reading import Form, form_body, form_parameters, split_url

MAX_LINK_CHARACTERS = 32_768


@dataclass(frozen=True)
class Links:
    """``deep`` for any wallet on the device (also in a QR code), ``web`` one page per wallet that was named."""

    deep: str
    web: tuple[str, ...] = ()


def build_links(scheme: str, page: str, parameters: Mapping[str, str | None], wallets: Sequence[str]) -> Links:
    """``SCHEME://?…`` and ``WALLET/PAGE?…`` with ``parameters``; those that are None are left out."""
    query = form_body(parameters)
    return Links(deep=f"{scheme}://?{query}", web=tuple(f"{wallet.rstrip('/')}/{page}?{query}" for wallet in wallets))


def link_parameters(link: str, schemes: Sequence[str]) -> dict[str, str]:
    """The parameters of ``SCHEME://?…`` or of an https page with a query; what is before the query says nothing.

    Raises:
        ParsingError: another scheme, too long, or a query that cannot be read.
    """
    link = link.strip() if isinstance(link, str) else ""
    if len(link) > MAX_LINK_CHARACTERS:
        raise ParsingError("the link is too long")
    head, mark, query = link.partition("?")
    if head.partition(":")[0].lower() not in schemes:
        split_url(head)
    if not mark:
        raise ParsingError("the link holds no message")
    form: Form = query.partition("#")[0]
    return form_parameters(form)
