"""What the family is told with an offer, signed, so that its backpack can keep it as the school's word (P7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from credkit.protocols.transfer_notice import TransferNotice, build_notice
from issuer.services.drafting import FULL_RECORD
from issuer.services.office import Office
from issuer.store import Claim, Item, Unit

TRANSFER: Final = "transfer"
_LEFT: Final = ("sent", "unknown")
"""What became of a transfer that the family is told of: it arrived, or nobody knows."""


def transfer_notice(office: Office, unit: Unit, claim: Claim, items: Sequence[Item]) -> str | None:
    """The signed notice that the full record went to another school, for the offer that holds the family's copy.

    Returns:
        None if the claim has nothing to tell, or the copy is not among ``items`` any more.
    """
    copy = next((item.credential_id for item in items if item.kind == FULL_RECORD), None)
    sent = [petition for petition in unit.petitions(kind=TRANSFER, student_id=claim.student_id)
            if petition.state in _LEFT and petition.decided_at is not None]
    if claim.notice is None or copy is None or not sent:
        return None
    last = max(sent, key=lambda petition: (petition.decided_at, petition.id))
    assert last.decided_at is not None, "only decided ones are looked at"
    return build_notice(TransferNotice(
        sender=office.identity.did, record=copy, recipient=last.content["did"],
        recipient_name=last.content["name"] or last.content["host"], sent_at=last.decided_at, words=claim.notice,
        language=office.identity.language), office.keys.whole)
