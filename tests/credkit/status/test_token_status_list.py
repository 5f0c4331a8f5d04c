"""Token Status List, both sides, against the draft's own lists (security.md C01, C02, C04)."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import (
    CredkitError,
    MalformedValueError,
    ProofVerificationError,
    RangeValueError,
    StatusVerificationError,
)
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner
from credkit.status import token_status_list as tsl
from tests.support.shared import ROOT, read_json

VECTORS = ROOT / "tests" / "vectors" / "token-status-list"
SHORT, LONG = read_json(VECTORS / "short.json"), read_json(VECTORS / "long.json")
URL = "https://school.example/statuslists/1"
NOW = datetime(2026, 11, 26, tzinfo=UTC)
SIGNER = SoftwareSigner.generate("P-256")


@pytest.mark.spec("draft-ietf-oauth-status-list-12", "#section-4.1")
@pytest.mark.parametrize("vector", SHORT, ids=lambda vector: f"{vector['bits']} bits")
def test_a_published_short_list(vector):
    found = tsl.decode_list({"bits": vector["bits"], "lst": vector["lst"]})
    assert found.packed.hex() == vector["bytes_hex"]
    assert tsl.encode_list(found) == {"bits": vector["bits"], "lst": vector["lst"]}


@pytest.mark.spec("draft-ietf-oauth-status-list-12", "#test-vectors")
@pytest.mark.parametrize("vector", LONG, ids=lambda vector: f"{vector['bits']} bits")
def test_a_published_long_list(vector):
    bits, size = vector["bits"], vector["size"]
    statuses = {int(index): status for index, status in vector["statuses"].items()}
    found = tsl.decode_list({"bits": bits, "lst": vector["lst"]})
    assert len(found.packed) * 8 == bits * size
    assert {index: found.status(index) for index in statuses} == statuses
    assert tsl.pack(statuses, bits, size) == found


@given(st.sampled_from([1, 2, 4, 8]), st.dictionaries(st.integers(0, 255), st.integers(0, 255), max_size=20))
def test_what_is_packed_is_read_back(bits, statuses):
    fitting = {index: status % (1 << bits) for index, status in statuses.items()}
    found = tsl.decode_list(tsl.encode_list(tsl.pack(fitting, bits, 256)))
    assert all(found.status(index) == fitting.get(index, 0) for index in range(256))


@pytest.mark.parametrize("index", [-1, 8, 10**12])
def test_a_place_outside_the_list_is_an_error(index):
    with pytest.raises(RangeValueError):
        tsl.StatusList(1, b"\0").status(index)


@pytest.mark.parametrize(("statuses", "bits", "size"), [
    ({}, 3, 8), ({}, 1, 7), ({}, 1, 0), ({8: 1}, 1, 8), ({-1: 1}, 1, 8), ({0: 2}, 1, 8), ({0: -1}, 1, 8)])
def test_what_does_not_fit_is_not_packed(statuses, bits, size):
    with pytest.raises(RangeValueError):
        tsl.pack(statuses, bits, size)


def packed(data: bytes) -> str:
    return base64url_encode(zlib.compress(data))


def packed_zeros(millions: int) -> str:
    """That many million zeros, packed: one million, and then the same again and again."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    million = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (millions * 1_000_000 % 65_521) << 16 | 1
    return base64url_encode(b"\x78\x9c" + million * millions + b"\x03\x00" + checksum.to_bytes(4, "big"))


def test_the_packed_zeros_are_that_many_zeros():
    assert zlib.decompress(base64url_decode(packed_zeros(3))) == bytes(3_000_000)


@pytest.mark.parametrize("claim", [
    None, [], {}, {"bits": 1}, {"lst": packed(b"\0")}, {"bits": "1", "lst": packed(b"\0")},
    {"bits": True, "lst": packed(b"\0")},
    {"bits": 3, "lst": packed(b"\0")}, {"bits": 1, "lst": 7}, {"bits": 1, "lst": "!"}, {"bits": 1, "lst": ""},
    {"bits": 1, "lst": packed(b"\0")[:-4]}, {"bits": 1, "lst": base64url_encode(zlib.compress(b"\0") + b"more")},
    {"bits": 1, "lst": base64url_encode(b"not packed")}, {"bits": 1, "lst": packed_zeros(5)},
    {"bits": 1, "lst": packed_zeros(1_000)},
])
def test_a_list_that_cannot_be_is_refused(claim):
    with pytest.raises(CredkitError):
        tsl.decode_list(claim)


@pytest.mark.parametrize("status", [
    None, {}, {"status_list": None}, {"status_list": {}}, {"status_list": {"idx": 1}},
    {"status_list": {"idx": "1", "uri": URL}}, {"status_list": {"idx": True, "uri": URL}},
    {"status_list": {"idx": -1, "uri": URL}}, {"status_list": {"idx": 1, "uri": 7}},
    {"status_list": {"idx": 1, "uri": "no address"}}, {"status_assertion": {}},
])
def test_a_reference_that_cannot_be_is_refused(status):
    with pytest.raises(CredkitError):
        tsl.parse_reference(status)


def signed(**changes):
    arguments = {"url": URL, "signer": SIGNER, "issued_at": NOW, "expires_at": NOW + timedelta(days=1), "header": {}}
    return tsl.sign_status_list(tsl.pack({5: 1}, 1, 16), **{**arguments, **changes})


def test_a_signed_list_is_read_for_its_own_address_alone():
    claims = tsl.verify_status_list(signed(), SIGNER.public_key, url=URL)
    assert tsl.decode_list(claims["status_list"]).status(tsl.parse_reference(tsl.build_reference(5, URL)).index) == 1
    assert claims["exp"] - claims["iat"] == claims["ttl"] == 86_400
    with pytest.raises(StatusVerificationError):
        tsl.verify_status_list(signed(), SIGNER.public_key, url=URL + "2")


def test_a_list_of_another_key_or_kind_is_refused():
    with pytest.raises(ProofVerificationError):
        tsl.verify_status_list(signed(), SoftwareSigner.generate("P-256").public_key, url=URL)
    token = sign_compact({"sub": URL, "status_list": {}}, SIGNER, typ="JWT")
    with pytest.raises(MalformedValueError):
        tsl.verify_status_list(token, SIGNER.public_key, url=URL)
