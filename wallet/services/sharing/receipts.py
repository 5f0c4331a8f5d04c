"""Consent receipts: a credential, signed by whoever agreed, that says who may use which records, for what, until when.

Spec: requirements.md §4 (34 CFR 99.30(a) to (d))
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import rfc8785

from credkit.encoding import multibase_encode_base58, sha256
from credkit.environment import Environment
from credkit.ports import JSONObject
from credkit.profiles.family import ConsentReceipt, build_consent_receipt, read_consent_receipt
from wallet.services.consent import TEXT_VERSION
from wallet.services.record.items import ACTIVITY, RECEIPT
from wallet.services.signing import new_urn, sign
from wallet.vault import OpenVault

_SHA2_256 = b"\x12\x20"
_NOT_SAID = {"en": "They did not say why.", "es": "No dijeron para qué."}
_UNTITLED = {"en": "Record without a title", "es": "Documento sin título"}


@dataclass(frozen=True)
class Consented:
    """What somebody has agreed to.

    Attributes:
        recipient: DID or URL of who gets the records, None where they have none: a person, an office on paper.
        purpose: As it was shown; None if the other side did not say.
        records: Title and document of each record, exactly as it leaves; of an SD-JWT the text, without what binds it
            to the request.
        until: Until when they may be used. ``language``: BCP 47 tag of the text that was shown.
    """

    recipient: str | None
    recipient_name: str
    purpose: str | None
    records: tuple[tuple[str, JSONObject | str], ...]
    until: datetime
    language: str


def keep(vault: OpenVault, environment: Environment, consented: Consented) -> str:
    """Sign a receipt by the unlocked party and keep it; returns its item id.

    Raises:
        MalformedValueError: it cannot be said in a receipt (no record at all).
    """
    language = consented.language
    receipt = ConsentReceipt(
        id=new_urn(environment.randomness), learner=vault.learner_urn,
        recipient=consented.recipient or new_urn(environment.randomness), recipient_name=consented.recipient_name,
        purpose=consented.purpose or _NOT_SAID.get(language, _NOT_SAID["en"]),
        records=tuple((title or _UNTITLED.get(language, _UNTITLED["en"]), digest_of(document))
                      for title, document in consented.records),
        given_at=environment.clock.now(), until=consented.until, language=language, text_version=TEXT_VERSION,
        actor=vault.party_did)
    document = sign(build_consent_receipt(receipt), vault.party_signer, environment)
    return vault.add(RECEIPT, {"credential": document, "recipient_name": consented.recipient_name})


def read(vault: OpenVault, item_id: str) -> tuple[ConsentReceipt, JSONObject]:
    """What a kept receipt says, and the receipt itself.

    Raises:
        StateError: no such receipt.
    """
    document: JSONObject = vault.read(item_id, RECEIPT).body["credential"]
    return read_consent_receipt(document), document


def of_entry(vault: OpenVault, entry_id: str) -> str | None:
    """The item id of the receipt that belongs to an entry of the log, None if it has none.

    Raises:
        StateError: no such entry.
    """
    item_id = vault.read(entry_id, ACTIVITY).body.get("receipt_id")
    return item_id if isinstance(item_id, str) else None


def digest_of(document: JSONObject | str) -> str:
    """The SHA-256 of a document's JCS form (proof included) or of a text, as a base58 multihash: exactly what left.

    Spec: VCDM-2.0 #integrity-of-related-resources (``digestMultibase``); RFC8785
    """
    data = document.encode("utf-8") if isinstance(document, str) else rfc8785.dumps(document)
    return multibase_encode_base58(_SHA2_256 + sha256(data))
