"""The kinds of sealed items the services keep, and the line each has in the sealed index."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_3
from credkit.proofs import is_base_proof
from credkit.shape import as_list, id_of
from wallet.services.record.case import has_standards
from wallet.services.record.categories import category_of, member_categories, result_types_of, tags_of
from wallet.services.record.reading import first, image_of, kind_in_words, kind_of, one, read_record, text
from wallet.services.record.sd_jwt import claims_of, form_of

CREDENTIAL: Final = "credential"
ISSUANCE: Final = "issuance"
ACTIVITY: Final = "activity"
OFFER: Final = "offer"
REQUEST: Final = "request"
EXCHANGE: Final = "exchange"
RULES: Final = "rules"
COMMENT: Final = "comment"
CONTRIBUTION: Final = "contribution"
FILE: Final = "file"
ABOUT_ME: Final = "about-me"
TRACKED: Final = "tracked"
UNVERIFIED: Final = "unverified"
RECEIPT: Final = "receipt"
SHARE: Final = "share"
FRAMEWORK: Final = "framework"

LEARNER: Final = "learner"
GRANT: Final = "grant"
LIMIT: Final = "limit"
PROPOSAL: Final = "proposal"
INVITATION: Final = "invitation"
ADMISSION: Final = "admission"
EXPOSED: Final = "exposed"
HANDED_OVER: Final = "handed-over"

SUMMARIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    RULES: ("categories", "records"),
    LEARNER: ("name", "birth_date", "time_zone", "college_from", "language"),
    PROPOSAL: ("kind", "party_id", "blocked", "basis", "until", "evidence", "name", "actor", "at", "against"),
    EXPOSED: ("record_id", "title", "issuer", "name", "state", "offer"),
    HANDED_OVER: ("at", "actor"),
    INVITATION: ("name", "role", "expires_at", "actor"),
    ADMISSION: ("state", "name"),
    COMMENT: ("credential_id", "category", "kind", "travels", "state", "at", "author", "by", "name", "language"),
    CONTRIBUTION: ("state", "category", "kind", "title", "at", "author", "name", "host", "note", "issuance_id",
                   "key_method", "credential_id"),
    FILE: ("name", "media_type", "size", "digest_multibase", "category"),
    ABOUT_ME: ("author", "name", "at", "category"),
    TRACKED: ("kind", "school", "about", "sent_on", "due_on", "state", "at"),
    RECEIPT: ("recipient_name",),
    FRAMEWORK: ("key", "title", "language", "total", "at", "category"),
    SHARE: ("link_id", "form", "recipient", "purpose", "titles", "at", "until", "most_views", "views", "actor",
            "ended_at"),
    UNVERIFIED: ("title", "name", "media_type", "size", "file_id", "at", "category", "author"),
})
"""Item type → the members of its body that are its line in the sealed index."""

_MOST_TAGS: Final = 20
_LONGEST_TAG: Final = 60


def summarize(item_type: str, body: JSONObject) -> JSONObject:
    """The index line of an item; it is sealed like the item itself."""
    if item_type in SUMMARIES:
        return {name: body.get(name) for name in SUMMARIES[item_type]}
    if item_type == CREDENTIAL:
        return _credential(body)
    if item_type == ACTIVITY:
        titles = body.get("titles") or [record["title"] for record in body.get("records", ())]
        return {**{name: value for name, value in body.items() if name not in ("records", "grants")}, "titles": titles}
    if item_type in (OFFER, REQUEST, EXCHANGE):
        return {name: body.get(name) for name in (
            "fingerprint", "received_at", "expires_at", "host", "title", "state", "received_by")}
    if item_type == ISSUANCE:
        return {"fingerprint": body["fingerprint"], "host": body["host"], "expires_at": body["expires_at"],
                "total": len(body["wanted"]), "received_by": body.get("received_by"),
                "again_at": min(filter(None, (each.get("again_at") for each in body["wanted"])), default=None)}
    return {"url": body.get("url")}


def _suite(proof: object) -> str | None:
    suite = proof.get("cryptosuite") if isinstance(proof, dict) else None
    return suite if isinstance(suite, str) else None


def _credential(body: JSONObject) -> JSONObject:
    """A record's line. ``shown`` is the record without its proof, so that questions are matched without opening it; a
    transcript's is left out, for it is large. ``form`` and ``claims`` are those of an SD-JWT, else None."""
    document = body["credential"]
    view, record = openbadges_3.peek_view(document), read_record(document)
    subject = first(document.get("credentialSubject"))
    members = as_list(subject.get("verifiableCredential")) if clr_2.is_mine(document) else []
    return {
        "kind": kind_of(document),
        "credential_id": document.get("id") if isinstance(document.get("id"), str) else None,
        "title": view.achievement_name or view.name or kind_in_words(document),
        "issuer_name": view.issuer_name,
        "issuer_id": view.issuer_id,
        "achievement_type": view.achievement_type,
        "term": text(subject.get("term")),
        "grade": record.grade,
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
        "category": body.get("category") or category_of(document, str(body.get("received_from") or "")),
        "member_categories": [list(pair) for pair in member_categories(document)],
        "tags": [tag[:_LONGEST_TAG] for tag in tags_of(document)[:_MOST_TAGS]],
        "result_types": list(result_types_of(document)),
        "has_standards": has_standards(document),
        "statuses": sorted({result.status for result in record.results if result.status}),
        "rule": body.get("rule"),
        "form": form_of(body),
        "claims": claims_of(body["sd_jwt"]) if body.get("sd_jwt") else None,
        "suite": _suite(document.get("proof")),
        "in_part": bool(body.get("sd_jwt")) or is_base_proof(document.get("proof")),
        "shown": None if members else {name: value for name, value in document.items() if name != "proof"},
        "types": [name for name in as_list(document.get("type")) if isinstance(name, str)],
        "origin": body.get("origin"),
        "brought_by": body.get("brought_by"),
    }
