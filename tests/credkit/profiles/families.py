"""One of each of the family's credentials, as their builders take them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from credkit.ports import JSONObject
from credkit.profiles.family import (
    AboutMe,
    ConsentReceipt,
    CourtLimit,
    Grant,
    LearnerLink,
    build_about_me,
    build_consent_receipt,
    build_court_limit,
    build_grant,
    build_learner_link,
)
from credkit.status.bitstring import build_entry

MOTHER = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
TUTOR = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
LEARNER = "urn:uuid:0f2f6f1e-54b7-4a44-8a0b-6c4f4f0a9b11"
START = datetime(2026, 9, 1, tzinfo=UTC)
END = datetime(2027, 6, 30, tzinfo=UTC)
STATUS = build_entry("https://wallet.example/status/1", 4711)


def guardian(**changes: Any) -> Grant:
    return replace(Grant(
        id="urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f0001", role="guardian", holder=MOTHER, learner=LEARNER,
        rights=frozenset({"full", "people", "recovery"}), basis="parent", valid_from=START, valid_until=None,
        evidence="Birth certificate, Salt Lake County, 2016"), **changes)


def tutor(**changes: Any) -> Grant:
    return replace(Grant(
        id="urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f0002", role="tutor", holder=TUTOR, learner=LEARNER,
        rights=frozenset({"read:assessment", "contribute:supplemental-achievement"}), basis="family-consent",
        valid_from=START, valid_until=END, evidence=None), **changes)


def limit(**changes: Any) -> CourtLimit:
    return replace(CourtLimit(
        id="urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f0003", holder=MOTHER, learner=LEARNER,
        blocked=frozenset({"share", "read:profile"}), basis="court-order", valid_from=START, valid_until=None,
        evidence="Order 26-114 of the Third District Court"), **changes)


def about(**changes: Any) -> AboutMe:
    return replace(AboutMe(
        id="urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f0004", learner=LEARNER, issuer=MOTHER, written_at=START,
        statements=(("strength", "Builds bridges from anything.", "en"), ("goal", "Leer en voz alta.", "es"))),
        **changes)


def receipt(**changes: Any) -> ConsentReceipt:
    return replace(ConsentReceipt(
        id="urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f0005", learner=LEARNER, recipient="did:web:college.example",
        recipient_name="Lakeside College", purpose="Admission", given_at=START, until=END, language="es",
        records=(("Biology", "uEiBl0sO6_4z1qOVtj9nZJZ_tFq0Bq1Q0yV8b4m1J8Yw3xw"), ("Algebra II", "uEiA")),
        text_version="consent-1", actor=MOTHER), **changes)


def link(**changes: Any) -> LearnerLink:
    return replace(LearnerLink(
        old=LEARNER, new=TUTOR, id="urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f0006", linked_at=END), **changes)


def documents() -> dict[str, JSONObject]:
    """Every kind of family credential, by a name for the test's report."""
    return {
        "guardian": build_grant(guardian(), issuer=MOTHER, status_entry=STATUS),
        "tutor": build_grant(tutor(), issuer=MOTHER, status_entry=STATUS),
        "limit": build_court_limit(limit(), issuer=MOTHER, status_entry=STATUS),
        "about": build_about_me(about()),
        "receipt": build_consent_receipt(receipt()),
        "link": build_learner_link(link(), issuer=MOTHER),
    }
