"""School to school, as the family learns of it: the school's signed notice, kept in the log as the school's words (P7).

A notice comes with the offer of the family's own copy. It counts only if whoever signed that copy signed the notice
too, and about this very copy; anything else is left aside as if it had not come.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from credkit.environment import Environment
from credkit.errors import CredkitError
from credkit.ports import JSONObject
from credkit.protocols.transfer_notice import TransferNotice, peek_record, verify_notice
from credkit.shape import format_date_time, id_of
from wallet.services import activity
from wallet.services.record.items import ACTIVITY
from wallet.services.record.reading import read_record, text
from wallet.vault import OpenVault

KIND: Final = "transferred"


def keep_notice(vault: OpenVault, environment: Environment, notice: str | None, documents: Iterable[JSONObject], *,
                host: str) -> None:
    """Note in the log what a school says it has sent, once.

    Args:
        notice: The notice as it came with the offer, None if none did.
        documents: What the offer brought; each was verified before.
        host: Of the school, which the offer came from.
    """
    if notice is None:
        return
    try:
        name = peek_record(notice)
        copy = next((each for each in documents if each.get("id") == name), None)
        if copy is None:
            return
        said = verify_notice(notice, sender=id_of(copy.get("issuer")) or "", record=name,
                             resolver=environment.resolver, now=environment.clock.now())
    except CredkitError:
        return
    if not _is_known(vault, said):
        activity.log(vault, environment.clock, KIND, {
            "host": host, "did": said.sender, "name": said.recipient_name, "to": said.recipient,
            "sent_at": format_date_time(said.sent_at), "words": said.words, "language": said.language,
            "titles": [read_record(copy).title or text(copy.get("name"))]})


def _is_known(vault: OpenVault, said: TransferNotice) -> bool:
    """Whether the log has it: the same copy may be collected again, and the same notice comes with it."""
    same = [said.sender, said.recipient, format_date_time(said.sent_at)]
    return any(entry.summary["kind"] == KIND and [entry.summary[name] for name in ("did", "to", "sent_at")] == same
               for entry in vault.entries(ACTIVITY))
