"""How sure it is who asks, in one sentence; the same on pages and in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from wallet.services.record.labels import N_
from wallet.services.requests import ResolvedRequest

_SURE: Final[Mapping[str, str]] = MappingProxyType({
    "did": N_("This request was signed with the key of %(name)s."),
    "certificate": N_("A certificate that is trusted here says that %(name)s asks, and its key signed this request."),
    "key": N_("This request is signed, but nobody says whose key it is. All we know is where your answer would go: "
              "%(host)s."),
    "nobody": N_("Nobody signed this request. Anybody could have written it. All we know is where your answer would "
                 "go: %(host)s."),
})
_ELSEWHERE: Final = N_("Your answer would go to %(host)s.")


def how_sure(resolved: ResolvedRequest, gettext: Callable[[str], str]) -> str:
    """How sure it is who asks, and where the answer goes if that is another address."""
    request, values = resolved.request, {"name": resolved.name, "host": resolved.host}
    sentence = gettext(_SURE[request.vouched]) % values
    if request.certified_names and resolved.host not in request.certified_names:
        sentence += " " + gettext(_ELSEWHERE) % values
    return sentence
