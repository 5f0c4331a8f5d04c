"""Chains of certificates: one that leads to an anchor holds, and no other."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credkit.errors import CredkitError, Expired, IssuerNotTrusted, NotYetValid, ParsingError, ProblemError
from credkit.http import root_certificates
from credkit.x509 import NO_ANCHORS, Anchors, anchors_from_pem, hash_of, verify_bare_chain, verify_chain
from tests.support.certificates import Issued, authority, leaf

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
ROOT = authority(NOW)
MIDDLE = authority(NOW, "In between", ROOT)
LEAF = leaf(NOW, MIDDLE, ["college.example", "www.college.example"], uris=["https://college.example"])
ANCHORS = Anchors(lambda: [ROOT.der])


def chain(*issued: Issued) -> list[str]:
    return [each.x5c for each in issued]


@pytest.mark.spec("RFC5280", "#section-6.1")
@pytest.mark.parametrize("x5c", [chain(LEAF, MIDDLE), chain(LEAF, MIDDLE, ROOT)])
def test_a_chain_to_an_anchor_names_who_holds_the_key(x5c: list[str]) -> None:
    certificate = verify_chain(x5c, ANCHORS, NOW)

    assert certificate.dns_names == ("college.example", "www.college.example")
    assert certificate.uris == ("https://college.example",)
    assert (certificate.subject, certificate.der) == ("A verifier", LEAF.der)
    assert certificate.public_key == LEAF.signer.public_key


def test_a_certificate_that_is_an_anchor_itself_holds() -> None:
    alone = leaf(NOW, None, ["college.example"])

    assert verify_chain(chain(alone), Anchors(lambda: [alone.der]), NOW).dns_names == ("college.example",)


@pytest.mark.parametrize("x5c", [
    chain(LEAF), chain(LEAF, ROOT), chain(leaf(NOW, None, ["college.example"])),
    chain(leaf(NOW, authority(NOW), ["college.example"])), chain(leaf(NOW, LEAF, ["college.example"]), LEAF, MIDDLE),
])
def test_a_chain_that_leads_nowhere_is_not_trusted(x5c: list[str]) -> None:
    """No way up, only itself, an authority of the same name with another key, a leaf that vouches."""
    with pytest.raises(IssuerNotTrusted):
        verify_chain(x5c, ANCHORS, NOW)


@pytest.mark.spec("HAIP-1.0", "#section-4.5.1")
def test_a_bare_chain_leaves_its_anchor_out_and_somebody_else_signed_its_leaf() -> None:
    assert verify_bare_chain(chain(LEAF, MIDDLE), ANCHORS, NOW).der == LEAF.der
    alone = leaf(NOW, None, ["college.example"])
    for x5c, anchors in ((chain(LEAF, MIDDLE, ROOT), ANCHORS), (chain(alone), Anchors(lambda: [alone.der])),
                         (chain(LEAF, MIDDLE), Anchors(lambda: [MIDDLE.der])), (chain(LEAF), ANCHORS)):
        with pytest.raises(IssuerNotTrusted):
            verify_bare_chain(x5c, anchors, NOW)


def test_without_anchors_nobody_is_trusted() -> None:
    with pytest.raises(IssuerNotTrusted):
        verify_chain(chain(LEAF, MIDDLE, ROOT), NO_ANCHORS, NOW)


def test_a_certificate_counts_in_its_time_only() -> None:
    with pytest.raises(Expired):
        verify_chain(chain(LEAF, MIDDLE), ANCHORS, NOW + timedelta(days=31))
    with pytest.raises(NotYetValid):
        verify_chain(chain(LEAF, MIDDLE), ANCHORS, NOW - timedelta(days=61))


def test_an_authority_counts_in_its_time_only() -> None:
    long_lived = leaf(NOW, MIDDLE, ["college.example"], days=3650)

    with pytest.raises(IssuerNotTrusted):
        verify_chain(chain(long_lived, MIDDLE), ANCHORS, NOW + timedelta(days=400))


def test_any_changed_byte_is_caught() -> None:
    der = bytearray(LEAF.der)
    for place in range(0, len(der), 7):
        changed = bytes(der[:place]) + bytes([der[place] ^ 1]) + bytes(der[place + 1:])
        with pytest.raises(CredkitError):
            verify_chain([base64.b64encode(changed).decode(), MIDDLE.x5c], ANCHORS, NOW)


@pytest.mark.parametrize("x5c", [
    None, "", LEAF.x5c, {}, [], [None], [1], [[]], [""], ["é"], ["AAAA"], [LEAF.x5c + "\n"], [LEAF.x5c] * 11,
    [LEAF.x5c.replace("+", "-").replace("/", "_")[:-4] + "-_-_"], ["A" * 70_000],
])
def test_what_is_no_chain_is_refused_in_a_typed_way(x5c: Any) -> None:
    with pytest.raises(ProblemError):
        verify_chain(x5c, ANCHORS, NOW)


def test_the_hash_of_a_certificate_is_that_of_its_bytes() -> None:
    assert len(hash_of(LEAF.der)) == 43 and hash_of(LEAF.der) != hash_of(MIDDLE.der)


def test_anchors_are_read_from_a_file_with_words_around_them() -> None:
    assert anchors_from_pem(b"# ours\n" + ROOT.pem + b"and\n" + MIDDLE.pem) == (ROOT.der, MIDDLE.der)
    for wrong in (b"", b"words", ROOT.key_pem, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"):
        with pytest.raises(ParsingError):
            anchors_from_pem(wrong)


def test_the_authorities_of_the_web_are_those_that_https_is_checked_against(tmp_path: Any) -> None:
    (tmp_path / "ca.pem").write_bytes(ROOT.pem)

    assert root_certificates(str(tmp_path / "ca.pem")) == (ROOT.der,)
    assert isinstance(ROOT.key, ec.EllipticCurvePrivateKey)
