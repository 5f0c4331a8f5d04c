"""Older badges: assertions of Open Badges 2.0, hosted and signed, against another library and against tampering."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from credkit.encoding import base64url_encode
from credkit.ports import JSONObject
from credkit.profiles import PROFILES, openbadges_2
from credkit.trust.allow_list import AllowList, TrustedIssuer
from credkit.verification import Policy, Report, verify_credential
from tests.credkit.profiles.test_family import JUNK, leaves, put, remove
from tests.support.world import NOW, World

SITE = "https://badges.example"
ISSUER, BADGE, KEY, LIST, ASSERTION = (f"{SITE}/{name}" for name in ("issuer", "badge", "key", "revoked", "a/1"))
PRIVATE = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
WEAK = rsa.generate_private_key(65537, 1024)
CONTEXT = "https://w3id.org/openbadges/v2"


def pem(key: rsa.RSAPrivateKey = PRIVATE) -> str:
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def token(payload: JSONObject, key: rsa.RSAPrivateKey = PRIVATE, **header: Any) -> str:
    parts = [base64url_encode(json.dumps(each).encode()) for each in ({"alg": "RS256", **header}, payload)]
    signature = key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
    return ".".join([*parts, base64url_encode(signature)])


@dataclass
class Site:
    """An issuer of older badges and its pages."""

    world: World

    def __post_init__(self) -> None:
        self.serve(ISSUER, {"type": "Issuer", "name": "Robotics Club", "url": SITE, "publicKey": KEY,
                            "revocationList": LIST})
        self.serve(BADGE, {"type": "BadgeClass", "name": "Awesome Robotics", "description": "For robots.",
                           "criteria": {"narrative": "Build **one**."}, "issuer": ISSUER, "tags": ["robots"]})
        self.serve(KEY, {"type": "CryptographicKey", "owner": ISSUER, "publicKeyPem": pem()})
        self.serve(LIST, {"type": "RevocationList", "issuer": ISSUER, "revokedAssertions": []})
        self.serve(ASSERTION, self.assertion())

    def serve(self, url: str, document: JSONObject, status: int = 200) -> None:
        self.world.web.serve_json(url, {"@context": CONTEXT, "id": url, **document}, status=status)

    @staticmethod
    def assertion(**changes: Any) -> JSONObject:
        return {"@context": CONTEXT, "type": "Assertion", "id": ASSERTION, "badge": BADGE,
                "recipient": {"type": "email", "hashed": True, "salt": "deadsea", "identity": "sha256$c7ef86"},
                "verification": {"type": "HostedBadge"}, "issuedOn": "2025-12-31T23:59:59Z", **changes}

    @staticmethod
    def signed(**changes: Any) -> JSONObject:
        return Site.assertion(**{"id": "urn:uuid:1b6f1c1e-0000-4000-8000-000000000009",
                                 "verification": {"type": "SignedBadge", "creator": KEY}, **changes})

    def report(self, source: Any, **policy: Any) -> Report:
        return verify_credential(source, Policy(**policy), self.world.environment())


@pytest.fixture
def site() -> Site:
    return Site(World())


def outcomes(report: Report) -> dict[str, str]:
    return {check.id: str(check.outcome) for check in report.checks}


GOOD = {"shape": "passed", "vocabulary": "passed", "proof": "passed", "issuer-binding": "passed", "validity": "passed",
        "status": "passed", "trust": "indeterminate"}


@pytest.mark.spec("OB-2.0", "#HostedBadge")
def test_a_hosted_badge_is_what_stands_at_its_address(site: Site) -> None:
    report = site.report(site.assertion())
    assert outcomes(report) == GOOD and report.verified
    assert [remark.detail for remark in report.remarks] == ["this is an older badge: Open Badges 2.0"]
    assert report.document["badge"]["issuer"]["name"] == "Robotics Club"
    trusted = site.report(site.assertion(), trust=AllowList((TrustedIssuer(ISSUER, "The club"),)))
    assert trusted.trusted_name == "The club" and outcomes(trusted)["trust"] == "passed"
    assert outcomes(site.report(site.assertion(), trust=AllowList((TrustedIssuer(SITE, "x"),))))["trust"] == "failed"


@pytest.mark.spec("OB-2.0", "#SignedBadge")
def test_a_signed_badge_holds_by_the_key_that_its_issuer_lists(site: Site) -> None:
    report = site.report(token(site.signed()))
    assert outcomes(report) == GOOD and report.verified
    site.serve(ISSUER, {"name": "Robotics Club", "publicKey": {"id": KEY, "owner": ISSUER, "publicKeyPem": pem()}})
    assert "status" not in outcomes(site.report(token(site.signed())))


def test_of_an_address_only_all_is_what_stands_there(site: Site) -> None:
    report = site.report(openbadges_2.assertion_at(ASSERTION))
    assert outcomes(report) == GOOD and report.document["recipient"]["type"] == "email"
    site.serve(ASSERTION, {**site.assertion(), "id": f"{SITE}/a/2"})
    assert outcomes(site.report(openbadges_2.assertion_at(ASSERTION)))["proof"] == "failed"
    assert not site.report(openbadges_2.assertion_at(f"{SITE}/a/3")).verified
    site.serve(ASSERTION, {**site.assertion(), "expires": "2026-01-01T00:00:00Z"})
    assert outcomes(site.report(openbadges_2.assertion_at(ASSERTION)))["validity"] == "failed"


def test_offline_neither_kind_could_be_checked(site: Site) -> None:
    site.world.web.unreachable(SITE)
    for source in (site.assertion(), token(site.signed())):
        report = site.report(source)
        assert outcomes(report) == {**GOOD, "proof": "indeterminate", "issuer-binding": "indeterminate",
                                    "status": "indeterminate"}
        assert not report.verified


CHANGES: list[tuple[str, Any]] = [
    ("recipient", {"type": "email", "hashed": False, "identity": "mallory@example.org"}),
    ("issuedOn", "2026-01-01T00:00:00Z"), ("expires", "2030-01-01T00:00:00Z"), ("badge", f"{SITE}/other"),
    ("narrative", "Best of all"), ("evidence", "https://evil.example"),
]


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_a_changed_badge_is_caught(site: Site, name: str, value: Any) -> None:
    assert outcomes(site.report(site.assertion(**{name: value})))["proof"] == "failed"
    header, payload, signature = token(site.signed()).split(".")
    changed = base64url_encode(json.dumps(site.signed(**{name: value})).encode())
    assert not site.report(f"{header}.{changed}.{signature}").verified
    if name != "badge":
        assert outcomes(site.report(f"{header}.{changed}.{signature}"))["proof"] == "failed"


@pytest.mark.parametrize(("source", "check", "outcome"), [
    (token(Site.signed(), OTHER), "proof", "failed"), (token(Site.signed(), alg="none"), "proof", "failed"),
    (token(Site.signed(), alg="ES256"), "proof", "indeterminate"),
    (token(Site.signed(), crit=["b64"]), "proof", "failed"),
    (token(Site.signed(verification={"type": "SignedBadge", "creator": f"{SITE}/mine"})), "issuer-binding", "failed"),
    (token(Site.signed(badge={"id": BADGE, "issuer": {"id": "https://big.example/i", "name": "Big"}})),
     "issuer-binding", "indeterminate"),
    (token(Site.signed(badge={"id": BADGE})), "issuer-binding", "failed"),
    (token(Site.signed(expires="2026-01-01T00:00:00Z")), "validity", "failed"),
    (token(Site.signed(issuedOn="2027-01-01T00:00:00Z")), "validity", "failed"),
    (token(Site.signed(issuedOn=1359217910)), "shape", "failed"), (token(Site.signed(badge=7)), "shape", "failed"),
    (Site.signed(), "proof", "indeterminate"), (Site.assertion(verification={"type": "magic"}), "proof",
                                                "indeterminate"),
])
def test_what_does_not_hold_is_told(site: Site, source: Any, check: str, outcome: str) -> None:
    report = site.report(source)
    assert outcomes(report)[check] == outcome and not report.verified


@pytest.mark.parametrize(("key", "check"), [
    ({"owner": "https://other.example/issuer", "publicKeyPem": pem()}, "proof"), ({"owner": ISSUER}, "proof"),
    ({"owner": ISSUER, "publicKeyPem": "junk"}, "proof"), ({"owner": ISSUER, "publicKeyPem": pem(OTHER)}, "proof"),
    ({"owner": ISSUER, "publicKeyPem": pem(WEAK)}, "proof"), ({"owner": ISSUER, "publicKeyPem": "x" * 30_000}, "proof"),
])
def test_a_key_that_is_none_or_not_the_issuers_proves_nothing(site: Site, key: JSONObject, check: str) -> None:
    site.serve(KEY, key)
    assert outcomes(site.report(token(site.signed())))[check] == "failed"


def test_a_weak_key_proves_nothing_even_if_it_signed(site: Site) -> None:
    site.serve(KEY, {"owner": ISSUER, "publicKeyPem": pem(WEAK)})
    assert outcomes(site.report(token(site.signed(), WEAK)))["proof"] == "failed"


def test_a_badge_taken_back_is_told_for_both_kinds(site: Site) -> None:
    for document, status in (({"revoked": True}, 410), ({**site.assertion(), "revoked": True}, 200)):
        site.serve(ASSERTION, document, status)
        told = outcomes(site.report(site.assertion()))
        assert (told["status"], told["proof"]) == ("failed", "indeterminate")
    for entry in (site.signed()["id"], {"id": site.signed()["id"], "revocationReason": "Issued in error."}):
        site.serve(LIST, {"issuer": ISSUER, "revokedAssertions": ["urn:uuid:x", entry]})
        assert outcomes(site.report(token(site.signed())))["status"] == "failed"
    site.serve(LIST, {"issuer": "https://other.example", "revokedAssertions": []})
    assert outcomes(site.report(token(site.signed())))["status"] == "failed"
    site.serve(LIST, {}, 500)
    assert outcomes(site.report(token(site.signed())))["status"] == "indeterminate"


def test_a_badge_hosted_elsewhere_needs_its_issuers_word(site: Site) -> None:
    elsewhere = "https://elsewhere.example/a/1"
    document = site.assertion(id=elsewhere, badge={"id": BADGE, "name": "B", "issuer": {"id": ISSUER, "name": "x"}})
    site.world.web.serve_json(elsewhere, document)
    assert outcomes(site.report(document))["issuer-binding"] == "failed"
    site.serve(ISSUER, {"verification": {"allowedOrigins": ["elsewhere.example"]}})
    assert outcomes(site.report(document))["issuer-binding"] == "passed"
    site.serve(ISSUER, {"verification": {"startsWith": "https://elsewhere.example/b/"}})
    assert outcomes(site.report(document))["issuer-binding"] == "failed"


def test_it_is_said_in_the_words_of_the_newer_standard(site: Site) -> None:
    said = openbadges_2.in_new_words(site.report(site.assertion()).document)
    achievement = said["credentialSubject"]["achievement"]
    assert (achievement["name"], achievement["criteria"]["narrative"]) == ("Awesome Robotics", "Build **one**.")
    assert (said["issuer"]["name"], said["validFrom"]) == ("Robotics Club", "2025-12-31T23:59:59Z")


def test_only_assertions_of_the_second_standard_are_its_own(site: Site) -> None:
    assert [check for is_mine, check in PROFILES if is_mine(site.assertion())] == [openbadges_2.check_assertion]
    for other in (None, 7, "x", {}, {"type": "Assertion"}, {"@context": CONTEXT}, {"@context": [CONTEXT], "type": 7},
                  {"@context": "https://www.w3.org/2018/credentials/v1", "type": ["Assertion"]}):
        assert not openbadges_2.is_mine(other) and not openbadges_2.is_token(other)


def test_any_value_at_any_place_gives_a_report(site: Site) -> None:
    for untouched, make in ((site.assertion(), dict), (site.signed(), token)):
        for path in leaves(untouched, inner=True):
            for junk in (*JUNK, ...):
                document = copy.deepcopy(untouched)
                if junk is ...:
                    remove(document, path)
                else:
                    put(document, path, junk)
                report = site.report(make(document))
                openbadges_2.in_new_words(report.peek_document)
                assert report.checks


@pytest.mark.parametrize("page", [ISSUER, BADGE, KEY, LIST, ASSERTION])
def test_any_value_on_any_page_gives_a_report(site: Site, page: str) -> None:
    for junk in JUNK:
        site.world.web.serve_json(page, junk)
        for source in (site.assertion(), token(site.signed())):
            report = site.report(source)
            assert not report.verified or page in (ASSERTION, KEY, LIST)


def test_openbadgeslib_signs_and_we_verify(site: Site) -> None:
    ob2 = pytest.importorskip("openbadgeslib.ob2", reason="openbadgeslib (extra interop) is not installed")
    from openbadgeslib import baking  # type: ignore[import-untyped,unused-ignore]

    from credkit.baking import unbake
    from tests.credkit.baking.test_baking import PNG

    private = PRIVATE.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption())

    class Made:
        @staticmethod
        def to_dict() -> JSONObject:
            return site.signed(issuedOn=(NOW - timedelta(days=1)).isoformat())

    made = ob2.OB2Signer(private).sign(Made())
    badge = unbake(baking.bake_png(PNG, made))
    assert badge is not None and outcomes(site.report(badge.text)) == GOOD
