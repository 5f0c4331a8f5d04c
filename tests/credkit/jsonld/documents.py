"""Documents for the tests: every sample credential beside the checkout, and generated ones from the pinned terms."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import contexts
from tests.credkit.jsonld.oracle import CLR, OB, OB_EXTENSIONS, V2
from tests.support.shared import SHARED

FOLDERS = ("ob3", "clr2", "dcc", "vectors")


def sample_paths() -> list[str]:
    """Every sample credential, relative to the samples; empty where they are not beside the checkout."""
    root = SHARED / "samples"
    paths = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.json"))
    return [str(path.relative_to(root)) for path in paths if path.name != "keypair.json"]


def sample(name: str) -> dict[str, Any]:
    """One of them, without its own proof, as the walker takes it."""
    document: dict[str, Any] = json.loads((SHARED / "samples" / Path(name)).read_text(encoding="utf-8"))
    document.pop("proof", None)
    return document


def badge() -> dict[str, Any]:
    """A badge with what most badges have, for tests that change one thing."""
    return {
        "@context": [V2, OB],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Biology",
        "issuer": {"id": "did:web:school.example", "type": "Profile", "name": "School"},
        "validFrom": "2026-06-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:key:z1",
            "type": "AchievementSubject",
            "creditsEarned": 1.5,
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": "Ana Ruiz", "identityType": "name"},
            ],
            "achievement": {
                "id": "urn:uuid:2",
                "type": "Achievement",
                "name": "Biology",
                "description": 'Cells and "life"',
                "criteria": {"narrative": "Pass"},
                "creator": {"id": "did:web:school.example", "type": "Profile", "email": "office@school.example"},
                "tag": ["science", "cells"],
                "resultDescription": [
                    {
                        "id": "urn:uuid:3",
                        "type": "ResultDescription",
                        "name": "Grade",
                        "resultType": "LetterGrade",
                        "allowedValue": ["F", "C", "B", "A"],
                    },
                ],
            },
            "result": [{"type": "Result", "resultDescription": "urn:uuid:3", "value": "A"}],
        },
    }


def proof() -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-06-01T00:00:00Z",
        "verificationMethod": "did:web:school.example#ed25519",
        "proofPurpose": "assertionMethod",
        "proofValue": "z3",
    }


def transcript() -> dict[str, Any]:
    """A transcript of one course, proven by itself, and one endorsement of it."""
    member = badge()
    member["proof"] = proof()
    member["endorsement"] = [
        {
            "@context": [V2, OB],
            "id": "urn:uuid:9",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "Well done",
            "issuer": "did:web:tutor.example",
            "validFrom": "2026-06-02T00:00:00Z",
            "credentialSubject": {"id": "urn:uuid:1", "type": "EndorsementSubject", "endorsementComment": "True"},
            "proof": [proof()],
        },
    ]
    return {
        "@context": [V2, CLR, OB],
        "id": "urn:uuid:0",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Transcript",
        "partial": True,
        "issuer": {"id": "did:web:school.example", "type": "Profile", "name": "School"},
        "validFrom": "2026-06-03T00:00:00Z",
        "credentialSubject": {
            "id": "did:key:z1",
            "type": "ClrSubject",
            "verifiableCredential": [member],
            "association": [
                {"type": "Association", "associationType": "isChildOf", "sourceId": "urn:a", "targetId": "urn:b"},
            ],
        },
    }


# Generated documents --------------------------------------------------------------------------------------------------
# Built from the JSON of the contexts, not from what we compile of it, so that a misreading shows.

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
_NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32)
_NEVER = (
    "cnf",
    "proof",
    "verifiableCredential",
    "credentialSubject",
    "id",
    "type",
    "jwk",
    "jsonSchema",
    "proofPurpose",
)
_BOOLEANS = ("xsd:boolean", "https://www.w3.org/2001/XMLSchema#boolean")
_FLOATS = ("https://www.w3.org/2001/XMLSchema#float",)
_WHOLE = tuple(f"https://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "nonNegativeInteger"))


def _terms_of(*urls: str) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    for url in urls:
        terms |= {name: term for name, term in contexts.load(url)["@context"].items() if not name.startswith("@")}
    return terms


def _is_property(name: str, term: Any) -> bool:
    return name[0].islower() and name not in _NEVER and not (isinstance(term, str) and term.endswith("#"))


@st.composite
def _number(draw: st.DrawFn) -> int | float:
    """Numbers that survive being written as xsd:double with 16 digits, which is all that RDF keeps."""
    value = draw(_NUMBERS)
    return value if float(f"{value:1.15E}") == value and str(value) != "-0.0" else int(value) % 1000


class Maker:
    """Draws nodes with ids that are never used twice for different things."""

    def __init__(self, draw: st.DrawFn, terms: dict[str, Any]) -> None:
        self.draw = draw
        self.terms = terms
        self.numbers = count()

    def iri(self) -> str:
        scheme = self.draw(st.sampled_from(["urn:uuid:", "https://school.example/ñ/", "did:web:x:", "data:image/png,"]))
        return f"{scheme}{next(self.numbers)}"

    def node(self, depth: int, types: list[str]) -> dict[str, Any]:
        """A node of one of ``types`` with members of its scope."""
        kind = self.draw(st.sampled_from(types))
        scoped = self.terms[kind].get("@context", {}) if isinstance(self.terms[kind], dict) else {}
        terms = {name: term for name, term in {**self.terms, **scoped}.items() if _is_property(name, term)}
        node: dict[str, Any] = {"type": self.draw(st.sampled_from([kind, [kind]]))}
        if self.draw(st.booleans()):
            node["id"] = self.iri()
        for name in self.draw(st.lists(st.sampled_from(sorted(terms)), max_size=6, unique=True)):
            term = terms[name] if isinstance(terms[name], dict) else {}
            if name == "endorsement":
                endorsed = depth > 0 and self.draw(st.booleans())
                node[name] = [self.credential("EndorsementCredential", ["EndorsementSubject"], 0)] if endorsed else []
            elif term.get("@container") or self.draw(st.booleans()):
                node[name] = [self.value(term, depth) for _ in range(self.draw(st.integers(0, 3)))]
            else:
                node[name] = self.value(term, depth)
        return node

    def value(self, term: dict[str, Any], depth: int) -> Any:
        """A value of the one JSON type that the term's datatype allows."""
        datatype = term.get("@type")
        if datatype in _BOOLEANS:
            return self.draw(st.booleans())
        if datatype in _FLOATS:
            return self.draw(_number())
        if datatype in _WHOLE:
            return self.draw(st.integers(-(2**53), 2**53))
        objects = depth > 0 and self.draw(st.booleans()) and term.get("@container") != "@list"
        if objects and datatype in (None, "@id"):
            return self.node(depth - 1, ["Profile", "Alignment", "Result", "Image", "Address", "Achievement"])
        if datatype == "@id":
            return self.draw(st.sampled_from([self.iri(), {"id": self.iri()}]))
        if datatype is not None:
            return self.draw(_TEXTS)
        tagged = st.fixed_dictionaries(
            {"@value": _TEXTS},
            optional={"@language": st.sampled_from(["en", "es-MX"]), "@direction": st.sampled_from(["ltr", "rtl"])},
        )
        # PyLD takes two texts for one if they differ in direction only, so the generated ones differ in more.
        apart = tagged.map(lambda text: {**text, "@value": f"{text.get('@direction', '')}{text['@value']}"})
        return self.draw(_TEXTS | apart | st.booleans() | _number() | st.integers(0, 5))

    def credential(self, kind: str, subjects: list[str], depth: int) -> dict[str, Any]:
        """A credential with a context and mostly a proof of its own."""
        result: dict[str, Any] = {
            "@context": [V2, CLR, OB, OB_EXTENSIONS] if kind == "ClrCredential" else [V2, OB, OB_EXTENSIONS],
            "id": self.iri(),
            "type": ["VerifiableCredential", kind],
            "issuer": self.draw(st.sampled_from(["did:web:a", {"id": "did:web:a", "type": "Profile"}])),
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": self.node(depth, subjects),
        }
        proofs: list[Any] = [proof(), [proof()], [proof(), proof()]]
        if self.draw(st.booleans()):
            result["proof"] = self.draw(st.sampled_from(proofs))
        if self.draw(st.booleans()):
            result["evidence"] = [self.node(depth, ["Evidence"])]
        return result


@st.composite
def badges(draw: st.DrawFn) -> dict[str, Any]:
    """Open Badges with random members of their pinned contexts."""
    maker = Maker(draw, _terms_of(V2, OB, OB_EXTENSIONS))
    kind = draw(st.sampled_from(["OpenBadgeCredential", "AchievementCredential"]))
    document = maker.credential(kind, ["AchievementSubject"], 3)
    document.pop("proof", None)
    return document


@st.composite
def transcripts(draw: st.DrawFn) -> dict[str, Any]:
    """CLRs with random members."""
    badge_maker = Maker(draw, _terms_of(V2, OB, OB_EXTENSIONS))
    maker = Maker(draw, _terms_of(V2, CLR, OB, OB_EXTENSIONS))
    maker.numbers = badge_maker.numbers
    document = maker.credential("ClrCredential", ["ClrSubject"], 2)
    document["credentialSubject"]["verifiableCredential"] = [
        badge_maker.credential("AchievementCredential", ["AchievementSubject"], 2)
        for _ in range(draw(st.integers(0, 3)))
    ]
    document.pop("proof", None)
    return document


@st.composite
def presentations(draw: st.DrawFn) -> dict[str, Any]:
    """Presentations of random badges."""
    maker = Maker(draw, _terms_of(V2, OB, OB_EXTENSIONS))
    return {
        "@context": [V2],
        "type": "VerifiablePresentation",
        "holder": "did:key:z1",
        "verifiableCredential": [
            maker.credential("OpenBadgeCredential", ["AchievementSubject"], 1) for _ in range(draw(st.integers(1, 3)))
        ],
    }
