"""What a party keeps in its own sealed space of the records it belongs to, so that also a device that sees one for the
first time can tell an older copy of it: the last link of its chain, and a state of its list.

A server that turns back the party's own space with the record is told by a device that was there, and only by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from credkit.ports import JSONObject
from wallet.vault.chain import Chain
from wallet.vault.manifest import Counters, Manifest
from wallet.vault.space import chain_name

_LAGS: Final = 16
"""By so many lists the kept state may lag behind, so that not each change of a record is one of the own space, too."""


class Pinned:
    """Counters that are never behind what the party keeps of a record (``wallet.vault.Counters``)."""

    def __init__(self, inner: Counters, owner_id: str, pins: JSONObject) -> None:
        self._inner = inner
        names = {"list": owner_id, "people": chain_name(owner_id)}
        self._pins: Mapping[str, tuple[int, str]] = {names[name]: (pin[0], pin[1]) for name, pin in pins.items()}

    def last_seen(self, owner_id: str) -> tuple[int, str] | None:
        """The later of what was seen here and what is kept; where these are two of one age, none fits any more."""
        seen, pin = self._inner.last_seen(owner_id), self._pins.get(owner_id)
        if seen is None or pin is None:
            return seen or pin
        if seen[0] == pin[0] and seen[1] != pin[1]:
            return seen[0], ""
        return max(seen, pin)

    def see(self, owner_id: str, counter: int, digest: str) -> None:
        """As the inner ones do."""
        self._inner.see(owner_id, counter, digest)


def pins_of(chain: Chain, manifest: Manifest) -> JSONObject:
    """What is kept of a record in this state; sealed JSON."""
    listing = manifest.listing
    return {"list": [listing.counter, listing.digest], "people": [chain.seq, chain.head]} if listing.counter else {}


def lag(kept: JSONObject, now: JSONObject) -> bool:
    """Whether what is kept of a record is too far behind."""
    if not kept or not now:
        return bool(now)
    return bool(kept["people"] != now["people"] or now["list"][0] - kept["list"][0] >= _LAGS)
