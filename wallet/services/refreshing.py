"""Looking for a newer version of a held record, because somebody asked: the signer's server learns that it is held.

A record that is held with the key that shows it in part stays as it is: its newer version comes by a new offer.

Spec: OB-3.0 #refresh; security.md C07, F03
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final, Literal

from credkit.environment import Environment
from credkit.errors import CredkitError, StateError
from credkit.ports import JSONObject
from credkit.proofs import is_base_proof
from credkit.shape import format_date_time
from credkit.verification import Policy
from credkit.verification.refresh import refresh_address, refresh_credential
from wallet.services import activity, authority
from wallet.services.checking import check_report, status_of, verify_kept
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.reading import netloc_of
from wallet.vault import OpenVault, VaultMemory

Outcome = Literal["newer", "same", "failed"]
_RIGHT: Final = "full"


def may_refresh(vault: OpenVault, item_id: str, now: datetime) -> bool:
    """Whether the record names a service for newer versions, and whoever is in the backpack may take one in."""
    return _address(vault.read(item_id, CREDENTIAL).body["credential"]) is not None and authority.may(
        vault, _RIGHT, now)


def refresh(vault: OpenVault, environment: Environment, item_id: str) -> Outcome:
    """Look for a newer version and keep it in the record's place; on any failure the record stays as it is.

    Raises:
        StateError: no such record, no service for newer versions, or somebody who may not add records here.
    """
    authority.check(vault, _RIGHT, environment.clock.now())
    item = vault.read(item_id, CREDENTIAL)
    document: JSONObject = item.body["credential"]
    address = _address(document)
    if address is None:
        raise StateError("This record names no service for newer versions.")
    environment = replace(environment, memory=VaultMemory(vault))
    found = refresh_credential(verify_kept(document, environment, Policy()), Policy(), environment)
    if not found.is_newer:
        return "same" if found.problem is None else "failed"
    try:
        check_report(found.report)
    except CredkitError:
        return "failed"
    now = format_date_time(environment.clock.now())
    vault.replace(item, {**item.body, "credential": found.report.peek_document, "received_at": now,
                         "status": status_of(found.report), "checked_at": now})
    activity.log(vault, environment.clock, "received", {"host": netloc_of(address) or "", "count": 1, "total": 1})
    return "newer"


def _address(document: JSONObject) -> str | None:
    return None if is_base_proof(document.get("proof")) else refresh_address(document)
