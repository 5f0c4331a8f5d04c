"""Telling what a pasted link or a scanned code is: an offer or a request. Nothing is fetched here."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

from credkit.errors import MalformedValueError, ProblemError
from credkit.protocols.links import link_parameters
from credkit.protocols.oid4vci.v1_0 import OFFER_SCHEME
from credkit.protocols.oid4vp.v1_0 import REQUEST_SCHEME

LinkKind = Literal["offer", "request"]
_HAIP = ("haip-vci", "haip-vp")
_OFFER = ("credential_offer", "credential_offer_uri")
_REQUEST = ("client_id", "request_uri", "request_uri_method", "request")


def read_link(text: str, *, haip: bool = False) -> tuple[LinkKind, dict[str, str]]:
    """What ``text`` leads to, and the parameters that matter, for our own page of the same kind.

    Args:
        haip: Whether links for wallets of the high assurance profile are meant for this one too (HAIP-1.0).

    Raises:
        MalformedValueError: neither an offer nor a request.
    """
    try:
        parameters = link_parameters(text.strip(), (OFFER_SCHEME, REQUEST_SCHEME, *(_HAIP if haip else ())))
    except ProblemError as error:
        raise MalformedValueError("this link is neither an offer nor a request") from error
    if parameters.keys() & set(_OFFER):
        return "offer", {name: parameters[name] for name in _OFFER if name in parameters}
    if "client_id" in parameters:
        return "request", _that_count(parameters)
    raise MalformedValueError("this link is neither an offer nor a request")


def offer_link(parameters: dict[str, str]) -> str:
    """The link of an offer with these parameters, as ``resolve_offer`` takes it."""
    return _link(OFFER_SCHEME, {name: parameters[name] for name in _OFFER if name in parameters})


def request_link(parameters: dict[str, str]) -> str:
    """The link of a request with these parameters, as ``resolve_request`` takes it."""
    return _link(REQUEST_SCHEME, _that_count(parameters))


def _that_count(parameters: dict[str, str]) -> dict[str, str]:
    """Of a request that lies elsewhere where it lies; of one that is the parameters themselves, all of them."""
    if not parameters.keys() & {"request", "request_uri"}:
        return parameters
    return {name: parameters[name] for name in _REQUEST if name in parameters}


def _link(scheme: str, parameters: dict[str, str]) -> str:
    return f"{scheme}://?{urlencode(parameters)}"
