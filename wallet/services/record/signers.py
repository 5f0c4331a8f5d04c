"""What signers are called: by name only where the family knows them; what only a record claims is no name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from credkit.trust.allow_list import AllowList
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import known_issuers
from wallet.services.record.reading import Issuer
from wallet.vault import OpenVault


def names_in(vault: OpenVault) -> Callable[[Issuer], str | None]:
    """Names of the signers the family knows: offices whose records it took at their own address, people it let help.

    The backpack is looked through when the first name is asked for.
    """

    @cache
    def known() -> tuple[AllowList, frozenset[str]]:
        people = frozenset(entry.summary["issuer_id"] for entry in vault.entries(CREDENTIAL)
                           if entry.summary.get("origin"))
        return known_issuers(vault), people

    def name(issuer: Issuer) -> str | None:
        offices, people = known()
        is_known = offices.find(issuer.id) is not None or issuer.id in people
        return issuer.name or None if is_known else None

    return name
