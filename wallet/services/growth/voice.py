"""How a service is given the language of its reader: sentences by gettext, days and numbers by the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from wallet.services.record.labels import N_
from wallet.services.record.reading import Issuer


class Catalogue(Protocol):
    """The part of gettext that sentences need."""

    def gettext(self, message: str) -> str:
        """``message`` in the reader's language, its places unfilled."""

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The form for ``n``, its places unfilled."""


@dataclass(frozen=True)
class Voice:
    """One reader's language.

    Attributes:
        day: A day as people write it there; ``month`` shortly, for the axis of a chart.
        number: A number as people write it there.
        short: Makes a signer's text fit to stand in a sentence or chart of ours.
        names: What a signer is called; see ``signers.names_in``.
    """

    catalogue: Catalogue
    day: Callable[[date], str]
    month: Callable[[date], str]
    number: Callable[[Decimal | float | int], str]
    short: Callable[[str], str]
    names: Callable[[Issuer], str | None]

    def gettext(self, message: str) -> str:
        """``message`` in the reader's language, its places unfilled."""
        return self.catalogue.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int, **places: str) -> str:
        """The form for ``n``, with ``%(num)s`` and the other ``places`` filled in."""
        return self.catalogue.ngettext(singular, plural, n) % {"num": self.number(n), **places}

    def signer(self, issuer: Issuer) -> str:
        """What a signer is called: by name only where the family knows it, else by its address."""
        return self.names(issuer) or issuer.host or self.gettext(N_("a signer we do not know"))

    def signed(self, value: Decimal | float) -> str:
        """A change: with its sign, a true minus, and at most two places."""
        size = self.number(abs(Decimal(str(value)).quantize(Decimal("0.01"))).normalize() + 0)
        return size if not value else f"{'+' if value > 0 else '−'}{size}"
