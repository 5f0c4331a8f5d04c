"""The inputs of the public VC-JOSE-COSE suite, put together from their parts."""

from __future__ import annotations

from typing import Any

from credkit.encoding import base64_decode, base64url_encode, cbor_encode, dump_json
from tests.support.shared import ROOT, read_json

SUITE = read_json(ROOT / "tests" / "vectors" / "vc-jose-cose" / "suite.json")
CASES: dict[str, Any] = SUITE["cases"]
KEYS: dict[str, Any] = SUITE["keys"]


def compact(name: str) -> str:
    """A case signed with JOSE or SD-JWT, as it was on the wire."""
    case = CASES[name]
    token = ".".join([*(base64url_encode(dump_json(case[part])) for part in ("header", "payload")), case["signature"]])
    return "~".join([token, *case["disclosures"], ""]) if "disclosures" in case else token


def cose(name: str) -> bytes:
    """A case signed with COSE, as it was on the wire."""
    case = CASES[name]
    header = {int(label): value for label, value in case["protected"].items()}
    protected = cbor_encode({**header, 4: header[4].encode()})
    return b"\xd2" + cbor_encode([protected, {}, dump_json(case["payload"]), base64_decode(case["signature"])])


def named(feature: str) -> list[str]:
    """The cases of one feature."""
    return [name for name, case in CASES.items() if case["feature"] == feature]
