"""The kinds of sealed items the services keep, and the line each has in the sealed index."""

from __future__ import annotations

from typing import Final

from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_3
from credkit.shape import as_list, id_of
from wallet.services.reading import first, image_of, kind_of, one, read_record, text

CREDENTIAL: Final = "credential"
ISSUANCE: Final = "issuance"
ACTIVITY: Final = "activity"
OFFER: Final = "offer"
REQUEST: Final = "request"


def summarize(item_type: str, body: JSONObject) -> JSONObject:
    """The index line of an item; it is sealed like the item itself."""
    if item_type == CREDENTIAL:
        return _credential(body)
    if item_type == ACTIVITY:
        titles = [record["title"] for record in body.get("records", ())]
        return {**{name: value for name, value in body.items() if name != "records"}, "titles": titles}
    if item_type in (OFFER, REQUEST):
        return {name: body.get(name) for name in ("fingerprint", "received_at", "expires_at", "host", "title", "state")}
    if item_type == ISSUANCE:
        return {"fingerprint": body["fingerprint"], "host": body["host"], "expires_at": body["expires_at"],
                "total": len(body["wanted"])}
    return {"url": body.get("url")}


def _credential(body: JSONObject) -> JSONObject:
    document = body["credential"]
    view = openbadges_3.peek_view(document)
    subject = first(document.get("credentialSubject"))
    members = as_list(subject.get("verifiableCredential")) if clr_2.is_mine(document) else []
    return {
        "kind": kind_of(document),
        "credential_id": document.get("id") if isinstance(document.get("id"), str) else None,
        "title": view.achievement_name or view.name,
        "issuer_name": view.issuer_name,
        "issuer_id": view.issuer_id,
        "achievement_type": view.achievement_type,
        "term": text(subject.get("term")),
        "grade": read_record(document).grade,
        "valid_from": text(one(document.get("validFrom")) or one(document.get("issuanceDate"))),
        "member_ids": [id_of(member) for member in members if isinstance(member, dict)],
        "has_image": image_of(document) is not None,
        "language": text(first(subject.get("achievement")).get("inLanguage")) or None,
        "received_at": body.get("received_at"),
        "received_from": body.get("received_from"),
        "status": body.get("status"),
        "valid_until": text(one(document.get("validUntil")) or one(document.get("expirationDate"))),
        "issuance_id": body.get("issuance_id"),
        "key_method": body.get("key_method"),
    }
